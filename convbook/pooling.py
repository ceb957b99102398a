"""One number from each window: the largest, the smallest, the mean; forward and backward.

Pixel (p, q) of all windows at once is a strided view of the image, its tap: a pool is a few operations on
whole taps.
"""

import numpy as np

from convbook.arguments import as_float, check_dy, check_images
from convbook.padding import pad2d
from convbook.patches import BLOCK, Geometry
from convbook.shapes import pair


def pool_geometry(x, pool_size, strides, padding):
    """Where the windows lie on images x (N, H, W, C); `strides` defaults to `pool_size`."""
    pool_size = pair(pool_size, "pool_size")
    geometry = Geometry.of(x.shape[1:3], pool_size, pool_size if strides is None else strides, padding, 1)
    if any(max(width) >= size for width, size in zip(geometry.widths, pool_size)):
        raise ValueError(
            "Padding must be narrower than the window, or a window would hold no pixel of the image. "
            f"Received: padding={geometry.widths}, pool_size={pool_size}"
        )
    return geometry


def taps(x, geometry):
    """Pixel (p, q) of every window, for each p and q: views (N, OH, OW, C) of padded images (N, H', W', C)."""
    rows = slice(0, geometry.output[0])
    return [x[:, *geometry.reach(rows, p, q)] for p, q in np.ndindex(geometry.kernel_size)]


def padded(x, geometry, value):
    """Images x (N, H, W, C) padded with `value`: (N, H', W', C), x itself where there is no padding."""
    return pad2d(x, geometry.widths, value=value) if np.any(geometry.widths) else x


def padded_taps(x, geometry, value):
    """The taps of images x (N, H, W, C) that are padded with `value`."""
    return taps(padded(x, geometry, value), geometry)


