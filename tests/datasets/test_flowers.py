"""The flower photographs and what stands in for them: parts, sources, and what is refused."""

import sys

import numpy as np
import pytest

from convbook.datasets import flowers
from convbook.datasets.flowers import FLOWERS, PHOTOGRAPHS, load_flowers


@pytest.fixture(autouse=True)
def forget():
    """Each test reads its files itself."""
    yield
    flowers.read_flowers.cache_clear()


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    """No folder of ours or of Keras', and a server that does not answer."""
    monkeypatch.setenv("CONVBOOK_FULL", "1")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("CONVBOOK_DATA", str(tmp_path))
    monkeypatch.setattr(flowers, "server_answers", lambda url: False)
    monkeypatch.setattr(flowers, "download", lambda: pytest.fail("a download without a network"))


@pytest.fixture
def garden(monkeypatch, tmp_path):
    """A folder of nine small photographs of each flower, each of one gray that tells class and number."""
    from PIL import Image

    for label, name in enumerate(FLOWERS):
        folder = tmp_path / "flower_photos" / name
        folder.mkdir(parents=True)
        for number in range(9):
            Image.new("RGB", (20, 16), (40 * label + 4 * number,) * 3).save(folder / f"{number}.jpg", quality=95)
    (tmp_path / "flower_photos" / "LICENSE.txt").write_text("CC BY 2.0")
    monkeypatch.setenv("CONVBOOK_DATA", str(tmp_path))
    return tmp_path / "flower_photos"


# The photographs of scikit-image


def test_crops_have_their_shapes(capsys):
    """Ten classes with 100 crops to train on and 40 for the test, uint8, and the output says what they are."""
    (x_train, y_train), (x_test, y_test), names = load_flowers(32)
    assert (x_train.shape, x_test.shape, x_train.dtype) == ((1000, 32, 32, 3), (400, 32, 32, 3), np.uint8)
    assert np.bincount(y_train).tolist() == [100] * 10 and np.bincount(y_test).tolist() == [40] * 10
    assert names == PHOTOGRAPHS
    assert "crops of ten photographs of scikit-image stand in" in capsys.readouterr().out


def test_crops_of_both_parts_are_from_different_halves(monkeypatch):
    """Training crops show the left half of a photograph only, test crops the right half only."""
    cut = []
    monkeypatch.setattr(flowers, "crop", lambda gray, size, rng: cut.append(gray) or np.zeros((size, size, 3), np.uint8))
    flowers.cut_crops.__wrapped__(8)
    import skimage.data

    for k, name in enumerate(PHOTOGRAPHS):
        photograph = getattr(skimage.data, name)()
        gray = photograph @ [0.299, 0.587, 0.114] if photograph.ndim == 3 else photograph
        left, right = cut[140 * k], cut[140 * k + 100]
        assert min(left.shape) >= 96 and min(right.shape) >= 96
        np.testing.assert_array_equal(np.concatenate([left, right], axis=1), gray)


def test_crops_are_the_same_each_time_and_may_be_changed():
    """The seed is fixed, and changing what was loaded does not change what is loaded next."""
    (first, _), *_ = load_flowers(16)
    before = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(load_flowers(16)[0][0], before)


def test_brightness_does_not_tell_the_photograph():
    """The mean gray of a crop is set at random: it tells the classes apart hardly better than chance."""
    (x_train, y_train), (x_test, y_test), names = load_flowers(16)
    means = np.array([x_train[y_train == k].mean() for k in range(len(names))])
    nearest = np.abs(x_test.mean(axis=(1, 2, 3))[:, None] - means).argmin(axis=1)
    assert np.mean(nearest == y_test) < 0.2


def test_photographs_need_no_download(monkeypatch):
    """Every photograph is a file of scikit-image's own package: pooch, which downloads the others, is not needed."""
    monkeypatch.setitem(sys.modules, "pooch", None)
    import skimage.data

    for name in PHOTOGRAPHS:
        assert getattr(skimage.data, name)().dtype == np.uint8


def test_per_class_takes_so_many_of_each():
    """per_class takes the first images of each class, in the order of the whole; the test part stays whole."""
    whole, few = load_flowers(16), load_flowers(16, per_class=3)
    assert np.bincount(few[0][1]).tolist() == [3] * 10 and len(few[1][0]) == 400
    for label in range(10):
        np.testing.assert_array_equal(few[0][0][few[0][1] == label], whole[0][0][whole[0][1] == label][:3])


# The flowers


def test_folder_is_read_and_split(garden, capsys):
    """Of nine photographs of each class three are held out; every one is used once, with its class."""
    (x_train, y_train), (x_test, y_test), names = load_flowers(16)
    assert (x_train.shape, x_test.shape, names) == ((30, 16, 16, 3), (15, 16, 16, 3), FLOWERS)
    assert np.bincount(y_train).tolist() == [6] * 5 and np.bincount(y_test).tolist() == [3] * 5
    grays = np.concatenate([x_train, x_test]).mean(axis=(1, 2, 3)).round()
    labels = np.concatenate([y_train, y_test])
    np.testing.assert_allclose(np.sort(grays - 40.0 * labels), np.repeat(4 * np.arange(9), 5), atol=1)
    assert f"Flowers: the photographs in {garden}." in capsys.readouterr().out


