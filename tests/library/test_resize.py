"""Images of another size, by hand and by the mean that they keep."""

import numpy as np
import pytest

from convbook.resize import area_means, central_square


def test_area_means_by_hand():
    """Six rows in three are means of two; five in two: the third row counts half in both."""
    np.testing.assert_allclose(area_means(np.arange(6), 3), [0.5, 2.5, 4.5])
    np.testing.assert_allclose(area_means(np.array([1, 2, 3, 4, 5]), 2), [(1 + 2 + 1.5) / 2.5, (1.5 + 4 + 5) / 2.5])
    np.testing.assert_allclose(area_means(np.array([4, 8]), 4), [4, 4, 8, 8])


@pytest.mark.parametrize("shape, size", [((7, 9, 3), 5), ((30, 20, 3), 8), ((5, 5), 11), ((4, 6, 3), 4)])
def test_central_square_keeps_the_mean_of_the_middle(shape, size):
    """The square is cut from the middle, and resizing keeps the mean brightness, up to rounding."""
    image = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    side = min(shape[:2])
    top, left = (shape[0] - side) // 2, (shape[1] - side) // 2
    square = central_square(image, size)
    assert square.shape == (size, size, *shape[2:]) and square.dtype == np.uint8
    assert abs(square.mean() - image[top : top + side, left : left + side].mean()) < 0.5
    if size == side:
        np.testing.assert_array_equal(square, image[top : top + side, left : left + side])
