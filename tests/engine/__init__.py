"""Tests of the engine, and what they share."""

import numpy as np

from skl_lstm._engine.config import serialize_loss, serialize_optimizer
from skl_lstm._engine.rows import Data
from skl_lstm._engine.spec import NetworkSpec


def make_spec(**changes):
    """Return the specification of a small network, changed in some fields."""
    fields = {
        "cell": "lstm",
        "units": (3,),
        "window_length": 4,
        "horizon": 2,
        "n_outputs": 1,
        "n_concurrent": 0,
        "n_shifted": 0,
        "autoregressive": True,
        "bridges_gaps": False,
        "window_scaling": "standard",
        "linear_skip": True,
        "activation": "tanh",
        "known_in_window": True,
        "dropout": 0.0,
        "recurrent_dropout": 0.0,
        "bidirectional": False,
        "kernel_regularizer": None,
        "loss": serialize_loss("huber"),
        "optimizer": serialize_optimizer("adam")[0],
        "batch_size": 8,
        "compiled_loop": False,
    }
    return NetworkSpec(**(fields | changes))


def make_weights(spec, seed=0, scale=0.5):
    """Draw weights of which none is zero, so that every layer shows in the output."""
    rng = np.random.default_rng(seed)
    return [
        (scale * rng.standard_normal(shape)).astype("float32")
        for _, shape in spec.weight_shapes()
    ]


def make_data(spec, n_rows=40, seed=0):
    """Draw the rows of a series, in the scaler's units."""
    rng = np.random.default_rng(seed)
    y = rng.standard_normal((n_rows, spec.n_outputs)).cumsum(axis=0)
    X = rng.standard_normal((n_rows, spec.n_features))
    return Data(y.astype("float32"), X.astype("float32"))


def make_windows(spec, data, origins):
    """Cut the inputs of the windows with these origins, by plain slices."""
    own, known, shifted, future = [], [], [], []
    length = spec.window_length
    for o in origins:
        own.append(data.y[o - length : o])
        known.append(data.X[o + 1 - length : o + 1, : spec.n_concurrent])
        shifted.append(data.X[o - length : o, spec.n_concurrent :])
        future.append(data.X[o : o + spec.horizon, : spec.n_concurrent])
    columns = ([own] if spec.autoregressive else []) + [known, shifted]
    inputs = {"window": np.concatenate([np.stack(c) for c in columns], axis=-1)}
    if spec.sees_future:
        inputs["future"] = np.stack(future)
    return inputs
