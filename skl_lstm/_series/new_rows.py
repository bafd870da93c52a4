"""Rows that come after fit: the times of arrays, and whether they can follow."""

from typing import Any

import numpy as np
import pandas as pd
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm._series.history import History


def label_array(
    X: np.ndarray, history: History, cutoff: pd.Index, columns: pd.Index | None
) -> Any:
    """Give an array passed to ``predict`` the times after the cutoff.

    sktime numbers the rows of any array from zero, which are times of the past.
    """
    if columns is None or X.ndim != 2 or not len(X):
        return X
    fh = ForecastingHorizon(np.arange(1, len(X) + 1), is_relative=True)
    names = columns if len(columns) == X.shape[1] else range(X.shape[1])
    return pd.DataFrame(X, index=fh.to_absolute_index(cutoff), columns=names)


def check_same_kind_of_time(index: pd.Index, history: History) -> None:
    """Raise unless new rows can stand beside those of the history.

    Raises
    ------
    ValueError
        If the index is of another type or frequency than that of ``fit``.
    """
    old = history.index
    calendars = (pd.DatetimeIndex, pd.PeriodIndex)
    same = [isinstance(index, c) == isinstance(old, c) for c in calendars]
    periods = isinstance(index, pd.PeriodIndex) and isinstance(old, pd.PeriodIndex)
    if not all(same) or (periods and index.dtype != old.dtype):
        raise ValueError(
            f"The new rows have an index of type {type(index).__name__} "
            f"({index.dtype}), but fit saw {type(old).__name__} ({old.dtype}). Convert "
            "it, for example with to_period or to_timestamp."
        )


def label_new_rows(
    y: pd.DataFrame, X: pd.DataFrame | None, history: History, mtype: str
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Give an array passed to ``update`` the times after the last row seen."""
    if mtype != "np.ndarray":
        check_same_kind_of_time(y.index, history)
        return y, X
    if not pd.api.types.is_integer_dtype(history.index.dtype):
        raise ValueError(
            "update got an array, which says nothing about the time of its rows, but "
            f"fit saw a {type(history.index).__name__}. Pass a Series or DataFrame "
            "with such an index."
        )
    first = history.index[-1] + 1
    index = pd.RangeIndex(first, first + len(y))
    return y.set_axis(index), None if X is None else X.set_axis(index)
