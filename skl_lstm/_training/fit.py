"""From parameters and series to a trained model."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from skl_lstm._engine.ensemble import Weights
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._intervals.conformal import Calibration
from skl_lstm._training.defaults import resolve_horizon, resolve_window_length
from skl_lstm._training.ensemble import train_members
from skl_lstm._training.plan import (
    Task,
    is_automatic,
    plan_training,
    refits,
    split_windows,
    training_origins,
)
from skl_lstm._training.theta_share import choose_theta
from skl_lstm._training.window_scaling import choose_window_scaling
from skl_lstm._windows.assembly import Assembly, Series, assemble, place_each
from skl_lstm._windows.columns import Columns
from skl_lstm._windows.origins import Split
from skl_lstm._windows.scaling import Scaling, fit_scalings

# Without held-out windows, the share of the latest training windows whose errors are
# taken for those to come.
TESTED_SHARE = 0.2


class Windows(NamedTuple):
    """Origins in the rows of the assembled data, nearest to the end of a series last.

    Attributes
    ----------
    train, validation, all : ndarray of int32
        Windows trained on, held out, and both with those between them, which are
        wanted for a second run only.
    """

    train: np.ndarray
    validation: np.ndarray
    all: np.ndarray


def train_model(
    parameters: Mapping[str, Any],
    task: Task,
    rows: Sequence[tuple[np.ndarray, np.ndarray]],
    seed: int,
    start: TrainedModel | None = None,
) -> TrainedModel:
    """Train one network on all series.

    Parameters
    ----------
    parameters : mapping
        Constructor parameters of the estimator.
    task : Task
        What is to be learned.
    rows : sequence of (ndarray, ndarray)
        Targets of shape (n_rows, n_outputs) and exogenous columns of shape
        (n_rows, n_features) of each series, in their own units; NaN where missing.
    seed : int
        Source of all randomness.
    start : TrainedModel or None, default=None
        Weights to start from, in place of fresh ones.

    Returns
    -------
    TrainedModel

    Raises
    ------
    ValueError
        If the series are too short, or ``start`` is another network.
    FloatingPointError
        If training diverges.
    """
    length, horizon = resolve_window(parameters, task, rows)
    origins = find_origins(task, rows, length, horizon, short=len(rows) > 1)
    if not sum(map(len, origins)):
        raise ValueError(
            f"{task.name} found no window to train on: it needs {length} + {horizon} "
            "rows with enough values that are not missing. Pass more data, or lower "
            "window_length or horizon."
        )
    splits = split_windows(parameters, origins, horizon)
    n_train = sum(len(split.train) for split in splits)
    plain = is_plain(parameters, rows)
    scaling = resolve_window_scaling(parameters, task, rows, splits, length, horizon)
    if start is not None and parameters["window_scaling"] == "auto":
        scaling = start.spec.window_scaling
    resolved = {**parameters, "window_scaling": scaling}
    n_held_out = sum(len(split.validation) for split in splits)
    # Without a linear map the network starts at next to nothing.
    starts_well = start is None and parameters["linear_skip"]
    spec, plan = plan_training(
        resolved,
        task,
        length,
        horizon,
        rows[0][0].shape[1],
        n_train,
        untested=is_automatic(parameters) and starts_well and not n_held_out,
    )
    check_same_network(task.name, spec, start)
    scalings = fit_scalings(parameters["scaler"], parameters["y_transform"], rows)
    refit = refits(parameters, n_train, n_held_out)
    again = origins if refit else None
    assembly, windows = lay_out(spec, task.columns, rows, scalings, splits, again)
    ensemble = train_members(
        spec,
        start.members if start else [None] * parameters["n_estimators"],
        assembly.data,
        windows.train,
        windows.validation,
        plan,
        seed,
        refit_on=windows.all if refit else None,
        n_series=len(rows),
        sp=task.sp,
        plain=plain,
        doubts=is_automatic(parameters),
    )
    calibration = calibrate(parameters, ensemble.tested, splits, seed)
    share = parameters["theta_share"]
    theta = choose_theta(
        # Who asks for the network of the textbooks gets it alone.
        0.0 if plain and share == "auto" else share,
        task.sp,
        spec,
        ensemble.tested,
        assembly,
        origins,
        place_each(calibration.rows, assembly.starts),
        held_out=calibration.held_out,
        with_X=rows[0][1].shape[1] > 0,
    )
    return TrainedModel(
        spec,
        task.columns,
        ensemble.members,
        ensemble.curves,
        tuple(scalings),
        calibration,
        plan["learning_rate"],
        theta,
    )


def is_plain(
    parameters: Mapping[str, Any], rows: Sequence[tuple[np.ndarray, np.ndarray]]
) -> bool:
    """Whether the network of the textbooks is asked for: layers and an output.

    A constant is left to start, and end, at itself.
    """
    varies = any((np.nanmax(y, axis=0) > np.nanmin(y, axis=0)).any() for y, _ in rows)
    unscaled = parameters["window_scaling"] is None
    return unscaled and not parameters["linear_skip"] and varies


def resolve_window(
    parameters: Mapping[str, Any],
    task: Task,
    rows: Sequence[tuple[np.ndarray, np.ndarray]],
) -> tuple[int, int]:
    """Return window length and horizon, chosen for the series of median length."""
    n_rows = int(np.median([len(y) for y, _ in rows]))
    horizon = 1
    if task.autoregressive:
        horizon = resolve_horizon(
            parameters["horizon"], n_rows, task.last_step, task.sp
        )
    length = resolve_window_length(
        parameters["window_length"],
        n_rows,
        horizon,
        task.sp,
        n_columns=rows[0][1].shape[1],
        n_series=len(rows),
    )
    return length, horizon


def resolve_window_scaling(
    parameters: Mapping[str, Any],
    task: Task,
    rows: Sequence[tuple[np.ndarray, np.ndarray]],
    splits: Sequence[Split],
    length: int,
    horizon: int,
) -> str | None:
    """Return how windows are normalized; a choice is made for single series only.

    The series of a panel differ in what suits them, and only a normalized window
    looks the same in all of them.
    """
    scaling = parameters["window_scaling"]
    if scaling != "auto":
        return scaling
    if not task.autoregressive:
        return None
    if len(rows) > 1 or parameters["y_transform"] or not parameters["linear_skip"]:
        return "standard"
    return choose_window_scaling(rows[0][0], splits[0], length, horizon)


def calibrate(
    parameters: Mapping[str, Any],
    networks: list[Weights],
    splits: Sequence[Split],
    seed: int,
) -> Calibration:
    """Say which windows intervals are made from: those that were held out.

    Without any these are the latest windows trained on, and a quantile head must do
    with the others.
    """
    held_out = any(len(split.validation) for split in splits)
    tested, others = [split.validation for split in splits], [s.train for s in splits]
    if not held_out:
        first = [int((1 - TESTED_SHARE) * len(rows)) for rows in others]
        tested = [rows[n:] for rows, n in zip(others, first, strict=True)]
        others = [rows[:n] for rows, n in zip(others, first, strict=True)]
    return Calibration(
        networks,
        tested,
        held_out,
        intervals=parameters["intervals"],
        trained_on=others if parameters["intervals"] == "quantile" else (),
        seed=seed,
    )


def find_origins(
    task: Task,
    rows: Sequence[tuple[np.ndarray, np.ndarray]],
    length: int,
    horizon: int,
    *,
    short: bool,
) -> list[np.ndarray]:
    """List the windows to train on in every series, see `training_origins`."""
    known = [np.isfinite(y).any(axis=1) for y, _ in rows]
    return [training_origins(task, k, length, horizon, short=short) for k in known]


def lay_out(
    spec: NetworkSpec,
    columns: Columns,
    rows: Sequence[tuple[np.ndarray, np.ndarray]],
    scalings: Sequence[Scaling],
    splits: Sequence[Split],
    origins: Sequence[np.ndarray] | None = None,
) -> tuple[Assembly, Windows]:
    """Assemble the series, and turn their rows into rows of the assembled data.

    ``origins`` are all windows, where they are wanted.
    """
    series = [Series(y, X, s) for (y, X), s in zip(rows, scalings, strict=True)]
    assembly = assemble(spec, columns, series)
    starts = assembly.starts
    lengths = [len(y) for y, _ in rows]

    def place(each: list[np.ndarray]) -> np.ndarray:
        if len(each) == 1:
            return each[0] + np.int32(starts[0])
        # Distance to the end and row as one number: a sort in place, no permutation.
        keys, first = np.empty(sum(map(len, each)), "int64"), 0
        for own, n, start in zip(each, lengths, starts, strict=True):
            part = keys[first : first + len(own)]
            np.left_shift(own - n, 32, out=part, dtype="int64")
            part += own + start
            first += len(own)
        keys.sort()
        keys &= 2**32 - 1
        return keys.astype("int32")

    return assembly, Windows(
        place([split.train for split in splits]),
        place([split.validation for split in splits]),
        place(list(origins or [split.train[:0] for split in splits])),
    )


def check_same_network(
    name: str, spec: NetworkSpec, start: TrainedModel | None
) -> None:
    """Raise unless weights fit the network that is asked for.

    Raises
    ------
    ValueError
        Showing both networks.
    """
    if start is None or start.spec.weight_shapes() == spec.weight_shapes():
        return
    raise ValueError(
        f"{name} cannot go on from the weights it has: they belong to another network "
        f"({start.spec}) than the parameters and data now ask for ({spec}). Set "
        "warm_start=False to start afresh, or fix window_length and horizon so that "
        "the network stays the same."
    )
