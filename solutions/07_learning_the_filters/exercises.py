"""The exercises inside chapter 07: the right answers, and wrong ones with hints."""

import numpy as np

from convbook.course.check_tables import exercise, misconception

ROW = "The chain rule along a row"
RELU = "ReLU and max pooling"
SOFTMAX = "Dense, softmax and cross-entropy"

rng = np.random.default_rng(0)


# ---- kernel_gradient


@exercise(
    title="The gradient of a kernel",
    test="""
        dk = checked_call(kernel_gradient, np.array([1, 2, 3]), np.array([1, 3, 2, 0, 1]))
        must_equal("The gradient for the numbers of the section", dk, [13, 7, 5])
    """,
    calls=[
        (np.array([1, 2, 3]), np.array([1, 3, 2, 0, 1])),
        (np.array([2]), np.array([4, 1, 7])),
        (np.array([1, -2, 0, 4]), rng.integers(-5, 6, 5)),
        (rng.integers(-5, 6, 4), rng.integers(-5, 6, 7)),
        (rng.integers(-5, 6, 6), rng.integers(-5, 6, 7)),
    ],
)
def kernel_gradient(dy, x):
    return np.correlate(x, dy, "valid")


@misconception(
    function="kernel_gradient",
    section=ROW,
    hint="You flip the incoming gradient. Which of the two gradients of this section needs a flip?",
)
def flipped(dy, x):
    """Both gradients are true convolutions."""
    return np.convolve(x, dy, "valid")


@misconception(
    function="kernel_gradient",
    section=ROW,
    hint="You take a mean over the windows. What does the chain rule do with several ways to the loss?",
)
def averaged(dy, x):
    """The windows are averaged."""
    return np.correlate(x, dy, "valid") / len(dy)


@misconception(
    function="kernel_gradient",
    section=ROW,
    hint="Your result is longer than a kernel. How many weights has the layer, if its input and its output are given?",
)
def full_correlation(dy, x):
    """Every place counts where the two touch."""
    return np.correlate(x, dy, "full")


@misconception(
    function="kernel_gradient",
    section=ROW,
    hint="Only one window contributes to your result. In how many windows was each weight used?",
)
def last_window_only(dy, x):
    """Each window writes its share over the one before."""
    return dy[-1] * x[len(dy) - 1 :]


# ---- leaky_relu_backward


@exercise(
    title="A ReLU that leaks",
    test="""
        dx = checked_call(leaky_relu_backward, np.array([10.0, 20.0, -30.0]), np.array([-2.0, 5.0, 4.0]))
        must_equal("The gradient of the example", dx, [1, 20, -30])
    """,
    calls=[
        (np.array([10.0, 20.0, -30.0]), np.array([-2.0, 5.0, 4.0])),
        (np.array([3.0, -4.0]), np.array([0.0, -1.0])),
        (np.array([[1.0, -2.0, 3.0], [-4.0, 5.0, -6.0]]), np.array([[-1.0, 2.0, -3.0], [-4.0, 0.5, 7.0]])),
    ],
)
def leaky_relu_backward(dy, x):
    return dy * np.where(x > 0, 1.0, 0.1)


@misconception(
    function="leaky_relu_backward",
    section=RELU,
    hint="This is the gradient of the plain ReLU. Which slope has the leaky one where x is negative?",
)
def plain_relu(dy, x):
    """Negative inputs stop the gradient."""
    return dy * (x > 0)


@misconception(
    function="leaky_relu_backward",
    section=RELU,
    hint="You look at the sign of the gradient that comes back. Which number decided the slope on the way forward?",
)
def sign_of_the_gradient(dy, x):
    """Negative gradients become small."""
    return dy * np.where(dy > 0, 1.0, 0.1)


@misconception(
    function="leaky_relu_backward",
    section=RELU,
    hint="You compute the output of the layer once more. By how much does the output change if x changes a little?",
)
def forward_again(dy, x):
    """The backward pass applies the function to the input."""
    return np.where(x > 0, x, 0.1 * x)


@misconception(
    function="leaky_relu_backward",
    section=RELU,
    hint="You multiply with the output of the layer. What should the gradient be multiplied with?",
)
def times_the_output(dy, x):
    """The gradient is multiplied with the output."""
    return dy * np.where(x > 0, x, 0.1 * x)


# ---- logit_gradient


@exercise(
    title="Probability minus target",
    test="""
        dz = checked_call(logit_gradient, np.log([[1.0, 2.0, 5.0]]), np.array([1]))
        must_equal("The gradient for the logits log 1, log 2, log 5", dz, [[0.125, -0.75, 0.625]])
    """,
    calls=[
        (np.log([[1.0, 2.0, 5.0]]), np.array([1])),
        (np.log([[4.0, 1.0], [2.0, 3.0]]), np.array([1, 0])),
        (np.array([[1.0, 0.0, -1.0], [0.5, 2.0, 0.0], [3.0, 1.0, 1.0]]), np.array([2, 0, 0])),
        (np.array([[0.0, 1.0, 0.0, 2.0], [1.0, 1.0, 1.0, 1.0]]), np.array([3, 0])),
    ],
)
def logit_gradient(z, labels):
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return (p - np.eye(z.shape[1])[labels]) / len(z)


@misconception(
    function="logit_gradient",
    section=SOFTMAX,
    hint="For one image you are right. The loss of a batch is a mean; what does this do to its gradient?",
)
def not_divided_by_the_batch(z, labels):
    """Each image counts fully."""
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return p - np.eye(z.shape[1])[labels]


@misconception(
    function="logit_gradient",
    section=SOFTMAX,
    hint="All of your signs are exchanged. Should the logit of the right class grow or fall when we go against the gradient?",
)
def target_minus_probability(z, labels):
    """The gradient points to the target."""
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return (np.eye(z.shape[1])[labels] - p) / len(z)


@misconception(
    function="logit_gradient",
    section=SOFTMAX,
    hint="You subtract the target from the logits. Which function makes probabilities of logits?",
)
def softmax_forgotten(z, labels):
    """The logits are the answer."""
    return (z - np.eye(z.shape[1])[labels]) / len(z)


@misconception(
    function="logit_gradient",
    section=SOFTMAX,
    hint="Only the right class gets a gradient from you. Does a larger logit of another class change the loss?",
)
def right_class_only(z, labels):
    """The loss depends on the right class only."""
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    target = np.eye(z.shape[1])[labels]
    return (p - 1) * target / len(z)
