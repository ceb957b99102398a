"""From the folders of a class to jobs: what a submission is made of, whether it was graded already, what is to be run."""

from __future__ import annotations

import hashlib
import importlib.metadata
import sys
from dataclasses import asdict, dataclass, field
from datetime import UTC
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from convbook.autograder.course import Course, read_json
from convbook.autograder.folder import UNUSABLE, content_digest, contents, few, folder_files, in_the_way
from convbook.autograder.grading import Rules, read_rules
from convbook.autograder.handed_in import read_notebooks
from convbook.autograder.identity import is_notebook
from convbook.autograder.moments import NoMoment, in_utc, moment, zone_of
from convbook.autograder.rebuild import Remark, as_text, imports_of, modules_of, rebuild
from convbook.autograder.registration import older_releases, register
from convbook.autograder.submission import InvalidSubmission, readable
from convbook.course.misconceptions import Misconception, read_bank

LONGEST_TIME = 100  # bytes that say when something was handed in
# The modules that decide about points; a change of the others is no reason to grade again.
DECIDING = (
    *("attachments.py", "diagnose.py", "execute.py", "folder.py", "handed_in.py", "harmless.py", "identity.py", "outputs.py"),
    *("rebuild.py", "score.py", "submission.py", "worker.py", "wall/*.py", "inside/*.py", "crossing/*.py"),
    *("../course/behaviour.py", "../course/calls.py", "../course/compose.py", "../course/diagnosis.py", "../course/cells.py"),
    "../model_files/*.py",
)


@dataclass
class Job:
    """One submission to grade. What cannot be run has its state here already."""

    assignment: str
    student: str
    key: str
    notebooks: dict[str, NotebookNode]  # rebuilt, by name; all of the assignment's
    files: dict[str, bytes] = field(default_factory=dict)  # what stands beside them, paths and contents
    state: str = ""  # invalid-notebook or missing, else nothing
    note: str = ""
    remarks: list[Remark] = field(default_factory=list)
    timestamp: str = ""


