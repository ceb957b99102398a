"""What crosses the wall: every plain value comes out as it went in, and no message does harm."""

import collections
import copy
import datetime
import decimal
import fractions
import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from convbook.autograder.crossing.wire import HEAD, LARGEST, Opaque, WireError, decode, encode

NUMBERS = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.complex_numbers(), st.text())
ARRAYS = arrays.arrays(
    st.sampled_from(["?", "u1", "<i8", "<f4", "<f8", "<c16", "<f2"]), arrays.array_shapes(min_dims=0, max_dims=4, min_side=0)
)
VALUES = st.recursive(
    NUMBERS | ARRAYS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def assert_same(some, other):
    """Equal values of equal types, arrays bit by bit."""
    assert type(some) is type(other)
    if isinstance(some, np.ndarray):
        assert (some.dtype, some.shape, some.tobytes()) == (other.dtype, other.shape, other.tobytes())
    elif isinstance(some, (list, tuple)):
        assert len(some) == len(other)
        for one, two in zip(some, other):
            assert_same(one, two)
    elif isinstance(some, dict):
        assert_same(list(some.items()), list(other.items()))
    else:
        assert repr(some) == repr(other)  # nan too


@given(VALUES)
def test_plain_values_come_back(value):
    """A value that went through a message has the same type and the same numbers."""
    assert_same(decode(encode(value)), value)


@pytest.mark.parametrize("value", [np.float32(1.5), np.int64(3), np.bool_(True), np.float64("nan")])
def test_numpy_numbers_keep_their_type(value):
    """NumPy's numbers stay NumPy's."""
    assert_same(decode(encode(value)), value)


Pair = collections.namedtuple("Pair", "first second")
RNG = np.random.default_rng(3)
DATES = [datetime.date(2026, 3, 1), datetime.datetime(2026, 3, 1, 12, 30), datetime.timedelta(days=1, seconds=2)]


@pytest.mark.parametrize(
    "value",
    [
        {1, 2},
        frozenset("ab"),
        b"bytes",
        range(1, 9, 2),
        slice(None, 3),
        {1: "a", (2, 3): "b", None: 1.5},
        fractions.Fraction(2, 3),
        decimal.Decimal("1.10"),
        collections.Counter("aab"),
        collections.OrderedDict(b=1, a=2),
        collections.deque([1, 2]),
        np.str_("seven"),
        np.datetime64("2026-03-01"),
        np.dtype("float32"),
        *DATES,
    ],
    ids=str,
)
def test_values_made_of_simpler_ones_come_back(value):
    """Sets, bytes, ranges, dates, fractions, counters and dictionaries with any plain keys come out as they went in."""
    received = decode(encode(value))
    assert (type(received), received) == (type(value), value)


def test_named_tuples_keep_names_and_fields():
    """A named tuple is one of the same name and fields on the other side, equal to the plain tuple."""
    received = decode(encode(Pair(1, np.arange(2))))
    assert (type(received).__name__, received._fields, received.first) == ("Pair", ("first", "second"), 1)
    assert decode(encode(Pair(1, 2))) == (1, 2)


def test_arrays_of_texts_and_sixty_axes_come_back():
    """Texts, bytes and times in arrays cross, and as many axes as NumPy allows."""
    for array in (np.array(["a", "bcd"]), np.array([b"x"]), np.array(["2026-03-01"], "M8[D]"), np.ones((1,) * 60)):
        received = decode(encode(array))
        assert (received.dtype, received.shape) == (array.dtype, array.shape)
        assert (received == array).all()


def test_random_generators_go_on_where_they_were():
    """A generator of NumPy crosses with its state: it draws the same numbers on the other side."""
    received = decode(encode(RNG))
    assert received.normal() == copy.deepcopy(RNG).normal()


def test_tables_come_back():
    """A pandas table and a column cross with their types, labels and missing values."""
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"n": [1, 2], "x": [0.5, None], "name": ["a", None]}, index=["r", "s"])
    table["kind"] = pandas.Categorical(["u", "v"])
    pandas.testing.assert_frame_equal(decode(encode(table)), table)
    for column in (
        table["name"],
        table["n"],
        pandas.Series([1, None], dtype="Int64"),
        table.groupby("kind", observed=True).n.sum(),
    ):
        pandas.testing.assert_series_equal(decode(encode(column)), column)


