"""Which notebook is which, and which cell is whose: said by what stands in the cells, not by a name or by metadata.

Kaggle, Deepnote, Jupytext and a copy into a new notebook drop nbgrader's metadata; browsers, mail programs and students change
names. What the instructor released is known, so a cell that carries no identity is recognised by its text, by the names that
it defines, or by where it stands among those that are recognised.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from nbformat import NotebookNode

from convbook.autograder.rebuild import Remark
from convbook.autograder.submission import Cell
from convbook.course.cells import grade_id, is_answer, is_test

NOTEBOOK = re.compile(r"\.ipynb(\.(txt|json))?$", re.IGNORECASE)  # mail programs and editors put an ending behind it
BELOW = "an answer below its cell"  # a kind of remark
SHORTEST = 12  # characters of a text by which a cell is recognised
MOST_CANDIDATES = 20  # notebooks of one submission that are read
DEFINITION = re.compile(r"^(?:async +def|def|class) +(\w+)|^(\w+) *=[^=]", re.MULTILINE)


@dataclass(frozen=True)
class Candidate:
    """A notebook that somebody handed in: its cells with their identities, and what was found out on the way."""

    name: str
    cells: list[Cell]
    answered: int = 0  # answers that are not as they were released
    known: int = 0  # answers and tests of the instructor's that are there
    released: int = 0  # of so many
    remarks: tuple[Remark, ...] = ()

    def rank(self, wanted: str) -> tuple[int, int, bool]:
        """What is compared where there are several: more answers, then more of the assignment's cells, then the right name."""
        return self.answered, self.known, same_name(self.name, wanted)


def candidate(name: str, cells: list[Cell], released: NotebookNode) -> Candidate:
    """A notebook as one that may be the assignment's."""
    given = {grade_id(cell): cell for cell in released.cells if grade_id(cell)}
    before = {cell.grade_id for cell in cells}
    cells, joined = with_answers_joined(with_identities(cells, released), released)
    first = {cell.grade_id: cell for cell in reversed(cells) if cell.grade_id in given}
    known = [one for one in first if is_test(given[one]) or is_answer(given[one])]
    answered = [one for one in known if is_answer(given[one]) and plain(first[one].source) != plain(given[one].source)]
    restored = [one for one in known if one not in before]
    said = (
        [Remark("without metadata", name)] if len(restored) == len(known) else [Remark("recognised", one) for one in restored]
    )
    said += [Remark(BELOW, one) for one in joined]
    count = sum(is_test(cell) or is_answer(cell) for cell in given.values())
    return Candidate(name, cells, len(answered), len(known), count, tuple(said) if known else ())


def best(candidates: Iterable[Candidate], wanted: str) -> Candidate | None:
    """The notebook that counts as the assignment's: the first by `rank`, of those in which something was recognised."""
    found = [one for one in candidates if one.known or (not one.released and same_name(one.name, wanted))]
    return max(found, key=lambda one: one.rank(wanted), default=None)


def belongs_to(name: str, cells: list[Cell], releases: dict[str, NotebookNode]) -> str | None:
    """The notebook of an assignment that a file is by its name and by what its cells carry, if both say the same."""
    carried = {cell.grade_id for cell in cells} - {""}
    of = [one for one, release in releases.items() if carried & {grade_id(cell) for cell in release.cells}]
    return next((one for one in of if same_name(name, f"{one}.ipynb")), None)


def same_name(name: str, wanted: str) -> bool:
    """Whether two names are the same text: macOS writes the letters of 과제 in parts."""
    return unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", wanted)


def is_notebook(name: str) -> bool:
    """Whether a file's name is that of a notebook."""
    return NOTEBOOK.search(name) is not None


# ---- cells without metadata


def with_identities(cells: list[Cell], released: NotebookNode) -> list[Cell]:
    """The cells, of which those without an identity have that of a released one that is missing: by text, names and place."""
    places = {grade_id(cell): number for number, cell in enumerate(released.cells) if grade_id(cell)}
    carried = {cell.grade_id: number for number, cell in reversed(list(enumerate(cells))) if cell.grade_id in places}
    if all(name in carried for name, of in places.items() if is_answer(released.cells[of])):
        return cells
    found = {number: places[name] for name, number in carried.items()}
    free = [number for number, cell in enumerate(cells) if cell.grade_id not in places]
    for look in (by_text, by_names, by_place):
        found |= look(cells, released, found, [number for number in free if number not in found])
    return [identified(cell, released.cells[found[n]]) if n in found else cell for n, cell in enumerate(cells)]


