"""Dates of single students: nbgrader has no row for who has not handed in yet, so they wait in the course's memory."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from convbook.autograder.course import Course, read_json
from convbook.autograder.gradebook import gradebook_of
from convbook.course.files import write_whole

FILE = "extensions.json"  # in the course's memory: {assignment: {student: moment in UTC}}


def extensions(course: Course, assignment: str) -> dict[str, datetime]:
    """By student: their own date, in UTC."""
    known = read_json(course.memory / FILE).get(assignment, {})
    return {student: datetime.fromisoformat(text) for student, text in known.items()}


def remember(course: Course, assignment: str, dates: dict[str, datetime | None]) -> None:
    """Notes dates of single students; None takes one away, and the date for all holds again."""
    everything = read_json(course.memory / FILE)
    known = everything.get(assignment, {}) | {student: when.isoformat() if when else "" for student, when in dates.items()}
    everything[assignment] = {student: text for student, text in sorted(known.items()) if text}
    write_whole(course.memory / FILE, json.dumps(everything, indent=1, ensure_ascii=False))
    with gradebook_of(course) as gradebook:
        for submission in gradebook.find_assignment(assignment).submissions:
            if submission.student.id in dates and dates[submission.student.id] is None:
                submission.extension = None
        gradebook.db.commit()


def extend(submission: Any, dates: dict[str, datetime]) -> None:
    """Gives a submission the extension that its student has; one that a person gave in another way stays."""
    when, own = submission.assignment.duedate, dates.get(submission.student.id)
    if when is not None and own is not None:
        submission.extension = own - when
