"""A class of hostile, broken and honest submissions, and what each of them deserves.

`write_course` makes a small course, `hand_in` one submission of it. A submission is a function that writes its folder,
or some code of a student; it is declared with the state that it must end in, the points that it deserves, test by test,
and the kinds of remarks that must be listed. In a student's code `COURSE` stands for the course's folder, `PORT` for a
port on which somebody listens, `MARK` for a word by which traces of the class can be found, `MEMORY` for the second
assignment's limit of memory in bytes.
"""

from __future__ import annotations

import copy
import json
import os
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

NAME, KOREAN = "homework", "과제_합성곱"  # the second has little memory
MEMORY = 2**29  # bytes
MARK = "convbook-battery"
SECONDS = 15  # for a cell, or a call: an honest one must not meet it on a machine that tests other things as well

CONFIGURATION = """c = get_config()
c.CourseDirectory.course_id = "battery"
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
"""

TOOLS = """%matplotlib inline
import os
import numpy as np

def seeded():
    return np.random.default_rng(int(os.environ.get("CONVBOOK_SEED", 0)))"""

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
DOUBLE = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
TOTAL = "def total(numbers):\n    ### BEGIN SOLUTION\n    return sum(numbers)\n    ### END SOLUTION"

TESTS = {  # name: (points, source)
    "double_visible": (
        1,
        "answer = double(2)\nassert answer == 4\ntolerance = 1e-6\n"
        "difference = double(np.array([1.0, -1.5])) - [2.0, -3.0]\nassert np.abs(difference).max() < tolerance",
    ),
    "double_hidden": (
        2,
        "### BEGIN HIDDEN TESTS\nx = seeded().normal(size=(3, 4))\nexpected = x + x\nbefore = x.copy()\n"
        "np.testing.assert_allclose(double(x), expected)\nassert np.abs(double(x) - expected).max() < tolerance\n"
        "assert np.array_equal(x, before)\n### END HIDDEN TESTS",
    ),
    "total_visible": (1, "answer = total([1, 2, 3])\nassert answer == 6\nassert total([]) == 0"),
    "total_hidden": (
        2,
        "### BEGIN HIDDEN TESTS\nfor _ in range(5):\n    values = seeded().integers(10, 99, size=4).tolist()\n"
        "    assert np.allclose(total(values), sum(values))\n    assert total(values) == sum(values)\n### END HIDDEN TESTS",
    ),
    "total_partial": (4, "sum(total([n, n]) == 2 * n for n in (1, 2, -3, -4))"),
}
ALL = {name: points for name, (points, _) in TESTS.items()}
NOTHING = dict.fromkeys(TESTS, 0)

RIGHT_DOUBLE, RIGHT_TOTAL = "def double(x):\n    return 2 * x", "def total(numbers):\n    return sum(numbers)"
WRONG_DOUBLE, WRONG_TOTAL = "def double(x):\n    return 3 * x + 1", "def total(numbers):\n    return -1000.5"


def meta(name: str, **values: Any) -> dict:
    """nbgrader's metadata of a cell."""
    plain = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, "grade_id": name}
    return {"nbgrader": plain | values}


def instructors_notebook() -> NotebookNode:
    """Tools, two functions with a visible and a hidden test each, a test with partial credit, and a written answer."""
    code, text = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    cells = [text("# Homework"), code(TOOLS, metadata=meta("tools", locked=True))]
    for function, source in (("double", DOUBLE), ("total", TOTAL)):
        cells.append(code(source, metadata=meta(function, solution=True)))
        for name, (points, test) in TESTS.items():
            if name.startswith(function):
                cells.append(code(test, metadata=meta(name, grade=True, locked=True, points=points)))
    cells.append(text("Because.", metadata=meta("why", grade=True, solution=True, points=2)))
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return nbformat.v4.new_notebook(cells=cells)


def write_course(root: Path) -> None:
    """A course with two assignments, one of them with a Korean name."""
    root.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIGURATION)
    for name in (NAME, KOREAN):
        folder = root / "source" / name
        folder.mkdir(parents=True)
        nbformat.write(instructors_notebook(), folder / f"{name}.ipynb")
        (folder / "data.txt").write_text("given")
        (folder / "grading.toml").write_text(f"memory = {4 if name == NAME else MEMORY / 2**30}")


def released_notebook() -> NotebookNode:
    """What students get: no solutions, no hidden tests."""
    notebook = instructors_notebook()
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in ("double", "total"):
            cell.source = cell.source.partition("\n")[0] + "\n    # YOUR CODE HERE\n    raise NotImplementedError()"
        elif name in TESTS and "HIDDEN" in cell.source:
            cell.source = ""
        elif name == "why":
            cell.source = "YOUR ANSWER HERE"
    return notebook


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    """The cell with this grade_id."""
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def answered(double: str, total: str, own: str = "") -> NotebookNode:
    """The released notebook with answers; a student's own code stands before the first function."""
    notebook = released_notebook()
    cell_of(notebook, "double").source = double
    cell_of(notebook, "total").source = total
    cell_of(notebook, "why").source = "An answer in words."
    if own:
        notebook.cells.insert(2, nbformat.v4.new_code_cell(own, id="own"))
    return notebook


