"""Layers and a network of them, against Keras' with the same weights: outputs, loss, gradients and steps in float32."""

import numpy as np
import pytest

import convbook.layers
from convbook import check_gradient, conv2d, softmax, softmax_cross_entropy
from convbook.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
    ReLU,
    Softmax,
    glorot_uniform,
)
from convbook.optimizers import SGD, Adam
from convbook.sequential import Sequential

SHAPE = (8, 17, 15, 2)  # images that are not square
CONVOLUTIONS = [
    {"strides": 2},
    {"strides": (2, 1), "padding": "same"},
    {"dilation_rate": 2, "padding": "same"},
    {"strides": (1, 4), "groups": 2},
]


def random_batch(shape=SHAPE, seed=0):
    """Images in float32 and labels from 0 to 9."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape).astype(np.float32), rng.integers(0, 10, shape[0])


def plain_network(layers):
    """Layers of `convbook.layers` or `keras.layers`: every kind that has no batch statistics."""
    return [
        layers.Conv2D(6, (3, 2), padding="same"),
        layers.ReLU(),
        layers.MaxPooling2D(3, strides=2, padding="same"),
        layers.Conv2D(8, 3, strides=(2, 1), groups=2),
        layers.ReLU(),
        layers.AveragePooling2D(2, strides=1),
        layers.Conv2D(5, 2, dilation_rate=(1, 2), padding="same"),
        layers.Flatten(),
        layers.Dense(10),
    ]


def normalized_network(layers):
    """A network with batch normalisation between convolution and ReLU."""
    return [
        layers.Conv2D(6, 3),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(2),
        layers.Conv2D(8, 3, strides=2, padding="same"),
        layers.BatchNormalization(momentum=0.8, epsilon=0.01),
        layers.ReLU(),
        layers.GlobalAveragePooling2D(),
        layers.Dense(10),
    ]


def both(keras, network, seed=1):
    """The network in NumPy and in Keras, with the same weights: Keras' own, and biases and scales that are not 0 or 1."""
    keras.utils.set_random_seed(seed)
    theirs = keras.Sequential([keras.Input(SHAPE[1:]), *network(keras.layers)])
    ours = Sequential(network(convbook.layers))
    ours.build(SHAPE)
    rng = np.random.default_rng(seed)
    theirs.set_weights([w + rng.uniform(0.1, 0.3, w.shape) * (w.ndim == 1) for w in theirs.get_weights()])
    ours.set_weights(theirs.get_weights())
    return ours, theirs


def assert_close(ours, theirs, most=1e-5):
    """Each array differs by at most `most` of its largest number (or of 1, if that is smaller)."""
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        assert a.shape == b.shape
        assert np.abs(a - b).max() <= most * max(1, np.abs(b).max())


def loss_and_gradients(tf, keras, model, x, y):
    """Keras' loss in training, and TensorFlow's gradients of the trainable weights and of the images."""
    images = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(images)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, model(images, training=True))
    *dw, dx = tape.gradient(loss, [*(variable.value for variable in model.trainable_variables), images])
    return float(loss), [gradient.numpy() for gradient in dw], dx.numpy()


