"""Download adjusted prices from Yahoo Finance, once."""

import datetime
import os
import re
from collections.abc import Sequence

import pandas as pd

from skl_lstm.datasets._cache import resolve_data_home
from skl_lstm.datasets._price_cache import PriceCache, Span
from skl_lstm.datasets._price_errors import raise_failures, raise_not_stored
from skl_lstm.datasets._price_index import check_index_options
from skl_lstm.datasets._price_tables import assemble_features, assemble_series
from skl_lstm.datasets._progress import ProgressBar
from skl_lstm.datasets._retry import check_retry_settings
from skl_lstm.datasets._yahoo import RetrySettings, download_tables

# White space and commas separate symbols, the others would end a web address.
_NOT_IN_SYMBOL = re.compile(r"[\s,;/\\?#%]")

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

    What is downloaded is kept on disk, a file per symbol: a second call for the same
    span, for all or some of the symbols, needs no network. The result has a regular
    index, on which sktime forecasters can count steps as it is.

    Parameters
    ----------
    tickers : str or sequence of str
        Yahoo symbols: "AAPL", "^GSPC", "7203.T", "BTC-USD". Upper and lower case are
        the same.
    start : str or date
        First day, such as "2020-01-31".
    end : str, date or None, default=None
        Day after the last one. None, or a day to come, means today (UTC): the bar of
        a day that is not over would change with the hour of the call.
    interval : {"1d", "1wk", "1mo", "3mo"}, default="1d"
        Length of a bar. A week, month or quarter carries the date of its first day
        and the close of its last; one that is not over at ``end`` is left out.
    holidays : {"ffill", "nan", "drop"}, default="ffill"
        What becomes of days on which a symbol was not traded.

        - "ffill" repeats the last close. Such a day is a row that was never
          observed, with a return of zero; 9 a year at the New York exchange.
        - "nan" leaves the row and a missing value.
        - "drop" keeps the days on which every symbol was traded, nothing else. The
          frequency is then a ``CustomBusinessDay`` that knows those days only; some
          sktime forecasters, those that go through periods, refuse it. For
          ``interval="1d"`` only.
    data_home : str, path-like or None, default=None
        Folder for downloaded data. None means the environment variable
        ``SKL_LSTM_DATA`` or, without it, ``~/skl_lstm_data``.
    download_if_missing : bool, default=True
        Whether to download what is not stored. False never uses the network.
    return_X_y : bool, default=False
        Whether to return features and target in scikit-learn's meaning.
    n_retries : int, default=3
        Number of further attempts after a failure that may pass: no connection, a
        rate limit, an answer that cannot be read.
    delay : float, default=1.0
        Seconds before the first further attempt; doubled before each other.
    timeout : float, default=10.0
        Limit of one request, in seconds.
    verbose : int, default=0
        1 shows a progress bar on stderr while several symbols are downloaded.

    Returns
    -------
    prices : Series of shape (n_samples,) or DataFrame of shape (n_samples, n_symbols)
        A Series named after the symbol if ``tickers`` is a str, else a DataFrame with
        a column per symbol, in the order given. Adjusted closes, in the currency of
        the exchange. The index is a ``DatetimeIndex`` without time zone whose
        frequency is "B" (Monday to Friday), "D" if one of the symbols is regularly
        traded at weekends, or the week, month or quarter of ``interval``. Values
        before the first and after the last bar of a symbol are missing.
    (X, y) : tuple of DataFrame (n_samples, n_features) and Series (n_samples,)
        If ``return_X_y``. ``y`` is the close of the first symbol. ``X`` has the
        columns "Open", "High", "Low" and "Volume" (adjusted prices; shares, a flat
        bar of volume 0 where ``holidays`` fills) if ``tickers`` is a str; otherwise
        these with the symbol in front, "AAPL_Open", for every symbol, and the closes
        of all symbols but the first. Rows run from the first to the last day that is
        known of every symbol.

    Raises
    ------
    ValueError
        A parameter is not legal; a symbol is misspelt or delisted; the span holds no
        prices. Symbols that succeeded are stored all the same.
    ConnectionError
        Yahoo Finance cannot be reached, limits the rate of requests or gives answers
        that cannot be read, after all attempts.
    FileNotFoundError
        Prices are not stored and ``download_if_missing=False``.
    OSError
        ``data_home`` cannot be written to.
    ImportError
        yfinance is needed, that is, something is not stored, and not installed.

    See Also
    --------
    load_prices : The same from a CSV file.

    Notes
    -----
    Row t of ``X`` holds the bar of the same day as ``y``: its high, low and volume
    are known only when the close is. For a forecast of the next day pass
    ``X_treatment="shifted"`` to the forecaster.

    Adjusted prices are those of the day of download: a later dividend or split
    changes all earlier ones by a factor. Stored files are not renewed. They lie in
    the folder ``prices`` of ``data_home`` and may be deleted.

    Some transformers of sktime, such as ``Deseasonalizer``, demand periods for the
    frequency "B": pass ``prices.to_period()``. They are not the default since pandas
    gives them up; it warns wherever they are used, inside sktime too.

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
    check_index_options(interval, holidays)
    check_retry_settings(n_retries, delay, timeout)
    cache = PriceCache(resolve_data_home(data_home), _build_span(start, end, interval))
    settings = RetrySettings(n_retries, delay, timeout)
    tables = _read_or_download(symbols, cache, settings, download_if_missing, verbose)
    assemble = assemble_features if return_X_y else assemble_series
    return assemble(tables, interval, holidays, single=isinstance(tickers, str))


