"""One SHA-256 for each of some small fits, to show that a change leaves numbers alone.

    python -m benchmarks.hashes --write before.json      before the change
    python -m benchmarks.hashes --compare before.json    after it

Each case fits a small network for a few epochs and forecasts; its hash covers every
number of the answers (as float64, bit by bit), their shape and their labels.
Only public names are used, so the file runs on commits before and after a refactoring.
Hashes hold for one machine and one set of versions, never across them.
"""

import argparse
import hashlib
import json
import platform
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skl_lstm import GRUForecaster, LSTMForecaster

# Small enough for a second a case; the same network wherever it does not matter, so
# that its program is traced once.
TINY: dict[str, Any] = {
    "units": 4,
    "window_length": 12,
    "horizon": 3,
    "epochs": 3,
    "batch_size": 16,
    "random_state": 0,
}
LEVELS = [0.05, 0.25, 0.5, 0.9]
FH = [1, 2, 3]
VERSIONS = ("numpy", "pandas", "scikit-learn", "sktime", "keras", "tensorflow")
Answers = Iterator[Any]


def lstm(**options: Any) -> LSTMForecaster:
    return LSTMForecaster(**TINY | options)


def gru(**options: Any) -> GRUForecaster:
    return GRUForecaster(**TINY | options)


def months(n_rows: int, start: str = "2010-01") -> pd.PeriodIndex:
    return pd.period_range(start, periods=n_rows, freq="M")


def make_series(n_rows: int = 120, seed: int = 0, start: str = "2010-01") -> pd.Series:
    """Return a trend, a season of twelve rows and noise, by month."""
    rng, rows = np.random.default_rng(seed), np.arange(n_rows)
    season = np.sin(rows * np.pi / 6 + seed)
    values = 50 + 10 * seed + 0.2 * rows + 5 * season + rng.standard_normal(n_rows)
    return pd.Series(values, months(n_rows, start), name="y")


def make_features(n_rows: int = 132) -> pd.DataFrame:
    """Return one column known ahead and one that is a random walk, by month."""
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "month": np.arange(n_rows) % 12 / 12,
            "walk": rng.standard_normal(n_rows).cumsum(),
        },
        index=months(n_rows),
    )


def make_panel() -> pd.DataFrame:
    """Return four series of different lengths."""
    series = {f"s{k}": make_series(60 + 15 * k, k).to_frame() for k in range(4)}
    return pd.concat(series, names=["series", "time"])


def make_gaps() -> pd.Series:
    y = make_series()
    y.iloc[[3, 20, 21, 22, 70, 110]] = np.nan
    return y


def make_restless(n_rows: int) -> pd.Series:
    """Return noise whose spread itself comes in waves, by month."""
    rng, rows = np.random.default_rng(4), np.arange(n_rows)
    spread = np.exp(1.5 * np.sin(rows / 20))
    values = 50 + 2 * np.sin(rows * np.pi / 6) + spread * rng.standard_normal(n_rows)
    return pd.Series(values, months(n_rows, "1900-01"), name="y")


def make_rows(n_rows: int = 150) -> tuple[np.ndarray, np.ndarray]:
    """Return arrays X and y; the target remembers five rows of the first column."""
    X = np.random.default_rng(3).standard_normal((n_rows, 3))
    return X, np.convolve(X[:, 0], np.ones(5) / 5)[:n_rows] + 0.1 * X[:, 1]


def forecast_lstm() -> Answers:
    forecaster = lstm().fit(make_series(), fh=FH)
    yield forecaster.predict()
    yield forecaster.predict_interval(coverage=[0.8])
    yield forecaster.predict_quantiles(alpha=LEVELS)
    yield forecaster.predict_var()


def forecast_gru() -> Answers:
    forecaster = gru().fit(make_series(), fh=FH)
    yield forecaster.predict()
    yield forecaster.predict_quantiles(alpha=LEVELS)


def use_defaults() -> Answers:
    for cls in (LSTMForecaster, GRUForecaster):
        forecaster = cls(units=4, epochs=3, random_state=0).fit(make_series(), fh=FH)
        yield forecaster.predict()
        yield forecaster.predict_quantiles(alpha=LEVELS)


def use_quantile_head() -> Answers:
    y = make_restless(900)
    forecaster = lstm(intervals="quantile").fit(y, fh=FH)
    yield forecaster.predict()
    yield forecaster.predict_quantiles(alpha=LEVELS)
    yield forecaster.predict_quantiles(fh=[1, 7], alpha=LEVELS)


