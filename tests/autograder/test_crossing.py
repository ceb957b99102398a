"""What a test can use of an answer: every row of the table in "Writing a question", through the real grader, in one course."""

import nbformat
import pytest
from crossing import CASES
from nbformat.v4 import new_code_cell, new_notebook
from test_grade import CONFIG, NAME, cell

from convbook.autograder.course import Course
from convbook.autograder.grade import Options, grade
from convbook.autograder.registration import register
from convbook.course.settings import ROOT

each = pytest.mark.parametrize("name", CASES)


def notebook_of(answers):
    """An assignment with one question for each row, and these answers."""
    cells = [cell(new_code_cell, "import numpy as np", "tools", locked=True)]
    for name, case in CASES.items():
        cells.append(cell(new_code_cell, answers(case), f"{name}_case", solution=True))
        cells.append(cell(new_code_cell, case.test, f"{name}_test", points=1, locked=True))
    return new_notebook(cells=cells)


@pytest.fixture(scope="module")
def run(need_sandbox, tmp_path_factory):
    """The class graded: `right` hands in the solution, `wrong` the wrong answers."""
    pytest.importorskip("pandas")
    course = Course(tmp_path_factory.mktemp("crossing"))
    (course.root / "nbgrader_config.py").write_text(CONFIG)
    made = {"right": notebook_of(lambda case: case.right), "wrong": notebook_of(lambda case: case.wrong)}
    place = course.root / "source" / NAME / f"{NAME}.ipynb"
    place.parent.mkdir(parents=True)
    nbformat.write(made["right"], place)
    register(course, NAME)
    for student, notebook in made.items():
        path = course.folder("submitted", NAME, student) / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    [run] = grade(course, [NAME], Options(workers=2))
    return {record["student"]: record for record in run.records} | {"inside": run.inside}


@each
def test_a_right_answer_gets_its_point(run, name):
    """The solution is paid, and the submission is graded without a remark but for the edited cells."""
    assert run["right"]["points"][f"{name}_test"] == 1
    assert run["right"]["state"] == "graded"


@each
def test_a_wrong_answer_gets_none(run, name):
    """The test can fail: a wrong answer of the same kind is not paid."""
    assert run["wrong"]["points"][f"{name}_test"] == 0


@each
def test_a_test_runs_where_the_table_says(run, name):
    """Only the tests that the table calls of lower trust run in the student's process, and the result says so."""
    assert (f"{name}_test" in run["inside"]) == CASES[name].inside
    assert (f"{name}_test" in run["right"]["lower_trust"]) == CASES[name].inside


def test_the_table_of_the_page_has_these_rows():
    """ "Writing a question" names what is tested here, and nothing else."""
    page = (ROOT / "pages/writing_questions.md").read_text(encoding="utf-8")
    table = page[page.index("| what an answer gives or does |") :].split("\n\n")[0].splitlines()[2:]
    rows = {line.split("|")[1].strip(): line for line in table}
    assert list(rows) == [case.row for case in CASES.values()]
    assert {row for row, line in rows.items() if "lower trust" in line} == {c.row for c in CASES.values() if c.inside}
