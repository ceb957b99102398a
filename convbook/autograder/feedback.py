"""What a student gets back: nbgrader's feedback page, in which a hidden test says what is wrong in words and no more."""

from __future__ import annotations

import ast
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from convbook.autograder.course import Course, CourseError, read_json
from convbook.autograder.plan import Assignment, read
from convbook.autograder.rebuild import grade_id, is_test
from convbook.autograder.score import STUDENTS
from convbook.release import reason

LONGEST = 300  # characters of an error of the student's own that a hidden test met
SHORTEST = 12  # characters: what is shorter says nothing in words


def feedback(course: Course, name: str, students: tuple[str, ...] = (), force: bool = False) -> list[str]:
    """Writes the pages of those who have been graded, as `nbgrader generate_feedback` does; their names."""
    from nbgrader.apps import NbGraderAPI

    assignment = Assignment.of(course, name)
    graded = [student for student in course.students(name) if course.record_path(name, student).is_file()]
    chosen = [student for student in graded if not students or student in students]
    if not chosen or set(students) - set(graded):
        asked = ", ".join(sorted(set(students) - set(graded))) or "nobody"
        raise CourseError(f"Feedback is for graded submissions. Received: {asked}. Do: convbook grade {name}")
    with tempfile.TemporaryDirectory() as folder:
        config = course.config.copy()
        config.CourseDirectory.autograded_directory = folder
        config.CourseDirectory.directory_structure = "{nbgrader_step}/{student_id}/{assignment_id}"
        config.CourseDirectory.feedback_directory = str(feedback_folder(course))
        config.HTMLExporter.sanitize_html = True
        api = NbGraderAPI(config=config)
        api.log.setLevel(logging.ERROR)
        api.log.propagate = False
        for student in chosen:
            for notebook, source in assignment.sources.items():
                path = course.folder("autograded", name, student) / f"{notebook}.ipynb"
                told = without_hidden(read(path), source, assignment.release[notebook])
                add_hints(told, read_json(course.record_path(name, student)), name)
                place = Path(folder) / student / name / path.name
                place.parent.mkdir(parents=True, exist_ok=True)
                nbformat.write(told, place)
            failure = reason(api.generate_feedback(name, student, force=force))
            if failure:
                raise CourseError(f"nbgrader must be able to write the feedback of {student}. Received: {failure}")
    return chosen


def feedback_folder(course: Course) -> Path:
    """The course's folder of feedback."""
    return course.root / course.directory.feedback_directory


def without_hidden(graded: NotebookNode, source: NotebookNode, released: NotebookNode) -> NotebookNode:
    """A graded notebook in which each cell of the instructor's stands as it was released.

    Outputs of tests that students have seen stay as they are. Of a test with hidden parts stays what its output says in words.
    """
    hidden = {grade_id(cell): cell.source for cell in source.cells if grade_id(cell)}
    given = {grade_id(cell): cell.source for cell in released.cells if grade_id(cell)}
    for cell in graded.cells:
        name = grade_id(cell)
        if name not in given or cell.metadata["nbgrader"].get("solution"):
            continue
        cell.source = given[name]
        if is_test(cell) and hidden[name].strip() != given[name].strip():
            cell.outputs = [told(output, hidden[name]) for output in cell.outputs if output["output_type"] == "error"]
    return graded


def add_hints(graded: NotebookNode, record: dict[str, Any], chapter: str) -> None:
    """Puts what is known about a wrong answer below the first test that it failed."""
    for finding in [*record.get("misconceptions", []), *record.get("smallest", [])]:
        failed = [cell for cell in graded.cells if is_test(cell) and grade_id(cell).startswith(f"{finding['function']}_")]
        failed = [cell for cell in failed if record["points"][grade_id(cell)] < record["max_points"][grade_id(cell)]]
        if finding["name"]:
            text = f"{finding['hint']}\nRead again: chapter {chapter[:2]}, “{finding['section']}”.\n"
        elif finding["call"]:
            text = f"The smallest input that we found your answer wrong for:\n{finding['call']}\nWhat must come out there?\n"
        else:
            continue
        for cell in failed[:1]:
            cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text=text))


def told(output: dict[str, Any], source: str) -> NotebookNode:
    """What a failed hidden test says: its own words, or an error of the student's own; never a value that it has computed."""
    name, value, trace = output["ename"], output["evalue"], output["traceback"]
    if trace and trace[0].startswith(STUDENTS):
        lines = [trace[0][:LONGEST], f"{name}: {value}"[:LONGEST]]
    else:
        words = [text for text in texts_in(source) if value.startswith(text)]
        lines = [max(words, key=len)] if words else [f"A hidden test failed ({name})."]
    return nbformat.v4.new_output("error", ename=name, evalue=lines[-1], traceback=lines)


def texts_in(source: str) -> Iterator[str]:
    """The texts that stand in a test's source: whole ones, and the beginnings of those that hold values."""
    yield from ("The time limit was reached.", "The notebook ended before this test.")
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and len(first.value) >= SHORTEST:
            yield first.value
