"""A class that works independently, and copies of it: answers that are written anew by many small choices."""

import ast
import random

from convbook.autograder.copying import Text
from convbook.course.cells import grade_id, is_answer, reference_answer
from convbook.course.misconceptions import load_module, read_bank, source_as
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT

NAME = "02_convolution"
SOURCE = ROOT / "solutions" / NAME
RIGHT = 0.75  # of the answers of a class


class Rewriter(ast.NodeTransformer):
    """Writes a program in another way that does the same: each choice is drawn where it can be made."""

    def __init__(self, draw):
        self.draw = draw
        self.number = 0

    def chance(self):
        return self.draw.random() < 0.5

    def name(self):
        self.number += 1
        return f"part{self.number}"

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        if not self.chance():
            return node
        value = ast.BinOp(parsed(ast.unparse(node.target)), node.op, node.value)
        return ast.Assign([node.target], value)

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Pow) and self.chance():
            return self.draw.choice([ast.BinOp(node.left, ast.Mult(), node.left), call("np.square", node.left)])
        if isinstance(node.op, (ast.Add, ast.Mult)) and self.chance():
            node.left, node.right = node.right, node.left
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        name = ast.unparse(node.func)
        if name == "range" and len(node.args) == 1 and self.chance():
            node.args.insert(0, ast.Constant(0))
        elif name == "len" and self.chance():
            return parsed(f"{ast.unparse(node.args[0])}.{self.draw.choice(['shape[0]', 'size'])}")
        elif name == "float" and self.chance():
            return ast.BinOp(ast.Constant(1.0), ast.Mult(), node.args[0])
        elif name == "np.zeros" and self.chance():
            return ast.Call(node.func, [], [ast.keyword("shape", node.args[0])])
        elif name.endswith(".astype") and self.chance():
            return call(self.draw.choice(["np.asarray", "np.array"]), node.func.value, ast.Name("float"))
        elif name.endswith(".sum") and not node.keywords and self.chance():
            return call("np.sum", node.func.value, *node.args)
        elif name.endswith(".reshape") and self.chance():
            return call("np.reshape", node.func.value, ast.Tuple(node.args) if len(node.args) > 1 else node.args[0])
        return node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if node.attr == "T" and self.chance():
            return call("np.transpose", node.value)
        return node

    def visit_Return(self, node):
        self.generic_visit(node)
        if not self.chance():
            return node
        name = self.name()
        return [ast.Assign([ast.Name(name)], node.value), ast.Return(ast.Name(name))]

    def visit_Assign(self, node):
        self.generic_visit(node)
        target = node.targets[0]
        if isinstance(target, ast.Tuple) and ast.unparse(node.value).endswith(".shape") and self.chance():
            return [ast.Assign([one], parsed(f"{ast.unparse(node.value)}[{i}]")) for i, one in enumerate(target.elts)]
        if isinstance(node.value, ast.BinOp) and self.chance():
            left, name = node.value.left, self.name()
            value = ast.BinOp(ast.Name(name), node.value.op, node.value.right)
            return [ast.Assign([ast.Name(name)], left), ast.Assign(node.targets, value)]
        return node


def parsed(text):
    """An expression."""
    return ast.parse(text, mode="eval").body


def call(name, *arguments):
    """A call of a function."""
    return ast.Call(parsed(name), list(arguments), [])


def rewritten(source, draw):
    """A program that does the same."""
    tree = ast.fix_missing_locations(Rewriter(draw).visit(ast.parse(source)))
    return ast.unparse(tree)


def functions():
    """By function: right answers, and wrong ones of the bank."""
    source = read_notebook(SOURCE / f"{NAME}.ipynb")
    others = load_module(ROOT / "tests" / "sample_class" / "answers.py")["VECTORISED"]
    found = {}
    for cell in source.cells:
        if is_answer(cell) and cell.cell_type == "code":
            name = grade_id(cell)
            right = [reference_answer(source, name), source_as(others[name], name)]
            found[name] = (
                right,
                [wrong.source for wrong in read_bank(SOURCE / "misconceptions.py") if wrong.function == name],
            )
    return found


def released():
    """The answers that were released, by cell."""
    notebook = read_notebook(ROOT / "assignments" / NAME / f"{NAME}.ipynb")
    return {grade_id(cell): Text(cell.source) for cell in notebook.cells if is_answer(cell) and cell.cell_type == "code"}


def independent(number, seed, right=RIGHT):
    """A class whose answers were all chosen and written independently."""
    draw, known = random.Random(seed), functions()
    return {
        f"s{place:03}": {
            name: Text(rewritten(draw.choice(good if draw.random() < right else bad), draw))
            for name, (good, bad) in known.items()
        }
        for place in range(number)
    }


class Disguise(ast.NodeTransformer):
    """Gives all names of a function others, and exchanges neighbours that do not need each other."""

    def __init__(self, tree, draw):
        own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        self.names = {
            name: f"{draw.choice('abcdefgh')}{place}_{draw.randrange(100)}" for place, name in enumerate(sorted(own))
        }
        self.draw = draw

    def visit_Name(self, node):
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node):
        node.arg = self.names.get(node.arg, node.arg)
        return node

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        body = node.body
        for at in range(len(body) - 1):
            first, second = body[at], body[at + 1]
            needs = uses(second) & binds(first) or binds(second) & (uses(first) | binds(first))
            if not needs and not isinstance(second, ast.Return):
                body[at], body[at + 1] = body[at + 1], body[at]
        if self.draw.random() < 0.5:
            node.body.insert(0, ast.Expr(ast.Constant("My own words about this function.")))
        return node


def binds(node):
    """The names that a statement gives values to; whatever it changes counts."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)} | {
        ast.unparse(one.value) for one in ast.walk(node) if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store)
    }


def uses(node):
    """The names that a statement reads."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def copied(answers, draw):
    """The answers of somebody, renamed, reordered and laid out anew."""
    made = {}
    for name, text in answers.items():
        tree = ast.parse(text.source)
        source = ast.unparse(ast.fix_missing_locations(Disguise(tree, draw).visit(tree)))
        made[name] = Text(source.replace("    ", "  ").replace("\n", "\n\n") + "  # done\n")
    return made
