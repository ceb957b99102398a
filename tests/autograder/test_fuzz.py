"""What comes from a student's side, changed in every place and at random: taken as it should be, or refused in one sentence.

The rounds are few here; `make siege` sets CONVBOOK_FUZZ to many. Nothing else than a refusal may happen: no other error, no
memory beyond that of the message, no time.
"""

import collections
import datetime
import decimal
import fractions
import json
import os
import random
import time
import tracemalloc
import warnings

import nbformat
import numpy as np
import pandas
import pytest
from test_model_file import ODD, places, replaced
from test_rebuild import ANSWER, INSTRUCTOR, RELEASED, TEST, WRITTEN

from convbook.autograder.crossing.values import MAKE
from convbook.autograder.crossing.wire import HEAD, WireError, decode, encode
from convbook.autograder.rebuild import as_text, rebuild
from convbook.autograder.submission import InvalidSubmission, read_submission

ROUNDS = int(os.environ.get("CONVBOOK_FUZZ", 1000))
MEMORY = 2**26  # bytes: a message of these tests has at most some thousand
Pair = collections.namedtuple("Pair", "first second")
SAMPLES = [
    np.arange(6.0).reshape(2, 3),
    np.array(["a", "bc"]),
    np.float32(2),
    {"a": [1, (2.5, None)], 3: {1, 2}, (1, 2): b"bytes"},
    [datetime.datetime(2026, 3, 1), datetime.timedelta(3), fractions.Fraction(1, 3), decimal.Decimal("1.5"), 1 + 2j],
    [Pair(1, 2), range(3), slice(1), collections.Counter("aab"), collections.OrderedDict(a=1), collections.deque([1])],
    np.random.default_rng(0),
    pandas.DataFrame({"n": [1, 2], "t": pandas.Categorical(["a", "b"])}, index=["x", "y"]),
    pandas.Series([1.5, None], name="s"),
]
WORDS = [*MAKE, "list", "tuple", "dict", "array", "number", "model", "tensor", "handle", "yours", "opaque", "error"]
VALUES = [
    *ODD,
    10**30,
    -(2**63),
    1e-320,
    "\ud800",
    "2026-13-40",
    "<f8",
    "|O",
    "|V0",
    "<U999999",
    "<M8[ns]",
    "1e9999999",
    "9" * 5000,
]
PAYLOAD = "<img src=x onerror=alert(1)>"


def message(description, body):
    """A message with this description and these bytes of arrays."""
    text = json.dumps(description).encode()
    return HEAD.pack(len(text), len(body)) + text + body


def is_taken(content):
    """Whether a message has a value; whatever else than WireError happens is an error of ours."""
    try:
        decode(content)
    except WireError as error:
        assert " must " in str(error) and "Received: " in str(error)
        return False
    return True


def parts_of(content):
    """(description, bytes of arrays) of a message."""
    size, _ = HEAD.unpack(content[: HEAD.size])
    return json.loads(content[HEAD.size : HEAD.size + size]), content[HEAD.size + size :]


