"""Which file of a submission is the assignment's notebook, and where the others go beside it: names lie, cells do not."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convbook.autograder.folder import LARGEST_FILES, MOST_FILES, STRANGE, TURNS, parents
from convbook.autograder.lms.archive import Found
from convbook.autograder.submission import InvalidSubmission, read_submission

TIMESTAMP = "timestamp.txt"  # nbgrader's: when something was handed in. The platform says it, not the student
LONGEST_PART = 200  # bytes of one name in a path
LONGEST_PATH, MOST_PARTS = 600, 20  # bytes of a path, and names in it: less than the grader refuses
# What browsers, mail and people put behind a name: "lab (1)", "lab-1", "lab copy", "lab - Kopie", "lab - 복사본 (2)".
COPY = re.compile(r"(?:\s*\((\d+)\)|-(\d+)|\s*-?\s*\b(?:copy|kopie)\b(?:\s*(\d+))?|\s*-?\s*복사본)$", re.IGNORECASE)
PLAIN = (".json", ".txt")  # as which notebooks arrive that mail or a browser did not know
# What is handed in in place of a notebook, by the ends of its name.
OTHERS = {
    (".pdf",): "a PDF, not a notebook",
    (".html", ".htm"): "a page, not a notebook",
    (".rar", ".7z", ".tar", ".gz", ".tgz", ".xz", ".bz2", ".alz", ".egg"): "an archive that is not opened: only zips are",
}


@dataclass
class File:
    """One file of a submission: its own path in it, and what is known of it."""

    path: str
    found: Found
    order: tuple[Any, ...] = ()  # of two files, the newer one has the larger
    known: dict[str, int] = field(default_factory=dict)  # by notebook: how many of its cells' names are in this file
    problem: str = "no notebook"  # why it cannot be read as one; nothing if it can
    target: str = ""  # where it goes in the submission; nothing if it does not
    note: str = ""  # what is to be said of it

    @property
    def stem(self) -> str:
        """Its name before `.ipynb`, as letters and numbers that can be compared."""
        name = self.path.rpartition("/")[2]
        return unicodedata.normalize("NFC", re.split(r"\.ipynb|\.(?:json|txt)$", name, flags=re.IGNORECASE)[0]).casefold()

    @property
    def age(self) -> tuple[Any, ...]:
        """Of two versions, the newer has the larger; where the platform does not say it, "lab (2)" is newer than "lab"."""
        match = COPY.search(self.stem)
        copy = next((int(number) for number in match.groups() if number), 1) if match else 0
        return (*self.order[:-1], len(copied_names(self.stem)), copy, *self.order[-1:])

    @property
    def is_named_so(self) -> bool:
        """Whether its name says that it is a notebook."""
        return ".ipynb" in self.path.rpartition("/")[2].lower()

    def fits(self, notebook: str) -> int:
        """How well its name fits a notebook's: 2 the same, 1 but for what copies are named, 0 not."""
        wanted = unicodedata.normalize("NFC", notebook).casefold()
        if not self.is_named_so or self.stem == wanted:
            return 2 * (self.is_named_so and self.stem == wanted)
        return int(wanted in [form for name in copied_names(self.stem) for form in (name, name.replace(" ", "_"))])

    def read(self, released: dict[str, set[str]]) -> None:
        """Looks for the names of the released cells in it."""
        if not self.is_named_so and not self.path.lower().endswith(PLAIN):
            self.note = next((words for ends, words in OTHERS.items() if self.path.lower().endswith(ends)), "")
            return
        try:
            names = {cell.grade_id for cell in read_submission(self.found.place)}
        except InvalidSubmission as error:
            self.problem = str(error).replace(self.found.place.name, self.path.rpartition("/")[2])
            return
        self.problem = ""
        self.known = {notebook: len(names & ids) for notebook, ids in released.items()}


def copied_names(stem: str) -> list[str]:
    """A name, and what it is without what copies have behind it: "lab-1 (2)", "lab-1", "lab"."""
    found: list[str] = []
    while stem and stem not in found:
        found.append(stem)
        stem = COPY.sub("", stem)
    return found


