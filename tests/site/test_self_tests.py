"""The self-tests at the end of the chapters: their form, which is what a translator and a reader without scripts rely on."""

import re

import pytest

from convbook.course.notebooks import chapters, read_notebook

CHOICE = (
    r"- (?P<choice>.+)\n\n  <details><summary>Is it this one\?</summary>\n\n"
    r"  \*\*(?P<word>Yes|No)\.\*\* (?P<why>.+)\n\n  </details>\n"
)


def questions(path):
    """The Markdown cells that follow the heading `## Test yourself`, up to the next heading."""
    sources = [cell.source for cell in read_notebook(path).cells]
    start = next(i for i, source in enumerate(sources) if source.startswith("## Test yourself"))
    end = next(i for i, source in enumerate(sources) if i > start and source.startswith("## "))
    assert sources[end].startswith("## What to remember")
    return sources[start + 1 : end]


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_self_test_has_four_to_six_questions_with_one_right_choice_each(path):
    """Each question has three or four choices, each choice is explained, and exactly one is right."""
    cells = questions(path)
    assert 4 <= len(cells) <= 6
    for number, source in enumerate(cells, 1):
        text, *_ = source.split("\n\n- ")
        choices = list(re.finditer(CHOICE, source + "\n"))
        assert text.startswith(f"**Question {number}.** ")
        assert text + "\n\n" + "\n".join(match.group(0) for match in choices) == source + "\n", "nothing between the choices"
        assert 3 <= len(choices) <= 4 and len({match["choice"] for match in choices}) == len(choices)
        assert [match["word"] for match in choices].count("Yes") == 1
        assert min(len(match["why"]) for match in choices) >= 20


def test_self_tests_put_the_right_choice_in_every_place():
    """Whoever always takes the same place is right in less than half of the questions."""
    places = []
    for path in chapters():
        for source in questions(path):
            words = re.findall(r"^  \*\*(Yes|No)\.\*\*", source, re.MULTILINE)
            places.append(words.index("Yes"))
    assert max(places.count(place) for place in range(4)) < len(places) / 2
