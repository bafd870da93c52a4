"""Keras callbacks, driven by our own epochs."""

from collections.abc import Sequence
from io import IOBase
from types import ModuleType
from typing import Any, Self

import numpy as np

from skl_lstm._engine.backend import keras, tf
from skl_lstm._engine.config import SOME_ESTIMATOR, restore_optimizer
from skl_lstm._engine.losses import FunctionName, restore_loss
from skl_lstm._engine.network import build_network
from skl_lstm._engine.program import Program, Tensors, TrainingState

BATCH_HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
)
# Libraries whose callbacks have hooks for each batch that do nothing where a setting
# says so: ModelCheckpoint and BackupAndRestore, TensorBoard, MLflow's, W&B's.
LIBRARIES = ("keras", "mlflow", "wandb")
ONCE_AN_EPOCH = {
    "save_freq": "epoch",
    "update_freq": "epoch",
    "log_every_epoch": True,
    "logging_batch_wise": False,
}
# What these hold open, and would keep an estimator from being copied.
WRITERS = (keras.callbacks.CSVLogger, keras.callbacks.TensorBoard)
HANDLES = (IOBase, ModuleType, tf.summary.SummaryWriter)


def check_callbacks(callbacks: Sequence[Any], name: str = SOME_ESTIMATOR) -> None:
    """Raise unless every callback is a Keras callback that needs no batches.

    Raises
    ------
    TypeError
        If an entry is not a ``keras.callbacks.Callback``.
    ValueError
        If an entry wants to be called for every batch: a whole epoch runs as one
        compiled call, so nobody could call it. Or if it needs the optimizer's averages.
    """
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(
                f"The 'callbacks' parameter of {name} must be a list of "
                f"keras.callbacks.Callback instances. Got {callback!r} instead."
            )
        if isinstance(callback, keras.callbacks.SwapEMAWeights):
            raise ValueError(
                f"The 'callbacks' parameter of {name} must hold no SwapEMAWeights: the "
                "optimizer's averages stay inside the compiled program. Got "
                f"{callback!r} instead. Average the weights in on_epoch_end."
            )
        hook = _find_batch_hook(callback)
        if hook is not None:
            raise ValueError(
                f"The 'callbacks' parameter of {name} must hold epoch-level "
                f"callbacks only. Got {callback!r} instead: it "
                f"overrides {hook}, and an epoch runs as one compiled call that "
                "has no hook per batch. Use on_epoch_begin or on_epoch_end, or the "
                "setting by which it saves or logs once per epoch."
            )


def _find_batch_hook(callback: Any) -> str | None:
    """Return the hook for batches that would have to be called, if there is one."""
    # A loss that is no number ends training with or without it.
    if type(callback) is keras.callbacks.TerminateOnNaN:
        return None
    for hook in BATCH_HOOKS:
        # An instance may carry hooks of its own, as LambdaCallback does.
        bound = getattr(callback, hook)
        function = getattr(bound, "__func__", bound)
        if function is getattr(keras.callbacks.Callback, hook):
            continue
        library = function.__module__.partition(".")[0]
        if library not in LIBRARIES or not _acts_once_an_epoch(callback):
            return hook
    return None


def _acts_once_an_epoch(callback: Any) -> bool:
    # TensorBoard's profiler starts and stops between batches.
    if getattr(callback, "_should_trace", False):
        return False
    settings = vars(callback)
    return any(
        name in settings and settings[name] == value
        for name, value in ONCE_AN_EPOCH.items()
    )


