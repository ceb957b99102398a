"""Markdown as HTML that needs no script and no network: formulas are MathML, pictures are in the page, links are links.

The texts of students come here, too. They were made harmless when their notebook was rebuilt; nothing here relies on it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from convbook.autograder.attachments import Pictures
from convbook.autograder.harmless import is_picture

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

LONGEST_FORMULA = 2_000  # characters of a formula that is drawn
TEXT = (
    "p",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "code",
    "em",
    "strong",
    "s",
    "br",
    "hr",
    "a",
    "img",
)
TABLE = ("table", "thead", "tbody", "tr", "th", "td")
MATH = (  # https://www.w3.org/TR/mathml-core
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msub", "msup", "msubsup", "munder", "mover", "munderover"),
    *("mfrac", "msqrt", "mroot", "mtable", "mtr", "mtd", "mpadded", "mphantom", "mstyle"),
)
ATTRIBUTES = {
    "math": {"display"},
    "mo": {"stretchy", "fence", "form", "accent", "largeop", "lspace", "rspace", "minsize", "maxsize"},
    "mi": {"mathvariant"},
    "mspace": {"width"},
    "mfrac": {"linethickness"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtd": {"columnalign"},
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
}
PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+")
ADDRESS = re.compile(r"(https?://|mailto:)", re.IGNORECASE)


def as_html(source: str, pictures: Pictures | None = None, above: int = 2) -> str:
    """A Markdown text as HTML, with the pictures of its cell; its headings begin below level `above` of the page."""
    import nh3

    rendered = reader(above).render(source, {"pictures": pictures or {}})
    return nh3.clean(
        rendered,
        tags={*TEXT, *TABLE, *MATH, "img"},
        attributes=ATTRIBUTES,
        attribute_filter=kept_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )


@cache
def reader(above: int) -> MarkdownIt:
    """What reads Markdown: CommonMark without HTML, with tables and formulas."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.amsmath import amsmath_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.use(dollarmath_plugin, double_inline=True, renderer=as_math).use(
        amsmath_plugin, renderer=lambda text: as_math(text, {"display_mode": True})
    )

    def image(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        return picture(tokens[index].attrGet("src") or "", tokens[index].content, env["pictures"])

    def heading(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        level = min(6, above + int(tokens[index].tag[1]))
        return f"</h{level}>\n" if tokens[index].nesting < 0 else f"<h{level}>"

    markdown.add_render_rule("image", image)
    markdown.add_render_rule("heading_open", heading)
    markdown.add_render_rule("heading_close", heading)
    return markdown


def as_math(source: str, options: Mapping[str, Any]) -> str:
    """A formula as MathML; where it cannot be read, or is too long, as it was written."""
    from latex2mathml.converter import convert

    display = "block" if options.get("display_mode") else "inline"
    try:
        if len(source) > LONGEST_FORMULA:
            raise ValueError
        return convert(source, display=display)
    except Exception:  # it names its errors by many classes, and fails in other ways too
        return f"<code>{html.escape(source)}</code>"


def picture(source: str, text: str, pictures: Pictures) -> str:
    """A picture that the cell holds, in the page itself; of any other, what it is called."""
    name = source.removeprefix("attachment:")
    for kind, content in pictures.get(name, {}).items():
        if is_picture(name, kind, content):
            source = f"data:{kind};base64,{''.join(content.split())}"
    if PICTURE.fullmatch(source):
        return f'<img src="{source}" alt="{html.escape(text or "a picture of this answer")}">'
    return html.escape(f"[picture: {text or source}]")


def kept_attribute(tag: str, name: str, value: str) -> str | None:
    """A picture must be in the page, and a link lead to a page on the web or to a mailbox."""
    if name == "src":
        return value if PICTURE.fullmatch(value) else None
    return value if name != "href" or ADDRESS.match(value) else None
