"""Wrong answers to assignment 11, as students write them. nbgrader does not release this file.

The name of a function is the name of the misconception, its docstring the idea behind it. `loses` names the test
that is meant for it. A hint says what went wrong and what to read again, never the answer.
"""

import numpy as np

from convbook.course.misconceptions import misconception

FEATURES = "From early maps to late maps"
SALIENCY = "Saliency"
GRAD_CAM = "Grad-CAM"
DEPENDS = "Does the map depend on the network?"
ADVERSARIAL = "An adversarial example"


# ---- 1. class_map_after_flatten


@misconception(
    function="class_map_after_flatten",
    loses="class_map_after_flatten_by_hand",
    section=GRAD_CAM,
    hint="You give all numbers of the first map the first weights, then those of the second map. In which order does "
    "Keras flatten, and which numbers stay together?",
)
def channels_first(maps, w, class_index):
    """Flatten writes one map after another."""
    height, width, channels = maps.shape
    weights = w[:, class_index].reshape(channels, height, width)
    return (maps.transpose(2, 0, 1).astype(float) * weights).sum(axis=0)


@misconception(
    function="class_map_after_flatten",
    loses="class_map_after_flatten_by_hand",
    section=GRAD_CAM,
    hint="Your weights go down the columns. Which pixel comes second when the maps are flattened?",
)
def column_by_column(maps, w, class_index):
    """Flatten goes down the columns."""
    height, width, channels = maps.shape
    weights = w[:, class_index].reshape(width, height, channels).transpose(1, 0, 2)
    return (maps.astype(float) * weights).sum(axis=2)


@misconception(
    function="class_map_after_flatten",
    loses="class_map_after_flatten_by_hand",
    section=GRAD_CAM,
    hint="You give each map one weight, the mean of its weights, as Grad-CAM does. Here a number in one corner can "
    "have another weight than a number in the other.",
)
def one_weight_for_each_map(maps, w, class_index):
    """Each map has one weight for a class."""
    weights = w[:, class_index].reshape(maps.shape).mean(axis=(0, 1))
    return maps.astype(float) @ weights


@misconception(
    function="class_map_after_flatten",
    loses="class_map_after_flatten_by_hand",
    section=GRAD_CAM,
    hint="Your map adds up what the places do for all classes. The question asks for one of them.",
)
def all_classes_added(maps, w, class_index):
    """The weights of a place are all the weights that it has."""
    weights = w.astype(float).sum(axis=1).reshape(maps.shape)
    return (maps.astype(float) * weights).sum(axis=2)


@misconception(
    function="class_map_after_flatten",
    loses="class_map_after_flatten_by_hand",
    section=GRAD_CAM,
    hint="Places that speak against the class are missing in your map, so its sum is not the logit. Read the "
    "question again: what does it say about a cut?",
)
def cut_at_zero(maps, w, class_index):
    """A class map is never negative."""
    weights = w[:, class_index].reshape(maps.shape)
    return np.maximum((maps.astype(float) * weights).sum(axis=2), 0)


@misconception(
    function="class_map_after_flatten",
    loses="class_map_after_flatten_by_hand",
    section=GRAD_CAM,
    hint="Your map is too small by the number of its places. The chapter divides because a mean stands behind its "
    "maps. What stands behind these?",
)
def divided_by_the_places(maps, w, class_index):
    """A class map is a mean, as in the chapter."""
    weights = w[:, class_index].reshape(maps.shape)
    return (maps.astype(float) * weights).sum(axis=2) / (maps.shape[0] * maps.shape[1])


@misconception(
    function="class_map_after_flatten",
    loses="class_map_after_flatten_laws",
    section=GRAD_CAM,
    hint="For maps and weights of small integers some of your numbers are impossible. Which type does a product of "
    "two arrays of such a type have?",
)
def multiplied_in_their_own_type(maps, w, class_index):
    """A product of integers is right, whatever their type."""
    weights = w[:, class_index].reshape(maps.shape)
    return (maps * weights).sum(axis=2)


