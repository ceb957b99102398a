"""What crosses the wall between a student's process and ours: numbers, texts, lists, dictionaries and raw arrays.

A message is JSON that describes a value, followed by the bytes of its arrays. Nothing is ever unpickled, no name in
a message is looked up, and every size is checked before memory is taken. This module is used on both sides; ours
believes nothing that it decodes.
"""

from __future__ import annotations

import io
import json
import math
import re
import socket
import struct
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

LARGEST = 2**30  # bytes of a message
LONGEST_TEXT = 2**26  # bytes of its JSON, which takes many times that once it is read
DEEPEST = 20  # levels of lists in lists
KINDS = "biufc"  # of an array's numbers: bool, integers, floats, complex numbers
HEAD = struct.Struct(">QQ")  # bytes of the JSON, bytes of the arrays


class WireError(ValueError):
    """A value that cannot cross, or a message that no honest process sends."""


class ModelError(ValueError):
    """A model that crossed, but whose file cannot be loaded safely."""


class Opaque:
    """Stands for a value that did not cross: all that is known is the name of its type."""


def opaque(type_name: str) -> Opaque:
    """An object whose type has that name, so that a test can say what it was."""
    name = type_name if type_name.isidentifier() and len(type_name) <= 60 else "object"
    return type(name, (Opaque,), {})()


def encode(value: Any) -> bytes:
    """A value as a message: None, bool, int, float, complex, str, list, tuple, dict with text keys, NumPy's numbers
    and arrays. Anything else crosses as the name of its type."""
    arrays: list[bytes] = []
    text = json.dumps(described(value, arrays, 0)).encode()
    body = b"".join(arrays)
    head = HEAD.pack(len(text), len(body))
    sizes(head)  # what nobody would receive is not sent
    return b"".join([head, text, body])


def described(value: Any, arrays: list[bytes], depth: int) -> Any:
    """The value as JSON; the bytes of its arrays are put behind `arrays`. Exact types only: a subclass can lie."""
    kind = type(value)
    if depth > DEEPEST:
        raise WireError(f"A value must have at most {DEEPEST} levels of lists. Received: more")
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is complex:
        return {"complex": [value.real, value.imag]}
    if kind in (list, tuple):
        return {kind.__name__: [described(item, arrays, depth + 1) for item in value]}
    if kind is dict and all(type(key) is str for key in value):
        return {"dict": [[key, described(item, arrays, depth + 1)] for key, item in value.items()]}
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in KINDS:
        array = np.ascontiguousarray(np.ndarray.view(np.asarray(value), np.ndarray))
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        arrays.append(array.tobytes())
        return {"number" if isinstance(value, np.generic) else "array": [array.dtype.str, list(np.shape(value))]}
    if is_model(value):
        arrays.append(saved_model(value))
        return {"model": len(arrays[-1])}
    return {"opaque": kind.__name__}


def is_model(value: Any) -> bool:
    """Whether a value is a Keras model; Keras is not imported for that."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def saved_model(model: Any) -> bytes:
    """A Keras model as the content of its `.keras` file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def loaded_model(content: bytes) -> Any:
    """The Keras model of a `.keras` file. Nothing that is code is loaded: Keras' safe mode refuses it."""
    if "keras" not in sys.modules:
        raise ModelError("An answer can be a model where the instructor's cells import Keras. Received: one without that.")
    check_archive(content)
    import keras

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        try:
            return keras.saving.load_model(path, safe_mode=True)
        except Exception as error:
            raise ModelError(
                "A model must be made of Keras' own layers, so that its file can be loaded safely. "
                f"Received: {(str(error).splitlines() or [type(error).__name__])[0]:.300}"
            ) from None


