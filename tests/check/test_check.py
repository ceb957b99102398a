"""`check` helps while solving: it knows right answers and known errors, and nothing that students get holds an answer."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from setuptools import Distribution

from convbook.autograder.rebuild import rebuild
from convbook.autograder.sample_class import answer_source
from convbook.autograder.submission import Cell
from convbook.check.digests import as_array, decode, digest, encode, outcome, salt_of, same_data
from convbook.course.assignments import assignment_names
from convbook.course.cells import find_cell, reference_answer, with_answers
from convbook.course.check_cells import SETUP, is_check
from convbook.course.check_tables import FOLDER, Exercise, exercise_table, made_tables, tools_of
from convbook.course.diagnosis import defined
from convbook.course.misconceptions import load_module, read_bank
from convbook.course.notebooks import merge_streams, read_notebook
from convbook.course.release import stale_solutions
from convbook.course.settings import ROOT, read_repository

check = importlib.import_module("convbook.check.report")
NAMES = assignment_names()
each = pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow if n > "08" else ()) for n in NAMES])
each_numpy = pytest.mark.parametrize("name", NAMES[:7])
RIGHT = "right, as far as check can see."
# Lines that answers share with the library or with released cells, and that say nothing about an answer.
INNOCENT = {
    "for layer in model.layers:",
    "for p in range(kernel.shape[0]):",
    "for place in np.ndindex(x.shape):",
    "for q in range(kernel.shape[1]):",
    "keras.utils.set_random_seed(seed)",
    "rng = np.random.default_rng(0)",
    "scale = gamma / np.sqrt(variance + epsilon)",
    'with np.errstate(all="ignore"):',
    "with tf.GradientTape() as tape:",
    "y = np.zeros((height, width))",
}
LEAST = 25  # characters of a line that could give something away


def source(name):
    """The instructor's notebook."""
    return read_notebook(ROOT / "solutions" / name / f"{name}.ipynb")


def bank(name):
    """The misconceptions of an assignment."""
    return read_bank(ROOT / "solutions" / name / "misconceptions.py")


def second(name, kind):
    """The texts of a second set of answers: VECTORISED, which are right, or ZEROS."""
    own = ROOT / "tests" / "answers" / f"{name}.py"
    answers = load_module(own if own.is_file() else ROOT / "tests" / "sample_class" / "answers.py")[kind]
    return {function: answer_source(function, answer) for function, answer in answers.items()}


def table(stem):
    """A stored table."""
    return json.loads((ROOT / FOLDER / f"{stem}.json").read_text(encoding="utf-8"))


def questions(name):
    """The questions of an assignment's table, by function."""
    return {question["function"]: question for question in table(name)["questions"]}


def references(name):
    """The solutions, by function."""
    return {function: reference_answer(source(name), function) for function in questions(name)}


def names_of(name, answers):
    """A student's names after their cells ran, without IPython: the tools, and these answers."""
    names = {"__name__": "__main__"}
    exec(tools_of(source(name)), names)
    for answer in answers.values():
        exec(answer, names)
    return names


@pytest.fixture
def said(capsys):
    """`said(name, function)`: the text that check prints."""

    def text(name, function):
        capsys.readouterr()
        assert check.check(name, function) is None
        return capsys.readouterr().out

    check.known.clear()
    return text


@each
@pytest.mark.parametrize("kind", ["reference", "VECTORISED"])
def test_right_answers_are_right_under_check(said, name, kind):
    """The solution and a second right answer to every question; the last of them says that the words are left."""
    answers = references(name) if kind == "reference" else second(name, kind)
    names = names_of(name, answers)
    for function in answers:
        text = said(name, names[function])
        assert RIGHT in text and check.is_done(name, names[function]), text
    assert f"{len(answers)} of {len(answers)} questions done, {len(answers)} of {len(answers)} visible points." in text
    assert "must be answered in your own words" in text


