"""`fetch_prices` through the real yfinance, against a server on loopback."""

import datetime
import os
import sys
import threading

import numpy as np
import pandas as pd
import pytest
from sktime.forecasting.naive import NaiveForecaster
from sktime.forecasting.trend import TrendForecaster
from sktime.split import temporal_train_test_split
from sktime.transformations.series.detrend import Deseasonalizer

from skl_lstm.datasets import fetch_prices, load_prices

SPAN = ("2020-01-01", "2020-03-02")
QUICK = {"delay": 0.01, "timeout": 5.0}


@pytest.fixture
def fetch(tmp_path):
    """`fetch_prices` with a folder of its own and short waits."""

    def call(tickers, start=SPAN[0], end=SPAN[1], **options):
        options = {"data_home": tmp_path / "data", **QUICK, **options}
        return fetch_prices(tickers, start, end, **options)

    return call


def list_files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# What comes back


def test_one_symbol_gives_a_series_of_adjusted_closes(yahoo, fetch):
    y = fetch("AAPL")
    assert isinstance(y, pd.Series)
    assert y.name == "AAPL"
    expected = yahoo.get_bars("AAPL")["close"]
    np.testing.assert_allclose(y[expected.index], expected, rtol=1e-12)


def test_several_symbols_give_a_frame_in_the_order_asked(yahoo, fetch):
    prices = fetch(["MSFT", "^GSPC", "aapl"])
    assert list(prices.columns) == ["MSFT", "^GSPC", "AAPL"]
    for symbol in prices:
        expected = yahoo.get_bars(symbol)["close"]
        np.testing.assert_allclose(prices.loc[expected.index, symbol], expected)


def test_a_list_of_one_symbol_gives_a_frame(yahoo, fetch):
    assert list(fetch(["AAPL"]).columns) == ["AAPL"]


def test_end_is_exclusive(yahoo, fetch):
    y = fetch("AAPL", "2020-03-02", "2020-03-06")
    assert list(y.index.strftime("%m-%d")) == ["03-02", "03-03", "03-04", "03-05"]


def test_index_has_the_frequency_of_business_days(yahoo, fetch):
    y = fetch("AAPL")
    assert y.index.freqstr == "B"
    assert y.index.tz is None
    assert y.index.equals(pd.bdate_range("2020-01-02", "2020-02-28"))


def test_holidays_repeat_the_last_close(yahoo, fetch):
    y = fetch("AAPL")
    assert y["2020-01-20"] == y["2020-01-17"]
    assert y.notna().all()


def test_holidays_can_be_left_missing(yahoo, fetch):
    y = fetch("AAPL", holidays="nan")
    assert y.index.freqstr == "B"
    assert list(y.index[y.isna()]) == [
        pd.Timestamp("2020-01-20"),
        pd.Timestamp("2020-02-17"),
    ]


def test_holidays_can_be_dropped_and_the_index_keeps_a_frequency(yahoo, fetch):
    y = fetch("AAPL", holidays="drop")
    assert y.index.equals(yahoo.get_bars("AAPL")["close"].index)
    assert y.index.freq is not None
    assert y.index[0] + 12 * y.index.freq == y.index[12] == pd.Timestamp("2020-01-21")


def test_values_before_the_first_trade_are_missing_not_filled(yahoo, fetch):
    prices = fetch(["AAPL", "NEWCO"])
    listed = yahoo.get_bars("NEWCO").index[0]
    assert prices.loc[prices.index < listed, "NEWCO"].isna().all()
    assert prices.loc[listed:].notna().all(axis=None)


def test_a_symbol_traded_at_weekends_makes_the_index_daily(yahoo, fetch):
    prices = fetch(["BTC-USD", "AAPL"])
    assert prices.index.freqstr == "D"
    assert prices.loc["2020-01-05", "AAPL"] == prices.loc["2020-01-03", "AAPL"]


@pytest.mark.parametrize(
    ("interval", "freq", "first"),
    [
        ("1wk", "W-MON", "2020-01-06"),
        ("1mo", "MS", "2020-01-01"),
        ("3mo", "QS", "2020-01-01"),
    ],
)
def test_longer_bars_carry_their_first_day(yahoo, fetch, interval, freq, first):
    y = fetch("AAPL", "2020-01-01", "2020-06-20", interval=interval)
    assert y.index[0] == pd.Timestamp(first)
    assert y.index.equals(pd.date_range(first, periods=len(y), freq=freq))
    assert y.index.freq is not None


