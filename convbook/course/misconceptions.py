"""Wrong answers that students write, each with its idea and a hint: a test of the tests, and a diagnosis.

A bank is a file `solutions/NN_name/misconceptions.py` of ordinary functions under `@misconception(...)`.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Misconception:
    """One wrong answer: its name, what it answers, the idea behind it, and what to tell the student."""

    name: str
    function: str  # the assignment's function that it answers
    idea: str  # the first docstring: what the student believes
    hint: str  # what went wrong, without the answer
    section: str  # the heading of the chapter to read again
    loses: str  # grade_id of the test meant for it
    source: str  # an answer: the function under the assignment's name, without its docstring


def source_as(function: Callable[..., Any], name: str) -> str:
    """The source text of a function under another name, without decorators and docstring."""
    lines = inspect.getsource(function).splitlines()
    start = next(i for i, line in enumerate(lines) if line.lstrip().startswith("def "))
    text = textwrap.dedent("\n".join(lines[start:]))
    text = re.sub(r'\n    """.*?"""', "", text, count=1, flags=re.DOTALL)
    return re.sub(rf"\b{function.__name__}\b", name, text)


def misconception(*, function: str, loses: str, hint: str, section: str) -> Callable[[Callable[..., Any]], Misconception]:
    """Turns a wrong function into a `Misconception`; its docstring says the idea behind the error."""

    def wrap(wrong: Callable[..., Any]) -> Misconception:
        idea = inspect.getdoc(wrong) or ""
        texts = {"idea": idea, "hint": hint, "section": section, "function": function, "loses": loses}
        empty = [key for key, value in texts.items() if not value.strip()]
        if empty:
            raise ValueError(f"A misconception must have all its texts. Received: {wrong.__name__} without {', '.join(empty)}")
        return Misconception(name=wrong.__name__, source=source_as(wrong, function), **texts)

    return wrap


def load_module(path: Path) -> dict[str, Any]:
    """The names that a Python file defines, in order; nothing of it stays imported."""
    if not path.is_file():
        raise ValueError(f"The path must be an existing Python file. Received: {path}")
    spec = importlib.util.spec_from_file_location(f"_{path.parent.name}_{path.stem}", path)
    assert spec is not None and spec.loader is not None  # always so for a file that ends in .py
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)


def read_bank(path: Path) -> list[Misconception]:
    """The misconceptions of `solutions/NN_name/misconceptions.py`, in the order of the file."""
    bank = [value for value in load_module(path).values() if isinstance(value, Misconception)]
    if not bank:
        raise ValueError(f"A bank must hold at least one function under @misconception. Received: {path}")
    written = len(re.findall(r"^@misconception\(", path.read_text(encoding="utf-8"), flags=re.MULTILINE))
    if written > len(bank):  # a second function of one name replaces the first
        raise ValueError(f"The names of misconceptions must differ. Received: {path} with {len(bank)} names for {written}")
    return bank
