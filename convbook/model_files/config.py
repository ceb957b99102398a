"""The walk through a model's `config.json`: every part is looked up in a list of what is allowed, and written anew.

The result holds what was looked at and nothing else: a part that this module does not know cannot slip through.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from convbook.model_files import names as known
from convbook.model_files import values
from convbook.model_files.graph import Graph
from convbook.model_files.values import ModelError, Walk, must, must_have_keys

OBJECT = {"module", "class_name", "config", "registered_name", "build_config", "compile_config", "shared_object_id"}
NODE = OBJECT | {"name", "inbound_nodes"}
MODELS = {("keras", "Sequential"), ("keras.models", "Sequential"), ("keras.src.models.sequential", "Sequential")}
MODELS |= {("keras.src.models.functional", "Functional")}


def clean_model(description: Any) -> dict[str, Any]:
    """The description of a model, made of allowed parts only; ModelError if it has others."""
    walk = Walk()
    kind = class_of(description, OBJECT)
    if kind not in MODELS:
        raise ModelError(
            "A model must be a keras.Sequential, or a keras.Model of inputs and outputs, so that its file can be loaded "
            f"safely. Received: a {kind[1]!a:.60} of {kind[0]!a:.60}."
        )
    return clean_layer(description, walk, 0, OBJECT)


def class_of(description: Any, allowed: set[str]) -> tuple[str, str]:
    """Module and class of the object that is described."""
    must_have_keys(description, "An object in a model", allowed, {"module", "class_name", "config"})
    kind = description["module"], description["class_name"]
    if not all(type(part) is str for part in kind):
        raise foreign(description)
    registered = description.get("registered_name")
    if registered is not None and registered != kind[1]:
        raise foreign(description)
    must(
        isinstance(description["config"], dict), f"The settings of {kind[1]!a:.60} must be a dictionary", description["config"]
    )
    return kind


def foreign(description: dict[str, Any]) -> ModelError:
    """The error for a layer that is not on the list."""
    config, kind = description.get("config"), description["class_name"]
    named = description.get("name", config.get("name") if isinstance(config, dict) else None)
    return ModelError(
        "A model must be made of Keras' own layers, so that its file can be loaded safely. Received: "
        + (
            f"{'an' if kind[:1] in 'AEIOU' else 'a'} {kind} layer"
            if isinstance(kind, str) and re.fullmatch(r"\w{1,60}", kind)
            else "something else"
        )
        + (f" named {named!a:.60}." if isinstance(named, str) else ".")
    )


def clean_layer(description: Any, walk: Walk, depth: int, allowed: set[str] = OBJECT) -> dict[str, Any]:
    """The description of a layer, of a model in a model, or of an operation on tensors."""
    module, kind = class_of(description, allowed)
    if depth > values.DEEPEST_MODEL:
        raise ModelError(f"A model must have at most {values.DEEPEST_MODEL} levels of models in models. Received: more.")
    walk.count("layers", 1, values.MOST_LAYERS)
    if (module, kind) in MODELS:
        clean = clean_functional if kind == "Functional" else clean_sequential
        module = module if kind == "Functional" else "keras"
        config = clean(description["config"], walk, depth)
    elif kind in known.OPERATIONS.get(module, ()) or (module == "keras.layers" and kind in known.LAYERS):
        config = clean_settings(kind, description["config"], walk, depth)
        walk.count("parameters", parameters(config, description.get("build_config")), values.MOST_PARAMETERS)
    else:
        raise foreign(description)
    return described(module, kind, config) | clean_identity(description, kind, walk)


def described(module: str, kind: str, config: dict[str, Any]) -> dict[str, Any]:
    """An object as Keras writes it."""
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


def clean_identity(description: dict[str, Any], kind: str, walk: Walk) -> dict[str, int]:
    """The mark of a layer that stands in several places; two layers of different classes cannot have the same."""
    mark = description.get("shared_object_id")
    if mark is None:
        return {}
    must(type(mark) is int, "The mark of a layer that is used twice must be a whole number", mark)
    number, first = walk.shared.setdefault(mark, (len(walk.shared) + 1, kind))
    must(first == kind, f"A layer that is used twice must be a {first} in both places", kind)
    return {"shared_object_id": number}


def clean_settings(kind: str, config: dict[str, Any], walk: Walk, depth: int) -> dict[str, Any]:
    """The settings of a layer, or of a part of one: each by its name, numbers where the name is not on a list."""
    return {key: clean_setting(kind, key, value, walk, depth) for key, value in config.items()}


def clean_setting(kind: str, key: str, value: Any, walk: Walk, depth: int) -> Any:
    """One setting."""
    what = f"The setting {key!a:.60} of {kind}"
    must(key.isidentifier() and key.isascii() and key[0] != "_" and len(key) <= 60, "A setting must have a plain name", key)
    if key == "name":
        return None if value is None else values.name(value, what)
    if key in known.WORDS and not isinstance(value, dict):
        return known.POLICIES(value, walk, what) if key == "dtype" else known.WORDS[key](value, walk, what)
    for ending, clean in OBJECTS.items():
        if value is not None and key.endswith(ending):
            return clean(value, walk, depth, what)
    return values.numbers(value, walk, what)


def part(module: str, names: set[str]) -> Callable[[Any, Walk, int, str], dict[str, Any]]:
    """The kind of settings that hold an initializer, a regularizer or a constraint."""

    def clean(value: Any, walk: Walk, depth: int, what: str) -> dict[str, Any]:
        must(isinstance(value, dict), f"{what} must be one of Keras' own", value)
        found, kind = class_of(value, OBJECT)
        must(found == module and kind in names, f"{what} must be one of Keras' own: {sorted(names)}", value)
        return described(module, kind, clean_settings(kind, value["config"], walk, depth))

    return clean


def clean_activation(value: Any, walk: Walk, depth: int, what: str) -> Any:
    """An activation: the name of one of Keras' own, or a layer that is one."""
    if isinstance(value, str):
        return known.ACTIVATIONS(value, walk, what)
    must(isinstance(value, dict), f"{what} must be the name of one of Keras' own activations", value)
    module, kind = class_of(value, OBJECT)
    good = module == "keras.layers" and kind in known.ACTIVATION_LAYERS
    must(good, f"{what} must be one of Keras' own activations, by its name", value)
    return clean_layer(value, walk, depth + 1)


