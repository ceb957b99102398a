"""A class of hostile, broken and honest submissions, graded in one run: each ends in its state, with its points."""

import contextlib
import hashlib
import json
import os
import socket
import sqlite3
import stat
from dataclasses import dataclass
from pathlib import Path

import battery
import nbformat
import pytest
from click.testing import CliRunner

from convbook.cli import main

pytestmark = pytest.mark.slow


@dataclass
class Graded:
    """A course after it was graded: the command's exit status, its records by student, and what was there before."""

    root: Path
    status: int
    records: dict
    before: dict
    listener: socket.socket


def run(root):
    """`convbook grade` on all of a course: the exit status and the records by student."""
    options = ["--all", "--course", root, "--workers", 2, "--timeout", battery.SECONDS, "--seed", 7, "--json"]
    done = CliRunner().invoke(main, ["grade", *map(str, options)], catch_exceptions=False)
    assert done.stdout.startswith("["), done.output
    return done.exit_code, {record["student"]: record for record in json.loads(done.stdout)}


def graded(root, submissions):
    """A course with these submissions, graded."""
    battery.write_course(root)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    for one in submissions:
        battery.hand_in(root, one, listener.getsockname()[1])
    before = contents(root)
    return Graded(root, *run(root), before, listener)


def contents(root):
    """What lies in a course's source and submitted folders: paths, kinds, and hashes of contents."""
    found = {}
    for step in ("source", "submitted"):
        for folder, _, names in os.walk(root / step):
            for name in [".", *names]:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):  # a path that is too long
                    status = os.lstat(path)
                    readable = stat.S_ISREG(status.st_mode) and status.st_size < 2**24
                    content = hashlib.sha256(Path(path).read_bytes()).hexdigest() if readable else ""
                    found[path] = (status.st_mode, status.st_size, content)
    return found


@pytest.fixture(scope="module")
def everybody(need_sandbox, tmp_path_factory):
    """The whole class, graded in one run."""
    made = graded(tmp_path_factory.mktemp("battery") / "course", battery.CLASS)
    yield made
    made.listener.close()


@pytest.fixture(scope="module")
def honest_alone(need_sandbox, tmp_path_factory):
    """The honest ones, in a course of their own."""
    made = graded(tmp_path_factory.mktemp("honest") / "course", [one for one in battery.CLASS if one.honest])
    yield made
    made.listener.close()


def each(submissions):
    """A parameter for each submission."""
    return pytest.mark.parametrize("one", submissions, ids=[one.student for one in submissions])


@each(battery.CLASS)
def test_each_ends_in_its_state_with_its_points(everybody, one):
    """State, points test by test, and what a person should look at."""
    record = everybody.records[one.student]
    assert (record["state"], record["points"]) == (one.state, one.points), record
    kinds = {kind for kind, _ in record["remarks"]}
    assert kinds == set() if one.honest else one.remarks <= kinds
    assert one.note in record["note"]
    assert record["lower_trust"] == []


@each([one for one in battery.CLASS if one.honest])
def test_honest_grades_do_not_depend_on_the_others(everybody, honest_alone, one):
    """The honest ones have the same grades when they are alone."""
    with_others, alone = everybody.records[one.student], honest_alone.records[one.student]
    for key in ("state", "points", "score", "waiting", "late", "key", "note"):
        assert with_others[key] == alone[key], key


def test_command_says_that_not_all_were_graded(everybody, honest_alone):
    """Exit status 1 with the whole class, 0 with the honest ones."""
    assert (everybody.status, honest_alone.status) == (1, 0)


def test_second_run_grades_nothing(everybody):
    """What is graded is not graded again."""
    times = {path: path.stat().st_mtime_ns for path in (everybody.root / ".convbook" / "records").rglob("*.json")}
    assert len(times) == len(battery.CLASS)
    assert run(everybody.root) == (1, everybody.records)
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_nothing_was_planted_or_changed(everybody):
    """Sources and submissions are as they were; beside them lies only what the command writes."""
    assert contents(everybody.root) == everybody.before
    there = {path.name for path in everybody.root.iterdir()}
    assert there == {".convbook", "autograded", "gradebook.db", "nbgrader_config.py", "source", "submitted"}
    assert not [name for _, _, names in os.walk(everybody.root) for name in names if "planted" in name]


def test_gradebook_holds_the_class_and_nothing_else(everybody):
    """One row for each student and submission, and no score beyond what a notebook can give."""
    with contextlib.closing(sqlite3.connect(everybody.root / "gradebook.db")) as database:
        students = [row[0] for row in database.execute("select id from student")]
        [[submissions]] = database.execute("select count(*) from submitted_assignment")
        [[highest]] = database.execute("select max(auto_score) from grade")
    assert sorted(students) == sorted(one.student for one in battery.CLASS)
    assert (submissions, highest) == (len(battery.CLASS), max(battery.ALL.values()))


def test_no_process_survives(everybody):
    """Nothing that a notebook started is alive."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            assert battery.MARK.encode() not in path.read_bytes()


def test_nobody_connected(everybody):
    """No connection reached the port on which this test listens."""
    with pytest.raises(BlockingIOError):
        everybody.listener.accept()


def test_autograded_notebooks_are_valid_and_run_no_scripts(everybody):
    """Each can be read, and what its cells and attachments show holds no scripts and is limited."""
    for one in battery.CLASS:
        [path] = (everybody.root / "autograded" / one.student / one.assignment).glob("*.ipynb")
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert path.stat().st_size < 2**25
        for cell in notebook.cells:
            shown = json.dumps([cell.get("attachments"), [output.get("data") for output in cell.get("outputs", [])]])
            plain = json.dumps([output.get("data", {}).get("text/plain") for output in cell.get("outputs", [])])
            assert (
                f"<script>{battery.MARK}" not in shown.replace(plain, "")
                and "onerror" not in shown
                and "javascript:" not in shown
            )
            assert "svg" not in shown


def test_attacks_had_no_effect(everybody):
    """What an attack prints where it succeeds is nowhere."""
    for path in (everybody.root / "autograded").rglob("*.ipynb"):
        printed = [out.get("text", "") for cell in nbformat.read(path, 4).cells for out in cell.get("outputs", [])]
        assert not [text for text in printed if f"{battery.MARK} " in text or "root:x:0" in text], path


def test_processor_time_was_limited(everybody):
    """No submission took more than the limit of a whole notebook."""
    assert max(record["cpu_seconds"] for record in everybody.records.values()) < 20 * battery.SECONDS
