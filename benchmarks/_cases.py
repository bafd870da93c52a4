"""Data sets and protocols: what is trained on, what is forecast, how it is scored."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._data import (
    read_airline,
    read_closes,
    read_panel,
    read_pm25,
    read_small,
)

WEATHER = ["DEWP", "TEMP", "PRES", "Iws"]
# Scores of Naive2 on M4 Weekly, the unit of OWA (Makridakis et al., 2020,
# https://doi.org/10.1016/j.ijforecast.2019.04.014).
NAIVE2_SMAPE, NAIVE2_MASE = 9.161, 2.777


@dataclass(frozen=True)
class Panel:
    """Series whose last rows are forecast at once.

    Attributes
    ----------
    train, test : dict of str to ndarray
        Rows of every series, NaN where missing.
    start, freq : str
        Of the period index.
    horizon : int
        Rows of each test part.
    season : int
        Of the calendar: that of the seasonal naive forecast.
    m : int
        Of the scale of MASE.
    headline : str
        The metric of the goal.
    """

    train: dict[str, np.ndarray]
    test: dict[str, np.ndarray]
    start: str
    freq: str
    horizon: int
    season: int
    m: int
    headline: str = "MASE"

    def frame(self) -> pd.DataFrame:
        """Return the training rows as sktime's panel."""
        return self._stack({name: (0, y) for name, y in self.train.items()})

    def test_frame(self) -> pd.DataFrame:
        """Return the test rows as sktime's panel."""
        return self._stack(
            {name: (len(self.train[name]), y) for name, y in self.test.items()}
        )

    def _stack(self, series: dict[str, tuple[int, np.ndarray]]) -> pd.DataFrame:
        """Put series below each other, each with the number of its first row."""
        first = pd.Period(self.start, self.freq)
        parts = {
            name: pd.DataFrame(
                {"y": y}, pd.period_range(first + skipped, periods=len(y))
            )
            for name, (skipped, y) in series.items()
        }
        return pd.concat(parts, names=["series", "time"])

    def keep(self, names: list[str]) -> "Panel":
        """Return the same protocol on some of the series."""
        train, test = (
            {name: part[name] for name in names} for part in (self.train, self.test)
        )
        return replace(self, train=train, test=test)

    def inside_training(self) -> "Panel":
        """Return the same protocol one horizon earlier: for choosing defaults."""
        h = self.horizon
        # As many rows must stay as the shortest series of the real protocol has.
        long = {k: y for k, y in self.train.items() if len(y) >= 3 * h}
        return replace(
            self,
            train={k: y[:-h] for k, y in long.items()},
            test={k: y[-h:] for k, y in long.items()},
        )

    def score(self, forecasts: dict[str, np.ndarray]) -> dict[str, float]:
        """Return the official metrics, means over the series."""
        smape, mase = [], []
        for name, y in self.test.items():
            f = np.maximum(forecasts[name], 0) if self.m == 1 else forecasts[name]
            error = np.abs(y - f)
            total = np.abs(y) + np.abs(f)
            ratio = np.divide(error, total, out=np.zeros_like(error), where=total > 0)
            smape.append(np.nanmean(200 * np.where(np.isnan(y), np.nan, ratio)))
            past = self.train[name]
            scale = np.nanmean(np.abs(past[self.m :] - past[: -self.m]))
            mase.append(np.nanmean(error) / scale if scale > 0 else np.nan)
        scores = {"sMAPE": float(np.mean(smape)), "MASE": float(np.nanmean(mase))}
        if self.m == 1:
            shares = scores["sMAPE"] / NAIVE2_SMAPE, scores["MASE"] / NAIVE2_MASE
            scores["OWA"] = sum(shares) / 2
        return scores


@dataclass(frozen=True)
class Origins:
    """One series that is forecast from several origins, refitted at each.

    Attributes
    ----------
    y : pandas.Series
        The series.
    horizon, n_origins : int
        The last ``n_origins * horizon`` rows are forecast, a horizon at a time.
    season : int
        Also of the scale of MASE.
    """

    y: pd.Series
    horizon: int
    n_origins: int
    season: int
    headline: str = "MASE"

    def cuts(self) -> list[int]:
        """Return the rows of the origins."""
        n = len(self.y)
        return [n - self.horizon * k for k in range(self.n_origins, 0, -1)]

    def inside_training(self) -> "Origins":
        """Return the same protocol on the rows before the first origin."""
        return replace(self, y=self.y[: self.cuts()[0]])

    def score(self, forecasts: list[np.ndarray]) -> dict[str, float]:
        """Return the mean over the origins, each scaled by the rows before it."""
        y, errors = self.y.to_numpy(float), []
        for cut, forecast in zip(self.cuts(), forecasts, strict=True):
            past = y[:cut]
            scale = np.abs(past[self.season :] - past[: -self.season]).mean()
            error = np.abs(y[cut : cut + self.horizon] - forecast).mean()
            errors.append(error / scale)
        return {"MASE": float(np.mean(errors))}


