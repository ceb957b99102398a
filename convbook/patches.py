"""Where the windows of an image lie, and the patch matrix, one block of it at a time.

The whole patch matrix of a batch is KH * KW times as large as the batch. It does not fit in the processor's cache,
and then reading it takes longer than the arithmetic. A block of it does. Inside, channels come first: NumPy
copies and adds long rows of pixels faster than short rows of channels.
"""

from dataclasses import dataclass

import numpy as np

from convbook.padding import padding_widths
from convbook.shapes import output_size, pairs

BLOCK = 2**18  # numbers in a block of the patch matrix: 1 MiB in float32


@dataclass(frozen=True)
class Geometry:
    """What slides: kernel_size, strides, dilation_rate, padding widths, and the output's (OH, OW)."""

    kernel_size: tuple
    strides: tuple
    dilation_rate: tuple
    widths: tuple
    output: tuple

    @classmethod
    def of(cls, shape, kernel_size, strides, padding, dilation_rate):
        """The geometry for images of `shape` (H, W); ValueError if no window fits."""
        kernel, steps, rates = pairs(kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)
        widths = padding_widths(shape, kernel, steps, padding, rates)
        axes = zip(shape, kernel, steps, map(sum, widths), rates)
        return cls(kernel, steps, rates, widths, tuple(output_size(*axis) for axis in axes))

    def planes(self, x):
        """x (N, H, W, C) with its padding, channels first: a new array (C, N, H', W')."""
        (top, bottom), (left, right) = self.widths
        n, height, width, channels = x.shape
        planes = np.zeros((channels, n, top + height + bottom, left + width + right), x.dtype)
        planes[:, :, top : top + height, left : left + width] = x.transpose(3, 0, 1, 2)
        return planes

    def crop(self, planes):
        """The inverse of `planes`: (C, N, H', W') -> (N, H, W, C), without the padding."""
        (top, bottom), (left, right) = self.widths
        height, width = planes.shape[2:]
        inside = planes[:, :, top : height - bottom, left : width - right]
        return np.ascontiguousarray(inside.transpose(1, 2, 3, 0))

    def tap(self, planes, images, rows, p, q):
        """What kernel pixel (p, q) meets, for all windows of a block: a view (C, images, rows, OW)."""
        (sh, sw), (dh, dw) = self.strides, self.dilation_rate
        first, last = p * dh + rows.start * sh, p * dh + (rows.stop - 1) * sh
        left, right = q * dw, q * dw + (self.output[1] - 1) * sw
        return planes[:, images, first : last + 1 : sh, left : right + 1 : sw]

    def patches(self, planes, images, rows):
        """The patch matrix of a block, transposed: (KH * KW * C, windows)."""
        (kh, kw), channels = self.kernel_size, len(planes)
        shape = (kh, kw, channels, images.stop - images.start, rows.stop - rows.start, self.output[1])
        patches = np.empty(shape, planes.dtype)
        for p, q in np.ndindex(kh, kw):
            patches[p, q] = self.tap(planes, images, rows, p, q)
        return patches.reshape(kh * kw * channels, -1)

    def add_patches(self, planes, patches, images, rows):
        """The adjoint of `patches`: adds each number of the block to the pixel it was taken from, in place."""
        channels, depth = len(planes), self.kernel_size[0] * self.kernel_size[1]
        taps = patches.reshape(depth, channels, images.stop - images.start, rows.stop - rows.start, self.output[1])
        for tap, (p, q) in zip(taps, np.ndindex(self.kernel_size)):
            self.tap(planes, images, rows, p, q)[...] += tap

    def blocks(self, n, channels):
        """(images, rows) of blocks that cover the output of n images: slices, each a whole image or a part of one."""
        height, width = self.output
        rows = max(1, BLOCK // (width * channels * self.kernel_size[0] * self.kernel_size[1]))
        if rows >= height:
            step = rows // height
            return [(slice(k, min(k + step, n)), slice(0, height)) for k in range(0, n, step)]
        cuts = [slice(i, min(i + rows, height)) for i in range(0, height, rows)]
        return [(slice(k, k + 1), cut) for k in range(n) for cut in cuts]
