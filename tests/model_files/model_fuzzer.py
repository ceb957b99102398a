"""Every name that Keras can look up, in every place of a model's file where a name can stand: refused, or without effect.

`python tests/model_files/model_fuzzer.py [files] [seed]` prints how many files were refused, how many were loaded, and what
the loading did beyond reading its own file. It runs in a process of its own, and files are loaded in forks of that one: all
of them without `files` (some minutes on 2 cores), else a sample of that many.
"""

import contextlib
import io
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from model_attacks import MARK, archive, described, function, honest, sequential, tensor, with_call, with_layer

from convbook.model_files.archive import ModelError, cleaned_model_file

QUIET = {"open", "import", "compile", "exec", "sys._getframe", "object.__getattr__", "object.__setattr__", "os.listdir"}
LOUD = ("subprocess.", "os.", "shutil.", "socket.", "urllib.", "http.", "ftplib.", "smtplib.", "pickle.", "tempfile.", "glob.")
LOUD += ("ctypes.dlopen", "webbrowser.", "sqlite3.", "signal.", "syslog.", "fcntl.", "pty.", "mmap.", "code.", "resource.")
BATCH = 100


def every_name():
    """Module and name of whatever Keras looks up: its public names, and the classes of its modules."""
    import keras  # noqa: F401
    from keras.src import api_export
    from keras.src.saving.keras_saveable import KerasSaveable

    public = [name.rpartition(".") for name in api_export.REGISTERED_NAMES_TO_OBJS]
    modules = [(name, module) for name, module in sys.modules.items() if name.split(".")[0] == "keras" and module]
    classes = {
        (place, name)
        for place, module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, KerasSaveable)
    }
    return sorted({(module, name) for module, _, name in public} | classes)


def compiled(**parts):
    """An honest model whose compile part names something."""
    return honest() | {"compile_config": {"optimizer": "adam", "loss": "mse", **parts}}


def kept(place):
    """An object with the settings that many classes take, where a setting of that name stands."""
    return lambda module, name: honest(**{place: described(module, name, {})})


def called(place):
    """A function, where a setting of that name stands."""
    return lambda module, name: honest(**{place: function(module, name)})


def inside(kind, place):
    """An object in a layer in a layer."""
    return lambda module, name: sequential(described("keras.layers", kind, {place: described(module, name, {"name": "x"})}))


SIZE = {"units": 2, "filters": 2, "kernel_size": 1, "rate": 0.1, "name": "x"}
SETTINGS = ("activation", "kernel_initializer", "bias_regularizer", "kernel_constraint", "dtype", "seed")
SETTINGS += ("units", "name", "quantization_config", "layer")
PLACES = {
    "layer": lambda module, name: with_layer(described(module, name, {"name": "dense"})),
    "layer with units": lambda module, name: with_layer(described(module, name, {"name": "dense", "units": 2})),
    "layer with rate": lambda module, name: with_layer(described(module, name, {"name": "dense", "rate": 0.5})),
    "layer with a file": lambda module, name: with_layer(described(module, name, {"filepath": MARK})),
    "layer with a path": lambda module, name: with_layer(described(module, name, {"path": MARK})),
    "layer with words": lambda module, name: with_layer(described(module, name, {"vocabulary": MARK})),
    "layer with a name": lambda module, name: with_layer(described(module, name, {"fname": MARK, "origin": "file:///x"})),
    "layer as function": lambda module, name: with_layer(function(module, name)),
    "layer, registered": lambda module, name: with_layer(described(module, name, SIZE, registered_name=name)),
    "layer, registered only": lambda module, name: with_layer(described(None, "X", {}, registered_name=f"{module}>{name}")),
    "sequential": lambda module, name: sequential(described(module, name, {"name": "x"})),
    "model": lambda module, name: described(module, name, honest()["config"]),
    "sequential model": lambda module, name: described(module, name, {"name": "x", "layers": []}),
    "module": lambda module, name: with_layer(described(f"{module}.{name}", name, {})),
    "lambda": lambda module, name: with_layer(described("keras.layers", "Lambda", {"function": function(module, name)})),
    "lambda mask": lambda module, name: with_layer(described("keras.layers", "Lambda", {"mask": function(module, name)})),
    "in time": inside("TimeDistributed", "layer"),
    "bidirectional": inside("Bidirectional", "layer"),
    "wrapper": inside("Wrapper", "layer"),
    "spectral": inside("SpectralNormalization", "layer"),
    "cell": inside("RNN", "cell"),
    **{f"{place}, object": kept(place) for place in SETTINGS},
    **{f"{place}, function": called(place) for place in SETTINGS},
    "activation, text": lambda module, name: honest(activation=name),
    "activation, long text": lambda module, name: honest(activation=f"{module}.{name}"),
    "initializer, text": lambda module, name: honest(kernel_initializer=name),
    "dtype, text": lambda module, name: honest(dtype=name),
    "name, text": lambda module, name: honest(name=name),
    "setting, text": lambda module, name: honest(lora_rank=f"{module}.{name}"),
    "setting": lambda module, name: honest(**{name: 1}),
    "call, object": lambda module, name: with_call(described(module, name, {})),
    "call, function": lambda module, name: with_call(tensor("start"), mask=function(module, name)),
    "call, text": lambda module, name: with_call(tensor("start"), name),
    "call, name": lambda module, name: with_call(tensor("start"), **{name: 1}),
    "tensor, type": lambda module, name: with_call(tensor("start", dtype=name)),
    "tensor, layer": lambda module, name: with_call(tensor(name)),
    "operation": lambda module, name: with_layer(described(f"keras.src.ops.{module.split('.')[-1]}", name, {"name": "dense"})),
    "build": lambda module, name: honest() | {"build_config": {"input_shape": function(module, name)}},
    "build object": lambda module, name: honest() | {"build_config": described(module, name, {})},
    "optimizer": lambda module, name: compiled(optimizer=described(module, name, {})),
    "loss": lambda module, name: compiled(loss=function(module, name)),
    "metric": lambda module, name: compiled(metrics=[function(module, name)]),
}


