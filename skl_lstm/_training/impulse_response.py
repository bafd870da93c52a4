"""The impulse response of one target, its form given: generalized least squares.

Target and columns are filtered by the autoregression of what the columns leave
(Cochrane & Orcutt). That turns into levels where the rest is noise, into differences
where it is a random walk, and into seasonal differences where it has a season, so that
nobody has to choose between them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve
from sklearn.linear_model import RidgeCV

from skl_lstm._windows.transfer_function import convolve, linear_filter

# Penalty per lag of the autoregression of the rest, which is drawn to a random walk.
FILTER_PENALTY = 1e-3
# Rows that the pooled autoregression counts as, where a series of a panel has its own.
ROWS_OF_PRIOR = 20
# With fewer rows, predicting one from the others says nothing.
LEAST_ROWS = 4
# Under this penalty columns count for nothing.
NO_EFFECT = 1e9
# Keeps columns that never change solvable.
JITTER = 1e-12
# The effect of a stable recursion shrinks at least by this from row to row.
LARGEST_ROOT = 0.95


class Sample(NamedTuple):
    """One target of one series, prepared for the regressions.

    Attributes
    ----------
    y : ndarray of shape (n_rows,)
        The target; NaN where missing.
    X : ndarray of shape (n_rows, n_columns)
        The columns in units of their spread, zero at their mean and where missing.
    known : ndarray of bool of shape (n_rows,)
        Rows that a regression may explain.
    weights : ndarray of shape (n_rows,)
        What the error of each row counts.
    """

    y: np.ndarray
    X: np.ndarray
    known: np.ndarray
    weights: np.ndarray

    def lags(self, n_lags: int) -> np.ndarray:
        """Return the columns of each row and of those before it, side by side."""
        n_rows, first = len(self.X), n_lags - 1
        padded = np.concatenate([np.zeros((first, self.X.shape[1])), self.X])
        parts = [padded[first - lag :][:n_rows] for lag in range(n_lags)]
        return np.concatenate(parts, axis=1)

    def carry(self, values: np.ndarray) -> np.ndarray:
        """Let values of the last row with a target stand in where that is missing."""
        known = np.isfinite(self.y)
        if known.all():
            return values
        source = np.maximum.accumulate(np.where(known, np.arange(len(known)), 0))
        return np.nan_to_num(values[source])

    def rows(self, first: int, end: int) -> np.ndarray:
        """Return the rows in a span that a regression may explain."""
        return first + np.flatnonzero(self.known[first:end])


class Response(NamedTuple):
    """Effect of columns on one target.

    Attributes
    ----------
    lags : ndarray of shape (n_lags, n_columns)
        Weights of the columns, by the lag in rows.
    feedback : ndarray of shape (n_feedback,)
        Share of the effect so many rows before that goes on.
    """

    lags: np.ndarray
    feedback: np.ndarray

    def rest(self, sample: Sample) -> np.ndarray:
        """Return what the columns leave of the target, of shape (n_rows,)."""
        effect = convolve(sample.X, self.lags[..., None])[:, 0]
        return sample.y - linear_filter([1.0], np.r_[1.0, -self.feedback], effect)

    @property
    def is_stable(self) -> bool:
        """Whether an effect dies out."""
        roots = np.abs(np.roots(np.r_[1.0, -self.feedback]))
        return bool(roots.max(initial=0.0) < LARGEST_ROOT)


class NormalEquations(NamedTuple):
    """A regression, per row, each series having an intercept of its own."""

    gram: np.ndarray
    moments: np.ndarray

    def solve(
        self, penalties: np.ndarray, goal: np.ndarray | float = 0.0
    ) -> np.ndarray:
        """Return the coefficients, each drawn to its goal by its penalty."""
        goal = np.broadcast_to(goal, penalties.shape)
        ridge = self.gram + np.diag(penalties + JITTER)
        drawn = self.moments - self.gram @ goal
        return goal + solve(ridge, drawn, assume_a="pos")


def fit_lags(
    samples: Sequence[Sample],
    filters: Sequence[np.ndarray],
    n_lags: int,
    ends: Sequence[int],
    penalties: Sequence[float],
) -> list[Response]:
    """Regress the filtered target on the filtered columns, once for each penalty.

    Parameters
    ----------
    samples : sequence of Sample
        Series that share the response.
    filters : sequence of ndarray of shape (n_filter,)
        Autoregression of the rest of each.
    n_lags : int
        Rows that the response covers.
    ends : sequence of int
        Rows of each series, the first, that are looked at.
    penalties : sequence of float
        In units of the filtered columns' variance; they grow with the square of the
        lag.
    """
    equations = _sum_equations(_filter_all(samples, filters, n_lags, ends))
    weights = _lag_weights(n_lags, samples[0].X.shape[1])
    solutions = [equations.solve(penalty * weights) for penalty in penalties]
    shape = n_lags, samples[0].X.shape[1]
    return [Response(lags.reshape(shape), np.empty(0)) for lags in solutions]


class Rows(NamedTuple):
    """What a regression reads of one series: inputs, targets, and what each counts."""

    inputs: np.ndarray
    targets: np.ndarray
    weights: np.ndarray


def _filter_all(
    samples: Sequence[Sample],
    filters: Sequence[np.ndarray],
    n_lags: int,
    ends: Sequence[int],
) -> list[Rows]:
    """Return filtered columns, lag by lag, and filtered target of each series."""
    parts = []
    for sample, weights, end in zip(samples, filters, ends, strict=True):
        rows = sample.rows(len(weights), end)
        inputs = filter_rows(sample.carry(sample.lags(n_lags)), weights)
        targets = filter_rows(sample.carry(sample.y), weights)
        parts.append(Rows(inputs[rows], targets[rows], sample.weights[rows]))
    return parts


def cross_validate(
    samples: Sequence[Sample],
    filters: Sequence[np.ndarray],
    n_lags: int,
    penalties: Sequence[float],
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the penalty under which each row is best predicted from all others.

    By scikit-learn's leave-one-out over all filtered rows, which are nearly
    independent; a held-out tail alone may be a time in which columns that go together,
    as income and savings do, seem to have no effect of their own.

    Parameters
    ----------
    samples, filters, n_lags, penalties
        As in `fit_lags`.

    Returns
    -------
    penalty : float
        The best.
    before, after : ndarray of shape (n_rows,)
        Squared errors of the rows, each predicted from the others, without the columns
        and with them.
    """
    ends = [len(sample.y) for sample in samples]
    parts = _filter_all(samples, filters, n_lags, ends)
    inputs, targets, counts = (np.concatenate(p) for p in zip(*parts, strict=True))
    weights = np.sqrt(_lag_weights(n_lags, samples[0].X.shape[1]))
    if len(inputs) < LEAST_ROWS:
        return max(penalties), np.zeros(1), np.zeros(1)
    alphas = len(inputs) * np.r_[penalties, NO_EFFECT]
    ridge = RidgeCV(alphas=alphas, store_cv_results=True).fit(
        inputs / weights, targets, sample_weight=counts if np.ptp(counts) else None
    )
    *errors, before = ridge.cv_results_.T
    best = int(np.argmin([e.mean() for e in errors]))
    return penalties[best], before, errors[best]


