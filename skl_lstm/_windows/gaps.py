"""Missing targets in a window: what stands in for them, without looking ahead."""

from typing import NamedTuple

import numpy as np

# Row "following" where no later value is observed.
NEVER = 2**30


class Bridges(NamedTuple):
    """Stand-ins for missing values, column by column; observed values stay.

    A window may look at a later value only if it lies before the window's origin, so
    there are two stand-ins, and `following` says which one a window may use.

    Attributes
    ----------
    carried : ndarray of shape (n_rows, n_columns)
        The last value observed before.
    between : ndarray of shape (n_rows, n_columns)
        On the straight line between the values observed before and after.
    following : ndarray of int32 of shape (n_rows, n_columns)
        Row of the next observed value, `NEVER` if there is none.
    """

    carried: np.ndarray
    between: np.ndarray
    following: np.ndarray


def bridge_gaps(values: np.ndarray, initial: np.ndarray) -> Bridges:
    """Find stand-ins for missing values.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
        Rows in order of time; NaN where missing.
    initial : ndarray of shape (n_columns,)
        Stands in before the first observed value.
    """
    rows = np.arange(len(values))[:, None]
    observed = np.isfinite(values)
    before = np.maximum.accumulate(np.where(observed, rows, -1), axis=0)
    later = np.where(observed, rows, NEVER)[::-1]
    after = np.minimum.accumulate(later, axis=0)[::-1]
    known_before, known_after = before >= 0, after < NEVER
    low = np.take_along_axis(values, np.maximum(before, 0), axis=0)
    high = np.take_along_axis(values, np.where(known_after, after, 0), axis=0)
    carried = np.where(known_before, low, initial)
    share = (rows - before) / np.maximum(after - before, 1)
    between = np.where(known_before, carried + share * (high - carried), high)
    between = np.where(known_after, between, carried)
    return Bridges(carried, between, after.astype("int32"))


def carry_forward(values: np.ndarray, initial: np.ndarray) -> np.ndarray:
    """Replace missing values by the last one observed, `initial` before the first."""
    if np.isfinite(values).all():
        return values
    return bridge_gaps(values, initial).carried
