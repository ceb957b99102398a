"""The exercises inside chapter 04: the right answers, and wrong ones with hints."""

import numpy as np

from convbook.course.check_tables import exercise, misconception

FIT = "How many windows fit"
DILATION = "Dilation: a wider window with the same weights"
FIELD = "The receptive field by formula"

rng = np.random.default_rng(0)


# ---- window_starts


@exercise(
    title="Where the windows start",
    test="""
        starts = checked_call(window_starts, 9, 3, 2)
        must_equal("The starts for 9 pixels, a window of 3 and stride 2", starts, [0, 2, 4, 6])
    """,
    calls=[(9, 3, 2), (8, 3, 2), (8, 3, 4), (5, 5, 1), (12, 4, 3), (28, 5, 4), (10, 2, 2)],
)
def window_starts(size, kernel_size, stride):
    return np.arange(0, size - kernel_size + 1, stride)


@misconception(
    function="window_starts",
    section=FIT,
    hint="Your last windows begin inside the image and end outside of it. Which is the last place at which a window fits?",
)
def over_the_border(size, kernel_size, stride):
    """A window may start at every pixel."""
    return np.arange(0, size, stride)


@misconception(
    function="window_starts",
    section=FIT,
    hint="A window that ends exactly with the image is missing. Is the end of a range a part of it?",
)
def last_window_lost(size, kernel_size, stride):
    """A range holds its end."""
    return np.arange(0, size - kernel_size, stride)


@misconception(
    function="window_starts",
    section="A window that takes larger steps",
    hint="You number the windows. How far apart do two neighbouring windows start?",
)
def numbers_of_windows(size, kernel_size, stride):
    """Window number i starts at pixel i."""
    return np.arange((size - kernel_size) // stride + 1)


@misconception(
    function="window_starts",
    section="A window that takes larger steps",
    hint="Your windows stand side by side. Which of the two numbers is the distance from one window to the next?",
)
def side_by_side(size, kernel_size, stride):
    """A window starts where the one before it ends."""
    return np.arange(0, size - kernel_size + 1, kernel_size)


# ---- spread_kernel


@exercise(
    title="A kernel with holes",
    test="""
        w = checked_call(spread_kernel, np.array([[1, 2], [3, 4]]), 2)
        must_equal("The kernel for dilation 2", w, [[1, 0, 2], [0, 0, 0], [3, 0, 4]])
    """,
    calls=[
        (np.array([[1, 2], [3, 4]]), 2),
        (np.array([[1, 2], [3, 4]]), 1),
        (np.array([[5, 1, 2]]), 3),
        (rng.integers(1, 9, (3, 2)), 2),
        (rng.integers(1, 9, (2, 3)), 3),
    ],
)
def spread_kernel(w, rate):
    wide = np.zeros([rate * (size - 1) + 1 for size in w.shape])
    wide[::rate, ::rate] = w
    return wide


@misconception(
    function="spread_kernel",
    section=DILATION,
    hint="Zeros also stand behind your last row and column. Between how many pairs of neighbours are there gaps?",
)
def zeros_behind_the_last(w, rate):
    """Each weight is followed by zeros."""
    wide = np.zeros([rate * size for size in w.shape])
    wide[::rate, ::rate] = w
    return wide


@misconception(
    function="spread_kernel",
    section=DILATION,
    hint="Your gaps are one pixel too wide, and dilation 1 is not the kernel itself. What does dilation 1 mean?",
)
def one_zero_too_many(w, rate):
    """The rate is the number of zeros between two weights."""
    step = rate + 1
    wide = np.zeros([step * (size - 1) + 1 for size in w.shape])
    wide[::step, ::step] = w
    return wide


@misconception(
    function="spread_kernel",
    section=DILATION,
    hint="You spread one direction only. Along which axes does a kernel of an image get wider?",
)
def columns_only(w, rate):
    """A kernel has one direction."""
    wide = np.zeros((w.shape[0], rate * (w.shape[1] - 1) + 1))
    wide[:, ::rate] = w
    return wide


@misconception(
    function="spread_kernel",
    section=DILATION,
    hint="You enlarge the kernel, so each weight is used several times. What stands between the weights of a dilated kernel?",
)
def enlarged(w, rate):
    """Dilation enlarges the kernel."""
    return w.repeat(rate, axis=0).repeat(rate, axis=1)


# ---- fields_of_stack


@exercise(
    title="How the receptive field grows",
    test="""
        sizes = checked_call(fields_of_stack, np.array([3, 3, 3]), np.array([2, 2, 2]))
        must_equal("The sizes after one, two and three layers of 3 with stride 2", sizes, [3, 7, 15])
    """,
    calls=[
        (np.array([3, 3, 3]), np.array([2, 2, 2])),
        (np.array([5, 2]), np.array([1, 2])),
        (np.array([3, 3, 3, 3]), np.array([1, 1, 1, 1])),
        (np.array([7, 3, 3, 1]), np.array([2, 3, 1, 1])),
        (np.array([5, 2, 5, 2, 3]), np.array([1, 2, 3, 2, 1])),
    ],
)
def fields_of_stack(kernel_sizes, strides):
    sizes, size, jump = [], 1, 1
    for kernel_size, stride in zip(kernel_sizes, strides):
        size += (kernel_size - 1) * jump
        jump *= stride
        sizes.append(size)
    return np.array(sizes)


@misconception(
    function="fields_of_stack",
    section=FIELD,
    hint="Your result is right without strides. How far apart in the image are two neighbours behind a stride of 2?",
)
def jump_ignored(kernel_sizes, strides):
    """Each layer adds as many pixels as its kernel has neighbours."""
    return 1 + np.cumsum(kernel_sizes - 1)


@misconception(
    function="fields_of_stack",
    section=FIELD,
    hint="You let a stride act on its own layer. Does a stride change the distance of the pixels that its own windows read?",
)
def own_stride_first(kernel_sizes, strides):
    """The jump is updated before it is used."""
    return 1 + np.cumsum((kernel_sizes - 1) * np.cumprod(strides))


@misconception(
    function="fields_of_stack",
    section=FIELD,
    hint="You multiply the kernel sizes. What do two layers of 3 with stride 1 see?",
)
def sizes_multiplied(kernel_sizes, strides):
    """The sizes of the windows multiply."""
    return np.cumprod(kernel_sizes)


@misconception(
    function="fields_of_stack",
    section=FIELD,
    hint="Your jumps add up. Behind two strides of 3, how far apart are two neighbours?",
)
def jumps_added(kernel_sizes, strides):
    """Each stride adds to the jump."""
    jumps = 1 + np.cumsum(np.concatenate([[0], strides[:-1] - 1]))
    return 1 + np.cumsum((kernel_sizes - 1) * jumps)
