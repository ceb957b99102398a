"""Softmax and cross-entropy as one function, because their gradient together is short: probability minus target."""

import numpy as np

from convbook.activations import softmax
from convbook.arguments import as_float


def smooth_targets(labels, classes, label_smoothing=0.0):
    """Target probabilities (N, classes): 1 - label_smoothing for the label, and label_smoothing / classes for each class.

    Szegedy et al. (2016), section 7.

    >>> smooth_targets([1], 2, 0.1)
    array([[0.05, 0.95]])
    """
    labels = np.asarray(labels)
    if (
        labels.ndim != 1
        or labels.dtype.kind not in "iu"
        or labels.size == 0
        or not 0 <= labels.min() <= labels.max() < classes
    ):
        raise ValueError(
            f"Labels must be integers (N,) from 0 to {classes - 1}. Received: shape {labels.shape}, dtype {labels.dtype}"
            + (f", from {labels.min()} to {labels.max()}" if labels.size else "")
        )
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing must be from 0 to 1. Received: label_smoothing={label_smoothing!r}")
    return (1 - label_smoothing) * np.eye(classes)[labels] + label_smoothing / classes


def softmax_cross_entropy(z, labels, label_smoothing=0.0):
    """loss = -1/N sum_nk t_nk log softmax(z_n)_k, and its gradient dz = (softmax(z) - t) / N.

    z (N, K) logits, labels (N,) integers -> the mean loss (a number) and dz (N, K). Chapter 07.

    >>> loss, dz = softmax_cross_entropy(np.zeros((1, 10)), [3])
    >>> round(loss, 4), dz[0, :4].round(1)
    (2.3026, array([ 0.1,  0.1,  0.1, -0.9]))
    """
    [z] = as_float(z)
    if z.ndim != 2 or len(z) != len(labels):
        raise ValueError(f"Logits must be (N, K) with N labels. Received: shape {z.shape}, {len(labels)} labels")
    targets = smooth_targets(labels, z.shape[1], label_smoothing).astype(z.dtype)
    shifted = z - z.max(axis=1, keepdims=True)
    log_probability = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -(targets * log_probability).sum() / len(z)
    return float(loss), (softmax(z) - targets) / len(z)
