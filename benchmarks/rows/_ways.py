"""What is compared: each way forecasts rows whose columns are known."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.rows._start import fit_linear_start
from skl_lstm import GRUForecaster, LSTMForecaster

# Penalties that RidgeCV tries, and lags that boosting sees without a season.
ALPHAS = np.logspace(-3, 3, 13)
N_LAGS = 8


class Question(NamedTuple):
    """What a way is given, and what it is asked for.

    Attributes
    ----------
    y : ndarray of shape (n_rows,)
        Target of the training rows.
    X : ndarray of shape (n_rows, n_columns)
        Columns of the training rows.
    X_ahead : ndarray of shape (n_steps, n_columns)
        Columns of the rows to forecast.
    sp : int
        Steps per season.
    last_step : int or None
        ``n_steps``, where it is told at the fit.
    effect, effect_ahead : ndarray or None
        What the columns contribute, where that is known; for the oracle alone.
    """

    y: np.ndarray
    X: np.ndarray
    X_ahead: np.ndarray
    sp: int
    last_step: int | None
    effect: np.ndarray | None = None
    effect_ahead: np.ndarray | None = None


def forecast_sktime(cls: type, question: Question, seed: int) -> np.ndarray:
    """Fit with the defaults in sktime's spelling."""
    forecaster = cls(sp=question.sp, random_state=seed)
    n, n_steps = len(question.y), len(question.X_ahead)
    fh = np.arange(1, n_steps + 1)
    told = fh if question.last_step else None
    y, X = pd.Series(question.y), pd.DataFrame(question.X)
    ahead = pd.DataFrame(question.X_ahead, index=range(n, n + n_steps))
    forecaster.fit(y, X=X, fh=told)
    return forecaster.predict(fh=fh, X=ahead).to_numpy()


def forecast_sklearn(cls: type, question: Question, seed: int) -> np.ndarray:
    """Fit with the defaults in a Pipeline, which cannot say how far to forecast."""
    forecaster = cls(autoregressive=True, sp=question.sp, random_state=seed)
    model = make_pipeline(StandardScaler(), forecaster)
    return model.fit(question.X, question.y).predict(question.X_ahead)


def forecast_rest(cls: type, question: Question, seed: int) -> np.ndarray:
    """Explain the rows by least squares, and forecast what is left by the default."""
    ols = LinearRegression().fit(question.X, question.y)
    rest = pd.Series(question.y - ols.predict(question.X))
    fh = np.arange(1, len(question.X_ahead) + 1)
    forecaster = cls(sp=question.sp, random_state=seed)
    forecaster.fit(rest, fh=fh if question.last_step else None)
    return ols.predict(question.X_ahead) + forecaster.predict(fh=fh).to_numpy()


def forecast_start(question: Question, seed: int) -> np.ndarray:
    """Forecast by transfer function and linear map, without a network."""
    start = fit_linear_start(question.y, question.X, question.sp, question.last_step)
    return start.forecast(question.X_ahead)


def forecast_oracle(question: Question, seed: int) -> np.ndarray | None:
    """Forecast what the true effect leaves by the linear map."""
    if question.effect is None:
        return None
    rest, none = question.y - question.effect, np.empty((len(question.y), 0))
    start = fit_linear_start(rest, none, question.sp, question.last_step)
    ahead = np.empty((len(question.X_ahead), 0))
    return start.forecast(ahead) + question.effect_ahead


def forecast_ridge(question: Question, seed: int) -> np.ndarray:
    """Explain each row by its own columns."""
    model = make_pipeline(StandardScaler(), RidgeCV(ALPHAS))
    return model.fit(question.X, question.y).predict(question.X_ahead)


def forecast_boosting(question: Question, seed: int) -> np.ndarray:
    """Boost trees on the last values and the row's own columns, step by step."""
    n_lags = min(max(N_LAGS, question.sp), len(question.y) // 2)
    rows = np.arange(n_lags, len(question.y))
    past = question.y[rows[:, None] - np.arange(1, n_lags + 1)]
    inputs = np.concatenate([past, question.X[rows]], axis=1)
    model = HistGradientBoostingRegressor(random_state=seed)
    model.fit(inputs, question.y[rows])
    values = list(question.y)
    for row in question.X_ahead:
        past = values[: -n_lags - 1 : -1]
        values.append(float(model.predict(np.r_[past, row][None])[0]))
    return np.array(values[len(question.y) :])


def forecast_naive(question: Question, seed: int) -> np.ndarray:
    """Repeat the last value."""
    return np.repeat(question.y[-1], len(question.X_ahead))


def forecast_mean(question: Question, seed: int) -> np.ndarray:
    """Repeat the mean."""
    return np.repeat(question.y.mean(), len(question.X_ahead))


WAYS: dict[str, Callable[[Question, int], Any]] = {
    "LSTM": partial(forecast_sktime, LSTMForecaster),
    "GRU": partial(forecast_sktime, GRUForecaster),
    "LSTM, Pipeline": partial(forecast_sklearn, LSTMForecaster),
    "GRU, Pipeline": partial(forecast_sklearn, GRUForecaster),
    "linear start": forecast_start,
    "oracle": forecast_oracle,
    "RidgeCV": forecast_ridge,
    "OLS + LSTM": partial(forecast_rest, LSTMForecaster),
    "boosting": forecast_boosting,
    "mean": forecast_mean,
    "naive": forecast_naive,
}
