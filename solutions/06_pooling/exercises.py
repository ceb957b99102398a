"""The exercises inside chapter 06: the right answers, and wrong ones with hints."""

import numpy as np

from convbook.course.check_tables import exercise, misconception

ONE = "One number from each window"
BORDER = "What padding means for a maximum"
GLOBAL = "Global pooling"

rng = np.random.default_rng(0)


# ---- contrast_pool


@exercise(
    title="Largest minus smallest",
    test="""
        x = np.array([[1, 3, 0, 2], [5, 7, 4, 2]])    # (2, 4)
        must_equal("The result of the example", checked_call(contrast_pool, x), [[6, 4]])
    """,
    calls=[
        (np.array([[1, 3, 0, 2], [5, 7, 4, 2]]),),
        (rng.integers(-9, 10, (2, 2)),),
        (rng.integers(-9, 10, (4, 6)),),
        (rng.integers(-9, 10, (6, 4)),),
    ],
)
def contrast_pool(x):
    windows = x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2)
    return windows.max(axis=(1, 3)) - windows.min(axis=(1, 3))


@misconception(
    function="contrast_pool",
    section="Windows that overlap",
    hint="Your windows overlap. How far does a window of two pixels move here?",
)
def stride_one(x):
    """A window moves by one pixel."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2))
    return windows.max(axis=(2, 3)) - windows.min(axis=(2, 3))


@misconception(
    function="contrast_pool",
    section=ONE,
    hint="You subtract the mean of each window. Which number of the window is asked for?",
)
def minus_the_mean(x):
    """The contrast is the distance to the mean."""
    windows = x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2)
    return windows.max(axis=(1, 3)) - windows.mean(axis=(1, 3))


@misconception(
    function="contrast_pool",
    section=ONE,
    hint="You subtract the smallest number of the whole map. Where should the smallest number come from?",
)
def minus_the_smallest_of_all(x):
    """The smallest number is that of the map."""
    return x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2).max(axis=(1, 3)) - x.min()


@misconception(
    function="contrast_pool",
    section=ONE,
    hint="Your results are never positive. Which number is subtracted from which?",
)
def signs_exchanged(x):
    """The order of a difference does not matter."""
    windows = x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2)
    return windows.min(axis=(1, 3)) - windows.max(axis=(1, 3))


# ---- average_pairs


@exercise(
    title="A mean that leaves the padding out",
    test="""
        y = checked_call(average_pairs, np.array([2.0, 4.0, 9.0]))
        must_equal("The means for the row 2, 4, 9", y, [3, 9])
    """,
    calls=[
        (np.array([2.0, 4.0, 9.0]),),
        (np.array([6.0]),),
        (np.array([1.0, 5.0, 2.0, 8.0]),),
        (np.array([-3.0, 1.0, 4.0, 2.0, -7.0]),),
        (np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]),),
    ],
)
def average_pairs(x):
    return np.array([x[i : i + 2].mean() for i in range(0, len(x), 2)])


@misconception(
    function="average_pairs",
    section=BORDER,
    hint="In an odd row your last mean is half of what it should be. Is a padded pixel a number that counts?",
)
def padding_counted(x):
    """A padded zero is a number like the others."""
    return np.array([x[i : i + 2].sum() / 2 for i in range(0, len(x), 2)])


@misconception(
    function="average_pairs",
    section=BORDER,
    hint="In an odd row your last value is lost. How many outputs has pooling with same padding?",
)
def last_value_dropped(x):
    """What fills no window is left out."""
    return x[: len(x) // 2 * 2].reshape(-1, 2).mean(axis=1)


@misconception(
    function="average_pairs",
    section=ONE,
    hint="You add the numbers of a window. What makes a mean of a sum?",
)
def summed(x):
    """Average pooling adds up a window."""
    return np.array([x[i : i + 2].sum() for i in range(0, len(x), 2)])


@misconception(
    function="average_pairs",
    section="Windows that overlap",
    hint="Your windows overlap. How far does a window move?",
)
def moved_by_one(x):
    """A window moves by one value."""
    return np.array([x[i : i + 2].mean() for i in range(len(x))])


# ---- average_of_each_map


@exercise(
    title="Global average pooling",
    test="""
        x = np.array([[[[1, 0], [4, 2]], [[3, 0], [0, 8]]]])    # (1, 2, 2, 2)
        must_equal("The result of the example", checked_call(average_of_each_map, x), [[2, 2.5]])
    """,
    calls=[
        (np.array([[[[1, 0], [4, 2]], [[3, 0], [0, 8]]]]),),
        (rng.integers(-9, 10, (2, 1, 3, 2)),),
        (rng.integers(-9, 10, (3, 2, 2, 4)),),
        (rng.integers(-9, 10, (2, 3, 4, 1)),),
    ],
)
def average_of_each_map(x):
    return x.mean(axis=(1, 2))


@misconception(
    function="average_of_each_map",
    section=GLOBAL,
    hint="You average over the channels and keep the places. Which axes should disappear?",
)
def over_the_channels(x):
    """The channels are averaged."""
    return x.mean(axis=3)


@misconception(
    function="average_of_each_map",
    section=GLOBAL,
    hint="Your images are mixed: there is one answer for the whole batch. Which axis counts the images?",
)
def over_the_batch(x):
    """One number for each channel means one for all images."""
    return x.mean(axis=(0, 1, 2))


@misconception(
    function="average_of_each_map",
    section=GLOBAL,
    hint="You keep the largest value of each map. What does an average keep?",
)
def largest_value(x):
    """Global pooling keeps the largest value."""
    return x.max(axis=(1, 2))


@misconception(
    function="average_of_each_map",
    section=GLOBAL,
    hint="Your result still has four axes. Which shape does a dense layer want?",
)
def axes_kept(x):
    """The axes stay, with length 1."""
    return x.mean(axis=(1, 2), keepdims=True)
