"""nbgrader's gradebook, opened with patience: made whole or not at all, and waited for while another program has it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from convbook.autograder.course import Course, CourseError
from convbook.course.files import undisturbed

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

PATIENCE = 60.0  # seconds that another program may keep the gradebook to itself
SQLITE = "sqlite:///"
BESIDE = ("-journal", "-wal", "-shm")  # what SQLite leaves beside a database


def gradebook_of(course: Course, patience: float | None = None) -> Gradebook:
    """The course's gradebook, open. Who tries again after a shorter time can be interrupted between two tries."""
    from nbgrader.api import Gradebook
    from sqlalchemy import event

    be_patient()
    opened = Gradebook(course.directory.db_url, course.directory.course_id)
    if patience is not None:
        opened.db.remove()
        opened.engine.dispose()  # the next connection is told something else
        event.listen(opened.engine, "connect", lambda connection, _: tell(connection, patience))
    return opened


@cache
def be_patient() -> None:
    """From now on every connection of this process to an SQLite database waits for its turn, nbgrader's own ones too."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    @event.listens_for(Engine, "connect")
    def wait(connection: object, _: object) -> None:
        """What a new connection is told."""
        tell(connection, PATIENCE)


@contextlib.contextmanager
def transaction(gradebook: Gradebook) -> Iterator[None]:
    """All that happens inside reaches the gradebook at once: nbgrader's own commits are put off to the end."""
    session = gradebook.db
    commit, session.commit = session.commit, session.flush
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Object of type .* not in session")  # nbgrader's, harmless
            yield
            commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.commit = commit
        session.remove()


def tell(connection: object, seconds: float) -> None:
    """Lets a connection wait so long for a database that is locked."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


@contextlib.contextmanager
def troubles(course: Course) -> Iterator[None]:
    """A database that fails ends what happens inside with one sentence, not with a trace."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise CourseError(sentence(course, error)) from None


def sentence(course: Course, error: Exception) -> str:
    """What is wrong with the gradebook, and what to do."""
    place = course.directory.db_url
    if is_locked(error):
        return (
            f"The gradebook must become free within {PATIENCE:.0f} seconds. Received: another program keeps {place} locked. "
            "Nothing is lost. Do: close that program, and give the same command again."
        )
    said = (str(error).splitlines() or [type(error).__name__])[0]
    return f"The gradebook must be a database that nbgrader can open. Received: {place}, {said}"


def is_locked(error: BaseException) -> bool:
    """Whether a database failed only because another program has it at this moment."""
    return "database is locked" in str(error) or "database table is locked" in str(error)


def ensure_gradebook(course: Course) -> None:
    """Makes the gradebook where there is none: whole, or not at all. `Course.lock` is held.

    nbgrader writes one table after another; so it does that elsewhere, and the whole is then given the gradebook's name.
    """
    place = file_of(course.directory.db_url)
    with troubles(course):
        if place is not None and is_blank(place):
            make(place, course)
        gradebook_of(course).close()  # an older or a strange one is refused now, and not in the middle of the work


def file_of(url: str) -> Path | None:
    """The file of an SQLite database; None for one in memory, and for other databases."""
    path = url.removeprefix(SQLITE).partition("?")[0]
    return Path(path) if url.startswith(SQLITE) and path not in ("", ":memory:") and not path.startswith("file:") else None


def is_blank(place: Path) -> bool:
    """Whether nothing has been written there, and nothing is being written."""
    journal = place.with_name(f"{place.name}-journal")
    return not place.exists() or (place.stat().st_size == 0 and not journal.exists())


def make(place: Path, course: Course) -> None:
    """A new gradebook in this place."""
    from nbgrader.api import Gradebook

    beside = place.with_name(f".{place.name}.new")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / place.name
        Gradebook(f"{SQLITE}{made}", course.directory.course_id).close()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with undisturbed():
                forget(place)  # a journal without its database would be applied to the new one
                shutil.copyfile(made, beside)
                if is_blank(place):  # also now: another program of nbgrader's could have made one meanwhile
                    os.replace(beside, place)
        except OSError as error:
            raise CourseError(
                f"The gradebook must be a file that can be written. Received: {place}, {error.strerror}."
            ) from None
        finally:
            beside.unlink(missing_ok=True)


def forget(database: Path) -> None:
    """Removes what SQLite left beside a database that is not there."""
    for end in BESIDE:
        database.with_name(database.name + end).unlink(missing_ok=True)
