"""`convbook grade`: plan, run, write, and say what came out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from convbook.autograder.commit import Writer, check_database
from convbook.autograder.course import Course, CourseError, read_json
from convbook.autograder.plan import Assignment, Job
from convbook.autograder.pool import DaskPool, LocalPool, message
from convbook.autograder.sandbox import NoSandbox, Sandbox, Settings


@dataclass(frozen=True)
class Options:
    """What an instructor asks for."""

    students: tuple[str, ...] = ()  # all, if none is named
    force: bool = False  # grade again what is graded already
    workers: int = 1
    scheduler: str = ""  # the address of a Dask scheduler, in place of own workers
    seconds: float | None = None  # for a cell or a call, in place of the assignment's rule
    memory: float | None = None  # GiB, in place of the assignment's rule
    seed: int | None = None
    unsafe: bool = False


@dataclass
class Run:
    """What a run of the command did: the records of all students, those graded now, and its time."""

    assignment: str
    records: list[dict[str, Any]] = field(default_factory=list)
    graded_now: int = 0
    seconds: float = 0.0


def grade(course: Course, names: list[str], options: Options, progress: Any = None) -> list[Run]:
    """Grades what is new of these assignments. `progress(assignment, done, total, counts)` is told after each submission."""
    check_database(course)
    if not options.unsafe and not options.scheduler:
        Sandbox(Settings(warm=())).close()  # before anything is written: NoSandbox says what to do
    with course.lock():
        writer = Writer(course)
        try:
            return [grade_one(course, writer, name, options, progress) for name in names]
        finally:
            writer.close()


def grade_one(course: Course, writer: Writer, name: str, options: Options, progress: Any) -> Run:
    """One assignment."""
    start = time.monotonic()
    assignment = Assignment.of(course, name, options.seed, options.unsafe, seconds=options.seconds, memory=options.memory)
    students = chosen(course, name, options.students)
    jobs = assignment.new(students, options.force)
    run, counts = Run(name), Counter()
    for job, answer in outcomes(assignment, jobs, options):
        if answer.get("no_sandbox"):
            raise NoSandbox(answer["error"])
        record = writer.commit(job, assignment, answer)
        counts[record["state"]] += 1
        run.graded_now += 1
        if progress:
            progress(name, run.graded_now, len(jobs), counts)
    run.records = [read_json(course.record_path(name, student)) for student in students]
    run.seconds = time.monotonic() - start
    return run


def chosen(course: Course, name: str, wanted: tuple[str, ...]) -> list[str]:
    """The students to grade; CourseError where one has handed in nothing."""
    students = course.students(name)
    strangers = sorted(set(wanted) - set(students))
    if strangers or not students:
        asked = ", ".join(strangers) or "nobody"
        raise CourseError(
            f"A submission must lie in {course.folder('submitted', name, 'STUDENT')}. Received: {asked} "
            + ("without such a folder." if strangers else "has handed in.")
        )
    return [student for student in students if not wanted or student in wanted]


def outcomes(assignment: Assignment, students: list[str], options: Options) -> Iterator[tuple[Job, dict[str, Any]]]:
    """(job, answer) for each student; what cannot be run has an answer at once."""
    jobs = (assignment.job(student) for student in students)
    ready = []

    def runnable() -> Iterator[tuple[Job, bytes]]:
        for job in jobs:
            if job.state:
                ready.append((job, {"notebooks": {}, "error": ""}))
            else:
                yield job, message(job, assignment)

    if students:
        workers = min(options.workers, len(students))
        pool = DaskPool(options.scheduler) if options.scheduler else LocalPool(workers)
        for outcome in pool.answers(runnable()):
            yield from (ready.pop() for _ in range(len(ready)))
            yield outcome
    yield from ready
