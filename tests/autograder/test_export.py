"""`convbook export`: platforms' own tables come back with the grades in them, and with nothing else changed."""

import csv
import io
import shutil

import pytest
from class_archive import canvas_gradebook, give, table, the_class, worksheet
from click.testing import CliRunner
from test_grade import NAME, make_course

from convbook.autograder.course import CourseError
from convbook.autograder.gradebook import ensure_gradebook
from convbook.autograder.lms.class_list import read_roster
from convbook.autograder.lms.export import Options, export
from convbook.autograder.lms.table import Table
from convbook.autograder.registration import register
from convbook.cli import main

POINTS = {s.number: (float(s.place % 2), 2.0 * (s.place % 3 > 0)) for s in the_class() if s.handed_in}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A course in which 57 of the class of 60 have points, of 6; the written answers of two wait for a person."""
    course = make_course(tmp_path_factory.mktemp("course"))
    register(course, NAME)
    give(course, NAME, POINTS, waiting=("4000", "4007"))
    return course


@pytest.fixture
def course(made):
    """The same, without a roster."""
    shutil.rmtree(made.root / "submitted", ignore_errors=True)
    (made.memory / "roster.json").unlink(missing_ok=True)
    return made


def filled(course, folder, content, **options):
    """(the file that comes back, what is said) for a platform's file with this content."""
    (folder / "theirs.csv").write_bytes(content)
    written = export(course, NAME, folder / "ours.csv", Options(into=folder / "theirs.csv", **options))
    return (folder / "ours.csv").read_bytes(), written


def cells(content, column, encoding="utf-8", delimiter=","):
    """By number in the first or second column: the cell of a column."""
    rows = list(csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))
    place = rows[0].index(column)
    return {"".join(c for c in row[name] if c.isdigit()): row[place] for row in rows[1:] for name in (0, 1) if row[name]}


