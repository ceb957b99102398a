"""Beginning and end of `convbook grade`: signals at any moment, several at once, a gradebook that another program holds."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from click.testing import CliRunner
from processes import processes_of
from test_grade import NAME, RIGHT, WRONG, hand_in, make_course, rows

import convbook_command
from convbook.autograder import gradebook
from convbook.autograder.course import Course, CourseError
from convbook.autograder.grade import Options, grade
from convbook.autograder.summary import Bar, slow
from convbook.cli import main
from convbook.course.files import undisturbed
from convbook.course.settings import ROOT

LINE = [sys.executable, "-m", "convbook_command", "grade", NAME, "--workers", "2"]


def start(course, scratch, *more):
    """A command that has taken charge of its signals; its temporary files lie in `scratch`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch), "CONVBOOK_TEST": str(course.root)}
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True, "env": environment}
    process = subprocess.Popen([*LINE, *more], cwd=course.root, preexec_fn=as_in_a_terminal, **silent)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not catches(process.pid, signal.SIGHUP):
        time.sleep(0.002)
    return process


def as_in_a_terminal():
    """Whoever runs the tests may ignore signals, as `nohup` does; the command must not inherit that."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def catches(pid, number):
    """Whether a process has a handler for this signal."""
    with open(f"/proc/{pid}/status") as file:
        mask = next(int(line.split()[1], 16) for line in file if line.startswith("SigCgt"))
    return bool(mask >> (number - 1) & 1)


def leftovers(course):
    """What only a command that runs should have in a course."""
    ends = (".new", ".old", ".part", "-journal")
    return [path.name for path in course.root.rglob("*") if path.name.endswith(ends)]


@pytest.fixture
def course(need_sandbox, tmp_path):
    """A course of six, of whom nobody is graded, and without a gradebook."""
    made = make_course(tmp_path / "course")
    for number in range(6):
        hand_in(made, f"s{number}", RIGHT if number % 2 else WRONG)
    shutil.rmtree(made.memory)
    (made.root / "gradebook.db").unlink()
    return Course(made.root)


@pytest.fixture
def scratch(tmp_path):
    """An empty folder for temporary files."""
    place = tmp_path / "scratch"
    place.mkdir()
    return place


@pytest.mark.slow
def test_interrupted_at_any_moment_nothing_is_left(course, scratch):
    """Ctrl-C ends it with one sentence and the status 130: no process, no temporary folder; then the same command goes on."""
    for moment in (0.0, 0.05, 0.2, 0.5, 1, 2, 4, 5):
        process = start(course, scratch)
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert process.returncode in (0, 130)
        if process.returncode:
            assert errors.splitlines()[-1] == convbook_command.SENTENCE and "Traceback" not in errors
        assert (processes_of(course.root), os.listdir(scratch), leftovers(course)) == ([], [], [])
    done = subprocess.run(LINE, cwd=course.root, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {student: row[2] for student, row in rows(course).items()} == {f"s{n}": 3.0 if n % 2 else 1.0 for n in range(6)}


@pytest.mark.slow
@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_requests_to_end_are_answered_like_an_interrupt(course, scratch, number, status):
    """While a submission runs in its sandbox: the sentence, the signal's status, and nothing is left."""
    hand_in(course, "s0", "while True:\n    pass")
    process = start(course, scratch)
    deadline = time.monotonic() + 60
    while not list(course.memory.glob("records/*/*.json")) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert os.listdir(scratch) != []
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors.splitlines()[-1]) == (status, convbook_command.SENTENCE)
    assert (processes_of(course.root), os.listdir(scratch), leftovers(course)) == ([], [], [])


@pytest.mark.slow
def test_killed_while_the_gradebook_is_made_leaves_none_or_a_whole_one(course, scratch):
    """SIGKILL at many moments around its appearance; the temporary folders of the killed are gone after the next command."""
    whole = set()
    for number in range(8):
        process = start(course, scratch)
        deadline = time.monotonic() + 60
        made = [course.root / "gradebook.db"] if number % 2 else []  # every second one as soon as it is there
        while not (made or list(scratch.glob("convbook-*/*/gradebook.db"))) and time.monotonic() < deadline:
            time.sleep(0.01)
        while made and not made[0].exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(0 if made else 0.3 * number)
        process.kill()
        process.wait()
        whole.add(tables(course))
        for path in course.root.glob("*gradebook.db*"):
            path.unlink()
    assert whole - {0} == {14}
    assert len(os.listdir(scratch)) > 0
    ended = start(course, scratch, "--student", "nobody")
    assert "Received: nobody without such a folder" in ended.communicate(timeout=60)[1] and ended.returncode == 2
    assert list(scratch.glob("convbook-*")) == []


