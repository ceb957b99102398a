"""Plain values that are made of simpler ones: sets, dates, fractions, named tuples, tables. How each is taken apart and made.

Used on both sides of the wall. A value is taken apart only if its type is exactly the one that is named here; what is made
is made of parts that have crossed already, by a constructor that is given nothing else.
"""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import functools
import keyword
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.random  # loaded late by itself: not where a notebook may have changed what can be imported

LARGEST_EXPONENT = 6144  # of a decimal number: that of IEEE's largest
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
LONGEST_ROW = 10_000_000  # of a range that is made
FRAME_TYPES = ("Int8", "Int16", "Int32", "Int64", "UInt8", "Float32", "Float64", "boolean", "string", "str", "object")

Parts = tuple[str, Any]

TAKE: dict[type, Callable[[Any], Any]] = {
    complex: lambda value: [value.real, value.imag],
    bytes: lambda value: np.frombuffer(value, np.uint8),
    bytearray: lambda value: np.frombuffer(bytes(value), np.uint8),
    set: list,
    frozenset: list,
    collections.deque: list,
    collections.Counter: dict,
    collections.OrderedDict: dict,
    range: lambda value: [value.start, value.stop, value.step],
    slice: lambda value: [value.start, value.stop, value.step],
    fractions.Fraction: lambda value: [value.numerator, value.denominator],
    decimal.Decimal: str,
    datetime.date: datetime.date.isoformat,
    datetime.datetime: datetime.datetime.isoformat,
    datetime.time: datetime.time.isoformat,
    datetime.timedelta: lambda value: [value.days, value.seconds, value.microseconds],
}

MAKE: dict[str, Callable[[Any], Any]] = {
    "complex": lambda parts: complex(*map(float, parts)),
    "bytes": lambda parts: parts.tobytes(),
    "bytearray": lambda parts: bytearray(parts.tobytes()),
    "set": set,
    "frozenset": frozenset,
    "deque": collections.deque,
    "Counter": collections.Counter,
    "OrderedDict": collections.OrderedDict,
    "range": lambda parts: range(*map(int, parts)),
    "slice": lambda parts: slice(*parts),
    "Fraction": lambda parts: fractions.Fraction(*map(int, parts)),
    "Decimal": lambda parts: made_decimal(str(parts)),
    "dtype": lambda parts: made_dtype(parts),
    "Generator": lambda parts: made_generator(parts),
    "date": datetime.date.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "time": datetime.time.fromisoformat,
    "timedelta": lambda parts: datetime.timedelta(*map(int, parts)),
    "Series": lambda parts: series(*parts),
    "DataFrame": lambda parts: frame(*parts),
    "named tuple": lambda parts: named_tuple(parts[0], tuple(parts[1]))(*parts[2]),
    "default dict": lambda parts: collections.defaultdict(None, parts),
}


def parts_of(value: Any) -> Parts | None:
    """(word, parts) of a value that `MAKE[word]` can make of its parts; None for any other value."""
    kind = type(value)
    if kind in TAKE:
        return kind.__name__, TAKE[kind](value)
    if kind is collections.defaultdict:
        return "default dict", dict(value)
    if isinstance(value, np.dtype) and value.kind in "biufcUSMm":
        return "dtype", value.str
    if kind is np.random.Generator and type(value.bit_generator).__name__ in BIT_GENERATORS:
        return "Generator", value.bit_generator.state
    if issubclass(kind, tuple) and kind.__bases__ == (tuple,) and hasattr(kind, "_fields") and "__eq__" not in vars(kind):
        return "named tuple", [kind.__name__, list(kind._fields), list(tuple.__iter__(value))]
    pandas = sys.modules.get("pandas")
    if pandas is not None and kind is getattr(pandas, "DataFrame", None):
        columns = [value.iloc[:, n] for n in range(value.shape[1])]
        return "DataFrame", [labels(value.index), labels(value.columns), [column(one) for one in columns]]
    if pandas is not None and kind is getattr(pandas, "Series", None):
        return "Series", [column(value), labels(value.index), value.name]
    return None


