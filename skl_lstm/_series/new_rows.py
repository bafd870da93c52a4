"""Rows that come after fit: where they are remembered, and the times arrays get."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from skl_lstm._series.history import History
from skl_lstm._series.horizon import n_rows_seen, times_of
from skl_lstm._series.placement import Placement
from skl_lstm._series.season import first_step


def label_array(
    X: np.ndarray, history: History, cutoff: pd.Index, columns: pd.Index | None
) -> Any:
    """Give an array passed to ``predict`` the times after the cutoff.

    sktime numbers the rows of any array from zero, which are times of the past.
    """
    if columns is None or X.ndim != 2 or not len(X):
        return X
    steps, n_seen = np.arange(1, len(X) + 1), n_rows_seen(history, cutoff)
    index = times_of(steps, history.calendar, n_seen)
    names = columns if len(columns) == X.shape[1] else range(X.shape[1])
    return pd.DataFrame(X, index=index, columns=names)


def label_new_rows(
    y: pd.DataFrame, X: pd.DataFrame | None, history: History, mtype: str
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Give an array passed to ``update`` the times after the last row seen."""
    if mtype != "np.ndarray":
        return y, X
    if not pd.api.types.is_integer_dtype(history.index.dtype):
        raise ValueError(
            "update got an array, which says nothing about the time of its rows, but "
            f"fit saw a {type(history.index).__name__}. Pass a Series or DataFrame "
            "with such an index."
        )
    index = times_of(np.arange(1, len(y) + 1), history.calendar, len(history))
    return y.set_axis(index), None if X is None else X.set_axis(index)


def remember_rows(
    history: History, X: np.ndarray, y: np.ndarray, placement: Placement
) -> tuple[History, np.ndarray]:
    """Put scikit-learn's rows beside the training rows; they have no times yet.

    Parameters
    ----------
    history : History
        The training rows.
    X, y : ndarray of shape (n_samples, n_columns)
        The rows; one in the place of a training row replaces it.
    placement : Placement
        Where they stand.

    Returns
    -------
    history : History
        All rows; steps left out hold NaN.
    ndarray of int of shape (n_samples,)
        Where the rows stand in it.

    Raises
    ------
    ValueError
        If a row stands before all training rows.
    """
    if placement.is_too_early.any():
        raise ValueError(
            "X starts before the training rows. Pass rows that follow them, or training"
            " rows with other values."
        )
    after = placement.n_before + placement.step - 1
    at = np.where(placement.is_training, placement.position, after)
    below = max(at.max() + 1 - len(history), 0)
    parts = []
    for known, new in ((history.y, y), (history.X, X)):
        rows = np.pad(known, ((0, below), (0, 0)), constant_values=np.nan)
        rows[at] = new
        parts.append(rows)
    start = first_step(history)
    return replace(history, y=parts[0], X=parts[1], index=None, start=start), at


def extend_index(
    history: History, index: pd.Index | None, n_rows: int, name: str
) -> pd.Index | None:
    """Return the times of all rows after new ones were remembered.

    Parameters
    ----------
    history : History
        The rows before.
    index : pandas.Index or None
        Times of the new ones, if they have any.
    n_rows : int
        All rows.
    name : str
        Name of the estimator, for the error.

    Raises
    ------
    ValueError
        If nothing tells the times of the new rows.
    """
    n_new = n_rows - len(history)
    if history.index is None or not n_new:
        return history.index
    if history.freq is not None:
        return history.calendar.times(np.arange(n_rows))
    later = None if index is None or len(index) < n_new else index[-n_new:]
    if later is None or not history.calendar.is_of_same_kind(later):
        raise ValueError(
            f"{name}: the rows of fit have a time without a frequency, which says "
            "nothing about rows after them. Pass new rows with their time as index."
        )
    return history.index.append(history.calendar.convert(later))


def join_numbers(
    known: pd.Index | None, new: pd.Index | None, positions: np.ndarray
) -> pd.Index | None:
    """Return how rows of X are numbered once new ones are remembered.

    None where it says nothing more about their order.
    """
    if known is None or new is None or len(known) == len(positions):
        return known if known is not None and len(known) == len(positions) else None
    joined = known.append(new)
    rises = len(joined) == len(positions) and joined.is_monotonic_increasing
    return joined if rises and joined.is_unique else None
