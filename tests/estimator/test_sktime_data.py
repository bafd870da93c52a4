"""Types of data and kinds of index in sktime's convention."""

import warnings
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from sktime.datasets import (
    load_lynx,
)
from sktime.datatypes import convert_to
from sktime.forecasting.base import BaseForecaster, ForecastingHorizon
from sktime.utils._testing.hierarchical import _make_hierarchical

from tests import ROOT
from tests.estimator.sktime_cases import (
    FH,
    INDICES,
    N_SHAMPOO,
    first_class,
    make,
    network_forecasts,
    weights_of,
)

# Data types and indices -------------------------------------------------------


def test_multivariate_y_is_learned_and_forecast_jointly(economy):
    y, _ = economy
    forecaster = make().fit(y=y)
    forecast = forecaster.predict(fh=FH)
    assert list(forecast.columns) == list(y.columns)
    expected = network_forecasts(forecaster, y.to_numpy())[-1]
    np.testing.assert_allclose(forecast, expected, rtol=1e-4)

    # The past of one column is an input of the other's forecast.
    changed = y[-2:].copy()
    changed["unemp"] += [3.0, 0.0]
    forecaster.update(changed, update_params=False)
    moved = forecaster.predict(fh=FH)["infl"] - forecast["infl"]
    assert moved.abs().min() > 1e-3


@first_class
def test_forecasts_react_to_concurrent_X_at_their_own_step_only(cls, us_change):
    y, X = us_change
    forecaster = make(cls).fit(y=y[:-6], X=X[:-6])
    fh = np.arange(1, 7)
    ahead = X[-6:]
    forecast = forecaster.predict(fh=fh, X=ahead)
    for step in fh:
        changed = ahead.copy()
        changed.iloc[step - 1] += 5.0
        moved = (forecaster.predict(fh=fh, X=changed) - forecast).abs().to_numpy()
        np.testing.assert_array_equal(moved[: step - 1], 0)
        assert moved[step - 1] > 1e-3


@first_class
def test_shifted_X_is_not_needed_up_to_the_horizon(cls, us_change):
    y, X = us_change
    past_X = X[:-6]
    forecaster = make(cls, X_treatment="shifted").fit(y=y[:-6], X=past_X)
    forecast = forecaster.predict(fh=FH)
    with_X = forecaster.predict(fh=FH, X=X[-6:] * 100)
    pd.testing.assert_series_equal(forecast, with_X)

    # Yet the past of X counts, in forecasts and in sample.
    other = deepcopy(forecaster)
    other.update(y[-9:-6], X=past_X[-3:] + 5.0, update_params=False)
    assert (other.predict(fh=FH) - forecast).abs().min() > 1e-3


def test_shifted_X_beyond_the_horizon_may_be_given_up_to_the_last_block(us_change):
    y, X = us_change
    forecaster = make(X_treatment="shifted").fit(y=y[:-6], X=X[:-6])
    fh = np.arange(1, 7)
    forecast = forecaster.predict(fh=fh, X=X[-6:])
    held = pd.concat([X[-7:-6]] * 6).set_axis(X.index[-6:])
    pd.testing.assert_series_equal(
        forecaster.predict(fh=fh), forecaster.predict(fh=fh, X=held)
    )
    pd.testing.assert_series_equal(forecaster.predict(fh=fh, X=X[-6:-3]), forecast)
    changed = X[-6:].copy()
    changed.iloc[:3] += 5.0
    moved = (forecaster.predict(fh=fh, X=changed) - forecast).abs().to_numpy()
    np.testing.assert_array_equal(moved[:3], 0)
    assert moved[3:].min() > 1e-3


def test_treatment_may_differ_by_column(us_change):
    y, X = us_change
    treatment = {"Income": "shifted", "Savings": "concurrent"}
    # So short a training may not be better than its start, where X of the step to
    # forecast has no weight yet.
    forecaster = make(X_treatment=treatment, early_stopping=False)
    forecaster.fit(y=y[:-3], X=X[:-3])
    forecast = forecaster.predict(fh=FH, X=X[-3:])
    for column, reacts in (("Income", False), ("Savings", True)):
        changed = X[-3:].copy()
        changed[column] += 5.0
        moved = (forecaster.predict(fh=FH, X=changed) - forecast).abs().to_numpy()
        assert (moved > 1e-3).all() if reacts else (moved == 0).all()


