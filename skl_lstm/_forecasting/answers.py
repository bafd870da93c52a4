"""Answers to queries: point forecasts and quantiles of all series, in one batch."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from skl_lstm._forecasting.model import TrainedModel, invert
from skl_lstm._intervals.conformal import Residuals
from skl_lstm._intervals.paths import simulate
from skl_lstm._series.queries import Query
from skl_lstm._windows.assembly import Series, place_origins

# Levels whose quantiles stand for the forecast distribution: the midpoints of equal
# shares.
VARIANCE_LEVELS = tuple((i + 0.5) / 100 for i in range(100))


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
    model: TrainedModel,
    X: np.ndarray,
    context: np.ndarray | None,
    values: np.ndarray,
    residuals: Residuals,
) -> np.ndarray:
    """Return standard deviations of predictions that no target's past went into.

    Parameters
    ----------
    model : TrainedModel
        Fitted on feature rows; its windows have the unit one.
    X, context : ndarray
        The rows predicted and those before them, as for `TrainedModel.predict_rows`.
    values : ndarray of shape (n_rows, n_outputs)
        Its predictions.
    residuals : Residuals
        Errors on the held-out windows.
    """
    one, assembly, origins = model.place_rows(X, context)
    scores = residuals.quantiles(VARIANCE_LEVELS, np.array([0]))
    data = assembly.data
    errors = residuals.errors(model.spec, model.members, data, origins, scores)[:, 0]
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
    from skl_lstm._engine.cache import PROGRAMS

    assembly = model.assemble(series, n_ahead=1)
    data = assembly.data
    ends = np.cumsum([len(r) for r in rows])[:-1]
    origins = place_origins(rows, assembly.starts)
    units = PROGRAMS.get(model.spec).window_units(data, origins)
    center = model.run(assembly, origins, 1)[:, 0]
    scores = residuals.quantiles(alpha, np.array([0]))
    errors = residuals.errors(model.spec, model.members, data, origins, scores)[:, 0]
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
    from skl_lstm._engine.cache import PROGRAMS

    spec, program = model.spec, PROGRAMS.get(model.spec)
    assembly, origins = model.assemble_tails(series, n_steps)
    data = assembly.data
    units = program.window_units(data, origins)[:, None, :, None]
    n_first = min(n_steps, spec.horizon)
    center = model.run(assembly, origins, n_first)
    scores = residuals.quantiles(alpha, np.arange(n_first))
    errors = residuals.errors(spec, model.members, data, origins, scores)
    scaled = center[..., None] + units * errors
    if n_steps > spec.horizon:
        paths = simulate(model, data, origins, n_steps, residuals, rng)
        if model.theta is not None:
            # Paths are the network's; Theta moves all of them as it moves the forecast.
            networks = model.run_networks(assembly, origins, n_steps)
            both = model.theta.combine(networks, assembly, origins)
            paths = paths + (both - networks)
        later = np.quantile(paths[:, :, spec.horizon :], alpha, axis=0)
        scaled = np.concatenate([scaled, np.moveaxis(later, 0, -1)], axis=1)
    pairs = zip(series, scaled, strict=True)
    return [_invert_levels(one, part) for one, part in pairs]
