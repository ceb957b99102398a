"""The page that a student gets back: the result, what is done and what waits, hints, formulas without a script, archives."""

import re
import zipfile
from html.parser import HTMLParser

import browser
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from payloads import FORMULAS, HOME, PAYLOADS, PIXEL, REBUILT
from test_grade import NAME, RIGHT, WRONG, hand_in, make_course

from convbook.autograder.course import Course, CourseError
from convbook.autograder.feedback.archive import pack, prefix
from convbook.autograder.feedback.markup import ATTRIBUTES, LONGEST_FORMULA, MATH, TABLE, TEXT, as_html
from convbook.autograder.feedback.page import STATES, page, section_address
from convbook.autograder.feedback.questions import own_cells, questions
from convbook.autograder.feedback.result import Result
from convbook.autograder.feedback.write import write
from convbook.autograder.grade import Options, grade
from convbook.autograder.gradebook import gradebook_of
from convbook.autograder.record import STATES as ALL_STATES
from convbook.cli import main
from convbook.course.assignments import assignment_names
from convbook.course.cells import grade_id, is_answer, is_test
from convbook.course.misconceptions import read_bank
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT

TITLE = "## Question 1. Twice $x$"


def cell(make, source, name, points=0, **roles):
    """A cell of nbgrader's."""
    meta = {"grade": bool(points), "solution": False, "task": False, "locked": False, "points": points, "schema_version": 3}
    return make(source, metadata={"nbgrader": meta | {"grade_id": name} | roles})


def notebook(answer="def double(x):\n    return x", words="YOUR ANSWER HERE", own=(), says=()):
    """A small notebook with one function and one question in words."""
    tested = cell(new_code_cell, "assert double(2) == 4", "double_by_hand", 2)
    tested.outputs = [new_output("error", ename="AssertionError", evalue=text, traceback=[text]) for text in says]
    cells = [
        new_markdown_cell("# Assignment 9 · Numbers"),
        new_markdown_cell(f"{TITLE}\n\nReturn $2x$ for $$\\begin{{pmatrix}}1&2\\\\3&4\\end{{pmatrix}}$$"),
        cell(new_code_cell, answer, "double", solution=True),
        *own,
        tested,
        new_markdown_cell("## Question 2. In words\n\nWhy?"),
        cell(new_markdown_cell, words, "words", 3, solution=True),
    ]
    return new_notebook(cells=cells)


RESULT = Result(0, 0, 5, {"double_by_hand": 0.0, "words": 0.0}, {"double_by_hand": 2.0, "words": 3.0}, waiting={"words"})


def written(told=None, record=None, result=RESULT, **options):
    """A page about such a notebook."""
    return page("09_numbers", "Kim <Ada>", told or notebook(), notebook(), record or {"state": "graded"}, result, **options)


def test_page_begins_with_the_result_and_says_what_waits():
    """Points, what is done, what is not and what waits stand before the first question."""
    text = written(notebook(says=["double(2) must be 4"]), dates="Due on Monday, in time.")
    head = text.partition("<section")[0]
    assert "0 of 5 points" in head and "1 question waits for a person" in head and "Due on Monday, in time." in head
    assert re.findall(r'class="mark (\w+)">', head) == ["waits", "not", "waits"]
    assert "double(2) must be 4" in text and "assert double(2) == 4" in text and "Kim &lt;Ada&gt;" in text


def test_page_shows_penalty_extra_credit_and_comment():
    """What a person has given and said, and what lateness took, are there as the gradebook has them."""
    result = Result(6.5, 1.5, 5, {"double_by_hand": 3.5, "words": 3.0}, RESULT.max_points, {"double_by_hand": 1.5})
    result.comments = {"words": "Well *seen*: $x<y$."}
    text = written(notebook(words="Since it is linear."), result=result)
    assert "5 of 5 points" in text and "6.5 points for the answers, 1.5 taken off" in text
    assert "1.5 of the points are extra credit" in text and "Well <em>seen</em>: <math" in text


