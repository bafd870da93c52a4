"""
The next close of a stock (both conventions)
============================================

A network reads the closes of the last days and predicts the next one, day after day.
The picture of such predictions always looks good. So look at the second number: the
random walk, which predicts yesterday's close and knows nothing, is just as good. A
price can hardly be predicted, by this network or any other.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_lstm import LSTMForecaster
from skl_lstm.datasets import fetch_prices
from skl_lstm.plotting import PredictionDisplay

# %%
# Data
# ----
# Days without trade are left out: they would count as perfect predictions. The first
# 80 % of the days are for training. Scaling is learned from them alone. The prices come
# from Yahoo the first time, and from the folder ``~/skl_lstm_data`` after that.
close = fetch_prices("AAPL", "2010-01-01", "2024-11-01", holidays="drop")
close = close.rename("AAPL")
close.attrs["units"] = "USD"
n_train = int(0.8 * len(close))
train, test = close.iloc[:n_train], close.iloc[n_train:]

# %%
# Fit and predict
# ---------------
# ``update`` hands over the real closes without training on them; negative steps are
# predicted one step ahead, each from the days before it, in one call. To use a GRU,
# replace ``LSTMForecaster`` with ``GRUForecaster``.
forecaster = LSTMForecaster(random_state=0).fit(train, fh=[1])
forecaster.update(test, update_params=False)
predicted = forecaster.predict(fh=np.arange(1 - len(test), 1))

# %%
# The error, and that of the random walk
# --------------------------------------
yesterday = close.shift().loc[test.index]
error, naive_error = (root_mean_squared_error(test, p) for p in (predicted, yesterday))
print(f"RMSE {error:.3f} USD, random walk {naive_error:.3f}", end="")
print(f", ratio {error / naive_error:.3f}")

# %%
# All test days, and the last 60 of them; errors in the legends are of the days drawn.
# The lines lie on each other because a close is near the one before, not because it was
# foreseen: seen from close by, the prediction follows a day late.
figure, axes = plt.subplots(2, figsize=(8, 8), layout="constrained")
for ax, days in zip(axes, (test.index, test.index[-60:]), strict=True):
    PredictionDisplay.from_predictions(
        test[days], predicted[days], naive=yesterday[days], ax=ax
    )

# %%
# The same as a scikit-learn pipeline
# -----------------------------------
# Each row of X holds the close itself. ``X_treatment="shifted"`` shows the network only
# the rows before the one it predicts, so that X may hold the target.
X, cv = close.to_frame(), TimeSeriesSplit(n_splits=4)
pipeline = make_pipeline(
    StandardScaler(),
    LSTMForecaster(X_treatment="shifted", random_state=0),
)
scores = cross_val_score(
    pipeline, X, close, cv=cv, scoring="neg_root_mean_squared_error"
)
for score, (_, rows) in zip(scores, cv.split(X), strict=True):
    naive_error = root_mean_squared_error(close.iloc[rows], close.iloc[rows - 1])
    print(f"fold: RMSE {-score:.3f} USD, random walk {naive_error:.3f}")
