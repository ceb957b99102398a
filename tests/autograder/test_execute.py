"""A submission from its notebook to its points, on the sample class."""

import csv
from pathlib import Path

import nbformat
import pytest

from convbook.autograder.execute import NOTHING_KNOWN, execute
from convbook.autograder.rebuild import rebuild
from convbook.autograder.score import Trust
from convbook.autograder.submission import Cell, read_submission
from convbook.autograder.wall.sandbox import Sandbox, Settings
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT

NAME = "02_convolution"
SOURCE = read_notebook(ROOT / "solutions" / NAME / f"{NAME}.ipynb")
RELEASED = read_notebook(ROOT / "assignments" / NAME / f"{NAME}.ipynb")
CLASS = ROOT / "tests" / "sample_class"
GRADES = {row["student"]: row for row in csv.DictReader((CLASS / "grades.csv").open())}


@pytest.fixture(scope="module")
def sandbox(need_sandbox):
    """A sandbox with NumPy, in which SciPy, TensorFlow and Keras do not exist."""
    made = Sandbox(Settings(hidden=("scipy", "tensorflow", "keras")))
    yield made
    made.close()


def handed_in():
    """The submissions of the sample class."""
    return sorted((CLASS / "submitted").glob(f"*/{NAME}/{NAME}.ipynb"))


@pytest.mark.parametrize("path", handed_in(), ids=lambda path: path.parts[-3])
def test_sample_class_gets_the_points_that_it_deserves(sandbox, path):
    """Each student has, test by test, the points that are written down for them, and that stock nbgrader gives."""
    notebook, remarks = rebuild(SOURCE, RELEASED, read_submission(path))
    outcome, _ = execute(sandbox, notebook, seconds=10)
    deserved = GRADES[path.parts[-3]]
    assert {name: float(deserved[name]) for name in outcome.points} == outcome.points
    assert (outcome.state, bool(outcome.late)) in [("graded", False), ("timeout", True)]
    assert (outcome.lower_trust, remarks) == ([], [])
    nbformat.validate(outcome.notebook)


TEST = {"grade": True, "solution": False, "locked": True, "points": 2, "schema_version": 3, "task": False}
ANSWER = {"grade": False, "solution": True, "locked": False, "schema_version": 3, "task": False, "grade_id": "f"}


def notebook_of(*tests):
    """An instructor's notebook with one answer and some tests."""
    cells = [nbformat.v4.new_code_cell("", metadata={"nbgrader": ANSWER})]
    for number, source in enumerate(tests):
        cells.append(nbformat.v4.new_code_cell(source, metadata={"nbgrader": TEST | {"grade_id": f"test{number}"}}))
    return nbformat.v4.new_notebook(cells=cells)


def graded(sandbox, answer, *tests, seconds=5, trust=NOTHING_KNOWN):
    """The outcome of one answer."""
    instructor = notebook_of(*tests)
    notebook, _ = rebuild(instructor, instructor, [Cell("code", answer, "f", ANSWER)])
    return execute(sandbox, notebook, seconds, trust=trust)[0]


def test_right_wrong_and_partial(sandbox):
    """A test that passes gives all points, one that fails none, and a number as its value so many."""
    outcome = graded(sandbox, "def f(): return 3", "assert f() == 3", "assert f() == 4", "f() / 2", "f()", "-1.0")
    assert outcome.points == {"test0": 2, "test1": 0, "test2": 1.5, "test3": 0, "test4": 0}