def as_text(value):
    """A number as the tables have it."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


SHEETS = {
    "English": ("en", "Grade", {}),
    "German, mark, all quoted": ("de", "Bewertung", {"encoding": "utf-8-sig", "quoting": 1}),
    "German, semicolons, Windows": ("de", "Bewertung", {"encoding": "cp1252", "delimiter": ";"}),
    "Korean, CP949": ("ko", "성적", {"encoding": "cp949", "end": "\n"}),
    "Korean, UTF-16, tabs": ("ko", "성적", {"encoding": "utf-16", "delimiter": "\t"}),
}


@pytest.mark.parametrize("kind", SHEETS)
def test_moodles_worksheet_comes_back_as_it_was_with_grades_of_its_maximum(course, tmp_path, kind):
    """Every grade is that of the table, of 100 where Moodle says so; alphabet, separators, quotes and ends of lines stay."""
    language, column, options = SHEETS[kind]
    people = [s for s in the_class() if kind != "German, semicolons, Windows" or s.place < 40]
    people = [s for s in people if kind != "Korean, CP949" or s.place >= 40]
    sheet = worksheet(language, students=people, **options)
    content, _ = filled(course, tmp_path, sheet)
    encoding, delimiter = options.get("encoding", "utf-8"), options.get("delimiter", ",")
    found = cells(content, column, encoding, delimiter)
    assert {s.number: found[s.number] for s in people} == {
        s.number: as_text(sum(POINTS[s.number]) / 6 * 100) if s.handed_in else "" for s in people
    }
    (tmp_path / "ours.csv").write_bytes(content)
    assert emptied(tmp_path / "ours.csv", column) == emptied(tmp_path / "theirs.csv", column)


def emptied(path, column):
    """The bytes of a table without what is in one column."""
    found = Table.read(path)
    for row in found.rows[1:]:
        found.put(row, found.header.index(column), "")
    return found.to_bytes()


def test_canvas_gradebook_comes_back_with_its_maximum_and_its_excused(course, tmp_path):
    """10 points possible; who is excused stays so; other columns, the test student and the maxima are as they were."""
    content, written = filled(course, tmp_path, canvas_gradebook())
    found = cells(content, "Homework (991)")
    deserved = {number: as_text(sum(points) / 6 * 10) for number, points in POINTS.items()}
    assert {number: found[number] for number in deserved} == deserved | {"4021": "EX"}
    assert found["9999"] == "" and "Excused, and left as they are: 1 student (4021)." in written.warnings
    assert content.startswith(b"Student,ID") and content.count(b"\r\n") == 63
    assert b"    Points Possible,,,,,5.00,10.00,(read only)" in content


@pytest.mark.parametrize(
    "title, options, expected",
    [
        ("Homework (991)", {}, "Homework (991)"),
        ("Blatt 1 (991)", {"column": "Blatt 1 (991)"}, "Blatt 1 (991)"),
        ("Blatt 1 (991)", {"column": "blatt 1"}, None),
        ("Blatt 1 (991)", {}, None),
        ("Homework (991)", {"column": "Current Score"}, None),
        ("Homework (991)", {"column": "Nothing"}, None),
    ],
)
def test_the_column_is_found_or_named_and_never_added(course, tmp_path, title, options, expected):
    """Else a sentence lists the candidates."""
    sheet = canvas_gradebook(title=title)
    if expected is None:
        with pytest.raises(CourseError, match=r"Name it with --column. Candidates: "):
            filled(course, tmp_path, sheet, **options)
    else:
        content, _ = filled(course, tmp_path, sheet, **options)
        assert content.split(b"\r\n")[0] == sheet.split(b"\r\n")[0]
        assert cells(content, expected)["4007"] == as_text(sum(POINTS["4007"]) / 6 * 10)


def test_two_columns_of_one_title_are_not_guessed(course, tmp_path):
    """Both are named."""
    rows = [["Student", "ID", "Homework (1)", "homework (2)"], ["Lovelace, Ada", "4007", "", ""]]
    with pytest.raises(CourseError, match=r"with several.*'Homework \(1\)'; 'homework \(2\)'"):
        filled(course, tmp_path, table(rows))


def test_blackboards_table_names_its_maximum_in_the_title(course, tmp_path):
    """Tabs and UTF-16, as its Grade Center writes them."""
    title = "Homework [Total Pts: 30 Score] |664617"
    rows = [["Last Name", "First Name", "Username", title], ["Lovelace", "Ada", "4007", ""]]
    content, _ = filled(course, tmp_path, table(rows, delimiter="\t", encoding="utf-16", quoting=csv.QUOTE_ALL))
    assert content.decode("utf-16").splitlines()[1] == '"Lovelace"\t"Ada"\t"4007"\t"15"'


def test_decimals_are_written_as_the_table_writes_them(course, tmp_path):
    """A German Moodle's 100,00 gets 16,67; a comma in a cell of a table with commas gets its quotes."""
    content, _ = filled(course, tmp_path, worksheet("de", most="100,00", students=the_class()[3:4]))
    assert content.decode().splitlines()[1].endswith(',"16,67","100,00"')


@pytest.mark.parametrize("absent, expected", [(None, ""), ("0", "0"), ("blank", "")])
def test_who_handed_in_nothing_gets_what_was_chosen(course, tmp_path, absent, expected):
    """A 0, a blank, or what was there; who waits to be graded is not one of them."""
    (tmp_path / "list.csv").write_bytes(worksheet())
    ensure_gradebook(course)
    read_roster(course, tmp_path / "list.csv")
    (course.root / "submitted" / "4098" / NAME).mkdir(parents=True)  # the one of place 14 has handed in after all
    content, written = filled(course, tmp_path, canvas_gradebook(), absent=absent)
    found = cells(content, "Homework (991)")
    missing = [s.number for s in the_class() if not s.handed_in and s.number != "4098"]
    assert len(missing) == 2 and [found[number] for number in missing] == [expected] * 2 and found["4098"] == ""
    assert any(line.startswith("Not graded yet: 1 student (4098 Eva Stone)") for line in written.warnings)
    assert any("Nothing was handed in by 2 students" in line for line in written.warnings) == (absent is None)


def test_people_are_found_by_what_the_roster_knows_of_them(course, tmp_path):
    """A table without our numbers, with addresses only."""
    (tmp_path / "list.csv").write_bytes(worksheet())
    ensure_gradebook(course)
    read_roster(course, tmp_path / "list.csv")
    rows = [
        ["First name", "Last name", "Email address", "Assignment: homework (Real)"],
        ["Ada", "Lovelace", "S1@example.org", ""],
    ]
    content, written = filled(course, tmp_path, table(rows))
    assert content.decode().splitlines()[1] == "Ada,Lovelace,S1@example.org,3"
    assert any(line.startswith("The file has no line for 56 students") for line in written.warnings)


