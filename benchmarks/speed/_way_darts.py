"""darts' `BlockRNNModel`, on torch and Lightning."""

from typing import Any

import numpy as np

from benchmarks.speed._tasks import N_THREADS, Rows, Task

QUIET = {
    "accelerator": "cpu",
    "enable_progress_bar": False,
    "enable_model_summary": False,
    "enable_checkpointing": False,
    "logger": False,
}


def start() -> str:
    """Start torch and darts; return the version."""
    import darts
    import torch
    from darts.models import BlockRNNModel

    del BlockRNNModel
    torch.set_num_threads(N_THREADS)
    return f"darts {darts.__version__}"


def prepare(rows: Rows, task: Task) -> Any:
    """Make darts' own series; not timed."""
    from darts import TimeSeries

    series = [TimeSeries.from_values(y) for y in rows.y]
    if not rows.X[0].shape[1]:
        return series, {}
    return series, {"past_covariates": [TimeSeries.from_values(X) for X in rows.X]}


def fit(data: Any, task: Task) -> Any:
    """Build and train."""
    from darts.models import BlockRNNModel

    (width,) = set(task.units)
    model = BlockRNNModel(
        input_chunk_length=task.window_length,
        output_chunk_length=task.horizon,
        model=task.cell.upper(),
        hidden_dim=width,
        n_rnn_layers=len(task.units),
        batch_size=task.batch_size,
        n_epochs=task.epochs,
        optimizer_kwargs={"lr": task.learning_rate},
        random_state=0,
        pl_trainer_kwargs=QUIET,
    )
    series, columns = data
    return model.fit(series, **columns, verbose=False)


def forecast(model: Any, data: Any) -> Any:
    """Forecast the horizon after the last row of every series."""
    series, columns = data
    return model.predict(model.output_chunk_length, series, **columns, verbose=False)


def roll(model: Any, data: Any, n_steps: int) -> Any:
    """Forecast further than the horizon."""
    return model.predict(n_steps, data[0], verbose=False)


def backtest(model: Any, data: Any, n_origins: int) -> Any:
    """Forecast one step from each of the last origins, with darts' batched way."""
    series, columns = data
    found = model.historical_forecasts(
        series,
        **columns,
        start=len(series[0]) - n_origins,
        start_format="position",
        forecast_horizon=1,
        retrain=False,
        verbose=False,
    )
    return np.concatenate([each.values() for each in found])
