"""Data and small estimators that tests of errors share."""

import numpy as np
import pandas as pd

from skl_lstm import GRUForecaster, LSTMForecaster

ESTIMATORS = [LSTMForecaster, GRUForecaster]


N_ROWS, N_AHEAD = 40, 4


RNG = np.random.default_rng(0)


INDEX = pd.date_range("2020-01-01", periods=N_ROWS + N_AHEAD, freq="D")


ALL_X = pd.DataFrame(
    RNG.standard_normal((len(INDEX), 2)), index=INDEX, columns=["a", "b"]
)


ALL_Y = pd.Series(np.sin(np.arange(len(INDEX)) / 3) + 2, index=INDEX, name="y")


X, Y = ALL_X[:N_ROWS], ALL_Y[:N_ROWS]


NEW_X, NEW_Y = ALL_X[N_ROWS:], ALL_Y[N_ROWS:]


STEPS = [1, 2, 4]


SMALL = {
    "units": 2,
    "epochs": 1,
    "window_length": 4,
    "horizon": 2,
    "early_stopping": False,
    "random_state": 0,
}


WORDED = (TypeError, ValueError)


FITS = {
    "sktime": lambda estimator: estimator.fit(y=Y, X=X, fh=STEPS),
    "sklearn": lambda estimator: estimator.fit(X, Y),
}


def predict(estimator):
    if estimator._convention == "sklearn":
        return estimator.predict(NEW_X)
    return estimator.predict(X=NEW_X if estimator.n_features_in_ else None)


def assert_usable(estimator, expected):
    """Check that a fitted estimator predicts as it did before an error."""
    np.testing.assert_array_equal(predict(estimator), expected)


def spoil(data, value, row=7):
    data = data.astype(object) if isinstance(value, str) else data.copy()
    if data.ndim == 2:
        data.iloc[row, 1] = value
    else:
        data.iloc[row] = value
    return data
