"""Gradients measured by small steps: right on functions whose gradient is known, and a check that can fail."""

import numpy as np
import pytest

from convbook import check_gradient, conv2d, conv2d_backward, max_pool2d, numerical_gradient, pad2d, windows2d
from convbook.pooling import max_pool2d_backward

RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(2, 5, 6, 3)), RNG.normal(size=(3, 2, 3, 4))


def test_numerical_gradient_by_hand():
    """f = x y + x has the gradient (y + 1, x); a square is exact, because its error of third order is 0."""
    np.testing.assert_allclose(numerical_gradient(lambda v: v[0] * v[1] + v[0], np.array([2.0, 5.0])), [6, 2], rtol=1e-8)
    np.testing.assert_allclose(numerical_gradient(lambda v: (v**2).sum(), np.array([3.0]), step=0.5), [6], rtol=1e-15)


@pytest.mark.parametrize("step", [0.1, 0.01])
def test_numerical_gradient_errs_by_the_square_of_its_step(step):
    """Of x³ the gradient 3 x² is measured with the error step², from both sides; one side would err by 3 x step."""
    assert numerical_gradient(lambda v: v[0] ** 3, np.array([2.0]), step).item() - 12 == pytest.approx(step**2, rel=1e-6)


def test_numerical_gradient_equals_tensorflow(tf):
    """A function of many numbers has TensorFlow's gradient."""
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(tf.sin(x) * tf.exp(x))
    measured = numerical_gradient(lambda x: (np.sin(x) * np.exp(x)).sum(), X)
    assert np.abs(measured - tape.gradient(y, x).numpy()).max() < 1e-7 * np.abs(measured).max()


def test_numerical_gradient_leaves_its_array_alone():
    """Neither the array that was given, of whole numbers or floats, nor what the function is given is left changed."""
    for x in (np.array([1, 2, 3]), np.array([1.0, 2.0, 3.0])):
        assert numerical_gradient(lambda v: (v**2).sum(), x).round(6).tolist() == [2, 4, 6]
        assert x.tolist() == [1, 2, 3]


def test_check_gradient_is_small_if_right():
    """A right backward pass gives about 1e-9, whatever the scale of the numbers."""
    for scale in (1e-3, 1.0, 1e3):
        x = scale * np.array([1.0, -2.0, 3.0])
        assert check_gradient(lambda x: x**2, lambda dy: 2 * x * dy, x, step=1e-6 * scale) < 1e-8  # noqa: B023


@pytest.mark.parametrize("factor", [0.9, 1.1, -1, 0, 2])
def test_check_gradient_is_the_relative_error(factor):
    """A gradient that is wrong by a factor is shown by that factor: |1 - f| / max(1, |f|)."""
    x = np.array([1.0, -2.0, 3.0])
    error = check_gradient(lambda x: x**2, lambda dy: factor * 2 * x * dy, x)
    assert error == pytest.approx(abs(1 - factor) / max(1, abs(factor)), rel=1e-6)


def test_check_gradient_sees_one_wrong_number():
    """One number of many that is wrong is enough, and so is a gradient of nan."""

    def with_one_wrong(dy):
        dx = 2 * X * dy
        dx[1, 2, 3, 1] += 0.5
        return dx

    assert check_gradient(lambda x: x**2, with_one_wrong, X) > 1e-2
    assert not check_gradient(lambda x: x**2, lambda dy: dy * np.nan, X) < 1e-2


def test_check_gradient_refuses_another_shape():
    """A gradient that has not the shape of its array is shown, even if it could be broadcast."""
    with pytest.raises(ValueError, match=r"shape of its array, \(2, 3\). Received: shape \(3,\)"):
        check_gradient(lambda x: 2 * x, lambda dy: 2 * dy.sum(axis=0), np.ones((2, 3)))


def test_check_gradient_of_zero_is_zero():
    """A function that does not depend on x has the gradient 0, without a division by 0."""
    assert check_gradient(lambda x: np.ones(3), lambda dy: np.zeros(2), np.ones(2)) == 0


def assigned_backward(dy, x, w, strides):
    """conv2d_backward's dx with its well-known fault: windows that overlap overwrite each other."""
    dx, (sh, sw) = np.zeros_like(x), strides
    for i, j in np.ndindex(dy.shape[1:3]):
        dx[:, i * sh : i * sh + w.shape[0], j * sw : j * sw + w.shape[1]] = np.einsum("nf,pqcf->npqc", dy[:, i, j], w)
    return dx


def test_check_gradient_finds_assignment_in_place_of_addition():
    """Where windows overlap, `=` for `+=` is a large error."""
    for strides in ((1, 1), (2, 1), (1, 2)):
        error = check_gradient(
            lambda x: conv2d(x, W, strides=strides),  # noqa: B023
            lambda dy: assigned_backward(dy, X, W, strides),  # noqa: B023
            X,
        )
        assert error > 1e-2


def test_check_gradient_needs_overlapping_windows():
    """With strides equal to the kernel size the same fault is not seen: what well-known courses' checks let through."""
    options = {"strides": (3, 2)}
    assert check_gradient(lambda x: conv2d(x, W, **options), lambda dy: assigned_backward(dy, X, W, (3, 2)), X) < 1e-7


def test_check_gradient_finds_assignment_in_max_pooling():
    """A pixel that is largest in several windows must collect all of their gradients."""

    def assigned(dy):
        dx, best = np.zeros_like(X), windows2d(X, 3).max(axis=(3, 4))
        for n, i, j, c in np.ndindex(dy.shape):
            window = dx[n, i : i + 3, j : j + 3, c]
            window[X[n, i : i + 3, j : j + 3, c] == best[n, i, j, c]] = dy[n, i, j, c]
        return dx

    assert check_gradient(lambda x: max_pool2d(x, 3, 1), assigned, X) > 1e-2
    assert check_gradient(lambda x: max_pool2d(x, 3, 1), lambda dy: max_pool2d_backward(dy, X, 3, 1), X) < 1e-7


def test_check_gradient_finds_a_flipped_kernel():
    """A kernel that is turned by half a circle on the way back, in dx or in dw, is a large error."""
    turned = W[::-1, ::-1]
    assert check_gradient(lambda x: conv2d(x, W), lambda dy: conv2d_backward(dy, X, turned)[0], X) > 1e-2
    assert check_gradient(lambda w: conv2d(X, w), lambda dy: conv2d_backward(dy, X, W)[1][::-1, ::-1], W) > 1e-2


def test_check_gradient_finds_padding_that_is_not_cropped_or_cropped_wrong():
    """dx of the padded image is refused for its shape, and the wrong part of it is a large error."""
    padded = pad2d(X, 1)

    def forward(x):
        return conv2d(x, W, padding=1)

    def of_padded(dy):
        return conv2d_backward(dy, padded, W)[0]

    with pytest.raises(ValueError, match=r"Received: shape \(2, 7, 8, 3\)"):
        check_gradient(forward, of_padded, X)
    assert check_gradient(forward, lambda dy: of_padded(dy)[:, :-2, :-2], X) > 1e-2
    assert check_gradient(forward, lambda dy: of_padded(dy)[:, 1:-1, 1:-1], X) < 1e-7


def test_check_gradient_finds_a_forgotten_sum():
    """A bias is added to every pixel of every image: a gradient that leaves out an axis is a large error."""
    b = np.ones(4)
    assert check_gradient(lambda b: conv2d(X, W, b), lambda dy: dy[0].sum(axis=(0, 1)), b) > 1e-2
    assert check_gradient(lambda b: conv2d(X, W, b), lambda dy: dy.mean(axis=(0, 1, 2)), b) > 1e-2
