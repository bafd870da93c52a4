"""Stock price: the next close of AAPL from the last 60.

As in the original, the scaler sees the test span, too: a leak. ``leak=False`` fits it
on the training rows.
"""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras.layers import LSTM, Dense, Dropout, Input
from sklearn.preprocessing import MinMaxScaler

from benchmarks.sources._measure import Run, Stopwatch, rmse

WINDOW, EPOCHS = 60, 10


def read(folder: Path) -> pd.Series:
    path = next((folder / "stocks").glob("AAPL*.csv"))
    bars = pd.read_csv(path, parse_dates=["Date"], index_col="Date")
    return bars.loc["2010-01-01":"2024-10-31", "Close"]


def cut_windows(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    windows = [values[i - WINDOW : i] for i in range(WINDOW, len(values))]
    return np.array(windows), values[WINDOW:]


def build() -> keras.Model:
    model = keras.Sequential(
        [
            Input((WINDOW, 1)),
            LSTM(50, return_sequences=True),
            Dropout(0.2),
            LSTM(50),
            Dropout(0.2),
            Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mse")
    return model


def run(folder: Path, seed: int, epochs: int | None = None, leak: bool = True) -> Run:
    close = read(folder).to_numpy()[:, None]
    n_train = int(0.8 * (len(close) - WINDOW))
    scaler = MinMaxScaler().fit(close if leak else close[: WINDOW + n_train])
    windows, targets = cut_windows(scaler.transform(close))
    keras.utils.set_random_seed(seed)
    with Stopwatch() as fit:
        model = build()
        history = model.fit(
            windows[:n_train],
            targets[:n_train],
            epochs=EPOCHS if epochs is None else epochs,
            batch_size=32,
            verbose=0,
        )
    with Stopwatch() as forecast:
        scaled = model.predict(windows[n_train:], verbose=0)
    predicted = scaler.inverse_transform(scaled)[:, 0]
    real = close[WINDOW + n_train :, 0]
    return Run(
        errors={"RMSE": rmse(real, predicted)},
        seconds=fit.wall,
        cpu_seconds=fit.cpu,
        forecast_seconds=forecast.wall,
        real={"AAPL": real},
        predicted={"AAPL": predicted},
        curves=history.history,
    )
