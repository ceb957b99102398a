"""The cells of the exercises and JupyterLite with real Pyodide in a real browser, which reaches nothing but this machine."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import browser
import nbformat
import pytest
import yaml

from convbook.course.notebooks import read_notebook, write_notebook
from convbook.course.settings import ROOT
from convbook.site.live import lite, pyodide

pytestmark = pytest.mark.slow

WHEELS = Path(os.environ.get("CONVBOOK_PYODIDE") or ROOT.parent / "shared" / "pyodide").expanduser()
CHAPTER = "04_stride"
CELL = "#live-window-starts"
HEAD = "import numpy as np\n\n\ndef window_starts(size, kernel_size, stride):\n    "
RIGHT = HEAD + "return np.arange(0, size - kernel_size + 1, stride)\n"
THEME = ("THEBE_JS_URL", "Got invalid theme mode")  # the stock theme's own console errors
LOOKS = {
    "wide light": (1280, "light"),
    "wide dark": (1280, "dark"),
    "phone light": (390, "light"),
    "phone dark": (390, "dark"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site of one chapter, its words and its exercises, with Pyodide's place inside of the site."""
    book = tmp_path_factory.mktemp("book")
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    del config["logo"], config["html"]["favicon"]
    config["execute"] = {"execute_notebooks": "off"}
    config["sphinx"]["config"]["convbook_pyodide"] = "_static/pyodide"
    notebook = read_notebook(ROOT / "chapters" / f"{CHAPTER}.ipynb")
    notebook.cells = [
        c
        for c in notebook.cells
        if c.cell_type == "markdown" or {"exercise", "exercise-check"} & set(c.metadata.get("tags", []))
    ]
    for folder in ("chapters", "pages"):
        (book / folder).mkdir()
    write_notebook(notebook, book / "chapters" / f"{CHAPTER}.ipynb")
    (book / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (book / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n  - file: chapters/{CHAPTER}\n")
    (book / "index.md").write_text("# A book\n")
    shutil.copyfile(ROOT / "pages/references.bib", book / "pages/references.bib")
    line = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(book), "-W", "-n", "--keep-going", "--quiet"]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return book / "_build" / "html"


@pytest.fixture(scope="module")
def with_pyodide(site, npm_package):
    """The site with Pyodide in it, checksums verified, or a skipped test that says what to provide."""
    if not list(WHEELS.glob("numpy-*.whl")):
        pytest.skip(f"Pyodide's packages are needed: set CONVBOOK_PYODIDE to a folder with those of {pyodide.VERSION}")
    pyodide.make_folder(npm_package("pyodide", pyodide.VERSION), WHEELS, site / "_static" / "pyodide")
    yield site
    shutil.rmtree(site / "_static" / "pyodide")


def problems(page):
    """What the browser complained of, without the stock theme's own part."""
    return [text for text in page.problems if not any(known in text for known in THEME)]


class Cell:
    """A live cell of a page, as a reader uses it."""

    def __init__(self, page, selector=CELL):
        self.page, self.selector, self.here = page, selector, page.locator(selector)

    def press(self, name):
        """A click on one of its buttons."""
        self.here.get_by_role("button", name=name, exact=True).click()

    def write(self, code):
        """Puts code into the editor."""
        self.here.locator("textarea").fill(code)

    def said(self):
        """(state, output) when no program is running any more."""
        self.page.wait_for_function(f"document.querySelector('{self.selector} .live-stop').disabled", timeout=90_000)
        lines = self.here.locator(".live-output")
        return self.here.locator(".live-state").inner_text(), lines.inner_text() if lines.is_visible() else ""


@pytest.fixture
def cell(with_pyodide, chromium):
    """The first exercise on a fresh page."""
    with browser.served(with_pyodide) as address, browser.page_of(chromium, viewport={"width": 1280, "height": 900}) as page:
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(f"{address}/chapters/{CHAPTER}.html")
        page.wait_for_selector(f"{CELL} textarea")
        yield Cell(page)
        assert problems(page) == []


def test_nothing_is_loaded_before_the_first_click(cell):
    """Pyodide is asked for by the first click and not before; then the exercise is solved."""
    assert not [url for url in cell.page.asked if "pyodide" in url or "convbook.zip" in url]
    cell.write(RIGHT)
    start = time.perf_counter()
    cell.press("Check")
    assert "Python is being loaded" in cell.here.locator(".live-state").inner_text()
    state, output = cell.said()
    print(f"seconds to the first result: {time.perf_counter() - start:.1f}")
    assert state == "Done." and output.startswith("Exercise window_starts: right")
    assert [url for url in cell.page.asked if "pyodide.asm.wasm" in url]


def test_programs_are_run_and_wrong_answers_get_a_hint(cell):
    """An unsolved, a wrong and a broken answer, a value, and an error with the line of the reader's code."""
    cell.press("Check")
    assert "not answered yet" in cell.said()[1]
    cell.write(HEAD + "return np.arange(0, size, stride)\n")
    cell.press("Check")
    assert "Which is the last place at which a window fits?" in cell.said()[1]
    cell.write(RIGHT + "\nprint('hello')\nwindow_starts(9, 3, 2)\n")
    cell.press("Run")
    assert cell.said() == ("Done.", "hello\narray([0, 2, 4, 6])\n")
    cell.write(RIGHT + "\nwindow_starts(9, 3)\n")
    cell.press("Run")
    state, output = cell.said()
    assert state == "The program ended with an error." and output.startswith("Error in line 7: TypeError: ")


def test_endless_loops_end(cell):
    """Stop ends a program at once, the clock ends it after 20 seconds, and a new Python runs the next one."""
    cell.write("while True:\n    pass\n")
    cell.press("Run")
    cell.page.wait_for_function(
        f"document.querySelector('{CELL} .live-state').textContent.startsWith('Running')", timeout=90_000
    )
    cell.press("Stop")
    assert cell.said()[0].startswith("Stopped.")
    cell.write("while True:\n    print('again')\n")
    cell.press("Run")
    state, output = cell.said()
    assert state.startswith("Ended after 20 seconds.") and output.count("again") == 400 and "not shown" in output
    cell.write("1 + 1")
    cell.press("Run")
    assert cell.said() == ("Done.", "2\n")


def test_keyboard_and_memory(cell):
    """Tab inserts spaces, Escape and Tab leave; what was typed is there after a reload, and Start again removes it."""
    page, editor = cell.page, cell.here.locator("textarea")
    starter = editor.input_value()
    editor.fill("if True:")
    editor.press("Enter")
    editor.press("Tab")
    assert editor.input_value() == "if True:\n        "
    editor.press("Escape")
    editor.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Run"
    page.reload()
    assert editor.input_value() == "if True:\n        "
    cell.press("Start again")
    page.reload()
    assert editor.input_value() == starter != ""


@pytest.mark.parametrize("look", LOOKS)
def test_cells_have_no_axe_violation(site, chromium, npm_package, look):
    """In both themes, on wide and on small windows; and nothing makes the page scroll sideways."""
    width, scheme = LOOKS[look]
    with (
        browser.served(site) as address,
        browser.page_of(chromium, viewport={"width": width, "height": 844}, color_scheme=scheme) as page,
    ):
        page.goto(f"{address}/chapters/{CHAPTER}.html")
        page.wait_for_selector(f"{CELL} textarea")
        page.add_script_tag(path=str(npm_package("axe-core", "4.14.1") / "axe.min.js"))
        found = page.evaluate("axe.run({include: [['live-cell'], ['.open-in-browser']]})")["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert problems(page) == []


def test_page_without_scripts_shows_the_code(site, chromium):
    """The starter code, its check and the link to the browser's Jupyter stand in the page's own text."""
    with browser.served(site) as address, browser.page_of(chromium, java_script_enabled=False) as page:
        page.goto(f"{address}/chapters/{CHAPTER}.html")
        text = page.locator(CELL).inner_text()
        assert "def window_starts(size, kernel_size, stride):" in text and 'check("04_stride", window_starts)' in text
        links = page.locator(".open-in-browser a")
        assert links.first.inner_text() == "Open in the browser"
        assert links.first.get_attribute("href") == f"../lite/lab/index.html?path=chapters/{CHAPTER}.ipynb"


def test_missing_pyodide_is_said_in_words(site, chromium):
    """Where Pyodide cannot be had the cell says so, and can be used again."""
    with browser.served(site) as address, browser.page_of(chromium) as page:
        page.goto(f"{address}/chapters/{CHAPTER}.html")
        page.route("**/_static/pyodide/**", lambda route: route.abort())
        cell = Cell(page)
        for _ in range(2):
            cell.press("Run")
            assert cell.said()[0].startswith("Python could not be loaded. Is there a connection to the network?")


def test_assignment_is_checked_in_jupyterlite(with_pyodide, chromium):
    """Assignment 05 opens in JupyterLite without network: NumPy is imported, and `check` says what is not answered yet."""
    lite.build(with_pyodide / "lite", "_static/pyodide")
    offered = sorted(path.name for path in (with_pyodide / "lite" / "files" / "chapters").iterdir())
    assert [name[:2] for name in offered] == [f"0{n}" for n in range(1, 8)]
    with browser.served(with_pyodide) as address, browser.page_of(chromium, viewport={"width": 1280, "height": 900}) as page:
        page.goto(f"{address}/lite/lab/index.html?path=assignments/05_padding.ipynb")
        page.get_by_text("Python (Pyodide) | Idle").wait_for(timeout=120_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        errors = page.locator(".jp-OutputArea-output", has_text="NotImplementedError")  # there the notebook stops
        errors.first.wait_for(timeout=120_000, state="attached")
        checks = page.locator(".jp-CodeCell", has_text='check("05_padding", pad_panorama)').first
        checks.locator(".jp-InputArea-editor").click()
        page.keyboard.press("Control+Enter")
        page.get_by_text("Question 1, pad_panorama: not answered yet.").first.wait_for(timeout=30_000, state="attached")
        assert problems(page) == []


def test_notebooks_of_jupyterlite_are_valid(tmp_path):
    """Every notebook that JupyterLite offers is a notebook: cells have ids of their own."""
    lite.write_contents(tmp_path)
    found = sorted(tmp_path.rglob("*.ipynb"))
    assert len(found) == 15
    for path in found:
        nbformat.validate(read_notebook(path))
