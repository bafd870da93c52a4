"""Hourly air quality and weather of Beijing, 2010 to 2014."""

import hashlib
import os
from http.client import HTTPException
from numbers import Integral
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pandas as pd
from sklearn.datasets import fetch_file
from sklearn.utils import check_scalar

from skl_lstm.datasets._data_home import resolve_data_home

FILE_NAME = "PRSA_data_2010.1.1-2014.12.31.csv"
URL = f"https://archive.ics.uci.edu/ml/machine-learning-databases/00381/{FILE_NAME}"
SHA256 = "4127f868775e31b3956522adc0ec75af8937dde6a3896e8beed3a376c6d27f1c"

TARGET = "pm2.5"
WIND_DIRECTIONS = ("NE", "NW", "SE", "cv")

_TIME_COLUMNS = ["year", "month", "day", "hour"]
_COLUMNS = [TARGET, "DEWP", "TEMP", "PRES", "cbwd", "Iws", "Is", "Ir"]


def fetch_beijing_pm25(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    n_retries: int = 3,
    delay: float = 1.0,
    url: str = URL,
) -> pd.DataFrame | tuple[pd.DataFrame, pd.Series]:
    """Fetch hourly PM2.5 and weather of Beijing from the UCI repository.

    The file (about 2 MB) is downloaded once and kept. It is accepted only if it is the
    published one to the last byte (SHA-256).

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Folder for downloaded data. None means the environment variable
        ``SKL_LSTM_DATA`` or, without it, ``~/skl_lstm_data``.
    download_if_missing : bool, default=True
        Whether to download what is not stored. False never uses the network.
    return_X_y : bool, default=False
        Whether to return features and target in scikit-learn's meaning.
    n_retries : int, default=3
        Number of further attempts after a failure.
    delay : float, default=1.0
        Seconds before each further attempt.
    url : str, default=URL of the UCI repository
        Where to download the CSV file from.

    Returns
    -------
    data : DataFrame of shape (43824, 8)
        Rows are the hours from 2010-01-01 00:00 to 2014-12-31 23:00, local time; the
        index has the frequency "h". Columns:

        ========  =====================================================  ========
        Name      Meaning                                                Unit
        ========  =====================================================  ========
        pm2.5     concentration of particles up to 2.5 micrometers       ug/m^3
        DEWP      dew point                                              deg C
        TEMP      temperature                                            deg C
        PRES      pressure                                               hPa
        cbwd      wind direction: NE, NW, SE or cv (calm and variable)   category
        Iws       wind speed, cumulated while the direction lasts        m/s
        Is        hours of snow, cumulated                               h
        Ir        hours of rain, cumulated                               h
        ========  =====================================================  ========

        2,067 values of pm2.5 are missing, the first 24 among them; no others are.
    (X, y) : tuple of DataFrame (43824, 7) and Series (43824,)
        If ``return_X_y``: ``y`` is pm2.5 with its gaps, ``X`` the other columns.

    Raises
    ------
    ConnectionError
        The download failed after all attempts, or its address is wrong.
    FileNotFoundError
        The file is not stored and ``download_if_missing=False``.
    OSError
        The file is not the published one; ``data_home`` cannot be written to.

    See Also
    --------
    load_beijing_pm25 : The same from a file.

    References
    ----------
    X. Liang, T. Zou, B. Guo, S. Li, H. Zhang, S. Zhang, H. Huang, S. X. Chen,
    "Assessing Beijing's PM2.5 pollution: severity, weather impact, APEC and winter
    heating", Proceedings of the Royal Society A, 471:20150257, 2015,
    doi:10.1098/rspa.2015.0257

    Examples
    --------
    >>> from skl_lstm.datasets import fetch_beijing_pm25
    >>> X, y = fetch_beijing_pm25(return_X_y=True)  # doctest: +SKIP

    A network needs numbers; this makes a column of each wind direction:

    >>> X = pd.get_dummies(X, columns=["cbwd"], dtype=float)  # doctest: +SKIP
    """
    check_scalar(n_retries, "n_retries", Integral, min_val=0)
    path = resolve_data_home(data_home) / "beijing_pm25" / FILE_NAME
    if download_if_missing:
        _download(url, path, n_retries, delay)
    elif not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise FileNotFoundError(
            f"{str(path)!r} is not there or damaged, and `download_if_missing=False` "
            "forbids a download. Pass `download_if_missing=True`, or the `data_home` "
            "that holds it."
        )
    data = _parse(path)
    return _split_target(data) if return_X_y else data


