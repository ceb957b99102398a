"""Models of students: loaded where there is nothing to lose, asked as if they were here; what they do there stays there."""

import contextlib
import os
import time

import numpy as np
import pytest
from model_attacks import model_attacks

from convbook.autograder.crossing.tensors import Tensor
from convbook.autograder.wall import models
from convbook.autograder.wall.models import ModelLate, ModelProcess
from convbook.autograder.wall.sandbox import Sandbox, Settings
from convbook.autograder.worker import for_models
from convbook.course.settings import ROOT
from convbook.model_files.archive import ModelError
from convbook.model_files.saved import saved_model

SETTINGS = Settings(warm=("numpy", "keras"), memory=2 * 2**30, seconds=60)


@pytest.fixture(scope="module")
def sandbox(need_sandbox, keras):
    """The sandbox for models."""
    made = Sandbox(for_models(SETTINGS))
    yield made
    made.close()


@pytest.fixture
def process(sandbox):
    """A process for the models of one submission."""
    made = ModelProcess(sandbox, 30)
    yield made
    made.close()


def network(keras, *layers, shape=(8, 8, 1)):
    """A small model."""
    return keras.Sequential([keras.Input(shape), *(layers or [keras.layers.Flatten(), keras.layers.Dense(3)])])


def test_a_model_answers_as_it_would_here(process, keras):
    """Numbers, shapes, layers, weights and isinstance of a stand-in are those of the model."""
    here = network(keras, keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.GlobalMaxPooling2D())
    there = process.load(saved_model(here))
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 1)).astype("float32")
    assert isinstance(there, keras.Model) and isinstance(there.layers[0], keras.layers.Conv2D)
    assert there.count_params() == here.count_params() == 40
    assert [tuple(tensor.shape) for tensor in there.inputs] == [(None, 8, 8, 1)]
    y = there(x, training=False)
    assert isinstance(y, Tensor) and not isinstance(y, np.ndarray)
    np.testing.assert_allclose(y.numpy(), here(x).numpy(), atol=1e-6)
    np.testing.assert_allclose(there.predict(x, verbose=0), here(x).numpy(), atol=1e-6)
    there.set_weights([np.zeros(w.shape) for w in there.get_weights()])
    assert not np.any(keras.ops.convert_to_numpy(there(x)))


def test_a_model_can_be_handed_on(process, keras):
    """A model that came out of a student's function goes into another one as its file, with the weights that it has now."""
    there = process.load(saved_model(network(keras)))
    there.set_weights([np.ones(w.shape) for w in there.get_weights()])
    again = process.load(saved_model(there))
    assert all((w == 1).all() for w in again.get_weights())


@pytest.mark.parametrize("name", sorted(name for name, _ in model_attacks())[::12])
def test_without_the_list_an_attack_reaches_nothing(process, monkeypatch, name):
    """One wall taken away, the allow-list: what a hostile file does, it does where there is no file of ours."""
    monkeypatch.setattr(models, "cleaned_model_file", lambda content: content)
    before = {entry.name for entry in ROOT.iterdir()} | set(os.listdir("."))
    with contextlib.suppress(ModelError, ModelLate):
        process.load(dict(model_attacks())[name]())
    assert {entry.name for entry in ROOT.iterdir()} | set(os.listdir(".")) == before


def test_where_models_are_loaded_there_is_nothing(process, keras):
    """Seen from inside, as a file that has taken the process over would see it: no course, no network, no rights."""
    there = process.load(saved_model(network(keras)))
    inside = there.layers[-1].build.__globals__["__builtins__"]["__import__"]
    system = inside("os")
    for path in (ROOT / "solutions", ROOT / "tests", ROOT / "README.md", "/etc/passwd"):
        assert system.path.exists(str(path)) is False
    assert system.getuid() == 65534
    with pytest.raises(OSError):
        inside("socket").create_connection(("127.0.0.1", 22), 2)
    with pytest.raises(OSError):
        system.mkdir("/usr/planted")


def test_a_model_that_is_slow_ends_its_question_and_no_other(sandbox, keras):
    """The time limit ends the process of the models; a model that comes later is loaded in a new one."""
    process = ModelProcess(sandbox, 30)
    slow = network(keras, keras.layers.Conv2D(64, 15), keras.layers.Conv2D(64, 15), shape=(200, 200, 1))
    there = process.load(saved_model(slow))
    process.remote.seconds = 0.5
    start = time.monotonic()
    with pytest.raises(ModelLate):
        there(np.zeros((16, 200, 200, 1), "float32"))
    assert time.monotonic() - start < 20
    with pytest.raises(ModelError, match="within the limits of time and memory"):
        there.count_params()
    assert process.load(saved_model(network(keras))).count_params() == 195
    process.close()


def test_a_file_that_is_no_model_is_refused_in_words(process):
    """Anything else than a file of Keras' form is an error of the student's, in one sentence."""
    for content in (b"", b"PK", b"x" * 1000):
        with pytest.raises(ModelError, match=r"A model must .* Received: "):
            process.load(content)
