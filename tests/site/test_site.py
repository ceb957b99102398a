"""The built site: complete, without a warning, and without any other host."""

import re
import subprocess
from urllib.parse import unquote

import pytest

from convbook.course.notebooks import chapters
from convbook.course.settings import ROOT, read_repository

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pages():
    """The site's pages by their path, built by `make site` (with -W: a warning is an error)."""
    made = subprocess.run(["make", "site"], cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout[-4000:] + made.stderr[-4000:]
    folder = ROOT / "_build" / "html"
    written = [path for path in folder.rglob("*.html") if path.name not in ("search.html", "genindex.html")]
    written = [path for path in written if path.relative_to(folder).parts[0] != "lite"]  # JupyterLite's own
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in written}


def articles(pages):
    """The part of each page that its author wrote."""
    found = {name: re.search(r"<article.*?</article>", html, re.S) for name, html in pages.items()}
    return {name: match.group(0) for name, match in found.items() if match}


def test_site_has_every_chapter_executed(pages):
    """Every chapter is a page with outputs, and no cell failed."""
    for path in chapters():
        html = pages[f"chapters/{path.stem}.html"]
        assert 'class="output' in html or "cell_output" in html
        assert "Traceback" not in html


def test_site_pictures_have_alternative_text(pages):
    """Every picture of every page says what it shows."""
    pictures = [(name, tag) for name, html in articles(pages).items() for tag in re.findall(r"<img[^>]*>", html)]
    assert len(pictures) > 10
    assert [(name, tag) for name, tag in pictures if not re.search(r'alt="[^"]{10,}"', tag)] == []


def test_site_needs_no_other_host_to_be_read(pages):
    """Scripts, style sheets and pictures come from the site itself, KaTeX included."""
    loaded = r'<(?:script|img|link)[^>]+?(?:src|href)="(https?:[^"]+)"'
    foreign = {url for html in pages.values() for tag, url in re.findall(f"({loaded})", html) if 'rel="canonical"' not in tag}
    assert {url for url in foreign if not url.startswith("https://mybinder.org")} == set()
    html = pages["chapters/02_convolution.html"]
    assert "katex/katex.min.js" in html
    assert (ROOT / "_build/html/_static/katex/katex.min.js").stat().st_size > 200_000


def test_site_chapters_open_on_colab_binder_and_github(pages):
    """Each chapter has the three buttons, and its Colab link names a file of the repository."""
    repository = read_repository()
    colab = f"https://colab.research.google.com/github/{repository.slug}/blob/{repository.branch}/"
    for path in chapters():
        html = pages[f"chapters/{path.stem}.html"]
        assert f"{colab}chapters/{path.name}" in html
        assert "mybinder.org/v2/gh/" + repository.slug in html and f'href="{repository.url}"' in html
    for html in pages.values():
        for file in re.findall(re.escape(colab) + r'([^"]+)"', html):
            assert (ROOT / unquote(file)).is_file(), file


def test_site_links_inside_lead_somewhere(pages):
    """Every link to a page or a place of the site has a target."""
    ids = {name: set(re.findall(r'\bid="([^"]+)"', html)) for name, html in pages.items()}
    folder = ROOT / "_build" / "html"
    for name, html in articles(pages).items():
        for href in re.findall(r'href="([^":]*)"', html):
            target, _, anchor = unquote(href.partition("?")[0]).partition("#")
            file = (folder / name).parent / target if target else folder / name
            assert file.resolve().is_file(), (name, href)
            inside = str(file.resolve().relative_to(folder.resolve()))
            assert not anchor or inside not in ids or anchor in ids[inside], (name, href)


def test_a_line_that_grows_stays_one_line():
    """Pieces of a progress bar are joined as they were printed; other outputs and the other stream stay in their order."""
    from convbook.site.sphinx_extension import joined

    pieces = [("stdout", "epoch 1 ="), ("stderr", "note"), ("stdout", "="), ("stdout", "= done\n")]
    outputs = [{"output_type": "stream", "name": name, "text": text} for name, text in pieces]
    picture = {"output_type": "display_data", "data": {}}
    texts = [output.get("text") for output in joined([*outputs, picture])]
    assert texts == ["epoch 1 === done\n", "note", None]
