"""What `check` does with an answer: the visible test in a copy of the student's names, and the inputs of the table."""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from convbook.check.digests import Outcome, decode, digest, outcome, salt_of, shape_digest
from convbook.check.models import must_cross, watched
from convbook.model_files.archive import ModelError

LONGEST_CALL = 240  # characters of an input that is shown whole

Answer = Callable[..., Any]


@dataclass
class Try:
    """An input of the table, what the answer did with it, and whether that is right."""

    arguments: tuple[Any, ...]
    done: Outcome
    digest: str
    right: bool
    right_shape: bool


@dataclass
class Seen:
    """All that was seen of an answer; `failure` is what the visible test says, nothing if it is passed."""

    failure: str = ""
    tries: list[Try] = field(default_factory=list)
    answered: bool = True

    @property
    def wrong(self) -> list[Try]:
        """The inputs with other results than the right ones, the smallest first."""
        return [one for one in self.tries if not one.right]

    @property
    def done(self) -> bool:
        """Whether nothing is known to be wrong."""
        return self.answered and not self.failure and not self.wrong


def look_at(stem: str, table: dict[str, Any], question: dict[str, Any], answer: Answer) -> Seen:
    """Runs the visible test of an answer, and then the inputs of the table."""
    error = run_test(table["tools"], question, answer)
    if isinstance(error, NotImplementedError):
        return Seen(answered=False)
    tries = [try_input(stem, question["function"], given, answer) for given in question["inputs"]]
    empty = [one.done.empty for one in tries]
    if not question["points"] and empty and all(empty):  # the cell of an exercise is there from the start, and returns nothing
        return Seen(answered=False)
    return Seen(described(error, answer) if error else "", tries)


def namespace_of(answer: Answer) -> dict[str, Any]:
    """The names among which an answer was defined."""
    return getattr(inspect.unwrap(answer), "__globals__", {})


def code_of(answer: Any) -> Any:
    """What an answer consists of: equal for one that was defined twice in the same way."""
    return getattr(inspect.unwrap(answer), "__code__", None) if callable(answer) else None


def run_test(tools: str, question: dict[str, Any], answer: Answer) -> BaseException | None:
    """The error with which the visible test ends, or the grader would. The student's names stay as they are."""
    names, models = dict(namespace_of(answer)), list[Any]()
    try:
        exec(compile(tools, "<tools>", "exec"), names)
        names[question["function"]] = watched(answer, models)
        exec(compile(question["test"], "<test>", "exec"), names)
        must_cross(models)
    except (Exception, SystemExit) as error:
        return error
    return None


def try_input(stem: str, function: str, given: dict[str, Any], answer: Answer) -> Try:
    """What an answer does with an input of the table; what it prints has been shown by the visible test."""
    arguments, salt = tuple(map(decode, given["call"])), salt_of(stem, function, given["call"])
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        done = outcome(answer, arguments)
    found = digest(done, given["grids"], salt)
    right_shape = done.error is None and shape_digest(done, salt) == given["shape"]
    return Try(arguments, done, found, found == given["right"], right_shape)


def described(error: BaseException, answer: Answer) -> str:
    """An error as a sentence: a test's own one as it is, another one with its place in the student's code."""
    code = code_of(answer)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if code and frame.filename == code.co_filename]
    if isinstance(error, (AssertionError, ModelError)) and not frames:
        return str(error) or "A condition of the test does not hold."
    text = f"{type(error).__name__}: {error}".rstrip(": ")
    if not frames:
        return text
    line = linecache.getline(frames[-1].filename, frames[-1].lineno or 0).strip()
    return f"{text}\nThis happened in line {frames[-1].lineno} of your code" + (f": {line}" if line else ".")


def broken_law(function: str, one: Try, answer: Answer) -> str:
    """What is wrong about the result for an input; never what would be right."""
    call = call_text(function, one.arguments)
    if one.done.error is not None:
        return f"{call} stops with an error.\n{described(one.done.error, answer)}"
    if one.done.changed:
        return f"{call} changes one of its arguments. Work on a copy of it."
    if one.done.empty:
        return f"{call} returns nothing."
    if not one.right_shape:
        shapes = ", ".join(str(np.shape(part)) for part in one.done.parts if isinstance(part, np.ndarray))
        return f"{call} returns a result of a wrong shape{f': {shapes}' if shapes else ', or of a wrong kind'}."
    return f"{call} returns a wrong result."


def call_text(function: str, arguments: tuple[Any, ...]) -> str:
    """A call as it can be typed; arrays by their shape where that would be long."""
    with np.printoptions(threshold=10_000, linewidth=10_000, precision=8, suppress=True, edgeitems=3, floatmode="maxprec"):
        texts = [re.sub(r"dtype=(\w+)", r'dtype="\1"', " ".join(repr(one).split())) for one in arguments]
    whole = f"{function}({', '.join(texts)})".replace("array(", "np.array(")
    if len(whole) <= LONGEST_CALL:
        return whole
    short = [f"an array of shape {one.shape}, {one.dtype}" if isinstance(one, np.ndarray) else repr(one) for one in arguments]
    return f"{function} for these arguments: {'; '.join(short)};"
