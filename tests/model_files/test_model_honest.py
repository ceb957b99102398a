"""Honest models: each comes out of its file as it was, and a student learns of one that would not."""

import importlib
import inspect
import json
import time

import model_attacks
import numpy as np
import pytest

from convbook.autograder.sample_class import answer_source
from convbook.check.models import must_cross, watched
from convbook.check.run import look_at
from convbook.course.cells import reference_answer
from convbook.course.misconceptions import load_module
from convbook.course.notebooks import read_notebook
from convbook.course.settings import ROOT
from convbook.model_files.archive import WEIGHTS, ModelError, check_model_file, cleaned_model_file, unpacked
from convbook.model_files.config import clean_model
from convbook.model_files.names import LAYERS, OPERATIONS
from convbook.model_files.weights import check_weights_file


def saved(model, folder):
    """The content of a model's file."""
    model.save(folder / "saved.keras")
    return (folder / "saved.keras").read_bytes()


def loaded(content, folder, keras):
    """The model of a file, after all checks."""
    (folder / "weights.h5").write_bytes(unpacked(content)[WEIGHTS])
    check_weights_file(folder / "weights.h5")
    (folder / "cleaned.keras").write_bytes(cleaned_model_file(content))
    return keras.saving.load_model(folder / "cleaned.keras")


def must_cross_whole(model, folder, keras):
    """A model comes out of its file as it was: the same shapes, and the same results for the same images."""
    again = loaded(saved(model, folder), folder, keras)
    rng = np.random.default_rng(0)
    images = [rng.random((2, *[size or 5 for size in tensor.shape[1:]]), "float32") for tensor in model.inputs]
    given = images if len(images) > 1 else images[0]
    results = [keras.tree.flatten(one(given, training=False)) for one in (model, again)]
    pairs = zip(*results, strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]


def block(layers, x, filters, strides=1):
    """A residual block with batch normalization, as chapter 10 builds it."""
    y = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)(x)
    y = layers.Activation("relu")(layers.BatchNormalization()(y))
    y = layers.BatchNormalization(gamma_initializer="zeros")(layers.Conv2D(filters, 3, padding="same", use_bias=False)(y))
    return layers.ReLU()(y + (x if strides == 1 else layers.Conv2D(filters, 1, strides)(x)))


def le_net(keras):
    """Convolution and pooling, in a row; trained for a step."""
    layers = keras.layers
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(6, 5, activation="tanh"), layers.AveragePooling2D(2)])
    model.add(layers.Conv2D(16, 5, activation=keras.activations.relu))
    for layer in (layers.MaxPooling2D(2), layers.Flatten(), layers.Dropout(0.5, seed=1), layers.Dense(10, "softmax")):
        model.add(layer)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    model.fit(np.ones((4, 28, 28, 1)), np.arange(4), verbose=0)
    return model


def residual(keras):
    """Residual blocks, and sums written with +."""
    x = inputs = keras.Input((16, 16, 4))
    for strides in (1, 2):
        x = block(keras.layers, x, 4 * strides, strides)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x))


def excite(keras):
    """Squeeze and excite."""
    inputs = keras.Input((8, 8, 6))
    z = keras.layers.GlobalAveragePooling2D(keepdims=True)(inputs)
    z = keras.layers.Dense(2, "relu", kernel_regularizer=keras.regularizers.L2(1e-4))(z)
    return keras.Model(inputs, keras.layers.Multiply()([inputs, keras.layers.Dense(6, "sigmoid")(z)]))


def mobile(keras):
    """Inverted residual blocks of separable convolutions."""
    layers, inputs = keras.layers, keras.Input((16, 16, 3))
    x = layers.SeparableConv2D(8, 3, padding="same", activation="relu6")(inputs)
    y = layers.DepthwiseConv2D(3, padding="same", depthwise_constraint="max_norm")(layers.Conv2D(24, 1)(x))
    y = layers.Conv2D(8, 1)(layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.9)(y)))
    return keras.Model(inputs, layers.Add()([x, y]))


