"""The notebooks of a submission: which of them are the assignment's, and what was changed in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convbook.autograder.folder import few
from convbook.autograder.identity import BELOW, MOST_CANDIDATES, Candidate, belongs_to, best, candidate, is_notebook, same_name
from convbook.autograder.rebuild import Remark, rebuild
from convbook.autograder.signs import signs
from convbook.autograder.submission import Cell, InvalidSubmission, read_submission, readable

if TYPE_CHECKING:
    from convbook.autograder.plan import Assignment, Job

UNRECOGNISED = (
    "A notebook must hold cells of {} as they were released, or answers under the names that were asked for. Received: {}, in "
    "which none was found. Ask for the file that belongs to this assignment, or put the answers into a fresh copy."
)


def read_notebooks(assignment: Assignment, job: Job, files: dict[str, Path]) -> None:
    """Reads and rebuilds every notebook of the assignment; a missing or broken one becomes one without answers."""
    handed_in, broken = readable_ones(assignment, job, files)
    owners = {one: belongs_to(one, cells, assignment.release) for one, cells in handed_in.items()}
    used: set[str] = set()
    lacking = []
    for name, source in assignment.sources.items():
        free = {one: cells for one, cells in handed_in.items() if one not in used and owners[one] in (None, name)}
        candidates = [candidate(one, cells, assignment.release[name]) for one, cells in free.items()]
        chosen = best(candidates, f"{name}.ipynb")
        lacking += [] if chosen else [f"{name}.ipynb"]
        job.notebooks[name], remarks = rebuild(source, assignment.release[name], chosen.cells if chosen else [])
        if chosen:
            used.add(chosen.name)
            given = {cell.source for cell in assignment.release[name].cells}
            job.remarks += changes(assignment, name, handed_in[chosen.name], [*remarks, *chosen.remarks])
            job.remarks += signs([cell for cell in chosen.cells if cell.source not in given])
            job.remarks += about(chosen, candidates, f"{name}.ipynb")
    known = {remark.cell for remark in job.remarks if remark.kind == "another version"}
    others = sorted(readable(one) for one in set(handed_in) - used if readable(one) not in known)
    job.remarks += few("another notebook", others)
    job.remarks += few("a notebook that cannot be read", sorted(map(readable, broken)) if used else [])
    if lacking and not job.state:
        job.state, job.note = what_is_lacking(lacking, handed_in, broken, len(lacking) == len(assignment.sources))


def changes(assignment: Assignment, name: str, cells: list[Cell], remarks: list[Remark]) -> list[Remark]:
    """What was changed in a notebook, compared with the release that its student must have held: the one most like it.

    `remarks` are those of the comparison with what students get now.
    """
    kinds = {remark.kind for remark in remarks}
    if "without metadata" in kinds:  # then hidden tests, whose texts were not released, cannot be found
        return [remark for remark in remarks if remark.kind != "deleted"]
    below = [remark for remark in remarks if remark.kind == BELOW]
    older = [rebuild(assignment.sources[name], older, cells)[1] + below for older in assignment.older[name]] if remarks else []
    return min([remarks, *older], key=len)


def readable_ones(assignment: Assignment, job: Job, files: dict[str, Path]) -> tuple[dict[str, list[Cell]], dict[str, str]]:
    """The cells of each notebook that was handed in, and what is wrong with those that cannot be read."""
    named = [f"{name}.ipynb" for name in assignment.sources]
    found = sorted(filter(is_notebook, files), key=lambda one: (not any(same_name(one, name) for name in named), one))
    job.remarks += few("not looked at", [readable(one) for one in found[MOST_CANDIDATES:]])
    cells: dict[str, list[Cell]] = {}
    broken: dict[str, str] = {}
    for one in found[:MOST_CANDIDATES]:
        try:
            cells[one] = read_submission(files[one])
        except InvalidSubmission as error:
            broken[one] = str(error)
    return cells, broken


def about(chosen: Candidate, candidates: list[Candidate], wanted: str) -> list[Remark]:
    """What a person should know about how a notebook was found."""
    renamed = [] if same_name(chosen.name, wanted) else [Remark("another name", readable(chosen.name))]
    versions = [Remark("another version", readable(one.name)) for one in candidates if one.known and one is not chosen]
    return [*renamed, *versions]


def what_is_lacking(
    lacking: list[str], handed_in: dict[str, list[Cell]], broken: dict[str, str], everything: bool
) -> tuple[str, str]:
    """The state of a submission in which a notebook was not found, and what to do."""
    if broken and everything:
        return "invalid-notebook", " ".join(list(broken.values())[:3])
    wanted = " and ".join(lacking)
    if handed_in and everything:
        return "unrecognised", UNRECOGNISED.format(wanted, ", ".join(readable(one) for one in list(handed_in)[:10]))
    return "missing" if everything else "", f"The notebook must be handed in as {wanted}. Received: none."
