"""Panels at scale, pretraining on held-back series, and hundreds of updates.

    python -m benchmarks.panels [--only scale|many|pretraining|updates]

* scale: 500 series of 100 to 1,000 points, and ten times as many, one network: memory
  above that of the program, and the time of a forecast of all of them.
* many: 10,000 series of 1,000 points: how far the peak of the process is above that of
  a fit of ten series, and the time of a forecast of all of them.
* pretraining: Hospital; a network pretrained on two thirds of the series forecasts the
  other third from 24 points each, against a network fitted to each alone.
* updates: 300 calls of ``update`` in a row, one new row each.
"""

import argparse
import gc
import resource
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._cases import hospital
from benchmarks._data import add_data_option
from benchmarks._report import print_head, print_row, print_run, silence_warnings
from benchmarks._timing import call_in_process, time_call
from skl_lstm import LSTMForecaster

SHORTEST, LONGEST, HORIZON = 100, 1_000, 13
# A panel whose windows just fill every pass that looks at a bounded number of them.
N_BASE = 45
# Numbers of series, and units of the network: the larger panel takes minutes.
SCALES = {500: 64, 5_000: 8}


def make_panel(n_series: int, seed: int = 0) -> pd.DataFrame:
    """Draw weekly series of other lengths and scales."""
    rng = np.random.default_rng(seed)
    parts = {}
    for i in range(n_series):
        n_rows = int(rng.integers(SHORTEST, LONGEST + 1))
        season = np.sin(np.arange(n_rows) * 2 * np.pi / 52 + rng.uniform(0, 6))
        walk = rng.standard_normal(n_rows).cumsum() / 5
        index = pd.period_range("2000-01-03", periods=n_rows, freq="W")
        values = 10 ** rng.uniform(0, 4) * (5 + season + walk)
        parts[i] = pd.DataFrame({"y": values}, index=index)
    return pd.concat(parts, names=["series", "time"])


