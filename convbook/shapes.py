"""How large an output is, how much padding `same` adds, and how far a network sees."""

from numbers import Integral


def pair(value, name):
    """`value` as two positive integers: an int stands for both directions.

    >>> pair(3, "kernel_size"), pair((3, 5), "kernel_size")
    ((3, 3), (3, 5))
    """
    both = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(both) != 2 or not all(isinstance(v, Integral) and v >= 1 for v in both):
        raise ValueError(f"{name} must be a positive integer or a pair of them. Received: {name}={value!r}")
    return int(both[0]), int(both[1])


def pairs(**values):
    """Each named value as two positive integers, in the order given.

    >>> pairs(kernel_size=3, strides=(1, 2))
    [(3, 3), (1, 2)]
    """
    return [pair(value, name) for name, value in values.items()]


def check_integers(least, **values):
    """An error unless each named value is an integer of at least `least`."""
    for name, value in values.items():
        if not isinstance(value, Integral) or value < least:
            raise ValueError(f"{name} must be an integer of at least {least}. Received: {name}={value!r}")


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    """floor((size + padding - dilation_rate * (kernel_size - 1) - 1) / strides) + 1.

    `padding` is the number of pixels added on both sides together. All arguments count pixels along
    one axis. Dumoulin and Visin (2016), relationships 6 and 15.

    >>> output_size(28, 3), output_size(28, 3, strides=2), output_size(28, 3, padding=2)
    (26, 13, 28)
    """
    check_integers(0, size=size, padding=padding)
    check_integers(1, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)
    span = dilation_rate * (kernel_size - 1) + 1
    if size + padding < span:
        raise ValueError(
            f"The input must be at least as large as the kernel. Received: size={size}, padding={padding}, "
            f"kernel_size={kernel_size}, dilation_rate={dilation_rate} (the kernel spans {span})"
        )
    return (size + padding - span) // strides + 1


def same_padding(size, kernel_size, strides=1, dilation_rate=1):
    """(before, after) such that the output has ceil(size / strides) pixels; the odd pixel goes after.

    >>> same_padding(28, 3), same_padding(28, 4), same_padding(28, 3, strides=2)
    ((1, 1), (1, 2), (0, 1))
    """
    check_integers(0, size=size)
    check_integers(1, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)
    out = -(-size // strides)
    total = max((out - 1) * strides + dilation_rate * (kernel_size - 1) + 1 - size, 0)
    return total // 2, total - total // 2


def receptive_field(layers):
    """(size, jump, start) of what one output pixel sees after `layers`, along one axis.

    Each layer is (kernel_size, strides), (kernel_size, strides, before) or (kernel_size, strides,
    before, dilation_rate), `before` being the padding on the left. `size` is the width of the field in
    input pixels, `jump` the distance between the fields of neighbouring outputs, `start` the input
    position of the first pixel that output 0 sees (negative: in the padding).
    Araujo, Norris and Sim (2019), https://doi.org/10.23915/distill.00021.

    >>> receptive_field([(3, 1), (3, 1)])
    (5, 1, 0)
    >>> receptive_field([(3, 1), (2, 2), (3, 1)])
    (8, 2, 0)
    """
    size, jump, start = 1, 1, 0
    for layer in layers:
        if not isinstance(layer, (tuple, list)) or not 2 <= len(layer) <= 4:
            raise ValueError(
                f"A layer must be (kernel_size, strides), `before` and `dilation_rate` may follow. Received: {layer!r}"
            )
        kernel_size, strides, before, dilation_rate = (*layer, *(0, 1)[len(layer) - 2 :])
        check_integers(1, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)
        check_integers(0, before=before)
        size += (kernel_size - 1) * dilation_rate * jump
        start -= before * jump
        jump *= strides
    return size, jump, start
