"""Every number that an explorer shows is the library's, and every number that the library refuses is refused."""

import numpy as np
import pytest
from browser import page_of, served

from convbook import (
    average_pool2d,
    average_pool2d_backward,
    conv2d,
    conv2d_backward,
    max_pool2d,
    max_pool2d_backward,
    min_pool2d,
)
from convbook.explorer import explorer
from convbook.explorer.scripts import literal, script
from convbook.explorer.settings import named_kernels, picture, with_channels
from convbook.pooling import min_pool2d_backward

pytestmark = pytest.mark.slow
POOLS = {
    "max-pooling": (max_pool2d, max_pool2d_backward),
    "average-pooling": (average_pool2d, average_pool2d_backward),
    "min-pooling": (min_pool2d, min_pool2d_backward),
}
SHOWN = """element => Object.fromEntries(["x", "w", "y", "dx", "dw"].map(name => {
  const panel = element.panels[name];
  if (!panel.element.isConnected) return [name, null];
  const grids = [...panel.element.querySelectorAll("[role=grid]")];
  const rows = grid => [...grid.querySelectorAll("[role=row]")].map(row => [...row.children].map(cell => cell.dataset.value));
  return [name, grids.map(rows)];
}))"""

START = """settings => settings.map(attributes => {
  const element = document.createElement("conv-explorer");
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  document.getElementById("place").replaceChildren(element);
  return [element.x, element.w];
})"""


@pytest.fixture(scope="module")
def page(chromium, tmp_path_factory):
    """A page that has the element's script and nothing else."""
    folder = tmp_path_factory.mktemp("explorer")
    (folder / "conv-explorer.js").write_text(script("conv-explorer"), encoding="utf-8")
    head = '<meta charset="utf-8"><title>numbers</title><link rel="icon" href="data:,">'
    start = '<script type="module" src="conv-explorer.js"></script>'
    (folder / "index.html").write_text(
        f'<!doctype html><html lang="en">{head}{start}<main id="place"></main>', encoding="utf-8"
    )
    with served(folder) as address, page_of(chromium, viewport={"width": 900, "height": 900}) as page:
        page.goto(address)
        page.wait_for_function("Boolean(customElements.get('conv-explorer'))")
        yield page
        assert page.problems == []


def random_settings(seed):
    """One layer with a gradient: arrays and options as `ConvExplorer.compute` takes them; some of them are refused."""
    rng = np.random.default_rng(seed)
    operation = ["convolution", "convolution", "max-pooling", "average-pooling", "min-pooling"][seed % 5]
    height, width, channels = (int(rng.integers(1, 10)), int(rng.integers(1, 10)), int(rng.integers(1, 4)))
    kernel = (int(rng.integers(1, 5)), int(rng.integers(1, 5)))
    numbers = rng.integers(-3, 4, (height, width, channels)) if seed % 3 else rng.normal(size=(height, width, channels))
    wide = ((int(rng.integers(0, 3)), int(rng.integers(0, 3))), (1, int(rng.integers(0, 3))))
    choices = {"padding": ["valid", "same", "full", 1, 2, wide], "strides": [1, 2, 3, (2, 1)], "dilation": [1, 1, 2, (1, 2)]}
    chosen = {name: values[rng.integers(len(values))] for name, values in choices.items()}
    w = rng.normal(size=(*kernel, channels, int(rng.integers(1, 5)))).round(3)
    return {
        "operation": operation,
        "x": numbers.astype(float),
        "poolSize": kernel,
        "w": w,
        "b": rng.normal(size=w.shape[3]),
        **chosen,
    }


def expected(settings):
    """(y, gradient) from the library, or None where it refuses; `gradient(dy)` is {dx, dw, db} or {dx}."""
    x, w, b = settings["x"][None], settings["w"], settings["b"]
    options = settings["strides"], settings["padding"]
    try:
        if settings["operation"] == "convolution":
            y = conv2d(x, w, b, *options, settings["dilation"])
            return y, lambda dy: dict(zip(("dx", "dw", "db"), conv2d_backward(dy, x, w, *options, settings["dilation"])))
        forward, backward = POOLS[settings["operation"]]
        return forward(x, settings["poolSize"], *options), lambda dy: {"dx": backward(dy, x, settings["poolSize"], *options)}
    except ValueError:
        return None


