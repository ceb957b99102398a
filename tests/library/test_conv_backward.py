"""The gradients of a convolution: by hand, by their laws, by small steps, and equal to TensorFlow's in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convbook import check_gradient, conv2d, conv2d_backward
from convbook.padding import padding_widths

SMALL = st.integers(1, 3)
OPTIONS = {
    "strides": st.tuples(SMALL, SMALL),
    "padding": st.sampled_from(["valid", "same", "full", 1, ((0, 1), (2, 0))]),
    "dilation_rate": st.tuples(st.integers(1, 2), st.integers(1, 2)),
}
CASES = [  # image (H, W), kernel (KH, KW), options; the images have 4 channels, the kernels 6 filters
    ((6, 6), (3, 3), {}),
    ((5, 8), (3, 2), {"strides": 2}),
    ((7, 4), (1, 1), {"strides": 3}),  # pixels that no window sees
    ((7, 6), (2, 3), {"strides": (1, 4), "padding": "same"}),
    ((2, 3), (4, 5), {"padding": "same"}),  # a kernel larger than the image
    ((6, 5), (2, 4), {"strides": 2, "padding": "full"}),
    ((6, 7), (3, 2), {"strides": (3, 2), "padding": ((2, 0), (0, 1))}),
    ((7, 8), (3, 2), {"dilation_rate": 2}),
    ((8, 7), (2, 3), {"strides": (1, 2), "padding": "same", "dilation_rate": (3, 2)}),
    ((6, 7), (3, 2), {"strides": (2, 1), "padding": "same", "groups": 2}),
    ((7, 5), (2, 3), {"strides": 2, "padding": 1, "dilation_rate": (1, 2), "groups": 2}),
]


@st.composite
def convolutions(draw):
    """Images, kernels and options, all of whole numbers, whose sums are exact; and a function that draws a dy."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.sampled_from([1, 2, 3, 40]))  # few images or many: the library may lay them out differently
    groups, c, f, kh, kw = (draw(SMALL) for _ in range(5))
    options = {"groups": groups} | {name: draw(values) for name, values in OPTIONS.items()}
    x = rng.integers(-5, 6, (n, draw(st.integers(5, 7)), draw(st.integers(5, 7)), groups * c)).astype(float)
    w = rng.integers(-5, 6, (kh, kw, c, groups * f)).astype(float)
    return x, w, options, lambda y: rng.integers(-5, 6, y.shape).astype(float)


