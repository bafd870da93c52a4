"""The rows that programs read, and the windows cut out of them inside the graph."""

from typing import Any

import numpy as np

from skl_lstm._engine.backend import tf
from skl_lstm._engine.rows import Data, Tables
from skl_lstm._engine.spec import NetworkSpec


def data_signature(spec: NetworkSpec) -> Data | Tables:
    """Say in TensorFlow's words which arrays the programs of a network read."""
    if spec.n_decoded:
        length = spec.window_length + spec.horizon
        return Tables(
            tf.TensorSpec((None, length, spec.n_decoded)),
            tf.TensorSpec((None, spec.horizon, spec.n_outputs)),
        )
    targets = tf.TensorSpec((None, spec.n_outputs))
    following = tf.TensorSpec((None, spec.n_outputs), tf.int32)
    bridges = (targets, targets, following) if spec.bridges_gaps else ()
    weights = (tf.TensorSpec((None,)),) if spec.weighted else ()
    X = tf.TensorSpec((None, spec.n_features))
    return Data(targets, X, bridges, weights=weights)


def cut_own_past(spec: NetworkSpec, data: Data, origins: Any) -> Any:
    """Cut the target windows that end just before each origin, gaps bridged.

    Returns
    -------
    Tensor of shape (n_origins, window_length, n_outputs)
    """
    rows = _rows_around(origins, -spec.window_length, 0)
    if not spec.bridges_gaps:
        return tf.gather(data.y, rows)
    carried, between, following = (tf.gather(b, rows) for b in data.bridges)
    return tf.where(following < origins[:, None, None], between, carried)


def _rows_around(origins: Any, start: int, stop: int) -> Any:
    """Return the row numbers from ``start`` to ``stop`` off each origin."""
    # Offsets from NumPy: each operation counts, as every one of them is traced.
    return tf.expand_dims(origins, 1) + np.arange(start, stop, dtype="int32")


def add_exogenous(
    spec: NetworkSpec, own_past: Any, data: Data, origins: Any
) -> dict[str, Any]:
    """Put the exogenous windows of each origin beside the target's own past.

    Returns
    -------
    dict of str to Tensor
        The inputs of `network.build_network`.
    """
    columns = [own_past] if spec.autoregressive else []
    if not spec.n_features:
        return {"window": own_past}
    known, shifted = tf.split(data.X, [spec.n_concurrent, spec.n_shifted], axis=1)
    # The last block of a rollout may look past the rows that anyone asked for; those
    # forecasts are cut off by the caller.
    last_row = tf.shape(data.X)[0] - 1

    def cut(columns: Any, start: int, stop: int) -> Any:
        rows = _rows_around(origins, start, stop)
        return tf.gather(columns, tf.minimum(rows, last_row))

    if spec.n_concurrent and spec.known_in_window:
        columns.append(cut(known, 1 - spec.window_length, 1))
    if spec.n_shifted:
        columns.append(cut(shifted, -spec.window_length, 0))
    inputs = {"window": tf.concat(columns, axis=-1)}
    if spec.sees_future:
        inputs["future"] = cut(known, 0, spec.horizon)
    return inputs


def cut_targets(spec: NetworkSpec, data: Any, origins: Any) -> Any:
    """Cut the targets of the windows at ``origins``."""
    if spec.n_decoded:
        return tf.gather(data.y, origins)
    return tf.gather(data.y, _rows_around(origins, 0, spec.horizon))


def targets_of(spec: NetworkSpec, data: Any, origins: np.ndarray) -> np.ndarray:
    """Return the same as an array."""
    if spec.n_decoded:
        return data.y[origins]
    return data.y[origins[:, None] + np.arange(spec.horizon)]


def cut_inputs(spec: NetworkSpec, data: Any, origins: Any) -> dict[str, Any]:
    """Cut all that the network reads of the windows at ``origins``."""
    if spec.n_decoded:
        return {"window": tf.gather(data.window, origins)}
    return add_exogenous(spec, cut_own_past(spec, data, origins), data, origins)
