"""The notebook that is graded: the instructor's cells, and in them what a student was asked to write."""

from __future__ import annotations

import ast
import contextlib
import copy
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from convbook.autograder.attachments import with_plain_names
from convbook.autograder.harmless import as_code, harmless
from convbook.autograder.submission import Cell
from convbook.course.cells import grade_id, is_answer
from convbook.course.check_cells import is_check

SCORING = ("points", "grade", "solution", "task", "locked")  # what decides about points


@dataclass(frozen=True)
class Remark:
    """Something about a submission that a person should look at: what it is, in which cell."""

    kind: str  # duplicated, deleted, edited, retyped, retagged, rescored
    cell: str


def rebuild(instructor: NotebookNode, released: NotebookNode, submitted: list[Cell]) -> tuple[NotebookNode, list[Remark]]:
    """The notebook to grade, and what had been changed that a student does not decide about.

    `instructor` holds the hidden tests, `released` is what students got. Cells with a grade_id come from `instructor`, in
    its order; of those, solution cells take the student's source. All other cells are the student's, each behind the cell
    that it stood behind. Duplicates of a solution cell count as cells of the student's own. Where one was deleted, stands
    what was released: no response. Check cells that are as released are left out: they are there while solving.
    """
    given = {grade_id(cell): cell for cell in released.cells if grade_id(cell)}
    checks = {cell.source.strip() for cell in released.cells if is_check(cell)}
    first: dict[str, Cell] = {}
    behind: dict[str, list[Cell]] = {"": []}
    remarks, place = [], ""
    for cell in submitted:
        if cell.grade_id not in given:
            behind[place] += [] if cell.source.strip() in checks else [cell]
        elif cell.grade_id in first:
            remarks.append(Remark("duplicated", cell.grade_id))
            if is_answer(given[cell.grade_id]):
                behind[place].append(cell)
        else:
            place = cell.grade_id
            first[place], behind[place] = cell, []
            remarks += changes(cell, given[place])
    cells = [own_cell(cell) for cell in behind[""]]
    for cell in instructor.cells:
        name = grade_id(cell)
        if name:
            cells.append(filled(cell, first.get(name), given.get(name, cell)))
            cells += [own_cell(own) for own in behind.get(name, [])]
    remarks += [Remark("deleted", name) for name in given if name not in first]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=copy.deepcopy(instructor.metadata))
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    return notebook, remarks


def as_text(notebook: NotebookNode) -> str:
    """A notebook of ours as text. It is not validated once more, which takes longer than all else."""
    return nbformat.v4.writes(notebook)


def from_text(text: str) -> NotebookNode:
    """The notebook of such a text."""
    return nbformat.v4.reads(text)


def modules_of(instructor: NotebookNode) -> list[str]:
    """The modules that an instructor's cells import anywhere: a worker has them ready before it forks."""
    found: set[str] = set()
    for cell in instructor.cells:
        if cell.cell_type == "code" and not is_answer(cell):
            with contextlib.suppress(SyntaxError):
                for node in ast.walk(ast.parse(cell.source)):
                    if isinstance(node, ast.Import):
                        found |= {alias.name for alias in node.names}
                    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                        found.add(node.module)
    return sorted(found)


def imports_of(instructor: NotebookNode) -> list[str]:
    """The import statements that the instructor gave to everybody, also those in cells that a student may change.

    Tests use them on our side, so that nobody's process is asked for them.
    """
    found = []
    for cell in instructor.cells:
        meta = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and not meta.get("solution") and not meta.get("grade"):
            with contextlib.suppress(SyntaxError):
                statements = ast.parse(cell.source).body
                found += [ast.unparse(s) for s in statements if isinstance(s, (ast.Import, ast.ImportFrom))]
    return found


def filled(cell: NotebookNode, answer: Cell | None, given: NotebookNode) -> NotebookNode:
    """A copy of the instructor's cell; in a solution cell stands what the student wrote, else what was released.

    The checksum of what was released goes with it: by it nbgrader sees that there is no response.
    """
    cell = copy.deepcopy(cell)
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    if is_answer(cell):
        fill(cell, answer, given.source)
        if "checksum" in given.metadata["nbgrader"]:
            cell.metadata["nbgrader"]["checksum"] = given.metadata["nbgrader"]["checksum"]
    return cell


def fill(cell: NotebookNode, answer: Cell | None, released: str) -> None:
    """Puts a student's answer into a solution cell. One that is as it was released stays so, with the pictures it had."""
    cell.source = answer.source if answer else released
    if answer is None or cell.cell_type == "code" or cell.source == released:
        return
    source, pictures = with_plain_names(answer.source, answer.attachments)
    if cell.cell_type == "markdown":
        pictures = {**cell.get("attachments", {}), **pictures}
        if pictures:
            cell.attachments = nbformat.from_dict(pictures)
    cell.source = harmless(source, pictures if cell.cell_type == "markdown" else ())


def own_cell(cell: Cell) -> NotebookNode:
    """A cell of the student's own: its source, and no metadata. Raw text becomes code: exporters pass it on as it is."""
    if cell.cell_type == "code":
        return nbformat.v4.new_code_cell(cell.source)
    if cell.cell_type == "raw":
        return nbformat.v4.new_markdown_cell(as_code(cell.source))
    source, pictures = with_plain_names(cell.source, cell.attachments)
    made = nbformat.v4.new_markdown_cell(harmless(source, pictures))
    if pictures:
        made.attachments = nbformat.from_dict(pictures)
    return made


def changes(cell: Cell, given: NotebookNode) -> list[Remark]:
    """How a student's cell differs from the released one in what is not the student's to change."""
    meta = given.metadata["nbgrader"]
    found = {
        "edited": not is_answer(given) and cell.source.strip() != given.source.strip(),
        "retyped": cell.cell_type != given.cell_type,
        "retagged": cell.tags != tuple(sorted(given.metadata.get("tags", []))),
        "rescored": any((cell.nbgrader.get(key) or False) != (meta.get(key) or False) for key in SCORING),
    }
    return [Remark(kind, cell.grade_id) for kind, so in found.items() if so]
