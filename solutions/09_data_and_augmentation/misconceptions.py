"""Wrong answers to assignment 09, as students write them. nbgrader does not release this file.

The name of a function is the name of the misconception, its docstring the idea behind it. `loses` names the test
that is meant for it. A hint says what went wrong and what to read again, never the answer.
"""

import numpy as np

from convbook.course.misconceptions import misconception

BATCHES = "All at once, or in batches"
ARRIVES = "What arrives: colour, range and size"
SPLIT = "A validation split that is one"
TABLE = "Labels in a table"
OLD = "What ImageDataGenerator did, and what replaces it"
FAST = "Reading fast"
KEEP = "Augmentation: changes that keep the label"
BREAK = "Changes that do not keep it"
ONLY = "Only in training"


# ---- 1. folds_by_writer


@misconception(
    function="folds_by_writer",
    loses="folds_by_writer_by_hand",
    section=SPLIT,
    hint="The images of one writer are in several of your folds. What does the network know about such a writer when it "
    "is judged?",
)
def images_dealt_out(writers, folds):
    """Equally large folds come from dealing out the images."""
    return np.arange(len(writers)) % folds


@misconception(
    function="folds_by_writer",
    loses="folds_by_writer_by_hand",
    section=SPLIT,
    hint="You deal out the writers in turn. Does it matter in your function how many images a writer has?",
)
def writers_dealt_out(writers, folds):
    """The writers are dealt out in turn, each to the next fold."""
    return np.unique(writers, return_inverse=True)[1] % folds


@misconception(
    function="folds_by_writer",
    loses="folds_by_writer_by_hand",
    section=SPLIT,
    hint="You count the writers of a fold. What does the rule count?",
)
def fewest_writers_in_place_of_images(writers, folds):
    """The next writer goes to the fold with the fewest writers."""
    names, counts = np.unique(writers, return_counts=True)
    sizes, result = np.zeros(folds, int), np.zeros(len(writers), int)
    for k in np.argsort(-counts, kind="stable"):
        fold = sizes.argmin()
        sizes[fold] += 1
        result[writers == names[k]] = fold
    return result


@misconception(
    function="folds_by_writer",
    loses="folds_by_writer_by_hand",
    section=SPLIT,
    hint="You begin with the writer who has the fewest images. Why is it better to place the large parts first?",
)
def smallest_writer_first(writers, folds):
    """Sorting gives an ascending order."""
    names, counts = np.unique(writers, return_counts=True)
    sizes, result = np.zeros(folds, int), np.zeros(len(writers), int)
    for k in np.argsort(counts, kind="stable"):
        fold = sizes.argmin()
        sizes[fold] += counts[k]
        result[writers == names[k]] = fold
    return result


@misconception(
    function="folds_by_writer",
    loses="folds_by_writer_by_hand",
    section=SPLIT,
    hint="Where several folds are equally small, you take another one than the rule does. Begin with the first writer of "
    "the example.",
)
def last_of_equal_folds(writers, folds):
    """Among equal folds, the last one found wins."""
    names, counts = np.unique(writers, return_counts=True)
    sizes, result = np.zeros(folds, int), np.zeros(len(writers), int)
    for k in np.argsort(-counts, kind="stable"):
        fold = np.flatnonzero(sizes == sizes.min())[-1]
        sizes[fold] += counts[k]
        result[writers == names[k]] = fold
    return result


@misconception(
    function="folds_by_writer",
    loses="folds_by_writer_laws",
    section=TABLE,
    hint="If the images come in another order, your folds change. Which order of the writers does the rule ask for?",
)
def writers_in_order_of_appearance(writers, folds):
    """The writers are placed as they come."""
    sizes, result, known = np.zeros(folds, int), np.zeros(len(writers), int), {}
    for writer in writers:
        if int(writer) not in known:
            known[int(writer)] = sizes.argmin()
            sizes[known[int(writer)]] += np.sum(writers == writer)
    for n, writer in enumerate(writers):
        result[n] = known[int(writer)]
    return result