@dataclass(frozen=True)
class Assignment:
    """What all jobs of an assignment share."""

    course: Course
    name: str
    released: Path
    rules: Rules
    seed: int
    unsafe: bool = False

    @classmethod
    def of(
        cls, course: Course, name: str, seed: int | None = None, unsafe: bool = False, **limits: float | None
    ) -> Assignment:
        """Registers the assignment and reads its rules; `limits` that are given take the place of the rules'."""
        zone_of(course)  # one that is none ends the command, and not each submission
        released = register(course, name)
        rules = read_rules(course.folder("source", name))
        given = {key: value for key, value in limits.items() if value is not None}
        return cls(course, name, released, Rules(**{**vars(rules), **given}), course.seed(name, seed), unsafe)

    @cached_property
    def sources(self) -> dict[str, NotebookNode]:
        """The instructor's notebooks, by name."""
        return {path.stem: read(path) for path in sorted(self.course.folder("source", self.name).glob("*.ipynb"))}

    @cached_property
    def release(self) -> dict[str, NotebookNode]:
        """The notebooks that students got, by name."""
        return {name: read(self.released / f"{name}.ipynb") for name in self.sources}

    @cached_property
    def older(self) -> dict[str, list[NotebookNode]]:
        """The notebooks that students got before the assignment was changed, by name."""
        folders = sorted(older_releases(self.course, self.name).glob("[!.]*"))
        paths = {name: [folder / f"{name}.ipynb" for folder in folders] for name in self.sources}
        return {name: [read(path) for path in found if path.is_file()] for name, found in paths.items()}

    @cached_property
    def told(self) -> dict[str, Any]:
        """What archives have told of the submissions, by student."""
        return read_json(self.course.collected_path(self.name))

    @cached_property
    def bank(self) -> list[Misconception]:
        """The misconceptions that the assignment names, where it has a bank of them."""
        path = self.course.folder("source", self.name) / "misconceptions.py"
        return read_bank(path) if path.is_file() else []

    @cached_property
    def given_files(self) -> dict[str, bytes]:
        """What the instructor gives with the notebooks."""
        return self.course.source_files(self.name)

    @cached_property
    def shared(self) -> dict[str, Any]:
        """The part of a message to a worker that is the same for all jobs."""
        return {
            "modules": sorted({module for source in self.sources.values() for module in modules_of(source)}),
            "imports": {name: imports_of(source) for name, source in self.sources.items()},
            "bank": [asdict(wrong) for wrong in self.bank],
            "instructor": {name: as_text(source) for name, source in self.sources.items()},
            "seed": self.seed,
        }

    @cached_property
    def digest(self) -> bytes:
        """What a grade depends on beside the submission: the instructor's cells and files, rules, seed and programs."""
        parts: list[Any] = [environment(), sorted(vars(self.rules).items()), self.seed, self.unsafe]
        parts += [vars(wrong) for wrong in self.bank]
        parts += [as_text(notebook) for notebook in (*self.sources.values(), *self.release.values())]
        parts += [(name, hashlib.sha256(content).digest()) for name, content in sorted(self.given_files.items())]
        return hashlib.sha256(repr(parts).encode()).digest()

    def new(self, students: list[str], force: bool = False) -> list[str]:
        """Those whose grade is not there yet, or is one of another submission, of other tests or of other rules."""
        return [student for student in students if force or not self.is_graded(student)]

    def is_graded(self, student: str) -> bool:
        """Whether the record that is there is one of this submission. What cannot be told is no reason to stop."""
        record = read_json(self.course.record_path(self.name, student))
        try:
            return bool(record) and record["key"] == self.begun(student)[0].key
        except Exception:
            return False

    def without_answers(self, student: str) -> Job:
        """A job that holds nothing of the student's, for a submission that nobody could prepare or write."""
        blank = {name: rebuild(source, self.release[name], [])[0] for name, source in self.sources.items()}
        return Job(self.name, student, "", blank, dict(self.given_files))

    def job(self, student: str) -> Job:
        """The job of one student's folder, whatever is in it."""
        job, files = self.begun(student)
        read_notebooks(self, job, files)
        taken = [*map(Path, self.given_files), *(Path(f"{name}.ipynb") for name in self.sources)]
        names = [name for name in files if not is_notebook(name)]
        beside = [name for name in names if not in_the_way(Path(name), taken)]
        job.remarks += few(UNUSABLE, sorted(readable(name) for name in set(names) - set(beside)))
        others = contents(files, beside, job.remarks)
        self.read_time(job, others.get("timestamp.txt", b"")[:LONGEST_TIME].decode(errors="replace").strip())
        job.files = others | self.given_files
        return job

    def read_time(self, job: Job, text: str) -> None:
        """When the submission was handed in; what cannot be read, and what only the platform knows, is remarked on."""
        if text:
            try:
                job.timestamp = str(in_utc(moment(text, zone_of(self.course) or UTC)))
            except NoMoment:
                job.remarks.append(Remark("a time that cannot be read", readable(text)))
        elif self.told.get(job.student, {}).get("late"):
            job.remarks.append(Remark("late", "the platform says so, and not when it was handed in"))

    def begun(self, student: str) -> tuple[Job, dict[str, Path]]:
        """A job with its key, of which nothing was read yet, and the files that belong to it."""
        job = Job(self.name, student, "", {})
        try:
            files = folder_files(self.course.folder("submitted", self.name, student), job.remarks)
            job.key = self.key(job, files)
        except (InvalidSubmission, OSError) as error:
            unreadable = isinstance(error, OSError)
            job.note = f"A submission must be readable. Received: {error.strerror}." if unreadable else str(error)
            files, job.state = {}, "invalid-notebook"
            job.key = self.key(job, files)
        return job, files

    def key(self, job: Job, files: dict[str, Path]) -> str:
        """What decides whether a submission is graded already: its files, and all that the assignment's digest holds."""
        digest = hashlib.sha256(self.digest + repr((job.state, job.note, job.remarks)).encode())
        for name, path in files.items():
            digest.update(f"{name}\0{content_digest(path)}\0".encode())
        return digest.hexdigest()


def read(path: Path) -> NotebookNode:
    """A notebook of the instructor's."""
    return nbformat.read(path, as_version=4)


@cache
def environment() -> str:
    """The programs that a grade depends on: Python, the autograder itself, and the libraries of the notebooks."""
    files = [path for pattern in DECIDING for path in sorted(Path(__file__).parent.glob(pattern))]
    own = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    versions = [f"{name} {version(name)}" for name in ("numpy", "keras", "tensorflow", "nbgrader")]
    return " ".join([sys.version, own, *versions])


def version(package: str) -> str:
    """The installed version of a package, or "none"."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"
