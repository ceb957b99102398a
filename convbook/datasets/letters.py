"""Letters written by a pen: each is a path, so that moving, turning or scaling it costs no sharpness."""

import numpy as np

from convbook.shapes import check_integers


def arc(centre, radius, start, end, points=24):
    """Points (points, 2) on a circle, as (x, y) with y downwards; angles in degrees, anticlockwise."""
    angles = np.radians(np.linspace(start, end, points))
    return np.stack([centre[0] + radius * np.cos(angles), centre[1] - radius * np.sin(angles)], axis=1)


def line(*points):
    """Points (24, 2) on the straight line through `points`."""
    points = np.array(points, float)
    steps = np.linspace(0, len(points) - 1, 24)
    return np.stack([np.interp(steps, np.arange(len(points)), points[:, axis]) for axis in (0, 1)], axis=1)


BOWL = arc((0.0, 0.15), 0.25, 0, 360)
# Strokes of each letter, in units of the letter's height, around (0, 0).
STROKES = {
    "a": [BOWL, line((0.25, -0.1), (0.25, 0.4))],
    "b": [line((-0.25, -0.5), (-0.25, 0.4)), BOWL],
    "d": [BOWL, line((0.25, -0.5), (0.25, 0.4))],
    "h": [line((-0.22, -0.5), (-0.22, 0.4)), arc((0.0, 0.12), 0.22, 180, 0), line((0.22, 0.12), (0.22, 0.4))],
    "l": [line((0.0, -0.5), (0.0, 0.4))],
    "o": [BOWL],
    "p": [line((-0.25, -0.1), (-0.25, 0.65)), BOWL],
    "q": [BOWL, line((0.25, -0.1), (0.25, 0.65))],
}
LETTERS = tuple(STROKES)


def write_letter(letter, size=28, shift=(0, 0), angle=0.0, scale=1.0, hand=None):
    """An image (size, size) of 0 (paper) to 1 (ink) of a letter.

    `shift` is (down, right) in pixels, `angle` in degrees anticlockwise, `scale` relative to the letter's
    usual height of 0.7 of the image. `hand` is a seed: the same letter as somebody else writes it, with
    another slant, width, roundness and pen. `hand=None` writes the model letter.

    >>> d = write_letter("d")
    >>> d.shape, float(d.min()), float(d.max())
    ((28, 28), 0.0, 1.0)
    """
    if letter not in LETTERS:
        raise ValueError(f"letter must be one of {LETTERS}. Received: letter={letter!r}")
    if np.shape(shift) != (2,) or not scale > 0:
        raise ValueError(f"shift must be (down, right) and scale positive. Received: shift={shift!r}, scale={scale!r}")
    check_integers(1, size=size)
    strokes, pen = write_by_hand(STROKES[letter], hand)
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])  # y points down
    middle = (size - 1) / 2 + np.array(shift)[::-1]
    paths = [middle + 0.7 * size * scale * (stroke @ rotation.T) for stroke in strokes]
    return ink(paths, size, pen * size / 28)


def write_by_hand(strokes, hand):
    """The strokes and the pen's radius in pixels (of 28), changed at random as hands differ."""
    if hand is None:
        return strokes, 1.1
    rng = np.random.default_rng(hand)
    width, slant = rng.uniform(0.8, 1.2), rng.uniform(-0.15, 0.35)
    shape = np.array([[width, -slant], [0.0, rng.uniform(0.85, 1.1)]])
    # Each stroke wanders: a smooth random walk that starts and ends a little beside the model's.
    wander = [np.cumsum(rng.normal(0, 0.006, stroke.shape), axis=0) + rng.normal(0, 0.015, 2) for stroke in strokes]
    return [(stroke + w) @ shape.T for stroke, w in zip(strokes, wander)], rng.uniform(0.8, 1.5)


def ink(paths, size, pen):
    """The image (size, size) of paths (points, 2): 1 within `pen` pixels of a path, 0 from one pixel further."""
    rows, columns = np.mgrid[:size, :size]
    pixels = np.stack([columns, rows], axis=-1).reshape(-1, 1, 2)  # (size * size, 1, 2) as (x, y)
    distance = np.full(size * size, np.inf)
    for path in paths:
        begin, step = path[:-1], np.diff(path, axis=0)
        along = ((pixels - begin) * step).sum(-1) / (step**2).sum(-1)
        nearest = begin + np.clip(along, 0, 1)[..., None] * step  # (size * size, points - 1, 2)
        distance = np.minimum(distance, np.linalg.norm(pixels - nearest, axis=-1).min(axis=1))
    return np.clip(pen + 0.5 - distance, 0, 1).reshape(size, size)
