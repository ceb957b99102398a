"""`convbook …`: each command parses, calls one function, and prints."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from convbook.course.settings import ROOT


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tools for authors and instructors of the course. Readers and students need none of them."""


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def notebooks(paths: tuple[Path, ...]) -> None:
    """Run chapters (all, or those given) and store what their cells print."""
    from convbook.course.notebooks import chapters as all_chapters
    from convbook.course.release import address_chapters
    from convbook.course.run_chapters import run_chapters, store

    address_chapters()
    chosen = [path.resolve() for path in paths] or all_chapters()
    failed = {ran.path for ran in run_chapters(chosen, click.echo)}
    for path in chosen:
        if path not in failed:
            store(path)
    sys.exit(bool(failed))


@main.command()
@click.option("--jobs", type=click.IntRange(1), help="Chapters at a time.  [default: one a core]")
def chapters(jobs: int | None) -> None:
    """Execute the chapters that have changed, side by side, for the site and for the comparison of what they print."""
    from convbook.course.notebooks import chapters as all_chapters
    from convbook.course.run_chapters import run_chapters, write_stamp

    failed = run_chapters(all_chapters(), click.echo, jobs)
    if not failed:
        write_stamp()
    sys.exit(bool(failed))


@main.command()
def release() -> None:
    """Make assignments/ from solutions/, the sample class from it, and address the chapters."""
    from convbook.autograder.sample_class import write_sample_class
    from convbook.course.release import address_chapters, release_assignments

    for path in address_chapters():
        click.echo(f"{path.name}: the repository's address was written into its first cell")
    click.echo("released: " + ", ".join(release_assignments()))
    write_sample_class(ROOT)


@main.command("sample-class")
def sample_class() -> None:
    """Grade the sample class in _build/sample_class: gradebook, feedback, report and grades."""
    from convbook.autograder.sample_class import grade_sample_class
    from convbook.course.files import write_whole

    build = ROOT / "_build" / "sample_class"
    table = grade_sample_class(ROOT, build)
    write_whole(build / "grades.txt", table + "\n")
    click.echo(table)


@main.command()
@click.argument("assignments", nargs=-1)
@click.option("--page", is_flag=True, help="Write the table of the book's page too.  [all assignments only]")
@click.option("--mutants", is_flag=True, help="Change the solutions in one place at a time; list what no test notices.")
def misconceptions(assignments: tuple[str, ...], page: bool, mutants: bool) -> None:
    """Print the bank of misconceptions, and how many of them the tests kill: all, or those of the assignments given."""
    import warnings

    from convbook.course.assignments import assignment_names
    from convbook.course.files import write_whole
    from convbook.course.kill_rate import PAGE, as_page, as_table, kill_rate

    known = assignment_names()
    unknown = sorted(set(assignments) - set(known))
    if unknown:
        raise click.UsageError(f"An assignment must be one of {', '.join(known)}. Received: {', '.join(unknown)}")
    if page and mutants:
        raise click.UsageError("--page is about misconceptions. Received: --mutants with it.")
    if page and assignments:
        raise click.UsageError(f"--page writes a table of all assignments. Received: {', '.join(assignments)}")
    warnings.simplefilter("ignore", RuntimeWarning)  # some of them divide by zero
    if mutants:
        from convbook.course.mutants import trial

        alive = 0
        for name in assignments or known:
            tried = trial(name)
            alive += len(tried.new)
            click.echo("\n".join(tried.lines))
        sys.exit(alive > 0)
    rows = list(kill_rate(list(assignments) or known))
    if page:
        write_whole(PAGE, as_page(rows))
    click.echo(as_table(rows))
    sys.exit(not all(dead for *_, dead in rows))


@main.command()
@click.argument("what", type=click.Choice(["library", "grading"]), default="library")
def bench(what: str) -> None:
    """Measure the library against TensorFlow, or grading against stock nbgrader; write a table of "How fast is it?"."""
    if what == "library":
        from convbook.course.benchmark import run
    else:
        from convbook.autograder.benchmark import run

    click.echo(run())


IN_COURSE = click.option(
    "--course",
    "root",
    default=".",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The course's folder, which holds nbgrader_config.py.  [default: this folder]",
)


