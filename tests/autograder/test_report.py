"""The report on a class: its statistics by hand, and a page that nothing in a record can break."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from click.testing import CliRunner

from convbook.autograder.advice import ADVICE
from convbook.autograder.class_statistics import Bar, by_kind, correlation, histogram, holders, items
from convbook.autograder.course import CourseError, open_course
from convbook.autograder.record import STATES
from convbook.autograder.report import count, day, number, page, report, section, signed
from convbook.cli import main

MOST = {"blur_by_hand": 1.0, "blur_laws": 2.0, "extra": 1.0}
VOID = {"meta", "br", "img", "link", "input", "hr"}
HOSTILE = "<script>alert('x')</script>&\"'\u202e\ud800"


def record(student="ada", earned=(1, 2, 1), **other):
    """A record as `convbook grade` writes it."""
    points = dict(zip(MOST, map(float, earned)))
    whole = {
        "student": student,
        "assignment": "02_blur",
        "key": "k",
        "state": "graded",
        "note": "",
        "points": points,
        "max_points": MOST,
        "remarks": [],
        "late": [],
        "lower_trust": [],
        "cpu_seconds": 1.5,
        "wall_seconds": 2.5,
        "memory": 100 * 2**20,
        "seed": 7,
        "unsafe": False,
        "graded": "2026-11-22T05:31:10+00:00",
        "score": sum(points.values()),
        "penalty": 0.0,
        "waiting": [],
    }
    return whole | other


def html(records, **other):
    """The page of one assignment."""
    return page("course", [section("02_blur", records, **other)])


class Balance(HTMLParser):
    """Reads a page: its tags must be closed in the order in which they were opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.words = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        assert len(dict(attributes)) == len(attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data.split()

    @property
    def text(self):
        return " ".join(self.words)


def test_items_by_hand():
    """Six submissions: the share of points, the full marks, and the correlation with the rest."""
    earned = [(1, 2, 1), (1, 2, 0), (1, 1, 1), (0, 1, 0), (0, 0, 1), (1, 0, 0)]
    blur, laws, extra = items([record(f"s{i}", points) for i, points in enumerate(earned)])
    assert (blur.name, blur.most, blur.taken, blur.full, blur.share) == ("blur_by_hand", 1, 6, 4, pytest.approx(4 / 6))
    assert (laws.full, laws.share) == (2, pytest.approx(6 / 12))
    # blur 1 1 1 0 0 1 with the rest 3 2 2 1 1 0: covariance 2, squares 4/3 and 5.5
    assert blur.discrimination == pytest.approx(1 / np.sqrt(4 / 3 * 5.5))
    assert extra.discrimination == pytest.approx(np.corrcoef([1, 0, 1, 0, 1, 0], [3, 3, 2, 1, 0, 1])[0, 1])


def test_items_are_in_the_order_of_the_notebook_and_know_their_question():
    """The order is that of the newest record; the question is what stands before `_by_hand` or `_laws`."""
    old = record("a", max_points={"gone": 1.0}, points={"gone": 1.0}, graded="2026-01-01T00:00:00+00:00")
    found = items([old, record("b")])
    assert [(item.question, item.part, item.taken) for item in found] == [
        ("blur", "by hand", 1),
        ("blur", "laws", 1),
        ("extra", "", 1),
        ("gone", "", 1),
    ]


def test_items_leave_out_what_was_never_tested():
    """A missing, broken or wrongly graded submission says nothing about a test."""
    records = [record("a"), *(record(state, (0, 0, 0), state=state) for state in STATES[1:])]
    assert [item.taken for item in items(records)] == [4, 4, 4]
    alone = items([record("a", (0, 0, 0), state="missing")])
    assert [(item.taken, item.share, item.discrimination) for item in alone] == [(0, None, None)] * 3
    assert items([]) == []


def test_discrimination_is_not_defined_for_few_or_for_equals():
    """Fewer than five submissions, or all with the same points, have no correlation."""
    mixed = [(1, 2, 1), (0, 0, 0), (1, 2, 0), (0, 1, 0)]
    assert [item.discrimination for item in items([record(str(i), e) for i, e in enumerate(mixed)])] == [None] * 3
    same = items([record(str(i), (1, i % 3, i % 2)) for i in range(6)])
    assert same[0].discrimination is None and same[1].discrimination is not None
    assert correlation(np.array([1.0, 2.0]), np.array([3.0, 3.0])) is None
    assert correlation(np.array([1.0, 2.0, 3.0]), np.array([6.0, 4.0, 2.0])) == pytest.approx(-1)
    assert correlation(np.array([]), np.array([])) is None


def test_histogram_by_hand():
    """A bar holds what is at least its low end; full marks have a bar, and every score is in one."""
    assert histogram([0, 0.5, 2, 3], 3) == [Bar(0, 1, 2), Bar(1, 2, 0), Bar(2, 3, 1), Bar(3, 4, 1)]
    assert [(bar.low, bar.count) for bar in histogram([100, 99, 0], 100) if bar.count] == [(0, 1), (95, 1), (100, 1)]
    assert len(histogram([], 0)) == 2
    assert histogram([-1, 7], 5)[0].count == histogram([-1, 7], 5)[7].count == 1
    for most in (1, 17, 20, 21, 33, 1000):
        bars = histogram(list(range(most + 1)), most)
        assert len(bars) <= 21 and sum(bar.count for bar in bars) == most + 1


def test_remarks_and_ideas_are_grouped():
    """Kinds and ideas come with the students, the most frequent first; a student counts once."""
    idea = {"function": "blur", "name": "sum", "idea": "The sum."}
    other = {"function": "blur", "name": "one", "idea": "One."}
    records = [
        record("a", remarks=[["edited", "x"], ["edited", "y"]], misconceptions=[idea, other]),
        record("b", remarks=[["link", "p"], ["edited", "x"]], misconceptions=[idea, idea]),
        record("c"),
    ]
    assert list(by_kind(records).items()) == [("edited", {"a": ["x", "y"], "b": ["x"]}), ("link", {"b": ["p"]})]
    assert list(holders(records).items()) == [(("blur", "The sum."), ["a", "b"]), (("blur", "One."), ["a"])]


def test_numbers_in_words():
    """Numbers have no zeros that say nothing, and things are counted in the singular and the plural."""
    assert [number(1204), number(12.5), number(-0.001), number(10), number(2 / 3)] == ["1,204", "12.5", "0", "10", "0.67"]
    assert [signed(None), signed(-0.204), signed(0.5), signed(-0.001)] == ["–", "−0.20", "0.50", "0.00"]
    assert [count(1, "student"), count(0, "student")] == ["1 student", "0 students"]
    assert day("2026-11-22T06:31:10+01:00") == "22 November 2026, 05:31 UTC"


def test_page_says_the_numbers():
    """The summary has counts by state, mean and median of the tests, what waits, costs and the seed."""
    records = [
        record("a", waiting=["reflection"]),
        record("b", (1, 0, 0), cpu_seconds=2.5, wall_seconds=4.0, memory=50 * 2**20),
        record("c", (0, 0, 0), state="missing", cpu_seconds=0.0, wall_seconds=0.0, memory=0),
    ]
    text = Balance(html(records, most=6.0)).text
    assert "3 submissions: 2 graded , 1 missing ." in text
    assert (
        "The tests gave 1.7 of 4 points on average (median 1). A person still has something to grade in 1 submission." in text
    )
    assert "2 seconds of a processor and 3.25 seconds on the clock on average; the longest took 4 seconds" in text
    assert "more than 100 MiB of memory" in text and "the seed 7 ." in text.replace("7.", "7 .")
    assert "Points of 3 submissions in the gradebook, of 6:" in text
    assert "1 submission whose code was never tested is not in this table." in text


def test_page_takes_lateness_off():
    """The histogram and the tables show the gradebook's score less the penalty."""
    text = Balance(html([record("a", score=4.0, penalty=1.5)])).text
    assert "2.5 (1.5 off: late)" in text and "Half of the class has 2.5 points or more." in text


@pytest.mark.parametrize("state", STATES)
def test_page_explains_each_state(state):
    """Each state says what a person can do; a submission in it is in the list of those that need a look."""
    parsed = Balance(html([record("a"), record("b", (0, 0, 0), state=state, note="as noted", late=["blur_laws"])]))
    assert ADVICE[state] in parsed.text and ADVICE[state].endswith(".") and ADVICE[state].count(". ") == 0
    assert "as noted" in parsed.text and "blur_laws" in parsed.text
    assert set(ADVICE) == set(STATES)


def test_page_says_that_nothing_needs_a_look():
    """A class without incidents has no list."""
    text = Balance(html([record("a")])).text
    assert "None: every submission was graded without an incident." in text
    assert "Graded without a sandbox" not in text and "in a sandbox of its own" in text
    assert "Misconceptions" not in text


def test_page_escapes_what_strangers_wrote(tmp_path):
    """No name, note, cell or idea becomes a tag; a name that is no Unicode does not stop the report."""
    hostile = record(
        HOSTILE,
        state="timeout",
        note=HOSTILE + "a" * 5000,
        late=[HOSTILE],
        waiting=[HOSTILE],
        lower_trust=[HOSTILE],
        remarks=[["link", HOSTILE], [HOSTILE, "x"]],
        misconceptions=[{"function": HOSTILE, "name": HOSTILE, "idea": HOSTILE}],
        unsafe=True,
        points={HOSTILE: 1.0},
        max_points={HOSTILE: 1.0},
    )
    text = page(HOSTILE, [section(HOSTILE, [hostile], gone=[HOSTILE], unreadable=[HOSTILE])] * 2)
    parsed = Balance(text)
    assert "<script>alert('x')</script>" in parsed.text and "a" * 1000 not in text
    assert {"script", "img", "iframe", "link"}.isdisjoint(tag for tag, _ in parsed.tags)
    assert not any(name.startswith("on") for _, attributes in parsed.tags for name in attributes)
    course = make_course(tmp_path, [hostile | {"student": "x"}])
    assert "alert" in report(course).read_text(encoding="utf-8")


def test_page_loads_nothing():
    """No address of a host, no script; the page's own policy forbids both."""
    text = html([record("a")])
    assert "http:" not in text and "https:" not in text and "//" not in re.sub(r"</?\w+", "", text)
    parsed = Balance(text)
    policies = [a["content"] for tag, a in parsed.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    assert not any({"src", "srcset", "action"} & set(attributes) for _, attributes in parsed.tags)
    assert all(a["href"].startswith("#") for _, a in parsed.tags if "href" in a)
    assert "url(" not in text and "@import" not in text


def test_page_can_be_read_without_seeing():
    """Headings go down one level at a time, ids are unique, tables have captions and scopes, pictures a text."""
    records = [record("a", remarks=[["link", "p"]]), record("b", state="timeout", misconceptions=[])]
    text = page("course", [section("one", records), section("two", records)])
    parsed = Balance(text)
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1 and max(np.diff(levels)) == 1
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for _, a in parsed.tags if "href" in a} <= set(ids)
    assert text.count("<table") == text.count("<caption")
    assert all(a.get("scope") in {"col", "row", "rowgroup"} for tag, a in parsed.tags if tag == "th")
    for tag, attributes in parsed.tags:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or (attributes["role"] == "img" and attributes["aria-label"])
    assert 'aria-label="Histogram of the points of 2 submissions. Points and submissions: 4: 2."' in text


def test_page_is_loud_about_a_missing_sandbox():
    """One unsafe record is enough for the banner, above everything else."""
    text = html([record("a"), record("b", unsafe=True)])
    assert 'role="alert"' in text and text.index("Graded without a sandbox") < text.index("<main>")
    said = Balance(text).text
    assert "The code of 1 submission ran with the rights of the person who graded." in said
    assert "in a sandbox of its own" not in said


def test_page_says_that_a_sign_is_no_proof():
    """Remarks are grouped by kind; tests that ran in the student's process are named as less trusted."""
    text = Balance(html([record("a", remarks=[["opens connections", "cell 3"]], lower_trust=["extra"])])).text
    assert "A sign is no proof: points are decided by tests that students’ code does not reach." in text
    assert "opens connections 1 a : cell 3" in text.replace("a:", "a :")
    assert "Their points deserve less trust" in text


def test_page_names_misconceptions_only_where_they_were_looked_for():
    """The section is there with its table, with a sentence, or not at all."""
    idea = {"function": "blur", "name": "sum", "idea": "A blur is a sum."}
    assert "A blur is a sum. blur 1 ada" in Balance(html([record(misconceptions=[idea])])).text
    assert "None of the known misconceptions was found in 1 submission." in Balance(html([record(misconceptions=[])])).text


def make_course(folder, records, assignment="02_blur"):
    """A course with these records, and a folder for each of the students."""
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    place = folder / ".convbook" / "records" / assignment
    place.mkdir(parents=True)
    for one in records:
        (place / f"{one['student']}.json").write_text(json.dumps(one))
        (folder / "submitted" / one["student"] / assignment).mkdir(parents=True)
    return open_course(folder)


def test_report_of_a_course(tmp_path):
    """The command writes one page on all assignments that have records and prints its path."""
    make_course(tmp_path, [record("ada"), record("bora")])
    (tmp_path / ".convbook" / "records" / "02_blur" / "cut.json").write_text('{"student": ')
    done = CliRunner().invoke(main, ["report", "--course", str(tmp_path)])
    assert (done.exit_code, done.output.strip()) == (0, str((tmp_path / "report.html").resolve()))
    text = Balance((tmp_path / "report.html").read_text(encoding="utf-8")).text
    assert "2 submissions: 2 graded" in text and "The records of cut cannot be read" in text
    assert not (tmp_path / "gradebook.db").exists()  # nothing but the page was made
    other = tmp_path / "pages" / "r.html"
    assert CliRunner().invoke(main, ["report", "02_blur", "--course", str(tmp_path), "--to", str(other)]).exit_code == 0
    assert other.is_file()


def test_report_needs_records(tmp_path):
    """Without records, the error says to grade first, and nothing is written."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    course = open_course(tmp_path)
    with pytest.raises(CourseError, match="Run convbook grade --all"):
        report(course)
    with pytest.raises(CourseError, match="Run convbook grade 05_padding"):
        report(course, "05_padding")
    assert not (tmp_path / "report.html").exists()
    done = CliRunner().invoke(main, ["report", "--course", str(tmp_path)])
    assert done.exit_code == 2 and "Received: " in done.output


def test_report_refuses_a_place_that_cannot_be_written(tmp_path):
    """A place below a file is an error of one sentence."""
    course = make_course(tmp_path, [record("ada")])
    with pytest.raises(CourseError, match="must be a file that can be written"):
        report(course, to=tmp_path / "nbgrader_config.py" / "report.html")


def test_report_has_the_grades_that_people_gave_since(tmp_path):
    """What the gradebook says now takes the place of what a record remembers; a student without a folder is named."""
    from nbgrader.api import Gradebook

    course = make_course(tmp_path, [record("ada", waiting=["reflection"]), record("bora", waiting=["reflection"])])
    (tmp_path / "submitted" / "bora" / "02_blur").rmdir()
    with Gradebook(course.directory.db_url, course.directory.course_id) as gradebook:
        gradebook.add_assignment("02_blur")
        gradebook.add_notebook("blur", "02_blur")
        gradebook.add_grade_cell("extra", "blur", "02_blur", max_score=4, cell_type="code")
        gradebook.add_grade_cell("reflection", "blur", "02_blur", max_score=3, cell_type="markdown")
        gradebook.add_student("ada")
        gradebook.add_submission("02_blur", "ada")
        for name, auto, manual in (("extra", 4, None), ("reflection", None, 2.5)):
            grade = gradebook.find_grade(name, "blur", "02_blur", "ada")
            grade.auto_score, grade.manual_score, grade.needs_manual_grade = auto, manual, False
        gradebook.find_submission("02_blur", "ada").notebooks[0].late_submission_penalty = 1.0
        gradebook.db.commit()
    text = Balance(report(course).read_text(encoding="utf-8")).text
    assert "ada 5.5 (1 off: late) graded" in text
    assert "in the gradebook, of 7:" in text
    assert "A person still has something to grade in 1 submission." in text
    assert "No folder is in “submitted” any more for bora" in text


@pytest.mark.slow
def test_report_is_linear_in_the_class():
    """Ten times the class takes about ten times as long: far less than a hundred times."""
    from time import process_time

    def seconds(students):
        records = [record(f"s{i}", (i % 2, i % 3, i % 2)) for i in range(students)]
        start = process_time()
        html(records)
        return process_time() - start

    seconds(10)
    assert seconds(10_000) < 40 * max(seconds(1000), 0.01)
