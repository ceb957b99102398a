"""The questions of a notebook: what was asked, what a student wrote, and what became of it.

The released notebook says what belongs together, since a student may have taken its texts away: a heading begins a question,
and so does an answer below the tests of another one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from nbformat import NotebookNode

from convbook.autograder.harmless import harmless
from convbook.course.cells import grade_id, is_answer, is_test
from convbook.course.check_cells import is_check

HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.+?)\s*#*\s*$", re.MULTILINE)


@dataclass
class Question:
    """A part of a notebook that gives points: its title, the cells that ask, and the names of those that give points."""

    title: str
    asked: list[NotebookNode] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # grade_ids of answers, tests and tasks, in their order
    has_tests: bool = False


def title_of(notebook: NotebookNode) -> str:
    """The first heading of a notebook, or nothing."""
    found = (HEADING.search(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    return next((match[2] for match in found if match), "")


def questions(released: NotebookNode) -> list[Question]:
    """The questions of a released notebook, in its order; what stands before the first is none."""
    found = [Question("")]
    for cell in released.cells:
        heading = HEADING.search(cell.source) if cell.cell_type == "markdown" and not is_written(cell) else None
        if (heading and heading.start() == 0) or (is_written(cell) and found[-1].has_tests):
            found.append(Question(heading[2] if heading else ""))
        add(found[-1], cell)
    return [question for question in found if question.names]


def is_written(cell: NotebookNode) -> bool:
    """Whether a student writes into this cell, or below it as into that of a task."""
    return is_answer(cell) or bool(cell.metadata.get("nbgrader", {}).get("task"))


def add(question: Question, cell: NotebookNode) -> None:
    """Puts a cell where it belongs."""
    name = grade_id(cell)
    if name and (is_written(cell) or is_test(cell)):
        question.title = question.title or name
        question.names.append(name)
        question.has_tests |= is_test(cell)
    if cell.cell_type == "markdown" and not is_answer(cell):
        question.asked.append(cell)


def own_cells(graded: NotebookNode, released: NotebookNode) -> dict[str, list[NotebookNode]]:
    """The cells of the student's own, by the name of the cell of the instructor that they stand behind."""
    given = {text for cell in released.cells for text in (cell.source.strip(), harmless(cell.source).strip())}
    found: dict[str, list[NotebookNode]] = {}
    place = ""
    for cell in graded.cells:
        place = grade_id(cell) or place
        if not grade_id(cell) and not is_check(cell) and cell.source.strip() and cell.source.strip() not in given:
            found.setdefault(place, []).append(cell)
    return found