def right_notebook() -> NotebookNode:
    """A notebook with right answers."""
    return answered(RIGHT_DOUBLE, RIGHT_TOTAL)


def wrong_notebook(own: str = "") -> NotebookNode:
    """A notebook with wrong answers, and what should make them count."""
    return answered(WRONG_DOUBLE, WRONG_TOTAL, own)


def save(folder: Path, notebook: NotebookNode, name: str = f"{NAME}.ipynb") -> None:
    """Writes a notebook as a student hands it in; nothing is checked."""
    (folder / name).write_text(json.dumps(notebook), encoding="utf-8")


@dataclass(frozen=True)
class Submission:
    """A student of the class: what they hand in, and what they deserve."""

    student: str
    write: Callable[[Path], None]
    state: str
    points: dict[str, float]
    remarks: frozenset[str]
    honest: bool
    assignment: str = NAME
    note: str = ""


CLASS: list[Submission] = []


def submission(
    student: str,
    points: dict[str, float] | None = None,
    state: str = "graded",
    remarks: tuple[str, ...] = (),
    honest: bool = False,
    assignment: str = NAME,
    note: str = "",
) -> Callable:
    """Declares the function below as a submission. Tests that `points` does not name get none."""

    def declare(write: Callable[[Path], None]) -> Callable[[Path], None]:
        assert all(one.student != student for one in CLASS), student
        earned = NOTHING | (points or {})
        CLASS.append(Submission(student, write, state, earned, frozenset(remarks), honest, assignment, note))
        return write

    return declare


def own_code(student: str, double: str = WRONG_DOUBLE, total: str = WRONG_TOTAL, own: str = "", **deserved: Any) -> None:
    """Declares a submission that is the released notebook with these answers and this code of the student's own."""
    sources = [textwrap.dedent(source).strip() for source in (double, total, own)]
    name = f"{deserved.get('assignment', NAME)}.ipynb"
    submission(student, **deserved)(lambda folder: save(folder, answered(*sources), name))


