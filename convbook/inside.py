"""Maps that say on which pixels the score of a class depends. Chapter 11 builds each of them.

`model` is a Keras model (on TensorFlow) from images (N, H, W, C) to scores (N, K). The scores should be logits: after
softmax the score of one class depends on all the others. `image` is one image (H, W, C), scaled as the model expects.
"""

import numpy as np

from convbook.shapes import check_integers, pair


def saliency(model, image, class_index):
    """(H, W): max over c of |d score / d image[i, j, c]|, by how much the score changes with each pixel.

    Simonyan, Vedaldi and Zisserman, https://arxiv.org/abs/1312.6034.
    """
    return np.abs(input_gradient(model, image, class_index)).max(axis=-1)


def input_gradient(model, image, class_index):
    """(H, W, C): d score / d image[i, j, c]."""
    import tensorflow as tf

    x = tf.constant(check_image(image)[None])  # (1, H, W, C)
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = class_score(model(x, training=False), class_index)
    return tape.gradient(score, x).numpy()[0]


def occlusion_map(model, image, class_index, patch_size, strides=None, fill=0.0, batch_size=32):
    """(OH, OW): score of the image minus its score with one patch covered, for every place of the patch.

    The patch (PH, PW) takes the value `fill`, a number or one number a channel. It moves by `strides`
    (by default its own size) and starts at the top left corner; only whole patches are taken, so pixels
    at the lower and right border can stay uncovered. Zeiler and Fergus, https://arxiv.org/abs/1311.2901.
    """
    image = check_image(image)
    size = pair(patch_size, "patch_size")
    step = size if strides is None else pair(strides, "strides")
    if size[0] > image.shape[0] or size[1] > image.shape[1]:
        raise ValueError(f"The patch must fit into the image. Received: patch_size={size}, image of shape {image.shape}")
    rows, columns = (range(0, image.shape[axis] - size[axis] + 1, step[axis]) for axis in (0, 1))
    places = [(i, j) for i in rows for j in columns]
    scores = [float(class_score(model(image[None], training=False), class_index))]
    for first in range(0, len(places), batch_size):
        batch = np.stack([cover(image, place, size, fill) for place in places[first : first + batch_size]])
        scores.extend(np.asarray(model(batch, training=False), np.float32)[:, class_index])
    return (scores[0] - np.array(scores[1:])).reshape(len(rows), len(columns))


def cover(image, place, size, fill):
    """The image (H, W, C) with `fill` in the patch of this size whose top left pixel is `place`."""
    covered = image.copy()
    covered[place[0] : place[0] + size[0], place[1] : place[1] + size[1]] = fill
    return covered


def grad_cam(model, image, layer_name, class_index):
    """(H', W'): max(0, sum_c a[c] A[i, j, c]), where a[c] is the mean over i, j of d score / d A[i, j, c].

    A (H', W', C) are the feature maps of the layer called `layer_name`; the map has their size, not the image's.
    Selvaraju et al., https://arxiv.org/abs/1610.02391.
    """
    import tensorflow as tf

    inside = maps_and_scores(model, layer_name)
    with tf.GradientTape() as tape:
        maps, scores = inside(check_image(image)[None], training=False)  # (1, H', W', C), (1, K)
        score = class_score(scores, class_index)
    gradient = np.asarray(tape.gradient(score, maps), np.float32)  # (1, H', W', C)
    weights = gradient.mean(axis=(0, 1, 2))  # (C,)
    return np.maximum(np.asarray(maps, np.float32)[0] @ weights, 0)


def maps_and_scores(model, layer_name):
    """A model from images to two outputs: the feature maps of a layer, and the scores that are computed from them."""
    import keras

    names = [layer.name for layer in model.layers if len(layer.output.shape) == 4]
    if layer_name not in names:
        raise ValueError(f"layer_name must be one of {names}. Received: layer_name={layer_name!r}")
    if not isinstance(model, keras.Sequential):
        return keras.Model(model.inputs[0], [model.get_layer(layer_name).output, model.outputs[0]])
    # A Sequential that grew layer by layer was wired anew with each: its layers' outputs need not lead to its own.
    images = x = keras.Input(model.input_shape[1:])
    for layer in model.layers:
        x = layer(x)
        if layer.name == layer_name:
            maps = x
    return keras.Model(images, [maps, x])


def class_score(scores, class_index):
    """The score of one class, from scores (1, K)."""
    check_integers(0, class_index=class_index)
    if len(scores.shape) != 2 or class_index >= scores.shape[1]:
        raise ValueError(
            "The model must give scores (N, K), and class_index must be below K. "
            f"Received: scores of shape {tuple(scores.shape)}, class_index={class_index}"
        )
    return scores[0, int(class_index)]


def check_image(image):
    """One image as a float32 array (H, W, C)."""
    image = np.asarray(image)
    if image.ndim != 3 or 0 in image.shape or image.dtype.kind not in "biuf":
        raise ValueError(f"image must be one image (H, W, C). Received: shape {image.shape}, dtype {image.dtype}")
    return image.astype(np.float32)
