"""A hostile class in a real Formgrader, in feedback and in the report: nothing runs, nobody is asked, no point changes."""

import contextlib
import json
from urllib.parse import urljoin

import browser
import formgrader
import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from payloads import FORMULAS, HOME, PAYLOADS, PIXEL, REBUILT, RUN
from test_grade import NAME, RIGHT, hand_in, make_course, rows
from test_pages import HONEST, rendered

from convbook.autograder.grade import Options, grade
from convbook.autograder.harmless import harmless
from convbook.cli import main

pytestmark = pytest.mark.slow

NAMED = f"<img src=x onerror={RUN}>"  # a student, a file, a cell, an error
SHOWING = f"""\
from IPython.display import HTML, display
for payload in {PAYLOADS!r}[:90]:
    display(HTML(payload))
print({PAYLOADS!r}, "\\x1b]8;;javascript:{RUN}\\x07here\\x1b]8;;\\x07", "\\x1b[31m<script>{RUN}</script>\\x1b[0m")
raise type({NAMED!r}, (Exception,), {{}})({NAMED!r})
"""
PAGE = f"<script>{RUN};fetch('/formgrader/api/assignments')</script>"
PRESS = "for (const kind of ['mouseover', 'pointerenter', 'focus', 'click']) for (const e of document.querySelectorAll("
PRESS += "'.rendered_html *, .output *')) if (!e.closest('a')) e.dispatchEvent(new Event(kind, {bubbles: true}))"


def hand_in_hostile(course):
    """What two hostile students and one with a hostile name hand in."""
    place = hand_in(course, "eve", RIGHT, "\n\n".join(PAYLOADS))
    notebook = nbformat.read(place, 4)
    notebook.cells += [make(payload) for payload in PAYLOADS for make in (new_markdown_cell, new_raw_cell)]
    notebook.cells += [
        new_code_cell(SHOWING),
        new_code_cell(PAGE),
        new_code_cell("1", metadata={"tags": [NAMED.replace(",", ";")]}),
    ]
    nbformat.write(notebook, place)
    for name in ("my.html", "pic.svg", f"{NAMED}.csv"):
        (place.parent / name).write_text(PAGE)
    hand_in(course, "mal", f"raise ValueError({NAMED!r})", "[my page](my.html)\n\n" + "\n\n".join(REBUILT))
    hand_in(course, NAMED, RIGHT, "words")


@pytest.fixture(scope="module")
def course(need_sandbox, tmp_path_factory):
    """A graded course of hostile students."""
    course = make_course(tmp_path_factory.mktemp("hostile"))
    hand_in_hostile(course)
    [run] = grade(course, [NAME], Options(workers=1))
    assert {record["student"] for record in run.records if record["state"] == "graded"} >= {"eve"}
    return course


@contextlib.contextmanager
def watched(chromium):
    """A page, and the requests that it makes: (method, address)."""
    with browser.page_of(chromium) as page:
        page.asked = []
        page.on("request", lambda request: page.asked.append((request.method, request.url)))
        page.on("dialog", lambda dialog: page.asked.append(("DIALOG", dialog.message)) or dialog.dismiss())
        yield page


def browser_error():
    """What Playwright raises; imported here, where it is known to be there."""
    from playwright.sync_api import Error

    return Error


