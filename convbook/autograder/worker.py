"""A worker: takes one job after another, runs each in a sandbox, and answers with what came out.

It is a process of its own, started by `pool`. For each job it forks: what the tests of one job do to Python, to NumPy or to
memory is gone with the next, and a test that brings its process down costs that job alone. All that it is sent comes from
us; what it sends back holds texts that a student wrote, as texts.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from convbook.autograder.crossing.wire import encode, receive
from convbook.autograder.execute import Diagnosis, execute
from convbook.autograder.inside.walls import DIE_WITH_PARENT, control_process, data_segment
from convbook.autograder.rebuild import as_text, from_text
from convbook.autograder.score import Trust
from convbook.autograder.wall.sandbox import NoSandbox, Sandbox, Settings

MOST_SANDBOXES = 3  # an instructor who grades all assignments at once changes between them; Keras needs two
DISK_FOR_MODELS = 2**31  # bytes: a model and its weights lie there at the same time
LEAST_MEMORY = 4 * 2**30  # bytes that the tests of a job may take, whatever the student's code may
PATIENCE = 60.0  # seconds beyond all of a job's own limits


class Sandboxes:
    """The sandboxes of a worker, one for each kind of settings; the oldest goes when there are too many."""

    def __init__(self) -> None:
        self.open: dict[Settings, Sandbox] = {}

    def get(self, settings: Settings) -> Sandbox:
        """A sandbox with these settings."""
        if settings not in self.open:
            while len(self.open) >= MOST_SANDBOXES:
                self.open.pop(next(iter(self.open))).close()
            self.open[settings] = Sandbox(settings)
        return self.open[settings]

    def close(self) -> None:
        """Ends all of them; the next job starts anew."""
        while self.open:
            self.open.popitem()[1].close()


def run_job(job: dict[str, Any], sandbox: Sandbox, models: Sandbox | None) -> dict[str, Any]:
    """What a job comes to: for each notebook its state, points and outputs. `job` is what `pool.message` makes."""
    answer: dict[str, Any] = {"notebooks": {}, "error": ""}
    files = {name: content.tobytes() for name, content in job["files"].items()}
    trust = Trust(frozenset(job["inside"]), job["uses"])
    os.environ["CONVBOOK_SEED"] = str(job["seed"])
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, content in job["given"].items():  # tests can read what the instructor gives, and nothing of the student's
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.tobytes())
        for name, text in job["notebooks"].items():
            notebook = from_text(text)
            diagnosis = about(job, name) if job["bank"] else None
            outcome, wall = execute(sandbox, notebook, job["seconds"], files, job["imports"][name], diagnosis, models, trust)
            answer["notebooks"][name] = {
                "state": outcome.state,
                "points": outcome.points,
                "late": outcome.late,
                "lower_trust": outcome.lower_trust,
                "findings": outcome.findings,
                "uses": outcome.uses,
                "cpu_seconds": outcome.cpu_seconds,
                "wall_seconds": wall,
                "notebook": as_text(outcome.notebook),
            }
    return answer


def about(job: dict[str, Any], name: str) -> Diagnosis:
    """What the bank of this assignment knows about wrong answers to one of its notebooks."""
    from convbook.autograder.diagnose import diagnose
    from convbook.course.misconceptions import Misconception

    instructor = from_text(job["instructor"][name])
    bank = [Misconception(**texts) for texts in job["bank"]]
    return lambda remote, points: diagnose(remote, instructor, bank, points)


def forked(job: dict[str, Any], sandbox: Sandbox, models: Sandbox | None, seconds: float) -> dict[str, Any]:
    """`run_job` in a process of its own, which may take so many seconds; an answer with an "error" where it fails."""
    ours, theirs = socket.socketpair()
    gc.freeze()  # as the nursery does before it forks
    with ours:
        child = os.fork()
        if child == 0:
            try:
                die_with_parent()
                ours.close()
                os.setsid()
                limit_memory(max(LEAST_MEMORY, json.loads(job["settings"])["memory"]))
                theirs.sendall(encode(run_job(job, sandbox, models)))
            except BaseException:
                with contextlib.suppress(BaseException):
                    theirs.sendall(encode({"notebooks": {}, "error": traceback.format_exc()[-4000:]}))
            finally:
                os._exit(0)
        theirs.close()
        try:
            answer = receive(ours, time.monotonic() + seconds)
        except TimeoutError:
            answer = {"notebooks": {}, "error": f"The tests must end within {seconds:.0f} seconds. Received: they did not."}
        except (OSError, ValueError, EOFError) as error:
            answer = {"notebooks": {}, "error": f"The process that runs the tests must answer. Received: it ended ({error})."}
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        usage = os.wait4(child, 0)[2]
    answer["own_seconds"] = usage.ru_utime + usage.ru_stime
    return answer


def die_with_parent() -> None:
    """Whoever started this process and is killed takes it along: nothing runs on that nobody waits for."""
    if sys.platform.startswith("linux"):
        control_process(DIE_WITH_PARENT)


def limit_memory(more: int) -> None:
    """Lets this process take so many bytes more than it has: an answer that swells ends its test, and not the machine."""
    if sys.platform.startswith("linux"):
        resource.setrlimit(resource.RLIMIT_DATA, (data_segment() + more,) * 2)


def memory() -> int:
    """The most bytes that this process has held at a time."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """`worker.py DESCRIPTOR`: serves until the other side closes."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which then closes
    sandboxes = Sandboxes()
    with contextlib.suppress(EOFError):
        while True:
            job = receive(connection)
            connection.sendall(encode(serve(job, sandboxes)))
    sandboxes.close()


def for_models(settings: Settings) -> Settings:
    """The sandbox in which the models of such a sandbox are loaded: nothing of a student's or of the course is in it."""
    return replace(settings, warm=("numpy", "keras"), hidden=(), forbidden=(), disk=DISK_FOR_MODELS, models=True)


def serve(job: dict[str, Any], sandboxes: Sandboxes) -> dict[str, Any]:
    """The answer to one job."""
    raw = json.loads(job["settings"])
    settings = Settings(**{key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()})
    for name in (*settings.warm, *job["modules"]):
        with contextlib.suppress(Exception):  # a test that needs it says what is wrong
            importlib.import_module(name)  # once, before the forks
    try:
        sandbox = sandboxes.get(settings)
        models = sandboxes.get(for_models(settings)) if "keras" in settings.warm else None
    except NoSandbox as error:
        return {"notebooks": {}, "error": str(error), "no_sandbox": True}
    answer = forked(job, sandbox, models, job["limit"] + PATIENCE)
    if answer["error"]:
        sandboxes.close()  # its conversation may have been cut off in the middle
    answer["memory"] = memory()
    return answer


if __name__ == "__main__":
    main()
