"""Time has an owner: moments in any usual spelling, due dates and extensions, and penalties that follow them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from test_grade import NAME, RIGHT, hand_in, make_course

from convbook.autograder.course import CourseError, open_course, read_json
from convbook.autograder.due import in_words, lateness, set_due
from convbook.autograder.grade import Options, grade
from convbook.autograder.gradebook import ensure_gradebook, gradebook_of
from convbook.autograder.moments import NoMoment, in_utc, moment
from convbook.cli import main

SEOUL = ZoneInfo("Asia/Seoul")
NIGHT = datetime(2026, 3, 1, 15, 30)  # half past midnight of March 2 in Seoul, in UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02 00:30 KST",
        "2026-03-02 00:30",
        "2026-03-02T00:30:00+09:00",
        "2026-03-01T15:30Z",
        "2026-03-01 15:30:00 UTC",
        "2026-03-01 16:30 CET",
        "Mar 2, 2026 12:30 AM",
        "Mon, 2 Mar 2026 00:30:00 +0900",
        "2.3.2026 00:30",
        "02.03.2026, 00:30",
        "2026년 3월 2일 오전 12:30",
        "2026년 3월 2일 0시 30분",
        "2026/03/02 00:30",
    ],
)
def test_usual_spellings_say_the_same_moment(text):
    """English, German and Korean, with zones by name and by number, or in the course's own."""
    assert in_utc(moment(text, SEOUL)) == NIGHT


@pytest.mark.parametrize(
    "text, wrong",
    [
        ("03/02/2026 00:30", "could be of two months"),
        ("2026-03-02", "a time of day"),
        ("March 2026 10:00", "a year, a day"),
        ("10:00", "a year, a day"),
        ("2026-03-02 00:30 IST", "must be written as"),
        ("2026-13-40 99:99", "must be written as"),
        ("tomorrow", "must be written as"),
        ("", "must be written as"),
        ("9" * 99, "must be written as"),
        ("x" * 10**6, "at most 100 characters"),
        ("\0\ud800", "must be written as"),
    ],
)
def test_what_is_no_moment_is_refused_in_a_sentence(text, wrong):
    """Nothing is guessed, and nothing is filled in from today's date."""
    with pytest.raises(NoMoment, match=rf"must .*{wrong}|{wrong}"):
        moment(text, SEOUL)


def test_a_time_without_any_zone_asks_for_one():
    """Where neither the text nor the course says it."""
    with pytest.raises(NoMoment, match="must say its zone"):
        moment("2026-03-02 00:30", None)


@pytest.mark.parametrize("seconds, words", [(30, "1 minute"), (1800, "30 minutes"), (7200, "2 hours"), (3 * 86400, "3 days")])
def test_spans_in_words(seconds, words):
    """Minutes, hours, days."""
    assert in_words(seconds) == words


RULE = """
from nbgrader.plugins import LateSubmissionPlugin
class OnePointAnHour(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 1.0 * (total_seconds_late > 3600)
c.AssignLatePenalties.plugin_class = OnePointAnHour
c.Exchange.timezone = "Asia/Seoul"
"""


@pytest.fixture(scope="module")
def seoul(need_sandbox, tmp_path_factory):
    """A graded course in Seoul: ada in time, bob 30 minutes late, cem two hours, dan at a time that nobody can read."""
    course = make_course(tmp_path_factory.mktemp("seoul"))
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + RULE)
    course = open_course(course.root)
    times = {"ada": "2026-03-01 23:00 KST", "bob": "2026-03-02 00:30 KST", "cem": "2026-03-02T02:00:00", "dan": "yesterday"}
    for student, text in times.items():
        path = hand_in(course, student, RIGHT, "Because.")
        (path.parent / "timestamp.txt").write_text(text)
    ensure_gradebook(course)
    set_due(course, NAME, "2026-03-02 00:00")
    [run] = grade(course, [NAME], Options())
    return course, {record["student"]: record for record in run.records}


def late(course):
    """Seconds late and penalty, by student, as nbgrader sees them."""
    with gradebook_of(course) as gradebook:
        found = gradebook.find_assignment(NAME).submissions
        return {s.student.id: (s.total_seconds_late, float(s.late_submission_penalty or 0)) for s in found}


