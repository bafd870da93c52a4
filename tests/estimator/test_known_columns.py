"""Columns known ahead: what they explain is found whole, and added to every step."""

import numpy as np
import pandas as pd
import pytest
from sktime.datasets import load_airline

from skl_lstm import LSTMForecaster
from tests.estimator.sktime_cases import first_class

TINY = {"units": 2, "epochs": 1, "window_length": 6, "random_state": 0}
N_ROWS, N_AHEAD = 160, 12


def make_data(seed=0, n_rows=N_ROWS + N_AHEAD):
    """Return a target that columns explain but for small noise, and the columns."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.standard_normal((n_rows, 2)), columns=["a", "b"])
    y = 10 + 2 * X["a"] - X["b"] + 0.1 * rng.standard_normal(n_rows)
    return y.rename("y"), X


@pytest.fixture(scope="module")
def data():
    return make_data()


@pytest.fixture(scope="module")
def fitted(data):
    y, X = data
    return LSTMForecaster(**TINY).fit(y[:N_ROWS], X=X[:N_ROWS], fh=range(1, 13))


@first_class
def test_what_columns_explain_is_found_whole(cls, data):
    y, X = data
    forecaster = cls(**TINY).fit(y[:N_ROWS], X=X[:N_ROWS], fh=range(1, 13))
    forecast = forecaster.predict(X=X[N_ROWS:])
    assert np.abs(forecast - y[N_ROWS:]).max() < 0.5
    assert forecaster.components_["transfer"] > 0.5
    assert sum(forecaster.components_.values()) == pytest.approx(1)


def test_the_scikit_learn_spelling_gives_the_same_numbers(data):
    y, X = data
    options = TINY | {"horizon": 4}
    by_rows = LSTMForecaster(**options, autoregressive=True).fit(X[:N_ROWS], y[:N_ROWS])
    forecaster = LSTMForecaster(**options).fit(y[:N_ROWS], X=X[:N_ROWS])
    expected = forecaster.predict(fh=range(1, 13), X=X[N_ROWS:])
    np.testing.assert_array_equal(by_rows.predict(X[N_ROWS:]), expected)


def test_an_effect_felt_the_day_after_is_seen_inside_a_block():
    rng = np.random.default_rng(1)
    promotion = (rng.random(300) < 0.3).astype(float)
    noise = 0.3 * rng.standard_normal(300)
    y = pd.Series(10 + 4 * np.r_[0, promotion[:-1]] + noise)
    X = pd.DataFrame({"promotion": promotion})
    forecaster = LSTMForecaster(**TINY).fit(y[:280], X=X[:280], fh=range(1, 13))
    errors = forecaster.predict(X=X[280:292]) - y[280:292]
    assert np.sqrt((errors**2).mean()) < 0.6


@pytest.mark.parametrize("n_rows", [90, 200])
def test_a_scenario_that_stays_where_it_is_settles(n_rows):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, 1))
    effect = np.convolve(X[:, 0], [0.5, 0.3, 0.2])[:n_rows]
    y = 10 + effect + 0.05 * rng.normal(size=n_rows)
    est = LSTMForecaster(**TINY, autoregressive=True).fit(X, y)
    settled = est.predict(np.full((40, 1), 2.0))[5:]
    assert np.abs(settled - 12).max() < 0.12


@pytest.mark.parametrize("step", [1, 5, 11])
def test_rows_after_a_step_change_nothing_before_it_bit_for_bit(fitted, data, step):
    ahead = data[1][N_ROWS:]
    before = fitted.predict(X=ahead)
    changed = ahead.copy()
    changed.iloc[step:] += 5.0
    after = fitted.predict(X=changed)
    np.testing.assert_array_equal(after[:step], before[:step])
    assert (after[step:] != before[step:]).all()


def test_rows_in_sample_are_predicted_with_their_own_columns(fitted, data):
    y, _ = data
    inside = fitted.predict(fh=-np.arange(100))
    assert np.abs(inside - y.loc[inside.index]).mean() < 0.2


def test_intervals_lie_around_the_forecast_within_and_beyond_the_horizon(data):
    y, X = data
    forecaster = LSTMForecaster(**TINY, horizon=3).fit(y[:N_ROWS], X=X[:N_ROWS])
    fh = [1, 3, 4, 9]
    point = forecaster.predict(fh=fh, X=X[N_ROWS:])
    interval = forecaster.predict_interval(fh=fh, X=X[N_ROWS:], coverage=0.9)
    low, high = interval.to_numpy().T
    assert (low < point).all()
    assert (point < high).all()
    # They are those of what the columns leave.
    assert (high - low).max() < 2.5


def test_update_goes_on_with_the_same_effect(data):
    y, X = data
    forecaster = LSTMForecaster(**TINY).fit(y[:120], X=X[:120], fh=[1, 2])
    forecaster.update(y[120:N_ROWS], X=X[120:N_ROWS], update_params=False)
    forecast = forecaster.predict(fh=[1, 2], X=X[N_ROWS:])
    assert np.abs(forecast - y[forecast.index]).max() < 0.6


def test_series_of_a_panel_share_the_effect_in_units_of_their_own():
    frames, columns = {}, {}
    for seed, scale in enumerate((1.0, 100.0)):
        y, X = make_data(seed)
        frames[f"s{seed}"], columns[f"s{seed}"] = scale * y.to_frame(), X
    y, X = (pd.concat(part, names=["series", "time"]) for part in (frames, columns))
    seen = y.index.get_level_values("time") < N_ROWS
    forecaster = LSTMForecaster(**TINY).fit(y[seen], X=X[seen], fh=range(1, 13))
    forecast = forecaster.predict(X=X[~seen])
    errors = np.abs(forecast - y.loc[forecast.index])["y"]
    assert errors.loc["s0"].max() < 0.6
    assert errors.loc["s1"].max() < 60


def test_several_targets_have_effects_of_their_own(data):
    y, X = data
    targets = pd.DataFrame({"y": y, "z": 3 * X["b"] - X["a"]})
    forecaster = LSTMForecaster(**TINY).fit(
        targets[:N_ROWS], X=X[:N_ROWS], fh=[1, 2, 3]
    )
    forecast = forecaster.predict(X=X[N_ROWS:])
    assert np.abs(forecast - targets.loc[forecast.index]).to_numpy().max() < 0.6


def test_missing_columns_and_targets_are_no_obstacle(data):
    y, X = (part.copy() for part in data)
    y[20:24], X.iloc[50:55, 0] = np.nan, np.nan
    forecaster = LSTMForecaster(**TINY).fit(y[:N_ROWS], X=X[:N_ROWS], fh=[1, 2])
    forecast = forecaster.predict(X=X[N_ROWS:])
    assert np.abs(forecast - y.loc[forecast.index]).max() < 0.6


def test_a_pretrained_effect_serves_another_series(data):
    y, X = data
    options = TINY | {"pretrain_mode": "frozen"}
    parts = {"a": (y[:120], X[:120]), "b": make_data(9, 120)}
    panel, columns = (
        pd.concat({k: pd.DataFrame(part[i]) for k, part in parts.items()})
        for i in (0, 1)
    )
    forecaster = LSTMForecaster(**options).pretrain(panel, X=columns, fh=[1, 2])
    other, columns = make_data(5)
    forecaster.fit(50 + 10 * other[:40], X=columns[:40], fh=[1, 2])
    forecast = forecaster.predict(X=columns[40:42])
    assert np.abs(forecast - (50 + 10 * other[40:42])).max() < 6


def test_without_a_linear_map_columns_stay_in_the_window(data):
    y, X = data
    plain = LSTMForecaster(**TINY, linear_skip=False).fit(y[:60], X=X[:60], fh=[1, 2])
    assert plain.components_["transfer"] == 0
    assert plain._fitted.model.spec.n_channels == 3


# Around the network ---------------------------------------------------------------


def test_a_stationary_series_returns_to_its_level():
    rng = np.random.default_rng(3)
    y = np.zeros(300)
    for t in range(1, 300):
        y[t] = 0.8 * y[t - 1] + rng.standard_normal()
    y[-1] += 3.0
    forecast = LSTMForecaster(**TINY).fit(pd.Series(5 + y), fh=range(1, 25)).predict()
    away = np.abs(forecast - (5 + y.mean()))
    assert away.iloc[-1] < 0.5 * away.iloc[0]


def test_a_random_walk_stays_where_it_is():
    y = pd.Series(np.random.default_rng(1).standard_normal(300).cumsum() + 50)
    forecast = LSTMForecaster(**TINY).fit(y, fh=range(1, 25)).predict()
    assert abs(forecast.iloc[-1] - y.iloc[-1]) < 5.0


def test_a_growing_series_goes_on_growing_over_a_long_horizon():
    y = load_airline()[:72]
    options = {"units": 2, "epochs": 1, "random_state": 0}
    forecast = LSTMForecaster(**options).fit(y, fh=range(1, 73)).predict()
    yearly = forecast.groupby(forecast.index.year).mean()
    assert (np.diff(yearly) > 0).all()
    assert yearly.iloc[-1] > 1.4 * y[-12:].mean()


def test_a_swing_is_no_trend_over_a_long_horizon():
    y = pd.Series(np.sin(np.arange(120) / 19.0))
    forecast = LSTMForecaster(**TINY).fit(y, fh=range(1, 61)).predict()
    assert forecast.abs().max() < 2.0


def test_a_series_whose_spread_grows_with_its_level_is_forecast_by_its_logarithm():
    forecaster = LSTMForecaster(units=2, epochs=1, random_state=0)
    assert forecaster.fit(load_airline(), fh=range(1, 13)).y_transform_ == "log"
    steady = pd.Series(100 + np.random.default_rng(0).standard_normal(150))
    assert forecaster.fit(steady, fh=[1]).y_transform_ is None
    negative = load_airline() - 300
    assert forecaster.fit(negative, fh=[1]).y_transform_ is None
    asked = forecaster.set_params(y_transform="sqrt").fit(load_airline(), fh=[1])
    assert asked.y_transform_ == "sqrt"
    with pytest.raises(ValueError, match="needs nonnegative targets"):
        asked.fit(negative, fh=[1])


def test_components_are_those_of_the_forecast():
    y = load_airline()
    forecaster = LSTMForecaster(**TINY | {"window_length": 24}).fit(y, fh=range(1, 13))
    shares = forecaster.components_
    assert set(shares) == {"transfer", "linear", "recurrent", "theta"}
    assert (shares["theta"] > 0) == (forecaster.theta_share_ > 0)
    plain = LSTMForecaster(
        **TINY | {"window_scaling": None, "linear_skip": False, "y_transform": None}
    ).fit(y, fh=[1])
    assert plain.components_["recurrent"] == 1
    with pytest.raises(AttributeError, match="before fit"):
        LSTMForecaster().components_  # noqa: B018
