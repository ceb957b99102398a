"""One number from each window: the largest, the smallest, the mean."""

import numpy as np

from convbook.padding import check_images, pad2d, padding_widths
from convbook.shapes import pair
from convbook.windows import windows2d


def pool_windows(x, pool_size, strides, padding, value):
    """The windows of x (N, H, W, C), padded with `value`: (N, OH, OW, KH, KW, C)."""
    x = check_images(x)
    x = x.astype(np.result_type(x, np.float32), copy=False)
    pool_size = pair(pool_size, "pool_size")
    strides = pool_size if strides is None else strides
    widths = padding_widths(x.shape[1:3], pool_size, strides, padding)
    if any(max(width) >= size for width, size in zip(widths, pool_size)):
        raise ValueError(
            "Padding must be narrower than the window, or a window would hold no pixel of the image. "
            f"Received: padding={widths}, pool_size={pool_size}"
        )
    return windows2d(pad2d(x, widths, value=value), pool_size, strides)


def max_pool2d(x, pool_size=2, strides=None, padding="valid"):
    """y[n, i, j, c] = max_pq x[n, i*s+p, j*s+q, c]; `strides` defaults to `pool_size`.

    x (N, H, W, C) -> y (N, OH, OW, C). Padding is -inf, so that a padded pixel never wins. Chapter 06.

    >>> max_pool2d(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    return pool_windows(x, pool_size, strides, padding, -np.inf).max(axis=(3, 4))


def min_pool2d(x, pool_size=2, strides=None, padding="valid"):
    """y[n, i, j, c] = min_pq x[n, i*s+p, j*s+q, c]; shapes as `max_pool2d`, padding is +inf."""
    return pool_windows(x, pool_size, strides, padding, np.inf).min(axis=(3, 4))


def average_pool2d(x, pool_size=2, strides=None, padding="valid"):
    """y[n, i, j, c] = mean over the window's pixels inside the image; shapes as `max_pool2d`.

    With padding, the padded pixels are left out of the mean, as in Keras. Chapter 06.

    >>> average_pool2d(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    total = pool_windows(x, pool_size, strides, padding, 0.0).sum(axis=(3, 4))
    inside = np.ones((1, *np.shape(x)[1:3], 1), total.dtype)
    return total / pool_windows(inside, pool_size, strides, padding, 0.0).sum(axis=(3, 4))


def global_average_pool2d(x):
    """y[n, c] = mean_ij x[n, i, j, c]: (N, H, W, C) -> (N, C)."""
    return check_images(x).mean(axis=(1, 2))


def global_max_pool2d(x):
    """y[n, c] = max_ij x[n, i, j, c]: (N, H, W, C) -> (N, C)."""
    return check_images(x).max(axis=(1, 2))
