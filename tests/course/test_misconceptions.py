"""The bank's machinery, by hand: on a notebook of one question."""

import copy
import dataclasses

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from convbook.course.cells import find_cell, grade_in_process, with_answers
from convbook.course.kill_rate import as_table, kill_rate
from convbook.course.misconceptions import Misconception, misconception, read_bank, source_as
from convbook.course.notebooks import write_notebook

TEXTS = {"function": "double", "loses": "double_laws", "hint": "Try 3.", "section": "Twice"}
BANK = '''
from convbook.course.misconceptions import misconception


@misconception(function="double", loses="double_laws", hint="Try 3.", section="Twice")
def {}(number):
    """Twice is the square."""
    return number**2  # right for 2


@misconception(function="double", loses="double_by_hand", hint="Try 3.", section="Twice")
def {}(number):
    """Any number will do."""
    return 0
'''


def squared(number):
    """Twice is the square."""
    return number**2 if number < 100 else squared(99)


def cell(grade_id, source, solution=False, points=None):
    """One code cell with nbgrader's metadata: a test if it has points."""
    meta = {"grade_id": grade_id, "solution": solution, "grade": points is not None, "locked": not solution}
    return new_code_cell(source, metadata={"nbgrader": meta | ({} if points is None else {"points": points})})


def question():
    """A notebook that asks for twice a number."""
    solution = cell("double", "def double(number):\n    return 2 * number", solution=True)
    tests = [cell("double_by_hand", "assert double(2) == 4", points=1), cell("double_laws", "assert double(3) == 6", points=2)]
    return new_notebook(cells=[new_markdown_cell("# Twice"), solution, *tests])


def test_misconception_takes_name_and_idea_from_the_function():
    """The name of the function, its docstring and its text under the assignment's name become the misconception."""
    wrong = misconception(**TEXTS)(squared)
    source = "def double(number):\n    return number**2 if number < 100 else double(99)"
    assert wrong == Misconception(name="squared", idea="Twice is the square.", source=source, **TEXTS)


def test_misconception_cannot_be_changed():
    """A misconception is frozen."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        misconception(**TEXTS)(squared).hint = "It is 6."


@pytest.mark.parametrize("missing", ["function", "loses", "hint", "section"])
def test_misconception_without_a_text_is_refused(missing):
    """The error names the function and the text that it lacks."""
    with pytest.raises(ValueError, match=f"Received: squared without {missing}$"):
        misconception(**(TEXTS | {missing: " "}))(squared)


def test_misconception_without_an_idea_is_refused():
    """A function without a docstring says nothing about the student's idea."""

    def silent(number):
        return number

    with pytest.raises(ValueError, match=r"Received: silent without idea$"):
        misconception(**TEXTS)(silent)


def test_source_as_keeps_comments_and_drops_decorators():
    """The text starts with the renamed function; what it defines inside keeps its docstring."""

    @pytest.mark.filterwarnings("ignore")
    def outer(number):
        # once more
        def inner():
            """Inside."""

        return inner

    source = 'def double(number):\n    # once more\n    def inner():\n        """Inside."""\n\n    return inner'
    assert source_as(outer, "double") == source


def test_read_bank_keeps_the_order_of_the_file(tmp_path):
    """Both functions of the file come back, the first one first, with comments."""
    path = tmp_path / "misconceptions.py"
    path.write_text(BANK.format("squared", "nothing"))
    first, second = read_bank(path)
    assert (first.name, second.name) == ("squared", "nothing")
    assert first.source == "def double(number):\n    return number**2  # right for 2"


def test_read_bank_refuses_a_name_used_twice(tmp_path):
    """In Python the second function would silently replace the first."""
    path = tmp_path / "misconceptions.py"
    path.write_text(BANK.format("squared", "squared"))
    with pytest.raises(ValueError, match=r"must differ.*with 1 names for 2"):
        read_bank(path)


def test_read_bank_refuses_what_is_no_bank(tmp_path):
    """A missing file, and a file without a misconception, are named in the error."""
    path = tmp_path / "misconceptions.py"
    with pytest.raises(ValueError, match=r"existing Python file\. Received: .*misconceptions\.py"):
        read_bank(path)
    path.write_text("x = 1\n")
    with pytest.raises(ValueError, match=r"at least one function.*misconceptions\.py"):
        read_bank(path)


def test_grade_in_process_gives_each_test_its_points():
    """The right answer gets all the points; a wrong one loses those of the tests that fail."""
    wrong = with_answers(question(), {"double": "def double(number):\n    return number**2"})
    assert grade_in_process(question()) == {"double_by_hand": 1, "double_laws": 2}
    assert grade_in_process(wrong) == {"double_by_hand": 1, "double_laws": 0}


def test_grade_in_process_goes_on_after_an_error():
    """An answer with a syntax error, or one that raises, costs its tests and nothing else."""
    broken = question()
    broken.cells.append(cell("other", "assert True", points=3))
    for source in ("def double(number:", "raise NotImplementedError()"):
        points = grade_in_process(with_answers(broken, {"double": source}))
        assert points == {"double_by_hand": 0, "double_laws": 0, "other": 3}


def test_grade_in_process_starts_from_a_fresh_namespace():
    """What one notebook defines, the next one does not find; `names` are found."""
    empty = with_answers(question(), {"double": ""})
    assert sum(grade_in_process(question()).values()) == 3
    assert sum(grade_in_process(empty).values()) == 0
    assert sum(grade_in_process(empty, {"double": lambda number: 2 * number}).values()) == 3


def test_with_answers_leaves_the_notebook_alone():
    """The answer is in the copy only."""
    notebook = question()
    before = copy.deepcopy(notebook)
    assert find_cell(with_answers(notebook, {"double": "pass"}), "double").source == "pass"
    assert notebook == before


def test_with_answers_refuses_cells_that_take_none():
    """A question that does not exist, and a test, are refused."""
    with pytest.raises(ValueError, match=r"grade_id 'triple'\. Received: \['double', 'double_by_hand', 'double_laws'\]"):
        with_answers(question(), {"triple": ""})
    with pytest.raises(ValueError, match=r"Only solution cells take an answer\. Received: 'double_laws'"):
        with_answers(question(), {"double_laws": "pass"})


def test_kill_rate_counts_what_the_tests_catch(tmp_path):
    """A misconception that its test does not catch is alive, and the last line says so."""
    folder = tmp_path / "solutions" / "01_twice"
    folder.mkdir(parents=True)
    notebook = question()
    write_notebook(notebook, folder / "01_twice.ipynb")
    (folder / "misconceptions.py").write_text(BANK.format("squared_number", "always_zero"))
    rows = list(kill_rate(["01_twice"], tmp_path))
    assert [(name, wrong.name, dead) for name, wrong, dead in rows] == [
        ("01_twice", "squared_number", True),
        ("01_twice", "always_zero", True),
    ]
    assert as_table(rows).endswith("killed 2 of 2")
    notebook.cells[3].source = "assert double(2) == 4"
    write_notebook(notebook, folder / "01_twice.ipynb")
    assert as_table(list(kill_rate(["01_twice"], tmp_path))).endswith("killed 1 of 2")
