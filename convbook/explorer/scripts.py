"""The scripts of the elements, as they are served and as they stand in a notebook: one module each."""

import json
import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
MODULES = {
    "conv-explorer": ["pictures", "arithmetic", "base", "conv-explorer"],
    "digit-network": ["arithmetic", "base", "digit-network"],
}
MARK = "data-convbook-element"  # on every inline script, so that a site can serve one file in the place of all of them


STRINGS = re.compile(r'("(?:\\.|[^"\\])*"|`[^`]*`)')


@cache
def script(element):
    """The modules of an element as one, made short: a string of JavaScript.

    The sources keep to a form that makes this safe: comments have lines of their own, statements end with semicolons,
    strings stand in double quotes or backticks, style rules alone have several lines, regular expressions no spaces.
    """
    lines = [line.strip() for name in MODULES[element] for line in read_module(name).splitlines()]
    kept = [line for line in lines if line and not line.startswith(("//", "/**", "* ", "*/", "import "))]
    text = "\n".join(re.sub(r"^export (?=const|function|class)", "", line) for line in kept)
    parts = STRINGS.split(text)  # code and strings take turns
    parts[::2] = [shorter_code(code) for code in parts[::2]]
    parts[1::2] = [shorter_style(string) if "\n" in string else string for string in parts[1::2]]
    return "".join(parts) + "\n"


def shorter_code(code):
    """Code between strings, without what may be left out: spaces, last commas and semicolons, brackets of one argument.

    >>> shorter_code("if (a > 1) {\\n  b = [a, (c) => 2 * c,];\\n}\\n")
    'if(a>1){b=[a,c=>2*c]}'
    """
    code = re.sub(r"\s*([=+\-*/<>&|?:,;{}()\[\]!]|\n)\s*", r"\1", code).replace("\n", "")
    code = re.sub(r",(?=[)\]}])|;(?=})", "", code)
    return re.sub(r"(?<!\w)\((\w+)\)=>", r"\1=>", code)


def shorter_style(rules):
    """Style rules in one line, without the last semicolon of a rule."""
    return re.sub(r"\s*([{};,]|\n)\s*|(?<=:) ", r"\1", rules).replace("\n", "").replace(";}", "}")


def read_module(name):
    """The source of a module."""
    return (FOLDER / f"{name}.js").read_text(encoding="utf-8")


def inline_script(element):
    """The script element that a notebook carries in its output."""
    return f'<script type="module" {MARK}="{element}">\n{script(element)}</script>'


@cache
def literal(name):
    """The constant `name` of pictures.js, which is written as JSON."""
    return json.loads(re.search(rf"^export const {name} = (.*?^}});", read_module("pictures"), re.S | re.M)[1])
