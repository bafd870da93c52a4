"""The linear start of a forecast with known columns, in NumPy, without training."""

from typing import NamedTuple

import numpy as np

from skl_lstm._defaults import resolve_horizon, resolve_window_length
from skl_lstm._training.level import choose_level
from skl_lstm._training.transfer_function import (
    TransferFunction,
    fit_transfer_function,
)
from skl_lstm._training.window_map import WindowMap, fit_window_map, windows_before


class LinearStart(NamedTuple):
    """Transfer function of the columns, and a window map of what it leaves.

    Attributes
    ----------
    transfer : TransferFunction
        In units of the scaled target.
    window_map : WindowMap
        Of the rest.
    X, rest : ndarray
        Training rows of the columns, and of the rest.
    center, spread, mean : float
        Of the target, and the mean of the rest.
    """

    transfer: TransferFunction
    window_map: WindowMap
    X: np.ndarray
    rest: np.ndarray
    center: float
    spread: float
    mean: np.ndarray

    def forecast(self, X: np.ndarray) -> np.ndarray:
        """Forecast the rows after training, one for each row of ``X``."""
        n_rows, length = len(self.rest), self.window_map.window_length
        windows = windows_before(self.rest, np.array([n_rows]), length)
        rest = self.window_map.forecast(windows, len(X))[0]
        effect = self.transfer.apply(np.concatenate([self.X, X]))[n_rows:]
        return self.center + self.spread * (rest + self.mean + effect)[:, 0]


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
    center, spread = y.mean(), y.std()
    scaled = ((y - center) / spread)[:, None]
    transfer = TransferFunction.none(X.shape[1], 1)
    if X.shape[1]:
        transfer = fit_transfer_function([(scaled, X)], length, horizon, sp=sp)
    rest = scaled - transfer.apply(X)
    mean = rest.mean(axis=0)
    rest = rest - mean
    scaling = choose_level([rest], length, horizon, sp=sp)
    window_map = fit_window_map([rest], length, horizon, scaling, sp=sp)
    return LinearStart(transfer, window_map, X, rest, center, spread, mean)
