"""Files that are either whole or not there, and moments that no signal cuts in two."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]  # what asks to end


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes beside its place and then moves, so that no half-written file is left, and an old one stays until then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """What happens inside is brought to its end: a signal that asks to end is answered right behind it."""
    if threading.current_thread() is not threading.main_thread():  # signals are none of its business
        yield
        return
    asked: list[int] = []
    before = {number: signal.signal(number, lambda received, _: asked.append(received)) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if asked:
            signal.raise_signal(asked[0])