def hand_in(course: Path, one: Submission, port: int) -> None:
    """Writes a student's folder."""
    words = {"COURSE": course, "PORT": port, "MARK": MARK, "MEMORY": MEMORY}
    folder = course / "submitted" / one.student / one.assignment
    folder.mkdir(parents=True)
    one.write(folder)
    for path in folder.glob("*.ipynb"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 2**20:
            content = path.read_bytes()
            for word, value in words.items():
                content = content.replace(word.encode(), str(value).encode())
            path.write_bytes(content)


def half(double: bool) -> dict[str, float]:
    """All points of one function's tests."""
    return {name: points for name, points in ALL.items() if name.startswith("double" if double else "total")}


DOUBLE_ONLY, TOTAL_ONLY = half(True), half(False)


# Honest ones.

own_code("right", RIGHT_DOUBLE, RIGHT_TOTAL, points=ALL, honest=True)
own_code("wrong", honest=True)
own_code(
    "half_done", RIGHT_DOUBLE, TOTAL.partition("\n")[0] + "\n    raise NotImplementedError()", points=DOUBLE_ONLY, honest=True
)
own_code(
    "half_right",
    RIGHT_DOUBLE,
    "def total(numbers):\n    return sum(map(abs, numbers))",
    points=DOUBLE_ONLY | {"total_visible": 1, "total_hidden": 2, "total_partial": 2},
    honest=True,
)
own_code(
    "numpy_scalars",  # NumPy's numbers make the sum of the partial test one of NumPy's integers
    RIGHT_DOUBLE,
    """
        import numpy as np
        def total(numbers):
            return np.float64(7)
        """,
    points=DOUBLE_ONLY,
    honest=True,
)
own_code(
    "warns_on_stderr",
    """
        import sys, warnings
        def double(x):
            warnings.warn('careful')
            print('note', file=sys.stderr)
            return 2 * x
        """,
    RIGHT_TOTAL,
    own="""
        import os, sys
        print('a warning', file=sys.stderr)
        os.system('echo one of a program >&2')
        os.write(2, b'one of C')
        """,
    points=ALL,
    honest=True,
)
own_code(
    "cached",
    """
        import functools
        @functools.lru_cache
        def one(x):
            return 2 * x
        def double(x):
            return one(x) if isinstance(x, int) else 2 * x
        """,
    """
        known = {}
        def total(numbers):
            return known.setdefault(tuple(numbers), sum(numbers))
        """,
    points=ALL,
    honest=True,
)
own_code(
    "cached_wrongly",
    """
        known = []
        def double(x):
            known.append(2 * x)
            return known[0]
        """,
    """
        sums = []
        def total(numbers):
            sums.append(sum(numbers))
            return sums[0]
        """,
    honest=True,
)
own_code("recursive", RIGHT_DOUBLE, "def total(n):\n    return n[0] + total(n[1:]) if n else 0", points=ALL, honest=True)
own_code("deep_recursion", RIGHT_DOUBLE, "def total(n):\n    return total(n)", points=DOUBLE_ONLY, honest=True)
own_code(
    "holds_itself",  # a result that cannot cross costs its own test only
    """
        def double(x):
            held = []
            held.append(held)
            return held
        """,
    RIGHT_TOTAL,
    points=TOTAL_ONLY,
    honest=True,
)
own_code(
    "giant_view",
    """
        import numpy as np
        def double(x):
            return np.broadcast_to(np.float64(2), (10**6, 10**6))
        """,
    RIGHT_TOTAL,
    points=TOTAL_ONLY,
    honest=True,
)
own_code("generator", "def double(x):\n    yield 2 * x", "def total(n):\n    return (m for m in n)", honest=True)
own_code(
    "object_array",
    """
        import numpy as np
        def double(x):
            return np.array([2 * x, None], dtype=object)
        """,
    RIGHT_TOTAL,
    points=TOTAL_ONLY,
    honest=True,
)
own_code(
    "syntax_error",
    "def double(x)\n    return 2 * x",
    RIGHT_TOTAL,
    points=TOTAL_ONLY,
    honest=True,
)
own_code(
    "many_pictures",
    RIGHT_DOUBLE,
    RIGHT_TOTAL,
    own="""
        from IPython.display import display
        for _ in range(60):
            display({'image/png': 'A' * 1_500_000}, raw=True)
        """,
    points=ALL,
    honest=True,
)
own_code(
    "much_memory",
    RIGHT_DOUBLE,
    RIGHT_TOTAL,
    own="""
        import numpy as np
        large = np.zeros(3 * 2**30, np.uint8)
        large[: 2**28] = 1
        """,
    points=ALL,
    honest=True,
)
MANY = "from IPython.display import display\nfor _ in range(4):\n    display({'image/png': 'A' * 1_900_000}, raw=True)"


@submission("pictures_in_many_cells", ALL, honest=True)
def pictures_in_many_cells(folder: Path) -> None:
    """More pictures, in many cells, than are kept."""
    notebook = right_notebook()
    notebook.cells += [nbformat.v4.new_code_cell(MANY, id=f"own-{number}") for number in range(12)]
    save(folder, notebook)


own_code("korean", RIGHT_DOUBLE, RIGHT_TOTAL, own="'합성곱'", points=ALL, honest=True)


@submission("windows_lines", ALL, honest=True)
def windows_lines(folder: Path) -> None:
    """Line ends and a byte order mark as an editor of Windows writes them."""
    notebook = right_notebook()
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    (folder / f"{NAME}.ipynb").write_bytes(b"\xef\xbb\xbf" + json.dumps(notebook, indent=1).replace("\n", "\r\n").encode())


@submission("old_format", ALL, honest=True)
def old_format(folder: Path) -> None:
    """nbformat 3."""
    notebook = right_notebook()
    for cell in notebook.cells:
        cell.metadata.nbgrader = cell.metadata.get("nbgrader", {})
    save(folder, nbformat.convert(notebook, 3))


@submission("한글 이름", ALL, honest=True, assignment=KOREAN)
def korean_names(folder: Path) -> None:
    """A Korean student, notebook and file."""
    save(folder, right_notebook(), f"{KOREAN}.ipynb")
    (folder / "메모.txt").write_text("메모")


@submission("old_windows_names", ALL, honest=True)
def old_windows_names(folder: Path) -> None:
    """A Korean file name as an old ZIP of Windows leaves it: not UTF-8."""
    save(folder, right_notebook())
    with open(os.fsencode(folder) + "/합성곱.txt".encode("cp949"), "w") as file:
        file.write("x")


@submission("own_modules", ALL, honest=True)
def own_modules(folder: Path) -> None:
    """A `numpy.py` and other modules beside the notebook, and a helper that is used."""
    save(folder, answered("import numpy\nimport helper\ndef double(x):\n    return helper.times(x)", RIGHT_TOTAL))
    (folder / "helper.py").write_text("def times(x):\n    return 2 * x")
    planted = "raise SystemExit('planted')"
    for name in ("numpy", "sitecustomize", "usercustomize", "conftest", "traceback", "json", "struct", "nbgrader_config"):
        (folder / f"{name}.py").write_text(planted)
    (folder / "convbook").mkdir()
    (folder / "convbook" / "__init__.py").write_text(planted)


# Attacks on how answers are compared and how tests are run.

ATTACKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "asserts_dropped": (
        """
            import ast
            class Drop(ast.NodeTransformer):
                def visit_Assert(self, node):
                    return ast.Pass()
            get_ipython().ast_transformers.append(Drop())
            """,
        ("changes how cells are read",),
    ),
    "numpy_patched": (
        """
            import numpy as np
            np.allclose = np.array_equal = lambda *a, **k: True
            np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
            np.abs = lambda x: np.zeros(1)
            """,
        ("changes a library",),
    ),
    "formatter_nan": (
        """
            get_ipython().display_formatter.formatters['text/plain'].for_type(float, lambda *a: 'nan')
            get_ipython().display_formatter.formatters['text/plain'].for_type(int, lambda *a: 'nan')
            """,
        ("changes how results are shown",),
    ),
    "formatter_maximum": (
        """
            for kind in (int, float):
                get_ipython().display_formatter.formatters['text/plain'].for_type(kind, lambda *a: '4.0')
            """,
        ("changes how results are shown",),
    ),
    "frames": (
        """
            import gc, inspect, sys
            def hunt():
                frame, found = sys._getframe(), []
                while frame:
                    found += [v for v in frame.f_locals.values() if isinstance(v, str) and 'expected' in v]
                    frame = frame.f_back
                found += [o for o in gc.get_objects() if isinstance(o, dict) and 'expected' in o]
                return found
            def double(x):
                return hunt()[0]
            """,
        ("looks at other frames", "looks at other objects"),
    ),
    "history": (
        """
            In = get_ipython().user_ns['In']
            for text in get_ipython().history_manager.get_range(output=False):
                print(text)
            open('/proc/self/environ').read()
            """,
        ("reads what the system knows of processes",),
    ),
    "hidden_tests_in_files": (
        """
            import glob, os
            for place in ('/*', '/tmp/*', '/home/*', 'COURSE/*', 'COURSE/*/*', '~', '/proc/*/cwd'):
                for path in glob.glob(place + '/*.ipynb'):
                    text = open(path).read()
                    print('MARK found', path, 'hidden test' in text)
            """,
        ("names hidden tests",),
    ),
    "gradebook": (
        """
            import sqlite3
            connection = sqlite3.connect('COURSE/gradebook.db')
            connection.execute('UPDATE grade SET auto_score = 297')
            connection.commit()
            """,
        ("opens databases", "names the gradebook"),
    ),
    "other_submissions": (
        """
            import json
            text = open('COURSE/submitted/right/homework/homework.ipynb').read()
            for cell in json.loads(text)['cells']:
                if cell['cell_type'] == 'code': exec(cell['source'])
            """,
        (),
    ),
    "solutions": (
        """
            import json
            for path in ('COURSE/source/homework/homework.ipynb', '/solutions/x'):
                for cell in json.load(open(path))['cells']: exec(cell['source'])
            """,
        ("names the solutions",),
    ),
    "plants_files": (
        """
            for folder in ('COURSE/source/homework', 'COURSE', 'COURSE/submitted/right/homework', '/usr', '/grader'):
                try:
                    open(folder + '/planted.py', 'w').write('planted')
                except OSError as error:
                    print(error)
            """,
        (),
    ),
    "connects": (
        """
            import socket, urllib.request
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                try:
                    s = socket.socket(socket.AF_INET, kind)
                    s.connect(('127.0.0.1', PORT))
                    s.send(b'MARK')
                except OSError as error:
                    print(error)
            urllib.request.urlopen('http://127.0.0.1:PORT', timeout=1)
            """,
        ("opens connections",),
    ),
    "exits": ("import sys\nsys.exit(0)", ()),
    "kills_its_parent": ("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", ("sends signals", "handles signals")),
    "asks_for_input": ("answer = input('points? ')", ("asks for input",)),
    "much_output": ("for _ in range(40):\n    print('x' * 2**20)", ()),
    "full_disk": (
        """
            try:
                for n in range(1000):
                    open(str(n), 'wb').write(bytes(2**24))
            except OSError as error:
                print(error)
            try:
                for n in range(1000):
                    open(f'/proc/{n}', 'wb').write(bytes(2**24))
            except OSError as error:
                print(error)
            """,
        ("reads what the system knows of processes",),
    ),
    "many_files": ("for n in range(10**5):\n    open(str(n), 'w').close()", ()),
    "detached_daemon": (
        """
            import os, subprocess, sys
            wait = [sys.executable, '-c', 'import time; time.sleep(600)', 'MARK']
            subprocess.Popen(wait, start_new_session=True)
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.execv(wait[0], wait)
                os._exit(0)
            """,
        ("starts programs", "starts processes", "ends the process"),
    ),
    "writing_thread": (
        """
            import threading, time
            def write():
                while True:
                    print('noise')
                    time.sleep(0.01)
            threading.Thread(target=write, daemon=True).start()
            """,
        (),
    ),
    "names_of_the_tests": (  # a test's own variables are functions here, or friendlier values
        """
            def answer(): pass
            def difference(): pass
            def expected(): pass
            def before(): pass
            def x(): pass
            def values(): pass
            tolerance = 1e9
            import builtins
            builtins.AssertionError = Warning
            class T:
                def visit(self, node): return node.__class__(body=[], type_ignores=[])
            get_ipython().ast_transformers.append(T())
            """,
        ("changes how cells are read",),
    ),
    "helpers_of_the_tests": (
        """
            tolerance = 1e9
            def seeded(): return None
            answer = 4
            def sum(x): return 4
            def range(*n): return []
            """,
        (),
    ),
    "limits_raised": (
        """
            import resource
            for name in dir(resource):
                if name.startswith('RLIMIT'):
                    resource.setrlimit(getattr(resource, name), (-1, -1))
            """,
        ("changes limits",),
    ),
    "new_rooms": (
        """
            import ctypes, os
            c = ctypes.CDLL(None)
            assert c.unshare(0x10020000) == 0
            os.makedirs('/tmp/m')
            assert c.mount(b'none', b'/tmp/m', b'tmpfs', 0, None) == 0
            print('MARK room')
            """,
        ("calls C code",),
    ),
    "traces": (
        """
            import ctypes, sys
            print(ctypes.CDLL(None).ptrace(16, 1, 0, 0))
            sys.settrace(lambda *a: None)
            """,
        ("traces other code",),
    ),
    "uncounted_memory": (
        """
            import os
            try:
                kept = [os.memfd_create(str(n)) for n in range(8)]
            except OSError as error:
                print('refused')
            else:
                print('MARK memory')
            """,
        (),
    ),
    "slow_tables": (
        """
            from IPython.display import HTML, display
            for part in ('<script>', '<b><i><p></b>', '<b ', '&'):
                for _ in range(9):
                    display(HTML(part * (30_000 // len(part))))
            """,
        (),
    ),
    "no_unicode": ("print('\\ud800'); raise ValueError('\\udfff')", ()),
    "links_in_tmp": (
        """
        import os
        os.symlink('COURSE', '/tmp/course')
        os.symlink('/', 'root')
        os.listdir('/tmp/course')
        """,
        (),
    ),
    "stops_itself": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", ("sends signals",)),
    "folders_closed": (
        """
        import os
        os.chmod('.', 0)
        os.chmod('/tmp', 0)
        """,
        (),
    ),
    "atexit": ("import atexit, time\natexit.register(time.sleep, 600)", ("runs after the end",)),
    "scripts_in_outputs": (
        """
            from IPython.display import HTML, Javascript, SVG, display
            display(HTML('<script>MARK()</script>'), Javascript('MARK()'))
            display(HTML('<img src=x onerror=MARK()>'))
            display({'image/png': '"><script>MARK()</script>', 'text/html': '<a href="javascript:MARK()">x</a>'}, raw=True)
            """,
        (),
    ),
}
for student, (code, remarks) in ATTACKS.items():
    own_code(student, own=code, remarks=remarks)

