"""Panels at scale, pretraining on held-back series, and hundreds of updates.

    python -m benchmarks.panels [--only scale|pretraining|updates]

* scale: 500 series of 100 to 1,000 points, and ten times as many, one network: memory
  above that of the program, and the time of a forecast of all of them.
* pretraining: Hospital; a network pretrained on two thirds of the series forecasts the
  other third from 24 points each, against a network fitted to each alone.
* updates: 300 calls of ``update`` in a row, one new row each.
"""

import argparse
import gc
import resource
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.calibration import read_hospital
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
    start = time.perf_counter()
    forecaster = LSTMForecaster(**options).fit(panel, fh=fh)
    fit = time.perf_counter() - start
    after_fit = peak_mib()
    first = time.perf_counter()
    forecaster.predict()
    first = time.perf_counter() - first
    later = []
    for _ in range(5):
        start = time.perf_counter()
        forecast = forecaster.predict()
        later.append(time.perf_counter() - start)
    return {
        "rows": len(panel),
        "data, MiB": data,
        "program and panel, MiB": before,
        "peak above them, MiB": after_fit - before,
        "in units of the data": (after_fit - before) / data,
        "networks": len(forecaster.get_fitted_params()["weights"]),
        "fit of one epoch, s": fit,
        "first forecast, s": first,
        "later forecasts, s": float(np.median(later)),
        "finite": bool(np.isfinite(forecast).all(axis=None)),
    }


def measure_pretraining(seeds: int) -> dict[str, Any]:
    case = read_hospital()
    both = pd.concat([case.train, case.test]).sort_index()
    names = both.index.get_level_values("series").unique()
    held_back = names[::3]
    seen = both[~both.index.get_level_values("series").isin(held_back)]
    fh = np.arange(1, case.horizon + 1)
    errors: dict[str, list[float]] = {}
    for seed in range(seeds):
        options = {"random_state": seed, "window_length": 24, "horizon": 12}
        start = time.perf_counter()
        pretrained = LSTMForecaster(**options).pretrain(seen, fh=fh)
        seconds = time.perf_counter() - start
        # Every eighth of them: a network alone takes a second each.
        for name in held_back[::8]:
            y = both.loc[name]["y"]
            train, test = y[-36:-12], y[-12:]
            scale = (y[:-12] - y[:-12].shift(12)).abs().mean()
            ways = {
                "pretrained, fine-tuned": pretrained.clone(),
                "pretrained, frozen": pretrained.clone().set_params(
                    pretrain_mode="frozen"
                ),
                "alone": LSTMForecaster(random_state=seed),
            }
            forecasts = {k: f.fit(train, fh=fh).predict() for k, f in ways.items()}
            last_year = pd.Series(train.to_numpy()[-12:], test.index)
            forecasts |= {"seasonal naive": last_year, "mean": 0 * test + train.mean()}
            for way, forecast in forecasts.items():
                error = (forecast - test).abs().mean() / scale
                errors.setdefault(way, []).append(float(error))
    means = {f"MASE, {way}": float(np.mean(values)) for way, values in errors.items()}
    wins = np.mean(np.less(errors["pretrained, fine-tuned"], errors["alone"]))
    return means | {
        "series x seeds": len(errors["alone"]),
        "share better than alone": float(wins),
        "pretraining, s": seconds,
    }


def measure_updates() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    n_first, n_updates = 500, 300
    values = np.sin(np.arange(n_first + n_updates) / 5) + 0.1 * rng.standard_normal(
        n_first + n_updates
    )
    y = pd.Series(values)
    forecaster = LSTMForecaster(random_state=0).fit(y[:n_first], fh=[1, 2, 3])
    seconds, memory, finite, errors = [], [], True, []
    for i in range(n_first, n_first + n_updates):
        forecast = forecaster.predict()
        finite = finite and bool(np.isfinite(forecast).all())
        errors.append(abs(float(forecast.iloc[0]) - y[i]))
        start = time.perf_counter()
        forecaster.update(y[i : i + 1])
        seconds.append(time.perf_counter() - start)
        memory.append(current_mib())
    return {
        "update, ms, calls 20 to 119": 1e3 * float(np.median(seconds[20:120])),
        "update, ms, last 100 calls": 1e3 * float(np.median(seconds[-100:])),
        "memory after 20 calls, MiB": memory[19],
        "memory after 300 calls, MiB": memory[-1],
        "error of the next value, first 100": float(np.mean(errors[:100])),
        "error of the next value, last 100": float(np.mean(errors[-100:])),
        "finite": finite,
    }


def current_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def in_a_new_process(n_series: int, units: int) -> dict[str, Any]:
    # What one panel has left in the heap would be another one's room.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure_scale, n_series, units).result()


def show(found: dict[str, Any]) -> None:
    for what, figure in found.items():
        print(f"  {what}: {figure:.4g}" if figure is not True else f"  {what}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    choices = ["scale", "pretraining", "updates"]
    parser.add_argument("--only", action="append", choices=choices)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for name in options.only or choices:
        if name == "scale":
            for n_series, units in SCALES.items():
                print(f"\nscale, {n_series} series, {units} units", flush=True)
                show(in_a_new_process(n_series, units))
            continue
        elif name == "pretraining":
            found = measure_pretraining(options.seeds)
        else:
            found = measure_updates()
        print(f"\n{name}")
        show(found)


if __name__ == "__main__":
    main()
