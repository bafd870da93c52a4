"""sktime's time arithmetic: steps, labels and the rows of X that they need."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm._history import History
from skl_lstm._model import TrainedModel
from skl_lstm._panel import Instance, Key

_NO_FREQUENCY = (
    "the index {index} has no frequency, so the times after its end are unknown. Give "
    "it one with y.asfreq('B') (or the frequency that fits), y.to_period('B'), or "
    "number the rows with y.reset_index(drop=True)"
)


def n_rows_seen(history: History, cutoff: pd.Index) -> int:
    """Count the rows up to the cutoff, which sktime moves freely."""
    return int(history.index.searchsorted(cutoff[0], side="right"))


def with_frequency(cutoff: pd.Index, history: History) -> pd.Index:
    """Give a cutoff the history's frequency, which a single new date does not have."""
    dates = isinstance(cutoff, pd.DatetimeIndex) and cutoff.freq is None
    if dates and history.freq is not None:
        return pd.DatetimeIndex(cutoff, freq=history.freq)
    return cutoff


def last_time(history: History) -> pd.Index:
    """Return the time of the last row, as a cutoff."""
    return with_frequency(history.index[-1:], history)


def relative_steps(
    fh: ForecastingHorizon, history: History, cutoff: pd.Index
) -> np.ndarray:
    """Return the steps of ``fh`` from the cutoff; 1 is the step after it.

    Times that the history holds count by their position, so that an index without a
    frequency can be predicted in sample.

    Raises
    ------
    ValueError
        If other times are asked for and the index has no frequency, or none of its
        rows will have them.
    """
    values = fh.to_pandas()
    if fh.is_relative and pd.api.types.is_integer_dtype(values.dtype):
        return values.to_numpy()
    if not fh.is_relative:
        positions = _positions(history.index, values)
        if (positions >= 0).all():
            return positions - (n_rows_seen(history, cutoff) - 1)
    try:
        units = fh.to_relative(cutoff).to_pandas().to_numpy().astype(int)
    except (AttributeError, TypeError, ValueError) as error:
        raise _no_frequency(history, fh) from error
    distance = _row_distance(history)
    if (units % distance).any():
        raise ValueError(
            f"fh={values!r} cannot be forecast: rows are {distance} apart, the last "
            f"one at {history.index[-1]}, and none will be there."
        )
    return units // distance


def _row_distance(history: History) -> int:
    """Return how far numbered rows are apart; sktime takes it for 1."""
    numbered = pd.api.types.is_integer_dtype(history.index.dtype)
    return int(history.freq) if numbered and history.freq else 1


def _positions(index: pd.Index, values: pd.Index) -> np.ndarray:
    if isinstance(index, pd.DatetimeIndex) and isinstance(values, pd.PeriodIndex):
        values = values.to_timestamp()
    return index.get_indexer(values)


def _no_frequency(history: History, fh: Any) -> ValueError:
    index = f"({type(history.index).__name__} ending at {history.index[-1]})"
    return ValueError(
        f"fh={fh.to_pandas()!r} cannot be forecast: "
        + _NO_FREQUENCY.format(index=index)
        + "."
    )


def last_step(
    fh: ForecastingHorizon | None, history: History, cutoff: pd.Index
) -> int | None:
    """Return the last step of ``fh``, None if there is none or it cannot be told."""
    if fh is None:
        return None
    try:
        return int(relative_steps(fh, history, cutoff).max())
    except ValueError:
        # Forecasting will say why; training can go on without.
        return None


def last_step_of(
    fh: ForecastingHorizon | None, histories: dict[Key, History]
) -> int | None:
    """Return the last step asked of any series, None if it cannot be told."""
    steps = [last_step(fh, h, last_time(h)) for h in histories.values()]
    return max((step for step in steps if step is not None), default=None)


def check_not_before_start(steps: np.ndarray, n_rows: int) -> None:
    """Raise if a step lies before the first row seen.

    Raises
    ------
    ValueError
        Naming the first step that can be predicted.
    """
    if steps.min() < 1 - n_rows:
        raise ValueError(
            f"fh reaches back to step {steps.min()}, but the {n_rows} rows seen start "
            f"at step {1 - n_rows} relative to the cutoff. Nothing is known before."
        )


def absolute_index(
    fh: ForecastingHorizon, steps: np.ndarray, past: History, cutoff: pd.Index
) -> pd.Index:
    """Return the times of ``fh``.

    Raises
    ------
    ValueError
        If times after the cutoff are asked for and the index has no frequency.
    """
    if not fh.is_relative:
        return fh.to_absolute_index(cutoff)
    if (steps <= 0).all():
        return past.index[len(past) - 1 + steps]
    distance = _row_distance(past)
    if distance > 1:
        labels = cutoff[0] + steps * distance
        return pd.Index(labels, name=past.index.name)
    try:
        return fh.to_absolute_index(cutoff)
    except (AttributeError, TypeError, ValueError) as error:
        raise _no_frequency(past, fh) from error


