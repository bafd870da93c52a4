"""
A sine wave with noise (both conventions)
=========================================

The smallest series worth a forecast: 1,000 values of a sine with noise of standard
deviation 0.1. That is also the error of the best possible forecast, so here one can see
how much of what can be learned was learned.
"""

import numpy as np
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_lstm import LSTMForecaster
from skl_lstm.datasets import make_noisy_sine
from skl_lstm.plotting import PredictionDisplay, TrainingCurveDisplay

# %%
# Data
# ----
y = make_noisy_sine(random_state=0)
train, test = y.iloc[:800], y.iloc[800:]

# %%
# Fit and predict
# ---------------
# The network sees the last 50 values, 0.4 periods. The latest tenth of the training
# windows is held out and tells when to stop. To use a GRU, replace
# ``LSTMForecaster`` with ``GRUForecaster``.
forecaster = LSTMForecaster(window_length=50, random_state=0)
forecaster.fit(train).update(test, update_params=False)
predicted = forecaster.predict(fh=np.arange(1 - len(test), 1))

# %%
# The network is an ordinary Keras model.
forecaster.model_.summary()

# %%
# The error, and that of repeating the last value
# -----------------------------------------------
error = root_mean_squared_error(test, predicted)
naive_error = root_mean_squared_error(test, y.shift().loc[test.index])
print(f"RMSE {error:.4f}, previous value {naive_error:.4f}, noise alone 0.1")

# %%
# Actual and predicted values, and the loss of every epoch.
display = PredictionDisplay.from_predictions(
    test, predicted, naive=y.shift().loc[test.index]
)
curves = TrainingCurveDisplay.from_estimator(forecaster)

# %%
# The same as a scikit-learn pipeline
# -----------------------------------
# X holds the series itself; ``X_treatment="shifted"`` shows the network only the rows
# before the one it predicts.
X, cv = y.to_frame(), TimeSeriesSplit(n_splits=3)
regressor = LSTMForecaster(window_length=50, X_treatment="shifted", random_state=0)
pipeline = make_pipeline(StandardScaler(), regressor)
scores = cross_val_score(pipeline, X, y, cv=cv, scoring="neg_root_mean_squared_error")
for score, (_, rows) in zip(scores, cv.split(X), strict=True):
    naive_error = root_mean_squared_error(y.iloc[rows], y.iloc[rows - 1])
    print(f"fold: RMSE {-score:.4f}, previous value {naive_error:.4f}")
