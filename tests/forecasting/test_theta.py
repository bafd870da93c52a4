"""Theta, the memory beyond the window: its forecasts, its share, and where it joins."""

import numpy as np
import pandas as pd
import pytest
from sktime.datasets import load_airline

from skl_lstm import LSTMForecaster
from skl_lstm._engine.rows import Data
from skl_lstm._forecasting.theta import Theta, forecast_theta, rows_remembered
from skl_lstm._windows.assembly import Assembly
from tests.estimator.sktime_cases import first_class

TINY = {"units": 2, "epochs": 1, "window_length": 4, "random_state": 0}
# Theta is compared with its formula, in the units of the series.
TINY |= {"y_transform": None}
MONTHS = pd.period_range("2000-01", periods=240, freq="M")


def lay_out(*series, zeros=0.0):
    """Put single columns one below the other, as the engine reads them."""
    y = np.concatenate([np.asarray(one, "float32") for one in series])[:, None]
    ends = np.cumsum([len(one) for one in series])
    starts = np.array([0, *ends[:-1]])
    every = np.full((len(series), 1), zeros)
    return Assembly(Data(y, np.empty((len(y), 0))), starts, every), ends


def theta(past, n_steps, sp, smoothing=0.2, zero=np.nan):
    """Forecast one series, by the one way that matters."""
    assembly, ends = lay_out(past, zeros=zero)
    # The row to forecast need not be there.
    return forecast_theta(assembly, ends, n_steps, sp, [smoothing])[0, 0, :, 0]


def theta_by_hand(past, n_steps, sp, smoothing):
    """Do the same without zeros and gaps, one number after the other."""
    past = list(past[-rows_remembered(sp) :])
    whole = len(past) // sp
    first = len(past) - whole * sp
    means = [np.mean(past[first + k * sp :][:sp]) for k in range(whole)]

    def trend(t):
        place = (t - first - (sp - 1) / 2) / sp
        left = min(max(int(np.floor(place)), 0), whole - 2)
        return means[left] + (means[left + 1] - means[left]) * (place - left)

    left = {p: [] for p in range(sp)}
    for t in range(first, len(past)):
        left[(t - first) % sp].append(past[t] - trend(t))
    index = np.array([np.mean(left[p]) for p in range(sp)])
    index -= index.mean()
    scatter = sum((v - index[p]) ** 2 for p in left for v in left[p])
    noise = scatter / (whole * sp - sp) / whole
    index *= max(0, 1 - noise / (np.sum(index**2) / (sp - 1)))
    level = [v - index[(t - first) % sp] for t, v in enumerate(past)]
    weights = np.array(
        [(1 - smoothing) ** (len(past) - 1 - t) for t in range(len(past))]
    )
    weights /= weights.sum()
    age = sum(w * (len(past) - 1 - t) for t, w in enumerate(weights))
    slope = np.polyfit(range(len(past)), level, 1)[0] / 2
    return [
        weights @ level + slope * (h + 1 + age) + index[h % sp] for h in range(n_steps)
    ]


# Its forecasts -----------------------------------------------------------------


@pytest.mark.parametrize(("n_rows", "sp"), [(48, 12), (60, 7), (70, 4), (500, 4)])
def test_it_is_the_theta_method_with_shrunken_indices(n_rows, sp):
    rng = np.random.default_rng(n_rows)
    season = np.sin(2 * np.pi * np.arange(n_rows) / sp)
    past = season + 0.05 * np.arange(n_rows) + rng.normal(size=n_rows)
    # A season that is not whole at the begin is by far not half known here.
    past = past[n_rows % sp :]
    found = theta(past, 2 * sp + 1, sp, 0.3)
    np.testing.assert_allclose(
        found, theta_by_hand(past, 2 * sp + 1, sp, 0.3), rtol=1e-5
    )


def test_seasons_of_a_positive_series_are_proportional_to_its_level():
    ratios = np.array([0.5, 0.8, 1.2, 1.5])
    past = np.tile(ratios, 10) * np.repeat(np.linspace(50, 100, 10), 4)
    found = theta(past, 4, 4, smoothing=0.5, zero=0.0)
    additive = theta(past, 4, 4, smoothing=0.5)
    np.testing.assert_allclose(found / found.mean(), ratios, rtol=0.1)
    assert np.ptp(additive / additive.mean()) < 0.7 * np.ptp(ratios)
    # A scaler's zero is elsewhere, and means the same.
    scaled = (past - 7) / 3
    np.testing.assert_allclose(
        theta(scaled, 4, 4, 0.5, zero=-7 / 3) * 3 + 7, found, rtol=1e-5
    )


