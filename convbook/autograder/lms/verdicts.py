"""What `convbook collect` says of every file of an archive: a table for a terminal, JSON for a program."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from convbook.autograder.submission import readable


@dataclass(frozen=True)
class Verdict:
    """What became of one file of the archive."""

    file: str
    students: tuple[str, ...]
    taken: bool
    what: str  # where it is now, and what is to be said of it; or why it was not taken
    matters: bool = True  # False where nobody would miss it


@dataclass
class Collected:
    """What an archive has brought."""

    platform: str
    assignment: str
    verdicts: list[Verdict] = field(default_factory=list)
    students: dict[str, str] = field(default_factory=dict)  # new, replaced, as before, or why what was there stays
    without: list[str] = field(default_factory=list)  # students whose newest attempt has no notebook
    absent: list[str] = field(default_factory=list)  # who of the class have handed in nothing, now and before
    people: dict[str, str] = field(default_factory=dict)  # by student: their name, where a class list has said it

    @property
    def needs_a_look(self) -> bool:
        """Whether something was not taken that somebody could miss."""
        return bool(self.without) or any(not verdict.taken and verdict.matters for verdict in self.verdicts)

    def who(self, students: Iterable[str]) -> str:
        """Students with their names."""
        return ", ".join(f"{one} {self.people[one]}" if one in self.people else one for one in students)


def counts(collected: Collected) -> str:
    """What an archive has brought, in a few words."""
    outcomes = Counter(collected.students.values())
    taken = sum(verdict.taken for verdict in collected.verdicts)
    who = ", ".join(f"{number} {words}" for words, number in outcomes.most_common()) or "none"
    line = f"{collected.assignment}: {taken} of {len(collected.verdicts)} files taken ({collected.platform}). Students: {who}."
    line += f"\nWithout a notebook: {collected.who(collected.without)}." if collected.without else ""
    return line + (f"\nNothing was handed in by {collected.who(collected.absent)}." if collected.absent else "")


def table(collected: Collected) -> str:
    """A line for every file, for a terminal."""
    from tabulate import tabulate

    rows = []
    for one in collected.verdicts:
        what = printable(one.what if one.taken else f"NOT TAKEN: {one.what}")
        rows.append([readable(one.file), readable(collected.who(one.students) or "–"), what])
    headers = ["file", "student", "what became of it"]
    return f"{tabulate(rows, headers=headers, disable_numparse=True)}\n\n{printable(counts(collected))}"


def printable(text: str) -> str:
    """A verdict without what is no character: names of students' files are in it."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)


def as_json(collected: Collected) -> str:
    """The same for a program."""
    files = [vars(verdict) for verdict in collected.verdicts]
    names = ("platform", "assignment", "students", "without", "absent")
    parts = {name: getattr(collected, name) for name in names}
    return json.dumps(parts | {"files": files}, indent=1, ensure_ascii=False)
