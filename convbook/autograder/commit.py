"""The one writer: an answer becomes rows of nbgrader's gradebook, autograded notebooks, and a record; all of it or nothing."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from sqlalchemy.exc import OperationalError

from convbook.autograder import gradebook
from convbook.autograder.course import Course
from convbook.autograder.extensions import extend, extensions
from convbook.autograder.folder import UNUSABLE, few, shown_as_text
from convbook.autograder.outputs import clean
from convbook.autograder.plan import Assignment, Job
from convbook.autograder.rebuild import as_text, from_text
from convbook.autograder.record import record_of
from convbook.autograder.score import failure
from convbook.autograder.submission import readable
from convbook.course.cells import grade_id, is_test
from convbook.course.files import undisturbed, write_whole

AGAIN = 0.2  # seconds between two tries to write into a gradebook that another program has locked
READ_ONLY = 0o444  # as nbgrader leaves what it has graded


class Writer:
    """Writes what was graded. It is the only one who does, while `Course.lock` is held."""

    def __init__(self, course: Course) -> None:
        from nbgrader.preprocessors import AssignLatePenalties, LimitOutput

        self.course = course
        self.gradebook = gradebook.gradebook_of(course, AGAIN)
        self.penalties = AssignLatePenalties(config=course.config)
        self.penalties.init_plugin()
        self.limit = LimitOutput(config=course.config)

    def close(self) -> None:
        """Closes the gradebook."""
        self.gradebook.close()

    def commit(self, job: Job, assignment: Assignment, answer: dict[str, Any]) -> dict[str, Any]:
        """Writes one submission, whole or not at all; its record."""
        notebooks, points = self.results(job, answer)
        deadline = time.monotonic() + gradebook.PATIENCE
        while True:
            try:
                with undisturbed():
                    return self.write(job, assignment, answer, notebooks, points)
            except OperationalError as error:  # SQLite does not wait where two could wait for each other
                if not gradebook.is_locked(error) or time.monotonic() > deadline:
                    raise
                time.sleep(AGAIN)

    def write(
        self,
        job: Job,
        assignment: Assignment,
        answer: dict[str, Any],
        notebooks: dict[str, NotebookNode],
        points: dict[str, dict[str, float]],
    ) -> dict[str, Any]:
        """Files, then rows, then the record: without one, the submission is graded again."""
        path = self.course.record_path(job.assignment, job.student)
        with self.folder(job) as folder:
            write_files(folder, job, assignment.given_files)
            record = record_of(job, assignment, answer, points)
            for name, notebook in notebooks.items():
                write_bytes(folder / f"{name}.ipynb", (as_text(notebook) + "\n").encode())
            with gradebook.transaction(self.gradebook):
                self.save(job, notebooks, points)
                record |= self.score(job)
                path.unlink(missing_ok=True)  # the one of another grading, before anything of it is replaced
        write_whole(path, json.dumps(record, indent=1, ensure_ascii=False))
        return record

    def results(self, job: Job, answer: dict[str, Any]) -> tuple[dict[str, NotebookNode], dict[str, dict[str, float]]]:
        """The notebooks to keep and the points of their tests; if a notebook did not run, each test says why."""
        notebooks, points = {}, {}
        for name, rebuilt in job.notebooks.items():
            ran = answer["notebooks"].get(name)
            notebook = from_text(ran["notebook"]) if ran else unrun(rebuilt, job.note or answer["error"])
            notebooks[name] = self.limit.preprocess(notebook, {})[0]
            points[name] = ran["points"] if ran else {grade_id(cell): 0.0 for cell in rebuilt.cells if is_test(cell)}
        return notebooks, points

    @contextlib.contextmanager
    def folder(self, job: Job) -> Iterator[Path]:
        """A folder beside the place of the autograded submission, which takes that place if all goes well."""
        place = self.course.folder("autograded", job.assignment, job.student)
        beside = place.with_name(f".{place.name}.new")
        old = place.with_name(f".{place.name}.old")
        for left_over in (beside, old):
            remove(left_over)
        beside.mkdir(parents=True)
        try:
            yield beside
            if place.exists():
                os.replace(place, old)
            os.replace(beside, place)
        finally:
            remove(beside)
            remove(old)

    def save(self, job: Job, notebooks: dict[str, NotebookNode], points: dict[str, dict[str, float]]) -> None:
        """The rows of one submission, as `nbgrader autograde` writes them. Manual scores and comments are left alone."""
        from nbgrader.utils import is_solution, is_task

        stamp = {"timestamp": job.timestamp} if job.timestamp else {}
        self.gradebook.update_or_create_student(job.student)
        submission = self.gradebook.update_or_create_submission(job.assignment, job.student, **stamp)
        extend(submission, extensions(self.course, job.assignment))
        for saved in submission.notebooks:
            cells = {grade_id(cell): cell for cell in notebooks[saved.name].cells if grade_id(cell)}
            for grade in saved.grades:
                grade.auto_score = self.auto_score(job, cells[grade.name], points[saved.name])
                grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
            for comment in saved.comments:
                cell = cells[comment.name]
                if is_solution(cell) or is_task(cell):
                    comment.auto_comment = "No response." if unanswered(cell) and not is_task(cell) else None
        self.gradebook.db.flush()
        for saved in submission.notebooks:
            self.gradebook.db.refresh(saved)
            self.penalize(submission, saved)

    def auto_score(self, job: Job, cell: NotebookNode, points: dict[str, float]) -> float | None:
        """What a cell earned without a person, or None where a person decides."""
        if grade_id(cell) in points:
            return points[grade_id(cell)]
        return 0.0 if job.state or unanswered(cell) else None

    def penalize(self, submission: Any, saved: Any) -> None:
        """The late penalty of one notebook, by the course's own rule."""
        saved.late_submission_penalty = None
        if submission.total_seconds_late > 0:
            rule = self.penalties.plugin_inst.late_submission_penalty
            penalty = rule(submission.student.id, saved.score, submission.total_seconds_late)
            if penalty is not None:
                saved.late_submission_penalty = self.penalties._check_late_penalty(saved, penalty)

    def score(self, job: Job) -> dict[str, Any]:
        """What the gradebook says of the submission now: points, what lateness takes from them, what waits for a person."""
        submission = self.gradebook.find_submission(job.assignment, job.student)
        self.gradebook.db.refresh(submission)
        waiting = [grade.name for saved in submission.notebooks for grade in saved.grades if grade.needs_manual_grade]
        penalty = float(submission.late_submission_penalty or 0.0)
        return {"score": float(submission.score), "penalty": penalty, "waiting": waiting}


