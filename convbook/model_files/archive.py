"""A Keras model's file (`.keras`) from a stranger: is it safe to load, and the same model as a file that we wrote.

`keras.saving.load_model` calls what a file names, in safe mode too. Here a file is only read: the archive by a reader
that knows the one form which Keras writes, its `config.json` by a list of what is allowed (`convbook.model_files.config`).
Load what `cleaned_model_file` returns, never the original, and only where the weights were looked at as well
(`convbook.model_files.weights`), in a process that has nothing to lose.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from typing import Any

from convbook.model_files.config import clean_model
from convbook.model_files.values import ModelError as ModelError  # also for those who import it from here

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
LARGEST = {METADATA: 10_000, CONFIG: 2**23, WEIGHTS: 2**30}  # bytes of each file, unpacked
LARGEST_FILE = 2**30
STORED, DEFLATED = 0, 8
HDF5 = b"\x89HDF\r\n\x1a\n"

END = struct.Struct("<4s4H2LH")  # how an archive ends, how its table of contents lists a file, how a file in it begins
ENTRY = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
DATE = (2000, 1, 1, 0, 0, 0)


def check_model_file(content: bytes) -> None:
    """ModelError, with a sentence for the student, for a `.keras` file that is not safe to load."""
    checked(content)


def cleaned_model_file(content: bytes) -> bytes:
    """The same model as a file that we wrote, of the parts that were looked at; it is not compiled."""
    config, metadata, weights = checked(content)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in (
            (METADATA, json.dumps(metadata).encode()),
            (CONFIG, json.dumps(config).encode()),
            (WEIGHTS, weights),
        ):
            archive.writestr(zipfile.ZipInfo(name, DATE), text)
    return file.getvalue()


def checked(content: bytes) -> tuple[dict[str, Any], dict[str, str], bytes]:
    """The model's description, of allowed parts only, the version of Keras that wrote it, and its weights as they are."""
    members = unpacked(content)
    weights = members[WEIGHTS]
    if not weights.startswith(HDF5):
        raise broken("weights in the form HDF5")
    return clean_model(read_json(members[CONFIG])), version(read_json(members[METADATA])), weights


def broken(what: str) -> ModelError:
    """The error for a file that is none of Keras'."""
    return ModelError(f"A model must be saved by Keras as a .keras file, with {what}. Received: another file.")


def version(metadata: Any) -> dict[str, str]:
    """What a model's file says about itself."""
    found = metadata.get("keras_version") if isinstance(metadata, dict) else None
    if not isinstance(found, str) or not re.fullmatch(r"3\.[0-9]{1,3}\.[0-9]{1,3}[\w.]{0,20}", found, re.ASCII):
        raise broken("the version of Keras, 3 or newer")
    return {"keras_version": found}


def read_json(text: bytes) -> Any:
    """The value of a JSON text in which every key stands once and every number is one."""
    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=once, parse_constant=no_number)
    except ModelError:
        raise
    except (ValueError, RecursionError):
        raise broken("descriptions in JSON") from None


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A dictionary of pairs with different keys."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise broken("every setting once")
    return found


def no_number(word: str) -> None:
    """NaN and the infinities, which are no JSON."""
    raise ModelError(f"The settings of a model must be finite numbers. Received: {word}.")


def unpacked(content: bytes) -> dict[str, bytes]:
    """The three files of an archive that is laid out as Keras does it: one after another, then the table of contents."""
    if len(content) > LARGEST_FILE:
        raise ModelError(f"A model's file must have at most {LARGEST_FILE} bytes. Received: {len(content)}.")
    if len(content) < END.size:
        raise broken("a table of contents at its end")
    mark, *numbers, size, start, comment = END.unpack(content[-END.size :])
    count = len(LARGEST)
    if mark != b"PK\5\6" or numbers != [0, 0, count, count] or comment or start + size + END.size != len(content):
        raise broken(f"a table of contents of the files {', '.join(LARGEST)} and of nothing else")
    members: dict[str, bytes] = {}
    place, end = start, 0
    for _ in range(count):
        name, data, place, end = member(content, place, end, start)
        members[name] = data
    if set(members) != set(LARGEST) or end != start or place != start + size:
        raise broken(f"the files {', '.join(LARGEST)} and nothing else")
    return members


def member(content: bytes, place: int, begin: int, stop: int) -> tuple[str, bytes, int, int]:
    """A file of the archive: its name, its content, and where the table of contents and the archive go on."""
    try:
        mark, _, _, flags, method, _, _, check, packed, size, *rest = ENTRY.unpack_from(content, place)
        local = LOCAL.unpack_from(content, begin)
    except struct.error:
        raise broken("its files where the table of contents says") from None
    length, extra, comment, disk, _, _, offset = rest
    name = content[place + ENTRY.size : place + ENTRY.size + length]
    data = begin + LOCAL.size + length
    same = local[0] == b"PK\3\4" and local[2:4] == (flags, method) and local[6:] == (check, packed, size, length, 0)
    same = same and content[begin + LOCAL.size : data] == name and offset == begin and data + packed <= stop
    if mark != b"PK\1\2" or not same or flags or extra or comment or disk or method not in (STORED, DEFLATED):
        raise broken("its files one after another, not encrypted")
    text = name.decode("ascii", "replace")
    if text not in LARGEST:
        raise broken(f"the files {', '.join(LARGEST)} and nothing else")
    whole = unpack(content[data : data + packed], method, text, size)
    if zlib.crc32(whole) != check:
        raise broken("files that are whole")
    return text, whole, place + ENTRY.size + length, data + packed


def unpack(data: bytes, method: int, name: str, size: int) -> bytes:
    """The content of a file, which never takes more memory than was announced and is allowed."""
    if size > LARGEST[name]:
        raise ModelError(f"In a model's file, {name} must have at most {LARGEST[name]} bytes. Received: {size}.")
    whole = data
    if method == DEFLATED:
        engine = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            whole = engine.decompress(data, size + 1)  # one byte more shows a file that swells
        except zlib.error:
            raise broken("files that are whole") from None
        if not engine.eof or engine.unused_data:
            raise broken("files of the announced size")
    if len(whole) != size:
        raise broken("files of the announced size")
    return whole
