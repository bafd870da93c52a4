"""A linear map of normalized windows that forecasts a series, in NumPy.

It is what training starts from, and with what the choices made before training are
judged: rolled over as many steps as a forecast has, without TensorFlow.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skl_lstm._engine.spec import SPREAD_FLOOR
from skl_lstm._gaps import carry_forward
from skl_lstm._linear import fit_linear_map
from skl_lstm._seasonal import seasonal_kernels

# More windows do not make a choice better, only slower.
MOST_WINDOWS = 5_000


class WindowMap(NamedTuple):
    """A linear forecast of the rows after a window.

    Attributes
    ----------
    scaling : {"raw", "standard", "level"}
        What the map reads: the window as it is; its deviations from the last row in
        units of the window's spread; or these and, in place of the last deviation,
        which always is zero, the last row in units of the spread. That is the level,
        since zero is the mean of the series.
    kernel : ndarray of shape (window_length * n_outputs, horizon * n_outputs)
        Weights.
    bias : ndarray of shape (horizon * n_outputs,)
        What is added to them.
    window_length, n_outputs : int
        Rows and columns of a window.
    """

    scaling: str
    kernel: np.ndarray
    bias: np.ndarray
    window_length: int
    n_outputs: int

    def forecast(self, windows: np.ndarray, n_steps: int) -> np.ndarray:
        """Forecast the rows after windows, a block of ``horizon`` rows at a time.

        Parameters
        ----------
        windows : ndarray of shape (n_windows, window_length, n_outputs)
            Rows before each origin, none missing.
        n_steps : int
            Rows to forecast.

        Returns
        -------
        ndarray of shape (n_windows, n_steps, n_outputs)
        """
        rows = windows
        while rows.shape[1] < windows.shape[1] + n_steps:
            rows = np.concatenate(
                [rows, self._block(rows[:, -self.window_length :])], axis=1
            )
        return rows[:, windows.shape[1] :][:, :n_steps]

    def _block(self, windows: np.ndarray) -> np.ndarray:
        inputs, center, unit = normalize(windows, self.scaling)
        outputs = inputs.reshape(len(inputs), -1) @ self.kernel + self.bias
        return center + unit * outputs.reshape(len(inputs), -1, self.n_outputs)


def normalize(
    windows: np.ndarray, scaling: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what a map reads of windows, their centers and their units.

    Parameters
    ----------
    windows : ndarray of shape (n_windows, window_length, n_outputs)
        Rows before each origin.
    scaling : {"raw", "standard", "level"}
        See `WindowMap`.

    Returns
    -------
    ndarray of shape (n_windows, window_length, n_outputs), \
    two ndarrays of shape (n_windows, 1, n_outputs)
    """
    last = windows[:, -1:]
    if scaling == "raw":
        return windows, np.zeros_like(last), np.ones_like(last)
    spread = windows.std(axis=1, keepdims=True)
    unit = np.maximum(spread, SPREAD_FLOOR)
    inputs = (windows - last) / unit
    if scaling == "level":
        inputs[:, -1:] = last / unit
    return inputs, last, unit


