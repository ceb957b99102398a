"""On a site each script is a file that the pages with its element load, once; in a notebook it stands in the output."""

import re
from pathlib import Path

from convbook.explorer.scripts import MARK, MODULES, script

INLINE = re.compile(rf'<script type="module" {MARK}="([a-z-]+)">.*?</script>', re.S)


def write_scripts(app):
    """Writes the scripts into the folder of static files of a site."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / "explorer"
    folder.mkdir(parents=True, exist_ok=True)
    for element in MODULES:
        (folder / f"{element}.js").write_text(script(element), encoding="utf-8")


def serve_scripts(app, pagename, templatename, context, doctree):
    """Takes the scripts out of a page that has elements, and lets it load their files instead."""
    body = context.get("body") or ""
    for element in sorted(set(INLINE.findall(body))):
        app.add_js_file(f"explorer/{element}.js", type="module")
    context["body"] = INLINE.sub("", body)


def setup(app):
    """Called by the book's own Sphinx extension."""
    app.connect("builder-inited", write_scripts)
    app.connect("html-page-context", serve_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
