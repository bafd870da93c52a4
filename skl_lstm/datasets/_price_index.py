"""Put price bars on a regular index, on which a forecaster can count steps.

Bars are "tables" here: a DataFrame per symbol with the columns Open, High, Low,
Close, Volume (Close always, the others where known) and a sorted, unique, naive
DatetimeIndex of the days on which trade took place.
"""

import warnings
from functools import reduce

import numpy as np
import pandas as pd
from pandas.tseries.offsets import (
    BaseOffset,
    BDay,
    CustomBusinessDay,
    Day,
    MonthBegin,
    QuarterBegin,
    Week,
)

INTERVALS = ("1d", "1wk", "1mo", "3mo")
HOLIDAYS = ("ffill", "nan", "drop")
PRICE_FIELDS = ("Open", "High", "Low")

# A weekday with fewer bars than this share of all is one of rare special
# sessions, such as India's budget Saturdays, not a regular day of trade.
_REGULAR_SHARE = 0.05

# Upper limits, in days, of the median distance between bars.
_MEDIAN_GAPS = {"1d": 4, "1wk": 8, "1mo": 32, "3mo": 93}


def check_index_options(interval: str, holidays: str) -> None:
    """Raise ``ValueError`` for an unknown option or an impossible pair."""
    if interval not in INTERVALS:
        raise ValueError(
            f"`interval` must be one of {INTERVALS}. Got {interval!r} instead. Bars "
            "within the day stop for nights and weekends, so they have no regular "
            "index to forecast on; get them from yfinance itself."
        )
    if holidays not in HOLIDAYS:
        raise ValueError(
            f"`holidays` must be one of {HOLIDAYS}. Got {holidays!r} instead."
        )
    if holidays == "drop" and interval != "1d":
        raise ValueError(
            f"`holidays='drop'` needs daily bars. Got interval={interval!r} instead. "
            "Use 'ffill' or 'nan'."
        )


def infer_interval(dates: pd.DatetimeIndex) -> str:
    """Return the entry of ``INTERVALS`` that fits the typical distance of bars.

    Raises
    ------
    ValueError
        The bars are further apart than a quarter of a year.
    """
    if len(dates) < 2:
        return "1d"
    gap = np.median(np.diff(dates.to_numpy()) / np.timedelta64(1, "D"))
    for interval, limit in _MEDIAN_GAPS.items():
        if gap <= limit:
            return interval
    raise ValueError(
        f"Prices must be daily, weekly, monthly or quarterly. Got {gap:.0f} days "
        "between typical rows instead."
    )


def regularize(
    tables: dict[str, pd.DataFrame], interval: str, holidays: str
) -> dict[str, pd.DataFrame]:
    """Bring all tables to one common DatetimeIndex with a frequency.

    Parameters
    ----------
    tables : dict of str to DataFrame
        A table per symbol, as the head of this module says.
    interval : {"1d", "1wk", "1mo", "3mo"}
        Length of a bar.
    holidays : {"ffill", "nan", "drop"}
        What becomes of days without trade, as `fetch_prices` says.

    Returns
    -------
    dict of str to DataFrame
        The same tables on the common index.
    """
    if interval != "1d":
        tables = _snap_to_bar_starts(tables, interval)
    if holidays == "drop":
        index = _build_trading_index(_combine_dates(tables, "intersection"))
    else:
        index = _build_grid(_combine_dates(tables, "union"), interval)
    _warn_of_left_out(tables, index, holidays)
    tables = {symbol: table.reindex(index) for symbol, table in tables.items()}
    if holidays == "ffill":
        tables = {symbol: _fill_holidays(table) for symbol, table in tables.items()}
    return tables


def drop_unfinished(
    table: pd.DataFrame, interval: str, end: pd.Timestamp
) -> pd.DataFrame:
    """Leave out a last bar that was not over at ``end``, 00:00."""
    if interval == "1d" or table.empty:
        return table
    offset = _choose_offset(pd.DatetimeIndex(table.index), interval)
    return table if table.index[-1] + offset <= end else table.iloc[:-1]


