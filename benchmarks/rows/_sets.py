"""Data sets with columns known ahead: those of the libraries, and made-up ones."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import TimeSeriesSplit
from sktime.datasets import load_longley, load_uschange

from benchmarks._data import read_bike_sharing, read_pm25

# With more rows than this, many origins near the end stand for all.
LONG = 2_000
N_ORIGINS, ROWS_BETWEEN = 24, 50
# Rows of the hourly sets that are looked at.
N_HOURS = 5_000


class RowSet(NamedTuple):
    """A target and columns known ahead.

    Attributes
    ----------
    name : str
        Says what is in it.
    y : ndarray of shape (n_rows,)
        Target.
    X : ndarray of shape (n_rows, n_columns)
        Columns.
    sp : int
        Steps per season.
    horizon : int
        Steps to forecast.
    effect : ndarray of shape (n_rows,) or None
        What the columns contribute, where the set is made up and that is known.
    is_real : bool
        Whether it was observed.
    """

    name: str
    y: np.ndarray
    X: np.ndarray
    sp: int
    horizon: int
    effect: np.ndarray | None = None
    is_real: bool = False

    def cut(self, first: int, end: int) -> "RowSet":
        """Return some of the rows."""
        effect = None if self.effect is None else self.effect[first:end]
        part = slice(first, end)
        return self._replace(y=self.y[part], X=self.X[part], effect=effect)

    def spans(self, rolled: bool) -> list[tuple[int, int]]:
        """Return first row and end of each span to forecast from all rows before it.

        Parameters
        ----------
        rolled : bool
            Whether to take the folds of `TimeSeriesSplit`, else the last times
            ``horizon`` rows.
        """
        n, h = len(self.y), self.horizon
        if rolled:
            splits = TimeSeriesSplit(4 if n > 50 else 2).split(self.X)
            return [(int(test[0]), int(test[-1]) + 1) for _, test in splits]
        every, n_spans = h, 4 if n > 60 else 2
        if n > LONG:
            every, n_spans = ROWS_BETWEEN, N_ORIGINS
        ends = [n - every * i for i in reversed(range(n_spans))]
        return [(end - h, end) for end in ends]


def load_real() -> dict[str, Callable[[], RowSet]]:
    """Return what loads each set that was observed."""
    return {
        "uschange": _load_us_change,
        "longley": _load_longley,
        "macro": lambda: _load_macro("macro", growth=True),
        "macro_levels": lambda: _load_macro("macro_levels", growth=False),
        "bike": _load_bike,
        "pm25": _load_pm25,
    }


def _load_us_change() -> RowSet:
    y, X = load_uschange()
    return RowSet("uschange", y.to_numpy(), X.to_numpy(), 1, 4, is_real=True)


def _load_longley() -> RowSet:
    y, X = load_longley()
    return RowSet("longley", y.to_numpy(), X.to_numpy(), 1, 2, is_real=True)


def _load_macro(name: str, growth: bool) -> RowSet:
    from statsmodels.datasets import macrodata

    columns = ["realgdp", "realcons", "realinv", "realgovt", "realdpi", "cpi"]
    rows = np.log(macrodata.load_pandas().data[columns])
    if growth:
        rows = 100 * rows.diff().dropna()
    y = rows.pop("realgdp")
    return RowSet(name, y.to_numpy(), rows.to_numpy(), 4, 4, is_real=True)


def _load_bike() -> RowSet:
    bike = read_bike_sharing().asfreq("h").interpolate()[-N_HOURS:]
    angle = 2 * np.pi * bike.index.hour / 24
    weather = bike[["tmin", "tmax", "pn"]].to_numpy(float)
    calendar = np.sin(angle), np.cos(angle), bike.index.dayofweek >= 5
    X = np.column_stack([weather, *calendar]).astype(float)
    return RowSet("bike", bike["count"].to_numpy(float), X, 24, 24, is_real=True)


def _load_pm25() -> RowSet:
    columns = ["DEWP", "TEMP", "PRES", "Iws", "pm2.5"]
    rows = read_pm25()[columns].ffill().dropna()[-N_HOURS:]
    y = rows.pop("pm2.5")
    return RowSet("pm25", y.to_numpy(float), rows.to_numpy(float), 24, 24, is_real=True)


def make_synthetic() -> Iterator[RowSet]:
    """Yield 43 sets whose effect of the columns is known."""
    for kind in ("white", "rw", "season", "ar"):
        for slope in (0, 0.3, 0.5, 1, 2):
            for n_rows in (200, 600) if slope in (0, 0.5, 2) else (200,):
                yield _make_slope(kind, slope, n_rows)
    yield from (_make_promotion(seed) for seed in (0, 1))
    yield from _make_explained()
    yield from (
        make() for make in (_make_moving_average, _make_arx, _make_cointegrated)
    )
    yield from (make() for make in (_make_unrelated, _make_unrelated_walks))
    yield from (_make_spread_that_varies(), _make_growing_effect())


def _make_slope(kind: str, slope: float, n_rows: int) -> RowSet:
    """Make a normal column, and one that doubles its slope on a fifth of the rows."""
    rng = np.random.default_rng(n_rows + int(10 * slope) + len(kind) * 7)
    column = rng.normal(size=n_rows)
    event = (rng.random(n_rows) < 0.2) * 1.0
    level = 50 + _make_level(kind, n_rows, rng)
    effect = slope * column + 2 * slope * event
    noise = rng.normal(0, 1.0 if kind == "white" and slope < 2 else 0.3, n_rows)
    X = np.column_stack([column, event])
    name = f"{kind}_b{slope}_n{n_rows}"
    return RowSet(name, level + effect + noise, X, 12, 12, effect)


def _make_level(kind: str, n_rows: int, rng: np.random.Generator) -> np.ndarray:
    rows = np.arange(n_rows)
    if kind == "white":
        return np.zeros(n_rows)
    if kind == "season":
        return 5 * np.sin(rows * np.pi / 6) + 0.05 * rows
    if kind == "rw":
        return np.cumsum(rng.normal(0, 0.3, n_rows))
    shocks, level = rng.normal(0, 0.6, n_rows), np.zeros(n_rows)
    for i in range(1, n_rows):
        level[i] = 0.8 * level[i - 1] + shocks[i]
    return level


def _make_promotion(seed: int) -> RowSet:
    """Make sales that rise on the day after a promotion."""
    rng, n = np.random.default_rng(seed), 600
    promotion = (rng.random(n) < 0.15) * 1.0
    effect = 5 * np.r_[0, promotion[:-1]]
    y = 50 + effect + rng.normal(0, 0.5, n)
    return RowSet(f"promo_next_day_{seed}", y, promotion[:, None], 1, 12, effect)


def _make_explained() -> Iterator[RowSet]:
    """Make columns that leave little to explain, one step ahead and twelve."""
    rng, n = np.random.default_rng(3), 170
    a, b, c = rng.normal(size=n), rng.normal(size=n), (rng.random(n) < 0.3) * 1.0
    effect = 2 * a + 3 * np.r_[0, b[:-1]] + 4 * c
    X = np.column_stack([a, b, c])
    for name, horizon in (("x_all", 1), ("x_all_h12", 12)):
        y = effect + rng.normal(0, 0.1, n)
        yield RowSet(name, y, X, 1, horizon, effect)


def _make_moving_average() -> RowSet:
    rng, n = np.random.default_rng(0), 200
    x = rng.normal(size=n)
    effect = np.convolve(x, [0.5, 0.3, 0.2])[:n]
    y = 10 + effect + 0.05 * rng.normal(size=n)
    return RowSet("ma_x", y, x[:, None], 1, 12, effect)


def _make_arx() -> RowSet:
    """Make a target in which what a column adds goes on by itself."""
    rng, n = np.random.default_rng(5), 400
    x, y = rng.normal(size=n), np.zeros(n)
    for i in range(1, n):
        y[i] = 0.9 * y[i - 1] + x[i] + 0.3 * rng.normal()
    return RowSet("arx_.9", y, x[:, None], 1, 12)


def _make_cointegrated() -> RowSet:
    rng, n = np.random.default_rng(6), 300
    x = np.cumsum(rng.normal(size=n))
    y = 2 * x + rng.normal(size=n)
    return RowSet("coint", y, x[:, None], 1, 12, 2 * x)


def _make_unrelated() -> RowSet:
    rng, n = np.random.default_rng(7), 400
    X = rng.normal(size=(n, 6))
    return RowSet("none_rw", np.cumsum(rng.normal(size=n)), X, 1, 12, np.zeros(n))


def _make_unrelated_walks() -> RowSet:
    rng, n = np.random.default_rng(8), 300
    X = np.cumsum(rng.normal(size=(n, 3)), 0)
    return RowSet("spurious_rw", np.cumsum(rng.normal(size=n)), X, 1, 12, np.zeros(n))


def _make_spread_that_varies() -> RowSet:
    rng, n = np.random.default_rng(9), 400
    spread = np.where(np.arange(n) // 25 % 2, 3.0, 0.5)
    x = rng.normal(size=n)
    y = 2 * x + spread * rng.normal(size=n)
    return RowSet("hetero_add", y, x[:, None], 1, 12, 2 * x)


def _make_growing_effect() -> RowSet:
    rng, n = np.random.default_rng(10), 400
    x, level = rng.normal(size=n), np.exp(0.005 * np.arange(n))
    effect = level * x * 0.5
    y = 10 * level + effect + 0.3 * level * rng.normal(size=n)
    return RowSet("hetero_mult", y, x[:, None], 1, 12, effect)