def test_columns_of_X_are_found_by_name(us_change):
    y, X = us_change
    forecaster = make().fit(y=y[:-3], X=X[:-3])
    forecast = forecaster.predict(fh=FH, X=X[-3:])
    swapped = forecaster.predict(fh=FH, X=X[-3:][["Savings", "Income"]])
    pd.testing.assert_series_equal(swapped, forecast)


def forget_frequency(index):
    return pd.DatetimeIndex(index.to_numpy(), freq=None)


INFERABLE = {
    f"{name}-not-stored": forget_frequency(INDICES[name])
    for name in ("MS", "W-SUN", "B", "15min")
}


# The rest is in `make test-slow`; series/test_horizons.py has more of them.
SAMPLE = (
    "range-from-7",
    "integers-from-minus-5",
    "period-Q-NOV",
    "period-2h",
    "MS",
    "B",
    "C",
    "D-across-summer-time",
    "MS-not-stored",
    "15min-not-stored",
)
every_index = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in SAMPLE else pytest.mark.slow)
        for name in (*INDICES, *INFERABLE)
    ],
)


@every_index
def test_forecasts_are_those_of_numbered_rows_on_the_times_of_any_index(name, numbered):
    times = (INDICES | INFERABLE)[name]
    fh = np.array([-3, 0, 1, 5])
    expected = make(sp=1).fit(numbered, fh=fh).predict()
    y = numbered.set_axis(times[:N_SHAMPOO])
    forecaster = make(sp=1).fit(y, fh=fh)
    forecast = forecaster.predict()
    np.testing.assert_array_equal(forecast, expected)
    wanted = times[N_SHAMPOO - 1 + fh]
    assert type(forecast.index) is type(wanted) or name.startswith("range")
    assert list(forecast.index) == list(wanted)

    if name == "C":
        return  # Custom calendars have no periods, which sktime counts absolute fh in.
    absolute = ForecastingHorizon(wanted, is_relative=False)
    again = make(sp=1).fit(y).predict(fh=absolute)
    np.testing.assert_array_equal(again, expected)
    assert list(again.index) == list(wanted)


@every_index
def test_update_appends_on_any_index(name, numbered):
    times = (INDICES | INFERABLE)[name][:N_SHAMPOO]
    y = numbered.set_axis(times)
    expected = make(sp=1).fit(numbered[:30])
    forecaster = make(sp=1).fit(y[:30])
    for seen in (slice(30, 31), slice(31, N_SHAMPOO)):
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=".*steps are missing")
            forecaster.update(y[seen], update_params=False)
        expected.update(numbered[seen], update_params=False)
        # A single row has no frequency of its own: the next times come from before.
        assert forecaster.cutoff[0] == times[seen][-1]
    fh = np.array([-9, 1, 5])
    forecast = forecaster.predict(fh=fh)
    np.testing.assert_array_equal(forecast, expected.predict(fh=fh))
    all_times = (INDICES | INFERABLE)[name]
    assert list(forecast.index) == list(all_times[N_SHAMPOO - 1 + fh])


@pytest.mark.parametrize("name", ["period-M", "MS", "B", "range-from-7"])
def test_X_is_found_on_any_index(name, us_change):
    y, X = us_change
    expected = make(theta_share=0).fit(y=y[:-6], X=X[:-6]).predict(fh=[1, 5], X=X[-6:])
    start = {"period-M": "M", "MS": "MS", "B": "B"}.get(name)
    if name.startswith("period"):
        times = pd.period_range("1990-01", periods=len(y), freq=start)
    elif start:
        times = pd.date_range("1990-01-01", periods=len(y), freq=start)
    else:
        times = pd.RangeIndex(7, len(y) + 7)
    y, X = y.set_axis(times), X.set_axis(times)
    forecast = make(theta_share=0).fit(y=y[:-6], X=X[:-6]).predict(fh=[1, 5], X=X[-6:])
    np.testing.assert_array_equal(forecast, expected)


