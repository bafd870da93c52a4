"""How much rows count: weights of samples, and how fast the past is forgotten."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.ensemble import BaggingRegressor
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm._series.history import History, weigh

NETWORK = {"units": 2, "epochs": 3, "window_length": 4, "horizon": 1, "random_state": 0}
N_ROWS = 120
RNG = np.random.default_rng(0)
X = RNG.standard_normal((N_ROWS, 2))
# What the column says has turned round in the middle.
LATER = np.arange(N_ROWS) >= N_ROWS // 2
Y = np.where(LATER, 2.0, -2.0) * X[:, 0] + 0.05 * RNG.standard_normal(N_ROWS)


def make(cls=LSTMForecaster, **changes):
    return cls(**(NETWORK | changes))


def test_rows_of_weight_zero_are_learned_nothing_from():
    plain = make().fit(X, Y)
    weighted = make().fit(X, Y, sample_weight=LATER)
    assert plain.score(X, Y, sample_weight=LATER) < 0.5
    assert weighted.score(X, Y, sample_weight=LATER) > 0.95
    # Intervals are as wide as the errors of the rows that count.
    low, high = weighted.predict(X, quantiles=[0.1, 0.9]).T
    assert np.mean(high - low) < 1.0


@pytest.mark.parametrize("intervals", ["conformal", "quantile"])
def test_a_target_of_weight_zero_is_never_looked_at(intervals):
    # No scaler, which would see it: then not one number depends on it.
    found = []
    for target in (Y, np.where(LATER, Y, 100.0)):
        regressor = make(GRUForecaster, scaler=None, intervals=intervals)
        regressor.fit(X, target, sample_weight=LATER)
        found.append([regressor.predict(X), regressor.predict(X, quantiles=[0.1, 0.9])])
        found[-1] += list(regressor.history_.values())
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_only_the_proportions_of_weights_count():
    plain = make().fit(X, Y).predict(X)
    equal = make().fit(X, Y, sample_weight=np.full(N_ROWS, 7)).predict(X)
    np.testing.assert_array_equal(equal, plain)
    weights = RNG.uniform(0.5, 2.0, size=N_ROWS)
    one = make().fit(X, Y, sample_weight=weights).predict(X)
    other = make().fit(X, Y, sample_weight=4 * weights).predict(X)
    np.testing.assert_array_equal(one, other)
    assert np.abs(one - plain).max() > 1e-4


def test_weights_of_steps_left_out_are_nothing():
    days = pd.date_range("2024-01-01", periods=N_ROWS)
    kept = np.ones(N_ROWS, dtype=bool)
    kept[50:60] = False
    frame, target = pd.DataFrame(X, days)[kept], pd.Series(Y, days)[kept]
    weights = RNG.uniform(0.5, 2.0, size=kept.sum())
    regressor = make().fit(frame.rename(columns=str), target, sample_weight=weights)
    found = regressor._fitted.history.weights
    assert (found[~kept] == 0).all()
    np.testing.assert_allclose(found[kept], weights / weights.mean())


def test_weights_are_routed():
    weights = RNG.uniform(0.5, 2.0, size=N_ROWS)
    folds = TimeSeriesSplit(2, test_size=30)
    pipeline = make_pipeline(StandardScaler(), make())
    pipeline.fit(X, Y, lstmforecaster__sample_weight=weights)
    found = [pipeline[-1]]
    with sklearn.config_context(enable_metadata_routing=True):
        regressor = make().set_fit_request(sample_weight=True)
        regressor.set_score_request(sample_weight=False)
        search = GridSearchCV(regressor, {"units": [2]}, cv=folds)
        found.append(search.fit(X, Y, sample_weight=weights).best_estimator_)
        with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
            GridSearchCV(make(), {"units": [2]}, cv=folds).fit(
                X, Y, sample_weight=weights
            )
    for estimator in found:
        history = estimator._fitted.history
        np.testing.assert_allclose(history.weights, weights / weights.mean())


def test_bagging_weighs_rows_and_keeps_their_order():
    ensemble = BaggingRegressor(make(), n_estimators=2, random_state=0).fit(X, Y)
    for estimator in ensemble.estimators_:
        history = estimator._fitted.history
        assert len(history) == N_ROWS
        counts = np.bincount(np.round(history.weights).astype(int))
        # As many rows are left out as a bootstrap leaves out: a third.
        assert 0.25 < counts[0] / N_ROWS < 0.5
    members = [estimator.predict(X) for estimator in ensemble.estimators_]
    np.testing.assert_allclose(ensemble.predict(X), np.mean(members, axis=0))
    assert np.abs(members[0] - members[1]).max() > 1e-3


# The past is forgotten ------------------------------------------------------------


def test_weights_halve_every_halflife():
    history = History(np.arange(9.0)[:, None], np.empty((9, 0)), None)
    (found,) = weigh({(): history}, 4).values()
    np.testing.assert_allclose(found.weights[:5], found.weights[4:] / 2)
    assert found.weights.mean() == pytest.approx(1.0)
    assert weigh({(): history}, None) == {(): history}
    # However old, a row counts for something: sums of weights are divided by.
    (found,) = weigh({(): history}, 0.01).values()
    assert (found.weights > 0).all()


@pytest.mark.parametrize("autoregressive", [False, True])
def test_a_short_halflife_forgets_what_no_longer_holds(autoregressive):
    plain, forgetful = (
        make(autoregressive=autoregressive, early_stopping=False, halflife=halflife)
        .fit(X[:90], Y[:90])
        .predict(X[90:])
        for halflife in (None, 5)
    )
    errors = [np.abs(p - Y[90:]).mean() for p in (plain, forgetful)]
    assert errors[1] < 0.5 * errors[0]


def test_a_halflife_in_steps_of_each_series():
    y = pd.concat({"a": pd.Series(Y[:60]), "b": pd.Series(Y[:40])}).to_frame("y")
    forecaster = make(halflife=10).fit(y=y)
    a, b = (h.weights for h in forecaster._fitted.histories.values())
    np.testing.assert_allclose(a[-40:], b)
    np.testing.assert_allclose(b[-11], b[-1] / 2)
    assert np.concatenate([a, b]).mean() == pytest.approx(1.0)
    intervals = forecaster.predict_interval(fh=[1, 2, 3])
    assert np.isfinite(intervals).all(axis=None)


def test_new_rows_push_the_others_into_the_past():
    forecaster = make(halflife=10).fit(y=pd.Series(Y[:60]))
    forecaster.update(pd.Series(Y[60:65], index=range(60, 65)))
    weights = forecaster._fitted.history.weights
    assert len(weights) == 65
    np.testing.assert_allclose(weights[:-10], weights[10:] / 2)
    paths = forecaster.simulate(20, fh=[1, 2, 3], random_state=0)
    assert np.isfinite(paths).all(axis=None)


def test_pretrained_networks_forget_too():
    y = pd.Series(Y[:60])
    panel = pd.concat({"a": y, "b": 2 * y}).to_frame("y")
    forecaster = make(halflife=10).pretrain(panel)
    assert forecaster.pretrained_model_.spec.weighted
    assert forecaster.fit(y=y)._fitted.model.spec.weighted
    plain = make().pretrain(panel)
    plain.halflife = 10
    assert plain.fit(y=y)._fitted.model.spec.weighted
