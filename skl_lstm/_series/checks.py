"""Checks of the data that users pass, each with an error that says what to do."""

import datetime
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_array, check_consistent_length

from skl_lstm._series.calendar import Calendar, check_no_missing_time
from skl_lstm._series.panel import last_rows


def check_n_targets(y: np.ndarray, n_outputs: int) -> None:
    """Raise unless new rows have as many targets as those of ``fit``.

    Raises
    ------
    ValueError
        Naming both numbers.
    """
    if y.shape[1] != n_outputs:
        raise ValueError(
            f"y has {y.shape[1]} columns, but fit saw {n_outputs}. Pass the same "
            "targets."
        )


def check_target(X: np.ndarray, y: Any) -> np.ndarray:
    """Check the target of a scikit-learn fit; NaN marks rows without one.

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_outputs)

    Raises
    ------
    ValueError
        If it is not numeric, infinite, all NaN, or of another length than X.
    """
    y = check_array(
        y,
        dtype="numeric",
        ensure_2d=False,
        ensure_all_finite="allow-nan",
        input_name="y",
    )
    y = np.asarray(y, dtype=float)
    check_consistent_length(X, y)
    if np.isnan(y).all(axis=0).any():
        raise ValueError(
            "Input y contains NaN in every row of an output: there is nothing to learn "
            "from. Pass at least one target that is not missing."
        )
    return y


def check_some_target(y: np.ndarray, key: tuple) -> None:
    """Raise unless every target column of a series has a finite value.

    Raises
    ------
    ValueError
        If values are infinite, or all missing.
    """
    check_not_infinite(y, "y")
    if np.isnan(y).all(axis=0).any():
        series = f"the series {key}" if key else "y"
        raise ValueError(
            f"Input y contains NaN in every row of a column of {series}: there is "
            "nothing to learn from. Pass at least one value that is not missing."
        )


def check_some_feature(X: np.ndarray) -> None:
    """Raise if values of X are infinite, or a column has none.

    Raises
    ------
    ValueError
        Naming the column by its position.
    """
    check_not_infinite(X, "X")
    empty = np.flatnonzero(np.isnan(X).all(axis=0)).tolist()
    if empty:
        raise ValueError(
            f"Input X contains NaN in every row of the columns {empty} (by position). "
            "Drop columns that hold nothing."
        )


def check_not_infinite(values: np.ndarray, name: str) -> None:
    """Raise if there are infinite values.

    Raises
    ------
    ValueError
        Naming the argument.
    """
    if np.isinf(values).any():
        raise ValueError(
            f"Input {name} contains infinity. Replace it, for example by NaN, which "
            "counts as missing."
        )


def check_enough_rows(n_rows: int, name: str) -> None:
    """Raise unless there are two rows to learn one step from.

    Raises
    ------
    ValueError
        If there is one row at most.
    """
    if n_rows < 2:
        raise ValueError(
            f"{name} needs at least 2 rows to learn from one row to the next, but the "
            f"data has n_samples = {n_rows}."
        )


def time_index_of(data: Any) -> pd.Index | None:
    """Return the time index of data: dates, periods or numbers; None if it has none."""
    index = getattr(data, "index", None)
    if not isinstance(index, pd.Index) or isinstance(index, pd.MultiIndex):
        return None
    calendar = isinstance(index, (pd.DatetimeIndex, pd.PeriodIndex))
    return index if calendar or pd.api.types.is_integer_dtype(index.dtype) else None


def check_sorted(index: pd.Index | None, name: str, data: str = "the data") -> None:
    """Raise unless rows are in order of time.

    Raises
    ------
    ValueError
        If the index goes back or stands still, or a row has no time.
    """
    if index is None:
        return
    check_no_missing_time(index, f"{name}: the index of {data}")
    if index.is_monotonic_increasing and index.is_unique:
        return
    problem = "duplicate" if not index.is_unique else "unsorted"
    raise ValueError(
        f"{name}: the index of {data} has {problem} entries; rows must be in "
        "chronological order. Sort it with sort_index(); split with TimeSeriesSplit, "
        "or with train_test_split(..., shuffle=False). Rows drawn at random, as by "
        "shuffled splits, bootstraps or halving by samples, are no series."
    )


def check_times(data: Any, name: str) -> None:
    """Raise if a row of a series or panel has no time, or one that is only text.

    Raises
    ------
    ValueError
        Naming the argument and the first such row.
    """
    times = _times_of(data)
    if times is None:
        return
    check_no_missing_time(data.index, f"The index of {name}")
    if len(times) and isinstance(times[0], (str, datetime.date, np.datetime64)):
        if times.dtype == object or isinstance(times.dtype, pd.StringDtype):
            raise ValueError(
                f"The index of {name} must hold times that pandas can count with. Got "
                f"{times[0]!r} ({type(times[0]).__name__}) instead. {_cure(data, name)}"
            )


_LONG = (
    "A long table becomes a panel by {name}.set_index([{levels}]).sort_index(): its "
    "index holds the series, then the time, and its columns hold numbers."
)


