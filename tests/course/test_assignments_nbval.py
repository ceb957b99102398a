"""`pytest --nbval-lax` on an assignment says which questions are done: right notebooks pass, others fail cell by cell."""

import re
import subprocess
import sys

import nbformat
import pytest

from convbook.course.assignments import assignment_names
from convbook.course.cells import grade_id, is_answer, reference_answer, with_answers
from convbook.course.misconceptions import read_bank
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT

pytestmark = pytest.mark.slow
OPTIONS = ["--nbval-current-env", "-q", "-p", "no:cacheprovider", "--color=no"]


def nbval(path, *options):
    """(how many cells passed, the cells that failed, what was printed) of a run of nbval."""
    line = [sys.executable, "-m", "pytest", *OPTIONS, *(options or ["--nbval-lax"]), str(path)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=ROOT / "tests")
    passed = re.search(r"(\d+) passed", done.stdout)
    return int(passed[1]) if passed else 0, set(re.findall(r"::(Cell \d+)", done.stdout)), done.stdout


def released(name):
    """What students get."""
    return read_notebook(ROOT / "assignments" / name / f"{name}.ipynb")


def solved(name):
    """The released notebook with the answers of the solution."""
    source = read_notebook(ROOT / "solutions" / name / f"{name}.ipynb")
    functions = [grade_id(cell) for cell in source.cells if is_answer(cell) and cell.cell_type == "code"]
    return with_answers(released(name), {function: reference_answer(source, function) for function in functions})


@pytest.mark.parametrize("name", assignment_names())
def test_solved_assignment_passes(tmp_path, name):
    """With right answers no cell fails, neither among those of the release nor among the hidden tests of the solution."""
    nbformat.write(solved(name), tmp_path / f"{name}.ipynb")
    for path in (tmp_path / f"{name}.ipynb", ROOT / "solutions" / name / f"{name}.ipynb"):
        passed, failed, said = nbval(path)
        assert passed and not failed, said[-3000:]


def test_what_is_open_and_what_is_wrong_fails_in_the_words_of_check(tmp_path):
    """A question done, one wrong, the others open: those fail, with the hint, whatever outputs were saved."""
    name = "02_convolution"
    wrong = next(
        one for one in read_bank(ROOT / "solutions" / name / "misconceptions.py") if one.function == "circulant_matrix"
    )
    right = {cell_id: cell.source for cell in solved(name).cells if (cell_id := grade_id(cell)) == "convolve1d_full"}
    notebook = with_answers(released(name), right | {"circulant_matrix": wrong.source})
    path = tmp_path / f"{name}.ipynb"
    for options in (["--nbval-lax"], ["--nbval"]):
        nbformat.write(notebook, path)
        passed, failed, said = nbval(path, *options)
        assert "Question 1, convolve1d_full" not in said and "Question 2, circulant_matrix: not right yet." in said
        assert wrong.hint[:40] in said and "Question 3, dilated_cross_correlate2d: not answered yet." in said
        assert passed and len(failed) >= 10
        for cell in notebook.cells:
            if cell.source.startswith("check("):
                cell.outputs = [nbformat.v4.new_output("stream", text="Question 2: right, as far as check can see.\n")]
