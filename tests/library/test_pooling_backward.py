"""The gradients of pooling: by hand, by their laws, by small steps, and equal to TensorFlow's in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convbook import average_pool2d, check_gradient, global_average_pool2d, global_max_pool2d, max_pool2d, min_pool2d
from convbook.padding import padding_widths
from convbook.pooling import (
    average_pool2d_backward,
    global_average_pool2d_backward,
    global_max_pool2d_backward,
    max_pool2d_backward,
    min_pool2d_backward,
)

PAIRS = [(max_pool2d, max_pool2d_backward), (min_pool2d, min_pool2d_backward), (average_pool2d, average_pool2d_backward)]
GLOBAL = [(global_max_pool2d, global_max_pool2d_backward), (global_average_pool2d, global_average_pool2d_backward)]
SMALL, SIDE = st.integers(1, 3), st.integers(5, 8)
TIED = arrays(float, st.tuples(st.integers(1, 2), SIDE, SIDE, SMALL), elements=st.integers(-1, 1))
WINDOW = {
    "pool_size": st.tuples(SMALL, SMALL),
    "strides": st.none() | st.tuples(SMALL, SMALL),
    "padding": st.sampled_from(["valid", "same"]),
}
SLIDES = [(2, None), (3, 1), (3, 2), (2, 3), ((2, 3), (1, 2)), ((3, 1), (2, 2)), (1, 2)]  # pool_size, strides
SIZES = [(6, 6), (5, 8), (7, 4)]


def plane(dx):
    """The only plane of the gradient, as a list."""
    return dx[0, :, :, 0].tolist()


def whole_numbers(shape, seed=0):
    """A gradient of whole numbers, whose sums are exact."""
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


def without_ties(size):
    """Images (2, H, W, 3) of numbers that all differ by at least 0.1."""
    return np.random.default_rng(5).permutation(6 * size[0] * size[1]).reshape(2, *size, 3) / 10 - 5


def test_max_pool2d_backward_by_hand():
    """Four overlapping windows: the 8 is largest in two of them and collects both gradients."""
    x = np.array([[1.0, 7.0, 3.0], [4.0, 8.0, 6.0], [9.0, 2.0, 5.0]]).reshape(1, 3, 3, 1)
    dy = np.array([[1.0, 10.0], [100.0, 1000.0]]).reshape(1, 2, 2, 1)
    assert plane(max_pool2d_backward(dy, x, 2, 1)) == [[0, 0, 0], [0, 1011, 0], [100, 0, 0]]
    assert plane(min_pool2d_backward(dy, x, 2, 1)) == [[1, 0, 10], [0, 0, 0], [0, 1100, 0]]


def test_max_pool2d_backward_gives_a_tie_to_the_first():
    """Of equal pixels the first gets the whole gradient, row by row, in every window anew."""
    dy = np.array([[1.0, 10.0], [100.0, 1000.0]]).reshape(1, 2, 2, 1)
    assert plane(max_pool2d_backward(dy, np.zeros((1, 3, 3, 1)), 2, 1)) == [[1, 10, 0], [100, 1000, 0], [0, 0, 0]]
    x = np.array([[0.0, 1.0], [1.0, 1.0]]).reshape(1, 2, 2, 1)
    assert plane(max_pool2d_backward(dy[:, :1, :1], x)) == [[0, 1], [0, 0]]
    assert plane(min_pool2d_backward(dy[:, :1, :1], -x)) == [[0, 1], [0, 0]]


def test_max_pool2d_backward_gives_nothing_to_the_padding():
    """With "same", the gradient of a window that hangs over the border goes to a pixel of the image."""
    x = np.full((1, 3, 3, 1), -5.0)
    dy = np.array([[1.0, 10.0], [100.0, 1000.0]]).reshape(1, 2, 2, 1)
    assert plane(max_pool2d_backward(dy, x, 2, 2, "same")) == [[1, 0, 10], [0, 0, 0], [100, 0, 1000]]
    assert plane(max_pool2d_backward(dy, x, 3, 2, "same")) == [[1, 10, 0], [100, 1000, 0], [0, 0, 0]]


def test_average_pool2d_backward_by_hand():
    """Each gradient is shared equally, and the pixel in the middle of four windows gets a share of each."""
    dy = np.array([[4.0, 40.0], [400.0, 4000.0]]).reshape(1, 2, 2, 1)
    dx = average_pool2d_backward(dy, np.zeros((1, 3, 3, 1)), 2, 1)
    assert plane(dx) == [[1, 11, 10], [101, 1111, 1010], [100, 1100, 1000]]


def test_average_pool2d_backward_leaves_the_padding_out():
    """With "same", a window shares among its pixels of the image only: 4, 2, 2 and 1 of them."""
    dy = np.array([[4.0, 40.0], [400.0, 4000.0]]).reshape(1, 2, 2, 1)
    dx = average_pool2d_backward(dy, np.zeros((1, 3, 3, 1)), 2, 2, "same")
    assert plane(dx) == [[1, 1, 20], [1, 1, 20], [200, 200, 4000]]


def test_global_pools_backward_by_hand():
    """The mean shares among all pixels; the maximum among the largest ones, equally."""
    x, dy = np.array([[1.0, 5.0], [5.0, 2.0]]).reshape(1, 2, 2, 1), np.array([[8.0]])
    assert plane(global_average_pool2d_backward(dy, x)) == [[2, 2], [2, 2]]
    assert plane(global_max_pool2d_backward(dy, x)) == [[0, 4], [4, 0]]


@given(x=TIED, **WINDOW)
def test_max_pool2d_backward_is_a_loop_over_windows(x, pool_size, strides, padding):
    """Window by window, NumPy's argmax, which takes the first of equal pixels, says where the gradient goes."""
    y = max_pool2d(x, pool_size, strides, padding)
    dy = whole_numbers(y.shape)
    (top, bottom), (left, right) = padding_widths(x.shape[1:3], pool_size, strides or pool_size, padding)
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=-np.inf)
    (kh, kw), (sh, sw), expected = pool_size, strides or pool_size, np.zeros_like(padded)
    for n, i, j, c in np.ndindex(y.shape):
        window = padded[n, i * sh : i * sh + kh, j * sw : j * sw + kw, c]
        p, q = np.unravel_index(window.argmax(), window.shape)
        expected[n, i * sh + p, j * sw + q, c] += dy[n, i, j, c]
    inside = expected[:, top : top + x.shape[1], left : left + x.shape[2]]
    np.testing.assert_array_equal(max_pool2d_backward(dy, x, pool_size, strides, padding), inside)


