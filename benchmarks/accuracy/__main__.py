"""Accuracy of the defaults beside naive, linear and statistical methods.

    python -m benchmarks.accuracy [--seeds 3] [--only "M4 Weekly"] [--method LSTM]
    python -m benchmarks.accuracy --development
    python -m benchmarks.accuracy --resume out/accuracy.json

Scores go to the terminal in Markdown, seconds of fit and forecast below them. With
`--resume FILE` every run is written down as soon as it is done, and not done again.
`--development` scores the last horizon of the training parts instead: what the defaults
were chosen on. A data set that is not there is named, with its source, and left out.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._cases import CASES
from benchmarks._data import DataNotFoundError, add_data_option
from benchmarks._report import print_head, print_row, print_run, silence_warnings
from benchmarks._timing import time_call
from benchmarks.accuracy._methods import FIXED, SEEDED

METHODS = SEEDED | FIXED
Results = dict[str, Any]


def measure(part: str, name: str, method: str, seed: int) -> dict[str, Any] | None:
    """Return scores and seconds of one run, None where the method does not apply."""
    case = CASES[name]()
    if part == "development":
        case = case.inside_training()
    seconds, forecasts = time_call(METHODS[method], case, seed)
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


def print_table(
    title: str, results: Results, part: str, describe: Callable[[list[Any]], str]
) -> None:
    """Print one row a data set, one column a method."""
    print_head(title, "data, metric", *METHODS)
    for name in CASES:
        cells, headline = [], ""
        for method in METHODS:
            wanted = json.dumps([part, name, method])[:-1]
            runs = [r for key, r in results.items() if key.startswith(wanted) and r]
            headline = runs[0]["headline"] if runs else headline
            cells.append(describe(runs) if runs else "")
        if any(cells):
            print_row(f"{name}, {headline}", *cells)


def run_all(options: argparse.Namespace, part: str, results: Results) -> list[str]:
    """Fill in the results; return a message for each data set that is not there."""
    missing: dict[str, str] = {}
    planned = [
        (name, method, seed)
        for seed in range(options.seeds)
        for name in options.only or CASES
        for method in options.method or METHODS
        if seed == 0 or method in SEEDED
    ]
    for i, (name, method, seed) in enumerate(planned, 1):
        key = json.dumps([part, name, method, seed])
        if key in results or name in missing:
            continue
        try:
            run = results[key] = measure(part, name, method, seed)
        except DataNotFoundError as error:
            missing[name] = str(error)
            continue
        if run is not None:
            score = f"{run['headline']} {run[run['headline']]:.4f}"
            text = f"{name}, {method}, seed {seed}: {score}, {run['seconds']:.1f} s"
            print(f"{i}/{len(planned)}  {text}", file=sys.stderr, flush=True)
        write_down(options.resume, results)
    return list(missing.values())


def write_down(path: Path | None, results: Results) -> None:
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=1))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data_option(parser)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=list(CASES))
    parser.add_argument("--method", action="append", choices=list(METHODS))
    parser.add_argument("--development", action="store_true")
    parser.add_argument(
        "--resume", type=Path, metavar="FILE", help="keep and reuse runs"
    )
    options = parser.parse_args()
    silence_warnings()
    results: Results = {}
    if options.resume and options.resume.exists():
        results = json.loads(options.resume.read_text())
    part = "development" if options.development else "test"
    print_run("Accuracy")
    missing = run_all(options, part, results)
    print_table("Scores", results, part, describe_score)
    print_table("Seconds of fit and forecast", results, part, describe_time)
    print(*missing, sep="\n", end="", file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
