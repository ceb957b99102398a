"""Files of Keras models that do harm when they are loaded, or look as if they could: of every kind that is known.

Sources: CVE-2024-3660 and CVE-2025-1550 (names of functions), CVE-2025-8747 (`keras.utils.get_file`), CVE-2025-9905 and
CVE-2025-9906 (safe mode switched off), CVE-2025-49655 (`TorchModuleWrapper`), CVE-2025-12058 (a vocabulary that is a
file), CVE-2025-12060 (an archive unpacked), CVE-2026-0897 (swelling weights), and forms of our own.
"""

import copy
import io
import json
import struct
import zipfile
import zlib

MARK = "attack_mark"  # the file that an attack would write
FLOAT = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}


def described(module, kind, config, **more):
    """An object as Keras writes it."""
    return {"module": module, "class_name": kind, "config": config, "registered_name": None, **more}


def tensor(layer, **more):
    """A tensor that a layer gives; parts of its description can be others."""
    config = {"shape": [None, 4], "dtype": "float32", "keras_history": [layer, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config | more}


def honest(**settings):
    """The description of a model of one dense layer; settings of that layer can be others."""
    start = described("keras.layers", "InputLayer", {"batch_shape": [None, 4], "dtype": "float32", "name": "start"})
    dense = described("keras.layers", "Dense", {"name": "dense", "dtype": FLOAT, "units": 2, "activation": "relu", **settings})
    layers = [start | {"name": "start", "inbound_nodes": []}]
    layers += [dense | {"name": "dense", "inbound_nodes": [{"args": [tensor("start")], "kwargs": {}}]}]
    config = {"name": "model", "trainable": True, "layers": layers}
    config |= {"input_layers": [["start", 0, 0]], "output_layers": [["dense", 0, 0]]}
    return described("keras.src.models.functional", "Functional", config)


def with_layer(layer):
    """A model with another layer in place of the dense one."""
    model = honest()
    old = model["config"]["layers"][1]
    model["config"]["layers"][1] = layer | {"name": old["name"], "inbound_nodes": old["inbound_nodes"]}
    return model


def with_call(*args, **kwargs):
    """A model whose dense layer is called with other arguments."""
    model = honest()
    model["config"]["layers"][1]["inbound_nodes"] = [{"args": list(args), "kwargs": kwargs}]
    return model


def sequential(*layers):
    """A Sequential model of these layers."""
    return described("keras", "Sequential", {"name": "model", "layers": list(layers)})


def function(module, name):
    """How a file names a function."""
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def weights(*arrays):
    """An HDF5 file in which these arrays stand where Keras looks for the dense layer's."""
    import h5py
    import numpy as np

    file = io.BytesIO()
    with h5py.File(file, "w") as store:
        group = store.create_group("layers/dense/vars")
        for place, array in enumerate(arrays or (np.ones((4, 2), "f4"), np.zeros(2, "f4"))):
            group[str(place)] = array
    return file.getvalue()


METADATA = json.dumps({"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"})


def archive(config, store=None, metadata=METADATA, method=zipfile.ZIP_STORED, **more):
    """A model's file of this description, these weights and more files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as whole:
        whole.writestr("metadata.json", metadata)
        whole.writestr("config.json", config if isinstance(config, (str, bytes)) else json.dumps(config))
        whole.writestr("model.weights.h5", weights() if store is None else store)
        for name, content in more.items():
            whole.writestr(name, content)
    return file.getvalue()


# ---- in config.json

LAMBDA = {"class_name": "__lambda__", "config": {"value": ["4wAAAAA=", None, None]}}
GET_FILE = {"fname": MARK, "origin": "file:///etc/hostname", "cache_dir": ".", "extract": True, "archive_format": "tar"}
FOREIGN_LAYERS = {
    "lambda": described("keras.layers", "Lambda", {"name": "x", "function": LAMBDA}),
    "lambda_function": described("keras.layers", "Lambda", {"name": "x", "function": function("os", "system")}),
    "lambda_builtin": described("keras.layers", "Lambda", {"name": "x", "function": function("builtins", "exec")}),
    "lambda_get_file": described(
        "keras.layers", "Lambda", {"name": "x", "function": function("keras.utils", "get_file"), "arguments": GET_FILE}
    ),
    "lambda_private": described("keras.src.layers.core.lambda_layer", "Lambda", {"name": "x", "function": LAMBDA}),
    "tfsm": described("keras.layers", "TFSMLayer", {"name": "x", "filepath": "/tmp/saved", "call_endpoint": "serve"}),
    "tfsm_private": described("keras.src.export.tfsm_layer", "TFSMLayer", {"filepath": "/tmp/saved"}),
    "torch": described("keras.layers", "TorchModuleWrapper", {"name": "x", "module": "gASVHg=="}),
    "torch_private": described("keras.src.utils.torch_utils", "TorchModuleWrapper", {"module": "gASVHg=="}),
    "flax": described("keras.layers", "FlaxLayer", {"name": "x", "module": LAMBDA}),
    "jax": described("keras.layers", "JaxLayer", {"name": "x", "call_fn": LAMBDA}),
    "vocabulary": described("keras.layers", "StringLookup", {"name": "x", "vocabulary": "/etc/passwd"}),
    "integers": described("keras.layers", "IntegerLookup", {"name": "x", "vocabulary": "/etc/passwd"}),
    "text": described("keras.layers", "TextVectorization", {"name": "x", "vocabulary": "/etc/passwd"}),
    "text_split": described("keras.layers", "TextVectorization", {"split": function("keras.utils", "get_file")}),
    "hashing": described("keras.layers", "Hashing", {"num_bins": 3, "salt": 1}),
    "space": described("keras.utils", "FeatureSpace", {"features": {}}),
    "wrapper": described("keras.layers", "Wrapper", {"layer": described("keras.layers", "Dense", {"units": 2})}),
    "pipeline": described("keras.layers", "Pipeline", {"layers": []}),
    "rand_augment": described("keras.layers", "RandAugment", {"value_range": [0, 1]}),
    "own": described(None, "Square", {"name": "x"}),
    "own_registered": described("__main__", "Square", {"name": "x"}, registered_name="Custom>Square"),
    "registered": described("keras.layers", "Dense", {"units": 2}, registered_name="Custom>Dense"),
    "layer": described("keras.layers", "Layer", {"name": "x"}),
    "module_os": described("os", "system", {"command": f"touch {MARK}"}),
    "module_subprocess": described("subprocess", "Popen", {"args": ["touch", MARK]}),
    "module_ops_map": described("keras.src.ops.core", "Map", {"name": "x"}),
    "module_ops_cond": described("keras.src.ops.core", "Cond", {"name": "x"}),
    "module_saving": described("keras.saving", "load_model", {"filepath": "/tmp/evil.h5"}),
    "module_config": described("keras.config", "enable_unsafe_deserialization", {}),
    "module_dots": described("keras.layers.", "Dense", {"units": 2}),
    "module_hub": described("keras_hub.models", "Backbone", {}),
    "module_tensorflow": described("tensorflow.python.framework.load_library", "load_op_library", {}),
    "module_list": described(["keras.layers"], "Dense", {"units": 2}),
    "module_none": described(None, "Dense", {"units": 2}),
    "class_dotted": described("keras", "layers.Lambda", {}),
    "legacy": {"class_name": "Lambda", "config": {"name": "x", "function": ["4wAAAAA=", None, None]}},
    "function": function("keras.utils", "get_file"),
    "typespec": {"class_name": "__typespec__", "spec_name": "TensorSpec", "module": "tensorflow", "config": []},
    "text_as_layer": "keras.layers.Lambda",
    "callback": described("keras.callbacks", "CSVLogger", {"filename": MARK}),
    "backup": described("keras.callbacks", "BackupAndRestore", {"backup_dir": MARK}),
    "progress": described("keras.utils", "Progbar", {"target": 3}),
    "dataset": described("keras.utils", "image_dataset_from_directory", {"directory": "/"}),
    "application": described("keras.applications", "VGG16", {"weights": "/tmp/weights.h5"}),
    "policy_map": described("keras.dtype_policies", "DTypePolicyMap", {}),
    "quantized": described("keras.layers", "Dense", {"units": 2, "quantization_config": described("keras", "Int8", {})}),
}
SETTINGS = {
    "activation_function": {"activation": function("keras.config", "enable_unsafe_deserialization")},
    "activation_get_file": {"activation": function("keras.utils", "get_file")},
    "activation_builtin": {"activation": function("builtins", "relu")},
    "activation_lambda": {"activation": LAMBDA},
    "activation_word": {"activation": "get_file"},
    "activation_layer": {"activation": FOREIGN_LAYERS["lambda"]},
    "activation_dense": {"activation": described("keras.layers", "Dense", {"units": 2})},
    "activation_list": {"activation": ["relu"]},
    "initializer_function": {"kernel_initializer": function("keras.utils", "get_file")},
    "initializer_word": {"kernel_initializer": "keras.utils.get_file"},
    "initializer_layer": {"kernel_initializer": FOREIGN_LAYERS["lambda"]},
    "initializer_array": {
        "kernel_initializer": described(
            "keras.initializers", "Constant", {"value": {"class_name": "__numpy__", "config": {"value": [1], "dtype": "O"}}}
        )
    },
    "regularizer": {"kernel_regularizer": described("keras.regularizers", "Own", {})},
    "constraint": {"kernel_constraint": function("keras.utils", "save_img")},
    "policy": {"dtype": described("keras", "QuantizedDTypePolicy", {"mode": "int8"})},
    "policy_name": {"dtype": described("keras", "DTypePolicy", {"name": "int8_from_float32"})},
    "policy_word": {"dtype": "object"},
    "name": {"name": "../../../tmp/x"},
    "name_object": {"name": function("keras.utils", "get_file")},
    "text": {"anything": "keras.utils.get_file"},
    "object": {"anything": described("keras.layers", "Dense", {"units": 2})},
    "bytes": {"anything": {"class_name": "__bytes__", "config": {"value": "x"}}},
    "private": {"_setattr_tracking": 1},
    "weights_of_text": {"weights": ["/etc/passwd"]},
    "units": {"units": 2**40},
    "infinite": {"units": 1e999},
    "nested_numbers": {"units": [[[[[[[2]]]]]]]},
    "seed": {"seed": described("keras.random", "Other", {})},
    "inner": {"layer": FOREIGN_LAYERS["lambda"]},
}
CALLS = {
    "text": with_call("/etc/passwd"),
    "numpy": with_call({"class_name": "__numpy__", "config": {"value": ["x"], "dtype": "O"}}),
    "tensor": with_call({"class_name": "__tensor__", "config": {"value": [1.0] * 4, "dtype": "float32"}}),
    "bytes": with_call({"class_name": "__bytes__", "config": {"value": "x"}}),
    "lambda": with_call(tensor("start"), mask=LAMBDA),
    "function": with_call(tensor("start"), mask=function("keras.utils", "get_file")),
    "layer": with_call(described("keras.layers", "Dense", {"units": 2})),
    "slice": with_call(tensor("start"), {"class_name": "__slice__", "config": {"start": LAMBDA}}),
    "unknown": with_call(tensor("nowhere")),
    "negative": with_call(tensor("start", keras_history=["start", -1, 0])),
    "no_history": with_call(tensor("start", keras_history=None)),
    "dtype": with_call(tensor("start", dtype="string")),
    "shape": with_call(tensor("start", shape=["x"])),
    "shared": with_call(tensor("start") | {"shared_object_id": 1}),
    "private": with_call(tensor("start"), __class__=1),
    "class_name": with_call(tensor("start"), class_name=1, config=None),
    "deep": with_call([[[[[[[tensor("start")]]]]]]]),
}


def changed(change):
    """An honest model's description after a change."""
    model = honest()
    change(model)
    return model


def nested(depth):
    """Models in models."""
    inner = described("keras.layers", "Dense", {"units": 2})
    for _ in range(depth):
        inner = sequential(inner)
    return inner


SHARED = described("keras.layers", "Dropout", {"rate": 0.1}, shared_object_id=7)
MODELS = {
    "no_model": described("keras.layers", "Dense", {"units": 2}),
    "subclass": described(None, "Net", {}),
    "model": described("keras", "Model", {"inputs": [], "outputs": []}),
    "legacy_model": described("keras.engine.functional", "Functional", honest()["config"]),
    "clone": described("keras.models", "clone_model", honest()["config"]),
    "list": [honest()],
    "text": "model",
    "nothing": None,
    "extra": changed(lambda model: model["config"].update(custom_objects={})),
    "extra_top": changed(lambda model: model.update(custom_objects={})),
    "no_layers": changed(lambda model: model["config"].pop("layers")),
    "layers_text": changed(lambda model: model["config"].update(layers="ab")),
    "ends_text": changed(lambda model: model["config"].update(output_layers="dense")),
    "ends_unknown": changed(lambda model: model["config"].update(output_layers=[["nowhere", 0, 0]])),
    "same_names": changed(lambda model: model["config"]["layers"].append(model["config"]["layers"][0])),
    "legacy_nodes": changed(lambda model: model["config"]["layers"][1].update(inbound_nodes=[[["start", 0, 0, {"a": "x"}]]])),
    "compile_nested": sequential({**FOREIGN_LAYERS["lambda"], "compile_config": {}}),
    "deep": nested(12),
    "many": sequential(*[described("keras.layers", "Dropout", {"rate": 0.1})] * 2000),
    "many_nodes": changed(lambda m: m["config"]["layers"][1].update(inbound_nodes=[{"args": [], "kwargs": {}}] * 3000)),
    "many_numbers": with_layer(described("keras.layers", "Normalization", {"mean": [0] * 1_050_000})),
    "large": sequential(described("keras.layers", "Embedding", {"input_dim": 2**20, "output_dim": 2**20})),
    "large_kernel": sequential(described("keras.layers", "Conv2D", {"filters": 2**16, "kernel_size": [2**10, 2**10]})),
    "large_sum": sequential(*[described("keras.layers", "Embedding", {"input_dim": 2**13, "output_dim": 2**13})] * 9),
    "shared": sequential(SHARED, described("keras.layers", "Dense", {"units": 2}, shared_object_id=7)),
    "shared_text": sequential(SHARED | {"shared_object_id": "7"}),
    "build": sequential(described("keras.layers", "Lambda", {}, build_config={"input_shape": [None]})),
    "build_shape": described("keras", "Sequential", {"name": "x", "layers": [], "build_input_shape": "x"}),
}
IN_TIME = {name: described("keras.layers", "TimeDistributed", {"layer": one}) for name, one in FOREIGN_LAYERS.items()}
CONFIGS = (
    {f"layer {name}": with_layer(layer) for name, layer in FOREIGN_LAYERS.items() if isinstance(layer, dict)}
    | {f"sequential {name}": sequential(layer) for name, layer in FOREIGN_LAYERS.items()}
    | {f"in time {name}": sequential(layer) for name, layer in IN_TIME.items()}
    | {f"setting {name}": honest(**setting) for name, setting in SETTINGS.items()}
    | {f"call {name}": model for name, model in CALLS.items()}
    | {f"model {name}": model for name, model in MODELS.items()}
)

TEXTS = {
    "no json": "{",
    "no text": b"\xff\xfe\x00",
    "deep json": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "a key twice": json.dumps(honest()).replace('"units": 2', '"units": 2, "units": 3'),
    "nan": json.dumps(honest()).replace('"units": 2', '"units": NaN'),
    "infinity": json.dumps(honest()).replace('"units": 2', '"units": -Infinity'),
    "a long number": json.dumps(honest()).replace('"units": 2', '"units": ' + "9" * 5000),
    "large": " " * 2**24 + json.dumps(honest()),
}

# ---- in the archive


def edited(old, new, count=1):
    """An honest file in which bytes were replaced."""
    content = archive(honest())
    assert old in content
    return content.replace(old, new, count)


def patched(offset, form, value, mark=b"PK\1\2"):
    """An honest file with another number in the first header of a kind."""
    content = bytearray(archive(honest()))
    struct.pack_into(form, content, content.index(mark) + offset, value)
    return bytes(content)


def swelling(size, name="model.weights.h5", announced=None):
    """A file that is small and unpacks to gigabytes."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join([*(engine.compress(bytes(2**20)) for _ in range(size >> 20)), engine.flush()])
    honestly = {"metadata.json": METADATA, "config.json": json.dumps(honest()), "model.weights.h5": b"\x89HDF\r\n\x1a\n"}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as whole:
        for one, content in (honestly | {name: packed}).items():
            whole.writestr(one, content)
    content = bytearray(file.getvalue())
    for mark, at in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        place = content.index(mark)
        while content[place + (30 if at == 8 else 46) :][: len(name)] != name.encode():
            place = content.index(mark, place + 4)
        struct.pack_into("<H", content, place + at, zipfile.ZIP_DEFLATED)
        struct.pack_into("<L", content, place + at + 14, announced if announced is not None else min(size, 2**32 - 1))
    return bytes(content)


def names(*members):
    """An archive of files with other names."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as whole:
        for name in members:
            whole.writestr(name, METADATA if name.endswith("metadata.json") else json.dumps(honest()))
    return file.getvalue()


def twice():
    """An archive in which one name stands twice."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return archive(honest(), **{"config.json": json.dumps(sequential(FOREIGN_LAYERS["lambda"]))})


def overlapping():
    """An archive whose table of contents lists one file under two names."""
    content = bytearray(archive(honest()))
    entry = content.rindex(b"PK\1\2")
    struct.pack_into("<L", content, entry + 42, 0)
    return bytes(content)


def two_tables():
    """Two archives, one behind the other: some programs read the first table of contents, some the last."""
    return archive(sequential(FOREIGN_LAYERS["lambda"])) + archive(honest())


def commented():
    """An archive with a comment at its end."""
    file = io.BytesIO(archive(honest()))
    with zipfile.ZipFile(file, "a") as whole:
        whole.comment = b"PK\5\6" + bytes(18)
    return file.getvalue()


def large_form():
    """An archive in the form for more than 4 GiB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as whole:
        for name, content in {"metadata.json": METADATA, "config.json": json.dumps(honest())}.items():
            with whole.open(name, "w", force_zip64=True) as one:
                one.write(content.encode())
        whole.writestr("model.weights.h5", weights())
    return file.getvalue()


def differing():
    """An archive whose file begins with another name than the table of contents says."""
    content = bytearray(archive(honest()))
    place = content.index(b"config.json")
    content[place : place + 11] = b"c0nfig.json"
    return bytes(content)


ARCHIVES = {
    "empty": lambda: b"",
    "no archive": lambda: b"x" * 1000,
    "an empty archive": lambda: names(),
    "only the end": lambda: b"PK\5\6" + bytes(18),
    "a pickle": lambda: b"\x80\x04cos\nsystem\n.",
    "hdf5": lambda: weights(),
    "data before": lambda: b"#!/bin/sh\n" + archive(honest()),
    "data after": lambda: archive(honest()) + b"x",
    "data between": lambda: edited(b"PK\1\2", b"xPK\1\2"),
    "two tables": two_tables,
    "comment": commented,
    "zip64": large_form,
    "assets": lambda: archive(honest(), **{"assets/vocabulary.txt": "x"}),
    "outside": lambda: archive(honest(), **{f"../{MARK}": "x"}),
    "absolute": lambda: archive(honest(), **{f"/tmp/{MARK}": "x"}),
    "other weights": lambda: names("metadata.json", "config.json", "model.weights.npz"),
    "other names": lambda: names("metadata.json", "config.json", "../model.weights.h5"),
    "a folder": lambda: names("metadata.json", "config.json", "model.weights.h5/"),
    "two files": lambda: names("metadata.json", "config.json"),
    "a name twice": twice,
    "differing names": differing,
    "overlapping": overlapping,
    "encrypted": lambda: patched(8, "<H", 1),
    "encrypted inside": lambda: patched(6, "<H", 1, b"PK\3\4"),
    "sizes behind": lambda: patched(8, "<H", 8),
    "bzip2": lambda: archive(honest(), method=zipfile.ZIP_BZIP2),
    "lzma": lambda: archive(honest(), method=zipfile.ZIP_LZMA),
    "unknown method": lambda: patched(10, "<H", 99),
    "other check": lambda: patched(16, "<L", 1),
    "other size": lambda: patched(24, "<L", 1),
    "other packed size": lambda: patched(20, "<L", 1),
    "offset": lambda: patched(42, "<L", 2**31),
    "disk": lambda: patched(34, "<H", 1),
    "swelling": lambda: swelling(2**26, announced=2**31),
    "swelling, announced small": lambda: swelling(2**26, announced=1000),
    "swelling config": lambda: swelling(2**26, "config.json"),
    "swelling metadata": lambda: swelling(2**26, "metadata.json"),
    "cut": lambda: archive(honest())[:-40],
    "no metadata": lambda: archive(honest(), metadata="[]"),
    "old metadata": lambda: archive(honest(), metadata='{"keras_version": "2.15.0"}'),
    "odd metadata": lambda: archive(honest(), metadata='{"keras_version": "3.0.0/../../x"}'),
    "weights that are none": lambda: archive(honest(), b"\x93NUMPY"),
    "weights behind something": lambda: archive(honest(), bytes(512) + weights()),
}

# ---- in the weights


def store(fill):
    """An HDF5 file that a function fills."""

    def make(folder):
        import h5py

        path = folder / "weights.h5"
        with h5py.File(path, "w") as file:
            fill(file, h5py, folder)
        return path

    return make


def virtual(file, h5py, folder):
    """An array that is put together from another file's."""
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd.h5", "x", (4,))
    file.create_virtual_dataset("x", layout)


def cycle(file, h5py, folder):
    """A group that holds itself."""
    group = file.create_group("a")
    group["b"] = group


def deep(file, h5py, folder):
    """Groups in groups."""
    file.create_group("/".join("a" * 100))


def many(file, h5py, folder):
    """More arrays than a model has."""
    for place in range(20_001):
        file.create_group(str(place))


def filtered(file, h5py, folder):
    """An array that is packed by a filter which is loaded from a file."""
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_chunk((4,))
    plan.set_filter(32_015, h5py.h5z.FLAG_OPTIONAL, ())
    h5py.h5d.create(file.id, b"x", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((4,)), plan)


WEIGHTS = {
    "external storage": store(lambda f, h, d: f.create_dataset("x", (10,), "u1", external=[("/etc/passwd", 0, 10)])),
    "external link": store(lambda f, h, d: f.__setitem__("x", h.ExternalLink("/etc/passwd", "/"))),
    "soft link": store(lambda f, h, d: f.__setitem__("x", h.SoftLink("/y"))),
    "virtual": store(virtual),
    "cycle": store(cycle),
    "deep": store(deep),
    "many": store(many),
    "filter from a file": store(filtered),
    "lzf": store(lambda f, h, d: f.create_dataset("x", (100,), "f4", compression="lzf")),
    "checksum": store(lambda f, h, d: f.create_dataset("x", (100,), "f4", fletcher32=True)),
    "large": store(lambda f, h, d: f.create_dataset("x", (2**32,), "f4", chunks=(1024,))),
    "large, packed": store(lambda f, h, d: f.create_dataset("x", (2**40,), "f4", compression="gzip", chunks=(2**20,))),
    "large together": store(lambda f, h, d: [f.create_dataset(str(i), (2**27,), "f4", chunks=(1024,)) for i in range(4)]),
    "texts": store(lambda f, h, d: f.create_dataset("x", data=["a"], dtype=h.string_dtype())),
    "lists": store(lambda f, h, d: f.create_dataset("x", (2,), h.vlen_dtype("f4"))),
    "references": store(lambda f, h, d: f.create_dataset("x", (2,), h.ref_dtype)),
    "regions": store(lambda f, h, d: f.create_dataset("x", (2,), h.regionref_dtype)),
    "records": store(lambda f, h, d: f.create_dataset("x", (2,), [("a", "f4"), ("b", "f4")])),
    "opaque": store(lambda f, h, d: f.create_dataset("x", (2,), "V100")),
    "arrays of arrays": store(lambda f, h, d: f.create_dataset("x", (2,), "(10,)f4")),
    "complex": store(lambda f, h, d: f.create_dataset("x", (2,), "c16")),
    "a type": store(lambda f, h, d: f.__setitem__("x", __import__("numpy").dtype("f4"))),
    "many notes": store(lambda f, h, d: [f.attrs.__setitem__(str(i), i) for i in range(40)]),
    "a large note": store(lambda f, h, d: f.attrs.__setitem__("x", [0.0] * 5000)),
    "a note that points": store(lambda f, h, d: f.attrs.create("x", f.ref, dtype=h.ref_dtype)),
    "one array twice": store(lambda f, h, d: f.__setitem__("b", f.create_dataset("a", (2,), "f4"))),
}


def damaged(folder):
    """An HDF5 file that ends in the middle."""
    path = folder / "weights.h5"
    path.write_bytes(weights()[:700])
    return path


def no_file(folder):
    """A text that only begins as HDF5."""
    path = folder / "weights.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + b"A" * 4000)
    return path


WEIGHTS |= {"damaged": damaged, "no file": no_file}


def model_attacks():
    """All files that `check_model_file` must refuse: a name, and a function that makes the bytes."""
    configs = {f"config, {name}": (lambda model=model: archive(copy.deepcopy(model))) for name, model in CONFIGS.items()}
    texts = {f"text, {name}": (lambda text=text: archive(text)) for name, text in TEXTS.items()}
    return list((configs | texts | {f"archive, {name}": make for name, make in ARCHIVES.items()}).items())
