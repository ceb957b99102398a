"""A student's models, seen from our side: loaded and asked in a sandbox of their own, and here only as stand-ins."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from convbook.autograder.wall.remote import Gone, Remote, TooLate
from convbook.autograder.wall.sandbox import Running, Sandbox
from convbook.autograder.wall.stand_ins import is_stand_in
from convbook.model_files.archive import ModelError, cleaned_model_file


class ModelLate(TooLate):
    """A model did not answer in time. Its process is ended; the student's goes on."""


class ModelRemote(Remote):
    """The process of a submission's models. What it does to itself costs the test that asks, and nothing else."""

    running: Running

    def converse(self, message: bytes) -> Any:
        """The next answer; a process that does not give one is not asked again."""
        if self.gone:
            raise ModelError("A model must answer within the limits of time and memory. Received: one that did not.")
        try:
            return super().converse(message)
        except TooLate:
            self.gone = True
            self.running.end()
            raise ModelLate from None
        except Gone:
            large = self.running.end()["too_large"]
            reason = "it took too much memory" if large else "its process ended"
            raise ModelError(f"A model must be one that can be loaded and asked. Received: one with which {reason}.") from None


class ModelProcess:
    """Where the models of one submission are; the process starts with the first of them."""

    def __init__(self, sandbox: Sandbox, seconds: float) -> None:
        self.sandbox, self.seconds = sandbox, seconds
        self.remote: ModelRemote | None = None
        self.stack = contextlib.ExitStack()

    def load(self, content: bytes) -> Any:
        """A stand-in for the model of a `.keras` file; ModelError for a file that is not to be loaded."""
        cleaned = cleaned_model_file(content)
        if self.remote is None or self.remote.gone:
            self.start()
        answer = self.remote.ask("load", np.frombuffer(cleaned, np.uint8))
        model = answer.get("model") if isinstance(answer, dict) else None
        if not is_stand_in(model):
            told = answer["error"][1] if isinstance(answer, dict) and isinstance(answer.get("error"), list) else ""
            raise ModelError(f"A model's file must be one that Keras can load. Received: {str(told).splitlines()[:1]}.")
        return model

    def start(self) -> None:
        """A fresh process, in which no model is yet."""
        self.close()
        running = self.stack.enter_context(self.sandbox.notebook(ModelRemote))
        running.remote.running = running
        self.remote = running.remote

    def close(self) -> None:
        """Ends the process."""
        self.stack.close()
