"""What a user may get wrong: type checkers report the marked lines, and no other.

sktime has no types, so mypy does not know which methods a forecaster lacks.
"""

import keras
import numpy as np
import pandas as pd
from sklearn.preprocessing import PowerTransformer, StandardScaler
from sktime.forecasting.base import ForecastingHorizon

import skl_lstm
from skl_lstm import PLAIN, GRUForecaster, LSTMForecaster, load_model

y = pd.Series(np.arange(60.0))
X = pd.DataFrame({"a": np.arange(60.0)})

LSTMForecaster(24, 1, (50, 50), epochs=3, scaler=StandardScaler(), bounds=(0, None))
LSTMForecaster(units=[8, 4], scaler=PowerTransformer(), random_state=np.int64(3))
LSTMForecaster(optimizer=keras.optimizers.Adam(), loss=keras.losses.Huber())
LSTMForecaster(kernel_regularizer=keras.regularizers.L2(), X_treatment={"a": "shifted"})
LSTMForecaster(callbacks=[keras.callbacks.TerminateOnNaN()], **PLAIN)
LSTMForecaster(units="a")  # wrong
LSTMForecaster(units=2.5)  # wrong
LSTMForecaster(unit=3)  # wrong
LSTMForecaster(24, 1, 8, "tanh")  # wrong
LSTMForecaster(epochs=1.5)  # wrong
LSTMForecaster(horizon="all")  # wrong
LSTMForecaster(intervals="foo")  # wrong
LSTMForecaster(scaler="minmx")  # wrong
LSTMForecaster(scaler=3)  # wrong
LSTMForecaster(bounds=3)  # wrong
LSTMForecaster(window_scaling="robust")  # wrong
LSTMForecaster(y_transform="exp")  # wrong
LSTMForecaster(X_treatment={"a": "past"})  # wrong
LSTMForecaster(loss=3)  # wrong
LSTMForecaster(optimizer=0.01)  # wrong
LSTMForecaster(learning_rate="fast")  # wrong
LSTMForecaster(early_stopping="yes")  # wrong
LSTMForecaster(callbacks=[3])  # wrong
LSTMForecaster(random_state="0")  # wrong

model = GRUForecaster().fit(y, fh=[1, 2])
model.fit(y=y, X=X, fh=ForecastingHorizon([1, 2])).predict(X=X).plot()
model.predict(fh=np.arange(1, 5)).index
model.predict_interval(fh=[1, 2], coverage=[0.8, 0.9]).loc[:, "a"]
model.fit(X, y).predict(X).mean()
model.predict(X.to_numpy(), return_std=True)[1].shape
model.fitt(y)  # wrong, says pyright
model.fit(y, fh="tomorrow")  # wrong
model.fit()  # wrong
model.predict(fh="tomorrow")  # wrong
model.predict(fh=[1, 2]).values_of()  # wrong
model.predict(X, quantiles="0.1")  # wrong
model.predict(X).iloc[0]  # wrong
model.predict_interval(coverage="0.9")  # wrong
model.history_["loss"].mean()  # wrong
model.window_length_.shape  # wrong
model.model_.summary()
load_model("a.model").predict(fh=3)
load_model("a.model").predikt()  # wrong, says pyright
skl_lstm.plotting.ForecastDisplay.from_estimator(model).figure_.savefig("a.png")
skl_lstm.ploting  # wrong
