"""The sample class: what it hands in follows from its answers, and stock nbgrader gives it the grades that it deserves."""

import csv
import json
import shutil

import pytest

from convbook.autograder.sample_class import (
    ASSIGNMENT,
    REFERENCE,
    Student,
    answer_source,
    grade_sample_class,
    read_class,
    submission,
    write_sample_class,
)
from convbook.course.cells import grade_in_process, with_answers
from convbook.course.misconceptions import read_bank
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT
from convbook.course.stock_grading import grade_class

HERE = ROOT / "tests" / "sample_class"
SOURCE = read_notebook(ROOT / "solutions" / "02_convolution" / "02_convolution.ipynb")
RELEASED = read_notebook(ROOT / "assignments" / "02_convolution" / "02_convolution.ipynb")
CLASS = read_class()
NEVER_ENDS = {"ines"}


def deserved():
    """The rows of grades.csv, by student."""
    with open(HERE / "grades.csv", encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert list(rows) == sorted(student.name for student in CLASS)
    return rows


def texts(folder):
    """Every file below a folder: its path there and its text."""
    found = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert found
    return found


def test_submissions_follow_from_the_answers(tmp_path):
    """`submitted/` is what `make release` writes from answers.py and the release, and nothing else."""
    write_sample_class(submitted=tmp_path)
    assert texts(HERE / "submitted") == texts(tmp_path), "tests/sample_class/submitted is stale: run `make release`"


def test_write_sample_class_removes_who_left(tmp_path):
    """A student who is not in the class any more hands in nothing."""
    (tmp_path / "zoe" / "02_convolution").mkdir(parents=True)
    write_sample_class(submitted=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(student.name for student in CLASS)


def test_deserved_grades_add_up():
    """In each row the tests add up to the score, and the maximum is 20."""
    for row in deserved().values():
        tests = [float(row[name]) for name in row if name.endswith(("_by_hand", "_laws", "reflection"))]
        assert len(tests) == 13
        assert (sum(tests), row["max_score"]) == (float(row["score"]), "20")


@pytest.mark.parametrize("student", [s for s in CLASS if s.name not in NEVER_ENDS], ids=lambda student: student.name)
def test_deserved_grades_follow_from_the_answers(student):
    """Without nbgrader, in this process, the same answers earn the same points on each test."""
    answers = {function: answer_source(function, answer) for function, answer in student.answers.items()}
    stubs = {name: "raise NotImplementedError()" for name in {n.rsplit("_laws")[0] for n in deserved()["ada"] if "_laws" in n}}
    points = grade_in_process(with_answers(SOURCE, stubs | answers))
    assert {name: float(deserved()[student.name][name]) for name in points} == points


def test_submission_of_a_student_without_answers_is_the_release():
    """Who answers nothing hands in what was released, unchanged."""
    assert submission(Student("nobody", "away"), RELEASED) == RELEASED


def test_answer_source_refuses_an_unknown_name():
    """A misspelt misconception is refused with the names that exist for that function."""
    with pytest.raises(ValueError, match=r"one of \['as_large_as.*Received: 'kernels_aded'"):
        answer_source("merge_kernels", "kernels_aded")
    assert answer_source("merge_kernels", REFERENCE).startswith("def merge_kernels(first, second):")


@pytest.mark.slow
def test_stock_nbgrader_gives_the_deserved_grades(tmp_path):
    """Graded with stock nbgrader, everybody gets the grade in grades.csv, the endless loop included."""
    table = grade_class(ASSIGNMENT, HERE / "submitted", tmp_path, time_limit=10)
    assert (tmp_path / "grades.csv").read_text() == (HERE / "grades.csv").read_text()
    assert "time limit: circulant_matrix_by_hand, circulant_matrix_laws" in table
    assert table == (tmp_path / "grades.txt").read_text()
    feedback = sorted(path.parts[-3] for path in (tmp_path / "feedback").rglob("*.html"))
    assert feedback == sorted(student.name for student in CLASS)


@pytest.mark.slow
def test_the_grader_of_the_course_gives_the_deserved_grades(tmp_path):
    """`make course` grades the class with `convbook grade`, and leaves feedback, report and grades."""
    table = grade_sample_class(ROOT, tmp_path)
    assert "9 graded, 1 timeout" in table
    lines = [line.split() for line in table.splitlines()]
    scores = {line[0]: float(line[1]) for line in lines if line and line[0] in deserved()}
    tests = [name for name in deserved()["ada"] if name.endswith(("_by_hand", "_laws"))]
    assert scores == {name: sum(float(row[test]) for test in tests) for name, row in deserved().items()}
    known = {m.name for m in read_bank(ROOT / "solutions" / ASSIGNMENT / "misconceptions.py")}
    for student in CLASS:
        record = json.loads((tmp_path / ".convbook" / "records" / ASSIGNMENT / f"{student.name}.json").read_text())
        held = {answer for answer in student.answers.values() if isinstance(answer, str) and answer in known}
        assert {found["name"] for found in record["misconceptions"]} >= held, student.name
        assert student.name in ("dana", "jonas") or len(record["misconceptions"]) == len(held)
    page = (tmp_path / "feedback" / "eunji" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    assert f"{ASSIGNMENT}.html#convolution-flips-cross-correlation-does-not" in page and "A hint." in page
    made = {path.name for path in tmp_path.iterdir()}
    assert {"autograded", "feedback", "gradebook.db", "grades.csv", "report.html"} <= made


@pytest.mark.slow
def test_submission_that_cannot_be_read_does_not_stop_the_others(tmp_path):
    """A broken notebook gets 0 and a note in one line; the student after it is graded."""
    for name in ("ada", "broken", "chinedu"):
        shutil.copytree(HERE / "submitted" / name.replace("broken", "ada"), tmp_path / "submitted" / name)
    (tmp_path / "submitted" / "broken" / "02_convolution" / "02_convolution.ipynb").write_text('{"cells": [')
    table = grade_class("02_convolution", tmp_path / "submitted", tmp_path / "build")
    _, ada, broken, chinedu = table.splitlines()
    assert ada.split()[:3] == ["ada", "17", "20"]
    assert broken.startswith("broken           0   20  not graded: ") and "JSON" in broken
    assert chinedu.split() == ["chinedu", "0", "20"]
