"""Forecasting horizons, before and after the cutoff."""

from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from sktime.forecasting.base import ForecastingHorizon
from sktime.split import ExpandingWindowSplitter

from tests.estimator.sktime_cases import (
    CLOSE,
    FH,
    HORIZON,
    WINDOW,
    both_classes,
    first_class,
    make,
    network_forecasts,
)

# Forecasting horizons ---------------------------------------------------------


@first_class
def test_fh_in_fit_or_in_predict_is_the_same_with_a_fixed_horizon(cls, airline):
    late = make(cls).fit(airline).predict(fh=FH)
    early = make(cls).fit(airline, fh=FH).predict()
    pd.testing.assert_series_equal(late, early)


@pytest.mark.parametrize(
    ("fh", "expected"),
    [
        ([1, 2, 5], 5),
        (5, 5),
        (pd.period_range("1961-01", "1961-05", freq="M"), 5),
        (None, 12),
        ([-3, 0], 12),
        # Two seasons are 24 months, a quarter of the rows is 36.
        (range(1, 100), 36),
    ],
    ids=str,
)
def test_automatic_horizon_is_the_last_step_that_fit_knows(fh, expected, airline):
    forecaster = make(horizon="auto", epochs=1).fit(airline, fh=fh)
    assert forecaster.horizon_ == expected


@first_class
def test_fh_beyond_the_horizon_rolls_blocks_forward(cls, airline):
    forecaster = make(cls, theta_share=0).fit(airline)
    far = forecaster.predict(fh=np.arange(1, 8))
    for n_steps in range(1, 7):
        near = forecaster.predict(fh=np.arange(1, n_steps + 1))
        pd.testing.assert_series_equal(far[:n_steps], near)

    # The second block is what the first one, taken for true, would lead to.
    believed = deepcopy(forecaster).update(far[:HORIZON], update_params=False)
    np.testing.assert_allclose(believed.predict(fh=FH), far[HORIZON:6], **CLOSE)


@both_classes
def test_first_block_is_what_the_network_says_of_the_last_window(cls, airline):
    forecaster = make(cls, theta_share=0).fit(airline)
    expected = network_forecasts(forecaster, airline.to_numpy())[-1, :, 0]
    np.testing.assert_allclose(forecaster.predict(fh=FH), expected, rtol=1e-4)
    # Else the next test would compare naive forecasts.
    assert np.abs(expected - airline.iloc[-1]).min() > 1


def test_fh_with_holes_takes_the_steps_it_names(airline):
    forecaster = make().fit(airline)
    every = forecaster.predict(fh=np.arange(-6, 10))
    for fh in ([2], [7, 9], [-5, 0, 1, 4]):
        some = forecaster.predict(fh=fh)
        expected = every.loc[airline.index[-1] + np.array(fh)]
        np.testing.assert_allclose(some, expected, **CLOSE)
        assert list(some.index) == list(expected.index)


def test_absolute_fh_equals_relative(airline):
    forecaster = make().fit(airline)
    times = pd.PeriodIndex(["1960-10", "1960-12", "1961-02", "1961-09"], freq="M")
    relative = forecaster.predict(fh=[-2, 0, 2, 9])
    for fh in (times, ForecastingHorizon(times, is_relative=False)):
        pd.testing.assert_series_equal(forecaster.predict(fh=fh), relative)
        pd.testing.assert_series_equal(make().fit(airline, fh=fh).predict(), relative)


def test_absolute_fh_stays_where_it_is_when_the_cutoff_moves(airline):
    times = pd.PeriodIndex(["1959-01", "1959-06"], freq="M")
    fh = ForecastingHorizon(times, is_relative=False)
    forecaster = make().fit(airline[:"1958-06"], fh=fh)
    forecaster.update(airline["1958-07":"1958-12"], update_params=False)
    forecast = forecaster.predict()
    assert list(forecast.index) == list(times)
    np.testing.assert_array_equal(forecast, forecaster.predict(fh=[1, 6]))


def test_fh_before_the_first_row_is_refused(shampoo):
    forecaster = make().fit(shampoo)
    assert np.isfinite(forecaster.predict(fh=[-35])).all()
    with pytest.raises(ValueError, match="36 rows seen start at step -35"):
        forecaster.predict(fh=[-36])


# In sample --------------------------------------------------------------------


