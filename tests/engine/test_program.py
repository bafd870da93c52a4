"""Compiled training, validation and forecasting against plain Keras loops."""

import functools
import gc
import json
import threading
import weakref
from dataclasses import replace

import numpy as np
import pytest

from skl_lstm._engine import program as program_module
from skl_lstm._engine.backend import keras, tf
from skl_lstm._engine.cache import PROGRAMS, ProgramCache
from skl_lstm._engine.config import (
    serialize_loss,
    serialize_optimizer,
    serialize_regularizer,
)
from skl_lstm._engine.network import build_network, restore_model
from skl_lstm._engine.program import Program
from skl_lstm._engine.rows import Data
from tests.engine import make_data, make_spec, make_weights, make_windows

# Each is a program of its own. The simple cell has no path of its own through one: its
# cases are in `make test-slow`.
CELLS = ["lstm", "gru", pytest.param("rnn", marks=pytest.mark.slow)]
# For what the cell has no part in.
first_cell = pytest.mark.parametrize(
    "cell", ["lstm", *(pytest.param(c, marks=pytest.mark.slow) for c in ("gru", "rnn"))]
)
EXACT = {"rtol": 1e-5, "atol": 1e-5}
RATES = np.linspace(0.05, 0.02, 6, dtype="float32")
# A norm that the gradients exceed, so that clipping shows.
CLIPPED = {"global_clipnorm": 0.05}
OPTIMIZERS = {
    "adam": keras.optimizers.Adam(**CLIPPED),
    "rmsprop": keras.optimizers.RMSprop(**CLIPPED),
    "sgd-momentum": keras.optimizers.SGD(momentum=0.9, nesterov=True, **CLIPPED),
    "adamw": keras.optimizers.AdamW(weight_decay=0.1, **CLIPPED),
    "clipvalue": keras.optimizers.SGD(clipvalue=0.01),
    "clipnorm": keras.optimizers.SGD(clipnorm=0.01),
    "accumulating": keras.optimizers.Adam(gradient_accumulation_steps=2),
    "not-elementwise": keras.optimizers.Adafactor(),
    "schedule": keras.optimizers.SGD(
        keras.optimizers.schedules.PiecewiseConstantDecay([2, 4], [0.1, 0.05, 0.01])
    ),
}


# Tracing takes most of the time of these tests.
get_program = functools.cache(Program)


def make_batches(spec, n_steps, n_rows=40, seed=0):
    """Draw the origins of complete batches."""
    rng = np.random.default_rng(seed)
    last = n_rows - spec.horizon
    shape = (n_steps, spec.batch_size)
    return rng.integers(spec.window_length, last + 1, shape).astype("int32")


def cut_targets(spec, data, origins):
    return np.stack([data.y[o : o + spec.horizon] for o in origins])


def train_with_keras(spec, optimizer, weights, data, batches, rates):
    """Train plain Keras layers, one variable per weight, one tape per step."""
    trainer = build_network(spec).trainer
    variables = trainer.trainable_variables
    for variable, value in zip(variables, weights, strict=True):
        variable.assign(value)
    optimizer = type(optimizer).from_config(optimizer.get_config())
    optimizer.build(variables)
    has_schedule = isinstance(optimizer.get_config()["learning_rate"], dict)
    loss_function = keras.losses.deserialize(json.loads(spec.loss))
    losses, norms = [], []
    for origins, rate in zip(batches, rates, strict=True):
        origins = origins[origins >= 0]
        targets = cut_targets(spec, data, origins)
        with tf.GradientTape() as tape:
            out, center, unit = trainer(make_windows(spec, data, origins))
            scaled = (targets - center) / unit
            known = np.isfinite(targets)
            units = np.broadcast_to(unit, targets.shape)[known]
            loss = loss_function(
                scaled[known][:, None],
                out[known][:, None],
                sample_weight=units / units.mean(),
            )
            loss = tf.add_n([loss, *trainer.losses])
        gradients = tape.gradient(loss, variables)
        if not has_schedule:
            optimizer.learning_rate = rate
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        losses.append(float(loss))
        norms.append(float(tf.linalg.global_norm(gradients)))
    return [v.numpy() for v in variables], losses, norms


