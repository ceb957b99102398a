"""The explorer in Python: what a notebook stores and shows, and which options it refuses."""

import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from convbook import kernels
from convbook.explorer import explorer
from convbook.explorer.scripts import FOLDER, MODULES, literal, read_module, script
from convbook.explorer.settings import named_kernel, named_kernels, picture
from convbook.site.explorer import serve_scripts, write_scripts

NAMED = {"identity": kernels.IDENTITY, "sharpen": kernels.SHARPEN, "edges": kernels.LAPLACIAN, "blur": kernels.box(3)}
NAMED |= {"sobel-x": kernels.SOBEL_X, "sobel-y": kernels.SOBEL_Y, "gaussian": kernels.gaussian(3, 0.8493)}


def numbers_of(table):
    """The numbers of an HTML table."""
    texts = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)]
    return np.array([[float(text.replace("−", "-")) for text in row] for row in texts])


def test_explorer_has_one_stable_sentence():
    """Its plain text is the same each time, so that a notebook's stored output can be compared."""
    bundle = explorer(stride=2)._repr_mimebundle_()
    sentence = "convolution: image digit (8 × 8), kernel sobel-x (3 × 3), stride 2, padding valid; output 3 × 3"
    assert bundle["text/plain"] == f"[explorer] {sentence}" == repr(explorer(stride=2))
    pooled = explorer("ramp", operation="average-pooling", channels=2)
    assert repr(pooled) == (
        "[explorer] average pooling: image ramp (8 × 8 × 2), window (2 × 2), stride 2, padding valid; output 4 × 4 × 2"
    )


def test_explorer_without_scripts_shows_the_numbers():
    """The static form has input, kernel and output as tables, with the library's numbers."""
    start = explorer([[1, 2, 0, 1], [0, 1, 3, 2], [2, 0, 1, 1], [1, 1, 0, 2]], [[1, 2], [0, -1]])
    html = start._repr_mimebundle_()["text/html"]
    x, w, y = [numbers_of(table) for table in re.findall(r"<table>.*?</table>", html)]
    assert np.array_equal(x, start.x[:, :, 0]) and np.array_equal(w, [[1, 2], [0, -1]])
    assert np.array_equal(y, start.y[:, :, 0]) and y[1, 2] == 6  # chapter 02 computes it by hand


@pytest.mark.parametrize("name", literal("KERNELS"))
def test_explorer_kernels_are_the_library_s(name):
    """A name means the same kernel as in `convbook.kernels`, and stands in the middle of a larger one."""
    assert np.allclose(named_kernel(name, 3), NAMED[name], atol=1e-4)
    larger = named_kernel(name, 5)
    assert np.allclose(larger, 1 / 25) if name == "blur" else np.array_equal(larger[1:4, 1:4], named_kernel(name, 3))


def test_explorer_filters_follow_in_the_list():
    """Filters without a name of their own take the next names of the list, the last one's follower first."""
    w = named_kernels("blur, edges", 3, channels=2, filters=4)
    wanted = ["blur", "edges", "identity", "blur"]
    assert w.shape == (3, 3, 2, 4)
    assert all(np.array_equal(w[:, :, c, f], named_kernel(wanted[f], 3)) for c in range(2) for f in range(4))


