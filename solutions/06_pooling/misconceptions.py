"""Wrong answers to assignment 06, as students write them. nbgrader does not release this file.

The name of a function is the name of the misconception, its docstring the idea behind it. `loses` names the test
that is meant for it. A hint says what went wrong and what to read again, never the answer.
"""

import numpy as np

from convbook.course.misconceptions import misconception

WINDOW = "One number from each window"
OVERLAP = "Windows that overlap"
PADDING = "What padding means for a maximum"
GLOBAL = "Global pooling"
ANY_SIZE = "Any size, and the limit of that promise"


# ---- 1. l2_pool


@misconception(
    function="l2_pool",
    loses="l2_pool_by_hand",
    section=WINDOW,
    hint="Your numbers are too small for every window of more than one pixel. The formula adds the squares; does it "
    "divide by anything?",
)
def mean_of_the_squares(x, pool_size, strides):
    """Pooling without a maximum is a mean."""
    n, height, width, channels = x.shape
    rows, columns = (height - pool_size[0]) // strides + 1, (width - pool_size[1]) // strides + 1
    y = np.zeros((n, rows, columns, channels))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * strides : i * strides + pool_size[0], j * strides : j * strides + pool_size[1]].astype(float)
            y[:, i, j] = np.sqrt((window**2).mean(axis=(1, 2)))
    return y


@misconception(
    function="l2_pool",
    loses="l2_pool_by_hand",
    section=WINDOW,
    hint="A window of one pixel with the value 3 has the length 3. What does your function give for it?",
)
def root_forgotten(x, pool_size, strides):
    """The sum of the squares is the length."""
    n, height, width, channels = x.shape
    rows, columns = (height - pool_size[0]) // strides + 1, (width - pool_size[1]) // strides + 1
    y = np.zeros((n, rows, columns, channels))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * strides : i * strides + pool_size[0], j * strides : j * strides + pool_size[1]].astype(float)
            y[:, i, j] = (window**2).sum(axis=(1, 2))
    return y


@misconception(
    function="l2_pool",
    loses="l2_pool_by_hand",
    section=WINDOW,
    hint="You mix the channels: each number of your result is made of all of them. Pooling treats each channel alone.",
)
def channels_pooled_together(x, pool_size, strides):
    """A window holds all channels, as in a convolution."""
    n, height, width, channels = x.shape
    rows, columns = (height - pool_size[0]) // strides + 1, (width - pool_size[1]) // strides + 1
    y = np.zeros((n, rows, columns, channels))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * strides : i * strides + pool_size[0], j * strides : j * strides + pool_size[1]].astype(float)
            y[:, i, j] = np.sqrt((window**2).sum(axis=(1, 2, 3)))[:, None]
    return y


@misconception(
    function="l2_pool",
    loses="l2_pool_by_hand",
    section=OVERLAP,
    hint="Your windows stand one beside the other, whatever the third argument is. The size of a window and the "
    "distance of two windows are two different choices.",
)
def stride_is_the_window(x, pool_size, strides):
    """The windows of a pooling touch each other, so the stride is the size of the window."""
    n, height, width, channels = x.shape
    rows, columns = height // pool_size[0], width // pool_size[1]
    y = np.zeros((n, rows, columns, channels))
    for i in range(rows):
        for j in range(columns):
            top, left = i * pool_size[0], j * pool_size[1]
            window = x[:, top : top + pool_size[0], left : left + pool_size[1]].astype(float)
            y[:, i, j] = np.sqrt((window**2).sum(axis=(1, 2)))
    return y


@misconception(
    function="l2_pool",
    loses="l2_pool_by_hand",
    section=WINDOW,
    hint="Your window lies where it should stand. Which of the two numbers of a shape is the height?",
)
def height_and_width_of_the_window_swapped(x, pool_size, strides):
    """A size is given as width and height."""
    n, height, width, channels = x.shape
    pool_width, pool_height = pool_size
    rows, columns = max((height - pool_height) // strides + 1, 0), max((width - pool_width) // strides + 1, 0)
    y = np.zeros((n, rows, columns, channels))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * strides : i * strides + pool_height, j * strides : j * strides + pool_width].astype(float)
            y[:, i, j] = np.sqrt((window**2).sum(axis=(1, 2)))
    return y


