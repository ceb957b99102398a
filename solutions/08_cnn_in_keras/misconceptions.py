"""Wrong answers to assignment 08, as students write them. nbgrader does not release this file.

The name of a function is the name of the misconception, its docstring the idea behind it. `loses` names the test
that is meant for it. A hint says what went wrong and what to read again, never the answer.
"""

import numpy as np

from convbook.course.misconceptions import misconception

LOAD = "Load, scale, add the channel axis"
BUILD = "Build: one layer after another"
FIT = "Fit: the training"
FUNCTIONAL = "Sequential or Functional"
PARAMETERS = "Two more networks, and where the parameters are"
SAME = "The same network in NumPy"
LOSS = "Choosing a loss"
SMOOTHING = "Label smoothing"
OPTIMIZER = "Choosing an optimizer"
NORM = "Batch normalisation: also two functions"


# ---- 1. fold_batch_norm


@misconception(
    function="fold_batch_norm",
    loses="fold_batch_norm_by_hand",
    section=NORM,
    hint="You divide by the variance. What stands around it in the formula of the batch normalisation?",
)
def divided_by_the_variance(w, b, gamma, beta, mean, variance, epsilon):
    """Standardised numbers are divided by their variance."""
    scale = gamma / (variance + epsilon)
    return w * scale, (b - mean) * scale + beta


@misconception(
    function="fold_batch_norm",
    loses="fold_batch_norm_by_hand",
    section=NORM,
    hint="Your result does not depend on epsilon. Look at a filter whose variance is 0.",
)
def epsilon_left_out(w, b, gamma, beta, mean, variance, epsilon):
    """Epsilon is a technical detail of the training."""
    scale = gamma / np.sqrt(variance)
    return w * scale, (b - mean) * scale + beta


@misconception(
    function="fold_batch_norm",
    loses="fold_batch_norm_by_hand",
    section=NORM,
    hint="Epsilon is at the wrong place: compare how far the root reaches in the formula and in your code.",
)
def epsilon_outside_of_the_root(w, b, gamma, beta, mean, variance, epsilon):
    """Epsilon is added to the standard deviation."""
    scale = gamma / (np.sqrt(variance) + epsilon)
    return w * scale, (b - mean) * scale + beta


@misconception(
    function="fold_batch_norm",
    loses="fold_batch_norm_by_hand",
    section=NORM,
    hint="The old bias has no influence on your result. Follow it through the formula: it is a part of z.",
)
def old_bias_forgotten(w, b, gamma, beta, mean, variance, epsilon):
    """A convolution in front of a batch normalisation has no bias."""
    scale = gamma / np.sqrt(variance + epsilon)
    return w * scale, beta - mean * scale


@misconception(
    function="fold_batch_norm",
    loses="fold_batch_norm_by_hand",
    section=NORM,
    hint="Your kernel is right, your bias is not. Which parts of z does the batch normalisation divide?",
)
def old_bias_added_as_it_is(w, b, gamma, beta, mean, variance, epsilon):
    """The old bias and the new one are added."""
    scale = gamma / np.sqrt(variance + epsilon)
    return w * scale, b + beta - mean * scale


@misconception(
    function="fold_batch_norm",
    loses="fold_batch_norm_by_hand",
    section=NORM,
    hint="You scale the kernel along the axis of the channels that it reads. Which axis of a kernel counts the filters?",
)
def scaled_along_the_channels(w, b, gamma, beta, mean, variance, epsilon):
    """The third axis of a kernel belongs to the channels, and a batch normalisation works on channels."""
    scale = gamma / np.sqrt(variance + epsilon)
    return w * scale[:, None], (b - mean) * scale + beta


@misconception(
    function="fold_batch_norm",
    loses="fold_batch_norm_by_hand",
    section=NORM,
    hint="Your kernel is right. In the bias, look at the sign of the mean: is it added to z or taken off?",
)
def mean_added(w, b, gamma, beta, mean, variance, epsilon):
    """The bias takes up the mean."""
    scale = gamma / np.sqrt(variance + epsilon)
    return w * scale, (b + mean) * scale + beta


