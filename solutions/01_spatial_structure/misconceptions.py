"""Wrong answers to assignment 01, as students write them. nbgrader does not release this file.

The name of a function is the name of the misconception, its docstring the idea behind it. `loses` names the test
that is meant for it. A hint says what went wrong and what to read again, never the answer.
"""

import numpy as np

from convbook.course.misconceptions import misconception

GRID = "An image is a grid of numbers"
SCALE = "From 0–255 to 0–1"
FLAT = "Flattening: where neighbours go"
LETTER = "One letter, many images"
PERMUTATION = "The permutation lab"
TRANSLATION = "The translation lab"
COST = "What a dense layer costs"


# ---- 1. neighbour_places


@misconception(
    function="neighbour_places",
    loses="neighbour_places_by_hand",
    section=FLAT,
    hint="Your function finds a neighbour to the right of the last column. Which pixel stands at that place of the "
    "flattened image?",
)
def end_of_the_row_ignored(place, shape):
    """After a pixel comes its neighbour, always."""
    height, width, channels = shape
    near = [place - width * channels, place - channels, place + channels, place + width * channels]
    return np.array([k for k in near if 0 <= k < height * width * channels])


@misconception(
    function="neighbour_places",
    loses="neighbour_places_by_hand",
    section=FLAT,
    hint="You step from number to number as in a gray image. How many numbers has a pixel here?",
)
def one_channel_assumed(place, shape):
    """A pixel is one number."""
    height, width, _ = shape
    i, j = divmod(place, width)
    near = [(i - 1, j), (i, j - 1), (i, j + 1), (i + 1, j)]
    return np.array([r * width + c for r, c in near if 0 <= r < height and 0 <= c < width])


@misconception(
    function="neighbour_places",
    loses="neighbour_places_by_hand",
    section=GRID,
    hint="Your rows have the wrong length. Which of the numbers of a shape says how many pixels a row has?",
)
def height_taken_for_width(place, shape):
    """A shape is (W, H, C)."""
    width, height, channels = shape
    pixel, c = divmod(place, channels)
    i, j = divmod(pixel, width)
    near = [(i - 1, j), (i, j - 1), (i, j + 1), (i + 1, j)]
    return np.array([(r * width + s) * channels + c for r, s in near if 0 <= r < height and 0 <= s < width])


@misconception(
    function="neighbour_places",
    loses="neighbour_places_by_hand",
    section=FLAT,
    hint="Your function gives pixels that touch at a corner too. Which directions does the question name?",
)
def corners_too(place, shape):
    """A pixel has eight neighbours."""
    height, width, channels = shape
    pixel, c = divmod(place, channels)
    i, j = divmod(pixel, width)
    near = [(i + u, j + v) for u in (-1, 0, 1) for v in (-1, 0, 1) if u or v]
    return np.array([(r * width + s) * channels + c for r, s in near if 0 <= r < height and 0 <= s < width])


@misconception(
    function="neighbour_places",
    loses="neighbour_places_by_hand",
    section=FLAT,
    hint="Your function gives the other channels of the pixel itself too. What does the question say about the channel of "
    "a neighbour?",
)
def other_channels_too(place, shape):
    """What stands beside a number in its own pixel is a neighbour as well."""
    height, width, channels = shape
    pixel, c = divmod(place, channels)
    i, j = divmod(pixel, width)
    near = [(i - 1, j, c), (i, j - 1, c), (i, j, c - 1), (i, j, c + 1), (i, j + 1, c), (i + 1, j, c)]
    inside = [(r, s, t) for r, s, t in near if 0 <= r < height and 0 <= s < width and 0 <= t < channels]
    return np.array([(r * width + s) * channels + t for r, s, t in inside])


