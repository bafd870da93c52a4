"""Prices from CSV files."""

import os
from pathlib import Path

import pandas as pd

from skl_lstm.datasets._price_index import (
    FIELDS,
    Tables,
    check_holidays,
    regularize,
    select,
)


def load_prices(
    path: str | os.PathLike[str],
    *,
    column: str = "close",
    adjusted: bool = True,
    holidays: str = "ffill",
    return_X_y: bool = False,
) -> pd.Series | pd.DataFrame | tuple[pd.DataFrame, pd.Series]:
    """Load prices from a CSV file, in the form in which `fetch_prices` returns them.

    The first column holds the dates, written like 2020-01-31, in any order; a column
    "Close" is needed, "Open", "High", "Low", "Volume" and "Adj Close" are read where
    they are, in upper or lower case. What ``to_csv`` writes of a table from
    ``yfinance.download``, of one symbol or several, is read, too.

    Parameters
    ----------
    path : str or path-like
        The CSV file, separated by commas.
    column : {"open", "high", "low", "close", "volume"}, default="close"
        The values to return, or the target if ``return_X_y``.
    adjusted : bool, default=True
        Whether to adjust prices for splits and dividends where the file has a column
        "Adj Close": open, high, low and close are scaled by its ratio to the close.
    holidays : {"ffill", "nan", "drop"}, default="ffill"
        What becomes of days without trade, as in `fetch_prices`.
    return_X_y : bool, default=False
        Whether to return features and target as `fetch_prices` does; ``X`` holds the
        columns of the file but the target.

    Returns
    -------
    prices : Series of shape (n_samples,) or DataFrame of shape (n_samples, n_symbols)
        A Series for a file of one symbol, named after the symbol or, if the file does
        not tell it, after the file; else a DataFrame with a column per symbol. The
        index is as in `fetch_prices` for daily bars; weekly, monthly and quarterly
        bars without a gap keep their dates.
    (X, y) : tuple of DataFrame (n_samples, n_features) and Series (n_samples,)
        If ``return_X_y``.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        A parameter is not legal, or the file does not fit the description above.

    See Also
    --------
    fetch_prices : The same from Yahoo Finance.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from skl_lstm.datasets import load_prices
    >>> path = Path(tempfile.mkdtemp()) / "XYZ.csv"
    >>> table = {"Date": ["2024-01-02", "2024-01-03"], "Close": [10.0, 11.0]}
    >>> pd.DataFrame(table).to_csv(path, index=False)
    >>> load_prices(path).tolist()
    [10.0, 11.0]
    """
    choices = [field.lower() for field in FIELDS]
    if column not in choices:
        raise ValueError(f"`column` must be one of {choices}. Got {column!r} instead.")
    name = column.capitalize()
    check_holidays(holidays)
    tables = read_tables(Path(path), name, adjusted)
    frequency = _infer_longer(pd.DatetimeIndex(next(iter(tables.values())).index))
    single = len(tables) == 1
    tables = regularize(tables, holidays, frequency)
    return select(tables, name, single=single, return_X_y=return_X_y)


def read_tables(path: Path, column: str = "Close", adjusted: bool = False) -> Tables:
    """Return a table of `FIELDS` by date for each symbol of the file."""
    try:
        cells = _read_cells(path)
        if cells.columns.nlevels == 1:
            return {path.stem: _read_table(cells, column, adjusted)}
        by_symbol = cells.T.groupby(level="Ticker", sort=False)
        return {
            str(symbol): _read_table(part.droplevel("Ticker").T, column, adjusted)
            for symbol, part in by_symbol
        }
    except ValueError as error:
        raise ValueError(
            f"Prices cannot be read from {str(path)!r}: {error}. The file must be a "
            "CSV table with a header, dates like 2020-01-31 in the first column, and a "
            "column 'Close'."
        ) from error


def _read_cells(path: Path) -> pd.DataFrame:
    """Return the file with its dates as index; two levels of columns if it has them."""
    # The files of yfinance.download begin with lines of fields and of symbols.
    is_nested = pd.read_csv(path, nrows=0).columns[0] in ("Price", "Ticker")
    header = [0, 1] if is_nested else 0
    # The default parser of floats is off by one unit in the last place.
    cells = pd.read_csv(path, header=header, index_col=0, float_precision="round_trip")
    # A time of the day, and a zone, say nothing of a daily bar.
    days = cells.index.astype(str).str[:10]
    cells.index = pd.to_datetime(days, format="ISO8601").rename("Date")
    return cells


def _read_table(cells: pd.DataFrame, column: str, adjusted: bool) -> pd.DataFrame:
    """Return the bars of one symbol, without the rows in which it was not traded."""
    cells = cells.rename(columns=lambda name: str(name).strip().title())
    table = cells[[field for field in FIELDS if field in cells]].astype(float)
    for needed in ("Close", column):
        if needed not in table:
            raise ValueError(f"it has no column {needed!r} but {list(cells.columns)}")
    if adjusted and "Adj Close" in cells:
        factor = cells["Adj Close"].astype(float) / table["Close"]
        prices = table.columns.drop("Volume", errors="ignore")
        table[prices] = table[prices].mul(factor, axis=0)
    table = table[table["Close"].notna()].sort_index()
    if table.empty:
        raise ValueError("it has no row with a close")
    if table.index.has_duplicates:
        raise ValueError("it has several rows for one day")
    return table


def _infer_longer(dates: pd.DatetimeIndex) -> str | None:
    """Return the frequency of weekly or longer bars, None if they are daily."""
    gaps = dates.to_series().diff().iloc[1:]
    if gaps.empty or gaps.median() <= pd.Timedelta(days=4):
        return None
    frequency = pd.infer_freq(dates)
    if frequency is None:
        raise ValueError(
            "Prices must be daily or, without a gap, weekly, monthly or quarterly. Got "
            f"rows from {dates[0].date()} to {dates[-1].date()} at other distances "
            "instead."
        )
    return frequency
