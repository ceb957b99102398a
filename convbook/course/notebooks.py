"""Chapters as files: their first cell, their outputs, and how they are written.

A stored chapter keeps what its cells printed, and no pictures: those are redrawn by the build, and their
alternative text stays. So a difference between two versions can be read.
"""

from __future__ import annotations

from pathlib import Path

import nbformat

from convbook.course.files import write_whole
from convbook.course.settings import ROOT, Repository

SETUP_TAG = "setup"
SETUP_SOURCE = """\
# On Colab this cell installs the course's package. Where it is installed already, it does nothing.
import importlib.util

if importlib.util.find_spec("convbook") is None:
    %pip install --quiet "convbook[chapters] @ git+{url}@{branch}\""""
DROPPED_TYPES = ("image/", "text/html", "application/")  # pictures and widgets: text stays


def chapters(root: Path = ROOT) -> list[Path]:
    """The chapters' notebooks, in order."""
    return sorted((root / "chapters").glob("[0-9][0-9]_*.ipynb"))


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """A notebook, format 4."""
    return nbformat.read(path, as_version=4)


def write_notebook(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Writes the notebook, whole or not at all."""
    write_whole(path, nbformat.writes(notebook) + "\n")


def clean_outputs(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drops pictures, HTML and stderr from the outputs; keeps text, errors and execution counts."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        cell.outputs = merge_streams([output for output in cell.outputs if output.get("name") != "stderr"])
        for output in cell.outputs:
            if "data" in output:
                output.data = {k: v for k, v in output.data.items() if not k.startswith(DROPPED_TYPES)}
                output.metadata = {}
    notebook.metadata = {
        "accelerator": "GPU",  # Colab starts with a GPU
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def merge_streams(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Joins what was printed in pieces, so that it does not depend on when the kernel sent it."""
    merged: list[nbformat.NotebookNode] = []
    for output in outputs:
        if merged and output.output_type == merged[-1].output_type == "stream":
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged


def set_setup_cell(notebook: nbformat.NotebookNode, repository: Repository) -> nbformat.NotebookNode:
    """Gives the notebook its first code cell, which installs the package from the repository's address."""
    source = SETUP_SOURCE.format(url=repository.url, branch=repository.branch)
    cells = [cell for cell in notebook.cells if SETUP_TAG in cell.metadata.get("tags", [])]
    if cells:
        cells[0].source = source
        return notebook
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": [SETUP_TAG, "remove-cell"]}, id="setup")
    notebook.cells.insert(1, cell)
    return notebook
