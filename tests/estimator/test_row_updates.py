"""New rows after a fit on feature rows: remembered, trained on, predicted."""

from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import TimeSeriesSplit, learning_curve

from skl_lstm import GRUForecaster, LSTMForecaster, load_model, save_model
from tests.estimator.sktime_cases import (
    CLOSE,
    TINY,
    assert_same_weights,
    largest_move,
    weights_of,
)

N, N_NEW = 60, 12
RNG = np.random.default_rng(11)
INDEX = pd.date_range("2020-01-06", periods=N + N_NEW, freq="D")
X = pd.DataFrame(RNG.normal(size=(N + N_NEW, 2)), INDEX, ["a", "b"])
Y = pd.Series(np.cumsum(RNG.normal(size=N + N_NEW)) + X["a"].to_numpy(), INDEX)
OLD, NEW = slice(0, N), slice(N, None)
ROWS = {
    "dates": (X, Y),
    "numbers": (X.reset_index(drop=True), Y.reset_index(drop=True)),
    "arrays": (X.to_numpy(), Y.to_numpy()),
    "dates of y": (X.to_numpy(), Y),
}


@pytest.fixture(scope="module")
def fitted():
    """Fit on each kind of rows, with and without the target's past."""
    return {
        (kind, autoregressive): LSTMForecaster(
            **TINY, autoregressive=autoregressive
        ).fit(rows[OLD], y=y[OLD])
        for kind, (rows, y) in ROWS.items()
        for autoregressive in (False, True)
    }


@pytest.mark.parametrize("kind", ROWS)
def test_one_step_ahead_is_each_row_from_the_real_rows_before_it(kind, fitted):
    rows, y = ROWS[kind]
    found = fitted[kind, True].predict_one_step(rows[NEW], y[NEW])
    # As a sktime forecaster, day by day.
    forecaster = LSTMForecaster(**TINY).fit(y=Y[OLD], X=X[OLD])
    expected = []
    for i in range(N, N + N_NEW):
        expected.append(forecaster.predict(fh=[1], X=X[i : i + 1]).iloc[0])
        forecaster.update(Y[i : i + 1], X=X[i : i + 1], update_params=False)
    assert found.shape == (N_NEW,)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    # Rolled over the span, without the true past, they are others.
    assert np.abs(found - fitted[kind, True].predict(rows[NEW])).max() > 1e-2


def test_without_the_targets_past_one_step_ahead_is_predict(fitted):
    regressor = fitted["dates", False]
    found = regressor.predict_one_step(X[NEW], Y[NEW])
    np.testing.assert_array_equal(found, regressor.predict(X[NEW]))
    quantiles = regressor.predict_one_step(X[NEW], Y[NEW], quantiles=[0.1, 0.9])
    expected = regressor.predict(X[NEW], quantiles=[0.1, 0.9])
    np.testing.assert_array_equal(quantiles, expected)


def test_one_step_ahead_has_quantiles(fitted):
    regressor = fitted["dates", True]
    quantiles = regressor.predict_one_step(X[NEW], Y[NEW], quantiles=[0.1, 0.5, 0.9])
    assert quantiles.shape == (N_NEW, 3)
    assert (np.diff(quantiles) > 0).all()
    updated = deepcopy(regressor).update(X[NEW], Y[NEW], update_params=False)
    expected = updated.predict(X[NEW], quantiles=[0.1, 0.5, 0.9])
    np.testing.assert_allclose(quantiles, expected, **CLOSE)


@pytest.mark.parametrize("autoregressive", [False, True])
@pytest.mark.parametrize("kind", ROWS)
def test_rows_are_remembered_without_training(kind, autoregressive, fitted):
    rows, y = ROWS[kind]
    regressor = deepcopy(fitted[kind, autoregressive])
    weights = weights_of(regressor)
    half = N + N_NEW // 2
    regressor.update(rows[N:half], y[N:half], update_params=False)
    assert_same_weights(weights_of(regressor), weights)
    found = regressor.predict(rows[half:])
    if autoregressive:
        forecaster = LSTMForecaster(**TINY).fit(y=Y[OLD], X=X[OLD])
        forecaster.update(Y[N:half], X=X[N:half], update_params=False)
        expected = forecaster.predict(fh=range(1, N + N_NEW - half + 1), X=X[half:])
    else:
        expected = fitted[kind, False].predict(rows[NEW])[half - N :]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("kind", ["dates", "arrays"])
