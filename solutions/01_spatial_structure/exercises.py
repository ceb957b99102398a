"""The exercises inside chapter 01: the right answers, and wrong ones with hints."""

import numpy as np

from convbook.course.check_tables import exercise, misconception

RANGE = "From 0–255 to 0–1"
FLAT = "Flattening: where neighbours go"
MOVED = "One letter, many images"

rng = np.random.default_rng(0)


# ---- to_unit_range


@exercise(
    title="Scale, and add the channel axis",
    test="""
        images = np.array([[[0, 51], [204, 102]]], np.uint8)    # (1, 2, 2)
        y = checked_call(to_unit_range, images)
        must_equal("The result for one image of 2 × 2 pixels", y, [[[[0], [0.2]], [[0.8], [0.4]]]])
    """,
    calls=[
        (np.array([[[0, 51], [204, 102]]], np.uint8),),
        (rng.integers(0, 200, (1, 1, 3)).astype(np.uint8),),
        (rng.integers(0, 256, (2, 3, 2)).astype(np.uint8),),
        (rng.integers(0, 120, (3, 2, 4)).astype(np.uint8),),
    ],
)
def to_unit_range(images):
    return images[..., np.newaxis] / 255


@misconception(
    function="to_unit_range",
    section=RANGE,
    hint="Your brightest pixel always becomes 1, also in a dark image. By which number should every image be divided?",
)
def divided_by_the_largest(images):
    """The largest value of the images must become 1."""
    return images[..., np.newaxis] / images.max()


@misconception(
    function="to_unit_range",
    section=RANGE,
    hint="Nearly all of your values are 0. Which of Python's two divisions keeps the fraction?",
)
def whole_division(images):
    """The division of whole numbers gives fractions."""
    return images[..., np.newaxis] // 255.0


@misconception(
    function="to_unit_range",
    section="An image is a grid of numbers",
    hint="Your values are right, but the axis of length 1 stands in front. Where does this book write the channels?",
)
def channel_axis_in_front(images):
    """The channel comes first."""
    return images[:, np.newaxis] / 255


@misconception(
    function="to_unit_range",
    section="An image is a grid of numbers",
    hint="Your values are right, but a gray image has a channel too. How many axes has a batch?",
)
def channel_axis_missing(images):
    """A gray image has no channel."""
    return images / 255


# ---- flat_places


@exercise(
    title="Places in a flattened colour image",
    test="""
        places = checked_call(flat_places, np.array([0, 0, 1]), np.array([0, 1, 0]), (2, 5, 3))
        must_equal("The result for three pixels of an image of shape (2, 5, 3)", places, [0, 3, 15])
    """,
    calls=[
        (np.array([0, 0, 1]), np.array([0, 1, 0]), (2, 5, 3)),
        (np.array([2, 1]), np.array([1, 3]), (3, 4, 1)),
        (np.array([4, 0, 3]), np.array([1, 2, 2]), (5, 3, 2)),
        (np.array([5, 6, 27, 0]), np.array([5, 5, 9, 30]), (28, 32, 3)),
    ],
)
def flat_places(rows, columns, shape):
    return (rows * shape[1] + columns) * shape[2]


@misconception(
    function="flat_places",
    section=FLAT,
    hint="Square images would not show this error. How many pixels does one whole row hold?",
)
def height_for_width(rows, columns, shape):
    """A row is as long as the image is high."""
    return (rows * shape[0] + columns) * shape[2]


@misconception(
    function="flat_places",
    section=FLAT,
    hint="Your places are right for a gray image. How many numbers does a colour image hold for each pixel?",
)
def channels_forgotten(rows, columns, shape):
    """Each pixel takes one place."""
    return rows * shape[1] + columns


@misconception(
    function="flat_places",
    section=FLAT,
    hint="You count down the columns. In which order does flattening write the pixels?",
)
def column_by_column(rows, columns, shape):
    """The image is written column by column."""
    return (columns * shape[0] + rows) * shape[2]


# ---- move_right


@exercise(
    title="Move an image to the right",
    test="""
        image = np.array([[1, 2, 3], [4, 5, 6]])    # (2, 3)
        y = checked_call(move_right, image, 1)
        must_equal("The image, moved by 1 pixel", y, [[0, 1, 2], [0, 4, 5]])
    """,
    calls=[
        (np.array([[1, 2, 3], [4, 5, 6]]), 1),
        (np.array([[1, 2, 3], [4, 5, 6]]), 0),
        (rng.integers(1, 9, (3, 4)), 2),
        (rng.integers(1, 9, (4, 5)), 3),
        (rng.integers(1, 9, (5, 4)), 1),
    ],
)
def move_right(image, k):
    moved = np.zeros_like(image)
    moved[:, k:] = image[:, : image.shape[1] - k]
    return moved


@misconception(
    function="move_right",
    section=MOVED,
    hint="What leaves your image on the right comes back on the left. What should come in from outside?",
)
def rolled(image, k):
    """What leaves the image comes in on the other side."""
    return np.roll(image, k, axis=1)


@misconception(
    function="move_right",
    section=MOVED,
    hint="Your image moves in the opposite direction. Where does the first column go?",
)
def moved_left(image, k):
    """Leaving out the first columns moves the image to the right."""
    moved = np.zeros_like(image)
    moved[:, : image.shape[1] - k] = image[:, k:]
    return moved


@misconception(
    function="move_right",
    section="An image is a grid of numbers",
    hint="Your image moves down. Which of the two axes counts the columns?",
)
def moved_down(image, k):
    """The first index runs to the right."""
    moved = np.zeros_like(image)
    moved[k:] = image[: image.shape[0] - k]
    return moved


@misconception(
    function="move_right",
    section=MOVED,
    hint="Your image has become wider. What happens to the columns that leave it?",
)
def widened(image, k):
    """New columns are added, and nothing is lost."""
    return np.pad(image, ((0, 0), (k, 0)))