def identified(cell: Cell, given: NotebookNode) -> Cell:
    """A cell with the identity of a released one; what the instructor decides is as it was released."""
    meta = given.metadata.get("nbgrader", {})
    if not grade_id(given):
        return cell
    return replace(cell, grade_id=grade_id(given), nbgrader=dict(meta), tags=tuple(sorted(given.metadata.get("tags", []))))


def plain(source: str) -> str:
    """A text without what editors change: spaces at the ends of lines, and empty lines."""
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


Found = dict[int, int]  # the place of a cell: the place of the released one that it is


def by_text(cells: list[Cell], released: NotebookNode, found: Found, free: list[int]) -> Found:
    """Cells that stand there as they were released, each once and in order. An empty answer is like any other empty one."""
    places: dict[tuple[str, str], list[int]] = {}
    for of, given in enumerate(released.cells):
        if of not in found.values() and len(plain(given.source)) >= SHORTEST and not is_answer(given):
            places.setdefault((given.cell_type, plain(given.source)), []).append(of)
    more = {}
    for number in free:
        same = places.get((cells[number].cell_type, plain(cells[number].source)))
        if same:
            more[number] = same.pop(0)
    return more


def names_in(source: str) -> set[str]:
    """The names that a cell defines at its top level; also of one that is no Python, as far as its lines tell."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {name for pair in DEFINITION.findall(source) for name in pair if name}
    return {name for node in tree.body for name in bound_by(node)}


def bound_by(node: ast.stmt) -> set[str]:
    """The names that a statement binds."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def by_names(cells: list[Cell], released: NotebookNode, found: Found, free: list[int]) -> Found:
    """Code answers that are recognised by the functions, classes or variables that they define."""
    defined = {number: names_in(cells[number].source) for number in free if cells[number].cell_type == "code"}
    more: Found = {}
    for of in missing_answers(released, found):
        wanted = names_in(released.cells[of].source) if released.cells[of].cell_type == "code" else set()
        fitting = [number for number, names in defined.items() if number not in more and names & wanted]
        more |= {number: of for number in fitting[:1]}
    return more


def by_place(cells: list[Cell], released: NotebookNode, found: Found, free: list[int]) -> Found:
    """Answers that are recognised by the cell before them: the first of their kind between it and the next known one."""
    more: Found = {}
    for of in missing_answers(released, found):
        places = found | more
        before = max((number for number, other in places.items() if other < of), key=places.get, default=None)
        if before is None:
            continue
        stop = min((number for number in places if number > before), default=len(cells))
        kinds = ("code",) if released.cells[of].cell_type == "code" else ("markdown", "raw")
        fitting = [n for n in free if before < n < stop and cells[n].cell_type in kinds and cells[n].source.strip()]
        more |= {number: of for number in fitting[:1]}
    return more


def missing_answers(released: NotebookNode, found: Found) -> list[int]:
    """The places of released answers that no cell was found for."""
    taken = set(found.values())
    return [of for of, cell in enumerate(released.cells) if is_answer(cell) and of not in taken]


# ---- answers in another cell than the one that was meant for them


def with_answers_joined(cells: list[Cell], released: NotebookNode) -> tuple[list[Cell], list[str]]:
    """The cells, in which a written answer that stands in cells of its own below the empty one is in it; and which these are.

    A person reads it then, where else it would count as no answer.
    """
    written = {grade_id(cell): cell for cell in released.cells if is_answer(cell) and cell.cell_type == "markdown"}
    ours = {plain(cell.source) for cell in released.cells}
    made: list[Cell] = []
    joined: list[str] = []
    for cell in cells:
        last = made[-1] if made else None
        is_own = cell.cell_type == "markdown" and not cell.grade_id and plain(cell.source) not in {*ours, ""}
        if (
            is_own
            and last is not None
            and last.grade_id in written
            and (last.grade_id in joined or plain(last.source) == plain(written[last.grade_id].source))
        ):
            joined += [] if last.grade_id in joined else [last.grade_id]
            attachments = {**last.attachments, **cell.attachments}
            made[-1] = replace(last, source=f"{last.source}\n\n{cell.source}", attachments=attachments)
        else:
            made.append(cell)
    return made, joined
