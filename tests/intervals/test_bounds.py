"""The parameter `bounds`, "log1p", and quantiles of counts."""

from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import FunctionTransformer
from sktime.datasets import load_airline

from skl_lstm import GRUForecaster, LSTMForecaster, load_model, save_model
from tests import crossed

TINY = {
    "units": 2,
    "epochs": 2,
    "window_length": 8,
    "horizon": 3,
    "random_state": 0,
}
FH = [-2, 0, 1, 3, 4, 12]
AHEAD = [1, 3, 4, 12]
LEVELS = [0.01, 0.05, 0.1, 0.5, 0.9, 0.99]


def make_falling():
    """Draw a positive series that falls towards zero."""
    rng = np.random.default_rng(0)
    return pd.Series(np.maximum(80 - np.arange(80) + rng.standard_normal(80), 0.5))


def make_counts(n_rows, seed=0):
    """Draw counts of which 70 % are zero."""
    rng = np.random.default_rng(seed)
    return pd.Series(
        np.where(rng.random(n_rows) < 0.7, 0, 1 + rng.poisson(1.5, n_rows))
    )


@crossed(
    2,
    slow=[GRUForecaster],
    cls=[LSTMForecaster, GRUForecaster],
    intervals=["conformal", "quantile"],
)
def test_a_falling_positive_series_is_not_forecast_below_zero(cls, intervals):
    y = make_falling()
    free = cls(**TINY, intervals=intervals).fit(y)
    assert free.predict(fh=[12]).iloc[0] < 0
    bounded = cls(**TINY, intervals=intervals, bounds=(0, None)).fit(y)
    assert (bounded.predict(fh=FH) >= 0).all()
    quantiles = bounded.predict_quantiles(fh=FH, alpha=LEVELS)
    assert (quantiles >= 0).all(axis=None)
    assert (bounded.predict_interval(fh=FH) >= 0).all(axis=None)
    assert (bounded.simulate(50, fh=AHEAD, random_state=0) >= 0).all(axis=None)
    assert (bounded.predict_proba(fh=FH).sample(20) >= 0).all(axis=None)


def roll_by_hand(forecaster, n_steps):
    """Forecast a horizon at a time, each observed as bounds leave it."""
    forecaster, blocks = deepcopy(forecaster), []
    for _ in range(n_steps // TINY["horizon"]):
        block = forecaster.predict(fh=np.arange(1, TINY["horizon"] + 1))
        blocks.append(block)
        forecaster.update(block, update_params=False)
    return pd.concat(blocks)


def make_wave():
    """Draw waves that fall to zero, and would fall further."""
    wave = 3 * np.sin(np.arange(90) * np.pi / 4) + 1
    noise = np.random.default_rng(0).standard_normal(90)
    return pd.Series(np.maximum(wave + noise, 0))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"window_scaling": "level", "intervals": "quantile"},
        {"scaler": FunctionTransformer(np.negative, np.negative)},
    ],
    ids=["plain", "level", "negative"],
)
@pytest.mark.parametrize("n_series", [1, 2])
def test_rolled_forecasts_read_what_bounds_leave_of_them(changes, n_series):
    y = make_wave()
    if n_series == 2:
        y = pd.concat({"a": y, "b": 3 * y + 1}, names=["s", "t"]).to_frame("y")
    options = TINY | {"theta_share": 0.0, "y_transform": None} | changes
    bounded = LSTMForecaster(**options, bounds=(0, None)).fit(y)
    free = LSTMForecaster(**options).fit(y)
    found = bounded.predict(fh=np.arange(1, 16))
    rolled = roll_by_hand(bounded, 15).sort_index()
    np.testing.assert_allclose(found, rolled, rtol=1e-3, atol=1e-3)
    # More changes than the values cut off.
    cut = np.maximum(free.predict(fh=np.arange(1, 16)), 0)
    assert np.abs(found.to_numpy() - cut.to_numpy()).max() > 5e-3


@pytest.mark.parametrize("n_estimators", [1, 2])
def test_paths_read_what_bounds_leave_of_them(n_estimators):
    y = make_wave()
    options = TINY | {"y_transform": None, "n_estimators": n_estimators}
    bounded = LSTMForecaster(**options, bounds=(0, None)).fit(y)
    free = LSTMForecaster(**options).fit(y)
    found = bounded.predict_quantiles(fh=AHEAD, alpha=LEVELS).to_numpy()
    cut = np.maximum(free.predict_quantiles(fh=AHEAD, alpha=LEVELS).to_numpy(), 0)
    within = np.array(AHEAD) <= TINY["horizon"]
    np.testing.assert_allclose(found[within], cut[within], rtol=1e-5)
    assert np.abs(found[-1] - cut[-1]).max() > 0.1
    assert (np.diff(found, axis=1) >= 0).all()


def test_upper_bounds_hold_too():
    share = 1 - make_falling() / 100
    forecaster = LSTMForecaster(**TINY, bounds=[0, 1]).fit(share)
    assert forecaster.predict(fh=[60]).iloc[0] == 1
    quantiles = forecaster.predict_quantiles(fh=AHEAD, alpha=LEVELS)
    assert (quantiles <= 1).all(axis=None)
    paths = forecaster.simulate(50, fh=AHEAD, random_state=0)
    assert paths.to_numpy().max() <= 1


