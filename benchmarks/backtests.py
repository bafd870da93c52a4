"""Backtests without another fit: sktime's loop, and all origins in one batch.

    python -m benchmarks.backtests [--origins 200] [--repeats 3] [--only month]

Both ways answer the same origins of one fitted forecaster, in turn; the largest
difference of their numbers stands beside the ratio of their times.
"""

import argparse
from copy import deepcopy
from typing import Any

import numpy as np
import pandas as pd
from sktime.forecasting.base import BaseForecaster
from sktime.split import ExpandingWindowSplitter

from benchmarks._report import print_head, print_row, print_run, silence_warnings
from benchmarks._timing import describe, ratios, time_call
from skl_lstm import LSTMForecaster

N_TRAIN = 400
# Frequency, season, horizon, and whether there is a column known ahead.
CASES: dict[str, tuple[str, int, int, bool]] = {
    "one hour ahead": ("h", 24, 1, False),
    "a day of hours": ("h", 24, 24, False),
    "a week of days, with X": ("D", 7, 7, True),
    "a year of months": ("M", 12, 12, False),
}


def make_series(freq: str, sp: int, n_rows: int) -> tuple[pd.Series, pd.DataFrame]:
    """Return a season with noise, and a column that moves it."""
    rng, t = np.random.default_rng(0), np.arange(n_rows)
    index = pd.period_range("2000-01-01", periods=n_rows, freq=freq)
    X = pd.DataFrame({"promotion": rng.integers(0, 2, n_rows)}, index, dtype=float)
    y = (
        50
        + 9 * np.sin(2 * np.pi * t / sp)
        + 4 * X["promotion"]
        + rng.normal(size=n_rows)
    )
    return y.rename("y"), X


def loop(forecaster: Any, y: pd.Series, cv: Any, X: Any) -> Any:
    """Answer one origin after the other, as sktime does by itself."""
    X_inner, y_inner = forecaster._check_X_y(X=X, y=y)
    return BaseForecaster._predict_moving_cutoff(
        forecaster, y_inner, cv, X_inner, update_params=False
    )


def at_once(forecaster: Any, y: pd.Series, cv: Any, X: Any) -> Any:
    """Answer all origins in one batch."""
    return forecaster.update_predict(y, cv, X=X, update_params=False)


def measure(name: str, n_origins: int, repeats: int) -> tuple[dict, float]:
    """Return the times of both ways, and how far their numbers differ."""
    freq, sp, horizon, has_X = CASES[name]
    y, X = make_series(freq, sp, N_TRAIN + n_origins + horizon)
    columns = {"X": X[:N_TRAIN]} if has_X else {}
    forecaster = LSTMForecaster(units=16, epochs=3, random_state=0)
    forecaster.fit(y=y[:N_TRAIN], fh=range(1, horizon + 1), **columns)
    cv = ExpandingWindowSplitter(fh=range(1, horizon + 1), initial_window=1)
    call = y[N_TRAIN:-1], cv, X[N_TRAIN:] if has_X else None
    times: dict[str, list[float]] = {"loop": [], "at once": []}
    for _ in range(repeats):
        in_turn, expected = time_call(loop, deepcopy(forecaster), *call)
        together, found = time_call(at_once, forecaster, *call)
        times["loop"].append(in_turn)
        times["at once"].append(together)
    difference = np.nanmax(np.abs(np.squeeze(found) / np.squeeze(expected) - 1))
    return times, float(difference)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--origins", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", action="append", choices=CASES)
    options = parser.parse_args()
    silence_warnings()
    print_run("Backtests without another fit")
    columns = ("loop, s", "at once, s", "ratio", "largest relative difference")
    print_head(f"{options.origins} origins", "", *columns)
    for name in options.only or CASES:
        times, difference = measure(name, options.origins, options.repeats)
        how_much = describe(ratios(times, "loop", "at once"))
        seconds = (describe(times[way]) for way in times)
        print_row(name, *seconds, how_much, f"{difference:.0e}")


if __name__ == "__main__":
    main()
