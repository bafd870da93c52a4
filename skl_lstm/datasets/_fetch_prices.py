"""Download adjusted prices from Yahoo Finance, once."""

import datetime
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from numbers import Integral, Real
from pathlib import Path
from time import sleep
from types import ModuleType
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pandas as pd
from pandas.tseries.frequencies import to_offset
from sklearn.utils import check_scalar

from skl_lstm.datasets._data_home import resolve_data_home
from skl_lstm.datasets._load_prices import read_tables
from skl_lstm.datasets._price_index import FIELDS, check_holidays, regularize, select

# Weeks, months and quarters are made of days: Yahoo dates its weeks by the day that is
# asked for, and adjusts longer bars by rules of its own.
_RULES = {"1d": None, "1wk": "W-MON", "1mo": "MS", "3mo": "QS"}
_AGGREGATES = dict(zip(FIELDS, ("first", "max", "min", "sum", "last"), strict=True))

# White space and commas separate symbols, the others would end a web address.
_SYMBOL = re.compile(r"[^\s,;/\\?#%]+")

# One download at a time, since yfinance's settings are those of the whole process.
_LOCK = threading.Lock()

Date = str | datetime.date | pd.Timestamp


def fetch_prices(
    tickers: str | Sequence[str],
    start: Date,
    end: Date | None = None,
    *,
    interval: str = "1d",
    holidays: str = "ffill",
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    n_retries: int = 3,
    delay: float = 1.0,
    timeout: float = 10.0,
    verbose: int = 0,
) -> pd.Series | pd.DataFrame | tuple[pd.DataFrame, pd.Series]:
    """Fetch closing prices, adjusted for splits and dividends, from Yahoo Finance.

    What yfinance downloads is kept on disk, a CSV file per symbol: a second call for
    the same span, for all or some of the symbols, needs no network. The result has a
    regular index, on which sktime forecasters can count steps as it is.

    Parameters
    ----------
    tickers : str or sequence of str
        Yahoo symbols: "AAPL", "^GSPC", "7203.T", "BTC-USD", in upper or lower case.
    start : str or date
        First day, such as "2020-01-31".
    end : str, date or None, default=None
        Day after the last one. None, or a day to come, means today (UTC): the bar of
        a day that is not over would change with the hour of the call.
    interval : {"1d", "1wk", "1mo", "3mo"}, default="1d"
        Length of a bar. A week, month or quarter carries the date of its first day
        and the close of its last; those that lie in the span as a whole are returned.
    holidays : {"ffill", "nan", "drop"}, default="ffill"
        What becomes of days on which a symbol was not traded. "ffill" repeats the
        last close; such a day was never observed and has a return of zero; 9 a year
        at the New York exchange. "nan" leaves the row and a missing value. "drop",
        for ``interval="1d"`` only, keeps the days on which every symbol was traded;
        the frequency is then a ``CustomBusinessDay`` that knows those days only, and
        sktime forecasters that go through periods refuse it.
    data_home : str, path-like or None, default=None
        Folder for downloaded data. None means the environment variable
        ``SKL_LSTM_DATA`` or, without it, ``~/skl_lstm_data``.
    download_if_missing : bool, default=True
        Whether to download what is not stored. False never uses the network.
    return_X_y : bool, default=False
        Whether to return features and target in scikit-learn's meaning.
    n_retries : int, default=3
        Number of further attempts after a failure: no connection, a rate limit, an
        answer that cannot be read.
    delay : float, default=1.0
        Seconds before the first further attempt; doubled before each other.
    timeout : float, default=10.0
        Limit of one request, in seconds.
    verbose : int, default=0
        1 tells on stderr of each symbol that is downloaded.

    Returns
    -------
    prices : Series of shape (n_samples,) or DataFrame of shape (n_samples, n_symbols)
        Adjusted closes, in the currency of the exchange: a Series named after the
        symbol if ``tickers`` is a str, else a DataFrame with a column per symbol. The
        index is a ``DatetimeIndex`` without time zone whose frequency is "B" (Monday
        to Friday), "D" if one of the symbols is regularly traded at weekends, or that
        of ``interval``. Values before the first and after the last bar of a symbol
        are missing.
    (X, y) : tuple of DataFrame (n_samples, n_features) and Series (n_samples,)
        If ``return_X_y``. ``y`` is the close of the first symbol. ``X`` has the
        columns "Open", "High", "Low" and "Volume" (in shares; 0 where ``holidays``
        fills) if ``tickers`` is a str; otherwise these with the symbol in front,
        "AAPL_Open", for every symbol, and the closes of all but the first. Rows run
        from the first to the last day that is known of every symbol.

    Raises
    ------
    ValueError
        A parameter is not legal; Yahoo Finance has no prices for a symbol in the span.
    ConnectionError
        Yahoo Finance cannot be reached, limits the rate of requests or gives answers
        that cannot be read, after all attempts.
    FileNotFoundError
        Prices are not stored and ``download_if_missing=False``.
    ImportError
        Something is not stored, and yfinance not installed.

    See Also
    --------
    load_prices : The same from a CSV file.

    Notes
    -----
    Row t of ``X`` holds the bar of the same day as ``y``, known only when the close
    is. For a forecast of the next day pass ``X_treatment="shifted"`` to the forecaster.

    Adjusted prices are those of the day of download: a later dividend or split changes
    all earlier ones by a factor. Files in the folder ``prices`` of ``data_home`` are
    not renewed; what came before an error is there. They may be deleted.

    Some transformers of sktime, such as ``Deseasonalizer``, demand periods for the
    frequency "B": pass ``prices.to_period()``.

    Yahoo's terms of use allow personal use of the data only.

    Examples
    --------
    >>> from skl_lstm.datasets import fetch_prices
    >>> y = fetch_prices("AAPL", "2015-01-01", "2020-01-01")  # doctest: +SKIP
    >>> X, y = fetch_prices(
    ...     "AAPL", "2015-01-01", "2020-01-01", return_X_y=True
    ... )  # doctest: +SKIP
    """
    symbols = _check_symbols(tickers)
    _check_interval(interval, holidays)
    check_scalar(n_retries, "n_retries", Integral, min_val=0)
    check_scalar(delay, "delay", Real, min_val=0)
    check_scalar(timeout, "timeout", Real, min_val=0, include_boundaries="neither")
    first, last = _read_span(start, end)
    folder = resolve_data_home(data_home) / "prices"
    # "^GSPC" or "M&M.NS" hold characters that some file systems refuse.
    names = {symbol: quote(symbol, safe="") for symbol in symbols}
    paths = {s: folder / f"{name}_{first}_{last}.csv" for s, name in names.items()}
    missing = {symbol: path for symbol, path in paths.items() if not path.exists()}
    if missing and not download_if_missing:
        raise FileNotFoundError(
            f"{', '.join(missing)}: no prices from {first} to {last} (exclusive) are "
            f"stored in {str(folder)!r}, and `download_if_missing=False` forbids a "
            "download. Pass `download_if_missing=True`, or the `data_home` that holds "
            "them."
        )
    if missing:
        request = {"start": str(first), "end": str(last), "timeout": timeout}
        _download(missing, request, n_retries, delay, verbose)
    # Read back even if just downloaded, so that every call returns the same.
    tables = {s: next(iter(read_tables(path).values())) for s, path in paths.items()}
    rule = _RULES[interval]
    if rule is not None:
        tables = {s: _aggregate(t, rule, first, last) for s, t in tables.items()}
    tables = regularize(tables, holidays, rule)
    single = isinstance(tickers, str)
    return select(tables, "Close", single=single, return_X_y=return_X_y)


