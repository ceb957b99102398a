"""MNIST: all of it from a local folder or by Keras' download, or the 5,000 digits that come with the package."""

import hashlib
import os
import threading
import zipfile
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np

EMBEDDED = Path(__file__).parent / "data" / "mnist_5k.npz"
DEFAULT_FOLDER = Path("~/.cache/convbook")
KERAS_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
N_TRAIN = 4000  # of the 5,000 embedded digits; the others are held out
SHUFFLE_SEED = 0

# What each file must hold: its arrays with their shapes, and the sha256 of their bytes one after another.
FULL_SHAPES = {"x_train": (60000, 28, 28), "y_train": (60000,), "x_test": (10000, 28, 28), "y_test": (10000,)}
FULL_SHA256 = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
EMBEDDED_SHAPES = {"x": (5000, 28, 28), "y": (5000,)}
EMBEDDED_SHA256 = "809ec085d551285cf9efad12c42a6aead98c62f96eb9936cc5b778870773e50d"


def load_mnist(full=None):
    """(x_train, y_train), (x_test, y_test): uint8 images (N, 28, 28) of 0 to 255, uint8 labels (N,).

    With `full=False`: 4,000 + 1,000 digits that come with the package (the first 500 of each class of
    MNIST's training set, shuffled with a fixed seed). With `full=True`: all 60,000 + 10,000, from the first
    of these that there is: the file `mnist.npz` in the folder CONVBOOK_DATA (default ~/.cache/convbook);
    Keras' own download; without network, the 5,000 digits all the same. Prints which it was.
    `full=None` is True if the environment says CONVBOOK_FULL=1, or if it names a folder in CONVBOOK_DATA.
    ValueError for a file that is not MNIST. Source: LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist.
    """
    if not (wants_full() if full is None else full):
        print("MNIST: the 5,000 digits that come with the package (CONVBOOK_FULL=1 takes all 70,000).")
        return load_embedded()
    local = data_folder() / "mnist.npz"
    if local.exists():
        print(f"MNIST: all 70,000 digits, from {local}.")
        return load_full(local)
    reason = "there is no network"
    if keras_can_load():
        try:
            digits = load_by_keras()
            print("MNIST: all 70,000 digits, by Keras' own download.")
            return digits
        except Exception as error:  # Keras raises a bare Exception when a download fails
            reason = f"Keras' download failed ({error})"
    print(f"MNIST: the 5,000 digits that come with the package; {local} does not exist and {reason}.")
    return load_embedded()


def wants_full():
    """Whether the environment asks for the full set: CONVBOOK_FULL decides, else a named CONVBOOK_DATA."""
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


def load_embedded():
    """The embedded 5,000 digits, shuffled and split with a fixed seed: 4,000 for training, 1,000 held out."""
    arrays = read_npz(EMBEDDED, EMBEDDED_SHAPES, EMBEDDED_SHA256)
    order = np.random.default_rng(SHUFFLE_SEED).permutation(len(arrays["x"]))
    x, y = arrays["x"][order], arrays["y"][order]
    return (x[:N_TRAIN], y[:N_TRAIN]), (x[N_TRAIN:], y[N_TRAIN:])


def load_full(path):
    """MNIST from an .npz file with Keras' four arrays."""
    arrays = read_npz(path, FULL_SHAPES, FULL_SHA256)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def read_npz(path, shapes, sha256):
    """The arrays of an .npz file, if they are the expected ones; ValueError says what was expected."""
    expected = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
    wanted = f"{path} must be an .npz file with the uint8 arrays {expected}"
    try:
        with zipfile.ZipFile(path), np.load(path, allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name]) for name in file.files}
    except Exception as error:  # a damaged file fails in many ways: zip, zlib, header, end of file, memory
        raise ValueError(f"{wanted}. Received: a file that cannot be read ({error}). Delete it and try again.") from None
    received = {name: (array.shape, str(array.dtype)) for name, array in arrays.items()}
    if received != {name: (shape, "uint8") for name, shape in shapes.items()}:
        raise ValueError(f"{wanted}. Received: {received}")
    if content_sha256(arrays[name] for name in shapes) != sha256:
        raise ValueError(
            f"{wanted}, and their bytes must be MNIST's (sha256 {sha256}). Received: other bytes. Delete it and try again."
        )
    return arrays


def content_sha256(arrays):
    """The sha256 of the arrays' bytes, one array after another: it does not depend on how a file packs them."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def keras_can_load(seconds=5.0):
    """Whether Keras has the file already, or its server answers within `seconds`."""
    if keras_cache().exists():
        return True
    answers = []

    def ask():
        try:
            with urlopen(Request(KERAS_URL, method="HEAD"), timeout=seconds) as reply:
                answers.append(reply.status == 200)
        except (OSError, ValueError):
            pass

    # A thread, since looking up a host's name has no time limit of its own.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return bool(answers and answers[0])


def keras_cache():
    """Where Keras keeps its download."""
    home = os.environ.get("KERAS_HOME", Path.home() / ".keras")
    return Path(home) / "datasets" / "mnist.npz"


def load_by_keras(seconds=30.0):
    """MNIST through `keras.datasets`; a transfer that stalls for `seconds` ends with an error."""
    import socket

    import keras

    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        keras.datasets.mnist.load_data()
    finally:
        socket.setdefaulttimeout(before)
    return load_full(keras_cache())
