"""The notebook to grade: whatever a student did to the instructor's cells, they are the instructor's again."""

import copy
from dataclasses import replace

import nbformat
import pytest

from convbook.autograder.rebuild import Remark, rebuild
from convbook.autograder.submission import Cell

TEST = {"grade_id": "f_test", "grade": True, "solution": False, "locked": True, "points": 3, "schema_version": 3}
ANSWER = {"grade_id": "f", "grade": False, "solution": True, "locked": False, "schema_version": 3}
WRITTEN = {"grade_id": "why", "grade": True, "solution": True, "locked": False, "points": 2, "schema_version": 3}


def notebook(test):
    """An instructor's notebook: prose, an answer, a test, a written answer."""
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Assignment"),
            nbformat.v4.new_code_cell("def f(): ...", metadata={"nbgrader": ANSWER}),
            nbformat.v4.new_code_cell(test, metadata={"nbgrader": TEST}),
            nbformat.v4.new_markdown_cell("Your answer", metadata={"nbgrader": WRITTEN}),
        ]
    )


INSTRUCTOR, RELEASED = notebook("assert f() == 1\nassert f() is not True"), notebook("assert f() == 1")
PROSE = Cell("markdown", "# Assignment")
MY_F = Cell("code", "def f(): return 1", "f", ANSWER)
MY_TEST = Cell("code", "assert f() == 1", "f_test", TEST)
MY_WORDS = Cell("markdown", "Because.", "why", WRITTEN)
HANDED_IN = [PROSE, MY_F, MY_TEST, MY_WORDS]
GRADED = ["# Assignment", "def f(): return 1", "assert f() == 1\nassert f() is not True", "Because."]


def graded(submitted):
    """The sources of the rebuilt notebook, and the remarks."""
    rebuilt, remarks = rebuild(INSTRUCTOR, RELEASED, submitted)
    nbformat.validate(rebuilt)
    return [cell.source for cell in rebuilt.cells], remarks


def test_honest_notebook_keeps_its_cells_and_gets_the_hidden_tests():
    """Solution cells and prose are the student's, test cells the instructor's, and there is nothing to remark."""
    assert graded(HANDED_IN) == (GRADED, [])


def test_own_cells_stay_behind_the_cell_they_stood_behind():
    """Cells that a student added keep their place."""
    own = [Cell("code", "first = 0"), Cell("code", "helper = 1"), Cell("markdown", "a note"), Cell("code", "last = 2")]
    submitted = [own[0], PROSE, MY_F, own[1], MY_TEST, own[2], MY_WORDS, own[3]]
    expected = ["first = 0", *GRADED[:2], "helper = 1", GRADED[2], "a note", GRADED[3], "last = 2"]
    assert graded(submitted) == (expected, [])


@pytest.mark.parametrize(
    "kind, cell",
    [
        ("edited", replace(MY_TEST, source="pass")),
        ("retyped", replace(MY_TEST, cell_type="markdown")),
        ("retagged", replace(MY_TEST, tags=("skip-execution",))),
        ("rescored", replace(MY_TEST, nbgrader=TEST | {"points": 99})),
        ("rescored", replace(MY_TEST, nbgrader=TEST | {"points": float("nan")})),
        ("rescored", replace(MY_TEST, nbgrader=TEST | {"grade": False})),
        ("rescored", replace(MY_TEST, nbgrader={"grade_id": "f_test", "solution": True})),
    ],
)
def test_what_was_done_to_a_test_is_undone_and_said(kind, cell):
    """An edited, retyped, retagged or rescored test is the instructor's again; the remark names what was done."""
    sources, remarks = graded([PROSE, MY_F, cell, MY_WORDS])
    assert sources == GRADED
    assert remarks == [Remark(kind, "f_test")]
    rebuilt, _ = rebuild(INSTRUCTOR, RELEASED, [PROSE, MY_F, cell, MY_WORDS])
    assert rebuilt.cells[2].metadata == INSTRUCTOR.cells[2].metadata
    assert rebuilt.cells[2].cell_type == "code"


def test_deleted_test_is_back():
    """A test that was deleted is graded all the same, at the instructor's place."""
    assert graded([PROSE, MY_F, MY_WORDS]) == (GRADED, [Remark("deleted", "f_test")])


def test_deleted_answer_is_what_was_released():
    """An answer that was deleted, with its cell, is no answer, and not the instructor's."""
    sources, remarks = graded([PROSE, MY_TEST, MY_WORDS])
    assert sources == [GRADED[0], "def f(): ...", *GRADED[2:]]
    assert remarks == [Remark("deleted", "f")]


def test_second_test_of_a_name_is_dropped():
    """Of two tests with one name the second is dropped, the first restored."""
    cells = [PROSE, MY_F, MY_TEST, replace(MY_TEST, source="pass"), MY_WORDS]
    assert graded(cells) == (GRADED, [Remark("duplicated", "f_test")])


def test_second_answer_of_a_name_still_runs():
    """A student who copied the cell and answered in the copy has answered: both run, in order."""
    stub = replace(MY_F, source="raise NotImplementedError()")
    sources, remarks = graded([PROSE, stub, MY_F, MY_TEST, MY_WORDS])
    assert sources == [GRADED[0], "raise NotImplementedError()", *GRADED[1:]]
    assert remarks == [Remark("duplicated", "f")]


def test_retyped_answer_keeps_its_text_and_the_instructors_type():
    """An answer whose cell became Markdown is code again."""
    rebuilt, remarks = rebuild(INSTRUCTOR, RELEASED, [PROSE, replace(MY_F, cell_type="markdown"), MY_TEST, MY_WORDS])
    assert [(cell.cell_type, cell.source) for cell in rebuilt.cells][1] == ("code", MY_F.source)
    assert remarks == [Remark("retyped", "f")]


def test_unknown_names_are_the_students_own():
    """A cell with a grade_id that the instructor has not given is an ordinary cell, without its metadata."""
    forged = Cell("code", "x = 1", "bonus", TEST | {"grade_id": "bonus", "points": 100})
    rebuilt, _ = rebuild(INSTRUCTOR, RELEASED, [*HANDED_IN, forged])
    assert rebuilt.cells[-1].source == "x = 1"
    assert rebuilt.cells[-1].metadata == {}


def test_nothing_handed_in_is_what_was_released():
    """An empty notebook has the instructor's tests, and no answers but what was released."""
    sources, remarks = graded([])
    assert sources == ["def f(): ...", GRADED[2], RELEASED.cells[-1].source]
    assert [remark.kind for remark in remarks] == ["deleted"] * 3


def test_the_instructors_notebooks_are_not_changed():
    """Rebuilding changes neither of the instructor's notebooks."""
    before = copy.deepcopy((INSTRUCTOR, RELEASED))
    rebuild(INSTRUCTOR, RELEASED, [replace(MY_TEST, source="pass")])
    assert before == (INSTRUCTOR, RELEASED)


def test_pictures_of_a_written_answer_are_kept():
    """A photograph in a written answer reaches the person who grades it."""
    answer = replace(MY_WORDS, attachments={"a.png": {"image/png": "AAAA"}})
    rebuilt, _ = rebuild(INSTRUCTOR, RELEASED, [PROSE, MY_F, MY_TEST, answer])
    assert rebuilt.cells[-1].attachments == {"a.png": {"image/png": "AAAA"}}
