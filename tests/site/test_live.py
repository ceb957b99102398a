"""What runs in the page and in JupyterLite, without a browser: the runner, the exercises, chapters without TensorFlow."""

import ast
import json
import re
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import nbformat
import pytest

import convbook
from convbook.check import check
from convbook.check.runner import run
from convbook.course.check_tables import Exercise
from convbook.course.misconceptions import Misconception, load_module
from convbook.course.notebooks import chapters, read_notebook
from convbook.course.settings import ROOT
from convbook.site.live import lite, pyodide, site
from convbook.site.live.tensorflow_free import NOTE, without_tensorflow

EARLY = [path for path in chapters() if path.stem[:2] <= lite.LAST]
every_early_chapter = pytest.mark.parametrize("path", EARLY, ids=lambda path: path.stem)


def exercises(path):
    """(code cell, check cell) of each exercise of a chapter."""
    cells = read_notebook(path).cells
    return [(c, cells[n + 1]) for n, c in enumerate(cells) if "exercise" in c.metadata.get("tags", [])]


def answers(path):
    """What `solutions/NN_name/exercises.py` defines: exercises and misconceptions."""
    values = load_module(ROOT / "solutions" / path.stem / "exercises.py").values()
    return [one for one in values if isinstance(one, Exercise)], [one for one in values if isinstance(one, Misconception)]


def said_about(name, source, function, capsys):
    """What `check` prints about a function with this source."""
    names = {}
    exec(f"import numpy as np\n\n\n{source}", names)
    capsys.readouterr()
    check(name, names[function])
    return capsys.readouterr().out


def test_run_gives_the_value_of_the_last_line(capsys):
    """As in a notebook: what is printed is printed, and the value of a last expression comes back as text."""
    assert run("x = 2\nprint('hello')\nx + 1") == {"value": "3"}
    assert capsys.readouterr().out == "hello\n"
    assert run("x = 2") == {"value": ""}


@pytest.mark.parametrize(
    ("code", "error", "line"),
    [
        ("x = 1\n\nx / 0", "ZeroDivisionError: division by zero", 3),
        ("def f(a):\n    return a[5]\n\n\nf([1])", "IndexError: list index out of range", 2),
        ("x = (1,\n", "SyntaxError: '(' was never closed", 1),
        ("import sys\nsys.exit(3)", "SystemExit: 3", 2),
    ],
)
def test_run_names_the_readers_line(code, error, line):
    """An error comes back as its last line, with the line of the reader's own code."""
    assert run(code) == {"error": error, "line": line}


def test_run_shares_nothing_between_programs():
    """The names of one program do not exist in the next."""
    run("secret = 1")
    assert run("secret")["error"] == "NameError: name 'secret' is not defined"


@every_early_chapter
def test_chapter_has_its_exercises_with_their_checks(path):
    """Two or three exercises: the starter returns None, the check cell checks it, and the stored output is what it prints."""
    found = exercises(path)
    assert 2 <= len(found) <= 3
    assert [site.id_of(code.source) for code, _ in found] == [
        "live-" + one.function.replace("_", "-") for one in answers(path)[0]
    ]
    for code, test in found:
        name = ast.parse(code.source).body[-1].name
        assert test.metadata["tags"] == ["exercise-check"]
        assert test.source == f'from convbook.check import check\n\ncheck("{path.stem}", {name})'
        assert test.outputs[0]["text"] == f"Exercise {name}: not answered yet.\n"


@every_early_chapter
def test_exercises_know_right_answers_from_wrong_ones(path, capsys):
    """The right answer is right under `check`, and each wrong one gets the hint that was written for it."""
    right, wrong = answers(path)
    for one in right:
        said = said_about(path.stem, one.source, one.function, capsys)
        assert said.startswith(f"Exercise {one.function}: right"), said
        assert sum(bad.function == one.function for bad in wrong) >= 3
    for bad in wrong:
        said = said_about(path.stem, bad.source, bad.function, capsys)
        assert "not right yet" in said and bad.hint in said, bad.name


