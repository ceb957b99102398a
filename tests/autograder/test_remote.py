"""A student's function through the wall: as if it were here, and without harm."""

import inspect
import socket
import threading
import time

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from convbook.autograder.crossing.wire import HEAD, Side, encode
from convbook.autograder.inside import student
from convbook.autograder.inside.objects import facts
from convbook.autograder.wall.remote import Gone, Remote, TooLate


@pytest.fixture(scope="module")
def remote():
    """A notebook served by a thread of this process: the protocol is the same as through a sandbox."""
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=lambda: student.serve(theirs, student.Notebook()), daemon=True)
    thread.start()
    yield Remote(ours, seconds=20)
    ours.close()
    thread.join(5)
    InteractiveShell.clear_instance()


def function(remote, source):
    """The function `f` of a cell, from outside."""
    outputs = remote.run(source)
    assert outputs == []
    return remote.names(["f"])["f"]


def test_arrays_cross_and_come_back(remote):
    """A function of arrays gives the arrays that it would give here."""
    f = function(remote, "import numpy as np\ndef f(x, w, *, scale=1): return scale * (x @ w), x.shape")
    x, w = np.arange(6.0).reshape(2, 3), np.ones((3, 2), "float32")
    y, shape = f(x, w, scale=2)
    np.testing.assert_array_equal(y, 2 * x @ w)
    assert shape == (2, 3)


def test_errors_keep_their_type_and_line(remote):
    """A built-in error arrives as itself, one of an own class as one that can be caught by that class; both know the line."""
    f = function(remote, "def f(n):\n    if n:\n        raise ValueError('odd')\n    return {}['missing']")
    with pytest.raises(ValueError, match="odd") as error:
        f(1)
    assert error.value.student_line == "raise ValueError('odd')"
    with pytest.raises(KeyError):
        f(0)
    f = function(remote, "class Mine(Exception): pass\ndef f(): raise Mine('own')")
    with pytest.raises(remote.names(["Mine"])["Mine"], match="own") as error:
        f()
    assert (type(error.value).__name__, type(error.value).__mro__[1]) == ("Mine", Exception)


def test_changed_arguments_are_changed_here_too(remote):
    """A function that changes its arguments, arrays and lists, is seen to do so."""
    f = function(remote, "def f(x, values):\n    x[0] = -1\n    values.append(3)\n    return 0")
    x, values = np.zeros(3), [1, 2]
    f(x, values)
    assert x.tolist() == [-1, 0, 0]
    assert values == [1, 2, 3]


@pytest.mark.parametrize("expression", ["x", "x[1:]", "x[::-1]", "x.T", "x[1:, ::2]", "x.reshape(-1)"])
def test_views_of_an_argument_stay_views(remote, expression):
    """A result that shares memory with an argument does so here."""
    f = function(remote, f"def f(x): return {expression}")
    x = np.arange(12.0).reshape(3, 4)
    received = f(x)
    np.testing.assert_array_equal(received, eval(expression, {"x": x}))
    assert np.shares_memory(received, x)


def test_new_results_share_nothing(remote):
    """A new array shares no memory with an argument, also in a tuple beside one that does."""
    f = function(remote, "def f(x): return x + 0, x[:1]")
    x = np.arange(3.0)
    new, view = f(x)
    assert not np.shares_memory(new, x) and np.shares_memory(view, x)


def test_values_and_missing_names(remote):
    """Plain values come by name; a name that the student did not define is missing."""
    remote.run("answer = [1, 2.5, 'three']\ndel_me = 3")
    assert remote.names(["answer", "not_defined"]) == {"answer": [1, 2.5, "three"]}


def test_cells_give_their_outputs(remote):
    """What a cell prints, shows, and the error that ends it, as a notebook file has them."""
    outputs = remote.run("import sys\nprint('a')\nprint('b')\nprint('c', file=sys.stderr)\n1 + 1")
    assert [(o["output_type"], o.get("name"), o.get("text")) for o in outputs[:2]] == [
        ("stream", "stdout", "a\nb\n"),
        ("stream", "stderr", "c\n"),
    ]
    assert outputs[2]["data"] == {"text/plain": "2"}
    [error] = remote.run("1 / 0")
    assert (error["ename"], error["evalue"]) == ("ZeroDivisionError", "division by zero")


