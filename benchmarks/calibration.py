"""Coverage and pinball loss of prediction intervals, out of sample.

    python -m benchmarks.calibration [--only Hospital] [--picture out/calibration.png]

The last rows of each series are held back; intervals of 50 to 95 % are compared with
those of sktime's `ConformalIntervals` around the same network and with seasonal-naive
intervals. These are on some of the series, at equal distances: the wrapper fits a
forecaster for each of many windows of each series, and is given a network pretrained on
the rows before those windows, since to train that many would take hours.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sktime.forecasting.conformal import ConformalIntervals
from sktime.forecasting.naive import NaiveForecaster, NaiveVariance

from benchmarks._cases import OneStep, Panel, hospital, pm25_weather, tourism_monthly
from benchmarks._data import add_data_option
from benchmarks._report import print_head, print_row, print_run, silence_warnings
from benchmarks._timing import time_call
from skl_lstm import GRUForecaster, LSTMForecaster

COVERAGES = (0.5, 0.8, 0.95)
LEVELS = tuple(sorted({0.5 + s * c / 2 for c in COVERAGES for s in (-1, 1)}))
# ConformalIntervals fits so many forecasters that only some series are affordable.
N_PEER_SERIES = 40
# Our ways: network, and how its intervals are made.
WAYS: dict[str, tuple[type, dict[str, Any]]] = {
    "LSTM": (LSTMForecaster, {}),
    "LSTM, quantile": (LSTMForecaster, {"intervals": "quantile"}),
    "GRU": (GRUForecaster, {}),
    "GRU, quantile": (GRUForecaster, {"intervals": "quantile"}),
}
PANELS = {"Hospital": hospital, "Tourism Monthly": tourism_monthly}
CASES = [*PANELS, "PM2.5"]
Figures = dict[str, dict[str, float]]


def score(truth: np.ndarray, quantiles: pd.DataFrame, scale: Any) -> dict[str, float]:
    """Return coverages, and the pinball loss in units of the seasonal-naive error.

    Parameters
    ----------
    truth : ndarray of shape (n,)
        What came true.
    quantiles : DataFrame of shape (n, len(LEVELS))
        Forecasts of its quantiles, as sktime returns them.
    scale : float or ndarray of shape (n,)
        Seasonal-naive error in the training rows.
    """
    labels = quantiles.columns.get_level_values(-1)
    values = quantiles.set_axis([round(float(c), 4) for c in labels], axis=1)
    scores = {}
    for coverage in COVERAGES:
        low, high = (round(0.5 + s * coverage / 2, 4) for s in (-1, 1))
        inside = (truth >= values[low]) & (truth <= values[high])
        scores[f"{coverage:.0%}"] = float(inside.mean())
    levels = np.array(LEVELS)
    errors = truth[:, None] - values[[round(level, 4) for level in LEVELS]].to_numpy()
    losses = np.maximum(levels * errors, (levels - 1) * errors)
    # A series that never changes has no scale.
    scale = np.broadcast_to(scale, truth.shape)
    kept = np.isfinite(scale) & (scale > 0)
    return scores | {"pinball": float((losses[kept] / scale[kept, None]).mean())}


def score_panel(case: Panel, quantiles: pd.DataFrame) -> dict[str, float]:
    names = quantiles.index.get_level_values("series")
    scale = {
        name: np.nanmean(np.abs(y[case.season :] - y[: -case.season]))
        for name, y in case.train.items()
    }
    truth = case.test_frame()["y"].reindex(quantiles.index).to_numpy()
    return score(truth, quantiles, names.map(scale).to_numpy(float))


def forecast_panel(forecaster: Any, case: Panel) -> pd.DataFrame:
    fitted = forecaster.fit(case.frame(), fh=np.arange(1, case.horizon + 1))
    return fitted.predict_quantiles(alpha=list(LEVELS))


def first_calibration_row(n_rows: int, case: Panel) -> int:
    """Leave the latest three horizons of a series to the wrapper."""
    return max(n_rows - 3 * case.horizon, 2 * case.season)


def forecast_wrapped(case: Panel, part: Panel) -> pd.DataFrame:
    """Wrap a network that has seen all series, but not the windows that calibrate."""
    fh = np.arange(1, case.horizon + 1)
    groups = case.frame().groupby(level="series", group_keys=False)
    early = groups.apply(lambda y: y[: first_calibration_row(len(y), case)])
    network = LSTMForecaster(random_state=0, pretrain_mode="frozen")
    network.pretrain(early, fh=fh)
    tables = {}
    for name, frame in part.frame().groupby(level="series"):
        y = frame.droplevel("series")["y"]
        first = first_calibration_row(len(y), case)
        wrapped = ConformalIntervals(network, initial_window=first, sample_frac=None)
        tables[name] = wrapped.fit(y, fh=fh).predict_quantiles(alpha=list(LEVELS))
    return pd.concat(tables, names=["series", "time"])


def measure_panel(case: Panel, ways: list[str], seeds: int, peers: bool) -> Figures:
    """Measure every way on a panel, the peers on some of its series."""
    figures, tables = {}, {}
    for way in ways:
        cls, options = WAYS[way]
        runs = []
        for seed in range(seeds):
            forecaster = cls(random_state=seed, **options)
            seconds, table = time_call(forecast_panel, forecaster, case)
            runs.append(score_panel(case, table) | {"seconds": seconds})
            tables.setdefault(way, table)
        figures[way] = pd.DataFrame(runs).mean().to_dict()
    return figures | (measure_peers(case, tables) if peers else {})


def measure_peers(case: Panel, tables: dict[str, pd.DataFrame]) -> Figures:
    """Compare with other intervals on series at equal distances."""
    names = list(case.train)[:: -(-len(case.train) // N_PEER_SERIES)]
    part, label = case.keep(names), f"on {len(names)} series"
    figures = {}
    for way, table in tables.items():
        kept = table[table.index.get_level_values("series").isin(names)]
        figures[f"{way}, {label}"] = score_panel(part, kept)
    naive = NaiveForecaster(sp=case.season)
    peers = {
        "ConformalIntervals": (forecast_wrapped, case, part),
        "seasonal naive": (
            forecast_panel,
            NaiveVariance(naive, initial_window=2 * case.season),
            part,
        ),
    }
    for way, call in peers.items():
        seconds, table = time_call(*call)
        figures[f"{way}, {label}"] = score_panel(part, table) | {"seconds": seconds}
    return figures


def forecast_hours(case: OneStep, cls: type, options: dict[str, Any]) -> pd.DataFrame:
    """Forecast one hour ahead over the test span, from each hour's window."""
    n = case.n_train
    forecaster = cls(X_treatment="shifted", random_state=0, **options)
    forecaster.fit(y=case.y[:n], X=case.X[:n], fh=[1])
    forecaster.update(case.y[n:], X=case.X[n:], update_params=False)
    fh = np.arange(1 - (len(case.y) - n), 1)
    return forecaster.predict_quantiles(fh=fh, alpha=list(LEVELS))


