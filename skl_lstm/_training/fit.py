"""From parameters and series to a trained model: the steps, in order.

`choose_windows` -> `choose_form` -> `choose_network` -> `lay_out` ->
`train_ensemble` -> `calibrate` -> `choose_theta`; each takes what the ones before it
returned.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from skl_lstm._engine.plan import TrainingPlan
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._series.history import History
from skl_lstm._training.calibration import calibrate, check_same_network
from skl_lstm._training.defaults import WINDOWS_TO_REFIT
from skl_lstm._training.ensemble import Start, train_ensemble
from skl_lstm._training.form import Form, choose_form, resolve_transform
from skl_lstm._training.layout import lay_out
from skl_lstm._training.plan import Task, plan_training
from skl_lstm._training.seasonal import may_have_seasons
from skl_lstm._training.seasonal_fit import train_seasonal_model
from skl_lstm._training.settings import Settings
from skl_lstm._training.theta_share import choose_theta
from skl_lstm._training.windows import Windows, choose_windows
from skl_lstm._windows.assembly import place_each
from skl_lstm._windows.scaling import fit_scalings

# With fewer held-out windows that do not overlap, the tail judges a network poorly.
WINDOWS_THAT_JUDGE = 10


class Design(NamedTuple):
    """What is trained, how long, and where it starts."""

    spec: NetworkSpec
    plan: TrainingPlan
    start: Start


def train_model(
    settings: Settings,
    task: Task,
    histories: Sequence[History],
    seed: int,
    start: TrainedModel | None = None,
) -> TrainedModel:
    """Train one network on all series.

    Parameters
    ----------
    settings : Settings
        Parameters of the estimator.
    task : Task
        What is to be learned.
    histories : sequence of History
        Training rows of each series, in their own units; NaN where missing.
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
    if may_have_seasons(settings, task, histories, start):
        model = train_seasonal_model(settings, task, histories, seed, start)
        if model is not None:
            return model
    windows = choose_windows(settings, task, histories)
    transform = resolve_transform(settings, task, histories, windows, start)
    scalings = fit_scalings(settings.scaler, transform, histories, settings.bounds)
    form = choose_form(settings, task, histories, scalings, windows, start)
    design = choose_network(settings, task, histories, windows, form, start)
    layout = lay_out(
        design.spec,
        task.columns,
        histories,
        scalings,
        windows.splits,
        windows.origins if design.start.refits else None,
        form.around,
    )
    ensemble = train_ensemble(design.spec, design.start, layout, design.plan, seed)
    calibration = calibrate(settings, ensemble.tested, windows.splits)
    share = settings.theta_share
    theta = choose_theta(
        # Who asks for the network of the textbooks gets it alone.
        0.0 if design.start.plain and share == "auto" else share,
        task.sp,
        ensemble.tested,
        layout.assembly,
        windows.origins,
        place_each(calibration.origins, layout.assembly.starts),
        held_out=calibration.held_out,
        with_X=_window_holds_columns(task, form),
    )
    return TrainedModel(
        ensemble.networks,
        task.columns,
        ensemble.curves,
        tuple(scalings),
        calibration,
        design.plan.learning_rate,
        theta,
        form.around,
        task.seasons if task.autoregressive else (),
    )


def choose_network(
    settings: Settings,
    task: Task,
    histories: Sequence[History],
    windows: Windows,
    form: Form,
    start: TrainedModel | None,
) -> Design:
    """Choose the network, the budget of its training, and where it starts.

    Raises
    ------
    ValueError
        If ``start`` is another network.
    """
    n_train, n_held_out = windows.n_train, windows.n_held_out
    # Without a linear map the network starts at next to nothing.
    starts_well = start is None and settings.linear_skip
    spec, plan = plan_training(
        replace(settings, window_scaling=form.window_scaling),
        task,
        windows.length,
        windows.horizon,
        histories[0].y.shape[1],
        n_train,
        known_in_window=form.known_in_window,
        untested=settings.is_automatic and starts_well and not n_held_out,
    )
    check_same_network(task.name, spec, start)
    few = n_train < WINDOWS_TO_REFIT
    return Design(
        spec,
        plan,
        Start(
            start.networks.members if start else [None] * settings.n_estimators,
            # A constant is left to start, and end, at itself.
            plain=settings.is_textbook_network and _varies(histories),
            sp=task.sp,
            n_series=len(histories),
            doubts=settings.is_automatic,
            is_gentle=(
                settings.is_automatic
                and settings.linear_skip
                and few
                and windows.n_independent < WINDOWS_THAT_JUDGE
            ),
            # Only where the choice is ours, and where the latest windows are a loss.
            refits=settings.is_automatic and few and n_held_out > 0,
        ),
    )


def _window_holds_columns(task: Task, form: Form) -> bool:
    known = form.known_in_window and len(task.columns.concurrent) > 0
    return known or len(task.columns.shifted) > 0


def _varies(histories: Sequence[History]) -> bool:
    return any(
        (np.nanmax(h.y, axis=0) > np.nanmin(h.y, axis=0)).any() for h in histories
    )
