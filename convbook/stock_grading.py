"""A class graded by stock nbgrader, every step in one process: release -> autograde -> feedback -> export.

It runs what students wrote with your rights, on your machine: for submissions that you trust.
"""

from __future__ import annotations

import csv
import io
import logging
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convbook.notebooks import read_notebook
from convbook.release import course_config
from convbook.settings import ROOT

if TYPE_CHECKING:
    from nbgrader.apps import NbGraderAPI

MADE = ["release", "autograded", "feedback", "gradebook.db", "nbgrader.csv", "grades.csv", "grades.txt"]
TIMED_OUT = {"CellTimeoutError", "KeyboardInterrupt"}  # what nbgrader notes in a cell that it interrupted


@dataclass(frozen=True)
class Grade:
    """One student's grade: points in all and by test, and what an instructor should know."""

    student: str
    score: float
    max_score: float
    cells: dict[str, float]
    note: str


def write_whole(path: Path, text: str) -> None:
    """Writes beside its place and then moves, so that no half-written file is left."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def put_programs_on_path() -> None:
    """nbgrader starts `alembic` by name: it must be found also where the environment was not activated."""
    programs = str(Path(sys.executable).parent)
    if programs not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])


def open_course(submitted: Path, build: Path, root: Path, time_limit: int) -> NbGraderAPI:
    """nbgrader on a course folder of its own: `build` holds all that it makes, and what it made before is deleted."""
    from nbgrader.apps import NbGraderAPI

    put_programs_on_path()
    build.mkdir(parents=True, exist_ok=True)
    for name in MADE:
        made = build / name
        shutil.rmtree(made) if made.is_dir() else made.unlink(missing_ok=True)
    folders = {f"{step}_directory": str((build / step).resolve()) for step in ("release", "autograded", "feedback")}
    folders["submitted_directory"] = str(submitted.resolve())
    folders["db_url"] = f"sqlite:///{(build / 'gradebook.db').resolve()}"
    config = course_config(root, **folders)
    config.Execute.timeout = time_limit
    config.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--log-level=ERROR"]
    api = NbGraderAPI(config=config)
    api.log.setLevel(logging.CRITICAL)  # a failure is a result here, see `reason`
    return api


def reason(answer: dict[str, Any]) -> str:
    """Why a step of nbgrader failed, in one line; nothing if it did not."""
    if answer["success"]:
        return ""
    lines = (answer.get("log", "") + "\n" + answer.get("error", "")).splitlines()
    errors = [line.strip() for line in lines if re.match(r"[\w.]+(Error|Exception|Exit|Interrupt)\b", line.strip())]
    return (errors or lines)[0 if errors else -1]


def timed_out(notebook: Path) -> list[str]:
    """The cells of an autograded notebook that reached the time limit."""
    cells = [cell for cell in read_notebook(notebook).cells if cell.cell_type == "code"]
    return [
        cell.metadata.get("nbgrader", {}).get("grade_id", "a cell of the student")
        for cell in cells
        if any(output.get("ename") in TIMED_OUT for output in cell.outputs)
    ]


def read_grade(api: NbGraderAPI, assignment: str, student: str, failure: str) -> Grade:
    """What the gradebook says about one student, and a note."""
    with api.gradebook as gradebook:
        found = gradebook.find_submission(assignment, student)
        grades = [grade for notebook in found.notebooks for grade in notebook.grades]
        cells = {grade.name: float(grade.score or 0) for grade in grades}
        waiting = [grade.name for grade in grades if grade.needs_manual_grade]
        score, max_score = float(found.score), float(found.max_score)
    if failure:
        return Grade(student, score, max_score, cells, f"not graded: {failure}")
    late = timed_out(Path(api.coursedir.autograded_directory) / student / assignment / f"{assignment}.ipynb")
    notes = [f"time limit reached in {name}" for name in late] + [f"{name} waits for a person" for name in waiting]
    return Grade(student, score, max_score, cells, "; ".join(notes))


def grade_student(api: NbGraderAPI, assignment: str, student: str) -> Grade:
    """Autogrades one submission and writes its feedback; a failure becomes the note of the grade."""
    failure = reason(api.autograde(assignment, student)) or reason(api.generate_feedback(assignment, student))
    return read_grade(api, assignment, student, failure)


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


def grade_class(assignment: str, submitted: Path, build: Path, root: Path = ROOT, time_limit: int = 60) -> str:
    """Grades every submission below `submitted`; the table, also in `build/grades.txt` and by test in `build/grades.csv`."""
    from nbgrader.plugins import CsvExportPlugin

    api = open_course(submitted, build, root, time_limit)
    failure = reason(api.generate_assignment(assignment))
    if failure:
        raise RuntimeError(f"nbgrader must be able to release {assignment}. Received: {failure}")
    grades = [grade_student(api, assignment, folder.name) for folder in sorted(submitted.iterdir())]
    with api.gradebook as gradebook:
        CsvExportPlugin(to=str(build / "nbgrader.csv")).export(gradebook)
    released = read_notebook(build / "release" / assignment / f"{assignment}.ipynb")
    meta = [cell.metadata.get("nbgrader", {}) for cell in released.cells]
    write_whole(build / "grades.csv", as_csv(assignment, [m["grade_id"] for m in meta if m.get("grade")], grades))
    write_whole(build / "grades.txt", as_table(grades))
    return as_table(grades)
