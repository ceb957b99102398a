"""Identity is the content: a notebook counts as what its cells say it is, whatever its name, and without any metadata."""

import unicodedata
from dataclasses import replace

import nbformat
import pytest
from test_rebuild import ANSWER, HANDED_IN, RELEASED, TEST, WRITTEN

from convbook.autograder.identity import belongs_to, best, candidate, is_notebook, same_name, with_identities
from convbook.autograder.rebuild import Remark
from convbook.autograder.submission import Cell
from convbook.course.assignments import assignment_names
from convbook.course.cells import grade_id, is_answer, is_test
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT

NAME = "homework.ipynb"


def bare(cells):
    """The cells as an editor leaves them that drops metadata."""
    return [replace(cell, grade_id="", nbgrader={}, tags=()) for cell in cells]


def kinds(found):
    """What was remarked on."""
    return {remark.kind for remark in found.remarks}


def test_a_notebook_with_its_metadata_stays_as_it_is():
    """Where every answer carries its name, nothing is looked for and nothing is said."""
    found = candidate(NAME, HANDED_IN, RELEASED)
    assert found.cells == HANDED_IN and found.remarks == ()
    assert (found.answered, found.known, found.released) == (2, 3, 3)


def test_cells_without_metadata_are_recognised():
    """The test by its text, the function by its name, the written answer by its place; one remark says so."""
    found = candidate(NAME, bare(HANDED_IN), RELEASED)
    assert [cell.grade_id for cell in found.cells] == ["", "f", "f_test", "why"]
    assert [cell.nbgrader for cell in found.cells[1:]] == [ANSWER, TEST, WRITTEN]
    assert found.remarks == (Remark("without metadata", NAME),)


@pytest.mark.parametrize(
    "source", ["def f():\r\n    return 1", "f = lambda: 1", "import math\ndef g(): ...\ndef f(): return 1", "def f(:"]
)
def test_an_answer_is_recognised_by_the_names_that_it_defines(source):
    """Whatever else stands in the cell, and also where it is no Python."""
    cells = bare([HANDED_IN[0], Cell("code", source), *HANDED_IN[2:]])
    assert [cell.grade_id for cell in with_identities(cells, RELEASED)] == ["", "f", "f_test", "why"]


def test_an_answer_whose_cell_was_made_anew_is_found():
    """One cell that was deleted and written again gets its identity back, and is named."""
    cells = [HANDED_IN[0], *bare([HANDED_IN[1]]), *HANDED_IN[2:]]
    found = candidate(NAME, cells, RELEASED)
    assert found.cells[1].grade_id == "f" and found.remarks == (Remark("recognised", "f"),)


def test_a_helper_of_the_same_name_does_not_take_the_place_of_an_answer():
    """Where the answer's own cell is there, another one that defines the name stays the student's own."""
    cells = [*bare([Cell("code", "def f(): return 7")]), *HANDED_IN]
    assert with_identities(cells, RELEASED) == cells


def test_a_written_answer_below_its_cell_is_read():
    """The empty cell, and the student's own behind it, become one answer; the instructor's next text does not."""
    empty = replace(HANDED_IN[3], source="Your answer")
    own = [Cell("markdown", "Because of this."), Cell("markdown", "And of that."), Cell("markdown", "# Assignment")]
    found = candidate(NAME, [*HANDED_IN[:3], empty, *own], RELEASED)
    assert [cell.source for cell in found.cells[3:]] == ["Your answer\n\nBecause of this.\n\nAnd of that.", "# Assignment"]
    assert kinds(found) == {"an answer below its cell"} and found.answered == 2


def test_a_note_behind_a_written_answer_stays_a_note():
    """A cell behind an answer that was given is the student's own."""
    found = candidate(NAME, [*HANDED_IN, Cell("markdown", "A note.")], RELEASED)
    assert found.cells[-1].source == "A note." and found.remarks == ()


def test_of_several_the_one_with_more_answers_counts():
    """More answers, then more of the cells, then the right name."""
    blank = [Cell("markdown", "# Assignment"), Cell("code", "def f(): ...", "f", ANSWER), *HANDED_IN[2:3]]
    named = [("homework.ipynb", blank), ("homework (1).ipynb", HANDED_IN), ("old.ipynb", HANDED_IN[:3])]
    found = [candidate(name, cells, RELEASED) for name, cells in named]
    assert best(found, NAME).name == "homework (1).ipynb"
    same = [candidate(name, HANDED_IN, RELEASED) for name in ("a.ipynb", NAME, "z.ipynb")]
    assert best(same, NAME).name == NAME


def test_the_other_notebook_of_an_assignment_is_not_taken_for_this_one():
    """An empty answer looks like any other one; and a notebook that says by name and cells what it is, is that."""
    other = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("Another question."),
            nbformat.v4.new_markdown_cell("Your answer", metadata={"nbgrader": WRITTEN | {"grade_id": "part-a"}}),
        ]
    )
    cells = [HANDED_IN[0], replace(HANDED_IN[3], source="Your answer")]
    assert candidate("other.ipynb", cells, other).known == 0
    assert belongs_to(NAME, HANDED_IN, {"other": other, "homework": RELEASED}) == "homework"
    assert belongs_to("my.ipynb", HANDED_IN, {"other": other, "homework": RELEASED}) is None


def test_a_notebook_of_something_else_is_none():
    """Nothing recognised is nothing to grade."""
    assert best([candidate(NAME, [Cell("code", "print(1)"), Cell("markdown", "Text")], RELEASED)], NAME) is None


def test_names_are_compared_as_texts():
    """A name in parts, as macOS writes it, is the same name; endings that programs put behind it are no obstacle."""
    assert same_name(unicodedata.normalize("NFD", "과제.ipynb"), "과제.ipynb")
    assert all(map(is_notebook, ["a.ipynb", "a (1).ipynb", "a.ipynb.txt", "a.IPYNB", "a.ipynb.json"]))
    assert not any(map(is_notebook, ["a.py", "a.ipynb.zip", "ipynb", "a.ipynb~"]))


@pytest.mark.parametrize("name", assignment_names())
def test_every_assignment_is_recognised_without_metadata(name):
    """Of each released assignment, with the solution's answers in it, every answer and every test with a text is found."""
    released = read_notebook(ROOT / "assignments" / name / f"{name}.ipynb")
    solved = {grade_id(c): c.source for c in read_notebook(ROOT / "solutions" / name / f"{name}.ipynb").cells if is_answer(c)}
    cells = [Cell(cell.cell_type, solved.get(grade_id(cell), cell.source)) for cell in released.cells]
    wanted = [grade_id(cell) if is_answer(cell) or (is_test(cell) and cell.source.strip()) else "" for cell in released.cells]
    found = [cell.grade_id for cell in with_identities(cells, released)]
    assert [one for one, want in zip(found, wanted) if want] == [want for want in wanted if want]