def random_case(size, kernel_size, options):
    """Random images (2, H, W, 4), kernels (KH, KW, 4 / groups, 6), the output and a gradient like it, float64."""
    rng = np.random.default_rng(7)
    x, w = rng.normal(size=(2, *size, 4)), rng.normal(size=(*kernel_size, 4 // options.get("groups", 1), 6))
    y = conv2d(x, w, **options)
    return x, w, y, rng.normal(size=y.shape)


def assert_close(ours, theirs, most=1e-10):
    """The largest difference is at most that share of the largest number."""
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= most * np.abs(theirs).max()


def test_conv2d_backward_by_hand():
    """Nine pixels, four windows: the pixel in the middle is in all of them and collects every weight."""
    x = np.arange(9.0).reshape(1, 3, 3, 1)
    w = np.array([[1.0, 10.0], [100.0, 1000.0]]).reshape(2, 2, 1, 1)
    dx, dw, db = conv2d_backward(np.ones((1, 2, 2, 1)), x, w)
    assert dx[0, :, :, 0].tolist() == [[1, 11, 10], [101, 1111, 1010], [100, 1100, 1000]]
    assert dw[:, :, 0, 0].tolist() == [[0 + 1 + 3 + 4, 1 + 2 + 4 + 5], [3 + 4 + 6 + 7, 4 + 5 + 7 + 8]]
    assert db.tolist() == [4]


def test_conv2d_backward_of_channels_and_filters_by_hand():
    """With one pixel a convolution is a matrix product: dx = dy wᵀ, dw = xᵀ dy, db = dy."""
    x, w = np.array([2.0, 3.0]).reshape(1, 1, 1, 2), np.array([[1.0, 10.0, 100.0], [4.0, 5.0, 6.0]]).reshape(1, 1, 2, 3)
    dx, dw, db = conv2d_backward(np.array([7.0, 8.0, 9.0]).reshape(1, 1, 1, 3), x, w)
    assert dx.ravel().tolist() == [7 * 1 + 8 * 10 + 9 * 100, 7 * 4 + 8 * 5 + 9 * 6]
    assert dw[0, 0].tolist() == [[14, 16, 18], [21, 24, 27]]
    assert db.tolist() == [7, 8, 9]


def test_conv2d_backward_gives_nothing_to_unseen_pixels():
    """With strides larger than the kernel, the pixels between the windows have the gradient 0."""
    dx, dw, _ = conv2d_backward(np.ones((1, 2, 2, 1)), np.ones((1, 4, 5, 1)), np.full((1, 1, 1, 1), 5.0), strides=(2, 3))
    assert dx[0, :, :, 0].tolist() == [[5, 0, 0, 5, 0], [0] * 5, [5, 0, 0, 5, 0], [0] * 5]
    assert dw.item() == 4


def test_conv2d_backward_crops_the_padding():
    """What falls on the padding is left out: of a 3×3 kernel on one pixel only the middle weight comes back."""
    w = np.arange(9.0).reshape(3, 3, 1, 1)
    dx, dw, _ = conv2d_backward(np.full((1, 1, 1, 1), 2.0), np.full((1, 1, 1, 1), 7.0), w, padding="same")
    assert dx.tolist() == [[[[8]]]]
    assert dw[:, :, 0, 0].tolist() == [[0, 0, 0], [0, 14, 0], [0, 0, 0]]


@given(case=convolutions())
def test_conv2d_backward_is_the_adjoint(case):
    """sum(conv2d(x, w) dy) = sum(x dx) = sum(w dw), to the last digit on whole numbers; db = sum(dy)."""
    x, w, options, like = case
    y = conv2d(x, w, **options)
    dy = like(y)
    dx, dw, db = conv2d_backward(dy, x, w, **options)
    assert (dx.shape, dw.shape) == (x.shape, w.shape)
    assert (y * dy).sum() == (x * dx).sum() == (w * dw).sum()
    np.testing.assert_array_equal(db, dy.sum(axis=(0, 1, 2)))


@given(case=convolutions())
def test_conv2d_backward_is_linear_in_dy(case):
    """The gradients of 2 dy + 3 dz are 2 times those of dy and 3 times those of dz."""
    x, w, options, like = case
    y = conv2d(x, w, **options)
    dy, dz = like(y), like(y)
    both = zip(conv2d_backward(dy, x, w, **options), conv2d_backward(dz, x, w, **options))
    for sum_of_gradients, (one, other) in zip(conv2d_backward(2 * dy + 3 * dz, x, w, **options), both):
        np.testing.assert_array_equal(sum_of_gradients, 2 * one + 3 * other)


@given(case=convolutions())
def test_conv2d_backward_is_two_convolutions(case):
    """With strides 1, dx is dy convolved (full) with the flipped kernel, and dw is x cross-correlated with dy."""
    x, w, _, like = case
    w = np.repeat(w, x.shape[3] // w.shape[2], axis=2)  # as deep as x: no groups
    dy = like(conv2d(x, w))
    dx, dw, _ = conv2d_backward(dy, x, w)
    np.testing.assert_array_equal(dx, conv2d(dy, w[::-1, ::-1].transpose(0, 1, 3, 2), padding="full"))
    np.testing.assert_array_equal(dw, conv2d(x.transpose(3, 1, 2, 0), dy.transpose(1, 2, 0, 3)).transpose(1, 2, 0, 3))


@given(case=convolutions())
def test_conv2d_backward_adds_up_the_images(case):
    """dx of an image does not depend on its batch; dw and db are sums over the images."""
    x, w, options, like = case
    dy = like(conv2d(x, w, **options))
    dx, dw, db = conv2d_backward(dy, x, w, **options)
    alone = [conv2d_backward(dy[n : n + 1], x[n : n + 1], w, **options) for n in range(len(x))]
    np.testing.assert_array_equal(dx, np.concatenate([gradients[0] for gradients in alone]))
    np.testing.assert_array_equal(dw, sum(gradients[1] for gradients in alone))
    np.testing.assert_array_equal(db, sum(gradients[2] for gradients in alone))


@given(case=convolutions())
def test_conv2d_backward_treats_groups_one_by_one(case):
    """The gradients of a group are those of its own channels and filters, alone."""
    x, w, options, like = case
    dy = like(conv2d(x, w, **options))
    dx, dw, _ = conv2d_backward(dy, x, w, **options)
    groups = options["groups"]
    parts = zip(*(np.split(array, groups, axis=3) for array in (dx, dw, dy, x, w)))
    for part_dx, part_dw, *part in parts:
        alone_dx, alone_dw, _ = conv2d_backward(*part, **(options | {"groups": 1}))
        np.testing.assert_array_equal(part_dx, alone_dx)
        np.testing.assert_array_equal(part_dw, alone_dw)


@pytest.mark.parametrize("block", [1, 7, 100, 1000, 2**40])
@pytest.mark.parametrize("size, kernel_size, options", CASES)
def test_conv2d_does_not_depend_on_the_block(monkeypatch, size, kernel_size, options, block):
    """Outputs and gradients are the same whether a block is a row of one image or the whole batch."""
    x, w, y, dy = random_case(size, kernel_size, options)
    gradients = conv2d_backward(dy, x, w, **options)
    monkeypatch.setattr("convbook.patches.BLOCK", block)
    assert_close(conv2d(x, w, **options), y, 1e-13)
    for blocked, whole in zip(conv2d_backward(dy, x, w, **options), gradients):
        assert_close(blocked, whole, 1e-13)


@pytest.mark.parametrize("size, kernel_size, options", CASES)
def test_conv2d_backward_agrees_with_small_steps(size, kernel_size, options):
    """dx, dw and db are what central differences measure, to 1e-7 of the largest."""
    x, w, _, _ = random_case(size, kernel_size, options)
    b = np.random.default_rng(8).normal(size=6)
    assert check_gradient(lambda x: conv2d(x, w, b, **options), lambda dy: conv2d_backward(dy, x, w, **options)[0], x) < 1e-7
    assert check_gradient(lambda w: conv2d(x, w, b, **options), lambda dy: conv2d_backward(dy, x, w, **options)[1], w) < 1e-7
    assert check_gradient(lambda b: conv2d(x, w, b, **options), lambda dy: conv2d_backward(dy, x, w, **options)[2], b) < 1e-7


def tensorflow_gradients(tf, dy, x, w, strides=1, padding="valid", dilation_rate=1):
    """dx, dw of tf.nn.conv2d; a dilated kernel is given to it with zeros between its pixels."""
    (kh, kw), (dh, dw) = w.shape[:2], np.broadcast_to(dilation_rate, 2)
    wide = np.zeros((dh * (kh - 1) + 1, dw * (kw - 1) + 1, *w.shape[2:]))
    wide[::dh, ::dw] = w
    if padding not in ("valid", "same"):
        padding = [[0, 0], *map(list, padding_widths(x.shape[1:3], (kh, kw), strides, padding, dilation_rate)), [0, 0]]
    images, kernels = tf.constant(x), tf.constant(wide)
    with tf.GradientTape() as tape:
        tape.watch([images, kernels])
        y = tf.nn.conv2d(images, kernels, strides, padding.upper() if isinstance(padding, str) else padding)
    dx, dwide = tape.gradient(y, [images, kernels], output_gradients=tf.constant(dy))
    return dx.numpy(), dwide.numpy()[::dh, ::dw]


def assert_equals_tensorflow(tf, size, kernel_size, options):
    """dx and dw are TensorFlow's, group by group, because its gradients of groups do not run on every processor."""
    x, w, _, dy = random_case(size, kernel_size, options)
    groups, others = options.get("groups", 1), {name: value for name, value in options.items() if name != "groups"}
    parts = zip(*(np.split(array, groups, axis=3) for array in (dy, x, w)))
    expected = zip(*(tensorflow_gradients(tf, *part, **others) for part in parts))
    for ours, theirs in zip(conv2d_backward(dy, x, w, **options), expected):
        assert_close(ours, np.concatenate(theirs, axis=3))


@pytest.mark.parametrize("padding", ["valid", "same", "full", ((2, 0), (0, 1))])
@pytest.mark.parametrize("strides", [1, 2, (2, 1), (1, 4)])
@pytest.mark.parametrize("kernel_size", [(1, 1), (3, 3), (2, 3), (4, 1)])
@pytest.mark.parametrize("size", [(6, 6), (5, 8)])
def test_conv2d_backward_equals_tensorflow_over_strides(tf, size, kernel_size, strides, padding):
    """TensorFlow's gradients are the same for every step and padding."""
    assert_equals_tensorflow(tf, size, kernel_size, {"strides": strides, "padding": padding})


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("padding", ["valid", "same", 1])
@pytest.mark.parametrize("strides", [1, (2, 3)])
@pytest.mark.parametrize("dilation_rate", [1, 2, (1, 3)])
@pytest.mark.parametrize("size, kernel_size", [((8, 7), (2, 3)), ((7, 9), (3, 2))])
def test_conv2d_backward_equals_tensorflow_over_dilation_and_groups(
    tf, size, kernel_size, strides, padding, dilation_rate, groups
):
    """TensorFlow's gradients are the same for every dilation and for groups."""
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate, "groups": groups}
    assert_equals_tensorflow(tf, size, kernel_size, options)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_conv2d_backward_equals_tensorflow_on_its_own_dilation(tf, padding):
    """tf.nn.convolution, which dilates the kernel itself, has the same gradients."""
    x, w, _, dy = random_case((8, 9), (3, 2), {"padding": padding, "dilation_rate": (2, 3)})
    images, kernels = tf.constant(x), tf.constant(w)
    with tf.GradientTape() as tape:
        tape.watch([images, kernels])
        y = tf.nn.convolution(images, kernels, 1, padding.upper(), dilations=(2, 3))
    expected = tape.gradient(y, [images, kernels], output_gradients=tf.constant(dy))
    for ours, theirs in zip(conv2d_backward(dy, x, w, 1, padding, (2, 3)), expected):
        assert_close(ours, theirs.numpy())


def test_conv2d_backward_of_many_channels_equals_tensorflow(tf):
    """A batch whose patch matrix is many blocks, one of them smaller than the others, has TensorFlow's gradients."""
    rng = np.random.default_rng(3)
    x, w, dy = (rng.normal(size=shape) for shape in ((5, 40, 43, 16), (5, 5, 16, 8), (5, 18, 20, 8)))
    for ours, theirs in zip(conv2d_backward(dy, x, w, strides=2), tensorflow_gradients(tf, dy, x, w, strides=2)):
        assert_close(ours, theirs)


@pytest.mark.parametrize("dy, x, w, gradient", [("f4", "f4", "f4", "f4"), ("f4", "u1", "f4", "f4"), ("f8", "f4", "f4", "f8")])
def test_conv2d_backward_keeps_float32(dy, x, w, gradient):
    """Float32 stays float32, whole numbers are computed as floats, and the wider of two types wins."""
    gradients = conv2d_backward(np.ones((1, 2, 2, 1), dy), np.full((1, 3, 3, 1), 255, x), np.ones((2, 2, 1, 1), w))
    assert [array.dtype for array in gradients] == [np.dtype(gradient)] * 3
    assert gradients[1].ravel().tolist() == [4 * 255] * 4


@pytest.mark.parametrize("kernel_size, padding", [(1, "valid"), (3, "same")])
@pytest.mark.parametrize("groups", [1, 2])
def test_conv2d_backward_leaves_its_inputs_alone(kernel_size, padding, groups):
    """dy, images and kernels are neither changed nor shared with the gradients."""
    shapes = (1, 3, 3, 2), (1, 3, 3, 2), (kernel_size, kernel_size, 2 // groups, 2)
    dy, x, w = (np.ones(shape) for shape in shapes)
    for gradient in conv2d_backward(dy, x, w, padding=padding, groups=groups):
        gradient[...] = 9
    for array in (dy, x, w):
        np.testing.assert_array_equal(array, 1)


def test_conv2d_backward_takes_any_memory_order():
    """A transposed or reversed view has the gradients of its copy."""
    rng = np.random.default_rng(0)
    stored = [rng.normal(size=shape) for shape in ((2, 3, 4, 2), (3, 5, 5, 2), (3, 2, 2, 3))]
    dy, x, w = (array.transpose(3, 2, 1, 0)[:, ::-1] for array in stored)  # (2, 4, 3, 2), (2, 5, 5, 3), (3, 2, 2, 3)
    views = dy, x, w.transpose(1, 0, 3, 2)  # kernels (2, 3, 3, 2)
    for seen, copied in zip(conv2d_backward(*views), conv2d_backward(*(np.array(view, order="C") for view in views))):
        np.testing.assert_allclose(seen, copied, rtol=0, atol=1e-12)


@pytest.mark.parametrize("groups", [1, 2])
def test_conv2d_backward_of_no_images_is_zero(groups):
    """An empty batch has weights' gradients of 0 and an empty dx."""
    x, w = np.ones((0, 5, 6, 2)), np.ones((3, 3, 2 // groups, 4))
    dx, dw, db = conv2d_backward(np.ones((0, 3, 4, 4)), x, w, groups=groups)
    assert dx.shape == x.shape
    assert dw.shape == w.shape and db.shape == (4,)
    assert not dw.any() and not db.any()


DY, X, W = np.ones((1, 3, 3, 2)), np.ones((1, 5, 5, 4)), np.ones((3, 3, 4, 2))


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((DY[..., :1], X, W), "the shape of the output, (1, 3, 3, 2). Received: dy of shape (1, 3, 3, 1)"),
        ((DY[0], X, W), "the shape of the output, (1, 3, 3, 2). Received: dy of shape (3, 3, 2)"),
        ((DY, X, W, 2), "the shape of the output, (1, 2, 2, 2). Received: dy of shape (1, 3, 3, 2)"),
        ((DY, X[0], W), "Images must have the shape (N, H, W, C). Received: shape (5, 5, 4)"),
        ((DY, X, W[0]), "Kernels must have the shape (KH, KW, C, F), nowhere 0. Received: shape (3, 4, 2)"),
        ((DY, X[..., :3], W), "as deep as its input. Received: 3 input channels, groups=1, kernels of depth 4"),
        ((DY, X, W, 1, "valid", 1, 3), "divides the channels and the filters. Received: groups=3, 4 channels, 2 filters"),
        ((DY, X, W, 1, "valid", 1, 2), "in each group. Received: 4 input channels, groups=2, kernels of depth 4"),
        ((DY, X, W, 0), "strides must be a positive integer or a pair of them. Received: strides=0"),
    ],
)
def test_conv2d_backward_says_what_does_not_fit(arguments, message):
    """What a person can get wrong is answered by what must hold and what was received."""
    with pytest.raises(ValueError) as error:
        conv2d_backward(*arguments)
    assert message in str(error.value)
