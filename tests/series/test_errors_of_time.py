"""Errors about time name what is wrong with it, and what to do: a table of them."""

import warnings
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm import LSTMForecaster

N_ROWS = 30
DAYS = pd.date_range("2020-01-01", periods=N_ROWS)
Y = pd.Series(np.sin(np.arange(N_ROWS)) + 3, index=DAYS)
X = pd.DataFrame({"x": np.cos(np.arange(N_ROWS))}, index=DAYS)
IN_BERLIN = Y.tz_localize("Europe/Berlin")
MONTHLY = Y.set_axis(pd.period_range("2018-01", periods=N_ROWS, freq="M"))
NUMBERED = Y.reset_index(drop=True)
TRADING = Y.set_axis(pd.bdate_range("2020-01-01", periods=N_ROWS + 2).delete([5, 17]))
WITHOUT_A_TIME = DAYS.insert(3, pd.NaT)[:N_ROWS]
IDS = np.cumsum(np.random.default_rng(0).integers(1, 99, N_ROWS))


def make(**changes):
    small = {"units": 2, "epochs": 1, "window_length": 4, "horizon": 2}
    return LSTMForecaster(**(small | {"random_state": 0} | changes))


@pytest.fixture(scope="module")
def fitted():
    """Fit each series once."""
    known = {}

    def fit(y):
        if id(y) not in known:
            known[id(y)] = make().fit(y)
        return deepcopy(known[id(y)])

    return fit


def at(*times, **options):
    return ForecastingHorizon(pd.DatetimeIndex(times, **options), is_relative=False)


