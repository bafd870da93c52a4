"""
Hourly rides with weather (sktime's convention)
===============================================

Bike rides have a day, a week and a year. All three are found by themselves, and the
weather of the day comes in as columns that are known ahead. Gradient boosting reads the
rides of one, two and seven days before, the calendar and the same weather.

The rides are those of Capital Bikeshare, in a file that cannot be bundled: the
environment variable ``SKL_LSTM_DATA`` names its folder, and `benchmarks.data` its
source.
"""

import os
from pathlib import Path

import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

from skl_lstm import LSTMForecaster
from skl_lstm.plotting import ForecastDisplay

# %%
# Data
# ----
# Three years of hours; the last 150 days are left for later, the day before them is
# forecast, for two weeks in a row.
path = Path(os.environ["SKL_LSTM_DATA"]) / "hourly" / "bikesharing.csv"
rides = pd.read_csv(path, parse_dates=["time"], index_col="time")
rides = rides[~rides.index.duplicated()].asfreq("h")[: -150 * 24]
y, X = rides["count"].rename("rides"), rides[["tmin", "tmax", "pn"]].ffill()
n_train = len(y) - 14 * 24

# %%
# Fit once, forecast every day
# ----------------------------
# True values are shown to the forecaster between forecasts, without training on them.
forecaster = LSTMForecaster(random_state=0)
forecaster.fit(y=y[:n_train], X=X[:n_train], fh=range(1, 25))
days = []
for start in range(n_train, len(y), 24):
    day = slice(start, start + 24)
    days.append(forecaster.predict(X=X[day]))
    forecaster.update(y[day], X=X[day], update_params=False)
forecast = pd.concat(days)
print("seasons:", forecaster.seasons_)

# %%
# Boosting on the same columns
# ----------------------------
lags = {f"{lag} hours ago": y.shift(lag) for lag in (24, 48, 168)}
times = y.index
calendar = {"hour": times.hour, "weekday": times.dayofweek, "day": times.dayofyear}
table = X.assign(**lags, **calendar)
known = y[:n_train].notna()
trees = HistGradientBoostingRegressor(loss="absolute_error", random_state=0)
trees.fit(table[:n_train][known], y[:n_train][known])

# %%
# The errors
# ----------
test = y[n_train:]
forecasts = {
    "LSTMForecaster": forecast,
    "gradient boosting": pd.Series(trees.predict(table[n_train:]), test.index),
    "last week": y.shift(168)[n_train:],
}
for name, each in forecasts.items():
    print(f"{name}: mean absolute error {(test - each).abs().mean():.0f} rides an hour")

# %%
week = slice(-168, None)
_ = ForecastDisplay.from_predictions(forecast[week], y=y[:-168], y_true=test[week])