@each_numpy
def test_zeros_are_never_right(said, name):
    """Results of the right shape that hold zeros are not done."""
    names = names_of(name, second(name, "ZEROS"))
    for function in questions(name):
        assert f"{function}: not right yet." in said(name, names[function])
        assert not check.is_done(name, names[function])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # some of them divide by zero
@each
def test_known_errors_get_their_hint(said, name):
    """Each misconception is wrong under check and gets its own hint and section, in at least 9 of 10 cases."""
    asked = questions(name)
    wrong = [one for one in bank(name) if asked[one.function]["inputs"]]
    texts = [said(name, names_of(name, {one.function: one.source})[one.function]) for one in wrong]
    assert wrong and not any(RIGHT in text for text in texts)
    hinted = [one.hint in text and f"“{one.section}” in chapter {name[:2]}, " in text for one, text in zip(wrong, texts)]
    assert sum(hinted) >= 0.9 * len(hinted), [one.name for one, so in zip(wrong, hinted) if not so]


@each
def test_released_notebook_is_not_answered_yet(said, name):
    """What was released has not been answered, and no question is done."""
    released = read_notebook(ROOT / "assignments" / name / f"{name}.ipynb")
    names = names_of(name, {function: find_cell(released, function).source for function in questions(name)})
    for function in questions(name):
        first, last = said(name, names[function]).splitlines()
        assert first.endswith(f"{function}: not answered yet.") and last.startswith("Progress: 0 of ")
        assert not check.is_done(name, names[function])


@each
def test_tables_are_what_solutions_give(name):
    """The stored tables are those that `convbook release` makes now: else run `make release`."""
    for file, text in made_tables(names=[name]):
        assert (ROOT / FOLDER / file).read_text(encoding="utf-8") == text, f"{file} is stale: run `make release`"


def test_tables_have_sources():
    """There is a table for every assignment and every chapter with exercises, and no other."""
    exercises = [path.parent.name for path in ROOT.glob("solutions/*/exercises.py")]
    assert {path.stem for path in (ROOT / FOLDER).iterdir()} == {*NAMES, *(f"{name}_exercises" for name in exercises)}


def test_solutions_have_their_check_cells():
    """Each instructor's notebook has one check cell a question and one that gets check: else run `make release`."""
    assert stale_solutions(read_repository()) == []
    for name in NAMES:
        cells = [cell.source for cell in source(name).cells if is_check(cell)]
        assert cells[1:] == [f'check("{name}", {function})' for function in questions(name)]


@each_numpy
def test_digests_forgive_rounding(name):
    """A right result that differs by rounding, as in another order of summation, has the digest of the right result."""
    rng = np.random.default_rng(0)
    for function, question in questions(name).items():
        right = defined(references(name)[function], function, names_of(name, {}))
        for given in question["inputs"]:
            done = outcome(right, tuple(map(decode, given["call"])))
            arrays = map(as_array, done.parts)
            done.parts = [a * (1 + 2e-7 * rng.uniform(-1, 1, a.shape)) if a.dtype.kind in "iuf" else a for a in arrays]
            assert digest(done, given["grids"], salt_of(name, function, given["call"])) == given["right"]


def multiset(value):
    """The numbers of an array without their order."""
    return tuple(np.sort(np.round(as_array(value).astype(float), 2).ravel()))


@each_numpy
def test_tables_hold_no_right_result(name):
    """No array in an input is the right result of another input, in whatever order its numbers stand."""
    for function, question in questions(name).items():
        right = defined(references(name)[function], function, names_of(name, {}))
        calls = [tuple(map(decode, given["call"])) for given in question["inputs"]]
        inputs = [{multiset(value) for value in call if isinstance(value, np.ndarray)} for call in calls]
        for call, own in zip(calls, inputs):
            results = {multiset(part) for part in outcome(right, call).parts} - own
            telling = {numbers for numbers in results if len(set(numbers)) > 2}
            assert not telling & set.union(*inputs), function


