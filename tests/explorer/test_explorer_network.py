"""The digit network: what the page computes is what Keras computes, and it reads what a reader draws."""

import base64
import json

import numpy as np
import pytest
from browser import page_of, served

from convbook.datasets.mnist import load_embedded
from convbook.explorer.digit_network import COMMITTED, digit_network, export_network, packed
from convbook.explorer.scripts import script

HEAD = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
RUN = "([network, images]) => images.map(pixels => customElements.get('digit-network').run(network, pixels))"
TYPES = {"Conv2D", "BatchNormalization", "ReLU", "MaxPooling2D", "Flatten", "Dense"}


@pytest.fixture
def open_page(chromium, tmp_path):
    """`open_page(…)`: a page with the network that comes with the package."""
    stack = []

    def load(width=900, theme="light", **options):
        body = f"<main><h1>Network</h1>{digit_network()._repr_mimebundle_()['text/html']}<p id='after'>After</p></main>"
        start = f'<!doctype html><html lang="en" data-theme="{theme}"><head>{HEAD}<title>Network</title></head>'
        colours = "background: #121212; color: #eee" if theme == "dark" else ""
        (tmp_path / "index.html").write_text(f'{start}<body style="{colours}">{body}</body></html>', encoding="utf-8")
        stack.append(served(tmp_path))
        address = stack[-1].__enter__()
        stack.append(page_of(chromium, viewport={"width": width, "height": 900}, **options))
        page = stack[-1].__enter__()
        page.goto(address)
        return page

    yield load
    for context in reversed(stack):
        context.__exit__(None, None, None)


def digits(n):
    """n of the digits that come with the package and were held out there, (n, 28, 28) from 0 to 1, and their labels."""
    _, (x, y) = load_embedded()
    return x[:n] / 255, y[:n]


def test_network_is_small_and_good():
    """The file is under 200,000 bytes, and says how many test digits the network read: more than 99 %."""
    network = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert COMMITTED.stat().st_size < 200_000
    assert {layer["type"] for layer in network["layers"]} == TYPES
    assert network["tested"] == 10_000 and network["accuracy"] > 0.99


def test_network_has_one_stable_sentence():
    """Its plain text names every map, the same each time."""
    maps = "convolution 24 × 24 × 8, max pooling 12 × 12 × 8, convolution 10 × 10 × 16, max pooling 5 × 5 × 16"
    text = f"[digit network] from a drawn digit of 28 × 28 pixels over {maps}, convolution 3 × 3 × 32 to ten probabilities"
    assert repr(digit_network()) == text == digit_network()._repr_mimebundle_()["text/plain"]


def test_network_script_is_small():
    """The script is under 30,000 bytes, as the explorer's."""
    assert 10_000 < len(script("digit-network").encode()) < 30_000


def networks(keras):
    """Small networks that use every layer and option which can be exported, with weights that are not their first ones."""
    layers, start = keras.layers, keras.Input((28, 28, 1))
    one = [layers.Conv2D(3, (3, 5), strides=(2, 1), padding="same", activation="relu"), layers.MaxPooling2D(3, 2, "same")]
    one += [layers.Conv2D(4, 2, use_bias=False), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.5)]
    one += [layers.GlobalAveragePooling2D(), layers.Dense(10, activation="softmax")]
    two = [layers.MaxPooling2D((2, 3)), layers.Flatten(), layers.Dense(7, activation="relu"), layers.Dense(10)]
    for chain in (one, two):
        model, rng = keras.Sequential([start, *chain]), np.random.default_rng(0)
        model.set_weights(
            [rng.uniform(0.2, 1.0, array.shape) * rng.choice([-1, 1], array.shape[-1:]) for array in model.get_weights()]
        )
        for layer in model.layers:
            if isinstance(layer, layers.BatchNormalization):
                layer.set_weights([np.abs(array) for array in layer.get_weights()])
        yield model


