"""From the folders of a class to jobs: what a submission is made of, whether it was graded already, what is to be run."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import sys
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from convbook.autograder.course import Course, read_json, register
from convbook.autograder.grading import Rules, read_rules
from convbook.autograder.rebuild import Remark, as_text, imports_of, modules_of, rebuild
from convbook.autograder.signs import signs
from convbook.autograder.submission import Cell, InvalidSubmission, read_submission, readable
from convbook.misconceptions import Misconception, read_bank

LARGEST_FILES = 64 * 2**20  # bytes of what stands beside the notebooks of one submission
MOST_FILES = 1000
# The modules that decide about points; a change of the others is no reason to grade again.
DECIDING = (
    *("behaviour", "compose", "diagnose", "execute", "nursery", "outputs", "plan", "rebuild", "remote", "sandbox"),
    *("score", "seccomp", "student", "submission", "walls", "wire", "worker"),
)
LONGEST_PATH = 1000  # bytes of a path in a submission


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
        records = {student: read_json(self.course.record_path(self.name, student)) for student in students}
        return [student for student in students if force or records[student].get("key") != self.begun(student)[0].key]

    def job(self, student: str) -> Job:
        """The job of one student's folder, whatever is in it."""
        job, files = self.begun(student)
        self.read_notebooks(job, files)
        taken = [*map(Path, self.given_files), *(Path(f"{name}.ipynb") for name in self.sources)]
        names = [name for name in files if not name.endswith(".ipynb") and not in_the_way(Path(name), taken)]
        others = {name: files[name].read_bytes() for name in names}
        job.timestamp = others.get("timestamp.txt", b"").decode(errors="replace").strip()
        job.files = others | self.given_files
        return job

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

    def read_notebooks(self, job: Job, files: dict[str, Path]) -> None:
        """Reads and rebuilds every notebook of the assignment; a missing or broken one becomes one without answers."""
        lacking, broken = [], []
        for name, source in self.sources.items():
            cells: list[Cell] | None = None
            if f"{name}.ipynb" not in files:
                lacking.append(f"{name}.ipynb")
            else:
                try:
                    cells = read_submission(files[f"{name}.ipynb"])
                except InvalidSubmission as error:
                    broken.append(str(error))
            job.notebooks[name], remarks = rebuild(source, self.release[name], cells or [])
            if cells is not None:
                given = {cell.source for cell in self.release[name].cells}
                job.remarks += remarks + signs([cell for cell in cells if cell.source not in given])
        extra = sorted(
            readable(name) for name in files if name.endswith(".ipynb") and name.removesuffix(".ipynb") not in self.sources
        )
        job.remarks += [Remark("another notebook", name) for name in extra]
        if not job.state and broken:
            job.state, job.note = "invalid-notebook", " ".join(broken)
        elif not job.state and len(lacking) == len(self.sources):
            job.state = "missing"
        if lacking and not job.note:
            found = f"{', '.join(extra)}. Rename it and grade again" if extra else "none"
            job.note = f"The notebook must be named {' and '.join(lacking)}. Received: {found}."


def read(path: Path) -> NotebookNode:
    """A notebook of the instructor's."""
    return nbformat.read(path, as_version=4)


def folder_files(folder: Path, remarks: list[Remark]) -> dict[str, Path]:
    """The regular files of a submission, by their path in it. Symbolic links are left out, and remarked on.

    InvalidSubmission where there is too much of it to look at.
    """
    if folder.is_symlink():
        raise InvalidSubmission(f"A submission must be a folder of its own. Received: {folder.name}, a symbolic link.")
    found: dict[str, Path] = {}
    total = 0
    for path in sorted(folder.rglob("*")):  # does not go through links
        name = str(path.relative_to(folder))
        if len(os.fsencode(name)) > LONGEST_PATH:
            raise InvalidSubmission(f"A path must have at most {LONGEST_PATH} bytes. Received: {readable(name)}")
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            remarks.append(Remark("link" if path.is_symlink() else "no regular file", readable(name)))
        elif path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in Path(name).parts):
            found[os.fsencode(name).decode(errors="replace")] = path  # an old ZIP's names need not be UTF-8
            total += 0 if name.endswith(".ipynb") else path.stat().st_size
    if total > LARGEST_FILES or len(found) > MOST_FILES:
        raise InvalidSubmission(
            f"What stands beside a notebook must have at most {LARGEST_FILES // 2**20} MiB in {MOST_FILES} files. "
            f"Received: {total / 2**20:.0f} MiB in {len(found)} files."
        )
    return found


def in_the_way(path: Path, taken: list[Path]) -> bool:
    """Whether a student's file cannot stand beside these: one is where the other needs a folder."""
    return any(path in other.parents or other in path.parents for other in taken)


def content_digest(path: Path) -> str:
    """The hash of a file's content, read in parts; of one that is too large to be graded, its size."""
    size = path.stat().st_size
    if size > LARGEST_FILES:
        return str(size)
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def environment() -> str:
    """The programs that a grade depends on: Python, the autograder itself, and the libraries of the notebooks."""
    own = hashlib.sha256(b"".join(Path(__file__).with_name(f"{name}.py").read_bytes() for name in DECIDING)).hexdigest()
    versions = [f"{name} {version(name)}" for name in ("numpy", "keras", "tensorflow", "nbgrader")]
    return " ".join([sys.version, own, *versions])


def version(package: str) -> str:
    """The installed version of a package, or "none"."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"