def secret_lines():
    """The long lines of all answers: right, second, wrong ones, and those of exercises, without their first line."""
    answers = []
    for name in NAMES:
        answers += [*references(name).values(), *second(name, "VECTORISED").values(), *(one.source for one in bank(name))]
        path = ROOT / "solutions" / name / "exercises.py"
        values = load_module(path).values() if path.is_file() else []
        answers += [one.source for one in values if isinstance(one, Exercise) or hasattr(one, "hint")]
    lines = {line.strip() for answer in answers for line in answer.splitlines()[1:]}
    return {line for line in lines if len(line) >= LEAST and not line.startswith(("def ", '"""', "#"))} - INNOCENT


def packaged_files(monkeypatch):
    """The files that setuptools puts into the wheel."""
    monkeypatch.chdir(ROOT)
    build = Distribution({"script_name": "setup.py"})
    build.parse_config_files()
    build.include_package_data = False  # there is no MANIFEST.in; without this, setuptools writes into the folder
    command = build.get_command_obj("build_py")
    command.ensure_finalized()
    data = [Path(folder, file) for _, folder, _, files in command.data_files for file in files]
    return [*(Path(path) for _, _, path in command.find_all_modules()), *(ROOT / path for path in data)]


def test_package_holds_no_answer(monkeypatch):
    """No line of an answer is in a text file of the package, which has the tables and nothing of solutions/."""
    files = packaged_files(monkeypatch)
    assert {f"{name}.json" for name in NAMES} <= {path.name for path in files}, "package-data needs check/tables/*.json"
    assert not [path for path in files if path.name in ("misconceptions.py", "exercises.py") and "solutions" in path.parts]
    texts = [
        path.read_text(encoding="utf-8") for path in files if path.suffix in (".py", ".json", ".md", ".txt", ".js", ".j2")
    ]
    secrets = secret_lines()
    assert len(secrets) > 1000
    whole = "\n".join(texts).replace("\\n", "\n").replace('\\"', '"')
    found = {line.strip() for line in whole.splitlines()} & secrets
    assert not found, sorted(found)


def test_releases_hold_no_answer():
    """No line of an answer is in a released notebook."""
    cells = (cell.source for name in NAMES for cell in read_notebook(ROOT / "assignments" / name / f"{name}.ipynb").cells)
    found = {line.strip() for text in cells for line in text.splitlines()} & secret_lines()
    assert not found, sorted(found)


def test_exercises_and_questions_have_different_names():
    """check finds a function by its name: no exercise of a chapter has the name of a question of its assignment."""
    for path in ROOT.glob("solutions/*/exercises.py"):
        name = path.parent.name
        assert not questions(name).keys() & questions(f"{name}_exercises").keys()


SHRINKING = """
import numpy as np

image = np.arange(6).reshape(2, 3)

def pad_or_crop(image, widths):
    print("called")
    image += 0
    image[...] = 7
    return image
"""


def test_check_leaves_the_students_names_alone(said):
    """The student's variables are the same afterwards, also those of the test's names, and their prints are shown once."""
    names = {}
    exec(SHRINKING, names)
    before = {name: value for name, value in names.items()}
    text = said("05_padding", names["pad_or_crop"])
    assert names.keys() == before.keys() and all(names[name] is before[name] for name in before)
    assert np.array_equal(names["image"], [[0, 1, 2], [3, 4, 5]])
    assert text.count("called") == 1
    assert "The visible test is not passed. The function changed one of its arguments." in text


def test_error_is_shown_with_its_line(said):
    """An error in the answer is named with its type, its text and the number of the line."""
    names = {"np": np}
    exec(compile("def pad_panorama(image, widths):\n    rows = 1\n    return image[99]", "<cell>", "exec"), names)
    text = said("05_padding", names["pad_panorama"])
    assert "IndexError: index 99 is out of bounds" in text and "in line 3 of your code." in text


