"""Draw the charts of the pages from their tables: `python -m benchmarks.charts`.

Tables are read from `docs`, so that a chart shows what its page says: measure, write
the table, then draw. Each chart is drawn twice, for light and for dark pages.
`--airline` also trains the forecast that README shows.
"""

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from sktime.datasets import load_airline

from skl_lstm import LSTMForecaster
from skl_lstm.plotting import ForecastDisplay

DOCS = Path(__file__).parents[1] / "docs"
OUT = DOCS / "_static"
# Colors of Okabe and Ito (2008), told apart with every kind of color vision.
COLORS = ["#0072B2", "#56B4E9", "#E69F00", "#009E73", "#CC79A7"]
MARKS = "osD^v"
INKS = {"light": "#222222", "dark": "#dddddd"}
NUMBER = re.compile(r"\d[\d,]*\.?\d*")


def read_table(page: str, first: str) -> list[dict[str, str]]:
    """Return the rows of the table of a page whose header has this first cell."""
    lines = (DOCS / f"{page}.md").read_text(encoding="utf-8").splitlines()
    heads = [line.split("|")[1].strip() if line[:1] == "|" else None for line in lines]
    start = heads.index(first)
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


def read_number(cell: str) -> float | None:
    """Return the first number of a cell, or None if it has none."""
    found = NUMBER.search(cell)
    return float(found.group().replace(",", "")) if found else None


def draw_accuracy() -> Any:
    """Draw errors in units of the better naive one, a row for each data set."""
    rows = read_table("accuracy", "data, metric")
    methods = ["LSTM", "GRU", "linear", "Theta", "AutoETS"]
    figure, ax = plt.subplots(figsize=(6, 5.6))
    for method, color, mark in zip(methods, COLORS, MARKS, strict=True):
        points = []
        for y, row in enumerate(rows):
            naive = [read_number(row[name]) for name in ("naive", "seasonal naive")]
            error = read_number(row[method])
            if error is not None:
                points.append((error / min(n for n in naive if n is not None), y))
        label = {"linear": "linear map of the window"}.get(method, method)
        ax.plot(*zip(*points, strict=True), mark, color=color, label=label, alpha=0.9)
    ax.axvline(1, linewidth=1, linestyle=":", color="0.5")
    ax.set_yticks(range(len(rows)), [row["data, metric"] for row in rows])
    ax.invert_yaxis()
    ax.set_xlabel("error, as a share of the better naive forecast's")
    return figure


def draw_speed() -> Any:
    """Draw the seconds of a refit, on a logarithmic axis."""
    rows = [row for row in read_table("performance", "") if row.get("later fits, LSTM")]
    rows = sorted(rows, key=lambda row: read_number(row["later fits, LSTM"]) or 0)
    figure, ax = plt.subplots(figsize=(6, 3.2))
    for kind, color, mark in zip(("LSTM", "GRU"), COLORS, MARKS, strict=False):
        name = "later fits, LSTM" if kind == "LSTM" else "later, GRU"
        seconds = [read_number(row[name]) for row in rows]
        ax.plot(seconds, range(len(rows)), mark, color=color, label=kind)
    names = ["skl_lstm" if row[""] == "ours" else row[""] for row in rows]
    ax.set_yticks(range(len(rows)), names)
    ax.set_xscale("log")
    ticks = [0.1, 0.2, 0.5, 1, 2, 5]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.invert_yaxis()
    ax.set_xlabel("seconds of a refit, 144 months (logarithmic)")
    return figure


def draw_calibration() -> Any:
    """Draw how many values fell inside intervals of 80 and of 95 %."""
    rows = read_table("calibration", "set")
    rows = [row for row in rows if row["quantiles"] in ("conformal", "quantile")]
    figure, ax = plt.subplots(figsize=(6, 4.4))
    for nominal, color, mark in zip((80, 95), COLORS, MARKS, strict=False):
        shares = [read_number(row[f"inside {nominal} %"]) for row in rows]
        label = f"inside {nominal} % intervals"
        ax.plot(shares, range(len(rows)), mark, color=color, label=label)
        ax.axvline(nominal, linewidth=1, linestyle=":", color=color)
    ax.set_yticks(range(len(rows)), [f"{r['set']}, {r['quantiles']}" for r in rows])
    ax.invert_yaxis()
    ax.set_xlabel("% of the values, out of sample")
    return figure


def save(name: str, draw: Callable[[], Any]) -> None:
    """Draw a chart for light and for dark pages, on no background."""
    for kind, ink in INKS.items():
        keys = ("text.color", "axes.labelcolor", "axes.edgecolor")
        inks = dict.fromkeys((*keys, "xtick.color", "ytick.color"), ink)
        with plt.rc_context({"font.size": 11, "axes.facecolor": "none", **inks}):
            figure = draw()
            for side in ("top", "right"):
                figure.axes[0].spines[side].set_visible(False)
            figure.axes[0].grid(axis="y", linewidth=0.5, alpha=0.3)
            options = {"loc": "outside upper left", "ncols": 3, "frameon": False}
            figure.set_layout_engine("constrained")
            figure.legend(**options)
            path = OUT / f"{name}_{kind}.png"
            figure.savefig(path, dpi=150, transparent=True)
            plt.close(figure)
            print(path.relative_to(DOCS))


def draw_airline() -> None:
    """Draw the forecast of README's first snippet."""
    y = load_airline()
    forecaster = LSTMForecaster(random_state=0).fit(y[:-12], fh=range(1, 13))
    display = ForecastDisplay.from_estimator(
        forecaster, y=y[-72:-12], y_true=y[-12:], coverage=0.8
    )
    display.figure_.savefig(OUT / "airline.png", dpi=110)


def main() -> None:
    """Draw all charts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--airline", action="store_true", help="README's figure, too")
    options = parser.parse_args()
    plt.switch_backend("Agg")
    save("accuracy", draw_accuracy)
    save("speed", draw_speed)
    save("calibration", draw_calibration)
    if options.airline:
        draw_airline()


if __name__ == "__main__":
    main()
