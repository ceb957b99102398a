"""What a student wrote, as text that no page takes for anything else: no HTML, no script, no request to a stranger.

Markdown has many readers (nbconvert, Formgrader, JupyterLab), and they disagree about what is code, what a link, what HTML.
So nothing is parsed here. What could begin a tag, wherever it stands, is broken by a character that nobody sees; what could
be the address of a link is looked at wherever a link could be. Formulas, tables, lists, code and pictures stay.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote

JOINER = "\N{WORD JOINER}"  # is not seen, and ends what would be a tag or a link in every reader
TAG = re.compile(r"<(?=[A-Za-z/!?])")
FORMULA = re.compile(
    r"(\$\$.{1,1000}?\$\$|\$[^$\n]+?\$|\\\(.{1,1000}?\\\)|\\\[.{1,1000}?\\\]|\\begin\{.{1,1000}?\\end\{)", re.DOTALL
)
COMMANDS = (  # of formulas, which make links, name styles, load packages or define other commands
    *("href", "url", "htmlStyle", "htmlClass", "htmlId", "htmlData", "class", "cssId", "style", "data", "require", "unicode"),
    *("includegraphics", "def", "gdef", "edef", "xdef", "let", "newcommand", "renewcommand", "providecommand", "char"),
    *("newenvironment", "renewenvironment", "DeclareMathOperator", "mmlToken", "toggle", "action", "texttip", "tooltip"),
    *("bbox", "fcolorbox", "colorbox", "futurelet", "global", "csname", "loadextension", "special", "input", "catcode"),
    *("include", "verbatiminput", "lstinputlisting", "write", "openin", "openout", "read", "immediate", "directlua"),
)
COMMAND = re.compile(r"\\(?=(?:" + "|".join(COMMANDS) + r")(?![A-Za-z]))")
REFERENCE = re.compile(r"&(?=(#[0-9]+|#[xX][0-9a-fA-F]+|bsol;))")
LETTER = re.compile(r"[A-Za-z\\]")  # of which a command is made
FORMGRADER = re.compile(r"(?<=[/\\])(?=formgrader)", re.IGNORECASE)  # its pages show, as HTML, what their address says
POWERS = re.compile(r"\^(?=\^)")  # TeX reads two of them and a number as any character
MERMAID = re.compile(r"((?:`{3}|~{3})\s*)(?=mermaid)", re.IGNORECASE)  # a language of drawings that can hold links and styles
PICTURE = re.compile(r"!(?=\[)")
OWN = re.compile(  # an attachment, or the picture itself
    r"\[[^\[\]]*\]\((?:attachment:([A-Za-z0-9._-]+)|data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=]+)"
    r"(?:[ \t]+\"[^\"\n\[\]()<>]*\")?\)"
)
TARGET = re.compile(r"\](?=\s*[(:])")  # where the address of a link or of a reference can follow
SCHEME = re.compile(r"([^/?#:()\[\]\"']*):")
END = re.compile(r"[/?#:()\[\]\"']")  # after which no scheme can come
SCHEMES = ("http", "https", "mailto", "attachment")
DATA = re.compile(r"data:image/(png|jpeg|gif);base64,", re.IGNORECASE)
LONGEST = 100_000  # characters of a text that are shown
REST = "\n\n(This text goes on. It is whole in the submitted notebook.)"
LONGEST_ADDRESS = 600  # characters in which its scheme must end
NAME = re.compile(r"[\w. ()+,@~-]{1,200}")  # of an attachment
MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
SEQUENCE = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b(?!\[[0-9;]*m)|[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]")


def harmless(source: str, attached: Collection[str] = ()) -> str:
    """A text in Markdown that shows what it showed, without its HTML, its scripts and its pictures from elsewhere.

    `attached` names the pictures that its cell has: nbconvert ends with an error where one is missing.
    """
    if len(source) > LONGEST:
        source = source[:LONGEST] + REST
    source = FORMGRADER.sub(JOINER, without_letters(without_controls(source)))
    parts = FORMULA.split(plain_formulas(source))
    parts[0::2] = [TAG.sub(f"<{JOINER}", part) for part in parts[0::2]]
    parts[1::2] = [TAG.sub("< ", part) for part in parts[1::2]]  # a formula does not mind a space
    source = MERMAID.sub(rf"\1{JOINER}", "".join(parts))
    source = PICTURE.sub(lambda found: kept_picture(found, attached), source)
    return TARGET.sub(kept_address, source)


def as_code(source: str) -> str:
    """A raw cell's text as code in Markdown: what no exporter passes on as its own language."""
    longest = max((len(run) for run in re.findall("`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return harmless(f"{fence}\n{source[:LONGEST]}\n{fence}")


def kept_picture(found: re.Match[str], attached: Collection[str]) -> str:
    """The sign of a picture, if the cell holds that picture itself; else what follows is a link."""
    own = OWN.match(found.string, found.end())
    return "!" if own and (own[1] is None or own[1] in attached) else f"!{JOINER}"


def without_letters(source: str) -> str:
    """A text in which no number stands for a letter or a backslash: a page would read it, and then find a command."""

    def kept(found: re.Match[str]) -> str:
        return f"&{JOINER}" if LETTER.fullmatch(html.unescape(f"&{found[1].rstrip(';')};")) else "&"

    return REFERENCE.sub(kept, source)


def kept_address(found: re.Match[str]) -> str:
    """The end of a link's text; one that leads nowhere if what follows is no address to be followed."""
    behind = found.string[found.end() : found.end() + LONGEST_ADDRESS]
    return found[0] if is_allowed(behind) else f"]{JOINER}"


def plain_formulas(source: str) -> str:
    """A text whose formulas only show something."""
    return COMMAND.sub(rf"\\{JOINER}", POWERS.sub(f"^{JOINER}", source))


def is_allowed(behind: str) -> bool:
    """Whether the address that follows is one that can be shown as a link, or not the address of anything."""
    address = html.unescape(html.unescape(behind.lstrip()[1:]))  # once for the Markdown, once more for the page
    address = re.sub(r"[\s\x00-\x20\\<\u200b-\u200f\u2060\ufeff]", "", address)
    found = SCHEME.match(address)
    if found is None:
        ends = END.search(address) is not None or len(behind) < LONGEST_ADDRESS
        place = unquote(unquote(re.split(r"[()\[\]\"'#?]", address)[0]))
        return ends and not place.startswith("/") and ".." not in place  # out of its folder lie the server's own pages
    return found[1].lower() in SCHEMES or DATA.match(address) is not None


def without_controls(text: str) -> str:
    """A printed text without what moves a terminal's cursor, names addresses or changes titles; colours stay."""
    return SEQUENCE.sub("", text)


def is_picture(name: str, kind: str, content: Any) -> bool:
    """Whether an attachment has a plain name and begins as a picture of its kind does; SVG can hold scripts, and is none."""
    if not is_base64(content) or NAME.fullmatch(name) is None:
        return False
    start = "".join(content[:64].split())[:16]
    return kind in MAGIC and base64.b64decode(start + "=" * (-len(start) % 4)).startswith(MAGIC[kind])


def is_base64(content: Any) -> bool:
    """Whether it is what a picture is written in: a page that shows it cannot be led to take it for HTML."""
    return isinstance(content, str) and re.fullmatch(r"[A-Za-z0-9+/\s]{16,}={0,2}\s*", content) is not None
