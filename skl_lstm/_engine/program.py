"""Compiled programs: what TensorFlow traces once and every fit reuses.

A `Program` keeps no numbers of any estimator. Weights, optimizer slots and dropout
seeds go in as arguments and come back as results, so that estimators of one
specification share a program, threads included, without mixing their numbers.
"""

import threading
from typing import Any, NamedTuple

import numpy as np

from skl_lstm._engine.backend import keras, tf
from skl_lstm._engine.cells import cut_into
from skl_lstm._engine.config import restore_optimizer
from skl_lstm._engine.data import (
    add_exogenous,
    cut_inputs,
    cut_own_past,
    cut_targets,
    data_signature,
)
from skl_lstm._engine.leaks import without_values
from skl_lstm._engine.losses import restore_loss
from skl_lstm._engine.network import build_network
from skl_lstm._engine.rows import Data
from skl_lstm._engine.sharing import to_tensors
from skl_lstm._engine.spec import NetworkSpec, n_parts
from skl_lstm._engine.summary import summarize_window
from skl_lstm._engine.tracing import Traced

# Optimizers that treat every weight by itself: all weights can then travel as one
# vector, which makes an update a handful of operations instead of a hundred.
ELEMENTWISE_OPTIMIZERS = frozenset(
    "Adadelta Adagrad Adam AdamW Adamax Lion Nadam RMSprop SGD".split()
)
# Floats of window data that one forecasting call may hold at a time.
FORECAST_CHUNK_FLOATS = 2**23
# So many windows and more are forecast in parts that TensorFlow runs side by side.
MANY_WINDOWS = 64
FORECAST_PARTS = 4
Tensors = list[Any]


class TrainingState(NamedTuple):
    """The numbers that a training step reads and replaces.

    Attributes
    ----------
    weights : list of Tensor
        One flat vector, or one tensor per weight (see `ELEMENTWISE_OPTIMIZERS`).
    seeds : list of Tensor
        States of the dropout generators.
    slots : list of Tensor
        Optimizer variables: iterations, learning rate, moments.
    """

    weights: Tensors
    seeds: Tensors
    slots: Tensors