LIAR = """import numpy as np
class Liar:
    __hash__ = None
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __array__(self, *a, **k): return np.zeros(2)
    def __float__(self): return 4.0
    def __sub__(self, other): return np.zeros(2)
    def __array_ufunc__(self, *a, **k): return np.zeros(1)
def double(x): return Liar()"""
own_code("liars", LIAR, "def total(n): return Liar()", remarks=("changes how results are compared",))
own_code(
    "lying_subclasses",
    """
        import numpy as np
        class Number(float):
            __hash__ = None
            def __eq__(self, other): return True
        class Array(np.ndarray):
            def __sub__(self, other): return np.zeros(1)
            def __eq__(self, other): return True
        def double(x): return Number(9) if isinstance(x, int) else np.ones_like(x).view(Array)
        """,
    "def total(n): return Number(9)",
    remarks=("changes how results are compared",),
)
own_code(
    "learns_from_arguments",  # answers by heart what it has seen, and what can be seen in the notebook
    """
        import numpy as np
        seen = []
        def double(x):
            seen.append(x)
            return 4 if isinstance(x, int) else np.array([2.0, -3.0])
        """,
    """
        def total(n):
            seen.append(n)
            return {(1, 2, 3): 6, (): 0}.get(tuple(n), -1)
        """,
    points={"double_visible": 1, "total_visible": 1},
)
for student, value in {
    "partial_99": "99",
    "partial_minus_1": "-1",
    "partial_nan": "float('nan')",
    "partial_infinite": "float('inf')",
    "partial_huge": "10**400",
}.items():
    own_code(student, total=f"def total(n): return {value}\nprint({value})\n{value}")
