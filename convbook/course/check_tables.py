"""The instructor's side of `check`: solutions/ -> convbook/check/tables/, which holds inputs and digests, and no answer.

`convbook release` calls it. A chapter's exercises are functions under `@exercise` in `solutions/NN_name/exercises.py`.
"""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from convbook.check.inputs import Candidate, inputs_for
from convbook.course import misconceptions
from convbook.course.calls import Calls, calls_in, public_seed
from convbook.course.cells import find_cell, grade_id, reference_answer
from convbook.course.diagnosis import defined
from convbook.course.files import write_whole
from convbook.course.misconceptions import Misconception, load_module, read_bank, source_as
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT

FOLDER = Path("convbook", "check", "tables")
misconception = partial(misconceptions.misconception, loses="check")  # of an exercise


@dataclass(frozen=True)
class Exercise:
    """A short exercise of a chapter: its visible test, the inputs that are tried, and a right answer."""

    function: str
    title: str
    test: str
    calls: Calls
    source: str


def exercise(*, title: str, test: str, calls: Calls) -> Callable[[Callable[..., Any]], Exercise]:
    """Turns a right answer into an `Exercise` of the same name."""

    def wrap(right: Callable[..., Any]) -> Exercise:
        name = right.__name__
        if not calls or not all(isinstance(call, tuple) for call in calls):
            raise ValueError(f"calls must be tuples of arguments, at least one. Received: {calls!r} for {name}")
        return Exercise(name, title, textwrap.dedent(test).strip(), calls, source_as(right, name))

    return wrap


def given_names(tools: str) -> dict[str, Any]:
    """What the tools define."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(tools, names)
    return names


def entry(
    table: str, names: dict[str, Any], function: str, source: str, bank: list[Misconception], calls: tuple[Calls, Calls]
):
    """What a table says about the inputs of one function, without wrong answers that no input shows to be wrong."""
    right = defined(source, function, names)
    wrong = [defined(one.source, function, names) for one in bank]
    inputs = inputs_for(table, function, right, wrong, *calls)
    hints = [
        {"name": one.name, "hint": one.hint, "section": one.section, "digests": [given.wrong[number] for given in inputs]}
        for number, one in enumerate(bank)
        if any(given.tells_apart(number, -1) for given in inputs)
    ]
    return {"inputs": [as_input(given) for given in inputs], "misconceptions": hints}


def as_input(one: Candidate) -> dict[str, Any]:
    """An input as it stands in a table."""
    return {"call": one.call, "grids": one.grids, "right": one.right, "shape": one.shape}


def chapter_title(root: Path, name: str) -> str:
    """The chapter's number and title, as a hint names it."""
    heading = read_notebook(root / "chapters" / f"{name}.ipynb").cells[0].source.splitlines()[0]
    return f"{name[:2]}, {heading.lstrip('# ')}"


def tools_of(notebook: NotebookNode) -> str:
    """The cells which the tests of an assignment need: imports and helpers."""
    return "\n\n\n".join(cell.source for cell in notebook.cells if grade_id(cell).endswith("tools"))


def assignment_table(root: Path, name: str) -> dict[str, Any]:
    """All questions of an assignment."""
    folder = root / "solutions" / name
    notebook = read_notebook(folder / f"{name}.ipynb")
    bank, names = read_bank(folder / "misconceptions.py"), given_names(tools_of(notebook))
    headings = re.findall(r"^## Question (\d+)\. (.*?) \(\d+ points?\)$", "\n".join(c.source for c in notebook.cells), re.M)
    functions = [
        grade_id(c) for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution") and c.cell_type == "code"
    ]
    questions = []
    for (number, title), function in zip(headings, functions):
        test = find_cell(notebook, f"{function}_by_hand")
        said = {"function": function, "label": f"Question {number}", "title": title, "test": test.source}
        said["points"] = test.metadata["nbgrader"]["points"]
        mine = [wrong for wrong in bank if wrong.function == function]
        source = reference_answer(notebook, function)
        questions.append(said | entry(name, names, function, source, mine, calls_in(notebook, function)))
    written = [f"Question {number}" for number, _ in headings[len(functions) :]]
    return head(root, name, tools_of(notebook), written) | {"questions": questions}


