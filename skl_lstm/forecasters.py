"""The public estimators: their documentation and their cell."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from skl_lstm._estimator.base import BaseRecurrentForecaster

# The network of textbooks and tutorials, alone and trained as they do: recurrent layers
# and an output layer, on scaled rows, one step at a time.
PLAIN: Mapping[str, Any] = MappingProxyType(
    {
        "horizon": 1,
        "scaler": "minmax",
        "window_scaling": None,
        "y_transform": None,
        "loss": "mse",
        "optimizer": "adam",
        "learning_rate": 0.001,
        "batch_size": 32,
        "early_stopping": False,
        "linear_skip": False,
        "theta_share": 0.0,
    }
)

_DOCSTRING = """{title} for time series: a scikit-learn regressor, an sktime forecaster.

It cuts windows, scales, trains on TensorFlow and forecasts any number of steps.
Fitted with ``fit(y, fh=...)`` it forecasts like any sktime forecaster; fitted with
``fit(X, y)`` it predicts rows like any scikit-learn regressor, and drops into
`Pipeline`, `GridSearchCV` and `TimeSeriesSplit`.

What known columns explain is taken from the target first and added last. The network in
between is ``naive(window) + scale(window) * (Dense({cell}(z)) + linear(z))`` with z the
window normalized by itself: an untrained network is the naive forecast, and a change of
level costs nothing. ``components_`` says how much each part moves the forecast.

Parameters
----------
Data and windows

window_length : int or "auto", default="auto"
    Past time steps that the network sees (lookback), at least 1. "auto" takes two
    seasons or 1.25 horizons, at least 8, at most 336 and a third of the rows; without a
    season a sixteenth of the rows, rounded down to a multiple of four, if that is more,
    up to 64. Where columns of X fill the window, it is shortened until there are 30
    rows for each input, down to one season or 8 steps.
horizon : int or "auto", default="auto"
    Steps that the network emits in one pass; longer forecasts roll forward block by
    block. 1 is the recursive strategy. "auto" takes the last step of ``fh`` where
    ``fit`` knows it (at most a quarter of the rows or two seasons), else a season;
    without one ten steps, or as many as leave 30 windows to learn from.
    Not used by ``fit(X, y)`` without ``autoregressive``.
autoregressive : bool, default=False
    In scikit-learn's convention only: whether the target's own past is an input too,
    and ``predict(X)`` forecasts the ``len(X)`` steps after the training rows. Time
    series nearly always want True; False is a regression of y on X alone, as
    scikit-learn's tools expect of a regressor.
X_treatment : {{"concurrent", "shifted"}} or dict, default="concurrent"
    When columns of X are known. "concurrent" ones are known in advance (future
    covariates), up to the row or step predicted; "shifted" ones only up to the row
    before (past covariates), and `predict` does not ask for them. A dict gives it by
    column. Beside the target's past, concurrent columns act by a transfer function,
    outside the window.
static_features : DataFrame or None, default=None
    In sktime's convention only: what is known of the series of a panel (static
    covariates), a row for each, whose index has the levels of that of ``y`` before
    time. The network and its linear map read it with every window; `predict` does not
    ask for it. Columns of text are categories.
sp : int, tuple of numbers or "auto", default="auto"
    Seasonal period: steps per season; a rising tuple for several, such as
    ``(24, 168)``, of which the last may have a fraction. "auto" reads them from the
    frequency of the index (months 12, quarters 4, weeks 52, days 7, business days 5,
    hours 24, and see ``calendar``), else 1. With several seasons, forecasts start from
    what the rows one season and more before say, and an encoder and decoder corrects
    them; see the page on seasons.
calendar : "auto" or None, default="auto"
    What ``sp="auto"`` counts beyond one season: "auto" adds the week to parts of a
    day (three weeks of rows are needed) and the year to days and their parts (two
    years), and reads weekday and season of the year from the index; None does not.
scaler : {{"standard", "minmax", "robust"}}, transformer or None, default="standard"
    How targets and exogenous columns are scaled, fitted on training rows only; a
    scikit-learn transformer needs ``inverse_transform``.
window_scaling : {{"auto", "standard", "level"}} or None, default="auto"
    How each window is normalized. "standard" subtracts its last value and divides by
    its standard deviation; "level" also tells the linear map how far that value is
    from the mean of the series. "auto" normalizes where the target's past is the
    input, and for a single series takes what forecasts rows best that it has not seen.
