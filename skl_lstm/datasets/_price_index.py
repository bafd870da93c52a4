"""Put price bars on a regular index, on which a forecaster can count steps.

Bars are tables by symbol: DataFrames with a column "Close", others of `FIELDS` where
known, and a sorted, naive DatetimeIndex of days of trade.
"""

import warnings

import numpy as np
import pandas as pd
from pandas.tseries.offsets import BaseOffset, BDay, CustomBusinessDay, Day

FIELDS = ("Open", "High", "Low", "Volume", "Close")
HOLIDAYS = ("ffill", "nan", "drop")

# A weekday with a smaller share of the bars is one of rare special sessions, such as
# India's budget Saturdays, not a regular day of trade.
_REGULAR_SHARE = 0.05

Tables = dict[str, pd.DataFrame]


def check_holidays(holidays: str) -> None:
    """Raise ``ValueError`` for an unknown option."""
    if holidays not in HOLIDAYS:
        raise ValueError(
            f"`holidays` must be one of {HOLIDAYS}. Got {holidays!r} instead."
        )


def regularize(tables: Tables, holidays: str, frequency: str | None = None) -> Tables:
    """Bring tables to one index of this frequency, by default that of daily bars."""
    closes = _join_closes(tables)
    if holidays == "drop":
        closes = closes.dropna()
        if closes.empty:
            raise ValueError(
                "`holidays='drop'` keeps the days on which every symbol was traded. "
                "Got symbols without a common day instead. Use 'ffill' or 'nan'."
            )
    dates = pd.DatetimeIndex(closes.index)
    step = frequency or _choose_daily(dates, holidays)
    index = pd.date_range(dates[0], dates[-1], freq=step, name="Date")
    n_left_out = len(dates.difference(index))
    if n_left_out:
        warnings.warn(
            f"{n_left_out} of {len(dates)} bars fall on a day of the week that is not "
            "regularly traded and are left out.",
            UserWarning,
            stacklevel=3,  # the caller of the public function
        )
    tables = {symbol: table.reindex(index) for symbol, table in tables.items()}
    if holidays == "ffill":
        tables = {symbol: _fill_holidays(table) for symbol, table in tables.items()}
    return tables


def select(
    tables: Tables, column: str, *, single: bool, return_X_y: bool
) -> pd.Series | pd.DataFrame | tuple[pd.DataFrame, pd.Series]:
    """Return what the public functions do: one column of each symbol, or (X, y).

    ``single`` tells whether one symbol was meant: it comes as a Series, and the
    columns of X go without its name, "Open" in place of "AAPL_Open".
    """
    prices = pd.DataFrame({symbol: table[column] for symbol, table in tables.items()})
    target = prices.columns[0]
    if not return_X_y:
        return prices[target] if single else prices
    columns = {
        field if single else f"{symbol}_{field}": table[field]
        for symbol, table in tables.items()
        for field in table.columns
        if (symbol, field) != (target, column)
    }
    closes = _join_closes(tables)
    rows = (closes.ffill() + closes.bfill()).dropna().index
    if rows.empty or not columns:
        raise ValueError(
            "`return_X_y=True` needs a column besides the target, and days on which "
            f"every symbol is known. Got the columns {list(columns)} and {len(rows)} "
            "such days instead. Use `return_X_y=False`."
        )
    span = slice(rows[0], rows[-1])
    return pd.DataFrame(columns).loc[span], prices.loc[span, target]


def _join_closes(tables: Tables) -> pd.DataFrame:
    closes = {symbol: table["Close"] for symbol, table in tables.items()}
    return pd.DataFrame(closes).sort_index()


def _choose_daily(dates: pd.DatetimeIndex, holidays: str) -> BaseOffset:
    counts = np.bincount(dates.weekday, minlength=7)
    is_regular = counts >= max(1.0, _REGULAR_SHARE * len(dates))
    has_weekends = is_regular[5:].any()
    step = Day() if has_weekends else BDay()
    closed = pd.date_range(dates[0], dates[-1], freq=step).difference(dates)
    if holidays != "drop" or closed.empty:
        return step
    week = "".join(str(int(weekday)) for weekday in is_regular)
    return CustomBusinessDay(
        weekmask=week if has_weekends else "1111100", holidays=closed.to_list()
    )


def _fill_holidays(table: pd.DataFrame) -> pd.DataFrame:
    """Fill days without trade, between days of trade, by the last close, volume 0."""
    close = table["Close"].ffill(limit_area="inside")
    is_closed = table["Close"].isna() & close.notna()
    filled = table.mask(is_closed, close, axis=0)
    if "Volume" in filled:
        filled["Volume"] = table["Volume"].mask(is_closed, 0.0)
    return filled
