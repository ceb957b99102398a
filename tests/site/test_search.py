"""What the search knows of the chapters: titles, headings, and where terms are bold."""

from convbook.course.notebooks import chapters
from convbook.course.settings import ROOT
from convbook.site.search import places


def test_each_chapter_is_there_with_its_title_and_its_headings():
    """One title and several headings each; the headings that all chapters have say nothing."""
    found = places(chapters(ROOT))
    documents = [f"chapters/{path.stem}" for path in chapters(ROOT)]
    assert [document for document, _ in found["titles"]] == documents
    assert all(sum(one == document for one, _ in found["headings"]) >= 5 for document in documents)
    assert not [text for _, text in found["headings"] if text.startswith("what to remember")]


def test_a_term_belongs_to_the_chapter_that_defines_it():
    """That is where it is bold first."""
    terms = places(chapters(ROOT))["terms"]
    assert terms["backpropagation"] == "chapters/07_learning_the_filters"
    assert terms["cross correlation"] == "chapters/02_convolution"
