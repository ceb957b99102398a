"""Fashion-MNIST: which source is taken, and what stands in for it."""

from dataclasses import replace

import numpy as np
import pytest

from convbook import load_mnist
from convbook.datasets import fashion_mnist, sources
from convbook.datasets.fashion_mnist import FASHION_MNIST, load_fashion_mnist
from convbook.datasets.sources import ImageSet


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    """Neither data nor a network."""
    monkeypatch.setattr(sources, "DEFAULT_FOLDER", tmp_path / "none")
    monkeypatch.setattr(ImageSet, "keras_can_load", lambda _: False)


@pytest.mark.parametrize("full", [False, True])
def test_digits_stand_in(no_network, capsys, full):
    """Without a file and a network the digits are taken, their names are digits, and the output says so."""
    train, test, class_names = load_fashion_mnist(full)
    np.testing.assert_array_equal(train[0], load_mnist(full=False)[0][0])
    assert (len(train[1]), len(test[1])) == (4000, 1000)
    assert class_names == [str(digit) for digit in range(10)]
    assert "the 5,000 digits that come with the package stand in for it" in capsys.readouterr().out


def test_local_folder_comes_first(monkeypatch, tmp_path, capsys):
    """A file in the folder that CONVBOOK_DATA names is read, with the names of the clothes."""
    shapes = {"x_train": (6, 28, 28), "y_train": (6,), "x_test": (2, 28, 28), "y_test": (2,)}
    arrays = {name: np.full(shape, 7, np.uint8) for name, shape in shapes.items()}
    monkeypatch.setattr(sources, "FULL_SHAPES", shapes)
    sha256 = sources.content_sha256(arrays.values())
    monkeypatch.setattr(fashion_mnist, "FASHION_MNIST", replace(FASHION_MNIST, sha256=sha256))
    monkeypatch.setenv("CONVBOOK_DATA", str(tmp_path))
    np.savez(tmp_path / "fashion_mnist.npz", **arrays)
    (x_train, y_train), (x_test, y_test), class_names = load_fashion_mnist()
    for name, array in {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}.items():
        np.testing.assert_array_equal(array, arrays[name])
    assert class_names[0] == "T-shirt" and class_names[9] == "ankle boot"
    assert f"all 70,000 images, from {tmp_path / 'fashion_mnist.npz'}" in capsys.readouterr().out


def test_digits_are_not_clothes(monkeypatch, tmp_path):
    """A file with other images is refused."""
    monkeypatch.setenv("CONVBOOK_DATA", str(tmp_path))
    arrays = {name: np.zeros(shape, np.uint8) for name, shape in sources.FULL_SHAPES.items()}
    np.savez_compressed(tmp_path / "fashion_mnist.npz", **arrays)
    with pytest.raises(ValueError, match="Received: other bytes"):
        load_fashion_mnist()


def test_keras_is_asked_at_its_own_address(monkeypatch, tmp_path):
    """The question goes to the address that Keras downloads from; a file that Keras has needs none."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    asked = []
    monkeypatch.setattr(sources, "server_answers", lambda url, seconds: asked.append(url) or False)
    assert FASHION_MNIST.keras_can_load() is False
    assert asked == [sources.KERAS_STORE + "t10k-images-idx3-ubyte.gz"]
    kept = tmp_path / "datasets" / "fashion-mnist" / "t10k-images-idx3-ubyte.gz"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"")
    assert FASHION_MNIST.keras_can_load() is True