def test_page_tells_hint_section_and_smallest_input():
    """A misconception gives its hint and a link to the section; an unknown error the smallest input that goes wrong."""
    finding = {"function": "double", "name": "same", "hint": "Look at 2.", "section": "Nowhere", "idea": ""}
    text = written(record={"state": "graded", "misconceptions": [finding]})
    assert "Look at 2." in text and "Read again: chapter 09, “Nowhere”." in text
    smallest = {"function": "double", "name": "", "call": "double(<1>)"}
    assert "double(&lt;1&gt;)" in written(record={"state": "graded", "smallest": [smallest]})
    solved = Result(5, 0, 5, RESULT.max_points, RESULT.max_points)
    assert "Look at 2." not in written(record={"state": "graded", "misconceptions": [finding]}, result=solved)


def test_every_state_has_its_words_for_the_student():
    """Whoever was not graded as a whole reads why, and what to do."""
    assert set(STATES) == set(ALL_STATES) - {"graded"}
    for state, words in STATES.items():
        assert words.replace("’", "&#8217;") in written(record={"state": state}).replace("’", "&#8217;")


def test_questions_are_found_in_all_assignments():
    """Each part that gives points is in one question, whose title is the heading; the points are those of the notebook."""
    for name in assignment_names():
        released = read_notebook(ROOT / "assignments" / name / f"{name}.ipynb")
        found = questions(released)
        assert all(question.title.startswith(f"Question {place}.") for place, question in enumerate(found, 1)), name
        names = [grade_id(cell) for cell in released.cells if is_answer(cell) or is_test(cell)]
        assert [one for question in found for one in question.names] == names


def test_question_without_a_heading_begins_at_its_answer():
    """A course that writes no headings has questions, too, named for their answers."""
    both = [cell(new_code_cell, "", name, solution=True) for name in ("first", "second")]
    tests = [cell(new_code_cell, "", f"{name}_test", 1) for name in ("first", "second")]
    found = questions(new_notebook(cells=[new_markdown_cell("Hello."), both[0], tests[0], both[1], tests[1]]))
    assert [(one.title, one.names) for one in found] == [
        ("first", ["first", "first_test"]),
        ("second", ["second", "second_test"]),
    ]


def test_own_cells_stand_where_they_stood():
    """What a student adds is shown with its question; what was released is not taken for theirs."""
    told = notebook(own=[new_code_cell("double(21)"), new_markdown_cell("My notes")])
    assert {place: [c.source for c in cells] for place, cells in own_cells(told, notebook()).items()} == {
        "double": ["double(21)", "My notes"]
    }