def n_rows_needed(model: TrainedModel, n_steps: int) -> int:
    """Count the rows of X after the cutoff that a forecast of ``n_steps`` reads.

    A strictly past column is read up to the block before the last.
    """
    if model.columns.concurrent:
        return n_steps
    horizon = model.spec.horizon
    n_blocks = -(-n_steps // horizon)
    return max(n_blocks - 1, 0) * horizon if model.columns.shifted else 0


def exogenous_rows(X: Instance | None, index: pd.Index) -> np.ndarray:
    """Return the rows of X at the times of y; no column where there is no X.

    Raises
    ------
    ValueError
        If X has no row for one of them.
    """
    if X is None:
        return np.empty((len(index), 0))
    found = X.times.get_indexer(index)
    if (found < 0).any():
        raise ValueError(
            f"X has no rows at {list(map(str, index[found < 0][:5]))}, where y has. "
            "X needs a row for every row of y."
        )
    return X.values[found]


def check_columns(X: pd.DataFrame | None, columns: pd.Index | None) -> None:
    """Raise unless X has the columns that ``fit`` saw.

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
    missing = [c for c in columns if c not in X.columns]
    extra = [c for c in X.columns if c not in columns]
    if missing or extra:
        raise ValueError(
            f"X has other columns than in fit: missing {missing}, unknown {extra}. Pass"
            f" the columns {list(columns)}."
        )


def _missing_columns(columns: pd.Index) -> ValueError:
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
    cutoff: pd.Index,
    columns: pd.Index | None,
) -> np.ndarray:
    """Find the rows of X for the ``n_needed`` steps after the cutoff.

    Raises
    ------
    ValueError
        If X is missing or does not cover the steps.
    """
    if n_needed == 0 or columns is None:
        return np.empty((0, history.X.shape[1]))
    if X is None:
        raise _missing_columns(columns)
    steps = np.arange(1, n_needed + 1)
    fh = ForecastingHorizon(steps, is_relative=True)
    times = absolute_index(fh, steps, history, cutoff)
    found = _positions(X.times, times)
    if (found < 0).any():
        raise ValueError(
            f"X does not cover the forecasting horizon: rows for "
            f"{list(map(str, times[found < 0][:5]))} are missing. X needs a row for "
            f"every step from {times[0]} to {times[-1]}."
        )
    return X.values[found]


class Query(NamedTuple):
    """What is asked of one series.

    Attributes
    ----------
    key : tuple
        The series.
    past : History
        Its rows up to the cutoff.
    X : ndarray of shape (n_rows_of_X, n_features)
        Exogenous columns of these rows and of those to forecast.
    steps : ndarray of int
        Steps to predict, relative to the cutoff.
    times : pandas.Index or None
        When they are; None where nobody asks.
    """

    key: Key
    past: History
    X: np.ndarray
    steps: np.ndarray
    times: Any


class Panel(NamedTuple):
    """What ``predict`` is asked, and of which series.

    Attributes
    ----------
    fh : ForecastingHorizon
        The steps; relative ones count from the end of each series.
    histories : dict of tuple to History
        All rows seen.
    X : dict of tuple to Instance
        Rows passed to ``predict``; empty without.
    cutoff : pandas.Index
        The latest time seen of any series.
    columns : pandas.Index or None
        Columns of X that ``fit`` saw.
    """

    fh: ForecastingHorizon
    histories: dict[Key, History]
    X: dict[Key, Instance]
    cutoff: pd.Index
    columns: pd.Index | None


def make_queries(panel: Panel, model: TrainedModel) -> list[Query]:
    """Ask every series for the steps of ``fh``.

    Raises
    ------
    ValueError
        If X does not cover the steps, a time cannot be told, or lies before the start
        of a series.
    """
    fh, cutoff = panel.fh, panel.cutoff
    queries: list[Query] = []
    known: dict[Any, pd.Index] = {}
    for key, history in panel.histories.items():
        past = history.until(n_rows_seen(history, cutoff))
        if not len(past):
            raise ValueError(f"The series {key} has no row up to {cutoff[0]}.")
        own = last_time(past) if key else cutoff
        steps = relative_steps(fh, past, own)
        check_not_before_start(steps, len(past))
        n_needed = n_rows_needed(model, max(int(steps.max()), 0))
        X = panel.X.get(key)
        ahead = exogenous_ahead(X, n_needed, history, own, panel.columns)
        place = (own[0], id(history.index) if (steps <= 0).any() else None)
        if place not in known:
            known[place] = absolute_index(fh, steps, past, own)
        rows = np.concatenate([past.X, ahead])
        queries.append(Query(key, past, rows, steps, known[place]))
    return queries


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
