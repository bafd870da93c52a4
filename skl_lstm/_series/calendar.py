"""The calendar of a series: from position to time, and from time to position.

A row's position is its number in the series: 0 is the first row, `len` the first step
after the last. Everything that needs labels, steps or rows of X asks a `Calendar`,
which uses pandas' own arithmetic: whatever pandas counts as one step is one step here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skl_lstm._series.arithmetic import NO_POSITION, Arithmetic, arithmetic_of
from skl_lstm._series.frequency import frequency_of_rows


@dataclass(frozen=True)
class Calendar:
    """When the steps of a series are: those it has rows of, those before and after.

    Attributes
    ----------
    index : pandas.Index
        Time of each row: dates, periods, numbers or durations, in order; every step
        from first to last where there is a frequency.
    freq : pandas offset, Timedelta, int or None
        One step; None where rows follow one another without a rule (trading days):
        then only the times of the rows have a position.
    """

    index: pd.Index
    freq: Any = None

    @classmethod
    def of(cls, index: pd.Index) -> "Calendar":
        """Read the frequency from an index, or infer it."""
        return cls(index, frequency_of_rows(index))

    def __len__(self) -> int:
        return len(self.index)

    @property
    def _arithmetic(self) -> Arithmetic | None:
        return arithmetic_of(self.index, self.freq)

    def times(self, positions: np.ndarray) -> pd.Index:
        """Return the times of positions.

        Parameters
        ----------
        positions : ndarray of int
            Negative before the first row, `len` and more after the last.

        Raises
        ------
        NoFrequencyError
            If there is no row at one of them, and no frequency to tell its time by.
        """
        positions = np.asarray(positions, dtype=np.int64)
        if not len(positions):
            return self.index[:0]
        if positions.min() >= 0 and positions.max() < len(self):
            times = self.index[positions]
        elif self._arithmetic is None:
            raise NoFrequencyError(no_frequency(self.index))
        else:
            times = self._arithmetic.times(positions)
        if pd.api.types.is_integer_dtype(self.index.dtype):
            times = times.astype(self.index.dtype)
        return self._with_frequency(times, positions).rename(self.index.name)

    def _with_frequency(self, times: pd.Index, positions: np.ndarray) -> pd.Index:
        """Store the frequency in dates that follow one another."""
        is_dates = isinstance(times, pd.DatetimeIndex)
        if is_dates and self.freq is not None and (np.diff(positions) == 1).all():
            try:
                return pd.DatetimeIndex(times, freq=self.freq)
            except ValueError:
                # Pandas has no such index over an hour that the clocks leave out.
                return times
        return times

    def positions(self, times: pd.Index, what: str = "the rows") -> np.ndarray:
        """Return the positions of times, `NO_POSITION` where they are no steps.

        Parameters
        ----------
        times : pandas.Index
            Of any zone, if the calendar has one.
        what : str
            What they are, for the error.

        Raises
        ------
        ValueError
            If the times are of another kind than the calendar's, see `convert`.
        """
        times = self.convert(times, what)
        if not len(times):
            return np.empty(0, dtype=np.int64)
        known = self.index.get_indexer(times)
        if (known >= 0).all():
            return known.astype(np.int64)
        if self._arithmetic is None:
            return np.where(known >= 0, known, NO_POSITION).astype(np.int64)
        return self._arithmetic.positions(times).astype(np.int64)

    def position_of_first(self, times: pd.Index) -> int | None:
        """Return where the first of some rows stands beside the calendar's own.

        Parameters
        ----------
        times : pandas.Index
            Of the same kind (`is_of_same_kind`), in order.

        Returns
        -------
        int or None
            Negative: so many steps before the first row. Up to ``len(self) - 1``: at
            that row. ``len(self) + n``: after the last row, ``n`` steps left out.
            None if it is no step of the calendar: between two rows, or at a time that
            nothing can be said of. Without a frequency, what comes later than the
            last row follows it.
        """
        (position,) = self.positions(times[:1])
        if position != NO_POSITION:
            return int(position)
        follows = self.freq is None and self.convert(times[:1])[0] > self.index[-1]
        return len(self) if follows else None

    def later(self, position: int, durations: pd.TimedeltaIndex) -> pd.Index:
        """Return the times that are some durations after the one at a position.

        Days and more are counted by the clocks of the zone where one step is a day or
        more, so that two days after noon it is noon again.

        Raises
        ------
        ValueError
            If the index counts rows, which have no durations.
        """
        if pd.api.types.is_integer_dtype(self.index.dtype):
            raise ValueError(
                "a time difference says nothing of rows that are numbered. Pass the "
                "number of steps, fh=[1, 2]."
            )
        if self._arithmetic is None:
            return self.index[position] + durations
        return self._arithmetic.later(position, durations)

    def is_of_same_kind(self, times: pd.Index) -> bool:
        """Tell whether times can be compared with those of the calendar."""
        return kind_of(times) == kind_of(self.index)

    def convert(self, times: pd.Index, what: str = "the rows") -> pd.Index:
        """Return times in the calendar's zone and terms.

        Parameters
        ----------
        times : pandas.Index
            In any zone.
        what : str
            What they are, for the error.

        Raises
        ------
        ValueError
            If they are of another kind: dates beside periods, periods of another
            length, a zone beside none.
        """
        check_no_missing_time(times, what)
        is_dated = isinstance(self.index, pd.DatetimeIndex)
        if isinstance(times, pd.PeriodIndex) and is_dated:
            times = self._dates_of(times, what)
        self.check_comparable(times, what)
        zone: Any = getattr(self.index, "tz", None)
        return times if zone is None else times.tz_convert(zone)  # type: ignore[attr-defined]

    def _dates_of(self, periods: pd.PeriodIndex, what: str) -> Any:
        """Return the only step in each period, its start where there is none."""
        starts, ends = periods.to_timestamp(), periods.to_timestamp(how="end")
        if self.freq is None:
            steps = starts
        else:
            steps = pd.DatetimeIndex([self.freq.rollforward(time) for time in starts])
            following = pd.DatetimeIndex([time + self.freq for time in steps])
            if (following <= ends).any():
                raise ValueError(
                    f"{what} have periods of {periods.dtype}, with several steps in "
                    f"each: rows are {describe(self.freq)} apart. Pass dates."
                )
        zone: Any = getattr(self.index, "tz", None)
        return steps.tz_localize(zone) if zone else steps

    def check_comparable(self, times: pd.Index, what: str) -> None:
        """Raise unless times are of the calendar's kind, and both or none in a zone.

        Raises
        ------
        ValueError
            Naming the difference, and what to do.
        """
        difference = self._find_difference(times)
        if difference:
            raise ValueError(f"{what} {difference}")

    def _find_difference(self, times: pd.Index) -> str:
        """Say how times differ in kind from the calendar's, "" if they do not."""
        old: Any = self.index
        new: Any = times
        if kind_of(new) != kind_of(old):
            return (
                f"have an index of {kind_of(new)} ({new.dtype}), but that of y "
                f"held {kind_of(old)} ({old.dtype}). Convert it, for example with "
                "to_period or to_timestamp."
            )
        if isinstance(new, pd.PeriodIndex) and new.dtype != old.dtype:
            return (
                f"have periods of {new.dtype}, but those of y were {old.dtype}."
                f" Convert them with asfreq({old.freqstr!r})."
            )
        is_dated = isinstance(new, pd.DatetimeIndex)
        if not is_dated or (new.tz is None) == (old.tz is None):
            return ""
        if new.tz is None:
            return (
                f"have no time zone, but the index of y was in {old.tz}. Add it "
                f"with tz_localize('{old.tz}')."
            )
        return (
            f"are in the time zone {new.tz}, but the index of y had none. Drop "
            "it with tz_localize(None), after tz_convert if y was in another."
        )

    def complete(self, times: pd.Index, what: str) -> pd.Index:
        """Return all steps from the first to the last of the times.

        Raises
        ------
        ValueError
            If some of them are no steps, or more would have to be added than there
            are.
        """
        if self.freq is None or not len(times):
            return times
        positions = self.positions(times)
        if (positions == NO_POSITION).any():
            stray = times[positions == NO_POSITION][0]
            raise ValueError(
                f"{what} has a row at {stray}, which lies between two steps: rows are "
                f"{describe(self.freq)} apart since {self.index[0]}."
            )
        first, last = int(positions.min()), int(positions.max())
        n_steps = last - first + 1
        if n_steps == len(times):
            return times
        if n_steps > 2 * len(times):
            raise ValueError(
                f"{what} has {len(times)} rows from {times[0]} to {times[-1]}, which "
                f"are {n_steps} steps of {describe(self.freq)}: more would be missing "
                "than there are. If the index holds no time (numbers of customers, "
                "dates like 20240131, seconds), pass dates, pd.to_datetime(...), or "
                "number the rows with reset_index(drop=True); if most values really "
                "are missing, pass them as NaN."
            )
        steps = self.times(np.arange(first, last + 1))
        if isinstance(self.index, pd.RangeIndex):
            return pd.RangeIndex(steps[0], steps[-1] + self.freq, self.freq)
        return steps


