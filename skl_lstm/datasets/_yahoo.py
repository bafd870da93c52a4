"""Price bars from Yahoo Finance; the only importer of yfinance.

yfinance asks for one symbol at a time. Its `download` does so in threads but keeps
the causes of failure to its log; here the same requests run in threads of our own,
so that each failure arrives as an exception and can be told from the others.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from time import sleep
from types import ModuleType
from typing import NamedTuple

import pandas as pd

from skl_lstm.datasets._price_cache import COLUMNS, Span
from skl_lstm.datasets._price_index import drop_unfinished
from skl_lstm.datasets._retry import generate_waits

# More at once brings the rate limit nearer rather than the end.
_MAX_WORKERS = 4

# Yahoo's words for a symbol that it does not, or no longer, know.
_UNKNOWN_SYMBOL = ("delisted", "not found", "no data found")

# One call at a time, since yfinance's settings are those of the whole process.
_SETTINGS_LOCK = threading.Lock()


class Failure(NamedTuple):
    """Why a symbol has no prices; ``kind`` is a key of `PERMANENT` or `TRANSIENT`."""

    kind: str
    cause: Exception | None


PERMANENT = ("unknown", "empty")
TRANSIENT = ("rate limit", "network", "unreadable")


class RetrySettings(NamedTuple):
    """How often, how long: further attempts, seconds before the first, per request."""

    n_retries: int
    delay: float
    timeout: float


def import_yfinance() -> ModuleType:
    """Return yfinance, or raise an ``ImportError`` that tells how to install it."""
    try:
        import yfinance
    except ImportError as error:
        raise ImportError(
            "`fetch_prices` needs yfinance to download prices. Install it with: "
            'pip install "skl_lstm[data]"'
        ) from error
    return yfinance


def download_tables(
    symbols: Sequence[str],
    span: Span,
    settings: RetrySettings,
    store: Callable[[str, pd.DataFrame], None],
    report: Callable[[str], None],
) -> dict[str, Failure]:
    """Download the tables of all symbols, in as many rounds as are needed and allowed.

    A round asks for all symbols that are still open. Symbols that Yahoo does not
    know are not asked for again.

    Parameters
    ----------
    symbols : sequence of str
        Yahoo symbols.
    span : Span
        First day, end and interval.
    settings : RetrySettings
        Number of further rounds, wait before the first of them in seconds (it
        doubles with each), limit of one request in seconds.
    store : callable
        Called with symbol and table as soon as it is there, so that an interrupted
        batch keeps what it has. Called from several threads.
    report : callable
        Called in this thread with each symbol that is settled, for good or ill.

    Returns
    -------
    dict of str to Failure
        The symbols without prices. Empty if all went well.
    """
    yfinance = import_yfinance()
    permanent: dict[str, Failure] = {}
    transient: dict[str, Failure] = dict.fromkeys(symbols, Failure("network", None))
    with _use_quietly(yfinance):
        for wait in generate_waits(settings.n_retries, settings.delay):
            sleep(wait)
            _forget_answers(yfinance)
            ask = _Round(yfinance, span, settings.timeout, store)
            outcomes = dict(ask.run(list(transient), report))
            transient = {s: f for s, f in outcomes.items() if f.kind in TRANSIENT}
            permanent |= {s: f for s, f in outcomes.items() if f.kind in PERMANENT}
            if not transient:
                break
    failures = permanent | transient
    return {symbol: failures[symbol] for symbol in symbols if symbol in failures}


class _Round:
    """One request for each of several symbols, in threads."""

    def __init__(
        self,
        yfinance: ModuleType,
        span: Span,
        timeout: float,
        store: Callable[[str, pd.DataFrame], None],
    ) -> None:
        self.yfinance = yfinance
        self.span = span
        self.timeout = timeout
        self.store = store
        self.is_limited = threading.Event()

    def run(
        self, symbols: Sequence[str], report: Callable[[str], None]
    ) -> Iterator[tuple[str, Failure]]:
        """Yield the symbols that failed, with the reason."""
        with ThreadPoolExecutor(_MAX_WORKERS) as pool:
            try:
                futures = {pool.submit(self.ask, symbol): symbol for symbol in symbols}
                for future in as_completed(futures):
                    failure = future.result()
                    if failure is None or failure.kind in PERMANENT:
                        report(futures[future])
                    if failure is not None:
                        yield futures[future], failure
            except BaseException:
                # Without this an interrupt waits for the whole batch.
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def ask(self, symbol: str) -> Failure | None:
        """Download and store one table, or return why there is none."""
        if self.is_limited.is_set():
            # Further requests would only prolong Yahoo's refusal.
            return Failure("rate limit", None)
        try:
            table = self._download(symbol)
        except Exception as error:
            # yfinance lets errors of any type through: those of two HTTP clients,
            # of JSON, KeyError. Each of them is told to the user in the end.
            kind = _classify(error, self.yfinance.exceptions)
            if kind == "rate limit":
                self.is_limited.set()
            return Failure(kind, error)
        if table.empty:
            return Failure("empty", None)
        self.store(symbol, table)
        return None

    def _download(self, symbol: str) -> pd.DataFrame:
        start, end, interval = self.span
        history = self.yfinance.Ticker(symbol).history(
            start=start,
            end=end,
            interval=interval,
            auto_adjust=True,
            actions=False,
            timeout=self.timeout,
        )
        table = _clean_history(history)
        return drop_unfinished(table, interval, pd.Timestamp(end))


def _clean_history(history: pd.DataFrame) -> pd.DataFrame:
    """Bring yfinance's table to the form of the head of `_price_index`."""
    table = history.reindex(columns=list(COLUMNS)).astype(float)
    table = table[table["Close"].notna()]
    dates = pd.DatetimeIndex(table.index)
    # The date is that of the exchange's own clock: 00:00 of its time zone.
    table.index = dates.tz_localize(None).normalize().rename("Date")
    return table[~table.index.duplicated(keep="last")].sort_index()


def _classify(error: Exception, exceptions: ModuleType) -> str:
    """Return the kind of `Failure` that an error of yfinance stands for."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, exceptions.YFRateLimitError) or status == 429:
        return "rate limit"
    if isinstance(error, exceptions.YFTzMissingError) or status == 404:
        return "unknown"
    if isinstance(error, exceptions.YFPricesMissingError):
        # The full message says "possibly delisted" of any failure, the reason
        # holds Yahoo's own words.
        reason = error.rationale.lower()
        return "unknown" if any(w in reason for w in _UNKNOWN_SYMBOL) else "empty"
    # The errors of both HTTP clients that yfinance may use are OSErrors.
    return "network" if isinstance(error, OSError) else "unreadable"


def _forget_answers(yfinance: ModuleType) -> None:
    """Clear yfinance's memory of answers, which keeps those of a broken server too.

    Without this a second attempt would read the first one's "502 Bad Gateway".
    """
    with suppress(AttributeError):  # not part of yfinance's public interface
        yfinance.data.YfData.cache_get.cache_clear()


@contextmanager
def _use_quietly(yfinance: ModuleType) -> Iterator[None]:
    """Have yfinance raise its errors in place of logging them, for a while.

    All is said once, by the error that `fetch_prices` raises. A user who has turned
    on yfinance's debug log keeps it.
    """
    logger = logging.getLogger("yfinance")
    debug = yfinance.config.debug
    with _SETTINGS_LOCK:
        level, hidden = logger.level, debug.hide_exceptions
        debug.hide_exceptions = False
        if not debug.logging:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            debug.hide_exceptions = hidden
            logger.setLevel(level)
