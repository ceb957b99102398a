"""A plugin of pytest: nbval compares what the chapters printed in their last run, and runs nothing itself.

`pytest -p convbook.course.replay --nbval --executed chapters`. The comparison, its tags and its reports are nbval's own: it
talks to what stands here in the place of a kernel, which answers each cell with the outputs that the run has kept.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import pytest

from convbook.course.run_chapters import executed


def pytest_addoption(parser: Any) -> None:
    """The option that this plugin is for."""
    parser.getgroup("nbval").addoption("--executed", action="store_true", help="Compare the outputs of `convbook chapters`.")


def pytest_configure(config: Any) -> None:
    """With the option, files of notebooks get a recording for a kernel."""
    if config.getoption("--executed"):
        from nbval.plugin import IPyNbFile

        before = IPyNbFile.setup
        IPyNbFile.setup = set_up
        config.add_cleanup(lambda: setattr(IPyNbFile, "setup", before))


def set_up(file: Any) -> None:
    """What nbval does before the cells of a notebook, with a recording in place of a kernel."""
    try:
        file.kernel = Recording(Path(file.path))
    except LookupError as error:
        pytest.fail(str(error), pytrace=False)
    file.setup_sanitize_files()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Says which cell is asked for: not every one may be chosen, and two may have the same source."""
    kernel = getattr(item.parent, "kernel", None)
    if isinstance(kernel, Recording):
        kernel.number = item.cell_num


class Recording:
    """The outputs of a chapter's last run, told as a kernel tells them."""

    def __init__(self, path: Path) -> None:
        self.cells = [cell for cell in executed(path).cells if cell.cell_type == "code"]
        self.messages: deque[dict[str, Any]] = deque()
        self.number = 0  # of the cell that is asked for, among those with code

    def execute_cell_input(self, source: str, allow_stdin: bool | None = None) -> str:
        """Tells what this cell gave."""
        name = f"cell {self.number}"
        told = [message(name, output["output_type"], content_of(output)) for output in self.cells[self.number].outputs]
        self.messages = deque([*told, message(name, "status", {"execution_state": "idle"})])
        return name

    def await_reply(self, name: str, timeout: float | None = None) -> None:
        """The cell has ended long ago."""

    def await_idle(self, name: str, timeout: float | None = None) -> None:
        """The same."""

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        """The next message."""
        return self.messages.popleft()

    def is_alive(self) -> bool:
        """A recording does not die."""
        return True

    def interrupt(self) -> None:
        """There is nothing to be interrupted."""

    def stop(self) -> None:
        """There is nothing to be stopped."""


def message(name: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """A message of a kernel about a cell."""
    return {"msg_type": kind, "parent_header": {"msg_id": name}, "content": content}


def content_of(output: dict[str, Any]) -> dict[str, Any]:
    """What a kernel's message about an output holds."""
    return {key: value for key, value in output.items() if key != "output_type"}
