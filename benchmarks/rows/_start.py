"""The linear start of a forecast with known columns, in NumPy, without training."""

from typing import NamedTuple

import numpy as np

from skl_lstm._training.defaults import resolve_horizon, resolve_window_length
from skl_lstm._training.level import choose_level, reads_columns
from skl_lstm._training.transfer_function import fit_transfer_function
from skl_lstm._training.window_map import WindowMap, fit_window_map, windows_before
from skl_lstm._windows.transfer_function import TransferFunction


class LinearStart(NamedTuple):
    """Transfer function of the columns, and a window map of what it leaves.

    Attributes
    ----------
    transfer : TransferFunction
        In units of the scaled target.
    window_map : WindowMap
        Of the rest.
    X : ndarray of shape (n_rows, n_columns)
        Training rows of the columns.
    rows : ndarray of shape (n_rows, n_channels)
        What windows are cut from: the rest, and the columns where they are read.
    center, spread, mean : float
        Of the target, and the mean of the rest.
    X_center, X_spread : ndarray of shape (n_columns,)
        Of the columns.
    """

    transfer: TransferFunction
    window_map: WindowMap
    X: np.ndarray
    rows: np.ndarray
    center: float
    spread: float
    mean: float
    X_center: np.ndarray
    X_spread: np.ndarray

    def forecast(self, X: np.ndarray) -> np.ndarray:
        """Forecast the rows after training, one for each row of ``X``."""
        n_rows, length = len(self.rows), self.window_map.window_length
        windows = windows_before(self.rows, np.array([n_rows]), length)
        known = None
        if self.rows.shape[1] > 1:
            known = ((X - self.X_center) / self.X_spread)[None]
        rest = self.window_map.forecast(windows, len(X), known)[0, :, 0]
        effect = self.transfer.apply(np.concatenate([self.X, X]))[n_rows:, 0]
        return self.center + self.spread * (rest + self.mean + effect)


def fit_linear_start(
    y: np.ndarray, X: np.ndarray, sp: int, last_step: int | None
) -> LinearStart:
    """Fit both on all rows.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        Target.
    X : ndarray of shape (n_rows, n_columns)
        Columns.
    sp : int
        Steps per season.
    last_step : int or None
        Steps to forecast, where that is known.
    """
    horizon = resolve_horizon("auto", len(y), last_step, sp)
    length = resolve_window_length("auto", len(y), horizon, sp)
    center, spread = float(y.mean()), float(y.std())
    X_center, X_spread = X.mean(axis=0), X.std(axis=0)
    X_spread[X_spread == 0] = 1.0
    scaled = ((y - center) / spread)[:, None]
    transfer = fit_transfer_function([(scaled, X)], length, horizon, sp=sp)
    rest = scaled - transfer.apply(X)
    mean = float(rest.mean())
    rest -= mean
    scaling = choose_level([rest], length, horizon, sp=sp)
    rows = np.column_stack([rest, (X - X_center) / X_spread])
    if not reads_columns([rows], length, horizon, scaling, 1, sp=sp):
        rows = rest
    window_map = fit_window_map([rows], length, horizon, scaling, sp=sp, n_outputs=1)
    return LinearStart(
        transfer, window_map, X, rows, center, spread, mean, X_center, X_spread
    )
