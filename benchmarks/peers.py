"""Ours beside darts, neuralforecast and skforecast: same network, same steps, in turn.

    make bench-peers                     install them in an environment of their own
    .venv-peers/bin/python -m benchmarks.peers [--only refit] [--way darts]

Measures as `benchmarks.speed` does, with all of these packages that are installed.
"""

import argparse
import importlib.util
import sys
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._data import DataNotFoundError, add_data_option
from benchmarks._report import print_run
from benchmarks.speed._comparisons import COMPARISONS
from benchmarks.speed._tasks import N_THREADS, Rows, Task, count_steps, to_frame
from benchmarks.speed._turns import print_versions

QUIET = {
    "accelerator": "cpu",
    "enable_progress_bar": False,
    "enable_model_summary": False,
    "enable_checkpointing": False,
    "logger": False,
}


class Darts:
    """darts' `BlockRNNModel`, on torch and Lightning."""

    @staticmethod
    def start() -> str:
        """Start torch and darts; return the version."""
        import darts
        import torch
        from darts.models import BlockRNNModel

        del BlockRNNModel
        torch.set_num_threads(N_THREADS)
        return f"darts {darts.__version__}"

    @staticmethod
    def prepare(rows: Rows, task: Task) -> Any:
        """Make darts' own series; not timed."""
        from darts import TimeSeries

        series = [TimeSeries.from_values(y) for y in rows.y]
        if not rows.X[0].shape[1]:
            return series, {}
        return series, {"past_covariates": [TimeSeries.from_values(X) for X in rows.X]}

    @staticmethod
    def fit(data: Any, task: Task) -> Any:
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

    @staticmethod
    def forecast(model: Any, data: Any) -> Any:
        series, columns = data
        return model.predict(
            model.output_chunk_length, series, **columns, verbose=False
        )

    @staticmethod
    def roll(model: Any, data: Any, n_steps: int) -> Any:
        return model.predict(n_steps, data[0], verbose=False)

    @staticmethod
    def backtest(model: Any, data: Any, n_origins: int) -> Any:
        """Forecast one step from each of the last origins, with darts' batched way."""
        series, columns = data
        forecasts = model.historical_forecasts(
            series,
            **columns,
            start=len(series[0]) - n_origins,
            start_format="position",
            forecast_horizon=1,
            retrain=False,
            verbose=False,
        )
        return np.concatenate([forecast.values() for forecast in forecasts])


class NeuralForecast:
    """neuralforecast's `LSTM` and `GRU`, on torch and Lightning."""

    @staticmethod
    def start() -> str:
        """Start torch and neuralforecast; return the version."""
        import neuralforecast
        import torch

        torch.set_num_threads(N_THREADS)
        return f"neuralforecast {neuralforecast.__version__}"

    @staticmethod
    def prepare(rows: Rows, task: Task) -> Any:
        """Make the long table; not timed."""
        return to_frame(rows), rows.freq, count_steps(rows, task)

    @staticmethod
    def fit(data: Any, task: Task) -> Any:
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
            # Series of a batch, whose windows are drawn from all of them.
            batch_size=32,
            windows_batch_size=task.batch_size,
            scaler_type="identity",
            random_seed=0,
            **QUIET,
        )
        forecaster = NeuralForecast([model], freq)
        forecaster.fit(frame)
        return forecaster

    @staticmethod
    def forecast(forecaster: Any, data: Any) -> Any:
        return forecaster.predict()

    @staticmethod
    def roll(forecaster: Any, data: Any, n_steps: int) -> Any:
        return forecaster.predict(h=n_steps)


class Skforecast:
    """skforecast's `ForecasterRnn`, on Keras."""

    @staticmethod
    def start() -> str:
        """Start TensorFlow and skforecast; return the version."""
        import skforecast
        from skforecast.deep_learning import ForecasterRnn

        del ForecasterRnn
        return f"skforecast {skforecast.__version__}"

    @staticmethod
    def prepare(rows: Rows, task: Task) -> Any:
        """Make the wide table; not timed. Its exogenous columns are of the future."""
        (y,) = rows.y
        index = pd.date_range("1990-01-01", periods=len(y), freq=rows.freq)
        return pd.DataFrame({"y": y}, index=index)

    @staticmethod
    def fit(data: Any, task: Task) -> Any:
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
        options = {"epochs": task.epochs, "batch_size": task.batch_size, "verbose": 0}
        forecaster = ForecasterRnn(
            estimator=model,
            levels="y",
            lags=task.window_length,
            transformer_series=None,
            fit_kwargs=options,
        )
        forecaster.fit(data, suppress_warnings=True)
        return forecaster

    @staticmethod
    def forecast(forecaster: Any, data: Any) -> Any:
        return forecaster.predict(suppress_warnings=True)

    @staticmethod
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


WAYS = {"darts": Darts, "neuralforecast": NeuralForecast, "skforecast": Skforecast}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data_option(parser)
    parser.add_argument("--only", action="append", choices=COMPARISONS)
    parser.add_argument("--way", action="append", choices=WAYS)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    wanted = options.way or list(WAYS)
    installed = [name for name in wanted if importlib.util.find_spec(name)]
    if not installed:
        print(
            f"None of {wanted} is installed: run `make bench-peers`.", file=sys.stderr
        )
        return 1
    print_run("Speed beside other packages")
    missing = []
    for title in options.only or COMPARISONS:
        try:
            COMPARISONS[title](["ours", *installed], options.repeats)
        except DataNotFoundError as error:
            missing.append(f"{title} was left out. {error}")
    print_versions()
    print(*missing, sep="\n", end="", file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
