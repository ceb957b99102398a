"""`convbook collect`: every file of an archive has a verdict, honest work comes through, hostile files harm nobody else."""

import io
import json
import os
import shutil
import stat
import struct
import unicodedata
import zipfile
from dataclasses import replace

import pytest
from class_archive import (
    RIGHT,
    WRONG,
    blackboard_archive,
    canvas_archive,
    canvas_gradebook,
    moodle_archive,
    notebook,
    packed,
    table,
    the_class,
    worksheet,
)
from click.testing import CliRunner
from test_grade import CONFIG, NAME, make_course, source

from convbook.autograder.course import CourseError
from convbook.autograder.gradebook import ensure_gradebook
from convbook.autograder.lms import archive as archives
from convbook.autograder.lms.class_list import read_roster
from convbook.autograder.lms.collect import collect
from convbook.autograder.lms.platforms import platform_of
from convbook.autograder.lms.verdicts import counts
from convbook.autograder.registration import register
from convbook.autograder.submission import InvalidSubmission, read_submission
from convbook.cli import main


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A course whose assignment was registered once."""
    import nbformat

    course = make_course(tmp_path_factory.mktemp("course"))
    (course.root / "source" / "lab-1").mkdir()
    nbformat.write(source(), course.root / "source" / "lab-1" / "lab-1.ipynb")
    register(course, NAME)
    register(course, "lab-1")
    return course


@pytest.fixture
def course(made):
    """The same, with nobody in it."""
    shutil.rmtree(made.root / "submitted", ignore_errors=True)
    for name in ("attempts", "collected"):
        shutil.rmtree(made.memory / name, ignore_errors=True)
    (made.memory / "roster.json").unlink(missing_ok=True)
    return made


def released(course, name=NAME):
    """The text of what students got."""
    return (course.memory / "released" / name / f"{name}.ipynb").read_text()


def zipped(folder, files):
    """A file with this archive."""
    path = folder / "submissions.zip"
    path.write_bytes(packed(files))
    return path


def submitted(course, student, name=NAME):
    """The files that a student has in `submitted/`, by path."""
    folder = course.folder("submitted", name, student)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def answer(content, tmp_path):
    """The answer in a notebook."""
    path = tmp_path / "read.ipynb"
    path.write_bytes(content)
    cells = read_submission(path)
    return next(cell.source for cell in cells if cell.source in (RIGHT, WRONG))


def verdicts(collected):
    """What is said of each file, by its name."""
    return {verdict.file: verdict for verdict in collected.verdicts}


@pytest.mark.parametrize("make", [canvas_archive, moodle_archive, blackboard_archive])
def test_every_file_of_a_class_of_60_has_a_verdict_and_honest_work_comes_through(course, tmp_path, make):
    """Sixty students, the mistakes of real classes, three languages: without an edit by hand, nobody's work is lost."""
    files = make(released(course), NAME)
    collected = collect(course, zipped(tmp_path, files), NAME)
    names = {unicodedata.normalize("NFC", name) for name, _ in files}  # as the reader writes what macOS has decomposed
    outer = [verdict.file for verdict in collected.verdicts if verdict.file in names]
    assert len(outer) == len(files) and all(verdict.what for verdict in collected.verdicts)
    for student in the_class():
        found = submitted(course, student.number)
        if student.kind == "damaged":
            with pytest.raises(InvalidSubmission):
                answer(found[f"{NAME}.ipynb"], tmp_path)
        elif student.kind in ("nothing", "pdf only"):
            assert f"{NAME}.ipynb" not in found or make is blackboard_archive
        else:
            assert answer(found[f"{NAME}.ipynb"], tmp_path) == (WRONG if student.kind == "wrong" else RIGHT), student


def test_data_beside_a_notebook_stays_beside_it(course, tmp_path):
    """A folder in a zip: the notebook comes to the top, and its data where the notebook looks for them."""
    student = next(s for s in the_class() if s.kind == "folder")
    collect(course, zipped(tmp_path, canvas_archive(released(course), NAME, [student])), NAME)
    assert sorted(submitted(course, student.number)) == ["data/numbers.csv", f"{NAME}.ipynb"]


