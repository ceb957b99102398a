"""`convbook grade` on courses of a few students: what is graded, what stays, what is said, what is left when it is killed."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from convbook.autograder import pool
from convbook.autograder.course import Course, CourseError, open_course
from convbook.autograder.grade import Options, grade
from convbook.autograder.grading import Rules, read_rules
from convbook.autograder.lms.export import harmless_cell
from convbook.autograder.registration import register
from convbook.autograder.wall import sandbox
from convbook.autograder.wall.sandbox import NoSandbox
from convbook.cli import main
from convbook.course.settings import ROOT

NAME = "homework"
CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "test"\nc.CourseDirectory.ignore = ["grading.toml"]\n'
RIGHT = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return x + 2"


def cell(make, source, grade_id, points=None, solution=False, locked=False):
    """A cell with nbgrader's metadata."""
    meta = {"grade_id": grade_id, "grade": points is not None, "solution": solution, "locked": locked}
    meta |= {"schema_version": 3, "task": False} | ({} if points is None else {"points": points})
    return make(source, metadata={"nbgrader": meta}, id=grade_id.replace("_", "-"))


def source():
    """The instructor's notebook: a function, a visible and a hidden test, a written answer."""
    hidden = (
        "# hidden\n### BEGIN HIDDEN TESTS\nassert double(5) == 10, 'Other numbers: twice five is ten.'\n### END HIDDEN TESTS"
    )
    solution = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    return new_notebook(
        cells=[
            cell(new_code_cell, "import numpy as np", "tools", locked=True),
            cell(new_code_cell, solution, "double", solution=True),
            cell(new_code_cell, "assert double(2) == 4", "double_by_hand", points=1, locked=True),
            cell(new_code_cell, hidden, "double_laws", points=2, locked=True),
            cell(new_markdown_cell, "Your words", "words", points=3, solution=True),
        ]
    )


