"""The models that an answer returns, as the grader will see them: as files in which only Keras' own layers can stand."""

from __future__ import annotations

import functools
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from convbook.model_files.archive import ModelError, check_model_file

MOST = 4  # models that are looked at: a test may ask for the same one many times


def watched(answer: Callable[..., Any], models: list[Any]) -> Callable[..., Any]:
    """The answer; the first models that it returns are put behind `models`."""
    if not callable(answer):
        return answer

    @functools.wraps(answer)
    def call(*arguments: Any, **options: Any) -> Any:
        result = answer(*arguments, **options)
        keras = sys.modules.get("keras")
        if keras is not None and len(models) < MOST:
            parts = result if isinstance(result, (tuple, list)) else [result]
            models.extend(part for part in parts if isinstance(part, keras.Model))
        return result

    return call


def must_cross(models: list[Any]) -> None:
    """ModelError, with the grader's sentence, for the first model that the grader could not load."""
    for model in models:
        check_model_file(file_of(model))


def file_of(model: Any) -> bytes:
    """A model as the content of its `.keras` file; ModelError for one that cannot be saved."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is wrong about the model will be said in one sentence
        path = Path(folder) / "model.keras"
        try:
            model.save(path)
            return path.read_bytes()
        except Exception as error:  # whatever a layer of the student's own does when it is asked for its settings
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(
                f"A model must be made of Keras' own layers, so that it can be saved. Received: {reason:.200}"
            ) from None