def trained(ours, theirs, keras, optimizers, steps=1):
    """The weights of both after some steps on the same batch; the losses on the way are equal."""
    x, y = random_batch()
    ours.compile(optimizers[0])
    theirs.compile(optimizers[1], keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    for _ in range(steps):
        assert ours.train_on_batch(x, y) == pytest.approx(float(theirs.train_on_batch(x, y)), abs=1e-5)
    return ours.get_weights(), theirs.get_weights()


@pytest.mark.parametrize(
    "name, arguments, attributes",
    [
        ("Conv2D", (6, 3), ["filters", "kernel_size", "strides", "padding", "dilation_rate", "groups"]),
        ("Conv2D", (6, (3, 2), (1, 2), "same"), ["filters", "kernel_size", "strides", "padding", "dilation_rate", "groups"]),
        ("Dense", (10,), ["units"]),
        ("MaxPooling2D", (), ["pool_size", "strides", "padding"]),
        ("AveragePooling2D", (3, (1, 2), "same"), ["pool_size", "strides", "padding"]),
        ("Dropout", (0.25,), ["rate"]),
        ("BatchNormalization", (), ["momentum", "epsilon"]),
    ],
)
def test_layers_have_keras_attributes(keras, name, arguments, attributes):
    """Attributes have Keras' names and, for the same arguments, Keras' values."""
    ours = getattr(convbook.layers, name)(*arguments)
    theirs = getattr(keras.layers, name)(**dict(zip(attributes, arguments)))
    assert [getattr(ours, attribute) for attribute in attributes] == [getattr(theirs, each) for each in attributes]


@pytest.mark.parametrize("network", [plain_network, normalized_network])
def test_networks_have_keras_weights(keras, network):
    """Shapes, order and number of the arrays are Keras', for all of them and for the trainable ones."""
    ours, theirs = both(keras, network)
    assert [w.shape for w in ours.get_weights()] == [tuple(w.shape) for w in theirs.get_weights()]
    assert [w.shape for w in ours.trainable_weights] == [tuple(w.shape) for w in theirs.trainable_weights]
    assert ours.count_params() == theirs.count_params()


@pytest.mark.parametrize("network", [plain_network, normalized_network])
def test_networks_carry_weights_over_in_both_directions(keras, network):
    """Weights trained here give the same outputs in Keras, and weights that went there come back unchanged."""
    ours, theirs = both(keras, network)
    x, y = random_batch()
    ours.compile(SGD(0.1))
    ours.train_on_batch(x, y)
    theirs.set_weights(ours.get_weights())
    assert_close([ours.forward(x)], [theirs(x).numpy()])
    before = ours.get_weights()
    ours.set_weights(theirs.get_weights())
    for one, other in zip(before, ours.get_weights()):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("network", [plain_network, normalized_network])
def test_networks_equal_keras_in_output_loss_and_gradients(tf, keras, network):
    """The same weights give Keras' logits, in training and at inference, its loss and all its gradients."""
    ours, theirs = both(keras, network)
    x, y = random_batch()
    assert_close([ours.forward(x)], [theirs(x).numpy()])
    loss, dw, dx = loss_and_gradients(tf, keras, theirs, x, y)
    ours_loss, dz = softmax_cross_entropy(ours.forward(x, training=True), y)
    ours_dx = ours.backward(dz)
    assert ours_loss == pytest.approx(loss, abs=1e-5)
    assert_close([*ours.gradients, ours_dx], [*dw, dx])
    assert max(np.abs(gradient).max() for gradient in dw) > 0.1  # the comparison has something to compare


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("network", [plain_network, normalized_network])
def test_networks_equal_keras_after_sgd(keras, network, momentum):
    """The weights after one and after three steps of SGD are Keras', moving averages included."""
    ours, theirs = both(keras, network)
    optimizers = SGD(0.1, momentum), keras.optimizers.SGD(0.1, momentum)
    before = ours.get_weights()
    one = trained(ours, theirs, keras, optimizers)
    assert_close(*one)
    assert all(np.abs(new - old).max() > 1e-6 for new, old in zip(one[0], before) if old.ndim > 1)
    assert_close(*trained(ours, theirs, keras, optimizers, steps=2))


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_networks_equal_keras_after_adam(keras, weight_decay):
    """The weights after one and after three steps of Adam (with decay: AdamW) are Keras'.

    Without batch normalisation: the true gradient of a bias in front of it is 0, and Adam divides the rounding error
    that is left by its own size, which makes noise as large as the learning rate. SGD, above, does not.
    """
    ours, theirs = both(keras, plain_network)
    theirs_optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.1) if weight_decay else keras.optimizers.Adam(0.01)
    optimizers = Adam(0.01, weight_decay=weight_decay), theirs_optimizer
    assert_close(*trained(ours, theirs, keras, optimizers))
    assert_close(*trained(ours, theirs, keras, optimizers, steps=2), most=1e-4)


def in_float64(layer, shape, seed=3):
    """The layer with random weights in float64 (variances positive), for inputs of this shape."""
    rng = np.random.default_rng(seed)
    layer.build(shape, rng)
    layer.weights = [rng.uniform(0.5, 1.5, array.shape) for array in layer.weights]
    return layer


LAYERS = [
    *(Conv2D(4, (3, 2), **options) for options in CONVOLUTIONS),
    MaxPooling2D(3, 2, "same"),
    MaxPooling2D(2, 3),
    AveragePooling2D(3, (1, 2), "same"),
    GlobalMaxPooling2D(),
    GlobalAveragePooling2D(),
    ReLU(),
    Softmax(),
    Flatten(),
    Dense(5),
    BatchNormalization(),
    Dropout(0.5),
]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
def test_layers_agree_with_small_steps(layer, training):
    """dx and the gradient of every trainable array are what central differences measure (dropout: with one mask)."""
    x = np.random.default_rng(5).permutation(2 * 6 * 7 * 4).reshape(2, 6, 7, 4) / 50 - 3.001  # no ties, no 0
    x = x.reshape(2, -1)[:, :12] if isinstance(layer, Dense) else x
    layer = in_float64(layer, x.shape)

    def forward(x):
        if isinstance(layer, Dropout):
            layer.rng = np.random.default_rng(0)
        return layer.forward(x, training)

    def backward(dy, place=None):
        forward(x)
        dx = layer.backward(dy)
        return dx if place is None else layer.gradients[place]

    assert check_gradient(forward, backward, x) < 1e-7
    for place, weight in enumerate(layer.trainable_weights):

        def of_weight(w, place=place):
            layer.weights[place] = w
            return forward(x)

        assert check_gradient(of_weight, lambda dy, place=place: backward(dy, place), weight.copy()) < 1e-7
        layer.weights[place] = weight


