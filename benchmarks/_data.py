"""Where the data of the benchmarks lie, where they come from, and how they are read.

`--data DIR` of every benchmark, or else the environment variable ``SKL_LSTM_DATA``,
names the folder; `python -m benchmarks.data` lists what it holds and fetches the rest.
"""

import argparse
import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sktime.datasets import load_airline, load_forecastingdata

from skl_lstm.datasets import load_beijing_pm25

VARIABLE = "SKL_LSTM_DATA"
# Without a setting: the folder beside a checkout, and that of `skl_lstm.datasets`.
BESIDE = Path(__file__).parents[2] / "shared/data"
HOME = Path("~/skl_lstm_data").expanduser()

GITHUB = "https://raw.githubusercontent.com"
SMALL = f"{GITHUB}/jbrownlee/Datasets/d20fcb6402ae34e653d4513b00f39257bb37ed7f"
M4 = f"{GITHUB}/Mcompetitions/M4-methods/6c1067e5a57161249b17289a565178dc7a3fb3ca"
STOCKS = f"{GITHUB}/Ekagraj/tessera/607852bd8447c0e888954b16b2804b4bdefc910c"


class File(NamedTuple):
    """A file of the data folder.

    Attributes
    ----------
    path : str
        In the folder.
    sha256 : str
        Of the file that the figures in the docs were measured on.
    address : str
        Where the same file is served; empty for a file made of others.
    """

    path: str
    sha256: str
    address: str = ""


class DataSet(NamedTuple):
    """A data set: its files, and for panels its name in the Monash archive.

    Attributes
    ----------
    files : tuple of File
        All that is read.
    source : str
        Who made it, and for files made of others, of which and how.
    archive : str
        What sktime's `load_forecastingdata` calls the same series, read where the files
        are not there; empty if there is no such name.
    """

    files: tuple[File, ...]
    source: str
    archive: str = ""


def _small(name: str, sha256: str) -> DataSet:
    file = File(f"small/{name}.csv", sha256, f"{SMALL}/{name}.csv")
    return DataSet((file,), "github.com/jbrownlee/Datasets")


def _stock(symbol: str, sha256: str) -> DataSet:
    path = f"stocks/{symbol}_2005_2026_tessera.csv"
    file = File(path, sha256, f"{STOCKS}/data/{symbol}.csv")
    return DataSet((file,), "adjusted daily bars of Stooq; no licence is stated")


DATA_SETS = {
    "M4 Weekly": DataSet(
        (
            File(
                "m4/Train/Weekly-train.csv",
                "d478d3f6ed673e6ed3c2cb0fbed5425f72eedd51318ebebeb0b5ecfcefc37714",
                f"{M4}/Dataset/Train/Weekly-train.csv",
            ),
            File(
                "m4/Test/Weekly-test.csv",
                "3b2bc4be8e636e802260dcd843ca3c5da40536a1fbe1ecb3229a97dae4f44688",
                f"{M4}/Dataset/Test/Weekly-test.csv",
            ),
        ),
        "the M4 competition",
    ),
    "Hospital": DataSet(
        (
            File(
                "hospital/hospital_84x767.csv",
                "bdff3f87fe43a63d8e216abe2d0249c6e9a892488aa436d984ebbc2cddd0a782",
            ),
        ),
        "data/hospital.rda of the R package expsmooth "
        "(github.com/robjhyndman/expsmooth at c19f978), months down, series across",
        archive="hospital_dataset",
    ),
    "Tourism Monthly": DataSet(
        (
            File(
                "tourism/tourism-Monthly-train.csv",
                "9b2dc509053f440421698ffd99677ef146d1b467cf84c8714675c662168affa7",
            ),
            File(
                "tourism/tourism-Monthly-test.csv",
                "1c8994be1708975eb36322e7da27738a1fb0ce13892d0444499bbc09cd0f86bd",
            ),
        ),
        "source-data/monthly_in.csv and monthly_oos.csv of the R package Tcomp "
        "(github.com/ellisp/Tcomp-r-package at 33503f9), a series a row",
        archive="tourism_monthly_dataset",
    ),
    "NN5 daily": DataSet(
        (
            File(
                "nn5/nn5_daily_791x111.csv",
                "d17b3dfec282909dddcf5a241b9a2b68f39022a899292367c71a0a778be03865",
            ),
        ),
        "data/nn5.rda of the R package tscompdata "
        "(github.com/robjhyndman/tscompdata at 668b345), days down, series across",
        archive="nn5_daily_dataset_with_missing_values",
    ),
    "PM2.5": DataSet(
        (
            File(
                "beijing_pm25/PRSA_data_2010.1.1-2014.12.31.csv",
                "892e9559205d16d32623135c127a3951c12e46ea1e0b3093e107ce89a9fd60e2",
                f"{SMALL}/pollution.csv",
            ),
        ),
        "Beijing PM2.5, UCI machine learning repository, data set 381",
    ),
    "bike sharing": DataSet(
        (
            File(
                "hourly/bikesharing.csv",
                "c4312f2010508e6a5d149b38607582a0159ef7fb4016b3cd265b51d364114283",
            ),
        ),
        "hourly rides of Capital Bikeshare to 2019 and the weather of the day by NOAA, "
        "as example data of an open-source forecasting library has them "
        "(https://capitalbikeshare.com/system-data)",
    ),
    "road traffic": DataSet(
        (
            File(
                "hourly/sf_traffic.csv",
                "f6053e37a3f6b0b90393126ccd9f4b9b65382d4944541cfc6cc00a28bae51737",
            ),
        ),
        "hourly occupancy of a road near San Francisco, 2015 and 2016, by PEMS, "
        "California Department of Transportation (https://pems.dot.ca.gov)",
    ),
    "minimum temperatures": _small(
        "daily-min-temperatures",
        "8b9de63ed6789492bf497625e7f9beb96a63d367b4b0a21754006f749fa5e5da",
    ),
    "car sales": _small(
        "monthly-car-sales",
        "a4194226eb1d0eba5fd503e829b1279f1a10683d8009f2871aca05e7fb648f70",
    ),
    "champagne": _small(
        "monthly_champagne_sales",
        "bf2179f9c4df80a355146ce80da5c29d5cd5f36918d98f8b07cb04cda59e59eb",
    ),
    "births": _small(
        "daily-total-female-births",
        "7a0c1bdb32d68f7fa359e561a4f7e1fe8fb2fc26a1ea624a434a97a63735dd72",
    ),
    "AAPL": _stock(
        "AAPL", "5eae1e2826f37fe387915573bf49a58b7c34d10e63689cac94d3462f1bb88503"
    ),
    "MSFT": _stock(
        "MSFT", "c6f6a387a4d3c305fa262e2df10e59a47b1f123ff556c8aa13cd5e1df0c24efc"
    ),
}