def choose(files: list[File], released: dict[str, set[str]]) -> dict[str, File]:
    """By notebook of the assignment, the file that is it.

    Of several, the one with more of the released cells' names, then the newer. Without any such name the file's name
    decides, and where that does not fit either, a notebook that is the only one.
    """
    for file in files:
        file.read(released)
    chosen: dict[str, File] = {}
    for notebook in released:
        claims = [file for file in files if claimed(file, released) == notebook]
        if claims:
            chosen[notebook] = max(claims, key=lambda f: (f.known.get(notebook, 0), not f.problem, f.age, f.fits(notebook)))
            remark(chosen[notebook], notebook, claims)
    lacking = [notebook for notebook in released if notebook not in chosen]
    return chosen | only_one(lacking, [file for file in files if file.is_named_so and claimed(file, released) is None])


def only_one(lacking: list[str], unclaimed: list[File]) -> dict[str, File]:
    """The notebook that is lacking, where it is one, and there is one notebook of which nothing is known."""
    alone = len(lacking) == len(unclaimed) == 1
    for file in unclaimed if lacking else ():
        which = "the only notebook; nothing in it" if alone else "nothing in this notebook"
        file.note = file.problem or f"{which} says that it is the assignment's"
    return {lacking[0]: unclaimed[0]} if alone else {}


def claimed(file: File, released: dict[str, set[str]]) -> str | None:
    """The notebook that a file is a version of, or none."""
    best = max(released, key=lambda notebook: (file.known.get(notebook, 0), file.fits(notebook)), default=None)
    return best if best is not None and (file.known.get(best, 0) or file.fits(best)) else None


def remark(taken: File, notebook: str, claims: list[File]) -> None:
    """Says what was decided where a name alone would not have told it."""
    cells = taken.known.get(notebook, 0)
    if taken.problem:
        taken.note = taken.problem
    elif cells and not taken.fits(notebook):
        taken.note = "recognised by its cells"
    for other in claims:
        if other is not taken:
            why = "is the newer one" if other.known.get(notebook, 0) == cells else "has more of the cells"
            other.note = f"another version: {taken.path} {why}"


def lay_out(files: list[File], chosen: dict[str, File], marked: bool) -> None:
    """Gives each file its place. What lies beside the notebook stays beside it; what lies elsewhere keeps its path.

    `marked` says that a timestamp.txt is the instructor's own.
    """
    for notebook, file in chosen.items():
        file.target = f"{notebook}.ipynb"
    taken, folders = {file.target for file in chosen.values()}, set()
    base = next((file.path.rpartition("/")[0] + "/" for file in chosen.values() if "/" in file.path), "")
    number, size = len(chosen), 0
    for file in files:
        if file.target or file.found.opened:
            continue
        wanted = usable(file.path.removeprefix(base))
        number, size = number + 1, size + (0 if file.is_named_so else file.found.place.stat().st_size)
        if wanted == TIMESTAMP and not marked:
            file.note = "when something was handed in is the platform's to say"
        elif number > MOST_FILES or size > LARGEST_FILES:
            file.note = f"more than {LARGEST_FILES // 2**20} MiB or {MOST_FILES} files beside the notebook"
        else:
            file.target = free(wanted, taken, folders)
            taken.add(file.target)
            folders.update(parents(file.target))


def free(wanted: str, taken: set[str], folders: set[str]) -> str:
    """This path, or if something is there or in the way, the same in a folder of its own."""
    target, number = wanted, 0
    while target in taken or target in folders or taken & set(parents(target)):
        number += 1
        target = f"other {number}/{wanted}"
    return target


def usable(path: str) -> str:
    """A path that can be written and shown: without control characters, `.` and `..`, and not too long."""
    parts = [shortened_part(cleaned(part)) for part in path.split("/") if part not in ("", ".", "..")]
    while len(parts) > 1 and (len(parts) > MOST_PARTS or len("/".join(parts).encode()) > LONGEST_PATH):
        del parts[0]
    return "/".join(parts) or "unnamed"


def cleaned(part: str) -> str:
    """A name with `_` for what is no character, or turns the direction of the others."""
    bad = [unicodedata.category(letter) in STRANGE or letter in TURNS for letter in part]
    return "".join("_" if is_bad else letter for letter, is_bad in zip(part, bad))


def shortened_part(part: str) -> str:
    """A name that every file system can hold, with its ending."""
    raw = part.encode()
    if len(raw) <= LONGEST_PART:
        return part
    ending = Path(part).suffix[-20:]
    return raw[: LONGEST_PART - len(ending.encode())].decode(errors="ignore") + ending