def make_course(root):
    """A course with one assignment and nobody in it."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    (root / "source" / NAME).mkdir(parents=True)
    nbformat.write(source(), root / "source" / NAME / f"{NAME}.ipynb")
    return Course(root)


def hand_in(course, student, answer, words="Your words"):
    """The notebook of a student."""
    folder = course.root / "submitted" / student / NAME
    folder.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.read(register(course, NAME) / f"{NAME}.ipynb", 4)
    cells = {c.metadata.nbgrader.grade_id: c for c in notebook.cells}
    cells["double"].source, cells["words"].source = answer, words
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    return folder / f"{NAME}.ipynb"


def rows(course, name=NAME):
    """What the gradebook says: of every submission each grade and comment, without ids and times."""
    from nbgrader.api import Gradebook

    found = {}
    with Gradebook(course.directory.db_url, course.directory.course_id) as gradebook:
        for submission in gradebook.find_assignment(name).submissions:
            grades = [
                (notebook.name, g.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade, g.max_score)
                for notebook in submission.notebooks
                for g in notebook.grades
            ]
            comments = [
                (notebook.name, c.name, c.auto_comment, c.manual_comment)
                for notebook in submission.notebooks
                for c in notebook.comments
            ]
            penalty = submission.late_submission_penalty
            found[submission.student.id] = (sorted(grades), sorted(comments, key=str), submission.score, penalty)
    return found


@pytest.fixture(scope="module")
def graded(need_sandbox, tmp_path_factory):
    """A course with three students, graded once: right, wrong, and one who handed in another file."""
    course = make_course(tmp_path_factory.mktemp("course"))
    hand_in(course, "ada", RIGHT, "Because.")
    hand_in(course, "bob", WRONG)
    other = hand_in(course, "cem", RIGHT)
    other.rename(other.with_name("my homework.pdf"))
    result = CliRunner().invoke(main, ["grade", NAME, "--course", str(course.root), "--workers", "1", "--json"])
    assert result.exit_code == 1, result.output
    return course, {record["student"]: record for record in json.loads(result.stdout)}


def test_records_say_what_was_graded(graded):
    """State, points by test, and a sentence for what is not as it should be."""
    _, records = graded
    assert records["ada"]["points"] == {"double_by_hand": 1, "double_laws": 2}
    assert (records["ada"]["state"], records["ada"]["score"], records["ada"]["waiting"]) == ("graded", 3, ["words"])
    assert (records["bob"]["state"], records["bob"]["points"]) == ("graded", {"double_by_hand": 1, "double_laws": 0})
    assert records["cem"]["state"] == "missing"
    assert records["cem"]["note"] == "The notebook must be handed in as homework.ipynb. Received: none."
    assert records["cem"]["points"] == {"double_by_hand": 0, "double_laws": 0}


def test_autograded_notebooks_hold_what_came_out(graded):
    """What formgrader opens: the student's answer, the instructor's tests, and the error of the failed one."""
    course, _ = graded
    place = course.folder("autograded", NAME, "bob") / f"{NAME}.ipynb"
    cells = {c.metadata.nbgrader.grade_id: c for c in nbformat.read(place, 4).cells}
    assert cells["double"].source == WRONG and "assert double(5) == 10" in cells["double_laws"].source
    assert cells["double_laws"].outputs[0].evalue == "Other numbers: twice five is ten."
    assert cells["double_by_hand"].outputs == []
    assert sorted(p.name for p in (course.root / "autograded").rglob(".*")) == []
    assert not os.access(place, os.W_OK) or os.geteuid() == 0


def test_second_run_grades_nothing_and_a_change_one(graded):
    """What is graded is skipped; a new version of one notebook, and nothing else, is graded again."""
    course, _ = graded
    [run] = grade(course, [NAME], Options())
    assert (run.graded_now, len(run.records)) == (0, 3)
    hand_in(course, "bob", RIGHT)
    [run] = grade(course, [NAME], Options())
    assert run.graded_now == 1
    assert {record["student"]: record["score"] for record in run.records} == {"ada": 3, "bob": 3, "cem": 0}
    hand_in(course, "bob", WRONG)
    grade(course, [NAME], Options())


def test_manual_grades_and_late_penalties_survive(graded, tmp_path):
    """A grade that a person gave stays when a submission is graded again; lateness costs what the course's rule says."""
    from nbgrader.api import Gradebook

    course = Course(shutil.copytree(graded[0].root, tmp_path / "course"))
    (course.root / "nbgrader_config.py").write_text(CONFIG + 'c.LateSubmissionPlugin.penalty_method = "zero"\n')
    course = Course(course.root)
    with Gradebook(course.directory.db_url, "test") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-01-01 00:00:00 UTC")
        grades = gradebook.find_submission(NAME, "ada").notebooks[0].grades
        next(g for g in grades if g.name == "words").manual_score = 2.5
        next(g for g in grades if g.name == "double_laws").extra_credit = 0.5
        gradebook.db.commit()
    for student, day in [("ada", "2025-12-31"), ("bob", "2026-01-02")]:
        (course.root / "submitted" / student / NAME / "timestamp.txt").write_text(f"{day} 12:00:00 UTC")
    [run] = grade(course, [NAME], Options())
    found = {record["student"]: (record["score"], record["penalty"]) for record in run.records}
    assert found == {"ada": (6.0, 0.0), "bob": (1.0, 1.0), "cem": (0.0, 0.0)}
    assert rows(course)["ada"][0][-1] == (NAME, "words", None, 2.5, None, True, 3.0)


def test_feedback_says_it_in_words_and_hides_the_test(graded):
    """The page has the points, the failed law in words, and no line of the hidden test."""
    course, _ = graded
    result = CliRunner().invoke(main, ["feedback", NAME, "--course", str(course.root)])
    assert result.exit_code == 0, result.output
    page = (course.root / "feedback" / "bob" / NAME / f"{NAME}.html").read_text()
    assert "Other numbers: twice five is ten." in page
    assert "double(5)" not in page and "HIDDEN" not in page


