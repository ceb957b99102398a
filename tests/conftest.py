"""What every test starts from: no data folder, no display, one thread, the same examples each time."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

# Read when NumPy, TensorFlow and Matplotlib are first imported, hence before them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ["MPLBACKEND"] = "Agg"

import pytest
from hypothesis import settings

settings.register_profile("convbook", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("convbook")

collect_ignore = ["pretrained/data"]  # scripts that recorded reference values, in environments of their own

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("CONVBOOK_DATA") or ROOT.parent / "shared" / "data").expanduser()


@pytest.fixture(scope="session")
def need_sandbox():
    """Skips a test, with the reason, where nobody can start bubblewrap. A sandbox of ours that fails is no reason."""
    from convbook.autograder.wall.sandbox import NoSandbox, find_bubblewrap

    try:
        line = [find_bubblewrap(), "--unshare-user", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "/bin/true"]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
    except NoSandbox as error:
        pytest.skip(str(error))
    if done.returncode:
        pytest.skip(f"bubblewrap must be able to start, which needs unprivileged user namespaces: {done.stderr.strip()}")


@pytest.fixture(scope="module")  # closed behind each file of tests: its event loop would be in the way of others
def chromium():
    """Debian's Chromium, driven by Playwright, or a skipped test that says what to install."""
    import browser

    with contextlib.ExitStack() as stack:
        try:
            yield stack.enter_context(browser.chromium())
        except LookupError as error:
            pytest.skip(str(error))


@pytest.fixture(scope="session")
def npm_package():
    """`npm_package(name, version)`: the folder of an npm package, or a skipped test that says why there is none."""
    import browser

    def fetch(name, version):
        try:
            return browser.npm_package(name, version)
        except LookupError as error:
            pytest.skip(str(error))

    return fetch


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """No test depends on what the reader's environment says about data."""
    monkeypatch.delenv("CONVBOOK_DATA", raising=False)
    monkeypatch.delenv("CONVBOOK_FULL", raising=False)


@pytest.fixture(scope="session")
def tf():
    """TensorFlow, imported when the first test asks for it: it takes seconds."""
    import tensorflow

    return tensorflow


@pytest.fixture(scope="session")
def keras(tf):
    """Keras on TensorFlow."""
    import keras

    return keras


@pytest.fixture(scope="session")
def full_mnist_file():
    """The path of all of MNIST, or a skipped test that says what to provide."""
    file = DATA / "mnist.npz"
    if not file.is_file():
        pytest.skip("all of MNIST is needed: set CONVBOOK_DATA to a folder with Keras' mnist.npz")
    return file


@pytest.fixture
def displayed(monkeypatch):
    """What `show` displays: a list of (bundle, metadata)."""
    import convbook.figures

    calls = []
    monkeypatch.setattr(
        convbook.figures, "display", lambda bundle, metadata, raw: calls.append((bundle, metadata)) if raw else None
    )
    yield calls
    sys.modules["matplotlib.pyplot"].close("all")
