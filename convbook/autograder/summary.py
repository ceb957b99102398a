"""What `convbook grade` prints: a bar while it runs, and a table at the end."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

from convbook.autograder.grade import Run


class Bar:
    """A progress bar with counts by state; on something that is no terminal, one line for every tenth of the work."""

    def __init__(self, quiet: bool = False) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True, quiet=quiet)
        counts = TextColumn("{task.fields[counts]}")
        columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), counts]
        self.progress = Progress(*columns, console=console)
        self.tasks: dict[str, Any] = {}
        self.lines = not quiet and not sys.stderr.isatty()

    def __enter__(self) -> Bar:
        if not self.lines:
            self.progress.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if not self.lines:
            self.progress.stop()

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


def summary(runs: list[Run]) -> str:
    """The tables of all assignments, and below each what it cost."""
    return "\n\n".join(one(run) for run in runs)


def one(run: Run) -> str:
    """The table of one assignment: a line for each student, and the costs."""
    from tabulate import tabulate

    rows = [[record["student"], points(record), record["state"], note(record)] for record in run.records]
    states = Counter(record["state"] for record in run.records)
    counts = ", ".join(f"{number} {state}" for state, number in states.most_common())
    costs = [record["cpu_seconds"] for record in run.records]
    lines = [
        run.assignment,
        tabulate(rows, headers=["student", "points", "state", "to look at"]),
        f"{len(run.records)} submissions: {counts}. Graded now: {run.graded_now}, in {run.seconds:.1f} s; "
        f"{sum(costs) / max(1, len(costs)):.2f} CPU-seconds a submission.",
    ]
    if any(record["unsafe"] for record in run.records):
        lines.append("GRADED WITHOUT A SANDBOX: students' code ran with the rights of the one who graded.")
    return "\n".join(lines)


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
