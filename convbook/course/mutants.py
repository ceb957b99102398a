"""The tests of the tests, by machine: right answers that are changed in one place, of which some test must notice each.

A change that makes no difference is an equivalent mutant; `solutions/NN_name/mutants.toml` names those, each with its reason.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import io
import os
import signal
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from convbook.course.cells import grade_id, is_answer, is_test, reference_answer, with_answers
from convbook.course.kill_rate import question
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT

FILE = "mutants.toml"
ANY = "*"  # in place of a change: where the question itself leaves it open, as settings of a training
SECONDS = 20  # for the tests of one mutant: some never end, which a test notices as well
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
NAMES = {  # reductions and roundings that can be taken for one another, and smaller number types
    **{"sum": "mean", "mean": "sum", "max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax"},
    **{"maximum": "minimum", "minimum": "maximum", "floor": "ceil", "ceil": "floor"},
    **{"float64": "float32", "prod": "sum", "any": "all", "all": "any"},
}


@dataclass(frozen=True)
class Mutant:
    """A changed answer: of which function, what was changed, and the whole text."""

    function: str
    change: str  # the line as it was, and as it is
    source: str


class Changer(ast.NodeTransformer):
    """Makes the change of a number; `number` counts the places where one can be made."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.done = False

    def chosen(self) -> bool:
        """Whether it is this place's turn."""
        self.left -= 1
        self.done |= self.left == -1
        return self.left == -1

    def visit(self, node: ast.AST) -> Any:
        """The node, or a changed one."""
        if self.done:
            return node
        for other in others(node):
            if self.chosen():
                return ast.copy_location(other, node)
        return self.generic_visit(node)


def others(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand in place of a node, if its author had erred."""
    if isinstance(node, (ast.BinOp, ast.BoolOp, ast.AugAssign)) and type(node.op) in OPERATORS:
        yield changed(node, op=OPERATORS[type(node.op)]())
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value)
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
        yield changed(node, ops=[OPERATORS[type(node.ops[0])](), *node.ops[1:]])
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    if isinstance(node, ast.Tuple):
        for place in range(len(node.elts) - 1):
            if ast.dump(node.elts[place]) != ast.dump(node.elts[place + 1]):
                first, second = node.elts[place : place + 2]
                yield changed(node, elts=[*node.elts[:place], second, first, *node.elts[place + 2 :]])
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield changed(node, attr=NAMES[node.attr])
    if isinstance(node, ast.Name) and node.id in NAMES and isinstance(node.ctx, ast.Load):
        yield changed(node, id=NAMES[node.id])
    if isinstance(node, ast.Name) and node.id == "float":
        yield ast.parse("np.float32", mode="eval").body


def changed(node: ast.AST, **fields: Any) -> ast.AST:
    """A copy of a node with other fields."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def mutants(function: str, answer: str) -> list[Mutant]:
    """All mutants of an answer."""
    tree = without_docstrings(ast.parse(answer))
    before = ast.unparse(tree).splitlines()
    found, number = [], 0
    while True:
        changer = Changer(number)
        after = ast.unparse(ast.fix_missing_locations(changer.visit(copy.deepcopy(tree))))
        if not changer.done:
            return found
        pairs = [(old.strip(), new.strip()) for old, new in zip(before, after.splitlines()) if old != new]
        if pairs:
            found.append(Mutant(function, "{} → {}".format(*pairs[0]), after))
        number += 1


def without_docstrings(tree: ast.Module) -> ast.Module:
    """A program without the texts that say what its functions are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None and len(node.body) > 1:
            node.body = node.body[1:]
    return tree


def survives(notebook: NotebookNode, mutant: Mutant) -> bool:
    """Whether all tests of its question are content with a mutant; one that does not end is noticed."""
    part = with_answers(question(notebook, mutant.function), {mutant.function: mutant.source})
    namespace: dict[str, Any] = {"__name__": "__main__"}
    quiet = io.StringIO()
    try:
        with at_most(SECONDS), contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            for cell in part.cells:
                if cell.cell_type == "code":
                    exec(compile(cell.source, grade_id(cell) or "cell", "exec"), namespace)
    except Exception:
        return False
    return True


@contextlib.contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Ends what happens inside with a TimeoutError after so long."""

    def end(*_: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def survivors(name: str, root: Path = ROOT) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant of an assignment's solution, and whether it survives."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    notebook = read_notebook(root / "solutions" / name / f"{name}.ipynb")
    tested = {grade_id(cell) for cell in notebook.cells if is_test(cell)}
    for cell in notebook.cells:
        function = grade_id(cell)
        if is_answer(cell) and cell.cell_type == "code" and any(test.startswith(f"{function}_") for test in tested):
            for mutant in mutants(function, reference_answer(notebook, function)):
                yield mutant, survives(notebook, mutant)


def equivalent(name: str, root: Path = ROOT) -> dict[tuple[str, str], str]:
    """The mutants that do the same as the solution, as (function, change), with the reasons."""
    path = root / "solutions" / name / FILE
    tables = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {(function, change): reason for function, changes in tables.items() for change, reason in changes.items()}


@dataclass
class Trial:
    """What became of an assignment's mutants: how many there are, and those that live, with the reason where one is known."""

    name: str
    number: int = 0
    known: dict[tuple[str, str], str] = field(default_factory=dict)
    new: list[tuple[str, str]] = field(default_factory=list)  # (function, change) that no file explains

    @property
    def lines(self) -> list[str]:
        """What the command prints."""
        lines = [f"  {function}: {change}\n    survives: no test notices it" for function, change in self.new]
        lines += [f"  {function}: {change}\n    the same: {reason}" for (function, change), reason in self.known.items()]
        return [f"{self.name}: {self.number} mutants, {len(self.new)} survive, {len(self.known)} do the same", *lines]


def trial(name: str, root: Path = ROOT) -> Trial:
    """Tries all mutants of an assignment."""
    known, found = equivalent(name, root), Trial(name)
    for mutant, survived in survivors(name, root):
        found.number += 1
        key = mutant.function, mutant.change
        reason = known.get(key) or known.get((mutant.function, ANY))
        if survived and reason:
            found.known[key] = reason
        elif survived:
            found.new.append(key)
    return found