y_transform : {{"auto", "log", "log1p", "sqrt"}} or None, default="auto"
    Transformation applied to the target before scaling; "log" needs positive values,
    "log1p" values greater than -1, "sqrt" values that are not negative. "auto" chooses
    for a single series without columns known ahead, by the errors of a linear map on
    rows it has not seen. For others, use `scaler` with a transformer.

Network

units : int, tuple of int or "auto", default="auto"
    Width of the recurrent layer; a tuple gives one layer per entry. "auto" is 32.
activation : str or function, default="tanh"
    Keras name of the cell's activation, or the function of that name. Any activation
    other than "tanh" is several times slower.
dropout : float, default=0.0
    Share of each recurrent layer's outputs dropped while training, in [0, 1); the same
    for all layers.
recurrent_dropout : float, default=0.0
    Share of the state dropped inside the recurrence, in [0, 1). Several times
    slower.
bidirectional : bool, default=False
    Whether every layer also reads the window backwards.
kernel_regularizer : str, keras.regularizers.Regularizer or None, default=None
    Penalty on the input kernels, such as "l2".

Training

loss : "auto", str, keras.losses.Loss or callable, default="auto"
    Training loss, in units of the scaled window and weighted by them: a Keras name
    or class, scikit-learn's "squared_error" or "absolute_error", or a function of
    ``(y_true, y_pred)`` that averages over the last axis at most. "auto" is "huber"
    for a horizon of one step and "mae" for a longer one.
halflife : float or None, default=None
    Steps after which the error of a row counts half as much as that of the last row of
    its series, as in pandas' ``ewm(halflife=...)``: the past is forgotten in training,
    in early stopping and in intervals. None: all rows count alike. In scikit-learn's
    convention ``sample_weight`` of `fit` counts beside it.
optimizer : str or keras.optimizers.Optimizer, default="adam"
    If given by name, gradients are clipped to a norm of 1.
learning_rate : float or "auto", default="auto"
    Step size. A number stays constant; "auto" is 0.002 falling to zero as half a
    cosine wave, or the rate of an optimizer given as an object.
epochs : int or "auto", default="auto"
    Passes over the training windows. "auto" budgets training steps: 1000, and one
    more for every 16 windows, up to 6000; one per window where
    ``early_stopping="auto"`` holds nothing out.
batch_size : int or "auto", default="auto"
    Windows per training step. "auto" is 32, from 5,000 windows on 64, from 20,000
    on 128.
early_stopping : bool or "auto", default="auto"
    Whether the latest windows are held out, and training stops when they are no longer
    predicted better; the best weights are kept. "auto" does so from 30 windows on,
    trains again on all windows for as long as was best if there are fewer than 5,000,
    and falls back to the linear forecast that training starts from unless the network
    is clearly better.
