"""ReLU and softmax."""

import numpy as np

from convbook.arguments import as_float


def relu(x):
    """y = max(0, x), for each number.

    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return np.maximum(x, 0)


def relu_backward(dy, x):
    """dx = dy where x > 0, else 0 (at x = 0 too, as in TensorFlow).

    >>> relu_backward(np.array([5.0, 5.0, 5.0]), np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 5.])
    """
    return dy * (np.asarray(x) > 0)


def softmax(z):
    """exp(z_k) / sum_k exp(z_k) along the last axis, computed without overflow.

    >>> softmax(np.array([0.0, np.log(3.0)])).round(6)
    array([0.25, 0.75])
    """
    [z] = as_float(z)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
