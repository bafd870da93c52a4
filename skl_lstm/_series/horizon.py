"""The forecasting horizon: which steps of a calendar it asks for."""

from typing import Any

import numpy as np
import pandas as pd
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm._series.arithmetic import NO_POSITION
from skl_lstm._series.calendar import (
    Calendar,
    NoFrequencyError,
    check_no_missing_time,
    describe,
    no_frequency,
)
from skl_lstm._series.history import History
from skl_lstm._series.panel import Key


def read_horizon(fh: Any, cutoff: pd.Index | None) -> ForecastingHorizon:
    """Return a horizon of the user's as sktime's, whatever its own frequency.

    sktime refuses times whose frequency is another than the data's, as that of every
    second day is. It is no part of what is asked.

    Raises
    ------
    TypeError
        If it is none.
    ValueError
        If it is empty, or a time is missing.
    """
    if not isinstance(fh, ForecastingHorizon):
        if isinstance(fh, pd.Index):
            check_no_missing_time(fh, "fh")
        fh = ForecastingHorizon(fh)
    values, is_relative = fh.to_pandas(), fh.is_relative
    if not len(values):
        raise ValueError("`fh` must not be empty: pass the steps to forecast.")
    check_no_missing_time(values, "fh")
    freq = getattr(cutoff, "freq", None)
    return ForecastingHorizon(values, is_relative=is_relative, freq=freq)


def n_rows_seen(history: History, cutoff: pd.Index) -> int:
    """Count the rows up to the cutoff, which sktime moves freely."""
    return int(history.index.searchsorted(cutoff[0], side="right"))


def latest_time(histories: dict[Key, History], passed: dict[Key, pd.Index]) -> Any:
    """Return the cutoff after an update: the latest time passed, or of other series.

    Rows of some series say nothing about the time of the others.

    Parameters
    ----------
    histories : dict of tuple to History
        All rows seen.
    passed : dict of tuple to pandas.Index
        Times of the rows passed.
    """
    ends: dict[tuple[int, int], pd.Index] = {}
    for key, history in histories.items():
        times = passed.get(key)
        # Series at equal times share one index.
        place = id(history.index), id(times)
        if place not in ends:
            position = np.array([len(history) - 1])
            if times is not None:
                position = history.calendar.positions(times[-1:])
            ends[place] = history.calendar.times(position)
    return max(ends.values(), key=lambda end: end[0])


def steps_of(fh: ForecastingHorizon, calendar: Calendar, n_seen: int) -> np.ndarray:
    """Return the steps that ``fh`` asks for; 1 is the one after the rows seen.

    Parameters
    ----------
    fh : ForecastingHorizon
        Steps, time differences or times.
    calendar : Calendar
        Of the series.
    n_seen : int
        Rows up to the cutoff.

    Raises
    ------
    ValueError
        If a time is none of the calendar's steps, cannot be told for want of a
        frequency, or is of another kind.
    """
    values = fh.to_pandas()
    if fh.is_relative and pd.api.types.is_integer_dtype(values.dtype):
        return values.to_numpy()
    try:
        times = calendar.later(n_seen - 1, values) if fh.is_relative else values
        positions = calendar.positions(times, "its times")
    except ValueError as error:
        reason = str(error).rstrip(".")
        raise ValueError(f"fh={values!r} cannot be forecast: {reason}.") from error
    unknown = positions == NO_POSITION
    if unknown.any():
        raise _not_a_step(values, times[unknown][-1], calendar)
    return positions - (n_seen - 1)


def _not_a_step(values: pd.Index, time: Any, calendar: Calendar) -> ValueError:
    """Say why there is no step at a time: there is no frequency, or it has none."""
    last = calendar.index[-1]
    if calendar.freq is not None:
        return ValueError(
            f"fh={values!r} cannot be forecast: rows are {describe(calendar.freq)} "
            f"apart, the last one at {last}, and none will be there (at {time})."
        )
    time = calendar.convert(pd.Index([time]))[0]
    if time > last:
        return NoFrequencyError(
            f"fh={values!r} cannot be forecast: {no_frequency(calendar.index)}."
        )
    return ValueError(
        f"fh={values!r} cannot be forecast: there is no row at {time}, and the index "
        f"has no frequency that would put one there. Ask for times of y.index."
    )


def times_of(steps: np.ndarray, calendar: Calendar, n_seen: int) -> pd.Index:
    """Return the times of steps after the rows seen, and of those up to them.

    Raises
    ------
    NoFrequencyError
        If later steps are asked for and the index has no frequency.
    """
    try:
        return calendar.times(n_seen - 1 + steps)
    except NoFrequencyError as error:
        message = f"fh={steps.tolist()} cannot be forecast: {error}."
        raise NoFrequencyError(message) from error


def last_step_of(
    fh: ForecastingHorizon | None, histories: dict[Key, History]
) -> int | None:
    """Return the last step asked of any series, None if it cannot be told."""
    if fh is None:
        return None
    last_steps = []
    for history in histories.values():
        try:
            steps = steps_of(fh, history.calendar, len(history))
        except ValueError:
            # Forecasting will say why; training can go on without.
            continue
        last_steps.append(int(steps.max()))
    return max(last_steps, default=None)


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
