"""Wrong answers to assignment 07, as students write them. nbgrader does not release this file.

The name of a function is the name of the misconception, its docstring the idea behind it. `loses` names the test
that is meant for it. A hint says what went wrong and what to read again, never the answer.
"""

import numpy as np

from convbook.course.misconceptions import misconception

ROW = "The chain rule along a row"
PLANE = "Two dimensions, channels and filters"
STRIDE = "Stride and padding"
HIDES = "A mistake that hides"
RELU = "ReLU and max pooling"
DENSE = "Dense, softmax and cross-entropy"


# ---- 1. conv2d_transpose


@misconception(
    function="conv2d_transpose",
    loses="conv2d_transpose_by_hand",
    section=HIDES,
    hint="Where two copies overlap, only the last one is left in your result.",
)
def copies_overwritten(x, w, strides):
    """Each copy of the kernel has a place of its own."""
    (height, width, _), (kernel_height, kernel_width, _, filters) = x.shape, w.shape
    y = np.zeros(((height - 1) * strides + kernel_height, (width - 1) * strides + kernel_width, filters))
    for i in range(height):
        for j in range(width):
            copy = np.einsum("c,pqcf->pqf", x[i, j].astype(float), w.astype(float))
            y[i * strides : i * strides + kernel_height, j * strides : j * strides + kernel_width] = copy
    return y


@misconception(
    function="conv2d_transpose",
    loses="conv2d_transpose_by_hand",
    section=STRIDE,
    hint="Your result is the stride times as large as the image, so the last copies do not fit into it. Where does "
    "the last copy end?",
)
def stride_times_as_large(x, w, strides):
    """A stride of 2 makes the image twice as large."""
    (height, width, _), (kernel_height, kernel_width, _, filters) = x.shape, w.shape
    y = np.zeros((height * strides + kernel_height, width * strides + kernel_width, filters))
    for i in range(height):
        for j in range(width):
            copy = np.einsum("c,pqcf->pqf", x[i, j].astype(float), w.astype(float))
            y[i * strides : i * strides + kernel_height, j * strides : j * strides + kernel_width] += copy
    return y[: height * strides, : width * strides]


@misconception(
    function="conv2d_transpose",
    loses="conv2d_transpose_by_hand",
    section=PLANE,
    hint="Your copies of the kernel lie back to front. Which place does the formula give to the first number of the kernel?",
)
def copies_turned(x, w, strides):
    """The backward pass of a convolution needs the flipped kernel."""
    w = w[::-1, ::-1]
    (height, width, _), (kernel_height, kernel_width, _, filters) = x.shape, w.shape
    y = np.zeros(((height - 1) * strides + kernel_height, (width - 1) * strides + kernel_width, filters))
    for i in range(height):
        for j in range(width):
            copy = np.einsum("c,pqcf->pqf", x[i, j].astype(float), w.astype(float))
            y[i * strides : i * strides + kernel_height, j * strides : j * strides + kernel_width] += copy
    return y


@misconception(
    function="conv2d_transpose",
    loses="conv2d_transpose_by_hand",
    section=STRIDE,
    hint="Your copies start one pixel apart, whatever the stride is.",
)
def stride_forgotten(x, w, strides):
    """Copy i starts at pixel i."""
    (height, width, _), (kernel_height, kernel_width, _, filters) = x.shape, w.shape
    y = np.zeros((height - 1 + kernel_height, width - 1 + kernel_width, filters))
    for i in range(height):
        for j in range(width):
            copy = np.einsum("c,pqcf->pqf", x[i, j].astype(float), w.astype(float))
            y[i : i + kernel_height, j : j + kernel_width] += copy
    return y


@misconception(
    function="conv2d_transpose",
    loses="conv2d_transpose_by_hand",
    section=STRIDE,
    hint="Your copies start one pixel too far apart. With stride 1, how many zeros are spread between two "
    "neighbouring pixels?",
)
def as_many_zeros_as_the_stride(x, w, strides):
    """A stride of s puts s zeros between the pixels."""
    step = strides + 1
    (height, width, _), (kernel_height, kernel_width, _, filters) = x.shape, w.shape
    y = np.zeros(((height - 1) * step + kernel_height, (width - 1) * step + kernel_width, filters))
    for i in range(height):
        for j in range(width):
            copy = np.einsum("c,pqcf->pqf", x[i, j].astype(float), w.astype(float))
            y[i * step : i * step + kernel_height, j * step : j * step + kernel_width] += copy
    return y


