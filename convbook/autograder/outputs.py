"""What a student's process says that its cells gave, as a notebook file holds it: known kinds, limited sizes, no scripts."""

from __future__ import annotations

import json
from typing import Any

from nbformat import NotebookNode, from_dict

from convbook.autograder.harmless import is_base64, plain_formulas, without_controls
from convbook.autograder.submission import whole

MOST = 100  # outputs of a cell
LONGEST_TEXT = 100_000  # characters of a printed text
LARGEST_DATA = 2_000_000  # characters of a picture or a table
LARGEST_TABLES = 100_000  # of all tables of a cell: a table that a person reads is shorter
LARGEST = 8_000_000  # of all outputs of a cell, as a file holds them
PICTURES = ("image/png", "image/jpeg")
TABLE = {"table", "thead", "tbody", "tr", "th", "td", "div", "span", "p", "b", "i", "br", "pre", "code"}


def clean(outputs: list[Any], left: int = LARGEST) -> list[NotebookNode]:
    """The outputs that a notebook can hold; what is of no known kind, or too large for what is left, is left out."""
    kept: list[NotebookNode] = []
    left, tables = min(left, LARGEST), LARGEST_TABLES
    for output in outputs[:MOST]:
        shown = output.get("data") if isinstance(output, dict) else None
        html = shown.get("text/html") if isinstance(shown, dict) else None
        tables -= len(html) if isinstance(html, str) else 0
        made = cleaned(output, tables >= 0) if isinstance(output, dict) else None
        size = len(json.dumps(made))
        if made is not None and size <= left:
            kept.append(from_dict(made))
            left -= size
    return kept


def cleaned(output: dict[str, Any], tables: bool) -> dict[str, Any] | None:
    """One output, made anew from the fields that its kind has; `tables` says whether there is room for one."""
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": text(output.get("text"))}
    if kind == "error":
        lines = output.get("traceback")
        trace = [text(line) for line in lines[:MOST]] if isinstance(lines, list) else []
        return {
            "output_type": kind,
            "ename": text(output.get("ename"))[:200],
            "evalue": text(output.get("evalue"))[:2000],
            "traceback": trace,
        }
    if kind in ("display_data", "execute_result"):
        made = {"output_type": kind, "data": data(output.get("data"), tables), "metadata": {}}
        return made | ({"execution_count": None} if kind == "execute_result" else {})
    return None


def text(value: Any) -> str:
    """A text, not too long."""
    return without_controls(whole(value[:LONGEST_TEXT])) if isinstance(value, str) else ""


def data(value: Any, tables: bool) -> dict[str, str]:
    """The forms of a displayed object that can do no harm to the one who looks at it."""
    found = value if isinstance(value, dict) else {}
    kept = {kind: found[kind] for kind in PICTURES if is_base64(found.get(kind)) and len(found[kind]) <= LARGEST_DATA}
    if tables and isinstance(found.get("text/html"), str):
        kept["text/html"] = without_scripts(whole(found["text/html"]))
    return kept | {"text/plain": text(found.get("text/plain"))}


def without_scripts(html: str) -> str:
    """A table as pandas displays one; everything but its elements and their texts is taken out."""
    import nh3

    return plain_formulas(nh3.clean(html, tags=TABLE, attributes={"*": {"colspan", "rowspan"}}))
