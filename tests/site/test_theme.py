"""What the book adds to its theme, without building it."""

from types import SimpleNamespace

import pytest

from convbook.site import theme

SCRIPT = '{bars:[448,512,["navicon"],"f0c9","M0 1"],bars:[10,20,[],"f0c9","M2 3"],"file-pdf":[512,512,[],"f1c1","M4 5"]}'


def test_theme_icons_are_font_awesomes_filled_drawings():
    """An icon's rule holds the last of the drawings that have its name, in its own size."""
    assert theme.icon_rule("bars", "bars", SCRIPT).startswith('.fa-bars { --icon: url("data:image/svg+xml,')
    assert "0 0 10 20" in theme.icon_rule("bars", "bars", SCRIPT) and "M2 3" in theme.icon_rule("bars", "bars", SCRIPT)
    assert "M4 5" in theme.icon_rule("file-pdf", "file-pdf", SCRIPT)


def test_theme_says_which_icon_is_missing():
    """A drawing that Font Awesome does not have is an error with its name."""
    with pytest.raises(ValueError, match="Received: house"):
        theme.icon_rule("house", "house", SCRIPT)


def test_theme_pictures_get_their_size_once():
    """A picture of the book is loaded late and has its size; others, and those that are done, stay as they are."""
    sizes = {"a b.png": (30, 20)}
    done = theme.sized('<img alt="the width=3 of a loading=bar" src="../_images/a%20b.png" />', sizes)
    assert done.startswith('<img loading="lazy" decoding="async" width="30" height="20" alt="the width=3')
    assert theme.sized(done, sizes) == done
    assert theme.sized('<img src="_static/logo.svg" />', sizes) == '<img src="_static/logo.svg" />'


def test_theme_description_is_the_first_paragraph_cut_at_a_word():
    """A page's description is plain text, without tags and TeX's brackets, and not longer than a search engine shows."""
    assert theme.description("<h1>A</h1><p>One <b>bold</b> &amp; \\(x\\)\nline.</p><p>Two.</p>") == "One bold & x line."
    cut = theme.description(f"<p>{'word ' * 100}</p>")
    assert cut.endswith("word …") and len(cut) <= theme.DESCRIPTION_LENGTH + 2
    assert theme.description("<h1>No text</h1>") == ""


def test_theme_removes_what_no_page_needs():
    """Thebe is nowhere; what draws cards is on pages with cards."""
    names = ["sphinx-thebe.js", "design-tabs.js", "copybutton.js"]
    assets = [SimpleNamespace(filename=name, attributes={}) for name in names]
    assets.append(SimpleNamespace(filename=None, attributes={"body": "const THEBE_JS_URL = 1"}))
    assert [asset.filename for asset in theme.needed(assets, '<div class="sd-card">')] == names[1:]
    assert [asset.filename for asset in theme.needed(assets, "<p>")] == names[2:]
