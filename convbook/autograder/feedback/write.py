"""`convbook feedback`: a page for each graded student, written anew each time, since a person may have graded meanwhile."""

from __future__ import annotations

from pathlib import Path

from convbook.autograder.course import Course, CourseError, read_json
from convbook.autograder.discretion import without_hidden
from convbook.autograder.due import lateness
from convbook.autograder.feedback.page import page
from convbook.autograder.feedback.result import results
from convbook.autograder.gradebook import gradebook_of
from convbook.autograder.lms.roster import names
from convbook.autograder.plan import Assignment, read
from convbook.course.files import write_whole


def feedback(course: Course, name: str, students: tuple[str, ...] = ()) -> list[str]:
    """Writes the pages of those who have been graded, where nbgrader writes its own; their names."""
    assignment = Assignment.of(course, name)
    graded = [student for student in course.students(name) if course.record_path(name, student).is_file()]
    chosen = [student for student in graded if not students or student in students]
    if not chosen or set(students) - set(graded):
        asked = ", ".join(sorted(set(students) - set(graded))) or "nobody"
        raise CourseError(f"Feedback is for graded submissions. Received: {asked}. Do: convbook grade {name}")
    with gradebook_of(course) as gradebook:
        found = results(gradebook, name, chosen)
    people = names(course)
    for student in chosen:
        if student not in found:
            raise CourseError(
                f"Feedback needs the points in the gradebook. Received: none of {student}. Do: convbook grade {name}"
            )
        dates = lateness(course, name, student)
        record = read_json(course.record_path(name, student))
        for notebook, source in assignment.sources.items():
            released = assignment.release[notebook]
            graded_notebook = read(course.folder("autograded", name, student) / f"{notebook}.ipynb")
            told = without_hidden(graded_notebook, source, released)
            text = page(name, people.get(student, student), told, released, record, found[student], dates)
            write(page_path(course, name, student, notebook), text)
    return chosen


def page_path(course: Course, name: str, student: str, notebook: str) -> Path:
    """Where the page about a notebook lies: where nbgrader looks for it."""
    return course.folder("feedback", name, student) / f"{notebook}.html"


def write(path: Path, text: str) -> None:
    """Writes a page; CourseError where it cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode("utf-8", "replace").decode())
    except OSError as error:
        raise CourseError(f"Feedback must be a file that can be written. Received: {path}, {error.strerror}.") from None