@first_class
def test_in_sample_predictions_are_finite_one_step_forecasts(cls, airline):
    forecaster = make(cls, theta_share=0).fit(airline)
    inside = forecaster.predict(fh=airline.index)
    assert list(inside.index) == list(airline.index)
    assert np.isfinite(inside).all()
    by_hand = network_forecasts(forecaster, airline.to_numpy())[:-1, 0, 0]
    np.testing.assert_allclose(inside[WINDOW:], by_hand, rtol=1e-4)


@first_class
def test_in_sample_predictions_equal_forecasts_from_each_cutoff(cls, shampoo):
    forecaster = make(cls).fit(shampoo)
    inside = forecaster.predict(fh=shampoo.index)
    # From one row on: windows that reach back before the data are padded alike.
    cv = ExpandingWindowSplitter(fh=[1], initial_window=1)
    outside = forecaster.update_predict(shampoo, cv, update_params=False)
    assert len(outside) == len(shampoo) - 1
    np.testing.assert_allclose(inside[1:], outside, **CLOSE)


@first_class
def test_no_later_value_changes_an_earlier_in_sample_prediction(cls, economy):
    y, X = economy
    forecaster = make(cls).fit(y=y, X=X)
    before = forecaster.predict(fh=y.index)
    first = 150
    changed_y, changed_X = y[first:] * 2 + 7, X[first:].copy()
    # The row's own X is known at its time, its own y is not.
    changed_X.iloc[1:] += 11.0
    forecaster.update(changed_y, X=changed_X, update_params=False)
    after = forecaster.predict(fh=y.index)
    pd.testing.assert_frame_equal(after[: first + 1], before[: first + 1])
    moved = (after - before)[first + 1 :].abs()
    assert moved.max(axis=1).min() > 1e-3


@first_class
@pytest.mark.parametrize("scaler", ["standard", "minmax", "robust", None])
def test_the_first_row_which_has_no_past_is_predicted_as_the_mean(cls, scaler, shampoo):
    forecaster = make(cls, scaler=scaler).fit(shampoo)
    (first,) = forecaster.predict(fh=shampoo.index[:1])
    assert first == pytest.approx(shampoo.mean())


@first_class
@pytest.mark.parametrize("fh", [None, FH], ids=str)
def test_residuals_of_the_rows_seen_need_no_y(cls, fh, airline):
    seen = airline[:100]
    expected = seen - make(cls).fit(seen).predict(fh=seen.index)
    residuals = make(cls).fit(seen, fh=fh).predict_residuals()
    np.testing.assert_allclose(np.ravel(residuals), expected, atol=1e-6)
    assert list(residuals.index) == list(seen.index)


# What was asked before ---------------------------------------------------------


def test_a_horizon_of_predict_does_not_replace_that_of_fit(airline):
    forecaster = make().fit(airline, fh=FH)
    expected = forecaster.predict()
    assert len(forecaster.predict(fh=[7])) == 1
    pd.testing.assert_series_equal(forecaster.predict(), expected)
    # Without one of fit the last counts, as in sktime.
    forecaster = make().fit(airline)
    pd.testing.assert_series_equal(forecaster.predict(fh=FH), expected)
    pd.testing.assert_series_equal(forecaster.predict(), expected)


def test_every_second_time_is_a_horizon_though_its_frequency_is_another(airline):
    months = airline.index[-1] + np.arange(1, 8, 2)
    dates = pd.period_range(months[0], periods=4, freq="2M").to_timestamp()
    y = airline.to_timestamp()
    forecaster = make().fit(y)
    expected = forecaster.predict(fh=[1, 3, 5, 7])
    found = forecaster.predict(fh=ForecastingHorizon(dates, is_relative=False))
    pd.testing.assert_series_equal(found, expected)


def test_residuals_in_a_zone_are_those_of_each_row():
    index = pd.date_range("2024-03-29", periods=72, freq="h", tz="Europe/Berlin")
    y = pd.Series(np.sin(np.arange(72)), index=index)
    forecaster = make().fit(y, fh=FH)
    expected = y - forecaster.predict(fh=np.arange(-71, 1))
    np.testing.assert_allclose(forecaster.predict_residuals(y), expected)
    assert forecaster.predict().index[0] == index[-1] + pd.Timedelta("1h")
