"""Forecasts of a few windows, in NumPy.

One call of a compiled program takes some milliseconds, whatever it computes, and the
first one of a process loads TensorFlow. The sums of a few windows take less than that.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from skl_lstm._engine.rows import Data
from skl_lstm._engine.spec import SPREAD_FLOOR, NetworkSpec

# Turns of the loops over time of all windows, and products of a turn, above which the
# program is faster.
MOST_TURNS = 200
MOST_PRODUCTS = 2**17
# How much more is faster than to trace the program for one forecast, too.
TIMES_ONCE = 24


def is_small(
    spec: NetworkSpec, n_origins: int, n_steps: int, *, once: bool = False
) -> bool:
    """Whether `forecast` is there for such a network, and faster than its program.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    n_origins, n_steps : int
        Windows, and steps to forecast from each.
    once : bool, default=False
        Whether nothing like it will be asked again: the program must be traced for it.
    """
    more = TIMES_ONCE if once else 1
    n_blocks = -(-n_steps // spec.horizon)
    n_layers = len(spec.units) * (2 if spec.bidirectional else 1)
    turns = n_origins * n_blocks * spec.window_length * n_layers
    products = n_origins * GATES[spec.cell] * max(spec.units) ** 2
    return (
        spec.activation == "tanh"
        and not spec.n_decoded
        and spec.encoder is None
        and spec.window_scaling in (None, "standard", "level")
        and turns <= more * MOST_TURNS
        and products <= more * MOST_PRODUCTS
    )


def forecast(
    spec: NetworkSpec,
    weights: Sequence[np.ndarray],
    data: Data,
    origins: np.ndarray,
    n_steps: int,
) -> np.ndarray:
    """Return what ``Program.forecast`` does, to the rounding of float32.

    Parameters
    ----------
    spec : NetworkSpec
        The network, see `is_small`.
    weights : sequence of ndarray
        In Keras' order.
    data : Data
        The series.
    origins : ndarray of int of shape (n_origins,)
        Row of the first forecast step.
    n_steps : int
        Steps to forecast.

    Returns
    -------
    ndarray of float32 of shape (n_origins, n_steps, n_outputs)
    """
    origins = np.asarray(origins)
    own_past = _cut_own_past(spec, data, origins)
    blocks = []
    for first in range(0, n_steps, spec.horizon):
        at = origins + first
        out = _run(spec, list(weights), own_past, data.X, at)
        blocks.append(out)
        own_past = np.concatenate([own_past, out], axis=1)[:, -spec.window_length :]
    return np.concatenate(blocks, axis=1)[:, :n_steps]


def _cut_own_past(spec: NetworkSpec, data: Data, origins: np.ndarray) -> np.ndarray:
    """Return the target windows of each origin, (n_origins, window_length, n_outputs).

    As ``data.cut_own_past`` does in a program.
    """
    rows = origins[:, None] + np.arange(-spec.window_length, 0)
    if not spec.bridges_gaps:
        return data.y[rows]
    carried, between, following = (bridge[rows] for bridge in data.bridges)
    return np.where(following < origins[:, None, None], between, carried)


def _run(
    spec: NetworkSpec,
    weights: list[np.ndarray],
    own_past: np.ndarray,
    X: np.ndarray,
    origins: np.ndarray,
) -> np.ndarray:
    """Run the network of ``network.build_network`` on the windows of one block."""

    def cut(columns: slice, offsets: np.ndarray) -> np.ndarray:
        return X[np.minimum(origins[:, None] + offsets, len(X) - 1), columns]

    known, shifted = slice(0, spec.n_concurrent), slice(spec.n_concurrent, None)
    z: Any = own_past
    center: Any = np.float32(0.0)
    unit: Any = np.float32(1.0)
    if spec.window_scaling and spec.autoregressive:
        center = own_past[:, -1:]
        unit = np.maximum(own_past.std(axis=1, keepdims=True), np.float32(SPREAD_FLOOR))
        z = (own_past - center) / unit
    columns = [z] if spec.autoregressive else []
    if spec.n_concurrent and spec.known_in_window:
        columns.append(cut(known, np.arange(1 - spec.window_length, 1)))
    if spec.n_shifted:
        columns.append(cut(shifted, np.arange(-spec.window_length, 0)))
    z = np.concatenate(columns, axis=-1)
    h, rest = _recurrent_part(spec, weights, z)
    kernel, bias, *rest = rest
    out = h @ kernel + bias
    if spec.linear_skip:
        if spec.window_scaling == "level" and spec.autoregressive:
            z[:, -1, : spec.n_outputs] = (center / unit)[:, 0]
        out += z.reshape(len(z), -1) @ rest.pop(0)
    out = out.reshape(-1, spec.horizon, spec.n_outputs)
    if spec.sees_future:
        out += cut(known, np.arange(spec.horizon)) @ rest.pop(0)
    return center + unit * out


def _recurrent_part(
    spec: NetworkSpec, weights: list[np.ndarray], z: np.ndarray
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the last hidden states, and the weights that are left."""
    run = SEQUENCES[spec.cell]
    hs = z.transpose(1, 0, 2)
    for _ in spec.units:
        forward, weights = run(hs, *weights[:3]), weights[3:]
        last = forward[-1]
        if spec.bidirectional:
            backward, weights = run(hs[::-1], *weights[:3]), weights[3:]
            last = np.concatenate([last, backward[-1]], axis=-1)
            forward = np.concatenate([forward, backward[::-1]], axis=-1)
        hs = forward
    return last, weights


