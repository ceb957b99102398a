"""Windows of an image: which pixels they hold, and that they are a view."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convbook import col2im, im2col, output_size, pad2d, windows2d
from convbook.padding import padding_widths

TWO = st.tuples(st.integers(1, 3), st.integers(1, 3))
DILATION = st.tuples(st.integers(1, 2), st.integers(1, 2))
SHAPES = st.tuples(st.integers(1, 2), st.integers(5, 8), st.integers(5, 8), st.integers(1, 3))
IMAGES = arrays(np.float64, SHAPES, elements=st.integers(-9, 9))


def test_windows2d_by_hand():
    """The windows of a 3×4 image, 2×2 with strides (1, 2), are the four that one draws."""
    x = np.arange(12.0).reshape(1, 3, 4, 1)
    windows = windows2d(x, 2, (1, 2))[0, ..., 0]  # (2, 2, 2, 2)
    assert windows[0, 0].tolist() == [[0, 1], [4, 5]]
    assert windows[0, 1].tolist() == [[2, 3], [6, 7]]
    assert windows[1, 0].tolist() == [[4, 5], [8, 9]]
    assert windows[1, 1].tolist() == [[6, 7], [10, 11]]


def test_windows2d_dilated_by_hand():
    """Dilation 2 takes every other pixel of a span of three."""
    x = np.arange(12.0).reshape(1, 3, 4, 1)
    windows = windows2d(x, 2, dilation_rate=2)[0, ..., 0]
    assert windows.tolist() == [[[[0, 2], [8, 10]], [[1, 3], [9, 11]]]]


@given(x=IMAGES, kernel_size=TWO, strides=TWO, dilation_rate=DILATION)
def test_windows2d_hold_their_pixels(x, kernel_size, strides, dilation_rate):
    """windows[n, i, j, p, q, c] is x[n, i*s + p*d, j*s + q*d, c], on both axes, and none is missing."""
    windows = windows2d(x, kernel_size, strides, dilation_rate)
    (sh, sw), (dh, dw) = strides, dilation_rate
    axes = zip(x.shape[1:3], kernel_size, strides, (0, 0), dilation_rate)
    assert windows.shape == (len(x), *(output_size(*axis) for axis in axes), *kernel_size, x.shape[3])
    for n, i, j, p, q, c in np.ndindex(windows.shape):
        assert windows[n, i, j, p, q, c] == x[n, i * sh + p * dh, j * sw + q * dw, c]


def test_windows2d_copy_nothing():
    """The windows are the images' own memory, and cannot be written by mistake."""
    x = np.zeros((2, 6, 5, 3))
    windows = windows2d(x, (3, 2), (2, 1), (1, 2))
    assert np.shares_memory(windows, x)
    assert not windows.flags.writeable
    x[0, 0, 0, 0] = 5
    assert windows[0, 0, 0, 0, 0, 0] == 5


def test_im2col_by_hand():
    """A row of im2col is one window with its channels innermost, as w.reshape(KH * KW * C, F) expects."""
    x = np.arange(12.0).reshape(1, 2, 3, 2)  # pixel (i, j) holds 2 * (3 * i + j) and one more
    assert im2col(x, 2).tolist() == [[0, 1, 2, 3, 6, 7, 8, 9], [2, 3, 4, 5, 8, 9, 10, 11]]


@given(x=IMAGES, kernel_size=TWO, strides=TWO, padding=st.sampled_from(["valid", "same", "full", 1, ((0, 1), (2, 0))]))
def test_im2col_rows_are_the_windows(x, kernel_size, strides, padding):
    """Row (n, i, j) of im2col is window (n, i, j) of the padded images."""
    widths = padding_widths(x.shape[1:3], kernel_size, strides, padding)
    windows = windows2d(pad2d(x, widths), kernel_size, strides)
    rows = im2col(x, kernel_size, strides, padding)
    assert rows.shape == (np.prod(windows.shape[:3]), np.prod(windows.shape[3:]))
    np.testing.assert_array_equal(rows, [windows[index].ravel() for index in np.ndindex(windows.shape[:3])])


def test_im2col_is_a_copy():
    """Writing into the matrix leaves the images as they were, even where each row is one pixel."""
    for kernel_size in (1, 2, 3):
        x = np.ones((1, 3, 3, 1))
        im2col(x, kernel_size)[:] = 9
        np.testing.assert_array_equal(x, 1)


def test_windows2d_refuse_a_larger_kernel():
    """A kernel that spans more than the image is shown with the image and its dilation."""
    with pytest.raises(ValueError) as error:
        windows2d(np.ones((1, 4, 9, 1)), (3, 3), dilation_rate=2)
    assert "as large as the kernel's span (5, 5)" in str(error.value)
    assert "Received: image (H, W)=(4, 9), kernel_size=(3, 3), dilation_rate=(2, 2)" in str(error.value)


