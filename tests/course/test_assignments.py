"""Every assignment: right answers get full marks, wrong ones lose points where they should, the release gives nothing away."""

import copy
import itertools
import re
from dataclasses import dataclass
from functools import cached_property

import pytest

from convbook.autograder.sample_class import answer_source
from convbook.course.assignments import assignment_names
from convbook.course.behaviour import outcome, same
from convbook.course.calls import recorded
from convbook.course.cells import find_cell, grade_in_process, reference_answer, with_answers
from convbook.course.diagnosis import calls_of_tests, defined, given_names
from convbook.course.kill_rate import question
from convbook.course.misconceptions import load_module, read_bank
from convbook.course.notebooks import read_notebook
from convbook.course.release import generate
from convbook.course.settings import ROOT

SEEDS = ("0", "7", "2026")  # the grader draws one each time; what must hold, must hold for any


@dataclass(frozen=True)
class Assignment:
    """An assignment as its author wrote it, and a second set of answers to it."""

    name: str

    @cached_property
    def source(self):
        """The instructor's notebook."""
        return read_notebook(ROOT / "solutions" / self.name / f"{self.name}.ipynb")

    @cached_property
    def bank(self):
        """Its misconceptions."""
        return read_bank(ROOT / "solutions" / self.name / "misconceptions.py")

    @cached_property
    def answers(self):
        """VECTORISED: right answers written another way; ZEROS: right shapes that hold nothing."""
        own = ROOT / "tests" / "answers" / f"{self.name}.py"
        return load_module(own if own.is_file() else ROOT / "tests" / "sample_class" / "answers.py")

    @cached_property
    def meta(self):
        """nbgrader's metadata of its cells, in order."""
        return [cell.metadata["nbgrader"] for cell in self.source.cells if "nbgrader" in cell.metadata]

    @cached_property
    def functions(self):
        """The functions that it asks for."""
        return [meta["grade_id"] for meta in self.meta if meta["solution"] and not meta["grade"]]

    @cached_property
    def points(self):
        """What each test gives."""
        return {meta["grade_id"]: meta["points"] for meta in self.meta if meta["grade"] and not meta["solution"]}

    def only(self, function):
        """The notebook without the other questions."""
        return question(self.source, function)

    def sources_of(self, answers):
        """The text of each function, under the name of the question that it answers."""
        return {question: answer_source(question, answer) for question, answer in answers.items()}


ASSIGNMENTS = {name: Assignment(name) for name in assignment_names()}
WRONG = [(assignment, wrong) for assignment in ASSIGNMENTS.values() for wrong in assignment.bank]
QUESTIONS = [(assignment, function) for assignment in ASSIGNMENTS.values() for function in assignment.functions]


def case(assignment, *more):
    """A case of a test; what trains networks, from 08 on, is slow."""
    marks = pytest.mark.slow if assignment.name >= "08" else ()
    names = [assignment.name, *(getattr(part, "name", part) for part in more)]
    return pytest.param(assignment, *more, marks=marks, id="-".join(names))


each = pytest.mark.parametrize("assignment", [case(assignment) for assignment in ASSIGNMENTS.values()])
each_wrong = pytest.mark.parametrize("assignment, wrong", [case(*pair) for pair in WRONG])
each_question = pytest.mark.parametrize("assignment, function", [case(*pair) for pair in QUESTIONS])
any_seed = pytest.mark.parametrize("seed", SEEDS)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """The folder that nbgrader releases all assignments into."""
    folder = tmp_path_factory.mktemp("release")
    generate(list(ASSIGNMENTS), folder)
    return folder


@each
def test_points_add_up_as_the_first_cell_says(assignment):
    """Tests give 17 points, the written answer gives 3, and the title's table and headings say so."""
    assert sum(assignment.points.values()) == 17
    assert find_cell(assignment.source, "reflection").metadata["nbgrader"]["points"] == 3
    title = assignment.source.cells[0].source
    assert "**Points:** 20; tests give 17" in title and re.search(r"\*\*Time:\*\* about \d+ minutes", title)
    assert 4 <= len(assignment.functions) <= 8
    for function in assignment.functions:
        points = assignment.points[f"{function}_by_hand"] + assignment.points[f"{function}_laws"]
        assert re.search(rf"`{function}`: .* \| {points} \|", title), function


