"""The rows an estimator remembers, and the arithmetic of their time index."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from skl_lstm._series.season import frequency_of_rows


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

    def rows(self, at: np.ndarray) -> "History":
        """Return some of the rows, by their position."""
        index = None if self.index is None else self.index[at]
        return replace(self, y=self.y[at], X=self.X[at], index=index)

    def next_label(self) -> Any:
        """Return the time one step after the last row, None if unknown."""
        if self.index is None or self.freq is None:
            return None
        if isinstance(self.index, pd.PeriodIndex):
            return self.index[-1] + 1
        return self.index[-1] + self.freq


def make_history(y: np.ndarray, X: np.ndarray, index: pd.Index | None) -> History:
    """Remember training rows, laid out alike wherever they come from.

    Sums depend on the order in memory in their last bit, and frames come by column.
    They are copied: what a user does with his data later changes no forecast.
    """
    freq = None if index is None else frequency_of_rows(index)
    return History(np.array(y, order="C"), np.array(X, order="C"), index, freq)


def complete_history(history: History) -> tuple[History, np.ndarray]:
    """Give every step of a calendar a row; steps without one hold NaN.

    Rows that are not on the calendar's steps, and rows of which more would be missing
    than there are, stay as they are: their index tells their order alone.

    Parameters
    ----------
    history : History
        The rows there are, in order of time.

    Returns
    -------
    history : History
        A row for every step.
    ndarray of int of shape (n_rows,)
        Where the rows stand in it.
    """
    in_order = np.arange(len(history))
    if history.index is None or history.freq is None:
        return history, in_order
    steps = regular_index(history, history.index[0], history.index[-1])
    at = steps.get_indexer(history.index)
    if len(steps) > 2 * len(at) or len(steps) == len(at) or (at < 0).any():
        return history, in_order
    y, X = (np.full((len(steps), v.shape[1]), np.nan) for v in (history.y, history.X))
    y[at], X[at] = history.y, history.X
    return replace(history, y=y, X=X, index=steps), at


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
    return len(regular_index(history, expected, first)) - 1


def regular_index(history: History, first: Any, last: Any) -> pd.Index:
    """List the times from ``first`` to ``last`` at the history's frequency."""
    if isinstance(history.index, pd.PeriodIndex):
        return pd.period_range(first, last, freq=history.index.freq)
    if isinstance(history.index, pd.DatetimeIndex):
        return pd.date_range(first, last, freq=history.freq)
    steps = pd.RangeIndex(first, last + history.freq, history.freq)
    is_range = isinstance(history.index, pd.RangeIndex)
    return steps if is_range else pd.Index(steps.to_numpy())


def extend_history(history: History, new: History) -> History:
    """Add newly seen rows; a row at a known time replaces the old one.

    Missing steps hold missing values, with a warning.
    """
    index = _joined_index(history, new.index)
    values = np.full((len(index), history.y.shape[1] + history.X.shape[1]), np.nan)
    seen = np.zeros(len(index), dtype=bool)
    for rows in (history, new):
        at = index.get_indexer(rows.index)
        values[at] = np.concatenate([rows.y, rows.X], axis=1)
        seen[at] = True
    if not seen.all():
        gap = np.flatnonzero(~seen)
        after = gap[-1] + 1
        warnings.warn(
            f"{len(gap)} steps are missing between the rows at {index[gap[0] - 1]} and "
            f"{index[after]}; they count as missing values. Pass "
            "them to `update` to avoid this.",
            stacklevel=2,
        )
    n_outputs = history.y.shape[1]
    return replace(
        history, y=values[:, :n_outputs], X=values[:, n_outputs:], index=index
    )


def _joined_index(history: History, new: pd.Index) -> pd.Index:
    """Join two indexes; every step of a regular one, even where no row is."""
    old = history.index
    first, last = min(old[0], new[0]), max(old[-1], new[-1])
    if history.freq is not None:
        regular = regular_index(history, first, last)
        if regular.isin(old).sum() == len(old) and new.isin(regular).all():
            return regular
    return old.union(new)