# ---- 2. class_map_network


@misconception(
    function="class_map_network",
    loses="class_map_network_by_hand",
    section=GRAD_CAM,
    hint="The shape is right, but the last layer of your network starts from random numbers. Where are the weights "
    "that the model has learned?",
)
def weights_not_taken_over(model):
    """A layer that replaces another one has its weights."""
    import keras

    classes = model.layers[-1].units
    y = keras.layers.Conv2D(classes, 1, kernel_initializer=keras.initializers.GlorotUniform(seed=0))(model.layers[-3].output)
    return keras.Model(model.inputs[0], y)


@misconception(
    function="class_map_network",
    loses="class_map_network_by_hand",
    section=GRAD_CAM,
    hint="Your maps are all too small or too large by the same number, one number for each class. Compare their "
    "means with the logits.",
)
def bias_forgotten(model):
    """A class map is made of the weights only, as in the chapter."""
    import keras

    w, _ = model.layers[-1].get_weights()
    layer = keras.layers.Conv2D(w.shape[1], 1, use_bias=False)
    result = keras.Model(model.inputs[0], layer(model.layers[-3].output))
    layer.set_weights([w[None, None]])
    return result


@misconception(
    function="class_map_network",
    loses="class_map_network_by_hand",
    section=GRAD_CAM,
    hint="In your network the sum of a map is the logit, as for the map of the chapter. Which law does the question ask for?",
)
def sum_in_place_of_the_mean(model):
    """The places of a class map add up to the logit."""
    import keras

    w, b = model.layers[-1].get_weights()
    maps = model.layers[-3].output
    height, width = (size or 1 for size in maps.shape[1:3])
    layer = keras.layers.Conv2D(w.shape[1], 1)
    result = keras.Model(model.inputs[0], layer(maps))
    layer.set_weights([w[None, None] / (height * width), b / (height * width)])
    return result


@misconception(
    function="class_map_network",
    loses="class_map_network_by_hand",
    section=GRAD_CAM,
    hint="None of your numbers is below 0, so the mean of a map is not the logit. What does Grad-CAM do at its end, "
    "and does the question ask for it?",
)
def negative_places_cut(model):
    """A class map shows what speaks for a class."""
    import keras

    w, b = model.layers[-1].get_weights()
    layer = keras.layers.Conv2D(w.shape[1], 1, activation="relu")
    result = keras.Model(model.inputs[0], layer(model.layers[-3].output))
    layer.set_weights([w[None, None], b])
    return result


@misconception(
    function="class_map_network",
    loses="class_map_network_by_hand",
    section=GRAD_CAM,
    hint="At each place your numbers add up to 1. The outputs that the question asks for are scores, before softmax.",
)
def softmax_at_each_place(model):
    """A network for classes ends in softmax."""
    import keras

    w, b = model.layers[-1].get_weights()
    layer = keras.layers.Conv2D(w.shape[1], 1, activation="softmax")
    result = keras.Model(model.inputs[0], layer(model.layers[-3].output))
    layer.set_weights([w[None, None], b])
    return result


@misconception(
    function="class_map_network",
    loses="class_map_network_laws",
    section=FEATURES,
    hint="In the example your maps are right, since there they are as large as the image. Which size have the last "
    "maps of a network with pooling?",
)
def stretched_to_the_image(model):
    """A class map lies over the image, so it is as large as the image."""
    import keras

    w, b = model.layers[-1].get_weights()
    layer = keras.layers.Conv2D(w.shape[1], 1)
    y = layer(model.layers[-3].output)
    if y.shape[1] != model.inputs[0].shape[1] or y.shape[1] is None:
        y = keras.layers.UpSampling2D(2)(y)
    result = keras.Model(model.inputs[0], y)
    layer.set_weights([w[None, None], b])
    return result


# ---- 3. integrated_gradients


