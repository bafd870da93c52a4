"""scikit-learn's rows: where they stand in time beside the training rows."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from skl_lstm._series.history import History, count_missing_steps


class Place(NamedTuple):
    """Where rows to predict stand.

    Attributes
    ----------
    n_missing : int or None
        Steps between the last training row and the first of them: zero if they
        follow, None if they do not come after the training rows.
    first : int or None
        Position of the first of them among the training rows, None if it is none
        of them.
    """

    n_missing: int | None
    first: int | None = None


def find_place(
    rows: np.ndarray, index: pd.Index | None, history: History, window_length: int
) -> Place:
    """Tell where rows stand beside the training rows.

    An index decides where both have one. Arrays follow the training rows, unless
    their first rows (two windows at most) are the training rows themselves.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        Rows to predict.
    index : pandas.Index or None
        Their time index.
    history : History
        The training rows.
    window_length : int
        Rows that the network reads.
    """
    if index is not None and history.index is not None and len(index):
        if type(index) is type(history.index) or _are_numbers(index, history.index):
            return _place_by_index(index, history)
    n_compared = min(len(rows), len(history), 2 * window_length)
    same = np.array_equal(rows[:n_compared], history.X[:n_compared])
    return Place(None, 0) if same else Place(0)


def _are_numbers(*indexes: pd.Index) -> bool:
    return all(pd.api.types.is_integer_dtype(i.dtype) for i in indexes)


def _place_by_index(index: pd.Index, history: History) -> Place:
    n_missing = count_missing_steps(history, index)
    if n_missing >= 0:
        return Place(n_missing)
    position = int(history.index.get_indexer(index[:1])[0])
    return Place(None, position if position >= 0 else None)
