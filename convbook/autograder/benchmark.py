"""How fast is grading? Stock nbgrader and `convbook grade` on the same submissions, in turns, in one run."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from convbook.autograder.course import Course
from convbook.autograder.grade import Options, grade
from convbook.autograder.registration import register
from convbook.course.files import write_whole
from convbook.course.settings import ROOT

TABLE = ROOT / "pages" / "grading_speed_table.md"
SUBMISSIONS = 20
ROUNDS = 4  # in each, either side grades its share of the submissions
NUMPY = "02_convolution"
KERAS = "keras_homework"


@dataclass
class Figures:
    """What one side took for one kind of submission: CPU-seconds and seconds on the clock, for each round."""

    cpu: list[float]
    wall: list[float]

    def __str__(self) -> str:
        return f"{statistics.median(self.cpu):.2f} | {statistics.median(self.wall):.2f}"


def keras_notebook() -> nbformat.NotebookNode:
    """A short Keras assignment with its solution: a network that is built, trained a little, and returned."""

    def cell(name: str, source: str, points: int | None = None, solution: bool = False) -> nbformat.NotebookNode:
        meta = {"grade_id": name, "grade": points is not None, "solution": solution, "locked": not solution}
        meta |= {"schema_version": 3, "task": False} | ({"points": points} if points else {})
        return nbformat.v4.new_code_cell(source, metadata={"nbgrader": meta}, id=name.replace("_", "-"))

    answer = """def trained(x, y):
    ### BEGIN SOLUTION
    layers = [keras.Input(x.shape[1:]), keras.layers.Conv2D(8, 3, activation="relu"), keras.layers.Flatten()]
    model = keras.Sequential([*layers, keras.layers.Dense(2)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x, y, epochs=10, verbose=0)
    return model
    ### END SOLUTION"""
    test = """rng = np.random.default_rng(0)
y = rng.integers(0, 2, 256)
x = rng.normal(size=(256, 8, 8, 1)).astype("float32") + y[:, None, None, None]
model = trained(x, y)
assert np.mean(np.argmax(model.predict(x, verbose=0), axis=1) == y) > 0.9"""
    tools = cell("tools", "import keras\nimport numpy as np")
    return nbformat.v4.new_notebook(cells=[tools, cell("trained", answer, solution=True), cell("trained_test", test, 2)])


def make_course(root: Path) -> Course:
    """A course with both assignments, and so many students who solved them."""
    lines = ["c = get_config()", "c.CourseDirectory.course_id = 'bench'", "c.ExecutePreprocessor.timeout = 120"]
    lines += ["c.CourseDirectory.ignore = ['misconceptions.py', 'grading.toml', '__pycache__']"]
    write_whole(root / "nbgrader_config.py", "\n".join(lines) + "\n")
    shutil.copytree(ROOT / "solutions" / NUMPY, root / "source" / NUMPY)
    (root / "source" / KERAS).mkdir()
    nbformat.write(keras_notebook(), root / "source" / KERAS / f"{KERAS}.ipynb")
    write_whole(root / "source" / KERAS / "grading.toml", 'imports = ["numpy", "keras"]\n')
    course = Course(root)
    for name in (NUMPY, KERAS):
        register(course, name)
        for number in range(SUBMISSIONS):
            folder = course.folder("submitted", name, f"s{number:02}")
            folder.mkdir(parents=True)
            shutil.copy(root / "source" / name / f"{name}.ipynb", folder)
    return course


def used() -> float:
    """CPU-seconds of this process and of all that it has waited for."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def stock(course: Course, name: str, students: list[str]) -> tuple[float, float]:
    """CPU-seconds and seconds for each submission, by stock nbgrader in this process."""
    from nbgrader.apps import NbGraderAPI

    api = NbGraderAPI(config=course.config)
    api.log.setLevel("ERROR")
    start, cpu = time.monotonic(), used()
    for student in students:
        answer = api.autograde(name, student, force=True)
        assert answer["success"], answer
    return (used() - cpu) / len(students), (time.monotonic() - start) / len(students)


def ours(course: Course, name: str, students: list[str], workers: int) -> tuple[float, float]:
    """The same by `convbook grade`. What is there before the first submissions are done is start-up, and left out."""
    ends: list[tuple[float, float]] = []
    options = Options(students=tuple(students), force=True, workers=workers)
    [run] = grade(course, [name], options, lambda *_: ends.append((time.monotonic(), sum(resource.getrusage(0)[:2]))))
    first, last = ends[workers - 1], ends[-1]
    count = len(ends) - workers
    chosen = [record for record in run.records if record["student"] in students]
    assert all(record["state"] == "graded" for record in chosen)
    assert all(record["points"] == record["max_points"] for record in chosen)
    inside = sum(record["cpu_seconds"] for record in chosen) / len(chosen)
    return inside + (last[1] - first[1]) / count, (last[0] - first[0]) / count


def interleaved(sides: dict[str, Callable[[list[str]], tuple[float, float]]]) -> dict[str, Figures]:
    """The figures of all sides, a share of the students a round, one side after the other."""
    share = SUBMISSIONS // ROUNDS
    figures = {name: Figures([], []) for name in sides}
    for number in range(ROUNDS):
        students = [f"s{k:02}" for k in range(number * share, (number + 1) * share)]
        for name, side in sides.items():
            cpu, wall = side(students)
            figures[name].cpu.append(cpu)
            figures[name].wall.append(wall)
    return figures


def measure() -> dict[str, dict[str, Figures]]:
    """The figures of all sides for both kinds of submissions."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(open(os.devnull, "w")):
        course = make_course(Path(folder) / "course")
        return {
            kind: interleaved(
                {
                    "stock nbgrader": lambda students, name=name: stock(course, name, students),
                    "convbook, 1 worker": lambda students, name=name: ours(course, name, students, 1),
                    f"convbook, {cores} workers": lambda students, name=name: ours(course, name, students, cores),
                }
            )
            for kind, name in (("NumPy", NUMPY), ("Keras", KERAS))
        }


def ratio(some: list[float], other: list[float]) -> float:
    """How many times as much the first took: the median over the rounds."""
    return statistics.median(a / b for a, b in zip(some, other))


def as_table(measured: dict[str, dict[str, Figures]]) -> str:
    """The page's table, and what it means for a large course."""
    lines = ["| submissions | graded by | CPU-seconds each | seconds each | times the CPU of convbook | times as long |"]
    lines += ["|---|---|---:|---:|---:|---:|"]
    for kind, sides in measured.items():
        *_, base = sides.values()
        for name, figures in sides.items():
            cpu, wall = ratio(figures.cpu, base.cpu), ratio(figures.wall, base.wall)
            lines.append(f"| {kind} | {name} | {figures} | {cpu:.1f} | {wall:.1f} |")
    seven, five = (statistics.median(list(sides.values())[-1].wall) for sides in measured.values())
    hours = 1000 * (7 * seven + 5 * five) / 3600
    cores = os.cpu_count() or 1
    lines.append(
        f"""
Medians of {ROUNDS} rounds of {SUBMISSIONS // ROUNDS} submissions, one side after the other in each round; without start-up.
At this rate, 1,000 students with seven NumPy and five Keras assignments take {hours:.1f} hours on {cores} cores, and
{hours * cores / 64 * 60:.0f} minutes on 64, where each core has a worker of its own."""
    )
    return "\n".join(lines) + "\n"


def run() -> str:
    """Measures, writes the table of the page "How fast is it?", and returns it."""
    table = as_table(measure())
    write_whole(TABLE, table)
    return table
