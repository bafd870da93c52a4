"""The words for prices that could not be had."""

from collections.abc import Sequence
from typing import NoReturn

from skl_lstm.datasets._price_cache import PriceCache
from skl_lstm.datasets._yahoo import TRANSIENT, Failure

_SENTENCES = {
    "unknown": (
        "{symbols}: Yahoo Finance has no such symbol; it is misspelt or delisted. "
        "Look it up at https://finance.yahoo.com/lookup or leave it out of `tickers`."
    ),
    "empty": (
        "{symbols}: Yahoo Finance has no prices for {span}. Choose a span in which the "
        "symbol was traded."
    ),
    "rate limit": (
        "{symbols}: Yahoo Finance refuses further requests for now (rate limit, HTTP "
        "429), {n_attempts} attempt(s) made. Wait some minutes, then call again."
    ),
    "network": (
        "{symbols}: Yahoo Finance could not be reached, {n_attempts} attempt(s) made, "
        "and nothing is stored in {folder!r} for {span}. The last error was: {cause}. "
        "Check the network connection, or read a file with `load_prices`."
    ),
    "unreadable": (
        "{symbols}: the answer of Yahoo Finance could not be read, {n_attempts} "
        "attempt(s) made. The last error was: {cause}. If this persists, a newer "
        "yfinance may help: pip install --upgrade yfinance"
    ),
}


def raise_failures(
    failures: dict[str, Failure],
    symbols: Sequence[str],
    cache: PriceCache,
    n_attempts: int,
) -> NoReturn:
    """Raise one error that says of each symbol why it has no prices.

    Raises
    ------
    ConnectionError
        A further call may succeed for one of the symbols at least.
    ValueError
        No symbol will ever succeed.
    """
    lines = []
    for kind, sentence in _SENTENCES.items():
        members = [symbol for symbol, f in failures.items() if f.kind == kind]
        if members:
            causes = (failures[symbol].cause for symbol in members)
            cause = next((cause for cause in causes if cause is not None), None)
            lines.append(
                sentence.format(
                    symbols=", ".join(members),
                    span=cache.span,
                    folder=str(cache.folder),
                    n_attempts=n_attempts,
                    cause=f"{type(cause).__name__}: {cause}".rstrip("."),
                )
            )
    is_transient = any(failure.kind in TRANSIENT for failure in failures.values())
    error = ConnectionError if is_transient else ValueError
    first_cause = next(iter(failures.values())).cause
    raise error(_add_rest(lines, failures, symbols)) from first_cause


def raise_not_stored(missing: Sequence[str], cache: PriceCache) -> NoReturn:
    """Raise the error for prices that are not on disk and must not be downloaded.

    Raises
    ------
    FileNotFoundError
        No file is there.
    OSError
        A file is there but damaged.
    """
    damaged = [str(cache.build_path(s)) for s in missing if cache.is_damaged(s)]
    if damaged:
        raise OSError(
            f"Stored prices are damaged: {', '.join(damaged)}. Pass "
            "`download_if_missing=True` to download them again."
        )
    raise FileNotFoundError(
        f"{', '.join(missing)}: no prices for {cache.span} are stored in "
        f"{str(cache.folder)!r}, and `download_if_missing=False` forbids a download. "
        "Pass `download_if_missing=True`, or the `data_home` that holds them."
    )


def _add_rest(
    lines: list[str], failures: dict[str, Failure], symbols: Sequence[str]
) -> str:
    """Join the lines; with several symbols, say how many failed and what is kept."""
    if len(symbols) == 1:
        return lines[0]
    stored = [symbol for symbol in symbols if symbol not in failures]
    message = [f"{len(failures)} of {len(symbols)} symbols have no prices.", *lines]
    if stored:
        message.append(
            f"The others ({', '.join(stored)}) are stored: a further call does not "
            "download them again."
        )
    return "\n".join(message)
