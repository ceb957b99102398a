"""What the gradebook says of submissions at this moment: points by cell, what a person has said, what waits for one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Result:
    """A submission in the gradebook. Points and comments go by the names of cells."""

    score: float = 0.0  # of all notebooks, penalties not taken off
    penalty: float = 0.0
    most: float = 0.0
    points: dict[str, float] = field(default_factory=dict)
    max_points: dict[str, float] = field(default_factory=dict)
    extra: dict[str, float] = field(default_factory=dict)  # points that a person has given beyond
    waiting: set[str] = field(default_factory=set)
    comments: dict[str, str] = field(default_factory=dict)

    @property
    def final(self) -> float:
        """The points that count."""
        return max(0.0, self.score - self.penalty)


def results(gradebook: Any, assignment: str, students: Iterable[str]) -> dict[str, Result]:
    """By student; those without a submission in the gradebook are left out."""
    wanted = set(students)
    found = gradebook.find_assignment(assignment).submissions
    return {one.student.id: result_of(one) for one in found if one.student.id in wanted}


def result_of(submission: Any) -> Result:
    """One submission."""
    result = Result(float(submission.score), float(submission.late_submission_penalty or 0.0), float(submission.max_score))
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            result.points[grade.name] = float(grade.score)
            result.max_points[grade.name] = float(grade.max_score)
            if grade.extra_credit:
                result.extra[grade.name] = float(grade.extra_credit)
            if grade.needs_manual_grade:
                result.waiting.add(grade.name)
        for comment in notebook.comments:
            if comment.comment:
                result.comments[comment.name] = comment.comment
    return result
