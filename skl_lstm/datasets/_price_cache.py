"""Downloaded prices on disk: one file per symbol, span and interval.

A file is a CSV table under one line of comment that holds the format version and
the SHA-256 of the table, so that a damaged file is told from a good one. Text,
because it outlives versions of pandas and can be read by eye.
"""

import hashlib
import io
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pandas as pd

from skl_lstm.datasets._cache import make_folder, write_atomically

FORMAT_VERSION = 1
COLUMNS = ("Open", "High", "Low", "Close", "Volume")

_HEADER = f"# skl_lstm prices, version {FORMAT_VERSION}, sha256 "


class Span(NamedTuple):
    """What is asked for of each symbol: first day, day after the last, bar length."""

    start: str
    end: str
    interval: str

    def __str__(self) -> str:
        """Return the words for messages."""
        return f"{self.start} to {self.end} (exclusive), interval {self.interval!r}"


class PriceCache:
    """The stored tables of one span.

    Parameters
    ----------
    data_home : pathlib.Path
        Folder for all downloaded data; prices go to its subfolder ``prices``.
    span : Span
        First day, end and interval of the tables.
    """

    def __init__(self, data_home: Path, span: Span) -> None:
        self.folder = data_home / "prices"
        self.span = span

    def build_path(self, symbol: str) -> Path:
        """Return where the table of ``symbol`` is or would be stored."""
        start, end, interval = self.span
        # "^GSPC" or "M&M.NS" hold characters that some file systems refuse.
        name = quote(symbol, safe="")
        return self.folder / f"{name}_{interval}_{start}_{end}_v{FORMAT_VERSION}.csv"

    def prepare(self) -> None:
        """Create the folder, or raise ``OSError``."""
        make_folder(self.folder)

    def store(self, symbol: str, table: pd.DataFrame) -> None:
        """Write the table of ``symbol``; see the head of `_price_index`."""
        body = table.to_csv(columns=list(COLUMNS), lineterminator="\n").encode()
        header = f"{_HEADER}{hashlib.sha256(body).hexdigest()}\n".encode()
        write_atomically(self.build_path(symbol), header + body)

    def read(self, symbol: str) -> pd.DataFrame | None:
        """Return the stored table, or None if there is none or it is damaged."""
        try:
            header, _, body = self.build_path(symbol).read_bytes().partition(b"\n")
        except (FileNotFoundError, NotADirectoryError):
            return None
        if (
            header.decode(errors="replace")
            != _HEADER + hashlib.sha256(body).hexdigest()
        ):
            return None
        # The default parser of floats is off by one unit in the last place.
        return pd.read_csv(
            io.BytesIO(body),
            index_col="Date",
            parse_dates=["Date"],
            float_precision="round_trip",
        )

    def is_damaged(self, symbol: str) -> bool:
        """Tell whether a file is there but not what `store` has written."""
        return self.build_path(symbol).exists() and self.read(symbol) is None
