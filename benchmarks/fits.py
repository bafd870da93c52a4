"""Processor time and error of default fits, of this checkout and of another, in turn.

    python -m benchmarks.fits [--only airline] [--seeds 3] [--repeats 2]
    python -m benchmarks.fits --against PATH

Each checkout has a process of its own with TensorFlow started, new in every round, so
that each fit compiles what it needs. Times are seconds of processor time of fit and
forecast, on all threads, over all fits of a set; the ratio divides them by those of
``PATH``, fit by fit of the same round. Errors are mean absolute errors in units of the
data set (MASE, or the error of the naive forecast), means over seeds with half their
range. A set stands for its kind: some series of a panel, some rows of a long one.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._cases import OneStep, Origins, Panel, airline, hospital, m4_weekly, nn5
from benchmarks._data import DataNotFoundError, add_data_option, read_pm25
from benchmarks._report import print_head, print_row, print_run, silence_warnings
from benchmarks._timing import describe
from benchmarks.accuracy._methods import forecast_ours
from benchmarks.rows._sets import RowSet, load_real
from benchmarks.short import named_series
from benchmarks.speed._turns import Process
from skl_lstm import GRUForecaster, LSTMForecaster

HERE = Path(__file__).parents[1]
CELLS = {"LSTM": LSTMForecaster, "GRU": GRUForecaster}
N_HOURS, WINDOW, N_HOURS_OF_IT = 10_000, 168, 4_000
# The package comes from the folder named; the benchmarks stay ours.
WORKER = (
    "import sys, benchmarks; sys.path.insert(0, sys.argv[1]); "
    "from benchmarks.fits import work; work()"
)
# One thread each, so that processor time is work and not waiting.
THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _score_case(case: Panel | Origins, cls: type, seed: int) -> float:
    return case.score(forecast_ours(cls, case, seed))["MASE"]


def _some(case: Panel, n_series: int) -> Panel:
    """Return evenly spread series of a panel."""
    names = list(case.train)
    return case.keep(names[:: len(names) // n_series][:n_series])


def _score_hours(cls: type, seed: int, n_hours: int = N_HOURS, **options: Any) -> float:
    """Return the error one step ahead on the last fifth, in units of the naive one."""
    y = read_pm25()["pm2.5"][:n_hours]
    case = OneStep(y, None, len(y) * 4 // 5)
    error = case.score(forecast_ours(cls, case, seed, **options))["MAE"]
    changes = y.diff()[case.n_train :].abs()
    return error / float(changes.mean())


def _score_rows(rows: RowSet, cls: type, seed: int, *, in_sklearn: bool) -> float:
    """Return the error on spans at the end, in units of the last value's."""
    errors, naive = [], []
    for first, end in rows.spans(rolled=in_sklearn):
        y, X, known = rows.y[:first], rows.X[:first], rows.X[first:end]
        if in_sklearn:
            model = cls(autoregressive=True, sp=rows.sp, random_state=seed).fit(X, y)
            forecast = model.predict(known)
        else:
            index = pd.RangeIndex(first, end)
            model = cls(sp=rows.sp, random_state=seed)
            model.fit(pd.Series(y), X=pd.DataFrame(X), fh=np.arange(1, end - first + 1))
            forecast = model.predict(X=pd.DataFrame(known, index)).to_numpy()
        errors.append(np.abs(forecast - rows.y[first:end]).mean())
        naive.append(np.abs(y[-1] - rows.y[first:end]).mean())
    return float(np.sum(errors) / np.sum(naive))


def _score_real(name: str, cls: type, seed: int, *, in_sklearn: bool) -> float:
    return _score_rows(load_real()[name](), cls, seed, in_sklearn=in_sklearn)


# What fits and forecasts, and returns the error, by class and seed.
SETS: dict[str, Callable[[type, int], float]] = {
    "airline": lambda cls, seed: _score_case(airline(), cls, seed),
    "sunspots": lambda cls, seed: _score_case(named_series()["sunspots"](), cls, seed),
    "uschange, X": lambda cls, seed: _score_real(
        "uschange", cls, seed, in_sklearn=False
    ),
    "GDP growth, fit(X, y)": lambda cls, seed: _score_real(
        "macro", cls, seed, in_sklearn=True
    ),
    "Hospital, 100 series": lambda cls, seed: _score_case(
        _some(hospital(), 100), cls, seed
    ),
    "M4 Weekly, 30 series": lambda cls, seed: _score_case(
        _some(m4_weekly(), 30), cls, seed
    ),
    "NN5, 40 series": lambda cls, seed: _score_case(_some(nn5(), 40), cls, seed),
    "PM2.5, 8,000 hours": lambda cls, seed: _score_hours(cls, seed),
    "PM2.5, window of 168": lambda cls, seed: _score_hours(
        cls, seed, N_HOURS_OF_IT, window_length=WINDOW
    ),
}


