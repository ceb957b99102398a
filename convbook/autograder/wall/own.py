"""What a test hands to a student's function beside plain data: functions and generators, which stay on our side.

A function of a library goes by its name, and is the student's own copy of it over there. One that a test has defined is
called back, with what the student's function gives it. Nothing else of ours can be reached from there.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from convbook.autograder.crossing.wire import WireError
from convbook.autograder.wall.stand_ins import is_stand_in

MOST = 10_000  # functions and generators that are handed over
OURS = ("__main__", "convbook")  # modules of which the other side has no copy


class Own:
    """The functions and generators that were handed over, by number."""

    def __init__(self) -> None:
        self.held: list[Any] = []

    def describe(self, value: Any) -> Any:
        """What is sent in place of a value; WireError for one that has no business over there."""
        if is_stand_in(value):
            raise WireError("An object must be used in the process that made it. Received: one of another process.")
        named = library_name(value)
        if named:
            return {"named": named}
        if isinstance(value, (types.FunctionType, types.MethodType)):
            return {"theirs": [self.number(value), "function"]}
        if isinstance(value, Iterator) and type(value).__module__ in ("builtins", "itertools"):
            return {"theirs": [self.number(value), "iterator"]}
        raise WireError(
            "A test can hand numbers, texts, arrays, lists, dictionaries, tables, models, functions and generators to a "
            f"student's function. Received: {type(value).__name__}."
        )

    def number(self, value: Any) -> int:
        """The number under which a value was handed over."""
        for number, held in enumerate(self.held):
            if held is value:
                return number
        if len(self.held) >= MOST:
            raise WireError(f"A test can hand over at most {MOST} functions and generators. Received: more.")
        self.held.append(value)
        return len(self.held) - 1

    def answer(self, call: Any) -> dict[str, Any]:
        """What comes of a call from over there; WireError for one that no honest process makes."""
        whole = isinstance(call, list) and len(call) == 3 and isinstance(call[1], list) and isinstance(call[2], dict)
        if not whole or type(call[0]) is not int or not 0 <= call[0] < len(self.held):
            raise WireError(f"A call must name a function that was handed over. Received: {call!r:.60}")
        number, arguments, options = call
        value = self.held[number]
        try:
            return {"result": next(value) if isinstance(value, Iterator) else value(*arguments, **options)}
        except StopIteration:
            return {"stop": True}
        except Exception as error:
            return {"error": [type(error).__name__, str(error)[:2000]]}


def library_name(value: Any) -> list[str] | None:
    """[module, name] of something that a library holds under a name and that any Python can import; None for others."""
    if isinstance(value, types.ModuleType):
        return None if value.__name__.split(".")[0] in OURS else [value.__name__, ""]
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", getattr(value, "__name__", None))
    if isinstance(value, np.ufunc):
        module, name = "numpy", value.__name__
    if type(name) is not str or "<" in name or not isinstance(value, (type, np.ufunc, *FUNCTIONS)):
        return None
    module = module if type(module) is str else "builtins"
    if module.split(".")[0] in OURS or module not in sys.modules:
        return None
    return [module, name] if found(module, name) is value else None


FUNCTIONS: tuple[type, ...] = (types.FunctionType, types.BuiltinFunctionType, type(np.sum))


def found(module: str, name: str) -> Callable[..., Any] | None:
    """What a module of ours holds under a name with dots."""
    value: Any = sys.modules[module]
    for part in name.split("."):
        value = getattr(value, part, None)
    return value
