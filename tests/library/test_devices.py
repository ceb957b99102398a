"""What Keras computes on, and the settings that follow from it."""

import pytest

from convbook import devices
from convbook.devices import Device


@pytest.fixture
def policy(keras):
    """Keras' dtype policy is put back."""
    before = keras.config.dtype_policy()
    yield keras.config.dtype_policy
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize("is_gpu, dtype", [(False, "float32"), (True, "float16")])
def test_prepare_device_sets_what_suits(monkeypatch, policy, capsys, is_gpu, dtype):
    """With a GPU layers compute in float16 and keep float32 weights; the output names the device."""
    monkeypatch.setattr(devices, "find_device", lambda: Device("a device", is_gpu))
    device = devices.prepare_device()
    assert device.is_gpu is is_gpu
    assert (policy().compute_dtype, policy().variable_dtype) == (dtype, "float32")
    assert capsys.readouterr().out == f"Device: a device; layers compute in {dtype}.\n"


def test_settings_follow_the_device():
    """A GPU gets XLA and the larger batch, a CPU neither."""
    cpu, gpu = Device("CPU", False), Device("GPU", True)
    assert (cpu.compile_options(), gpu.compile_options()) == ({"jit_compile": False}, {"jit_compile": True})
    assert (cpu.batch_size(64, 512), gpu.batch_size(64, 512)) == (64, 512)


def test_gpu_is_found_by_name(monkeypatch):
    """The first GPU that TensorFlow lists is taken, under the name that its driver gives."""
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [object()] if kind == "GPU" else [])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda _: {"device_name": "Tesla T4"})
    assert devices.find_device() == Device("Tesla T4", True)


def test_without_a_gpu_it_is_the_cpu(monkeypatch):
    """Where TensorFlow lists no GPU, the CPU and its cores are named."""
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    monkeypatch.setattr(devices.os, "cpu_count", lambda: 2)
    assert devices.find_device() == Device("CPU with 2 cores", False)
