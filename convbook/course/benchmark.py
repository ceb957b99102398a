"""How fast is it? The library against TensorFlow on the same CPU, one thread each: `make bench`.

Times are CPU seconds of this process. In each round both sides run one after the other, and the ratio of a case is
the median of the rounds' ratios: what disturbs the machine disturbs both.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from convbook.course.files import write_whole
from convbook.course.settings import ROOT

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
ROUNDS = 15

# images (N, H, W, C), filters, kernel_size, strides, padding
CONVOLUTIONS = [
    ((64, 28, 28, 1), 32, 3, 1, "valid"),
    ((64, 28, 28, 1), 32, 5, 1, "valid"),
    ((64, 26, 26, 32), 64, 3, 1, "valid"),
    ((32, 32, 32, 3), 32, 3, 1, "valid"),
    ((8, 224, 224, 3), 64, 7, 2, "valid"),
    ((8, 56, 56, 64), 64, 3, 1, "same"),
    ((8, 56, 56, 64), 256, 1, 1, "valid"),
]


@dataclass(frozen=True)
class Case:
    """One thing that both sides can do: a name, our way and TensorFlow's."""

    name: str
    ours: Callable[[], object]
    theirs: Callable[[], object]


@dataclass(frozen=True)
class Result:
    """Median CPU milliseconds of both sides, the median of their ratios, and our peak memory beyond the arguments."""

    name: str
    ours: float
    theirs: float
    ratio: float
    memory: float  # MiB


def cpu_seconds(function: Callable[[], object]) -> float:
    """The CPU time of one call."""
    start = time.process_time()
    function()
    return time.process_time() - start


def peak_memory(function: Callable[[], object]) -> float:
    """The most memory, in MiB, that one call holds beyond what there was, its result included."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def measure(case: Case, rounds: int = ROUNDS) -> Result:
    """Both sides of a case in turn, after one call each to warm up."""
    case.ours(), case.theirs()
    pairs = [(cpu_seconds(case.ours), cpu_seconds(case.theirs)) for _ in range(rounds)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs))
    ratio = statistics.median(mine / other for mine, other in pairs)
    return Result(case.name, 1e3 * ours, 1e3 * theirs, ratio, peak_memory(case.ours))


def convolution_cases() -> list[Case]:
    """Forward and backward of a convolution with bias: y, dx, dw, db."""
    import numpy as np
    import tensorflow as tf

    from convbook.conv import conv2d, conv2d_backward

    def case(shape, filters, size, strides, padding):
        rng = np.random.default_rng(0)
        x = rng.normal(size=shape).astype("float32")
        w = rng.normal(size=(size, size, shape[3], filters)).astype("float32")
        b = np.zeros(filters, "float32")
        dy = rng.normal(size=conv2d(x, w, b, strides, padding).shape).astype("float32")

        def ours():
            return conv2d(x, w, b, strides, padding), conv2d_backward(dy, x, w, strides, padding)

        @tf.function
        def theirs(x, w, b, dy):
            with tf.GradientTape() as tape:
                tape.watch([x, w, b])
                y = tf.nn.bias_add(tf.nn.conv2d(x, w, strides, padding.upper()), b)
            return y, tape.gradient(y, [x, w, b], output_gradients=dy)

        tensors = [tf.constant(array) for array in (x, w, b, dy)]
        name = f"conv2d {shape} → {filters}, {size}×{size}, strides {strides}, {padding}"
        return Case(name, ours, lambda: theirs(*tensors)[0].numpy())

    return [case(*arguments) for arguments in CONVOLUTIONS]


def layer_cases() -> list[Case]:
    """Forward and backward of the other layers of a LeNet-sized network, against Keras' layers."""
    import keras
    import numpy as np
    import tensorflow as tf

    from convbook import layers

    def case(name, ours, theirs, shape):
        rng = np.random.default_rng(0)
        x = rng.normal(size=shape).astype("float32")
        ours.build(shape, rng)
        dy = rng.normal(size=ours.forward(x, training=True).shape).astype("float32")

        @tf.function
        def both(x, dy):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = theirs(x, training=True)
            return y, tape.gradient(y, [x, *theirs.trainable_variables], output_gradients=dy)

        theirs.build(shape)
        tensors = tf.constant(x), tf.constant(dy)
        forward = lambda: (ours.forward(x, training=True), ours.backward(dy))  # noqa: E731 - one expression says it
        return Case(f"{name} {shape}", forward, lambda: both(*tensors)[0].numpy())

    maps = (64, 26, 26, 32)
    return [
        case("max pooling 2×2", layers.MaxPooling2D(2), keras.layers.MaxPooling2D(2), maps),
        case("max pooling 3×3, strides 2", layers.MaxPooling2D(3, 2), keras.layers.MaxPooling2D(3, 2), maps),
        case("average pooling 2×2", layers.AveragePooling2D(2), keras.layers.AveragePooling2D(2), maps),
        case("batch normalisation", layers.BatchNormalization(), keras.layers.BatchNormalization(), maps),
        case("ReLU", layers.ReLU(), keras.layers.ReLU(), maps),
        case("dense 1600 → 128", layers.Dense(128), keras.layers.Dense(128), (64, 1600)),
    ]


