"""A fit or update that fails, or is interrupted, leaves the estimator as it was."""

import copy
import inspect

import joblib
import numpy as np
import pandas as pd
import pytest

from skl_lstm import LSTMForecaster
from skl_lstm._engine.backend import keras
from skl_lstm._exceptions import NotFittedError
from skl_lstm._training import ensemble, fit, transfer
from tests import crossed

N_ROWS, N_AHEAD = 40, 4
RNG = np.random.default_rng(0)
INDEX = pd.RangeIndex(N_ROWS + N_AHEAD)
FEATURES = pd.DataFrame(
    RNG.standard_normal((len(INDEX), 2)), index=INDEX, columns=["a", "b"]
)
TARGET = pd.Series(np.sin(np.arange(len(INDEX)) / 3), index=INDEX)
SMALL = {
    "units": 2,
    "epochs": 3,
    "window_length": 4,
    "horizon": 2,
    "batch_size": 32,
    "early_stopping": False,
    "random_state": 0,
}


@keras.saving.register_keras_serializable("skl_lstm_tests")
class NanLoss(keras.losses.Loss):
    """A loss that is never a number."""

    def call(self, y_true, y_pred):
        return keras.ops.mean(y_true - y_pred, axis=-1) * np.nan


class Raising(keras.callbacks.Callback):
    """Raises at the end of the second epoch."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            raise self.error


def replace(data, row, value):
    data = data.astype(object if isinstance(value, str) else float)
    data.iloc[row] = value
    return data


# Parameters and data that make a fit fail, and the error.
FAILURES = {
    "illegal-parameter": ({"units": 0}, {}, ValueError),
    "illegal-loss": ({"loss": "nonsense"}, {}, ValueError),
    "not-a-callback": ({"callbacks": [print]}, {}, TypeError),
    "too-short": ({}, {"n_rows": 1}, ValueError),
    "infinite-target": ({}, {"y": replace(TARGET, 7, np.inf)}, ValueError),
    "infinite-feature": ({}, {"X": replace(FEATURES, 7, np.inf)}, ValueError),
    "text": ({}, {"X": replace(FEATURES, 7, "seven")}, (TypeError, ValueError)),
    "duplicates": ({}, {"index": INDEX // 2}, ValueError),
    "unknown-column": ({"X_treatment": {"c": "shifted"}}, {}, ValueError),
    "negative-logarithm": ({"y_transform": "log"}, {}, ValueError),
    "nan-loss": ({"loss": NanLoss()}, {}, FloatingPointError),
    "diverging": (
        {"optimizer": keras.optimizers.SGD(1e30), "loss": "mse"},
        {},
        FloatingPointError,
    ),
    "callback": ({"callbacks": [Raising(RuntimeError("mine"))]}, {}, RuntimeError),
    "interrupt": (
        {"callbacks": [Raising(KeyboardInterrupt())]},
        {},
        KeyboardInterrupt,
    ),
    "exit": ({"callbacks": [Raising(SystemExit(3))]}, {}, SystemExit),
}


def fit_sktime(estimator, X=FEATURES, y=TARGET, index=INDEX, n_rows=N_ROWS):
    X, y = (data[:n_rows].set_axis(index[:n_rows]) for data in (X, y))
    return estimator.fit(y=y, X=X, fh=[1, 3])


def fit_sklearn(estimator, X=FEATURES, y=TARGET, index=INDEX, n_rows=N_ROWS):
    X, y = (data[:n_rows].set_axis(index[:n_rows]) for data in (X, y))
    return estimator.fit(X, y)


FITS = {"sktime": fit_sktime, "sklearn": fit_sklearn}


def predict(estimator):
    if estimator._convention == "sktime":
        return estimator.predict(X=FEATURES[N_ROWS:]).to_numpy()
    return estimator.predict(FEATURES[N_ROWS:])


def look(estimator):
    """Describe the state: which objects it holds, and what they hold."""
    parameters = inspect.signature(type(estimator).__init__).parameters
    return {
        name: (id(value), None if name in parameters else joblib.hash(value))
        for name, value in vars(estimator).items()
    }


def set_directly(estimator, parameters):
    """Set parameters without the reset of `set_params`."""
    for name, value in parameters.items():
        setattr(estimator, name, value)


@pytest.fixture(params=FITS)
def convention(request):
    return request.param


@pytest.fixture(params=FAILURES)
def failure(request):
    return FAILURES[request.param]


# Fits -------------------------------------------------------------------------


def test_a_failing_first_fit_leaves_nothing(convention, failure):
    parameters, data, error = failure
    estimator = LSTMForecaster(**(SMALL | parameters))
    before, given = look(estimator), estimator.get_params()
    with pytest.raises(error):
        FITS[convention](estimator, **data)
    assert look(estimator) == before
    assert estimator.get_params() == given
    assert not estimator.is_fitted
    assert not hasattr(estimator, "n_iter_")
    with pytest.raises(NotFittedError, match="has not been fitted"):
        estimator.predict(FEATURES)


@pytest.fixture(scope="module")
def fitted():
    """Fit once in each convention."""
    return {name: fit(LSTMForecaster(**SMALL)) for name, fit in FITS.items()}


@crossed(20, convention=list(FITS), failing_convention=list(FITS), failure=FAILURES)
def test_a_failing_refit_leaves_the_fitted_estimator(
    fitted, convention, failing_convention, failure
):
    parameters, data, error = failure
    estimator = copy.deepcopy(fitted[convention])
    expected = predict(estimator)
    set_directly(estimator, parameters)
    before = look(estimator)
    with pytest.raises(error):
        FITS[failing_convention](estimator, **data)
    assert look(estimator) == before
    np.testing.assert_array_equal(predict(estimator), expected)


@pytest.mark.parametrize("name", ["diverging", "interrupt"])
def test_a_fit_after_a_failing_one_gives_the_same_numbers(convention, name):
    parameters, data, error = FAILURES[name]
    expected = predict(FITS[convention](LSTMForecaster(**SMALL)))
    estimator = LSTMForecaster(**(SMALL | parameters))
    with pytest.raises(error):
        FITS[convention](estimator, **data)
    estimator.set_params(optimizer="adam", loss="auto", callbacks=None)
    np.testing.assert_array_equal(predict(FITS[convention](estimator)), expected)


def test_a_failing_refit_keeps_what_warm_start_goes_on_from(convention):
    def fit_twice(interrupted):
        estimator = LSTMForecaster(**SMALL, warm_start=True)
        FITS[convention](estimator)
        if interrupted:
            estimator.callbacks = [Raising(KeyboardInterrupt())]
            with pytest.raises(KeyboardInterrupt):
                FITS[convention](estimator)
            estimator.callbacks = None
        return predict(FITS[convention](estimator))

    np.testing.assert_array_equal(fit_twice(True), fit_twice(False))


def test_an_interrupted_member_of_an_ensemble_leaves_nothing():
    epochs = []

    class RaisingLater(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            epochs.append(epoch)
            if len(epochs) == SMALL["epochs"] + 1:
                raise KeyboardInterrupt

    estimator = LSTMForecaster(**SMALL, n_estimators=2, callbacks=[RaisingLater()])
    before = look(estimator)
    with pytest.raises(KeyboardInterrupt):
        fit_sktime(estimator)
    assert epochs == [0, 1, 2, 0]
    assert look(estimator) == before


# The epoch of a loss that is not a number -------------------------------------


def test_a_loss_that_is_never_a_number_names_the_first_epoch(convention):
    with pytest.raises(FloatingPointError, match=r"loss is nan in epoch 1\."):
        FITS[convention](LSTMForecaster(**SMALL, loss=NanLoss()))


def test_a_later_loss_names_its_epoch_where_nobody_looks_between_epochs():
    # 35 windows make two steps an epoch: the sixth step sees what the fifth has done.
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([3], [1e-3, 1e38])
    options = {"optimizer": keras.optimizers.SGD(schedule), "loss": "mse", "epochs": 9}
    with pytest.raises(FloatingPointError, match=r"in epoch 3\."):
        fit_sktime(LSTMForecaster(**(SMALL | options)))


def test_a_later_loss_names_its_epoch_with_callbacks():
    class Poisoning(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                weights = self.model.get_weights()
                self.model.set_weights([w * np.nan for w in weights])

    with pytest.raises(FloatingPointError, match=r"in epoch 2\."):
        fit_sktime(LSTMForecaster(**SMALL, callbacks=[Poisoning()]))


def test_the_error_names_the_usual_causes():
    with pytest.raises(FloatingPointError) as error:
        fit_sktime(LSTMForecaster(**SMALL, loss=NanLoss()))
    for cause in ("learning_rate", "activation", "scaler"):
        assert cause in str(error.value)


# Updates ----------------------------------------------------------------------

NEW_Y, NEW_X = TARGET[N_ROWS:], FEATURES[N_ROWS:]
BAD_UPDATES = {
    "infinite-target": {"y": replace(NEW_Y, 1, np.inf), "X": NEW_X},
    "infinite-feature": {"y": NEW_Y, "X": replace(NEW_X, 1, np.inf)},
    "no-features": {"y": NEW_Y},
    "other-columns": {"y": NEW_Y, "X": NEW_X.rename(columns={"a": "c"})},
    "text": {"y": replace(NEW_Y, 1, "one"), "X": NEW_X},
    "unsorted": {"y": NEW_Y[::-1], "X": NEW_X[::-1]},
}


@pytest.fixture
def forecaster(fitted):
    return fitted["sktime"]


@pytest.mark.parametrize("update_params", [True, False])
@pytest.mark.parametrize("data", BAD_UPDATES.values(), ids=BAD_UPDATES)
def test_a_failing_update_leaves_the_forecaster(forecaster, data, update_params):
    before, expected = look(forecaster), predict(forecaster)
    with pytest.raises((TypeError, ValueError)):
        forecaster.update(**data, update_params=update_params)
    assert look(forecaster) == before
    np.testing.assert_array_equal(predict(forecaster), expected)


@pytest.fixture
def interrupt_training(monkeypatch):
    """Let the training of some calls be interrupted, counted from zero."""

    def interrupt(*calls):
        counted, original = [], ensemble.train_ensemble

        def train(*args, **kwargs):
            counted.append(len(counted))
            if counted[-1] in calls:
                raise KeyboardInterrupt
            return original(*args, **kwargs)

        for module in (fit, transfer):
            monkeypatch.setattr(module, "train_ensemble", train)

    return interrupt


def test_an_interrupted_update_leaves_the_forecaster(forecaster, interrupt_training):
    before, expected = look(forecaster), predict(forecaster)
    interrupt_training(0)
    with pytest.raises(KeyboardInterrupt):
        forecaster.update(NEW_Y, NEW_X)
    assert look(forecaster) == before
    np.testing.assert_array_equal(predict(forecaster), expected)


def make_panel(first, last):
    index = pd.MultiIndex.from_product(
        [["one", "two"], range(first, last)], names=["series", "time"]
    )
    values = np.concatenate([TARGET[first:last], 3 - TARGET[first:last]])
    return pd.DataFrame({"y": values}, index=index)


def test_an_interrupted_update_of_a_panel_leaves_all_its_series(interrupt_training):
    forecaster = LSTMForecaster(**SMALL).fit(make_panel(0, N_ROWS), fh=[1, 3])
    expected = forecaster.predict()
    interrupt_training(0)
    with pytest.raises(KeyboardInterrupt):
        forecaster.update(make_panel(N_ROWS, N_ROWS + N_AHEAD))
    pd.testing.assert_frame_equal(forecaster.predict(), expected)


def test_an_interrupted_refit_of_a_panel_leaves_all_its_series(interrupt_training):
    forecaster = LSTMForecaster(**SMALL).fit(make_panel(0, N_ROWS), fh=[1, 3])
    before, expected = look(forecaster), forecaster.predict()
    interrupt_training(0)
    with pytest.raises(KeyboardInterrupt):
        forecaster.fit(make_panel(2, N_ROWS), fh=[1, 2])
    assert look(forecaster) == before
    pd.testing.assert_frame_equal(forecaster.predict(), expected)


# Predictions ------------------------------------------------------------------

BAD_PREDICTIONS = {
    "no-features": {"fh": [2, 4]},
    "not-enough-features": {"fh": [2, 9], "X": NEW_X},
    "floats": {"fh": [0.5, 1.5], "X": NEW_X},
    "text": {"fh": ["one"], "X": NEW_X},
    "before-the-start": {"fh": [-500], "X": NEW_X},
}


@pytest.mark.parametrize("call", BAD_PREDICTIONS.values(), ids=BAD_PREDICTIONS)
def test_a_failing_prediction_leaves_the_forecaster(forecaster, call):
    before, expected = look(forecaster), predict(forecaster)
    with pytest.raises((TypeError, ValueError)):
        forecaster.predict(**call)
    assert look(forecaster) == before
    np.testing.assert_array_equal(predict(forecaster), expected)
