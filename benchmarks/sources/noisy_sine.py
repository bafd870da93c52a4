"""Noisy sine: the next of 1,000 values from the last 50, without scaling."""

from pathlib import Path

import keras
import numpy as np
from keras.layers import LSTM, Dense, Input

from benchmarks.sources._measure import Run, Stopwatch, rmse

WINDOW, EPOCHS = 50, 20


def make_series() -> np.ndarray:
    noise = np.random.RandomState(0).normal(size=1000)
    return np.sin(np.linspace(0, 50, 1000)) + 0.1 * noise


def cut_windows(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    windows = [values[i - WINDOW : i] for i in range(WINDOW, len(values))]
    return np.array(windows), values[WINDOW:]


def build() -> keras.Model:
    layers = [Input((WINDOW, 1)), LSTM(60, return_sequences=True), LSTM(50), Dense(1)]
    model = keras.Sequential(layers)
    model.compile(optimizer="adam", loss="mse")
    return model


def run(folder: Path, seed: int, epochs: int | None = None) -> Run:
    windows, targets = cut_windows(make_series()[:, None])
    n_train = int(0.8 * len(windows))
    keras.utils.set_random_seed(seed)
    with Stopwatch() as fit:
        model = build()
        history = model.fit(
            windows[:n_train],
            targets[:n_train],
            epochs=EPOCHS if epochs is None else epochs,
            batch_size=32,
            validation_split=0.2,
            verbose=0,
        )
    with Stopwatch() as forecast:
        predicted = model.predict(windows[n_train:], verbose=0)[:, 0]
    real = targets[n_train:, 0]
    return Run(
        errors={"RMSE": rmse(real, predicted)},
        seconds=fit.wall,
        cpu_seconds=fit.cpu,
        forecast_seconds=forecast.wall,
        real={"sine": real},
        predicted={"sine": predicted},
        curves=history.history,
    )
