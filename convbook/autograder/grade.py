"""`convbook grade`: plan, run, write, and say what came out."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from convbook.autograder.commit import Writer, sweep
from convbook.autograder.course import LONGEST_STUDENT, MARKUP, MEMORY, Course, CourseError, read_json
from convbook.autograder.gradebook import ensure_gradebook, troubles
from convbook.autograder.lms.roster import absent, names
from convbook.autograder.plan import Assignment, Job
from convbook.autograder.pool import DaskPool, LocalPool, message
from convbook.autograder.record import unwritten
from convbook.autograder.reference import trust_of
from convbook.autograder.score import Trust
from convbook.autograder.submission import readable, shortened
from convbook.autograder.wall.sandbox import NoSandbox, Sandbox, Settings


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
    believe: bool = False  # put tests to students that do not give the solution all points


@dataclass
class Run:
    """What a run of the command did: the records of all students, those graded now, and its time."""

    assignment: str
    records: list[dict[str, Any]] = field(default_factory=list)
    graded_now: int = 0
    seconds: float = 0.0
    inside: list[str] = field(default_factory=list)  # tests that run in the student's process
    people: dict[str, str] = field(default_factory=dict)  # by student: their name, where a class list has said it
    absent: list[str] = field(default_factory=list)  # who of the class have handed in nothing


def grade(course: Course, names: list[str], options: Options, progress: Any = None, watch: Any = None) -> list[Run]:
    """Grades what is new of these assignments. `progress(assignment, done, total, counts)` is told after each submission.

    `watch` is handed a function that says who is running, and for how many seconds.
    """
    if not options.unsafe and not options.scheduler:
        Sandbox(Settings(warm=())).close()  # before anything is written: NoSandbox says what to do
    with course.lock(), troubles(course):
        ensure_gradebook(course)
        writer = Writer(course)
        try:
            return [grade_one(course, writer, name, options, progress, watch) for name in names]
        finally:
            writer.close()


def grade_one(course: Course, writer: Writer, name: str, options: Options, progress: Any, watch: Any) -> Run:
    """One assignment."""
    start = time.monotonic()
    assignment = Assignment.of(course, name, options.seed, options.unsafe, seconds=options.seconds, memory=options.memory)
    students = chosen(course, name, options.students)
    sweep(course, name)
    assert assignment.digest and assignment.shared  # what is wrong with the assignment is no student's, and stops the run
    jobs = assignment.new(students, options.force)
    run, counts = Run(name), Counter()
    trust = trust_of(assignment, lambda job, trust: ask_once(assignment, job, options, trust, watch), options.believe)
    run.inside = sorted(trust.inside)
    lost: dict[str, dict[str, Any]] = {}
    for job, answer in outcomes(assignment, jobs, options, trust, watch):
        if answer.get("no_sandbox"):
            raise NoSandbox(answer["error"])
        record = written(writer, job, assignment, answer, lost)
        counts[record["state"]] += 1
        run.graded_now += 1
        if progress:
            progress(name, run.graded_now, len(jobs), counts)
    run.records = [lost.get(student) or read_json(course.record_path(name, student)) for student in students]
    run.records += [] if options.students else nameless(assignment)
    run.people, run.absent = names(course), [] if options.students else absent(course, name)
    run.seconds = time.monotonic() - start
    return run


def written(
    writer: Writer, job: Job, assignment: Assignment, answer: dict[str, Any], lost: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """The record of a submission, which is written. Where that fails, its folder holds nothing of it but the reason.

    If that cannot be written either, the record is among the `lost` ones. A gradebook that fails stops the run.
    """
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return writer.commit(job, assignment, answer)
    except (CourseError, SQLAlchemyError):
        raise
    except Exception as error:
        note = failed(assignment.course, job.student, error)
    blank = assignment.without_answers(job.student)
    try:
        return writer.commit(blank, assignment, {"notebooks": {}, "error": note})
    except (CourseError, SQLAlchemyError):
        raise
    except Exception as error:
        note = failed(assignment.course, job.student, error)
    return lost.setdefault(job.student, unwritten(blank, assignment, note))


def failed(course: Course, student: str, error: Exception) -> str:
    """What is said of a submission that could not be dealt with; the trace goes into a file for those who mend it."""
    with contextlib.suppress(OSError), open(course.memory / "errors.log", "a", encoding="utf-8", errors="replace") as log:
        log.write(f"{student}\n{''.join(traceback.format_exception(error))}\n")
    said = readable(f"{type(error).__name__}: {shortened(error)}")
    return f"The grader must be able to read and to write a submission. Received: {said} (see {MEMORY}/errors.log)"


def nameless(assignment: Assignment) -> list[dict[str, Any]]:
    """Records of those whose folders have names that cannot be a student's: they are told of, and not graded."""
    note = f"A student's name must have at most {LONGEST_STUDENT} bytes that can be shown, "
    note += f"and none of {' '.join(sorted(MARKUP))} in it. Do: rename this folder, grade again"
    blanks = [assignment.without_answers(readable(name)) for name in assignment.course.nameless(assignment.name)]
    return [unwritten(blank, assignment, note, "invalid-notebook") for blank in blanks]


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


def pool_for(options: Options, jobs: int, watch: Any) -> DaskPool | LocalPool:
    """Where so many jobs run; `watch` is told how to find out which of them are running."""
    pool = DaskPool(options.scheduler) if options.scheduler else LocalPool(min(options.workers, jobs))
    if watch:
        watch(pool.running)
    return pool


def ask_once(assignment: Assignment, job: Job, options: Options, trust: Trust, watch: Any) -> dict[str, Any]:
    """The answer to a single job."""
    [(_, answer)] = pool_for(options, 1, watch).answers([(job, message(job, assignment, trust))])
    return answer


def outcomes(
    assignment: Assignment, students: list[str], options: Options, trust: Trust, watch: Any = None
) -> Iterator[tuple[Job, dict[str, Any]]]:
    """(job, answer) for each student; what cannot be run has an answer at once."""
    ready = []

    def runnable() -> Iterator[tuple[Job, bytes]]:
        for student in students:
            try:
                job = assignment.job(student)
                content = b"" if job.state else message(job, assignment, trust)
            except Exception as error:
                job, note = assignment.without_answers(student), failed(assignment.course, student, error)
                ready.append((job, {"notebooks": {}, "error": note}))
                continue
            if job.state:
                ready.append((job, {"notebooks": {}, "error": ""}))
            else:
                yield job, content

    if students:
        for outcome in pool_for(options, len(students), watch).answers(runnable()):
            yield from (ready.pop() for _ in range(len(ready)))
            yield outcome
    yield from ready
