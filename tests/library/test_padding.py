"""Pixels around an image: how many, where, and of what value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convbook import pad2d
from convbook.padding import check_images, explicit_widths, padding_widths

WIDTH = st.integers(0, 4)
WIDTHS = st.tuples(st.tuples(WIDTH, WIDTH), st.tuples(WIDTH, WIDTH))
IMAGES = arrays(np.float64, st.tuples(*[st.integers(1, 4)] * 4), elements=st.integers(-9, 9))
PLANE = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)


def test_pad2d_by_hand():
    """Rows go above and below, columns left and right, in the order ((top, bottom), (left, right))."""
    padded = pad2d(PLANE, ((1, 0), (0, 2)), value=7)
    assert padded[0, :, :, 0].tolist() == [[7, 7, 7, 7], [1, 2, 7, 7], [3, 4, 7, 7]]


def test_pad2d_reflects_without_the_border():
    """`reflect` mirrors at the border pixel and does not repeat it."""
    row = np.array([1.0, 2.0, 3.0]).reshape(1, 1, 3, 1)
    assert pad2d(row, ((0, 0), (2, 1)), "reflect").ravel().tolist() == [3, 2, 1, 2, 3, 2]


def test_pad2d_repeats_the_edge():
    """`edge` repeats the border pixel."""
    row = np.array([1.0, 2.0, 3.0]).reshape(1, 1, 3, 1)
    assert pad2d(row, ((0, 0), (2, 1)), "edge").ravel().tolist() == [1, 1, 1, 2, 3, 3]


@given(x=IMAGES, widths=WIDTHS, mode=st.sampled_from(["constant", "reflect", "edge"]))
def test_pad2d_then_crop_is_identity(x, widths, mode):
    """Cutting the padding off again gives the images back, whatever the padding was."""
    (top, bottom), (left, right) = widths
    padded = pad2d(x, widths, mode)
    height, width = x.shape[1:3]
    assert padded.shape == (len(x), height + top + bottom, width + left + right, x.shape[3])
    np.testing.assert_array_equal(padded[:, top : top + height, left : left + width], x)


@given(x=IMAGES, widths=WIDTHS)
def test_pad2d_adds_value_times_pixels(x, widths):
    """The sum grows by the value times the number of pixels that were added."""
    padded = pad2d(x, widths, value=2)
    assert padded.sum() == x.sum() + 2 * (padded.size - x.size)


def test_pad2d_leaves_its_input_alone():
    """The images that were given are neither changed nor shared, even with no padding."""
    x = PLANE.copy()
    pad2d(x, 0)[:] = 9
    pad2d(x, 1)[:] = 9
    np.testing.assert_array_equal(x, PLANE)


def test_padding_widths_by_hand():
    """`valid`, `same`, `full`, a number and explicit widths mean what the docstring says."""
    assert padding_widths((28, 28), 3) == ((0, 0), (0, 0))
    assert padding_widths((5, 6), (3, 2), 1, "same") == ((1, 1), (0, 1))
    assert padding_widths((5, 6), 3, 2, "same") == ((1, 1), (0, 1))
    assert padding_widths((5, 6), (3, 2), 1, "full", (2, 1)) == ((4, 4), (1, 1))
    assert padding_widths((5, 6), 3, 1, 2) == ((2, 2), (2, 2))
    assert padding_widths((5, 6), 3, 1, ((0, 1), (2, 3))) == ((0, 1), (2, 3))


@pytest.mark.parametrize("widths", [[[0, 1], [2, 3]], np.array([[0, 1], [2, 3]]), ((0, np.int64(1)), (2, 3))])
def test_explicit_widths_take_lists_and_arrays(widths):
    """Widths may be tuples, lists or an array, for the layer as for `pad2d`."""
    assert explicit_widths(widths) == padding_widths((5, 5), 3, padding=widths) == ((0, 1), (2, 3))


BAD_WIDTHS = [-1, 1.0, None, True, (1, 2), (1, 2, 3, 4), ((1, 2), (3,)), ((1, -1), (0, 0)), ((0.5, 1), (0, 0)), b"same"]


@pytest.mark.parametrize("padding", ["SAME", "Valid", "causal", "", *BAD_WIDTHS])
def test_padding_refuses_other_values(padding):
    """What padding cannot mean is shown back beside what it can mean."""
    with pytest.raises(ValueError) as error:
        padding_widths((5, 5), 3, padding=padding)
    assert "padding must be 'valid', 'same', 'full', an integer of at least 0" in str(error.value)
    assert str(error.value).endswith(f"Received: {padding!r}")


@pytest.mark.parametrize("widths", ["same", *BAD_WIDTHS])
def test_pad2d_refuses_other_widths(widths):
    """`pad2d` takes numbers only, and does not offer the words that it refuses."""
    with pytest.raises(ValueError) as error:
        pad2d(PLANE, widths)
    assert str(error.value).startswith("widths must be an integer of at least 0")
    assert str(error.value).endswith(f"Received: {widths!r}")


def test_pad2d_refuses_another_mode():
    """An unknown mode is shown back beside the known ones."""
    with pytest.raises(ValueError, match=r"one of \('constant', 'reflect', 'edge'\)\. Received: mode='wrap'"):
        pad2d(PLANE, 1, mode="wrap")


@pytest.mark.parametrize(
    "dtype, value", [(np.uint8, -1), (np.uint8, 256), (np.int64, 0.5), (np.uint8, -np.inf), (int, np.nan)]
)
def test_pad2d_refuses_a_value_that_pixels_cannot_have(dtype, value):
    """A value that whole numbers would wrap or round is refused, not changed in silence."""
    with pytest.raises(ValueError, match=f"pixels of {np.dtype(dtype)} can have. Received: value={value}"):
        pad2d(np.ones((1, 2, 2, 1), dtype), 1, value=value)


@pytest.mark.parametrize("shape", [(), (3,), (28, 28), (5, 28, 28), (1, 1, 28, 28, 1)])
def test_images_refuse_another_rank(shape):
    """Images have four axes; the shape that was given is shown back."""
    with pytest.raises(ValueError) as error:
        check_images(np.zeros(shape))
    assert f"must have the shape (N, H, W, C). Received: shape {shape}" in str(error.value)


@pytest.mark.parametrize("images", [np.zeros((1, 0, 3, 1)), np.zeros((1, 3, 3, 0)), np.full((1, 1, 1, 1), "ink")])
def test_images_refuse_nothing_and_words(images):
    """An image without a pixel, without a channel or without numbers is refused with its shape and dtype."""
    with pytest.raises(ValueError) as error:
        check_images(images)
    assert str(error.value).endswith(f"Received: shape {images.shape}, dtype {images.dtype}")
