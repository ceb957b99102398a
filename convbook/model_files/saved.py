"""Keras models and the bytes of their `.keras` files. Keras is never imported for a question about a value."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any


def is_model(value: Any) -> bool:
    """Whether a value is a Keras model; Keras is not imported for that."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def saved_model(model: Any) -> bytes:
    """A Keras model as the content of its `.keras` file; one that lies in a process of its own is saved there."""
    if hasattr(type(model), "saved_elsewhere"):
        return model.saved_elsewhere()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def loaded_model(content: bytes) -> Any:
    """The Keras model of a `.keras` file. Only where there is nothing to lose: in a student's process, or one for models."""
    import keras

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        return keras.saving.load_model(path, safe_mode=True)
