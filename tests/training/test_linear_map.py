"""The linear map that training starts from, and what else is chosen by its errors."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm._engine import training
from skl_lstm._training import ensemble
from skl_lstm._training.linear_map import (
    WINDOWS_THAT_SUFFICE,
    _join,
    _least_squares,
    fit_linear_map,
    loss_of,
)
from skl_lstm._training.window_map import seasonal_kernels
from skl_lstm._training.window_scaling import choose_window_scaling
from skl_lstm._windows.origins import split_by_time
from tests import crossed

RNG = np.random.default_rng(0)


def cut(y, length, horizon=1):
    rows = np.arange(length, len(y) - horizon + 1)[:, None]
    return y[rows + np.arange(-length, 0)], y[rows + np.arange(horizon)]


def make_autoregression(n, coefficient=0.8, seed=0):
    rng, y = np.random.default_rng(seed), np.zeros(n)
    for t in range(1, n):
        y[t] = coefficient * y[t - 1] + rng.standard_normal()
    return y


def test_one_penalty_for_all_lags_is_ridge_regression():
    inputs, targets = RNG.standard_normal((50, 6)), RNG.standard_normal((50, 2))
    weights = RNG.uniform(0.5, 2.0, 50)
    found = _least_squares(inputs, targets, weights)(np.full(6, 0.3), np.zeros((6, 2)))
    ridge = Ridge(alpha=0.3 * weights.sum()).fit(inputs, targets, weights)
    np.testing.assert_allclose(found.kernel, ridge.coef_.T, atol=1e-10)
    np.testing.assert_allclose(found.bias, ridge.intercept_, atol=1e-10)


def test_ridge_regression_draws_the_kernel_to_its_goal():
    inputs, targets = RNG.standard_normal((50, 6)), RNG.standard_normal((50, 2))
    goal = RNG.standard_normal((6, 2))
    solution = _least_squares(inputs, targets, np.ones(50))
    penalties = RNG.uniform(0.1, 1.0, 6)
    drawn = solution(penalties, goal)
    rest = _least_squares(inputs, targets - inputs @ goal, np.ones(50))
    expected = rest(penalties, np.zeros((6, 2)))
    np.testing.assert_allclose(drawn.kernel, goal + expected.kernel, atol=1e-10)
    np.testing.assert_allclose(drawn.bias, expected.bias, atol=1e-10)
    np.testing.assert_allclose(solution(np.full(6, 1e9), goal).kernel, goal, atol=1e-6)


def test_an_autoregression_is_found_and_its_old_lags_are_not_trusted():
    inputs, targets = cut(make_autoregression(400), 20)
    found = fit_linear_map(inputs, targets, np.ones(len(inputs)), 20, 0)
    assert 0.3 < found.kernel[-1, 0] < 0.9
    assert np.abs(found.kernel[:-2]).max() < 0.1


def test_from_noise_nothing_is_learned():
    sizes = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        inputs, targets = rng.standard_normal((200, 12)), rng.standard_normal((200, 1))
        found = fit_linear_map(inputs, targets, np.ones(200), 12, 0)
        sizes.append(np.linalg.norm(found.kernel))
    # Within a standard error lie the true zeros in five of six cases.
    assert np.mean(np.less(sizes, 0.01)) >= 0.8


def test_an_absolute_loss_does_not_follow_outliers():
    inputs = RNG.standard_normal((300, 3))
    targets = 0.1 * RNG.standard_normal((300, 1))
    targets[::10] += 30.0
    squared, absolute = (
        fit_linear_map(inputs, targets, np.ones(300), 3, 0, absolute=a)
        for a in (False, True)
    )
    assert absolute.bias[0] < 0.6 < 2 < squared.bias[0]


def test_windows_of_no_weight_do_not_count():
    inputs, targets = RNG.standard_normal((200, 4)), RNG.standard_normal((200, 1))
    targets[:100] = inputs[:100, :1]
    targets[100:] = -inputs[100:, :1]
    weights = np.tile([1.0, 0.0], 100)
    targets[::2] = 2.0
    found = fit_linear_map(inputs, targets, weights, 4, 0)
    np.testing.assert_allclose(found.predict(inputs), 2.0, atol=1e-6)


# Simple seasonal forecasts ------------------------------------------------------------


def test_seasonal_kernels_repeat_the_last_season_and_the_mean_of_all():
    length, horizon, sp = 11, 7, 4
    windows = RNG.standard_normal((5, length, 3))
    last, mean = seasonal_kernels(length, 3, horizon, 2, sp)
    ahead = np.arange(horizon) % sp
    seasons = windows[:, length - 2 * sp :, :2].reshape(5, 2, sp, 2)
    flat = windows.reshape(5, -1)
    for kernel, expected in ((last, seasons[:, -1]), (mean, seasons.mean(axis=1))):
        found = (flat @ kernel).reshape(5, horizon, 2)
        np.testing.assert_allclose(found, expected[:, ahead])


@pytest.mark.parametrize(
    ("length", "sp", "expected"), [(11, 1, 0), (11, 12, 0), (11, 11, 1), (24, 12, 2)]
)
def test_a_window_without_a_season_has_no_seasonal_forecast(length, sp, expected):
    assert len(seasonal_kernels(length, 1, 3, 1, sp)) == expected


def make_seasonal(n, seed, sp=12):
    rng = np.random.default_rng(seed)
    pattern = rng.standard_normal(sp)
    return np.resize(pattern, n) + 0.7 * rng.standard_normal(n)


def center(inputs, targets):
    last = inputs[:, -1:]
    return inputs - last, targets - last


def test_a_short_seasonal_series_is_forecast_better_with_simple_forecasts():
    simple = seasonal_kernels(24, 1, 12, 1, 12)
    errors = {"ridge": [], "with simple": [], "last season": []}
    for seed in range(30):
        y = make_seasonal(84, seed)
        inputs, targets = center(*cut(y[:72], 24, 12))
        ways = {
            "ridge": fit_linear_map(inputs, targets, np.ones(len(inputs)), 24, 11),
            "with simple": fit_linear_map(
                inputs, targets, np.ones(len(inputs)), 24, 11, simple=simple
            ),
        }
        for way, found in ways.items():
            forecast = y[71] + found.predict(y[48:72] - y[71])
            errors[way].append(np.abs(forecast - y[72:]).mean())
        errors["last season"].append(np.abs(y[60:72] - y[72:]).mean())
    assert np.mean(errors["with simple"]) < 0.97 * np.mean(errors["ridge"])
    assert np.mean(errors["with simple"]) < 0.9 * np.mean(errors["last season"])


def test_a_random_walk_is_not_forecast_by_seasons():
    for seed in range(10):
        y = np.random.default_rng(seed).standard_normal(150).cumsum()
        inputs, targets = center(*cut(y, 10))
        arguments = inputs, targets, np.ones(len(inputs)), 10, 0
        plain = fit_linear_map(*arguments)
        found = fit_linear_map(*arguments, simple=seasonal_kernels(10, 1, 1, 1, 5))
        np.testing.assert_array_equal(found.kernel, plain.kernel)


def test_many_windows_need_no_simple_forecast():
    y = make_seasonal(WINDOWS_THAT_SUFFICE + 26, 0)
    inputs, targets = center(*cut(y, 24))
    arguments = inputs, targets, np.ones(len(inputs)), 24, 0
    found = fit_linear_map(*arguments, simple=seasonal_kernels(24, 1, 1, 1, 12))
    np.testing.assert_array_equal(found.kernel, fit_linear_map(*arguments).kernel)


def test_with_too_few_windows_for_ridge_the_best_simple_forecast_is_taken():
    simple = seasonal_kernels(24, 1, 12, 1, 12)
    inputs, targets = center(*cut(make_seasonal(40, 0), 24, 12))
    found = fit_linear_map(inputs, targets, np.ones(5), 24, 11, simple=simple)
    # Step by step, the last value being one of them.
    simple = [np.zeros((24, 12)), *simple]
    errors = [loss_of(inputs @ k - targets, absolute=False).sum(axis=0) for k in simple]
    best = np.argmin(errors, axis=0)
    expected = np.column_stack([simple[k][:, i] for i, k in enumerate(best)])
    np.testing.assert_array_equal(found.kernel, expected)
    assert not found.bias.any()
    assert len(set(best)) > 1


def test_a_simple_forecast_joins_for_the_steps_that_it_is_good_at():
    # A level that wanders, and a season: the next step is best told by the last one.
    rng, pattern = np.random.default_rng(0), RNG.standard_normal(12)
    y = np.resize(3 * pattern, 108) + rng.standard_normal(108).cumsum()
    inputs, targets = center(*cut(y, 24, 12))
    simple = [RNG.standard_normal((24, 12)), *seasonal_kernels(24, 1, 12, 1, 12)]
    joins, _ = _join(simple, inputs, targets, np.ones(len(inputs)), np.abs)
    assert not joins[0].any()
    assert joins[1:].any(axis=0).sum() >= 6
    found = fit_linear_map(inputs, targets, np.ones(len(inputs)), 24, 11, simple=simple)
    without = fit_linear_map(
        inputs, targets, np.ones(len(inputs)), 24, 11, simple=simple[1:]
    )
    np.testing.assert_allclose(found.kernel, without.kernel)


@crossed(
    2,
    slow=[GRUForecaster],
    cls=[LSTMForecaster, GRUForecaster],
    years=[(3, 1.02), (5, 0.98)],
)
def test_a_few_years_of_months_are_forecast_as_well_as_by_the_last(cls, years):
    n_years, share = years
    n, ours, last_year = 12 * n_years, [], []
    for seed in range(4):
        index = pd.period_range("2000-01", periods=n + 12, freq="M")
        y = pd.Series(10 * make_seasonal(n + 12, seed), index)
        forecaster = cls(units=2, random_state=0).fit(y[:n], fh=range(1, 13))
        ours.append((forecaster.predict() - y[n:]).abs().mean())
        last_year.append(np.abs(y[n - 12 : n].to_numpy() - y[n:].to_numpy()).mean())
    assert np.mean(ours) < share * np.mean(last_year)


def test_a_network_that_nothing_tests_is_trained_gently():
    y = pd.Series(make_seasonal(36, 0))
    small = LSTMForecaster(units=2, window_length=12, horizon=3, random_state=0)
    assert len(small.fit(y, fh=[1]).history_["loss"]) == 5
    asked = small.set_params(epochs=3).fit(y, fh=[1])
    assert len(asked.history_["loss"]) == 3
    # Without a linear map there is no good start to stay near.
    small.set_params(epochs="auto", linear_skip=False)
    assert len(small.fit(y, fh=[1]).history_["loss"]) > 900
    assert "val_loss" not in asked.history_


@pytest.mark.parametrize("n", [3, 8])
def test_too_few_windows_have_no_map(n):
    inputs, targets = RNG.standard_normal((n, 4)), RNG.standard_normal((n, 1))
    assert fit_linear_map(inputs, targets, np.ones(n), 4, n) is None


def choose(y, horizon=1, length=24):
    y = np.asarray(y, float).reshape(len(y), -1)
    split = split_by_time(np.arange(length, len(y) - horizon + 1), 0.2, horizon)
    return choose_window_scaling(y, split, length, horizon)


NOISE = RNG.standard_normal(800)


def test_a_steady_cycle_is_best_seen_from_its_mean():
    # The last value and the spread of a window are in part noise here.
    assert choose(np.sin(np.arange(800) / 9) + 0.6 * NOISE) is None


@pytest.mark.parametrize(
    "y",
    [
        NOISE.cumsum(),
        np.exp((0.02 * NOISE + 0.01).cumsum()),
        np.arange(800) + np.sin(np.arange(800) / 3) + 0.1 * NOISE,
    ],
    ids=["random walk", "prices", "trend"],
)
def test_a_moving_level_is_taken_out_of_each_window(y):
    assert choose(y) == "standard"


def test_windows_with_missing_values_have_no_say():
    y = np.sin(np.arange(800) / 9) + 0.6 * NOISE
    assert choose(y, length=38) is None
    # One window between two gaps: too few to choose by.
    y[::40] = np.nan
    assert choose(y, length=38) == "standard"


@pytest.mark.parametrize(
    ("early_stopping", "dropped"), [("auto", True), (False, False)]
)
def test_a_network_that_learned_from_noise_hardly_moves_the_forecast(
    early_stopping, dropped
):
    # Of a random walk there is nothing to learn: the linear map without a seed is left,
    # and a few gentle steps from it.
    y = np.random.default_rng(7).standard_normal(400).cumsum()
    first, second = (
        LSTMForecaster(
            units=4,
            epochs=5,
            window_length=8,
            horizon=1,
            early_stopping=early_stopping,
            random_state=seed,
        )
        .fit(y)
        .predict(np.arange(1, 6))
        for seed in range(2)
    )
    assert (np.abs(first - second).max() < 0.05) == dropped


@pytest.mark.parametrize("plain", [False, True])
def test_a_plain_network_is_never_dropped(monkeypatch, plain):
    # It starts from random weights, which are no forecast to return to.
    monkeypatch.setattr(ensemble, "_forecasts_clearly_better", lambda *args: False)
    options = {"window_scaling": None, "linear_skip": False} if plain else {}
    first, second = (
        LSTMForecaster(
            units=4, epochs=5, window_length=8, learning_rate=rate, random_state=0
        )
        .set_params(**options)
        .fit(make_autoregression(400), fh=[1])
        .predict()
        for rate in (0.01, 1e-12)
    )
    # Trained gently instead, it stays near the linear map whatever the rate.
    assert (np.abs(first - second) > 0.02).all() == plain


def test_a_second_run_has_a_schedule_of_its_own(monkeypatch):
    plans, n_held_out, train = [], [], training.train

    def record(program, weights, data, train_on, validate_on, plan, rng):
        plans.append(plan)
        n_held_out.append(len(validate_on))
        result = train(program, weights, data, train_on, validate_on, plan, rng)
        return result._replace(best_epoch=3)

    monkeypatch.setattr(ensemble, "_forecasts_clearly_better", lambda *args: True)
    monkeypatch.setattr(training, "train", record)
    LSTMForecaster(units=2, epochs=5, window_length=8, random_state=0).fit(
        make_autoregression(200), fh=[1]
    )
    first, second = plans
    assert (first.epochs, second.epochs) == (5, 3)
    assert n_held_out[0] > 0 == n_held_out[1]
    # The step size falls to zero at the end of each plan.
    assert second.rates(29, 1, 30)[0] < 0.01 * second.learning_rate
