"""What is remembered of a submission: its state, its points, and what a person should look at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from convbook.autograder.plan import Assignment, Job
from convbook.course.cells import grade_id, is_test

STATES = ("graded", "timeout", "out-of-memory", "kernel-died", "invalid-notebook", "unrecognised", "missing", "grader-error")


def record_of(job: Job, assignment: Assignment, answer: dict[str, Any], points: dict[str, dict[str, float]]) -> dict[str, Any]:
    """What is remembered of a graded submission."""
    ran = answer["notebooks"].values()
    state = job.state or ("grader-error" if answer["error"] else worst([outcome["state"] for outcome in ran]))
    most = {
        grade_id(cell): float(cell.metadata["nbgrader"]["points"])
        for notebook in job.notebooks.values()
        for cell in notebook.cells
        if is_test(cell)
    }
    return {
        "student": job.student,
        "assignment": job.assignment,
        "key": job.key,
        "state": state,
        "note": job.note or answer["error"].strip().rpartition("\n")[2],
        "points": {name: earned for of_notebook in points.values() for name, earned in of_notebook.items()},
        "max_points": most,
        "remarks": sorted({(remark.kind, remark.cell) for remark in job.remarks}),
        "late": [name for outcome in ran for name in outcome["late"]],
        "lower_trust": [name for outcome in ran for name in outcome["lower_trust"]],
        "misconceptions": [finding for outcome in ran for finding in outcome["findings"] if finding["name"]],
        "smallest": [finding for outcome in ran for finding in outcome["findings"] if not finding["name"]],
        "cpu_seconds": round(sum(outcome["cpu_seconds"] for outcome in ran) + answer.get("own_seconds", 0.0), 4),
        "wall_seconds": round(sum(outcome["wall_seconds"] for outcome in ran), 4),
        "memory": answer.get("memory", 0),
        "seed": assignment.seed,
        "unsafe": assignment.unsafe,
        "graded": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def worst(states: list[str]) -> str:
    """The state of a submission of several notebooks: that of the one that went worst."""
    return max(states, key=STATES.index, default="graded")


def unwritten(job: Job, assignment: Assignment, note: str, state: str = "grader-error") -> dict[str, Any]:
    """A record that is shown, and not kept: of a submission for which nothing could be written."""
    job.note = note
    record = record_of(job, assignment, {"notebooks": {}, "error": ""}, {})
    return record | {"state": state, "score": 0.0, "penalty": 0.0, "waiting": []}
