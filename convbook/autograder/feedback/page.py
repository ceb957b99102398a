"""The page that a student reads: the result first, then question by question what was asked, answered, tested and said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from convbook.autograder.attachments import Pictures
from convbook.autograder.class_statistics import PART
from convbook.autograder.feedback.markup import as_html
from convbook.autograder.feedback.questions import HEADING, Question, own_cells, questions, title_of
from convbook.autograder.feedback.result import Result
from convbook.autograder.harmless import is_base64
from convbook.autograder.outputs import PICTURES
from convbook.autograder.report import count, number
from convbook.course.cells import grade_id, is_answer, is_test
from convbook.course.settings import ROOT, read_repository

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
NO_RESPONSE = "No response."  # what nbgrader says of an answer that is as it was released
STATES = {  # what a state means for the student, and what to do
    "timeout": "A part of your notebook, or a call from a test, took longer than is allowed. The tests that ended in time "
    "count. Look for a loop that does not end, and run the whole notebook before you hand it in.",
    "out-of-memory": "Your notebook asked for more memory than is allowed. The tests before that count.",
    "kernel-died": "Your notebook ended its own process before all tests were done. The tests before that count. Restart the "
    "kernel and run all cells before you hand it in.",
    "invalid-notebook": "The file that you handed in cannot be read as a notebook, so nothing in it could be tested. Ask your "
    "instructor whether you can hand it in again.",
    "unrecognised": "The notebook that you handed in is not the one of this assignment: none of its cells was found in yours. "
    "Ask your instructor whether you can hand in the right one.",
    "missing": "There was no notebook in what you handed in. Ask your instructor whether you can hand it in again.",
    "grader-error": "Something failed while your notebook was graded, and it was not your fault. Your instructor knows of it.",
}
MARKS = {"done": "Done", "partly": "Partly done", "not": "Not done", "empty": "No answer", "waits": "Waits for a person"}


@dataclass
class Piece:
    """A cell as it is shown: text as HTML, or code, with what came out of it."""

    html: str = ""
    code: str = ""
    printed: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)  # as addresses that hold them


@dataclass
class Trial:
    """A test: its name, its points, what it said, and its code, where students have it."""

    name: str
    points: float
    most: float
    says: list[str]
    code: str

    @property
    def passed(self) -> bool:
        """Whether it gave all its points."""
        return self.points >= self.most


@dataclass
class Shown:
    """A question as the page shows it."""

    title: str
    anchor: str
    points: float
    most: float
    mark: str  # a key of MARKS
    asked: list[str]
    written: list[Piece]
    own: list[Piece]
    trials: list[Trial]
    findings: list[dict[str, str]]
    comments: list[str]
    extra: float


def page(
    assignment: str,
    person: str,
    told: NotebookNode,
    released: NotebookNode,
    record: dict[str, Any],
    result: Result,
    dates: str = "",
) -> str:
    """The whole page, as one file. `told` is the graded notebook as far as the student may see it."""
    from jinja2 import Environment, StrictUndefined

    jinja = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    jinja.filters |= {"number": number, "count": count}
    template = jinja.from_string(Path(__file__).with_name("page.html.j2").read_text(encoding="utf-8"))
    cells = {grade_id(cell): cell for cell in told.cells if grade_id(cell)}
    own = own_cells(told, released)
    shown = [show(place, one, cells, own, record, result) for place, one in enumerate(questions(released), 1)]
    text = template.render(
        title=title_of(released) or assignment,
        assignment=assignment,
        person=person,
        state=STATES.get(record.get("state", "graded"), ""),
        result=result,
        dates=dates,
        questions=shown,
        marks=MARKS,
        chapter=assignment[:2],
        book={one["section"]: section_address(assignment, one["section"]) for q in shown for one in q.findings if one["name"]},
    )
    return text.strip() + "\n"


def show(
    place: int,
    question: Question,
    cells: dict[str, NotebookNode],
    own: dict[str, list[NotebookNode]],
    record: dict[str, Any],
    result: Result,
) -> Shown:
    """One question, with what the graded notebook, the record and the gradebook say of it."""
    names = [name for name in question.names if name in cells]
    answers = [cells[name] for name in names if is_answer(cells[name])]
    trials = [trial(cells[name], result) for name in names if is_test(cells[name])]
    points = sum(result.points.get(name, 0.0) for name in names)
    most = sum(result.max_points.get(name, 0.0) for name in names)
    return Shown(
        title=question.title,
        anchor=f"question-{place}",
        points=points,
        most=most,
        mark=mark(names, points, most, result),
        asked=[as_html(text, pictures) for text, pictures in asked(question)],
        written=[piece(cell) for cell in answers],
        own=[piece(cell) for name in names for cell in own.get(name, [])],
        trials=trials,
        findings=list(findings(question, record, trials)),
        comments=[as_html(result.comments[n]) for n in names if n in result.comments and result.comments[n] != NO_RESPONSE],
        extra=sum(result.extra.get(name, 0.0) for name in names),
    )


def asked(question: Question) -> Iterator[tuple[str, Pictures]]:
    """The texts that ask, without the heading that is the question's title."""
    for cell in question.asked:
        found = HEADING.match(cell.source)
        text = cell.source[found.end() :] if found and found[2] == question.title else cell.source
        if text.strip():
            yield text, cell.get("attachments") or {}


