"""Small forecasters and what tests of sktime's convention share."""

import numpy as np
import pandas as pd
import pytest

from skl_lstm import GRUForecaster, LSTMForecaster

both_classes = pytest.mark.parametrize("cls", [LSTMForecaster, GRUForecaster])
# For what the cell has no part in: the second class is left to `make test-slow`.
first_class = pytest.mark.parametrize(
    "cls", [LSTMForecaster, pytest.param(GRUForecaster, marks=pytest.mark.slow)]
)


WINDOW, HORIZON = 4, 3


# One window and one horizon for all: the tests share a handful of programs. The
# learning rate is high, so that a few epochs leave the naive forecast behind.
TINY = {
    "units": 2,
    "epochs": 2,
    "window_length": WINDOW,
    "horizon": HORIZON,
    "learning_rate": 0.02,
    "random_state": 0,
}


FH = [1, 2, 3]


# Equal numbers in another batch differ in the last bits of float32.
CLOSE = {"rtol": 1e-5, "atol": 0}


def make(cls=LSTMForecaster, **changes):
    return cls(**(TINY | changes))


def weights_of(forecaster):
    (weights,) = forecaster.get_fitted_params()["weights"]
    return [w.copy() for w in weights]


def assert_same_weights(one, other):
    assert len(one) == len(other)
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def largest_move(one, other):
    return max(np.abs(a - b).max() for a, b in zip(one, other, strict=True))


def assert_same_forecast(one, other):
    # sktime does not keep the name of the index.
    pd.testing.assert_frame_equal(one, other, check_names=False)


def network_forecasts(forecaster, values):
    """Apply the trained Keras model to every complete window, by hand."""
    scaled = forecaster.y_scaler_.transform(np.reshape(values, (len(values), -1)))
    ends = range(WINDOW, len(scaled) + 1)
    windows = np.stack([scaled[end - WINDOW : end] for end in ends])
    blocks = np.asarray(forecaster.model_({"window": windows.astype("float32")}))
    flat = blocks.reshape(-1, scaled.shape[1]).astype(float)
    return forecaster.y_scaler_.inverse_transform(flat).reshape(blocks.shape)


N_AHEAD = 8


N_SHAMPOO = 36


N_TIMES = N_SHAMPOO + N_AHEAD


# Every type of index that sktime allows, with the times after the data.
INDICES = {
    "range": pd.RangeIndex(N_TIMES),
    "range-from-7": pd.RangeIndex(7, N_TIMES + 7),
    "integers-from-minus-5": pd.Index(np.arange(N_TIMES) - 5),
    "period-Y": pd.period_range("1990", periods=N_TIMES, freq="Y"),
    "period-Q-NOV": pd.period_range("1990Q2", periods=N_TIMES, freq="Q-NOV"),
    "period-M": pd.period_range("1990-11", periods=N_TIMES, freq="M"),
    "period-W-WED": pd.period_range("1990-01-04", periods=N_TIMES, freq="W-WED"),
    "period-D": pd.period_range("1992-02-01", periods=N_TIMES, freq="D"),
    "period-2h": pd.period_range("1990-01-01", periods=N_TIMES, freq="2h"),
    "MS": pd.date_range("1990-11-01", periods=N_TIMES, freq="MS"),
    "ME": pd.date_range("1990-11-30", periods=N_TIMES, freq="ME"),
    "QS-OCT": pd.date_range("1990-10-01", periods=N_TIMES, freq="QS-OCT"),
    "W-SUN": pd.date_range("1990-01-07", periods=N_TIMES, freq="W-SUN"),
    "B": pd.date_range("1990-01-01", periods=N_TIMES, freq="B"),
    "C": pd.date_range("1990-01-01", periods=N_TIMES, freq="C"),
    "D-across-summer-time": pd.date_range(
        "1990-03-01", periods=N_TIMES, freq="D", tz="Europe/Berlin"
    ),
    "15min": pd.date_range("1990-01-01", periods=N_TIMES, freq="15min"),
}