_TIMES_LAST = (
    "The last level of the index of {name} must hold the times, after the names of the "
    "series: {name}.swaplevel().sort_index()."
)


def check_layout(data: Any, name: str) -> None:
    """Raise if a table is no series or panel, in words that say how to make it one.

    Raises
    ------
    TypeError
        If the times, or the names of the series, stand in columns.
    ValueError
        If a panel has no rows, its index is out of order, or the last level of that
        holds no times.
    """
    index = getattr(data, "index", None)
    if isinstance(index, pd.MultiIndex):
        _check_panel_index(index, name)
    elif isinstance(data, pd.DataFrame) and name == "y":
        kinds = {c: pd.api.types.infer_dtype(data[c], skipna=True) for c in data}
        # A nested frame, one of sktime's panels, mixes series, and no text.
        words = [
            c
            for c, k in kinds.items()
            if k in ("string", "categorical")
            or (k == "mixed" and any(isinstance(value, str) for value in data[c]))
        ]
        dates = [c for c, k in kinds.items() if k in ("datetime64", "datetime", "date")]
        if words or dates:
            levels = ", ".join(map(repr, [*words, *dates]))
            raise TypeError(
                f"The columns {[*words, *dates]} of {name} are text, categorical or "
                f"dates, not numbers. {_LONG.format(name=name, levels=levels)} The "
                f"dates of a single series: {name}.set_index(...)."
            )


def _check_panel_index(index: pd.MultiIndex, name: str) -> None:
    if not len(index):
        raise ValueError(f"{name} has no rows. Pass at least one series, with rows.")
    last = index.levels[-1]
    if _has_dates_first(index):
        raise ValueError(f"{_TIMES_LAST.format(name=name)} Got {list(index.names)}.")
    if isinstance(last, (pd.DatetimeIndex, pd.PeriodIndex)) or last.dtype.kind in "iu":
        if _rises_in_blocks(index):
            return
        if not index.is_unique:
            twice = index[index.duplicated()][0]
            raise ValueError(
                f"The index of {name} has {twice} twice. Sum or drop such rows, for "
                f"example by {name}.groupby(level={list(range(index.nlevels))}).sum()."
            )
        if not _is_sorted_in_series(index):
            raise ValueError(
                f"The rows of each series of {name} must be in chronological order. "
                f"Sort them: {name}.sort_index()."
            )


def _has_dates_first(index: pd.MultiIndex) -> bool:
    dates = (pd.DatetimeIndex, pd.PeriodIndex)
    return any(isinstance(level, dates) for level in index.levels[:-1])


def _rises_in_blocks(index: pd.MultiIndex) -> bool:
    """Tell whether each series lies in one block, in order of time.

    Most panels do, and codes tell: a table of all rows takes as much memory as they.
    """
    ends, times = last_rows(index), index.codes[-1]
    falls = np.flatnonzero(times[1:] <= times[:-1])
    return (
        index.levels[-1].is_monotonic_increasing
        and bool(np.isin(falls, ends).all())
        and index[ends].droplevel(-1).is_unique
    )


def _is_sorted_in_series(index: pd.MultiIndex) -> bool:
    """Tell whether the rows of each series are in order of time."""
    series, times = np.array(index.codes[:-1]), index.get_level_values(-1)
    order = np.lexsort(series)
    series, times = series[:, order], times[order]
    goes_on = (series[:, 1:] == series[:, :-1]).all(axis=0)
    return bool(np.asarray(times[1:] > times[:-1])[goes_on].all())


def check_same_times(X: Any, y: Any) -> None:
    """Raise if times of X and y cannot be compared, or X lacks one of a single series.

    Raises
    ------
    ValueError
        Naming kind, length or zone of both, or the rows that X lacks.
    """
    ours, others = _times_of(y), _times_of(X)
    if ours is not None and others is not None and len(ours) and len(others):
        Calendar(ours).check_comparable(others, "The rows of X")
        missing = ours[~ours.isin(others)]
        if len(missing):
            raise ValueError(
                f"X has no rows at {list(map(str, missing[:5]))}, where y has. X needs "
                "a row for every row of y."
            )


def _cure(data: Any, name: str) -> str:
    """Say how the times of a series or panel become dates."""
    if isinstance(data.index, pd.MultiIndex):
        if _has_dates_first(data.index):
            return _TIMES_LAST.format(name=name)
        level = data.index.names[-1] or "time"
        return (
            f"In the long table: df[{level!r}] = pd.to_datetime(df[{level!r}]), before "
            "set_index."
        )
    return (
        f"Convert it with pd.to_datetime({name}.index), or number the rows with "
        "reset_index."
    )


def _times_of(data: Any) -> pd.Index | None:
    """Return the times of pandas data; of a panel, each that a series has, once."""
    index = getattr(data, "index", None)
    if not isinstance(index, pd.Index):
        return None
    return index.unique(level=-1) if isinstance(index, pd.MultiIndex) else index
