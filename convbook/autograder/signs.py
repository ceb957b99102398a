"""Signs in a student's code that somebody should look at. They decide about nothing: the walls do."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from convbook.autograder.rebuild import Remark
from convbook.autograder.submission import Cell, readable

# What homework seldom needs and attempts on a grader often use: attributes and names, modules, and parts of texts.
NAMES = {
    "_exit": "ends the process",
    "kill": "sends signals",
    "killpg": "sends signals",
    "fork": "starts processes",
    "ast_transformers": "changes how cells are read",
    "input_transformers_cleanup": "changes how cells are read",
    "display_formatter": "changes how results are shown",
    "_getframe": "looks at other frames",
    "currentframe": "looks at other frames",
    "get_objects": "looks at other objects",
    "get_referrers": "looks at other objects",
    "settrace": "traces other code",
    "setprofile": "traces other code",
    "RLIMIT_AS": "changes limits",
    "setrlimit": "changes limits",
    "atexit": "runs after the end",
    "SIG_IGN": "ignores signals",
}
MODULES = {
    "socket": "opens connections",
    "urllib": "opens connections",
    "requests": "opens connections",
    "http": "opens connections",
    "ctypes": "calls C code",
    "subprocess": "starts programs",
    "multiprocessing": "starts processes",
    "gc": "looks at other objects",
    "inspect": "looks at other code",
    "nbgrader": "imports the grader",
    "sqlite3": "opens databases",
    "signal": "handles signals",
}
TEXTS = {
    "gradebook": "names the gradebook",
    "/proc/": "reads what the system knows of processes",
    "hidden test": "names hidden tests",
    "/solutions": "names the solutions",
    "autograded": "names the graded notebooks",
    "/etc/": "reads files of the system",
}
LIES = {"__eq__", "__array__", "__float__", "__ne__", "__array_ufunc__", "__array_function__"}


def signs(cells: list[Cell]) -> list[Remark]:
    """What stands in a submission's code, each kind once a cell."""
    found = []
    for number, cell in enumerate(cells, start=1):
        if cell.cell_type == "code":
            name = readable(cell.grade_id) or f"cell {number}"
            found += [Remark(kind, name) for kind in sorted(set(kinds_in(cell.source)))]
    return found


def kinds_in(source: str) -> Iterator[str]:
    """The kinds of signs in a text of Python; none where it is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            yield from known(NAMES, name)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and foreign(node.value):
                yield "changes a library"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from known(MODULES, alias.name.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            yield from known(MODULES, (node.module or "").split(".")[0])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (kind for text, kind in TEXTS.items() if text in node.value.lower())
        elif isinstance(node, ast.FunctionDef) and node.name in LIES:
            yield "changes how results are compared"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "input":
            yield "asks for input"


def foreign(value: ast.expr) -> bool:
    """Whether an attribute is set on a library, as in `np.allclose = …` or `np.testing.assert_allclose = …`."""
    while isinstance(value, ast.Attribute):
        value = value.value
    return isinstance(value, ast.Name) and value.id in {"np", "numpy", "builtins", "sys", "keras", "tf", "tensorflow", "scipy"}


def known(table: dict[str, str], name: str) -> Iterator[str]:
    """The kind of a name, if it is in the table."""
    if name in table:
        yield table[name]