@pytest.mark.slow
def test_network_answers_as_keras_does(open_page, keras, tmp_path):
    """20 digits: the committed network's layers, rebuilt in Keras, and two networks with every other option."""
    page, (x, _) = open_page(), digits(20)
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    pairs = [(rebuilt(keras, committed), committed)]
    for model in networks(keras):
        export_network(model, tmp_path / "network.json")
        pairs.append((model, json.loads((tmp_path / "network.json").read_text())))
    for model, network in pairs:
        kept = [layer.output for layer in model.layers if not isinstance(layer, keras.layers.Dropout)]
        every = keras.Model(model.inputs[0], kept)
        wanted = [np.asarray(array) for array in every(x[..., None].astype("float32"))]
        shown = page.evaluate(RUN, [network, x.reshape(20, 784).tolist()])
        for n, result in enumerate(shown):
            assert len(result["outputs"]) == len(wanted)
            for output, array in zip(result["outputs"], wanted):
                assert np.abs(np.reshape(output["data"], array.shape[1:]) - array[n]).max() <= 1e-4
            logits = np.asarray(wanted[-1][n], float)
            shares = logits if network["layers"][-1]["activation"] == "softmax" else np.exp(logits) / np.exp(logits).sum()
            assert np.abs(np.array(result["shares"]) - shares).max() <= 1e-4


def numbers(text):
    """What `packed` wrote."""
    return np.frombuffer(base64.b64decode(text), "<f4")


def rebuilt(keras, network):
    """The committed network in Keras, from its file alone."""
    layers, chain, weights, depth = keras.layers, [keras.Input((28, 28, 1))], [], 1
    for layer in network["layers"]:
        if layer["type"] == "Conv2D":
            chain.append(layers.Conv2D(layer["shape"][2], layer["size"]))
            weights += [numbers(layer["kernel"]).reshape(*layer["size"], depth, -1), numbers(layer["bias"])]
        elif layer["type"] == "BatchNormalization":
            chain.append(layers.BatchNormalization(epsilon=0))
            scale, offset = numbers(layer["scale"]), numbers(layer["offset"])
            weights += [scale, offset, np.zeros_like(scale), np.ones_like(scale)]
        elif layer["type"] == "Dense":
            chain.append(layers.Dense(layer["shape"][0]))
            weights += [numbers(layer["kernel"]).reshape(depth, -1), numbers(layer["bias"])]
        else:
            options = {"MaxPooling2D": (layer.get("size"), layer.get("strides"))}.get(layer["type"], ())
            chain.append(getattr(layers, layer["type"])(*options))
        depth = layer["shape"][-1]
    model = keras.Sequential(chain)
    model.set_weights(weights)
    return model


@pytest.mark.slow
def test_network_refuses_what_the_page_cannot_compute(keras, tmp_path):
    """A layer or an option that the script does not know is an error that names it."""
    layers, start = keras.layers, keras.Input((28, 28, 1))
    wrong = {
        "Received: AveragePooling2D": [layers.AveragePooling2D(2)],
        "Received: tanh": [layers.Conv2D(2, 3, activation="tanh")],
        r"Received: \(2, 2\), 1": [layers.Conv2D(2, 3, dilation_rate=2)],
        r"must be max\(0, x\)": [layers.ReLU(max_value=6.0)],
    }
    for message, chain in wrong.items():
        with pytest.raises(ValueError, match=message):
            model = keras.Sequential([start, *chain, layers.Flatten(), layers.Dense(10)])
            export_network(model, tmp_path / "network.json")
    with pytest.raises(ValueError, match=r"\(N, 28, 28, 1\) to \(N, 10\). Received: .*\(None, 5\)"):
        export_network(keras.Sequential([start, layers.Flatten(), layers.Dense(5)]), tmp_path / "network.json")


def test_weights_are_packed_as_32_bit_floats():
    """By hand: 1 is 0x3f800000, its smallest byte first."""
    assert packed([1.0]) == "AACAPw=="


