"""An assignment's cells: which is which by nbgrader's metadata, and what they give when our own code runs in them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode


def grade_id(cell: NotebookNode) -> str:
    """nbgrader's name of a cell, or nothing."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def is_test(cell: NotebookNode) -> bool:
    """Whether a cell is an automatic test: graded, and nothing that a student writes."""
    meta = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and bool(meta.get("grade")) and not meta.get("solution")


def is_answer(cell: NotebookNode) -> bool:
    """Whether a student writes into this cell of the instructor."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def find_cell(notebook: NotebookNode, name: str) -> NotebookNode:
    """The cell with this grade_id."""
    names = [grade_id(cell) for cell in notebook.cells]
    if names.count(name) != 1:
        raise ValueError(f"One cell must have the grade_id {name!r}. Received: {[n for n in names if n]}")
    return notebook.cells[names.index(name)]


def reference_answer(notebook: NotebookNode, function: str) -> str:
    """The solution of the instructor's notebook, without nbgrader's marks."""
    lines = find_cell(notebook, function).source.splitlines()
    return "\n".join(line for line in lines if not line.strip().startswith("### "))


def with_answers(notebook: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """A copy in which the solution cell of each function (its grade_id is the function's name) holds the given text."""
    answered = copy.deepcopy(notebook)
    for function, source in answers.items():
        cell = find_cell(answered, function)
        if not cell.metadata["nbgrader"]["solution"]:
            raise ValueError(f"Only solution cells take an answer. Received: {function!r}, which is not one")
        cell.source = source
    return answered


def grade_in_process(notebook: NotebookNode, names: Mapping[str, Any] | None = None) -> dict[str, float]:
    """Points of each test cell of a *trusted* notebook: its code runs here, cell by cell, in one namespace.

    A test that raises gets 0. `names` are defined before the first cell. Written answers are left out.
    """
    namespace: dict[str, Any] = {"__name__": "__main__", **(names or {})}
    points: dict[str, float] = {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        meta = cell.metadata.get("nbgrader", {})
        try:
            exec(compile(cell.source, meta.get("grade_id", "cell"), "exec"), namespace)
            earned = float(meta.get("points", 0))
        except Exception:
            earned = 0.0  # as in a kernel, the next cell runs all the same
        if meta.get("grade"):
            points[meta["grade_id"]] = earned
    return points
