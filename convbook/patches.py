"""Where the windows of an image lie, and the patch matrix, one block of it at a time.

The whole patch matrix of a batch is KH * KW times as large as the batch. It does not fit in the processor's cache,
and then reading it takes longer than the arithmetic. A block of it does. NumPy copies and adds long runs of numbers
fast, so what has most neighbours comes last in memory: the channels where they are many (`ChannelsLast`), else the
columns, or the images where they are many and the columns few.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from convbook.padding import padding_widths
from convbook.shapes import output_size, pairs

BLOCK = 2**18  # numbers in a block of the patch matrix: 1 MiB in float32
MANY_CHANNELS = 16
IMAGES_FIRST, IMAGES_LAST = (0, 1, 2), (1, 2, 0)  # orders of (images, rows, columns) in memory


@dataclass(frozen=True)
class Geometry:
    """What slides: kernel_size, strides, dilation_rate, padding widths, the output's (OH, OW), and the order in memory.

    Images are kept as planes (C, N, H', W'), channels first.
    """

    kernel_size: tuple
    strides: tuple
    dilation_rate: tuple
    widths: tuple
    output: tuple
    order: tuple = IMAGES_FIRST

    @classmethod
    def of(cls, shape, kernel_size, strides, padding, dilation_rate, images=1, channels=1):
        """The geometry for so many images of `shape` (H, W) and so many channels; ValueError if no window fits."""
        kernel, steps, rates = pairs(kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)
        widths = padding_widths(shape, kernel, steps, padding, rates)
        output = tuple(output_size(*axis) for axis in zip(shape, kernel, steps, map(sum, widths), rates))
        if channels >= MANY_CHANNELS:
            return ChannelsLast(kernel, steps, rates, widths, output)
        return cls(kernel, steps, rates, widths, output, IMAGES_LAST if images >= 4 * output[1] else IMAGES_FIRST)

    def restored(self, array):
        """A view (…, images, rows, columns) of an array whose last three axes are in the geometry's order."""
        leading = array.ndim - 3
        return array.transpose(*range(leading), *(leading + axis for axis in np.argsort(self.order)))

    def windows_of(self, block):
        """A block (images, rows, OW, F) of the output with its windows in the order of the patch matrix: a view."""
        return block.transpose(*self.order, 3)

    def padded_size(self, x):
        """(H', W') of images x (N, H, W, C) with their padding."""
        return tuple(sum(widths) + size for widths, size in zip(self.widths, x.shape[1:3]))

    def zeros(self, x):
        """Zeros (C, N, H', W') for images like x (N, H, W, C) with their padding, in memory in the order."""
        sizes = len(x), *self.padded_size(x)
        return self.restored(np.zeros((x.shape[3], *(sizes[axis] for axis in self.order)), x.dtype))

    def planes(self, x):
        """x (N, H, W, C) with its padding, channels first: a new array (C, N, H', W')."""
        (top, _), (left, _) = self.widths
        planes = self.zeros(x)
        planes[:, :, top : top + x.shape[1], left : left + x.shape[2]] = x.transpose(3, 0, 1, 2)
        return planes

    def crop(self, planes):
        """The inverse of `planes`: (C, N, H', W') -> (N, H, W, C), without the padding."""
        (top, bottom), (left, right) = self.widths
        height, width = planes.shape[2:]
        inside = planes[:, :, top : height - bottom, left : width - right]
        return np.ascontiguousarray(inside.transpose(1, 2, 3, 0))

    def reach(self, rows, p, q):
        """The rows and the columns, as slices, that kernel pixel (p, q) meets in a block of output rows."""
        (sh, sw), (dh, dw) = self.strides, self.dilation_rate
        top, left = p * dh + rows.start * sh, q * dw
        height, width = (rows.stop - 1 - rows.start) * sh, (self.output[1] - 1) * sw
        return slice(top, top + height + 1, sh), slice(left, left + width + 1, sw)

    def tap(self, planes, images, rows, p, q):
        """What kernel pixel (p, q) meets, for all windows of a block: a view (C, images, rows, OW)."""
        return planes[:, images, *self.reach(rows, p, q)]

    def windows(self, planes, images, rows):
        """What every kernel pixel meets, for all windows of a block: a view (KH, KW, C, images, rows, OW)."""
        (sh, sw), (dh, dw) = self.strides, self.dilation_rate
        block = planes[:, images, rows.start * sh :]
        channel, image, row, column = block.strides
        shape = *self.kernel_size, *block.shape[:2], rows.stop - rows.start, self.output[1]
        return as_strided(block, shape, (dh * row, dw * column, channel, image, sh * row, sw * column), writeable=False)

    def patches(self, planes, images, rows):
        """A block of the patch matrix, transposed: (KH * KW * C, windows)."""
        patches = np.empty(self.patch_shape(len(planes), images, rows), planes.dtype)
        self.restored(patches)[...] = self.windows(planes, images, rows)
        return patches.reshape(-1, np.prod(patches.shape[3:]))

    def add_patches(self, planes, patches, images, rows):
        """The adjoint of `patches`: adds each number of the block to the pixel it was taken from, in place."""
        patches = patches.reshape(self.patch_shape(len(planes), images, rows))
        values = self.restored(patches)
        for p, q in np.ndindex(self.kernel_size):
            tap = self.tap(planes, images, rows, p, q)
            tap += values[p, q]

    def patch_shape(self, channels, images, rows):
        """(KH, KW, C) and the numbers of images, rows and columns in the geometry's order."""
        sizes = images.stop - images.start, rows.stop - rows.start, self.output[1]
        return *self.kernel_size, channels, *(sizes[axis] for axis in self.order)

    def add_products(self, planes, w, d, images, rows):
        """Adds what d (windows, F) sends back through kernels w (KH, KW, C, F) to the pixels it belongs to, in place."""
        self.add_patches(planes, w.reshape(-1, w.shape[3]) @ d.T, images, rows)

    def blocks(self, n, channels):
        """(images, rows): slices of blocks that cover the output of n images, each of about BLOCK numbers."""
        height, width = self.output
        lines = max(1, BLOCK // (width * channels * self.kernel_size[0] * self.kernel_size[1]))  # rows of one image
        if self.order == IMAGES_LAST:
            images, rows = min(n, lines), max(1, lines // max(1, n))
        else:
            images, rows = max(1, lines // height), min(height, lines)
        starts = [(k, i) for k in range(0, n, max(1, images)) for i in range(0, height, rows)]
        return [(slice(k, min(k + images, n)), slice(i, min(i + rows, height))) for k, i in starts]


class ChannelsLast(Geometry):
    """The same for many channels: images stay (N, H', W', C), and each kernel pixel is a matrix product of its own."""

    def zeros(self, x):
        """Zeros (N, H', W', C) for images like x (N, H, W, C) with their padding."""
        return np.zeros((len(x), *self.padded_size(x), x.shape[3]), x.dtype)

    def planes(self, x):
        """x (N, H, W, C) with its padding: (N, H', W', C), x itself where there is none."""
        return np.pad(x, ((0, 0), *self.widths, (0, 0))) if np.any(self.widths) else x

    def crop(self, planes):
        """The inverse of `planes`: without the padding."""
        (top, bottom), (left, right) = self.widths
        return planes[:, top : planes.shape[1] - bottom, left : planes.shape[2] - right]

    def tap(self, planes, images, rows, p, q):
        """What kernel pixel (p, q) meets, for all windows of a block: a view (images, rows, OW, C)."""
        return planes[images, *self.reach(rows, p, q)]

    def patches(self, planes, images, rows):
        """A block of the patch matrix, transposed: (KH * KW * C, windows)."""
        taps = [self.tap(planes, images, rows, p, q) for p, q in np.ndindex(self.kernel_size)]
        patches = np.stack(taps, axis=3)  # (images, rows, OW, KH * KW, C)
        return patches.reshape(-1, len(taps) * planes.shape[3]).T

    def add_products(self, planes, w, d, images, rows):
        """Adds what d (windows, F) sends back through kernels w (KH, KW, C, F), one kernel pixel after another."""
        for p, q in np.ndindex(self.kernel_size):
            tap = self.tap(planes, images, rows, p, q)
            tap += (d @ w[p, q].T).reshape(tap.shape)
