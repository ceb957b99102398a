"""Our side of the wall: a student's function as a Python function that is computed elsewhere."""

from __future__ import annotations

import builtins
import contextlib
import socket
import time
from typing import Any

import numpy as np

from convbook.autograder.wire import ModelError, WireError, encode, receive


class Gone(Exception):
    """The student's process does not answer any more: it ended, or it sent what no honest process sends."""


class TooLate(Exception):
    """The student's process did not answer in time."""


class Remote:
    """A student's process behind a socket. Every question has a time limit, and every answer is doubted."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self.connection, self.seconds, self.gone = connection, seconds, False

    def ask(self, verb: str, content: Any) -> Any:
        """The answer to a question; TooLate after the time limit, Gone if there is none."""
        try:
            return self.converse(encode({verb: content}))
        except ModelError as error:
            if verb in ("call", "value"):  # where an answer can be a model
                raise
            self.gone = True
            raise Gone(str(error)) from None

    def converse(self, message: bytes) -> Any:
        """Sends the message and takes the next answer."""
        deadline = time.monotonic() + self.seconds
        try:
            self.connection.settimeout(self.seconds)
            self.connection.sendall(message)
            return receive(self.connection, deadline)
        except TimeoutError:
            raise TooLate from None
        except (OSError, EOFError, WireError, MemoryError) as error:
            self.gone = True
            raise Gone(str(error)) from None

    def give(self, files: dict[str, bytes]) -> None:
        """Puts files beside the notebook."""
        self.ask("files", {name: np.frombuffer(content, np.uint8) for name, content in files.items()})

    def run(self, source: str) -> list[dict[str, Any]]:
        """The outputs of a cell."""
        return self.outputs(self.ask("run", source))

    def receive_late(self, seconds: float) -> None:
        """Takes the answer to a question that was TooLate and has been interrupted since; it counts for nothing any more."""
        self.seconds = seconds
        with contextlib.suppress(ModelError):
            self.converse(b"")

    def outputs(self, answer: Any) -> list[dict[str, Any]]:
        """The outputs in an answer."""
        outputs = answer.get("outputs") if isinstance(answer, dict) else None
        if not isinstance(outputs, list):
            raise Gone("an answer without outputs")
        return outputs

    def names(self, wanted: list[str]) -> dict[str, Any]:
        """For each wanted name that the student defined: a function that is computed there, or its value."""
        kinds = self.ask("kinds", wanted)
        if not isinstance(kinds, dict):
            raise Gone("an answer without names")
        return {name: self.look_up(name, kinds[name]) for name in wanted if name in kinds}

    def look_up(self, name: str, kind: Any) -> Any:
        """One name that the student defined."""
        if kind == "function":
            return RemoteFunction(self, name)
        answer = self.ask("value", name)
        return answer.get("value") if isinstance(answer, dict) else None


class RemoteFunction:
    """A function of the student. A call sends copies of its arguments, and does to ours what the function did to them."""

    def __init__(self, remote: Remote, name: str) -> None:
        self.remote, self.__name__ = remote, name

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        answer = self.remote.ask("call", [self.__name__, list(arguments), options])
        if not isinstance(answer, dict):
            raise Gone("an answer to a call without a result")
        if "error" in answer:
            raise as_error(answer["error"])
        change(arguments, answer.get("changed"))
        return with_views(answer.get("result"), arguments, answer.get("views"))


def as_error(description: Any) -> Exception:
    """The error that a call ended with: of the built-in type of that name, else RuntimeError."""
    if not isinstance(description, list) or len(description) != 3 or not all(type(part) is str for part in description):
        raise Gone("an error without a name")
    name, text, line = description
    kind = getattr(builtins, name, None)
    known = isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, (UnicodeError, OSError))
    error = kind(text) if known else RuntimeError(f"{name}: {text}")
    error.student_line = line
    return error


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
