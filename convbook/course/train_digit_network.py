"""Trains the network that comes with the package, on what `load_mnist` finds.

Run it with `CONVBOOK_FULL=1 python -m convbook.course.train_digit_network`.
"""

import base64
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np

from convbook.datasets.mnist import load_mnist
from convbook.explorer.digit_network import COMMITTED, export_network

EPOCHS, BATCH, HIGHEST_RATE = 14, 128, 0.01


def build():
    """Three blocks of convolution, normalisation, ReLU; two poolings; one dense layer: 9,074 parameters."""
    import keras
    from keras import layers

    network = [keras.Input((28, 28, 1))]
    for filters, kernel_size, pool_size in [(8, 5, 2), (16, 3, 2), (32, 3, 1)]:
        network += [
            layers.Conv2D(filters, kernel_size, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
        ]
        network += [layers.MaxPooling2D(pool_size)] if pool_size > 1 else []
    return keras.Sequential([*network, layers.Flatten(), layers.Dense(10)])


def moved(x, rng):
    """Images (N, 28, 28, 1), each moved by up to two pixels, and drawn a little smaller or larger, by nearest pixels."""
    rows, columns = np.arange(28)[None, :, None], np.arange(28)[None, None, :]
    down, right = rng.integers(-2, 3, (2, len(x), 1, 1))
    scale = rng.uniform(0.85, 1.15, (len(x), 1, 1))
    slant = rng.uniform(-0.2, 0.2, (len(x), 1, 1))
    i = np.rint((rows - 13.5) * scale + 13.5 - down)
    j = np.rint((columns - 13.5) * scale + slant * (rows - 13.5) + 13.5 - right)
    inside = (i >= 0) & (i < 28) & (j >= 0) & (j < 28)
    i, j = (np.clip(place, 0, 27).astype(int) for place in (i, j))
    return (x[np.arange(len(x))[:, None, None], i, j, 0] * inside)[..., None].astype("float32")


def train(x, y, seed=0):
    """The trained network: AdamW in one cycle, each epoch on other versions of the images."""
    import keras

    keras.utils.set_random_seed(seed)
    model, rng = build(), np.random.default_rng(seed)
    steps = -(-len(x) // BATCH) * EPOCHS
    rate = keras.optimizers.schedules.CosineDecay(
        HIGHEST_RATE / 25, int(0.85 * steps), alpha=0.001, warmup_target=HIGHEST_RATE, warmup_steps=int(0.15 * steps)
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    for _ in range(EPOCHS):
        model.fit(moved(x, rng), y, batch_size=BATCH, verbose=0)
    return model


def main():
    """Trains, measures, writes the file."""
    (x_train, y_train), (x_test, y_test) = load_mnist()
    model = train((x_train[..., None] / 255).astype("float32"), y_train)
    logits = model.predict((x_test[..., None] / 255).astype("float32"), batch_size=500, verbose=0)
    right = float((logits.argmax(axis=1) == y_test).mean())
    first = [int(np.flatnonzero(y_test == digit)[0]) for digit in range(10)]
    examples = base64.b64encode(x_test[first].tobytes()).decode()  # ten digits of (28, 28), one byte a pixel
    size = export_network(model, COMMITTED, accuracy=round(right, 4), tested=len(x_test), examples=examples)
    print(f"{right:.4f} of {len(x_test):,} test digits; {COMMITTED.name}: {size:,} bytes")


if __name__ == "__main__":
    main()
