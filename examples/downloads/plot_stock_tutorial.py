"""
Stock prices, honestly (tutorial, both conventions)
===================================================

Thousands of articles train an LSTM on a stock and show two lines that lie on each
other. This tutorial does the same, then asks what the picture proves: nothing. It goes
through the mistakes that make such forecasts look good, and ends with something about a
stock that can be forecast: how much it will move, not where to.

Nothing here is advice to invest.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import r2_score, root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_lstm import LSTMForecaster
from skl_lstm.datasets import fetch_prices
from skl_lstm.plotting import PredictionDisplay

common = {"units": 32, "epochs": 10, "random_state": 0}

# %%
# The data
# --------
# Fourteen years of daily bars of one stock, adjusted for splits and dividends. Days
# without trade are left out: a price that is copied forward would count as a perfect
# prediction. The prices come from Yahoo the first time, and from the folder
# ``~/skl_lstm_data`` after that.
X, close = fetch_prices(
    "AAPL", "2010-01-01", "2024-11-01", holidays="drop", return_X_y=True
)
close = close.rename("AAPL")
close.attrs["units"] = "USD"
n_train = int(0.8 * len(close))
train, test = close[:n_train], close[n_train:]
print(
    f"{len(train)} days to train on, {len(test)} to test, from {test.index[0]:%Y-%m-%d}"
)

# %%
# The picture that convinces everybody
# ------------------------------------
# Train on the first 80 % of the days, then predict each later close from the real
# closes before it. ``update`` hands these over without training on them; steps up to
# the cutoff are predicted one step ahead, all in one call.
forecaster = LSTMForecaster(**common).fit(train, fh=[1])
forecaster.update(test, update_params=False)
predicted = forecaster.predict(fh=np.arange(1 - len(test), 1))
yesterday = close.shift().loc[test.index]
display = PredictionDisplay.from_predictions(test, predicted, naive=yesterday)

# %%
# The line that knows nothing
# ---------------------------
# Yesterday's close, as the forecast of today's, is called the random walk. It learns
# nothing and draws the same picture. Its error is the one to compare with: a ratio of 1
# means that nothing was learned beyond yesterday's price.
error, naive_error = (root_mean_squared_error(test, p) for p in (predicted, yesterday))
print(f"LSTM {error:.3f} USD, random walk {naive_error:.3f}, ratio", end=" ")
print(f"{error / naive_error:.3f}")

# %%
# From close by, the prediction follows the price a day late.
days = test.index[-40:]
display = PredictionDisplay.from_predictions(
    test[days], predicted[days], naive=yesterday[days]
)

# %%
# R2 of a price is nearly 1 whatever one does, as its own level explains nearly all of
# its variance. R2 of the *change* is what a trade would live on.
change, predicted_change = test - yesterday, predicted - yesterday
print(f"R2 of the price {r2_score(test, predicted):.4f}", end=", ")
print(f"of its change {r2_score(change, predicted_change):.4f}")
right = np.mean(np.sign(change) == np.sign(predicted_change))
always_up = np.mean(change > 0)
print(f"direction right on {right:.1%} of the days, 'always up' on {always_up:.1%}")

# %%
# Three ways to fool yourself
# ---------------------------
# **Columns of the same day.** High and low of today are known when today's close is,
# not before. As "concurrent" columns they give the answer away; as "shifted" ones, the
# only honest treatment, they do not.
pipeline = make_pipeline(StandardScaler(), LSTMForecaster(window_length=20, **common))
columns = X[["Open", "High", "Low"]].pct_change().iloc[1:]
returns = close.pct_change().iloc[1:]
cv = TimeSeriesSplit(n_splits=3)
for treatment in ("concurrent", "shifted"):
    pipeline.set_params(lstmforecaster__X_treatment=treatment)
    scores = cross_val_score(pipeline, columns, returns, cv=cv)
    print(f"R2 of the return, {treatment} columns: {scores.round(3)}")

# %%
# **Shuffled folds.** ``KFold(shuffle=True)`` puts tomorrow into the training rows of
# today. Rows are time steps here, so it is refused with an error. The index shows it:
# in a pipeline, ``set_output(transform="pandas")`` keeps it on the way through the
# scaler.
pipeline.set_output(transform="pandas")
shuffled = columns.sample(frac=1, random_state=0)
try:
    pipeline.fit(shuffled, returns[shuffled.index])
except ValueError as refusal:
    print(f"ValueError: {refusal}")

# %%
# **Scaling before splitting.** The scaler then has seen the highest price to come. Here
# scalers live in the estimator or in the pipeline, and see training rows only.

# %%
# What can be forecast: how much, not where to
# --------------------------------------------
# Restless days come together. The size of a day's move, the logarithm of its high over
# its low, is no random walk: a month of sizes foresees the next one better than the
# last size or the mean of the training years does. The rival that a network has to beat
# is the mean of the last 22 days, which needs no training.
size = np.log(np.log(X["High"] / X["Low"])).rename("log size of move")
size_train, size_test = size[:n_train], size[n_train:]
forecaster = LSTMForecaster(window_length=22, **common).fit(size_train, fh=[1])
forecaster.update(size_test, update_params=False)
predicted_size = forecaster.predict(fh=np.arange(1 - len(size_test), 1))
rivals = {
    "LSTM": predicted_size,
    "yesterday": size.shift().loc[size_test.index],
    "mean of 22 days": size.rolling(22).mean().shift().loc[size_test.index],
    "training mean": pd.Series(size_train.mean(), index=size_test.index),
}
for name, one in rivals.items():
    error, r2 = root_mean_squared_error(size_test, one), r2_score(size_test, one)
    print(f"size of the move, {name}: RMSE {error:.3f}, R2 {r2:.3f}")

# %%
# Calm and restless months, forecast one day ahead.
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
shown = slice("2023-06", None)
ax.plot(size_test[shown], ".", color="0.7", label="size of the move (log)")
ax.plot(predicted_size[shown], color="#0072B2", label="LSTM, a day ahead")
ax.plot(rivals["training mean"][shown], "k:", label="training mean")
ax.set(ylabel="log(log(high / low))")
legend = ax.legend()

# %%
# Where to go from here: print the random walk beside every forecast of a price,
# forecast what has structure, and read the FAQ before you believe a picture.
