"""Photographs of five kinds of flowers, from a local folder or TensorFlow's archive; crops of ten photographs without both."""

from functools import cache
from pathlib import Path

import numpy as np

from convbook.datasets.sources import data_folder, keras_folder, server_answers, stalled_after, wants_full
from convbook.resize import central_square

ARCHIVE = "https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz"
FLOWERS = ["daisy", "dandelion", "roses", "sunflowers", "tulips"]
TEST_SHARE = 1 / 3  # of each class's photographs, at most N_TEST
N_TEST = 100
SHUFFLE_SEED = 0

# scikit-image's own photographs of at least 96 x 192 pixels that come within its package, without a download.
PHOTOGRAPHS = [
    "astronaut",
    "brick",
    "camera",
    "chelsea",
    "coffee",
    "coins",
    "grass",
    "gravel",
    "immunohistochemistry",
    "rocket",
]
CROPS, TEST_CROPS = 100, 40  # of each photograph, from its left and from its right half
SIDES = (48, 96)  # pixels of a photograph that a crop covers


def load_flowers(size=128, per_class=None, full=None):
    """(x_train, y_train), (x_test, y_test), class_names: uint8 images (N, size, size, 3) of 0 to 255, uint8 labels (N,).

    The flower photographs, five classes, from the first of these that there is: the folder `flower_photos` in the
    folder CONVBOOK_DATA (default ~/.cache/convbook), with a folder of JPEG files for each class; TensorFlow's archive
    of 3,670 photographs, by Keras' download. The middle of each is resized to size × size; a third of each class, at
    most 100, is held out for the test. Without both, or with `full=False`: crops of ten photographs of scikit-image,
    gray and differently exposed; which photograph is it? A crop to train on is from its left half, one for the test
    from its right half. Prints which it was. `per_class` takes so many training images of each class.
    `full=None` is True if the environment says CONVBOOK_FULL=1, or if it names a folder in CONVBOOK_DATA.
    The order and the parts are the same each time. ValueError for a folder without these photographs.
    """
    for name, value in {"size": size, "per_class": 1 if per_class is None else per_class}.items():
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} must be an integer of at least 1. Received: {name}={value!r}")
    folder = find_photographs() if (wants_full() if full is None else full) else None
    if folder:
        train, test = read_flowers(folder, size)
        names = FLOWERS
    else:
        print("Flowers: crops of ten photographs of scikit-image stand in for them (CONVBOOK_FULL=1 takes the flowers).")
        train, test = cut_crops(size)
        names = PHOTOGRAPHS
    return first_of_each(*train, per_class), first_of_each(*test), list(names)


def find_photographs():
    """The folder flower_photos, or None where there is neither that folder nor a network. Prints which it was."""
    local = data_folder() / "flower_photos"
    if local.exists():
        print(f"Flowers: the photographs in {local}.")
        return local
    reason = "there is no network"
    if (keras_folder() / "flower_photos.tgz").exists() or server_answers(ARCHIVE):
        try:
            folder = download()
            print("Flowers: 3,670 photographs, by Keras' download of TensorFlow's archive.")
            return folder
        except Exception as error:  # Keras raises a bare Exception when a download fails
            reason = f"Keras' download failed ({error})"
    print(f"Flowers: {local} does not exist and {reason}.")
    return None


def download(seconds=30.0):
    """The folder flower_photos of TensorFlow's archive; a transfer that stalls for `seconds` ends with an error."""
    import keras

    with stalled_after(seconds):
        where = Path(keras.utils.get_file("flower_photos.tgz", ARCHIVE, extract=True))
    return next(path.parent for path in sorted(where.parent.rglob(FLOWERS[0])) if path.is_dir())


