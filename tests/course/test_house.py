"""The house: which wing may import which, and where the heavy packages may be imported. See "The house" in CONTRIBUTING.md."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from convbook.course.settings import ROOT

# From the ground floor up: a wing may import those that are named behind it, and nothing above it. The library is "".
WINGS = {
    "": set(),
    "pretrained": {""},
    "datasets": {""},
    "explorer": {""},
    "model_files": set(),
    "check": {"model_files"},
    "course": {"", "check", "datasets", "explorer", "model_files"},
    "site": {"", "course", "explorer"},
    "autograder/crossing": {"model_files"},
    "autograder/inside": {"autograder/crossing", "model_files"},
    "autograder/wall": {"autograder/crossing", "course", "model_files"},
    "autograder": {"autograder/crossing", "autograder/inside", "autograder/wall", "course", "model_files"},
}
# What the facade of the library and the command may import besides: the names that everybody knows, and every job.
DOORS = {"convbook/__init__.py": {"datasets"}, "convbook/cli.py": set(WINGS)}
# Packages that take seconds to import, or that a reader need not have, and the files that import them in their first lines.
HEAVY = {
    "keras": r"(?!)",
    "tensorflow": r"(?!)",
    "matplotlib": r"convbook/figures\.py",
    "nbgrader": r"(?!)",
    "sphinx": r"convbook/site/.*",
    "docutils": r"convbook/site/.*",
    "myst_nb": r"convbook/site/.*",
    "click": r"convbook/cli\.py",
    "nbformat": r"convbook/(autograder|course|site)/.*",
}


@dataclass(frozen=True)
class Import:
    """An import: the file and the line where it stands, the module, and whether it is at the file's top level."""

    file: str
    line: int
    module: str
    top: bool


def imports(path: Path, root: Path = ROOT) -> Iterator[Import]:
    """All imports of a file, also those within functions; of ours, the module's file rather than a name in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
        if isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{name}" for name in names]
            names = [one if is_module(one, root) else str(node.module) for one in inner]
        for name in names:
            yield Import(path.relative_to(root).as_posix(), node.lineno, name, id(node) in top)


def is_module(name: str, root: Path) -> bool:
    """Whether it is one of our files or folders."""
    place = root / name.replace(".", "/")
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def wing(place: str) -> str:
    """The wing that a file, or a module written as a path, belongs to: the longest that fits."""
    inner = place.removeprefix("convbook").strip("/")
    return max((name for name in WINGS if name and f"{inner}/".startswith(f"{name}/")), key=len, default="")


def broken_rules(root: Path = ROOT) -> list[str]:
    """Each import that breaks a rule: file, line, and the rule."""
    found = [one for path in sorted((root / "convbook").rglob("*.py")) for one in imports(path, root)]
    said = [f"{one.file}:{one.line}: {rule}" for one in found for rule in rules_broken_by(one)]
    return said + [f"{' -> '.join(circle)}: imports must not run in a circle" for circle in circles(found, root)]


def rules_broken_by(one: Import) -> Iterator[str]:
    """What an import breaks."""
    package, here = one.module.split(".")[0], wing(one.file)
    if package == "convbook":
        there = wing(one.module.replace(".", "/"))
        allowed = WINGS[here] | {here} | DOORS.get(one.file, set())
        if there not in allowed:
            yield f"{here or 'the library'} must not import {there or 'the library'}. Received: {one.module}"
    elif one.top and package in HEAVY and not re.fullmatch(HEAVY[package], one.file):
        yield f"{package} must be imported in the function that needs it. Received: at the top of the file"


def circles(found: list[Import], root: Path) -> list[list[str]]:
    """Circles of files at the top level of which one imports the next."""
    next_to: dict[str, set[str]] = {}
    for one in found:
        if one.top and one.module.startswith("convbook"):
            place = root / one.module.replace(".", "/")
            file = place.with_suffix(".py") if place.with_suffix(".py").is_file() else place / "__init__.py"
            next_to.setdefault(one.file, set()).add(file.relative_to(root).as_posix())
    clear: set[str] = set()
    return [circle for start in sorted(next_to) if (circle := circle_from(start, next_to, [], clear))]


def circle_from(file: str, next_to: dict[str, set[str]], way: list[str], clear: set[str]) -> list[str]:
    """The first circle that is found on a way; empty if there is none."""
    if file in way:
        return [*way[way.index(file) :], file]
    if file not in clear:
        for following in sorted(next_to.get(file, ())):
            if circle := circle_from(following, next_to, [*way, file], clear):
                return circle
        clear.add(file)
    return []


def test_no_import_breaks_a_rule():
    """Nothing is imported upwards, in a circle, or at the top of a file where it is too heavy."""
    assert broken_rules() == []


PLANTED = {
    "upwards": (
        "convbook/conv.py",
        "def f():\n    from convbook.course import files\n",
        "conv.py:2: the library must not",
    ),
    "between wings": (
        "convbook/site/theme.py",
        "import convbook.autograder.grade\n",
        "theme.py:1: site must not import",
    ),
    "through the wall": ("convbook/autograder/inside/student.py", "from convbook.course import files\n", "inside must not"),
    "heavy": (
        "convbook/devices.py",
        "import keras\n",
        "devices.py:1: keras must be imported in the function",
    ),
    "in a circle": ("convbook/padding.py", "from convbook import shapes\n", "convbook/padding.py -> convbook/shapes.py"),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_wrong_import_is_named_with_its_line(tmp_path, kind):
    """A planted import is found, and the sentence says where it stands and which rule it breaks."""
    file, source, said = PLANTED[kind]
    for name in (file, "convbook/shapes.py", "convbook/course/files.py", "convbook/autograder/grade.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("from convbook import padding\n" if kind == "in a circle" and "shapes" in name else "")
    (tmp_path / file).write_text(source)
    assert any(said in line for line in broken_rules(tmp_path)), broken_rules(tmp_path)


def test_every_folder_is_a_wing():
    """A new folder of the package has its line in the list."""
    folders = {path.parent.relative_to(ROOT / "convbook").as_posix() for path in (ROOT / "convbook").rglob("*.py")}
    assert {wing(f"convbook/{folder}") for folder in folders - {"."}} == set(WINGS) - {""}


def test_the_root_is_short():
    """A newcomer sees at most 24 things."""
    import subprocess

    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\n")
    if len(listed) < 10:
        pytest.skip("This needs a checkout with git.")
    assert len({path.split("/")[0] for path in listed if path}) <= 24


@pytest.mark.parametrize("module", ["convbook.course.run_chapters", "convbook.autograder.worker"])
def test_no_process_of_ours_builds_a_grammar_when_it_starts(module):
    """nbformat comes without the grammar for internationalised addresses: it would take each process over two seconds."""
    program = f"import {module}, nbformat, sys; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