@misconception(
    function="neighbour_places",
    loses="neighbour_places_by_hand",
    section=FLAT,
    hint="The places are right, but not in the order that the question asks for.",
)
def not_in_ascending_order(place, shape):
    """First up and down, then left and right."""
    height, width, channels = shape
    pixel, c = divmod(place, channels)
    i, j = divmod(pixel, width)
    near = [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)]
    return np.array([(r * width + s) * channels + c for r, s in near if 0 <= r < height and 0 <= s < width])


@misconception(
    function="neighbour_places",
    loses="neighbour_places_by_hand",
    section=FLAT,
    hint="You flatten one channel after the other. Which index runs fastest in the formula of the question?",
)
def one_plane_after_the_other(place, shape):
    """Flattening writes all of the first channel, then all of the second."""
    height, width, _ = shape
    plane, pixel = divmod(place, height * width)
    i, j = divmod(pixel, width)
    near = [(i - 1, j), (i, j - 1), (i, j + 1), (i + 1, j)]
    return np.array([plane * height * width + r * width + c for r, c in near if 0 <= r < height and 0 <= c < width])


@misconception(
    function="neighbour_places",
    loses="neighbour_places_by_hand",
    section=GRID,
    hint="Your image has no border: after the last column comes the first one again. Does the question speak of a ring?",
)
def image_as_a_ring(place, shape):
    """Every pixel has four neighbours; at the border they are on the opposite side."""
    height, width, channels = shape
    pixel, c = divmod(place, channels)
    i, j = divmod(pixel, width)
    near = [(i - 1, j), (i, j - 1), (i, j + 1), (i + 1, j)]
    return np.array(sorted((r % height * width + s % width) * channels + c for r, s in near))


@misconception(
    function="neighbour_places",
    loses="neighbour_places_laws",
    section=FLAT,
    hint="Your function notices the left and the right border for the first channel only. At which places does a row begin "
    "for another channel?",
)
def border_of_the_first_channel_only(place, shape):
    """A row begins where the place is a multiple of the length of a row."""
    height, width, channels = shape
    row = width * channels
    near = [place - row] if place >= row else []
    near += [place - channels] if place % row != 0 else []
    near += [place + channels] if place % row != row - channels else []
    near += [place + row] if place + row < height * row else []
    return np.array(near)


# ---- 2. pixel_distances


@misconception(
    function="pixel_distances",
    loses="pixel_distances_by_hand",
    section=SCALE,
    hint="You subtract numbers of type uint8. What is 0 minus 153 in this type?",
)
def subtracted_as_uint8(a, b):
    """First the difference, then the scale."""
    scale = 255 if a.dtype == np.uint8 and b.dtype == np.uint8 else 1
    if scale == 1:
        a, b = (images / 255 if images.dtype == np.uint8 else images.astype(float) for images in (a, b))
    return np.sqrt((((a[:, None] - b[None]) / scale) ** 2).sum(axis=(2, 3, 4)))


@misconception(
    function="pixel_distances",
    loses="pixel_distances_by_hand",
    section=SCALE,
    hint="Your distances are 255 times too large for uint8 images. What has to happen to their values first?",
)
def not_brought_to_0_to_1(a, b):
    """Only the contrast changes with the scale, so it does not matter."""
    return np.sqrt(((a[:, None].astype(float) - b[None]) ** 2).sum(axis=(2, 3, 4)))


@misconception(
    function="pixel_distances",
    loses="pixel_distances_by_hand",
    section=SCALE,
    hint="You divide by the largest value that occurs. In a dark image this is not the largest value that is possible.",
)
def divided_by_the_largest_value(a, b):
    """To bring an image to the range 0 to 1, divide by its maximum."""
    first, second = (images / max(images.max(), 1) if images.dtype == np.uint8 else images.astype(float) for images in (a, b))
    return np.sqrt(((first[:, None] - second[None]) ** 2).sum(axis=(2, 3, 4)))


