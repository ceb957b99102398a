"""Wrong answers to assignment 12, as students write them. nbgrader does not release this file.

The name of a function is the name of the misconception, its docstring the idea behind it. `loses` names the test
that is meant for it. A hint says what went wrong and what to read again, never the answer.
"""

import numpy as np

from convbook.course.misconceptions import misconception

PROGRAM = "A file of weights is a program"
NETWORK = "The network to the weights"
DETAILS = "Small details of the original"
FEATURES = "Feature extraction: compute the features once"
CONTROLS = "Fair controls"
FINE_TUNING = "Fine-tuning the last blocks"
TWIN = "The small twin: new digits"


# ---- 1. names_to_refuse


@misconception(
    function="names_to_refuse",
    loses="names_to_refuse_laws",
    section=PROGRAM,
    hint="Your function runs the file to see what it looks up. When you know the names, the file has already done "
    "what it wanted.",
)
def file_run_to_watch_it(content, allowed):
    """An unpickler of one's own can watch which names are looked up."""
    import io
    import pickle

    found = []

    class Watching(pickle.Unpickler):
        def find_class(self, module, name):
            if f"{module}.{name}" not in found:
                found.append(f"{module}.{name}")
            return super().find_class(module, name)

    Watching(io.BytesIO(content.tobytes()), fix_imports=True).load()
    return [name.replace("builtins", "__builtin__") for name in found if name not in allowed]


@misconception(
    function="names_to_refuse",
    loses="names_to_refuse_by_hand",
    section=PROGRAM,
    hint="You search the bytes for what looks like an instruction. A text in the file can look so too. Who knows "
    "where an instruction begins?",
)
def bytes_searched(content, allowed):
    """An instruction is found by its letter."""
    import re

    found = re.findall(rb"[ci]([\w.]+)\n([\w.]+)\n", content.tobytes())
    names = [f"{module.decode()}.{name.decode()}" for module, name in found]
    return [name for name in dict.fromkeys(names) if name not in allowed]


@misconception(
    function="names_to_refuse",
    loses="names_to_refuse_by_hand",
    section=PROGRAM,
    hint="You compare modules. One module can hold a harmless name and a dangerous one. What exactly is in the list "
    "of allowed names?",
)
def modules_compared(content, allowed):
    """A module is to be trusted or not."""
    import pickletools

    trusted, refused = {name.rpartition(".")[0] for name in allowed}, []
    for instruction, argument, _ in pickletools.genops(content.tobytes()):
        if instruction.name in ("GLOBAL", "INST") and argument.split(" ")[0] not in trusted:
            refused.append(argument.replace(" ", "."))
        elif instruction.name == "STACK_GLOBAL":
            refused.append("?")
    return list(dict.fromkeys(refused))


@misconception(
    function="names_to_refuse",
    loses="names_to_refuse_laws",
    section=PROGRAM,
    hint="A name passes your function if it has an allowed name in it. Is a name with one more letter at its end the "
    "same name?",
)
def allowed_name_inside_another(content, allowed):
    """A name that contains an allowed one is allowed."""
    import pickletools

    refused = []
    for instruction, argument, _ in pickletools.genops(content.tobytes()):
        if instruction.name in ("GLOBAL", "INST"):
            name = argument.replace(" ", ".")
            if name not in refused and not any(known in name for known in allowed):
                refused.append(name)
        elif instruction.name == "STACK_GLOBAL" and "?" not in refused:
            refused.append("?")
    return refused


@misconception(
    function="names_to_refuse",
    loses="names_to_refuse_by_hand",
    section=PROGRAM,
    hint="Your names are written in another way than those of the list, so no name is ever found in it. Look at the "
    "example: what stands between module and name?",
)
def space_kept(content, allowed):
    """A name is the argument as it stands in the file."""
    import pickletools

    refused = []
    for instruction, argument, _ in pickletools.genops(content.tobytes()):
        name = "?" if instruction.name == "STACK_GLOBAL" else argument
        if instruction.name in ("GLOBAL", "INST", "STACK_GLOBAL") and name not in [*refused, *allowed]:
            refused.append(name)
    return refused