def test_half_past_midnight_in_seoul_is_30_minutes_late(seoul):
    """Not 570, as it would be in UTC; what cannot be read is said, and not taken as on time."""
    course, records = seoul
    assert late(course) == {"ada": (0, 0), "bob": (1800, 0), "cem": (7200, 1), "dan": (0, 0)}
    assert ["a time that cannot be read", "yesterday"] in [list(remark) for remark in records["dan"]["remarks"]]
    assert records["bob"]["remarks"] == []


def test_students_read_when_it_was_due_and_how_late_they_are(seoul):
    """In the course's zone, with what it costs."""
    course, _ = seoul
    assert lateness(course, NAME, "ada") == "Due 2026-03-02 00:00 KST. Handed in 2026-03-01 23:00 KST, in time."
    assert lateness(course, NAME, "cem").endswith("Handed in 2026-03-02 02:00 KST, 2 hours late. That takes 1 points.")
    assert lateness(course, NAME, "dan").endswith("It is not known when you handed in.")
    assert lateness(course, NAME, "nobody") == ""


def test_penalties_follow_the_dates_without_grading(seoul):
    """A later date, an extension, and both taken away: gradebook and records say the same, and nothing is graded again."""
    course, _ = seoul
    record = course.record_path(NAME, "cem")
    extended = set_due(course, NAME, "2026-03-02 03:00", ("cem", "eve"))
    assert extended.changed == {"cem": (1.0, 0.0)} and read_json(record)["penalty"] == 0.0
    assert late(course)["cem"] == (0, 0) and set(extended.extensions) == {"cem", "eve"}
    assert set_due(course, NAME, "none", ("cem", "eve")).changed == {"cem": (0.0, 1.0)}
    assert set_due(course, NAME, "2026-03-02 01:30").changed == {"cem": (1.0, 0.0)}
    assert set_due(course, NAME, "2026-03-02 00:00").changed == {"cem": (0.0, 1.0)}
    assert set_due(course, NAME, None).changed == {} and read_json(record)["penalty"] == 1.0
    assert grade(course, [NAME], Options())[0].graded_now == 0


def test_an_extension_waits_for_who_has_not_handed_in(seoul):
    """Whoever hands in later has the date that was given before."""
    course, _ = seoul
    set_due(course, NAME, "2026-03-03 00:00", ("fay",))
    path = hand_in(course, "fay", RIGHT)
    (path.parent / "timestamp.txt").write_text("2026-03-02 20:00")
    grade(course, [NAME], Options(students=("fay",)))
    assert late(course)["fay"] == (0, 0)


def test_the_command_says_what_holds(seoul):
    """Dates in the course's zone; what is no date ends with a sentence and 2."""
    course, _ = seoul
    done = CliRunner().invoke(main, ["due", NAME, "--course", str(course.root)])
    assert done.exit_code == 0 and "homework is due 2026-03-02 00:00 KST." in done.output
    done = CliRunner().invoke(main, ["due", NAME, "soon", "--course", str(course.root)])
    assert done.exit_code == 2 and "A time must be written as 2026-03-02 18:00" in done.output


def test_an_extension_of_what_is_never_due_is_refused(tmp_path):
    """There is nothing to extend, and nothing is remembered of it."""
    course = make_course(tmp_path)
    ensure_gradebook(course)
    with pytest.raises(CourseError, match="An extension needs a date for all first"):
        set_due(course, NAME, "2026-03-02 00:00 KST", ("ada",))
    assert set_due(course, NAME, "2026-03-01 00:00 KST").extensions == {}


def test_an_unknown_zone_ends_the_command_and_not_each_submission(tmp_path):
    """One sentence before anything is graded or collected."""
    course = make_course(tmp_path)
    hand_in(course, "ada", RIGHT)
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + 'c.Exchange.timezone = "Seoul"\n')
    with pytest.raises(CourseError, match="must be the name of a zone, as 'Asia/Seoul'"):
        grade(open_course(course.root), [NAME], Options())
