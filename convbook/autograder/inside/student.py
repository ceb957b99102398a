"""The student's side of the wall: runs a notebook's cells, calls its functions, and answers with plain data.

This code lives in the student's process, where the student can change anything. So it decides nothing: it holds no test,
no expected value and no points, and what it answers is compared outside. Of the course it imports how values cross, and
nothing else.
"""

from __future__ import annotations

import contextlib
import io
import socket
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from convbook.autograder.crossing.wire import encode, receive
from convbook.autograder.inside.objects import Objects, described_error, named, text_of
from convbook.model_files.saved import is_model

CHANGEABLE = (np.ndarray, list, dict)  # arguments that a function can change in place, and that we then change too
LONGEST_TEXT = 100_000  # characters of a cell's printed text that are kept
LARGEST_DATA = 2_000_000  # characters of a picture or a table that are kept
LARGEST = 16_000_000  # of all those of a cell
MOST_NAMES = 10_000  # of a notebook


class Capped(io.TextIOBase):
    """A stream that keeps the first characters written to it, and takes the rest without keeping it."""

    def __init__(self, outputs: list[dict[str, Any]], name: str) -> None:
        self.outputs, self.name, self.left = outputs, name, LONGEST_TEXT

    def writable(self) -> bool:
        """A stream to write to."""
        return True

    def write(self, text: str) -> int:
        """Appends to the cell's outputs, joined with what this stream wrote before."""
        kept = text[: self.left]
        self.left -= len(kept)
        if kept and self.outputs and self.outputs[-1].get("name") == self.name:
            self.outputs[-1]["text"] += kept
        elif kept:
            self.outputs.append({"output_type": "stream", "name": self.name, "text": kept})
        return len(text)


class Host:
    """A process whose objects the other side holds and calls."""

    def __init__(self) -> None:
        self.objects = Objects()

    def call(self, target: Any, arguments: list[Any], options: dict[str, Any]) -> dict[str, Any]:
        """What a call returns or raises, what it prints, and what it did to its arguments."""
        before = {n: encode(value) for n, value in enumerate(arguments) if isinstance(value, CHANGEABLE)}
        streams: list[dict[str, Any]] = []
        try:
            quiet = Capped(streams, "stdout")
            with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
                result = target(*arguments, **options)
        except BaseException as error:  # an interrupt and an exit too: the next call is answered
            return {"error": described_error(error, line_of(error)), "printed": printed(streams)}
        changed = {str(n): arguments[n] for n, old in before.items() if encode(arguments[n]) != old}
        return {"result": result, "changed": changed, "views": views(result, arguments), "printed": printed(streams)}

    def do(self, doing: str, number: int, arguments: list[Any]) -> dict[str, Any]:
        """What comes of doing something with an object that the other side holds by this number."""
        try:
            return {"result": self.objects.do(doing, number, arguments)}
        except (StopIteration, StopAsyncIteration):
            return {"stop": True}

    def answer(self, request: dict[str, Any]) -> Any:
        """The reply to one request."""
        [(verb, content)] = request.items()
        return {"do": self.do, "call": self.call}[verb](*content)