def test_folder_is_read_once(garden, monkeypatch):
    """A second call with another per_class does not read the files again."""
    load_flowers(16)
    monkeypatch.setattr(flowers, "read_photograph", lambda *_: pytest.fail("a file was read again"))
    assert len(load_flowers(16, per_class=2)[0][0]) == 10


def test_test_part_has_at_most_100_of_each_class(garden, monkeypatch):
    """With many photographs the test part does not grow beyond N_TEST of each class."""
    monkeypatch.setattr(flowers, "N_TEST", 2)
    assert np.bincount(load_flowers(16)[1][1]).tolist() == [2] * 5


def test_large_photographs_are_cut_to_their_middle(garden):
    """A photograph twice as wide as high loses its sides, also when it is decoded at half its size."""
    from PIL import Image

    image = np.zeros((128, 256, 3), np.uint8)
    image[:, 64:192] = 200
    Image.fromarray(image).save(garden / "wide.jpg", quality=95)
    assert flowers.read_photograph(garden / "wide.jpg", 32)[:, 2:-2].min() > 190


def test_full_decides_over_the_environment(garden):
    """full=False, or CONVBOOK_FULL=0, takes the crops although a folder is named."""
    assert load_flowers(16, full=False)[2] == PHOTOGRAPHS


def test_without_folder_and_network_the_crops_are_taken(no_network, capsys):
    """The output says what was looked for, and what stands in for it."""
    assert load_flowers(16)[2] == PHOTOGRAPHS
    out = capsys.readouterr().out
    assert "flower_photos does not exist and there is no network." in out and "stand in" in out


def test_archive_comes_second(no_network, garden, monkeypatch, tmp_path, keras, capsys):
    """Where the server answers, Keras downloads and unpacks the archive, and its folder is read."""
    unpacked = tmp_path / "datasets" / "flower_photos_extracted"
    unpacked.mkdir(parents=True)
    garden.rename(unpacked / "flower_photos")
    monkeypatch.undo()
    monkeypatch.setenv("CONVBOOK_DATA", str(tmp_path))
    monkeypatch.setenv("CONVBOOK_FULL", "1")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(flowers, "server_answers", lambda url: url == flowers.ARCHIVE)
    monkeypatch.setattr(keras.utils, "get_file", lambda name, origin, extract: str(unpacked))
    assert len(load_flowers(16)[0][0]) == 30
    assert "Flowers: 3,670 photographs, by Keras' download" in capsys.readouterr().out


def test_failed_download_is_said(no_network, monkeypatch, capsys):
    """A download that breaks off is no error: the crops are taken, and the output has the reason."""

    def break_off():
        raise Exception("URL fetch failure: 503")

    monkeypatch.setattr(flowers, "server_answers", lambda url: True)
    monkeypatch.setattr(flowers, "download", break_off)
    assert load_flowers(16)[2] == PHOTOGRAPHS
    assert "Keras' download failed (URL fetch failure: 503)" in capsys.readouterr().out


def test_download_puts_the_time_limit_back(no_network, monkeypatch, keras, tmp_path):
    """The limit on stalled transfers holds during the download only, even when it fails."""
    import socket

    monkeypatch.undo()
    monkeypatch.setattr(keras.utils, "get_file", lambda *_, **__: (_ for _ in ()).throw(Exception("no")))
    with pytest.raises(Exception, match="no"):
        flowers.download()
    assert socket.getdefaulttimeout() is None


# What is refused


def test_missing_class_is_refused(garden):
    """A folder without photographs of one class is named, with what it must hold."""
    for file in (garden / "roses").glob("*.jpg"):
        file.unlink()
    with pytest.raises(ValueError, match=r"must hold JPEG files in daisy, dandelion, roses, .* Received: 0 in roses"):
        load_flowers(16)


def test_broken_photograph_is_named(garden):
    """A file that is no photograph is an error that names it, and not a class with one image less."""
    (garden / "tulips" / "3.jpg").write_text("<html>")
    with pytest.raises(ValueError, match=r"tulips/3.jpg must be a JPEG file. Received: a file that cannot be read"):
        load_flowers(16)


@pytest.mark.parametrize("options", [{"size": 0}, {"size": 12.5}, {"per_class": 0}, {"per_class": "all"}])
def test_counts_are_counts(options):
    """A size and a number of images are positive integers."""
    with pytest.raises(ValueError, match=r"must be an integer of at least 1. Received: "):
        load_flowers(**options)


def test_too_many_of_each_class_are_refused():
    """More images of each class than there are is said with both numbers."""
    with pytest.raises(ValueError, match=r"must have per_class images. Received: per_class=101, 100 images"):
        load_flowers(16, per_class=101)
