"""PyTorch's weight files read without PyTorch and without running them: tensors come out, or an error does.

`torch.save` writes a pickle, and to unpickle means to run what it names. Here a machine that calls nothing
(`pickle_machine`) reads it as data. Both of PyTorch's formats are read: the zip file, which it writes since
version 1.6, and the row of pickles from before.
"""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np

from convbook.pretrained.pickle_machine import Machine, Tensor, kind

LEGACY_MAGIC, LEGACY_PROTOCOL = 0x1950A86A20F9469CFC6C, 1001


def read_tensors(path):
    """{name: array} of a file that PyTorch's `torch.save(network.state_dict(), path)` wrote.

    The arrays are read-only views of the file's bytes, in PyTorch's layout: kernels (F, C, KH, KW).
    Nothing in the file is executed. ValueError for a file with anything else in it than tensors;
    FileNotFoundError without a file.
    """
    content = Path(path).read_bytes()
    try:
        state, storages = read_zip(content) if content[:2] == b"PK" else read_legacy(content)
        if not isinstance(state, dict) or not state:
            raise ValueError(f"{kind(state)} where a dictionary of tensors should be")
        return {name: view(tensor, storages) for name, tensor in state.items()}
    except Exception as error:  # a hostile or a damaged file fails in many ways, and all of them mean: refused
        raise ValueError(
            f"{path} must be a plain tensor file, as PyTorch's torch.save(network.state_dict()) writes it. "
            f"Received: {str(error) or kind(error)}"
        ) from None


def read_zip(content):
    """(state, {key: bytes}) of the zip format: the pickle data.pkl, and each storage as a member data/<key>."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [member.filename for member in archive.infolist()]
        check_members(archive.infolist(), len(content))
        folder = next(name.removesuffix("data.pkl") for name in names if name.endswith("/data.pkl"))
        if f"{folder}byteorder" in names and archive.read(f"{folder}byteorder") != b"little":
            raise ValueError("numbers that are not little-endian")
        machine = Machine(io.BytesIO(archive.read(f"{folder}data.pkl")))
        missing = [key for key in machine.storages if f"{folder}data/{key}" not in names]
        if missing:
            raise ValueError(f"no storage {missing[0][:40]!r}")
        return machine.result, {key: archive.read(f"{folder}data/{key}") for key in machine.storages}


def check_members(members, size):
    """An error unless the zip's members are as PyTorch writes them: not compressed, each once, one pickle."""
    names = [member.filename for member in members]
    if any(member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1 for member in members):
        raise ValueError("a zip file with compressed or encrypted members")
    if len(set(names)) != len(names) or sum(member.file_size for member in members) > size:
        raise ValueError("a zip file with two members of one name, or with members larger than itself")
    if sum(name.endswith("/data.pkl") for name in names) != 1:
        raise ValueError("a zip file without the one pickle data.pkl")


def read_legacy(content):
    """(state, {key: bytes}) of the format before: five pickles, then each storage behind its length."""
    file = io.BytesIO(content)
    magic, protocol, system = (Machine(file).result for _ in range(3))
    if magic != LEGACY_MAGIC or protocol != LEGACY_PROTOCOL:
        raise ValueError("neither PyTorch's zip format nor the one before it")
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise ValueError("numbers that are not little-endian")
    machine = Machine(file)
    keys = Machine(file).result
    if not isinstance(keys, list) or sorted(keys) != sorted(machine.storages):
        raise ValueError("other storages than those of the tensors")
    storages = {key: read_storage(file, machine.storages[key]) for key in keys}
    if file.read(1):
        raise ValueError("bytes behind the last storage")
    return machine.result, storages


def read_storage(file, storage):
    """The bytes of a storage, which stand behind the count of its numbers."""
    (size,) = struct.unpack("<q", file.read(8))
    if size != storage.size:
        raise ValueError(f"a storage of {size} numbers where {storage.size} should be")
    return file.read(size * np.dtype(storage.dtype).itemsize)


def view(tensor, storages):
    """The tensor as a read-only array: a view of its storage's bytes."""
    if not isinstance(tensor, Tensor):
        raise ValueError(f"{kind(tensor)} among the tensors")
    numbers = np.frombuffer(storages[tensor.storage.key], tensor.storage.dtype)
    if len(numbers) != tensor.storage.size:
        raise ValueError(f"a storage of {len(numbers)} numbers where {tensor.storage.size} should be")
    strides = [step * numbers.itemsize for step in tensor.strides]
    return np.lib.stride_tricks.as_strided(numbers[tensor.offset :], tensor.shape, strides, writeable=False)