def roll_forward() -> Answers:
    forecaster = lstm().fit(make_series())
    yield forecaster.predict(fh=[1, 4, 11])
    yield forecaster.predict_quantiles(fh=[3, 4, 11], alpha=LEVELS)


def look_back() -> Answers:
    for make in (lstm, gru):
        forecaster = make().fit(make_series())
        yield forecaster.predict(fh=[-119, -100, -3, 0, 2])
        yield forecaster.predict_quantiles(fh=[-3, 0, 2], alpha=LEVELS)


def leave_gaps() -> Answers:
    forecaster = lstm().fit(make_gaps(), fh=FH)
    yield forecaster.predict()
    yield forecaster.predict(fh=[-100, -90, 0])
    yield forecaster.predict_quantiles(alpha=LEVELS)


def know_ahead() -> Answers:
    y, X = make_series(), make_features()
    forecaster = lstm().fit(y=y, X=X[:120], fh=FH)
    yield forecaster.predict(X=X[120:123])
    yield forecaster.predict_quantiles(X=X[120:123], alpha=LEVELS)
    yield forecaster.predict(fh=[-5, 0, 8], X=X)


def know_the_past() -> Answers:
    y, X = make_series(), make_features()
    forecaster = gru(X_treatment="shifted").fit(y=y, X=X[:120], fh=FH)
    yield forecaster.predict()
    yield forecaster.predict_quantiles(alpha=LEVELS)


def mix_treatments() -> Answers:
    y, X = make_series(), make_features()
    X["sky"] = np.where(X["walk"] > 0, "clear", "rain")
    X.loc[X.index[[5, 40]], "walk"] = np.nan
    treatment = {"month": "concurrent", "walk": "shifted", "sky": "shifted"}
    forecaster = lstm(X_treatment=treatment).fit(y=y, X=X[:120], fh=FH)
    yield forecaster.predict(X=X[120:123])


def forecast_two_targets() -> Answers:
    y = pd.DataFrame({"a": make_series(), "b": make_series(seed=1)})
    forecaster = lstm().fit(y, fh=FH)
    yield forecaster.predict()
    yield forecaster.predict_quantiles(alpha=LEVELS)


def forecast_panel() -> Answers:
    for make in (lstm, gru):
        forecaster = make().fit(make_panel(), fh=FH)
        yield forecaster.predict()
        yield forecaster.predict_quantiles(alpha=LEVELS)


def forecast_hierarchy() -> Answers:
    panel = make_panel()
    y = pd.concat({"north": panel, "south": panel * 2}, names=["region"])
    forecaster = lstm().fit(y, fh=FH)
    yield forecaster.predict()
    yield forecaster.predict(fh=[0, 5])


def pretrain_and_update() -> Answers:
    pretrained = lstm().pretrain(make_panel(), fh=FH)
    for mode in ("finetune", "frozen"):
        forecaster = pretrained.clone().set_params(pretrain_mode=mode)
        forecaster.fit(make_series(40, 5), fh=FH)
        yield forecaster.predict()
        yield forecaster.predict_quantiles(alpha=LEVELS)


def update_series() -> Answers:
    y = make_series()
    for update_params in (True, False):
        forecaster = lstm().fit(y[:100], fh=FH)
        forecaster.update(y[100:], update_params=update_params)
        yield forecaster.predict()
        yield forecaster.predict(fh=[-30, -5, 0])


def update_panel() -> Answers:
    panel = make_panel()
    late = panel.groupby(level="series", group_keys=False).tail(5)
    forecaster = gru().fit(panel.drop(late.index), fh=FH)
    yield forecaster.update(late).predict()


def regress_rows() -> Answers:
    X, y = make_rows()
    for make in (lstm, gru):
        regressor = make(horizon="auto").fit(X[:120], y[:120])
        yield regressor.predict(X[120:])
        yield regressor.predict(X)
        yield regressor.predict(X[120:], return_std=True)
        yield regressor.score(X[120:], y[120:])


def regress_past_rows() -> Answers:
    X, y = make_rows()
    y = np.column_stack([y, -y * X[:, 2]])
    regressor = lstm(horizon="auto", X_treatment="shifted").fit(X[:120], y[:120])
    yield regressor.predict(X[120:])
    yield regressor.predict(X[:10])


def regress_itself() -> Answers:
    X, y = make_rows()
    for make in (lstm, gru):
        regressor = make(autoregressive=True).fit(X[:120], y[:120])
        yield regressor.predict(X[120:])
        yield regressor.predict(X[:120])
        yield regressor.predict(X[120:], return_std=True)


