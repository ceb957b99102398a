"""Pooling: by hand, by its laws, and equal to Keras in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convbook import average_pool2d, conv2d, global_average_pool2d, global_max_pool2d, max_pool2d, min_pool2d

POOLS = [max_pool2d, min_pool2d, average_pool2d]
SMALL = st.integers(1, 3)
SIDE = st.integers(5, 8)
IMAGES = arrays(float, st.tuples(st.integers(1, 2), SIDE, SIDE, SMALL), elements=st.integers(-9, 9))
WINDOW = {
    "pool_size": st.tuples(SMALL, SMALL),
    "strides": st.none() | st.tuples(SMALL, SMALL),
    "padding": st.sampled_from(["valid", "same"]),
}
X = np.array([[1, -2, 3], [4, 5, -6], [-7, 8, 9]], float).reshape(1, 3, 3, 1)


def plane(y):
    """The only plane of the output, as a list."""
    return y[0, :, :, 0].tolist()


def test_pools_by_hand():
    """Overlapping 2×2 windows of nine numbers: largest, smallest and mean."""
    assert plane(max_pool2d(X, 2, 1)) == [[5, 5], [8, 9]]
    assert plane(min_pool2d(X, 2, 1)) == [[-2, -6], [-7, -6]]
    assert plane(average_pool2d(X, 2, 1)) == [[2, 0], [2.5, 4]]


def test_pools_same_by_hand():
    """The windows that hang over the right and the lower border hold only pixels of the image."""
    assert plane(max_pool2d(X - 10, 2, padding="same")) == [[-5, -7], [-2, -1]]
    assert plane(min_pool2d(X + 10, 2, padding="same")) == [[8, 4], [3, 19]]
    assert plane(average_pool2d(X, 2, padding="same")) == [[2, (3 - 6) / 2], [(-7 + 8) / 2, 9]]


def test_pools_height_comes_first():
    """pool_size and strides are (vertical, horizontal)."""
    x = np.arange(12.0).reshape(1, 3, 4, 1)
    assert plane(max_pool2d(x, (3, 1))) == [[8, 9, 10, 11]]
    assert plane(max_pool2d(x, (1, 2))) == [[1, 3], [5, 7], [9, 11]]
    assert plane(max_pool2d(x, 1, (2, 3))) == [[0, 3], [8, 11]]


def test_strides_default_to_the_pool_size():
    """Without strides the windows lie side by side, and pixels left over at the end are not seen."""
    x = np.arange(35.0).reshape(1, 5, 7, 1)
    for pool in POOLS:
        np.testing.assert_array_equal(pool(x, (2, 3)), pool(x, (2, 3), (2, 3)))
        assert pool(x, (2, 3)).shape == (1, 2, 2, 1)
        np.testing.assert_array_equal(pool(x), pool(x, 2, 2))


@given(x=IMAGES, c=st.integers(-20, 20), **WINDOW)
def test_pools_move_with_a_constant(x, c, pool_size, strides, padding):
    """Adding c to every pixel adds c to every output: padding never takes part."""
    for pool in POOLS:
        y = pool(x, pool_size, strides, padding)
        np.testing.assert_allclose(pool(x + c, pool_size, strides, padding), y + c, rtol=0, atol=1e-12)


@given(x=IMAGES, **WINDOW)
def test_min_is_minus_max_of_minus(x, pool_size, strides, padding):
    """The smallest pixel is minus the largest of the negated pixels."""
    y = min_pool2d(x, pool_size, strides, padding)
    np.testing.assert_array_equal(y, -max_pool2d(-x, pool_size, strides, padding))


@given(x=IMAGES, **WINDOW)
def test_average_lies_between_min_and_max(x, pool_size, strides, padding):
    """min <= mean <= max in every window, and every channel stays by itself."""
    low, mean, high = (pool(x, pool_size, strides, padding) for pool in (min_pool2d, average_pool2d, max_pool2d))
    assert (low <= mean + 1e-12).all() and (mean <= high + 1e-12).all()
    np.testing.assert_array_equal(high[..., :1], max_pool2d(x[..., :1], pool_size, strides, padding))


@given(x=IMAGES, pool_size=SMALL, strides=SMALL)
def test_average_pooling_is_a_convolution_with_a_box(x, pool_size, strides):
    """Without padding, the mean of a window is a convolution of each channel with 1 / pixels."""
    channels = x.shape[3]
    box = np.eye(channels) * np.full((pool_size, pool_size, 1, 1), 1 / pool_size**2)  # (P, P, C, C)
    np.testing.assert_allclose(average_pool2d(x, pool_size, strides), conv2d(x, box, strides=strides), atol=1e-12)


@given(x=IMAGES)
def test_global_pools_are_pools_of_the_whole_map(x):
    """Global pooling is pooling with one window as large as the image, and its output is (N, C)."""
    size = x.shape[1:3]
    np.testing.assert_array_equal(global_max_pool2d(x), max_pool2d(x, size)[:, 0, 0])
    np.testing.assert_allclose(global_average_pool2d(x), average_pool2d(x, size)[:, 0, 0], atol=1e-12)
    assert global_max_pool2d(x).shape == global_average_pool2d(x).shape == (len(x), x.shape[3])


@given(x=IMAGES, down=st.integers(0, 7), right=st.integers(0, 7))
def test_global_pools_do_not_see_a_shift(x, down, right):
    """Rolling an image round leaves its largest pixel and its mean where they were."""
    moved = np.roll(x, (down, right), axis=(1, 2))
    np.testing.assert_array_equal(global_max_pool2d(moved), global_max_pool2d(x))
    np.testing.assert_allclose(global_average_pool2d(moved), global_average_pool2d(x), atol=1e-12)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [None, 1, 2, (2, 1), (1, 3)])
@pytest.mark.parametrize("pool_size", [1, 2, 3, (2, 3)])
@pytest.mark.parametrize("size", [(6, 6), (5, 8), (7, 4)])
def test_pools_equal_keras(keras, size, pool_size, strides, padding):
    """MaxPooling2D and AveragePooling2D in float64 give the same, on negative numbers too."""
    x = np.random.default_rng(3).normal(-3, 1, (2, *size, 3))
    for ours, theirs in ((max_pool2d, keras.layers.MaxPooling2D), (average_pool2d, keras.layers.AveragePooling2D)):
        layer = theirs(pool_size, strides=strides, padding=padding, dtype="float64")
        np.testing.assert_allclose(ours(x, pool_size, strides, padding), layer(x).numpy(), rtol=0, atol=1e-12)


def test_global_pools_equal_keras(keras):
    """GlobalMaxPooling2D and GlobalAveragePooling2D in float64 give the same."""
    x = np.random.default_rng(3).normal(-3, 1, (2, 5, 4, 3))
    largest, mean = keras.layers.GlobalMaxPooling2D, keras.layers.GlobalAveragePooling2D
    np.testing.assert_array_equal(global_max_pool2d(x), largest(dtype="float64")(x).numpy())
    np.testing.assert_allclose(global_average_pool2d(x), mean(dtype="float64")(x).numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("padding", [1, ((0, 1), (1, 0)), "full"])
def test_explicit_padding_takes_no_part(padding):
    """A window in the padding's corner holds the image's corner pixel alone."""
    x = np.arange(1.0, 17.0).reshape(1, 4, 4, 1)
    for pool in POOLS:
        y = pool(x, 2, 1, padding)[0, :, :, 0]
        assert (y[-1, 0], np.isfinite(y).all()) == (13, True)


def test_pools_compute_uint8_as_floats():
    """Pixels of 0 to 255 are not wrapped, and padding can be infinite."""
    x = np.full((1, 3, 3, 1), 255, np.uint8)
    for pool in POOLS:
        assert (pool(x, 2, padding="same") == 255).all()
        assert pool(x).dtype == np.float32
    assert global_average_pool2d(x).item() == 255


@pytest.mark.parametrize("pool", POOLS)
def test_pools_leave_their_input_alone(pool):
    """The images are neither changed nor shared with the result."""
    x = X.copy()
    pool(x, 1)[:] = 99
    pool(x, 2, padding="same")[:] = 99
    np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize(
    "arguments, message",
    [
        ((4,), "Received: size=3, padding=0, kernel_size=4"),
        (((2,),), "pool_size must be a positive integer or a pair of them. Received: pool_size=(2,)"),
        ((0,), "Received: pool_size=0"),
        ((2, 0), "Received: strides=0"),
        ((2, 1.5), "Received: strides=1.5"),
        ((2, 2, "SAME"), "padding must be 'valid', 'same', 'full'"),
        ((2, 1, 2), "narrower than the window, or a window would hold no pixel of the image. Received: padding=((2, 2)"),
        ((3, 1, ((0, 0), (0, 3))), "Received: padding=((0, 0), (0, 3)), pool_size=(3, 3)"),
    ],
)
def test_pools_say_what_does_not_fit(pool, arguments, message):
    """What a person can get wrong is answered by what must hold and what was received."""
    with pytest.raises(ValueError) as error:
        pool(X, *arguments)
    assert message in str(error.value)
    assert "Received: " in str(error.value)


@pytest.mark.parametrize("pool", [*POOLS, global_average_pool2d, global_max_pool2d])
def test_pools_refuse_one_image(pool):
    """An image without its batch axis is refused."""
    with pytest.raises(ValueError, match=r"must have the shape \(N, H, W, C\). Received: shape \(3, 3, 1\)"):
        pool(X[0])