def test_a_forecast_does_not_depend_on_the_series_beside_it():
    rng = np.random.default_rng(4)
    whole, cut = (10 + np.sin(np.arange(n)) + rng.normal(size=n) for n in (48, 41))
    # The row to forecast belongs to its series.
    assembly, ends = lay_out(np.append(whole, np.nan), cut)
    origins = ends - [1, 0]
    together = forecast_theta(assembly, origins, 5, 12, [0.2])[0, :, :, 0]
    np.testing.assert_allclose(together[0], theta(whole, 5, 12, zero=0.0), rtol=1e-12)
    np.testing.assert_allclose(together[1], theta(cut, 5, 12, zero=0.0), rtol=1e-12)


def test_indices_of_noise_are_next_to_nothing():
    noise = np.random.default_rng(0).normal(size=(40, 120))
    spreads = [np.ptp(theta(past, 12, 12, 0.1)) for past in noise]
    raw = [np.ptp(past.reshape(10, 12).mean(axis=0)) for past in noise]
    assert np.mean(spreads) < 0.25 * np.mean(raw)


def test_a_constant_is_forecast_as_itself():
    for zero in (0.0, np.nan):
        np.testing.assert_allclose(theta(np.full(50, 3.0), 9, 4, zero=zero), 3.0)
        np.testing.assert_allclose(theta(np.full(50, 0.0), 9, 4, zero=zero), 0.0)


def test_gaps_and_short_pasts_are_forecast_from_what_is_known():
    past = np.tile([1.0, 2.0, 3.0, 10.0], 12)
    gappy = past.copy()
    gappy[[0, 5, 17, 18, 47]] = np.nan
    np.testing.assert_allclose(theta(gappy, 4, 4), past[:4], rtol=0.01)
    for n_rows in range(1, 9):
        assert np.isfinite(theta(past[:n_rows], 6, 4)).all()
    assert np.isnan(theta(np.full(9, np.nan), 2, 4)).all()


def test_a_line_is_not_drawn_further_than_it_was_seen():
    past = np.arange(40.0)
    far = theta(past, 400, 4)
    assert (np.diff(far[:39]) > 0.2).all()
    np.testing.assert_allclose(far[40:], far[40], rtol=1e-5)
    # Nothing positive falls below zero.
    assert (theta(past[::-1] + 0.1, 400, 4, zero=0.0) >= 0).all()
    assert (theta(past[::-1] + 0.1, 30, 4) < 0).any()


def test_series_that_lie_together_do_not_see_each_other():
    rng = np.random.default_rng(1)
    series = [rng.normal(5, 1, size=n) for n in (30, 3, 200, 90)]
    assembly, ends = lay_out(*series)
    # Each is forecast at the row of its last value, of which it knows nothing.
    together = forecast_theta(assembly, ends - 1, 8, 6, [0.1, 0.2])
    for i, one in enumerate(series):
        alone = [theta(one[:-1], 8, 6, s, zero=0.0) for s in (0.1, 0.2)]
        np.testing.assert_array_equal(together[:, i, :, 0], alone)


def test_it_remembers_ten_years_of_months_and_a_year_of_days():
    found = [rows_remembered(sp) for sp in (1, 4, 7, 12, 24, 52)]
    assert found == [52, 208, 364, 120, 240, 520]
    past = np.random.default_rng(2).normal(size=600)
    changed = past.copy()
    changed[: 600 - rows_remembered(7)] += 100
    np.testing.assert_array_equal(theta(past, 7, 7), theta(changed, 7, 7))
    changed[600 - rows_remembered(7)] += 100
    assert np.abs(theta(past, 7, 7) - theta(changed, 7, 7)).max() > 0


# Its share -----------------------------------------------------------------------


