"""Hidden states, importances by lag, and rows that surprise."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skl_lstm import GRUForecaster, LSTMForecaster, RecurrentEncoder
from tests.estimator.sktime_cases import TINY, WINDOW, make

N = 90
RNG = np.random.default_rng(2)
INDEX = pd.period_range("2001-01", periods=N, freq="M")
X = pd.DataFrame({"a": RNG.normal(size=N), "b": RNG.normal(size=N)}, INDEX)
# Two steps ago decides, and column a of the row itself.
NOISE = 0.05 * RNG.normal(size=N)
VALUES = np.zeros(N)
for _t in range(2, N):
    VALUES[_t] = 0.9 * VALUES[_t - 2] + X["a"].iloc[_t] + NOISE[_t]
Y = pd.Series(VALUES, INDEX, name="y")


@pytest.fixture(scope="module")
def univariate():
    return make(epochs=30, theta_share=0, window_scaling=None).fit(Y[:80])


@pytest.fixture(scope="module")
def regressor():
    return LSTMForecaster(**TINY).fit(X[:80], Y[:80])


@pytest.fixture(scope="module")
def autoregressive():
    return LSTMForecaster(**TINY, autoregressive=True).fit(X[:80], Y[:80])


# Hidden states ----------------------------------------------------------------


def test_states_are_those_of_the_keras_layer(univariate):
    keras = pytest.importorskip("keras")
    states = univariate.encode(Y[:80])
    assert states.index.equals(INDEX[:80])
    assert states.shape == (80, TINY["units"])
    model = univariate.model_
    layer = next(one for one in model.layers if isinstance(one, keras.layers.LSTM))
    inner = keras.Model(model.inputs, layer.output)
    scaled = univariate.y_scaler_.transform(Y.to_numpy()[:, None])
    # The window that a row is predicted from ends just before it.
    windows = np.stack([scaled[t - WINDOW : t] for t in range(WINDOW, 80)])
    expected = np.asarray(inner({"window": windows.astype("float32")}))
    np.testing.assert_allclose(states[WINDOW:], expected, rtol=1e-4, atol=1e-6)


def test_states_of_new_rows_reach_back_into_the_training_rows(univariate):
    new = univariate.encode(Y[80:])
    everything = univariate.encode(Y)
    pd.testing.assert_frame_equal(new, everything[80:], rtol=1e-5, atol=1e-7)
    changed = univariate.encode(Y[80:] + np.r_[0, 0, 5, np.zeros(7)])
    np.testing.assert_allclose(changed[:3], new[:3], rtol=1e-5)
    assert np.abs(changed.iloc[3] - new.iloc[3]).max() > 1e-4


def test_states_of_feature_rows(regressor, autoregressive):
    states = regressor.encode(X)
    assert states.shape == (N, TINY["units"])
    np.testing.assert_allclose(regressor.encode(X, Y), states)
    both = autoregressive.encode(X[80:], Y[80:])
    assert both.shape == (10, TINY["units"])
    with pytest.raises(ValueError, match=r"encode\(X, y\)"):
        autoregressive.encode(X[80:])


ENCODERS = [
    RecurrentEncoder(cls(units=2, epochs=1, window_length=3, horizon=1, random_state=0))
    for cls in (LSTMForecaster, GRUForecaster)
]
ORDER_MATTERS = "rows are time steps: a window reads the rows before its own"


def list_checks(encoders):
    return parametrize_with_checks(
        encoders,
        expected_failed_checks=lambda _: {
            "check_methods_sample_order_invariance": ORDER_MATTERS,
            "check_methods_subset_invariance": ORDER_MATTERS,
        },
    )


@list_checks(ENCODERS[:1])
def test_the_transformer_conforms_to_scikit_learn(estimator, check):
    check(estimator)


# The same class around another cell.
@pytest.mark.slow
@list_checks(ENCODERS[1:])
def test_the_transformer_of_a_gru_conforms_to_scikit_learn(estimator, check):
    check(estimator)


def test_states_serve_a_classifier_and_a_clustering():
    # The direction of a triangle wave shows in its past alone, not in its value.
    t = np.arange(400)
    wave = np.abs((t % 20) - 10.0)
    rises = np.where(t % 20 >= 10, "up", "down")
    rows = wave[:, None] + 0.01 * RNG.normal(size=(400, 1))
    encoder = RecurrentEncoder(
        LSTMForecaster(units=6, epochs=20, window_length=4, horizon=1, random_state=0)
    )
    alone = LogisticRegression().fit(rows[:300], rises[:300])
    model = make_pipeline(encoder, LogisticRegression(C=100, max_iter=1_000))
    model.fit(rows[:300], rises[:300])
    assert alone.score(rows[300:], rises[300:]) < 0.7
    assert model.score(rows[300:], rises[300:]) > 0.85
    frame = encoder.set_output(transform="pandas").fit_transform(rows)
    assert list(frame.columns[:2]) == ["recurrentencoder0", "recurrentencoder1"]
    labels = make_pipeline(encoder, KMeans(2, n_init=1, random_state=0)).fit_predict(
        rows
    )
    assert set(labels) == {0, 1}


# Importances ------------------------------------------------------------------


def test_the_lag_that_decides_is_the_most_important(univariate):
    rises = univariate.permutation_importance(n_repeats=3, random_state=0)
    assert list(rises.columns) == ["y"]
    assert list(rises.index) == [0, 1, 2, 3, 4]
    assert np.isnan(rises.loc[0, "y"])
    assert rises["y"].idxmax() in (1, 2)
    assert rises["y"].max() > 0.1
    again = univariate.permutation_importance(n_repeats=3, random_state=0)
    pd.testing.assert_frame_equal(again, rises)


def test_the_column_that_decides_is_the_most_important():
    forecaster = make(epochs=20).fit(y=Y[:80], X=X[:80])
    rises = forecaster.permutation_importance(random_state=0)
    assert list(rises.columns) == ["y", "a", "b"]
    assert rises.loc[0, "a"] > 5 * abs(rises.loc[0, "b"])
    assert rises.loc[0, "a"] > rises.loc[1:, "a"].max()


def test_rows_of_features_have_importances(regressor):
    rises = regressor.permutation_importance(n_repeats=1, random_state=0)
    assert list(rises.columns) == ["a", "b"]
    assert np.isfinite(rises).all(axis=None)


# Anomalies --------------------------------------------------------------------


def test_a_row_outside_of_its_interval_scores_above_one(univariate):
    scores = univariate.anomaly_scores(Y[:80], coverage=0.8)
    assert scores.index.equals(INDEX[:80])
    inside = univariate.predict_interval(fh=np.arange(-79, 1), coverage=0.8)["y"][0.8]
    is_outside = (Y[:80] < inside["lower"]) | (Y[:80] > inside["upper"])
    assert 0 < is_outside.sum() < 40
    np.testing.assert_array_equal(scores > 1, is_outside)
    spoiled = Y[:80].copy()
    spoiled.iloc[60] += 20
    assert univariate.anomaly_scores(spoiled).idxmax() == INDEX[60]


def test_a_missing_row_has_no_score(univariate):
    holed = Y[80:].copy()
    holed.iloc[3] = np.nan
    scores = univariate.anomaly_scores(holed)
    assert np.flatnonzero(scores.isna()).tolist() == [3]


@pytest.mark.parametrize("kind", ["regressor", "autoregressive"])
def test_feature_rows_have_scores(kind, request):
    estimator = request.getfixturevalue(kind)
    scores = estimator.anomaly_scores(X[80:], Y[80:])
    assert scores.shape == (10,)
    spoiled = Y[80:].copy()
    spoiled.iloc[4] -= 30
    assert estimator.anomaly_scores(X[80:], spoiled).argmax() == 4


def test_calls_that_do_not_fit_are_told(univariate, regressor):
    with pytest.raises(ValueError, match=r"'coverage' must be a number.*between 0"):
        univariate.anomaly_scores(Y[80:], coverage=95)
    with pytest.raises(TypeError, match=r"anomaly_scores\(X, y\)"):
        regressor.anomaly_scores(Y[80:])
    with pytest.raises(TypeError, match=r"encode\(y=y, X=X\)"):
        univariate.encode(X[80:].to_numpy(), Y[80:].to_numpy())