def test_longer_bars_are_made_of_days(yahoo, fetch):
    X, y = fetch("AAPL", "2020-01-01", "2020-06-20", interval="1mo", return_X_y=True)
    january = yahoo.get_bars("AAPL", end="2020-02-01")
    bar = [january["open"].iloc[0], january["high"].max(), january["low"].min()]
    bar += [january["volume"].sum(), january["close"].iloc[-1]]
    np.testing.assert_allclose([*X.iloc[0], y.iloc[0]], bar)


def test_longer_bars_that_the_span_cuts_off_are_left_out(yahoo, fetch):
    y = fetch("AAPL", "2020-01-10", "2020-03-20", interval="1mo")
    assert y.index.to_list() == [pd.Timestamp("2020-02-01")]
    with pytest.raises(ValueError, match="`interval` must fit between"):
        fetch("AAPL", "2020-01-10", "2020-02-20", interval="1mo")


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("holidays", ["ffill", "drop"])
@pytest.mark.parametrize("forecaster", [NaiveForecaster(), TrendForecaster()])
def test_the_result_forecasts_as_it_is(yahoo, fetch, forecaster, holidays):
    forecaster = forecaster.clone()
    y = fetch("AAPL", holidays=holidays)
    future = forecaster.fit(y).predict([1, 2, 3])
    assert list(future.index.strftime("%Y-%m-%d")) == [
        "2020-03-02",
        "2020-03-03",
        "2020-03-04",
    ]
    in_sample = forecaster.predict([-2, -1, 0])
    assert in_sample.index.equals(y.index[-3:])


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_frame_and_its_parts_forecast_as_they_are(yahoo, fetch):
    prices = fetch(["AAPL", "MSFT"])
    train, test = temporal_train_test_split(prices, test_size=5)
    predicted = NaiveForecaster().fit(train).predict(test.index)
    assert predicted.index.equals(test.index)
    returns = prices.pct_change().dropna()
    assert NaiveForecaster().fit(returns).predict([1]).shape == (1, 2)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_periods_serve_where_sktime_demands_them(yahoo, fetch):
    y = fetch("AAPL").to_period()
    deseasonalized = Deseasonalizer(sp=5).fit_transform(y)
    assert deseasonalized.index.equals(y.index)


# scikit-learn's meaning


def test_features_and_target_of_one_symbol(yahoo, fetch):
    X, y = fetch("AAPL", return_X_y=True)
    assert list(X.columns) == ["Open", "High", "Low", "Volume"]
    pd.testing.assert_series_equal(y, fetch("AAPL"))
    assert X.index.equals(y.index)
    bars = yahoo.get_bars("AAPL")
    np.testing.assert_allclose(X.loc[bars.index, "High"], bars["high"])
    np.testing.assert_allclose(X.loc[bars.index, "Volume"], bars["volume"])


def test_a_holiday_is_a_flat_bar_without_volume(yahoo, fetch):
    X, y = fetch("AAPL", return_X_y=True)
    bar = X.loc["2020-01-20"]
    assert (bar[["Open", "High", "Low"]] == y["2020-01-17"]).all()
    assert bar["Volume"] == 0


def test_features_of_several_symbols_are_free_of_the_target(yahoo, fetch):
    X, y = fetch(["AAPL", "NEWCO"], return_X_y=True)
    assert y.name == "AAPL"
    assert list(X.columns) == [
        *(f"AAPL_{name}" for name in ("Open", "High", "Low", "Volume")),
        *(f"NEWCO_{name}" for name in ("Open", "High", "Low", "Volume", "Close")),
    ]
    assert X.index[0] == yahoo.get_bars("NEWCO").index[0]
    assert X.notna().all(axis=None)
    assert y.index.equals(X.index)
    assert y.index.freqstr == "B"


# The cache


def test_second_call_works_offline_and_is_equal(yahoo, fetch):
    first = fetch(["AAPL", "MSFT"])
    yahoo.stop()
    pd.testing.assert_frame_equal(fetch(["AAPL", "MSFT"]), first, check_exact=True)
    again = fetch("MSFT", download_if_missing=False)
    pd.testing.assert_series_equal(again, first["MSFT"], check_exact=True)


def test_cached_prices_need_no_yfinance(yahoo, fetch, monkeypatch):
    fetch("AAPL")
    monkeypatch.setitem(sys.modules, "yfinance", None)
    assert len(fetch("AAPL")) == 42


