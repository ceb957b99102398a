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
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from convbook.course.files import write_whole
from convbook.course.notebooks import chapters, clean_outputs, read_notebook, write_notebook
from convbook.course.settings import ROOT

CACHE = Path("_build", ".jupyter_cache")  # where Jupyter Book looks
STAMP = Path("_build", "chapters.json")  # what the cache holds: it changes when, and only when, a chapter ran anew
# What a chapter's outputs depend on beside its cells: files of the checkout, and variables of the environment.
FILES = ("requirements.txt", "convbook/*.py", "convbook/datasets/*", "convbook/pretrained/*", "convbook/explorer/*")
FILES += ("convbook/check/*.py", "convbook/check/tables/*_exercises.json", "convbook/model_files/*.py")
VARIABLES = ("CONVBOOK_FULL", "CONVBOOK_DATA")


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
    for path in sorted({path for pattern in FILES for path in root.glob(pattern) if path.is_file()}):
        digest.update(f"{path.relative_to(root)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()


def open_cache(root: Path) -> Any:
    """Jupyter Book's cache of executed notebooks."""
    from jupyter_cache import get_cache

    return get_cache(root / CACHE)


def is_there(cache: Any, path: Path, now: str) -> bool:
    """Whether the cache holds what a chapter, as it is now, gives."""
    try:
        return cache.match_cache_notebook(read_notebook(path)).data.get("fingerprint") == now
    except KeyError:
        return False


def executed(path: Path) -> NotebookNode:
    """A chapter with what its cells gave in the last run; LookupError where that was another chapter or library."""
    root = path.resolve().parents[1]
    cache = open_cache(root)
    if not is_there(cache, path, fingerprint(root)):
        raise LookupError(f"A chapter must have run as it is now. Received: {path.name}, changed since. Do: convbook chapters")
    return cache.merge_match_into_notebook(read_notebook(path))[1]


def run_chapters(
    paths: list[Path],
    say: Callable[[str], None] = print,
    jobs: int | None = None,
    root: Path = ROOT,
    again: bool = False,
) -> list[Ran]:
    """Executes those of the chapters that are not in the cache, as many at a time as there are cores; those that failed.

    A chapter that fails names itself and its cell, and the others go on.
    """
    cache, now = open_cache(root), fingerprint(root)
    known = seconds_of(cache)
    due = [path for path in paths if again or not is_there(cache, path, now)]
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

    data = {"execution_seconds": ran.seconds, "fingerprint": now}
    cache.cache_notebook_bundle(CacheBundleIn(ran.notebook, str(ran.path), data=data), check_validity=False, overwrite=True)


def side_by_side(paths: list[Path], jobs: int) -> Iterator[Ran]:
    """The runs of chapters in the order in which they end, so many at a time; each in a process with a kernel of its own."""
    if not paths:
        return
    with ProcessPoolExecutor(min(jobs, len(paths)), mp_context=get_context("spawn"), initializer=be_quiet) as pool:
        waiting = {pool.submit(run_one, path) for path in paths}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def be_quiet() -> None:
    """A process whose kernels write into no terminal what TensorFlow has to say about GPUs."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def run_one(path: Path) -> Ran:
    """Executes a chapter from top to bottom; an error ends it, and says in which cell it was."""
    from jupyter_cache.executors.utils import single_nb_execution

    notebook = read_notebook(path)
    done = single_nb_execution(notebook, cwd=str(path.parent), timeout=cell_timeout(), allow_errors=False)
    return Ran(path, done.nb, done.time, where_it_ended(done.nb, done.err) if done.err else "")


def cell_timeout(root: Path = ROOT) -> int:
    """Seconds that a cell may take: `_config.yml` says it."""
    import yaml

    return int(yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["execute"]["timeout"])


def store(path: Path) -> None:
    """Writes the text outputs of a chapter's last run into the chapter."""
    write_notebook(clean_outputs(executed(path)), path)


def where_it_ended(notebook: NotebookNode, error: BaseException) -> str:
    """The cell in which a run ended, with its first line, and the error's last."""
    number, cell = next(
        ((n, cell) for n, cell in enumerate(notebook.cells) if any(o.output_type == "error" for o in cell.get("outputs", ()))),
        (None, None),
    )
    reason = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines()[-1:] or [type(error).__name__]
    place = f"cell {number} ({cell.source.splitlines()[0]!r:.60})" if cell else "a cell"
    return f"{place} failed: {reason[0]:.300}"


def write_stamp(root: Path = ROOT) -> None:
    """Notes which runs the cache holds, if that has changed: a file's time tells make whether the site is to be built."""
    cache, stamp = open_cache(root), root / STAMP
    held = {path.name: cache.match_cache_notebook(read_notebook(path)).created.isoformat() for path in chapters(root)}
    text = json.dumps(held, indent=1) + "\n"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != text:
        write_whole(stamp, text)