@cache
def read_flowers(folder, size):
    """(x_train, y_train), (x_test, y_test) of a folder of classes, each shuffled and split with a fixed seed."""
    from concurrent.futures import ThreadPoolExecutor

    train, test = [], []
    for label, name in enumerate(FLOWERS):
        files = sorted((Path(folder) / name).glob("*.jpg"))
        if len(files) < 3:
            raise ValueError(f"{folder} must hold JPEG files in {', '.join(FLOWERS)}. Received: {len(files)} in {name}")
        files = [files[place] for place in np.random.default_rng(SHUFFLE_SEED).permutation(len(files))]
        n_test = min(N_TEST, int(len(files) * TEST_SHARE))
        test += [(file, label) for file in files[:n_test]]
        train += [(file, label) for file in files[n_test:]]
    with ThreadPoolExecutor() as pool:  # reading a JPEG needs one core and lets the others work
        images = list(pool.map(lambda entry: read_photograph(entry[0], size), train + test))
    labels = np.array([label for _, label in train + test], np.uint8)
    return shuffled(images[: len(train)], labels[: len(train)]), shuffled(images[len(train) :], labels[len(train) :])


def read_photograph(path, size):
    """The middle of a JPEG file as (size, size, 3), uint8."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            image.draft("RGB", (size, size))  # a much larger photograph is decoded at a half, a quarter or an eighth
            pixels = np.asarray(image.convert("RGB"))  # (H, W, 3)
    except OSError as error:
        raise ValueError(f"{path} must be a JPEG file. Received: a file that cannot be read ({error})") from None
    return pixels if pixels.shape == (size, size, 3) else central_square(pixels, size)


@cache
def cut_crops(size):
    """(x_train, y_train), (x_test, y_test): crops from the left and from the right halves of the photographs."""
    import skimage.data

    rng = np.random.default_rng(SHUFFLE_SEED)
    parts = [[], []]
    for name in PHOTOGRAPHS:
        photograph = getattr(skimage.data, name)()
        gray = photograph @ [0.299, 0.587, 0.114] if photograph.ndim == 3 else photograph  # (H, W, 3) -> (H, W)
        middle = gray.shape[1] // 2
        parts[0] += [crop(gray[:, :middle], size, rng) for _ in range(CROPS)]
        parts[1] += [crop(gray[:, middle:], size, rng) for _ in range(TEST_CROPS)]
    labels = [np.repeat(np.arange(len(PHOTOGRAPHS), dtype=np.uint8), n) for n in (CROPS, TEST_CROPS)]
    return tuple(shuffled(images, y) for images, y in zip(parts, labels))


def crop(gray, size, rng):
    """A random square of a gray photograph (H, W), as (size, size, 3) with random brightness and contrast, some mirrored."""
    side = rng.integers(SIDES[0], SIDES[1] + 1)
    top, left = (rng.integers(0, extent - side + 1) for extent in gray.shape)
    square = gray[top : top + side, left : left + side][:, :: rng.choice([1, -1])].astype(float)
    square = (square - square.mean()) / (square.std() + 1)
    square = (square * rng.uniform(25, 60) + rng.uniform(80, 170)).clip(0, 255)
    return np.repeat(central_square(square, size)[:, :, None], 3, axis=2)  # (size, size) -> (size, size, 3)


def shuffled(images, labels):
    """Images (N, H, W, 3) and labels (N,), in an order that is the same each time; nobody can change them by accident."""
    order = np.random.default_rng(SHUFFLE_SEED).permutation(len(images))
    images, labels = np.stack(images)[order], np.asarray(labels)[order]
    images.flags.writeable = labels.flags.writeable = False
    return images, labels


def first_of_each(images, labels, per_class=None):
    """The first `per_class` images of each class with their labels, in their order; all of them for None."""
    if per_class is None:
        return images.copy(), labels.copy()
    chosen = [np.flatnonzero(labels == label)[:per_class] for label in np.unique(labels)]
    if min(map(len, chosen)) < per_class:
        raise ValueError(
            f"Each class must have per_class images. Received: per_class={per_class}, {min(map(len, chosen))} images"
        )
    chosen = np.sort(np.concatenate(chosen))
    return images[chosen], labels[chosen]
