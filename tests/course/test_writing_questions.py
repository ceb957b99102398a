"""The page that tells how to write a question: its code makes a question that holds."""

import re

from nbformat.v4 import new_code_cell, new_notebook

from convbook.course.assignments import assignment_names
from convbook.course.cells import find_cell, grade_in_process, with_answers
from convbook.course.kill_rate import PAGE, is_killed, page_row
from convbook.course.misconceptions import read_bank
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT

ANSWER, BY_HAND, LAWS, BANK = re.findall(r"```python\n(.*?)```", (ROOT / "pages/writing_questions.md").read_text(), re.DOTALL)


def cell(name, source, points=None):
    """A code cell as nbgrader's Create Assignment makes it."""
    meta = {"grade_id": name, "grade": points is not None, "solution": points is None, "locked": points is not None}
    return new_code_cell(source, metadata={"nbgrader": meta | ({} if points is None else {"points": points})})


def question():
    """The page's question below the tools of an assignment."""
    tools = find_cell(read_notebook(ROOT / "solutions/02_convolution/02_convolution.ipynb"), "tools")
    parts = [cell("leaky_relu", ANSWER), cell("leaky_relu_by_hand", BY_HAND, 1), cell("leaky_relu_laws", LAWS, 2)]
    return new_notebook(cells=[tools, *parts])


def bank(folder):
    """The page's misconceptions."""
    path = folder / "misconceptions.py"
    path.write_text(f"import numpy as np\nfrom convbook.course.misconceptions import misconception\n\n\n{BANK}")
    return read_bank(path)


def test_the_page_s_question_gives_its_points_to_a_right_answer_alone():
    """The solution earns 3 points, zeros none, and an answer for the example only earns 1."""
    asked = question()
    assert grade_in_process(asked) == {"leaky_relu_by_hand": 1, "leaky_relu_laws": 2}
    zeros = with_answers(asked, {"leaky_relu": "def leaky_relu(x, slope):\n    return np.zeros(x.shape)"})
    assert set(grade_in_process(zeros).values()) == {0}
    example = "def leaky_relu(x, slope):\n    return np.array([-0.2, 0.0, 3.0])"
    assert grade_in_process(with_answers(asked, {"leaky_relu": example})) == {"leaky_relu_by_hand": 1, "leaky_relu_laws": 0}


def test_the_page_s_misconceptions_lose_the_tests_meant_for_them(tmp_path):
    """Both are killed, and both name a section that chapter 02 has."""
    chapter = "\n".join(cell.source for cell in read_notebook(ROOT / "chapters/02_convolution.ipynb").cells)
    wrong = bank(tmp_path)
    assert len(wrong) == 2 and all(is_killed(question(), one) for one in wrong)
    assert all(f"## {one.section}\n" in chapter for one in wrong)


def test_the_page_s_example_is_short():
    """The code of the worked example has fewer than 60 lines."""
    assert sum(len(part.splitlines()) for part in (ANSWER, BY_HAND, LAWS, BANK)) < 60


def test_the_list_of_misconceptions_is_that_of_the_banks():
    """The page has a line for every misconception, and they were all killed when it was written."""
    banks = [wrong for name in assignment_names() for wrong in read_bank(ROOT / "solutions" / name / "misconceptions.py")]
    lines = PAGE.read_text().splitlines()
    assert [line for line in lines if line.startswith("| `")] == [page_row(wrong, True) for wrong in banks]
    assert lines[0] == f"**Killed {len(banks)} of {len(banks)}.**"