def load_beijing_pm25(
    path: str | os.PathLike[str], *, return_X_y: bool = False
) -> pd.DataFrame | tuple[pd.DataFrame, pd.Series]:
    """Load hourly PM2.5 and weather of Beijing from the CSV file of UCI.

    Parameters
    ----------
    path : str or path-like
        The file ``PRSA_data_2010.1.1-2014.12.31.csv``, or a part of it without gaps
        between the hours.
    return_X_y : bool, default=False
        Whether to return features and target in scikit-learn's meaning.

    Returns
    -------
    data : DataFrame of shape (n_hours, 8)
        As in `fetch_beijing_pm25`.
    (X, y) : tuple of DataFrame (n_hours, 7) and Series (n_hours,)
        If ``return_X_y``: ``y`` is pm2.5 with its gaps, ``X`` the other columns.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file has other columns, other wind directions or a gap between its hours.

    See Also
    --------
    fetch_beijing_pm25 : Downloads the file; says what the columns are.

    Examples
    --------
    >>> from skl_lstm.datasets import load_beijing_pm25
    >>> X, y = load_beijing_pm25(
    ...     "PRSA_data_2010.1.1-2014.12.31.csv", return_X_y=True
    ... )  # doctest: +SKIP
    """
    data = _parse(Path(path))
    return _split_target(data) if return_X_y else data


def _download(url: str, path: Path, n_retries: int, delay: float) -> None:
    """Have the published file at ``path``; a file that is there need not be fetched."""
    path.parent.mkdir(exist_ok=True)
    try:
        fetch_file(url, path.parent, path.name, SHA256, n_retries, delay)
    except (URLError, TimeoutError, ConnectionError, HTTPException) as error:
        raise ConnectionError(
            f"{url} could not be downloaded. The last error was: {error}. Check the "
            "network connection and the address, or read a file of yours with "
            "`load_beijing_pm25`."
        ) from error


def _parse(path: Path) -> pd.DataFrame:
    source = str(path)
    try:
        table = pd.read_csv(path)
    except ValueError as error:
        raise ValueError(f"{source!r} must be a CSV file, but: {error}") from error
    missing = [name for name in _TIME_COLUMNS + _COLUMNS if name not in table]
    if missing or table.empty:
        raise ValueError(
            f"{source!r} must be the file {FILE_NAME} of UCI, with the columns "
            f"{_TIME_COLUMNS + _COLUMNS}. Got {len(table)} rows, without the columns "
            f"{missing}, instead."
        )
    data = table[_COLUMNS].set_axis(_build_hours(table, source))
    data["cbwd"] = _read_directions(data["cbwd"], source)
    return data.astype({name: float for name in _COLUMNS if name != "cbwd"})


def _build_hours(table: pd.DataFrame, source: str) -> pd.DatetimeIndex:
    """Return the index of hours, of which none may be left out."""
    hours = pd.DatetimeIndex(pd.to_datetime(table[_TIME_COLUMNS]))
    expected = pd.date_range(hours[0], periods=len(hours), freq="h", name="time")
    wrong = np.flatnonzero(hours != expected)
    if wrong.size:
        raise ValueError(
            f"{source!r} must have a row for each hour. Got {hours[wrong[0]]} in place "
            f"of {expected[wrong[0]]} instead."
        )
    return expected


def _read_directions(directions: pd.Series, source: str) -> pd.Series:
    unknown = set(directions) - set(WIND_DIRECTIONS)
    if unknown:
        raise ValueError(
            f"Column 'cbwd' of {source!r} must hold {WIND_DIRECTIONS}. Got "
            f"{sorted(map(str, unknown))} instead."
        )
    return directions.astype(pd.CategoricalDtype(list(WIND_DIRECTIONS)))


def _split_target(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    return data.drop(columns=TARGET), data[TARGET]
