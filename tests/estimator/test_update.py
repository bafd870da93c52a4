"""New rows after fit."""

import warnings
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest

from tests.estimator.sktime_cases import (
    FH,
    INDICES,
    N_SHAMPOO,
    TINY,
    assert_same_weights,
    first_class,
    largest_move,
    make,
    network_forecasts,
    weights_of,
)

# Update -----------------------------------------------------------------------


@first_class
def test_update_without_params_forecasts_from_the_longer_history(cls, airline):
    forecaster = make(cls, theta_share=0).fit(airline[:100])
    weights = weights_of(forecaster)
    forecaster.update(airline[100:120], update_params=False)
    forecaster.update(airline[120:], update_params=False)
    assert forecaster.cutoff[0] == airline.index[-1]
    assert_same_weights(weights_of(forecaster), weights)
    forecast = forecaster.predict(fh=FH)
    assert list(forecast.index) == list(airline.index[-1] + np.array(FH))
    expected = network_forecasts(forecaster, airline.to_numpy())[-1, :, 0]
    np.testing.assert_allclose(forecast, expected, rtol=1e-4)


def test_update_without_params_remembers_X(us_change):
    y, X = us_change
    forecaster = make().fit(y=y[:150], X=X[:150])
    forecasts = []
    for shift in (0.0, 5.0):
        updated = deepcopy(forecaster)
        updated.update(y[150:160], X=X[150:160] + shift, update_params=False)
        forecasts.append(updated.predict(fh=FH, X=X[160:163]))
    assert (forecasts[0] - forecasts[1]).abs().max() > 1e-3
    inside = [f.predict(fh=[0], X=X[160:163]) for f in (updated, forecaster)]
    assert inside[0].index[0] == 159
    assert inside[1].index[0] == 149


@pytest.fixture
def count_steps(monkeypatch):
    """Count the optimizer steps taken by any training."""
    from skl_lstm._engine.program import Program

    taken = []
    train = Program.train

    def counted(self, state, data, batches, rates):
        taken.append(len(batches))
        return train(self, state, data, batches, rates)

    monkeypatch.setattr(Program, "train", counted)
    return lambda: sum(taken)


@first_class
@pytest.mark.parametrize("n_new", [1, 2, 40])
def test_update_with_params_takes_a_few_further_steps(cls, n_new, airline, count_steps):
    forecaster = make(cls).fit(airline[:100])
    weights, n_fitted = weights_of(forecaster), count_steps()
    forecaster.update(airline[100 : 100 + n_new], update_params=True)
    assert 1 <= count_steps() - n_fitted <= 10
    # Never a silent no-op, and never a new training.
    moved = largest_move(weights_of(forecaster), weights)
    assert 0 < moved < 10 * TINY["learning_rate"]
    assert forecaster.cutoff[0] == airline.index[99 + n_new]


def test_update_with_params_leaves_the_forecasts_of_a_copy_alone(airline):
    forecaster = make().fit(airline[:100])
    copy = deepcopy(forecaster)
    before = copy.predict(fh=FH)
    forecaster.update(airline[100:])
    pd.testing.assert_series_equal(copy.predict(fh=FH), before)


def test_update_with_params_is_the_same_each_time(airline):
    forecasts = [
        make().fit(airline[:100]).update(airline[100:130]).predict(fh=FH)
        for _ in range(2)
    ]
    pd.testing.assert_series_equal(*forecasts)


@first_class
def test_thirty_updates_stay_finite_and_near_the_data(cls, airline):
    forecaster = make(cls).fit(airline[:-30])
    for row in range(len(airline) - 30, len(airline)):
        forecaster.update(airline[row : row + 1], update_params=True)
        forecast = forecaster.predict(fh=FH)
        assert np.isfinite(forecast).all()
    assert forecast.between(airline.min(), 2 * airline.max()).all()
    assert all(np.isfinite(w).all() for w in weights_of(forecaster))


def test_update_with_params_learns_from_the_new_rows(airline):
    # Months in turn high and low, as the network has never seen them.
    times = pd.period_range("1961-01", periods=40, freq="M")
    new = pd.Series(np.tile([300.0, 500.0], 20), index=times)
    errors = {}
    for update_params in (True, False):
        forecaster = make(learning_rate=0.1).fit(airline)
        for _ in range(10):
            forecaster.update(new, update_params=update_params)
        inside = forecaster.predict(fh=times)
        errors[update_params] = np.abs(inside - new).mean()
    assert errors[True] < 0.7 * errors[False]


def test_update_with_params_learns_nothing_from_rows_after_the_cutoff(airline):
    one, other = (make().fit(airline) for _ in range(2))
    other.update(airline[100:] * 3.0, update_params=False)
    for forecaster in (one, other):
        forecaster.update(airline[50:80], update_params=True)
        assert forecaster.cutoff[0] == airline.index[79]
    assert_same_weights(weights_of(one), weights_of(other))
    pd.testing.assert_series_equal(one.predict(fh=FH), other.predict(fh=FH))