@misconception(
    function="names_to_refuse",
    loses="names_to_refuse_by_hand",
    section=PROGRAM,
    hint="The names are right, but not in their order. A set or a sorted list forgets which one came first.",
)
def sorted_by_name(content, allowed):
    """The order of the names does not matter."""
    import pickletools

    refused = set()
    for instruction, argument, _ in pickletools.genops(content.tobytes()):
        if instruction.name in ("GLOBAL", "INST") and argument.replace(" ", ".") not in allowed:
            refused.add(argument.replace(" ", "."))
        elif instruction.name == "STACK_GLOBAL":
            refused.add("?")
    return sorted(refused)


@misconception(
    function="names_to_refuse",
    loses="names_to_refuse_laws",
    section=PROGRAM,
    hint="Files that Python writes today pass your function, whatever they look up. Which instruction do they use in "
    "place of the one in the chapter?",
)
def new_files_not_seen(content, allowed):
    """Only instructions whose argument is a name look up a name."""
    import pickletools

    refused = []
    for instruction, argument, _ in pickletools.genops(content.tobytes()):
        if instruction.name in ("GLOBAL", "INST"):
            name = argument.replace(" ", ".")
            if name not in refused and name not in allowed:
                refused.append(name)
    return refused


@misconception(
    function="names_to_refuse",
    loses="names_to_refuse_laws",
    section=PROGRAM,
    hint="Your function knows the instruction of the chapter and the one of new files. The table has a third one, "
    "and an attacker can choose which of them to write.",
)
def old_files_not_seen(content, allowed):
    """Nobody writes old files any more."""
    import pickletools

    refused = []
    for instruction, argument, _ in pickletools.genops(content.tobytes()):
        name = "?" if instruction.name == "STACK_GLOBAL" else str(argument).replace(" ", ".")
        if instruction.name in ("GLOBAL", "STACK_GLOBAL") and name not in refused and (name == "?" or name not in allowed):
            refused.append(name)
    return refused


@misconception(
    function="names_to_refuse",
    loses="names_to_refuse_laws",
    section=PROGRAM,
    hint="A file can look up a name twice. How often should it be in your list?",
)
def every_time_again(content, allowed):
    """Each look-up is a line of the list."""
    import pickletools

    refused = []
    for instruction, argument, _ in pickletools.genops(content.tobytes()):
        name = "?" if instruction.name == "STACK_GLOBAL" else str(argument).replace(" ", ".")
        if instruction.name in ("GLOBAL", "INST", "STACK_GLOBAL") and (name == "?" or name not in allowed):
            refused.append(name)
    return refused


# ---- 2. fold_depthwise


@misconception(
    function="fold_depthwise",
    loses="fold_depthwise_by_hand",
    section=NETWORK,
    hint="With one kernel for each channel you are right. With several, your factors go to the wrong kernels: which "
    "output channel comes after the first one?",
)
def multiplier_before_channel(kernel, gamma, beta, mean, variance, epsilon):
    """The output channels are first all channels with their first kernel, then all with their second."""
    scale = gamma / np.sqrt(variance + epsilon)
    channels, multiplier = kernel.shape[2:]
    return kernel * scale.reshape(multiplier, channels).T, beta - mean * scale


@misconception(
    function="fold_depthwise",
    loses="fold_depthwise_by_hand",
    section=NETWORK,
    hint="Your epsilon is added to the root. Where does it stand in the formula?",
)
def epsilon_outside_the_root(kernel, gamma, beta, mean, variance, epsilon):
    """Epsilon keeps the quotient away from a division by zero, wherever it stands."""
    scale = gamma / (np.sqrt(variance) + epsilon)
    return kernel * scale.reshape(kernel.shape[2:]), beta - mean * scale


