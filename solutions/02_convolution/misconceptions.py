"""Wrong answers to assignment 02, as students write them. nbgrader does not release this file.

The name of a function is the name of the misconception, its docstring the idea behind it. `loses` names the test
that is meant for it. A hint says what went wrong and what to read again, never the answer.
"""

import numpy as np

from convbook.course.misconceptions import misconception

SLIDE = "A window that slides"
MATRIX = "The same thing as a matrix"
FLIP = "Convolution flips, cross-correlation does not"
PLANE = "Two dimensions: filter and kernel"
EDGES = "Blur, sharpen, find edges"
KEEPS = "What a convolution keeps"
MERGE = "Two small kernels or one large one"
LEARN = "A kernel that is learned"


# ---- 1. convolve1d_full


@misconception(
    function="convolve1d_full",
    loses="convolve1d_full_by_hand",
    section=FLIP,
    hint="Your function computes a cross-correlation. Follow one number of the example by hand: which number of the signal "
    "does the first number of the kernel meet?",
)
def kernel_not_flipped(signal, kernel):
    """Convolution and cross-correlation are the same thing."""
    k = len(kernel)
    padded = np.pad(signal.astype(float), k - 1)
    return np.array([(padded[i : i + k] * kernel).sum() for i in range(len(signal) + k - 1)])


@misconception(
    function="convolve1d_full",
    loses="convolve1d_full_by_hand",
    section=FLIP,
    hint="All the numbers are right, but they come in the wrong order. Which of the two, signal or kernel, does the formula "
    "read backwards?",
)
def signal_flipped(signal, kernel):
    """It does not matter which of the two is flipped before the window slides."""
    k = len(kernel)
    padded = np.pad(signal[::-1].astype(float), k - 1)
    return np.array([(padded[i : i + k] * kernel).sum() for i in range(len(signal) + k - 1)])


@misconception(
    function="convolve1d_full",
    loses="convolve1d_full_by_hand",
    section=SLIDE,
    hint="Your result has only the positions at which the shorter one lies inside the longer one. The question asks for every "
    "position at which they touch. How many are there?",
)
def only_windows_that_fit(signal, kernel):
    """A window has to lie inside the signal."""
    short, long = sorted((signal, kernel), key=len)
    k = len(short)
    return np.array([float((long[i : i + k] * short[::-1]).sum()) for i in range(len(long) - k + 1)])


@misconception(
    function="convolve1d_full",
    loses="convolve1d_full_by_hand",
    section=SLIDE,
    hint="Your result is as long as the signal. The kernel still touches the signal after the signal's last number.",
)
def as_long_as_the_signal(signal, kernel):
    """A filtered signal is as long as the signal."""
    y = np.zeros(len(signal))
    for i in range(len(signal)):
        for p in range(min(len(kernel), i + 1)):
            y[i] += float(kernel[p]) * float(signal[i - p])
    return y


@misconception(
    function="convolve1d_full",
    loses="convolve1d_full_by_hand",
    section=SLIDE,
    hint="Several products belong to the same number of the result. In your result only the last of them is left.",
)
def overlaps_overwritten(signal, kernel):
    """Each product has a place of its own in the result."""
    y = np.zeros(len(signal) + len(kernel) - 1)
    for i in range(len(signal)):
        for p in range(len(kernel)):
            y[i + p] = float(signal[i]) * float(kernel[p])
    return y


@misconception(
    function="convolve1d_full",
    loses="convolve1d_full_laws",
    section=SLIDE,
    hint="Your result loses everything after the decimal point, or more, for some types of numbers. Which type does the array "
    "have in which you collect the sums?",
)
def stored_in_the_type_of_the_signal(signal, kernel):
    """The result has the type of the signal."""
    y = np.zeros(len(signal) + len(kernel) - 1, dtype=signal.dtype)
    for i in range(len(signal)):
        for p in range(len(kernel)):
            y[i + p] += signal[i] * kernel[p]
    return y


