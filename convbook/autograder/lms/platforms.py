"""What file names in the archives of Canvas, Moodle and Blackboard say: whose a file is, when and how it was handed in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from convbook.autograder.course import CourseError

# Folders that somebody put around an archive's files, when it was unpacked and packed again.
AROUND = r"(?:[^/]+/)*?"

# Canvas: lib/content_zipper.rb of instructure/canvas-lms writes
#   {sortable name, lower case, letters and digits only}[_LATE]_{user}_{attachment}_{file}, in a group assignment the group's
#   name and one member's number; {…}_{user}_text.html and _link.html for what was not a file; [LATE_]anon_{code}_… where the
#   course hides names. The file is as the student named it, with -1, -2 … behind it where they handed it in again.
CANVAS = (
    r"(?P<person>[^/]*?)(?P<late>_LATE)?_(?P<number>\d+)_(?:(?P<order>\d+)_(?P<file>.+)|(?P<page>text\.html|link\.html))",
    r"(?P<late>LATE_)?(?P<person>anon)_(?P<number>[^_/]+)_(?:(?P<order>\d+)_(?P<file>.+)|(?P<page>text\.html|link\.html))",
)
# Moodle: mod/assign/classes/downloader.php (before 4.2: download_submissions in mod/assign/locallib.php) of moodle/moodle
#   writes {full name}_{number}_assignsubmission_{plugin}/{path} or, without folders, …_{plugin}_{file}; older ones have one
#   more _ behind the plugin's name. The number is the participant's in this assignment, as in the grading worksheet. Where
#   names are hidden, "Participant" stands for the name ("Teilnehmerin", "참가자" in the language packs); the words around are
#   the same in every language. In a group assignment it is the group's name and number, or "Default group" without one.
MOODLE = (
    r"(?P<person>[^/]*)_(?P<number>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_?/|_)(?P<file>.+)",
    r"(?P<person>[^/]+)_assignsubmission_(?P<plugin>[a-z]+)(?:_?/|_)(?P<file>.+)",
)
# Blackboard ("Assignment File Download" in its Grade Center; no page of its own with the pattern was found; it is that
#   of programs which read such archives, as jeroendoggen/blackboard-analysis-tools and vangef/BBGradebookOrganiser):
#   {assignment}_{user}_attempt_{time}[_{file}], and for each attempt a .txt of the same name with "Name: … (user)",
#   "Date Submitted: …" and the files' original names.
BLACKBOARD = (r"(?P<title>[^/]*)_(?P<number>[^/_]+)_attempt_(?P<received>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|(?P<told>\.txt))",)
FOLDERS = (r"(?P<number>[^/]+)/(?P<file>.+)",)
PATTERNS = {
    name: [re.compile(AROUND + one, re.DOTALL) for one in patterns]
    for name, patterns in {"canvas": CANVAS, "moodle": MOODLE, "blackboard": BLACKBOARD}.items()
} | {"folders": [re.compile(one, re.DOTALL) for one in FOLDERS]}


@dataclass(frozen=True)
class Owner:
    """What a file's name says."""

    number: str  # the platform's name for who handed it in; nothing where it has none
    person: str  # their name, or their group's, as it stands there
    file: str  # the file's own path and name
    received: str = ""  # 2026-03-02 21:15:32, in the platform's zone
    late: bool | None = None  # where the platform says so
    order: int = 0  # of two files of one name, the larger is the newer
    work: bool = True  # False where it is Blackboard's page about the attempt


@dataclass(frozen=True)
class Platform:
    """One way to name the files of an archive."""

    name: str
    patterns: tuple[re.Pattern[str], ...]

    def owner(self, path: str) -> Owner | None:
        """Whose file this is, or nothing where the name does not say it."""
        for pattern in self.patterns:
            if match := pattern.fullmatch(path):
                return self.read({name: text or "" for name, text in match.groupdict().items()})
        return None

    def read(self, said: dict[str, str]) -> Owner:
        """The groups of a match as an owner."""
        return Owner(
            number=said.get("number") or said.get("student_id", ""),
            person=said.get("person") or " ".join(filter(None, (said.get("first_name"), said.get("last_name")))),
            file=said.get("file") or said.get("file_id", "") or said.get("page", ""),
            received=moment(said.get("received") or said.get("timestamp", "")),
            late=bool(said["late"]) if "late" in said else None,
            order=int(said.get("order") or 0),
            work=not said.get("told"),
        )


def moment(text: str) -> str:
    """A time in a file's name as 2026-03-02 21:15:32; nothing where it is none."""
    for form in ("%Y-%m-%d-%H-%M-%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        try:
            return str(datetime.strptime(text[:19], form))
        except ValueError:
            continue
    return ""


def platform_of(asked: str | None, names: list[str]) -> Platform:
    """The platform that was asked for, or the one whose pattern fits the archive's names; CourseError if none does."""
    if asked in PATTERNS:
        return Platform(asked, tuple(PATTERNS[asked]))
    if asked:
        return Platform("regex", (own_pattern(asked),))
    fits = {name: sum(any(one.fullmatch(path) for one in PATTERNS[name]) for path in names) for name in PATTERNS}
    best = max(("canvas", "moodle", "blackboard"), key=fits.__getitem__)
    if fits[best] and 2 * fits[best] >= len(names):
        return Platform(best, tuple(PATTERNS[best]))
    if names and 2 * fits["folders"] >= len(names):
        return Platform("folders", tuple(PATTERNS["folders"]))
    shown = ", ".join(names[:3]) or "no file"
    raise CourseError(
        "The names in an archive must say whose the files are, as Canvas, Moodle and Blackboard write them, or lie in folders "
        f"named for students. Received: {shown}. Name the platform with --from, or give a regular expression with the groups "
        "student_id and file_id."
    )


def own_pattern(text: str) -> re.Pattern[str]:
    """An instructor's pattern; CourseError where it cannot be used."""
    try:
        pattern = re.compile(text, re.DOTALL)
    except re.error as error:
        raise CourseError(f"--from must name a platform or be a regular expression. Received: {text!r}, {error}") from None
    if not {"student_id", "file_id"} <= set(pattern.groupindex):
        raise CourseError(
            f"--from must be {', '.join(PATTERNS)}, or a regular expression with the groups student_id and file_id "
            f"((?P<student_id>…)). Received: {text!r}"
        )
    return pattern


def without_shared_folder(names: Iterable[str]) -> str:
    """The folder, with its "/", in which all students' folders lie: `submitted/`; nothing where they lie side by side."""
    names = list(names)
    tops = {name.partition("/")[0] for name in names}
    below = {name.partition("/")[2].partition("/")[0] for name in names if name.count("/") > 1}
    shared = len(tops) == 1 and len(below) > 1 and all(name.count("/") > 1 for name in names)
    return f"{tops.pop()}/" if shared else ""


def told_by(owner: Owner, text: str) -> Owner:
    """What Blackboard's .txt adds to a file's name: a user's number with `_` in it, and their name.

    `text` is the page; `owner` was read from a name beside it, in which the number is what stands behind the last `_`.
    """
    said = re.search(r"^Name: (?P<person>.*) \((?P<number>[^()\n]+)\)\s*$", text, re.MULTILINE)
    if said and (said["number"] == owner.number or said["number"].endswith(f"_{owner.number}")):
        return replace(owner, number=said["number"], person=said["person"].strip())
    return owner