@pytest.mark.slow
def test_network_reads_drawn_digits(open_page):
    """A stroke with the pointer is read as 1, by keyboard too; the sentence, the bars and the numbers agree; Clear clears."""
    page = open_page()
    cells = page.get_by_role("grid", name="Draw a digit").get_by_role("gridcell")
    says = page.locator(".ce-says")
    assert says.inner_text().startswith("Draw a digit")
    cells.nth(6 * 28 + 14).hover()
    page.mouse.down()
    cells.nth(21 * 28 + 13).hover()
    page.mouse.up()
    shares = [
        float(share) for share in page.locator(".dn-answer span[data-value]").evaluate_all("e => e.map(s => s.dataset.value)")
    ]
    assert np.argmax(shares) == 1 and abs(sum(shares) - 1) < 1e-9
    assert says.inner_text().startswith(f"The network reads a 1, with a probability of {100 * shares[1]:.1f} %.")
    page.get_by_role("button", name="Clear").click()
    assert says.inner_text().startswith("Draw a digit")
    cells.nth(5 * 28 + 14).focus()
    for _ in range(17):
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    assert says.inner_text().startswith("The network reads a 1")
    assert page.problems == []


@pytest.mark.slow
def test_network_reads_the_test_digits(open_page):
    """The ten test digits that come with it are read as what they are, though the page centres and scales them again."""
    page = open_page()
    for digit in range(10):
        page.locator("select").select_option(str(digit))
        assert page.locator(".ce-says").inner_text().startswith(f"The network reads a {digit}")


@pytest.mark.slow
def test_a_drawing_is_made_like_mnist(open_page):
    """Digits of MNIST stay where they are; a small one in a corner becomes the same as a large one in the middle."""
    page, (x, _) = open_page(), digits(20)
    normalised = "images => images.map(customElements.get('digit-network').normalised)"
    same = np.array(page.evaluate(normalised, x.reshape(20, 784).tolist())).reshape(20, 28, 28)
    assert np.abs(same - x).mean() < 0.035
    plane = np.zeros((2, 28, 28))
    plane[0, 2:12, 3:6] = 1  # 10 × 3 pixels
    plane[1, 4:24, 11:17] = 1  # 20 × 6 pixels
    small, large = np.array(page.evaluate(normalised, plane.reshape(2, 784).tolist())).reshape(2, 28, 28)
    rows, columns = np.indices((28, 28))
    for image in (small, large):
        centre = (image * rows).sum() / image.sum(), (image * columns).sum() / image.sum()
        assert np.allclose(centre, 14, atol=0.05)
    assert np.abs(small - large).mean() < 0.02


@pytest.mark.slow
@pytest.mark.parametrize(("width", "theme"), [(1200, "dark"), (390, "light")])
def test_network_has_no_axe_finding(open_page, npm_package, width, theme):
    """No rule of axe finds anything, and every map has words."""
    page = open_page(width, theme)
    page.locator("select").select_option("3")
    page.add_script_tag(path=str(npm_package("axe-core", "4.14.1") / "axe.min.js"))
    found = page.evaluate("axe.run(document, {rules: {'target-size': {enabled: true}}})")
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    labels = page.locator("canvas").evaluate_all("maps => maps.map(map => map.ariaLabel)")
    assert len(labels) == 8 + 8 + 16 + 16 + 32 and all("numbers from" in label for label in labels)
    assert page.problems == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [1200, 700, 390, 320])
def test_network_takes_the_place_that_was_kept_for_it(open_page, width):
    """The page does not move when the script begins, and never scrolls sideways."""
    place_of_next = "document.getElementById('after').getBoundingClientRect().y + scrollY"
    before = open_page(width, java_script_enabled=False).evaluate(place_of_next)
    page = open_page(width)
    page.locator("select").select_option("8")
    assert abs(page.evaluate(place_of_next) - before) < 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
