"""Two more answers to each question of assignment 09: a right one, written differently, and an empty one."""

import numpy as np

# ---- everything right, written differently


def vectorised_folds_by_writer(writers, folds):
    count = {}
    for writer in writers.tolist():
        count[writer] = count.get(writer, 0) + 1
    fold_of, images = {}, [0] * folds
    for writer in sorted(sorted(count), key=count.get, reverse=True):
        fold_of[writer] = images.index(min(images))
        images[fold_of[writer]] += count[writer]
    return np.array([fold_of[writer] for writer in writers.tolist()])


def vectorised_boxes_after_crop(boxes, crop):
    new_boxes, kept = [], []
    for place, (top, left, bottom, right) in enumerate(boxes.tolist()):
        first, last = max(top, crop[0]), min(bottom, crop[0] + crop[2])
        start, stop = max(left, crop[1]), min(right, crop[1] + crop[3])
        visible = (last - first) * (stop - start) if last > first and stop > start else 0
        if visible / ((bottom - top) * (right - left)) >= 0.5:
            new_boxes.append([first - crop[0], start - crop[1], last - crop[0], stop - crop[1]])
            kept.append(place)
    return np.array(new_boxes, int).reshape(-1, 4), np.array(kept, int)


def vectorised_cutmix(x, y, partners, corners, size, classes):
    row, column = np.indices(x.shape[1:3])
    top, left = corners[:, :1, None], corners[:, 1:, None]  # (N, 1, 1) each
    mask = (row >= top) & (row < top + size[0]) & (column >= left) & (column < left + size[1])  # (N, H, W)
    share = mask.mean(axis=(1, 2))[:, None]
    one_hot = (y[:, None] == np.arange(classes)).astype(float)
    return np.where(mask[..., None], x[partners], x), one_hot + share * (one_hot[partners] - one_hot)


def vectorised_epoch_seconds(reading, training, ahead):
    n = len(reading)
    if ahead == 0:
        return sum(reading.tolist()) + sum(training.tolist())
    read, begun, done = np.zeros(n), np.zeros(n), np.zeros(n)
    for k in range(n):
        earliest = [read[k - 1] if k else 0, begun[k - ahead] if k >= ahead else 0]
        read[k] = max(earliest) + reading[k]
        begun[k] = max(read[k], done[k - 1] if k else 0)
        done[k] = begun[k] + training[k]
    return done[-1]


def vectorised_prepared_batch(x, training, seed):
    y = x / 255
    if training:
        rng = np.random.default_rng(seed)
        mirrored = rng.random((len(x), 1, 1, 1)) < 0.5
        y = np.where(mirrored, y[:, :, ::-1], y)
        y = np.clip(y + rng.uniform(-0.2, 0.2, (len(x), 1, 1, 1)), 0, 1)
    return y


FUNCTIONS = ["folds_by_writer", "boxes_after_crop", "cutmix", "epoch_seconds", "prepared_batch"]
VECTORISED = {function: globals()[f"vectorised_{function}"] for function in FUNCTIONS}


# ---- the right shapes and nothing else


def zeros_folds_by_writer(writers, folds):
    return np.zeros(len(writers), int)


def zeros_boxes_after_crop(boxes, crop):
    return np.zeros((0, 4), int), np.zeros(0, int)


def zeros_cutmix(x, y, partners, corners, size, classes):
    return np.zeros(x.shape), np.zeros((len(x), classes))


def zeros_epoch_seconds(reading, training, ahead):
    return 0.0


def zeros_prepared_batch(x, training, seed):
    return np.zeros(x.shape)


ZEROS = {function: globals()[f"zeros_{function}"] for function in FUNCTIONS}
