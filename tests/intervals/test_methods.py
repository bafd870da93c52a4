"""The parameter `intervals`: a trained head that says how far errors reach."""

import numpy as np
import pandas as pd
import pytest
from sktime.datasets import load_airline

from skl_lstm import GRUForecaster, LSTMForecaster, load_model, save_model
from skl_lstm._intervals import quantile_head
from skl_lstm._intervals.quantile_head import (
    LEVELS,
    PENALTY,
    SCORES,
    Inputs,
    _loss_and_slopes,
    _pinball,
    _start_head,
    _train_head,
)
from skl_lstm._intervals.reach import Shape

TINY = {
    "units": 3,
    "epochs": 2,
    "window_length": 12,
    "horizon": 6,
    "dropout": 0.2,
    # Else the network is dropped for the linear map, in which nothing is.
    "early_stopping": True,
    "random_state": 0,
}
NEW = ["quantile"]
FH = [-3, 0, 1, 6, 7, 15]
ALPHAS = [0.001, 0.01, 0.05, 0.2, 0.4, 0.5, 0.6, 0.8, 0.95, 0.99, 0.999]
each_way = pytest.mark.parametrize("intervals", NEW)


# A head reads windows, whatever the cell.
@pytest.fixture(
    scope="module",
    params=[
        pytest.param((cls, way), id=f"{cls.__name__}-{way}", marks=marks)
        for cls, marks in [(LSTMForecaster, []), (GRUForecaster, pytest.mark.slow)]
        for way in NEW
    ],
)
def forecaster(request):
    cls, intervals = request.param
    return cls(**TINY, intervals=intervals).fit(make_restless(600)[0])