@misconception(
    function="convolve1d_full",
    loses="convolve1d_full_by_hand",
    section=FLIP,
    hint="The numbers are right, but the caller's kernel is not what it was before: your function wrote into its argument.",
)
def kernel_flipped_in_place(signal, kernel):
    """An argument belongs to the function, so it can be changed."""
    k = len(kernel)
    kernel[:] = kernel[::-1].copy()
    padded = np.pad(signal.astype(float), k - 1)
    return np.array([(padded[i : i + k] * kernel).sum() for i in range(len(signal) + k - 1)])


@misconception(
    function="convolve1d_full",
    loses="convolve1d_full_laws",
    section=SLIDE,
    hint="Your function knows the answer to the example only. Change one number of the signal and compute the result by hand.",
)
def hard_coded_example(signal, kernel):
    """The visible test is all there is."""
    return np.array([1.0, 12.0, 123.0, 230.0, 300.0])


# ---- 2. circulant_matrix


@misconception(
    function="circulant_matrix",
    loses="circulant_matrix_by_hand",
    section=MATRIX,
    hint="Your matrix moves the kernel against the direction of the window. Multiply it with a vector that has a single 1 and "
    "compare with the formula: what belongs to one output, a row or a column?",
)
def matrix_transposed(kernel, size):
    """A column of the matrix is one window."""
    matrix = np.zeros((size, size))
    for i in range(size):
        for p in range(len(kernel)):
            matrix[(i + p) % size, i] += kernel[p]
    return matrix


@misconception(
    function="circulant_matrix",
    loses="circulant_matrix_by_hand",
    section=FLIP,
    hint="The window is at the right place, but your kernel lies in it back to front. Is the question about a convolution?",
)
def kernel_back_to_front(kernel, size):
    """A matrix needs the flipped kernel."""
    matrix = np.zeros((size, size))
    for i in range(size):
        for p in range(len(kernel)):
            matrix[i, (i + p) % size] += kernel[len(kernel) - 1 - p]
    return matrix


@misconception(
    function="circulant_matrix",
    loses="circulant_matrix_by_hand",
    section=MATRIX,
    hint="In your last rows some numbers of the kernel are missing. On a ring no window reaches a border.",
)
def window_not_wrapped(kernel, size):
    """What reaches over the border is cut off."""
    matrix = np.zeros((size, size))
    for i in range(size):
        for p in range(len(kernel)):
            if i + p < size:
                matrix[i, i + p] += kernel[p]
    return matrix