validation_fraction : float, default=0.1
    Share of the windows held out (Keras' ``validation_split``), in (0, 1); no training
    window reaches into their targets.
n_iter_no_change : int or "auto", default="auto"
    Epochs without improvement after which early stopping stops (Keras' ``patience``).
    "auto" is 10; on a short series training ends after 6 epochs if none of them has
    beaten the forecast that it started from.
warm_start : bool, default=False
    Whether ``fit`` goes on from the weights of the last one. Every other ``fit``
    starts afresh, but after ``pretrain``.
pretrain_mode : {{"finetune", "frozen"}}, default="finetune"
    What ``fit`` does after ``pretrain`` on other series: train on for a few small
    steps, or use the network as it is.
callbacks : list of keras.callbacks.Callback or None, default=None
    Called at the begin and end of training and of each epoch. One that only looks
    changes no forecast; one that changes the learning rate or weights, or stops
    training, gets the network that this leads to, without a second run.
random_state : int, RandomState instance or None, default=None
    Seed of initial weights, window order and dropout. No global seed is touched.

Forecasting

linear_skip : bool, default=True
    Whether there are linear parts: a map of the window beside the recurrent part, and
    a transfer function of the columns known ahead.
theta_share : float or "auto", default="auto"
    Share of the Theta method in the forecasts, in [0, 1]; the rest is the network's.
    Theta remembers ten seasons, or 52 short ones, which is more than a window. "auto"
    is 0 without a season, or where Theta is hardly better than repeating the last
    value or the mean, and at most one half: less where that forecasts the held-out
    windows clearly better, and as little as is not clearly worse beside columns of X.
    Without the target's past there is no Theta.
n_estimators : int, default=1
    Networks trained from different seeds; predictions are their median.

Output

bounds : (float or None, float or None) or None, default=None
    Lowest and highest value that forecasts, quantiles and paths may take, such as
    ``(0, None)`` for what is never negative.
intervals : {{"conformal", "quantile"}}, default="conformal"
    How quantiles, intervals and variances are made. "conformal" takes the errors on
    the held-out windows, in units of each window. "quantile" trains a head that
    predicts how large the errors are in which window, calibrated on the held-out
    windows. Both leave the point forecast as it is.
verbose : int, default=0
    1 prints what "auto" chose and the progress of training by epochs; 0 is silent.

Attributes
----------
window_length_ : int
    Past time steps that the network sees.
horizon_ : int
    Steps that the network emits in one pass.
seasons_ : tuple of number
    Steps of each season that was found or named; empty without any.
n_iter_ : int
    Epochs run.
history_ : dict of str to list of float
    Learning curves, one value per epoch: "loss" and, with a held-out tail,
    "val_loss", in units of the scaled window.
y_transform_ : {{"log", "sqrt"}} or None
    What is taken of the target before scaling.
components_ : dict of str to float
    Share of each part in the latest forecasts, measured on request: "transfer" (what
    columns known ahead explain), "linear", "recurrent" and "theta"; together one.
theta_share_ : float
    Share of the Theta method in the forecasts.
n_features_in_ : int
    Columns of X.
feature_names_in_ : ndarray of str
    Names of the columns of X, where scikit-learn's ``fit`` saw names.
categories_ : dict of str to list
    Categories of the columns of X that hold text or categories, by column.
y_scaler_, X_scaler_ : transformer
    The fitted scalers.
model_ : keras.Model
    An ordinary Keras model with the trained weights, built on request; without Theta.

See Also
--------
{others}

Notes
-----
Results are bit-identical for equal data, parameters and an integer ``random_state``
on one machine.

References
----------
{reference}

Examples
--------
As an sktime forecaster:

>>> from sktime.datasets import load_airline
>>> from skl_lstm import {name}
>>> forecaster = {name}(units=8, epochs=5, random_state=0)
>>> forecaster.fit(load_airline(), fh=[1, 2, 3]).predict().shape
(3,)

As a scikit-learn regressor:

>>> from sktime.datasets import load_longley
>>> y, X = load_longley()
>>> regressor = {name}(units=8, epochs=5, random_state=0)
>>> regressor.fit(X[:12], y[:12]).predict(X[12:]).shape
(4,)
"""

_LSTM_REFERENCE = """Hochreiter, S., & Schmidhuber, J. (1997). Long short-term memory.
Neural Computation, 9(8), 1735-1780. https://doi.org/10.1162/neco.1997.9.8.1735"""

_GRU_REFERENCE = """Cho, K., van Merrienboer, B., Gulcehre, C., et al. (2014). Learning
phrase representations using RNN encoder-decoder for statistical machine
translation. EMNLP. https://doi.org/10.3115/v1/D14-1179"""

_RNN_REFERENCE = """Elman, J. L. (1990). Finding structure in time. Cognitive Science,
14(2), 179-211. https://doi.org/10.1207/s15516709cog1402_1"""

_CELLS = {
    "LSTMForecaster": "LSTM cells",
    "GRUForecaster": "GRU cells",
    "SimpleRNNForecaster": "a simple recurrence",
}


def _describe_others(name: str) -> str:
    """List the other classes, as numpydoc wants them."""
    return "\n".join(
        f"{other} : The same with {cell}."
        for other, cell in _CELLS.items()
        if other != name
    )


class LSTMForecaster(BaseRecurrentForecaster):  # noqa: D101
    __doc__ = _DOCSTRING.format(
        title="Long short-term memory (LSTM) network",
        name="LSTMForecaster",
        cell="LSTM",
        others=_describe_others("LSTMForecaster"),
        reference=_LSTM_REFERENCE,
    )
    _cell = "lstm"


class GRUForecaster(BaseRecurrentForecaster):  # noqa: D101
    __doc__ = _DOCSTRING.format(
        title="Gated recurrent unit (GRU) network",
        name="GRUForecaster",
        cell="GRU",
        others=_describe_others("GRUForecaster"),
        reference=_GRU_REFERENCE,
    )
    _cell = "gru"


class SimpleRNNForecaster(BaseRecurrentForecaster):  # noqa: D101
    __doc__ = _DOCSTRING.format(
        title="Simple recurrent network (Keras' SimpleRNN)",
        name="SimpleRNNForecaster",
        cell="SimpleRNN",
        others=_describe_others("SimpleRNNForecaster"),
        reference=_RNN_REFERENCE,
    )
    _cell = "rnn"
