"""A second fit, and sktime's other methods."""

import numpy as np
import pandas as pd
import pytest
from sktime.datasets import (
    load_shampoo_sales,
)

from skl_lstm import GRUForecaster, LSTMForecaster
from tests import crossed
from tests.estimator.sktime_cases import (
    FH,
    HORIZON,
    TINY,
    WINDOW,
    assert_same_weights,
    first_class,
    largest_move,
    make,
    weights_of,
)

# Refitting --------------------------------------------------------------------


@first_class
def test_refit_starts_from_fresh_weights(cls, airline):
    forecaster = make(cls).fit(airline)
    weights = weights_of(forecaster)
    assert_same_weights(weights_of(forecaster.fit(airline)), weights)
    # Also after anything else the estimator has been through.
    forecaster.update(airline[-10:] * 2)
    forecaster.fit(airline[:90] / 10, fh=[5])
    fresh = make(cls).fit(airline[:90] / 10, fh=[5])
    assert_same_weights(weights_of(forecaster), weights_of(fresh))
    pd.testing.assert_series_equal(forecaster.predict(), fresh.predict())
    assert forecaster.history_ == fresh.history_
    assert largest_move(weights_of(fresh), weights) > 0


def test_another_seed_gives_other_weights(airline):
    one, other = (make(random_state=seed).fit(airline) for seed in (0, 1))
    assert largest_move(weights_of(one), weights_of(other)) > 0.01


@first_class
def test_warm_start_goes_on_from_the_weights_it_has(cls, airline):
    forecaster = make(cls, warm_start=True).fit(airline)
    weights = weights_of(forecaster)
    assert_same_weights(weights, weights_of(make(cls).fit(airline)))
    # So small a rate cannot move them: the second fit starts where the first ended.
    forecaster.set_params(learning_rate=1e-12).fit(airline)
    assert largest_move(weights_of(forecaster), weights) < 1e-9
    forecaster.set_params(learning_rate=0.02).fit(airline)
    assert largest_move(weights_of(forecaster), weights) > 1e-3
    # Without warm_start it starts afresh again.
    forecaster.set_params(warm_start=False).fit(airline)
    assert_same_weights(weights_of(forecaster), weights)


@first_class
def test_warm_start_of_another_network_is_refused(cls, airline, economy):
    forecaster = make(cls, warm_start=True).fit(airline)
    before = forecaster.predict(fh=FH)
    with pytest.raises(ValueError, match=r"another network.*warm_start=False"):
        forecaster.fit(y=economy[0])
    pd.testing.assert_series_equal(forecaster.predict(fh=FH), before)
    forecaster.set_params(units=3)
    with pytest.raises(ValueError, match=r"another network.*warm_start=False"):
        forecaster.fit(airline)
    forecaster.set_params(warm_start=False).fit(airline)
    assert np.isfinite(forecaster.predict(fh=FH)).all()


def test_a_clone_knows_nothing_of_warm_weights(airline):
    warm = make(warm_start=True).fit(airline)
    fresh = make(warm_start=True).fit(airline[:90])
    assert_same_weights(weights_of(warm.clone().fit(airline[:90])), weights_of(fresh))


# Other methods ----------------------------------------------------------------


def test_fitted_params_are_numbers_and_build_no_keras_model(airline, monkeypatch):
    import skl_lstm._engine.network as network

    forecaster = make().fit(airline)

    def refuse(*args):
        raise AssertionError("a Keras model was built")

    monkeypatch.setattr(network, "restore_model", refuse)
    with pytest.raises(AssertionError, match="was built"):
        _ = forecaster.model_
    params = forecaster.get_fitted_params()
    assert params["window_length"] == WINDOW
    assert params["horizon"] == HORIZON
    assert params["n_iter"] == TINY["epochs"] == len(params["history"]["loss"])
    assert all(isinstance(w, np.ndarray) for w in params["weights"][0])


@first_class
def test_fit_predict_is_fit_then_predict(cls, us_change):
    y, X = us_change
    expected = make(cls).fit(y=y, fh=FH).predict()
    for forecast in (
        make(cls).fit_predict(y, fh=FH),
        make(cls).fit_predict(y=y, fh=FH),
    ):
        pd.testing.assert_series_equal(forecast, expected)

    fitted = make(cls).fit(y=y[:-3], X=X[:-3], fh=FH)
    expected = fitted.predict(X=X[-3:])
    for forecast in (
        make(cls).fit_predict(y[:-3], X[:-3], FH, X_pred=X[-3:]),
        make(cls).fit_predict(y=y[:-3], X=X[:-3], fh=FH, X_pred=X[-3:]),
    ):
        pd.testing.assert_series_equal(forecast, expected)


@first_class
def test_score_is_the_mean_absolute_percentage_error(cls, us_change, airline):
    train, test = airline[:-3], airline[-3:]
    forecaster = make(cls).fit(train)
    forecast = forecaster.predict(fh=FH)
    expected = np.mean(np.abs(test - forecast) / test)
    assert forecaster.score(test, fh=FH) == pytest.approx(expected)
    assert forecaster.score(y=test, fh=FH) == pytest.approx(expected)

    y, X = us_change
    forecaster = make(cls).fit(y=y[:-3], X=X[:-3], fh=FH)
    forecast = forecaster.predict(X=X[-3:])
    expected = np.mean(np.abs((y[-3:] - forecast) / y[-3:]))
    assert forecaster.score(y[-3:], X=X[-3:]) == pytest.approx(expected)


@crossed(
    10,
    slow=[GRUForecaster],
    cls=[LSTMForecaster, GRUForecaster],
    constant=[0.0, 7.3, -1e-6, 1e9],
    changes=[
        {},
        {"scaler": "minmax"},
        {"scaler": "robust", "window_scaling": None},
        {"linear_skip": False},
        {"scaler": None},
    ],
)
def test_a_constant_series_is_forecast_as_that_constant(cls, constant, changes):
    y = pd.Series(constant, index=load_shampoo_sales().index)
    forecaster = make(cls, **changes).fit(y)
    forecast = forecaster.predict(fh=np.arange(-35, 8))
    # Without a scaler the numbers themselves travel as float32.
    tolerance = 1e-7 if changes == {"scaler": None} else 1e-12
    np.testing.assert_allclose(forecast, constant, rtol=tolerance, atol=1e-12)


@pytest.mark.parametrize("constant", [0.5, 7.3, 1e9])
def test_a_constant_series_is_forecast_as_that_constant_by_its_logarithm(constant):
    y = pd.Series(constant, index=load_shampoo_sales().index)
    forecast = make(y_transform="log").fit(y).predict(fh=np.arange(-35, 8))
    np.testing.assert_allclose(forecast, constant, rtol=1e-12)