def instructor(function: Callable[..., int | None]) -> Callable[..., None]:
    """A command of the instructor: what cannot be used ends it with one sentence and the exit status 2."""

    @functools.wraps(function)
    def command(**options: Any) -> None:
        from convbook.autograder.course import CourseError, open_course
        from convbook.autograder.gradebook import be_patient, troubles
        from convbook.autograder.wall.sandbox import NoSandbox

        try:
            options["course"] = open_course(options.pop("root"))
            be_patient()
            with troubles(options["course"]):
                status = function(**options)
            for note in options["course"].notes:
                click.echo(f"convbook: {note}", err=True)
        except (CourseError, NoSandbox) as error:
            click.echo(f"convbook: {error}", err=True)
            status = 2
        except KeyboardInterrupt:
            click.echo("convbook: interrupted. What was graded is written; the same command goes on.", err=True)
            status = 130
        sys.exit(status or 0)

    return main.command()(IN_COURSE(command))


@instructor
@click.argument("assignment", required=False)
@click.option("--all", "everything", is_flag=True, help="All assignments of the course.")
@click.option("--student", "students", multiple=True, help="Only this student. Can be given several times.")
@click.option("--force", is_flag=True, help="Grade again what is graded already. Manual grades stay.")
@click.option("--workers", default=os.cpu_count() or 1, type=click.IntRange(1), help="Processes.  [default: one a core]")
@click.option("--scheduler", default="", metavar="tcp://HOST:PORT", help="Run on this Dask cluster in place of own processes.")
@click.option("--timeout", "seconds", type=click.FloatRange(0, min_open=True), help="Seconds for a cell, or a call of a test.")
@click.option("--memory", type=click.FloatRange(0, min_open=True), help="GiB for a submission.")
@click.option("--seed", type=click.IntRange(0), help="Draw the hidden tests' inputs from this number from now on.")
@click.option("--json", "as_json", is_flag=True, help="Print the records as JSON, and nothing else.")
@click.option("--unsafe-no-sandbox", "unsafe", is_flag=True, help="Run students' code with your rights. Every result says so.")
@click.option(
    "--believe-tests", "believe", is_flag=True, help="Put tests to students that do not give the solution all points."
)
def grade(course, assignment, everything, as_json, **options) -> int:
    """Grade what is new in submitted/: every submission in a sandbox, its points in the gradebook.

    Interrupted, it has lost nothing; run again, it goes on. Exit status 0: all were graded without an incident; 1: some were
    not (the table says which, and why); 2: it could not be used like this.
    """
    from convbook.autograder import grade as grading
    from convbook.autograder.course import CourseError
    from convbook.autograder.summary import Bar, as_json_text, summary

    if everything == bool(assignment):
        raise CourseError("Name one assignment, or give --all. Received: " + ("both" if everything else "neither"))
    names = [name for name in course.assignments() if course.students(name)] if everything else [assignment]
    with Bar(quiet=as_json) as bar:
        runs = grading.grade(course, names, grading.Options(**options), bar.show, bar.watch)
    click.echo(as_json_text(runs) if as_json else summary(runs))
    return int(any(record["state"] != "graded" for run in runs for record in run.records))