def test_explorer_pictures_keep_their_light():
    """A picture at half its size has the mean of four pixels in each, rounded to tenths."""
    for name in literal("PICTURES"):
        full, half = picture(name, 16), picture(name, 8)
        assert np.abs(half - full.reshape(8, 2, 8, 2).mean(axis=(1, 3))).max() <= 0.05 + 1e-12
        assert np.array_equal(half, half.round(1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image": "cat"}, r"image must be one of digit, .*\. Received: image='cat'"),
        ({"kernel": "round"}, r"kernel must be one of identity, .*\. Received: kernel='round'"),
        ({"image": [1, 2]}, r"finite numbers with 2 to 3 axes. Received: shape \(2,\)"),
        ({"kernel": np.full((2, 2), np.nan)}, r"finite numbers with 2 to 4 axes. Received: shape \(2, 2\), dtype float64"),
        ({"stride": -1}, r"stride must be an integer of at least 1. Received: stride=-1"),
        ({"size": 17}, r"size must be at most 16. Received: size=17"),
        ({"filters": 5}, r"filters must be at most 4. Received: filters=5"),
        ({"operation": "pooling"}, r"operation must be one of convolution, .*Received: operation='pooling'"),
        ({"mode": "back"}, r"mode must be one of forward, gradient. Received: mode='back'"),
        ({"size": 3, "kernel_size": 5}, r"at least as large as the kernel. Received: size=3"),
        ({"operation": "max-pooling", "padding": 2}, r"narrower than the window"),
        ({"image": np.ones((4, 4, 2)), "kernel": np.ones((2, 2, 3))}, r"as deep as its input. Received: 2 input channels"),
        ({"gradients": np.ones((2, 2)), "size": 6}, r"shape of the output, \(4, 4, 1\). Received: dy of shape \(2, 2, 1\)"),
        ({"strides": 2}, r"Options must be some of .*stride.*\. Received: strides"),
    ],
)
def test_explorer_refuses_what_it_cannot_show(options, message):
    """A wrong option is an error that says what must hold and what was received."""
    with pytest.raises(ValueError, match=message):
        explorer(**options)


@pytest.mark.parametrize("module", sorted({name for names in MODULES.values() for name in names}))
def test_modules_import_what_they_use(module):
    """A name that another module exports is imported where it is used: the sources work without being joined, too."""
    text = read_module(module)
    declared = r"^(?:export )?(?:const|function|class) (?:\{([^}]*)\}|(\w+))"
    own = {name.strip() for found in re.findall(declared, text, re.M) for part in found for name in part.split(",")}
    imported = {name.strip() for names in re.findall(r"^import \{([^}]*)\}", text, re.M) for name in names.split(",")}
    others = {name for other in FOLDER.glob("*.js") for name in exported_names(other.read_text(encoding="utf-8"))} - own
    code = re.sub(r"^import .*|^\s*(//|/\*\*| \*).*|\"[^\"]*\"", "", text, flags=re.M)
    used = {name for name in others if re.search(rf"(?<![\w.]){name}(?=[(.\[\]),;])", code)}
    assert used <= imported, used - imported
    assert imported <= {name for name in imported if re.search(rf"\b{name}\b", code)}


def exported_names(text):
    """The names that a module exports."""
    found = re.findall(r"^export (?:const|function|class) (?:\{([^}]*)\}|(\w+))", text, re.M)
    return {name.strip() for parts in found for part in parts for name in part.split(",")} - {""}


def test_explorer_is_small():
    """The whole script is under 30,000 bytes."""
    assert 10_000 < len(script("conv-explorer").encode()) < 30_000


def test_explorer_needs_numpy_only():
    """Where only NumPy is there, as in the browser, the line works."""
    hidden = ["matplotlib", "IPython", "skimage", "keras", "tensorflow", "sphinx", "myst_nb", "yaml"]
    code = f"import sys; sys.modules.update(dict.fromkeys({hidden}))\n"
    code += "from convbook.explorer import explorer; print(len(explorer()._repr_mimebundle_()['text/html']) > 30000)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "True", done.stderr


def test_a_site_serves_the_script_once_a_page(tmp_path):
    """A page with two explorers loads one file and keeps no script inline; a page without one loads none."""
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path, loaded=[])
    app.add_js_file = lambda name, **options: app.loaded.append((name, options))
    write_scripts(app)
    assert (tmp_path / "_static/explorer/conv-explorer.js").read_text(encoding="utf-8") == script("conv-explorer")
    html = explorer()._repr_mimebundle_()["text/html"]
    context = {"body": f"<p>{html}</p>{html}"}
    serve_scripts(app, "page", "page.html", context, None)
    assert app.loaded == [("explorer/conv-explorer.js", {"type": "module"})]
    assert context["body"].count("<conv-explorer ") == 2 and "<script" not in context["body"]
    serve_scripts(app, "search", "search.html", {}, None)
    assert len(app.loaded) == 1
