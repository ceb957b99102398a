"""solutions -> assignments: what students get, made by stock nbgrader from what instructors write."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

from convbook.course.assignments import assignment_names, course_config, reason
from convbook.course.check_cells import with_check_cells
from convbook.course.check_tables import write_tables
from convbook.course.notebooks import chapters, read_notebook, set_setup_cell, write_notebook
from convbook.course.settings import ROOT, Repository, read_repository


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
