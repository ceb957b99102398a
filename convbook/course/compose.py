"""Two errors at once: a misconception that only twists the arguments or the result can be made of any other answer too.

"The kernel is flipped" is such a twist of the right answer. So from the bank of single errors come the pairs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from convbook.course.behaviour import Answer, Done, outcome, same
from convbook.course.misconceptions import Misconception

Twist = Callable[[Any], Any]  # of one argument, or of a result; TypeError or another error where it does not apply


def planes(array: np.ndarray) -> tuple[int, int]:
    """The axes of rows and columns: the first two, or the two behind the images where there are four."""
    return (1, 2) if array.ndim == 4 else (0, 1)


def of_array(least: int, twist: Twist) -> Twist:
    """A twist of arrays with so many axes at least."""

    def applied(value: Any) -> Any:
        if not isinstance(value, np.ndarray) or value.ndim < least:
            raise TypeError("not such an array")
        return twist(value)

    return applied


def of_integer(twist: Twist) -> Twist:
    """A twist of whole numbers."""

    def applied(value: Any) -> Any:
        if isinstance(value, (bool, np.ndarray)) or not isinstance(value, (int, np.integer)):
            raise TypeError("not a whole number")
        return twist(value)

    return applied


def turned(value: Any) -> Any:
    """A tuple or list from its end."""
    if not isinstance(value, (tuple, list)):
        raise TypeError("not a tuple")
    return value[::-1]


ARRAY_TWISTS = [
    of_array(1, lambda a: np.flip(a, 0)),
    of_array(2, lambda a: np.flip(a, 1)),
    of_array(2, lambda a: np.flip(a, (0, 1))),
    of_array(3, lambda a: np.flip(a, (1, 2))),
    of_array(2, lambda a: np.swapaxes(a, *planes(a))),
    of_array(3, lambda a: np.flip(a, -1)),
    of_array(1, lambda a: -a),
]
BEFORE = [*ARRAY_TWISTS, of_integer(lambda n: n + 1), of_integer(lambda n: n - 1), turned]
AFTER = [
    *BEFORE,
    of_array(1, lambda a: a[:-1]),
    of_array(2, lambda a: a[:-1, :-1]),
    of_array(0, np.abs),
    of_array(0, lambda a: np.maximum(a, 0)),
    of_array(0, np.floor),
    of_array(0, np.round),
]


def twisted(answer: Answer, place: int | None, twist: Twist) -> Answer:
    """The answer with the argument at this place twisted, or with its result twisted where the place is None."""

    def applied(*arguments: Any) -> Any:
        if place is None:
            return twist(answer(*arguments))
        return answer(*arguments[:place], twist(arguments[place]), *arguments[place + 1 :])

    return applied


def twists(count: int) -> Iterator[tuple[int | None, Twist]]:
    """All twists of a function of so many arguments."""
    yield from itertools.product(range(count), BEFORE)
    yield from ((None, twist) for twist in AFTER)


def does(answer: Answer, calls: list[tuple[Any, ...]], done: list[Done], alike: Callable[[Done, Done], bool] = same) -> bool:
    """Whether an answer does this in all of these calls; the first that differs ends the search."""
    return all(alike(outcome(answer, arguments), result) for arguments, result in zip(calls, done))


def find_pair(
    right: Answer, bank: list[tuple[Misconception, Answer]], calls: list[tuple[Any, ...]], done: list[Done]
) -> tuple[Misconception, ...]:
    """The two misconceptions that together do what was done in these calls; empty if there are no such two."""
    for place, twist in twists(max(map(len, calls), default=0)):
        for other, answer in bank:
            if does(twisted(answer, place, twist), calls, done):
                simple = [held for held, alone in bank if held is not other and is_twist(right, alone, calls, place, twist)]
                if simple:
                    return simple[0], other
    return ()


def is_twist(right: Answer, wrong: Answer, calls: list[tuple[Any, ...]], place: int | None, twist: Twist) -> bool:
    """Whether a wrong answer is nothing but this twist of the right one."""
    return does(twisted(right, place, twist), calls, [outcome(wrong, arguments) for arguments in calls])