@misconception(
    function="conv2d_transpose",
    loses="conv2d_transpose_laws",
    section=PLANE,
    hint="With more than one channel, your result shows only one of them. Over which letter does the sum of the formula run?",
)
def last_channel_only(x, w, strides):
    """Each channel has a result, and the last one is what comes out."""
    (height, width, channels), (kernel_height, kernel_width, _, filters) = x.shape, w.shape
    for c in range(channels):
        y = np.zeros(((height - 1) * strides + kernel_height, (width - 1) * strides + kernel_width, filters))
        for i in range(height):
            for j in range(width):
                copy = float(x[i, j, c]) * w[:, :, c].astype(float)
                y[i * strides : i * strides + kernel_height, j * strides : j * strides + kernel_width] += copy
    return y


@misconception(
    function="conv2d_transpose",
    loses="conv2d_transpose_laws",
    section=PLANE,
    hint="Your result loses everything after the decimal point for some types of numbers. Which type has the array "
    "in which you collect the copies?",
)
def stored_in_the_type_of_the_image(x, w, strides):
    """The result has the type of the image."""
    (height, width, _), (kernel_height, kernel_width, _, filters) = x.shape, w.shape
    y = np.zeros(((height - 1) * strides + kernel_height, (width - 1) * strides + kernel_width, filters), dtype=x.dtype)
    for i in range(height):
        for j in range(width):
            copy = np.einsum("c,pqcf->pqf", x[i, j].astype(float), w.astype(float))
            y[i * strides : i * strides + kernel_height, j * strides : j * strides + kernel_width] += copy.astype(x.dtype)
    return y


# ---- 2. depthwise_backward


@misconception(
    function="depthwise_backward",
    loses="depthwise_backward_by_hand",
    section=HIDES,
    hint="A pixel that lies in several windows keeps only what the last of them sent. Your other gradient is right.",
)
def dx_assigned(dy, x, w, strides):
    """Each window writes its own pixels of dx."""
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for n, i, j in np.ndindex(dy.shape[:3]):
        top, left = i * strides, j * strides
        window = np.s_[n, top : top + w.shape[0], left : left + w.shape[1]]
        dx[window] = w.astype(float) * dy[n, i, j]
        dw += x[window].astype(float) * dy[n, i, j]
    return dx, dw


@misconception(
    function="depthwise_backward",
    loses="depthwise_backward_by_hand",
    section=PLANE,
    hint="In dx, your kernel lies in the window back to front. The flip belongs to the form with a full convolution; "
    "what does a single window send to its first pixel?",
)
def dx_with_the_kernel_turned(dy, x, w, strides):
    """The kernel is flipped on the way back."""
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for n, i, j in np.ndindex(dy.shape[:3]):
        top, left = i * strides, j * strides
        window = np.s_[n, top : top + w.shape[0], left : left + w.shape[1]]
        dx[window] += w[::-1, ::-1].astype(float) * dy[n, i, j]
        dw += x[window].astype(float) * dy[n, i, j]
    return dx, dw


@misconception(
    function="depthwise_backward",
    loses="depthwise_backward_by_hand",
    section=PLANE,
    hint="In dw, your numbers are right but back to front. The chapter says which of the two gradients needs a flip.",
)
def dw_turned(dy, x, w, strides):
    """Both gradients are flipped."""
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for n, i, j in np.ndindex(dy.shape[:3]):
        top, left = i * strides, j * strides
        window = np.s_[n, top : top + w.shape[0], left : left + w.shape[1]]
        dx[window] += w.astype(float) * dy[n, i, j]
        dw += x[window].astype(float) * dy[n, i, j]
    return dx, dw[::-1, ::-1]


@misconception(
    function="depthwise_backward",
    loses="depthwise_backward_by_hand",
    section=PLANE,
    hint="Your dx adds up the channels, as for an ordinary convolution. In this layer, which channels of the result "
    "does a channel of the image reach?",
)
def channels_added_up(dy, x, w, strides):
    """A convolution sums over its channels, so its gradient does too."""
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for n, i, j in np.ndindex(dy.shape[:3]):
        top, left = i * strides, j * strides
        window = np.s_[n, top : top + w.shape[0], left : left + w.shape[1]]
        dx[window] += (w.astype(float) * dy[n, i, j]).sum(axis=2, keepdims=True)
        dw += x[window].astype(float) * dy[n, i, j]
    return dx, dw