@pytest.mark.parametrize("form, line", [("canvas", ",ada,,,,3"), ("moodle", "Participant ada,3"), ("csv", "ada")])
def test_export(graded, tmp_path, form, line):
    """Every form has a line for a student with the points."""
    place = tmp_path / "grades.csv"
    course = str(graded[0].root)
    result = CliRunner().invoke(main, ["export", NAME, "--format", form, "--to", str(place), "--course", course])
    assert result.exit_code == 0, result.output
    assert any(line in written for written in place.read_text().splitlines())


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["grade", "nonsense"], "known: homework"),
        (["grade"], "Name one assignment, or give --all. Received: neither"),
        (["grade", NAME, "--all"], "Received: both"),
        (["grade", NAME, "--student", "zoe"], "Received: zoe without such a folder"),
        (["feedback", NAME, "--student", "zoe"], "Received: zoe"),
        (["export", "nonsense"], "must be graded before"),
        (["grade", NAME, "--force", "--scheduler", "tcp://127.0.0.1:1"], "must be the address of a running Dask scheduler"),
    ],
)
def test_what_cannot_be_done_ends_with_one_sentence(graded, arguments, message):
    """Exit status 2, one sentence, no traceback."""
    result = CliRunner().invoke(main, [*arguments, "--course", str(graded[0].root)])
    assert result.exit_code == 2
    assert result.stderr.startswith("convbook: ") and message in result.stderr


def test_a_folder_that_is_no_course_is_refused(tmp_path):
    """The error names the file that is looked for."""
    with pytest.raises(CourseError, match="must hold nbgrader_config"):
        open_course(tmp_path)


def test_without_a_sandbox_nothing_is_graded(graded, monkeypatch):
    """It says what to install; with the option that says so, it grades, and every record is stamped."""

    def none():
        raise NoSandbox("needs bubblewrap")

    course, _ = graded
    monkeypatch.setattr(sandbox, "find_bubblewrap", none)
    result = CliRunner().invoke(main, ["grade", NAME, "--force", "--course", str(course.root)])
    assert (result.exit_code, result.stderr) == (2, "convbook: needs bubblewrap\n")
    line = ["grade", NAME, "--force", "--workers", "1", "--unsafe-no-sandbox", "--course", str(course.root)]
    result = CliRunner().invoke(main, line)
    assert result.exit_code == 1 and "GRADED WITHOUT A SANDBOX" in result.stdout
    assert result.stdout.count("no sandbox") == 3


def test_a_second_grader_has_to_wait(graded):
    """Two commands at a time would write one gradebook."""
    course, _ = graded
    with course.lock(), pytest.raises(CourseError, match="Only one convbook command"):
        grade(course, [NAME], Options())


def test_imports_of_the_instructor_are_used_by_tests(need_sandbox, tmp_path):
    """Also where the cell is not locked: a student who takes NumPy away, or deletes the cell, changes no test."""
    course = make_course(tmp_path)
    notebook = source()
    notebook.cells[0] = new_code_cell("import numpy as np\nlimit = 3")
    notebook.cells[2].source = "assert np.all(double(np.ones(2)) == 2)"
    nbformat.write(notebook, course.root / "source" / NAME / f"{NAME}.ipynb")
    folder = course.folder("submitted", NAME, "ada")
    folder.mkdir(parents=True)
    mine = nbformat.read(register(course, NAME) / f"{NAME}.ipynb", 4)
    mine.cells[0].source, mine.cells[1].source = "np = None", RIGHT
    nbformat.write(mine, folder / f"{NAME}.ipynb")
    [run] = grade(course, [NAME], Options())
    assert (run.records[0]["score"], run.records[0]["lower_trust"]) == (3, [])


def test_tests_that_bring_their_process_down_cost_that_job_only(need_sandbox, tmp_path):
    """A test that kills the process it runs in is a mistake of the grader's side; the next submission is graded."""
    course = make_course(tmp_path)
    path = course.root / "source" / NAME / f"{NAME}.ipynb"
    notebook = source()
    notebook.cells[3].source += "\nif double(3) == 7:\n    import os; os.abort()"
    nbformat.write(notebook, path)
    hand_in(course, "ada", "def double(x):\n    return 7 if x == 3 else 2 * x")
    hand_in(course, "bob", RIGHT)
    [run] = grade(course, [NAME], Options(workers=1))
    assert [record["state"] for record in run.records] == ["grader-error", "graded"]
    assert run.records[1]["score"] == 3


def test_rules_are_read_and_checked(tmp_path):
    """grading.toml says what is imported, hidden and forbidden; what it cannot say is refused."""
    assert read_rules(tmp_path) == Rules()
    file = tmp_path / "grading.toml"
    file.write_text('hides = ["scipy"]\nseconds = 5\n')
    assert read_rules(tmp_path) == Rules(hides=("scipy",), seconds=5.0)
    for text, message in [
        ("hide = []", "must name forbids, hides"),
        ("seconds = 0", "a number above 0"),
        ("hides = 'scipy'", "a list of texts"),
        ("hides = [", "must be TOML"),
    ]:
        file.write_text(text)
        with pytest.raises(CourseError, match=message):
            read_rules(tmp_path)


