"""Plain Keras: a new model, `Model.fit`, `Model.predict`."""

from typing import Any

import numpy as np

from benchmarks.speed._tasks import Rows, Task, cut_windows


def start() -> str:
    """Start TensorFlow; return the version."""
    import keras

    return f"Keras {keras.__version__}"


def prepare(rows: Rows, task: Task) -> Any:
    """Cut the windows; not timed."""
    return cut_windows(rows, task)


def fit(data: Any, task: Task) -> Any:
    """Build, compile and train."""
    import keras

    windows, targets = data
    layer = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[task.cell]
    n = len(task.units)
    layers = [layer(u, return_sequences=i + 1 < n) for i, u in enumerate(task.units)]
    model = keras.Sequential([*layers, keras.layers.Dense(task.horizon)])
    model.compile(optimizer=keras.optimizers.Adam(task.learning_rate), loss="mse")
    options = {"epochs": task.epochs, "batch_size": task.batch_size, "verbose": 0}
    model.fit(windows, targets, **options)
    return model


def forecast(model: Any, data: Any) -> Any:
    """Predict from the last window."""
    return model.predict(data[0][-1:], verbose=0)


def roll(model: Any, data: Any, n_steps: int) -> Any:
    """Call `Model.predict` once for every block."""
    window, found = data[0][-1:].copy(), []
    while len(found) < n_steps:
        block = model.predict(window, verbose=0)[0]
        found.extend(block)
        window = np.concatenate([window, block[None, :, None]], axis=1)
        window = window[:, -data[0].shape[1] :]
    return found[:n_steps]


def backtest(model: Any, data: Any, n_origins: int) -> Any:
    """Predict all windows in one call."""
    return model.predict(data[0][-n_origins:], verbose=0)