def _check_symbols(tickers: str | Sequence[str]) -> list[str]:
    """Return the symbols in upper case, as Yahoo writes them."""
    symbols = [tickers] if isinstance(tickers, str) else list(tickers)
    is_legal = [isinstance(s, str) and _SYMBOL.fullmatch(s) for s in symbols]
    if not symbols or not all(is_legal):
        raise ValueError(
            "`tickers` must be a Yahoo symbol such as 'AAPL', or a non-empty list of "
            f"symbols. Got {tickers!r} instead."
        )
    return list(dict.fromkeys(symbol.upper() for symbol in symbols))


def _check_interval(interval: str, holidays: str) -> None:
    check_holidays(holidays)
    if interval not in _RULES:
        raise ValueError(
            f"`interval` must be one of {tuple(_RULES)}. Got {interval!r} instead. "
            "Bars within the day have no regular index to forecast on; get them from "
            "yfinance itself."
        )
    if holidays == "drop" and interval != "1d":
        raise ValueError(
            f"`holidays='drop'` needs daily bars. Got interval={interval!r} instead. "
            "Use 'ffill' or 'nan'."
        )


def _read_span(start: Date, end: Date | None) -> tuple[datetime.date, datetime.date]:
    """Return the first day and the day after the last, neither of them to come."""
    today = pd.Timestamp.now("UTC").date()
    try:
        first = pd.Timestamp(str(start)).date()
        last = today if end is None else min(today, pd.Timestamp(str(end)).date())
        if first < last:
            return first, last
    except ValueError:
        pass
    raise ValueError(
        "`start` and `end` must be dates such as '2020-01-31'; `end` is exclusive, and "
        f"`start` must lie before it and before today, {today}. Got start={start!r} "
        f"and end={end!r} instead."
    )


