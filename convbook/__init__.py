"""convbook: the small library that the book builds, chapter by chapter.

Channels last throughout: x (N, H, W, C), w (KH, KW, C, F), b (F,), y (N, OH, OW, F).
"""

from convbook.activations import relu, softmax
from convbook.conv import conv2d, conv2d_backward
from convbook.cross_correlation import convolve2d, cross_correlate2d
from convbook.datasets.letters import write_letter
from convbook.datasets.mnist import load_mnist
from convbook.gradients import check_gradient, numerical_gradient
from convbook.losses import softmax_cross_entropy
from convbook.padding import pad2d
from convbook.pooling import (
    average_pool2d,
    average_pool2d_backward,
    global_average_pool2d,
    global_max_pool2d,
    max_pool2d,
    max_pool2d_backward,
    min_pool2d,
)
from convbook.shapes import output_size, receptive_field, same_padding
from convbook.windows import col2im, im2col, windows2d

__version__ = "0.1.0"
__all__ = [
    "average_pool2d",
    "average_pool2d_backward",
    "check_gradient",
    "col2im",
    "conv2d",
    "conv2d_backward",
    "convolve2d",
    "cross_correlate2d",
    "global_average_pool2d",
    "global_max_pool2d",
    "im2col",
    "load_mnist",
    "max_pool2d",
    "max_pool2d_backward",
    "min_pool2d",
    "numerical_gradient",
    "output_size",
    "pad2d",
    "receptive_field",
    "relu",
    "same_padding",
    "softmax",
    "softmax_cross_entropy",
    "windows2d",
    "write_letter",
]
