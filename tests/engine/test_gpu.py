"""The engine on a GPU, where TensorFlow sees one: cuDNN's layers in place of ours."""

import numpy as np
import pytest

from skl_lstm import GRUForecaster, LSTMForecaster, SimpleRNNForecaster
from skl_lstm._engine.backend import tf
from skl_lstm._engine.cache import PROGRAMS
from skl_lstm._engine.forward import forecast
from tests.engine import make_data, make_spec, make_weights

pytestmark = pytest.mark.skipif(
    not tf.config.list_physical_devices("GPU"), reason="TensorFlow sees no GPU"
)
# Its products may have the ten bits of TensorFloat-32.
TOLERANCE = 5e-3


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_forecasts_are_those_of_numpy(cell, bidirectional):
    spec = make_spec(cell=cell, units=(8, 4), bidirectional=bidirectional)
    data, weights = make_data(spec), make_weights(spec)
    found = PROGRAMS.get(spec).forecast(weights, data, np.array([5, 20]), 2)
    expected = forecast(spec, weights, data, np.array([5, 20]), 2)
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("cls", [LSTMForecaster, GRUForecaster, SimpleRNNForecaster])
def test_training_lowers_the_loss(cls):
    network = {"units": 8, "window_length": 16, "linear_skip": False, "horizon": 2}
    forecaster = cls(
        **network, epochs=8, learning_rate=0.02, early_stopping=False, random_state=0
    )
    losses = forecaster.fit(np.sin(np.arange(150) / 4), fh=[1, 2]).history_["loss"]
    assert losses[-1] < 0.7 * losses[0]