def _download(
    paths: Mapping[str, Path],
    request: Mapping[str, Any],
    n_retries: int,
    delay: float,
    verbose: int,
) -> None:
    """Store the prices of each symbol at its path, or raise."""
    try:
        import yfinance
    except ImportError as error:
        raise ImportError(
            "`fetch_prices` needs yfinance to download prices. Install it with: "
            'pip install "skl_lstm[data]"'
        ) from error
    unknown = []
    with _raise_errors(yfinance):
        for symbol, path in paths.items():
            table = _ask(yfinance, symbol, request, n_retries, delay)
            if table.empty:
                unknown.append(symbol)
            else:
                _store(table, path)
            if verbose:
                print(f"{symbol}: {len(table)} days", file=sys.stderr)
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)}: Yahoo Finance has no prices from "
            f"{request['start']} to {request['end']} (exclusive); the symbol is "
            "misspelt or delisted, or was not traded then. Look it up at "
            "https://finance.yahoo.com/lookup or leave it out of `tickers`. Prices of "
            f"the other {len(paths) - len(unknown)} symbols are stored."
        )


@contextmanager
def _raise_errors(yfinance: ModuleType) -> Iterator[None]:
    """Have yfinance raise its errors in place of logging them, for a while."""
    debug = yfinance.config.debug
    with _LOCK:
        hidden, debug.hide_exceptions = debug.hide_exceptions, False
        try:
            yield
        finally:
            debug.hide_exceptions = hidden


def _ask(
    yfinance: ModuleType,
    symbol: str,
    request: Mapping[str, Any],
    n_retries: int,
    delay: float,
) -> pd.DataFrame:
    """Return the daily bars of one symbol by naive date, empty if Yahoo has none."""
    for attempt in range(1, n_retries + 2):
        try:
            history = yfinance.Ticker(symbol).history(actions=False, **request)
            break
        except Exception as error:
            # Errors of any type come through: of the HTTP client, of JSON, KeyError.
            status = getattr(getattr(error, "response", None), "status_code", None)
            no_prices = yfinance.exceptions.YFTickerMissingError
            if status == 404 or isinstance(error, no_prices):
                return pd.DataFrame()
            # yfinance remembers the answers of a broken server, too.
            with suppress(AttributeError):
                yfinance.data.YfData.cache_get.cache_clear()
            if attempt > n_retries:
                raise ConnectionError(
                    f"{symbol}: Yahoo Finance gave no prices in {attempt} attempt(s). "
                    f"The last error was: {type(error).__name__}: "
                    f"{str(error).rstrip('.')}. {_advise(error, yfinance)}"
                ) from error
        sleep(delay * 2 ** (attempt - 1))
    history = history[history["Close"].notna()]
    # The date is that of the exchange's own clock: 00:00 of its time zone.
    dates = pd.DatetimeIndex(history.index).tz_localize(None).normalize()
    table = history.set_axis(dates.rename("Date"))[list(FIELDS)]
    return table[~table.index.duplicated(keep="last")]


def _advise(error: Exception, yfinance: ModuleType) -> str:
    if isinstance(error, yfinance.exceptions.YFRateLimitError):
        return "Wait some minutes, then call again."
    if isinstance(error, OSError):
        return "Check the network connection, or read a file with `load_prices`."
    return "A newer yfinance may help: pip install --upgrade yfinance"


def _store(table: pd.DataFrame, path: Path) -> None:
    """Write the table so that the file is there as a whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        table.to_csv(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _aggregate(
    table: pd.DataFrame, rule: str, first: datetime.date, last: datetime.date
) -> pd.DataFrame:
    """Make longer bars of days; those that the span cuts off are left out."""
    longer = table.resample(rule, label="left", closed="left").agg(_AGGREGATES)
    starts = pd.DatetimeIndex(longer.index)
    ends = starts + to_offset(rule)
    longer = longer[(starts >= pd.Timestamp(first)) & (ends <= pd.Timestamp(last))]
    if longer.empty:
        raise ValueError(
            f"`interval` must fit between `start` and `end`. Got {first} and {last} "
            "instead, which hold no whole one with prices."
        )
    return longer
