"""Batch normalisation: each channel brought to mean 0 and variance 1 over the batch, then scaled and moved."""

import numpy as np

from convbook.arguments import as_float

EPSILON = 1e-3  # Keras' default


def moments(x):
    """Mean (C,) and variance (C,) of each channel of x (..., C), as two products with a vector of ones.

    A product is faster than NumPy's `mean` over the leading axes, which visits short rows.
    """
    [x] = as_float(x)
    rows = x.reshape(-1, x.shape[-1])
    ones = np.ones(len(rows), x.dtype)
    mean = ones @ rows / len(rows)
    squares = rows - mean
    squares *= squares
    return mean, ones @ squares / len(rows)


def batch_normalization(x, gamma, beta, mean, variance, epsilon=EPSILON):
    """y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, for each channel.

    x (..., C), the others (C,) -> y (..., C). In training, mean and variance are `moments(x)`; at inference, averages
    kept from training. Ioffe and Szegedy (2015), https://arxiv.org/abs/1502.03167.

    >>> x = np.array([[1.0], [3.0]])
    >>> batch_normalization(x, 1.0, 0.0, *moments(x), epsilon=0.0).ravel()
    array([-1.,  1.])
    """
    scale = gamma / np.sqrt(variance + epsilon)
    return x * scale + (beta - mean * scale)


def batch_normalization_backward(dy, x, gamma, epsilon=EPSILON, known_moments=None):
    """dx, dgamma, dbeta of y in training, where mean and variance come from x itself.

    dx = gamma / s * (dy - mean(dy) - x̂ mean(dy x̂)), with x̂ = (x - mean) / s and s = sqrt(variance + epsilon).
    dy and x (..., C), gamma (C,) -> dx (..., C), dgamma (C,), dbeta (C,). Moments of x that are known already need not
    be computed again. Chapter 07.
    """
    mean, variance = moments(x) if known_moments is None else known_moments
    s = np.sqrt(variance + epsilon)
    rows, d = x.reshape(-1, x.shape[-1]), dy.reshape(-1, x.shape[-1])
    ones = np.ones(len(rows), d.dtype)
    dx = rows - mean  # s times x̂; the steps below make dx of it, in place
    dgamma, dbeta = ones @ (d * dx) / s, ones @ d
    dx *= -dgamma / (s * len(rows))
    dx += d
    dx -= dbeta / len(rows)
    dx *= gamma / s
    return dx.reshape(x.shape), dgamma, dbeta
