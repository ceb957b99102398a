"""Wrong answers to assignment 04, as students write them. nbgrader does not release this file.

The name of a function is the name of the misconception, its docstring the idea behind it. `loses` names the test
that is meant for it. A hint says what went wrong and what to read again, never the answer.
"""

import numpy as np

from convbook.course.misconceptions import misconception

STEP = "A window that takes larger steps"
FIT = "How many windows fit"
LOSES = "What a stride loses"
ALIAS = "Aliasing: what is left out comes back as something else"
DILATION = "Dilation: a wider window with the same weights"
FORMULA = "The receptive field by formula"
EXPERIMENT = "The receptive field by experiment"


# ---- 1. times_read


@misconception(
    function="times_read",
    loses="times_read_by_hand",
    section=FIT,
    hint="Your result knows only whether a pixel is read. How many windows read a pixel that lies in two of them?",
)
def overlaps_counted_once(shape, kernel_size, strides, dilation_rate):
    """A pixel is read or it is not."""
    counts, d = np.zeros(shape, int), dilation_rate
    height, width = (d * (k - 1) + 1 for k in kernel_size)
    for i in range(0, shape[0] - height + 1, strides[0]):
        for j in range(0, shape[1] - width + 1, strides[1]):
            counts[i : i + height : d, j : j + width : d] = 1
    return counts


