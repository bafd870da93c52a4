"""Bad parameters and short series: a worded error, and an estimator left usable."""

import inspect
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import StandardScaler

from skl_lstm import GRUForecaster, LSTMForecaster
from tests import crossed
from tests.estimator.error_cases import (
    ESTIMATORS,
    FITS,
    N_ROWS,
    NEW_X,
    SMALL,
    STEPS,
    WORDED,
    X,
    Y,
    assert_usable,
    predict,
)
from tests.estimator.sktime_cases import first_class

# Parameters -------------------------------------------------------------------


class NoScaler:
    """Cannot be taken back."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X


COUNT = [0, -1, 2.5, "three", None]
SHARE = [-0.1, 1.0, 1.5, float("nan"), "0.1", None]
BOOLEAN = ["yes", 2, None]
ILLEGAL = {
    "window_length": COUNT,
    "horizon": COUNT,
    "units": [*COUNT, (), [], (4, 0), (4, 2.5), (4, "4"), {4}],
    "activation": ["nonsense", "", 3, None],
    "dropout": SHARE,
    "recurrent_dropout": SHARE,
    "bidirectional": BOOLEAN,
    "kernel_regularizer": ["nonsense", 3, 0.1],
    "linear_skip": BOOLEAN,
    "scaler": ["nonsense", 3, NoScaler(), StandardScaler],
    "window_scaling": ["nonsense", 3, True],
    "y_transform": ["nonsense", "exp", 3, np.log],
    "bounds": [
        (1, 0),
        (0, 0),
        (0,),
        (0, 1, 2),
        ("a", None),
        (float("nan"), 1),
        3,
        "ab",
    ],
    "X_treatment": ["nonsense", 3, None, {"a": "nonsense"}, {"c": "shifted"}],
    "autoregressive": BOOLEAN,
    "sp": [*COUNT, (), (24, 24), (1, 24), (24.5, 168), ("24", 168)],
    "calendar": ["yes", True, 3],
    "loss": ["nonsense", 3, None, "Adam"],
    "optimizer": ["nonsense", 3, None, "Huber"],
    "halflife": [0, -1.0, float("nan"), "10"],
    "static_features": [{"a": 1}, np.ones((2, 2)), pd.DataFrame({"a": [1, 2]}, [0, 0])],
    "learning_rate": [0, 0.0, -0.1, float("nan"), float("inf"), "fast", None],
    "epochs": COUNT,
    "batch_size": COUNT,
    "early_stopping": ["yes", 2, None],
    "validation_fraction": [0, 0.0, 1.0, -0.1, 1.5, "0.1", None],
    "n_iter_no_change": COUNT,
    "n_estimators": COUNT,
    "theta_share": [-0.1, 1.5, float("nan"), "0.1", None],
    # Nothing is dropped here.
    "intervals": ["nonsense", 0.9, None, "dropout"],
    "pretrain_mode": ["thaw", True, None],
    "warm_start": BOOLEAN,
    "callbacks": ["nonsense", 3, [3], ["early"]],
    "verbose": [-1, "yes", 0.5, None],
    "random_state": [-1, 0.5, "zero", np.random.default_rng(0)],
}
CASES = [(name, value) for name, values in ILLEGAL.items() for value in values]
each_case = pytest.mark.parametrize(
    ("name", "value"), CASES, ids=[f"{name}-{value!r:.20}" for name, value in CASES]
)


def test_every_parameter_has_illegal_values_to_be_tested():
    parameters = inspect.signature(LSTMForecaster.__init__).parameters
    assert ILLEGAL.keys() == parameters.keys() - {"self"}


@each_case
def test_an_illegal_parameter_is_named_with_what_was_got(fitted, name, value):
    estimator = fitted["sktime"]
    expected, legal = predict(estimator), getattr(estimator, name)
    setattr(estimator, name, value)
    with pytest.raises(WORDED, match=re.escape(f"'{name}'")) as error:
        FITS["sktime"](estimator)
    assert "Got " in str(error.value)
    assert_usable(estimator, expected)
    assert getattr(estimator, name) is value
    if value is ILLEGAL[name][0]:
        setattr(estimator, name, legal)
        assert_usable(FITS["sktime"](estimator), expected)


@each_case
def test_an_illegal_parameter_is_named_in_the_other_convention_too(name, value):
    # Taken by position, so that the value is all there is to object to.
    estimator = GRUForecaster(**(SMALL | {name: value}))
    with pytest.raises(WORDED, match=re.escape(f"'{name}'")):
        FITS["sklearn"](estimator)
    assert not estimator.is_fitted


def test_an_illegal_parameter_is_named_with_its_class(cls):
    nameless = set()
    for name, value in CASES:
        with pytest.raises(WORDED) as error:
            cls(**(SMALL | {name: value})).fit(y=Y, X=X)
        if cls.__name__ not in str(error.value):
            nameless.add(name)
    assert nameless == set()


def test_nothing_is_validated_before_fit(cls):
    estimator = cls(**{name: values[0] for name, values in ILLEGAL.items()})
    estimator.set_params(epochs="all", units=-3)
    assert estimator.get_params()["units"] == -3


def test_a_class_in_place_of_a_loss_or_optimizer_is_named():
    from skl_lstm._engine.backend import keras

    for name, value in [
        ("loss", keras.losses.Huber),
        ("loss", keras.optimizers.Adam()),
        ("optimizer", keras.optimizers.Adam),
        ("optimizer", keras.losses.Huber()),
        ("kernel_regularizer", keras.losses.Huber()),
    ]:
        estimator = LSTMForecaster(**(SMALL | {name: value}))
        with pytest.raises(WORDED, match=f"'{name}' parameter .* Got"):
            estimator.fit(Y)


# Too short --------------------------------------------------------------------


@first_class
def test_a_short_series_names_the_rows_needed(cls):
    forecaster = cls(**(SMALL | {"window_length": 10, "horizon": 5}))
    message = rf"{cls.__name__} needs at least 15 rows .* n_samples = 14\b"
    with pytest.raises(ValueError, match=message):
        forecaster.fit(Y[:14])
    assert forecaster.fit(Y[:15], fh=[1]).predict().shape == (1,)


def test_a_short_table_names_the_rows_needed_where_the_past_is_an_input(cls):
    options = {"window_length": 10, "horizon": 5, "autoregressive": True}
    message = r"needs at least 15 rows .* n_samples = 14\b"
    with pytest.raises(ValueError, match=message):
        cls(**(SMALL | options)).fit(X[:14], Y[:14])


def test_a_series_of_one_row_is_too_short(cls):
    for arguments in ({"y": Y[:1]}, {"y": Y[:1], "X": X[:1]}):
        estimator = cls(**SMALL)
        message = r"at least \d+ rows .* n_samples = 1\b"
        with pytest.raises(ValueError, match=message):
            estimator.fit(**arguments)
        assert not estimator.is_fitted


@pytest.mark.parametrize("autoregressive", [False, True])
def test_a_table_of_one_row_is_too_short(cls, autoregressive):
    for table, target in [(X, Y), (X.to_numpy(), Y.to_numpy())]:
        estimator = cls(**SMALL, autoregressive=autoregressive)
        with pytest.raises(ValueError, match=r"n_samples = 1\b"):
            estimator.fit(table[:1], target[:1])
        assert not estimator.is_fitted


def test_no_rows_at_all_are_too_short(cls):
    for arguments in [(Y[:0],), (X[:0], Y[:0])]:
        estimator = cls(**SMALL)
        with pytest.raises(WORDED):
            estimator.fit(*arguments)
        assert not estimator.is_fitted


@first_class
def test_ten_rows_are_enough_for_the_automatic_window(cls):
    forecaster = cls(units=2, epochs=1, horizon=5).fit(pd.Series(np.arange(10.0)))
    assert forecaster.predict(fh=[1, 7]).notna().all()


def test_logarithms_need_positive_targets(cls, convention):
    estimator = cls(**SMALL, y_transform="log")
    with pytest.raises(ValueError, match=r"y_transform='log' needs positive"):
        estimator.fit(*((Y - 2,) if convention == "sktime" else (X, Y - 2)))
    assert not estimator.is_fitted


# Constant ---------------------------------------------------------------------


@crossed(
    6,
    slow=[GRUForecaster],
    cls=ESTIMATORS,
    scaler=["standard", "minmax", "robust", None],
    value=[0.0, 5.0, -1e6],
)
def test_a_constant_series_is_forecast_as_that_constant(cls, scaler, value):
    constant = pd.Series(np.full(N_ROWS, value), index=Y.index)
    options = SMALL | {"scaler": scaler, "epochs": 3}
    forecaster = cls(**options).fit(constant, fh=[1, 2, 9])
    np.testing.assert_allclose(forecaster.predict(), value, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(forecaster.predict([-3, 0]), value, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {"early_stopping": "auto"},
        {"y_transform": "log"},
        {"linear_skip": False, "window_scaling": None},
        {"horizon": 1},
    ],
    ids=["auto", "log", "tutorial", "recursive"],
)
def test_a_constant_series_is_forecast_as_that_constant_with(options):
    constant = pd.Series(np.full(N_ROWS, 7.0), index=Y.index)
    forecaster = LSTMForecaster(**(SMALL | options)).fit(y=constant, X=X)
    forecasts = forecaster.predict(fh=[1, 4], X=NEW_X)
    np.testing.assert_allclose(forecasts, 7.0, rtol=1e-6)


@first_class
@pytest.mark.parametrize("autoregressive", [False, True])
def test_a_constant_target_is_predicted_as_that_constant(cls, autoregressive):
    regressor = cls(**SMALL, autoregressive=autoregressive)
    regressor.fit(X, np.full(N_ROWS, 7.0))
    np.testing.assert_allclose(regressor.predict(NEW_X), 7.0, rtol=1e-6)


@first_class
def test_constant_features_do_no_harm(cls, convention):
    flat, flat_ahead = X.assign(b=3.0), NEW_X.assign(b=3.0)
    if convention == "sktime":
        predicted = cls(**SMALL).fit(y=Y, X=flat).predict(fh=STEPS, X=flat_ahead)
    else:
        predicted = cls(**SMALL).fit(flat, Y).predict(flat_ahead)
    assert np.isfinite(predicted).all()
