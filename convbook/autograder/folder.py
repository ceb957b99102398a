"""The folder of a submission as data: files of any name, kind and number, of which none is followed, waited for or trusted."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from convbook.autograder.rebuild import Remark
from convbook.autograder.submission import InvalidSubmission, readable

LARGEST_FILES = 64 * 2**20  # bytes of what stands beside the notebooks of one submission
MOST_FILES = 1000
MOST_ENTRIES = 10_000  # files, folders, links and whatever else that is looked at
MOST_LEVELS = 50  # folders within folders
LONGEST_PATH = 1000  # bytes of a path in a submission
LONGEST_PART = 255  # bytes of a file's name, on every usual file system
MOST_REMARKS = 10  # of one kind; the others are counted
UNUSABLE = "a name that cannot be used"
UNREADABLE = "a file that cannot be read"
STRANGE = {"Cc", "Cs", "Zl", "Zp"}  # categories of characters: control characters, halves of characters, ends of lines
TURNS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they turn the direction of what is shown

# Kinds of files that a browser shows as a picture or a text, or keeps. Formgrader gives out what stands in `autograded/`.
QUIET = {"txt", "csv", "tsv", "json", "py", "md", "toml", "yaml", "yml", "log", "tex", "ipynb", "png", "jpg", "jpeg", "gif"}
QUIET |= {"bmp", "webp", "wav", "mp3", "npy", "npz", "keras", "h5", "hdf5", "pkl", "pt", "pth", "parquet", "zip", "gz", "xlsx"}


class Folder:
    """What was found in the folder of a submission: its files by name, and what was left out."""

    def __init__(self) -> None:
        self.files: dict[str, Path] = {}
        self.folders: set[str] = set()
        self.size = 0  # bytes of all but the notebooks
        self.left_out: defaultdict[str, list[str]] = defaultdict(list)

    def leave_out(self, kind: str, path: bytes) -> None:
        """Remembers what is not given to the notebook, and why."""
        self.left_out[kind].append(readable(as_name(path)))

    def add(self, path: bytes, place: Path) -> None:
        """Keeps a file under its name, if that is one that can be written here and inside the sandbox."""
        name = as_name(path)
        above = parents(name)
        if not is_usable(name) or name in self.files or name in self.folders or any(folder in self.files for folder in above):
            self.leave_out(UNUSABLE, path)
            return
        try:
            size = place.stat().st_size
        except OSError:  # it is gone meanwhile
            self.leave_out(UNREADABLE, path)
            return
        self.files[name] = place
        self.folders.update(above)
        self.size += 0 if name.endswith(".ipynb") else size

    def remarks(self) -> list[Remark]:
        """What was left out, for a person to read: a few of each kind, and the number of the others."""
        return [remark for kind, names in self.left_out.items() for remark in few(kind, names)]


def few(kind: str, names: list[str]) -> list[Remark]:
    """Remarks of one kind, not more than a person reads."""
    more = len(names) - MOST_REMARKS
    return [Remark(kind, name) for name in names[:MOST_REMARKS]] + [Remark(kind, f"and {more} more")] * (more > 0)


def folder_files(folder: Path, remarks: list[Remark]) -> dict[str, Path]:
    """The regular files of a submission, by their path in it; what is left out is remarked on.

    InvalidSubmission where there is too much of it to look at.
    """
    if folder.is_symlink():
        raise InvalidSubmission(f"A submission must be a folder of its own. Received: {folder.name}, a symbolic link.")
    if not folder.is_dir():
        remarks.append(Remark("no folder", folder.name))
        return {}
    found = Folder()
    for path, entry in entries(os.fsencode(folder), found):
        if entry.is_file(follow_symlinks=False):
            found.add(path, Path(os.fsdecode(entry.path)))
        elif not entry.is_dir(follow_symlinks=False):
            found.leave_out("link" if entry.is_symlink() else "no regular file", path)
        if found.size > LARGEST_FILES or len(found.files) > MOST_FILES:
            raise InvalidSubmission(
                f"What stands beside a notebook must have at most {LARGEST_FILES // 2**20} MiB in {MOST_FILES} files. "
                f"Received: {found.size / 2**20:.0f} MiB in the first {len(found.files)} files."
            )
    remarks += found.remarks()
    return found.files


def entries(root: bytes, found: Folder) -> Iterator[tuple[bytes, os.DirEntry]]:
    """(path in the folder, entry) of all that is in it, in order. Hidden folders are not gone into, links not through."""
    waiting, seen = [b""], 0
    while waiting:
        place = waiting.pop()
        try:
            with os.scandir(os.path.join(root, place)) as listing:
                inside = sorted(limited(listing, MOST_ENTRIES - seen), key=lambda entry: entry.name)
        except OSError:
            if not place:
                raise
            found.leave_out("a folder that cannot be read", place)
            continue
        seen += len(inside)
        visible = [(os.path.join(place, entry.name), entry) for entry in inside if not is_hidden(entry)]
        yield from visible
        for path, entry in reversed(visible):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(not_too_deep(path))


def not_too_deep(path: bytes) -> bytes:
    """The path of a folder that can be copied; InvalidSubmission where folders lie in folders without an end."""
    if path.count(b"/") >= MOST_LEVELS or len(path) > LONGEST_PATH:
        raise InvalidSubmission(
            f"A path in a submission must have at most {LONGEST_PATH} bytes and go through at most {MOST_LEVELS} folders. "
            f"Received: {readable(as_name(path))}"
        )
    return path


def limited(listing: Iterator[os.DirEntry], most: int) -> Iterator[os.DirEntry]:
    """The entries of a listing; InvalidSubmission where they are too many."""
    for number, entry in enumerate(listing, start=1):
        if number > most:
            raise InvalidSubmission(
                f"A submission must have at most {MOST_ENTRIES:,} files and folders. Received: one with more of them."
            )
        yield entry


def is_hidden(entry: os.DirEntry) -> bool:
    """Whether it is something that programs keep for themselves."""
    is_link_or_pipe = not (entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False))
    return not is_link_or_pipe and (entry.name.startswith(b".") or entry.name == b"__pycache__")


def as_name(path: bytes) -> str:
    """A path as text. An old ZIP's names need not be UTF-8: what is none is replaced, and the file is kept."""
    return path.decode(errors="replace")


