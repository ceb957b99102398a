"""The special methods that can be asked of an object on the other side, and how each is carried out there."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

UNARY = {
    "__len__": len,
    "__iter__": iter,
    "__bool__": bool,
    "__int__": int,
    "__float__": float,
    "__complex__": complex,
    "__index__": operator.index,
    "__abs__": abs,
    "__neg__": operator.neg,
    "__pos__": operator.pos,
    "__invert__": operator.invert,
    "__round__": round,
    "__reversed__": reversed,
    "__repr__": repr,
    "__str__": str,
    "__enter__": lambda target: type(target).__enter__(target),
    "__array__": np.asarray,
}
ARITHMETIC = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "matmul": operator.matmul,
    "truediv": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "pow": operator.pow,
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
}
COMPARISONS = {f"__{name}__": getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")}
OTHERS = {
    "__getitem__": operator.getitem,
    "__setitem__": operator.setitem,
    "__delitem__": operator.delitem,
    "__contains__": operator.contains,
    "__format__": format,
    "__exit__": lambda target, kind, text: type(target).__exit__(target, kind, kind and kind(text), None),
    "__next__": lambda target: next(target),
    "__call__": lambda target, *arguments: target(*arguments),
}
BINARY = {f"__{name}__": function for name, function in ARITHMETIC.items()}
REFLECTED = {f"__r{name}__": (lambda target, other, f=function: f(other, target)) for name, function in ARITHMETIC.items()}
SPECIAL: dict[str, Callable[..., Any]] = UNARY | BINARY | REFLECTED | COMPARISONS | OTHERS
