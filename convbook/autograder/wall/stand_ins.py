"""Our side: objects that stand in for those of another process. What is asked of one is asked there, and the answer doubted.

A stand-in never tells the other side what it is compared with: a comparison with a value of ours is decided here, and
arithmetic with one is allowed only where the instructor's own solution needed it in the same test.
"""

from __future__ import annotations

import builtins
import inspect
import sys
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from convbook.autograder.crossing.special import ARITHMETIC, COMPARISONS, SPECIAL
from convbook.autograder.crossing.wire import WireError

LIBRARY_ERRORS = {("numpy.linalg", "LinAlgError"), ("numpy.exceptions", "AxisError"), ("json.decoder", "JSONDecodeError")}
UNCLAIMED = ("builtins", "numpy", "__main__", "convbook")  # an object of another process is never one of these packages' own


class Asked(Protocol):
    """What a stand-in needs of the connection to its process."""

    def do(self, doing: str, target: Any, *arguments: Any, with_what: str = "") -> Any:
        """What comes of doing something with an object over there."""

    def call(self, target: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """What a call of it gives."""


class NotAsked(TypeError, AttributeError):
    """Something that a test may not ask of a student's object, because it need not ask it of the solution's."""


class StandIn:
    """An object of another process. Its class is made for it, with the special methods that the object has."""

    __slots__ = ("_facts", "_number", "_remote")  # and no dictionary: that of the object is over there

    def __init__(self, remote: Asked, number: int, facts: dict[str, Any]) -> None:
        for name, value in (("_remote", remote), ("_number", number), ("_facts", facts)):
            object.__setattr__(self, name, value)

    @property
    def __class__(self) -> type:
        """The library's own class of that name where this process has it: so `isinstance` says what it would say there."""
        return library_class(self._facts["module"], self._facts["type"]) or type(self)

    @property
    def __doc__(self) -> Any:
        return self._remote.do("get", self, "__doc__")

    @property
    def __name__(self) -> str:
        if "name" not in self._facts:
            raise AttributeError("__name__")
        return self._facts["name"]

    @property
    def __signature__(self) -> inspect.Signature:
        return made_signature(self._remote.do("signature", self))

    def __getattr__(self, name: str) -> Any:
        return self._remote.do("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._remote.do("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._remote.do("delete", self, name)

    def __dir__(self) -> list[str]:
        return self._remote.do("dir", self)

    def saved_elsewhere(self) -> bytes:
        """A model as the content of its file."""
        return bytes(self._remote.do("saved", self))

    def __instancecheck__(self, value: Any) -> bool:
        if isinstance(value, tuple) and hasattr(type(value), "_fields"):  # a named tuple has crossed as such
            return type(value).__name__ == self._facts.get("name")
        return is_stand_in(value) and self._remote.do("isinstance", self, value) is True

    def __subclasscheck__(self, value: Any) -> bool:
        return is_stand_in(value) and self._remote.do("issubclass", self, value) is True

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("An object of a student's process cannot be copied here.")

    def __hash__(self) -> int:
        return hash(("stand-in", self._number))

    def __repr__(self) -> str:
        return f"<{self._facts['type']} of the notebook>"


def is_stand_in(value: Any) -> bool:
    """Whether a value stands in for an object of another process."""
    return issubclass(type(value), StandIn)


def method(name: str) -> Callable[..., Any]:
    """A special method that is carried out over there."""

    def asked(self: StandIn, *arguments: Any) -> Any:
        return self._remote.do(name, self, *arguments)

    return asked


def arithmetic(name: str) -> Callable[[StandIn, Any], Any]:
    """An operation with another object, or with a value of ours: which of both it is matters to who may do it."""

    def asked(self: StandIn, other: Any) -> Any:
        return self._remote.do(name, self, other, with_what="object" if is_stand_in(other) else "value")

    return asked


def comparison(name: str) -> Callable[[StandIn, Any], Any]:
    """A comparison of two objects of that process; one with a value of ours is decided here, and says that they differ."""

    def asked(self: StandIn, other: Any) -> Any:
        if not is_stand_in(other):
            return NotImplemented
        return self._remote.do(name, self, other) is True

    return asked


def array_method(self: StandIn, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
    """The object as an array of NumPy."""
    array = self._remote.do("__array__", self)
    if not isinstance(array, np.ndarray):
        raise TypeError("An object must become an array of numbers. Received: something else.")
    return array if dtype is None else array.astype(dtype)


def call_method(self: StandIn, *arguments: Any, **options: Any) -> Any:
    """A call, of which also what it does to its arguments comes back."""
    return self._remote.call(self, arguments, options)


def exit_method(self: StandIn, kind: Any, error: Any, trace: Any) -> bool:
    """The end of a `with` block; of an error in it, its class and its text are told."""
    return self._remote.do("__exit__", self, kind, str(error)) is True


def must_be(name: str, kind: type) -> Callable[[StandIn], Any]:
    """A special method whose result Python wants to be of one type."""

    def asked(self: StandIn, *arguments: Any) -> Any:
        try:
            result = self._remote.do(name, self, *arguments)
        except NotAsked:
            if kind is not str:
                raise
            return StandIn.__repr__(self)
        if type(result) is not kind:
            raise TypeError(f"{name} must give a {kind.__name__}. Received: {type(result).__name__}")
        return result

    return asked


TYPED = {"__len__": int, "__bool__": bool, "__int__": int, "__float__": float, "__index__": int, "__complex__": complex}
TYPED |= {"__repr__": str, "__str__": str, "__format__": str, "__contains__": bool}
METHODS = {name: method(name) for name in SPECIAL}
METHODS |= {f"__{r}{name}__": arithmetic(f"__{r}{name}__") for name in ARITHMETIC for r in ("", "r")}
METHODS |= {name: comparison(name) for name in COMPARISONS}
METHODS |= {name: must_be(name, kind) for name, kind in TYPED.items()}
METHODS |= {"__array__": array_method, "__call__": call_method, "__exit__": exit_method}


def class_for(facts: Any) -> type:
    """A class of stand-ins with the special methods that the description names; WireError for a description that is none."""
    texts = isinstance(facts, dict) and all(type(facts.get(key)) is str for key in ("type", "module"))
    special = facts.get("special") if texts else None
    if not isinstance(special, list) or not all(type(name) is str and name in SPECIAL for name in special):
        raise WireError(f"An object must be described by its type and its methods. Received: {facts!r:.60}")
    if type(facts.get("name", "")) is not str:
        raise WireError(f"An object's name must be a text. Received: {facts!r:.60}")
    name = facts["type"] if facts["type"].isidentifier() and len(facts["type"]) <= 60 else "object"
    kept = {"__slots__": (), "__doc__": StandIn.__dict__["__doc__"], "__module__": facts["module"]}
    return type(name, (StandIn,), {one: METHODS[one] for one in special} | kept)


def library_class(module: str, name: str) -> type | None:
    """The class of that name in a library that this process has imported already; nothing is imported or called for it."""
    if module.split(".")[0] in UNCLAIMED:
        return None
    found = vars(sys.modules.get(module, sys)).get(name) if module in sys.modules else None
    return found if type(found) is type or isinstance(found, type) else None


def made_signature(parameters: Any) -> inspect.Signature:
    """The signature of a function over there."""
    made = []
    for name, kind, default in parameters:
        given = {"default": default[0]} if default else {}
        made.append(inspect.Parameter(str(name), inspect._ParameterKind(int(kind)), **given))
    return inspect.Signature(made)


class ErrorClasses:
    """The classes of errors that a student has defined, as classes of ours that a test can catch."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, str, str], type] = {}

    def of(self, classes: Any) -> type:
        """The class for a list of [module, name, identity], from the error's own to Python's; WireError if it is none."""
        whole = isinstance(classes, list) and 0 < len(classes) <= 20
        if not whole or not all(isinstance(c, list) and len(c) == 3 and all(type(t) is str for t in c) for c in classes):
            raise WireError(f"An error must be described by its classes. Received: {classes!r:.60}")
        base: type = RuntimeError
        for module, name, identity in reversed(classes):
            if module == "builtins":
                base = builtin_error(name)
            elif (module, name) in LIBRARY_ERRORS and module in sys.modules:
                base = getattr(sys.modules[module], name)
            else:
                base = self.made.setdefault((module, name, identity), error_class(name, base))
        return base


def error_class(name: str, base: type) -> type:
    """A class of errors of that name."""
    last = name.rpartition(".")[2]
    usable = last.isidentifier() and len(last) <= 60
    return type(last if usable else "StudentError", (base,), {})


def builtin_error(name: str) -> type:
    """Python's error of that name, or RuntimeError: what is no Exception must not end us, and some want more than a text."""
    kind = getattr(builtins, name, None)
    if not isinstance(kind, type) or not issubclass(kind, Exception):
        return RuntimeError
    return ValueError if issubclass(kind, UnicodeError) else kind
