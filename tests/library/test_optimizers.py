"""Steps: by hand, and equal to Keras' over several of them."""

import numpy as np
import pytest

from convbook.optimizers import SGD, Adam, one_cycle

SHAPES = [(3, 2), (4,), (2, 2, 1, 3)]


def after_steps(optimizer, gradients, weight=1.0):
    """One number after a step for each of the gradients."""
    weights = [np.array([weight])]
    for gradient in gradients:
        optimizer.apply([np.array([gradient])], weights)
    return weights[0].item()


def test_sgd_by_hand():
    """Without momentum: the weight minus the learning rate times the gradient."""
    assert after_steps(SGD(0.5), [4.0]) == 1 - 0.5 * 4
    assert after_steps(SGD(0.5), [4.0, -2.0]) == 1 - 0.5 * 4 + 0.5 * 2
    assert after_steps(SGD(), [1.0]) == 0.99


def test_sgd_with_momentum_by_hand():
    """The first step goes by 2; the second by half of that and by its own -1; the third by half of the second."""
    assert after_steps(SGD(0.5, momentum=0.5), [4.0]) == 1 - 2
    assert after_steps(SGD(0.5, momentum=0.5), [4.0, -2.0]) == 1 - 2 - (0.5 * 2 - 1)
    assert after_steps(SGD(0.5, momentum=0.5), [4.0, 4.0, 0.0]) == 1 - 2 - 3 - 1.5


@pytest.mark.parametrize("gradient", [1e-3, 5.0, -700.0])
def test_adam_takes_a_first_step_of_the_learning_rate(gradient):
    """With the correction for the start at 0, the first step is the learning rate against the gradient's sign."""
    optimizer = Adam(0.1, epsilon=1e-12)
    assert after_steps(optimizer, [gradient]) == pytest.approx(1 - 0.1 * np.sign(gradient), rel=1e-6)


def test_adam_by_hand():
    """beta_1 = 0.5, beta_2 = 0.75, gradients 2 and -4: m = 1, then -1.5; v = 1, then 4.75; both are corrected."""
    optimizer = Adam(0.1, beta_1=0.5, beta_2=0.75, epsilon=0)
    first = 1 - 0.1 * (1 / (1 - 0.5)) / np.sqrt(1 / (1 - 0.75))
    assert after_steps(optimizer, [2.0]) == pytest.approx(first, rel=1e-14)
    second = 0.1 * (-1.5 / (1 - 0.5**2)) / np.sqrt(4.75 / (1 - 0.75**2))
    again = Adam(0.1, beta_1=0.5, beta_2=0.75, epsilon=0)
    assert after_steps(again, [2.0, -4.0]) == pytest.approx(first - second, rel=1e-14)


def test_adam_decays_weights_by_hand():
    """Without gradient, weight_decay alone takes learning_rate * weight_decay off the weight, each step."""
    assert after_steps(Adam(0.1, weight_decay=0.5), [0.0], weight=8.0) == pytest.approx(8 * 0.95)
    assert after_steps(Adam(0.1, weight_decay=0.5), [0.0, 0.0], weight=8.0) == pytest.approx(8 * 0.95**2)


def schedule(step):
    """A learning rate that falls by half each step, of NumPy's or TensorFlow's numbers."""
    return 0.1 * 0.5**step


