"""The fused layers against Keras' layers and a slow NumPy version."""

import numpy as np
import pytest

from skl_lstm._engine.backend import keras, tf
from skl_lstm._engine.cells import (
    FUSED_LAYERS,
    KERAS_LAYERS,
    FusedGRU,
    FusedLSTM,
    cut_into,
    lstm_sequence,
)
from skl_lstm._engine.spec import n_parts, pays_to_compile
from tests import references

EXACT = {"rtol": 1e-5, "atol": 1e-5}
N_STEPS, N_INPUTS, UNITS = 6, 3, 4

slow = pytest.mark.slow
VARIANTS = [
    pytest.param("lstm", {}, id="lstm"),
    pytest.param("gru", {"compiled_loop": False}, id="gru"),
    pytest.param("gru", {"compiled_loop": True}, id="gru-compiled"),
]
# XLA compiles for seconds: what is the same but for that is left to `make test-slow`.
COMPILED_SLOW = [
    *VARIANTS[:2],
    pytest.param("gru", {"compiled_loop": True}, id="gru-compiled", marks=slow),
]
# Odd, cut in two, cut in three.
BATCHES = [5, 16, 192]


def draw(batch, n_steps=N_STEPS, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((batch, n_steps, N_INPUTS)).astype("float32")


def draw_like(array, seed=1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(np.shape(array)).astype("float32")


def give_biases(layer):
    """Replace the biases, most of which Keras starts at zero."""
    for weight in layer.weights:
        if "bias" in weight.name:
            weight.assign(weight + 0.3 * draw_like(weight))


def make_pair(cell, options, **shared):
    """Return a fused layer and Keras' own with the same weights, built."""
    # Of weights drawn anew for each run, some would miss a bound of rounding errors.
    shared |= {
        "kernel_initializer": keras.initializers.GlorotUniform(seed=0),
        "recurrent_initializer": keras.initializers.Orthogonal(seed=0),
    }
    fused = FUSED_LAYERS[cell](UNITS, **options, **shared)
    plain = KERAS_LAYERS[cell](UNITS, **shared)
    for layer in (fused, plain):
        layer.build((None, N_STEPS, N_INPUTS))
    give_biases(plain)
    fused.set_weights(plain.get_weights())
    return fused, plain


def run(layer, x, training=False, in_graph=False):
    """Return outputs, and the gradients of inputs and weights as Keras orders them."""
    upstream = draw_like(np.empty(layer.compute_output_shape(x.shape)))

    def differentiate(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            out = layer(x, training=training)
            loss = tf.reduce_sum(out * upstream)
        return out, tape.gradient(loss, [x, *layer.trainable_variables])

    if in_graph:
        differentiate = tf.function(differentiate, autograph=False)
    out, gradients = differentiate(tf.constant(x))
    return np.array(out), [np.array(g) for g in gradients]


@pytest.mark.parametrize(("cell", "options"), VARIANTS)
@pytest.mark.parametrize("batch", BATCHES)
def test_static_shapes_reach_the_next_layer(cell, options, batch):
    # Of a stack, XLA compiles only the layers whose shapes are known.
    layer = FUSED_LAYERS[cell](UNITS, return_sequences=True, **options)
    call = tf.function(lambda x: layer(x, training=True), autograph=False)
    traced = call.get_concrete_function(tf.TensorSpec((batch, N_STEPS, N_INPUTS)))
    assert tuple(traced.outputs[0].shape) == (batch, N_STEPS, UNITS)


@pytest.mark.parametrize(
    ("cell", "n_steps", "window_length", "n_layers", "expected"),
    [
        ("gru", 100, 25, 1, True),
        ("gru", 50, 25, 2, True),
        ("gru", 50, 25, 1, False),
        ("lstm", 10_000, 100, 2, False),
    ],
)
def test_long_trainings_of_a_gru_are_compiled(
    cell, n_steps, window_length, n_layers, expected
):
    assert pays_to_compile(cell, n_steps, window_length, n_layers) is expected


def run_fused(layer, x, options, training=False):
    # A compiled loop has gradients in a graph only, as the engine runs it.
    return run(layer, x, training, in_graph=options.get("compiled_loop", False))


def assert_same(ours, theirs):
    (out, gradients), (expected, expected_gradients) = ours, theirs
    np.testing.assert_allclose(out, expected, **EXACT)
    assert len(gradients) == len(expected_gradients)
    for gradient, reference in zip(gradients, expected_gradients, strict=True):
        assert np.abs(reference).max() > 1e-3
        np.testing.assert_allclose(gradient, reference, **EXACT)


def run_reference(function, x, weights):
    arrays = [np.asarray(a, dtype=float) for a in (x, *weights)]
    out = function(*arrays)
    return out, references.gradients(function, arrays, draw_like(out))


@pytest.mark.parametrize(
    ("cell", "options", "batch"),
    [
        pytest.param(
            *variant.values,
            batch,
            id=f"{variant.id}-{batch}",
            # Compiled, once; where a batch is cut is the same.
            marks=slow if variant is VARIANTS[2] and batch != 16 else [],
        )
        for variant in VARIANTS
        for batch in BATCHES
    ],
)
def test_sequences_and_gradients_equal_keras(cell, options, batch):
    fused, plain = make_pair(cell, options, return_sequences=True)
    x = draw(batch)
    assert_same(run_fused(fused, x, options), run(plain, x))


@pytest.mark.parametrize(("cell", "options"), VARIANTS)
def test_last_states_and_gradients_equal_keras(cell, options):
    fused, plain = make_pair(cell, options)
    x = draw(16)
    assert_same(run_fused(fused, x, options), run(plain, x))


@pytest.mark.parametrize(("cell", "options"), COMPILED_SLOW)
def test_sequences_and_gradients_equal_the_gate_equations(cell, options):
    fused, _ = make_pair(cell, options, return_sequences=True)
    x = draw(16)
    expected = run_reference(references.CELLS[cell], x, fused.get_weights())
    assert_same(run_fused(fused, x, options), expected)


@pytest.mark.parametrize(("cell", "options"), COMPILED_SLOW)
def test_last_states_and_gradients_equal_the_gate_equations(cell, options):
    fused, _ = make_pair(cell, options)
    x = draw(16)
    function = references.last_state(cell, n_layers=1)
    assert_same(
        run_fused(fused, x, options), run_reference(function, x, fused.get_weights())
    )


@pytest.mark.parametrize(("cell", "options"), VARIANTS)
def test_stacked_layers_equal_keras_and_the_gate_equations(cell, options):
    def stack(layers, options):
        return keras.Sequential(
            [
                keras.Input((N_STEPS, N_INPUTS)),
                layers[cell](UNITS, return_sequences=True, **options),
                layers[cell](2, **options),
            ]
        )

    fused, plain = stack(FUSED_LAYERS, options), stack(KERAS_LAYERS, {})
    give_biases(plain)
    fused.set_weights(plain.get_weights())
    x = draw(16)
    ours = run_fused(fused, x, options)
    assert_same(ours, run(plain, x))
    function = references.last_state(cell, n_layers=2)
    assert_same(ours, run_reference(function, x, plain.get_weights()))


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize(("cell", "options"), COMPILED_SLOW)
def test_both_directions_equal_keras(cell, options, return_sequences):
    fused, plain = (
        keras.layers.Bidirectional(layer)
        for layer in make_pair(cell, options, return_sequences=return_sequences)
    )
    for layer in (fused, plain):
        layer.build((None, N_STEPS, N_INPUTS))
    fused.set_weights(plain.get_weights())
    x = draw(16)
    assert_same(run_fused(fused, x, options), run(plain, x))
    # `Bidirectional` copies its layer by configuration: ours must survive that.
    for direction in (fused.forward_layer, fused.backward_layer):
        assert type(direction) is FUSED_LAYERS[cell]
        assert all(getattr(direction, name) == options[name] for name in options)


@pytest.mark.parametrize(("cell", "options"), VARIANTS)
def test_the_backward_direction_reads_from_the_end(cell, options):
    fused, plain = make_pair(cell, options, return_sequences=True, go_backwards=True)
    x = draw(5)
    assert_same(run_fused(fused, x, options), run(plain, x))
    expected = references.CELLS[cell](x[:, ::-1], *fused.get_weights())
    np.testing.assert_allclose(fused(x), expected, **EXACT)


@pytest.mark.parametrize("rate", ["dropout", "recurrent_dropout"])
@pytest.mark.parametrize(("cell", "options"), VARIANTS[:2])
def test_dropout_inside_the_recurrence_is_that_of_keras(cell, options, rate):
    shared = {rate: 0.5, "seed": 3, "return_sequences": True}
    fused, plain = make_pair(cell, options, **shared)
    x = draw(16)
    dropped = run_fused(fused, x, options, training=True)
    assert_same(dropped, run(plain, x, training=True))
    predicted = run_fused(fused, x, options, training=False)
    assert_same(predicted, run(plain, x, training=False))
    assert np.abs(dropped[0] - predicted[0]).max() > 0.01


@pytest.mark.parametrize(
    "shared",
    [{"activation": "relu"}, {"recurrent_activation": "hard_sigmoid"}],
    ids=["activation", "recurrent_activation"],
)
@pytest.mark.parametrize(("cell", "options"), VARIANTS[:2])
def test_other_activations_are_those_of_keras(cell, options, shared):
    fused, plain = make_pair(cell, options, return_sequences=True, **shared)
    x = draw(16)
    out = run_fused(fused, x, options)
    assert_same(out, run(plain, x))
    tanh, _ = make_pair(cell, options, return_sequences=True)
    tanh.set_weights(plain.get_weights())
    assert np.abs(out[0] - tanh(x)).max() > 1e-3


@pytest.mark.parametrize(("cell", "options"), VARIANTS[:2])
def test_masked_steps_are_skipped_as_in_keras(cell, options):
    fused, plain = make_pair(cell, options)
    x = draw(16)
    x[:7, -2:] = 0.0
    masking = keras.layers.Masking(0.0)
    masked = fused(masking(x))
    np.testing.assert_allclose(masked, plain(masking(x)), **EXACT)
    assert np.abs(masked - fused(x))[:7].max() > 1e-3


@pytest.mark.parametrize(("cell", "options"), VARIANTS[:2])
def test_any_batch_and_length_goes_through_one_graph(cell, options):
    fused, plain = make_pair(cell, options, return_sequences=True)
    graph = tf.function(fused).get_concrete_function(
        tf.TensorSpec((None, None, N_INPUTS))
    )
    for batch, n_steps in [(1, 1), (16, 6), (33, 9)]:
        x = draw(batch, n_steps)
        np.testing.assert_allclose(graph(tf.constant(x)), plain(x), **EXACT)


@pytest.mark.parametrize(("cell", "options"), VARIANTS[:2])
def test_batches_of_unknown_size_are_cut_when_they_come(cell, options):
    fused, plain = make_pair(cell, options, return_sequences=True)
    signature = tf.TensorSpec((None, N_STEPS, N_INPUTS))
    with cut_into(2):
        graph = tf.function(fused).get_concrete_function(signature)
    whole = tf.function(fused).get_concrete_function(signature)
    for batch in (16, 50):
        x = draw(batch)
        np.testing.assert_allclose(graph(tf.constant(x)), plain(x), **EXACT)
    n_operations = [len(g.graph.get_operations()) for g in (graph, whole)]
    assert n_operations[0] > n_operations[1]


@pytest.mark.parametrize(("cell", "options"), VARIANTS)
def test_a_single_step_equals_keras(cell, options):
    fused, plain = make_pair(cell, options)
    x = draw(16, n_steps=1)
    out, gradients = run_fused(fused, x, options)
    expected, expected_gradients = run(plain, x)
    np.testing.assert_allclose(out, expected, **EXACT)
    for gradient, reference in zip(gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(gradient, reference, **EXACT)


def test_a_batch_is_cut_into_equal_parts_only():
    assert n_parts(1) == n_parts(15) == n_parts(33) == 1
    assert (n_parts(16), n_parts(32), n_parts(130), n_parts(192)) == (2, 2, 2, 3)
    assert all(batch % n_parts(batch) == 0 for batch in range(1, 2000))


def test_the_fused_layers_keep_the_configuration_of_keras():
    layer = FusedGRU(2, compiled_loop=True, return_sequences=True)
    again = FusedGRU.from_config(layer.get_config())
    assert again.compiled_loop
    assert again.return_sequences
    plain = keras.layers.LSTM(2, name="same").get_config()
    assert FusedLSTM(2, name="same").get_config() == plain


def test_the_gradient_that_tensorflow_registers_is_wrong_and_ours_is_right():
    fused, _ = make_pair("lstm", {}, return_sequences=True)
    kernel, recurrent_kernel, bias = fused.get_weights()
    x = draw(5).transpose(1, 0, 2)
    inputs = [x, np.concatenate([kernel, recurrent_kernel]), bias]

    def registered(x, w, b):
        zeros, peephole = tf.zeros((5, UNITS)), tf.zeros(UNITS)
        return tf.raw_ops.BlockLSTMV2(
            seq_len_max=tf.constant(N_STEPS, tf.int64),
            x=x,
            cs_prev=zeros,
            h_prev=zeros,
            w=w,
            wci=peephole,
            wcf=peephole,
            wco=peephole,
            b=b,
            cell_clip=0.0,
            use_peephole=False,
        ).h

    def reference(x, w, b):
        parts = w[:N_INPUTS], w[N_INPUTS:], b
        return references.lstm(x.transpose(1, 0, 2), *parts).transpose(1, 0, 2)

    expected, right = run_reference(reference, x, inputs[1:])
    found = {}
    for name, function in {"theirs": registered, "ours": lstm_sequence}.items():
        tensors = [tf.constant(a) for a in inputs]
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            h = function(*tensors)
            loss = tf.reduce_sum(h * draw_like(h))
        np.testing.assert_allclose(h, expected, **EXACT)
        found[name] = tape.gradient(loss, tensors)
    for ours, theirs, truth in zip(found["ours"], found["theirs"], right, strict=True):
        np.testing.assert_allclose(ours, truth, **EXACT)
        assert np.abs(theirs - truth).max() > 0.01