LAWS = {
    "returns a wrong result": "return RIGHT if image.shape == (2, 3) else 0.0 * image",
    "returns a result of a wrong shape: (1, 5)": "return RIGHT if image.shape == (2, 3) else np.ones((1, 5))",
    "stops with an error.": "return RIGHT if image.shape == (2, 3) else image[9]",
    "changes one of its arguments": "image[...] = 5 if image.shape != (2, 3) else image\n    return RIGHT",
    "returns nothing": "return RIGHT if image.shape == (2, 3) else None",
}


@pytest.mark.parametrize("law", LAWS)
def test_broken_law_is_named_with_a_small_input(said, law):
    """Right for the example only: what is broken elsewhere is said with an input that can be typed, and no right result."""
    names = {"np": np, "RIGHT": np.array([[9, 8, 9], [10, 10, 10]])}
    exec(f"def normalised_blur(image, kernel):\n    {LAWS[law]}", names)
    text = said("05_padding", names["normalised_blur"])
    assert "The visible test is passed." in text and law in text, text
    call = text.split("  normalised_blur(")[1].partition(") ")[0]
    eval(f"(lambda *arguments: None)({call})", {"np": np})
    assert "0 of 5 questions done, 1 of 5 visible points" in text


def test_interrupt_is_one_sentence(said):
    """Who interrupts an endless loop reads a sentence and no trace."""

    def pad_panorama(image, widths):
        raise KeyboardInterrupt

    assert said("05_padding", pad_panorama).startswith("Interrupted. ")


@pytest.mark.parametrize(
    "name, function", [("05", len), ("05_padding", len), ("05_padding", None), ("05_padding", "pad_or_crop")]
)
def test_wrong_use_is_a_sentence(said, name, function):
    """A wrong name and something that is no answer are told in words."""
    text = said(name, function)
    assert "must be" in text and text.count("\n") == 1


def test_progress_forgets_an_answer_that_was_changed(said):
    """A question counts as done while its function is the one that was checked."""
    names = names_of("05_padding", references("05_padding"))
    assert "Progress: 1 of 5" in said("05_padding", names["pad_or_crop"])
    exec("def pad_or_crop(image, widths):\n    return image", names)
    assert "Progress: 1 of 5 questions done, 1 of 5" in said("05_padding", names["pad_panorama"])
    exec(references("05_padding")["pad_or_crop"], names)
    assert "Progress: 2 of 5 questions done, 2 of 5" in said("05_padding", names["pad_or_crop"])


@pytest.mark.parametrize(
    "value",
    [
        np.float32([[0.1, 2]]),
        np.zeros((0, 2), np.uint8),
        (1, [2.5, "a"]),
        {"a": None, "b": (True,)},
        np.int8(3),
        np.array("x"),
    ],
)
def test_arguments_come_back_from_json(value):
    """An argument that went through a table is the same as before, types and shapes included."""
    back = decode(json.loads(json.dumps(encode(value))))
    assert same_data(back, value) and type(back) is type(value)


def test_model_is_no_argument_of_a_table():
    """Only plain data goes into a table."""
    with pytest.raises(ValueError, match="plain data"):
        encode(object())


EXERCISES = """
import numpy as np
from convbook.course.check_tables import exercise, misconception

@exercise(title="Twice", test="assert twice(np.array([1, 2])).tolist() == [2, 4], 'It must be [2, 4].'", calls=CALLS)
def twice(x):
    return 2 * x

@misconception(function="twice", section="Images shrink", hint="You add.")
def added(x):
    "Twice is two more."
    return x + 2

@misconception(function="twice", section="Images shrink", hint="You square.")
def squared(x):
    "Twice is the square."
    return x**2
"""


@pytest.fixture
def exercises(tmp_path, monkeypatch):
    """`exercises(calls)` makes the table of a small exercises.py, in a folder of its own."""

    def made(calls):
        folder = tmp_path / "solutions" / "05_padding"
        folder.mkdir(parents=True)
        (tmp_path / "chapters").symlink_to(ROOT / "chapters")
        (folder / "05_padding.ipynb").symlink_to(ROOT / "solutions" / "05_padding" / "05_padding.ipynb")
        (folder / "exercises.py").write_text(EXERCISES.replace("CALLS", calls))
        text = json.dumps(exercise_table(tmp_path, "05_padding"))
        (tmp_path / "05_padding_exercises.json").write_text(text)
        monkeypatch.setattr(check, "TABLES", tmp_path)
        return text

    return made


