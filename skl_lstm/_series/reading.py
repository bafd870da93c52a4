"""Frames of one or many series read as histories, every step of their calendars."""

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from skl_lstm._series.calendar import Calendar
from skl_lstm._series.checks import (
    check_enough_rows,
    check_some_target,
    check_sorted,
)
from skl_lstm._series.exogenous import exogenous_rows
from skl_lstm._series.frequency import frequencies_of_panel
from skl_lstm._series.history import History, make_history, spread_rows
from skl_lstm._series.panel import Instance, Key, iterate_instances


def sorted_instances(frame: pd.DataFrame) -> list[Instance]:
    """Cut a frame into its series, in the order of their names.

    Training draws windows by their number: so it is the same in whatever order the
    series of a panel stand.
    """
    instances = list(iterate_instances(frame))
    try:
        return sorted(instances, key=lambda instance: instance.key)
    except TypeError:
        return sorted(instances, key=lambda instance: repr(instance.key))


def read_histories(
    y: pd.DataFrame, exogenous: Mapping[Key, Instance], name: str
) -> dict[Key, History]:
    """Cut y and X into series, each checked; steps without a row hold NaN.

    Parameters
    ----------
    y : DataFrame
        Targets of one or many series.
    exogenous : mapping of tuple to Instance
        Rows of X; empty without.
    name : str
        Name of the estimator, for errors.

    Raises
    ------
    ValueError
        If rows are out of order, too few, or hold nothing, or if X lacks one of them.
    """
    instances = sorted_instances(y)
    for instance in instances:
        check_sorted(instance.times, name)
        check_enough_rows(len(instance.values), name)
        check_some_target(instance.values, instance.key)
    return complete_histories(instances, exogenous, stored_frequencies(y.index))


def stored_frequencies(index: pd.Index) -> list[Any]:
    """Return the frequency that the index of a panel holds for all of its series."""
    times = index.levels[-1] if isinstance(index, pd.MultiIndex) else index
    freq = getattr(times, "freq", None)
    return [] if freq is None else [freq]


def complete_histories(
    instances: Iterable[Instance],
    exogenous: Mapping[Key, Instance],
    frequencies: Iterable[Any],
) -> dict[Key, History]:
    """Give each series a row for every step of its calendar.

    Parameters
    ----------
    instances : iterable of Instance
        The rows there are, in order of time.
    exogenous : mapping of tuple to Instance
        Rows of X.
    frequencies : iterable
        What series whose own rows tell no frequency may have.

    Raises
    ------
    ValueError
        If X has no row for one of y, or more steps would be missing than there are.
    """
    instances = list(instances)
    freqs = frequencies_of_panel([one.times for one in instances], frequencies)
    histories, gaps = {}, {}
    # Series at equal times share one index.
    calendars: dict[int, Calendar] = {}
    for (key, index, values), freq in zip(instances, freqs, strict=True):
        if id(index) not in calendars:
            what = f"The series {key}" if key else "y"
            steps = Calendar(index[:1], freq).complete(index, what)
            calendars[id(index)] = Calendar(steps, freq)
        calendar = calendars[id(index)]
        if len(calendar) > len(index):
            gaps[key] = index, calendar.index
        target = spread_rows(values, index, calendar.index)
        rows = exogenous_rows(exogenous.get(key), index, calendar)
        histories[key] = make_history(target, rows, calendar.index, freq)
    _warn_of_gaps(gaps)
    return histories


def _warn_of_gaps(gaps: Mapping[Key, tuple[pd.Index, pd.Index]]) -> None:
    """Warn once of the steps that series leave out."""
    if not gaps:
        return
    key, (index, steps) = next(iter(gaps.items()))
    gap = np.flatnonzero(~steps.isin(index))
    which = f" of the series {key}" if key else ""
    others = f" (and of {len(gaps) - 1} other series)" if len(gaps) > 1 else ""
    warnings.warn(
        f"{len(gap)} steps are missing between the rows at {steps[gap[0] - 1]} and "
        f"{steps[gap[-1] + 1]}{which}{others}; they count as missing values. Pass them "
        "as NaN to avoid this.",
        stacklevel=2,
    )
