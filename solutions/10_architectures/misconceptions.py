"""Wrong answers to assignment 10, as students write them. nbgrader does not release this file.

The name of a function is the name of the misconception, its docstring the idea behind it. `loses` names the test
that is meant for it. A hint says what went wrong and what to read again, never the answer.
"""

import numpy as np

from convbook.course.misconceptions import misconception

PRICES = "Two prices: parameters and multiply-adds"
LENET = "LeNet-5: the pattern"
ALEXNET = "AlexNet: larger, with ReLU"
VGG = "The VGG block: small kernels, one after another"
INCEPTION = "The Inception block: several kernels side by side"
RESIDUAL = "The residual block: learn the difference"
EXCITE = "Squeeze and excitation: which channels matter here"
SEPARABLE = "The separable block: less work"
TABLE = "One fair table"
FURTHER = "Taking one of them further"


# ---- 1. inverted_residual_cost


@misconception(
    function="inverted_residual_cost",
    loses="inverted_residual_cost_by_hand",
    section=SEPARABLE,
    hint="Your middle layer is counted as if each of its filters read all channels. How many channels does a filter of "
    "a depthwise layer read?",
)
def depthwise_counted_as_ordinary(shape, filters, expansion, strides):
    """A layer of 3 by 3 has nine weights for each pair of channels."""
    height, width, channels = shape
    wide, pixels = expansion * channels, -(-height // strides) * -(-width // strides)
    parameters = 9 * wide * wide + 4 * wide + wide * filters + 4 * filters
    work = pixels * (9 * wide * wide + wide * filters)
    if expansion > 1:
        parameters, work = parameters + channels * wide + 4 * wide, work + height * width * channels * wide
    return parameters, work


@misconception(
    function="inverted_residual_cost",
    loses="inverted_residual_cost_by_hand",
    section=PRICES,
    hint="Your first layer is too cheap. At which of the three steps do the maps become smaller, and on how many pixels "
    "does the step before it work?",
)
def all_steps_on_small_maps(shape, filters, expansion, strides):
    """A block with a stride works on the small maps."""
    height, width, channels = shape
    wide, pixels = expansion * channels, -(-height // strides) * -(-width // strides)
    parameters = 13 * wide + wide * filters + 4 * filters
    work = pixels * (9 * wide + wide * filters)
    if expansion > 1:
        parameters, work = parameters + channels * wide + 4 * wide, work + pixels * channels * wide
    return parameters, work


@misconception(
    function="inverted_residual_cost",
    loses="inverted_residual_cost_by_hand",
    section=PRICES,
    hint="Your parameters are right, your work is too small. How many pixels does a row of seven have after a stride of "
    "two with padding?",
)
def rounded_down(shape, filters, expansion, strides):
    """A stride divides the size, and the rest is lost."""
    height, width, channels = shape
    wide, pixels = expansion * channels, (height // strides) * (width // strides)
    parameters = 13 * wide + wide * filters + 4 * filters
    work = pixels * (9 * wide + wide * filters)
    if expansion > 1:
        parameters, work = parameters + channels * wide + 4 * wide, work + height * width * channels * wide
    return parameters, work


@misconception(
    function="inverted_residual_cost",
    loses="inverted_residual_cost_by_hand",
    section=VGG,
    hint="Your work is right, your parameters are too few. Which numbers does a batch normalisation keep for each channel?",
)
def two_numbers_for_a_normalisation(shape, filters, expansion, strides):
    """A batch normalisation has a factor and a term."""
    height, width, channels = shape
    wide, pixels = expansion * channels, -(-height // strides) * -(-width // strides)
    parameters = 11 * wide + wide * filters + 2 * filters
    work = pixels * (9 * wide + wide * filters)
    if expansion > 1:
        parameters, work = parameters + channels * wide + 2 * wide, work + height * width * channels * wide
    return parameters, work


@misconception(
    function="inverted_residual_cost",
    loses="inverted_residual_cost_by_hand",
    section=VGG,
    hint="Your work is right, your parameters are too many by one for each filter. Do these layers have biases?",
)
def biases_counted_too(shape, filters, expansion, strides):
    """A convolution has a bias for each filter."""
    height, width, channels = shape
    wide, pixels = expansion * channels, -(-height // strides) * -(-width // strides)
    parameters = 14 * wide + wide * filters + 5 * filters
    work = pixels * (9 * wide + wide * filters)
    if expansion > 1:
        parameters, work = parameters + channels * wide + 5 * wide, work + height * width * channels * wide
    return parameters, work


@misconception(
    function="inverted_residual_cost",
    loses="inverted_residual_cost_by_hand",
    section=SEPARABLE,
    hint="The middle of your block is too wide. Which number of channels does the expansion multiply: that at the input "
    "or that at the output?",
)
def filters_expanded(shape, filters, expansion, strides):
    """The expansion is a multiple of the number of filters."""
    height, width, channels = shape
    wide, pixels = expansion * filters, -(-height // strides) * -(-width // strides)
    parameters = 13 * wide + wide * filters + 4 * filters
    work = pixels * (9 * wide + wide * filters)
    if expansion > 1:
        parameters, work = parameters + channels * wide + 4 * wide, work + height * width * channels * wide
    return parameters, work


@misconception(
    function="inverted_residual_cost",
    loses="inverted_residual_cost_laws",
    section=PRICES,
    hint="Your count is right as long as the block expands. What is left of it for an expansion of one?",
)
def first_step_never_left_out(shape, filters, expansion, strides):
    """The block always has three steps."""
    height, width, channels = shape
    wide, pixels = expansion * channels, -(-height // strides) * -(-width // strides)
    parameters = channels * wide + 4 * wide + 13 * wide + wide * filters + 4 * filters
    return parameters, height * width * channels * wide + pixels * (9 * wide + wide * filters)


# ---- 2. inverted_residual


@misconception(
    function="inverted_residual",
    loses="inverted_residual_by_hand",
    section=RESIDUAL,
    hint="With weights of 0 your block gives 0. Which way should the input take past the three steps?",
)
def shortcut_forgotten(shape, filters, expansion, strides):
    """A block is a chain of layers."""
    import keras

    layers, options = keras.layers, {"padding": "same", "use_bias": False}
    inputs = keras.Input(shape)
    x = layers.Conv2D(expansion * shape[-1], 1, **options)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, strides=strides, **options)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.BatchNormalization()(layers.Conv2D(filters, 1, **options)(x))
    return keras.Model(inputs, x)


@misconception(
    function="inverted_residual",
    loses="inverted_residual_by_hand",
    section=RESIDUAL,
    hint="With weights of 0 your block loses the negative numbers of its input. What stands behind your addition, and "
    "does it stand there in this block?",
)
def relu_behind_the_addition(shape, filters, expansion, strides):
    """A residual block ends with a ReLU."""
    import keras

    layers, options = keras.layers, {"padding": "same", "use_bias": False}
    inputs = keras.Input(shape)
    x = layers.Conv2D(expansion * shape[-1], 1, **options)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, strides=strides, **options)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.BatchNormalization()(layers.Conv2D(filters, 1, **options)(x))
    if strides == 1 and filters == shape[-1]:
        x = layers.Add()([inputs, x])
    return keras.Model(inputs, layers.ReLU()(x))


@misconception(
    function="inverted_residual",
    loses="inverted_residual_by_hand",
    section=VGG,
    hint="Your block has a few parameters too many: one for each filter of each convolution. Which number of a batch "
    "normalisation does the same as they do?",
)
def biases_left_in(shape, filters, expansion, strides):
    """A convolution has a bias."""
    import keras

    layers = keras.layers
    inputs = keras.Input(shape)
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(expansion * shape[-1], 1)(inputs)))
    x = layers.DepthwiseConv2D(3, strides=strides, padding="same")(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.BatchNormalization()(layers.Conv2D(filters, 1)(x))
    if strides == 1 and filters == shape[-1]:
        x = layers.Add()([inputs, x])
    return keras.Model(inputs, x)


@misconception(
    function="inverted_residual",
    loses="inverted_residual_by_hand",
    section=SEPARABLE,
    hint="The middle of your block has many times the weights that it should have. Which kind of convolution looks around "
    "without mixing the channels?",
)
def ordinary_convolution_in_the_middle(shape, filters, expansion, strides):
    """A layer that looks around is a convolution of 3 by 3."""
    import keras

    layers, options = keras.layers, {"padding": "same", "use_bias": False}
    inputs = keras.Input(shape)
    x = layers.Conv2D(expansion * shape[-1], 1, **options)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(expansion * shape[-1], 3, strides=strides, **options)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.BatchNormalization()(layers.Conv2D(filters, 1, **options)(x))
    if strides == 1 and filters == shape[-1]:
        x = layers.Add()([inputs, x])
    return keras.Model(inputs, x)


@misconception(
    function="inverted_residual",
    loses="inverted_residual_laws",
    section=SEPARABLE,
    hint="Your block is right where it keeps the number of channels. How wide is its middle where it does not?",
)
def middle_as_wide_as_the_output(shape, filters, expansion, strides):
    """The expansion is a multiple of the number of filters."""
    import keras

    layers, options = keras.layers, {"padding": "same", "use_bias": False}
    inputs = keras.Input(shape)
    x = layers.Conv2D(expansion * filters, 1, **options)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, strides=strides, **options)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.BatchNormalization()(layers.Conv2D(filters, 1, **options)(x))
    if strides == 1 and filters == shape[-1]:
        x = layers.Add()([inputs, x])
    return keras.Model(inputs, x)


@misconception(
    function="inverted_residual",
    loses="inverted_residual_laws",
    section=RESIDUAL,
    hint="Where the number of channels changes, your block has more parameters than the question allows. Does this block "
    "have a shortcut in that case?",
)
def projection_in_the_shortcut(shape, filters, expansion, strides):
    """Where the channels change, the shortcut changes them too."""
    import keras

    layers, options = keras.layers, {"padding": "same", "use_bias": False}
    inputs = keras.Input(shape)
    x = layers.Conv2D(expansion * shape[-1], 1, **options)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, strides=strides, **options)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.BatchNormalization()(layers.Conv2D(filters, 1, **options)(x))
    if strides == 1:
        shortcut = inputs if filters == shape[-1] else layers.Conv2D(filters, 1, **options)(inputs)
        x = layers.Add()([shortcut, x])
    return keras.Model(inputs, x)


@misconception(
    function="inverted_residual",
    loses="inverted_residual_laws",
    section=RESIDUAL,
    hint="Your block cannot be built if it has a stride and keeps the number of channels. Which two things must agree "
    "before two stacks of maps can be added?",
)
def shortcut_in_spite_of_a_stride(shape, filters, expansion, strides):
    """There is a shortcut if the number of channels stays."""
    import keras

    layers, options = keras.layers, {"padding": "same", "use_bias": False}
    inputs = keras.Input(shape)
    x = layers.Conv2D(expansion * shape[-1], 1, **options)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, strides=strides, **options)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.BatchNormalization()(layers.Conv2D(filters, 1, **options)(x))
    if filters == shape[-1]:
        x = layers.Add()([inputs, x])
    return keras.Model(inputs, x)


@misconception(
    function="inverted_residual",
    loses="inverted_residual_laws",
    section=RESIDUAL,
    hint="Your block can only add positive numbers to its input. Which of the three steps has no ReLU?",
)
def relu_in_front_of_the_addition(shape, filters, expansion, strides):
    """Convolution, batch normalisation and ReLU belong together."""
    import keras

    layers, options = keras.layers, {"padding": "same", "use_bias": False}
    inputs = keras.Input(shape)
    x = layers.Conv2D(expansion * shape[-1], 1, **options)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, strides=strides, **options)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(filters, 1, **options)(x)))
    if strides == 1 and filters == shape[-1]:
        x = layers.Add()([inputs, x])
    return keras.Model(inputs, x)


