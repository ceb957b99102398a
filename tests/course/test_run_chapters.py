"""The chapters run once: what has changed, side by side, and the comparison of what they printed is nbval's."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from processes import processes_of

from convbook.course import run_chapters as runs
from convbook.course.notebooks import clean_outputs, read_notebook, write_notebook
from convbook.course.settings import ROOT

PICTURE = "import matplotlib.pyplot as plt\nfrom convbook.figures import show\nshow(plt.figure(), 'An empty figure.')"


def write(path, *cells):
    """Writes a chapter of these cells, with the metadata that all chapters have."""
    write_notebook(clean_outputs(new_notebook(cells=list(cells))), path)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder with two chapters and a library of one file; a function that runs them and gives what was said."""
    folder, library = tmp_path / "chapters", tmp_path / "convbook" / "conv.py"
    library.parent.mkdir()
    library.write_text("one")
    (tmp_path / "_config.yml").write_text("execute:\n  timeout: 60\n")
    write(folder / "01_a.ipynb", new_markdown_cell("# A"), new_code_cell("print(6 * 7)"))
    write_notebook(
        clean_outputs(new_notebook(cells=[new_markdown_cell("# B"), new_code_cell("1 / 4")])), folder / "02_b.ipynb"
    )
    monkeypatch.setattr(runs, "side_by_side", lambda paths, jobs: map(runs.run_one, paths))  # no processes for two tiny cells

    def run(**options):
        said = []
        paths = sorted(folder.glob("*.ipynb"))
        runs.run_chapters(paths, said.append, root=tmp_path, **options)
        return [line.split(" (")[0] for line in said]

    run.root, run.folder, run.library = tmp_path, folder, library
    return run


def test_a_chapter_runs_when_something_has_changed(course):
    """Its cells or the library; not its prose, not the time of a file, and not the command."""
    both = ["01_a.ipynb: executed", "02_b.ipynb: executed"]
    assert sorted(course()) == both and course() == []
    notebook = read_notebook(course.folder / "01_a.ipynb")
    notebook.cells[0].source = "# Another title"
    write_notebook(notebook, course.folder / "01_a.ipynb")
    os.utime(course.library)
    course.library.with_name("cli.py").write_text("a command")
    assert course() == []
    notebook.cells[1].source = "print(6 * 8)"
    write_notebook(notebook, course.folder / "01_a.ipynb")
    assert course() == ["01_a.ipynb: executed"]
    course.library.write_text("two")
    assert sorted(course()) == both


@pytest.mark.parametrize("died, said", [(2, "executed"), (3, "no cell failed: RuntimeError: Kernel died")])
def test_a_kernel_that_dies_before_its_first_cell_is_started_again(course, monkeypatch, died, said):
    """Two that start in the same moment can have chosen the same port; one that always dies ends its chapter."""
    starts, run_once = [], runs.run_once

    def unlucky(path):
        starts.append(path)
        if len(starts) <= died:
            return new_notebook(), runs.NO_CELL, RuntimeError("Kernel died before replying to kernel_info")
        return run_once(path)

    (course.folder / "02_b.ipynb").unlink()
    monkeypatch.setattr(runs, "run_once", unlucky)
    lines = []
    with contextlib.suppress(SystemExit):
        lines = course()
    assert len(starts) == min(died + 1, runs.STARTS)
    assert lines[0].startswith(f"01_a.ipynb: {said}")


def test_other_data_run_everything_again(course, monkeypatch):
    """The outputs for the full data are not those for the embedded ones."""
    course()
    monkeypatch.setenv("CONVBOOK_FULL", "1")
    assert len(course()) == 2


def test_a_chapter_that_fails_names_its_cell_and_the_others_go_on(course):
    """The error is said with the cell's first line; what failed is run again the next time, the other is kept."""
    broken = new_notebook(cells=[new_code_cell("x = 1"), new_code_cell("raise ValueError('no')")])
    write_notebook(broken, course.folder / "01_a.ipynb")
    said = sorted(course())
    assert said[1] == "02_b.ipynb: executed"
    assert said[0] == "01_a.ipynb: cell 1"
    assert len(course()) == 1


