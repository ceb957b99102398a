"""Two more answers to each question of assignment 10: a right one, written differently, and an empty one."""

import numpy as np

# ---- everything right, written differently


def vectorised_inverted_residual_cost(shape, filters, expansion, strides):
    height, width, channels = shape
    wide = channels * expansion
    rows, columns = len(range(0, height, strides)), len(range(0, width, strides))
    parameters = wide * 9 + wide * 4 + wide * filters + filters * 4
    work = rows * columns * wide * (9 + filters)
    if expansion > 1:
        parameters += wide * (channels + 4)
        work += height * width * channels * wide
    return parameters, work


def vectorised_inverted_residual(shape, filters, expansion, strides):
    import keras

    wide, options = expansion * shape[2], {"activation": "relu"}
    norms = [keras.layers.BatchNormalization(momentum=0.9) for _ in range(3)]
    steps = [keras.layers.Dense(wide, use_bias=False), norms[0], keras.layers.Activation(**options)]
    steps += [keras.layers.DepthwiseConv2D((3, 3), strides=(strides, strides), padding="same", use_bias=False), norms[1]]
    steps += [keras.layers.Activation(**options), keras.layers.Dense(filters, use_bias=False), norms[2]]
    x = y = keras.Input(shape)
    for step in steps:
        y = step(y)
    return keras.Model(x, y + x if y.shape == x.shape and strides == 1 else y)


def vectorised_spatial_excite(x, w, b):
    import keras

    z = np.stack([x.mean(axis=-1, dtype=float), x.max(axis=-1)], axis=-1).astype("float32")
    v = keras.ops.conv(z, w[..., None].astype("float32"), padding="same")
    return x * keras.ops.convert_to_numpy(keras.ops.sigmoid(v + float(b)))


def vectorised_dense_block_gradient(x, w, dy):
    dx, dw = np.array(dy[..., : len(w)], float), np.zeros(w.shape)
    for place in np.ndindex(x.shape[:3]):
        pixel = x[place].astype(float)
        for f in range(w.shape[1]):
            if pixel @ w[:, f] > 0:
                slope = dy[place][len(w) + f]
                dx[place] += slope * w[:, f]
                dw[:, f] += slope * pixel
    return dx, dw


def vectorised_network_in_budget(x, y, classes, seed):
    import keras

    keras.utils.set_random_seed(seed)
    images = keras.Input((28, 28, 1))
    maps = keras.layers.AveragePooling2D(2)(images)
    for filters in (10, 14):
        maps = keras.layers.Conv2D(filters, 3, use_bias=False)(maps)
        maps = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(maps))
        maps = keras.layers.MaxPooling2D(2)(maps)
    logits = keras.layers.Dense(classes)(keras.layers.Flatten()(maps))
    model = keras.Model(images, keras.layers.Softmax()(logits))
    model.compile(keras.optimizers.RMSprop(0.005), "categorical_crossentropy", jit_compile=False)
    model.fit(x, np.eye(classes)[y], batch_size=25, epochs=8, verbose=0)
    return model


FUNCTIONS = ["inverted_residual_cost", "inverted_residual", "spatial_excite", "dense_block_gradient", "network_in_budget"]
VECTORISED = {function: globals()[f"vectorised_{function}"] for function in FUNCTIONS}


# ---- the right shapes and nothing else


def zeros_inverted_residual_cost(shape, filters, expansion, strides):
    return 0, 0


def zeros_inverted_residual(shape, filters, expansion, strides):
    import keras

    inputs = keras.Input(shape)
    pooled = keras.layers.AveragePooling2D(1, strides)(inputs)
    return keras.Model(inputs, keras.layers.Conv2D(filters, 1, kernel_initializer="zeros")(pooled))


def zeros_spatial_excite(x, w, b):
    return np.zeros(x.shape)


def zeros_dense_block_gradient(x, w, dy):
    return np.zeros(x.shape), np.zeros(w.shape)


def zeros_network_in_budget(x, y, classes, seed):
    import keras

    last = keras.layers.Dense(classes, activation="softmax", kernel_initializer="zeros")
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.AveragePooling2D(4), keras.layers.Flatten(), last])


ZEROS = {function: globals()[f"zeros_{function}"] for function in FUNCTIONS}
