"""MNIST: all of it from a local folder or by Keras' download, or the 5,000 digits that come with the package."""

from pathlib import Path

import numpy as np

from convbook.datasets.sources import ImageSet, read_npz, wants_full

MNIST = ImageSet(
    name="MNIST",
    images="digits",
    module="mnist",
    kept="mnist.npz",
    sha256="06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16",
)
EMBEDDED = Path(__file__).with_name("mnist_5k.npz")
EMBEDDED_SHAPES = {"x": (5000, 28, 28), "y": (5000,)}
EMBEDDED_SHA256 = "809ec085d551285cf9efad12c42a6aead98c62f96eb9936cc5b778870773e50d"
N_TRAIN = 4000  # of the 5,000 embedded digits; the others are held out
SHUFFLE_SEED = 0


def load_mnist(full=None):
    """(x_train, y_train), (x_test, y_test): uint8 images (N, 28, 28) of 0 to 255, uint8 labels (N,).

    With `full=False`: 4,000 + 1,000 digits that come with the package (the first 500 of each class of
    MNIST's training set, shuffled with a fixed seed). With `full=True`: all 60,000 + 10,000, from the first
    of these that there is: the file `mnist.npz` in the folder CONVBOOK_DATA (default ~/.cache/convbook);
    Keras' own download; without network, the 5,000 digits all the same. Prints which it was.
    `full=None` is True if the environment says CONVBOOK_FULL=1, or if it names a folder in CONVBOOK_DATA.
    ValueError for a file that is not MNIST. Source: LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist.
    """
    if wants_full() if full is None else full:
        return MNIST.find(instead="the 5,000 digits that come with the package") or load_embedded()
    print("MNIST: the 5,000 digits that come with the package (CONVBOOK_FULL=1 takes all 70,000).")
    return load_embedded()


def load_embedded():
    """The embedded 5,000 digits, shuffled and split with a fixed seed: 4,000 for training, 1,000 held out."""
    arrays = read_npz(EMBEDDED, EMBEDDED_SHAPES, EMBEDDED_SHA256)
    order = np.random.default_rng(SHUFFLE_SEED).permutation(len(arrays["x"]))
    x, y = arrays["x"][order], arrays["y"][order]
    return (x[:N_TRAIN], y[:N_TRAIN]), (x[N_TRAIN:], y[N_TRAIN:])
