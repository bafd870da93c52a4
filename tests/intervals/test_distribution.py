"""The distribution that `predict_proba` returns: one with the quantiles."""

import sys

import numpy as np
import pandas as pd
import pytest
from skpro.metrics import CRPS
from sktime.datasets import load_airline, load_macroeconomic

from skl_lstm import LSTMForecaster
from skl_lstm._estimator.distribution import CDF_LEVELS

TINY = {
    "units": 3,
    "epochs": 2,
    "window_length": 12,
    "horizon": 6,
    "random_state": 0,
}
FH = [-3, 0, 1, 6, 7, 15]
LEVELS = [0.001, 0.013, 0.05, 0.2, 0.5, 0.77, 0.95, 0.999]


def make_panel():
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([["a", "b"], range(60)], names=["shop", "time"])
    return pd.DataFrame({"sales": rng.exponential(3, 120)}, index=index)


def fit(data):
    if data == "skewed":
        y = pd.Series(np.exp(np.random.default_rng(0).normal(0, 1, 300)))
        # A root would put an atom at zero, where the inverse is not unique.
        return LSTMForecaster(**TINY, y_transform=None).fit(y)
    if data == "log":
        return LSTMForecaster(**TINY, y_transform="log").fit(load_airline())
    if data == "head":
        return LSTMForecaster(**TINY, intervals="quantile").fit(load_airline())
    if data == "multivariate":
        return LSTMForecaster(**TINY).fit(load_macroeconomic()[["infl", "unemp"]])
    return LSTMForecaster(**TINY).fit(make_panel())


@pytest.fixture(
    scope="module", params=["skewed", "log", "head", "multivariate", "panel"]
)
def forecaster(request):
    return fit(request.param)


@pytest.fixture(scope="module")
def distribution(forecaster):
    return forecaster.predict_proba(fh=FH)


def test_quantiles_are_those_of_predict_quantiles(forecaster, distribution):
    quantiles = forecaster.predict_quantiles(fh=FH, alpha=LEVELS)
    pd.testing.assert_frame_equal(distribution.quantile(LEVELS), quantiles)


def test_rows_and_columns_are_those_of_the_forecast(forecaster, distribution):
    point = forecaster.predict(fh=FH)
    assert distribution.index.equals(point.index)
    assert distribution.shape == (len(point), len(distribution.columns))
    if isinstance(point, pd.DataFrame):
        assert distribution.columns.equals(point.columns)


def test_variance_follows_from_the_distribution(forecaster, distribution):
    np.testing.assert_allclose(distribution.var(), forecaster.predict_var(fh=FH))


@pytest.mark.parametrize("level", [0.01, 0.2, 0.5, 0.9, 0.99])
def test_the_distribution_function_is_the_inverse_of_the_quantiles(distribution, level):
    at = distribution.ppf(level)
    np.testing.assert_allclose(distribution.cdf(at), level, atol=5e-3)


def test_far_away_lies_nothing(distribution):
    assert (distribution.cdf(-1e9) == 0).all(axis=None)
    assert (distribution.cdf(1e9) == 1).all(axis=None)
    assert (distribution.pdf(1e9) == 0).all(axis=None)


def test_density_is_the_slope_of_the_distribution_function(distribution):
    # Between two levels of its grid, where it is constant.
    for i in (40, 150, 222, 330):
        low, high = (distribution.ppf(level) for level in CDF_LEVELS[i : i + 2])
        at, step = (low + high) / 2, (high - low) / 8
        rise = distribution.cdf(at + step) - distribution.cdf(at - step)
        np.testing.assert_allclose(distribution.pdf(at) * 2 * step, rise, rtol=1e-6)


def test_samples_have_the_quantiles(distribution):
    np.random.seed(0)
    draws = distribution.sample(4_000)
    assert draws.index.nlevels == distribution.index.nlevels + 1
    values = draws.to_numpy().reshape(4_000, *distribution.shape)
    below = (values < distribution.ppf(0.2).to_numpy()).mean(axis=0)
    np.testing.assert_allclose(below, 0.2, atol=0.03)
    assert distribution.sample().shape == distribution.shape


def test_energies_are_those_of_samples(distribution):
    np.random.seed(0)
    draws = distribution.sample(4_000).to_numpy().reshape(4_000, *distribution.shape)
    x = distribution.ppf(0.7)
    to_x = np.abs(draws - x.to_numpy()).mean(axis=0).sum(axis=-1)
    np.testing.assert_allclose(distribution.energy(x)["energy"], to_x, rtol=0.1)
    among = np.abs(draws[::2] - draws[1::2]).mean(axis=0).sum(axis=-1)
    np.testing.assert_allclose(distribution.energy()["energy"], among, rtol=0.1)


def test_skpro_scores_it(distribution):
    truth = distribution.ppf(0.6)
    score = CRPS(multioutput="raw_values")(truth, distribution)
    assert (np.asarray(score) > 0).all()


def test_parts_of_it_are_distributions(distribution):
    part = distribution.iloc[[1, 2]]
    expected = distribution.ppf(0.3).iloc[[1, 2]]
    pd.testing.assert_frame_equal(part.ppf(0.3), expected)
    number = distribution.iloc[2, 0]
    assert number.ppf(0.3) == pytest.approx(expected.iloc[1, 0])
    assert number.cdf(number.ppf(0.3)) == pytest.approx(0.3, abs=5e-3)
    assert np.ndim(number.mean()) == 0
    assert number.var() > 0
    label, column = distribution.index[[0]], distribution.columns[[0]]
    assert distribution.loc[label, column].shape == (1, 1)


def test_steps_of_noise_that_is_skewed_are_skewed():
    y = pd.Series(np.exp(np.random.default_rng(0).normal(0, 1, 1_500)))
    distribution = LSTMForecaster(**TINY).fit(y).predict_proba(fh=[1])
    low, middle, high = (distribution.ppf(p).iloc[0, 0] for p in (0.05, 0.5, 0.95))
    assert high - middle > 2 * (middle - low)


def test_without_skpro_the_error_says_what_to_install(monkeypatch):
    forecaster = LSTMForecaster(**TINY).fit(load_airline())
    monkeypatch.setitem(sys.modules, "skpro", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"LSTMForecaster.*pip install skpro"):
        forecaster.predict_proba(fh=[1])
    forecaster.predict_quantiles(fh=[1])
