"""skforecast's `ForecasterRnn`, on Keras."""

from typing import Any

import pandas as pd

from benchmarks.speed._tasks import Rows, Task


def start() -> str:
    """Start TensorFlow and skforecast; return the version."""
    import skforecast
    from skforecast.deep_learning import ForecasterRnn

    del ForecasterRnn
    return f"skforecast {skforecast.__version__}"


def prepare(rows: Rows, task: Task) -> Any:
    """Make the wide table; not timed. Its exogenous columns are of the future."""
    (y,) = rows.y
    index = pd.date_range("1990-01-01", periods=len(y), freq=rows.freq)
    return pd.DataFrame({"y": y}, index=index)


def fit(data: Any, task: Task) -> Any:
    """Build and train."""
    import keras
    from skforecast.deep_learning import ForecasterRnn, create_and_compile_model

    model = create_and_compile_model(
        series=data,
        levels="y",
        lags=task.window_length,
        steps=task.horizon,
        recurrent_layer=task.cell.upper(),
        recurrent_units=list(task.units),
        dense_units=None,
        compile_kwargs={
            "optimizer": keras.optimizers.Adam(task.learning_rate),
            "loss": "mse",
        },
    )
    forecaster = ForecasterRnn(
        estimator=model,
        levels="y",
        lags=task.window_length,
        transformer_series=None,
        fit_kwargs={
            "epochs": task.epochs,
            "batch_size": task.batch_size,
            "verbose": 0,
        },
    )
    forecaster.fit(data, suppress_warnings=True)
    return forecaster


def forecast(forecaster: Any, data: Any) -> Any:
    """Forecast the horizon after the last row."""
    return forecaster.predict(suppress_warnings=True)


def backtest(forecaster: Any, data: Any, n_origins: int) -> Any:
    """Forecast one step from each of the last origins, one `predict` each."""
    from skforecast.model_selection import (
        TimeSeriesFold,
        backtesting_forecaster_multiseries,
    )

    return backtesting_forecaster_multiseries(
        forecaster,
        data[-(n_origins + forecaster.window_size) :],
        cv=TimeSeriesFold(steps=1, initial_train_size=None, refit=False),
        metric="mean_absolute_error",
        n_jobs=1,
        show_progress=False,
        suppress_warnings=True,
    )
