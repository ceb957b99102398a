"""When an assignment is due, for everybody and for single students, and what lateness takes from those who have handed in.

nbgrader's gradebook holds it, with extensions as it knows them. Penalties are computed anew without running anything again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from convbook.autograder.commit import Writer
from convbook.autograder.course import Course, CourseError, read_json
from convbook.autograder.extensions import extend, extensions, remember
from convbook.autograder.gradebook import gradebook_of, transaction
from convbook.autograder.moments import NoMoment, in_utc, moment, shown, zone_of
from convbook.autograder.registration import register
from convbook.course.files import write_whole

NOTHING = ("none", "never", "-")  # words that take a date away


@dataclass
class Due:
    """What holds now: the date for all, those of single students, and whose penalty has changed."""

    assignment: str
    when: datetime | None
    zone: tzinfo | None
    extensions: dict[str, datetime] = field(default_factory=dict)
    changed: dict[str, tuple[float, float]] = field(default_factory=dict)  # by student: penalty before and now


def set_due(course: Course, assignment: str, when: str | None, students: tuple[str, ...] = ()) -> Due:
    """Sets the date of an assignment, or of these students, or takes it away; then computes all penalties anew.

    `when` is a moment in words, "none", or None to change nothing. CourseError for what is no moment, and for an extension
    of an assignment that is never due. `Course.lock` is held.
    """
    register(course, assignment)
    zone = zone_of(course)
    try:
        found = None if when is None or when.lower() in NOTHING else in_utc(moment(when, zone))
    except NoMoment as error:
        raise CourseError(str(error)) from None
    if students and date_of(course, assignment) is None:
        raise CourseError(f"An extension needs a date for all first. Received: none. Do: convbook due {assignment} WHEN")
    if when is not None and students:
        remember(course, assignment, dict.fromkeys(students, found))
    elif when is not None:
        with gradebook_of(course) as gradebook:
            gradebook.update_or_create_assignment(assignment, duedate=found)
    due = Due(assignment, date_of(course, assignment), zone, extensions(course, assignment))
    due.changed = recompute(course, assignment)
    return due


def date_of(course: Course, assignment: str) -> datetime | None:
    """The date for all, in UTC."""
    with gradebook_of(course) as gradebook:
        return gradebook.find_assignment(assignment).duedate


def recompute(course: Course, assignment: str) -> dict[str, tuple[float, float]]:
    """Extensions and penalties of all submissions, in one transaction; whose penalty has changed."""
    dates, changed = extensions(course, assignment), {}
    writer = Writer(course)
    try:
        with transaction(writer.gradebook):
            for submission in writer.gradebook.find_assignment(assignment).submissions:
                before = float(submission.late_submission_penalty or 0.0)
                extend(submission, dates)
                for saved in submission.notebooks:
                    writer.penalize(submission, saved)
                writer.gradebook.db.flush()
                now = float(sum(saved.late_submission_penalty or 0.0 for saved in submission.notebooks))
                if now != before:
                    changed[submission.student.id] = before, now
    finally:
        writer.close()
    for student, (_, now) in changed.items():
        path = course.record_path(assignment, student)
        if record := read_json(path):
            write_whole(path, json.dumps(record | {"penalty": now}, indent=1, ensure_ascii=False))
    return changed


def sentences(due: Due) -> list[str]:
    """What holds now, a sentence each."""
    lines = [f"{due.assignment} is due {shown(due.when, due.zone)}." if due.when else f"{due.assignment} is never due."]
    lines += [f"{student} has until {shown(when, due.zone)}." for student, when in due.extensions.items()]
    lines += [
        f"Late penalty of {student}: {now:g} points, before {before:g}." for student, (before, now) in due.changed.items()
    ]
    return lines


def lateness(course: Course, assignment: str, student: str) -> str:
    """What a student should know about dates, in a few sentences; nothing where the assignment is never due."""
    from nbgrader.api import MissingEntry

    zone = zone_of(course)
    with gradebook_of(course) as gradebook:
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return ""
        if submission.duedate is None:
            return ""
        said = f"Due {shown(submission.duedate, zone)}."
        if submission.timestamp is None:
            return f"{said} It is not known when you handed in."
        said += f" Handed in {shown(submission.timestamp, zone)}"
        late, penalty = submission.total_seconds_late, float(submission.late_submission_penalty or 0.0)
        if not late:
            return f"{said}, in time."
        return f"{said}, {in_words(late)} late. " + (f"That takes {penalty:g} points." if penalty else "That takes no points.")


def in_words(seconds: float) -> str:
    """A time span: 30 minutes, 26 hours, 3 days."""
    minutes = -(-int(seconds) // 60)
    for size, unit in ((2 * 24 * 60, "days"), (2 * 60, "hours")):
        if minutes >= size:
            return f"{minutes // (size // 2)} {unit}"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"
