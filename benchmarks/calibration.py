"""Coverage and pinball loss of prediction intervals, out of sample.

    python -m benchmarks.calibration [--only hospital] [--picture out/calibration.png]

The last rows of each series are held back; intervals of 50 to 95 % are compared with
those of sktime's `ConformalIntervals` around the same network and with seasonal-naive
intervals. These are on some of the series, at equal distances: the wrapper fits a
forecaster for each of many windows of each series, and is given a network pretrained on
the rows before those windows, since to train that many would take hours.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sktime.forecasting.conformal import ConformalIntervals
from sktime.forecasting.naive import NaiveForecaster, NaiveVariance

from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm.datasets import load_beijing_pm25

DATA = Path(__file__).parents[1] / "../shared/data"
COVERAGES = (0.5, 0.8, 0.95)
LEVELS = tuple(sorted({0.5 + s * c / 2 for c in COVERAGES for s in (-1, 1)}))
# ConformalIntervals fits so many forecasters that only some series are affordable.
N_PEER_SERIES = 40
# Our ways: network, and how its intervals are made.
WAYS = {
    "LSTM": (LSTMForecaster, {}),
    "LSTM, quantile": (LSTMForecaster, {"intervals": "quantile"}),
    "GRU": (GRUForecaster, {}),
    "GRU, quantile": (GRUForecaster, {"intervals": "quantile"}),
}


class Case(NamedTuple):
    """Training rows, test rows, horizon, season."""

    train: pd.DataFrame
    test: pd.DataFrame
    horizon: int
    sp: int


def stack(series: dict[str, np.ndarray], horizon: int, freq: str) -> Case:
    """Put series of months below each other and hold the last ones back."""
    frames = {}
    for name, values in series.items():
        index = pd.period_range("2000-01", periods=len(values), freq=freq)
        frames[name] = pd.DataFrame({"y": values}, index=index)
    parts = {"train": {}, "test": {}}
    for name, frame in frames.items():
        parts["train"][name] = frame[:-horizon]
        parts["test"][name] = frame[-horizon:]
    joined = {k: pd.concat(v, names=["series", "time"]) for k, v in parts.items()}
    return Case(joined["train"], joined["test"], horizon, 12)


def read_hospital() -> Case:
    table = pd.read_csv(next((DATA / "hospital").glob("*.csv")))
    series = {c: table[c].to_numpy(float) for c in table.columns if c != "date"}
    return stack(series, 12, "M")


def read_tourism() -> Case:
    parts = [
        pd.read_csv(DATA / f"tourism/tourism-Monthly-{part}.csv", index_col="id")
        for part in ("train", "test")
    ]
    series = {}
    for name in parts[0].index:
        both = [part.loc[name].dropna().to_numpy(float) for part in parts]
        series[str(name)] = np.concatenate(both)
    return stack(series, 24, "M")


CASES: dict[str, Callable[[], Case]] = {
    "hospital": read_hospital,
    "tourism monthly": read_tourism,
}


def mean_scale(case: Case) -> dict[Any, float]:
    """Return the seasonal-naive error in the training rows, by series."""
    changes = case.train.groupby(level="series")["y"].diff(case.sp).abs()
    return changes.groupby(level="series").mean().to_dict()


def evaluate(case: Case, quantiles: pd.DataFrame) -> dict[str, float]:
    """Return coverages, and the pinball loss in units of the seasonal-naive error."""
    columns = quantiles.columns.get_level_values(-1)
    values = quantiles.set_axis([round(float(c), 4) for c in columns], axis=1)
    truth = case.test["y"].reindex(values.index)
    found = {}
    for coverage in COVERAGES:
        low, high = (round(0.5 + s * coverage / 2, 4) for s in (-1, 1))
        inside = (truth >= values[low]) & (truth <= values[high])
        found[f"{coverage:.0%}"] = float(inside.mean())
    scale = truth.index.get_level_values("series").map(mean_scale(case)).to_numpy()
    losses = []
    for level in LEVELS:
        error = truth - values[round(level, 4)]
        losses.append(np.maximum(level * error, (level - 1) * error) / scale)
    # A series that never changes has no scale.
    loss = np.stack(losses)[:, np.isfinite(scale) & (scale > 0)]
    found["pinball"] = float(loss.mean())
    return found


def quantiles_of(forecaster: Any, case: Case) -> tuple[pd.DataFrame, float]:
    start = time.perf_counter()
    fh = np.arange(1, case.horizon + 1)
    fitted = forecaster.fit(case.train, fh=fh)
    return fitted.predict_quantiles(alpha=list(LEVELS)), time.perf_counter() - start


def keep_some(case: Case, n_series: int) -> Case:
    """Keep series at equal distances."""
    names = case.train.index.get_level_values("series").unique()
    kept = names[:: -(-len(names) // n_series)]
    train, test = (
        part[part.index.get_level_values("series").isin(kept)]
        for part in (case.train, case.test)
    )
    return case._replace(train=train, test=test)


def peer_quantiles(case: Case, some: Case) -> tuple[pd.DataFrame, float]:
    """Wrap a network that has seen all series, but not the windows that calibrate."""
    start, parts = time.perf_counter(), {}
    fh = np.arange(1, case.horizon + 1)
    groups = case.train.groupby(level="series", group_keys=False)
    early = groups.apply(lambda y: y[: first_calibration_row(len(y), case)])
    network = LSTMForecaster(random_state=0, pretrain_mode="frozen")
    network.pretrain(early, fh=fh)
    for name, frame in some.train.groupby(level="series"):
        y = frame.droplevel("series")["y"]
        first = first_calibration_row(len(y), case)
        wrapped = ConformalIntervals(network, initial_window=first, sample_frac=None)
        wrapped.fit(y, fh=fh)
        parts[name] = wrapped.predict_quantiles(alpha=list(LEVELS))
    table = pd.concat(parts, names=["series", "time"])
    return table, time.perf_counter() - start


def first_calibration_row(n_rows: int, case: Case) -> int:
    """Leave the latest three horizons of a series to the wrapper."""
    return max(n_rows - 3 * case.horizon, 2 * case.sp)


def read_pm25() -> tuple[pd.DataFrame, pd.Series, int]:
    table = load_beijing_pm25(next((DATA / "beijing_pm25").glob("*.csv")))
    return table[["DEWP", "TEMP", "PRES", "Iws"]], table["pm2.5"], int(0.8 * len(table))


def measure_pm25(cls: type, **options: Any) -> dict[str, float]:
    """Predict one hour ahead over the test span, intervals of each hour's window."""
    X, y, n_train = read_pm25()
    start = time.perf_counter()
    forecaster = cls(X_treatment="shifted", random_state=0, **options)
    forecaster.fit(y=y[:n_train], X=X[:n_train], fh=[1])
    forecaster.update(y[n_train:], X=X[n_train:], update_params=False)
    fh = np.arange(1 - (len(y) - n_train), 1)
    quantiles = forecaster.predict_quantiles(fh=fh, alpha=list(LEVELS))
    return score_hours(y[n_train:], y[:n_train], quantiles, start)


