"""Parameters as scikit-learn handles them: clone, set_params, subclasses."""

import keras
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.preprocessing import MinMaxScaler

from skl_lstm import LSTMForecaster
from tests.estimator.sklearn_cases import (
    NETWORK,
    X_TEST,
    X_TRAIN,
    Y_TEST,
    Y_TRAIN,
    make_estimator,
    make_scaled,
)
from tests.estimator.sktime_cases import first_class

# Parameters ------------------------------------------------------------------------


class CountEpochs(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.last_epoch = epoch


def unusual_parameters():
    """Return a legal value other than the default for every parameter."""
    return {
        "window_length": 4,
        "horizon": 2,
        "units": (2, 3),
        "activation": "sigmoid",
        "dropout": 0.1,
        "recurrent_dropout": 0.1,
        "bidirectional": True,
        "kernel_regularizer": keras.regularizers.L2(0.001),
        "linear_skip": False,
        "scaler": MinMaxScaler((-1, 1)),
        "window_scaling": None,
        "y_transform": "log",
        "bounds": (-100.0, None),
        "X_treatment": {"Income": "shifted"},
        "autoregressive": True,
        "sp": 4,
        "calendar": None,
        "loss": keras.losses.LogCosh(),
        "optimizer": keras.optimizers.RMSprop(0.005, rho=0.8),
        "halflife": 20.0,
        "static_features": None,
        "learning_rate": 0.01,
        "epochs": 2,
        "batch_size": 16,
        "early_stopping": True,
        "validation_fraction": 0.2,
        "n_iter_no_change": 3,
        "n_estimators": 2,
        "theta_share": 0.25,
        "warm_start": True,
        "pretrain_mode": "frozen",
        "intervals": "quantile",
        "callbacks": [CountEpochs()],
        "verbose": 1,
        "random_state": 7,
    }


def describe(value):
    """Say what a parameter is, objects by their type and configuration."""
    if isinstance(value, list):
        return [describe(v) for v in value]
    if hasattr(value, "get_config"):
        return type(value), value.get_config()
    if hasattr(value, "get_params"):
        return type(value), value.get_params()
    if isinstance(value, keras.callbacks.Callback):
        return type(value), sorted(vars(value))
    return value


@first_class
@pytest.mark.parametrize("is_fitted", [False, True])
def test_clone_keeps_every_parameter(cls, is_fitted):
    parameters = unusual_parameters()
    assert parameters.keys() == cls().get_params(deep=False).keys()
    defaults = cls().get_params(deep=False)
    # Static features belong to panels, of which this convention has none.
    named = parameters.keys() - {"static_features"}
    assert not any(parameters[name] == defaults[name] for name in named)
    if is_fitted:
        # Without what trains slowly, or not on this target, or talks.
        names = ["activation", "recurrent_dropout", "bidirectional"]
        names += ["y_transform", "verbose"]
        parameters |= {name: defaults[name] for name in names}
    est = cls(**parameters)
    if is_fitted:
        est.fit(X_TRAIN, Y_TRAIN)
    cloned = sklearn.clone(est)
    found = cloned.get_params(deep=False)
    assert found.keys() == parameters.keys()
    for name, value in parameters.items():
        assert describe(found[name]) == describe(value), name
        if hasattr(value, "get_config") or isinstance(value, list):
            assert found[name] is not value
    with pytest.raises(sklearn.exceptions.NotFittedError):
        cloned.predict(X_TEST)


@first_class
def test_a_clone_trains_as_the_original_did(cls):
    est = make_estimator(
        cls,
        optimizer=keras.optimizers.Adam(0.02),
        loss=keras.losses.Huber(0.5),
        learning_rate="auto",
        callbacks=[CountEpochs()],
    )
    predicted = est.fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    again = sklearn.clone(est).fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    np.testing.assert_array_equal(again, predicted)
    # The optimizer object counts: training with another one ends elsewhere.
    other = make_estimator(cls).fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    assert not np.allclose(other, predicted, atol=1e-4)


@first_class
def test_set_params_on_a_fitted_estimator_counts_at_the_next_fit(cls):
    est = make_estimator(cls).fit(X_TRAIN, Y_TRAIN)
    first = est.predict(X_TEST)
    assert est.set_params(units=2, X_treatment="shifted") is est
    changed = est.fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    fresh = make_estimator(cls, units=2, X_treatment="shifted").fit(X_TRAIN, Y_TRAIN)
    np.testing.assert_array_equal(changed, fresh.predict(X_TEST))
    assert not np.allclose(changed, first)


class HouseForecaster(LSTMForecaster):
    """A user's own class: one parameter to tune, all others settled."""

    def __init__(self, units=3):
        super().__init__(**(NETWORK | {"units": units}))


def test_a_subclass_with_fewer_parameters_is_the_network_it_settles():
    own, plain = HouseForecaster(), make_estimator()
    np.testing.assert_array_equal(
        clone(own).fit(X_TRAIN, Y_TRAIN).predict(X_TEST),
        plain.fit(X_TRAIN, Y_TRAIN).predict(X_TEST),
    )
    pd.testing.assert_series_equal(
        own.clone().fit(Y_TRAIN, fh=[1, 2]).predict(),
        plain.fit(Y_TRAIN, fh=[1, 2]).predict(),
    )
    panel = pd.concat({"a": Y_TRAIN.to_frame(), "b": -Y_TRAIN.to_frame()})
    pretrained = own.pretrain(panel)
    forecast = pretrained.fit(Y_TRAIN, fh=[1, 2]).update(Y_TEST[:2]).predict()
    assert np.isfinite(forecast).all()
    with pytest.raises(ValueError, match="'units' parameter of HouseForecaster"):
        own.set_params(units=0).fit(X_TRAIN, Y_TRAIN)


def test_set_params_reaches_into_pipelines_and_scalers():
    pipeline = make_scaled(make_estimator(scaler=MinMaxScaler()))
    pipeline.set_params(lstm__epochs=2, lstm__scaler__feature_range=(-1, 1))
    est = pipeline.fit(X_TRAIN, Y_TRAIN)["lstm"]
    assert est.n_iter_ == 2
    assert est.y_scaler_.feature_range == (-1, 1)
    with pytest.raises(ValueError, match=r"'unit'"):
        est.set_params(unit=3)
