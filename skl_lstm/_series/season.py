"""The season of a series, read from the frequency of its index."""

import re
from typing import Any

import numpy as np
import pandas as pd

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


def resolve_season_length(sp: int | str, index: pd.Index | None) -> int:
    """Return the season length in steps, from the frequency of the index if "auto".

    A frequency with a multiple divides the season: "2h" has 12 steps a day. Minutes
    count to the day where that is at most `LONGEST_SEASON` steps, else to the hour.

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
    if sp != "auto":
        return int(sp)
    frequency = frequency_of(index)
    match = re.match(r"(\d*)([A-Za-z]+)", frequency) if frequency else None
    if match is None:
        return 1
    multiple, letters = int(match[1] or 1), match[2]
    letters = letters if letters in SEASONS else re.sub("(S|E)$", "", letters)
    season = SEASONS.get(letters, 1)
    while season > LONGEST_SEASON * multiple and season >= 60:
        season //= 24 if season == 1440 else 60
    return season // multiple if season % multiple == 0 else 1


def frequency_of(index: pd.Index | None) -> str | None:
    """Return the frequency of a time index, inferred where it is not stored."""
    if not isinstance(index, (pd.DatetimeIndex, pd.PeriodIndex)):
        return None
    if index.freq is not None:
        return index.freqstr
    if isinstance(index, pd.PeriodIndex) or len(index) < 3:
        return None
    return pd.infer_freq(index)


def frequency_of_rows(index: pd.Index) -> Any:
    """Return the distance between rows: an offset, an integer, or None."""
    if isinstance(index, pd.PeriodIndex):
        return index.freq
    if isinstance(index, pd.DatetimeIndex):
        if index.freq is not None:
            return index.freq
        inferred = pd.infer_freq(index) if len(index) >= 3 else None
        return inferred and pd.tseries.frequencies.to_offset(inferred)
    if len(index) < 2:
        return 1
    steps = np.unique(np.diff(index.to_numpy()))
    return steps[0] if len(steps) == 1 else None
