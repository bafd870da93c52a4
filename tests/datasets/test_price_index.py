"""The regular index of price bars: which frequency, what is filled, what is told."""

import numpy as np
import pandas as pd
import pytest

from skl_lstm.datasets._price_index import regularize


def make_table(dates):
    return pd.DataFrame({"Close": np.arange(1.0, len(dates) + 1)}, index=dates)


def test_a_rare_weekend_session_is_left_out_and_told():
    weekdays = pd.bdate_range("2020-01-01", "2020-06-30")
    saturday = pd.DatetimeIndex(["2020-02-01"])
    table = make_table(weekdays.union(saturday))
    for holidays in ("ffill", "drop"):
        with pytest.warns(UserWarning, match="1 of 131 bars .* left out"):
            result = regularize({"A": table}, holidays)["A"]
        assert result.index.equals(weekdays)
        assert result.index.freqstr == "B"


def test_a_week_from_sunday_to_thursday():
    days = pd.date_range("2020-01-01", "2020-03-31")
    table = make_table(days[~days.weekday.isin([4, 5])])
    filled = regularize({"A": table}, "ffill")["A"]
    assert filled.index.freqstr == "D"
    dropped = regularize({"A": table}, "drop")["A"]
    assert dropped.index.equals(table.index)
    thursday = pd.Timestamp("2020-01-02")
    assert thursday + dropped.index.freq == pd.Timestamp("2020-01-05")


def test_values_after_the_last_trade_stay_missing():
    days = pd.bdate_range("2020-01-01", periods=10)
    tables = {"A": make_table(days), "DELISTED": make_table(days[:4])}
    result = regularize(tables, "ffill")["DELISTED"]
    assert result["Close"].notna().to_list() == [True] * 4 + [False] * 6


def test_drop_without_a_common_day():
    days = pd.bdate_range("2020-01-01", periods=10)
    tables = {"A": make_table(days[:5]), "B": make_table(days[5:])}
    with pytest.raises(ValueError, match="without a common day"):
        regularize(tables, "drop")


def test_one_bar_is_daily():
    dates = pd.DatetimeIndex(["2020-01-02"])
    assert regularize({"A": make_table(dates)}, "drop")["A"].index.equals(dates)