def exercise_table(root: Path, name: str) -> dict[str, Any]:
    """All exercises of a chapter; ValueError for one with an answer that cannot be told from another."""
    folder = root / "solutions" / name
    values = load_module(folder / "exercises.py").values()
    bank = [value for value in values if isinstance(value, Misconception)]
    exercises = [value for value in values if isinstance(value, Exercise)]
    lost = {wrong.function for wrong in bank} - {one.function for one in exercises}
    if lost or not exercises:
        raise ValueError(f"{name}/exercises.py must define what its misconceptions answer. Received: none for {sorted(lost)}")
    tools = find_cell(read_notebook(folder / f"{name}.ipynb"), "tools").source
    questions = [exercise_entry(name, tools, one, [w for w in bank if w.function == one.function]) for one in exercises]
    return head(root, name, tools, []) | {"questions": questions}


def exercise_entry(name: str, tools: str, one: Exercise, bank: list[Misconception]) -> dict[str, Any]:
    """What a table says about an exercise."""
    names = given_names(tools)
    exec(f"{one.source}\n{one.test}", dict(names))  # an AssertionError here: the right answer fails its own test
    said = {"function": one.function, "label": "Exercise", "title": one.title, "test": one.test, "points": 0}
    made = entry(f"{name}_exercises", names, one.function, one.source, bank, (one.calls, []))
    must_differ(one.function, bank, made)
    return said | made


def must_differ(function: str, bank: list[Misconception], made: dict[str, Any]) -> None:
    """ValueError unless each wrong answer can be told from the right one and from the others."""
    kept = [wrong["name"] for wrong in made["misconceptions"]]
    digests = [tuple(wrong["digests"]) for wrong in made["misconceptions"]]
    lost = [wrong.name for wrong in bank if wrong.name not in kept]
    lost += [name for name, found in zip(kept, digests) if digests.count(found) > 1]
    if lost:
        raise ValueError(f"The calls of {function} must tell all of its wrong answers apart. Received: none that tells {lost}")


def head(root: Path, name: str, tools: str, written: list[str]) -> dict[str, Any]:
    """What a table says beside its questions."""
    return {"chapter": chapter_title(root, name), "tools": tools, "written": written}


def as_text(table: dict[str, Any]) -> str:
    """A table as JSON, one line for each thing that is said about a question."""
    questions = []
    for one in table["questions"]:
        lines = [f'   "{key}": {as_lines(value)}' for key, value in one.items()]
        questions.append("  {\n" + ",\n".join(lines) + "\n  }")
    said = [f' "{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in table.items() if key != "questions"]
    return "{\n" + ",\n".join(said) + ',\n "questions": [\n' + ",\n".join(questions) + "\n ]\n}\n"


def as_lines(value: Any) -> str:
    """A value as JSON; the items of a list have a line each."""
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join("    " + json.dumps(item, ensure_ascii=False) for item in value) + "\n   ]"


def made_tables(root: Path = ROOT, names: list[str] | None = None) -> Iterator[tuple[str, str]]:
    """(file name, text) of every table, or of those of the named assignments."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for name in names or sorted(path.parent.name for path in (root / "solutions").glob("*/misconceptions.py")):
        with public_seed(), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # some wrong answers divide by zero
            yield f"{name}.json", as_text(assignment_table(root, name))
            if (root / "solutions" / name / "exercises.py").is_file():
                yield f"{name}_exercises.json", as_text(exercise_table(root, name))


def write_tables(root: Path = ROOT, names: list[str] | None = None) -> None:
    """Writes the tables; without names all of them, and nothing else is left there."""
    written = []
    for name, text in made_tables(root, names):
        path = root / FOLDER / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:  # what is up to date keeps its time
            write_whole(path, text)
        written.append(name)
    if names is None:
        for path in (root / FOLDER).glob("*.json"):
            if path.name not in written:
                path.unlink()


if __name__ == "__main__":
    from convbook.course import check_tables  # whose classes are those that an exercises.py makes

    check_tables.write_tables(names=sys.argv[1:] or None)
