"""The one writer: an answer becomes rows of nbgrader's gradebook, autograded notebooks, and a record; all of it or nothing."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from convbook.autograder.course import Course, CourseError
from convbook.autograder.outputs import clean
from convbook.autograder.plan import Assignment, Job
from convbook.autograder.rebuild import as_text, from_text, grade_id, is_test
from convbook.autograder.score import failure
from convbook.files import write_whole

STATES = ("graded", "timeout", "out-of-memory", "kernel-died", "invalid-notebook", "missing", "grader-error")
READ_ONLY = 0o444  # as nbgrader leaves what it has graded


class Writer:
    """Writes what was graded. It is the only one who does, while `Course.lock` is held."""

    def __init__(self, course: Course) -> None:
        from nbgrader.api import Gradebook
        from nbgrader.preprocessors import AssignLatePenalties, LimitOutput

        self.course = course
        self.gradebook = Gradebook(course.directory.db_url, course.directory.course_id)
        self.penalties = AssignLatePenalties(config=course.config)
        self.penalties.init_plugin()
        self.limit = LimitOutput(config=course.config)

    def close(self) -> None:
        """Closes the gradebook."""
        self.gradebook.close()

    def commit(self, job: Job, assignment: Assignment, answer: dict[str, Any]) -> dict[str, Any]:
        """Writes one submission; its record, which is written last: without it, the submission is graded again."""
        notebooks, points = self.results(job, answer)
        record = record_of(job, assignment, answer, points)
        with self.folder(job) as folder:
            for name, content in job.files.items():
                write_bytes(folder / name, content)
            for name, notebook in notebooks.items():
                write_bytes(folder / f"{name}.ipynb", (as_text(notebook) + "\n").encode())
            with self.transaction():
                self.save(job, notebooks, points)
                record |= self.score(job)
        write_whole(self.course.record_path(job.assignment, job.student), json.dumps(record, indent=1, ensure_ascii=False))
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

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All that happens inside reaches the gradebook at once: nbgrader's own commits are put off to the end."""
        session = self.gradebook.db
        commit, session.commit = session.commit, session.flush
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Object of type .* not in session")  # nbgrader's, harmless
                yield
                commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.commit = commit
            session.remove()

    def save(self, job: Job, notebooks: dict[str, NotebookNode], points: dict[str, dict[str, float]]) -> None:
        """The rows of one submission, as `nbgrader autograde` writes them. Manual scores and comments are left alone."""
        from nbgrader.utils import is_solution, is_task

        stamp = {"timestamp": job.timestamp} if job.timestamp else {}
        self.gradebook.update_or_create_student(job.student)
        try:
            submission = self.gradebook.update_or_create_submission(job.assignment, job.student, **stamp)
        except (ValueError, OverflowError):  # the student's file says something that is no time
            submission = self.gradebook.update_or_create_submission(job.assignment, job.student)
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


def record_of(job: Job, assignment: Assignment, answer: dict[str, Any], points: dict[str, dict[str, float]]) -> dict[str, Any]:
    """What is remembered of a graded submission."""
    ran = answer["notebooks"].values()
    state = job.state or ("grader-error" if answer["error"] else worst([outcome["state"] for outcome in ran]))
    most = {
        grade_id(cell): float(cell.metadata["nbgrader"]["points"])
        for notebook in job.notebooks.values()
        for cell in notebook.cells
        if is_test(cell)
    }
    return {
        "student": job.student,
        "assignment": job.assignment,
        "key": job.key,
        "state": state,
        "note": job.note or answer["error"].strip().rpartition("\n")[2],
        "points": {name: earned for of_notebook in points.values() for name, earned in of_notebook.items()},
        "max_points": most,
        "remarks": sorted({(remark.kind, remark.cell) for remark in job.remarks}),
        "late": [name for outcome in ran for name in outcome["late"]],
        "lower_trust": [name for outcome in ran for name in outcome["lower_trust"]],
        "misconceptions": [finding for outcome in ran for finding in outcome["findings"] if finding["name"]],
        "smallest": [finding for outcome in ran for finding in outcome["findings"] if not finding["name"]],
        "cpu_seconds": round(sum(outcome["cpu_seconds"] for outcome in ran) + answer.get("own_seconds", 0.0), 4),
        "wall_seconds": round(sum(outcome["wall_seconds"] for outcome in ran), 4),
        "memory": answer.get("memory", 0),
        "seed": assignment.seed,
        "unsafe": assignment.unsafe,
        "graded": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def worst(states: list[str]) -> str:
    """The state of a submission of several notebooks: that of the one that went worst."""
    return max(states, key=STATES.index, default="graded")


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file that nobody changes later."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(READ_ONLY)


def remove(folder: Path) -> None:
    """Deletes a folder, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def check_database(course: Course) -> None:
    """CourseError if the gradebook cannot be opened."""
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SQLAlchemyError

    try:
        Gradebook(course.directory.db_url, course.directory.course_id).close()
    except (SQLAlchemyError, OSError) as error:
        raise CourseError(
            f"The gradebook must be a database that nbgrader can open. Received: {course.directory.db_url}, "
            f"{(str(error).splitlines() or [type(error).__name__])[0]}"
        ) from None
