"""A model's file from a stranger: harm is refused, honest models are the same after it, and nothing else happens."""

import json
import os
import random
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import model_attacks
import pytest

from convbook.course.settings import ROOT
from convbook.model_files.archive import CONFIG, WEIGHTS, ModelError, check_model_file, cleaned_model_file, unpacked
from convbook.model_files.weights import check_weights_file

FUZZER = Path(__file__).with_name("model_fuzzer.py")
ATTACKS = [pytest.param(make, id=name) for name, make in model_attacks.model_attacks()]
WEIGHT_ATTACKS = [pytest.param(make, id=name) for name, make in model_attacks.WEIGHTS.items()]
SENTENCE = r"(The|A|An|In|What) [^\n]+ must [^\n]+\. Received: [^\n]+\."


@pytest.mark.parametrize("make", ATTACKS)
def test_attack_is_refused_in_one_sentence(make):
    """Every file that could do harm is refused, with a sentence that says what must hold and what was received."""
    with pytest.raises(ModelError) as refusal:
        check_model_file(make())
    assert re.fullmatch(SENTENCE, str(refusal.value)) and len(str(refusal.value)) < 400


@pytest.mark.parametrize("make", WEIGHT_ATTACKS)
def test_attack_in_weights_is_refused(make, tmp_path):
    """Weights that are more than arrays of numbers in their own file are refused."""
    path = make(tmp_path)
    with pytest.raises(ModelError, match=SENTENCE):
        check_weights_file(path)


def test_model_of_the_attacks_is_honest_without_them(tmp_path):
    """The model that the attacks change is let through as it is: each is refused for its one fault."""
    check_model_file(model_attacks.archive(model_attacks.honest()))
    (tmp_path / "weights.h5").write_bytes(model_attacks.weights())
    check_weights_file(tmp_path / "weights.h5")
    check_model_file(model_attacks.archive(model_attacks.honest(), method=zipfile.ZIP_DEFLATED))


def test_lambda_is_named_in_the_refusal():
    """The sentence for a student names the layer that is none of Keras' own."""
    layer = model_attacks.described("keras.layers", "Lambda", {"name": "lambda_3", "function": model_attacks.LAMBDA})
    with pytest.raises(ModelError) as refusal:
        check_model_file(model_attacks.archive(model_attacks.sequential(layer)))
    assert str(refusal.value) == (
        "A model must be made of Keras' own layers, so that its file can be loaded safely. "
        "Received: a Lambda layer named 'lambda_3'."
    )


def test_swelling_file_takes_no_memory():
    """A file that unpacks to 2 GiB is refused before it is unpacked."""
    content, begin = model_attacks.swelling(2**28, "config.json", announced=1000), time.perf_counter()
    with pytest.raises(ModelError):
        check_model_file(content)
    assert time.perf_counter() - begin < 0.1


def test_cleaned_file_is_written_anew():
    """What is loaded has no compile part, no build part, no registered name, and the weights as they were."""
    model = model_attacks.honest() | {"compile_config": {"loss": model_attacks.function("keras.utils", "get_file")}}
    content = model_attacks.archive(model | {"build_config": {"input_shape": "x"}, "registered_name": "Functional"})
    cleaned = unpacked(cleaned_model_file(content))
    assert not {"compile_config", "build_config"} & set(json.loads(cleaned[CONFIG]))
    assert b"get_file" not in cleaned[CONFIG] and b'"registered_name": "' not in cleaned[CONFIG]
    assert cleaned[WEIGHTS] == unpacked(content)[WEIGHTS]
    assert cleaned_model_file(cleaned_model_file(content)) == cleaned_model_file(content)


# ---- files that are broken anywhere

ODD = [
    None,
    True,
    -1,
    1e308,
    2**70,
    "",
    "x",
    [],
    {},
    [[]],
    {"class_name": "x"},
    {"class_name": [], "config": {}},
    {"a": {"b": []}},
]


def places(value, path=()):
    """The ways to all parts of a JSON value."""
    yield path
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(part, (*path, key))


def replaced(value, path, other):
    """A copy in which a part is another."""
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], other)
    return copy


def passes(content):
    """Whether a file is let through; whatever else than a refusal happens is an error of ours."""
    try:
        return cleaned_model_file(content)
    except ModelError:
        return None


def test_odd_values_anywhere_are_refused_or_plain():
    """Whatever stands in any place of a description: it is refused, or what is left is let through a second time unchanged."""
    model, store = model_attacks.honest(), model_attacks.weights()
    for path in places(model):
        for other in ODD:
            cleaned = passes(model_attacks.archive(replaced(model, path, other), store))
            assert cleaned is None or passes(cleaned) == cleaned, (path, other)


def test_changed_bytes_are_refused_or_plain():
    """A byte that is changed anywhere ends in a refusal, or in a file that is let through again."""
    content, rng = model_attacks.archive(model_attacks.honest(), method=zipfile.ZIP_DEFLATED), random.Random(0)
    for _ in range(3000):
        changed = bytearray(content)
        changed[rng.randrange(len(changed))] = rng.randrange(256)
        cleaned = passes(bytes(changed))
        assert cleaned is None or passes(cleaned) == cleaned


# ---- the fuzzer


def fuzzed(folder, *arguments):
    """What the fuzzer found, in a process in which TensorFlow has not run before."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_HOME": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, FUZZER, *map(str, arguments)]
    done = subprocess.run(command, env=os.environ | quiet, capture_output=True, text=True, cwd=folder, timeout=300, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_names_in_all_places_have_no_effect(tmp_path):
    """Of names that Keras can look up, in the places where a name can stand, none does anything when the file is loaded."""
    seed = int(time.time())
    found = fuzzed(tmp_path, 3000, seed)
    assert found["effects"] == [], f"seed {seed}"
    assert found["names"] > 1100 and found["places"] >= 50
    assert found["refused"] > 1000 and found["models"] > 10


def test_fuzzer_sees_a_hole(tmp_path):
    """Loaded as it is, a file that makes Keras fetch data has an effect, which the fuzzer sees."""
    assert any("mkdir" in effect for effect in fuzzed(tmp_path, "hole")["effects"])
