"""The program `convbook`: it starts the command in a process of its own, and sees to it that nothing is left behind.

This process imports nothing large and does nothing but wait. So it can answer at any moment: Ctrl-C and requests to end are
answered with one sentence; all processes of the command end; its temporary folder is removed, also when it was killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType

SENTENCE = "convbook: interrupted. What was graded is written; the same command goes on."
ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
PATIENCE = 5  # seconds that the command gets to bring to its end what must not be cut in two
PREFIX = "convbook-"  # of temporary folders
OWNER = "owner"  # the file in them on which a running command holds a lock
SHOW_CURSOR = "\x1b[?25h\r"  # a progress bar hides it
DIE_WITH_PARENT, ADOPT_ORPHANS = 1, 36  # PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER


def main() -> None:
    """`convbook …`, watched over; where processes cannot be forked, the command alone."""
    if hasattr(os, "fork"):
        watched = [number for number in ENDING if signal.getsignal(number) != signal.SIG_IGN]  # nohup stays what it is
        for number in watched:
            signal.signal(number, leave)
        sys.exit(watch(watched))
    run()


def run() -> None:
    """The command itself."""
    from convbook.cli import main as command

    command(prog_name="convbook")


def leave(number: int, _: FrameType | None) -> None:
    """Ends this process at once: there is nothing yet that could be left behind."""
    say()
    os._exit(128 + number)


def leave_silently(number: int, _: FrameType | None) -> None:
    """The command's end: the process that watches says the sentence and clears up."""
    os._exit(128 + number)


def say() -> None:
    """The sentence, also where nobody can read it any more."""
    with contextlib.suppress(OSError):
        os.write(2, ((SHOW_CURSOR if os.isatty(2) else "") + SENTENCE + "\n").encode())


def watch(watched: list[int]) -> int:
    """Runs the command in a child process; its exit status, once nothing of it is left."""
    control_process(ADOPT_ORPHANS, 1)
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # from here on there is something to clear up
    folder, lock = own_folder()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        become_command(watched, folder)
    asked = pass_signals_to(child, watched)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    status = wait_for(child)
    for number in [*ENDING, signal.SIGALRM]:
        signal.signal(number, signal.SIG_IGN)  # only clearing up is left
    end_orphans()
    remove(folder)
    os.close(lock)
    if asked or status in {128 + number for number in ENDING}:
        say()
    return 128 + asked[0] if asked else status


def pass_signals_to(child: int, watched: list[int]) -> list[int]:
    """From now on, signals ask the command to end; the list of those that came. Asked twice, or slow, it is killed."""
    asked: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        """Answers one signal."""
        os.kill(child, signal.SIGKILL if asked or number == signal.SIGALRM else signal.SIGTERM)
        if number != signal.SIGALRM:
            asked.append(number)
            signal.alarm(PATIENCE)

    for number in [*watched, signal.SIGALRM]:
        signal.signal(number, pass_on)
    return asked


def become_command(watched: list[int], folder: str) -> None:
    """The child's life: all its temporary files in one folder, and it does not outlive the one who watches."""
    import tempfile

    parent = os.getppid()
    control_process(DIE_WITH_PARENT, signal.SIGKILL)
    for number in watched:
        signal.signal(number, leave_silently)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    if os.getppid() != parent:
        os._exit(1)
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    status = 1
    try:
        sweep(os.path.dirname(folder))
        run()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def wait_for(child: int) -> int:
    """The exit status of this process, as a shell names it; processes that lost their parent are buried on the way."""
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def end_orphans() -> None:
    """Ends every process that the command has left behind, and those that these leave in turn."""
    with contextlib.suppress(ChildProcessError):
        while True:
            for orphan in children():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(orphan, signal.SIGKILL)
            os.wait()


def children() -> list[int]:
    """The processes whose parent is this one, where the system says so."""
    found = []
    for entry in os.listdir("/proc") if sys.platform.startswith("linux") else []:
        with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{entry}/stat", "rb") as file:
            if int(file.read().rpartition(b")")[2].split()[1]) == os.getpid():
                found.append(int(entry))
    return found


def control_process(option: int, value: int) -> None:
    """One call of Linux' prctl; nothing elsewhere."""
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def own_folder() -> tuple[str, int]:
    """(a new temporary folder, a lock on it that ends with this process)."""
    import fcntl
    import tempfile

    folder = tempfile.mkdtemp(prefix=PREFIX)
    lock = os.open(os.path.join(folder, OWNER), os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return folder, lock


def sweep(place: str) -> None:
    """Removes the temporary folders of commands that were killed: those of this user on which nobody has a lock."""
    import fcntl

    for name in os.listdir(place):
        folder = os.path.join(place, name)
        with contextlib.suppress(OSError):
            if name.startswith(PREFIX) and not os.path.islink(folder) and os.stat(folder).st_uid == os.geteuid():
                lock = os.open(os.path.join(folder, OWNER), os.O_RDWR | os.O_NOFOLLOW)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    remove(folder)
                finally:
                    os.close(lock)


def remove(folder: str) -> None:
    """Deletes a folder, as far as that is possible."""
    import shutil

    with contextlib.suppress(RecursionError):  # thousands of folders within each other
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