def test_update_that_finds_too_few_rows_to_learn_from_says_so(airline):
    forecaster = make().fit(airline)
    weights = weights_of(forecaster)
    # Known rows move the cutoff back to where not one window is complete.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        forecaster.update(airline[:3], update_params=True)
    learned = largest_move(weights_of(forecaster), weights) > 0
    assert learned or any("row" in str(w.message) for w in caught)


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_update_appends_numpy_arrays(shape, numbered):
    values = numbered.to_numpy().reshape(shape)
    forecaster = make().fit(y=values[:20])
    forecaster.update(values[20:30], update_params=False)
    forecaster.update(values[30:], update_params=False)
    assert forecaster.cutoff[0] == len(numbered) - 1
    expected = make().fit(numbered[:20])
    expected.update(numbered[20:], update_params=False)
    for fh in (FH, [-20, -3, 0]):
        found = forecaster.predict(fh=fh).ravel()
        np.testing.assert_array_equal(found, expected.predict(fh=fh))


def test_update_appends_numpy_arrays_with_X(us_change):
    y, X = us_change
    expected = make().fit(y=y[:150], X=X[:150])
    expected.update(y[150:160], X=X[150:160], update_params=True)
    ahead = X[160:163]
    forecaster = make().fit(y=y[:150].to_numpy(), X=X[:150].to_numpy())
    new_y, new_X = y[150:160].to_numpy(), X[150:160].to_numpy()
    forecaster.update(new_y, X=new_X, update_params=True)
    forecast = forecaster.predict(fh=FH, X=ahead.to_numpy())
    np.testing.assert_array_equal(forecast.ravel(), expected.predict(fh=FH, X=ahead))


@first_class
def test_rows_that_update_already_knows_count_once(cls, airline):
    expected = make(cls).fit(airline[:100])
    expected.update(airline[100:120], update_params=False)
    forecaster = make(cls).fit(airline[:100])
    forecaster.update(airline[80:120], update_params=False)
    fh = np.arange(-119, 4)
    pd.testing.assert_series_equal(forecaster.predict(fh=fh), expected.predict(fh=fh))


def test_rows_that_update_corrects_are_replaced(airline):
    corrected = airline.copy()
    corrected.iloc[98:100] += 100
    forecaster = make(theta_share=0).fit(airline[:100])
    before = forecaster.predict(fh=FH)
    forecaster.update(corrected[98:100], update_params=False)
    after = forecaster.predict(fh=FH)
    assert forecaster.cutoff[0] == airline.index[99]
    assert (after - before).min() > 10
    expected = network_forecasts(forecaster, corrected[:100].to_numpy())[-1, :, 0]
    np.testing.assert_allclose(after, expected, rtol=1e-4)


def test_update_after_a_gap_warns_and_fills_it_with_the_last_value(airline):
    forecaster = make().fit(airline[:100])
    with pytest.warns(UserWarning, match="3 steps are missing"):
        forecaster.update(airline[103:110], update_params=False)
    assert forecaster.cutoff[0] == airline.index[109]
    filled = airline[:110].copy()
    filled.iloc[100:103] = airline.iloc[99]
    expected = make().fit(airline[:100])
    expected.update(filled[100:], update_params=False)
    fh = np.arange(-15, 4)
    pd.testing.assert_series_equal(forecaster.predict(fh=fh), expected.predict(fh=fh))


@pytest.mark.parametrize("first", [28, 30], ids=["overlapping", "following"])
@pytest.mark.parametrize("name", ["period-M", "MS", "range"])
def test_a_gap_inside_the_new_rows_is_filled_too(name, first, numbered):
    y = numbered.set_axis(INDICES[name][:N_SHAMPOO])
    forecaster = make().fit(y[:30])
    with pytest.warns(UserWarning, match="2 steps are missing"):
        forecaster.update(y.drop(y.index[[32, 33]])[first:], update_params=False)
    filled = y.copy()
    filled.iloc[32:34] = y.iloc[31]
    expected = make().fit(filled[:30])
    expected.update(filled[30:], update_params=False)
    fh = np.arange(-8, 4)
    pd.testing.assert_series_equal(forecaster.predict(fh=fh), expected.predict(fh=fh))


def test_update_by_one_date_without_a_frequency_keeps_that_of_the_history(airline):
    y = airline.to_timestamp().asfreq("MS")
    expected = make().fit(y[:100])
    expected.update(y[100:101], update_params=False)
    forecaster = make().fit(y[:100])
    # As it comes from a live feed: a value and its date.
    new = pd.Series([y.iloc[100]], index=pd.DatetimeIndex([y.index[100]]))
    forecaster.update(new, update_params=False)
    forecast = forecaster.predict(fh=[0, 1, 5])
    np.testing.assert_array_equal(forecast, expected.predict(fh=[0, 1, 5]))
    assert list(forecast.index) == list(y.index[[100, 101, 105]])


def test_a_failing_update_changes_nothing(airline):
    forecaster = make().fit(airline[:100])
    before, weights = forecaster.predict(fh=FH), weights_of(forecaster)
    new = airline[100:].astype(float)
    new.iloc[3] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        forecaster.update(new)
    assert forecaster.cutoff[0] == airline.index[99]
    assert_same_weights(weights_of(forecaster), weights)
    pd.testing.assert_series_equal(forecaster.predict(fh=FH), before)
