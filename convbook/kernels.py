"""Kernels that have a name, each (KH, KW)."""

import numpy as np

from convbook.shapes import check_integers

IDENTITY = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], float)
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], float)
SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)  # grows to the right: finds vertical edges
SOBEL_Y = SOBEL_X.T  # grows downwards: finds horizontal edges
LAPLACIAN = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], float)


def box(size):
    """A mean over `size` by `size` pixels.

    >>> box(2)
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    check_integers(1, size=size)
    return np.full((size, size), 1 / size**2)


def gaussian(size, sigma):
    """A bell of standard deviation `sigma` pixels on `size` by `size` pixels, with sum 1."""
    check_integers(1, size=size)
    if not sigma > 0:
        raise ValueError(f"sigma must be positive. Received: sigma={sigma!r}")
    offsets = np.arange(size) - (size - 1) / 2
    bell = np.exp(-(offsets**2) / (2 * sigma**2))
    return np.outer(bell, bell) / bell.sum() ** 2