def noisy_seasons(n_series=12, n_rows=96, seed=0):
    """Return a panel whose months say more in eight years than in two."""
    rng = np.random.default_rng(seed)
    frames = {}
    for i in range(n_series):
        months = np.tile(rng.normal(0, 1, size=12), n_rows // 12)
        y = 50 + months + rng.normal(0, 2, size=n_rows)
        frames[i] = pd.DataFrame({"y": y}, index=MONTHS[:n_rows])
    return pd.concat(frames, names=["series", "time"])


def last_year(panel):
    times = panel.index.get_level_values("time")
    is_last = times > times.unique()[-13]
    return panel[~is_last], panel[is_last]


def test_it_joins_where_a_window_is_too_short_and_makes_forecasts_better():
    train, test = last_year(noisy_seasons())
    options = {"units": 4, "epochs": 2, "random_state": 0}
    both = LSTMForecaster(**options).fit(train, fh=range(1, 13))
    alone = LSTMForecaster(**options, theta_share=0).fit(train, fh=range(1, 13))
    assert both.theta_share_ == 0.5
    assert alone.theta_share_ == 0
    errors = [float(np.abs(f.predict() - test).mean().iloc[0]) for f in (both, alone)]
    assert errors[0] < 0.97 * errors[1]


@pytest.mark.parametrize("seed", range(3))
def test_a_random_walk_is_left_to_the_network(seed):
    walk = np.cumsum(np.random.default_rng(seed).normal(size=600))
    days = pd.period_range("2020-01-01", periods=600, freq="D")
    y = pd.Series(walk, index=days)
    assert LSTMForecaster(**TINY).fit(y, fh=[1, 2, 3]).theta_share_ == 0


@pytest.mark.parametrize("n_steps", [1, 20])
def test_returns_are_left_to_the_network(n_steps):
    # Summed up to prices, the noise of a level would grow with every step.
    returns = np.random.default_rng(0).standard_t(4, size=1_500)
    days = pd.period_range("2020-01-01", periods=1_500, freq="D")
    y = pd.Series(returns, index=days)
    forecaster = LSTMForecaster(**TINY).fit(y, fh=range(1, n_steps + 1))
    assert forecaster.theta_share_ == 0


def test_without_a_season_there_is_none_unless_asked_for():
    y = load_airline().reset_index(drop=True).astype(float)
    assert LSTMForecaster(**TINY).fit(y, fh=[1]).theta_share_ == 0
    assert LSTMForecaster(**TINY, theta_share=0.4).fit(y, fh=[1]).theta_share_ == 0.4
    assert LSTMForecaster(**TINY, sp=12).fit(y, fh=range(1, 13)).theta_share_ > 0


def test_where_nothing_is_held_out_it_is_one_half_of_the_usual_smoothing():
    options = {"early_stopping": False} | TINY
    forecaster = LSTMForecaster(**options).fit(load_airline(), fh=range(1, 13))
    assert forecaster._fitted.model.theta == Theta(12, (0.2,), 0.5)


def test_the_network_of_the_textbooks_stays_alone():
    plain = {"linear_skip": False, "window_scaling": None}
    y, fh = load_airline(), range(1, 13)
    assert LSTMForecaster(**TINY, **plain).fit(y, fh=fh).theta_share_ == 0
    mixed = LSTMForecaster(**TINY, **plain, theta_share=0.2).fit(y, fh=fh)
    assert mixed.theta_share_ == 0.2


def test_rows_without_the_past_of_the_target_have_none():
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = pd.Series(X[:, 0] + X[:, 1], index=MONTHS[:60])
    frame = pd.DataFrame(X, index=MONTHS[:60])
    assert LSTMForecaster(**TINY, theta_share=0.5).fit(frame, y).theta_share_ == 0


def test_beside_X_it_forecasts_what_the_columns_leave():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=132)}, index=MONTHS[:132])
    season = np.tile(4 * rng.normal(size=12), 11)
    y = pd.Series(5 * X["x"] + season, index=MONTHS[:132])
    options = {"units": 4, "epochs": 20, "random_state": 0, "window_length": 12}
    forecaster = LSTMForecaster(**options).fit(y[:120], X=X[:120], fh=range(1, 13))
    assert forecaster.theta_share_ > 0
    errors = forecaster.predict(X=X[120:]) - y[120:]
    assert np.abs(errors).mean() < 0.1 * y.std()


def test_beside_columns_of_the_window_it_joins_only_where_the_data_ask_for_it():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=120)}, index=MONTHS[:120])
    y = pd.Series(5 * X["x"] + np.tile(4 * rng.normal(size=12), 10), index=MONTHS[:120])
    options = {"units": 4, "epochs": 20, "random_state": 0, "window_length": 12}
    options |= {"X_treatment": "shifted"}
    y = y.shift(1).bfill()
    with_X = LSTMForecaster(**options).fit(y, X=X, fh=range(1, 13))
    assert with_X.theta_share_ == 0
    assert LSTMForecaster(**options).fit(y, fh=range(1, 13)).theta_share_ > 0
    untested = LSTMForecaster(**options, early_stopping=False)
    assert untested.fit(y, X=X, fh=range(1, 13)).theta_share_ == 0


