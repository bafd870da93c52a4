"""Stationary series return to their level, random walks do not."""

import numpy as np
import pytest

from skl_lstm._training.level import (
    choose_level,
    dickey_fuller,
    reads_columns,
    rolled_errors,
)
from skl_lstm._training.linear_map import LinearMap
from skl_lstm._training.window_map import WindowMap, fit_window_map, windows_before

LENGTH, HORIZON = 8, 4


def make_series(coefficient, n_rows=240, seed=0, n_outputs=1):
    rng = np.random.default_rng(seed)
    y = np.zeros((n_rows, n_outputs))
    for i in range(1, n_rows):
        y[i] = coefficient * y[i - 1] + rng.standard_normal(n_outputs)
    return (y - y.mean(axis=0)) / y.std(axis=0)


@pytest.mark.filterwarnings("ignore:adfuller:FutureWarning")
def test_dickey_fuller_is_that_of_statsmodels():
    stattools = pytest.importorskip("statsmodels.tsa.stattools")
    for coefficient in (0.5, 0.9, 1.0):
        u = make_series(coefficient)[:, 0]
        expected = stattools.adfuller(u, maxlag=3, autolag=None)[0]
        assert dickey_fuller(u, 3) == pytest.approx(expected)


def test_dickey_fuller_says_nothing_where_it_cannot():
    assert dickey_fuller(np.zeros(50), 2) == 0.0
    assert dickey_fuller(np.arange(4.0), 2) == 0.0
    assert np.isfinite(dickey_fuller(np.r_[np.nan, np.arange(40.0) % 7], 1))


def test_a_stationary_series_has_a_level_and_a_random_walk_has_none():
    stationary = [
        choose_level([make_series(0.6, seed=i)], LENGTH, HORIZON) for i in range(4)
    ]
    walks = [
        choose_level([make_series(1.0, seed=i)], LENGTH, HORIZON) for i in range(4)
    ]
    assert stationary.count("level") >= 3
    assert walks.count("level") == 0


def test_short_series_of_a_panel_speak_together():
    panel = [make_series(0.3, n_rows=30, seed=i) for i in range(20)]
    walks = [make_series(1.0, n_rows=30, seed=i) for i in range(20)]
    assert choose_level(panel, 4, 2) == "level"
    assert choose_level(walks, 4, 2) == "standard"


def test_with_the_level_forecasts_return_to_the_mean():
    u = make_series(0.6)
    u[-1] = 3.0
    ends = {}
    for scaling in ("standard", "level"):
        window_map = fit_window_map([u], LENGTH, HORIZON, scaling)
        windows = windows_before(u, np.array([len(u)]), LENGTH)
        ends[scaling] = window_map.forecast(windows, 60)[0, -1, 0]
    assert abs(ends["level"]) < 0.3
    assert abs(ends["level"]) < abs(ends["standard"])


def test_both_ends_of_the_level_map_are_there_where_nothing_else_is_known():
    # Windows that say nothing of what follows: half last value, half mean at most.
    u = make_series(0.0, n_rows=400)
    window_map = fit_window_map([u], LENGTH, 1, "level")
    kernel = window_map.linear.kernel[-1, 0]
    assert -1.05 < kernel < -0.8


@pytest.mark.parametrize("scaling", ["raw", "standard", "level"])
def test_blocks_are_rolled_and_known_columns_are_read(scaling):
    n_channels = 2
    kernel = np.zeros((LENGTH * n_channels, 2))
    kernel[-1] = 1.0
    window_map = WindowMap(scaling, LinearMap(kernel, np.zeros(2)), LENGTH, 1)
    windows = np.zeros((3, LENGTH, n_channels))
    known = np.arange(15.0).reshape(3, 5, 1)
    rows = window_map.forecast(windows, 5, known)
    assert rows.shape == (3, 5, 1)
    np.testing.assert_array_equal(rows[:, :2], 0.0)
    assert (rows[1:, 2:] != 0).all()


def test_missing_rows_are_bridged():
    u = make_series(0.6, n_outputs=2)
    u[np.random.default_rng(0).random(u.shape) < 0.1] = np.nan
    errors = rolled_errors([u], LENGTH, HORIZON, "level", share=0.5, n_steps=8)
    assert np.isfinite(errors).all()
    assert len(errors)
    assert choose_level([u], LENGTH, HORIZON) in ("raw", "standard", "level")


def test_the_window_holds_the_past_of_columns_that_tell_what_follows():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 1))
    y = 0.2 * rng.standard_normal((400, 1))
    y[3:] += x[:-3]
    rows = np.concatenate([y, x], axis=1)
    unrelated = np.concatenate([y, rng.standard_normal((400, 1))], axis=1)
    assert reads_columns([rows], LENGTH, 3, "standard", 1)
    assert not reads_columns([unrelated], LENGTH, 3, "standard", 1)
    assert not reads_columns([rows[:100]], LENGTH, 3, "standard", 1)