def tables(course):
    """The number of tables in the gradebook, which must be sound."""
    if not (course.root / "gradebook.db").exists():
        return 0
    with contextlib.closing(sqlite3.connect(course.root / "gradebook.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return database.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]


@pytest.mark.slow
def test_of_three_that_start_together_one_grades(course, scratch):
    """On a new course: one grades all, the others end with the one sentence, and nobody speaks of the database."""
    together = [start(course, scratch) for _ in range(3)]
    said = [process.communicate(timeout=120)[1] for process in together]
    assert sorted(process.returncode for process in together) == [0, 2, 2]
    for process, errors in zip(together, said):
        only = errors.startswith("convbook: Only one convbook command can write into a course at a time.")
        assert only == (process.returncode == 2) and len(errors.splitlines()) == (1 if only else 6)
    assert len(rows(course)) == 6


@contextlib.contextmanager
def held(course, seconds):
    """The gradebook, kept by another program for so long, from now on."""
    database = sqlite3.connect(course.root / "gradebook.db", isolation_level=None, check_same_thread=False)
    database.execute("BEGIN EXCLUSIVE")
    timer = threading.Timer(seconds, lambda: database.execute("ROLLBACK"))
    timer.start()
    try:
        yield
    finally:
        timer.join()
        database.close()


@pytest.mark.slow
def test_a_gradebook_that_is_locked_is_waited_for(course):
    """Another program keeps it for a while in the middle of a run: all are graded."""
    locks = contextlib.ExitStack()

    def lock(_, done, *more):
        """Locks it once the first submission is written."""
        if done == 1:
            locks.enter_context(held(course, 3))

    with locks:
        [run] = grade(course, [NAME], Options(workers=1), lock)
    assert [record["state"] for record in run.records] == ["graded"] * 6


@pytest.mark.slow
def test_a_gradebook_that_stays_locked_ends_the_run_with_one_sentence(course, monkeypatch):
    """Nothing is there by halves, and the same command goes on when it is free."""
    grade(course, [NAME], Options(workers=1, students=("s0",)))
    monkeypatch.setattr(gradebook, "PATIENCE", 0.5)
    gradebook.be_patient.cache_clear()
    with held(course, 8):
        result = CliRunner().invoke(main, ["grade", NAME, "--course", str(course.root)])
        assert result.exit_code == 2 and result.stderr.startswith("convbook: The gradebook must become free within")
    assert leftovers(course) == [] and len(list(course.memory.glob("records/*/*.json"))) == 1
    monkeypatch.undo()
    gradebook.be_patient.cache_clear()
    [run] = grade(course, [NAME], Options(workers=1))
    assert (run.graded_now, len(rows(course))) == (5, 6)


def test_a_broken_gradebook_is_refused_in_one_sentence(course):
    """What is no database is left as it is."""
    (course.root / "gradebook.db").write_text("no database, but of some length" * 100)
    with pytest.raises(CourseError, match=r"must be a database that nbgrader can open. Received: .*not a database"):
        grade(course, [NAME], Options())


def test_a_stale_journal_is_not_applied_to_a_new_gradebook(course):
    """What lies beside a gradebook that is gone belongs to nobody."""
    (course.root / "gradebook.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(600))
    with course.lock():
        gradebook.ensure_gradebook(course)
    assert tables(course) == 14 and leftovers(course) == []


def test_what_must_not_be_cut_in_two_is_brought_to_its_end():
    """A signal is answered behind the block, not inside."""
    reached = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it from the start
    try:
        with pytest.raises(KeyboardInterrupt), undisturbed():
            signal.raise_signal(signal.SIGINT)
            reached.append("the end")
        assert reached == ["the end"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_who_takes_long_is_named_with_the_time():
    """The longest first, some of many, and nothing where everybody is quick."""
    assert slow({"kim": 9.0}) == slow({}) == ""
    assert slow({"lee": 12.4, "kim": 35.0, "ada": 1.0}) == "running: kim (35 s), lee (12 s), ada (1 s)"
    assert slow({f"s{n}": 20.0 for n in range(10)}).endswith("s7 (20 s) and 2 more")


def test_bar_names_them_where_there_is_no_terminal(monkeypatch, capsys):
    """One line now and then, from the moment when somebody takes long."""
    monkeypatch.setattr("convbook.autograder.summary.OFTEN", 0.05)
    with Bar() as bar:
        bar.watch(lambda: {"kim": 35.0})
        time.sleep(0.3)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 2 and set(lines) == {"running: kim (35 s)"}


def test_bar_names_them_on_a_terminal():
    """Below the bars stands who is running."""
    from rich.console import Console

    bar = Bar()
    bar.watch(lambda: {"kim": 35.0})
    console = Console(record=True, force_terminal=True)
    with console.capture() as captured:
        for line in bar.progress.get_renderables():
            console.print(line)
    assert "running: kim (35 s)" in captured.get()


def test_the_program_answers_before_anything_large_is_imported():
    """What stands in the environment as `convbook` imports neither the package nor NumPy; the watching process never does."""
    code = "import sys, convbook_command; print(sorted({'convbook', 'numpy', 'click', 'subprocess'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert 'convbook = "convbook_command:main"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("argument, status, said", [("--help", 0, "Tools for authors"), ("nonsense", 2, "No such command")])
def test_the_program_is_the_command(tmp_path, argument, status, said):
    """Its exit status and what it prints are the command's, and it leaves nothing in the temporary folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    line = [sys.executable, "-m", "convbook_command", argument]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, os.listdir(tmp_path)) == (status, []) and said in done.stdout + done.stderr