@misconception(
    function="pixel_distances",
    loses="pixel_distances_by_hand",
    section=SCALE,
    hint="Your distances are a little too small. Which value must become 1?",
)
def divided_by_256(a, b):
    """There are 256 values, so divide by 256."""
    first, second = (images / 256 if images.dtype == np.uint8 else images.astype(float) for images in (a, b))
    return np.sqrt(((first[:, None] - second[None]) ** 2).sum(axis=(2, 3, 4)))


@misconception(
    function="pixel_distances",
    loses="pixel_distances_by_hand",
    section=LETTER,
    hint="With three times the contrast your numbers become nine times as large. Something is missing at the end.",
)
def without_the_root(a, b):
    """The distance is the sum of the squared differences."""
    first, second = (images / 255 if images.dtype == np.uint8 else images.astype(float) for images in (a, b))
    return ((first[:, None] - second[None]) ** 2).sum(axis=(2, 3, 4))


@misconception(
    function="pixel_distances",
    loses="pixel_distances_by_hand",
    section=LETTER,
    hint="Your number depends on how many pixels the image has: you take a mean. What does the formula take?",
)
def mean_for_sum(a, b):
    """The distance is the root of the mean squared difference."""
    first, second = (images / 255 if images.dtype == np.uint8 else images.astype(float) for images in (a, b))
    return np.sqrt(((first[:, None] - second[None]) ** 2).mean(axis=(2, 3, 4)))


@misconception(
    function="pixel_distances",
    loses="pixel_distances_by_hand",
    section=LETTER,
    hint="You add the sizes of the differences. How far is it from one corner of a rectangle to the opposite one?",
)
def sizes_added(a, b):
    """The distance is the sum of the sizes of the differences."""
    first, second = (images / 255 if images.dtype == np.uint8 else images.astype(float) for images in (a, b))
    return np.abs(first[:, None] - second[None]).sum(axis=(2, 3, 4))


@misconception(
    function="pixel_distances",
    loses="pixel_distances_by_hand",
    section=LETTER,
    hint="Rows and columns of your result have changed places. Which batch does the first index belong to?",
)
def batches_exchanged(a, b):
    """A row for each image of b."""
    first, second = (images / 255 if images.dtype == np.uint8 else images.astype(float) for images in (a, b))
    return np.sqrt(((second[:, None] - first[None]) ** 2).sum(axis=(2, 3, 4)))


@misconception(
    function="pixel_distances",
    loses="pixel_distances_laws",
    section=SCALE,
    hint="You divide every image by 255. Which images does the question leave as they are?",
)
def every_type_divided(a, b):
    """Every image has values from 0 to 255."""
    first, second = a / 255, b / 255
    return np.sqrt(((first[:, None] - second[None]) ** 2).sum(axis=(2, 3, 4)))


@misconception(
    function="pixel_distances",
    loses="pixel_distances_laws",
    section=SCALE,
    hint="Your function guesses from the values how an image is stored. What about a nearly black image of type uint8, or "
    "large values of another type?",
)
def scale_guessed_from_the_values(a, b):
    """Values above 1 mean that an image is stored from 0 to 255."""
    first, second = (images / 255 if images.max() > 1 else images.astype(float) for images in (a, b))
    return np.sqrt(((first[:, None] - second[None]) ** 2).sum(axis=(2, 3, 4)))


@misconception(
    function="pixel_distances",
    loses="pixel_distances_laws",
    section=GRID,
    hint="Your function looks at the first channel only. The example has one channel; a colour image has three.",
)
def first_channel_only(a, b):
    """An image is a grid of numbers with an extra axis of length 1."""
    first, second = (images / 255 if images.dtype == np.uint8 else images.astype(float) for images in (a, b))
    return np.sqrt(((first[:, None, :, :, 0] - second[None, :, :, :, 0]) ** 2).sum(axis=(2, 3)))


# ---- 3. distance_up_to_shift


