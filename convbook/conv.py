"""The operation of a convolutional layer."""

import numpy as np

from convbook.padding import check_images, padding_widths
from convbook.shapes import output_size, pairs
from convbook.windows import im2col


def check_kernels(w, channels):
    """`w` as an array (KH, KW, C, F) whose depth is the images' number of channels."""
    w = np.asarray(w)
    if w.ndim != 4 or 0 in w.shape:
        raise ValueError(f"Kernels must have the shape (KH, KW, C, F), nowhere 0. Received: shape {w.shape}")
    if w.shape[2] != channels:
        raise ValueError(
            f"A kernel must be as deep as its input. Received: {channels} input channels, "
            f"kernels of depth {w.shape[2]} (w has shape {w.shape}, read as (KH, KW, C, F))"
        )
    return w


def check_bias(b, filters):
    """`b` as an array () or (F,): one number for all filters, or one for each."""
    b = np.asarray(b)
    if b.shape not in ((), (filters,)):
        raise ValueError(f"b must be a number or one number a filter. Received: b of shape {b.shape}, {filters} filters")
    return b


def conv2d(x, w, b=0.0, strides=1, padding="valid", dilation_rate=1):
    """y[n, i, j, f] = b[f] + sum_pqc x[n, i*s+p, j*s+q, c] w[p, q, c, f].

    x (N, H, W, C), w (KH, KW, C, F), b (F,) or a number -> y (N, OH, OW, F). The kernel is not flipped,
    as in Keras' `Conv2D`. `padding`: "valid", "same", "full", an int or ((top, bottom), (left, right)).
    Integers are computed as floats. ValueError if the shapes do not fit. Chapters 02 to 05.

    >>> x = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> conv2d(x, np.ones((2, 2, 1, 1)))[0, :, :, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    x = check_images(x)
    w = check_kernels(w, x.shape[3])
    b = check_bias(b, w.shape[3])
    dtype = np.result_type(x, w, np.float32)
    steps, rates = pairs(strides=strides, dilation_rate=dilation_rate)
    widths = padding_widths(x.shape[1:3], w.shape[:2], strides, padding, dilation_rate)
    sizes = zip(x.shape[1:3], w.shape[:2], steps, map(sum, widths), rates)
    patches = im2col(x.astype(dtype, copy=False), w.shape[:2], strides, widths, dilation_rate)
    y = patches @ w.reshape(-1, w.shape[3]).astype(dtype, copy=False) + b.astype(dtype)
    return y.reshape(len(x), *(output_size(*axis) for axis in sizes), w.shape[3])