def test_views_cross_with_their_numbers():
    """Strided, transposed and big-endian arrays cross with their values."""
    x = np.arange(24.0).reshape(2, 3, 4)
    for view in (x[:, ::2], x.T, x[::-1], x.astype(">f8")):
        received = decode(encode(view))
        np.testing.assert_array_equal(received, view)
        assert received.flags.writeable and received.flags.c_contiguous


class Point(collections.namedtuple("Point", "x y")):
    """A named tuple that says it is equal to everything."""

    def __eq__(self, other):
        return True


class Liar(np.ndarray):
    """An array that says it is equal to everything."""

    def __eq__(self, other):
        return True

    def __array__(self, *_, **__):
        raise AssertionError("asked")

    def tobytes(self, *_):
        raise AssertionError("asked")


def test_subclass_of_an_array_crosses_as_its_numbers():
    """What an array's subclass says of itself does not cross."""
    received = decode(encode(np.arange(3.0).view(Liar)))
    assert type(received) is np.ndarray
    assert received.tolist() == [0, 1, 2]


class Number(float):
    """A number that is equal to every other."""

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


@pytest.mark.parametrize("value", [Number(3), object(), print, np.array([object()]), Point(1, 2)])
def test_other_values_cross_as_the_name_of_their_type(value):
    """A lying number, an object, a function or an array of objects becomes a thing that equals nothing."""
    received = decode(encode(value))
    assert isinstance(received, Opaque)
    assert type(received).__name__ == type(value).__name__
    assert received != 3 and received != value


def message(description, body=b"", announced=None):
    """A message with any JSON in it."""
    text = description if isinstance(description, bytes) else json.dumps(description).encode()
    return HEAD.pack(len(text), len(body) if announced is None else announced) + text + body


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"short",
        message(b"not json"),
        message(b"[" * 10**5),
        message([1]),
        message({}),
        message({"list": 3}),
        message({"list": [1], "tuple": [2]}),
        message({"eval": "1"}),
        message({"dict": [[1]]}),
        message({"dict": 7}),
        message({"complex": ["x", {}]}),
        message({"array": ["|O", [1]]}, bytes(8)),
        message({"array": ["|O8", [1]]}, bytes(8)),
        message({"array": ["|V9", [1]]}, bytes(9)),
        message({"array": ["<U1", [1]]}, b"\xff" * 4),
        message({"array": ["<U0", [3]]}),
        message({"dict": [[{"list": []}, 1]]}),
        message({"range": {"list": ["a"]}}),
        message({"Decimal": "1e999999"}),
        message({"named tuple": 3}),
        message({"array": ["<f8,", [1]]}, bytes(8)),
        message({"array": ["<f8", [-1]]}, bytes(8)),
        message({"array": ["<f8", [True]]}, bytes(8)),
        message({"array": ["<f8", [2]]}, bytes(8)),
        message({"array": ["<f8", [2**30, 2**30, 2**30]]}, bytes(8)),
        message({"array": ["<f8", [1]]}, bytes(9)),
        message({"array": ["<f8", 1]}, bytes(8)),
        message({"array": ["<f8"]}, bytes(8)),
        message({"array": ["<f7", [1]]}, bytes(8)),
        message({"number": ["<f8", [0]]}, bytes(8)),
        message(1, announced=LARGEST + 1),
        message(1, announced=2**63),
        message(1) + b"x",
        pickle.dumps([1, 2]),
    ],
)
def test_hostile_messages_are_refused(hostile):
    """A message that breaks a rule is an error and nothing else."""
    with pytest.raises(WireError, match=r" must .* Received: "):
        decode(hostile)


def test_deep_values_are_refused_on_both_sides():
    """Lists in lists without end neither leave nor enter."""
    value, description = [], 1
    for _ in range(40):
        value, description = [value], {"list": [description]}
    with pytest.raises(WireError, match="at most 20 levels"):
        encode(value)
    with pytest.raises(WireError, match="at most 20 levels"):
        decode(message(description))


def test_name_of_a_type_is_no_code():
    """The name of an opaque value's type is a name, whatever the message says."""
    assert type(decode(message({"opaque": "a b; c"}))).__name__ == "object"
    assert type(decode(message({"opaque": "x" * 1000}))).__name__ == "object"
