"""What every layer has in common: weights in Keras' order, a forward and a backward pass."""

import numpy as np


def glorot_uniform(rng, shape):
    """Random weights (…, C, F) between ±sqrt(6 / (fan_in + fan_out)). Glorot and Bengio (2010)."""
    area = int(np.prod(shape[:-2]))
    limit = np.sqrt(6 / (area * (shape[-2] + shape[-1])))
    return rng.uniform(-limit, limit, shape).astype(np.float32)


class Layer:
    """A function with weights: y = forward(x), dx = backward(dy)."""

    trainable_count = 0  # how many of the weights are trained; the others follow them

    def __init__(self):
        self.weights, self.gradients, self.built = [], [], False

    def build(self, input_shape, rng):
        """Makes the weights for inputs (N, …) of this shape."""
        self.built = True

    def backward_weights(self, dy):
        """Fills `gradients` only: all that the first layer of a network needs."""
        self.backward(dy)

    def get_weights(self):
        """Copies of the arrays, in Keras' order."""
        return [array.copy() for array in self.weights]

    def set_weights(self, arrays):
        """Takes arrays in Keras' order; ValueError if their shapes are not those of the layer."""
        received, expected = [np.shape(a) for a in arrays], [a.shape for a in self.weights]
        if received != expected:
            raise ValueError(f"{type(self).__name__} must get arrays of the shapes {expected}. Received: {received}")
        self.weights = [np.array(a, old.dtype) for a, old in zip(arrays, self.weights)]

    @property
    def trainable_weights(self):
        """The arrays that `gradients` belong to."""
        return self.weights[: self.trainable_count]

    def count_params(self):
        """How many numbers the weights hold."""
        return sum(array.size for array in self.weights)