def measure_naive_pm25() -> dict[str, float]:
    """Repeat the last hour, with the quantiles of the changes in training."""
    _, y, n_train = read_pm25()
    start = time.perf_counter()
    changes = y[:n_train].diff().quantile(list(LEVELS)).to_numpy()
    last = y.ffill().shift()[n_train:].to_numpy()
    columns = pd.MultiIndex.from_product([["y"], LEVELS])
    table = pd.DataFrame(last[:, None] + changes, y.index[n_train:], columns)
    return score_hours(y[n_train:], y[:n_train], table, start)


def score_hours(
    test: pd.Series, train: pd.Series, quantiles: pd.DataFrame, start: float
) -> dict[str, float]:
    names = ["series", "time"]
    panel = [
        pd.concat({"pm2.5": part}, names=names)
        for part in (train.to_frame("y"), test.dropna().to_frame("y"))
    ]
    table = pd.concat({"pm2.5": quantiles.loc[test.notna().to_numpy()]}, names=names)
    return evaluate(Case(*panel, 1, 24), table) | {
        "seconds": time.perf_counter() - start
    }


def measure(
    name: str, ways: list[str], seeds: int, peers: bool
) -> dict[str, dict[str, float]]:
    """Measure every way on one case."""
    if name == "pm2.5":
        found = {}
        for way in ways:
            cls, options = WAYS[way]
            found[way] = measure_pm25(cls, **options)
        return found | {"last hour": measure_naive_pm25()}
    case, found, tables = CASES[name](), {}, {}
    for way in ways:
        cls, options = WAYS[way]
        runs = []
        for seed in range(seeds):
            table, seconds = quantiles_of(cls(random_state=seed, **options), case)
            runs.append(evaluate(case, table) | {"seconds": seconds})
            tables.setdefault(way, table)
        found[way] = pd.DataFrame(runs).mean().to_dict()
    if not peers:
        return found
    some = keep_some(case, N_PEER_SERIES)
    names = some.train.index.get_level_values("series").unique()
    label = f"on {len(names)} series"
    for way, table in tables.items():
        kept = table.index.get_level_values("series").isin(names)
        found[f"{way}, {label}"] = evaluate(some, table[kept])
    table, seconds = peer_quantiles(case, some)
    found[f"ConformalIntervals, {label}"] = evaluate(some, table) | {"seconds": seconds}
    naive = NaiveVariance(NaiveForecaster(sp=case.sp), initial_window=2 * case.sp)
    table, seconds = quantiles_of(naive, some)
    found[f"seasonal naive, {label}"] = evaluate(some, table) | {"seconds": seconds}
    return found


def draw(found: dict[str, dict[str, dict[str, float]]], path: Path) -> None:
    """Draw the coverage reached over the nominal one."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(found), figsize=(4 * len(found), 4), squeeze=False, layout="constrained"
    )
    for ax, (name, ways) in zip(axes[0], found.items(), strict=True):
        ax.plot([0.4, 1], [0.4, 1], color="0.6", linestyle="--", label="nominal")
        for way, figures in ways.items():
            if " on " not in way:
                reached = [figures[f"{c:.0%}"] for c in COVERAGES]
                ax.plot(COVERAGES, reached, marker="o", label=way)
        ax.set(title=name, xlabel="nominal coverage", ylabel="share inside")
        ax.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=[*CASES, "pm2.5"])
    parser.add_argument("--way", action="append", choices=WAYS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true", help="ours alone: minutes")
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    found = {}
    for name in options.only or [*CASES, "pm2.5"]:
        ways = options.way or list(WAYS)
        found[name] = measure(name, ways, options.seeds, not options.no_peers)
        print(f"\n{name}\n{pd.DataFrame(found[name]).T.round(3)}", flush=True)
    if options.picture:
        draw(found, options.picture)


if __name__ == "__main__":
    main()
