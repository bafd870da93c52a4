"""How typed code uses the package: `make lint` checks it with mypy's strict mode."""

from typing import assert_type

import numpy as np
import pandas as pd
from sktime.benchmarking.forecasting import ForecastingBenchmark

import skl_lstm
from skl_lstm import (
    GRUForecaster,
    LSTMForecaster,
    ModelFileError,
    SimpleRNNForecaster,
)
from skl_lstm.catalogues import BundledCatalogueMonthly, RecurrentCatalogue
from skl_lstm.datasets import load_prices, make_noisy_sine
from skl_lstm.plotting import ForecastDisplay, PredictionDisplay, TrainingCurveDisplay


def forecast(y: pd.Series, X: pd.DataFrame) -> pd.Series:
    """Fit in both spellings of both conventions."""
    forecaster = LSTMForecaster(units=(8, 4), window_length="auto", random_state=0)
    forecaster.fit(y, X=X, fh=[1, 2]).predict(fh=[1, 2], X=X)
    assert_type(forecaster.fit(y=y), LSTMForecaster)
    assert_type(forecaster.set_params(units=2).reset(), LSTMForecaster)
    forecaster.predict([1, 2])
    forecaster.predict(X, return_std=True)
    forecaster.predict(X, quantiles=[0.1, 0.9])
    paths: pd.DataFrame = forecaster.simulate(10, fh=[1, 2], X=X, random_state=0)
    assert_type(forecaster.predict_interval(X, coverage=0.8), pd.DataFrame)
    print(paths.groupby(level="path").sum())
    simple = SimpleRNNForecaster(loss=lambda truth, guess: truth - guess)
    assert_type(simple.fit(y), SimpleRNNForecaster)
    regressor = GRUForecaster(X_treatment={"a": "shifted"}).fit(X, y)
    score: float = regressor.score(X, y)
    assert_type(regressor.predict(X), np.ndarray)
    assert_type(forecaster.predict(fh=[1, 2]), pd.Series | pd.DataFrame)
    return pd.Series(regressor.predict(X) * score)


def keep(path: str) -> int:
    """Save, load, and look at the programs."""
    skl_lstm.save_model(LSTMForecaster(), path)
    try:
        skl_lstm.load_model(path, max_bytes=10)
    except ModelFileError:
        skl_lstm.set_program_limit(4)
    skl_lstm.clear_programs()
    n_programs: int = skl_lstm.program_cache_info().n_programs
    return n_programs


def look(path: str) -> list[object]:
    """Draw and benchmark."""
    y: pd.Series = make_noisy_sine(n_samples=100, noise=0.1, random_state=0)
    prices = load_prices(path, column="close", holidays="drop")
    benchmark = ForecastingBenchmark()
    benchmark.add(BundledCatalogueMonthly({"epochs": 1}), RecurrentCatalogue())
    forecaster = LSTMForecaster().fit(y, fh=3)
    return [
        prices,
        ForecastDisplay.from_estimator(forecaster, coverage=0.8).plot(),
        PredictionDisplay.from_predictions(y, y, naive=1).rmse,
        TrainingCurveDisplay.from_estimator(forecaster).figure_,
    ]