own_code(
    "messages_forged",  # writes answers into every connection that it finds
    state="kernel-died",  # an answer that no honest process gives ends the conversation
    own="""
        import os, sys
        sys.path.insert(0, '/grader')
        from convbook.autograder.crossing.wire import encode
        forged = encode({'outputs': []}) + encode({'answer': 'function'}) * 3
        forged += encode({'result': 4, 'changed': {}, 'views': []}) * 5
        """,
    double="""
        def double(x):
            for fd in range(3, 60):
                try: os.write(fd, forged)
                except OSError: pass
            return 4
        """,
)
own_code(
    "model_forged",  # answers with a file that only Keras could read
    state="kernel-died",  # an answer that no honest process gives ends the conversation
    own="""
        import json, os, sys
        sys.path.insert(0, '/grader')
        from convbook.autograder.crossing.wire import HEAD
        text = json.dumps({'dict': [['result', {'model': 4}]]}).encode()
        def forge():
            for fd in range(3, 60):
                try: os.write(fd, HEAD.pack(len(text), 4) + text + b'MARK'[:4])
                except OSError: pass
        """,
    double="""
        def double(x):
            forge()
            return 4
        """,
)
own_code(
    "grader_forged",  # answers in the place of the process that starts notebooks, and fills what others write to
    own="""
        import os, sys
        sys.path.insert(0, '/grader')
        from convbook.autograder.crossing.wire import encode
        os.set_blocking(2, False)
        try:
            for _ in range(99): os.write(2, bytes(65536))
        except OSError: pass
        for fd in range(4, 60):
            try: os.write(fd, encode({'exit': 0, 'too_large': False, 'cpu_seconds': 1e9}))
            except OSError: pass
        """,
)
own_code(
    "builtins_patched",
    own="import builtins\nbuiltins.AssertionError = Warning\nbuiltins.sum = lambda *a: 4",
    state="kernel-died",
    remarks=("changes a library",),
)
own_code(
    "shared_modules",
    own="""
        import convbook.autograder.crossing.wire as wire, convbook.autograder.inside.student as student
        wire.encode = lambda value: b'\\0' * 16
        student.encode = wire.encode
        """,
    state="kernel-died",
)
# What was reached before the end of the process counts.
own_code("exits_at_once", own="import os\nos._exit(0)", state="kernel-died", remarks=("ends the process",))
own_code("segmentation_fault", own="import ctypes\nctypes.string_at(0)", state="kernel-died", remarks=("calls C code",))
own_code(
    "dies_in_a_call",
    RIGHT_DOUBLE,
    "import os\ndef total(n): os._exit(1)",
    points=DOUBLE_ONLY,
    state="kernel-died",
    remarks=("ends the process",),
)
own_code(
    "closes_connection", RIGHT_DOUBLE, "import os\ndef total(n): os.closerange(3, 99)", points=DOUBLE_ONLY, state="kernel-died"
)
own_code("endless_loop", RIGHT_DOUBLE, RIGHT_TOTAL, own="while True: pass", points=ALL, state="timeout")
own_code("endless_call", RIGHT_DOUBLE, "def total(n):\n    while True: pass", points=DOUBLE_ONLY, state="timeout")
own_code(
    "endless_and_deaf",
    RIGHT_DOUBLE,
    """
        import signal
        def total(n):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            while True: pass
        """,
    points=DOUBLE_ONLY,
    state="timeout",
    remarks=("ignores signals", "handles signals"),
)
own_code(
    "answers_too_late",
    """
        import time
        def double(x):
            try: time.sleep(60)
            except BaseException: return 2 * x
        """,
    RIGHT_TOTAL,
    points=TOTAL_ONLY,
    state="timeout",
)
own_code(
    "fork_bomb",
    own="""
        import os, time
        while True:
            try:
                os.fork()
            except BlockingIOError:
                time.sleep(600)
        """,
    state="timeout",
    remarks=("starts processes",),
)
own_code(
    "memory_hog",
    RIGHT_DOUBLE,
    """
        import mmap
        kept = []
        def total(n):
            while True:
                kept.append(mmap.mmap(-1, 2**25))
                kept[-1].write(b'x' * 2**25)
        """,
    points=DOUBLE_ONLY,
    state="out-of-memory",
    assignment=KOREAN,
)
own_code(
    "memory_error",  # refused by the system: an error like another
    RIGHT_DOUBLE,
    "def total(n):\n    return bytearray(2**36)",
    points=DOUBLE_ONLY,
)
own_code(
    "many_hogs",
    own="""
        import os, time
        for _ in range(16):
            if os.fork() == 0:
                x = b'x' * (MEMORY // 8)
                time.sleep(60)
        time.sleep(60)
        """,
    state="out-of-memory",
    remarks=("starts processes",),
    assignment=KOREAN,
)


