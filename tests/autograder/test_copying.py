"""Answers that are alike beyond chance: independent work raises no question, copies do, and points are left alone."""

import random

import pytest
from rewriting import NAME, copied, functions, independent, released

from convbook.autograder.copying import SOLUTION, Text, alike, lines_of, prints
from convbook.autograder.course import Course
from convbook.autograder.evidence import evidence, grouped
from convbook.autograder.report import page, section
from convbook.course.behaviour import outcome, same
from convbook.course.cells import reference_answer
from convbook.course.diagnosis import calls_of_tests, defined, given_names
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT

PUBLISHED = {name: Text(right[0]) for name, (right, _) in functions().items()}
COPIES = 20


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_hundred_who_work_alone_raise_no_question(seed):
    """Right answers, written independently, are not more alike than chance explains."""
    assert alike({**independent(200, seed, right=1.0), SOLUTION: PUBLISHED}, released()) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_copies_are_found_and_nobody_else(seed):
    """Of 20 copies that were renamed, reordered and laid out anew at least 18 are found; all others are left alone."""
    draw, people = random.Random(seed), independent(200, seed)
    copies = {f"c{place:02}": owner for place, owner in enumerate(draw.sample(sorted(people), COPIES))}
    people |= {name: copied(people[owner], draw) for name, owner in copies.items()}
    found = {pair.students for pair in alike({**people, SOLUTION: PUBLISHED}, released())}
    assert len(found & set(copies.items())) >= 18 and found <= set(copies.items())


def test_copy_of_the_published_solution_is_found():
    """The solution takes part as one more text."""
    people = independent(60, 4)
    people["zoe"] = copied(PUBLISHED, random.Random(0))
    assert (SOLUTION, "zoe") in {tuple(sorted(pair.students)) for pair in alike({**people, SOLUTION: PUBLISHED}, released())}


def test_answers_of_the_invented_class_do_what_they_should():
    """Rewriting and disguise change no result: the class of these tests is one of right answers."""
    source = read_notebook(ROOT / "solutions" / NAME / f"{NAME}.ipynb")
    names, draw = given_names(source), random.Random(5)
    [own] = independent(1, 5, right=1.0).values()
    for answers in (own, copied(own, draw)):
        for function, text in answers.items():
            right, theirs = (defined(one, function, names) for one in (reference_answer(source, function), text.source))
            for arguments in calls_of_tests(source, function)[:20]:
                assert same(outcome(right, arguments), outcome(theirs, arguments)), text.source


def test_members_of_a_group_are_not_compared():
    """Who handed in together has the same answers by right."""
    people = independent(60, 6)
    people["twin"] = copied(people["s001"], random.Random(1))
    [pair] = alike(people, released())
    assert pair.students == ("s001", "twin") and len(pair.shared) >= 4
    assert alike(people, released(), together=[["twin", "s001"]]) == []


def test_rare_errors_count_where_the_texts_do_not():
    """Two misconceptions that only two hold say as much as two answers; one that many hold says next to nothing."""
    people = independent(60, 6)
    people["twin"] = {name: text for name, text in copied(people["s001"], random.Random(1)).items() if name != "edge_strength"}
    [before] = alike(people, released())
    [rare] = alike(people, released(), wrong={name: ["edge_strength: blurred"] for name in ("twin", "s001")})
    [common] = alike(people, released(), wrong={name: ["edge_strength: blurred"] for name in people})
    assert rare.bits > before.bits + 4 and common.bits == before.bits


@pytest.mark.parametrize(
    "one, other",
    [
        ("def f(a):\n    return a + 1", "def f(b):\n    # add\n    return (  b + 1)\n".replace("(  b + 1)", "b+1")),
        ("def f(a):\n    '''A'''\n    b = a\n    c = 2", "def f(x):\n    y = 2\n    z = x\n"),
    ],
)
def test_names_comments_layout_and_order_do_not_matter(one, other):
    """The fingerprints are of what is computed, statement by statement."""
    assert prints(Text(one)) == prints(Text(other)) != prints(Text("def f(a):\n    return a - 1"))


@pytest.mark.parametrize("source", ["def f(:\n  '''", "\x00", "é = 'ü", "(" * 5000, "", "  x\n y\n"])
def test_any_text_has_fingerprints(source):
    """What is no Python is compared as it stands."""
    assert isinstance(prints(Text(source)), frozenset) and isinstance(lines_of(Text(source, is_code=False)), list)


def test_pairs_become_groups():
    """Three who have it from one another are one group; the published solution joins nobody."""
    people = independent(60, 7)
    for place in range(2):
        people[f"c{place}"] = copied(people["s001"], random.Random(place))
        people[f"z{place}"] = copied(PUBLISHED, random.Random(place))
    groups = grouped(alike({**people, SOLUTION: PUBLISHED}, released()))
    assert ["c0", "c1", "s001"] in [group.students for group in groups]


def test_report_shows_both_texts_as_texts():
    """Side by side, escaped, with how rare it is; without any, it says so."""
    record = {
        "student": "a",
        "graded": "2026-03-02T00:00:00+00:00",
        "state": "graded",
        "points": {"t": 1.0},
        "max_points": {"t": 1.0},
    }
    record |= {"score": 1.0, "penalty": 0.0, "waiting": [], "note": "", "seed": 0, "unsafe": False, "remarks": [], "late": []}
    record |= {"lower_trust": [], "cpu_seconds": 1.0, "wall_seconds": 1.0, "memory": 0}
    assert "No two submissions have more in common" in page("course", [section("lab", [record])])
    people = independent(60, 6)
    people["twin"] = copied(people["s001"], random.Random(1))
    people["twin"]["edge_strength"] = Text(people["twin"]["edge_strength"].source + "<script>1</script>")
    text = page("course", [section("lab", [record]) | {"alike": grouped(alike(people, released()))}])
    assert "alike: s001 and twin" in text and "&lt;script&gt;1" in text and "<script" not in text


def test_course_without_graded_notebooks_has_no_evidence(tmp_path):
    """Nothing to compare is no error."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    assert evidence(Course(tmp_path), "lab", []) == []