@instructor
@click.argument("assignment")
@click.option("--student", "students", multiple=True, help="Only this student. Can be given several times.")
@click.option("--archive", "platform", type=click.Choice(["moodle", "canvas"]), help="Pack them as this platform takes them.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="The archive.  [default: feedback-ASSIGNMENT.zip]")
def feedback(course, assignment, students, platform, to) -> int:
    """Write a page for each graded student in feedback/: the result, what the tests say in words, hints, your comments.

    Exit status 1: somebody's page could not be put into the archive.
    """
    from convbook.autograder.feedback.archive import pack
    from convbook.autograder.feedback.write import feedback as write_feedback
    from convbook.autograder.gradebook import ensure_gradebook

    if to and not platform:
        raise click.UsageError("--to is the archive's name. Received: no --archive.")
    with course.lock():
        ensure_gradebook(course)
        written = write_feedback(course, assignment, students)
    click.echo(f"feedback for {len(written)} students: {course.folder('feedback', assignment, 'STUDENT')}")
    if not platform:
        return 0
    packed = pack(course, assignment, platform, written, to or course.root / f"feedback-{assignment}.zip")
    click.echo(f"packed {packed.pages} pages for {platform}: {packed.path}")
    for student, reason in packed.left_out.items():
        click.echo(f"convbook: not in the archive: {student}, who {reason}", err=True)
    return int(bool(packed.left_out))


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@instructor
@click.argument("archive", type=click.Path(exists=True, path_type=Path))
@click.argument("assignment")
@click.option(
    "--from",
    "platform",
    metavar="canvas|moodle|blackboard|folders|REGEX",
    help="Whose archive it is.  [default: seen from its names]",
)
@click.option("--json", "as_json", is_flag=True, help="Print what became of each file as JSON, and nothing else.")
def collect(course, archive, assignment, platform, as_json) -> int:
    """Take an archive of submissions, or a folder, into submitted/; say of every file what became of it.

    Exit status 0: what somebody could miss was taken, and each student's files have a notebook; 1: not so, as the table says.
    """
    from convbook.autograder.gradebook import ensure_gradebook
    from convbook.autograder.lms import collect as collecting
    from convbook.autograder.lms import verdicts

    with course.lock():
        ensure_gradebook(course)
        collected = collecting.collect(course, archive.resolve(), assignment, platform)
    click.echo(verdicts.as_json(collected) if as_json else verdicts.table(collected))
    return int(collected.needs_a_look)


@instructor
@click.argument("file", type=FILE)
def roster(course, file) -> None:
    """Take the platform's list of the class: names, e-mail, identifiers, groups, sections.

    Canvas: the exported gradebook. Moodle: the grading worksheet, or the list of participants. Or any CSV with such columns.
    """
    from convbook.autograder.gradebook import ensure_gradebook
    from convbook.autograder.lms.class_list import read_roster, said

    with course.lock():
        ensure_gradebook(course)
        change = read_roster(course, file)
    click.echo(said(change))


@instructor
@click.argument("assignment")
@click.option(
    "--format", "form", default="csv", type=click.Choice(["csv", "canvas", "moodle"]), help="Who reads it.  [default: csv]"
)
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.  [default: grades.csv]")
@click.option("--into", type=FILE, help="The platform's own file, to fill in: --to is a copy of it with the grades.")
@click.option("--column", metavar="NAME", help="The column of that file, where it cannot be found.")
@click.option("--absent", type=click.Choice(["0", "blank"]), help="What those get who have handed in nothing.")
@click.option("--questions", is_flag=True, help="Write the points of each question.  [default: questions.csv]")
def export(course, assignment, to, **options) -> None:
    """Write the grades for a spreadsheet, Canvas or Moodle: manual points and late penalties included."""
    from convbook.autograder.commit import check_database
    from convbook.autograder.lms import export as exporting

    check_database(course)
    to = to or course.root / ("questions.csv" if options["questions"] else "grades.csv")
    written = exporting.export(course, assignment, to, exporting.Options(**options))
    click.echo(f"wrote the grades of {written.students} students: {to}")
    for warning in written.warnings:
        click.echo(f"convbook: {warning}", err=True)


@instructor
@click.argument("assignment")
@click.argument("when", required=False)
@click.option("--student", "students", multiple=True, help="Only for this student. Can be given several times.")
def due(course, assignment, when, students) -> None:
    """Set when an assignment is due (2026-03-02 18:00; none), or show it; compute all late penalties anew.

    Without a zone the time is one of the course's: c.Exchange.timezone in nbgrader_config.py.
    """
    from convbook.autograder.due import sentences, set_due
    from convbook.autograder.gradebook import ensure_gradebook

    with course.lock():
        ensure_gradebook(course)
        found = set_due(course, assignment, when, students)
    click.echo("\n".join(sentences(found)))


@instructor
@click.argument("assignment", required=False)
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="The page.  [default: report.html in the course]")
def report(course, assignment, to) -> None:
    """Write a page on the class: points, tests, misconceptions, and the submissions that need a look.

    It tells of what convbook grade has graded, and of what people have graded since; of all assignments, or of the one named.
    """
    from convbook.autograder import report as reporting

    click.echo(reporting.report(course, assignment, to))


if __name__ == "__main__":
    from convbook_command import main as watched

    watched()
