"""The weights in a Keras model's file (HDF5): may Keras read them?

HDF5 can name other files, call filters, and describe in a few bytes what takes gigabytes. This is looked at with h5py,
a large program that was not made for a stranger's files: call it only in a process that has nothing to lose.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from convbook.model_files.values import ModelError

LARGEST = 2**30  # bytes of all arrays, unpacked
MOST_OBJECTS = 20_000
DEEPEST = 40
MOST_ATTRIBUTES, LARGEST_ATTRIBUTE = 16, 2**12
DEFLATE, SHUFFLE = 1, 2  # the filters that are part of every HDF5 and only make numbers shorter
KINDS = "fiub"


def check_weights_file(path: str | Path) -> None:
    """ModelError for weights that are more than arrays of numbers in this file."""
    import h5py

    try:
        with h5py.File(path, "r", driver="sec2") as file:
            Weights().group(file, 0)
    except ModelError:
        raise
    except Exception:  # whatever h5py says about a file that is damaged or made to be
        raise refused("a whole HDF5 file", "another file") from None


def refused(what: str, received: str) -> ModelError:
    """The error for weights that are more than numbers."""
    return ModelError(f"The weights of a model must be {what}, so that they can be loaded safely. Received: {received}.")


class Weights:
    """What was met so far in a file of weights."""

    def __init__(self) -> None:
        self.bytes, self.seen = 0, set[Any]()

    def group(self, group: Any, depth: int) -> None:
        """Looks at everything in a group, without following a link that leads elsewhere."""
        import h5py

        self.meet(group, depth)
        self.count(len(self.seen) + len(group), depth)
        for name in group:
            if type(group.get(name, getlink=True)) is not h5py.HardLink:
                raise refused("arrays in this file", "a link to somewhere else")
            kind = group.get(name, getclass=True)
            if kind is h5py.Group:
                self.group(group[name], depth + 1)
            elif kind is h5py.Dataset:
                self.array(group[name], depth + 1)
            else:
                raise refused("arrays of numbers", "something else")

    def meet(self, thing: Any, depth: int) -> None:
        """Counts a group or an array; each can be met once, so no group holds itself."""
        import h5py

        place = h5py.h5o.get_info(thing.id).addr
        if place in self.seen:
            raise refused("arrays that stand in one place each", "an array or group that stands in two")
        self.seen.add(place)
        self.count(len(self.seen), depth)
        self.attributes(thing)

    def count(self, objects: int, depth: int) -> None:
        """ModelError where there are more objects, or deeper ones, than in a model."""
        if objects > MOST_OBJECTS or depth > DEEPEST:
            raise refused(f"at most {MOST_OBJECTS} arrays in {DEEPEST} levels of groups", "more")

    def attributes(self, thing: Any) -> None:
        """Looks at the notes on a group or an array: few, short, numbers or a text."""
        import h5py

        if len(thing.attrs) > MOST_ATTRIBUTES:
            raise refused(f"arrays with at most {MOST_ATTRIBUTES} notes", "more")
        for name in thing.attrs:
            note = thing.attrs.get_id(name)
            text = h5py.check_string_dtype(note.dtype)
            if note.get_storage_size() > LARGEST_ATTRIBUTE or (note.dtype.kind not in KINDS + "S" and text is None):
                raise refused("arrays with short notes", "another note")

    def array(self, array: Any, depth: int) -> None:
        """Looks at one array without reading it."""
        self.meet(array, depth)
        if array.is_virtual or array.external:
            raise refused("arrays in this file", "an array in another file")
        bfloat16 = array.dtype.kind == "V" and array.dtype.itemsize == 2 and array.dtype.names is None
        if array.dtype.kind not in KINDS and not bfloat16:
            raise refused("arrays of numbers", "an array of something else")
        if array.dtype.itemsize > 8 or array.dtype.subdtype or len(array.shape) > 8:
            raise refused("arrays of plain numbers", "an array of something else")
        self.filters(array.id.get_create_plist())
        self.bytes += array.size * array.dtype.itemsize
        if self.bytes > LARGEST:
            raise refused(f"at most {LARGEST} bytes", "more")

    def filters(self, plan: Any) -> None:
        """Looks at how an array was made shorter."""
        used = [plan.get_filter(place)[0] for place in range(plan.get_nfilters())]
        if len(used) > 2 or not set(used) <= {DEFLATE, SHUFFLE}:
            raise refused("arrays that are not packed, or packed with gzip", "another filter")
