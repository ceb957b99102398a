"""What the gradebook says of an assignment when its grades go out."""

from __future__ import annotations

from dataclasses import dataclass, field

from convbook.autograder.course import Course, CourseError
from convbook.autograder.gradebook import gradebook_of
from convbook.autograder.lms.roster import Roster, absent, names

MOST_SHOWN = 8  # who are named; the others are counted


@dataclass
class Grades:
    """The grades of one assignment."""

    assignment: str
    most: float  # points
    due: str = ""
    points: dict[str, float] = field(default_factory=dict)  # by student: manual points and penalties included
    raw: dict[str, float] = field(default_factory=dict)  # without penalties
    penalties: dict[str, float] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)
    questions: dict[str, dict[str, float]] = field(default_factory=dict)  # by student: points by cell
    most_of: dict[str, float] = field(default_factory=dict)  # points, by cell
    waiting: dict[str, list[str]] = field(default_factory=dict)  # by student: what a person has still to grade
    people: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # by student: last and first name, e-mail
    ungraded: list[str] = field(default_factory=list)  # who have handed in, and have no grade
    absent: list[str] = field(default_factory=list)  # who have handed in nothing
    names: dict[str, str] = field(default_factory=dict)  # by student, where a class list has said them

    def some(self, students: list[str]) -> str:
        """How many students, and who the first of them are."""
        shown = ", ".join(f"{one} {self.names[one]}" if one in self.names else one for one in students[:MOST_SHOWN])
        more = ", …" if len(students) > MOST_SHOWN else ""
        return f"{len(students)} {'student' if len(students) == 1 else 'students'} ({shown}{more})"


def grades_of(course: Course, assignment: str) -> Grades:
    """The grades of an assignment; CourseError where the gradebook does not know it."""
    from nbgrader.api import MissingEntry

    with gradebook_of(course) as gradebook:
        try:
            found = gradebook.find_assignment(assignment)
        except MissingEntry:
            raise CourseError(f"An assignment must be graded before its grades can go out. Received: {assignment}") from None
        grades = Grades(assignment, float(found.max_score), due=str(found.duedate or ""), names=names(course))
        grades.people = {s.id: (s.last_name or "", s.first_name or "", s.email or "") for s in gradebook.students}
        for notebook in found.notebooks:
            graded = [*notebook.grade_cells, *notebook.task_cells]
            grades.most_of |= {cell.name: float(cell.max_score) for cell in graded}
        for submission in found.submissions:
            read_submission(grades, submission)
    handed_in = course.students(assignment)
    grades.ungraded = [student for student in handed_in if student not in grades.points]
    gone = {person.id for person in Roster.of(course).people.values() if person.left}
    of_class = {*grades.people, *absent(course, assignment)} - gone
    grades.absent = sorted(of_class - {*grades.points, *handed_in})
    return grades


def read_submission(grades: Grades, submission: object) -> None:
    """What the gradebook has of one student."""
    student = submission.student.id
    cells = [grade for notebook in submission.notebooks for grade in notebook.grades]
    grades.raw[student] = float(submission.score)
    grades.penalties[student] = float(submission.late_submission_penalty or 0.0)
    grades.points[student] = max(0.0, grades.raw[student] - grades.penalties[student])
    grades.times[student] = str(submission.timestamp or "")
    grades.questions[student] = {cell.name: float(cell.score) for cell in cells}
    waits = [cell.name for cell in cells if cell.needs_manual_grade]
    if waits:
        grades.waiting[student] = waits


def left_to_do(grades: Grades) -> list[str]:
    """What an instructor should know before these grades go out: a sentence each."""
    lines = []
    if grades.waiting:
        cells = sum(map(len, grades.waiting.values()))
        waiting = f"{cells} {'answer waits' if cells == 1 else 'answers wait'} for a person (Formgrader, Manual Grading)"
        lines.append(f"{waiting}: {grades.some(list(grades.waiting))}.")
    if grades.ungraded:
        lines.append(f"Not graded yet: {grades.some(grades.ungraded)}. Do: convbook grade {grades.assignment}")
    return lines
