"""Two errors at once are found where one of them is a twist of arguments or result."""

import numpy as np
import pytest

from convbook.course.behaviour import outcome
from convbook.course.cells import reference_answer
from convbook.course.compose import find_pair
from convbook.course.diagnosis import calls_of_tests, defined, given_names
from convbook.course.misconceptions import read_bank
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT


def question(name, function):
    """(right answer, [(misconception, its function)], the tests' calls) of one question."""
    notebook = read_notebook(ROOT / "solutions" / name / f"{name}.ipynb")
    given = given_names(notebook)
    bank = [wrong for wrong in read_bank(ROOT / "solutions" / name / "misconceptions.py") if wrong.function == function]
    answers = [(wrong, defined(wrong.source, function, given)) for wrong in bank]
    return defined(reference_answer(notebook, function), function, given), answers, calls_of_tests(notebook, function)


def pair(name, function, answer):
    """The names of the two misconceptions that an answer to a question holds."""
    right, bank, calls = question(name, function)
    return {wrong.name for wrong in find_pair(right, bank, calls, [outcome(answer, arguments) for arguments in calls])}


def flipped_and_jumping(image, kernel, dilation):
    """A student's own loops: the kernel is flipped, and dilation moves the window."""
    (height, width), (kh, kw) = image.shape, kernel.shape
    rows = []
    for i in range(0, height - kh + 1, dilation):
        row = []
        for j in range(0, width - kw + 1, dilation):
            total = 0.0
            for p in range(kh):
                for q in range(kw):
                    total += float(image[i + p, j + q]) * kernel[kh - 1 - p, kw - 1 - q]
            row.append(total)
        rows.append(row)
    return np.array(rows)


def test_two_errors_in_one_answer_are_both_named():
    """A flipped kernel and a window that jumps, written in another way than the bank's, are found together."""
    found = pair("02_convolution", "dilated_cross_correlate2d", flipped_and_jumping)
    assert found == {"dilated_kernel_flipped", "window_jumps"}


@pytest.mark.parametrize("answer", [lambda image, kernel, dilation: image * 0.0, lambda *_: None])
def test_an_answer_that_holds_no_two_errors_is_not_said_to(answer):
    """What equals no pair is not named as one."""
    assert pair("02_convolution", "dilated_cross_correlate2d", answer) == set()
