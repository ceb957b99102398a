"""Batch normalisation: by hand, by its laws, by small steps, and equal to Keras' in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convbook import check_gradient
from convbook.batch_normalization import batch_normalization, batch_normalization_backward, moments

SHAPES = [(6, 3), (2, 3, 4, 3), (5, 1, 1, 3)]
SHAPE = st.tuples(st.integers(2, 4), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))


def random_case(shape, seed=7):
    """x, dy (…, C), gamma and beta (C,), float64; the channels have different means and spreads."""
    rng = np.random.default_rng(seed)
    x = rng.normal(rng.normal(0, 5, shape[-1]), rng.uniform(0.5, 3, shape[-1]), shape)
    return x, rng.normal(size=shape), rng.uniform(0.5, 2, shape[-1]), rng.normal(size=shape[-1])


def in_training(x, gamma, beta, epsilon=1e-3):
    """y with the moments of x itself."""
    return batch_normalization(x, gamma, beta, *moments(x), epsilon)


def test_moments_by_hand():
    """Channel by channel: the mean, and the mean of the squared distances from it (divided by N, not N - 1)."""
    mean, variance = moments(np.array([[1.0, 10.0], [3.0, 10.0], [8.0, 40.0]]))
    assert mean.tolist() == [4, 20]
    np.testing.assert_allclose(variance, [(9 + 1 + 16) / 3, (100 + 100 + 400) / 3], rtol=1e-15)


@given(shape=SHAPE, seed=st.integers(0, 2**32))
def test_moments_are_mean_and_variance(shape, seed):
    """They are NumPy's mean and var over all axes but the last."""
    x = random_case(shape, seed)[0]
    mean, variance = moments(x)
    np.testing.assert_allclose(mean, x.mean(axis=(0, 1, 2)), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(variance, x.var(axis=(0, 1, 2)), rtol=1e-12)


def test_moments_compute_uint8_as_floats():
    """Pixels of 0 to 255 do not wrap."""
    mean, variance = moments(np.array([[250], [254]], np.uint8))
    assert (mean.tolist(), variance.tolist()) == ([252], [4])


def test_batch_normalization_by_hand():
    """Mean 2 and variance 4, gamma 10, beta 1: the distance from the mean, in halves, times 10, plus 1."""
    y = batch_normalization(np.array([[2.0], [6.0], [-1.0]]), [10.0], [1.0], np.array([2.0]), np.array([4.0]), epsilon=0)
    assert y.ravel().tolist() == [1, 21, -14]


@given(shape=SHAPE, seed=st.integers(0, 2**32))
def test_batch_normalization_gives_each_channel_beta_and_gamma(shape, seed):
    """In training and without epsilon, each channel has the mean beta and the standard deviation gamma."""
    x, _, gamma, beta = random_case(shape, seed)
    x[1:] += 1 + np.abs(x[:1]).max()  # two images at least that differ
    y = in_training(x, gamma, beta, epsilon=0)
    np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), beta, atol=1e-9)
    np.testing.assert_allclose(y.std(axis=(0, 1, 2)), gamma, rtol=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_batch_normalization_undoes_scale_and_shift(shape):
    """Without epsilon, 3 x + 5 is normalised to the same as x: why a bias before it has no effect."""
    x, _, gamma, beta = random_case(shape)
    np.testing.assert_allclose(in_training(3 * x + 5, gamma, beta, 0), in_training(x, gamma, beta, 0), atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_batch_normalization_backward_does_not_see_scale_and_shift(shape):
    """Hence dx of each channel adds up to 0 and, without epsilon, sum(x dx) is 0."""
    x, dy, gamma, _ = random_case(shape)
    dx, _, _ = batch_normalization_backward(dy, x, gamma, epsilon=0)
    axes = tuple(range(len(shape) - 1))
    np.testing.assert_allclose(dx.sum(axis=axes), 0, atol=1e-12)
    np.testing.assert_allclose((x * dx).sum(axis=axes), 0, atol=1e-11)


def test_batch_normalization_backward_by_hand():
    """Two numbers are always normalised to -1 and 1, so dx is 0; dbeta is the sum of dy, dgamma its difference."""
    dx, dgamma, dbeta = batch_normalization_backward(np.array([[3.0], [10.0]]), np.array([[1.0], [5.0]]), [2.0], epsilon=0)
    np.testing.assert_allclose(dx, 0, atol=1e-15)
    assert (dgamma.tolist(), dbeta.tolist()) == ([-3 + 10], [3 + 10])


@pytest.mark.parametrize("epsilon", [1e-3, 0.5])
@pytest.mark.parametrize("shape", SHAPES)
def test_batch_normalization_backward_agrees_with_small_steps(shape, epsilon):
    """dx, through mean and variance too, dgamma and dbeta are what central differences measure."""
    x, _, gamma, beta = random_case(shape)
    for k, (array, function) in enumerate(
        [
            (x, lambda x: in_training(x, gamma, beta, epsilon)),
            (gamma, lambda gamma: in_training(x, gamma, beta, epsilon)),
            (beta, lambda beta: in_training(x, gamma, beta, epsilon)),
        ]
    ):
        error = check_gradient(function, lambda dy: batch_normalization_backward(dy, x, gamma, epsilon)[k], array)  # noqa: B023
        assert error < 1e-7


@pytest.mark.parametrize("epsilon", [1e-3, 0.5])
@pytest.mark.parametrize("shape", SHAPES)
def test_batch_normalization_equals_keras(tf, keras, shape, epsilon):
    """Keras' layer in training, in float64, has the same output and the same three gradients."""
    x, dy, gamma, beta = random_case(shape)
    layer = keras.layers.BatchNormalization(epsilon=epsilon, dtype="float64")
    layer.build(shape)
    layer.set_weights([gamma, beta, np.zeros(3), np.ones(3)])
    images = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(images)
        y = layer(images, training=True)
    sources = [images, *(variable.value for variable in layer.trainable_variables)]
    expected = tape.gradient(y, sources, output_gradients=tf.constant(dy))
    np.testing.assert_allclose(in_training(x, gamma, beta, epsilon), y.numpy(), rtol=0, atol=1e-12)
    for ours, theirs in zip(batch_normalization_backward(dy, x, gamma, epsilon), expected):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=0, atol=1e-10 * np.abs(theirs.numpy()).max())


def test_batch_normalization_of_equal_pixels_is_beta():
    """A channel without variance is not divided by 0: epsilon stands in, and y is beta."""
    x = np.full((4, 2), 7.0)
    np.testing.assert_allclose(in_training(x, np.ones(2), np.array([3.0, -1.0])), np.tile([3.0, -1.0], (4, 1)), atol=1e-12)
    dx, _, _ = batch_normalization_backward(np.ones((4, 2)), x, np.ones(2))
    np.testing.assert_allclose(dx, 0, atol=1e-12)


def test_batch_normalization_keeps_float32_and_its_inputs():
    """float32 stays float32 in both directions, and no array is changed or shared."""
    x, dy, gamma, beta = (array.astype(np.float32) for array in random_case((2, 3, 4, 3)))
    before = [array.copy() for array in (x, dy, gamma, beta)]
    results = [in_training(x, gamma, beta), *batch_normalization_backward(dy, x, gamma)]
    for result in results:
        assert result.dtype == np.float32
        result[...] = 9
    for array, copied in zip((x, dy, gamma, beta), before):
        np.testing.assert_array_equal(array, copied)
