"""A pickle read as data. A pickle is a program for a small machine with a stack; this machine calls nothing.

It knows the 30 of the 68 instructions that a file of PyTorch tensors needs. The names in such a file are
compared with a list and never imported; a call makes an empty dictionary or describes a tensor, or is refused.
"""

import math
import pickletools
from typing import NamedTuple

DTYPES = {
    "HalfStorage": "<f2",
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "ByteStorage": "|u1",
    "CharStorage": "|i1",
    "ShortStorage": "<i2",
    "IntStorage": "<i4",
    "LongStorage": "<i8",
    "BoolStorage": "|b1",
}
ORDERED_DICT, REBUILD = ("collections", "OrderedDict"), ("torch._utils", "_rebuild_tensor_v2")
LARGEST = 2**48  # no number of a shape is larger

IGNORED = {"PROTO", "STOP"}
ARGUMENTS = {"BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE"}  # push what stands behind them
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class Name(NamedTuple):
    """A name that the file asks to be imported. It is compared with others, and never looked up."""

    module: str
    name: str


class Storage(NamedTuple):
    """A row of `size` numbers that lies elsewhere in the file, under `key`."""

    key: str
    dtype: str
    size: int


class Tensor(NamedTuple):
    """Which numbers of a storage a tensor consists of; offset and strides count numbers."""

    storage: Storage
    offset: int
    shape: tuple
    strides: tuple


class Machine:
    """Reads the pickle at a file's position: `result` is what it describes, `storages` {key: Storage} what it refers to."""

    def __init__(self, file):
        self.stacks, self.memo, self.storages = [[]], {}, {}
        for instruction, argument, _ in pickletools.genops(file):
            self.step(instruction.name, argument)
        if len(self.stacks) != 1 or len(self.stacks[0]) != 1:
            raise ValueError("a pickle that leaves no single result")
        self.result = self.stacks[0][0]

    def step(self, name, argument):
        """One instruction."""
        if name in ARGUMENTS:
            self.push(argument)
        elif name in CONSTANTS:
            self.push(CONSTANTS[name])
        elif name in TUPLES:
            self.push(tuple(self.take(TUPLES[name])))
        elif name in STEPS:
            STEPS[name](self, argument)
        elif name not in IGNORED:
            raise ValueError(f"the pickle instruction {name}")

    def push(self, value):
        """Puts a value on the stack."""
        self.stacks[-1].append(value)

    def take(self, count):
        """The last `count` values of the stack, which are taken off."""
        if len(self.stacks[-1]) < count:
            raise ValueError("a pickle that takes more from its stack than is there")
        values = self.stacks[-1][-count:]
        del self.stacks[-1][-count:]
        return values

    def since_mark(self):
        """All values since the last MARK, which are taken off with it."""
        if len(self.stacks) < 2:
            raise ValueError("a pickle that takes more from its stack than is there")
        return self.stacks.pop()

    def last(self):
        """The value on top of the stack, which stays there."""
        if not self.stacks[-1]:
            raise ValueError("a pickle that takes more from its stack than is there")
        return self.stacks[-1][-1]

    def fill(self, items):
        """Puts key, value, key, value … into the dictionary. Keys are text: to hash nested tuples may take for ever."""
        keys = items[::2]
        if not isinstance(self.last(), dict) or len(items) % 2 or not all(isinstance(key, str) for key in keys):
            raise ValueError("a dictionary whose keys are not text")
        self.last().update(zip(keys, items[1::2]))

    def extend(self, items):
        """Puts the items behind the list's. They are text: the only list is that of the storages' keys."""
        if not isinstance(self.last(), list) or not all(isinstance(item, str) for item in items):
            raise ValueError("a list of anything but text")
        self.last().extend(items)

    def remember(self, place):
        """Notes the value on top of the stack under a number."""
        self.memo[place] = self.last()

    def recall(self, place):
        """Puts the value that was noted under a number on the stack."""
        if place not in self.memo:
            raise ValueError("a pickle that recalls what it has not noted")
        self.push(self.memo[place])

    def add_attributes(self):
        """Leaves out what a dictionary is given beside its items: the layers' version numbers, which we do not need."""
        (attributes,) = self.take(1)
        if not isinstance(self.last(), dict) or not isinstance(attributes, dict):
            raise ValueError(f"an instruction to change {kind(self.last())}")

    def refer(self):
        """Pushes the Storage that a reference names; all references to one key must agree."""
        storage = storage_of(*self.take(1))
        if self.storages.setdefault(storage.key, storage) != storage:
            raise ValueError(f"two descriptions of the storage {storage.key[:40]!r}")
        self.push(storage)


