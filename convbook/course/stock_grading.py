"""A class graded by stock nbgrader, every step in one process: release -> autograde -> feedback -> export.

It runs what students wrote with your rights, on your machine: for submissions that you trust.
"""

from __future__ import annotations

import logging
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from convbook.course.assignments import course_config, reason
from convbook.course.files import write_whole
from convbook.course.grades import Grade, as_csv, as_table
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT

if TYPE_CHECKING:
    from nbgrader.apps import NbGraderAPI

MADE = ["release", "autograded", "feedback", "gradebook.db", "nbgrader.csv", "grades.csv", "grades.txt"]
TIMED_OUT = {"CellTimeoutError", "KeyboardInterrupt"}  # what nbgrader notes in a cell that it interrupted


def open_course(submitted: Path, build: Path, root: Path, time_limit: int) -> NbGraderAPI:
    """nbgrader on a course folder of its own: `build` holds all that it makes, and what it made before is deleted."""
    from nbgrader.apps import NbGraderAPI

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
    api.log.setLevel(logging.ERROR)
    api.log.propagate = False  # a failure is a result here, see `reason`
    return api


def timed_out(notebook: Path) -> list[str]:
    """The cells of an autograded notebook that reached the time limit."""
    cells = [cell for cell in read_notebook(notebook).cells if cell.cell_type == "code"]
    return [
        cell.metadata.get("nbgrader", {}).get("grade_id", "a cell of the student")
        for cell in cells
        if any(output.get("ename") in TIMED_OUT for output in cell.outputs)
    ]


def note(api: NbGraderAPI, assignment: str, student: str, waiting: list[str]) -> str:
    """What an instructor should know about a graded submission."""
    late = timed_out(Path(api.coursedir.autograded_directory) / student / assignment / f"{assignment}.ipynb")
    parts = {"time limit": late, "for a person": waiting}
    return "; ".join(f"{what}: {', '.join(names)}" for what, names in parts.items() if names)


def read_grade(api: NbGraderAPI, assignment: str, student: str, failure: str) -> Grade:
    """What the gradebook says about one student, and a note."""
    from nbgrader.api import MissingEntry

    with api.gradebook as gradebook:
        max_score = float(gradebook.find_assignment(assignment).max_score)
        try:
            found = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return Grade(student, 0.0, max_score, {}, failure)
        grades = [grade for notebook in found.notebooks for grade in notebook.grades]
        cells = {grade.name: float(grade.score or 0) for grade in grades}
        waiting = [grade.name for grade in grades if grade.needs_manual_grade]
    return Grade(student, sum(cells.values()), max_score, cells, failure or note(api, assignment, student, waiting))


def grade_student(api: NbGraderAPI, assignment: str, student: str) -> Grade:
    """Autogrades one submission and writes its feedback; a failure becomes the note of the grade."""
    failure = reason(api.autograde(assignment, student))
    if failure:
        return read_grade(api, assignment, student, f"not graded: {failure}")
    failure = reason(api.generate_feedback(assignment, student))
    return read_grade(api, assignment, student, f"no feedback: {failure}" if failure else "")


def grade_class(assignment: str, submitted: Path, build: Path, root: Path = ROOT, time_limit: int = 60) -> str:
    """Grades every submission below `submitted`; the table, also in `build/grades.txt` and by test in `build/grades.csv`."""
    from nbgrader.plugins import CsvExportPlugin

    api = open_course(submitted, build, root, time_limit)
    failure = reason(api.generate_assignment(assignment))
    if failure:
        raise RuntimeError(f"nbgrader must be able to release {assignment}. Received: {failure}")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Object of type .* not in session")  # nbgrader's, harmless
        grades = [grade_student(api, assignment, folder.name) for folder in sorted(submitted.iterdir())]
    with api.gradebook as gradebook:
        CsvExportPlugin(to=str(build / "nbgrader.csv")).export(gradebook)
    released = read_notebook(build / "release" / assignment / f"{assignment}.ipynb")
    meta = [cell.metadata.get("nbgrader", {}) for cell in released.cells]
    write_whole(build / "grades.csv", as_csv(assignment, [m["grade_id"] for m in meta if m.get("grade")], grades))
    write_whole(build / "grades.txt", as_table(grades))
    return as_table(grades)
