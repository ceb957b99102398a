"""`convbook roster`: a platform's own list becomes nbgrader's students, in any of its languages, alphabets and separators."""

import json
import shutil

import pytest
from class_archive import canvas_gradebook, give, table, the_class, worksheet
from click.testing import CliRunner
from test_grade import NAME, make_course

from convbook.autograder.course import CourseError
from convbook.autograder.grade import Run
from convbook.autograder.gradebook import ensure_gradebook
from convbook.autograder.lms.class_list import read_roster
from convbook.autograder.lms.roster import Roster, absent, names
from convbook.autograder.registration import register
from convbook.autograder.report import report
from convbook.autograder.summary import summary
from convbook.cli import main


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A course with one assignment."""
    course = make_course(tmp_path_factory.mktemp("course"))
    register(course, NAME)
    return course


@pytest.fixture
def course(made):
    """The same, with nobody in it."""
    from nbgrader.api import Gradebook

    shutil.rmtree(made.root / "submitted", ignore_errors=True)
    shutil.rmtree(made.memory / "records", ignore_errors=True)
    (made.memory / "roster.json").unlink(missing_ok=True)
    ensure_gradebook(made)
    with Gradebook(made.directory.db_url, "test") as gradebook:
        for student in gradebook.students:
            gradebook.remove_student(student.id)
    return made


def taken(course, folder, content):
    """What a list with this content changes."""
    (folder / "list.csv").write_bytes(content)
    return read_roster(course, folder / "list.csv")


def in_gradebook(course):
    """By student: first name, last name, e-mail, the platform's number."""
    from nbgrader.api import Gradebook

    with Gradebook(course.directory.db_url, "test") as gradebook:
        return {s.id: (s.first_name, s.last_name, s.email, s.lms_user_id) for s in gradebook.students}


LISTS = {
    "Canvas": canvas_gradebook(),
    "Canvas, German separators, mark": canvas_gradebook(delimiter=";", encoding="utf-8-sig", end="\n"),
    "Moodle": worksheet("en"),
    "Moodle, German": worksheet("de", encoding="utf-8-sig", quoting=1),
    "Moodle, Korean": worksheet("ko", end="\n"),
    "Moodle, tabs, UTF-16": worksheet("ko", delimiter="\t", encoding="utf-16"),
}


@pytest.mark.parametrize("kind", LISTS)
def test_sixty_people_come_out_of_every_list(course, tmp_path, kind):
    """Names, numbers and groups or sections; teachers, maxima and test students do not. Twice changes nothing."""
    change = taken(course, tmp_path, LISTS[kind])
    assert len(change.new) == len(the_class()) == 60
    found = in_gradebook(course)
    assert set(found) == {student.number for student in the_class()}
    assert names(course) == {student.number: student.name for student in the_class()}
    if not kind.startswith("Canvas"):
        assert {number: row[2] for number, row in found.items()} == {s.number: s.email for s in the_class()}
        assert Roster.of(course).people["4000"].groups == ("Team 1",)
    else:
        assert Roster.of(course).people["4000"].sections == ("Section 1",)
    before = (course.memory / "roster.json").read_bytes()
    again = taken(course, tmp_path, LISTS[kind])
    assert (again.new, again.changed, again.left, len(again.same)) == ([], [], [], 60)
    assert (course.memory / "roster.json").read_bytes() == before and in_gradebook(course) == found


def test_a_korean_list_of_an_old_excel(course, tmp_path):
    """CP949, and the columns of a Korean university's list: 학번, 이름, 분반, 조."""
    rows = [["학번", "이름", "이메일", "분반", "조"], ["2026001", "김민지", "a@example.org", "1분반", "2조"]]
    taken(course, tmp_path, table(rows, encoding="cp949"))
    assert in_gradebook(course) == {"2026001": (None, "김민지", "a@example.org", None)}
    assert (Roster.of(course).people["2026001"].sections, Roster.of(course).people["2026001"].groups) == (("1분반",), ("2조",))


def test_a_german_list_in_an_old_alphabet(course, tmp_path):
    """CP1252 is not taken for Korean, also where two of its letters stand together."""
    rows = [["Nachname", "Vorname", "Matrikelnummer"], ["Groß", "Öß", "77"]]
    taken(course, tmp_path, table(rows, delimiter=";", encoding="cp1252"))
    assert in_gradebook(course)["77"][:2] == ("Öß", "Groß")


def test_a_heading_above_the_titles_is_no_line_of_the_class(course, tmp_path):
    """Nor is the line in which some programs tell Excel what separates the cells."""
    text = "sep=;\n컴퓨터비전, 1분반, 수강생 명단\n\n학번;이름\n2026001;김민지\n"
    assert taken(course, tmp_path, text.encode("cp949")).new == ["2026001"]


def test_moodles_list_of_participants_holds_teachers_too(course, tmp_path):
    """Students only; the others are named with their role."""
    rows = [["Vorname", "Nachname", "E-Mail-Adresse", "Rollen", "Gruppen"]]
    rows += [["Emmy", "Noether", "e@x.org", "Teilnehmer/in", "A, B"], ["David", "Hilbert", "d@x.org", "Trainer/in", ""]]
    change = taken(course, tmp_path, table(rows))
    assert change.new == ["e@x.org"] and change.skipped == ["David Hilbert: no student but Trainer/in"]
    assert Roster.of(course).people["e@x.org"].groups == ("A", "B")


