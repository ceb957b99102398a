"""Saliency, occlusion and Grad-CAM on networks whose answer is known without computing a gradient."""

import numpy as np
import pytest

from convbook.inside import grad_cam, input_gradient, occlusion_map, saliency

PLUS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.float32)
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], np.float32)


@pytest.fixture(scope="module")
def linear(keras):
    """score[k] = sum_ijc image[i, j, c] w[i, j, c, k] for images (2, 3, 2) and two classes."""
    model = keras.Sequential([keras.Input((2, 3, 2)), keras.layers.Flatten(), keras.layers.Dense(2, use_bias=False)])
    w = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2) - 10
    model.layers[-1].set_weights([w.reshape(12, 2)])
    return model, w


def averaging(keras, w, head):
    """Scores: the maps relu(conv(image, w)), called "maps", their means, and a dense layer `head` (C, K)."""
    layers = [
        keras.Input((None, None, w.shape[2])),
        keras.layers.Conv2D(w.shape[3], w.shape[0], padding="same", activation="relu", use_bias=False, name="maps"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(head.shape[1], use_bias=False),
    ]
    model = keras.Sequential(layers)
    model.set_weights([w, head])
    return model


@pytest.fixture(scope="module")
def shapes(keras):
    """A network that answers with 1 for each whole plus (class 0) and each whole cross (class 1)."""
    w = np.stack([PLUS, CROSS], axis=-1)[:, :, None]  # (3, 3, 1, 2)
    model = averaging(keras, w, np.eye(2, dtype=np.float32))
    return model


def test_saliency_of_a_linear_network_is_its_weights(linear):
    """The gradient of a sum of products is the weights, whatever the image; the larger channel counts."""
    model, w = linear
    for image in (np.zeros((2, 3, 2)), np.ones((2, 3, 2))):
        assert np.array_equal(input_gradient(model, image, 1), w[..., 1])
        assert np.array_equal(saliency(model, image, 1), np.abs(w[..., 1]).max(axis=-1))


def test_occlusion_of_a_linear_network_is_weight_times_input(linear):
    """Setting one pixel to 0 takes away exactly its products."""
    model, w = linear
    image = np.random.default_rng(0).normal(size=(2, 3, 2)).astype(np.float32)
    drop = occlusion_map(model, image, 0, patch_size=1, batch_size=4)
    np.testing.assert_allclose(drop, (image * w[..., 0]).sum(axis=-1), atol=1e-5)


def test_occlusion_by_hand(linear):
    """Patches of 2 × 2 that move by one pixel, filled with one number a channel."""
    model, w = linear
    image = np.ones((2, 3, 2), np.float32)
    drop = occlusion_map(model, image, 1, patch_size=2, strides=1, fill=(1.0, 3.0))
    expected = [[-2 * w[:, j : j + 2, 1, 1].sum() for j in (0, 1)]]  # channel 0 stays, channel 1 grows by 2
    np.testing.assert_allclose(drop, expected, atol=1e-5)
    assert np.array_equal(image, np.ones((2, 3, 2)))


def test_grad_cam_by_hand(keras):
    """Maps that are the image's two channels, class score 2 mean(A0) - mean(A1): the map is max(0, 2 A0 - A1) / 4."""
    w = np.eye(2, dtype=np.float32).reshape(1, 1, 2, 2)
    model = averaging(keras, w, np.array([[0, 2], [1, -1]], np.float32))
    a0, a1 = np.array([[3, 0], [1, 2]]), np.array([[1, 4], [2, 2]])
    image = np.stack([a0, a1], axis=-1)
    assert np.array_equal(grad_cam(model, image, "maps", 1), [[1.25, 0], [0, 0.5]])
    assert np.array_equal(grad_cam(model, image, "maps", 0), a1 / 4)


def test_grad_cam_peaks_at_a_pasted_shape(shapes):
    """A plus and a cross on a large canvas: the map of each class is largest in the middle of its own shape."""
    canvas = np.zeros((20, 30, 1), np.float32)
    canvas[4:7, 3:6, 0], canvas[11:14, 22:25, 0] = PLUS, CROSS
    for class_index, middle in [(0, (5, 4)), (1, (12, 23))]:
        heat = grad_cam(shapes, canvas, "maps", class_index)
        assert heat.shape == (20, 30)
        assert np.unravel_index(heat.argmax(), heat.shape) == middle
        assert (heat == heat.max()).sum() == 1


def test_grad_cam_of_a_model_that_was_saved(keras, shapes, tmp_path):
    """A model that was read from a file, layer by layer, has the same map, and so has a Functional one."""
    image = np.random.default_rng(0).uniform(0, 1, (6, 7, 1)).astype(np.float32)
    expected = grad_cam(shapes, image, "maps", 0)
    shapes.save(tmp_path / "shapes.keras")
    functional = keras.Model(shapes.inputs[0], shapes.outputs[0])
    for model in (keras.models.load_model(tmp_path / "shapes.keras"), functional):
        np.testing.assert_allclose(grad_cam(model, image, "maps", 0), expected, rtol=1e-5)
    assert expected.max() > 0


def test_grad_cam_adds_up_to_the_score(keras):
    """Behind global average pooling and a dense layer without bias, positive maps add up to the logit."""
    rng = np.random.default_rng(0)
    w, head = rng.uniform(0, 1, (3, 3, 1, 4)).astype(np.float32), rng.uniform(0, 1, (4, 3)).astype(np.float32)
    model, image = averaging(keras, w, head), rng.uniform(0, 1, (9, 8, 1)).astype(np.float32)
    logits = np.asarray(model(image[None]))[0]
    sums = [grad_cam(model, image, "maps", k).sum() for k in range(3)]
    np.testing.assert_allclose(sums, logits, rtol=1e-5)


def test_errors_say_what_must_hold(linear, shapes):
    """A batch in place of an image, a class or a layer that is not there, a patch that does not fit."""
    model, _ = linear
    image = np.zeros((2, 3, 2))
    with pytest.raises(ValueError, match=r"one image \(H, W, C\). Received: shape \(1, 2, 3, 2\)"):
        saliency(model, image[None], 0)
    with pytest.raises(ValueError, match=r"below K. Received: .*class_index=2"):
        saliency(model, image, 2)
    with pytest.raises(ValueError, match="class_index must be an integer of at least 0"):
        grad_cam(shapes, np.zeros((5, 5, 1)), "maps", -1)
    with pytest.raises(ValueError, match=r"one of \['maps'\]. Received: layer_name='conv'"):
        grad_cam(shapes, np.zeros((5, 5, 1)), "conv", 0)
    with pytest.raises(ValueError, match="must fit into the image"):
        occlusion_map(model, image, 0, patch_size=3)
