"""A semester without a hand: the commands that an instructor gives, on a class of 60, through Canvas and through Moodle.

Every grade must be that of a table (`Student.deserves`), first, and again after a date was moved, a test removed and a student
has handed in once more.
"""

import json
import zipfile

import nbformat
import pytest
from class_archive import (
    RIGHT,
    canvas_archive,
    canvas_gradebook,
    moodle_archive,
    notebook,
    packed,
    the_class,
    worksheet,
)
from click.testing import CliRunner
from test_grade import NAME, make_course

from convbook.autograder.course import Course
from convbook.autograder.lms.columns import plain_number
from convbook.autograder.lms.table import Table
from convbook.autograder.registration import register
from convbook.cli import main

pytestmark = pytest.mark.slow
PLATFORMS = {  # the archive, the platform's table, its column of grades, and the points that it counts to
    "canvas": (canvas_archive, canvas_gradebook(), "Homework (991)", 10.0),
    "moodle": (moodle_archive, worksheet("de", encoding="utf-8-sig"), "Bewertung", 100.0),
}
WRONG_AT_FIRST = next(s for s in the_class() if s.kind == "wrong")
EXCUSED = {"canvas": {the_class()[3].number}, "moodle": set()}


def say(course, *words, status=0):
    """What a command prints; it must end with this status."""
    done = CliRunner().invoke(main, [*words, "--course", str(course.root)])
    assert done.exit_code == status, done.output
    return done.output


def folders(course):
    """By the platform's number: the folder that a student has, which is the name that the roster gave them."""
    people = (course.memory / "roster.json").read_text(encoding="utf-8")
    return {one["number"]: one["id"] for one in json.loads(people)["people"]}


def grades(course, theirs, column):
    """The cells of the platform's own table after `convbook export`, by the platform's number."""
    say(course, "export", NAME, "--into", str(theirs), "--to", str(course.root / "ours.csv"), "--absent", "0")
    ours = Table.read(course.root / "ours.csv")
    place, who = ours.header.index(column), 1 if column.startswith("Homework") else 0
    return {plain_number(ours.get(row, who)): ours.get(row, place) for row in ours.body}


def remove_the_laws(course):
    """Takes a test of two points out of the assignment."""
    path = course.root / "source" / NAME / f"{NAME}.ipynb"
    source = nbformat.read(path, as_version=4)
    source.cells = [cell for cell in source.cells if cell.metadata.nbgrader.grade_id != "double_laws"]
    nbformat.write(source, path)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_class_of_60_through_a_semester(need_sandbox, tmp_path, platform):
    """No edit by hand: each file has a verdict, each grade is the table's, each page goes back under the platform's name."""
    make, table, column, most = PLATFORMS[platform]
    course = make_course(tmp_path / "course")
    with (course.root / "nbgrader_config.py").open("a") as configuration:
        configuration.write("c.Exchange.timezone = 'Asia/Seoul'\n")
    register(course, NAME)
    released = (course.memory / "released" / NAME / f"{NAME}.ipynb").read_text()
    files = make(released, NAME)
    theirs, archive = tmp_path / "theirs.csv", tmp_path / "submissions.zip"
    theirs.write_bytes(table)
    archive.write_bytes(packed(files))

    say(course, "roster", str(theirs))
    said = say(course, "collect", str(archive), NAME, status=1)
    assert all(f"{student.number}" in said or student.name in said or student.email in said for student in the_class()[:5])
    say(course, "due", NAME, "2026-03-02 18:00")
    say(course, "grade", NAME, "--workers", "2", status=1)
    ours = grades(course, theirs, column)
    expected = {s.number: round((s.deserves or 0.0) * most / 6, 2) for s in the_class()}
    excused = EXCUSED[platform]
    assert {n: float(ours[n]) for n in expected if n not in excused} == {n: p for n, p in expected.items() if n not in excused}
    assert all(ours[number] == "EX" for number in excused)

    pages = tmp_path / "feedback.zip"
    say(course, "feedback", NAME, "--archive", platform, "--to", str(pages))
    own = folders(course)
    with zipfile.ZipFile(pages) as packed_pages:
        names = packed_pages.namelist()
        assert len(names) == sum(student.handed_in for student in the_class())
        for student in the_class():
            mine = [name for name in names if f"_{student.number}_" in name]
            assert len(mine) == student.handed_in
            assert not mine or f"{student.deserves:g} of 6 points" in packed_pages.read(mine[0]).decode()

    say(course, "due", NAME, "2026-03-09 18:00")
    remove_the_laws(course)
    again = course.folder("submitted", NAME, own[WRONG_AT_FIRST.number]) / f"{NAME}.ipynb"
    again.write_bytes(notebook(released, RIGHT))
    say(course, "grade", NAME, "--workers", "2", status=1)
    expected = {s.number: round((s.deserves > 0 if s.handed_in else 0) * most / 4, 2) for s in the_class()}
    ours = grades(course, theirs, column)
    assert {n: float(ours[n]) for n in expected if n not in excused} == {n: p for n, p in expected.items() if n not in excused}
    say(course, "feedback", NAME, "--archive", platform, "--to", str(pages))
    page = (course.folder("feedback", NAME, own[WRONG_AT_FIRST.number]) / f"{NAME}.html").read_text()
    assert ("1 of 4 points" in page and "Due Mon" in page) or "2026-03-09" in page
    say(course, "report")
    assert Course(course.root).students(NAME)
