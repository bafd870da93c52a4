"""Which windows there are: origins, padding, and the split by time.

A window is named by its *origin*, the row of its first forecast step. It reads the
`window_length` rows before the origin and is compared with the `horizon` rows from
it on. Only origins are kept, never windows: memory grows with the rows.
"""

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """Origins to train on and origins to validate on, the latter the latest."""

    train: np.ndarray
    validation: np.ndarray


def complete_origins(
    n_rows: int, window_length: int, horizon: int, *, name: str
) -> np.ndarray:
    """List the origins of all windows that lie inside one series.

    Parameters
    ----------
    n_rows : int
        Rows of the series.
    window_length, horizon : int
        Rows before and from the origin that a window needs.
    name : str
        Name of the estimator, for the error.

    Returns
    -------
    ndarray of int32 of shape (n_rows - window_length - horizon + 1,)
        Ascending.

    Raises
    ------
    ValueError
        If not one window fits.
    """
    needed = window_length + horizon
    if n_rows < needed:
        raise ValueError(
            f"{name} needs at least {needed} rows to train with "
            f"window_length={window_length} and horizon={horizon}, but the data has "
            f"n_samples = {n_rows}. Pass more data, or lower window_length or horizon."
        )
    return np.arange(window_length, n_rows - horizon + 1, dtype="int32")


def split_by_time(
    origins: np.ndarray, validation_fraction: float, horizon: int
) -> Split:
    """Hold out the latest windows; no training window reaches into their targets.

    Parameters
    ----------
    origins : ndarray of int
        Ascending origins of one series.
    validation_fraction : float
        Share of the windows to hold out.
    horizon : int
        Rows that a window is compared with: as many origins before the split are in
        neither part, since their targets cross it.

    Returns
    -------
    Split
        An empty validation part if nothing would be left to train on.
    """
    n_held_out = int(np.ceil(validation_fraction * len(origins)))
    first = len(origins) - n_held_out
    validation = origins[first:]
    train = origins[: max(first - horizon + 1, 0)]
    if not len(train):
        return Split(origins, origins[:0])
    return Split(train, validation)


def pad_before(rows: np.ndarray, n_rows: int, values: np.ndarray) -> np.ndarray:
    """Put ``n_rows`` rows of ``values`` above ``rows``.

    Parameters
    ----------
    rows : ndarray of shape (n, n_columns)
        The data.
    n_rows : int
        Rows to add.
    values : ndarray of shape (n_columns,)
        What they hold.
    """
    padded = np.empty((n_rows + len(rows), rows.shape[1]))
    padded[:n_rows], padded[n_rows:] = values, rows
    return padded
