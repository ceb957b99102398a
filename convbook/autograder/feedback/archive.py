"""The pages of a class in one zip, under the names by which Canvas and Moodle find whose they are.

Both say it with the names of the archive in which the submissions came; `convbook collect` has kept those.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from convbook.autograder.course import Course, CourseError, read_json
from convbook.autograder.feedback.write import page_path
from convbook.autograder.lms.platforms import platform_of
from convbook.course.files import write_whole


@dataclass
class Packed:
    """What became of an archive: how many pages are in it, and whose could not be taken, with the reason."""

    path: Path
    pages: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


def pack(course: Course, assignment: str, platform: str, students: list[str], to: Path) -> Packed:
    """Writes the archive; CourseError where nobody's page can be in it. The archive is there as a whole, or not at all."""
    told = read_json(course.collected_path(assignment))
    packed, names = Packed(to), {}
    for student in students:
        record = told.get(student, {})
        name = prefix(platform, record)
        if not name:
            packed.left_out[student] = why_not(platform, record)
            continue
        for path in sorted(page_path(course, assignment, student, "").parent.glob("*.html")):
            names.setdefault(f"{name}{path.name}", path)  # once for a group, whose members have the same pages
    if not names:
        raise CourseError(
            f"The archive for {platform} takes its names from the archive of submissions. Received: nobody who came in one of "
            f"{platform}. Do: convbook collect ARCHIVE {assignment}"
        )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in names.items():
            archive.write(path, name)
    try:
        write_whole(to, content.getvalue())
    except OSError as error:
        raise CourseError(f"The archive must be a file that can be written. Received: {to}, {error.strerror}.") from None
    packed.pages = len(names)
    return packed


def prefix(platform: str, record: dict[str, str]) -> str:
    """How the name of a student's page must begin; nothing where the archive was another one.

    Canvas looks for the first two parts between `_` that are whole numbers, the user and a file that they handed in:
    `infer_comment_context_from_filename` in instructure/canvas-lms. Moodle splits a name at its first four `_`: the full
    name, the number of the participant or group, the plugin's type and name: mod/assign/feedback/file/importziplib.php.
    """
    if record.get("platform") != platform:
        return ""
    owner = platform_of(platform, []).owner(str(record.get("file", "")))
    if owner is None or not owner.number:
        return ""
    person = owner.person.replace("_", " ")
    if platform == "moodle":
        return f"{person}_{owner.number}_assignsubmission_file_"
    return f"{person.replace(' ', '')}_{owner.number}_{owner.order}_" if owner.order else ""


def why_not(platform: str, record: dict[str, str]) -> str:
    """Why a student's page is not in the archive."""
    if not record:
        return "came in no archive that was collected"
    if record.get("platform") != platform:
        return f"came in an archive of {record.get('platform')}"
    return f"{platform} gives no number in {json.dumps(record.get('file', ''), ensure_ascii=False)}"