def test_only_missing_symbols_are_downloaded(yahoo, fetch):
    fetch("AAPL")
    fetch(["AAPL", "MSFT"])
    assert yahoo.list_charts() == ["AAPL", "MSFT"]


def test_the_span_is_part_of_the_key_and_the_interval_is_not(yahoo, fetch):
    fetch("AAPL")
    assert len(fetch("AAPL", "2020-01-01", "2020-02-03")) == 22
    assert len(fetch("AAPL", interval="1mo")) == 2
    assert len(yahoo.list_charts()) == 2


def test_a_cached_file_can_be_loaded(yahoo, fetch, tmp_path):
    y = fetch("AAPL")
    (path,) = (tmp_path / "data").rglob("*.csv")
    pd.testing.assert_series_equal(load_prices(path), y, check_names=False)


def test_symbols_with_odd_characters_have_files_of_their_own(yahoo, fetch, tmp_path):
    fetch(["^GSPC", "BTC-USD"])
    names = list_files(tmp_path / "data")
    assert [name.split("_")[0] for name in names] == ["%5EGSPC", "BTC-USD"]


def test_data_home_can_come_from_the_environment(yahoo, tmp_path, monkeypatch):
    monkeypatch.setenv("SKL_LSTM_DATA", str(tmp_path / "home"))
    fetch_prices("AAPL", *SPAN)
    (name,) = list_files(tmp_path / "home")
    assert name == "AAPL_2020-01-01_2020-03-02.csv"