ENDS = {
    "an error": ("y = 2\nraise ValueError('no,\\nreally')", r"cell 1 \('y = 2'\) failed: ValueError: no, really"),
    "a kernel that dies": ("import os\nos._exit(3)", r"cell 1 \('import os'\) failed: DeadKernelError: .+"),
    "time": ("import time\ntime.sleep(60)", r"cell 1 \('import time'\) failed: CellTimeoutError: .+ after 2 seconds\."),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_a_chapter_is_told_with_the_cell(course, monkeypatch, end):
    """Number, first line, kind and text of an error; the same of a kernel that dies and of a cell that takes too long."""
    source, told = ENDS[end]
    monkeypatch.setattr(runs, "cell_timeout", lambda: 2)
    write(course.folder / "01_a.ipynb", new_code_cell("x = 1"), new_code_cell(source))
    assert re.fullmatch(told, runs.run_one(course.folder / "01_a.ipynb").error)


def test_a_file_that_is_no_notebook_is_named(course):
    """A chapter with the marks of a merge in it fails alone."""
    (course.folder / "01_a.ipynb").write_text("<<<<<<< HEAD\n{}")
    said = sorted(course())
    assert said[0].startswith("01_a.ipynb: no cell failed: NotJSONError: ") and said[1] == "02_b.ipynb: executed"


def test_half_of_a_run_is_not_taken_for_a_run(course):
    """A cached notebook that is cut off, or whose file is missing, is made anew."""
    course()
    for harm in (lambda file: file.write_text(file.read_text()[:100]), Path.unlink):
        for file in (course.root / runs.CACHE).glob("executed/*/base.ipynb"):
            harm(file)
        assert len(course()) == 2 and course() == []


def test_a_process_that_is_killed_is_told_for_each_chapter(tmp_path):
    """The system may end a process when memory is short: no chapter is left out in silence."""
    paths = [tmp_path / "01_a.ipynb", tmp_path / "02_b.ipynb"]
    for path in paths:
        write(path, new_code_cell("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"))
    ended = list(runs.side_by_side(paths, 1))
    assert {ran.path for ran in ended} == set(paths) and all("was killed" in ran.error for ran in ended)


INTERRUPTED = """
import sys, pathlib, convbook_command
from convbook.course.run_chapters import run_chapters
root = pathlib.Path(sys.argv[1])
convbook_command.run = lambda: run_chapters(sorted((root / "chapters").glob("*.ipynb")), root=root, jobs=2)
convbook_command.main()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are counted in /proc")
def test_an_interruption_ends_all_kernels(course):
    """Ctrl-C in the middle of two chapters: soon no process of the run is there, and nothing is in the cache."""
    cell = "import pathlib, time\npathlib.Path('{}').touch()\ntime.sleep(600)"
    for name in ("01_a.ipynb", "02_b.ipynb"):
        write(course.folder / name, new_code_cell(cell.format(name + ".runs")))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CONVBOOK_TEST": str(course.root)}
    line = [sys.executable, "-c", INTERRUPTED, str(course.root)]
    process = subprocess.Popen(line, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=as_in_a_terminal)
    wait_until(lambda: len(list(course.folder.glob("*.runs"))) == 2)
    assert len(processes_of(course.root)) >= 5  # who watches, the command, and two kernels with their clients
    process.send_signal(signal.SIGINT)
    assert "interrupted" in process.communicate(timeout=60)[1]
    wait_until(lambda: not processes_of(course.root))
    assert process.returncode == 128 + signal.SIGINT
    assert runs.open_cache(course.root).list_cache_records() == []


def as_in_a_terminal():
    """Whoever runs the tests may ignore Ctrl-C; the command must not inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_until(true):
    """Waits, at most two minutes."""
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_compiled_code_writes_is_no_output_of_a_cell(course, monkeypatch):
    """As in nbval's kernels: what Python printed is kept, what went past it is not."""
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # it has the same effect on a kernel, which would hide a fault
    write(course.folder / "01_a.ipynb", new_code_cell("import os\nos.write(1, b'below')\nos.write(2, b'below')\nprint(6 * 7)"))
    [cell] = runs.run_one(course.folder / "01_a.ipynb").notebook.cells
    assert [output.text for output in cell.outputs] == ["42\n"]


def test_several_run_side_by_side(tmp_path):
    """Two chapters that wait for each other's file end only if both run at once."""
    cell = (
        "import pathlib, time\npathlib.Path('{mine}').touch()\nstart = time.monotonic()\n"
        "while not pathlib.Path('{other}').exists():\n    assert time.monotonic() - start < 100\n    time.sleep(0.1)"
    )
    paths = [tmp_path / "01_a.ipynb", tmp_path / "02_b.ipynb"]
    for path, mine, other in zip(paths, "ab", "ba"):
        write(path, new_code_cell(cell.format(mine=mine, other=other)))
    assert [ran.error for ran in runs.side_by_side(paths, 2)] == ["", ""]


def test_the_longest_goes_first(course, monkeypatch):
    """By the seconds of the last run; before any, by how much a chapter trains."""
    order = []
    monkeypatch.setattr(runs, "side_by_side", lambda paths, jobs: order.extend(path.name for path in paths) or ())
    notebook = read_notebook(course.folder / "02_b.ipynb")
    notebook.cells[0].source = "# Five epochs"
    write_notebook(notebook, course.folder / "02_b.ipynb")
    course()
    assert order == ["02_b.ipynb", "01_a.ipynb"]
    order.clear()
    monkeypatch.setattr(runs, "seconds_of", lambda cache: {"01_a.ipynb": 9.0, "02_b.ipynb": 1.0})
    course()
    assert order == ["01_a.ipynb", "02_b.ipynb"]


def test_the_stamp_changes_when_a_chapter_has_run(course):
    """Its time tells make whether the site is to be built."""
    stamp = course.root / "_build" / "chapters.json"

    def write():
        runs.write_stamp(course.root)
        return stamp.stat().st_mtime_ns

    course()
    first = write()
    assert write() == first
    course.library.write_text("two")
    course()
    assert write() != first


def test_what_ran_is_stored_as_text(course):
    """A stored chapter has what it printed, and of its picture the alternative text."""
    path = course.folder / "01_a.ipynb"
    write_notebook(
        clean_outputs(new_notebook(cells=[new_markdown_cell("# A"), new_code_cell("print(6 * 7)"), new_code_cell(PICTURE)])),
        path,
    )
    course()
    runs.store(path)
    _, text, shown = read_notebook(path).cells
    assert text.outputs[0].text == "42\n"
    assert [output.data for output in shown.outputs] == [{"text/plain": "[picture] An empty figure."}]
    assert course() == []


def test_what_has_not_run_cannot_be_stored(course):
    """A chapter that was changed since is refused, with the command that runs it."""
    with pytest.raises(LookupError, match=r"must have run as it is now\. Received: 01_a\.ipynb.*Do: convbook chapters"):
        runs.executed(course.folder / "01_a.ipynb")


# ---- the comparison

STORED = [new_markdown_cell("# A"), new_code_cell("x = 6\nprint(x * 7)"), new_code_cell("x"), new_code_cell("print(x)")]


@pytest.fixture
def compared(course, pytester):
    """A function that compares a chapter, whose stored outputs were changed, with its run: by nbval, a cell at a time."""

    def compare(change=lambda notebook: None, cells=STORED, cell=""):
        path = course.folder / "01_a.ipynb"
        write(path, *cells)
        course()
        notebook = clean_outputs(runs.executed(path))
        change(notebook)
        write_notebook(notebook, path)
        options = ["-p", "convbook.course.replay", "--nbval", "--executed", "-p", "no:cacheprovider", f"{path}{cell}"]
        return pytester.inline_run(*options)

    return compare


def test_equal_outputs_pass_a_cell_at_a_time(compared):
    """Each cell is a test."""
    compared().assertoutcome(passed=3)


def test_a_wrong_number_fails_its_cell_alone(compared):
    """The cell whose stored output is another one fails, and the others pass."""

    def plant(notebook):
        notebook.cells[1].outputs[0].text = "43\n"

    compared(plant).assertoutcome(passed=2, failed=1)


def test_tags_hold(compared):
    """nbval's tags: a cell whose output is not compared, and one that is skipped."""
    ignored = new_code_cell("print(1)", metadata={"tags": ["nbval-ignore-output"]})
    skipped = new_code_cell("print(1)", metadata={"tags": ["nbval-skip"]})

    def plant(notebook):
        for cell in notebook.cells[:2]:
            cell.outputs[0].text = "2\n"

    compared(plant, [ignored, skipped, new_code_cell("print(1)")]).assertoutcome(passed=2, skipped=1)


def test_a_single_cell_is_compared_with_its_own_run(compared):
    """Of two cells with the same source, the second alone is compared with what the second gave."""
    cells = [new_code_cell("x = 1"), new_code_cell("print(x)"), new_code_cell("x = 2"), new_code_cell("print(x)")]
    compared(cells=cells, cell="::Cell 3").assertoutcome(passed=1)


def test_what_has_not_run_cannot_be_compared(compared, capsys):
    """Each of its cells is an error of one sentence, which says what to do."""

    def plant(notebook):
        notebook.cells[1].source = "x = 6"

    result = compared(plant)
    assert len(result.getfailures()) == 3
    said = capsys.readouterr().out
    assert "Do: convbook chapters" in said and "Traceback" not in said and "def set_up" not in said