# Attacks on the notebook.


def changed(student: str, change: Callable[[NotebookNode], None], *remarks: str, right: bool = False, **deserved: Any) -> None:
    """Declares a submission whose notebook was changed where a student must not; its answers are wrong, or right."""

    def write(folder: Path) -> None:
        notebook = right_notebook() if right else wrong_notebook()
        change(notebook)
        save(folder, notebook)

    submission(student, ALL if right else None, remarks=remarks, **deserved)(write)


def tests_of(notebook: NotebookNode) -> list[NotebookNode]:
    """The test cells."""
    return [cell_of(notebook, name) for name in TESTS]


def change_tests(**fields: Any) -> Callable[[NotebookNode], None]:
    """Sets fields of all test cells."""
    return lambda notebook: [test.update(copy.deepcopy(fields)) for test in tests_of(notebook)] and None


def score_tests(**fields: Any) -> Callable[[NotebookNode], None]:
    """Sets fields of all test cells' nbgrader metadata."""
    return lambda notebook: [test.metadata.nbgrader.update(fields) for test in tests_of(notebook)] and None


def tag_tests(*tags: str) -> Callable[[NotebookNode], None]:
    """Tags all test cells."""
    return lambda notebook: [test.metadata.update(tags=list(tags)) for test in tests_of(notebook)] and None


