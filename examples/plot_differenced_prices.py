"""
Two stocks, three years ahead
=============================

Differenced prices, forecast over the whole test span without seeing any of it. A
forecast that far ahead is little more than the mean change of the training years, added
up: compare it with that line, and with the last price.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sktime.forecasting.compose import TransformedTargetForecaster
from sktime.transformations.series.difference import Differencer

from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm.datasets import fetch_prices, load_prices
from skl_lstm.plotting import ForecastDisplay

parser = argparse.ArgumentParser(description="Two stocks, three years ahead.")
parser.add_argument("--epochs", type=int, default="auto", help="for a quick run")
parser.add_argument("--data", type=Path, default=Path("../shared/data"))
parser.add_argument("--out", type=Path, default=Path("out"))
options = parser.parse_args()
warnings.filterwarnings("ignore", category=FutureWarning)

# %%
# Data
# ----
# Business days; the last close stands in for days without trade.
span, tickers = ("2010-01-01", "2024-11-01"), ["AAPL", "MSFT"]
paths = [next(options.data.glob(f"stocks/{name}*.csv"), None) for name in tickers]
if all(paths):
    close = pd.concat([load_prices(path).truncate(*span) for path in paths], axis=1)
else:
    close = fetch_prices(tickers, *span)
close.columns = tickers
n_train = int(0.8 * len(close))
train, test = close.iloc[:n_train], close.iloc[n_train:]

# %%
# Fit and predict
# ---------------
# ``Differencer`` takes differences and adds them up again. A difference has no level
# that its window should be freed from, hence ``window_scaling=None``. The network emits
# one step at a time and is fed with its own forecasts, inside one compiled call.
forecasts = {}
for cls in (LSTMForecaster, GRUForecaster):
    network = cls(horizon=1, window_scaling=None, epochs=options.epochs, random_state=0)
    pipeline = TransformedTargetForecaster([Differencer(), network])
    forecasts[cls.__name__] = pd.concat(
        [pipeline.fit(train[name]).predict(fh=test.index) for name in tickers], axis=1
    )

# %%
# The errors, and those of two naive forecasts
# --------------------------------------------
steps = np.arange(1, len(test) + 1)[:, None]
forecasts["last price"] = train.iloc[[-1]].to_numpy() + 0 * steps
forecasts["mean change"] = forecasts["last price"] + train.diff().mean().array * steps
for name, predicted in forecasts.items():
    errors = root_mean_squared_error(test, predicted, multioutput="raw_values")
    print(f"{name}: RMSE AAPL {errors[0]:.1f} USD, MSFT {errors[1]:.1f} USD")

# %%
# Both stocks: the last two training years, three years of truth, and the forecasts.
options.out.mkdir(exist_ok=True)
display = ForecastDisplay.from_predictions(
    forecasts["LSTMForecaster"], y=train.iloc[-520:], y_true=test
)
display.figure_.savefig(options.out / "differenced_prices.png", dpi=120)

# %%
# The same as a scikit-learn pipeline
# -----------------------------------
# The next change of AAPL from the changes of both stocks before. R2 compares it with
# the mean change: at zero or below, nothing could be predicted.
changes = close.diff().dropna()
regressor = GRUForecaster(X_treatment="shifted", epochs=options.epochs, random_state=0)
pipeline = make_pipeline(StandardScaler(), regressor)
cv = TimeSeriesSplit(n_splits=3)
print("R2 of the next change:", end="")
for score in cross_val_score(pipeline, changes, changes["AAPL"], cv=cv, scoring="r2"):
    print(f" {score:.3f}", end="")
print()
