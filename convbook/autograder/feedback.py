"""What a student gets back: nbgrader's feedback page, in which a hidden test says what is wrong in words and no more."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from convbook.autograder.course import Course, CourseError, read_json
from convbook.autograder.discretion import without_hidden
from convbook.autograder.due import lateness
from convbook.autograder.plan import Assignment, read
from convbook.course.assignments import reason
from convbook.course.cells import grade_id, is_test


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
        api = NbGraderAPI(config=config)
        api.log.setLevel(logging.ERROR)
        api.log.propagate = False
        for student in chosen:
            dates = lateness(course, name, student)
            for notebook, source in assignment.sources.items():
                path = course.folder("autograded", name, student) / f"{notebook}.ipynb"
                told = without_hidden(read(path), source, assignment.release[notebook])
                add_hints(told, read_json(course.record_path(name, student)), name)
                if dates:
                    told.cells.insert(0, nbformat.v4.new_markdown_cell(f"*{dates}*"))
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
