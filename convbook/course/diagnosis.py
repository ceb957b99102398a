"""Which known misconception does what a wrong answer did? Compared with the bank, which is the instructor's own code.

Whose answer it was does not matter here: that of a student in a sandbox, or one of the bank.
"""

from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np
from nbformat import NotebookNode

from convbook.course.behaviour import Answer, Done, built_same, has_models
from convbook.course.calls import Calls, recorded
from convbook.course.cells import grade_id, is_answer, is_test
from convbook.course.check_cells import is_check
from convbook.course.compose import does
from convbook.course.misconceptions import Misconception

MOST_CALLS = 400
SMALL = 24  # numbers in a call that is shown to a student

Finding = dict[str, str]  # about one function
Answers = list[tuple[Misconception, Answer]]


def find_one(right: Answer, bank: Answers, calls: list[tuple[Any, ...]], done: list[Done]) -> tuple[Misconception, ...]:
    """The misconception that does what was done in these calls.

    Models with random starts never do the same. So, second, the one whose models are built as those were, and not as the
    right ones are.
    """
    held = (wrong for wrong, answer in bank if does(answer, calls, done))
    built = (wrong for wrong, answer in bank if does(answer, calls, done, built_same))
    found = tuple(itertools.islice(held, 1))
    if found or not any(map(has_models, done)) or does(right, calls, done, built_same):
        return found
    return tuple(itertools.islice(built, 1))


def calls_of_tests(instructor: NotebookNode, function: str) -> Calls:
    """The arguments with which the tests call a right answer, the smallest first."""
    part = copy.deepcopy(instructor)
    part.cells = [cell for cell in part.cells if not is_test(cell) or grade_id(cell).startswith(f"{function}_")]
    calls, _ = recorded(part, function, mark=lambda result: result)
    return sorted(calls, key=size)[:MOST_CALLS]


def size(arguments: tuple[Any, ...]) -> int:
    """How many numbers a call holds."""
    return sum(np.size(argument) if isinstance(argument, (np.ndarray, list, tuple)) else 1 for argument in arguments)


def given_names(instructor: NotebookNode) -> dict[str, Any]:
    """What the instructor's cells define before the first answer: imports and helpers."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in instructor.cells:
        if cell.cell_type == "code" and not is_answer(cell) and not is_test(cell) and not is_check(cell):
            exec(compile(cell.source, grade_id(cell), "exec"), names)
    return names


def defined(source: str, function: str, names: dict[str, Any]) -> Answer:
    """The function of that name in a text of ours, which can use the names."""
    namespace = dict(names)
    exec(source, namespace)
    return namespace[function]


def smallest(function: str, arguments: tuple[Any, ...]) -> Finding:
    """The smallest input that is answered wrongly, in words."""
    call = f"{function}({', '.join(map(repr, arguments))})" if size(arguments) <= SMALL else ""
    return {"function": function, "name": "", "call": " ".join(call.replace("array", "np.array").split())}
