"""Beijing PM2.5: the next hour from 24 hours of weather, never from PM2.5 itself.

The original fills gaps with the last value and scales features and target before it
splits: a leak. ``leak=False`` fits the scalers on the training rows. The best weights
are restored, which only helps it.
"""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras.layers import LSTM, Dense, Input
from sklearn.preprocessing import MinMaxScaler

from benchmarks.sources._measure import Run, Stopwatch, rmse

WINDOW, EPOCHS = 24, 100
FEATURES = ["DEWP", "TEMP", "PRES", "Iws"]


def read(folder: Path) -> pd.DataFrame:
    path = next((folder / "beijing_pm25").glob("*.csv"))
    return pd.read_csv(path)[[*FEATURES, "pm2.5"]]


def cut_windows(rows: np.ndarray) -> np.ndarray:
    return np.array([rows[i - WINDOW : i] for i in range(WINDOW, len(rows))])


def build() -> keras.Model:
    first = LSTM(50, return_sequences=True)
    shape = (WINDOW, len(FEATURES))
    model = keras.Sequential([Input(shape), first, LSTM(50), Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    return model


def run(folder: Path, seed: int, epochs: int | None = None, leak: bool = True) -> Run:
    data = read(folder)
    filled = data.ffill().bfill()
    n_train = int(0.8 * (len(filled) - WINDOW))
    seen = filled if leak else filled[: WINDOW + n_train]
    X_scaler = MinMaxScaler().fit(seen[FEATURES])
    y_scaler = MinMaxScaler().fit(seen[["pm2.5"]])
    windows = cut_windows(X_scaler.transform(filled[FEATURES]))
    targets = y_scaler.transform(filled[["pm2.5"]])[WINDOW:]
    keras.utils.set_random_seed(seed)
    with Stopwatch() as fit:
        model = build()
        history = model.fit(
            windows[:n_train],
            targets[:n_train],
            epochs=EPOCHS if epochs is None else epochs,
            batch_size=32,
            validation_split=0.2,
            callbacks=[
                keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
            ],
            verbose=0,
        )
    with Stopwatch() as forecast:
        scaled = model.predict(windows[n_train:], verbose=0)
    predicted = y_scaler.inverse_transform(scaled)[:, 0]
    target = data["pm2.5"]
    # The error counts where the target and the hour before it were observed.
    observed = target.where(target.shift().notna())[WINDOW + n_train :]
    return Run(
        errors={"RMSE": rmse(observed, predicted)},
        seconds=fit.wall,
        cpu_seconds=fit.cpu,
        forecast_seconds=forecast.wall,
        real={"pm2.5": target[WINDOW + n_train :].to_numpy()},
        predicted={"pm2.5": predicted},
        curves=history.history,
    )
