"""The work of a network, against counts by hand, counts one by one and the numbers of papers."""

import numpy as np
import pytest

from convbook.multiply_adds import multiply_adds


@pytest.fixture(scope="module")
def sequential(keras):
    """A function: the multiply-adds of these layers on an image of this shape."""
    return lambda shape, *stack: multiply_adds(keras.Sequential([keras.Input(shape), *stack]))


def test_convolution_by_hand(keras, sequential):
    """7×7 pixels of 4 channels, 6 filters 3×3: at 25 places 6 sums of 36 products; `same` has 49 places."""
    conv = keras.layers.Conv2D
    assert sequential((7, 7, 4), conv(6, 3)) == 25 * 6 * 36 == 5400
    assert sequential((7, 7, 4), conv(6, 3, padding="same")) == 49 * 6 * 36
    assert sequential((7, 7, 4), conv(6, 3, use_bias=False)) == 5400  # a bias is no product


def test_strides_and_dilation_by_hand(keras, sequential):
    """Stride 2 leaves 3×3 of 5×5 places; with dilation 2 a kernel of 3 spans 5 pixels, and 3×3 places fit."""
    conv = keras.layers.Conv2D
    assert sequential((7, 7, 4), conv(6, 3, strides=2)) == 9 * 6 * 36
    assert sequential((7, 7, 4), conv(6, 3, strides=2, padding="same")) == 16 * 6 * 36
    assert sequential((7, 7, 4), conv(6, 3, dilation_rate=2)) == 9 * 6 * 36


def test_rectangles_by_hand(keras, sequential):
    """8×5 pixels, a kernel of 3×2 and strides (2, 1): 3×4 places, 6 products for each channel."""
    assert sequential((8, 5, 2), keras.layers.Conv2D(3, (3, 2), strides=(2, 1))) == 12 * 3 * 6 * 2


def test_groups_by_hand(keras, sequential):
    """Two groups: each of 6 filters reads 2 of 4 channels, half of the work; four groups with 4 filters: one channel."""
    assert sequential((7, 7, 4), keras.layers.Conv2D(6, 3, groups=2)) == 25 * 6 * 18
    assert sequential((7, 7, 4), keras.layers.Conv2D(4, 3, groups=4)) == 25 * 4 * 9


def test_depthwise_by_hand(keras, sequential):
    """Each of 4 channels has 9 products at 25 places; with two kernels a channel, twice as many."""
    depthwise = keras.layers.DepthwiseConv2D
    assert sequential((7, 7, 4), depthwise(3)) == 25 * 4 * 9 == 900
    assert sequential((7, 7, 4), depthwise(3, depth_multiplier=2)) == 1800
    assert sequential((7, 7, 4), depthwise(3, strides=2)) == 9 * 4 * 9


def test_separable_by_hand(keras, sequential):
    """Depthwise 900, then at 25 places 6 sums of 4 products: 1,500; with two kernels a channel 1800 + 25 * 6 * 8."""
    separable = keras.layers.SeparableConv2D
    assert sequential((7, 7, 4), separable(6, 3)) == 900 + 600
    assert sequential((7, 7, 4), separable(6, 3, depth_multiplier=2)) == 1800 + 1200
    assert sequential((7, 7, 4), separable(6, 3, strides=2)) == 9 * 4 * 9 + 9 * 6 * 4


def test_separable_is_depthwise_and_pointwise(keras, sequential):
    """A separable layer costs what its two steps cost as layers of their own."""
    steps = keras.layers.DepthwiseConv2D(3, strides=2, padding="same"), keras.layers.Conv2D(8, 1)
    assert sequential((9, 8, 5), *steps) == sequential(
        (9, 8, 5), keras.layers.SeparableConv2D(8, 3, strides=2, padding="same")
    )


def test_dense_by_hand(keras, sequential):
    """One product for each weight; on (7, 7, 4) a dense layer works at each of 49 pixels, as a 1×1 convolution does."""
    assert sequential((12,), keras.layers.Dense(5)) == 60
    assert sequential((7, 7, 4), keras.layers.Dense(5)) == 49 * 20
    assert sequential((7, 7, 4), keras.layers.Conv2D(5, 1)) == 49 * 20


def test_one_dimension_by_hand(keras, sequential):
    """10 numbers of 3 channels, 4 filters of width 5: 6 places, 4 sums of 15 products."""
    assert sequential((10, 3), keras.layers.Conv1D(4, 5)) == 6 * 4 * 15
    assert sequential((10, 3), keras.layers.SeparableConv1D(4, 5)) == 6 * 3 * 5 + 6 * 4 * 3


def test_loops_count_the_same(keras, sequential):
    """Products counted one by one, as the definition does them, for two groups with stride 2."""
    count = 0
    for _ in np.ndindex(4, 3, 6):  # every number of the output
        for _ in np.ndindex(3, 3, 4 // 2):  # every product in its sum
            count += 1
    assert sequential((9, 7, 4), keras.layers.Conv2D(6, 3, strides=2, groups=2)) == count


def test_network_of_chapter_03(keras, sequential):
    """Chapter 03 counts 194,688 + 2,230,272 + 204,800 + 1,280 for this network; pooling and dropout count 0."""
    layers = keras.layers
    stack = [layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2), layers.Conv2D(64, 3), layers.MaxPooling2D(2)]
    stack += [layers.Dropout(0.5), layers.Flatten(), layers.Dense(128), layers.Dense(10, activation="softmax")]
    assert sequential((28, 28, 1), *stack) == 2_631_040