# Where it joins --------------------------------------------------------------------


def fit_three(y, X=None, cls=LSTMForecaster, **options):
    """Fit with a share of 0.3, without Theta, and Theta alone."""
    return [
        cls(**(TINY | options), theta_share=share).fit(y, X=X, fh=[1, 2, 3])
        for share in (0.3, 0.0, 1.0)
    ]


def assert_mixed(mixed, network, theta, **kwargs):
    pd.testing.assert_frame_equal(
        pd.DataFrame(mixed),
        pd.DataFrame(0.7 * network + 0.3 * theta),
        rtol=1e-5,
        **kwargs,
    )


@first_class
def test_forecasts_are_mixed_at_every_step(cls):
    y = load_airline()
    # Rows seen one step ahead, the horizon, and blocks beyond it.
    fh = [-143, -142, -20, 0, 1, 2, 3, 4, 10, 40]
    each = [f.predict(fh=fh) for f in fit_three(y, cls=cls)]
    assert_mixed(*each)
    assert np.abs(each[0] - each[1]).max() > 1


def test_forecasts_of_panels_with_X_gaps_and_two_targets_are_mixed():
    rng = np.random.default_rng(0)
    frames, exogenous = {}, {}
    for i, n in enumerate((80, 50, 30)):
        values = rng.normal(size=(n, 2)) + np.tile(np.arange(4), 20)[:n, None]
        values[rng.integers(5, n - 5, size=6), 0] = np.nan
        frames[i] = pd.DataFrame(values, index=MONTHS[80 - n : 80], columns=["a", "b"])
        exogenous[i] = pd.DataFrame({"x": rng.normal(size=n + 5)}, MONTHS[80 - n : 85])
    y, X = pd.concat(frames), pd.concat(exogenous)
    y.index.names = X.index.names = ["series", "time"]
    past = X[X.index.get_level_values("time").isin(MONTHS[:80])]
    fitted = fit_three(y, X=past, sp=4, horizon=3, n_estimators=2)
    each = [f.predict(fh=[-1, 0, 1, 2, 5], X=X) for f in fitted]
    assert_mixed(*each)


def test_autoregressive_rows_of_scikit_learn_are_mixed():
    y = load_airline()
    X = pd.DataFrame({"t": np.arange(len(y), dtype=float)}, index=y.index)
    each = []
    for share in (0.3, 0.0, 1.0):
        options = {"autoregressive": True, "theta_share": share, "sp": 12}
        regressor = LSTMForecaster(**TINY, **options).fit(X[:120], y[:120].to_numpy())
        each.append(
            np.concatenate([regressor.predict(X[120:]), regressor.predict(X[:120])])
        )
    np.testing.assert_allclose(each[0], 0.7 * each[1] + 0.3 * each[2], rtol=1e-5)


def test_theta_alone_is_what_the_rows_say():
    y = load_airline()
    forecaster = LSTMForecaster(**TINY, theta_share=1.0).fit(y, fh=range(1, 6))
    own = forecaster._fitted.model.theta.smoothings
    each = [theta(y.to_numpy(), 5, 12, smoothing, zero=0.0) for smoothing in own]
    expected = np.mean(each, axis=0)
    np.testing.assert_allclose(forecaster.predict(), expected, rtol=1e-4)


def test_a_logarithm_is_forecast_in_its_own_units():
    y = load_airline()
    options = {"theta_share": 1.0, "y_transform": "log"}
    forecaster = LSTMForecaster(**(TINY | options)).fit(y, fh=range(1, 6))
    own = forecaster._fitted.model.theta.smoothings
    logs = [theta(np.log(y.to_numpy()), 5, 12, smoothing) for smoothing in own]
    expected = np.exp(np.mean(logs, axis=0))
    np.testing.assert_allclose(forecaster.predict(), expected, rtol=1e-4)


@pytest.mark.parametrize("scaler", ["minmax", "robust", None])
def test_the_scaler_changes_nothing(scaler):
    y, options = load_airline(), {"theta_share": 1.0, "early_stopping": False}
    expected = LSTMForecaster(**TINY, **options).fit(y, fh=[1, 2, 9]).predict()
    other = LSTMForecaster(**TINY, **options, scaler=scaler).fit(y, fh=[1, 2, 9])
    np.testing.assert_allclose(other.predict(), expected, rtol=1e-4)


