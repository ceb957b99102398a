"""The search finds the chapter on a subject before the glossary: by titles and headings, and by where terms are bold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from convbook.course.notebooks import chapters, read_notebook

SCORER = Path(__file__).with_name("search_scorer.js")
REPEATS = ("what to remember", "exercises", "self test")  # headings of all chapters


def plain(text: str) -> str:
    """A text as the scorer compares it."""
    return re.sub(r"[“”\"`$*]", "", re.sub(r"[-–]", " ", text.lower())).strip()


def places(paths: list[Path]) -> dict[str, Any]:
    """What chapters are about: [document, text] of titles and headings, and by term the document in which it is bold first."""
    found: dict[str, Any] = {"titles": [], "headings": [], "terms": {}}
    for path in paths:
        document = f"chapters/{path.stem}"
        for level, heading, bold in parts(path):
            text = plain(heading)
            if level == 1:
                found["titles"].append([document, text])
            elif text and not text.startswith(REPEATS):
                found["headings"].append([document, text])
            for term in bold:
                found["terms"].setdefault(plain(term), document)
    return found


def parts(path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """(level, heading, bold texts below it) for each heading of a chapter."""
    prose = "\n".join(cell.source for cell in read_notebook(path).cells if cell.cell_type == "markdown")
    for part in re.split(r"^(?=#{1,4} )", prose, flags=re.MULTILINE):
        heading = re.match(r"(#+) (.*)", part)
        yield (len(heading[1]), heading[2], re.findall(r"\*\*(.+?)\*\*", part)) if heading else (9, "", [])


def write_scorer(app: Any, config: Any) -> None:
    """Writes what Sphinx puts into the search page, and says where it lies."""
    root = Path(app.confdir)
    made = Path(app.doctreedir) / SCORER.name
    made.parent.mkdir(parents=True, exist_ok=True)
    data = json.dumps(places(chapters(root)), ensure_ascii=False)
    made.write_text(f"const PLACES = {data};\n{SCORER.read_text(encoding='utf-8')}", encoding="utf-8")
    config.html_search_scorer = str(made)


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("config-inited", write_scorer)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
