"""Test cells, run on our side of the wall: where they name something that the student defined, it is computed over there."""

from __future__ import annotations

import ast
import builtins
import contextlib
import dis
import io
import math
import numbers
import sys
import traceback
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy.random  # noqa: F401 - NumPy loads it late, and a test that seeds it must find our function there

from convbook.autograder.wall.remote import Gone, Remote, TooLate
from convbook.autograder.wall.stand_ins import is_stand_in
from convbook.model_files.archive import ModelError

STUDENTS = "in your code"  # begins the trace of an error that arose over there
LONGEST_TEXT = 100_000  # characters of a test's printed text that are kept
SEEDS = [("numpy.random", "seed"), ("random", "seed"), ("keras.utils", "set_random_seed"), ("tensorflow.random", "set_seed")]
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


@dataclass
class Test:
    """What a test cell gave: its outputs as a notebook file has them, the value of its last line, and how it ended."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    value: Any = None
    failed: bool = False


@dataclass(frozen=True)
class Trust:
    """What the instructor's own solution needed of each test: whether it must run inside, and what it may ask of objects."""

    inside: frozenset[str] = frozenset()
    uses: Mapping[str, Sequence[str]] | None = None  # None: nothing is known yet, and everything may be asked

    def allowed(self, test: str) -> frozenset[str] | None:
        """What a test may ask of objects that the student's code has made; None for everything."""
        return None if self.uses is None else frozenset(self.uses.get(test, ()))


class CannotSplit(Exception):
    """A test cell that must run in the student's own process: it changes what the student defined, or is no plain Python."""


@dataclass(frozen=True)
class Names:
    """The names that a cell reads, those that it binds, and those that it takes away: changes them, and they are not its own.

    The last are names that it reads before it binds them, or deletes without having bound them. The cell's text alone
    decides: a student who gives a function the name of a test's own variable changes nothing.
    """

    read: frozenset[str]
    bound: frozenset[str]
    taken: frozenset[str]


def parse(source: str) -> ast.Module:
    """A cell as Python; CannotSplit for IPython's own commands and for what is no Python."""
    try:
        return ast.parse(source)
    except SyntaxError:
        raise CannotSplit("it is no plain Python") from None


def names_of(tree: ast.Module) -> Names:
    """The names of a cell; bound and taken are those outside of its functions."""
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    used, bound, taken = set(), set(), set()
    for event, name in events(compile(tree, "<names>", "exec")):
        if event == "LOAD" and name not in bound:
            used.add(name)
        elif event == "DELETE" and name not in bound:
            taken.add(name)
        elif event == "STORE":
            bound.add(name)
            taken |= {name} & used
    return Names(frozenset(read), frozenset(bound), frozenset(taken))


def events(code: types.CodeType) -> Iterator[tuple[str, str]]:
    """What a cell does to its names, in the order in which it is written: (LOAD, STORE or DELETE, the name)."""
    for instruction in dis.get_instructions(code):
        event, _, kind = instruction.opname.partition("_")
        if kind in ("NAME", "GLOBAL"):
            yield event, instruction.argval
        elif isinstance(instruction.argval, types.CodeType) and instruction.argval.co_name in COMPREHENSIONS:
            yield from ((event, name) for event, name in events(instruction.argval) if event == "LOAD")


class Scorer:
    """The instructor's namespace. A student's functions appear in it as remote ones, for the length of one test."""

    def __init__(self, remote: Remote, trust: Trust) -> None:
        self.remote, self.trust = remote, trust
        self.namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        self.own: set[str] = set()  # what the instructor's cells bind: a student is never asked for it

    def prepare(self, source: str) -> None:
        """Runs a cell that the instructor gave to everybody: imports, data and helpers of the tests."""
        plain = "\n".join(line for line in source.splitlines() if not line.startswith(("%", "!")))  # "%matplotlib inline"
        quiet = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
        # An error is one of a cell that uses what the student defined, which is for tests to do.
        with quiet[0], quiet[1], contextlib.suppress(Exception):
            tree = parse(plain)
            self.own |= names_of(tree).bound
            exec(compile(tree, "<given>", "exec"), self.namespace)

    def test(self, source: str, name: str) -> Test:
        """One test cell. CannotSplit before anything ran; Gone and TooLate where the student's process failed."""
        tree = parse(source)
        if name in self.trust.inside:
            raise CannotSplit("the solution passes it in its own process alone")
        self.remote.allowed, self.remote.used = self.trust.allowed(name), set()
        names = names_of(tree)
        own = self.own | (names.bound - names.taken)
        try:
            theirs = self.remote.names(names.read - own - set(self.namespace) - set(dir(builtins)))
        except ModelError as error:
            return Test([as_output(error)], failed=True)
        functions = {n for n, value in theirs.items() if is_stand_in(value)}
        if names.taken & functions or "get_ipython" in names.read:
            raise CannotSplit("it changes what the student defined")
        self.own = own
        namespace = self.namespace | theirs
        try:
            with seeds_told(self.remote):
                return run_here(tree, name, namespace)
        finally:  # what a test defines can be used by the next one, also where a call was too late
            self.namespace.update({key: value for key, value in namespace.items() if value is not theirs.get(key, theirs)})


@contextlib.contextmanager
def seeds_told(remote: Remote) -> Iterator[None]:
    """Whoever seeds a generator of random numbers here seeds that of the student's process too."""
    kept = []
    for module, name in SEEDS:
        function = getattr(sys.modules.get(module), name, None)
        if function is not None:
            kept.append((sys.modules[module], name, function))
            setattr(sys.modules[module], name, seed_both(remote, f"{module}.{name}", function))
    try:
        yield
    finally:
        for module, name, function in kept:
            setattr(module, name, function)


def seed_both(remote: Remote, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A library's function that seeds, on both sides."""

    def seed(*arguments: Any) -> Any:
        remote.seed(name, *arguments)
        return function(*arguments)

    return seed


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
    if isinstance(test.value, numbers.Real) and not isinstance(test.value, bool):  # NumPy's numbers too
        test.value = float(test.value) if abs(test.value) < sys.float_info.max else math.nan
    if test.value is not None:
        shown = {"text/plain": repr(test.value)[:LONGEST_TEXT]}
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
    if not isinstance(test.value, float):
        return most
    if 0 <= test.value <= most:
        return float(test.value)
    test.outputs.append(failure("PointsError", f"A test must give 0 to {most:g} points. Received: {test.value}"))
    return 0.0
