"""Answers that independent work rarely shares: a question for a person to ask, never a decision about points.

Texts are compared as sets of fingerprints by winnowing (Schleimer, Wilkerson, Aiken 2003, "Winnowing: local algorithms for
document fingerprinting"), when names and layout are taken away. What was released counts for nothing, and the less the more of
the class write it; what decides is how few others come as near. The published solution takes part as one more text.
"""

from __future__ import annotations

import builtins
import hashlib
import io
import itertools
import keyword
import math
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

GRAM, WINDOW = 5, 3  # tokens of a fingerprint, and of how many neighbours one is kept
LEAST = 10.0  # bits of all fingerprints of an answer: one with less is not compared
SAME = 0.6  # of the weight of two answers' fingerprints: from here on they count as the same
DOUBT = 10.0  # bits beyond what chance gives the luckiest pair of the class: one class in a thousand
SOLUTION = "the published solution"
PLAIN = frozenset(dir(builtins)) | frozenset(keyword.kwlist)

Prints = frozenset[int]


@dataclass(frozen=True)
class Text:
    """An answer: its text, and whether it is code."""

    source: str
    is_code: bool = True


@dataclass(frozen=True)
class Shared:
    """An answer that two have alike: their texts, and how many of the class are as near to one of them, that one included."""

    cell: str
    texts: tuple[str, str]
    holders: int


@dataclass(frozen=True)
class Alike:
    """Two submissions with more in common than chance explains; `bits` says how surprising that is."""

    students: tuple[str, str]
    bits: float
    shared: list[Shared]


def alike(
    answers: Mapping[str, Mapping[str, Text]],
    given: Mapping[str, Text],
    wrong: Mapping[str, Iterable[str]] | None = None,
    together: Iterable[Iterable[str]] = (),
) -> list[Alike]:
    """The pairs of a class that a person should look at, the most surprising first.

    `answers` are texts by student and cell, `given` the released ones by cell, `wrong` the misconceptions by student, as
    "cell: misconception", and `together` those who handed in as a group.
    """
    groups = [set(group) for group in together]
    names = dict.fromkeys(itertools.chain(*answers.values()))
    near = {cell: neighbours(cell, answers, given.get(cell, Text(""))) for cell in names}
    held = {student: set(ideas) for student, ideas in (wrong or {}).items()}
    number = len(answers)
    found = []
    for one, other in itertools.combinations(sorted(answers), 2):
        if any({one, other} <= group for group in groups):
            continue
        shared = []
        for cell, of in near.items():
            if other in of.get(one, ()):
                holders = max(as_near(of[one], other), as_near(of[other], one))
                shared.append(Shared(cell, (answers[one][cell].source, answers[other][cell].source), holders))
        bits = sum(rarity(part.holders, number) for part in shared)
        counted = {part.cell for part in shared}
        for idea in held.get(one, set()) & held.get(other, set()):
            if idea.partition(": ")[0] not in counted:
                bits += rarity(sum(idea in ideas for ideas in held.values()), number)
        if shared and bits >= math.log2(number * (number - 1) / 2) + DOUBT:
            found.append(Alike((one, other), bits, shared))
    return sorted(found, key=lambda pair: -pair.bits)


def as_near(near: Mapping[str, float], other: str) -> int:
    """How many have an answer at least as much like somebody's as this one has, that somebody included."""
    return 1 + sum(similarity >= near[other] for similarity in near.values())


def rarity(holders: int, number: int) -> float:
    """How surprising it is, in bits, to meet one of `holders` among `number`."""
    return -math.log2(holders / number)


def neighbours(cell: str, answers: Mapping[str, Mapping[str, Text]], given: Text) -> dict[str, dict[str, float]]:
    """By student: whose answer in this cell is like theirs, and how much, from SAME to 1; nothing of who has too little."""
    released = prints(given)
    found = {student: prints(texts[cell]) - released for student, texts in answers.items() if cell in texts}
    counts = Counter(itertools.chain(*found.values()))
    number = len(answers)
    weight = {one: rarity(count, number) for one, count in counts.items()}
    total = {student: sum(weight[one] for one in own) for student, own in found.items()}
    near: dict[str, dict[str, float]] = {student: {} for student in found if total[student] >= LEAST}
    for one, other in itertools.combinations(near, 2):
        both = sum(weight[shared] for shared in found[one] & found[other])
        similarity = both / ((total[one] + total[other] - both) or 1.0)
        if similarity >= SAME:
            near[one][other] = near[other][one] = similarity
    return near


def prints(text: Text) -> Prints:
    """The fingerprints of a text: the winnowed hashes of the grams of each statement, or of the whole where it is in words."""
    return frozenset(itertools.chain.from_iterable(winnowed(line) for line in lines_of(text)))


def winnowed(tokens: list[str]) -> Iterable[int]:
    """Of every WINDOW neighbours among the hashes of all grams, the smallest; the last one of several."""
    grams = [" ".join(tokens[at : at + GRAM]) for at in range(max(1, len(tokens) - GRAM + 1))]
    hashes = [int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8).digest(), "big") for gram in grams if gram]
    windows = [hashes[at : at + WINDOW] for at in range(max(1, len(hashes) - WINDOW + 1))]
    return {min(window) for window in windows if window}


def lines_of(text: Text) -> list[list[str]]:
    """The tokens that are compared: of code statement by statement, in which all names that a student chose are one."""
    if not text.is_code:
        return [re.findall(r"\w+", text.source.casefold())]
    lines: list[list[str]] = [[]]
    try:
        for token in tokenize.generate_tokens(io.StringIO(text.source).readline):
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
                lines.append([])
            elif token.type in (tokenize.NAME, tokenize.NUMBER, tokenize.OP, tokenize.STRING):
                lines[-1].append(written(token, lines[-1]))
    except (tokenize.TokenError, SyntaxError):
        return [re.findall(r"\w+|[^\w\s]", line) for line in text.source.splitlines()]
    return [line for line in lines if line and line != ["text"]]  # a docstring


def written(token: tokenize.TokenInfo, before: list[str]) -> str:
    """A token without what somebody can change and change nothing: a name of their own, the words of a text."""
    if token.type == tokenize.STRING:
        return "text"
    if token.type == tokenize.NAME and token.string not in PLAIN and before[-1:] != ["."]:
        return "name"
    return token.string
