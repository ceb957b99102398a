"""A course on disk: nbgrader's folders, gradebook and configuration, and beside them what the autograder remembers."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convbook.course.assignments import put_programs_on_path
from convbook.course.files import write_whole

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

MEMORY = ".convbook"  # in the course's folder
MARKUP = set('<>&"\\')  # characters of HTML and of scripts
LONGEST_STUDENT = 128  # bytes of a student's name: that is what nbgrader's gradebook holds


class CourseError(Exception):
    """Something that the instructor gave cannot be used; the text says what must hold, what was received, what to do."""


@dataclass(frozen=True)
class Course:
    """An nbgrader course: the folder that holds `nbgrader_config.py`."""

    root: Path

    @cached_property
    def config(self) -> Config:
        """nbgrader's configuration of this course."""
        from traitlets.config import Config, PyFileConfigLoader

        put_programs_on_path()
        config = Config()
        if (self.root / "nbgrader_config.py").is_file():
            config = PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root)
        return config

    @cached_property
    def directory(self) -> CourseDirectory:
        """nbgrader's view of the folders."""
        from nbgrader.coursedir import CourseDirectory

        return CourseDirectory(config=self.config)

    @cached_property
    def notes(self) -> list[str]:
        """What an instructor should know of what a command did beside its own work: sentences, said at its end."""
        return []

    def folder(self, step: str, assignment: str = ".", student: str = ".") -> Path:
        """The folder of a step: source, release, submitted, autograded or feedback."""
        return Path(self.directory.format_path(getattr(self.directory, f"{step}_directory"), student, assignment))

    @property
    def memory(self) -> Path:
        """The folder of what the autograder remembers: without it, everything is graded again, and a class list is needed."""
        return self.root / MEMORY

    def record_path(self, assignment: str, student: str) -> Path:
        """Where the record of a graded submission lies."""
        return self.memory / "records" / assignment / f"{student}.json"

    def collected_path(self, assignment: str) -> Path:
        """Where the record of what archives have told of the submissions lies: names, times, lateness."""
        return self.memory / "collected" / f"{assignment}.json"

    def assignments(self) -> list[str]:
        """The assignments whose source is in the course, in order."""
        source = self.folder("source")
        folders = source.iterdir() if source.is_dir() else ()
        return sorted(folder.name for folder in folders if not folder.name.startswith(".") and any(folder.glob("*.ipynb")))

    def students(self, assignment: str) -> list[str]:
        """Those who have a folder for this assignment, in order."""
        return [student for student in self.folders(assignment) if can_be_a_student(student)]

    def nameless(self, assignment: str) -> list[str]:
        """The folders beside them whose names cannot be a student's."""
        return [name for name in self.folders(assignment) if not can_be_a_student(name)]

    def folders(self, assignment: str) -> list[str]:
        """The names that stand where a student's stands, of everything that was handed in for this assignment."""
        step, found = (
            self.directory.submitted_directory,
            glob.glob(str(self.folder("submitted", glob.escape(assignment), "*"))),
        )
        pattern = self.directory.format_path(step, "(?P<student>.*)", re.escape(assignment), escape=True)
        matches = [re.fullmatch(pattern, path, flags=re.DOTALL) for path in found]
        return sorted(match["student"] for match in matches if match)

    def source_files(self, assignment: str) -> dict[str, bytes]:
        """What stands beside the instructor's notebooks and is given to every submission: paths and contents."""
        from nbgrader.utils import find_all_files

        folder = self.folder("source", assignment)
        paths = find_all_files(str(folder), [*self.directory.ignore, "*.ipynb", "grading.toml"])
        return {str(Path(path).relative_to(folder)): Path(path).read_bytes() for path in sorted(paths)}

    def seed(self, assignment: str, seed: int | None = None) -> int:
        """The number from which the hidden tests draw their inputs: drawn once an assignment, or given, and written down."""
        path = self.memory / "seeds.json"
        seeds = json.loads(path.read_text()) if path.is_file() else {}
        if seed is not None or assignment not in seeds:
            seeds[assignment] = secrets.randbelow(2**31) if seed is None else seed
            write_whole(path, json.dumps(seeds, indent=1))
        return seeds[assignment]

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """One grader at a time; CourseError for the second."""
        self.memory.mkdir(parents=True, exist_ok=True)
        with open(self.memory / "lock", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CourseError(
                    "Only one convbook command can write into a course at a time. Received: a second one. "
                    "Wait until the first has ended."
                ) from None
            yield


def can_be_a_student(name: str) -> bool:
    """Whether the gradebook, a file's name and a terminal can hold it, and a page: Formgrader writes it as HTML."""
    return len(name.encode(errors="replace")) <= LONGEST_STUDENT and name.isprintable() and not set(name) & MARKUP


def open_course(root: Path) -> Course:
    """The course in this folder; CourseError if there is none."""
    if not (root / "nbgrader_config.py").is_file():
        raise CourseError(
            f"The folder of a course must hold nbgrader_config.py. Received: {root}. "
            "Go to the course's folder, or name it with --course."
        )
    return Course(root.resolve())


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file of ours, or nothing where there is none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
