"""Gradients measured by small steps: what every derived gradient is checked against."""

import numpy as np


def numerical_gradient(function, x, step=1e-6):
    """(function(x + step) - function(x - step)) / (2 step), for each number of x.

    `function` takes an array like x and returns a number; x is float64 and comes back unchanged. The gradient has
    the shape of x. The error is of the order of step² (central differences).

    >>> numerical_gradient(lambda x: (x**2).sum(), np.array([1.0, 3.0])).round(6)
    array([2., 6.])
    """
    x = np.array(x, np.float64)
    gradient = np.empty_like(x)
    for place in np.ndindex(x.shape):
        value = x[place]
        x[place] = value + step
        above = function(x)
        x[place] = value - step
        below = function(x)
        x[place] = value
        gradient[place] = (above - below) / (2 * step)
    return gradient


def check_gradient(function, backward, x, seed=0, step=1e-6):
    """The largest relative error of a derived gradient: |derived - measured| / max(|derived|, |measured|).

    `function(x)` returns an array y; `backward(dy)` returns the derived dx for a gradient dy of y's shape. A random
    dy turns y into one number, sum(dy * y). Both gradients are compared as wholes, by their largest entries. A
    right backward pass in float64 gives about 1e-9; 1e-4 is an error.

    >>> x = np.array([1.0, -2.0, 3.0])
    >>> check_gradient(lambda x: x**2, lambda dy: 2 * x * dy, x) < 1e-8
    True
    """
    x = np.asarray(x, np.float64)
    y = np.asarray(function(x))
    dy = np.random.default_rng(seed).normal(size=y.shape)
    derived = np.asarray(backward(dy))
    if derived.shape != x.shape:
        raise ValueError(f"A gradient must have the shape of its array, {x.shape}. Received: shape {derived.shape}")
    measured = numerical_gradient(lambda x: float((function(x) * dy).sum()), x, step)
    largest = max(np.abs(derived).max(), np.abs(measured).max(), 1e-12)
    return float(np.abs(derived - measured).max() / largest)