@misconception(
    function="distance_up_to_shift",
    loses="distance_up_to_shift_by_hand",
    section=TRANSLATION,
    hint="What leaves your image on one side comes back on the other. What does the question say comes in?",
)
def moved_around_a_ring(a, b, most):
    """To move an image is to roll it."""
    steps = range(-most, most + 1)
    moved = [np.roll(a.astype(float), (u, v), axis=(0, 1)) for u in steps for v in steps]
    return float(min(np.linalg.norm(m - b) for m in moved))


@misconception(
    function="distance_up_to_shift",
    loses="distance_up_to_shift_by_hand",
    section=TRANSLATION,
    hint="Your range of shifts ends too early on one side. Which shift does the example need?",
)
def last_shift_missed(a, b, most):
    """A range from minus k to k has both ends."""
    (height, width), p = a.shape, np.pad(a.astype(float), most)
    steps = range(-most, most) if most else [0]
    moved = [p[most - u : most - u + height, most - v : most - v + width] for u in steps for v in steps]
    return float(min(np.linalg.norm(m - b) for m in moved))


@misconception(
    function="distance_up_to_shift",
    loses="distance_up_to_shift_by_hand",
    section=TRANSLATION,
    hint="You allow a shift in both directions together to be no longer than the limit. For what does the question give "
    "the limit?",
)
def steps_counted_together(a, b, most):
    """At most k pixels means k steps, down and right together."""
    (height, width), p = a.shape, np.pad(a.astype(float), most)
    steps = range(-most, most + 1)
    near = [(u, v) for u in steps for v in steps if abs(u) + abs(v) <= most]
    moved = [p[most - u : most - u + height, most - v : most - v + width] for u, v in near]
    return float(min(np.linalg.norm(m - b) for m in moved))


@misconception(
    function="distance_up_to_shift",
    loses="distance_up_to_shift_by_hand",
    section=TRANSLATION,
    hint="You move the image either down or to the right. Can a shift go in both directions at once?",
)
def one_direction_at_a_time(a, b, most):
    """An image moves up or down, or it moves left or right."""
    (height, width), p = a.shape, np.pad(a.astype(float), most)
    steps = range(-most, most + 1)
    near = [(u, 0) for u in steps] + [(0, v) for v in steps]
    moved = [p[most - u : most - u + height, most - v : most - v + width] for u, v in near]
    return float(min(np.linalg.norm(m - b) for m in moved))


@misconception(
    function="distance_up_to_shift",
    loses="distance_up_to_shift_by_hand",
    section=TRANSLATION,
    hint="You compare only the part in which both images lie. A large shift then has hardly any pixel to differ in. Which "
    "pixels count in the question?",
)
def only_where_both_overlap(a, b, most):
    """What comes in from outside cannot be compared."""
    height, width = a.shape
    best = np.linalg.norm(a.astype(float) - b)
    for u in range(-most, most + 1):
        for v in range(-most, most + 1):
            mine = a[max(-u, 0) : max(height - max(u, 0), 0), max(-v, 0) : max(width - max(v, 0), 0)]
            yours = b[max(u, 0) : max(height - max(-u, 0), 0), max(v, 0) : max(width - max(-v, 0), 0)]
            best = min(best, np.linalg.norm(mine.astype(float) - yours))
    return float(best)


@misconception(
    function="distance_up_to_shift",
    loses="distance_up_to_shift_by_hand",
    section=TRANSLATION,
    hint="You repeat the border of the image where something comes in. What comes in according to the question?",
)
def border_moved_in(a, b, most):
    """What comes in from outside looks like the border."""
    (height, width), p = a.shape, np.pad(a.astype(float), most, mode="edge")
    steps = range(-most, most + 1)
    moved = [p[most - u : most - u + height, most - v : most - v + width] for u in steps for v in steps]
    return float(min(np.linalg.norm(m - b) for m in moved))


