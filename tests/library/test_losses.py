"""Softmax with cross-entropy: by hand, by its laws, by small steps, and equal to Keras' in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convbook import softmax, softmax_cross_entropy
from convbook.gradients import numerical_gradient
from convbook.losses import smooth_targets

LOGITS = arrays(float, st.tuples(st.integers(1, 4), st.just(5)), elements=st.integers(-9, 9))
SMOOTHING = st.sampled_from([0.0, 0.1, 0.5])


def labels_of(z):
    """A label for each row of logits."""
    return np.arange(len(z)) * 3 % z.shape[1]


def test_softmax_cross_entropy_by_hand():
    """Probabilities 1/8, 2/8, 5/8 and label 1: loss log 4, and the gradient is probability minus target."""
    loss, dz = softmax_cross_entropy(np.log([[1.0, 2.0, 5.0]]), [1])
    assert loss == pytest.approx(np.log(4), rel=1e-14)
    np.testing.assert_allclose(dz, [[1 / 8, 2 / 8 - 1, 5 / 8]], rtol=1e-14)


def test_softmax_cross_entropy_is_the_mean_of_its_images():
    """The loss of two images is the mean of both, and each one's gradient is half of what it is alone."""
    z, labels = np.log([[1.0, 2.0, 5.0], [4.0, 2.0, 2.0]]), np.array([1, 0])
    (loss, dz), (one, _), (other, other_dz) = (
        softmax_cross_entropy(z[k], labels[k]) for k in (slice(0, 2), slice(0, 1), slice(1, 2))
    )
    assert loss == pytest.approx((one + other) / 2) == pytest.approx((np.log(4) + np.log(2)) / 2)
    np.testing.assert_allclose(dz[1:], other_dz / 2, rtol=1e-14)


def test_smooth_targets_by_hand():
    """With smoothing 0.2 on 4 classes each class gets 0.05, and the label 0.8 more."""
    np.testing.assert_allclose(smooth_targets([2, 0], 4, 0.2), [[0.05, 0.05, 0.85, 0.05], [0.85, 0.05, 0.05, 0.05]])
    assert smooth_targets([2], 4).tolist() == [[0, 0, 1, 0]]


def test_label_smoothing_by_hand():
    """Odds 1 : 3, label 1, smoothing 0.1: the loss weighs both logarithms, 0.05 and 0.95."""
    loss, dz = softmax_cross_entropy(np.log([[1.0, 3.0]]), [1], label_smoothing=0.1)
    assert loss == pytest.approx(-0.05 * np.log(0.25) - 0.95 * np.log(0.75), rel=1e-14)
    np.testing.assert_allclose(dz, [[0.25 - 0.05, 0.75 - 0.95]], rtol=1e-13)


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_loss_of_a_guess_is_the_logarithm_of_the_classes(classes):
    """Equal logits cost log K, whatever the label and the smoothing: what a fresh network should show."""
    for smoothing in (0.0, 0.1):
        loss, _ = softmax_cross_entropy(np.full((3, classes), 7.0), [0, 1, classes - 1], smoothing)
        assert loss == pytest.approx(np.log(classes), rel=1e-14)