def training_case() -> Case:
    """One epoch of 2,048 images through a LeNet-sized network: forward, backward and Adam."""
    import keras
    import numpy as np

    from convbook import layers, optimizers
    from convbook.sequential import Sequential

    rng = np.random.default_rng(0)
    x, y = rng.random((2048, 28, 28, 1), np.float32), rng.integers(0, 10, 2048)
    stack = [("Conv2D", 6, 5), ("ReLU",), ("MaxPooling2D", 2), ("Conv2D", 16, 5), ("ReLU",), ("MaxPooling2D", 2), ("Flatten",)]
    stack += [("Dense", 120), ("ReLU",), ("Dense", 84), ("ReLU",), ("Dense", 10)]
    ours = Sequential([getattr(layers, name)(*arguments) for name, *arguments in stack])
    ours.compile(optimizers.Adam())
    shape = keras.Input((28, 28, 1))
    theirs = keras.Sequential([shape] + [getattr(keras.layers, name)(*arguments) for name, *arguments in stack])
    theirs.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return Case(
        "LeNet-5, one epoch of 2,048 images, batch 64",
        lambda: ours.fit(x, y, batch_size=64, verbose=0),
        lambda: theirs.fit(x, y, batch_size=64, verbose=0),
    )


def table(results: list[Result]) -> str:
    """A Markdown table, one line a case."""
    lines = ["| what | ours (ms) | TensorFlow (ms) | ratio | our memory (MiB) |", "|---|---:|---:|---:|---:|"]
    lines += [f"| {r.name} | {r.ours:.1f} | {r.theirs:.1f} | **{r.ratio:.2f}** | {r.memory:.0f} |" for r in results]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """What the numbers were measured on."""
    import numpy as np
    import tensorflow as tf

    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return f"{model}; one thread; Python {platform.python_version()}, NumPy {np.__version__}, TensorFlow {tf.__version__}"


def run(path: Path = ROOT / "pages" / "speed_table.md") -> str:
    """Measures everything and writes the page's table."""
    for name in THREADS:
        os.environ[name] = "1"
    convolutions = [measure(case) for case in convolution_cases()]
    others = [measure(case) for case in layer_cases()]
    training = measure(training_case(), rounds=7)
    mean = statistics.geometric_mean(result.ratio for result in convolutions)
    text = (
        f"Measured on: {machine()}.\n\n**Convolution, forward and backward**\n\n{table(convolutions)}\n"
        f"Geometric mean of the ratios: **{mean:.2f}**.\n\n**Other layers, forward and backward**\n\n{table(others)}\n"
        f"**A whole training step** (forward, loss, backward, Adam)\n\n{table([training])}"
    )
    write_whole(path, text)
    return text