@pytest.mark.parametrize(
    "attack",
    [
        "visit = lambda self, node: node.__class__(body=[], type_ignores=[])\n"
        "get_ipython().ast_transformers.append(type('T', (), {'visit': visit})())",
        "import numpy as np\nnp.allclose = np.array_equal = lambda *a, **k: True\nnp.testing.assert_allclose = print",
        "import builtins\nbuiltins.AssertionError = Warning\nbuiltins.abs = lambda x: 0",
        "class Liar(float):\n    __eq__ = lambda s, o: True\n    __hash__ = None\ndef f(): return Liar(7)",
        "class All:\n    __eq__ = lambda s, o: True\n    __float__ = lambda s: 4.0\n"
        "    __array__ = lambda s, *a, **k: 4\ndef f(): return All()",
        "get_ipython().display_formatter.formatters['text/plain'].for_type(float, lambda *a: '2')",
        "import sys\nsys.modules['numpy'] = None",
        "print('2.0')\n2.0",
        "import os\nos._exit(0)",
        "raise SystemExit(0)",
        "test0 = 2.0\npoints = {'test0': 2}",
    ],
)
def test_wrong_answers_stay_wrong(sandbox, attack):
    """Whatever a student does to their own process, a wrong answer gets no points."""
    test = "import numpy as np\nassert f() == 4\nassert np.allclose(f(), 4)"
    answer = f"def f(): return 3.0\n{attack}"
    assert graded(sandbox, answer, test, "float(f() == 4)").points == {"test0": 0, "test1": 0}


def test_an_object_does_what_the_solution_needed_and_no_more(sandbox):
    """Where the solution's result was a number, one that answers every difference with 0 gets no points."""
    answer = "class Zero:\n    def __sub__(self, other): return 0.0\ndef f(): return Zero()"
    for uses, points in (({"test0": []}, 0), ({"test0": ["__sub__ value"]}, 2)):
        outcome = graded(sandbox, answer, "assert abs(f() - 4) < 1e-6", trust=Trust(uses=uses))
        assert outcome.points == {"test0": points}


def test_endless_loop_costs_its_own_tests_only(sandbox):
    """A function that never returns gives no points for its test; the next test is run."""
    answer = "def f():\n    while True: pass\ndef g(): return 1"
    outcome = graded(sandbox, answer, "assert f() == 1", "assert g() == 1", seconds=1)
    assert (outcome.state, outcome.points, outcome.late) == ("timeout", {"test0": 0, "test1": 2}, ["test0"])


def test_what_was_reached_before_the_end_counts(sandbox):
    """A process that dies in its second test keeps the points of the first."""
    answer = "import os\ndef f(): return 1\ndef g(): os._exit(1)"
    outcome = graded(sandbox, answer, "assert f() == 1", "assert g() == 1", "assert f() == 1")
    assert (outcome.state, outcome.points) == ("kernel-died", {"test0": 2, "test1": 0, "test2": 0})


def test_loop_that_ignores_the_interrupt_ends_the_submission(sandbox):
    """What does not listen ends with the points that were reached before."""
    answer = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ndef f(): return 1\ndef g():\n    while True: pass"
    outcome = graded(sandbox, answer, "assert f() == 1", "g()", "assert f() == 1", seconds=1)
    assert (outcome.points, outcome.late) == ({"test0": 2, "test1": 0, "test2": 0}, ["test1"])
    assert outcome.state == "timeout"


def test_tests_that_change_what_the_student_defined_run_over_there(sandbox):
    """A test that takes a student's function away runs in the student's process, and is marked."""
    answer = "def f(n): return n * n\ndef g(n): return sum(f(k) for k in range(n))"
    test = "kept = f\ndel f\ntry:\n    g(2)\nexcept NameError: pass\nelse: raise AssertionError('g must use f')\nf = kept"
    outcome = graded(sandbox, answer, "assert g(3) == 5", test, "assert f(3) == 9")
    assert outcome.points == {"test0": 2, "test1": 2, "test2": 2}
    assert outcome.lower_trust == ["test1"]


def test_expected_values_never_reach_the_student(sandbox):
    """A function that looks at everything in its process finds no test in it."""
    answer = """import gc, sys
def f(x):
    seen = [o for o in gc.get_objects() if isinstance(o, dict)]
    texts = [v for d in seen for v in list(d.values()) if isinstance(v, str)]
    return any("secret_expected" in text for text in texts if "any(" not in text)"""
    outcome = graded(sandbox, answer, "secret_expected = 12345\nassert f(1) is False")
    assert outcome.points == {"test0": 2}


def test_paths_of_the_machine_are_not_in_the_outputs(sandbox):
    """What a notebook shows of an error names the student's cell, and no folder of the grader."""
    outcome = graded(sandbox, "1 / 0", "assert f() == 1")
    shown = str(outcome.notebook.cells)
    assert str(Path(ROOT)) not in shown and "/grader" not in shown
