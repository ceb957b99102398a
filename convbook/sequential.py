"""A stack of layers, and the loop that trains it."""

import sys
import time

import numpy as np

from convbook.losses import softmax_cross_entropy


class Sequential:
    """Layers one after another: the last one gives logits (N, K), one for each class.

    The methods have Keras' names. `compile` takes an optimizer of `convbook.optimizers`; the loss is
    softmax with cross-entropy on integer labels.
    """

    def __init__(self, layers, seed=0):
        self.layers, self.rng = list(layers), np.random.default_rng(seed)

    def build(self, input_shape):
        """Makes all weights for inputs (N, …) of this shape, by one forward pass of zeros."""
        self.forward(np.zeros((1, *input_shape[1:]), np.float32))

    def forward(self, x, training=False):
        """The logits; a layer that has no weights yet gets random ones."""
        for layer in self.layers:
            if not layer.built:
                layer.build(x.shape, self.rng)
            x = layer.forward(x, training)
        return x

    def backward(self, dy):
        """Sends dy (N, K) back through all layers, which keep their gradients; returns dx."""
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy

    def backward_weights(self, dy):
        """The same for the weights only: nobody asks for the gradient of the images."""
        for layer in reversed(self.layers[1:]):
            dy = layer.backward(dy)
        self.layers[0].backward_weights(dy)

    @property
    def trainable_weights(self):
        """All arrays that are trained, first layer first."""
        return [array for layer in self.layers for array in layer.trainable_weights]

    @property
    def gradients(self):
        """Their gradients, in the same order."""
        return [array for layer in self.layers for array in layer.gradients]

    def get_weights(self):
        """Copies of all arrays, in Keras' order."""
        return [array for layer in self.layers for array in layer.get_weights()]

    def set_weights(self, arrays):
        """Takes all arrays, in Keras' order; ValueError if their number or shapes are not the network's."""
        arrays, weights = list(arrays), [array for layer in self.layers for array in layer.weights]
        received, expected = [np.shape(array) for array in arrays], [array.shape for array in weights]
        if received != expected:
            raise ValueError(
                f"The network must get {len(expected)} arrays (is it built?) of the shapes {expected}. "
                f"Received: {len(received)}, {received}"
            )
        for layer in self.layers:
            layer.set_weights([arrays.pop(0) for _ in layer.weights])

    def count_params(self):
        """How many numbers the weights of all layers hold."""
        return sum(layer.count_params() for layer in self.layers)

    def compile(self, optimizer, label_smoothing=0.0):
        """Says how to train."""
        self.optimizer, self.label_smoothing = optimizer, label_smoothing

    def train_on_batch(self, x, y):
        """One step on images x and labels y: forward, loss, backward, optimizer. Returns the loss before the step."""
        loss, dz = softmax_cross_entropy(self.forward(x, training=True), y, self.label_smoothing)
        self.backward_weights(dz)
        self.optimizer.apply(self.gradients, self.trainable_weights)
        return loss

    def fit(self, x, y, batch_size=32, epochs=1, validation_data=None, verbose=1, seed=0, augment=None):
        """Trains `epochs` times on all images in a random order; returns the history, a dict of lists, one number an epoch.

        `augment(x, rng)` changes each batch before it is used. With verbose=1 a bar shows the progress.
        """
        x, y = check_data(x, y)
        rng, history = np.random.default_rng(seed), {"loss": []}
        for epoch in range(epochs):
            order, total, start = rng.permutation(len(x)), 0.0, time.perf_counter()
            for first in range(0, len(x), batch_size):
                chosen = order[first : first + batch_size]
                batch = x[chosen] if augment is None else augment(x[chosen], rng)
                total += self.train_on_batch(batch, y[chosen]) * len(chosen)
                done = first + len(chosen)
                if verbose:
                    show_progress(epoch, epochs, done, len(x), start, {"loss": total / done})
            results = {"loss": total / len(x)}
            if validation_data is not None:
                results["val_loss"], results["val_accuracy"] = self.evaluate(*validation_data)
            for name, value in results.items():
                history.setdefault(name, []).append(value)
            if verbose:
                show_progress(epoch, epochs, len(x), len(x), start, results, end="\n")
        return history

    def predict(self, x, batch_size=256):
        """The logits (N, K) of all images, at inference."""
        return np.concatenate([self.forward(x[first : first + batch_size]) for first in range(0, len(x), batch_size)])

    def evaluate(self, x, y):
        """(loss, accuracy) on images x and labels y."""
        x, y = check_data(x, y)
        z = self.predict(x)
        return softmax_cross_entropy(z, y)[0], float((z.argmax(axis=1) == y).mean())


def check_data(x, y):
    """x and y as arrays; an error unless there is one label an image, and at least one image."""
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"There must be one label an image, and at least one. Received: {len(x)} images, {len(y)} labels")
    return x, y


def show_progress(epoch, epochs, done, total, start, results, end=""):
    """A bar for one epoch, on one line that is written over."""
    bar = ("=" * (20 * done // total)).ljust(20, ".")
    numbers = ", ".join(f"{name} {value:.4f}" for name, value in results.items())
    seconds = time.perf_counter() - start
    sys.stdout.write(f"\repoch {epoch + 1}/{epochs} [{bar}] {done}/{total} {seconds:.0f} s, {numbers}{end}")
    sys.stdout.flush()
