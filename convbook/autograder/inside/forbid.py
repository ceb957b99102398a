"""What an assignment forbids is taken out of the process before a student's code runs in it: not hidden, but gone.

A function that refuses in the place of the forbidden one would lead to it, by its closure or by a copy that somebody finds. So
the forbidden function itself is changed: whoever finds it, under whatever name, finds one that refuses. What it was made of
in C is removed from every module, and the file of its source is covered in the student's process.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
import types
from typing import Any

# The functions in C that a forbidden one is made of, by the names under which NumPy's modules hold them.
IN_C = {"numpy.convolve": ("correlate",), "numpy.correlate": ("correlate2",)}
C_MODULE = "numpy._core._multiarray_umath"
FAST_CALL = 0x0082  # how NumPy has its functions called: METH_FASTCALL | METH_KEYWORDS
# What a function with an allowed case uses for its other cases: these refuse, so the function itself can stay.
OTHER_CASES = {
    "numpy.pad unless mode=constant": (
        "numpy.lib._arraypad_impl",
        ("_get_edges", "_get_linear_ramps", "_get_stats", "_set_reflect_both", "_set_wrap_both"),
    )
}


def forbid(rule: str) -> list[str]:
    """Takes a function out of this process; the files whose sources must not be read any more.

    A rule is the function's name, as "numpy.convolve", or has an exception: "numpy.pad unless mode=constant". ValueError
    where this module does not know how to take a function out.
    """
    name, _, exception = rule.partition(" unless ")
    key, _, allowed = exception.partition("=")
    package, _, last = name.rpartition(".")
    but = f" with another {key} than {allowed}" if exception else ""
    text = f"{name} must not be used{but} in this assignment: write it yourself."
    if exception:
        module, names = other_cases(rule)
        functions = [getattr(module, one) for one in names]
    else:
        functions = [python_function(getattr(importlib.import_module(package), last), name)]
    for function in functions:
        refuse(function, text)
    remove_from_c(IN_C.get(name, ()))
    return sorted({path for function in functions for path in files_of(function)})


def other_cases(rule: str) -> tuple[types.ModuleType, tuple[str, ...]]:
    """The module and the names of what the forbidden cases of a function need."""
    if rule not in OTHER_CASES:
        raise ValueError(f"A rule with an exception must be one of {sorted(OTHER_CASES)}. Received: {rule!r}")
    module, names = OTHER_CASES[rule]
    return importlib.import_module(module), names


def python_function(function: Any, name: str) -> types.FunctionType:
    """The function in Python behind what NumPy shows under a name."""
    found = getattr(function, "_implementation", function)
    if not isinstance(found, types.FunctionType):
        raise ValueError(f"A forbidden function must be written in Python. Received: {name}, {type(found).__name__}")
    return found


def refuse(function: types.FunctionType, text: str) -> None:
    """Makes a function refuse, wherever it is held: its code is replaced, and nothing leads to the old one."""
    free = function.__code__.co_freevars
    if free:
        raise ValueError(
            f"A forbidden function must use no variables of another one. Received: {function.__qualname__}, {free}"
        )
    made: dict[str, Any] = {}
    exec(f"def refused(*arguments, **options):\n    raise RuntimeError({text!r})", made)
    function.__code__ = made["refused"].__code__
    function.__defaults__ = function.__kwdefaults__ = None


def remove_from_c(names: tuple[str, ...]) -> None:
    """Makes functions in C refuse, also in a copy of the module that somebody makes, and removes them from every module."""
    for name in names:
        function = vars(sys.modules[C_MODULE]).get(name)
        if type(function) is not types.BuiltinFunctionType:
            raise ValueError(f"NumPy must hold {name} in {C_MODULE}. Received: a NumPy without it")
        refuse_in_c(function)
        for module in list(sys.modules.values()):
            for attribute in [one for one, value in vars(module).items() if value is function] if module else ():
                delattr(module, attribute)


class Method(ctypes.Structure):
    """How C describes a function to Python: all objects that are made of it share this description."""

    _fields_ = (("name", ctypes.c_char_p), ("address", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p))


class BuiltinFunction(ctypes.Structure):
    """The beginning of a function of C as an object."""

    _fields_ = (("count", ctypes.c_ssize_t), ("type", ctypes.c_void_p), ("method", ctypes.POINTER(Method)))


def refuse_in_c(function: types.BuiltinFunctionType) -> None:
    """Puts the address of a refusal where C keeps that of the function; ValueError where it is not kept as we know it."""
    method = BuiltinFunction.from_address(id(function)).method.contents
    if method.name != function.__name__.encode() or method.flags & 0xFF != FAST_CALL:
        raise ValueError(f"NumPy must call {method.name!r} as version 2.4 does. Received: another way, {method.flags}")
    method.address = ctypes.cast(REFUSAL, ctypes.c_void_p).value


@ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_void_p)
def REFUSAL(owner: int, arguments: int, count: int, names: int) -> int | None:
    """What stands in the place of a function of C: no result, which Python takes for an error."""
    return None


def files_of(function: types.FunctionType) -> list[str]:
    """The file of a function's source, and the one in which Python keeps it compiled."""
    module = sys.modules[function.__module__]
    module = sys.modules.get(function.__globals__["__name__"], module)
    return [path for path in (module.__file__, getattr(module, "__cached__", None)) if path]
