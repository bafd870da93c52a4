"""`simulate`: paths whose steps belong together, and the joint distribution."""

import numpy as np
import pandas as pd
import pytest
from sktime.datasets import load_airline, load_macroeconomic

from skl_lstm import LSTMForecaster

TINY = {
    "units": 2,
    "epochs": 2,
    "window_length": 12,
    "horizon": 4,
    "random_state": 0,
}
FH = [1, 3, 4, 7]


def make_walks(n_series, n_rows, seed=0):
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [np.arange(n_series), np.arange(n_rows)], names=["series", "time"]
    )
    walks = rng.standard_normal((n_series, n_rows)).cumsum(axis=1)
    return pd.DataFrame({"y": walks.ravel()}, index=index)


def fit(data):
    if data == "panel":
        return LSTMForecaster(**TINY).fit(make_walks(3, 80))
    if data == "multivariate":
        return LSTMForecaster(**TINY).fit(load_macroeconomic()[["infl", "unemp"]])
    if data == "head":
        return LSTMForecaster(**TINY, intervals="quantile").fit(load_airline())
    return LSTMForecaster(**TINY, n_estimators=2).fit(load_airline())


@pytest.fixture(scope="module", params=["single", "head", "multivariate", "panel"])
def forecaster(request):
    return fit(request.param)


@pytest.fixture(scope="module")
def paths(forecaster):
    return forecaster.simulate(1_000, fh=FH, random_state=0)


def to_array(paths, n_paths=1_000):
    return paths.to_numpy().reshape(n_paths, -1, paths.shape[1])


def test_paths_are_shaped_like_samples_of_skpro(forecaster, paths):
    sample = forecaster.predict_proba(fh=FH).sample(1_000)
    assert paths.index.equals(sample.index)
    assert paths.columns.equals(sample.columns)
    assert paths.index.names[0] == "path"


def test_each_step_has_the_quantiles_of_the_forecast(forecaster, paths):
    levels = [0.05, 0.3, 0.5, 0.9]
    quantiles = forecaster.predict_quantiles(fh=FH, alpha=levels).to_numpy()
    n_outputs = paths.shape[1]
    quantiles = quantiles.reshape(-1, n_outputs, len(levels))
    below = (to_array(paths)[..., None] <= quantiles).mean(axis=0)
    np.testing.assert_allclose(below, np.broadcast_to(levels, below.shape), atol=0.01)


def test_the_same_seed_gives_the_same_paths(forecaster):
    first = forecaster.simulate(3, fh=FH, random_state=7)
    pd.testing.assert_frame_equal(forecaster.simulate(3, FH, random_state=7), first)
    other = forecaster.simulate(3, fh=FH, random_state=8)
    assert not np.allclose(other, first)
    assert forecaster.simulate(1, fh=[2], random_state=0).shape[1] == first.shape[1]


def test_the_joint_distribution_is_made_of_paths():
    forecaster = fit("single")
    joint = forecaster.predict_proba(fh=FH, marginal=False)
    assert joint.shape == (4, 1)
    draws = to_array(joint.sample(200), 200)[..., 0]
    assert np.corrcoef(draws[:, 1], draws[:, 2])[0, 1] > 0.2


def test_steps_of_a_path_belong_together():
    forecaster = LSTMForecaster(**TINY).fit(make_walks(20, 80))
    paths = to_array(forecaster.simulate(500, fh=[1, 2, 3, 4, 5], random_state=0), 500)
    steps = paths[..., 0].reshape(500, 20, 5)
    for one, other in ((0, 1), (2, 3), (3, 4)):
        together = [
            np.corrcoef(steps[:, i, one], steps[:, i, other])[0, 1] for i in range(20)
        ]
        assert np.mean(together) > 0.5


def test_sums_over_a_horizon_are_covered():
    walks = make_walks(150, 84, seed=1)
    times = walks.index.get_level_values("time")
    train, test = walks[times < 80], walks[times >= 80]
    forecaster = LSTMForecaster(**TINY).fit(train)
    paths = forecaster.simulate(500, fh=[1, 2, 3, 4], random_state=0)
    sums = paths.groupby(level=["path", "series"]).sum()["y"].unstack("path")
    truth = test.groupby(level="series").sum()["y"]
    levels = [0.1, 0.5, 0.9]
    quantiles = sums.quantile(levels, axis=1).T
    below = (truth.to_numpy()[:, None] < quantiles).mean(axis=0)
    np.testing.assert_allclose(below, levels, atol=0.09)
    # Steps drawn one by one would make the sums far too narrow.
    apart = forecaster.predict_proba(fh=[1, 2, 3, 4]).sample(500)
    apart.index.names = paths.index.names
    apart = apart.groupby(level=["path", "series"]).sum()["y"].unstack("path")
    assert sums.std(axis=1).mean() > 1.3 * apart.std(axis=1).mean()


def test_columns_known_ahead_shape_the_paths():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.standard_normal(120)})
    y = 5 * X["a"] + 0.1 * rng.standard_normal(120)
    forecaster = LSTMForecaster(**TINY).fit(y=y[:110], X=X[:110])
    paths = forecaster.simulate(300, fh=[1, 2, 3, 4], X=X[110:114], random_state=0)
    middle = to_array(paths, 300)[..., 0].mean(axis=0)
    assert np.corrcoef(middle, X["a"][110:114])[0, 1] > 0.9


@pytest.mark.parametrize("n_paths", [0, -1, 2.5, None])
def test_a_number_of_paths_that_is_none_is_rejected(forecaster, n_paths):
    with pytest.raises(ValueError, match=r"n_paths of .*simulate must be.*Got"):
        forecaster.simulate(n_paths, fh=FH)


def test_only_the_future_is_simulated(forecaster):
    with pytest.raises(ValueError, match=r"draws steps after the cutoff"):
        forecaster.simulate(2, fh=[0, 1])
    forecaster.simulate(2, fh=[1])


def test_a_regressor_has_no_paths():
    rows = np.random.default_rng(0).standard_normal((60, 2))
    regressor = LSTMForecaster(**TINY).fit(rows, rows[:, 0])
    with pytest.raises(TypeError, match="simulate is for forecasters"):
        regressor.simulate(3)