# ---- 2. smoothed_loss


@misconception(
    function="smoothed_loss",
    loses="smoothed_loss_laws",
    section=LOSS,
    hint="For large logits your function gives infinity, or no number at all. What is the largest number whose "
    "exponential a computer can hold, and what does a softmax do if all logits get smaller by the same amount?",
)
def softmax_that_overflows(logits, labels, smoothing):
    """Softmax first, then the logarithm, as the formula says."""
    logits, labels = logits[labels >= 0].astype(float), labels[labels >= 0]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    targets = (1 - smoothing) * np.eye(p.shape[1])[labels] + smoothing / p.shape[1]
    return float(-(targets * np.log(p)).sum(axis=1).mean())


@misconception(
    function="smoothed_loss",
    loses="smoothed_loss_laws",
    section=LOSS,
    hint="A network that is very sure and wrong gets a loss of about 16 from you, however large its logits are. The "
    "chapter shows this number, and what it does to the gradient.",
)
def probabilities_cut_off(logits, labels, smoothing):
    """A probability must not be 0, so it is at least a ten-millionth."""
    logits, labels = logits[labels >= 0].astype(float), labels[labels >= 0]
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = np.maximum(p / p.sum(axis=1, keepdims=True), 1e-7)
    targets = (1 - smoothing) * np.eye(p.shape[1])[labels] + smoothing / p.shape[1]
    return float(-(targets * np.log(p)).sum(axis=1).mean())


@misconception(
    function="smoothed_loss",
    loses="smoothed_loss_by_hand",
    section=SMOOTHING,
    hint="Write down your targets for the example. Which classes share the smoothing in the formula: all of them, or "
    "only the wrong ones?",
)
def smoothing_for_the_wrong_classes(logits, labels, smoothing):
    """The right class loses epsilon, and the other classes share it."""
    logits, labels = logits[labels >= 0].astype(float), labels[labels >= 0]
    classes = logits.shape[1]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    one_hot = np.eye(classes)[labels]
    targets = (1 - smoothing) * one_hot + smoothing / (classes - 1) * (1 - one_hot)
    return float(-(targets * log_p).sum(axis=1).mean())


@misconception(
    function="smoothed_loss",
    loses="smoothed_loss_by_hand",
    section=SMOOTHING,
    hint="The smoothing has no influence on your result. What are the targets of the wrong classes?",
)
def smoothing_ignored(logits, labels, smoothing):
    """Cross-entropy is the logarithm of the right class's probability."""
    logits, labels = logits[labels >= 0].astype(float), labels[labels >= 0]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_p[np.arange(len(labels)), labels].mean())


@misconception(
    function="smoothed_loss",
    loses="smoothed_loss_by_hand",
    section=LOSS,
    hint="Your sum is right. How many images of the example take part in it, and by how many do you divide?",
)
def mean_over_all_images(logits, labels, smoothing):
    """An image without a label has the loss 0, and the mean is taken over the batch."""
    batch, logits, labels = len(labels), logits[labels >= 0].astype(float), labels[labels >= 0]
    classes = logits.shape[1]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    targets = (1 - smoothing) * np.eye(classes)[labels] + smoothing / classes
    return float(-(targets * log_p).sum() / batch)


@misconception(
    function="smoothed_loss",
    loses="smoothed_loss_by_hand",
    section=LOSS,
    hint="The images without a label count in your result. What does NumPy take if the index is minus one?",
)
def no_label_is_the_last_class(logits, labels, smoothing):
    """Labels are indices."""
    logits = logits.astype(float)
    classes = logits.shape[1]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    targets = (1 - smoothing) * np.eye(classes)[labels] + smoothing / classes
    return float(-(targets * log_p).sum(axis=1).mean())


