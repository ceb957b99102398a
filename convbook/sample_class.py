"""A class of invented students: what each answered -> the notebooks that they hand in -> their grades."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from convbook.misconceptions import find_cell, load_module, read_bank, source_as, with_answers
from convbook.notebooks import read_notebook, write_notebook
from convbook.settings import ROOT

ASSIGNMENT = "02_convolution"
REFERENCE = "reference"  # the answer of the solution notebook
TIME_LIMIT = 10  # seconds a cell; a fair answer needs less than one

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


def reference_answer(notebook: NotebookNode, function: str) -> str:
    """The solution of the instructor's notebook, without nbgrader's marks."""
    lines = find_cell(notebook, function).source.splitlines()
    return "\n".join(line for line in lines if not line.strip().startswith("### "))


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


def grade_sample_class(root: Path = ROOT, build_folder: Path | None = None, time_limit: int = TIME_LIMIT) -> str:
    """Grades the class with stock nbgrader, in a course folder of its own; returns the table of grades."""
    from convbook.stock_grading import grade_class

    build_folder = build_folder or root / "_build" / "sample_class"
    return grade_class(ASSIGNMENT, root / "tests" / "sample_class" / "submitted", build_folder, root, time_limit)


if __name__ == "__main__":
    write_sample_class()
