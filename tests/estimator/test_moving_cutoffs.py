"""Forecasts from one cutoff after the other."""

from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from sktime.forecasting.base import BaseForecaster
from sktime.split import ExpandingWindowSplitter, SlidingWindowSplitter

from tests.estimator.sktime_cases import (
    CLOSE,
    FH,
    WINDOW,
    assert_same_weights,
    first_class,
    make,
    network_forecasts,
    weights_of,
)

# Moving cutoffs ---------------------------------------------------------------


@first_class
@pytest.mark.parametrize("update_params", [True, False])
def test_update_predict_equals_a_loop_of_update_and_predict(
    cls, update_params, airline
):
    train, test = airline[:100], airline[100:]
    forecaster = make(cls).fit(train)
    cv = ExpandingWindowSplitter(fh=FH, initial_window=6, step_length=12)
    forecasts = forecaster.update_predict(test, cv, update_params=update_params)

    by_hand, n_folds = deepcopy(forecaster), 0
    for seen, _ in cv.split(test):
        by_hand.update(test.iloc[seen], update_params=update_params)
        expected = by_hand.predict(fh=FH)
        cutoff = test.index[seen[-1]]
        found = forecasts[cutoff].dropna()
        np.testing.assert_allclose(found, expected, **CLOSE)
        assert list(found.index) == list(expected.index)
        n_folds += 1
    assert n_folds == 3


def test_update_predict_leaves_the_forecaster_as_it_was(airline):
    forecaster = make().fit(airline[:100])
    before, weights = forecaster.predict(fh=FH), weights_of(forecaster)
    forecaster.update_predict(airline[100:], ExpandingWindowSplitter(fh=FH))
    assert forecaster.cutoff[0] == airline.index[99]
    assert_same_weights(weights_of(forecaster), weights)
    pd.testing.assert_series_equal(forecaster.predict(fh=FH), before)


def test_update_predict_over_training_rows_reads_none_after_the_cutoff(shampoo):
    forecaster = make(theta_share=0).fit(shampoo)
    cv = ExpandingWindowSplitter(fh=FH, initial_window=WINDOW, step_length=5)
    forecasts = forecaster.update_predict(shampoo, cv, update_params=False)
    by_hand = network_forecasts(forecaster, shampoo.to_numpy())
    cutoffs = [shampoo.index[seen[-1]] for seen, _ in cv.split(shampoo)]
    assert len(cutoffs) == 6
    for i, cutoff in enumerate(cutoffs):
        found = forecasts[cutoff].dropna().to_numpy()
        np.testing.assert_allclose(found, by_hand[5 * i, :, 0], rtol=1e-4)


@pytest.mark.parametrize("update_params", [True, False])
def test_update_predict_is_blind_to_rows_after_each_cutoff(update_params, airline):
    cv = ExpandingWindowSplitter(fh=FH, initial_window=6, step_length=12)
    forecaster = make().fit(airline[:100])
    truth = airline[100:]
    changed = truth.copy()
    changed.iloc[20:] *= 3.0
    one, other = (
        forecaster.update_predict(y, cv, update_params=update_params)
        for y in (truth, changed)
    )
    # Cutoffs after 6 and 18 new rows lie before the change, the third behind it.
    for cutoff in truth.index[[5, 17]]:
        pd.testing.assert_series_equal(one[cutoff].dropna(), other[cutoff].dropna())
    third = truth.index[29]
    assert not np.allclose(one[third].dropna(), other[third].dropna(), rtol=0.1)


def test_update_predict_takes_the_rows_of_X_that_each_cutoff_needs(us_change):
    y, X = us_change
    forecaster = make().fit(y=y[:150], X=X[:150])
    cv = ExpandingWindowSplitter(fh=FH, initial_window=5, step_length=10)
    forecasts = forecaster.update_predict(y[150:-3], cv, X=X[150:], update_params=False)
    by_hand = deepcopy(forecaster)
    by_hand.update(y[150:165], X=X[150:165], update_params=False)
    expected = by_hand.predict(fh=FH, X=X[165:168])
    np.testing.assert_allclose(forecasts[164].dropna(), expected, **CLOSE)


# All origins in one batch -----------------------------------------------------


def loop(forecaster, y, cv, X=None):
    """Let sktime's own loop update and predict, one origin after the other."""
    _, y = forecaster._check_X_y(X=X, y=y)
    return BaseForecaster._predict_moving_cutoff(
        deepcopy(forecaster), y, cv, X, update_params=False
    )


def count_batches(forecaster, monkeypatch):
    """Count the calls of the model that forecasts are asked for."""
    calls, model = [], type(forecaster._fitted.model)
    forecast = model.forecast
    monkeypatch.setattr(
        model, "forecast", lambda *args: calls.append(1) or forecast(*args)
    )
    return calls


SPLITTERS = {
    "steps": ExpandingWindowSplitter(fh=FH, initial_window=2, step_length=1),
    "one step": ExpandingWindowSplitter(fh=[1], initial_window=1),
    "sliding": SlidingWindowSplitter(fh=FH, window_length=6, step_length=4),
    "beyond the horizon": ExpandingWindowSplitter(fh=[2, 7], initial_window=5),
}


@pytest.fixture(scope="module")
def seasonal():
    rng, t = np.random.default_rng(3), np.arange(90)
    index = pd.period_range("2001-01", periods=90, freq="M")
    values = 50 + 0.3 * t + 9 * np.sin(t * np.pi / 6) + rng.normal(size=90)
    return pd.Series(values, index, name="sales")


