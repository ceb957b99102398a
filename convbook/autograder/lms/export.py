"""`convbook export`: grades for a spreadsheet, for Canvas and for Moodle, and into the tables that these hand out."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from convbook.autograder.course import Course, CourseError
from convbook.autograder.lms.fill import fill
from convbook.autograder.lms.grades import Grades, grades_of, left_to_do
from convbook.autograder.lms.roster import Roster
from convbook.course.files import write_whole

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones count, too, where Chinese is written
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
FORMATS = ("csv", "canvas", "moodle")
MARK = "\ufeff"  # by which Excel sees that a file is UTF-8; without it, 김민지 is not readable there
# nbgrader's own columns (nbgrader.plugins.CsvExportPlugin, which writes a name with a comma as two cells).
NBGRADER = ("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email")
NBGRADER += ("raw_score", "late_submission_penalty", "score", "max_score")


@dataclass(frozen=True)
class Options:
    """What an instructor asks for."""

    form: str = "csv"
    into: Path | None = None  # the platform's own file
    column: str | None = None  # of it
    absent: str | None = None  # "0" or "blank" for who handed in nothing; None leaves their cells as they are
    questions: bool = False


@dataclass
class Written:
    """What went out."""

    students: int
    warnings: list[str] = field(default_factory=list)


def export(course: Course, assignment: str, to: Path, options: Options | None = None) -> Written:
    """Writes the grades; how many students have one, and what an instructor should know."""
    options = checked(options or Options())
    grades, roster = grades_of(course, assignment), Roster.of(course)
    written = Written(len(grades.points), left_to_do(grades))
    zero = {"0": "0", "blank": ""}.get(options.absent or "")
    if options.into:
        filled = fill(options.into, grades, roster, options.column, zero)
        written.students = len(filled.students)
        written.warnings += filled.sentences()
        save(to, filled.table.to_bytes())
    elif options.questions:
        save(to, as_text(question_rows(grades)))
    else:
        save(to, as_text(ROWS[options.form](grades, roster, zero or "")))
    if grades.absent and options.absent is None:
        written.warnings.append(
            f"Nothing was handed in by {grades.some(grades.absent)}: nothing was written for them (--absent 0 writes 0)."
        )
    return written


def checked(options: Options) -> Options:
    """Options that go together; CourseError for others."""
    if options.column is not None and options.into is None:
        raise CourseError(f"--column names a column of the platform's file. Received: {options.column!r} without --into")
    if options.questions and options.into is not None:
        raise CourseError(f"--questions writes a table of its own. Received: --into {options.into}, too")
    return options


def save(to: Path, content: str | bytes) -> None:
    """Writes the file; CourseError where that is not possible."""
    try:
        write_whole(to, content)
    except OSError as error:
        raise CourseError(f"The grades must be a file that can be written. Received: {to}, {error.strerror}.") from None


def as_text(rows: list[list[str]]) -> str:
    """A table of ours: no cell becomes a formula, and Excel reads all letters."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[harmless_cell(cell) for cell in row] for row in rows])
    return MARK + text.getvalue()


def harmless_cell(text: str) -> str:
    """A cell that a spreadsheet takes for a text or a number: what begins as a formula gets an apostrophe."""
    return f"'{text}" if text.startswith(FORMULA) and NUMBER.fullmatch(text) is None else text


def listed(grades: Grades, roster: Roster) -> list[str]:
    """Who has a line in a table of ours: all but those who have left without a grade."""
    gone = {person.id for person in roster.people.values() if person.left}
    return sorted(student for student in {*grades.people, *grades.points} if student in grades.points or student not in gone)


def nbgrader_rows(grades: Grades, roster: Roster, absent: str) -> list[list[str]]:
    """What `nbgrader export` writes, for one assignment."""
    rows = [list(NBGRADER)]
    for student in listed(grades, roster):
        last, first, email = grades.people.get(student, ("", "", ""))
        scores = [str(values[student]) for values in (grades.raw, grades.penalties, grades.points) if student in values]
        scores = scores or ["" if student in grades.ungraded else absent] * 3
        head = [grades.assignment, grades.due, grades.times.get(student, ""), student, last, first, email]
        rows.append([*head, *scores, str(grades.most)])
    return rows


def canvas_rows(grades: Grades, roster: Roster, absent: str) -> list[list[str]]:
    """What Canvas imports."""
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", grades.assignment]]
    rows.append(["Points Possible", "", "", "", "", f"{grades.most:g}"])
    for student in listed(grades, roster):
        last, first, _ = grades.people.get(student, ("", "", ""))
        person = roster.people.get(student)
        sections = ", ".join(person.sections) if person else ""
        number = person.number if person and person.number else student
        rows.append([", ".join(filter(None, (last, first))), number, "", "", sections, cell(grades, student, absent)])
    return rows


def moodle_rows(grades: Grades, roster: Roster, absent: str) -> list[list[str]]:
    """What Moodle imports. Names and addresses are there where a roster knows them."""
    people = {student: roster.people.get(student) for student in listed(grades, roster)}
    known = any(people.values())
    rows = [["Identifier", *(["Full name", "Email address"] if known else []), "Grade"]]
    for student, person in people.items():
        number = person.number if person and person.number else student
        about = [person.name if person else "", person.email if person else ""] if known else []
        rows.append([f"Participant {number}", *about, cell(grades, student, absent)])
    return rows


def question_rows(grades: Grades) -> list[list[str]]:
    """Points by question: a line for each student, a column for each cell that gives points, with its maximum."""
    cells = list(grades.most_of)
    rows = [["student_id", "last_name", "first_name", *(f"{name} ({grades.most_of[name]:g})" for name in cells)]]
    for student in sorted(grades.points):
        last, first, _ = grades.people.get(student, ("", "", ""))
        points = grades.questions[student]
        waits = grades.waiting.get(student, [])
        values = ["" if name in waits and not points.get(name) else f"{points.get(name, 0.0):g}" for name in cells]
        rows.append([student, last, first, *values])
    return rows


def cell(grades: Grades, student: str, absent: str) -> str:
    """A student's grade as a cell."""
    if student in grades.points:
        return f"{grades.points[student]:g}"
    return "" if student in grades.ungraded else absent


ROWS = {"csv": nbgrader_rows, "canvas": canvas_rows, "moodle": moodle_rows}
