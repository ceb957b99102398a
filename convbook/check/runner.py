"""What Pyodide's worker calls: one reader's code, and behind it its check, in a namespace of their own.

The result is plain data, which `live-cell.js` puts into words.
"""

from __future__ import annotations

import ast
import linecache
import sys
import traceback
from typing import Any

CODE = "<your code>"  # the name of the reader's code in a traceback


def run(code: str, test: str = "") -> dict[str, Any]:
    """Executes the code, then the test. {"value": repr of a last expression} or {"error": …, "line": … or None}."""
    linecache.cache[CODE] = (len(code), None, code.splitlines(keepends=True), CODE)
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        value = last_value(code, names)
        if test:
            exec(compile(test, "<check>", "exec"), names)
    except BaseException as error:  # SystemExit as well: it must not end the worker
        return {"error": traceback.format_exception_only(error)[-1].strip(), "line": line_of(error)}
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return {"value": "" if value is None or test else repr(value)}


def last_value(code: str, names: dict[str, Any]) -> Any:
    """Executes the code as a notebook does: the value of its last line is returned, if this is an expression."""
    tree = ast.parse(code, CODE)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, CODE, "exec"), names)
    return eval(compile(ast.Expression(last.value), CODE, "eval"), names) if last else None


def line_of(error: BaseException) -> int | None:
    """The last line of the reader's code that the error passed through."""
    if isinstance(error, SyntaxError) and error.filename == CODE:
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == CODE]
    return lines[-1] if lines else None
