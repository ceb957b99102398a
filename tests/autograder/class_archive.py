"""A class of 60 invented students, and what platforms hand out of it: archives and tables in the documented formats.

Every kind of thing that real classes do wrong is there, by the student's place in the list; `Student.deserves` is the table of
grades.
"""

import csv
import io
import json
import unicodedata
import warnings
import zipfile
from dataclasses import dataclass

RIGHT = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return x + 2"
NAMES = """
Emmy Noether, Ada Lovelace, Alan Turing, Grace Hopper, Kurt Goedel, Sofia Kova, Carl Gauss, Mary Ward, Leo Euler, Ida Rhodes,
Jane O'Hara, Tom van der Berg, Ann-Marie Low, Max Hill, Eva Stone, Ben Fox, Lea Moon, Kim Park, Sam Reed, Zoe Quinn,
Jürgen Müller, Käthe Groß, Sören Weiß, Björn Schäfer, Anna Löw, Uwe Jäger, Ulla Böhm, Jörg Süß, Änne Kühn, Götz Öhler,
Hans Maier, Lisa Vogel, Paul Kraus, Nele Busch, Olaf Horn, Rosa Blum, Emil Wolf, Ina Sommer, Udo Winter, Mia Lenz,
민지 김, 서준 이, 하은 박, 도윤 최, 지우 정, 시우 강, 수아 조, 준서 윤, 지아 장, 예준 임,
하윤 한, 주원 오, 서연 서, 지호 신, 다은 권, 민수 황, 유나 안, 현우 송, 소율 류, 태윤 홍
"""  # first name, last name
KINDS = (
    *("plain", "copy", "text", "underscore", "folder", "zip", "data", "pdf beside", "pdf only", "two versions"),
    *(
        "no metadata",
        "decomposed",
        "other name",
        "damaged",
        "nothing",
        "zip in zip",
        "plain",
        "wrong",
        "wrong",
        "blank beside",
    ),
)


@dataclass(frozen=True)
class Student:
    """One of the class: `place` is 0 to 59."""

    place: int
    first: str
    last: str

    @property
    def number(self):
        """The platform's number."""
        return str(4000 + 7 * self.place)

    @property
    def kind(self):
        """What they do."""
        return KINDS[self.place % len(KINDS)]

    @property
    def email(self):
        return f"s{self.place}@example.org"

    @property
    def group(self):
        return f"Team {self.place % 12 + 1}"

    @property
    def name(self):
        return self.last + self.first if "가" <= self.last[0] <= "힣" else f"{self.first} {self.last}"

    @property
    def handed_in(self):
        return self.kind != "nothing"

    @property
    def deserves(self):
        """The points of the tests (3) that the answer deserves; None where nothing was handed in."""
        if not self.handed_in:
            return None
        return {"pdf only": 0.0, "damaged": 0.0, "wrong": 1.0}.get(self.kind, 3.0)


def the_class():
    """All 60."""
    return [Student(place, *name.strip().rsplit(" ", 1)) for place, name in enumerate(NAMES.replace("\n", " ").split(","))]


