"""solutions -> assignments: what students get, made by stock nbgrader from what instructors write."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

from convbook.notebooks import chapters, read_notebook, set_setup_cell, write_notebook
from convbook.settings import ROOT, Repository, read_repository


def assignment_names(root: Path = ROOT) -> list[str]:
    """The assignments, in order: the folders of `solutions/` that hold a notebook of their own name."""
    return sorted(path.stem for path in (root / "solutions").glob("*/*.ipynb") if path.stem == path.parent.name)


def course_config(root: Path, **folders: str):
    """nbgrader's configuration of the repository, with some of the course's folders elsewhere."""
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.update(folders)
    return config


def generate(names: list[str], release: Path, root: Path = ROOT) -> None:
    """Writes the release of the named assignments into `release`; RuntimeError if nbgrader refuses one."""
    from nbgrader.apps import NbGraderAPI

    with tempfile.TemporaryDirectory() as scratch:
        config = course_config(root, release_directory=str(release), db_url=f"sqlite:///{scratch}/gradebook.db")
        api = NbGraderAPI(config=config)
        api.log.setLevel(logging.WARNING)
        for name in names:
            answer = api.generate_assignment(name, force=True)
            if not answer["success"]:
                raise RuntimeError(
                    f"nbgrader must be able to release {name}. Received: {answer.get('error') or answer['log']}"
                )


def release_assignments(root: Path = ROOT) -> list[str]:
    """Makes `assignments/` anew from `solutions/`: complete in a folder beside it, and only then moved."""
    names = assignment_names(root)
    with tempfile.TemporaryDirectory(dir=root, prefix=".release-") as beside:
        generate(names, Path(beside), root)
        for name in names:
            shutil.rmtree(root / "assignments" / name, ignore_errors=True)
            shutil.copytree(Path(beside) / name, root / "assignments" / name)
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
