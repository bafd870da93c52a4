"""The season of a series, read from the frequency of its index."""

import re
from collections import Counter
from collections.abc import Iterable

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
# However a duration is written, it is counted in the longest of these: 24 hours are a
# day, and seven days a week.
_DURATIONS = ("W", "D", "h", "min", "s")


def resolve_season_length(sp: int | str, index: pd.Index | None) -> int:
    """Return the season length in steps, from the frequency of the index if "auto".

    Parameters
    ----------
    sp : int or "auto"
        The parameter.
    index : pandas.Index or None
        Time index of the training data.

    Returns
    -------
    int
        At least 1; 1 where there is no calendar.
    """
    return season_of_frequency(frequency_of(index)) if sp == "auto" else int(sp)


def resolve_season_of_panel(sp: int | str, histories: Iterable[History]) -> int:
    """Return the season length that most rows of several series have, if "auto".

    Parameters
    ----------
    sp : int or "auto"
        The parameter.
    histories : iterable of History
        The series, whose order does not matter.
    """
    if sp != "auto":
        return int(sp)
    n_rows: Counter[int] = Counter()
    seasons: dict[str | None, int] = {}
    for history in histories:
        name = history.frequency
        if name not in seasons:
            seasons[name] = season_of_frequency(name)
        n_rows[seasons[name]] += len(history)
    return max(n_rows, key=lambda season: (n_rows[season], season))


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
