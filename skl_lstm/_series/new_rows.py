"""Rows that come after fit as arrays, and the times they get."""

from typing import Any

import numpy as np
import pandas as pd

from skl_lstm._series.history import History
from skl_lstm._series.horizon import n_rows_seen, times_of


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
