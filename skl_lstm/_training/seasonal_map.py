"""Fits the linear forecast of series with seasons, and chooses its anchors."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from skl_lstm._windows.rows import Rows
from skl_lstm._windows.seasonal import (
    Anchor,
    SeasonalMap,
    apply_maps,
    climate_columns,
    inputs_of,
    n_phases,
    periods_of,
    phases_of,
)

# Ridge penalties tried for the map of all windows, and for what the maps of a series
# and of a phase add to it, as shares of the inputs' mean square.
COMMON_PENALTIES = (1e-4, 1e-3, 1e-2)
OWN_PENALTIES = (0.001, 0.003, 0.01, 0.03, 0.1)
# Reweightings that turn squares into absolute errors.
REWEIGHTINGS = 2
# The levels of a map, and the windows that a group of each needs.
COMMON, SERIES, PHASES = range(3)
LEAST_WINDOWS = {SERIES: 100, PHASES: 60}
# An anchor counts that is not worse than the best by more than this.
MOST_WORSE = 1.10
# Steps of windows that maps are fitted on; of more series, windows of each.
MOST_STEPS, WINDOWS_OF_EACH = 400_000, 250
CLIMATE_PENALTY = 1e-3
# Decay of weekly profiles, and how many weeks they see: found on hourly series.
DECAY, N_DECAYED = 0.85, 20


# Penalties of the levels of a map, None where the held-out tail speaks against one: of
# what all windows share, of what a series adds to it, and of what a phase adds to that.
Choice = tuple[float | None, ...]


class Windows(NamedTuple):
    """What the maps of an anchor are fitted on, for one output.

    Attributes
    ----------
    inputs : ndarray of shape (n, horizon, n_inputs)
        What a map reads.
    rest : ndarray of shape (n, horizon)
        Targets without the anchor; NaN where unknown.
    groups : tuple of ndarray of int of shape (n,)
        Number of the map of each level that a window belongs to.
    n_phases : int
        Phases of each series.
    """

    inputs: np.ndarray
    rest: np.ndarray
    groups: tuple[np.ndarray, ...]
    n_phases: int


def list_anchors(
    seasons: Sequence[float], n_rows: int, horizon: int, *, calendar: bool
) -> list[Anchor]:
    """List the anchors that are tried; none looks back on more than it can see."""
    periods, year = periods_of(seasons)
    tried = [(periods[-1], 4, 1.0), (periods[-1], N_DECAYED, DECAY)]
    if len(periods) > 1:
        tried = [(periods[0], 1, 1.0), (periods[0], 7, 1.0), *tried]
    anchors = [Anchor(*each) for each in tried]
    if year is not None and calendar and n_rows >= 2 * year:
        anchors.append(Anchor(int(periods[-1]), 0))
    return anchors


def fit_climate(
    anchor: Anchor,
    seasons: Sequence[float],
    rows: Rows,
    used: np.ndarray,
    n_series: int,
) -> Anchor:
    """Fit a climatology on some rows, for each series; others are left as they are."""
    if anchor.n_seasons:
        return anchor
    y = rows.y[used]
    series = rows.series[used]
    columns = climate_columns(seasons, rows.clock[used])
    found = np.zeros((n_series + 1, columns.shape[1], y.shape[1]))
    for output in range(y.shape[1]):
        known = np.isfinite(y[:, output])
        for k in [*range(n_series if n_series > 1 else 0), n_series]:
            part = known if k == n_series else known & (series == k)
            if part.any():
                found[k, :, output] = _ridge_once(columns[part], y[part, output])
    climate = found if n_series > 1 else found[-1:]
    return replace(anchor, climate=climate)


def _ridge_once(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    gram = X.T @ X
    gram[np.diag_indices_from(gram)] += CLIMATE_PENALTY * len(X)
    return np.linalg.solve(gram, X.T @ y)


def thin_origins(
    origins: np.ndarray, most: int, seasons: Sequence[float]
) -> np.ndarray:
    """Keep at most so many origins, every k-th, where k has no factor of a season."""
    periods, _ = periods_of(seasons)
    stride = max(1, -(-len(origins) // most))
    while stride > 1 and any(np.gcd(stride, period) > 1 for period in periods):
        stride += 1
    return origins[(len(origins) - 1) % stride :: stride]


def fit_seasonal_map(
    form: SeasonalMap,
    rows: Rows,
    train: np.ndarray,
    held_out: np.ndarray,
    n_series: int,
    *,
    absolute: bool = True,
) -> tuple[SeasonalMap, list[tuple[Choice, ...]], np.ndarray]:
    """Fit maps on some windows, and choose what the latest, held out, speak for.

    Parameters
    ----------
    form : SeasonalMap
        Seasons, horizon and inputs; with the anchors that are tried.
    rows : Rows
        All series.
    train, held_out : ndarray of int
        Origins.
    n_series : int
        How many series.
    absolute : bool, default=True
        Whether absolute errors count, or their squares.

    Returns
    -------
    SeasonalMap, list of tuple of Choice, ndarray
        The anchors that are kept, what was chosen for each, and their mean forecast of
        the held-out windows.
    """
    most = max(MOST_STEPS // form.horizon, WINDOWS_OF_EACH * n_series)
    train = thin_origins(train, most, form.seasons)
    before = np.flatnonzero(~_is_covered(rows, held_out))
    truth = rows.y[held_out[:, None] + np.arange(form.horizon)]
    found = []
    for anchor in form.anchors:
        anchor = fit_climate(anchor, form.seasons, rows, before, n_series)
        trained, judged = (
            list_windows(form, anchor, rows, origins, n_series)
            for origins in (train, held_out)
        )
        pairs = zip(trained, judged, strict=True)
        choices, maps = zip(
            *(_choose(*pair, n_series, absolute) for pair in pairs), strict=True
        )
        fitted = replace(form, anchors=(anchor,), maps=(np.stack(maps, axis=-1),))
        forecast = fitted.forecast(rows, held_out)
        found.append((_loss(forecast - truth, absolute), fitted, choices, forecast))
    least = min(loss for loss, *_ in found)
    kept = [each for each in found if each[0] <= MOST_WORSE * least]
    joint = replace(
        form,
        anchors=tuple(fitted.anchors[0] for _, fitted, *_ in kept),
        maps=tuple(fitted.maps[0] for _, fitted, *_ in kept),
    )
    forecast = np.mean([forecast for *_, forecast in kept], axis=0)
    return joint, [choices for _, _, choices, _ in kept], forecast


def refit_seasonal_map(
    form: SeasonalMap,
    choices: Sequence[Sequence[Choice]],
    rows: Rows,
    origins: np.ndarray,
    n_series: int,
    *,
    absolute: bool = True,
) -> SeasonalMap:
    """Fit what was chosen on all windows."""
    most = max(MOST_STEPS // form.horizon, WINDOWS_OF_EACH * n_series)
    origins = thin_origins(origins, most, form.seasons)
    everything = np.arange(len(rows.y))
    anchors, maps = [], []
    for anchor, chosen in zip(form.anchors, choices, strict=True):
        anchor = fit_climate(anchor, form.seasons, rows, everything, n_series)
        windows = list_windows(form, anchor, rows, origins, n_series)
        outputs = []
        for w, penalties in zip(windows, chosen, strict=True):
            fitted = _start(w, n_series)
            for level, penalty in enumerate(penalties):
                if penalty is not None:
                    (fitted,) = _add_level(fitted, w, level, [penalty], absolute)
            outputs.append(fitted)
        anchors.append(anchor)
        maps.append(np.stack(outputs, axis=-1))
    return replace(form, anchors=tuple(anchors), maps=tuple(maps))


def list_windows(
    form: SeasonalMap, anchor: Anchor, rows: Rows, origins: np.ndarray, n_series: int
) -> list[Windows]:
    """Return the windows of each output, and the maps that they belong to."""
    inputs, base = inputs_of(form, anchor, rows, origins)
    rest = rows.y[origins[:, None] + np.arange(form.horizon)] - base
    series, phase = rows.series[origins], phases_of(form.seasons, rows.clock[origins])
    n_of_day = n_phases(form.seasons)
    groups = np.zeros_like(series), series, series * n_of_day + phase
    return [
        Windows(inputs[..., k], rest[..., k], groups, n_of_day)
        for k in range(rest.shape[2])
    ]


def _is_covered(rows: Rows, held_out: np.ndarray) -> np.ndarray:
    """Whether a row is not before the first held-out window of its series."""
    first = np.full(int(rows.series.max()) + 1, len(rows.y))
    np.minimum.at(first, rows.series[held_out], held_out)
    return np.arange(len(rows.y)) >= first[rows.series]


def _loss(errors: np.ndarray, absolute: bool) -> float:
    return float(np.nanmean(np.abs(errors) if absolute else errors**2))


def _start(windows: Windows, n_series: int) -> np.ndarray:
    """Return maps of zeros, (n_maps, 1, horizon, n_inputs)."""
    n_maps = n_series + 1 if n_series > 1 else 1
    return np.zeros((n_maps, 1, *windows.inputs.shape[1:]), "float32")


def _choose(
    trained: Windows, judged: Windows, n_series: int, absolute: bool
) -> tuple[Choice, np.ndarray]:
    """Return the penalties of the levels that the held-out windows speak for."""
    maps, best = _start(trained, n_series), np.inf
    chosen: list[float | None] = []
    for level, groups in enumerate(trained.groups):
        n_groups = len(np.unique(groups))
        usual = len(groups) / n_groups
        if level and (n_groups == 1 or usual < LEAST_WINDOWS[level]):
            chosen.append(None)
            continue
        penalties = OWN_PENALTIES if level else COMMON_PENALTIES
        tried = _add_level(maps, trained, level, penalties, absolute)
        losses = [_loss(judged.rest - _predict(m, judged), absolute) for m in tried]
        at = int(np.argmin(losses))
        is_better = losses[at] < best
        chosen.append(penalties[at] if is_better else None)
        if is_better:
            maps, best = tried[at], losses[at]
    return tuple(chosen), maps


def _predict(maps: np.ndarray, windows: Windows) -> np.ndarray:
    """Return what maps say of the rest, (n, horizon)."""
    _, series, phase = windows.groups
    which = phase if maps.shape[1] > 1 else np.minimum(series, len(maps) - 1)
    return apply_maps(maps[..., None], which, windows.inputs[..., None])[..., 0]


def _add_level(
    maps: np.ndarray,
    windows: Windows,
    level: int,
    penalties: Sequence[float],
    absolute: bool,
) -> list[np.ndarray]:
    """Return the maps with what the groups of a level add, for each penalty."""
    groups, n_of_day = windows.groups[level], 1
    if level == PHASES:
        n_of_day = windows.n_phases
    found = [np.repeat(maps, n_of_day, axis=1) for _ in penalties]
    rest = windows.rest - _predict(maps, windows) if level else windows.rest
    order = np.argsort(groups, kind="stable")
    ends = np.flatnonzero(np.diff(groups[order], append=-1)) + 1
    for part in np.split(order, ends[:-1]):
        added = _fit_group(windows.inputs[part], rest[part], penalties, absolute, level)
        for each, increment in zip(found, added, strict=True):
            if level == 0:
                each += increment
            else:
                each[np.divmod(groups[part[0]], n_of_day)] += increment
    return found


def _fit_group(
    inputs: np.ndarray,
    rest: np.ndarray,
    penalties: Sequence[float],
    absolute: bool,
    level: int,
) -> list[np.ndarray]:
    """Return the ridge maps of a group, (horizon, n_inputs), for each penalty.

    Squares become absolute errors by weights, after some steps of which the map of all
    windows has settled; what is added to it moves little, and is weighted once.
    """
    X = np.ascontiguousarray(np.moveaxis(inputs, 0, 1))
    known = np.isfinite(rest.T)
    y = np.where(known, rest.T, 0.0).astype("float32")
    if not absolute:
        return _ridge(X, y, known, penalties)
    if level:
        return _ridge(X, y, known * _weigh(y), penalties)
    found = _ridge(X, y, known, penalties)
    for _ in range(REWEIGHTINGS):
        errors = y - (X @ found[len(found) // 2][..., None])[..., 0]
        found = _ridge(X, y, known * _weigh(errors), penalties)
    return found


def _weigh(errors: np.ndarray) -> np.ndarray:
    """Return weights under which squared errors are absolute ones."""
    size = np.abs(errors)
    least = 0.1 * size.mean() + 1e-6
    return (least / np.maximum(size, least)).astype("float32")


def _ridge(
    X: np.ndarray, y: np.ndarray, weights: np.ndarray, penalties: Sequence[float]
) -> list[np.ndarray]:
    """Solve for each step, (horizon, n_inputs), with each penalty."""
    weighted = np.swapaxes(X * weights[..., None].astype("float32"), 1, 2)
    gram = (weighted @ X).astype(float)
    moments = (weighted @ y[..., None]).astype(float)
    mean_square = np.trace(gram, axis1=1, axis2=2) / gram.shape[1]
    unit = np.maximum(mean_square, 1e-9)[:, None, None] * np.eye(gram.shape[1])
    return [
        np.linalg.solve(gram + penalty * unit, moments)[..., 0].astype("float32")
        for penalty in penalties
    ]
