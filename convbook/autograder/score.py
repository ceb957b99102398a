"""Test cells, run on our side of the wall: where they name something that the student defined, it is computed over there."""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import traceback
from dataclasses import dataclass, field
from typing import Any

from convbook.autograder.remote import Gone, Remote, RemoteFunction, TooLate

STUDENTS = "in your code"  # begins the trace of an error that arose over there
LONGEST_TEXT = 100_000  # characters of a test's printed text that are kept


@dataclass
class Test:
    """What a test cell gave: its outputs as a notebook file has them, the value of its last line, and how it ended."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    value: Any = None
    failed: bool = False


class CannotSplit(Exception):
    """A test cell that must run in the student's own process: it changes what the student defined, or is no plain Python."""


@dataclass(frozen=True)
class Names:
    """The names that a cell reads, and those that it binds or deletes outside of its functions."""

    read: frozenset[str]
    bound: frozenset[str]
    deleted: frozenset[str]


def parse(source: str) -> ast.Module:
    """A cell as Python; CannotSplit for IPython's own commands and for what is no Python."""
    try:
        return ast.parse(source)
    except SyntaxError:
        raise CannotSplit("it is no plain Python") from None


def names_of(tree: ast.Module) -> Names:
    """The names of a cell."""
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    own = [node for node in outside_functions(tree) if isinstance(node, ast.Name)]
    bound = {node.id for node in own if isinstance(node.ctx, ast.Store)}
    deleted = {node.id for node in own if isinstance(node.ctx, ast.Del)}
    return Names(frozenset(read), frozenset(bound), frozenset(deleted))


def outside_functions(tree: ast.AST) -> list[ast.AST]:
    """All nodes that are not inside a function."""
    found = []
    for node in ast.iter_child_nodes(tree):
        found.append(node)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            found += outside_functions(node)
    return found


class Scorer:
    """The instructor's namespace. A student's functions appear in it as remote ones, for the length of one test."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}

    def prepare(self, source: str) -> None:
        """Runs a cell that the instructor gave to everybody: imports, data and helpers of the tests."""
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(parse(source), "<given>", "exec"), self.namespace)

    def test(self, source: str, name: str) -> Test:
        """One test cell. CannotSplit before anything ran; Gone and TooLate where the student's process failed."""
        tree = parse(source)
        names = names_of(tree)
        theirs = self.remote.names(sorted(names.read - set(self.namespace) - set(dir(builtins))))
        functions = {n for n, value in theirs.items() if isinstance(value, RemoteFunction)}
        if (names.deleted | names.bound) & functions or "get_ipython" in names.read:
            raise CannotSplit("it changes what the student defined")
        namespace = self.namespace | theirs
        result = run_here(tree, name, namespace)
        kept = {key: value for key, value in namespace.items() if key not in theirs}
        self.namespace.update(kept)  # what a test defines can be used by the next one
        return result


def run_here(tree: ast.Module, name: str, namespace: dict[str, Any]) -> Test:
    """Runs a test cell in a namespace; an error of the test is a result, one of the student's process is not."""
    test, printed = Test(), io.StringIO()
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exec(compile(tree, f"<{name}>", "exec"), namespace)
            if last is not None:
                test.value = eval(compile(ast.Expression(last.value), f"<{name}>", "eval"), namespace)
    except (Gone, TooLate):
        raise
    except Exception as error:
        test.failed = True
        test.outputs.append(as_output(error))
    if printed.getvalue():
        test.outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": printed.getvalue()[:LONGEST_TEXT]})
    if test.value is not None:
        number = isinstance(test.value, (int, float)) and not isinstance(test.value, bool)
        shown = {"text/plain": repr(float(test.value) if number else test.value)[:LONGEST_TEXT]}
        test.outputs.append({"output_type": "execute_result", "data": shown, "metadata": {}, "execution_count": None})
    return test


def as_output(error: Exception) -> dict[str, Any]:
    """An error as a notebook file has it: its type and text, and of the trace the student's line where it is known."""
    text = "".join(traceback.format_exception_only(error)).strip()
    lines = [f"{STUDENTS}: {error.student_line}", text] if hasattr(error, "student_line") else [text]
    return {"output_type": "error", "ename": type(error).__name__, "evalue": str(error)[:2000], "traceback": lines}


def failure(name: str, text: str) -> dict[str, Any]:
    """The output of a cell that failed for a reason of the grader's."""
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}


def points_for(test: Test, most: float) -> float:
    """nbgrader's rule: an error gives nothing; a number as the value of the last line gives so many points; else all.

    A number below 0 or above the cell's points, or one that is none, gives nothing: it is noted as a failure of the test.
    """
    if test.failed:
        return 0.0
    if not isinstance(test.value, (int, float)) or isinstance(test.value, bool):
        return most
    if 0 <= test.value <= most:
        return float(test.value)
    test.outputs.append(failure("PointsError", f"A test must give 0 to {most:g} points. Received: {test.value}"))
    return 0.0
