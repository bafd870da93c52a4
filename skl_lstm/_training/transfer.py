"""From a pretrained network and the series at hand to a trained model."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._training.ensemble import train_members
from skl_lstm._training.fit import calibrate, check_same_network, find_origins, lay_out
from skl_lstm._training.plan import Task, plan_training, split_windows
from skl_lstm._windows.assembly import Series
from skl_lstm._windows.scaling import fit_new_series

# Steps of a fine-tuning and their size as a share of the automatic one: a network that
# has seen many series needs a nudge, and forgets them if it gets more.
FINE_TUNING_STEPS = 100
FINE_TUNING_RATE = 0.2
# Steps of one `update`, and their size as a share of the training's: enough to move
# towards the new rows, too few to forget the old ones.
UPDATE_STEPS = 10
UPDATE_RATE = 0.1
# With fewer windows there is nothing to stop by, and nothing to learn from.
LEAST_WINDOWS = 8


def adapt_model(
    parameters: Mapping[str, Any],
    task: Task,
    rows: Sequence[tuple[np.ndarray, np.ndarray]],
    seed: int,
    pretrained: TrainedModel,
) -> TrainedModel:
    """Use a pretrained network for the series at hand.

    Each series gets its own scale. With ``pretrain_mode="finetune"`` training goes on
    for a few small steps, and is undone if the latest windows are not forecast better
    for it; with "frozen" the weights stay as they are.

    Parameters
    ----------
    parameters : mapping
        Constructor parameters of the estimator.
    task : Task
        What is to be learned.
    rows : sequence of (ndarray, ndarray)
        Targets and exogenous columns of each series; NaN where missing.
    seed : int
        Source of all randomness.
    pretrained : TrainedModel
        Where to start.

    Raises
    ------
    ValueError
        If parameters or data ask for another network.
    """
    spec = pretrained.spec
    task = replace(task, columns=_same_columns(task, pretrained))
    sizes = [parameters["window_length"], parameters["horizon"]]
    length, horizon = (
        own if size == "auto" else int(size)
        for size, own in zip(sizes, (spec.window_length, spec.horizon), strict=True)
    )
    n_outputs = rows[0][0].shape[1]
    if parameters["window_scaling"] == "auto":
        parameters = {**parameters, "window_scaling": spec.window_scaling}
    asked, _ = plan_training(parameters, task, length, horizon, n_outputs, 1)
    check_same_network(task.name, asked, pretrained)
    _check_same_intervals(task.name, parameters["intervals"], pretrained)
    options = parameters["scaler"], parameters["y_transform"]
    scalings = [fit_new_series(pretrained.scaling, *options, y) for y, _ in rows]
    model = replace(pretrained, scalings=tuple(scalings))
    if parameters["pretrain_mode"] == "frozen":
        return model
    return _fine_tune(model, parameters, task, rows, seed)


def _same_columns(task: Task, pretrained: TrainedModel) -> Any:
    """Return the pretrained use of the columns, flags of missing values included.

    Raises
    ------
    ValueError
        If the task uses the columns otherwise.
    """
    asked, own = task.columns, pretrained.columns
    if (asked.concurrent, asked.shifted) != (own.concurrent, own.shifted):
        raise ValueError(
            f"{task.name} was pretrained with {len(own.concurrent)} concurrent and "
            f"{len(own.shifted)} shifted columns of X, but now gets "
            f"{len(asked.concurrent)} and {len(asked.shifted)}. Pass the same columns, "
            "and the same X_treatment."
        )
    return own


def _check_same_intervals(name: str, asked: str, pretrained: TrainedModel) -> None:
    """Raise unless intervals are made as they were calibrated by `pretrain`.

    Raises
    ------
    ValueError
        Naming both ways.
    """
    known = pretrained.calibration.intervals
    if asked != known:
        raise ValueError(
            f"The 'intervals' parameter of {name} must be {known!r}, as in pretrain, "
            f"whose series are not kept. Got {asked!r} instead. Set it back, or "
            "pretrain anew."
        )


def _fine_tune(
    model: TrainedModel,
    parameters: Mapping[str, Any],
    task: Task,
    rows: Sequence[tuple[np.ndarray, np.ndarray]],
    seed: int,
) -> TrainedModel:
    """Train on for a few steps, as far as the latest windows gain by it."""
    spec = model.spec
    sizes = spec.window_length, spec.horizon
    origins = find_origins(task, rows, *sizes, short=True)
    if sum(map(len, origins)) < LEAST_WINDOWS:
        return model
    stopping = {**parameters, "early_stopping": True}
    splits = split_windows(stopping, origins, spec.horizon)
    assembly, windows = lay_out(spec, model.columns, rows, model.scalings, splits)
    if not len(windows.validation):
        return model
    n_train = len(windows.train)
    _, plan = plan_training(parameters, task, *sizes, spec.n_outputs, n_train)
    per_epoch = -(-n_train // spec.batch_size)
    plan |= {
        "epochs": max(1, FINE_TUNING_STEPS // per_epoch),
        "learning_rate": FINE_TUNING_RATE * plan["learning_rate"],
    }
    ensemble = train_members(
        spec,
        model.members,
        assembly.data,
        windows.train,
        windows.validation,
        plan,
        seed,
    )
    calibration = model.calibration
    if len(windows.validation) >= LEAST_WINDOWS:
        calibration = calibrate(parameters, ensemble.tested, splits, seed)
    return replace(
        model,
        members=ensemble.members,
        curves=ensemble.curves,
        calibration=calibration,
    )


def update_model(
    model: TrainedModel, series: Sequence[Series], n_new: Sequence[int], seed: int
) -> TrainedModel:
    """Continue training on the latest rows for a bounded number of steps.

    Parameters
    ----------
    model : TrainedModel
        Where to start; it stays unchanged.
    series : sequence of Series
        All rows, the new ones last.
    n_new : sequence of int
        How many are new in each series.
    seed : int
        Orders the windows.

    Returns
    -------
    TrainedModel
        With new weights.
    """
    spec = model.spec
    data, starts, _ = model.assemble(series)
    least = -(-spec.batch_size // len(series))
    latest = []
    for one, start, n in zip(series, starts, n_new, strict=True):
        origins = np.arange(spec.window_length, len(one.y) - spec.horizon + 1)
        latest.append(start + origins[-max(least, n) :] if n else origins[:0])
    origins = np.concatenate(latest)
    if not len(origins):
        warnings.warn(
            f"The {max(len(one.y) for one in series)} rows up to the cutoff hold "
            "no complete window of "
            f"{spec.window_length} + {spec.horizon} rows to learn from: "
            "the weights stay as they are.",
            stacklevel=2,
        )
        return model
    plan = {
        "epochs": max(1, UPDATE_STEPS // -(-len(origins) // spec.batch_size)),
        "learning_rate": UPDATE_RATE * model.learning_rate,
        "cosine_decay": False,
    }
    trained = train_members(spec, model.members, data, origins, origins[:0], plan, seed)
    return replace(model, members=trained.members)
