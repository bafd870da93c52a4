"""The rows an estimator remembers, every step of their calendar."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from skl_lstm._series.arithmetic import NO_POSITION
from skl_lstm._series.calendar import Calendar

# What a row counts at least, in units of the mean: sums of weights stay numbers.
LEAST_WEIGHT = 1e-6
Key = TypeVar("Key")


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
    start : int, default=0
        Steps of the calendar before the first row, where there is no index.
    weights : ndarray of shape (n_rows,) or None, default=None
        How much the error of each row counts, one in the mean; None if all are equal.
    """

    y: np.ndarray
    X: np.ndarray
    index: Any
    freq: Any = None
    start: int = 0
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.y)

    def until(self, n_rows: int) -> "History":
        """Return the first rows only."""
        if n_rows == len(self):
            return self
        return self.rows(slice(n_rows))

    def rows(self, at: np.ndarray | slice) -> "History":
        """Return some of the rows, by their position."""
        index = None if self.index is None else self.index[at]
        weights = None if self.weights is None else self.weights[at]
        return replace(self, y=self.y[at], X=self.X[at], index=index, weights=weights)

    @property
    def calendar(self) -> Calendar:
        """When the rows, and the steps after them, are."""
        return Calendar(self.index, self.freq)

    @property
    def frequency(self) -> str | None:
        """The frequency as pandas writes it; None without a calendar or one."""
        return None if self.freq is None else getattr(self.freq, "freqstr", None)


def make_history(
    y: np.ndarray, X: np.ndarray, index: pd.Index | None, freq: Any = None
) -> History:
    """Remember training rows, laid out alike wherever they come from.

    Sums depend on the order in memory in their last bit, and frames come by column.
    They are copied: what a user does with his data later changes no forecast.

    Parameters
    ----------
    y, X : ndarray
        Targets and exogenous columns.
    index : pandas.Index or None
        Their times.
    freq : pandas offset, int or None, default=None
        Distance between rows; None reads it from the index.
    """
    if freq is None and index is not None:
        freq = Calendar.of(index).freq
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
    calendar = Calendar(history.index[:1], history.freq)
    at = calendar.positions(history.index)
    n_steps = at[-1] + 1
    if (at == NO_POSITION).any() or n_steps == len(at) or n_steps > 2 * len(at):
        return history, in_order
    steps = calendar.times(np.arange(n_steps))
    y, X = (spread_rows(v, history.index, steps) for v in (history.y, history.X))
    weights = history.weights
    if weights is not None:
        weights = np.zeros(len(steps))
        weights[at] = history.weights
    return replace(history, y=y, X=X, index=steps, weights=weights), at


def weigh(
    histories: Mapping[Key, History], halflife: float | None
) -> dict[Key, History]:
    """Say how much each row counts: by its own weight, and by its age.

    Parameters
    ----------
    histories : mapping of tuple to History
        All series, with the weights that were passed.
    halflife : float or None
        Steps after which a row counts half as much; None for never.

    Returns
    -------
    dict of tuple to History
        Weights are one in the mean of all rows with a target; there are none where all
        are equal.
    """
    if halflife is None and all(h.weights is None for h in histories.values()):
        return dict(histories)
    weights, counted = {}, []
    for key, history in histories.items():
        own = np.ones(len(history)) if history.weights is None else history.weights
        if halflife is not None:
            own = own * 0.5 ** (np.arange(len(history))[::-1] / halflife)
        weights[key] = own
        counted.append(own[np.isfinite(history.y).any(axis=1)])
    mean, spread = (reduce(np.concatenate(counted)) for reduce in (np.mean, np.ptp))
    if spread == 0:
        return {key: replace(h, weights=None) for key, h in histories.items()}
    return {
        key: replace(h, weights=_clip_weights(weights[key] / mean))
        for key, h in histories.items()
    }


def _clip_weights(weights: np.ndarray) -> np.ndarray:
    return np.where(weights > 0, np.maximum(weights, LEAST_WEIGHT), 0.0)


def spread_rows(values: np.ndarray, index: pd.Index, steps: pd.Index) -> np.ndarray:
    """Return a row for each step: NaN where the index has none."""
    if len(steps) == len(index):
        return values
    spread = np.full((len(steps), values.shape[1]), np.nan)
    spread[steps.get_indexer(index)] = values
    return spread


def warn_of_missing_steps(index: pd.Index, steps: pd.Index, advice: str) -> None:
    """Warn of the steps that an index leaves out."""
    gap = np.flatnonzero(~steps.isin(index))
    if len(gap):
        after = gap[-1] + 1
        warnings.warn(
            f"{len(gap)} steps are missing between the rows at {steps[gap[0] - 1]} and "
            f"{steps[after]}; they count as missing values. {advice}",
            stacklevel=3,
        )


def extend_history(history: History, new: History) -> History:
    """Add newly seen rows; a row at a known time replaces the old one.

    Missing steps hold missing values, with a warning.

    Raises
    ------
    ValueError
        If the times of the new rows are of another kind, none of the calendar's steps,
        or so far away that more steps would be missing than there are rows.
    """
    calendar = history.calendar
    calendar.check_comparable(new.index, "The new rows")
    times = calendar.convert(new.index, "The new rows")
    seen = history.index.union(times)
    if history.freq is None:
        calendar = Calendar.of(seen)
    steps = calendar.complete(seen, "The series with its new rows")
    warn_of_missing_steps(seen, steps, "Pass them to `update` to avoid this.")
    n_columns = history.y.shape[1] + history.X.shape[1]
    values = np.full((len(steps), n_columns), np.nan)
    for rows, index in ((history, history.index), (new, times)):
        at = steps.get_indexer(index)
        values[at] = np.concatenate([rows.y, rows.X], axis=1)
    n_outputs = history.y.shape[1]
    return History(values[:, :n_outputs], values[:, n_outputs:], steps, calendar.freq)