def test_exercise_is_checked_like_a_question(said, exercises):
    """An exercise is not answered, known to be wrong, or right; it has no points and no progress."""
    text = exercises("[(np.array([1, 2]),), (np.array([[3.5, 1]]),)]")
    assert "2 * x" not in text and "x + 2" not in text

    def twice(x):
        pass

    assert said("05_padding", twice) == "Exercise twice: not answered yet.\n"
    names = {}
    exec("def twice(x):\n    return x + 2", names)
    assert "Hint: You add. Read again: “Images shrink” in chapter 05, Padding." in said("05_padding", names["twice"])
    exec("def twice(x):\n    return x + x", names)
    lines = said("05_padding", names["twice"]).splitlines()
    assert lines[0] == f"Exercise twice: {RIGHT}" and len(lines) == 2


@pytest.mark.parametrize("calls", ["[(np.array([2, 2]),)]", "[(np.array([0, 2]),), (np.array([2]),)]"])
def test_exercise_needs_inputs_that_tell_its_answers_apart(exercises, calls):
    """Inputs on which a wrong answer is right, or two wrong ones agree, are refused."""
    with pytest.raises(ValueError, match=r"tell all of its wrong answers apart.*added|.*squared"):
        exercises(calls)


def test_check_cells_are_not_graded():
    """A check cell as it was released is left out of the notebook to grade; one that was changed is the student's own."""
    released = read_notebook(ROOT / "assignments" / "05_padding" / "05_padding.ipynb")
    checks = [Cell("code", cell.source, tags=("check",)) for cell in released.cells if is_check(cell)]
    changed = Cell("code", "check('05_padding', pad_or_crop); mine = 1", tags=("check",))
    rebuilt, remarks = rebuild(source("05_padding"), released, [*checks, changed])
    assert len(checks) == 6 and {remark.kind for remark in remarks} == {"deleted"}
    assert [cell.source for cell in rebuilt.cells if not cell.metadata.get("nbgrader")] == [changed.source]


def test_notebook_works_without_the_package(monkeypatch, capsys):
    """Where the package is missing and cannot be installed, the cells say so in one sentence, on stdout."""
    plain = "\n".join(line.replace("%pip", "pass #") for line in SETUP.splitlines())
    monkeypatch.setitem(sys.modules, "convbook.check", None)
    names = {}
    exec(plain, names)
    names["check"]("05_padding", len)
    shown = capsys.readouterr()
    assert shown.out.count(".") == 2 and "could not be installed" in shown.out and shown.err == ""


@pytest.mark.slow
def test_released_notebook_is_checked_in_a_kernel(monkeypatch):
    """In a real kernel, the released notebook of 05 with a right, a wrong and no answer says so below each question."""
    from nbclient import NotebookClient

    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # or the kernel takes this for nbval

    wrong = next(one for one in bank("05_padding") if one.name == "slice_to_minus_zero")
    answers = {"pad_panorama": references("05_padding")["pad_panorama"], "pad_or_crop": wrong.source}
    released = read_notebook(ROOT / "assignments" / "05_padding" / "05_padding.ipynb")
    notebook = with_answers(released, answers)
    NotebookClient(notebook, timeout=60, allow_errors=True, kernel_name="python3").execute()
    outputs = [merge_streams(cell.outputs) for cell in notebook.cells if is_check(cell)]
    assert outputs[0] == [] and all(len(one) == 1 and one[0].name == "stdout" for one in outputs[1:])
    texts = [one[0].text for one in outputs[1:]]
    assert RIGHT in texts[0] and wrong.hint in texts[1] and "sizes_through: not answered yet." in texts[4]
    assert "Progress: 1 of 5 questions done, 1 of 5 visible points." in texts[4]
