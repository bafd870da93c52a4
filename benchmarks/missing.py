"""Missing values left in, against forward filling them: PM2.5, one hour ahead.

    python -m benchmarks.missing [--seeds 3] [--only gaps]

Values of the training and test span are deleted, at random (20 %) or in gaps of 100
hours; errors count at hours that are observed in the file.
"""

import argparse
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks._cases import OneStep, pm25_weather
from benchmarks._data import add_data_option
from benchmarks._report import print_head, print_row, print_run, silence_warnings
from benchmarks.accuracy._methods import forecast_ours
from skl_lstm import LSTMForecaster

N_GAPS, GAP = 80, 100
WAYS = {
    "file": "as it is",
    "random": "20 % at random",
    "gaps": f"{N_GAPS} gaps of {GAP} h",
}


def delete(y: pd.Series, way: str, seed: int) -> pd.Series:
    """Return the series with more of it missing."""
    rng, y = np.random.default_rng(seed), y.copy()
    if way == "random":
        y[rng.random(len(y)) < 0.2] = np.nan
    elif way == "gaps":
        for start in rng.integers(0, len(y) - GAP, N_GAPS):
            y.iloc[start : start + GAP] = np.nan
    return y


def error(y: pd.Series, case: OneStep, seed: int) -> float:
    """Predict every hour of the test span from those before it; return the RMSE."""
    predicted = forecast_ours(LSTMForecaster, replace(case, y=y), seed)
    truth = case.y.to_numpy()[case.n_train :]
    return float(np.sqrt(np.nanmean((predicted - truth) ** 2)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data_option(parser)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=WAYS)
    options = parser.parse_args()
    silence_warnings()
    print_run("Missing values")
    case = pm25_weather()
    columns = ("PM2.5, RMSE in µg/m³", "seed", "left in", "forward filled")
    print_head("One hour ahead", *columns)
    for way in options.only or WAYS:
        for seed in range(options.seeds):
            y = delete(case.y, way, seed)
            errors = [error(z, case, seed) for z in (y, y.ffill().bfill())]
            print_row(WAYS[way], seed, *(f"{e:.2f}" for e in errors))


if __name__ == "__main__":
    main()