def test_layers_leave_their_inputs_alone():
    """No layer changes x in forward, or dy in backward."""
    for layer in LAYERS:
        x = np.random.default_rng(5).normal(size=(2, 12) if isinstance(layer, Dense) else (2, 6, 7, 4))
        before = x.copy()
        y = in_float64(layer, x.shape).forward(x, training=True)
        dy = np.ones_like(y)
        layer.backward(dy)
        np.testing.assert_array_equal(x, before)
        np.testing.assert_array_equal(dy, 1)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
def test_layers_keep_float32(layer):
    """Images and weights in float32 give outputs and gradients in float32: twice as fast as float64."""
    x = np.random.default_rng(5).normal(size=(2, 12) if isinstance(layer, Dense) else (2, 6, 7, 4)).astype(np.float32)
    layer.build(x.shape, np.random.default_rng(0))
    y = layer.forward(x, training=True)
    dx = layer.backward(np.ones_like(y))
    assert {array.dtype for array in (y, dx, *layer.weights, *layer.gradients)} == {np.dtype(np.float32)}


def test_conv2d_layer_is_conv2d_with_its_weights():
    """Kernel and bias, in this order, go into conv2d with the layer's options."""
    x, _ = random_batch()
    layer = Conv2D(4, (2, 3), strides=(1, 2), padding="same")
    layer.build(x.shape, np.random.default_rng(0))
    layer.set_weights([layer.weights[0], [1, 2, 3, 4]])
    kernel, bias = layer.get_weights()
    assert (kernel.shape, bias.tolist()) == ((2, 3, 2, 4), [1, 2, 3, 4])
    np.testing.assert_array_equal(layer.forward(x), conv2d(x, kernel, bias, (1, 2), "same"))


@pytest.mark.parametrize("shape", [(3, 3, 8, 16), (5, 200), (200, 5)])
def test_glorot_uniform_fills_its_limits(shape):
    """Weights lie between ±sqrt(6 / (fan_in + fan_out)), reach nearly as far, and have the mean 0."""
    weights = glorot_uniform(np.random.default_rng(0), shape)
    area = 9 if len(shape) == 4 else 1
    limit = np.sqrt(6 / (area * (shape[-2] + shape[-1])))
    assert (weights.shape, weights.dtype) == (shape, np.float32)
    assert 0.98 * limit < np.abs(weights).max() <= limit * (1 + 1e-6)
    assert abs(weights.mean()) < 4 * limit / np.sqrt(3 * weights.size)


def test_batch_normalization_layer_equals_keras(keras):
    """In training, the batch's moments and moving averages; at inference, the averages: over three batches, Keras'."""
    ours, theirs = BatchNormalization(momentum=0.7), keras.layers.BatchNormalization(momentum=0.7)
    ours.build(SHAPE, None)
    theirs.build(SHAPE)
    for seed in range(3):
        x = 3 + 2 * random_batch(seed=seed)[0]
        assert_close([ours.forward(x, training=True)], [theirs(x, training=True).numpy()])
        assert_close(ours.get_weights(), theirs.get_weights())
        assert_close([ours.forward(x)], [theirs(x, training=False).numpy()])


def test_batch_normalization_layer_moves_its_averages_by_hand():
    """momentum 0.75 takes a quarter of the batch's mean 4 and variance 4, and three quarters of what it had, 0 and 1."""
    layer, x = BatchNormalization(momentum=0.75), np.array([[2.0], [6.0]], np.float32)
    layer.build(x.shape, None)
    layer.forward(x)
    assert [array.item() for array in layer.weights] == [1, 0, 0, 1]
    layer.forward(x, training=True)
    assert [array.item() for array in layer.weights] == [1, 0, 1, 0.25 * 4 + 0.75 * 1]