@misconception(
    function="depthwise_backward",
    loses="depthwise_backward_by_hand",
    section=ROW,
    hint="In dw only the last window is left. Every window used the same weights; what does the chain rule do with "
    "all the ways by which a weight reaches the loss?",
)
def dw_of_the_last_window(dy, x, w, strides):
    """The gradient of a weight is what a window says."""
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for n, i, j in np.ndindex(dy.shape[:3]):
        top, left = i * strides, j * strides
        window = np.s_[n, top : top + w.shape[0], left : left + w.shape[1]]
        dx[window] += w.astype(float) * dy[n, i, j]
        dw = x[window].astype(float) * dy[n, i, j]
    return dx, dw


@misconception(
    function="depthwise_backward",
    loses="depthwise_backward_laws",
    section=PLANE,
    hint="With two images your dw is half of what it should be. The loss is one number for the whole batch; does the "
    "formula of the question divide by anything?",
)
def dw_as_a_mean_over_images(dy, x, w, strides):
    """The gradient of a batch is the mean of the gradients of its images."""
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for n, i, j in np.ndindex(dy.shape[:3]):
        top, left = i * strides, j * strides
        window = np.s_[n, top : top + w.shape[0], left : left + w.shape[1]]
        dx[window] += w.astype(float) * dy[n, i, j]
        dw += x[window].astype(float) * dy[n, i, j]
    return dx, dw / len(x)


@misconception(
    function="depthwise_backward",
    loses="depthwise_backward_laws",
    section=STRIDE,
    hint="Your answer is right with stride 1 only. Where in the image did the second window stand?",
)
def windows_one_pixel_apart(dy, x, w, strides):
    """Window i starts at pixel i."""
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for n, i, j in np.ndindex(dy.shape[:3]):
        window = np.s_[n, i : i + w.shape[0], j : j + w.shape[1]]
        dx[window] += w.astype(float) * dy[n, i, j]
        dw += x[window].astype(float) * dy[n, i, j]
    return dx, dw


@misconception(
    function="depthwise_backward",
    loses="depthwise_backward_laws",
    section=STRIDE,
    hint="Your dx is smaller than x where no window reaches the last pixels. Which gradient do pixels have that nobody reads?",
)
def dx_ends_with_the_last_window(dy, x, w, strides):
    """The gradient has a number for each pixel that a window reads."""
    rows, columns = ((n - 1) * strides + k for n, k in zip(dy.shape[1:3], w.shape[:2]))
    dx, dw = np.zeros((len(x), rows, columns, x.shape[3])), np.zeros(w.shape)
    for n, i, j in np.ndindex(dy.shape[:3]):
        top, left = i * strides, j * strides
        window = np.s_[n, top : top + w.shape[0], left : left + w.shape[1]]
        dx[window] += w.astype(float) * dy[n, i, j]
        dw += x[window].astype(float) * dy[n, i, j]
    return dx, dw


# ---- 3. shared_max_pool_backward


@misconception(
    function="shared_max_pool_backward",
    loses="shared_max_pool_backward_by_hand",
    section=RELU,
    hint="You give everything to the first winner, as the chapter does. The question makes another choice.",
)
def first_winner_takes_all(dy, x, pool_size, strides):
    """One pixel of a window wins."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        window = x[i * strides : i * strides + pool_size, j * strides : j * strides + pool_size]
        p, q = np.unravel_index(window.argmax(), window.shape)
        dx[i * strides + p, j * strides + q] += dy[i, j]
    return dx


@misconception(
    function="shared_max_pool_backward",
    loses="shared_max_pool_backward_by_hand",
    section=RELU,
    hint="Every winner of a window gets all of its gradient, so more comes back than there was.",
)
def every_winner_gets_everything(dy, x, pool_size, strides):
    """A pixel that equals the maximum passes the gradient on."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        window = np.s_[i * strides : i * strides + pool_size, j * strides : j * strides + pool_size]
        dx[window] += (x[window] == x[window].max()) * float(dy[i, j])
    return dx


