"""A submission is data: what is taken from it, and what is refused in one sentence."""

import json
import os

import nbformat
import pytest

from convbook.autograder import submission
from convbook.autograder.submission import Cell, InvalidSubmission, read_submission

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def write(path, cells, **more):
    """A notebook file of these raw cells."""
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells} | more), encoding="utf-8")
    return path


def code(source, **metadata):
    """A raw code cell."""
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


def test_source_and_identity_are_taken(tmp_path):
    """Of a cell its type, source, grade_id and tags are taken; outputs are not."""
    cell = code("x = 1", nbgrader={"grade_id": "f", "points": 99}, tags=["b", "a"])
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "full marks"}]
    [read] = read_submission(write(tmp_path / "a.ipynb", [cell]))
    assert read == Cell("code", "x = 1", "f", {"grade_id": "f", "points": 99}, ("a", "b"))


def test_lists_of_lines_and_windows_line_ends_are_text(tmp_path):
    """A source in lines is joined, and every line end becomes one."""
    [cell] = read_submission(write(tmp_path / "a.ipynb", [code(["x = 1\r\n", "y = 2\r", "z = 3"])]))
    assert cell.source == "x = 1\ny = 2\nz = 3"


def test_byte_order_mark_and_korean_name_are_fine(tmp_path):
    """A notebook that an editor of Windows has saved, under a Korean name, is read."""
    path = write(tmp_path / "합성곱.ipynb", [code("'합성곱'")])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_submission(path)[0].source == "'합성곱'"


@pytest.mark.parametrize("version", [2, 3])
def test_old_formats_are_converted(tmp_path, version):
    """A notebook of format 2 or 3 gives the same cells."""
    old = nbformat.convert(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")]), 3)
    old = {"nbformat": version, "nbformat_minor": 0, "metadata": {}, "worksheets": old.worksheets}
    (tmp_path / "a.ipynb").write_text(json.dumps(old), encoding="utf-8")
    assert [(cell.cell_type, cell.source) for cell in read_submission(tmp_path / "a.ipynb")] == [("code", "x = 1")]


def test_only_pictures_are_kept_of_attachments(tmp_path):
    """A written answer keeps its photographs; SVG and HTML, which can hold scripts, are dropped."""
    attachments = {"a.png": {"image/png": PNG, "text/html": "<script>"}, "b.svg": {"image/svg+xml": "<svg/>"}, "c": 3}
    cell = {"cell_type": "markdown", "source": "see", "metadata": {}, "attachments": attachments}
    [read] = read_submission(write(tmp_path / "a.ipynb", [cell]))
    assert read.attachments == {"a.png": {"image/png": PNG}}


@pytest.mark.parametrize(
    "metadata", [None, [], "x", {"nbgrader": 3}, {"nbgrader": {"grade_id": ["f"]}}, {"tags": "skip-execution"}, {"tags": [1]}]
)
def test_odd_metadata_decides_nothing(tmp_path, metadata):
    """Metadata of another form is as good as none."""
    [cell] = read_submission(write(tmp_path / "a.ipynb", [code("x = 1") | {"metadata": metadata}]))
    assert (cell.source, cell.grade_id, cell.tags) == ("x = 1", "", ())


@pytest.mark.parametrize(
    "content, received",
    [
        (b"", "a.ipynb, Expecting value"),
        (b"not a notebook", "a.ipynb, Expecting value"),
        (b'{"nbformat": 4, "cells": [', "a.ipynb, Expecting value"),
        (b"\xff\xfe\x00", "not so at byte 0"),
        (b"[" * 100_000, "a.ipynb, maximum recursion depth"),
        (b"[]", "nbformat None"),
        (b"{}", "nbformat None"),
        (b'{"nbformat": "4"}', "nbformat '4'"),
        (b'{"nbformat": 5, "cells": []}', "nbformat 5"),
        (b'{"nbformat": 4}', "with NoneType"),
        (b'{"nbformat": 4, "cells": {}}', "with dict"),
        (b'{"nbformat": 3, "worksheets": 7}', "a.ipynb, "),
        (b'{"nbformat": 4, "cells": [3]}', "Received: 3"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "heading"}]}', "Received: {'cell_type': 'heading'}"),
        (b'{"nbformat": 4, "cells": [{"cell_type": ["code"]}]}', "Received: {'cell_type': ['code']}"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}', "Received: 3"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a", 3]}]}', "Received: ['a', 3]"),
    ],
)
def test_broken_files_are_refused_in_one_sentence(tmp_path, content, received):
    """What cannot be a notebook is refused; the text says what must hold and what there was."""
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    with pytest.raises(InvalidSubmission) as error:
        read_submission(path)
    assert " must " in str(error.value) and received in str(error.value)
    assert "\n" not in str(error.value) and str(tmp_path) not in str(error.value)


def test_files_that_are_too_large_are_not_read(tmp_path, monkeypatch):
    """A file over the limit is refused with its size and what to do."""
    monkeypatch.setattr(submission, "LARGEST", 2 * 2**20)
    path = tmp_path / "a.ipynb"
    path.write_bytes(b" " * (3 * 2**20))
    with pytest.raises(InvalidSubmission, match=r"at most 2 MiB\. Received: a.ipynb with 3 MiB. Clear its outputs"):
        read_submission(path)


def test_links_folders_pipes_and_missing_files_are_refused(tmp_path):
    """Nothing is followed, and nothing is waited for."""
    (tmp_path / "secret").write_text("{}")
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "secret")
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name, received in [("link", "a symbolic link"), ("folder", "none"), ("pipe", "none"), ("missing", "No such file")]:
        with pytest.raises(InvalidSubmission, match=f"Received: {name}.ipynb, .*{received}"):
            read_submission(tmp_path / f"{name}.ipynb")
