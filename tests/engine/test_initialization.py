"""Initial weights: Keras' distributions, one seeded generator, nothing global."""

import random

import numpy as np
import pytest

from skl_lstm._engine.backend import keras
from skl_lstm._engine.cells import KERAS_LAYERS
from skl_lstm._engine.initialization import INITIALIZERS, initial_weights
from tests.engine import make_spec

CELLS = {"lstm": 4, "gru": 3, "rnn": 1}


def draw(seed=0, **changes):
    spec = make_spec(**changes)
    weights = initial_weights(spec, np.random.default_rng(seed))
    return dict(zip([role for role, _ in spec.weight_shapes()], weights, strict=False))


def test_the_forget_bias_is_one_and_the_others_are_zero():
    bias = draw(units=(5,))["lstm_bias"]
    np.testing.assert_array_equal(bias, np.repeat([0.0, 1.0, 0.0, 0.0], 5))


def test_the_biases_of_a_gru_are_zero():
    bias = draw(cell="gru", units=(5,))["gru_bias"]
    np.testing.assert_array_equal(bias, np.zeros((2, 15)))


@pytest.mark.parametrize("units", [1, 2, 16])
@pytest.mark.parametrize(("cell", "gates"), CELLS.items())
def test_recurrent_kernels_are_orthogonal(cell, gates, units):
    kernel = draw(cell=cell, units=(units,))["recurrent_kernel"]
    assert kernel.shape == (units, gates * units)
    np.testing.assert_allclose(kernel @ kernel.T, np.eye(units), atol=1e-5)


def test_recurrent_kernels_turn_every_way():
    # Without the sign fix, QR would favor some orthogonal matrices.
    rng = np.random.default_rng(0)
    draws = [INITIALIZERS["recurrent_kernel"](rng, (2, 8)) for _ in range(300)]
    assert np.mean(np.array(draws) > 0, axis=0) == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize("cell", CELLS)
def test_input_kernels_are_glorot_uniform(cell):
    kernel = draw(cell=cell, units=(64,), n_shifted=30)["kernel"]
    limit = np.sqrt(6 / sum(kernel.shape))
    assert np.abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.03)
    assert kernel.mean() == pytest.approx(0, abs=0.03 * limit)


@pytest.mark.parametrize("cell", CELLS)
def test_spreads_are_those_of_keras(cell):
    spec = make_spec(cell=cell, units=(32,), n_shifted=15, linear_skip=False)
    layer = KERAS_LAYERS[cell](32)
    layer.build((None, 4, spec.n_channels))
    head = keras.layers.Dense(2, kernel_initializer="zeros")
    head.build((None, 32))
    theirs = layer.get_weights() + head.get_weights()
    ours = initial_weights(spec, np.random.default_rng(0))
    for mine, keras_weight in zip(ours, theirs, strict=True):
        assert mine.shape == keras_weight.shape
        # Keras draws anew each time: more than four standard errors are no chance.
        tolerance = 3 / np.sqrt(mine.size)
        assert mine.std() == pytest.approx(keras_weight.std(), rel=tolerance)
        away = tolerance * max(keras_weight.std(), 1e-6)
        assert mine.mean() == pytest.approx(keras_weight.mean(), abs=2 * away)


def test_a_plain_network_starts_its_head_as_keras_does():
    spec = make_spec(units=(64,), horizon=24, linear_skip=False, window_scaling=None)
    head = initial_weights(spec, np.random.default_rng(0), plain=True)[-2]
    layer = keras.layers.Dense(24)
    layer.build((None, 64))
    assert head.shape == layer.get_weights()[0].shape
    assert head.std() == pytest.approx(layer.get_weights()[0].std(), rel=0.05)


def test_every_output_layer_starts_at_zero():
    spec = make_spec(n_concurrent=2)
    weights = initial_weights(spec, np.random.default_rng(0))
    roles = [role for role, _ in spec.weight_shapes()]
    outputs = ("head", "zeros")
    zeros = [w for w, role in zip(weights, roles, strict=True) if role in outputs]
    assert len(zeros) == 4
    assert not any(w.any() for w in zeros)


def test_every_role_is_drawn_in_float32():
    roles = set()
    for cell in CELLS:
        spec = make_spec(cell=cell, units=(3, 2), n_concurrent=1)
        roles |= {role for role, _ in spec.weight_shapes()}
        weights = initial_weights(spec, np.random.default_rng(0))
        assert {w.dtype for w in weights} == {np.dtype("float32")}
    assert roles == set(INITIALIZERS)


def test_one_seed_one_set_of_weights():
    first, again, other = draw(1), draw(1), draw(2)
    for role in ("kernel", "recurrent_kernel"):
        np.testing.assert_array_equal(first[role], again[role])
        assert not np.array_equal(first[role], other[role])


def test_global_generators_are_left_alone():
    before = random.getstate(), np.random.get_state()[1].copy()
    draw(0)
    assert random.getstate() == before[0]
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])
