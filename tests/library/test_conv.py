"""The layer operation: by hand, by its laws, and equal to Keras in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convbook import conv2d, cross_correlate2d, im2col, pad2d
from convbook.padding import padding_widths

NUMBER, SMALL = st.integers(-5, 5), st.integers(1, 3)
PADDINGS = ["valid", "same", "full", 1, ((0, 1), (2, 0))]


@st.composite
def layers(draw):
    """Images and kernels of whole numbers (whose sums are exact), with their channels in common."""
    n, c, f, kh, kw = (draw(SMALL) for _ in range(5))
    h, w = draw(st.integers(5, 7)), draw(st.integers(5, 7))
    return draw(arrays(float, (n, h, w, c), elements=NUMBER)), draw(arrays(float, (kh, kw, c, f), elements=NUMBER))


def test_conv2d_by_hand():
    """One window of two channels: every product is written out, with the bias."""
    x = np.array([[[[1, 10], [2, 20]], [[3, 30], [4, 40]]]])  # (1, 2, 2, 2)
    w = np.array([[[[1], [0]], [[0], [1]]], [[[2], [0]], [[0], [-1]]]])  # (2, 2, 2, 1)
    assert conv2d(x, w, b=100).tolist() == [[[[1 * 1 + 1 * 20 + 2 * 3 - 1 * 40 + 100]]]]


def test_conv2d_does_not_flip():
    """The kernel's upper right pixel meets the window's upper right pixel."""
    x = np.arange(9.0).reshape(1, 3, 3, 1)
    w = np.array([[0, 1], [0, 0]]).reshape(2, 2, 1, 1)
    assert conv2d(x, w)[0, :, :, 0].tolist() == [[1, 2], [4, 5]]


def test_conv2d_height_comes_first():
    """On an image that is not square, kernel, strides, padding and dilation are (vertical, horizontal)."""
    x = np.arange(12.0).reshape(1, 3, 4, 1)
    down = np.array([[-1], [1]]).reshape(2, 1, 1, 1)
    assert conv2d(x, down)[0, :, :, 0].tolist() == [[4] * 4] * 2
    assert conv2d(x, down, strides=(1, 2)).shape == (1, 2, 2, 1)
    assert conv2d(x, down, padding=((1, 0), (0, 0)))[0, 0, :, 0].tolist() == [0, 1, 2, 3]
    assert conv2d(x, down, dilation_rate=(2, 1))[0, :, :, 0].tolist() == [[8] * 4]


def test_conv2d_same_puts_the_odd_pixel_after():
    """With an even kernel the first window starts at the first pixel and the last hangs over the end."""
    x = np.array([1.0, 2.0, 3.0]).reshape(1, 1, 3, 1)
    assert conv2d(x, np.ones((1, 2, 1, 1)), padding="same").ravel().tolist() == [3, 5, 3]


@given(layer=layers(), strides=st.tuples(SMALL, SMALL), padding=st.sampled_from(PADDINGS), dilation=st.integers(1, 2))
def test_conv2d_is_im2col_times_w(layer, strides, padding, dilation):
    """conv2d is one matrix product of the windows' rows with the kernels' columns."""
    x, w = layer
    y = conv2d(x, w, 0, strides, padding, dilation)
    rows = im2col(x, w.shape[:2], strides, padding, dilation)
    np.testing.assert_array_equal(y.reshape(-1, w.shape[3]), rows @ w.reshape(-1, w.shape[3]))


@given(layer=layers(), strides=SMALL, padding=st.sampled_from(PADDINGS))
def test_conv2d_is_a_sum_of_loops(layer, strides, padding):
    """Every output plane is the sum over the channels of the definition's loops on the padded planes."""
    x, w = layer
    y = conv2d(x, w, 0, strides, padding)
    padded = pad2d(x, padding_widths(x.shape[1:3], w.shape[:2], strides, padding))
    for n, f in np.ndindex(len(x), w.shape[3]):
        planes = [cross_correlate2d(padded[n, :, :, c], w[:, :, c, f], strides) for c in range(x.shape[3])]
        np.testing.assert_array_equal(y[n, :, :, f], sum(planes))


@given(layer=layers(), other=st.integers(0, 2**32), a=NUMBER, b=NUMBER, padding=st.sampled_from(PADDINGS))
def test_conv2d_is_linear(layer, other, a, b, padding):
    """conv2d(a x + b z, w) = a conv2d(x, w) + b conv2d(z, w), and the same in w."""
    x, w = layer
    rng = np.random.default_rng(other)
    z, v = (rng.integers(-5, 6, array.shape).astype(float) for array in (x, w))
    y = conv2d(x, w, padding=padding)
    np.testing.assert_array_equal(conv2d(a * x + b * z, w, padding=padding), a * y + b * conv2d(z, w, padding=padding))
    np.testing.assert_array_equal(conv2d(x, a * w + b * v, padding=padding), a * y + b * conv2d(x, v, padding=padding))