@misconception(
    function="fold_depthwise",
    loses="fold_depthwise_by_hand",
    section=NETWORK,
    hint="You divide by the variance. The formula divides by a standard deviation.",
)
def root_forgotten(kernel, gamma, beta, mean, variance, epsilon):
    """Batch normalisation divides by the variance."""
    scale = gamma / (variance + epsilon)
    return kernel * scale.reshape(kernel.shape[2:]), beta - mean * scale


@misconception(
    function="fold_depthwise",
    loses="fold_depthwise_by_hand",
    section=NETWORK,
    hint="The kernel is right. The mean is subtracted before the division, so what becomes of it on its way to the bias?",
)
def mean_not_scaled(kernel, gamma, beta, mean, variance, epsilon):
    """The bias is what is added minus what is subtracted."""
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale.reshape(kernel.shape[2:]), (beta - mean).astype(float)


@misconception(
    function="fold_depthwise",
    loses="fold_depthwise_by_hand",
    section=NETWORK,
    hint="The kernel is right. What does batch normalisation give for a black image, and what does your bias give?",
)
def beta_alone_is_the_bias(kernel, gamma, beta, mean, variance, epsilon):
    """The bias of a batch normalisation is beta."""
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale.reshape(kernel.shape[2:]), beta.astype(float)


@misconception(
    function="fold_depthwise",
    loses="fold_depthwise_by_hand",
    section=NETWORK,
    hint="The bias is right, and the kernel is the old one. Does batch normalisation change only what is added?",
)
def kernel_left_as_it_was(kernel, gamma, beta, mean, variance, epsilon):
    """A normalisation moves the outputs, so only the bias changes."""
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel.astype(float), beta - mean * scale


@misconception(
    function="fold_depthwise",
    loses="fold_depthwise_by_hand",
    section=NETWORK,
    hint="All kernels of one input channel get the same factor in your result. How many averages are there, and to "
    "what do they belong?",
)
def one_factor_for_each_input_channel(kernel, gamma, beta, mean, variance, epsilon):
    """A depthwise convolution has one factor for each channel."""
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale[:: kernel.shape[3]][:, None], beta - mean * scale


# ---- 3. head_of_means


@misconception(
    function="head_of_means",
    loses="head_of_means_by_hand",
    section=FEATURES,
    hint="Without a bias, a class whose mean is far from 0 wins too often. Which part of the squared distance "
    "depends on the class alone?",
)
def bias_forgotten(features, labels):
    """The class whose mean is most like the features has the largest product with them."""
    means = np.stack([features[labels == k].astype(float).mean(axis=0) for k in range(int(labels.max()) + 1)])
    return means.T.copy(), np.zeros(len(means))


@misconception(
    function="head_of_means",
    loses="head_of_means_by_hand",
    section=FEATURES,
    hint="Multiply out the squared distance and divide by 2: one of the parts that is left still has a factor that "
    "yours has lost.",
)
def bias_not_halved(features, labels):
    """The bias is the square of the mean, with a minus."""
    means = np.stack([features[labels == k].astype(float).mean(axis=0) for k in range(int(labels.max()) + 1)])
    return means.T.copy(), -(means**2).sum(axis=1)


@misconception(
    function="head_of_means",
    loses="head_of_means_by_hand",
    section=FEATURES,
    hint="Your bias makes a class more likely the further its mean is from 0. Follow the signs when you multiply out "
    "the square.",
)
def sign_of_the_bias(features, labels):
    """All parts of a square are positive."""
    means = np.stack([features[labels == k].astype(float).mean(axis=0) for k in range(int(labels.max()) + 1)])
    return means.T.copy(), (means**2).sum(axis=1) / 2


@misconception(
    function="head_of_means",
    loses="head_of_means_by_hand",
    section=FEATURES,
    hint="Classes with more images get larger weights in your head. A mean does not grow with the number of images.",
)
def sums_in_place_of_means(features, labels):
    """Adding up the features of a class is enough, since only the largest logit counts."""
    sums = np.eye(int(labels.max()) + 1)[labels].T @ features.astype(float)
    return sums.T.copy(), -(sums**2).sum(axis=1) / 2


