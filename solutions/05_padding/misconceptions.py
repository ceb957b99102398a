"""Wrong answers to assignment 05, as students write them. nbgrader does not release this file.

The name of a function is the name of the misconception, its docstring the idea behind it. `loses` names the test
that is meant for it. A hint says what went wrong and what to read again, never the answer.
"""

import numpy as np

from convbook.course.misconceptions import misconception

SHRINK = "Images shrink"
AROUND = "Pixels around the image"
USED = "How often is a pixel used?"
ODD = "The odd pixel"
FILL = "What to fill in"


# ---- 1. pad_panorama


@misconception(
    function="pad_panorama",
    loses="pad_panorama_by_hand",
    section=FILL,
    hint="You reflect in both directions. What does the camera see if it turns a little further to the right?",
)
def columns_reflected_too(image, widths):
    """One filling is used on all four sides."""
    rows, columns = (np.arange(-before, n + after) for n, (before, after) in zip(image.shape, widths))
    for places, n in ((rows, image.shape[0]), (columns, image.shape[1])):
        places[:] = np.abs(places) % max(2 * (n - 1), 1)
        places[:] = np.minimum(places, 2 * (n - 1) - places)
    return image[rows][:, columns]


@misconception(
    function="pad_panorama",
    loses="pad_panorama_by_hand",
    section=FILL,
    hint="Your border row stands twice, one copy directly above the other. Look again at how the chapter reflects.",
)
def border_row_repeated(image, widths):
    """A mirror stands at the end of the image, so the border row comes first."""
    (top, bottom), (left, right) = widths
    height, width = image.shape
    rows = [min(max(-1 - i, i), 2 * height - 1 - i) if i >= height else max(-1 - i, i) for i in range(-top, height + bottom)]
    columns = [j % width for j in range(-left, width + right)]
    return np.array([[image[i, j] for j in columns] for i in rows])


@misconception(
    function="pad_panorama",
    loses="pad_panorama_by_hand",
    section=FILL,
    hint="Above the sky you continue with the ground. In which direction does a panorama go around, and in which one "
    "does it not?",
)
def rows_go_around_too(image, widths):
    """The image continues at its other end on all four sides."""
    (top, bottom), (left, right) = widths
    rows, columns = np.arange(-top, image.shape[0] + bottom), np.arange(-left, image.shape[1] + right)
    return image[rows % image.shape[0]][:, columns % image.shape[1]]


@misconception(
    function="pad_panorama",
    loses="pad_panorama_by_hand",
    section=FILL,
    hint="You copy the columns of the side where you stand. Which column of the image lies to the left of its first one?",
)
def columns_of_the_near_end(image, widths):
    """The new columns on the left are copies of the first columns."""
    (top, bottom), (left, right) = widths
    height, width = image.shape
    rows = [height - 1 - abs(height - 1 - abs(i)) for i in range(-top, height + bottom)]
    left_columns = [j % width for j in range(left)]
    right_columns = [(width - right + j) % width for j in range(right)]
    columns = left_columns + list(range(width)) + right_columns
    return np.array([[image[i, j] for j in columns] for i in rows])


@misconception(
    function="pad_panorama",
    loses="pad_panorama_by_hand",
    section=AROUND,
    hint="You read the widths in the wrong order. Which pair of the explicit form belongs to the rows?",
)
def widths_of_columns_first(image, widths):
    """A width comes before a height."""
    (left, right), (top, bottom) = widths
    height, width = image.shape
    rows = [i % max(2 * (height - 1), 1) for i in range(-top, height + bottom)]
    rows = [min(i, 2 * (height - 1) - i) for i in rows]
    columns = [j % width for j in range(-left, width + right)]
    return np.array([[image[i, j] for j in columns] for i in rows])


@misconception(
    function="pad_panorama",
    loses="pad_panorama_by_hand",
    section=FILL,
    hint="Your four sides are right, but your corners are empty. The question says what belongs there.",
)
def corners_left_at_zero(image, widths):
    """Padding has four sides."""
    (top, bottom), (left, right) = widths
    height, width = image.shape
    y = np.zeros((top + height + bottom, left + width + right), image.dtype)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            row, column = i - top, j - left
            if 0 <= row < height or 0 <= column < width:
                y[i, j] = image[height - 1 - abs(height - 1 - abs(row)), column % width]
    return y