def reset_peak() -> None:
    """Forget the largest size of this process so far (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mib() -> float:
    """Return the largest size of this process since `reset_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(x for x in lines if x.startswith("VmHWM")).split()[1]) / 2**10


def current_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def measure_scale(n_series: int, units: int) -> dict[str, Any]:
    """Measure in a process that has fitted nothing before."""
    # A panel of the same network, but small: what the program itself costs.
    options = {"window_length": 65, "horizon": HORIZON, "random_state": 0}
    options |= {"batch_size": 128, "epochs": 1, "units": units}
    fh = np.arange(1, HORIZON + 1)
    LSTMForecaster(**options).fit(make_panel(N_BASE), fh=fh).predict()
    panel = make_panel(n_series)
    data = panel.memory_usage(index=True, deep=True).sum() / 2**20
    gc.collect()
    reset_peak()
    before = peak_mib()
    fit_seconds, forecaster = time_call(LSTMForecaster(**options).fit, panel, fh=fh)
    added = peak_mib() - before
    first, *later = (time_call(forecaster.predict)[0] for _ in range(6))
    return {
        "rows": len(panel),
        "data, MiB": data,
        "program and panel, MiB": before,
        "peak above them, MiB": added,
        "in units of the data": added / data,
        "fit of one epoch, s": fit_seconds,
        "first forecast, s": first,
        "later forecasts, s": float(np.median(later)),
    }


def measure_peak(n_series: int) -> dict[str, float]:
    """Fit series of 1,000 points in a process that has fitted nothing before."""
    rng, season = np.random.default_rng(0), np.sin(np.arange(LONGEST) * 2 * np.pi / 7)
    walks = rng.standard_normal((n_series, LONGEST)).cumsum(axis=1) / 20
    levels = [range(n_series), pd.date_range("2000", periods=LONGEST)]
    index = pd.MultiIndex.from_product(levels, names=["series", "time"])
    panel = pd.DataFrame({"y": (10 + season + walks).ravel()}, index)
    options = {"window_length": 65, "horizon": HORIZON, "random_state": 0}
    forecaster = LSTMForecaster(**options, units=8, epochs=1)
    del walks
    gc.collect()
    reset_peak()
    seconds, _ = time_call(forecaster.fit, panel, fh=np.arange(1, HORIZON + 1))
    peak = peak_mib()
    forecasts = [time_call(forecaster.predict)[0] for _ in range(6)][1:]
    data = panel.memory_usage(index=True, deep=True).sum() / 2**20
    found = {"data": data, "peak": peak, "fit": seconds}
    return found | {"forecast": float(np.median(forecasts)), "slowest": max(forecasts)}


def measure_many() -> dict[str, Any]:
    """Measure 10,000 series, and ten."""
    many, few = (call_in_process(measure_peak, n) for n in (10_000, 10))
    growth = many["peak"] - few["peak"]
    return {
        "data, MiB": many["data"],
        "peak with ten series, MiB": few["peak"],
        "peak above it, MiB": growth,
        "in units of the data": growth / many["data"],
        "fit of one epoch, s": many["fit"],
        "later forecasts, median of five, s": many["forecast"],
        "the slowest of them, s": many["slowest"],
    }


def measure_pretraining(seeds: int) -> dict[str, Any]:
    """Return the mean MASE of each way over held-back series and seeds."""
    case = hospital()
    both = pd.concat([case.frame(), case.test_frame()]).sort_index()
    names = both.index.get_level_values("series").unique()
    held_back = names[::3]
    seen = both[~both.index.get_level_values("series").isin(held_back)]
    errors: dict[str, list[float]] = {}
    for seed in range(seeds):
        options = {"random_state": seed, "window_length": 24, "horizon": 12}
        pretrained = LSTMForecaster(**options).pretrain(seen, fh=range(1, 13))
        # Every eighth of them: a network alone takes a second each.
        for name in held_back[::8]:
            for way, error in forecast_short(pretrained, both.loc[name]["y"]).items():
                errors.setdefault(way, []).append(error)
    means = {f"MASE, {way}": float(np.mean(values)) for way, values in errors.items()}
    wins = np.less(errors["pretrained, fine-tuned"], errors["alone"])
    return means | {
        "series x seeds": len(wins),
        "share better than alone": float(wins.mean()),
    }


def forecast_short(pretrained: LSTMForecaster, y: pd.Series) -> dict[str, float]:
    """Return the MASE of each way on the last year of a series, from two before it."""
    train, test = y[-36:-12], y[-12:]
    scale = (y[:-12] - y[:-12].shift(12)).abs().mean()
    ways = {
        "pretrained, fine-tuned": pretrained.clone(),
        "pretrained, frozen": pretrained.clone().set_params(pretrain_mode="frozen"),
        "alone": LSTMForecaster(random_state=pretrained.random_state),
    }
    fh = range(1, 13)
    forecasts = {way: f.fit(train, fh=fh).predict() for way, f in ways.items()}
    forecasts["seasonal naive"] = pd.Series(train.to_numpy()[-12:], test.index)
    forecasts["mean"] = 0 * test + train.mean()
    return {k: float((f - test).abs().mean() / scale) for k, f in forecasts.items()}


def measure_updates(n_first: int = 500, n_updates: int = 300) -> dict[str, Any]:
    """Update with one row at a time; return times, memory and errors."""
    rng = np.random.default_rng(0)
    n_rows = n_first + n_updates
    noise = 0.1 * rng.standard_normal(n_rows)
    y = pd.Series(np.sin(np.arange(n_rows) / 5) + noise)
    forecaster = LSTMForecaster(random_state=0).fit(y[:n_first], fh=[1, 2, 3])
    seconds, memory, errors = [], [], []
    for i in range(n_first, n_rows):
        errors.append(abs(float(forecaster.predict().iloc[0]) - y[i]))
        seconds.append(time_call(forecaster.update, y[i : i + 1])[0])
        memory.append(current_mib())
    return {
        "update, ms, calls 20 to 119": 1e3 * float(np.median(seconds[20:120])),
        "update, ms, last 100 calls": 1e3 * float(np.median(seconds[-100:])),
        "memory after 20 calls, MiB": memory[19],
        "memory after 300 calls, MiB": memory[-1],
        "error of the next value, first 100": float(np.mean(errors[:100])),
        "error of the next value, last 100": float(np.mean(errors[-100:])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data_option(parser)
    choices = ["scale", "many", "pretraining", "updates"]
    parser.add_argument("--only", action="append", choices=choices)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    silence_warnings()
    print_run("Panels")
    measures: dict[str, Callable[[], dict[str, Any]]] = {}
    for name in options.only or choices:
        if name == "scale":
            for n_series, units in SCALES.items():
                # What one panel has left in the heap would be another one's room.
                measures[f"{n_series} series, {units} units"] = partial(
                    call_in_process, measure_scale, n_series, units
                )
        elif name == "many":
            measures["10,000 series of 1,000 points, 8 units"] = measure_many
        elif name == "pretraining":
            measures[name] = partial(measure_pretraining, options.seeds)
        else:
            measures[name] = measure_updates
    for title, measure in measures.items():
        print_head(title, "", "value")
        for what, figure in measure().items():
            print_row(what, f"{figure:.4g}")


if __name__ == "__main__":
    main()
