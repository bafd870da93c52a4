"""Whether series are forecast from their seasons, and from which windows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._series.history import History
from skl_lstm._series.season import first_step
from skl_lstm._training.plan import Task
from skl_lstm._training.seasonal_map import (
    DECAY,
    N_DECAYED,
    Choice,
    fit_seasonal_map,
    list_anchors,
    refit_seasonal_map,
)
from skl_lstm._training.settings import Settings
from skl_lstm._training.transfer_function import fit_transfer_function
from skl_lstm._training.window_map import fit_window_map, windows_before
from skl_lstm._training.windows import Windows, split_windows
from skl_lstm._windows.assembly import NOTHING, Around, scale_features
from skl_lstm._windows.comparison import thin_out
from skl_lstm._windows.decoder import SeasonalNetworks
from skl_lstm._windows.origins import split_by_time
from skl_lstm._windows.rows import Rows, locate
from skl_lstm._windows.scaling import Scaling, fit_scalings
from skl_lstm._windows.seasonal import (
    Anchor,
    SeasonalMap,
    anchor_values,
    is_anchored,
    periods_of,
)
from skl_lstm._windows.transfer_function import TransferFunction

DAYS_OF_A_WEEK = (5, 7)
# Latest deviations that the linear map reads.
N_RECENT = 8
# Days forecast at once where a year counts, and rows that an encoder reads.
DAYS_AT_ONCE = 28
SHORTEST_WINDOW, LONGEST_WINDOW = 14, 24
# With fewer windows a map of the rows a season ago cannot be told from noise.
LEAST_WINDOWS = 100
# What the errors must be in relation to a plain linear map's, on the held-out tail.
CLEAR_GAIN = 0.98
# Held-out windows that comparisons are made on, and rows of a plain map.
MOST_COMPARED, MOST_ROWS = 500, 8_000
TRANSFORMS_TRIED = (None, "sqrt", "log")


class SeasonalPlan(NamedTuple):
    """What is known before the network is trained.

    Attributes
    ----------
    tested, final : SeasonalMap
        The linear forecast, fitted without the held-out windows and with them.
    around : Around
        What is taken from the targets before.
    """

    tested: SeasonalMap
    final: SeasonalMap
    around: Around = NOTHING


def may_have_seasons(
    settings: Settings,
    task: Task,
    histories: Sequence[History],
    start: TrainedModel | None,
) -> bool:
    """Whether to forecast from the seasons is possible, and not ruled out.

    Its anchors forget the past by rules of their own, and know no weights of rows; its
    network reads tables, which an encoder of the user's was not built for.
    """
    if task.weighted or task.build_encoder is not None:
        return False
    if start is not None:
        return isinstance(start.networks, SeasonalNetworks) and bool(task.seasons)
    is_free = (
        task.autoregressive
        and settings.linear_skip
        and settings.window_scaling == "auto"
        and settings.scaler is not None
        and not settings.bidirectional
        and len(task.seasons) > 0
    )
    has_several = len(task.seasons) > 1 and len(periods_of(task.seasons)[0]) > 1
    # Of one season, the week, a single series is judged by its tail; known columns have
    # a form of their own.
    simple = len(histories) == 1 and not task.columns.concurrent
    return is_free and (has_several or (simple and task.seasons[0] in DAYS_OF_A_WEEK))


def choose_seasonal_windows(
    settings: Settings, task: Task, histories: Sequence[History]
) -> Windows | None:
    """List the windows that have two of each season before them; None for too few."""
    periods, year = periods_of(task.seasons)
    most = periods[0] if len(periods) > 1 else DAYS_AT_ONCE if year else None
    if settings.horizon == "auto":
        wanted = task.last_step if task.last_step and task.last_step > 0 else most
        wanted = periods[0] if wanted is None else wanted
        horizon = int(wanted if most is None else min(wanted, most))
    else:
        horizon = int(settings.horizon)
    if settings.window_length == "auto":
        length = int(np.clip(2 * periods[0], SHORTEST_WINDOW, LONGEST_WINDOW))
    else:
        length = int(settings.window_length)
    origins = []
    for history in histories:
        rows = _stack([history.y], [history])
        known = np.concatenate([[0], np.cumsum(np.isfinite(history.y).any(axis=1))])
        possible = np.flatnonzero(is_anchored(rows, task.seasons, horizon))
        possible = possible[possible + horizon <= len(history)]
        some = known[possible + horizon] > known[possible]
        origins.append(possible[some].astype("int32"))
    if sum(map(len, origins)) < LEAST_WINDOWS:
        return None
    splits = split_windows(settings, origins, horizon)
    return Windows(length, horizon, origins, splits)


def _stack(targets: Sequence[np.ndarray], histories: Sequence[History]) -> Rows:
    """Put series below each other."""
    steps = [first_step(history) for history in histories]
    first, clock, series = locate([len(y) for y in targets], steps)
    return Rows(np.concatenate(targets), first, clock, series)


def choose_seasonal_transform(
    settings: Settings, task: Task, histories: Sequence[History], windows: Windows
) -> str | None:
    """Return what is best taken of a single series, by the held-out tail.

    Errors are those of one anchor's map, in the original unit.
    """
    y = histories[0].y
    if len(histories) > 1 or np.nanmin(y) < 0:
        return None
    tried = TRANSFORMS_TRIED if np.nanmin(y) > 0 else TRANSFORMS_TRIED[:2]
    errors = {}
    for name in tried:
        scalings = fit_scalings(settings.scaler, name, histories, settings.bounds)
        rows, _ = _take_effects(task, histories, scalings, windows)
        form = _start_map(settings, task, windows, len(y))
        weighted = [a for a in form.anchors if a.n_seasons == N_DECAYED]
        form = replace(form, anchors=tuple(weighted))
        train, held_out = _split(settings, windows, rows)
        _, _, forecast = fit_seasonal_map(form, rows, train, held_out, 1)
        ahead = held_out[:, None] + np.arange(windows.horizon)
        scaled = scalings[0].scale_targets(y)
        forecast = forecast + (scaled - rows.y)[ahead]
        # A logarithm may forecast what no number holds: that loses.
        with np.errstate(over="ignore"):
            found = scalings[0].invert(forecast)
        errors[name] = np.nanmean(np.abs(found - y[ahead]))
    return min(errors, key=lambda name: errors[name])


def plan_seasons(
    settings: Settings,
    task: Task,
    histories: Sequence[History],
    scalings: Sequence[Scaling],
    windows: Windows,
    *,
    absolute: bool,
    forced: bool,
) -> SeasonalPlan | None:
    """Fit the linear forecast; None where a plain linear map is as good.

    Parameters
    ----------
    settings, task, histories
        As for `train_model`.
    scalings : sequence of Scaling
        Of each series.
    windows : Windows
        Those of `choose_seasonal_windows`.
    absolute : bool
        Whether absolute errors count, or their squares.
    forced : bool
        Whether no plain map is compared.
    """
    rows, transfer = _take_effects(task, histories, scalings, windows)
    train, held_out = _split(settings, windows, rows)
    n_series, n_rows = len(histories), int(np.median([len(h) for h in histories]))
    form = _start_map(settings, task, windows, n_rows)
    options = {"absolute": absolute}
    tested, choices, forecast = fit_seasonal_map(
        form, rows, train, held_out, n_series, **options
    )
    if not forced:
        truth = rows.y[held_out[:, None] + np.arange(windows.horizon)]
        own = np.nanmean(np.abs(forecast - truth))
        if own > CLEAR_GAIN * _plain_loss(task, windows, held_out, rows):
            return None
    final = _refit(tested, choices, rows, windows, n_series, options)
    # Without early stopping nothing is held out of the network, nor of this.
    return SeasonalPlan(
        tested if windows.n_held_out else final, final, Around(transfer)
    )


def _take_effects(
    task: Task,
    histories: Sequence[History],
    scalings: Sequence[Scaling],
    windows: Windows,
) -> tuple[Rows, TransferFunction | None]:
    """Return the rows without what known columns explain, and what that is.

    The columns have seasons, too. What they explain is estimated from how they differ
    from their own rows some seasons ago, beside how the targets do.
    """
    parts = []
    for history, scaling in zip(histories, scalings, strict=True):
        X, _ = scale_features(task.columns, history.X, scaling, len(history))
        known = X[:, : task.columns.n_concurrent]
        parts.append((scaling.scale_targets(history.y), known))
    targets, features = map(list, zip(*parts, strict=True))
    X = np.concatenate(features)
    rows = _stack(targets, histories)
    if not task.columns.concurrent:
        return rows, None
    periods, _ = periods_of(task.seasons)
    anchor = Anchor(periods[-1], N_DECAYED, DECAY)
    both = rows._replace(y=np.concatenate([rows.y, X], axis=1))
    everything = np.arange(len(rows.y))
    away = both.y - anchor_values(anchor, task.seasons, 1, both, everything)
    seen = is_anchored(rows, task.seasons, 1)
    n_outputs = rows.y.shape[1]
    pairs = []
    for k in range(len(histories)):
        own = away[seen & (rows.series == k)]
        if len(own):
            pairs.append((own[:, :n_outputs], own[:, n_outputs:]))
    transfer = fit_transfer_function(pairs, windows.length, windows.horizon, sp=task.sp)
    if transfer is None:
        return rows._replace(X=X), None
    effects = np.concatenate([transfer.apply(known) for known in features])
    return rows._replace(y=rows.y - effects, X=X), transfer


def _refit(
    form: SeasonalMap,
    choices: Sequence[Sequence[Choice]],
    rows: Rows,
    windows: Windows,
    n_series: int,
    options: dict[str, bool],
) -> SeasonalMap:
    origins = _place(windows.origins, rows)
    return refit_seasonal_map(form, choices, rows, origins, n_series, **options)


def _start_map(
    settings: Settings, task: Task, windows: Windows, n_rows: int
) -> SeasonalMap:
    calendar = settings.calendar == "auto"
    anchors = list_anchors(task.seasons, n_rows, windows.horizon, calendar=calendar)
    return SeasonalMap(
        task.seasons, windows.horizon, N_RECENT, calendar, tuple(anchors)
    )


def _place(origins: Sequence[np.ndarray], rows: Rows) -> np.ndarray:
    begins = np.unique(rows.first)
    return np.concatenate(
        [own + begin for own, begin in zip(origins, begins, strict=True)]
    ).astype(int)


def _split(
    settings: Settings, windows: Windows, rows: Rows
) -> tuple[np.ndarray, np.ndarray]:
    """Return origins to fit on and to choose by, also where no training stops early."""
    splits = windows.splits
    if not windows.n_held_out:
        share = settings.validation_fraction
        splits = [split_by_time(o, share, windows.horizon) for o in windows.origins]
    return (
        _place([split.train for split in splits], rows),
        _place([split.validation for split in splits], rows),
    )


def _plain_loss(
    task: Task,
    windows: Windows,
    held_out: np.ndarray,
    rows: Rows,
) -> float:
    """Return the error of a linear map of a plain window on the held-out windows."""
    length = min(max(2 * task.sp, SHORTEST_WINDOW), LONGEST_WINDOW * 2)
    origins = thin_out(held_out, MOST_COMPARED)
    series = rows.series[origins]
    begins = np.unique(rows.first)
    targets = np.split(rows.y, begins[1:])
    losses = []
    cut = {
        k: int((held_out[rows.series[held_out] == k] - begins[k]).min())
        for k in np.unique(series)
    }
    fitted = [targets[k][max(0, c - MOST_ROWS) : c] for k, c in cut.items()]
    sizes = length, windows.horizon
    window_map = fit_window_map(fitted, *sizes, "standard", sp=task.sp)
    for k in cut:
        own = origins[series == k] - begins[k]
        before = windows_before(targets[k], own, length)
        forecast = window_map.forecast(before, windows.horizon)
        truth = targets[k][own[:, None] + np.arange(windows.horizon)]
        losses.append(np.abs(forecast - truth).ravel())
    return float(np.nanmean(np.concatenate(losses)))
