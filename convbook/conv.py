"""The operation of a convolutional layer, forward and backward."""

import numpy as np

from convbook.arguments import as_float, check_bias, check_dy, check_images, check_kernels
from convbook.patches import Geometry


def conv2d(x, w, b=0.0, strides=1, padding="valid", dilation_rate=1, groups=1):
    """y[n, i, j, f] = b[f] + sum_pqc x[n, i*s+p, j*s+q, c] w[p, q, c, f].

    x (N, H, W, C), w (KH, KW, C, F), b (F,) or a number -> y (N, OH, OW, F). The kernel is not flipped,
    as in Keras' `Conv2D`. `padding`: "valid", "same", "full", an int or ((top, bottom), (left, right)).
    With `groups`, w is (KH, KW, C / groups, F): each group of filters sees its own C / groups channels.
    Integers are computed as floats. ValueError if the shapes do not fit. Chapters 02 to 05.

    >>> x = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> conv2d(x, np.ones((2, 2, 1, 1)))[0, :, :, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    x = check_images(x)
    w = check_kernels(w, x.shape[3], groups)
    b = check_bias(b, w.shape[3])
    x, w = as_float(x, w)
    geometry = Geometry.of(x.shape[1:3], w.shape[:2], strides, padding, dilation_rate, len(x), x.shape[3])
    if groups > 1:
        parts = zip(*(np.split(array, groups, axis=-1) for array in (x, w, np.broadcast_to(b, w.shape[3]))))
        return np.concatenate([conv2d(*part, strides, padding, dilation_rate) for part in parts], axis=3)
    planes, kernels = geometry.planes(x), w.reshape(-1, w.shape[3])  # (C, N, H', W'), (KH*KW*C, F)
    y = np.empty((len(x), *geometry.output, w.shape[3]), x.dtype)
    for images, rows in geometry.blocks(len(x), x.shape[3]):
        answers = geometry.patches(planes, images, rows).T @ kernels  # (windows, F)
        place = geometry.windows_of(y[images, rows])
        np.add(answers.reshape(place.shape), b, out=place)
    return y


def conv2d_backward(dy, x, w, strides=1, padding="valid", dilation_rate=1, groups=1):
    """dx[n, i*s+p, j*s+q, c] += sum_f dy[n, i, j, f] w[p, q, c, f]; dw and db as in `conv2d_backward_kernel`.

    The gradients (dx, dw, db) of the loss, of the shapes of x, w and b, from its gradient dy (N, OH, OW, F) with
    respect to y = conv2d(x, w, b, …) with the same options. Pixels in several windows collect a sum.
    ValueError if the shapes do not fit. Chapter 07.

    >>> x, w = np.arange(3.0).reshape(1, 1, 3, 1), np.array([1.0, 10.0]).reshape(1, 2, 1, 1)
    >>> dx, dw, db = conv2d_backward(np.ones((1, 1, 2, 1)), x, w)
    >>> dx.ravel(), dw.ravel(), db
    (array([ 1., 11., 10.]), array([1., 3.]), array([2.]))
    """
    dx = conv2d_backward_input(dy, x, w, strides, padding, dilation_rate, groups)
    return dx, *conv2d_backward_kernel(dy, x, w, strides, padding, dilation_rate, groups)


def conv2d_backward_kernel(dy, x, w, strides=1, padding="valid", dilation_rate=1, groups=1):
    """dw[p, q, c, f] = sum_nij x[n, i*s+p, j*s+q, c] dy[n, i, j, f]; db[f] = sum_nij dy[n, i, j, f].

    Only the gradients (dw, db) of the weights: enough for the first layer of a network. Arguments as `conv2d_backward`.
    """
    dy, x, w, geometry = check_backward(dy, x, w, strides, padding, dilation_rate, groups)
    if groups > 1:
        parts = zip(*(np.split(array, groups, axis=3) for array in (dy, x, w)))
        gradients = [conv2d_backward_kernel(*part, strides, padding, dilation_rate) for part in parts]
        return tuple(np.concatenate(gradient, axis=-1) for gradient in zip(*gradients))
    planes, dkernels = geometry.planes(x), np.zeros_like(w.reshape(-1, w.shape[3]))  # (C, N, H', W'), (KH*KW*C, F)
    for images, rows in geometry.blocks(len(x), x.shape[3]):
        d = geometry.windows_of(dy[images, rows]).reshape(-1, w.shape[3])  # (windows, F)
        dkernels += geometry.patches(planes, images, rows) @ d
    d = dy.reshape(-1, w.shape[3])  # (N * OH * OW, F)
    return dkernels.reshape(w.shape), np.ones(len(d), d.dtype) @ d  # a product is faster than a sum over few columns


def conv2d_backward_input(dy, x, w, strides=1, padding="valid", dilation_rate=1, groups=1):
    """dx[n, i*s+p, j*s+q, c] += sum_f dy[n, i, j, f] w[p, q, c, f]. Arguments as `conv2d_backward`; x gives the shape."""
    dy, x, w, geometry = check_backward(dy, x, w, strides, padding, dilation_rate, groups)
    if groups > 1:
        parts = zip(*(np.split(array, groups, axis=3) for array in (dy, x, w)))
        gradients = [conv2d_backward_input(*part, strides, padding, dilation_rate) for part in parts]
        return np.concatenate(gradients, axis=3)
    dplanes = geometry.zeros(x)  # (C, N, H', W')
    for images, rows in geometry.blocks(len(x), x.shape[3]):
        d = geometry.windows_of(dy[images, rows]).reshape(-1, w.shape[3])  # (windows, F)
        geometry.add_products(dplanes, w, d, images, rows)
    return geometry.crop(dplanes)


def check_backward(dy, x, w, strides, padding, dilation_rate, groups):
    """The arguments of a backward pass in one type, and their geometry; ValueError if the shapes do not fit."""
    x = check_images(x)
    w = check_kernels(w, x.shape[3], groups)
    geometry = Geometry.of(x.shape[1:3], w.shape[:2], strides, padding, dilation_rate, len(x), x.shape[3])
    return *as_float(check_dy(dy, (len(x), *geometry.output, w.shape[3])), x, w), geometry
