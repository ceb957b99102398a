"""What is derived equals what its source gives, and one setting decides where the course lives."""

import filecmp
import re

import pytest
from packaging.requirements import Requirement

from convbook.course.assignments import assignment_names, course_config
from convbook.course.notebooks import chapters, read_notebook
from convbook.course.release import generate, stale_chapters
from convbook.course.settings import ROOT, Repository, read_repository


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A release made now from solutions/."""
    folder = tmp_path_factory.mktemp("release")
    generate(assignment_names(), folder)
    return folder


def test_assignments_are_what_solutions_release(fresh):
    """assignments/ holds the files that nbgrader makes from solutions/ now: else run `make release`."""
    for name in assignment_names():
        made = sorted(path.name for path in (fresh / name).iterdir())
        stored = sorted(path.name for path in (ROOT / "assignments" / name).iterdir())
        assert made == stored
        _, different, failed = filecmp.cmpfiles(fresh / name, ROOT / "assignments" / name, made, shallow=False)
        assert different + failed == [], "run `make release`"


def test_assignments_hold_no_others():
    """Every released assignment has a solution of its name."""
    assert sorted(path.name for path in (ROOT / "assignments").iterdir()) == assignment_names()


def test_release_holds_no_solution_and_no_hidden_test(fresh):
    """Neither a solution, a hidden test, nor the bank of misconceptions is in what students get."""
    for path in fresh.rglob("*.ipynb"):
        source = "\n".join(cell.source for cell in read_notebook(path).cells)
        assert "BEGIN SOLUTION" not in source and "HIDDEN TESTS" not in source
        assert "YOUR CODE HERE" in source
    assert not list(fresh.rglob("misconceptions*"))


def test_release_refuses_a_broken_solution(tmp_path):
    """An assignment that nbgrader cannot release is an error that names it."""
    with pytest.raises(RuntimeError, match="no_such_assignment"):
        generate(["no_such_assignment"], tmp_path)


def test_course_config_moves_only_what_it_is_told(tmp_path):
    """The repository's nbgrader_config.py holds for everything that is not moved."""
    config = course_config(ROOT, release_directory=str(tmp_path))
    assert config.CourseDirectory.release_directory == str(tmp_path)
    assert config.CourseDirectory.source_directory == "solutions"


def test_chapters_install_from_the_address_in_the_settings():
    """The first code cell of every chapter has the address of _config.yml, and only it: else run `make release`."""
    assert chapters() and stale_chapters(read_repository()) == []
    assert stale_chapters(Repository("https://github.com/someone/fork", "main")) == chapters()


def test_address_stands_in_one_place():
    """Outside the generated cells, only _config.yml names the repository."""
    slug = read_repository().slug
    pages = [*ROOT.glob("*.md"), *ROOT.glob("*.toml"), *ROOT.glob("convbook/**/*.py")]
    assert [path.name for path in pages if slug in path.read_text(encoding="utf-8")] == []
    for path in ROOT.glob("assignments/*/*.ipynb"):
        assert [cell.id for cell in read_notebook(path).cells if slug in cell.source] == ["check-setup"]


def test_lock_pins_everything_that_is_asked_for():
    """requirements.txt pins each package, and satisfies each line of requirements.in: else run `make lock`."""
    lines = [
        line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and not line.lstrip().startswith("#")
    ]
    pinned = {}
    for line in lines:
        name, version = re.match(r"([\w.\-\[\]]+)==([\w.\-+]+)", line).groups()
        pinned.setdefault(name.lower(), []).append(version)
    asked = [line.split("#")[0].strip() for line in (ROOT / "requirements.in").read_text().splitlines()]
    for requirement in map(Requirement, filter(None, asked)):
        assert all(requirement.specifier.contains(version) for version in pinned[requirement.name.lower()])


def test_readme_names_the_pinned_tensorflow():
    """The README's line for GPUs names the version that is pinned."""
    version = re.search(r"^tensorflow==(\S+)", (ROOT / "requirements.txt").read_text(), re.M).group(1)
    assert f"tensorflow[and-cuda]=={version}" in (ROOT / "README.md").read_text()


def test_makefile_explains_every_target():
    """`make help` has a line for every target that a person can name."""
    text = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)", text, re.M).group(1).split()
    assert [name for name in targets if not re.search(rf"^{name}:.*## \S", text, re.M)] == []
