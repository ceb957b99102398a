"""Learning platforms: what Canvas and Moodle hand out goes in through zip_collect, and what they take back comes out."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from convbook.autograder.course import Course, CourseError, register
from convbook.course.files import write_whole

# The file names in the archive that "Download submissions" gives, as nbgrader's zip_collect wants them.
ARCHIVES = {
    # noether_LATE_4711_81234_02_convolution-1.ipynb: name, user, attachment, file, the number of the attempt
    "canvas": r".*[/\\][^/\\_]+_(?:LATE_)?(?P<student_id>\d+)_\d+_(?P<file_id>[^/\\]+?)(?:-\d+)?\.ipynb$",
    # Emmy Noether_4711_assignsubmission_file_/02_convolution.ipynb, or the same in one name
    "moodle": r".*[/\\][^/\\]*_(?P<student_id>\d+)_assignsubmission_file_?[/\\]?(?P<file_id>[^/\\]+)\.ipynb$",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones count, too, where Chinese is written
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
FORMATS = ("csv", *ARCHIVES)
# The columns in which a platform's own file names a student, in the order in which they are tried.
CANVAS_NAMES = ("ID", "SIS User ID", "SIS Login ID")
MOODLE_NAMES = ("Identifier", "ID number", "Username", "Email address")


def collect(course: Course, archive: Path, assignment: str, pattern: str) -> list[str]:
    """Puts the notebooks of an archive into `submitted/`; the students whose notebooks came.

    `pattern` is canvas, moodle, or a regular expression with the groups student_id and file_id. What was submitted before
    stays unless the archive has something of that student.
    """
    register(course, assignment)
    if not zipfile.is_zipfile(archive):
        raise CourseError(f"The archive must be a zip file, as Canvas and Moodle hand it out. Received: {archive}")
    before = set(course.students(assignment))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "archive"
        place.mkdir(parents=True)
        shutil.copy(archive, place / "submissions.zip")
        submitted = Path(folder) / "submitted"
        line = [sys.executable, "-m", "nbgrader", "zip_collect", assignment, "--force", "--log-level=WARN"]
        line += [f"--ZipCollectApp.collect_directory_structure={folder}/{{collect_step}}"]
        line += [f"--FileNameCollectorPlugin.named_regexp={ARCHIVES.get(pattern, pattern)}"]
        line += [f"--CourseDirectory.submitted_directory={submitted}"]
        line += [f"--CourseDirectory.release_directory={course.memory / 'released'}"]
        done = subprocess.run(line, cwd=course.root, capture_output=True, text=True, check=False)
        found = sorted(path.parent.name for path in submitted.glob(f"*/{assignment}")) if submitted.is_dir() else []
        if done.returncode or not found:
            last = (done.stderr.strip().splitlines() or ["no reason"])[-1]
            raise CourseError(
                f"The archive must hold notebooks whose names say whose they are. Received: {archive}, {last} "
                "Name the platform (--from canvas or --from moodle), or give a regular expression with the groups student_id "
                "and file_id."
            )
        for student in found:
            target = course.folder("submitted", assignment, student)
            if target.exists():
                shutil.rmtree(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(submitted / student / assignment, target)
    return [f"{student} (again)" if student in before else student for student in found]


def scores(course: Course, assignment: str) -> tuple[dict[str, float], float]:
    """The points of all who have handed in, with manual points and penalties, and the most that can be had."""
    from nbgrader.api import Gradebook, MissingEntry

    with Gradebook(course.directory.db_url, course.directory.course_id) as gradebook:
        try:
            found = gradebook.find_assignment(assignment)
        except MissingEntry:
            raise CourseError(f"An assignment must be graded before its grades can go out. Received: {assignment}") from None
        penalty = {s.student.id: s.late_submission_penalty or 0.0 for s in found.submissions}
        points = {s.student.id: max(0.0, float(s.score) - penalty[s.student.id]) for s in found.submissions}
        return points, float(found.max_score)


def export(course: Course, assignment: str, form: str, to: Path, into: Path | None = None) -> int:
    """Writes the grades: csv is nbgrader's own, canvas and moodle are what these platforms import; how many students.

    `into` is the file that the platform hands out (Canvas: the exported gradebook; Moodle: the grading worksheet). Its lines
    keep everything, and get the grade: an apostrophe in one of its names would be that of nobody when it goes back.
    """
    points, most = scores(course, assignment)
    if form == "csv":
        write_whole(to, nbgrader_csv(course, assignment))
        return len(points)
    column = assignment if form == "canvas" else "Grade"
    names = CANVAS_NAMES if form == "canvas" else MOODLE_NAMES
    rows, fields = read_csv(into, names) if into else own_rows(points, most, form, assignment)
    column = next((field for field in fields if field == column or field.startswith(f"{column} (")), column)
    filled = 0
    for row in rows:
        student = next((name for name in map(plain, (row.get(field, "") for field in names)) if name in points), None)
        if student is not None:
            row[column] = f"{points[student]:g}"
            filled += 1
    if not filled:
        raise CourseError(
            f"A line of the file must name a student as the folders of submitted/ do, in {', '.join(names)}. "
            f"Received: {into}, without one."
        )
    text = io.StringIO()
    table = csv.DictWriter(
        text, [*fields, *([] if column in fields else [column])], lineterminator="\n", extrasaction="ignore"
    )
    table.writeheader()
    table.writerows(rows if into else [{field: harmless_cell(text) for field, text in row.items()} for row in rows])
    write_whole(to, text.getvalue())
    return filled


def nbgrader_csv(course: Course, assignment: str) -> str:
    """What `nbgrader export` writes, for one assignment."""
    from nbgrader.api import Gradebook
    from nbgrader.plugins import CsvExportPlugin

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "grades.csv"
        with Gradebook(course.directory.db_url, course.directory.course_id) as gradebook:
            CsvExportPlugin(to=str(path), assignment=[assignment]).export(gradebook)
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[harmless_cell(cell) for cell in row] for row in rows])
    return text.getvalue()


def harmless_cell(text: str) -> str:
    """A cell that a spreadsheet takes for a text or a number: what begins as a formula gets an apostrophe."""
    return f"'{text}" if text.startswith(FORMULA) and NUMBER.fullmatch(text) is None else text


def read_csv(path: Path, names: tuple[str, ...]) -> tuple[list[dict[str, str]], list[str]]:
    """The lines and the columns of a platform's file."""
    try:
        reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
        rows, fields = list(reader), list(reader.fieldnames or [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"The platform's file must be CSV. Received: {path}, {error}") from None
    if not set(names) & set(fields):
        raise CourseError(
            f"The platform's file must have one of the columns {', '.join(names)}. Received: {path} with {fields}"
        )
    return rows, fields


def own_rows(points: dict[str, float], most: float, form: str, assignment: str) -> tuple[list[dict[str, str]], list[str]]:
    """A file of our own in the platform's form, with a line for each student."""
    if form == "moodle":
        return [{"Identifier": f"Participant {name}"} for name in sorted(points)], ["Identifier", "Grade"]
    fields = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment]
    return [{"Student": "Points Possible", assignment: f"{most:g}"}, *({"ID": name} for name in sorted(points))], fields


def plain(name: str) -> str:
    """A student's name in our folders: Moodle writes "Participant 4711"."""
    return name.strip().removeprefix("Participant ")
