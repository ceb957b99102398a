"""Pictures carry alternative text, keep the book's colours, and show their numbers when they are small."""

import base64
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from convbook.figures import colour_limits, draw, show, show_images


@pytest.fixture
def axes():
    """Axes of a figure that is closed after the test."""
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_show_displays_a_png_with_its_text(displayed):
    """The picture is a PNG; its alternative text is in its metadata and is its plain text."""
    figure, _ = plt.subplots()
    show(figure, "An empty pair of axes.")
    [(bundle, metadata)] = displayed
    assert sorted(bundle) == ["image/png", "text/plain"]
    assert Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).format == "PNG"
    assert bundle["text/plain"] == "[picture] An empty pair of axes."
    assert metadata == {"image/png": {"alt": "An empty pair of axes."}}


def test_show_closes_the_figure(displayed):
    """A shown figure is not drawn a second time by the notebook."""
    figure, _ = plt.subplots()
    show(figure, "An empty pair of axes.")
    assert not plt.fignum_exists(figure.number)


@pytest.mark.parametrize("alt", ["", "  ", None, 3])
def test_show_refuses_a_picture_without_text(displayed, alt):
    """Without alternative text there is no picture."""
    figure, _ = plt.subplots()
    with pytest.raises(ValueError, match=rf"alternative text. Received: Figure, alt={alt!r}"):
        show(figure, alt)
    assert not displayed


def test_show_refuses_what_is_no_figure(displayed):
    """The text in the figure's place is noticed."""
    with pytest.raises(ValueError, match=r"needs a figure and alternative text. Received: str, alt='a'"):
        show("a picture", "a")
    assert not displayed


def test_colour_limits_by_hand():
    """Images go from 0 to 1 (uint8: 255), signed arrays lie symmetric about 0, activations start at 0."""
    array = np.array([[-3.0, 2.0]])
    assert colour_limits(array, "image") == (0, 1)
    assert colour_limits(np.array([[0, 200]], np.uint8), "image") == (0, 255)
    assert colour_limits(array, "signed") == (-3, 3)
    assert colour_limits(np.array([[-128, 0]], np.int8), "signed") == (-128, 128)
    assert colour_limits(np.array([[0.5, 2.0]]), "activation") == (0, 2)
    assert colour_limits(np.zeros((2, 2)), "signed") == (-1, 1)


def test_unknown_kinds_are_refused(axes):
    """A kind without a colour map is shown back beside the others, whether limits are given or not."""
    for limits in (None, (0, 1)):
        with pytest.raises(ValueError, match=r"one of \['activation', 'image', 'signed'\]. Received: kind='grey'"):
            draw(axes, np.zeros((2, 2)), kind="grey", limits=limits)


@pytest.mark.parametrize("kind, colours", [("image", "gray"), ("signed", "RdBu_r"), ("activation", "viridis")])
def test_draw_keeps_the_colours(axes, kind, colours):
    """Each kind has its colour map and its limits, a title, and no axes."""
    drawn = draw(axes, [[0.5, -2.0]], "A finding", kind)
    assert drawn.get_cmap().name == colours
    assert drawn.get_clim() == colour_limits([[0.5, -2.0]], kind)
    assert (axes.get_title(), axes.axison) == ("A finding", False)


def test_draw_takes_given_limits(axes):
    """Limits that are given hold, so that pictures can be compared."""
    assert draw(axes, [[0.5, 2.0]], limits=(-4, 4)).get_clim() == (-4, 4)


def test_draw_writes_the_numbers_of_small_arrays(axes):
    """Each value stands in its cell: column j to the right, row i down."""
    draw(axes, [[0, 0.25], [-1.5, 1000.0]], kind="signed")
    assert {text.get_position(): text.get_text() for text in axes.texts} == {
        (0, 0): "0",
        (1, 0): "0.25",
        (0, 1): "-1.5",
        (1, 1): "1000",
    }


def test_draw_writes_numbers_that_can_be_read(axes):
    """Dark numbers stand on light cells and light ones on dark cells."""
    draw(axes, [[0.0, 1.0]])
    assert [text.get_color() for text in axes.texts] == ["white", "black"]


@pytest.mark.parametrize(
    "shape, numbers, count", [((13, 2), None, 0), ((13, 2), True, 26), ((2, 2), False, 0), ((2, 2, 3), None, 0)]
)
def test_draw_writes_numbers_only_where_they_fit(axes, shape, numbers, count):
    """Large arrays and colour images have no numbers, unless somebody asks for them or against them."""
    draw(axes, np.zeros(shape), numbers=numbers)
    assert len(axes.texts) == count


def test_show_images_share_their_limits(displayed, monkeypatch):
    """Arrays beside one another have the same colours for the same values; signed ones have a colour bar."""
    figures = []
    monkeypatch.setattr("convbook.figures.show", lambda figure, alt: figures.append((figure, alt)))
    show_images([np.ones((2, 2)), np.full((3, 3), -4.0)], ["One", "Two"], "Two squares.", kind="signed")
    [(figure, alt)] = figures
    first, second, bar = figure.axes
    assert first.images[0].get_clim() == second.images[0].get_clim() == (-4, 4)
    assert (first.get_title(), second.get_title(), alt) == ("One", "Two", "Two squares.")
    assert bar.get_label() == "<colorbar>"


def test_show_images_fill_rows(displayed, monkeypatch):
    """With two columns, three images make two rows, and the fourth place stays empty."""
    figures = []
    monkeypatch.setattr("convbook.figures.show", lambda figure, alt: figures.append(figure))
    show_images([np.zeros((2, 2))] * 3, ["a", "b", "c"], "Three black squares.", columns=2)
    places = figures[0].axes
    assert [len(axes.images) for axes in places] == [1, 1, 1, 0]
    assert not any(axes.axison for axes in places)


def test_show_images_display_one_picture(displayed):
    """The whole row is one picture with one alternative text."""
    show_images([np.zeros((2, 2)), np.ones((2, 2))], ["a", "b"], "A black and a white square.")
    assert [metadata["image/png"]["alt"] for _, metadata in displayed] == ["A black and a white square."]


@pytest.mark.parametrize("titles", [[], ["a"], ["a", "b", "c"]])
def test_show_images_refuse_other_titles(displayed, titles):
    """Two images need two titles."""
    with pytest.raises(ValueError, match=f"needs a title.* Received: 2 images, {len(titles)} titles"):
        show_images([np.zeros((2, 2))] * 2, titles, "Two squares.")


def test_show_images_refuse_no_images(displayed):
    """Without an image there is no picture."""
    with pytest.raises(ValueError, match=r"there must be one. Received: 0 images, 0 titles"):
        show_images([], [], "Nothing.")


def test_drawing_leaves_the_array_alone(displayed):
    """The arrays that were drawn are what they were."""
    array = np.array([[1.0, -2.0]])
    show_images([array], ["a"], "Two cells.", kind="signed")
    assert array.tolist() == [[1, -2]]
