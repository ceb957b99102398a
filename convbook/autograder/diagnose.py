"""Which known misconception does a wrong answer hold? It is asked on the inputs of the tests, and compared with the bank.

All of this happens on our side; over there, a function is called a few more times. The bank is the instructor's own code.
"""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from nbformat import NotebookNode

from convbook.autograder.rebuild import grade_id, is_answer, is_test
from convbook.autograder.remote import Gone, Remote, TooLate
from convbook.autograder.wire import is_model
from convbook.misconceptions import Misconception, grade_in_process, reference_answer, with_answers

MOST_CALLS = 400
SECONDS = 10.0  # for all questions about one function
SMALL = 24  # numbers in a call that is shown to a student
RECORDER = """
_answer = {function}
def {function}(*arguments):
    calls.append(copy(arguments))
    return _answer(*arguments)
"""

Done = list[np.ndarray] | str  # what a call did: its results and its arguments afterwards, or the name of its error


Finding = dict[str, str]  # about one function


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
    remote.seconds = SECONDS / 5
    try:
        theirs = remote.names([function]).get(function)
        done = [outcome(theirs, arguments) for arguments in calls if time.monotonic() < deadline] if callable(theirs) else []
    except (Gone, TooLate):
        return []
    if all(isinstance(result, str) for result in done):
        return []  # an error in every case has said what it is
    names = given_names(instructor)
    for wrong in bank:
        candidate = defined(wrong.source, function, names)
        if all(same(outcome(candidate, arguments), result) for arguments, result in zip(calls, done)):
            texts = {"name": wrong.name, "idea": wrong.idea, "hint": wrong.hint, "section": wrong.section}
            return [{"function": function, **texts}]
    right = defined(reference_answer(instructor, function), function, names)
    wrongly = (arguments for arguments, result in zip(calls, done) if not same(outcome(right, arguments), result))
    return [smallest(function, arguments) for arguments in itertools.islice(wrongly, 1)]


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
        if cell.cell_type == "code" and not is_answer(cell) and not is_test(cell):
            exec(compile(cell.source, grade_id(cell), "exec"), names)
    return names


def defined(source: str, function: str, names: dict[str, Any]) -> Callable[..., Any]:
    """The function of that name in a text of ours, which can use the names."""
    namespace = dict(names)
    exec(source, namespace)
    return namespace[function]


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Done:
    """What a call does, with arguments of its own."""
    arguments = copy.deepcopy(arguments)
    try:
        with np.errstate(all="ignore"):
            result = function(*arguments)
            parts = result if isinstance(result, tuple) else (result,)
            return [array for part in (*parts, *arguments) for array in arrays_of(part)]
    except (Gone, TooLate):
        raise
    except Exception as error:  # what a wrong answer does
        return type(error).__name__


def arrays_of(value: Any) -> list[np.ndarray]:
    """A value as arrays that can be compared; a Keras model as what it makes of one input, and the number of its weights."""
    if not is_model(value):
        return [np.asarray(value)]
    rng = np.random.default_rng(0)
    shapes = [[1, *(16 if size is None else size for size in given.shape[1:])] for given in value.inputs]
    x = [rng.normal(size=shape).astype("float32") for shape in shapes]
    y = value(x if len(x) > 1 else x[0], training=False)
    parts = y if isinstance(y, (list, tuple)) else [y]
    return [*(part.numpy() for part in parts), np.asarray(value.count_params())]


def same(some: Done, other: Done) -> bool:
    """Whether two calls did the same, but for rounding."""
    if isinstance(some, str) or isinstance(other, str):
        return isinstance(some, str) and some == other
    if [part.shape for part in some] != [part.shape for part in other]:
        return False
    return all(equal(a, b) for a, b in zip(some, other))


def equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays hold the same, but for rounding; anything but numbers must be the same text."""
    if a.dtype.kind not in "biufc" or b.dtype.kind not in "biufc":
        return a.dtype.kind == b.dtype.kind and bool(np.all(a.astype(str) == b.astype(str)))
    scale = max(1.0, float(np.abs(a[np.isfinite(a)]).max(initial=0.0)))
    return bool(np.allclose(a, b, rtol=1e-5, atol=1e-7 * scale, equal_nan=True))


def smallest(function: str, arguments: tuple[Any, ...]) -> Finding:
    """The smallest input that is answered wrongly, in words."""
    call = f"{function}({', '.join(map(repr, arguments))})" if size(arguments) <= SMALL else ""
    return {"function": function, "name": "", "call": " ".join(call.replace("array", "np.array").split())}