def check_archive(content: bytes) -> None:
    """ModelError for a `.keras` file that is none, or that takes more memory than a message once it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeError):
        raise ModelError("A model must be saved as a .keras file. Received: something else.") from None
    if size > LARGEST:
        raise ModelError(f"A model's file must have at most {LARGEST} bytes when it is unpacked. Received: {size}.")


def decode(message: bytes) -> Any:
    """The value of a message; WireError for one that breaks a rule."""
    size = sizes(message[: HEAD.size])
    if len(message) != HEAD.size + sum(size):
        raise WireError(f"A message must have the {sum(size)} bytes that it announces. Received: {len(message) - HEAD.size}")
    try:
        description = json.loads(message[HEAD.size : HEAD.size + size[0]])
    except (ValueError, RecursionError):
        raise WireError("A message must describe its value as JSON. Received: something else") from None
    arrays = Reader(memoryview(message)[HEAD.size + size[0] :])
    value = restored(description, arrays, 0)
    if arrays.left:
        raise WireError(f"A message must describe all its bytes. Received: {arrays.left} more")
    return value


def sizes(head: bytes) -> tuple[int, int]:
    """The bytes of the JSON and of the arrays that follow a message's head."""
    if len(head) != HEAD.size:
        raise WireError(f"A message must start with {HEAD.size} bytes. Received: {len(head)}")
    size = HEAD.unpack(head)
    if sum(size) > LARGEST or size[0] > LONGEST_TEXT:
        raise WireError(f"A message must have at most {LARGEST} bytes, {LONGEST_TEXT} of them text. Received: {size}")
    return size


def receive(connection: socket.socket, deadline: float | None = None) -> Any:
    """The next message's value; EOFError at the end, TimeoutError at the deadline of the monotonic clock."""
    head = read_exactly(connection, HEAD.size, deadline)
    return decode(head + read_exactly(connection, sum(sizes(head)), deadline))


def read_exactly(connection: socket.socket, count: int, deadline: float | None) -> bytes:
    """So many bytes; EOFError if the other side closes before."""
    parts = bytearray()
    while len(parts) < count:
        if deadline is not None:
            connection.settimeout(max(deadline - time.monotonic(), 1e-3))
        part = connection.recv(min(count - len(parts), 2**20))
        if not part:
            raise EOFError("the other side has ended")
        parts += part
    return bytes(parts)


class Reader:
    """The bytes of a message's arrays, taken one array after another."""

    def __init__(self, content: memoryview) -> None:
        self.content, self.left = content, len(content)

    def take(self, dtype: Any, shape: Any) -> np.ndarray:
        """The next array, as a copy."""
        if not isinstance(dtype, str) or not re.fullmatch(rf"[<|][{KINDS}][0-9]{{1,2}}", dtype):
            raise WireError(f"An array must hold numbers. Received: {dtype!r:.20}")
        whole = isinstance(shape, list) and all(type(n) is int and 0 <= n <= LARGEST for n in shape) and len(shape) <= 32
        if not whole:
            raise WireError(f"An array must have a shape. Received: {shape!r:.60}")
        try:
            kind = np.dtype(dtype)
        except TypeError:
            raise WireError(f"An array must hold numbers. Received: {dtype!r:.20}") from None
        count = math.prod(shape) * kind.itemsize
        if count > self.left:
            raise WireError(f"An array must lie inside its message. Received: {count} bytes where {self.left} are left")
        start = len(self.content) - self.left
        self.left -= count
        return np.frombuffer(self.content[start : start + count], kind).reshape(shape).copy()


def restored(description: Any, arrays: Reader, depth: int) -> Any:
    """The value that a description stands for."""
    if depth > DEEPEST:
        raise WireError(f"A value must have at most {DEEPEST} levels of lists. Received: more")
    if description is None or isinstance(description, (bool, int, float, str)):
        return description
    if not isinstance(description, dict) or len(description) != 1:
        raise WireError(f"A value must be described by one word. Received: {description!r:.60}")
    [(word, content)] = description.items()
    try:
        return RESTORE[word](content, arrays, depth + 1)
    except (WireError, ModelError):
        raise
    except Exception:  # a description of the right word and of another form
        raise WireError(f"A value must be described as its word asks. Received: {description!r:.60}") from None


def restored_items(content: Any, arrays: Reader, depth: int) -> list[Any]:
    """The values of a list of descriptions."""
    if not isinstance(content, list):
        raise WireError(f"A list must be described by a list. Received: {content!r:.60}")
    return [restored(item, arrays, depth) for item in content]


RESTORE = {
    "complex": lambda content, arrays, depth: complex(*map(float, content)),
    "list": restored_items,
    "tuple": lambda content, arrays, depth: tuple(restored_items(content, arrays, depth)),
    "dict": lambda content, arrays, depth: {str(key): restored(item, arrays, depth) for key, item in content},
    "array": lambda content, arrays, depth: arrays.take(*content),
    "model": lambda content, arrays, depth: loaded_model(arrays.take("|u1", [content]).tobytes()),
    "number": lambda content, arrays, depth: arrays.take(*content)[()],
    "opaque": lambda content, arrays, depth: opaque(str(content)),
}
