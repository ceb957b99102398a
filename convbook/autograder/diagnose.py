"""Which known misconception does a wrong answer hold? It is asked on the inputs of the tests, and compared with the bank.

All of this happens on our side; over there, a function is called a few more times. The bank is the instructor's own code.
"""

from __future__ import annotations

import itertools
import time

from nbformat import NotebookNode

from convbook.autograder.wall.remote import Gone, Remote, TooLate
from convbook.course.behaviour import built_same, has_models, outcome
from convbook.course.cells import grade_id, reference_answer
from convbook.course.compose import find_pair
from convbook.course.diagnosis import Finding, calls_of_tests, defined, find_one, given_names, smallest
from convbook.course.misconceptions import Misconception

SECONDS = 10.0  # for all questions about one function
TEXTS = ("name", "idea", "hint", "section")  # what is told of a misconception


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
    calls = calls_of_tests(instructor, function)
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
