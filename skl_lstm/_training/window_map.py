"""A linear map of normalized windows that forecasts a series, in NumPy.

It is what training starts from, and with what the choices made before training are
judged: rolled over as many steps as a forecast has, without TensorFlow.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skl_lstm._engine.spec import SPREAD_FLOOR
from skl_lstm._training.linear_map import LinearMap, fit_linear_map
from skl_lstm._windows.gaps import carry_forward

# More windows do not make a choice better, only slower.
MOST_WINDOWS = 5_000


class WindowMap(NamedTuple):
    """A linear forecast of the rows after a window.

    Attributes
    ----------
    scaling : {"raw", "standard", "level"}
        What the map reads of the targets: the window as it is; its deviations from the
        last row in units of the window's spread; or these and, in place of the last
        deviation, which always is zero, the last row in units of the spread. That is
        the level, since zero is the mean of the series.
    linear : LinearMap
        Kernel of shape (window_length * n_channels, horizon * n_outputs), and bias.
    window_length, n_outputs : int
        Rows of a window, and how many of its columns are targets; the others are known
        ahead and read as they are.
    """

    scaling: str
    linear: LinearMap
    window_length: int
    n_outputs: int

    def forecast(
        self, windows: np.ndarray, n_steps: int, known: np.ndarray | None = None
    ) -> np.ndarray:
        """Forecast the rows after windows, a block of ``horizon`` rows at a time.

        Parameters
        ----------
        windows : ndarray of shape (n_windows, window_length, n_channels)
            Rows before each origin, none missing.
        n_steps : int
            Rows to forecast.
        known : ndarray of shape (n_windows, n_steps, n_channels - n_outputs) or None
            The columns known ahead, if the map reads any.

        Returns
        -------
        ndarray of shape (n_windows, n_steps, n_outputs)
        """
        length, n_outputs = self.window_length, self.n_outputs
        ahead = np.zeros((len(windows), n_steps, windows.shape[2]))
        if known is not None:
            ahead[:, :, n_outputs:] = known
        rows = np.concatenate([windows, ahead], axis=1)
        for step in range(0, n_steps, self.linear.bias.size // n_outputs):
            block = self._block(rows[:, step : step + length])
            rows[:, step + length :, :n_outputs][:, : block.shape[1]] = block[
                :, : n_steps - step
            ]
        return rows[:, length:, :n_outputs]

    def _block(self, windows: np.ndarray) -> np.ndarray:
        inputs, center, unit = normalize(windows, self.scaling, self.n_outputs)
        outputs = self.linear.predict(inputs.reshape(len(inputs), -1))
        return center + unit * outputs.reshape(len(inputs), -1, self.n_outputs)


def normalize(
    windows: np.ndarray, scaling: str, n_outputs: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what a map reads of windows, their centers and their units.

    Parameters
    ----------
    windows : ndarray of shape (n_windows, window_length, n_channels)
        Rows before each origin, the targets first.
    scaling : {"raw", "standard", "level"}
        See `WindowMap`.
    n_outputs : int
        Targets.

    Returns
    -------
    ndarray of shape (n_windows, window_length, n_channels), \
    two ndarrays of shape (n_windows, 1, n_outputs)
    """
    targets = windows[:, :, :n_outputs]
    last = targets[:, -1:]
    if scaling == "raw":
        return windows, np.zeros_like(last), np.ones_like(last)
    unit = np.maximum(targets.std(axis=1, keepdims=True), SPREAD_FLOOR)
    inputs = windows.copy()
    inputs[:, :, :n_outputs] = (targets - last) / unit
    if scaling == "level":
        inputs[:, -1:, :n_outputs] = last / unit
    return inputs, last, unit


def fit_window_map(
    series: Sequence[np.ndarray],
    window_length: int,
    horizon: int,
    scaling: str,
    *,
    sp: int = 1,
    n_outputs: int | None = None,
    absolute: bool | None = None,
) -> WindowMap:
    """Fit the map by ridge regression, see `fit_linear_map`.

    With the level, two solutions are averaged: one is drawn to the last row, as
    without the level, the other to the mean. A map that knows how far a series is from
    its mean errs by returning too fast, one that does not by never returning.

    Parameters
    ----------
    series : sequence of ndarray of shape (n_rows, n_channels)
        Targets in units of their spread, their mean taken off, and columns known
        ahead, if any; NaN where missing.
    window_length, horizon : int
        Rows that a window reads and forecasts.
    scaling : {"raw", "standard", "level"}
        See `WindowMap`.
    sp : int, default=1
        Steps per season; simple seasonal forecasts join in where there is one.
    n_outputs : int or None, default=None
        Targets; None: all columns.
    absolute : bool or None, default=None
        Whether absolute errors are to be small, not squared ones; None: where there
        are several steps, as in training.
    """
    n_channels = series[0].shape[1]
    n_outputs = n_channels if n_outputs is None else n_outputs
    windows, targets = cut_windows(series, window_length, horizon, n_outputs)
    inputs, center, unit = normalize(windows, scaling, n_outputs)
    inputs = inputs.reshape(len(inputs), window_length * n_channels)
    targets = ((targets - center) / unit).reshape(len(inputs), horizon * n_outputs)
    n_crossing = (horizon - 1) * len(series)
    n_crossing //= _stride(series, window_length, horizon)
    absolute = horizon > 1 if absolute is None else absolute
    shape = MapShape(window_length, n_channels, horizon, n_outputs)
    linear = fit_normalized_map(
        inputs,
        targets,
        unit.mean(axis=(1, 2)),
        shape,
        scaling,
        n_crossing,
        sp=sp,
        absolute=absolute,
    )
    if linear is None:
        linear = _constant(inputs.shape[1], targets, scaling)
    return WindowMap(scaling, linear, window_length, n_outputs)


