"""Which known misconception does a wrong answer hold? It is asked on the inputs of the tests, and compared with the bank.

All of this happens on our side; over there, a function is called a few more times. The bank is the instructor's own code.
"""

from __future__ import annotations

import copy
import itertools
import time
from typing import Any

import numpy as np
from nbformat import NotebookNode

from convbook.autograder.behaviour import Answer, Done, built_same, has_models, outcome
from convbook.autograder.compose import does, find_pair
from convbook.autograder.rebuild import grade_id, is_answer, is_test
from convbook.autograder.wall.remote import Gone, Remote, TooLate
from convbook.course.check_cells import is_check
from convbook.course.misconceptions import Misconception, grade_in_process, reference_answer, with_answers

MOST_CALLS = 400
SECONDS = 10.0  # for all questions about one function
SMALL = 24  # numbers in a call that is shown to a student
RECORDER = """
_answer = {function}
def {function}(*arguments):
    calls.append(copy(arguments))
    return _answer(*arguments)
"""

TEXTS = ("name", "idea", "hint", "section")  # what is told of a misconception
Finding = dict[str, str]  # about one function
Answers = list[tuple[Misconception, Answer]]


def diagnose(remote: Remote, instructor: NotebookNode, bank: list[Misconception], points: dict[str, float]) -> list[Finding]:
    """For each function that lost points: the misconception that it equals, or the smallest input that it gets wrong."""
    most = {grade_id(cell): float(cell.metadata["nbgrader"].get("points", 0)) for cell in instructor.cells if grade_id(cell)}
    found = []
    for function in dict.fromkeys(wrong.function for wrong in bank):
        tests = [name for name in points if name.startswith(f"{function}_")]
        if any(points[name] < most[name] for name in tests):
            found += about(remote, instructor, [wrong for wrong in bank if wrong.function == function], function)
    return found


def about(remote: Remote, instructor: NotebookNode, bank: list[Misconception], function: str) -> list[Finding]:
    """What can be said about one wrong function; nothing if it was not answered, or answers no more."""
    calls = calls_of(instructor, function)
    deadline = time.monotonic() + SECONDS
    remote.seconds, remote.deadline, remote.allowed = SECONDS / 5, deadline, frozenset()
    try:
        theirs = remote.names([function]).get(function)
        done = [outcome(theirs, arguments) for arguments in calls if time.monotonic() < deadline] if callable(theirs) else []
    except (Gone, TooLate):
        return []
    if all(result.error for result in done):
        return []  # an error in every case has said what it is
    names = given_names(instructor)
    right = defined(reference_answer(instructor, function), function, names)
    answers = [(wrong, defined(wrong.source, function, names)) for wrong in bank]
    calls = calls[: len(done)]
    held = find_one(right, answers, calls, done)
    if not held and not any(map(has_models, done)):
        held = find_pair(right, answers, calls, done)
    if held:
        return [{"function": function, **{key: getattr(wrong, key) for key in TEXTS}} for wrong in held]
    wrongly = (arguments for arguments, result in zip(calls, done) if not built_same(outcome(right, arguments), result))
    return [smallest(function, arguments) for arguments in itertools.islice(wrongly, 1)]


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


def calls_of(instructor: NotebookNode, function: str) -> list[tuple[Any, ...]]:
    """The arguments with which the tests call a right answer, the smallest first."""
    part = copy.deepcopy(instructor)
    part.cells = [cell for cell in part.cells if not is_test(cell) or grade_id(cell).startswith(f"{function}_")]
    source = reference_answer(instructor, function) + RECORDER.format(function=function)
    names: dict[str, Any] = {"calls": [], "copy": copy.deepcopy}
    grade_in_process(with_answers(part, {function: source}), names)
    return sorted(names["calls"], key=size)[:MOST_CALLS]


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
