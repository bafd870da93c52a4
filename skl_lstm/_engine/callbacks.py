"""Keras callbacks and the progress bar, driven by our own epochs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skl_lstm._engine.backend import keras
from skl_lstm._engine.config import SOME_ESTIMATOR
from skl_lstm._engine.network import build_network
from skl_lstm._engine.program import Program, Tensors

BATCH_HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
)
# Keras' own callbacks that have batch hooks, but use them for `save_freq=n` only.
EPOCH_SAVERS = (keras.callbacks.ModelCheckpoint, keras.callbacks.BackupAndRestore)


def check_callbacks(callbacks: Sequence[Any], name: str = SOME_ESTIMATOR) -> None:
    """Raise unless every callback is a Keras callback without batch hooks.

    Raises
    ------
    TypeError
        If an entry is not a ``keras.callbacks.Callback``.
    ValueError
        If an entry overrides a batch-level hook: a whole epoch runs as one compiled
        call, so nobody could call it.
    """
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(
                f"The 'callbacks' parameter of {name} must be a list of "
                f"keras.callbacks.Callback instances. Got {callback!r} instead."
            )
        if isinstance(callback, EPOCH_SAVERS) and callback.save_freq == "epoch":
            continue
        for hook in BATCH_HOOKS:
            # An instance may carry hooks of its own, as LambdaCallback does.
            bound = getattr(callback, hook)
            ours = getattr(keras.callbacks.Callback, hook)
            if getattr(bound, "__func__", bound) is not ours:
                raise ValueError(
                    f"The 'callbacks' parameter of {name} must hold epoch-level "
                    f"callbacks only. Got {callback!r} instead: it "
                    f"overrides {hook}, and an epoch runs as one compiled call that "
                    "has no hook per batch. Use on_epoch_begin or on_epoch_end."
                )


class CallbackBridge:
    """Shows Keras callbacks a live model, synchronized once per epoch.

    Weights that a callback sets, a learning rate that it changes and
    ``model.stop_training`` take effect.

    Parameters
    ----------
    callbacks : sequence of keras.callbacks.Callback
        The user's callbacks, already copied.
    program : Program
        The program that trains.
    epochs : int
        Epochs planned.
    """

    def __init__(self, callbacks: Sequence[Any], program: Program, epochs: int):
        self._program = program
        self._rate_factor = 1.0
        self._callbacks = None
        if not callbacks:
            return
        self._model = build_network(program.spec).model
        self._model.compile(optimizer=keras.optimizers.SGD(), loss="mse")
        self._model.stop_training = False
        self._callbacks = keras.callbacks.CallbackList(
            list(callbacks), model=self._model, epochs=epochs, verbose=0
        )

    @property
    def stop_training(self) -> bool:
        """Whether a callback has asked to stop."""
        return bool(self._callbacks) and bool(self._model.stop_training)

    def begin(self, weights: Tensors, rate: float) -> Tensors:
        """Call ``on_train_begin``; return the weights to start from."""
        if not self._callbacks:
            return weights
        shown = self._show(weights, rate)
        self._callbacks.on_train_begin()
        return self._take_back(weights, shown)

    def end(self, weights: Tensors, logs: dict[str, float]) -> Tensors:
        """Call ``on_train_end``; return the weights, which it may restore."""
        if not self._callbacks:
            return weights
        shown = self._show(weights)
        self._callbacks.on_train_end(logs)
        return self._take_back(weights, shown)

    def epoch_begin(
        self, epoch: int, weights: Tensors, rates: np.ndarray
    ) -> tuple[Tensors, np.ndarray]:
        """Call ``on_epoch_begin``; return the weights and learning rates to use."""
        if not self._callbacks:
            return weights, rates
        shown = self._show(weights, rates[0])
        self._callbacks.on_epoch_begin(epoch)
        return self._take_back(weights, shown), rates * self._rate_factor

    def epoch_end(
        self, epoch: int, weights: Tensors, logs: dict[str, float]
    ) -> Tensors:
        """Call ``on_epoch_end``; return the weights to go on with."""
        if not self._callbacks:
            return weights
        shown = self._show(weights)
        self._callbacks.on_epoch_end(epoch, logs)
        return self._take_back(weights, shown)

    def _show(self, weights: Tensors, rate: float | None = None) -> list[np.ndarray]:
        arrays = self._program.unpack(weights)
        for variable, array in zip(
            self._model.trainable_variables, arrays, strict=True
        ):
            variable.assign(array)
        if rate is not None:
            self._rate_planned = float(rate)
            self._model.optimizer.learning_rate.assign(rate * self._rate_factor)
        self._rate_shown = self._rate()
        return arrays

    def _take_back(self, weights: Tensors, shown: list[np.ndarray]) -> Tensors:
        if self._rate() != self._rate_shown and self._rate_planned > 0:
            self._rate_factor = self._rate() / self._rate_planned
        arrays = [v.numpy() for v in self._model.trainable_variables]
        pairs = zip(arrays, shown, strict=True)
        if all(np.array_equal(new, old) for new, old in pairs):
            return weights
        return self._program.pack(arrays)

    def _rate(self) -> float:
        return float(self._model.optimizer.learning_rate.numpy())


class ProgressBar:
    """One bar for a whole training, in steps; nothing at all when not verbose.

    Parameters
    ----------
    n_steps : int
        Steps planned.
    verbose : int
        0 for silence.
    """

    def __init__(self, n_steps: int, verbose: int):
        self._bar = keras.utils.Progbar(n_steps, unit_name="step") if verbose else None
        self._seen = 0

    def advance(self, n_steps: int, **metrics: float) -> None:
        """Move on by ``n_steps`` and show the latest metrics."""
        self._seen += n_steps
        if self._bar is not None:
            self._bar.stateful_metrics.update(metrics)
            self._bar.update(self._seen, list(metrics.items()), finalize=False)

    def close(self) -> None:
        """End the line, also when training stopped early."""
        if self._bar is not None:
            self._bar.target = self._seen
            self._bar.update(self._seen, finalize=True)
