"""Rows of series that NumPy and TensorFlow both read, without a copy for every call."""

import weakref
from typing import Any

import numpy as np

from skl_lstm._engine.backend import tf

# Tensors by the identity of the arrays that lie over them, while those live.
_TENSORS: dict[int, Any] = {}


def share_rows(data: Any) -> Any:
    """Return the same rows as read-only arrays over tensors, which `to_tensors` finds.

    A fit asks for many forecasts of the same rows, and TensorFlow would copy all of
    them for each.
    """
    return tf.nest.map_structure(_share, data)


def _share(rows: np.ndarray) -> np.ndarray:
    tensor = tf.convert_to_tensor(rows)
    shared = np.asarray(tensor)
    _TENSORS[id(shared)] = tensor
    weakref.finalize(shared, _TENSORS.pop, id(shared)).atexit = False
    return shared


def to_tensors(numbers: Any) -> Any:
    """Return arrays as tensors: copies, but for the arrays of `share_rows`."""
    return tf.nest.map_structure(_to_tensor, numbers)


def _to_tensor(numbers: Any) -> Any:
    tensor = _TENSORS.get(id(numbers))
    return tf.convert_to_tensor(numbers) if tensor is None else tensor
