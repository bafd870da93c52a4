"""Coverage on both sides, pinball loss and CRPS of the quantiles, out of sample.

    python -m benchmarks.calibration [--only Hospital] [--write docs/calibration.md]

The last rows of series are held back: of panels a whole horizon, forecast at once; of
single series each row one step ahead, by one fit. Beside ours stand the quantiles of
the seasonal naive forecast's own errors, and sktime's `ConformalIntervals` around the
same network. That wrapper fits a forecaster for each of many windows of each series, so
it is given few series, and a network pretrained on the rows before those windows.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sktime.forecasting.conformal import ConformalIntervals

from benchmarks import _cases
from benchmarks._data import add_data_option
from benchmarks._report import print_run, silence_warnings
from skl_lstm import LSTMForecaster

# A grid of equal distances: the integral of the loss over it is half of the CRPS.
LEVELS = np.round(np.arange(1, 40) / 40, 3)
ONE_SIDED = (0.05, 0.1, 0.5, 0.9, 0.95)
CENTRAL = (0.8, 0.95)
WAYS: dict[str, dict[str, Any]] = {
    "conformal": {},
    "quantile": {"intervals": "quantile"},
}
# Panels, and each how many of their series are taken.
PANELS: dict[str, tuple[Callable[[], _cases.Panel], int]] = {
    "Hospital": (_cases.hospital, 20),
    "Tourism Monthly": (_cases.tourism_monthly, 12),
    "NN5 daily": (_cases.nn5, 8),
    "M4 Weekly": (_cases.m4_weekly, 24),
}
# Rows that a wrapper around single series is calibrated on, over all of them.
PEER_ROWS = 400
N_PATHS = 200
Figures = dict[str, float]


class Step(NamedTuple):
    """One series that is forecast one step ahead: rows, those trained on, season."""

    y: pd.Series
    n_train: int
    season: int


def births() -> Step:
    y = _cases.births().y
    return Step(y, len(y) * 4 // 5, 7)


def pm25() -> Step:
    # The last hours alone: five years of them take long, and say the same.
    y = _cases.pm25().y.iloc[-6_000:]
    return Step(y, len(y) * 4 // 5, 24)


def noise(draw: Callable[[np.random.Generator, int], np.ndarray]) -> Step:
    # Of 4,000 rows 400 are held out.
    n_train, n_test = 4_000, 2_000
    values = draw(np.random.default_rng(0), n_train + n_test)
    return Step(pd.Series(values.astype(float)), n_train, 1)


def draw_counts(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.where(rng.random(n) < 0.7, 0, 1 + rng.poisson(1.5, n))


STEPS: dict[str, Callable[[], Step]] = {
    "PM2.5": pm25,
    "births": births,
    "normal noise": partial(noise, lambda rng, n: rng.standard_normal(n)),
    "exponential noise": partial(noise, lambda rng, n: rng.exponential(1, n)),
    "Student t3 noise": partial(noise, lambda rng, n: rng.standard_t(3, n)),
    "counts, 70 % zeros": partial(noise, draw_counts),
}


def score(truth: np.ndarray, quantiles: np.ndarray, scale: Any) -> Figures:
    """Return coverages, pinball loss and CRPS, both in units of the scale.

    Parameters
    ----------
    truth : ndarray of shape (n,)
        What came true; NaN where that is not known.
    quantiles : ndarray of shape (n, len(LEVELS))
        Forecasts of its quantiles.
    scale : float or ndarray of shape (n,)
        Seasonal-naive error in the training rows.
    """
    scale = np.broadcast_to(scale, truth.shape)
    # A series that never changes has no scale.
    kept = np.isfinite(truth) & np.isfinite(scale) & (scale > 0)
    truth, quantiles, scale = truth[kept, None], quantiles[kept], scale[kept]
    below, up_to = (truth < quantiles).mean(axis=0), (truth <= quantiles).mean(axis=0)
    scores: Figures = {}
    for level in ONE_SIDED:
        i = int(np.searchsorted(LEVELS, level))
        scores[f"below {level:g}"], scores[f"up to {level:g}"] = below[i], up_to[i]
    for coverage in CENTRAL:
        low, high = np.searchsorted(LEVELS, [0.5 - coverage / 2, 0.5 + coverage / 2])
        scores[f"inside {coverage:g}"] = up_to[high] - below[low]
    errors = truth - quantiles
    losses = np.maximum(LEVELS * errors, (LEVELS - 1) * errors).mean(axis=1) / scale
    tested = np.isin(LEVELS, ONE_SIDED)
    errors = errors[:, tested]
    few = np.maximum(LEVELS[tested] * errors, (LEVELS[tested] - 1) * errors)
    scores["pinball"] = (few.mean(axis=1) / scale).mean()
    # At levels of zero and one nothing is lost.
    scores["CRPS"] = 2 * losses.mean() * len(LEVELS) / (len(LEVELS) + 1)
    return {name: float(value) for name, value in scores.items()}


# Panels --------------------------------------------------------------------------


def sample(name: str, every: int | None) -> _cases.Panel:
    """Return a panel of series at equal distances."""
    make, usual = PANELS[name]
    case = make()
    return case.keep(list(case.train)[:: every or usual])


def score_panel(case: _cases.Panel, quantiles: pd.DataFrame) -> Figures:
    """Score the quantiles of the test rows."""
    names = quantiles.index.get_level_values("series")
    scales = {
        name: np.nanmean(np.abs(y[case.season :] - y[: -case.season]))
        for name, y in case.train.items()
    }
    truth = case.test_frame()["y"].reindex(quantiles.index).to_numpy()
    return score(truth, quantiles.to_numpy(), names.map(scales).to_numpy(float))


def forecast_panel(case: _cases.Panel, options: dict[str, Any]) -> Any:
    """Return quantiles of all steps, and of their sums the share inside of 80 %."""
    forecaster = LSTMForecaster(random_state=0, **options)
    forecaster.fit(case.frame(), fh=np.arange(1, case.horizon + 1))
    quantiles = forecaster.predict_quantiles(alpha=LEVELS.tolist())
    paths = forecaster.simulate(N_PATHS, random_state=0)["y"]
    sums = paths.groupby(level=["series", "path"]).sum().groupby(level="series")
    truth = case.test_frame()["y"].groupby(level="series").sum(min_count=case.horizon)
    low, high = (sums.quantile(level).reindex(truth.index) for level in (0.1, 0.9))
    return quantiles, ((truth >= low) & (truth <= high))[truth.notna()].mean()


def forecast_naive(case: _cases.Panel) -> pd.DataFrame:
    """Repeat the last season, with the quantiles of the errors of having done so."""
    frames = case.test_frame().groupby(level="series")
    tables = []
    for name, y in case.train.items():
        rows = []
        for step in range(case.horizon):
            back = case.season * (step // case.season + 1)
            errors = y[back:] - y[:-back] if len(y) > back + 1 else y - y.mean()
            last = pd.Series(y).ffill().iloc[max(step - back, -len(y))]
            rows.append(last + np.nanquantile(errors, LEVELS))
        tables.append(pd.DataFrame(rows, frames.get_group(name).index, LEVELS))
    return pd.concat(tables)


def forecast_wrapped(case: _cases.Panel, names: list[str]) -> pd.DataFrame:
    """Wrap a network that has seen all series, but not the windows that calibrate."""
    fh = np.arange(1, case.horizon + 1)
    firsts = {k: first_peer_row(len(y), case) for k, y in case.train.items()}
    groups = case.frame().groupby(level="series", group_keys=False)
    early = groups.apply(lambda y: y[: firsts[y.index[0][0]]])
    network = LSTMForecaster(random_state=0, pretrain_mode="frozen")
    network.pretrain(early, fh=fh)
    tables = {}
    for name in names:
        y = case.keep([name]).frame().droplevel("series")["y"].ffill()
        wrapped = ConformalIntervals(network, initial_window=firsts[name])
        tables[name] = wrapped.fit(y, fh=fh).predict_quantiles(alpha=LEVELS.tolist())
    return pd.concat(tables, names=["series", "time"])


def first_peer_row(n_rows: int, case: _cases.Panel) -> int:
    """Leave the latest three horizons of a series to the wrapper."""
    return max(n_rows - 3 * case.horizon, 2 * case.season)


def measure_panel(case: _cases.Panel, peers: bool) -> Iterator[tuple[str, Figures]]:
    """Measure every way on a panel, the wrapper on some of its series."""
    tables = {}
    for way, options in WAYS.items():
        tables[way], sums = forecast_panel(case, options)
        yield way, score_panel(case, tables[way]) | {"sums inside 0.8": float(sums)}
    yield "seasonal naive", score_panel(case, forecast_naive(case))
    if not peers:
        return
    n = max(PEER_ROWS // (3 * case.horizon), 1)
    names = list(case.train)[:: -(-len(case.train) // n)]
    wrapped = forecast_wrapped(case, names)
    for way, table in tables.items():
        kept = table[table.index.get_level_values("series").isin(names)]
        yield f"{way}, {len(names)} series", score_panel(case, kept)
    yield f"ConformalIntervals, {len(names)} series", score_panel(case, wrapped)


# Single series -------------------------------------------------------------------


def forecast_steps(case: Step, options: dict[str, Any]) -> np.ndarray:
    """Return quantiles of each row after training, from the rows before it."""
    y, n = case.y, case.n_train
    forecaster = LSTMForecaster(random_state=0, **options).fit(y[:n], fh=[1])
    forecaster.update(y[n:], update_params=False)
    fh = np.arange(1 - (len(y) - n), 1)
    return forecaster.predict_quantiles(fh=fh, alpha=LEVELS.tolist()).to_numpy()


def repeat_season(case: Step) -> np.ndarray:
    """Repeat the row a season before, with the quantiles of the changes in training."""
    changes = case.y.diff(case.season)[: case.n_train]
    last = case.y.ffill().shift(case.season)[case.n_train :].to_numpy()
    return last[:, None] + np.nanquantile(changes, LEVELS)


def wrap_steps(case: Step) -> np.ndarray:
    """Put the wrapper's quantiles around the forecasts of the network that it wraps.

    One step ahead they lie at the same distances around every forecast.
    """
    y, n, n_tested = case.y.ffill(), case.n_train, PEER_ROWS // 2
    network = LSTMForecaster(random_state=0, pretrain_mode="frozen")
    early = y[: n - n_tested]
    network.pretrain(pd.concat({0: early}, names=["s", "t"]).to_frame("y"), fh=[1])
    wrapped = ConformalIntervals(network, initial_window=n - n_tested)
    wrapped.fit(y[:n], fh=[1])
    around = wrapped.predict_quantiles(alpha=LEVELS.tolist()).to_numpy()
    around = around - wrapped.predict().to_numpy().reshape(-1, 1)
    network.fit(y[:n], fh=[1]).update(y[n:], update_params=False)
    center = network.predict(fh=np.arange(1 - (len(y) - n), 1)).to_numpy()
    return center.reshape(-1, 1) + around


def measure_steps(case: Step, peers: bool) -> Iterator[tuple[str, Figures]]:
    """Measure every way on one series."""
    scale = case.y[: case.n_train].diff(case.season).abs().mean()
    truth = case.y[case.n_train :].to_numpy(float)
    calls = {way: partial(forecast_steps, case, o) for way, o in WAYS.items()}
    calls["seasonal naive"] = partial(repeat_season, case)
    if peers:
        calls["ConformalIntervals"] = partial(wrap_steps, case)
    for way, call in calls.items():
        yield way, score(truth, call(), scale)


# Report --------------------------------------------------------------------------

COLUMNS = [
    *(f"<= {100 * level:g} %" for level in ONE_SIDED),
    *(f"inside {100 * coverage:g} %" for coverage in CENTRAL),
    "sums inside 80 %",
    "pinball",
    "CRPS",
]


def list_cells(scores: Figures) -> list[str]:
    """Return the cells of one row: shares in percent, two where values are tied."""
    cells = []
    for level in ONE_SIDED:
        low, high = (100 * scores[f"{side} {level:g}"] for side in ("below", "up to"))
        cells.append(f"{high:.1f}" if high - low < 0.5 else f"{low:.1f} - {high:.1f}")
    cells += [f"{100 * scores[f'inside {c:g}']:.1f}" for c in CENTRAL]
    sums = scores.get("sums inside 0.8")
    cells.append("" if sums is None else f"{100 * sums:.0f}")
    return [*cells, f"{scores['pinball']:.3f}", f"{scores['CRPS']:.3f}"]


def make_table(figures: dict[str, dict[str, Figures]]) -> str:
    """Return all figures as one table of Markdown."""
    rows = [["set", "quantiles", *COLUMNS], ["---"] * (len(COLUMNS) + 2)]
    for name, ways in figures.items():
        rows += [[name, way, *list_cells(scores)] for way, scores in ways.items()]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def draw(figures: dict[str, dict[str, Figures]], path: Path) -> None:
    """Draw by how many points the shares below the quantiles are off."""
    from matplotlib.figure import Figure

    picture = Figure(figsize=(9, 4), layout="constrained")
    axes = picture.subplots(1, 2, sharey=True)
    nominal = 100 * np.array(ONE_SIDED)
    for ax, way in zip(axes, ("conformal", "ConformalIntervals"), strict=True):
        ax.axhspan(-3, 3, color="0.92")
        for name, ways in figures.items():
            found = [s for w, s in ways.items() if w.split(",")[0] == way]
            if found and not name.startswith("counts"):
                reached = [100 * found[0][f"up to {level:g}"] for level in ONE_SIDED]
                ax.plot(nominal, reached - nominal, marker="o", label=name)
        ax.set(title=way, xlabel="level of the quantile, %")
    axes[0].set_ylabel("share up to it less the level, points")
    axes[1].legend(fontsize="small")
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(path, dpi=100)


def main() -> None:
    cases = [*PANELS, *STEPS]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_data_option(parser)
    parser.add_argument("--only", action="append", choices=cases)
    parser.add_argument("--every", type=int, help="take every such series of panels")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="keep figures")
    parser.add_argument("--write", type=Path, help="page whose table is written anew")
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    silence_warnings()
    print_run("Calibration")
    kept = options.resume
    figures = json.loads(kept.read_text()) if kept and kept.exists() else {}
    for name in options.only or cases:
        if name in figures:
            continue
        peers = not options.no_peers
        if name in PANELS:
            found = measure_panel(sample(name, options.every), peers)
        else:
            found = measure_steps(STEPS[name](), peers)
        figures[name] = dict(found)
        print(make_table({name: figures[name]}), flush=True)
        if kept:
            kept.write_text(json.dumps(figures, indent=1))
    if options.write:
        write_table(options.write, make_table(figures))
    if options.picture:
        draw(figures, options.picture)


def write_table(page: Path, table: str) -> None:
    """Put a table in the place of the one that a page has."""
    lines = page.read_text(encoding="utf-8").split("\n")
    rows = [i for i, line in enumerate(lines) if line.startswith("|")]
    lines[rows[0] : rows[-1] + 1] = [table]
    page.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
