"""A network learns: what its first loss is, that it can overfit, that a seed repeats it, and what it says on the way."""

from itertools import pairwise

import numpy as np
import pytest

from convbook import load_mnist
from convbook.layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, GlobalAveragePooling2D, MaxPooling2D, ReLU
from convbook.optimizers import SGD, Adam
from convbook.sequential import Sequential


@pytest.fixture(scope="module")
def digits():
    """The first 300 digits of the embedded set, (300, 28, 28, 1) from 0 to 1, and their labels."""
    (x, y), _ = load_mnist(full=False)
    return (x[:300, ..., None] / 255).astype(np.float32), y[:300]


def small_network(seed=0, optimizer=None):
    """Two small convolutions and a dense layer, ready to be trained."""
    layers = [Conv2D(4, 3, strides=2), ReLU(), Conv2D(8, 3, strides=2), ReLU(), Flatten(), Dense(10)]
    model = Sequential(layers, seed)
    model.compile(optimizer or Adam(0.01))
    return model


def tiny(seed=0, **options):
    """A dense network for points (N, 3), and 10 such points with labels, whose history is quickly written."""
    rng = np.random.default_rng(5)
    model = Sequential([Dense(4), ReLU(), Dense(3)], seed)
    model.compile(SGD(0.1), **options)
    return model, rng.normal(size=(10, 3)).astype(np.float32), rng.integers(0, 3, 10)


@pytest.mark.parametrize("seed", range(5))
def test_first_loss_is_near_the_logarithm_of_the_classes(digits, seed):
    """A fresh network of any seed knows nothing: ten classes cost about log 10 = 2.303 on digits from 0 to 1."""
    layers = [Conv2D(8, 5), ReLU(), MaxPooling2D(), Conv2D(16, 5), ReLU(), MaxPooling2D(), Flatten(), Dense(10)]
    loss, accuracy = Sequential(layers, seed).evaluate(*digits)
    assert loss == pytest.approx(np.log(10), abs=0.35)
    assert accuracy < 0.35


def test_network_overfits_a_hundred_digits(digits):
    """100 images are learned by heart: accuracy 100 %, loss near 0. A network that cannot has a fault."""
    x, y = (array[:100] for array in digits)
    model = small_network()
    history = model.fit(x, y, batch_size=20, epochs=40, verbose=0)
    assert model.evaluate(x, y)[1] == 1
    assert history["loss"][-1] < 0.05 < 1 < history["loss"][0]


def test_network_overfits_a_hundred_digits_with_batch_normalization(digits):
    """So does a network with batch normalisation and global pooling, at inference, where it uses moving averages."""
    x, y = (array[:100] for array in digits)
    layers = [Conv2D(8, 3, strides=2), BatchNormalization(momentum=0.9), ReLU(), MaxPooling2D()]
    layers += [Conv2D(16, 3), BatchNormalization(momentum=0.9), ReLU(), GlobalAveragePooling2D(), Dense(10)]
    model = Sequential(layers)
    model.compile(Adam(0.02))
    model.fit(x, y, batch_size=20, epochs=50, verbose=0)
    assert model.evaluate(x, y)[1] == 1


def test_network_learns_what_it_has_not_seen(digits):
    """Trained on 200 digits for some epochs, it is right about most of the other 100 (a guess: 10 %)."""
    x, y = digits
    model = small_network()
    model.fit(x[:200], y[:200], batch_size=20, epochs=15, verbose=0)
    assert model.evaluate(x[200:], y[200:])[1] > 0.6


def test_same_seeds_give_the_same_network(digits):
    """Weights, losses and outputs repeat to the last digit; another seed for weights or order changes them."""
    x, y = (array[:60] for array in digits)

    def run(seed, order):
        model = small_network(seed)
        return model.fit(x, y, epochs=2, verbose=0, seed=order)["loss"], model.predict(x)

    (losses, z), (again, z_again), (*_, other), (*_, reordered) = run(1, 2), run(1, 2), run(3, 2), run(1, 4)
    assert losses == again
    np.testing.assert_array_equal(z, z_again)
    assert (z != other).any() and (z != reordered).any()


def test_network_equals_its_layers_one_after_another():
    """forward goes through the layers in order, backward in reverse, and gradients pair with trainable weights."""
    model, x, _ = tiny()
    first, relu, last = model.layers
    z = model.forward(x)
    np.testing.assert_array_equal(z, last.forward(relu.forward(first.forward(x))))
    dz = np.random.default_rng(0).normal(size=z.shape).astype(np.float32)
    dx = model.backward(dz)
    np.testing.assert_array_equal(dx, first.backward(relu.backward(last.backward(dz))))
    assert [g.shape for g in model.gradients] == [w.shape for w in model.trainable_weights] == [(3, 4), (4,), (4, 3), (3,)]


