"""A real browser for tests: Debian's Chromium, which reaches nothing but this machine, and files from a server of our own."""

import contextlib
import functools
import http.server
import shutil
import subprocess
import tarfile
import threading

from convbook.course.settings import ROOT

FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
ORIGIN = "http://127.0.0.1"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *arguments):
        """No line for each request."""


@contextlib.contextmanager
def served(folder):
    """The address of a web server that shows this folder."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"{ORIGIN}:{server.server_port}"
        server.shutdown()


@contextlib.contextmanager
def chromium():
    """A headless Chromium; `LookupError` says what to install where there is none."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    if path is None:
        raise LookupError("Chromium is needed. On Debian: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, chromium_sandbox=False)
        yield browser
        browser.close()


@contextlib.contextmanager
def page_of(browser, **options):
    """A page in a context of its own. It records `page.problems`: console errors, exceptions, and requests that failed.

    A request to any other host is ended, and is a problem.
    """
    context = browser.new_context(**options)
    context.route(lambda url: not url.startswith((ORIGIN, "data:", "blob:")), lambda route: route.abort())
    page = context.new_page()
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("requestfailed", lambda request: page.problems.append(f"failed: {request.url}"))
    page.on(
        "response", lambda answer: page.problems.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None
    )
    try:
        yield page
    finally:
        context.close()


def npm_package(name, version):
    """The folder of an npm package, fetched once into `_build/npm`; `LookupError` says why it is not to be had."""
    folder = ROOT / "_build" / "npm" / f"{name}-{version}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            line = ["npm", "pack", "--silent", "--pack-destination", str(folder.parent), f"{name}@{version}"]
            subprocess.run(line, check=True, capture_output=True, timeout=120, cwd=folder.parent)
        except (OSError, subprocess.SubprocessError) as error:
            raise LookupError(f"npm must be there and reach its registry. Received: {name}@{version}, {error}") from None
        with tarfile.open(folder.with_name(f"{folder.name}.tgz")) as archive:
            archive.extractall(folder, filter="data")
    return folder / "package"