class CallbackBridge:
    """Shows Keras callbacks a live model, synchronized once per epoch.

    Weights that a callback sets, a learning rate that it changes and
    ``model.stop_training`` take effect. A context: when it is left, no callback refers
    to the model any more, nor to a file or module that a copy could not hold.

    Parameters
    ----------
    callbacks : sequence of keras.callbacks.Callback
        The user's own callbacks.
    program : Program
        The program that trains.
    epochs, steps : int
        Epochs planned, and the steps of each.

    Attributes
    ----------
    has_steered : bool
        Whether a callback has set weights or changed the learning rate.
    """

    def __init__(
        self, callbacks: Sequence[Any], program: Program, epochs: int, steps: int
    ):
        self._program = program
        self._rate_factor = 1.0
        self.has_steered = False
        self._given = list(callbacks)
        self._before = [dict(vars(callback)) for callback in self._given]
        self._params = {"epochs": epochs, "steps": steps, "verbose": 0}
        self._callbacks = None

    def __enter__(self) -> Self:
        if not self._given:
            return self
        spec = self._program.spec
        self._model = build_network(spec).model
        loss = spec.loss
        self._model.compile(
            optimizer=restore_optimizer(spec.optimizer),
            # As Keras keeps it in a file.
            loss=loss.function
            if isinstance(loss, FunctionName)
            else restore_loss(loss),
        )
        # Complete, as Keras keeps it in the files of ModelCheckpoint.
        self._model.optimizer.build(self._model.trainable_variables)
        self._model.stop_training = False
        try:
            self._callbacks = keras.callbacks.CallbackList(
                self._given, model=self._model, **self._params
            )
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        if self._given:
            self._release()

    def _release(self) -> None:
        for callback, before in zip(self._given, self._before, strict=True):
            for name, value in list(vars(callback).items()):
                is_held = isinstance(callback, WRITERS) and _holds_open(value)
                if value is self._model or is_held:
                    setattr(callback, name, before.get(name))

    @property
    def stop_training(self) -> bool:
        """Whether a callback has asked to stop."""
        return bool(self._callbacks) and bool(self._model.stop_training)

    def begin(self, state: TrainingState, rate: float) -> TrainingState:
        """Call ``on_train_begin``; return the state to start from."""
        if not self._callbacks:
            return state
        shown = self._show(state, rate)
        self._callbacks.on_train_begin()
        return self._take_back(state, shown)

    def end(self, state: TrainingState, logs: dict[str, float]) -> Tensors:
        """Call ``on_train_end``; return the weights, which it may replace."""
        if not self._callbacks:
            return state.weights
        shown = self._show(state)
        self._callbacks.on_train_end(logs)
        return self._take_back(state, shown).weights

    def epoch_begin(
        self, epoch: int, state: TrainingState, rates: np.ndarray
    ) -> tuple[TrainingState, np.ndarray]:
        """Call ``on_epoch_begin``; return the state and learning rates to use."""
        if not self._callbacks:
            return state, rates
        shown = self._show(state, rates[0])
        self._callbacks.on_epoch_begin(epoch)
        return self._take_back(state, shown), rates * self._rate_factor

    def epoch_end(
        self, epoch: int, state: TrainingState, logs: dict[str, float]
    ) -> TrainingState:
        """Call ``on_epoch_end``; return the state to go on with."""
        if not self._callbacks:
            return state
        shown = self._show(state)
        self._callbacks.on_epoch_end(epoch, logs)
        return self._take_back(state, shown)

    def _show(
        self, state: TrainingState, rate: float | None = None
    ) -> list[np.ndarray]:
        optimizer = self._model.optimizer
        # The first slot of every optimizer counts its steps.
        optimizer.iterations.assign(state.slots[0])
        arrays = self._program.unpack(state.weights)
        for variable, array in zip(
            self._model.trainable_variables, arrays, strict=True
        ):
            variable.assign(array)
        if rate is not None:
            self._rate_planned = float(rate)
            # A schedule's rate follows from the steps.
            if hasattr(optimizer.learning_rate, "assign"):
                optimizer.learning_rate.assign(rate * self._rate_factor)
        self._rate_shown = self._rate()
        return arrays

    def _take_back(
        self, state: TrainingState, shown: list[np.ndarray]
    ) -> TrainingState:
        if self._rate() != self._rate_shown and self._rate_planned > 0:
            self._rate_factor = self._rate() / self._rate_planned
            self.has_steered = True
        arrays = [v.numpy() for v in self._model.trainable_variables]
        pairs = zip(arrays, shown, strict=True)
        if all(np.array_equal(new, old, equal_nan=True) for new, old in pairs):
            return state
        self.has_steered = True
        return state._replace(weights=self._program.pack(arrays))

    def _rate(self) -> float:
        return float(self._model.optimizer.learning_rate.numpy())


def _holds_open(value: Any) -> bool:
    values = value.values() if isinstance(value, dict) else [value]
    return any(isinstance(v, HANDLES) or hasattr(v, "fileno") for v in values)