class DataNotFoundError(FileNotFoundError):
    """A data set is not in the folder; the message says where it comes from."""


def add_data_option(parser: argparse.ArgumentParser) -> None:
    """Add `--data DIR`, which the worker processes of a benchmark follow, too."""
    usual = f"folder of the data sets; default: ${VARIABLE}, or {data_folder()}"
    parser.add_argument("--data", metavar="DIR", type=use_folder, help=usual)


def use_folder(folder: str) -> str:
    """Read data sets from a folder from now on."""
    os.environ[VARIABLE] = folder
    return folder


def data_folder() -> Path:
    """Return the folder of the data sets; it need not exist."""
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE]).expanduser().resolve()
    return BESIDE if BESIDE.is_dir() else HOME


def find_files(name: str) -> list[Path]:
    """Return the paths of all files of a data set.

    Raises
    ------
    DataNotFoundError
        One of them is not there.
    """
    paths = [data_folder() / file.path for file in DATA_SETS[name].files]
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise DataNotFoundError(
            f"The benchmarks read {name} from {str(missing[0])!r}. Got no such file "
            f"instead. Name the folder that holds it by `--data DIR` or {VARIABLE}, or "
            f'fetch it by `python -m benchmarks.data --fetch --only "{name}"`. '
            f"Source: {describe_source(name)}."
        )
    return paths


def describe_source(name: str) -> str:
    """Return where a data set comes from, with addresses and checksums."""
    data = DATA_SETS[name]
    parts = [data.source]
    for file in data.files:
        served = f" ({file.address})" if file.address else ""
        parts.append(f"{file.path}{served}, sha256 {file.sha256}")
    if data.archive:
        parts.append(f"or {data.archive} of forecastingdata.org")
    return "; ".join(parts)


def is_original(path: Path, file: File) -> bool:
    """Return whether a file is the one that the docs were measured on."""
    return hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256


def read_panel(name: str) -> dict[str, np.ndarray]:
    """Return every series of a panel from its first row to its last, NaN if missing."""
    archive = DATA_SETS[name].archive
    if archive and (data_folder() / archive / f"{archive}.tsf").is_file():
        return _read_archive(archive)
    tables = [pd.read_csv(path, index_col=0) for path in find_files(name)]
    if len(tables) == 1:
        columns = tables[0].select_dtypes("number")
        return {str(key): y.to_numpy(float) for key, y in columns.items()}
    # One series a row, the rows to forecast in a file of their own.
    parts = [
        {str(key): row.dropna().to_numpy(float) for key, row in table.iterrows()}
        for table in tables
    ]
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _read_archive(archive: str) -> dict[str, np.ndarray]:
    table, _ = load_forecastingdata(
        archive, replace_missing_vals=np.nan, extract_path=str(data_folder())
    )
    series = zip(table["series_name"], table["series_value"], strict=True)
    return {str(key): np.asarray(y, float) for key, y in series}


def read_small(name: str, start: str, freq: str) -> pd.Series:
    """Return a series of two columns, by period."""
    (path,) = find_files(name)
    # Some of these files end in a line about themselves.
    y = pd.to_numeric(pd.read_csv(path).iloc[:, 1], errors="coerce")
    y = y.dropna().astype(float)
    y.index = pd.period_range(start, periods=len(y), freq=freq)
    return y


def read_airline() -> pd.Series:
    """Return the airline passengers that sktime brings along."""
    return load_airline()


def read_pm25() -> pd.DataFrame:
    """Return PM2.5 and weather by hour."""
    return load_beijing_pm25(*find_files("PM2.5"))


def read_bike_sharing() -> pd.DataFrame:
    """Return rides by hour, and the degrees and the rain of the day."""
    (path,) = find_files("bike sharing")
    return pd.read_csv(path, parse_dates=["time"], index_col="time")


def read_traffic() -> pd.Series:
    """Return the occupancy of a road by hour."""
    (path,) = find_files("road traffic")
    rows = pd.read_csv(path, parse_dates=["time"], index_col="time")["y"]
    return rows.asfreq("h")


def read_closes(symbol: str, first: str, last: str) -> pd.Series:
    """Return the closes of a stock by number, trading days alone."""
    (path,) = find_files(symbol)
    table = pd.read_csv(path)
    days = table[table["Date"].between(first, last)]
    return days["Close"].astype(float).reset_index(drop=True)
