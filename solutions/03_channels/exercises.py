"""The exercises inside chapter 03: the right answers, and wrong ones with hints."""

import numpy as np

from convbook.course.check_tables import exercise, misconception

DEEP = "A filter is as deep as its input"
MANY = "Many filters, many feature maps"
COUNT = "Counting parameters and multiply-adds"
ORDER = "Where the channels stand: NHWC and NCHW"

rng = np.random.default_rng(0)


def window(*shape):
    """Small whole numbers."""
    return rng.integers(-3, 4, shape)


# ---- answers_at_one_place


@exercise(
    title="What all filters answer at one place",
    test="""
        window = np.array([[[1, 2]]])                     # (1, 1, 2): one pixel of two channels
        w = np.array([[[[1, 0, 3], [0, 1, 1]]]])          # (1, 1, 2, 3): three filters
        y = checked_call(answers_at_one_place, window, w, np.array([0, 10, 0]))
        must_equal("The three answers", y, [1, 12, 5])
    """,
    calls=[
        (np.array([[[1, 2]]]), np.array([[[[1, 0, 3], [0, 1, 1]]]]), np.array([0, 10, 0])),
        (window(2, 2, 1), window(2, 2, 1, 2), np.array([1, -2])),
        (window(2, 3, 2), window(2, 3, 2, 4), np.array([5, 0, 3, -4])),
        (window(3, 2, 3), window(3, 2, 3, 2), np.array([2, 7])),
    ],
)
def answers_at_one_place(window, w, b):
    return np.einsum("pqc,pqcf->f", window, w) + b


@misconception(
    function="answers_at_one_place",
    section=DEEP,
    hint="You give an answer for each channel. What does a filter do with the answers of its kernels?",
)
def channels_kept_apart(window, w, b):
    """Each kernel of a filter has an output of its own."""
    return np.einsum("pqc,pqcf->cf", window, w) + b


@misconception(
    function="answers_at_one_place",
    section=MANY,
    hint="Your sums are right. What else does each filter have besides its kernels?",
)
def bias_forgotten(window, w, b):
    """A filter consists of its kernels."""
    return np.einsum("pqc,pqcf->f", window, w)


@misconception(
    function="answers_at_one_place",
    section=MANY,
    hint="Your bias is counted once for each channel. How many biases has a filter?",
)
def bias_for_each_channel(window, w, b):
    """Each kernel adds the bias."""
    return np.einsum("pqc,pqcf->f", window, w) + b * window.shape[2]


@misconception(
    function="answers_at_one_place",
    section=DEEP,
    hint="You read the first channel only. How deep is a filter?",
)
def first_channel_only(window, w, b):
    """A filter reads one channel."""
    return np.einsum("pq,pqf->f", window[:, :, 0], w[:, :, 0]) + b


# ---- parameters_of_chain


@exercise(
    title="The parameters of a chain of layers",
    test="""
        counts = checked_call(parameters_of_chain, np.array([3, 8, 16]), 3)
        must_equal("The counts of two layers, from 3 to 8 and from 8 to 16 channels", counts, [224, 1168])
    """,
    calls=[
        (np.array([3, 8, 16]), 3),
        (np.array([1, 6]), 5),
        (np.array([4, 4, 2, 7]), 1),
        (np.array([3, 64, 32, 10]), 3),
        (np.array([2, 5, 1]), 7),
    ],
)
def parameters_of_chain(channels, kernel_size):
    return (kernel_size**2 * channels[:-1] + 1) * channels[1:]


@misconception(
    function="parameters_of_chain",
    section=COUNT,
    hint="You count the weights. Which other numbers does a layer learn?",
)
def biases_forgotten(channels, kernel_size):
    """The parameters are the weights."""
    return kernel_size**2 * channels[:-1] * channels[1:]


@misconception(
    function="parameters_of_chain",
    section=COUNT,
    hint="Your biases are as many as the channels that come in. To what does a bias belong?",
)
def biases_of_the_input(channels, kernel_size):
    """Each input channel has a bias."""
    return kernel_size**2 * channels[:-1] * channels[1:] + channels[:-1]


@misconception(
    function="parameters_of_chain",
    section=DEEP,
    hint="Your filters have one kernel each. How deep must a filter be?",
)
def filters_of_depth_one(channels, kernel_size):
    """A filter has one kernel, whatever its input is."""
    return (kernel_size**2 + 1) * channels[1:]


@misconception(
    function="parameters_of_chain",
    section=COUNT,
    hint="Your kernels have only one row. How many weights has a square kernel?",
)
def kernel_size_not_squared(channels, kernel_size):
    """A kernel of size K has K weights."""
    return (kernel_size * channels[:-1] + 1) * channels[1:]


# ---- to_channels_first


@exercise(
    title="Channels first",
    test="""
        x = np.array([[[[1, 10], [2, 20], [3, 30]]]])     # (1, 1, 3, 2): one row of three pixels, two channels
        y = to_channels_first(x)
        must_equal("The result of the example", y, [[[[1, 2, 3]], [[10, 20, 30]]]])
    """,
    calls=[
        (np.array([[[[1, 10], [2, 20], [3, 30]]]]),),
        (np.arange(12).reshape(1, 2, 2, 3),),
        (np.arange(24).reshape(2, 3, 4, 1),),
        (np.arange(60).reshape(1, 4, 5, 3),),
        (np.arange(48).reshape(2, 4, 3, 2),),
    ],
)
def to_channels_first(x):
    return x.transpose(0, 3, 1, 2)


@misconception(
    function="to_channels_first",
    section=ORDER,
    hint="The shape is right, but the pixels are mixed up: the order in memory was kept and cut in another way. "
    "Which function takes every number along when axes move?",
)
def reshaped(x):
    """The same shape holds the same image."""
    n, height, width, channels = x.shape
    return x.reshape(n, channels, height, width)


@misconception(
    function="to_channels_first",
    section=ORDER,
    hint="The channels are where they belong, but your images are mirrored at their diagonal. "
    "In which order should height and width stand?",
)
def height_and_width_exchanged(x):
    """The order of the axes is turned around."""
    return x.transpose(0, 3, 2, 1)


@misconception(
    function="to_channels_first",
    section=ORDER,
    hint="This is the way back, from channels first to channels last. Which axis of the input holds the channels?",
)
def the_way_back(x):
    """The second axis goes to the end."""
    return x.transpose(0, 2, 3, 1)
