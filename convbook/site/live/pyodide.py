"""A folder with Pyodide that a publisher can host: npm's core, and the packages whose checksums npm's lock names.

    python -m convbook.site.live.pyodide CORE WHEELS OUTPUT

CORE is the folder of npm's package `pyodide`, WHEELS one with the files of Pyodide's release.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

VERSION = "0.27.7"  # jupyterlite-pyodide-kernel 0.6 was built for 0.27.6 and runs with it
ADDRESS = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"  # where it is, unless a publisher hosts it
CORE = ("pyodide.mjs", "pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")


def checksums(core: Path) -> dict[str, str]:
    """{file name: sha256} of all packages of this Pyodide."""
    lock = json.loads((core / "pyodide-lock.json").read_text(encoding="utf-8"))
    if lock["info"]["version"] != VERSION:
        raise ValueError(f"Pyodide must have the version {VERSION}. Received: {lock['info']['version']} in {core}")
    return {package["file_name"]: package["sha256"] for package in lock["packages"].values()}


def make_folder(core: Path, wheels: Path, output: Path) -> list[str]:
    """Copies the core and every package that the lock knows; ValueError for one that is not what the lock says."""
    known = checksums(core)
    output.mkdir(parents=True, exist_ok=True)
    for name in CORE:
        shutil.copyfile(core / name, output / name)
    copied = sorted(path.name for path in wheels.iterdir() if path.name in known)
    for name in copied:
        found = hashlib.sha256((wheels / name).read_bytes()).hexdigest()
        if found != known[name]:
            raise ValueError(f"The sha256 of {name} must be {known[name]}. Received: {found}")
        shutil.copyfile(wheels / name, output / name)
    return copied


if __name__ == "__main__":
    print("\n".join(make_folder(*(Path(argument) for argument in sys.argv[1:4]))))
