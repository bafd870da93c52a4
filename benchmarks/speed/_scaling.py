"""How cost and memory of ours grow with rows, window, units and series; imports."""

import statistics
import subprocess
import sys
from dataclasses import replace

import numpy as np

from benchmarks._report import print_head, print_row
from benchmarks.speed._tasks import Task
from benchmarks.speed._turns import start_ways

BASE = Task("walks", units=(32,), window_length=24, horizon=1, batch_size=128, epochs=1)
# Each grows one figure and holds the others.
GROWING: dict[str, list[Task]] = {
    "rows": [replace(BASE, n_windows=10**k) for k in (3, 4, 5, 6)],
    "window": [
        replace(BASE, n_windows=12_800, window_length=w) for w in (16, 64, 256, 512)
    ],
    "units": [replace(BASE, n_windows=12_800, units=(u,)) for u in (16, 64, 256)],
    "series": [
        replace(BASE, n_windows=100, n_series=n) for n in (1, 10, 100, 1_000, 2_000)
    ],
}
VALUES = {
    "rows": lambda task: task.n_windows,
    "window": lambda task: task.window_length,
    "units": lambda task: task.units[0],
    "series": lambda task: task.n_series,
}
LONG = replace(BASE, n_windows=10**6, window_length=100)


def slope(sizes: list[float], seconds: list[float]) -> float:
    """Return the slope of the line through the points, both in logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def measure_scaling(repeats: int) -> None:
    """Print seconds of an epoch and their slope on logarithmic axes."""
    title = "How an epoch of ours grows: LSTM(32), window 24, batch 128"
    print_head(title, "grows", "seconds of an epoch", "slope, last two", "slope, all")
    for name, tasks in GROWING.items():
        sizes, seconds = [VALUES[name](task) for task in tasks], []
        with start_ways(["ours"]) as (way,):
            for task in tasks:
                n_rows = task.n_windows or 0
                way.ask(replace(task, n_windows=min(n_rows, 1_000)), "fit")
                n = 1 if n_rows >= 10**5 else max(3, repeats)
                times = [way.ask(task, "fit")["seconds"] for _ in range(n)]
                seconds.append(statistics.median(times))
        pairs = zip(sizes, seconds, strict=True)
        text = ", ".join(f"{size:,}: {value:.3g}" for size, value in pairs)
        last, whole = slope(sizes[-2:], seconds[-2:]), slope(sizes, seconds)
        print_row(name, text, f"{last:.2f}", f"{whole:.2f}")
    measure_memory()


def measure_memory() -> None:
    """Print the peak of a million rows above that of a thousand."""
    peaks = []
    for task in (replace(LONG, n_windows=1_000), LONG):
        with start_ways(["ours"]) as (way,):
            peaks.append(way.ask(task, "fit")["peak_mib"])
    raw = 4 * LONG.n_windows / 2**20 if LONG.n_windows else 0.0
    print(
        f"\nA million rows, window 100: peak {peaks[1]:.0f} MiB, {peaks[0]:.0f} MiB "
        f"with a thousand; the difference is {(peaks[1] - peaks[0]) / (2 * raw):.1f} "
        f"times the rows in float64 ({2 * raw:.1f} MiB).",
        flush=True,
    )


def measure_imports(repeats: int) -> None:
    """Print what `import skl_lstm` costs above what it builds on."""
    below = "import sktime.forecasting.base, sklearn.base"
    times: dict[str, list[float]] = {below: [], "import skl_lstm": []}
    for _ in range(max(3, repeats)):
        for line in times:
            code = (
                f"import time; t = time.perf_counter(); {line}; "
                "print(time.perf_counter() - t)"
            )
            # The interpreter that runs us, and a line of ours.
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-c", code], capture_output=True, text=True, check=True
            )
            times[line].append(float(done.stdout))
    first, second = (statistics.median(values) for values in times.values())
    print("\n## Imports\n")
    print(
        f"`{below}` {first:.2f} s, `import skl_lstm` {second:.2f} s in a process of "
        f"its own: {second - first:+.2f} s."
    )
