"""The rows an estimator remembers, and the arithmetic of their time index."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class History:
    """Targets and exogenous columns on one time index.

    Attributes
    ----------
    y : ndarray of shape (n_rows, n_outputs)
        Targets in their own units.
    X : ndarray of shape (n_rows, n_features)
        Exogenous columns in their own units; no column where there is no X.
    index : pandas.Index or None
        Time of each row; None for rows without any.
    freq : pandas offset, int or None
        Distance between rows, where the index has a regular one.
    """

    y: np.ndarray
    X: np.ndarray
    index: Any
    freq: Any = None

    def __len__(self) -> int:
        return len(self.y)

    def until(self, n_rows: int) -> "History":
        """Return the first rows only."""
        index = None if self.index is None else self.index[:n_rows]
        return replace(self, y=self.y[:n_rows], X=self.X[:n_rows], index=index)

    def next_label(self) -> Any:
        """Return the time one step after the last row, None if unknown."""
        if self.index is None or self.freq is None:
            return None
        if isinstance(self.index, pd.PeriodIndex):
            return self.index[-1] + 1
        return self.index[-1] + self.freq


def frequency_of_rows(index: pd.Index) -> Any:
    """Return the distance between rows: an offset, an integer, or None."""
    if isinstance(index, pd.PeriodIndex):
        return index.freq
    if isinstance(index, pd.DatetimeIndex):
        if index.freq is not None:
            return index.freq
        inferred = pd.infer_freq(index) if len(index) >= 3 else None
        return inferred and pd.tseries.frequencies.to_offset(inferred)
    if len(index) < 2:
        return 1
    steps = np.unique(np.diff(index.to_numpy()))
    return steps[0] if len(steps) == 1 else None


def make_history(y: np.ndarray, X: np.ndarray, index: pd.Index | None) -> History:
    """Remember training rows."""
    freq = None if index is None else frequency_of_rows(index)
    return History(y, X, index, freq)


def count_missing_steps(history: History, index: pd.Index) -> int:
    """Count the steps missing between the last row and the first of ``index``.

    Zero where the index says nothing about it, negative where the two overlap.
    """
    expected = history.next_label()
    first, last = index[0], history.index[-1]
    if first <= last:
        return -1
    if expected is None or first <= expected:
        return 0
    if isinstance(index, pd.PeriodIndex):
        return (first - expected).n
    if isinstance(index, pd.DatetimeIndex):
        return len(pd.date_range(expected, first, freq=history.freq)) - 1
    return int((first - expected) // history.freq)


def extend_history(history: History, new: History) -> History:
    """Add newly seen rows; a row at a known time replaces the old one.

    Missing steps in between hold the last value, with a warning.
    """
    n_missing = count_missing_steps(history, new.index)
    if n_missing < 0:
        return _overwrite(history, new)
    if n_missing:
        warnings.warn(
            f"{n_missing} steps are missing between the rows seen so far (up to "
            f"{history.index[-1]}) and the new ones (from {new.index[0]}); they are "
            "filled with the last value. Pass them to `update` to avoid this.",
            stacklevel=2,
        )
    index = _joined_index(history, new.index, n_missing)
    fill = np.zeros(n_missing, dtype=int)
    return replace(
        history,
        y=np.concatenate([history.y, history.y[-1:][fill], new.y]),
        X=np.concatenate([history.X, history.X[-1:][fill], new.X]),
        index=index,
    )


def _joined_index(history: History, new: pd.Index, n_missing: int) -> pd.Index:
    """Append an index, keeping its frequency (which ``append`` would drop)."""
    old = history.index
    n_rows = len(old) + n_missing + len(new)
    regular = history.freq is not None and new[0] > old[-1]
    if regular and isinstance(old, pd.DatetimeIndex):
        joined = pd.date_range(old[0], periods=n_rows, freq=history.freq)
        if joined[-1] == new[-1]:
            return joined
    if regular and isinstance(old, pd.PeriodIndex):
        return pd.period_range(old[0], periods=n_rows, freq=old.freq)
    if n_missing:
        steps = history.freq * np.arange(1, n_missing + 1)
        old = old.append(pd.Index(old[-1] + steps))
    return old.append(new)


def _overwrite(history: History, new: History) -> History:
    """Merge rows that overlap in time, the new ones winning."""
    columns = np.concatenate([history.y, history.X], axis=1)
    old = pd.DataFrame(columns, index=history.index)
    update = pd.DataFrame(np.concatenate([new.y, new.X], axis=1), index=new.index)
    kept = old[~old.index.isin(update.index)]
    merged = pd.concat([kept, update]).sort_index()
    values, n_outputs = merged.to_numpy(), history.y.shape[1]
    index = merged.index
    if isinstance(index, pd.DatetimeIndex) and history.freq is not None:
        try:
            index = pd.DatetimeIndex(index, freq=history.freq)
        except ValueError:  # the merged rows are no longer regular
            index = pd.DatetimeIndex(index)
    return replace(
        history, y=values[:, :n_outputs], X=values[:, n_outputs:], index=index
    )
