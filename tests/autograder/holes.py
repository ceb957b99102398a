"""The walls of the grader, taken away one at a time: each hole must be found by a test.

`make siege` runs this file by its name. For each hole the package is copied, a line of the copy is changed, and the tests
that watch this wall run against the copy: a test that passes all the same would prove nothing. Where one wall stands behind
another, both are taken away, since neither would be missed alone.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from convbook.course.settings import ROOT

GRADER = "convbook/autograder"
WALL, INSIDE, CROSSING = (f"{GRADER}/{folder}" for folder in ("wall", "inside", "crossing"))
SHOWN = "[*SYSTEM, *python_folders()], needed_modules()"
PATIENCE = 300  # seconds for the tests of one hole


@dataclass(frozen=True)
class Hole:
    """A wall that is taken away: (file, text, what stands in its place) of each change, and the tests that must fail."""

    wall: str
    changes: tuple[tuple[str, str, str], ...]
    tests: str


HOLES = [
    Hole(
        "programs and sockets: the filter of system calls",
        ((f"{INSIDE}/nursery.py", 'must(refuse_calls(libc), "seccomp")', "pass"),),
        "tests/autograder/test_forbid.py -k other_program",
    ),
    Hole(
        "sockets: one family of them",
        ((f"{INSIDE}/seccomp.py", "(EQUAL, 0, 1, SOCKET[column])", "(EQUAL, 0, 1, 0xFFFF)"),),
        "tests/autograder/test_forbid.py -k any_family",
    ),
    Hole(
        "the network: no socket, and nobody there",
        (
            (f"{INSIDE}/seccomp.py", "(EQUAL, 0, 1, SOCKET[column])", "(EQUAL, 0, 1, 0xFFFF)"),
            (f"{WALL}/sandbox.py", '"--unshare-net", ', ""),
            (f"{INSIDE}/walls.py", "NEW_PID | NEW_NET | NEW_IPC", "NEW_PID | NEW_IPC"),
        ),
        "tests/autograder/test_sandbox.py -k no_network",
    ),
    Hole(
        "files: the course is not shown",
        ((f"{WALL}/sandbox.py", SHOWN, SHOWN.replace("]", ", str(PACKAGE.parent)]")),),
        "tests/autograder/test_sandbox.py -k of_the_machine_is_readable",
    ),
    Hole(
        "files: packages do not tell where the course is",
        ((f"{WALL}/sandbox.py", "for path in telling_files():", "for path in ():"),),
        "tests/autograder/test_sandbox.py -k says_where_the_course_is",
    ),
    Hole(
        "files: the private folder is one student's own, and small",
        ((f"{INSIDE}/nursery.py", "empty_folder(limits.private, limits.disk)", "pass"),),
        "tests/autograder/test_sandbox.py -k 'nothing_of_the_one_before or disk_is_limited'",
    ),
    Hole(
        "rights: the student is nobody",
        (
            (f"{INSIDE}/nursery.py", "        become_nobody()", "        pass"),
            (f"{INSIDE}/nursery.py", "drop_capabilities()\n", "control_process((38, 1))\n"),
            (f"{WALL}/sandbox.py", '"--uid", "65534", "--gid", "65534"', '"--uid", "0", "--gid", "0"'),
        ),
        "tests/autograder/test_sandbox.py -k not_root",
    ),
    Hole(
        "limits: memory of many processes together",
        ((f"{INSIDE}/nursery.py", "if watched and memory_used(os.getpid()) - self.base > self.limits.memory:", "if False:"),),
        "tests/autograder/test_sandbox.py -k counts_together",
    ),
    Hole(
        "limits: memory of one process",
        ((f"{INSIDE}/walls.py", "(resource.RLIMIT_DATA, data_segment() + limits.memory),", ""),),
        "tests/autograder/test_sandbox.py -k too_much_memory",
    ),
    Hole(
        "limits: what a student starts ends with the notebook",
        (
            (f"{INSIDE}/walls.py", "NEW_MOUNT | NEW_PID | NEW_NET", "NEW_MOUNT | NEW_NET"),
            (f"{INSIDE}/nursery.py", "        if not self.limits.walls:  # behind", "        if False:  # behind"),
        ),
        "tests/autograder/test_sandbox.py -k detached",
    ),
    Hole(
        "forbidden functions: their code in Python",
        ((f"{INSIDE}/forbid.py", 'function.__code__ = made["refused"].__code__', "pass"),),
        "tests/autograder/test_forbid.py -k 'in_no_way and its_name or in_no_way and module'",
    ),
    Hole(
        "forbidden functions: their code in C",
        ((f"{INSIDE}/forbid.py", "        refuse_in_c(function)\n", ""),),
        "tests/autograder/test_forbid.py -k in_no_way",
    ),
    Hole(
        "forbidden functions: their source",
        ((f"{INSIDE}/nursery.py", "        cover(limits.covered)\n", ""),),
        "tests/autograder/test_forbid.py -k in_no_way",
    ),
    Hole(
        "the wire: bytes that are announced and are not there",
        ((f"{CROSSING}/wire.py", "    if arrays.left:", "    if False:"),),
        "tests/autograder/test_wire.py -k hostile_messages",
    ),
    Hole(
        "the wire: kinds of arrays",
        ((f"{CROSSING}/wire.py", "if not isinstance(dtype, str) or not DTYPE.fullmatch(dtype):", "if False:"),),
        "tests/autograder/test_wire.py -k hostile_messages",
    ),
    Hole(
        "objects: a result learns nothing of what is expected",
        ((f"{WALL}/remote.py", "if self.allowed is not None and doing not in self.allowed:", "if False:"),),
        "tests/autograder/test_remote.py -k learns_nothing",
    ),
    Hole(
        "objects: a comparison with a value of ours is decided here",
        (
            (f"{WALL}/stand_ins.py", "        if not is_stand_in(other):\n            return NotImplemented\n", ""),
            (f"{WALL}/remote.py", "*ARITHMETIC_NAMES, *COMPARISONS, ", "*ARITHMETIC_NAMES, "),
        ),
        "tests/autograder/test_remote.py -k learns_nothing",
    ),
    Hole(
        "the notebook: tests are the instructor's",
        (
            (
                f"{GRADER}/rebuild.py",
                "    if is_answer(cell):\n        fill(",
                "    if answer or is_answer(cell):\n        fill(",
            ),
        ),
        "tests/autograder/test_rebuild.py",
    ),
    Hole(
        "files handed in: links are not followed",
        ((f"{GRADER}/submission.py", "os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK", "os.O_RDONLY | os.O_NONBLOCK"),),
        "tests/autograder/test_submission.py -k links",
    ),
    Hole(
        "files handed in: names that cannot be used",
        ((f"{GRADER}/folder.py", "if not is_usable(name) or name in", "if name in"),),
        "tests/autograder/test_folder.py -k names_that_cannot_be_used",
    ),
    Hole(
        "pages: tags in what students write",
        ((f"{GRADER}/harmless.py", 'TAG.sub(f"<{JOINER}", part)', "part"),),
        "tests/autograder/test_pages.py -k payload_acts",
    ),
    Hole(
        "pages: commands in formulas",
        ((f"{GRADER}/harmless.py", 'COMMAND.sub(rf"\\\\{JOINER}", POWERS', "(lambda text: text)(POWERS"),),
        "tests/autograder/test_pages.py -k payload_acts",
    ),
    Hole(
        "pages: addresses of links",
        ((f"{GRADER}/harmless.py", 'return found[0] if is_allowed(behind) else f"]{JOINER}"', "return found[0]"),),
        "tests/autograder/test_pages.py -k payload_acts",
    ),
    Hole(
        "pages: what outputs and attachments hold",
        ((f"{GRADER}/harmless.py", "return kind in MAGIC and base64", "return True or base64"),),
        "tests/autograder/test_pages.py tests/autograder/test_submission.py -k attachments",
    ),
    Hole(
        "feedback: what hidden tests asked",
        ((f"{GRADER}/discretion.py", 'if cell.cell_type == "code" and asked:', "if False:"),),
        "tests/autograder/test_discretion.py",
    ),
    Hole(
        "tables: cells that are formulas",
        ((f"{GRADER}/lms/export.py", 'return f"\'{text}" if text.startswith', 'return f"{text}" if text.startswith'),),
        "tests/autograder/test_grade.py -k become_formulas",
    ),
    Hole(
        "models: the list of what is allowed",
        (("convbook/model_files/config.py", "if kind not in MODELS:", "if False:"),),
        "tests/model_files/test_model_file.py",
    ),
    Hole(
        "models: a process without a file or a network",
        ((f"{WALL}/sandbox.py", SHOWN, SHOWN.replace("]", ", str(PACKAGE.parent)]")),),
        "tests/autograder/test_models.py -k there_is_nothing",
    ),
    Hole(
        "objects: only what the solution needed is asked of them",
        (
            (
                f"{GRADER}/score.py",
                "self.remote.allowed, self.remote.used = self.trust.allowed(name), set()",
                "self.remote.used = set()",
            ),
        ),
        "tests/autograder/test_execute.py -k solution_needed",
    ),
]


def change(place: Path, hole: Hole) -> None:
    """Makes the changes of a hole in a copy; AssertionError where a wall does not stand where it stood."""
    for file, text, instead in hole.changes:
        source = (place / file).read_text(encoding="utf-8")
        assert source.count(text) == 1, f"{hole.wall}: {file} must hold {text!r} once. Change this list with it."
        (place / file).write_text(source.replace(text, instead), encoding="utf-8")


@pytest.fixture
def copy():
    """The checkout with a package and files of its own; other folders are linked. Not in /tmp, which is private inside."""
    (ROOT / "_build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hole-", dir=ROOT / "_build") as folder:
        place = Path(folder)
        place.chmod(0o755)  # what lies in it could be read by anybody
        shutil.copytree(ROOT / "convbook", place / "convbook", ignore=shutil.ignore_patterns("__pycache__"))
        for entry in ROOT.iterdir():
            if entry.is_file():
                shutil.copy(entry, place)
            elif entry.name != "convbook":
                (place / entry.name).symlink_to(entry)
        yield place


@pytest.mark.parametrize("hole", HOLES, ids=[hole.wall for hole in HOLES])
def test_a_wall_that_is_missing_is_missed(need_sandbox, copy, hole):
    """The tests that watch a wall fail where it is taken away."""
    change(copy, hole)
    line = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"--rootdir={copy}"]
    line += ["-c", str(copy / "pyproject.toml")]
    paths = {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*line, *shlex.split(hole.tests)],
        cwd=copy,
        env={**os.environ, **paths},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1 and " failed" in done.stdout, done.stdout[-2000:] + done.stderr[-500:]