@pytest.mark.parametrize(
    "ours, theirs",
    [
        (lambda rate: SGD(rate), lambda optimizers, rate: optimizers.SGD(rate)),
        (lambda rate: SGD(rate, 0.9), lambda optimizers, rate: optimizers.SGD(rate, momentum=0.9)),
        (lambda rate: Adam(rate), lambda optimizers, rate: optimizers.Adam(rate)),
        (lambda rate: Adam(rate, 0.8, 0.9, 1e-3), lambda optimizers, rate: optimizers.Adam(rate, 0.8, 0.9, 1e-3)),
        (lambda rate: Adam(rate, weight_decay=0.2), lambda optimizers, rate: optimizers.AdamW(rate, weight_decay=0.2)),
    ],
    ids=["SGD", "momentum", "Adam", "Adam with other betas", "AdamW"],
)
@pytest.mark.parametrize("scheduled", [False, True])
def test_optimizers_equal_keras_over_six_steps(keras, ours, theirs, scheduled):
    """Three arrays, six steps, the same gradients: the weights are Keras', with a fixed rate and with a schedule."""

    class Halved(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.1 * 0.5 ** keras.ops.cast(step, "float32")

    rng = np.random.default_rng(0)
    weights = [rng.normal(size=shape).astype(np.float32) for shape in SHAPES]
    variables = [keras.Variable(weight) for weight in weights]
    ours, theirs = ours(schedule if scheduled else 0.1), theirs(keras.optimizers, Halved() if scheduled else 0.1)
    for step in range(6):
        gradients = [rng.normal(size=shape).astype(np.float32) * 10**-step for shape in SHAPES]
        ours.apply(gradients, weights)
        theirs.apply([keras.ops.convert_to_tensor(gradient) for gradient in gradients], variables)
        for weight, variable in zip(weights, variables):
            np.testing.assert_allclose(weight, variable.numpy(), rtol=0, atol=1e-5)


@pytest.mark.parametrize("optimizer", [SGD, lambda rate: SGD(rate, 0.9), Adam])
def test_optimizers_work_in_place_and_keep_float32(optimizer):
    """The arrays that were given are changed, not replaced; gradients are left alone; float32 stays float32."""
    weight, gradient = np.ones((2, 2), np.float32), np.ones((2, 2), np.float32)
    same, optimizer = weight, optimizer(one_cycle(10, 0.1))
    for _ in range(3):
        optimizer.apply([gradient], [weight])
    assert same is weight and weight.dtype == np.float32 and (weight < 1).all()
    assert (gradient == 1).all()
    assert optimizer.iterations == 3


@pytest.mark.parametrize("optimizer", [SGD(0.02, 0.9), Adam(0.1)])
def test_optimizers_find_the_bottom_of_a_bowl(optimizer):
    """Minimising (w - 3)² + 10 (v + 1)² from 0 ends at 3 and -1."""
    weights = [np.zeros(1), np.zeros(1)]
    for _ in range(500):
        optimizer.apply([2 * (weights[0] - 3), 20 * (weights[1] + 1)], weights)
    np.testing.assert_allclose(np.concatenate(weights), [3, -1], atol=1e-2)


def test_optimizers_remember_each_array_by_itself():
    """Two arrays of the same shape have velocities of their own."""
    one, other, optimizer = np.zeros(1), np.zeros(1), SGD(1.0, momentum=0.5)
    for gradients in ([1.0, 0.0], [0.0, 0.0]):
        optimizer.apply([np.array([gradient]) for gradient in gradients], [one, other])
    assert (one.item(), other.item()) == (-1 - 0.5, 0)


def test_optimizers_refuse_another_number_of_gradients():
    """As many gradients as weights, or an error: none is left out in silence."""
    with pytest.raises(ValueError):
        SGD(0.1).apply([np.ones(2)], [np.ones(2), np.ones(2)])


def test_learning_rate_can_be_a_function_of_the_step():
    """The function is asked with 0, 1, 2, once for each step, whatever the number of arrays."""
    rates = SGD(lambda step: [1.0, 10.0, 100.0][step])
    weights = [np.zeros(1), np.zeros(2)]
    for _ in range(3):
        rates.apply([np.ones(1), np.ones(2)], weights)
    assert weights[0].tolist() == [-111] and weights[1].tolist() == [-111, -111]


@pytest.mark.parametrize("steps", [10, 99, 1000])
def test_one_cycle_rises_and_falls(steps):
    """From 4 % up to the highest rate in the first 30 % of the steps, from there down to 0, and never up again."""
    rate = one_cycle(steps, highest=0.5)
    assert rate(0) == pytest.approx(0.04 * 0.5)
    assert rate(0.3 * steps) == pytest.approx(0.5)
    assert rate(0.65 * steps) == pytest.approx(0.25)
    assert rate(steps) == pytest.approx(0, abs=1e-12) == rate(10 * steps)
    rates = np.array([rate(step) for step in range(steps + 1)])
    top = rates.argmax()
    assert (np.diff(rates[: top + 1]) > 0).all() and (np.diff(rates[top:]) < 0).all()
    assert abs(top - 0.3 * steps) <= 1 and rates.min() >= 0


def test_one_cycle_has_its_options():
    """lowest_share is the start, and warm_up the share of the steps until the top."""
    rate = one_cycle(100, 2.0, lowest_share=0.5, warm_up=0.1)
    assert (rate(0), rate(10)) == (1, 2)
    assert one_cycle(100, 2.0, warm_up=0.0)(0) == 2
