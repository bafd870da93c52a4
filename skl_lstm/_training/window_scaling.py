"""The choice of how windows are normalized: what a linear map forecasts best with."""

import numpy as np

from skl_lstm._engine.spec import SPREAD_FLOOR
from skl_lstm._training.linear_map import fit_linear_map
from skl_lstm._windows.comparison import clearly_better, thin_out
from skl_lstm._windows.origins import Split

# With fewer windows in either part the comparison is one of luck.
LEAST_WINDOWS = 30
# As many are enough to tell.
MOST_WINDOWS = 5_000
# The error without normalization must be smaller by this share: where the level goes
# on moving, a network fails on raw values, whatever it did so far.
MARGIN = 0.05


def choose_window_scaling(
    targets: np.ndarray, split: Split, window_length: int, horizon: int
) -> str | None:
    """Return the scaling with which a linear map forecasts the held-out windows best.

    Parameters
    ----------
    targets : ndarray of shape (n_rows, n_outputs)
        Training rows of one series; NaN where missing.
    split : Split
        Origins of its windows.
    window_length, horizon : int
        Rows that a window reads and is compared with.

    Returns
    -------
    "standard" or None
    """
    spread = np.maximum(np.nanstd(targets, axis=0), np.finfo("float32").tiny)
    scaled = (targets - np.nanmean(targets, axis=0)) / spread
    every = -(-len(split.train) // MOST_WINDOWS)
    rows = np.arange(-window_length, horizon)

    def cut(origins: np.ndarray) -> np.ndarray:
        windows = scaled[origins[origins >= window_length][:, None] + rows]
        return windows[np.isfinite(windows).all(axis=(1, 2))]

    train, test = cut(thin_out(split.train, MOST_WINDOWS)), cut(split.validation)
    if min(len(train), len(test)) < LEAST_WINDOWS:
        return "standard"
    n_crossing = (horizon - 1) // every
    standard, raw = (
        _held_out_errors(train, test, window_length, n_crossing, normalized)
        for normalized in (True, False)
    )
    if standard is None or raw is None:
        return "standard"
    is_better = clearly_better(standard, raw, n_standard_errors=0, margin=MARGIN)
    return None if is_better else "standard"


def _held_out_errors(
    train: np.ndarray, test: np.ndarray, length: int, n_crossing: int, normalized: bool
) -> np.ndarray | None:
    """Return the absolute error of a linear map on each window that it has not seen."""

    def normalize(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        center, unit = np.zeros_like(rows[:, :1]), np.ones_like(rows[:, :1])
        if normalized:
            center = rows[:, length - 1 : length]
            spread = rows[:, :length].std(axis=1, keepdims=True)
            unit = np.maximum(spread, SPREAD_FLOOR)
        flat = ((rows - center) / unit).reshape(len(rows), -1)
        n_inputs = length * rows.shape[2]
        return flat[:, :n_inputs], flat[:, n_inputs:], unit.mean(axis=2)

    inputs, targets, unit = normalize(train)
    linear = fit_linear_map(inputs, targets, unit[:, 0], length, n_crossing)
    if linear is None:
        return None
    inputs, targets, unit = normalize(test)
    return (np.abs(linear.predict(inputs) - targets) * unit).mean(axis=1)
