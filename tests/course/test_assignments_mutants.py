"""The tests of the assignments notice every change of a solution that makes a difference."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from convbook.course import mutants
from convbook.course.assignments import assignment_names
from convbook.course.mutants import ANY, Mutant, equivalent, survives, trial

ANSWER = 'def area(height, width):\n    """Its size."""\n    size = 0\n    size += height * width\n    return size'


def changes(answer):
    """What is changed in an answer, place by place."""
    return [mutant.change for mutant in mutants.mutants("area", answer)]


def notebook(*tests):
    """A notebook with one question and these tests of it."""
    names = ["area_by_hand", "area_laws"]
    cells = [new_code_cell(ANSWER, metadata={"nbgrader": {"grade_id": "area", "solution": True}})]
    cells += [new_code_cell(text, metadata={"nbgrader": {"grade_id": name}}) for name, text in zip(names, tests)]
    return new_notebook(cells=cells)


def test_every_kind_of_error_is_tried():
    """Operators, comparisons, constants, unpacking, indexes, reductions, number types and += are changed, one at a time."""
    assert changes(ANSWER) == [
        "size = 0 → size = 1",
        "size = 0 → size = -1",
        "size += height * width → size -= height * width",
        "size += height * width → size = height * width",
        "size += height * width → size += height / width",
    ]
    for answer, change in {
        "if a < b: pass": "if a < b: → if a <= b:",
        "a, b = x.shape": "a, b = x.shape → b, a = x.shape",
        "y[i, j]": "y[i, j] → y[j, i]",
        "y = x.max(axis=1)": "y = x.max(axis=1) → y = x.min(axis=1)",
        "y = x.astype(float)": "y = x.astype(float) → y = x.astype(np.float32)",
        "y = a and True": "y = a and True → y = a or True",
    }.items():
        assert change in changes(answer)


def test_weak_test_lets_a_mutant_live():
    """A question whose test asks for squares alone does not notice a division; one that asks for more does."""
    answer = ANSWER.replace("height * width", "height / width")
    assert survives(notebook("assert area(1, 1) == 1", "assert area(0, 2) == 0"), Mutant("area", "", answer))
    assert not survives(notebook("assert area(1, 1) == 1", "assert area(2, 3) == 6"), Mutant("area", "", answer))


def test_mutant_without_an_end_is_noticed(monkeypatch):
    """A loop that never ends has failed its test."""
    monkeypatch.setattr(mutants, "SECONDS", 1)
    assert not survives(notebook("area(1, 1)"), Mutant("area", "", "def area(height, width):\n    while True: pass"))


@pytest.mark.slow
@pytest.mark.parametrize("name", assignment_names())
@pytest.mark.filterwarnings("ignore")
def test_no_mutant_lives_without_a_reason(name):
    """Each survivor has its reason in the assignment's file, and each reason in it belongs to a survivor."""
    tried = trial(name)
    assert tried.new == []
    functions = {function for function, _ in tried.known}
    stale = [key for key in equivalent(name) if key not in tried.known and (key[1] != ANY or key[0] not in functions)]
    assert stale == []
