"""The cells with `check` in an assignment: one that gets it, and one below the tests of each question.

They belong to the student and are not graded. `convbook release` writes them into `solutions/`, from where nbgrader
releases them.
"""

from __future__ import annotations

import copy

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from convbook.course.cells import find_cell, grade_id
from convbook.course.settings import Repository

CHECK_TAG = "check"
IGNORED = "nbval-ignore-output"  # what it printed, when the notebook was saved, says nothing; see `check`
SETUP = """\
# This cell gets `check`, which helps while you solve. Where the course's package is missing, as on Colab, it is installed.
import importlib.util

if importlib.util.find_spec("convbook") is None:
    %pip install --quiet "convbook @ git+{url}@{branch}"

try:
    from convbook.check import check
except ImportError:

    def check(*_):
        print("check is not there, because the package convbook could not be installed. The tests work without it.")"""


def is_check(cell: NotebookNode) -> bool:
    """Whether a cell is one of those that are written here."""
    return CHECK_TAG in cell.metadata.get("tags", []) and not grade_id(cell)


def check_cell(name: str, source: str) -> NotebookNode:
    """A code cell that is not graded."""
    return new_code_cell(source, id=name, metadata={"tags": [CHECK_TAG, IGNORED]})


def with_check_cells(notebook: NotebookNode, name: str, repository: Repository) -> NotebookNode:
    """A copy of an instructor's notebook with its check cells, made anew."""
    made = copy.deepcopy(notebook)
    made.cells = [cell for cell in made.cells if not is_check(cell)]
    functions = [grade_id(cell) for cell in made.cells if cell.cell_type == "code" and cell.metadata.nbgrader.solution]
    for function in functions:
        cell = check_cell(f"check-{function.replace('_', '-')}", f'check("{name}", {function})')
        made.cells.insert(made.cells.index(find_cell(made, f"{function}_laws")) + 1, cell)
    tools = [number for number, cell in enumerate(made.cells) if grade_id(cell).endswith("tools")]
    setup = SETUP.format(url=repository.url, branch=repository.branch)
    made.cells.insert(tools[-1] + 1, check_cell("check-setup", setup))
    return made
