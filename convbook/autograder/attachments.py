"""The pictures that a student's cell holds, under names that every reader of Markdown finds again."""

from __future__ import annotations

import re
from urllib.parse import quote

PLAIN = re.compile(r"[A-Za-z0-9._-]+")  # is the same in an address and in a text
MOST = 100  # pictures of a cell
Pictures = dict[str, dict[str, str]]


def with_plain_names(source: str, pictures: Pictures) -> tuple[str, Pictures]:
    """A cell's text and its pictures; one whose name an address writes otherwise gets another name, in both."""
    kept = dict(list(pictures.items())[:MOST])
    plain = {name: picture for name, picture in kept.items() if PLAIN.fullmatch(name)}
    others = sorted(kept.keys() - plain.keys(), key=lambda name: (-len(name), name))  # "a b c" before "a b"
    free = (name for name in (f"picture-{number}" for number in range(2 * MOST)) if name not in plain)
    for name, new in zip(others, free):
        plain[new] = kept[name]
        for written in (name, quote(name), quote(name, safe="/()+,@~")):
            source = source.replace(f"attachment:{written}", f"attachment:{new}")
    return source, plain
