"""Forecasts in NumPy: the program's numbers, and when they are asked for."""

import numpy as np
import pytest

from skl_lstm._engine.cache import PROGRAMS
from skl_lstm._engine.ensemble import Networks
from skl_lstm._engine.forward import MOST_TURNS, forecast, is_small
from tests import crossed
from tests.engine import make_data, make_spec, make_weights

NETWORKS = {
    "plain": {},
    "deep": {"units": (4, 3), "linear_skip": False},
    "both-ways": {"bidirectional": True, "units": (4, 3)},
    "level": {"window_scaling": "level", "n_shifted": 2},
    "unscaled": {"window_scaling": None},
    "columns": {"n_concurrent": 2, "n_shifted": 1, "horizon": 3},
    "outside": {"n_concurrent": 2, "known_in_window": False},
    "features-alone": {"autoregressive": False, "n_concurrent": 2, "horizon": 1},
    "two-targets": {"n_outputs": 2, "n_concurrent": 1},
}
ORIGINS = np.array([4, 17, 40])


def add_gaps(data):
    """Bridge gaps that are not there, a few of them looking too far ahead."""
    rng = np.random.default_rng(1)
    carried, between = rng.standard_normal((2, *data.y.shape)).astype("float32")
    following = np.arange(len(data.y), dtype="int32")[:, None] + rng.integers(
        0, 3, data.y.shape, dtype="int32"
    )
    return data._replace(bridges=(carried, between, following))


@crossed(10, cell=["lstm", "gru", "rnn"], network=[*NETWORKS, "gaps"])
def test_forecasts_are_those_of_the_program(cell, network):
    spec = make_spec(
        cell=cell, **NETWORKS.get(network, {}), bridges_gaps=network == "gaps"
    )
    data, weights = make_data(spec), make_weights(spec)
    if network == "gaps":
        data = add_gaps(data)
    n_steps = 2 * spec.horizon + 1
    expected = PROGRAMS.get(spec).forecast(weights, data, ORIGINS, n_steps)
    found = forecast(spec, weights, data, ORIGINS, n_steps)
    assert found.dtype == np.float32
    # Blocks fed back multiply what rounding there is.
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize(
    "changes",
    [{"activation": "relu"}, {"window_length": MOST_TURNS + 1}, {"units": (600,)}],
)
def test_other_networks_are_left_to_the_program(changes):
    assert is_small(make_spec(), 1, 1)
    assert not is_small(make_spec(**changes), 1, 1)


def test_many_windows_or_steps_are_left_to_the_program():
    assert not is_small(make_spec(), 10**6, 1)
    assert not is_small(make_spec(), 1, 10**4)


def test_a_fit_forecasts_some_more_windows_without_the_program():
    spec = make_spec(window_length=10)
    n = MOST_TURNS // 10 + 1
    assert not is_small(spec, n, 1)
    assert is_small(spec, n, 1, once=True)
    assert not is_small(spec, 10**6, 1, once=True)
    networks = Networks(spec, [make_weights(spec)])
    data, origins = make_data(spec), np.arange(12, 12 + n)
    np.testing.assert_allclose(
        networks.forecast_once(data, origins, 2),
        networks.forecast(data, origins, 2),
        atol=1e-5,
    )


def test_a_forecast_of_a_few_windows_builds_no_program():
    spec = make_spec(window_length=9)
    networks = Networks(spec, [make_weights(spec), make_weights(spec, seed=1)])
    n_built = PROGRAMS.n_built
    networks.forecast(make_data(spec), ORIGINS[1:], 2)
    assert PROGRAMS.n_built == n_built
