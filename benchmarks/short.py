"""What training does to short single series, beside the start that it takes.

    python -m benchmarks.short [--series 30] [--resume out/short.json]

Ten series that everybody knows, and evenly spread ones of Hospital and Tourism Monthly,
each by itself: three origins of one season (ten steps without one; shampoo has rows for
one origin alone), refitted at each.
Scores are mean absolute errors of the defaults over those of the same without training,
which is the linear start with its Theta; "hurt" counts the series that training makes
worse by more than 2 %. A data set that is not there is named, with its source, and left
out.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sktime.datasets import load_lynx, load_shampoo_sales, load_uschange

from benchmarks._cases import Origins, airline, births, car_sales, champagne
from benchmarks._data import DataNotFoundError, add_data_option, read_panel
from benchmarks._report import print_head, print_row, print_run, silence_warnings
from skl_lstm import GRUForecaster, LSTMForecaster

GROUPS = ("named", "Hospital", "Tourism Monthly")
WAYS = {"LSTM": LSTMForecaster, "GRU": GRUForecaster}
# Steps so small that training leaves the weights where they are.
UNTRAINED = {"epochs": 1, "learning_rate": 1e-12}
N_ORIGINS, STEPS = 3, 10
BEARABLE = 1.02


def named_series() -> dict[str, Callable[[], Origins]]:
    """Return what loads each of the ten."""
    return {
        "airline": airline,
        "car sales": car_sales,
        "champagne": champagne,
        "births": births,
        "shampoo": lambda: cut_origins(load_shampoo_sales(), 12),
        "lynx": lambda: cut_origins(load_lynx(), 1),
        "sunspots": lambda: cut_origins(_load_column("sunspots", "SUNACTIVITY"), 1),
        "Nile": lambda: cut_origins(_load_column("nile", "volume"), 1),
        "consumption": lambda: cut_origins(load_uschange()[0], 4),
        "GDP": lambda: cut_origins(np.log(_load_column("macrodata", "realgdp")), 4),
    }


def _load_column(name: str, column: str) -> pd.Series:
    from statsmodels import datasets

    return getattr(datasets, name).load_pandas().data[column]


def cut_origins(y: pd.Series | np.ndarray, sp: int) -> Origins:
    """Return three origins at the end, fewer where two seasons must stay before."""
    values = pd.Series(np.asarray(y, dtype=float))
    horizon = STEPS if sp == 1 else sp
    n_origins = min(N_ORIGINS, len(values) // horizon - 2)
    return Origins(values, horizon, n_origins, sp)


def load_panel(group: str, n_series: int) -> dict[str, Origins]:
    """Return evenly spread series of a panel."""
    panel = read_panel(group)
    chosen = list(panel)[:: max(1, len(panel) // n_series)][:n_series]
    return {f"{group} {name}": cut_origins(panel[name], 12) for name in chosen}


def load_cases(
    groups: Sequence[str], n_series: int
) -> tuple[dict[str, Origins], list[str]]:
    """Return series by name, and what is to be said of data that is not there."""
    loaders: dict[str, Callable[[], dict[str, Origins]]] = {}
    if "named" in groups:
        for name, load in named_series().items():
            loaders[name] = lambda name=name, load=load: {name: load()}
    for group in groups:
        if group != "named":
            loaders[group] = partial(load_panel, group, n_series)
    cases, missing = {}, []
    for name, load_some in loaders.items():
        try:
            cases |= load_some()
        except DataNotFoundError as error:
            missing.append(f"{name} is left out. {error}\n")
    return cases, missing


def measure(case: Origins, cls: type, **parameters: object) -> float:
    """Return the mean absolute error over the origins."""
    errors = []
    for cut in case.cuts():
        y = pd.Series(case.y.to_numpy(float))
        forecaster = cls(sp=case.season, random_state=0, **parameters)
        forecast = forecaster.fit(y[:cut], fh=range(1, case.horizon + 1)).predict()
        errors.append(np.abs(forecast - y[cut : cut + case.horizon]).mean())
    return float(np.mean(errors))


def measure_all(
    cases: dict[str, Origins], ways: list[str], path: Path | None
) -> Iterator[dict[str, float]]:
    """Yield the ratios of each series; what a file holds is not measured again."""
    known = json.loads(path.read_text()) if path and path.exists() else {}
    for name, case in cases.items():
        row = known.setdefault(name, {})
        for way in ways:
            if way not in row:
                start = measure(case, WAYS[way], **UNTRAINED)
                row[way] = measure(case, WAYS[way]) / start
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(known, indent=1))
        print_row(name, *(f"{row[way]:.3f}" for way in ways))
        yield row


def print_summary(ratios: list[dict[str, float]], ways: list[str]) -> None:
    """Print mean, share of the series that are hurt, and the worst."""
    print_head("Over all series", "", *ways)
    values = {way: np.array([row[way] for row in ratios]) for way in ways}
    means = [f"{np.exp(np.log(v).mean()):.3f}" for v in values.values()]
    print_row("geometric mean", *means)
    hurt = [f"{(v > BEARABLE).sum()} of {len(v)}" for v in values.values()]
    print_row("hurt", *hurt)
    print_row("worst", *(f"{v.max():.3f}" for v in values.values()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data_option(parser)
    parser.add_argument("--only", action="append", choices=GROUPS)
    parser.add_argument("--ways", action="append", choices=list(WAYS))
    parser.add_argument("--series", type=int, default=30, help="of each panel")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="keep results")
    options = parser.parse_args()
    silence_warnings()
    print_run("Short single series")
    ways = options.ways or list(WAYS)
    cases, missing = load_cases(options.only or GROUPS, options.series)
    print_head("MAE over that of the linear start", "series", *ways)
    ratios = list(measure_all(cases, ways, options.resume))
    if ratios:
        print_summary(ratios, ways)
    print(*missing, sep="\n", end="", file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