@misconception(
    function="integrated_gradients",
    loses="integrated_gradients_by_hand",
    section=SALIENCY,
    hint="You take one gradient, at the image itself. How many gradients does the formula add up, and where are they taken?",
)
def gradient_at_the_image_only(model, image, baseline, class_index, steps):
    """Integrated gradients are gradient × input with a baseline."""
    import tensorflow as tf

    x = tf.constant(image[None].astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = model(x)[0, class_index]
    return (image.astype(float) - baseline.astype(float)) * tape.gradient(score, x).numpy()[0]


@misconception(
    function="integrated_gradients",
    loses="integrated_gradients_by_hand",
    section=SALIENCY,
    hint="Your first gradient is taken at the baseline, and none in the second half of the last step. Where in a "
    "step does the formula take it?",
)
def beginning_of_each_step(model, image, baseline, class_index, steps):
    """A step is measured where it begins."""
    import tensorflow as tf

    image, baseline = image.astype(float), baseline.astype(float)
    total = np.zeros(image.shape)
    for m in range(steps):
        x = tf.constant((baseline + m / steps * (image - baseline))[None], "float32")
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = model(x)[0, class_index]
        total += tape.gradient(score, x).numpy()[0]
    return (image - baseline) * total / steps


@misconception(
    function="integrated_gradients",
    loses="integrated_gradients_by_hand",
    section=SALIENCY,
    hint="Your last gradient is taken at the image itself. Where in a step does the formula take it?",
)
def end_of_each_step(model, image, baseline, class_index, steps):
    """A step is measured where it ends."""
    import tensorflow as tf

    image, baseline = image.astype(float), baseline.astype(float)
    total = np.zeros(image.shape)
    for m in range(1, steps + 1):
        x = tf.constant((baseline + m / steps * (image - baseline))[None], "float32")
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = model(x)[0, class_index]
        total += tape.gradient(score, x).numpy()[0]
    return (image - baseline) * total / steps


@misconception(
    function="integrated_gradients",
    loses="integrated_gradients_by_hand",
    section=SALIENCY,
    hint="Your gradients are right, but they are multiplied by the image. A pixel that is equal in image and "
    "baseline must get 0.",
)
def multiplied_by_the_image(model, image, baseline, class_index, steps):
    """Gradients are multiplied by the input."""
    import tensorflow as tf

    image, baseline = image.astype(float), baseline.astype(float)
    total = np.zeros(image.shape)
    for m in range(steps):
        x = tf.constant((baseline + (m + 0.5) / steps * (image - baseline))[None], "float32")
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = model(x)[0, class_index]
        total += tape.gradient(score, x).numpy()[0]
    return image * total / steps


@misconception(
    function="integrated_gradients",
    loses="integrated_gradients_by_hand",
    section=SALIENCY,
    hint="With twice as many steps your numbers are twice as large. A mean does not grow with the number of its terms.",
)
def sum_of_the_gradients(model, image, baseline, class_index, steps):
    """An integral is a sum."""
    import tensorflow as tf

    image, baseline = image.astype(float), baseline.astype(float)
    total = np.zeros(image.shape)
    for m in range(steps):
        x = tf.constant((baseline + (m + 0.5) / steps * (image - baseline))[None], "float32")
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = model(x)[0, class_index]
        total += tape.gradient(score, x).numpy()[0]
    return (image - baseline) * total


@misconception(
    function="integrated_gradients",
    loses="integrated_gradients_by_hand",
    section=SALIENCY,
    hint="You differentiate the scores of all classes together. Which of them does the question ask for?",
)
def all_scores_together(model, image, baseline, class_index, steps):
    """The gradient of the model is that of its output."""
    import tensorflow as tf

    image, baseline = image.astype(float), baseline.astype(float)
    total = np.zeros(image.shape)
    for m in range(steps):
        x = tf.constant((baseline + (m + 0.5) / steps * (image - baseline))[None], "float32")
        with tf.GradientTape() as tape:
            tape.watch(x)
            scores = model(x)
        total += tape.gradient(scores, x).numpy()[0]
    return (image - baseline) * total / steps


@misconception(
    function="integrated_gradients",
    loses="integrated_gradients_by_hand",
    section=SALIENCY,
    hint="Your result has lost its channels and its signs, as a saliency map has. The question asks for every number "
    "of the image.",
)
def largest_absolute_channel(model, image, baseline, class_index, steps):
    """A map of gradients is the largest absolute value over the channels."""
    import tensorflow as tf

    image, baseline = image.astype(float), baseline.astype(float)
    total = np.zeros(image.shape)
    for m in range(steps):
        x = tf.constant((baseline + (m + 0.5) / steps * (image - baseline))[None], "float32")
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = model(x)[0, class_index]
        total += tape.gradient(score, x).numpy()[0]
    return np.abs((image - baseline) * total / steps).max(axis=-1)


@misconception(
    function="integrated_gradients",
    loses="integrated_gradients_laws",
    section=SALIENCY,
    hint="Where image and baseline are uint8 and the baseline is brighter, your way leads to another place. The "
    "rules at the top say what uint8 makes of 3 − 5.",
)
def difference_in_the_type_of_the_image(model, image, baseline, class_index, steps):
    """A difference of two images is a number like any other."""
    import tensorflow as tf

    difference, total = image - baseline, np.zeros(image.shape)
    for m in range(steps):
        x = tf.constant((baseline + (m + 0.5) / steps * difference)[None], "float32")
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = model(x)[0, class_index]
        total += tape.gradient(score, x).numpy()[0]
    return difference * total / steps


# ---- 4. rank_correlation


@misconception(
    function="rank_correlation",
    loses="rank_correlation_by_hand",
    section=DEPENDS,
    hint="You correlate the values. One pixel of 90 then counts more than all others, while its place is only one "
    "more than the place before.",
)
def values_correlated(first, second):
    """A correlation of two maps is that of their values."""
    p, q = first.ravel() - first.mean(), second.ravel() - second.mean()
    size = np.sqrt((p**2).sum() * (q**2).sum())
    return float((p * q).sum() / size) if size > 0 else 0.0


@misconception(
    function="rank_correlation",
    loses="rank_correlation_by_hand",
    section=DEPENDS,
    hint="Sorting tells which pixel stands at each place. You need the other direction: at which place each pixel stands.",
)
def order_taken_for_places(first, second):
    """Argsort gives the places."""
    if first.min() == first.max() or second.min() == second.max():
        return 0.0
    p, q = (np.argsort(m.ravel(), kind="stable") for m in (first, second))
    return float(np.corrcoef(p, q)[0, 1]) if p.size > 1 else 0.0


@misconception(
    function="rank_correlation",
    loses="rank_correlation_by_hand",
    section=DEPENDS,
    hint="In your function equal pixels have different places: the one that is stored first comes first. The "
    "question says what equal pixels get.",
)
def equal_pixels_in_their_order(first, second):
    """Equal pixels take their places in the order in which they are stored."""
    if first.min() == first.max() or second.min() == second.max():
        return 0.0
    p, q = (np.argsort(np.argsort(m.ravel(), kind="stable"), kind="stable") for m in (first, second))
    return float(np.corrcoef(p, q)[0, 1])


@misconception(
    function="rank_correlation",
    loses="rank_correlation_by_hand",
    section=DEPENDS,
    hint="Equal pixels get the same place in your function, but after a group of equal pixels no place is left out. "
    "Count: how many pixels come before the next one?",
)
def groups_counted_as_one(first, second):
    """The place of a pixel is the number of different values up to its own."""
    p, q = (np.unique(m.ravel(), return_inverse=True)[1].ravel().astype(float) for m in (first, second))
    p, q = p - p.mean(), q - q.mean()
    size = np.sqrt((p**2).sum() * (q**2).sum())
    return float((p * q).sum() / size) if size > 0 else 0.0


@misconception(
    function="rank_correlation",
    loses="rank_correlation_by_hand",
    section=DEPENDS,
    hint="Equal pixels get the same place in your function, but it is the first of the places that they take "
    "together. Which one does the question give them?",
)
def equal_pixels_get_the_first_place(first, second):
    """As in sport: two seconds, and then a fourth."""
    p, q = (np.searchsorted(np.sort(m.ravel()), m.ravel()).astype(float) for m in (first, second))
    p, q = p - p.mean(), q - q.mean()
    size = np.sqrt((p**2).sum() * (q**2).sum())
    return float((p * q).sum() / size) if size > 0 else 0.0


@misconception(
    function="rank_correlation",
    loses="rank_correlation_by_hand",
    section=DEPENDS,
    hint="The places are right. The short formula with the squared differences of the places holds only where all "
    "pixels are different.",
)
def short_formula(first, second):
    """There is a formula with the sum of the squared differences."""
    if first.min() == first.max() or second.min() == second.max():
        return 0.0
    places = []
    for m in (first, second):
        _, group, counts = np.unique(m.ravel(), return_inverse=True, return_counts=True)
        places.append((np.cumsum(counts) - (counts - 1) / 2)[group.ravel()])
    n = first.size
    return float(1 - 6 * ((places[0] - places[1]) ** 2).sum() / (n * (n**2 - 1)))


@misconception(
    function="rank_correlation",
    loses="rank_correlation_laws",
    section=DEPENDS,
    hint="For a map whose pixels are all equal your result is not a number. The question says what it should be.",
)
def flat_map_gives_nan(first, second):
    """A quotient has always a value."""
    places = []
    for m in (first, second):
        _, group, counts = np.unique(m.ravel(), return_inverse=True, return_counts=True)
        places.append((np.cumsum(counts) - (counts - 1) / 2)[group.ravel()])
    p, q = places[0] - places[0].mean(), places[1] - places[1].mean()
    with np.errstate(all="ignore"):
        return float((p * q).sum() / np.sqrt((p**2).sum() * (q**2).sum()))


# ---- 5. smallest_attack


@misconception(
    function="smallest_attack",
    loses="smallest_attack_by_hand",
    section=ADVERSARIAL,
    hint="You look at the weights of the other class only. While the pixels change, the score of the answer changes too.",
)
def weights_of_the_other_class_only(x, w, b):
    """The answer keeps its score while another class rises to it."""
    flat, weights = x.astype(float).ravel(), w.astype(float).reshape(-1, w.shape[2])
    z = flat @ weights + b
    t, best = int(z.argmax()), (np.inf, -1)
    for k in range(len(b)):
        reach = np.abs(weights[:, k]).sum()
        if k != t and reach > 0 and np.any(weights[:, k] != weights[:, t]):
            best = min(best, (float((z[t] - z[k]) / reach), k))
    return best


@misconception(
    function="smallest_attack",
    loses="smallest_attack_by_hand",
    section=ADVERSARIAL,
    hint="You take the class with the second largest score. A class that lies further behind can be reached with "
    "smaller changes, if its weights differ more.",
)
def second_largest_score(x, w, b):
    """The nearest class is the one with the second largest score."""
    flat, weights = x.astype(float).ravel(), w.astype(float).reshape(-1, w.shape[2])
    z = flat @ weights + b
    t = int(z.argmax())
    others = [k for k in range(len(b)) if k != t and np.any(weights[:, k] != weights[:, t])]
    other = max(others, key=lambda k: z[k])
    return float((z[t] - z[other]) / np.abs(weights[:, t] - weights[:, other]).sum()), other


@misconception(
    function="smallest_attack",
    loses="smallest_attack_by_hand",
    section=ADVERSARIAL,
    hint="You measure the change by the length of a vector. Here each pixel alone has a limit, and every pixel uses "
    "all of it.",
)
def euclidean_distance(x, w, b):
    """The smallest change is the distance to a plane."""
    flat, weights = x.astype(float).ravel(), w.astype(float).reshape(-1, w.shape[2])
    z = flat @ weights + b
    t, best = int(z.argmax()), (np.inf, -1)
    for k in range(len(b)):
        reach = np.linalg.norm(weights[:, t] - weights[:, k])
        if k != t and reach > 0:
            best = min(best, (float((z[t] - z[k]) / reach), k))
    return best


@misconception(
    function="smallest_attack",
    loses="smallest_attack_by_hand",
    section=ADVERSARIAL,
    hint="In your sum positive and negative differences of weights cancel, as if all pixels changed in the same "
    "direction. Each pixel can choose its own.",
)
def all_pixels_in_one_direction(x, w, b):
    """All pixels change by the same amount in the same direction."""
    flat, weights = x.astype(float).ravel(), w.astype(float).reshape(-1, w.shape[2])
    z = flat @ weights + b
    t, best = int(z.argmax()), (np.inf, -1)
    for k in range(len(b)):
        reach = abs((weights[:, t] - weights[:, k]).sum())
        if k != t and reach > 0:
            best = min(best, (float((z[t] - z[k]) / reach), k))
    return best


@misconception(
    function="smallest_attack",
    loses="smallest_attack_by_hand",
    section=ADVERSARIAL,
    hint="You compute the scores without the bias. It does not change with the pixels, but it decides how far a "
    "class lies behind.",
)
def bias_left_out(x, w, b):
    """The bias is the same for every image, so it does not count."""
    flat, weights = x.astype(float).ravel(), w.astype(float).reshape(-1, w.shape[2])
    z = flat @ weights
    t, best = int(z.argmax()), (np.inf, -1)
    for k in range(len(b)):
        reach = np.abs(weights[:, t] - weights[:, k]).sum()
        if k != t and reach > 0:
            best = min(best, (float((z[t] - z[k]) / reach), k))
    return best


@misconception(
    function="smallest_attack",
    loses="smallest_attack_by_hand",
    section=ADVERSARIAL,
    hint="Your changes are too large by the number of pixels: you divide by a mean. The shares of all pixels add up.",
)
def mean_over_the_pixels(x, w, b):
    """What a pixel can do is the mean of the weights."""
    flat, weights = x.astype(float).ravel(), w.astype(float).reshape(-1, w.shape[2])
    z = flat @ weights + b
    t, best = int(z.argmax()), (np.inf, -1)
    for k in range(len(b)):
        reach = np.abs(weights[:, t] - weights[:, k]).mean()
        if k != t and reach > 0:
            best = min(best, (float((z[t] - z[k]) / reach), k))
    return best


@misconception(
    function="smallest_attack",
    loses="smallest_attack_by_hand",
    section=ADVERSARIAL,
    hint="You take the absolute values first and the difference then. What comes out for a weight of 2 against one "
    "of −2, and what can this pixel really do?",
)
def difference_of_the_absolute_weights(x, w, b):
    """What a class gains is the difference of the sizes of the weights."""
    flat, weights = x.astype(float).ravel(), w.astype(float).reshape(-1, w.shape[2])
    z = flat @ weights + b
    t, best = int(z.argmax()), (np.inf, -1)
    for k in range(len(b)):
        reach = np.abs(np.abs(weights[:, t]) - np.abs(weights[:, k])).sum()
        if k != t and reach > 0 and np.any(weights[:, k] != weights[:, t]):
            best = min(best, (float((z[t] - z[k]) / reach), k))
    return best


@misconception(
    function="smallest_attack",
    loses="smallest_attack_laws",
    section=ADVERSARIAL,
    hint="For images and weights of integers of a small type your scores are wrong. Which is the largest number that "
    "uint8 can hold?",
)
def scores_in_the_type_of_the_arrays(x, w, b):
    """A score of integers is right, whatever their type."""
    weights = w.reshape(-1, w.shape[2])
    z = x.ravel() @ weights + b
    t, best = int(z.argmax()), (np.inf, -1)
    for k in range(len(b)):
        reach = float(np.abs(weights[:, t].astype(float) - weights[:, k]).sum())
        if k != t and reach > 0:
            best = min(best, (float((float(z[t]) - float(z[k])) / reach), k))
    return best