def test_dropout_keeps_the_expectation():
    """In training about the share `rate` is 0, the others are divided by 1 - rate, and the mean stays."""
    y = Dropout(0.3, seed=1).forward(np.ones((400, 500), np.float32), training=True)
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.7)}
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.005)  # 5 standard deviations of 200,000 draws
    assert y.mean() == pytest.approx(1, abs=0.01)


def test_dropout_backward_uses_the_same_mask():
    """What was dropped gets no gradient, and the rest the same factor; the next mask is another."""
    layer, x = Dropout(0.5, seed=1), np.ones((20, 30))
    y = layer.forward(x, training=True)
    np.testing.assert_array_equal(layer.backward(x), y)
    assert (layer.forward(x, training=True) != y).any()


@pytest.mark.parametrize("rate", [0, 0.5])
def test_dropout_is_the_identity_at_inference(rate):
    """Without training, or with the rate 0, x and dy pass unchanged."""
    layer, x = Dropout(rate), random_batch()[0]
    np.testing.assert_array_equal(layer.forward(x, training=rate == 0), x)
    np.testing.assert_array_equal(layer.backward(x), x)


def test_softmax_layer_equals_keras(tf, keras):
    """Output and gradient are those of Keras' Softmax."""
    z, dy = np.random.default_rng(0).normal(size=(2, 4, 5))
    logits, layer = tf.constant(z), Softmax()
    with tf.GradientTape() as tape:
        tape.watch(logits)
        y = keras.layers.Softmax(dtype="float64")(logits)
    np.testing.assert_allclose(layer.forward(z), y.numpy(), rtol=1e-12)
    np.testing.assert_array_equal(layer.forward(z), softmax(z))
    expected = tape.gradient(y, logits, output_gradients=tf.constant(dy)).numpy()
    np.testing.assert_allclose(layer.backward(dy), expected, rtol=0, atol=1e-14)


def test_flatten_keeps_row_after_row():
    """(N, H, W, C) becomes (N, H W C) with the channels innermost, as Keras has it, and back."""
    layer, x = Flatten(), np.arange(24.0).reshape(1, 2, 3, 4)
    assert layer.forward(x).tolist() == [list(range(24))]
    np.testing.assert_array_equal(layer.backward(layer.forward(x)), x)


def test_get_weights_gives_copies():
    """Changing what get_weights returned, or what set_weights was given, does not change the layer."""
    layer = Dense(2)
    layer.build((1, 3), np.random.default_rng(0))
    layer.get_weights()[0][:] = 9
    assert np.abs(layer.weights[0]).max() < 2
    given = [np.ones((3, 2)), np.ones(2)]
    layer.set_weights(given)
    given[0][:] = 9
    assert (layer.weights[0] == 1).all() and layer.weights[0].dtype == np.float32


@pytest.mark.parametrize(
    "arrays, received",
    [
        ([np.ones((2, 3)), np.ones(2)], "[(2, 3), (2,)]"),
        ([np.ones(2), np.ones((3, 2))], "[(2,), (3, 2)]"),
        ([np.ones((3, 2))], "[(3, 2)]"),
        ([], "[]"),
    ],
)
def test_set_weights_says_what_does_not_fit(arrays, received):
    """Arrays of another shape, order or number are shown, with the layer's name and its own shapes."""
    layer = Dense(2)
    layer.build((1, 3), np.random.default_rng(0))
    with pytest.raises(ValueError) as error:
        layer.set_weights(arrays)
    assert str(error.value) == f"Dense must get arrays of the shapes [(3, 2), (2,)]. Received: {received}"


@pytest.mark.parametrize("rate", [1, 1.5, -0.1, float("nan")])
def test_dropout_refuses_other_rates(rate):
    """A rate below 0, or of 1 and more, is shown."""
    with pytest.raises(ValueError, match=r"rate must be at least 0 and less than 1. Received: rate="):
        Dropout(rate)


@pytest.mark.parametrize(
    "make, name",
    [
        (lambda: Conv2D(3, 0), "kernel_size"),
        (lambda: Conv2D(3, 3, strides=1.5), "strides"),
        (lambda: Conv2D(3, 3, dilation_rate=(1, 2, 3)), "dilation_rate"),
        (lambda: MaxPooling2D(0), "pool_size"),
        (lambda: AveragePooling2D(2, strides=-1), "strides"),
    ],
)
def test_layers_refuse_other_sizes(make, name):
    """A size that is no positive integer is named when the layer is made, before any image is seen."""
    with pytest.raises(ValueError, match=f"{name} must be a positive integer or a pair of them. Received: {name}="):
        make()