@given(layer=layers(), down=st.integers(0, 3), right=st.integers(0, 3))
def test_conv2d_moves_with_its_input(layer, down, right):
    """Shift equivariance: zeros put before the image put the same response that much later."""
    x, w = layer
    y, moved = conv2d(x, w), conv2d(pad2d(x, ((down, 0), (right, 0))), w)
    np.testing.assert_array_equal(moved[:, down:, right:], y)


@given(layer=layers(), steps=SMALL)
def test_conv2d_with_strides_moves_by_whole_strides(layer, steps):
    """With strides s, an image that moves by s pixels moves the output by one."""
    x, w = layer
    moved = conv2d(pad2d(x, ((steps, 0), (0, 0))), w, strides=(steps, 1))
    np.testing.assert_array_equal(moved[:, 1:], conv2d(x, w, strides=(steps, 1)))


@given(layer=layers(), rates=st.sampled_from([(1, 2), (2, 1), (2, 2), (3, 2)]), strides=SMALL)
def test_conv2d_dilation_puts_zeros_into_the_kernel(layer, rates, strides):
    """A dilated kernel is a larger kernel with rate - 1 zeros between its pixels."""
    x, w = pad2d(layer[0], 3), layer[1]
    (kh, kw), (dh, dw) = w.shape[:2], rates
    wide = np.zeros((dh * (kh - 1) + 1, dw * (kw - 1) + 1, *w.shape[2:]))
    wide[::dh, ::dw] = w
    for padding in ("valid", "same", "full"):
        dilated = conv2d(x, w, strides=strides, padding=padding, dilation_rate=rates)
        np.testing.assert_array_equal(dilated, conv2d(x, wide, strides=strides, padding=padding))


@given(layer=layers())
def test_conv2d_treats_images_and_filters_one_by_one(layer):
    """An image's output does not depend on its batch, nor a filter's on the other filters; b adds to its filter."""
    x, w = layer
    b = np.arange(1.0, w.shape[3] + 1)
    y = conv2d(x, w, b)
    for n, f in np.ndindex(len(x), w.shape[3]):
        alone = conv2d(x[n : n + 1], w[..., f : f + 1])
        np.testing.assert_array_equal(y[n, :, :, f], alone[0, :, :, 0] + b[f])


SIZES = [(6, 6), (5, 8), (7, 4), (2, 3)]
KERNELS = [(1, 1), (3, 3), (2, 3), (4, 1)]


def random_layer(size, kernel_size):
    """Random images (2, H, W, 3), kernels (KH, KW, 3, 4) and biases (4,), float64."""
    rng = np.random.default_rng(7)
    return rng.normal(size=(2, *size, 3)), rng.normal(size=(*kernel_size, 3, 4)), rng.normal(size=4)


def assert_equals_keras(keras, x, w, b, strides, padding, dilation_rate):
    """conv2d and Keras' layer, with the same weights in float64, give the same numbers."""
    layer = keras.layers.Conv2D(
        w.shape[3], w.shape[:2], strides=strides, padding=padding, dilation_rate=dilation_rate, dtype="float64"
    )
    layer.build(x.shape)
    layer.set_weights([w, b])
    np.testing.assert_allclose(conv2d(x, w, b, strides, padding, dilation_rate), layer(x).numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, (2, 1), (1, 3)])
@pytest.mark.parametrize("kernel_size", KERNELS)
@pytest.mark.parametrize("size", SIZES)
def test_conv2d_equals_keras_over_strides(keras, size, kernel_size, strides, padding):
    """Keras' Conv2D gives the same for every step, also where the kernel is larger than a padded image."""
    if padding == "valid" and any(k > s for k, s in zip(kernel_size, size)):
        with pytest.raises(ValueError, match="at least as large as the kernel"):
            conv2d(*random_layer(size, kernel_size), strides, padding)
    else:
        assert_equals_keras(keras, *random_layer(size, kernel_size), strides, padding, 1)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("dilation_rate", [2, (1, 2), (3, 1)])  # Keras has no strides and dilation together
@pytest.mark.parametrize("kernel_size", [(1, 1), (2, 3), (3, 2)])
@pytest.mark.parametrize("size", [(8, 8), (7, 9)])
def test_conv2d_equals_keras_over_dilation(keras, size, kernel_size, dilation_rate, padding):
    """Keras' Conv2D gives the same for every dilation."""
    assert_equals_keras(keras, *random_layer(size, kernel_size), 1, padding, dilation_rate)


