"""Callbacks of an estimator: looking changes nothing, and steering takes effect."""

import copy
import pickle
import threading

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skl_lstm import LSTMForecaster

N_ROWS = 80
RNG = np.random.default_rng(1)
Y = pd.Series(
    np.sin(np.arange(N_ROWS) / 3) + 0.2 * RNG.standard_normal(N_ROWS),
    index=pd.period_range("2000-01", periods=N_ROWS, freq="M"),
)
X = pd.DataFrame(RNG.standard_normal((N_ROWS, 2)), columns=["a", "b"], index=Y.index)
SMALL = {"units": 2, "window_length": 6, "random_state": 0, "epochs": 3}


class Looking(keras.callbacks.Callback):
    """Looks at everything, and counts the trainings that it is shown."""

    def __init__(self):
        super().__init__()
        self.n_trainings, self.losses = 0, []
        # What no deep copy can be made of, as the trial of a search has it.
        self.lock = threading.Lock()

    def on_train_begin(self, logs=None):
        self.n_trainings += 1

    def on_epoch_end(self, epoch, logs=None):
        self.model.get_weights()
        float(self.model.optimizer.learning_rate)
        self.losses.append(logs["loss"])


def forecast(y=Y, **options):
    return LSTMForecaster(**(SMALL | options)).fit(y, fh=[1, 2, 3]).predict()


def predict_rows(**options):
    estimator = LSTMForecaster(**(SMALL | options)).fit(X[:60], Y[:60].to_numpy())
    return estimator.predict(X[60:])


# Where how long to train is chosen for the user: a second run on all windows, a few
# small steps where nothing is held out, and a network kept or not.
REGIMES = {
    "automatic": {},
    "few": {"y": Y[:30]},
    "many-epochs": {"epochs": 30},
    "automatic-epochs": {"epochs": "auto", "y": Y[:40]},
    "ensemble": {"n_estimators": 2},
    "stopping": {"early_stopping": True},
    "fixed": {"early_stopping": False, "dropout": 0.2},
    "textbook": {"window_scaling": None, "linear_skip": False},
}


@pytest.mark.parametrize("regime", REGIMES)
def test_a_callback_that_only_looks_changes_no_forecast(regime):
    look, options = Looking(), REGIMES[regime]
    expected = forecast(**options)
    pd.testing.assert_series_equal(
        forecast(callbacks=[look], **options), expected, rtol=0, atol=0
    )
    # It is shown one training of each network, not its repetition.
    assert look.n_trainings == options.get("n_estimators", 1)
    assert look.losses


def test_a_callback_that_only_looks_changes_no_prediction_of_rows():
    look = Looking()
    np.testing.assert_array_equal(predict_rows(callbacks=[look]), predict_rows())
    assert look.losses


def test_early_stopping_that_does_not_stop_changes_no_forecast():
    stopping = keras.callbacks.EarlyStopping("loss", patience=100)
    pd.testing.assert_series_equal(forecast(callbacks=[stopping]), forecast())


# Steering -----------------------------------------------------------------------


class Steering(keras.callbacks.Callback):
    """Acts once, at the end of the first epoch."""

    def __init__(self, act):
        super().__init__()
        self.act = act

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 0:
            self.act(self.model)


def stop(model):
    model.stop_training = True


def slow_down(model):
    model.optimizer.learning_rate = 1e-5


def shrink(model):
    model.set_weights([0.5 * w for w in model.get_weights()])


@pytest.mark.parametrize("act", [stop, slow_down, shrink])
def test_a_callback_that_steers_gets_the_network_that_it_led_to(act):
    options = {"callbacks": [Steering(act)], "epochs": 8}
    steered = forecast(**options)
    # Neither trained again on all windows nor weighed against a simple forecast.
    pd.testing.assert_series_equal(steered, forecast(early_stopping=True, **options))
    assert not np.allclose(steered, forecast(epochs=8), rtol=1e-6, atol=0)


def test_a_callback_that_steers_where_nothing_is_held_out_is_not_averaged_away():
    still = forecast(Y[:20], epochs=5)
    shrunk = forecast(Y[:20], epochs=5, callbacks=[Steering(shrink)])
    assert not np.allclose(still, shrunk, rtol=1e-3)


def test_a_callback_that_asks_to_stop_when_training_ends_anyway_only_looks():
    class Late(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch + 1 == self.params["epochs"]

    pd.testing.assert_series_equal(forecast(callbacks=[Late()]), forecast())


# The user's own object -------------------------------------------------------------


class PrunedError(Exception):
    """As the pruning callbacks of searches raise it."""


class Pruning(Looking):
    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        if epoch == 1:
            raise PrunedError


def test_a_pruning_callback_prunes_and_has_seen_what_happened():
    pruning = Pruning()
    estimator = LSTMForecaster(callbacks=[pruning], **SMALL)
    with pytest.raises(PrunedError):
        estimator.fit(Y, fh=[1])
    assert len(pruning.losses) == 2
    assert pruning.model is None
    assert not estimator.is_fitted


@pytest.mark.parametrize("copied", [copy.deepcopy, clone])
@pytest.mark.parametrize("is_failed", [False, True])
def test_an_estimator_is_copied_with_a_callback_that_was_used(copied, is_failed):
    history, failing = keras.callbacks.History(), Steering(stop)
    if is_failed:
        failing.act = int
    estimator = LSTMForecaster(callbacks=[history, failing], **SMALL)
    if is_failed:
        with pytest.raises(TypeError):
            estimator.fit(Y, fh=[1])
    else:
        estimator.fit(Y, fh=[1])
    for other in (copied(estimator), pickle.loads(pickle.dumps(estimator))):
        assert other.callbacks[0] is not history
        assert other.callbacks[0].history == history.history
        other.callbacks[1].act = stop
        assert other.fit(Y, fh=[1]).n_iter_ == 1
    assert history.epoch == [0]


def test_every_clone_of_a_search_has_a_callback_of_its_own():
    history = keras.callbacks.History()
    estimator = LSTMForecaster(callbacks=[history], **SMALL)
    grid = {"learning_rate": [0.001, 0.01]}
    search = GridSearchCV(estimator, grid, cv=2).fit(X[:60], Y[:60].to_numpy())
    assert history.history == {}
    best = search.best_estimator_
    assert best.callbacks[0].history["loss"] == best.history_["loss"]


def test_callbacks_see_the_fine_tuning_of_a_pretrained_network():
    look = Looking()
    panel = pd.concat({"a": Y, "b": 2 * Y + 1}).to_frame()
    estimator = LSTMForecaster(horizon=3, callbacks=[look], **SMALL).pretrain(panel)
    assert look.n_trainings == 1
    estimator.fit(Y, fh=[1, 2, 3])
    assert look.n_trainings == 2
    estimator.update(Y[-3:].set_axis(Y.index[-3:] + 3))
    assert look.n_trainings == 2
