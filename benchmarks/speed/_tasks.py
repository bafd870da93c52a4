"""What every way is timed on: one series or panel, one network, one number of steps."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._cases import m4_weekly, pm25_weather
from benchmarks._data import read_airline

# Thread pools of both frameworks; what the machine of the measurements has.
N_THREADS = 2
SEARCH: dict[str, tuple[Any, ...]] = {
    "units": (8, 16, 32),
    "window_length": (12, 24),
    "learning_rate": (0.001, 0.01),
    "batch_size": (16, 32),
}


@dataclass(frozen=True)
class Task:
    """A network and how long to train it; equal for all ways.

    Attributes
    ----------
    data : {"airline", "PM2.5", "M4 Weekly", "walks"}
        Series to train on; random walks have ``n_windows`` each.
    cell : {"lstm", "gru"}
        Recurrent cell.
    units : tuple of int
        Width of each layer.
    window_length, horizon, batch_size, epochs : int
        As in the constructors. An epoch takes every window once.
    n_windows : int or None
        Train on the latest windows of each series only, so many.
    learning_rate : float
        Of Adam.
    n_left_out : int
        Rows at the end of each series that are not trained on.
    n_series : int
        How many random walks.
    """

    data: str = "airline"
    cell: str = "lstm"
    units: tuple[int, ...] = (32,)
    window_length: int = 24
    horizon: int = 12
    batch_size: int = 32
    epochs: int = 50
    n_windows: int | None = None
    learning_rate: float = 0.001
    n_left_out: int = 0
    n_series: int = 1


@dataclass(frozen=True)
class Rows:
    """Standardized series, so that no way has to scale.

    Attributes
    ----------
    y : list of ndarray of float32 of shape (n_rows,)
        Targets.
    X : list of ndarray of float32 of shape (n_rows, n_columns)
        Columns of which only the past is known.
    freq : str
        Of the index, in pandas' words.
    """

    y: list[np.ndarray]
    X: list[np.ndarray]
    freq: str


def read_rows(task: Task) -> Rows:
    """Read the data of a task, without missing values."""
    if task.data == "airline":
        y = read_airline().to_numpy(float)
        return _standardize([y], [np.empty((len(y), 0))], "MS", task)
    if task.data == "PM2.5":
        case = pm25_weather()
        y, X = case.y.ffill().bfill().to_numpy(), case.X.to_numpy()
        return _standardize([y[: case.n_train]], [X[: case.n_train]], "h", task)
    if task.data == "walks":
        assert task.n_windows is not None
        n_rows = task.n_windows + task.window_length + task.horizon - 1
        rng = np.random.default_rng(0)
        walks = [rng.standard_normal(n_rows).cumsum() for _ in range(task.n_series)]
        return _standardize(walks, [np.empty((n_rows, 0))] * len(walks), "h", task)
    series = list(m4_weekly().train.values())
    return _standardize(series, [np.empty((len(y), 0)) for y in series], "W", task)


def _standardize(targets: list[Any], columns: list[Any], freq: str, task: Task) -> Rows:
    def scale(values: np.ndarray) -> np.ndarray:
        spread = np.maximum(values.std(axis=0), 1e-6)
        return ((values - values.mean(axis=0)) / spread).astype("float32")

    kept = slice(None, -task.n_left_out if task.n_left_out else None)
    if task.n_windows is not None:
        kept = slice(-(task.n_windows + task.window_length + task.horizon - 1), None)
    ys, tables = [scale(y[kept]) for y in targets], [scale(X[kept]) for X in columns]
    return Rows(ys, tables, freq)


def cut_windows(rows: Rows, task: Task) -> tuple[np.ndarray, np.ndarray]:
    """Cut windows (n, window_length, n_channels) and targets (n, horizon)."""
    windows, targets = [], []
    for y, X in zip(rows.y, rows.X, strict=True):
        both = np.column_stack([y, X])
        n = len(y) - task.window_length - task.horizon + 1
        if n < 1:
            continue
        first = np.arange(n)[:, None]
        windows.append(both[first + np.arange(task.window_length)])
        targets.append(y[first + task.window_length + np.arange(task.horizon)])
    return np.concatenate(windows), np.concatenate(targets)


def count_steps(rows: Rows, task: Task) -> int:
    """Count the gradient steps of a fit."""
    sizes = [len(y) - task.window_length - task.horizon + 1 for y in rows.y]
    n_windows = sum(max(0, n) for n in sizes)
    return task.epochs * -(-n_windows // task.batch_size)


def candidates(task: Task) -> Iterator[Task]:
    """Yield the 24 networks of a grid search, each with its 3 folds."""
    grid = [
        replace(task, units=(u,), window_length=w, learning_rate=rate, batch_size=b)
        for u in SEARCH["units"]
        for w in SEARCH["window_length"]
        for rate in SEARCH["learning_rate"]
        for b in SEARCH["batch_size"]
    ]
    for network in grid:
        for fold in (3, 2, 1):
            yield replace(network, n_left_out=fold * task.horizon)


def to_frame(rows: Rows) -> pd.DataFrame:
    """Return a long table: unique_id, ds, y and the columns of X."""
    parts = []
    for i, (y, X) in enumerate(zip(rows.y, rows.X, strict=True)):
        start = pd.Timestamp("1990-01-07" if rows.freq == "W" else "1990-01-01")
        ds = pd.date_range(start, periods=len(y), freq=rows.freq)
        columns = {f"x{j}": X[:, j] for j in range(X.shape[1])}
        parts.append(pd.DataFrame({"unique_id": str(i), "ds": ds, "y": y} | columns))
    return pd.concat(parts, ignore_index=True)
