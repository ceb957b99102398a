"""Assignment 02: right answers get full marks, wrong ones lose points where they should, the release gives nothing away."""

import copy
import itertools
import re

import numpy as np
import pytest

from convbook.misconceptions import find_cell, grade_in_process, load_module, read_bank, with_answers
from convbook.notebooks import read_notebook
from convbook.release import generate
from convbook.sample_class import answer_source, reference_answer
from convbook.settings import ROOT

FOLDER = ROOT / "solutions" / "02_convolution"
SOURCE = read_notebook(FOLDER / "02_convolution.ipynb")
BANK = read_bank(FOLDER / "misconceptions.py")
CLASS = load_module(ROOT / "tests" / "sample_class" / "answers.py")
FUNCTIONS = CLASS["FUNCTIONS"]
META = [cell.metadata["nbgrader"] for cell in SOURCE.cells if "nbgrader" in cell.metadata]
POINTS = {meta["grade_id"]: meta["points"] for meta in META if meta["grade"] and not meta["solution"]}
RECORDER = """
_answer = {function}
def {function}(*arguments):
    calls.append(copy(arguments))
    return _answer(*arguments)
"""

by_name = pytest.mark.parametrize("wrong", BANK, ids=lambda wrong: wrong.name)


def sources_of(functions):
    """The text of each function, under the name of the question that it answers."""
    return {question: answer_source(question, answer) for question, answer in functions.items()}


def call(source, name, arguments):
    """What a function does: its result, or the name of its error, and its arguments afterwards."""
    namespace, arguments = {"np": np}, copy.deepcopy(arguments)
    exec(source, namespace)
    try:
        result = namespace[name](*arguments)
    except Exception as error:
        result = (type(error).__name__,)
    return [np.asarray(part) for part in (result if isinstance(result, tuple) else (result,))] + list(
        map(np.asarray, arguments)
    )


def differ(some, other):
    """True if two calls did different things, by more than rounding."""
    if [(a.shape, a.dtype.kind == "U") for a in some] != [(b.shape, b.dtype.kind == "U") for b in other]:
        return True
    return any(np.any(a != b) if a.dtype.kind == "U" else not np.allclose(a, b, equal_nan=True) for a, b in zip(some, other))


@pytest.fixture(scope="module")
def inputs():
    """The arguments of every call that the tests make, for each function."""
    found = {}
    for function in FUNCTIONS:
        source = reference_answer(SOURCE, function) + RECORDER.format(function=function)
        names = {"calls": [], "copy": copy.deepcopy}
        assert grade_in_process(with_answers(SOURCE, {function: source}), names) == POINTS
        found[function] = names["calls"]
    return found


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """The folder that nbgrader releases."""
    folder = tmp_path_factory.mktemp("release")
    generate(["02_convolution"], folder)
    return folder / "02_convolution"


def test_points_add_up_as_the_first_cell_says():
    """Tests give 17 points, the written answer gives 3, and the title's table and headings say so."""
    assert sum(POINTS.values()) == 17
    assert find_cell(SOURCE, "reflection").metadata["nbgrader"]["points"] == 3
    title = SOURCE.cells[0].source
    assert "**Points:** 20; tests give 17" in title
    for function in FUNCTIONS:
        points = POINTS[f"{function}_by_hand"] + POINTS[f"{function}_laws"]
        assert re.search(rf"`{function}`: .* \| {points} \|", title), function


def test_source_has_no_outputs_and_unique_names():
    """The stored notebook has not been run, and no two cells have one grade_id."""
    assert not any(cell.outputs or cell.execution_count for cell in SOURCE.cells if cell.cell_type == "code")
    assert len({meta["grade_id"] for meta in META}) == len(META)


def test_reference_gets_full_marks():
    """The solution passes every test."""
    assert grade_in_process(SOURCE) == POINTS


def test_vectorised_answers_get_full_marks():
    """A second set of right answers, written without a loop over pixels, passes every test."""
    assert grade_in_process(with_answers(SOURCE, sources_of(CLASS["VECTORISED"]))) == POINTS


def test_zeros_get_nothing():
    """Arrays of the right shape that hold zeros pass no test."""
    assert set(grade_in_process(with_answers(SOURCE, sources_of(CLASS["ZEROS"]))).values()) == {0}


