"""Our side of each program: same rows, same split, same error.

Every function takes a variant:

* "same": the original's network, window and epochs, scaled on training rows only;
* "same, leaked": the same on the original's own inputs, scaled on all rows;
* "defaults": no parameter but the seed, and ``X_treatment`` where there is an X;
* others, for PM2.5: the defaults with the target's past.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.preprocessing import MinMaxScaler
from sktime.forecasting.compose import TransformedTargetForecaster
from sktime.transformations.series.difference import Differencer

from benchmarks.sources._measure import Run, Stopwatch, rmse
from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm.datasets import load_beijing_pm25, load_prices, make_noisy_sine

# What every tutorial network has in common: none of our ingredients.
PLAIN = {
    "horizon": 1,
    "window_scaling": None,
    "linear_skip": False,
    "scaler": "minmax",
    "loss": "mse",
    "learning_rate": 0.001,
    "batch_size": 32,
    "early_stopping": False,
}
STOCK_PRICE = PLAIN | {
    "window_length": 60,
    "units": (50, 50),
    "dropout": 0.2,
    "epochs": 10,
}
NOISY_SINE = PLAIN | {
    "window_length": 50,
    "units": (60, 50),
    "scaler": None,
    "epochs": 20,
    "early_stopping": True,
    "validation_fraction": 0.2,
    # Longer than the training: the original has a validation part, but no stop.
    "n_iter_no_change": 1_000,
}
BEIJING_PM25 = PLAIN | {
    "window_length": 24,
    "units": (50, 50),
    "epochs": 100,
    "early_stopping": True,
    "validation_fraction": 0.2,
    "n_iter_no_change": 10,
}
DIFFERENCED_PRICES = PLAIN | {
    "window_length": 13,
    "units": (512, 256),
    "activation": "relu",
    "dropout": 0.2,
    "optimizer": "rmsprop",
    "epochs": 400,
    "batch_size": 150,
    "early_stopping": True,
    "validation_fraction": 0.1,
    "n_iter_no_change": 1_000,
}
FORECASTERS = {"lstm": LSTMForecaster, "gru": GRUForecaster}


def choose(plain: dict, variant: str, epochs: int | None) -> dict[str, Any]:
    """Return the constructor parameters of a variant."""
    if not variant.startswith("same"):
        return {}
    chosen = dict(plain) if epochs is None else plain | {"epochs": epochs}
    return chosen | ({"scaler": None} if variant == "same, leaked" else {})


def fit_twice(fit: Callable[[], Any]) -> tuple[Any, Stopwatch, Stopwatch]:
    """Fit, and fit again with the network's program already there."""
    with Stopwatch() as first:
        fitted = fit()
    with Stopwatch() as warm:
        fit()
    return fitted, first, warm


def scale_all(values: pd.Series | pd.DataFrame, leaked: bool) -> tuple[Any, Callable]:
    """Scale on all rows, as the originals do, if asked to; return the way back, too."""
    if not leaked:
        return values, np.asarray
    table = values.to_frame() if isinstance(values, pd.Series) else values
    scaler = MinMaxScaler().fit(table.to_numpy())
    scaled = scaler.transform(table.to_numpy()).reshape(values.shape)
    if isinstance(values, pd.Series):
        scaled = pd.Series(scaled, index=values.index)
    else:
        scaled = pd.DataFrame(scaled, index=values.index, columns=values.columns)
    return scaled, lambda z: scaler.inverse_transform(np.reshape(z, (-1, 1)))[:, 0]


def record(
    name: str,
    real: Any,
    predicted: Any,
    clocks: tuple[Stopwatch, Stopwatch, Stopwatch],
    forecaster: Any,
) -> Run:
    first, warm, forecast = clocks
    return Run(
        errors={"RMSE": rmse(real, predicted)},
        seconds=first.wall,
        cpu_seconds=first.cpu,
        forecast_seconds=forecast.wall,
        warm_seconds=warm.wall,
        real={name: np.asarray(real)},
        predicted={name: np.asarray(predicted)},
        curves=forecaster.history_,
    )


def predict_one_step(name: str, y: pd.Series, n_train: int, variant: str, **options):
    """Fit on the first rows, predict each of the others from the rows before it."""
    scaled, back = scale_all(y, variant == "same, leaked")
    train, test = scaled.iloc[:n_train], scaled.iloc[n_train:]
    forecaster, *clocks = fit_twice(lambda: LSTMForecaster(**options).fit(train))
    with Stopwatch() as forecast:
        forecaster.update(test, update_params=False)
        predicted = forecaster.predict(fh=np.arange(1 - len(test), 1))
    return record(
        name, y.iloc[n_train:], back(predicted), (*clocks, forecast), forecaster
    )


def stock_price(
    folder: Path, seed: int, epochs: int | None = None, variant: str = "same"
) -> Run:
    close = read_prices(folder, "AAPL")
    n_train = 60 + int(0.8 * (len(close) - 60))
    options = choose(STOCK_PRICE, variant, epochs)
    return predict_one_step(
        "AAPL", close, n_train, variant, random_state=seed, **options
    )


