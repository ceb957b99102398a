"""What the report asks about copying: whose answers are alike beyond chance, in groups, with both texts side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convbook.autograder.copying import SOLUTION, Alike, Text, alike
from convbook.autograder.course import Course, read_json
from convbook.course.cells import grade_id, is_answer, reference_answer
from convbook.course.notebooks import read_notebook

MOST = 40  # pairs that are shown


@dataclass(frozen=True)
class Group:
    """Those whose answers are alike, directly or through one another, and the pairs, the most surprising first."""

    students: list[str]
    pairs: list[Alike]


def evidence(course: Course, name: str, records: Iterable[dict[str, Any]]) -> list[Group]:
    """The groups of an assignment's submissions that a person should look at; members of one group's work are not compared."""
    records = list(records)
    paths = sorted(course.folder("source", name).glob("*.ipynb"))
    answers = {record["student"]: texts(course.folder("autograded", name, record["student"]), paths) for record in records}
    answers = {student: own for student, own in answers.items() if own}
    sources = [read_notebook(path) for path in paths]
    given = texts(course.folder("release", name), paths)
    published = {
        grade_id(cell): Text(reference_answer(source, grade_id(cell)), cell.cell_type == "code")
        for source in sources
        for cell in source.cells
        if is_answer(cell)
    }
    wrong = {
        record["student"]: [f"{one['function']}: {one['name']}" for one in record.get("misconceptions", [])]
        for record in records
    }
    told = read_json(course.collected_path(name))
    together = [[student, *one["members"]] for student, one in told.items() if len(one.get("members", [])) > 1]
    return grouped(alike({**answers, SOLUTION: published}, given, wrong, together)[:MOST]) if len(answers) > 1 else []


def texts(folder: Path, notebooks: Iterable[Path]) -> dict[str, Text]:
    """The answers in the notebooks of a folder, by cell; nothing where there are none that can be read."""
    found = {}
    for path in notebooks:
        for cell in read_json(folder / path.name).get("cells", []):
            meta = cell.get("metadata", {}).get("nbgrader", {})
            if meta.get("solution"):
                source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
                found[meta["grade_id"]] = Text(source, cell["cell_type"] == "code")
    return found


def grouped(pairs: list[Alike]) -> list[Group]:
    """Pairs that have somebody in common in one group; the published solution is nobody."""
    groups: list[tuple[set[str], list[Alike]]] = []
    for pair in pairs:
        people = set(pair.students)
        touched = [group for group in groups if group[0] & (people - {SOLUTION})]
        for group in touched:
            groups.remove(group)
        members = set().union(people, *(group[0] for group in touched))
        groups.append((members, [one for group in touched for one in group[1]] + [pair]))
    made = [Group(sorted(people), sorted(found, key=lambda one: -one.bits)) for people, found in groups]
    return sorted(made, key=lambda group: -group.pairs[0].bits)
