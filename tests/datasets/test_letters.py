"""Letters move, turn and grow as they are told to, and differ from hand to hand."""

import numpy as np
import pytest

from convbook import write_letter
from convbook.datasets.letters import LETTERS, arc, ink, line


def middle_of(image):
    """The (row, column) of the ink's centre of mass."""
    rows, columns = np.indices(image.shape)
    return np.array([(rows * image).sum(), (columns * image).sum()]) / image.sum()


def test_line_and_arc_by_hand():
    """A line has its ends, evenly spaced points between them; angles count anticlockwise although y points down."""
    points = line((0, 0), (23, 46))
    np.testing.assert_allclose(points[[0, 1, -1]], [[0, 0], [1, 2], [23, 46]])
    np.testing.assert_allclose(arc((1, 1), 2, 0, 90)[[0, -1]], [[3, 1], [1, -1]], atol=1e-12)


def test_ink_by_hand():
    """A pixel is ink within the pen's radius - 0.5 of the path, paper from 0.5 beyond it, and grey between."""
    path = np.array([[0.0, 0.0], [4.0, 0.0]])  # along the upper border
    image = ink([path], 5, pen=1.75)
    np.testing.assert_allclose(image[:, 2], [1, 1, 0.25, 0, 0])
    np.testing.assert_allclose(image, image[:, ::-1])


def test_letters_are_images():
    """Each letter is (28, 28), from white paper 0 to full ink 1, with some ink and more paper."""
    for letter in LETTERS:
        image = write_letter(letter)
        assert image.shape == (28, 28)
        assert (image.min(), image.max()) == (0, 1)
        assert 0.02 < image.mean() < 0.3


def test_letters_differ():
    """No two letters look alike: a pair differs in ink worth at least a tenth of the smaller one."""
    images = [write_letter(letter) for letter in LETTERS]
    for i, a in enumerate(images):
        for b in images[:i]:
            assert np.abs(a - b).sum() > 0.1 * min(a.sum(), b.sum())


@pytest.mark.parametrize("shift", [(3, 0), (0, 3), (-2, 4)])
def test_shift_by_whole_pixels_moves_the_image(shift):
    """shift=(down, right) is the same image, that many pixels down and to the right."""
    d = write_letter("d")
    np.testing.assert_allclose(write_letter("d", shift=shift), np.roll(d, shift, axis=(0, 1)), atol=1e-12)


def test_shift_may_be_a_fraction():
    """Half a pixel moves the centre of mass by half a pixel: the letter is drawn anew, not resampled."""
    moved = middle_of(write_letter("d", shift=(0.5, -0.25))) - middle_of(write_letter("d"))
    np.testing.assert_allclose(moved, [0.5, -0.25], atol=0.02)


@pytest.mark.parametrize("size", [27, 28])
def test_turn_by_right_angles_turns_the_image(size):
    """angle counts anticlockwise: a quarter turn is numpy.rot90, and four of them change nothing."""
    d = write_letter("d", size)
    for quarters in range(5):
        np.testing.assert_allclose(write_letter("d", size, angle=90 * quarters), np.rot90(d, quarters), atol=1e-9)


def test_d_turned_by_half_is_p():
    """Upside down and lowered by 0.3 of its height, a d is a p with a longer stem, and no other letter."""
    d = write_letter("d", shift=(0.3 * 0.7 * 28, 0), angle=180)
    distances = {letter: np.abs(d - write_letter(letter)).sum() / d.sum() for letter in LETTERS}
    assert distances.pop("p") < 0.1
    assert min(distances.values()) > 0.2


def test_scale_grows_with_the_letter():
    """A letter twice as large has twice as long strokes, and the pen stays the same."""
    small, large = write_letter("l", 56, scale=0.5), write_letter("l", 56, scale=1.0)
    heights = [np.flatnonzero(image.sum(axis=1) > 0) for image in (small, large)]
    widths = [np.flatnonzero(image.sum(axis=0) > 0).size for image in (small, large)]
    assert heights[1].size - heights[0].size == pytest.approx(0.7 * 56 * 0.9 / 2, abs=2)
    assert widths[0] == widths[1]


def test_size_scales_the_whole_image():
    """Twice the pixels show the same letter: averaged 2×2 it is the small image, up to the soft edges."""
    large = write_letter("a", 56).reshape(28, 2, 28, 2).mean(axis=(1, 3))
    assert np.abs(large - write_letter("a", 28)).mean() < 0.02


def test_hands_differ_and_are_repeatable():
    """The same hand writes the same letter each time; another hand writes another, and neither is the model."""
    hands = [write_letter("d", hand=seed) for seed in range(10)]
    np.testing.assert_array_equal(hands[3], write_letter("d", hand=3))
    images = [write_letter("d"), *hands]
    for i, a in enumerate(images):
        assert a.min() >= 0 and a.max() <= 1
        assert all(np.abs(a - b).max() > 0.3 for b in images[:i])


def test_writing_leaves_the_model_alone():
    """After other hands have written, the model letter is what it was."""
    before = write_letter("b")
    write_letter("b", hand=5, shift=(3, 3), angle=30, scale=1.2)
    np.testing.assert_array_equal(write_letter("b"), before)


@pytest.mark.parametrize("letter", ["z", "dd", "", None, ["d"], 4])
def test_unknown_letters_are_refused(letter):
    """A letter that nobody has drawn is shown back beside those that there are."""
    with pytest.raises(ValueError) as error:
        write_letter(letter)
    assert str(error.value) == f"letter must be one of {LETTERS}. Received: letter={letter!r}"


@pytest.mark.parametrize(
    "arguments, received",
    [
        ({"shift": 3}, "shift=3"),
        ({"shift": (1, 2, 3)}, "shift=(1, 2, 3)"),
        ({"scale": 0}, "scale=0"),
        ({"scale": -1}, "scale=-1"),
        ({"size": 0}, "size=0"),
        ({"size": 28.5}, "size=28.5"),
    ],
)
def test_impossible_letters_are_refused(arguments, received):
    """A shift that is no pair, no size and no scale are shown back."""
    with pytest.raises(ValueError) as error:
        write_letter("d", **arguments)
    assert f"Received: {received}" in str(error.value) or str(error.value).endswith(received)
