"""Pretraining on many series, use on another."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from sktime.forecasting.model_selection import (
    ExpandingWindowSplitter,
    ForecastingGridSearchCV,
)

from skl_lstm import GRUForecaster, LSTMForecaster

TINY = {
    "units": 4,
    "epochs": 5,
    "window_length": 8,
    "horizon": 3,
    "random_state": 0,
}


def make_series(n_rows, seed=0):
    rng = np.random.default_rng(seed)
    rows = np.arange(n_rows)
    values = np.sin(rows * 0.8 + seed) + 0.1 * rng.standard_normal(n_rows)
    return pd.DataFrame({"y": (1 + seed) * values}, index=pd.RangeIndex(n_rows))


@pytest.fixture(scope="module")
def panel():
    parts = {seed: make_series(60, seed) for seed in range(6)}
    return pd.concat(parts, names=["series", "time"])


@pytest.fixture(
    scope="module",
    params=[LSTMForecaster, pytest.param(GRUForecaster, marks=pytest.mark.slow)],
)
def pretrained(request, panel):
    return request.param(**TINY).pretrain(panel)


def weights_of(forecaster):
    return forecaster.get_fitted_params()["weights"][0]


def pretrained_weights(forecaster):
    return forecaster.get_pretrained_params()["pretrained_model_"].networks.members[0]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    "copy",
    [
        lambda f: f.clone(),
        sklearn.clone,
        lambda f: pickle.loads(pickle.dumps(f)),
        lambda f: f.clone().set_params(epochs=7),
    ],
    ids=["sktime", "scikit-learn", "pickle", "set_params"],
)
def test_what_was_pretrained_survives(pretrained, copy):
    copied = copy(pretrained)
    assert copied.state == "pretrained"
    assert same(pretrained_weights(copied), pretrained_weights(pretrained))


def test_frozen_uses_the_network_as_it_is(pretrained):
    forecaster = pretrained.clone().set_params(pretrain_mode="frozen")
    forecaster.fit(make_series(24, 9), fh=[1, 2, 3, 5])
    assert same(weights_of(forecaster), pretrained_weights(pretrained))
    assert np.isfinite(forecaster.predict()).all(axis=None)
    assert np.isfinite(forecaster.predict_interval()).all(axis=None)


def test_fine_tuning_moves_the_weights_and_leaves_the_pretrained_ones(pretrained):
    before = [w.copy() for w in pretrained_weights(pretrained)]
    # Another swing than any it has seen, long enough to learn from.
    swing = np.sign(np.sin(np.arange(200) * 0.3))
    forecaster = pretrained.clone().fit(pd.DataFrame({"y": swing}))
    assert not same(weights_of(forecaster), before)
    assert same(pretrained_weights(forecaster), before)


def test_a_second_fit_starts_from_the_pretrained_weights_again(pretrained):
    one, other = make_series(40, 7), make_series(50, 8)
    expected = pretrained.clone().fit(other).predict(fh=[1, 2])
    forecaster = pretrained.clone().fit(one)
    pd.testing.assert_frame_equal(forecaster.fit(other).predict(fh=[1, 2]), expected)


def test_a_series_too_short_to_train_on_is_forecast(pretrained):
    forecast = pretrained.clone().fit(make_series(5, 9)).predict(fh=[1, 2, 3])
    assert np.isfinite(forecast).all(axis=None)


def test_pretraining_beats_training_on_a_short_series_alone(panel):
    errors = {"pretrained": [], "alone": []}
    options = TINY | {"epochs": "auto", "units": 8}
    pretrained = LSTMForecaster(**options).pretrain(panel)
    for seed in range(20, 28):
        y = make_series(27, seed) / (1 + seed)
        train, test = y[:24], y[24:]
        for name, start in [
            ("pretrained", pretrained.clone()),
            ("alone", LSTMForecaster(**options)),
        ]:
            forecast = start.fit(train, fh=[1, 2, 3]).predict()
            errors[name].append(np.abs(forecast - test).mean(axis=None))
    assert np.mean(errors["pretrained"]) < np.mean(errors["alone"])


def test_pretraining_again_goes_on(pretrained, panel):
    again = pretrained.clone().set_params(early_stopping=False).pretrain(panel)
    assert not same(pretrained_weights(again), pretrained_weights(pretrained))


def test_another_network_gets_a_worded_error(pretrained):
    forecaster = pretrained.clone().set_params(units=5)
    with pytest.raises(ValueError, match="cannot go on from the weights it has"):
        forecaster.fit(make_series(40))
    assert forecaster.state == "pretrained"


def test_other_columns_get_a_worded_error(pretrained):
    y = make_series(40)
    with pytest.raises(ValueError, match="X was passed, but the forecaster was fitted"):
        pretrained.clone().fit(y=y, X=y.rename(columns={"y": "x"}))


def test_grid_search_tunes_a_pretrained_forecaster(pretrained):
    y = make_series(60, 9)
    search = ForecastingGridSearchCV(
        pretrained.clone(),
        cv=ExpandingWindowSplitter(fh=[1, 2, 3], initial_window=40, step_length=10),
        param_grid={"pretrain_mode": ["finetune", "frozen"]},
        error_score="raise",
    )
    search.fit(y, fh=[1, 2, 3])
    scores = search.cv_results_.filter(like="mean_test").to_numpy().ravel()
    assert np.isfinite(scores).all()
    # Far below what weights drawn afresh and not trained would reach.
    assert search.best_forecaster_.is_fitted
    assert same(
        pretrained_weights(search.best_forecaster_), pretrained_weights(pretrained)
    )


def test_a_failing_pretraining_leaves_the_forecaster(pretrained, panel):
    forecaster = pretrained.clone()
    before = pretrained_weights(forecaster)
    with pytest.raises(ValueError, match="infinity"):
        forecaster.pretrain(panel.replace(panel.iloc[3, 0], np.inf))
    assert forecaster.state == "pretrained"
    assert same(pretrained_weights(forecaster), before)


def test_a_panel_is_forecast_in_parts_as_it_is_whole(pretrained, panel):
    frozen = pretrained.clone().set_params(pretrain_mode="frozen")
    whole = frozen.clone().fit(panel, fh=[1, 2, 3]).predict()
    parts = [panel.loc[:1], panel.loc[2:3], panel.loc[4:]]
    found = [frozen.clone().fit(part, fh=[1, 2, 3]).predict() for part in parts]
    pd.testing.assert_frame_equal(pd.concat(found), whole, rtol=1e-5)


def test_a_single_series_is_refused(pretrained):
    with pytest.raises(TypeError, match="requires Panel or Hierarchical"):
        pretrained.clone().pretrain(make_series(40))