@misconception(
    function="circulant_matrix",
    loses="circulant_matrix_by_hand",
    section=SLIDE,
    hint="All rows are there, but each one is meant for another output. Where does the window of the first output start?",
)
def window_centred(kernel, size):
    """The window lies around its output, so the kernel's middle is on the diagonal."""
    matrix = np.zeros((size, size))
    for i in range(size):
        for p in range(len(kernel)):
            matrix[i, (i + p - len(kernel) // 2) % size] += kernel[p]
    return matrix


@misconception(
    function="circulant_matrix",
    loses="circulant_matrix_by_hand",
    section=MATRIX,
    hint="Your matrix has a row only for windows that fit without going around. How many outputs does the ring have?",
)
def rows_only_for_windows_that_fit(kernel, size):
    """As on a line, the output is shorter than the input."""
    rows = max(size - len(kernel) + 1, 0)
    matrix = np.zeros((rows, size))
    for i in range(rows):
        matrix[i, i : i + len(kernel)] = kernel
    return matrix


@misconception(
    function="circulant_matrix",
    loses="circulant_matrix_laws",
    section=MATRIX,
    hint="With a kernel that is longer than the ring, the window meets some numbers twice. Look at what your matrix keeps of "
    "the two weights.",
)
def second_round_overwrites(kernel, size):
    """Each number of the kernel has a place of its own in a row."""
    matrix = np.zeros((size, size))
    for i in range(size):
        for p in range(len(kernel)):
            matrix[i, (i + p) % size] = kernel[p]
    return matrix


@misconception(
    function="circulant_matrix",
    loses="circulant_matrix_laws",
    section=MATRIX,
    hint="With a kernel that is longer than the ring, your matrix forgets the end of the kernel. The formula uses all of it.",
)
def long_kernel_cut(kernel, size):
    """A kernel cannot be longer than the ring; the rest has no place."""
    matrix = np.zeros((size, size))
    for i in range(size):
        for p in range(min(len(kernel), size)):
            matrix[i, (i + p) % size] += kernel[p]
    return matrix


@misconception(
    function="circulant_matrix",
    loses="circulant_matrix_by_hand",
    section=MATRIX,
    hint="The matrix has the right shape but holds zeros only. Where do the weights go in?",
)
def matrix_of_zeros(kernel, size):
    """An array of the right shape is an answer."""
    return np.zeros((size, size))


# ---- 3. dilated_cross_correlate2d


@misconception(
    function="dilated_cross_correlate2d",
    loses="dilated_cross_correlate2d_by_hand",
    section=PLANE,
    hint="Your weights are one pixel too far apart. Try dilation 1: the question says what has to come out.",
)
def dilation_from_zero(image, kernel, dilation):
    """Dilation counts the pixels left out, so 0 means none."""
    step = dilation + 1
    height, width = (n - step * (k - 1) for n, k in zip(image.shape, kernel.shape))
    y = np.zeros((max(height, 0), max(width, 0)))
    for p in range(kernel.shape[0]):
        for q in range(kernel.shape[1]):
            if y.size:
                y += image[step * p : step * p + height, step * q : step * q + width].astype(float) * kernel[p, q]
    return y


@misconception(
    function="dilated_cross_correlate2d",
    loses="dilated_cross_correlate2d_by_hand",
    section=PLANE,
    hint="Your kernel has gaps in one direction only. Mark on paper the pixels that the first window touches.",
)
def gaps_between_columns_only(image, kernel, dilation):
    """Dilation spreads a row of the kernel."""
    height = image.shape[0] - kernel.shape[0] + 1
    width = image.shape[1] - dilation * (kernel.shape[1] - 1)
    y = np.zeros((height, width))
    for p in range(kernel.shape[0]):
        for q in range(kernel.shape[1]):
            y += image[p : p + height, dilation * q : dilation * q + width].astype(float) * kernel[p, q]
    return y


@misconception(
    function="dilated_cross_correlate2d",
    loses="dilated_cross_correlate2d_by_hand",
    section=SLIDE,
    hint="Your window moves by several pixels at a time, and its weights have no gaps. In the formula, is the dilation next "
    "to the output's index or next to the kernel's index?",
)
def window_jumps(image, kernel, dilation):
    """Dilation is the step of the window."""
    kh, kw = kernel.shape
    rows = range(0, image.shape[0] - kh + 1, dilation)
    columns = range(0, image.shape[1] - kw + 1, dilation)
    return np.array([[float((image[i : i + kh, j : j + kw] * kernel).sum()) for j in columns] for i in rows])


@misconception(
    function="dilated_cross_correlate2d",
    loses="dilated_cross_correlate2d_by_hand",
    section=PLANE,
    hint="Your result has too many numbers: it counts windows whose last row or column is outside the image.",
)
def shape_without_gaps(image, kernel, dilation):
    """The shape of the result depends on the sizes of image and kernel only; outside the image there are zeros."""
    height, width = (n - k + 1 for n, k in zip(image.shape, kernel.shape))
    padded = np.pad(image.astype(float), [(0, dilation * k) for k in kernel.shape])
    y = np.zeros((height, width))
    for p in range(kernel.shape[0]):
        for q in range(kernel.shape[1]):
            y += padded[dilation * p : dilation * p + height, dilation * q : dilation * q + width] * kernel[p, q]
    return y


@misconception(
    function="dilated_cross_correlate2d",
    loses="dilated_cross_correlate2d_by_hand",
    section=PLANE,
    hint="Your result is too small: it misses windows at the right and at the bottom. After the last weight there is no gap.",
)
def gap_after_the_last_weight(image, kernel, dilation):
    """A dilated kernel is `dilation` times as large as the kernel."""
    height, width = (max(n - dilation * k + 1, 0) for n, k in zip(image.shape, kernel.shape))
    y = np.zeros((height, width))
    for p in range(kernel.shape[0]):
        for q in range(kernel.shape[1]):
            y += image[dilation * p : dilation * p + height, dilation * q : dilation * q + width].astype(float) * kernel[p, q]
    return y


@misconception(
    function="dilated_cross_correlate2d",
    loses="dilated_cross_correlate2d_by_hand",
    section=FLIP,
    hint="Your kernel is turned by 180°. Which operation does the name of the function promise?",
)
def dilated_kernel_flipped(image, kernel, dilation):
    """Before a window slides, the kernel is flipped."""
    kernel = kernel[::-1, ::-1]
    height, width = (n - dilation * (k - 1) for n, k in zip(image.shape, kernel.shape))
    y = np.zeros((height, width))
    for p in range(kernel.shape[0]):
        for q in range(kernel.shape[1]):
            y += image[dilation * p : dilation * p + height, dilation * q : dilation * q + width].astype(float) * kernel[p, q]
    return y


@misconception(
    function="dilated_cross_correlate2d",
    loses="dilated_cross_correlate2d_laws",
    section=PLANE,
    hint="Your answer is right only if the kernel is square. Which of the two numbers of a shape is the height?",
)
def height_and_width_of_the_kernel_swapped(image, kernel, dilation):
    """A shape is (width, height)."""
    kernel_width, kernel_height = kernel.shape
    height = image.shape[0] - dilation * (kernel_height - 1)
    width = image.shape[1] - dilation * (kernel_width - 1)
    y = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            for p in range(kernel_height):
                for q in range(kernel_width):
                    y[i, j] += float(image[i + dilation * p, j + dilation * q]) * float(kernel[p, q])
    return y


@misconception(
    function="dilated_cross_correlate2d",
    loses="dilated_cross_correlate2d_laws",
    section=PLANE,
    hint="Your answer is right for dilation 2 only. Where does the third argument enter your code?",
)
def dilation_always_two(image, kernel, dilation):
    """Dilation means that every second pixel is left out."""
    height, width = (n - 2 * (k - 1) for n, k in zip(image.shape, kernel.shape))
    y = np.zeros((max(height, 0), max(width, 0)))
    for p in range(kernel.shape[0]):
        for q in range(kernel.shape[1]):
            if y.size:
                y += image[2 * p : 2 * p + height, 2 * q : 2 * q + width].astype(float) * kernel[p, q]
    return y


# ---- 4. edge_strength


@misconception(
    function="edge_strength",
    loses="edge_strength_by_hand",
    section=EDGES,
    hint="In the middle your strength is right. At the border you continue the image with zeros, and so the border itself "
    "becomes a strong edge.",
)
def border_of_zeros(image):
    """Outside the image everything is black."""
    padded = np.pad(image.astype(float), 1)
    dx, dy = padded[:, 2:] - padded[:, :-2], padded[2:] - padded[:-2]
    gx, gy = dx[:-2] + 2 * dx[1:-1] + dx[2:], dy[:, :-2] + 2 * dy[:, 1:-1] + dy[:, 2:]
    return np.hypot(gx, gy)


@misconception(
    function="edge_strength",
    loses="edge_strength_by_hand",
    section=EDGES,
    hint="In the middle your strength is right. At the border you repeat the last pixel. Compare your continued image with "
    "the one-dimensional example in the question.",
)
def border_pixel_repeated(image):
    """Reflecting starts with the border pixel itself."""
    padded = np.pad(image.astype(float), 1, mode="symmetric")
    dx, dy = padded[:, 2:] - padded[:, :-2], padded[2:] - padded[:-2]
    gx, gy = dx[:-2] + 2 * dx[1:-1] + dx[2:], dy[:, :-2] + 2 * dy[:, 1:-1] + dy[:, 2:]
    return np.hypot(gx, gy)


@misconception(
    function="edge_strength",
    loses="edge_strength_by_hand",
    section=MATRIX,
    hint="In the middle your strength is right. At the border you take pixels from the opposite side of the image.",
)
def border_from_the_other_side(image):
    """After the last pixel comes the first one again."""
    padded = np.pad(image.astype(float), 1, mode="wrap")
    dx, dy = padded[:, 2:] - padded[:, :-2], padded[2:] - padded[:-2]
    gx, gy = dx[:-2] + 2 * dx[1:-1] + dx[2:], dy[:, :-2] + 2 * dy[:, 1:-1] + dy[:, 2:]
    return np.hypot(gx, gy)


@misconception(
    function="edge_strength",
    loses="edge_strength_by_hand",
    section=SLIDE,
    hint="Your result is smaller than the image, because only windows inside the image count in it. What does the question "
    "say about the height and the width of the result?",
)
def image_not_continued(image):
    """A result is always smaller than its image."""
    image = image.astype(float)
    dx, dy = image[:, 2:] - image[:, :-2], image[2:] - image[:-2]
    gx, gy = dx[:-2] + 2 * dx[1:-1] + dx[2:], dy[:, :-2] + 2 * dy[:, 1:-1] + dy[:, 2:]
    return np.hypot(gx, gy)


@misconception(
    function="edge_strength",
    loses="edge_strength_by_hand",
    section=EDGES,
    hint="You add two numbers with signs. An edge from dark to bright and one from bright to dark can then cancel each other.",
)
def signed_sum(image):
    """Both directions together are their sum."""
    padded = np.pad(image.astype(float), 1, mode="reflect")
    dx, dy = padded[:, 2:] - padded[:, :-2], padded[2:] - padded[:-2]
    return dx[:-2] + 2 * dx[1:-1] + dx[2:] + dy[:, :-2] + 2 * dy[:, 1:-1] + dy[:, 2:]


@misconception(
    function="edge_strength",
    loses="edge_strength_by_hand",
    section=EDGES,
    hint="Your strength is too large where the edge is neither horizontal nor vertical. How long is a step of 3 to the right "
    "and 4 down?",
)
def sum_of_sizes(image):
    """The strength is the size of one direction plus the size of the other."""
    padded = np.pad(image.astype(float), 1, mode="reflect")
    dx, dy = padded[:, 2:] - padded[:, :-2], padded[2:] - padded[:-2]
    return np.abs(dx[:-2] + 2 * dx[1:-1] + dx[2:]) + np.abs(dy[:, :-2] + 2 * dy[:, 1:-1] + dy[:, 2:])


@misconception(
    function="edge_strength",
    loses="edge_strength_by_hand",
    section=EDGES,
    hint="An image with twice the contrast has twice the edge strength. With your function it has four times as much.",
)
def root_forgotten(image):
    """Squares make everything positive, and that is enough."""
    padded = np.pad(image.astype(float), 1, mode="reflect")
    dx, dy = padded[:, 2:] - padded[:, :-2], padded[2:] - padded[:-2]
    return (dx[:-2] + 2 * dx[1:-1] + dx[2:]) ** 2 + (dy[:, :-2] + 2 * dy[:, 1:-1] + dy[:, 2:]) ** 2


@misconception(
    function="edge_strength",
    loses="edge_strength_by_hand",
    section=EDGES,
    hint="Your function sees edges in one direction only. Try an image whose rows differ and whose columns are all the same.",
)
def vertical_edges_only(image):
    """One Sobel kernel finds all the edges."""
    padded = np.pad(image.astype(float), 1, mode="reflect")
    dx = padded[:, 2:] - padded[:, :-2]
    return np.abs(dx[:-2] + 2 * dx[1:-1] + dx[2:])


@misconception(
    function="edge_strength",
    loses="edge_strength_laws",
    section=EDGES,
    hint="With a photograph of type uint8 your differences are wrong. The rules at the top say what uint8 makes of 3 − 5.",
)
def computed_in_the_type_of_the_image(image):
    """A difference of two pixels is a number like any other."""
    padded = np.pad(image, 1, mode="reflect")
    dx, dy = padded[:, 2:] - padded[:, :-2], padded[2:] - padded[:-2]
    gx, gy = dx[:-2] + 2 * dx[1:-1] + dx[2:], dy[:, :-2] + 2 * dy[:, 1:-1] + dy[:, 2:]
    return np.sqrt(gx.astype(float) ** 2 + gy.astype(float) ** 2)


# ---- 5. merge_kernels


@misconception(
    function="merge_kernels",
    loses="merge_kernels_by_hand",
    section=KEEPS,
    hint="Your function adds the kernels. That is right for two results that are added, but here the second kernel works on "
    "the result of the first.",
)
def kernels_added(first, second):
    """One after the other is the same as both together."""
    height, width = max(first.shape[0], second.shape[0]), max(first.shape[1], second.shape[1])
    merged = np.zeros((height, width))
    merged[: first.shape[0], : first.shape[1]] += first
    merged[: second.shape[0], : second.shape[1]] += second
    return merged


@misconception(
    function="merge_kernels",
    loses="merge_kernels_by_hand",
    section=FLIP,
    hint="The shape is right, but one of the kernels is turned by 180° before it is used. Write out one number of the left "
    "side with indices and see which products belong to one pixel.",
)
def kernels_cross_correlated(first, second):
    """The kernels are merged by the operation that they are used with."""
    (a, b), (c, d) = first.shape, second.shape
    padded = np.pad(first.astype(float), [(c - 1, c - 1), (d - 1, d - 1)])
    merged = np.zeros((a + c - 1, b + d - 1))
    for i in range(a + c - 1):
        for j in range(b + d - 1):
            merged[i, j] = (padded[i : i + c, j : j + d] * second).sum()
    return merged


@misconception(
    function="merge_kernels",
    loses="merge_kernels_by_hand",
    section=MERGE,
    hint="Your kernel is as large as the first one. How much does an image shrink in two steps, and which single kernel "
    "shrinks it as much?",
)
def as_large_as_the_first(first, second):
    """The second kernel changes the numbers of the first one, not its size."""
    (a, b), (c, d) = first.shape, second.shape
    merged = np.zeros((a + c - 1, b + d - 1))
    for p in range(a):
        for q in range(b):
            merged[p : p + c, q : q + d] += float(first[p, q]) * second
    return merged[:a, :b].copy()


@misconception(
    function="merge_kernels",
    loses="merge_kernels_by_hand",
    section=MERGE,
    hint="Your kernel is too large: each copy of the second kernel has a place of its own. Neighbouring windows overlap.",
)
def copies_side_by_side(first, second):
    """Each number of the first kernel becomes a block, a copy of the second kernel."""
    return np.kron(first, second).astype(float)


@misconception(
    function="merge_kernels",
    loses="merge_kernels_by_hand",
    section=MERGE,
    hint="The shape is right and the corners are right. Where two copies of a kernel overlap, only one of them is left.",
)
def overlapping_copies_overwritten(first, second):
    """Each product has a place of its own in the merged kernel."""
    (a, b), (c, d) = first.shape, second.shape
    merged = np.zeros((a + c - 1, b + d - 1))
    for p in range(a):
        for q in range(b):
            merged[p : p + c, q : q + d] = float(first[p, q]) * second
    return merged


@misconception(
    function="merge_kernels",
    loses="merge_kernels_laws",
    section=MERGE,
    hint="Your result loses everything after the decimal point when the first kernel holds integers. Which type does the "
    "array have in which you collect the sums?",
)
def stored_in_the_type_of_the_first(first, second):
    """The merged kernel has the type of the first kernel."""
    (a, b), (c, d) = first.shape, second.shape
    merged = np.zeros((a + c - 1, b + d - 1), dtype=first.dtype)
    for i, j in np.ndindex(a, b):
        for p, q in np.ndindex(c, d):
            merged[i + p, j + q] += first[i, j] * second[p, q]
    return merged


# ---- 6. learn_kernel


@misconception(
    function="learn_kernel",
    loses="learn_kernel_by_hand",
    section=LEARN,
    hint="Your equations have no place for the bias, so the kernel has to make up for it. What is the bias multiplied by?",
)
def bias_forgotten(x, y, kernel_size):
    """The bias is 0 unless something else is said."""
    kh, kw = kernel_size
    _, oh, ow = y.shape
    columns = [x[:, p : p + oh, q : q + ow].astype(float).ravel() for p in range(kh) for q in range(kw)]
    return np.linalg.lstsq(np.stack(columns, axis=1), y.astype(float).ravel())[0].reshape(kh, kw), 0.0


@misconception(
    function="learn_kernel",
    loses="learn_kernel_by_hand",
    section=LEARN,
    hint="You fix the bias first and fit the kernel to the rest. The kernel's own part has a mean too.",
)
def bias_is_the_mean_of_the_results(x, y, kernel_size):
    """The bias is what the results are on average."""
    kh, kw = kernel_size
    _, oh, ow = y.shape
    columns = [x[:, p : p + oh, q : q + ow].astype(float).ravel() for p in range(kh) for q in range(kw)]
    bias = float(y.astype(float).mean())
    return np.linalg.lstsq(np.stack(columns, axis=1), y.astype(float).ravel() - bias)[0].reshape(kh, kw), bias


@misconception(
    function="learn_kernel",
    loses="learn_kernel_by_hand",
    section=FLIP,
    hint="The bias is right and all the weights are there, but the kernel is turned by 180°.",
)
def learned_kernel_flipped(x, y, kernel_size):
    """What is learned is the kernel of a convolution."""
    kh, kw = kernel_size
    _, oh, ow = y.shape
    columns = [x[:, p : p + oh, q : q + ow].astype(float).ravel() for p in range(kh) for q in range(kw)]
    v = np.linalg.lstsq(np.stack([*columns, np.ones(y.size)], axis=1), y.astype(float).ravel())[0]
    return v[:-1].reshape(kh, kw)[::-1, ::-1].copy(), float(v[-1])


@misconception(
    function="learn_kernel",
    loses="learn_kernel_laws",
    section=LEARN,
    hint="With a kernel of one row your weights are right; in a larger kernel they are in the wrong places. In which order "
    "do your columns run through the window?",
)
def weights_put_back_by_columns(x, y, kernel_size):
    """It does not matter in which order a window becomes a row, nor in which order the weights are put back."""
    kh, kw = kernel_size
    _, oh, ow = y.shape
    columns = [x[:, p : p + oh, q : q + ow].astype(float).ravel() for p in range(kh) for q in range(kw)]
    v = np.linalg.lstsq(np.stack([*columns, np.ones(y.size)], axis=1), y.astype(float).ravel())[0]
    return v[:-1].reshape(kw, kh).T.copy(), float(v[-1])


@misconception(
    function="learn_kernel",
    loses="learn_kernel_by_hand",
    section=LEARN,
    hint="You use the first image only. The other pairs come from the same kernel, and with noise each of them helps.",
)
def first_image_only(x, y, kernel_size):
    """One example is enough to learn a kernel."""
    kh, kw = kernel_size
    _, oh, ow = y.shape
    columns = [x[0, p : p + oh, q : q + ow].astype(float).ravel() for p in range(kh) for q in range(kw)]
    v = np.linalg.lstsq(np.stack([*columns, np.ones(y[0].size)], axis=1), y[0].astype(float).ravel())[0]
    return v[:-1].reshape(kh, kw), float(v[-1])


@misconception(
    function="learn_kernel",
    loses="learn_kernel_by_hand",
    section=LEARN,
    hint="You learn one kernel for each image and take their mean. One set of equations for all pairs has a smaller error.",
)
def mean_of_the_kernels_of_each_image(x, y, kernel_size):
    """The best kernel for all images is the mean of the best kernels for each."""
    kh, kw = kernel_size
    _, oh, ow = y.shape
    found = []
    for image, result in zip(x.astype(float), y.astype(float)):
        columns = [image[p : p + oh, q : q + ow].ravel() for p in range(kh) for q in range(kw)]
        found.append(np.linalg.lstsq(np.stack([*columns, np.ones(result.size)], axis=1), result.ravel())[0])
    v = np.mean(found, axis=0)
    return v[:-1].reshape(kh, kw), float(v[-1])


@misconception(
    function="learn_kernel",
    loses="learn_kernel_by_hand",
    section=LEARN,
    hint="You return the kernel and the bias as they are before any learning: zeros. Which numbers of x and y "
    "does your function use?",
)
def nothing_learned(x, y, kernel_size):
    """A start value is an answer."""
    return np.zeros(kernel_size), 0.0
