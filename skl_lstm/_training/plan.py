"""What to train and how: parameters and data turned into a network and a plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from skl_lstm._engine.spec import NetworkSpec, pays_to_compile
from skl_lstm._training.defaults import (
    LEARNING_RATE,
    WINDOWS_TO_REFIT,
    resolve_batch_size,
    resolve_early_stopping,
    resolve_epochs,
    resolve_loss,
)
from skl_lstm._windows.columns import Columns
from skl_lstm._windows.origins import Split, complete_origins, split_by_time


@dataclass(frozen=True)
class Task:
    """What is to be learned, apart from the parameters.

    Attributes
    ----------
    name : str
        Name of the estimator, for errors.
    cell : {"lstm", "gru"}
        Recurrent cell.
    autoregressive : bool
        Whether the target's own past is an input. If not, each row is one sample.
    columns : Columns
        Use of the exogenous columns.
    sp : int
        Season length.
    last_step : int or None
        Last step of the forecasting horizon, if known.
    """

    name: str
    cell: str
    autoregressive: bool
    columns: Columns
    sp: int
    last_step: int | None = None


def training_origins(
    task: Task, is_known: np.ndarray, length: int, horizon: int, *, short: bool = False
) -> np.ndarray:
    """List the windows to train on, by the row of their first target.

    A regression on concurrent columns uses every row with a target, the first ones
    with a padded window. Windows of the past alone must be complete, unless none is.
    Windows with too little to see or nothing to compare with are left out: a long
    gap is no place to learn from.

    Parameters
    ----------
    task : Task
        What is to be learned.
    is_known : ndarray of bool of shape (n_rows,)
        Rows with a target.
    length, horizon : int
        Rows that a window reads and is compared with.
    short : bool, default=False
        Whether a series too short for one window is used with padded ones, instead of
        an error.
    """
    if task.autoregressive:
        n_rows = len(is_known)
        if short and n_rows < length + horizon:
            origins = np.arange(min(2, n_rows), n_rows - horizon + 1, dtype="int32")
        else:
            origins = complete_origins(n_rows, length, horizon, name=task.name)
        return _with_enough_known(is_known, origins, length, horizon)
    known = np.flatnonzero(is_known).astype("int32")
    complete = known[known >= length]
    return complete if task.columns.shifted and len(complete) else known


def _with_enough_known(
    is_known: np.ndarray, origins: np.ndarray, length: int, horizon: int
) -> np.ndarray:
    """Keep the windows with a target, and with half of their past known if any has."""
    if is_known.all():
        return origins
    n_known = np.concatenate([[0], np.cumsum(is_known)])
    first = np.maximum(origins - length, 0)
    n_seen = n_known[origins] - n_known[first]
    has_target = n_known[origins + horizon] > n_known[origins]
    enough = has_target & (2 * n_seen >= origins - first)
    return origins[enough if enough.any() else has_target & (n_seen > 0)]


def split_windows(
    parameters: Mapping[str, Any], origins: list[np.ndarray], horizon: int
) -> list[Split]:
    """Hold the latest windows of every series out where training stops early."""
    n_windows = sum(map(len, origins))
    stops = resolve_early_stopping(parameters["early_stopping"], n_windows)
    if not stops:
        return [Split(o, o[:0]) for o in origins]
    fraction = parameters["validation_fraction"]
    return [split_by_time(o, fraction, horizon) for o in origins]


def refits(parameters: Mapping[str, Any], n_train: int, n_held_out: int) -> bool:
    """Whether the network is trained again, on all windows, once it is known how long.

    Only where the choice is ours, and where the latest windows are a loss.
    """
    few = n_train < WINDOWS_TO_REFIT
    return is_automatic(parameters) and few and n_held_out > 0


def is_automatic(parameters: Mapping[str, Any]) -> bool:
    """Whether how long to train is left to us."""
    return parameters["early_stopping"] == "auto" and not parameters["callbacks"]


def plan_training(
    parameters: Mapping[str, Any],
    task: Task,
    length: int,
    horizon: int,
    n_outputs: int,
    n_windows: int,
    *,
    untested: bool = False,
) -> tuple[NetworkSpec, dict[str, Any]]:
    """Resolve the network and the budget of its training; not the window scaling."""
    from skl_lstm._engine import config
    from skl_lstm._engine.callbacks import check_callbacks

    units = parameters["units"]
    units = (units,) if isinstance(units, (int, np.integer)) else tuple(units)
    optimizer, own_rate = config.serialize_optimizer(parameters["optimizer"], task.name)
    batch_size = resolve_batch_size(parameters["batch_size"], n_windows)
    epochs = resolve_epochs(
        parameters["epochs"], n_windows, batch_size, untested=untested
    )
    n_steps = epochs * -(-n_windows // batch_size)
    loss = resolve_loss(parameters["loss"], horizon)
    config.check_activation(parameters["activation"], task.name)
    check_callbacks(parameters["callbacks"] or (), task.name)
    spec = NetworkSpec(
        cell=task.cell,
        units=tuple(int(u) for u in units),
        window_length=length,
        horizon=horizon,
        n_outputs=n_outputs,
        n_concurrent=task.columns.n_concurrent,
        n_shifted=task.columns.n_shifted,
        autoregressive=task.autoregressive,
        bridges_gaps=task.autoregressive and task.columns.n_target_flags > 0,
        window_scaling=parameters["window_scaling"],
        linear_skip=bool(parameters["linear_skip"]),
        activation=parameters["activation"],
        dropout=float(parameters["dropout"]),
        recurrent_dropout=float(parameters["recurrent_dropout"]),
        bidirectional=bool(parameters["bidirectional"]),
        kernel_regularizer=config.serialize_regularizer(
            parameters["kernel_regularizer"], task.name
        ),
        loss=config.serialize_loss(loss, task.name),
        optimizer=optimizer,
        batch_size=batch_size,
        compiled_loop=pays_to_compile(task.cell, n_steps, length, len(units)),
    )
    return spec, training_plan(parameters, epochs, own_rate)


def training_plan(
    parameters: Mapping[str, Any], epochs: int, own_rate: float | None
) -> dict[str, Any]:
    """Collect the arguments of the engine's `TrainingPlan`.

    A learning rate given by number, or inside the optimizer, stays constant as in
    Keras; the automatic one decays to zero.
    """
    rate = parameters["learning_rate"]
    decays = rate == "auto" and own_rate is None
    if rate == "auto":
        rate = LEARNING_RATE if own_rate is None else own_rate
    return {
        "epochs": epochs,
        "learning_rate": float(rate),
        "cosine_decay": decays,
        "n_iter_no_change": parameters["n_iter_no_change"],
        "callbacks": parameters["callbacks"] or (),
        "verbose": int(parameters["verbose"]),
    }