def look(page, address):
    """Opens a page, touches everything in it, and follows every link to this machine; what scripts of students left."""
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_timeout(1000)
    page.evaluate(PRESS)
    marks = [page.evaluate("window.pwned")]
    found = page.locator(".rendered_html a, .output a, main a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    links = {urljoin(page.url, link or "") for link in found if not (link or "").startswith("#")}
    assert not [link for link in links if link.startswith(("javascript:", "vbscript:", "data:text", "blob:", "file:"))]
    own = page.url.split("/", 3)[2]
    for link in sorted(link for link in links if link.split("/", 3)[2:3] == [own]):
        page.goto("about:blank")
        try:
            page.goto(link, timeout=5000)
        except browser_error() as error:
            assert "ERR_ABORTED" in str(error) or "Download" in str(error)  # a file that is kept instead of shown
            continue
        page.wait_for_timeout(300)
        marks.append(page.evaluate("window.pwned"))
    return [mark for mark in marks if mark is not None]


def harm(page):
    """The requests that a page of a student's must not cause."""
    return [(method, url) for method, url in page.asked if method != "GET" or url.startswith(HOME) or "%3Cimg" in url]


def test_in_formgrader_nothing_runs_and_no_point_changes(chromium, course):
    """Every list and every submission is opened, touched and followed; one that is not cleaned is noticed."""
    before = rows(course)
    with formgrader.formgrader(course.root) as (address, token), watched(chromium) as page:
        assert look(page, f"{address}/formgrader/?token={token}") == []
        for place in ("manage_students", f"manage_submissions/{NAME}", "gradebook", f"gradebook/{NAME}/{NAME}"):
            assert look(page, f"{address}/formgrader/{place}") == []
        page.goto(f"{address}/formgrader/api/submitted_notebooks/{NAME}/{NAME}")
        submissions = {found["student"]: found["id"] for found in json.loads(page.inner_text("body"))}
        assert {"eve", "mal"} <= set(submissions) and NAMED not in submissions
        for student in submissions:
            assert look(page, f"{address}/formgrader/submissions/{submissions[student]}/") == []
            assert len(page.title()) > 0
        assert harm(page) == [] and rows(course) == before
        place = course.folder("autograded", NAME, "mal") / f"{NAME}.ipynb"
        notebook = nbformat.read(place, 4)
        notebook.cells.append(new_markdown_cell(NAMED))
        clean = place.read_bytes()
        place.chmod(0o644)
        nbformat.write(notebook, place)
        assert look(page, f"{address}/formgrader/submissions/{submissions['mal']}/") == [1]
        place.write_bytes(clean)


@pytest.mark.parametrize("command", [["feedback", NAME], ["report"]])
def test_feedback_and_report_run_nothing(chromium, course, command):
    """The pages that a class and its instructor get hold the hostile texts, and do nothing with them."""
    result = CliRunner().invoke(main, [*command, "--course", str(course.root)])
    assert result.exit_code == 0, result.output
    folder = course.root / ("feedback" if command[0] == "feedback" else ".")
    pages = [path for path in folder.rglob("*.html") if "submitted" not in path.parts]
    assert pages
    with browser.served(folder) as address, watched(chromium) as page:
        for path in pages:
            assert look(page, f"{address}/{path.relative_to(folder)}") == []
        assert harm(page) == []


def typeset(chromium, folder, source, mathjax):
    """(the formulas' texts, what in them acts) of a page whose formulas MathJax sets, its own safe mode taken away."""
    pixel = {"a.png": {"image/png": PIXEL.partition(",")[2]}}
    html = rendered(new_notebook(cells=[new_markdown_cell(source, id="a", attachments=pixel)])).replace(
        "latest.js?config=TeX-AMS_CHTML-full,Safe", "MathJax.js?config=TeX-AMS_CHTML-full"
    )
    (folder / "page.html").write_text(html, encoding="utf-8")
    with browser.served(folder) as address, browser.page_of(chromium) as page:

        def from_here(route):
            path = mathjax / route.request.url.partition("/2.7.7/")[2].partition("?")[0]
            route.fulfill(path=path) if path.is_file() else route.abort()

        page.context.route("**/mathjax/2.7.7/**", from_here)
        page.goto(f"{address}/page.html", wait_until="load")
        page.wait_for_function("window.MathJax && MathJax.Hub && MathJax.isReady", timeout=30_000)
        page.evaluate("new Promise(done => MathJax.Hub.Queue(['Typeset', MathJax.Hub], () => done(0)))")
        set_ = page.locator("main .mjx-chtml .mjx-math").all_inner_texts()
        acts = page.locator("main [href^='javascript'], main [style*='stranger'], main #gradebook, main .btn").count()
        return set_, acts


def test_formulas_set_by_mathjax_link_nowhere(chromium, npm_package, tmp_path):
    """MathJax finds no link, style or name in hostile formulas, and sets honest ones as before."""
    mathjax = npm_package("mathjax", "2.7.7")
    hostile = "\n\n".join(FORMULAS[:8] + REBUILT[3:8])
    assert typeset(chromium, tmp_path, hostile, mathjax)[1] > 0
    assert typeset(chromium, tmp_path, harmless(hostile), mathjax)[1] == 0
    honest = typeset(chromium, tmp_path, HONEST, mathjax)[0]
    assert len(honest) >= 2 and typeset(chromium, tmp_path, harmless(HONEST, {"a.png"}), mathjax)[0] == honest