def repeat_hours(case: OneStep) -> pd.DataFrame:
    """Repeat the last hour, with the quantiles of the changes in training."""
    n, y = case.n_train, case.y
    changes = y[:n].diff().quantile(list(LEVELS)).to_numpy()
    last = y.ffill().shift()[n:].to_numpy()
    columns = pd.MultiIndex.from_product([["y"], LEVELS])
    return pd.DataFrame(last[:, None] + changes, y.index[n:], columns)


def measure_hours(case: OneStep, ways: list[str]) -> Figures:
    """Measure every way on PM2.5, where the hour to forecast was observed."""
    y, n = case.y, case.n_train
    scale = y[:n].diff(24).abs().mean()
    calls = {way: (forecast_hours, case, *WAYS[way]) for way in ways}
    calls["last hour"] = (repeat_hours, case)
    figures, known = {}, y[n:].notna().to_numpy()
    for way, call in calls.items():
        seconds, table = time_call(*call)
        scores = score(y[n:][known].to_numpy(), table[known], scale)
        figures[way] = scores | {"seconds": seconds}
    return figures


def draw(figures: dict[str, Figures], path: Path) -> None:
    """Draw the coverage reached over the nominal one."""
    from matplotlib.figure import Figure

    picture = Figure(figsize=(4 * len(figures), 4), layout="constrained")
    for i, (name, ways) in enumerate(figures.items(), 1):
        ax = picture.add_subplot(1, len(figures), i)
        ax.plot([0.4, 1], [0.4, 1], color="0.6", linestyle="--", label="nominal")
        for way, scores in ways.items():
            if " on " not in way:
                reached = [scores[f"{c:.0%}"] for c in COVERAGES]
                ax.plot(COVERAGES, reached, marker="o", label=way)
        ax.set(title=name, xlabel="nominal coverage", ylabel="share inside")
        ax.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(path, dpi=120)


def print_figures(name: str, figures: Figures) -> None:
    columns = [*(f"inside {c:.0%}" for c in COVERAGES), "pinball", "seconds"]
    print_head(name, "", *columns)
    for way, scores in figures.items():
        shares = [f"{100 * scores[f'{c:.0%}']:.1f} %" for c in COVERAGES]
        seconds = f"{scores['seconds']:.0f}" if "seconds" in scores else ""
        print_row(way, *shares, f"{scores['pinball']:.3f}", seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data_option(parser)
    parser.add_argument("--only", action="append", choices=CASES)
    parser.add_argument("--way", action="append", choices=WAYS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true", help="ours alone: minutes")
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    silence_warnings()
    print_run("Intervals")
    figures: dict[str, Figures] = {}
    ways = options.way or list(WAYS)
    for name in options.only or CASES:
        if name in PANELS:
            peers = not options.no_peers
            figures[name] = measure_panel(PANELS[name](), ways, options.seeds, peers)
        else:
            figures[name] = measure_hours(pm25_weather(), ways)
        print_figures(name, figures[name])
    if options.picture:
        draw(figures, options.picture)


if __name__ == "__main__":
    main()
