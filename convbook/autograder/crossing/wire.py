"""What crosses the wall between a student's process and ours: numbers, texts, lists, dictionaries and raw arrays.

A message is JSON that describes a value, followed by the bytes of its arrays. Nothing is ever unpickled, no name in
a message is looked up, and every size is checked before memory is taken. This module is used on both sides; ours
believes nothing that it decodes.
"""

from __future__ import annotations

import json
import math
import re
import socket
import struct
import sys
import time
from typing import Any

import numpy as np

from convbook.autograder.crossing.tensors import Tensor, array_of
from convbook.autograder.crossing.values import MAKE, parts_of
from convbook.model_files.archive import ModelError
from convbook.model_files.saved import is_model, saved_model

LARGEST = 2**30  # bytes of a message
LONGEST_TEXT = 2**26  # bytes of its JSON, which takes many times that once it is read
DEEPEST = 20  # levels of lists in lists
KINDS = "biufcUSMm"  # of an array's items: bool, integers, floats, complex numbers, texts, bytes, times
DTYPE = re.compile(r"[<|](?:[biufc][0-9]{1,2}|[US][1-9][0-9]{0,6}|[Mm]8(?:\[[0-9]{0,6}[a-zA-Z]{1,2}\])?)")
MOST_AXES = 64  # of an array, as NumPy has them
HEAD = struct.Struct(">QQ")  # bytes of the JSON, bytes of the arrays


class WireError(ValueError):
    """A value that cannot cross, or a message that no honest process sends."""


class Opaque:
    """Stands for a value that did not cross: all that is known is the name of its type."""


def opaque(type_name: str) -> Opaque:
    """An object whose type has that name, so that a test can say what it was."""
    name = type_name if type_name.isidentifier() and len(type_name) <= 60 else "object"
    return type(name, (Opaque,), {})()


class Side:
    """What one side of the wall does with a value that does not cross: nothing but naming its type."""

    def describe(self, value: Any) -> Any:
        """What is sent in place of the value."""
        return {"opaque": type(value).__name__}

    def owns(self, value: Any) -> bool:
        """Whether a value is described by this side whatever it is."""
        return False

    def restore(self, word: str, content: Any) -> Any:
        """The value that the other side's description stands for here."""
        raise WireError(f"A value must be described by a known word. Received: {word!r:.60}")


PLAIN = Side()


def encode(value: Any, side: Side = PLAIN) -> bytes:
    """A value as a message: None, bool, int, float, complex, str, list, tuple, dict, NumPy's numbers, texts, dates and
    arrays, models, and the plain types of `values`. What else there is, the side describes."""
    arrays: list[bytes] = []
    text = json.dumps(described(value, arrays, 0, side)).encode()
    body = b"".join(arrays)
    head = HEAD.pack(len(text), len(body))
    sizes(head)  # what nobody would receive is not sent
    return b"".join([head, text, body])


def described(value: Any, arrays: list[bytes], depth: int, side: Side = PLAIN) -> Any:
    """The value as JSON; the bytes of its arrays are put behind `arrays`. Exact types only: a subclass can lie."""
    kind = type(value)
    if depth > DEEPEST:
        raise WireError(f"A value must have at most {DEEPEST} levels of lists. Received: more")
    if value is None or kind in (bool, int, float, str):
        return value
    if kind in (list, tuple):
        return {kind.__name__: [described(item, arrays, depth + 1, side) for item in value]}
    if kind is dict:
        items = [[described(part, arrays, depth + 1, side) for part in item] for item in value.items()]
        return {"dict": items}
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in KINDS:
        array = np.ascontiguousarray(np.ndarray.view(np.asarray(value), np.ndarray))
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        arrays.append(array.tobytes())
        return {"number" if isinstance(value, np.generic) else "array": [array.dtype.str, list(np.shape(value))]}
    if side.owns(value):
        return side.describe(value)
    parts = parts_of(value)
    if parts is not None:
        word, content = parts
        return {word: described(content, arrays, depth + 1, side)}
    if is_model(value):
        arrays.append(saved_model(value))
        return {"model": len(arrays[-1])}
    numbers = array_of(value)
    if numbers is not None:
        return {"tensor": described(numbers, arrays, depth + 1, side)}
    return side.describe(value)


def decode(message: bytes, side: Side = PLAIN) -> Any:
    """The value of a message; WireError for one that breaks a rule."""
    size = sizes(message[: HEAD.size])
    if len(message) != HEAD.size + sum(size):
        raise WireError(f"A message must have the {sum(size)} bytes that it announces. Received: {len(message) - HEAD.size}")
    try:
        description = json.loads(message[HEAD.size : HEAD.size + size[0]])
    except (ValueError, RecursionError):
        raise WireError("A message must describe its value as JSON. Received: something else") from None
    arrays = Reader(memoryview(message)[HEAD.size + size[0] :], side)
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


def receive(connection: socket.socket, deadline: float | None = None, side: Side = PLAIN) -> Any:
    """The next message's value; EOFError at the end, TimeoutError at the deadline of the monotonic clock."""
    head = read_exactly(connection, HEAD.size, deadline)
    return decode(head + read_exactly(connection, sum(sizes(head)), deadline), side)


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

    def __init__(self, content: memoryview, side: Side) -> None:
        self.content, self.left, self.side = content, len(content), side

    def take(self, dtype: Any, shape: Any) -> np.ndarray:
        """The next array, as a copy."""
        if not isinstance(dtype, str) or not DTYPE.fullmatch(dtype):
            raise WireError(f"An array must hold numbers. Received: {dtype!r:.20}")
        whole = isinstance(shape, list) and len(shape) <= MOST_AXES
        if not whole or not all(type(n) is int and 0 <= n <= LARGEST for n in shape):
            raise WireError(f"An array must have a shape. Received: {shape!r:.60}")
        try:
            kind = np.dtype(dtype)
        except (TypeError, ValueError):
            raise WireError(f"An array must hold numbers. Received: {dtype!r:.20}") from None
        count = math.prod(shape) * kind.itemsize
        if count > self.left:
            raise WireError(f"An array must lie inside its message. Received: {count} bytes where {self.left} are left")
        start = len(self.content) - self.left
        self.left -= count
        array = np.frombuffer(self.content[start : start + count], kind).reshape(shape).copy()
        if kind.kind == "U" and array.size and array.reshape(-1).view("<u4").max() > sys.maxunicode:
            raise WireError("A text must be made of characters. Received: something else")
        return array


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
        if word in RESTORE:
            return RESTORE[word](content, arrays, depth + 1)
        if word in MAKE:
            return MAKE[word](restored(content, arrays, depth + 1))
        return arrays.side.restore(word, content)
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
    "list": restored_items,
    "tuple": lambda content, arrays, depth: tuple(restored_items(content, arrays, depth)),
    "dict": lambda content, arrays, depth: dict(tuple(restored_items(item, arrays, depth)) for item in content),
    "array": lambda content, arrays, depth: arrays.take(*content),
    "model": lambda content, arrays, depth: arrays.side.restore("model", arrays.take("|u1", [content]).tobytes()),
    "number": lambda content, arrays, depth: arrays.take(*content)[()],
    "tensor": lambda content, arrays, depth: Tensor(np.asarray(restored(content, arrays, depth))),
    "opaque": lambda content, arrays, depth: opaque(str(content)),
}