STEPS = {
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "MARK": lambda machine, _: machine.stacks.append([]),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.since_mark())),
    "SETITEM": lambda machine, _: machine.fill(machine.take(2)),
    "SETITEMS": lambda machine, _: machine.fill(machine.since_mark()),
    "APPEND": lambda machine, _: machine.extend(machine.take(1)),
    "APPENDS": lambda machine, _: machine.extend(machine.since_mark()),
    "BINPUT": Machine.remember,
    "LONG_BINPUT": Machine.remember,
    "BINGET": Machine.recall,
    "LONG_BINGET": Machine.recall,
    "GLOBAL": lambda machine, argument: machine.push(allowed_name(argument)),
    "REDUCE": lambda machine, _: machine.push(call(*machine.take(2))),
    "BUILD": lambda machine, _: machine.add_attributes(),
    "BINPERSID": lambda machine, _: machine.refer(),
}


def allowed_name(text):
    """The Name of "module name", if it is one of those that a file of tensors needs."""
    name = Name(*text.split(" ", 1))
    if name not in (ORDERED_DICT, REBUILD) and not (name.module == "torch" and name.name in DTYPES):
        raise ValueError(f"the name {name.module[:60]}.{name.name[:60]}, which is not that of a tensor's part")
    return name


def call(name, arguments):
    """What a call in the file stands for: an empty dictionary or a Tensor. Nothing is called."""
    if name == ORDERED_DICT and arguments == ():
        return {}
    if (
        name != REBUILD
        or not isinstance(arguments, tuple)
        or len(arguments) not in (6, 7)
        or arguments[6:] not in ((), (None,))
    ):
        raise ValueError("a call that is not that of a tensor")
    tensor = Tensor(*arguments[:4])
    check_inside(tensor)
    return tensor


def check_inside(tensor):
    """An error unless every number of the tensor lies in its storage, and none of them twice as often as there are."""
    storage, offset, shape, strides = tensor
    if not isinstance(storage, Storage) or not isinstance(shape, tuple) or not isinstance(strides, tuple):
        raise ValueError("a tensor without a storage, a shape and strides")
    whole = all(type(number) is int and 0 <= number < LARGEST for number in (offset, *shape, *strides))
    if not whole or len(shape) != len(strides) or len(shape) > 16:
        raise ValueError("a tensor whose shape and strides do not belong together")
    count = math.prod(shape)
    last = offset + sum((size - 1) * step for size, step in zip(shape, strides))
    if count > storage.size or (count and last >= storage.size) or offset > storage.size:
        raise ValueError(f"a tensor of shape {shape} outside its storage of {storage.size} numbers")


def storage_of(description):
    """The Storage of ("storage", kind of numbers, key, device, size); the older format has one more, None."""
    if not isinstance(description, tuple) or len(description) not in (5, 6) or description[5:] not in ((), (None,)):
        raise ValueError("a reference that is not a storage's")
    word, name, key, _, size = description[:5]
    if word != "storage" or not isinstance(name, Name) or name.name not in DTYPES:
        raise ValueError("a reference that is not a storage's")
    if not isinstance(key, str) or type(size) is not int or not 0 <= size < LARGEST:
        raise ValueError("a storage without a key and a size")
    return Storage(key, DTYPES[name.name], size)


def kind(value):
    """The kind of a value, for a message."""
    return f"an object of the kind {type(value).__name__}"
