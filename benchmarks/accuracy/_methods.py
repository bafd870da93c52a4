"""What is compared: each method turns a case into forecasts that the case scores."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sktime.forecasting.ets import AutoETS
from sktime.forecasting.theta import ThetaForecaster

from benchmarks._cases import OneStep, Origins, Panel
from skl_lstm import GRUForecaster, LSTMForecaster

Case = Panel | Origins | OneStep
# Trained so little that the linear map is left that training starts from.
UNTRAINED = {"units": 1, "epochs": 1, "learning_rate": 1e-12, "theta_share": 0}


def forecast_ours(cls: type, case: Case, seed: int, **options: Any) -> Any:
    """Fit with no argument but the seed; forecast as the protocol asks."""
    options = {"random_state": seed} | options
    if isinstance(case, Panel):
        fh = np.arange(1, case.horizon + 1)
        table = cls(**options).fit(case.frame(), fh=fh).predict()["y"]
        return {name: y.to_numpy() for name, y in table.groupby(level="series")}
    if isinstance(case, Origins):
        fh = np.arange(1, case.horizon + 1)
        return [
            cls(**options).fit(case.y[:cut], fh=fh).predict().to_numpy()
            for cut in case.cuts()
        ]
    n = case.n_train
    X_train, X_test = (None, None) if case.X is None else (case.X[:n], case.X[n:])
    if case.X is not None:
        options |= {"X_treatment": "shifted"}
    forecaster = cls(**options).fit(y=case.y[:n], X=X_train, fh=[1])
    forecaster.update(case.y[n:], X=X_test, update_params=False)
    predicted = forecaster.predict(fh=np.arange(1 - (len(case.y) - n), 1))
    return np.asarray(predicted).reshape(-1)


def forecast_each(
    forecast: Callable[[pd.Series, int, int], np.ndarray], case: Case, seed: int
) -> Any:
    """Forecast series by series, each by itself; None where that is not affordable."""
    del seed
    if isinstance(case, OneStep):
        return None
    if isinstance(case, Origins):
        return [
            forecast(case.y[:cut], case.horizon, case.season) for cut in case.cuts()
        ]
    forecasts = {}
    for name, y in case.train.items():
        index = pd.period_range(case.start, periods=len(y), freq=case.freq)
        filled = fill_weekdays(y) if case.season == 7 else y
        forecasts[name] = forecast(pd.Series(filled, index), case.horizon, case.season)
    return forecasts


def fill_weekdays(y: np.ndarray) -> np.ndarray:
    """Put the median of the weekday where a day is missing, as published scores do."""
    filled = y.copy()
    for day in range(7):
        part = filled[day::7]
        part[np.isnan(part)] = np.nanmedian(part)
    return filled


def forecast_naive(case: Case, seed: int) -> Any:
    """Repeat the last value."""
    if isinstance(case, OneStep):
        y = case.y.ffill()
        return y.shift().to_numpy()[case.n_train :]
    return forecast_each(lambda y, h, sp: np.repeat(y.iloc[-1], h), case, seed)


def forecast_seasonal_naive(case: Case, seed: int) -> Any:
    """Repeat the last season."""
    return forecast_each(lambda y, h, sp: np.resize(y.to_numpy()[-sp:], h), case, seed)


def _theta(y: pd.Series, horizon: int, sp: int) -> np.ndarray:
    # Its seasons are factors, which values at or near zero do not have.
    shift = max(0.0, 1.0 - y.min())
    fitted = ThetaForecaster(sp=sp if len(y) > 2 * sp else 1).fit(y + shift)
    return fitted.predict(np.arange(1, horizon + 1)).to_numpy() - shift


def _ets(y: pd.Series, horizon: int, sp: int) -> np.ndarray:
    fitted = AutoETS(auto=True, sp=sp).fit(y)
    return fitted.predict(np.arange(1, horizon + 1)).to_numpy()


def forecast_ets(case: Case, seed: int) -> Any:
    """Forecast with exponential smoothing chosen by AICc; a single series only."""
    return forecast_each(_ets, case, seed) if isinstance(case, Origins) else None


# Without randomness, and with a seed.
FIXED: dict[str, Callable[[Case, int], Any]] = {
    "naive": forecast_naive,
    "seasonal naive": forecast_seasonal_naive,
    "linear": partial(forecast_ours, LSTMForecaster, **UNTRAINED),
    "Theta": partial(forecast_each, _theta),
    "AutoETS": forecast_ets,
}
SEEDED: dict[str, Callable[[Case, int], Any]] = {
    "LSTM": partial(forecast_ours, LSTMForecaster),
    "GRU": partial(forecast_ours, GRUForecaster),
    "LSTM x 3": partial(forecast_ours, LSTMForecaster, n_estimators=3),
    "LSTM alone": partial(forecast_ours, LSTMForecaster, theta_share=0),
}
