"""The page "What the grader promises" counts what is there."""

import re

import battery
import holes
import payloads
import pytest
from test_forbid import WAYS

from convbook.course.settings import ROOT

PAGE = (ROOT / "pages/promises.md").read_text(encoding="utf-8")
COUNTS = {
    r"a class of (\d+) submissions": len(battery.CLASS),
    r"(\d+) of which are hostile or broken": sum(not one.honest for one in battery.CLASS),
    r"(\d+) ways to make a page act": len(payloads.PAYLOADS),
    r"(\d+) ways to look for each forbidden function": len(WAYS),
    r"(\d+) walls taken away": len(holes.HOLES),
}


@pytest.mark.parametrize("words", COUNTS)
def test_page_counts_what_is_tried(words):
    """Every number on the page is that of the tests."""
    assert re.findall(words, PAGE) == [str(COUNTS[words])]


def test_every_file_that_the_page_names_is_there():
    """A reader finds what the page speaks of."""
    named = re.findall(r"`(tests/[\w/]+\.py)`", PAGE)
    assert named and all((ROOT / path).is_file() for path in named)


@pytest.mark.parametrize("hole", holes.HOLES, ids=[hole.wall for hole in holes.HOLES])
def test_each_hole_names_a_wall_that_stands(hole):
    """What `make siege` takes away is there to be taken away."""
    for file, text, _ in hole.changes:
        assert (ROOT / file).read_text(encoding="utf-8").count(text) == 1