@misconception(
    function="inverted_residual",
    loses="inverted_residual_laws",
    section=SEPARABLE,
    hint="All of your parameters are there, but one of the activations is missing. What stands behind the depthwise "
    "convolution in the chapter?",
)
def no_relu_behind_the_depthwise_layer(shape, filters, expansion, strides):
    """Depthwise and 1 by 1 convolution are one layer in two parts."""
    import keras

    layers, options = keras.layers, {"padding": "same", "use_bias": False}
    inputs = keras.Input(shape)
    x = layers.Conv2D(expansion * shape[-1], 1, **options)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.BatchNormalization()(layers.DepthwiseConv2D(3, strides=strides, **options)(x))
    x = layers.BatchNormalization()(layers.Conv2D(filters, 1, **options)(x))
    if strides == 1 and filters == shape[-1]:
        x = layers.Add()([inputs, x])
    return keras.Model(inputs, x)


# ---- 3. spatial_excite


@misconception(
    function="spatial_excite",
    loses="spatial_excite_by_hand",
    section=EXCITE,
    hint="You give each channel a number, as in the chapter. Over which axis does this question squeeze?",
)
def squeezed_over_the_pixels(x, w, b):
    """Squeezing means the mean over the map."""
    x = x.astype(float)
    means, largest = x.mean(axis=(1, 2), keepdims=True), x.max(axis=(1, 2), keepdims=True)
    middle = w[w.shape[0] // 2, w.shape[1] // 2]
    return x / (1 + np.exp(-(means * middle[0] + largest * middle[1] + b)))


@misconception(
    function="spatial_excite",
    loses="spatial_excite_by_hand",
    section=INCEPTION,
    hint="Your two maps are both right, but the filter meets them in the wrong order. Which of them is map 0?",
)
def maximum_in_front_of_the_mean(x, w, b):
    """The order of the two maps does not matter."""
    x = x.astype(float)
    z = np.stack([x.max(axis=3), x.mean(axis=3)], axis=3)
    rows, columns = w.shape[0] // 2, w.shape[1] // 2
    padded = np.pad(z, [(0, 0), (rows, rows), (columns, columns), (0, 0)])
    v = np.full(x.shape[:3], float(b))
    for p in range(w.shape[0]):
        for q in range(w.shape[1]):
            v += padded[:, p : p + x.shape[1], q : q + x.shape[2]] @ w[p, q]
    return x / (1 + np.exp(-v[..., None]))


@misconception(
    function="spatial_excite",
    loses="spatial_excite_by_hand",
    section=EXCITE,
    hint="Your filter looks to the left where it should look to the right. In which direction does the kernel of a layer lie?",
)
def kernel_flipped(x, w, b):
    """A convolution turns its kernel round."""
    x, w = x.astype(float), w[::-1, ::-1]
    z = np.stack([x.mean(axis=3), x.max(axis=3)], axis=3)
    rows, columns = w.shape[0] // 2, w.shape[1] // 2
    padded = np.pad(z, [(0, 0), (rows, rows), (columns, columns), (0, 0)])
    v = np.full(x.shape[:3], float(b))
    for p in range(w.shape[0]):
        for q in range(w.shape[1]):
            v += padded[:, p : p + x.shape[1], q : q + x.shape[2]] @ w[p, q]
    return x / (1 + np.exp(-v[..., None]))


@misconception(
    function="spatial_excite",
    loses="spatial_excite_by_hand",
    section=EXCITE,
    hint="Your pixels are multiplied by numbers of any size and sign. What brings them between 0 and 1?",
)
def no_sigmoid(x, w, b):
    """The pixels are multiplied by what the filter gives."""
    x = x.astype(float)
    z = np.stack([x.mean(axis=3), x.max(axis=3)], axis=3)
    rows, columns = w.shape[0] // 2, w.shape[1] // 2
    padded = np.pad(z, [(0, 0), (rows, rows), (columns, columns), (0, 0)])
    v = np.full(x.shape[:3], float(b))
    for p in range(w.shape[0]):
        for q in range(w.shape[1]):
            v += padded[:, p : p + x.shape[1], q : q + x.shape[2]] @ w[p, q]
    return x * v[..., None]


@misconception(
    function="spatial_excite",
    loses="spatial_excite_by_hand",
    section=EXCITE,
    hint="You add a number to each pixel. What does the third step do with it?",
)
def added_to_the_pixels(x, w, b):
    """What a block computes is added to its input."""
    x = x.astype(float)
    z = np.stack([x.mean(axis=3), x.max(axis=3)], axis=3)
    rows, columns = w.shape[0] // 2, w.shape[1] // 2
    padded = np.pad(z, [(0, 0), (rows, rows), (columns, columns), (0, 0)])
    v = np.full(x.shape[:3], float(b))
    for p in range(w.shape[0]):
        for q in range(w.shape[1]):
            v += padded[:, p : p + x.shape[1], q : q + x.shape[2]] @ w[p, q]
    return x + 1 / (1 + np.exp(-v[..., None]))


@misconception(
    function="spatial_excite",
    loses="spatial_excite_by_hand",
    section=EXCITE,
    hint="Your numbers at the border are wrong. What does the filter meet outside of the two maps?",
)
def border_repeated(x, w, b):
    """Outside of a map, its border goes on."""
    x = x.astype(float)
    z = np.stack([x.mean(axis=3), x.max(axis=3)], axis=3)
    rows, columns = w.shape[0] // 2, w.shape[1] // 2
    padded = np.pad(z, [(0, 0), (rows, rows), (columns, columns), (0, 0)], mode="edge")
    v = np.full(x.shape[:3], float(b))
    for p in range(w.shape[0]):
        for q in range(w.shape[1]):
            v += padded[:, p : p + x.shape[1], q : q + x.shape[2]] @ w[p, q]
    return x / (1 + np.exp(-v[..., None]))


@misconception(
    function="spatial_excite",
    loses="spatial_excite_laws",
    section=EXCITE,
    hint="For images of whole numbers, everything after the decimal point is lost. Which type does the array have into "
    "which you write the result?",
)
def result_of_whole_numbers(x, w, b):
    """The result has the type of the image."""
    z = np.stack([x.mean(axis=3), x.max(axis=3)], axis=3)
    rows, columns = w.shape[0] // 2, w.shape[1] // 2
    padded = np.pad(z, [(0, 0), (rows, rows), (columns, columns), (0, 0)])
    v = np.full(x.shape[:3], float(b))
    for p in range(w.shape[0]):
        for q in range(w.shape[1]):
            v += padded[:, p : p + x.shape[1], q : q + x.shape[2]] @ w[p, q]
    return (x / (1 + np.exp(-v[..., None]))).astype(x.dtype)


@misconception(
    function="spatial_excite",
    loses="spatial_excite_laws",
    section=EXCITE,
    hint="All images of a batch are scaled by the same map. Whose pixels does an image ask where to look?",
)
def one_map_for_the_batch(x, w, b):
    """Where to look is the same for all images."""
    x = x.astype(float)
    z = np.stack([x.mean(axis=3), x.max(axis=3)], axis=3).mean(axis=0, keepdims=True)
    rows, columns = w.shape[0] // 2, w.shape[1] // 2
    padded = np.pad(z, [(0, 0), (rows, rows), (columns, columns), (0, 0)])
    v = np.full((1, *x.shape[1:3]), float(b))
    for p in range(w.shape[0]):
        for q in range(w.shape[1]):
            v += padded[:, p : p + x.shape[1], q : q + x.shape[2]] @ w[p, q]
    return x / (1 + np.exp(-v[..., None]))


# ---- 4. dense_block_gradient


@misconception(
    function="dense_block_gradient",
    loses="dense_block_gradient_by_hand",
    section=RESIDUAL,
    hint="Your dw is right. The input stands in y twice: once as it is, and once inside of the ReLU. Which of the two ways "
    "is missing in dx?",
)
def direct_way_forgotten(x, w, dy):
    """The gradient comes back through the layer."""
    channels, filters = w.shape
    dz = dy[..., channels:] * (x @ w > 0)
    return dz @ w.T, x.reshape(-1, channels).T @ dz.reshape(-1, filters)


@misconception(
    function="dense_block_gradient",
    loses="dense_block_gradient_by_hand",
    section=RESIDUAL,
    hint="Your dw is right. In dx, only the channels that were passed on count. Do the new channels depend on x?",
)
def only_the_direct_way(x, w, dy):
    """The first channels of y are x, so their gradient is that of x."""
    channels, filters = w.shape
    dz = dy[..., channels:] * (x @ w > 0)
    return dy[..., :channels].copy(), x.reshape(-1, channels).T @ dz.reshape(-1, filters)


@misconception(
    function="dense_block_gradient",
    loses="dense_block_gradient_by_hand",
    section=ALEXNET,
    hint="In your function, a gradient comes back where the ReLU gave 0 too. What is its slope there?",
)
def slope_of_relu_forgotten(x, w, dy):
    """A ReLU lets the gradient pass."""
    channels, filters = w.shape
    dz = dy[..., channels:]
    return dy[..., :channels] + dz @ w.T, x.reshape(-1, channels).T @ dz.reshape(-1, filters)


@misconception(
    function="dense_block_gradient",
    loses="dense_block_gradient_by_hand",
    section=ALEXNET,
    hint="You close the ReLU where the gradient is negative. Which number decides whether a ReLU is open: one of the "
    "way forward or one of the way back?",
)
def relu_of_the_gradient(x, w, dy):
    """On the way back a ReLU cuts off negative gradients."""
    channels, filters = w.shape
    dz = np.maximum(dy[..., channels:], 0)
    return dy[..., :channels] + dz @ w.T, x.reshape(-1, channels).T @ dz.reshape(-1, filters)


@misconception(
    function="dense_block_gradient",
    loses="dense_block_gradient_by_hand",
    section=INCEPTION,
    hint="You take the parts of dy in the wrong order. Which channels come first in the block's output?",
)
def new_channels_first(x, w, dy):
    """The block's result comes first, then the input."""
    channels, filters = w.shape
    dz = dy[..., :filters] * (x @ w > 0)
    return dy[..., filters:] + dz @ w.T, x.reshape(-1, channels).T @ dz.reshape(-1, filters)


@misconception(
    function="dense_block_gradient",
    loses="dense_block_gradient_by_hand",
    section=RESIDUAL,
    hint="Your dx is right, your dw is too small. The same kernel works at every pixel; what happens to the parts that "
    "the pixels have in its gradient?",
)
def mean_over_the_pixels(x, w, dy):
    """The gradient of a shared kernel is the mean over the pixels."""
    channels, filters = w.shape
    dz = dy[..., channels:] * (x @ w > 0)
    pixels = x.size // channels
    return dy[..., :channels] + dz @ w.T, x.reshape(-1, channels).T @ dz.reshape(-1, filters) / pixels


@misconception(
    function="dense_block_gradient",
    loses="dense_block_gradient_laws",
    section=RESIDUAL,
    hint="With one image your dw is right. Which images of a batch take part in it?",
)
def kernel_gradient_of_the_first_image(x, w, dy):
    """The gradient of the kernel is computed from an image."""
    channels, filters = w.shape
    dz = dy[..., channels:] * (x @ w > 0)
    return dy[..., :channels] + dz @ w.T, x[0].reshape(-1, channels).T @ dz[0].reshape(-1, filters)


# ---- 5. network_in_budget


@misconception(
    function="network_in_budget",
    loses="network_in_budget_by_hand",
    section=LENET,
    hint="Your network is far too large. In which of its layers are most of its parameters?",
)
def lenet_as_it_is(x, y, classes, seed):
    """LeNet-5 is a small network."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Conv2D(6, 5, padding="same", activation="tanh"), keras.layers.AveragePooling2D(2)]
    layers += [keras.layers.Conv2D(16, 5, activation="tanh"), keras.layers.AveragePooling2D(2), keras.layers.Flatten()]
    layers += [keras.layers.Dense(120, activation="tanh"), keras.layers.Dense(84, activation="tanh")]
    layers += [keras.layers.Dense(classes, activation="softmax")]
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(x, y, batch_size=30, epochs=4, verbose=0)
    return model


@misconception(
    function="network_in_budget",
    loses="network_in_budget_by_hand",
    section=PRICES,
    hint="Your parameters are in the budget, your work is not. Which factor of the formula for the multiply-adds is not "
    "in the formula for the parameters?",
)
def few_parameters_much_work(x, y, classes, seed):
    """A network with few parameters does little work."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = []
    for filters in (8, 16):
        layers += [keras.layers.Conv2D(filters, 3, padding="same", activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.MaxPooling2D(2), keras.layers.Flatten(), keras.layers.Dense(classes, activation="softmax")]
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(x, y, batch_size=30, epochs=4, verbose=0)
    return model


@misconception(
    function="network_in_budget",
    loses="network_in_budget_by_hand",
    section=FURTHER,
    hint="Your network knows what is in an image, but not where. Which of your layers forgets the place?",
)
def place_averaged_away(x, y, classes, seed):
    """Global average pooling saves the parameters of the classifier."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Conv2D(16, 5, strides=2, activation="relu"), keras.layers.GlobalAveragePooling2D()]
    layers += [keras.layers.Dense(classes, activation="softmax")]
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(x, y, batch_size=30, epochs=8, verbose=0)
    return model


@misconception(
    function="network_in_budget",
    loses="network_in_budget_by_hand",
    section=LENET,
    hint="Your network reads the images well, but its answers are no probabilities: some are negative. The networks of the "
    "chapter leave the softmax to the loss; does this question?",
)
def logits_as_in_the_chapter(x, y, classes, seed):
    """The last layer gives logits, and softmax is a part of the loss."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Conv2D(8, 5, strides=2, activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Conv2D(16, 3, activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(classes)]
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.005), loss, jit_compile=False)
    model.fit(x, y, batch_size=30, epochs=8, verbose=0)
    return model


@misconception(
    function="network_in_budget",
    loses="network_in_budget_by_hand",
    section=LENET,
    hint="Your network always has ten outputs. How many classes are there in the example?",
)
def always_ten_classes(x, y, classes, seed):
    """A network for images ends with ten units."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Conv2D(8, 5, strides=2, activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Conv2D(16, 3, activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(x, y, batch_size=30, epochs=8, verbose=0)
    return model


@misconception(
    function="network_in_budget",
    loses="network_in_budget_by_hand",
    section=TABLE,
    hint="Your network is in the budget and has hardly begun to learn. How many steps does it take, and how large are they?",
)
def stopped_too_early(x, y, classes, seed):
    """One pass with the defaults is a training."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Conv2D(8, 5, strides=2, activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Conv2D(16, 3, activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(classes, activation="softmax")]
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(x, y, epochs=1, verbose=0)
    return model
