"""Wrong answers to assignment 03, as students write them. nbgrader does not release this file.

The name of a function is the name of the misconception, its docstring the idea behind it. `loses` names the test
that is meant for it. A hint says what went wrong and what to read again, never the answer.
"""

import numpy as np

from convbook.course.misconceptions import misconception

DEEP = "A filter is as deep as its input"
MANY = "Many filters, many feature maps"
POINT = "1×1 convolution: a dense layer on each pixel"
COUNT = "Counting parameters and multiply-adds"
GROUPS = "Grouped convolution"
DEPTH = "Depthwise convolution"
SEPARABLE = "Separable convolution"
ORDER = "Where the channels stand: NHWC and NCHW"


# ---- 1. depthwise_with_multiplier


@misconception(
    function="depthwise_with_multiplier",
    loses="depthwise_with_multiplier_by_hand",
    section=DEPTH,
    hint="All feature maps are there, but in another order. Which maps stand next to each other in the question: those of "
    "one channel or those of one kernel number?",
)
def maps_ordered_by_kernel(x, w):
    """First kernel 0 of all channels, then kernel 1 of all channels."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[:2], axis=(1, 2))
    return np.concatenate([np.einsum("nijcpq,pqc->nijc", windows, w[..., d]) for d in range(w.shape[3])], axis=3)


@misconception(
    function="depthwise_with_multiplier",
    loses="depthwise_with_multiplier_by_hand",
    section=DEPTH,
    hint="Your result has too few maps, because you add something up over the channels. What distinguishes a depthwise "
    "convolution from an ordinary one?",
)
def channels_added(x, w):
    """Every convolution adds up its channels."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[:2], axis=(1, 2))
    return np.einsum("nijcpq,pqcd->nijd", windows, w)


@misconception(
    function="depthwise_with_multiplier",
    loses="depthwise_with_multiplier_by_hand",
    section=DEPTH,
    hint="Your result has one map for each channel. The kernels of a channel ask different questions, and each of them "
    "needs a map of its own.",
)
def kernels_of_a_channel_added(x, w):
    """A channel comes in and a channel comes out, so the answers of its kernels are added."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[:2], axis=(1, 2))
    return np.einsum("nijcpq,pqcd->nijc", windows, w)


@misconception(
    function="depthwise_with_multiplier",
    loses="depthwise_with_multiplier_by_hand",
    section=DEPTH,
    hint="The maps of the first channel are right. Which kernels do your other channels use?",
)
def same_kernels_for_every_channel(x, w):
    """All channels share their kernels."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[:2], axis=(1, 2))
    y = np.einsum("nijcpq,pqd->nijcd", windows, w[:, :, 0])
    return y.reshape(*y.shape[:3], -1)


@misconception(
    function="depthwise_with_multiplier",
    loses="depthwise_with_multiplier_by_hand",
    section=DEEP,
    hint="Your kernels are turned by 180°. The formula adds the index of the kernel to the index of the pixel.",
)
def depthwise_kernels_flipped(x, w):
    """A convolution flips its kernels."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[:2], axis=(1, 2))
    y = np.einsum("nijcpq,pqcd->nijcd", windows, w[::-1, ::-1])
    return y.reshape(*y.shape[:3], -1)


@misconception(
    function="depthwise_with_multiplier",
    loses="depthwise_with_multiplier_laws",
    section=DEPTH,
    hint="Your result has the type of the images. What happens to a sum that is not a whole number, or larger than 255, "
    "when it is stored in such an array?",
)
def stored_in_the_type_of_the_images(x, w):
    """Feature maps have the type of the images."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[:2], axis=(1, 2))
    y = np.einsum("nijcpq,pqcd->nijcd", windows, w)
    return y.reshape(*y.shape[:3], -1).astype(x.dtype)


@misconception(
    function="depthwise_with_multiplier",
    loses="depthwise_with_multiplier_laws",
    section=DEPTH,
    hint="Your function is right for one image. What does the first axis of the images hold?",
)
def first_image_for_all(x, w):
    """A batch is one image."""
    windows = np.lib.stride_tricks.sliding_window_view(x[:1].astype(float), w.shape[:2], axis=(1, 2))
    y = np.einsum("nijcpq,pqcd->nijcd", windows, w).repeat(len(x), axis=0)
    return y.reshape(*y.shape[:3], -1)