def test_loss_of_certainty_is_zero_or_the_difference():
    """A logit that is larger by 10,000 costs nothing if it is right and 10,000 if it is wrong, without overflow."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert softmax_cross_entropy(np.array([[1e4, 0.0]]), [0])[0] == 0
        assert softmax_cross_entropy(np.array([[1e4, 0.0]]), [1])[0] == 1e4


@given(z=LOGITS, c=st.integers(-50, 50), smoothing=SMOOTHING)
def test_softmax_cross_entropy_ignores_a_constant(z, c, smoothing):
    """z + c has the loss and the gradient of z; hence each row of the gradient adds up to 0."""
    loss, dz = softmax_cross_entropy(z, labels_of(z), smoothing)
    moved, dmoved = softmax_cross_entropy(z + c, labels_of(z), smoothing)
    assert moved == pytest.approx(loss, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(dmoved, dz, atol=1e-12)
    np.testing.assert_allclose(dz.sum(axis=1), 0, atol=1e-14)


@given(z=LOGITS, smoothing=SMOOTHING)
def test_softmax_cross_entropy_agrees_with_small_steps(z, smoothing):
    """dz is what central differences measure."""
    loss, dz = softmax_cross_entropy(z, labels_of(z), smoothing)
    measured = numerical_gradient(lambda z: softmax_cross_entropy(z, labels_of(z), smoothing)[0], z, step=1e-5)
    assert loss >= 0
    np.testing.assert_allclose(measured, dz, rtol=0, atol=1e-8)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
def test_softmax_cross_entropy_equals_keras(tf, keras, smoothing):
    """Keras' CategoricalCrossentropy on logits, with label smoothing, has the same loss and the same gradient."""
    z, labels = np.random.default_rng(0).normal(0, 4, (6, 10)), np.array([3, 1, 4, 1, 5, 9])
    cost = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, dtype="float64")
    logits = tf.constant(z)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        expected = cost(np.eye(10)[labels], logits)
    loss, dz = softmax_cross_entropy(z, labels, smoothing)
    assert loss == pytest.approx(float(expected), rel=1e-12)
    np.testing.assert_allclose(dz, tape.gradient(expected, logits).numpy(), rtol=0, atol=1e-14)


def test_softmax_cross_entropy_equals_keras_on_labels(keras):
    """Without smoothing the loss is that of SparseCategoricalCrossentropy."""
    z, labels = np.random.default_rng(0).normal(0, 4, (6, 10)), np.array([3, 1, 4, 1, 5, 9])
    expected = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")(labels, z)
    assert softmax_cross_entropy(z, labels)[0] == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_softmax_cross_entropy_computes_whole_numbers_as_floats(smoothing):
    """Logits that are whole numbers have the loss of the same floats, also with smoothing."""
    z = np.array([[1, 2, 3], [0, 5, 1]])
    (loss, dz), (expected, dexpected) = (softmax_cross_entropy(a, [2, 0], smoothing) for a in (z, z.astype(float)))
    assert loss == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(dz, dexpected, rtol=1e-12)


def test_softmax_cross_entropy_keeps_float32_and_its_inputs():
    """The gradient of float32 is float32, the loss a plain number, and neither logits nor labels are changed."""
    z, labels = np.ones((2, 3), np.float32), np.array([0, 2], np.uint8)
    loss, dz = softmax_cross_entropy(z, labels, 0.1)
    assert (type(loss), dz.dtype) == (float, np.float32)
    dz[:] = 9
    assert (z == 1).all() and labels.tolist() == [0, 2]
    np.testing.assert_allclose(dz, 9)


@pytest.mark.parametrize(
    "z, labels, message",
    [
        (np.ones(3), [0, 1, 2], "Logits must be (N, K) with N labels. Received: shape (3,), 3 labels"),
        (np.ones((3, 2)), [0, 1], "Received: shape (3, 2), 2 labels"),
        (np.ones((2, 3)), [0, 3], "from 0 to 2. Received: shape (2,), dtype int64, from 0 to 3"),
        (np.ones((2, 3)), [0, -1], "from -1 to 0"),
        (np.ones((2, 3)), [0.0, 1.0], "Labels must be integers (N,) from 0 to 2. Received: shape (2,), dtype float64"),
        (np.ones((2, 3)), [True, False], "dtype bool"),
        (np.ones((2, 3)), np.eye(3, dtype=int)[:2], "Received: shape (2, 3), dtype int64"),
        (np.ones((2, 3)), [[0], [1]], "Received: shape (2, 1), dtype int64"),
        (np.ones((0, 3)), np.array([], int), "Received: shape (0,), dtype int64"),
    ],
)
def test_softmax_cross_entropy_says_what_does_not_fit(z, labels, message):
    """What a person can get wrong is answered by what must hold and what was received."""
    with pytest.raises(ValueError) as error:
        softmax_cross_entropy(z, labels)
    assert message in str(error.value)


def test_softmax_of_the_loss_is_that_of_the_activation():
    """dz plus the target, times N, is softmax: the two functions agree."""
    z, labels = np.random.default_rng(0).normal(size=(4, 5)), np.array([0, 1, 2, 3])
    _, dz = softmax_cross_entropy(z, labels)
    np.testing.assert_allclose(dz * 4 + np.eye(5)[labels], softmax(z), rtol=0, atol=1e-14)
