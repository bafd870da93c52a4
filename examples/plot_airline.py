"""
Airline passengers with intervals (sktime)
==========================================

The series that every textbook forecasts: a trend, a season that grows with it, and one
year left out to compare with. No parameter but the seed is set.
"""

from sktime.datasets import load_airline
from sktime.performance_metrics.forecasting import mean_absolute_scaled_error

from skl_lstm import LSTMForecaster
from skl_lstm.plotting import ForecastDisplay

# %%
# Data
# ----
# Thousands of passengers a month, 1949 to 1960. The last year is for testing.
y = load_airline().rename("Passengers")
y.attrs["units"] = "thousands"
train, test = y[:-12], y[-12:]

# %%
# Fit and predict
# ---------------
# Windows, scaling, the season and the number of epochs are chosen from the data. To use
# a GRU, replace ``LSTMForecaster`` with ``GRUForecaster``.
forecaster = LSTMForecaster(random_state=0)
forecaster.fit(train, fh=range(1, 13))

# %%
# The error, and that of repeating the last year
# ----------------------------------------------
forecasts = {
    "LSTM": forecaster.predict(),
    "seasonal naive": 0 * test + train[-12:].tolist(),
}
for name, forecast in forecasts.items():
    error = mean_absolute_scaled_error(test, forecast, y_train=train, sp=12)
    print(f"{name}: MASE {error:.3f}")

# %%
# What made this forecast?
# ------------------------
# The share of each part. On 132 months most of the forecast is linear; the recurrent
# part adds a little, and the Theta method a memory of all years.
for part, share in forecaster.components_.items():
    print(f"{part}: {share:.0%}")

# %%
# The forecast, its 80 % interval, and the values that came true.
display = ForecastDisplay.from_estimator(
    forecaster, y=train[-60:], y_true=test, coverage=0.8
)
