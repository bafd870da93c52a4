"""The four programs that the package comes from, in plain Keras, and ours beside them.

    python -m benchmarks.sources [--seeds 3] [--only "noisy sine"] [--epochs 8]

Same rows, same split, same error, each run in a process of its own with TensorFlow
started. "Original" keeps what the programs did, the scaling of all rows before the
split included; "same network" has its window, layers, epochs and batches, and none of
our ingredients; "defaults" sets no parameter but the seed. `--epochs` bounds both the
original and the same network: the last two programs have 400, which take hours.
"""

import argparse
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler

from benchmarks._cases import WEATHER
from benchmarks._data import (
    DataNotFoundError,
    add_data_option,
    read_closes,
    read_pm25,
)
from benchmarks._report import print_head, print_row, print_run, silence_warnings
from benchmarks._timing import call_in_process, describe, time_call
from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm.datasets import make_noisy_sine

SIDES = ("original", "same network", "defaults")
# What every tutorial network has in common: none of our ingredients.
PLAIN: dict[str, Any] = {
    "horizon": 1,
    "window_scaling": None,
    "linear_skip": False,
    "scaler": "minmax",
    "loss": "mse",
    "learning_rate": 0.001,
    "batch_size": 32,
    "early_stopping": False,
}


class Program(NamedTuple):
    """One of the programs.

    Attributes
    ----------
    read : callable
        Returns X, or None where the series itself is the input, and y.
    network : dict
        Parameters of ours that the original has, too.
    recursive : bool
        Whether the test span is forecast from its start, each step fed back; else each
        row is predicted from the true rows before it. The rows are then differences.
    cell : {"LSTM", "GRU"}
        Recurrent cell.
    """

    read: Callable[[], tuple[pd.DataFrame | None, pd.Series]]
    network: dict[str, Any]
    recursive: bool = False
    cell: str = "LSTM"

    def cut(self, y: pd.Series) -> int:
        """Return how many rows are trained on: 80 % of the windows."""
        window = 0 if self.recursive else self.network["window_length"]
        return window + int(0.8 * (len(y) - window))


def read_stock() -> tuple[None, pd.Series]:
    return None, read_closes("AAPL", "2010-01-01", "2024-10-31")


def read_sine() -> tuple[None, pd.Series]:
    return None, make_noisy_sine(random_state=0)


def read_hours() -> tuple[pd.DataFrame, pd.Series]:
    """Return the weather, from which PM2.5 is predicted without its own past."""
    data = read_pm25()
    return data[WEATHER], data["pm2.5"]


def read_differences() -> tuple[None, pd.Series]:
    _, close = read_stock()
    return None, close.diff().iloc[1:].reset_index(drop=True)


DIFFERENCED = {
    "window_length": 13,
    "units": (512, 256),
    "activation": "relu",
    "dropout": 0.2,
    "optimizer": "rmsprop",
    "epochs": 400,
    "batch_size": 150,
}
PROGRAMS = {
    "stock price": Program(
        read_stock,
        {"window_length": 60, "units": (50, 50), "dropout": 0.2, "epochs": 10},
    ),
    "noisy sine": Program(
        read_sine,
        {"window_length": 50, "units": (60, 50), "scaler": None, "epochs": 20},
    ),
    "Beijing PM2.5": Program(
        read_hours,
        {
            "window_length": 24,
            "units": (50, 50),
            "epochs": 100,
            "early_stopping": True,
            "validation_fraction": 0.2,
            "n_iter_no_change": 10,
        },
    ),
    "differenced prices, LSTM": Program(read_differences, DIFFERENCED, recursive=True),
    "differenced prices, GRU": Program(
        read_differences, DIFFERENCED, recursive=True, cell="GRU"
    ),
}


def train_keras(program: Program, windows: np.ndarray, targets: np.ndarray) -> Any:
    """Build the original's model and train it."""
    import keras

    network = PLAIN | program.network
    layer = {"LSTM": keras.layers.LSTM, "GRU": keras.layers.GRU}[program.cell]
    layers = [keras.Input(windows.shape[1:])]
    for i, units in enumerate(network["units"]):
        more = i + 1 < len(network["units"])
        activation = network.get("activation", "tanh")
        layers.append(layer(units, activation=activation, return_sequences=more))
        layers.append(keras.layers.Dropout(network.get("dropout", 0.0)))
    model = keras.Sequential([*layers, keras.layers.Dense(1)])
    model.compile(optimizer=network.get("optimizer", "adam"), loss="mse")
    options = {}
    if network["early_stopping"]:
        stop = keras.callbacks.EarlyStopping(
            patience=network["n_iter_no_change"], restore_best_weights=True
        )
        share = network["validation_fraction"]
        options = {"callbacks": [stop], "validation_split": share}
    sizes = {"epochs": network["epochs"], "batch_size": network["batch_size"]}
    model.fit(windows, targets, **sizes, **options, verbose=0)
    return model


