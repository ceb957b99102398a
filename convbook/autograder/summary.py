"""What `convbook grade` prints: a bar while it runs, and a table at the end."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from convbook.autograder.grade import Run

LONG = 10.0  # seconds after which it is said who is running
OFTEN = 30.0  # seconds between two such lines where there is no terminal
MOST_SHOWN = 8  # who are named; the others are counted
Running = Callable[[], dict[str, float]]  # by student: seconds


class Bar:
    """A progress bar with counts by state; on something that is no terminal, one line for every tenth of the work.

    Where a submission takes long, it says who is running: on a terminal all the time, else every half minute.
    """

    def __init__(self, quiet: bool = False) -> None:
        from rich.console import Console

        self.running: Running = dict
        self.progress = progress(Console(stderr=True, quiet=quiet), lambda: slow(self.running()))
        self.tasks: dict[str, Any] = {}
        self.lines = not quiet and not sys.stderr.isatty()
        self.ended = threading.Event()

    def __enter__(self) -> Bar:
        if self.lines:
            threading.Thread(target=self.tell, daemon=True).start()
        else:
            self.progress.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.ended.set()
        if not self.lines:
            self.running = dict
            self.progress.stop()

    def watch(self, running: Running) -> None:
        """From now on, this says who is running."""
        self.running = running

    def tell(self) -> None:
        """Prints who is running, now and then."""
        while not self.ended.wait(OFTEN):
            if text := slow(self.running()):
                print(text, file=sys.stderr, flush=True)

    def show(self, assignment: str, done: int, total: int, counts: Counter) -> None:
        """One more submission is graded."""
        text = ", ".join(f"{number} {state}" for state, number in counts.most_common())
        if self.lines:
            if done == total or done * 10 // total > (done - 1) * 10 // total:
                print(f"{assignment}: {done} of {total}: {text}", file=sys.stderr, flush=True)
            return
        if assignment not in self.tasks:
            self.tasks[assignment] = self.progress.add_task(assignment, total=total, counts="")
        self.progress.update(self.tasks[assignment], completed=done, counts=text)


def progress(console: Any, below: Callable[[], str]) -> Any:
    """rich's progress bars, and a line below them."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Bars(Progress):
        """Bars with a line below."""

        def get_renderables(self) -> Iterator[Any]:
            """What is drawn, several times a second."""
            yield from super().get_renderables()
            if text := below():
                yield Text(text)

    counts = TextColumn("{task.fields[counts]}")
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), counts]
    return Bars(*columns, console=console)


def slow(running: dict[str, float]) -> str:
    """Who is running, and for how long, where one of them takes long: the longest first."""
    if max(running.values(), default=0.0) < LONG:
        return ""
    longest = sorted(running.items(), key=lambda item: -item[1])
    shown = [f"{student} ({seconds:.0f} s)" for student, seconds in longest[:MOST_SHOWN]]
    more = len(longest) - len(shown)
    return "running: " + ", ".join(shown) + (f" and {more} more" if more else "")


def summary(runs: list[Run]) -> str:
    """The tables of all assignments, and below each what it cost."""
    return "\n\n".join(one(run) for run in runs)


def one(run: Run) -> str:
    """The table of one assignment: a line for each student, and the costs."""
    from tabulate import tabulate

    rows = [[who(run, record["student"]), points(record), record["state"], note(record)] for record in run.records]
    states = Counter(record["state"] for record in run.records)
    counts = ", ".join(f"{number} {state}" for state, number in states.most_common())
    costs = [record["cpu_seconds"] for record in run.records]
    lines = [
        run.assignment,
        tabulate(rows, headers=["student", "points", "state", "to look at"]),
        f"{len(run.records)} submissions: {counts}. Graded now: {run.graded_now}, in {run.seconds:.1f} s; "
        f"{sum(costs) / max(1, len(costs)):.2f} CPU-seconds a submission.",
    ]
    if run.absent:
        lines.append(f"Nothing was handed in by {len(run.absent)}: {', '.join(who(run, student) for student in run.absent)}.")
    if any(record["unsafe"] for record in run.records):
        lines.append("GRADED WITHOUT A SANDBOX: students' code ran with the rights of the one who graded.")
    return "\n".join(lines)


def who(run: Run, student: str) -> str:
    """A student's folder, and their name where a class list has said it."""
    return f"{student} {run.people[student]}" if student in run.people else student


def points(record: dict[str, Any]) -> str:
    """What a submission has: manual points and the late penalty included."""
    return f"{record['score'] - record['penalty']:g}"


def note(record: dict[str, Any]) -> str:
    """What an instructor should look at, in a few words."""
    parts = [record["note"]] if record["note"] else []
    if record["late"]:
        parts.append("time limit: " + ", ".join(record["late"]))
    if record["waiting"]:
        parts.append("for a person: " + ", ".join(record["waiting"]))
    if record["lower_trust"]:
        parts.append("lower trust: " + ", ".join(record["lower_trust"]))
    kinds: dict[str, list[str]] = {}
    for kind, cell in record["remarks"]:
        kinds.setdefault(kind, []).append(cell)
    parts += [f"{kind}: {', '.join(cells)}" for kind, cells in kinds.items()]
    if record["unsafe"]:
        parts.append("no sandbox")
    text = "; ".join(parts)
    return text if len(text) <= 160 else text[:159] + "…"


def as_json_text(runs: list[Run]) -> str:
    """The records of all students, for a program to read."""
    return json.dumps([record for run in runs for record in run.records], indent=1, ensure_ascii=False)