def transform_rows() -> Answers:
    """Log, another scaler, another loss, plain windows, no linear part."""
    options = {
        "y_transform": "log",
        "scaler": "minmax",
        "loss": "mae",
        "window_scaling": None,
        "linear_skip": False,
        "theta_share": 0,
        "early_stopping": False,
    }
    yield lstm(**options).fit(make_series(), fh=FH).predict()


def stack_layers() -> Answers:
    """Several layers and networks, dropout and a penalty."""
    options = {
        "units": (4, 3),
        "dropout": 0.1,
        "kernel_regularizer": "l2",
        "n_estimators": 2,
        "theta_share": 0.5,
    }
    yield lstm(**options).fit(make_series(), fh=FH).predict()


def start_warm() -> Answers:
    y = make_series()
    forecaster = lstm(warm_start=True).fit(y[:100], fh=FH)
    yield forecaster.fit(y, fh=FH).predict()


CASES: dict[str, Callable[[], Answers]] = {
    "LSTM, conformal intervals": forecast_lstm,
    "GRU, conformal intervals": forecast_gru,
    "both cells, defaults": use_defaults,
    "quantile head": use_quantile_head,
    "beyond the horizon": roll_forward,
    "in sample": look_back,
    "missing values": leave_gaps,
    "X concurrent": know_ahead,
    "X shifted": know_the_past,
    "X mixed, categories, missing": mix_treatments,
    "two targets": forecast_two_targets,
    "panel": forecast_panel,
    "hierarchy": forecast_hierarchy,
    "pretrained": pretrain_and_update,
    "updated": update_series,
    "updated panel": update_panel,
    "rows, concurrent": regress_rows,
    "rows, shifted, two targets": regress_past_rows,
    "rows, autoregressive": regress_itself,
    "log, minmax, mae, no extras": transform_rows,
    "layers, dropout, two networks": stack_layers,
    "warm start": start_warm,
}


def digest(answer: Any) -> bytes:
    """Return a hash of the numbers of an answer, its shape and its labels."""
    if isinstance(answer, tuple):
        return b"".join(digest(part) for part in answer)
    total = hashlib.sha256()
    if isinstance(answer, (pd.Series, pd.DataFrame)):
        axes = answer.axes if isinstance(answer, pd.DataFrame) else [answer.index]
        for axis in axes:
            total.update(repr([str(label) for label in axis]).encode())
    values = np.ascontiguousarray(answer, dtype=np.float64)
    total.update(repr(values.shape).encode())
    # Minus zero equals zero, so both have one hash.
    total.update((values + 0.0).tobytes())
    return total.digest()


def hash_case(case: Callable[[], Answers]) -> str:
    """Return the hash of all answers of a case, or the error that it ends in."""
    total = hashlib.sha256()
    try:
        for answer in case():
            total.update(digest(answer))
    # An error is an outcome to compare, too.
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return total.hexdigest()


def hash_cases(names: list[str]) -> dict[str, str]:
    """Print and return the hash of each case, and of all."""
    hashes = {}
    for name in names:
        start = time.perf_counter()
        hashes[name] = hash_case(CASES[name])
        seconds = time.perf_counter() - start
        print(f"| {name} | {hashes[name]} | {seconds:.1f} |", flush=True)
    everything = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode())
    return hashes | {"all": everything.hexdigest()}


def describe_machine() -> dict[str, str]:
    versions = {name: version(name) for name in VERSIONS}
    return versions | {
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def compare(hashes: dict[str, str], path: Path) -> list[str]:
    """Return the names of the cases that differ from those in the file."""
    before = json.loads(path.read_text())
    if before["machine"] != describe_machine():
        print(f"Other versions or another machine then: {before['machine']}")
    known = before["hashes"]
    # The hash of all says nothing of a part of them.
    both = [name for name in hashes if name in known and name != "all"]
    return [name for name in both if hashes[name] != known[name]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=CASES, help="these cases")
    parser.add_argument("--write", type=Path, metavar="FILE", help="keep the hashes")
    parser.add_argument(
        "--compare", type=Path, metavar="FILE", help="exit with 1 where one differs"
    )
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    print("| case | SHA-256 | s |\n|---|---|---|")
    hashes = hash_cases(options.only or list(CASES))
    print(f"| all | {hashes['all']} | {time.perf_counter() - start:.1f} |")
    if options.write:
        state = {"machine": describe_machine(), "hashes": hashes}
        options.write.write_text(json.dumps(state, indent=1) + "\n")
    if options.compare:
        different = compare(hashes, options.compare)
        print(f"\ndifferent: {', '.join(different) or 'none'}")
        return int(bool(different))
    return 0


if __name__ == "__main__":
    sys.exit(main())
