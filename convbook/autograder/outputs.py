"""What a student's process says that its cells gave, as a notebook file holds it: known kinds, limited sizes, no scripts."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode, from_dict

MOST = 100  # outputs of a cell
LONGEST_TEXT = 100_000  # characters of a printed text
LARGEST_DATA = 2_000_000  # characters of a picture or a table
LARGEST = 8_000_000  # characters of all outputs of a cell
PICTURES = ("image/png", "image/jpeg")
TABLE = {"table", "thead", "tbody", "tr", "th", "td", "div", "span", "p", "b", "i", "br", "pre", "code"}


def clean(outputs: list[Any]) -> list[NotebookNode]:
    """The outputs that a notebook can hold; what is of no known kind, or too large, is left out."""
    kept: list[NotebookNode] = []
    left = LARGEST
    for output in outputs[:MOST]:
        made = cleaned(output) if isinstance(output, dict) else None
        size = len(str(made))
        if made is not None and size <= left:
            kept.append(from_dict(made))
            left -= size
    return kept


def cleaned(output: dict[str, Any]) -> dict[str, Any] | None:
    """One output, made anew from the fields that its kind has."""
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
        made = {"output_type": kind, "data": data(output.get("data")), "metadata": {}}
        return made | ({"execution_count": None} if kind == "execute_result" else {})
    return None


def text(value: Any) -> str:
    """A text, not too long."""
    return value[:LONGEST_TEXT] if isinstance(value, str) else ""


def data(value: Any) -> dict[str, str]:
    """The forms of a displayed object that can do no harm to the one who looks at it."""
    found = value if isinstance(value, dict) else {}
    kept = {kind: found[kind] for kind in PICTURES if isinstance(found.get(kind), str) and len(found[kind]) <= LARGEST_DATA}
    if "text/html" in found and isinstance(found["text/html"], str) and len(found["text/html"]) <= LARGEST_DATA:
        kept["text/html"] = without_scripts(found["text/html"])
    return kept | {"text/plain": text(found.get("text/plain"))}


def without_scripts(html: str) -> str:
    """A table as pandas displays one; everything but its elements and their texts is taken out."""
    import re

    import bleach

    html = re.sub(r"<(style|script)\b.*?</\1>", "", html, flags=re.DOTALL | re.IGNORECASE)
    return bleach.clean(html, tags=TABLE, attributes={"*": ["colspan", "rowspan"]}, strip=True)