def augmented(keras):
    """All layers of chapter 9 that change images."""
    layers = keras.layers
    adapted = layers.Normalization()
    adapted.adapt(np.random.default_rng(0).random((4, 16, 16, 3)))
    steps = [layers.Rescaling(1 / 255), adapted, layers.Normalization(mean=[0.5, 0.4, 0.3], variance=[1.0, 2.0, 3.0])]
    steps += [layers.RandomFlip("horizontal", seed=1), layers.RandomRotation(0.1, fill_mode="nearest")]
    steps += [layers.RandomTranslation(0.1, 0.1), layers.RandomZoom((-0.1, 0.1)), layers.RandomContrast(0.2)]
    steps += [layers.RandomBrightness(0.1), layers.RandomCrop(12, 12), layers.CenterCrop(10, 10), layers.Resizing(8, 8)]
    steps += [layers.GaussianNoise(0.1), layers.SpatialDropout2D(0.1), layers.RandomErasing(), layers.Conv2D(2, 3)]
    return keras.Sequential([keras.Input((16, 16, 3)), *steps])


def two_inputs(keras):
    """Two images, one network for both, and the difference of its answers."""
    one, other = keras.Input((8, 8, 1), name="one"), keras.Input((8, 8, 1), name="other")
    shared = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(3, 3), keras.layers.GlobalMaxPooling2D()])
    return keras.Model([one, other], keras.ops.sqrt(keras.ops.sum((shared(one) - shared(other)) ** 2, axis=-1) + 1e-6))


def named_results(keras):
    """Two results in a dictionary."""
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(3, 3)(inputs)
    return keras.Model(inputs, {"map": x, "mean": keras.ops.mean(x, axis=(1, 2))})


def arithmetic(keras):
    """Operations on tensors, slices among them."""
    inputs, ops = keras.Input((8, 8, 4)), keras.ops
    x = ops.pad(inputs[:, ::2, ::2, :3], [[0, 0], [0, 0], [0, 0], [0, 1]]) * 2 - 1
    x = ops.concatenate([x, -x / 3, ops.maximum(x, 0.5), 1 - x], axis=-1)
    x = ops.transpose(ops.relu(x) ** 2, (0, 3, 1, 2))[..., 0]
    return keras.Model(inputs, ops.softmax(ops.reshape(ops.clip(x, 0, 1), (-1, 64))))


def mixed(keras):
    """Layers that compute in short numbers, and one that does not."""
    layers, inputs = keras.layers, keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, dtype="mixed_float16")(inputs)
    x = layers.Conv2D(4, 3, dtype=keras.DTypePolicy("mixed_bfloat16"))(layers.BatchNormalization(dtype="float32")(x))
    return keras.Model(inputs, layers.Dense(2, dtype="float32")(layers.Flatten()(x)))


def inception(keras):
    """Branches that are put side by side, with activations that are layers."""
    layers, inputs = keras.layers, keras.Input((8, 8, 3))
    paths = [layers.Conv2D(2, size, padding="same", activation=layers.LeakyReLU(0.1))(inputs) for size in (1, 3, 5)]
    paths.append(layers.PReLU(shared_axes=[1, 2])(layers.MaxPooling2D(3, 1, padding="same")(inputs)))
    return keras.Model(inputs, layers.LayerNormalization()(layers.Concatenate()(paths)))


def nested(keras):
    """A frozen network in a network, as in chapter 12."""
    base, inputs = residual(keras), keras.Input((16, 16, 4))
    base.trainable = False
    return keras.Model(inputs, keras.layers.Dense(3)(base(inputs, training=False)))


def auto_encoder(keras):
    """Down and up again."""
    layers = keras.layers
    steps = [layers.Conv2D(4, 3, 2, "same"), layers.ZeroPadding2D(1), layers.Cropping2D(1), layers.UpSampling2D(2)]
    steps += [layers.Conv2DTranspose(2, 3, 2, "same"), layers.Reshape((16, 32, 2)), layers.Permute((2, 1, 3))]
    return keras.Sequential([keras.Input((8, 16, 1)), *steps])


def sequence(keras):
    """Attention and recurrent layers."""
    layers, inputs = keras.layers, keras.Input((5, 8))
    x = layers.MultiHeadAttention(2, 3)(inputs, inputs, use_causal_mask=True)
    x = layers.TimeDistributed(layers.Dense(4))(layers.Attention()([x, inputs]))
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    return keras.Model(inputs, layers.RNN(layers.SimpleRNNCell(2))(layers.GRU(3, return_sequences=True)(x)))