def test_what_an_assignment_forbids_is_not_there(need_sandbox, tmp_path):
    """Hidden packages cannot be imported, forbidden functions say so; the tests may use both."""
    course = make_course(tmp_path)
    (course.root / "source" / NAME / "grading.toml").write_text('hides = ["scipy"]\nforbids = ["numpy.convolve"]\n')
    hand_in(course, "ada", "def double(x):\n    import scipy.signal\n    return 2 * x")
    hand_in(course, "bob", "import numpy as np\ndef double(x):\n    return np.convolve([x], [2])[0]")
    [run] = grade(course, [NAME], Options(workers=1))
    assert [record["score"] for record in run.records] == [0, 0]
    notebook = nbformat.read(course.folder("autograded", NAME, "bob") / f"{NAME}.ipynb", 4)
    assert "numpy.convolve must not be used in this assignment" in str(notebook.cells[2].outputs)


def test_keras_models_cross_as_files(need_sandbox, keras, tmp_path):
    """A model that a student's function returns can be used by a test; one with code of its own is refused in words."""
    course = make_course(tmp_path)
    notebook = source()
    model = "import keras\ndef double(n):\n    return keras.Sequential([keras.Input((n,)), {}])\ntrained = double(2)"
    notebook.cells[1].source = model.format("keras.layers.Dense(1)")
    notebook.cells[2].source = "assert double(3).count_params() == 4"
    notebook.cells[3].source = "assert double(2)(np.ones((1, 2))).shape == trained(np.ones((1, 2))).shape == (1, 1)"
    nbformat.write(notebook, course.root / "source" / NAME / f"{NAME}.ipynb")
    (course.root / "source" / NAME / "grading.toml").write_text('imports = ["numpy", "keras"]\n')
    hand_in(course, "ada", model.format("keras.layers.Dense(1)"))
    hand_in(course, "bob", model.format("keras.layers.Lambda(lambda x: x[:, :1])"))
    [run] = grade(course, [NAME], Options(workers=1))
    assert [record["points"] for record in run.records] == [
        {"double_by_hand": 1, "double_laws": 2},
        {"double_by_hand": 0, "double_laws": 0},
    ]
    notebook = nbformat.read(course.folder("autograded", NAME, "bob") / f"{NAME}.ipynb", 4)
    assert "must be made of Keras' own layers" in notebook.cells[2].outputs[0].evalue