@misconception(
    function="depthwise_with_multiplier",
    loses="depthwise_with_multiplier_laws",
    section=DEPTH,
    hint="The number of kernels for each channel is not always equal to the number of channels. Which axis of the weights "
    "tells you where the maps of the next channel start?",
)
def places_counted_in_channels(x, w):
    """The maps of channel c start at place c times the number of channels."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[:2], axis=(1, 2))
    channels, multiplier = w.shape[2:]
    y = np.zeros((*windows.shape[:3], channels * multiplier))
    for c in range(channels):
        for d in range(multiplier):
            y[..., c * channels + d] = np.einsum("nijpq,pq->nij", windows[:, :, :, c], w[:, :, c, d])
    return y


# ---- 2. grouped_channels_first


@misconception(
    function="grouped_channels_first",
    loses="grouped_channels_first_by_hand",
    section=GROUPS,
    hint="Your groups take channels that are far apart. Which channels form a group in the question?",
)
def every_other_channel(x, w, b, groups):
    """The channels are dealt out to the groups one by one, like cards."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[2:], axis=(2, 3))
    size = w.shape[0] // groups
    maps = [np.einsum("ncijpq,fcpq->nfij", windows[:, g::groups], w[g * size : (g + 1) * size]) for g in range(groups)]
    return np.concatenate(maps, axis=1) + b[:, None, None]


@misconception(
    function="grouped_channels_first",
    loses="grouped_channels_first_by_hand",
    section=GROUPS,
    hint="All of your filters read the same channels. What do the filters of the last group read?",
)
def first_channels_for_all(x, w, b, groups):
    """A filter of a certain depth reads that many channels from the start."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[2:], axis=(2, 3))
    return np.einsum("ncijpq,fcpq->nfij", windows[:, : w.shape[1]], w) + b[:, None, None]


@misconception(
    function="grouped_channels_first",
    loses="grouped_channels_first_by_hand",
    section=ORDER,
    hint="You reach the order with the channels last by a reshape. The shape is right afterwards; are the pixels where "
    "they were?",
)
def images_reshaped(x, w, b, groups):
    """A reshape puts the axes into another order."""
    n, channels, height, width = x.shape
    windows = np.lib.stride_tricks.sliding_window_view(
        x.reshape(n, height, width, channels).astype(float), w.shape[2:], axis=(1, 2)
    )
    depth, size = w.shape[1], w.shape[0] // groups
    maps = []
    for g in range(groups):
        inputs = windows[:, :, :, g * depth : (g + 1) * depth]
        maps.append(np.einsum("nijcpq,fcpq->nfij", inputs, w[g * size : (g + 1) * size]))
    return np.concatenate(maps, axis=1) + b[:, None, None]


@misconception(
    function="grouped_channels_first",
    loses="grouped_channels_first_by_hand",
    section=ORDER,
    hint="The images are read correctly, but the weights are mixed up. Check which number of the given weights your "
    "function uses for filter 0, channel 1.",
)
def weights_reshaped(x, w, b, groups):
    """A reshape brings weights into the order of this book."""
    filters, depth, kh, kw = w.shape
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), (kh, kw), axis=(2, 3))
    w, size = w.reshape(kh, kw, depth, filters), filters // groups
    maps = []
    for g in range(groups):
        inputs = windows[:, g * depth : (g + 1) * depth]
        maps.append(np.einsum("ncijpq,pqcf->nfij", inputs, w[..., g * size : (g + 1) * size]))
    return np.concatenate(maps, axis=1) + b[:, None, None]


@misconception(
    function="grouped_channels_first",
    loses="grouped_channels_first_by_hand",
    section=MANY,
    hint="You add the bias inside the sum over the channels, so a filter adds it several times.",
)
def bias_for_each_kernel(x, w, b, groups):
    """Each kernel of a filter brings the bias along."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[2:], axis=(2, 3))
    depth, size = w.shape[1], w.shape[0] // groups
    maps = []
    for g in range(groups):
        inputs = windows[:, g * depth : (g + 1) * depth]
        maps.append(np.einsum("ncijpq,fcpq->nfij", inputs, w[g * size : (g + 1) * size]))
    return np.concatenate(maps, axis=1) + depth * b[:, None, None]