def hostile_values(rng):
    """A value to be put into a place: odd, of any word, or with an array of any type and shape."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.choice(VALUES)
    if kind == 1:
        return {rng.choice(WORDS): rng.choice(VALUES)}
    if kind == 2:
        return {rng.choice(WORDS): {"list": [rng.choice(VALUES) for _ in range(rng.randrange(4))]}}
    dtype = "".join(rng.choice("<>|=?biufcUSMmOVaeL0123456789,()[]nsT ") for _ in range(rng.randrange(1, 7)))
    return {"array": [dtype, [rng.choice([0, 1, 2, 2**31, 2**62, -1, True, None]) for _ in range(rng.randrange(5))]]}


@pytest.fixture
def bounded():
    """A test that ends with an error if it took more memory or more time than such messages can need."""
    tracemalloc.start()
    begin = time.monotonic()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEMORY
    assert time.monotonic() - begin < 60 + ROUNDS / 50


def test_messages_with_odd_parts_are_taken_or_refused(bounded):
    """A part of a description that is another one: a value, or a refusal that says what must hold."""
    rng, taken = random.Random(1), 0
    for value in SAMPLES:
        description, body = parts_of(encode(value))
        ways = list(places(description))
        for _ in range(ROUNDS):
            changed = description
            for _ in range(rng.randrange(1, 4)):
                way = rng.choice(ways)
                try:
                    changed = replaced(changed, way, hostile_values(rng))
                except (TypeError, KeyError, IndexError):  # the place is gone with what was changed before
                    continue
            taken += is_taken(message(changed, body))
    assert 0 < taken < ROUNDS * len(SAMPLES)


def test_messages_with_odd_bytes_are_taken_or_refused(bounded):
    """Bytes that are changed, cut, doubled or exchanged anywhere."""
    rng, taken = random.Random(2), 0
    for value in SAMPLES:
        content = encode(value)
        for _ in range(ROUNDS):
            taken += is_taken(odd_bytes(rng, content))
    assert 0 < taken < ROUNDS * len(SAMPLES)


def odd_bytes(rng, content):
    """A text of bytes with some changes."""
    changed = bytearray(content)
    for _ in range(rng.randrange(1, 6)):
        start = rng.randrange(len(changed) + 1)
        stop = min(len(changed), start + rng.choice([0, 1, 1, 1, 8, 100]))
        changed[start:stop] = rng.choice([b"", bytes([rng.randrange(256)]), changed[start:stop] * 2, b"\xff" * 8, b'{"list":'])
    return bytes(changed)


def notebooks():
    """A small notebook in the formats 4, 3 and 2, as JSON values."""
    cells = [
        nbformat.v4.new_markdown_cell("# Assignment"),
        nbformat.v4.new_code_cell("def f(): return 1", metadata={"nbgrader": ANSWER, "tags": ["a"]}),
        nbformat.v4.new_code_cell("assert f() == 1", metadata={"nbgrader": TEST}),
        nbformat.v4.new_markdown_cell(
            "Because $x$.", metadata={"nbgrader": WRITTEN}, attachments={"a.png": {"image/png": "iVBORw0KGgo"}}
        ),
        nbformat.v4.new_raw_cell("raw"),
    ]
    whole = nbformat.v4.new_notebook(cells=cells)
    return [json.loads(nbformat.writes(nbformat.convert(whole, version), version=version)) for version in (4, 3, 2)]


def is_rebuilt(path):
    """Whether a file was read; what is rebuilt of it is a valid notebook with the instructor's tests, and harmless."""
    try:
        cells = read_submission(path)
    except InvalidSubmission as error:
        assert " must " in str(error) and "Received: " in str(error)
        return False
    rebuilt, _ = rebuild(INSTRUCTOR, RELEASED, cells)
    nbformat.validate(nbformat.reads(as_text(rebuilt), as_version=4))
    assert INSTRUCTOR.cells[2].source in [cell.source for cell in rebuilt.cells]
    assert not any(PAYLOAD in cell.source for cell in rebuilt.cells if cell.cell_type == "markdown")
    return True


def test_notebooks_with_odd_parts_are_read_or_refused(bounded, tmp_path, caplog):
    """Any value in any place of a notebook, in three formats; nothing of it is written into a log."""
    rng, path, taken, count = random.Random(3), tmp_path / "homework.ipynb", 0, 0
    wholes = notebooks()
    caplog.clear()
    with warnings.catch_warnings(action="ignore"):
        for whole in wholes:
            ways = list(places(whole))
            for _ in range(ROUNDS // 10):
                changed = replaced(whole, rng.choice(ways), rng.choice([*VALUES, PAYLOAD, [PAYLOAD], {"x": PAYLOAD}]))
                path.write_text(json.dumps(changed))
                taken, count = taken + is_rebuilt(path), count + 1
    assert 0 < taken < count and caplog.text == ""


def test_notebooks_with_odd_bytes_are_read_or_refused(bounded, tmp_path):
    """Bytes of a notebook's file that are changed, cut or doubled."""
    rng, path, taken, count = random.Random(4), tmp_path / "homework.ipynb", 0, 0
    for whole in notebooks():
        content = json.dumps(whole).encode()
        for _ in range(ROUNDS // 3):
            path.write_bytes(odd_bytes(rng, content))
            taken, count = taken + is_rebuilt(path), count + 1
    assert 0 < taken < count
