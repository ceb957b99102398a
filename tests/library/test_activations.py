"""ReLU and softmax: by hand, by their laws, and equal to TensorFlow's, with their gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convbook import check_gradient, relu, softmax
from convbook.activations import relu_backward

NUMBERS = arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.integers(-20, 20))


def test_relu_by_hand():
    """Negative numbers become 0, the others stay; only where a number was positive does a gradient pass."""
    x = np.array([-2.0, -0.0, 0.0, 0.5, 3.0])
    assert relu(x).tolist() == [0, 0, 0, 0.5, 3]
    assert relu_backward(np.array([1.0, 2, 3, 4, 5]), x).tolist() == [0, 0, 0, 4, 5]


@given(x=NUMBERS)
def test_relu_splits_a_number(x):
    """x = relu(x) - relu(-x), and applying it twice changes nothing."""
    np.testing.assert_array_equal(relu(x) - relu(-x), x)
    np.testing.assert_array_equal(relu(relu(x)), relu(x))


@given(x=NUMBERS)
def test_relu_backward_agrees_with_small_steps(x):
    """Half a unit away from the kink at 0, the gradient is what central differences measure."""
    x = x + 0.5
    assert check_gradient(relu, lambda dy: relu_backward(dy, x), x) < 1e-7


def test_relu_equals_tensorflow(tf):
    """tf.nn.relu and its gradient are the same, also at 0."""
    x = np.array([[-1.5, 0.0, 2.5], [1e-30, -1e-30, -0.0]])
    dy = np.arange(1.0, 7.0).reshape(2, 3)
    variable = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        y = tf.nn.relu(variable)
    np.testing.assert_array_equal(relu(x), y.numpy())
    np.testing.assert_array_equal(relu_backward(dy, x), tape.gradient(y, variable, output_gradients=tf.constant(dy)).numpy())


def test_relu_keeps_float32_and_its_input():
    """float32 stays float32 in both directions, and neither array is changed or shared."""
    x, dy = np.ones((2, 3), np.float32), np.ones((2, 3), np.float32)
    y, dx = relu(x), relu_backward(dy, x)
    assert y.dtype == dx.dtype == np.float32
    y[:], dx[:] = 9, 9
    assert (x == 1).all() and (dy == 1).all()


def test_softmax_by_hand():
    """Logits log 1, log 2 and log 5 are odds of 1 : 2 : 5."""
    np.testing.assert_allclose(softmax(np.log([1.0, 2.0, 5.0])), [1 / 8, 2 / 8, 5 / 8], rtol=1e-15)
    assert softmax(np.zeros(4)).tolist() == [0.25] * 4


@given(z=NUMBERS, c=st.integers(-50, 50))
def test_softmax_is_a_distribution_that_ignores_a_constant(z, c):
    """Along the last axis the numbers are positive and add up to 1, and z + c has the softmax of z."""
    p = softmax(z)
    assert (p > 0).all()
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(softmax(z + c), p, rtol=1e-12)


@given(z=NUMBERS)
def test_softmax_keeps_the_order(z):
    """Where a logit is larger its probability is larger, with the ratio exp of their difference."""
    p = softmax(z)
    np.testing.assert_allclose(np.log(p[:, :1] / p), z[:, :1] - z, rtol=0, atol=1e-12)


@pytest.mark.parametrize("largest", [1e3, 1e30])
def test_softmax_does_not_overflow(largest):
    """Large logits, of either sign, give probabilities and neither inf nor nan."""
    with np.errstate(over="raise", invalid="raise"):
        assert softmax(np.array([largest, 0.0, -largest])).tolist() == [1, 0, 0]
        assert softmax(np.array([-largest, -largest])).tolist() == [0.5, 0.5]


def test_softmax_equals_tensorflow(tf):
    """tf.nn.softmax gives the same on the last of several axes."""
    z = np.random.default_rng(0).normal(0, 5, (2, 3, 4, 5))
    np.testing.assert_allclose(softmax(z), tf.nn.softmax(z).numpy(), rtol=1e-13)


def test_softmax_takes_whole_numbers_and_keeps_float32():
    """Whole numbers are computed as floats, float32 stays, and the logits are not changed."""
    for dtype in (int, np.uint8):
        np.testing.assert_allclose(softmax(np.array([[0, 250, 251]], dtype)), softmax([[0.0, 250.0, 251.0]]), atol=1e-6)
    z = np.ones((2, 2), np.float32)
    p = softmax(z)
    assert p.dtype == np.float32
    p[:] = 9
    assert (z == 1).all()