@misconception(
    function="head_of_means",
    loses="head_of_means_by_hand",
    section=FEATURES,
    hint="You divide the means by their lengths, so your head compares directions. The question asks for distances.",
)
def means_of_length_one(features, labels):
    """Nearest means the smallest angle."""
    means = np.stack([features[labels == k].astype(float).mean(axis=0) for k in range(int(labels.max()) + 1)])
    lengths = np.sqrt((means**2).sum(axis=1, keepdims=True))
    return (means / np.where(lengths > 0, lengths, 1)).T.copy(), np.zeros(len(means))


@misconception(
    function="head_of_means",
    loses="head_of_means_by_hand",
    section=FEATURES,
    hint="Your head is right for features from which the mean of all features was subtracted. The head of the "
    "question gets them as they are. What does the chapter do with such a step afterwards?",
)
def centred_and_not_folded(features, labels):
    """Features are centred first, as in the chapter."""
    centred = features.astype(float) - features.astype(float).mean(axis=0)
    means = np.stack([centred[labels == k].mean(axis=0) for k in range(int(labels.max()) + 1)])
    return means.T.copy(), -(means**2).sum(axis=1) / 2


@misconception(
    function="head_of_means",
    loses="head_of_means_by_hand",
    section=FEATURES,
    hint="Your first column belongs to the class of the first image. To which class should it belong?",
)
def classes_in_order_of_appearance(features, labels):
    """The first class is the one that comes first."""
    order = list(dict.fromkeys(labels.tolist()))
    means = np.stack([features[labels == k].astype(float).mean(axis=0) for k in order])
    return means.T.copy(), -(means**2).sum(axis=1) / 2


# ---- 4. ready_to_fine_tune


@misconception(
    function="ready_to_fine_tune",
    loses="ready_to_fine_tune_by_hand",
    section=FINE_TUNING,
    hint="The batch normalisations in the part that is trained would learn, and use the moments of each batch. Read "
    "the third rule again.",
)
def normalisations_thawed_with_their_block(model, first, w, b):
    """A block is trained with all that belongs to it."""
    import keras

    start = [layer.name for layer in model.layers].index(first)
    for number, layer in enumerate(model.layers):
        layer.trainable = number >= start
    head = keras.layers.Dense(w.shape[1])
    network = keras.Model(model.inputs[0], head(model.layers[-1].input))
    head.set_weights([w, b])
    return network, sum(v.numpy().size for v in network.trainable_weights)


@misconception(
    function="ready_to_fine_tune",
    loses="ready_to_fine_tune_by_hand",
    section=FINE_TUNING,
    hint="The batch normalisations are frozen, and all other layers can be trained, the early ones too. What do the "
    "first layers know?",
)
def only_normalisations_frozen(model, first, w, b):
    """It is enough to keep batch normalisation as it is."""
    import keras

    for layer in model.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    head = keras.layers.Dense(w.shape[1])
    network = keras.Model(model.inputs[0], head(model.layers[-1].input))
    head.set_weights([w, b])
    return network, sum(v.numpy().size for v in network.trainable_weights)


@misconception(
    function="ready_to_fine_tune",
    loses="ready_to_fine_tune_by_hand",
    section=FINE_TUNING,
    hint="Nothing can be trained except the head. That is feature extraction. What else does fine-tuning change?",
)
def whole_backbone_frozen(model, first, w, b):
    """What is taken over is frozen, and the head is trained."""
    import keras

    for layer in model.layers:
        layer.trainable = False
    head = keras.layers.Dense(w.shape[1])
    network = keras.Model(model.inputs[0], head(model.layers[-1].input))
    head.set_weights([w, b])
    return network, sum(v.numpy().size for v in network.trainable_weights)


