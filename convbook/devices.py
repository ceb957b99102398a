"""What Keras computes on, a GPU or the CPU, and the settings that suit it. Chapter 08."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """What Keras computes on: its name, and whether it is a GPU."""

    name: str
    is_gpu: bool

    def compile_options(self) -> dict[str, bool]:
        """Options of `model.compile`: with a GPU a whole step is compiled by XLA; on a CPU that would take longer."""
        return {"jit_compile": self.is_gpu}

    def batch_size(self, on_cpu: int, on_gpu: int) -> int:
        """The batch size that suits the device: a GPU is idle while batches are small."""
        return on_gpu if self.is_gpu else on_cpu


def find_device() -> Device:
    """The first GPU that TensorFlow sees, else the CPU."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        return Device(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU"), True)
    return Device(f"CPU with {os.cpu_count()} cores", False)


def prepare_device() -> Device:
    """Prints what Keras computes on and returns it; with a GPU, layers made from now on compute in float16 (mixed_float16).

    Weights stay float32. A layer that must not lose digits (the last one, or one that is compared with NumPy) is made
    with dtype="float32". Source: Micikevicius et al., https://arxiv.org/abs/1710.03740.
    """
    import keras

    device = find_device()
    keras.config.set_dtype_policy("mixed_float16" if device.is_gpu else "float32")
    print(f"Device: {device.name}; layers compute in {keras.config.dtype_policy().compute_dtype}.")
    return device
