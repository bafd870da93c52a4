"""Missing values left in, against forward filling them: PM2.5, one hour ahead.

    python -m benchmarks.missing [--seeds 3] [--only gaps]

Values of the training and test span are deleted, at random (20 %) or in gaps of 100
hours; errors count at hours that are observed in the file.
"""

import argparse
import warnings
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.calibration import read_pm25
from skl_lstm import LSTMForecaster

N_GAPS, GAP = 80, 100
WAYS = {
    "file": "as it is",
    "random": "20 % at random",
    "gaps": f"{N_GAPS} gaps of {GAP} h",
}


def delete(y: pd.Series, how: str, seed: int) -> pd.Series:
    """Return the series with more of it missing."""
    rng, y = np.random.default_rng(seed), y.copy()
    if how == WAYS["random"]:
        y[rng.random(len(y)) < 0.2] = np.nan
    elif how == WAYS["gaps"]:
        for start in rng.integers(0, len(y) - GAP, N_GAPS):
            y.iloc[start : start + GAP] = np.nan
    return y


def error(y: pd.Series, truth: pd.Series, X: Any, n_train: int, seed: int) -> float:
    """Fit, predict every hour of the test span from those before it."""
    forecaster = LSTMForecaster(X_treatment="shifted", random_state=seed)
    forecaster.fit(y=y[:n_train], X=X[:n_train], fh=[1])
    forecaster.update(y[n_train:], X=X[n_train:], update_params=False)
    predicted = forecaster.predict(fh=np.arange(1 - (len(y) - n_train), 1))
    return float(np.sqrt(((predicted - truth[n_train:]) ** 2).mean()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=WAYS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    X, truth, n_train = read_pm25()
    for how in (WAYS[name] for name in options.only or WAYS):
        for seed in range(options.seeds):
            y = delete(truth, how, seed)
            filled = y.ffill().bfill()
            print(
                f"{how}, seed {seed}: left in {error(y, truth, X, n_train, seed):.2f}, "
                f"filled {error(filled, truth, X, n_train, seed):.2f} µg/m³",
                flush=True,
            )


if __name__ == "__main__":
    main()