def test_a_pdf_is_named_as_what_it_is(course, tmp_path):
    """It is kept, and the line says that it is no notebook."""
    student = next(s for s in the_class() if s.kind == "pdf only")
    [verdict] = collect(course, zipped(tmp_path, canvas_archive(released(course), NAME, [student])), NAME).verdicts
    assert verdict.taken and "a PDF, not a notebook" in verdict.what


@pytest.mark.parametrize("name", ["lab-1", "lab-1-2", "lab-1 (1)", "LAB-1", "lab-1 - Kopie", "lab-1 copy"])
def test_a_notebook_may_be_called_as_its_copies_are(course, tmp_path, name):
    """`lab-1` is a name, and what browsers put behind it is taken away."""
    content = notebook(released(course, "lab-1"), RIGHT, metadata=False)
    collect(
        course,
        zipped(tmp_path, [(f"noether_4711_81_{name}.ipynb", content), ("noether_4711_80_other.ipynb", content)]),
        "lab-1",
    )
    assert "lab-1.ipynb" in submitted(course, "4711", "lab-1") and "other.ipynb" in submitted(course, "4711", "lab-1")


def test_of_two_versions_the_one_with_more_cells_counts_then_the_newer(course, tmp_path):
    """The line of the other says why; it is kept."""
    full, empty = notebook(released(course), RIGHT), json.dumps({"cells": [], "nbformat": 4}).encode()
    files = [("a_1_10_x.ipynb", full), (f"a_1_11_{NAME}.ipynb", empty)]
    found = verdicts(collect(course, zipped(tmp_path, files), NAME))
    assert submitted(course, "1")[f"{NAME}.ipynb"] == full
    assert "has more of the cells" in found[f"a_1_11_{NAME}.ipynb"].what
    files = [(f"b_2_10_{NAME}.ipynb", notebook(released(course), WRONG)), (f"b_2_11_{NAME}-1.ipynb", full)]
    found = verdicts(collect(course, zipped(tmp_path, files), NAME))
    assert submitted(course, "2")[f"{NAME}.ipynb"] == full and "is the newer one" in found[f"b_2_10_{NAME}.ipynb"].what


def test_the_latest_attempt_counts_and_the_others_are_kept(course, tmp_path):
    """Blackboard: of two attempts the later is in `submitted/` with its time; the earlier lies in the course's memory."""
    [student] = [s for s in the_class() if s.place == 0]
    path = zipped(tmp_path, blackboard_archive(released(course), NAME, [student]))
    collected = collect(course, path, NAME)
    found = submitted(course, student.number)
    assert answer(found[f"{NAME}.ipynb"], tmp_path) == RIGHT and found["timestamp.txt"] == b"2026-03-02 21:15:32"
    [kept] = (course.memory / "attempts" / NAME / student.number).iterdir()
    assert answer((kept / f"{NAME}.ipynb").read_bytes(), tmp_path) == WRONG
    assert [v.what.partition(":")[0] for v in collected.verdicts if "10-00-00_" in v.file] == ["kept as an earlier attempt"]
    again = collect(course, path, NAME)
    assert again.students == {student.number: "as before"} and len(list(kept.parent.iterdir())) == 1


def test_what_was_there_stays_unless_the_archive_is_newer(course, tmp_path):
    """An archive that was downloaded earlier takes nothing back; a newer one replaces it, and keeps what was there."""
    [student] = [s for s in the_class() if s.place == 0]
    early, late = ("2026-03-01-10-00-00",), ("2026-03-05-10-00-00",)
    collect(course, zipped(tmp_path, blackboard_archive(released(course), NAME, [student], late)), NAME)
    old = zipped(tmp_path, blackboard_archive(released(course), NAME, [student], early))
    collected = collect(course, old, NAME)
    assert collected.students == {student.number: "what was there stays: it is newer"}
    assert submitted(course, student.number)["timestamp.txt"] == b"2026-03-05 10:00:00"
    newest = ("2026-03-06-10-00-00",)
    changed = blackboard_archive(released(course), NAME, [student], newest) + [
        (f"Homework 1_{student.number}_attempt_2026-03-06-10-00-00_more.csv", b"1")
    ]
    assert collect(course, zipped(tmp_path, changed), NAME).students == {student.number: "replaced"}
    assert len(list((course.memory / "attempts" / NAME / student.number).iterdir())) == 1


