"""Every window of an image: as a view, and as the rows of one matrix."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convbook.padding import check_images, pad2d, padding_widths
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