@pytest.fixture(scope="module")
def quickstart(need_sandbox, tmp_path_factory):
    """nbgrader's own example course with three students, graded by stock nbgrader."""
    folder = tmp_path_factory.mktemp("quickstart")
    command = [sys.executable, "-m", "nbgrader"]
    subprocess.run([*command, "quickstart", "course"], cwd=folder, check=True, capture_output=True)
    course = Course(folder / "course")
    released = register(course, "ps1")
    for student in ("empty", "half", "solved"):
        shutil.copytree(released, course.folder("submitted", "ps1", student), ignore=shutil.ignore_patterns(".*"))
    for name in ("problem1", "problem2"):
        solved = course.folder("source", "ps1") / f"{name}.ipynb"
        shutil.copy(solved, course.folder("submitted", "ps1", "solved"))
    half = nbformat.read(course.folder("submitted", "ps1", "half") / "problem1.ipynb", 4)
    cells = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in half.cells}
    cells["squares"].source = "def squares(n):\n    return [i**2 for i in range(1, n + 1)]"
    cells["sum_of_squares"].source = "def sum_of_squares(n):\n    return n * (n + 1) * (2 * n + 1) // 6"
    nbformat.write(half, course.folder("submitted", "ps1", "half") / "problem1.ipynb")
    ours = Course(shutil.copytree(course.root, folder / "ours"))
    done = subprocess.run([*command, "autograde", "ps1"], cwd=course.root, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return course, ours


@pytest.mark.slow
def test_quickstart_is_graded_as_stock_nbgrader_grades_it(quickstart):
    """Scores, comments and what waits for a person are the same; the test that deletes a function is marked."""
    stock, ours = quickstart
    [run] = grade(ours, ["ps1"], Options(workers=1))
    assert rows(ours, "ps1") == rows(stock, "ps1")
    lower = {record["student"]: record["lower_trust"] for record in run.records}
    assert lower["solved"] == ["sum_of_squares_uses_squares"]
    scores = {record["student"]: record["score"] for record in run.records}
    assert scores == {"empty": 0, "half": 1.5, "solved": 3}


@pytest.mark.slow
def test_sample_class_is_graded_as_stock_nbgrader_grades_it(need_sandbox, tmp_path):
    """The honest students of the sample class: the same rows in the gradebook."""
    from convbook.course.stock_grading import grade_class

    name = "02_convolution"
    shutil.copytree(ROOT / "solutions" / name, tmp_path / "solutions" / name)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copytree(ROOT / "tests" / "sample_class" / "submitted", tmp_path / "submitted")
    course = Course(tmp_path)
    [run] = grade(course, [name], Options(seconds=10))
    assert {record["student"] for record in run.records if record["state"] != "graded"} == {"ines"}
    grade_class(name, tmp_path / "submitted", tmp_path / "stock", time_limit=10)
    (tmp_path / "stock" / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "convbook"\n')
    assert rows(course, name) == rows(Course(tmp_path / "stock"), name)


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on(need_sandbox, tmp_path):
    """Killed again and again, it ends with the grades of a run that was left alone; nothing is there by halves."""
    course = make_course(tmp_path)
    for number in range(8):
        hand_in(course, f"s{number}", RIGHT if number % 2 else WRONG)
    line = [sys.executable, "-m", "convbook.cli", "grade", NAME, "--workers", "2"]
    for moment in (0.4, 2.0, 3.0, 3.5, 4.0, 5.0):
        process = subprocess.Popen(line, cwd=course.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for path in (course.root / ".convbook" / "records").rglob("*.json"):
            json.loads(path.read_text())  # whole, whenever it is there
    done = subprocess.run(line, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    scores = {student: row[2] for student, row in rows(course).items()}
    assert scores == {f"s{number}": 3.0 if number % 2 else 1.0 for number in range(8)}
    assert not list((course.root / "autograded").rglob(".*"))
    assert "Graded now: 0" in subprocess.run(line, cwd=course.root, capture_output=True, text=True, check=False).stdout


@pytest.mark.slow
def test_interrupted_it_says_that_nothing_is_lost(need_sandbox, tmp_path):
    """Ctrl-C ends it with a sentence; no process of it is left."""
    course = make_course(tmp_path)
    hand_in(course, "ada", "while True:\n    pass")
    line = [sys.executable, "-m", "convbook.cli", "grade", NAME, "--workers", "1"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    heard = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731 - whoever runs the tests may ignore it
    process = subprocess.Popen(line, cwd=course.root, preexec_fn=heard, **pipes)
    deadline = time.monotonic() + 60
    while not (course.root / ".convbook" / "lock").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "the same command goes on" in errors


@pytest.mark.slow
def test_dask_gives_the_same_grades(need_sandbox, graded, tmp_path):
    """A real scheduler with two worker processes: the records are those of own workers."""
    pytest.importorskip("distributed")
    course = Course(shutil.copytree(graded[0].root, tmp_path / "course"))
    before = rows(course)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    scheduler = [*dask, "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    worker = [*dask, "worker", "--nworkers", "1", "--nthreads", "1", "--no-dashboard", "--scheduler-file", str(file)]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment, "cwd": tmp_path}
    processes = [subprocess.Popen(line, **silent) for line in (scheduler, worker, worker)]
    try:
        deadline = time.monotonic() + 60
        while not file.is_file() and time.monotonic() < deadline:
            time.sleep(0.2)
        address = json.loads(file.read_text())["address"]
        [run] = grade(course, [NAME], Options(scheduler=address, force=True))
        assert (run.graded_now, rows(course)) == (3, before)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def test_jobs_are_prepared_as_they_are_needed(monkeypatch):
    """Ten thousand jobs: no more than a handful wait at a time."""

    class Quick:
        """A worker that has its answer at once."""

        def __init__(self, scratch):
            assert os.path.isdir(scratch)

        def run(self, job):
            return {"job": job}

        def close(self):
            pass

    made = []
    monkeypatch.setattr(pool, "Worker", Quick)
    jobs = ((made.append(number) or number, b"") for number in range(10_000))
    for count, (_, answer) in enumerate(pool.LocalPool(2).answers(jobs), start=1):
        assert answer == {"job": b""} and len(made) - count <= 3
    assert count == 10_000


@pytest.mark.slow
def test_postgresql(need_sandbox, tmp_path):
    """The gradebook in a PostgreSQL database, where there is one: CONVBOOK_TEST_POSTGRESQL=postgresql://user@host/database."""
    url = os.environ.get("CONVBOOK_TEST_POSTGRESQL")
    if not url:
        pytest.skip(
            "set CONVBOOK_TEST_POSTGRESQL to the url of an empty PostgreSQL database (and pip install psycopg[binary])"
        )
    course = make_course(tmp_path)
    (course.root / "nbgrader_config.py").write_text(CONFIG + f"c.CourseDirectory.db_url = {url!r}\n")
    course = Course(course.root)
    hand_in(course, "ada", RIGHT)
    hand_in(course, "bob", WRONG)
    [run] = grade(course, [NAME], Options())
    assert [record["score"] for record in run.records] == [3, 1]
    assert grade(course, [NAME], Options())[0].graded_now == 0


def test_a_notebook_in_which_nothing_is_recognised_is_never_graded(need_sandbox, tmp_path):
    """A notebook of something else has a state of its own, which says what to do."""
    course = make_course(tmp_path)
    path = hand_in(course, "ada", RIGHT)
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('hello')")]), path)
    [run] = grade(course, [NAME], Options())
    assert run.records[0]["state"] == "unrecognised"
    assert "must hold cells of homework.ipynb as they were released" in run.records[0]["note"]
    assert run.records[0]["score"] == 0


def test_a_test_that_the_solution_fails_is_not_put_to_students(need_sandbox, tmp_path):
    """The command names the test and the reason and grades nobody; said otherwise, it grades all the same."""
    course = make_course(tmp_path)
    notebook = source()
    notebook.cells[2].source = "assert double(2) == 5, 'Twice two must be five.'"
    nbformat.write(notebook, course.root / "source" / NAME / f"{NAME}.ipynb")
    hand_in(course, "ada", RIGHT)
    result = CliRunner().invoke(main, ["grade", NAME, "--course", str(course.root)])
    assert result.exit_code == 2
    assert "double_by_hand of homework gives it 0 of 1 (Twice two must be five.)" in result.stderr
    assert rows(course) == {}
    result = CliRunner().invoke(main, ["grade", NAME, "--course", str(course.root), "--believe-tests"])
    assert result.exit_code == 0, result.output
    assert rows(course)["ada"][2] == 2


@pytest.mark.parametrize(
    "text, shown",
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("+a", "'+a"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("-inf", "'-inf"),
        ("-2.5", "-2.5"),
        ("+1e3", "+1e3"),
        ("ada", "ada"),
        ("", ""),
    ],
)
def test_cells_of_grades_cannot_become_formulas(text, shown):
    """What a spreadsheet would compute is a text; numbers stay numbers."""
    assert harmless_cell(text) == shown


def test_a_student_named_as_a_formula_is_a_text_in_the_grades(need_sandbox, tmp_path):
    """In the file that nbgrader writes, too, nobody's name is computed."""
    course = make_course(tmp_path)
    hand_in(course, "=cmd()", RIGHT)
    grade(course, [NAME], Options(workers=1))
    place = tmp_path / "grades.csv"
    result = CliRunner().invoke(main, ["export", NAME, "--to", str(place), "--course", str(course.root)])
    assert result.exit_code == 0, result.output
    assert "'=cmd()" in place.read_text() and ",=cmd()" not in place.read_text()
    for form in ("canvas", "moodle"):
        line = ["export", NAME, "--format", form, "--to", str(place), "--course", str(course.root)]
        result = CliRunner().invoke(main, line)
        assert result.exit_code == 0, result.output
        cells = [cell for row in csv.reader(place.open()) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "@"))] and any("=cmd()" in cell for cell in cells)
