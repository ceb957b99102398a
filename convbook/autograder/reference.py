"""Before a class is graded, the instructor's own solution goes through the same path: what fails there is no student's fault.

From it the grader learns of each test whether it can run on our side of the wall, and what it must ask of objects that the
answers make. A test that the solution passes only in its own process runs there for everybody, and is of lower trust.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from convbook.autograder.course import CourseError, read_json
from convbook.autograder.plan import Assignment, Job
from convbook.autograder.rebuild import from_text
from convbook.autograder.score import Trust
from convbook.autograder.wall.sandbox import NoSandbox
from convbook.course.cells import grade_id, is_test
from convbook.course.files import write_whole

Answer = dict[str, Any]
Ask = Callable[[Job, Trust], Answer]  # grades one job somewhere


def trust_of(assignment: Assignment, ask: Ask, believe: bool = False) -> Trust:
    """What the solution needs of each test, from the last time or found out now.

    CourseError for a test that does not give it all points, unless the instructor says to `believe` the tests all the same.
    """
    path = assignment.course.memory / "reference" / f"{assignment.name}.json"
    known = read_json(path)
    if known.get("digest") != assignment.digest.hex() or (known["failed"] and not believe):
        known = found_out(assignment, ask) | {"digest": assignment.digest.hex()}
        write_whole(path, json.dumps(known, indent=1))
    if known["failed"] and not believe:
        place = assignment.course.folder("source", assignment.name)
        raise CourseError(
            f"The tests of {assignment.name} must give all points to the solution in {place} before they are put to students. "
            f"Received: {'; '.join(known['failed'])}. Repair the test or the solution (what a test can use of an answer "
            "stands in the page “Writing a question”), or say --believe-tests."
        )
    return Trust(frozenset(known["inside"]), known["uses"])


def found_out(assignment: Assignment, ask: Ask) -> dict[str, Any]:
    """Grades the solution: first with all tests on our side, then with those inside that failed."""
    job = Job(assignment.name, "the solution", "", copy.deepcopy(assignment.sources), dict(assignment.given_files))
    first = answered(ask(job, Trust()))
    failed = dict(failures(assignment, first))
    left: set[str] = set()
    if failed:
        second = answered(ask(job, Trust(frozenset(failed))))
        left = set(dict(failures(assignment, second)))
    uses = {test: used for notebook in first["notebooks"].values() for test, used in notebook["uses"].items()}
    return {"inside": sorted(set(failed) - left), "uses": uses, "failed": [failed[test] for test in failed if test in left]}


def answered(answer: Answer) -> Answer:
    """An answer with notebooks in it; an error for one without."""
    if answer.get("no_sandbox"):
        raise NoSandbox(answer["error"])
    if answer["error"]:
        raise CourseError(f"The solution must be one that can be run and tested. Received: {answer['error'].strip()[-600:]}")
    return answer


def failures(assignment: Assignment, answer: Answer) -> Iterator[tuple[str, str]]:
    """(test, what went wrong in words) for each test that did not give the solution all its points."""
    for name, source in assignment.sources.items():
        ran = answer["notebooks"][name]
        shown = {grade_id(cell): cell for cell in from_text(ran["notebook"]).cells if grade_id(cell)}
        for cell in filter(is_test, source.cells):
            test, most = grade_id(cell), float(cell.metadata["nbgrader"]["points"])
            earned = ran["points"].get(test, 0.0)
            if earned < most:
                errors = [output.evalue for output in shown[test].outputs if output.output_type == "error"]
                said = f" ({' '.join(errors[-1].split())[:200]})" if errors else ""
                yield test, f"{test} of {name} gives it {earned:g} of {most:g}{said}"