def files(names, sample=None, seed=0):
    """(what it is, content) of all files, or of some drawn at random."""
    pairs = [(place, *name) for name in names for place in PLACES]
    if sample is not None:
        pairs = random.Random(seed).sample(pairs, min(sample, len(pairs)))
    frame = split_archive()
    for place, module, name in pairs:
        yield f"{place}: {module}.{name}", frame(PLACES[place](module, name))


def split_archive():
    """A function that makes a model's file; the weights are made once."""
    with zipfile.ZipFile(io.BytesIO(archive(honest()))) as whole:
        weights = whole.read("model.weights.h5")
    return lambda config: archive(config, weights)


def passed(all_files, clean=cleaned_model_file):
    """The files that are let through, as they are loaded: each description once. And how many were refused."""
    through, refused = {}, 0
    for name, content in all_files:
        try:
            through.setdefault(clean(content), name)
        except ModelError:
            refused += 1
    return [(name, content) for content, name in through.items()], refused


def state():
    """What a file could change in Keras itself."""
    import keras
    from keras.src.saving import object_registration, serialization_lib

    settings = (
        keras.config.floatx(),
        keras.config.image_data_format(),
        keras.config.epsilon(),
        keras.config.dtype_policy().name,
    )
    return *settings, len(object_registration.GLOBAL_CUSTOM_OBJECTS), serialization_lib.in_safe_mode(), os.getcwd()


class Watch:
    """Python's own record of what happens, while a file is loaded."""

    def __init__(self, folder):
        self.effects, self.on = [], False
        self.readable = tuple(map(str, (folder, sys.prefix, sys.base_prefix, "/proc", "/sys", "/usr/lib", os.devnull)))
        self.packages = set(sys.modules) | set(sys.stdlib_module_names)
        sys.addaudithook(self.see)

    def see(self, event, arguments):
        """Notes an event that loading a model has no reason for."""
        if not self.on:
            return
        if event == "open":
            path, mode, flags = arguments
            writes = set(mode or "") & set("wax+") or (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writes or not str(path).startswith(self.readable):
                self.effects.append(f"open {path} {mode}")
        elif event == "import" and arguments[0].split(".")[0] not in self.packages:
            self.effects.append(f"import {arguments[0]}")
        elif event.startswith(LOUD) and event not in QUIET:
            self.effects.append(f"{event} {arguments!r:.100}")


def load(batch):
    """Loads some files in this process; the effects that were seen, and how many files gave a model."""
    import keras

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # names without a folder are written here
        path, watch, seen, models = Path(folder) / "model.keras", Watch(folder), [], 0
        for name, content in batch:
            path.write_bytes(content)
            before, watch.on = state(), True
            try:
                keras.saving.load_model(path)
                models += 1
            except Exception:
                pass
            watch.on = False
            seen += [f"{name}: {effect}" for effect in [*watch.effects, *(["state"] if state() != before else [])]]
            watch.effects.clear()
            if set(os.listdir(folder)) != {"model.keras"}:
                seen.append(f"{name}: a file beside the model")
    return seen, models


def load_apart(through, processes=2):
    """Loads files in forks of this process, some in each, so that none can spoil the next ones."""
    context = multiprocessing.get_context("fork")
    batches = [through[start : start + BATCH] for start in range(0, len(through), BATCH)]
    with context.Pool(processes, maxtasksperchild=1) as pool:
        results = pool.map(load, batches, chunksize=1)
    return [effect for effects, _ in results for effect in effects], sum(models for _, models in results)


def fuzz(sample=None, seed=0, clean=cleaned_model_file):
    """Tries the files; what was found, as a dictionary."""
    begin = time.monotonic()
    names = every_name()
    through, refused = passed(files(names, sample, seed), clean)
    effects, models = load_apart(through)
    counts = {"names": len(names), "places": len(PLACES), "refused": refused, "loaded": len(through), "models": models}
    return counts | {"effects": effects, "seconds": round(time.monotonic() - begin, 1)}


def hole():
    """What is seen where the wall is missing: a file that names a function which fetches data, loaded as it is."""
    layer = described("keras.layers", "Lambda", {"function": function("keras.datasets.imdb", "get_word_index")})
    effects, models = load_apart([("hole", archive(with_layer(layer)))])
    return {"effects": effects, "models": models}


if __name__ == "__main__":
    print(json.dumps(hole() if sys.argv[1:] == ["hole"] else fuzz(*map(int, sys.argv[1:3]))))
