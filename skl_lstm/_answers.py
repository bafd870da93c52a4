"""Answers to queries: point forecasts and quantiles of all series, in one batch."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from skl_lstm._assembly import Series
from skl_lstm._model import TrainedModel, invert
from skl_lstm._residuals import Residuals
from skl_lstm._steps import Query

# Levels whose quantiles stand for the forecast distribution: the midpoints of equal
# shares.
VARIANCE_LEVELS = tuple((i + 0.5) / 100 for i in range(100))
# Paths that a forecast beyond the horizon is simulated with.
N_PATHS = 200


def answer(
    model: TrainedModel, queries: Sequence[Query], series: Sequence[Series]
) -> list[np.ndarray]:
    """Forecast the steps after each cutoff; predict those up to it one step ahead.

    Returns
    -------
    list of ndarray of shape (n_steps, n_outputs)
        For each query.
    """
    return _answer_each(
        queries,
        (model.spec.n_outputs,),
        lambda rows: model.predict_one_step(series, rows),
        lambda n_steps: model.forecast(series, n_steps),
    )


def answer_quantiles(
    model: TrainedModel,
    queries: Sequence[Query],
    series: Sequence[Series],
    residuals: Residuals,
    alpha: Sequence[float],
    rng: np.random.Generator,
) -> list[np.ndarray]:
    """Return quantiles of the same steps.

    Within the horizon they are those of the errors on held-out windows, in units of
    the window. Beyond it, paths are simulated with such errors, block after block.

    Returns
    -------
    list of ndarray of shape (n_steps, n_outputs * n_levels)
        For each query, the levels of one output side by side.
    """
    values = _answer_each(
        queries,
        (model.spec.n_outputs, len(alpha)),
        lambda rows: _quantiles_one_step(model, series, rows, residuals, alpha),
        lambda n_steps: _quantiles_ahead(model, series, n_steps, residuals, alpha, rng),
    )
    # Quantiles never cross: the lowest value goes to the lowest level, in whatever
    # order the levels are asked for.
    ranks = np.argsort(np.argsort(alpha, kind="stable"))
    return [np.sort(v, axis=-1)[..., ranks].reshape(len(v), -1) for v in values]


def _answer_each(
    queries: Sequence[Query],
    shape: tuple[int, ...],
    one_step: Callable[[list[np.ndarray]], Iterable[np.ndarray]],
    ahead: Callable[[int], Iterable[np.ndarray]],
) -> list[np.ndarray]:
    """Ask for the rows up to each cutoff and for the steps after it, once each."""
    values = [np.empty((len(q.steps), *shape)) for q in queries]
    inside = [q.steps <= 0 for q in queries]
    if any(part.any() for part in inside):
        pairs = zip(queries, inside, strict=True)
        found = one_step([len(q.past) - 1 + q.steps[part] for q, part in pairs])
        for each, part, new in zip(values, inside, found, strict=True):
            each[part] = new
    n_steps = max(int(q.steps.max()) for q in queries)
    if n_steps > 0:
        found = ahead(n_steps)
        for each, part, q, new in zip(values, inside, queries, found, strict=True):
            each[~part] = new[q.steps[~part] - 1]
    return values


def spread_of_rows(
    model: TrainedModel, values: np.ndarray, residuals: Residuals
) -> np.ndarray:
    """Return standard deviations of predictions that no target's past went into.

    Parameters
    ----------
    model : TrainedModel
        Fitted on feature rows; its windows have the unit one.
    values : ndarray of shape (n_rows, n_outputs)
        Its predictions.
    residuals : Residuals
        Errors on the held-out windows.
    """
    one = Series(values, np.empty((len(values), 0)), model.scaling)
    errors = residuals.quantiles(VARIANCE_LEVELS, np.array([0]))[0]
    scaled = model.scaling.y.transform(values)[..., None] + errors
    return _invert_levels(one, scaled).std(axis=-1)


def _invert_levels(one: Series, scaled: np.ndarray) -> np.ndarray:
    """Return (n_steps, n_outputs, n_levels) to the target's units."""
    return np.moveaxis(invert(one, np.moveaxis(scaled, -1, 0)), 0, -1)


def _quantiles_one_step(
    model: TrainedModel,
    series: Sequence[Series],
    rows: Sequence[np.ndarray],
    residuals: Residuals,
    alpha: Sequence[float],
) -> list[np.ndarray]:
    from skl_lstm._engine.program import PROGRAMS

    data, starts = model.assemble(series, n_ahead=1)
    ends = np.cumsum([len(r) for r in rows])[:-1]
    origins = np.concatenate([r + s for r, s in zip(rows, starts, strict=True)])
    units = PROGRAMS.get(model.spec).window_units(data, origins)
    center = model.run(data, origins, 1)[:, 0]
    errors = residuals.quantiles(alpha, np.array([0]))[0]
    scaled = center[..., None] + units[..., None] * errors
    parts = np.split(scaled, ends)
    return [_invert_levels(one, part) for one, part in zip(series, parts, strict=True)]


def _quantiles_ahead(
    model: TrainedModel,
    series: Sequence[Series],
    n_steps: int,
    residuals: Residuals,
    alpha: Sequence[float],
    rng: np.random.Generator,
) -> list[np.ndarray]:
    from skl_lstm._engine.program import PROGRAMS

    spec, program = model.spec, PROGRAMS.get(model.spec)
    data, origins = model.assemble_tails(series, n_steps)
    units = program.window_units(data, origins)[:, None, :, None]
    n_first = min(n_steps, spec.horizon)
    center = model.run(data, origins, n_first)
    errors = residuals.quantiles(alpha, np.arange(n_first))
    scaled = center[..., None] + units * errors
    if n_steps > spec.horizon:
        paths = _simulate(model, data, origins, n_steps, residuals, rng)
        later = np.quantile(paths[:, :, spec.horizon :], alpha, axis=0)
        scaled = np.concatenate([scaled, np.moveaxis(later, 0, -1)], axis=1)
    pairs = zip(series, scaled, strict=True)
    return [_invert_levels(one, part) for one, part in pairs]


def _simulate(
    model: TrainedModel,
    data: Any,
    origins: np.ndarray,
    n_steps: int,
    residuals: Residuals,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return paths of shape (N_PATHS, n_series, n_steps, n_outputs)."""
    from skl_lstm._engine.program import PROGRAMS

    spec, program = model.spec, PROGRAMS.get(model.spec)
    n_blocks = -(-n_steps // spec.horizon)
    paths = []
    # Series after series: all paths of a panel at once would need much memory.
    for origin in origins:
        shares = np.array_split(np.arange(N_PATHS), len(model.members))
        parts = []
        for weights, share in zip(model.members, shares, strict=True):
            noise = residuals.draw((n_blocks, len(share)), rng)
            many = np.full(len(share), origin)
            parts.append(program.simulate(weights, data, many, noise))
        paths.append(np.concatenate(parts)[:, :n_steps])
    return np.stack(paths, axis=1)
