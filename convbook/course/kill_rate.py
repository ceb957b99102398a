"""Are the tests of the assignments any good? Every misconception is graded: it must lose the test that is meant for it."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from convbook.course.cells import grade_id, grade_in_process, with_answers
from convbook.course.misconceptions import Misconception, read_bank
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT

PAGE = ROOT / "pages" / "misconceptions_table.md"


def question(notebook: NotebookNode, function: str) -> NotebookNode:
    """An instructor's notebook with one question only: its tools, the answer and the tests of one function."""
    part = copy.deepcopy(notebook)
    kept = (function, f"{function}_by_hand", f"{function}_laws")
    part.cells = [cell for cell in part.cells if grade_id(cell) in kept or grade_id(cell).endswith("tools")]
    return part


def is_killed(notebook: NotebookNode, wrong: Misconception) -> bool:
    """Whether a misconception loses the test that is meant for it."""
    part = with_answers(question(notebook, wrong.function), {wrong.function: wrong.source})
    return grade_in_process(part)[wrong.loses] == 0


def kill_rate(names: list[str], root: Path = ROOT) -> Iterator[tuple[str, Misconception, bool]]:
    """(assignment, misconception, whether it is killed) for all of these assignments' banks."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for name in names:
        notebook = read_notebook(root / "solutions" / name / f"{name}.ipynb")
        for wrong in read_bank(root / "solutions" / name / "misconceptions.py"):
            yield name, wrong, is_killed(notebook, wrong)


def as_page(rows: list[tuple[str, Misconception, bool]]) -> str:
    """The same in Markdown, a table for each assignment: for the page of the book that lists them."""
    parts = [f"**Killed {sum(dead for *_, dead in rows)} of {len(rows)}.**"]
    for name in dict.fromkeys(name for name, *_ in rows):
        lines = ["| function | misconception | the idea behind it | |", "|---|---|---|---|"]
        lines += [page_row(wrong, dead) for assignment, wrong, dead in rows if assignment == name]
        parts += [f"## {name.replace('_', ' ').capitalize()}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def page_row(wrong: Misconception, dead: bool) -> str:
    """A line of the page's table."""
    idea = " ".join(wrong.idea.split()).replace("|", r"\|")
    return f"| `{wrong.function}` | {wrong.name.replace('_', ' ')} | {idea} | {'killed' if dead else '**alive**'} |"


def as_table(rows: list[tuple[str, Misconception, bool]]) -> str:
    """One line a misconception, and the kill rate at the end."""
    from tabulate import tabulate

    lines = [(name[:2], wrong.function, wrong.name, wrong.idea, "killed" if dead else "ALIVE") for name, wrong, dead in rows]
    headers = ["", "function", "misconception", "the idea behind it", ""]
    table = tabulate(lines, headers=headers, maxcolwidths=[None, None, None, 60, None])
    return f"{table}\n\nkilled {sum(dead for *_, dead in rows)} of {len(rows)}"