def test_what_was_changed_by_hand_stays(course, tmp_path):
    """The same archive once more has nothing newer: a notebook that the instructor repaired is not taken back."""
    path = zipped(tmp_path, [(f"a_1_9_{NAME}.ipynb", b"{ a comma too many ]")])
    collect(course, path, NAME)
    place = course.folder("submitted", NAME, "1") / f"{NAME}.ipynb"
    place.write_bytes(notebook(released(course), RIGHT))
    assert collect(course, path, NAME).students == {"1": "as before"}
    assert answer(place.read_bytes(), tmp_path) == RIGHT


def test_a_time_has_the_zone_that_the_course_names(course, tmp_path):
    """nbgrader's `c.Exchange.timezone`: Blackboard's times are those of its own clock."""
    from nbgrader.utils import parse_utc

    settings = course.root / "nbgrader_config.py"
    settings.write_text(CONFIG + 'c.Exchange.timezone = "Asia/Seoul"\n')
    course = replace(course)  # read anew
    files = [(f"hw_77_attempt_2026-03-02-00-30-00_{NAME}.ipynb", notebook(released(course), RIGHT))]
    collect(course, zipped(tmp_path, files), NAME)
    settings.write_text(CONFIG)
    assert str(parse_utc(submitted(course, "77")["timestamp.txt"].decode())) == "2026-03-01 15:30:00"


def test_a_copy_in_front_of_its_original_is_the_newer_one(course, tmp_path):
    """Archives are sorted by name, in which "lab (1)" stands before "lab"."""
    head = "Emmy Noether_47_assignsubmission_file/"
    files = [(f"{head}{NAME} (1).ipynb", notebook(released(course), RIGHT))]
    files += [(f"{head}{NAME}.ipynb", notebook(released(course), WRONG))]
    collect(course, zipped(tmp_path, files), NAME)
    assert answer(submitted(course, "47")[f"{NAME}.ipynb"], tmp_path) == RIGHT


def test_a_user_of_blackboards_may_have_an_underscore_in_the_name(course, tmp_path):
    """The page beside the files tells where it begins."""
    head = "My_Homework_jane_doe_attempt_2026-03-02-00-30-00"
    files = [(f"{head}.txt", b"Name: Jane Doe (jane_doe)\nAssignment: My_Homework\n")]
    files += [(f"{head}_{NAME}.ipynb", notebook(released(course), RIGHT))]
    collected = collect(course, zipped(tmp_path, files), NAME)
    assert collected.students == {"jane_doe": "new"} and not collected.needs_a_look


@pytest.mark.parametrize(
    "name, words",
    [
        ("kim_9_text.html", "a page, not a notebook"),
        ("kim_9_81_work.rar", "an archive that is not opened"),
        ("kim_9_81_work.py", "no notebook came with it"),
        ("kim_9_81_other.ipynb", "the only notebook; nothing in it says that it is the assignment's"),
    ],
)
def test_what_came_in_place_of_a_notebook_is_kept_and_named(course, tmp_path, name, words):
    """The student has a folder, so that they are not taken for one who did nothing; who has no notebook is said at the end."""
    collected = collect(course, zipped(tmp_path, [(name, b'{"cells": [], "nbformat": 4}')]), NAME)
    assert collected.verdicts[0].taken and words in collected.verdicts[0].what and submitted(course, "9")
    assert ("Without a notebook: 9." in counts(collected)) == collected.needs_a_look == (not name.endswith("ipynb"))