def train(spec, weights, data, batches, rates=RATES, program=None):
    program = get_program(spec) if program is None else program
    state = program.start(weights, np.random.default_rng(0))
    state, losses = program.train(state, data, batches, rates)
    return program.unpack(state.weights), losses


def assert_weights(found, expected):
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, **EXACT)


# Training ---------------------------------------------------------------------


def test_weights_of_rows_weigh_the_loss():
    spec = make_spec(horizon=1, batch_size=2)
    program, weighted = get_program(spec), get_program(replace(spec, weighted=True))
    data, weights = make_data(spec), make_weights(spec)
    counts = np.random.default_rng(1).integers(0, 4, size=len(data.y))
    own = data._replace(weights=(counts.astype("float32"),))
    origins = np.arange(4, 30, dtype="int32")
    found = weighted.validate(weighted.pack(weights), own, origins.reshape(-1, 2))
    repeated = np.repeat(origins, counts[origins])[:, None]
    expected = program.validate(program.pack(weights), data, repeated)
    assert found == pytest.approx(expected, rel=1e-5)
    # In training a batch of little weight takes a little step, in that proportion.
    batch = origins[None, :2]
    equal = data._replace(weights=(np.full(len(data.y), 0.5, "float32"),))
    state = weighted.start(weights, np.random.default_rng(0))
    _, halved = weighted.train(state, equal, batch, RATES[:1])
    state = program.start(weights, np.random.default_rng(0))
    _, whole = program.train(state, data, batch, RATES[:1])
    np.testing.assert_allclose(halved, whole / 2, rtol=1e-6)


def list_optimizers():
    """Some for `make test`, each of a way of its own; the rest for `make test-slow`."""
    sample = {"adam", "clipvalue", "not-elementwise", "schedule"}
    for name in OPTIMIZERS:
        yield pytest.param(
            "lstm", name, marks=[] if name in sample else pytest.mark.slow
        )
    yield "gru", "adam"


@pytest.mark.parametrize(("cell", "name"), list_optimizers())
def test_steps_of_every_optimizer_equal_plain_keras(cell, name):
    optimizer = OPTIMIZERS[name]
    spec = make_spec(cell=cell, optimizer=serialize_optimizer(optimizer)[0])
    weights, data = make_weights(spec), make_data(spec)
    batches = make_batches(spec, len(RATES))
    found, losses = train(spec, weights, data, batches)
    expected, expected_losses, norms = train_with_keras(
        spec, optimizer, weights, data, batches, RATES
    )
    if optimizer.global_clipnorm:
        assert min(norms) > optimizer.global_clipnorm
    np.testing.assert_allclose(losses, expected_losses, **EXACT)
    assert_weights(found, expected)
    assert max(np.abs(f - w).max() for f, w in zip(found, weights, strict=True)) > 1e-3


NETWORKS = {
    "everything": {
        "units": (3, 2),
        "n_outputs": 2,
        "n_concurrent": 2,
        "n_shifted": 1,
        "horizon": 3,
        "kernel_regularizer": serialize_regularizer("l2"),
    },
    "regression": {
        "autoregressive": False,
        "n_concurrent": 1,
        "n_shifted": 2,
        "horizon": 1,
        "window_scaling": None,
        "loss": serialize_loss("mse"),
    },
    "both-directions": {
        "bidirectional": True,
        "linear_skip": False,
        "loss": serialize_loss("mae"),
    },
    "tutorial": {
        "activation": "relu",
        "window_scaling": None,
        "loss": serialize_loss("mse"),
    },
    "compiled": {"compiled_loop": True, "batch_size": 16},
}


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("lstm", "everything"),
        ("lstm", "regression"),
        ("lstm", "both-directions"),
        ("lstm", "tutorial"),
        pytest.param("gru", "everything", marks=pytest.mark.slow),
        ("gru", "regression"),
        ("gru", "compiled"),
    ],
)
def test_steps_of_every_network_equal_plain_keras(cell, name):
    optimizer = OPTIMIZERS["adam"]
    spec = make_spec(
        cell=cell, optimizer=serialize_optimizer(optimizer)[0], **NETWORKS[name]
    )
    weights, data = make_weights(spec, scale=0.3), make_data(spec)
    batches = make_batches(spec, 4)
    found, losses = train(spec, weights, data, batches, RATES[:4])
    expected, expected_losses, _ = train_with_keras(
        spec, optimizer, weights, data, batches, RATES[:4]
    )
    np.testing.assert_allclose(losses, expected_losses, **EXACT)
    assert_weights(found, expected)


