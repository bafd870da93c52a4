"""Columns known ahead, as users spell it: the defaults beside simple regressions.

    python -m benchmarks.rows [--only uschange] [--only synthetic] [--ways LSTM]
    python -m benchmarks.rows --resume out/rows.json --chart out/rows.png

Each set is forecast from several origins, every time after a fit on all rows before:
"told", the last horizons of the rows, their length said at the fit; and "rolled", the
folds of scikit-learn's `TimeSeriesSplit` whole, nothing said at the fit (sets that were
observed alone). Scores are mean absolute errors over that of repeating the last value,
averaged over the origins before the division; the last rows are geometric means. With
`--resume FILE` every result is written down as soon as it is there, and not measured
again. A data set that is not there is named, with its source, and left out.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks._data import DataNotFoundError, add_data_option
from benchmarks._report import print_head, print_row, print_run, silence_warnings
from benchmarks._timing import time_call
from benchmarks.rows._sets import RowSet, load_real, make_synthetic
from benchmarks.rows._ways import WAYS, Question

GROUPS = ("real", "synthetic")


class Task(NamedTuple):
    """A set in one of the protocols."""

    rows: RowSet
    protocol: str

    @property
    def title(self) -> str:
        """What its row of the table is called."""
        return f"{self.rows.name}, {self.protocol}"

    def questions(self) -> list[Question]:
        """Return what is known at each origin, and what is to be forecast."""
        rows, is_rolled = self.rows, self.protocol == "rolled"
        questions = []
        for first, end in rows.spans(is_rolled):
            known, ahead = rows.cut(0, first), rows.cut(first, end)
            last_step = None if is_rolled else end - first
            questions.append(Question(known, ahead, last_step))
        return questions

    def measure(self, way: str, seed: int) -> dict[str, float] | None:
        """Return the mean error over the origins, and the seconds of one of them."""
        errors, times = [], []
        for question in self.questions():
            seconds, forecast = time_call(WAYS[way], question, seed)
            if forecast is None:
                return None
            errors.append(np.abs(forecast - question.ahead.y).mean())
            times.append(seconds)
        return {"error": float(np.mean(errors)), "seconds": float(np.median(times))}


class Scores:
    """Errors by task, way and seed; kept in a file if there is one."""

    def __init__(self, path: Path | None, seed: int):
        self.path, self.seed = path, seed
        self.known: dict[str, dict[str, float] | None] = {}
        if path and path.exists():
            self.known = json.loads(path.read_text())

    def measure(self, task: Task, way: str) -> None:
        """Measure a way, unless that was done before."""
        key = self._key(task, way)
        if key not in self.known:
            self.known[key] = task.measure(way, self.seed)
            if self.path:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.write_text(json.dumps(self.known, indent=1))

    def ratio(self, task: Task, way: str) -> float:
        """Return the error over that of the naive forecast; NaN without."""
        score, naive = (self.known[self._key(task, w)] for w in (way, "naive"))
        return score["error"] / naive["error"] if score and naive else np.nan

    def average(self, tasks: Sequence[Task], way: str) -> float:
        """Return the geometric mean over the tasks that a way forecasts."""
        ratios = np.array([self.ratio(task, way) for task in tasks])
        known = ratios[np.isfinite(ratios)]
        return float(np.exp(np.log(known).mean())) if len(known) else np.nan

    def seconds(self, tasks: Sequence[Task], way: str) -> float:
        """Return the median of the seconds of fit and forecast."""
        scores = [self.known[self._key(task, way)] for task in tasks]
        known = [score["seconds"] for score in scores if score]
        return float(np.median(known)) if known else np.nan

    def _key(self, task: Task, way: str) -> str:
        return json.dumps([task.title, way, self.seed])


def choose_tasks(only: Sequence[str] | None) -> tuple[list[Task], list[str]]:
    """Return the tasks asked for, and what is to be said of data that is not there.

    Parameters
    ----------
    only : sequence of str or None
        Names of sets, "real" or "synthetic"; None for all.
    """
    real, wanted = load_real(), set(only or GROUPS)
    synthetic = [rows for rows in make_synthetic() if wanted & {"synthetic", rows.name}]
    tasks, missing = [], []
    for name, load in real.items():
        try:
            rows = load() if wanted & {"real", name} else None
        except DataNotFoundError as error:
            missing.append(f"{name} is left out. {error}\n")
            continue
        tasks += [Task(rows, p) for p in ("told", "rolled")] if rows else []
    return tasks + [Task(rows, "told") for rows in synthetic], missing


def print_scores(scores: Scores, tasks: Sequence[Task], ways: Sequence[str]) -> None:
    """Print one row a set and protocol, one column a way, and geometric means."""
    print_head("MAE over that of the last value", "set", *ways)
    for task in tasks:
        print_row(task.title, *_write([scores.ratio(task, way) for way in ways]))
    for group in GROUPS:
        members = [t for t in _told(tasks) if t.rows.is_real == (group == "real")]
        if members:
            means = [scores.average(members, way) for way in ways]
            print_row(f"**{len(members)} {group}, told**", *_write(means))
    seconds = [scores.seconds(tasks, way) for way in ways]
    print_row("seconds", *_write(seconds))


def _told(tasks: Sequence[Task]) -> list[Task]:
    return [task for task in tasks if task.protocol == "told"]


def _write(values: Sequence[float]) -> list[str]:
    return ["" if np.isnan(value) else f"{value:.3f}" for value in values]


def draw_chart(
    scores: Scores, tasks: Sequence[Task], ways: Sequence[str], path: Path
) -> None:
    """Draw the ratio of every set, a row a way, and the geometric mean over them."""
    import matplotlib.pyplot as plt

    told = _told(tasks)
    figure, ax = plt.subplots(figsize=(7, 0.4 * len(ways) + 1), layout="constrained")
    for height, way in enumerate(ways):
        ratios = [scores.ratio(task, way) for task in told]
        ax.plot(ratios, [height] * len(told), "|", color="0.6", markersize=9)
        ax.plot(scores.average(told, way), height, "o", color="C0")
    ax.set(xscale="log", xlabel="MAE / that of the last value", ylim=(len(ways), -1))
    ax.set_yticks(range(len(ways)), ways)
    ax.axvline(1.0, color="0.4", linewidth=0.8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data_option(parser)
    names = [*GROUPS, *load_real(), *(rows.name for rows in make_synthetic())]
    parser.add_argument("--only", action="append", choices=names, metavar="SET")
    parser.add_argument("--ways", action="append", choices=list(WAYS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", type=Path, metavar="FILE", help="keep results")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="picture to write")
    options = parser.parse_args()
    silence_warnings()
    print_run("Columns known ahead")
    tasks, missing = choose_tasks(options.only)
    ways = [way for way in WAYS if way in (options.ways or WAYS) or way == "naive"]
    scores = Scores(options.resume, options.seed)
    for task in tasks:
        for way in ways:
            scores.measure(task, way)
    print_scores(scores, tasks, ways)
    if options.chart:
        draw_chart(scores, tasks, ways, options.chart)
    print(*missing, sep="\n", end="", file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
