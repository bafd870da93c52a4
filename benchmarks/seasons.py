"""Several seasons: the defaults beside repeating yesterday, last week, and trees.

    python -m benchmarks.seasons [--only bike] [--seeds 3] [--method LSTM]

Hourly: 24 hours ahead at each midnight of 14 days, after one fit before them; "60" and
"150" leave that many days off the end, and "long" are the last 140 days. Daily: one
fit, then 28 days ahead from 12 origins, or a year ahead from three. True values are
shown between forecasts. Scores are mean absolute errors over the mean absolute
difference of the training rows to a week before. "panel" are made series of unlike
seasons.
"""

import argparse
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

from benchmarks._data import (
    DataNotFoundError,
    add_data_option,
    read_bike_sharing,
    read_small,
    read_traffic,
)
from benchmarks._report import print_head, print_row, print_run, silence_warnings
from benchmarks._timing import time_call
from skl_lstm import GRUForecaster, LSTMForecaster

WEATHER = ["tmin", "tmax", "pn"]
N_SERIES, N_ROWS, LAST = 400, 900, 24


class Span(NamedTuple):
    """Rows, and how they are forecast.

    Attributes
    ----------
    y : pandas.Series
        Training rows and those to forecast.
    n_steps, n_origins : int
        Steps ahead, and how many times.
    week : int
        Rows of a week.
    X : pandas.DataFrame or None
        Columns known ahead.
    """

    y: pd.Series
    n_steps: int
    n_origins: int
    week: int
    X: pd.DataFrame | None = None

    @property
    def n_train(self) -> int:
        """Rows before the first forecast."""
        return len(self.y) - self.n_steps * self.n_origins

    def score(self, forecasts: np.ndarray) -> float:
        """Return the mean absolute scaled error of all forecasts in a row."""
        known, truth = np.split(self.y.to_numpy(), [self.n_train])
        unit = np.nanmean(np.abs(known[self.week :] - known[: -self.week]))
        return float(np.nanmean(np.abs(forecasts - truth)) / unit)


def bike() -> pd.DataFrame:
    """Return rides and weather, every hour."""
    rows = read_bike_sharing()
    return rows[~rows.index.duplicated()].asfreq("h")


def hourly(rows: pd.Series, days_off: int, n_origins: int = 14) -> Span:
    """Return a span that ends some days before the last row."""
    y = rows[: len(rows) - 24 * days_off]
    return Span(y, 24, n_origins, 168)


def with_weather(days_off: int) -> Span:
    """Return the same of rides, with the weather of the day."""
    rows = bike()
    span = hourly(rows["count"], days_off)
    return span._replace(X=rows[WEATHER].ffill()[: len(span.y)])


def daily(name: str, days_off: int, n_steps: int, n_origins: int) -> Span:
    """Return a span of a daily series."""
    rows = read_small(name, "1981-01-01", "D")
    return Span(rows[: len(rows) - days_off], n_steps, n_origins, 7)


SPANS: dict[str, Callable[[], Span]] = {
    "bike 60": lambda: hourly(bike()["count"], 60),
    "bike 150": lambda: hourly(bike()["count"], 150),
    "bike long": lambda: hourly(bike()["count"], 0, 140),
    "bike 60, weather": lambda: with_weather(60),
    "bike 150, weather": lambda: with_weather(150),
    "traffic 60": lambda: hourly(read_traffic(), 60),
    "traffic 150": lambda: hourly(read_traffic(), 150),
    "traffic long": lambda: hourly(read_traffic(), 0, 140),
    "temperatures 28": lambda: daily("minimum temperatures", 0, 28, 12),
    "temperatures 28, before": lambda: daily("minimum temperatures", 336, 28, 12),
    "temperatures 365": lambda: daily("minimum temperatures", 0, 365, 3),
}


def ask_forecaster(span: Span, forecaster: Any) -> np.ndarray:
    """Fit once, and forecast from each origin once the rows before it are known."""
    first, n = span.n_train, span.n_steps

    def X_of(start: int, stop: int) -> dict[str, Any]:
        return {} if span.X is None else {"X": span.X[start:stop]}

    forecaster.fit(span.y[:first], fh=np.arange(1, n + 1), **X_of(0, first))
    forecasts = []
    for start in range(first, len(span.y), n):
        forecasts.append(forecaster.predict(**X_of(start, start + n)).to_numpy())
        forecaster.update(
            span.y[start : start + n], update_params=False, **X_of(start, start + n)
        )
    return np.concatenate(forecasts)


