"""Ours, through the public methods: checks, scaling and conversions included."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sktime.forecasting.model_selection import ForecastingGridSearchCV
from sktime.split import ExpandingWindowSplitter

from benchmarks.speed._tasks import SEARCH, Rows, Task
from skl_lstm import GRUForecaster, LSTMForecaster

# Of the scikit-learn convention, fitted once for each forecaster.
ROW_MODELS: dict[int, Any] = {}
CLASSES = {"lstm": LSTMForecaster, "gru": GRUForecaster}


def start() -> str:
    """Start TensorFlow; return the version."""
    import tensorflow as tf

    from skl_lstm._engine import backend

    del backend
    return f"TensorFlow {tf.__version__}"


def make(task: Task, **options: Any) -> Any:
    """Return the plain network of a task: none of our ingredients."""
    return CLASSES[task.cell](
        window_length=task.window_length,
        horizon=task.horizon,
        units=task.units,
        batch_size=task.batch_size,
        epochs=task.epochs,
        loss="mse",
        learning_rate=task.learning_rate,
        linear_skip=False,
        window_scaling=None,
        early_stopping=False,
        scaler=None,
        random_state=0,
        X_treatment="shifted",
        **options,
    )


def prepare(rows: Rows, task: Task) -> Any:
    """Bring the rows into the form that this package takes; not timed."""
    parts, columns = {}, {}
    for i, (y, X) in enumerate(zip(rows.y, rows.X, strict=True)):
        parts[i], columns[i] = pd.DataFrame({"y": y}), pd.DataFrame(X)
    if len(parts) == 1:
        X = columns[0] if columns[0].shape[1] else None
        return parts[0]["y"], X
    names = ["series", "time"]
    return pd.concat(parts, names=names), None


def fit(data: Any, task: Task) -> Any:
    """Build and train; what is timed."""
    y, X = data
    return make(task).fit(y=y, X=X, fh=np.arange(1, task.horizon + 1))


def search(data: Any, task: Task) -> Any:
    """Search with sktime's own tool; every candidate shares programs with others."""
    y, _ = data
    grid = ForecastingGridSearchCV(
        make(task),
        cv=ExpandingWindowSplitter(
            fh=np.arange(1, task.horizon + 1),
            initial_window=len(y) - 3 * task.horizon,
            step_length=task.horizon,
        ),
        param_grid={name: list(values) for name, values in SEARCH.items()},
        refit=False,
        # sktime starts worker processes otherwise, each of which imports TensorFlow.
        backend="None",
    )
    return grid.fit(y)


def forecast(forecaster: Any, data: Any) -> Any:
    """Forecast the horizon after the last row of every series."""
    return forecaster.predict()


def forecast_rows(forecaster: Any, data: Any) -> Any:
    """Forecast one step in the scikit-learn convention: a row of columns, no index."""
    y = np.asarray(data[0], float)
    if id(forecaster) not in ROW_MODELS:
        model = clone(forecaster).set_params(X_treatment="concurrent")
        ROW_MODELS[id(forecaster)] = model.fit(y[:, None], y)
    return ROW_MODELS[id(forecaster)].predict(y[-1:, None])


def roll(forecaster: Any, data: Any, n_steps: int) -> Any:
    """Forecast further than the horizon."""
    return forecaster.predict(fh=np.arange(1, n_steps + 1))


def backtest(forecaster: Any, data: Any, n_origins: int) -> Any:
    """Forecast one step from each of the last origins, in one pass."""
    return forecaster.predict(fh=np.arange(1 - n_origins, 1))
