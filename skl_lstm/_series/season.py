"""The season of a series, read from the frequency of its index."""

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from skl_lstm._series.frequency import frequency_of
from skl_lstm._series.history import History

# Steps per season by the leading letters of a pandas frequency, old and new aliases.
SEASONS = {
    "Y": 1,
    "A": 1,
    "BY": 1,
    "BA": 1,
    "Q": 4,
    "BQ": 4,
    "M": 12,
    "ME": 12,
    "MS": 12,
    "BM": 12,
    "BME": 12,
    "BMS": 12,
    "CBM": 12,
    "WOM": 12,
    "LWOM": 12,
    "SM": 24,
    "W": 52,
    "D": 7,
    "B": 5,
    "C": 5,
    "h": 24,
    "H": 24,
    "min": 1440,
    "T": 1440,
    "s": 3600,
    "S": 3600,
}
LONGEST_SEASON = 336
# Beyond one season: steps of a day whose phases can be told apart, how often a season
# must have been seen, and a year.
MOST_STEPS_A_DAY = 1440
LEAST_SEEN, LEAST_YEARS, DAYS_A_YEAR = 3, 2, 365.25
# A Monday.
EPOCH = pd.Timestamp("1970-01-05")
# However a duration is written, it is counted in the longest of these: 24 hours are a
# day, and seven days a week.
_DURATIONS = ("W", "D", "h", "min", "s")


def resolve_season_length(sp: Any, index: pd.Index | None) -> int:
    """Return the season length in steps, from the frequency of the index if "auto".

    Parameters
    ----------
    sp : int, sequence of numbers or "auto"
        The parameter; of several seasons the first counts.
    index : pandas.Index or None
        Time index of the training data.

    Returns
    -------
    int
        At least 1; 1 where there is no calendar.
    """
    return season_of_frequency(frequency_of(index)) if sp == "auto" else _first_of(sp)


def _first_of(sp: Any) -> int:
    return int(sp) if isinstance(sp, Integral) else int(next(iter(sp)))


def resolve_season_of_panel(sp: Any, histories: Iterable[History]) -> int:
    """Return the season length that most rows of several series have, if "auto".

    Parameters
    ----------
    sp : int, sequence of numbers or "auto"
        The parameter; of several seasons the first counts.
    histories : iterable of History
        The series, whose order does not matter.
    """
    if sp != "auto":
        return _first_of(sp)
    n_rows: Counter[int] = Counter()
    seasons: dict[str | None, int] = {}
    for history in histories:
        name = history.frequency
        if name not in seasons:
            seasons[name] = season_of_frequency(name)
        n_rows[seasons[name]] += len(history)
    return max(n_rows, key=lambda season: (n_rows[season], season))


def resolve_seasons(
    sp: Any, histories: Sequence[History], *, calendar: bool
) -> tuple[float, ...]:
    """Return all seasons that the series are long enough for, in rows, rising.

    Parameters
    ----------
    sp : int, sequence of numbers or "auto"
        The parameter.
    histories : sequence of History
        The series; the median of their lengths decides.
    calendar : bool
        Whether the calendar counts beyond the first season: weeks and years.

    Returns
    -------
    tuple of float
        A season counts that is seen three times, and a year that is seen twice. Empty
        without any.
    """
    n_rows = float(np.median([len(history) for history in histories]))
    if sp != "auto":
        given = (sp,) if isinstance(sp, Integral) else tuple(sp)
        seen = [m for m in given if 1 < m <= n_rows / LEAST_YEARS] or list(given[:1])
        if len(seen) < len(given):
            warnings.warn(
                f"Of the seasons sp={sp!r}, {given[len(seen) :]} are left out: the "
                f"series have {n_rows:.0f} rows, which is less than two of them.",
                stacklevel=2,
            )
        return tuple(m for m in seen if m > 1)
    first = resolve_season_of_panel(sp, histories)
    found: list[float] = [first] if first > 1 else []
    per_day = _steps_per_day({history.frequency for history in histories})
    if calendar and per_day is not None:
        days = [per_day] if per_day > 1 else []
        found = [*days, 7 * per_day] if per_day <= MOST_STEPS_A_DAY else found
        found = [m for m in found if n_rows >= LEAST_SEEN * m] or found[:1]
        year = DAYS_A_YEAR * per_day
        if n_rows >= LEAST_YEARS * year and 7 * per_day in found:
            found.append(year)
    return tuple(found)


def _steps_per_day(frequencies: set[str | None]) -> int | None:
    """Return how many steps a day has, None if they are no parts of it."""
    if len(frequencies) != 1 or None in frequencies:
        return None
    match = re.fullmatch(r"(\d*)(D|h|min)", str(*frequencies))
    if match is None:
        return None
    step, day = pd.Timedelta(f"{match[1] or 1}{match[2]}"), pd.Timedelta("1D")
    return day // step if not day % step else None


def first_step(history: History) -> int:
    """Return the place in the calendar of the first row, in steps.

    The same for all rows of a calendar, so that series of a panel that begin at
    different times have their Mondays, or their nights, in common.
    """
    index, freq = history.index, history.freq
    if index is None or not len(index) or freq is None:
        return history.start
    first = index[0]
    if isinstance(first, pd.Period):
        return int(first.ordinal) // int(first.freq.n)
    if isinstance(first, pd.Timestamp):
        first = first.tz_localize(None) - EPOCH
        per_day = _steps_per_day({history.frequency})
        return 0 if per_day is None else int(first // (pd.Timedelta("1D") / per_day))
    return int(first // freq)


def season_of_frequency(frequency: str | None) -> int:
    """Return the steps per season of a pandas frequency.

    A frequency with a multiple divides the season: "2h" has 12 steps a day. Minutes
    count to the day where that is at most `LONGEST_SEASON` steps, else to the hour.
    """
    match = re.match(r"(\d*)([A-Za-z]+)", frequency) if frequency else None
    if match is None:
        return 1
    multiple, letters = _in_longest_unit(int(match[1] or 1), match[2])
    letters = letters if letters in SEASONS else re.sub("(S|E)$", "", letters)
    season = SEASONS.get(letters, 1)
    while season > LONGEST_SEASON * multiple and season >= 60:
        season //= 24 if season == 1440 else 60
    return season // multiple if season % multiple == 0 else 1


def _in_longest_unit(multiple: int, letters: str) -> tuple[int, str]:
    """Return a number of hours, say, as whole days where it is some."""
    if letters not in _DURATIONS or letters == "W":
        return multiple, letters
    duration = pd.Timedelta(f"{multiple}{letters}")
    units = ((unit, pd.Timedelta(f"1{unit}")) for unit in _DURATIONS)
    unit, length = next(pair for pair in units if not duration % pair[1])
    return duration // length, unit