@misconception(
    function="shared_max_pool_backward",
    loses="shared_max_pool_backward_by_hand",
    section=HIDES,
    hint="A pixel that wins in two windows keeps only the share of the second one.",
)
def shares_assigned(dy, x, pool_size, strides):
    """Each window writes its own pixels of dx."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        window = np.s_[i * strides : i * strides + pool_size, j * strides : j * strides + pool_size]
        wins = x[window] == x[window].max()
        dx[window] = wins * (dy[i, j] / wins.sum())
    return dx


@misconception(
    function="shared_max_pool_backward",
    loses="shared_max_pool_backward_by_hand",
    section=RELU,
    hint="With three winners, each of yours gets one half. How much comes back in all?",
)
def one_half_for_each_of_several(dy, x, pool_size, strides):
    """At a tie the central difference measures one half."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        window = np.s_[i * strides : i * strides + pool_size, j * strides : j * strides + pool_size]
        wins = x[window] == x[window].max()
        dx[window] += wins * (dy[i, j] / min(wins.sum(), 2))
    return dx


@misconception(
    function="shared_max_pool_backward",
    loses="shared_max_pool_backward_by_hand",
    section=RELU,
    hint="You share among all pixels of a window, as average pooling does. Which pixels could change the maximum?",
)
def shared_by_the_whole_window(dy, x, pool_size, strides):
    """Every pixel of the window took part in the comparison."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        window = np.s_[i * strides : i * strides + pool_size, j * strides : j * strides + pool_size]
        dx[window] += dy[i, j] / pool_size**2
    return dx


@misconception(
    function="shared_max_pool_backward",
    loses="shared_max_pool_backward_by_hand",
    section=RELU,
    hint="You look for the largest number of the window in the whole image. Pixels outside of the window did not take part.",
)
def winners_in_the_whole_image(dy, x, pool_size, strides):
    """The winners are all pixels with this value."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        window = x[i * strides : i * strides + pool_size, j * strides : j * strides + pool_size]
        wins = x == window.max()
        dx += wins * (dy[i, j] / wins.sum())
    return dx


@misconception(
    function="shared_max_pool_backward",
    loses="shared_max_pool_backward_laws",
    section=RELU,
    hint="If the gradient arrives as whole numbers, your shares are cut. Which type has the array in which you collect them?",
)
def shares_cut_to_whole_numbers(dy, x, pool_size, strides):
    """The gradient dx has the type of dy."""
    dx = np.zeros(x.shape, dtype=dy.dtype)
    for i, j in np.ndindex(dy.shape):
        window = np.s_[i * strides : i * strides + pool_size, j * strides : j * strides + pool_size]
        wins = x[window] == x[window].max()
        dx[window] += (wins * (dy[i, j] / wins.sum())).astype(dy.dtype)
    return dx