@misconception(
    function="l2_pool",
    loses="l2_pool_laws",
    section=WINDOW,
    hint="For a photograph some of your numbers are far too small. Which type do the squares have, and what is the "
    "largest number of that type?",
)
def squares_in_the_type_of_the_image(x, pool_size, strides):
    """A square has room where the number has room."""
    n, height, width, channels = x.shape
    rows, columns = (height - pool_size[0]) // strides + 1, (width - pool_size[1]) // strides + 1
    y = np.zeros((n, rows, columns, channels))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * strides : i * strides + pool_size[0], j * strides : j * strides + pool_size[1]]
            y[:, i, j] = np.sqrt((window * window).sum(axis=(1, 2)).astype(float))
    return y


# ---- 2. max_pool_ceil


@misconception(
    function="max_pool_ceil",
    loses="max_pool_ceil_by_hand",
    section=OVERLAP,
    hint="Your result has whole windows only. Which column of the example is in none of them?",
)
def last_pixels_dropped(image, pool_size, strides):
    """Only whole windows count."""
    rows, columns = ((length - pool) // strides + 1 for length, pool in zip(image.shape, pool_size))
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            y[i, j] = image[top : top + pool_size[0], left : left + pool_size[1]].max()
    return y


@misconception(
    function="max_pool_ceil",
    loses="max_pool_ceil_by_hand",
    section=PADDING,
    hint="Where a window reaches over the border and all of its real numbers are negative, your result is a number "
    "that the window does not hold.",
)
def padded_with_zeros(image, pool_size, strides):
    """What is outside of an image is zero, for a maximum too."""
    rows, columns = (-((pool - length) // strides) + 1 for length, pool in zip(image.shape, pool_size))
    padded = np.zeros(((rows - 1) * strides + pool_size[0], (columns - 1) * strides + pool_size[1]))
    padded[: image.shape[0], : image.shape[1]] = image
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            y[i, j] = padded[top : top + pool_size[0], left : left + pool_size[1]].max()
    return y


@misconception(
    function="max_pool_ceil",
    loses="max_pool_ceil_by_hand",
    section=PADDING,
    hint="Your search for the largest number starts with a number that may be larger than all numbers of the window.",
)
def search_starts_at_zero(image, pool_size, strides):
    """The largest number so far is zero at the start."""
    rows, columns = (-((pool - length) // strides) + 1 for length, pool in zip(image.shape, pool_size))
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            for p in range(i * strides, min(i * strides + pool_size[0], image.shape[0])):
                for q in range(j * strides, min(j * strides + pool_size[1], image.shape[1])):
                    y[i, j] = max(y[i, j], image[p, q])
    return y


@misconception(
    function="max_pool_ceil",
    loses="max_pool_ceil_by_hand",
    section=PADDING,
    hint="You start a window at every stride, as the padding same would. In the example, which pixels does your "
    "second row of windows see that no window has reached before?",
)
def as_many_windows_as_same(image, pool_size, strides):
    """The number of windows is the length divided by the stride, rounded up."""
    rows, columns = (-(-length // strides) for length in image.shape)
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            y[i, j] = image[top : top + pool_size[0], left : left + pool_size[1]].max()
    return y


@misconception(
    function="max_pool_ceil",
    loses="max_pool_ceil_by_hand",
    section=OVERLAP,
    hint="You add a window even where the last whole window ends at the border. In which direction of the example is "
    "nothing missing?",
)
def always_one_window_more(image, pool_size, strides):
    """There is always a rest."""
    rows, columns = ((length - pool) // strides + 2 for length, pool in zip(image.shape, pool_size))
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = image[i * strides : i * strides + pool_size[0], j * strides : j * strides + pool_size[1]]
            y[i, j] = window.max() if window.size else 0
    return y


@misconception(
    function="max_pool_ceil",
    loses="max_pool_ceil_laws",
    section=PADDING,
    hint="Your windows start before the first pixel when more than one row or column is missing. The question says "
    "where the first window starts.",
)
def missing_pixels_on_both_sides(image, pool_size, strides):
    """Padding is shared between both sides, and the odd pixel goes after."""
    rows, columns = (-((pool - length) // strides) + 1 for length, pool in zip(image.shape, pool_size))
    missing = [(count - 1) * strides + pool - length for count, pool, length in zip((rows, columns), pool_size, image.shape)]
    padded = np.pad(image.astype(float), [(m // 2, m - m // 2) for m in missing], constant_values=-np.inf)
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            y[i, j] = padded[top : top + pool_size[0], left : left + pool_size[1]].max()
    return y


@misconception(
    function="max_pool_ceil",
    loses="max_pool_ceil_by_hand",
    section=OVERLAP,
    hint="You move the last window back until it fits. The question says where it starts, and that it may hold fewer pixels.",
)
def last_window_moved_back(image, pool_size, strides):
    """A window has to lie inside the image, so the last one starts earlier."""
    rows, columns = (-((pool - length) // strides) + 1 for length, pool in zip(image.shape, pool_size))
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            top = min(i * strides, image.shape[0] - pool_size[0])
            left = min(j * strides, image.shape[1] - pool_size[1])
            y[i, j] = image[top : top + pool_size[0], left : left + pool_size[1]].max()
    return y


# ---- 3. max_pool_with_places


@misconception(
    function="max_pool_with_places",
    loses="max_pool_with_places_by_hand",
    section=WINDOW,
    hint="Your places count inside the window. Two windows can then have different winners with the same place.",
)
def place_in_the_window(image, pool_size, strides):
    """The place is what argmax of the window says."""
    rows, columns = ((length - pool) // strides + 1 for length, pool in zip(image.shape, pool_size))
    values, places = np.zeros((rows, columns)), np.zeros((rows, columns), int)
    for i in range(rows):
        for j in range(columns):
            window = image[i * strides : i * strides + pool_size[0], j * strides : j * strides + pool_size[1]]
            values[i, j], places[i, j] = window.max(), window.argmax()
    return values, places


@misconception(
    function="max_pool_with_places",
    loses="max_pool_with_places_by_hand",
    section=WINDOW,
    hint="Where the largest number is in a window more than once, you take another one than the question asks for.",
)
def last_of_equal_numbers(image, pool_size, strides):
    """A number that is as large as the largest so far takes its place."""
    rows, columns = ((length - pool) // strides + 1 for length, pool in zip(image.shape, pool_size))
    values, places = np.zeros((rows, columns)), np.zeros((rows, columns), int)
    for i in range(rows):
        for j in range(columns):
            values[i, j] = -np.inf
            for p in range(i * strides, i * strides + pool_size[0]):
                for q in range(j * strides, j * strides + pool_size[1]):
                    if image[p, q] >= values[i, j]:
                        values[i, j], places[i, j] = image[p, q], p * image.shape[1] + q
    return values, places


@misconception(
    function="max_pool_with_places",
    loses="max_pool_with_places_by_hand",
    section=WINDOW,
    hint="You count the pixels down the columns. The question writes the rows one after another.",
)
def counted_down_the_columns(image, pool_size, strides):
    """The place is column times height plus row."""
    rows, columns = ((length - pool) // strides + 1 for length, pool in zip(image.shape, pool_size))
    values, places = np.zeros((rows, columns)), np.zeros((rows, columns), int)
    for i in range(rows):
        for j in range(columns):
            window = image[i * strides : i * strides + pool_size[0], j * strides : j * strides + pool_size[1]]
            p, q = np.unravel_index(window.argmax(), window.shape)
            values[i, j], places[i, j] = window[p, q], (j * strides + q) * image.shape[0] + i * strides + p
    return values, places


@misconception(
    function="max_pool_with_places",
    loses="max_pool_with_places_by_hand",
    section=WINDOW,
    hint="You multiply the row by the wrong length. How many pixels are there in one row of the image?",
)
def row_times_height(image, pool_size, strides):
    """The place is row times height plus column."""
    rows, columns = ((length - pool) // strides + 1 for length, pool in zip(image.shape, pool_size))
    values, places = np.zeros((rows, columns)), np.zeros((rows, columns), int)
    for i in range(rows):
        for j in range(columns):
            window = image[i * strides : i * strides + pool_size[0], j * strides : j * strides + pool_size[1]]
            p, q = np.unravel_index(window.argmax(), window.shape)
            values[i, j], places[i, j] = window[p, q], (i * strides + p) * image.shape[0] + j * strides + q
    return values, places


@misconception(
    function="max_pool_with_places",
    loses="max_pool_with_places_by_hand",
    section=WINDOW,
    hint="You look for the winning value in the whole image. It may stand there, earlier, outside of the window.",
)
def value_found_somewhere_else(image, pool_size, strides):
    """The first pixel with this value is the winner."""
    rows, columns = ((length - pool) // strides + 1 for length, pool in zip(image.shape, pool_size))
    values, places = np.zeros((rows, columns)), np.zeros((rows, columns), int)
    for i in range(rows):
        for j in range(columns):
            window = image[i * strides : i * strides + pool_size[0], j * strides : j * strides + pool_size[1]]
            values[i, j] = window.max()
            places[i, j] = np.flatnonzero(image.ravel() == window.max())[0]
    return values, places


@misconception(
    function="max_pool_with_places",
    loses="max_pool_with_places_laws",
    section=OVERLAP,
    hint="Your places are right with stride 1. With stride 2, in which row of the image does the second row of windows start?",
)
def stride_left_out_of_the_place(image, pool_size, strides):
    """Window i starts in row i."""
    rows, columns = ((length - pool) // strides + 1 for length, pool in zip(image.shape, pool_size))
    values, places = np.zeros((rows, columns)), np.zeros((rows, columns), int)
    for i in range(rows):
        for j in range(columns):
            window = image[i * strides : i * strides + pool_size[0], j * strides : j * strides + pool_size[1]]
            p, q = np.unravel_index(window.argmax(), window.shape)
            values[i, j], places[i, j] = window[p, q], (i + p) * image.shape[1] + j + q
    return values, places


@misconception(
    function="max_pool_with_places",
    loses="max_pool_with_places_laws",
    section=PADDING,
    hint="A window in which no number is positive has a winner too. With which number does your search begin?",
)
def only_positive_numbers_win(image, pool_size, strides):
    """The largest number so far is zero at the start, and its place is the first pixel."""
    rows, columns = ((length - pool) // strides + 1 for length, pool in zip(image.shape, pool_size))
    values, places = np.zeros((rows, columns)), np.zeros((rows, columns), int)
    for i in range(rows):
        for j in range(columns):
            for p in range(i * strides, i * strides + pool_size[0]):
                for q in range(j * strides, j * strides + pool_size[1]):
                    if image[p, q] > values[i, j]:
                        values[i, j], places[i, j] = image[p, q], p * image.shape[1] + q
    return values, places


# ---- 4. adaptive_average_pool


@misconception(
    function="adaptive_average_pool",
    loses="adaptive_average_pool_by_hand",
    section=OVERLAP,
    hint="Your windows do not overlap: each pixel is in one of them only. Which rows does the formula give to the "
    "second cell of the example?",
)
def windows_share_no_pixel(image, output_size):
    """The image is cut into pieces."""
    rows, columns = (np.array_split(np.arange(n), cells) for n, cells in zip(image.shape, output_size))
    x = image.astype(float)
    return np.array([[x[r[0] : r[-1] + 1, c[0] : c[-1] + 1].mean(axis=(0, 1)) for c in columns] for r in rows])


@misconception(
    function="adaptive_average_pool",
    loses="adaptive_average_pool_by_hand",
    section=OVERLAP,
    hint="Your windows end too early where the sizes do not divide. Look at the two different brackets of the formula.",
)
def end_rounded_down(image, output_size):
    """Start and end are both rounded down."""
    height, width, channels = image.shape
    rows, columns = output_size
    y = np.zeros((rows, columns, channels))
    for i in range(rows):
        for j in range(columns):
            top, bottom = i * height // rows, (i + 1) * height // rows
            left, right = j * width // columns, (j + 1) * width // columns
            y[i, j] = image[top:bottom, left:right].astype(float).mean(axis=(0, 1))
    return y


@misconception(
    function="adaptive_average_pool",
    loses="adaptive_average_pool_by_hand",
    section=WINDOW,
    hint="Your windows are as high as the size of the output divides into the image, and the pixels that are left at "
    "the end are in none of them.",
)
def rest_of_the_image_dropped(image, output_size):
    """Windows of one size stand one beside the other, as in average pooling."""
    (height, width), (rows, columns) = image.shape[:2], output_size
    high, wide = height // rows, width // columns
    pieces = image[: rows * high, : columns * wide].astype(float).reshape(rows, high, columns, wide, -1)
    return pieces.mean(axis=(1, 3))


@misconception(
    function="adaptive_average_pool",
    loses="adaptive_average_pool_by_hand",
    section=WINDOW,
    hint="Your result is as wide as it should be high. Which of the two numbers of a shape is the height?",
)
def height_and_width_of_the_output_swapped(image, output_size):
    """A size is given as width and height."""
    height, width, channels = image.shape
    columns, rows = output_size
    y = np.zeros((rows, columns, channels))
    for i in range(rows):
        for j in range(columns):
            top, bottom = i * height // rows, -(-(i + 1) * height // rows)
            left, right = j * width // columns, -(-(j + 1) * width // columns)
            y[i, j] = image[top:bottom, left:right].astype(float).mean(axis=(0, 1))
    return y


@misconception(
    function="adaptive_average_pool",
    loses="adaptive_average_pool_laws",
    section=OVERLAP,
    hint="All of your windows are equally high, and they stand at equal distances. The formula gives windows of "
    "different heights; write down its rows for five pixels and three cells.",
)
def all_windows_equally_large(image, output_size):
    """One stride and one window fit every size."""
    (height, width, channels), (rows, columns) = image.shape, output_size
    step = height // rows, width // columns
    high, wide = height - (rows - 1) * step[0], width - (columns - 1) * step[1]
    y = np.zeros((rows, columns, channels))
    for i in range(rows):
        for j in range(columns):
            window = image[i * step[0] : i * step[0] + high, j * step[1] : j * step[1] + wide]
            y[i, j] = window.astype(float).mean(axis=(0, 1))
    return y


@misconception(
    function="adaptive_average_pool",
    loses="adaptive_average_pool_laws",
    section=WINDOW,
    hint="With more than one channel, all channels of your result are equal. Pooling treats each channel alone.",
)
def mean_over_the_channels_too(image, output_size):
    """The mean of a window is the mean of all its numbers."""
    height, width, channels = image.shape
    rows, columns = output_size
    y = np.zeros((rows, columns, channels))
    for i in range(rows):
        for j in range(columns):
            top, bottom = i * height // rows, -(-(i + 1) * height // rows)
            left, right = j * width // columns, -(-(j + 1) * width // columns)
            y[i, j] = image[top:bottom, left:right].astype(float).mean()
    return y


@misconception(
    function="adaptive_average_pool",
    loses="adaptive_average_pool_laws",
    section=WINDOW,
    hint="For images of whole numbers, everything after the decimal point is lost. Which type does the array have "
    "into which you write the means?",
)
def means_cut_to_whole_numbers(image, output_size):
    """The result has the type of the image."""
    height, width, channels = image.shape
    rows, columns = output_size
    y = np.zeros((rows, columns, channels), dtype=image.dtype)
    for i in range(rows):
        for j in range(columns):
            top, bottom = i * height // rows, -(-(i + 1) * height // rows)
            left, right = j * width // columns, -(-(j + 1) * width // columns)
            y[i, j] = image[top:bottom, left:right].astype(float).mean(axis=(0, 1))
    return y


# ---- 5. masked_global_pool


@misconception(
    function="masked_global_pool",
    loses="masked_global_pool_by_hand",
    section=PADDING,
    hint="In the margin you write a number that takes part in the maximum. It wins where all real numbers are smaller.",
)
def margin_is_zero_for_the_maximum(x, mask):
    """A pixel that is multiplied by zero does not count."""
    real = x.astype(float) * mask[..., None]
    return real.max(axis=(1, 2)), real.sum(axis=(1, 2)) / mask.sum(axis=(1, 2))[:, None]


@misconception(
    function="masked_global_pool",
    loses="masked_global_pool_by_hand",
    section=PADDING,
    hint="Your maximum is right. Your mean divides by a number of pixels that includes the margin.",
)
def margin_counts_in_the_mean(x, mask):
    """A zero in the margin does not change a mean."""
    largest = np.where(mask[..., None], x.astype(float), -np.inf).max(axis=(1, 2))
    return largest, (x.astype(float) * mask[..., None]).mean(axis=(1, 2))


@misconception(
    function="masked_global_pool",
    loses="masked_global_pool_by_hand",
    section=GLOBAL,
    hint="All of your images get the same answer. Which axes may disappear in a global pooling, and which one has to stay?",
)
def whole_batch_pooled_together(x, mask):
    """The mask picks the real pixels of the batch, and the rest is a maximum and a mean."""
    pixels = x[mask].astype(float)
    return np.tile(pixels.max(axis=0), (len(x), 1)), np.tile(pixels.mean(axis=0), (len(x), 1))


@misconception(
    function="masked_global_pool",
    loses="masked_global_pool_by_hand",
    section=ANY_SIZE,
    hint="Your images do not all have the margin that you give them. Each image of the batch has its own.",
)
def margin_of_the_first_image_for_all(x, mask):
    """All images of a batch have the same size, so one mask is enough."""
    pixels = x[:, mask[0]].astype(float)
    return pixels.max(axis=1), pixels.mean(axis=1)


@misconception(
    function="masked_global_pool",
    loses="masked_global_pool_by_hand",
    section=PADDING,
    hint="You ignore the mask: the pixels of the margin take part in your answer.",
)
def mask_ignored(x, mask):
    """The margin is zero and does no harm."""
    return x.astype(float).max(axis=(1, 2)), x.astype(float).mean(axis=(1, 2))


@misconception(
    function="masked_global_pool",
    loses="masked_global_pool_laws",
    section=PADDING,
    hint="A real pixel can be zero, and a pixel of the margin can be something else. How do you find out which "
    "pixels are real?",
)
def zeros_taken_for_margin(x, mask):
    """A pixel of the margin is a pixel that is zero."""
    real = np.where(mask[..., None], x.astype(float), 0)
    largest = np.where(real != 0, real, -np.inf).max(axis=(1, 2))
    return largest, real.sum(axis=(1, 2)) / np.maximum((real != 0).sum(axis=(1, 2)), 1)


@misconception(
    function="masked_global_pool",
    loses="masked_global_pool_laws",
    section=GLOBAL,
    hint="With more than one channel, all channels of your result are equal. A global pooling keeps one number for "
    "each channel.",
)
def channels_share_one_number(x, mask):
    """A global pooling gives one number for each image."""
    largest, average = np.zeros((len(x), x.shape[3])), np.zeros((len(x), x.shape[3]))
    for n in range(len(x)):
        largest[n] = x[n][mask[n]].max()
        average[n] = x[n][mask[n]].mean()
    return largest, average
