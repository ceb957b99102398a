"""One folder that any web server can show: the site, JupyterLite where it was built, the notebooks, and the book as a PDF."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from convbook.course.settings import ROOT

SITE = ROOT / "_build" / "html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--disable-quic"]
MINUTE = 60_000  # milliseconds that the page may take, on its own clock, until every formula and picture is there
MARK = ".nojekyll"  # tells GitHub Pages to show folders that begin with _; and us that a folder is one of ours
DOWNLOADS = '<p>The whole book as one file: <a href="convbook.pdf">PDF</a>; its <a href="notebooks.zip">notebooks</a>.</p>'


def find_browser() -> str:
    """The path of a Chromium, which prints the PDF."""
    found = [path for path in map(shutil.which, BROWSERS) if path]
    if not found:
        raise ValueError(f"A browser must be there to print the PDF: apt install chromium. Received: none of {BROWSERS}")
    return found[0]


def run(line: list[str | Path], what: str) -> None:
    """Runs a command; its last words are in the error when it fails."""
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"{what} must succeed. Received: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def print_pdf(target: Path, build: Path = ROOT / "_build") -> None:
    """Writes the whole book as one PDF, with the outputs that the site's build has stored."""
    browser = find_browser()
    book = Path(sys.executable).with_name("jupyter-book")
    run([book, "build", ROOT, "--builder", "singlehtml", "-W", "-n", "--keep-going", "--quiet"], "The book on one page")
    page = (build / "singlehtml" / "index.html").as_uri()
    options = [f"--virtual-time-budget={MINUTE}", "--no-pdf-header-footer", "--generate-pdf-document-outline"]
    run([browser, *FLAGS, *options, f"--print-to-pdf={target}", page], "Printing")
    if not target.is_file() or target.read_bytes()[:5] != b"%PDF-":
        raise ValueError(f"The browser must write a PDF. Received: {browser} wrote none")


def copy_notebooks(folder: Path) -> None:
    """Puts the chapters and the assignments into `notebooks/`, and into `notebooks.zip`."""
    notebooks = folder / "notebooks"
    for name in ("chapters", "assignments"):
        shutil.copytree(ROOT / name, notebooks / name, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    shutil.make_archive(str(notebooks), "zip", notebooks)


def link_downloads(page: Path) -> None:
    """Tells the readers of the front page what else there is."""
    before, found, after = page.read_text(encoding="utf-8").partition("</article>")
    if not found:
        raise ValueError(f"The front page must have its text in an <article>. Received: {page}")
    page.write_text(before + DOWNLOADS + found + after, encoding="utf-8")


def replace(folder: Path, output: Path) -> None:
    """Puts the folder where the output was; a server shows the old one until then."""
    old = folder.with_name(folder.name + ".old")
    if output.exists():
        os.replace(output, old)
    os.replace(folder, output)
    shutil.rmtree(old, ignore_errors=True)


def check(site: Path, output: Path) -> None:
    """Raises where there is nothing to publish, or where something of somebody else would be replaced."""
    if not (site / "index.html").is_file():
        raise ValueError(f"The site must be built: make site. Received: {site} without index.html")
    if output.exists() and not output.is_dir():
        raise ValueError(f"The output must be a folder. Received: the file {output}")
    if output.is_dir() and any(output.iterdir()) and not (output / MARK).is_file():
        raise ValueError(f"The output must be a new or an empty folder, or one that was published before. Received: {output}")


def publish(output: Path, site: Path = SITE) -> None:
    """Writes the folder whole or not at all: built beside its place, then moved there."""
    output = output.resolve()
    check(site, output)
    output.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f"{output.name}.part-", dir=output.parent))
    try:
        folder = beside / output.name
        shutil.copytree(site, folder, ignore=shutil.ignore_patterns(".stamp", ".buildinfo"))
        copy_notebooks(folder)
        print_pdf(folder / "convbook.pdf")
        link_downloads(folder / "index.html")
        (folder / MARK).touch()
        replace(folder, output)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m convbook.site.publish OUTPUT")
    try:
        publish(Path(sys.argv[1]))
    except ValueError as error:
        sys.exit(f"convbook: {error}")
