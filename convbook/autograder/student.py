"""The student's side of the wall: runs a notebook's cells, calls its functions, and answers with plain data.

This code lives in the student's process, where the student can change anything. So it decides nothing: it holds no test,
no expected value and no points, and what it answers is compared outside. It imports nothing of the course but `wire`.
"""

from __future__ import annotations

import contextlib
import io
import socket
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from convbook.autograder.wire import encode, is_model, receive

CHANGEABLE = (np.ndarray, list, dict)  # arguments that a function can change in place, and that we then change too
LONGEST_TEXT = 100_000  # characters of a cell's printed text that are kept
LARGEST_DATA = 2_000_000  # characters of a picture or a table that are kept
LARGEST = 16_000_000  # of all those of a cell


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


class Notebook:
    """A notebook that runs: IPython without a terminal, a history or a kernel."""

    def __init__(self) -> None:
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

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

    def kinds(self, names: list[str]) -> dict[str, str]:
        """What each name stands for here: "function", "value", or nothing where it is not defined."""
        defined = {name: self.shell.user_ns[name] for name in names if name in self.shell.user_ns}
        return {name: "function" if callable(value) and not is_model(value) else "value" for name, value in defined.items()}

    def keep(self, files: dict[str, Any]) -> None:
        """Writes files beside the notebook: their paths and their bytes."""
        for name, content in files.items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.tobytes())

    def value(self, name: str) -> Any:
        """The value of a name."""
        return self.shell.user_ns[name]

    def call(self, name: str, arguments: list[Any], options: dict[str, Any]) -> dict[str, Any]:
        """What a function of the notebook returns or raises, and what it did to its arguments."""
        before = {n: encode(value) for n, value in enumerate(arguments) if isinstance(value, CHANGEABLE)}
        try:
            quiet = Capped([], "stdout")
            with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
                result = self.shell.user_ns[name](*arguments, **options)
        except BaseException as error:  # an interrupt and an exit too: the next call is answered
            return {"error": [type(error).__name__, text_of(error)[:2000], line_of(error)]}
        changed = {str(n): arguments[n] for n, old in before.items() if encode(arguments[n]) != old}
        return {"result": result, "changed": changed, "views": views(result, arguments)}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The reply to one request."""
        [(verb, content)] = request.items()
        if verb == "run":
            return {"outputs": self.run(content)}
        if verb == "kinds":
            return self.kinds(content)
        if verb == "files":
            return self.keep(content)
        if verb == "value":
            return {"value": self.value(content)}
        return self.call(*content)


def data_kept(data: dict[str, Any]) -> dict[str, str]:
    """The texts of a displayed object, without those that are too large."""
    kept = {kind: content for kind, content in data.items() if type(kind) is str and type(content) is str}
    return {kind: content for kind, content in kept.items() if len(content) <= LARGEST_DATA}


def text_of(error: BaseException) -> str:
    """An error's text, whatever the error does when it is asked."""
    try:
        return str(error)
    except Exception:
        return ""


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


def serve(connection: socket.socket, notebook: Notebook) -> None:
    """Answers requests until the other side closes."""
    while True:
        try:
            connection.sendall(reply(notebook, receive(connection)))
        except KeyboardInterrupt:  # it came after the answer that it was meant for
            continue
        except EOFError:
            return


def reply(notebook: Notebook, request: dict[str, Any]) -> bytes:
    """The answer to a request as a message: an error where there is none that can cross, as a list that holds itself."""
    try:
        return encode(notebook.answer(request))
    except (Exception, KeyboardInterrupt) as error:
        return encode({"error": [type(error).__name__, text_of(error)[:2000], ""]})