@misconception(
    function="folds_by_writer",
    loses="folds_by_writer_laws",
    section=TABLE,
    hint="Two writers with equally many images come in the wrong order. What does turning a sorted list round do to those "
    "that are equal?",
)
def larger_number_first(writers, folds):
    """Sort by the number of images, then turn the order round."""
    names, counts = np.unique(writers, return_counts=True)
    sizes, result = np.zeros(folds, int), np.zeros(len(writers), int)
    for k in np.argsort(counts, kind="stable")[::-1]:
        fold = sizes.argmin()
        sizes[fold] += counts[k]
        result[writers == names[k]] = fold
    return result


# ---- 2. boxes_after_crop


@misconception(
    function="boxes_after_crop",
    loses="boxes_after_crop_by_hand",
    section=KEEP,
    hint="Your boxes are moved, but some begin above the first row of the crop. What happens to the part of a box that is "
    "cut off with the image?",
)
def boxes_not_cut_off(boxes, crop):
    """A crop moves the boxes."""
    boxes = boxes.astype(int)
    top, left, height, width = crop
    moved = boxes - [top, left, top, left]
    inside = np.clip(moved, 0, [height, width, height, width])
    areas = [(b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (boxes, inside)]
    kept = np.flatnonzero(2 * areas[1] >= areas[0])
    return moved[kept], kept


@misconception(
    function="boxes_after_crop",
    loses="boxes_after_crop_by_hand",
    section=KEEP,
    hint="Your boxes are cut off, but they stand where they stood in the old image. Which number has the first row of the "
    "crop?",
)
def boxes_not_moved(boxes, crop):
    """A crop cuts the boxes off."""
    boxes = boxes.astype(int)
    top, left, height, width = crop
    inside = np.clip(boxes, [top, left, top, left], [top + height, left + width, top + height, left + width])
    areas = [(b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (boxes, inside)]
    kept = np.flatnonzero(2 * areas[1] >= areas[0])
    return inside[kept], kept


@misconception(
    function="boxes_after_crop",
    loses="boxes_after_crop_by_hand",
    section=TABLE,
    hint="A box of which exactly half is visible gets lost. What does the rule say about half of the area?",
)
def more_than_half(boxes, crop):
    """More than half of the box must be visible."""
    boxes = boxes.astype(int)
    top, left, height, width = crop
    inside = np.clip(boxes - [top, left, top, left], 0, [height, width, height, width])
    areas = [(b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (boxes, inside)]
    kept = np.flatnonzero(2 * areas[1] > areas[0])
    return inside[kept], kept


@misconception(
    function="boxes_after_crop",
    loses="boxes_after_crop_by_hand",
    section=KEEP,
    hint="A box far outside of the crop is kept. What is the product of a height and a width that are both below zero?",
)
def negative_times_negative(boxes, crop):
    """The visible area is the visible height times the visible width."""
    boxes = boxes.astype(int)
    top, left, height, width = crop
    moved = boxes - [top, left, top, left]
    inside = np.concatenate([np.maximum(moved[:, :2], 0), np.minimum(moved[:, 2:], [height, width])], axis=1)
    areas = [(b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (boxes, inside)]
    kept = np.flatnonzero(2 * areas[1] >= areas[0])
    return inside[kept], kept


@misconception(
    function="boxes_after_crop",
    loses="boxes_after_crop_by_hand",
    section=KEEP,
    hint="You keep boxes of which only a corner is visible. How much of a box must lie inside of the crop?",
)
def any_visible_box(boxes, crop):
    """A box is kept if something of it is visible."""
    boxes = boxes.astype(int)
    top, left, height, width = crop
    inside = np.clip(boxes - [top, left, top, left], 0, [height, width, height, width])
    kept = np.flatnonzero((inside[:, 2] - inside[:, 0]) * (inside[:, 3] - inside[:, 1]) > 0)
    return inside[kept], kept


@misconception(
    function="boxes_after_crop",
    loses="boxes_after_crop_by_hand",
    section=OLD,
    hint="Your crop is smaller than that of the example. What do the last two numbers of the crop mean, and what do the "
    "last two numbers of a box mean?",
)
def crop_read_as_a_box(boxes, crop):
    """A crop is a box: top, left, bottom, right."""
    boxes = boxes.astype(int)
    top, left, bottom, right = crop
    height, width = max(bottom - top, 0), max(right - left, 0)
    inside = np.clip(boxes - [top, left, top, left], 0, [height, width, height, width])
    areas = [(b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (boxes, inside)]
    kept = np.flatnonzero(2 * areas[1] >= areas[0])
    return inside[kept], kept


@misconception(
    function="boxes_after_crop",
    loses="boxes_after_crop_by_hand",
    section=OLD,
    hint="You take the columns for rows. Which of the four numbers of the crop are rows?",
)
def columns_first(boxes, crop):
    """Positions are given as x and y."""
    boxes = boxes.astype(int)
    left, top, width, height = crop
    inside = np.clip(boxes - [top, left, top, left], 0, [height, width, height, width])
    areas = [(b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (boxes, inside)]
    kept = np.flatnonzero(2 * areas[1] >= areas[0])
    return inside[kept], kept


@misconception(
    function="boxes_after_crop",
    loses="boxes_after_crop_laws",
    section=KEEP,
    hint="You decide by the middle of the box. Think of a box whose middle lies in the crop, and of which less than half is "
    "visible.",
)
def middle_of_the_box_decides(boxes, crop):
    """A box belongs to the crop if its middle does."""
    boxes = boxes.astype(int)
    top, left, height, width = crop
    moved = boxes - [top, left, top, left]
    rows, columns = moved[:, 0] + moved[:, 2], moved[:, 1] + moved[:, 3]  # twice the middle
    kept = np.flatnonzero((rows >= 0) & (rows <= 2 * height) & (columns >= 0) & (columns <= 2 * width))
    return np.clip(moved, 0, [height, width, height, width])[kept], kept


@misconception(
    function="boxes_after_crop",
    loses="boxes_after_crop_laws",
    section=ARRIVES,
    hint="With coordinates of the type uint8 your boxes are wrong. What is 3 minus 5 in this type?",
)
def coordinates_without_a_sign(boxes, crop):
    """A difference of coordinates has the type of the coordinates."""
    top, left, height, width = crop
    moved = boxes - np.array([top, left, top, left]).astype(boxes.dtype)
    inside = np.clip(moved.astype(int), 0, [height, width, height, width])
    old = boxes.astype(int)
    areas = [(b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (old, inside)]
    kept = np.flatnonzero(2 * areas[1] >= areas[0])
    return inside[kept], kept


@misconception(
    function="boxes_after_crop",
    loses="boxes_after_crop_laws",
    section=TABLE,
    hint="Your function is right as long as a box is kept. Which shape and which type does an array have that is made of "
    "an empty list?",
)
def no_columns_without_boxes(boxes, crop):
    """The result is an array of what is in the list."""
    new_boxes, kept = [], []
    for place, (top, left, bottom, right) in enumerate(boxes.tolist()):
        first, last = max(top, crop[0]), min(bottom, crop[0] + crop[2])
        start, stop = max(left, crop[1]), min(right, crop[1] + crop[3])
        visible = max(last - first, 0) * max(stop - start, 0)
        if 2 * visible >= (bottom - top) * (right - left):
            new_boxes.append([first - crop[0], start - crop[1], last - crop[0], stop - crop[1]])
            kept.append(place)
    return np.array(new_boxes), np.array(kept)


# ---- 3. cutmix


@misconception(
    function="cutmix",
    loses="cutmix_by_hand",
    section=BREAK,
    hint="Your images are right, your targets are not. How many pixels of image 0 were replaced in the example?",
)
def share_of_the_whole_rectangle(x, y, partners, corners, size, classes):
    """The share is the area of the rectangle."""
    count, height, width = x.shape[:3]
    images, targets = x.copy(), np.zeros((count, classes))
    share = min(size[0] * size[1] / (height * width), 1)
    for n in range(count):
        top, left = np.maximum(corners[n], 0)
        bottom, right = np.clip(corners[n] + size, 0, [height, width])
        images[n, top:bottom, left:right] = x[partners[n], top:bottom, left:right]
        targets[n, y[n]] += 1 - share
        targets[n, y[partners[n]]] += share
    return images, targets


@misconception(
    function="cutmix",
    loses="cutmix_by_hand",
    section=BREAK,
    hint="A rectangle that begins above or left of the image replaces nothing, or the wrong pixels. What does a negative "
    "index mean in NumPy?",
)
def negative_corner_as_an_index(x, y, partners, corners, size, classes):
    """A slice takes what lies inside of the array."""
    count, height, width = x.shape[:3]
    images, targets = x.copy(), np.zeros((count, classes))
    for n in range(count):
        top, left = corners[n]
        bottom, right = corners[n] + size
        replaced = x[partners[n], top:bottom, left:right]
        images[n, top:bottom, left:right] = replaced
        share = replaced[..., 0].size / (height * width)
        targets[n, y[n]] += 1 - share
        targets[n, y[partners[n]]] += share
    return images, targets


@misconception(
    function="cutmix",
    loses="cutmix_by_hand",
    section=BREAK,
    hint="Your images are right, your targets are the wrong way round. To which of the two classes do most of the pixels "
    "belong?",
)
def shares_exchanged(x, y, partners, corners, size, classes):
    """The first share belongs to the partner."""
    count, height, width = x.shape[:3]
    images, targets = x.copy(), np.zeros((count, classes))
    for n in range(count):
        top, left = np.maximum(corners[n], 0)
        bottom, right = np.clip(corners[n] + size, 0, [height, width])
        images[n, top:bottom, left:right] = x[partners[n], top:bottom, left:right]
        share = max(bottom - top, 0) * max(right - left, 0) / (height * width)
        targets[n, y[n]] += share
        targets[n, y[partners[n]]] += 1 - share
    return images, targets


@misconception(
    function="cutmix",
    loses="cutmix_by_hand",
    section=KEEP,
    hint="Your images are right, and each keeps its label. Is an image that holds a third of another one still the same?",
)
def label_kept(x, y, partners, corners, size, classes):
    """Augmentation keeps the label."""
    count, height, width = x.shape[:3]
    images = x.copy()
    for n in range(count):
        top, left = np.maximum(corners[n], 0)
        bottom, right = np.clip(corners[n] + size, 0, [height, width])
        images[n, top:bottom, left:right] = x[partners[n], top:bottom, left:right]
    return images, np.eye(classes)[y]


@misconception(
    function="cutmix",
    loses="cutmix_by_hand",
    section=BATCHES,
    hint="Image 1 of the example gets pixels that were pasted into image 0 before. From which array do you read, and into "
    "which one do you write?",
)
def partner_already_mixed(x, y, partners, corners, size, classes):
    """The images are mixed one after another."""
    count, height, width = x.shape[:3]
    images, targets = x.copy(), np.zeros((count, classes))
    for n in range(count):
        top, left = np.maximum(corners[n], 0)
        bottom, right = np.clip(corners[n] + size, 0, [height, width])
        images[n, top:bottom, left:right] = images[partners[n], top:bottom, left:right]
        share = max(bottom - top, 0) * max(right - left, 0) / (height * width)
        targets[n, y[n]] += 1 - share
        targets[n, y[partners[n]]] += share
    return images, targets


@misconception(
    function="cutmix",
    loses="cutmix_laws",
    section=BREAK,
    hint="If an image and its partner are of the same class, your target is too small. What happens to the first number "
    "that you write into it?",
)
def second_class_overwrites_the_first(x, y, partners, corners, size, classes):
    """The two classes get their numbers, one after the other."""
    count, height, width = x.shape[:3]
    images, targets = x.copy(), np.zeros((count, classes))
    for n in range(count):
        top, left = np.maximum(corners[n], 0)
        bottom, right = np.clip(corners[n] + size, 0, [height, width])
        images[n, top:bottom, left:right] = x[partners[n], top:bottom, left:right]
        share = max(bottom - top, 0) * max(right - left, 0) / (height * width)
        targets[n, y[n]] = 1 - share
        targets[n, y[partners[n]]] = share
    return images, targets


@misconception(
    function="cutmix",
    loses="cutmix_laws",
    section=BREAK,
    hint="The number of replaced pixels is right, but they come from another part of the partner. From which places should "
    "they come?",
)
def corner_of_the_partner_pasted(x, y, partners, corners, size, classes):
    """The rectangle is cut out of the partner's corner."""
    count, height, width = x.shape[:3]
    images, targets = x.copy(), np.zeros((count, classes))
    for n in range(count):
        top, left = np.maximum(corners[n], 0)
        bottom, right = np.clip(corners[n] + size, 0, [height, width])
        high, wide = max(bottom - top, 0), max(right - left, 0)
        images[n, top : top + high, left : left + wide] = x[partners[n], :high, :wide]
        share = high * wide / (height * width)
        targets[n, y[n]] += 1 - share
        targets[n, y[partners[n]]] += share
    return images, targets


@misconception(
    function="cutmix",
    loses="cutmix_laws",
    section=OLD,
    hint="Your rectangles are right if they are squares. Which of the two numbers of a size is the height?",
)
def width_of_the_rectangle_first(x, y, partners, corners, size, classes):
    """A size is given as width and height."""
    count, height, width = x.shape[:3]
    images, targets = x.copy(), np.zeros((count, classes))
    for n in range(count):
        top, left = np.maximum(corners[n], 0)
        bottom, right = np.clip(corners[n] + [size[1], size[0]], 0, [height, width])
        images[n, top:bottom, left:right] = x[partners[n], top:bottom, left:right]
        share = max(bottom - top, 0) * max(right - left, 0) / (height * width)
        targets[n, y[n]] += 1 - share
        targets[n, y[partners[n]]] += share
    return images, targets


# ---- 4. epoch_seconds


@misconception(
    function="epoch_seconds",
    loses="epoch_seconds_by_hand",
    section=FAST,
    hint="Your result does not depend on the number of places. What happens at the same time if there is a second worker?",
)
def all_times_added(reading, training, ahead):
    """Everything happens in turns."""
    return float(np.sum(reading) + np.sum(training))


@misconception(
    function="epoch_seconds",
    loses="epoch_seconds_by_hand",
    section=FAST,
    hint="Your epoch is too short: the network cannot begin before the first batch is read, and it may have to wait again "
    "later. When does the formula of the chapter hold?",
)
def slower_worker_decides(reading, training, ahead):
    """With prefetch, the slower of the two decides."""
    if ahead == 0:
        return float(np.sum(reading) + np.sum(training))
    return float(max(np.sum(reading), np.sum(training)))


@misconception(
    function="epoch_seconds",
    loses="epoch_seconds_by_hand",
    section=FAST,
    hint="Your reader never waits, whatever the number of places is. Where are the batches that it has read?",
)
def room_for_all_batches(reading, training, ahead):
    """The reader reads one batch after another until all are read."""
    if ahead == 0:
        return float(np.sum(reading) + np.sum(training))
    read = trained = 0.0
    for r, t in zip(reading, training):
        read += r
        trained = max(trained, read) + t
    return float(trained)


@misconception(
    function="epoch_seconds",
    loses="epoch_seconds_by_hand",
    section=FAST,
    hint="Your places get free too late. Until when does a batch occupy its place: until the network begins with it, or "
    "until it has finished?",
)
def place_free_after_the_training(reading, training, ahead):
    """A batch occupies its place until the network has finished with it."""
    if ahead == 0:
        return float(np.sum(reading) + np.sum(training))
    ends, read, trained = [], 0.0, 0.0
    for k, (r, t) in enumerate(zip(reading, training)):
        read = max(read, ends[k - ahead] if k >= ahead else 0.0) + r
        trained = max(read, trained) + t
        ends.append(trained)
    return float(trained)


@misconception(
    function="epoch_seconds",
    loses="epoch_seconds_by_hand",
    section=FAST,
    hint="In your function a batch needs its place only when it is read. From which moment on does the rule count?",
)
def place_taken_after_the_reading(reading, training, ahead):
    """A batch that is still being read needs no place."""
    if ahead == 0:
        return float(np.sum(reading) + np.sum(training))
    begins, read, trained = [], 0.0, 0.0
    for k, (r, t) in enumerate(zip(reading, training)):
        free = begins[k - ahead - 1] if k > ahead else 0.0
        read = max(read, free) + r
        begins.append(max(read, trained))
        trained = begins[-1] + t
    return float(trained)


@misconception(
    function="epoch_seconds",
    loses="epoch_seconds_by_hand",
    section=FAST,
    hint="Your reader and your network wait for each other after each batch. With two places, must the reader wait for the "
    "network to finish?",
)
def both_in_step(reading, training, ahead):
    """While the network trains with a batch, the next one is read."""
    if ahead == 0:
        return float(np.sum(reading) + np.sum(training))
    return float(reading[0] + np.maximum(reading[1:], training[:-1]).sum() + training[-1])


@misconception(
    function="epoch_seconds",
    loses="epoch_seconds_laws",
    section=FAST,
    hint="Parts of seconds get lost in your result. Which type does a number have that counts seconds?",
)
def whole_seconds(reading, training, ahead):
    """Seconds are counted."""
    if ahead == 0:
        return int(np.sum(reading) + np.sum(training))
    begins, read, trained = [], 0, 0
    for k, (r, t) in enumerate(zip(reading, training)):
        read = max(read, begins[k - ahead] if k >= ahead else 0) + r
        begins.append(max(read, trained))
        trained = begins[-1] + t
    return int(trained)


# ---- 5. prepared_batch


@misconception(
    function="prepared_batch",
    loses="prepared_batch_by_hand",
    section=ONLY,
    hint="In use, your function changes the images as well. What does a layer do that is called alone, if nobody says "
    "whether this is a training?",
)
def training_not_passed_on(x, training, seed):
    """A random layer knows by itself whether it is used in a training."""
    import keras

    keras.utils.set_random_seed(seed)
    x = keras.layers.Rescaling(1 / 255, dtype="float32")(x)
    x = keras.layers.RandomFlip("horizontal", dtype="float32")(x)
    x = keras.layers.RandomBrightness(0.2, value_range=(0, 1), dtype="float32")(x)
    return keras.ops.convert_to_numpy(x)


@misconception(
    function="prepared_batch",
    loses="prepared_batch_by_hand",
    section=KEEP,
    hint="Your images become far brighter than white. Which range of values does the layer for the brightness expect?",
)
def range_forgotten(x, training, seed):
    """A change of 0.2 is a change of 0.2."""
    import keras

    keras.utils.set_random_seed(seed)
    x = keras.layers.Rescaling(1 / 255, dtype="float32")(x)
    x = keras.layers.RandomFlip("horizontal", dtype="float32")(x, training=training)
    x = keras.layers.RandomBrightness(0.2, dtype="float32")(x, training=training)
    return keras.ops.convert_to_numpy(x)


@misconception(
    function="prepared_batch",
    loses="prepared_batch_by_hand",
    section=BREAK,
    hint="Some of your images stand on their heads. Which directions does the layer for mirroring know?",
)
def upside_down_too(x, training, seed):
    """Mirroring is mirroring."""
    import keras

    keras.utils.set_random_seed(seed)
    x = keras.layers.Rescaling(1 / 255, dtype="float32")(x)
    x = keras.layers.RandomFlip(dtype="float32")(x, training=training)
    x = keras.layers.RandomBrightness(0.2, value_range=(0, 1), dtype="float32")(x, training=training)
    return keras.ops.convert_to_numpy(x)


@misconception(
    function="prepared_batch",
    loses="prepared_batch_by_hand",
    section=ONLY,
    hint="In training your images are divided by 255, in use they are not. What does the network meet then?",
)
def scaled_in_training_only(x, training, seed):
    """In use, nothing is done to the images."""
    import keras

    if not training:
        return x.astype("float32")
    keras.utils.set_random_seed(seed)
    x = keras.layers.Rescaling(1 / 255, dtype="float32")(x)
    x = keras.layers.RandomFlip("horizontal", dtype="float32")(x, training=True)
    x = keras.layers.RandomBrightness(0.2, value_range=(0, 1), dtype="float32")(x, training=True)
    return keras.ops.convert_to_numpy(x)


@misconception(
    function="prepared_batch",
    loses="prepared_batch_by_hand",
    section=ONLY,
    hint="All images of your batch are changed in the same way. How many random numbers does a batch need?",
)
def one_change_for_the_batch(x, training, seed):
    """A batch is changed at random."""
    y = x / 255
    if training:
        rng = np.random.default_rng(seed)
        y = y[:, :, ::-1] if rng.random() < 0.5 else y
        y = np.clip(y + rng.uniform(-0.2, 0.2), 0, 1)
    return y


@misconception(
    function="prepared_batch",
    loses="prepared_batch_by_hand",
    section=KEEP,
    hint="You multiply the differences from the mean by a number. What does brightness do to the values, and what does "
    "contrast do?",
)
def contrast_in_place_of_brightness(x, training, seed):
    """Brightness and contrast are the same."""
    import keras

    keras.utils.set_random_seed(seed)
    x = keras.layers.Rescaling(1 / 255, dtype="float32")(x)
    x = keras.layers.RandomFlip("horizontal", dtype="float32")(x, training=training)
    x = keras.layers.RandomContrast(0.2, value_range=(0, 1), dtype="float32")(x, training=training)
    return keras.ops.convert_to_numpy(x)


@misconception(
    function="prepared_batch",
    loses="prepared_batch_by_hand",
    section=ARRIVES,
    hint="In training, nearly all of your values are 0 or 1 over 255. Which range do the values have where you cut them off?",
)
def cut_off_before_the_scaling(x, training, seed):
    """The order of the layers does not matter."""
    import keras

    keras.utils.set_random_seed(seed)
    x = keras.layers.RandomFlip("horizontal", dtype="float32")(x, training=training)
    x = keras.layers.RandomBrightness(0.2, value_range=(0, 1), dtype="float32")(x, training=training)
    x = keras.layers.Rescaling(1 / 255, dtype="float32")(x)
    return keras.ops.convert_to_numpy(x)


@misconception(
    function="prepared_batch",
    loses="prepared_batch_laws",
    section=KEEP,
    hint="In dark and bright images, some of your values leave the range from 0 to 1. What has to happen to them?",
)
def values_outside_of_the_range(x, training, seed):
    """A number is added to all values."""
    y = x / 255
    if training:
        rng = np.random.default_rng(seed)
        y = np.where(rng.random((len(x), 1, 1, 1)) < 0.5, y[:, :, ::-1], y)
        y = y + rng.uniform(-0.2, 0.2, (len(x), 1, 1, 1))
    return y


@misconception(
    function="prepared_batch",
    loses="prepared_batch_laws",
    section=ONLY,
    hint="Whatever the seed is, your training sees the same batch. From where do your random numbers come?",
)
def always_the_same_numbers(x, training, seed):
    """A fixed seed makes a result repeatable."""
    y = x / 255
    if training:
        rng = np.random.default_rng(0)
        y = np.where(rng.random((len(x), 1, 1, 1)) < 0.5, y[:, :, ::-1], y)
        y = np.clip(y + rng.uniform(-0.2, 0.2, (len(x), 1, 1, 1)), 0, 1)
    return y
