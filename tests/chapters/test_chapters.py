"""Chapters as texts: complete, in the book, and in the rhythm that all of them share."""

import re

import pytest
import yaml

from convbook.course.notebooks import SETUP_TAG, chapters, read_notebook
from convbook.course.settings import ROOT

LONGEST = 18  # lines of a code cell
UNFINISHED = r"@@|TODO|FIXME|XXX|PROSE|FULL RUN|<!--|lorem ipsum|coming soon"

by_chapter = pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)


def cells_of(path, kind):
    """The cells of a kind, without the one that installs the package on Colab."""
    cells = read_notebook(path).cells
    return [cell for cell in cells if cell.cell_type == kind and SETUP_TAG not in cell.metadata.get("tags", [])]


def test_there_are_twelve_chapters_and_all_are_in_the_book():
    """The files are the table of contents, in its order, and the front page has a line for each."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]
    listed = [entry["file"] for entry in parts[0]["chapters"]]
    assert listed == [f"chapters/{path.stem}" for path in chapters()]
    assert [path.name[:2] for path in chapters()] == [f"{n:02d}" for n in range(1, 13)]
    front_page = (ROOT / "index.md").read_text()
    assert [file for file in listed if f"]({file})" not in front_page] == []


@by_chapter
def test_chapter_is_finished(path):
    """No cell holds a note of its author."""
    found = [cell.source for cell in read_notebook(path).cells if re.search(UNFINISHED, cell.source)]
    assert found == []


@by_chapter
def test_chapter_has_a_title_an_end_and_exercises(path):
    """It begins with one title and what the reader will be able to do, and ends with what to remember and exercises."""
    texts = [cell.source for cell in cells_of(path, "markdown")]
    headings = re.findall(r"^#+ .*", "\n".join(texts), flags=re.M)
    assert texts[0].startswith("# ") and "able to" in texts[0]
    assert len([heading for heading in headings if heading.startswith("# ")]) == 1
    assert headings[-1] == "## What to remember"
    assert re.search(r"\*\*Exercises\*\*", texts[-1])


@by_chapter
def test_chapter_code_is_short_and_explained(path):
    """No code cell is longer than 18 lines, and at most three in a row stand without prose."""
    notebook = read_notebook(path)
    long = [cell.source for cell in notebook.cells if len(cell.source.splitlines()) > LONGEST and cell.cell_type == "code"]
    assert long == []
    kinds = "".join("c" if cell in cells_of(path, "code") else "m" for cell in notebook.cells)
    assert "cccc" not in kinds


@by_chapter
def test_chapter_stores_text_and_no_pictures(path):
    """Every code cell was executed; what is stored are texts, and no error is among them."""
    for cell in cells_of(path, "code"):
        assert cell.execution_count
        for output in cell.outputs:
            assert output.output_type != "error" and output.get("name") != "stderr"
            assert set(output.get("data", {})) <= {"text/plain"}


@by_chapter
def test_chapter_says_nothing_in_a_condescending_way(path):
    """What is simple for the author need not be so for the reader."""
    text = "\n".join(cell.source for cell in cells_of(path, "markdown"))
    assert re.findall(r"\b(?:simply|obviously|trivial(?:ly)?|of course)\b", text, flags=re.I) == []
