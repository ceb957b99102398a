"""A class of invented students: what each answered -> the notebooks that they hand in -> their grades."""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode

from convbook.course.cells import reference_answer, with_answers
from convbook.course.files import write_whole
from convbook.course.misconceptions import load_module, read_bank, source_as
from convbook.course.notebooks import read_notebook, write_notebook
from convbook.course.settings import ROOT

if TYPE_CHECKING:
    from convbook.autograder.course import Course

ASSIGNMENT = "02_convolution"
REFERENCE = "reference"  # the answer of the solution notebook

Answer = str | Callable[..., Any]


@dataclass(frozen=True)
class Student:
    """One student: REFERENCE, the name of a misconception, or a function of their own for each question answered."""

    name: str
    story: str
    answers: Mapping[str, Answer] = field(default_factory=dict)
    reflection: str = ""


def read_class(root: Path = ROOT) -> list[Student]:
    """The students of `tests/sample_class/answers.py`."""
    return load_module(root / "tests" / "sample_class" / "answers.py")["STUDENTS"]


def answer_source(function: str, answer: Answer, root: Path = ROOT) -> str:
    """What stands in the student's cell for that answer."""
    folder = root / "solutions" / ASSIGNMENT
    if callable(answer):
        return source_as(answer, function)
    if answer == REFERENCE:
        return reference_answer(read_notebook(folder / f"{ASSIGNMENT}.ipynb"), function)
    sources = {m.name: m.source for m in read_bank(folder / "misconceptions.py") if m.function == function}
    if answer not in sources:
        raise ValueError(f"An answer must be {REFERENCE!r}, a function, or one of {sorted(sources)}. Received: {answer!r}")
    return sources[answer]


def submission(student: Student, released: NotebookNode, root: Path = ROOT) -> NotebookNode:
    """The released notebook, filled in by the student."""
    answers = {function: answer_source(function, answer, root) for function, answer in student.answers.items()}
    if student.reflection:
        answers["reflection"] = student.reflection
    return with_answers(released, answers) if answers else copy.deepcopy(released)


def write_sample_class(root: Path = ROOT, released: Path | None = None, submitted: Path | None = None) -> None:
    """Writes what every student hands in, to `tests/sample_class/submitted/STUDENT/`, and nothing else is left there."""
    notebook = read_notebook(released or root / "assignments" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    submitted = submitted or root / "tests" / "sample_class" / "submitted"
    students = read_class(root)
    for folder in set(submitted.glob("*")) - {submitted / student.name for student in students}:
        shutil.rmtree(folder)
    for student in students:
        write_notebook(submission(student, notebook, root), submitted / student.name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")


def open_sample_course(root: Path = ROOT, build: Path | None = None) -> Course:
    """A course of its own for the sample class: the repository's assignments, and a folder for all that is made."""
    from convbook.autograder.course import open_course

    build = (build or root / "_build" / "sample_class").resolve()
    folders = {"source": root / "solutions", "release": root / "assignments"}
    folders["submitted"] = root / "tests" / "sample_class" / "submitted"
    lines = ["c = get_config()", f"load_subconfig({str(root / 'nbgrader_config.py')!r})"]
    lines += [f"c.CourseDirectory.{step}_directory = {str(folder)!r}" for step, folder in folders.items()]
    write_whole(build / "nbgrader_config.py", "\n".join(lines) + "\n")
    return open_course(build)


def grade_sample_class(root: Path = ROOT, build: Path | None = None) -> str:
    """Grades the class as an instructor does: grade, feedback, report, export; what `convbook grade` prints.

    The invented students are ours: where no sandbox can be had, they are graded without one, and the table says so.
    """
    from convbook.autograder.feedback.write import feedback
    from convbook.autograder.grade import Options, grade
    from convbook.autograder.lms.export import export
    from convbook.autograder.report import report
    from convbook.autograder.summary import summary
    from convbook.autograder.wall.sandbox import NoSandbox

    course = open_sample_course(root, build)
    options = Options(seed=0, workers=os.cpu_count() or 1)
    remark = ""
    try:
        runs = grade(course, [ASSIGNMENT], options)
    except NoSandbox as error:
        remark = f"{error} The sample class was graded without it.\n"
        runs = grade(course, [ASSIGNMENT], replace(options, unsafe=True))
    feedback(course, ASSIGNMENT)
    report(course, ASSIGNMENT)
    export(course, ASSIGNMENT, course.root / "grades.csv")
    return remark + summary(runs)


if __name__ == "__main__":
    write_sample_class()