@pytest.fixture(scope="module")
def of_seasonal(seasonal):
    return make(theta_share=0.3).fit(seasonal[:70])


@pytest.mark.parametrize("name", SPLITTERS)
def test_all_origins_are_answered_as_in_a_loop(
    name, of_seasonal, seasonal, monkeypatch
):
    expected = loop(of_seasonal, seasonal[70:], SPLITTERS[name])
    calls = count_batches(of_seasonal, monkeypatch)
    found = of_seasonal.update_predict(
        seasonal[70:], SPLITTERS[name], update_params=False
    )
    assert len(calls) == 1
    assert type(found) is (pd.Series if name == "one step" else pd.DataFrame)
    np.testing.assert_allclose(found, expected.squeeze(), **CLOSE)
    assert found.index.equals(expected.index)
    if name != "one step":
        assert list(found.columns) == list(expected.columns)
    assert of_seasonal.cutoff[0] == seasonal.index[69]


def test_a_panel_is_answered_at_once_for_all_series_and_origins(seasonal, monkeypatch):
    panel = pd.concat({"a": seasonal, "b": 3 * seasonal[::-1].set_axis(seasonal.index)})
    panel = panel.to_frame().rename_axis(["store", "month"])
    month = panel.index.get_level_values(1)
    train, test = (panel[month < "2006-11"], panel[month >= "2006-11"])
    forecaster = make().fit(train)
    cv = ExpandingWindowSplitter(fh=FH, initial_window=4, step_length=3)
    expected = loop(forecaster, test, cv)
    calls = count_batches(forecaster, monkeypatch)
    found = forecaster.update_predict(test, cv, update_params=False)
    assert len(calls) == 1
    pd.testing.assert_frame_equal(found, expected, rtol=1e-5, check_names=False)


def test_windows_with_holes_are_replayed_one_after_the_other(
    of_seasonal, seasonal, monkeypatch
):
    cv = SlidingWindowSplitter(fh=FH, window_length=2, step_length=4)
    expected = loop(of_seasonal, seasonal[70:], cv)
    found = of_seasonal.update_predict(seasonal[70:], cv, update_params=False)
    np.testing.assert_allclose(found, expected, **CLOSE)


def test_the_forecaster_may_remember_all_that_was_played_back(of_seasonal, seasonal):
    forecaster = deepcopy(of_seasonal)
    cv = SPLITTERS["steps"]
    forecaster.update_predict(
        seasonal[70:], cv, update_params=False, reset_forecaster=False
    )
    last = list(cv.split(seasonal[70:]))[-1][0][-1]
    assert forecaster.cutoff[0] == seasonal[70:].index[last]
    expected = deepcopy(of_seasonal).update(
        seasonal[70 : 70 + last + 1], update_params=False
    )
    pd.testing.assert_series_equal(forecaster.predict(fh=FH), expected.predict(fh=FH))


# One step ahead over a test span ----------------------------------------------


def test_a_test_span_is_predicted_from_the_real_rows_before_each(of_seasonal, seasonal):
    test = seasonal[70:]
    found = of_seasonal.predict_one_step(test)
    by_hand = deepcopy(of_seasonal)
    expected = [by_hand.predict(fh=[1])]
    for i in range(len(test) - 1):
        by_hand.update(test[i : i + 1], update_params=False)
        expected.append(by_hand.predict(fh=[1]))
    pd.testing.assert_series_equal(found, pd.concat(expected), rtol=1e-4)
    assert of_seasonal.cutoff[0] == seasonal.index[69]


def test_one_step_ahead_of_a_part_of_a_panel(seasonal):
    panel = pd.concat({"a": seasonal, "b": 3 * seasonal}).to_frame()
    panel = panel.rename_axis(["store", "month"])
    month = panel.index.get_level_values(1)
    forecaster = make().fit(panel[month < "2006-11"])
    test = panel[month >= "2006-11"]
    both = forecaster.predict_one_step(test)
    pd.testing.assert_frame_equal(
        forecaster.predict_one_step(test.loc[["b"]]), both.loc[["b"]], rtol=1e-5
    )
    with pytest.raises(ValueError, match=r"which fit has not seen"):
        forecaster.predict_one_step(test.rename({"b": "c"}))


def test_one_step_ahead_with_columns_known_ahead(us_change):
    y, X = us_change
    forecaster = make().fit(y=y[:150], X=X[:150])
    found = forecaster.predict_one_step(y[150:], X=X[150:])
    forecaster.update(y[150:], X=X[150:], update_params=False)
    expected = forecaster.predict(fh=np.arange(151 - len(y), 1))
    pd.testing.assert_series_equal(found, expected)


def test_one_step_ahead_is_called_as_fit_was(of_seasonal, seasonal, us_change):
    y, X = us_change
    with pytest.raises(TypeError, match=r"predict_one_step\(y=y, X=X\)"):
        of_seasonal.predict_one_step(X.to_numpy(), y.to_numpy())
    with pytest.raises(TypeError, match=r"without fh"):
        of_seasonal.predict_one_step(seasonal[70:], fh=[1])
    with pytest.raises(TypeError, match=r"predict_quantiles"):
        of_seasonal.predict_one_step(seasonal[70:], quantiles=0.5)
