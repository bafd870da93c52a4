"""From a pretrained network and the series at hand to a trained model."""

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from skl_lstm._engine.plan import TrainingPlan
from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._series.history import History
from skl_lstm._training.calibration import calibrate, check_same_network
from skl_lstm._training.ensemble import Start, train_ensemble
from skl_lstm._training.layout import Layout, lay_out
from skl_lstm._training.plan import Task, plan_training
from skl_lstm._training.seasonal_fit import decoder_spec, lay_out_rest
from skl_lstm._training.settings import Settings
from skl_lstm._training.windows import list_origins, split_windows
from skl_lstm._windows.columns import Columns
from skl_lstm._windows.decoder import SeasonalNetworks
from skl_lstm._windows.scaling import fit_new_series, read_bounds

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
    settings: Settings,
    task: Task,
    histories: Sequence[History],
    seed: int,
    pretrained: TrainedModel,
) -> TrainedModel:
    """Use a pretrained network for the series at hand.

    Each series gets its own scale. With ``pretrain_mode="finetune"`` training goes on
    for a few small steps, and is undone if the latest windows are not forecast better
    for it; with "frozen" the weights stay as they are.

    Parameters
    ----------
    settings : Settings
        Parameters of the estimator.
    task : Task
        What is to be learned.
    histories : sequence of History
        Rows of each series; NaN where missing.
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
    if settings.window_scaling == "auto":
        settings = replace(settings, window_scaling=spec.window_scaling)
    sizes = [settings.window_length, settings.horizon]
    length, horizon = (
        trained if size == "auto" else int(size)
        for size, trained in zip(sizes, (spec.window_length, spec.horizon), strict=True)
    )
    n_outputs = histories[0].y.shape[1]
    asked, _ = plan_training(
        settings,
        task,
        length,
        horizon,
        n_outputs,
        1,
        known_in_window=spec.known_in_window,
        decodes=spec.n_decoded > 0,
    )
    if spec.n_decoded:
        asked = decoder_spec(asked, spec.n_decoded)
    check_same_network(task.name, asked, pretrained)
    if asked.weighted != spec.weighted and not spec.n_decoded:
        networks = replace(
            pretrained.networks, spec=replace(spec, weighted=asked.weighted)
        )
        pretrained = replace(pretrained, networks=networks)
    _check_same_intervals(task.name, settings.intervals, pretrained)
    options = settings.scaler, settings.y_transform
    known = replace(pretrained.scaling, bounds=read_bounds(settings.bounds))
    scalings = [fit_new_series(known, *options, h.y) for h in histories]
    calibration = pretrained.calibration.of_new_series()
    model = replace(pretrained, scalings=tuple(scalings), calibration=calibration)
    if isinstance(model.networks, SeasonalNetworks):
        # Of a network that many series have trained, and the map that is theirs in
        # common, nothing is trained on.
        linear = model.networks.linear.of_new_series()
        return replace(model, networks=replace(model.networks, linear=linear))
    if settings.pretrain_mode == "frozen":
        return model
    return _fine_tune(model, settings, task, histories, seed)


def _same_columns(task: Task, pretrained: TrainedModel) -> Columns:
    """Return the pretrained use of the columns, flags of missing values included.

    Raises
    ------
    ValueError
        If the task uses the columns otherwise.
    """
    asked, known = task.columns, pretrained.columns
    if (asked.concurrent, asked.shifted) != (known.concurrent, known.shifted):
        raise ValueError(
            f"{task.name} was pretrained with {len(known.concurrent)} concurrent and "
            f"{len(known.shifted)} shifted columns of X, but now gets "
            f"{len(asked.concurrent)} and {len(asked.shifted)}. Pass the same columns, "
            "and the same X_treatment."
        )
    return known


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
    settings: Settings,
    task: Task,
    histories: Sequence[History],
    seed: int,
) -> TrainedModel:
    """Train on for a few steps, as far as the latest windows gain by it."""
    spec = model.spec
    sizes = spec.window_length, spec.horizon
    origins = list_origins(task, histories, *sizes, short=True)
    if sum(map(len, origins)) < LEAST_WINDOWS:
        return model
    stopping = replace(settings, early_stopping=True)
    splits = split_windows(stopping, origins, spec.horizon)
    layout = lay_out(
        spec,
        model.columns,
        histories,
        model.scalings,
        splits,
        around=model.around,
    )
    if not len(layout.validation):
        return model
    n_train = len(layout.train)
    _, plan = plan_training(settings, task, *sizes, spec.n_outputs, n_train)
    per_epoch = -(-n_train // spec.batch_size)
    plan = replace(
        plan,
        epochs=max(1, FINE_TUNING_STEPS // per_epoch),
        learning_rate=FINE_TUNING_RATE * plan.learning_rate,
        batch_size=spec.batch_size,
    )
    ensemble = train_ensemble(spec, Start(model.networks.members), layout, plan, seed)
    calibration = model.calibration
    if len(layout.validation) >= LEAST_WINDOWS:
        calibration = calibrate(settings, ensemble.tested, splits)
    return replace(
        model,
        networks=ensemble.networks,
        curves=ensemble.curves,
        calibration=calibration,
    )


def update_model(
    model: TrainedModel, histories: Sequence[History], n_new: Sequence[int], seed: int
) -> TrainedModel:
    """Continue training on the latest rows for a bounded number of steps.

    Parameters
    ----------
    model : TrainedModel
        Where to start; it stays unchanged.
    histories : sequence of History
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
    assembly = model.assemble(histories)
    least = -(-spec.batch_size // len(histories))
    latest = []
    for history, start, n in zip(histories, assembly.starts, n_new, strict=True):
        rows = np.arange(spec.window_length, len(history) - spec.horizon + 1)
        latest.append(start + rows[-max(least, n) :] if n else rows[:0])
    origins = np.concatenate(latest)
    if not len(origins):
        warnings.warn(
            f"The {max(map(len, histories))} rows up to the cutoff hold no complete "
            f"window of {spec.window_length} + {spec.horizon} rows to learn from: "
            "the weights stay as they are.",
            stacklevel=2,
        )
        return model
    plan = TrainingPlan(
        epochs=max(1, UPDATE_STEPS // -(-len(origins) // spec.batch_size)),
        learning_rate=UPDATE_RATE * model.learning_rate,
        batch_size=spec.batch_size,
        cosine_decay=False,
    )
    layout = Layout(assembly, origins, origins[:0], origins[:0])
    if isinstance(model.networks, SeasonalNetworks):
        layout = lay_out_rest(model.networks, assembly, origins, origins[:0])
    ensemble = train_ensemble(spec, Start(model.networks.members), layout, plan, seed)
    networks = model.networks.with_members(ensemble.networks.members)
    return replace(model, networks=networks)
