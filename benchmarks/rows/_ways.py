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

from benchmarks.rows._sets import RowSet
from benchmarks.rows._start import fit_linear_start
from skl_lstm import GRUForecaster, LSTMForecaster

# Penalties that RidgeCV tries, and lags that boosting sees without a season.
ALPHAS = np.logspace(-3, 3, 13)
N_LAGS = 8


class Question(NamedTuple):
    """What a way is given, and what it is asked for.

    Attributes
    ----------
    known : RowSet
        The training rows.
    ahead : RowSet
        The rows to forecast; their targets are for the score alone, and effects, known
        or ahead, for the oracle.
    last_step : int or None
        How many these are, where that is told at the fit.
    """

    known: RowSet
    ahead: RowSet
    last_step: int | None

    @property
    def fh(self) -> np.ndarray:
        """Return the steps to forecast."""
        return np.arange(1, len(self.ahead.y) + 1)

    @property
    def fh_told(self) -> np.ndarray | None:
        """Return them, if they are told at the fit."""
        return self.fh if self.last_step else None


def forecast_sktime(cls: type, question: Question, seed: int) -> np.ndarray:
    """Fit with the defaults in sktime's spelling."""
    known, n_rows = question.known, len(question.known.y)
    forecaster = cls(sp=known.sp, random_state=seed)
    forecaster.fit(pd.Series(known.y), X=pd.DataFrame(known.X), fh=question.fh_told)
    index = pd.RangeIndex(n_rows, n_rows + len(question.fh))
    ahead = pd.DataFrame(question.ahead.X, index=index)
    return forecaster.predict(fh=question.fh, X=ahead).to_numpy()


def forecast_sklearn(cls: type, question: Question, seed: int) -> np.ndarray:
    """Fit with the defaults in a Pipeline, which cannot say how far to forecast."""
    known = question.known
    forecaster = cls(autoregressive=True, sp=known.sp, random_state=seed)
    model = make_pipeline(StandardScaler(), forecaster)
    return model.fit(known.X, known.y).predict(question.ahead.X)


def forecast_rest(cls: type, question: Question, seed: int) -> np.ndarray:
    """Explain the rows by least squares, and forecast what is left by the default."""
    known = question.known
    ols = LinearRegression().fit(known.X, known.y)
    rest = pd.Series(known.y - ols.predict(known.X))
    forecaster = cls(sp=known.sp, random_state=seed).fit(rest, fh=question.fh_told)
    forecast = forecaster.predict(fh=question.fh).to_numpy()
    return ols.predict(question.ahead.X) + forecast


def forecast_start(question: Question, seed: int) -> np.ndarray:
    """Forecast by transfer function and linear map, without a network."""
    known = question.known
    start = fit_linear_start(known.y, known.X, known.sp, question.last_step)
    return start.forecast(question.ahead.X)


def forecast_oracle(question: Question, seed: int) -> np.ndarray | None:
    """Forecast what the true effect leaves by the linear map; None if unknown."""
    known, ahead = question.known, question.ahead
    if known.effect is None or ahead.effect is None:
        return None
    rest = known.y - known.effect
    start = fit_linear_start(rest, known.X[:, :0], known.sp, question.last_step)
    return start.forecast(ahead.X[:, :0]) + ahead.effect


def forecast_ridge(question: Question, seed: int) -> np.ndarray:
    """Explain each row by its own columns."""
    model = make_pipeline(StandardScaler(), RidgeCV(ALPHAS))
    return model.fit(question.known.X, question.known.y).predict(question.ahead.X)


def forecast_boosting(question: Question, seed: int) -> np.ndarray:
    """Boost trees on the last values and the row's own columns, step by step."""
    y, X = question.known.y, question.known.X
    n_lags = min(max(N_LAGS, question.known.sp), len(y) // 2)
    rows = np.arange(n_lags, len(y))
    past = y[rows[:, None] - np.arange(1, n_lags + 1)]
    model = HistGradientBoostingRegressor(random_state=seed)
    model.fit(np.concatenate([past, X[rows]], axis=1), y[rows])
    values = list(y)
    for row in question.ahead.X:
        inputs = np.r_[values[: -n_lags - 1 : -1], row]
        values.append(float(model.predict(inputs[None])[0]))
    return np.array(values[len(y) :])


def forecast_naive(question: Question, seed: int) -> np.ndarray:
    """Repeat the last value."""
    return np.repeat(question.known.y[-1], len(question.fh))


def forecast_mean(question: Question, seed: int) -> np.ndarray:
    """Repeat the mean."""
    return np.repeat(question.known.y.mean(), len(question.fh))


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
