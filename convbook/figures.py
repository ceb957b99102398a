"""Pictures that can be read without seeing them: every one carries alternative text.

One convention for the whole book: images in gray from 0 to 1, anything signed in blue and red with white at
zero, activations in viridis; small arrays show their numbers.
"""

import base64
import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure

COLOUR_MAPS = {"image": "gray", "signed": "RdBu_r", "activation": "viridis"}
LARGEST_WITH_NUMBERS = 12  # pixels along an axis, up to which an array shows its values


def show(figure, alt):
    """Displays the figure with `alt` as its alternative text, which is its plain-text form as well."""
    if not isinstance(figure, Figure) or not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"A picture needs a figure and alternative text. Received: {type(figure).__name__}, alt={alt!r}")
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=110, bbox_inches="tight")
    plt.close(figure)
    data = base64.b64encode(png.getvalue()).decode()  # a text: JupyterLite's kernel sends no bytes
    bundle = {"image/png": data, "text/plain": f"[picture] {alt}"}
    display(bundle, metadata={"image/png": {"alt": alt}}, raw=True)


def colour_limits(array, kind):
    """(lowest, highest) value of the colour map: 0 to 1 for images (uint8: 255), symmetric about 0 for signed arrays."""
    if kind not in COLOUR_MAPS:
        raise ValueError(f"kind must be one of {sorted(COLOUR_MAPS)}. Received: kind={kind!r}")
    white = 255.0 if np.asarray(array).dtype == np.uint8 else 1.0
    largest = float(np.abs(np.asarray(array, float)).max()) or 1.0
    return {"image": (0.0, white), "signed": (-largest, largest), "activation": (0.0, largest)}[kind]


def draw(axes, array, title="", kind="image", limits=None, numbers=None):
    """Draws an array (H, W), or an image (H, W, 3), on `axes`; returns the drawn image.

    `limits` fixes the colours of several pictures that are to be compared. `numbers` writes each value in
    its cell: by default when the array has at most 12 rows and columns.
    """
    array = np.asarray(array)
    own = colour_limits(array, kind)
    lowest, highest = own if limits is None else limits
    drawn = axes.imshow(array, cmap=COLOUR_MAPS[kind], vmin=lowest, vmax=highest, interpolation="nearest")
    axes.set_title(title, fontsize=10)
    axes.axis("off")
    small = array.ndim == 2 and max(array.shape) <= LARGEST_WITH_NUMBERS
    if small if numbers is None else numbers:
        write_numbers(axes, array, drawn)
    return drawn


def write_numbers(axes, array, drawn):
    """Writes each value into its cell, dark on light cells and light on dark ones."""
    size = 10 if max(array.shape) <= LARGEST_WITH_NUMBERS else 5.5
    for (i, j), value in np.ndenumerate(array):
        red, green, blue, _ = drawn.cmap(drawn.norm(value))
        colour = "black" if 0.3 * red + 0.59 * green + 0.11 * blue > 0.5 else "white"
        axes.text(j, i, f"{value:.4g}", ha="center", va="center", color=colour, fontsize=size)


def show_images(images, titles, alt, kind="image", columns=None, limits=None, size=2.3):
    """Displays arrays beside one another, all with the same colour limits; signed ones with a colour bar.

    `size` is the width of one picture in inches; all together are at most 9 inches wide.
    """
    if len(images) != len(titles) or not len(images):
        raise ValueError(
            f"Every image needs a title, and there must be one. Received: {len(images)} images, {len(titles)} titles"
        )
    columns = columns or len(images)
    rows = -(-len(images) // columns)
    whole = (min(9, size * columns), (size + 0.1) * rows)
    figure, grid = plt.subplots(rows, columns, figsize=whole, squeeze=False, layout="constrained")
    if limits is None:
        limits = colour_limits(np.concatenate([np.ravel(image) for image in images]), kind)
    for axes in grid.flat:
        axes.axis("off")
    for axes, image, title in zip(grid.flat, images, titles):
        drawn = draw(axes, image, title, kind, limits)
    if kind == "signed":
        figure.colorbar(drawn, ax=grid, shrink=0.8)
    show(figure, alt)
