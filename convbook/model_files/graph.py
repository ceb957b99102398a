"""Which layers of a model are called with the results of which others, as `config.json` says it: written anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convbook.model_files import names as known
from convbook.model_files import values
from convbook.model_files.values import Walk, must, must_have_keys


class Graph:
    """Which layers of a model are called with the results of which others."""

    def __init__(self, names: set[str], walk: Walk) -> None:
        self.names, self.walk = names, walk

    def calls(self, calls: Any) -> list[dict[str, Any]]:
        """All calls of a layer."""
        must(isinstance(calls, list), "The calls of a layer must be a list", calls)
        return [self.call(one) for one in calls]

    def call(self, call: Any) -> dict[str, Any]:
        """One call of a layer."""
        self.walk.count("nodes", 1, values.MOST_NODES)
        must_have_keys(call, "The call of a layer", {"args", "kwargs"}, {"args", "kwargs"})
        must(isinstance(call["args"], list), "The arguments of a call must be a list", call["args"])
        must(isinstance(call["kwargs"], dict), "The named arguments of a call must be a dictionary", call["kwargs"])
        plain = all(key.isidentifier() and key.isascii() and key[0] != "_" for key in call["kwargs"])
        must(
            plain and "class_name" not in call["kwargs"], "The named arguments of a call must have plain names", call["kwargs"]
        )
        return {key: arguments(call[key], self.walk, self.tensor) for key in ("args", "kwargs")}

    def tensor(self, value: dict[str, Any]) -> dict[str, Any]:
        """A tensor that a layer of this model gives."""
        must_have_keys(value, "A tensor", {"class_name", "config"}, {"config"})
        parts = {"shape", "dtype", "keras_history"}
        config = must_have_keys(value["config"], "A tensor", parts, parts)
        must(isinstance(config["dtype"], str), "A tensor must have a kind of numbers", config["dtype"])
        clean = {
            "shape": values.shape(config["shape"], "The shape of a tensor"),
            "dtype": known.DTYPES(config["dtype"], self.walk, "The kind of numbers of a tensor"),
            "keras_history": self.place(config["keras_history"]),
        }
        return {"class_name": "__keras_tensor__", "config": clean}

    def place(self, value: Any) -> list[Any]:
        """Where a tensor comes from: a layer of this model, which of its calls, and which of that one's results."""
        good = isinstance(value, list) and len(value) == 3 and isinstance(value[0], str) and value[0] in self.names
        must(good, "A tensor must come from a layer of its model", value)
        return [value[0], values.whole(value[1], "The number of a call"), values.whole(value[2], "The number of a result")]

    def ends(self, value: Any, depth: int = 0) -> Any:
        """The inputs or outputs of a model: a place, or lists and dictionaries of them."""
        must(isinstance(value, (list, dict)) and depth <= values.DEEPEST_LIST, "A model must have inputs and outputs", value)
        if isinstance(value, dict):
            return {values.name(key): self.ends(item, depth + 1) for key, item in value.items()}
        if value and isinstance(value[0], str):
            return self.place(value)
        return [self.ends(item, depth + 1) for item in value]


def arguments(value: Any, walk: Walk, tensor: Callable[[Any], Any], depth: int = 0) -> Any:
    """What a layer is called with: tensors, numbers, slices, and lists and dictionaries of them. No texts."""
    what = "A layer must be called with tensors and numbers only"
    if isinstance(value, list) and depth < values.DEEPEST_LIST:
        return [arguments(item, walk, tensor, depth + 1) for item in value]
    if not isinstance(value, dict) or depth >= values.DEEPEST_LIST:
        return values.number(value, walk, "What a layer is called with")
    if "class_name" not in value:
        return {values.name(key): arguments(item, walk, tensor, depth + 1) for key, item in value.items()}
    kind = value["class_name"]
    must(kind in ("__keras_tensor__", "__slice__", "__ellipsis__"), what, value)
    if kind == "__keras_tensor__":
        return tensor(value)
    limits = must_have_keys(value.get("config"), what, {"start", "stop", "step"}, set())
    must_have_keys(value, what, {"class_name", "config"}, {"config"})
    return {"class_name": kind, "config": {key: values.number(limit, walk, "A slice") for key, limit in limits.items()}}