@misconception(
    function="ready_to_fine_tune",
    loses="ready_to_fine_tune_by_hand",
    section=FINE_TUNING,
    hint="In your network the parts are exchanged: the early layers can be trained and the late ones cannot. Which "
    "layers are the most special ones?",
)
def early_layers_trained(model, first, w, b):
    """The layers up to the named one are trained."""
    import keras

    start = [layer.name for layer in model.layers].index(first)
    for number, layer in enumerate(model.layers):
        layer.trainable = number < start and not isinstance(layer, keras.layers.BatchNormalization)
    head = keras.layers.Dense(w.shape[1])
    network = keras.Model(model.inputs[0], head(model.layers[-1].input))
    head.set_weights([w, b])
    return network, sum(v.numpy().size for v in network.trainable_weights)


@misconception(
    function="ready_to_fine_tune",
    loses="ready_to_fine_tune_by_hand",
    section=FINE_TUNING,
    hint="Your trained part begins one layer too late. Does the named layer belong to it?",
)
def named_layer_stays_frozen(model, first, w, b):
    """Training begins behind the named layer."""
    import keras

    start = [layer.name for layer in model.layers].index(first)
    for number, layer in enumerate(model.layers):
        layer.trainable = number > start and not isinstance(layer, keras.layers.BatchNormalization)
    head = keras.layers.Dense(w.shape[1])
    network = keras.Model(model.inputs[0], head(model.layers[-1].input))
    head.set_weights([w, b])
    return network, sum(v.numpy().size for v in network.trainable_weights)


@misconception(
    function="ready_to_fine_tune",
    loses="ready_to_fine_tune_by_hand",
    section=FINE_TUNING,
    hint="The early layers are right, but the new head cannot change. It was trained for features that will now move "
    "a little.",
)
def head_frozen_too(model, first, w, b):
    """A head that is trained already is not trained again."""
    import keras

    start = [layer.name for layer in model.layers].index(first)
    for number, layer in enumerate(model.layers):
        layer.trainable = number >= start and not isinstance(layer, keras.layers.BatchNormalization)
    head = keras.layers.Dense(w.shape[1])
    network = keras.Model(model.inputs[0], head(model.layers[-1].input))
    head.set_weights([w, b])
    head.trainable = False
    return network, sum(v.numpy().size for v in network.trainable_weights)


@misconception(
    function="ready_to_fine_tune",
    loses="ready_to_fine_tune_by_hand",
    section=FINE_TUNING,
    hint="The new head has random weights, so its first gradients are random too. Which rule of the chapter speaks "
    "of this, and what are the last two arguments for?",
)
def head_begins_at_random(model, first, w, b):
    """A new layer learns its weights by itself."""
    import keras

    start = [layer.name for layer in model.layers].index(first)
    for number, layer in enumerate(model.layers):
        layer.trainable = number >= start and not isinstance(layer, keras.layers.BatchNormalization)
    head = keras.layers.Dense(w.shape[1], kernel_initializer=keras.initializers.GlorotUniform(seed=0))
    network = keras.Model(model.inputs[0], head(model.layers[-1].input))
    return network, sum(v.numpy().size for v in network.trainable_weights)


@misconception(
    function="ready_to_fine_tune",
    loses="ready_to_fine_tune_by_hand",
    section=FINE_TUNING,
    hint="The layers are the right ones, but their weights are new. What does a copy of a network's structure take with it?",
)
def weights_lost_in_the_copy(model, first, w, b):
    """A copy of a network has its weights."""
    import keras

    model = keras.models.clone_model(model)
    start = [layer.name for layer in model.layers].index(first)
    for number, layer in enumerate(model.layers):
        layer.trainable = number >= start and not isinstance(layer, keras.layers.BatchNormalization)
    head = keras.layers.Dense(w.shape[1])
    network = keras.Model(model.inputs[0], head(model.layers[-1].input))
    head.set_weights([w, b])
    return network, sum(v.numpy().size for v in network.trainable_weights)