@pytest.fixture
def trading_days(airline):
    """Business days without their holidays: no frequency can be inferred."""
    days = pd.bdate_range("2021-01-04", periods=len(airline) + 2).delete([10, 30])
    y = airline.astype(float).set_axis(days)
    assert y.index.freq is None
    assert pd.infer_freq(y.index) is None
    return y


@first_class
def test_trading_days_are_predicted_by_position_in_sample(cls, trading_days):
    numbered = make(cls).fit(trading_days.reset_index(drop=True))
    forecaster = make(cls).fit(trading_days, fh=[1, 2])
    steps = np.array([-140, -114, -113, -5, 0])
    expected = numbered.predict(fh=steps)
    wanted = trading_days.index[len(trading_days) - 1 + steps]
    for fh in (steps, wanted, ForecastingHorizon(wanted, is_relative=False)):
        forecast = forecaster.predict(fh=fh)
        np.testing.assert_array_equal(forecast, expected)
        assert list(forecast.index) == list(wanted)


@pytest.mark.parametrize(
    "fh", [[1], [0, 1, 2], pd.DatetimeIndex(["2021-07-27", "2021-07-28"])], ids=repr
)
def test_trading_days_out_of_sample_say_what_to_do(fh, trading_days):
    forecaster = make().fit(trading_days)
    message = r"no frequency.*asfreq\('B'\).*to_period.*reset_index"
    with pytest.raises(ValueError, match=message):
        forecaster.predict(fh=fh)
    assert np.isfinite(forecaster.predict(fh=[0])).all()


def test_what_the_error_on_trading_days_suggests_works(trading_days):
    for y in (
        trading_days.asfreq("B").ffill(),
        trading_days.asfreq("B").ffill().to_period("B"),
        trading_days.reset_index(drop=True),
    ):
        forecast = make().fit(y).predict(fh=FH)
        assert np.isfinite(forecast).all()
        assert (forecast.index > y.index[-1]).all()


def test_numbered_rows_that_are_three_apart_are_forecast_three_apart():
    y = pd.Series(np.arange(20.0), index=pd.RangeIndex(100, 160, 3, name="row"))
    forecaster = make().fit(y)
    expected = make().fit(y.reset_index(drop=True)).predict([-2, 0, 1, 4])
    labels = pd.Index([151, 157, 160, 169], name="row")
    for fh in ([-2, 0, 1, 4], ForecastingHorizon(labels, is_relative=False)):
        found = forecaster.predict(fh)
        assert list(found.index) == list(labels)
        np.testing.assert_array_equal(found, expected)
    between = ForecastingHorizon([158], is_relative=False)
    with pytest.raises(ValueError, match="rows are 3 apart, the last one at 157"):
        forecaster.predict(between)


def test_x_of_numbered_rows_that_are_three_apart_is_found():
    y, X = pd.Series(np.arange(23.0)), pd.DataFrame({"x": np.cos(np.arange(23.0))})
    expected = make().fit(y[:20], X[:20]).predict([1, 3], X=X[20:])
    y.index = X.index = pd.RangeIndex(100, 169, 3)
    found = make().fit(y[:20], X[:20]).predict([1, 3], X=X[20:])
    assert list(found.index) == [160, 166]
    np.testing.assert_array_equal(found, expected)


def test_trading_days_can_be_updated(trading_days):
    forecaster = make().fit(trading_days[:100])
    forecaster.update(trading_days[100:], update_params=False)
    assert forecaster.cutoff[0] == trading_days.index[-1]
    by_position = make().fit(trading_days.reset_index(drop=True)[:100])
    by_position.update(trading_days.reset_index(drop=True)[100:], update_params=False)
    fh = np.arange(-60, 1)
    forecast = forecaster.predict(fh=fh)
    np.testing.assert_array_equal(forecast, by_position.predict(fh=fh))


