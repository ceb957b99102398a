"""The built site as a reader meets it: in a browser, with every other host out of reach."""

import os
import re
import subprocess
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import browser
import pytest

from convbook.course.notebooks import chapters
from convbook.course.settings import ROOT

pytestmark = pytest.mark.slow

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
KINDS_OF_PAGES = ["index.html", "pages/notation.html", "pages/practice.html", "chapters/05_padding.html"]
LARGEST_PAGE = 1_500_000  # bytes as they lie on the disk; a server that compresses sends a third of them
LARGEST_SHIFT = 0.1  # the limit of a good page at https://web.dev/articles/cls
RECORD_SHIFTS = """
    window.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shift += entry.value)))
        .observe({ type: "layout-shift", buffered: true });
"""
SCROLL = """async () => {
    for (let y = 0; y < document.body.scrollHeight; y += 600) {
        scrollTo(0, y);
        await new Promise((go) => setTimeout(go, 25));
    }
    scrollTo(0, 0);
}"""
UNDRAWN = """() => {
    dispatchEvent(new Event("beforeprint"));
    const formulas = [...document.querySelectorAll(".math.notranslate")];
    return formulas.filter((math) => math.querySelector(".katex-error") || !math.querySelector(".katex"))
        .map((math) => math.textContent);
}"""


@dataclass
class Visit:
    """What happened as one page was loaded, read to its end, and looked at on a phone."""

    problems: list
    violations: list
    size: int
    shift: float
    undrawn: list
    phone_width: int


class Links(HTMLParser):
    """What a page points to, what can be pointed to on it, and its pictures."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.targets, self.pictures = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        """Takes what one element says."""
        found = dict(attributes)
        self.ids |= {found.get("id"), found.get("name")}
        self.targets += [found[key] for key in ("href", "src") if found.get(key)]
        self.pictures += [found] if tag == "img" else []


@pytest.fixture(scope="module")
def folder():
    """The site's folder: that of `CONVBOOK_SITE`, or what `make site` builds (with -W: a warning is an error)."""
    if os.environ.get("CONVBOOK_SITE"):
        return Path(os.environ["CONVBOOK_SITE"]).resolve()
    made = subprocess.run(["make", "site"], cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout[-4000:] + made.stderr[-4000:]
    return ROOT / "_build" / "html"


@pytest.fixture(scope="module")
def pages(folder):
    """The paths of all pages. JupyterLite's are not the book's."""
    paths = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))
    found = [path for path in paths if not path.startswith(("lite/", "_static/"))]
    assert len(found) > len(chapters())
    return found


@pytest.fixture(scope="module")
def axe(npm_package):
    """The script of axe-core."""
    return npm_package("axe-core", "4.14.1") / "axe.min.js"


def violations(page, axe):
    """What axe finds wrong on the page: (rule, element) each."""
    page.add_script_tag(path=str(axe))
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [(rule["id"], node["html"][:200]) for rule in found for node in rule["nodes"]]


def visit(page, address, axe):
    """Loads a page, scrolls through it, inspects it, and narrows the window to a phone's."""
    sizes = []
    page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))))
    page.add_init_script(RECORD_SHIFTS)
    page.goto(address, wait_until="networkidle")
    size = sum(sizes)
    page.evaluate(SCROLL)
    shift, undrawn = page.evaluate("window.shift"), page.evaluate(UNDRAWN)
    found = violations(page, axe)
    page.set_viewport_size(PHONE)
    return Visit(page.problems, found, size, shift, undrawn, page.evaluate("document.documentElement.scrollWidth"))


@pytest.fixture(scope="module")
def visits(chromium, folder, pages, axe):
    """Every page visited once, in a wide and light window."""
    seen = {}
    with browser.served(folder) as address:
        for name in pages:
            with browser.page_of(chromium, viewport=WIDE, color_scheme="light") as page:
                seen[name] = visit(page, f"{address}/{name}", axe)
    return seen


def test_site_pages_run_without_a_fault(visits):
    """No page has a failed request, one to another host, a console error or an exception."""
    assert {name: seen.problems for name, seen in visits.items() if seen.problems} == {}


def test_site_pages_have_no_finding_of_axe(visits):
    """Every page keeps WCAG 2.2 A and AA, and the best practices, as far as axe can tell."""
    assert {name: seen.violations for name, seen in visits.items() if seen.violations} == {}


