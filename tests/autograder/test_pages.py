"""What a student wrote is shown as it was meant, and acts on nobody: in `autograded/`, in feedback, in Formgrader."""

import contextlib
import re
import time
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import quote

import browser
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from payloads import ADDRESSES, ATTRIBUTES, HOME, PAYLOADS, PIXEL, RUN

from convbook.autograder.commit import write_files
from convbook.autograder.folder import shown_as_text
from convbook.autograder.harmless import harmless, is_picture, without_controls
from convbook.autograder.outputs import clean
from convbook.autograder.rebuild import rebuild
from convbook.autograder.submission import Cell

ANSWER = {
    "grade": True,
    "solution": True,
    "points": 3,
    "grade_id": "words",
    "schema_version": 3,
    "locked": False,
    "task": False,
}
HONEST = """\
# Why the border matters

The **sum** of a window is $y_{i} = \\sum_p x_{i+p} k_p$, and for a < b and c<d we have

$$a<b \\quad \\text{and} \\quad \\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}$$

| size | `same` | note |
|---|---|---|
| 3 × 3 | 1 | few |

1. *first* [the book](https://example.org/a_b?c=d&e=f#g "title: more"), [mail](mailto:a@b.c), [here](#part)
2. second, see [1]: not a link

```python
if x[0]<y and type(x) == "<class 'int'>":
    print(f"{x!r}")
```

> quoted & escaped &amp; ![picture](attachment:a.png) ![pixel](PIXEL)
""".replace("PIXEL", PIXEL)


def picture(name):
    """The attachments of a cell that has one picture."""
    return {name: {"image/png": PIXEL.partition(",")[2]}}


def rendered(notebook):
    """The page that nbconvert makes of a notebook, with nothing cleaned: what is dangerous in it is dangerous."""
    from nbconvert import HTMLExporter

    return HTMLExporter(template_name="lab").from_notebook_node(notebook)[0]


def rebuilt(*cells):
    """The notebook of a student who handed in these cells beside an empty assignment."""
    instructor = new_notebook(cells=[new_markdown_cell("Your words", metadata={"nbgrader": ANSWER})])
    return rebuild(instructor, instructor, list(cells))[0]


