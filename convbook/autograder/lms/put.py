"""A student's attempt in its place: the folder in `submitted/` is replaced as a whole, and what was there is kept."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from convbook.autograder.course import Course, CourseError
from convbook.autograder.folder import content_digest
from convbook.autograder.lms.archive import Found
from convbook.autograder.lms.candidates import TIMESTAMP, File
from convbook.autograder.lms.platforms import Owner
from convbook.course.files import undisturbed, write_whole


@dataclass(frozen=True)
class Outcome:
    """What became of a student's newest attempt."""

    words: str
    counts: bool = True  # it is what `submitted/` has of the student
    digest: str = ""  # of its files


@dataclass
class Attempt:
    """What somebody handed in at one time."""

    owner: Owner
    files: list[File] = field(default_factory=list)
    lost: list[Found] = field(default_factory=list)  # files without a content
    pages: list[Found] = field(default_factory=list)  # of the platform's
    students: tuple[str, ...] = ()
    remark: str = ""
    notebooks: dict[str, Found] = field(default_factory=dict)
    received: str = ""
    timestamp: str = ""  # what is written into timestamp.txt
    made: str = ""  # the newest time that the archive gives to one of its files
    outcomes: dict[str, Outcome] = field(default_factory=dict)  # by student for whom it is the newest

    def add(self, found: Found, owner: Owner, place: int) -> None:
        """One file of the archive. Files of one name may be there twice: both are kept, and the later is the newer."""
        self.owner = self.owner if self.owner.file else owner
        if not owner.work:
            self.pages.append(found)
        elif found.place is None:
            self.lost.append(found)
        else:
            self.files.append(File(owner.file, found, order=(owner.order, found.made, place)))
        self.made = max(self.made, found.made if not found.outer else "")

    @property
    def refused(self) -> str:
        """Why no student has it now, though it is the newest; nothing where one has."""
        words = {outcome.words for outcome in self.outcomes.values() if not outcome.counts}
        return "; ".join(sorted(words)) if len(words) and not any(o.counts for o in self.outcomes.values()) else ""

    def where(self, file: File) -> str:
        """What became of one of its files."""
        if file.found.opened:
            return "opened"
        if self.refused or not self.students or not file.target:
            return self.refused
        return file.target if self.outcomes else f"kept as an earlier attempt: {file.target}"


def put_in_place(course: Course, assignment: str, student: str, attempts: list[Attempt], record: dict[str, str]) -> Outcome:
    """Gives a student the last of these attempts, unless what they have is newer; the others are kept.

    What came from the same archive before and was changed by hand since stays as it is: the archive has nothing newer.
    """
    try:
        return put(course, assignment, student, attempts, record)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise CourseError(f"The course's folder must be one that can be written. Received: {error.strerror}.") from None
        return Outcome(f"it cannot be written: {error.strerror or error}", counts=False)


def put(course: Course, assignment: str, student: str, attempts: list[Attempt], record: dict[str, str]) -> Outcome:
    """The same, where the file system does not refuse."""
    target = course.folder("submitted", assignment, student)
    for earlier in attempts[:-1]:
        keep(course, assignment, student, earlier)
    newest = attempts[-1]
    if reason := why_not(newest, target, record):
        return Outcome(reason, counts=False)
    staged = fresh(target.with_name(f".{target.name}.new"))
    write_files(newest, staged)
    own = digest(staged)
    if target.is_dir() and not target.is_symlink() and own in (record.get("digest"), digest(target)):
        shutil.rmtree(staged)
        write_timestamp(newest, target)
        return Outcome("as before", digest=own)
    there = target.exists() or target.is_symlink()
    with undisturbed():
        if there:
            move_away(target, earlier_folder(course, assignment, student, target))
        os.replace(staged, target)
    return Outcome("replaced" if there else "new", digest=own)


def fresh(folder: Path) -> Path:
    """A place in which nothing is: what a killed command has left there is removed."""
    if folder.exists():
        shutil.rmtree(folder)
    return folder


def why_not(attempt: Attempt, target: Path, record: dict[str, str]) -> str:
    """Why what a student has handed in before stays, or nothing."""
    if not any(file.target for file in attempt.files):
        return "nothing of it can be read"
    if not target.is_dir():
        return ""
    if attempt.lost and not attempt.notebooks and any(target.glob("*.ipynb")):
        return "what was there stays: not all of this attempt can be read"
    there = target / TIMESTAMP
    before = there.read_bytes()[:19].decode(errors="replace") if there.is_file() and not there.is_symlink() else ""
    if attempt.received and before[:4].isdigit() and before.replace("T", " ") > attempt.received.replace("T", " ")[:19]:
        return "what was there stays: it is newer"
    if not attempt.received and attempt.made and record.get("made", "") > attempt.made:
        return "what was there stays: it came from a newer archive"
    return ""


def write_files(attempt: Attempt, folder: Path) -> None:
    """The files of an attempt, and nbgrader's word on when it was handed in."""
    folder.mkdir(parents=True)
    for file in attempt.files:
        if file.target and file.target != TIMESTAMP:
            place = folder / file.target
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.found.place, place)
    write_timestamp(attempt, folder)


def write_timestamp(attempt: Attempt, folder: Path) -> None:
    """nbgrader's word on when something was handed in, where the archive has one."""
    if attempt.timestamp:
        write_whole(folder / TIMESTAMP, attempt.timestamp)


def keep(course: Course, assignment: str, student: str, attempt: Attempt) -> None:
    """Writes an attempt that does not count beside the course's records, once."""
    staged = fresh(course.memory / "attempts" / assignment / student / ".new")
    write_files(attempt, staged)
    move_away(staged, earlier_folder(course, assignment, student, staged))


def move_away(folder: Path, place: Path) -> None:
    """Moves a folder to a place that is named for what is in it. What is there already, is the same."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if folder.is_symlink():
        folder.unlink()
    elif place.exists():
        shutil.rmtree(folder)
    else:
        shutil.move(folder, place)


def earlier_folder(course: Course, assignment: str, student: str, folder: Path) -> Path:
    """Where an attempt that does not count is kept."""
    stamp = folder / TIMESTAMP
    said = stamp.read_text(errors="replace")[:19] if stamp.is_file() and not stamp.is_symlink() else ""
    when = "".join(letter for letter in said if letter.isdigit())
    name = f"{when}-{digest(folder)[:12]}" if when else digest(folder)[:12]
    return course.memory / "attempts" / assignment / student / name


def digest(folder: Path) -> str:
    """The hash of all that is in a folder, but for the word on when it was handed in."""
    if folder.is_symlink():
        return "link"
    parts = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name != TIMESTAMP and (path.is_symlink() or not path.is_dir()):
            parts.append((os.fsencode(name), "link" if path.is_symlink() else content_digest(path)))
    return hashlib.sha256(repr(parts).encode()).hexdigest()
