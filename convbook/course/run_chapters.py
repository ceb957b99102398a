"""The chapters, executed once and side by side: for the site, for the comparison of what they print, and to be stored.

What a run gave lies in the cache that Jupyter Book reads, so its build executes nothing. A chapter runs again when its code
cells, the library, its data or the versions have changed, by their contents; the others are left as they are.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from convbook.course.files import undisturbed, write_whole
from convbook.course.notebooks import chapters, clean_outputs, read_notebook, write_notebook
from convbook.course.settings import ROOT

CACHE = Path("_build", ".jupyter_cache")  # where Jupyter Book looks
STAMP = Path("_build", "chapters.json")  # what the cache holds: it changes when, and only when, a chapter ran anew
# What a chapter's outputs depend on beside its cells: files of the checkout, and variables of the environment.
FILES = ("requirements.txt", "convbook/*.py", "convbook/datasets/*", "convbook/pretrained/*", "convbook/explorer/*")
FILES += ("convbook/check/*.py", "convbook/check/tables/*_exercises.json", "convbook/model_files/*.py")
COMMAND = Path("convbook", "cli.py")  # lies beside the library; no chapter can tell a change of it
VARIABLES = ("CONVBOOK_FULL", "CONVBOOK_DATA")
STARTS = 3  # of a kernel, until it answers
NO_CELL = "no cell"  # has run yet
# What compiled code writes past Python, as TensorFlow does about the machine, belongs to no cell: so it is with nbval, too.
KERNEL = ["--IPKernelApp.capture_fd_output=False"]
ANSI = r"\x1b\[[0-9;]*m"  # the colours of a terminal


@dataclass(frozen=True)
class Ran:
    """How the run of a chapter ended: its outputs, the seconds it took, and what is wrong with it, if anything."""

    path: Path
    notebook: NotebookNode
    seconds: float
    error: str = ""


def fingerprint(root: Path = ROOT) -> str:
    """A hash of all that every chapter depends on."""
    digest = hashlib.sha256(repr([sys.version, *(os.environ.get(name) for name in VARIABLES)]).encode())
    for path in sorted({path for pattern in FILES for path in root.glob(pattern) if path.is_file()} - {root / COMMAND}):
        digest.update(f"{path.relative_to(root)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()


def open_cache(root: Path) -> Any:
    """Jupyter Book's cache of executed notebooks."""
    from jupyter_cache import get_cache

    return get_cache(root / CACHE)


def held(cache: Any, path: Path, now: str) -> NotebookNode | None:
    """A chapter, as it is now, with the outputs that the cache holds; None where it holds none, others, or half of them."""
    try:
        notebook = read_notebook(path)
        if cache.match_cache_notebook(notebook).data.get("fingerprint") == now:
            return cache.merge_match_into_notebook(notebook)[1]
    except (KeyError, ValueError):  # no record, or no file to it; a file that is not a notebook
        pass
    return None


def executed(path: Path) -> NotebookNode:
    """A chapter with what its cells gave in the last run; LookupError where that was another chapter or library."""
    root = path.resolve().parents[1]
    notebook = held(open_cache(root), path, fingerprint(root))
    if notebook is None:
        raise LookupError(f"A chapter must have run as it is now. Received: {path.name}, changed since. Do: convbook chapters")
    return notebook


def run_chapters(
    paths: list[Path],
    say: Callable[[str], None] = print,
    jobs: int | None = None,
    root: Path = ROOT,
) -> list[Ran]:
    """Executes those of the chapters that are not in the cache, as many at a time as there are cores; those that failed.

    A chapter that fails names itself and its cell, and the others go on.
    """
    cache, now = open_cache(root), fingerprint(root)
    known = seconds_of(cache)
    due = [path for path in paths if not held(cache, path, now)]
    due.sort(key=lambda path: (known.get(path.name, float("inf")), training(path)), reverse=True)  # the longest first
    failed = []
    for ran in side_by_side(due, jobs or os.cpu_count() or 1):
        say(f"{ran.path.name}: {ran.error or 'executed'} ({ran.seconds:.0f} s)")
        if ran.error:
            failed.append(ran)
        else:
            keep(cache, ran, now)
    return failed


def training(path: Path) -> int:
    """How often a chapter speaks of epochs: training is what takes the time, where nobody has measured it yet."""
    return path.read_text(encoding="utf-8").count("epochs")


