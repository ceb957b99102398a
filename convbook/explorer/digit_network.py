"""A trained network as a file of JSON that a page can run, and `digit_network()`, which shows one that reads drawn digits."""

import base64
import json
from pathlib import Path

import numpy as np

from convbook.explorer.scripts import inline_script
from convbook.explorer.static import network_form

COMMITTED = Path(__file__).parent / "digit_network.json"
MAPS = ("Conv2D", "MaxPooling2D")  # layers whose maps are shown, after the normalisation and the activation that follow
ACTIVATIONS = ("linear", "relu", "softmax")


def export_network(model, path, **notes):
    """Writes a chain of Keras layers that reads digits (28, 28, 1) as JSON: 32-bit weights in base64; returns the bytes.

    The layers may be Conv2D, BatchNormalization, ReLU, MaxPooling2D, GlobalAveragePooling2D, Flatten and Dense, with no
    activation, relu or, at the end, softmax; Dropout is left out. `notes` are kept beside the layers: accuracy=0.99.
    ValueError for anything else.
    """
    if tuple(model.input_shape[1:]) != (28, 28, 1) or tuple(model.output_shape[1:]) != (10,):
        shapes = f"{model.input_shape} -> {model.output_shape}"
        raise ValueError(f"A network for digits must lead from (N, 28, 28, 1) to (N, 10). Received: {shapes}")
    layers = [exported(layer) for layer in model.layers if type(layer).__name__ not in ("InputLayer", "Dropout")]
    text = json.dumps({"layers": layers, **notes})
    Path(path).write_text(text + "\n", encoding="utf-8")
    return len(text) + 1


def exported(layer):
    """One layer as a dictionary; ValueError where the page could not compute it."""
    kind = type(layer).__name__
    if kind not in EXPORTS:
        raise ValueError(f"Layers must be some of {', '.join(EXPORTS)} or Dropout. Received: {kind}")
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if activation not in ACTIVATIONS:
        raise ValueError(f"Activations must be some of {', '.join(ACTIVATIONS)}. Received: {activation} in {layer.name}")
    return {"type": kind, "activation": activation, "shape": list(layer.output.shape[1:]), **EXPORTS[kind](layer)}


def packed(array):
    """Numbers as 32-bit floats in base64, the first byte the smallest part."""
    return base64.b64encode(np.asarray(array).astype("<f4").tobytes()).decode()


def weights_of(layer):
    """Kernel and bias of a layer; a bias that it does not have is 0."""
    arrays = [np.asarray(variable, np.float32) for variable in layer.get_weights()]
    bias = arrays[1] if layer.use_bias else np.zeros(arrays[0].shape[-1])
    return {"kernel": packed(arrays[0]), "bias": packed(bias)}


def convolution(layer):
    """A convolution: without dilation, without groups."""
    if layer.dilation_rate != (1, 1) or layer.groups != 1:
        raise ValueError(f"Convolutions must have dilation 1 and one group. Received: {layer.dilation_rate}, {layer.groups}")
    return {"size": list(layer.kernel_size), "strides": list(layer.strides), "padding": layer.padding, **weights_of(layer)}


def normalisation(layer):
    """A normalisation in inference is y = scale * x + offset: one pair a channel."""
    names = {"gamma": 1.0, "beta": 0.0, "moving_mean": 0.0, "moving_variance": 1.0}
    values = {name: getattr(layer, name, None) for name in names}
    gamma, beta, mean, variance = (
        names[name] if value is None else np.asarray(value, float) for name, value in values.items()
    )
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return {"scale": packed(scale), "offset": packed(beta - mean * scale)}


def plain_relu(layer):
    """A ReLU without a slope, a threshold or a largest value."""
    if layer.max_value is not None or layer.negative_slope or layer.threshold:
        raise ValueError(f"A ReLU must be max(0, x). Received: {layer.get_config()}")
    return {}


EXPORTS = {
    "Conv2D": convolution,
    "BatchNormalization": normalisation,
    "ReLU": plain_relu,
    "MaxPooling2D": lambda layer: {"size": list(layer.pool_size), "strides": list(layer.strides), "padding": layer.padding},
    "GlobalAveragePooling2D": lambda layer: {},
    "Flatten": lambda layer: {},
    "Dense": weights_of,
}


def digit_network(path=None):
    """An element that reads the digit which you draw, and shows every map on the way; for the end of a notebook's cell.

    `path` is a file of `export_network`; without it, the network that comes with the package.
    """
    return DigitNetwork(json.loads(Path(path or COMMITTED).read_text(encoding="utf-8")))


class DigitNetwork:
    """The element with its network: `_repr_mimebundle_` is what a notebook shows."""

    def __init__(self, network):
        self.network = network

    def __repr__(self):
        """One sentence, the same each time."""
        return f"[digit network] {self.sentence()}"

    def stages(self):
        """(type, shape) of the maps that are shown."""
        return [(layer["type"], tuple(layer["shape"])) for layer in self.network["layers"] if layer["type"] in MAPS]

    def sentence(self):
        """The layers in words."""
        names = {"Conv2D": "convolution", "MaxPooling2D": "max pooling"}
        maps = ", ".join(f"{names[kind]} {height} × {width} × {depth}" for kind, (height, width, depth) in self.stages())
        return f"from a drawn digit of 28 × 28 pixels over {maps} to ten probabilities"

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The sentence, and the element with its weights, its static form and its script."""
        weights = f'<script type="application/json">{json.dumps(self.network)}</script>'
        static = network_form(self.sentence(), self.stages())
        element = static.replace("<digit-network>", f"<digit-network>{weights}")
        return {"text/plain": repr(self), "text/html": f"{element}\n{inline_script('digit-network')}"}
