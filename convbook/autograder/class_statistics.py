"""What the points of a class say about its tests: pure functions of records, with NumPy."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

FEWEST = 5  # submissions, below which a correlation says nothing
MOST_BARS = 21  # of a histogram
UNTRIED = ("invalid-notebook", "unrecognised", "missing", "grader-error")  # no test was put to the student's code
PART = re.compile(r"(?P<question>.+?)_(?P<part>by_hand|laws)(?P<rest>.*)")


@dataclass(frozen=True)
class Item:
    """How a class did in one test, which the theory of tests calls an item."""

    name: str
    most: float  # points
    taken: int  # submissions
    full: int  # of them with all points
    share: float | None  # of the points earned: 1 is easy, 0 is hard; None where there are no points
    discrimination: float | None  # correlation with the points of the other tests; None where it is not defined

    @property
    def question(self) -> str:
        """What the test is about: its name without `_by_hand` or `_laws`."""
        match = PART.fullmatch(self.name)
        return match["question"] if match else self.name

    @property
    def part(self) -> str:
        """Which test of its question it is, in words; nothing if it is the only kind."""
        match = PART.fullmatch(self.name)
        return (match["part"] + match["rest"]).replace("_", " ") if match else ""


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram: how many scores are at least `low` and below `high`."""

    low: float
    high: float
    count: int


def items(records: list[dict[str, Any]]) -> list[Item]:
    """The statistics of each test, in the order of the newest record, over the submissions whose code was put to tests."""
    if not records:
        return []
    order = dict.fromkeys(max(records, key=lambda record: record["graded"])["max_points"])
    for record in records:
        order |= dict.fromkeys(record["max_points"])
    names = list(order)
    ran = [record for record in records if record["state"] not in UNTRIED]
    earned, most = (table(ran, key, names) for key in ("points", "max_points"))
    rest = np.nansum(earned, axis=1, keepdims=True) - np.nan_to_num(earned)
    return [item(name, earned[:, i], most[:, i], rest[:, i]) for i, name in enumerate(names)]


def table(records: list[dict[str, Any]], key: str, names: list[str]) -> np.ndarray:
    """Numbers (records, names); nan where a record has none."""
    values = [[record[key].get(name, np.nan) for name in names] for record in records]
    return np.array(values, float).reshape(len(records), len(names))


def item(name: str, earned: np.ndarray, most: np.ndarray, rest: np.ndarray) -> Item:
    """One test: points earned (N,), points to earn (N,), and points in the other tests (N,); nan where it was not taken."""
    taken = ~np.isnan(earned)
    earned, most, rest = earned[taken], most[taken], rest[taken]
    return Item(
        name,
        most=float(most[-1]) if len(most) else 0.0,
        taken=len(earned),
        full=int(np.sum(earned >= most)),
        share=float(earned.sum() / most.sum()) if most.sum() > 0 else None,
        discrimination=correlation(earned, rest) if len(earned) >= FEWEST else None,
    )


def correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    """Pearson's correlation of x (N,) and y (N,); None where one of them is constant."""
    if len(x) == 0 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))


def histogram(scores: list[float], most: float) -> list[Bar]:
    """Bars of one width from 0 to beyond `most`, so that full marks fall into the last: at most MOST_BARS of them."""
    most = max([most, 1.0, *scores])
    width = next(step * 10**power for power in range(9) for step in (1, 2, 5) if most // (step * 10**power) < MOST_BARS)
    number = int(most // width) + 1
    places = np.clip(np.floor(np.array(scores, float) / width), 0, number - 1).astype(int)
    counts = np.bincount(places, minlength=number)
    return [Bar(float(i * width), float((i + 1) * width), int(count)) for i, count in enumerate(counts)]


def by_kind(records: list[dict[str, Any]]) -> dict[str, dict[str, list[str]]]:
    """Remarks as kind -> student -> cells; the most frequent kind first."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for kind, cell in record["remarks"]:
            found[kind][record["student"]].append(cell)
    return {kind: dict(found[kind]) for kind in sorted(found, key=lambda kind: (-len(found[kind]), kind))}


def holders(records: list[dict[str, Any]]) -> dict[tuple[str, str], list[str]]:
    """(function, idea) of a misconception -> the students who hold it; the most frequent first."""
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for record in records:
        for held in record.get("misconceptions", ()):
            found[held["function"], held["idea"]][record["student"]] = None
    return {key: list(found[key]) for key in sorted(found, key=lambda key: (-len(found[key]), key))}