def test_build_makes_the_weights():
    """Weights have their shapes after build, from the shape of a batch, without moving any average."""
    model = Sequential([Conv2D(4, 3), BatchNormalization(), Flatten(), Dense(10)])
    assert model.count_params() == 0
    model.build((None, 6, 5, 2))
    assert [w.shape for w in model.get_weights()] == [(3, 3, 2, 4), (4,), (4,), (4,), (4,), (4,), (48, 10), (10,)]
    assert model.count_params() == 72 + 4 + 4 * 4 + 480 + 10
    assert [w.sum() for w in model.get_weights()[2:6]] == [4, 0, 0, 4]


def test_history_has_one_number_an_epoch():
    """Keys are loss and, with validation data, val_loss and val_accuracy, as in Keras."""
    model, x, y = tiny()
    assert list(model.fit(x, y, epochs=3, verbose=0)) == ["loss"]
    history = model.fit(x, y, epochs=3, validation_data=(x[:4], y[:4]), verbose=0)
    assert list(history) == ["loss", "val_loss", "val_accuracy"]
    assert {len(values) for values in history.values()} == {3}
    assert {type(value) for values in history.values() for value in values} == {float}
    assert (history["val_loss"][-1], history["val_accuracy"][-1]) == model.evaluate(x[:4], y[:4])


def test_loss_of_an_epoch_is_the_mean_over_its_images():
    """A last batch that is smaller counts less: with a learning rate of 0, the loss is that of all images."""
    model, x, y = tiny()
    model.compile(SGD(0.0))
    assert model.fit(x, y, batch_size=8, verbose=0)["loss"][0] == pytest.approx(model.evaluate(x, y)[0], rel=1e-5)


def test_fit_takes_every_image_once_an_epoch():
    """In each epoch every image is in one batch, in an order that changes."""
    model, x, y = tiny()
    batches = []
    model.train_on_batch = lambda x, y: batches.append((x, y)) or 0.0
    model.fit(x, y, batch_size=4, epochs=2, verbose=0)
    assert [len(batch) for batch, _ in batches] == [4, 4, 2] * 2
    epochs = [np.concatenate([batch for batch, _ in batches[k : k + 3]]) for k in (0, 3)]
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch, axis=0), np.sort(x, axis=0))
    assert (epochs[0] != epochs[1]).any()
    place = [int(np.flatnonzero((x == row).all(axis=1))[0]) for row in epochs[0]]
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in batches[:3]]), y[place])


def test_progress_is_shown(capsys):
    """With verbose=1 each epoch ends with a line: its number, a full bar, all images, the loss; and what was validated."""
    model, x, y = tiny()
    model.fit(x, y, batch_size=4, epochs=2, validation_data=(x, y))
    lines = capsys.readouterr().out.split("\n")
    assert len(lines) == 3 and lines[-1] == ""
    for epoch, line in enumerate(lines[:2], start=1):
        parts = line.split("\r")[1:]
        assert [part.split("]")[1].split()[0] for part in parts] == ["4/10", "8/10", "10/10", "10/10"]
        assert parts[0].startswith(f"epoch {epoch}/2 [========............] 4/10 0 s, loss ")
        assert parts[-1].startswith(f"epoch {epoch}/2 [====================] 10/10 0 s, loss ")
        assert "val_loss" in parts[-1] and "val_accuracy" in parts[-1]


def test_progress_is_not_shown_if_not_wanted(capsys):
    """With verbose=0 nothing is printed."""
    model, x, y = tiny()
    model.fit(x, y, epochs=2, verbose=0, validation_data=(x, y))
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_fit_leaves_its_images_alone(digits):
    """Neither training nor an augment that works in place changes images or labels."""
    x, y = (array[:40].copy() for array in digits)

    def blacken(batch, rng):
        batch[:, :10] = 0
        return batch

    small_network().fit(x, y, epochs=2, verbose=0, augment=blacken)
    np.testing.assert_array_equal(x, digits[0][:40])
    np.testing.assert_array_equal(y, digits[1][:40])


def test_fit_uses_what_augment_returns():
    """Each batch goes through augment, with one random generator, and its result is what is trained on."""
    model, x, y = tiny()
    seen, generators = [], set()
    model.train_on_batch = lambda x, y: seen.append(x) or 0.0

    def augment(batch, rng):
        generators.add(rng)
        return batch * 0 + rng.random()

    model.fit(x, y, batch_size=5, epochs=2, verbose=0, augment=augment)
    assert len(generators) == 1 and isinstance(generators.pop(), np.random.Generator)
    assert len({batch.ravel()[0] for batch in seen}) == 4 and all((batch == batch[0, 0]).all() for batch in seen)