@misconception(
    function="smoothed_loss",
    loses="smoothed_loss_by_hand",
    section=LOSS,
    hint="A batch that is twice as large gets twice the loss from you. Is the loss of a batch a sum or a mean?",
)
def sum_of_the_losses(logits, labels, smoothing):
    """The loss of a batch is the sum of the losses of its images."""
    logits, labels = logits[labels >= 0].astype(float), labels[labels >= 0]
    classes = logits.shape[1]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    targets = (1 - smoothing) * np.eye(classes)[labels] + smoothing / classes
    return float(-(targets * log_p).sum())


# ---- 3. same_class_network


@misconception(
    function="same_class_network",
    loses="same_class_network_by_hand",
    section=FUNCTIONAL,
    hint="Your network has nearly twice as many parameters as it should. How often do you make each layer, and how "
    "often do you call it?",
)
def layers_of_their_own_for_each_image(shape, filters, units):
    """Each input needs its own layers."""
    import keras

    images, features = [keras.Input(shape), keras.Input(shape)], []
    for image in images:
        x = keras.layers.Conv2D(filters, 3, activation="relu")(image)
        x = keras.layers.Flatten()(keras.layers.MaxPooling2D(2)(x))
        features.append(keras.layers.Dense(units, activation="relu")(x))
    difference = keras.layers.Subtract()(features)
    squares = keras.layers.Multiply()([difference, difference])
    return keras.Model(images, keras.layers.Dense(1, activation="sigmoid")(squares))


@misconception(
    function="same_class_network",
    loses="same_class_network_by_hand",
    section=FUNCTIONAL,
    hint="Your last layer reads the features of both images side by side. What should it read instead, and how many "
    "numbers are that?",
)
def features_side_by_side(shape, filters, units):
    """Two sets of features are joined by concatenation."""
    import keras

    convolution = keras.layers.Conv2D(filters, 3, activation="relu")
    dense = keras.layers.Dense(units, activation="relu")
    images, features = [keras.Input(shape), keras.Input(shape)], []
    for image in images:
        x = keras.layers.MaxPooling2D(2)(convolution(image))
        features.append(dense(keras.layers.Flatten()(x)))
    joined = keras.layers.Concatenate()(features)
    return keras.Model(images, keras.layers.Dense(1, activation="sigmoid")(joined))


@misconception(
    function="same_class_network",
    loses="same_class_network_by_hand",
    section=FUNCTIONAL,
    hint="Exchange the two images: your answer changes. In which step does the sign of a difference disappear?",
)
def difference_with_its_sign(shape, filters, units):
    """The difference of the features says how different the images are."""
    import keras

    convolution = keras.layers.Conv2D(filters, 3, activation="relu")
    dense = keras.layers.Dense(units, activation="relu")
    images, features = [keras.Input(shape), keras.Input(shape)], []
    for image in images:
        x = keras.layers.MaxPooling2D(2)(convolution(image))
        features.append(dense(keras.layers.Flatten()(x)))
    difference = keras.layers.Subtract()(features)
    return keras.Model(images, keras.layers.Dense(1, activation="sigmoid")(difference))


@misconception(
    function="same_class_network",
    loses="same_class_network_by_hand",
    section=LOSS,
    hint="Your network answers 1 for every pair of images. What are probabilities from a softmax divided by, and what "
    "does this mean for a single unit?",
)
def softmax_over_one_unit(shape, filters, units):
    """The last layer of a classifier has a softmax."""
    import keras

    convolution = keras.layers.Conv2D(filters, 3, activation="relu")
    dense = keras.layers.Dense(units, activation="relu")
    images, features = [keras.Input(shape), keras.Input(shape)], []
    for image in images:
        x = keras.layers.MaxPooling2D(2)(convolution(image))
        features.append(dense(keras.layers.Flatten()(x)))
    difference = keras.layers.Subtract()(features)
    squares = keras.layers.Multiply()([difference, difference])
    return keras.Model(images, keras.layers.Dense(1, activation="softmax")(squares))