class MapShape(NamedTuple):
    """Rows and columns that a linear map reads and emits."""

    window_length: int
    n_channels: int
    horizon: int
    n_outputs: int


def fit_normalized_map(
    inputs: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    shape: MapShape,
    scaling: str | None,
    n_crossing: int,
    *,
    sp: int,
    absolute: bool,
) -> LinearMap | None:
    """Fit the map of windows that are normalized already; see `fit_window_map`.

    Parameters
    ----------
    inputs, targets, weights, n_crossing, absolute
        As for `fit_linear_map`.
    shape : MapShape
        Rows and columns of windows and targets.
    scaling : {"raw", "standard", "level"} or None
        See `WindowMap`; None is "raw".
    sp : int
        Steps per season.
    """
    length, n_channels, horizon, n_outputs = shape
    simple = seasonal_kernels(length, n_channels, horizon, n_outputs, sp)
    goals = [np.zeros((inputs.shape[1], targets.shape[1]))]
    if scaling == "level":
        last_row = slice(-n_channels, n_outputs - n_channels or None)
        # The deviation of the last row, which is zero, has given its place away.
        for kernel in simple:
            kernel[last_row] = 0.0
        mean = goals[0].copy()
        mean[last_row] = -np.tile(np.eye(n_outputs), horizon)
        goals.append(mean)
    maps = []
    for goal in goals:
        # Drawn to a kernel: what is left of it, drawn to zero.
        rest = fit_linear_map(
            inputs,
            targets - inputs @ goal if goal.any() else targets,
            weights,
            length,
            n_crossing,
            absolute=absolute,
            simple=[kernel - goal for kernel in simple],
        )
        if rest is not None:
            maps.append(LinearMap(goal + rest.kernel, rest.bias))
    return _average(maps) if maps else None


def seasonal_kernels(
    window_length: int, n_channels: int, horizon: int, n_outputs: int, sp: int
) -> list[np.ndarray]:
    """Return the maps that repeat the last season, and the mean of all in the window.

    Both are forecasts of a window whose center is taken from it and from the targets
    alike, whatever that center is.

    Parameters
    ----------
    window_length : int
        Time steps of a window.
    n_channels : int
        Inputs per time step; the targets' own past comes first.
    horizon : int
        Steps forecast.
    n_outputs : int
        Targets.
    sp : int
        Steps per season.

    Returns
    -------
    list of ndarray of shape (window_length * n_channels, horizon * n_outputs)
        Empty without a season, or where a window holds none whole; one map where it
        holds less than two.
    """
    n_seasons = window_length // sp if sp > 1 else 0
    found = []
    for n_averaged in dict.fromkeys((1, n_seasons) if n_seasons else ()):
        kernel = np.zeros((window_length, n_channels, horizon, n_outputs))
        for step in range(horizon):
            for season in range(1, n_averaged + 1):
                row = window_length - season * sp + step % sp
                for output in range(n_outputs):
                    kernel[row, output, step, output] = 1 / n_averaged
        found.append(kernel.reshape(window_length * n_channels, horizon * n_outputs))
    return found


def _average(maps: Sequence[LinearMap]) -> LinearMap:
    kernels, biases = zip(*maps, strict=True)
    return LinearMap(np.mean(kernels, axis=0), np.mean(biases, axis=0))


def _constant(n_inputs: int, targets: np.ndarray, scaling: str) -> LinearMap:
    """Return the map where none can be fitted: to the last row, or to the mean."""
    kernel = np.zeros((n_inputs, targets.shape[1]))
    bias = np.zeros(targets.shape[1])
    if scaling == "raw" and len(targets):
        bias = targets.mean(axis=0)
    return LinearMap(kernel, bias)


def cut_windows(
    series: Sequence[np.ndarray], window_length: int, horizon: int, n_outputs: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cut the windows of all series whose targets are known, the latest last.

    Parameters
    ----------
    series : sequence of ndarray of shape (n_rows, n_channels)
        NaN where missing; inside a window the last value known stands in.
    window_length, horizon : int
        Rows that a window reads and forecasts.
    n_outputs : int
        Columns to forecast, the first.

    Returns
    -------
    ndarray of shape (n_windows, window_length, n_channels), \
    ndarray of shape (n_windows, horizon, n_outputs)
    """
    every = _stride(series, window_length, horizon)
    parts = []
    for rows in series:
        origins = np.arange(len(rows) - horizon, window_length - 1, -every)[::-1]
        windows = windows_before(rows, origins, window_length)
        targets = rows[:, :n_outputs][origins[:, None] + np.arange(horizon)]
        known = np.isfinite(targets).all(axis=(1, 2))
        parts.append((windows[known], targets[known], origins[known] - len(rows)))
    windows, targets, ages = (np.concatenate(p) for p in zip(*parts, strict=True))
    order = np.argsort(ages, kind="stable")
    return windows[order], targets[order]


def _stride(series: Sequence[np.ndarray], window_length: int, horizon: int) -> int:
    """Return how many rows lie between the origins of windows."""
    n_origins = sum(max(len(u) - window_length - horizon + 1, 0) for u in series)
    return max(1, -(-n_origins // MOST_WINDOWS))


def windows_before(
    rows: np.ndarray, origins: np.ndarray, window_length: int
) -> np.ndarray:
    """Return the rows before each origin, of shape (n_origins, window_length, ...).

    The last value known stands in for missing ones, zero before the first.
    """
    filled = carry_forward(rows, np.zeros(rows.shape[1]))
    return filled[origins[:, None] + np.arange(-window_length, 0)]
