"""The definition, in loops, on one plane: slow, and simple enough to be believed."""

import numpy as np

from convbook.shapes import output_size


def check_plane(name, array):
    """`array` as a plane (H, W), or an error that shows what it was."""
    array = np.asarray(array)
    if array.ndim != 2:
        raise ValueError(f"{name} must have two axes, (height, width). Received: {name} of shape {array.shape}")
    return array


def cross_correlate2d(image, kernel, strides=1):
    """y[i, j] = sum_pq image[i * strides + p, j * strides + q] kernel[p, q], for every window that fits.

    image (H, W), kernel (KH, KW) -> y (OH, OW). The kernel is not flipped. Chapter 02.

    >>> cross_correlate2d([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[0, 1], [2, 0]])
    array([[10., 13.],
           [19., 22.]])
    """
    image, kernel = check_plane("image", image), check_plane("kernel", kernel)
    height, width = (output_size(size, k, strides) for size, k in zip(image.shape, kernel.shape))
    y = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            for p in range(kernel.shape[0]):
                for q in range(kernel.shape[1]):
                    y[i, j] += float(image[i * strides + p, j * strides + q]) * float(kernel[p, q])
    return y


def convolve2d(image, kernel):
    """y[i, j] = sum_pq image[i + KH-1-p, j + KW-1-q] kernel[p, q]: the kernel is flipped on both axes.

    image (H, W), kernel (KH, KW) -> y (H - KH + 1, W - KW + 1). This is what mathematics calls a
    convolution; a layer of a network does not flip (see `conv2d`). Chapter 02.

    >>> convolve2d([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[0, 1], [2, 0]])
    array([[ 8., 11.],
           [17., 20.]])
    """
    return cross_correlate2d(image, check_plane("kernel", kernel)[::-1, ::-1])