def test_the_records_keep_the_archives_own_names(course, tmp_path):
    """Feedback is packed under them: platform, name, file, time and lateness of each student."""
    files = [(f"noetheremmy_LATE_4711_81_{NAME}.ipynb", notebook(released(course), RIGHT))]
    files += [(f"fox_4712_82_{NAME}.ipynb", notebook(released(course), RIGHT))]
    collect(course, zipped(tmp_path, files), NAME)
    records = json.loads((course.memory / "collected" / f"{NAME}.json").read_text())
    assert {key: records["4711"][key] for key in ("platform", "name", "file", "received", "late")} == {
        "platform": "canvas",
        "name": "noetheremmy",
        "file": f"noetheremmy_LATE_4711_81_{NAME}.ipynb",
        "received": "",
        "late": True,
    }
    assert records["4712"]["late"] is False


@pytest.mark.parametrize(
    "name, platform, number, person, file",
    [
        ("noetheremmy_LATE_4711_81234_02_convolution-1.ipynb", "canvas", "4711", "noetheremmy", "02_convolution-1.ipynb"),
        ("김민지_4711_8_과제_1.ipynb", "canvas", "4711", "김민지", "과제_1.ipynb"),
        ("anon_Xy12z_8_a.ipynb", "canvas", "Xy12z", "anon", "a.ipynb"),
        ("Emmy Noether_47_assignsubmission_file/sub/a.ipynb", "moodle", "47", "Emmy Noether", "sub/a.ipynb"),
        ("Emmy Noether_47_assignsubmission_file_/a.ipynb", "moodle", "47", "Emmy Noether", "a.ipynb"),
        ("Jürgen Müller_47_assignsubmission_file_a_b.ipynb", "moodle", "47", "Jürgen Müller", "a_b.ipynb"),
        ("참가자_47_assignsubmission_file/a.ipynb", "moodle", "47", "참가자", "a.ipynb"),
        ("Default group_assignsubmission_file/a.ipynb", "moodle", "", "Default group", "a.ipynb"),
        ("Home_work 1_ada7_attempt_2026-03-02-21-15-32_a_b.ipynb", "blackboard", "ada7", "", "a_b.ipynb"),
        ("all/ada/a.ipynb", "folders", "all", "", "ada/a.ipynb"),
    ],
)
def test_names_are_read_as_the_platforms_document_them(name, platform, number, person, file):
    """Whose a file is, and its own name; the platform is seen from it."""
    found = platform_of(None, [name])
    owner = found.owner(name)
    assert (found.name, owner.number, owner.person, owner.file) == (platform, number, person, file)


def test_names_that_say_nothing_are_refused_in_one_sentence(course, tmp_path):
    """And a pattern of the instructor's own reads them."""
    path = zipped(tmp_path, [("ada-hw.ipynb", notebook(released(course), RIGHT))])
    with pytest.raises(CourseError, match=r"must say whose the files are.*Received: ada-hw.ipynb"):
        collect(course, path, NAME)
    for pattern, message in [("(", "regular expression"), ("x", "with the groups student_id and file_id")]:
        with pytest.raises(CourseError, match=message):
            collect(course, path, NAME, pattern)
    collect(course, path, NAME, r"(?P<student_id>\w+)-(?P<file_id>.+)")
    assert list(submitted(course, "ada")) == [f"{NAME}.ipynb"]


def test_a_folder_is_taken_as_an_archive_is(course, tmp_path):
    """Folders named for students, in a folder: with a time that the instructor wrote, and without what a link points to."""
    for student in ("ada", "bob"):
        place = tmp_path / "all" / "submitted" / student / NAME
        place.mkdir(parents=True)
        (place / "work.ipynb").write_bytes(notebook(released(course), RIGHT))
    (tmp_path / "all/submitted/ada/timestamp.txt").write_text("2026-03-02 00:30 KST")
    os.symlink("/etc/passwd", tmp_path / "all/submitted/bob/secret.txt")
    found = verdicts(collect(course, tmp_path / "all", NAME))
    assert submitted(course, "ada")["timestamp.txt"] == b"2026-03-02 00:30 KST"
    assert list(submitted(course, "bob")) == [f"{NAME}.ipynb"]
    assert found["submitted/bob/secret.txt"].what == "a link, or no regular file"


