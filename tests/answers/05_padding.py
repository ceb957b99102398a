"""Two more answers to each question of assignment 05: a right one, written in another way, and an empty one."""

import numpy as np

# ---- everything right, written differently


def vectorised_pad_panorama(image, widths):
    rows, columns = (np.arange(-before, n + after) for n, (before, after) in zip(image.shape, widths))
    last = image.shape[0] - 1
    return image.take(last - np.abs(last - np.abs(rows)), axis=0).take(columns, axis=1, mode="wrap")


def vectorised_pad_or_crop(image, widths):
    padded = np.pad(image, [(max(before, 0), max(after, 0)) for before, after in widths])
    (top, bottom), (left, right) = [[max(-n, 0) for n in pair] for pair in widths]
    return padded[top : padded.shape[0] - bottom, left : padded.shape[1] - right].copy()


def vectorised_dilated_same_widths(size, kernel_size, strides, dilation):
    size, reach = np.array(size), dilation * (np.array(kernel_size) - 1) + 1
    overhang = np.maximum(reach - np.where(size % strides, size % strides, strides), 0)
    before = overhang // 2
    return tuple((int(b), int(p - b)) for b, p in zip(before, overhang))


def vectorised_normalised_blur(image, kernel):
    border = [(k // 2, k // 2) for k in kernel.shape]
    padded = np.pad(np.stack([image.astype(float), np.ones(image.shape)]), [(0, 0), *border])
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape, axis=(1, 2))
    sums, weights = np.einsum("aijpq,pq->aij", windows, kernel.astype(float))
    return sums / weights


def vectorised_sizes_through(size, layers):
    if not layers:
        return []
    (padding, kernel_size, strides), *rest = layers
    if padding == "same":
        starts = range(0, size, strides)
    else:
        padding = {"valid": 0, "full": kernel_size - 1}.get(padding, padding)
        starts = range(0, size + 2 * padding - kernel_size + 1, strides)
    return [len(starts), *vectorised_sizes_through(len(starts), rest)] if starts else []


FUNCTIONS = ["pad_panorama", "pad_or_crop", "dilated_same_widths", "normalised_blur", "sizes_through"]
VECTORISED = {function: globals()[f"vectorised_{function}"] for function in FUNCTIONS}


# ---- the right shapes and nothing else


def zeros_pad_panorama(image, widths):
    return np.zeros([n + before + after for n, (before, after) in zip(image.shape, widths)])


def zeros_pad_or_crop(image, widths):
    return np.zeros([n + before + after for n, (before, after) in zip(image.shape, widths)])


def zeros_dilated_same_widths(size, kernel_size, strides, dilation):
    return (0, 0), (0, 0)


def zeros_normalised_blur(image, kernel):
    return np.zeros(image.shape)


def zeros_sizes_through(size, layers):
    return [0] * len(layers)


ZEROS = {function: globals()[f"zeros_{function}"] for function in FUNCTIONS}