def late(keras):
    """A network that learns its input's shape from the first images."""
    model = keras.Sequential([keras.layers.Conv2D(2, 3), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.build((None, 8, 8, 1))
    return model


def words(keras):
    """Whole numbers that are looked up in a long table, and a convolution over them."""
    layers = keras.layers
    return keras.Sequential([keras.Input((700,)), layers.Embedding(5000, 80), layers.Conv1D(3, 3, padding="causal")])


HONEST = [le_net, residual, excite, mobile, augmented, two_inputs, named_results, arithmetic, mixed, inception, nested]
HONEST += [auto_encoder, sequence, late, words]


@pytest.mark.parametrize("build", HONEST, ids=lambda build: build.__name__)
def test_honest_model_is_the_same_after_its_file(build, keras, tmp_path):
    """A model of Keras' own layers is let through, and gives what it gave before."""
    must_cross_whole(build(keras), tmp_path, keras)


# ---- every name on the list

NEEDED = {
    "filters": 2,
    "kernel_size": 3,
    "pool_size": 2,
    "units": 2,
    "rate": 0.1,
    "stddev": 0.1,
    "output_size": 2,
    "height": 4,
}
NEEDED |= {
    "width": 4,
    "num_tokens": 3,
    "input_dim": 3,
    "output_dim": 2,
    "target_shape": (-1,),
    "dims": (1,),
    "n": 2,
    "axes": 1,
}
NEEDED |= {
    "num_heads": 2,
    "key_dim": 2,
    "head_dim": 2,
    "num_query_heads": 2,
    "num_key_value_heads": 1,
    "scale": 0.5,
    "factor": 0.5,
}
NEEDED |= {"activation": "relu", "value_range": (0, 255), "height_factor": 0.1, "width_factor": 0.1, "shape": (4,)}


def made(kind, keras):
    """A layer of a class, with the settings that it cannot do without."""
    inner = {
        "layer": keras.layers.LSTM(2) if kind == "Bidirectional" else keras.layers.Dense(2),
        "cell": keras.layers.GRUCell(2),
    }
    given = NEEDED | inner | {"factor": 5 if kind == "RandomPosterization" else 0.5}
    wanted = inspect.signature(getattr(keras.layers, kind).__init__).parameters.values()
    needed = [one.name for one in wanted if one.default is one.empty and one.name in given]
    needed += {"InputLayer": ["shape"], "CategoryEncoding": ["num_tokens"]}.get(kind, [])
    return getattr(keras.layers, kind)(**{name: given[name] for name in needed})


@pytest.mark.parametrize("kind", sorted(LAYERS))
def test_layer_on_the_list_keeps_its_settings(kind, keras):
    """Each layer that is allowed comes out of the walk with all settings that Keras writes."""
    layer = made(kind, keras)
    written = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
    [clean] = clean_model(model_attacks.sequential(written))["config"]["layers"]
    again = keras.saving.deserialize_keras_object(clean)
    assert type(again) is type(layer)
    assert json.loads(json.dumps(keras.saving.serialize_keras_object(again))) == written


def test_operations_on_the_list_are_of_keras(keras):
    """Each operation that is allowed is a class of Keras that works on tensors, and none of them takes a function."""
    for module, names in OPERATIONS.items():
        for name in names:
            kind = vars(importlib.import_module(module))[name]
            assert issubclass(kind, keras.Operation)
            assert not {"function", "fn", "f", "body", "cond", "call_fn"} & set(inspect.signature(kind.__init__).parameters)


# ---- answers to the assignments

MODEL_QUESTIONS = {
    "08_cnn_in_keras": ["same_class_network", "trained_network"],
    "10_architectures": ["inverted_residual", "network_in_budget"],
    "11_inside_a_cnn": ["class_map_network"],
    "12_transfer_learning": ["ready_to_fine_tune", "transfer"],
}
QUESTIONS = [
    pytest.param(name, function, marks=pytest.mark.slow if function in ("trained_network", "network_in_budget") else ())
    for name, functions in MODEL_QUESTIONS.items()
    for function in functions
]


def question_of(name, function):
    """The table of an assignment's checks, and the question for a function."""
    table = json.loads((ROOT / "convbook" / "check" / "tables" / f"{name}.json").read_text(encoding="utf-8"))
    return table, next(one for one in table["questions"] if one["function"] == function)


def answer_of(name, function, kind):
    """The text of an answer: the instructor's, or a right one that is written in another way."""
    if kind == "reference":
        return reference_answer(read_notebook(ROOT / "solutions" / name / f"{name}.ipynb"), function)
    return answer_source(function, load_module(ROOT / "tests" / "answers" / f"{name}.py")[kind][function])


def defined_among_tools(name, function, source):
    """An answer as a student has it: defined behind the cells that are given."""
    names = {"__name__": "__main__"}
    exec(question_of(name, function)[0]["tools"], names)
    exec(source, names)
    return names[function]


@pytest.mark.parametrize("kind", ["reference", "VECTORISED"])
@pytest.mark.parametrize("name, function", QUESTIONS)
def test_right_answers_are_the_same_after_their_files(name, function, kind, keras, tmp_path):
    """The networks that right answers to the assignments are, as their visible tests ask for them."""
    answer = defined_among_tools(name, function, answer_of(name, function, kind))
    models = []
    names = answer.__globals__ | {function: watched(answer, models)}
    exec(question_of(name, function)[1]["test"], names)
    assert models
    for model in models:
        must_cross_whole(model, tmp_path, keras)


# ---- the student learns of it while solving

OWN_LAYER = """
class Double(keras.layers.Layer):
    def call(self, x):
        return 2 * x
"""
HALVES = {
    "a Double named": "Double()",
    "a Lambda named": "keras.layers.Lambda(lambda x: 2 * x)",
}


def with_layer(layer):
    """The solution of assignment 10 with a layer more in it, that does nothing together with its counterpart."""
    source = answer_of("10_architectures", "inverted_residual", "reference")
    assert source.count("inputs = keras.Input(shape)") == 1
    extra = f"inputs = keras.Input(shape)\n    keras_input = inputs\n    halved = keras.layers.Rescaling(0.5)({layer}(inputs))"
    source = source.replace("inputs = keras.Input(shape)", extra)
    source = source.replace("**options)(inputs)", "**options)(halved)").replace(
        "keras.Model(inputs", "keras.Model(keras_input"
    )
    return OWN_LAYER + source


@pytest.mark.parametrize("sentence, layer", HALVES.items())
def test_visible_test_names_a_layer_that_cannot_be_graded(sentence, layer, keras):
    """A right network with a Lambda or an own layer stops in the visible test, with a sentence that names the layer."""
    answer = defined_among_tools("10_architectures", "inverted_residual", with_layer(layer))
    table, question = question_of("10_architectures", "inverted_residual")
    seen = look_at("10_architectures", table, question, answer)
    assert "must be made of Keras' own layers" in seen.failure and sentence in seen.failure


@pytest.mark.parametrize("layer", HALVES.values())
def test_check_sees_what_the_grader_would(layer, keras):
    """Also where no visible test looks at layers, check gives the grader's sentence."""
    answer = defined_among_tools("10_architectures", "inverted_residual", with_layer(layer))
    table, question = question_of("10_architectures", "inverted_residual")
    seen = look_at("10_architectures", table, question | {"test": "inverted_residual((8, 8, 4), 4, 3, 1)"}, answer)
    assert seen.failure.startswith("A model must be made of Keras' own layers, so that its file can be loaded safely.")


def test_model_that_cannot_be_saved_is_said_in_a_sentence(keras):
    """A layer whose settings cannot be written down is no error of check."""

    class Broken(keras.layers.Layer):
        def get_config(self):
            raise RuntimeError("no settings")

    with pytest.raises(ModelError, match=r"so that it can be saved\. Received: no settings"):
        must_cross([keras.Sequential([keras.Input((3,)), Broken()])])


def test_check_takes_few_milliseconds(keras, tmp_path):
    """Looking at a file of megabytes takes a hundredth of what loading it does."""
    layers = keras.layers
    model = keras.Sequential([keras.Input((512,)), *[layers.Dense(512) for _ in range(5)]])
    content = saved(model, tmp_path)
    begin = time.perf_counter()
    check_model_file(content)
    assert len(content) > 5e6 and time.perf_counter() - begin < 0.2
