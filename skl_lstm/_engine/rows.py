"""The rows that networks read: arrays alone, whoever computes with them."""

from typing import Any, NamedTuple

import numpy as np


class Data(NamedTuple):
    """Rows of all series, one below the other, in the scaler's units.

    Attributes
    ----------
    y : ndarray of shape (n_rows, n_outputs)
        Targets; NaN where there is none, which then counts in no loss.
    X : ndarray of shape (n_rows, n_concurrent + n_shifted)
        Exogenous columns, concurrent ones first.
    bridges : tuple of ndarray
        Where targets may be missing, what stands in for them in a window's own past:
        three arrays of the shape of ``y``. The value carried forward, the value on
        the line to the next one observed, and the row (int32) of that one, which a
        window may only look at if it lies before the window's origin.
    rows : tuple of ndarray
        Of an encoder and decoder, which no program reads: the first row of the series
        of each row, its place in the calendar and the number of its series.
    weights : tuple of ndarray of shape (n_rows,)
        One array of what the error of each row counts, or none where all are equal.
    """

    y: np.ndarray
    X: np.ndarray
    bridges: tuple[Any, ...] = ()
    rows: tuple[Any, ...] = ()
    weights: tuple[Any, ...] = ()


class Tables(NamedTuple):
    """What an encoder and decoder reads, window by window; origins number them.

    Attributes
    ----------
    window : ndarray of shape (n_windows, window_length + horizon, n_decoded)
        Rows of each window, and those to forecast.
    y : ndarray of shape (n_windows, horizon, n_outputs)
        Targets; NaN where there is none.
    """

    window: np.ndarray
    y: np.ndarray