@misconception(
    function="distance_up_to_shift",
    loses="distance_up_to_shift_by_hand",
    section=LETTER,
    hint="With twice the contrast your number becomes four times as large. Something is missing at the end.",
)
def root_left_out(a, b, most):
    """The smallest sum of squares is enough, since the root does not change which one is the smallest."""
    (height, width), p = a.shape, np.pad(a.astype(float), most)
    steps = range(-most, most + 1)
    moved = [p[most - u : most - u + height, most - v : most - v + width] for u in steps for v in steps]
    return float(min(((m - b) ** 2).sum() for m in moved))


@misconception(
    function="distance_up_to_shift",
    loses="distance_up_to_shift_by_hand",
    section=TRANSLATION,
    hint="You move the other image. What is lost at the border is then another part.",
)
def other_image_moved(a, b, most):
    """It does not matter which of two images is moved."""
    (height, width), p = a.shape, np.pad(b.astype(float), most)
    steps = range(-most, most + 1)
    moved = [p[most - u : most - u + height, most - v : most - v + width] for u in steps for v in steps]
    return float(min(np.linalg.norm(m - a) for m in moved))


@misconception(
    function="distance_up_to_shift",
    loses="distance_up_to_shift_laws",
    section=TRANSLATION,
    hint="You move the image down and to the right only. Into which other directions can it move?",
)
def down_and_right_only(a, b, most):
    """A shift by at most k pixels is a shift by 0 to k pixels."""
    (height, width), p = a.shape, np.pad(a.astype(float), most)
    steps = range(most + 1)
    moved = [p[most - u : most - u + height, most - v : most - v + width] for u in steps for v in steps]
    return float(min(np.linalg.norm(m - b) for m in moved))


@misconception(
    function="distance_up_to_shift",
    loses="distance_up_to_shift_laws",
    section=SCALE,
    hint="With images of type uint8 your differences are wrong. The rules at the top say what uint8 makes of 3 − 5.",
)
def differences_in_the_type_of_the_images(a, b, most):
    """A difference of two pixels is a number like any other."""
    (height, width), p = a.shape, np.pad(a, most)
    steps = range(-most, most + 1)
    moved = [p[most - u : most - u + height, most - v : most - v + width] for u in steps for v in steps]
    return float(min(np.sqrt(((m - b) ** 2).sum()) for m in moved))


# ---- 4. weights_for_shuffled


@misconception(
    function="weights_for_shuffled",
    loses="weights_for_shuffled_by_hand",
    section=PERMUTATION,
    hint="You use the order in the wrong direction. In the example, which pixel stands first in a shuffled image, and "
    "which weights does it need?",
)
def order_used_backwards(w, order, channels):
    """The weights of pixel k go where the order sends it."""
    shuffled = np.zeros_like(w)
    for k in range(len(order)):
        for c in range(channels):
            shuffled[order[k] * channels + c] = w[k * channels + c]
    return shuffled


@misconception(
    function="weights_for_shuffled",
    loses="weights_for_shuffled_by_hand",
    section=PERMUTATION,
    hint="You move one row of the weights for each pixel. How many rows belong to a pixel here?",
)
def one_row_for_each_pixel(w, order, channels):
    """A pixel has one row of weights."""
    shuffled = w.copy()
    shuffled[: len(order)] = w[order]
    return shuffled


@misconception(
    function="weights_for_shuffled",
    loses="weights_for_shuffled_by_hand",
    section=FLAT,
    hint="You take the weights as if all pixels of the first channel came first. Which number stands after the first one "
    "in a flattened colour image?",
)
def weights_as_planes(w, order, channels):
    """In a flattened image one channel follows the other."""
    return w.reshape(channels, len(order), -1)[:, order].reshape(w.shape)


@misconception(
    function="weights_for_shuffled",
    loses="weights_for_shuffled_by_hand",
    section=FLAT,
    hint="You use the number of a pixel as its place. At which place does pixel 2 start if a pixel holds two numbers?",
)
def pixel_number_as_place(w, order, channels):
    """Pixel k stands at place k."""
    rows = (order[:, None] + np.arange(channels)).reshape(-1)
    return w[rows]


