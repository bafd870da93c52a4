"""What is measured: the programs, their sides, and the naive errors beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.sources._measure import rmse


@dataclass(frozen=True)
class Program:
    """One of the four programs.

    Attributes
    ----------
    title : str
        For the page.
    module, example : str
        Names of the files of both sides.
    epochs, quick_epochs : int
        Of the original, and of a quick run.
    share : float
        Most wall time that our defaults may take, of the original's.
    sides : tuple of str
        What is run, the original first.
    """

    title: str
    module: str
    example: str
    epochs: int
    quick_epochs: int
    share: float = 0.1
    sides: tuple[str, ...] = (
        "original",
        "same",
        "original, no leak",
        "same, leaked",
        "defaults",
    )


PROGRAMS = {
    "stock_price": Program(
        "Stock price", "stock_price.py", "plot_stock_price.py", 10, 10
    ),
    "noisy_sine": Program(
        "Noisy sine",
        "noisy_sine.py",
        "plot_noisy_sine.py",
        20,
        20,
        share=0.25,
        sides=("original", "same", "defaults"),
    ),
    "beijing_pm25": Program(
        "Beijing PM2.5",
        "beijing_pm25.py",
        "plot_beijing_pm25.py",
        100,
        100,
        sides=(
            *Program.sides,
            "own past, sktime",
            "own past, scikit-learn",
        ),
    ),
    "differenced_prices": Program(
        "Differenced prices, LSTM",
        "differenced_prices.py",
        "plot_differenced_prices.py",
        400,
        8,
    ),
    "differenced_prices_gru": Program(
        "Differenced prices, GRU",
        "differenced_prices.py",
        "plot_differenced_prices.py",
        400,
        8,
        sides=("original", "same", "defaults"),
    ),
}

# What the sides are called on the page.
SIDE_TITLES = {
    "original": "original",
    "same": "ours, same network",
    "original, no leak": "original, scaled on training rows",
    "same, leaked": "ours, same network and leaked inputs",
    "defaults": "ours, defaults",
    "own past, sktime": "ours, defaults, with PM2.5's past (sktime)",
    "own past, scikit-learn": "ours, defaults, with PM2.5's past (scikit-learn)",
}


def naive_stock_price(folder: Path) -> dict[str, dict[str, float]]:
    from benchmarks.sources import stock_price

    close = stock_price.read(folder).to_numpy()
    n_train = 60 + int(0.8 * (len(close) - 60))
    return {
        "yesterday's close": {"RMSE": rmse(close[n_train:], close[n_train - 1 : -1])}
    }


def naive_noisy_sine(folder: Path) -> dict[str, dict[str, float]]:
    from benchmarks.sources import noisy_sine

    y = noisy_sine.make_series()
    n_train = 50 + int(0.8 * (len(y) - 50))
    wave = np.sin(np.linspace(0, 50, len(y)))
    return {
        "previous value": {"RMSE": rmse(y[n_train:], y[n_train - 1 : -1])},
        "the sine itself": {"RMSE": rmse(y[n_train:], wave[n_train:])},
    }


def naive_beijing_pm25(folder: Path) -> dict[str, dict[str, float]]:
    from benchmarks.sources import beijing_pm25

    y = beijing_pm25.read(folder)["pm2.5"].to_numpy()
    n_train = 24 + int(0.8 * (len(y) - 24))
    mean = np.where(np.isnan(y[n_train - 1 : -1]), np.nan, np.nanmean(y[:n_train]))
    return {
        "previous hour": {"RMSE": rmse(y[n_train:], y[n_train - 1 : -1])},
        "training mean": {"RMSE": rmse(y[n_train:], mean)},
    }


def naive_differenced_prices(folder: Path) -> dict[str, dict[str, float]]:
    from benchmarks.sources import differenced_prices

    last, drift = {}, {}
    for ticker in differenced_prices.TICKERS:
        close = differenced_prices.read(folder, ticker).to_numpy()
        n_train = 1 + int(0.8 * (len(close) - 1))
        train, test = close[:n_train], close[n_train:]
        slope = (train[-1] - train[0]) / (n_train - 1)
        last[ticker] = rmse(test, np.full(len(test), train[-1]))
        drift[ticker] = rmse(test, train[-1] + slope * np.arange(1, len(test) + 1))
    return {"last training close": last, "mean training change": drift}


NAIVE: dict[str, Callable[[Path], dict[str, dict[str, float]]]] = {
    "stock_price": naive_stock_price,
    "noisy_sine": naive_noisy_sine,
    "beijing_pm25": naive_beijing_pm25,
    "differenced_prices": naive_differenced_prices,
    "differenced_prices_gru": naive_differenced_prices,
}
