"""The ready grid against the defaults: airline passengers, three years held out.

    python -m benchmarks.search [--seeds 3]

Each search sees the first nine years alone; its best forecaster, and the defaults, then
forecast the last three years one after the other, from all months before each.
"""

import argparse
from typing import Any

import numpy as np
import pandas as pd
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV, TimeSeriesSplit
from sktime.datasets import load_airline
from sktime.forecasting.model_selection import ForecastingGridSearchCV
from sktime.forecasting.naive import NaiveForecaster
from sktime.split import ExpandingWindowSplitter

from benchmarks._report import print_head, print_row, print_run, silence_warnings
from benchmarks._timing import describe, time_call
from skl_lstm import LSTMForecaster, make_param_grid

SP, N_TRAIN, N_FOLDS, MOST_EPOCHS = 12, 108, 2, 27
FH = range(1, SP + 1)


def search_nothing(y: pd.Series, seed: int) -> tuple[Any, int]:
    return LSTMForecaster(random_state=seed), 1


def search_grid(y: pd.Series, seed: int) -> tuple[Any, int]:
    grid = make_param_grid(len(y) - N_FOLDS * SP, sp=SP)
    cv = ExpandingWindowSplitter(FH, len(y) - N_FOLDS * SP, step_length=SP)
    search = ForecastingGridSearchCV(
        LSTMForecaster(random_state=seed), cv=cv, param_grid=grid, refit=False
    )
    search.fit(y, fh=FH)
    best = LSTMForecaster(random_state=seed, **search.best_params_)
    return best, len(search.cv_results_)


def search_by_halving(y: pd.Series, seed: int) -> tuple[Any, int]:
    """Halve candidates over epochs, in scikit-learn's convention: a row is a month."""
    search = HalvingGridSearchCV(
        LSTMForecaster(random_state=seed, autoregressive=True, early_stopping=False),
        make_param_grid(len(y) - N_FOLDS * SP, sp=SP),
        resource="epochs",
        min_resources=MOST_EPOCHS // 9,
        max_resources=MOST_EPOCHS,
        cv=TimeSeriesSplit(N_FOLDS, test_size=SP),
        scoring="neg_mean_absolute_error",
        refit=False,
        random_state=seed,
    )
    # X says nothing that the months before do not.
    search.fit(pd.DataFrame({"month": y.index.month}, y.index), y)
    best = LSTMForecaster(
        random_state=seed, early_stopping=False, **search.best_params_
    )
    return best, sum(search.n_candidates_)


def search_naive(y: pd.Series, seed: int) -> tuple[Any, int]:
    return NaiveForecaster("last", sp=SP), 1


WAYS = {
    "defaults": search_nothing,
    "ready grid, sktime": search_grid,
    "ready grid, halving over epochs": search_by_halving,
    "seasonal naive": search_naive,
}


def error(forecaster: Any, y: pd.Series) -> float:
    """Forecast the years held out; return the mean absolute error in passengers."""
    errors = []
    for end in range(N_TRAIN, len(y), SP):
        forecast = forecaster.fit(y[:end], fh=FH).predict()
        errors += list(np.abs(forecast - y[end : end + SP]))
    return float(np.mean(errors))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=WAYS)
    options = parser.parse_args()
    silence_warnings()
    print_run("A ready grid")
    y = load_airline()
    columns = ("candidates", "search, s", "mean absolute error, thousands")
    print_head(f"Airline, seeds 0 to {options.seeds - 1}", "", *columns)
    for way in options.only or WAYS:
        times, errors, n_fits = [], [], 0
        for seed in range(options.seeds):
            seconds, (forecaster, n_fits) = time_call(WAYS[way], y[:N_TRAIN], seed)
            times.append(seconds)
            errors.append(error(forecaster, y))
        print_row(way, n_fits, describe(times), describe(errors))


if __name__ == "__main__":
    main()