class Page(HTMLParser):
    """Notes what in a page could act: scripts, event attributes, styles, addresses, whatever asks another host."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, {name: value or "" for name, value in attributes}))


def dangers(html):
    """What acts in the part of a page that shows cells."""
    page = Page()
    page.feed(html[html.index("<body") :])
    for tag, attributes in page.found:
        bad = tag in {"script", "style", "iframe", "object", "embed", "svg", "math", "form", "meta", "link", "base", "input"}
        bad |= tag == "img" and not attributes.get("src", "").startswith(("data:image/png;base64,", "attachment:"))
        for name, value in attributes.items():
            scheme = re.match(r"[\s\x00-\x20]*([a-z]+):", re.sub(r"[\t\n\r]", "", value), re.IGNORECASE)
            address = name in {"href", "src", "action", "formaction", "xlink:href"} and scheme
            bad |= name.startswith("on") or name == "srcset" or (name == "style" and "url(" in value)
            bad |= bool(address) and scheme[1].lower() not in {"http", "https", "mailto", "data", "attachment"}
        bad |= "mermaid" in attributes.get("class", "").split() or "/formgrader/" in attributes.get("href", "")
        if bad:
            yield tag, attributes


BASE = sum(1 for _ in dangers(rendered(new_notebook(cells=[new_markdown_cell("nothing")]))))  # of the template's own


@pytest.mark.parametrize("kind", ["answer", "markdown", "raw"])
def test_no_payload_acts_in_a_page(kind):
    """Of more than a hundred payloads in an answer, in own Markdown cells and in raw cells, nothing is left that acts."""
    assert len(PAYLOADS) >= 80
    if kind == "answer":
        cells = [rebuilt(Cell("markdown", payload, "words", ANSWER)).cells[0] for payload in PAYLOADS]
    else:
        cells = rebuilt(*(Cell(kind, payload) for payload in PAYLOADS)).cells
    assert len(cells) >= len(PAYLOADS)
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    html = rendered(new_notebook(cells=cells))
    assert [found for found in dangers(html)][BASE:] == []
    assert not re.search(r"\\(href|url|htmlStyle|style|require|def|newcommand)\b", html[html.index("<body") :])


def test_the_look_at_a_page_finds_what_acts():
    """The same payloads, not cleaned, are found: for most of them something that acts stands in the page."""
    pages = [rendered(new_notebook(cells=[new_markdown_cell(payload)])) for payload in PAYLOADS if "none.png" not in payload]
    assert sum(len([*dangers(html)]) > BASE for html in pages) > 50


def test_outputs_and_attachments_hold_no_payload():
    """Tables, texts, errors and pictures that student code shows are cleaned; an attachment is a picture or nothing."""
    shown = [new_output("display_data", data={"text/html": payload, "text/plain": payload}) for payload in PAYLOADS]
    errors = [new_output("error", ename=payload, evalue=payload, traceback=[payload]) for payload in PAYLOADS[:40]]
    cells = [new_code_cell("1", outputs=clean([output])) for output in (*shown, *errors)]
    assert [*dangers(rendered(new_notebook(cells=cells)))][BASE:] == []
    svg = {"image/svg+xml": "<svg onload=1>", "image/png": "PHN2ZyBvbmxvYWQ9MT4AAAAA"}
    assert not any(is_picture("a.png", kind, content) for kind, content in svg.items())
    assert not is_picture('a.png" onerror="1', "image/png", PIXEL.partition(",")[2])
    assert is_picture("a.png", "image/png", PIXEL.partition(",")[2])


@pytest.mark.parametrize(
    "text, shown",
    [
        ("\x1b]8;;javascript:1\x07here\x1b]8;;\x07", "here"),
        ("\x1b]0;title\x1b\\x", "x"),
        ("\x1b[2J\x1b[31mred\x1b[0m", "[2J\x1b[31mred\x1b[0m"),
        ("a\x00\x9b31mb\rc\td\n", "a31mb\rc\td\n"),
    ],
)
def test_terminal_sequences_are_gone_but_for_colours(text, shown):
    """Links, titles and cursor movements of a terminal do not reach a page or a terminal."""
    assert without_controls(text) == shown


def test_an_honest_answer_looks_as_before():
    """Formulas, a table, lists, code, links and pictures are shown as they were: but for what nobody sees."""

    def seen(source):
        cell = new_markdown_cell(source, id="a", attachments={"a.png": {"image/png": PIXEL.partition(",")[2]}})
        html = rendered(new_notebook(cells=[cell]))
        main = html[html.index("<main") :].replace("\N{WORD JOINER}", "").replace("&lt; ", "&lt;")
        page = Page()
        page.feed(main)
        return [found for found in page.found if found[0] != "span"], " ".join(re.sub(r"<[^>]*>", "", main).split())

    before, after = seen(HONEST), seen(harmless(HONEST, {"a.png"}))
    assert after == before
    assert {"table", "li", "em", "strong", "blockquote", "pre", "img", "a"} <= {tag for tag, _ in after[0]}


def test_what_needs_no_change_is_not_changed():
    """An ordinary answer stays as it is, byte by byte; so does one that is as it was released."""
    text = "The kernel is *flipped*: $y = x * k$, and [the chapter](https://example.org/a) says `x < y`."
    assert harmless(text) == text
    assert rebuilt(Cell("markdown", "Your words", "words", ANSWER)).cells[0].source == "Your words"


def test_raw_cells_become_code():
    """Raw text, which exporters pass on as it is, is code of a Markdown cell; no number of backticks ends it."""
    [cell] = [cell for cell in rebuilt(Cell("raw", "````\n<b>&#92;href</b>\n```")).cells if "href" in cell.source]
    assert cell.cell_type == "markdown"
    assert cell.source.startswith("`````\n````") and cell.source.endswith("```\n`````")
    assert "<b>" not in cell.source and "&#92;" not in cell.source


@pytest.mark.parametrize("name", ["plain.png", "two words.png", "Fenêtre (1).png"])
@pytest.mark.parametrize("write", [str, lambda name: quote(name, safe="()")])
def test_a_picture_is_shown_whatever_its_name(name, write):
    """Attachments whose names an address writes otherwise are shown: they get a plain name, in the text too."""
    cell = Cell("markdown", f"![x](attachment:{write(name)})", "words", ANSWER, attachments=picture(name))
    notebook = rebuilt(cell)
    assert rendered(notebook).count(PIXEL) == 1


def test_a_missing_attachment_stops_no_page():
    """nbconvert ends where an attachment is missing; also one that was in the released cell and was taken out."""
    given = new_markdown_cell("![x](attachment:a.png)", metadata={"nbgrader": ANSWER}, attachments=picture("a.png"))
    instructor = new_notebook(cells=[given])
    for text, pictures in (("![x](attachment:b.png)", {}), (given.source, picture("c.png")), (given.source, {})):
        notebook = rebuild(instructor, instructor, [Cell("markdown", text, "words", ANSWER, attachments=pictures)])[0]
        assert rendered(notebook).count(PIXEL) == (text == given.source)
        assert text != given.source or notebook.cells[0].source == text


@pytest.mark.parametrize(
    "name, kept",
    [
        ("data.csv", "data.csv"),
        ("a/b.PNG", "a/b.PNG"),
        ("README", "README"),
        ("page.html", "page.html.txt"),
        ("a.b/x.SVG", "a.b/x.SVG.txt"),
        ("a.xhtml", "a.xhtml.txt"),
        ("a.xml", "a.xml.txt"),
    ],
)
def test_a_file_that_can_hold_scripts_is_kept_as_text(name, kept):
    """Formgrader gives out what stands in `autograded/`: a page of the student's would run there as the instructor."""
    assert shown_as_text(name) == kept


