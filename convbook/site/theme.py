"""What the book's theme lacks: light pages, pictures that load late and move nothing, names for all that can be operated."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import imagesize

# The icons that the theme's templates name, and what Font Awesome calls their drawings.
ICONS = {
    "angle-left": "angle-left",
    "angle-right": "angle-right",
    "arrow-up": "arrow-up",
    "bars": "bars",
    "circle-half-stroke": "circle-half-stroke",
    "download": "download",
    "expand": "expand",
    "file": "file",
    "file-pdf": "file-pdf",
    "github": "github",
    "lightbulb": "lightbulb",
    "list": "list",
    "magnifying-glass": "magnifying-glass",
    "moon": "moon",
    "pencil-alt": "pencil",
    "rocket": "rocket",
    "sun": "sun",
    "xmark": "xmark",
}
# What docutils and tables in Markdown leave to a screen reader: roles that are out of use, and headers of nothing.
REPAIRS = {
    ' role="doc-biblioentry"': "",
    '<div role="list" class="citation-list">': '<div class="citation-list">',
    '<th class="head"><p></p></th>': "<td></td>",
}
UNUSED = ("THEBE_JS_URL", "sphinx-thebe")  # Jupyter Book adds them to every page, twice; nothing here starts Thebe
DESIGN = ("sphinx-design", "design-tabs")  # for cards and buttons, which few pages have
DESCRIPTION_LENGTH = 200


def icon_rule(name: str, drawing: str, script: str) -> str:
    """A CSS rule with the drawing as Font Awesome's script has it: `bars:[448,512,["navicon"],"f0c9","M0 96C0 …"]`."""
    shape = rf'[,{{]"?{re.escape(drawing)}"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]+)"'
    found = re.findall(shape, script)
    if not found:
        raise ValueError(f"Font Awesome must have each icon that the theme names. Received: {drawing}")
    width, height, path = found[-1]  # brands, outlines and filled shapes follow one another: a filled one is last
    picture = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'><path d='{path}'/></svg>"
    address = "data:image/svg+xml," + quote(picture, safe=" ='/:")
    return f'.fa-{name} {{ --icon: url("{address}"); }}'


def finish(app: Any, error: Exception | None) -> None:
    """Writes `_static/icons.css`, 10 kB in place of a script of 1.5 MB, and removes what the theme leaves lying there."""
    static = Path(app.outdir) / "_static"
    source = static / "scripts" / "fontawesome.js"
    if error is None and app.builder.format == "html" and source.is_file():
        script = source.read_text(encoding="utf-8")
        rules = [icon_rule(name, drawing, script) for name, drawing in ICONS.items()]
        (static / "icons.css").write_text("\n".join(rules) + "\n", encoding="utf-8")
        for template in static.glob("*webpack-macros.html"):
            template.unlink()


def needed(assets: list[Any], body: str) -> list[Any]:
    """The scripts and style sheets that this page cannot do without."""
    unused = UNUSED if "sd-" in body else (*UNUSED, *DESIGN)
    texts = [f"{asset.filename} {asset.attributes.get('body', '')}" for asset in assets]
    return [asset for asset, text in zip(assets, texts) if not any(word in text for word in unused)]


def late(script: Any) -> Any:
    """The script, run when the page is parsed: none of them is needed to show it. Their order stays as it was."""
    attributes = dict(script.attributes)
    if script.filename and not {"async", "type"} & set(attributes):
        attributes["defer"] = "defer"
    elif "DOCUMENTATION_OPTIONS" in attributes.get("body", ""):  # a late script defines it; an inline module is late, too
        attributes["type"] = "module"
    return type(script)(script.filename, priority=script.priority, **attributes)


def sized(tag: str, sizes: dict[str, tuple[int, int]]) -> str:
    """The tag of a picture, loaded when it comes near the window, in a place that is reserved for it."""
    name = re.search(r'src="[^"]*?_images/([^"]+)"', tag)
    attributes = re.sub(r'"[^"]*"', "", tag)
    if name is None or " loading=" in attributes:
        return tag
    added = ' loading="lazy" decoding="async"'
    if unquote(name[1]) in sizes and " width=" not in attributes:
        added += ' width="{}" height="{}"'.format(*sizes[unquote(name[1])])
    return f"<img{added}{tag[4:]}"


def image_sizes(builder: Any) -> dict[str, tuple[int, int]]:
    """The width and height of each picture, by its name in the site."""
    paths = {name: Path(builder.srcdir, source) for source, name in builder.images.items()}
    sizes = {name: imagesize.get(path) for name, path in paths.items() if path.is_file()}
    return {name: size for name, size in sizes.items() if min(size) > 0}


def description(body: str) -> str:
    """The first paragraph as plain text, cut at a word: what a search engine shows."""
    found = re.search(r"<p>(.*?)</p>", body, re.S)
    text = html.unescape(re.sub(r"<[^>]+>|\\[()]", "", found[1])) if found else ""
    text = " ".join(text.split())
    return text if len(text) <= DESCRIPTION_LENGTH else text[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0] + " …"


def improved(body: str, sizes: dict[str, tuple[int, int]]) -> str:
    """The text of a page with its tables, sources and pictures mended."""
    for fault, repaired in REPAIRS.items():
        body = body.replace(fault, repaired)
    return re.sub(r"<img\b[^>]*>", lambda tag: sized(tag[0], sizes), body)


def improve(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Changes what the page's template is about to be given."""
    body = context.get("body", "")
    scripts = needed(context["script_files"], body)
    context["script_files"] = scripts if templatename == "search.html" else [late(script) for script in scripts]
    context["css_files"] = needed(context["css_files"], body)
    if doctree is not None:
        body = improved(body, image_sizes(app.builder))
        context["body"] = body.replace(' loading="lazy"', "") if app.builder.name == "singlehtml" else body  # to be printed
        words = html.escape(description(body))
        context["metatags"] = context.get("metatags", "") + f'<meta name="description" content="{words}" />\n'


def choose(app: Any, config: Any) -> None:
    """Puts our templates before the theme's; a page whose scripts do not run is light."""
    config.html_context.setdefault("default_mode", "light")
    config.templates_path.insert(0, str(Path(__file__).with_name("templates")))


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("config-inited", choose)
    app.connect("html-page-context", improve, priority=900)  # behind all that add something to the page
    app.connect("build-finished", finish)
    app.add_css_file("icons.css")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