@pytest.mark.parametrize("viewport, scheme", [(WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")])
def test_site_is_accessible_in_both_themes_and_sizes(chromium, folder, axe, viewport, scheme):
    """Each kind of page has no finding of axe in dark colours and on a phone either."""
    found = {}
    with browser.served(folder) as address:
        for name in KINDS_OF_PAGES:
            with browser.page_of(chromium, viewport=viewport, color_scheme=scheme) as page:
                page.goto(f"{address}/{name}", wait_until="networkidle")
                assert page.evaluate("document.documentElement.dataset.theme") == scheme
                found[name] = violations(page, axe)
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_site_pages_are_small(visits):
    """Until the reader scrolls, no page costs more than 1.5 MB, uncompressed."""
    assert {name: seen.size for name, seen in visits.items() if not 0 < seen.size <= LARGEST_PAGE} == {}


def test_site_pages_stand_still(visits):
    """Nothing that the reader looks at moves while a page loads and is scrolled."""
    assert {name: seen.shift for name, seen in visits.items() if seen.shift >= LARGEST_SHIFT} == {}


def test_site_formulas_are_drawn(visits):
    """KaTeX draws every formula of every page."""
    assert {name: seen.undrawn for name, seen in visits.items() if seen.undrawn} == {}


def test_site_pages_fit_a_phone(visits):
    """No page is wider than a phone: what is wider scrolls in its own place."""
    assert {name: seen.phone_width for name, seen in visits.items() if seen.phone_width > PHONE["width"]} == {}


def test_site_links_lead_somewhere_in_every_part_of_a_page(folder, pages):
    """Every link, script, style sheet and picture of the site has its target: menus, contents and footers included."""
    parsed = {(folder / name).resolve(): Links(folder / name) for name in pages}
    broken = []
    for path, links in parsed.items():
        for target in links.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            if not file.exists() or (anchor and file in parsed and anchor not in parsed[file].ids):
                broken.append((path.name, target))
    assert broken == []


def test_site_pictures_keep_their_place(folder, pages):
    """Every picture has alternative text; each of a page's text is loaded late, into a place of its size."""
    pictures = [(name, picture) for name in pages for picture in Links(folder / name).pictures]
    assert len(pictures) > 10
    assert [(name, picture) for name, picture in pictures if not picture.get("alt")] == []
    own = [(name, picture) for name, picture in pictures if "_images/" in picture["src"]]
    wanted = {"loading", "width", "height"}
    assert [(name, picture["src"]) for name, picture in own if not wanted <= set(picture)] == []


def test_site_icons_are_drawn(folder, pages):
    """Every icon that a page names has its drawing in icons.css."""
    drawings = (folder / "_static" / "icons.css").read_text(encoding="utf-8")
    words = {word for name in pages for word in (folder / name).read_text(encoding="utf-8").replace('"', " ").split()}
    icons = {word for word in words if word.startswith("fa-")} - {"fa-solid", "fa-brands", "fa-lg"}
    assert icons and {icon for icon in icons if f".{icon} " not in drawings} == set()


def test_site_front_page_is_one_click_from_the_first_chapter(chromium, folder):
    """The first button of the front page opens chapter 01."""
    with browser.served(folder) as address, browser.page_of(chromium, viewport=PHONE) as page:
        page.goto(f"{address}/index.html")
        page.locator("article a.sd-btn").first.click()
        page.wait_for_url("**/chapters/01_*.html")
        assert page.problems == []


def test_site_search_works_without_another_host(chromium, folder):
    """The search page finds the chapter on stride."""
    with browser.served(folder) as address, browser.page_of(chromium, viewport=WIDE) as page:
        page.goto(f"{address}/search.html?q=stride")
        page.wait_for_selector("#search-results a[href*='04_stride']")
        assert page.problems == []


FOUND = {  # what a reader looks for, and the chapter that must come first
    **{"spatial structure": "01", "flattening": "01", "equivariance": "01", "inductive bias": "01"},
    **{"convolution": "02", "cross-correlation": "02", "feature map": "02", "window": "02"},
    **{"channel": "03", "RGB": "03", "depthwise convolution": "03", "stride": "04", "dilation": "04"},
    **{"receptive field": "04", "aliasing": "04", "padding": "05", "same padding": "05", "pooling": "06", "max pooling": "06"},
    **{"backpropagation": "07", "softmax": "07", "learning rate": "07", "dropout": "08", "batch normalisation": "08"},
    **{"data augmentation": "09", "residual block": "10", "Grad-CAM": "11", "saliency": "11", "adversarial example": "11"},
    **{"transfer learning": "12", "fine-tuning": "12"},
}


def test_site_search_finds_the_chapter_first(chromium, folder):
    """A query that names a chapter's subject finds the chapter before the glossary."""
    first = {}
    with browser.served(folder) as address, browser.page_of(chromium, viewport=WIDE) as page:
        for query in FOUND:
            page.goto(f"{address}/search.html?q={quote(query)}")
            page.wait_for_selector("#search-results li a")
            first[query] = page.locator("#search-results li a").first.get_attribute("href")
    assert {query: re.findall(r"chapters/(\d\d)_", place) for query, place in first.items()} == {
        query: [chapter] for query, chapter in FOUND.items()
    }


def test_site_can_be_read_without_scripts(chromium, folder):
    """Without scripts a chapter shows its text, its code and its pictures."""
    with browser.served(folder) as address, browser.page_of(chromium, viewport=WIDE, java_script_enabled=False) as page:
        page.goto(f"{address}/chapters/05_padding.html")
        for place in ("article p", "article pre", "article img"):
            assert page.locator(place).first.is_visible()
