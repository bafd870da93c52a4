"""Plain functions as losses."""

import copy
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from skl_lstm import LSTMForecaster, save_model
from skl_lstm._engine.backend import keras
from skl_lstm._engine.cache import PROGRAMS
from skl_lstm._engine.config import serialize_loss
from skl_lstm._engine.losses import restore_loss
from tests.engine.small_fits import SERIES, fit


def absolute(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)


def absolute_of_each_value(y_true, y_pred):
    return keras.ops.abs(y_true - y_pred)


def mean_of_all(y_true, y_pred):
    return keras.ops.mean(keras.ops.square(y_true - y_pred))


class MeanOfAll(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return mean_of_all(y_true, y_pred)


keras.saving.register_keras_serializable("skl_lstm_tests")(MeanOfAll)


@pytest.mark.parametrize("function", [absolute, absolute_of_each_value])
def test_a_plain_function_trains_as_the_class_does(function):
    # Without the linear start, which knows the absolute error by its name.
    plain = {"linear_skip": False, "window_scaling": None, "epochs": 2}
    pd.testing.assert_series_equal(
        fit(loss=function, **plain).predict(), fit(loss="mae", **plain).predict()
    )


def test_missing_targets_are_left_out_of_the_loss_of_a_function():
    y = SERIES.where(SERIES.index % 7 != 3)
    plain = {"linear_skip": False, "window_scaling": None, "epochs": 1, "units": 2}
    options = plain | {"window_length": 4, "random_state": 0, "theta_share": 0.0}
    ours, theirs = (
        LSTMForecaster(loss=loss, **options).fit(y, fh=[1, 2])
        for loss in (absolute, "mae")
    )
    assert np.isfinite(ours.history_["loss"]).all()
    pd.testing.assert_series_equal(ours.predict(), theirs.predict())


@pytest.mark.parametrize("name", ["mean_absolute_error", "huber", "log_cosh"])
def test_functions_of_keras_are_their_classes(name):
    function = getattr(keras.losses, name)
    assert serialize_loss(function) == serialize_loss(name)


def test_two_functions_never_share_a_program():
    texts = [serialize_loss(lambda t, p, k=k: k * (t - p) ** 2) for k in (1.0, 2.0)]
    assert texts[0] != texts[1]
    assert serialize_loss(absolute) == serialize_loss(absolute)
    n_built = PROGRAMS.n_built
    fit(loss=absolute)
    fit(loss=absolute, learning_rate=0.1)
    assert PROGRAMS.n_built <= n_built + 1


@pytest.mark.parametrize("loss", [mean_of_all, MeanOfAll()])
def test_a_loss_that_is_no_loss_of_each_value_is_refused(loss):
    with pytest.raises(ValueError, match=r"'loss' parameter .* loss for each value"):
        fit(loss=loss)


def test_a_class_in_place_of_a_loss_is_refused():
    with pytest.raises(ValueError, match="'loss' parameter"):
        serialize_loss(keras.losses.Huber)


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda estimator: pickle.loads(pickle.dumps(estimator))],
    ids=["deepcopy", "pickle"],
)
def test_a_copy_forecasts_and_learns_on(copied):
    estimator = fit(loss=absolute)
    other = copied(estimator)
    assert other.loss is absolute
    pd.testing.assert_series_equal(other.predict(), estimator.predict())
    new = SERIES[-6:].set_axis(range(len(SERIES), len(SERIES) + 6))
    pd.testing.assert_series_equal(
        other.update(new).predict(), estimator.update(new).predict()
    )


def test_a_clone_trains_with_the_function():
    estimator = fit(loss=absolute)
    again = clone(estimator).fit(SERIES, fh=[1, 2, 3])
    pd.testing.assert_series_equal(again.predict(), estimator.predict())


def test_a_specification_without_its_function_says_so():
    text = str.__str__(serialize_loss(absolute))
    with pytest.raises(ValueError, match=r"'absolute' is a function .*did not come"):
        restore_loss(json.dumps(json.loads(text)))


def test_a_function_is_code_that_no_model_file_holds(tmp_path):
    with pytest.raises(TypeError, match="'loss' parameter of LSTMForecaster"):
        save_model(fit(loss=absolute), tmp_path / "a.model")
