"""What to train and how: parameters and data turned into a network and a plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from skl_lstm import _defaults
from skl_lstm._engine.spec import NetworkSpec, pays_to_compile
from skl_lstm._windows import Split, complete_origins, split_by_time


@dataclass(frozen=True)
class Columns:
    """How the exogenous columns are used.

    Attributes
    ----------
    concurrent, shifted : tuple of int
        Positions of the columns known up to the forecast step, and of those known
        only up to the step before it.
    """

    concurrent: tuple[int, ...] = ()
    shifted: tuple[int, ...] = ()

    @property
    def order(self) -> list[int]:
        """Positions as the engine wants them, concurrent columns first."""
        return [*self.concurrent, *self.shifted]


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
    task: Task, is_known: np.ndarray, length: int, horizon: int
) -> np.ndarray:
    """List the windows to train on, by the row of their first target.

    A regression on concurrent columns uses every row with a target, the first ones
    with a padded window. Windows of the past alone must be complete, unless none is.
    """
    if task.autoregressive:
        return complete_origins(len(is_known), length, horizon, name=task.name)
    known = np.flatnonzero(is_known)
    complete = known[known >= length]
    return complete if task.columns.shifted and len(complete) else known


def split_windows(
    parameters: Mapping[str, Any], origins: np.ndarray, horizon: int
) -> Split:
    """Hold the latest windows out where training is to stop early."""
    stops = _defaults.resolve_early_stopping(parameters["early_stopping"], len(origins))
    if not stops:
        return Split(origins, origins[:0])
    return split_by_time(origins, parameters["validation_fraction"], horizon)


def refits(parameters: Mapping[str, Any], split: Split) -> bool:
    """Whether the network is trained again, on all windows, once it is known how long.

    Only where the choice is ours, and where the latest windows are a loss.
    """
    automatic = parameters["early_stopping"] == "auto" and not parameters["callbacks"]
    few = len(split.train) < _defaults.WINDOWS_TO_REFIT
    return automatic and few and len(split.validation) > 0


def plan_training(
    parameters: Mapping[str, Any],
    task: Task,
    length: int,
    horizon: int,
    n_outputs: int,
    n_windows: int,
) -> tuple[NetworkSpec, dict[str, Any]]:
    """Resolve the network and the budget of its training."""
    from skl_lstm._engine import config
    from skl_lstm._engine.callbacks import check_callbacks

    units = parameters["units"]
    units = (units,) if isinstance(units, (int, np.integer)) else tuple(units)
    optimizer, own_rate = config.serialize_optimizer(parameters["optimizer"], task.name)
    batch_size = _defaults.resolve_batch_size(parameters["batch_size"], n_windows)
    epochs = _defaults.resolve_epochs(parameters["epochs"], n_windows, batch_size)
    n_steps = epochs * -(-n_windows // batch_size)
    scaling = parameters["window_scaling"]
    if scaling == "auto":
        scaling = "standard" if task.autoregressive else None
    config.check_activation(parameters["activation"], task.name)
    check_callbacks(parameters["callbacks"] or (), task.name)
    spec = NetworkSpec(
        cell=task.cell,
        units=tuple(int(u) for u in units),
        window_length=length,
        horizon=horizon,
        n_outputs=n_outputs,
        n_concurrent=len(task.columns.concurrent),
        n_shifted=len(task.columns.shifted),
        autoregressive=task.autoregressive,
        window_scaling=scaling,
        linear_skip=bool(parameters["linear_skip"]),
        activation=parameters["activation"],
        dropout=float(parameters["dropout"]),
        recurrent_dropout=float(parameters["recurrent_dropout"]),
        bidirectional=bool(parameters["bidirectional"]),
        kernel_regularizer=config.serialize_regularizer(
            parameters["kernel_regularizer"], task.name
        ),
        loss=config.serialize_loss(parameters["loss"], task.name),
        optimizer=optimizer,
        batch_size=batch_size,
        compiled_loop=pays_to_compile(task.cell, n_steps),
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
        rate = _defaults.LEARNING_RATE if own_rate is None else own_rate
    return {
        "epochs": epochs,
        "learning_rate": float(rate),
        "cosine_decay": decays,
        "n_iter_no_change": parameters["n_iter_no_change"],
        "callbacks": parameters["callbacks"] or (),
        "verbose": int(parameters["verbose"]),
    }
