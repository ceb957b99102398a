"""The benchmark measures what it says: the cases of the page, ratios of one run, memory of one call."""

import numpy as np
import pytest

from convbook.autograder import benchmark as grading
from convbook.course import benchmark
from convbook.course.benchmark import CONVOLUTIONS, Case, Result, measure, peak_memory, table


def test_measure_takes_ratios_of_one_round():
    """A side that does the same work ten times has a ratio of about ten, whatever the machine does."""
    x = np.random.default_rng(0).normal(size=(200, 200))

    def work(times):
        return lambda: [x @ x for _ in range(times)]

    result = measure(Case("ten against one", work(10), work(1)), rounds=9)
    assert 4 < result.ratio < 25
    assert result.ours > result.theirs > 0


def test_peak_memory_counts_what_a_call_holds():
    """Two arrays of 1 MiB that are held together are 2 MiB; one after the other, 1 MiB."""
    together = peak_memory(lambda: (np.ones(2**17), np.ones(2**17)))
    in_turn = peak_memory(lambda: [np.ones(2**17).sum() for _ in range(2)])
    assert together == pytest.approx(2, abs=0.1) and in_turn == pytest.approx(1, abs=0.1)


def test_table_has_a_line_a_case():
    """A header, a rule, and the numbers of each case."""
    lines = table([Result("conv", 1.0, 2.0, 0.5, 3.0), Result("pool", 2.0, 1.0, 2.0, 4.0)]).splitlines()
    assert len(lines) == 4
    assert lines[2] == "| conv | 1.0 | 2.0 | **0.50** | 3 |"


@pytest.mark.slow
@pytest.mark.parametrize("cases", [benchmark.convolution_cases, benchmark.layer_cases, lambda: [benchmark.training_case()]])
def test_cases_compute_the_same_on_both_sides(cases):
    """Every case runs on both sides; a convolution holds less than 50 MiB beyond its arguments."""
    made = cases()
    assert len(made) >= 1
    for case in made:
        assert case.theirs() is not None and case.ours() is not None
        if case.name.startswith("conv2d"):
            assert peak_memory(case.ours) < 50


def test_page_shows_the_convolutions_of_the_benchmark():
    """The stored table has a line for each convolution that the benchmark measures now: else run `make bench`."""
    text = (benchmark.ROOT / "pages/speed_table.md").read_text(encoding="utf-8")
    for shape, filters, size, strides, padding in CONVOLUTIONS:
        assert f"conv2d {shape} → {filters}, {size}×{size}, strides {strides}, {padding}" in text


def test_page_shows_the_sides_of_the_grading_benchmark():
    """The stored table has both kinds of submissions, graded by stock nbgrader and by `convbook grade`."""
    text = grading.TABLE.read_text(encoding="utf-8")
    for kind in ("NumPy", "Keras"):
        assert f"| {kind} | stock nbgrader |" in text and f"| {kind} | convbook, 1 worker |" in text


def test_grading_table_takes_ratios_of_one_round():
    """A side that takes five times the CPU of the last one says so; the hours follow from the seconds."""

    def sides():
        slow, fast = grading.Figures([5.0, 10.0], [4.0, 4.0]), grading.Figures([1.0, 2.0], [0.36, 0.36])
        return {"stock nbgrader": slow, "convbook, 2 workers": fast}

    table = grading.as_table({"NumPy": sides(), "Keras": sides()})
    assert "| NumPy | stock nbgrader | 7.50 | 4.00 | 5.0 | 11.1 |" in table
    assert "take 1.2 hours" in table


@pytest.mark.slow
def test_grading_benchmark_grades_on_both_sides(need_sandbox, tmp_path):
    """Both sides grade the same submissions, and all of them get full marks."""
    course = grading.make_course(tmp_path)
    assert min(grading.stock(course, grading.NUMPY, ["s00"])) > 0
    assert min(grading.ours(course, grading.NUMPY, ["s00", "s01"], workers=1)) > 0