def mark(names: list[str], points: float, most: float, result: Result) -> str:
    """In one word, what became of a question."""
    if any(name in result.waiting for name in names):
        return "waits"
    if points >= most:
        return "done"
    if any(result.comments.get(name) == NO_RESPONSE for name in names):
        return "empty"
    return "partly" if points > 0 else "not"


def trial(cell: NotebookNode, result: Result) -> Trial:
    """What a test cell said, in words."""
    name = grade_id(cell)
    match = PART.fullmatch(name)
    words = (match["part"] + match["rest"]).replace("_", " ") if match else name
    code = "" if cell.source.lstrip().startswith("# Hidden:") or not cell.source.strip() else cell.source
    return Trial(words, result.points.get(name, 0.0), result.max_points.get(name, 0.0), list(printed(cell)), code)


def printed(cell: NotebookNode) -> Iterator[str]:
    """The texts that came out of a cell."""
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream":
            yield COLOURS.sub("", output["text"]).rstrip()
        elif output["output_type"] == "error":
            yield COLOURS.sub("", "\n".join(output["traceback"]) or f"{output['ename']}: {output['evalue']}")
        elif not any(kind in output["data"] for kind in PICTURES):
            yield COLOURS.sub("", output["data"].get("text/plain", ""))


def piece(cell: NotebookNode) -> Piece:
    """A cell of the student's."""
    if cell.cell_type == "markdown":
        attached: Pictures = cell.get("attachments") or {}
        return Piece(html=as_html(cell.source, attached))
    found = [output.get("data", {}) for output in cell.get("outputs", [])]
    drawn = [(kind, data[kind]) for data in found for kind in PICTURES if kind in data and is_base64(data[kind])]
    return Piece(
        code=cell.source,
        printed=[text for text in printed(cell) if text],
        pictures=[f"data:{kind};base64,{''.join(content.split())}" for kind, content in drawn],
    )


def findings(question: Question, record: dict[str, Any], trials: list[Trial]) -> Iterator[dict[str, str]]:
    """What is known about a wrong answer: the misconception that it holds, or the smallest input that it gets wrong."""
    if all(one.passed for one in trials):
        return
    for finding in [*record.get("misconceptions", []), *record.get("smallest", [])]:
        about = any(name == finding["function"] or name.startswith(f"{finding['function']}_") for name in question.names)
        if about and (finding["name"] or finding["call"]):
            yield {"hint": "", "section": "", "call": ""} | finding


@cache
def section_address(chapter: str, section: str) -> str:
    """Where a section of the book can be read; nothing where this course has no such chapter, or it no such section."""
    import nbformat
    from docutils.nodes import make_id

    path = ROOT / "chapters" / f"{chapter}.ipynb"
    try:
        cells = nbformat.read(path, as_version=4).cells if path.is_file() else []
        site = read_repository().site
    except (OSError, ValueError):
        return ""
    headings = {line.lstrip("#").strip() for cell in cells for line in cell.source.splitlines() if line.startswith("##")}
    return f"{site}chapters/{chapter}.html#{make_id(section)}" if section in headings else ""