def test_an_update_trains_on_for_a_few_steps(kind, fitted, tmp_path):
    rows, y = ROWS[kind]
    regressor = deepcopy(fitted[kind, True])
    weights = weights_of(regressor)
    assert regressor.update(rows[NEW], y[NEW]) is regressor
    assert 0 < largest_move(weights_of(regressor), weights) < 0.2
    save_model(regressor, tmp_path / "updated.model")
    again = load_model(tmp_path / "updated.model")
    later = X.to_numpy()[:3] if kind == "arrays" else X[:3].shift(N + N_NEW, freq="D")
    np.testing.assert_array_equal(again.predict(later), regressor.predict(later))


def test_a_row_at_a_known_time_replaces_the_old_one(fitted):
    regressor = deepcopy(fitted["dates", True])
    regressor.update(X[N - 1 : N], Y[N - 1 : N] + 5, update_params=False)
    assert len(regressor._fitted.history) == N
    assert regressor._fitted.history.y[-1, 0] == Y.iloc[N - 1] + 5


def test_days_left_out_count_as_missing(fitted):
    regressor = deepcopy(fitted["dates", True])
    regressor.update(X[N + 2 :], Y[N + 2 :], update_params=False)
    history = regressor._fitted.history
    assert history.index.equals(INDEX)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(history.y)), [N, N + 1])


def test_a_partial_fit_is_a_fit_then_an_update():
    partial = GRUForecaster(**TINY).partial_fit(X[OLD], Y[OLD])
    whole = GRUForecaster(**TINY).fit(X[OLD], Y[OLD])
    np.testing.assert_array_equal(partial.predict(X[NEW]), whole.predict(X[NEW]))
    partial.partial_fit(X[NEW], Y[NEW])
    whole.update(X[NEW], Y[NEW])
    assert_same_weights(weights_of(partial), weights_of(whole))


def test_a_learning_curve_may_train_on():
    _, train, test = learning_curve(
        LSTMForecaster(**TINY),
        X.to_numpy(),
        Y.to_numpy(),
        cv=TimeSeriesSplit(2, test_size=10),
        train_sizes=[0.5, 1.0],
        exploit_incremental_learning=True,
        error_score="raise",
    )
    assert np.isfinite(train).all()
    assert np.isfinite(test).all()


def test_calls_that_do_not_fit_are_told(fitted):
    regressor, forecaster = deepcopy(fitted["dates", True]), LSTMForecaster(**TINY)
    forecaster.fit(Y[OLD])
    before = regressor.predict(X[NEW])
    with pytest.raises(TypeError, match=r"fitted as a sktime.*update\(y, X\)"):
        forecaster.partial_fit(X[NEW], Y[NEW])
    with pytest.raises(TypeError, match=r"update\(X, y, update_params=True\)"):
        regressor.update(X[NEW])
    with pytest.raises(ValueError, match=r"y has 2 columns, but fit saw 1"):
        regressor.update(X[NEW], X[NEW].to_numpy())
    with pytest.raises(ValueError, match=r"starts before the training rows"):
        regressor.update(X[:3].shift(-9, freq="D"), Y[:3].to_numpy())
    with pytest.raises(TypeError, match=r"predict_one_step\(X, y\)"):
        regressor.predict_one_step(y=Y[NEW], X=X[NEW])
    np.testing.assert_array_equal(regressor.predict(X[NEW]), before)


def test_rows_after_an_index_without_a_frequency_need_their_times():
    days = INDEX[[0, 1, 3, 4, 7, 8, 9, 12, 14, 15, 19, 20, 22, 26, 27, 30, 33, 34]]
    rows, y = X.loc[days], Y.loc[days]
    regressor = LSTMForecaster(**TINY, autoregressive=True).fit(rows[:14], y[:14])
    with pytest.raises(ValueError, match=r"Pass new rows with their time as index"):
        regressor.update(rows[14:].to_numpy(), y[14:].to_numpy())
    regressor.update(rows[14:], y[14:], update_params=False)
    assert regressor._fitted.history.index.equals(days)
