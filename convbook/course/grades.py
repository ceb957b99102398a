"""The grades of a class, as a table to read and as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass


@dataclass(frozen=True)
class Grade:
    """One student's grade: points in all and by test, and what an instructor should know."""

    student: str
    score: float
    max_score: float
    cells: dict[str, float]
    note: str


def as_csv(assignment: str, tests: list[str], grades: list[Grade]) -> str:
    """One line a student: points in all, then by test."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["student", "assignment", "score", "max_score", *tests])
    for grade in grades:
        points = [f"{grade.cells.get(test, 0):g}" for test in tests]
        rows.writerow([grade.student, assignment, f"{grade.score:g}", f"{grade.max_score:g}", *points])
    return text.getvalue()


def as_table(grades: list[Grade]) -> str:
    """The table that a person reads."""
    lines = [f"{'student':<12}{'score':>6}{'of':>5}  note"]
    lines += [f"{grade.student:<12}{grade.score:>6g}{grade.max_score:>5g}  {grade.note}".rstrip() for grade in grades]
    return "\n".join(lines) + "\n"
