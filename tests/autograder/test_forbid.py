"""What an assignment forbids is gone: whoever looks for it, in whatever way, finds something that refuses, or nothing."""

import pytest

from convbook.autograder.grading import read_rules
from convbook.autograder.inside.forbid import forbid
from convbook.autograder.wall.sandbox import Sandbox, Settings
from convbook.course.assignments import assignment_names
from convbook.course.settings import ROOT

RULES = sorted({rule for name in assignment_names() for rule in read_rules(ROOT / "solutions" / name).forbids})
CASES = {
    "numpy.convolve": ("convolve", "([1.0, 2.0], [3.0, 4.0], 'full')", [3.0, 10.0, 8.0]),
    "numpy.correlate": ("correlate", "([1.0, 2.0], [3.0, 4.0], 'full')", [4.0, 11.0, 6.0]),
    "numpy.pad unless mode=constant": ("pad", "([1.0, 2.0, 3.0], 1, 'reflect')", [2.0, 1.0, 2.0, 3.0, 2.0]),
}
EVERYTHING = "[v for m in list(sys.modules.values()) if m for v in list(vars(m).values()) if callable(v)]"
WAYS = {
    "by its name": "found = [np.{name}]",
    "what it wraps": "found = [getattr(np.{name}, k, None) for k in ('__wrapped__', '_implementation', '__func__')]",
    "its closure": (
        "fs = [np.{name}, np.{name}._implementation]\n"
        "found = [c.cell_contents for f in fs for c in getattr(f, '__closure__', None) or ()]"
    ),
    "its globals": "found = [v for k, v in np.{name}._implementation.__globals__.items() if '{name}' in k]",
    "every module": "found = [v for v in " + EVERYTHING + " if '{name}' in str(getattr(v, '__name__', ''))]",
    "every object": "found = [o for o in gc.get_objects() if callable(o) and '{name}' in str(getattr(o, '__name__', ''))]",
    "in C": (
        "c = (np._core.multiarray, np._core._multiarray_umath)\n"
        "found = [getattr(module, key) for module in c for key in dir(module) if '{name}' in key]"
    ),
    "the older aliases": (
        "import numpy.core as c\nfound = [getattr(c.numeric, '{name}', None), getattr(np.ma, '{name}', None)]"
    ),
    "a second import": (
        "[sys.modules.pop(m) for m in list(sys.modules) if m.startswith('numpy')]\nimport numpy\nfound = [numpy.{name}]"
    ),
    "a reload": "found = [getattr(importlib.reload(sys.modules[np.{name}._implementation.__module__]), '{name}')]",
    "its source": (
        "found = []\nfor path in glob.glob(np.__path__[0] + '/lib/_*_impl.py') + glob.glob(np.__path__[0] + '/_core/n*.py'):\n"
        "    try:\n"
        "        spec = importlib.util.spec_from_file_location('numpy.lib.fresh', path)\n"
        "        fresh = importlib.util.module_from_spec(spec)\n        spec.loader.exec_module(fresh)\n"
        "        found.append(getattr(fresh, '{name}', None))\n    except Exception: pass"
    ),
    "its compiled file": (
        "import marshal\nfound = []\nfor path in glob.glob(np.__path__[0] + '/*/__pycache__/*.pyc'):\n"
        "    try: code = marshal.loads(open(path, 'rb').read()[16:])\n    except Exception: continue\n"
        "    found += [types.FunctionType(c, vars(np) | {{'np': np, '_as_pairs': None}}) for c in code.co_consts\n"
        "              if isinstance(c, types.CodeType) and c.co_name == '{name}' and not c.co_freevars]"
    ),
    "the C file again": (
        "path = glob.glob(np.__path__[0] + '/_core/_multiarray_umath*.so')[0]\n"
        "spec = importlib.util.spec_from_file_location('numpy._core._multiarray_umath', path)\n"
        "fresh = importlib.util.module_from_spec(spec)\nfound = [getattr(fresh, k) for k in dir(fresh) if '{name}' in k]"
    ),
    "a fresh Python": (
        "import subprocess\nline = [sys.executable, '-c', \"import numpy as np; print(np.{name}{call}.tolist())\"]\n"
        "out = subprocess.run(line, capture_output=True, text=True)\nfound = [lambda *a: np.array(eval(out.stdout))]"
    ),
    "what is built on it": "found = [lambda a, b, *c: np.polymul(a, b), lambda a, b, *c: np.ma.convolve(a, b)]",
}
TRY = """
import gc, glob, importlib, importlib.util, sys, types
import numpy as np
try:
    {way}
except BaseException:
    found = []
def results():
    made = []
    for f in found:
        for call in ("f{call}", "f([1.0, 2.0], [3.0, 4.0], 2)", "f([1.0, 2.0], [4.0, 3.0], 2)"):
            try: made.append(np.asarray(eval(call, {{"f": f}})).tolist())
            except BaseException: pass
    return made
"""


