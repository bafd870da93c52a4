"""Fixtures that the tests of the estimators share."""

import copy

import pytest
from sktime.datasets import (
    load_airline,
    load_macroeconomic,
    load_shampoo_sales,
    load_uschange,
)

from skl_lstm import LSTMForecaster
from tests.estimator.error_cases import (
    ESTIMATORS,
    FITS,
    SMALL,
    STEPS,
    X,
    Y,
)


@pytest.fixture
def airline():
    return load_airline()


@pytest.fixture
def shampoo():
    return load_shampoo_sales()


@pytest.fixture
def economy():
    # Two targets and two exogenous columns, quarterly.
    frame = load_macroeconomic()
    return frame[["infl", "unemp"]], frame[["tbilrate", "realint"]]


@pytest.fixture
def us_change():
    y, X = load_uschange()
    return y, X[["Income", "Savings"]]


@pytest.fixture(params=ESTIMATORS)
def cls(request):
    return request.param


@pytest.fixture(params=FITS)
def convention(request):
    return request.param


@pytest.fixture(scope="module")
def trained():
    """Fit in every way that a test asks for; not to be changed."""
    return {
        "sktime": FITS["sktime"](LSTMForecaster(**SMALL)),
        "sklearn": FITS["sklearn"](LSTMForecaster(**SMALL)),
        "no-features": LSTMForecaster(**SMALL).fit(Y, fh=STEPS),
        "autoregressive": LSTMForecaster(**SMALL, autoregressive=True).fit(X, Y),
    }


@pytest.fixture
def fitted(trained):
    return copy.deepcopy(trained)


@pytest.fixture
def numbered(shampoo):
    return shampoo.reset_index(drop=True)
