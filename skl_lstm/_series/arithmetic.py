"""How positions become times, and times positions, in each kind of index."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

# The position of a time that is none of the calendar's steps.
NO_POSITION = np.iinfo(np.int64).min


class Arithmetic(Protocol):
    """Positions and times of one kind of index, any number of steps ahead or back."""

    def times(self, positions: np.ndarray) -> pd.Index: ...

    def positions(self, times: pd.Index) -> np.ndarray: ...

    def later(self, position: int, durations: pd.TimedeltaIndex) -> pd.Index: ...


@dataclass(frozen=True)
class _EvenSteps:
    """Numbers, durations, or points of time that are a fixed duration apart."""

    first: Any
    step: Any

    def times(self, positions: np.ndarray) -> pd.Index:
        if isinstance(self.step, pd.Timedelta):
            return pd.Index([self.first])[np.zeros(len(positions), int)] + (
                pd.TimedeltaIndex([self.step])[np.zeros(len(positions), int)]
                * positions
            )
        return pd.Index(int(self.first) + positions * int(self.step))

    def positions(self, times: pd.Index) -> np.ndarray:
        if isinstance(self.step, pd.Timedelta):
            distance = times - self.first
        else:
            distance = pd.Index(times.to_numpy().astype(np.int64)) - int(self.first)
        n_steps = (distance // self.step).to_numpy()
        rest = distance - self.step * n_steps
        return np.where(rest == 0 * self.step, n_steps, NO_POSITION)

    def later(self, position: int, durations: pd.TimedeltaIndex) -> pd.Index:
        return self.times(np.array([position]))[0] + durations


@dataclass(frozen=True)
class _Periods:
    """Periods, counted by their ordinals; one step may be several of them."""

    first: pd.Period

    def times(self, positions: np.ndarray) -> pd.Index:
        repeated = pd.PeriodIndex([self.first])[np.zeros(len(positions), int)]
        return repeated + positions

    def positions(self, times: pd.Index) -> np.ndarray:
        distance = times.astype("int64").to_numpy() - self.first.ordinal
        n_steps, rest = np.divmod(distance, self.first.freq.n)
        return np.where(rest == 0, n_steps, NO_POSITION)

    def later(self, position: int, durations: pd.TimedeltaIndex) -> pd.Index:
        period: Any = self.times(np.array([position]))
        start = period.to_timestamp()[0]
        moments = start + durations
        periods = moments.to_period(self.first.freq)
        inside = periods.to_timestamp() != moments
        if inside.any():
            raise ValueError(
                f"{durations[inside][0]} after the start of {period[0]} no period of "
                f"{periods.dtype} starts. Pass the number of steps, fh=[1, 2]."
            )
        return periods


@dataclass(frozen=True)
class _Offsets:
    """Points of time that a pandas offset leads to, by the clocks of their zone.

    Attributes
    ----------
    index : DatetimeIndex
        Steps that follow one another without a gap; all others are found from them.
    offset : pandas offset
        One step.
    """

    index: Any
    offset: Any

    def times(self, positions: np.ndarray) -> pd.Index:
        return self._between(positions.min(), positions.max())[
            positions - min(positions.min(), 0)
        ]

    def positions(self, times: pd.Index) -> np.ndarray:
        clock, ends = _by_clock(times), _by_clock(self.index[[0, -1]])
        n_before = n_after = 0
        if clock.min() < ends[0]:
            n_before = 1 + len(pd.date_range(clock.min(), ends[0], freq=self.offset))
        if clock.max() > ends[1]:
            n_after = 1 + len(pd.date_range(ends[1], clock.max(), freq=self.offset))
        known = self._between(-n_before, len(self.index) - 1 + n_after)
        found = known.get_indexer(times)
        return np.where(found >= 0, found - n_before, NO_POSITION)

    def later(self, position: int, durations: pd.TimedeltaIndex) -> pd.Index:
        clock = _by_clock(self.times(np.array([position])))[0] + durations
        return _in_zone(clock, self.index)

    def _between(self, first: int, last: int) -> Any:
        """Return the steps from ``min(first, 0)`` to ``max(last, len - 1)``."""
        parts = [self.index]
        if first < 0:
            start = _by_clock(self.index[:1])[0]
            before = pd.date_range(end=start, periods=1 - first, freq=self.offset)
            parts.insert(0, _in_zone(before[:-1], self.index))
        n_after = last - (len(self.index) - 1)
        if n_after > 0:
            end = _by_clock(self.index[-1:])[0]
            after = pd.date_range(end, periods=1 + n_after, freq=self.offset)
            parts.append(_in_zone(after[1:], self.index))
        return parts[0].append(parts[1:])


def _by_clock(times: Any) -> Any:
    """Return what the clocks on the wall show."""
    return times.tz_localize(None)


def _in_zone(clock: Any, like: Any) -> Any:
    """Return points of time, in the zone and resolution of ``like``.

    An hour that the clocks leave out is the moment they change, and of an hour that
    they show twice it is the first.
    """
    first = np.ones(len(clock), dtype=bool)
    zone = None if like.tz is None else like.tz
    times = clock.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return times.as_unit(like.unit)


def arithmetic_of(index: pd.Index, freq: Any) -> Arithmetic | None:
    """Return the arithmetic of an index, None where it has no frequency."""
    if freq is None or not len(index):
        return None
    if isinstance(index, pd.PeriodIndex):
        return _Periods(index[0])
    if not isinstance(index, pd.DatetimeIndex):
        return _EvenSteps(index[0], freq)
    # In older pandas a day is a duration, too, but one by the clocks of a zone.
    is_day = isinstance(freq, pd.offsets.Day)
    if isinstance(freq, pd.tseries.offsets.Tick) and not is_day:
        return _EvenSteps(index[0], pd.Timedelta(freq))
    return _Offsets(index, freq)
