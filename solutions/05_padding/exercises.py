"""The exercises inside chapter 05: the right answers, and wrong ones with hints."""

import numpy as np

from convbook.course.check_tables import exercise, misconception

ODD = "The odd pixel"
FILL = "What to fill in"
USED = "How often is a pixel used?"

rng = np.random.default_rng(0)


# ---- pad_same


@exercise(
    title="Zeros for an output as large as the input",
    test="""
        y = checked_call(pad_same, np.array([5, 6, 7]), 4)
        must_equal("The signal 5, 6, 7, padded for a kernel of 4", y, [0, 5, 6, 7, 0, 0])
    """,
    calls=[
        (np.array([5, 6, 7]), 4),
        (np.array([5, 6]), 1),
        (np.array([3, 1, 4]), 2),
        (np.array([3, 1, 4, 2]), 3),
        (rng.integers(1, 9, 5), 6),
        (rng.integers(1, 9, 6), 5),
    ],
)
def pad_same(x, kernel_size):
    before = (kernel_size - 1) // 2
    return np.pad(x, (before, kernel_size - 1 - before))


@misconception(
    function="pad_same",
    section=ODD,
    hint="The number of zeros is right. On which side does Keras put the odd one?",
)
def odd_pixel_before(x, kernel_size):
    """The odd pixel goes before."""
    after = (kernel_size - 1) // 2
    return np.pad(x, (kernel_size - 1 - after, after))


@misconception(
    function="pad_same",
    section=ODD,
    hint="With an even kernel your output would have one value too many. How many zeros are needed on both sides together?",
)
def half_a_kernel_on_each_side(x, kernel_size):
    """Half a kernel belongs on each side."""
    return np.pad(x, kernel_size // 2)


@misconception(
    function="pad_same",
    section="Pixels around the image",
    hint="You let every window in that touches the signal. Which of the three names of padding is this?",
)
def padded_as_full(x, kernel_size):
    """Each side needs as many zeros as the kernel has neighbours."""
    return np.pad(x, kernel_size - 1)


@misconception(
    function="pad_same",
    section=ODD,
    hint="The number of zeros is right, but they all stand on one side. How are they shared between the two ends?",
)
def all_after(x, kernel_size):
    """The zeros go behind the signal."""
    return np.pad(x, (0, kernel_size - 1))


# ---- pad_edge


@exercise(
    title="Repeat the border",
    test="""
        y = checked_call(pad_edge, np.array([[1, 2], [3, 4]]), 1)
        must_equal("The image of 2 × 2 pixels, padded", y, [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]])
    """,
    calls=[
        (np.array([[1, 2], [3, 4]]), 1),
        (np.array([[1, 2, 5], [3, 4, 7], [9, 8, 6]]), 2),
        (rng.integers(1, 9, (3, 4)), 2),
        (rng.integers(1, 9, (4, 3)), 1),
    ],
)
def pad_edge(image, n):
    return np.pad(image, n, "edge")


@misconception(
    function="pad_edge",
    section=FILL,
    hint="Your image is mirrored, and its border pixel is not repeated. Which value stands in every new pixel of a row?",
)
def reflected(image, n):
    """The image goes on as in a mirror."""
    return np.pad(image, n, "reflect")


@misconception(
    function="pad_edge",
    section=FILL,
    hint="One new pixel is right, but the second one comes from further inside. Which value is repeated?",
)
def mirrored_with_the_border(image, n):
    """The border pixel is repeated, and then its neighbours."""
    return np.pad(image, n, "symmetric")


@misconception(
    function="pad_edge",
    section=FILL,
    hint="Your new pixels are black. Which value does the nearest real pixel have?",
)
def zeros_around(image, n):
    """Padding means zeros."""
    return np.pad(image, n)


@misconception(
    function="pad_edge",
    section=FILL,
    hint="Your corners are black, the rest is right. Which real pixel is nearest to a corner?",
)
def corners_left_out(image, n):
    """Rows and columns are continued, and corners belong to neither."""
    padded = np.pad(image, n)
    padded[:n, n:-n], padded[-n:, n:-n] = image[0], image[-1]
    padded[n:-n, :n], padded[n:-n, -n:] = image[:, :1], image[:, -1:]
    return padded


# ---- real_share


@exercise(
    title="How much of each window is real?",
    test="""
        shares = checked_call(real_share, 4, 3)
        must_equal("The shares for 4 pixels and windows of 3", shares, [2 / 3, 1, 1, 2 / 3], 1e-6)
    """,
    calls=[(4, 3), (6, 5), (5, 1), (9, 7), (12, 5)],
)
def real_share(size, kernel_size):
    return np.convolve(np.ones(size), np.ones(kernel_size), "same") / kernel_size


@misconception(
    function="real_share",
    section=USED,
    hint="You count the real pixels of each window. A share is at most 1.",
)
def counted(size, kernel_size):
    """The number of real pixels is what is asked for."""
    return np.convolve(np.ones(size), np.ones(kernel_size), "same")


@misconception(
    function="real_share",
    section=FILL,
    hint="You square the shares, which is right for a corner of an image. How many dimensions has a signal?",
)
def squared(size, kernel_size):
    """Rows and columns both count."""
    return (np.convolve(np.ones(size), np.ones(kernel_size), "same") / kernel_size) ** 2


@misconception(
    function="real_share",
    section="Pixels around the image",
    hint="Only your last windows reach outside. On which sides of the signal do the zeros stand?",
)
def zeros_after_only(size, kernel_size):
    """The zeros stand behind the signal."""
    return np.convolve(np.ones(size), np.ones(kernel_size), "full")[kernel_size - 1 :] / kernel_size
