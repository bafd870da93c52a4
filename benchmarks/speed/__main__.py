"""Fits and forecasts against the peers: same data, same network, same steps, in turn.

    make bench-peers                      the peers, in an environment of their own
    make bench                            everything, with the peers if they are there
    python -m benchmarks.speed --only step --way ours --way torch --repeats 5

Every way (ours, Keras, torch, darts, neuralforecast, skforecast) runs in a process of
its own with its framework started, and is asked in turn; the first round is not
counted but for "cold". Values are medians with minimum and maximum; "of ours" divides
round by round.
"""

import argparse
import importlib.util
import os
import time
from collections.abc import Callable
from dataclasses import replace

from benchmarks.speed._error import measure_error
from benchmarks.speed._jobs import measure_jobs
from benchmarks.speed._limit import measure_limit
from benchmarks.speed._scaling import measure_imports, measure_scaling
from benchmarks.speed._tasks import Task
from benchmarks.speed._turns import VERSIONS, Way, describe, ratios, time_in_turn

PEERS = ("torch", "darts", "neuralforecast", "skforecast")
AIRLINE = Task()
PM25 = Task("PM2.5", units=(50, 50), horizon=1, epochs=1)
PANEL = Task("M4 Weekly", units=(64,), window_length=65, horizon=13, epochs=1)


def print_row(*cells: object) -> None:
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def print_head(title: str, *columns: str) -> None:
    print(f"\n## {title}\n", flush=True)
    print_row(*columns)
    print_row(*["---"] * len(columns))


def compare(
    ways: list[Way],
    task: Task,
    work: str,
    repeats: int,
    unit: tuple[str, float] = ("s", 1.0),
    **options: int,
) -> None:
    """Print one row a way: its time, and how many times that of ours."""
    found = time_in_turn(ways, task, work, repeats, **options)
    for name, seconds in found.items():
        share = describe(ratios(found, name)) if "ours" in found else ""
        print_row(name, f"{describe(seconds, unit[1])} {unit[0]}", share)


def compare_refits(names: list[str], repeats: int) -> None:
    """Time (a) a short monthly series, first and again."""
    for cell in ("lstm", "gru"):
        task = replace(AIRLINE, cell=cell)
        title = f"Airline, {cell.upper()}(32), window 24, horizon 12, 200 steps of 32"
        print_head(f"{title}: first fit of a process", "way", "cold", "")
        for name in names:
            times = []
            for _ in range(max(1, repeats // 2)):
                way = Way(name)
                times.append(way.ask(task, "fit")["seconds"])
                way.close()
            print_row(name, f"{describe(times)} s", "")
        ways = [Way(name) for name in names]
        print_head(f"{title}: later fits", "way", "time", "of ours")
        compare(ways, task, "fit", repeats)
        close(ways)


def compare_searches(names: list[str], repeats: int) -> None:
    """Time (b) 24 networks on 3 folds."""
    print_head(
        "Airline, grid search of 24 networks on 3 folds, 10 epochs each",
        "way",
        "time",
        "of ours",
    )
    found: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(max(1, repeats // 3)):
        for name in names:
            way = Way(name)
            answer = way.ask(replace(AIRLINE, epochs=10), "search")
            found[name].append(answer["seconds"])
            way.close()
    for name, seconds in found.items():
        print_row(name, f"{describe(seconds)} s", describe(ratios(found, name)))


def compare_steps(names: list[str], repeats: int) -> None:
    """Time (c) gradient steps of a larger network."""
    n_steps = 100
    ways = [Way(name) for name in names if name in ("ours", "keras", "torch")]
    for cell in ("lstm", "gru"):
        for batch in (32, 256):
            title = f"PM2.5, 2 x {cell.upper()}(50), window 24, batch {batch}: a step"
            print_head(title, "way", "time", "of ours")
            task = replace(PM25, cell=cell, batch_size=batch, n_windows=batch * n_steps)
            compare(ways, task, "fit", repeats, ("ms", 1e3 / n_steps))
    close(ways)


def compare_panels(names: list[str], repeats: int) -> None:
    """Time (d) 359 weekly series."""
    ways = [Way(name) for name in names if name != "skforecast"]
    title = "359 weekly series, LSTM(64), window 65, horizon 13, batch 128"
    print_head(f"{title}: an epoch of 100 windows a series", "way", "time", "of ours")
    task = replace(PANEL, batch_size=128, n_windows=100)
    compare(ways, task, "fit", repeats)
    print_head(f"{title}: forecasts of all series", "way", "time", "of ours")
    # The bare loops know windows, not series.
    of_series = [way for way in ways if way.name not in ("keras", "torch")]
    compare(of_series, task, "forecast", repeats, ("ms", 1e3))
    close(ways)


def compare_forecasts(names: list[str], repeats: int) -> None:
    """Time (e) forecasts of a fitted network."""
    ways = [Way(name) for name in names]
    one = replace(AIRLINE, horizon=1, epochs=2)
    columns = ("way", "time", "of ours")
    print_head("LSTM(32), window 24: one step ahead", *columns)
    compare(ways, one, "forecast", 5 * repeats, ("ms", 1e3))
    print_head("The same in the scikit-learn convention, one row", *columns)
    compare(ways, one, "forecast_rows", 5 * repeats, ("ms", 1e3))
    print_head("LSTM(32), window 24: 500 steps, each fed back", *columns)
    compare(ways, one, "roll", repeats, ("ms", 1e3), n_steps=500)
    origins = Task("PM2.5", horizon=1, epochs=1, n_windows=3_000)
    print_head("LSTM(32), window 24: one step from each of 1,000 origins", *columns)
    compare(ways, origins, "backtest", repeats, ("ms", 1e3), n_origins=1_000)
    close(ways)


def close(ways: list[Way]) -> None:
    for way in ways:
        way.close()


COMPARISONS: dict[str, Callable[[list[str], int], None]] = {
    "refit": compare_refits,
    "search": compare_searches,
    "step": compare_steps,
    "panel": compare_panels,
    "forecast": compare_forecasts,
}
ALONE: dict[str, Callable[[int], None]] = {
    "error": measure_error,
    "jobs": measure_jobs,
    "scaling": measure_scaling,
    "limit": measure_limit,
    "import": measure_imports,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=[*COMPARISONS, *ALONE])
    parser.add_argument("--way", action="append", choices=["ours", "keras", *PEERS])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    there = [name for name in PEERS if importlib.util.find_spec(name)]
    names = options.way or ["ours", "keras", *there]
    day, cores = time.strftime("%Y-%m-%d"), os.cpu_count()
    print(f"# Speed\n\n{day}, {cores} cores, load average {os.getloadavg()[0]:.1f}\n")
    for title, compare_all in COMPARISONS.items():
        if title in (options.only or COMPARISONS):
            compare_all(names, options.repeats)
    for title, measure in ALONE.items():
        if title in (options.only or ALONE):
            measure(options.repeats)
    # Each starts for seconds: only what was asked has said its version.
    print("\n" + "\n".join(f"* {name}: {v}" for name, v in VERSIONS.items()))


if __name__ == "__main__":
    main()
