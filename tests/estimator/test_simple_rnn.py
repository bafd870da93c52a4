"""SimpleRNNForecaster: the same estimator with a simple recurrence."""

import keras
import numpy as np
import pandas as pd
import pytest

from skl_lstm import (
    GRUForecaster,
    LSTMForecaster,
    SimpleRNNForecaster,
    load_model,
    save_model,
)

N_ROWS = 60
RNG = np.random.default_rng(2)
Y = pd.Series(np.sin(np.arange(N_ROWS) / 3) + 0.2 * RNG.standard_normal(N_ROWS))
X = pd.DataFrame(RNG.standard_normal((N_ROWS, 2)), columns=["a", "b"])
SMALL = {"units": 3, "window_length": 6, "random_state": 0, "epochs": 2}


def find_layers(estimator):
    return [type(layer) for layer in estimator.model_.layers]


def test_three_cells_are_compared_by_changing_one_word():
    forecasts = [
        cls(**SMALL).fit(Y, fh=[1, 2, 3]).predict()
        for cls in (SimpleRNNForecaster, LSTMForecaster, GRUForecaster)
    ]
    for i in (0, 1):
        assert not np.allclose(forecasts[i], forecasts[i + 1], rtol=1e-9)


def test_the_model_holds_the_layer_of_keras():
    estimator = SimpleRNNForecaster(**SMALL | {"units": (3, 2)}).fit(Y, fh=[1])
    assert find_layers(estimator).count(keras.layers.SimpleRNN) == 2


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"units": (3, 2), "dropout": 0.1},
        {"recurrent_dropout": 0.2},
        # Each is a program of its own: the rest is in `make test-slow`.
        *(
            pytest.param(options, marks=pytest.mark.slow)
            for options in (
                {"bidirectional": True, "n_estimators": 2},
                {"activation": "relu", "kernel_regularizer": "l2"},
                {"window_scaling": None, "linear_skip": False},
            )
        ),
    ],
)
def test_parameters_work_as_with_the_other_cells(options):
    one, other = (
        SimpleRNNForecaster(**SMALL | options).fit(Y, fh=[1, 2, 3]).predict()
        for _ in range(2)
    )
    pd.testing.assert_series_equal(one, other)
    assert np.isfinite(one).all()


@pytest.mark.parametrize("autoregressive", [False, True])
def test_rows_are_predicted_and_the_model_file_gives_the_same(tmp_path, autoregressive):
    estimator = SimpleRNNForecaster(autoregressive=autoregressive, **SMALL)
    estimator.fit(X[:50], Y[:50].to_numpy())
    save_model(estimator, tmp_path / "simple.model")
    again = load_model(tmp_path / "simple.model")
    assert type(again) is SimpleRNNForecaster
    np.testing.assert_array_equal(again.predict(X[50:]), estimator.predict(X[50:]))