def test_what_waits_for_a_person_is_counted(course, tmp_path):
    """In a warning, on the terminal's other stream."""
    line = ["export", NAME, "--to", str(tmp_path / "grades.csv"), "--course", str(course.root)]
    result = CliRunner().invoke(main, line)
    assert result.exit_code == 0 and result.stdout.startswith("wrote the grades of 57 students")
    assert "convbook: 2 answers wait for a person (Formgrader, Manual Grading): 2 students (4000, 4007)." in result.stderr


def test_questions_are_a_table_of_their_own(course, tmp_path):
    """Points by question with their maxima; an answer that waits is empty."""
    line = ["export", NAME, "--questions", "--course", str(course.root)]
    result = CliRunner().invoke(main, line)
    assert result.exit_code == 0, result.output
    text = (course.root / "questions.csv").read_text(encoding="utf-8-sig")
    rows = {row["student_id"]: row for row in csv.DictReader(io.StringIO(text))}
    assert list(rows["4007"])[3:] == ["double_by_hand (1)", "double_laws (2)", "words (3)"]
    assert list(rows["4007"].values())[3:] == ["1", "2", ""] and rows["4014"]["words (3)"] == "0"
    (course.root / "questions.csv").unlink()


def test_excel_reads_korean_names_in_our_own_tables(course, tmp_path):
    """They begin with the mark by which Excel sees UTF-8; names with commas are one cell, and formulas are texts."""
    rows = [["ID", "First name", "Last name"], ["4007", "민지", "김"], ["4014", "Ada, Countess", "=cmd()"]]
    (tmp_path / "list.csv").write_bytes(table(rows))
    ensure_gradebook(course)
    read_roster(course, tmp_path / "list.csv")
    export(course, NAME, tmp_path / "grades.csv")
    content = (tmp_path / "grades.csv").read_bytes()
    found = {row[3]: row for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))}
    assert content.startswith(b"\xef\xbb\xbf") and found["4007"][4:6] == ["김", "민지"]
    assert found["4014"][4:6] == ["'=cmd()", "Ada, Countess"]
    assert len({len(row) for row in found.values()}) == 1


def test_a_platforms_cells_are_not_made_harmless(course, tmp_path):
    """An apostrophe in one of its names would be that of nobody when the file goes back."""
    rows = [["Student", "ID", "Homework (1)"], ["=Lovelace, Ada", "4007", ""]]
    content, _ = filled(course, tmp_path, table(rows))
    assert content == b'Student,ID,Homework (1)\r\n"=Lovelace, Ada",4007,3\r\n'


def test_a_file_that_names_nobody_says_what_to_do(course, tmp_path):
    """The columns that were tried, and the command that tells who people are."""
    rows = [["Student", "ID", "Homework (1)"], ["Nobody", "1", ""]]
    with pytest.raises(CourseError, match=r"in a column as ID\. .*Do: convbook roster theirs\.csv"):
        filled(course, tmp_path, table(rows))
    with pytest.raises(CourseError, match="without --into"):
        export(course, NAME, tmp_path / "x.csv", Options(column="x"))
    with pytest.raises(CourseError, match="a table of its own"):
        export(course, NAME, tmp_path / "x.csv", Options(questions=True, into=tmp_path / "theirs.csv"))


@pytest.mark.parametrize(
    "content",
    [
        b'a,"b ""c""",d\r\n"x\ny",,\n"open,1\n2,3',
        b"a;b\n;\n",
        b"\xff\xfea\x00\t\x00b\x00\r\x00\n\x00",
        '\ufeff"이름","성적"\r\n'.encode(),
        "이름,성적\n김,1".encode("cp949"),
    ],
)
def test_a_table_that_is_not_changed_comes_back_byte_for_byte(tmp_path, content):
    """Whatever is in it, also where it is not well made."""
    (tmp_path / "table.csv").write_bytes(content)
    assert Table.read(tmp_path / "table.csv").to_bytes() == content