@dataclass(frozen=True)
class OneStep:
    """One series whose last rows are forecast one step ahead by one fit.

    Attributes
    ----------
    y : pandas.Series
        The series, NaN where missing.
    X : pandas.DataFrame or None
        Exogenous columns, known up to the step before the forecast.
    n_train : int
        Rows to train on; the others are forecast.
    """

    y: pd.Series
    X: pd.DataFrame | None
    n_train: int
    headline: str = "RMSE"

    def inside_training(self) -> "OneStep":
        """Return the same protocol, with the same share, on the training rows."""
        share = self.n_train / len(self.y)
        X = None if self.X is None else self.X[: self.n_train]
        # With little to train on, the test rows are as few.
        n_train = max(int(share * self.n_train), self.n_train * 4 // 5)
        return replace(self, y=self.y[: self.n_train], X=X, n_train=n_train)

    def score(self, forecasts: np.ndarray) -> dict[str, float]:
        """Return the error on observed targets, and in units of the naive one."""
        y = self.y.to_numpy(float)
        truth = y[self.n_train :]
        last = y[self.n_train - 1 : -1]
        known = np.isfinite(truth) & np.isfinite(last)
        error = truth[known] - forecasts[known]
        rmse = float(np.sqrt(np.mean(error**2)))
        naive = float(np.sqrt(np.mean((truth - last)[known] ** 2)))
        mae = float(np.abs(error).mean())
        return {"RMSE": rmse, "MAE": mae, "to naive": rmse / naive}


def m4_weekly() -> Panel:
    series = read_panel("M4 Weekly")
    panel = _last_rows(series, 13, "1960-01-03", "W", 52)
    return replace(panel, m=1, headline="OWA")


def hospital() -> Panel:
    return _last_rows(read_panel("Hospital"), 12, "2000-01", "M", 12)


def tourism_monthly() -> Panel:
    return _last_rows(read_panel("Tourism Monthly"), 24, "1980-01", "M", 12)


def nn5() -> Panel:
    panel = _last_rows(read_panel("NN5 daily"), 56, "1996-03-18", "D", 7)
    return replace(panel, headline="sMAPE")


def _last_rows(
    series: dict[str, np.ndarray], horizon: int, start: str, freq: str, season: int
) -> Panel:
    train = {k: y[:-horizon] for k, y in series.items()}
    test = {k: y[-horizon:] for k, y in series.items()}
    return Panel(train, test, start, freq, horizon, season, season)


def airline() -> Origins:
    return Origins(read_airline(), 12, 3, 12)


def car_sales() -> Origins:
    return Origins(read_small("car sales", "1960-01", "M"), 12, 3, 12)


def champagne() -> Origins:
    return Origins(read_small("champagne", "1964-01", "M"), 12, 3, 12)


def births() -> Origins:
    return Origins(read_small("births", "1959-01-01", "D"), 14, 3, 7)


def pm25() -> OneStep:
    data = read_pm25()
    return OneStep(data["pm2.5"], None, len(data) * 4 // 5)


def pm25_weather() -> OneStep:
    data = read_pm25()
    return OneStep(data["pm2.5"], data[WEATHER], len(data) * 4 // 5)


def pm25_one_year() -> OneStep:
    """Return the protocol of a much-read tutorial: gaps filled with zero, one year."""
    data = read_pm25()[24:]
    X = data.drop(columns="pm2.5")
    return OneStep(data["pm2.5"].fillna(0), X, 365 * 24)


def aapl() -> OneStep:
    return _stock("AAPL")


def msft() -> OneStep:
    return _stock("MSFT")


def _stock(symbol: str) -> OneStep:
    # Trading days by number: on a calendar of weekdays the naive forecast would be
    # right on every holiday.
    y = read_closes(symbol, "2010-01-01", "2024-12-31")
    return OneStep(y, None, len(y) * 4 // 5)


CASES: dict[str, Callable[[], Any]] = {
    "M4 Weekly": m4_weekly,
    "Hospital": hospital,
    "Tourism Monthly": tourism_monthly,
    "NN5 daily": nn5,
    "PM2.5": pm25,
    "PM2.5, weather": pm25_weather,
    "PM2.5, one year": pm25_one_year,
    "airline": airline,
    "car sales": car_sales,
    "champagne": champagne,
    "births": births,
    "AAPL": aapl,
    "MSFT": msft,
}