@misconception(
    function="weights_for_shuffled",
    loses="weights_for_shuffled_by_hand",
    section=PERMUTATION,
    hint="You hand back the weights as they are. A dense layer does not care about the order of its inputs, but only if "
    "something else has the same order.",
)
def weights_not_changed(w, order, channels):
    """A dense layer does not depend on the order of its inputs."""
    return w.copy()


@misconception(
    function="weights_for_shuffled",
    loses="weights_for_shuffled_by_hand",
    section=PERMUTATION,
    hint="The pixels are in the right order, but within a pixel you have turned the channels around. What stays together "
    "in the question?",
)
def channels_turned_around(w, order, channels):
    """A shuffle changes the order of everything."""
    return w.reshape(len(order), channels, -1)[order, ::-1].reshape(w.shape).copy()


@misconception(
    function="weights_for_shuffled",
    loses="weights_for_shuffled_by_hand",
    section=PERMUTATION,
    hint="While you move the rows you overwrite rows that you still need, and the weights of the caller are changed.",
)
def overwritten_while_moving(w, order, channels):
    """The rows can be moved one by one within the same array."""
    for k in range(len(order)):
        for c in range(channels):
            w[k * channels + c] = w[order[k] * channels + c]
    return w


# ---- 5. layer_cost


@misconception(
    function="layer_cost",
    loses="layer_cost_by_hand",
    section=COST,
    hint="Your parameters are too few: besides its weights, what does each filter or unit have?",
)
def biases_left_out(kind, shape, kernel_size, outputs):
    """Parameters are weights."""
    (height, width, channels), (kh, kw) = shape, (shape[:2] if kind == "dense" else kernel_size)
    places, weights = (height - kh + 1) * (width - kw + 1), kh * kw * channels * outputs
    return weights * (places if kind == "local" else 1), places * weights, places * outputs


@misconception(
    function="layer_cost",
    loses="layer_cost_by_hand",
    section=COST,
    hint="Your windows have one channel. How many numbers does a window of a colour image hold?",
)
def channels_left_out(kind, shape, kernel_size, outputs):
    """A window of KH times KW pixels has KH times KW numbers."""
    (height, width, _), (kh, kw) = shape, (shape[:2] if kind == "dense" else kernel_size)
    places, weights = (height - kh + 1) * (width - kw + 1), kh * kw * outputs
    copies = places if kind == "local" else 1
    return copies * (weights + outputs), places * weights, places * outputs


@misconception(
    function="layer_cost",
    loses="layer_cost_by_hand",
    section=COST,
    hint="In your local layer each filter has a single bias. What does the question say about its biases?",
)
def local_biases_shared(kind, shape, kernel_size, outputs):
    """A filter has one bias, whatever the kind of the layer."""
    (height, width, channels), (kh, kw) = shape, (shape[:2] if kind == "dense" else kernel_size)
    places, weights = (height - kh + 1) * (width - kw + 1), kh * kw * channels * outputs
    return weights * (places if kind == "local" else 1) + outputs, places * weights, places * outputs


@misconception(
    function="layer_cost",
    loses="layer_cost_by_hand",
    section=COST,
    hint="Your local layer has as many parameters as a convolutional one. What does a local layer not do?",
)
def local_as_convolution(kind, shape, kernel_size, outputs):
    """The same windows have the same weights."""
    (height, width, channels), (kh, kw) = shape, (shape[:2] if kind == "dense" else kernel_size)
    places, weights = (height - kh + 1) * (width - kw + 1), kh * kw * channels * outputs
    return weights + outputs, places * weights, places * outputs


@misconception(
    function="layer_cost",
    loses="layer_cost_by_hand",
    section=COST,
    hint="Your convolutional layer has weights of its own for every place. What makes it a convolutional layer?",
)
def convolution_without_sharing(kind, shape, kernel_size, outputs):
    """Every output has its own weights."""
    (height, width, channels), (kh, kw) = shape, (shape[:2] if kind == "dense" else kernel_size)
    places, weights = (height - kh + 1) * (width - kw + 1), kh * kw * channels * outputs
    return places * (weights + outputs), places * weights, places * outputs