@misconception(
    function="grouped_channels_first",
    loses="grouped_channels_first_by_hand",
    section=MANY,
    hint="Your biases go along a row of the image. To which axis of the result does a bias belong, and where does that "
    "axis stand here?",
)
def bias_along_the_last_axis(x, w, b, groups):
    """The filters are always the last axis, so the biases can be added as they are."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[2:], axis=(2, 3))
    depth, size = w.shape[1], w.shape[0] // groups
    maps = []
    for g in range(groups):
        inputs = windows[:, g * depth : (g + 1) * depth]
        maps.append(np.einsum("ncijpq,fcpq->nfij", inputs, w[g * size : (g + 1) * size]))
    return np.concatenate(maps, axis=1) + b


@misconception(
    function="grouped_channels_first",
    loses="grouped_channels_first_by_hand",
    section=ORDER,
    hint="The numbers are right, but your result has its channels last. Which shape does the question ask for?",
)
def result_with_channels_last(x, w, b, groups):
    """Feature maps always stand on the last axis."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[2:], axis=(2, 3))
    depth, size = w.shape[1], w.shape[0] // groups
    maps = []
    for g in range(groups):
        inputs = windows[:, g * depth : (g + 1) * depth]
        maps.append(np.einsum("ncijpq,fcpq->nijf", inputs, w[g * size : (g + 1) * size]))
    return np.concatenate(maps, axis=3) + b


@misconception(
    function="grouped_channels_first",
    loses="grouped_channels_first_laws",
    section=GROUPS,
    hint="The example has one filter in each group. With more filters than that, how many neighbouring filters read the "
    "same channels?",
)
def filters_take_turns(x, w, b, groups):
    """Filter 0 belongs to group 0, filter 1 to group 1, and after the last group it starts again."""
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w.shape[2:], axis=(2, 3))
    depth = w.shape[1]
    maps = []
    for f in range(w.shape[0]):
        first = f % groups * depth
        maps.append(np.einsum("ncijpq,cpq->nij", windows[:, first : first + depth], w[f]) + b[f])
    return np.stack(maps, axis=1)


# ---- 3. shuffle_channels


