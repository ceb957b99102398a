"""What must hold of the arrays that a person passes in; each error says what was received."""

import numpy as np


def check_images(x):
    """`x` as an array (N, H, W, C), or an error that shows what it was."""
    x = np.asarray(x)
    if x.ndim != 4:
        raise ValueError(f"Images must have the shape (N, H, W, C). Received: shape {x.shape}")
    if 0 in x.shape[1:] or x.dtype.kind not in "biufc":
        raise ValueError(f"Images must hold at least one number each. Received: shape {x.shape}, dtype {x.dtype}")
    return x


def check_kernels(w, channels, groups=1):
    """`w` as an array (KH, KW, C / groups, F) that fits images of C channels."""
    w = np.asarray(w)
    if w.ndim != 4 or 0 in w.shape:
        raise ValueError(f"Kernels must have the shape (KH, KW, C, F), nowhere 0. Received: shape {w.shape}")
    if not isinstance(groups, int) or groups < 1 or channels % groups or w.shape[3] % groups:
        raise ValueError(
            "groups must be an integer that divides the channels and the filters. "
            f"Received: groups={groups!r}, {channels} channels, {w.shape[3]} filters"
        )
    if w.shape[2] * groups != channels:
        raise ValueError(
            f"A kernel must be as deep as its input{' in each group' if groups > 1 else ''}. Received: {channels} input "
            f"channels, groups={groups}, kernels of depth {w.shape[2]} (w has shape {w.shape}, read as (KH, KW, C, F))"
        )
    return w


def check_bias(b, filters):
    """`b` as an array () or (F,): one number for all filters, or one for each."""
    b = np.asarray(b)
    if b.shape not in ((), (filters,)):
        raise ValueError(f"b must be a number or one number a filter. Received: b of shape {b.shape}, {filters} filters")
    return b


def check_dy(dy, shape):
    """`dy` as an array of the output's shape: it is the loss' gradient with respect to each output."""
    dy = np.asarray(dy)
    if dy.shape != tuple(shape):
        raise ValueError(f"dy must have the shape of the output, {tuple(shape)}. Received: dy of shape {dy.shape}")
    return dy


def as_float(*arrays):
    """The arrays in their common floating-point type, float32 at least."""
    arrays = [np.asarray(array) for array in arrays]
    dtype = np.result_type(*arrays, np.float32)
    return [array.astype(dtype, copy=False) for array in arrays]