def test_bounds_change_nothing_inside():
    y = load_airline()
    free = LSTMForecaster(**TINY).fit(y)
    bounded = LSTMForecaster(**TINY, bounds=(0, 10_000)).fit(y)
    pd.testing.assert_series_equal(bounded.predict(fh=FH), free.predict(fh=FH))


def test_bounds_hold_for_rows():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((150, 2))
    y = np.maximum(X[:, 0] + 0.5 * rng.standard_normal(150), 0)
    regressor = LSTMForecaster(**TINY, bounds=(0, None)).fit(X[:120], y[:120])
    assert regressor.predict(X[120:]).min() >= 0
    assert regressor.predict(X[120:], quantiles=[0.05, 0.5]).min() >= 0


def test_bounds_hold_for_all_series_and_new_ones():
    panel = pd.concat({"a": make_falling(), "b": make_falling() / 10}, names=["s", "t"])
    panel = panel.to_frame("y")
    forecaster = LSTMForecaster(**TINY, bounds=(0, None)).fit(panel)
    new = pd.concat({"c": make_falling() * 5}, names=["s", "t"]).to_frame("y")
    forecaster.update(new, update_params=False)
    quantiles = forecaster.predict_quantiles(fh=AHEAD, alpha=LEVELS)
    assert (quantiles >= 0).all(axis=None)
    assert len(quantiles) == 3 * len(AHEAD)


def test_bounds_of_the_fit_count_after_pretraining():
    y = make_falling()
    panel = pd.concat({"a": y, "b": y + 3}, names=["s", "t"]).to_frame("y")
    pretrained = LSTMForecaster(**TINY).pretrain(panel)
    pretrained.set_params(bounds=(0, None))
    assert (pretrained.fit(y).predict(fh=[12]) >= 0).all()


def test_bounds_survive_a_file(tmp_path):
    forecaster = LSTMForecaster(**TINY, bounds=(0, None)).fit(make_falling())
    save_model(forecaster, tmp_path / "model.skl")
    loaded = load_model(tmp_path / "model.skl")
    expected = forecaster.predict_quantiles(fh=AHEAD, alpha=LEVELS)
    found = loaded.predict_quantiles(fh=AHEAD, alpha=LEVELS)
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize(
    "bounds", [(1, 0), (0, 0), (0,), (0, 1, 2), ("a", None), (float("nan"), None), 3]
)
def test_bounds_that_are_none_are_rejected(bounds):
    with pytest.raises(
        ValueError, match="'bounds' parameter of LSTMForecaster must be"
    ):
        LSTMForecaster(**TINY, bounds=bounds).fit(make_falling())


def test_targets_outside_of_the_bounds_are_rejected():
    with pytest.raises(ValueError, match=r"bounds=\(0, None\) must hold all targets"):
        LSTMForecaster(**TINY, bounds=(0, None)).fit(make_falling() - 5)


def test_log1p_takes_zeros_and_keeps_quantiles_above_minus_one():
    y = make_falling()
    y = y - y.min()
    with pytest.raises(ValueError, match=r"'log' needs positive targets"):
        LSTMForecaster(**TINY, y_transform="log").fit(y)
    forecaster = LSTMForecaster(**TINY, y_transform="log1p").fit(y)
    quantiles = forecaster.predict_quantiles(fh=FH, alpha=LEVELS)
    assert (quantiles > -1).all(axis=None)
    with pytest.raises(ValueError, match=r"'log1p' needs targets above -1"):
        LSTMForecaster(**TINY, y_transform="log1p").fit(y - 2)


# Counts --------------------------------------------------------------------------


def test_quantiles_and_paths_of_intermittent_counts_are_counts():
    forecaster = LSTMForecaster(**TINY).fit(make_counts(200))
    quantiles = forecaster.predict_quantiles(fh=AHEAD, alpha=LEVELS).to_numpy()
    paths = forecaster.simulate(100, fh=AHEAD, random_state=0).to_numpy()
    for values in (quantiles, paths):
        assert (values == np.rint(values)).all()
        assert (values >= 0).all()
    # The forecast is a mean, and stays one.
    point = forecaster.predict(fh=AHEAD)
    assert (point != np.rint(point)).any()


def test_quantiles_of_other_integers_are_not_rounded():
    quantiles = LSTMForecaster(**TINY).fit(load_airline()).predict_quantiles(fh=AHEAD)
    assert (quantiles != np.rint(quantiles)).any(axis=None)


def test_each_quantile_of_counts_has_its_share():
    n_rows, levels = 1_200, np.array([0.05, 0.1, 0.5, 0.9, 0.95])
    below, up_to = [], []
    for seed in range(2):
        y = make_counts(n_rows + 400, seed)
        forecaster = LSTMForecaster(units=2, epochs=2, random_state=seed)
        forecaster.fit(y[:n_rows], fh=[1]).update(y[n_rows:], update_params=False)
        steps = np.arange(-399, 1)
        quantiles = forecaster.predict_quantiles(fh=steps, alpha=levels.tolist())
        truth = y[n_rows:].to_numpy()[:, None]
        below.append((truth < quantiles.to_numpy()).mean(axis=0))
        up_to.append((truth <= quantiles.to_numpy()).mean(axis=0))
    # A level lies between the shares below its quantile and up to it.
    assert (np.mean(below, axis=0) - 0.03 <= levels).all()
    assert (levels <= np.mean(up_to, axis=0) + 0.03).all()