def delete_tests(notebook: NotebookNode) -> None:
    """Takes all tests out."""
    notebook.cells = [cell for cell in notebook.cells if cell not in tests_of(notebook)]


def duplicate_tests(notebook: NotebookNode) -> None:
    """Every test twice, the first of them friendlier."""
    friendly = [copy.deepcopy(test) | {"source": "4"} for test in tests_of(notebook)]
    notebook.cells = friendly + notebook.cells


def lose_ids(notebook: NotebookNode) -> None:
    """No cell has a name any more."""
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
        cell.pop("id", None)


def same_ids(notebook: NotebookNode) -> None:
    """All tests have the name of the first."""
    for cell in tests_of(notebook):
        cell.metadata.nbgrader.grade_id = "double_visible"
    for cell in notebook.cells:
        cell.id = "same"


def odd_names(notebook: NotebookNode) -> None:
    """Cells whose names are no text, break out of a page or a terminal, or cannot be written."""
    odd = ["<script>MARK()</script>", "\ud800", "\x1b]0;MARK\x07", "a\nb", "x" * 10**6, ["list"], {"a": 1}, 3, None, ""]
    for name in odd:
        notebook.cells.append(nbformat.v4.new_code_cell("import socket, gc"))
        notebook.cells[-1].metadata = {"nbgrader": {"grade_id": name, "solution": True, "grade": True, "points": 10**6}}


def half_unicode(notebook: NotebookNode) -> None:
    """Texts that JSON can hold and no file: halves of characters."""
    cell_of(notebook, "why").source = "half \ud83d"
    cell_of(notebook, "double").source += "  # \udc00"


def scripts(notebook: NotebookNode) -> None:
    """A written answer with attachments that are scripts."""
    cell_of(notebook, "why").source = "![x](attachment:a.png) ![y](attachment:b)"
    injected = {"image/png": '"><script>MARK()</script>', "text/html": "<script>MARK()</script>"}
    cell_of(notebook, "why").attachments = {
        "a.png": injected,
        "b": {"image/svg+xml": "<svg onload=MARK()>"},
        "\ud800": injected,
    }


changed("deleted_tests", delete_tests, "deleted")
changed("duplicated_tests", duplicate_tests, "duplicated", "edited")
changed("edited_tests", change_tests(source="4"), "edited")
changed("retyped_tests", change_tests(cell_type="markdown"), "retyped")
changed("skipped_tests", tag_tests("skip-execution"), "retagged")
changed("exceptions_allowed", tag_tests("raises-exception"), "retagged")
changed("rescored_tests", score_tests(points=99), "rescored")
changed("rescored_to_nan", score_tests(points=float("nan")), "rescored")
changed("tests_made_answers", score_tests(solution=True, grade=False, locked=False), "rescored")
changed("lost_ids", lose_ids, "without metadata")
changed("lost_ids_of_right_answers", lose_ids, "without metadata", right=True)
changed("same_ids", same_ids, "duplicated", "deleted")
changed("odd_names", odd_names, "opens connections", right=True)
changed("half_unicode", half_unicode, right=True)
changed("scripts_attached", scripts, right=True)
changed(
    "many_cells",
    lambda notebook: notebook.cells.extend(nbformat.v4.new_code_cell("pass") for _ in range(3000)),
    right=True,
)


@submission("metadata_bomb", ALL)
def metadata_bomb(folder: Path) -> None:
    """Deep metadata wherever there is some, and a kernel that is no kernel."""
    notebook = right_notebook()
    notebook.metadata = {"kernelspec": {"name": "../../bin/sh", "display_name": "DEEP"}, "language_info": {"name": 3}}
    for cell in notebook.cells:
        cell.metadata["wide"] = ["DEEP"] * 3
    text = json.dumps(notebook).replace('"DEEP"', '{"a": [' * 200 + "]}" * 200)
    (folder / f"{NAME}.ipynb").write_text(text)


# Attacks on the folder.


def broken(student: str, content: bytes, **deserved: Any) -> None:
    """Declares a submission whose notebook is this file."""
    deserved = {"state": "invalid-notebook"} | deserved
    submission(student, **deserved)(lambda folder: (folder / f"{NAME}.ipynb").write_bytes(content) and None)


broken("corrupt", b'{"nbformat": 4, "cells": [{"cell_type"', note="must be JSON")
broken("empty", b"", note="must be JSON")
broken("deep_json", b"[" * 10**5, note="must be JSON")
broken("long_number", b'{"nbformat": ' + b"9" * 10**5 + b"}")
broken("utf16", json.dumps(right_notebook()).encode("utf-16"), note="UTF-8")
broken("future_format", b'{"nbformat": 5, "cells": []}', note="must name its format")
broken("odd_cells", b'{"nbformat": 4, "cells": [{"cell_type": {"code": 1}, "source": 3}]}')
broken("broken_old_format", b'{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": 7, "outputs": 3}]}]}')


@submission("gigantic", state="invalid-notebook", note="must have at most 32 MiB")
def gigantic(folder: Path) -> None:
    """A file of 256 GiB, most of it a hole."""
    save(folder, right_notebook())
    os.truncate(folder / f"{NAME}.ipynb", 2**38)


