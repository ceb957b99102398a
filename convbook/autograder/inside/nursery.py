"""Inside the sandbox: a warm process that has imported what notebooks need, and forks one student's process at a time.

A fork takes milliseconds where a new Python with NumPy takes tenths of a second and one with Keras several. The child
gets namespaces of its own, so that nothing that it starts outlives it and nothing that it writes is seen by the next.
This process runs no line of a student's: it forks, watches the memory, passes on signals, and reports how a child ended.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
import tempfile
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from convbook.autograder.crossing.wire import encode
from convbook.autograder.inside.forbid import forbid
from convbook.autograder.inside.seccomp import filter_program, refuse_calls
from convbook.autograder.inside.student import Host, Notebook, serve
from convbook.autograder.inside.walls import (
    DIE_WITH_PARENT,
    HIDDEN,
    Limits,
    become_nobody,
    control_process,
    cover,
    drop_capabilities,
    empty_folder,
    enter_namespaces,
    hide_processes,
    libc,
    must,
    set_limits,
)

WATCH = 0.1  # seconds between two looks at the memory
COUNTED = ("RssAnon:", "RssShmem:", "VmSwap:")  # memory that is a process's own, or shared with its children


def keep_only(descriptor: int) -> None:
    """Closes all that this process has inherited but one: the warm process's own connection above all."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))


def become_student(connection: socket.socket, notebook: Host, limits: Limits) -> None:
    """The child's life: private folders, no rights, limits; then it answers until the other side closes."""
    os.setsid()  # a signal to its process group must not reach ours
    if limits.walls:
        control_process(DIE_WITH_PARENT)
        set_limits(limits)
        cover(limits.covered)
        empty_folder(limits.private, limits.disk)
        hide_processes()
        drop_capabilities()
        must(refuse_calls(libc), "seccomp")
    home = os.path.join(limits.private, "work") if limits.walls else tempfile.mkdtemp(dir=limits.private)
    os.makedirs(home, exist_ok=True)
    os.chdir(home)
    os.environ["HOME"] = home
    sys.path.insert(0, home)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    serve(connection, notebook)


def fork_student(connection: socket.socket, notebook: Host, limits: Limits) -> tuple[int, int]:
    """(keeper, student): the keeper is a process whose only child is the student's; when it ends, all of them end."""
    reading, writing = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        status = 1
        try:
            os.close(reading)
            if limits.walls:
                control_process(DIE_WITH_PARENT)
                enter_namespaces()
            child = os.fork()
            if child == 0:
                keep_only(connection.fileno())
                become_student(connection, notebook, limits)
                os._exit(0)
            os.write(writing, struct.pack("i", child))
            connection.close()
            status = os.waitpid(child, 0)[1]
        finally:
            os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
    os.close(writing)
    connection.close()
    told = os.read(reading, 4)
    os.close(reading)
    return keeper, struct.unpack("i", told)[0] if told else 0


def memory_used(own: int) -> int:
    """Bytes in memory that all processes behind the wall but this one and its parent have for themselves."""
    total = 0
    for entry in os.listdir("/proc"):
        if entry.isdecimal() and int(entry) not in (own, 1):
            with contextlib.suppress(OSError):  # it ended meanwhile
                lines = Path(f"/proc/{entry}/status").read_text(errors="replace").splitlines()
                total += sum(1024 * int(line.split()[1]) for line in lines if line.startswith(COUNTED))
    return total


class Nursery:
    """The loop of the warm process: one student's process at a time."""

    def __init__(self, control: socket.socket, notebook: Host, limits: Limits) -> None:
        self.control, self.notebook, self.limits = control, notebook, limits
        self.keeper = self.student = 0
        self.base = 0  # memory of the fork before the student's code ran
        self.too_large = False
        self.folder: tempfile.TemporaryDirectory | None = None  # where nothing is private, else None

    def run(self) -> None:
        """Serves until the other side closes."""
        while True:
            ready, _, _ = select.select([self.control], [], [], WATCH if self.keeper else None)
            watched = self.student and self.limits.walls and not self.too_large
            if watched and memory_used(os.getpid()) - self.base > self.limits.memory:
                self.too_large = True
                self.kill(signal.SIGKILL)
            if ready and not self.step():
                return

    def step(self) -> bool:
        """One request; False at the end."""
        verb, descriptors, _, _ = socket.recv_fds(self.control, 1, 1)
        if not verb:
            return False
        answer: Any = None
        if verb == b"S":
            limits = self.limits
            if not limits.walls:
                self.folder = tempfile.TemporaryDirectory()
                limits = replace(limits, private=self.folder.name)
            with socket.socket(fileno=descriptors[0]) as connection:
                self.keeper, self.student = fork_student(connection, self.notebook, limits)
            self.too_large, self.base = False, memory_used(os.getpid()) if self.limits.walls else 0
        elif verb == b"I":
            self.kill(signal.SIGINT)
        elif verb in b"EG":
            answer = self.end(patience=1.0 if verb == b"G" else 0.0)
        self.control.sendall(encode(answer))
        return True

    def kill(self, number: int) -> None:
        """Sends the student's process a signal, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            if self.student:
                os.kill(self.student, number)

    def end(self, patience: float) -> dict[str, Any]:
        """Ends the student's process and all that it started; how it had ended, or None in "exit" if it was still alive.

        `patience` is how many seconds a process may take to end that does not answer any more.
        """
        if not self.keeper:
            return {"exit": None, "too_large": False, "cpu_seconds": 0.0}
        deadline = time.monotonic() + patience
        pid, status, usage = os.wait4(self.keeper, os.WNOHANG)
        while pid == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
            pid, status, usage = os.wait4(self.keeper, os.WNOHANG)
        alive = pid == 0
        if not self.limits.walls:  # behind the wall, all that it started ends with it
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.student, signal.SIGKILL)
        if alive:
            self.kill(signal.SIGKILL)
            _, status, usage = os.wait4(self.keeper, 0)
        self.keeper = self.student = 0
        if self.folder:
            self.folder.cleanup()
        code = None if alive else os.waitstatus_to_exitcode(status)
        return {"exit": code, "too_large": self.too_large, "cpu_seconds": usage.ru_utime + usage.ru_stime}


def models_host() -> Host:
    """What is served where models are loaded."""
    from convbook.autograder.inside.model_host import ModelHost

    return ModelHost()


def main() -> None:
    """`nursery.py DESCRIPTOR SETTINGS` (the sandbox's, as JSON): imports the warm modules, says so, and serves."""
    control, settings = socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[2])
    limits = Limits(**{field.name: settings[field.name] for field in fields(Limits) if field.name in settings})
    if limits.walls:
        become_nobody()
    for name in settings["warm"]:
        importlib.import_module(name)
    covered = [path for rule in settings["forbidden"] for path in forbid(rule)]
    limits = replace(limits, covered=tuple(covered))
    notebook = models_host() if settings["models"] else Notebook()
    if limits.walls:
        filter_program()  # where there is none for this machine, nobody starts
        control_process(HIDDEN)  # no student's process can look into this one
    gc.freeze()  # a collection in a fork would write to, and so copy, every page of what is imported
    control.sendall(encode("ready"))
    Nursery(control, notebook, limits).run()


if __name__ == "__main__":
    main()