@misconception(
    function="ready_to_fine_tune",
    loses="ready_to_fine_tune_by_hand",
    section=FINE_TUNING,
    hint="Your outputs are probabilities. The question asks for the scores in front of softmax.",
)
def softmax_at_the_end(model, first, w, b):
    """A network for classes ends in softmax."""
    import keras

    start = [layer.name for layer in model.layers].index(first)
    for number, layer in enumerate(model.layers):
        layer.trainable = number >= start and not isinstance(layer, keras.layers.BatchNormalization)
    head = keras.layers.Dense(w.shape[1], activation="softmax")
    network = keras.Model(model.inputs[0], head(model.layers[-1].input))
    head.set_weights([w, b])
    return network, sum(v.numpy().size for v in network.trainable_weights)


@misconception(
    function="ready_to_fine_tune",
    loses="ready_to_fine_tune_by_hand",
    section=FINE_TUNING,
    hint="The network is right. Your count holds the frozen numbers too. How many of them does a step of training change?",
)
def all_numbers_counted(model, first, w, b):
    """The count is the number of parameters."""
    import keras

    start = [layer.name for layer in model.layers].index(first)
    for number, layer in enumerate(model.layers):
        layer.trainable = number >= start and not isinstance(layer, keras.layers.BatchNormalization)
    head = keras.layers.Dense(w.shape[1])
    network = keras.Model(model.inputs[0], head(model.layers[-1].input))
    head.set_weights([w, b])
    return network, network.count_params()


# ---- 5. transfer


@misconception(
    function="transfer",
    loses="transfer_by_hand",
    section=FEATURES,
    hint="The head of your network has never seen an image: its weights are those that it was made with.",
)
def head_not_trained(backbone, images, labels, classes):
    """A network on a good backbone can read."""
    import keras

    return keras.Model(backbone.inputs[0], keras.layers.Dense(classes)(backbone.outputs[0]))


@misconception(
    function="transfer",
    loses="transfer_by_hand",
    section=FEATURES,
    hint="Your network separates the features well after they were scaled, but its dense layer gets them as they "
    "are. What does the chapter do with the scaling at the end?",
)
def scaling_not_folded(backbone, images, labels, classes):
    """The head is trained on scaled features, and put on the backbone as it is."""
    import keras

    f = keras.ops.convert_to_numpy(backbone(images, training=False)).astype(float)
    scaled = (f - f.mean(axis=0)) / f.std(axis=0).mean()
    columns = np.column_stack([scaled, np.ones(len(f))])
    targets = np.eye(classes)[labels]
    v = np.linalg.solve(columns.T @ columns + 0.1 * np.eye(columns.shape[1]), columns.T @ targets)
    head = keras.layers.Dense(classes)
    model = keras.Model(backbone.inputs[0], head(backbone.outputs[0]))
    head.set_weights([v[:-1], v[-1]])
    return model


@misconception(
    function="transfer",
    loses="transfer_by_hand",
    section=FEATURES,
    hint="You train on the features as they are. Their mean is far from 0 and their spread is very small or very "
    "large. What does the chapter do before the first step?",
)
def features_not_scaled(backbone, images, labels, classes):
    """A dense layer finds the scale of its inputs itself."""
    import keras

    f = keras.ops.convert_to_numpy(backbone(images, training=False)).astype(float)
    targets, w, b = np.eye(classes)[labels], np.zeros((f.shape[1], classes)), np.zeros(classes)
    for _ in range(100):
        z = f @ w + b
        p = np.exp(z - z.max(axis=1, keepdims=True))
        dz = (p / p.sum(axis=1, keepdims=True) - targets) / len(f)
        w, b = w - 0.01 * f.T @ dz, b - 0.01 * dz.sum(axis=0)
    head = keras.layers.Dense(classes)
    model = keras.Model(backbone.inputs[0], head(backbone.outputs[0]))
    head.set_weights([w, b])
    return model


