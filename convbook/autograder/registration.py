"""An assignment enters the gradebook, and what students get of it is made: anew when it has changed."""

from __future__ import annotations

import hashlib
import logging
import shutil
from pathlib import Path

import nbformat

from convbook.autograder.change import follow
from convbook.autograder.course import Course, CourseError
from convbook.autograder.gradebook import gradebook_of
from convbook.course.assignments import reason
from convbook.course.files import undisturbed, write_whole


def register(course: Course, assignment: str) -> Path:
    """Enters the assignment in the gradebook, as `nbgrader generate_assignment` does; the folder with what students got.

    Nothing is done where the source has not changed since. The course's own release folder is left alone. What students got
    before is kept, and the gradebook follows.
    """
    from nbgrader.apps import NbGraderAPI

    source = course.folder("source", assignment)
    if not any(source.glob("*.ipynb")):
        known = ", ".join(course.assignments()) or "none"
        raise CourseError(
            f"An assignment must be a folder of {source.parent} with a notebook. Received: {assignment!r}; known: {known}."
        )
    released = course.memory / "released" / assignment
    stamp = released / ".source"
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(source.rglob("*")) if path.is_file())).hexdigest()
    digest += " " + course.directory.db_url
    if stamp.is_file() and stamp.read_text() == digest and is_registered(course, assignment):
        return released
    keep_release(course, assignment, released)
    sources = {path.stem: nbformat.read(path, as_version=4) for path in sorted(source.glob("*.ipynb"))}
    course.notes.extend(follow(course, assignment, sources))
    config = course.config.copy()
    config.CourseDirectory.release_directory = str(released.parent)
    api = NbGraderAPI(config=config)
    api.log.setLevel(logging.ERROR)
    api.log.propagate = False
    with undisturbed():
        failure = reason(api.generate_assignment(assignment, force=True))
    if failure:
        raise CourseError(f"nbgrader must be able to release {assignment}. Received: {failure}")
    write_whole(stamp, digest)
    return released


def is_registered(course: Course, assignment: str) -> bool:
    """Whether the gradebook knows the assignment."""
    from nbgrader.api import MissingEntry

    with gradebook_of(course) as gradebook:
        try:
            return bool(gradebook.find_assignment(assignment).notebooks)
        except MissingEntry:
            return False


def keep_release(course: Course, assignment: str, released: Path) -> None:
    """Keeps what students got so far: who holds it has edited nothing."""
    stamp = released / ".source"
    if stamp.is_file():
        place = older_releases(course, assignment) / hashlib.sha256(stamp.read_bytes()).hexdigest()[:12]
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(released, place.with_name(f".{place.name}"), dirs_exist_ok=True)
            place.with_name(f".{place.name}").rename(place)


def older_releases(course: Course, assignment: str) -> Path:
    """The folder of the releases that students may still hold."""
    return course.memory / "releases" / assignment
