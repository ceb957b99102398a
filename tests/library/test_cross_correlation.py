"""The definition in loops, and what the flip changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.signal import convolve2d as scipy_convolve2d
from scipy.signal import correlate2d as scipy_correlate2d

from convbook import convolve2d, cross_correlate2d, pad2d

IMAGE = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
KERNEL = np.array([[0, 1], [2, 0]])


def planes(smallest, largest):
    """Planes of small whole numbers, whose sums are exact."""
    sides = st.tuples(st.integers(smallest, largest), st.integers(smallest, largest))
    return arrays(np.float64, sides, elements=st.integers(-9, 9))


def pad_full(image, kernel):
    """The image with KH - 1 rows of zeros above and below, and KW - 1 columns left and right."""
    rows, columns = (size - 1 for size in kernel.shape)
    return pad2d(image[None, :, :, None], ((rows, rows), (columns, columns)))[0, :, :, 0]


def test_cross_correlate2d_by_hand():
    """Each output is 1 × the pixel to the right + 2 × the pixel below."""
    assert cross_correlate2d(IMAGE, KERNEL).tolist() == [[2 + 8, 3 + 10], [5 + 14, 6 + 16]]


def test_cross_correlate2d_strides_by_hand():
    """With strides 2 the windows start at the rows and columns 0 and 2, and the rest is left out."""
    image = np.arange(20).reshape(4, 5)
    assert cross_correlate2d(image, [[1, 0], [0, 0]], strides=2).tolist() == [[0, 2], [10, 12]]


def test_convolve2d_by_hand():
    """Flipped, each output is 1 × the pixel below on the left + 2 × the pixel above on the right."""
    assert convolve2d(IMAGE, KERNEL).tolist() == [[4 + 2 * 2, 5 + 2 * 3], [7 + 2 * 5, 8 + 2 * 6]]


def test_convolve2d_of_an_impulse_is_the_kernel():
    """One bright pixel becomes the kernel itself; cross-correlation gives it turned by half a turn."""
    kernel = np.arange(1.0, 7.0).reshape(2, 3)
    impulse = pad_full(np.ones((1, 1)), kernel)
    np.testing.assert_array_equal(convolve2d(impulse, kernel), kernel)
    np.testing.assert_array_equal(cross_correlate2d(impulse, kernel), kernel[::-1, ::-1])


@given(image=planes(3, 7), kernel=planes(1, 3))
def test_loops_equal_scipy(image, kernel):
    """Both loops give what scipy.signal gives."""
    np.testing.assert_array_equal(cross_correlate2d(image, kernel), scipy_correlate2d(image, kernel, mode="valid"))
    np.testing.assert_array_equal(convolve2d(image, kernel), scipy_convolve2d(image, kernel, mode="valid"))


@given(a=planes(1, 4), b=planes(1, 4))
def test_convolve2d_commutes(a, b):
    """With full padding it does not matter which of the two is called the kernel; without the flip it does."""
    np.testing.assert_array_equal(convolve2d(pad_full(a, b), b), convolve2d(pad_full(b, a), a))
    forth, back = cross_correlate2d(pad_full(a, b), b), cross_correlate2d(pad_full(b, a), a)
    np.testing.assert_array_equal(forth, back[::-1, ::-1])


@given(image=planes(3, 6), kernel=planes(1, 3), strides=st.integers(2, 3))
def test_strides_keep_every_nth_output(image, kernel, strides):
    """A step of s computes every s-th row and column of the step of 1."""
    every = cross_correlate2d(image, kernel)
    np.testing.assert_array_equal(cross_correlate2d(image, kernel, strides), every[::strides, ::strides])


def test_loops_compute_uint8_as_floats():
    """Pixels of 0 to 255 are not wrapped."""
    image = np.full((2, 2), 255, np.uint8)
    assert cross_correlate2d(image, np.ones((2, 2), np.uint8)).tolist() == [[1020]]
    assert cross_correlate2d(image, [[-1, 0], [0, 0]]).tolist() == [[-255]]


def test_loops_leave_their_inputs_alone():
    """Neither the image nor the kernel changes."""
    image, kernel = IMAGE.copy(), KERNEL.copy()
    convolve2d(image, kernel)
    cross_correlate2d(image, kernel)
    np.testing.assert_array_equal(image, IMAGE)
    np.testing.assert_array_equal(kernel, KERNEL)


@pytest.mark.parametrize("function", [cross_correlate2d, convolve2d])
def test_loops_refuse_other_ranks(function):
    """The argument that is no plane is named with its shape."""
    with pytest.raises(ValueError, match=r"image must have two axes.* Received: image of shape \(3, 3, 1\)"):
        function(IMAGE[..., None], KERNEL)
    with pytest.raises(ValueError, match=r"kernel must have two axes.* Received: kernel of shape \(2,\)"):
        function(IMAGE, [1, 2])


@pytest.mark.parametrize("function", [cross_correlate2d, convolve2d])
def test_loops_refuse_a_larger_kernel(function):
    """A kernel larger than the image on one axis is refused with both sizes."""
    with pytest.raises(ValueError, match="Received: size=3, padding=0, kernel_size=4"):
        function(IMAGE, np.ones((1, 4)))


@pytest.mark.parametrize("strides", [0, -1, 1.5, (1, 2)])
def test_loops_refuse_other_strides(strides):
    """The loops take one step for both axes, a positive integer."""
    with pytest.raises(ValueError) as error:
        cross_correlate2d(IMAGE, KERNEL, strides)
    assert str(error.value) == f"strides must be an integer of at least 1. Received: strides={strides!r}"