def test_train_on_batch_goes_downhill():
    """It returns the loss before its step, which the same batch has no more after it; smoothing is used."""
    for smoothing in (0.0, 0.3):
        model, x, y = tiny(label_smoothing=smoothing)
        losses = [model.train_on_batch(x, y) for _ in range(20)]
        assert all(after < before for before, after in pairwise(losses))
    assert losses[0] != pytest.approx(tiny()[0].train_on_batch(x, y))  # another loss than without smoothing


def test_smoothing_is_for_training_only():
    """evaluate gives the plain cross-entropy, whatever compile said."""
    (plain, x, y), (smooth, *_) = tiny(), tiny(label_smoothing=0.3)
    assert plain.evaluate(x, y) == smooth.evaluate(x, y)


def test_predict_does_not_depend_on_the_batch(digits):
    """The logits of all images, in their order, at inference: dropout and the batch's moments are out of play."""
    x, y = (array[:30] for array in digits)
    model = Sequential([Conv2D(4, 3, strides=2), BatchNormalization(), ReLU(), Flatten(), Dropout(0.5), Dense(10)])
    model.compile(SGD(0.1))
    model.fit(x, y, verbose=0)
    z = model.predict(x)
    assert z.shape == (30, 10)
    np.testing.assert_allclose(model.predict(x, batch_size=7), z, rtol=0, atol=1e-5)
    np.testing.assert_allclose(np.concatenate([model.forward(x[k : k + 1]) for k in range(30)]), z, rtol=0, atol=1e-5)


def test_evaluate_counts_the_right_ones():
    """Accuracy is the share of images whose largest logit is at their label."""
    model, x, _ = tiny()
    right = model.predict(x).argmax(axis=1)
    assert model.evaluate(x, right)[1] == 1
    assert model.evaluate(x, (right + 1) % 3)[1] == 0
    assert model.evaluate(x, np.where(np.arange(10) < 3, right, (right + 1) % 3))[1] == pytest.approx(0.3)


@pytest.mark.parametrize("y", [[0, 1, 2, 0, 1, 2, 0, 1, 2, 0], (0,) * 10, np.zeros(10, np.uint8)])
def test_fit_takes_labels_of_any_integers(y):
    """Lists, tuples and uint8, as load_mnist gives them, are labels too."""
    model, x, _ = tiny()
    assert model.fit(x, y, verbose=0)["loss"][0] > 0
    assert 0 <= model.evaluate(x, y)[1] <= 1


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch"])
@pytest.mark.parametrize(
    "change, message",
    [
        (lambda x, y: (x, y[:9]), "10"),
        (lambda x, y: (x, y + 1), "Labels must be integers (N,) from 0 to 2. Received: shape (10,), dtype int64, from "),
        (lambda x, y: (x, y - 1), "from -1 to "),
        (lambda x, y: (x, y * 1.0), "dtype float64"),
        (lambda x, y: (x, np.eye(3, dtype=int)[y]), "Received: shape (10, 3), dtype int64"),
    ],
)
def test_training_says_what_does_not_fit(method, change, message):
    """Labels out of range, of floats, one-hot or of another number are shown."""
    model, x, y = tiny()
    y[:2] = 0, 2
    with pytest.raises(ValueError) as error:
        getattr(model, method)(*change(x, y))
    assert message in str(error.value) and "Received: " in str(error.value)


@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_training_needs_images(method):
    """No image at all, or not one label an image, is shown with both numbers."""
    model, x, y = tiny()
    with pytest.raises(ValueError, match=r"one label an image, and at least one. Received: 10 images, 9 labels"):
        getattr(model, method)(x, y[:9])
    with pytest.raises(ValueError, match="Received: 0 images, 0 labels"):
        getattr(model, method)(x[:0], y[:0])


def test_set_weights_says_what_does_not_fit():
    """Another number of arrays, as from a network that is not built, or another shape is shown."""
    model, x, _ = tiny()
    with pytest.raises(ValueError, match=r"must get 0 arrays \(is it built\?\).*Received: 4"):
        model.set_weights([np.ones(1)] * 4)
    model.build(x.shape)
    before = model.get_weights()
    for wrong, received in [(before[:3], r"3, \["), (before[:3] + [np.ones(4)], r"4, \[.*\(4,\)\]")]:
        with pytest.raises(ValueError, match=r"must get 4 arrays.*\(4, 3\), \(3,\)\]\. Received: " + received):
            model.set_weights(wrong)
    for array, old in zip(model.get_weights(), before):
        np.testing.assert_array_equal(array, old)  # nothing was set by halves