def _combine_dates(tables: dict[str, pd.DataFrame], how: str) -> pd.DatetimeIndex:
    indexes = [table.index for table in tables.values()]
    combined = reduce(lambda left, right: getattr(left, how)(right), indexes)
    return pd.DatetimeIndex(combined).sort_values()


def _choose_offset(dates: pd.DatetimeIndex, interval: str) -> BaseOffset:
    """Return the step of the grid on which bars with these dates lie."""
    if interval == "1wk":
        return Week(weekday=int(np.bincount(dates.weekday).argmax()))
    if interval == "1mo":
        return MonthBegin()
    if interval == "3mo":
        return QuarterBegin(startingMonth=int(dates.month[0] - 1) % 3 + 1)
    return Day() if _find_regular_weekdays(dates)[5:].any() else BDay()


def _find_regular_weekdays(dates: pd.DatetimeIndex) -> np.ndarray:
    """Return seven booleans, Monday first."""
    counts = np.bincount(dates.weekday, minlength=7)
    return counts >= max(1.0, _REGULAR_SHARE * len(dates))


def _snap_to_bar_starts(
    tables: dict[str, pd.DataFrame], interval: str
) -> dict[str, pd.DataFrame]:
    """Label each bar with the first day of its week, month or quarter.

    Yahoo dates the bar of a week with the weekday of the first one asked for or
    traded, which differs between symbols; the most common weekday serves all.
    """
    offset = _choose_offset(_combine_dates(tables, "union"), interval)
    snapped = {}
    for symbol, table in tables.items():
        labels = pd.DatetimeIndex([offset.rollback(date) for date in table.index])
        snapped[symbol] = table.set_axis(labels)[~labels.duplicated(keep="last")]
    return snapped


def _build_grid(dates: pd.DatetimeIndex, interval: str) -> pd.DatetimeIndex:
    offset = _choose_offset(dates, interval)
    return pd.date_range(dates[0], dates[-1], freq=offset, name="Date")


def _build_trading_index(dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return days of trade only, with a frequency that knows the days without."""
    if dates.empty:
        raise ValueError(
            "`holidays='drop'` keeps the days on which every symbol was traded. "
            "Got symbols without a common day instead. Use 'ffill' or 'nan'."
        )
    weekdays = _find_regular_weekdays(dates)
    if not weekdays[5:].any():
        weekdays = np.arange(7) < 5
    dates = dates[weekdays[dates.weekday]]
    days = pd.date_range(dates[0], dates[-1], freq="D")
    closed = days[weekdays[days.weekday]].difference(dates)
    week = "".join(str(int(weekday)) for weekday in weekdays)
    offset = CustomBusinessDay(weekmask=week, holidays=closed.to_list())
    freq = BDay() if week == "1111100" and closed.empty else offset
    return pd.DatetimeIndex(dates, freq=freq, name="Date")


def _warn_of_left_out(
    tables: dict[str, pd.DataFrame], index: pd.DatetimeIndex, holidays: str
) -> None:
    """Tell of bars off the regular weekdays; nothing is dropped in silence."""
    dates = _combine_dates(tables, "intersection" if holidays == "drop" else "union")
    n_left_out = len(dates.difference(index))
    if n_left_out:
        warnings.warn(
            f"{n_left_out} of {len(dates)} bars fall on a day of the week that is not "
            "regularly traded and are left out.",
            UserWarning,
            stacklevel=5,  # the caller of the public function
        )


def _fill_holidays(table: pd.DataFrame) -> pd.DataFrame:
    """Fill days without trade by a flat bar: the last close, volume 0.

    Rows before the first and after the last day of trade stay missing: nothing
    is known of them.
    """
    table = table.copy()
    closed = table["Close"].isna()
    table["Close"] = table["Close"].ffill(limit_area="inside")
    for field in PRICE_FIELDS:
        if field in table:
            table[field] = table[field].fillna(table["Close"])
    if "Volume" in table:
        table["Volume"] = table["Volume"].mask(closed & table["Close"].notna(), 0.0)
    return table
