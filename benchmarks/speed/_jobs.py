"""A grid search in one process and in two, with and without the threads allotted."""

import os
import subprocess
import sys

from benchmarks._report import print_head, print_row
from benchmarks._timing import describe, ratios

SEARCH = """
import sys, time
import numpy as np
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from skl_lstm import LSTMForecaster
from skl_lstm._engine import backend

rng = np.random.default_rng(0)
y, X = rng.standard_normal(6_000).cumsum(), rng.standard_normal((6_000, 1))
grid = {"learning_rate": [0.001, 0.003, 0.01, 0.03], "window_length": [24, 48]}
forecaster = LSTMForecaster(
    units=64, horizon=1, epochs=3, batch_size=128, early_stopping=False, random_state=0
)
folds = TimeSeriesSplit(3)
search = GridSearchCV(forecaster, grid, cv=folds, n_jobs=int(sys.argv[1]), refit=False)
start = time.perf_counter()
search.fit(X, y)
print(time.perf_counter() - start)
"""
ALL_THREADS = {"TF_NUM_INTRAOP_THREADS": "0", "TF_NUM_INTEROP_THREADS": "0"}
WAYS: dict[str, tuple[int, dict[str, str]]] = {
    "one process": (1, {}),
    "two workers, each with its share of the threads": (2, {}),
    "two workers, each with all threads": (2, ALL_THREADS),
}


def measure_jobs(repeats: int) -> None:
    """Print seconds of a search of 8 networks on 3 folds."""
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(max(1, repeats)):
        for name, (n_jobs, environment) in WAYS.items():
            # The interpreter that runs us, and code of ours.
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-W", "ignore", "-c", SEARCH, str(n_jobs)],
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, **environment},
            )
            times[name].append(float(done.stdout))
    title = "6,000 rows, LSTM(64), 8 networks on 3 folds: `GridSearchCV(n_jobs=)`"
    print_head(title, "way", "seconds", "of one process")
    for name, seconds in times.items():
        print_row(name, describe(seconds), describe(ratios(times, name, "one process")))