@misconception(
    function="transfer",
    loses="transfer_by_hand",
    section=FINE_TUNING,
    hint="The backbone is no longer the one that you were given: its weights were trained together with the head. "
    "What does frozen mean?",
)
def backbone_trained_too(backbone, images, labels, classes):
    """Training changes what needs a change."""
    import keras
    import tensorflow as tf

    mean, variance = (np.asarray(m) for m in tf.nn.moments(backbone(images, training=False), axes=[0]))
    size = float(np.sqrt(variance).mean())
    x = keras.layers.Rescaling(1 / size, offset=float(-mean.mean() / size))(backbone.outputs[0])
    head = keras.layers.Dense(classes, kernel_initializer=keras.initializers.GlorotUniform(seed=0))
    model = keras.Model(backbone.inputs[0], head(x))
    optimizer, loss = keras.optimizers.Adam(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer.build(model.trainable_variables)
    for _ in range(25):
        with tf.GradientTape() as tape:
            value = loss(labels, model(images, training=True))
        optimizer.apply(tape.gradient(value, model.trainable_variables))
    return model


@misconception(
    function="transfer",
    loses="transfer_by_hand",
    section=FEATURES,
    hint="Your outputs are probabilities. The question asks for a weighted sum of the features and a bias, and "
    "nothing behind it.",
)
def probabilities_in_place_of_logits(backbone, images, labels, classes):
    """A network for classes ends in softmax."""
    import keras

    f = keras.ops.convert_to_numpy(backbone(images, training=False)).astype(float)
    mean, spread = f.mean(axis=0), f.std(axis=0).mean()
    columns = np.column_stack([(f - mean) / spread, np.ones(len(f))])
    targets = 4 * np.eye(classes)[labels]
    v = np.linalg.solve(columns.T @ columns + 0.1 * np.eye(columns.shape[1]), columns.T @ targets)
    head = keras.layers.Dense(classes, activation="softmax")
    model = keras.Model(backbone.inputs[0], head(backbone.outputs[0]))
    head.set_weights([v[:-1] / spread, v[-1] - mean @ v[:-1] / spread])
    return model


@misconception(
    function="transfer",
    loses="transfer_laws",
    section=TWIN,
    hint="Your network has as many outputs as there are different labels among the given images. What if a class has "
    "no image yet?",
)
def as_many_outputs_as_labels(backbone, images, labels, classes):
    """The labels say how many classes there are."""
    import keras

    classes = int(labels.max()) + 1
    f = keras.ops.convert_to_numpy(backbone(images, training=False)).astype(float)
    mean, spread = f.mean(axis=0), f.std(axis=0).mean()
    columns = np.column_stack([(f - mean) / spread, np.ones(len(f))])
    v = np.linalg.solve(columns.T @ columns + 0.1 * np.eye(columns.shape[1]), columns.T @ np.eye(classes)[labels])
    head = keras.layers.Dense(classes)
    model = keras.Model(backbone.inputs[0], head(backbone.outputs[0]))
    head.set_weights([v[:-1] / spread, v[-1] - mean @ v[:-1] / spread])
    return model


@misconception(
    function="transfer",
    loses="transfer_laws",
    section=FINE_TUNING,
    hint="Your features are those of the training mode, in which a batch normalisation uses the moments of the batch "
    "and changes its averages. With which features does the finished network work?",
)
def features_in_training_mode(backbone, images, labels, classes):
    """A head is trained, so the network is in training mode."""
    import keras

    f = keras.ops.convert_to_numpy(backbone(images, training=True)).astype(float)
    mean, spread = f.mean(axis=0), f.std(axis=0).mean()
    columns = np.column_stack([(f - mean) / spread, np.ones(len(f))])
    v = np.linalg.solve(columns.T @ columns + 0.1 * np.eye(columns.shape[1]), columns.T @ np.eye(classes)[labels])
    head = keras.layers.Dense(classes)
    model = keras.Model(backbone.inputs[0], head(backbone.outputs[0]))
    head.set_weights([v[:-1] / spread, v[-1] - mean @ v[:-1] / spread])
    return model
