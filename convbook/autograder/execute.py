"""One submission, from its rebuilt notebook to its points: student cells behind the wall, test cells on our side."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from convbook.autograder.outputs import clean
from convbook.autograder.score import CannotSplit, Scorer, Test, Trust, failure, points_for
from convbook.autograder.wall.models import ModelLate, ModelProcess
from convbook.autograder.wall.remote import Gone, Remote, TooLate
from convbook.autograder.wall.sandbox import Running, Sandbox
from convbook.course.cells import grade_id, is_test

ALTOGETHER = 20  # a whole notebook may take so many times the limit of a cell
A_TEST = 10  # and a test, with all its calls
LARGEST = 16_000_000  # characters of what the student's cells of a notebook show
PATIENCE = 5.0  # seconds for a cell to end after it was interrupted


@dataclass
class Outcome:
    """What a submission reached: its state, points by test, the executed notebook, and what it cost."""

    state: str  # graded, timeout, out-of-memory, kernel-died
    points: dict[str, float]
    notebook: NotebookNode
    lower_trust: list[str] = field(default_factory=list)  # tests that had to run in the student's process
    late: list[str] = field(default_factory=list)  # cells that reached the time limit
    uses: dict[str, list[str]] = field(default_factory=dict)  # by test: what it asked of the student's objects
    findings: list[dict[str, str]] = field(default_factory=list)  # what is known about wrong answers
    cpu_seconds: float = 0.0


NOTHING_KNOWN = Trust()

Diagnosis = Callable[[Remote, dict[str, float]], list[dict[str, str]]]


class Ended(Exception):
    """The student's process has ended; what comes after it cannot run."""


class Execution:
    """A notebook on its way through the sandbox, cell after cell."""

    def __init__(self, running: Running, notebook: NotebookNode, seconds: float, trust: Trust) -> None:
        self.running, self.notebook, self.seconds = running, notebook, seconds
        self.deadline = time.monotonic() + ALTOGETHER * seconds
        self.scorer = Scorer(running.remote, trust)
        self.left = LARGEST
        self.outcome = Outcome("graded", {}, notebook)

    def run(self, files: dict[str, bytes], diagnosis: Diagnosis | None = None) -> Outcome:
        """All cells in order. A test that is not reached gives no points."""
        code = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        for cell in code:
            if is_test(cell):
                self.outcome.points[grade_id(cell)] = 0.0
                cell.outputs = clean([failure("NotReached", "The notebook ended before this test.")])
        try:
            self.give(files)
            for number, cell in enumerate(code, start=1):
                cell.execution_count = number
                self.step(cell)
            if diagnosis:
                self.outcome.findings = diagnosis(self.running.remote, self.outcome.points)
        except Ended:
            pass
        ended = self.running.end()
        self.outcome.cpu_seconds = ended["cpu_seconds"]
        if ended["too_large"]:
            self.outcome.state = "out-of-memory"
        elif self.running.remote.gone:
            self.outcome.state = "kernel-died"
        elif self.outcome.late:
            self.outcome.state = "timeout"
        return self.outcome

    def give(self, files: dict[str, bytes]) -> None:
        """Puts the files of the submission beside the notebook."""
        if files:
            try:
                self.running.remote.give(files)
            except (TooLate, Gone):
                raise Ended from None

    def step(self, cell: NotebookNode) -> None:
        """One cell, on the side of the wall where it belongs."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            self.outcome.late.append("the whole notebook")
            raise Ended
        self.running.remote.seconds = min(self.seconds, left)
        self.running.remote.deadline = min(self.deadline, time.monotonic() + A_TEST * self.seconds)
        if is_test(cell):
            self.test(cell)
            return
        cell.outputs = clean(self.inside(cell), self.left)
        self.left -= len(json.dumps(cell.outputs))
        if cell.metadata.get("nbgrader", {}).get("locked"):
            self.scorer.prepare(cell.source)

    def inside(self, cell: NotebookNode) -> list[dict[str, Any]]:
        """Runs a cell in the student's process; one that takes too long is interrupted, or everything ends."""
        try:
            return self.running.remote.run(cell.source)
        except TooLate:
            self.interrupt(cell)
            return [failure("TimeLimit", "The time limit was reached.")]
        except Gone:
            raise Ended from None

    def interrupt(self, cell: NotebookNode) -> None:
        """What Ctrl-C makes of a cell or a call that took too long; Ended if it does not listen."""
        self.outcome.late.append(grade_id(cell) or "a cell of the student")
        self.running.interrupt()
        try:
            self.running.remote.receive_late(PATIENCE)
        except (TooLate, Gone):
            raise Ended from None

    def test(self, cell: NotebookNode) -> None:
        """A test cell and its points."""
        name, most = grade_id(cell), float(cell.metadata["nbgrader"]["points"])
        try:
            test = self.scorer.test(cell.source, name)
        except CannotSplit:
            self.outcome.lower_trust.append(name)
            test = as_test(self.inside(cell))
        except TooLate as error:
            if isinstance(error, ModelLate):
                self.outcome.late.append(name)
            else:
                self.interrupt(cell)
            test = Test([failure("TimeLimit", "The time limit was reached.")], failed=True)
        except Gone:
            raise Ended from None
        self.outcome.points[name] = points_for(test, most)
        self.outcome.uses[name] = sorted(self.running.remote.used)
        cell.outputs = clean(test.outputs)


def as_test(outputs: list[dict[str, Any]]) -> Test:
    """A test that ran in the student's process, by nbgrader's rules; what it warns of on stderr costs nothing."""
    outputs = [output | {"name": "stdout"} if output.get("name") == "stderr" else output for output in clean(outputs)]
    failed = any(output["output_type"] == "error" for output in outputs)
    values = [output["data"]["text/plain"] for output in outputs if output["output_type"] == "execute_result"]
    try:
        value = float(values[-1]) if values else None
    except ValueError:
        value = None
    return Test(outputs, value, failed)


def execute(
    sandbox: Sandbox,
    notebook: NotebookNode,
    seconds: float,
    files: dict[str, bytes] | None = None,
    imports: Sequence[str] = (),
    diagnosis: Diagnosis | None = None,
    models: Sandbox | None = None,
    trust: Trust = NOTHING_KNOWN,
) -> tuple[Outcome, float]:
    """A rebuilt notebook's outcome, and the seconds it took on the clock.

    `files` stand beside the notebook; `imports` are statements of the instructor's that tests rely on;
    `diagnosis` looks at what was answered, once the points are known; `models` is where a student's models are loaded;
    `trust` is what is known from the instructor's own solution.
    """
    start = time.monotonic()
    with sandbox.notebook() as running, contextlib.ExitStack() as stack:
        if models is not None:
            process = stack.enter_context(contextlib.closing(ModelProcess(models, seconds)))
            running.remote.load_model = process.load
        execution = Execution(running, notebook, seconds, trust)
        for statement in imports:
            execution.scorer.prepare(statement)
        outcome = execution.run(files or {}, diagnosis)
    return outcome, time.monotonic() - start
