"""What hidden tests ask never comes back to a student: not in an error, not in what is printed, not in a later cell."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from convbook.autograder.discretion import without_hidden

HIDDEN = "assert f(41) == 42, 'Other numbers: one more is wrong.'"
CODE = "class Odd(Exception): pass\ndef f(x):\n    raise Odd('never even')"


def cell(source, name, outputs=(), **meta):
    """A code cell of the instructor's."""
    meta = {"grade_id": name, "grade": False, "solution": False, "locked": True, "points": 1} | meta
    return new_code_cell(source, metadata={"nbgrader": meta}, outputs=list(outputs))


def error(name, value, *trace):
    """The output of a cell that ended with an error."""
    return new_output("error", ename=name, evalue=value, traceback=[*trace, f"{name}: {value}"])


def told(outputs, *, visible=False, later=()):
    """The notebook that is told, of a student whose hidden test and later cells have given these outputs."""
    source = [cell(CODE, "f", solution=True), cell(HIDDEN, "f_laws", grade=True), cell("assert f(1) == 2", "g", grade=True)]
    given = [cell("", "f", solution=True), cell("# hidden", "f_laws", grade=True), cell("assert f(1) == 2", "g", grade=True)]
    graded = [cell(CODE, "f", solution=True), cell(HIDDEN, "f_laws", () if visible else outputs, grade=True)]
    graded += [
        cell("assert f(1) == 2", "g", outputs if visible else (), grade=True),
        new_code_cell("seen", outputs=list(later)),
    ]
    made = [new_notebook(cells=cells) for cells in (graded, source, given)]
    return without_hidden(*made)


STREAM = new_output("stream", name="stdout", text="asked for 41")
SHOWN = new_output("execute_result", data={"text/plain": "[41]"})


@pytest.mark.parametrize("visible", [False, True])
@pytest.mark.parametrize(
    "output",
    [
        error("ValueError", "asked for 41", "in your code: raise ValueError(f'asked for {x}')"),
        error("ValueError", "bad", "in your code: 41"),
        error("Asked41", "bad", "in your code: raise Odd('never even')"),
        error("AssertionError", "f(41) is 7"),
        error("AssertionError", "41"),
        STREAM,
    ],
)
def test_what_was_asked_is_not_told(output, visible):
    """Values in errors, lines that are not the student's, made names and prints stay with the instructor."""
    notebook = told([output], visible=visible)
    assert "41" not in str([c.outputs for c in notebook.cells])
    assert HIDDEN not in str(notebook)


def test_later_cells_do_not_show_what_was_seen():
    """A cell of the student's that ran after a hidden test shows nothing but where its output is."""
    shown = told([], later=[STREAM, SHOWN]).cells[-1].outputs
    assert "stays with your instructor" in shown[0].text and "41" not in str(shown)


def test_honest_errors_are_told_with_their_line():
    """The line of the student's code, the kind of the error and its own fixed text are told; so are a test's words."""
    notebook = told([error("Odd", "never even", "in your code: raise Odd('never even')")])
    assert notebook.cells[1].outputs[0].traceback == ["in your code: raise Odd('never even')", "Odd: never even"]
    notebook = told([error("AssertionError", "Other numbers: one more is wrong.\nassert 7 == 42")])
    assert notebook.cells[1].outputs[0].evalue == "Other numbers: one more is wrong."


def test_cells_before_the_first_hidden_test_are_as_they_were():
    """What came out before any hidden test was asked is shown whole."""
    notebook = told([])
    early = new_code_cell("1", outputs=[STREAM])
    notebook.cells.insert(0, early)
    assert without_hidden(notebook, notebook, notebook).cells[0].outputs == [STREAM]