def noisy_sine(
    folder: Path, seed: int, epochs: int | None = None, variant: str = "same"
) -> Run:
    y = make_noisy_sine(random_state=0)
    n_train = 50 + int(0.8 * (len(y) - 50))
    options = choose(NOISY_SINE, variant, epochs)
    return predict_one_step("sine", y, n_train, variant, random_state=seed, **options)


def read_prices(folder: Path, ticker: str) -> pd.Series:
    path = next((folder / "stocks").glob(f"{ticker}*.csv"))
    return load_prices(path, holidays="drop")["2010-01-01":"2024-10-31"]


def beijing_pm25(
    folder: Path, seed: int, epochs: int | None = None, variant: str = "same"
) -> Run:
    path = next((folder / "beijing_pm25").glob("*.csv"))
    X, y = load_beijing_pm25(path, return_X_y=True)
    X, n_train = X[["DEWP", "TEMP", "PRES", "Iws"]], 24 + int(0.8 * (len(y) - 24))
    observed = y.where(y.shift().notna())[n_train:]
    options = choose(BEIJING_PM25, variant, epochs)
    options |= {"X_treatment": "shifted", "random_state": seed}
    if variant == "own past, sktime":
        return continue_pm25(X, y.ffill().bfill(), n_train, observed, options)
    if variant == "own past, scikit-learn":
        X = X.assign(past=y.ffill().bfill())
    target = y.ffill().bfill() if variant.startswith("same") else y
    X, _ = scale_all(X, variant == "same, leaked")
    target, back = scale_all(target, variant == "same, leaked")
    train = X[:n_train], target[:n_train]
    fitted, *clocks = fit_twice(lambda: LSTMForecaster(**options).fit(*train))
    with Stopwatch() as forecast:
        predicted = fitted.predict(X[n_train:])
    return record("pm2.5", observed, back(predicted), (*clocks, forecast), fitted)


def continue_pm25(
    X: pd.DataFrame, y: pd.Series, n_train: int, observed: pd.Series, options: dict
) -> Run:
    """Predict from weather and PM2.5 itself, in sktime's convention."""

    def fit() -> LSTMForecaster:
        return LSTMForecaster(**options).fit(y=y[:n_train], X=X[:n_train], fh=[1])

    fitted, *clocks = fit_twice(fit)
    with Stopwatch() as forecast:
        fitted.update(y[n_train:], X=X[n_train:], update_params=False)
        predicted = fitted.predict(fh=np.arange(1 - len(observed), 1))
    return record("pm2.5", observed, predicted, (*clocks, forecast), fitted)


def differenced_prices(
    folder: Path,
    seed: int,
    epochs: int | None = None,
    variant: str = "same",
    cell: str = "lstm",
) -> Run:
    """Forecast both stocks; times are those of both together."""
    options = choose(DIFFERENCED_PRICES, variant, epochs)
    forecaster = FORECASTERS[cell](**options, random_state=seed)
    forecast_one = forecast_leaked if variant == "same, leaked" else forecast_prices
    runs = {
        ticker: forecast_one(forecaster, read_prices(folder, ticker), ticker)
        for ticker in ("AAPL", "MSFT")
    }
    both = next(iter(runs.values()))
    for ticker, run in runs.items():
        both.errors[ticker] = run.errors["RMSE"]
        if run is not both:
            both.seconds += run.seconds
            both.cpu_seconds += run.cpu_seconds
            both.forecast_seconds += run.forecast_seconds
            both.warm_seconds += run.warm_seconds
            both.real |= run.real
            both.predicted |= run.predicted
    del both.errors["RMSE"]
    return both


def forecast_prices(forecaster: Any, close: pd.Series, ticker: str) -> Run:
    """Difference, fit, forecast the whole test span, and add up again."""
    n_train = 1 + int(0.8 * (len(close) - 1))
    train, test = close.iloc[:n_train], close.iloc[n_train:]
    difference = Differencer(na_handling="drop_na")

    def fit() -> TransformedTargetForecaster:
        return TransformedTargetForecaster([difference, forecaster]).fit(train)

    fitted, *clocks = fit_twice(fit)
    with Stopwatch() as forecast:
        predicted = fitted.predict(fh=np.arange(1, len(test) + 1))
    return record(ticker, test, predicted, (*clocks, forecast), fitted.steps_[-1][1])


def forecast_leaked(forecaster: Any, close: pd.Series, ticker: str) -> Run:
    """Forecast differences that were scaled on all rows."""
    n_train = 1 + int(0.8 * (len(close) - 1))
    test = close.iloc[n_train:]
    steps, back = scale_all(close.diff().iloc[1:].reset_index(drop=True), True)
    train = steps.iloc[: n_train - 1]
    fitted, *clocks = fit_twice(lambda: forecaster.clone().fit(train))
    with Stopwatch() as forecast:
        ahead = fitted.predict(fh=np.arange(1, len(test) + 1))
    predicted = close.iloc[n_train - 1] + np.cumsum(back(ahead))
    return record(ticker, test, predicted, (*clocks, forecast), fitted)


differenced_prices_gru = partial(differenced_prices, cell="gru")