def test_broken_cells_leave_the_notebook_running(remote):
    """A syntax error and an exit are outputs, and the next cell runs."""
    assert remote.run("def (:")[-1]["ename"] == "SyntaxError"
    assert remote.run("raise SystemExit")[-1]["output_type"] in ("error", "stream")
    assert remote.run("1")[-1]["data"] == {"text/plain": "1"}


def test_endless_output_is_cut(remote):
    """Of a million lines the first 100,000 characters are kept."""
    [output] = remote.run("for n in range(10**5): print('0123456789')")
    assert len(output["text"]) == student.LONGEST_TEXT


def test_a_lying_result_is_what_its_numbers_are(remote):
    """A subclass of ndarray that says it equals everything arrives as plain numbers."""
    source = "class Liar(np.ndarray):\n    def __eq__(self, other): return True\ndef f(): return np.zeros(3).view(Liar)"
    assert (function(remote, "import numpy as np\n" + source)() == np.ones(3)).tolist() == [False] * 3


@pytest.fixture
def impostor():
    """A process that answers whatever a test says."""
    ours, theirs = socket.socketpair()
    yield Remote(ours, seconds=0.3), theirs
    ours.close()
    theirs.close()


def test_silence_ends_after_the_time_limit(impostor):
    """No answer, or half of one, ends with TooLate."""
    remote, theirs = impostor
    for part in (b"", HEAD.pack(100, 0)):
        theirs.sendall(part)
        start = time.monotonic()
        with pytest.raises(TooLate):
            remote.run("1")
        assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "answer",
    [
        b"x" * 16,
        HEAD.pack(2**40, 0),
        encode(7),
        encode({"outputs": 3}),
        HEAD.pack(3, 0) + b"{{{",
    ],
)
def test_nonsense_ends_the_conversation(impostor, answer):
    """An answer that no honest process gives ends with Gone."""
    remote, theirs = impostor
    theirs.sendall(answer)
    with pytest.raises(Gone):
        remote.run("1")


class Described(Side):
    """A process that describes its function `f` as one."""

    def describe(self, value):
        return {"handle": [0, facts(value)]}


def f():
    """A function that the impostor says it has."""


NAMES = encode({"f": f}, Described())


@pytest.mark.parametrize(
    "answer",
    [
        {"error": 3},
        {"error": ["ValueError", 1, 2]},
        {"error": [[["builtins", "ValueError"]], "text", "line"]},
        {"error": [[], "text", "line"]},
        {"result": 1, "changed": {"7": 1}},
        {"result": 1, "changed": {"x": 1}},
        {"result": 1, "views": [[0, 9, 0, []]]},
        {"result": 1, "views": [["a", 0, 0, []]]},
    ],
)
def test_forged_answers_to_a_call_end_the_conversation(impostor, answer):
    """A forged answer about arguments is refused."""
    remote, theirs = impostor
    theirs.sendall(NAMES)
    f = remote.names(["f"])["f"]
    theirs.sendall(encode(answer))
    with pytest.raises(Gone):
        f(np.zeros(3))


def test_forged_view_reads_nothing_beyond_its_argument(impostor):
    """A view that would reach outside of the argument's memory is the copy that was sent."""
    remote, theirs = impostor
    theirs.sendall(NAMES)
    f = remote.names(["f"])["f"]
    for offset, strides in [(10**6, [8]), (-8, [8]), (0, [2**60]), ("a", []), (0, [8, 8])]:
        theirs.sendall(encode({"result": np.zeros(3), "changed": {}, "views": [[-1, 0, offset, strides]]}))
        assert f(np.ones(3)).tolist() == [0, 0, 0]


def test_an_end_in_the_middle_is_noticed(impostor):
    """A process that ends while it answers is Gone."""
    remote, theirs = impostor
    theirs.sendall(HEAD.pack(100, 0))
    theirs.close()
    with pytest.raises(Gone):
        remote.run("1")


LIAR = """
class Liar:
    def __init__(self): self.seen = []
    def __sub__(self, other): self.seen.append(other); return 0.0
    __rsub__ = __add__ = __eq__ = __lt__ = __le__ = __contains__ = equals = __sub__
    def __abs__(self): return self
    def __iter__(self): return iter([1.0])
def f(): return liar
liar = Liar()
def heard(): return liar.seen
"""


