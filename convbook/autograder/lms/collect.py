"""`convbook collect`: an archive of a platform's becomes `submitted/`, with a verdict on every file of it."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from convbook.autograder.course import LONGEST_STUDENT, Course, read_json
from convbook.autograder.lms.archive import Found, Reader
from convbook.autograder.lms.candidates import TIMESTAMP, choose, lay_out
from convbook.autograder.lms.columns import is_nobody
from convbook.autograder.lms.platforms import Owner, Platform, platform_of, told_by, without_shared_folder
from convbook.autograder.lms.put import Attempt, put_in_place
from convbook.autograder.lms.roster import Roster, absent, is_folder_name, names, resembles
from convbook.autograder.lms.verdicts import Collected, Verdict
from convbook.autograder.moments import zone_of
from convbook.autograder.registration import register
from convbook.autograder.submission import read_submission
from convbook.course.files import write_whole

PROGRAMS = {"__macosx", "__pycache__", "thumbs.db", "desktop.ini"}  # what systems leave, and nobody hands in
LONGEST_PAGE = 2**16  # bytes of a page of Blackboard's about an attempt
NO_NAME = f"a student's name must have at most {LONGEST_STUDENT} bytes that can be shown, and no sign of HTML"
OTHER_NAME = "in the roster the number {} is {}'s: is this a group that the roster does not know?"
LONGEST_TIME = 100  # bytes that say when something was handed in


def collect(course: Course, archive: Path, assignment: str, asked: str | None = None) -> Collected:
    """Puts what students handed in into `submitted/`, a student at a time and each as a whole. `Course.lock` is held.

    What was submitted before stays unless the archive has something newer of that student. CourseError where the archive
    cannot be read, or none of its names says whose a file is.
    """
    released = cells_of(register(course, assignment))
    course.memory.mkdir(parents=True, exist_ok=True)
    for left_over in course.memory.glob("collecting-*"):  # by a command that was killed
        shutil.rmtree(left_over)
    with tempfile.TemporaryDirectory(dir=course.memory, prefix="collecting-") as scratch:
        found = Reader(Path(scratch)).read(archive)
        platform = platform_of(asked, [one.name for one in found if not one.outer])
        collected = Collected(platform.name, assignment, people=names(course))
        collector = Collector(course, collected, platform, released, Roster.of(course))
        collector.take(found)
    collected.absent = absent(course, assignment)
    return collected


def cells_of(released: Path) -> dict[str, set[str]]:
    """By notebook of the assignment, the names of the cells that students got."""
    paths = sorted(released.glob("*.ipynb"))
    return {path.stem: {cell.grade_id for cell in read_submission(path) if cell.grade_id} for path in paths}


@dataclass
class Collector:
    """The work on one archive."""

    course: Course
    collected: Collected
    platform: Platform
    released: dict[str, set[str]]
    roster: Roster
    said: list[tuple[Found, Verdict]] = field(default_factory=list)

    def take(self, found: list[Found]) -> None:
        """Sorts the files by attempt, and gives each student their newest."""
        attempts = self.attempts(found)
        for attempt in attempts:
            self.read(attempt)
        path = self.course.collected_path(self.collected.assignment)
        records = read_json(path)
        for student, own in sorted(by_student(attempts).items()):
            outcome = put_in_place(self.course, self.collected.assignment, student, own, records.get(student, {}))
            self.collected.students[student] = outcome.words
            own[-1].outcomes[student] = outcome
            if outcome.counts:
                records[student] = self.record(own[-1]) | {"digest": outcome.digest}
                self.collected.without += [] if own[-1].notebooks else [student]
        write_whole(path, json.dumps(records, indent=1, ensure_ascii=False))
        for attempt in attempts:
            self.judge(attempt)
        order = {id(one): place for place, one in enumerate(found)}
        self.collected.verdicts = [verdict for _, verdict in sorted(self.said, key=lambda pair: order[id(pair[0])])]

    def say(self, found: Found, students: tuple[str, ...], taken: bool, what: str, matters: bool = True) -> None:
        """The verdict on one file."""
        self.said.append((found, Verdict(found.name, students, taken, what, matters)))

    def attempts(self, found: list[Found]) -> list[Attempt]:
        """The files by who handed them in and when; those of nobody have their verdict."""
        shared = without_shared_folder(one.name for one in found) if self.platform.name == "folders" else ""
        attempts: dict[tuple[str, str], Attempt] = {}
        owned = [(one, self.platform.owner(one.name.removeprefix(shared))) for one in found]
        pages = {(owner.number, owner.received): text_of(one) for one, owner in owned if owner and not owner.work}
        for place, (one, owner) in enumerate(owned):
            owner = told_by(owner, pages.get((owner.number, owner.received), "")) if owner else None
            if is_left_by_a_program((owner.file if owner else one.name).split("/")):
                self.say(one, (), False, "left by a program, no work of a student", matters=False)
            elif owner is None:
                self.say(one, (), False, one.problem or "its name does not say whose it is")
            elif not owner.number:
                self.say(one, (), False, f"of {owner.person}, whom the archive gives no number")
            else:
                key = (owner.number, owner.received)
                attempts.setdefault(key, Attempt(owner)).add(one, owner, place)
        return list(attempts.values())

    def read(self, attempt: Attempt) -> None:
        """Whose an attempt is, and which of its files is what."""
        attempt.students, attempt.remark = self.whose(attempt.owner)
        chosen = choose(attempt.files, self.released)
        marked = self.platform.name == "folders"
        lay_out(attempt.files, chosen, marked)
        attempt.notebooks = {name: file.found for name, file in chosen.items()}
        attempt.timestamp = attempt.received = self.with_zone(attempt.owner.received)
        for file in attempt.files:
            if file.target == TIMESTAMP:
                attempt.timestamp = attempt.received = text_of(file.found)[:LONGEST_TIME].strip()

    def whose(self, owner: Owner) -> tuple[tuple[str, ...], str]:
        """The students whose submission this is, and what is to be said of that."""
        named = self.roster.named(owner.person or owner.number)
        if named is None and (members := self.roster.members(owner.person)):  # Canvas gives it one member's number
            return tuple(person.id for person in members), f"group {owner.person}"
        if person := self.roster.find(owner.number):
            if not owner.person or is_nobody(owner.person) or resembles(person, owner.person):
                return (person.id,), ""
            if self.platform.name == "moodle":  # whose groups have numbers of their own, which may be the same
                return (), OTHER_NAME.format(owner.number, person.name)
            return (person.id,), f"the roster calls this person {person.name}"
        if named:
            return (named.id,), ""
        if not is_folder_name(owner.number):
            return (), NO_NAME
        return (owner.number,), "the roster does not say who this is" if self.roster.people else ""

    def with_zone(self, received: str) -> str:
        """The platform's time, with the zone that the course names in `c.Exchange.timezone`, if it names one."""
        return datetime.fromisoformat(received).replace(tzinfo=zone_of(self.course)).isoformat(" ") if received else ""

    def record(self, attempt: Attempt) -> dict[str, Any]:
        """What is kept of the archive's own names, for one student."""
        first = next(iter(attempt.notebooks.values()), attempt.files[0].found)
        return {
            "platform": self.platform.name,
            "name": attempt.owner.person or attempt.owner.number,
            "number": attempt.owner.number,
            "file": first.outer or first.name,
            "received": attempt.received,
            "late": attempt.owner.late,
            "made": attempt.made,
            "members": list(attempt.students),  # several where it is a group's
        }

    def judge(self, attempt: Attempt) -> None:
        """The verdicts on the files of an attempt, when it is known what became of it."""
        for one in attempt.lost:
            self.say(one, attempt.students, False, one.problem)
        for one in attempt.pages:
            self.say(one, attempt.students, False, "the platform's own page on the submission", matters=False)
        for file in attempt.files:
            taken = bool(file.target and attempt.students and not attempt.refused)
            alone = "no notebook came with it" if taken and not attempt.notebooks else ""
            notes = [attempt.where(file), file.note, file.found.note, attempt.remark, alone]
            self.say(file.found, attempt.students, taken or file.found.opened, "; ".join(filter(None, notes)))


def by_student(attempts: list[Attempt]) -> dict[str, list[Attempt]]:
    """Each student's attempts, the newest at the end; of equal times, the one that stands later in the archive."""
    found: dict[str, list[Attempt]] = {}
    for attempt in sorted(attempts, key=lambda one: one.received):
        for student in attempt.students:
            found.setdefault(student, []).append(attempt)
    return found


def text_of(found: Found) -> str:
    """The beginning of a page as text."""
    if found.place is None:
        return ""
    with open(found.place, "rb") as file:
        return file.read(LONGEST_PAGE).decode("utf-8-sig", errors="replace").replace("\r\n", "\n")


def is_left_by_a_program(parts: list[str]) -> bool:
    """Whether a path is one of those that systems and editors leave in a folder."""
    return any(part.startswith(".") or part.lower() in PROGRAMS for part in parts)