@pytest.mark.parametrize("padding", [1, ((0, 1), (2, 3)), ((2, 0), (0, 1)), "full"])
@pytest.mark.parametrize("strides", [(1, 1), (2, 1), (2, 3)])
@pytest.mark.parametrize("kernel_size", [(1, 1), (3, 3), (2, 3)])
@pytest.mark.parametrize("size", [(6, 6), (5, 8)])
def test_conv2d_equals_tensorflow_over_explicit_padding(tf, size, kernel_size, strides, padding):
    """TensorFlow's tf.nn.conv2d, given the widths of a padding, gives the same."""
    x, w, b = random_layer(size, kernel_size)
    widths = padding_widths(size, kernel_size, strides, padding)
    expected = tf.nn.conv2d(x, w, strides, [[0, 0], *map(list, widths), [0, 0]]).numpy() + b
    np.testing.assert_allclose(conv2d(x, w, b, strides, padding), expected, rtol=0, atol=1e-12)


def test_conv2d_in_groups_by_hand():
    """Two groups of one channel: each filter sees its own channel only, and the bias is the filter's."""
    x = np.array([[[[1.0, 10.0], [2.0, 20.0]]]])  # (1, 1, 2, 2)
    w = np.array([[[[3.0, 5.0]], [[4.0, 6.0]]]])  # (1, 2, 1, 2)
    assert conv2d(x, w, [0.5, 0.25], groups=2).tolist() == [[[[1 * 3 + 2 * 4 + 0.5, 10 * 5 + 20 * 6 + 0.25]]]]


@given(layer=layers(), groups=SMALL, strides=SMALL, padding=st.sampled_from(PADDINGS), dilation=st.integers(1, 2))
def test_conv2d_in_groups_is_a_kernel_with_zeros_between_the_groups(layer, groups, strides, padding, dilation):
    """A convolution in groups is one whose kernel is 0 wherever channel and filter belong to different groups."""
    x, w = np.concatenate([layer[0] + k for k in range(groups)], axis=3), layer[1]
    parts = [w + k for k in range(groups)]
    c, f = w.shape[2:]
    wide = np.zeros((*w.shape[:2], groups * c, groups * f))
    for k, part in enumerate(parts):
        wide[:, :, k * c : (k + 1) * c, k * f : (k + 1) * f] = part
    grouped = conv2d(x, np.concatenate(parts, axis=3), 0, strides, padding, dilation, groups=groups)
    np.testing.assert_array_equal(grouped, conv2d(x, wide, 0, strides, padding, dilation))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, (2, 2)])
