"""
Airline passengers with intervals
=================================

The series that every textbook forecasts: a trend, a season that grows with it, and one
year left out to compare with. No parameter but the seed is set.
"""

import argparse
from pathlib import Path

from sktime.datasets import load_airline
from sktime.performance_metrics.forecasting import mean_absolute_scaled_error

from skl_lstm import LSTMForecaster
from skl_lstm.plotting import ForecastDisplay

parser = argparse.ArgumentParser(description="Airline passengers with intervals.")
parser.add_argument("--epochs", type=int, help="for a quick run; default: auto")
parser.add_argument("--out", type=Path, default=Path("out"))
options = parser.parse_args()
epochs = options.epochs or "auto"

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
# Windows, scaling, the season and the number of epochs are chosen from the data.
# ``GRUForecaster`` in place of ``LSTMForecaster`` is all that a GRU takes.
forecaster = LSTMForecaster(epochs=epochs, random_state=0)
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
# The forecast, its 80 % interval, and what came true.
options.out.mkdir(exist_ok=True, parents=True)
display = ForecastDisplay.from_estimator(
    forecaster, y=train[-60:], y_true=test, coverage=0.8
)
display.figure_.savefig(options.out / "airline.png", dpi=120)