def made_decimal(text: str) -> decimal.Decimal:
    """A decimal number that can be counted with in a moment."""
    number = decimal.Decimal(text)
    if len(text) > 1000 or (number.is_finite() and abs(number.adjusted()) > LARGEST_EXPONENT):
        raise ValueError(f"A decimal number must have an exponent of at most {LARGEST_EXPONENT}. Received: {text:.60}")
    return number


def made_dtype(text: Any) -> np.dtype:
    """The type of an array's items, of numbers, texts or times."""
    if type(text) is not str or not re.fullmatch(r"[<>|=]?[biufcUSMm][0-9]{0,7}(\[[0-9]{0,6}[a-zA-Z]{1,2}\])?", text):
        raise ValueError(f"A type must be one of numbers, texts or times. Received: {text!r:.40}")
    return np.dtype(text)


def made_generator(state: Any) -> np.random.Generator:
    """A generator of random numbers that goes on where the other one was."""
    if state["bit_generator"] not in BIT_GENERATORS:
        raise ValueError(f"A generator must be one of NumPy's. Received: {state['bit_generator']!r:.40}")
    made = getattr(np.random, state["bit_generator"])(0)
    made.state = state
    return np.random.Generator(made)


@functools.lru_cache(maxsize=1000)
def named_tuple(name: str, fields: tuple[str, ...]) -> type:
    """The class of named tuples of that name with these fields."""
    usable = name.isidentifier() and not keyword.iskeyword(name) and len(fields) <= 200
    return collections.namedtuple(name if usable else "Tuple", fields, rename=True)


def labels(index: Any) -> list[Any]:
    """[the labels of a table's rows or columns as a list or as numbers, their names]."""
    regular = type(index).__name__ == "RangeIndex"
    values = range(index.start, index.stop, index.step) if regular else column(index)
    return [values, list(index.names)]


def column(values: Any) -> list[Any]:
    """[the name of a column's type, its values]: an array where NumPy has its type, else a list; None where one is missing."""
    kind = values.dtype
    if isinstance(kind, np.dtype) and kind.kind in "biufcMm":
        return ["", np.asarray(values)]
    missing = np.asarray(values.isna() if hasattr(values, "isna") else np.zeros(len(values), bool))
    items = [None if gone else item for gone, item in zip(missing, list(values))]
    if kind.name == "category":
        return ["category", [items, list(kind.categories), bool(kind.ordered)]]
    return [kind.name if kind.name in FRAME_TYPES else "object", items]


def made_column(kind: str, values: Any) -> Any:
    """The column of a table that `column` has taken apart."""
    import pandas

    if kind == "category":
        return pandas.Categorical(values[0], categories=values[1], ordered=values[2])
    if kind and kind not in FRAME_TYPES:
        raise ValueError(f"A column must be of a known type. Received: {kind!r:.40}")
    return pandas.array(values, dtype=kind) if kind not in ("", "object") else pandas.Series(values, dtype=kind or None).array


def made_labels(values: Any, names: list[Any]) -> Any:
    """The labels of a table that `labels` has taken apart."""
    import pandas

    if isinstance(values, range):
        if len(values) > LONGEST_ROW:
            raise ValueError(f"A table must have at most {LONGEST_ROW} rows. Received: {len(values)}")
        return pandas.RangeIndex(values, name=names[0])
    kind, items = values
    if items is not None and len(items) and isinstance(items[0], tuple):
        return pandas.MultiIndex.from_tuples(items, names=names)
    return pandas.Index(made_column(kind, items), name=names[0])


def series(values: list[Any], index: list[Any], name: Any) -> Any:
    """A column with the labels of its rows."""
    import pandas

    return pandas.Series(made_column(*values), index=made_labels(*index), name=name)


def frame(index: list[Any], columns: list[Any], values: list[Any]) -> Any:
    """A table of columns."""
    import pandas

    made = pandas.DataFrame({n: made_column(*one) for n, one in enumerate(values)}, index=made_labels(*index))
    made.columns = made_labels(*columns)
    return made
