"""Layers with Keras' names: each knows its weights, computes forward, and sends gradients backward.

A layer's `weights` are its arrays in Keras' order, so `ours.set_weights(theirs.get_weights())` carries them over, and
back. `forward` keeps what `backward` needs; `backward` fills `gradients`, one for each trainable array.
"""

import numpy as np

from convbook import pooling
from convbook.activations import relu, relu_backward, softmax
from convbook.batch_normalization import EPSILON, batch_normalization, batch_normalization_backward, moments
from convbook.conv import conv2d, conv2d_backward_input, conv2d_backward_kernel
from convbook.layer import Layer, glorot_uniform
from convbook.shapes import pair, pairs


class Conv2D(Layer):
    """y = conv2d(x, kernel, bias); see `convbook.conv2d`."""

    trainable_count = 2

    def __init__(self, filters, kernel_size, strides=1, padding="valid", dilation_rate=1, groups=1):
        super().__init__()
        self.filters, self.padding, self.groups = filters, padding, groups
        self.kernel_size, self.strides, self.dilation_rate = pairs(
            kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate
        )
        self.options = {"strides": self.strides, "padding": padding, "dilation_rate": self.dilation_rate, "groups": groups}

    def build(self, input_shape, rng):
        kernel = glorot_uniform(rng, (*self.kernel_size, input_shape[-1] // self.groups, self.filters))
        self.weights, self.built = [kernel, np.zeros(self.filters, np.float32)], True

    def forward(self, x, training=False):
        self.x = x
        return conv2d(x, *self.weights, **self.options)

    def backward_weights(self, dy):
        self.gradients = list(conv2d_backward_kernel(dy, self.x, self.weights[0], **self.options))

    def backward(self, dy):
        self.backward_weights(dy)
        return conv2d_backward_input(dy, self.x, self.weights[0], **self.options)


class Dense(Layer):
    """y = x @ kernel + bias: x (N, C) -> y (N, units)."""

    trainable_count = 2

    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, input_shape, rng):
        kernel = glorot_uniform(rng, (input_shape[-1], self.units))
        self.weights, self.built = [kernel, np.zeros(self.units, np.float32)], True

    def forward(self, x, training=False):
        self.x = x
        return x @ self.weights[0] + self.weights[1]

    def backward_weights(self, dy):
        self.gradients = [self.x.T @ dy, dy.sum(axis=0)]

    def backward(self, dy):
        self.backward_weights(dy)
        return dy @ self.weights[0].T


class ReLU(Layer):
    """y = max(0, x)."""

    def forward(self, x, training=False):
        self.x = x
        return relu(x)

    def backward(self, dy):
        return relu_backward(dy, self.x)


class Softmax(Layer):
    """Probabilities along the last axis. For training, leave it out: the loss takes logits."""

    def forward(self, x, training=False):
        self.y = softmax(x)
        return self.y

    def backward(self, dy):
        return self.y * (dy - (dy * self.y).sum(axis=-1, keepdims=True))


class Flatten(Layer):
    """(N, H, W, C) -> (N, H * W * C), row after row."""

    def forward(self, x, training=False):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy):
        return dy.reshape(self.shape)


class Pooling2D(Layer):
    """What the pooling layers have in common: a function of `convbook.pooling` and its backward pass."""

    def __init__(self, pool_size=2, strides=None, padding="valid"):
        super().__init__()
        self.pool_size, self.padding = pair(pool_size, "pool_size"), padding
        self.strides = self.pool_size if strides is None else pair(strides, "strides")
        self.options = {"pool_size": self.pool_size, "strides": self.strides, "padding": padding}

    def forward(self, x, training=False):
        self.x = x
        return self.function(x, **self.options)

    def backward(self, dy):
        return self.derivative(dy, self.x, **self.options)


class MaxPooling2D(Pooling2D):
    """The largest value of each window."""

    function = staticmethod(pooling.max_pool2d)

    def forward(self, x, training=False):
        self.y = super().forward(x)
        return self.y

    def backward(self, dy):
        return pooling.max_pool2d_backward(dy, self.x, **self.options, y=self.y)


class AveragePooling2D(Pooling2D):
    """The mean of each window."""

    function, derivative = staticmethod(pooling.average_pool2d), staticmethod(pooling.average_pool2d_backward)


class GlobalPooling2D(Pooling2D):
    """What the global pooling layers have in common: the window is the whole map."""

    def __init__(self):
        Layer.__init__(self)
        self.options = {}


class GlobalMaxPooling2D(GlobalPooling2D):
    """The largest value of each map: (N, H, W, C) -> (N, C)."""

    function, derivative = staticmethod(pooling.global_max_pool2d), staticmethod(pooling.global_max_pool2d_backward)


class GlobalAveragePooling2D(GlobalPooling2D):
    """The mean of each map: (N, H, W, C) -> (N, C)."""

    function, derivative = staticmethod(pooling.global_average_pool2d), staticmethod(pooling.global_average_pool2d_backward)


class Dropout(Layer):
    """In training, sets a share `rate` of the numbers to 0 and divides the others by 1 - rate. Srivastava et al. (2014)."""

    def __init__(self, rate, seed=None):
        super().__init__()
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be at least 0 and less than 1. Received: rate={rate!r}")
        self.rate, self.seed, self.rng = rate, seed, np.random.default_rng(seed)

    def build(self, input_shape, rng):
        if self.seed is None:  # two layers of one network drop different numbers, and a seeded network the same each time
            self.rng = np.random.default_rng(rng.integers(2**63))
        self.built = True

    def forward(self, x, training=False):
        keep = self.rng.random(x.shape, np.float32) >= self.rate if training else np.ones((), bool)
        self.factor = (keep / (1 - self.rate if training else 1)).astype(x.dtype)
        return x * self.factor

    def backward(self, dy):
        return dy * self.factor


class BatchNormalization(Layer):
    """Each channel with mean beta and standard deviation gamma over the batch; see `convbook.batch_normalization`.

    Weights: gamma, beta, moving mean, moving variance. Training uses the batch's moments and moves the averages a
    little, by 1 - momentum; inference uses the averages.
    """

    trainable_count = 2

    def __init__(self, momentum=0.99, epsilon=EPSILON):
        super().__init__()
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, input_shape, rng):
        ones, zeros = np.ones(input_shape[-1], np.float32), np.zeros(input_shape[-1], np.float32)
        self.weights, self.built = [ones, zeros, zeros.copy(), ones.copy()], True

    def forward(self, x, training=False):
        gamma, beta, *averages = self.weights
        self.x, self.training = x, training
        self.moments = moments(x) if training else averages
        if training:
            mixed = [self.momentum * old + (1 - self.momentum) * new for old, new in zip(averages, self.moments)]
            self.weights[2:] = [new.astype(old.dtype) for new, old in zip(mixed, averages)]
        return batch_normalization(x, gamma, beta, *self.moments, self.epsilon)

    def backward(self, dy):
        gamma, _, mean, variance = self.weights
        if self.training:
            dx, *self.gradients = batch_normalization_backward(dy, self.x, gamma, self.epsilon, self.moments)
            return dx
        axes = tuple(range(dy.ndim - 1))
        scale = 1 / np.sqrt(variance + self.epsilon)
        self.gradients = [(dy * (self.x - mean) * scale).sum(axis=axes), dy.sum(axis=axes)]
        return dy * (gamma * scale)
