"""The form of the forecast: what known columns explain, and how windows are read."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._series.history import History
from skl_lstm._training.level import choose_level, reads_columns
from skl_lstm._training.plan import Task
from skl_lstm._training.settings import Settings
from skl_lstm._training.transfer_function import fit_transfer_function
from skl_lstm._training.transform import choose_transform
from skl_lstm._training.trend import choose_trend
from skl_lstm._training.windows import Windows
from skl_lstm._windows.assembly import NOTHING, Around, scale_features
from skl_lstm._windows.scaling import Scaling


def resolve_transform(
    settings: Settings,
    task: Task,
    histories: Sequence[History],
    windows: Windows,
    start: TrainedModel | None,
) -> str | None:
    """Return what is taken of the targets; a choice is made for single series only.

    Beside known columns there is none: whether their effects add up or multiply is
    more than a forecast of the targets alone can tell.
    """
    if settings.y_transform != "auto":
        return settings.y_transform
    if start is not None:
        known = start.scaling.y_transform
        least = min(np.nanmin(history.y) for history in histories)
        return known if least > 0 else None
    free = task.autoregressive and settings.linear_skip and settings.scaler is not None
    if not free or len(histories) > 1 or task.columns.concurrent:
        return None
    return choose_transform(histories[0].y, windows.length, windows.horizon, task.sp)


class Form(NamedTuple):
    """What stands around the network.

    Attributes
    ----------
    around : Around
        What is taken from the targets, and added to forecasts.
    window_scaling : {"standard", "level"} or None
        How windows are normalized.
    known_in_window : bool
        Whether the network reads the concurrent columns.
    """

    around: Around
    window_scaling: str | None
    known_in_window: bool


def choose_form(
    settings: Settings,
    task: Task,
    histories: Sequence[History],
    scalings: Sequence[Scaling],
    windows: Windows,
    start: TrainedModel | None,
) -> Form:
    """Choose the form on the training rows, or take that of the weights to start from.

    Parameters
    ----------
    settings, task, histories
        As for `train_model`.
    scalings : sequence of Scaling
        Of each series.
    windows : Windows
        Window length and horizon.
    start : TrainedModel or None
        What has a form already.
    """
    asked = settings.window_scaling
    if start is not None:
        scaling = start.spec.window_scaling if asked == "auto" else asked
        return Form(start.around, scaling, start.spec.known_in_window)
    if not task.autoregressive:
        return Form(NOTHING, None if asked == "auto" else asked, True)
    is_panel = len(histories) > 1
    if asked == "auto" and (is_panel or not settings.linear_skip):
        # The series of a panel differ in what suits them, and only a normalized window
        # looks the same in all of them.
        asked = "standard"
    if not settings.linear_skip or (is_panel and not task.columns.concurrent):
        # Nothing more to choose, so that no series need be scaled for it.
        return Form(NOTHING, asked, True)
    sizes = windows.length, windows.horizon
    series = [_scale(task, *pair) for pair in zip(histories, scalings, strict=True)]
    transfer, known_in_window = None, not task.columns.concurrent
    if task.columns.concurrent:
        transfer = fit_transfer_function(
            series,
            *sizes,
            sp=task.sp,
            weights=[history.weights for history in histories],
        )
        series = [(y - transfer.apply(X), X) for y, X in series]
    rests = [y for y, _ in series]
    if asked == "auto":
        scaling = choose_level(rests, *sizes, sp=task.sp)
        asked = None if scaling == "raw" else scaling
    trend = None
    if asked == "standard" and len(rests) == 1 and task.last_step is not None:
        trend = choose_trend(rests[0], *sizes, task.last_step, task.sp)
    if task.columns.concurrent:
        known_in_window = reads_columns(
            [np.concatenate(pair, axis=1) for pair in series],
            *sizes,
            "raw" if asked is None else asked,
            rests[0].shape[1],
            sp=task.sp,
        )
    return Form(Around(transfer, trend), asked, known_in_window)


def _scale(
    task: Task, history: History, scaling: Scaling
) -> tuple[np.ndarray, np.ndarray]:
    """Return targets and concurrent columns, flags included, in the network's units."""
    features, _ = scale_features(task.columns, history.X, scaling, len(history))
    return scaling.scale_targets(history.y), features[:, : task.columns.n_concurrent]