def clean_inner(value: Any, walk: Walk, depth: int, what: str) -> dict[str, Any]:
    """The layer in a layer."""
    must(isinstance(value, dict), f"{what} must be a layer", value)
    return clean_layer(value, walk, depth + 1)


def clean_policy(value: Any, walk: Walk, depth: int, what: str) -> Any:
    """The kind of numbers that a layer computes with."""
    must(isinstance(value, dict), f"{what} must be a kind of numbers", value)
    must(class_of(value, OBJECT) == ("keras", "DTypePolicy"), f"{what} must be a kind of numbers", value)
    config = must_have_keys(value["config"], what, {"name"}, {"name"})
    must(isinstance(config["name"], str), f"{what} must have a name", config["name"])
    return described("keras", "DTypePolicy", {"name": known.POLICIES(config["name"], walk, what)})


def clean_seed(value: Any, walk: Walk, depth: int, what: str) -> Any:
    """A seed, or the object that Keras makes of one."""
    if not isinstance(value, dict):
        return values.number(value, walk, what)
    must(class_of(value, OBJECT) == ("keras.random", "SeedGenerator"), f"{what} must be a number", value)
    return described("keras.random", "SeedGenerator", clean_settings("SeedGenerator", value["config"], walk, depth))


OBJECTS: dict[str, Callable[[Any, Walk, int, str], Any]] = {  # by the end of the setting's name
    "initializer": part("keras.initializers", known.INITIALIZERS),
    "regularizer": part("keras.regularizers", known.REGULARIZERS),
    "constraint": part("keras.constraints", known.CONSTRAINTS),
    "activation": clean_activation,
    "layer": clean_inner,
    "cell": clean_inner,
    "dtype": clean_policy,
    "seed": clean_seed,
}


def parameters(config: dict[str, Any], build: Any) -> int:
    """About how many parameters a layer has, by what its settings and its input's shape say."""
    seen = build.get("input_shape") if isinstance(build, dict) else None
    channels = seen[-1] if isinstance(seen, list) and seen else None
    kernel = config.get("kernel_size")
    sizes = [config.get(key) for key in ("filters", "units", "output_dim", "num_heads", "key_dim", "depth_multiplier")]
    sizes += kernel if isinstance(kernel, list) else [kernel]
    sizes = [abs(size) for size in sizes if type(size) is int]
    inputs = config.get("input_dim", channels)  # of an Embedding, else of what is connected with all channels
    return math.prod([*sizes, abs(inputs) if type(inputs) is int else 1]) if sizes else 0


def clean_sequential(config: dict[str, Any], walk: Walk, depth: int) -> dict[str, Any]:
    """The settings of a Sequential model."""
    parts = {"name", "trainable", "dtype", "layers", "build_input_shape"}
    must_have_keys(config, "A Sequential model", parts, {"name", "layers"})
    must(isinstance(config["layers"], list), "The layers of a model must be a list", config["layers"])
    clean = {"name": values.name(config["name"]), "layers": [clean_layer(one, walk, depth + 1) for one in config["layers"]]}
    if config.get("build_input_shape") is not None:
        clean["build_input_shape"] = values.shape(config["build_input_shape"], "The shape of a model's input")
    return clean


def clean_functional(config: dict[str, Any], walk: Walk, depth: int) -> dict[str, Any]:
    """The settings of a model of inputs and outputs: its layers, and which tensors they are called with."""
    needed = {"name", "layers", "input_layers", "output_layers"}
    must_have_keys(config, "A model", needed | {"trainable"}, needed)
    must(isinstance(config["layers"], list), "The layers of a model must be a list", config["layers"])
    names = [values.name(one.get("name") if isinstance(one, dict) else one) for one in config["layers"]]
    must(len(names) == len(set(names)), "The layers of a model must have different names", names)
    graph = Graph(set(names), walk)
    ends = {key: graph.ends(config[key]) for key in ("input_layers", "output_layers")}
    trainable = values.number(config.get("trainable"), walk, "The setting 'trainable'")
    layers = [clean_node(one, graph, walk, depth) for one in config["layers"]]
    return {"name": values.name(config["name"]), "trainable": trainable, "layers": layers, **ends}


def clean_node(description: dict[str, Any], graph: Graph, walk: Walk, depth: int) -> dict[str, Any]:
    """A layer in a model of inputs and outputs, and the calls of it."""
    clean = clean_layer(description, walk, depth + 1, NODE)
    return clean | {"name": description["name"], "inbound_nodes": graph.calls(description.get("inbound_nodes"))}
