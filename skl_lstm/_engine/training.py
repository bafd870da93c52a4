"""The training loop: epochs, early stopping, best weights, callbacks.

A ladder of small steps over `Program.train`, which takes many optimizer steps in one
compiled call.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from skl_lstm._engine.callbacks import CallbackBridge
from skl_lstm._engine.plan import TrainingPlan
from skl_lstm._engine.program import Program, Tensors, TrainingState
from skl_lstm._engine.progress import Progress
from skl_lstm._engine.rows import Data
from skl_lstm._engine.sharing import to_tensors

# Steps per compiled call: short enough that the progress moves and Ctrl-C is
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
    is_steered : bool
        Whether a callback has changed the learning rate or weights, or stopped
        training before it would have ended.
    """

    weights: list[np.ndarray]
    history: dict[str, list[float]]
    best_epoch: int
    is_steered: bool = False


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
    bar: Progress
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
    steps = -(-len(train_origins) // plan.batch_size)
    with CallbackBridge(plan.callbacks, program, plan.epochs, steps) as bridge:
        run = _Run(
            program=program,
            data=to_tensors(data),
            plan=plan,
            rng=rng,
            train_origins=train_origins,
            validation_batches=(
                make_batches(validation_origins, plan.batch_size)
                if len(validation_origins)
                else None
            ),
            bridge=bridge,
            bar=Progress(plan.title, plan.epochs, steps, plan.verbose),
            state=program.start(weights, rng),
        )
        return _train_all(run)


def _train_all(run: _Run) -> TrainingResult:
    """Train until the end or until someone stops; keep the best weights."""
    plan, bridge = run.plan, run.bridge
    run.state = bridge.begin(run.state, plan.learning_rate)
    if run.validation_batches is not None:
        run.best.see(_validation_loss(run), run.state.weights)
    epoch, logs = 0, {}
    while epoch < plan.epochs and not _is_tired(run) and not bridge.stop_training:
        n_epochs = min(_epochs_per_call(run), plan.epochs - epoch)
        logs = _run_epochs(run, epoch, n_epochs)
        epoch += n_epochs
    run.bar.close()
    is_cut_short = epoch < plan.epochs and not _is_tired(run)
    best_epoch = epoch
    if run.best.weights is not None:
        # Callbacks see the weights that are kept, and may replace those, too.
        run.state = run.state._replace(weights=run.best.weights)
        best_epoch = run.best.epoch
    kept = run.program.unpack(bridge.end(run.state, logs))
    # The losses of all steps were finite, but nobody has seen one of the last weights.
    if not all(np.isfinite(w).all() for w in kept):
        raise FloatingPointError(
            f"Training diverged: the weights are not finite in epoch {epoch}. {CURES}"
        )
    is_steered = bridge.has_steered or is_cut_short
    return TrainingResult(kept, run.history, best_epoch, is_steered)


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
    run.state, rates = run.bridge.epoch_begin(epoch, run.state, rates)
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
    run.state = run.bridge.epoch_end(epoch, run.state, dict(logs))
    return logs


def _train_steps(run: _Run, n_epochs: int, rates: np.ndarray) -> np.ndarray:
    """Take the steps of some epochs, windows in random order; return their losses."""
    epochs = [
        make_batches(run.train_origins, run.plan.batch_size) for _ in range(n_epochs)
    ]
    for batches in epochs:
        run.rng.shuffle(batches.reshape(-1)[: len(run.train_origins)])
    batches = np.concatenate(epochs) if n_epochs > 1 else epochs[0]
    losses = []
    for i in range(0, len(batches), STEPS_PER_CALL):
        some = batches[i : i + STEPS_PER_CALL]
        run.state, loss = run.program.train(
            run.state, run.data, some, rates[i : i + STEPS_PER_CALL]
        )
        losses.append(loss)
        run.bar.advance(len(some), loss=float(loss.mean()))
    return np.concatenate(losses)


def _is_tired(run: _Run) -> bool:
    """Whether the validation loss has not become better for too long."""
    patience = run.plan.n_iter_no_change
    if run.best.epoch == 0 and run.plan.n_iter_no_gain is not None:
        patience = run.plan.n_iter_no_gain
    return patience is not None and run.best.n_since >= patience


def _check_finite(curves: dict[str, list[float]], epoch: int) -> None:
    for name, values in curves.items():
        for i, value in enumerate(values):
            if not np.isfinite(value):
                raise FloatingPointError(
                    f"Training diverged: {name} is {value} in epoch {epoch + i + 1}. "
                    f"{CURES}"
                )