def fit_rational(
    samples: Sequence[Sample],
    n_filter: int,
    n_lags: int,
    ends: Sequence[int],
    penalties: Sequence[float],
) -> list[Response]:
    """Regress the target on its own past and the columns, once for each penalty.

    Parameters
    ----------
    samples, n_lags, ends, penalties
        As in `fit_lags`.
    n_filter : int
        Rows of its own past.
    """
    parts = []
    for sample, end in zip(samples, ends, strict=True):
        rows = sample.rows(n_filter, end)
        past = _past_of(sample.carry(sample.y), rows, n_filter)
        inputs = np.concatenate([past, sample.lags(n_lags)[rows]], axis=1)
        parts.append(Rows(inputs, sample.y[rows], sample.weights[rows]))
    equations = _sum_equations(parts)
    n_columns = samples[0].X.shape[1]
    past_penalties = _filter_penalties(n_filter, equations)
    responses = []
    for penalty in penalties:
        every = np.r_[past_penalties, penalty * _lag_weights(n_lags, n_columns)]
        solution = equations.solve(every, np.eye(1, len(every))[0])
        lags = solution[n_filter:].reshape(n_lags, n_columns)
        responses.append(Response(lags, solution[:n_filter]))
    return responses


def fit_filters(
    samples: Sequence[Sample],
    rests: Sequence[np.ndarray],
    n_filter: int,
    ends: Sequence[int],
) -> list[np.ndarray]:
    """Fit the autoregression of each rest, drawn to that of all series.

    The latter is drawn to a random walk, the more the longer a lag is.

    Parameters
    ----------
    samples, ends
        As in `fit_lags`.
    rests : sequence of ndarray of shape (n_rows,)
        What the columns leave of each target.
    n_filter : int
        Lags.

    Returns
    -------
    list of ndarray of shape (n_filter,)
    """
    parts = []
    for sample, rest, end in zip(samples, rests, ends, strict=True):
        rows, filled = sample.rows(n_filter, end), sample.carry(rest)
        past = _past_of(filled, rows, n_filter)
        parts.append(Rows(past, filled[rows], sample.weights[rows]))
    equations = _sum_equations(parts)
    penalties = _filter_penalties(n_filter, equations)
    pooled = equations.solve(penalties, np.eye(1, n_filter)[0])
    if len(samples) == 1:
        return [pooled]
    filters = []
    for part in parts:
        single = _sum_equations([part])
        prior = ROWS_OF_PRIOR / max(len(part.targets), 1) * single.gram[0, 0]
        filters.append(single.solve(np.full(n_filter, prior), pooled))
    return filters