@misconception(
    function="same_class_network",
    loses="same_class_network_by_hand",
    section=LOSS,
    hint="For two equal images your network answers 0, the number that a sigmoid would turn into one half.",
)
def logit_in_place_of_a_probability(shape, filters, units):
    """The last layer gives a logit."""
    import keras

    convolution = keras.layers.Conv2D(filters, 3, activation="relu")
    dense = keras.layers.Dense(units, activation="relu")
    images, features = [keras.Input(shape), keras.Input(shape)], []
    for image in images:
        x = keras.layers.MaxPooling2D(2)(convolution(image))
        features.append(dense(keras.layers.Flatten()(x)))
    difference = keras.layers.Subtract()(features)
    squares = keras.layers.Multiply()([difference, difference])
    return keras.Model(images, keras.layers.Dense(1)(squares))


@misconception(
    function="same_class_network",
    loses="same_class_network_by_hand",
    section=BUILD,
    hint="Your maps are larger than those of the question, and so is your dense layer. What happens to the size of an "
    "image in a convolution of 3 by 3 without padding?",
)
def padded_convolution(shape, filters, units):
    """A convolution keeps the size of the image."""
    import keras

    convolution = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")
    dense = keras.layers.Dense(units, activation="relu")
    images, features = [keras.Input(shape), keras.Input(shape)], []
    for image in images:
        x = keras.layers.MaxPooling2D(2)(convolution(image))
        features.append(dense(keras.layers.Flatten()(x)))
    difference = keras.layers.Subtract()(features)
    squares = keras.layers.Multiply()([difference, difference])
    return keras.Model(images, keras.layers.Dense(1, activation="sigmoid")(squares))


@misconception(
    function="same_class_network",
    loses="same_class_network_laws",
    section=FUNCTIONAL,
    hint="Your network compares the images pixel by pixel and then looks for features of the difference. Which of the "
    "two comes first in the question?",
)
def images_subtracted_first(shape, filters, units):
    """The difference can be taken at the beginning, which needs half of the work."""
    import keras

    images = [keras.Input(shape), keras.Input(shape)]
    difference = keras.layers.Subtract()(images)
    squares = keras.layers.Multiply()([difference, difference])
    x = keras.layers.Conv2D(filters, 3, activation="relu")(squares)
    x = keras.layers.Flatten()(keras.layers.MaxPooling2D(2)(x))
    x = keras.layers.Dense(units, activation="relu")(x)
    return keras.Model(images, keras.layers.Dense(1, activation="sigmoid")(x))


@misconception(
    function="same_class_network",
    loses="same_class_network_laws",
    section=BUILD,
    hint="Number and size of your weights are right. Go through the layers with weights: does each have the "
    "activation that the question gives it?",
)
def features_without_relu(shape, filters, units):
    """ReLU belongs to convolutions."""
    import keras

    convolution = keras.layers.Conv2D(filters, 3, activation="relu")
    dense = keras.layers.Dense(units)
    images, features = [keras.Input(shape), keras.Input(shape)], []
    for image in images:
        x = keras.layers.MaxPooling2D(2)(convolution(image))
        features.append(dense(keras.layers.Flatten()(x)))
    difference = keras.layers.Subtract()(features)
    squares = keras.layers.Multiply()([difference, difference])
    return keras.Model(images, keras.layers.Dense(1, activation="sigmoid")(squares))


# ---- 4. continue_training


@misconception(
    function="continue_training",
    loses="continue_training_by_hand",
    section=LOAD,
    hint="Your steps are far too large, as if the features were hundreds. What does the network get for a white pixel?",
)
def pixels_up_to_255(kernel, bias, w, b, x, y, learning_rate, batch_size):
    """An image is an array, and Keras takes arrays."""
    import keras

    convolution = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], activation="relu")
    layers = [convolution, keras.layers.Flatten(), keras.layers.Dense(w.shape[1])]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.set_weights([kernel, bias, w, b])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(learning_rate), loss)
    model.fit(x, y, batch_size=batch_size, epochs=1, shuffle=False, verbose=0)
    return tuple(model.get_weights())


