"""The cache of compiled programs, inspected, limited and cleared from outside."""

import gc
import weakref

import numpy as np
import pytest

import skl_lstm
from skl_lstm import LSTMForecaster
from skl_lstm._engine.backend import keras
from skl_lstm._engine.cache import PROGRAMS

SERIES = np.sin(np.arange(30.0))


def fit(window_length):
    forecaster = LSTMForecaster(
        units=2,
        epochs=1,
        window_length=window_length,
        horizon=1,
        early_stopping=False,
        random_state=0,
    )
    return forecaster.fit(SERIES, fh=[1])


@pytest.fixture(autouse=True)
def usual_limit():
    yield
    skl_lstm.set_program_limit(16)


def test_the_cache_tells_what_it_holds():
    skl_lstm.clear_programs()
    n_built = skl_lstm.program_cache_info().n_built
    assert skl_lstm.program_cache_info() == (0, 16, n_built)
    fit(3).predict()
    fit(4).predict()
    fit(3).predict()
    assert skl_lstm.program_cache_info() == (2, 16, n_built + 2)


def test_a_cleared_program_is_gone_and_the_forecast_the_same():
    forecaster = fit(3)
    expected = forecaster.predict()
    program = weakref.ref(PROGRAMS.get(forecaster._fitted.model.spec))
    skl_lstm.clear_programs()
    gc.collect()
    assert program() is None
    np.testing.assert_array_equal(forecaster.predict(), expected)
    np.testing.assert_array_equal(fit(3).predict(), expected)


def test_a_fit_makes_no_variable_of_a_new_name(monkeypatch):
    # TensorFlow keeps some 35 KB for ever of each.
    names = []
    initialize = keras.Variable._initialize

    def initialize_and_note(variable, value):
        names.append(variable.path)
        initialize(variable, value)

    monkeypatch.setattr(keras.Variable, "_initialize", initialize_and_note)
    found = []
    for length in (3, 4):
        skl_lstm.clear_programs()
        fit(length).predict()
        found.append(sorted(names))
        names.clear()
    assert found[0] == found[1] != []
    # And none is left that Keras would make in the user's next scope.
    with keras.StatelessScope():
        pass
    assert names == []


def test_the_limit_holds_at_once_and_later():
    skl_lstm.clear_programs()
    for length in (3, 4, 5):
        fit(length)
    skl_lstm.set_program_limit(2)
    info = skl_lstm.program_cache_info()
    assert (info.n_programs, info.limit) == (2, 2)
    # The ones used last are kept.
    fit(5)
    fit(4)
    assert skl_lstm.program_cache_info().n_built == info.n_built
    fit(6)
    assert skl_lstm.program_cache_info() == (2, 2, info.n_built + 1)


@pytest.mark.parametrize("limit", [0, -1, 1.5, "4", None, True])
def test_an_illegal_limit_is_named(limit):
    with pytest.raises(ValueError, match="must be an int of at least 1") as error:
        skl_lstm.set_program_limit(limit)
    assert repr(limit) in str(error.value)
    assert skl_lstm.program_cache_info().limit == 16
