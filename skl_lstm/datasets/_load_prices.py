"""Prices from CSV files of the usual shapes."""

import os
from pathlib import Path

import pandas as pd

from skl_lstm.datasets._price_index import (
    PRICE_FIELDS,
    check_index_options,
    infer_interval,
)
from skl_lstm.datasets._price_tables import assemble_features, assemble_series

COLUMN_CHOICES = ("open", "high", "low", "close", "volume")

_DATE_NAMES = ("date", "datetime", "time", "timestamp", "unnamed: 0", "")

# Header in the file, in lower case and without decoration: column of the table.
_FIELD_NAMES = {
    "open": "Open",
    "high": "High",
    "low": "Low",
    "close": "Close",
    "adj close": "Adj Close",
    "adjclose": "Adj Close",
    "adjusted close": "Adj Close",
    "volume": "Volume",
    "vol": "Volume",
}

# Day and month in figures alone, as in 01/02/2020, could be read in two ways.
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%b %d, %Y")

Labels = list[tuple[str | None, str]]


def load_prices(
    path: str | os.PathLike[str],
    *,
    column: str = "close",
    adjusted: bool = True,
    holidays: str = "ffill",
    return_X_y: bool = False,
) -> pd.Series | pd.DataFrame | tuple[pd.DataFrame, pd.Series]:
    """Load prices from a CSV file, in the form in which `fetch_prices` returns them.

    The file has one line per day, week, month or quarter, in any order, a column of
    dates and a column "Close" at least, whatever the case of the headers. This fits
    the exports of Yahoo Finance and Stooq and what ``DataFrame.to_csv`` writes of a
    table from yfinance, for one symbol or several, with headers of one to three
    lines. Columns of other names are ignored.

    Parameters
    ----------
    path : str or path-like
        The CSV file, separated by commas.
    column : {"open", "high", "low", "close", "volume"}, default="close"
        The values to return, or the target if ``return_X_y``.
    adjusted : bool, default=True
        Whether to adjust prices for splits and dividends where the file has a column
        "Adj Close": this is then the close, and open, high and low are scaled by the
        same factor. False takes the prices as they were paid. Without such a column
        prices are taken as they are.
    holidays : {"ffill", "nan", "drop"}, default="ffill"
        What becomes of days without trade, as in `fetch_prices`.
    return_X_y : bool, default=False
        Whether to return features and target in scikit-learn's meaning, as in
        `fetch_prices`; ``X`` holds the columns of the file but the target.

    Returns
    -------
    prices : Series of shape (n_samples,) or DataFrame of shape (n_samples, n_symbols)
        A Series for a file of one symbol, named after the symbol or, if the file does
        not tell it, after the file. A DataFrame with a column per symbol for a file
        of several. The index is as in `fetch_prices`.
    (X, y) : tuple of DataFrame (n_samples, n_features) and Series (n_samples,)
        If ``return_X_y``.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        A parameter is not legal, or the file does not fit the description above; the
        message names the column and the value that do not.

    See Also
    --------
    fetch_prices : The same from Yahoo Finance.

    Notes
    -----
    Dates are read in the forms 2020-01-31, 2020/01/31, 20200131 and Jan 31, 2020; a
    time of the day after the first of these is cut off.

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
    if column not in COLUMN_CHOICES:
        raise ValueError(
            f"`column` must be one of {COLUMN_CHOICES}. Got {column!r} instead."
        )
    check_index_options("1d", holidays)
    name = column.capitalize()
    tables = _read_tables(Path(path), name, adjusted)
    first = next(iter(tables.values()))
    interval = infer_interval(pd.DatetimeIndex(first.index))
    check_index_options(interval, holidays)
    assemble = assemble_features if return_X_y else assemble_series
    return assemble(tables, interval, holidays, column=name, single=len(tables) == 1)


def _read_tables(path: Path, name: str, adjusted: bool) -> dict[str, pd.DataFrame]:
    """Return a table with the column ``name`` for each symbol of the file.

    The head of `_price_index` says what a table is.
    """
    try:
        cells = _read_cells(path)
        labels, n_header_rows = _read_header(cells)
        body = cells.iloc[n_header_rows:]
        dates = _read_dates(body, labels)
        tables = {
            symbol or path.stem: _read_table(body, dates, labels, symbol, adjusted)
            for symbol in _list_symbols(labels)
        }
        for table in tables.values():
            _check_has_column(table, name)
    except ValueError as error:
        raise ValueError(
            f"Prices cannot be read from {str(path)!r}: {error}"
        ) from error
    return tables


def _read_cells(path: Path) -> pd.DataFrame:
    """Return all cells as text, headers included."""
    try:
        return pd.read_csv(path, header=None, dtype=str, keep_default_na=False)
    except pd.errors.EmptyDataError as error:
        raise ValueError("the file is empty.") from error
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise ValueError(f"it is not a CSV file ({error}).") from error


def _read_header(cells: pd.DataFrame) -> tuple[Labels, int]:
    """Return symbol and field of each column, and the number of header rows.

    The symbol is None where the header does not tell it. The field of the column of
    dates is "Date", that of an unknown column "".
    """
    rows = [
        [_normalize(cell) for cell in cells.iloc[k]] for k in range(min(3, len(cells)))
    ]
    if len(rows) > 1 and {rows[0][0], rows[1][0]} == {"price", "ticker"}:
        is_field_first = rows[0][0] == "price"
        fields = rows[0 if is_field_first else 1]
        symbols = cells.iloc[1 if is_field_first else 0]
        names = zip(symbols.iloc[1:], fields[1:], strict=True)
        labels: Labels = [(None, "Date")]
        labels += [(symbol, _FIELD_NAMES.get(field, "")) for symbol, field in names]
        has_date_row = len(rows) > 2 and rows[2][0] in _DATE_NAMES
        return labels, 3 if has_date_row else 2
    return [(None, _name_field(cell)) for cell in rows[0]], 1


def _normalize(cell: str) -> str:
    return cell.strip().strip("*<>").replace("_", " ").lower()


def _name_field(cell: str) -> str:
    return "Date" if cell in _DATE_NAMES else _FIELD_NAMES.get(cell, "")


def _list_symbols(labels: Labels) -> list[str | None]:
    symbols = [symbol for symbol, field in labels if field in _FIELD_NAMES.values()]
    if not symbols:
        raise ValueError(
            "it has no column 'Close'. The first line must hold names such as "
            "Date,Open,High,Low,Close,Volume."
        )
    return list(dict.fromkeys(symbols))


def _read_dates(body: pd.DataFrame, labels: Labels) -> pd.DatetimeIndex:
    fields = [field for _, field in labels]
    if "Date" not in fields:
        raise ValueError(
            "it has no column of dates. Name it 'Date'; the first line must hold names."
        )
    text = body.iloc[:, fields.index("Date")].str.strip()
    if text.empty:
        raise ValueError("it has no rows below the header.")
    # Time and zone, as in 2020-01-31 00:00:00-05:00, say nothing of a daily bar.
    text = text.str.replace(r"^(\d{4}-\d{2}-\d{2})[T ].*$", r"\1", regex=True)
    for date_format in _DATE_FORMATS:
        dates = pd.to_datetime(text, format=date_format, errors="coerce")
        if dates.notna().any():
            break
    if dates.isna().any():
        raise ValueError(
            "dates must be written like 2020-01-31. Got "
            f"{text[dates.isna()].iloc[0]!r} instead."
        )
    return pd.DatetimeIndex(dates)


def _read_table(
    body: pd.DataFrame,
    dates: pd.DatetimeIndex,
    labels: Labels,
    symbol: str | None,
    adjusted: bool,
) -> pd.DataFrame:
    """Return the bars of one symbol, without the rows in which it was not traded."""
    columns = {
        field: _read_numbers(body.iloc[:, k], field)
        for k, (owner, field) in enumerate(labels)
        if owner == symbol and field in _FIELD_NAMES.values()
    }
    table = pd.DataFrame(columns).set_axis(dates).rename_axis("Date")
    if "Close" not in table and "Adj Close" in table:
        table["Close"] = table["Adj Close"]
    _check_has_column(table, "Close")
    if adjusted and "Adj Close" in table:
        table = _adjust(table)
    table = table[table["Close"].notna()].drop(columns="Adj Close", errors="ignore")
    return _sort_by_date(table)


def _read_numbers(cells: pd.Series, field: str) -> pd.Series:
    text = cells.str.strip()
    missing = text.str.lower().isin(["", "null", "nan", "n/a", "-"])
    numbers = pd.to_numeric(text.mask(missing), errors="coerce").astype(float)
    wrong = numbers.isna() & ~missing
    if wrong.any():
        raise ValueError(
            f"column {field!r} must hold numbers. Got {text[wrong].iloc[0]!r} instead."
        )
    return numbers


def _check_has_column(table: pd.DataFrame, name: str) -> None:
    if name not in table:
        raise ValueError(
            f"it must have a column {name!r}. Got {list(table.columns)} instead."
        )


def _adjust(table: pd.DataFrame) -> pd.DataFrame:
    """Scale prices to the adjusted close; volume stays the number of shares."""
    factor = table["Adj Close"] / table["Close"]
    prices = [name for name in (*PRICE_FIELDS, "Close") if name in table]
    return table.assign(**{name: table[name] * factor for name in prices})


def _sort_by_date(table: pd.DataFrame) -> pd.DataFrame:
    if table.empty:
        raise ValueError("it has no row with a close.")
    repeated = table.index[table.index.duplicated()]
    if len(repeated):
        raise ValueError(
            "there must be one row per day and symbol. Got several for "
            f"{repeated[0].date()} instead."
        )
    return table.sort_index()
