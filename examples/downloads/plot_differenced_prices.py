"""
Two stocks, three years ahead (sktime)
======================================

Differenced prices, forecast over the whole test span without seeing any of it. A
forecast that far ahead is little more than the mean change of the training years, added
up: compare it with that line, and with the last price.
"""

import warnings

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sktime.forecasting.compose import TransformedTargetForecaster
from sktime.transformations.series.difference import Differencer

from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm.datasets import fetch_prices
from skl_lstm.plotting import ForecastDisplay

# %%
# Data
# ----
# Business days; the last close stands in for days without trade. The first 80 % of the
# days are for training.
tickers = ["AAPL", "MSFT"]
close = fetch_prices(tickers, "2010-01-01", "2024-11-01").set_axis(tickers, axis=1)
train, test = close[:"2021-11-12"], close["2021-11-15":]

# %%
# Fit and predict
# ---------------
# ``Differencer`` takes differences and adds them up again. A difference has no level
# to take out of its window, hence ``window_scaling=None``. The network emits
# one step at a time and is fed with its own forecasts, inside one compiled call.
forecasts = {}
for cls in (LSTMForecaster, GRUForecaster):
    network = cls(horizon=1, window_scaling=None, random_state=0)
    # sktime warns of its own next version, and switches filters of warnings back on.
    with warnings.catch_warnings(record=True):
        pipeline = TransformedTargetForecaster([Differencer(), network])
        parts = [pipeline.fit(train[name]).predict(fh=test.index) for name in tickers]
    forecasts[cls.__name__] = pd.concat(parts, axis=1)

# %%
# The errors, and those of two naive forecasts
# --------------------------------------------
last = 0 * test + train.iloc[-1]
drift = (0 * test + train.diff().mean()).cumsum()
forecasts |= {"last price": last, "mean change": last + drift}
for name, predicted in forecasts.items():
    errors = root_mean_squared_error(test, predicted, multioutput="raw_values")
    print(f"{name}: RMSE AAPL {errors[0]:.1f} USD, MSFT {errors[1]:.1f} USD")

# %%
# Both stocks: the last two training years, then the actual prices and all forecasts.
# Both networks draw nearly the straight line of the mean change.
figure, axes = plt.subplots(2, figsize=(8, 8), layout="constrained")
lstm, recent = forecasts.pop("LSTMForecaster"), train.iloc[-520:]
ForecastDisplay.from_predictions(
    lstm, y=recent, y_true=test, ax=axes, pred_kwargs={"label": "LSTMForecaster"}
)
for ax, name in zip(axes, tickers, strict=True):
    for label, style in zip(reversed(forecasts), ("c-", "k:", "m--"), strict=True):
        ax.plot(forecasts[label][name], style, linewidth=4, zorder=1, label=label)
legend = axes[0].legend()

# %%
# The same as a scikit-learn pipeline
# -----------------------------------
# The next change of AAPL from the changes of both stocks before. R2 compares it with
# the mean change: at zero or below, nothing could be predicted.
changes, cv = close.diff().dropna(), TimeSeriesSplit(n_splits=3)
regressor = GRUForecaster(X_treatment="shifted", random_state=0)
pipeline = make_pipeline(StandardScaler(), regressor)
scores = cross_val_score(pipeline, changes, changes["AAPL"], cv=cv, scoring="r2")
print(f"R2 of the next change: {scores.round(3)}")
