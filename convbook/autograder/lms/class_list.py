"""`convbook roster`: a platform's list of the class into nbgrader's students, and into the roster."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from convbook.autograder.course import LONGEST_STUDENT, MARKUP, Course, CourseError
from convbook.autograder.gradebook import gradebook_of
from convbook.autograder.lms.columns import NAMING, STUDENT, find_columns, letters, plain_number
from convbook.autograder.lms.roster import Person, Roster, is_folder_name
from convbook.autograder.lms.table import Table


@dataclass
class Change:
    """What a list has changed: the ids."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)  # what is said of lines that name no student

    @property
    def listed(self) -> list[str]:
        """All who are in the list."""
        return [*self.new, *self.changed, *self.same]


def read_roster(course: Course, file: Path) -> Change:
    """Takes a list into nbgrader's students and into the roster; CourseError where it names nobody. `Course.lock` is held.

    Who is not in it any more stays in the gradebook, and is marked in the roster.
    """
    change = Change()
    people = people_of(Table.read(file), change)
    if not people:
        raise CourseError(
            "A class list must have a line for each student, and columns with a name and an identifier or an e-mail address. "
            f"Received: {file}, without one."
        )
    roster = enter(course, people, change)
    for person in list(roster.people.values()):
        if person.id not in change.listed:
            change.left += [] if person.left else [person.id]
            roster.people[person.id] = replace(person, left=True)
    roster.save(course)
    return change


def enter(course: Course, people: list[Person], change: Change) -> Roster:
    """Writes people into the gradebook; the roster with them in it."""
    before, after = Roster.of(course), Roster.of(course)
    names = Counter(letters(person.name) for person in people)
    with gradebook_of(course) as gradebook:
        known = {student.id for student in gradebook.students}
        for read in people:
            old = match(read, before, alone=names[letters(read.name)] == 1)
            person = merged(read, old, known)
            if person.id in change.listed:
                change.skipped.append(f"{person.name or person.id}: a second line of {person.id}")
                continue
            after.people[person.id] = person
            (change.new if old is None else change.same if old == person else change.changed).append(person.id)
            if old != person or person.id not in known:
                gradebook.update_or_create_student(person.id, **row_of(person))
    return after


def row_of(person: Person) -> dict[str, Any]:
    """nbgrader's columns of a student, as far as the list has them."""
    columns = {"first_name": person.first, "last_name": person.last, "email": person.email, "lms_user_id": person.number}
    return {name: text[:LONGEST_STUDENT] for name, text in columns.items() if text}


def match(read: Person, roster: Roster, alone: bool) -> Person | None:
    """The person of the roster whom a line is about: the same address, else an identifier, else a name nobody shares."""
    if old := (roster.find(read.email) or roster.find(*read.identifiers)):
        return old
    old = roster.named(read.name) if alone else None
    return old if old and not (old.email and read.email) and not (old.number and read.number) else None


def merged(read: Person, old: Person | None, known: set[str]) -> Person:
    """A line and what was known before: the list's words count, where it has some; identifiers are kept."""
    if old is None:
        name = next((text for text in read.identifiers if text in known), read.identifiers[0])
        return replace(read, id=name)
    news = {key: value for key, value in vars(read).items() if value and key != "id"}
    news["identifiers"] = tuple(dict.fromkeys([*old.identifiers, *read.identifiers]))
    return replace(old, **news, left=False)


def people_of(table: Table, change: Change) -> list[Person]:
    """The students of a list. Teachers and lines without an identifier are skipped, and said."""
    columns = find_columns(table.header)
    if not set(NAMING) & set(columns) and not {"name", "last"} & set(columns):
        raise CourseError(
            "A class list must have columns for names and identifiers, as ID, Full name, Email address; Vollständiger Name, "
            f"E-Mail-Adresse; 학번, 이름. Received: {', '.join(table.header)}"
        )
    found = []
    for row in table.body:
        said = {kind: table.get(row, place) for kind, place in columns.items()}
        person = person_of(said)
        if letters(person.name) in ("", "pointspossible") and not person.identifiers:  # an empty line; Canvas' maxima
            continue
        if problem := problem_of(person, said):
            change.skipped.append(f"{person.name or 'a line'}: {problem}")
        else:
            found.append(person)
    return found


def person_of(said: dict[str, str]) -> Person:
    """One line of a list."""
    first, last = harmless_name(said.get("first", "")), harmless_name(said.get("last", ""))
    name = harmless_name(said.get("name", ""))
    if not first and not last:
        first, last = parts_of(name)
    number = plain_number(said.get("number", ""))
    identifiers = [number, *(said.get(kind, "") for kind in NAMING[1:])]
    address = said.get("email") or next((text for text in identifiers if "@" in text), "")  # Canvas: often the login
    return Person(
        id="",
        name=whole_name(first, last),
        first=first,
        last=last,
        email=address,
        number=number,
        identifiers=tuple(dict.fromkeys(text for text in identifiers if text and is_folder_name(text))),
        groups=several(said.get("group", "")),
        sections=several(said.get("section", "")),
    )


def problem_of(person: Person, said: dict[str, str]) -> str:
    """Why a line is not that of a student, or nothing."""
    if said.get("role") and not any(letters(role) in STUDENT for role in several(said["role"])):
        return f"no student but {harmless_name(said['role'])}"
    if person.name == "Test Student" and not person.number.strip("0123456789"):
        return "Canvas' own test student"
    return "" if person.identifiers else "no identifier that can be used"


def parts_of(name: str) -> tuple[str, str]:
    """(first, last) of a whole name: "Noether, Emmy", "Emmy Noether", "김 민지". One that is not divided is a last name."""
    last, comma, first = map(str.strip, name.partition(","))
    if comma:
        return first, last
    words = name.split()
    if len(words) < 2:
        return "", name
    return (" ".join(words[1:]), words[0]) if is_korean_name(name) else (" ".join(words[:-1]), words[-1])


def whole_name(first: str, last: str) -> str:
    """A name as it is read: 김민지, Emmy Noether."""
    return last + first if is_korean_name(first + last) else " ".join(filter(None, (first, last)))


def is_korean_name(name: str) -> bool:
    """Whether a name is written in Hangul, in which the family's comes first."""
    return bool(name.strip()) and all("가" <= letter <= "힣" or letter == " " for letter in name)


def harmless_name(text: str) -> str:
    """A name without signs of HTML: students choose it, and Formgrader writes it into its pages."""
    return " ".join("".join(letter for letter in text if letter.isprintable() and letter not in MARKUP).split())


def several(text: str) -> tuple[str, ...]:
    """The groups or sections of a cell: separated by `,` or `;`, or by Canvas' "and"."""
    parts = text.replace(";", ",").replace(" and ", ",").split(",")
    return tuple(dict.fromkeys(harmless_name(part) for part in parts if part.strip()))


def said(change: Change) -> str:
    """What a list has changed, in words."""
    lines = [f"{len(change.new)} new, {len(change.changed)} changed, {len(change.same)} as before"]
    if change.left:
        lines.append(f"not in this list any more, and still in the gradebook: {', '.join(sorted(change.left))}")
    lines += [f"not taken: {text}" for text in change.skipped]
    return "\n".join(lines)
