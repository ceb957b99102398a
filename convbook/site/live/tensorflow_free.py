"""A chapter for a place without TensorFlow: what needs it becomes a comment, all the rest runs.

Statements are followed from cell to cell. One that uses Keras, or a name that only such a statement defines, cannot run.
"""

from __future__ import annotations

import ast
import builtins

from nbformat import NotebookNode

MODULES = ("keras", "tensorflow")
NOTE = "# The lines that begin with # need TensorFlow, which does not run in the browser. Colab runs them."
MAGIC = ("%", "!")


def imports_tensorflow(statement: ast.stmt) -> bool:
    """Whether this line imports Keras or TensorFlow."""
    if isinstance(statement, ast.ImportFrom):
        return (statement.module or "").split(".")[0] in MODULES
    return isinstance(statement, ast.Import) and any(name.name.split(".")[0] in MODULES for name in statement.names)


def names_of(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """(names that must exist before, names that are defined) by a statement, functions and classes with their bodies."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        nodes = list(ast.walk(statement))
        arguments = {node.arg for node in nodes if isinstance(node, ast.arg)}
        return loaded(statement) - stored(statement) - arguments - {statement.name}, {statement.name}
    bodies = [getattr(statement, part, []) for part in ("body", "orelse", "finalbody")]
    if not isinstance(statement, (ast.For, ast.While, ast.If, ast.With, ast.Try)):
        used, defined = loaded(statement), stored(statement)
        return used | (defined if isinstance(statement, ast.AugAssign) else set()), defined
    inner = [line for body in [*bodies, *(handler.body for handler in getattr(statement, "handlers", []))] for line in body]
    heads = [getattr(statement, part) for part in ("iter", "test", "target") if hasattr(statement, part)]
    heads += [item for item in getattr(statement, "items", [])]
    used = set().union(*(loaded(head) for head in heads))
    defined = set().union(*(stored(head) for head in heads))
    for line in inner:
        more, new = names_of(line)
        used |= more - defined
        defined |= new
    return used, defined


def loaded(tree: ast.AST) -> set[str]:
    """The names that are read, without those that a comprehension or a lambda has for itself."""
    nodes = list(ast.walk(tree))
    own = {name for node in nodes if isinstance(node, ast.comprehension) for name in stored(node.target)}
    own |= {
        one.arg for node in nodes if isinstance(node, ast.Lambda) for one in ast.walk(node.args) if isinstance(one, ast.arg)
    }
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)} - own


def stored(tree: ast.AST) -> set[str]:
    """The names that are given a value."""
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    imports = [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    return names | {(one.asname or one.name).split(".")[0] for node in imports for one in node.names}


def changed_in_place(statement: ast.stmt) -> set[str]:
    """Names whose value this statement changes by an index, an attribute or a method: x[0] = …, x.append(…)."""
    changed = set()
    for node in ast.walk(statement):
        target = node.value if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store) else None
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
            target = node.value.func.value
        if isinstance(target, ast.Name):
            changed.add(target.id)
    return changed


def is_claim(statement: ast.stmt) -> bool:
    """Whether this prints a fixed sentence: it says what lines before it have shown."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != "print":
        return False
    return bool(call.args) and all(isinstance(argument, ast.Constant) for argument in call.args)


def lost_statements(source: str, lost: set[str], pictures: bool = True) -> list[ast.stmt]:
    """The statements of a cell that cannot run; `lost`, the names that do not exist, is brought up to date.

    Where a part of a picture is lost, the whole picture is: `pictures` says whether those of the cell are drawn.
    """
    before, statements, drawn = set(lost), [], set()
    for statement in ast.parse(source).body:
        used, defined = names_of(statement)
        claim = bool(statements) and is_claim(statement)
        if imports_tensorflow(statement) or used & lost or claim or ("figure" in defined and not pictures):
            statements.append(statement)
            lost |= (defined | changed_in_place(statement)) - set(dir(builtins))
            if used & drawn and pictures:
                lost.clear()
                lost |= before
                return lost_statements(source, lost, pictures=False)
        else:
            lost -= defined
            drawn |= defined if "figure" in defined else set()
    return statements


def commented(source: str, statements: list[ast.stmt]) -> str:
    """The source with these statements as comments."""
    lines = source.splitlines()
    for statement in statements:
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(one.lineno for one in decorators)])
        for number in range(first - 1, statement.end_lineno or first):
            lines[number] = f"# {lines[number]}".rstrip()
    return "\n".join([NOTE, *lines] if statements else lines)


def without_tensorflow(notebook: NotebookNode) -> int:
    """Changes the notebook's cells; the number of those of which something had to be taken out."""
    lost: set[str] = set()
    changed = 0
    for cell in notebook.cells:
        if cell.cell_type != "code" or cell.source.lstrip().startswith(MAGIC):
            continue
        statements = lost_statements(cell.source, lost)
        cell.source = commented(cell.source, statements)
        changed += bool(statements)
    return changed
