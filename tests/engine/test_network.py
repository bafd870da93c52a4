"""The network of a specification: its weights, its naive start, its formula."""

import dataclasses

import numpy as np
import pytest

from skl_lstm._engine.initialization import initial_weights
from skl_lstm._engine.network import SPREAD_FLOOR, build_network, restore_model
from tests import crossed, references
from tests.engine import make_data, make_spec, make_weights, make_windows

CELLS = ["lstm", "gru", "rnn"]
ORIGINS = np.array([6, 9, 17])
SHAPES = {
    "plain": {},
    "one-step": {"horizon": 1},
    "stacked": {"units": (3, 2, 4)},
    "stacked-dropout": {"units": (3, 2), "dropout": 0.2, "recurrent_dropout": 0.1},
    "both-directions": {"units": (3, 2), "bidirectional": True},
    "no-skip": {"linear_skip": False},
    "outputs": {"n_outputs": 3},
    "exogenous": {"n_concurrent": 2, "n_shifted": 1},
    "everything": {
        "units": (3, 2),
        "bidirectional": True,
        "dropout": 0.2,
        "n_outputs": 2,
        "n_concurrent": 1,
        "n_shifted": 2,
        "horizon": 3,
    },
    "regression": {
        "autoregressive": False,
        "n_concurrent": 2,
        "horizon": 1,
        "window_scaling": None,
    },
    "strictly-past": {
        "autoregressive": False,
        "n_shifted": 2,
        "horizon": 1,
        "window_scaling": None,
    },
}


def predict(spec, weights, inputs):
    return np.array(restore_model(spec, weights)(inputs))


@crossed(11, cell=CELLS, changes=SHAPES)
def test_weight_shapes_are_those_of_the_keras_model(cell, changes):
    spec = make_spec(cell=cell, **changes)
    expected = [shape for _, shape in spec.weight_shapes()]
    for fused in (False, True):
        network = build_network(spec, fused=fused)
        for model in (network.model, network.trainer):
            assert [tuple(v.shape) for v in model.trainable_variables] == expected
        # The engine hands the encoder the first weights of all.
        inner = network.encoder.trainable_variables
        first = network.model.trainable_variables[: len(inner)]
        assert [v.path for v in inner] == [v.path for v in first]
        assert all(a is b for a, b in zip(inner, first, strict=True))


@pytest.mark.parametrize("cell", CELLS)
def test_roles_of_weights_are_those_of_the_keras_model(cell):
    # Shapes alone could hide two weights that have changed places.
    spec = make_spec(cell=cell, units=(2, 2), n_concurrent=2, bidirectional=True)
    variables = build_network(spec).model.trainable_variables
    for (role, _), variable in zip(spec.weight_shapes(), variables, strict=True):
        in_cell = f"{cell}_cell/" in variable.path
        is_kernel = variable.path.startswith("head/kernel")
        expected = variable.name if in_cell else "head" if is_kernel else "zeros"
        assert role == (f"{cell}_bias" if expected == "bias" else expected)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_an_untrained_network_is_the_naive_forecast(cell, n_outputs):
    spec = make_spec(cell=cell, n_outputs=n_outputs, horizon=3, units=(3, 2))
    data = make_data(spec)
    weights = initial_weights(spec, np.random.default_rng(0))
    predicted = predict(spec, weights, make_windows(spec, data, ORIGINS))
    last = np.repeat(data.y[ORIGINS - 1][:, None], 3, axis=1)
    np.testing.assert_array_equal(predicted, last)


@pytest.mark.parametrize("cell", CELLS)
def test_an_untrained_network_with_features_is_the_naive_forecast(cell):
    spec = make_spec(cell=cell, n_concurrent=2, n_shifted=1)
    data = make_data(spec)
    weights = initial_weights(spec, np.random.default_rng(0))
    predicted = predict(spec, weights, make_windows(spec, data, ORIGINS))
    last = np.repeat(data.y[ORIGINS - 1][:, None], 2, axis=1)
    np.testing.assert_array_equal(predicted, last)


@pytest.mark.parametrize(
    "changes",
    [
        {"window_scaling": None},
        {"window_scaling": "standard", "autoregressive": False, "n_concurrent": 2},
    ],
    ids=["unscaled-window", "regression"],
)
def test_an_untrained_network_without_window_is_the_training_mean(changes):
    # Zero in the scaler's units is the training mean.
    spec = make_spec(horizon=1, **changes)
    weights = initial_weights(spec, np.random.default_rng(0))
    inputs = make_windows(spec, make_data(spec), ORIGINS)
    np.testing.assert_array_equal(predict(spec, weights, inputs), 0.0)


