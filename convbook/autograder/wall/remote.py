"""Our side of the wall: a student's function as a Python function that is computed elsewhere."""

from __future__ import annotations

import contextlib
import math
import socket
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from convbook.autograder.crossing.special import ARITHMETIC, COMPARISONS
from convbook.autograder.crossing.wire import Side, WireError, encode, receive
from convbook.autograder.wall.own import Own
from convbook.autograder.wall.stand_ins import ErrorClasses, NotAsked, StandIn, class_for, is_stand_in
from convbook.course.behaviour import Unanswered
from convbook.model_files.archive import ModelError

ARITHMETIC_NAMES = {f"__{r}{name}__" for name in ARITHMETIC for r in ("", "r")}
TELLING = {*ARITHMETIC_NAMES, *COMPARISONS, "__contains__", "__setitem__", "__delitem__", "set", "delete"}


class Gone(Unanswered):
    """The student's process does not answer any more: it ended, or it sent what no honest process sends."""


class TooLate(Unanswered):
    """The student's process did not answer in time."""


class Remote(Side):
    """A student's process behind a socket. Every question has a time limit, and every answer is doubted.

    What tells something of ours to an object that the student's code has made (arithmetic, a call with arguments, …) is
    allowed only where the instructor's own solution needed it in the same test: `allowed` is what was noted in `used` then,
    or None for everything. Else a result could be an object that learns from the test what it must be.
    """

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self.connection, self.seconds, self.gone = connection, seconds, False
        self.deadline = math.inf  # of the monotonic clock; no question is asked after it
        self.allowed: frozenset[str] | None = None
        self.used: set[str] = set()
        self.objects: dict[int, StandIn] = {}  # by their numbers over there
        self.named: set[int] = set()  # those that have a name in the notebook: a test can call them as it likes
        self.methods: dict[int, str] = {}  # those that are methods of others
        self.errors = ErrorClasses()
        self.own = Own()
        self.load_model: Callable[[bytes], Any] = no_models

    def ask(self, verb: str, content: Any) -> Any:
        """The answer to a question; TooLate after the time limit, Gone if there is none."""
        return self.converse(encode({verb: content}, self))

    def converse(self, message: bytes) -> Any:
        """Sends the message and takes the next answer; meanwhile functions of ours that it was given are called back."""
        deadline = min(time.monotonic() + self.seconds, self.deadline)
        try:
            while True:
                self.connection.settimeout(max(deadline - time.monotonic(), 1e-3))
                self.connection.sendall(message)
                answer = receive(self.connection, deadline, self)
                if not isinstance(answer, dict) or "back" not in answer:
                    return answer
                message = encode({"reply": self.own.answer(answer["back"])}, self)
        except TimeoutError:
            raise TooLate from None
        except (OSError, EOFError, WireError, MemoryError) as error:
            raise self.lost(str(error)) from None

    def lost(self, reason: str) -> Gone:
        """The error for a process that does not answer any more, or not as an honest one does."""
        self.gone = True
        return Gone(reason)

    def owns(self, value: Any) -> bool:
        """Whether a value stands in for an object of that process."""
        return is_stand_in(value) and value._remote is self

    def describe(self, value: Any) -> Any:
        """What is sent in place of a value of ours that does not cross: an object of that process is called by its number."""
        return {"yours": value._number} if self.owns(value) else self.own.describe(value)

    def restore(self, word: str, content: Any) -> Any:
        """What stands here for an object that stays over there."""
        if word == "model":
            return self.load_model(content)
        if word != "handle":
            return super().restore(word, content)
        number, facts = content
        if type(number) is not int or not isinstance(facts, dict):
            raise WireError(f"An object must have a number. Received: {number!r:.60}")
        if facts.get("error") is not None:
            return self.errors.of(facts["error"])
        if number not in self.objects:
            self.objects[number] = class_for(facts)(self, number, facts)
        return self.objects[number]

    def give(self, files: dict[str, bytes]) -> None:
        """Puts files beside the notebook."""
        self.ask("files", {name: np.frombuffer(content, np.uint8) for name, content in files.items()})

    def run(self, source: str) -> list[dict[str, Any]]:
        """The outputs of a cell."""
        return self.outputs(self.ask("run", source))

    def receive_late(self, seconds: float) -> None:
        """Takes the answer to a question that was TooLate and has been interrupted since; it counts for nothing any more."""
        self.seconds, self.deadline = seconds, math.inf
        with contextlib.suppress(ModelError):
            self.converse(b"")

    def outputs(self, answer: Any) -> list[dict[str, Any]]:
        """The outputs in an answer."""
        outputs = answer.get("outputs") if isinstance(answer, dict) else None
        if not isinstance(outputs, list):
            raise self.lost("an answer without outputs")
        return outputs

    def names(self, wanted: Iterable[str]) -> dict[str, Any]:
        """For each wanted name that the student defined: a function that is computed there, or its value.

        The process is asked for all names that it has, not for those that are wanted: a test's names are nothing to it.
        """
        kinds = self.ask("names", None)
        if not isinstance(kinds, dict) or not all(type(name) is str for name in kinds) or type(kinds.get("error")) is list:
            raise self.lost("an answer without names")
        self.named |= {kind._number for kind in kinds.values() if is_stand_in(kind)}
        return {name: self.value(name) if kinds[name] == "value" else kinds[name] for name in wanted if name in kinds}

    def value(self, name: str) -> Any:
        """The value of a name that the student defined."""
        answer = self.ask("value", name)
        return answer.get("value") if isinstance(answer, dict) else None

    def seed(self, name: str, *arguments: Any) -> None:
        """Seeds a generator over there, as a test has done here: `name` is that of a library's function."""
        self.ask("seed", [name, list(arguments)])

    def call(self, target: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """What a call of an object gives; our arguments are changed as their copies were. What it prints, we print."""
        if target._number not in self.named and (arguments or options):
            self.allow(f"call {self.methods[target._number]}" if target._number in self.methods else "__call__")
        answer = self.ask("call", [target, list(arguments), options])
        if not isinstance(answer, dict):
            raise self.lost("an answer to a call without a result")
        if isinstance(answer.get("printed"), str):
            sys.stdout.write(answer["printed"])
        if "error" in answer:
            raise self.as_error(answer["error"])
        try:
            change(arguments, answer.get("changed"))
            return with_views(answer.get("result"), arguments, answer.get("views"))
        except Gone as error:
            raise self.lost(str(error)) from None

    def do(self, doing: str, target: Any, *arguments: Any, with_what: str = "") -> Any:
        """What comes of doing something with an object of that process; NotAsked where this test may not."""
        if doing in TELLING:
            self.allow(f"{doing} {with_what}".strip())
        answer = self.ask("do", [doing, target._number, list(arguments)])
        if not isinstance(answer, dict):
            raise self.lost("an answer to a question without a result")
        if answer.get("stop") is True:
            raise StopIteration
        if "error" in answer:
            raise self.as_error(answer["error"])
        result = answer.get("result")
        if doing == "get" and is_stand_in(result):
            self.methods[result._number] = str(arguments[0])
        return result

    def allow(self, doing: str) -> None:
        """Notes what a test asks of an object; NotAsked if it need not ask that of the solution's."""
        self.used.add(doing)
        if self.allowed is not None and doing not in self.allowed:
            raise NotAsked(f"The result must be as that of the solution is: {doing.strip('_')!r} is nothing to ask of it.")

    def as_error(self, description: Any) -> Exception:
        """The error that a call ended with: of the built-in type of that name, or of a class of that name."""
        whole = isinstance(description, list) and len(description) == 3
        if not whole or not all(type(part) is str for part in description[1:]):
            raise self.lost("an error without a name")
        classes, text, line = description
        try:
            kind = self.errors.of(classes)
        except WireError as error:
            raise self.lost(str(error)) from None
        name = classes[0][1]
        error = kind(text) if kind is not RuntimeError or name == "RuntimeError" else RuntimeError(f"{name}: {text}")
        error.student_line = line
        return error


def no_models(content: bytes) -> Any:
    """Where there is no process for models, an answer cannot be one."""
    raise ModelError(
        "An answer can be a model where the assignment's grading.toml has keras in its imports. Received: one without that."
    )


def change(arguments: tuple[Any, ...], changed: Any) -> None:
    """Does to our arguments what the function did to its copies: arrays, lists and dictionaries, in place."""
    for number, new in changed.items() if isinstance(changed, dict) else ():
        if not number.isdecimal() or int(number) >= len(arguments):
            raise Gone("a change of an argument that there is not")
        old = arguments[int(number)]
        if isinstance(old, np.ndarray) and isinstance(new, np.ndarray) and old.shape == new.shape:
            np.copyto(old, new, casting="unsafe")
        elif isinstance(old, list) and isinstance(new, list):
            old[:] = new
        elif isinstance(old, dict) and isinstance(new, dict):
            old.clear(), old.update(new)


def with_views(result: Any, arguments: tuple[Any, ...], views: Any) -> Any:
    """The result, in which arrays that were views of an argument there are views of ours."""
    for view in views if isinstance(views, list) else ():
        if not isinstance(view, list) or len(view) != 4 or not all(type(number) is int for number in view[:2]):
            raise Gone("a view without its places")
        place, number, offset, strides = view
        parts = list(result) if isinstance(result, (tuple, list)) else [result]
        index = max(place, 0)
        if not (index < len(parts) and 0 <= number < len(arguments)):
            raise Gone("a view of an argument that there is not")
        part = view_of(arguments[number], parts[index], offset, strides)
        if place < 0:
            return part
        result = type(result)([*parts[:index], part, *parts[index + 1 :]])
    return result


def view_of(argument: Any, part: Any, offset: Any, strides: Any) -> Any:
    """The part as a view of the argument's memory, where it lies inside and our argument is laid out as its copy was."""
    if not (isinstance(argument, np.ndarray) and isinstance(part, np.ndarray)) or not argument.flags.c_contiguous:
        return part
    try:
        view = np.ndarray(part.shape, part.dtype, argument, offset, strides)  # checks that it lies inside
    except (TypeError, ValueError):
        return part
    return view if view.tobytes() == part.tobytes() else part