def test_other_layers_count_nothing(keras, sequential):
    """Normalisation, activation, pooling, padding, scaling and augmentation have no sums of products with weights."""
    layers = keras.layers
    stack = [layers.Rescaling(1 / 255), layers.RandomFlip(), layers.BatchNormalization(), layers.ReLU(), layers.Softmax()]
    assert sequential((8, 8, 3), *stack, layers.ZeroPadding2D(2), layers.GlobalAveragePooling2D()) == 0


def test_branches_are_added(keras):
    """A residual block: 16 pixels * (4 * 36 + 8 * 36 + 4 * 8) products on both ways together; the addition is free."""
    layers = keras.layers
    x = keras.Input((4, 4, 4))
    f = layers.Conv2D(8, 3, padding="same")(layers.Conv2D(4, 3, padding="same")(x))
    y = keras.ops.relu(layers.add([f, layers.Conv2D(8, 1)(x)]))
    assert multiply_adds(keras.Model(x, y)) == 16 * (4 * 36 + 8 * 36 + 4 * 8)


def test_each_call_counts(keras):
    """A layer, or a model, that is called twice works twice; its weights count once."""
    layer = keras.layers.Conv2D(4, 3, padding="same")
    x = keras.Input((6, 6, 4))
    once, twice = keras.Model(x, layer(x)), keras.Model(x, layer(layer(x)))
    assert multiply_adds(twice) == 2 * multiply_adds(once) == 2 * 36 * 4 * 36
    assert twice.count_params() == once.count_params()
    assert multiply_adds(keras.Model(x, twice(once(x)))) == 3 * 36 * 4 * 36


def test_a_layer_counts_only_inside_the_model(keras):
    """The first half of a model costs its own layers, although the same layers stand in the whole as well."""
    layers = keras.layers
    x = keras.Input((8, 8, 1))
    middle = layers.Conv2D(2, 3)(x)
    whole = keras.Model(x, layers.Conv2D(3, 3)(middle))
    assert multiply_adds(keras.Model(x, middle)) == 36 * 2 * 9
    assert multiply_adds(whole) == 36 * 2 * 9 + 16 * 3 * 18
    assert multiply_adds(keras.Model(middle, whole.output)) == 16 * 3 * 18


def test_nested_models_are_counted(keras, sequential):
    """Models inside models, Sequential in Functional in Sequential, cost the sum of their layers."""
    layers = keras.layers
    inner = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(2, 3)])
    x = keras.Input((8, 8, 1))
    outer = keras.Model(x, layers.Flatten()(inner(x)))
    assert sequential((8, 8, 1), outer, layers.Dense(10)) == 36 * 2 * 9 + 72 * 10


def test_several_outputs_count_once(keras):
    """A model with two outputs costs the common part once."""
    x = keras.Input((5,))
    common = keras.layers.Dense(3)(x)
    model = keras.Model(x, [keras.layers.Dense(2)(common), common, keras.layers.Dense(1)(common)])
    assert multiply_adds(model) == 15 + 6 + 3


def test_published_mobilenet(keras):
    """Howard et al. (2017) give 569 million multiply-adds and 4.2 million parameters for MobileNet at 224 pixels."""
    model = keras.applications.MobileNet(weights=None)
    assert round(multiply_adds(model) / 1e6) == 569
    assert round(sum(int(np.prod(w.shape)) for w in model.trainable_weights) / 1e6, 1) == 4.2


def test_unknown_layer_with_weights_is_refused(keras, sequential):
    """What has weights and is not known is an error that names the layer, and never counts 0."""
    layers = keras.layers
    for layer, shape in [(layers.PReLU(), (4, 4, 2)), (layers.LSTM(3), (5, 2)), (layers.Conv2DTranspose(2, 3), (4, 4, 2))]:
        with pytest.raises(ValueError, match=f"must be one of Conv1D, .* Received: <{type(layer).__name__}"):
            sequential(shape, layer)


def test_unknown_sizes_are_refused(keras, sequential):
    """Without the height and width of the image there is no number; the error shows the layer and its shape."""
    with pytest.raises(ValueError, match=r"must be known. Received: stem gives \(None, None, None, 6\)"):
        sequential((None, None, 4), keras.layers.Conv2D(6, 3, name="stem"))


def test_unbuilt_model_is_refused(keras):
    """A Sequential model without an input shape, and what is no model, are refused."""
    for model in (keras.Sequential([keras.layers.Dense(3)]), keras.layers.Dense(3), None):
        with pytest.raises(ValueError, match=r"must be Sequential or Functional, with a known input shape\. Received: "):
            multiply_adds(model)
