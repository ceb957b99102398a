"""The inputs with which an assignment's tests call a right answer, also without those that would give a result away."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from nbformat import NotebookNode

from convbook.course.cells import find_cell, grade_in_process, reference_answer, with_answers
from convbook.course.kill_rate import question

SEED = str(2**31 + 6)  # no grading draws it: theirs are smaller
RECORDER = """
_answer = {function}
def {function}(*arguments):
    calls.append(copy(arguments))
    return marked(_answer(*arguments))
"""

Calls = list[tuple[Any, ...]]


@contextmanager
def public_seed() -> Iterator[None]:
    """Hidden tests draw inputs that no grading uses."""
    before = os.environ.get("CONVBOOK_SEED")
    os.environ["CONVBOOK_SEED"] = SEED
    try:
        yield
    finally:
        os.environ.pop("CONVBOOK_SEED")
        if before is not None:
            os.environ["CONVBOOK_SEED"] = before


class Result(np.ndarray):
    """An array that came out of an answer, as does all that is computed from it."""


def marked(value: Any) -> Any:
    """A result whose arrays can be recognised."""
    if isinstance(value, tuple):
        return tuple(map(marked, value))
    return value.view(Result) if isinstance(value, np.ndarray) else value


def is_marked(value: Any) -> bool:
    """Whether an argument holds a result, or something computed from one: that would give it away."""
    if isinstance(value, (tuple, list)):
        return any(map(is_marked, value))
    return isinstance(value, Result)


def recorded(notebook: NotebookNode, function: str, mark: Callable[[Any], Any]) -> tuple[Calls, dict[str, float]]:
    """The arguments with which the tests of a notebook call a right answer, whose results are marked; and its points."""
    names: dict[str, Any] = {"calls": [], "copy": copy.deepcopy, "marked": mark}
    answer = reference_answer(notebook, function) + RECORDER.format(function=function)
    points = grade_in_process(with_answers(notebook, {function: answer}), names)
    return names["calls"], points


def unmarked_calls(notebook: NotebookNode, function: str) -> Calls:
    """The recorded calls without those that were computed by the answer itself; ValueError if it fails its own tests."""
    calls, points = recorded(notebook, function, marked)
    if not all(points.values()):
        raise ValueError(f"The solution must pass its own tests. Received: {points}")
    return [call for call in calls if not is_marked(call)]


def calls_in(notebook: NotebookNode, function: str) -> tuple[Calls, Calls]:
    """The calls of a function's visible test, and those of all its tests; none if it needs Keras."""
    if re.search(r"\bkeras\b|\btf\.", reference_answer(notebook, function)):
        return [], []
    shown = question(notebook, function)
    shown.cells.remove(find_cell(shown, f"{function}_laws"))
    return unmarked_calls(shown, function), unmarked_calls(question(notebook, function), function)
