"""Kernels with a name do what the name says."""

import numpy as np
import pytest

from convbook import cross_correlate2d
from convbook.kernels import IDENTITY, LAPLACIAN, SHARPEN, SOBEL_X, SOBEL_Y, box, gaussian

RAMP = np.arange(5.0) * np.ones((5, 1))  # grows by 1 a pixel to the right


def test_identity_changes_nothing():
    """The identity gives back the inner pixels."""
    image = np.arange(20.0).reshape(4, 5)
    np.testing.assert_array_equal(cross_correlate2d(image, IDENTITY), image[1:-1, 1:-1])


def test_kernels_sum_to_what_they_leave_of_a_flat_image():
    """Blurs and sharpening leave a flat image as it is (sum 1); edge finders give 0 on it."""
    for kernel in (IDENTITY, SHARPEN, box(3), box(4), gaussian(5, 1.0), gaussian(4, 2.0)):
        assert kernel.sum() == pytest.approx(1)
    for kernel in (SOBEL_X, SOBEL_Y, LAPLACIAN):
        assert kernel.sum() == 0


def test_sobel_finds_the_slope_and_its_direction():
    """On a ramp of 1 a pixel to the right, SOBEL_X gives 8 and SOBEL_Y gives 0; on one downwards, the reverse."""
    assert (cross_correlate2d(RAMP, SOBEL_X) == 8).all() and (cross_correlate2d(RAMP, SOBEL_Y) == 0).all()
    assert (cross_correlate2d(RAMP.T, SOBEL_Y) == 8).all() and (cross_correlate2d(RAMP.T, SOBEL_X) == 0).all()


def test_laplacian_finds_curvature():
    """The Laplacian is 0 on a ramp, and 2 on the square of a ramp."""
    assert (cross_correlate2d(RAMP, LAPLACIAN) == 0).all()
    assert (cross_correlate2d(RAMP**2, LAPLACIAN) == 2).all()


def test_sharpen_is_identity_minus_laplacian():
    """Sharpening takes the curvature away from the image."""
    np.testing.assert_array_equal(SHARPEN, IDENTITY - LAPLACIAN)


def test_box_by_hand():
    """A box is the mean."""
    np.testing.assert_allclose(box(3), [[1 / 9] * 3] * 3)
    assert cross_correlate2d([[1, 2], [3, 6]], box(2)).item() == 3


def test_gaussian_is_a_bell():
    """Neighbours of the centre are exp(-1 / 2 sigma²) of it, diagonal ones the square of that, on all sides alike."""
    bell = gaussian(5, 1.5)
    ratio = np.exp(-1 / (2 * 1.5**2))
    assert bell[2, 1] / bell[2, 2] == pytest.approx(ratio)
    assert bell[1, 1] / bell[2, 2] == pytest.approx(ratio**2)
    np.testing.assert_allclose(bell, bell.T)
    np.testing.assert_allclose(bell, bell[::-1])
    assert gaussian(5, 0.1)[2, 2] == pytest.approx(1) and gaussian(5, 100)[0, 0] == pytest.approx(1 / 25, rel=1e-3)


@pytest.mark.parametrize("size", [0, -1, 2.5, (2, 3)])
def test_kernels_refuse_other_sizes(size):
    """A size is a positive integer."""
    for kernel in (box, lambda size: gaussian(size, 1.0)):
        with pytest.raises(ValueError) as error:
            kernel(size)
        assert str(error.value) == f"size must be an integer of at least 1. Received: size={size!r}"


@pytest.mark.parametrize("sigma", [0, -1.0, float("nan")])
def test_gaussian_refuses_no_width(sigma):
    """A bell has a positive width."""
    with pytest.raises(ValueError, match=f"sigma must be positive. Received: sigma={sigma!r}"):
        gaussian(3, sigma)
