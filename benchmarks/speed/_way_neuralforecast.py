"""neuralforecast's `LSTM` and `GRU`, on torch and Lightning."""

from typing import Any

from benchmarks.speed._tasks import N_THREADS, Rows, Task, count_steps, to_frame

# Series of a batch, whose windows are drawn from all of them.
N_SERIES = 32


def start() -> str:
    """Start torch and neuralforecast; return the version."""
    import neuralforecast
    import torch

    torch.set_num_threads(N_THREADS)
    return f"neuralforecast {neuralforecast.__version__}"


def prepare(rows: Rows, task: Task) -> Any:
    """Make the long table; not timed."""
    return to_frame(rows), rows.freq, count_steps(rows, task)


def fit(data: Any, task: Task) -> Any:
    """Build and train."""
    from neuralforecast import NeuralForecast
    from neuralforecast.losses.pytorch import MSE
    from neuralforecast.models import GRU, LSTM

    frame, freq, n_steps = data
    (width,) = set(task.units)
    model = {"lstm": LSTM, "gru": GRU}[task.cell](
        h=task.horizon,
        input_size=task.window_length,
        encoder_n_layers=len(task.units),
        encoder_hidden_size=width,
        # The smallest head that it has.
        decoder_layers=1,
        decoder_hidden_size=width,
        hist_exog_list=[c for c in frame if c.startswith("x")] or None,
        loss=MSE(),
        max_steps=n_steps,
        learning_rate=task.learning_rate,
        batch_size=N_SERIES,
        windows_batch_size=task.batch_size,
        scaler_type="identity",
        random_seed=0,
        accelerator="cpu",
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        logger=False,
    )
    forecaster = NeuralForecast([model], freq)
    forecaster.fit(frame)
    return forecaster


def forecast(forecaster: Any, data: Any) -> Any:
    """Forecast the horizon after the last row of every series."""
    return forecaster.predict()


def roll(forecaster: Any, data: Any, n_steps: int) -> Any:
    """Forecast further than the horizon."""
    return forecaster.predict(h=n_steps)
