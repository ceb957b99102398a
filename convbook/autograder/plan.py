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
from convbook.autograder.identity import BELOW, MOST_CANDIDATES, Candidate, belongs_to, best, candidate, is_notebook, same_name
from convbook.autograder.moments import NoMoment, in_utc, moment, zone_of
from convbook.autograder.rebuild import Remark, as_text, imports_of, modules_of, rebuild
from convbook.autograder.registration import older_releases, register
from convbook.autograder.signs import signs
from convbook.autograder.submission import Cell, InvalidSubmission, read_submission, readable
from convbook.course.misconceptions import Misconception, read_bank

UNRECOGNISED = (
    "A notebook must hold cells of {} as they were released, or answers under the names that were asked for. Received: {}, in "
    "which none was found. Ask for the file that belongs to this assignment, or put the answers into a fresh copy."
)
LONGEST_TIME = 100  # bytes that say when something was handed in
# The modules that decide about points; a change of the others is no reason to grade again.
DECIDING = (
    *(
        "attachments.py",
        "diagnose.py",
        "execute.py",
        "folder.py",
        "harmless.py",
        "identity.py",
        "outputs.py",
        "rebuild.py",
        "score.py",
    ),
    *("submission.py", "worker.py", "wall/*.py", "inside/*.py", "crossing/*.py", "../model_files/*.py"),
    *("../course/behaviour.py", "../course/calls.py", "../course/compose.py", "../course/diagnosis.py", "../course/cells.py"),
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
        self.read_notebooks(job, files)
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
        told = read_json(self.course.memory / "collected" / f"{self.name}.json").get(job.student, {})
        if text:
            try:
                job.timestamp = str(in_utc(moment(text, zone_of(self.course) or UTC)))
            except NoMoment:
                job.remarks.append(Remark("a time that cannot be read", readable(text)))
        elif told.get("late"):
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

    def read_notebooks(self, job: Job, files: dict[str, Path]) -> None:
        """Reads and rebuilds every notebook of the assignment; a missing or broken one becomes one without answers."""
        handed_in, broken = self.handed_in(job, files)
        owners = {one: belongs_to(one, cells, self.release) for one, cells in handed_in.items()}
        used: set[str] = set()
        lacking = []
        for name, source in self.sources.items():
            free = {one: cells for one, cells in handed_in.items() if one not in used and owners[one] in (None, name)}
            candidates = [candidate(one, cells, self.release[name]) for one, cells in free.items()]
            chosen = best(candidates, f"{name}.ipynb")
            lacking += [] if chosen else [f"{name}.ipynb"]
            job.notebooks[name], remarks = rebuild(source, self.release[name], chosen.cells if chosen else [])
            if chosen:
                used.add(chosen.name)
                given = {cell.source for cell in self.release[name].cells}
                job.remarks += self.changes(name, handed_in[chosen.name], [*remarks, *chosen.remarks])
                job.remarks += signs([cell for cell in chosen.cells if cell.source not in given])
                job.remarks += about(chosen, candidates, f"{name}.ipynb")
        known = {remark.cell for remark in job.remarks if remark.kind == "another version"}
        others = sorted(readable(one) for one in set(handed_in) - used if readable(one) not in known)
        job.remarks += few("another notebook", others)
        job.remarks += few("a notebook that cannot be read", sorted(map(readable, broken)) if used else [])
        if lacking and not job.state:
            job.state, job.note = what_is_lacking(lacking, handed_in, broken, len(lacking) == len(self.sources))

    def changes(self, name: str, cells: list[Cell], remarks: list[Remark]) -> list[Remark]:
        """What was changed in a notebook, compared with the release that its student must have held: the one most like it.

        `remarks` are those of the comparison with what students get now.
        """
        kinds = {remark.kind for remark in remarks}
        if "without metadata" in kinds:  # then hidden tests, whose texts were not released, cannot be found
            return [remark for remark in remarks if remark.kind != "deleted"]
        below = [remark for remark in remarks if remark.kind == BELOW]
        older = [rebuild(self.sources[name], older, cells)[1] + below for older in self.older[name]] if remarks else []
        return min([remarks, *older], key=len)

    def handed_in(self, job: Job, files: dict[str, Path]) -> tuple[dict[str, list[Cell]], dict[str, str]]:
        """The cells of each notebook that was handed in, and what is wrong with those that cannot be read."""
        named = [f"{name}.ipynb" for name in self.sources]
        found = sorted(filter(is_notebook, files), key=lambda one: (not any(same_name(one, name) for name in named), one))
        job.remarks += few("not looked at", [readable(one) for one in found[MOST_CANDIDATES:]])
        cells: dict[str, list[Cell]] = {}
        broken: dict[str, str] = {}
        for one in found[:MOST_CANDIDATES]:
            try:
                cells[one] = read_submission(files[one])
            except InvalidSubmission as error:
                broken[one] = str(error)
        return cells, broken


def about(chosen: Candidate, candidates: list[Candidate], wanted: str) -> list[Remark]:
    """What a person should know about how a notebook was found."""
    renamed = [] if same_name(chosen.name, wanted) else [Remark("another name", readable(chosen.name))]
    versions = [Remark("another version", readable(one.name)) for one in candidates if one.known and one is not chosen]
    return [*renamed, *versions]


def what_is_lacking(
    lacking: list[str], handed_in: dict[str, list[Cell]], broken: dict[str, str], everything: bool
) -> tuple[str, str]:
    """The state of a submission in which a notebook was not found, and what to do."""
    if broken and everything:
        return "invalid-notebook", " ".join(list(broken.values())[:3])
    wanted = " and ".join(lacking)
    if handed_in and everything:
        return "unrecognised", UNRECOGNISED.format(wanted, ", ".join(readable(one) for one in list(handed_in)[:10]))
    return "missing" if everything else "", f"The notebook must be handed in as {wanted}. Received: none."


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