def as_json(value):
    """Arrays as nested lists."""
    return value.tolist() if isinstance(value, np.ndarray) else value


def test_explorer_computes_what_the_library_computes(page):
    """300 layers, forward and backward: every number agrees, and both refuse the same ones."""
    table = [random_settings(seed) for seed in range(300)]
    answers = [expected(settings) for settings in table]
    for seed, (settings, answer) in enumerate(zip(table, answers)):
        if answer is not None:
            settings["dy"] = np.random.default_rng(seed).integers(-3, 4, answer[0].shape[1:]).astype(float)
    sent = [{name: as_json(value) for name, value in settings.items()} for settings in table]
    results = page.evaluate("table => table.map(customElements.get('conv-explorer').compute)", sent)
    for settings, answer, result in zip(table, answers, results):
        assert ("error" in result) == (answer is None), (settings, result.get("error"))
        if answer is not None:
            wanted = {"y": answer[0][0], **answer[1](settings["dy"][None])}
            for name, array in wanted.items():
                shown = np.array(result[name]).reshape(array.shape)
                assert np.allclose(shown, array, rtol=0, atol=1e-9), (settings, name)
    refused = sum(answer is None for answer in answers)
    assert len(table) - refused >= 200 and refused >= 20


@pytest.mark.parametrize("seed", range(24))
def test_explorer_shows_the_numbers_of_the_library(page, seed):
    """What stands in the cells of a page, forward and backward, are the library's numbers."""
    rng = np.random.default_rng(seed)
    pooled, mode = seed % 3 == 2, ["forward", "gradient"][seed % 2]
    operation = list(POOLS)[seed % len(POOLS)] if pooled else "convolution"
    options = {"stride": int(rng.integers(1, 4)), "padding": ["valid", "same", 1][rng.integers(3)], "mode": mode}
    image = rng.integers(-9, 10, (6, 7, 1 + seed % 3))
    kernel = rng.integers(-4, 5, (3, 2, image.shape[2], 1 + seed % 4))
    start = explorer(image, kernel, operation=operation, gradients="various", dilation=1 + seed % 2, **options)
    page.evaluate("html => { document.getElementById('place').innerHTML = html; }", f"<conv-explorer {start.attributes()}>")
    shown = page.locator("conv-explorer").evaluate(SHOWN)
    widths = start.options["kernel_size"] if pooled else None
    settings = {"operation": operation, "x": start.x, "w": start.w, "b": 0.0, "poolSize": widths, "strides": options["stride"]}
    y, gradient = expected(settings | {"padding": options["padding"], "dilation": start.options["dilation"]})
    assert np.allclose(start.y, y[0])
    if mode == "forward":
        check_shown(shown["y"], y[0])
        assert shown["dx"] is None and shown["dw"] is None
    else:
        i, j, f = np.indices(y.shape[1:])
        dy = (3 * i + 5 * j + 2 * f) % 7 - 3.0
        wanted = gradient(dy[None])
        check_shown(shown["y"], dy)
        check_shown(shown["dx"], wanted["dx"][0])
        if not pooled:
            check_shown(shown["dw"], wanted["dw"][..., 0])
    pixels = [[[value for value in row if value] for row in plane] for plane in shown["x"]]
    check_shown([[row for row in plane if row] for plane in pixels], start.x)
    if not pooled:
        check_shown(shown["w"], start.w[..., 0])


def check_shown(planes, array):
    """The texts of the planes are the numbers of the array (H, W, planes)."""
    assert np.allclose(np.array(planes, float).transpose(1, 2, 0), array, rtol=0, atol=1e-9)


def test_explorer_pictures_are_the_same_in_python(page):
    """All pictures at all sizes, and all kernels: the script and the library's side make the same numbers."""
    for name in literal("PICTURES"):
        shown = page.evaluate(START, [{"image": name, "size": size} for size in range(3, 17)])
        assert all(np.array_equal(x, with_channels(picture(name, len(x)), 1)) for x, _ in shown), name
    for name in literal("KERNELS"):
        shown = page.evaluate(START, [{"kernel": name, "kernel-size": size, "channels": 3} for size in range(1, 6)])
        assert all(np.array_equal(w, named_kernels(name, len(w), 3, 1)) for _, w in shown), name
        assert all(np.array_equal(x, with_channels(picture("digit", 8), 3)) for x, _ in shown)
