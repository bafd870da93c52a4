"""How fast is a fit? Ours against a fresh Keras model, in turn, on one machine.

The set-up is the airline series as every Keras tutorial would train on it: 144 months,
windows of 24, a horizon of 12, 32 units, batches of 32. Both sides train the same
network (one recurrent layer and a dense head) for the same number of gradient steps,
and forecast once. Ours is `fit` and `predict` as a user calls them, checks, scaling
and conversions included; the Keras side gets its windows for nothing.

    python -m benchmarks.engine [--repeats 5] [--epochs 50]
"""

import argparse
import os
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
from sktime.datasets import load_airline

from skl_lstm import GRUForecaster, LSTMForecaster

WINDOW, HORIZON, UNITS, BATCH = 24, 12, 32, 32


def make_keras_windows(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut standardized windows and targets, outside of what is timed."""
    z = (y - y.mean()) / y.std()
    n_windows = len(z) - WINDOW - HORIZON + 1
    rows = np.arange(n_windows)[:, None]
    windows = z[rows + np.arange(WINDOW)][..., None]
    return windows.astype("float32"), z[rows + WINDOW + np.arange(HORIZON)]


def start_keras() -> str:
    """Start TensorFlow, which is charged to neither side."""
    from skl_lstm._engine.backend import keras

    return keras.__version__


def time_keras(cell: str, y: np.ndarray, epochs: int) -> float:
    """Build, compile, train and predict with a new Keras model."""
    import keras

    windows, targets = make_keras_windows(y)
    layer = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cell]
    start = time.perf_counter()
    model = keras.Sequential([layer(UNITS), keras.layers.Dense(HORIZON)])
    model.compile(optimizer="adam", loss="mse")
    model.fit(windows, targets, epochs=epochs, batch_size=BATCH, verbose=0)
    model.predict(windows[-1:], verbose=0)
    return time.perf_counter() - start


def time_ours(cell: str, y: np.ndarray, epochs: int) -> float:
    """Fit and predict through the public methods."""
    cls = {"lstm": LSTMForecaster, "gru": GRUForecaster}[cell]
    forecaster = cls(
        window_length=WINDOW,
        horizon=HORIZON,
        units=UNITS,
        batch_size=BATCH,
        epochs=epochs,
        loss="mse",
        linear_skip=False,
        random_state=0,
    )
    start = time.perf_counter()
    forecaster.fit(y, fh=range(1, HORIZON + 1)).predict()
    return time.perf_counter() - start


def spread(values: list[float]) -> str:
    """Write a median with minimum and maximum."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} - {max(values):.2f})"


def compare(cell: str, y: np.ndarray, epochs: int, repeats: int) -> None:
    """Time both sides in turn and print what came out."""
    sides: dict[str, Callable[..., float]] = {"Keras": time_keras, "ours": time_ours}
    first = {name: side(cell, y, epochs) for name, side in sides.items()}
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(repeats):
        for name, side in sides.items():
            times[name].append(side(cell, y, epochs))
    ratios = [a / b for a, b in zip(times["Keras"], times["ours"], strict=True)]
    n_steps = epochs * -(-len(make_keras_windows(y)[0]) // BATCH)
    print(f"{cell}, {n_steps} steps of {BATCH} windows")
    for name in sides:
        print(f"  {name:5s} first {first[name]:.2f} s, later {spread(times[name])} s")
    print(f"  Keras / ours, later fits: {spread(ratios)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=50)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    y = load_airline().to_numpy(dtype=float)
    keras_version = start_keras()

    print(f"keras {keras_version}, {os.cpu_count()} cores, {options.repeats} repeats")
    for cell in ("lstm", "gru"):
        compare(cell, y, options.epochs, options.repeats)


if __name__ == "__main__":
    main()
