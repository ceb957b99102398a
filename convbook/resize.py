"""Images of another size: the square in the middle, and means of areas. Chapters 11 and 12."""

import numpy as np


def central_square(image, size=224):
    """The largest square in the middle of an image (H, W, …), resized to (size, size, …), uint8.

    Each new pixel is the mean of the area that it covers.
    """
    image = np.asarray(image)
    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    square = image[top : top + side, left : left + side]
    for _ in range(2):  # first the rows, then the columns
        square = area_means(square, size).swapaxes(0, 1)
    return np.round(square).astype(np.uint8)


def area_means(x, size):
    """Means of `size` equal parts of the first axis, which may begin and end within a row: the sums up to each edge,
    subtracted from one another."""
    edges = np.arange(size + 1) * len(x) / size
    whole = np.minimum(edges.astype(int), len(x) - 1)
    part = (edges - whole).reshape(-1, *[1] * (x.ndim - 1))
    sums = np.concatenate([np.zeros_like(x[:1], float), np.cumsum(x, axis=0, dtype=float)])
    return np.diff(sums[whole] + part * x[whole], axis=0) * size / len(x)
