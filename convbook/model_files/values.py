"""What a setting in a model's `config.json` may hold: numbers, and words of a stated list. Each is written anew.

Keras looks names up wherever a text stands, so a text is let through only where it is one that is written here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LARGEST_NUMBER = 2**53  # whole numbers up to here are exact in every format
MOST_NUMBERS = 2**20  # in the whole file; the means of a Normalization layer can be an image
DEEPEST_LIST = 5
MOST_LAYERS = 1000
MOST_NODES = 2000  # calls of layers
MOST_PARAMETERS = 2**28
DEEPEST_MODEL = 5  # models in models, and layers in layers


class ModelError(ValueError):
    """A model that crossed, but whose file cannot be loaded safely."""


@dataclass
class Walk:
    """What was met on the way through a file; everything that is counted has a limit."""

    layers: int = 0
    nodes: int = 0
    numbers: int = 0
    parameters: int = 0
    shared: dict[int, tuple[int, str]] = field(default_factory=dict)

    def count(self, what: str, amount: int, most: int) -> None:
        """Adds to a count; ModelError beyond its limit."""
        total = getattr(self, what) + amount
        setattr(self, what, total)
        if total > most:
            raise ModelError(f"A model must have at most {most} {what}. Received: more.")


def shown(value: Any) -> str:
    """A value as it can stand at the end of a sentence."""
    if isinstance(value, dict) and isinstance(value.get("class_name"), str):
        return f"{value['class_name']!a:.60} of {value.get('module')!a:.60}"
    return f"{value!a:.60}"


def must(holds: bool, what: str, value: Any) -> None:
    """ModelError with a sentence of the usual form where something does not hold."""
    if not holds:
        raise ModelError(f"{what}, so that the model's file can be loaded safely. Received: {shown(value)}.")


def must_have_keys(value: Any, what: str, allowed: set[str], needed: set[str]) -> dict[str, Any]:
    """The value, if it is a dictionary with the needed keys and no others than the allowed ones."""
    must(isinstance(value, dict), f"{what} must be a dictionary", value)
    must(needed <= set(value), f"{what} must have the parts {sorted(needed)}", sorted(value))
    must(set(value) <= allowed, f"{what} must have no other parts than {sorted(allowed)}", sorted(set(value) - allowed))
    return value


def name(value: Any, what: str = "A name") -> str:
    """The name of a layer or of an input: it is never looked up in Python, but it is printed."""
    good = isinstance(value, str) and re.fullmatch(r"[\w .:,()+#=-]{1,100}", value)
    must(bool(good), f"{what} must consist of at most 100 letters, digits and signs such as - or _", value)
    return value


def number(value: Any, walk: Walk, what: str) -> Any:
    """Nothing, a truth value or a finite number."""
    walk.count("numbers", 1, MOST_NUMBERS)
    if value is None or type(value) is bool:
        return value
    if type(value) not in (int, float):
        must(False, f"{what} must hold numbers only", value)
    if not (math.isfinite(value) if type(value) is float else abs(value) <= LARGEST_NUMBER):
        must(False, f"{what} must hold finite numbers", value)
    return value


def numbers(value: Any, walk: Walk, what: str, depth: int = 0) -> Any:
    """A number, or lists of numbers."""
    if isinstance(value, list) and depth < DEEPEST_LIST:
        return [numbers(item, walk, what, depth + 1) for item in value]
    return number(value, walk, what)


def whole(value: Any, what: str, most: int = 10_000) -> int:
    """A whole number that is not negative."""
    must(type(value) is int and 0 <= value <= most, f"{what} must be a whole number from 0 to {most}", value)
    return value


def shape(value: Any, what: str) -> list[int | None]:
    """The shape of a tensor."""
    good = isinstance(value, list) and len(value) <= 8
    good = good and all(size is None or (type(size) is int and 0 <= size <= 2**31) for size in value)
    must(good, f"{what} must be a list of at most 8 whole numbers", value)
    return list(value)


def words(*known: str) -> Callable[[Any, Walk, str], Any]:
    """The kind of settings that hold one of some words, or numbers."""

    listed = ", ".join(known[:6]) + (", …" if len(known) > 6 else "")

    def word(value: Any, walk: Walk, what: str) -> Any:
        if not isinstance(value, str):
            return numbers(value, walk, what)
        must(value in known, f"{what} must be one of Keras' own words ({listed})", value)
        return value

    return word