@pytest.mark.parametrize("function", [windows2d, im2col])
@pytest.mark.parametrize("arguments, name", [(((3,),), "kernel_size"), ((2, 0), "strides"), ((2, 1.5), "strides")])
def test_windows_refuse_other_sizes(function, arguments, name):
    """A kernel or a step that is no positive integer is named."""
    with pytest.raises(ValueError, match=rf"{name} must be a positive integer or a pair of them. Received: {name}="):
        function(np.ones((1, 4, 4, 1)), *arguments)


@pytest.mark.parametrize("function", [windows2d, im2col])
def test_windows_refuse_one_image(function):
    """An image without its batch axis is refused."""
    with pytest.raises(ValueError, match=r"Received: shape \(28, 28, 1\)"):
        function(np.ones((28, 28, 1)), 3)


def test_col2im_by_hand():
    """Two windows of two pixels: the pixel in the middle is in both and gets the sum."""
    columns = np.array([[1.0, 10.0], [100.0, 1000.0]])
    assert col2im(columns, (1, 1, 3, 1), (1, 2)).ravel().tolist() == [1, 10 + 100, 1000]


def test_col2im_counts_the_windows_of_a_pixel():
    """col2im of im2col gives each pixel back as often as windows hold it; one that none holds is 0."""
    x = np.arange(1.0, 7.0).reshape(1, 1, 6, 1)
    assert col2im(im2col(x, (1, 2), (1, 3)), x.shape, (1, 2), (1, 3)).ravel().tolist() == [1, 2, 0, 4, 5, 0]
    assert col2im(im2col(x, (1, 3)), x.shape, (1, 3)).ravel().tolist() == [1, 4, 9, 12, 10, 6]


@given(
    x=IMAGES,
    kernel_size=TWO,
    strides=TWO,
    padding=st.sampled_from(["valid", "same", "full", 1, ((0, 1), (2, 0))]),
    dilation_rate=DILATION,
    seed=st.integers(0, 2**32),
)
def test_col2im_is_the_adjoint_of_im2col(x, kernel_size, strides, padding, dilation_rate, seed):
    """sum(im2col(x) z) = sum(x col2im(z)), to the last digit on whole numbers, and the shape is that of x."""
    options = kernel_size, strides, padding, dilation_rate
    columns = im2col(x, *options)
    z = np.random.default_rng(seed).integers(-9, 10, columns.shape).astype(float)
    back = col2im(z, x.shape, *options)
    assert back.shape == x.shape
    assert (columns * z).sum() == (x * back).sum()


@pytest.mark.parametrize("strides, padding", [(1, "valid"), (2, "same"), ((1, 3), 1)])
def test_col2im_is_the_gradient_of_im2col(tf, strides, padding):
    """TensorFlow's gradient of a sum over the windows, sum(z w) with w all ones, is col2im of ones."""
    x = np.zeros((2, 6, 7, 3))
    columns = im2col(x, (3, 2), strides, padding)
    widths = padding_widths((6, 7), (3, 2), strides, padding)
    images = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(images)
        y = tf.nn.conv2d(images, np.ones((3, 2, 3, 1)), strides, [[0, 0], *map(list, widths), [0, 0]])
    back = col2im(np.ones_like(columns), x.shape, (3, 2), strides, padding)
    np.testing.assert_array_equal(back, tape.gradient(y, images).numpy())


def test_col2im_adds_pixels_of_uint8_as_floats():
    """The sum over overlapping windows does not wrap round at 256."""
    x = np.full((1, 3, 3, 1), 200, np.uint8)
    assert col2im(im2col(x, 2), x.shape, 2)[0, 1, 1, 0] == 800


def test_col2im_leaves_its_columns_alone():
    """The matrix is neither changed nor shared with the result, and float32 stays float32."""
    for kernel_size, rows in ((1, 9), (2, 4)):
        columns = np.ones((rows, kernel_size**2), np.float32)
        back = col2im(columns, (1, 3, 3, 1), kernel_size)
        back[...] = 9
        assert back.dtype == np.float32
        np.testing.assert_array_equal(columns, 1)


def test_col2im_refuses_other_columns():
    """A matrix that im2col would not give for this shape is shown with the one that it would."""
    with pytest.raises(ValueError, match=r"must have the shape \(4, 4\), as im2col gives it. Received: \(4, 5\)"):
        col2im(np.ones((4, 5)), (1, 3, 3, 1), 2)
