"""LSTM and GRU layers whose whole sequence runs as one differentiable operation.

Keras' own layers run a graph loop with some twenty small operations per time step.
The layers here keep Keras' weights, configuration and cuDNN path on a GPU, and
replace only that loop on a CPU:

* `FusedLSTM` calls TensorFlow's ``BlockLSTMV2`` kernel, one operation for the whole
  sequence, with its exact gradient kernel;
* `FusedGRU` hoists the input product out of the loop, saves the gates on the way
  forward, and takes every weight gradient as one product over the whole sequence.

Both cut the batch into independent parts that TensorFlow runs side by side.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from skl_lstm._engine.backend import keras, tf
from skl_lstm._engine.spec import n_parts

# Of a batch whose size is known only when it comes.
_N_PARTS = ContextVar("n_parts", default=1)


@contextmanager
def cut_into(parts: int) -> Iterator[None]:
    """Trace layers for batches of any size that is a multiple of ``parts``."""
    token = _N_PARTS.set(parts)
    try:
        yield
    finally:
        _N_PARTS.reset(token)


@tf.custom_gradient
def lstm_sequence(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> Any:
    """Run an LSTM over a whole sequence from a zero state.

    The gradient calls ``BlockLSTMGradV2`` directly: the gradient that TensorFlow
    2.21 registers for ``BlockLSTMV2`` is that of V1, whose gates are ordered
    otherwise, and is wrong.

    Parameters
    ----------
    x : Tensor of shape (n_steps, batch, n_inputs)
        Inputs, time first.
    kernel : Tensor of shape (n_inputs + units, 4 * units)
        Input kernel above recurrent kernel, gates in Keras' order i, f, c, o.
    bias : Tensor of shape (4 * units,)
        Biases.

    Returns
    -------
    Tensor of shape (n_steps, batch, units)
        Hidden states.

    References
    ----------
    Hochreiter, S., & Schmidhuber, J. (1997). Long short-term memory. Neural
    Computation, 9(8). https://doi.org/10.1162/neco.1997.9.8.1735
    """
    units, zero = kernel.shape[1] // 4, tf.zeros((), x.dtype)
    no_peephole = tf.fill((units,), zero)
    nothing = tf.fill((tf.shape(x)[1], units), zero)
    shared = {
        "seq_len_max": tf.shape(x, out_type=tf.int64)[0],
        "x": x,
        "cs_prev": nothing,
        "h_prev": nothing,
        "w": kernel,
        "wci": no_peephole,
        "wcf": no_peephole,
        "wco": no_peephole,
        "b": bias,
        "use_peephole": False,
    }
    saved = tf.raw_ops.BlockLSTMV2(cell_clip=0.0, **shared)

    def gradient(dh: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        grads = tf.raw_ops.BlockLSTMGradV2(
            **shared,
            **saved._asdict(),
            cs_grad=tf.zeros_like(saved.cs),
            h_grad=dh,
        )
        return grads.x_grad, grads.w_grad, grads.b_grad

    return saved.h, gradient


def _gru_forward(gx: tf.Tensor, recurrent: tf.Tensor, bias: tf.Tensor) -> Any:
    """Loop over time; save hidden states, gates, candidates and candidate inputs.

    ``gx`` (n_steps, batch, 3 * units) holds the input products, gates in Keras'
    order z (update), r (reset), n (candidate); ``bias`` is the candidate's
    recurrent bias, which stays inside the reset. The five are saved side by side.
    """
    n_steps = tf.shape(gx)[0]
    shape = (gx.shape[1], 5 * recurrent.shape[0] if recurrent.shape[0] else None)
    saved = tf.TensorArray(gx.dtype, n_steps, element_shape=shape)

    def step(t: Any, h: tf.Tensor, saved: tf.TensorArray) -> Any:
        z_in, r_in, n_in = tf.split(tf.gather(gx, t), 3, axis=1)
        z_state, r_state, q = tf.split(tf.matmul(h, recurrent), 3, axis=1)
        z, r = tf.sigmoid(z_in + z_state), tf.sigmoid(r_in + r_state)
        q += bias
        n = tf.tanh(n_in + r * q)
        h = n + z * (h - n)
        return t + 1, h, saved.write(t, tf.concat([h, z, r, n, q], 1))

    h = tf.zeros((tf.shape(gx)[1], tf.shape(recurrent)[0]), gx.dtype)
    _, _, saved = tf.while_loop(
        lambda t, *_: t < n_steps,
        step,
        (0, h, saved),
        maximum_iterations=gx.shape[0],
    )
    return saved.stack()


def _gru_backward(dhs: tf.Tensor, saved: tf.Tensor, recurrent: tf.Tensor) -> Any:
    """Loop back over time; return the gradients of both gate inputs, all steps.

    The first result belongs to the input products (z, r, n), the second to the
    recurrent ones (z, r, q); the third is the previous hidden state.
    """
    n_steps = tf.shape(dhs)[0]
    hs = tf.split(saved, 5, axis=2)[0]
    h_tm1 = tf.concat([tf.zeros_like(hs[:1]), hs[:-1]], axis=0)

    def step(k: Any, dh: tf.Tensor, dgx: tf.TensorArray, dgh: tf.TensorArray) -> Any:
        t = n_steps - 1 - k
        dh += tf.gather(dhs, t)
        _, z, r, n, q = tf.split(tf.gather(saved, t), 5, axis=1)
        dn = dh * (1 - z) * (1 - n * n)
        dz = dh * (tf.gather(h_tm1, t) - n) * z * (1 - z)
        dq = dn * r
        dr = dn * q * r * (1 - r)
        inner = tf.concat([dz, dr, dq], 1)
        dh = dh * z + tf.matmul(inner, recurrent, transpose_b=True)
        dgx = dgx.write(t, tf.concat([dz, dr, dn], 1))
        return k + 1, dh, dgx, dgh.write(t, inner)

    shape = (dhs.shape[1], 3 * recurrent.shape[0] if recurrent.shape[0] else None)
    _, _, dgx, dgh = tf.while_loop(
        lambda k, *_: k < n_steps,
        step,
        (
            0,
            tf.zeros_like(dhs[0]),
            tf.TensorArray(dhs.dtype, n_steps, element_shape=shape),
            tf.TensorArray(dhs.dtype, n_steps, element_shape=shape),
        ),
        maximum_iterations=dhs.shape[0],
    )
    return dgx.stack(), dgh.stack(), h_tm1


# Module-level, all weights as arguments: a refit reuses what was compiled. Left to
# TensorFlow, one trace with all lengths unknown serves every network; XLA wants to
# know them.
_SEQUENCE, _MATRIX, _VECTOR = (tf.TensorSpec((None,) * n) for n in (3, 2, 1))
_gru_forward_graph = tf.function(
    _gru_forward, input_signature=(_SEQUENCE, _MATRIX, _VECTOR), autograph=False
)
_gru_backward_graph = tf.function(
    _gru_backward, input_signature=(_SEQUENCE, _SEQUENCE, _MATRIX), autograph=False
)
_gru_forward_xla = tf.function(_gru_forward, jit_compile=True, autograph=False)
_gru_backward_xla = tf.function(_gru_backward, jit_compile=True, autograph=False)
GRU_LOOPS: dict[bool, tuple[Callable, Callable]] = {
    False: (_gru_forward_graph, _gru_backward_graph),
    True: (_gru_forward_xla, _gru_backward_xla),
}


def gru_sequence(
    x: tf.Tensor,
    kernel: tf.Tensor,
    recurrent: tf.Tensor,
    bias: tf.Tensor,
    compiled: bool = False,
) -> tf.Tensor:
    """Run a GRU (``reset_after=True``) over a whole sequence from a zero state.

    Parameters
    ----------
    x : Tensor of shape (n_steps, batch, n_inputs)
        Inputs, time first.
    kernel : Tensor of shape (n_inputs, 3 * units)
        Input kernel, gates in Keras' order z, r, h.
    recurrent : Tensor of shape (units, 3 * units)
        Recurrent kernel.
    bias : Tensor of shape (2, 3 * units)
        Input bias, recurrent bias.
    compiled : bool, default=False
        Whether XLA compiles the two loops; needs static shapes.

    Returns
    -------
    Tensor of shape (n_steps, batch, units)
        Hidden states.

    References
    ----------
    Cho, K., et al. (2014). Learning phrase representations using RNN
    encoder-decoder for statistical machine translation.
    https://doi.org/10.3115/v1/D14-1179
    """
    forward, backward = GRU_LOOPS[compiled]
    units = recurrent.shape[0]

    @tf.custom_gradient
    def sequence(x: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        hoisted = tf.concat([(bias[0] + bias[1])[: 2 * units], bias[0, 2 * units :]], 0)
        gx = tf.tensordot(x, kernel, 1) + hoisted
        saved = forward(gx, recurrent, bias[1, 2 * units :])

        def gradient(dhs: tf.Tensor) -> tuple[tf.Tensor, ...]:
            dgx, dgh, h_tm1 = backward(dhs, saved, recurrent)
            flat, inner = (tf.reshape(d, (-1, 3 * units)) for d in (dgx, dgh))
            flat_x = tf.reshape(x, (-1, kernel.shape[0]))
            flat_h = tf.reshape(h_tm1, (-1, units))
            return (
                tf.tensordot(dgx, tf.transpose(kernel), 1),
                tf.matmul(flat_x, flat, transpose_a=True),
                tf.matmul(flat_h, inner, transpose_a=True),
                tf.stack([tf.reduce_sum(flat, 0), tf.reduce_sum(inner, 0)]),
            )

        return saved[..., :units], gradient

    return sequence(x, kernel, recurrent, bias)


class _FusedMixin:
    """Replaces the time loop of a Keras layer where an exact fused one exists."""

    cell: Any
    units: int
    go_backwards: bool
    return_sequences: bool
    _sequence_weights: Callable[[], tuple[tf.Tensor, ...]]
    _run_sequence: Callable[..., tf.Tensor]

    def inner_loop(
        self, sequences: Any, initial_state: Any, mask: Any, training: bool = False
    ) -> Any:
        """Run the sequence; called by Keras' ``RNN.call``."""
        if self._needs_keras_loop(mask, training):
            return super().inner_loop(  # type: ignore[misc]
                sequences, initial_state, mask, training
            )
        x = tf.transpose(sequences, (1, 0, 2))
        if self.go_backwards:
            x = tf.reverse(x, axis=[0])
        weights = self._sequence_weights()
        batch = x.shape[1]
        parts = tf.split(x, n_parts(batch) if batch else _N_PARTS.get(), axis=1)
        hs = [self._run_sequence(part, *weights) for part in parts]
        # A loop forgets its length, and XLA compiles the next layer's only if known.
        for part, h in zip(parts, hs, strict=True):
            h.set_shape((*part.shape[:2], self.units))
        last = tf.concat([h[-1] for h in hs], axis=0)
        if not self.return_sequences:
            return last, last, [last] * len(initial_state)
        outputs = tf.transpose(tf.concat(hs, axis=1), (1, 0, 2))
        return last, outputs, [last] * len(initial_state)

    def _needs_keras_loop(self, mask: Any, training: bool) -> bool:
        cell = self.cell
        plain = (
            cell.activation is keras.activations.tanh
            and cell.recurrent_activation is keras.activations.sigmoid
            and not (training and (cell.dropout or cell.recurrent_dropout))
        )
        return (
            mask is not None or not plain or bool(tf.config.list_logical_devices("GPU"))
        )