def make_restless(n_rows, seed=0):
    """Draw a season whose noise is quiet and wild in turns of 12 rows."""
    rng, rows = np.random.default_rng(seed), np.arange(n_rows)
    is_wild = (rows // 12) % 2 == 1
    noise = np.where(is_wild, 1.5, 0.2) * rng.standard_normal(n_rows)
    return pd.Series(np.sin(2 * np.pi * rows / 24) + noise), is_wild


# Shapes --------------------------------------------------------------------------


def test_scores_and_errors_are_inverse():
    rng = np.random.default_rng(0)
    errors = rng.standard_normal((50, 3, 2))
    shape = Shape(*rng.uniform(0.1, 2, size=(2, 50, 3, 2)))
    np.testing.assert_allclose(shape.error(shape.score(errors)), errors)
    rising = shape.with_levels().error(np.linspace(-3, 3, 7))
    assert (np.diff(rising, axis=-1) > 0).all()


def test_slopes_of_the_head_are_those_of_its_loss():
    rng = np.random.default_rng(0)
    batch = Inputs(rng.standard_normal((8, 3)), rng.standard_normal((8, 2, 2)))
    errors = rng.standard_normal((8, 2, 1))
    errors[3, 1] = np.nan
    values = [0.3 * rng.standard_normal(s) for s in ((3, 4), (2, 2), (2, 1, 2))]

    def loss(values):
        kernel, own_step, bias = values
        found = (batch.window @ kernel).reshape(8, 2, 1, 2) + bias
        reaches = np.exp(found + (batch.future @ own_step).reshape(8, 2, 1, 2))
        quantiles = SCORES * np.where(SCORES < 0, reaches[..., :1], reaches[..., 1:])
        off = errors[..., None] - quantiles
        pinball = np.where(off < 0, (LEVELS - 1) * off, LEVELS * off)
        penalty = PENALTY / 2 * ((kernel**2).sum() / 2 + (own_step**2).sum())
        counted = pinball.mean(axis=-1) * weights[..., None]
        return np.nansum(counted) / errors.size + penalty

    weights = rng.uniform(0.5, 2.0, size=errors.shape[:2])
    total, slopes = _loss_and_slopes(values, batch, errors, weights)
    assert total == pytest.approx(loss(values))
    for i, slope in enumerate(slopes):
        for place in np.ndindex(slope.shape):
            moved = [[v.copy() for v in values] for _ in range(2)]
            moved[0][i][place] += 1e-6
            moved[1][i][place] -= 1e-6
            expected = (loss(moved[0]) - loss(moved[1])) / 2e-6
            assert slope[place] == pytest.approx(expected, abs=1e-6)


def test_a_missing_target_moves_nothing():
    shape = Shape(np.ones((4, 2, 1)), np.ones((4, 2, 1)))
    losses, slopes = _pinball(shape, np.full((4, 2, 1), np.nan))
    assert (losses == 0).all()
    assert (slopes == 0).all()


def test_many_windows_are_measured_as_few_at_a_time(monkeypatch):
    rng = np.random.default_rng(0)
    values = [0.3 * rng.standard_normal(s) for s in ((3, 4), (2, 2), (2, 1, 2))]
    batch = Inputs(rng.standard_normal((8, 3)), rng.standard_normal((8, 2, 2)))
    errors = rng.standard_normal((8, 2, 1))
    weights = rng.uniform(0.5, 2.0, size=errors.shape[:2])
    loss, slopes = _loss_and_slopes(values, batch, errors, weights)
    monkeypatch.setattr(quantile_head, "CHUNK_FLOATS", 3 * 2 * len(LEVELS))
    again, slopes_again = _loss_and_slopes(values, batch, errors, weights)
    assert again == pytest.approx(loss)
    for one, other in zip(slopes, slopes_again, strict=True):
        np.testing.assert_allclose(one, other)


def test_the_head_converges_where_volatility_wanders():
    rng, n_rows, n_lags, n_trained = np.random.default_rng(0), 1_500, 48, 1_000
    log_volatility = np.zeros(n_rows)
    for i in range(1, n_rows):
        log_volatility[i] = 0.95 * log_volatility[i - 1] + 0.5 * rng.standard_normal()
    y = np.exp(log_volatility) * rng.standard_normal(n_rows)
    window = np.lib.stride_tricks.sliding_window_view(np.log(abs(y)), n_lags)[:-1]
    inputs = Inputs(window, np.zeros((len(window), 1, 0)))
    errors = y[n_lags:, None, None]
    known = Inputs(*(part[:n_trained] for part in inputs))
    ahead = Inputs(*(part[n_trained:] for part in inputs))
    plain = _start_head([], known, errors[:n_trained])
    head = _train_head(
        plain, known, errors[:n_trained], np.ones(errors[:n_trained].shape[:2])
    )
    # The penalized optimum is 0.442 in all; 600 steps of Adam came down to 0.527.
    assert head.losses(known, errors[:n_trained]).mean() < 0.45
    held_out = [h.losses(ahead, errors[n_trained:]).mean() for h in (head, plain)]
    assert held_out[0] < 0.8 * held_out[1]


# Both ways -----------------------------------------------------------------------


@each_way
def test_the_point_forecast_does_not_depend_on_intervals(intervals):
    y = load_airline()
    point = LSTMForecaster(**TINY).fit(y).predict(fh=FH)
    other = LSTMForecaster(**TINY, intervals=intervals).fit(y)
    other.predict_interval(fh=FH)
    pd.testing.assert_series_equal(other.predict(fh=FH), point, check_exact=True)


def test_intervals_are_not_those_of_the_default(forecaster):
    plain = type(forecaster)(**TINY).fit(make_restless(600)[0])
    one, other = (f.predict_interval(fh=FH).to_numpy() for f in (plain, forecaster))
    assert not np.isclose(one, other, rtol=1e-5).all(axis=1).any()


def test_quantiles_never_cross_and_stay_when_asked_for_alone(forecaster):
    quantiles = forecaster.predict_quantiles(fh=FH, alpha=ALPHAS).to_numpy()
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    for i in (0, 3, 10):
        alone = forecaster.predict_quantiles(fh=FH, alpha=ALPHAS[i]).to_numpy()
        np.testing.assert_allclose(alone[:, 0], quantiles[:, i])


def test_steps_have_the_same_quantiles_in_any_horizon(forecaster):
    all_steps = forecaster.predict_interval(fh=[1, 2, 3, 4, 5, 6])
    some = forecaster.predict_interval(fh=[2, 5])
    pd.testing.assert_frame_equal(some, all_steps.iloc[[1, 4]])


def test_variance_and_distribution_follow_the_parameter(forecaster):
    variance = forecaster.predict_var(fh=FH)
    assert (variance > 0).all(axis=None)
    distribution = forecaster.predict_proba(fh=FH)
    np.testing.assert_allclose(distribution.var(), variance, rtol=1e-6)
    plain = type(forecaster)(**TINY).fit(make_restless(600)[0]).predict_var(fh=FH)
    assert not np.allclose(variance, plain, rtol=1e-4)


@each_way
def test_simulated_intervals_widen(intervals):
    walk = make_restless(600)[0].cumsum()
    forecaster = LSTMForecaster(**TINY, intervals=intervals).fit(walk)
    quantiles = forecaster.predict_interval(fh=range(1, 61), coverage=0.8)
    widths = np.diff(quantiles.to_numpy(), axis=1).ravel().reshape(10, 6).mean(axis=1)
    assert widths[9] > widths[4] > widths[0]


@each_way
def test_intervals_move_and_stretch_with_the_series(intervals):
    y, _ = make_restless(200)
    options = TINY | {"intervals": intervals}
    one = LSTMForecaster(**options).fit(y)
    other = LSTMForecaster(**options).fit(50 * y + 1_000)
    for fh in ([-5, 1, 2, 3], [9]):
        expected = 50 * one.predict_interval(fh=fh) + 1_000
        found = other.predict_interval(fh=fh)
        np.testing.assert_allclose(found, expected, rtol=2e-3)


@each_way
@pytest.mark.parametrize("n_estimators", [1, 3])
def test_missing_values_and_columns_are_simulated(intervals, n_estimators):
    rng = np.random.default_rng(0)
    y, is_wild = make_restless(120)
    y[[3, 40, 41, 42, 119]] = np.nan
    X = pd.DataFrame({"wild": is_wild * 1.0, "noise": rng.standard_normal(120)})
    options = TINY | {"intervals": intervals, "n_estimators": n_estimators}
    forecaster = LSTMForecaster(**options, X_treatment={"noise": "shifted"})
    forecaster.fit(y=y[:105], X=X[:105], fh=[1, 2, 3])
    found = forecaster.predict_interval(fh=range(1, 16), X=X[105:])
    assert np.isfinite(found).all(axis=None)
    assert (found.to_numpy()[:, 0] < found.to_numpy()[:, 1]).all()


@each_way
def test_a_panel_has_intervals_as_long_as_its_horizon_and_longer(intervals):
    parts = {i: (10.0**i * make_restless(60, i)[0]).to_frame("y") for i in range(20)}
    panel = pd.concat(parts, names=["series", "time"])
    options = TINY | {"intervals": intervals}
    found = LSTMForecaster(**options).fit(panel).predict_interval(fh=[1, 6, 9])
    assert np.isfinite(found).all(axis=None)
    widths = np.diff(found.to_numpy(), axis=1).ravel().reshape(20, 3)
    assert np.corrcoef(np.log(widths[:, 2]), np.arange(20))[0, 1] > 0.99


@each_way
@pytest.mark.parametrize("autoregressive", [False, True])
def test_predict_returns_a_standard_deviation_of_each_row(intervals, autoregressive):
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(300, 1))
    y = 2 * X[:, 0] + (0.05 + X[:, 0]) * rng.standard_normal(300)
    options = TINY | {"intervals": intervals, "autoregressive": autoregressive}
    estimator = LSTMForecaster(**options).fit(X[:290], y[:290])
    mean, std = estimator.predict(X[290:], return_std=True)
    np.testing.assert_array_equal(mean, estimator.predict(X[290:]))
    assert std.shape == (10,)
    assert (std > 0).all()
    assert std.std() > 0


