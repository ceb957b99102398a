"""The sample class of assignment 02: ten invented students and what each of them answered.

`make release` writes what they hand in to `submitted/`; `grades.csv` says what each of them deserves.
"""

import numpy as np

from convbook.autograder.sample_class import REFERENCE, Student

FUNCTIONS = [
    "convolve1d_full",
    "circulant_matrix",
    "dilated_cross_correlate2d",
    "edge_strength",
    "merge_kernels",
    "learn_kernel",
]
ALL_RIGHT = dict.fromkeys(FUNCTIONS, REFERENCE)

FULL_REFLECTION = """A convolution with `w` is the same as a cross-correlation with `w[::-1, ::-1]`, so every kernel of one
operation has exactly one partner in the other. If the kernel is learned, training finds the partner instead, with the same
outputs and the same loss. It matters when the kernel is fixed: a derivative kernel from a book gives the wrong sign if it
is not flipped."""
SHORT_REFLECTION = "The network learns the flipped kernel, so it makes no difference."


# ---- bora: everything right, without a loop over pixels


def vectorised_convolve1d_full(signal, kernel):
    padded = np.pad(signal.astype(float), len(kernel) - 1)
    return np.lib.stride_tricks.sliding_window_view(padded, len(kernel)) @ kernel[::-1]


def vectorised_circulant_matrix(kernel, size):
    whole_rounds = np.pad(kernel.astype(float), (0, -len(kernel) % size))
    first_row = whole_rounds.reshape(-1, size).sum(axis=0)
    return first_row[(np.arange(size) - np.arange(size)[:, None]) % size]


def vectorised_dilated_cross_correlate2d(image, kernel, dilation):
    size = [dilation * (k - 1) + 1 for k in kernel.shape]
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), size)
    return np.einsum("ijpq,pq->ij", windows[:, :, ::dilation, ::dilation], kernel)


def vectorised_edge_strength(image):
    padded = np.pad(image.astype(float), 1, mode="reflect")
    dx, dy = padded[:, 2:] - padded[:, :-2], padded[2:] - padded[:-2]
    gx = dx[:-2] + 2 * dx[1:-1] + dx[2:]
    gy = dy[:, :-2] + 2 * dy[:, 1:-1] + dy[:, 2:]
    return np.hypot(gx, gy)


def vectorised_merge_kernels(first, second):
    shape = tuple(np.array(first.shape) + second.shape - 1)
    spectrum = np.fft.rfft2(first.astype(float), shape) * np.fft.rfft2(second.astype(float), shape)
    return np.fft.irfft2(spectrum, shape)


def vectorised_learn_kernel(x, y, kernel_size):
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), kernel_size, axis=(1, 2)).reshape(y.size, -1)
    targets = y.astype(float).ravel()
    centred = windows - windows.mean(axis=0)
    weights = np.linalg.pinv(centred) @ targets
    return weights.reshape(kernel_size), targets.mean() - windows.mean(axis=0) @ weights


VECTORISED = {function: globals()[f"vectorised_{function}"] for function in FUNCTIONS}


# ---- hiro: wrong in ways that no misconception names


def largest_direction(image):
    padded = np.pad(image.astype(float), 1, mode="reflect")
    dx, dy = padded[:, 2:] - padded[:, :-2], padded[2:] - padded[:-2]
    gx = dx[:-2] + 2 * dx[1:-1] + dx[2:]
    gy = dy[:, :-2] + 2 * dy[:, 1:-1] + dy[:, 2:]
    return np.maximum(np.abs(gx), np.abs(gy))


def array_too_small(first, second):
    merged = np.zeros(first.shape)
    for p in range(first.shape[0]):
        for q in range(first.shape[1]):
            merged[p : p + second.shape[0], q : q + second.shape[1]] += first[p, q] * second
    return merged


# ---- ines: a loop that never ends


def never_ends(kernel, size):
    matrix = np.zeros((size, size))
    for i in range(size):
        for p in range(len(kernel)):
            j = i + p
            while j >= size:
                j % size
            matrix[i, j] += kernel[p]
    return matrix


# ---- jonas: the right shapes and nothing else


def zeros_convolve1d_full(signal, kernel):
    return np.zeros(len(signal) + len(kernel) - 1)


def zeros_circulant_matrix(kernel, size):
    return np.zeros((size, size))


def zeros_dilated_cross_correlate2d(image, kernel, dilation):
    return np.zeros([n - dilation * (k - 1) for n, k in zip(image.shape, kernel.shape)])


def zeros_edge_strength(image):
    return np.zeros(image.shape)


def zeros_merge_kernels(first, second):
    return np.zeros((first.shape[0] + second.shape[0] - 1, first.shape[1] + second.shape[1] - 1))


def zeros_learn_kernel(x, y, kernel_size):
    return np.zeros(kernel_size), 0.0


ZEROS = {function: globals()[f"zeros_{function}"] for function in FUNCTIONS}


STUDENTS = [
    Student("ada", "everything right, in loops", ALL_RIGHT, FULL_REFLECTION),
    Student("bora", "everything right, written differently: no loop over pixels", VECTORISED, FULL_REFLECTION),
    Student("chinedu", "handed in the notebook as it was released"),
    Student(
        "dana",
        "partly done: three questions right, the others not answered",
        {f: REFERENCE for f in ("convolve1d_full", "circulant_matrix", "merge_kernels")},
    ),
    Student(
        "eunji",
        "two misconceptions about the flip, the rest right",
        ALL_RIGHT | {"convolve1d_full": "kernel_not_flipped", "merge_kernels": "kernels_cross_correlated"},
        SHORT_REFLECTION,
    ),
    Student(
        "farid",
        "two misconceptions about what a window touches, the rest right",
        ALL_RIGHT | {"dilated_cross_correlate2d": "dilation_from_zero", "edge_strength": "border_pixel_repeated"},
        SHORT_REFLECTION,
    ),
    Student(
        "greta",
        "three misconceptions that pass the visible tests, the rest right",
        ALL_RIGHT
        | {
            "circulant_matrix": "second_round_overwrites",
            "edge_strength": "computed_in_the_type_of_the_image",
            "learn_kernel": "weights_put_back_by_columns",
        },
        FULL_REFLECTION,
    ),
    Student(
        "hiro",
        "one answer wrong in a way that is not in the bank, one that raises, the rest right",
        ALL_RIGHT | {"edge_strength": largest_direction, "merge_kernels": array_too_small},
        SHORT_REFLECTION,
    ),
    Student("ines", "one answer never ends, the rest right", ALL_RIGHT | {"circulant_matrix": never_ends}, SHORT_REFLECTION),
    Student("jonas", "zeros of the right shape, everywhere", ZEROS),
]
