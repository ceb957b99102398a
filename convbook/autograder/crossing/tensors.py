"""Tensors of Keras' back ends cross the wall as their numbers, and are no NumPy arrays on the other side either."""

from __future__ import annotations

from typing import Any

import numpy as np

PACKAGES = ("tensorflow", "torch", "jaxlib")  # whose tensors hold numbers that can be had as an array


class Tensor(np.lib.mixins.NDArrayOperatorsMixin):
    """The numbers of a tensor, which can be read, counted with and indexed as those of the tensor itself."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    shape = property(lambda self: self.array.shape)
    dtype = property(lambda self: self.array.dtype)
    ndim = property(lambda self: self.array.ndim)
    size = property(lambda self: self.array.size)

    def numpy(self) -> np.ndarray:
        """The numbers as an array, as a tensor of TensorFlow gives them."""
        return self.array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.array, dtype) if copy or dtype is not None else self.array

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        given = [x.array if isinstance(x, Tensor) else x for x in inputs]
        return getattr(ufunc, method)(*given, **options)

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, key: Any) -> Any:
        return self.array[key]

    def __iter__(self) -> Any:
        return iter(self.array)

    def __float__(self) -> float:
        return float(self.array)

    def __int__(self) -> int:
        return int(self.array)

    def __bool__(self) -> bool:
        return bool(self.array)

    def __repr__(self) -> str:
        return repr(self.array)


def array_of(value: Any) -> np.ndarray | None:
    """The numbers of a tensor; None for anything else."""
    if isinstance(value, Tensor):
        return value.array
    if str(type(value).__module__).split(".")[0] not in PACKAGES or not hasattr(value, "numpy"):
        return None
    try:
        return np.asarray((value.detach().cpu() if hasattr(value, "detach") else value).numpy())
    except Exception:  # a tensor without numbers, as one of a graph
        return None
