"""What a student is told of a graded notebook: everything but what hidden tests asked.

Code that a hidden test has called can remember what it was asked, and say it: in an error of its own, in what it prints, in
what a later cell shows. So from the first hidden test on, what came out of the student's process is kept for the instructor,
in `autograded/`. The student sees the words of the tests, and the line of their own code in which an error arose.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from convbook.autograder.score import STUDENTS
from convbook.course.cells import grade_id, is_test

LONGEST = 300  # characters of a line of the student's
SHORTEST = 12  # characters: what is shorter says nothing in words
KEPT = "What it says stays with your instructor, because hidden tests had asked your code before. Run it in your own notebook."


def without_hidden(graded: NotebookNode, source: NotebookNode, released: NotebookNode) -> NotebookNode:
    """A graded notebook with each cell of the instructor's as it was released, and no output that tells of hidden tests."""
    hidden = {grade_id(cell): cell.source for cell in source.cells if grade_id(cell)}
    given = {grade_id(cell): cell.source for cell in released.cells if grade_id(cell)}
    words = list(texts_in("\n".join(cell.source for cell in source.cells if cell.cell_type == "code" and is_given(cell))))
    code = "\n".join(cell.source for cell in graded.cells if cell.cell_type == "code" and not is_given(cell))
    asked = False
    for cell in graded.cells:
        name = grade_id(cell)
        asked |= is_test(cell) and hidden.get(name, "").strip() != given.get(name, "").strip()
        if name in given and is_given(cell):
            cell.source = given[name]
        if cell.cell_type == "code" and asked:
            cell.outputs = after_hidden(cell, words + list(texts_in(hidden.get(name, ""))), code)
    return graded


def is_given(cell: NotebookNode) -> bool:
    """Whether a cell is the instructor's alone."""
    return bool(grade_id(cell)) and not cell.metadata["nbgrader"].get("solution")


def after_hidden(cell: NotebookNode, words: list[str], code: str) -> list[NotebookNode]:
    """The outputs of a cell that ran when hidden tests had asked, as far as they can be told."""
    if is_test(cell):
        return [told(output, words, code) for output in cell.outputs if output["output_type"] == "error"]
    return [new_output("stream", name="stdout", text=f"{KEPT}\n")] if cell.outputs else []


def told(output: dict[str, Any], words: list[str], code: str) -> NotebookNode:
    """What a failed test says: its own words, or where in the student's code an error arose; never a value."""
    name, value, trace = output["ename"], output["evalue"], output["traceback"]
    if trace and trace[0].startswith(STUDENTS):
        lines = list(own_error(name, value, trace[0].removeprefix(f"{STUDENTS}: "), code))
    else:
        found = [text for text in words if value.startswith(text)]
        lines = [max(found, key=len)] if found else [f"A hidden test failed ({known(name, code)})."]
    return new_output("error", ename=known(name, code), evalue=lines[-1], traceback=lines)


def own_error(name: str, value: str, line: str, code: str) -> Iterator[str]:
    """An error of the student's own: the line, if it is one of their code, the kind, and the text if it stands in the code."""
    if line.strip() and line.strip() in [written.strip() for written in code.splitlines()]:
        yield f"{STUDENTS}: {line.strip()}"[:LONGEST]
    if value and value in texts_in(code, shortest=1):
        yield f"{known(name, code)}: {value}"[:LONGEST]
    else:
        yield f"{known(name, code)}. {KEPT}"


def known(name: str, code: str) -> str:
    """The name of a kind of error, if it is Python's or stands in the student's code: a made one can tell something."""
    kind = getattr(builtins, name, None)
    libraries = ("LinAlgError", "AxisError", "ModelError", "NotAsked", "TimeLimit", "NotReached", "NotGraded", "PointsError")
    whole = isinstance(kind, type) or name in libraries or f"class {name}(" in code or f"class {name}:" in code
    return name if whole else "An error"


def texts_in(source: str, shortest: int = SHORTEST) -> Iterator[str]:
    """The texts that stand in a source: whole ones, and the beginnings of those that hold values."""
    yield from ("The time limit was reached.", "The notebook ended before this test.", "A model must ")
    try:
        tree = ast.parse("\n".join(line for line in source.splitlines() if not line.startswith(("%", "!"))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and len(first.value) >= shortest:
            yield first.value
