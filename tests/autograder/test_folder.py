"""What stands beside a notebook: names of any bytes, kinds and numbers cost that submission at most, and are told of."""

import os
import socket
import subprocess

import pytest
from test_grade import NAME, RIGHT, hand_in, make_course

from convbook.autograder import commit, folder
from convbook.autograder.folder import UNREADABLE, UNUSABLE, contents, folder_files
from convbook.autograder.grade import Options, grade
from convbook.autograder.plan import Assignment, Job
from convbook.autograder.submission import InvalidSubmission


def write(place, name, content=b"x"):
    """A file of any name, as bytes, with the folders above it."""
    path = os.path.join(os.fsencode(place), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def found(place):
    """(names, remarks) of a folder."""
    remarks = []
    names = list(folder_files(place, remarks))
    return names, [(remark.kind, remark.cell) for remark in remarks]


@pytest.mark.parametrize(
    "name, kept",
    [
        ("메모.txt".encode("cp949"), "\ufffd\u07b8\ufffd.txt"),
        (b"a" * 255, "a" * 255),
        ("e\u0301.txt".encode(), "e\u0301.txt"),
        ("\U0001f469\u200d\U0001f52c.txt".encode(), "\U0001f469\u200d\U0001f52c.txt"),
        (b"timestamp.txt/x", "timestamp.txt/x"),
        (b"back\\slash \"quote' $(x).txt", "back\\slash \"quote' $(x).txt"),
    ],
)
def test_odd_names_that_can_be_used_are_kept(tmp_path, name, kept):
    """What is no UTF-8 is replaced; everything else keeps its name."""
    write(tmp_path, name)
    assert found(tmp_path) == ([kept], [])


@pytest.mark.parametrize(
    "name, shown",
    [
        (b"\xff" * 200, "\ufffd" * 99 + "…"),
        (b"a\nb.txt", "a\ufffdb.txt"),
        (b"a\x1b[2J.txt", "a\ufffd[2J.txt"),
        ("txt.\u202eexe".encode(), "txt.\ufffdexe"),
        ("a\u2028b".encode(), "a\ufffdb"),
    ],
)
def test_names_that_cannot_be_used_are_left_out(tmp_path, name, shown):
    """Those that are too long once they are replaced, and those that say something to a terminal; the others stay."""
    write(tmp_path, name)
    write(tmp_path, b"notes.txt")
    assert found(tmp_path) == (["notes.txt"], [(UNUSABLE, shown)])


@pytest.mark.parametrize(
    "first, second, kept",
    [(b"\xfe", b"\xff", "\ufffd"), (b"\xfe", b"\xff/x", "\ufffd"), (b"\xfe/x", b"\xff/x", "\ufffd/x")],
)
def test_names_that_become_one_keep_the_first(tmp_path, first, second, kept):
    """Two files, or a file and a folder, that would have one name: the second is left out."""
    write(tmp_path, first)
    write(tmp_path, second)
    names, remarks = found(tmp_path)
    assert names == [kept] and [kind for kind, _ in remarks] == [UNUSABLE]


def test_folders_that_become_one_are_joined(tmp_path):
    """What is in both is given, under one name."""
    write(tmp_path, b"\xff/x")
    write(tmp_path, b"\xfe/y/z")
    names, remarks = found(tmp_path)
    assert (sorted(names), remarks) == (["\ufffd/x", "\ufffd/y/z"], [])


def test_other_kinds_than_files_are_left_out(tmp_path, monkeypatch):
    """Links, pipes and sockets are neither followed nor waited for, also where a notebook should be."""
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    os.mkfifo("homework.ipynb")
    os.symlink("/etc/passwd", "link.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        names, remarks = found(tmp_path)
    assert names == []
    assert remarks == [("no regular file", "homework.ipynb"), ("no regular file", "socket"), ("link", "link.txt")]


def test_folders_without_an_end_are_refused(tmp_path):
    """A thousand folders within each other are no submission, and nobody goes down to their end."""
    place = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1000):
        os.mkdir("deep", dir_fd=place)
        below = os.open("deep", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(place)
    with pytest.raises(InvalidSubmission, match=r"at most 50 folders. Received: deep/deep/"):
        folder_files(tmp_path, [])
    subprocess.run(["rm", "-r", tmp_path / "deep"], check=True)  # Python's own way goes only so deep


@pytest.mark.parametrize("number, message", [(1001, "64 MiB in 1000 files"), (10_001, "at most 10,000 files and folders")])
def test_too_many_files_are_refused(tmp_path, number, message):
    """A submission of a thousand files and more is none, however many there are; nobody counts them all."""
    for count in range(number):
        (tmp_path / str(count)).touch()
    with pytest.raises(InvalidSubmission, match=message):
        folder_files(tmp_path, [])


def test_a_sparse_file_is_refused_by_its_size(tmp_path):
    """It is not read to find out."""
    with open(tmp_path / "huge.bin", "wb") as file:
        file.truncate(2**40)
    with pytest.raises(InvalidSubmission, match="Received: 1048576 MiB in the first 1 files"):
        folder_files(tmp_path, [])


def test_files_that_change_meanwhile_are_left_out(tmp_path, monkeypatch):
    """Gone, turned into a pipe or a link, or grown, between the listing and the reading."""
    monkeypatch.setattr(folder, "LARGEST_FILES", 100)
    for name in ("gone", "good", "grown", "link", "pipe"):
        write(tmp_path, name.encode())
    remarks = []
    files = folder_files(tmp_path, remarks)
    for name in ("gone", "link", "pipe"):
        (tmp_path / name).unlink()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("good")
    (tmp_path / "grown").write_bytes(bytes(200))
    assert contents(files, sorted(files), remarks) == {"good": b"x"}
    assert [(remark.kind, remark.cell) for remark in remarks] == [
        (UNREADABLE, name) for name in ("gone", "grown", "link", "pipe")
    ]
    assert folder.content_digest(files["pipe"]) == folder.content_digest(files["gone"]) == "unreadable"


def test_a_folder_that_cannot_be_read_is_left_out(tmp_path, monkeypatch):
    """The others are given."""
    write(tmp_path, b"closed/x")
    write(tmp_path, b"notes.txt")
    scan = os.scandir

    def refuse(path):
        """What the system says to others than its administrator."""
        if os.fsencode(path).endswith(b"/closed"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert found(tmp_path) == (["notes.txt"], [("a folder that cannot be read", "closed")])


def test_many_remarks_of_one_kind_become_a_number(tmp_path):
    """A person reads ten of them."""
    for count in range(25):
        (tmp_path / f"{count:02}").symlink_to("/")
    assert found(tmp_path)[1][-2:] == [("link", "09"), ("link", "and 15 more")]


@pytest.fixture(scope="module")
def odd_class(need_sandbox, tmp_path_factory):
    """A class whose folders hold and are called all kinds of things, graded once: the run."""
    course = make_course(tmp_path_factory.mktemp("odd"))
    for student in ("ada", "bob", "cem", "dana", ".hidden", "new\nline", "x" * 200, "\udcff\udcfe", "\U0001f60a"):
        hand_in(course, student, RIGHT)
    odd = course.folder("submitted", NAME, "ada")
    for name in (
        b"\xff" * 200,
        b"\xfe/x",
        b"\xff/y",
        b"\xfd",
        b"a\nb",
        b"homework.ipynb.txt/x",
        b"timestamp.txt/x",
        b"z" * 255,
    ):
        write(odd, name)
    (course.folder("submitted", NAME, "bob") / f"{NAME}.ipynb").unlink()
    (course.folder("submitted", NAME, "bob") / f"{NAME}.ipynb").mkdir()
    write(course.folder("submitted", NAME, "cem"), b"timestamp.txt", b"99999999999999999999999-13-77\0\xff" * 9)
    (course.root / "submitted" / "eve").mkdir()
    (course.root / "submitted" / "eve" / NAME).write_text("no folder")
    return course, grade(course, [NAME], Options(workers=2))[0]


def test_a_class_of_odd_folders_is_graded(odd_class):
    """Everybody has a state; what could not be given is told of."""
    course, run = odd_class
    states = {record["student"]: (record["state"], record["score"]) for record in run.records}
    assert states == {
        **dict.fromkeys(("ada", "cem", "dana", "\U0001f60a"), ("graded", 3)),
        "bob": ("missing", 0),
        "eve": ("missing", 0),
        **dict.fromkeys(("x" * 99 + "…", "new\ufffdline", "\ufffd\ufffd"), ("invalid-notebook", 0)),
    }
    ada = next(record for record in run.records if record["student"] == "ada")
    assert [kind for kind, _ in ada["remarks"]] == [UNUSABLE] * 4
    assert (course.folder("autograded", NAME, "ada") / ("z" * 255)).read_bytes() == b"x"


def test_folders_without_a_students_name_are_told_of_each_time(odd_class):
    """Nobody is graded twice, and they are still there."""
    course, first = odd_class
    [run] = grade(course, [NAME], Options())
    assert run.graded_now == 0
    assert len(run.records) == len(first.records) == 9
    assert sum("Do: rename this folder" in record["note"] for record in run.records) == 3


@pytest.mark.parametrize("where", ["job", "write"])
def test_what_fails_for_one_costs_only_that_one(need_sandbox, tmp_path, monkeypatch, where):
    """A fault of the grader's own, while it prepares or writes one submission: that one says so, the others are graded."""
    course = make_course(tmp_path)
    for student in ("ada", "bob", "cem"):
        hand_in(course, student, RIGHT)
    place, name = (Assignment, "job") if where == "job" else (commit, "write_files")
    original = getattr(place, name)

    def faulty(self, what, *more):
        """Fails for one of them, as long as there is something of hers."""
        if what == "bob" or (getattr(what, "student", "") == "bob" and what.key):
            raise KeyError("a fault")
        return original(self, what, *more)

    monkeypatch.setattr(place, name, faulty)
    [run] = grade(course, [NAME], Options(workers=1))
    assert [record["state"] for record in run.records] == ["graded", "grader-error", "graded"]
    assert "Received: KeyError: 'a fault' (see .convbook/errors.log)" in run.records[1]["note"]
    assert "KeyError: 'a fault'" in (course.memory / "errors.log").read_text()
    monkeypatch.undo()
    [run] = grade(course, [NAME], Options(workers=1))
    assert (run.graded_now, run.records[1]["state"]) == (1, "graded")


def test_files_that_cannot_be_written_are_left_out(tmp_path, monkeypatch):
    """The autograded folder may lie on a file system that holds fewer names: the others are written."""
    write = commit.write_bytes

    def narrow(path, content):
        """A file system of short names."""
        if len(path.name) > 8:
            raise OSError(36, "File name too long")
        write(path, content)

    monkeypatch.setattr(commit, "write_bytes", narrow)
    job = Job(NAME, "ada", "", {}, {"a.txt": b"a", "long_name.txt": b"b"})
    commit.write_files(tmp_path, job)
    assert os.listdir(tmp_path) == ["a.txt"] and [(r.kind, r.cell) for r in job.remarks] == [(UNUSABLE, "long_name.txt")]
