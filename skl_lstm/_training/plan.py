"""What to train and how long: the network's specification and its budget."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skl_lstm._engine.plan import TrainingPlan
from skl_lstm._engine.spec import NetworkSpec, pays_to_compile
from skl_lstm._training.defaults import (
    DECODER_RATE,
    LEARNING_RATE,
    resolve_batch_size,
    resolve_epochs,
    resolve_loss,
    resolve_patience,
    resolve_units,
)
from skl_lstm._training.settings import Settings
from skl_lstm._windows.columns import Columns


@dataclass(frozen=True)
class Task:
    """What is to be learned, apart from the parameters.

    Attributes
    ----------
    name : str
        Name of the estimator, for errors.
    cell : {"lstm", "gru", "rnn"}
        Recurrent cell.
    autoregressive : bool
        Whether the target's own past is an input. If not, each row is one sample.
    columns : Columns
        Use of the exogenous columns.
    sp : int
        Season length.
    seasons : tuple of float
        Rows of every season that the series are long enough for, see
        `resolve_seasons`.
    last_step : int or None
        Last step of the forecasting horizon, if known.
    weighted : bool
        Whether the errors of some rows count more than those of others.
    build_encoder : callable or None
        What a subclass reads windows by, in place of recurrent layers.
    """

    name: str
    cell: str
    autoregressive: bool
    columns: Columns
    sp: int
    last_step: int | None = None
    seasons: tuple[float, ...] = ()
    weighted: bool = False
    build_encoder: Callable[[Any], Any] | None = None


def plan_training(
    settings: Settings,
    task: Task,
    length: int,
    horizon: int,
    n_outputs: int,
    n_windows: int,
    *,
    known_in_window: bool = True,
    untested: bool = False,
    decodes: bool = False,
) -> tuple[NetworkSpec, TrainingPlan]:
    """Resolve the network and the budget of its training; not the window scaling.

    Parameters
    ----------
    settings : Settings
        The parameters, ``window_scaling`` resolved.
    task : Task
        What is to be learned.
    length, horizon : int
        Rows that a window reads and is compared with.
    n_outputs : int
        Targets.
    n_windows : int
        Windows to train on.
    known_in_window : bool, default=True
        Whether the network reads the concurrent columns.
    decodes : bool, default=False
        Whether an encoder and decoder corrects a seasonal forecast.
    untested : bool, default=False
        Whether no held-out window tells when to stop, see `resolve_epochs`.
    """
    from skl_lstm._engine import config
    from skl_lstm._engine.callbacks import check_callbacks

    name = task.name
    check_callbacks(settings.callbacks or (), name)
    optimizer, optimizer_rate = config.serialize_optimizer(settings.optimizer, name)
    batch_size = resolve_batch_size(settings.batch_size, n_windows)
    epochs = resolve_epochs(settings.epochs, n_windows, batch_size, untested=untested)
    n_steps = epochs * -(-n_windows // batch_size)
    units = resolve_units(settings.units)
    regularizer = config.serialize_regularizer(settings.kernel_regularizer, name)
    spec = NetworkSpec(
        cell=task.cell,
        units=units,
        window_length=length,
        horizon=horizon,
        n_outputs=n_outputs,
        n_concurrent=task.columns.n_concurrent,
        n_shifted=task.columns.n_shifted,
        autoregressive=task.autoregressive,
        bridges_gaps=task.autoregressive and task.columns.n_target_flags > 0,
        window_scaling=settings.window_scaling,
        known_in_window=known_in_window,
        linear_skip=bool(settings.linear_skip),
        activation=config.name_activation(settings.activation, name),
        dropout=float(settings.dropout),
        recurrent_dropout=float(settings.recurrent_dropout),
        bidirectional=bool(settings.bidirectional),
        kernel_regularizer=regularizer,
        loss=config.serialize_loss(resolve_loss(settings.loss, horizon), name),
        optimizer=optimizer,
        batch_size=batch_size,
        compiled_loop=pays_to_compile(task.cell, n_steps, length, len(units)),
        weighted=task.weighted,
    )
    usual = DECODER_RATE if decodes else LEARNING_RATE
    budget = _plan_budget(settings, epochs, n_steps, batch_size, optimizer_rate, usual)
    return _with_own_encoder(spec, task), budget


def _with_own_encoder(spec: NetworkSpec, task: Task) -> NetworkSpec:
    """Put what a subclass builds, if it does, in place of the recurrent layers."""
    if task.build_encoder is None:
        return spec
    from skl_lstm._engine.own_encoder import with_encoder

    return with_encoder(spec, task.build_encoder, task.name)


def _plan_budget(
    settings: Settings,
    epochs: int,
    n_steps: int,
    batch_size: int,
    optimizer_rate: float | None,
    usual_rate: float,
) -> TrainingPlan:
    """Collect how long and how fast to train.

    A learning rate given by number, or inside the optimizer, stays constant as in
    Keras; the automatic one decays to zero.
    """
    patience, without_gain = resolve_patience(
        settings.n_iter_no_change, n_steps // epochs
    )
    rate = settings.learning_rate
    decays = rate == "auto" and optimizer_rate is None
    if rate == "auto":
        rate = usual_rate if optimizer_rate is None else optimizer_rate
    return TrainingPlan(
        epochs=epochs,
        learning_rate=float(rate),
        batch_size=batch_size,
        cosine_decay=decays,
        n_iter_no_change=patience,
        n_iter_no_gain=without_gain,
        callbacks=settings.callbacks or (),
        verbose=int(settings.verbose),
    )