@given(x=TIED, **WINDOW)
def test_pools_backward_lose_nothing(x, pool_size, strides, padding):
    """The gradients of all pixels add up to the gradients of all outputs, channel by channel."""
    for pool, backward in PAIRS:
        dy = whole_numbers(pool(x, pool_size, strides, padding).shape)
        dx = backward(dy, x, pool_size, strides, padding)
        assert dx.shape == x.shape
        np.testing.assert_allclose(dx.sum(axis=(1, 2)), dy.sum(axis=(1, 2)), rtol=0, atol=1e-10)


@given(x=TIED, **WINDOW)
def test_pools_backward_are_adjoint(x, pool_size, strides, padding):
    """sum(pool(x) dy) = sum(x dx), because a pool of 2 x is 2 times the pool of x; also with ties."""
    for pool, backward in PAIRS:
        y = pool(x, pool_size, strides, padding)
        dy = whole_numbers(y.shape)
        np.testing.assert_allclose((x * backward(dy, x, pool_size, strides, padding)).sum(), (y * dy).sum(), atol=1e-10)


@given(x=TIED)
def test_global_pools_backward_are_adjoint(x):
    """The same holds for the whole map, and nothing is lost there either."""
    for pool, backward in GLOBAL:
        y = pool(x)
        dy = whole_numbers(y.shape)
        dx = backward(dy, x)
        np.testing.assert_allclose((x * dx).sum(), (y * dy).sum(), atol=1e-10)
        np.testing.assert_allclose(dx.sum(axis=(1, 2)), dy, atol=1e-10)


@pytest.mark.parametrize("padding", ["valid", "same", ((0, 0), (1, 0))])
@pytest.mark.parametrize("pool_size, strides", SLIDES)
@pytest.mark.parametrize("size", SIZES)
def test_pools_backward_agree_with_small_steps(size, pool_size, strides, padding):
    """Where no two pixels are equal, dx is what central differences measure."""
    if padding == ((0, 0), (1, 0)) and np.broadcast_to(pool_size, 2)[1] == 1:
        padding = "valid"  # padding is narrower than the window
    x, options = without_ties(size), (pool_size, strides, padding)
    for pool, backward in PAIRS:
        assert check_gradient(lambda x: pool(x, *options), lambda dy: backward(dy, x, *options), x) < 1e-7  # noqa: B023


