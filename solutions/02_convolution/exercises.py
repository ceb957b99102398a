"""The exercises inside chapter 02: the right answers, and wrong ones with hints."""

import numpy as np

from convbook.course.check_tables import exercise, misconception

FLIP = "Convolution flips, cross-correlation does not"
PLANE = "Two dimensions: filter and kernel"
EDGES = "Blur, sharpen, find edges"

rng = np.random.default_rng(0)


# ---- true_convolution


@exercise(
    title="A true convolution",
    test="""
        y = checked_call(true_convolution, np.array([0, 0, 1, 0, 0]), np.array([1, 2, 3]))
        must_equal("The result for a single 1 among zeros and the kernel 1, 2, 3", y, [1, 2, 3])
    """,
    calls=[
        (np.array([0, 0, 1, 0, 0]), np.array([1, 2, 3])),
        (np.array([5, 6, 7, 9]), np.array([0, 1])),
        (rng.integers(-4, 5, 6), np.array([2, -1, 4])),
        (rng.integers(-4, 5, 8), np.array([1, 0, 3, -2])),
        (rng.integers(-4, 5, 9), np.array([1, 5])),
    ],
)
def true_convolution(x, k):
    return np.convolve(x, k, "valid")


@misconception(
    function="true_convolution",
    section=FLIP,
    hint="A single 1 draws your kernel backwards. Which of the two operations does that?",
)
def not_flipped(x, k):
    """Sliding the kernel as it is is a convolution."""
    return np.correlate(x, k, "valid")


@misconception(
    function="true_convolution",
    section="A window that slides",
    hint="Your result is too long: some of your windows reach over the ends. How many windows lie inside the signal?",
)
def over_the_ends(x, k):
    """Every window that touches the signal counts."""
    return np.convolve(x, k, "full")


@misconception(
    function="true_convolution",
    section=FLIP,
    hint="Your numbers come out in the opposite order. What must be flipped, the kernel, the signal, or the result?",
)
def signal_flipped(x, k):
    """Flipping the signal is as good as flipping the kernel."""
    return np.correlate(x[::-1], k, "valid")


# ---- slide_over_image


@exercise(
    title="A kernel slides over an image",
    test="""
        image = np.array([[1, 2, 0], [0, 1, 3], [2, 0, 1]])    # (3, 3)
        y = checked_call(slide_over_image, image, np.array([[1, 2], [0, -1]]))
        must_equal("The result of the example", y, [[4, -1], [2, 6]])
    """,
    calls=[
        (np.array([[1, 2, 0], [0, 1, 3], [2, 0, 1]]), np.array([[1, 2], [0, -1]])),
        (rng.integers(-4, 5, (3, 5)), np.array([[1, 2, 3]])),
        (rng.integers(-4, 5, (5, 4)), np.array([[1, -2], [3, 0], [2, 5]])),
        (rng.integers(-4, 5, (4, 6)), rng.integers(-3, 4, (2, 3))),
        (rng.integers(-4, 5, (6, 6)), rng.integers(-3, 4, (3, 3))),
    ],
)
def slide_over_image(x, w):
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    y = np.zeros((rows, columns))
    for p, q in np.ndindex(w.shape):
        y += w[p, q] * x[p : p + rows, q : q + columns]
    return y


@misconception(
    function="slide_over_image",
    section=FLIP,
    hint="Your kernel is turned by half a turn. Does a convolutional layer flip its kernel?",
)
def kernel_flipped(x, w):
    """A convolutional layer flips the kernel."""
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    y = np.zeros((rows, columns))
    for p, q in np.ndindex(w.shape):
        y += w[-1 - p, -1 - q] * x[p : p + rows, q : q + columns]
    return y


@misconception(
    function="slide_over_image",
    section=PLANE,
    hint="Your output misses its last row and its last column. A window may end exactly with the image; "
    "is its start among yours?",
)
def last_window_lost(x, w):
    """The size of the output is the difference of the sizes."""
    rows, columns = x.shape[0] - w.shape[0], x.shape[1] - w.shape[1]
    y = np.zeros((rows, columns))
    for p, q in np.ndindex(w.shape):
        y += w[p, q] * x[p : p + rows, q : q + columns]
    return y


@misconception(
    function="slide_over_image",
    section=PLANE,
    hint="Each output holds one product only, the last one. What happens to the products that came before it?",
)
def assigned_and_not_added(x, w):
    """Each product is written into the output."""
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    y = np.zeros((rows, columns))
    for p, q in np.ndindex(w.shape):
        y[:] = w[p, q] * x[p : p + rows, q : q + columns]
    return y


# ---- keep_brightness


@exercise(
    title="A kernel that keeps the brightness",
    test="""
        w = checked_call(keep_brightness, np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]))
        must_equal("The scaled kernel", w, np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16)
    """,
    calls=[
        (np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]),),
        (np.array([[0, -1, 0], [-1, 8, -1], [0, -1, 0]]),),
        (np.array([[1, 3], [2, -1]]),),
        (np.array([[1, 0, 2, 0, 1], [0, 3, 5, 3, 0]]),),
    ],
)
def keep_brightness(w):
    return w / w.sum()


@misconception(
    function="keep_brightness",
    section=EDGES,
    hint="You divide by the number of weights, which is right for equal weights of 1 only. What must the weights sum to?",
)
def by_the_number_of_weights(w):
    """A mean divides by the number of values."""
    return w / w.size


@misconception(
    function="keep_brightness",
    section=EDGES,
    hint="Your kernel is right as long as no weight is negative. What does a negative weight do to the output of a flat area?",
)
def by_the_absolute_values(w):
    """The sizes of the weights must sum to 1."""
    return w / np.abs(w).sum()


@misconception(
    function="keep_brightness",
    section=EDGES,
    hint="Your largest weight is 1, but a flat area is answered by all weights together. What must they sum to?",
)
def by_the_largest_weight(w):
    """The largest weight must be 1."""
    return w / w.max()


@misconception(
    function="keep_brightness",
    section=EDGES,
    hint="Your weights sum to 0, so a flat area gives 0, bright or dark. Which sum keeps its brightness?",
)
def sum_zero(w):
    """The weights must be centred."""
    return w - w.mean()
