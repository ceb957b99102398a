"""Inside the sandbox: a warm process that has imported what notebooks need, and forks one student's process at a time.

A fork takes milliseconds where a new Python with NumPy takes tenths of a second and one with Keras several. The child
gets namespaces of its own, so that nothing that it starts outlives it and nothing that it writes is seen by the next.
This process runs no line of a student's: it forks, watches the memory, passes on signals, and reports how a child ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import tempfile
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from convbook.autograder.seccomp import filter_program, refuse_calls
from convbook.autograder.student import Notebook, serve
from convbook.autograder.wire import encode

NEW_MOUNT, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = 0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NOSUID_NODEV, REMOUNT = 1, 6, 32
# prctl's numbers with their arguments
DIE_WITH_PARENT, HIDDEN, OPEN, NO_NEW_PRIVILEGES = (1, signal.SIGKILL), (4, 0), (4, 1), (38, 1)
NOBODY = 65534
CAPABILITIES_VERSION = 0x20080522
WATCH = 0.1  # seconds between two looks at the memory
MOST_FILES = 20_000  # of a student's process: an empty file takes memory too
COUNTED = ("RssAnon:", "RssShmem:", "VmSwap:")  # memory that is a process's own, or shared with its children

libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Limits:
    """What a student's process may take: bytes of memory and of files, processes, seconds of processor time."""

    memory: int
    disk: int
    processes: int
    cpu_seconds: int
    private: str  # the folder that it can write to
    walls: bool  # False: nothing is private, where somebody has said so


def must(result: int, what: str) -> None:
    """OSError if a call of the C library failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def stop_being_root() -> None:
    """Limits do not bind root: whoever started this as root has it run as nobody."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def enter_namespaces() -> None:
    """Own users, mounts, processes, network and messages for this process's children."""
    user, group = os.getuid(), os.getgid()
    must(libc.prctl(*OPEN, 0, 0, 0), "prctl")  # else the next files could not be written
    must(libc.unshare(NEW_USER | NEW_MOUNT | NEW_PID | NEW_NET | NEW_IPC), "unshare")
    for name, text in [("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")]:
        Path(f"/proc/self/{name}").write_text(text)


def empty_folder(place: str, size: int) -> None:
    """An empty folder in memory over `place`, seen by this process and its children only; read-only if its size is 0."""
    flags = NOSUID_NODEV | (0 if size else READ_ONLY)  # to the system itself, 0 means that there is no limit
    options = f"size={size or 4096},nr_inodes={MOST_FILES},mode=0700"
    must(libc.mount(b"none", place.encode(), b"tmpfs", flags, options.encode()), f"mount {place}")


def hide_processes() -> None:
    """A /proc that knows of no process, not even the warm one; TensorFlow asks it for the name of the running program."""
    empty_folder("/proc", 2**16)
    os.mkdir("/proc/self", 0o755)
    os.symlink(os.path.realpath(sys.executable), "/proc/self/exe")
    Path("/proc/self/cmdline").write_text(f"{sys.executable}\0")
    must(libc.mount(b"none", b"/proc", None, REMOUNT | READ_ONLY | NOSUID_NODEV, None), "mount /proc")


def drop_capabilities() -> None:
    """Gives up every right that the own user namespace has given."""
    header = struct.pack("Ii", CAPABILITIES_VERSION, 0)
    must(libc.capset(header, bytes(24)), "capset")
    must(libc.prctl(*NO_NEW_PRIVILEGES, 0, 0, 0), "prctl")


def set_limits(limits: Limits) -> None:
    """The kernel's own limits; memory counts from what the warm process already has."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    data = int(status["VmData"].split()[0]) * 1024 + limits.memory
    for kind, most in [
        (resource.RLIMIT_DATA, data),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_CORE, 0),
    ]:
        resource.setrlimit(kind, (most, most))


def keep_only(descriptor: int) -> None:
    """Closes all that this process has inherited but one: the warm process's own connection above all."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))


def become_student(connection: socket.socket, notebook: Notebook, limits: Limits) -> None:
    """The child's life: private folders, no rights, limits; then it answers until the other side closes."""
    os.setsid()  # a signal to its process group must not reach ours
    if limits.walls:
        must(libc.prctl(*DIE_WITH_PARENT, 0, 0, 0), "prctl")
        set_limits(limits)
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


def fork_student(connection: socket.socket, notebook: Notebook, limits: Limits) -> tuple[int, int]:
    """(keeper, student): the keeper is a process whose only child is the student's; when it ends, all of them end."""
    reading, writing = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        status = 1
        try:
            os.close(reading)
            if limits.walls:
                must(libc.prctl(*DIE_WITH_PARENT, 0, 0, 0), "prctl")
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

    def __init__(self, control: socket.socket, notebook: Notebook, limits: Limits) -> None:
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


def forbid(name: str) -> None:
    """Puts a function that raises in the place of a forbidden one, as "numpy.convolve", wherever its package holds it."""
    package, _, last = name.rpartition(".")
    function = getattr(importlib.import_module(package), last)

    def forbidden(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"{name} must not be used in this assignment: write it yourself.")

    for place, module in list(sys.modules.items()):
        if place.split(".")[0] == package.split(".")[0]:
            for key in [key for key, value in vars(module).items() if value is function]:
                setattr(module, key, forbidden)


def main() -> None:
    """`nursery.py DESCRIPTOR SETTINGS` (the sandbox's, as JSON): imports the warm modules, says so, and serves."""
    control, settings = socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[2])
    limits = Limits(**{field.name: settings[field.name] for field in fields(Limits)})
    if limits.walls:
        stop_being_root()
    for name in settings["warm"]:
        importlib.import_module(name)
    for name in settings["forbidden"]:
        forbid(name)
    notebook = Notebook()
    if limits.walls:
        filter_program()  # where there is none for this machine, nobody starts
        must(libc.prctl(*HIDDEN, 0, 0, 0), "prctl")  # no student's process can look into this one
    control.sendall(encode("ready"))
    Nursery(control, notebook, limits).run()


if __name__ == "__main__":
    main()
