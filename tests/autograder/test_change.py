"""An assignment can change after its first grading: gradebook, grades and commands follow, and what people gave stays."""

import shutil
import sqlite3

import nbformat
import pytest
from click.testing import CliRunner
from test_grade import NAME, RIGHT, WRONG, hand_in, make_course

from convbook.autograder.change import change_of, kinds_of
from convbook.autograder.course import Course
from convbook.autograder.grade import Options, grade
from convbook.autograder.gradebook import ensure_gradebook, gradebook_of
from convbook.autograder.registration import register
from convbook.cli import main


@pytest.fixture(scope="module")
def once(need_sandbox, tmp_path_factory):
    """A course that was graded once, with a manual grade and a comment of a person's for ada's written answer."""
    course = make_course(tmp_path_factory.mktemp("once") / "course")
    hand_in(course, "ada", RIGHT, "Because.")
    hand_in(course, "bob", WRONG, "So.")
    ensure_gradebook(course)
    grade(course, [NAME], Options(seed=1))
    with gradebook_of(course) as gradebook:
        submission = gradebook.find_submission_notebook(NAME, NAME, "ada")
        next(g for g in submission.grades if g.name == "words").manual_score = 1.5
        next(c for c in submission.comments if c.name == "words").manual_comment = "Well said."
        gradebook.db.commit()
    return course.root


def change(root, edit):
    """Changes the instructor's notebook of a course, and grades again: course, records by student, notes."""
    path = root / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    edit(notebook, {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells})
    nbformat.write(notebook, path)
    course = Course(root)
    [run] = grade(course, [NAME], Options())
    return course, {record["student"]: record for record in run.records}, " ".join(course.notes)


@pytest.fixture
def copied(once, tmp_path):
    """The folder of a copy of this course."""
    return shutil.copytree(once, tmp_path / "course")


def remove(notebook, cells):
    notebook.cells.remove(cells["double_laws"])


def add(notebook, cells):
    more = nbformat.v4.new_code_cell("assert double(5) == 10")
    more.metadata["nbgrader"] = {**cells["double_laws"].metadata.nbgrader, "grade_id": "double_more", "points": 4}
    notebook.cells.insert(notebook.cells.index(cells["double_laws"]) + 1, more)


def rename(notebook, cells):
    cells["double_laws"].metadata.nbgrader.grade_id = "double_rules"
    cells["words"].metadata.nbgrader.grade_id = "why"


def rescore(notebook, cells):
    cells["double_laws"].metadata.nbgrader.points = 5


CASES = {
    "removed": (remove, {"double_by_hand": 1}, "double_laws is gone, with the points that it gave."),
    "added": (add, {"double_by_hand": 1, "double_laws": 2, "double_more": 4}, "double_more is new."),
    "renamed": (rename, {"double_by_hand": 1, "double_rules": 2}, "double_laws is now called double_rules."),
    "rescored": (rescore, {"double_by_hand": 1, "double_laws": 5}, "double_laws gives 5 points, before 2."),
}


@pytest.fixture(scope="module", params=CASES)
def changed(once, request, tmp_path_factory):
    """What came of one of the changes: its points and its sentence; course, records and notes."""
    edit, points, said = CASES[request.param]
    return points, said, *change(shutil.copytree(once, tmp_path_factory.mktemp("changed") / "course"), edit)


def test_the_next_grading_follows(changed):
    """Points and maxima are those of the new tests; manual grade and comment stay; nobody is said to have edited anything."""
    points, said, course, records, notes = changed
    assert records["ada"]["points"] == records["ada"]["max_points"] == points
    assert all(record["remarks"] == [] for record in records.values())
    assert said in notes
    with gradebook_of(course) as gradebook:
        submission = gradebook.find_submission_notebook(NAME, NAME, "ada")
        assert submission.written_score == 1.5
        assert "Well said." in [comment.manual_comment for comment in submission.comments]
        assert submission.score == sum(points.values()) + 1.5
    assert grade(course, [NAME], Options())[0].graded_now == 0


def test_the_other_commands_work_on(changed):
    """Feedback, report, export, and nbgrader's own view of the assignment."""
    points, _, course, _, _ = changed
    for command in (["feedback", NAME], ["report"], ["export", NAME]):
        done = CliRunner().invoke(main, [*command, "--course", str(course.root)])
        assert done.exit_code == 0, done.output
    with gradebook_of(course) as gradebook:
        assert gradebook.find_assignment(NAME).max_score == sum(points.values()) + 3


def test_a_copy_of_the_gradebook_is_kept(copied):
    """As it was before, beside it, and named in the note."""
    course, _, notes = change(copied, remove)
    [copy] = course.root.glob(f"gradebook.db.before-{NAME}-*")
    assert copy.name in notes
    with sqlite3.connect(copy) as before, sqlite3.connect(course.root / "gradebook.db") as now:
        cells = "select count(*) from base_cell where name = 'double_laws'"
        assert (before.execute(cells).fetchone(), now.execute(cells).fetchone()) == ((1,), (0,))
        grades = "select count(*) from grade"
        assert before.execute(grades).fetchone()[0] - now.execute(grades).fetchone()[0] == 2


def test_what_fails_half_way_changes_nothing(copied, monkeypatch):
    """The rows are changed in one transaction."""
    monkeypatch.setattr("convbook.autograder.change.add", lambda *_: 1 / 0)

    def both(notebook, cells):
        add(notebook, cells)
        remove(notebook, cells)

    with pytest.raises(ZeroDivisionError):
        change(copied, both)
    with sqlite3.connect(copied / "gradebook.db") as now:
        assert now.execute("select count(*) from base_cell where name = 'double_laws'").fetchone() == (1,)


def test_the_command_says_what_has_changed(copied):
    """At its end, for a person."""
    path = copied / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    rescore(notebook, {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells})
    nbformat.write(notebook, path)
    done = CliRunner().invoke(main, ["grade", NAME, "--course", str(copied)])
    assert "homework has changed since it was graded: double_laws gives 5 points, before 2." in done.output


def test_where_nobody_was_graded_nothing_is_copied(tmp_path):
    """nbgrader makes the assignment anew."""
    course = make_course(tmp_path)
    ensure_gradebook(course)
    register(course, NAME)
    path = course.root / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    remove(notebook, {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells})
    nbformat.write(notebook, path)
    register(course, NAME)
    assert course.notes == [] and list(course.root.glob("gradebook.db.*")) == []


def test_kinds_are_nbgraders(once):
    """What the gradebook has of the notebook is what is found in its cells."""
    with gradebook_of(Course(once)) as gradebook:
        row = gradebook.find_notebook(NAME, NAME)
        source = nbformat.read(once / "source" / NAME / f"{NAME}.ipynb", as_version=4)
        change = change_of(row, source)
        assert list(change.sentences()) == []
        assert {frozenset(kinds_of(cell)) for cell in source.cells} >= {
            frozenset({"grade", "source"}),
            frozenset({"solution", "source"}),
        }