def fit_window_map(
    series: Sequence[np.ndarray],
    window_length: int,
    horizon: int,
    scaling: str,
    *,
    sp: int = 1,
    absolute: bool | None = None,
) -> WindowMap:
    """Fit the map by ridge regression, see `fit_linear_map`.

    With the level, two solutions are averaged: one is drawn to the last row, as
    without the level, the other to the mean. A map that knows how far a series is from
    its mean errs by returning too fast, one that does not by never returning.

    Parameters
    ----------
    series : sequence of ndarray of shape (n_rows, n_outputs)
        In units of their spread, their mean taken off; NaN where missing.
    window_length, horizon : int
        Rows that a window reads and forecasts.
    scaling : {"raw", "standard", "level"}
        See `WindowMap`.
    sp : int, default=1
        Steps per season; simple seasonal forecasts join in where there is one.
    absolute : bool or None, default=None
        Whether absolute errors are to be small, not squared ones; None: where there
        are several steps, as in training.
    """
    windows, targets = cut_windows(series, window_length, horizon)
    n_outputs = series[0].shape[1]
    inputs, center, unit = normalize(windows, scaling)
    targets = ((targets - center) / unit).reshape(len(inputs), horizon * n_outputs)
    inputs = inputs.reshape(len(inputs), window_length * n_outputs)
    simple = seasonal_kernels(window_length, n_outputs, horizon, n_outputs, sp)
    if scaling == "level":
        # The deviation of the last row, which is zero, has given its place away.
        for kernel in simple:
            kernel[-n_outputs:] = 0.0
    every = _stride(series, window_length, horizon)
    maps = []
    for goal in _goals(inputs.shape[1], targets.shape[1], n_outputs, scaling):
        # Ridge regression drawn to a kernel: what is left of it, drawn to zero.
        rest = fit_linear_map(
            inputs,
            targets - inputs @ goal,
            unit.mean(axis=(1, 2)),
            window_length,
            (horizon - 1) * len(series) // every,
            absolute=horizon > 1 if absolute is None else absolute,
            simple=[kernel - goal for kernel in simple],
        )
        if rest is not None:
            maps.append((goal + rest.kernel, rest.bias))
    if not maps:
        bias = np.zeros(targets.shape[1])
        if scaling == "raw" and len(targets):
            bias = targets.mean(axis=0)
        maps = [(np.zeros((inputs.shape[1], targets.shape[1])), bias)]
    kernel, bias = (np.mean(parts, axis=0) for parts in zip(*maps, strict=True))
    return WindowMap(scaling, kernel, bias, window_length, n_outputs)


def _goals(
    n_inputs: int, n_emitted: int, n_outputs: int, scaling: str
) -> list[np.ndarray]:
    """Return the kernels that ridge regression is drawn to: last row, and mean."""
    last = np.zeros((n_inputs, n_emitted))
    if scaling != "level":
        return [last]
    mean = last.copy()
    mean[-n_outputs:] = -np.tile(np.eye(n_outputs), n_emitted // n_outputs)
    return [last, mean]


def cut_windows(
    series: Sequence[np.ndarray], window_length: int, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cut the windows of all series whose targets are known, the latest last.

    Parameters
    ----------
    series : sequence of ndarray of shape (n_rows, n_outputs)
        NaN where missing; inside a window the last value known stands in.
    window_length, horizon : int
        Rows that a window reads and forecasts.

    Returns
    -------
    ndarray of shape (n_windows, window_length, n_outputs), \
    ndarray of shape (n_windows, horizon, n_outputs)
    """
    every = _stride(series, window_length, horizon)
    parts = []
    for u in series:
        origins = np.arange(len(u) - horizon, window_length - 1, -every)[::-1]
        windows = windows_before(u, origins, window_length)
        targets = u[origins[:, None] + np.arange(horizon)]
        known = np.isfinite(targets).all(axis=(1, 2))
        parts.append((windows[known], targets[known], origins[known] - len(u)))
    windows, targets, ages = (np.concatenate(p) for p in zip(*parts, strict=True))
    order = np.argsort(ages, kind="stable")
    return windows[order], targets[order]


def _stride(series: Sequence[np.ndarray], window_length: int, horizon: int) -> int:
    """Return how many rows lie between the origins of windows."""
    n_origins = sum(max(len(u) - window_length - horizon + 1, 0) for u in series)
    return max(1, -(-n_origins // MOST_WINDOWS))


def windows_before(
    values: np.ndarray, origins: np.ndarray, window_length: int
) -> np.ndarray:
    """Return the rows before each origin, of shape (n_origins, window_length, ...).

    The last value known stands in for missing ones, zero before the first.
    """
    filled = carry_forward(values, np.zeros(values.shape[1]))
    return filled[origins[:, None] + np.arange(-window_length, 0)]
