"""Inside: the objects that cannot cross the wall. The other side holds each by a number, and asks for what it needs of it.

Used by the student's process and by the one that loads models. It decides nothing and hides nothing: what it answers is
what its own process says.
"""

from __future__ import annotations

import builtins
import importlib
import inspect
import socket
from collections.abc import Callable, Iterator
from typing import Any

from convbook.autograder.crossing.special import SPECIAL
from convbook.autograder.crossing.wire import PLAIN, Side, encode, receive
from convbook.model_files.saved import is_model, loaded_model, saved_model

MOST = 100_000  # objects that the other side can hold
LONGEST_TEXT = 2000  # characters of an error's text

DOINGS: dict[str, Callable[..., Any]] = SPECIAL | {
    "get": getattr,
    "set": setattr,
    "delete": delattr,
    "isinstance": lambda target, value: isinstance(value, target),
    "issubclass": lambda target, value: issubclass(value, target),
    "dir": dir,
    "saved": lambda target: saved_model(target),
    "signature": lambda target: signature_of(target),
}


class Objects(Side):
    """The objects of this process that the other side holds, and the other side's functions as functions of this one."""

    def __init__(self, connection: socket.socket | None = None) -> None:
        self.connection = connection
        self.held: list[Any] = []
        self.numbers: dict[int, int] = {}  # by identity; what is held stays alive, so none is given twice
        self.answer: Callable[[Any], bytes] = lambda request: encode(None)

    def describe(self, value: Any) -> Any:
        """The number of an object, and what the other side must know to stand in for it."""
        if id(value) not in self.numbers:
            if len(self.held) >= MOST:
                return PLAIN.describe(value)
            self.numbers[id(value)] = len(self.held)
            self.held.append(value)
        return {"handle": [self.numbers[id(value)], facts(value)]}

    def restore(self, word: str, content: Any) -> Any:
        """What the other side has sent: an object of ours, a function by its name, a function of its own, a model."""
        if word == "yours":
            return self.held[content]
        if word == "named":
            return named(*content)
        if word == "theirs":
            number, kind = content
            return Theirs(self, number) if kind == "iterator" else self.function(number)
        if word == "model":
            return loaded_model(content)
        return super().restore(word, content)

    def function(self, number: int) -> Callable[..., Any]:
        """A function of the other side."""

        def answered(*arguments: Any, **options: Any) -> Any:
            return self.ask_back([number, list(arguments), options])["result"]

        return answered

    def ask_back(self, call: list[Any]) -> dict[str, Any]:
        """What the other side answers to a call of its function; meanwhile it can ask here."""
        self.connection.sendall(encode({"back": call}, self))
        while True:
            message = receive(self.connection, side=self)
            if "reply" in message:
                break
            self.connection.sendall(self.answer(message))
        reply = message["reply"]
        if "error" in reply:
            raise reply_error(*reply["error"])
        return reply

    def do(self, doing: str, number: int, arguments: list[Any]) -> Any:
        """What comes of doing something with an object that the other side holds."""
        return DOINGS[doing](self.held[number], *arguments)


class Theirs(Iterator):
    """A generator of the other side."""

    def __init__(self, objects: Objects, number: int) -> None:
        self.objects, self.number = objects, number

    def __next__(self) -> Any:
        reply = self.objects.ask_back([self.number, [], {}])
        if reply.get("stop"):
            raise StopIteration
        return reply["result"]


def named(module: str, name: str) -> Any:
    """Something that a library holds under a name."""
    found = importlib.import_module(module)
    for part in name.split(".") if name else ():
        found = getattr(found, part)
    return found


def reply_error(name: str, text: str) -> Exception:
    """The error with which a function of the other side ended."""
    kind = getattr(builtins, name, None)
    known = isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, UnicodeError)
    return kind(text) if known else RuntimeError(f"{name}: {text}")


def facts(value: Any) -> dict[str, Any]:
    """What the other side must know of an object: its type, its special methods, and what it is if it is a class."""
    kind = type(value)
    special = [name for name in SPECIAL if getattr(kind, name, None) is not getattr(object, name, None)]
    made = {"type": str(kind.__name__), "module": str(kind.__module__), "special": special}
    if isinstance(value, type):
        made["name"] = str(value.__name__)
        made["error"] = classes_of(value) if issubclass(value, BaseException) else None
    elif callable(value) and not is_model(value):
        made["name"] = str(getattr(value, "__name__", ""))
    return made


def classes_of(kind: type) -> list[list[str]]:
    """The classes of an error, from its own to the first that is Python's: of each the module, the name and its identity."""
    found = []
    for one in kind.__mro__[:20]:
        found.append([str(one.__module__), str(one.__qualname__), str(id(one))])
        if one.__module__ == "builtins":
            break
    return found


def described_error(error: BaseException, line: str) -> list[Any]:
    """An error as the other side is told of it: its classes, its text, and the line in which it arose."""
    return [classes_of(type(error)), text_of(error)[:LONGEST_TEXT], line]


def text_of(error: BaseException) -> str:
    """An error's text, whatever the error does when it is asked."""
    try:
        return str(error)
    except Exception:
        return ""


def signature_of(target: Any) -> list[list[Any]]:
    """The parameters of a function: name, kind, and the default in a list, or an empty list where there is none."""
    parameters = inspect.signature(target).parameters.values()
    return [[p.name, int(p.kind), [] if p.default is p.empty else [p.default]] for p in parameters]