def test_no_file_of_a_student_takes_the_place_of_another_one(tmp_path):
    """A page that is kept as a text stands beside a text of that name; the instructor's own files keep their names."""
    files = {"a.html": b"1", "a.html.txt": b"2", "mine.html": b"3"}
    write_files(tmp_path, SimpleNamespace(files=files, remarks=[]), {"mine.html"})
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert kept == {"a.html.txt.txt": b"1", "a.html.txt": b"2", "mine.html": b"3"}


def test_an_honest_link_to_a_file_stays():
    """Links to a file of one's own, to a part of the page and to a site are as they were."""
    text = "[a](data.csv) [b](./plots/a.png) [c](#part) [d](https://example.org/a/../b) <- [e](mailto:a@b.c)"
    assert harmless(text) == text


@pytest.mark.parametrize(
    "part", ["<", "![", "](", "\\(", "$", "`", "[a](&#", "](" + " " * 50, "\\begin{", "]:", "&#0", "^", "~~~ ", "!"]
)
def test_a_hostile_text_takes_no_time(part):
    """A text made to be slow is cleaned in a moment, and says that it goes on where it is cut."""
    start = time.monotonic()
    cleaned = harmless(part * (2_000_000 // len(part)))
    assert time.monotonic() - start < 10
    assert "It is whole in the submitted notebook" in cleaned


def test_the_marks_are_those_that_the_browser_looks_for():
    """The payloads use the mark and the address that the tests with a browser look for."""
    assert sum(RUN in payload or HOME in payload for payload in PAYLOADS) > 0.8 * len(PAYLOADS)
    nbformat.validate(new_notebook(cells=[new_markdown_cell(payload) for payload in PAYLOADS]))


def seen_in_browser(chromium, folder, cells):
    """(the mark that a script leaves, the strangers' addresses that were asked) of a page with these cells."""
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    (folder / "page.html").write_text(rendered(new_notebook(cells=cells)), encoding="utf-8")
    asked = []
    with browser.served(folder) as address, browser.page_of(chromium) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/page.html", wait_until="domcontentloaded")
        page.wait_for_timeout(1000)
        for link in page.locator("a").all()[:200]:
            with contextlib.suppress(Exception):  # one that is covered by another
                link.click(timeout=200, no_wait_after=True, modifiers=["Alt"])
        return page.evaluate("window.pwned"), [url for url in asked if "stranger.test" in url]


def test_in_a_browser_no_payload_runs_and_nobody_is_asked(chromium, tmp_path):
    """Opened by a person, the page of a hostile student does nothing; the same page without the cleaning does."""
    mark, asked = seen_in_browser(chromium, tmp_path, rebuilt(*(Cell("markdown", text) for text in PAYLOADS)).cells)
    assert (mark, asked) == (None, [])
    mark, asked = seen_in_browser(chromium, tmp_path, [new_markdown_cell(text) for text in ATTRIBUTES + ADDRESSES])
    assert mark == 1 and asked