def test_a_student_cannot_say_when_something_was_handed_in(course, tmp_path):
    """A timestamp.txt of the student's own is left out, also where a folder is taken away from around it."""
    inner = packed([(f"hw/{NAME}.ipynb", notebook(released(course), RIGHT)), ("hw/timestamp.txt", b"2020-01-01 00:00:00")])
    files = [("a_1_10_work.zip", inner), ("a_1_11_timestamp.txt", b"2020-01-01 00:00:00")]
    found = verdicts(collect(course, zipped(tmp_path, files), NAME))
    assert list(submitted(course, "1")) == [f"{NAME}.ipynb"]
    assert "is the platform's to say" in found["a_1_10_work.zip/hw/timestamp.txt"].what


def test_a_groups_submission_counts_for_each_of_its_members(course, tmp_path):
    """Where the roster knows the group, in both platforms' archives; a group that it does not know is nobody's."""
    (tmp_path / "list.csv").write_bytes(worksheet())
    ensure_gradebook(course)
    read_roster(course, tmp_path / "list.csv")
    members = [s.number for s in the_class() if s.group == "Team 2"]
    content = notebook(released(course), RIGHT)
    name = f"Team 2_{the_class()[4].number}_assignsubmission_file/{NAME}.ipynb"  # a group's number may be a person's, too
    other = f"Strangers_{the_class()[5].number}_assignsubmission_file/{NAME}.ipynb"
    found = verdicts(collect(course, zipped(tmp_path, [(name, content), (other, content)]), NAME))
    assert set(found[name].students) == set(members) and "group Team 2" in found[name].what
    assert all(submitted(course, number) for number in members)
    assert not found[other].taken and "is this a group that the roster does not know?" in found[other].what
    canvas = f"team2_{members[0]}_81_{NAME}.ipynb"
    assert set(verdicts(collect(course, zipped(tmp_path, [(canvas, content)]), NAME))[canvas].students) == set(members)


def test_two_of_one_name_are_told_apart_by_their_numbers(course, tmp_path):
    """Both are collected as themselves; who of the class is missing is said at the end."""
    rows = [["Identifier", "Full name"], *([f"Participant {number}", "Kim Minsu"] for number in (51, 52, 53))]
    (tmp_path / "list.csv").write_bytes(table(rows))
    ensure_gradebook(course)
    read_roster(course, tmp_path / "list.csv")
    content = notebook(released(course), RIGHT)
    files = [(f"Kim Minsu_{number}_assignsubmission_file/{NAME}.ipynb", content) for number in (51, 52)]
    collected = collect(course, zipped(tmp_path, files), NAME)
    assert collected.students == {"51": "new", "52": "new"} and not collected.needs_a_look
    assert "Nothing was handed in by 53 Kim Minsu." in counts(collected)


def test_the_roster_knows_people_by_name_where_the_number_is_another(course, tmp_path):
    """Moodle numbers people anew in each assignment: the second archive finds the same folders."""
    (tmp_path / "list.csv").write_bytes(worksheet("ko"))
    ensure_gradebook(course)
    read_roster(course, tmp_path / "list.csv")
    person = the_class()[45]
    name = f"{person.name}_99123_assignsubmission_file/{NAME}.ipynb"
    collect(course, zipped(tmp_path, [(name, notebook(released(course), RIGHT))]), NAME)
    assert submitted(course, person.number) and not submitted(course, "99123")


def hostile(content):
    """(name, content) of entries that are attacks or accidents, and what is said of each."""
    bomb = packed([("zeros", b"\0" * (archives.LARGEST_FILE + 1)), (f"{NAME}.ipynb", content)])
    return {
        "../../evil_1_9_a.ipynb": (content, "leads out"),
        "/etc/evil_1_9_a.ipynb": (content, "leads out"),
        "C:\\evil_1_9_a.ipynb": (content, "leads out"),
        "..\\evil_1_9_a.ipynb": (content, "leads out"),
        "bomb_2_9_bomb.zip": (bomb, "opened"),
        "torn_3_9_torn.zip": (bomb[:1000], "a zip that cannot be opened"),
        "markup<b>_4_9_a.ipynb": (content, f"{NAME}.ipynb"),
        "x_5_9_a\x1b[31m\u202e.csv": (b"1", "a_[31m_.csv"),
        f"long_6_9_{'가' * 200}.csv": (b"1", ".csv"),
        "7_hidden_7_9_.DS_Store": (b"x", "left by a program"),
    }


