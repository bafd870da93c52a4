"""The start of a regression without own past: level with ridge, or better."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import RidgeCV
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sktime.datasets import load_uschange

from skl_lstm import LSTMForecaster
from skl_lstm._training.row_regression import (
    LEAST_WINDOWS,
    MOST_WINDOWS,
    PENALTIES,
    fit_row_regression,
    suits_row_regression,
)

LENGTH = 4
RNG = np.random.default_rng(0)


def cut(X):
    """Return the windows that end with each row but the first ones, flattened."""
    rows = np.arange(LENGTH, len(X) + 1)[:, None]
    return X[rows + np.arange(-LENGTH, 0)].reshape(len(rows), -1)


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_a_row_that_depends_on_itself_alone_is_ridge_regression(n_outputs):
    X = RNG.standard_normal((200, 3))
    y = X @ RNG.standard_normal((3, n_outputs)) + RNG.standard_normal((200, n_outputs))
    found = fit_row_regression(cut(X), y[LENGTH - 1 :], np.ones(len(cut(X))), LENGTH)
    alphas = PENALTIES * (200 - LENGTH + 1)
    ridge = RidgeCV(alphas=alphas).fit(X[LENGTH - 1 :], y[LENGTH - 1 :])
    coefficients = np.reshape(ridge.coef_, (n_outputs, 3)).T
    np.testing.assert_allclose(found.kernel[-3:], coefficients)
    np.testing.assert_allclose(found.bias, ridge.intercept_)
    assert not found.kernel[:-3].any()


def test_an_effect_of_the_row_before_is_found():
    X = RNG.standard_normal((200, 2))
    y = X[:, :1] - 2 * np.roll(X[:, 1:], 1, axis=0) + RNG.normal(0, 0.1, (200, 1))
    kernel = fit_row_regression(
        cut(X), y[LENGTH - 1 :], np.ones(len(cut(X))), LENGTH
    ).kernel
    np.testing.assert_allclose(kernel[-4:, 0], [0, -2, 1, 0], atol=0.1)


def test_a_window_of_one_row_is_that_row():
    X = RNG.standard_normal((50, 2))
    found = fit_row_regression(X, X[:, :1], np.ones(len(X)), 1)
    np.testing.assert_allclose(found.predict(X), X[:, :1], atol=0.01)


def test_few_and_very_many_windows_are_left_to_the_held_out_tail():
    sizes = LEAST_WINDOWS - 1, LEAST_WINDOWS, MOST_WINDOWS, MOST_WINDOWS + 1
    assert [suits_row_regression(n) for n in sizes] == [False, True, True, False]


def test_columns_that_go_together_are_not_lost_among_lags():
    """Consumption by income and savings: large effects that nearly cancel."""
    y, X = load_uschange()
    X, y = X.to_numpy(), y.to_numpy()
    small = LSTMForecaster(units=2, epochs=2, random_state=0).fit(X[:150], y[:150])
    ridge = RidgeCV(np.logspace(-3, 3, 13)).fit(X[:150], y[:150])
    scores = [r2_score(y[150:], m.predict(X[150:])) for m in (small, ridge)]
    assert scores[0] > scores[1] - 0.02 > 0.6


def test_an_irrelevant_category_does_not_hide_the_other_columns():
    y, X = load_uschange()
    train, test = slice(150), slice(150, None)
    ours, ridges = [], []
    for seed in range(3):
        kinds = pd.Series(np.random.default_rng(seed).integers(20, size=len(X)))
        table = X.assign(kind=kinds.astype(str).to_numpy())
        small = LSTMForecaster(units=2, epochs=1, random_state=0)
        small.fit(table[train], y[train])
        onehot = ColumnTransformer(
            [("kind", OneHotEncoder(handle_unknown="ignore"), ["kind"])],
            remainder=StandardScaler(),
        )
        ridge = make_pipeline(onehot, RidgeCV(np.logspace(-3, 3, 13)))
        ridge.fit(table[train], y[train])
        for model, errors in [(small, ours), (ridge, ridges)]:
            errors.append(mean_absolute_error(y[test], model.predict(table[test])))
    assert np.mean(ours) < 1.05 * np.mean(ridges)
