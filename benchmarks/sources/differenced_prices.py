"""Differenced prices: AAPL and MSFT over the whole test span, fed on itself.

The differences are scaled before they are split: a leak, kept unless ``leak=False``.
The forecast calls ``Model.predict`` once for each step.
"""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras.layers import GRU, LSTM, Dense, Dropout, Input
from sklearn.preprocessing import MinMaxScaler

from benchmarks.sources._measure import Run, Stopwatch, rmse

WINDOW, EPOCHS = 13, 400
TICKERS = ("AAPL", "MSFT")


def read(folder: Path, ticker: str) -> pd.Series:
    path = next((folder / "stocks").glob(f"{ticker}*.csv"))
    bars = pd.read_csv(path, parse_dates=["Date"], index_col="Date")
    return bars.loc["2010-01-01":"2024-10-31", "Close"]


def cut_windows(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    windows = [values[i - WINDOW : i] for i in range(WINDOW, len(values))]
    return np.array(windows), values[WINDOW:]


def build(cell: str) -> keras.Model:
    layer = {"lstm": LSTM, "gru": GRU}[cell]
    model = keras.Sequential(
        [
            Input((WINDOW, 1)),
            layer(512, activation="relu", return_sequences=True),
            Dropout(0.2),
            layer(256, activation="relu"),
            Dense(1),
        ]
    )
    model.compile(optimizer="rmsprop", loss="mse")
    return model


def feed_back(model: keras.Model, window: np.ndarray, n_steps: int) -> np.ndarray:
    """Predict step after step, each from a window that ends with the ones before."""
    predicted = []
    for _ in range(n_steps):
        predicted.append(model.predict(window[None], verbose=0)[0])
        window = np.vstack([window[1:], predicted[-1]])
    return np.array(predicted)


def run(
    folder: Path,
    seed: int,
    epochs: int | None = None,
    leak: bool = True,
    cell: str = "lstm",
) -> Run:
    fit, forecast = Stopwatch(), Stopwatch()
    errors, reals, forecasts, curves = {}, {}, {}, {}
    keras.utils.set_random_seed(seed)
    for ticker in TICKERS:
        close = read(folder, ticker).to_numpy()
        steps = np.diff(close)[:, None]
        n_train = int(0.8 * len(steps))
        scaler = MinMaxScaler().fit(steps if leak else steps[:n_train])
        scaled = scaler.transform(steps)
        with fit:
            model = build(cell)
            history = model.fit(
                *cut_windows(scaled[:n_train]),
                epochs=EPOCHS if epochs is None else epochs,
                batch_size=150,
                validation_split=0.1,
                verbose=0,
            )
        with forecast:
            last = scaled[n_train - WINDOW : n_train]
            ahead = feed_back(model, last, len(steps) - n_train)
        changes = scaler.inverse_transform(ahead)[:, 0]
        reals[ticker] = close[n_train + 1 :]
        forecasts[ticker] = close[n_train] + np.cumsum(changes)
        errors[ticker] = rmse(reals[ticker], forecasts[ticker])
        curves |= {f"{ticker} {k}": v for k, v in history.history.items()}
    return Run(
        errors=errors,
        seconds=fit.wall,
        cpu_seconds=fit.cpu,
        forecast_seconds=forecast.wall,
        real=reals,
        predicted=forecasts,
        curves=curves,
    )