def test_global_pools_backward_agree_with_small_steps():
    """The same holds for the whole map."""
    x = without_ties((5, 4))
    for pool, backward in GLOBAL:
        assert check_gradient(pool, lambda dy: backward(dy, x), x) < 1e-7  # noqa: B023


def tensorflow_gradient(tf, function, x, dy):
    """dx of a TensorFlow function, in float64."""
    images = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(images)
        y = function(images)
    return tape.gradient(y, images, output_gradients=tf.constant(dy)).numpy()


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("pool_size, strides", SLIDES)
@pytest.mark.parametrize("size", SIZES)
def test_pools_backward_equal_tensorflow(tf, size, pool_size, strides, padding, tied):
    """tf.nn.max_pool2d and tf.nn.avg_pool2d have the same gradients, also where pixels are equal."""
    rng = np.random.default_rng(3)
    x = rng.integers(-3, 0, (2, *size, 3)).astype(float) if tied else rng.normal(-3, 1, (2, *size, 3))
    options, steps = (pool_size, strides, padding), strides or pool_size
    dy = rng.normal(size=max_pool2d(x, *options).shape)
    largest = tensorflow_gradient(tf, lambda x: tf.nn.max_pool2d(x, pool_size, steps, padding.upper()), x, dy)
    smallest = tensorflow_gradient(tf, lambda x: -tf.nn.max_pool2d(-x, pool_size, steps, padding.upper()), x, dy)
    mean = tensorflow_gradient(tf, lambda x: tf.nn.avg_pool2d(x, pool_size, steps, padding.upper()), x, dy)
    np.testing.assert_allclose(max_pool2d_backward(dy, x, *options), largest, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(min_pool2d_backward(dy, x, *options), smallest, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(average_pool2d_backward(dy, x, *options), mean, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("tied", [False, True])
def test_global_pools_backward_equal_tensorflow(tf, tied):
    """tf.reduce_max and tf.reduce_mean have the same gradients; tied pixels share."""
    rng = np.random.default_rng(3)
    x = rng.integers(0, 2, (2, 5, 4, 3)).astype(float) if tied else rng.normal(size=(2, 5, 4, 3))
    dy = rng.normal(size=(2, 3))
    largest = tensorflow_gradient(tf, lambda x: tf.reduce_max(x, axis=(1, 2)), x, dy)
    mean = tensorflow_gradient(tf, lambda x: tf.reduce_mean(x, axis=(1, 2)), x, dy)
    np.testing.assert_allclose(global_max_pool2d_backward(dy, x), largest, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(global_average_pool2d_backward(dy, x), mean, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("pool, backward", PAIRS + GLOBAL)
def test_pools_backward_keep_float32(pool, backward):
    """The gradient of float32 images is float32, and pixels of uint8 count as floats."""
    for x in (np.full((2, 4, 6, 3), 255, np.uint8), np.ones((2, 4, 6, 3), np.float32)):
        dx = backward(np.ones(pool(x).shape, np.float32), x)
        assert dx.dtype == np.float32
        np.testing.assert_allclose(dx.sum(), pool(x).size, rtol=1e-6)


@pytest.mark.parametrize("pool, backward", PAIRS + GLOBAL)
def test_pools_backward_leave_their_inputs_alone(pool, backward):
    """Images and gradients are neither changed nor shared with the result, even where a window is one pixel."""
    for size, options in ((4, {}), (1, {} if (pool, backward) in GLOBAL else {"pool_size": 1})):
        x = np.ones((2, size, size, 3))
        dy = np.ones(pool(x, **options).shape)
        backward(dy, x, **options)[...] = 9
        np.testing.assert_array_equal(x, 1)
        np.testing.assert_array_equal(dy, 1)


@pytest.mark.parametrize("pool, backward", PAIRS + GLOBAL)
def test_pools_backward_say_what_does_not_fit(pool, backward):
    """A gradient that has not the output's shape, and an image without its batch axis, are shown."""
    x = np.ones((1, 4, 4, 2))
    dy = np.ones(pool(x).shape)
    with pytest.raises(ValueError, match=r"dy must have the shape of the output, .* Received: dy of shape \(1"):
        backward(dy[..., :1], x)
    with pytest.raises(ValueError, match=r"\(N, H, W, C\). Received: shape \(4, 4, 2\)"):
        backward(dy, x[0])