class NoFrequencyError(ValueError):
    """A time was asked for that only a frequency could tell."""


def no_frequency(index: pd.Index) -> str:
    """Say that an index has no frequency, and what to do."""
    return (
        f"the index ({type(index).__name__} ending at {index[-1]}) has no frequency, "
        "so the times after its end are unknown. Give it one with y.asfreq('B') (or "
        "the frequency that fits), y.to_period('B'), or number the rows with "
        "y.reset_index(drop=True)"
    )


def describe(freq: Any) -> str:
    """Return a step in words."""
    return str(getattr(freq, "freqstr", freq))


def kind_of(index: pd.Index) -> str:
    """Return what an index counts in; indexes of one kind can be compared."""
    kinds: dict[type, str] = {
        pd.DatetimeIndex: "dates",
        pd.PeriodIndex: "periods",
        pd.TimedeltaIndex: "durations",
    }
    if type(index) in kinds:
        return kinds[type(index)]
    return "numbers" if pd.api.types.is_integer_dtype(index.dtype) else "other values"


def check_no_missing_time(index: pd.Index, what: str) -> None:
    """Raise if a time is missing.

    Raises
    ------
    ValueError
        Naming the first row without one.
    """
    if isinstance(index, pd.MultiIndex):
        if not (index.levels[-1].hasnans or (index.codes[-1] < 0).any()):
            return
        index = index.get_level_values(-1)
    if index.hasnans:
        row = int(np.flatnonzero(index.isna())[0])
        raise ValueError(
            f"{what} must have a time in every row, but row {row} has NaT (no time). "
            "Drop such rows, or repair how the dates are read."
        )
