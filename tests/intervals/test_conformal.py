"""Quantiles, intervals, variances and distributions."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sktime.datasets import load_airline

from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm._intervals.conformal import Residuals, keeps_signs
from skl_lstm._intervals.sample import Sample, conformal_quantiles, count_effective
from tests import crossed

TINY = {
    "units": 3,
    "epochs": 3,
    "window_length": 12,
    "horizon": 6,
    "random_state": 0,
}
FH = [-3, 0, 1, 6, 7, 15]


# Intervals are made of errors, whatever the cell.
@pytest.fixture(
    scope="module",
    params=[LSTMForecaster, pytest.param(GRUForecaster, marks=pytest.mark.slow)],
)
def forecaster(request):
    return request.param(**TINY).fit(load_airline())


def test_quantiles_of_a_large_sample_are_those_of_its_distribution():
    sample = np.sort(np.random.default_rng(0).standard_normal(20_000))
    levels = np.array([0.025, 0.1, 0.5, 0.9, 0.975])
    equal = Sample.of(sample, np.ones(len(sample)))
    found = conformal_quantiles(equal, len(sample), levels)
    np.testing.assert_allclose(found, stats.norm.ppf(levels), atol=0.04)


@crossed(3, n=[19, 39, 99], level=[0.8, 0.9, 0.95])
def test_quantiles_have_the_finite_sample_correction(n, level):
    # Over many samples a new value lies below with just this probability.
    rng = np.random.default_rng(n)
    below = [
        rng.random()
        < conformal_quantiles(
            Sample.of(rng.random(n), np.ones(n)), n, np.array([level])
        )
        for _ in range(4_000)
    ]
    assert np.mean(below) == pytest.approx(level, abs=0.02)


def test_weighted_errors_are_those_of_as_many_windows_as_say_as_much():
    # Each error ten times, or once with ten times the weight of others: the same.
    rng = np.random.default_rng(0)
    values, weights = rng.standard_normal(400), rng.integers(1, 11, size=400)
    levels = np.array([0.1, 0.5, 0.9])
    weighted = Sample.of(values, weights.astype(float))
    n = count_effective(weights.astype(float))
    assert n == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    found = conformal_quantiles(weighted, n, levels)
    repeated = np.quantile(np.repeat(values, weights), levels)
    np.testing.assert_allclose(found, repeated, atol=0.02)
    # Errors on the one side count for nothing: quantiles are those of the other.
    signs = np.where(values > 0, 1.0, 1e-9)
    assert conformal_quantiles(Sample.of(values, signs), 200, levels)[0] > 0


def test_old_errors_count_less_in_intervals():
    errors = np.r_[np.full(100, 5.0), np.full(100, 1.0)][:, None, None]
    errors = errors * np.random.default_rng(0).choice([-1, 1], size=errors.shape)
    errors = errors.astype("float32")
    weights = 0.5 ** (np.arange(200)[::-1, None] / 20)
    level, first = [0.9], np.array([0])
    plain, recent = (
        Residuals(errors, True, weights=w).quantiles(level, first).item()
        for w in (None, weights)
    )
    assert plain == pytest.approx(5.0)
    assert recent == pytest.approx(1.0, abs=0.1)
    drawn = Residuals(errors, True, weights=weights).draw(
        (1_000,), np.random.default_rng(0)
    )
    assert np.mean(np.abs(drawn) == 1.0) > 0.95


def test_few_windows_make_wide_intervals():
    rng = np.random.default_rng(0)
    widths = []
    for n in (5, 20, 80):
        scores = rng.standard_normal((n, 12, 1)).astype("float32")
        residuals = Residuals(scores, held_out=True)
        widths.append(residuals.quantiles([0.975], np.array([0]))[0, 0, 0])
    assert widths[0] > widths[2] > 1.5


# One-sided coverage --------------------------------------------------------------

NOISES = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "exponential": lambda rng, shape: rng.exponential(1, shape) - 1,
    "student": lambda rng, shape: rng.standard_t(3, shape),
}
ONE_SIDED = [0.05, 0.1, 0.5, 0.9, 0.95]


def share_below(noise, n_windows, horizon, rng):
    """Return how many of many new errors of the first step are below each quantile."""
    draws = NOISES[noise](rng, (n_windows, horizon, 1)).astype("float32")
    quantiles = Residuals(draws, held_out=True).quantiles(ONE_SIDED, np.array([0]))
    return (NOISES[noise](rng, (2_000, 1)) < quantiles[0, 0]).mean(axis=0)


@crossed(6, noise=list(NOISES), n_windows=[38, 119, 400], horizon=[1, 4])
def test_each_quantile_has_its_share_below_it(noise, n_windows, horizon):
    # As many windows as 400, 1,200 and 4,000 rows hold out.
    rng = np.random.default_rng(0)
    shares = [share_below(noise, n_windows, horizon, rng) for _ in range(200)]
    within = 0.03 if n_windows > 100 else 0.05
    np.testing.assert_allclose(np.mean(shares, axis=0), ONE_SIDED, atol=within)


def test_skewed_errors_keep_their_signs_from_19_windows_on():
    rng = np.random.default_rng(1)
    skewed = rng.exponential(1, (99, 3)) - 1
    assert not keeps_signs(skewed[:18])
    assert keeps_signs(skewed[:38])
    assert keeps_signs(skewed)
    symmetric = rng.standard_normal((100, 3))
    assert not keeps_signs(symmetric[:99])
    assert keeps_signs(symmetric)
    # Nothing to test: no spread, or no target at the first step.
    assert not keeps_signs(np.zeros((50, 3)))
    assert not keeps_signs(np.where(np.arange(3) == 0, np.nan, skewed[:38]))


def test_paths_of_skewed_errors_are_skewed():
    rng = np.random.default_rng(0)
    scores = (rng.exponential(1, (40, 2, 1)) - 1).astype("float32")
    drawn = Residuals(scores, held_out=True).draw((500,), rng)
    assert set(np.unique(drawn)) <= set(np.unique(scores))
    few = Residuals(scores[:10], held_out=True).draw((500,), rng)
    assert set(np.unique(few)) > set(np.unique(scores[:10]))


@pytest.mark.parametrize("n_rows", [400, 1_200])
def test_skewed_noise_is_covered_on_both_sides(n_rows):
    shares = []
    for seed in range(2):
        y = pd.Series(np.random.default_rng(seed).exponential(1, n_rows + 400))
        forecaster = LSTMForecaster(units=2, epochs=2, random_state=seed)
        forecaster.fit(y[:n_rows], fh=[1]).update(y[n_rows:], update_params=False)
        steps = np.arange(-399, 1)
        quantiles = forecaster.predict_quantiles(fh=steps, alpha=ONE_SIDED)
        shares.append((y[n_rows:].to_numpy()[:, None] < quantiles).mean(axis=0))
    # Two standard errors of as many held-out windows, a tenth of the rows, and a bit.
    level = np.array(ONE_SIDED)
    within = 0.01 + 2 * np.sqrt(level * (1 - level) / (0.1 * n_rows * 2))
    assert (np.abs(np.mean(shares, axis=0) - level) < within).all()


# Steps ---------------------------------------------------------------------------


def test_spreads_that_do_not_clearly_rise_are_the_same():
    rng = np.random.default_rng(1)
    residuals = Residuals(rng.standard_normal((60, 4, 1)), held_out=True)
    upper = residuals.quantiles([0.9], np.arange(4))[:, 0, 0]
    assert np.ptp(upper) == 0


def test_spread_rises_with_the_step():
    rng = np.random.default_rng(0)
    scores = rng.standard_normal((30, 6, 1)) * np.sqrt([1, 2, 3, 2.5, 4, 5])[:, None]
    residuals = Residuals(scores.astype("float32"), held_out=True)
    upper = residuals.quantiles([0.9], np.arange(6))[:, 0, 0]
    assert (np.diff(upper) >= 0).all()


def test_quantiles_never_cross(forecaster):
    alphas = [0.001, 0.01, 0.05, 0.2, 0.4, 0.5, 0.6, 0.8, 0.95, 0.99, 0.999]
    quantiles = forecaster.predict_quantiles(fh=FH, alpha=alphas).to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    # Asked for one at a time, they are the same.
    for i, alpha in enumerate(alphas):
        alone = forecaster.predict_quantiles(fh=FH, alpha=alpha).to_numpy()
        np.testing.assert_allclose(alone[:, 0], quantiles[:, i])


def test_levels_keep_their_names_in_any_order(forecaster):
    rising = forecaster.predict_quantiles(fh=FH, alpha=[0.025, 0.1, 0.5, 0.9, 0.975])
    mixed = forecaster.predict_quantiles(fh=FH, alpha=[0.9, 0.025, 0.975, 0.1])
    pd.testing.assert_frame_equal(mixed, rising[mixed.columns])


def test_several_coverages_are_those_asked_for_one_by_one(forecaster):
    both = forecaster.predict_interval(fh=FH, coverage=[0.8, 0.95])
    alone = [forecaster.predict_interval(fh=FH, coverage=c) for c in (0.8, 0.95)]
    pd.testing.assert_frame_equal(both, pd.concat(alone, axis=1))
    name = both.columns[0][0]
    assert (both[name][0.95]["lower"] <= both[name][0.8]["lower"]).all()
    assert (both[name][0.8]["upper"] <= both[name][0.95]["upper"]).all()


def test_the_forecast_lies_in_the_interval(forecaster):
    point = forecaster.predict(fh=FH)
    interval = forecaster.predict_interval(fh=FH, coverage=0.8)
    assert interval.index.equals(point.index)
    assert (interval.to_numpy()[:, 0] < point).all()
    assert (interval.to_numpy()[:, 1] > point).all()


def test_intervals_widen_beyond_the_horizon(forecaster):
    # Month by month: what a month says of the same one a year later does not get worse
    # in between.
    interval = forecaster.predict_interval(fh=np.arange(1, 49), coverage=0.8)
    widths = np.diff(interval.to_numpy(), axis=1).reshape(4, 12)
    assert (np.diff(widths.mean(axis=1)) > 0).all()
    assert (widths[1:] > widths[0]).all()


def test_asking_again_gives_the_same(forecaster):
    one = forecaster.predict_interval(fh=FH)
    pd.testing.assert_frame_equal(forecaster.predict_interval(fh=FH), one)
    assert np.isfinite(one).all(axis=None)


def test_variance_and_distribution_agree(forecaster):
    variance = forecaster.predict_var(fh=FH)
    distribution = forecaster.predict_proba(fh=FH)
    assert (variance > 0).all(axis=None)
    np.testing.assert_allclose(distribution.var(), variance, rtol=1e-6)


@pytest.mark.parametrize("n_estimators", [1, 2])
def test_intervals_adapt_to_the_scale_of_the_window(n_estimators):
    # The same shape, ten times as wild in its second half.
    rng = np.random.default_rng(0)
    y = pd.Series(np.cumsum(rng.standard_normal(300)) + 1000)
    calm = LSTMForecaster(**TINY, n_estimators=n_estimators).fit(y)
    wild = pd.Series(10 * np.cumsum(rng.standard_normal(60)) + y.iloc[-1])
    wild.index = np.arange(300, 360)
    before = np.ptp(calm.predict_interval(fh=[1]).to_numpy())
    calm.update(wild, update_params=False)
    after = np.ptp(calm.predict_interval(fh=[1]).to_numpy())
    assert after > 3 * before


def test_without_held_out_windows_the_latest_training_ones_stand_in():
    y = load_airline()
    forecaster = LSTMForecaster(**TINY, early_stopping=False).fit(y)
    with pytest.warns(UserWarning, match="No rows were held out.*too narrow"):
        interval = forecaster.predict_interval(fh=[1, 6])
    with warnings.catch_warnings():
        # Once is enough.
        warnings.simplefilter("error")
        forecaster.predict_interval(fh=[1, 6])
    assert np.isfinite(interval).all(axis=None)
    assert not forecaster._fitted.model.calibration.residuals.held_out
    held_out = LSTMForecaster(**TINY).fit(y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        held_out.predict_interval(fh=[1])
    assert held_out._fitted.model.calibration.residuals.held_out


def test_log_intervals_stay_positive():
    y = load_airline()
    forecaster = LSTMForecaster(**TINY, y_transform="log").fit(y)
    interval = forecaster.predict_interval(fh=[1, 12, 30], coverage=0.99)
    assert (interval > 0).all(axis=None)


def test_coverage_over_many_series_is_nominal():
    rng = np.random.default_rng(0)
    n_series, n_rows, n_ahead = 80, 60, 3
    rows = np.arange(n_rows + n_ahead)
    noise = rng.standard_normal((n_series, n_rows + n_ahead))
    values = np.sin(rows / 3 + np.arange(n_series)[:, None]) + 0.3 * noise
    index = pd.MultiIndex.from_product(
        [np.arange(n_series), rows], names=["series", "time"]
    )
    panel = pd.DataFrame({"y": values.ravel()}, index=index)
    times = index.get_level_values("time")
    train, test = panel[times < n_rows], panel[times >= n_rows]
    options = TINY | {"horizon": n_ahead, "epochs": 5, "units": 8}
    forecaster = LSTMForecaster(**options).fit(train, fh=[1, 2, 3])
    for coverage in (0.8, 0.95):
        interval = forecaster.predict_interval(coverage=coverage)
        lower, upper = interval.reindex(test.index).to_numpy().T
        inside = (test["y"].to_numpy() >= lower) & (test["y"].to_numpy() <= upper)
        assert inside.mean() == pytest.approx(coverage, abs=0.06)


# scikit-learn's convention -------------------------------------------------------


@crossed(
    2,
    slow=[GRUForecaster],
    cls=[LSTMForecaster, GRUForecaster],
    autoregressive=[False, True],
)
def test_predict_returns_a_standard_deviation(cls, autoregressive):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((120, 2))
    y = X @ [1.0, -2.0] + 0.5 * rng.standard_normal(120)
    estimator = cls(**TINY, autoregressive=autoregressive).fit(X[:100], y[:100])
    mean, std = estimator.predict(X[100:], return_std=True)
    np.testing.assert_array_equal(mean, estimator.predict(X[100:]))
    assert std.shape == mean.shape
    assert (std > 0).all()
    assert 0.2 < std.mean() < 4
    rows = X[:100]
    mean, std = estimator.predict(rows, return_std=True)
    assert std.shape == (100,)
