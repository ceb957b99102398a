"""A filter of system calls for a student's process: no rooms of its own, and no memory that nobody counts.

Behind the wall a process has no rights, but the kernel gives rights to whoever makes a new user namespace: there it could
mount folders in memory without a limit. Memory without an address, as that of `memfd_create`, belongs to no process, so
that watching the processes does not find it. A notebook needs neither. It needs no other program either, and no socket: a
fresh Python would have what an assignment forbids, and a socket of some families leaves the network namespace.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

# Numbers of system calls on (x86_64, aarch64).
REFUSED = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "unshare": (272, 97),
    "setns": (308, 268),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "ptrace": (101, 117),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
}
SOCKET = (41, 198)  # of no family; a pair of connected sockets, which leads nowhere else, is another call
CLONE3 = 435  # on both; its flags lie in memory, where a filter cannot look
MACHINES = {"x86_64": (0xC000003E, 56), "aarch64": (0xC00000B7, 220)}  # their names in a filter, and their `clone`
OTHER_NUMBERS = 0x40000000  # from here on stand the calls of x86_64's second kind (x32)
NEW_ROOMS = 0x7E020000  # the flags of `clone` that make namespaces
SET_SECCOMP, FILTER = 22, 2  # prctl's number and its argument
ALLOW, REFUSE = 0x7FFF0000, 0x00050000  # what a filter can answer; REFUSE with the error's number
LOAD, RETURN, EQUAL, AT_LEAST, ANY_BIT = 0x20, 0x06, 0x15, 0x35, 0x45  # a filter's instructions
NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16  # where they stand in what a filter is shown


class Program(ctypes.Structure):
    """A filter as prctl takes it: how many instructions, and where they are."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def filter_program() -> bytes:
    """The filter for this machine; NotImplementedError where its numbers are not known."""
    name = platform.machine()
    if name not in MACHINES:
        raise NotImplementedError(f"The sandbox's filter knows the machines {', '.join(MACHINES)}. Received: {name}.")
    machine, clone = MACHINES[name]
    column = list(MACHINES).index(name)
    refused = sorted(numbers[column] for numbers in REFUSED.values())
    lines = [(LOAD, 0, 0, MACHINE), (EQUAL, 1, 0, machine), refuse(errno.EPERM), (LOAD, 0, 0, NUMBER)]
    lines += [(AT_LEAST, 0, 1, OTHER_NUMBERS), refuse(errno.EPERM)]
    lines += [(EQUAL, 0, 1, CLONE3), refuse(errno.ENOSYS)]  # the C library then uses `clone`
    lines += [(EQUAL, 0, 1, SOCKET[column]), refuse(errno.EAFNOSUPPORT)]
    for number in refused:
        lines += [(EQUAL, 0, 1, number), refuse(errno.EPERM)]
    lines += [(EQUAL, 0, 3, clone), (LOAD, 0, 0, FIRST_ARGUMENT), (ANY_BIT, 0, 1, NEW_ROOMS), refuse(errno.EPERM)]
    lines += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def refuse(number: int) -> tuple[int, int, int, int]:
    """The instruction that answers a call with an error."""
    return RETURN, 0, 0, REFUSE | number


def refuse_calls(libc: ctypes.CDLL) -> int:
    """Puts this process and its children behind the filter, for good; prctl's result. It must have NO_NEW_PRIVILEGES."""
    content = filter_program()
    program = Program(len(content) // 8, content)
    return libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(program), 0, 0)
