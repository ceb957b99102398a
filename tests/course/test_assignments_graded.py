"""All assignments in the real grader, behind the wall: right answers get all points, wrong ones their names."""

import json
import shutil

import pytest
from click.testing import CliRunner
from test_assignments import ASSIGNMENTS

from convbook.cli import main
from convbook.course.assignments import assignment_names
from convbook.course.cells import find_cell, with_answers
from convbook.course.notebooks import read_notebook, write_notebook
from convbook.course.settings import ROOT

pytestmark = pytest.mark.slow
each = pytest.mark.parametrize("assignment", ASSIGNMENTS.values(), ids=list(ASSIGNMENTS))
FROM_NUMPY = [name for name in ASSIGNMENTS if name < "08"]


def first_wrong(assignment):
    """The first misconception of each function."""
    return {wrong.function: wrong for wrong in reversed(assignment.bank)}


def answers_of(assignment):
    """By student: the solution, the second right answers, and a misconception for each question."""
    return {
        "solution": {f: find_cell(assignment.source, f).source for f in assignment.functions},
        "other": assignment.sources_of(assignment.answers["VECTORISED"]),
        "wrong": {function: wrong.source for function, wrong in first_wrong(assignment).items()},
    }


@pytest.fixture(scope="module")
def records(need_sandbox, tmp_path_factory):
    """The records of three students in every assignment, by (assignment, student)."""
    root = tmp_path_factory.mktemp("graded") / "course"
    shutil.copytree(ROOT / "solutions", root / "solutions", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for name in assignment_names():
        released = read_notebook(ROOT / "assignments" / name / f"{name}.ipynb")
        for student, answers in answers_of(ASSIGNMENTS[name]).items():
            write_notebook(with_answers(released, answers), root / "submitted" / student / name / f"{name}.ipynb")
    done = CliRunner().invoke(main, ["grade", "--all", "--course", str(root), "--workers", "2", "--json"])
    assert done.stdout.startswith("["), done.output
    return {(record["assignment"], record["student"]): record for record in json.loads(done.stdout)}


@each
@pytest.mark.parametrize("student", ["solution", "other"])
def test_right_answers_get_all_points_behind_the_wall(records, assignment, student):
    """The solution and the second right answers earn every point, and nothing about them is remarked on."""
    record = records[assignment.name, student]
    assert (record["state"], record["points"]) == ("graded", assignment.points), record["note"]
    assert not record["misconceptions"] and not record["lower_trust"]


@each
def test_wrong_answers_lose_behind_the_wall(records, assignment):
    """A misconception for each question: each hidden test is lost."""
    record = records[assignment.name, "wrong"]
    assert record["state"] == "graded", record["note"]
    assert {name: points for name, points in record["points"].items() if name.endswith("_laws") and points} == {}


@pytest.mark.parametrize("name", FROM_NUMPY)
def test_wrong_answers_are_named_behind_the_wall(records, name):
    """In the assignments 01 to 07, every misconception is recognised by what it does."""
    found = {held["function"]: held["name"] for held in records[name, "wrong"]["misconceptions"]}
    assert found == {function: wrong.name for function, wrong in first_wrong(ASSIGNMENTS[name]).items()}


def test_most_wrong_answers_with_networks_are_named_too(records):
    """In the assignments 08 to 12, at least three of four are recognised; what depends on training cannot be compared."""
    wrong = {(name, function) for name in ASSIGNMENTS if name >= "08" for function in first_wrong(ASSIGNMENTS[name])}
    named = {
        (name, held["function"])
        for name in ASSIGNMENTS
        if name >= "08"
        for held in records[name, "wrong"]["misconceptions"]
        if held["name"] == first_wrong(ASSIGNMENTS[name])[held["function"]].name
    }
    assert len(named) >= 0.75 * len(wrong), sorted(wrong - named)