@every_early_chapter
def test_hints_of_exercises_name_sections_of_their_chapter(path):
    """What a hint tells to read again is a heading of the chapter."""
    text = "\n".join(cell.source for cell in read_notebook(path).cells)
    assert [bad.name for bad in answers(path)[1] if f"## {bad.section}\n" not in text + "\n"] == []


def test_archive_holds_all_that_the_check_needs(tmp_path):
    """Unpacked on a machine that has only NumPy, it runs a reader's code and its check; and it is the same each time."""
    site.write_archive(tmp_path / "a.zip")
    site.write_archive(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        wings = {name.split("/")[1] for name in archive.namelist() if name.count("/") > 1}
        archive.extractall(tmp_path)
    assert wings == {"check", "datasets", "explorer", "model_files"} and not (tmp_path / "convbook" / "cli.py").exists()
    assert (tmp_path / "a.zip").stat().st_size < 105_000
    code, test = (cell.source for cell in exercises(EARLY[3])[0])
    blocked = "for name in ('yaml', 'nbformat', 'sphinx', 'matplotlib', 'IPython'): sys.modules[name] = None"
    program = f"import sys\n{blocked}\nfrom convbook.check.runner import run\nprint(run({code!r}, {test!r}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "Exercise window_starts: not answered yet.\n{'value': ''}\n", done.stderr


def test_without_tensorflow_the_other_lines_run():
    """Lines that need Keras, or what only they define, become comments, as do claims behind them; a new value counts."""
    sources = [
        "import keras\nimport numpy as np",
        "x = np.ones(3)\ny = keras.ops.relu(x)\nprint(x.sum())",
        "print(y)\ny = 5\nprint(y)\nprint('all equal')",
        "for y in [1, 2]:\n    x = x + y\nfigure = 1\nprint(figure, keras)\nshow = figure",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    assert without_tensorflow(notebook) == 4
    assert [cell.source.splitlines() for cell in notebook.cells] == [
        [NOTE, "# import keras", "import numpy as np"],
        [NOTE, "x = np.ones(3)", "# y = keras.ops.relu(x)", "print(x.sum())"],
        [NOTE, "# print(y)", "y = 5", "print(y)", "# print('all equal')"],
        [NOTE, "for y in [1, 2]:", "    x = x + y", "# figure = 1", "# print(figure, keras)", "# show = figure"],
    ]


@every_early_chapter
def test_lite_notebooks_get_the_package_from_the_site_alone(path):
    """By the address of its wheel: a name could be looked for in a public index, where a stranger can have taken it."""
    name = f"convbook-{convbook.__version__}-py3-none-any.whl"
    assignment = ROOT / "assignments" / path.stem / path.name
    for notebook in (lite.lite_chapter(path, lite.read_repository()), lite.lite_assignment(assignment)):
        [setup] = [cell.source for cell in notebook.cells if cell.get("id") == "setup"]
        assert f'[f"{{site}}/pypi/{name}"' in setup and 'js.location.href.rsplit("/extensions/", 1)[0]' in setup
        assert not any("%pip install" in cell.source and "git+" not in cell.source for cell in notebook.cells)


NOT_BY_NAME = re.compile(r"""pip install (?:-\S+ )*[\\"']*convbook(?!\S* @ git\+)|install\([\["']+convbook""")


def test_nothing_installs_the_package_by_its_bare_name():
    """Nowhere in notebooks, pages and programs: what is installed comes from the repository's address, or from the site."""
    assert NOT_BY_NAME.search("%pip install -q convbook numpy") and NOT_BY_NAME.search('piplite.install("convbook")')
    paths = [path for kind in ("md", "ipynb", "py", "yml", "toml", "js") for path in ROOT.rglob(f"*.{kind}")]
    ours = [path for path in paths if not {"vendor", "_build", "tests", ".venv"} & set(path.relative_to(ROOT).parts)]
    assert len(ours) > 100
    assert [path.name for path in ours if NOT_BY_NAME.search(path.read_text(encoding="utf-8"))] == []


@every_early_chapter
def test_lite_chapter_says_where_it_is_and_what_is_missing(path):
    """Behind the title stands where work is saved and the link to Colab; no line of a cell names Keras any more."""
    notebook = lite.lite_chapter(path, lite.read_repository())
    note, setup = notebook.cells[1].source, notebook.cells[2].source
    assert "saved in this browser only" in note and f"/chapters/{path.name})" in note
    assert setup.endswith(('.whl", "matplotlib"])', '.whl", "matplotlib", "scikit-image"])'))
    for cell in notebook.cells[3:]:
        if cell.cell_type == "code":
            names = {node.id for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)}
            assert not names & {"keras", "tf"}, cell.source


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 4])
def test_lite_chapter_runs_without_tensorflow(number, monkeypatch, displayed):
    """Chapters 03 and 05 run to their end where Keras and TensorFlow cannot be imported, and leave no empty picture."""
    import matplotlib.pyplot as plt

    for module in ("keras", "tensorflow"):
        monkeypatch.setitem(sys.modules, module, None)
    names = {"__name__": "__main__"}
    for cell in lite.lite_chapter(EARLY[number], lite.read_repository()).cells[3:]:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), names)
            assert plt.get_fignums() == [], cell.source
    assert len(displayed) > 5