def test_an_interrupted_write_leaves_no_file(yahoo, fetch, tmp_path, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch("AAPL")
    assert list_files(tmp_path / "data") == []
    assert len(fetch("AAPL")) == 42


def test_a_damaged_file_is_named(yahoo, fetch, tmp_path):
    fetch("AAPL")
    (path,) = (tmp_path / "data").rglob("*.csv")
    path.write_text("")
    with pytest.raises(ValueError, match=f"cannot be read from .*{path.name}"):
        fetch("AAPL")


def test_a_folder_that_cannot_be_made_is_told_before_any_request(
    yahoo, fetch, tmp_path
):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        fetch("AAPL", data_home=tmp_path / "file")
    assert yahoo.requests == []


# What can go wrong


def test_not_stored_and_no_download_allowed(yahoo, fetch):
    message = "no prices from 2020-01-01 to 2020-03-02 .*`download_if_missing=False`"
    with pytest.raises(FileNotFoundError, match=message):
        fetch(["AAPL", "MSFT"], download_if_missing=False)
    assert yahoo.requests == []


def test_offline_without_cache_says_so(yahoo, fetch, tmp_path):
    yahoo.stop()
    with pytest.raises(ConnectionError, match=r"in 4 attempt.*Check the network"):
        fetch("AAPL")
    assert list_files(tmp_path / "data") == []


@pytest.mark.parametrize("n_calls", [1, 3])
def test_a_delisted_symbol_is_named_and_not_retried(yahoo, fetch, n_calls):
    # yfinance takes another way to the same end after two such symbols.
    for _ in range(n_calls):
        with pytest.raises(ValueError, match=r"TWTR: .*misspelt or delisted"):
            fetch("TWTR")
    assert len([r for r in yahoo.requests if "chart/TWTR" in r]) <= 2 * n_calls


def test_an_empty_span_is_told(yahoo, fetch):
    with pytest.raises(
        ValueError, match=r"AAPL: .*no prices from 2001-01-01 to 2001-02"
    ):
        fetch("AAPL", "2001-01-01", "2001-02-01")


def test_a_result_without_bars_is_an_empty_span(yahoo, fetch):
    # The first answer is for the time zone.
    yahoo.script("AAPL", None, "empty")
    with pytest.raises(ValueError, match=r"AAPL: .*no prices from"):
        fetch("AAPL")


def test_partial_failure_names_the_failed_and_keeps_the_others(yahoo, fetch):
    message = "TWTR, LEHMQ: Yahoo Finance has no prices .*other 2 symbols are stored"
    with pytest.raises(ValueError, match=message):
        fetch(["AAPL", "TWTR", "MSFT", "LEHMQ"])
    yahoo.stop()
    assert fetch(["AAPL", "MSFT"]).shape == (42, 2)


@pytest.mark.parametrize("answer", [429, 502, "html"])
def test_a_passing_failure_is_retried(yahoo, fetch, answer):
    # yfinance itself asks twice where a status tells of an error.
    yahoo.script("AAPL", answer, answer)
    assert len(fetch("AAPL")) == 42


def test_a_failure_after_the_time_zone_is_retried(yahoo, fetch):
    yahoo.script("AAPL", None, 502, 502)
    assert len(fetch("AAPL")) == 42


def test_a_rate_limit_without_end_is_told_and_ends_the_requests(yahoo, fetch):
    yahoo.forever["AAPL"] = 429
    with pytest.raises(ConnectionError, match=r"AAPL: .* in 3 attempt.*Wait some min"):
        fetch(["AAPL", "MSFT"], n_retries=2)
    assert not [request for request in yahoo.requests if "MSFT" in request]


def test_an_unreadable_answer_is_told(yahoo, fetch):
    yahoo.forever["AAPL"] = "html"
    with pytest.raises(ConnectionError, match=r"JSONDecodeError.*A newer yfinance"):
        fetch("AAPL", n_retries=1)


def test_waits_double(yahoo, fetch, monkeypatch):
    waits = []
    monkeypatch.setattr("skl_lstm.datasets._fetch_prices.sleep", waits.append)
    yahoo.forever["AAPL"] = 429
    with pytest.raises(ConnectionError):
        fetch("AAPL", n_retries=3, delay=0.5)
    assert waits == [0.5, 1.0, 2.0]


def test_nothing_is_logged_or_printed(yahoo, fetch, caplog, capfd):
    with pytest.raises(ValueError, match="TWTR"):
        fetch(["AAPL", "TWTR"])
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_settings_of_yfinance_are_left_as_they_were(yahoo, fetch):
    import yfinance

    before = repr(yfinance.config)
    with pytest.raises(ValueError, match="TWTR"):
        fetch("TWTR")
    assert repr(yfinance.config) == before


def test_verbose_tells_of_each_symbol_on_stderr(yahoo, fetch, capsys):
    fetch(["AAPL", "MSFT"], verbose=1)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "AAPL: 40 days\nMSFT: 40 days\n"


def test_calls_from_several_threads(yahoo, fetch):
    results = {}

    def call(symbol):
        results[symbol] = len(fetch(symbol))

    threads = [threading.Thread(target=call, args=(s,)) for s in ("AAPL", "MSFT")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {"AAPL": 42, "MSFT": 42}


def test_missing_yfinance_tells_how_to_install_it(fetch, monkeypatch):
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(ImportError, match=r'pip install "skl_lstm\[data\]"'):
        fetch("AAPL")


# Arguments


@pytest.mark.parametrize(
    "tickers", [[], [1], "AAPL MSFT", "AAPL,MSFT", "../AAPL", "", ["AAPL", ""]]
)
def test_bad_tickers(fetch, tickers):
    with pytest.raises(ValueError, match="`tickers` must be a Yahoo symbol"):
        fetch(tickers)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2020-03-01", "2020-03-01"),
        ("soon", "2020-03-01"),
        (None, "2020-03-01"),
        ("2020-03-01", "2020-02-31"),
        ("2999-01-01", "2999-02-01"),
    ],
)
def test_bad_span(fetch, start, end):
    with pytest.raises(ValueError, match="`start` and `end` must be dates such as"):
        fetch("AAPL", start, end)


def test_dates_of_other_types(yahoo, fetch):
    y = fetch("AAPL", datetime.date(2020, 1, 1), pd.Timestamp("2020-03-02"))
    assert len(y) == 42


@pytest.mark.parametrize("end", [None, "2999-01-01"])
def test_an_open_end_means_today(yahoo, fetch, tmp_path, end):
    fetch("AAPL", "2020-01-01", end)
    (name,) = list_files(tmp_path / "data")
    assert f"_{pd.Timestamp.now('UTC').date()}." in name


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"interval": "1h"}, "`interval` must be one of .*within the day"),
        ({"holidays": "keep"}, "`holidays` must be one of"),
        ({"holidays": "drop", "interval": "1wk"}, "needs daily bars"),
        ({"n_retries": -1}, "n_retries == -1, must be >= 0"),
        ({"delay": -1.0}, "delay == -1.0, must be >= 0"),
        ({"timeout": 0}, "timeout == 0, must be > 0"),
    ],
)
def test_bad_options(fetch, options, message):
    with pytest.raises(ValueError, match=message):
        fetch("AAPL", **options)
