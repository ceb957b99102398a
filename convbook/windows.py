"""Every window of an image: as a view, and as the rows of one matrix."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convbook.arguments import as_float, check_images
from convbook.padding import pad2d, padding_widths
from convbook.patches import Geometry
from convbook.shapes import pairs


def windows2d(x, kernel_size, strides=1, dilation_rate=1):
    """Every window of x (N, H, W, C), as a view (N, OH, OW, KH, KW, C): nothing is copied.

    >>> windows2d(np.arange(9.0).reshape(1, 3, 3, 1), 2)[0, 1, 1, :, :, 0]
    array([[4., 5.],
           [7., 8.]])
    """
    x = check_images(x)
    (kh, kw), (sh, sw), (dh, dw) = pairs(kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)
    span = (dh * (kh - 1) + 1, dw * (kw - 1) + 1)
    if x.shape[1] < span[0] or x.shape[2] < span[1]:
        raise ValueError(
            f"The (padded) image must be at least as large as the kernel's span {span}. "
            f"Received: image (H, W)={x.shape[1:3]}, kernel_size={(kh, kw)}, dilation_rate={(dh, dw)}"
        )
    view = sliding_window_view(x, span, axis=(1, 2))  # (N, H', W', C, span, span)
    view = view[:, ::sh, ::sw, :, ::dh, ::dw]  # (N, OH, OW, C, KH, KW)
    return view.transpose(0, 1, 2, 4, 5, 3)


def im2col(x, kernel_size, strides=1, padding="valid", dilation_rate=1):
    """The windows of x (N, H, W, C) as rows of one matrix (N * OH * OW, KH * KW * C): a copy.

    A convolution is then one matrix product, `im2col(x, …) @ w.reshape(KH * KW * C, F)`.
    Chellapilla, Puri and Simard (2006).

    >>> im2col(np.arange(9.0).reshape(1, 3, 3, 1), 2)
    array([[0., 1., 3., 4.],
           [1., 2., 4., 5.],
           [3., 4., 6., 7.],
           [4., 5., 7., 8.]])
    """
    x = check_images(x)
    widths = padding_widths(x.shape[1:3], kernel_size, strides, padding, dilation_rate)
    view = windows2d(pad2d(x, widths), kernel_size, strides, dilation_rate)
    return np.array(view, order="C").reshape(-1, np.prod(view.shape[3:]))


def col2im(columns, shape, kernel_size, strides=1, padding="valid", dilation_rate=1):
    """The adjoint of im2col: every number goes back to the pixel it was taken from, and there they are added.

    columns (N * OH * OW, KH * KW * C), `shape` (N, H, W, C) -> an array of that shape. For all x and z,
    sum(im2col(x) * z) = sum(x * col2im(z)). Chapter 07.

    >>> col2im(np.ones((4, 4)), (1, 3, 3, 1), 2)[0, :, :, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    geometry = Geometry.of(shape[1:3], kernel_size, strides, padding, dilation_rate)
    (kh, kw), (oh, ow), (n, channels) = geometry.kernel_size, geometry.output, (shape[0], shape[3])
    expected, [columns] = (n * oh * ow, kh * kw * channels), as_float(columns)
    if columns.shape != expected:
        raise ValueError(f"columns must have the shape {expected}, as im2col gives it. Received: {columns.shape}")
    patches = np.ascontiguousarray(columns.T.reshape(kh * kw * channels, n, oh, ow))
    planes = geometry.zeros(np.empty(shape, columns.dtype))
    geometry.add_patches(planes, patches, slice(0, n), slice(0, oh))
    return geometry.crop(planes)
