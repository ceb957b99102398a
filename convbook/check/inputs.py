"""Which inputs `check` tries: small ones, on which the known wrong answers differ from the right one and from each other."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from convbook.check.digests import PLAIN_GRID, Grid, as_array, decode, digest, encode, outcome, places, salt_of, shape_digest

MOST_INPUTS = 12  # of a function
MOST_NUMBERS = 900  # in a call
FEW_NUMBERS = 150  # in a call that tells no more answers apart than smaller ones
DECIMALS = 3  # of drawn numbers, so that a table can be read
CLEAR = 0.02  # of a step: a right result must stay so far from the borders of its grid
FINEST = 1e-2  # results smaller than this are not told apart any better: they can be what is left of a difference
UNCLEAR = 0.004  # of a step: a wrong result that comes nearer than this is not compared

Answer = Callable[..., Any]


@dataclass(frozen=True)
class Candidate:
    """An input, and what the right answer and each wrong one make of it; None where that cannot be compared."""

    call: list[Any]
    grids: list[Grid]
    right: str
    shape: str
    wrong: tuple[str | None, ...]
    numbers: int  # in the call

    @cached_property
    def size(self) -> int:
        """How many numbers and letters it takes to write the input down."""
        return len(str(self.call))

    def tells_apart(self, some: int, other: int) -> bool:
        """Whether two answers differ here; -1 is the right one."""
        one, two = ((*self.wrong, self.right)[number] for number in (some, other))
        return None not in (one, two) and one != two


def rounded(value: Any) -> Any:
    """A value whose arrays have few decimals."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.round(value, DECIMALS)
    if isinstance(value, (tuple, list)):
        return type(value)(rounded(item) for item in value)
    return value


def numbers_in(value: Any) -> int:
    """How many numbers a value holds."""
    if isinstance(value, (tuple, list)):
        return sum(map(numbers_in, value))
    return int(np.size(value))


def margin(array: np.ndarray, grid: Grid) -> float:
    """The distance of the nearest number to a border of the grid, in steps."""
    there = places(array, grid)
    there = there[np.isfinite(there)]
    return float(np.abs(there - np.round(there)).min(initial=0.5))


def grid_for(array: np.ndarray) -> Grid | None:
    """A grid of three digits, or of two, whose borders are far from these numbers; it tells whole numbers apart."""
    if array.dtype.kind not in "biufc":
        return PLAIN_GRID
    finite = np.abs(array[np.isfinite(array)])
    step = 10.0 ** np.floor(np.log10(max(finite.max(initial=0.0), FINEST)) - 3)
    if np.all(finite == np.round(finite)):
        step = min(step, 0.25)
    offsets = [(16 + number) % 32 / 32 for number in range(32)]  # a half first: whole numbers lie in the middle of a cell
    for coarser in (1, 10):  # among many numbers there is no wide gap for a border
        grids = [(float(coarser * step), offset) for offset in offsets]
        best = max(grids, key=lambda grid: round(margin(array, grid), 4))
        if margin(array, best) >= CLEAR / coarser:
            return best
    return None


def clear(parts: list[Any], grids: list[Grid]) -> bool:
    """Whether no number of a wrong result is too near to a border of its grid."""
    arrays = map(as_array, parts)
    return all(array.dtype.kind in "US" or margin(array, grid) >= UNCLEAR for array, grid in zip(arrays, grids))


def candidate(table: str, function: str, arguments: tuple[Any, ...], right: Answer, wrong: list[Answer]) -> Candidate | None:
    """An input with its digests; None if it is no plain data, too large, or if its right result lies on a border."""
    try:
        call = [encode(argument) for argument in arguments]
    except ValueError:
        return None
    numbers = sum(map(numbers_in, arguments))
    if numbers > MOST_NUMBERS:
        return None
    done = outcome(right, decoded(call))
    grids = [grid_for(as_array(part)) for part in done.parts]
    if done.error is not None or done.changed or None in grids:
        return None
    salt = salt_of(table, function, call)
    others = [outcome(answer, decoded(call)) for answer in wrong]
    digests = [digest(other, grids, salt) if clear(other.parts, grids) else None for other in others]
    return Candidate(call, grids, digest(done, grids, salt), shape_digest(done, salt), tuple(digests), numbers)


def decoded(call: list[Any]) -> tuple[Any, ...]:
    """The arguments of a call in a table."""
    return tuple(map(decode, call))


def select(visible: list[Candidate], others: list[Candidate], answers: int) -> list[Candidate]:
    """The visible inputs, those that tell most answers apart, and then small ones of all sizes; the smallest first."""
    chosen = visible[:MOST_INPUTS]
    pool = sorted((one for one in others if one not in chosen), key=lambda one: one.size)
    small = [one for one in pool if one.numbers <= FEW_NUMBERS]
    chosen = told_apart(chosen, small, answers)
    chosen = told_apart(chosen, pool, answers)
    left, small = MOST_INPUTS - len(chosen), [one for one in small if one not in chosen]
    spread = np.unique(np.linspace(0, len(small) - 1, left).astype(int)) if small and left else []
    return sorted([*chosen, *(small[place] for place in spread)], key=lambda one: one.size)


def told_apart(chosen: list[Candidate], pool: list[Candidate], answers: int) -> list[Candidate]:
    """The chosen inputs and those of the pool that tell more answers apart, the best one first, while there is room."""
    chosen = list(chosen)
    pairs = set(itertools.combinations(range(-1, answers), 2))
    while len(chosen) < MOST_INPUTS:
        pairs -= {pair for one in chosen for pair in pairs if one.tells_apart(*pair)}
        gains = [sum(one.tells_apart(*pair) for pair in pairs) for one in pool]
        if not max(gains, default=0):
            break
        chosen.append(pool[gains.index(max(gains))])
    return chosen


def inputs_for(
    table: str,
    function: str,
    right: Answer,
    wrong: list[Answer],
    visible: list[tuple[Any, ...]],
    others: list[tuple[Any, ...]],
) -> list[Candidate]:
    """The inputs of a function, with the digests of all answers."""

    def candidates(calls: list[tuple[Any, ...]]) -> list[Candidate]:
        found = (candidate(table, function, call, right, wrong) for call in calls)
        return list({str(one.call): one for one in found if one}.values())

    drawn = candidates([tuple(map(rounded, call)) for call in others])
    return select(candidates(visible), drawn, len(wrong))
