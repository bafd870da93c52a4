"""Quantiles and intervals in scikit-learn's convention."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skl_lstm import GRUForecaster, LSTMForecaster

SMALL = {
    "units": 2,
    "epochs": 2,
    "window_length": 4,
    "horizon": 2,
    "random_state": 0,
}
rng = np.random.default_rng(0)
X = pd.DataFrame(
    rng.standard_normal((130, 2)),
    columns=["a", "b"],
    index=pd.date_range("2024-01-01", periods=130),
)
Y = np.exp(X["a"] - X["b"] / 2 + 0.3 * rng.standard_normal(130))
TRAIN, TEST = slice(0, 120), slice(120, 130)
LEVELS = [0.05, 0.5, 0.95]


@pytest.fixture(
    scope="module",
    params=[(LSTMForecaster, False), (GRUForecaster, True)],
    ids=["rows", "autoregressive"],
)
def regressor(request):
    cls, autoregressive = request.param
    return cls(**SMALL, autoregressive=autoregressive).fit(X[TRAIN], Y[TRAIN])


def test_quantiles_of_rows_are_a_table(regressor):
    quantiles = regressor.predict_quantiles(X[TEST], alpha=LEVELS)
    assert quantiles.index.equals(X.index[TEST])
    assert list(quantiles.columns) == [(0, level) for level in LEVELS]
    assert (np.diff(quantiles, axis=1) > 0).all()
    pd.testing.assert_frame_equal(
        regressor.predict_quantiles(X[TEST], LEVELS), quantiles
    )
    default = regressor.predict_quantiles(X[TEST])
    pd.testing.assert_frame_equal(default, quantiles[[(0, 0.05), (0, 0.95)]])


def test_intervals_of_rows_are_a_table(regressor):
    interval = regressor.predict_interval(X[TEST], coverage=[0.5, 0.9])
    levels = [(0.5, "lower"), (0.5, "upper"), (0.9, "lower"), (0.9, "upper")]
    assert list(interval.columns) == [(0, *level) for level in levels]
    quantiles = regressor.predict_quantiles(X[TEST], [0.25, 0.75, 0.05, 0.95])
    np.testing.assert_allclose(interval, quantiles)
    default = regressor.predict_interval(X[TEST])
    pd.testing.assert_frame_equal(default, interval.iloc[:, 2:])


def test_predict_returns_quantiles(regressor):
    array = regressor.predict(X[TEST], quantiles=LEVELS)
    np.testing.assert_allclose(array, regressor.predict_quantiles(X[TEST], LEVELS))
    assert array.shape == (10, 3)
    median = regressor.predict(X[TEST], quantiles=0.5)
    np.testing.assert_allclose(median, array[:, 1])


def test_plain_arrays_are_numbered(regressor):
    with pytest.warns(UserWarning, match="feature names"):
        quantiles = regressor.predict_quantiles(X[TEST].to_numpy(), 0.5)
    assert list(quantiles.index) == list(range(10))


def test_rows_seen_have_quantiles_too(regressor):
    assert regressor.predict_interval(X[TRAIN]).shape == (120, 2)


@pytest.mark.parametrize("autoregressive", [False, True])
def test_several_targets_have_an_axis_of_their_own(autoregressive):
    targets = np.column_stack([Y, -Y])
    regressor = LSTMForecaster(**SMALL, autoregressive=autoregressive)
    regressor.fit(X[TRAIN], targets[TRAIN])
    array = regressor.predict(X[TEST], quantiles=LEVELS)
    assert array.shape == (10, 2, 3)
    assert regressor.predict(X[TEST], quantiles=0.5).shape == (10, 2)
    table = regressor.predict_quantiles(X[TEST], LEVELS)
    assert list(table.columns) == [(i, level) for i in (0, 1) for level in LEVELS]
    np.testing.assert_allclose(table, array.reshape(10, 6))


def test_quantiles_come_through_a_pipeline_and_a_search():
    pipeline = make_pipeline(StandardScaler(), LSTMForecaster(**SMALL))
    search = GridSearchCV(
        pipeline, {"lstmforecaster__units": [2]}, cv=TimeSeriesSplit(2)
    ).fit(X[TRAIN], Y[TRAIN])
    array = search.best_estimator_.predict(X[TEST], quantiles=LEVELS)
    assert array.shape == (10, 3)
    assert (np.diff(array, axis=1) > 0).all()


def test_quantiles_come_through_a_transformed_target():
    plain = LSTMForecaster(**SMALL).fit(X[TRAIN], np.log(Y[TRAIN]))
    expected = np.exp(plain.predict(X[TEST], quantiles=LEVELS))
    log = FunctionTransformer(np.log, np.exp)
    for options in ({"func": np.log, "inverse_func": np.exp}, {"transformer": log}):
        wrapped = TransformedTargetRegressor(LSTMForecaster(**SMALL), **options)
        wrapped.fit(X[TRAIN], Y[TRAIN])
        array = wrapped.predict(X[TEST], quantiles=LEVELS)
        np.testing.assert_allclose(array, expected, rtol=1e-5)
        assert (array > 0).all()


@pytest.mark.parametrize("levels", [[0.5, 1.0], 0.0, [[0.5]]])
def test_levels_outside_are_rejected(regressor, levels):
    with pytest.raises(ValueError, match=r"'quantiles' must be.*Got"):
        regressor.predict(X[TEST], quantiles=levels)
    with pytest.raises(ValueError, match=r"'alpha' must be.*Got"):
        regressor.predict_quantiles(X[TEST], alpha=levels)


def test_deviations_and_quantiles_are_not_asked_for_together(regressor):
    with pytest.raises(TypeError, match="return_std or quantiles"):
        regressor.predict(X[TEST], return_std=True, quantiles=0.5)


def test_a_horizon_is_rejected_after_a_fit_on_rows(regressor):
    for method in (regressor.predict_interval, regressor.predict_quantiles):
        with pytest.raises(TypeError, match="takes X alone, no forecasting horizon"):
            method(fh=[1], X=X[TEST])


def test_a_forecaster_says_where_its_quantiles_are():
    forecaster = LSTMForecaster(**SMALL).fit(Y)
    with pytest.raises(TypeError, match=r"quantiles is for.*predict_quantiles"):
        forecaster.predict(fh=[1], quantiles=[0.5])


def test_a_share_of_the_rows_lies_inside():
    rng = np.random.default_rng(1)
    features = rng.standard_normal((900, 1))
    target = features[:, 0] + rng.exponential(1, 900)
    regressor = LSTMForecaster(**SMALL | {"epochs": 10}).fit(
        features[:600], target[:600]
    )
    quantiles = regressor.predict(features[600:], quantiles=[0.1, 0.9])
    below = (target[600:, None] < quantiles).mean(axis=0)
    np.testing.assert_allclose(below, [0.1, 0.9], atol=0.1)
