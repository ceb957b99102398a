"""JupyterLite: chapters 01 to 07 and their assignments, in a folder that any web server can serve.

    python -m convbook.site.live.lite SITE/lite

Pyodide's place is that of the site's cells: `sphinx.config.convbook_pyodide` in `_config.yml`, an address or a path.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from convbook import __version__
from convbook.course.notebooks import SETUP_TAG, chapters, read_notebook, write_notebook
from convbook.course.settings import ROOT, Repository, read_repository
from convbook.site.live.pyodide import ADDRESS as PYODIDE
from convbook.site.live.tensorflow_free import without_tensorflow

LAST = "07"  # the later chapters train networks in Keras from their beginning to their end
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
PYODIDE_PACKAGES = {"matplotlib": "matplotlib", "skimage": "scikit-image"}  # by the name under which they are imported
KERNELSPEC = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}
OVERRIDES = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}
}  # all cells are there: for search, for readers
SOURCES = ("convbook", "convbook_command.py", "pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT")
SAVED = """\
Python runs in your browser here: nothing is installed on your computer, and nothing that you write is sent anywhere. The first
cell takes a while, because Python must be loaded. **Your work is saved in this browser only**, on this computer. To keep it,
or to hand it in, download it: *File*, *Download*."""
CHAPTER = """\
{saved}

TensorFlow does not run in the browser. Where a cell needs it, its lines begin with `#` and do nothing; all the other lines
run. What the whole cell prints and draws stands on the page of the chapter, and
[Colab runs everything]({colab}). Training takes 10 to 30 times as long in the browser as on the computer itself."""
SETUP = """\
# This cell gets the course's package: from this site, and from nowhere else.
import js
import piplite

site = js.location.href.rsplit("/extensions/", 1)[0]
await piplite.install([f"{{site}}/pypi/{wheel}"{packages}])"""
START = """\
# The book in your browser

{saved}

- `chapters` holds chapters 01 to 07. What needs TensorFlow is switched off there, and each chapter says where it can be run.
- `assignments` holds their assignments. The cells with `check` say at once what is right and what is not.

Open a notebook in the list on the left, and run a cell with *Shift* and *Enter*."""


def wheel_name() -> str:
    """The file name of the package's wheel."""
    return f"convbook-{__version__}-py3-none-any.whl"


def setup_cell(*more: str) -> NotebookNode:
    """Installs the course's package from the site, and packages of Pyodide.

    By its address, not by its name: a name that the site did not know would be looked for in a public index, where
    a stranger can have taken it.
    """
    packages = "".join(f', "{name}"' for name in more)
    return nbformat.v4.new_code_cell(SETUP.format(wheel=wheel_name(), packages=packages), id="setup")


def lite_chapter(path: Path, repository: Repository) -> NotebookNode:
    """A chapter for the browser: a note behind its title, the package, and no line that needs TensorFlow."""
    notebook = read_notebook(path)
    colab = f"https://colab.research.google.com/github/{repository.slug}/blob/{repository.branch}/chapters/{path.name}"
    note = CHAPTER.format(saved=SAVED, colab=colab)
    cells = [cell for cell in notebook.cells if SETUP_TAG not in cell.metadata.get("tags", [])]
    notebook.cells = [cells[0], nbformat.v4.new_markdown_cell(note, id="in-the-browser"), *cells[1:]]
    without_tensorflow(notebook)
    for cell in notebook.cells:
        cell.source = cell.source.replace("time.process_time()", "time.perf_counter()")  # always 0 in the browser
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    notebook.cells.insert(2, setup_cell(*(package for name, package in PYODIDE_PACKAGES.items() if name in code)))
    return notebook


def lite_assignment(path: Path) -> NotebookNode:
    """An assignment for the browser, with the package that `check` is in."""
    notebook = read_notebook(path)
    notebook.cells[1:1] = [nbformat.v4.new_markdown_cell(SAVED, id="in-the-browser"), setup_cell()]
    return notebook