@crossed(
    9,
    cell=CELLS,
    changes={
        "plain": {},
        "unscaled": {"window_scaling": None},
        "stacked": {"linear_skip": False, "units": (3, 2)},
        "everything": {"n_outputs": 2, "n_concurrent": 2, "n_shifted": 1, "horizon": 3},
        "regression": SHAPES["regression"],
        "strictly-past": SHAPES["strictly-past"],
    },
)
def test_the_network_is_the_formula_of_the_documentation(cell, changes):
    spec = make_spec(cell=cell, **changes)
    weights = make_weights(spec)
    inputs = make_windows(spec, make_data(spec), ORIGINS)
    expected = references.forecast(
        spec, weights, inputs["window"], inputs.get("future")
    )
    predicted = predict(spec, weights, inputs)
    assert predicted.shape == (len(ORIGINS), spec.horizon, spec.n_outputs)
    np.testing.assert_allclose(predicted, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_fused_and_plain_networks_give_the_same_numbers(cell):
    spec = make_spec(cell=cell, units=(3, 2), n_concurrent=1, bidirectional=True)
    weights = make_weights(spec)
    inputs = make_windows(spec, make_data(spec), ORIGINS)
    fused = build_network(spec, fused=True).model
    for variable, value in zip(fused.trainable_variables, weights, strict=True):
        variable.assign(value)
    np.testing.assert_allclose(fused(inputs), predict(spec, weights, inputs), atol=1e-5)


def run_trainer(spec, inputs):
    """Return forecasts in units of the window, naive forecasts, and those units."""
    network, weights = build_network(spec), make_weights(spec)
    variables = network.trainer.trainable_variables
    for variable, value in zip(variables, weights, strict=True):
        variable.assign(value)
    return [np.array(part) for part in network.trainer(inputs)]


def test_the_trainer_gives_the_forecast_in_units_of_the_window():
    spec = make_spec(n_outputs=2)
    inputs = make_windows(spec, make_data(spec), ORIGINS)
    out, center, unit = run_trainer(spec, inputs)
    own_past = inputs["window"]
    np.testing.assert_array_equal(center, own_past[:, -1:])
    np.testing.assert_allclose(unit, own_past.std(axis=1, keepdims=True), rtol=1e-5)
    forecast = predict(spec, make_weights(spec), inputs)
    np.testing.assert_allclose(center + unit * out, forecast, rtol=1e-5, atol=1e-6)


def test_window_scaling_does_not_blow_up_constant_windows():
    spec = make_spec()
    noise = 1e-5 * np.random.default_rng(0).standard_normal((1, 4, 1))
    flat = np.full((1, 4, 1), 5.0)
    windows = {"window": np.concatenate([flat, flat + noise]).astype("float32")}
    (of_flat, of_noise), center, unit = run_trainer(spec, windows)
    np.testing.assert_allclose(unit, SPREAD_FLOOR)
    np.testing.assert_allclose(center, 5.0, atol=1e-4)
    # Noise in the last digits must stay noise, not become a window of unit spread.
    np.testing.assert_allclose(of_noise, of_flat, atol=1e-3)


def test_window_scaling_follows_level_and_spread():
    spec = make_spec(n_outputs=2)
    weights = make_weights(spec)
    window = make_windows(spec, make_data(spec), ORIGINS)["window"]
    predicted = predict(spec, weights, {"window": window})
    level, spread = np.array([100.0, -3.0]), np.array([8.0, 2.0])
    moved = predict(
        spec, weights, {"window": (level + spread * window).astype("float32")}
    )
    np.testing.assert_allclose(moved, level + spread * predicted, rtol=1e-3)


def test_window_scaling_leaves_exogenous_columns_their_level():
    spec = make_spec(n_shifted=1)
    weights = make_weights(spec)
    window = make_windows(spec, make_data(spec), ORIGINS)["window"]
    higher = window + np.array([0.0, 1.0], "float32")
    change = predict(spec, weights, {"window": higher}) - predict(
        spec, weights, {"window": window}
    )
    assert np.abs(change).min() > 1e-3


def test_a_later_row_of_concurrent_features_changes_no_earlier_step():
    spec = make_spec(n_concurrent=2, horizon=4)
    weights = make_weights(spec)
    inputs = make_windows(spec, make_data(spec), ORIGINS)
    before = predict(spec, weights, inputs)
    for step in range(1, spec.horizon):
        future = inputs["future"].copy()
        future[:, step] += 1.0
        after = predict(spec, weights, inputs | {"future": future})
        changed = (after != before).any(axis=(0, 2))
        assert changed.tolist() == [k == step for k in range(spec.horizon)]


def test_a_restored_model_has_layers_of_keras_alone_and_float32_weights():
    spec = make_spec(units=(3, 2), bidirectional=True)
    model = restore_model(spec, make_weights(spec))
    # `Bidirectional` hides the layers that it wraps.
    layers = model._flatten_layers(include_self=False)
    assert all(type(layer).__module__.startswith("keras.") for layer in layers)
    assert {v.dtype for v in model.trainable_variables} == {"float32"}


def test_equal_specifications_are_equal_keys_and_others_are_not():
    spec = make_spec()
    assert make_spec() == spec
    assert hash(make_spec()) == hash(spec)
    others = [
        dataclasses.replace(spec, **{field.name: "other"})
        for field in dataclasses.fields(spec)
    ]
    assert len({spec, *others}) == 1 + len(others)