@misconception(
    function="pad_panorama",
    loses="pad_panorama_laws",
    section=FILL,
    hint="Try a width of 0 on the left. Which columns does a slice from minus 0 to the end hold?",
)
def slice_from_minus_zero(image, widths):
    """The last n columns are the slice from minus n, for every n."""
    (top, bottom), (left, right) = widths
    wide = np.concatenate([image[:, -left:], image, image[:, :right]], axis=1)
    return np.concatenate([wide[1 : top + 1][::-1], wide, wide[len(wide) - 1 - bottom : -1][::-1]])


@misconception(
    function="pad_panorama",
    loses="pad_panorama_laws",
    section=FILL,
    hint="Try more new columns than the image has. After one turn, the panorama begins again.",
)
def around_once_only(image, widths):
    """A padding is narrower than its image."""
    (top, bottom), (left, right) = widths
    width = image.shape[1]
    wide = np.concatenate([image[:, max(width - left, 0) :], image, image[:, :right]], axis=1)
    return np.concatenate([wide[1 : top + 1][::-1], wide, wide[len(wide) - 1 - bottom : -1][::-1]])


# ---- 2. pad_or_crop


@misconception(
    function="pad_or_crop",
    loses="pad_or_crop_by_hand",
    section=AROUND,
    hint="On a side where nothing has to be removed, you lose the whole image. Where does a slice that goes to minus 0 end?",
)
def slice_to_minus_zero(image, widths):
    """To remove n rows at the end, slice to minus n, for every n."""
    (top, bottom), (left, right) = widths
    rows = slice(max(-top, 0), -max(-bottom, 0))
    columns = slice(max(-left, 0), -max(-right, 0))
    return np.pad(image[rows, columns], [(max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0))])


@misconception(
    function="pad_or_crop",
    loses="pad_or_crop_by_hand",
    section=AROUND,
    hint="Your image grows where it should shrink, and the other way round. What does a negative number mean in the question?",
)
def signs_exchanged(image, widths):
    """A negative number is the place of the new pixels: before the image."""
    (top, bottom), (left, right) = widths
    height, width = image.shape
    y = np.zeros((max(height - top - bottom, 0), max(width - left - right, 0)), image.dtype)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            if 0 <= i + top < height and 0 <= j + left < width:
                y[i, j] = image[i + top, j + left]
    return y


@misconception(
    function="pad_or_crop",
    loses="pad_or_crop_by_hand",
    section=AROUND,
    hint="You add what has to be added, but you remove nothing.",
)
def negative_numbers_ignored(image, widths):
    """Padding can only add."""
    return np.pad(image, [(max(before, 0), max(after, 0)) for before, after in widths])


@misconception(
    function="pad_or_crop",
    loses="pad_or_crop_by_hand",
    section=AROUND,
    hint="You replace pixels by zeros where you should remove them. How large does the question say the result is?",
)
def removed_pixels_set_to_zero(image, widths):
    """A pixel is removed by making it black."""
    (top, bottom), (left, right) = widths
    height, width = image.shape
    kept = np.zeros(image.shape, image.dtype)
    rows, columns = slice(max(-top, 0), height - max(-bottom, 0)), slice(max(-left, 0), width - max(-right, 0))
    kept[rows, columns] = image[rows, columns]
    return np.pad(kept, [(max(before, 0), max(after, 0)) for before, after in widths])


@misconception(
    function="pad_or_crop",
    loses="pad_or_crop_by_hand",
    section=AROUND,
    hint="What you do at the top belongs to the bottom, and what you do on the left belongs to the right. Which "
    "number of a pair is the side before the image?",
)
def before_and_after_exchanged(image, widths):
    """The first number of a pair is the side after the image."""
    (bottom, top), (right, left) = widths
    height, width = image.shape
    y = np.zeros((top + height + bottom, left + width + right), image.dtype)
    for i in range(height):
        for j in range(width):
            if 0 <= i + top < y.shape[0] and 0 <= j + left < y.shape[1]:
                y[i + top, j + left] = image[i, j]
    return y


@misconception(
    function="pad_or_crop",
    loses="pad_or_crop_by_hand",
    section=AROUND,
    hint="You read the numbers in the wrong order. Which pair of the explicit form belongs to the rows?",
)
def columns_before_rows(image, widths):
    """A width comes before a height."""
    (left, right), (top, bottom) = widths
    height, width = image.shape
    y = np.zeros((max(top + height + bottom, 0), max(left + width + right, 0)), image.dtype)
    for i in range(height):
        for j in range(width):
            if 0 <= i + top < y.shape[0] and 0 <= j + left < y.shape[1]:
                y[i + top, j + left] = image[i, j]
    return y


