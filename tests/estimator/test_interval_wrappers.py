"""Intervals that other packages put around the forecasters."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from skpro.regression.residual import ResidualDouble
from sktime.datasets import load_airline
from sktime.forecasting.conformal import ConformalIntervals
from sktime.split import temporal_train_test_split

from skl_lstm import LSTMForecaster

SMALL = {"units": 2, "epochs": 2, "window_length": 4, "random_state": 0}
FITTED, CONFORMED, TEST = slice(0, 150), slice(150, 250), slice(250, 350)
rng = np.random.default_rng(0)
X = pd.DataFrame(rng.standard_normal((350, 2)), columns=["a", "b"])
Y = X["a"] - X["b"] / 2 + rng.standard_normal(350)


def share_inside(intervals):
    """Return the share of the test rows between two columns."""
    truth, (low, high) = Y[TEST].to_numpy(), np.asarray(intervals).T
    return ((low <= truth) & (truth <= high)).mean()


@pytest.mark.parametrize("prefit", [True, False])
def test_mapie_makes_intervals_around_the_regressor(prefit):
    regression = pytest.importorskip(
        "mapie.regression", reason="MAPIE is no dependency: pip install mapie"
    )
    model, rows = LSTMForecaster(**SMALL), X.to_numpy()
    wrapped = regression.SplitConformalRegressor(
        model.fit(rows[FITTED], Y[FITTED]) if prefit else model,
        confidence_level=0.8,
        prefit=prefit,
    )
    if not prefit:
        wrapped.fit(rows[FITTED], Y[FITTED])
    wrapped.conformalize(rows[CONFORMED], Y[CONFORMED])
    _, intervals = wrapped.predict_interval(rows[TEST])
    assert share_inside(intervals[:, :, 0]) == pytest.approx(0.8, abs=0.12)


def test_skpro_puts_a_distribution_around_the_regressor():
    wrapped = ResidualDouble(LSTMForecaster(**SMALL), LinearRegression())
    wrapped.fit(X[FITTED], Y[FITTED].to_frame("y"))
    interval = wrapped.predict_interval(X[TEST], coverage=0.8)
    assert interval.index.equals(X.index[TEST])
    assert share_inside(interval) == pytest.approx(0.8, abs=0.12)


def test_sktime_puts_intervals_around_the_forecaster():
    y, test = temporal_train_test_split(load_airline(), test_size=6)
    model = LSTMForecaster(**SMALL, horizon=6)
    wrapped = ConformalIntervals(model, initial_window=len(y) - 10)
    interval = wrapped.fit(y, fh=range(1, 7)).predict_interval(coverage=0.8)
    assert interval.index.equals(test.index)
    assert (np.diff(interval.to_numpy(), axis=1) >= 0).all()