@pytest.mark.parametrize(
    "source, shown",
    [
        ("$x_1 < y$", "<msub><mi>x</mi><mn>1</mn></msub><mo>&lt;</mo><mi>y</mi>"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<td>1</td>"),
        ("[here](https://example.org/?a=1&b=2)", 'href="https://example.org/?a=1&amp;b=2"'),
        ("\\begin{align}x &= 1\\end{align}", "<mtable>"),
        ("# Title", "<h3>Title</h3>"),
        ("$\\frac{1}$ and `a<b`", "<code>a&lt;b</code>"),
        (f"${'x' * (LONGEST_FORMULA + 1)}$", "<code>xxx"),
        ("![pixel](attachment:a.png)", '<img src="data:image/png;base64,'),
        ("![lost](attachment:b.png)", "[picture: lost]"),
    ],
)
def test_markdown_is_shown_as_it_was_meant(source, shown):
    """Formulas are MathML, tables tables; a picture is in the page or named."""
    assert shown in as_html(source, {"a.png": {"image/png": PIXEL.partition(",")[2]}})


class Elements(HTMLParser):
    """The elements of a text, with their attributes."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("source", [*PAYLOADS, *FORMULAS, *REBUILT])
def test_no_payload_has_a_tag_an_address_or_an_attribute_that_acts(source):
    """Of hostile texts, also without the cleaning that they had before, plain elements are left."""
    elements = Elements()
    elements.feed(as_html(source))
    assert {tag for tag, _ in elements.found} <= {*TEXT, *TABLE, *MATH, "img"}
    for tag, attributes in elements.found:
        assert set(attributes) <= ATTRIBUTES.get(tag, set()) | {"rel", "title", "lang"}
        for address in (attributes[name] for name in ("href", "src") if name in attributes):
            assert address.startswith(("https://", "http://", "mailto:") if tag == "a" else "data:image/"), address


@pytest.fixture(scope="module")
def hostile():
    """A page of which everything is hostile that can be: the answers, own cells, what tests say, comments, names."""
    own = [make(payload) for payload in PAYLOADS for make in (new_markdown_cell, new_code_cell)]
    told = notebook(PAYLOADS[0], "\n\n".join([*PAYLOADS, *FORMULAS, *REBUILT]), own, PAYLOADS)
    result = Result(1, 0, 5, RESULT.points, RESULT.max_points, waiting={"words"}, comments={"words": "\n\n".join(PAYLOADS)})
    finding = {"function": "double", "name": PAYLOADS[0], "hint": PAYLOADS[1], "section": PAYLOADS[2], "idea": PAYLOADS[3]}
    return written(told, {"state": "timeout", "misconceptions": [finding]}, result, dates=PAYLOADS[0])


def test_page_runs_nothing_and_asks_nobody(chromium, tmp_path, hostile):
    """No script, no request; and that does not hang on the page's own policy, which is taken away here."""
    (tmp_path / "page.html").write_text(hostile, encoding="utf-8")
    with browser.served(tmp_path) as address, browser.page_of(chromium, bypass_csp=True) as shown:
        asked = []
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(f"{address}/page.html")
        shown.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        shown.wait_for_timeout(500)
        assert shown.evaluate("window.pwned") is None and shown.locator("script").count() == 0
        others = [url for url in asked if not url.startswith("data:") and not url.endswith(("/page.html", "/favicon.ico"))]
        assert others == [] and not [url for url in asked if url.startswith(HOME)]


def test_policy_of_the_page_lets_nothing_run(chromium, tmp_path, hostile):
    """Also where a script had come into the page, it would not run."""
    (tmp_path / "page.html").write_text(hostile.replace("</main>", "<script>window.pwned = 1</script></main>"))
    with browser.served(tmp_path) as address, browser.page_of(chromium) as shown:
        shown.goto(f"{address}/page.html")
        assert shown.evaluate("window.pwned") is None


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_page_is_accessible_on_a_phone_and_in_both_themes(chromium, npm_package, tmp_path, theme, width):
    """axe finds nothing; nothing is wider than the screen."""
    told = notebook(
        "def double(x):\n    return " + " + ".join(["x"] * 60),
        "$$"
        + " + ".join(f"x_{{{n}}}" for n in range(80))
        + "$$\n\n[a book](https://example.org)\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        [new_code_cell("print(1)", outputs=[new_output("stream", text="1 " * 500)])],
        ["double(2) must be 4"],
    )
    (tmp_path / "page.html").write_text(written(told, dates="Due on Monday."), encoding="utf-8")
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": theme, "bypass_csp": True}
    with browser.served(tmp_path) as address, browser.page_of(chromium, **options) as shown:
        shown.goto(f"{address}/page.html")
        shown.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.locator("math").count() >= 3
        shown.add_script_tag(path=str(npm_package("axe-core", "4.14.1") / "axe.min.js"))
        found = shown.evaluate("axe.run()")["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_sections_of_the_banks_can_be_linked():
    """The section that each misconception of the book's assignments names is one of its chapter, with an address."""
    for name in assignment_names():
        for wrong in read_bank(ROOT / "solutions" / name / "misconceptions.py"):
            address = section_address(name, wrong.section)
            assert re.fullmatch(rf"https://.+/chapters/{name}\.html#[a-z0-9-]+", address), (name, wrong.section)
    assert section_address("no_chapter", "Nowhere") == section_address(assignment_names()[0], "Nowhere") == ""


@pytest.mark.parametrize(
    "platform, file, name",
    [
        ("canvas", "submissions/kimada_LATE_71_802_02_lab-1.ipynb", "kimada_71_802_"),
        ("canvas", "kimada_71_text.html", ""),
        ("canvas", "LATE_anon_Xy3_802_lab.ipynb", "anon_Xy3_802_"),
        ("moodle", "Ada Kim_2041_assignsubmission_file_/lab.ipynb", "Ada Kim_2041_assignsubmission_file_"),
        ("moodle", "김 아다_2041_assignsubmission_file_lab.ipynb", "김 아다_2041_assignsubmission_file_"),
        ("moodle", "Group A_assignsubmission_file_/lab.ipynb", ""),
    ],
)
def test_names_in_archives_are_those_that_platforms_look_for(platform, file, name):
    """The part before the page's name is found again by the platform's own rule; where there is no number, nothing."""
    made = prefix(platform, {"platform": platform, "file": file})
    assert made == name
    parts = f"{made}02_convolution.html".split("_")
    if platform == "canvas" and name and "anon" not in name:
        assert [part for part in parts if re.fullmatch(r"\d+", part)][:2] == ["71", "802"]
    if platform == "moodle" and name:
        assert parts[1:4] == ["2041", "assignsubmission", "file"]


def test_archive_has_a_page_for_everybody_or_says_why_not(tmp_path):
    """Two of a group share a page; who came another way is named; without anybody nothing is written."""
    course = Course(tmp_path)
    for student in ("ada", "bob", "cem"):
        write(course.folder("feedback", "lab", student) / "lab.html", student)
    one = '{"platform": "moodle", "file": "Red_7_assignsubmission_file_/lab.ipynb"}'
    course.collected_path("lab").parent.mkdir(parents=True)
    course.collected_path("lab").write_text(
        f'{{"ada": {one}, "bob": {one}, "cem": {{"platform": "folders", "file": "cem/lab"}}}}'
    )
    packed = pack(course, "lab", "moodle", ["ada", "bob", "cem", "dan"], tmp_path / "back.zip")
    assert packed.left_out == {"cem": "came in an archive of folders", "dan": "came in no archive that was collected"}
    with zipfile.ZipFile(packed.path) as archive:
        assert archive.namelist() == ["Red_7_assignsubmission_file_lab.html"] and packed.pages == 1
    with pytest.raises(CourseError, match="nobody who came in one of canvas"):
        pack(course, "lab", "canvas", ["ada"], tmp_path / "other.zip")
    assert not (tmp_path / "other.zip").exists()


@pytest.mark.slow
def test_comment_that_a_person_gives_later_is_on_the_page(need_sandbox, tmp_path):
    """The command says the same again, and the page has what the gradebook has got meanwhile."""
    course = make_course(tmp_path)
    for student, answer in (("ada", RIGHT), ("bob", WRONG)):
        hand_in(course, student, answer, "Since it is linear.")
    grade(course, [NAME], Options(workers=1))
    command = ["feedback", NAME, "--course", str(course.root)]
    assert CliRunner().invoke(main, command).exit_code == 0
    place = course.root / "feedback" / "ada" / NAME / f"{NAME}.html"
    assert "waits for a person" in place.read_text()
    with gradebook_of(course) as gradebook:
        [given] = [one for one in gradebook.find_submission_notebook(NAME, NAME, "ada").grades if one.name == "words"]
        given.manual_score, given.needs_manual_grade = 2.0, False
        gradebook.find_comment("words", NAME, NAME, "ada").manual_comment = "Almost."
        gradebook.db.commit()
    assert CliRunner().invoke(main, command).exit_code == 0
    assert "Almost." in place.read_text() and "waits for a person" not in place.read_text()
    done = CliRunner().invoke(main, [*command, "--archive", "canvas"])
    assert done.exit_code == 2 and "convbook collect" in done.output
