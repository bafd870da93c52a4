"""How far apart the rows of a series are: stored in its index, or inferred from it."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from skl_lstm._series.arithmetic import NO_POSITION, arithmetic_of

# What pandas can count in, but does not infer.
_NOT_INFERRED = ("SME", "SMS")


def frequency_of_rows(index: pd.Index) -> Any:
    """Return the distance between rows: an offset, a number, or None.

    Numbers have the largest step that reaches all of them: rows may be missing.
    """
    if isinstance(index, pd.PeriodIndex):
        return index.freq
    if isinstance(index, pd.DatetimeIndex):
        return index.freq if index.freq is not None else infer_frequency(index)
    if len(index) < 2:
        return 1
    distances = np.diff(index.to_numpy())
    if isinstance(index, pd.TimedeltaIndex):
        return pd.Timedelta(np.gcd.reduce(distances.astype(np.int64)), index.unit)
    return int(np.gcd.reduce(distances.astype(np.int64)))


def infer_frequency(index: pd.DatetimeIndex) -> Any:
    """Return the offset that leads from each row to the next, None if there is none."""
    if len(index) < 3 or not index.is_monotonic_increasing or not index.is_unique:
        return None
    # Hours are even by the sun, days and months by the clocks of a zone.
    zones = [index] if index.tz is None else [index, index.tz_convert("UTC")]
    names = [name for times in zones if (name := pd.infer_freq(times))]
    for name in [*names, *_NOT_INFERRED]:
        offset = to_offset(name)
        if leads_along(index, offset):
            return offset
    return None


def leads_along(index: pd.DatetimeIndex, offset: Any) -> bool:
    """Tell whether an offset leads from each row to the next."""
    times = index
    if not isinstance(offset, pd.tseries.offsets.Tick):
        times = index.tz_localize(None)
    steps = pd.date_range(times[0], periods=len(index), freq=offset)
    return bool((steps == times).all())


def frequency_of(index: pd.Index | None) -> str | None:
    """Return the frequency of a calendar as pandas writes it, None if there is none."""
    if not isinstance(index, (pd.DatetimeIndex, pd.PeriodIndex)):
        return None
    freq = frequency_of_rows(index)
    return None if freq is None else str(freq.freqstr)


def frequencies_of_panel(
    indexes: Sequence[pd.Index], known: Iterable[Any] = ()
) -> list[Any]:
    """Return the frequency of each series of a panel.

    A series whose dates tell none, because some are missing or there are too few, has
    that of the others on whose steps all of its rows lie; the coarsest, if several.

    Parameters
    ----------
    indexes : sequence of pandas.Index
        Times of each series, in order; those at equal times may share one object.
    known : iterable of pandas offset
        Further frequencies that they may have.
    """
    found = {id(index): frequency_of_rows(index) for index in unique(indexes)}
    offsets = {str(f): f for f in [*known, *found.values()] if f is not None}
    for index in unique(indexes):
        if found[id(index)] is None:
            found[id(index)] = _coarsest(index, offsets.values())
    return [found[id(index)] for index in indexes]


def unique(indexes: Iterable[pd.Index]) -> list[pd.Index]:
    """Return each index object once."""
    return list({id(index): index for index in indexes}.values())


def _coarsest(index: pd.Index, offsets: Iterable[Any]) -> Any:
    """Return the offset with fewest steps among those that reach every row."""
    counts = {}
    for offset in offsets:
        arithmetic = arithmetic_of(index[:1], offset)
        assert arithmetic is not None
        steps = arithmetic.positions(index)
        if (steps != NO_POSITION).all():
            counts[str(offset)] = int(steps[-1]), offset
    return min(counts.values(), key=lambda pair: pair[0])[1] if counts else None
