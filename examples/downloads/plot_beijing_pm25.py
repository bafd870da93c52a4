"""
Air quality in the next hour (both conventions)
===============================================

Five years of hourly PM2.5 in Beijing, and the weather. Predicted from 24 hours of
weather alone, the next hour is missed by far more than by repeating the last value. The
target's own past has to be an input; then the network beats the last value.
"""

import numpy as np
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_lstm import LSTMForecaster
from skl_lstm.datasets import fetch_beijing_pm25
from skl_lstm.plotting import PredictionDisplay, TrainingCurveDisplay

# %%
# Data
# ----
# Gaps of the target stay missing: such hours count in no error. Where the target's past
# is an input, its gaps are filled with the last value before. The file comes from the
# UCI repository the first time, and from the folder ``~/skl_lstm_data`` after that.
X, y = fetch_beijing_pm25(return_X_y=True)
X, filled = X[["DEWP", "TEMP", "PRES", "Iws"]], y.ffill().bfill()
y.attrs["units"] = "µg/m³"
n_train = int(0.8 * len(y))
test, last_hour = y.iloc[n_train:], y.shift().iloc[n_train:]
common = {"X_treatment": "shifted", "random_state": 0}

# %%
# Weather alone
# -------------
# A scikit-learn regression on the rows before, whose missing targets are left out.
regressor = LSTMForecaster(window_length=24, **common).fit(X[:n_train], y[:n_train])
from_weather = regressor.predict(X[n_train:])

# %%
# Fit and predict
# ---------------
# sktime's convention adds the target's past. ``update`` hands over the test hours
# without training on them, then all are predicted one step ahead in one call.
forecaster = LSTMForecaster(**common).fit(y=filled[:n_train], X=X[:n_train], fh=[1])
forecaster.update(filled[n_train:], X=X[n_train:], update_params=False)
from_both = forecaster.predict(fh=np.arange(1 - len(test), 1))

# %%
# The errors, and that of repeating the last hour
# -----------------------------------------------
known = test.notna() & last_hour.notna()
predictions = {"weather": from_weather, "its past": from_both, "last hour": last_hour}
for name, predicted in predictions.items():
    error = np.sqrt(np.mean((test - predicted)[known] ** 2))
    print(f"PM2.5 from {name}: RMSE {error:.2f} µg/m³ over {known.sum()} hours")

# %%
# Ten days of December 2014; the errors in the legend are those of these days.
days = slice("2014-12-12", "2014-12-21")
display = PredictionDisplay.from_predictions(test[days], from_both[days])
curves = TrainingCurveDisplay.from_estimator(forecaster)

# %%
# The same as a scikit-learn pipeline
# -----------------------------------
# The target's past as one more column of X, over folds of half a year, each predicted
# after one year of training.
cv = TimeSeriesSplit(n_splits=3, max_train_size=365 * 24, test_size=183 * 24)
pipeline = make_pipeline(StandardScaler(), LSTMForecaster(window_length=24, **common))
X = X.assign(past=filled)
scores = cross_val_score(
    pipeline, X, filled, cv=cv, scoring="neg_root_mean_squared_error"
)
for score, (_, rows) in zip(scores, cv.split(X), strict=True):
    naive_error = np.sqrt(np.mean(filled.diff().iloc[rows] ** 2))
    print(f"fold: RMSE {-score:.2f} µg/m³, last hour {naive_error:.2f}")
