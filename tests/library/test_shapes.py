"""Sizes of outputs, padding of `same`, and how far a network sees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convbook import conv2d, output_size, receptive_field, same_padding
from convbook.shapes import pair, pairs

KERNEL, STRIDES, DILATION = st.integers(1, 5), st.integers(1, 4), st.integers(1, 3)
LAYERS = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(0, 2), st.integers(1, 2)), max_size=3)


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ((28, 3), 26),
        ((28, 5), 24),
        ((28, 3, 2), 13),  # positions 0, 2, …, 24: the pixel at 27 is never seen
        ((28, 3, 1, 2), 28),
        ((7, 3, 1, 0, 2), 3),  # three taps, two apart, span 5 pixels
        ((5, 5), 1),
        ((227, 11, 4), 55),  # AlexNet's first layer
    ],
)
def test_output_size_by_hand(arguments, expected):
    """The numbers of positions that one can count on paper come out."""
    assert output_size(*arguments) == expected


@given(size=st.integers(1, 30), kernel_size=KERNEL, strides=STRIDES, padding=st.integers(0, 6), dilation_rate=DILATION)
def test_output_size_counts_windows(size, kernel_size, strides, padding, dilation_rate):
    """output_size is the number of windows that fit, counted one by one, and no window is an error."""
    count, first = 0, 0
    while first + dilation_rate * (kernel_size - 1) <= size + padding - 1:
        count, first = count + 1, first + strides
    if count:
        assert output_size(size, kernel_size, strides, padding, dilation_rate) == count
    else:
        with pytest.raises(ValueError, match=rf"as large as the kernel. Received: size={size}, padding={padding}"):
            output_size(size, kernel_size, strides, padding, dilation_rate)


def test_same_padding_by_hand():
    """An even kernel needs an odd number of pixels, and the odd one goes after."""
    assert same_padding(28, 3) == (1, 1)
    assert same_padding(28, 2) == (0, 1)
    assert same_padding(28, 4) == (1, 2)
    assert same_padding(5, 3, strides=2) == (1, 1)
    assert same_padding(6, 3, strides=2) == (0, 1)
    assert same_padding(7, 3, dilation_rate=2) == (2, 2)
    assert same_padding(7, 1, strides=3) == (0, 0)


@given(size=st.integers(1, 30), kernel_size=KERNEL, strides=STRIDES, dilation_rate=DILATION)
def test_same_padding_gives_ceil(size, kernel_size, strides, dilation_rate):
    """With same_padding there are ceil(size / strides) outputs, and one pixel less would be too few."""
    before, after = same_padding(size, kernel_size, strides, dilation_rate)
    out = int(np.ceil(size / strides))
    assert after - before in (0, 1)
    assert output_size(size, kernel_size, strides, before + after, dilation_rate) == out
    span = dilation_rate * (kernel_size - 1) + 1
    if before + after and size + before + after > span:
        assert output_size(size, kernel_size, strides, before + after - 1, dilation_rate) == out - 1


def test_receptive_field_by_hand():
    """Two 3×3 layers see 5 pixels, three see 7, and a pooling between them doubles the step of what follows."""
    assert receptive_field([]) == (1, 1, 0)
    assert receptive_field([(3, 1)] * 2) == (5, 1, 0)
    assert receptive_field([(3, 1)] * 3) == (7, 1, 0)
    assert receptive_field([(3, 1), (2, 2), (3, 1)]) == (8, 2, 0)
    assert receptive_field([(3, 1, 1), (2, 2), (3, 1, 1)]) == (8, 2, -3)
    assert receptive_field([(3, 1, 0, 2)]) == (5, 1, 0)


@given(layers=LAYERS)
def test_receptive_field_is_what_an_experiment_finds(layers):
    """An output changes with its field's first and last pixel, and with no pixel outside the field."""
    y = np.eye(60).reshape(60, 1, 60, 1)  # image n has a single 1, at pixel n
    for kernel_size, strides, before, dilation_rate in layers:
        w = np.ones((1, kernel_size, 1, 1))
        y = conv2d(y, w, 0, (1, strides), ((0, 0), (before, before)), (1, dilation_rate))
    size, jump, start = receptive_field(layers)
    inside = [j for j in range(y.shape[2]) if start + j * jump >= 0 and start + j * jump + size <= 60]
    assert len(inside) >= 2
    for j in inside:
        touched = np.flatnonzero(y[:, 0, j, 0])  # the pixels that change output j
        assert (touched[0], touched[-1]) == (start + j * jump, start + j * jump + size - 1)


def test_pair_takes_one_number_or_two():
    """An integer, NumPy's too, stands for both directions; a pair or a list of two stays as it is."""
    assert pair(3, "strides") == pair(np.int64(3), "strides") == (3, 3)
    assert pair((3, 5), "strides") == pair([3, 5], "strides") == (3, 5)
    assert pairs(kernel_size=2, strides=(1, 3)) == [(2, 2), (1, 3)]


@pytest.mark.parametrize("value", [0, -1, 1.5, 2.0, None, "3", (3,), (1, 2, 3), (1, 0), ()])
def test_pair_refuses_other_values(value):
    """What is not a positive integer or two of them is named and shown."""
    with pytest.raises(ValueError) as error:
        pair(value, "strides")
    assert f"strides must be a positive integer or a pair of them. Received: strides={value!r}" in str(error.value)


@pytest.mark.parametrize("function", [output_size, same_padding])
@pytest.mark.parametrize("name", ["size", "kernel_size", "strides", "dilation_rate"])
@pytest.mark.parametrize("value", [-1, 2.5, (3, 3)])
def test_sizes_refuse_what_is_not_a_count(function, name, value):
    """Sizes along one axis are counts: a fraction, a negative number or a pair is shown back."""
    arguments = {"size": 28, "kernel_size": 3, "strides": 1, "dilation_rate": 1} | {name: value}
    with pytest.raises(ValueError) as error:
        function(**arguments)
    assert f"{name} must be an integer of at least" in str(error.value)
    assert str(error.value).endswith(f"Received: {name}={value!r}")


@pytest.mark.parametrize("function", [output_size, same_padding])
@pytest.mark.parametrize("name", ["kernel_size", "strides", "dilation_rate"])
def test_sizes_refuse_zero(function, name):
    """A kernel, a step or a dilation of 0 means nothing (dilation 1 means none)."""
    with pytest.raises(ValueError, match=f"{name} must be an integer of at least 1. Received: {name}=0"):
        function(**({"size": 28, "kernel_size": 3} | {name: 0}))


def test_output_size_refuses_negative_padding():
    """Padding adds pixels; it never takes any away."""
    with pytest.raises(ValueError, match=r"padding must be an integer of at least 0. Received: padding=-1"):
        output_size(28, 3, padding=-1)


@pytest.mark.parametrize("layer", [3, (3,), (3, 1, 0, 1, 1), "31"])
def test_receptive_field_refuses_other_layers(layer):
    """A layer is two to four numbers in a tuple or a list."""
    with pytest.raises(ValueError) as error:
        receptive_field([(3, 1), layer])
    assert "A layer must be (kernel_size, strides)" in str(error.value)
    assert str(error.value).endswith(f"Received: {layer!r}")


@pytest.mark.parametrize("layer, name", [((0, 1), "kernel_size"), ((3, 0), "strides"), ((3, 1, -1), "before")])
def test_receptive_field_refuses_other_numbers(layer, name):
    """The number of a layer that cannot be is named."""
    with pytest.raises(ValueError, match=f"{name} must be an integer .* Received: {name}="):
        receptive_field([layer])