def test_a_second_list_finds_the_same_people(course, tmp_path):
    """Moodle gives new numbers in each assignment: by the address they are the same, and have both numbers."""
    people = the_class()[:3]
    taken(course, tmp_path, worksheet("en", students=people))
    text = worksheet("en", students=people).decode().replace("Participant 4007", "Participant 99007")
    change = taken(course, tmp_path, text.encode())
    assert change.changed == ["4007"] and len(change.same) == 2
    assert Roster.of(course).find("99007").id == Roster.of(course).find("4007").id == "4007"


def test_folders_that_are_there_keep_their_names(course, tmp_path):
    """A student who was graded under an address is not a second one when the list comes."""
    give(course, NAME, {"s0@example.org": (1, 2)})
    taken(course, tmp_path, canvas_gradebook(students=the_class()[:2]))
    assert sorted(in_gradebook(course)) == ["4007", "s0@example.org"]
    assert in_gradebook(course)["s0@example.org"][:2] == ("Emmy", "Noether")


def test_who_left_is_said_and_stays(course, tmp_path):
    """In the gradebook, and in the roster with a mark; back in the list, they are there as before."""
    taken(course, tmp_path, worksheet("de"))
    change = taken(course, tmp_path, worksheet("de", students=the_class()[1:]))
    assert change.left == ["4000"] and "4000" in in_gradebook(course)
    assert "4000" not in absent(course, NAME) and "4007" in absent(course, NAME)
    assert taken(course, tmp_path, worksheet("de", students=the_class()[1:])).left == []
    assert taken(course, tmp_path, worksheet("de")).changed == ["4000"]


def test_two_of_one_name_are_two(course, tmp_path):
    """A name that two people share decides nothing."""
    rows = [["ID number", "Full name"], ["1", "김민수"], ["2", "김민수"]]
    assert taken(course, tmp_path, table(rows)).new == ["1", "2"]
    assert Roster.of(course).named("김민수") is None and Roster.of(course).find("2").id == "2"
    assert taken(course, tmp_path, table([rows[0], ["8", "이하나"]])).new == ["8"]
    change = taken(course, tmp_path, table([rows[0], ["5", "이하나"], ["6", "이하나"]]))
    assert (change.new, change.left, change.skipped) == (["5", "6"], ["8"], [])


def test_names_are_no_html(course, tmp_path):
    """Students choose their names, and Formgrader writes them into its pages; identifiers with signs of HTML are refused."""
    rows = [["ID number", "Full name"], ["1", "<b>Emmy</b> \x1b[1mNoether"], ["<i>", "Eve"], ["../x", "Bob"]]
    change = taken(course, tmp_path, table(rows))
    assert not set('<>&"\\\x1b') & set("".join(map(str, in_gradebook(course)["1"])))
    assert change.skipped == ["Eve: no identifier that can be used", "Bob: no identifier that can be used"]


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "with a line of titles"),
        (b"PK\x03\x04\x00\x00", "save it as CSV"),
        (b"a,b\r\n1,2\r\n", "must have columns for names and identifiers"),
        (b"ID,Name\r\n", "must have a line for each student"),
    ],
)
def test_what_is_no_list_ends_with_one_sentence(course, tmp_path, content, message):
    """Exit status 2, and nothing is written."""
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(CourseError, match=message):
        read_roster(course, tmp_path / "list.csv")
    result = CliRunner().invoke(main, ["roster", str(tmp_path / "list.csv"), "--course", str(course.root)])
    assert result.exit_code == 2 and message in result.stderr and not (course.memory / "roster.json").exists()


def test_the_command_says_what_a_list_has_changed(course, tmp_path):
    """New, changed, as before, and who is not in it any more."""
    (tmp_path / "list.csv").write_bytes(worksheet("ko"))
    line = ["roster", str(tmp_path / "list.csv"), "--course", str(course.root)]
    assert CliRunner().invoke(main, line).stdout == "60 new, 0 changed, 0 as before\n"
    (tmp_path / "list.csv").write_bytes(worksheet("ko", students=the_class()[2:]))
    said = "0 new, 0 changed, 58 as before\nnot in this list any more, and still in the gradebook: 4000, 4007\n"
    assert CliRunner().invoke(main, line).stdout == said


def test_table_and_report_show_names_and_who_is_missing(course, tmp_path):
    """What `convbook grade` prints and the report say who people are, and who have handed in nothing."""
    taken(course, tmp_path, worksheet("de", students=the_class()[20:22]))
    record = {"student": "4140", "state": "graded", "note": "", "score": 1.0, "penalty": 0.0, "cpu_seconds": 1.0}
    record |= {"points": {"t": 1.0}, "max_points": {"t": 1.0}, "remarks": [], "late": [], "lower_trust": [], "waiting": []}
    record |= {"unsafe": False, "wall_seconds": 1.0, "memory": 0, "seed": 0, "graded": "2026-03-02T00:00:00+00:00"}
    (course.root / "submitted" / "4140" / NAME).mkdir(parents=True)
    run = Run(NAME, [record], people=names(course), absent=absent(course, NAME))
    text = summary([run])
    assert "4140 Jürgen Müller" in text and "Nothing was handed in by 1: 4147 Käthe Groß." in text
    (course.memory / "records" / NAME).mkdir(parents=True)
    (course.memory / "records" / NAME / "4140.json").write_text(json.dumps(record))
    page = report(course, NAME, tmp_path / "report.html").read_text()
    assert "<bdi>4140 Jürgen Müller</bdi>" in page
    assert "Nothing was handed in by 1 student of the class: <bdi>4147 Käthe Groß</bdi>." in page
