"""Bytes from elsewhere as text: names in old zips and tables of old programs do not say which alphabet they are written in."""

from __future__ import annotations

import codecs

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def alphabet_of(raw: bytes, otherwise: str) -> tuple[str, bytes]:
    """(encoding, the mark in front) of a text: what its mark says, UTF-8, Korean, or else `otherwise`."""
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return encoding, mark
    if can_be(raw, "utf-8"):
        return "utf-8", b""
    return ("cp949" if is_korean(raw) else otherwise), b""


def can_be(raw: bytes, encoding: str) -> bool:
    """Whether all of it is text in this encoding."""
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def is_korean(raw: bytes) -> bool:
    """Whether the bytes are text in Korean Windows' CP949, with at least one everyday syllable.

    CP949 reads almost any two bytes as something: `ü` and `l` of a German zip are a syllable that no Korean word has.
    Everyday syllables are those of the older standard, EUC-KR.
    """
    if not can_be(raw, "cp949"):
        return False
    syllables = [letter for letter in raw.decode("cp949") if "가" <= letter <= "힣"]
    return any(len(letter.encode("euc_kr")) == 2 for letter in syllables)  # the others it spells out, in eight bytes