def test_released_notebook_gets_nothing(released):
    """A student who hands in what was released passes no test, with the hidden tests in place too."""
    notebook = read_notebook(released / "02_convolution.ipynb")
    stubs = {function: find_cell(notebook, function).source for function in FUNCTIONS}
    assert set(grade_in_process(with_answers(SOURCE, stubs)).values()) == {0}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_hard_coded_example_passes_the_visible_test_only(function):
    """An answer that knows the visible test's results and nothing else gets 1 point for the question."""
    names = {"calls": [], "copy": copy.deepcopy}
    visible = with_answers(SOURCE, {function: reference_answer(SOURCE, function) + RECORDER.format(function=function)})
    visible.cells.remove(find_cell(visible, f"{function}_laws"))
    grade_in_process(visible, names)
    namespace = {"np": np}
    exec(reference_answer(SOURCE, function), namespace)
    known = {str(arguments): namespace[function](*arguments) for arguments in names["calls"]}
    assert 1 <= len(known) <= 2
    hard_coded = f"def {function}(*arguments):\n    return known[str(arguments)]"
    points = grade_in_process(with_answers(SOURCE, {function: hard_coded}), {"known": known})
    assert points == POINTS | {f"{function}_laws": 0}


@by_name
def test_misconception_loses_the_test_meant_for_it(wrong):
    """A misconception fails its test, and every test of the other questions passes."""
    points = grade_in_process(with_answers(SOURCE, {wrong.function: wrong.source}))
    assert points[wrong.loses] == 0
    assert points[f"{wrong.function}_laws"] == 0
    assert {k: v for k, v in points.items() if not k.startswith(wrong.function)} == {
        k: v for k, v in POINTS.items() if not k.startswith(wrong.function)
    }


def test_bank_covers_every_function():
    """There are at least 8 misconceptions, and at least 4 of each function."""
    counts = {function: sum(wrong.function == function for wrong in BANK) for function in FUNCTIONS}
    assert len(BANK) >= 8
    assert min(counts.values()) >= 4, counts
    assert {wrong.function for wrong in BANK} == set(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_misconceptions_of_a_function_can_be_told_apart(function, inputs):
    """For any two of them, and for each and the reference, some input of the tests gives different results."""
    sources = {wrong.name: wrong.source for wrong in BANK if wrong.function == function}
    sources["reference"] = reference_answer(SOURCE, function)
    with np.errstate(all="ignore"):
        done = {
            name: [call(source, function, arguments) for arguments in inputs[function]] for name, source in sources.items()
        }
    for some, other in itertools.combinations(done, 2):
        assert any(differ(a, b) for a, b in zip(done[some], done[other])), f"{some} and {other} do the same"


def test_hints_name_headings_of_the_chapter():
    """Each hint sends the student to a section that chapter 02 has."""
    chapter = read_notebook(ROOT / "chapters" / "02_convolution.ipynb")
    text = "\n".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")
    headings = {line.lstrip("#").strip() for line in text.splitlines() if line.startswith("##")}
    assert {wrong.section for wrong in BANK} <= headings


@by_name
def test_hint_does_not_contain_the_answer(wrong):
    """A hint is a sentence or more, in words: no code, no call and no line of the solution."""
    assert wrong.hint.endswith((".", "?"))
    assert not re.search(r"[`=\[\]]|np\.|\(\)|\b(simply|just)\b", wrong.hint)


def hidden_lines():
    """The lines of solutions, hidden tests and the model answer that must not be released."""
    text = "\n".join(cell.source for cell in SOURCE.cells)
    regions = re.findall(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", text, flags=re.DOTALL)
    assert len(regions) == 13  # six solutions, six hidden tests, one model answer
    return {line.strip() for _, region in regions for line in region.splitlines() if len(line.strip()) > 15}


def test_release_contains_no_solution_and_no_hidden_test(released):
    """No line of a solution, of a hidden test or of the model answer is in the released notebook."""
    text = "\n".join(cell.source for cell in read_notebook(released / "02_convolution.ipynb").cells)
    assert not {line for line in hidden_lines() if line in text}
    assert not re.search("BEGIN (SOLUTION|HIDDEN)|END (SOLUTION|HIDDEN)|Rubric|scipy.signal import", text)
    assert text.count("raise NotImplementedError()") == 6 + 1  # the first cell speaks of it


def test_release_contains_the_notebook_only(released):
    """The bank of misconceptions stays with the instructor."""
    assert [path.name for path in released.rglob("*")] == ["02_convolution.ipynb"]
