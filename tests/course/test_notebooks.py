"""Chapters as files: clean outputs, a first cell with the right address, and no half-written file."""

import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from convbook.course.notebooks import chapters, clean_outputs, read_notebook, set_setup_cell, write_notebook
from convbook.course.settings import Repository, read_repository

REPOSITORY = Repository("https://github.com/somebody/a.course", "trunk")


def notebook_with(*outputs):
    """A notebook of a title and one executed cell with these outputs."""
    cell = new_code_cell(
        "1 + 1", outputs=list(outputs), execution_count=3, metadata={"execution": {"iopub.status.busy": "2026-01-01"}}
    )
    return new_notebook(cells=[new_markdown_cell("# Title"), cell])


def test_clean_outputs_drop_pictures_and_keep_their_text():
    """Of a picture, only its plain text stays; widgets and HTML go the same way."""
    data = {
        "image/png": "iVBO",
        "image/svg+xml": "<svg/>",
        "text/html": "<b/>",
        "application/x": "{}",
        "text/plain": "[picture] A.",
    }
    notebook = clean_outputs(notebook_with(new_output("display_data", data, metadata={"image/png": {"alt": "A."}})))
    [output] = notebook.cells[1].outputs
    assert (output.data, output.metadata) == ({"text/plain": "[picture] A."}, {})


def test_clean_outputs_keep_text_errors_and_counts():
    """What a cell printed, returned and raised stays, with its number."""
    outputs = [
        new_output("stream", name="stdout", text="2\n"),
        new_output("execute_result", {"text/plain": "2"}, execution_count=3),
        new_output("error", ename="ValueError", evalue="no", traceback=["no"]),
    ]
    notebook = clean_outputs(notebook_with(*outputs))
    assert notebook.cells[1].outputs == outputs
    assert notebook.cells[1].execution_count == 3
    assert notebook.cells[0].source == "# Title"


def test_clean_outputs_drop_stderr_and_times():
    """Warnings and the times of execution, which differ from run to run, go."""
    notebook = clean_outputs(notebook_with(new_output("stream", name="stderr", text="warning")))
    assert notebook.cells[1].outputs == []
    assert "execution" not in notebook.cells[1].metadata


def test_clean_outputs_join_what_was_printed_in_pieces():
    """Lines between which something went to stderr are one output, as if nothing had."""
    pieces = [
        new_output("stream", name=name, text=text) for name, text in [("stdout", "1\n"), ("stderr", "!"), ("stdout", "2\n")]
    ]
    notebook = clean_outputs(notebook_with(*pieces))
    assert [output.text for output in notebook.cells[1].outputs] == ["1\n2\n"]


def test_clean_outputs_set_the_same_metadata_everywhere():
    """A chapter names its kernel without a version, and asks Colab for a GPU."""
    notebook = notebook_with()
    notebook.metadata = {"language_info": {"version": "3.11.2"}, "widgets": {}}
    clean = clean_outputs(notebook)
    assert sorted(clean.metadata) == ["accelerator", "kernelspec", "language_info"]
    assert clean.metadata["language_info"] == {"name": "python"}
    assert clean_outputs(clean) == clean
    nbformat.validate(clean)


def test_setup_cell_installs_from_the_repository():
    """The cell after the title installs the package from the repository's address and branch."""
    notebook = set_setup_cell(notebook_with(), REPOSITORY)
    title, setup, _ = notebook.cells
    assert title.source == "# Title"
    assert setup.source.endswith('%pip install --quiet "convbook[chapters] @ git+https://github.com/somebody/a.course@trunk"')
    assert setup.metadata["tags"] == ["setup", "remove-cell"]
    nbformat.validate(notebook)


def test_setup_cell_is_set_once():
    """A second time changes nothing, and another address changes that cell alone."""
    notebook = set_setup_cell(notebook_with(), REPOSITORY)
    once = nbformat.writes(notebook)
    assert nbformat.writes(set_setup_cell(notebook, REPOSITORY)) == once
    set_setup_cell(notebook, Repository("https://github.com/other/fork", "main"))
    assert len(notebook.cells) == 3
    assert "git+https://github.com/other/fork@main" in notebook.cells[1].source
    assert "somebody" not in nbformat.writes(notebook)


def test_written_notebooks_are_read_back(tmp_path):
    """Writing makes the folder, ends the file with a line, leaves nothing beside it, and reading gives it back."""
    path = tmp_path / "new" / "01_a.ipynb"
    notebook = set_setup_cell(notebook_with(), REPOSITORY)
    write_notebook(notebook, path)
    assert read_notebook(path) == notebook
    assert path.read_text(encoding="utf-8").endswith("}\n")
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("broken", ["pathlib.Path.write_bytes", "os.replace", "nbformat.writes"])
def test_interrupted_writing_harms_nothing(tmp_path, monkeypatch, broken):
    """When writing fails half-way, the old file is whole and nothing lies beside it."""
    path = tmp_path / "01_a.ipynb"
    write_notebook(notebook_with(), path)
    before = path.read_bytes()

    def fail(target, *_, **__):
        if broken == "pathlib.Path.write_bytes":
            with open(target, "wb") as file:
                file.write(b'{"cells": [')
        raise OSError("No space left on device")

    monkeypatch.setattr(broken, fail)
    with pytest.raises(OSError, match="No space left"):
        write_notebook(set_setup_cell(notebook_with(), REPOSITORY), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["01_a.ipynb"]


def test_chapters_are_in_order(tmp_path):
    """Chapters are the notebooks whose names start with two digits, in their order."""
    (tmp_path / "chapters").mkdir()
    for name in ("02_b.ipynb", "01_a.ipynb", "10_c.ipynb", "draft.ipynb", "03_d.ipynb.part", "notation.md"):
        (tmp_path / "chapters" / name).write_text("")
    assert [path.name for path in chapters(tmp_path)] == ["01_a.ipynb", "02_b.ipynb", "10_c.ipynb"]


def test_repository_of_this_course_is_readable():
    """`_config.yml` names a repository on GitHub; its slug is owner/name."""
    repository = read_repository()
    assert repository.url == f"https://github.com/{repository.slug}"
    assert repository.slug.count("/") == 1


def test_repository_by_hand(tmp_path):
    """The url and the branch are those of the file."""
    config = tmp_path / "_config.yml"
    config.write_text("repository:\n  url: https://github.com/somebody/a.course\n  branch: trunk\n")
    assert read_repository(config) == REPOSITORY
    assert REPOSITORY.slug == "somebody/a.course"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "title: Book",
        "repository:",
        "repository: https://github.com/somebody/course",
        "repository:\n  url: https://github.com/somebody/course",
        "repository:\n  branch: main",
        "repository:\n  url: https://github.com/somebody/\n  branch: main",
        "repository:\n  url: https://github.com/somebody/course/\n  branch: main",
        "repository:\n  url: https://github.com/somebody/course/tree/main\n  branch: main",
        "repository:\n  url: https://gitlab.com/somebody/course\n  branch: main",
        "repository:\n  url: git@github.com:somebody/course.git\n  branch: main",
        "repository:\n  url:\n  branch: main",
        "repository:\n  url: https://github.com/somebody/course\n  branch:",
    ],
)
def test_other_repositories_are_refused(tmp_path, text):
    """An address that the book could not link to is shown back with the form that it must have."""
    config = tmp_path / "_config.yml"
    config.write_text(text)
    with pytest.raises(
        ValueError, match=r"_config.yml must have repository.url as https://github.com/OWNER/NAME.* Received: "
    ):
        read_repository(config)
