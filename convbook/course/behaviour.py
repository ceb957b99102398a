"""What a call of an answer did, and whether two calls did the same."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from convbook.model_files.saved import is_model

Answer = Callable[..., Any]


class Unanswered(Exception):
    """A call that nobody answers, because its process is gone or late: that is nothing that the answer did."""


@dataclass(frozen=True)
class Done:
    """What a call did: the name of its error, or its results and its arguments afterwards, as arrays.

    `built` holds the same with each model as its architecture alone: what it makes of one input with weights that are
    given to it. Two models with random starts are equal in that.
    """

    error: str
    arrays: tuple[np.ndarray, ...] = ()
    built: tuple[np.ndarray, ...] = ()


def outcome(function: Answer, arguments: tuple[Any, ...]) -> Done:
    """What a call does, with arguments of its own."""
    arguments = copy.deepcopy(arguments)
    try:
        with np.errstate(all="ignore"):
            result = function(*arguments)
            parts = [*(result if isinstance(result, tuple) else (result,)), *(a for a in arguments if not is_model(a))]
            arrays = tuple(array for part in parts for array in arrays_of(part))
            if not any(map(is_model, parts)):
                return Done("", arrays, arrays)
            return Done("", arrays, tuple(array for part in parts for array in arrays_of(part, given=True)))
    except Unanswered:
        raise
    except Exception as error:  # what a wrong answer does
        return Done(type(error).__name__)


def arrays_of(value: Any, given: bool = False) -> list[np.ndarray]:
    """A value as arrays that can be compared; a model as what it makes of one input, its weights' number and what it trains.

    With `given`, the model is given weights, so that it does not matter which ones it had.
    """
    if not is_model(value):
        return [np.asarray(value)]
    rng = np.random.default_rng(0)
    if given:
        value.set_weights([rng.uniform(0.1, 0.5, size=weight.shape) for weight in value.get_weights()])
    shapes = [[1, *(16 if size is None else size for size in tensor.shape[1:])] for tensor in value.inputs]
    x = [rng.normal(size=shape).astype("float32") for shape in shapes]
    y = value(x if len(x) > 1 else x[0], training=False)
    parts = y if isinstance(y, (list, tuple)) else [y]
    trained = sum(weight.shape.num_elements() or 0 for weight in value.trainable_weights)
    return [*(part.numpy() for part in parts), np.asarray([value.count_params(), trained])]


def has_models(done: Done) -> bool:
    """Whether a call returned a model."""
    return done.built is not done.arrays


def same(some: Done, other: Done) -> bool:
    """Whether two calls did the same, but for rounding."""
    return some.error == other.error and all_equal(some.arrays, other.arrays)


def built_same(some: Done, other: Done) -> bool:
    """Whether two calls did the same, whatever the weights of the models that they returned."""
    return some.error == other.error and all_equal(some.built, other.built)


def all_equal(some: tuple[np.ndarray, ...], other: tuple[np.ndarray, ...]) -> bool:
    """Whether two rows of arrays hold the same, but for rounding."""
    return [part.shape for part in some] == [part.shape for part in other] and all(map(equal, some, other))


def equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays of one shape hold the same, but for rounding; anything but numbers must be the same text."""
    if a.dtype.kind not in "biufc" or b.dtype.kind not in "biufc":
        return a.dtype.kind == b.dtype.kind and bool(np.all(a.astype(str) == b.astype(str)))
    scale = max(1.0, float(np.abs(a[np.isfinite(a)]).max(initial=0.0)))
    return bool(np.allclose(a, b, rtol=1e-5, atol=1e-7 * scale, equal_nan=True))