@submission("no_notebook", state="missing")
def no_notebook(folder: Path) -> None:
    """A PDF in place of a notebook."""
    (folder / "homework.pdf").write_bytes(b"%PDF")


@submission("empty_folder", state="missing")
def empty_folder(folder: Path) -> None:
    """Nothing at all."""


@submission("wrong_name", ALL, remarks=("another name",))
def wrong_name(folder: Path) -> None:
    """Right answers in a notebook of another name."""
    save(folder, right_notebook(), "homework (1).ipynb")


@submission("two_notebooks", ALL, remarks=("another version",))
def two_notebooks(folder: Path) -> None:
    """The right one, and an old one beside it."""
    save(folder, right_notebook())
    save(folder, wrong_notebook(), "Homework-Copy1.ipynb")


@submission("notebook_is_a_link", state="missing", remarks=("link",))
def notebook_is_a_link(folder: Path) -> None:
    """The notebook is a link to the instructor's."""
    (folder / f"{NAME}.ipynb").symlink_to(folder.parents[2] / "source" / NAME / f"{NAME}.ipynb")


@submission("links_to_secrets", remarks=("link",))
def links_to_secrets(folder: Path) -> None:
    """Links to files of the system, to the gradebook, to a folder and to itself, which the notebook reads."""
    save(folder, wrong_notebook("for name in ('passwd', 'gradebook', 'folder/x'):\n    print(open(name).read())"))
    for name, target in [("passwd", "/etc/passwd"), ("gradebook", "../../../gradebook.db"), ("folder", "/"), ("loop", "loop")]:
        (folder / name).symlink_to(target)


@submission("folder_is_a_link", state="invalid-notebook", note="a symbolic link")
def folder_is_a_link(folder: Path) -> None:
    """The folder is a link to the one of somebody who is right."""
    folder.rmdir()
    folder.symlink_to("../right/homework")


@submission("folder_is_a_file", state="missing")
def folder_is_a_file(folder: Path) -> None:
    """A file in place of the folder."""
    folder.rmdir()
    folder.write_text("homework")


@submission("pipe", state="missing", remarks=("no regular file",))
def pipe(folder: Path) -> None:
    """A pipe in place of the notebook, on which one would wait for ever."""
    os.mkfifo(folder / f"{NAME}.ipynb")


@submission("notebook_is_a_folder", state="missing")
def notebook_is_a_folder(folder: Path) -> None:
    """A folder with the notebook's name."""
    (folder / f"{NAME}.ipynb").mkdir()
    (folder / f"{NAME}.ipynb" / "x.txt").write_text("x")


@submission("given_file_is_a_folder", ALL)
def given_file_is_a_folder(folder: Path) -> None:
    """A folder with the name of a file that the instructor gives."""
    save(folder, answered("assert open('data.txt').read() == 'given'\n" + RIGHT_DOUBLE, RIGHT_TOTAL))
    (folder / "data.txt").mkdir()
    (folder / "data.txt" / "x").write_text("x")


@submission("given_file_changed", ALL)
def given_file_changed(folder: Path) -> None:
    """A file that the instructor gives, with other content; what counts is the instructor's."""
    save(folder, answered("assert open('data.txt').read() == 'given'\n" + RIGHT_DOUBLE, RIGHT_TOTAL))
    (folder / "data.txt").write_text("changed")


@submission("odd_time", ALL)
def odd_time(folder: Path) -> None:
    """A time that is none."""
    save(folder, right_notebook())
    (folder / "timestamp.txt").write_text("9" * 40)


@submission("deep_folders", state="invalid-notebook")
def deep_folders(folder: Path) -> None:
    """Folders in folders, deeper than a path can be long."""
    save(folder, right_notebook())
    here = os.getcwd()
    os.chdir(folder)
    try:
        for _ in range(60):
            os.mkdir("d" * 100)
            os.chdir("d" * 100)
        Path("x.txt").write_text("x")
    finally:
        os.chdir(here)


@submission("too_many_files", state="invalid-notebook", note="1000 files")
def too_many_files(folder: Path) -> None:
    """More files than anybody hands in."""
    save(folder, right_notebook())
    for number in range(1100):
        (folder / f"{number}.txt").touch()


@submission("too_large_files", state="invalid-notebook", note="64 MiB")
def too_large_files(folder: Path) -> None:
    """A file of a gigabyte, all of it a hole."""
    save(folder, right_notebook())
    (folder / "video.mp4").touch()
    os.truncate(folder / "video.mp4", 2**30)


@submission("odd_file_names", ALL)
def odd_file_names(folder: Path) -> None:
    """Names of files that break lines, pages and terminals."""
    save(folder, right_notebook())
    for name in ("a\nb.txt", "\x1b]0;MARK\x07", "<script>MARK()<", "'; DROP TABLE student; --", " ", "-rf", "*", "x" * 255):
        (folder / name).write_text("x")
    (folder / "<img src=x onerror=MARK()>").symlink_to("/etc/passwd")