@misconception(
    function="continue_training",
    loses="continue_training_by_hand",
    section=LOSS,
    hint="Your last layer gives logits. Does your loss know that?",
)
def logits_taken_for_probabilities(kernel, bias, w, b, x, y, learning_rate, batch_size):
    """The name of the loss is enough."""
    import keras

    convolution = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], activation="relu")
    layers = [convolution, keras.layers.Flatten(), keras.layers.Dense(w.shape[1])]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.set_weights([kernel, bias, w, b])
    model.compile(keras.optimizers.SGD(learning_rate), "sparse_categorical_crossentropy")
    model.fit(x / 255, y, batch_size=batch_size, epochs=1, shuffle=False, verbose=0)
    return tuple(model.get_weights())


@misconception(
    function="continue_training",
    loses="continue_training_by_hand",
    section=OPTIMIZER,
    hint="Your steps have a size that does not depend on the argument. Where does the learning rate come from in your code?",
)
def default_learning_rate(kernel, bias, w, b, x, y, learning_rate, batch_size):
    """The optimizer can be given by its name."""
    import keras

    convolution = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], activation="relu")
    layers = [convolution, keras.layers.Flatten(), keras.layers.Dense(w.shape[1])]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.set_weights([kernel, bias, w, b])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x / 255, y, batch_size=batch_size, epochs=1, shuffle=False, verbose=0)
    return tuple(model.get_weights())


@misconception(
    function="continue_training",
    loses="continue_training_by_hand",
    section=OPTIMIZER,
    hint="After your first step, all weights that have a gradient have moved by nearly the same amount. Which optimizer "
    "does this, and which one does the question ask for?",
)
def adam_in_place_of_gradient_descent(kernel, bias, w, b, x, y, learning_rate, batch_size):
    """Adam is the best choice for a CNN."""
    import keras

    convolution = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], activation="relu")
    layers = [convolution, keras.layers.Flatten(), keras.layers.Dense(w.shape[1])]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.set_weights([kernel, bias, w, b])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    model.fit(x / 255, y, batch_size=batch_size, epochs=1, shuffle=False, verbose=0)
    return tuple(model.get_weights())


@misconception(
    function="continue_training",
    loses="continue_training_by_hand",
    section=SAME,
    hint="Your result is another one each time. With which weights does your network start?",
)
def random_start(kernel, bias, w, b, x, y, learning_rate, batch_size):
    """The given weights only say how large the layers are."""
    import keras

    convolution = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], activation="relu")
    layers = [convolution, keras.layers.Flatten(), keras.layers.Dense(w.shape[1])]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(learning_rate), loss)
    model.fit(x / 255, y, batch_size=batch_size, epochs=1, shuffle=False, verbose=0)
    return tuple(model.get_weights())


@misconception(
    function="continue_training",
    loses="continue_training_laws",
    section=FIT,
    hint="With more than one batch your result is another one each time. In which order does fit take the images if "
    "nothing is said?",
)
def shuffled_images(kernel, bias, w, b, x, y, learning_rate, batch_size):
    """Images are taken in the order of the array."""
    import keras

    convolution = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], activation="relu")
    layers = [convolution, keras.layers.Flatten(), keras.layers.Dense(w.shape[1])]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.set_weights([kernel, bias, w, b])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(learning_rate), loss)
    model.fit(x / 255, y, batch_size=batch_size, epochs=1, verbose=0)
    return tuple(model.get_weights())


@misconception(
    function="continue_training",
    loses="continue_training_laws",
    section=FIT,
    hint="The size of the batches has no influence on your result. How many images does fit put into a batch if "
    "nothing is said?",
)
def default_batch_size(kernel, bias, w, b, x, y, learning_rate, batch_size):
    """A pass over the images is a pass, whatever the batches are."""
    import keras

    convolution = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], activation="relu")
    layers = [convolution, keras.layers.Flatten(), keras.layers.Dense(w.shape[1])]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.set_weights([kernel, bias, w, b])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(learning_rate), loss)
    model.fit(x / 255, y, epochs=1, shuffle=False, verbose=0)
    return tuple(model.get_weights())