@misconception(
    function="layer_cost",
    loses="layer_cost_by_hand",
    section=COST,
    hint="You count a place for every pixel of the image. At how many places does the window fit?",
)
def place_for_every_pixel(kind, shape, kernel_size, outputs):
    """A window is put on each pixel."""
    height, width, channels = shape
    kh, kw = shape[:2] if kind == "dense" else kernel_size
    places, weights = 1 if kind == "dense" else height * width, kh * kw * channels * outputs
    copies = places if kind == "local" else 1
    return copies * (weights + outputs), places * weights, places * outputs


@misconception(
    function="layer_cost",
    loses="layer_cost_by_hand",
    section=COST,
    hint="Your number of outputs is the number of places. How many numbers are computed at each place?",
)
def one_output_for_each_place(kind, shape, kernel_size, outputs):
    """At each place of the output there is one number."""
    (height, width, channels), (kh, kw) = shape, (shape[:2] if kind == "dense" else kernel_size)
    places, weights = (height - kh + 1) * (width - kw + 1), kh * kw * channels * outputs
    copies = places if kind == "local" else 1
    return copies * (weights + outputs), places * weights, outputs if kind == "dense" else places


@misconception(
    function="layer_cost",
    loses="layer_cost_by_hand",
    section=COST,
    hint="Your multiply-adds are those of a single place. How often is each weight of a convolutional layer used?",
)
def work_at_one_place(kind, shape, kernel_size, outputs):
    """Each weight is multiplied once."""
    (height, width, channels), (kh, kw) = shape, (shape[:2] if kind == "dense" else kernel_size)
    places, weights = (height - kh + 1) * (width - kw + 1), kh * kw * channels * outputs
    copies = places if kind == "local" else 1
    return copies * (weights + outputs), weights, places * outputs


@misconception(
    function="layer_cost",
    loses="layer_cost_by_hand",
    section=GRID,
    hint="Your number of places is wrong when the kernel is not square. Which of its two numbers is the height?",
)
def kernel_on_its_side(kind, shape, kernel_size, outputs):
    """A kernel size is (width, height)."""
    (height, width, channels), (kh, kw) = shape, (shape[:2] if kind == "dense" else kernel_size[::-1])
    places, weights = (height - kh + 1) * (width - kw + 1), kh * kw * channels * outputs
    copies = places if kind == "local" else 1
    return copies * (weights + outputs), places * weights, places * outputs


@misconception(
    function="layer_cost",
    loses="layer_cost_laws",
    section=COST,
    hint="The two kinds with windows are right. Count the inputs of a dense layer on a colour image once more.",
)
def dense_on_pixels(kind, shape, kernel_size, outputs):
    """A dense layer has one input for each pixel."""
    height, width, channels = shape
    if kind == "dense":
        return (height * width + 1) * outputs, height * width * outputs, outputs
    kh, kw = kernel_size
    places, weights = (height - kh + 1) * (width - kw + 1), kh * kw * channels * outputs
    copies = places if kind == "local" else 1
    return copies * (weights + outputs), places * weights, places * outputs


@misconception(
    function="layer_cost",
    loses="layer_cost_laws",
    section=COST,
    hint="The two kinds with windows are right. In your dense layer the biases are multiplied by something; by what?",
)
def dense_biases_as_multiply_adds(kind, shape, kernel_size, outputs):
    """A dense layer needs one multiply-add for each of its parameters."""
    (height, width, channels), (kh, kw) = shape, (shape[:2] if kind == "dense" else kernel_size)
    places, weights = (height - kh + 1) * (width - kw + 1), kh * kw * channels * outputs
    copies = places if kind == "local" else 1
    work = weights + outputs if kind == "dense" else places * weights
    return copies * (weights + outputs), work, places * outputs