# Registered because `keras.layers.Bidirectional` copies its layer by configuration.
@keras.saving.register_keras_serializable("skl_lstm")
class FusedLSTM(_FusedMixin, keras.layers.LSTM):
    """``keras.layers.LSTM`` whose time loop is one operation on a CPU."""

    def _sequence_weights(self) -> tuple[tf.Tensor, ...]:
        kernels = [self.cell.kernel, self.cell.recurrent_kernel]
        return tf.concat(kernels, axis=0), tf.convert_to_tensor(self.cell.bias)

    def _run_sequence(
        self, x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor
    ) -> tf.Tensor:
        return lstm_sequence(x, kernel, bias)


@keras.saving.register_keras_serializable("skl_lstm")
class FusedGRU(_FusedMixin, keras.layers.GRU):
    """``keras.layers.GRU`` with a hand-written gradient over the whole sequence.

    Parameters
    ----------
    compiled_loop : bool, default=False
        Whether XLA compiles the loops of the training pass.
    **kwargs
        As ``keras.layers.GRU``.
    """

    def __init__(self, *args: Any, compiled_loop: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.compiled_loop = compiled_loop

    def get_config(self) -> dict[str, Any]:
        """Return Keras' configuration, with the compiled loop."""
        return {**super().get_config(), "compiled_loop": self.compiled_loop}

    def _sequence_weights(self) -> tuple[tf.Tensor, ...]:
        cell = self.cell
        weights = (cell.kernel, cell.recurrent_kernel, cell.bias)
        return tuple(map(tf.convert_to_tensor, weights))

    def _run_sequence(
        self, x: tf.Tensor, kernel: tf.Tensor, recurrent: tf.Tensor, bias: tf.Tensor
    ) -> tf.Tensor:
        # Only the training pass has a static batch, which XLA needs.
        compiled = self.compiled_loop and x.shape.is_fully_defined()
        return gru_sequence(x, kernel, recurrent, bias, compiled)


KERAS_LAYERS: dict[str, Any] = {
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "rnn": keras.layers.SimpleRNN,
}
# A simple recurrence has one product at each step: Keras' own loop will do.
FUSED_LAYERS: dict[str, Any] = KERAS_LAYERS | {"lstm": FusedLSTM, "gru": FusedGRU}