@misconception(
    function="shuffle_channels",
    loses="shuffle_channels_by_hand",
    section=GROUPS,
    hint="You confuse the number of groups with the size of a group. How many channels has a group in the example, and how "
    "many channels has a round of your new order?",
)
def groups_and_size_exchanged(x, groups):
    """The number of groups is the number of channels in a group."""
    n, height, width, channels = x.shape
    return x.reshape(n, height, width, channels // groups, groups).swapaxes(3, 4).reshape(x.shape).copy()


@misconception(
    function="shuffle_channels",
    loses="shuffle_channels_by_hand",
    section=GROUPS,
    hint="Your groups change places, but each of them stays together. A group of the next layer would still read one old "
    "group only.",
)
def groups_reversed(x, groups):
    """To shuffle is to put the groups in another order."""
    n, height, width, channels = x.shape
    return x.reshape(n, height, width, groups, channels // groups)[:, :, :, ::-1].reshape(x.shape).copy()


@misconception(
    function="shuffle_channels",
    loses="shuffle_channels_by_hand",
    section=ORDER,
    hint="Your reshape cuts the whole array into pieces, and numbers move to other pixels. Only the last axis may be cut.",
)
def whole_array_cut(x, groups):
    """A reshape that starts with the groups cuts the channels into groups."""
    n, height, width, channels = x.shape
    cut = x.reshape(groups, channels // groups, n, height, width)
    return cut.swapaxes(0, 1).reshape(channels, n, height, width).transpose(1, 2, 3, 0).copy()


@misconception(
    function="shuffle_channels",
    loses="shuffle_channels_by_hand",
    section=GROUPS,
    hint="The order of your channels is random. The question gives a rule, and a network that is loaded again has to find "
    "each channel at its place.",
)
def order_drawn_at_random(x, groups):
    """To shuffle means to draw an order at random."""
    return x[..., np.random.default_rng(0).permutation(x.shape[3])]


@misconception(
    function="shuffle_channels",
    loses="shuffle_channels_laws",
    section=GROUPS,
    hint="Your function takes turns between the first half and the second half. What if there are three groups?",
)
def always_two_halves(x, groups):
    """To shuffle means to take turns between two halves."""
    half = (x.shape[3] + 1) // 2
    shuffled = np.zeros_like(x)
    shuffled[..., ::2], shuffled[..., 1::2] = x[..., :half], x[..., half:]
    return shuffled


@misconception(
    function="shuffle_channels",
    loses="shuffle_channels_by_hand",
    section=GROUPS,
    hint="The new order is right, but the images of the caller are not what they were before: your function wrote into its "
    "argument.",
)
def shuffled_in_place(x, groups):
    """An argument belongs to the function, so it can be changed."""
    n, height, width, channels = x.shape
    x[:] = x.reshape(n, height, width, groups, channels // groups).swapaxes(3, 4).reshape(x.shape).copy()
    return x.copy()


@misconception(
    function="shuffle_channels",
    loses="shuffle_channels_laws",
    section=GROUPS,
    hint="Your order is made for six channels in two groups. Which of its numbers change when there are three groups?",
)
def order_of_the_example(x, groups):
    """The order of the example is the order for every image of the same depth or more."""
    order = list(range(x.shape[3]))
    if len(order) >= 6:
        order[:6] = [0, 3, 1, 4, 2, 5]
    return x[..., order]


# ---- 4. fold_1x1


@misconception(
    function="fold_1x1",
    loses="fold_1x1_by_hand",
    section=POINT,
    hint="Your weights are right, but the biases of the first layer are lost. Follow one of them through the 1×1 layer.",
)
def first_biases_forgotten(u, a, v, e):
    """Only the last layer's biases reach the output."""
    return u.astype(float) @ v, e.astype(float)


@misconception(
    function="fold_1x1",
    loses="fold_1x1_by_hand",
    section=POINT,
    hint="You add the biases of the first layer as they are. Every number between the layers is multiplied by something "
    "before it reaches the output.",
)
def first_biases_not_weighted(u, a, v, e):
    """Biases are added, so their sum is the new bias."""
    return u.astype(float) @ v, a.astype(float).sum() + e


@misconception(
    function="fold_1x1",
    loses="fold_1x1_by_hand",
    section=MANY,
    hint="You set negative biases of the first layer to 0, as a ReLU would do. What does the question say stands between "
    "the layers?",
)
def relu_in_between(u, a, v, e):
    """Between two layers there is always a ReLU."""
    return u.astype(float) @ v, np.maximum(a.astype(float), 0) @ v + e


@misconception(
    function="fold_1x1",
    loses="fold_1x1_by_hand",
    section=POINT,
    hint="The weights of the 1×1 layer have the wrong axis first in your function, and you have made the shapes fit by a "
    "reshape.",
)
def mixing_weights_reshaped(u, a, v, e):
    """The weights of a dense layer are one row for each output."""
    rows = v.astype(float).reshape(v.shape[1], v.shape[0])
    return u @ rows.T, rows @ a + e


@misconception(
    function="fold_1x1",
    loses="fold_1x1_by_hand",
    section=POINT,
    hint="Your weights come from one channel between the layers only. Each output of the 1×1 layer reads all of them.",
)
def first_channel_in_between_only(u, a, v, e):
    """A kernel of one pixel multiplies one number."""
    return u[..., :1].astype(float) * v[0], a[0] * v[0].astype(float) + e


@misconception(
    function="fold_1x1",
    loses="fold_1x1_by_hand",
    section=POINT,
    hint="You divide by the number of channels between the layers. Is there a mean in the formulas?",
)
def mean_over_the_channels_in_between(u, a, v, e):
    """The channels between the layers are averaged."""
    return u.astype(float) @ v / len(a), a.astype(float) @ v / len(a) + e


@misconception(
    function="fold_1x1",
    loses="fold_1x1_laws",
    section=POINT,
    hint="Your result loses everything after the decimal point when the first layer holds integers and the second does "
    "not. Which type do the arrays have in which you collect the sums?",
)
def stored_in_the_type_of_the_first_layer(u, a, v, e):
    """The new layer has the type of the first layer."""
    return (u @ v).astype(u.dtype), (a @ v + e).astype(a.dtype)


@misconception(
    function="fold_1x1",
    loses="fold_1x1_laws",
    section=DEEP,
    hint="In the example all kernels are a single pixel of a single channel. With larger kernels yours are turned by 180°.",
)
def merged_kernels_flipped(u, a, v, e):
    """Two layers in a row are merged by a convolution, and a convolution flips."""
    return (u[::-1, ::-1].astype(float) @ v), a.astype(float) @ v + e


# ---- 5. network_cost


@misconception(
    function="network_cost",
    loses="network_cost_by_hand",
    section=COUNT,
    hint="Your multiply-adds are right, but some parameters are missing. What does each filter add to every pixel of its map?",
)
def biases_not_counted(shape, layers):
    """Parameters are weights."""
    (height, width, channels), parameters, work = shape, 0, 0
    for kh, kw, filters, groups in layers:
        height, width = height - kh + 1, width - kw + 1
        weights = kh * kw * (channels // groups) * filters
        parameters, work, channels = parameters + weights, work + height * width * weights, filters
    return parameters, work


@misconception(
    function="network_cost",
    loses="network_cost_by_hand",
    section=COUNT,
    hint="Your parameters are right. For the multiply-adds you count the places of the input. At how many places does a "
    "kernel fit?",
)
def places_of_the_input(shape, layers):
    """A kernel works at every pixel of the image."""
    (height, width, channels), parameters, work = shape, 0, 0
    for kh, kw, filters, groups in layers:
        weights = kh * kw * (channels // groups) * filters
        parameters, work, channels = parameters + weights + filters, work + height * width * weights, filters
        height, width = height - kh + 1, width - kw + 1
    return parameters, work


@misconception(
    function="network_cost",
    loses="network_cost_by_hand",
    section=COUNT,
    hint="You count a bias for each pixel of a feature map. How many biases does a filter have, whatever the size of the "
    "image?",
)
def bias_for_each_pixel(shape, layers):
    """Each pixel of the output has its own bias."""
    (height, width, channels), parameters, work = shape, 0, 0
    for kh, kw, filters, groups in layers:
        height, width = height - kh + 1, width - kw + 1
        weights = kh * kw * (channels // groups) * filters
        parameters, work = parameters + weights + height * width * filters, work + height * width * weights
        channels = filters
    return parameters, work


@misconception(
    function="network_cost",
    loses="network_cost_by_hand",
    section=GROUPS,
    hint="You count a grouped layer as if every filter read every channel. How deep is a filter of a grouped layer?",
)
def groups_ignored(shape, layers):
    """Groups change the order of the work, not its amount."""
    (height, width, channels), parameters, work = shape, 0, 0
    for kh, kw, filters, _ in layers:
        height, width = height - kh + 1, width - kw + 1
        weights = kh * kw * channels * filters
        parameters, work, channels = parameters + weights + filters, work + height * width * weights, filters
    return parameters, work


@misconception(
    function="network_cost",
    loses="network_cost_by_hand",
    section=GROUPS,
    hint="You divide twice. A group has fewer channels and fewer filters, but how many such groups are there?",
)
def one_group_counted(shape, layers):
    """Groups divide the channels and the filters, so the cost is divided twice."""
    (height, width, channels), parameters, work = shape, 0, 0
    for kh, kw, filters, groups in layers:
        height, width = height - kh + 1, width - kw + 1
        weights = kh * kw * (channels // groups) * (filters // groups)
        parameters, work, channels = parameters + weights + filters, work + height * width * weights, filters
    return parameters, work


@misconception(
    function="network_cost",
    loses="network_cost_by_hand",
    section=MANY,
    hint="Your second layer reads as many channels as the image has. How many channels come out of the first layer?",
)
def channels_of_the_image_for_all_layers(shape, layers):
    """All layers read the channels of the image."""
    (height, width, channels), parameters, work = shape, 0, 0
    for kh, kw, filters, groups in layers:
        height, width = height - kh + 1, width - kw + 1
        weights = kh * kw * (channels // groups) * filters
        parameters, work = parameters + weights + filters, work + height * width * weights
    return parameters, work


@misconception(
    function="network_cost",
    loses="network_cost_by_hand",
    section=COUNT,
    hint="Your parameters are right. A bias is added once at each place, but it is not multiplied by anything.",
)
def biases_as_multiply_adds(shape, layers):
    """Each parameter makes one multiply-add at each place."""
    (height, width, channels), parameters, work = shape, 0, 0
    for kh, kw, filters, groups in layers:
        height, width = height - kh + 1, width - kw + 1
        layer = (kh * kw * (channels // groups) + 1) * filters
        parameters, work, channels = parameters + layer, work + height * width * layer, filters
    return parameters, work


@misconception(
    function="network_cost",
    loses="network_cost_laws",
    section=COUNT,
    hint="The first layer is right. Your second layer works on an image that is as large as the first one. Why does this "
    "not show in the example?",
)
def every_layer_on_the_first_map(shape, layers):
    """All layers of a network work on maps of one size, the size after the first layer."""
    (height, width, channels), parameters, work = shape, 0, 0
    places = (height - layers[0][0] + 1) * (width - layers[0][1] + 1)
    for kh, kw, filters, groups in layers:
        weights = kh * kw * (channels // groups) * filters
        parameters, work, channels = parameters + weights + filters, work + places * weights, filters
    return parameters, work