@each
def test_source_has_no_outputs_and_unique_names(assignment):
    """The stored notebook has not been run, and no two cells have one grade_id."""
    code = [cell for cell in assignment.source.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert len({meta["grade_id"] for meta in assignment.meta}) == len(assignment.meta)


def test_tools_are_the_same_everywhere():
    """The helpers of the tests are one text."""
    assert len({find_cell(assignment.source, "tools").source for assignment in ASSIGNMENTS.values()}) == 1


@any_seed
@each
def test_right_answers_get_full_marks(assignment, seed, monkeypatch):
    """The solution and a second set of right answers, written another way, pass every test."""
    monkeypatch.setenv("CONVBOOK_SEED", seed)
    assert grade_in_process(assignment.source) == assignment.points
    other = assignment.sources_of(assignment.answers["VECTORISED"])
    assert list(other) == assignment.functions
    assert grade_in_process(with_answers(assignment.source, other)) == assignment.points


@any_seed
@each
def test_zeros_get_nothing(assignment, seed, monkeypatch):
    """Results of the right shape that hold zeros pass no test."""
    monkeypatch.setenv("CONVBOOK_SEED", seed)
    zeros = assignment.sources_of(assignment.answers["ZEROS"])
    assert list(zeros) == assignment.functions
    assert set(grade_in_process(with_answers(assignment.source, zeros)).values()) == {0}


@each
def test_released_notebook_gets_nothing(assignment, released):
    """A student who hands in what was released passes no test, with the hidden tests in place too."""
    notebook = read_notebook(released / assignment.name / f"{assignment.name}.ipynb")
    stubs = {function: find_cell(notebook, function).source for function in assignment.functions}
    assert set(grade_in_process(with_answers(assignment.source, stubs)).values()) == {0}


@each_question
def test_hard_coded_example_passes_the_visible_test_only(assignment, function):
    """An answer that knows the visible test's results and nothing else gets 1 point for the question."""
    part = assignment.only(function)
    visible = copy.deepcopy(part)
    visible.cells.remove(find_cell(visible, f"{function}_laws"))
    calls, _ = recorded(visible, function, mark=lambda result: result)
    answer = defined(reference_answer(assignment.source, function), function, given_names(assignment.source))
    known = {str(arguments): answer(*arguments) for arguments in calls}
    assert known
    hard_coded = f"def {function}(*arguments):\n    return known[str(arguments)]"
    points = grade_in_process(with_answers(part, {function: hard_coded}), {"known": known})
    assert points == {f"{function}_by_hand": 1, f"{function}_laws": 0}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # some of them divide by zero
@each_wrong
def test_misconception_loses_the_test_meant_for_it(assignment, wrong):
    """A misconception fails its test and the hidden one; meant for the hidden one alone, it is right in the example."""
    points = grade_in_process(with_answers(assignment.only(wrong.function), {wrong.function: wrong.source}))
    by_hand, laws = f"{wrong.function}_by_hand", f"{wrong.function}_laws"
    assert wrong.loses in (by_hand, laws)
    assert points == {by_hand: assignment.points[by_hand] if wrong.loses == laws else 0, laws: 0}


@each_question
def test_questions_do_not_depend_on_each_other(assignment, function):
    """Each question can be answered and graded alone."""
    points = grade_in_process(assignment.only(function))
    assert points == {name: assignment.points[name] for name in points} and len(points) == 2


@each
def test_bank_covers_every_function(assignment):
    """There are at least 8 misconceptions, and at least 4 of each function."""
    counts = {function: sum(wrong.function == function for wrong in assignment.bank) for function in assignment.functions}
    assert len(assignment.bank) >= 8
    assert min(counts.values()) >= 4, counts
    assert {wrong.function for wrong in assignment.bank} == set(assignment.functions)


@each_question
def test_misconceptions_of_a_function_can_be_told_apart(assignment, function):
    """For any two of them, and for each and the reference, some input of the tests gives different results."""
    sources = {wrong.name: wrong.source for wrong in assignment.bank if wrong.function == function}
    sources["reference"] = reference_answer(assignment.source, function)
    calls = calls_of_tests(assignment.source, function)
    given = given_names(assignment.source)
    answers = {name: defined(source, function, given) for name, source in sources.items()}
    done = {name: [outcome(answer, arguments) for arguments in calls] for name, answer in answers.items()}
    for some, other in itertools.combinations(done, 2):
        assert not all(same(a, b) for a, b in zip(done[some], done[other])), f"{some} and {other} do the same"


@each
def test_hints_name_headings_of_the_chapter(assignment):
    """Each hint sends the student to a section that the chapter of this name has."""
    chapter = read_notebook(ROOT / "chapters" / f"{assignment.name}.ipynb")
    text = "\n".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")
    headings = {line.lstrip("#").strip() for line in text.splitlines() if line.startswith("##")}
    assert {wrong.section for wrong in assignment.bank} <= headings


@each_wrong
def test_hint_does_not_contain_the_answer(assignment, wrong):
    """A hint is a sentence or more, in words: no code, no call and no line of the solution."""
    assert wrong.hint.endswith((".", "?"))
    assert not re.search(r"[`=\[\]]|np\.|\(\)|\b(simply|just)\b", wrong.hint)


def hidden_lines(assignment):
    """The lines of solutions, hidden tests and the model answer that must not be released."""
    text = "\n".join(cell.source for cell in assignment.source.cells)
    regions = re.findall(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", text, flags=re.DOTALL)
    assert len(regions) == 2 * len(assignment.functions) + 1  # solutions, hidden tests, one model answer
    return {line.strip() for _, region in regions for line in region.splitlines() if len(line.strip()) > 15}


@each
def test_release_contains_no_solution_and_no_hidden_test(assignment, released):
    """No line of a solution, of a hidden test or of the model answer is in the released notebook."""
    notebook = read_notebook(released / assignment.name / f"{assignment.name}.ipynb")
    text = "\n".join(cell.source for cell in notebook.cells)
    assert not {line for line in hidden_lines(assignment) if line in text}
    assert not re.search("BEGIN (SOLUTION|HIDDEN)|END (SOLUTION|HIDDEN)|Rubric|scipy", text.partition("## How to check")[2])
    assert text.count("raise NotImplementedError()") == len(assignment.functions) + 1  # the first cell speaks of it


@each
def test_release_contains_the_notebook_only(assignment, released):
    """The bank of misconceptions and the grader's rules stay with the instructor."""
    assert [path.name for path in (released / assignment.name).rglob("*")] == [f"{assignment.name}.ipynb"]
