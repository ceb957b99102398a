"""Who is in the class, as the platform's list said: names, identifiers, and the groups for which nbgrader has no column."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from convbook.autograder.course import Course, can_be_a_student, read_json
from convbook.autograder.lms.columns import letters
from convbook.course.files import write_whole

FILE = "roster.json"  # in the course's memory


@dataclass(frozen=True)
class Person:
    """A student as the class list has them. `id` is the name of their folder in `submitted/`."""

    id: str
    name: str = ""
    first: str = ""
    last: str = ""
    email: str = ""
    number: str = ""  # the platform's own: Canvas' ID, Moodle's participant
    identifiers: tuple[str, ...] = ()  # all under which a platform may name them
    groups: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    left: bool = False  # in an earlier list, and not in the last one


@dataclass
class Roster:
    """The class."""

    people: dict[str, Person] = field(default_factory=dict)

    @classmethod
    def of(cls, course: Course) -> Roster:
        """The course's roster; an empty one where no list was read."""
        people = read_json(course.memory / FILE).get("people", [])
        tuples = ("identifiers", "groups", "sections")
        read = [Person(**{key: tuple(value) if key in tuples else value for key, value in one.items()}) for one in people]
        return cls({person.id: person for person in read})

    def save(self, course: Course) -> None:
        """Writes the roster, in order."""
        people = [asdict(self.people[name]) for name in sorted(self.people)]
        write_whole(course.memory / FILE, json.dumps({"people": people}, indent=1, ensure_ascii=False))

    def find(self, *identifiers: str) -> Person | None:
        """Who has one of these identifiers."""
        wanted = [text.casefold() for text in identifiers if text]
        for text in wanted:
            for person in self.people.values():
                if text == person.id.casefold() or text in map(str.casefold, person.identifiers):
                    return person
        return None

    def named(self, name: str) -> Person | None:
        """Who alone has this name, in either order, however an archive has written it."""
        found = [person for person in self.people.values() if is_called(person, name)]
        return found[0] if len(found) == 1 else None

    def members(self, group: str) -> list[Person]:
        """Those in a group of this name."""
        wanted = letters(group)
        return [p for p in self.people.values() if wanted and not p.left and wanted in map(letters, p.groups)]


def resembles(person: Person, name: str) -> bool:
    """Whether a name could be this person's: some sites put a user name or a title beside it, or leave a part out."""
    parts = [letters(part) for part in (person.name, person.first, person.last)]
    return is_called(person, name) or any(len(part) > 1 and part in letters(name) for part in parts)


def is_called(person: Person, name: str) -> bool:
    """Whether this is a person's name, in either order, with or without what platforms leave out of file names."""
    first, last = letters(person.first), letters(person.last)
    return bool(letters(name)) and letters(name) in (letters(person.name), first + last, last + first)


def names(course: Course) -> dict[str, str]:
    """By student: their name, where the roster knows it."""
    return {person.id: person.name for person in Roster.of(course).people.values() if person.name}


def absent(course: Course, assignment: str) -> list[str]:
    """Those of the class who have handed in nothing."""
    here = set(course.students(assignment))
    return sorted(person.id for person in Roster.of(course).people.values() if not person.left and person.id not in here)


def is_folder_name(text: str) -> bool:
    """Whether it can name a student's folder."""
    return can_be_a_student(text) and "/" not in text and not text.startswith(".")