def parents(name: str) -> list[str]:
    """The folders that a path goes through."""
    parts = name.split("/")
    return ["/".join(parts[:number]) for number in range(1, len(parts))]


def is_usable(name: str) -> bool:
    """Whether a path can be written to a file system and shown to a person: no control characters, not too long."""
    size = max(len(os.fsencode(part)) for part in name.split("/"))
    strange = any(unicodedata.category(character) in STRANGE or character in TURNS for character in name)
    return size <= LONGEST_PART and len(os.fsencode(name)) <= LONGEST_PATH and not strange


def shown_as_text(name: str) -> str:
    """The name under which a student's file is kept for a person: a page or a drawing, which can hold scripts, as a text."""
    _, dot, kind = name.rpartition("/")[2].rpartition(".")
    return name if not dot or kind.lower() in QUIET else f"{name}.txt"


def in_the_way(path: Path, taken: list[Path]) -> bool:
    """Whether a student's file cannot stand beside these: one is where the other needs a folder."""
    return any(path in other.parents or other in path.parents for other in taken)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[int]:
    """A regular file, open to be read; OSError if it is none, also where it has become something else meanwhile."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("no regular file")
        yield descriptor
    finally:
        os.close(descriptor)


def content(path: Path) -> bytes | None:
    """What is in a file, or nothing where it cannot be read or has grown too large meanwhile."""
    try:
        with opened(path) as descriptor, open(descriptor, "rb", closefd=False) as file:
            read = file.read(LARGEST_FILES + 1)
    except OSError:
        return None
    return read if len(read) <= LARGEST_FILES else None


def contents(files: dict[str, Path], names: list[str], remarks: list[Remark]) -> dict[str, bytes]:
    """The contents of the files of these names; those that cannot be read are left out, and remarked on."""
    found: dict[str, bytes] = {}
    lost, total = [], 0
    for name in names:
        read = content(files[name])
        total += len(read or b"")
        if read is None or total > LARGEST_FILES:
            lost.append(readable(name))
        else:
            found[name] = read
    remarks += few(UNREADABLE, lost)
    return found


def content_digest(path: Path) -> str:
    """The hash of a file's content, read in parts; of one that is too large to be graded, its size."""
    try:
        with opened(path) as descriptor, open(descriptor, "rb", closefd=False) as file:
            size = os.fstat(descriptor).st_size
            return str(size) if size > LARGEST_FILES else hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "unreadable"
