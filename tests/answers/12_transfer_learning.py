"""Two more answers to each question of assignment 12: a right one that is written differently, and an empty one."""

import numpy as np

# ---- everything right, written differently


def other_names_to_refuse(content, allowed):
    import pickletools

    known = {"GLOBAL": lambda text: ".".join(text.split(" ", 1)), "STACK_GLOBAL": lambda _: None}
    known["INST"] = known["GLOBAL"]
    found = [known[code.name](argument) for code, argument, _ in pickletools.genops(bytes(content)) if code.name in known]
    names = ["?" if name is None else name for name in found if name is None or name not in set(allowed)]
    return list(dict.fromkeys(names))


def other_fold_depthwise(kernel, gamma, beta, mean, variance, epsilon):
    new, bias = np.zeros(kernel.shape), np.zeros(len(gamma))
    for c in range(kernel.shape[2]):
        for m in range(kernel.shape[3]):
            f = c * kernel.shape[3] + m
            deviation = (float(variance[f]) + epsilon) ** 0.5
            new[:, :, c, m] = kernel[:, :, c, m] * (float(gamma[f]) / deviation)
            bias[f] = float(beta[f]) - float(gamma[f]) * float(mean[f]) / deviation
    return new, bias


def other_head_of_means(features, labels):
    counts = np.bincount(labels)
    sums = np.zeros((features.shape[1], len(counts)))
    for f, k in zip(features, labels):
        sums[:, k] += f
    w = sums / counts
    return w, -np.einsum("ck,ck->k", w, w) / 2


def other_ready_to_fine_tune(model, first, w, b):
    import keras

    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    body = keras.Model(copy.inputs[0], copy.layers[-2].output, name="body")
    for layer in body.layers:
        if layer.name == first:
            break
        layer.trainable = False
    count = w.size + b.size
    for layer in body.layers:
        if layer.__class__.__name__ == "BatchNormalization":
            layer.trainable = False
        elif layer.trainable:
            count += layer.count_params()
    dense = keras.layers.Dense(len(b))
    network = keras.Sequential([keras.Input(model.input_shape[1:]), body, dense])
    dense.set_weights([w, b])
    return network, count


def other_transfer(backbone, images, labels, classes):
    import keras

    f = keras.ops.convert_to_numpy(backbone(images, training=False)).astype(float)
    mean, spread = f.mean(axis=0), f.std(axis=0).mean()
    columns = np.column_stack([(f - mean) / spread, np.ones(len(f))])
    targets = np.eye(classes)[labels]
    v = np.linalg.lstsq(columns.T @ columns + 0.1 * np.eye(columns.shape[1]), columns.T @ targets)[0]  # a linear probe
    dense = keras.layers.Dense(classes)
    model = keras.Sequential([keras.Input(images.shape[1:]), backbone, dense])
    dense.set_weights([v[:-1] / spread, v[-1] - mean @ v[:-1] / spread])
    return model


FUNCTIONS = ["names_to_refuse", "fold_depthwise", "head_of_means", "ready_to_fine_tune", "transfer"]
VECTORISED = {function: globals()[f"other_{function}"] for function in FUNCTIONS}


# ---- the right shapes and nothing else


def zeros_names_to_refuse(content, allowed):
    return []


def zeros_fold_depthwise(kernel, gamma, beta, mean, variance, epsilon):
    return np.zeros(kernel.shape), np.zeros(gamma.shape)


def zeros_head_of_means(features, labels):
    classes = int(labels.max()) + 1
    return np.zeros((features.shape[1], classes)), np.zeros(classes)


def zeros_ready_to_fine_tune(model, first, w, b):
    import keras

    images = keras.Input(model.input_shape[1:])
    means = keras.layers.GlobalAveragePooling2D()(images)
    return keras.Model(images, keras.layers.Dense(len(b), kernel_initializer="zeros")(means)), 0


def zeros_transfer(backbone, images, labels, classes):
    import keras

    return keras.Model(backbone.inputs[0], keras.layers.Dense(classes, kernel_initializer="zeros")(backbone.outputs[0]))


ZEROS = {function: globals()[f"zeros_{function}"] for function in FUNCTIONS}
