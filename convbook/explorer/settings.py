"""What an explorer starts with: arrays and options, checked; the same pictures and kernels as in the element's script."""

import numpy as np

from convbook import average_pool2d, conv2d, max_pool2d, min_pool2d
from convbook.explorer.scripts import literal
from convbook.shapes import check_integers

POOLINGS = {"max-pooling": max_pool2d, "average-pooling": average_pool2d, "min-pooling": min_pool2d}
CHOICES = {
    "operation": ("convolution", *POOLINGS),
    "mode": ("forward", "gradient"),
    "gradients": ("ones", "one", "various"),
}
LARGEST = {"size": 16, "kernel_size": 5, "channels": 3, "filters": 4}


def picture(name, size):
    """The picture `name` as (size, size), in tenths: each pixel is the mean of what it covers of 16 × 16 pixels, rounded.

    >>> picture("ramp", 4)[0]
    array([0.1, 0.4, 0.6, 0.9])
    """
    check_name("image", name, literal("PICTURES"))
    tenths = [10 if pixel == "X" else int(pixel) for pixel in "".join(literal("PICTURES")[name])]
    tenths = np.broadcast_to(np.reshape(tenths, (-1, 16)), (16, 16))
    steps = np.arange(16 * size)
    cover = np.zeros((size, 16), int)  # in sixteenths of a pixel: whole numbers, as in the script
    np.add.at(cover, (steps // 16, steps // size), 1)
    totals = cover @ tenths @ cover.T
    return (2 * totals + 256) // 512 / 10


def with_channels(plane, channels):
    """A plane (H, W) as (H, W, channels): itself, its negative, its mirror image."""
    return np.stack([plane, 1 - plane, plane[:, ::-1]][:channels], axis=-1)


def named_kernel(name, size):
    """The kernel `name` on (size, size) pixels: the mean of all for "blur", else its 3 × 3 weights in the middle.

    >>> named_kernel("sobel-x", 3)[1]
    array([-2.,  0.,  2.])
    """
    check_name("kernel", name, literal("KERNELS"))
    divisor, rows = literal("KERNELS")[name]
    if name == "blur":
        return np.full((size, size), 1 / size**2)
    kernel, before = np.zeros((size, size)), (size - 3) // 2
    for p, q in np.ndindex(3, 3):
        if 0 <= p + before < size and 0 <= q + before < size:
            kernel[p + before, q + before] = rows[p][q] / divisor
    return kernel


def named_kernels(names, size, channels, filters):
    """The kernels (size, size, channels, filters): filter f has the f-th name, or the one that follows in the list."""
    known, names = list(literal("KERNELS")), [name.strip() for name in names.split(",")]
    while len(names) < filters:
        check_name("kernel", names[-1], known)
        names.append(known[(known.index(names[-1]) + 1) % len(known)])
    planes = np.stack([named_kernel(name, size) for name in names[:filters]], axis=-1)  # (size, size, F)
    return np.repeat(planes[:, :, None], channels, axis=2)


def check_name(option, name, known):
    """ValueError unless the option has a known name."""
    if name not in known:
        raise ValueError(f"{option} must be one of {', '.join(known)}. Received: {option}={name!r}")


def check_array(option, array, ranks):
    """The array with axes of size 1 behind, up to the highest of the ranks; ValueError if it is not made of numbers."""
    array = np.asarray(array)
    if array.ndim not in ranks or array.size == 0 or array.dtype.kind not in "biuf" or not np.isfinite(array).all():
        wanted = f"a name or an array of finite numbers with {min(ranks)} to {max(ranks)} axes"
        raise ValueError(f"{option} must be {wanted}. Received: shape {array.shape}, dtype {array.dtype}")
    return array.astype(float).reshape(array.shape + (1,) * (max(ranks) - array.ndim))


def check_options(options):
    """ValueError unless every name is known and every size is one that the element shows."""
    for option, known in CHOICES.items():
        if isinstance(options[option], str) or option != "gradients":
            check_name(option, options[option], known)
    check_integers(1, **{name: options[name] for name in (*LARGEST, "stride", "dilation")})
    for name, largest in LARGEST.items():
        if options[name] > largest:
            raise ValueError(f"{name} must be at most {largest}. Received: {name}={options[name]!r}")


def output_of(x, w, options):
    """What the layer answers: x (H, W, C), w (KH, KW, C, F) -> y (OH, OW, F); ValueError if no window fits."""
    stride, padding = options["stride"], options["padding"]
    if options["operation"] in POOLINGS:
        return POOLINGS[options["operation"]](x[None], options["kernel_size"], stride, padding)[0]
    return conv2d(x[None], w, options["bias"], stride, padding, options["dilation"])[0]
