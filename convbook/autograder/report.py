"""`convbook report`: one page for the instructor, made of records and of what the gradebook says now."""

from __future__ import annotations

import itertools
import operator
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from convbook.autograder.advice import ADVICE, MEANINGS
from convbook.autograder.class_statistics import FEWEST, UNTRIED, by_kind, histogram, holders, items
from convbook.autograder.commit import check_database
from convbook.autograder.course import Course, CourseError, read_json
from convbook.autograder.evidence import evidence
from convbook.autograder.lms.roster import absent, names
from convbook.autograder.plan import environment
from convbook.autograder.record import STATES
from convbook.course.files import write_whole

LONGEST_NOTE = 600  # characters


@dataclass(frozen=True)
class Now:
    """What the gradebook says of an assignment at this moment: manual grades that came after grading are in it."""

    most: float | None = None  # points, written answers included
    scores: dict[str, dict[str, Any]] = field(default_factory=dict)  # by student: score, penalty, waiting


def report(course: Course, assignment: str | None = None, to: Path | None = None) -> Path:
    """Writes the report on one assignment, or on all that have records; the path of the page."""
    sections = [section_of(course, name) for name in ([assignment] if assignment else graded_assignments(course))]
    path = to or course.root / "report.html"
    text = page(course.root.name, sections)
    try:
        write_whole(path, text.encode("utf-8", "replace").decode())  # a file's name need not be Unicode
    except OSError as error:
        raise CourseError(f"The report must be a file that can be written. Received: {path}, {error.strerror}.") from None
    return path


def graded_assignments(course: Course) -> list[str]:
    """The assignments that have records, in order; CourseError if there are none."""
    names = sorted(path.name for path in (course.memory / "records").glob("*") if any(path.glob("*.json")))
    if not names:
        raise CourseError(f"A report needs graded submissions. Received: {course.root} without any. Run convbook grade --all.")
    return names


def section_of(course: Course, name: str) -> dict[str, Any]:
    """The part of the page about one assignment; CourseError if nothing of it was graded."""
    paths = sorted((course.memory / "records" / name).glob("*.json"))
    read = {path.stem: read_json(path) for path in paths}
    records = [record for record in read.values() if record]
    if not records:
        raise CourseError(f"A report needs graded submissions. Received: {name!r} without any. Run convbook grade {name}.")
    now = gradebook_now(course, name)
    records = [record | now.scores.get(record["student"], {}) for record in records]
    submitted = set(course.students(name))
    return section(
        name,
        records,
        now.most,
        gone=[record["student"] for record in records if record["student"] not in submitted],
        unreadable=[student for student, record in read.items() if not record],
    ) | {"people": names(course), "absent": absent(course, name), "alike": evidence(course, name, records)}


