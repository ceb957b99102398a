"""The site's side: an exercise's two cells become one `<live-cell>`, and each chapter says where it runs."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.transforms import SphinxTransform

from convbook.site.live.lite import LAST
from convbook.site.live.pyodide import ADDRESS

PACKAGE = Path(__file__).resolve().parents[2]
# Of the package: the library, its images' modules, and what helps a reader; no author's and no instructor's file.
ARCHIVED = ("*.py", "check/*.py", "check/tables/*_exercises.json", "datasets/*.py", "explorer/*.py", "model_files/*.py")
FILES = ("live-cell.js", "worker.js", "live-cell.css")
TEXTS = {
    "open": "Open in the browser",
    "openAssignment": "Open the assignment in the browser",
    "openHint": "Nothing is installed. Lines that need TensorFlow are switched off there, and Colab runs them.",
}


class live_cell(nodes.Element):
    """An exercise: its attributes hold the starter code and the check, its children are what is shown without scripts."""


class open_links(nodes.Element):
    """A line with links to JupyterLite: the chapter, and its assignment."""


class LiveCells(SphinxTransform):
    """Joins each cell with the tag `exercise` and the check behind it, and adds the links of a chapter."""

    default_priority = 500

    def apply(self, **options: Any) -> None:
        """Changes the document."""
        for cell in list(self.document.findall(is_exercise)):
            self.join(cell)
        section = next(iter(self.document.findall(nodes.section)), None)
        folder, _, name = self.env.docname.rpartition("/")
        if section is not None and self.config.convbook_lite and folder == "chapters" and name[:2] <= LAST:
            section.insert(1, open_links("", chapter=name))

    def join(self, cell: nodes.Element) -> None:
        """Puts one element in place of the two cells."""
        parent, place = cell.parent, cell.parent.index(cell)
        check = parent[place + 1] if place + 1 < len(parent) else None
        if check is None or "tag_exercise-check" not in check.get("classes", []):
            raise ValueError(f"An exercise must be followed by its check. Received: {self.env.docname}, {source_of(cell)}")
        code = source_of(cell)
        joined = live_cell("", code=code, check=source_of(check), ids=[id_of(code)])
        parent.remove(check)
        parent[place] = joined
        joined += [cell, check]


def is_exercise(node: nodes.Node) -> bool:
    """Whether this is the starter cell of an exercise."""
    return isinstance(node, nodes.container) and "tag_exercise" in node.get("classes", [])


def id_of(code: str) -> str:
    """`live-` and the name of the function that the reader writes: it stays the same when a chapter changes."""
    return "live-" + re.findall(r"^def (\w+)", code, re.MULTILINE)[-1].replace("_", "-")


def source_of(cell: nodes.Element) -> str:
    """The code of a cell."""
    return next(cell.findall(nodes.literal_block)).astext()


def from_page(translator: Any, path: str) -> str:
    """A path of the site, or an address elsewhere, as the page that is being written must name it."""
    return path if "://" in path else "../" * translator.builder.current_docname.count("/") + path


def is_page(translator: Any) -> bool:
    """Whether a page of the site is being written, and not the one long page that becomes a PDF."""
    return translator.builder.name in ("html", "dirhtml")


def visit_live_cell(translator: Any, node: live_cell) -> None:
    """The element's start."""
    config = translator.builder.config
    folder = from_page(translator, config.convbook_pyodide.rstrip("/") + "/")
    values = {"id": node["ids"][0], "code": node["code"], "check": node["check"], "pyodide": folder}
    if config.convbook_live_texts:
        values["texts"] = json.dumps(config.convbook_live_texts)
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in values.items())
    translator.body.append(f"<live-cell {attributes}>\n" if is_page(translator) else "<div>")


def depart_live_cell(translator: Any, node: live_cell) -> None:
    """The element's end."""
    translator.body.append("</live-cell>\n" if is_page(translator) else "</div>")


def visit_open_links(translator: Any, node: open_links) -> None:
    """The line under the title."""
    config = translator.builder.config
    texts = {key: escape(text) for key, text in (TEXTS | config.convbook_live_texts).items()}
    lab = from_page(translator, config.convbook_lite.rstrip("/") + "/lab/index.html?path=")
    links = [f'<a href="{lab}{folder}/{node["chapter"]}.ipynb">' for folder in ("chapters", "assignments")]
    first, second = links[0] + texts["open"] + "</a>", links[1] + texts["openAssignment"] + "</a>"
    if is_page(translator):
        translator.body.append(f'<p class="open-in-browser">{first} · {second}<br>{texts["openHint"]}</p>\n')


def pass_by(translator: Any, node: nodes.Element) -> None:
    """Other formats show the two cells as they are, and no links."""


def add_files(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Adds the script and its style to pages that have such a cell, and to no other."""
    if app.builder.name in ("html", "dirhtml") and doctree is not None and next(doctree.findall(live_cell), None) is not None:
        app.add_js_file("live/live-cell.js", type="module")
        app.add_css_file("live/live-cell.css")


def write_files(app: Any) -> None:
    """Puts the scripts and the package into the site."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / "live"
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(Path(__file__).with_name(name), folder / name)
    write_archive(folder / "convbook.zip")


def write_archive(path: Path) -> None:
    """What the cells of a page import: the library and what helps a reader, the same bytes for the same files."""
    parts = [path for pattern in ARCHIVED for path in PACKAGE.glob(pattern) if path.name != "cli.py"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(parts):
            entry = zipfile.ZipInfo(str(part.relative_to(PACKAGE.parent)))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, part.read_bytes())


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_config_value("convbook_pyodide", ADDRESS, "html")
    app.add_config_value("convbook_live_texts", {}, "html")  # sentences of another language, by their names
    app.add_config_value("convbook_lite", "lite", "env")  # where JupyterLite is, from the site; nothing: no links
    other = (pass_by, pass_by)
    app.add_node(live_cell, html=(visit_live_cell, depart_live_cell), latex=other, text=other, gettext=other)
    app.add_node(open_links, html=(visit_open_links, pass_by), latex=other, text=other, gettext=other)
    app.add_transform(LiveCells)
    app.connect("builder-inited", write_files)
    app.connect("html-page-context", add_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
