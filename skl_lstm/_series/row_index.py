"""The index of scikit-learn's rows: whether it says when they are, and which decides.

X and y may both have one, and a transformer takes that of X away.
"""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from skl_lstm._series.checks import check_sorted, time_index_of

# Business days without a row, up to so many, are no rows left out.
LONGEST_HOLIDAY = 7


def index_training_rows(X: Any, y: Any, name: str) -> pd.Index | None:
    """Return the time index of training rows, which must be in order of time.

    Parameters
    ----------
    X, y : array-like
        Features and target, as passed to ``fit``.
    name : str
        Name of the estimator, for errors.

    Raises
    ------
    ValueError
        If the index is not in order.
    """
    of_X, of_y = time_index_of(X), time_index_of(y)
    check_sorted(of_X, name, "X")
    index = choose_index(of_X, of_y)
    if index is not of_X:
        check_sorted(of_y, name, "y")
    warn_of_different_indexes(of_X, of_y, name)
    return index


def is_calendar(index: Any) -> bool:
    """Tell whether an index holds dates or periods."""
    return isinstance(index, (pd.DatetimeIndex, pd.PeriodIndex))


def is_numbered_from_zero(index: pd.Index) -> bool:
    """Tell whether an index only counts rows, as that of a frame without any does."""
    return not is_calendar(index) and bool(
        np.array_equal(index.to_numpy(), np.arange(len(index)))
    )


def choose_index(of_X: pd.Index | None, of_y: pd.Index | None) -> pd.Index | None:
    """Return the index that says when training rows are.

    The calendar of X decides, else that of y: transformers take the one from X, not
    the other. Numbers of X decide if there is no calendar, unless they only count rows.
    """
    if of_X is None or of_y is None:
        return of_y if of_X is None else of_X
    if is_calendar(of_X):
        return of_X
    return of_y if is_calendar(of_y) or is_numbered_from_zero(of_X) else of_X


def warn_of_different_indexes(
    of_X: pd.Index | None, of_y: pd.Index | None, name: str
) -> None:
    """Warn where X and y are rows of different times; they are matched by position.

    Numbers are not compared with a calendar.
    """
    if of_X is None or of_y is None or len(of_X) != len(of_y):
        return
    if is_calendar(of_X) != is_calendar(of_y) or _are_equal(of_X, of_y):
        return
    row = int(np.argmax([a != b for a, b in zip(of_X, of_y, strict=True)]))
    chosen = "y" if choose_index(of_X, of_y) is of_y else "X"
    warnings.warn(
        f"{name}: X and y have different indexes; row {row} is at {of_X[row]} in X and "
        f"at {of_y[row]} in y. Rows are matched by position, and the index of {chosen} "
        "is used. Align them, for example with X.loc[y.index].",
        UserWarning,
        stacklevel=5,
    )


def _are_equal(a: pd.Index, b: pd.Index) -> bool:
    # Of two calendars the one of dates is put into the periods of the other.
    if isinstance(b, pd.DatetimeIndex):
        a, b = b, a
    return bool(match_calendar(a, b).equals(b))


def match_calendar(index: pd.Index, like: pd.Index) -> pd.Index:
    """Return dates as periods, or periods as dates, where ``like`` holds these."""
    if isinstance(index, pd.PeriodIndex) and isinstance(like, pd.DatetimeIndex):
        return index.to_timestamp()
    if isinstance(index, pd.DatetimeIndex) and isinstance(like, pd.PeriodIndex):
        return index.tz_localize(None).to_period(like.freqstr)
    return index


def frequency_beside_gap(index: Any) -> Any:
    """Return the frequency of dates of which a block is missing, None if there is none.

    pandas infers none across a gap, as a fold of a cross-validation leaves one.
    """
    if not isinstance(index, pd.DatetimeIndex) or len(index) < 3:
        return None
    middle = int(np.argmax(np.diff(index.asi8))) + 1
    longer = max(index[:middle], index[middle:], key=len)
    inferred = pd.infer_freq(longer) if len(longer) >= 3 else None
    if inferred is None:
        return None
    offset = to_offset(inferred)
    steps = pd.date_range(index[0], index[-1], freq=offset)
    n_missing = len(steps) - len(index)
    is_holiday = isinstance(offset, pd.offsets.BDay) and n_missing <= LONGEST_HOLIDAY
    return offset if index.isin(steps).all() and not is_holiday else None