def test_stock_prices_are_predicted_in_sample_and_forecast_as_business_days():
    path = ROOT.parent / "shared/data/stocks"
    if not path.is_dir():
        pytest.skip(f"needs the stock prices in {path}")
    table = pd.read_csv(
        next(path.glob("MSFT*.csv")), index_col="Date", parse_dates=True
    )
    close = table["Close"][:200]
    forecaster = make().fit(close)
    inside = forecaster.predict(fh=close.index[1:])
    # Tomorrow's price is about today's.
    assert np.abs(inside / close[1:] - 1).median() < 0.02
    with pytest.raises(ValueError, match="asfreq"):
        forecaster.predict(fh=[1])
    days = close.asfreq("B").ffill()
    forecast = make().fit(days).predict(fh=FH)
    assert list(forecast.index) == list(
        pd.bdate_range(days.index[-1], periods=4, freq="B")[1:]
    )
    assert np.abs(forecast / close.iloc[-1] - 1).max() < 0.1


@first_class
def test_numpy_y_forecasts_what_a_series_does(cls, shampoo):
    expected = make(cls, theta_share=0).fit(shampoo, fh=[-2, 1, 4]).predict().to_numpy()
    for y in (shampoo.to_numpy(), shampoo.to_numpy()[:, None]):
        for forecaster in (
            make(cls, theta_share=0).fit(y=y, fh=[-2, 1, 4]),
            make(cls, theta_share=0).fit(y),
        ):
            forecast = forecaster.predict(fh=[-2, 1, 4])
            assert isinstance(forecast, np.ndarray)
            assert forecast.shape in {(3,), (3, 1)}
            np.testing.assert_array_equal(forecast.ravel(), expected)


def test_numpy_y_of_two_columns_and_numpy_X_forecast_what_frames_do(economy):
    y, X = (data.reset_index(drop=True) for data in economy)
    expected = make().fit(y=y[:-3], X=X[:-3]).predict(fh=FH, X=X[-3:])
    y, X = y.to_numpy(), X.to_numpy()
    forecast = make().fit(y=y[:-3], X=X[:-3]).predict(fh=FH, X=X[-3:])
    np.testing.assert_array_equal(forecast, expected)


def test_lynx_in_a_frame_of_one_column_keeps_its_form():
    y = load_lynx()
    expected = make().fit(y).predict(fh=FH)
    forecast = make().fit(y=y.to_frame("lynx")).predict(fh=FH)
    pd.testing.assert_frame_equal(forecast, expected.to_frame("lynx"))
    assert expected.name == y.name


@first_class
def test_a_plain_network_starts_as_keras_does(cls, airline):
    # After steps of no size the weights are those it started with.
    plain = {"window_scaling": None, "linear_skip": False, "learning_rate": 1e-30}
    head = weights_of(make(cls, **plain).fit(airline))[-2]
    assert head.std() > 0.1
    # Ours starts as the naive forecast, a constant at itself.
    ours = plain | {"window_scaling": "standard"}
    assert not weights_of(make(cls, **ours).fit(airline))[-2].any()
    constant = airline * 0.0 + 7.0
    assert not weights_of(make(cls, **plain).fit(constant))[-2].any()


# What a forecast is ------------------------------------------------------------

MONTHS = pd.period_range("2020-01", periods=40, freq="M")
SERIES = pd.Series(np.sin(np.arange(40.0)), MONTHS, name="sales")
LENGTH = {"min_timepoints": 40, "max_timepoints": 40, "same_cutoff": True}
PANEL = _make_hierarchical((2,), random_state=0, **LENGTH)
KINDS = {
    "series": SERIES,
    "frame": SERIES.to_frame(),
    "two-targets": pd.DataFrame({"a": SERIES, "b": 2 * SERIES}),
    "array": SERIES.to_numpy(),
    "panel": PANEL,
    "hierarchy": _make_hierarchical((2, 2), random_state=0, **LENGTH),
    "array-of-a-panel": convert_to(PANEL, "numpy3D"),
    "list-of-frames": convert_to(PANEL, "df-list"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_forecast_has_the_type_that_sktime_would_give_it(kind):
    forecaster = make().fit(y=KINDS[kind], fh=[1, 2])
    found, expected = forecaster.predict(), BaseForecaster.predict(forecaster)
    assert type(found) is type(expected)
    if isinstance(expected, list):
        found, expected = pd.concat(found), pd.concat(expected)
    if isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(found, expected)
    else:
        check = {pd.Series: pd.testing.assert_series_equal}
        check.get(type(expected), pd.testing.assert_frame_equal)(found, expected)