def feed_back(model: Any, window: np.ndarray, n_steps: int) -> np.ndarray:
    """Predict step after step, each from a window that ends with those before."""
    predicted = []
    for _ in range(n_steps):
        predicted.append(model.predict(window[None], verbose=0)[0])
        window = np.vstack([window[1:], predicted[-1]])
    return np.array(predicted)


def run_original(program: Program, seed: int) -> tuple[float, np.ndarray]:
    """Return seconds of the fit, and the predictions of the test span."""
    import keras

    X, y = program.read()
    n_train, window = program.cut(y), program.network["window_length"]
    target = y.ffill().bfill().to_numpy()[:, None]
    columns = target if X is None else X.to_numpy()
    scaled = "scaler" not in program.network
    # On all rows, as the originals do: a leak.
    scalers = [
        (MinMaxScaler() if scaled else FunctionTransformer()).fit(rows)
        for rows in (columns, target)
    ]
    inputs, outputs = scalers[0].transform(columns), scalers[1].transform(target)
    views = np.lib.stride_tricks.sliding_window_view(inputs, window, axis=0)
    windows = views.transpose(0, 2, 1)[:-1]
    n = n_train - window
    keras.utils.set_random_seed(seed)
    seconds, model = time_call(
        train_keras, program, windows[:n], outputs[window:n_train]
    )
    if program.recursive:
        ahead = feed_back(model, inputs[n_train - window : n_train], len(y) - n_train)
    else:
        ahead = model.predict(windows[n:], verbose=0)
    return seconds, scalers[1].inverse_transform(ahead)[:, 0]


def run_ours(
    program: Program, seed: int, options: dict[str, Any]
) -> tuple[float, np.ndarray]:
    """Return seconds of the fit, and the predictions of the test span."""
    X, y = program.read()
    n, cls = program.cut(y), {"LSTM": LSTMForecaster, "GRU": GRUForecaster}
    forecaster = cls[program.cell](random_state=seed, **options)
    if X is not None:
        forecaster.set_params(X_treatment="shifted")
        seconds, _ = time_call(forecaster.fit, X[:n], y[:n])
        return seconds, forecaster.predict(X[n:])
    seconds, _ = time_call(forecaster.fit, y[:n])
    if program.recursive:
        fh = np.arange(1, len(y) - n + 1)
    else:
        forecaster.update(y[n:], update_params=False)
        fh = np.arange(1 - (len(y) - n), 1)
    return seconds, np.ravel(forecaster.predict(fh=fh))


def measure(name: str, side: str, seed: int, epochs: int | None) -> tuple[float, float]:
    """Return seconds of the fit and RMSE of one run; called in a process of its own."""
    import tensorflow as tf

    # Started before the clock runs: charged to neither side.
    tf.matmul(tf.ones((8, 8)), tf.ones((8, 8)))
    silence_warnings()
    program = PROGRAMS[name]
    if epochs:
        shorter = {"epochs": min(epochs, program.network["epochs"])}
        program = program._replace(network=program.network | shorter)
    if side == "original":
        seconds, predicted = run_original(program, seed)
    else:
        options = PLAIN | program.network if side == "same network" else {}
        seconds, predicted = run_ours(program, seed, options)
    return seconds, score(program, np.asarray(predicted))


def score(program: Program, predicted: np.ndarray) -> float:
    """Return the RMSE over the test span; of sums where rows are differences."""
    _, y = program.read()
    n, truth = program.cut(y), y.to_numpy()
    errors = predicted - truth[n:]
    if program.recursive:
        errors = errors.cumsum()
    # Where the target and the row before it were observed, as in the naive error.
    known = np.isfinite(truth[n:] + truth[n - 1 : -1])
    return float(np.sqrt(np.mean(errors[known] ** 2)))


def score_naive(program: Program) -> float:
    """Return the RMSE of repeating the last value, of prices the last training one."""
    _, y = program.read()
    n, last = program.cut(y), y.to_numpy()
    return score(program, 0 * last[n:] if program.recursive else last[n - 1 : -1])


def compare(name: str, options: argparse.Namespace) -> None:
    """Print one row a side; the sides run in turn, seed after seed."""
    naive = score_naive(PROGRAMS[name])
    print_head(name, "", "RMSE", "first fit, s")
    print_row("naive", f"{naive:.4g}", "")
    sides = options.side or SIDES
    runs: dict[str, list[tuple[float, float]]] = {side: [] for side in sides}
    for seed in range(options.seeds):
        for side in sides:
            run = call_in_process(measure, name, side, seed, options.epochs)
            runs[side].append(run)
    for side, pairs in runs.items():
        seconds, errors = (list(values) for values in zip(*pairs, strict=True))
        print_row(side, describe(errors, digits=4), describe(seconds))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data_option(parser)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=PROGRAMS)
    parser.add_argument("--side", action="append", choices=SIDES)
    parser.add_argument("--epochs", type=int, help="at most so many; default: all")
    options = parser.parse_args()
    print_run("The programs it comes from")
    missing = []
    for name in options.only or PROGRAMS:
        try:
            compare(name, options)
        except DataNotFoundError as error:
            missing.append(f"{name} was left out. {error}")
    print(*missing, sep="\n", end="", file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