def _lstm(
    x: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray
) -> np.ndarray:
    """Run an LSTM over (n_steps, n, n_inputs), gates in Keras' order i, f, c, o.

    A sigmoid is half a hyperbolic tangent of the half, so that one call serves all
    gates. Halves are exact.
    """
    (n_steps, n, _), units = x.shape, len(recurrent)
    # The gates side by side, the candidate behind them.
    order = np.concatenate([np.arange(2), [3, 2]])[:, None] * units + np.arange(units)
    half = np.repeat(np.array([0.5, 0.5, 0.5, 1.0], "float32"), units)
    kernel, recurrent, bias = (
        w[..., order.ravel()] * half for w in (kernel, recurrent, bias)
    )
    gx, hs = x @ kernel + bias, np.empty((n_steps, n, units), "float32")
    a, c = np.empty((n, 4 * units), "float32"), np.zeros((n, units), "float32")
    h, gates = np.zeros_like(c), a[:, : 3 * units]
    enter, forget, output, candidate = np.split(a, 4, axis=1)
    for g, h_t in zip(gx, hs, strict=True):
        np.matmul(h, recurrent, out=a)
        a += g
        np.tanh(a, out=a)
        gates *= HALF
        gates += HALF
        c *= forget
        enter *= candidate
        c += enter
        h = np.tanh(c, out=h_t)
        h *= output
    return hs


def _gru(
    x: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray
) -> np.ndarray:
    """Run a GRU over (n_steps, n, n_inputs), gates in Keras' order z, r, n."""
    (n_steps, n, _), units = x.shape, len(recurrent)
    half = np.repeat(np.array([0.5, 0.5, 1.0], "float32"), units)
    kernel, recurrent, bias = (w * half for w in (kernel, recurrent, bias))
    # What is added to the gates before them, and to the candidate after the reset.
    before, after = bias.copy(), bias[1, 2 * units :]
    before[0, : 2 * units] += bias[1, : 2 * units]
    gx, hs = x @ kernel + before[0], np.empty((n_steps, n, units), "float32")
    a, h = np.empty((n, 3 * units), "float32"), np.zeros((n, units), "float32")
    gates, candidate = a[:, : 2 * units], a[:, 2 * units :]
    update, reset = np.split(gates, 2, axis=1)
    for g, h_t in zip(gx, hs, strict=True):
        np.matmul(h, recurrent, out=a)
        gates += g[:, : 2 * units]
        np.tanh(gates, out=gates)
        gates *= HALF
        gates += HALF
        candidate += after
        candidate *= reset
        candidate += g[:, 2 * units :]
        np.tanh(candidate, out=candidate)
        h = np.subtract(h, candidate, out=h_t)
        h *= update
        h += candidate
    return hs


def _simple(
    x: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray
) -> np.ndarray:
    """Run a simple recurrence over (n_steps, n, n_inputs)."""
    hs = x @ kernel + bias
    h = np.zeros_like(hs[0])
    for a in hs:
        a += h @ recurrent
        h = np.tanh(a, out=a)
    return hs


HALF = np.float32(0.5)
GATES = {"lstm": 4, "gru": 3, "rnn": 1}
SEQUENCES: dict[str, Callable[..., np.ndarray]] = {
    "lstm": _lstm,
    "gru": _gru,
    "rnn": _simple,
}
