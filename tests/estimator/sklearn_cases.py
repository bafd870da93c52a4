"""Small regressors and the rows that tests of scikit-learn's convention share.

Quarterly changes of consumption in the USA from those of income, production, savings
and unemployment: rows that a linear model explains to three quarters.
"""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import (
    TimeSeriesSplit,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sktime.datasets import load_uschange

from skl_lstm import GRUForecaster, LSTMForecaster

NETWORK = {
    "units": 3,
    "epochs": 10,
    "window_length": 4,
    "horizon": 1,
    "learning_rate": 0.01,
    "early_stopping": False,
    "random_state": 0,
}


QUARTERS = pd.period_range("1970Q1", periods=187, freq="Q")


Y, X = (data.set_axis(QUARTERS) for data in load_uschange())


X_TRAIN, X_TEST, Y_TRAIN, Y_TEST = X[:150], X[150:], Y[:150], Y[150:]


FOLDS = TimeSeriesSplit(3)


CLASSES = [LSTMForecaster, GRUForecaster]


every_class = pytest.mark.parametrize("cls", CLASSES)


either_meaning = pytest.mark.parametrize("autoregressive", [False, True])


def make_estimator(cls=LSTMForecaster, **parameters):
    return cls(**(NETWORK | parameters))


def make_scaled(est):
    return Pipeline([("scale", StandardScaler()), ("lstm", est)])


def fold_scores(est, y=Y):
    """Score fold after fold by hand."""
    scores = []
    for train, test in FOLDS.split(X):
        est.fit(X.iloc[train], y.iloc[train])
        scores.append(est.score(X.iloc[test], y.iloc[test]))
    return scores


WEIGHTS = np.linspace(0.0, 1.0, len(X))
