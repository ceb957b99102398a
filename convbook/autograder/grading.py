"""What an assignment offers to students' code and what it forbids: `grading.toml` beside the instructor's notebook."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from convbook.autograder.course import CourseError

FILE = "grading.toml"


@dataclass(frozen=True)
class Rules:
    """The lines of `grading.toml`; each can be left out."""

    imports: tuple[str, ...] = ("numpy",)  # modules that are imported before a notebook starts, which saves their time
    hides: tuple[str, ...] = ()  # packages that do not exist for students' code
    forbids: tuple[
        str, ...
    ] = ()  # functions that raise when they are called, as "numpy.convolve" or "numpy.pad unless mode=constant"
    seconds: float = 60.0  # for one cell, or one call of a test
    memory: float = 4.0  # GiB


def read_rules(folder: Path) -> Rules:
    """The rules of the assignment whose source is in this folder."""
    path = folder / FILE
    if not path.is_file():
        return Rules()
    known = {field.name for field in fields(Rules)}
    try:
        lines = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{FILE} must be TOML. Received: {path}, {error}") from None
    if set(lines) - known:
        raise CourseError(f"{path} must name {', '.join(sorted(known))}. Received: {', '.join(sorted(set(lines) - known))}")
    for name, value in lines.items():
        texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
        if not (number if name in ("seconds", "memory") else texts):
            asked = "a number above 0" if name in ("seconds", "memory") else "a list of texts"
            raise CourseError(f"{name} in {path} must be {asked}. Received: {value!r}")
    return Rules(**{name: tuple(value) if isinstance(value, list) else float(value) for name, value in lines.items()})