def ask_trees(span: Span, seed: int) -> np.ndarray:
    """Forecast by boosting on lags that are known ahead, and the calendar."""
    per_day = span.week // 7
    first = -(-span.n_steps // span.week) * span.week
    lags = [span.n_steps, span.n_steps + per_day, first, first + span.week]
    columns = {f"lag {lag}": span.y.shift(lag) for lag in sorted(set(lags))}
    times = span.y.index
    times = times.to_timestamp() if isinstance(times, pd.PeriodIndex) else times
    columns |= {"hour": times.hour, "weekday": times.dayofweek, "day": times.dayofyear}
    table = pd.DataFrame(columns, index=span.y.index)
    if span.X is not None:
        table = pd.concat([table, span.X], axis=1)
    known = span.y[: span.n_train].notna()
    trees = HistGradientBoostingRegressor(loss="absolute_error", random_state=seed)
    trees.fit(table[: span.n_train][known], span.y[: span.n_train][known])
    return trees.predict(table[span.n_train :])


def repeat(span: Span, season: int) -> np.ndarray:
    """Repeat the last season that is known at each origin."""
    y, lag = span.y.ffill().to_numpy(), -(-span.n_steps // season) * season
    return y[span.n_train - lag : len(y) - lag]


METHODS: dict[str, Callable[[Span, int], np.ndarray]] = {
    "LSTM": lambda span, seed: ask_forecaster(span, LSTMForecaster(random_state=seed)),
    "GRU": lambda span, seed: ask_forecaster(span, GRUForecaster(random_state=seed)),
    "yesterday": lambda span, seed: repeat(span, span.week // 7),
    "last week": lambda span, seed: repeat(span, span.week),
    "boosting": ask_trees,
}
NETWORKS = ("LSTM", "GRU")


def make_panel(n_series: int = N_SERIES, seed: int = 0) -> pd.DataFrame:
    """Return hourly series of unlike seasons, as a panel."""
    rng, t = np.random.default_rng(seed), np.arange(N_ROWS + LAST)
    frames = {}
    for k in range(n_series):
        day = rng.normal(size=24).cumsum()[t % 24]
        week = rng.normal(size=7)[t // 24 % 7] * rng.uniform(0, 2)
        noise = np.zeros(len(t))
        for i, e in enumerate(rng.normal(size=len(t))):
            noise[i] = 0.7 * noise[i - 1] + e
        index = pd.date_range("2024-01-01", periods=len(t), freq="h")
        frames[f"s{k:03d}"] = pd.DataFrame({"y": 20 + day + week + noise}, index)
    return pd.concat(frames, names=["series", "time"])


def measure_panel(method: str, seed: int) -> tuple[float, float]:
    """Return error over that of last week, and seconds, of a panel."""
    panel = make_panel()
    wide = panel["y"].unstack("series")
    train = wide[:-LAST].stack().swaplevel().sort_index().to_frame("y")
    cls = {"LSTM": LSTMForecaster, "GRU": GRUForecaster}[method]

    def ask() -> pd.DataFrame:
        forecaster = cls(sp=(24, 168), random_state=seed)
        return forecaster.fit(train, fh=np.arange(1, LAST + 1)).predict()

    seconds, forecast = time_call(ask)
    ours = forecast["y"].unstack(0).to_numpy() - wide[-LAST:].to_numpy()
    week = wide[-LAST - 168 : -168].to_numpy() - wide[-LAST:].to_numpy()
    return float(np.abs(ours).mean() / np.abs(week).mean()), seconds


def measure(span: Span, method: str, n_seeds: int) -> str:
    """Return the score of a method, its spread over seeds, and its seconds."""
    scores, times = [], []
    for seed in range(n_seeds if method in NETWORKS else 1):
        seconds, forecasts = time_call(METHODS[method], span, seed)
        scores.append(span.score(forecasts))
        times.append(seconds)
    spread = f" ± {np.std(scores):.3f}" if len(scores) > 1 else ""
    return f"{np.mean(scores):.3f}{spread} ({np.median(times):.0f} s)"


def main() -> None:
    """Measure and print one row after the other."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_data_option(parser)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=[*SPANS, "panel"])
    parser.add_argument("--method", action="append", choices=list(METHODS))
    options = parser.parse_args()
    silence_warnings()
    methods, names = options.method or list(METHODS), options.only or [*SPANS, "panel"]
    print_run("Several seasons")
    print_head("Mean absolute scaled error, and seconds", "span", *methods)
    for name in names:
        if name == "panel":
            found = [measure_panel(m, 0) for m in methods if m in NETWORKS]
            cells = [f"{error:.3f} of last week ({s:.0f} s)" for error, s in found]
            print_row(name, *cells)
            continue
        try:
            span = SPANS[name]()
        except DataNotFoundError as error:
            print_row(name, error)
            continue
        print_row(name, *(measure(span, m, options.seeds) for m in methods))


if __name__ == "__main__":
    main()
