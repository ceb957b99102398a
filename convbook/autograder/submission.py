"""A submission as data: read with suspicion, and reduced to the few things that are the student's to decide."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convbook.autograder.harmless import is_picture

LONGEST_NAME = 100  # characters of a name that a student chose, where it is shown
LARGEST = 32 * 2**20  # bytes; an honest notebook with many pictures has a few million
CELL_TYPES = ("code", "markdown", "raw")


class InvalidSubmission(ValueError):
    """A file that cannot be read as a notebook; its text says what must hold and what was received."""


@dataclass(frozen=True)
class Cell:
    """What is taken from a cell that a student handed in. Outputs are not."""

    cell_type: str
    source: str
    grade_id: str = ""
    nbgrader: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)


def read_submission(path: Path) -> list[Cell]:
    """The cells of a notebook that somebody handed in; InvalidSubmission for anything else."""
    text = read_text(path)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidSubmission(f"A notebook must be JSON. Received: {path.name}, {shortened(error)}") from None
    return [read_cell(cell, number) for number, cell in enumerate(raw_cells(data, path.name), start=1)]


def read_text(path: Path) -> str:
    """The text of a regular file, not too large; nothing is followed and nothing is waited for."""
    try:
        # No symbolic link, and no waiting for somebody to write into a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        reason = "a symbolic link" if path.is_symlink() else error.strerror
        raise InvalidSubmission(f"A notebook must be a file that can be read. Received: {path.name}, {reason}") from None
    try:
        content = read_regular(descriptor, path.name)
    finally:
        os.close(descriptor)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidSubmission(
            f"A notebook must be UTF-8 text. Received: {path.name}, not so at byte {error.start}"
        ) from None


def read_regular(descriptor: int, name: str) -> bytes:
    """The content of an open file, if it is a regular one and not too large."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise InvalidSubmission(f"A notebook must be a regular file. Received: {name}, which is none")
    if status.st_size > LARGEST:
        raise InvalidSubmission(
            f"A notebook must have at most {LARGEST // 2**20} MiB. Received: {name} with {status.st_size / 2**20:.0f} MiB. "
            "Clear its outputs and hand it in again."
        )
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(LARGEST)


def raw_cells(data: Any, name: str) -> list[Any]:
    """The list of cells in a notebook of any format, as format 4 has them."""
    version = data.get("nbformat") if isinstance(data, dict) else None
    if not isinstance(version, int) or not 2 <= version <= 4:
        raise InvalidSubmission(f"A notebook must name its format, 2 to 4. Received: {name} with nbformat {version!r:.40}")
    if version < 4:
        data = upgraded(data, name)
    cells = data.get("cells")
    if not isinstance(cells, list):
        raise InvalidSubmission(f"A notebook must have a list of cells. Received: {name} with {type(cells).__name__}")
    return cells


def upgraded(data: dict[str, Any], name: str) -> dict[str, Any]:
    """A notebook of format 2 or 3 as format 4."""
    import nbformat
    from traitlets.log import get_logger

    log = get_logger()  # the converters write there what they do not like, in the student's words
    before, log.disabled = log.disabled, True
    try:
        return nbformat.convert(nbformat.from_dict(data), 4)
    except Exception as error:  # the converters trust what they read
        raise InvalidSubmission(
            f"A notebook of format {data['nbformat']} must be readable. Received: {name}, {shortened(error)}"
        ) from None
    finally:
        log.disabled = before


def read_cell(cell: Any, number: int) -> Cell:
    """One cell; InvalidSubmission says which it is and what is wrong with it."""
    if not isinstance(cell, dict) or cell.get("cell_type") not in CELL_TYPES:
        raise InvalidSubmission(f"Cell {number} must be code, Markdown or raw text. Received: {cell!r:.60}")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise InvalidSubmission(f"The source of cell {number} must be text. Received: {source!r:.60}")
    metadata = as_dict(cell.get("metadata"))
    nbgrader = as_dict(metadata.get("nbgrader"))
    tags = metadata.get("tags")
    return Cell(
        cell_type=cell["cell_type"],
        source=whole(source).replace("\r\n", "\n").replace("\r", "\n"),
        grade_id=nbgrader.get("grade_id") if isinstance(nbgrader.get("grade_id"), str) else "",
        nbgrader=nbgrader,
        tags=tuple(sorted(tag for tag in tags if isinstance(tag, str))) if isinstance(tags, list) else (),
        attachments=pictures(as_dict(cell.get("attachments"))),
    )


def as_dict(value: Any) -> dict[str, Any]:
    """The value if it is a dictionary, else an empty one: what a student's metadata says decides nothing."""
    return value if isinstance(value, dict) else {}


def pictures(attachments: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The pictures among a cell's attachments."""
    kept = {
        whole(name): {kind: content for kind, content in as_dict(kinds).items() if is_picture(whole(name), kind, content)}
        for name, kinds in attachments.items()
    }
    return {name: kinds for name, kinds in kept.items() if kinds}


def whole(text: str) -> str:
    """A text without halves of characters: JSON can hold them, a file cannot."""
    return text.encode("utf-8", "replace").decode()


def readable(name: str) -> str:
    """A name that a student chose, as it can be written onto a terminal: nothing that is no character, and not too long."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    return shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - 1] + "…"


def shortened(error: BaseException) -> str:
    """The first line of an error, at most 120 characters."""
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
