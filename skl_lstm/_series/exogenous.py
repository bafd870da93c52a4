"""Exogenous columns: their rows at the times of y, and for the steps to forecast."""

import warnings
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from skl_lstm._series.calendar import Calendar
from skl_lstm._series.history import History
from skl_lstm._series.horizon import times_of
from skl_lstm._series.panel import Instance, Key


def exogenous_rows(
    X: Instance | None, index: pd.Index, calendar: Calendar
) -> np.ndarray:
    """Return the rows of X at each step of y; no column where there is no X.

    Parameters
    ----------
    X : Instance or None
        Exogenous columns of the series.
    index : pandas.Index
        Times of the rows of y, for each of which X must have a row.
    calendar : Calendar
        All steps from the first row of y to the last.

    Raises
    ------
    ValueError
        If X has no row for a row of y.
    """
    if X is None:
        return np.empty((len(calendar), 0))
    times = calendar.convert(X.times, "The rows of X")
    missing = ~index.isin(times)
    if missing.any():
        raise ValueError(
            f"X has no rows at {list(map(str, index[missing][:5]))}, where y has. "
            "X needs a row for every row of y."
        )
    at = times.get_indexer(calendar.index)
    return np.where(at[:, None] >= 0, X.values[at], np.nan)


def add_static(
    X: pd.DataFrame | None, index: pd.Index, static: pd.DataFrame | None
) -> pd.DataFrame | None:
    """Put what is known of each series of a panel beside its rows.

    Parameters
    ----------
    X : DataFrame or None
        Exogenous columns.
    index : pandas.Index
        That of y, whose levels before time name the series.
    static : DataFrame or None
        A row for each series; None for nothing.

    Raises
    ------
    ValueError
        If there is a single series, one has no row, or a column is in X, too.
    """
    if static is None:
        return X
    rows = X.index if X is not None else index
    if not isinstance(rows, pd.MultiIndex):
        raise ValueError(
            "The 'static_features' parameter tells the series of a panel apart, but y "
            "is a single series. Set it to None."
        )
    keys = rows.droplevel(-1)
    unknown = keys[~keys.isin(static.index)].unique()
    if len(unknown):
        raise ValueError(
            f"The 'static_features' parameter has no row for the series "
            f"{list(unknown[:5])}. It needs one for every series of y."
        )
    known = static.reindex(keys).set_axis(rows)
    if X is None:
        return known
    common = known.columns.intersection(X.columns)
    if len(common):
        raise ValueError(
            f"The columns {list(common)} are in X and in the 'static_features' "
            "parameter. Rename them, or leave them out of one."
        )
    return pd.concat([X, known], axis=1)


def check_columns(
    X: pd.DataFrame | None, columns: pd.Index | None, optional: Collection[Any] = ()
) -> None:
    """Raise unless X has the columns that ``fit`` saw, but for those it may lack.

    Raises
    ------
    ValueError
        Naming what is missing and what is too much.
    """
    if columns is None and X is None:
        return
    if columns is None:
        raise ValueError(
            "X was passed, but the forecaster was fitted without. Leave X out, or fit "
            "with X."
        )
    if X is None:
        raise _missing_columns(columns)
    missing = [c for c in columns if c not in X.columns and c not in optional]
    extra = [c for c in X.columns if c not in columns]
    if missing or extra:
        raise ValueError(
            f"X has other columns than in fit: missing {missing}, unknown {extra}. Pass"
            f" the columns {list(columns)}."
        )


def _missing_columns(columns: Any) -> ValueError:
    return ValueError(
        f"X is missing: the forecaster was fitted with the columns {list(columns)}"
        " and needs them for every step up to the last one of fh."
    )


def check_target_columns(y: pd.DataFrame, columns: pd.Index) -> None:
    """Raise unless new rows have as many target columns as ``fit`` saw.

    Raises
    ------
    ValueError
        Naming both.
    """
    if len(y.columns) != len(columns):
        raise ValueError(
            f"The new rows have the target columns {list(y.columns)}, but fit saw "
            f"{list(columns)}. Pass the same columns."
        )


def exogenous_ahead(
    X: Instance | None,
    n_needed: int,
    history: History,
    n_seen: int,
    columns: pd.Index | None,
    held: np.ndarray,
) -> np.ndarray:
    """Find the rows of X for the ``n_needed`` steps after the rows seen.

    Columns that are ``held``, of which nobody says what they will be, stay at the last
    value known.

    Raises
    ------
    ValueError
        If X is missing or does not cover the steps.
    """
    n_columns = history.X.shape[1]
    if n_needed == 0 or not n_columns:
        return np.empty((0, n_columns))
    if held.all():
        rows = np.empty((n_needed, n_columns))
    elif X is None:
        raise _missing_columns(columns)
    else:
        rows = _rows_ahead(X, n_needed, history, n_seen)
    rows[:, held] = last_known(history.X[:n_seen, held])[-1]
    return rows


def _rows_ahead(
    X: Instance, n_needed: int, history: History, n_seen: int
) -> np.ndarray:
    times = times_of(np.arange(1, n_needed + 1), history.calendar, n_seen)
    at = history.calendar.convert(X.times, "The rows of X").get_indexer(times)
    if (at < 0).any():
        raise ValueError(
            f"X does not cover the forecasting horizon: rows for "
            f"{list(map(str, times[at < 0][:5]))} are missing. X needs a row for "
            f"every step from {times[0]} to {times[-1]}."
        )
    return X.values[at]


def last_known(X: np.ndarray) -> np.ndarray:
    """Return each column's last value known up to each row, NaN before the first."""
    return pd.DataFrame(X).ffill().to_numpy()


def warn_of_unknown_columns(
    rows: np.ndarray,
    names: Any,
    concurrent: Sequence[int],
    flagged: Sequence[int],
) -> None:
    """Warn of columns that are not known at the steps to forecast.

    Those that hold nothing in any row, and those with a gap that never had one before.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
        Exogenous columns of the steps to forecast.
    names : sequence of str or int
        Names of the columns.
    concurrent : sequence of int
        Columns that are read at the step to forecast.
    flagged : sequence of int
        Columns that were missing somewhere in training.
    """
    if not len(rows):
        return
    some = [
        names[i]
        for i in concurrent
        if i not in flagged and 0 < np.isnan(rows[:, i]).sum() < len(rows)
    ]
    if some:
        warnings.warn(
            f"X has missing values in the columns {some} at the steps to forecast, and "
            "had none in training: they are filled in, as if they were known. Pass "
            "what is expected there.",
            UserWarning,
            stacklevel=2,
        )
    empty = [names[i] for i in concurrent if np.isnan(rows[:, i]).all()]
    if empty:
        warnings.warn(
            f"X holds only missing values in the columns {empty} at the steps to "
            "forecast: their training mean is used. Pass what is known of them, or "
            "let them count up to the step before, X_treatment='shifted'.",
            UserWarning,
            stacklevel=2,
        )


def check_instances(X: dict[Key, Instance], keys: Sequence[Key]) -> None:
    """Raise unless X has rows for every series.

    Raises
    ------
    ValueError
        Naming those that are missing.
    """
    missing = [key for key in keys if key not in X]
    if missing:
        raise ValueError(
            f"X has no rows for the series {missing[:5]}. Pass X with the same "
            "instances as y."
        )