def work() -> None:
    """Answer questions from standard input, a JSON line each, by a line of results."""
    silence_warnings()
    # What libraries print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    LSTMForecaster(epochs=1).fit(pd.Series(np.arange(40.0)), fh=[1])
    for line in sys.stdin:
        name, cell, seed = json.loads(line)
        start = time.process_time()
        try:
            error = SETS[name](CELLS[cell], seed)
        except DataNotFoundError as missing:
            print(json.dumps({"missing": str(missing)}), file=answers)
            continue
        seconds = time.process_time() - start
        print(json.dumps({"seconds": seconds, "error": error}), file=answers)


def start_checkout(path: Path) -> Process:
    """Start a process with the package of the checkout in a folder."""
    return Process(
        str(path),
        ["-W", "ignore", "-c", WORKER, str(path)],
        cwd=HERE,
        env={**os.environ, **THREADS},
    )


def measure(
    paths: list[Path], names: list[str], cells: list[str], n_seeds: int, n_repeats: int
) -> dict[tuple[str, str], list[list[dict[str, Any]]]]:
    """Return what each checkout answered, by set and cell, a list for each round."""
    found: dict[tuple[str, str], list[list[dict[str, Any]]]] = {}
    for i in range(max(n_seeds, n_repeats)):
        checkouts = [start_checkout(path) for path in paths]
        for name in names:
            for cell in cells:
                answers = [each.send([name, cell, i % n_seeds]) for each in checkouts]
                found.setdefault((name, cell), []).append(answers)
                print(i, name, cell, answers, file=sys.stderr, flush=True)
        for each in checkouts:
            each.close()
    return found


def describe_errors(errors: list[float]) -> str:
    """Return the mean over seeds, and half their range."""
    spread = f" ±\u00a0{np.ptp(errors) / 2:.4f}" if len(errors) > 1 else ""
    return f"{np.mean(errors):.4f}{spread}"


def print_table(
    found: dict[tuple[str, str], list[list[dict[str, Any]]]], n_seeds: int
) -> list[str]:
    """Print times, ratios and errors; return what was missing."""
    two = len(next(iter(found.values()))[0]) == 2
    columns = ["seconds"] + two * ["there", "ratio"] + ["error"] + two * ["there"]
    print_head("Default fits, processor time", "set", "cell", *columns)
    missing, all_ratios = {}, []
    for (name, cell), rounds in found.items():
        if "missing" in rounds[0][0]:
            missing[name] = rounds[0][0]["missing"]
            continue
        times = [[a["seconds"] for a in each] for each in zip(*rounds, strict=True)]
        errors = [[a["error"] for a in each] for each in zip(*rounds, strict=True)]
        cells = [describe(each) for each in times]
        if two:
            ratios = [own / other for own, other in zip(*times, strict=True)]
            cells.append(describe(ratios))
            all_ratios.append(median(ratios))
        cells += [describe_errors(each[:n_seeds]) for each in errors]
        print_row(name, cell, *cells)
    if all_ratios:
        mean = np.exp(np.mean(np.log(all_ratios)))
        print(f"\nGeometric mean of the ratios: {mean:.3f}")
    return [f"{name} is left out. {text}\n" for name, text in missing.items()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_data_option(parser)
    parser.add_argument("--only", action="append", choices=list(SETS))
    parser.add_argument("--cell", action="append", choices=list(CELLS))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument(
        "--against", type=Path, metavar="PATH", help="another checkout, asked in turn"
    )
    options = parser.parse_args()
    paths = [HERE, *([options.against.resolve()] if options.against else [])]
    names, cells = options.only or list(SETS), options.cell or list(CELLS)
    print_run("Fits")
    found = measure(paths, names, cells, options.seeds, options.repeats)
    missing = print_table(found, options.seeds)
    print(*missing, sep="\n", end="", file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