def write_contents(folder: Path, root: Path = ROOT) -> None:
    """The notebooks that a reader finds."""
    repository = read_repository(root / "_config.yml")
    start = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(START.format(saved=SAVED), id="start")])
    notebooks = {"start.ipynb": start}
    for path in chapters(root):
        if path.stem[:2] <= LAST:
            notebooks[f"chapters/{path.name}"] = lite_chapter(path, repository)
            assignment = root / "assignments" / path.stem / path.name
            notebooks[f"assignments/{path.name}"] = lite_assignment(assignment)
    for name, notebook in notebooks.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        notebook.metadata["kernelspec"] = KERNELSPEC
        write_notebook(notebook, folder / name)


def build_wheel(folder: Path, root: Path = ROOT) -> Path:
    """The package's wheel, built from a copy: the repository gets no build folder."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "convbook"
        copy.mkdir()
        for name in SOURCES:
            (shutil.copytree if (root / name).is_dir() else shutil.copyfile)(root / name, copy / name)
        line = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
        done = subprocess.run([*line, "--wheel-dir", str(folder), str(copy)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"pip must be able to build the package's wheel. Received: {done.stderr[-2000:]}")
    return folder / wheel_name()


def pack_again(name: str, folder: Path) -> Path:
    """The wheel of an installed package of pure Python, from its own files."""
    installed = distribution(name)
    path = folder / f"{name}-{installed.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in installed.files or []:
            if file.suffix != ".pyc" and ".." not in file.parts:
                archive.write(file.locate(), str(file))
    return path


def settings(pyodide: str) -> dict[str, object]:
    """JupyterLite's configuration: where Pyodide is."""
    folder = pyodide.rstrip("/")
    address = folder if "://" in folder else f"./../{folder}"  # from the folder of jupyter-lite.json, which is SITE/lite
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "convbook",
            "litePluginSettings": {KERNEL: {"pyodideUrl": f"{address}/pyodide.js"}},
        },
    }


def extension() -> Path:
    """The folder of the kernel's extension; the others that are installed here need a server."""
    return Path(sys.prefix) / "share" / "jupyter" / "labextensions" / KERNEL.split(":")[0]


def configuration(wheels: list[Path]) -> dict[str, object]:
    """What `jupyter lite build` puts together."""
    return {
        "LiteBuildConfig": {
            "contents": ["files"],
            "apps": ["lab"],
            "no_unused_shared_packages": True,
            "no_sourcemaps": True,
            "ignore_sys_prefix": ["federated_extensions"],
            "federated_extensions": [str(extension())],
        },
        "PipliteAddon": {"piplite_urls": [str(wheel) for wheel in wheels]},
    }


def build(output: Path, pyodide: str, root: Path = ROOT) -> None:
    """Builds all of it into `output`; RuntimeError says what JupyterLite said."""
    with tempfile.TemporaryDirectory() as scratch:
        lite = Path(scratch)
        write_contents(lite / "files", root)
        (lite / "wheels").mkdir()
        wheels = [build_wheel(lite / "wheels", root), pack_again("comm", lite / "wheels")]
        (lite / "jupyter-lite.json").write_text(json.dumps(settings(pyodide)), encoding="utf-8")
        (lite / "overrides.json").write_text(json.dumps(OVERRIDES), encoding="utf-8")
        (lite / "jupyter_lite_config.json").write_text(json.dumps(configuration(wheels)), encoding="utf-8")
        line = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", str(output.resolve())]
        done = subprocess.run(line, cwd=lite, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"jupyter lite must be able to build. Received: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def pyodide_place(root: Path = ROOT) -> str:
    """Where `_config.yml` says that Pyodide is."""
    import yaml

    sphinx = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8")).get("sphinx") or {}
    return (sphinx.get("config") or {}).get("convbook_pyodide", PYODIDE)


if __name__ == "__main__":
    build(Path(sys.argv[1]), pyodide_place())