def seconds_of(cache: Any) -> dict[str, float]:
    """How long each chapter took when it ran last."""
    return {Path(one.uri).name: one.data.get("execution_seconds", 0.0) for one in cache.list_cache_records()}


def keep(cache: Any, ran: Ran, now: str) -> None:
    """Puts a whole run into the cache."""
    from jupyter_cache.base import CacheBundleIn

    for folder in cache.path.glob("executed/*"):
        if not any(folder.iterdir()):  # left by a process that was killed; jupyter-cache would not write there
            folder.rmdir()
    data = {"execution_seconds": ran.seconds, "fingerprint": now}
    bundle = CacheBundleIn(ran.notebook, str(ran.path), data=data)
    with undisturbed():
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def side_by_side(paths: list[Path], jobs: int) -> Iterator[Ran]:
    """The runs of chapters in the order in which they end, so many at a time; each in a process with a kernel of its own."""
    if not paths:
        return
    with ProcessPoolExecutor(min(jobs, len(paths)), mp_context=get_context("spawn"), initializer=be_quiet) as pool:
        paths_of = {pool.submit(run_one, path): path for path in paths}
        waiting = set(paths_of)
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (outcome(one, paths_of[one]) for one in done)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def outcome(one: Future[Ran], path: Path) -> Ran:
    """How a run ended, also where its process was killed, which ends the others that were not ready."""
    try:
        return one.result()
    except BrokenProcessPool:
        return Ran(path, new_notebook(), 0.0, "a process that runs chapters was killed; is there enough memory?")


def be_quiet() -> None:
    """A process whose kernels write into no terminal what TensorFlow has to say about GPUs."""
    for number in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def run_one(path: Path) -> Ran:
    """Executes a chapter from top to bottom; whatever ends it before is told with the cell in which it was.

    A kernel that dies before its first cell is started again: two that start in the same moment can have chosen the same port.
    """
    start = time.monotonic()
    for _ in range(STARTS):
        notebook, reached, error = run_once(path)
        if error is None or reached != NO_CELL or "Kernel died" not in str(error):
            break
    return Ran(path, notebook, time.monotonic() - start, f"{reached} failed: {reason(error)}" if error else "")


def run_once(path: Path) -> tuple[NotebookNode, str, Exception | None]:
    """A chapter after its run, the last cell that ran, and what ended it before its end."""
    from jupyter_cache.executors.utils import single_nb_execution

    reached, notebook = [NO_CELL], new_notebook()

    def note(cell: NotebookNode, cell_index: int) -> None:
        """Remembers the cell that runs."""
        reached[0] = f"cell {cell_index} ({cell.source.strip().splitlines()[0]!r:.60})"

    try:
        notebook = read_notebook(path)
        options = {"timeout": cell_timeout(), "allow_errors": False, "on_cell_execute": note, "extra_arguments": [*KERNEL]}
        error: Exception | None = single_nb_execution(notebook, cwd=str(path.parent), **options).err
    except Exception as problem:  # a kernel that died, a file that is no notebook: the other chapters go on
        error = problem
    return notebook, reached[0], error


def reason(error: Exception) -> str:
    """What went wrong, in one line."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    said = f"{error.ename}: {error.evalue}" if isinstance(error, CellExecutionError) else f"{type(error).__name__}: {error}"
    if isinstance(error, CellTimeoutError):
        said = said.splitlines()[0]  # the cell itself follows
    return f"{' '.join(re.sub(ANSI, '', said).split()):.300}"


def cell_timeout(root: Path = ROOT) -> int:
    """Seconds that a cell may take: `_config.yml` says it."""
    import yaml

    return int(yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["execute"]["timeout"])


def store(path: Path) -> None:
    """Writes the text outputs of a chapter's last run into the chapter."""
    write_notebook(clean_outputs(executed(path)), path)


def write_stamp(root: Path = ROOT) -> None:
    """Notes which runs the cache holds, if that has changed: a file's time tells make whether the site is to be built."""
    cache, stamp = open_cache(root), root / STAMP
    runs = {path.name: cache.match_cache_notebook(read_notebook(path)).created.isoformat() for path in chapters(root)}
    text = json.dumps(runs, indent=1) + "\n"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != text:
        write_whole(stamp, text)