def test_hostile_entries_cost_themselves_only(course, tmp_path):
    """Each has its line, nothing is written outside of `submitted/`, and the honest student is collected."""
    content = notebook(released(course), RIGHT)
    entries = hostile(content)
    files = [(name, data) for name, (data, _) in entries.items()] + [(f"ada_8_9_{NAME}.ipynb", content)]
    before = sorted(path.name for path in course.root.iterdir())
    found = collect(course, zipped(tmp_path, files), NAME, "canvas")
    said = {verdict.file: verdict.what for verdict in found.verdicts}
    for name, (_, words) in entries.items():
        assert words in said[name.replace("\\", "/")], name
    assert "too large" in said["bomb_2_9_bomb.zip/zeros"] and submitted(course, "2") == {f"{NAME}.ipynb": content}
    assert submitted(course, "8") == {f"{NAME}.ipynb": content}
    assert sorted(path.name for path in course.root.iterdir()) in (before, sorted([*before, "submitted"]))
    assert not list(tmp_path.glob("evil*"))


def test_links_encrypted_damaged_and_strange_entries_are_said(course, tmp_path):
    """What Python's own reader would stop at costs one file: each name is in the list with its reason."""
    content = notebook(released(course), RIGHT)
    link = zipfile.ZipInfo("link_1_9_a.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "submissions.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("torn_2_9_a.ipynb", content)
        archive.writestr("secret_3_9_a.ipynb", content)
        archive.writestr("squeezed_4_9_a.ipynb", content, zipfile.ZIP_BZIP2)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(f"twice_5_9_{NAME}.ipynb", notebook(released(course), WRONG))
            archive.writestr(f"twice_5_9_{NAME}.ipynb", content)
    raw = bytearray(path.read_bytes())
    raw[raw.index(content) + 5] ^= 0xFF
    place = raw.rindex(b"PK\1\2", 0, raw.rindex(b"secret_3"))
    struct.pack_into("<H", raw, place + 8, 1)
    path.write_bytes(raw)
    said = {verdict.file: verdict.what for verdict in collect(course, path, NAME).verdicts}
    assert said["link_1_9_a.ipynb"] == "a link, or no regular file" and said["secret_3_9_a.ipynb"] == "encrypted"
    assert said["torn_2_9_a.ipynb"].startswith("damaged: Bad CRC-32") and "(bzip2)" in said["squeezed_4_9_a.ipynb"]
    assert submitted(course, "5")[f"{NAME}.ipynb"] == content and len(submitted(course, "5")) == 2


@pytest.mark.parametrize(
    "raw, flag, shown",
    [
        ("김민지".encode("cp949"), 0, "김민지"),
        ("김민지".encode(), 0, "김민지"),
        ("Müller".encode("cp437"), 0, "Müller"),
        ("Müller".encode(), 0x800, "Müller"),
        ("김민지".encode("cp949"), 0x800, "김민지"),  # it says UTF-8 and is not: Python refuses all of such an archive
    ],
)
def test_names_are_read_in_the_alphabet_that_they_are_written_in(tmp_path, raw, flag, shown):
    """CP437, CP949 and UTF-8, said or not."""
    path = tmp_path / "names.zip"
    path.write_bytes(packed([("?" * len(raw) + ".txt", b"x"), ("plain.txt", b"y")]))
    content = path.read_bytes().replace(b"?" * len(raw), raw)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        changed = bytearray(content)
        struct.pack_into("<H", changed, changed.index(mark) + offset, flag)
        content = bytes(changed)
    path.write_bytes(content)
    (tmp_path / "scratch").mkdir()
    found = archives.Reader(tmp_path / "scratch").read(path)
    assert [one.name for one in found] == [f"{shown}.txt", "plain.txt"]
    assert [one.place.read_bytes() for one in found] == [b"x", b"y"]


def test_an_archive_that_is_none_is_refused_in_one_sentence(course, tmp_path):
    """Also one that was cut off while it was downloaded; nothing is written."""
    path = zipped(tmp_path, [(f"a_1_9_{NAME}.ipynb", notebook(released(course), RIGHT))])
    for content in (b"no zip", path.read_bytes()[:-40]):
        path.write_bytes(content)
        line = ["collect", str(path), NAME, "--course", str(course.root)]
        result = CliRunner().invoke(main, line)
        assert result.exit_code == 2 and result.stderr.startswith("convbook: The archive must be a whole zip file")
    assert not (course.root / "submitted").exists()


def test_zips_in_zips_end_somewhere(course, tmp_path, monkeypatch):
    """Levels, files and bytes are limited; what is beyond has one line."""
    content = packed([(f"{NAME}.ipynb", notebook(released(course), RIGHT))])
    for _ in range(archives.MOST_LEVELS + 1):
        content = packed([("deeper.zip", content)])
    monkeypatch.setattr(archives, "MOST_FILES", 5)
    many = packed([(f"{number}.ipynb", b"x") for number in range(50)])
    found = collect(course, zipped(tmp_path, [("a_1_9_deep.zip", content), ("b_2_9_many.zip", many)]), NAME)
    said = {verdict.file: verdict.what for verdict in found.verdicts}
    assert any(f"a zip within {archives.MOST_LEVELS} others, not opened" in what for what in said.values())
    assert said["b_2_9_many.zip/…"] == "45 more files, beyond what is looked at"


def test_the_command_says_it_on_the_terminal_and_as_json(course, tmp_path):
    """Exit status 1 where a file was not taken; no control character of a name reaches the terminal."""
    files = [(f"a_1_9_{NAME}.ipynb", notebook(released(course), RIGHT)), ("no owner\x1b.txt", b"x")]
    line = ["collect", str(zipped(tmp_path, files)), NAME, "--course", str(course.root)]
    result = CliRunner().invoke(main, line)
    assert result.exit_code == 1 and "\x1b" not in result.stdout
    assert "NOT TAKEN: its name does not say whose it is" in result.stdout
    assert f"{NAME}: 1 of 2 files taken (canvas). Students: 1 new." in result.stdout
    told = json.loads(CliRunner().invoke(main, [*line, "--json"]).stdout)
    assert told["students"] == {"1": "as before"} and len(told["files"]) == 2


def test_a_killed_command_leaves_nothing_behind(course, tmp_path):
    """What a killed one had unpacked is removed by the next; half a student's folder is never there."""
    (course.memory / "collecting-old").mkdir()
    place = course.folder("submitted", NAME, "1")
    place.with_name(f".{NAME}.new").mkdir(parents=True)
    collect(course, zipped(tmp_path, [(f"a_1_9_{NAME}.ipynb", notebook(released(course), RIGHT))]), NAME)
    assert not list(course.memory.glob("collecting-*")) and [p.name for p in place.parent.iterdir()] == [NAME]


def test_what_cannot_be_read_takes_nothing_away(course, tmp_path):
    """A damaged download of a student who has handed in before: what was there stays, and it is said."""
    collect(course, zipped(tmp_path, [(f"a_1_9_{NAME}.ipynb", notebook(released(course), RIGHT))]), NAME)
    content = notebook(released(course), WRONG)
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(f"a_1_10_{NAME}.ipynb", content)
    broken = bytearray(raw.getvalue())
    broken[broken.index(content) + 9] ^= 0xFF
    (tmp_path / "broken.zip").write_bytes(broken)
    collected = collect(course, tmp_path / "broken.zip", NAME)
    assert collected.students == {"1": "nothing of it can be read"}
    assert answer(submitted(course, "1")[f"{NAME}.ipynb"], tmp_path) == RIGHT


def test_canvas_gradebook_gives_the_folders_of_its_archive(course, tmp_path):
    """The number in the file names is the ID of the gradebook: nobody is unknown."""
    (tmp_path / "list.csv").write_bytes(canvas_gradebook())
    ensure_gradebook(course)
    read_roster(course, tmp_path / "list.csv")
    collected = collect(course, zipped(tmp_path, canvas_archive(released(course), NAME)), NAME)
    assert not [v for v in collected.verdicts if "roster" in v.what]