def gradebook_now(course: Course, name: str) -> Now:
    """The scores of all students in the gradebook; nothing where it does not know the assignment."""
    from nbgrader.api import Assignment, BaseCell, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
    from sqlalchemy.engine import make_url

    url = make_url(course.directory.db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return Now()  # opening it would make an empty one
    check_database(course)
    scores: dict[str, dict[str, Any]] = defaultdict(lambda: {"score": 0.0, "penalty": 0.0, "waiting": []})
    with Gradebook(course.directory.db_url, course.directory.course_id) as gradebook:
        of_assignment = (Assignment.name == name, Assignment.course_id == gradebook.course_id)
        notebooks = (
            gradebook.db.query(Student.id)
            .select_from(SubmittedNotebook)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .join(Student, SubmittedAssignment.student_id == Student.id)
            .filter(*of_assignment)
        )
        grades = notebooks.join(Grade, Grade.notebook_id == SubmittedNotebook.id).join(BaseCell, Grade.cell_id == BaseCell.id)
        for student, cell, score, waits in grades.add_columns(BaseCell.name, Grade.score, Grade.needs_manual_grade):
            scores[student]["score"] += score
            scores[student]["waiting"] += [cell] if waits else []
        for student, penalty in notebooks.add_columns(SubmittedNotebook.late_submission_penalty):
            scores[student]["penalty"] += penalty or 0.0
        assignment = gradebook.db.query(Assignment).filter(*of_assignment).one_or_none()
        return Now(assignment.max_score if assignment else None, dict(scores))


def section(
    name: str,
    records: list[dict[str, Any]],
    most: float | None = None,
    gone: list[str] | None = None,
    unreadable: list[str] | None = None,
) -> dict[str, Any]:
    """What the page says about one assignment. `most` is what all of it gives, where the gradebook knows."""
    records = sorted(records, key=lambda record: record["student"])
    newest = max(records, key=lambda record: record["graded"])
    most_of_tests = sum(newest["max_points"].values())
    of_tests = [sum(record["points"].values()) for record in records]
    scores = [record["score"] - record["penalty"] for record in records]
    states = Counter(record["state"] for record in records)
    look = {state: [r for r in records if r["state"] == state and (state != "graded" or r["note"])] for state in STATES}
    return {
        "name": name,
        "records": records,
        "scores": scores,
        "states": [(state, states[state]) for state in STATES if states[state]],
        "most": most if most is not None else most_of_tests,
        "most_of_tests": most_of_tests,
        "mean": float(np.mean(of_tests)),
        "median": float(np.median(of_tests)),
        "whole": all(score == int(score) for score in scores),
        "half": float(np.median(scores)),
        "waiting": sum(bool(record["waiting"]) for record in records),
        "seeds": sorted({record["seed"] for record in records}),
        "unsafe": [record["student"] for record in records if record["unsafe"]],
        "mixed": any(record["max_points"] != newest["max_points"] for record in records),
        "bars": histogram(scores, most if most is not None else most_of_tests),
        "tests": items(records),
        "untried": sum(states[state] for state in UNTRIED),
        "look": [(state, look[state]) for state in (*STATES[1:], "graded") if look[state]],
        "signs": by_kind(records),
        "lower_trust": {record["student"]: record["lower_trust"] for record in records if record["lower_trust"]},
        "looked_for_ideas": sum("misconceptions" in record for record in records),
        "ideas": holders(records),
        "gone": gone or [],
        "unreadable": unreadable or [],
        "people": {},  # by student: their name, where a class list has said it
        "absent": [],  # who of the class have handed in nothing
        "alike": [],  # whose answers are alike beyond chance
        "newest": newest["graded"],
        **cost(records),
    }


def cost(records: list[dict[str, Any]]) -> dict[str, float]:
    """What grading took: mean seconds of those that ran, the longest, and the most memory in MiB."""
    ran = [record for record in records if record["cpu_seconds"] > 0] or records
    return {
        "cpu": float(np.mean([record["cpu_seconds"] for record in ran])),
        "wall": float(np.mean([record["wall_seconds"] for record in ran])),
        "longest": max(record["wall_seconds"] for record in records),
        "memory": max(record["memory"] for record in records) / 2**20,
    }


def page(course: str, sections: list[dict[str, Any]]) -> str:
    """The whole page. Every text in it is escaped: names and notes come from files that anybody could write."""
    from jinja2 import Environment, StrictUndefined

    jinja = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    jinja.filters |= {"number": number, "percent": percent, "signed": signed, "count": count, "short": short, "day": day}
    jinja.filters["groupby_run"] = groups
    people = {student: name for section in sections for student, name in section["people"].items()}
    jinja.filters["who"] = lambda student: f"{student} {people[student]}" if student in people else student
    template = jinja.from_string(Path(__file__).with_name("report.html.j2").read_text(encoding="utf-8"))
    text = template.render(
        course=course,
        sections=sections,
        advice=ADVICE,
        meanings=MEANINGS,
        fewest=FEWEST,
        programs=programs(),
        newest=max(section["newest"] for section in sections),
        unsafe=sum(len(section["unsafe"]) for section in sections),
    )
    return text.strip() + "\n"


def programs() -> list[str]:
    """What a grade depends on here, as names with versions: Python, the libraries and the autograder itself."""
    words = environment().split()
    own = next(place for place, word in enumerate(words) if len(word) == 64)  # the hash of the autograder's own files
    libraries = [f"{name} {version}" for name, version in zip(words[own + 1 :: 2], words[own + 2 :: 2])]
    return [f"Python {words[0]}", *libraries, f"autograder {words[own][:12]}"]


def number(value: float, digits: int = 2) -> str:
    """A number without zeros that say nothing: 1,204, 12.5, 0.33."""
    text = f"{round(value, digits) + 0.0:,.{digits}f}"  # + 0.0: no minus before a zero
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """A share as 67%."""
    return f"{100 * share:.0f}%"


def signed(value: float | None) -> str:
    """A correlation as 0.41 or −0.20; – where there is none."""
    return "–" if value is None else f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def groups(values: list[Any], attribute: str) -> list[list[Any]]:
    """Neighbours that have an attribute in common, in their order."""
    return [list(group) for _, group in itertools.groupby(values, operator.attrgetter(attribute))]


def count(value: int, word: str) -> str:
    """A number of things: 1 submission, 2 submissions."""
    return f"{value:,} {word}{'' if value == 1 else 's'}"


def short(text: str, longest: int = LONGEST_NOTE) -> str:
    """A text that a stranger can have made long, cut."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def day(stamp: str) -> str:
    """A time of a record, in words."""
    time = datetime.fromisoformat(stamp).astimezone(UTC)
    return f"{time.day} {time:%B %Y, %H:%M} UTC"
