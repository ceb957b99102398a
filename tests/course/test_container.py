"""The container for grading: what its file copies is there, and is all that the environment is made of."""

import re

from convbook.course.settings import ROOT

DOCKERFILE = (ROOT / "pages" / "Dockerfile").read_text(encoding="utf-8")


def test_container_copies_what_there_is():
    """Each path of a COPY is one of the repository's."""
    copied = [path for line in re.findall(r"^COPY (?:--\S+ )?(.+)$", DOCKERFILE, re.MULTILINE) for path in line.split()[:-1]]
    assert copied and [path for path in copied if not (ROOT / path).exists()] == []


def test_container_has_what_the_environment_depends_on():
    """The files on which the Makefile's environment depends are copied before it is made, and the package with them."""
    [needed] = re.findall(r"^\$\(READY\): (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    before = DOCKERFILE.partition("RUN make")[0]
    assert all(name in before for name in [*needed.split(), "Makefile", "convbook convbook"])
