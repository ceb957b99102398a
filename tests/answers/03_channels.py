"""Answers to assignment 03 that are not the reference: right ones written differently, and zeros."""

import numpy as np


def vectorised_depthwise_with_multiplier(x, w):
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[:2], axis=(1, 2))
    y = np.einsum("nijcpq,pqcd->nijcd", windows, w)
    return y.reshape(*y.shape[:3], -1)


def vectorised_grouped_channels_first(x, w, b, groups):
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[2:], axis=(2, 3))
    n, _, height, width, kh, kw = windows.shape
    windows = windows.reshape(n, groups, w.shape[1], height, width, kh, kw)
    filters = w.reshape(groups, -1, *w.shape[1:])
    y = np.einsum("ngcijpq,gfcpq->ngfij", windows, filters)
    return y.reshape(n, len(w), height, width) + b[:, None, None]


def vectorised_shuffle_channels(x, groups):
    order = np.arange(x.shape[3]).reshape(groups, -1).T.reshape(-1)
    return x[..., order]


def vectorised_fold_1x1(u, a, v, e):
    return np.tensordot(u, v.astype(float), 1), a @ v.astype(float) + e


def vectorised_network_cost(shape, layers):
    kh, kw, filters, groups = np.array(layers).T
    channels = np.concatenate([shape[2:], filters[:-1]])
    weights = kh * kw * (channels // groups) * filters
    places = (shape[0] - np.cumsum(kh - 1)) * (shape[1] - np.cumsum(kw - 1))
    return int((weights + filters).sum()), int(weights @ places)


def zeros_depthwise_with_multiplier(x, w):
    n, height, width, _ = x.shape
    return np.zeros((n, height - w.shape[0] + 1, width - w.shape[1] + 1, w.shape[2] * w.shape[3]))


def zeros_grouped_channels_first(x, w, b, groups):
    n, _, height, width = x.shape
    return np.zeros((n, len(w), height - w.shape[2] + 1, width - w.shape[3] + 1))


def zeros_shuffle_channels(x, groups):
    return np.zeros(x.shape)


def zeros_fold_1x1(u, a, v, e):
    return np.zeros((*u.shape[:3], len(e))), np.zeros(len(e))


def zeros_network_cost(shape, layers):
    return 0, 0


FUNCTIONS = ["depthwise_with_multiplier", "grouped_channels_first", "shuffle_channels", "fold_1x1", "network_cost"]
VECTORISED = {function: globals()[f"vectorised_{function}"] for function in FUNCTIONS}
ZEROS = {function: globals()[f"zeros_{function}"] for function in FUNCTIONS}