@first_cell
def test_missing_targets_count_in_no_loss(cell):
    optimizer = OPTIMIZERS["sgd-momentum"]
    spec = make_spec(
        cell=cell,
        autoregressive=False,
        n_concurrent=2,
        n_outputs=2,
        window_scaling=None,
        optimizer=serialize_optimizer(optimizer)[0],
    )
    weights, data = make_weights(spec), make_data(spec)
    data.y[5:12, 0] = np.nan
    data.y[9:30, 1] = np.nan
    batches = make_batches(spec, 4)
    found, losses = train(spec, weights, data, batches, RATES[:4])
    expected, expected_losses, _ = train_with_keras(
        spec, optimizer, weights, data, batches, RATES[:4]
    )
    assert np.isfinite(losses).all()
    np.testing.assert_allclose(losses, expected_losses, **EXACT)
    assert_weights(found, expected)


def test_a_batch_without_any_target_changes_nothing():
    spec = make_spec(
        autoregressive=False,
        n_concurrent=1,
        window_scaling=None,
        optimizer=serialize_optimizer("sgd")[0],
    )
    weights, data = make_weights(spec), make_data(spec)
    data.y[:] = np.nan
    found, losses = train(spec, weights, data, make_batches(spec, 2), RATES[:2])
    np.testing.assert_array_equal(losses, 0.0)
    assert_weights(found, weights)


@first_cell
def test_a_filled_up_batch_equals_the_smaller_batch(cell):
    large, small = (make_spec(cell=cell, batch_size=size) for size in (16, 5))
    weights, data = make_weights(large), make_data(large)
    batches = make_batches(small, 3)
    filled = np.pad(batches, ((0, 0), (0, 11)), constant_values=-1)
    found, losses = train(large, weights, data, filled, RATES[:3])
    expected, expected_losses = train(small, weights, data, batches, RATES[:3])
    np.testing.assert_allclose(losses, expected_losses, **EXACT)
    assert_weights(found, expected)