@each_way
@pytest.mark.parametrize("asked_before", [False, True])
def test_a_file_keeps_the_intervals(intervals, asked_before, tmp_path):
    forecaster = LSTMForecaster(**TINY, intervals=intervals).fit(load_airline())
    if asked_before:
        forecaster.predict_interval(fh=[1])
    save_model(forecaster, tmp_path / "one.model")
    again = load_model(tmp_path / "one.model")
    assert again.intervals == intervals
    for fh in ([-1, 1, 2], [9]):
        pd.testing.assert_frame_equal(
            again.predict_interval(fh=fh), forecaster.predict_interval(fh=fh)
        )


@each_way
def test_intervals_follow_an_update_and_pretraining(intervals):
    y = load_airline()
    panel = pd.concat({"a": y[:100], "b": 2 * y[:90]}, names=["series", "time"])
    panel = panel.to_frame("y")
    options = TINY | {"intervals": intervals}
    pretrained = LSTMForecaster(**options).pretrain(panel, fh=[1, 2, 3])
    fitted = pretrained.clone().set_params(pretrain_mode="frozen").fit(y[:40])
    assert np.isfinite(fitted.predict_interval(fh=[1, 9])).all(axis=None)
    fitted.update(y[40:60])
    assert np.isfinite(fitted.predict_interval(fh=[1, 9])).all(axis=None)