def unanswered(cell: NotebookNode) -> bool:
    """Whether an answer is what was released."""
    from nbgrader.utils import compute_checksum

    return cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)


def unrun(notebook: NotebookNode, why: str) -> NotebookNode:
    """A notebook whose tests all say why they did not run."""
    for cell in notebook.cells:
        if is_test(cell):
            cell.outputs = clean([failure("NotGraded", why or "The notebook did not run.")])
    return notebook


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file that nobody changes later."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(READ_ONLY)


def write_files(folder: Path, job: Job, given: Collection[str] = ()) -> None:
    """Writes what stands beside the notebooks. What this file system cannot hold is left out, and remarked on.

    What is not `given` by the instructor and could hold scripts is kept as a text.
    """
    lost = []
    for name, content in job.files.items():
        place = name if name in given else shown_as_text(name)
        while place != name and place in job.files:
            place += ".txt"
        try:
            write_bytes(folder / place, content)
        except (OSError, ValueError) as error:
            if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
                raise  # no fault of the name
            lost.append(readable(name))
    job.remarks += few(UNUSABLE, lost)


def sweep(course: Course, assignment: str) -> None:
    """Removes what a command that was killed has left in `autograded/`. `Course.lock` is held."""
    for student in course.students(assignment):
        place = course.folder("autograded", assignment, student)
        for left_over in (place.with_name(f".{place.name}.new"), place.with_name(f".{place.name}.old")):
            remove(left_over)


def remove(folder: Path) -> None:
    """Deletes a folder, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def check_database(course: Course) -> None:
    """CourseError if the gradebook cannot be opened; where there is none, one is made."""
    place = gradebook.file_of(course.directory.db_url)
    with course.lock() if place is not None and gradebook.is_blank(place) else contextlib.nullcontext():
        gradebook.ensure_gradebook(course)