def notebook(released, answer, metadata=True):
    """What was released (JSON), with an answer in it."""
    data = json.loads(released)
    for cell in data["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "double":
            cell["source"] = answer
        if not metadata:
            cell["metadata"] = {}
    return json.dumps(data).encode()


def packed(files):
    """A zip with these (name, content)."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 2, 12, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def handed_in(student, released, name):
    """The (name, content) of the files that a student handed in."""
    own = notebook(released, WRONG if student.kind == "wrong" else RIGHT, student.kind != "no metadata")
    data = b"1,2\n"
    return {
        "copy": [(f"{name} (1).ipynb", own)],
        "text": [(f"{name}.ipynb.txt", own)],
        "underscore": [(f"my_own_{name}_final_2.ipynb", own)],
        "folder": [("work.zip", packed([(f"hw/{name}.ipynb", own), ("hw/data/numbers.csv", data)]))],
        "zip": [("work.zip", packed([(f"{name}.ipynb", own), (f"__MACOSX/._{name}.ipynb", b"x"), (".DS_Store", b"x")]))],
        "zip in zip": [("all.zip", packed([("inner.zip", packed([(f"{name}.ipynb", own)]))]))],
        "data": [(f"{name}.ipynb", own), ("numbers.csv", data)],
        "pdf beside": [(f"{name}.ipynb", own), ("scan.pdf", b"%PDF-1.4")],
        "pdf only": [(f"{name}.pdf", b"%PDF-1.4")],
        "two versions": [(f"{name}.ipynb", notebook(released, WRONG)), (f"{name} (1).ipynb", own)],
        "blank beside": [
            (f"{name}.ipynb", b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'),
            ("x.ipynb", own),
        ],
        "decomposed": [(unicodedata.normalize("NFD", "과제 최종.ipynb"), own)],
        "other name": [("Untitled3.ipynb", own)],
        "damaged": [(f"{name}.ipynb", own[: len(own) // 2])],
        "nothing": [],
    }.get(student.kind, [(f"{name}.ipynb", own)])


def canvas_archive(released, name, students=None):
    """What Canvas' "Download Submissions" gives: (name in the archive, content)."""
    files, attachment = [], 80000
    for student in students or the_class():
        letters = "".join(c for c in f"{student.last}{student.first}".lower() if c.isalnum() or c == "_")
        late = "_LATE" if student.place % 6 == 0 else ""
        for file, content in handed_in(student, released, name):
            attachment += 1
            clean = "".join("_" if c in '\0/\\:*?"<>|' else c for c in file)
            files.append((f"{letters}{late}_{student.number}_{attachment}_{clean}", content))
    return files


def moodle_archive(released, name, students=None, folders=True):
    """What Moodle's "Download all submissions" gives."""
    files = []
    for student in students or the_class():
        between = "assignsubmission_file/" if folders else "assignsubmission_file_"
        for file, content in handed_in(student, released, name):
            files.append((f"{student.name}_{student.number}_{between}{file}", content))
    return files


def blackboard_archive(released, name, students=None, attempts=("2026-03-01-10-00-00", "2026-03-02-21-15-32")):
    """What Blackboard's "Download Assignments" gives, with an earlier attempt of everybody's that is wrong."""
    files = []
    for student in students or the_class():
        for attempt in attempts:
            head = f"Homework 1_{student.number}_attempt_{attempt}"
            page = f"Name: {student.name} ({student.number})\nAssignment: Homework 1\nDate Submitted: {attempt}\n"
            files.append((f"{head}.txt", page.encode()))
            early = attempt != attempts[-1]
            own = [(f"{name}.ipynb", notebook(released, WRONG))] if early else handed_in(student, released, name)
            files += [(f"{head}_{file}", content) for file, content in own]
    return files


def table(rows, delimiter=",", encoding="utf-8", end="\r\n", quoting=csv.QUOTE_MINIMAL):
    """Rows as a program writes them."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return text.getvalue().encode(encoding)


def canvas_gradebook(title="Homework (991)", most="10.00", students=None, **options):
    """The exported gradebook of Canvas, with an excused student and the test student."""
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Warm-up (990)", title, "Current Score"]
    rows = [head, ["    Points Possible", "", "", "", "", "5.00", most, "(read only)"]]
    for student in students or the_class():
        grade = "EX" if student.place == 3 else ""
        official = f"2026{student.place:04}"
        name = f"{student.last}, {student.first}"
        rows.append(
            [name, student.number, official, student.email, f"Section {student.place % 2 + 1}", "4.00", grade, "80.00"]
        )
    rows.append(["Student, Test", "9999", "", "0123456789abcdef", "Section 1", "", "", ""])
    return table(rows, **options)


WORKSHEET = {  # the word in front of a number, and the titles, from Moodle's language packs
    "en": ("Participant ", "Identifier,Full name,Email address,Status,Group,Grade,Maximum Grade"),
    "de": ("Teilnehmer/in", "ID,Vollständiger Name,E-Mail-Adresse,Status,Gruppe,Bewertung,Bestwertung"),
    "ko": ("참가자", "식별자,성명,이메일 주소,상태,모둠,성적,최대 성적"),
}


def worksheet(language="en", most="100.00", students=None, **options):
    """Moodle's grading worksheet."""
    hidden, titles = WORKSHEET[language]
    rows = [titles.split(",")]
    for student in students or the_class():
        rows.append([f"{hidden}{student.number}", student.name, student.email, "-", student.group, "", most])
    return table(rows, **options)


def give(course, assignment, points, waiting=()):
    """Enters points in the gradebook as grading does: by student, those of the two tests; all others handed in nothing."""
    from nbgrader.api import Gradebook

    with Gradebook(course.directory.db_url, course.directory.course_id) as gradebook, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Object of type .* not in session")  # nbgrader's, harmless
        for student, (first, second) in points.items():
            gradebook.update_or_create_student(student)
            submission = gradebook.update_or_create_submission(assignment, student)
            for grade in submission.notebooks[0].grades:
                grade.auto_score = {"double_by_hand": first, "double_laws": second}.get(grade.name, 0.0)
                grade.needs_manual_grade = grade.name == "words" and student in waiting
        gradebook.db.commit()
