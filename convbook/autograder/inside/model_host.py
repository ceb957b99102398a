"""Inside a sandbox in which there is no student's code, no file and no secret: models are loaded here, and asked.

A `.keras` file is data that a large program reads, and its author is a stranger. Whatever it makes that program do, it does
here, where there is nothing: the process belongs to one submission, and all that leaves it are answers to questions.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from convbook.autograder.inside.objects import Objects
from convbook.autograder.inside.student import Host
from convbook.model_files.archive import WEIGHTS
from convbook.model_files.saved import is_model
from convbook.model_files.weights import check_weights_file


class Models(Objects):
    """The models of this process: they stay here, and the other side holds them."""

    def owns(self, value: Any) -> bool:
        """Whether a value is described by this side whatever it is: a model does not go back as a file."""
        return is_model(value)


class ModelHost(Host):
    """A process that loads models and answers what is asked of them."""

    def __init__(self) -> None:
        self.objects = Models()

    def load(self, content: np.ndarray) -> Any:
        """The model of a `.keras` file whose archive and configuration have been checked; its weights are checked here."""
        import keras

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.keras"
            path.write_bytes(content.tobytes())
            with zipfile.ZipFile(path) as archive:  # one that we wrote
                check_weights_file(archive.extract(WEIGHTS, folder))
            return keras.saving.load_model(path, compile=False, safe_mode=True)

    def answer(self, request: dict[str, Any]) -> Any:
        """The reply to one request."""
        [(verb, content)] = request.items()
        return {"model": self.load(content)} if verb == "load" else super().answer(request)
