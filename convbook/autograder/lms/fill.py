"""A platform's own table of grades, filled in: one column, and nothing else in it changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from convbook.autograder.course import CourseError
from convbook.autograder.lms.columns import NAMING, find_columns, letters, most_of_title, plain_number, same_title
from convbook.autograder.lms.grades import Grades
from convbook.autograder.lms.roster import Roster
from convbook.autograder.lms.table import Row, Table, number

EXCUSED = ("ex", "excused", "na")  # Canvas: excused from the assignment; or N/A, not among those who have to hand it in
NOBODY = ("pointspossible", "studenttest")  # Canvas' line of maxima, and its own test student
DECIMALS = 2  # as many as Canvas and Moodle show


def fill(path: Path, grades: Grades, roster: Roster, column: str | None, absent: str | None) -> Filled:
    """The platform's file with the grades in it; CourseError where its column or its lines cannot be found.

    Nothing in it is changed to be harmless for a spreadsheet: an apostrophe in one of its names would be that of nobody when
    it goes back.
    """
    table = Table.read(path)
    columns = find_columns(table.header)
    place = find_column(table, columns, grades.assignment, column, path)
    filled = Filled(table, columns, place, points_possible(table, columns, place), grades, roster, absent)
    for row in table.body:
        filled.write(row)
    if not filled.students and not filled.excused:
        tried = ", ".join(table.header[columns[kind]] for kind in NAMING if kind in columns)
        raise CourseError(
            "A line of the file must name a student as the folders of submitted/ or the roster do, in a column as "
            f"{tried or 'ID, Identifier'}. Received: {path}, without one. Do: convbook roster {path.name}"
        )
    return filled


@dataclass
class Filled:
    """A table that gets its grades, and what was written into it."""

    table: Table
    columns: dict[str, int]
    place: int  # of the column
    most: float | None  # the platform's maximum, where it is one for all
    grades: Grades
    roster: Roster
    absent: str | None  # what those get who have handed in nothing; None where their cells stay
    students: list[str] = field(default_factory=list)  # who have a line and a grade
    excused: list[str] = field(default_factory=list)

    def write(self, row: Row) -> None:
        """One line."""
        student = self.student(row)
        if student is None:
            return
        if letters(self.table.get(row, self.place)) in EXCUSED:
            self.excused.append(student)
        elif student in self.grades.points:
            self.table.put(row, self.place, self.scaled(row, self.grades.points[student]))
            self.students.append(student)
        elif self.absent is not None and student not in self.grades.ungraded:
            self.table.put(row, self.place, self.absent)

    def student(self, row: Row) -> str | None:
        """The student whom a line is about, by the names of our folders; None where it is about nobody."""
        say = lambda kind: self.table.get(row, self.columns.get(kind))  # noqa: E731 - a cell of this line
        said = [plain_number(say(kind)) for kind in NAMING]
        name = say("name") or f"{say('first')} {say('last')}"
        if letters(name) in NOBODY:
            return None
        person = self.roster.find(*said) or (None if any(said) else self.roster.named(name))
        known = [*([person.id] if person else []), *filter(None, said)]
        return next((one for one in known if one in self.grades.points), next(iter(known), None))

    def scaled(self, row: Row, points: float) -> str:
        """Points on the platform's scale: 10 of 12 are 83.33 where it gives 100. A number without zeros that say nothing."""
        of = number(self.table.get(row, self.columns["maximum"])) if "maximum" in self.columns else self.most
        value = points * of / self.grades.most if of and self.grades.most else points
        return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".").replace(".", self.table.decimal)

    def sentences(self) -> list[str]:
        """What an instructor should know: a sentence each."""
        unnamed = sorted({*self.grades.points} - {*self.students, *self.excused})
        lines = [f"Excused, and left as they are: {self.grades.some(self.excused)}."] if self.excused else []
        return lines + ([f"The file has no line for {self.grades.some(unnamed)}."] if unnamed else [])


def find_column(table: Table, columns: dict[str, int], assignment: str, asked: str | None, path: Path) -> int:
    """Where the grades go; CourseError, with the candidates, where that is not one column."""
    if asked is not None:
        places = [place for place, title in enumerate(table.header) if title == asked.strip()]
        places = places or [place for place, title in enumerate(table.header) if letters(title) == letters(asked)]
    else:
        places = [place for place, title in enumerate(table.header) if same_title(title, assignment)]
        places = places or ([columns["grade"]] if "grade" in columns else [])
    if len(places) == 1 and "read only" not in maxima_cell(table, columns, places[0]).lower():
        return places[0]
    people = {place for kind, place in columns.items() if kind != "grade"}
    others = [title for place, title in enumerate(table.header) if place not in people]
    shown = places or [place for place, title in enumerate(table.header) if title in others]
    received = "several" if len(places) > 1 else "one that is read only" if places else "none"
    titles = "; ".join(repr(table.header[place]) for place in shown) or "none"
    raise CourseError(
        f"The file must have one column for {asked or assignment}. Received: {path}, with {received}. "
        f"Name it with --column. Candidates: {titles}"
    )


def maxima(table: Table, columns: dict[str, int]) -> Row | None:
    """Canvas' second or third line, in which the first cell is "    Points Possible"."""
    named = columns.get("name", columns.get("last", 0))
    return next((row for row in table.body[:3] if letters(table.get(row, named)) == "pointspossible"), None)


def maxima_cell(table: Table, columns: dict[str, int], place: int) -> str:
    """What that line says of a column."""
    row = maxima(table, columns)
    return table.get(row, place) if row else ""


def points_possible(table: Table, columns: dict[str, int], place: int) -> float | None:
    """The maximum of a column where the platform names one for all."""
    said = number(maxima_cell(table, columns, place))
    return said if said is not None else most_of_title(table.header[place])
