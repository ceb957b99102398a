"""What a test can use of an answer: each row of the table in "Writing a question" is one case here, put to the real grader."""

from typing import NamedTuple


class Case(NamedTuple):
    """A row of the table, with a right and a wrong answer and the test that tells them apart."""

    row: str  # the first column of the table
    right: str
    test: str
    wrong: str
    inside: bool = False  # whether the test must run in the student's process


CASES = {
    "class": Case(
        "an object of a class of the student's own",
        """\
class class_case:
    def __init__(self, n): self.n = n
    def forward(self, x): return self.n * x
""",
        """\
layer = class_case(3)
assert layer.forward(2) == 6
assert layer.n == 3
assert isinstance(layer, class_case)
""",
        """\
class class_case:
    def __init__(self, n): self.n = n
    def forward(self, x): return x
""",
    ),
    "closure": Case(
        "a function",
        """\
def closure_case(n):
    return lambda x: n * x
""",
        """\
assert closure_case(3)(2) == 6
""",
        """\
def closure_case(n):
    return lambda x: x
""",
    ),
    "namedtuple": Case(
        "a named tuple",
        """\
from collections import namedtuple
namedtupleP = namedtuple('namedtupleP', 'x y')
def namedtuple_case(n): return namedtupleP(n, 2*n)
""",
        """\
p = namedtuple_case(2)
assert p.y == 4 and p == (2, 4) and isinstance(p, namedtupleP)
""",
        """\
from collections import namedtuple
namedtupleP = namedtuple('namedtupleP', 'x y')
def namedtuple_case(n): return namedtupleP(n, n)
""",
    ),
    "fraction": Case(
        "`Fraction`, `Decimal`",
        """\
from fractions import Fraction
def fraction_case(n): return Fraction(n, 3)
""",
        """\
from fractions import Fraction
assert fraction_case(2) == Fraction(2, 3)
""",
        """\
def fraction_case(n): return n
""",
    ),
    "generator": Case(
        "a generator, an iterator",
        """\
def generator_case(n):
    for i in range(n): yield 2 * i
""",
        """\
assert list(generator_case(3)) == [0, 2, 4]
g = generator_case(2)
assert next(g) == 0 and next(g) == 2
""",
        """\
def generator_case(n):
    for i in range(n): yield i
""",
    ),
    "frame": Case(
        "a pandas table or column",
        """\
import pandas as pd
def frame_case(n): return pd.DataFrame({'a': [n, 2*n]}, index=['x','y'])
""",
        """\
import pandas as pd
d = frame_case(2)
assert isinstance(d, pd.DataFrame) and d.loc['y','a'] == 4
pd.testing.assert_frame_equal(d, pd.DataFrame({'a':[2,4]}, index=['x','y']))
""",
        """\
import pandas as pd
def frame_case(n): return pd.DataFrame({'a': [n, n]}, index=['x','y'])
""",
    ),
    "set": Case(
        "`set`, `frozenset`",
        """\
def set_case(n): return {n, 2*n}
""",
        """\
assert set_case(2) == {2, 4}
""",
        """\
def set_case(n): return {n}
""",
    ),
    "counter": Case(
        "`Counter`, `OrderedDict`, `deque`",
        """\
from collections import Counter
def counter_case(s): return Counter(s)
""",
        """\
assert counter_case('aab')['a'] == 2 and counter_case('aab').most_common(1) == [('a', 2)]
""",
        """\
def counter_case(s): return {'a': 1}
""",
    ),
    "bytes": Case(
        "`bytes`",
        """\
def bytes_case(n): return bytes([n, n])
""",
        """\
assert bytes_case(2) == b'\\x02\\x02'
""",
        """\
def bytes_case(n): return [n]
""",
    ),
    "nptext": Case(
        "a number or a text of NumPy",
        """\
import numpy as np
names = np.array(['cat', 'dog'])
def nptext_case(p): return names[np.argmax(p)]
""",
        """\
assert nptext_case([0.1, 0.9]) == 'dog'
""",
        """\
def nptext_case(p): return 'cat'
""",
    ),
    "intkeys": Case(
        "a dictionary with any plain keys",
        """\
def intkeys_case(n): return {n: 2 * n, (1, 2): 3}
""",
        """\
assert intkeys_case(2)[2] == 4 and intkeys_case(2)[1, 2] == 3
""",
        """\
def intkeys_case(n): return {n: n}
""",
    ),
    "date": Case(
        "a date, a time, a span of time",
        """\
import datetime
def date_case(n): return datetime.date(2026, 1, n)
""",
        """\
import datetime
assert date_case(3) - date_case(1) == datetime.timedelta(days=2)
""",
        """\
def date_case(n): return n
""",
    ),
    "axes": Case(
        "a figure or axes of Matplotlib",
        """\
import matplotlib.pyplot as plt
def axes_case(n):
    fig, ax = plt.subplots()
    ax.plot([0, n], [1, 2*n])
    ax.set_title('t')
    return ax
""",
        """\
import matplotlib.pyplot as plt
ax = axes_case(2)
assert ax.get_title() == 't' and isinstance(ax, plt.Axes)
assert len(ax.lines) == 1 and list(ax.lines[0].get_ydata()) == [1, 4]
""",
        """\
import matplotlib.pyplot as plt
def axes_case(n):
    fig, ax = plt.subplots()
    return ax
""",
    ),
    "ownerror": Case(
        "an error of a class of the student's own",
        """\
class ownerrorOdd(Exception): pass
def ownerror_case(n):
    if n % 2: raise ownerrorOdd('odd')
    return n
""",
        """\
try:
    ownerror_case(3)
except ownerrorOdd as e:
    assert str(e) == 'odd'
else:
    assert False
assert ownerror_case(2) == 2
""",
        """\
class ownerrorOdd(Exception): pass
def ownerror_case(n): return n
""",
    ),
    "vector": Case(
        "an object with operators",
        """\
class vector_case:
    def __init__(s, x, y): s.x, s.y = x, y
    def __add__(s, o): return vector_case(s.x + o.x, s.y + o.y)
    def __mul__(s, k): return vector_case(s.x * k, s.y * k)
    __rmul__ = __mul__
    def __eq__(s, o): return (s.x, s.y) == (o.x, o.y)
    def __len__(s): return 2
    def __getitem__(s, i): return (s.x, s.y)[i]
    def __repr__(s): return f'<{s.x}, {s.y}>'
""",
        """\
a = vector_case(1, 2)
assert a + a == vector_case(2, 4) and 3 * a == vector_case(3, 6)
assert len(a) == 2 and a[1] == 2 and list(a) == [1, 2] and str(a) == '<1, 2>'
""",
        """\
class vector_case:
    def __init__(s, x, y): s.x, s.y = x, y
    def __add__(s, o): return s
    def __eq__(s, o): return (s.x, s.y) == (o.x, o.y)
""",
    ),
    "context": Case(
        "a context manager",
        """\
class context_case:
    def __enter__(s): return 5
    def __exit__(s, *a): return True
""",
        """\
with context_case() as n:
    assert n == 5
    raise ValueError('x')
""",
        """\
class context_case:
    def __enter__(s): return 5
    def __exit__(s, *a): return False
""",
    ),
    "dataclass": Case(
        "a data class",
        """\
from dataclasses import dataclass
@dataclass
class dataclassP:
    x: int
    y: int
def dataclass_case(n): return dataclassP(n, 2*n)
""",
        """\
assert dataclass_case(2) == dataclassP(2, 4) and dataclass_case(2).y == 4
""",
        """\
from dataclasses import dataclass
@dataclass
class dataclassP:
    x: int
    y: int
def dataclass_case(n): return dataclassP(n, n)
""",
    ),
    "docstring": Case(
        "a function's name and docstring",
        """\
def docstring_case(n):
    'Twice n.'
    return 2*n
""",
        """\
assert 'Twice' in docstring_case.__doc__ and docstring_case.__name__ == 'docstring_case'
""",
        """\
def docstring_case(n): return 2*n
""",
    ),
    "signature": Case(
        "a function's parameters",
        """\
def signature_case(n, m=3): return m*n
""",
        """\
import inspect
assert list(inspect.signature(signature_case).parameters) == ['n', 'm']
assert inspect.signature(signature_case).parameters['m'].default == 3
""",
        """\
def signature_case(n): return n
""",
    ),
    "printed": Case(
        "what a function prints",
        """\
def printed_case(n): print('it is', n)
""",
        """\
import io, contextlib
out = io.StringIO()
with contextlib.redirect_stdout(out):
    printed_case(2)
assert out.getvalue() == 'it is 2\\n'
""",
        """\
def printed_case(n): print(n)
""",
    ),
    "handfunction": Case(
        "a function that the *test* gives to the answer",
        """\
def handfunction_case(f, x): return f(x) + f(2 * x)
""",
        """\
import numpy as np
assert handfunction_case(lambda x: x * x, 2) == 20
assert abs(handfunction_case(np.sin, 0.0)) < 1e-9
assert handfunction_case(len, 'ab') == 6
""",
        """\
def handfunction_case(f, x): return f(x)
""",
    ),
    "handgenerator": Case(
        "a generator that the *test* gives to the answer",
        """\
def handgenerator_case(xs): return [2 * x for x in xs]
""",
        """\
assert handgenerator_case(i for i in range(3)) == [0, 2, 4]
assert handgenerator_case(map(int, '12')) == [2, 4]
""",
        """\
def handgenerator_case(xs): return list(xs)
""",
    ),
    "seed": Case(
        "`np.random.seed` in the test, and an answer that draws",
        """\
import numpy as np
def seed_case(n): return np.random.rand(n)
""",
        """\
import numpy as np
np.random.seed(0)
a = seed_case(3)
np.random.seed(0)
assert np.allclose(a, np.random.rand(3))
""",
        """\
import numpy as np
def seed_case(n): return np.random.rand(n) * 2
""",
    ),
    "rng": Case(
        "a generator of random numbers that the *test* gives",
        """\
def rng_case(rng): return rng.normal(size=3)
""",
        """\
import numpy as np
assert np.allclose(rng_case(np.random.default_rng(0)), np.random.default_rng(0).normal(size=3))
""",
        """\
def rng_case(rng): return rng.normal(size=3) + 1
""",
    ),
    "input": Case(
        "an answer that calls `input`, which the test replaces",
        """\
def input_case():
    return 2 * int(input('n? '))
""",
        """\
from unittest.mock import patch
with patch('builtins.input', lambda *a: '4'):
    assert input_case() == 8
""",
        """\
def input_case(): return 7
""",
        inside=True,
    ),
    "file": Case(
        "a file that the answer writes and the test opens",
        """\
def file_case(n):
    open('out.txt', 'w').write(str(2*n))
""",
        """\
file_case(2)
assert open('out.txt').read() == '4'
""",
        """\
def file_case(n):
    open('out.txt', 'w').write(str(n))
""",
        inside=True,
    ),
}
