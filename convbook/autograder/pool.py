"""Where jobs run: processes of this machine, or an existing Dask cluster. Both give answers as they come."""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from convbook.autograder.course import CourseError
from convbook.autograder.crossing.wire import decode, encode, receive
from convbook.autograder.execute import ALTOGETHER
from convbook.autograder.plan import Assignment, Job
from convbook.autograder.rebuild import as_text
from convbook.autograder.score import Trust
from convbook.autograder.wall.sandbox import Settings

THRIFTY = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}


def message(job: Job, assignment: Assignment, trust: Trust) -> bytes:
    """A job as bytes: all that a worker needs, anywhere."""
    rules = assignment.rules
    settings = Settings(
        warm=rules.imports,
        hidden=rules.hides,
        forbidden=rules.forbids,
        memory=int(rules.memory * 2**30),
        cpu_seconds=int(ALTOGETHER * rules.seconds),
        seconds=rules.seconds,
        walls=not assignment.unsafe,
    )
    return encode(
        {
            **assignment.shared,
            "notebooks": {name: as_text(notebook) for name, notebook in job.notebooks.items()},
            "files": as_arrays(job.files),
            "given": as_arrays(assignment.given_files),
            "settings": json.dumps(asdict(settings)),
            "inside": sorted(trust.inside),
            "uses": trust.uses and {test: list(used) for test, used in trust.uses.items()},
            "seconds": rules.seconds,
            "limit": ALTOGETHER * rules.seconds * len(job.notebooks),
        }
    )


def as_arrays(files: dict[str, bytes]) -> dict[str, np.ndarray]:
    """Contents of files as they cross the wall."""
    return {name: np.frombuffer(content, np.uint8) for name, content in files.items()}


class Worker:
    """A worker's process, seen from the process that started it."""

    def __init__(self, scratch: str = "") -> None:
        self.connection, theirs = socket.socketpair()
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker; of interest only if it ends
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "convbook.autograder.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.log,
                env={**os.environ, **THRIFTY, **({"TMPDIR": scratch} if scratch else {})},
            )

    def run(self, job: bytes) -> dict[str, Any]:
        """The answer to a job; an answer with an "error" if the worker ends."""
        try:
            self.connection.sendall(job)
            return receive(self.connection)
        except (OSError, EOFError, ValueError) as error:
            self.log.seek(0)
            said = (self.log.read().decode(errors="replace").strip().splitlines() or [str(error)])[-1]
            return {"notebooks": {}, "error": f"A worker must answer. Received: it ended, {said}", "gone": True}

    def close(self) -> None:
        """Ends the worker and all that it started."""
        self.connection.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class LocalPool:
    """Workers on this machine."""

    def __init__(self, workers: int) -> None:
        self.count = workers
        self.waiting: queue.Queue = queue.Queue()
        self.done: queue.Queue = queue.Queue()
        self.workers: set[Worker] = set()
        self.begun: dict[int, tuple[Job, float]] = {}  # the job of each thread, and when it began
        self.scratch = ""  # the workers' temporary folder, in which also one that is killed leaves nothing behind
        self.stopped = False

    def running(self) -> dict[str, float]:
        """Who is being run, and for how many seconds."""
        now = time.monotonic()
        return {job.student: now - start for job, start in self.begun.copy().values()}

    def answers(self, jobs: Iterable[tuple[Job, bytes]]) -> Iterator[tuple[Job, dict[str, Any]]]:
        """(job, answer), as they come. Only so many jobs are prepared as there are workers."""
        with tempfile.TemporaryDirectory(prefix="convbook-", ignore_cleanup_errors=True) as self.scratch:
            yield from self.fed(jobs)

    def fed(self, jobs: Iterable[tuple[Job, bytes]]) -> Iterator[tuple[Job, dict[str, Any]]]:
        """(job, answer), from threads that feed one worker each."""
        threads = [threading.Thread(target=self.serve, daemon=True) for _ in range(self.count)]
        for thread in threads:
            thread.start()
        running = 0
        try:
            for item in jobs:
                self.waiting.put(item)
                running += 1
                if running > self.count:
                    yield self.done.get()
                    running -= 1
            while running:
                yield self.done.get()
                running -= 1
        finally:
            if running:  # somebody stopped it: what is being run is not needed any more
                self.stopped = True
                for worker in list(self.workers):
                    worker.process.kill()
            for _ in threads:
                self.waiting.put(None)
            for thread in threads:
                thread.join(10)

    def serve(self) -> None:
        """A thread's life: it feeds one worker. A job whose worker ends is tried once more, with a new one."""
        worker = self.started()
        try:
            while (item := self.waiting.get()) is not None:
                job, content = item
                self.begun[threading.get_ident()] = (job, time.monotonic())
                for _ in range(2):
                    answer = worker.run(content)
                    if self.stopped or not answer.get("gone"):
                        break
                    self.ended(worker)
                    worker = self.started()
                self.begun.pop(threading.get_ident(), None)
                self.done.put((job, answer))
        finally:
            self.ended(worker)

    def started(self) -> Worker:
        """A new worker."""
        worker = Worker(self.scratch)
        self.workers.add(worker)
        return worker

    def ended(self, worker: Worker) -> None:
        """Ends a worker."""
        self.workers.discard(worker)
        worker.close()


WORKERS = threading.local()  # on a cluster: each thread of a worker of Dask has one of ours


def run_on_cluster(content: bytes) -> bytes:
    """What a cluster runs: bytes to bytes."""
    if not hasattr(WORKERS, "worker"):
        WORKERS.worker = Worker()
    answer = WORKERS.worker.run(content)
    if answer.get("gone"):
        WORKERS.worker.close()
        del WORKERS.worker
    return encode(answer)


class DaskPool:
    """Workers of an existing Dask cluster, where convbook is installed."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise CourseError(
                "--scheduler needs Dask's package. Received: it is not installed. Do: pip install distributed"
            ) from None
        try:
            self.client = Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise CourseError(
                f"--scheduler must be the address of a running Dask scheduler. Received: {address} ({error})."
            ) from None
        self.count = max(1, sum(self.client.nthreads().values()))
        self.begun: dict[str, float] = {}  # when each job was handed to the cluster, by student

    def running(self) -> dict[str, float]:
        """Who has no answer yet, and for how many seconds."""
        now = time.monotonic()
        return {student: now - start for student, start in self.begun.copy().items()}

    def answers(self, jobs: Iterable[tuple[Job, bytes]]) -> Iterator[tuple[Job, dict[str, Any]]]:
        """(job, answer), as they come."""
        from distributed import as_completed

        running: dict[str, Job] = {}
        pending = as_completed(with_results=True, raise_errors=False, loop=self.client.loop)
        try:
            for job, content in jobs:
                future = self.client.submit(run_on_cluster, content, pure=False, retries=1)
                running[future.key] = job
                self.begun[job.student] = time.monotonic()
                pending.add(future)
                if len(running) > 2 * self.count:
                    yield self.taken(running, *next(pending))
            while running:
                yield self.taken(running, *next(pending))
        finally:
            self.client.close()

    def taken(self, running: dict[str, Job], future: Any, result: Any) -> tuple[Job, dict[str, Any]]:
        """One result, with its job."""
        job = running.pop(future.key)
        self.begun.pop(job.student, None)
        if future.status != "finished":
            return job, {"notebooks": {}, "error": f"The cluster must run each job. Received: {result!r:.300}"}
        return job, decode(result)
