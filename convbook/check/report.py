"""`check`: instant help while solving. It runs a question's visible test, tries other inputs, and hints at known errors.

It needs no file of the instructor: `data/checks/` holds inputs and digests of their results (see `convbook.check.digests`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

from convbook.check.run import Answer, Seen, broken_law, code_of, look_at, namespace_of

TABLES = Path(__file__).parent / "tables"

Table = dict[str, Any]
Question = dict[str, Any]

known: dict[tuple[str, str], tuple[Any, Seen]] = {}  # (table, function): the code that was looked at, and what was seen


class NotDone(AssertionError):
    """A question of an assignment is not done, and nbval, which runs the notebook, wants to know."""


def check(name: str, function: Answer) -> None:
    """Prints what is known about an answer: `check("05_padding", pad_panorama)`. It changes nothing and does not raise.

    Only where nbval runs the notebook (`pytest --nbval-lax`), it raises `NotDone`, with the same words, for a question of an
    assignment that is not done: so its cell fails, whatever output the notebook was saved with.
    """
    said = []
    try:
        for line in report(name, function):
            said.append(line)
            print(line)
    except KeyboardInterrupt:
        print("Interrupted. The function had not come to an end. Is there a loop in it that never stops?")
    except Exception as error:
        said.append(f"check could not look at this answer: {type(error).__name__}: {error}")
        print(said[-1])
    if run_by_nbval() and not is_done(name, function):
        raise NotDone("\n".join(said))


def run_by_nbval() -> bool:
    """Whether this is a kernel that was started by a test of pytest's."""
    return {"PYTEST_CURRENT_TEST", "JPY_PARENT_PID"} <= os.environ.keys()


def is_done(name: str, function: Answer) -> bool:
    """Whether nothing wrong is known about an answer that was looked at; exercises need not be done."""
    called = getattr(function, "__name__", "")
    _, seen = known.get((name, called), (None, Seen(answered=False)))
    return seen.done or (f"{name}_exercises", called) in known


def report(name: str, function: Answer) -> Iterator[str]:
    """The lines that `check` prints."""
    stems = [stem for stem in (name, f"{name}_exercises") if (TABLES / f"{stem}.json").is_file()]
    tables = {stem: json.loads((TABLES / f"{stem}.json").read_text(encoding="utf-8")) for stem in stems}
    asked = {question["function"]: stem for stem in stems for question in tables[stem]["questions"]}
    called = getattr(function, "__name__", "")
    if not tables:
        yield f'There are no checks under the name {name!r}. The name must be that of a chapter, as "05_padding".'
    elif not callable(function) or called not in asked:
        yield f"check must be given one of the functions {', '.join(asked)}. It received {called or repr(function)}."
    else:
        stem = asked[called]
        question = next(one for one in tables[stem]["questions"] if one["function"] == called)
        seen = look_at(stem, tables[stem], question, function)
        known[stem, called] = code_of(function), seen
        yield from lines_about(tables[stem], question, function, seen)
        if question["points"]:
            yield from progress(stem, tables[stem], namespace_of(function))


def lines_about(table: Table, question: Question, function: Answer, seen: Seen) -> Iterator[str]:
    """What is known about one answer: right or not, the visible test, and the first thing to think about."""
    label = f"{question['label']}, {question['function']}" if question["points"] else f"Exercise {question['function']}"
    if not seen.answered:
        yield f"{label}: not answered yet."
        return
    yield f"{label}: {'right, as far as check can see.' if seen.done else 'not right yet.'}"
    if seen.failure:
        yield indent(f"The visible test is not passed. {seen.failure}", "  ")
    elif seen.tries:
        right = len(seen.tries) - len(seen.wrong)
        yield f"  The visible test is passed. Small inputs with the right result: {right} of {len(seen.tries)}."
    else:
        yield "  The visible test is passed. Only the hidden tests try other inputs for this function."
    hint = hint_for(table, question, seen)
    if hint:
        yield f"  Hint: {hint}"
    elif seen.wrong and not seen.failure:
        yield indent(broken_law(question["function"], seen.wrong[0], function), "  ")


def hint_for(table: Table, question: Question, seen: Seen) -> str:
    """The hint of the known wrong answer that does the same on all inputs; nothing if there is none."""
    for wrong in question["misconceptions"] if seen.wrong else []:
        if all(digest in (None, one.digest) for digest, one in zip(wrong["digests"], seen.tries)):
            return f"{wrong['hint']} Read again: “{wrong['section']}” in chapter {table['chapter']}."
    return ""


def progress(stem: str, table: Table, names: dict[str, Any]) -> Iterator[str]:
    """How many questions are done, of those that were checked since their functions were last changed."""
    questions, seen = table["questions"], {}
    for question in questions:
        code, found = known.get((stem, question["function"]), (None, Seen(answered=False)))
        if code is not None and code == code_of(names.get(question["function"])):
            seen[question["function"]] = found
    done = sum(found.done for found in seen.values())
    tested = [one for one in questions if one["function"] in seen]
    points = sum(one["points"] for one in tested if seen[one["function"]].answered and not seen[one["function"]].failure)
    most = sum(question["points"] for question in questions)
    yield f"Progress: {done} of {len(questions)} questions done, {points:g} of {most:g} visible points."
    if done == len(questions) and table["written"]:
        yield f"{' and '.join(table['written'])} must be answered in your own words, which only a person can read."
