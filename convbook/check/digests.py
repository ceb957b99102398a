"""What a function does on given inputs, as short hashes: they say whether a result is right and do not say what it is.

A table of checks holds inputs and, for each, a digest of the right result and of the results of known wrong answers.
Numbers are rounded to a grid of about three digits before they are hashed; the instructor's side chooses a grid whose
borders are far from the right numbers, so that another order of summation, or float32, gives the same digest. The grid
tells the order of magnitude of a result. A result that is one integer can be found by trying many: the tables keep
nobody from cheating, they keep answers from being read.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

DIGITS = 12  # of a digest, in hexadecimal
ARRAY, SCALAR, TUPLE, DICT = "array", "scalar", "tuple", "dict"  # the marks of what JSON does not know

Grid = tuple[float, float]  # step, and by which part of a step it is moved
PLAIN_GRID: Grid = (1e-3, 0.5)


@dataclass
class Outcome:
    """What a call did: the parts of its result, or the error that it raised, and whether it changed an argument."""

    parts: list[Any] = field(default_factory=list)
    error: BaseException | None = None
    changed: bool = False

    @property
    def empty(self) -> bool:
        """Whether the call returned nothing."""
        return len(self.parts) == 1 and self.parts[0] is None


def encode(value: Any) -> Any:
    """An argument as JSON can hold it; ValueError for what is not plain data."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufU":
        short = value.dtype.kind == "f" and value.itemsize < 8  # 0.1 in float32 is to be written as 0.1
        items = [float(str(number)) for number in value.ravel()] if short else value.ravel().tolist()
        return {ARRAY: items, "shape": list(value.shape), "dtype": value.dtype.str}
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return {SCALAR: value.item(), "dtype": value.dtype.str}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, tuple):
        return {TUPLE: [encode(item) for item in value]}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {DICT: {key: encode(item) for key, item in value.items()}}
    raise ValueError(f"An argument must be plain data: arrays, numbers, texts, and lists of them. Received: {type(value)}")


def decode(value: Any) -> Any:
    """The argument that `encode` made JSON of."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if ARRAY in value:
        return np.array(value[ARRAY], value["dtype"]).reshape(value["shape"])
    if SCALAR in value:
        return np.array(value[SCALAR], value["dtype"])[()]
    if TUPLE in value:
        return tuple(decode(item) for item in value[TUPLE])
    return {key: decode(item) for key, item in value[DICT].items()}


def same_data(some: Any, other: Any) -> bool:
    """Whether two plain values hold the same, types and shapes included."""
    try:
        return repr(encode(some)) == repr(encode(other))
    except ValueError:
        return False


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    """What a call does, with arguments of its own."""
    given = copy.deepcopy(arguments)
    try:
        with np.errstate(all="ignore"):
            result = function(*given)
    except (Exception, SystemExit) as error:  # what a wrong answer does; an interrupt goes on
        return Outcome(error=error)
    parts = list(result) if isinstance(result, tuple) else [result]
    return Outcome(parts, changed=not same_data(given, arguments))


def as_array(part: Any) -> np.ndarray:
    """A part of a result as an array; what is no numbers and no text becomes the name of its type."""
    try:
        array = np.asarray(part)
    except Exception:  # lists of unequal length, and whatever an object of the student's does
        return np.asarray(type(part).__name__)
    return array if array.dtype.kind in "biufcUS" else np.asarray(type(part).__name__)


def places(array: np.ndarray, grid: Grid) -> np.ndarray:
    """Where numbers lie, counted in steps of the grid: a whole number is a border."""
    step, offset = grid
    with np.errstate(all="ignore"):
        real = np.stack([array.real, array.imag]) if array.dtype.kind == "c" else array
        return real.astype(float) / step + offset


def part_text(part: Any, grid: Grid) -> bytes:
    """A part of a result, rounded, as bytes to be hashed."""
    array = as_array(part)
    if array.dtype.kind in "US":
        return f"text {array.shape} {array.tolist()!r}".encode()
    cells = np.floor(places(array, grid)) + 0.0  # + 0.0 makes 0 of -0
    cells = np.where(np.isnan(cells), np.nan, cells)  # there are many kinds of nan
    return f"numbers {array.shape} ".encode() + cells.astype("<f8").tobytes()


def hashed(salt: str, *texts: bytes) -> str:
    """A short hash of some bytes."""
    whole = hashlib.sha256(salt.encode())
    for text in texts:
        whole.update(b"%d:" % len(text) + text)
    return whole.hexdigest()[:DIGITS]


def digest(done: Outcome, grids: list[Grid], salt: str) -> str:
    """The digest of what a call did: of its error's type, or of its rounded results."""
    if done.error is not None:
        return hashed(salt, b"error", type(done.error).__name__.encode())
    padded = [*grids, *[PLAIN_GRID] * len(done.parts)]
    texts = [part_text(part, tuple(grid)) for part, grid in zip(done.parts, padded)]
    return hashed(salt, b"changed" if done.changed else b"kept", *texts)


def shape_digest(done: Outcome, salt: str) -> str:
    """The digest of how many results there are and of which shapes."""
    return hashed(salt, b"shapes", repr([as_array(part).shape for part in done.parts]).encode())


def salt_of(table: str, function: str, call: list[Any]) -> str:
    """What makes equal results of different calls look different: the call itself, as it stands in the table."""
    return f"convbook {table} {function} {json.dumps(call)}"
