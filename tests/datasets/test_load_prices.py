"""`load_prices` on plain CSV files and on those that yfinance writes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sktime.forecasting.naive import NaiveForecaster

from skl_lstm.datasets import load_prices

STOCKS = Path(__file__).parents[3] / "shared" / "data" / "stocks"
NAME = "AAPL_2005_2026_tessera.csv"

YAHOO = """Date,Open,High,Low,Close,Adj Close,Volume
2020-01-16,10,12,9,11,5.5,100
2020-01-17,11,13,10,12,6,200
2020-01-21,12,14,11,13,6.5,300
"""
PLAIN = """Date,Open,High,Low,Close,Volume
2020-01-16,10,12,9,11,100
2020-01-17,11,13,10,12,200
2020-01-21,12,14,11,13,300
"""
YFINANCE_ONE = """Price,Close,High,Low,Open,Volume
Ticker,AAPL,AAPL,AAPL,AAPL,AAPL
Date,,,,,
2020-01-16,11,12,9,10,100
2020-01-17,12,13,10,11,200
2020-01-21,13,14,11,12,300
"""
YFINANCE_TWO = """Price,Close,Close,Open,Open
Ticker,AAPL,MSFT,AAPL,MSFT
Date,,,,
2020-01-16,11,21,10,20
2020-01-17,12,22,11,21
2020-01-21,13,,12,
2020-01-22,14,24,13,23
"""
CLOSES = [11.0, 12.0, 12.0, 13.0]  # 2020-01-20 is a holiday


@pytest.fixture
def load(tmp_path):
    """Write text to "prices.csv" and load it."""

    def call(text, **options):
        path = tmp_path / "prices.csv"
        path.write_text(text)
        return load_prices(path, **options)

    return call


SHAPES = {
    "plain": PLAIN,
    "lower case": PLAIN.lower(),
    "unnamed dates": PLAIN.replace("Date", ""),
    "newest first": "".join(PLAIN.splitlines(True)[i] for i in (0, 3, 2, 1)),
    "time and zone": PLAIN.replace("-16,", "-16 00:00:00-05:00,"),
    "compact dates": PLAIN.replace("2020-01-", "202001"),
    "null rows": PLAIN + "2020-01-22,null,null,null,null,null\n",
    "other columns": PLAIN.replace("Volume", "Dividends"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_of_files_of_one_symbol(load, shape):
    y = load(SHAPES[shape])
    assert y.to_list() == CLOSES
    assert y.index.equals(pd.bdate_range("2020-01-16", "2020-01-21"))
    assert y.index.freqstr == "B"
    assert y.name == "prices"


def test_yfinance_headers_name_the_symbol(load):
    y = load(YFINANCE_ONE)
    assert y.name == "AAPL"
    assert y.to_list() == CLOSES


def test_yfinance_file_of_several_symbols_gives_a_frame(load):
    prices = load(YFINANCE_TWO)
    assert list(prices.columns) == ["AAPL", "MSFT"]
    assert prices["AAPL"].to_list() == [11, 12, 12, 13, 14]
    assert prices["MSFT"].to_list() == [21, 22, 22, 22, 24]


@pytest.mark.parametrize("group_by", ["column", "ticker"])
def test_what_the_real_yfinance_writes_is_read(yahoo, tmp_path, group_by):
    import yfinance

    options = {"group_by": group_by, "progress": False, "threads": False}
    span = {"start": "2020-01-01", "end": "2020-03-02"}
    frame = yfinance.download(["AAPL", "MSFT"], **span, **options)
    frame.to_csv(tmp_path / "download.csv")
    prices = load_prices(tmp_path / "download.csv")
    assert set(prices.columns) == {"AAPL", "MSFT"}
    expected = yahoo.get_bars("MSFT")["close"]
    np.testing.assert_allclose(prices.loc[expected.index, "MSFT"], expected)


def test_what_a_ticker_of_the_real_yfinance_writes_is_read(yahoo, tmp_path):
    import yfinance

    history = yfinance.Ticker("AAPL").history(start="2020-01-01", end="2020-05-01")
    history.to_csv(tmp_path / "AAPL.csv")  # the zone changes in March
    y = load_prices(tmp_path / "AAPL.csv")
    expected = yahoo.get_bars("AAPL", end="2020-05-01")["close"]
    np.testing.assert_allclose(y[expected.index], expected)


def test_adjusted_close_is_preferred(load):
    assert load(YAHOO).to_list() == [5.5, 6, 6, 6.5]
    assert load(YAHOO, adjusted=False).to_list() == CLOSES


def test_other_columns_are_adjusted_alike(load):
    assert load(YAHOO, column="high").to_list() == [6, 6.5, 6, 7]
    assert load(YAHOO, column="high", adjusted=False).to_list() == [12, 13, 12, 14]
    assert load(YAHOO, column="volume").to_list() == [100, 200, 0, 300]


def test_features_and_target(load):
    X, y = load(PLAIN, return_X_y=True)
    assert list(X.columns) == ["Open", "High", "Low", "Volume"]
    assert X.loc["2020-01-20"].to_list() == [12, 12, 12, 0]
    assert y.to_list() == CLOSES


def test_features_when_another_column_is_the_target(load):
    X, y = load(PLAIN, return_X_y=True, column="open")
    assert list(X.columns) == ["High", "Low", "Volume", "Close"]
    assert y.to_list() == [10, 11, 12, 12]


def test_features_of_several_symbols(load):
    X, y = load(YFINANCE_TWO, return_X_y=True)
    assert list(X.columns) == ["AAPL_Open", "MSFT_Open", "MSFT_Close"]
    assert y.name == "AAPL"
    assert X.notna().all(axis=None)


def test_holidays_options(load):
    assert load(PLAIN, holidays="nan").isna().sum() == 1
    assert load(PLAIN, holidays="drop").to_list() == [11, 12, 13]
    # MSFT was not traded on the 21st.
    assert len(load(YFINANCE_TWO, holidays="drop")) == 3


@pytest.mark.parametrize(
    ("freq", "expected"), [("W-WED", "W-WED"), ("MS", "MS"), ("QS-JAN", "QS-OCT")]
)
def test_longer_bars_are_recognized(load, freq, expected):
    dates = pd.date_range("2020-01-01", periods=8, freq=freq)
    frame = pd.DataFrame({"Close": np.arange(8.0)}, index=dates)
    y = load(frame.to_csv())
    assert y.index.equals(dates)
    assert y.index.freqstr == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "No columns to parse"),
        ("Date,Close\n", "no row with a close"),
        ("Date,Close\n2020-01-16,null\n", "no row with a close"),
        ("<!DOCTYPE html><html>no\n", "no column 'Close'"),
        ("Date,Open\n2020-01-16,1\n", r"no column 'Close' but \['Open'\]"),
        ("Close,Date\n11.5,2020-01-16\n", "11.5"),
        ("Date,Close\n16/01/2020,1\n", "16/01/2020"),
        ("Date,Close\n2020-01-16,1\n2020-01-16,2\n", "several rows for one day"),
        ("Date,Close\n2020-01-16,abc\n", "'abc'"),
        ('Date,Close\n"2020-01-16,1\n', "EOF"),
    ],
)
def test_files_that_do_not_fit(load, text, message):
    with pytest.raises(ValueError, match=message) as caught:
        load(text)
    assert "cannot be read from" in str(caught.value)
    assert "prices.csv" in str(caught.value)
    assert "dates like 2020-01-31 in the first column" in str(caught.value)


def test_longer_bars_with_a_gap_are_refused(load):
    dates = pd.date_range("2020-01-01", periods=8, freq="MS").delete(3)
    frame = pd.DataFrame({"Close": np.arange(7.0)}, index=dates)
    with pytest.raises(
        ValueError, match=r"without a gap, .* from 2020-01-01 to 2020-08"
    ):
        load(frame.to_csv())


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "prices.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ValueError, match="cannot be read from"):
        load_prices(tmp_path / "prices.csv")


def test_a_column_that_is_not_there(load):
    with pytest.raises(ValueError, match="no column 'Volume'"):
        load("Date,Close\n2020-01-16,1\n", column="volume")


def test_no_features_are_left(load):
    with pytest.raises(ValueError, match="needs a column besides the target"):
        load("Date,Close\n2020-01-16,1\n", return_X_y=True)


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_prices(tmp_path / "prices.csv")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"column": "price"}, "`column` must be one of"),
        ({"holidays": "keep"}, "`holidays` must be one of"),
    ],
)
def test_bad_options(load, options, message):
    with pytest.raises(ValueError, match=message):
        load(PLAIN, **options)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.skipif(not STOCKS.is_dir(), reason="needs the shared stock prices")
def test_real_daily_bars_forecast_as_they_are():
    y = load_prices(STOCKS / NAME)
    raw = pd.read_csv(STOCKS / NAME, index_col=0, parse_dates=True)["Close"]
    np.testing.assert_array_equal(y[raw.index], raw)
    assert y.notna().all()
    forecaster = NaiveForecaster().fit(y)
    assert forecaster.predict([1, 2]).to_list() == [raw.iloc[-1]] * 2
    assert forecaster.predict([0]).index[0] == raw.index[-1]