@pytest.fixture(scope="module")
def sandbox(need_sandbox):
    """A sandbox in which all of it is forbidden."""
    made = Sandbox(Settings(forbidden=tuple(RULES), hidden=("scipy",), seconds=60))
    yield made
    made.close()


def test_every_forbidden_function_is_looked_for():
    """No rule of an assignment is without its case here."""
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rule", CASES)
def test_a_forbidden_function_is_found_in_no_way(sandbox, rule, way):
    """None of the things that are found computes what is forbidden."""
    name, call, right = CASES[rule]
    source = TRY.format(way=WAYS[way].format(name=name, call=call).replace("\n", "\n    "), call=call)
    with sandbox.notebook() as running:
        outputs = running.remote.run(source)
        assert all(output["output_type"] == "stream" for output in outputs), outputs
        results = running.remote.names(["results"])["results"]()
    assert right not in results


def test_the_search_finds_what_is_allowed(need_sandbox):
    """The same ways lead to a right result where nothing is forbidden: the search can find."""
    found = set()
    sandbox = Sandbox(Settings(seconds=60))
    name, call, right = CASES["numpy.correlate"]
    for way, text in WAYS.items():
        with sandbox.notebook() as running:
            running.remote.run(TRY.format(way=text.format(name=name, call=call).replace("\n", "\n    "), call=call))
            names = running.remote.names(["results"])
            found |= {way} if right in names["results"]() else set()
    sandbox.close()
    assert {"by its name", "every module", "in C", "the C file again", "what is built on it"} <= found, found


def test_what_stays_allowed_works(sandbox):
    """np.pad with constants, and everything else of NumPy, is as it was; a refusal says what to do."""
    with sandbox.notebook() as running:
        shown = running.remote.run(
            "import numpy as np\nprint(np.pad([1], 1), np.pad([1], 1, constant_values=2), np.mean([1, 3]))"
        )
        assert shown[0]["text"] == "[0 1 0] [2 1 2] 2.0\n"
        error = running.remote.run("np.convolve([1], [1])")[-1]
        assert error["evalue"] == "numpy.convolve must not be used in this assignment: write it yourself."


@pytest.mark.parametrize("rule", ["numpy.add", "numpy.pad unless mode=wrap"])
def test_what_cannot_be_taken_out_is_refused(rule):
    """A rule that this process cannot carry out ends with a sentence, and nobody starts."""
    with pytest.raises(ValueError, match=r"must .* Received: "):
        forbid(rule)


@pytest.mark.parametrize("family", [1, 2, 10, 16, 17, 38, 40])
def test_no_socket_of_any_family_can_be_made(sandbox, family):
    """Neither of this machine nor of another, of the kernel or of a virtual machine."""
    with sandbox.notebook() as running:
        error = running.remote.run(f"import socket; socket.socket({family}, socket.SOCK_STREAM)")[-1]
        assert error["ename"] == "OSError" and "not supported" in error["evalue"]


def test_no_other_program_can_be_started(sandbox):
    """A fresh Python would have everything that is forbidden."""
    with sandbox.notebook() as running:
        for source in ("import os; os.execv('/bin/true', ['true'])", "import subprocess; subprocess.run(['/bin/true'])"):
            assert running.remote.run(source)[-1]["ename"] == "PermissionError"