MORE = r"more would be missing than there are.*pd.to_datetime.*reset_index.*as NaN"
FIT = {
    "no-time-in-y": ({"y": Y.set_axis(WITHOUT_A_TIME)}, "index of y .* row 3 has NaT"),
    "no-time-in-X": (
        {"y": Y, "X": X.set_axis(WITHOUT_A_TIME)},
        "index of X .* row 3 has NaT",
    ),
    "text": (
        {"y": Y.set_axis(DAYS.strftime("%Y-%m-%d"))},
        r"'2020-01-01' \(str\).*pd.to_datetime\(y.index\)",
    ),
    "python-dates": (
        {"y": Y.set_axis(pd.Index(DAYS.date))},
        r"datetime.date\(2020, 1, 1\).*pd.to_datetime\(y.index\)",
    ),
    "ids": ({"y": Y.set_axis(IDS)}, MORE),
    "seconds": ({"y": Y.set_axis(DAYS.asi8 // 10**6 + np.arange(N_ROWS) % 2)}, MORE),
    "X-without-zone": (
        {"y": IN_BERLIN, "X": X},
        "rows of X have no time zone.*tz_localize.'Europe/Berlin'",
    ),
    "X-in-a-zone": ({"y": Y, "X": X.tz_localize("UTC")}, "X are in the time zone UTC"),
    "X-of-periods": (
        {"y": Y, "X": X.to_period("D")},
        r"X have an index of periods .* y held dates",
    ),
    "X-of-other-periods": (
        {"y": MONTHLY, "X": X.set_axis(MONTHLY.index.asfreq("Q"))},
        r"X have periods of period\[Q-DEC\].*asfreq\('M'\)",
    ),
    "X-without-a-row": ({"y": Y, "X": X.drop(DAYS[5])}, "X has no rows .*2020-01-06"),
    "dates-in-X": ({"y": Y, "X": X.assign(when=DAYS)}, r"\['when'\].*dt.dayofweek"),
    "only-dates-in-X": (
        {"y": Y, "X": pd.DataFrame({"when": DAYS}, index=DAYS)},
        r"columns \['when'\] of X hold dates",
    ),
}


@pytest.mark.parametrize("case", FIT)
def test_errors_of_fit(case):
    data, message = FIT[case]
    with pytest.raises(ValueError, match=message):
        make().fit(**data)


def test_dates_written_as_numbers_are_refused():
    # From the last day of a month to the first of the next are seventy numbers.
    index = pd.date_range("2020-01-20", periods=N_ROWS).strftime("%Y%m%d").astype(int)
    with pytest.raises(ValueError, match=rf"from 20200120 to 20200218.*{MORE}"):
        make().fit(y=Y.set_axis(index))


PREDICT = {
    "no-frequency": (TRADING, [1], r"no frequency.*asfreq\('B'\).*reset_index"),
    "no-frequency-later": (TRADING, at("2020-06-01"), "no frequency.*asfreq"),
    "no-row-between": (
        TRADING,
        at("2020-01-08"),
        "no row at 2020-01-08.*no frequency.*y.index",
    ),
    "no-time": (Y, pd.DatetimeIndex(["2020-03-01", pd.NaT]), "fh .* row 1 has NaT"),
    "empty": (Y, [], "`fh` must not be empty"),
    "half-a-day": (
        Y,
        at("2020-02-12 12:00"),
        "D apart, the last one at 2020-01-30 .* none will be there .at 2020-02-12",
    ),
    "half-a-day-later": (
        Y,
        pd.to_timedelta([36], unit="h"),
        "rows are D apart, .* none will be there .at 2020-01-31 12:00",
    ),
    "between-numbers": (
        Y.set_axis(pd.RangeIndex(0, 10 * N_ROWS, 10)),
        ForecastingHorizon([305], is_relative=False),
        "rows are 10 apart, the last one at 290, and none will be there .at 305",
    ),
    "durations-of-numbers": (
        NUMBERED,
        pd.to_timedelta([1], unit="D"),
        r"difference says nothing of rows that are numbered.*fh=\[1, 2\]",
    ),
    "durations-of-months": (
        MONTHLY,
        pd.to_timedelta([40], unit="D"),
        r"40 days .* after the start of 2020-06 no period of period\[M\] starts",
    ),
    "no-zone": (
        IN_BERLIN,
        at("2020-02-12"),
        "its times have no time zone, .* in Europe/Berlin. Add it with tz_localize",
    ),
    "a-zone": (Y, at("2020-02-12", tz="UTC"), "time zone UTC, .* of y had none"),
    "dates-for-periods": (
        MONTHLY,
        at("2020-08-01"),
        r"its times have an index of dates .* that of y held periods .period\[M\]",
    ),
    "dates-for-numbers": (NUMBERED, at("2020-08-01"), "of dates .* of y held numbers"),
    "quarters-for-months": (
        MONTHLY,
        pd.period_range("2021Q1", periods=2, freq="Q"),
        r"period\[Q-DEC\].*period\[M\].*asfreq\('M'\)",
    ),
    "months-for-days": (
        Y,
        ForecastingHorizon(pd.PeriodIndex(["2020-03"], freq="M"), is_relative=False),
        "several steps in each: rows are D apart",
    ),
    "before-the-start": (Y, at("2019-12-01"), "step -60, but the 30 rows .* step -29"),
}


@pytest.mark.parametrize("case", PREDICT)
def test_errors_of_predict(case, fitted):
    y, fh, message = PREDICT[case]
    with pytest.raises(ValueError, match=message) as caught:
        fitted(y).predict(fh=fh)
    # A frequency is blamed only where there is none.
    assert ("no frequency" in str(caught.value)) == ("frequency" in message)


UPDATE = {
    "no-zone": (IN_BERLIN, Y, "new rows have no time zone.*tz_localize"),
    "a-zone": (Y, IN_BERLIN, "new rows are in the time zone Europe/Berlin"),
    "periods": (
        Y,
        Y.to_period("D"),
        r"new rows have an index of periods .*to_timestamp",
    ),
    "numbers": (Y, NUMBERED, "new rows have an index of numbers"),
    "between-steps": (
        Y,
        Y.shift(freq="5h"),
        "row at 2020-01-01 05:00:00, which lies between two steps: rows are D apart",
    ),
    "years-later": (Y, Y.shift(1000, freq="D"), MORE),
}


@pytest.mark.parametrize("case", UPDATE)
def test_errors_of_update(case, fitted):
    y, new, message = UPDATE[case]
    forecaster = fitted(y)
    before = forecaster.predict(fh=[1])
    with pytest.raises(ValueError, match=message):
        forecaster.update(new)
    pd.testing.assert_series_equal(forecaster.predict(fh=[1]), before)


def test_a_series_of_a_panel_is_named():
    months = pd.date_range("2020-01-01", periods=N_ROWS, freq="MS")
    y = pd.concat({"daily": Y, "monthly": Y.set_axis(months)}).to_frame("y")
    forecaster = make().fit(y=y)
    with pytest.raises(
        ValueError, match=r"series \('monthly',\): .* rows are MS apart"
    ):
        forecaster.predict(fh=at("2022-07-02"))


@pytest.mark.parametrize("y_transform", [None, "log"])
def test_a_logarithm_of_new_rows_that_have_none_is_refused(y_transform):
    forecaster = make(y_transform=y_transform).fit(Y[:25])
    if y_transform is None:
        assert np.isfinite(forecaster.update(-Y[25:]).predict(fh=[1])).all()
        return
    with pytest.raises(ValueError, match=r"y_transform='log' needs positive .* -3"):
        forecaster.update(-Y[25:])


@pytest.mark.parametrize("method", ["predict_interval", "predict_quantiles"])
@pytest.mark.parametrize(
    "levels", [90, 0, 1, [0.5, 80], -0.1, "0.9", [np.nan]], ids=str
)
def test_levels_are_between_0_and_1(method, levels, fitted):
    name = "coverage" if method == "predict_interval" else "alpha"
    with pytest.raises(ValueError, match=f"'{name}' must be .*between 0 and 1. Got"):
        getattr(fitted(Y), method)(fh=[1], **{name: levels})


def test_levels_may_be_any_numbers(fitted):
    forecaster = fitted(Y)
    expected = forecaster.predict_interval([1], coverage=0.5)
    found = forecaster.predict_interval([1], None, np.float32(0.5))
    pd.testing.assert_frame_equal(found, expected)
    found = forecaster.predict_interval(fh=[1], coverage=np.array([0.5, 0.9]))
    assert found.shape == (1, 4)


@pytest.mark.parametrize("convention", ["sktime", "sklearn"])
def test_a_window_longer_than_the_rows_is_refused(convention):
    forecaster = make(window_length=N_ROWS + 1)
    with pytest.raises(ValueError, match=r"'window_length' .* n_samples = 30. Got 31"):
        forecaster.fit(y=Y) if convention == "sktime" else forecaster.fit(X, Y)


def test_a_panel_whose_series_are_all_shorter_than_the_window_is_refused():
    y = pd.concat({"a": Y[:10], "b": Y[:8]}).to_frame("y")
    with pytest.raises(ValueError, match=r"'window_length' .* n_samples = 10. Got 12"):
        make(window_length=12).fit(y=y)


def test_nothing_known_of_a_column_ahead_is_warned_of():
    two = X.assign(z=X["x"] ** 2)
    ahead = two.set_axis(DAYS + pd.Timedelta(days=N_ROWS))
    forecaster = make().fit(y=Y, X=two)
    with pytest.warns(UserWarning, match=r"only missing values in the columns \['z'\]"):
        forecaster.predict(fh=[1, 2], X=ahead.assign(z=np.nan))
    shifted = make(X_treatment={"z": "shifted"}).fit(y=Y, X=two)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        shifted.predict(fh=[1, 2], X=ahead.assign(z=np.nan))
