"""The assignments of a course: their names, nbgrader's configuration of them, and why a step of nbgrader failed."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from convbook.course.settings import ROOT


def assignment_names(root: Path = ROOT) -> list[str]:
    """The assignments, in order: the folders of `solutions/` that hold a notebook of their own name."""
    return sorted(path.stem for path in (root / "solutions").glob("*/*.ipynb") if path.stem == path.parent.name)


def put_programs_on_path() -> None:
    """nbgrader starts `alembic` by name: it must be found also where the environment was not activated."""
    programs = str(Path(sys.executable).parent)
    if programs not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])


def course_config(root: Path, **folders: str):
    """nbgrader's configuration of the repository, with some of the course's folders elsewhere."""
    from traitlets.config import PyFileConfigLoader

    put_programs_on_path()
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.update(folders)
    return config


def reason(answer: dict[str, Any]) -> str:
    """Why a step of nbgrader failed, in one line; nothing if it did not."""
    if answer["success"]:
        return ""
    log = answer.get("log", "")
    causes = re.findall(r"^\s*([\w.]+(?:Error|Exception): .*)$", log, flags=re.MULTILINE)
    entries = [" ".join(entry.split()) for entry in re.split(r"^\[[A-Z]+\] ", log, flags=re.MULTILINE) if entry.strip()]
    return causes[-1] if causes else (entries or answer["error"].strip().splitlines()[-1:])[0]
