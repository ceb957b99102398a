"""solutions -> assignments: what students get, made by stock nbgrader from what instructors write."""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from convbook.course.check_cells import with_check_cells
from convbook.course.check_tables import write_tables
from convbook.course.notebooks import chapters, read_notebook, set_setup_cell, write_notebook
from convbook.course.settings import ROOT, Repository, read_repository


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


def generate(names: list[str], release: Path, root: Path = ROOT) -> None:
    """Writes the release of the named assignments into `release`; RuntimeError if nbgrader refuses one."""
    from nbgrader.apps import NbGraderAPI

    with tempfile.TemporaryDirectory() as scratch:
        config = course_config(root, release_directory=str(release), db_url=f"sqlite:///{scratch}/gradebook.db")
        api = NbGraderAPI(config=config)
        api.log.setLevel(logging.ERROR)
        api.log.propagate = False  # a failure is reported once, see `reason`
        for name in names:
            failure = reason(api.generate_assignment(name, force=True))
            if failure:
                raise RuntimeError(f"nbgrader must be able to release {name}. Received: {failure}")


def release_assignments(root: Path = ROOT) -> list[str]:
    """Makes `assignments/` anew from `solutions/`: complete in a folder beside it, and only then moved.

    Before that, the check cells are written into `solutions/`, and the tables from which `check` helps.
    """
    names = assignment_names(root)
    add_check_cells(root)
    write_tables(root)
    with tempfile.TemporaryDirectory(dir=root, prefix=".release-") as beside:
        generate(names, Path(beside), root)
        for name in names:
            place = root / "assignments" / name
            place.parent.mkdir(exist_ok=True)
            if place.exists():
                place.rename(Path(beside) / f"{name}.old")
            (Path(beside) / name).rename(place)
    return names


def stale_chapters(repository: Repository, root: Path = ROOT) -> list[Path]:
    """The chapters whose first cell does not install from the repository's address."""
    return [path for path in chapters(root) if read_notebook(path) != set_setup_cell(read_notebook(path), repository)]


def address_chapters(root: Path = ROOT) -> list[Path]:
    """Writes the repository's address into the first cell of every chapter that has another one."""
    repository = read_repository(root / "_config.yml")
    stale = stale_chapters(repository, root)
    for path in stale:
        write_notebook(set_setup_cell(read_notebook(path), repository), path)
    return stale


def stale_solutions(repository: Repository, root: Path = ROOT) -> list[Path]:
    """The instructor's notebooks whose check cells are missing, or get `check` from another address."""
    paths = [root / "solutions" / name / f"{name}.ipynb" for name in assignment_names(root)]
    notebooks = ((path, read_notebook(path)) for path in paths)
    return [path for path, notebook in notebooks if notebook != with_check_cells(notebook, path.stem, repository)]


def add_check_cells(root: Path = ROOT) -> list[Path]:
    """Writes the check cells into every instructor's notebook that has not got them as they should be."""
    repository = read_repository(root / "_config.yml")
    stale = stale_solutions(repository, root)
    for path in stale:
        write_notebook(with_check_cells(read_notebook(path), path.stem, repository), path)
    return stale