def filter_rows(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Take from each row what an autoregression forecasts of it, column by column."""
    return linear_filter(np.r_[1.0, -weights], [1.0], values, axis=0)


def one_step_errors(
    sample: Sample, response: Response, weights: np.ndarray, first: int
) -> np.ndarray:
    """Return absolute one-step errors of the rows from ``first`` on.

    Parameters
    ----------
    sample : Sample
        One series.
    response : Response
        Its feedback, if any, takes the place of the autoregression of the rest.
    weights : ndarray of shape (n_filter,)
        That autoregression.
    first : int
        Rows before it tell the mean of the errors.
    """
    if len(response.feedback):
        weights = response.feedback
        effect = convolve(sample.X, response.lags[..., None])[:, 0]
        errors = filter_rows(sample.carry(sample.y), weights) - effect
    else:
        errors = filter_rows(sample.carry(response.rest(sample)), weights)
    seen, tested = sample.rows(len(weights), first), sample.rows(first, len(errors))
    mean = 0.0
    if len(seen):
        mean = np.average(errors[seen], weights=sample.weights[seen])
    return np.abs(errors[tested] - mean) * sample.weights[tested]


def _sum_equations(parts: Sequence[Rows]) -> NormalEquations:
    """Sum the equations of series, each centered by itself."""
    n_inputs = parts[0].inputs.shape[1]
    gram, moments = np.zeros((n_inputs, n_inputs)), np.zeros(n_inputs)
    for inputs, targets, weights in parts:
        if len(targets):
            center, mean = (
                np.average(a, axis=0, weights=weights) for a in (inputs, targets)
            )
            root = np.sqrt(weights)
            centered = (inputs - center) * root[:, None]
            gram += centered.T @ centered
            moments += centered.T @ ((targets - mean) * root)
    total = sum(part.weights.sum() for part in parts) or 1.0
    return NormalEquations(gram / total, moments / total)


def _past_of(values: np.ndarray, rows: np.ndarray, n_filter: int) -> np.ndarray:
    """Return the values before each row, the latest first."""
    return values[rows[:, None] - np.arange(1, n_filter + 1)]


def _filter_penalties(n_filter: int, equations: NormalEquations) -> np.ndarray:
    """Return penalties of an autoregression, in units of the variance."""
    return FILTER_PENALTY * np.arange(1.0, n_filter + 1) * equations.gram[0, 0]


def _lag_weights(n_lags: int, n_columns: int) -> np.ndarray:
    return np.repeat(np.arange(1.0, n_lags + 1) ** 2, n_columns)
