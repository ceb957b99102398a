"""The work of a Keras model, counted before anything is computed: the multiply-adds of one image."""

import math

# Layers whose output numbers are sums of products with weights.
COUNTED = "Conv1D, Conv2D, Conv3D, DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D, Dense"
FREE = "BatchNormalization, Normalization"  # a factor and a term for each channel: they disappear in the layer beside them


def multiply_adds(model):
    """The multiply-adds of one image through a Keras model, from the shapes of its layers' kernels and outputs.

    Counted are convolutions (strides, padding, dilation, groups; depthwise and separable ones) and dense layers, at
    every call and in nested models; a padded zero is multiplied like any number. Biases, activations, pooling,
    additions, scalings and normalisation count 0. ValueError for a model whose sizes are not known, and for any
    other layer with weights. Chapter 03 derives the formula; He et al. (2015) and Howard et al. (2017) count so.

    >>> from keras import Input, Sequential, layers
    >>> multiply_adds(Sequential([Input((28, 28, 1)), layers.Conv2D(32, 3), layers.Flatten(), layers.Dense(10)]))
    411008
    """
    return sum(layer_multiply_adds(layer, output) for layer, output in calls(model))


def calls(model):
    """(layer, output tensor) of every call on the way from the model's inputs to its outputs, each once."""
    if not getattr(model, "outputs", None):
        raise ValueError(f"The model must be Sequential or Functional, with a known input shape. Received: {model!r}")
    inputs, found, waiting = {id(tensor) for tensor in model.inputs}, {}, list(model.outputs)
    while waiting:
        tensor = waiting.pop()
        operation, place, _ = tensor._keras_history  # the call that made this tensor
        if id(tensor) in inputs or (id(operation), place) in found:
            continue
        found[id(operation), place] = operation, tensor
        waiting += operation._inbound_nodes[place].input_tensors
    return list(found.values())


def layer_multiply_adds(layer, output):
    """The multiply-adds of one call of `layer`, whose output tensor is (N, …)."""
    from keras import Model, layers

    def is_one_of(names):
        return isinstance(layer, tuple(getattr(layers, name) for name in names.split(", ")))

    if isinstance(layer, Model):
        return multiply_adds(layer)
    if not getattr(layer, "weights", None) or is_one_of(FREE):
        return 0
    if not is_one_of(COUNTED):
        raise ValueError(f"A layer with weights must be one of {COUNTED}, {FREE}. Received: {layer!r}")
    if None in output.shape[1:]:
        raise ValueError(f"The sizes of all outputs must be known. Received: {layer.name} gives {tuple(output.shape)}")
    return products(layer, tuple(output.shape[1:]))


def products(layer, shape):
    """Numbers of the output times products in the sum of each; a separable layer does two such steps.

    `shape` is (OH, OW, F), or (F,). A kernel (KH, KW, C / groups, F) has KH * KW * C / groups weights for each number
    of the output, a depthwise one (KH, KW, C, multiplier) has KH * KW.
    """
    if hasattr(layer, "pointwise_kernel"):
        depthwise, pointwise = layer.depthwise_kernel.shape, layer.pointwise_kernel.shape
        places = math.prod(shape[:-1])
        return places * (math.prod(depthwise) + math.prod(pointwise))
    weights = layer.kernel.shape
    if hasattr(layer, "depth_multiplier"):
        return math.prod(shape) * math.prod(weights[:-2])
    return math.prod(shape) * math.prod(weights[:-1])
