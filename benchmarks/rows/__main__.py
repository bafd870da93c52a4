"""Columns known ahead, as users spell it: the defaults beside simple regressions.

    python -m benchmarks.rows [--only uschange] [--only synthetic] [--ways LSTM]
                              [--data DIR] [--seed 0] [--fresh] [--chart out/rows.png]

Each set is forecast from several origins, every time after a fit on all rows before:
"told", the last horizons of the rows, their length said at the fit; and "rolled", the
folds of scikit-learn's `TimeSeriesSplit` whole, nothing said at the fit (real sets
alone). Scores are mean absolute errors over that of repeating the last value, averaged
over the origins before the division. Every result goes to ``out/rows.json`` as soon as
it is there, and is not measured again; ``--fresh`` starts anew. The table goes to the
terminal in Markdown; its last rows are geometric means.
"""

import argparse
import json
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rows._sets import RowSet, data_directory, load_real, make_synthetic
from benchmarks.rows._ways import WAYS, Question

RESULTS = Path("out/rows.json")
GROUPS = ("real", "synthetic")


def choose_sets(only: Iterable[str] | None, data: Path) -> list[RowSet]:
    """Return the sets named, by their names or that of their group, in order."""
    real, synthetic = load_real(data), list(make_synthetic())
    wanted = set(only or GROUPS)
    unknown = wanted - {*GROUPS, *real, *(rows.name for rows in synthetic)}
    if unknown:
        raise SystemExit(f"--only knows no {', '.join(sorted(unknown))}.")
    sets = [load() for k, load in real.items() if wanted & {"real", k}]
    return sets + [rows for rows in synthetic if wanted & {"synthetic", rows.name}]


def ask(rows: RowSet, span: tuple[int, int], rolled: bool) -> Question:
    """Return what is known at the start of a span, and what is to be forecast."""
    first, end = span
    effects = (None, None)
    if rows.effect is not None:
        effects = rows.effect[:first], rows.effect[first:end]
    last_step = None if rolled else end - first
    X, X_ahead = rows.X[:first], rows.X[first:end]
    return Question(rows.y[:first], X, X_ahead, rows.sp, last_step, *effects)


def measure(rows: RowSet, rolled: bool, way: str, seed: int) -> dict[str, float]:
    """Return error and seconds of one way, means over the origins; empty without."""
    errors, start = [], time.perf_counter()
    for first, end in rows.spans(rolled):
        forecast = WAYS[way](ask(rows, (first, end), rolled), seed)
        if forecast is None:
            return {}
        errors.append(float(np.abs(forecast - rows.y[first:end]).mean()))
    seconds = (time.perf_counter() - start) / len(errors)
    return {"error": float(np.mean(errors)), "seconds": seconds}


def write_table(results: dict[str, dict[str, float]], sets: list[RowSet]) -> str:
    """Return one row a set and protocol, one column a way, and geometric means."""
    ways = [w for w in WAYS if any(json.loads(key)[2] == w for key in results)]
    lines = ["| set | " + " | ".join(ways) + " |", "|---" * (len(ways) + 1) + "|"]
    for rows in sets:
        for protocol in ("told", "rolled") if rows.is_real else ("told",):
            ratios = [find_ratio(results, rows.name, protocol, way) for way in ways]
            lines.append(f"| {rows.name}, {protocol} | {write_cells(ratios)} |")
    for group in GROUPS:
        names = [rows.name for rows in sets if rows.is_real == (group == "real")]
        means = [average(results, names, way) for way in ways]
        if names:
            lines.append(f"| **{len(names)} {group}, told** | {write_cells(means)} |")
    return "\n".join(lines)


def find_ratio(
    results: dict[str, dict[str, float]], name: str, protocol: str, way: str
) -> float | None:
    """Return the error over that of the naive forecast."""
    found, naive = (
        results.get(json.dumps([name, protocol, w])) for w in (way, "naive")
    )
    return found["error"] / naive["error"] if found and naive else None


def average(
    results: dict[str, dict[str, float]], names: list[str], way: str
) -> float | None:
    """Return the geometric mean over the sets that the way forecasts."""
    ratios = [find_ratio(results, name, "told", way) for name in names]
    known = [ratio for ratio in ratios if ratio is not None]
    return float(np.exp(np.log(known).mean())) if known else None


def write_cells(values: list[float | None]) -> str:
    return " | ".join("" if v is None else f"{v:.3f}" for v in values)


def draw_chart(
    results: dict[str, dict[str, float]], names: list[str], path: Path
) -> None:
    """Draw the ratio of each set, a row a way, and the geometric mean over them."""
    import matplotlib.pyplot as plt

    ways = [w for w in WAYS if average(results, names, w) is not None]
    figure, ax = plt.subplots(figsize=(7, 0.45 * len(ways) + 1), layout="constrained")
    for i, way in enumerate(ways):
        ratios = [find_ratio(results, name, "told", way) for name in names]
        known = [ratio for ratio in ratios if ratio is not None]
        ax.plot(known, [i] * len(known), "|", color="0.6", ms=9)
        ax.plot(average(results, names, way), i, "o", color="C0")
    ax.set(xscale="log", xlabel="MAE / that of the last value", ylim=(len(ways), -1))
    ax.set_yticks(range(len(ways)), ways)
    ax.axvline(1.0, color="0.4", lw=0.8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", help="a set, real or synthetic")
    parser.add_argument("--ways", action="append", choices=list(WAYS))
    parser.add_argument("--data", help="where the data lie; default: $SKL_LSTM_DATA")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--chart", type=Path, help="a picture to write")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    sets = choose_sets(options.only, data_directory(options.data))
    RESULTS.parent.mkdir(exist_ok=True)
    results: dict[str, Any] = {}
    if RESULTS.exists() and not options.fresh:
        results = json.loads(RESULTS.read_text())
    ways = list(dict.fromkeys([*(options.ways or WAYS), "naive"]))
    planned = [
        (rows, rolled, way)
        for rows in sets
        for rolled in ((False, True) if rows.is_real else (False,))
        for way in ways
    ]
    for rows, rolled, way in planned:
        protocol = "rolled" if rolled else "told"
        key = json.dumps([rows.name, protocol, way])
        if key not in results:
            results[key] = measure(rows, rolled, way, options.seed)
            RESULTS.write_text(json.dumps(results, indent=1))
    shown = {k: v for k, v in results.items() if v and json.loads(k)[2] in ways}
    print(write_table(shown, sets))
    if options.chart:
        draw_chart(shown, [rows.name for rows in sets], options.chart)


if __name__ == "__main__":
    main()