def test_training_can_be_cut_into_calls_anywhere():
    spec = make_spec(dropout=0.3, units=(3, 2))
    program, data = get_program(spec), make_data(spec)
    batches = make_batches(spec, 6)
    first = program.start(make_weights(spec), np.random.default_rng(0))
    whole, losses = program.train(first, data, batches, RATES)
    state, parts = first, []
    for some in ([0], [1, 2, 3], [4, 5]):
        state, part = program.train(state, data, batches[some], RATES[some])
        parts.append(part)
    np.testing.assert_array_equal(np.concatenate(parts), losses)
    for ours, theirs in zip(
        tf.nest.flatten(state), tf.nest.flatten(whole), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_fits_that_share_a_program_do_not_mix_their_numbers():
    spec = make_spec()
    weights, data = make_weights(spec), make_data(spec)
    batches = make_batches(spec, 6)
    alone, _ = train(spec, weights, data, batches)
    program = get_program(spec)
    states = [
        program.start(w, np.random.default_rng(0))
        for w in (weights, make_weights(spec, seed=5))
    ]
    series = [data, make_data(spec, seed=7)]
    for step in range(len(batches)):
        for i in (0, 1):
            states[i], _ = program.train(
                states[i], series[i], batches[[step]], RATES[[step]]
            )
    np.testing.assert_array_equal(
        np.concatenate([w.ravel() for w in program.unpack(states[0].weights)]),
        np.concatenate([w.ravel() for w in alone]),
    )


def test_threads_that_share_a_program_get_the_serial_numbers():
    spec = make_spec()
    series = [make_data(spec, seed=seed) for seed in range(4)]
    weights, batches = make_weights(spec), make_batches(spec, 6)
    serial = [train(spec, weights, data, batches)[0] for data in series]
    program, found = Program(spec), {}

    def fit(i):
        found[i] = train(spec, weights, series[i], batches, program=program)[0]

    threads = [threading.Thread(target=fit, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i in range(4):
        for ours, theirs in zip(found[i], serial[i], strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_batch_sizes_cut_alike_share_a_program():
    def get(**changes):
        return cache.get(make_spec(**changes))

    cache = ProgramCache(limit=8)
    assert get(batch_size=16) is get(batch_size=50) is get(batch_size=130)
    assert get(batch_size=5) is get(batch_size=33)
    # One part, three parts, and a size that XLA must know.
    assert get(batch_size=5) is not get(batch_size=16) is not get(batch_size=192)
    compiled = {"cell": "gru", "compiled_loop": True}
    assert get(batch_size=16, **compiled) is not get(batch_size=32, **compiled)
    assert all(p.spec.shared() == p.spec == spec for spec, p in cache._programs.items())


@first_cell
def test_a_shared_program_trains_with_batches_of_every_size(cell):
    optimizer = OPTIMIZERS["adam"]
    serialized = serialize_optimizer(optimizer)[0]
    for size in (16, 50):
        spec = make_spec(cell=cell, batch_size=size, optimizer=serialized)
        weights, data = make_weights(spec), make_data(spec)
        batches = make_batches(spec, 3)
        program = get_program(spec.shared())
        found, losses = train(spec, weights, data, batches, RATES[:3], program)
        expected, expected_losses, _ = train_with_keras(
            spec, optimizer, weights, data, batches, RATES[:3]
        )
        np.testing.assert_allclose(losses, expected_losses, **EXACT)
        assert_weights(found, expected)


def test_training_leaves_the_given_weights_alone():
    spec = make_spec()
    weights = make_weights(spec)
    train(spec, weights, make_data(spec), make_batches(spec, 6))
    assert_weights(weights, make_weights(spec))


@pytest.mark.parametrize(
    "changes",
    [{"dropout": 0.5}, {"recurrent_dropout": 0.5, "cell": "gru"}],
    ids=["outputs", "state"],
)
def test_dropout_is_drawn_anew_each_step_from_the_given_generator(changes):
    spec = make_spec(optimizer=serialize_optimizer("sgd")[0], **changes)
    program, data = get_program(spec), make_data(spec)
    # No learning, the same windows: losses differ by what is dropped alone.
    batches, rates = np.repeat(make_batches(spec, 1), 4, axis=0), np.zeros(4, "float32")

    def find_losses(seed):
        state = program.start(make_weights(spec), np.random.default_rng(seed))
        return program.train(state, data, batches, rates)[1]

    losses = find_losses(0)
    assert len(set(losses)) == 4
    np.testing.assert_array_equal(find_losses(0), losses)
    assert not np.array_equal(find_losses(1), losses)


def test_packing_keeps_order_and_shape_of_weights():
    for optimizer in ("adam", "adafactor"):
        spec = make_spec(optimizer=serialize_optimizer(optimizer)[0], units=(3, 2))
        program, weights = Program(spec), make_weights(spec)
        packed = program.pack(weights)
        assert len(packed) == (1 if optimizer == "adam" else len(weights))
        for again, weight in zip(program.unpack(packed), weights, strict=True):
            np.testing.assert_array_equal(again, weight)


# Validation -------------------------------------------------------------------


def test_validation_is_the_weighted_loss_over_all_windows_without_dropout():
    spec = make_spec(dropout=0.5, loss=serialize_loss("mse"))
    weights, data = make_weights(spec), make_data(spec)
    origins = np.arange(6, 26)
    batches = np.pad(origins, (0, 4), constant_values=-1).reshape(3, 8).astype("int32")
    program = get_program(spec)
    found = program.validate(program.pack(weights), data, batches)
    predicted = np.array(
        restore_model(spec, weights)(make_windows(spec, data, origins))
    )
    unit = np.stack([data.y[o - 4 : o].std(axis=0) for o in origins])[:, None]
    unit = np.broadcast_to(np.maximum(unit, 0.1), predicted.shape)
    miss = (predicted - cut_targets(spec, data, origins)) / unit
    assert found == pytest.approx(np.average(miss**2, weights=unit), rel=1e-5)


def test_missing_targets_count_in_no_validation_loss():
    spec = make_spec(
        autoregressive=False, n_concurrent=1, horizon=1, window_scaling=None
    )
    program, data = get_program(spec), make_data(spec)
    weights = program.pack(make_weights(spec))
    known = np.arange(6, 14, dtype="int32")[None]
    expected = program.validate(weights, data, known)
    data.y[20:28] = np.nan
    unknown = np.arange(20, 28, dtype="int32")[None]
    both = np.concatenate([known, unknown])
    assert program.validate(weights, data, both) == pytest.approx(expected, rel=1e-6)


# Forecasting ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("lstm", "everything"),
        ("lstm", "regression"),
        ("gru", "everything"),
        ("gru", "compiled"),
    ],
)
def test_one_block_equals_the_plain_keras_model(cell, name):
    spec = make_spec(cell=cell, **NETWORKS[name])
    weights, data = make_weights(spec), make_data(spec)
    origins = np.array([4, 7, 20, 30])
    found = get_program(spec).forecast(weights, data, origins, spec.horizon)
    model = restore_model(spec, weights)
    expected = model.predict_on_batch(make_windows(spec, data, origins))
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, expected, **EXACT)


@pytest.mark.parametrize(("cell", "horizon"), [("lstm", 1), ("lstm", 3), ("gru", 3)])
def test_a_rollout_equals_one_call_per_block(cell, horizon):
    spec = make_spec(
        cell=cell, horizon=horizon, n_concurrent=1, n_shifted=1, n_outputs=2
    )
    weights, data = make_weights(spec, scale=0.3), make_data(spec)
    program, origin, n_steps = get_program(spec), 20, 9
    whole = program.forecast(weights, data, np.array([origin]), n_steps)[0]
    y = data.y.copy()
    for step in range(0, n_steps, horizon):
        block = program.forecast(
            weights, Data(y, data.X), np.array([origin + step]), horizon
        )
        y[origin + step : origin + step + horizon] = block[0]
    np.testing.assert_allclose(whole, y[origin : origin + n_steps], rtol=1e-6)


def test_a_shorter_rollout_is_the_beginning_of_a_longer_one():
    spec = make_spec(horizon=3)
    weights, data, program = make_weights(spec), make_data(spec), get_program(spec)
    origins = np.array([10, 20])
    long = program.forecast(weights, data, origins, 11)
    assert long.shape == (2, 11, 1)
    for n_steps in (1, 2, 3, 4, 7):
        short = program.forecast(weights, data, origins, n_steps)
        np.testing.assert_array_equal(short, long[:, :n_steps])


def test_a_forecast_does_not_read_targets_from_its_origin_on():
    spec = make_spec(horizon=2)
    weights, data, program = make_weights(spec), make_data(spec), get_program(spec)
    expected = program.forecast(weights, data, np.array([20]), 7)
    data.y[20:] = np.nan
    found = program.forecast(weights, data, np.array([20]), 7)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("horizon", [1, 3])
def test_a_later_row_of_concurrent_features_changes_no_earlier_forecast(horizon):
    spec = make_spec(horizon=horizon, n_concurrent=1)
    weights, data, program = make_weights(spec), make_data(spec), get_program(spec)
    origin, n_steps = 20, 7
    before = program.forecast(weights, data, np.array([origin]), n_steps)[0]
    for step in range(n_steps):
        X = data.X.copy()
        X[origin + step] += 1.0
        moved = Data(data.y, X)
        after = program.forecast(weights, moved, np.array([origin]), n_steps)[0]
        np.testing.assert_array_equal(after[:step], before[:step])
        assert np.abs(after[step] - before[step]).min() > 1e-4


def test_shifted_features_count_from_the_step_after_them():
    spec = make_spec(horizon=1, n_shifted=1)
    weights, data, program = make_weights(spec), make_data(spec), get_program(spec)
    before = program.forecast(weights, data, np.array([20]), 3)[0]
    X = data.X.copy()
    X[20] += 1.0
    after = program.forecast(weights, Data(data.y, X), np.array([20]), 3)[0]
    np.testing.assert_array_equal(after[0], before[0])
    assert np.abs(after[1] - before[1]).min() > 1e-4


def test_many_origins_are_forecast_in_chunks_with_the_same_numbers(monkeypatch):
    spec = make_spec()
    weights, data = make_weights(spec), make_data(spec, n_rows=80)
    program, origins = get_program(spec), np.arange(4, 78)
    whole = program.forecast(weights, data, origins, 3)
    monkeypatch.setattr(program_module, "FORECAST_CHUNK_FLOATS", 1)
    chunked = program.forecast(weights, data, origins, 3)
    np.testing.assert_allclose(chunked, whole, rtol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("n_origins", [64, 65, 67])
def test_windows_forecast_in_parts_are_those_forecast_together(cell, n_origins):
    spec = make_spec(cell=cell)
    weights, data = make_weights(spec), make_data(spec, n_rows=80)
    program, origins = get_program(spec), np.arange(4, 4 + n_origins)
    parts = program.forecast(weights, data, origins, 3)
    halves = np.array_split(origins, 2)
    few = [program.forecast(weights, data, half, 3) for half in halves]
    assert len(parts) == n_origins
    np.testing.assert_allclose(parts, np.concatenate(few), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_nothing_is_traced_again_for_other_lengths(cell):
    spec = make_spec(cell=cell, n_concurrent=1)
    # A program of its own, which no other test has traced.
    program, weights = Program(spec), make_weights(spec)
    seen = set()
    for n_rows, n_origins, n_steps in [(40, 1, 1), (63, 9, 5), (100, 33, 30)]:
        data = make_data(spec, n_rows)
        program.forecast(weights, data, np.arange(10, 10 + n_origins), n_steps)
        program.forecast(weights, data, np.full(63 + n_origins, 10), n_steps)
        batches = make_batches(spec, n_origins, n_rows)
        program.validate(program.pack(weights), data, batches)
        state = program.start(weights, np.random.default_rng(0))
        program.train(state, data, batches, np.full(n_origins, 0.1, "float32"))
        forecasts = [program._forecast_few, program._forecast_many]
        traced = [*forecasts, program._validate, program._train]
        seen.add(tuple(id(t._concrete) for t in traced))
        counts = [t._function.experimental_get_tracing_count() for t in traced]
        assert counts == [1, 1, 1, 1]
    assert len(seen) == 1


# Cache ------------------------------------------------------------------------


@pytest.fixture
def cache(monkeypatch):
    """Give a cache of the usual size whose programs cost nothing."""
    monkeypatch.setattr(program_module, "Program", lambda spec: object())
    return ProgramCache(limit=PROGRAMS.limit)


def make_specs(n):
    return [make_spec(window_length=length) for length in range(1, n + 1)]


def test_the_cache_keeps_sixteen_programs(cache):
    assert PROGRAMS.limit == 16
    for spec in make_specs(40):
        cache.get(spec)
    assert len(cache) == 16
    assert cache.n_built == 40


def test_equal_specifications_share_a_program(cache):
    assert cache.get(make_spec()) is cache.get(make_spec())
    assert cache.get(make_spec()) is not cache.get(make_spec(horizon=5))
    assert cache.n_built == 2


def test_the_least_recently_used_program_is_dropped(cache):
    specs = make_specs(17)
    programs = [cache.get(spec) for spec in specs[:16]]
    assert cache.get(specs[0]) is programs[0]
    cache.get(specs[16])
    assert cache.get(specs[0]) is programs[0]
    assert cache.get(specs[2]) is programs[2]
    assert cache.get(specs[1]) is not programs[1]


def test_a_cleared_cache_builds_anew(cache):
    before = cache.get(make_spec())
    cache.clear()
    assert len(cache) == 0
    assert cache.get(make_spec()) is not before


def test_threads_build_a_program_once(monkeypatch):
    cache, built = ProgramCache(limit=16), []
    barrier, found = threading.Barrier(4), []
    monkeypatch.setattr(program_module, "Program", lambda s: built.append(s) or [s])

    def get():
        barrier.wait()
        found.append(cache.get(make_spec()))

    threads = [threading.Thread(target=get) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert all(program is found[0] for program in found)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_dropped_program_leaves_nothing_behind(cell):
    program = Program(make_spec(cell=cell))
    weights, data = make_weights(program.spec), make_data(program.spec)
    train(program.spec, weights, data, make_batches(program.spec, 6), program=program)
    graph = weakref.ref(program._train._concrete.graph)
    del program
    gc.collect()
    assert graph() is None
