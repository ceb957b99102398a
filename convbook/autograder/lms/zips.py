"""Zip files of strangers: opened where Python's reader gives up, and each entry looked at before it is unpacked."""

from __future__ import annotations

import os
import re
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from convbook.autograder.lms.alphabets import alphabet_of

LARGEST_LIST = 16 * 2**20  # bytes of the list of files in an inner zip: a third of a million of them
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others unpack without a limit on memory; platforms use none of them
TEXT_FLAG, SECRET_FLAG = 0x800, 0x1  # of an entry: its name is UTF-8; it is encrypted
BAD = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)


def opened(path: Path, scratch: Path, inner: bool = False) -> zipfile.ZipFile:
    """A zip, open. A name that says it is UTF-8 and is not makes Python refuse all of it: such names are taken as bytes."""
    start, length, shift = list_of(path)
    if inner and length > LARGEST_LIST:
        raise ValueError("it lists too many files")
    try:
        return zipfile.ZipFile(path)
    except UnicodeDecodeError:
        copy = scratch / f"{path.name}.bytes"
        shutil.copyfile(path, copy)
        forget_text_flags(copy, start, length, shift)
        return zipfile.ZipFile(copy)


def list_of(path: Path) -> tuple[int, int, int]:
    """Where a zip's list of files begins, how many bytes it has, and how many stand before the zip itself.

    BadZipFile where its end is missing.
    """
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        begin = file.seek(max(0, size - 2**16 - 22))
        tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        raise zipfile.BadZipFile("no zip, or one that was cut off")
    length, said = struct.unpack_from("<LL", tail, end + 12)
    start = max(0, begin + end - length)
    return start, length, max(0, start - said)


def forget_text_flags(path: Path, start: int, length: int, shift: int) -> None:
    """Takes from each entry of a zip, in its list and in front of its content, the word that its name is UTF-8."""
    with open(path, "r+b") as file:
        file.seek(start)
        listed = file.read(length)
        place = 0
        while listed[place : place + 4] == b"PK\1\2":
            clear_flag(file, start + place + 8)
            clear_flag(file, shift + struct.unpack_from("<L", listed, place + 42)[0] + 6)
            place += 46 + sum(struct.unpack_from("<HHH", listed, place + 28))


def clear_flag(file: BinaryIO, place: int) -> None:
    """Takes the flag away from the two bytes of flags in this place."""
    file.seek(place)
    if len(flags := file.read(2)) == 2:
        file.seek(place)
        file.write(struct.pack("<H", struct.unpack("<H", flags)[0] & ~TEXT_FLAG))


def has_notebooks(path: Path, scratch: Path) -> bool:
    """Whether a zip holds something that could be a notebook."""
    with opened(path, scratch, inner=True) as archive:
        return any(".ipynb" in name.lower() or name.lower().endswith(".zip") for name in archive.namelist())


def name_of(entry: zipfile.ZipInfo) -> str:
    """The name of an entry: macOS' way to write letters is undone, and Windows' way to write paths."""
    name = entry.orig_filename
    if not entry.flag_bits & TEXT_FLAG:
        raw = name.encode("cp437")  # as which Python reads what says nothing of its alphabet
        name = raw.decode(alphabet_of(raw, "cp437")[0])
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def made(entry: zipfile.ZipInfo) -> str:
    """The time that an entry carries, as text; nothing for the first moment of 1980, which stands for none."""
    year, month, day, hour, minute, second = entry.date_time
    text = f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
    return "" if text.startswith("1980-01-01") or not (1 <= month <= 12 and 1 <= day <= 31) else text


def problem_of(entry: zipfile.ZipInfo, name: str) -> str:
    """Why an entry is not unpacked, or nothing."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
        return "a path that leads out of the archive"
    if kind not in (0, stat.S_IFREG):
        return "a link, or no regular file"
    if entry.flag_bits & SECRET_FLAG:
        return "encrypted"
    if entry.compress_type not in PACKED:
        return f"packed in a way that is not read ({zipfile.compressor_names.get(entry.compress_type, entry.compress_type)})"
    return ""