def test_predictions_up_to_the_cutoff_see_no_later_row():
    y = load_airline()
    changed = y.copy()
    changed.iloc[100:] *= 3
    fitted = LSTMForecaster(**TINY, theta_share=0.5).fit(y[:100], fh=[1, 2, 3])
    expected = fitted.predict(fh=range(-20, 1))
    fitted.update(changed[100:], update_params=False)
    seen = fitted.predict(fh=range(-64, -43))
    np.testing.assert_allclose(seen, expected, rtol=1e-6)


def test_new_rows_are_remembered():
    y = load_airline()
    mixed, network, alone = fit_three(y[:120])
    for forecaster in (mixed, network, alone):
        forecaster.update(y[120:], update_params=False)
    assert_mixed(*[f.predict() for f in (mixed, network, alone)])
    own = alone._fitted.model.theta.smoothings
    each = [theta(y.to_numpy(), 3, 12, smoothing, zero=0.0) for smoothing in own]
    expected = np.mean(each, axis=0)
    np.testing.assert_allclose(alone.predict(), expected, rtol=1e-4)


@pytest.mark.parametrize("intervals", ["conformal", "quantile"])
def test_intervals_lie_around_the_mixed_forecast(intervals):
    options = {"intervals": intervals, "theta_share": 0.5, "epochs": 3}
    y = load_airline()
    forecaster = LSTMForecaster(**(TINY | options)).fit(y, fh=[1, 2, 3])
    fh = [-5, 0, 1, 2, 3, 4, 9]
    center = forecaster.predict(fh=fh)
    table = forecaster.predict_interval(fh=fh, coverage=0.9)
    low, high = table.iloc[:, 0], table.iloc[:, 1]
    assert (low < center).all()
    assert (center < high).all()


def test_intervals_are_made_of_the_errors_of_the_mixed_forecast():
    # What Theta leaves is little: intervals must be narrower than the network's.
    season = np.tile(10 * np.random.default_rng(0).normal(size=12), 20)
    y = pd.Series(season + np.random.default_rng(1).normal(size=240), index=MONTHS)
    options = {"early_stopping": True, "linear_skip": False, "window_scaling": None}
    widths = []
    for share in (0.9, 0.0):
        forecaster = LSTMForecaster(**TINY, **options, theta_share=share)
        table = forecaster.fit(y, fh=range(1, 13)).predict_interval()
        widths.append(np.diff(table.to_numpy(), axis=1).mean())
    assert widths[0] < 0.5 * widths[1]


def test_intervals_beyond_the_horizon_move_with_the_mixed_forecast():
    season = np.tile(10 * np.random.default_rng(0).normal(size=12), 20)
    y = pd.Series(season + np.random.default_rng(1).normal(size=240), index=MONTHS)
    options = {"early_stopping": True, "linear_skip": False, "window_scaling": None}
    mixed = LSTMForecaster(**TINY, **options, theta_share=0.9, horizon=3)
    mixed.fit(y, fh=[1, 2, 3])
    # A network that knows no season would put the median of its paths elsewhere.
    far = np.arange(4, 28)
    away = mixed.predict_quantiles(fh=far, alpha=[0.5]).iloc[:, 0] - mixed.predict(far)
    assert np.abs(away).mean() < 0.2 * np.abs(season - season.mean()).mean()


def test_a_network_of_other_series_brings_its_theta_along():
    panel = noisy_seasons()
    options = {"units": 4, "epochs": 2, "window_length": 12, "random_state": 0}
    forecaster = LSTMForecaster(**options)
    forecaster.pretrain(panel, fh=range(1, 13))
    y = panel.loc[0]["y"]
    forecaster.fit(y, fh=range(1, 13))
    assert forecaster.theta_share_ == 0.5
    assert forecaster._fitted.model.theta == forecaster.pretrained_model_.theta


def test_the_keras_model_is_the_network_alone():
    y = load_airline()
    _, network, _ = fitted = fit_three(y)
    weights = [f.model_.get_weights() for f in fitted]
    for each in weights:
        for a, b in zip(each, weights[0], strict=True):
            np.testing.assert_array_equal(a, b)
    assert network.theta_share_ == 0