@misconception(
    function="shared_max_pool_backward",
    loses="shared_max_pool_backward_laws",
    section=STRIDE,
    hint="Your answer is right with stride 1 only. Where in the image did the second window stand?",
)
def pooled_one_pixel_apart(dy, x, pool_size, strides):
    """Window i starts at pixel i."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        window = np.s_[i : i + pool_size, j : j + pool_size]
        wins = x[window] == x[window].max()
        dx[window] += wins * (dy[i, j] / wins.sum())
    return dx


# ---- 4. prelu_backward


@misconception(
    function="prelu_backward",
    loses="prelu_backward_by_hand",
    section=RELU,
    hint="Your dx is wrong where x is 0. The question says which line of the formula holds there.",
)
def zero_taken_as_positive(dy, x, slope):
    """A number that is not negative passes."""
    dx = np.where(x >= 0, dy, dy * slope)
    return dx.astype(float), np.where(x >= 0, 0, dy.astype(float) * x).sum(axis=(0, 1, 2))


@misconception(
    function="prelu_backward",
    loses="prelu_backward_by_hand",
    section=PLANE,
    hint="You return a gradient of the slope for every pixel. How many slopes does a channel have, and what did the "
    "chapter do with the gradient of a bias?",
)
def slope_gradient_for_each_pixel(dy, x, slope):
    """The gradient of the slopes is as large as the image."""
    return np.where(x > 0, dy, dy * slope).astype(float), np.where(x > 0, 0, dy.astype(float) * x)


@misconception(
    function="prelu_backward",
    loses="prelu_backward_by_hand",
    section=RELU,
    hint="Your gradient of the slope counts the positive pixels too. Does y change there if the slope changes?",
)
def positive_pixels_counted_too(dy, x, slope):
    """The gradient of a factor is the other factor."""
    return np.where(x > 0, dy, dy * slope).astype(float), (dy.astype(float) * x).sum(axis=(0, 1, 2))


@misconception(
    function="prelu_backward",
    loses="prelu_backward_by_hand",
    section=RELU,
    hint="You look at the sign of the gradient that arrives. The layer decided by the sign of something else.",
)
def sign_of_the_gradient(dy, x, slope):
    """Backward, a ReLU is applied to dy."""
    return np.where(dy > 0, dy, dy * slope).astype(float), np.where(x > 0, 0, dy.astype(float) * x).sum(axis=(0, 1, 2))


@misconception(
    function="prelu_backward",
    loses="prelu_backward_by_hand",
    section=PLANE,
    hint="Your gradient of the slope is too small. The loss is one number for all pixels that use the slope; what "
    "does the chain rule do with all the ways by which it reaches the loss?",
)
def slope_gradient_as_a_mean(dy, x, slope):
    """What all pixels share gets the mean of their gradients."""
    return np.where(x > 0, dy, dy * slope).astype(float), np.where(x > 0, 0, dy.astype(float) * x).mean(axis=(0, 1, 2))


@misconception(
    function="prelu_backward",
    loses="prelu_backward_by_hand",
    section=RELU,
    hint="In your gradient of the slope the slope itself is still there. By how much does y change if the slope grows by 1?",
)
def slope_left_in_its_own_gradient(dy, x, slope):
    """The gradient of a product is the product."""
    return np.where(x > 0, dy, dy * slope).astype(float), np.where(x > 0, 0, dy * (slope * x)).sum(axis=(0, 1, 2))


@misconception(
    function="prelu_backward",
    loses="prelu_backward_by_hand",
    section=RELU,
    hint="Your dx stops where x is negative. What does y do there, if it is not stopped?",
)
def negative_numbers_stopped(dy, x, slope):
    """A ReLU stops the gradient of negative numbers."""
    return (dy * (x > 0)).astype(float), np.where(x > 0, 0, dy.astype(float) * x).sum(axis=(0, 1, 2))


@misconception(
    function="prelu_backward",
    loses="prelu_backward_laws",
    section=PLANE,
    hint="With several images, only the first one reaches your gradient of the slope. Who else used this slope?",
)
def first_image_only(dy, x, slope):
    """One image is enough to learn a slope."""
    return np.where(x > 0, dy, dy * slope).astype(float), np.where(x > 0, 0, dy.astype(float) * x)[0].sum(axis=(0, 1))


@misconception(
    function="prelu_backward",
    loses="prelu_backward_laws",
    section=RELU,
    hint="Your answer assumes that a slope is positive and smaller than 1. The question allows slopes of any sign and size.",
)
def larger_of_two_products(dy, x, slope):
    """The layer takes the larger one of x and slope times x."""
    first = x >= slope * x
    dx = np.where(first & (x != 0), dy, dy * slope)
    return dx.astype(float), np.where(first, 0, dy.astype(float) * x).sum(axis=(0, 1, 2))


# ---- 5. smoothed_cross_entropy


@misconception(
    function="smoothed_cross_entropy",
    loses="smoothed_cross_entropy_by_hand",
    section=DENSE,
    hint="Your loss is right. In your gradient the batch has been forgotten: what happens to it if the loss is a mean?",
)
def gradient_not_divided(logits, labels, smoothing):
    """The gradient is probability minus target."""
    z = logits.astype(float) - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = (1 - smoothing) * np.eye(z.shape[1])[labels] + smoothing / z.shape[1]
    return float(-(target * log_p).sum() / len(z)), np.exp(log_p) - target


@misconception(
    function="smoothed_cross_entropy",
    loses="smoothed_cross_entropy_by_hand",
    section=DENSE,
    hint="Your loss is a mean over all classes too. Over what does the formula divide?",
)
def mean_over_the_classes_too(logits, labels, smoothing):
    """A mean loss is the mean of all products."""
    z = logits.astype(float) - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = (1 - smoothing) * np.eye(z.shape[1])[labels] + smoothing / z.shape[1]
    return float(-(target * log_p).mean()), (np.exp(log_p) - target) / z.size


@misconception(
    function="smoothed_cross_entropy",
    loses="smoothed_cross_entropy_by_hand",
    section=DENSE,
    hint="Your targets are not those of the question: the right class gets nothing of the part that is given to all "
    "classes alike.",
)
def smoothing_for_the_other_classes(logits, labels, smoothing):
    """What is taken from the right class goes to the others."""
    z = logits.astype(float) - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    n, k = z.shape
    target = np.full((n, k), smoothing / (k - 1))
    target[np.arange(n), labels] = 1 - smoothing
    return float(-(target * log_p).sum() / n), (np.exp(log_p) - target) / n


@misconception(
    function="smoothed_cross_entropy",
    loses="smoothed_cross_entropy_by_hand",
    section=DENSE,
    hint="Your targets do not sum to 1. How much does each class get?",
)
def whole_smoothing_for_each_class(logits, labels, smoothing):
    """Each class gets the smoothing."""
    z = logits.astype(float) - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    n, k = z.shape
    target = np.full((n, k), float(smoothing))
    target[np.arange(n), labels] = 1 - smoothing
    return float(-(target * log_p).sum() / n), (np.exp(log_p) - target) / n


@misconception(
    function="smoothed_cross_entropy",
    loses="smoothed_cross_entropy_by_hand",
    section=DENSE,
    hint="Your loss is smoothed, and your gradient is that of the chapter. Which target belongs into the difference?",
)
def gradient_with_hard_targets(logits, labels, smoothing):
    """The gradient is probability minus 1 for the right class, whatever the loss."""
    z = logits.astype(float) - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    hard = np.eye(z.shape[1])[labels]
    target = (1 - smoothing) * hard + smoothing / z.shape[1]
    return float(-(target * log_p).sum() / len(z)), (np.exp(log_p) - hard) / len(z)


@misconception(
    function="smoothed_cross_entropy",
    loses="smoothed_cross_entropy_by_hand",
    section=DENSE,
    hint="Your probabilities sum to 1 along the wrong axis. Which numbers compete with each other, those of one "
    "image or those of one class?",
)
def softmax_over_the_images(logits, labels, smoothing):
    """Softmax runs along the first axis."""
    z = logits.astype(float) - logits.max(axis=0)
    log_p = z - np.log(np.exp(z).sum(axis=0))
    target = (1 - smoothing) * np.eye(z.shape[1])[labels] + smoothing / z.shape[1]
    return float(-(target * log_p).sum() / len(z)), (np.exp(log_p) - target) / len(z)


@misconception(
    function="smoothed_cross_entropy",
    loses="smoothed_cross_entropy_by_hand",
    section=DENSE,
    hint="Your gradient points the wrong way: a step against it would make the loss larger.",
)
def sign_of_the_gradient_turned(logits, labels, smoothing):
    """The gradient is target minus probability."""
    z = logits.astype(float) - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = (1 - smoothing) * np.eye(z.shape[1])[labels] + smoothing / z.shape[1]
    return float(-(target * log_p).sum() / len(z)), (target - np.exp(log_p)) / len(z)


@misconception(
    function="smoothed_cross_entropy",
    loses="smoothed_cross_entropy_laws",
    section=DENSE,
    hint="For large logits your result is not a number. The question says what to subtract before you compute.",
)
def large_logits_overflow(logits, labels, smoothing):
    """Softmax is computed as it is written."""
    e = np.exp(logits.astype(float))
    p = e / e.sum(axis=1, keepdims=True)
    target = (1 - smoothing) * np.eye(p.shape[1])[labels] + smoothing / p.shape[1]
    return float(-(target * np.log(p)).sum() / len(p)), (p - target) / len(p)


@misconception(
    function="smoothed_cross_entropy",
    loses="smoothed_cross_entropy_laws",
    section=DENSE,
    hint="Your probabilities are right, but a probability can be too small for a float, and then its logarithm is "
    "infinite. Take the logarithm of the formula, not of the number.",
)
def logarithm_of_a_vanished_probability(logits, labels, smoothing):
    """The loss is the logarithm of the probabilities that softmax gave."""
    z = logits.astype(float)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    target = (1 - smoothing) * np.eye(p.shape[1])[labels] + smoothing / p.shape[1]
    return float(-(target * np.log(p)).sum() / len(p)), (p - target) / len(p)


@misconception(
    function="smoothed_cross_entropy",
    loses="smoothed_cross_entropy_laws",
    section=DENSE,
    hint="You subtract the largest logit of the whole batch. An image with far smaller logits than its neighbours "
    "has nothing left then.",
)
def largest_logit_of_the_batch(logits, labels, smoothing):
    """One number is subtracted from all logits."""
    z = logits.astype(float) - logits.max()
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = (1 - smoothing) * np.eye(z.shape[1])[labels] + smoothing / z.shape[1]
    return float(-(target * log_p).sum() / len(z)), (np.exp(log_p) - target) / len(z)
