"""The walls around one student's process: namespaces, empty folders, no rights, limits. A function for each."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

NEW_MOUNT, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = 0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NOSUID_NODEV, REMOUNT, BIND = 1, 6, 32, 4096
# prctl's numbers with their arguments
DIE_WITH_PARENT, HIDDEN, OPEN, NO_NEW_PRIVILEGES = (1, signal.SIGKILL), (4, 0), (4, 1), (38, 1)
NOBODY = 65534
CAPABILITIES_VERSION = 0x20080522
MOST_FILES = 20_000  # of a student's process: an empty file takes memory too

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
    covered: tuple[str, ...] = ()  # files that must not be read


def control_process(option: tuple[int, int]) -> None:
    """One of prctl's options for this process."""
    must(libc.prctl(*option, 0, 0, 0), "prctl")


def must(result: int, what: str) -> None:
    """OSError if a call of the C library failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def become_nobody() -> None:
    """Limits do not bind root: whoever started this as root has it run as nobody."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def enter_namespaces() -> None:
    """Own users, mounts, processes, network and messages for this process's children."""
    user, group = os.getuid(), os.getgid()
    control_process(OPEN)  # else the next files could not be written
    must(libc.unshare(NEW_USER | NEW_MOUNT | NEW_PID | NEW_NET | NEW_IPC), "unshare")
    for name, text in [("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")]:
        Path(f"/proc/self/{name}").write_text(text)


def empty_folder(place: str, size: int) -> None:
    """An empty folder in memory over `place`, seen by this process and its children only; read-only if its size is 0."""
    flags = NOSUID_NODEV | (0 if size else READ_ONLY)  # to the system itself, 0 means that there is no limit
    options = f"size={size or 4096},nr_inodes={MOST_FILES},mode=0700"
    must(libc.mount(b"none", place.encode(), b"tmpfs", flags, options.encode()), f"mount {place}")


def cover(paths: tuple[str, ...]) -> None:
    """Files of this process's own view become empty."""
    for path in paths:
        if os.path.exists(path):
            must(libc.mount(b"/dev/null", path.encode(), None, BIND, None), f"cover {path}")


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
    control_process(NO_NEW_PRIVILEGES)


def data_segment() -> int:
    """Bytes of memory that this process has asked for."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmData"].split()[0]) * 1024


def set_limits(limits: Limits) -> None:
    """The kernel's own limits; memory counts from what the warm process already has."""
    for kind, most in [
        (resource.RLIMIT_DATA, data_segment() + limits.memory),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_CORE, 0),
    ]:
        resource.setrlimit(kind, (most, most))