def test_other_intervals_than_pretrained_ones_are_refused():
    y = load_airline()
    panel = pd.concat({"a": y, "b": 2 * y}, names=["series", "time"]).to_frame("y")
    pretrained = LSTMForecaster(**TINY).pretrain(panel, fh=[1, 2])
    other = pretrained.clone().set_params(intervals="quantile")
    with pytest.raises(ValueError, match=r"as in pretrain.*Got 'quantile' instead"):
        other.fit(y)
    assert not other.is_fitted


@each_way
def test_without_held_out_windows_the_latest_training_ones_stand_in(intervals):
    options = TINY | {"intervals": intervals, "early_stopping": False}
    forecaster = LSTMForecaster(**options).fit(load_airline())
    assert np.isfinite(forecaster.predict_interval(fh=[1, 6])).all(axis=None)
    assert not forecaster._fitted.model.calibration.residuals.held_out


# Each way ------------------------------------------------------------------------


def interval_score(truth, interval, coverage):
    """Score intervals: their width, and what lies outside, by Gneiting & Raftery."""
    lower, upper = interval.to_numpy().T
    outside = np.maximum(lower - truth, 0) + np.maximum(truth - upper, 0)
    return (upper - lower + 2 / (1 - coverage) * outside).mean()


def test_the_head_knows_where_a_series_is_wild():
    y, is_wild = make_restless(1_800)
    options = TINY | {"window_length": 24, "horizon": 1, "units": 8, "dropout": 0.0}
    scores, gaps, fh = {}, {}, np.arange(-499, 1)
    for intervals in ("conformal", "quantile"):
        forecaster = LSTMForecaster(**options, intervals=intervals).fit(y[:1_300])
        forecaster.update(y[1_300:], update_params=False)
        interval = forecaster.predict_interval(fh=fh, coverage=0.8)
        truth, wild = y[1_300:].to_numpy(), is_wild[1_300:]
        inside = (interval.to_numpy().T[0] <= truth) & (
            truth <= interval.to_numpy().T[1]
        )
        assert inside.mean() == pytest.approx(0.8, abs=0.06)
        scores[intervals] = interval_score(truth, interval, 0.8)
        gaps[intervals] = abs(inside[wild].mean() - inside[~wild].mean())
    assert scores["quantile"] < 0.9 * scores["conformal"]
    assert gaps["quantile"] < 0.6 * gaps["conformal"]


def test_the_head_reads_the_own_row_of_each_step():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"wild": (rng.random(900) < 0.5) * 1.0})
    y = pd.Series(np.where(X["wild"] > 0, 2.0, 0.2) * rng.standard_normal(900))
    options = TINY | {"horizon": 3, "intervals": "quantile"}
    forecaster = LSTMForecaster(**options).fit(y=y[:890], X=X[:890], fh=[1, 2, 3])
    widths = {}
    for wild in (0.0, 1.0):
        ahead = pd.DataFrame({"wild": [0.0, wild, 0.0]}, index=[890, 891, 892])
        interval = forecaster.predict_interval(X=ahead, coverage=0.8)
        widths[wild] = np.diff(interval.to_numpy(), axis=1).ravel()
    assert widths[1.0][1] > 2 * widths[0.0][1]
    # A later row changes no earlier step, nor this one a later.
    np.testing.assert_allclose(widths[1.0][[0, 2]], widths[0.0][[0, 2]])