def test_pyodide_folder_holds_what_the_lock_says(tmp_path):
    """A package with another checksum than the lock's is refused, one that the lock does not know is left out."""
    core, wheels = tmp_path / "core", tmp_path / "wheels"
    core.mkdir()
    wheels.mkdir()
    for name in pyodide.CORE:
        (core / name).write_text("core")
    (wheels / "numpy.whl").write_bytes(b"numpy")
    (wheels / "other.whl").write_bytes(b"other")
    known = {"file_name": "numpy.whl", "sha256": "a4821f51cb77f94bb5ce6b04afb5b5a7f3c08cf3a5f8a6c0dc0cc5fbea4a8d7c"}
    lock = {"info": {"version": pyodide.VERSION}, "packages": {"numpy": known}}
    (core / "pyodide-lock.json").write_text(json.dumps(lock))
    with pytest.raises(ValueError, match=r"The sha256 of numpy.whl must be"):
        pyodide.make_folder(core, wheels, tmp_path / "out")
    known["sha256"] = pyodide.hashlib.sha256(b"numpy").hexdigest()
    (core / "pyodide-lock.json").write_text(json.dumps(lock))
    assert pyodide.make_folder(core, wheels, tmp_path / "out") == ["numpy.whl"]
    assert not (tmp_path / "out" / "other.whl").exists()
    lock["info"]["version"] = "0.1"
    (core / "pyodide-lock.json").write_text(json.dumps(lock))
    with pytest.raises(ValueError, match=r"Received: 0\.1 in"):
        pyodide.checksums(core)


def test_pyodide_has_one_place(tmp_path):
    """`_config.yml` moves JupyterLite's Pyodide; without it both come from the same address. A path is one of the site."""
    (tmp_path / "_config.yml").write_text("title: A book")
    assert lite.pyodide_place(tmp_path) == pyodide.ADDRESS == site.ADDRESS
    (tmp_path / "_config.yml").write_text("sphinx: {config: {convbook_pyodide: _static/pyodide/}}")
    kernel = lite.settings(lite.pyodide_place(tmp_path))["jupyter-config-data"]["litePluginSettings"][lite.KERNEL]
    assert kernel == {"pyodideUrl": "./../_static/pyodide/pyodide.js"}
    page = SimpleNamespace(builder=SimpleNamespace(current_docname="chapters/04_stride"))
    assert site.from_page(page, "_static/pyodide/") == "../_static/pyodide/"
    assert site.from_page(page, pyodide.ADDRESS) == pyodide.ADDRESS
    kernel = lite.settings(pyodide.ADDRESS)["jupyter-config-data"]["litePluginSettings"][lite.KERNEL]
    assert kernel == {"pyodideUrl": f"{pyodide.ADDRESS}pyodide.js"}