@pytest.mark.parametrize(
    "ask",
    [
        lambda value: value - 4,
        lambda value: 4 - value,
        lambda value: abs(value - 4) < 1e-9,
        lambda value: value == 4,
        lambda value: value <= 4,
        lambda value: 4 in value,
        lambda value: value.equals(4),
        lambda value: np.allclose(np.array([4.0]) - value, 0),
        lambda value: setattr(value, "expected", 4),
    ],
)
def test_a_result_that_is_an_object_learns_nothing_of_what_is_expected(remote, ask):
    """Where the solution's result was plain data, nothing of ours reaches an object that a student returns instead."""
    remote.run(LIAR)
    names = remote.names(["f", "heard"])
    remote.allowed = frozenset()
    try:
        result = ask(names["f"]())
    except (TypeError, AttributeError):
        result = False
    remote.allowed = None
    assert not np.all(result)
    assert names["heard"]() == []
    assert remote.names(["liar"])["liar"].__dict__.keys() == {"seen"}


def test_objects_answer_as_they_would_on_their_side(remote):
    """Methods, attributes, operators, iteration and isinstance of a student's object work as if it were here."""
    remote.run(
        "class Vector:\n    def __init__(self, *x): self.x = list(x)\n"
        "    def __add__(self, v): return Vector(self.x[0] + v.x[0])\n"
        "    def __iter__(self): return iter(self.x)\n    def norm(self, p=2): return sum(n**p for n in self.x)\n"
        "    def __eq__(self, v): return self.x == v.x\n    'A vector.'"
    )
    vector = remote.names(["Vector"])["Vector"]
    one = vector(3)
    assert one + one == vector(6) and one != vector(7)
    assert (list(one), one.norm(p=3), isinstance(one, vector), isinstance(3, vector)) == ([3], 27, True, False)
    one.x = [1, 2]
    assert one.norm() == 5


def test_generators_give_one_value_after_another(remote):
    """A generator is asked for each value, and says when there are no more; an endless one can be left."""
    f = function(remote, "import itertools\ndef f(n): return (i for i in range(n)) if n else itertools.count()")
    assert list(f(3)) == [0, 1, 2]
    endless = f(0)
    assert [next(endless) for _ in range(3)] == [0, 1, 2]


def test_functions_and_generators_of_a_test_can_be_handed_over(remote):
    """A student's function calls ours back, and ours its; what ours raises arrives there."""
    f = function(remote, "def f(g, x):\n    try: return [g(y) for y in x]\n    except ValueError as error: return str(error)")
    assert f(lambda x: x**2, (n for n in range(3))) == [0, 1, 4]
    assert f(np.sin, [0.0]) == [0.0]
    assert f(lambda x: f(lambda y: y + 1, [x]), [1, 2]) == [[2], [3]]

    def odd(x):
        raise ValueError("odd")

    assert f(odd, [1]) == "odd"


def test_other_objects_of_ours_cannot_be_handed_over(remote):
    """What could be used to reach into our process stays here, and the error says what can be handed over."""
    f = function(remote, "def f(x): return x")
    for value in (open(__file__), remote, object()):  # noqa: SIM115
        with pytest.raises(ValueError, match="functions and generators"):
            f(value)


def test_what_a_call_prints_is_printed_here(remote, capsys):
    """A test can catch what a student's function prints."""
    function(remote, "def f(): print('seven')")()
    assert capsys.readouterr().out == "seven\n"


def test_the_docstring_and_the_signature_of_a_function_are_its_own(remote):
    """A test can ask what a function says of itself."""
    f = function(remote, "def f(x, strides=1):\n    'Steps.'\n    return x")
    assert (f.__name__, f.__doc__) == ("f", "Steps.")
    assert str(inspect.signature(f)) == "(x, strides=1)"


def test_no_name_of_a_test_is_told(remote):
    """The process is asked for the names that it has; the names of a test are not sent."""
    sent = []
    remote.connection, connection = Spy(remote.connection, sent), remote.connection
    assert remote.names(["answer_that_is_looked_for"]) == {}
    remote.connection = connection
    assert sent and b"answer_that" not in b"".join(sent)


class Spy:
    """A connection that notes what is sent."""

    def __init__(self, connection, sent):
        self.connection, self.sent = connection, sent

    def sendall(self, message):
        self.sent.append(message)
        self.connection.sendall(message)

    def __getattr__(self, name):
        return getattr(self.connection, name)