class Notebook(Host):
    """A notebook that runs: IPython without a terminal, a history or a kernel."""

    def __init__(self) -> None:
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        super().__init__()
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        self.shell = InteractiveShell.instance(config=config)
        self.outputs: list[dict[str, Any]] = []
        self.left = LARGEST
        self.shell.display_pub.publish = self.publish
        self.shell.displayhook.write_output_prompt = lambda: None
        self.shell.displayhook.write_format_data = self.show
        self.shell._showtraceback = self.note_error

    def publish(self, data: dict[str, Any], metadata: Any = None, **_: Any) -> None:
        """A picture or a table that the cell displays."""
        self.append({"output_type": "display_data", "data": data_kept(data), "metadata": {}})

    def show(self, data: dict[str, Any], metadata: Any = None) -> None:
        """The value of a cell's last line, in the forms that IPython gives it."""
        shown = {"output_type": "execute_result", "data": data_kept(data), "metadata": {}, "execution_count": None}
        self.append(shown)

    def append(self, shown: dict[str, Any]) -> None:
        """One more displayed object, while there is room for it."""
        self.left -= 100 + sum(map(len, shown["data"].values()))
        if self.left >= 0:
            self.outputs.append(shown)

    def note_error(self, kind: type, error: BaseException, lines: list[str]) -> None:
        """An error that ends a cell."""
        text = "\n".join(map(str, lines))[-LONGEST_TEXT:]
        named = {"ename": kind.__name__, "evalue": text_of(error)[:2000], "traceback": text.splitlines()}
        self.outputs.append({"output_type": "error", **named})

    def run(self, source: str) -> list[dict[str, Any]]:
        """The outputs of a cell, as a notebook file has them."""
        self.outputs, self.left = [], LARGEST
        streams = Capped(self.outputs, "stdout"), Capped(self.outputs, "stderr")
        with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
            self.shell.run_cell(source, store_history=False)
        return self.outputs

    def names(self) -> dict[str, Any]:
        """All names that the notebook has defined: what can be called, and "value" for the others."""
        hidden, found = self.shell.user_ns_hidden, {}
        for name, value in list(self.shell.user_ns.items())[:MOST_NAMES]:
            if type(name) is str and hidden.get(name, hidden) is not value:
                found[name] = value if callable(value) and not is_model(value) else "value"
        return found

    def keep(self, files: dict[str, Any]) -> None:
        """Writes files beside the notebook: their paths and their bytes."""
        for name, content in files.items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.tobytes())

    def value(self, name: str) -> Any:
        """The value of a name."""
        return self.shell.user_ns[name]

    def seed(self, name: str, arguments: list[Any]) -> None:
        """Seeds a library's generator."""
        module, _, function = name.rpartition(".")
        named(module, function)(*arguments)

    def answer(self, request: dict[str, Any]) -> Any:
        """The reply to one request."""
        [(verb, content)] = request.items()
        if verb == "run":
            return {"outputs": self.run(content)}
        if verb == "names":
            return self.names()
        if verb == "value":
            return {"value": self.value(content)}
        if verb == "files":
            return self.keep(content)
        return self.seed(*content) if verb == "seed" else super().answer(request)


def data_kept(data: dict[str, Any]) -> dict[str, str]:
    """The texts of a displayed object, without those that are too large."""
    kept = {kind: content for kind, content in data.items() if type(kind) is str and type(content) is str}
    return {kind: content for kind, content in kept.items() if len(content) <= LARGEST_DATA}


def printed(streams: list[dict[str, Any]]) -> str:
    """What a call has printed."""
    return streams[0]["text"] if streams else ""


def line_of(error: BaseException) -> str:
    """The line of the student's code in which an error arose."""
    frames = traceback.extract_tb(error.__traceback__)[1:]  # the first frame is ours
    own = [frame for frame in frames if frame.filename.startswith("<ipython-input") or "ipykernel" in frame.filename]
    return (own or frames)[-1].line or "" if frames else ""


def views(result: Any, arguments: list[Any]) -> list[list[Any]]:
    """For each array of the result that lies inside an argument: [its place, the argument's, offset, strides].

    The place is -1 for the result itself, else that in a tuple or list. Offset and strides count bytes.
    """
    parts = enumerate(result) if type(result) in (tuple, list) else [(-1, result)]
    found = []
    for place, part in parts:
        for number, argument in enumerate(arguments):
            if isinstance(part, np.ndarray) and isinstance(argument, np.ndarray) and np.shares_memory(part, argument):
                offset = part.__array_interface__["data"][0] - argument.__array_interface__["data"][0]
                found.append([place, number, offset, list(part.strides)])
    return found


def serve(connection: socket.socket, host: Host) -> None:
    """Answers requests until the other side closes."""
    objects = host.objects
    objects.connection, objects.answer = connection, lambda request: reply(host, request)
    while True:
        try:
            connection.sendall(reply(host, receive(connection, side=objects)))
        except KeyboardInterrupt:  # it came after the answer that it was meant for
            continue
        except EOFError:
            return


def reply(host: Host, request: dict[str, Any]) -> bytes:
    """The answer to a request as a message: an error where there is none that can cross, as a list that holds itself."""
    try:
        return encode(host.answer(request), host.objects)
    except (Exception, KeyboardInterrupt) as error:
        return encode({"error": described_error(error, line_of(error))})
