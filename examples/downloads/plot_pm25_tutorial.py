"""
Air quality, from the file to the forecast (tutorial, both conventions)
=======================================================================

Hourly PM2.5 in Beijing with the weather: gaps, categories, strong dependence on the
last hours, exogenous columns. The way leads through scikit-learn's tools first
(pipeline, temporal folds, grid search), then to sktime's for a day ahead with
intervals. Baselines stand beside every error.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skl_lstm import GRUForecaster
from skl_lstm.datasets import fetch_beijing_pm25
from skl_lstm.plotting import ForecastDisplay, PredictionDisplay

common = {"epochs": 5, "random_state": 0}

# %%
# The data
# --------
# Fifteen months are enough to show the way; the short example of the gallery uses all
# five years. The wind direction is a category, and one hour in a hundred has no
# target. The file comes from the UCI repository the first time, and from the folder
# ``~/skl_lstm_data`` after that.
X, y = fetch_beijing_pm25(return_X_y=True)
span = slice("2013-07-01", "2014-09-30")
X, y = X.loc[span, ["DEWP", "TEMP", "PRES", "cbwd", "Iws"]], y[span]
y.attrs["units"] = "µg/m³"
print(X.describe(include="all").loc[["count", "unique", "mean", "std"]].round(1))
print(f"{y.isna().sum()} of {len(y)} hours have no PM2.5")

# %%
# Look at it before modelling: no trend, spells of several days, a long tail upwards.
figure, ax = plt.subplots(figsize=(8, 3), layout="constrained")
ax.plot(y, linewidth=0.6)
labels = ax.set(ylabel="PM2.5 (µg/m³)", xlabel="hour")

# %%
# A pipeline
# ----------
# In scikit-learn's convention each row is predicted from a window of rows of X. PM2.5
# of the hours before is the best predictor of the next, so it joins X as a column; with
# ``X_treatment="shifted"`` the network only ever sees rows *before* the one it
# predicts.
#
# scikit-learn's named scorers reject missing targets, so gaps are filled with the last
# value before them here. Scaling and encoding live in the pipeline: each fold learns
# them from its own training rows, and nothing leaks.
filled = y.ffill().bfill().rename("PM2.5")
filled.attrs["units"] = "µg/m³"
rows = X.assign(past=filled)
columns = make_column_transformer(
    (StandardScaler(), ["DEWP", "TEMP", "PRES", "Iws", "past"]),
    (OneHotEncoder(sparse_output=False, handle_unknown="ignore"), ["cbwd"]),
    verbose_feature_names_out=False,
).set_output(transform="pandas")
pipeline = Pipeline(
    [("columns", columns), ("gru", GRUForecaster(X_treatment="shifted", **common))]
)
pipeline

# %%
# Temporal folds and a grid search
# --------------------------------
# ``TimeSeriesSplit`` trains on the past and scores the future, three times. A window
# that starts in the training rows goes on into the test rows: the first test hours are
# predicted as well as the last. The last two months stay untouched until the end.
n_train = len(y) - 61 * 24
search = GridSearchCV(
    pipeline,
    {"gru__window_length": [8, 24], "gru__units": [8, 32]},
    cv=TimeSeriesSplit(n_splits=3),
    scoring="neg_root_mean_squared_error",
)
search.fit(rows[:n_train], filled[:n_train])
table = pd.DataFrame(search.cv_results_)
table["RMSE"] = -table["mean_test_score"]
names = ["param_gru__window_length", "param_gru__units", "RMSE", "mean_fit_time"]
print(table[names].sort_values("RMSE").round(2).to_string(index=False))

# %%
# The last two months
# -------------------
# ``GridSearchCV`` has fitted the best pipeline to all training rows. Only hours whose
# own and whose previous PM2.5 were observed count, for the network and for the last
# hour.
predicted = search.predict(rows[n_train:])
test, last_hour = y[n_train:], y.shift()[n_train:]
known = test.notna() & last_hour.notna()
for name, one in {"GRU": predicted, "last hour": last_hour}.items():
    error = root_mean_squared_error(test[known], one[known])
    print(f"one hour ahead, {name}: RMSE {error:.2f} µg/m³ over {known.sum()} hours")

# %%
# A week of September; the errors in the legend are those of this week.
week = slice("2014-09-08", "2014-09-14")
predicted = pd.Series(predicted, index=test.index, name="PM2.5")
display = PredictionDisplay.from_predictions(
    filled[week], predicted[week], naive=last_hour[week]
)

# %%
# Which convention for a day ahead?
# ---------------------------------
# A pipeline that needs the last hour cannot look 24 hours ahead. sktime's convention
# can: PM2.5 is the series, the weather is exogenous. Here the weather of the coming day
# counts as known ("concurrent"), as if a weather forecast were perfect: errors are a
# lower bound. Missing targets may stay missing, and the category is encoded for you.
# A concentration is never negative: ``bounds`` keeps intervals at or above zero.
day = np.arange(1, 25)
forecaster = GRUForecaster(window_length=48, units=32, bounds=(0, None), **common)
forecaster.fit(y=y[:n_train], X=X[:n_train], fh=day)

# %%
# Intervals, and whether they hold
# --------------------------------
# Each morning of the two months: hand over the hours that have passed, forecast the
# next 24 with an 80 % interval. ``update_params=False`` remembers without training. An
# interval is worth its name if about 80 % of the hours fall into it.
inside, errors, naive_errors = [], [], []
for start in range(n_train, len(y) - 24, 24):
    today = slice(start, start + 24)
    forecast = forecaster.predict(fh=day, X=X[today])
    interval = forecaster.predict_interval(fh=day, X=X[today], coverage=0.8)
    low, high = interval.iloc[:, 0], interval.iloc[:, 1]
    truth = y[today]
    inside.append(((truth >= low) & (truth <= high))[truth.notna()])
    errors.append(truth - forecast)
    naive_errors.append(truth - filled.iloc[start - 24 : start].to_numpy())
    forecaster.update(y[today], X=X[today], update_params=False)
rmse = [np.sqrt(np.nanmean(np.concatenate(e) ** 2)) for e in (errors, naive_errors)]
print(f"a day ahead: RMSE {rmse[0]:.1f} µg/m³, the same hour yesterday {rmse[1]:.1f}")
print(f"{np.concatenate(inside).mean():.1%} of the hours inside the 80 % interval")

# %%
# The last of these days.
display = ForecastDisplay.from_predictions(
    forecast, y=filled.iloc[start - 96 : start], y_true=truth, intervals=interval
)

# %%
# What to take home: compare with the last hour (it is hard to beat one hour ahead),
# keep scaling inside the folds, be honest about which weather you will really know, and
# check coverage on days that were not used for anything else.
