"""Two more answers to each question of assignment 08: a right one, written differently, and an empty one."""

import numpy as np

# ---- everything right, written differently


def vectorised_fold_batch_norm(w, b, gamma, beta, mean, variance, epsilon):
    new_w, new_b = np.zeros(w.shape), np.zeros(len(b))
    for f in range(len(b)):
        deviation = float(variance[f] + epsilon) ** 0.5
        new_w[..., f] = w[..., f] * float(gamma[f]) / deviation
        new_b[f] = beta[f] + float(gamma[f]) * (float(b[f]) - float(mean[f])) / deviation
    return new_w, new_b


def vectorised_smoothed_loss(logits, labels, smoothing):
    losses = []
    for z, label in zip(logits.astype(float), labels):
        if label == -1:
            continue
        normaliser = z.max() + np.log(np.exp(z - z.max()).sum())
        losses.append(normaliser - (1 - smoothing) * z[label] - smoothing * z.mean())
    return float(np.mean(losses))


def vectorised_same_class_network(shape, filters, units):
    import keras

    layers = [keras.layers.Conv2D(filters, 3), keras.layers.ReLU(), keras.layers.MaxPooling2D()]
    layers += [keras.layers.Flatten(), keras.layers.Dense(units), keras.layers.ReLU()]
    tower = keras.Sequential([keras.Input(shape), *layers])
    a, b = keras.Input(shape), keras.Input(shape)
    difference = keras.layers.Subtract()([tower(b), tower(a)])
    answer = keras.layers.Dense(1)(keras.layers.Multiply()([difference, difference]))
    return keras.Model([a, b], keras.layers.Activation("sigmoid")(answer))


def vectorised_continue_training(kernel, bias, w, b, x, y, learning_rate, batch_size):
    import keras
    import tensorflow as tf

    weights = [tf.Variable(weight, dtype="float32") for weight in (kernel, bias, w, b)]
    for start in range(0, len(x), batch_size):
        images = tf.constant(x[start : start + batch_size] / 255, "float32")
        labels = y[start : start + batch_size]
        with tf.GradientTape() as tape:
            maps = tf.nn.relu(tf.nn.conv2d(images, weights[0], 1, "VALID") + weights[1])
            logits = tf.reshape(maps, (len(labels), -1)) @ weights[2] + weights[3]
            losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
            loss = tf.reduce_mean(losses)
        for weight, gradient in zip(weights, tape.gradient(loss, weights)):
            weight.assign_sub(learning_rate * gradient)
    return tuple(weight.numpy() for weight in weights)


def vectorised_trained_network(x, y, classes, seed):
    import keras

    keras.utils.set_random_seed(seed)
    images = keras.Input(x.shape[1:])
    maps = keras.layers.Rescaling(1 / 127.5, offset=-1)(images)
    for filters in (12, 16):
        maps = keras.layers.Conv2D(filters, 3, strides=2, use_bias=False)(maps)
        maps = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(maps))
    features = keras.layers.Dropout(0.2)(keras.layers.Flatten()(maps))
    model = keras.Model(images, keras.layers.Dense(classes, activation="softmax")(features))
    model.compile(keras.optimizers.RMSprop(0.003), keras.losses.CategoricalCrossentropy(), jit_compile=False)
    model.fit(x.astype("float32"), np.eye(classes)[y], batch_size=20, epochs=6, verbose=0)
    return model


FUNCTIONS = ["fold_batch_norm", "smoothed_loss", "same_class_network", "continue_training", "trained_network"]
VECTORISED = {function: globals()[f"vectorised_{function}"] for function in FUNCTIONS}


# ---- the right shapes and nothing else


def zeros_fold_batch_norm(w, b, gamma, beta, mean, variance, epsilon):
    return np.zeros(w.shape), np.zeros(b.shape)


def zeros_smoothed_loss(logits, labels, smoothing):
    return 0.0


def zeros_same_class_network(shape, filters, units):
    import keras

    a, b = keras.Input(shape), keras.Input(shape)
    joined = keras.layers.Concatenate()([keras.layers.Flatten()(a), keras.layers.Flatten()(b)])
    return keras.Model([a, b], keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")(joined))


def zeros_continue_training(kernel, bias, w, b, x, y, learning_rate, batch_size):
    return np.zeros(kernel.shape), np.zeros(bias.shape), np.zeros(w.shape), np.zeros(b.shape)


def zeros_trained_network(x, y, classes, seed):
    import keras

    last = keras.layers.Dense(classes, activation="softmax", kernel_initializer="zeros")
    return keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Flatten(), last])


ZEROS = {function: globals()[f"zeros_{function}"] for function in FUNCTIONS}
