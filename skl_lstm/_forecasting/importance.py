"""What each lag of each column is worth to a forecast."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._series.history import History
from skl_lstm._series.season import first_step
from skl_lstm._windows.assembly import Assembly
from skl_lstm._windows.comparison import thin_out

# Windows that importances are measured on.
MOST_ORIGINS = 200


class _Windows(NamedTuple):
    """Windows of one series.

    Attributes
    ----------
    values : ndarray of shape (n_windows, n_rows + horizon, n_outputs + n_features)
        The rows that a forecast reads, and those that it is judged by.
    clock : ndarray of int of shape (n_windows,)
        Steps of the calendar before each.
    """

    values: np.ndarray
    clock: np.ndarray


def measure_importances(
    model: TrainedModel,
    histories: Sequence[History],
    n_repeats: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Permute one lag of one column after the other among windows of each series.

    Parameters
    ----------
    model : TrainedModel
        What forecasts.
    histories : sequence of History
        The rows seen.
    n_repeats : int
        Permutations.
    rng : numpy.random.Generator
        Draws them.

    Returns
    -------
    ndarray of shape (window_length + 1, n_outputs + n_features)
        Rise of the mean absolute error by lag, from 0 on, and column, targets first;
        NaN where nothing is read.
    """
    spec = model.spec
    windows = _cut_windows(model, histories)
    base, n_columns = _error(model, windows), windows[0].values.shape[2]
    n_rows = model.n_rows_read
    rises = np.full((spec.window_length + 1, n_columns), np.nan)
    first = 0 if spec.autoregressive else spec.n_outputs
    known = [spec.n_outputs + c for c in model.columns.concurrent]
    for column in range(first, n_columns):
        for lag in range(0 if column in known else 1, spec.window_length + 1):
            rows = (
                slice(n_rows, None)
                if lag == 0
                else slice(n_rows - lag, n_rows - lag + 1)
            )
            errors = [
                _error(model, [_permute(w, rows, column, rng) for w in windows])
                for _ in range(n_repeats)
            ]
            rises[lag, column] = np.mean(errors) - base
    return rises


def _cut_windows(model: TrainedModel, histories: Sequence[History]) -> list[_Windows]:
    """Cut the windows of each series."""
    n_rows, horizon = model.n_rows_read, model.spec.horizon
    held_out = model.calibration.origins
    each = max(2, MOST_ORIGINS // len(histories))
    windows = []
    for number, history in enumerate(histories):
        values = np.concatenate([history.y, history.X], axis=1)
        # Before its beginning a series goes on as it starts.
        values = np.pad(values, ((n_rows, 0), (0, 0)), mode="edge")
        last = len(history) - horizon
        origins = np.arange(max(1, last - each + 1), last + 1)
        if number < len(held_out) and len(held_out[number]) > 1:
            origins = thin_out(np.asarray(held_out[number]), each)
        cut = values[origins[:, None] + np.arange(n_rows + horizon)]
        windows.append(_Windows(cut, first_step(history) + origins - n_rows))
    return windows


def _permute(
    windows: _Windows, rows: slice, column: int, rng: np.random.Generator
) -> _Windows:
    values = windows.values.copy()
    order = rng.permutation(len(values))
    values[:, rows, column] = windows.values[order, rows, column]
    return windows._replace(values=values)


def _error(model: TrainedModel, windows: Sequence[_Windows]) -> float:
    """Return the mean absolute error of forecasts from windows, all in one batch."""
    n_outputs, horizon = model.spec.n_outputs, model.spec.horizon
    # One below the other: none reads another's rows.
    joined = [each.values.reshape(-1, each.values.shape[2]) for each in windows]
    histories = [History(j[:, :n_outputs], j[:, n_outputs:], None) for j in joined]
    assembly = _set_apart(model.assemble(histories), windows)
    n_rows = windows[0].values.shape[1]
    origins = [
        start + np.arange(len(each.values)) * n_rows + n_rows - horizon
        for each, start in zip(windows, assembly.starts, strict=True)
    ]
    scaled = model.run(assembly, np.concatenate(origins), horizon)
    ends = np.cumsum([len(each.values) for each in windows])[:-1]
    pairs = zip(model.scalings, np.split(scaled, ends), windows, strict=True)
    errors = [
        np.abs(scaling.invert(forecast) - each.values[:, -horizon:, :n_outputs]).ravel()
        for scaling, forecast, each in pairs
    ]
    return float(np.nanmean(np.concatenate(errors)))


def _set_apart(assembly: Assembly, windows: Sequence[_Windows]) -> Assembly:
    """Say of each window that it begins a series, where that is read."""
    if not assembly.data.rows:
        return assembly
    first, clock, series = (rows.copy() for rows in assembly.data.rows)
    for start, each in zip(assembly.starts, windows, strict=True):
        n, n_rows = each.values.shape[:2]
        own = slice(start, start + n * n_rows)
        first[own] = np.repeat(start + n_rows * np.arange(n), n_rows)
        clock[own] = (each.clock[:, None] + np.arange(n_rows)).ravel()
    rows = first, clock, series
    return assembly._replace(data=assembly.data._replace(rows=rows))
