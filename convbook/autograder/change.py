"""An assignment that changes when submissions of it are graded already: the gradebook follows, and keeps what people gave.

nbgrader refuses to add or remove a cell then. So its rows are changed here, in one transaction, with a copy of the database
beside it; what `nbgrader generate_assignment` does after that finds the cells as they are now.
"""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode

from convbook.autograder.course import Course, CourseError
from convbook.autograder.gradebook import file_of, gradebook_of, transaction
from convbook.course.cells import grade_id

if TYPE_CHECKING:
    from nbgrader.api import Gradebook, Notebook

KINDS = ("grade", "solution", "task", "source")  # nbgrader's rows of a cell
GRADED, COMMENTED = ("grade", "task"), ("solution", "task")  # those that have a grade, or a comment, of each submission


@dataclass
class Change:
    """What has changed in one notebook, by the names of cells; a cell that has only another name is renamed."""

    notebook: str
    renamed: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    rescored: dict[str, tuple[float, float]] = field(default_factory=dict)

    def sentences(self) -> Iterator[str]:
        """What will be different, a sentence each."""
        yield from (f"{old} is now called {new}." for old, new in self.renamed.items())
        yield from (f"{name} is gone, with the points that it gave." for name in self.gone)
        yield from (f"{name} is new." for name in self.new)
        yield from (f"{name} gives {now:g} points, before {before:g}." for name, (before, now) in self.rescored.items())


def follow(course: Course, assignment: str, sources: dict[str, NotebookNode]) -> list[str]:
    """Lets the gradebook follow the sources of an assignment; what was changed, in sentences, and where the copy is.

    Nothing is done where nobody has a graded submission, or where no cell was added, removed, renamed or scored anew.
    """
    with gradebook_of(course) as gradebook:
        rows = [row for row in graded_notebooks(gradebook, assignment) if row.name in sources]
        sources = {row.name: without_solutions(course, sources[row.name]) for row in rows}
        found = [change_of(row, sources[row.name]) for row in rows]
        changes = [change for change in found if list(change.sentences())]
        if not changes:
            return []
        kept = keep_copy(course, assignment)
        with transaction(gradebook):
            for change in changes:
                apply(gradebook, assignment, change, sources[change.notebook])
    said = [f"{assignment} has changed since it was graded: {' '.join(change.sentences())}" for change in changes]
    return [*said, f"The gradebook as it was before: {kept.name if kept else 'look into your database server'}."]


def without_solutions(course: Course, source: NotebookNode) -> NotebookNode:
    """An instructor's notebook with the texts that the gradebook has of its cells: hidden tests, and no solutions."""
    from nbgrader.preprocessors import ClearSolutions

    return ClearSolutions(config=course.config).preprocess(copy.deepcopy(source), {"language": "python"})[0]


def graded_notebooks(gradebook: Gradebook, assignment: str) -> list[Notebook]:
    """nbgrader's notebooks of an assignment of which somebody has a submission."""
    from nbgrader.api import MissingEntry

    try:
        return [row for row in gradebook.find_assignment(assignment).notebooks if row.submissions]
    except MissingEntry:
        return []


def kinds_of(cell: NotebookNode) -> set[str]:
    """The rows that nbgrader has of a cell."""
    meta = cell.metadata.get("nbgrader", {})
    kinds = {kind for kind in KINDS[:3] if meta.get(kind)} - ({"grade", "solution"} if meta.get("task") else set())
    return kinds | ({"source"} if kinds or meta.get("locked") else set())


def rows_of(notebook: Notebook) -> dict[str, dict[str, Any]]:
    """By name of a cell: nbgrader's rows of it, by kind."""
    rows: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        for row in getattr(notebook, f"{kind}_cells"):
            rows.setdefault(row.name, {})[kind] = row
    return rows


def change_of(notebook: Notebook, source: NotebookNode) -> Change:
    """How a notebook differs from what the gradebook has of it. A cell of another kind is another cell."""
    rows = rows_of(notebook)
    cells = {grade_id(cell): cell for cell in source.cells if kinds_of(cell)}
    same = {name for name, cell in cells.items() if set(rows.get(name, {})) == kinds_of(cell)}
    gone, new = [name for name in rows if name not in same], [name for name in cells if name not in same]
    change = Change(notebook.name)
    for old in list(gone):
        text = rows[old]["source"].source if "source" in rows[old] else None
        alike = [one for one in new if text and cells[one].source == text and kinds_of(cells[one]) == set(rows[old])]
        if len(alike) == 1:
            change.renamed[old] = alike[0]
            gone.remove(old)
            new.remove(alike[0])
    change.gone, change.new = gone, new
    for name in same:
        for kind in set(GRADED) & set(rows[name]):
            before, now = rows[name][kind].max_score, float(cells[name].metadata["nbgrader"].get("points", 0))
            if before != now:
                change.rescored[name] = before, now
    return change


def apply(gradebook: Gradebook, assignment: str, change: Change, source: NotebookNode) -> None:
    """The same in nbgrader's rows. Grades and comments of renamed cells stay theirs."""
    notebook = gradebook.find_notebook(change.notebook, assignment)
    rows = rows_of(notebook)
    for old, name in change.renamed.items():
        for row in rows[old].values():
            row.name = name
    for name in change.gone:
        for kind, row in rows[name].items():
            for dependent in [*getattr(row, "grades", ()), *getattr(row, "comments", ())] if kind != "source" else ():
                gradebook.db.delete(dependent)
            gradebook.db.delete(row)
    gradebook.db.flush()
    cells = {grade_id(cell): cell for cell in source.cells if grade_id(cell)}
    for name in change.new:
        add(gradebook, assignment, change.notebook, cells[name])


def add(gradebook: Gradebook, assignment: str, notebook: str, cell: NotebookNode) -> None:
    """A new cell: its rows, and for each submission the grade and the comment that it waits for."""
    from nbgrader.api import Comment, Grade

    name, kinds = grade_id(cell), kinds_of(cell)
    points = {"max_score": float(cell.metadata["nbgrader"].get("points", 0)), "cell_type": cell.cell_type}
    given = {"grade": points, "task": points, "solution": {}, "source": {"cell_type": cell.cell_type, "source": cell.source}}
    for kind in kinds:
        row = getattr(gradebook, f"update_or_create_{kind}_cell")(name, notebook, assignment, **given[kind])
        for submitted in gradebook.find_notebook(notebook, assignment).submissions:
            if kind in GRADED:
                gradebook.db.add(Grade(cell_id=row.id, notebook=submitted))
            if kind in COMMENTED:
                gradebook.db.add(Comment(cell_id=row.id, notebook=submitted))
    gradebook.db.flush()


def keep_copy(course: Course, assignment: str) -> Path | None:
    """A copy of the database beside it; None for one that is no file of ours. CourseError where it cannot be written."""
    place = file_of(course.directory.db_url)
    if place is None:
        return None
    kept = place.with_name(f"{place.name}.before-{assignment}-{datetime.now():%Y%m%dT%H%M%S}")
    try:
        with sqlite3.connect(place) as old, sqlite3.connect(kept) as new:
            old.backup(new)
    except (OSError, sqlite3.Error) as error:
        kept.unlink(missing_ok=True)
        raise CourseError(f"A copy of the gradebook must be kept before it is changed. Received: {kept}, {error}.") from None
    return kept