@misconception(
    function="pad_or_crop",
    loses="pad_or_crop_laws",
    section=AROUND,
    hint="Try an image with numbers like 0.5. What is left of them in your result, and which type does your result have?",
)
def stored_as_whole_numbers(image, widths):
    """Pixels are whole numbers."""
    (top, bottom), (left, right) = widths
    height, width = image.shape
    y = np.zeros((top + height + bottom, left + width + right), dtype=int)
    for i in range(height):
        for j in range(width):
            if 0 <= i + top < y.shape[0] and 0 <= j + left < y.shape[1]:
                y[i + top, j + left] = image[i, j]
    return y


# ---- 3. dilated_same_widths


@misconception(
    function="dilated_same_widths",
    loses="dilated_same_widths_by_hand",
    section=ODD,
    hint="The number of added pixels is right. On which side does Keras put the odd one?",
)
def odd_pixel_before(size, kernel_size, strides, dilation):
    """The larger half comes first."""
    widths = []
    for length, kernel_length in zip(size, kernel_size):
        total = max((-(-length // strides) - 1) * strides + dilation * (kernel_length - 1) + 1 - length, 0)
        widths.append((total - total // 2, total // 2))
    return tuple(widths)


@misconception(
    function="dilated_same_widths",
    loses="dilated_same_widths_by_hand",
    section=ODD,
    hint="You pad both sides by the same number, which is PyTorch's rule. It can add a pixel that no window needs.",
)
def both_sides_alike(size, kernel_size, strides, dilation):
    """Padding is one number, for both sides."""
    widths = []
    for length, kernel_length in zip(size, kernel_size):
        total = max((-(-length // strides) - 1) * strides + dilation * (kernel_length - 1) + 1 - length, 0)
        widths.append((-(-total // 2), -(-total // 2)))
    return tuple(widths)


@misconception(
    function="dilated_same_widths",
    loses="dilated_same_widths_by_hand",
    section=ODD,
    hint="You forgot the gaps. The question says how many pixels a kernel with gaps reaches over.",
)
def gaps_forgotten(size, kernel_size, strides, dilation):
    """A kernel is as long as the number of its weights."""
    widths = []
    for length, kernel_length in zip(size, kernel_size):
        total = max((-(-length // strides) - 1) * strides + kernel_length - length, 0)
        widths.append((total // 2, total - total // 2))
    return tuple(widths)


@misconception(
    function="dilated_same_widths",
    loses="dilated_same_widths_by_hand",
    section=ODD,
    hint="Your kernel reaches too far. Draw three weights with gaps on paper: how many gaps are there?",
)
def gap_after_the_last_weight(size, kernel_size, strides, dilation):
    """A dilated kernel is d times as long as the kernel."""
    widths = []
    for length, kernel_length in zip(size, kernel_size):
        total = max((-(-length // strides) - 1) * strides + dilation * kernel_length - length, 0)
        widths.append((total // 2, total - total // 2))
    return tuple(widths)


@misconception(
    function="dilated_same_widths",
    loses="dilated_same_widths_by_hand",
    section=ODD,
    hint="Along an odd length you count one window too few. Does the question round up or down?",
)
def windows_rounded_down(size, kernel_size, strides, dilation):
    """Half of 27 pixels are 13 windows."""
    widths = []
    for length, kernel_length in zip(size, kernel_size):
        total = max((length // strides - 1) * strides + dilation * (kernel_length - 1) + 1 - length, 0)
        widths.append((total // 2, total - total // 2))
    return tuple(widths)


@misconception(
    function="dilated_same_widths",
    loses="dilated_same_widths_by_hand",
    section=ODD,
    hint="Your padding does not depend on the stride. Where does the last window start if the stride is 2, and how "
    "far does it reach?",
)
def stride_forgotten(size, kernel_size, strides, dilation):
    """Same padding is the length of the kernel minus one."""
    widths = []
    for kernel_length in kernel_size:
        total = dilation * (kernel_length - 1)
        widths.append((total // 2, total - total // 2))
    return tuple(widths)


@misconception(
    function="dilated_same_widths",
    loses="dilated_same_widths_by_hand",
    section=AROUND,
    hint="Your rows are padded for the width of the kernel. Which of the two numbers of a shape is the height?",
)
def kernel_height_and_width_swapped(size, kernel_size, strides, dilation):
    """A size is given as width and height."""
    widths = []
    for length, kernel_length in zip(size, kernel_size[::-1]):
        total = max((-(-length // strides) - 1) * strides + dilation * (kernel_length - 1) + 1 - length, 0)
        widths.append((total // 2, total - total // 2))
    return tuple(widths)


@misconception(
    function="dilated_same_widths",
    loses="dilated_same_widths_laws",
    section=ODD,
    hint="Try a kernel of one pixel with a stride of 3. Can a number of added pixels be less than nothing?",
)
def fewer_than_no_pixels(size, kernel_size, strides, dilation):
    """The formula of the padding holds as it is."""
    widths = []
    for length, kernel_length in zip(size, kernel_size):
        total = (-(-length // strides) - 1) * strides + dilation * (kernel_length - 1) + 1 - length
        widths.append((total // 2, total - total // 2))
    return tuple(widths)


# ---- 4. normalised_blur


@misconception(
    function="normalised_blur",
    loses="normalised_blur_by_hand",
    section=FILL,
    hint="Your border is dark, as with zeros. Over which weights does the lower sum of the formula run?",
)
def divided_by_all_weights(image, kernel):
    """A mean is divided by the sum of its weights."""
    (height, width), (kernel_height, kernel_width) = image.shape, kernel.shape
    padded = np.pad(image.astype(float), [(k // 2, k // 2) for k in kernel.shape])
    y = np.zeros((height, width))
    for p in range(kernel_height):
        for q in range(kernel_width):
            y += kernel[p, q] * padded[p : p + height, q : q + width]
    return y / kernel.astype(float).sum()


@misconception(
    function="normalised_blur",
    loses="normalised_blur_by_hand",
    section=FILL,
    hint="You divide by the number of pixels that are there. The formula divides by something else.",
)
def divided_by_the_number_of_pixels(image, kernel):
    """A mean is divided by the number of its terms."""
    (height, width), (kernel_height, kernel_width) = image.shape, kernel.shape
    padded = np.pad(image.astype(float), [(k // 2, k // 2) for k in kernel.shape])
    inside = np.pad(np.ones(image.shape), [(k // 2, k // 2) for k in kernel.shape])
    sums, count = np.zeros((height, width)), np.zeros((height, width))
    for p in range(kernel_height):
        for q in range(kernel_width):
            sums += kernel[p, q] * padded[p : p + height, q : q + width]
            count += inside[p : p + height, q : q + width]
    return sums / count


@misconception(
    function="normalised_blur",
    loses="normalised_blur_by_hand",
    section=FILL,
    hint="You repeat the pixels of the border, and so they count more often than once. The question uses only the "
    "pixels that are there.",
)
def border_pixels_repeated(image, kernel):
    """Repeated pixels keep the border as bright as it is."""
    (height, width), (kernel_height, kernel_width) = image.shape, kernel.shape
    padded = np.pad(image.astype(float), [(k // 2, k // 2) for k in kernel.shape], mode="edge")
    y = np.zeros((height, width))
    for p in range(kernel_height):
        for q in range(kernel_width):
            y += kernel[p, q] * padded[p : p + height, q : q + width]
    return y / kernel.astype(float).sum()


@misconception(
    function="normalised_blur",
    loses="normalised_blur_by_hand",
    section=FILL,
    hint="Your kernel lies in the window back to front. Follow the first number of the example: which weight meets "
    "the pixel itself, and which one the pixel on its right?",
)
def kernel_turned(image, kernel):
    """A blur is a convolution, and a convolution flips."""
    kernel = kernel[::-1, ::-1].astype(float)
    (height, width), (kernel_height, kernel_width) = image.shape, kernel.shape
    padded = np.pad(image.astype(float), [(k // 2, k // 2) for k in kernel.shape])
    inside = np.pad(np.ones(image.shape), [(k // 2, k // 2) for k in kernel.shape])
    sums, weights = np.zeros((height, width)), np.zeros((height, width))
    for p in range(kernel_height):
        for q in range(kernel_width):
            sums += kernel[p, q] * padded[p : p + height, q : q + width]
            weights += kernel[p, q] * inside[p : p + height, q : q + width]
    return sums / weights


@misconception(
    function="normalised_blur",
    loses="normalised_blur_by_hand",
    section=AROUND,
    hint="Your window starts at its pixel. In the formula its middle lies there.",
)
def window_starts_at_its_pixel(image, kernel):
    """Window i starts at pixel i."""
    (height, width), (kernel_height, kernel_width) = image.shape, kernel.shape
    padded = np.pad(image.astype(float), [(0, k - 1) for k in kernel.shape])
    inside = np.pad(np.ones(image.shape), [(0, k - 1) for k in kernel.shape])
    sums, weights = np.zeros((height, width)), np.zeros((height, width))
    for p in range(kernel_height):
        for q in range(kernel_width):
            sums += kernel[p, q] * padded[p : p + height, q : q + width]
            weights += kernel[p, q] * inside[p : p + height, q : q + width]
    return sums / weights


@misconception(
    function="normalised_blur",
    loses="normalised_blur_by_hand",
    section=SHRINK,
    hint="Your result is smaller than the image. The question asks for a number at every pixel.",
)
def only_whole_windows(image, kernel):
    """Where a window does not fit, there is no mean."""
    height, width = (max(n - k + 1, 0) for n, k in zip(image.shape, kernel.shape))
    y = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            window = image[i : i + kernel.shape[0], j : j + kernel.shape[1]].astype(float)
            y[i, j] = (window * kernel).sum() / kernel.astype(float).sum()
    return y


@misconception(
    function="normalised_blur",
    loses="normalised_blur_laws",
    section=FILL,
    hint="For a photograph some of your sums are far too small. Which type do the products have, and what is its "
    "largest number?",
)
def products_in_the_type_of_the_image(image, kernel):
    """A product has room where its factors have room."""
    (height, width), (kernel_height, kernel_width) = image.shape, kernel.shape
    padded = np.pad(image, [(k // 2, k // 2) for k in kernel.shape])
    inside = np.pad(np.ones(image.shape), [(k // 2, k // 2) for k in kernel.shape])
    sums, weights = np.zeros((height, width)), np.zeros((height, width))
    for p in range(kernel_height):
        for q in range(kernel_width):
            sums += padded[p : p + height, q : q + width] * kernel[p, q]
            weights += kernel[p, q] * inside[p : p + height, q : q + width]
    return sums / weights


@misconception(
    function="normalised_blur",
    loses="normalised_blur_laws",
    section=FILL,
    hint="For images of whole numbers, everything after the decimal point is lost. Which type does the array have "
    "into which you write the means?",
)
def means_cut_to_whole_numbers(image, kernel):
    """The result has the type of the image."""
    (height, width), (kernel_height, kernel_width) = image.shape, kernel.shape
    padded = np.pad(image.astype(float), [(k // 2, k // 2) for k in kernel.shape])
    inside = np.pad(np.ones(image.shape), [(k // 2, k // 2) for k in kernel.shape])
    sums, weights = np.zeros((height, width)), np.zeros((height, width))
    for p in range(kernel_height):
        for q in range(kernel_width):
            sums += kernel[p, q] * padded[p : p + height, q : q + width]
            weights += kernel[p, q] * inside[p : p + height, q : q + width]
    return (sums / weights + 1e-9).astype(image.dtype)


# ---- 5. sizes_through


@misconception(
    function="sizes_through",
    loses="sizes_through_by_hand",
    section=ODD,
    hint="With the padding same and an odd size, one window is missing. Does the question round up or down there?",
)
def same_rounded_down(size, layers):
    """A stride of 2 gives half of the pixels, rounded down."""
    sizes = []
    for padding, kernel_size, strides in layers:
        if padding == "same":
            size = size // strides
        else:
            added = 0 if padding == "valid" else 2 * (kernel_size - 1) if padding == "full" else 2 * padding
            size = (size + added - kernel_size) // strides + 1
        if size < 1:
            break
        sizes.append(size)
    return sizes


@misconception(
    function="sizes_through",
    loses="sizes_through_by_hand",
    section=ODD,
    hint="With the padding same, your size stays the same with any stride. The name is older than the stride.",
)
def same_stays_the_same(size, layers):
    """Same means as large as the input."""
    sizes = []
    for padding, kernel_size, strides in layers:
        if padding != "same":
            added = 0 if padding == "valid" else 2 * (kernel_size - 1) if padding == "full" else 2 * padding
            size = (size + added - kernel_size) // strides + 1
        if size < 1:
            break
        sizes.append(size)
    return sizes


@misconception(
    function="sizes_through",
    loses="sizes_through_by_hand",
    section=AROUND,
    hint="Where the padding is an integer, you count it once. On how many sides is it added?",
)
def padding_counted_on_one_side(size, layers):
    """A padding of 1 adds one pixel."""
    sizes = []
    for padding, kernel_size, strides in layers:
        if padding == "same":
            size = -(-size // strides)
        else:
            added = 0 if padding == "valid" else 2 * (kernel_size - 1) if padding == "full" else padding
            size = (size + added - kernel_size) // strides + 1
        if size < 1:
            break
        sizes.append(size)
    return sizes


@misconception(
    function="sizes_through",
    loses="sizes_through_by_hand",
    section=AROUND,
    hint="For the padding full you divide the size at stride 1 by the stride. Put the number of added pixels into "
    "the formula of the question instead.",
)
def full_divided_by_the_stride(size, layers):
    """A stride of 2 gives half as many windows."""
    sizes = []
    for padding, kernel_size, strides in layers:
        if padding == "same":
            size = -(-size // strides)
        elif padding == "full":
            size = (size + kernel_size - 1) // strides
        else:
            size = (size + (0 if padding == "valid" else 2 * padding) - kernel_size) // strides + 1
        if size < 1:
            break
        sizes.append(size)
    return sizes


@misconception(
    function="sizes_through",
    loses="sizes_through_by_hand",
    section=SHRINK,
    hint="Your list goes on where the network has ended: it has sizes of no pixels, or of fewer than none.",
)
def network_never_ends(size, layers):
    """The formula has an answer for every layer."""
    sizes = []
    for padding, kernel_size, strides in layers:
        if padding == "same":
            size = -(-size // strides)
        else:
            added = 0 if padding == "valid" else 2 * (kernel_size - 1) if padding == "full" else 2 * padding
            size = (size + added - kernel_size) // strides + 1
        sizes.append(size)
    return sizes


@misconception(
    function="sizes_through",
    loses="sizes_through_by_hand",
    section=SHRINK,
    hint="The first number of your list is the size of the image. The question asks for the sizes after each layer.",
)
def image_listed_too(size, layers):
    """The image is the first feature map."""
    sizes = [size]
    for padding, kernel_size, strides in layers:
        if padding == "same":
            size = -(-size // strides)
        else:
            added = 0 if padding == "valid" else 2 * (kernel_size - 1) if padding == "full" else 2 * padding
            size = (size + added - kernel_size) // strides + 1
        if size < 1:
            break
        sizes.append(size)
    return sizes


@misconception(
    function="sizes_through",
    loses="sizes_through_laws",
    section=SHRINK,
    hint="You leave out the layer for which no window fits and go on with the next one. What does the question say "
    "about the layers after it?",
)
def layer_left_out(size, layers):
    """A layer that does not fit is left out, and the next one may fit."""
    sizes = []
    for padding, kernel_size, strides in layers:
        if padding == "same":
            new = -(-size // strides)
        else:
            added = 0 if padding == "valid" else 2 * (kernel_size - 1) if padding == "full" else 2 * padding
            new = (size + added - kernel_size) // strides + 1
        if new < 1:
            continue
        size = new
        sizes.append(size)
    return sizes


@misconception(
    function="sizes_through",
    loses="sizes_through_laws",
    section=SHRINK,
    hint="Try one layer with a kernel that is one pixel longer than the image, and stride 2. How many windows fit, "
    "and how does your code round a negative number?",
)
def cut_towards_zero(size, layers):
    """To round down is to cut off what stands after the decimal point."""
    sizes = []
    for padding, kernel_size, strides in layers:
        if padding == "same":
            size = -(-size // strides)
        else:
            added = 0 if padding == "valid" else 2 * (kernel_size - 1) if padding == "full" else 2 * padding
            size = int((size + added - kernel_size) / strides) + 1
        if size < 1:
            break
        sizes.append(size)
    return sizes


@misconception(
    function="sizes_through",
    loses="sizes_through_laws",
    section=AROUND,
    hint="You round up everywhere. Which padding is the only one for which the question rounds up?",
)
def everything_rounded_up(size, layers):
    """With a stride, the number of windows is rounded up."""
    sizes = []
    for padding, kernel_size, strides in layers:
        if padding == "same":
            size = -(-size // strides)
        else:
            added = 0 if padding == "valid" else 2 * (kernel_size - 1) if padding == "full" else 2 * padding
            if size + added < kernel_size:
                break
            size = -(-(size + added - kernel_size) // strides) + 1
        sizes.append(size)
    return sizes
