"""An archive read with suspicion: every file of it with its name and its content, or with the reason why it has none.

Contents go into numbered files of a folder of ours: no name of an archive is ever used as a path. Bad files cost themselves
only. `nbgrader zip_collect` stops at the first of them, and knows neither zips in zips nor limits.
"""

from __future__ import annotations

import errno
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile, ZipInfo

from convbook.autograder.course import CourseError
from convbook.autograder.folder import LARGEST_FILES, MOST_FILES
from convbook.autograder.folder import opened as content_of
from convbook.autograder.lms.alphabets import alphabet_of
from convbook.autograder.lms.zips import BAD, has_notebooks, made, name_of, opened, problem_of
from convbook.autograder.submission import shortened

LARGEST_FILE = LARGEST_FILES  # bytes; larger ones would make a submission unreadable for the grader
LARGEST_INNER = 4 * LARGEST_FILE  # bytes of a zip in the archive, when it is unpacked
LARGEST_ARCHIVE = 16 * 2**30  # bytes of everything
MOST_ENTRIES = 100_000  # files of everything
MOST_LEVELS = 3  # zips in zips
PART = 2**20  # bytes that are copied at a time


@dataclass
class Found:
    """One file of an archive."""

    name: str  # as the archive has it, with "/" between folders; in an inner zip: "answers.zip/data.csv"
    place: Path | None = None  # where its content lies; None where there is none
    problem: str = ""  # why there is none
    note: str = ""  # what else is to be said of it
    opened: bool = False  # an inner zip whose files follow
    outer: str = ""  # of a file of an inner zip: the name of the outermost zip around it
    made: str = ""  # the time that the archive gives it, "2026-03-02 21:15:32", if any


@dataclass
class Room:
    """How much may still be unpacked."""

    files: int
    size: int


class Reader:
    """Reads one archive into a folder."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.found: list[Found] = []
        self.kept = 0

    def read(self, archive: Path) -> list[Found]:
        """The files of a zip or a folder, in its order; CourseError if it is neither."""
        room = Room(MOST_ENTRIES, LARGEST_ARCHIVE)
        if archive.is_dir():
            self.read_folder(archive, room)
            return self.found
        try:
            self.read_zip(archive, Found(""), room, 0)
        except BAD as error:
            raise CourseError(
                "The archive must be a whole zip file, or a folder, as Canvas, Moodle and Blackboard hand them out. "
                f"Received: {archive}, {shortened(error)}. Download it once more."
            ) from None
        return self.found

    def read_folder(self, folder: Path, room: Room) -> None:
        """All files below a folder; links are not followed."""
        for above, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                path = Path(above) / name
                found = Found(unicodedata.normalize("NFC", readable_path(path.relative_to(folder))))
                try:
                    with content_of(path) as descriptor, open(descriptor, "rb", closefd=False) as file:
                        self.keep(found, file, room)
                except OSError as error:
                    found.problem = "a link, or no regular file" if path.is_symlink() else f"not readable: {error}"
                self.add(found, room, 0)

    def read_zip(self, path: Path, around: Found, room: Room, level: int) -> None:
        """All files of a zip. Those of an inner one have the name of the zip around them in front of theirs."""
        above = f"{around.name}/" if level else ""
        with opened(path, self.scratch, inner=bool(level)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            most = max(0, room.files)
            for entry in entries[:most]:
                found = Found(above + name_of(entry), outer=around.outer or around.name, made=made(entry))
                found.problem = problem_of(entry, found.name)
                if not found.problem:
                    self.unpack(archive, entry, found, room)
                self.add(found, room, level)
        if len(entries) > most:
            problem = f"{len(entries) - most:,} more files, beyond what is looked at"
            self.found.append(Found(f"{above}…", problem=problem, outer=around.outer or around.name))

    def unpack(self, archive: ZipFile, entry: ZipInfo, found: Found, room: Room) -> None:
        """The content of one entry."""
        try:
            with archive.open(entry) as stream:
                self.keep(found, stream, room)
        except BAD as error:
            if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
                raise CourseError(f"The course's disk must have room for the archive. Received: {error.strerror}.") from None
            found.place, found.problem = None, f"damaged: {shortened(error)}"

    def keep(self, found: Found, stream: BinaryIO, room: Room) -> None:
        """Copies a content into the next numbered file, if it is not too large. What is counted was read, not promised."""
        self.kept += 1
        place, size = self.scratch / f"{self.kept:06}", 0
        with open(place, "wb") as file:
            while part := stream.read(PART):
                size += len(part)
                room.size -= len(part)
                if size > LARGEST_FILE or room.size < 0:
                    of_one = f"more than {LARGEST_FILE // 2**20} MiB when it is unpacked"
                    found.problem = f"too large: {of_one if size > LARGEST_FILE else 'more than is unpacked of one zip'}"
                    break
                file.write(part)
        if found.problem:
            place.unlink()
        else:
            found.place = place

    def add(self, found: Found, room: Room, level: int) -> None:
        """Notes one file, and reads it where it is a zip with notebooks in it. Any other zip is a file like others."""
        room.files -= 1
        self.found.append(found)
        if found.place is None or not found.name.lower().endswith(".zip"):
            return
        if level >= MOST_LEVELS:
            found.note = f"a zip within {MOST_LEVELS} others, not opened"
            return
        try:
            if not has_notebooks(found.place, self.scratch):
                return
            inner = room if level else Room(min(MOST_FILES, room.files), min(LARGEST_INNER, room.size))
            before = inner.files, inner.size
            found.opened = True
            self.read_zip(found.place, found, inner, level + 1)
            if not level:
                room.files, room.size = room.files - before[0] + inner.files, room.size - before[1] + inner.size
        except BAD as error:
            found.opened, found.note = False, f"a zip that cannot be opened: {shortened(error)}"


def readable_path(path: Path) -> str:
    """The path of a file on disk as text, whatever its bytes are."""
    raw = os.fsencode(path)
    return raw.decode(alphabet_of(raw, "cp437")[0])