def image_blocks(x):
    """Slices of the images, each of a few that fit in the processor's cache."""
    step = max(1, 2 * BLOCK // x[0].size) if len(x) else 1
    return [slice(k, k + step) for k in range(0, len(x), step)]


def combine(x, geometry, value, function, weights=None):
    """The windows of padded images, combined by a function of two arrays: (N, H, W, C) -> (N, OH, OW, C).

    First the rows of each window, as long runs of memory, then the columns of what is left; then times `weights` (OH, OW, C).
    """
    y, all_rows = np.empty((len(x), *geometry.output, x.shape[3]), x.dtype), slice(0, geometry.output[0])
    memory = None  # of a block's rows: written again and again, it stays in the cache
    for images in image_blocks(x):
        block = padded(x[images], geometry, value)
        memory = np.empty((len(block), geometry.output[0], *block.shape[2:]), x.dtype) if memory is None else memory
        rows = memory[: len(block)]
        fold([block[:, geometry.reach(all_rows, p, 0)[0]] for p in range(geometry.kernel_size[0])], function, rows)
        fold([rows[:, :, geometry.reach(all_rows, 0, q)[1]] for q in range(geometry.kernel_size[1])], function, y[images])
        if weights is not None:
            y[images] *= weights
    return y


def fold(views, function, out):
    """All views of one shape, combined by a function of two arrays, in `out`."""
    first, *others = views
    if not others:
        out[...] = first
        return
    function(first, others[0], out=out)
    for view in others[1:]:
        function(out, view, out=out)


def windows_tile(x, geometry):
    """Whether each pixel of the padded images lies in exactly one window."""
    covered = tuple(np.multiply(geometry.output, geometry.strides))
    return geometry.strides == geometry.kernel_size and geometry.padded_size(x) == covered


def no_gradient(x, geometry):
    """dx (N, H', W', C) of the padded images before the windows have sent anything: zeros.

    Where windows tile the images, each pixel will be written once: then it is memory that holds whatever it holds.
    """
    make = np.empty if windows_tile(x, geometry) else np.zeros
    return make((len(x), *geometry.padded_size(x), x.shape[3]), x.dtype)


def crop(dx, x, geometry):
    """The part of dx (N, H', W', C) that belongs to the images x, without the padding."""
    (top, _), (left, _) = geometry.widths
    return dx[:, top : top + x.shape[1], left : left + x.shape[2]]


def max_pool2d(x, pool_size=2, strides=None, padding="valid"):
    """y[n, i, j, c] = max_pq x[n, i*s+p, j*s+q, c]; `strides` defaults to `pool_size`.

    x (N, H, W, C) -> y (N, OH, OW, C). Padding is -inf, so that a padded pixel never wins. Chapter 06.

    >>> max_pool2d(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    [x] = as_float(check_images(x))
    return combine(x, pool_geometry(x, pool_size, strides, padding), -np.inf, np.maximum)


def max_pool2d_backward(dy, x, pool_size=2, strides=None, padding="valid", y=None):
    """dx of y = max_pool2d(x, …): each dy goes to the pixel that was largest, in a tie to the first of them.

    dy (N, OH, OW, C), x (N, H, W, C) -> dx (N, H, W, C). A pixel that wins in several windows collects a sum.
    "First" is row by row, as in TensorFlow. A y that is known already need not be computed again.
    ValueError if the shapes do not fit. Chapter 07.

    >>> x = np.array([[1.0, 3.0], [3.0, 2.0]]).reshape(1, 2, 2, 1)
    >>> max_pool2d_backward(np.full((1, 1, 1, 1), 5.0), x)[0, :, :, 0]
    array([[0., 5.],
           [0., 0.]])
    """
    y = max_pool2d(x, pool_size, strides, padding) if y is None else y
    x, y, dy = as_float(check_images(x), y, check_dy(dy, y.shape))
    geometry = pool_geometry(x, pool_size, strides, padding)
    dx, put = no_gradient(x, geometry), share_rule(geometry)
    for images in image_blocks(x):
        views = padded_taps(x[images], geometry, -np.inf)
        send_back(dy[images], y[images], views, taps(dx[images], geometry), put)
    return crop(dx, x, geometry)


def send_back(dy, y, views, dviews, put):
    """Puts each dy at the first tap that equals y, in place; what no tap before has taken belongs to the last one."""
    left, share, hit = dy.copy(), np.empty_like(dy), np.empty(dy.shape, bool)
    for view, dview in zip(views[:-1], dviews[:-1]):
        np.equal(view, y, out=hit)
        np.multiply(left, hit.view(np.uint8), out=share)
        put(dview, share)
        left -= share
    put(dviews[-1], left)


def share_rule(geometry):
    """How a share reaches its pixel, in place: added where windows overlap; written, which is faster, where they do not."""
    if all(step >= size for step, size in zip(geometry.strides, geometry.kernel_size)):
        return np.copyto
    return lambda place, share: np.add(place, share, out=place)


def min_pool2d(x, pool_size=2, strides=None, padding="valid"):
    """y[n, i, j, c] = min_pq x[n, i*s+p, j*s+q, c]; shapes as `max_pool2d`, padding is +inf."""
    return -max_pool2d(-as_float(check_images(x))[0], pool_size, strides, padding)


def min_pool2d_backward(dy, x, pool_size=2, strides=None, padding="valid"):
    """dx of y = min_pool2d(x, …): each dy goes to the first pixel that was smallest; shapes as `max_pool2d_backward`."""
    return max_pool2d_backward(dy, -as_float(check_images(x))[0], pool_size, strides, padding)


def window_weights(x, geometry):
    """What a pixel counts in the mean of its window, 1 / (pixels of the window inside the image): (OH, OW, C)."""
    [counts] = sum(padded_taps(np.ones((1, *x.shape[1:3], 1), x.dtype), geometry, 0.0))  # (OH, OW, 1)
    return np.repeat(1 / counts, x.shape[3], axis=2)  # of the size of an output, since NumPy multiplies long runs faster


def average_pool2d(x, pool_size=2, strides=None, padding="valid"):
    """y[n, i, j, c] = mean over the window's pixels inside the image; shapes as `max_pool2d`.

    With padding, the padded pixels are left out of the mean, as in Keras. Chapter 06.

    >>> average_pool2d(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    [x] = as_float(check_images(x))
    geometry = pool_geometry(x, pool_size, strides, padding)
    return combine(x, geometry, 0.0, np.add, window_weights(x, geometry))


def average_pool2d_backward(dy, x, pool_size=2, strides=None, padding="valid"):
    """dx of y = average_pool2d(x, …): each dy is shared equally by the window's pixels inside the image.

    dy (N, OH, OW, C), x (N, H, W, C) -> dx (N, H, W, C). Chapter 07.
    """
    x, dy = as_float(check_images(x), dy)
    geometry = pool_geometry(x, pool_size, strides, padding)
    share = check_dy(dy, (len(x), *geometry.output, x.shape[3])) * window_weights(x, geometry)
    if windows_tile(x, geometry):
        height, width = geometry.kernel_size
        return crop(share.repeat(width, axis=2).repeat(height, axis=1), x, geometry)
    dx, put, all_rows = no_gradient(x, geometry), share_rule(geometry), slice(0, geometry.output[0])
    for images in image_blocks(x):
        rows = np.zeros((len(x[images]), geometry.output[0], *dx.shape[2:]), x.dtype)
        for q in range(geometry.kernel_size[1]):  # first along the columns of the windows, then whole rows
            put(rows[:, :, geometry.reach(all_rows, 0, q)[1]], share[images])
        for p in range(geometry.kernel_size[0]):
            put(dx[images, geometry.reach(all_rows, p, 0)[0]], rows)
    return crop(dx, x, geometry)


def global_average_pool2d(x):
    """y[n, c] = mean_ij x[n, i, j, c]: (N, H, W, C) -> (N, C)."""
    return check_images(x).mean(axis=(1, 2))


def global_average_pool2d_backward(dy, x):
    """dx[n, i, j, c] = dy[n, c] / (H W): (N, C) -> (N, H, W, C)."""
    [x] = as_float(check_images(x))
    dy = check_dy(dy, (len(x), x.shape[3]))
    return np.broadcast_to(dy[:, None, None] / (x.shape[1] * x.shape[2]), x.shape).copy()


def global_max_pool2d(x):
    """y[n, c] = max_ij x[n, i, j, c]: (N, H, W, C) -> (N, C)."""
    return check_images(x).max(axis=(1, 2))


def global_max_pool2d_backward(dy, x):
    """dx of y = global_max_pool2d(x): dy goes to the largest pixels, tied ones share it equally, as in TensorFlow."""
    [x] = as_float(check_images(x))
    dy = check_dy(dy, (len(x), x.shape[3]))
    hit = x == x.max(axis=(1, 2), keepdims=True)
    share = dy / hit.sum(axis=(1, 2))
    return hit * share.astype(x.dtype)[:, None, None]
