"""Time to an error, which is what users feel: PM2.5, four weather columns, one step."""

import time
from collections.abc import Iterator

import numpy as np

from benchmarks._cases import OneStep, pm25_weather
from benchmarks._report import print_head, print_row
from benchmarks._timing import describe, time_call
from skl_lstm import GRUForecaster, LSTMForecaster

N_EPOCHS = 5
WINDOW_LENGTH = 24
UNITS = 50
# The network of Keras, with none of our ingredients.
SAME = {
    "units": (UNITS, UNITS),
    "window_length": WINDOW_LENGTH,
    "window_scaling": None,
    "linear_skip": False,
    "early_stopping": False,
    "loss": "mse",
    "batch_size": 32,
}
WAYS = {
    **{
        f"ours, the same network, epochs={n}": (LSTMForecaster, {**SAME, "epochs": n})
        for n in range(1, N_EPOCHS + 1)
    },
    "LSTMForecaster()": (LSTMForecaster, {}),
    "GRUForecaster()": (GRUForecaster, {}),
}


def train_keras(case: OneStep, seed: int) -> Iterator[tuple[float, float]]:
    """Yield seconds of training so far and test RMSE, after each epoch."""
    import keras

    keras.utils.set_random_seed(seed)
    table = np.column_stack([case.y.ffill().bfill(), case.X])
    train = table[: case.n_train]
    center, spread = train.mean(axis=0), train.std(axis=0)
    scaled = ((table - center) / spread).astype("float32")
    first = np.arange(len(table) - WINDOW_LENGTH)[:, None]
    windows, targets = scaled[first + np.arange(WINDOW_LENGTH)], scaled[WINDOW_LENGTH:]
    cut = case.n_train - WINDOW_LENGTH
    start = time.perf_counter()
    lstm = keras.layers.LSTM
    layers = [lstm(UNITS, return_sequences=True), lstm(UNITS), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    model.compile(optimizer="adam", loss="mse")
    seconds = time.perf_counter() - start
    for _ in range(N_EPOCHS):
        seconds += time_call(
            model.fit, windows[:cut], targets[:cut, :1], batch_size=32, verbose=0
        )[0]
        scaled = model.predict(windows[cut:], batch_size=4096, verbose=0)[:, 0]
        yield seconds, case.score(scaled * spread[0] + center[0])["RMSE"]


def train_ours(
    case: OneStep, seed: int, cls: type, options: dict
) -> tuple[float, float]:
    """Return seconds of the fit and test RMSE."""
    n, y, X = case.n_train, case.y, case.X
    forecaster = cls(X_treatment="shifted", random_state=seed, **options)
    seconds, _ = time_call(forecaster.fit, y=y[:n], X=X[:n], fh=[1])
    forecaster.update(y[n:], X=X[n:], update_params=False)
    forecasts = np.ravel(forecaster.predict(fh=np.arange(1 - (len(y) - n), 1)))
    return seconds, case.score(forecasts)["RMSE"]


def measure_error(repeats: int) -> None:
    """Print seconds and test error of Keras after each epoch, and of ours."""
    case = pm25_weather()
    runs: dict[str, list[tuple[float, float]]] = {}
    for seed in range(max(1, repeats // 2)):
        for i, pair in enumerate(train_keras(case, seed)):
            runs.setdefault(f"Keras, 2 x LSTM(50), epoch {i + 1}", []).append(pair)
        for name, (cls, options) in WAYS.items():
            runs.setdefault(name, []).append(train_ours(case, seed, cls, options))
    title = "PM2.5 with weather, one step: seconds of a first fit, and test RMSE"
    print_head(title, "way", "seconds", "RMSE of each seed")
    for name, pairs in runs.items():
        errors = ", ".join(f"{error:.2f}" for _, error in pairs)
        print_row(name, describe([seconds for seconds, _ in pairs]), errors)