class Program:
    """Training, validation and forecasting of one network specification.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    """

    def __init__(self, spec: NetworkSpec):
        self.spec = spec
        with without_values():
            self._network = build_network(spec, fused=True)
        self._loss = restore_loss(spec.loss)
        self._optimizer = restore_optimizer(spec.optimizer)
        self._shapes = [shape for _, shape in spec.weight_shapes()]
        self._sizes = [int(np.prod(shape)) for shape in self._shapes]
        self._flat = (
            type(self._optimizer).__name__ in ELEMENTWISE_OPTIMIZERS
            and self._optimizer.clipnorm is None
        )
        shapes = [(sum(self._sizes),)] if self._flat else self._shapes
        # Keras' optimizers update variables only. These are scratch space: each
        # training call loads its state into them and takes it out again, under
        # the lock.
        self._lock = threading.Lock()
        # Named, as TensorFlow never forgets a new name (see `without_values`).
        self._variables = [
            keras.Variable(np.zeros(shape, "float32"), name=f"weights_{i}")
            for i, shape in enumerate(shapes)
        ]
        self._optimizer.build(self._variables)
        self._first_slots = [v.numpy() for v in self._optimizer.variables]
        rate = self._optimizer.learning_rate
        # None when the optimizer follows a schedule of its own.
        self._rate_slot = next(
            (i for i, v in enumerate(self._optimizer.variables) if v is rate), None
        )
        self._seeds = [
            np.zeros(v.shape, v.dtype)
            for v in self._network.trainer.non_trainable_variables
        ]
        self._specs = {
            "weights": [tf.TensorSpec(shape) for shape in shapes],
            "seeds": [tf.TensorSpec(s.shape, s.dtype) for s in self._seeds],
            "slots": [tf.TensorSpec(s.shape, s.dtype) for s in self._first_slots],
            "data": data_signature(spec),
            "batches": tf.TensorSpec(
                (None, spec.batch_size if spec.compiled_loop else None), tf.int32
            ),
        }
        self._compile()

    def _compile(self) -> None:
        """Declare the traced functions; TensorFlow traces each at its first call."""
        specs = self._specs
        state = TrainingState(specs["weights"], specs["seeds"], specs["slots"])
        rates = tf.TensorSpec((None,))
        data, batches = specs["data"], specs["batches"]
        origins, n_blocks = (tf.TensorSpec(n, tf.int32) for n in ((None,), ()))
        self._train = Traced(self._train_steps, state, data, batches, rates)
        self._validate = Traced(self._mean_loss, state.weights, data, batches)
        rolled = state.weights, data, origins, n_blocks
        self._forecast_few = Traced(self._roll_quietly, *rolled)
        self._forecast_many = Traced(self._roll_in_parts, *rolled)
        self._encode = Traced(self._summarize, state.weights, data, origins)
        noise = tf.TensorSpec((None, None, self.spec.horizon, self.spec.n_outputs))
        self._simulate = Traced(self._roll_noisy, state.weights, data, origins, noise)

    # Numbers in and out -------------------------------------------------------

    def pack(self, weights: list[np.ndarray]) -> Tensors:
        """Turn weights in Keras' order into what the traced functions take."""
        if not self._flat:
            return [tf.constant(w) for w in weights]
        return [tf.constant(np.concatenate([w.ravel() for w in weights]))]

    def unpack(self, packed: Tensors) -> list[np.ndarray]:
        """Turn packed weights back into arrays in Keras' order."""
        return [np.array(w) for w in self._weights(packed)]

    def _weights(self, packed: Tensors) -> Tensors:
        if not self._flat:
            return packed
        parts = tf.split(packed[0], self._sizes)
        pairs = zip(parts, self._shapes, strict=True)
        return [
            tf.reshape(part, shape) if len(shape) > 1 else part for part, shape in pairs
        ]

    def start(
        self, weights: list[np.ndarray], rng: np.random.Generator
    ) -> TrainingState:
        """Make the state before the first step: fresh slots, seeds from ``rng``."""
        return TrainingState(
            self.pack(weights),
            self._draw_seeds(rng),
            [tf.constant(s) for s in self._first_slots],
        )

    def _draw_seeds(self, rng: np.random.Generator) -> Tensors:
        seeds = [
            rng.integers(0, 2**31, size=s.shape).astype(s.dtype) for s in self._seeds
        ]
        return [tf.constant(s) for s in seeds]

    # Training -----------------------------------------------------------------

    def train(
        self, state: TrainingState, data: Data, batches: np.ndarray, rates: np.ndarray
    ) -> tuple[TrainingState, np.ndarray]:
        """Take one optimizer step per row of ``batches``.

        Parameters
        ----------
        state : TrainingState
            Where to start.
        data : Data
            The series.
        batches : ndarray of int32 of shape (n_steps, batch_size)
            Origins (row of the first forecast step) of the windows of each step;
            negative entries fill up a last, smaller batch. Any size will do that is
            cut into as many parts as the program's.
        rates : ndarray of float32 of shape (n_steps,)
            Learning rates.

        Returns
        -------
        TrainingState, ndarray of shape (n_steps,)
            The state reached, and the loss of each step.
        """
        with self._lock:
            state, losses = self._train(state, data, batches, rates)
        return state, losses.numpy()

    def _train_steps(
        self, state: TrainingState, data: Data, batches: Any, rates: Any
    ) -> tuple[TrainingState, Any]:
        slots = self._optimizer.variables
        for variable, value in zip(self._variables, state.weights, strict=True):
            variable.assign(value)
        for variable, value in zip(slots, state.slots, strict=True):
            variable.assign(value)

        def step(k: Any, losses: Any, seeds: Tensors) -> Any:
            loss, seeds = self._train_step(
                seeds, data, tf.gather(batches, k), tf.gather(rates, k)
            )
            return k + 1, losses.write(k, loss), seeds

        n_steps = tf.shape(batches)[0]
        losses = tf.TensorArray(tf.float32, n_steps, element_shape=())
        _, losses, seeds = tf.while_loop(
            lambda k, *_: k < n_steps,
            step,
            (tf.constant(0), losses, list(state.seeds)),
            # One step needs the weights of the one before it.
            parallel_iterations=1,
        )
        weights = [tf.identity(v.value) for v in self._variables]
        slots = [tf.identity(v.value) for v in slots]
        return TrainingState(weights, seeds, slots), losses.stack()

    def _train_step(
        self, seeds: Tensors, data: Data, origins: Any, rate: Any
    ) -> tuple[Any, Tensors]:
        packed = [tf.identity(v.value) for v in self._variables]
        with tf.GradientTape() as tape:
            tape.watch(packed)
            loss, _, seeds = self._batch_loss(
                packed, seeds, data, origins, training=True
            )
        gradients = tape.gradient(loss, packed)
        if self._rate_slot is not None:
            self._optimizer.variables[self._rate_slot].assign(rate)
        self._optimizer.apply(gradients)
        return loss, list(seeds)

    def _batch_loss(
        self, packed: Tensors, seeds: Tensors, data: Data, origins: Any, training: bool
    ) -> tuple[Any, Any, Tensors]:
        """Return the mean loss, its total weight, and the next seeds."""
        used = origins >= 0
        origins = tf.maximum(origins, self.spec.lowest_origin)
        with cut_into(n_parts(self.spec.batch_size)):
            found, seeds, penalties = self._network.trainer.stateless_call(
                self._weights(packed),
                seeds,
                cut_inputs(self.spec, data, origins),
                training=training,
                return_losses=True,
            )
        out, center, unit = found
        targets = (cut_targets(self.spec, data, origins) - center) / unit
        counted = tf.math.is_finite(targets) & tf.reshape(used, (-1, 1, 1))
        targets = tf.where(counted, targets, 0.0)
        # A trailing axis of one keeps Keras' losses from averaging over outputs.
        losses = self._loss.call(tf.expand_dims(targets, -1), tf.expand_dims(out, -1))
        # Errors are in units of their window; so weighted, they add up to a loss in
        # the scaler's units, which a quiet window does not dominate.
        weights = tf.where(counted, unit, 0.0)
        total = tf.reduce_sum(weights)
        if self.spec.weighted:
            ahead = origins[:, None] + tf.range(self.spec.horizon)
            weights *= tf.gather(data.weights[0], ahead)[..., None]
            # Training adds up over batches: one of little weight takes a small step.
            total = total if training else tf.reduce_sum(weights)
        loss = tf.math.divide_no_nan(tf.reduce_sum(losses * weights), total)
        return tf.add_n([loss, *penalties]), total, seeds

    # Validation ---------------------------------------------------------------

    def validate(self, weights: Tensors, data: Data, batches: np.ndarray) -> float:
        """Return the mean loss over all windows of ``batches``, dropout off."""
        return float(self._validate(weights, data, batches))

    def _mean_loss(self, weights: Tensors, data: Data, batches: Any) -> Any:
        def step(k: Any, total: Any, weight: Any) -> Any:
            loss, own_weight, _ = self._batch_loss(
                weights, self._seeds, data, tf.gather(batches, k), training=False
            )
            return k + 1, total + loss * own_weight, weight + own_weight

        _, total, weight = tf.while_loop(
            lambda k, *_: k < tf.shape(batches)[0],
            step,
            (tf.constant(0), tf.constant(0.0), tf.constant(0.0)),
        )
        return tf.math.divide_no_nan(total, weight)

    # Forecasting --------------------------------------------------------------

    def forecast(
        self,
        weights: list[np.ndarray],
        data: Data,
        origins: np.ndarray,
        n_steps: int,
    ) -> np.ndarray:
        """Forecast ``n_steps`` from each origin, rolling blocks forward as needed.

        Parameters
        ----------
        weights : list of ndarray
            In Keras' order.
        data : Data
            The series; rows of ``y`` from an origin on are not read.
        origins : ndarray of int of shape (n_origins,)
            Row of the first forecast step, at least ``window_length``.
        n_steps : int
            Steps to forecast.

        Returns
        -------
        ndarray of float32 of shape (n_origins, n_steps, n_outputs)
            In the scaler's units.
        """
        packed, data = self.pack(weights), to_tensors(data)
        n, n_blocks = len(origins), np.int32(-(-n_steps // self.spec.horizon))
        forecast = self._forecast_few
        if n >= MANY_WINDOWS:
            # Parts are of one size; the last window fills them up.
            origins = np.pad(origins, (0, -n % FORECAST_PARTS), mode="edge")
            forecast = self._forecast_many
        found = [forecast(packed, data, some, n_blocks) for some in self._cut(origins)]
        return np.concatenate(found)[:n, :n_steps]

    def simulate(
        self, weights: list[np.ndarray], data: Data, origins: np.ndarray, noise: Any
    ) -> np.ndarray:
        """Roll blocks forward, each disturbed before the next one reads it.

        Parameters
        ----------
        weights, data, origins
            As for `forecast`.
        noise : ndarray of float32 of shape (n_blocks, n_origins, horizon, n_outputs)
            Errors to add, in units of each block's own window.

        Returns
        -------
        ndarray of float32 of shape (n_origins, n_blocks * horizon, n_outputs)
            In the scaler's units.
        """
        packed, data = self.pack(weights), to_tensors(data)
        chunks = self._cut(origins)
        ends = np.cumsum([len(some) for some in chunks])[:-1]
        each = zip(chunks, np.split(noise, ends, axis=1), strict=True)
        return np.concatenate([self._simulate(packed, data, *some) for some in each])

    def encode(
        self, weights: list[np.ndarray], data: Data, origins: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return what the recurrent part has read from each window, and a summary.

        Returns
        -------
        ndarray of float32 of shape (n_origins, n_units), \
        ndarray of float32 of shape (n_origins, n_statistics)
            The summary: the last rows of the normalized window, and the logarithm of
            how much the target's own past changed of late, of its unit, and its level.
        """
        packed, data = self.pack(weights), to_tensors(data)
        found = [self._encode(packed, data, chunk) for chunk in self._cut(origins)]
        hidden, summary = zip(*found, strict=True)
        return np.concatenate(hidden), np.concatenate(summary)

    def _summarize(self, packed: Tensors, data: Data, origins: Any) -> tuple[Any, Any]:
        spec = self.spec
        window = cut_inputs(spec, data, origins)["window"]
        encoder = self._network.encoder
        # The recurrent layers come first in Keras' order.
        weights = self._weights(packed)[: len(encoder.trainable_variables)]
        seeds = self._seeds[: len(encoder.non_trainable_variables)]
        (h, z, center, unit), _ = encoder.stateless_call(
            weights, seeds, {"window": window}, training=False
        )
        return h, summarize_window(spec, z, center, unit)

    def _cut(self, origins: np.ndarray) -> list[np.ndarray]:
        """Cut origins into the chunks that a forecasting call may hold each."""
        spec, n = self.spec, len(origins)
        width = spec.window_length * (spec.n_channels + 8 * max(spec.units))
        n_chunks = -(-n // max(16, FORECAST_CHUNK_FLOATS // width))
        # Whole parts in each.
        size = max(1, -(-n // (n_chunks * FORECAST_PARTS))) * FORECAST_PARTS
        return np.split(np.asarray(origins, "int32"), range(size, n, size))

    def _roll_quietly(
        self, packed: Tensors, data: Data, origins: Any, n_blocks: Any
    ) -> Any:
        return self._roll_forward(packed, data, origins, n_blocks, None)

    def _roll_in_parts(self, *args: Any) -> Any:
        with cut_into(FORECAST_PARTS):
            return self._roll_quietly(*args)

    def _roll_noisy(self, packed: Tensors, data: Data, origins: Any, noise: Any) -> Any:
        return self._roll_forward(packed, data, origins, tf.shape(noise)[0], noise)

    def _roll_forward(
        self,
        packed: Tensors,
        data: Data,
        origins: Any,
        n_blocks: Any,
        noise: Any,
    ) -> Any:
        """Forecast block after block, each reading the blocks before it."""
        spec = self.spec
        weights, n = self._weights(packed), tf.shape(origins)[0]

        def run(network: keras.Model, inputs: Any) -> Any:
            found, _ = network.stateless_call(
                weights, self._seeds, inputs, training=False
            )
            return found

        def block(k: Any, own_past: Any, blocks: Any) -> Any:
            inputs = add_exogenous(spec, own_past, data, origins + k * spec.horizon)
            if noise is not None:
                out, center, unit = run(self._network.trainer, inputs)
                out = center + unit * (out + noise[k])
            else:
                out = run(self._network.model, inputs)
            own_past = tf.concat([own_past, out], axis=1)[:, -spec.window_length :]
            return k + 1, own_past, blocks.write(k, out)

        if spec.n_decoded:
            # Blocks are rolled on by who lays out the tables.
            return run(self._network.model, cut_inputs(spec, data, origins))
        shape = (None, spec.horizon, spec.n_outputs)
        past_shape = (None, spec.window_length, spec.n_outputs)
        blocks = tf.TensorArray(tf.float32, n_blocks, element_shape=shape)
        _, _, blocks = tf.while_loop(
            lambda k, *_: k < n_blocks,
            block,
            (tf.constant(0), cut_own_past(spec, data, origins), blocks),
            shape_invariants=(
                tf.TensorShape(()),
                tf.TensorShape(past_shape),
                tf.TensorShape(None),
            ),
        )
        steps = tf.transpose(blocks.stack(), (1, 0, 2, 3))
        return tf.reshape(steps, (n, n_blocks * spec.horizon, spec.n_outputs))
