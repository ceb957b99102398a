"""How a gradient becomes a step: Keras' rules, which change the weights in place."""

import numpy as np


class Optimizer:
    """Remembers, for each array, what its rule needs; `learning_rate` is a number or a function of the step (from 0)."""

    def __init__(self, learning_rate):
        self.learning_rate, self.iterations, self.memory = learning_rate, 0, {}

    def rate(self):
        """The learning rate of this step."""
        rate = self.learning_rate(self.iterations) if callable(self.learning_rate) else self.learning_rate
        return float(rate)  # a NumPy number would make every step a float64

    def remember(self, place, weight, count):
        """`count` arrays like the weight, zero at first."""
        return self.memory.setdefault(place, [np.zeros_like(weight) for _ in range(count)])

    def apply(self, gradients, weights):
        """One step: each weight moves against its gradient, in place. The order of the arrays must not change."""
        for place, (gradient, weight) in enumerate(zip(gradients, weights, strict=True)):
            weight -= self.step(place, gradient, weight).astype(weight.dtype, copy=False)
        self.iterations += 1


class SGD(Optimizer):
    """v = momentum * v + learning_rate * g;  w -= v."""

    def __init__(self, learning_rate=0.01, momentum=0.0):
        super().__init__(learning_rate)
        self.momentum = momentum

    def step(self, place, gradient, weight):
        (velocity,) = self.remember(place, weight, 1)
        velocity *= self.momentum
        velocity += self.rate() * gradient
        return velocity


class Adam(Optimizer):
    """m, v: moving means of g and g²;  w -= learning_rate * m / sqrt(v), both corrected for their start at 0.

    Kingma and Ba (2015), https://arxiv.org/abs/1412.6980, in Keras' form: epsilon is added to the uncorrected root.
    `weight_decay` takes that share of learning_rate off each weight before (Loshchilov and Hutter 2019, AdamW).
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, weight_decay=0.0):
        super().__init__(learning_rate)
        self.beta_1, self.beta_2, self.epsilon, self.weight_decay = beta_1, beta_2, epsilon, weight_decay

    def step(self, place, gradient, weight):
        m, v = self.remember(place, weight, 2)
        m += (1 - self.beta_1) * (gradient - m)
        v += (1 - self.beta_2) * (gradient**2 - v)
        t = self.iterations + 1
        rate = self.rate()
        corrected = rate * (1 - self.beta_2**t) ** 0.5 / (1 - self.beta_1**t)
        return corrected * m / (np.sqrt(v) + self.epsilon) + rate * self.weight_decay * weight


def one_cycle(steps, highest, lowest_share=0.04, warm_up=0.3):
    """A learning rate that rises to `highest` in the first 30 % of the steps and then falls to 0, both as a cosine.

    Smith (2018), https://arxiv.org/abs/1803.09820.

    >>> schedule = one_cycle(steps=100, highest=1.0)
    >>> [round(float(schedule(step)), 2) for step in (0, 30, 65, 100)]
    [0.04, 1.0, 0.5, 0.0]
    """
    top = warm_up * steps

    def schedule(step):
        if step < top:
            share = (1 - np.cos(np.pi * step / top)) / 2
            return highest * (lowest_share + (1 - lowest_share) * share)
        return highest * (1 + np.cos(np.pi * min(1.0, (step - top) / (steps - top)))) / 2

    return schedule
