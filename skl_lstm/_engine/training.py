"""The training loop: epochs, early stopping, best weights, callbacks.

A ladder of small steps over `Program.train`, which takes many optimizer steps in one
compiled call.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from skl_lstm._engine.callbacks import CallbackBridge, ProgressBar
from skl_lstm._engine.data import Data
from skl_lstm._engine.plan import TrainingPlan
from skl_lstm._engine.program import Program, Tensors, TrainingState

# Steps per compiled call: short enough that the progress bar moves and Ctrl-C is
# heard, long enough that a call's overhead does not show.
STEPS_PER_CALL = 200
CURES = (
    "The usual causes are a learning_rate that is too high, an activation without "
    "bound (such as 'relu') on long windows, and targets on a scale far from one when "
    "scaler=None. Lower learning_rate, use activation='tanh', or keep the default "
    "scaler."
)


class TrainingResult(NamedTuple):
    """What training found.

    Attributes
    ----------
    weights : list of ndarray
        In Keras' order.
    history : dict of str to list of float
        "loss" and, with validation windows, "val_loss", one value per epoch.
    best_epoch : int
        Epochs after which the weights were best; all of them without validation.
    """

    weights: list[np.ndarray]
    history: dict[str, list[float]]
    best_epoch: int


@dataclass
class _BestWeights:
    """Remembers the best epoch, the one before all training being number 0."""

    weights: Tensors | None = None
    loss: float = np.inf
    epoch: int = 0
    n_seen: int = -1

    @property
    def n_since(self) -> int:
        return self.n_seen - self.epoch

    def see(self, loss: float, weights: Tensors) -> None:
        self.n_seen += 1
        if self.weights is None or loss < self.loss or np.isnan(self.loss):
            self.weights, self.loss, self.epoch = weights, loss, self.n_seen


@dataclass
class _Run:
    """The state of one call of `train`."""

    program: Program
    data: Data
    plan: TrainingPlan
    rng: np.random.Generator
    train_origins: np.ndarray
    validation_batches: np.ndarray | None
    bridge: CallbackBridge
    bar: ProgressBar
    state: TrainingState
    history: dict[str, list[float]] = field(default_factory=dict)
    best: _BestWeights = field(default_factory=_BestWeights)

    @property
    def steps_per_epoch(self) -> int:
        return -(-len(self.train_origins) // self.plan.batch_size)


def make_batches(origins: np.ndarray, batch_size: int) -> np.ndarray:
    """Lay origins out in rows of ``batch_size``, the last one filled up with -1."""
    n_batches = -(-len(origins) // batch_size)
    batches = np.full(n_batches * batch_size, -1, dtype="int32")
    batches[: len(origins)] = origins
    return batches.reshape(n_batches, batch_size)


def train(
    program: Program,
    weights: list[np.ndarray],
    data: Data,
    train_origins: np.ndarray,
    validation_origins: np.ndarray,
    plan: TrainingPlan,
    rng: np.random.Generator,
) -> TrainingResult:
    """Train a network.

    Parameters
    ----------
    program : Program
        The compiled network.
    weights : list of ndarray
        Where to start, in Keras' order; not changed.
    data : Data
        The series.
    train_origins, validation_origins : ndarray of int
        Rows of the first forecast step of every window; no validation windows
        switch early stopping off.
    plan : TrainingPlan
        Budget and learning rate.
    rng : numpy.random.Generator
        Orders the windows and seeds dropout.

    Returns
    -------
    TrainingResult
        Best weights (last ones without validation) and the learning curves.

    Raises
    ------
    FloatingPointError
        If the loss or the weights are no longer finite.
    """
    n_steps = plan.epochs * -(-len(train_origins) // plan.batch_size)
    run = _Run(
        program=program,
        data=data,
        plan=plan,
        rng=rng,
        train_origins=train_origins,
        validation_batches=(
            make_batches(validation_origins, plan.batch_size)
            if len(validation_origins)
            else None
        ),
        bridge=CallbackBridge(plan.callbacks, program, plan.epochs),
        bar=ProgressBar(n_steps, plan.verbose),
        state=program.start(weights, rng),
    )
    weights_now = run.bridge.begin(run.state.weights, plan.learning_rate)
    run.state = run.state._replace(weights=weights_now)
    if run.validation_batches is not None:
        run.best.see(_validation_loss(run), run.state.weights)
    epoch, logs = 0, {}
    while epoch < plan.epochs and not _should_stop(run):
        n_epochs = min(_epochs_per_call(run), plan.epochs - epoch)
        logs = _run_epochs(run, epoch, n_epochs)
        epoch += n_epochs
    run.bar.close()
    weights_left = run.bridge.end(run.state.weights, logs)
    if run.best.weights is None:
        found = TrainingResult(program.unpack(weights_left), run.history, epoch)
    else:
        best = program.unpack(run.best.weights)
        found = TrainingResult(best, run.history, run.best.epoch)
    # The losses of all steps were finite, but nobody has seen one of the last weights.
    if not all(np.isfinite(w).all() for w in found.weights):
        raise FloatingPointError(
            f"Training diverged: the weights are not finite in epoch {epoch}. {CURES}"
        )
    return found


def _validation_loss(run: _Run) -> float:
    assert run.validation_batches is not None
    return run.program.validate(run.state.weights, run.data, run.validation_batches)


def _epochs_per_call(run: _Run) -> int:
    """Count the epochs that nobody needs to look between."""
    if run.validation_batches is not None or run.plan.callbacks:
        return 1
    return max(1, STEPS_PER_CALL // run.steps_per_epoch)


def _run_epochs(run: _Run, epoch: int, n_epochs: int) -> dict[str, float]:
    """Train on every window ``n_epochs`` times, validate, let the callbacks speak."""
    per_epoch = run.steps_per_epoch
    rates = run.plan.rates(
        epoch * per_epoch, n_epochs * per_epoch, run.plan.epochs * per_epoch
    )
    weights, rates = run.bridge.epoch_begin(epoch, run.state.weights, rates)
    run.state = run.state._replace(weights=weights)
    losses = _train_steps(run, n_epochs, rates).reshape(n_epochs, per_epoch)
    curves = {"loss": losses.mean(axis=1).tolist()}
    if run.validation_batches is not None:
        curves["val_loss"] = [_validation_loss(run)]
    _check_finite(curves, epoch)
    for name, values in curves.items():
        run.history.setdefault(name, []).extend(values)
    logs = {name: values[-1] for name, values in curves.items()}
    if "val_loss" in logs:
        run.best.see(logs["val_loss"], run.state.weights)
    run.bar.advance(0, **logs)
    weights = run.bridge.epoch_end(epoch, run.state.weights, dict(logs))
    run.state = run.state._replace(weights=weights)
    return logs


def _train_steps(run: _Run, n_epochs: int, rates: np.ndarray) -> np.ndarray:
    """Take the steps of some epochs, windows in random order; return their losses."""
    batches = np.concatenate(
        [
            make_batches(run.rng.permutation(run.train_origins), run.plan.batch_size)
            for _ in range(n_epochs)
        ]
    )
    losses = []
    for i in range(0, len(batches), STEPS_PER_CALL):
        some = batches[i : i + STEPS_PER_CALL]
        run.state, loss = run.program.train(
            run.state, run.data, some, rates[i : i + STEPS_PER_CALL]
        )
        losses.append(loss)
        run.bar.advance(len(some), loss=float(loss.mean()))
    return np.concatenate(losses)


def _should_stop(run: _Run) -> bool:
    patience = run.plan.n_iter_no_change
    tired = patience is not None and run.best.n_since >= patience
    return run.bridge.stop_training or tired


def _check_finite(curves: dict[str, list[float]], epoch: int) -> None:
    for name, values in curves.items():
        for i, value in enumerate(values):
            if not np.isfinite(value):
                raise FloatingPointError(
                    f"Training diverged: {name} is {value} in epoch {epoch + i + 1}. "
                    f"{CURES}"
                )