@misconception(
    function="continue_training",
    loses="continue_training_laws",
    section=FIT,
    hint="Your network sees the first images only. What does a pass over the images mean, and which images are in the "
    "last batch?",
)
def smaller_last_batch_left_out(kernel, bias, w, b, x, y, learning_rate, batch_size):
    """Only whole batches are used."""
    import keras

    convolution = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], activation="relu")
    layers = [convolution, keras.layers.Flatten(), keras.layers.Dense(w.shape[1])]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.set_weights([kernel, bias, w, b])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(learning_rate), loss)
    whole = len(x) // batch_size * batch_size
    model.fit(x[:whole] / 255, y[:whole], batch_size=batch_size, epochs=1, shuffle=False, verbose=0)
    return tuple(model.get_weights())


# ---- 5. trained_network


@misconception(
    function="trained_network",
    loses="trained_network_by_hand",
    section=LOAD,
    hint="Your network was trained with numbers up to 1, and then it gets numbers up to 255. Who divides by 255 when "
    "the network is used?",
)
def scaled_outside_of_the_model(x, y, classes, seed):
    """Images are divided by 255 before the training."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = []
    for filters in (8, 16):
        layers += [keras.layers.Conv2D(filters, 3, activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(classes, activation="softmax")]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(x / 255, y, batch_size=30, epochs=8, verbose=0)
    return model


@misconception(
    function="trained_network",
    loses="trained_network_by_hand",
    section=LOSS,
    hint="Your network reads the images well, but its answers are no probabilities: some are negative. What turns "
    "logits into probabilities, and where does it stand in your network?",
)
def logits_returned(x, y, classes, seed):
    """The last layer gives logits, and the loss knows it."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Rescaling(1 / 255)]
    for filters in (8, 16):
        layers += [keras.layers.Conv2D(filters, 3, activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(classes)]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss, jit_compile=False)
    model.fit(x, y, batch_size=30, epochs=8, verbose=0)
    return model


@misconception(
    function="trained_network",
    loses="trained_network_by_hand",
    section=LOSS,
    hint="Each of your numbers is between 0 and 1, but together they are not 1. What do the numbers of one image know "
    "of each other in your last layer?",
)
def sigmoid_for_each_class(x, y, classes, seed):
    """A sigmoid gives probabilities."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Rescaling(1 / 255)]
    for filters in (8, 16):
        layers += [keras.layers.Conv2D(filters, 3, activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(classes, activation="sigmoid")]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.compile(keras.optimizers.Adam(0.003), "binary_crossentropy", jit_compile=False)
    model.fit(x, np.eye(classes)[y], batch_size=30, epochs=8, verbose=0)
    return model


@misconception(
    function="trained_network",
    loses="trained_network_by_hand",
    section=BUILD,
    hint="Your network always has ten outputs. How many classes are there in the example?",
)
def always_ten_classes(x, y, classes, seed):
    """A network for images ends with ten units."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Rescaling(1 / 255)]
    for filters in (8, 16):
        layers += [keras.layers.Conv2D(filters, 3, activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(x, y, batch_size=30, epochs=8, verbose=0)
    return model


@misconception(
    function="trained_network",
    loses="trained_network_by_hand",
    section=PARAMETERS,
    hint="Nearly all parameters of your network are in one layer. What stands in front of it, and how large is it when "
    "it is flattened?",
)
def large_dense_layer(x, y, classes, seed):
    """One convolution is enough if the dense layer is large."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(8, 3, activation="relu")]
    layers += [keras.layers.MaxPooling2D(2), keras.layers.Flatten(), keras.layers.Dense(200, activation="relu")]
    layers += [keras.layers.Dense(classes, activation="softmax")]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(x, y, batch_size=30, epochs=4, verbose=0)
    return model


@misconception(
    function="trained_network",
    loses="trained_network_by_hand",
    section=OPTIMIZER,
    hint="Your network has hardly begun to learn when it is returned. How many steps does it take, and how large are they?",
)
def stopped_too_early(x, y, classes, seed):
    """One pass with the defaults is a training."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Rescaling(1 / 255)]
    for filters in (8, 16):
        layers += [keras.layers.Conv2D(filters, 3, activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(classes, activation="softmax")]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(x, y, epochs=1, verbose=0)
    return model
