"""Pixels added around an image."""

import numpy as np

from convbook.arguments import check_images
from convbook.shapes import pairs, same_padding

MODES = ("constant", "reflect", "edge")
WIDTHS = "an integer of at least 0 or ((top, bottom), (left, right))"


def padding_widths(shape, kernel_size, strides=1, padding="valid", dilation_rate=1):
    """((top, bottom), (left, right)) that `padding` means for images of `shape` (H, W).

    `padding` is "valid" (none), "same" (output of ceil(size / strides)), "full" (every window that
    touches the image), an int (that many on all four sides) or ((top, bottom), (left, right)).

    >>> padding_widths((28, 28), 3, padding="same")
    ((1, 1), (1, 1))
    """
    kernel, steps, rates = pairs(kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)
    if not isinstance(padding, str):
        return explicit_widths(padding, "padding must be 'valid', 'same', 'full', ")
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "same":
        return tuple(same_padding(*axis) for axis in zip(shape, kernel, steps, rates))
    if padding == "full":
        return tuple((r * (k - 1), r * (k - 1)) for k, r in zip(kernel, rates))
    raise ValueError(f"padding must be 'valid', 'same', 'full', {WIDTHS}. Received: {padding!r}")


def explicit_widths(widths, must_be="widths must be "):
    """((top, bottom), (left, right)) from an int or from the widths themselves."""
    try:
        array = np.array(widths)
    except ValueError:  # pairs of different lengths
        array = np.array(None)
    if array.shape in ((), (2, 2)) and np.issubdtype(array.dtype, np.integer) and (array >= 0).all():
        return tuple((int(a), int(b)) for a, b in np.broadcast_to(array, (2, 2)))
    raise ValueError(f"{must_be}{WIDTHS}. Received: {widths!r}")


def pad2d(x, widths, mode="constant", value=0.0):
    """x (N, H, W, C) with `widths` = int or ((top, bottom), (left, right)) more pixels: (N, H', W', C).

    `mode` is "constant" (pixels of `value`), "reflect" (mirrored at the border pixel, which is not
    repeated) or "edge" (the border pixel repeated).

    >>> pad2d(np.ones((1, 2, 2, 1)), 1)[0, :, :, 0]
    array([[0., 0., 0., 0.],
           [0., 1., 1., 0.],
           [0., 1., 1., 0.],
           [0., 0., 0., 0.]])
    """
    if mode not in MODES:
        raise ValueError(f"mode must be one of {MODES}. Received: mode={mode!r}")
    x = check_images(x)
    if x.dtype.kind in "biu" and (not np.isfinite(value) or np.array(value).astype(x.dtype) != value):
        raise ValueError(f"value must be one that pixels of {x.dtype} can have. Received: value={value!r}")
    rows, columns = explicit_widths(widths)
    options = {"constant_values": value} if mode == "constant" else {}
    return np.pad(x, ((0, 0), rows, columns, (0, 0)), mode=mode, **options)
