"""Answers to queries: point forecasts and quantiles of all series, in one batch."""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from scipy import special, stats

from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._intervals.conformal import Residuals
from skl_lstm._intervals.paths import N_PATHS, simulate
from skl_lstm._series.history import History
from skl_lstm._series.queries import Query
from skl_lstm._windows.assembly import Assembly, place_origins
from skl_lstm._windows.scaling import Scaling

# Levels whose quantiles paths are drawn from, with lines between: close in the tails.
PATH_LEVELS = special.expit(np.linspace(-9, 9, 201))
# Two equal values are no constant series yet.
FEWEST_EQUAL_VALUES = 3


def answer(model: TrainedModel, queries: Sequence[Query]) -> list[np.ndarray]:
    """Forecast the steps after each cutoff; predict those up to it one step ahead.

    Returns
    -------
    list of ndarray of shape (n_steps, n_outputs)
        For each query.
    """
    pasts = [query.past for query in queries]
    values = _answer_all(
        queries,
        (model.spec.n_outputs,),
        lambda rows: model.predict_one_step(pasts, rows),
        lambda n_steps: model.forecast(pasts, n_steps),
    )
    return _keep_constants(queries, values)


def answer_quantiles(
    model: TrainedModel,
    queries: Sequence[Query],
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
    pasts = [query.past for query in queries]
    values = _answer_all(
        queries,
        (model.spec.n_outputs, len(alpha)),
        lambda rows: _quantiles_one_step(model, pasts, rows, residuals, alpha),
        lambda n_steps: _quantiles_ahead(model, pasts, n_steps, residuals, alpha, rng),
    )
    values = _keep_constants(queries, values)
    return [_uncross(v, alpha).reshape(len(v), -1) for v in values]


def answer_paths(
    model: TrainedModel,
    queries: Sequence[Query],
    residuals: Residuals,
    n_paths: int,
    rng: np.random.Generator,
    quantiles: Sequence[np.ndarray],
) -> list[np.ndarray]:
    """Return paths whose steps belong together, each step with the quantiles given.

    Paths disturbed by the errors of whole held-out windows say how steps, and targets,
    depend on each other; their ranks at each step are the levels of its quantiles.

    Parameters
    ----------
    model, queries, residuals
        As for `answer_quantiles`; all steps lie after the cutoff.
    n_paths : int
        How many.
    rng : numpy.random.Generator
        Draws the paths.
    quantiles : sequence of ndarray
        Those at `PATH_LEVELS`, as `answer_quantiles` returns them.

    Returns
    -------
    list of ndarray of shape (n_paths, n_steps, n_outputs)
        For each query.

    References
    ----------
    Schefzik, R., Thorarinsdottir, T. L., & Gneiting, T. (2013). Uncertainty
    quantification in complex simulation models using ensemble copula coupling.
    Statistical Science, 28(4). https://doi.org/10.1214/13-STS443
    """
    n_steps = max(int(query.steps.max()) for query in queries)
    assembly, origins = model.assemble_tails([q.past for q in queries], n_steps)
    # With few paths ranks would be coarse: as many are drawn as quantiles are made of.
    n_drawn = max(n_paths, N_PATHS)
    drawn = _draw(model, assembly, origins, n_steps, residuals, rng, n_drawn)
    ranks = stats.rankdata(drawn, axis=0, method="ordinal")
    levels = (ranks - rng.random((n_drawn, 1, 1, 1))) / n_drawn
    levels = levels[rng.permutation(n_drawn)[:n_paths]]
    return [
        scaling.keep_counts(_interpolate(levels[:, i][:, query.steps - 1], table))
        for i, (query, scaling, table) in enumerate(
            zip(queries, model.scalings, quantiles, strict=False)
        )
    ]


def _interpolate(levels: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return quantiles at levels of shape (n_paths, n_steps, n_outputs)."""
    table = table.reshape(*levels.shape[1:], len(PATH_LEVELS))
    values = np.empty(levels.shape)
    for step, output in np.ndindex(levels.shape[1:]):
        values[:, step, output] = np.interp(
            levels[:, step, output], PATH_LEVELS, table[step, output]
        )
    return values


def _answer_all(
    queries: Sequence[Query],
    shape: tuple[int, ...],
    one_step: Callable[[list[np.ndarray]], Iterable[np.ndarray]],
    ahead: Callable[[int], Iterable[np.ndarray]],
) -> list[np.ndarray]:
    """Ask for the rows up to each cutoff and for the steps after it, once each."""
    answers = [np.empty((len(q.steps), *shape)) for q in queries]
    inside = [q.steps <= 0 for q in queries]
    if any(part.any() for part in inside):
        pairs = zip(queries, inside, strict=True)
        predicted = one_step([len(q.past) - 1 + q.steps[part] for q, part in pairs])
        for values, part, rows in zip(answers, inside, predicted, strict=True):
            values[part] = rows
    n_steps = max(int(q.steps.max()) for q in queries)
    if n_steps > 0:
        forecasts = ahead(n_steps)
        for values, part, query, rows in zip(
            answers, inside, queries, forecasts, strict=True
        ):
            values[~part] = rows[query.steps[~part] - 1]
    return answers


def _keep_constants(
    queries: Sequence[Query], values: list[np.ndarray]
) -> list[np.ndarray]:
    """Answer with the constant where a column of a series never was anything else.

    A network shared by a panel moves such a series a little, too, and there is no
    scale by which that would be little.
    """
    for query, answers in zip(queries, values, strict=True):
        for output, column in enumerate(query.past.y.T):
            ends = column[0], column[-1]
            if all(map(math.isfinite, ends)) and ends[0] != ends[1]:
                continue
            seen = column[np.isfinite(column)]
            if len(seen) >= FEWEST_EQUAL_VALUES and (seen == seen[0]).all():
                answers[:, output] = seen[0]
    return values


def answer_covariances(
    model: TrainedModel,
    queries: Sequence[Query],
    residuals: Residuals,
    spreads: Sequence[np.ndarray],
    rng: np.random.Generator,
) -> list[np.ndarray]:
    """Return the covariances of the steps of each series with one another.

    Steps after the cutoff are correlated as simulated paths are, whose errors are
    those of whole held-out windows. Each step up to it is predicted from a window of
    its own, and counts as independent of the others.

    Parameters
    ----------
    model, queries, residuals, rng
        As for `answer_quantiles`.
    spreads : sequence of ndarray of shape (n_steps, n_outputs)
        Standard deviations of each series.

    Returns
    -------
    list of ndarray of shape (n_steps, n_outputs, n_steps)
        For each query.
    """
    n_steps = max(int(query.steps.max()) for query in queries)
    paths = _simulate_paths(model, queries, n_steps, residuals, rng)
    covariances = []
    for i, (query, spread) in enumerate(zip(queries, spreads, strict=True)):
        ahead = query.steps > 0
        outputs = []
        for output, std in enumerate(spread.T):
            correlations = np.eye(len(std))
            sample = paths[:, i, query.steps[ahead] - 1, output]
            correlations[np.ix_(ahead, ahead)] = _correlate(sample)
            outputs.append(std[:, None] * correlations * std)
        covariances.append(np.stack(outputs, axis=1))
    return covariances


def _correlate(sample: np.ndarray) -> np.ndarray:
    """Return the correlations of columns; none with one that never moves."""
    deviations = sample - sample.mean(axis=0)
    spread = np.sqrt((deviations**2).sum(axis=0))
    units = np.divide(deviations, spread, out=np.zeros_like(sample), where=spread > 0)
    correlations = units.T @ units
    np.fill_diagonal(correlations, 1.0)
    return correlations


def _simulate_paths(
    model: TrainedModel,
    queries: Sequence[Query],
    n_steps: int,
    residuals: Residuals,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return paths after the cutoff, (n_paths, n_series, n_steps, n_outputs)."""
    if n_steps < 1:
        return np.empty((1, len(queries), 0, model.spec.n_outputs))
    pasts = [query.past for query in queries]
    assembly, origins = model.assemble_tails(pasts, n_steps)
    paths = _draw(model, assembly, origins, n_steps, residuals, rng)
    series = zip(model.scalings, np.moveaxis(paths, 1, 0), strict=True)
    return np.stack([scaling.invert(part) for scaling, part in series], axis=1)


def _draw(
    model: TrainedModel,
    assembly: Assembly,
    origins: np.ndarray,
    n_steps: int,
    residuals: Residuals,
    rng: np.random.Generator,
    n_paths: int = N_PATHS,
) -> np.ndarray:
    """Return paths of the networks, (n_paths, n_series, n_steps, n_outputs)."""
    hold = model.holder(assembly, origins, n_steps)
    data = assembly.data
    series = model.numbers_of(assembly, origins)
    return simulate(
        model.networks, data, origins, n_steps, residuals, series, rng, n_paths, hold
    )


def quantiles_of_rows(
    model: TrainedModel,
    X: np.ndarray,
    context: np.ndarray | None,
    residuals: Residuals,
    alpha: Sequence[float],
) -> np.ndarray:
    """Return quantiles of predictions that no target's past went into.

    Parameters
    ----------
    model : TrainedModel
        Fitted on feature rows; its windows have the unit one.
    X, context : ndarray
        The rows predicted and those before them, as for `TrainedModel.predict_rows`.
    residuals : Residuals
        Errors on the held-out windows.
    alpha : sequence of float
        Levels in (0, 1).

    Returns
    -------
    ndarray of shape (n_rows, n_outputs, n_levels)
    """
    assembly, origins = model.place_rows(X, context)
    center = model.run(assembly, origins, 1)[:, 0]
    series = model.numbers_of(assembly, origins)
    errors = residuals.errors(assembly.data, origins, series, alpha, np.array([0]))[
        :, 0
    ]
    return _uncross(_invert_levels(model.scaling, center[..., None] + errors), alpha)


def _uncross(values: np.ndarray, alpha: Sequence[float]) -> np.ndarray:
    """Give the lowest value to the lowest level, in whatever order they come."""
    ranks = np.argsort(np.argsort(alpha, kind="stable"))
    return np.sort(values, axis=-1)[..., ranks]


def _invert_levels(scaling: Scaling, scaled: np.ndarray) -> np.ndarray:
    """Return (n_steps, n_outputs, n_levels) to the target's units."""
    values = scaling.keep_counts(scaling.invert(np.moveaxis(scaled, -1, 0)))
    return np.moveaxis(values, 0, -1)


def _quantiles_one_step(
    model: TrainedModel,
    pasts: Sequence[History],
    rows: Sequence[np.ndarray],
    residuals: Residuals,
    alpha: Sequence[float],
) -> list[np.ndarray]:
    assembly = model.assemble(pasts, n_ahead=1)
    data = assembly.data
    ends = np.cumsum([len(r) for r in rows])[:-1]
    origins = place_origins(rows, assembly.starts)
    units = model.networks.units(data, origins)
    center = model.run(assembly, origins, 1)[:, 0]
    series = model.numbers_of(assembly, origins)
    errors = residuals.errors(data, origins, series, alpha, np.array([0]))[:, 0]
    scaled = center[..., None] + units[..., None] * errors
    pairs = zip(model.scalings, np.split(scaled, ends), strict=True)
    return [_invert_levels(scaling, part) for scaling, part in pairs]


def _quantiles_ahead(
    model: TrainedModel,
    pasts: Sequence[History],
    n_steps: int,
    residuals: Residuals,
    alpha: Sequence[float],
    rng: np.random.Generator,
) -> list[np.ndarray]:
    networks, horizon = model.networks, model.spec.horizon
    assembly, origins = model.assemble_tails(pasts, n_steps)
    data = assembly.data
    units = networks.units(data, origins)[:, None, :, None]
    n_first = min(n_steps, horizon)
    center = model.run(assembly, origins, n_first)
    series = model.numbers_of(assembly, origins)
    errors = residuals.errors(data, origins, series, alpha, np.arange(n_first))
    scaled = center[..., None] + units * errors
    if n_steps > horizon:
        paths = _draw(model, assembly, origins, n_steps, residuals, rng)
        if model.combine is not None:
            # Paths are the networks'; Theta moves all of them as it moves the forecast.
            alone = model.roll(assembly, origins, n_steps)
            paths = paths + (model.combine(alone, assembly, origins) - alone)
        paths = np.stack([assembly.add_effects(path, origins) for path in paths])
        later = np.quantile(paths[:, :, horizon:], alpha, axis=0)
        scaled = np.concatenate([scaled, np.moveaxis(later, 0, -1)], axis=1)
    pairs = zip(model.scalings, scaled, strict=True)
    return [_invert_levels(scaling, part) for scaling, part in pairs]