@pytest.mark.parametrize("filters", [4, 8])
def test_conv2d_in_groups_equals_keras_by_channel(keras, filters, strides, padding):
    """With as many groups as channels, conv2d is Keras' DepthwiseConv2D."""
    rng = np.random.default_rng(7)
    x, w, b = rng.normal(size=(2, 7, 8, 4)), rng.normal(size=(3, 2, 1, filters)), rng.normal(size=filters)
    layer = keras.layers.DepthwiseConv2D(
        (3, 2), strides=strides, padding=padding, depth_multiplier=filters // 4, dtype="float64"
    )
    layer.build(x.shape)
    layer.set_weights([w.reshape(3, 2, 4, filters // 4), b])
    np.testing.assert_allclose(conv2d(x, w, b, strides, padding, 1, 4), layer(x).numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("options", [{"strides": (2, 1)}, {"strides": 1}, {"dilation_rate": 2}])
@pytest.mark.parametrize("groups", [2, 3])
def test_conv2d_in_groups_equals_keras(keras, groups, options, padding):
    """Keras' Conv2D with groups, in float64, gives the same."""
    rng = np.random.default_rng(7)
    x, w, b = rng.normal(size=(2, 7, 8, 6)), rng.normal(size=(3, 2, 6 // groups, 12)), rng.normal(size=12)
    layer = keras.layers.Conv2D(12, (3, 2), padding=padding, groups=groups, dtype="float64", **options)
    layer.build(x.shape)
    layer.set_weights([w, b])
    expected = layer(x).numpy()
    np.testing.assert_allclose(conv2d(x, w, b, padding=padding, groups=groups, **options), expected, rtol=0, atol=1e-12)


def test_conv2d_equals_published_values():
    """The check values of Stanford's course CS231n, assignment 2, whose axes are (N, C, H, W) and (F, C, H, W)."""
    x, w = np.linspace(-0.1, 0.5, 96).reshape(2, 3, 4, 4), np.linspace(-0.2, 0.3, 144).reshape(3, 3, 4, 4)
    y = conv2d(x.transpose(0, 2, 3, 1), w.transpose(2, 3, 1, 0), np.linspace(-0.1, 0.2, 3), strides=2, padding=1)
    published = [
        [[-0.08759809, -0.10987781], [-0.18387192, -0.2109216]],
        [[0.21027089, 0.21661097], [0.22847626, 0.23004637]],
        [[0.50813986, 0.54309974], [0.64082444, 0.67101435]],
        [[-0.98053589, -1.03143541], [-1.19128892, -1.24695841]],
        [[0.69108355, 0.66880383], [0.59480972, 0.56776003]],
        [[2.36270298, 2.36904306], [2.38090835, 2.38247847]],
    ]
    np.testing.assert_allclose(y.transpose(0, 3, 1, 2).reshape(6, 2, 2), published, rtol=0, atol=1e-8)


@pytest.mark.parametrize("groups", [0, -1, 2, 1.0, 3])
def test_conv2d_refuses_groups_that_do_not_divide(groups):
    """groups divides both the channels and the filters, and is a positive integer."""
    with pytest.raises(ValueError, match=r"groups must be an integer that divides.*Received: groups=.*3 channels, 2 filters"):
        conv2d(np.ones((1, 5, 5, 3)), np.ones((3, 3, 1, 2)), groups=groups)


def test_conv2d_computes_integers_as_floats():
    """uint8 pixels neither wrap nor turn the kernel into whole numbers."""
    x = np.full((1, 2, 2, 1), 255, np.uint8)
    assert conv2d(x, np.full((2, 2, 1, 1), 0.5)).item() == 510
    assert conv2d(x, np.ones((2, 2, 1, 1), np.uint8)).item() == 1020
    assert conv2d(x, -np.ones((2, 2, 1, 1), np.int8)).item() == -1020


@pytest.mark.parametrize("x, w, y", [("f4", "f4", "f4"), ("f4", "f8", "f8"), ("u1", "f4", "f4"), ("i8", "i8", "f8")])
def test_conv2d_keeps_float32(x, w, y):
    """float32 stays float32, and the wider of two types wins."""
    assert conv2d(np.ones((1, 3, 3, 1), x), np.ones((2, 2, 1, 1), w)).dtype == np.dtype(y)


@pytest.mark.parametrize("kernel_size", [1, 3])
def test_conv2d_leaves_its_inputs_alone(kernel_size):
    """Images, kernels and biases are neither changed nor shared with the result."""
    x, w, b = np.ones((1, 3, 3, 1)), np.ones((kernel_size, kernel_size, 1, 1)), np.ones(1)
    conv2d(x, w, b, padding="same")[:] = 9
    for array in (x, w, b):
        np.testing.assert_array_equal(array, 1)


def test_conv2d_of_no_images_is_no_outputs():
    """An empty batch has an output of the right shape."""
    assert conv2d(np.ones((0, 5, 6, 2)), np.ones((3, 3, 2, 4))).shape == (0, 3, 4, 4)


X, W = np.ones((1, 5, 5, 3)), np.ones((3, 3, 3, 2))


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((X[0], W), "Images must have the shape (N, H, W, C). Received: shape (5, 5, 3)"),
        ((X, W[..., 0]), "Kernels must have the shape (KH, KW, C, F), nowhere 0. Received: shape (3, 3, 3)"),
        ((X, W[..., :0]), "nowhere 0. Received: shape (3, 3, 3, 0)"),
        (
            (X, W[:, :, :1]),
            "as deep as its input. Received: 3 input channels, groups=1, kernels of depth 1 (w has shape (3, 3, 1, 2)",
        ),
        ((X, W, np.ones(3)), "one number a filter. Received: b of shape (3,), 2 filters"),
        ((X, W, np.ones((9, 1))), "one number a filter. Received: b of shape (9, 1), 2 filters"),
        ((X, np.ones((6, 2, 3, 1))), "Received: size=5, padding=0, kernel_size=6"),
        ((X, W, 0, 0), "strides must be a positive integer or a pair of them. Received: strides=0"),
        ((X, W, 0, 1.5), "Received: strides=1.5"),
        ((X, W, 0, 1, "SAME"), "padding must be 'valid', 'same', 'full', an integer"),
        ((X, W, 0, 1, -1), "Received: -1"),
        ((X, W, 0, 1, "same", 0), "Received: dilation_rate=0"),
        ((X.astype(str), W), "dtype <U32"),
    ],
)
def test_conv2d_says_what_does_not_fit(arguments, message):
    """What a person can get wrong is answered by what must hold and what was received."""
    with pytest.raises(ValueError) as error:
        conv2d(*arguments)
    assert message in str(error.value)
    assert "Received: " in str(error.value)
