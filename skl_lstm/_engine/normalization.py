"""Windows as the network sees them, and their units: not traced, some at a time."""

import numpy as np

from skl_lstm._engine.backend import check_not_forked
from skl_lstm._engine.data import cut_inputs, cut_own_past
from skl_lstm._engine.network import normalize_window, show_level
from skl_lstm._engine.rows import Data
from skl_lstm._engine.sharing import to_tensors
from skl_lstm._engine.spec import NetworkSpec

# Floats of normalized windows, and of plain ones, that are made at a time.
NORMALIZED_CHUNK_FLOATS = 2**17
CHUNK_FLOATS = 2**20


def normalized_windows(
    spec: NetworkSpec, data: Data, origins: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return windows and targets as the network sees them.

    Missing targets are on the line between their neighbors.

    Returns
    -------
    ndarray of shape (n_windows, window_length * n_channels), \
    ndarray of shape (n_windows, horizon * n_outputs)
    """
    check_not_forked()
    origins = np.asarray(origins, "int32")
    n_inputs = spec.window_length * spec.n_channels
    inputs = np.empty((len(origins), n_inputs), "float32")
    targets = np.empty((len(origins), spec.horizon * spec.n_outputs), "float32")
    chunk = max(16, NORMALIZED_CHUNK_FLOATS // n_inputs)
    y = data.bridges[1] if spec.bridges_gaps else data.y
    data = to_tensors(data)
    for i in range(0, len(origins), chunk):
        batch = origins[i : i + chunk]
        window = cut_inputs(spec, data, batch)["window"]
        z, center, unit = normalize_window(spec, window)
        ahead = y[batch[:, None] + np.arange(spec.horizon)]
        z = show_level(spec, z, center, unit)
        inputs[i : i + chunk] = z.numpy().reshape(len(batch), -1)
        scaled = (ahead - center.numpy()) / unit.numpy()
        targets[i : i + chunk] = scaled.reshape(len(batch), -1)
    return inputs, targets


def window_units(spec: NetworkSpec, data: Data, origins: np.ndarray) -> np.ndarray:
    """Return the unit of the windows at ``origins``, (n_windows, n_outputs)."""
    origins = np.asarray(origins, "int32")
    if not (spec.autoregressive and spec.window_scaling):
        return np.ones((len(origins), spec.n_outputs), "float32")
    check_not_forked()
    chunk = max(16, CHUNK_FLOATS // spec.window_length)
    parts = [np.empty((0, spec.n_outputs), "float32")]
    data = to_tensors(data)
    for i in range(0, len(origins), chunk):
        own_past = cut_own_past(spec, data, origins[i : i + chunk])
        parts.append(normalize_window(spec, own_past)[2].numpy()[:, 0])
    return np.concatenate(parts)
