"""Hourly air quality and weather of Beijing, 2010 to 2014."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from skl_lstm.datasets._cache import make_folder, resolve_data_home, write_atomically
from skl_lstm.datasets._download import download_bytes
from skl_lstm.datasets._retry import check_retry_settings

URL = "https://archive.ics.uci.edu/static/public/381/beijing+pm2+5+data.zip"
FILE_NAME = "PRSA_data_2010.1.1-2014.12.31.csv"

TARGET = "pm2.5"
WIND_DIRECTIONS = ("NE", "NW", "SE", "cv")

_TIME_COLUMNS = ["year", "month", "day", "hour"]
_COLUMNS = [TARGET, "DEWP", "TEMP", "PRES", "cbwd", "Iws", "Is", "Ir"]

# What tells the whole data set from a part or a changed copy.
_N_HOURS = 43_824
_N_MISSING = 2_067


def fetch_beijing_pm25(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    n_retries: int = 3,
    delay: float = 1.0,
    timeout: float = 30.0,
    url: str = URL,
) -> pd.DataFrame | tuple[pd.DataFrame, pd.Series]:
    """Fetch hourly PM2.5 and weather of Beijing from the UCI repository.

    The file (about 2 MB) is downloaded once and kept. It is accepted only if it has
    the 43,824 hours, the columns and the number of gaps of the published data.

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
        Number of further attempts after a failure that may pass.
    delay : float, default=1.0
        Seconds before the first further attempt; doubled before each other.
    timeout : float, default=30.0
        Limit of one step of the download, in seconds.
    url : str, default=URL of the UCI repository
        Where to download from: the CSV file, or a zip archive that holds it.

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
    ValueError
        A parameter is not legal.

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
    check_retry_settings(n_retries, delay, timeout)
    path = resolve_data_home(data_home) / "beijing_pm25" / FILE_NAME
    data = _read_stored(path)
    if data is None:
        if not download_if_missing:
            raise FileNotFoundError(
                f"{str(path)!r} is not there or damaged, and `download_if_missing="
                "False` forbids a download. Pass `download_if_missing=True`, or the "
                "`data_home` that holds it."
            )
        make_folder(path.parent)
        data = _download(url, path, n_retries, delay, timeout)
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
    with Path(path).open("rb") as file:
        data = _parse(file, str(path))
    return _split_target(data) if return_X_y else data


def _read_stored(path: Path) -> pd.DataFrame | None:
    """Return the stored data, or None if they are not there or damaged."""
    try:
        with path.open("rb") as file:
            return _check_is_whole(_parse(file, str(path)), str(path))
    except (OSError, ValueError):
        return None


def _download(
    url: str, path: Path, n_retries: int, delay: float, timeout: float
) -> pd.DataFrame:
    """Return the data behind ``url``, stored at ``path`` if they are the right ones."""
    content = download_bytes(url, n_retries, delay, timeout)
    try:
        content = _unpack(content, url)
        data = _check_is_whole(_parse(io.BytesIO(content), url), url)
    except (ValueError, zipfile.BadZipFile) as error:
        raise OSError(
            f"The download is not the data set. {error} Pass another `url`, or read "
            "your file with `load_beijing_pm25`."
        ) from error
    write_atomically(path, content)
    return data


def _parse(file: io.BufferedIOBase, source: str) -> pd.DataFrame:
    try:
        table = pd.read_csv(file)
    except (ValueError, UnicodeDecodeError) as error:
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


def _check_is_whole(data: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return the data if they are all that was published."""
    n_missing = int(data.isna().to_numpy().sum())
    if len(data) != _N_HOURS or n_missing != _N_MISSING:
        raise ValueError(
            f"{source!r} must have {_N_HOURS} rows, {_N_MISSING} missing values. Got "
            f"{len(data)}, {n_missing} instead."
        )
    return data


def _unpack(content: bytes, source: str) -> bytes:
    """Return the CSV file out of a zip archive; other content as it is."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".csv")]
        if len(names) != 1:
            raise ValueError(f"{source!r} must hold one CSV file. Got {names} instead.")
        return archive.read(names[0])


def _split_target(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    return data.drop(columns=TARGET), data[TARGET]
