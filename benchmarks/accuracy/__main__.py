"""Accuracy of the defaults beside naive, linear and statistical methods.

    python -m benchmarks.accuracy [--seeds 3] [--only "M4 Weekly"] [--method LSTM]
    python -m benchmarks.accuracy --development

Every run is written to ``out/accuracy.json`` as soon as it is done, and is not done
again; ``--fresh`` starts anew. ``--development`` scores the last horizon of the
training parts instead: what the defaults were chosen on. The scores go to the
terminal in Markdown, seconds of fit and forecast below it.
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy._cases import CASES
from benchmarks.accuracy._methods import FIXED, SEEDED

RESULTS = Path("out/accuracy.json")


def measure(part: str, name: str, method: str, seed: int) -> dict[str, Any] | None:
    """Return scores and seconds of one run, None where the method does not apply."""
    case = CASES[name]()
    if part == "development":
        case = case.inside_training()
    start = time.perf_counter()
    forecasts = (FIXED | SEEDED)[method](case, seed)
    seconds = time.perf_counter() - start
    if forecasts is None:
        return None
    return case.score(forecasts) | {"seconds": seconds, "headline": case.headline}


def describe_score(runs: list[dict[str, Any]]) -> str:
    """Return the mean of the headline metric, and half its range over seeds."""
    values = [run[run["headline"]] for run in runs]
    mean, half = float(np.mean(values)), float(np.ptp(values)) / 2
    digits = 2 if mean >= 10 else 3
    # Without a break between the sign and its number.
    spread = f" ±\u00a0{half:.{digits}f}" if len(values) > 1 else ""
    return f"{mean:.{digits}f}{spread}"


def describe_time(runs: list[dict[str, Any]]) -> str:
    """Return the median of the seconds of fit and forecast."""
    return f"{np.median([run['seconds'] for run in runs]):.1f}"


def write_table(
    results: dict[str, Any], part: str, describe: Callable[[list[Any]], str]
) -> str:
    """Return one row a data set, one column a method."""
    methods = [*SEEDED, *FIXED]
    lines = [
        "| data, metric | " + " | ".join(methods) + " |",
        "|---" * (len(methods) + 1) + "|",
    ]
    for name in CASES:
        cells, headline = [], ""
        for method in methods:
            wanted = json.dumps([part, name, method])[:-1]
            runs = [r for key, r in results.items() if key.startswith(wanted) and r]
            headline = runs[0]["headline"] if runs else headline
            cells.append(describe(runs) if runs else "")
        if any(cells):
            lines.append(f"| {name}, {headline} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=list(CASES))
    parser.add_argument("--method", action="append", choices=[*FIXED, *SEEDED])
    parser.add_argument("--development", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    part = "development" if options.development else "test"
    RESULTS.parent.mkdir(exist_ok=True)
    results: dict[str, Any] = {}
    if RESULTS.exists() and not options.fresh:
        results = json.loads(RESULTS.read_text())
    planned = [
        (name, method, seed)
        for seed in range(options.seeds)
        for name in options.only or CASES
        for method in options.method or [*FIXED, *SEEDED]
        if seed == 0 or method in SEEDED
    ]
    for i, (name, method, seed) in enumerate(planned, 1):
        key = json.dumps([part, name, method, seed])
        if key in results:
            continue
        found = results[key] = measure(part, name, method, seed)
        if found is not None:
            score = f"{found['headline']} {found[found['headline']]:.4f}"
            text = f"{name}, {method}, seed {seed}: {score}, {found['seconds']:.1f} s"
            print(f"{i}/{len(planned)}  {text}", flush=True)
        RESULTS.write_text(json.dumps(results, indent=1))
    for describe in (describe_score, describe_time):
        print(write_table(results, part, describe), end="\n\n")


if __name__ == "__main__":
    main()