@misconception(
    function="times_read",
    loses="times_read_by_hand",
    section=FIT,
    hint="You count windows that begin inside the image and end outside of it. Which rounding does the chapter use for the "
    "number of windows?",
)
def last_window_cut(shape, kernel_size, strides, dilation_rate):
    """A window that starts inside the image counts, and what reaches outside is cut off."""
    counts, d = np.zeros(shape, int), dilation_rate
    spans = [d * (k - 1) + 1 for k in kernel_size]
    rows, columns = (-(-max(n - span, 0) // s) + 1 for n, span, s in zip(shape, spans, strides))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides[0], j * strides[1]
            counts[top : top + spans[0] : d, left : left + spans[1] : d] += 1
    return counts


@misconception(
    function="times_read",
    loses="times_read_by_hand",
    section=DILATION,
    hint="You count every pixel that a window spans. Which of them does a dilated window read?",
)
def gaps_filled(shape, kernel_size, strides, dilation_rate):
    """A window reads all pixels between its first and its last one."""
    counts = np.zeros(shape, int)
    height, width = (dilation_rate * (k - 1) + 1 for k in kernel_size)
    for i in range(0, shape[0] - height + 1, strides[0]):
        for j in range(0, shape[1] - width + 1, strides[1]):
            counts[i : i + height, j : j + width] += 1
    return counts


@misconception(
    function="times_read",
    loses="times_read_by_hand",
    section=DILATION,
    hint="Your window has no gaps: it is the window of dilation 1. Where does the last argument enter your code?",
)
def dilation_not_used(shape, kernel_size, strides, dilation_rate):
    """Dilation changes the weights, not the pixels."""
    counts = np.zeros(shape, int)
    height, width = kernel_size
    for i in range(0, shape[0] - height + 1, strides[0]):
        for j in range(0, shape[1] - width + 1, strides[1]):
            counts[i : i + height, j : j + width] += 1
    return counts


@misconception(
    function="times_read",
    loses="times_read_by_hand",
    section=DILATION,
    hint="Your windows span too many pixels, so some that fit are missing. Is there a gap after the last weight?",
)
def span_with_a_gap_at_its_end(shape, kernel_size, strides, dilation_rate):
    """A dilated window spans dilation times as many pixels."""
    counts, d = np.zeros(shape, int), dilation_rate
    height, width = (d * k for k in kernel_size)
    for i in range(0, shape[0] - height + 1, strides[0]):
        for j in range(0, shape[1] - width + 1, strides[1]):
            counts[i : i + height : d, j : j + width : d] += 1
    return counts


@misconception(
    function="times_read",
    loses="times_read_by_hand",
    section=FIT,
    hint="A window that ends exactly with the last row or column is missing. At which place may a window start at most?",
)
def window_at_the_end_missed(shape, kernel_size, strides, dilation_rate):
    """The last start is the size minus the span, and a range ends there."""
    counts, d = np.zeros(shape, int), dilation_rate
    height, width = (d * (k - 1) + 1 for k in kernel_size)
    for i in range(0, shape[0] - height, strides[0]):
        for j in range(0, shape[1] - width, strides[1]):
            counts[i : i + height : d, j : j + width : d] += 1
    return counts


@misconception(
    function="times_read",
    loses="times_read_by_hand",
    section=STEP,
    hint="Your two strides have changed places. Which of them goes down?",
)
def strides_exchanged(shape, kernel_size, strides, dilation_rate):
    """The first stride is the one to the right, as x comes before y."""
    counts, d = np.zeros(shape, int), dilation_rate
    height, width = (d * (k - 1) + 1 for k in kernel_size)
    for i in range(0, shape[0] - height + 1, strides[1]):
        for j in range(0, shape[1] - width + 1, strides[0]):
            counts[i : i + height : d, j : j + width : d] += 1
    return counts


@misconception(
    function="times_read",
    loses="times_read_laws",
    section=STEP,
    hint="Your windows move down by the stride that is meant for the other direction. In the example this does not show, "
    "because there is one row of windows.",
)
def one_stride_for_both_directions(shape, kernel_size, strides, dilation_rate):
    """A stride is the same in both directions."""
    counts, d = np.zeros(shape, int), dilation_rate
    height, width = (d * (k - 1) + 1 for k in kernel_size)
    for i in range(0, shape[0] - height + 1, strides[1]):
        for j in range(0, shape[1] - width + 1, strides[1]):
            counts[i : i + height : d, j : j + width : d] += 1
    return counts


# ---- 2. transposed_conv2d


@misconception(
    function="transposed_conv2d",
    loses="transposed_conv2d_by_hand",
    section=STEP,
    hint="Where two copies overlap, only the later one is left in your image. What does the question say about overlaps?",
)
def copies_overwritten(y, w, strides):
    """Each copy has a place of its own."""
    x = np.zeros([(n - 1) * s + k for n, s, k in zip(y.shape, strides, w.shape)])
    for i, j in np.ndindex(y.shape):
        top, left = i * strides[0], j * strides[1]
        x[top : top + w.shape[0], left : left + w.shape[1]] = float(y[i, j]) * w
    return x


@misconception(
    function="transposed_conv2d",
    loses="transposed_conv2d_by_hand",
    section=STEP,
    hint="Your copies are turned by 180°. Put a map with a single number in: what should the image look like?",
)
def copies_flipped(y, w, strides):
    """To go back, the kernel has to be flipped."""
    x = np.zeros([(n - 1) * s + k for n, s, k in zip(y.shape, strides, w.shape)])
    for i, j in np.ndindex(y.shape):
        top, left = i * strides[0], j * strides[1]
        x[top : top + w.shape[0], left : left + w.shape[1]] += float(y[i, j]) * w[::-1, ::-1]
    return x


@misconception(
    function="transposed_conv2d",
    loses="transposed_conv2d_by_hand",
    section=FIT,
    hint="Your image is as large as the map times the stride. At which row and column does the last copy end?",
)
def size_times_stride(y, w, strides):
    """A stride makes an image smaller by its factor, so the way back makes it larger by this factor."""
    whole = np.zeros([(n - 1) * s + max(k, s) for n, s, k in zip(y.shape, strides, w.shape)])
    for i, j in np.ndindex(y.shape):
        top, left = i * strides[0], j * strides[1]
        whole[top : top + w.shape[0], left : left + w.shape[1]] += float(y[i, j]) * w
    return whole[: y.shape[0] * strides[0], : y.shape[1] * strides[1]].copy()


@misconception(
    function="transposed_conv2d",
    loses="transposed_conv2d_by_hand",
    section=FIT,
    hint="Your image has rows or columns of zeros at its end. Is there a step after the last copy?",
)
def step_after_the_last_copy(y, w, strides):
    """Each number of the map takes a whole stride, the last one too."""
    x = np.zeros([n * s + k - 1 for n, s, k in zip(y.shape, strides, w.shape)])
    for i, j in np.ndindex(y.shape):
        top, left = i * strides[0], j * strides[1]
        x[top : top + w.shape[0], left : left + w.shape[1]] += float(y[i, j]) * w
    return x


@misconception(
    function="transposed_conv2d",
    loses="transposed_conv2d_by_hand",
    section=STEP,
    hint="Your two strides have changed places. Which of them goes down?",
)
def steps_exchanged(y, w, strides):
    """The first stride is the one to the right, as x comes before y."""
    down, right = strides[1], strides[0]
    x = np.zeros([(y.shape[0] - 1) * down + w.shape[0], (y.shape[1] - 1) * right + w.shape[1]])
    for i, j in np.ndindex(y.shape):
        x[i * down : i * down + w.shape[0], j * right : j * right + w.shape[1]] += float(y[i, j]) * w
    return x


@misconception(
    function="transposed_conv2d",
    loses="transposed_conv2d_by_hand",
    section=STEP,
    hint="You divide by the number of copies that lie on a pixel. Does the formula take a mean?",
)
def overlaps_averaged(y, w, strides):
    """Where copies overlap, their mean is taken, so that the image does not become too bright."""
    shape = [(n - 1) * s + k for n, s, k in zip(y.shape, strides, w.shape)]
    x, copies = np.zeros(shape), np.zeros(shape)
    for i, j in np.ndindex(y.shape):
        top, left = i * strides[0], j * strides[1]
        x[top : top + w.shape[0], left : left + w.shape[1]] += float(y[i, j]) * w
        copies[top : top + w.shape[0], left : left + w.shape[1]] += 1
    return x / np.maximum(copies, 1)


@misconception(
    function="transposed_conv2d",
    loses="transposed_conv2d_by_hand",
    section=STEP,
    hint="Your copies stand side by side, as far apart as the kernel is large. Which argument says how far apart they are?",
)
def kernel_size_as_stride(y, w, strides):
    """Each number of the map becomes a block as large as the kernel."""
    return np.kron(y.astype(float), w)


@misconception(
    function="transposed_conv2d",
    loses="transposed_conv2d_laws",
    section=FIT,
    hint="If the stride is larger than the kernel, your copies move together. The chapter's pixels that no window looks at "
    "are still there on the way back.",
)
def no_gaps_between_copies(y, w, strides):
    """Copies touch each other at least."""
    down, right = min(strides[0], w.shape[0]), min(strides[1], w.shape[1])
    x = np.zeros([(y.shape[0] - 1) * down + w.shape[0], (y.shape[1] - 1) * right + w.shape[1]])
    for i, j in np.ndindex(y.shape):
        x[i * down : i * down + w.shape[0], j * right : j * right + w.shape[1]] += float(y[i, j]) * w
    return x


@misconception(
    function="transposed_conv2d",
    loses="transposed_conv2d_laws",
    section=STEP,
    hint="Your image has the type of the map. What happens to a product that is not a whole number, or larger than 255, "
    "when it is stored there?",
)
def stored_in_the_type_of_the_map(y, w, strides):
    """The image has the type of the map."""
    x = np.zeros([(n - 1) * s + k for n, s, k in zip(y.shape, strides, w.shape)])
    for i, j in np.ndindex(y.shape):
        top, left = i * strides[0], j * strides[1]
        x[top : top + w.shape[0], left : left + w.shape[1]] += float(y[i, j]) * w
    return x.astype(y.dtype)


# ---- 3. space_to_depth


@misconception(
    function="space_to_depth",
    loses="space_to_depth_by_hand",
    section=STEP,
    hint="The shape is right, but your pixels take their channels from a piece of a single row. Which pixels form a block?",
)
def cut_by_reshape(x, block):
    """A reshape to the new shape puts each block together."""
    height, width, channels = x.shape
    oh, ow = height // block, width // block
    return x[: oh * block, : ow * block].reshape(oh, ow, block * block * channels).copy()


@misconception(
    function="space_to_depth",
    loses="space_to_depth_by_hand",
    section=STEP,
    hint="Each pixel has the right numbers in another order: your channels of one pixel are torn apart. Which index runs "
    "fastest in the formula?",
)
def channels_torn_apart(x, block):
    """All numbers of channel 0 come first, then those of channel 1."""
    height, width, channels = x.shape
    oh, ow = height // block, width // block
    cut = x[: oh * block, : ow * block].reshape(oh, block, ow, block, channels)
    return cut.transpose(0, 2, 4, 1, 3).reshape(oh, ow, -1).copy()


@misconception(
    function="space_to_depth",
    loses="space_to_depth_by_hand",
    section=STEP,
    hint="Each pixel has the right numbers in another order: you walk through a block column by column.",
)
def blocks_by_columns(x, block):
    """A block is read from top to bottom, then the next column."""
    height, width, channels = x.shape
    oh, ow = height // block, width // block
    cut = x[: oh * block, : ow * block].reshape(oh, block, ow, block, channels)
    return cut.transpose(0, 2, 3, 1, 4).reshape(oh, ow, -1).copy()


@misconception(
    function="space_to_depth",
    loses="space_to_depth_by_hand",
    section=LOSES,
    hint="Your channels come from pixels that are far apart, from different parts of the image. How far apart are two "
    "pixels of one block?",
)
def parts_instead_of_blocks(x, block):
    """The image is cut into large parts, which are put behind each other."""
    oh, ow = x.shape[0] // block, x.shape[1] // block
    parts = [x[p * oh : (p + 1) * oh, q * ow : (q + 1) * ow] for p in range(block) for q in range(block)]
    return np.concatenate(parts, axis=2)


@misconception(
    function="space_to_depth",
    loses="space_to_depth_by_hand",
    section=FIT,
    hint="You leave out rows and columns at the beginning. Where does the first window of a strided layer start?",
)
def remainder_left_out_at_the_start(x, block):
    """It does not matter at which end the rest is left out."""
    top, left = x.shape[0] % block, x.shape[1] % block
    phases = [x[top + p :: block, left + q :: block] for p in range(block) for q in range(block)]
    return np.concatenate(phases, axis=2)


@misconception(
    function="space_to_depth",
    loses="space_to_depth_by_hand",
    section=FIT,
    hint="Your result has a pixel for a block that is not whole, filled up with zeros. Which rounding does the chapter use?",
)
def remainder_filled_with_zeros(x, block):
    """Nothing may be lost, so the last block is filled up."""
    padded = np.pad(x, [(0, -x.shape[0] % block), (0, -x.shape[1] % block), (0, 0)])
    phases = [padded[p::block, q::block] for p in range(block) for q in range(block)]
    return np.concatenate(phases, axis=2)


@misconception(
    function="space_to_depth",
    loses="space_to_depth_by_hand",
    section=LOSES,
    hint="You keep one pixel of each block. The question keeps all of them.",
)
def plain_stride(x, block):
    """A smaller image is every second pixel."""
    return x[::block, ::block][: x.shape[0] // block, : x.shape[1] // block].copy()


@misconception(
    function="space_to_depth",
    loses="space_to_depth_laws",
    section=FIT,
    hint="You leave out columns that do not fill a block, but what about rows? In the example no row is left over.",
)
def rows_not_left_out(x, block):
    """Only the width has a remainder."""
    height, width, channels = x.shape
    cut = x[:, : width // block * block].reshape(height // block, block, width // block, block, channels)
    return cut.transpose(0, 2, 1, 3, 4).reshape(height // block, width // block, -1).copy()


# ---- 4. pixels_seen


@misconception(
    function="pixels_seen",
    loses="pixels_seen_by_hand",
    section=FORMULA,
    hint="You go through the layers from the first to the last. You start from outputs of the network: which layer made them?",
)
def from_the_first_layer_on(layers, first, last):
    """Layers are followed in the order in which they compute."""
    for kernel_size, strides, dilation_rate in layers:
        first, last = first * strides, last * strides + dilation_rate * (kernel_size - 1)
    return first, last


@misconception(
    function="pixels_seen",
    loses="pixels_seen_by_hand",
    section=FORMULA,
    hint="Your stretch is too long: at each layer you go one place too far. How far is it from the first to the last pixel "
    "of a window?",
)
def end_one_too_far(layers, first, last):
    """A window of K pixels ends K pixels after its start."""
    for kernel_size, strides, dilation_rate in reversed(layers):
        first, last = first * strides, last * strides + dilation_rate * (kernel_size - 1) + 1
    return first, last


@misconception(
    function="pixels_seen",
    loses="pixels_seen_by_hand",
    section=DILATION,
    hint="Your windows have no gaps. Which of the three numbers of a layer does your code not use?",
)
def dilation_left_out(layers, first, last):
    """Dilation leaves pixels out, so it does not make the field larger."""
    for kernel_size, strides, _ in reversed(layers):
        first, last = first * strides, last * strides + kernel_size - 1
    return first, last


@misconception(
    function="pixels_seen",
    loses="pixels_seen_by_hand",
    section=DILATION,
    hint="A dilated window of yours is too wide. How many gaps are there between three pixels?",
)
def dilation_times_kernel_size(layers, first, last):
    """A dilated window spans dilation times kernel size."""
    for kernel_size, strides, dilation_rate in reversed(layers):
        first, last = first * strides, last * strides + dilation_rate * kernel_size - 1
    return first, last


@misconception(
    function="pixels_seen",
    loses="pixels_seen_by_hand",
    section=FORMULA,
    hint="Your stretch has the size of the field of a single output. What do the outputs after the first one add?",
)
def field_of_the_first_output(layers, first, last):
    """All outputs of a stretch look at the same field."""
    size, jump = 1, 1
    for kernel_size, strides, dilation_rate in layers:
        size, jump = size + dilation_rate * (kernel_size - 1) * jump, jump * strides
    return first * jump, first * jump + size - 1


@misconception(
    function="pixels_seen",
    loses="pixels_seen_by_hand",
    section=EXPERIMENT,
    hint="You put the field around its output, so it starts too early. At which pixel does the first window of an image "
    "without padding start?",
)
def field_centred(layers, first, last):
    """The field lies around the pixel that belongs to the output."""
    size, jump = 1, 1
    for kernel_size, strides, dilation_rate in layers:
        size, jump = size + dilation_rate * (kernel_size - 1) * jump, jump * strides
    return first * jump - size // 2, last * jump + (size - 1) // 2


@misconception(
    function="pixels_seen",
    loses="pixels_seen_by_hand",
    section=FORMULA,
    hint="Your field is too large. When a layer makes its steps, how far apart are its inputs: does its own stride count "
    "already?",
)
def stride_counted_too_early(layers, first, last):
    """A layer's own stride makes its own window wider."""
    size, jump = 1, 1
    for kernel_size, strides, dilation_rate in layers:
        jump = jump * strides
        size = size + dilation_rate * (kernel_size - 1) * jump
    return first * jump, last * jump + size - 1


@misconception(
    function="pixels_seen",
    loses="pixels_seen_by_hand",
    section=FORMULA,
    hint="You add up what the windows read, as if every layer stood on the pixels of the image. How many pixels is one "
    "step of a later layer?",
)
def steps_not_multiplied(layers, first, last):
    """Each layer adds its window to the field."""
    jump = 1
    for _, strides, _ in layers:
        jump *= strides
    return first * jump, last * jump + sum(dilation_rate * (kernel_size - 1) for kernel_size, _, dilation_rate in layers)


# ---- 5. alias_frequency


@misconception(
    function="alias_frequency",
    loses="alias_frequency_by_hand",
    section=ALIAS,
    hint="You give every pattern another name, also those that keep their own, and some of your names are negative.",
)
def always_the_other_name(frequencies, stride):
    """The alias is 1/s minus the frequency."""
    return 1 / stride - frequencies.astype(float)


@misconception(
    function="alias_frequency",
    loses="alias_frequency_by_hand",
    section=ALIAS,
    hint="Your aliases can still be larger than the limit in the question. Which slow pattern gives the same numbers as "
    "one that is a little below 1/s?",
)
def remainder_only(frequencies, stride):
    """Frequencies that differ by 1/s look alike, so the alias is the remainder."""
    return frequencies.astype(float) % (1 / stride)


@misconception(
    function="alias_frequency",
    loses="alias_frequency_by_hand",
    section=ALIAS,
    hint="Your function treats all strides alike, as if every pixel were read.",
)
def stride_not_used(frequencies, stride):
    """A pattern of pixels can be seen up to half a stripe per pixel."""
    rest = frequencies.astype(float) % 1
    return np.minimum(rest, 1 - rest)


@misconception(
    function="alias_frequency",
    loses="alias_frequency_by_hand",
    section=ALIAS,
    hint="Your aliases are measured in stripes per place of the output. In which unit does the question want them?",
)
def stripes_per_output(frequencies, stride):
    """After a stride, the places of the output are the new pixels."""
    turns = frequencies.astype(float) * stride
    return np.abs(turns - np.round(turns))


@misconception(
    function="alias_frequency",
    loses="alias_frequency_by_hand",
    section=ALIAS,
    hint="You set everything that is too fine to the limit. Compare the numbers that are read from such a pattern with "
    "those of your alias.",
)
def cut_at_the_limit(frequencies, stride):
    """A frequency above the limit becomes the limit."""
    return np.minimum(frequencies.astype(float), 0.5 / stride)


@misconception(
    function="alias_frequency",
    loses="alias_frequency_by_hand",
    section=ALIAS,
    hint="For you a pattern that is too fine becomes a plain area. Lost detail would be harmless if it were gone, says the "
    "chapter; what happens instead?",
)
def too_fine_disappears(frequencies, stride):
    """What is finer than the limit cannot be seen."""
    frequencies = frequencies.astype(float)
    return np.where(frequencies <= 0.5 / stride, frequencies, 0.0)


@misconception(
    function="alias_frequency",
    loses="alias_frequency_by_hand",
    section=ALIAS,
    hint="Some of your aliases are negative. What do stripes look like if their frequency changes its sign?",
)
def sign_kept(frequencies, stride):
    """The alias is the distance to the next multiple of 1/s, with its sign."""
    turns = frequencies.astype(float) * stride
    return (turns - np.round(turns)) / stride


@misconception(
    function="alias_frequency",
    loses="alias_frequency_by_hand",
    section=ALIAS,
    hint="Your aliases reach twice as far as they may. From which period on does the chapter say that a pattern keeps its "
    "name?",
)
def limit_twice_as_high(frequencies, stride):
    """A pattern keeps its name if its period is longer than the stride."""
    rest = frequencies.astype(float) % (2 / stride)
    return np.minimum(rest, 2 / stride - rest)


@misconception(
    function="alias_frequency",
    loses="alias_frequency_laws",
    section=ALIAS,
    hint="Your function compares with a few multiples only. A frequency can be larger than those of the example: with "
    "which multiples do you compare then?",
)
def first_multiples_only(frequencies, stride):
    """Beyond 2/s there are no stripes any more."""
    frequencies = frequencies.astype(float)
    return np.minimum(np.minimum(frequencies, np.abs(frequencies - 1 / stride)), np.abs(frequencies - 2 / stride))