def _check_symbols(tickers: str | Sequence[str]) -> list[str]:
    """Return the symbols in upper case, as Yahoo writes them."""
    symbols = [tickers] if isinstance(tickers, str) else list(tickers)
    if not symbols or not all(isinstance(symbol, str) for symbol in symbols):
        raise TypeError(
            "`tickers` must be a symbol or a non-empty sequence of symbols. Got "
            f"{tickers!r} instead."
        )
    for symbol in symbols:
        if not symbol or _NOT_IN_SYMBOL.search(symbol):
            raise ValueError(
                f"`tickers` must hold Yahoo symbols such as 'AAPL'. Got {symbol!r} "
                "instead. Pass several symbols as a list."
            )
    symbols = [symbol.upper() for symbol in symbols]
    if len(set(symbols)) < len(symbols):
        raise ValueError(
            f"`tickers` must not repeat a symbol. Got {symbols!r} instead."
        )
    return symbols


def _build_span(start: Date, end: Date | None, interval: str) -> Span:
    """Return the span with dates checked and no day that is not over."""
    today = pd.Timestamp.now("UTC").date()
    first = _parse_date("start", start)
    last = today if end is None else _parse_date("end", end)
    if first >= last:
        raise ValueError(
            f"`end` is exclusive and must lie after `start`. Got start={first} and "
            f"end={last} instead."
        )
    if first >= today:
        raise ValueError(
            f"`start` must lie before today, {today}. Got {first} instead."
        )
    return Span(first.isoformat(), min(last, today).isoformat(), interval)


def _parse_date(name: str, value: Date) -> datetime.date:
    try:
        date = pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        raise ValueError(_describe_bad_date(name, value)) from error
    if isinstance(value, (int, float)) or pd.isna(date):
        raise ValueError(_describe_bad_date(name, value))
    return date.date()


def _describe_bad_date(name: str, value: object) -> str:
    return f"`{name}` must be a date such as '2020-01-31'. Got {value!r} instead."


def _read_or_download(
    symbols: Sequence[str],
    cache: PriceCache,
    settings: RetrySettings,
    download_if_missing: bool,
    verbose: int,
) -> dict[str, pd.DataFrame]:
    """Return the tables of all symbols, as stored, after a download where needed."""
    tables = {symbol: cache.read(symbol) for symbol in symbols}
    missing = [symbol for symbol, table in tables.items() if table is None]
    if missing and not download_if_missing:
        raise_not_stored(missing, cache)
    if missing:
        _download(missing, symbols, cache, settings, verbose)
        # Read back rather than kept, so that every call returns the same.
        tables |= {symbol: cache.read(symbol) for symbol in missing}
    return {symbol: table for symbol, table in tables.items() if table is not None}


def _download(
    missing: Sequence[str],
    symbols: Sequence[str],
    cache: PriceCache,
    settings: RetrySettings,
    verbose: int,
) -> None:
    """Store the tables of the missing symbols, or raise."""
    cache.prepare()
    bar = ProgressBar(len(missing), enabled=verbose > 0 and len(missing) > 1)
    try:
        failures = download_tables(
            missing, cache.span, settings, cache.store, bar.advance
        )
    finally:
        bar.close()
    if failures:
        raise_failures(failures, symbols, cache, settings.n_retries + 1)
