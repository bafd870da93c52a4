"""Which windows to train on, and which to hold out."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skl_lstm._series.history import History
from skl_lstm._training.defaults import (
    resolve_early_stopping,
    resolve_horizon,
    resolve_window_length,
)
from skl_lstm._training.plan import Task
from skl_lstm._training.settings import Settings
from skl_lstm._windows.origins import Split, complete_origins, split_by_time


class Windows(NamedTuple):
    """The windows of every series, by the row of their first target.

    Attributes
    ----------
    length, horizon : int
        Rows that a window reads and is compared with.
    origins : list of ndarray of int32
        All windows of each series.
    splits : list of Split
        Those to train on, and the latest ones that are held out.
    """

    length: int
    horizon: int
    origins: list[np.ndarray]
    splits: list[Split]

    @property
    def n_train(self) -> int:
        """Windows to train on."""
        return sum(len(split.train) for split in self.splits)

    @property
    def n_held_out(self) -> int:
        """Windows that are held out."""
        return sum(len(split.validation) for split in self.splits)

    @property
    def n_independent(self) -> float:
        """Windows held out that do not overlap: one per horizon, in every series."""
        sizes = [len(split.validation) for split in self.splits]
        return sum(1 + (n - 1) / self.horizon for n in sizes if n)


def choose_windows(
    settings: Settings, task: Task, histories: Sequence[History]
) -> Windows:
    """Choose window length and horizon, list the windows, hold the latest out.

    Raises
    ------
    ValueError
        If the series are too short for one window, or shorter than ``window_length``.
    """
    length, horizon = _resolve_sizes(settings, task, histories)
    n_rows = max(map(len, histories))
    if settings.window_length != "auto" and length > n_rows:
        raise ValueError(
            f"The 'window_length' parameter of {task.name} must not be longer than the "
            f"series, which has n_samples = {n_rows}. Got {length} instead. Lower it, "
            "take 'auto', or pass more data."
        )
    origins = list_origins(task, histories, length, horizon, short=len(histories) > 1)
    if not sum(map(len, origins)):
        raise ValueError(
            f"{task.name} found no window to train on: it needs {length} + {horizon} "
            "rows with enough values that are not missing. Pass more data, or lower "
            "window_length or horizon."
        )
    return Windows(length, horizon, origins, split_windows(settings, origins, horizon))


def _resolve_sizes(
    settings: Settings, task: Task, histories: Sequence[History]
) -> tuple[int, int]:
    """Return window length and horizon, chosen for the series of median length."""
    n_rows = int(np.median([len(history) for history in histories]))
    horizon = 1
    if task.autoregressive:
        horizon = resolve_horizon(settings.horizon, n_rows, task.last_step, task.sp)
    length = resolve_window_length(
        settings.window_length,
        n_rows,
        horizon,
        task.sp,
        # What known columns explain is taken off before: they fill no window.
        n_columns=_count_window_columns(settings, task, histories),
        n_series=len(histories),
    )
    return length, horizon


def _count_window_columns(
    settings: Settings, task: Task, histories: Sequence[History]
) -> int:
    if settings.linear_skip and task.autoregressive:
        return len(task.columns.shifted)
    return histories[0].X.shape[1]


def list_origins(
    task: Task,
    histories: Sequence[History],
    length: int,
    horizon: int,
    *,
    short: bool,
) -> list[np.ndarray]:
    """List the windows to train on in every series, see `training_origins`.

    Windows of whose targets none counts are left out.
    """
    found, seen = [], np.empty(0, "int32")
    for history in histories:
        known = np.isfinite(history.y).any(axis=1)
        origins = training_origins(task, known, length, horizon, short=short)
        if history.weights is not None:
            n_counted = np.concatenate([[0], np.cumsum(known & (history.weights > 0))])
            origins = origins[n_counted[origins + horizon] > n_counted[origins]]
        # Series of one length share them, as thousands of a panel may have it.
        seen = seen if np.array_equal(origins, seen) else origins
        found.append(seen)
    return found


def training_origins(
    task: Task, is_known: np.ndarray, length: int, horizon: int, *, short: bool = False
) -> np.ndarray:
    """List the windows of one series to train on, by the row of their first target.

    A regression on concurrent columns uses every row with a target, the first ones
    with a padded window. Windows of the past alone must be complete, unless none is.
    Windows with too little to see or nothing to compare with are left out: a long
    gap is no place to learn from.

    Parameters
    ----------
    task : Task
        What is to be learned.
    is_known : ndarray of bool of shape (n_rows,)
        Rows with a target.
    length, horizon : int
        Rows that a window reads and is compared with.
    short : bool, default=False
        Whether a series too short for one window is used with padded ones, instead of
        an error.
    """
    if task.autoregressive:
        n_rows = len(is_known)
        if short and n_rows < length + horizon:
            origins = np.arange(min(2, n_rows), n_rows - horizon + 1, dtype="int32")
        else:
            origins = complete_origins(n_rows, length, horizon, name=task.name)
        return _with_enough_known(is_known, origins, length, horizon)
    known = np.flatnonzero(is_known).astype("int32")
    complete = known[known >= length]
    return complete if task.columns.shifted and len(complete) else known


def _with_enough_known(
    is_known: np.ndarray, origins: np.ndarray, length: int, horizon: int
) -> np.ndarray:
    """Keep the windows with a target, and with half of their past known if any has."""
    if is_known.all():
        return origins
    n_known = np.concatenate([[0], np.cumsum(is_known)])
    first = np.maximum(origins - length, 0)
    n_seen = n_known[origins] - n_known[first]
    has_target = n_known[origins + horizon] > n_known[origins]
    enough = has_target & (2 * n_seen >= origins - first)
    return origins[enough if enough.any() else has_target & (n_seen > 0)]


def split_windows(
    settings: Settings, origins: list[np.ndarray], horizon: int
) -> list[Split]:
    """Hold the latest windows of every series out where training stops early."""
    n_windows = sum(map(len, origins))
    if not resolve_early_stopping(settings.early_stopping, n_windows):
        return [Split(o, o[:0]) for o in origins]
    return [split_by_time(o, settings.validation_fraction, horizon) for o in origins]
