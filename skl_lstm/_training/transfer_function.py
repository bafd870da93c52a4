"""What the known columns explain of the targets: which response, if any, is believed.

Judged on the last fifth of the rows, by one-step errors, which are many and nearly
independent, so that small effects are found, and by rolled forecasts of what the
columns leave, since that is what is going to be forecast.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from skl_lstm._training.impulse_response import (
    Response,
    Sample,
    cross_validate,
    fit_filters,
    fit_lags,
    fit_rational,
    one_step_errors,
)
from skl_lstm._training.level import MOST, choose_level, rolled_errors, steps_compared
from skl_lstm._windows.comparison import clearly_better
from skl_lstm._windows.transfer_function import TransferFunction

# Penalties tried, in units of the filtered columns' variance.
PENALTIES = tuple(float(p) for p in np.logspace(-5, 1, 7))
# That of the regression which the first filter is taken from.
FIRST_PENALTY = 1e-3
# Rounds of estimating response and filters in turn: to choose, and on all rows.
N_ROUNDS, N_FINAL_ROUNDS = 3, 2
# Lags of the longest response beside the own row, and rows for each of its numbers.
MOST_LAGS = 8
ROWS_PER_NUMBER = 10
# Lags of the autoregression, at least, and rows for each.
LEAST_FILTER = 8
ROWS_PER_LAG = 10
# By how many standard errors one-step errors must be smaller: for the effect of the own
# row, which most columns have, and for richer forms, which have many ways to be better
# by luck.
CLEARLY = (1.0, 2.0)
# The share of the rolled errors that must be saved, if the one-step errors are not.
LEAST_GAIN = 0.03
# What is better in one respect may be this much worse in the other.
BEARABLE_LOSS = 1.05
# More rows do not make the choice better, only slower.
MOST_ROWS = 20_000


class _Problem(NamedTuple):
    """One target of all series, and the sizes that its estimates have."""

    samples: list[Sample]
    window_length: int
    horizon: int
    sp: int
    n_filter: int
    n_steps: int

    @property
    def ends(self) -> list[int]:
        """Rows of each series that a choice is made on; the others judge it."""
        return [int(MOST * len(sample.y)) for sample in self.samples]

    def one_step(self, response: Response, filters: Sequence[np.ndarray]) -> np.ndarray:
        """Return one-step errors of the held-out rows of all series."""
        parts = zip(self.samples, filters, self.ends, strict=True)
        errors = [one_step_errors(s, response, f, end) for s, f, end in parts]
        return np.concatenate(errors)

    def rolled(self, response: Response) -> np.ndarray:
        """Return errors of forecasts of the rest, rolled from held-out origins."""
        rests = [response.rest(sample)[:, None] for sample in self.samples]
        seen = [rest[:end] for rest, end in zip(rests, self.ends, strict=True)]
        sizes = self.window_length, self.horizon
        scaling = choose_level(seen, *sizes, sp=self.sp)
        return rolled_errors(
            rests, *sizes, scaling, share=MOST, n_steps=self.n_steps, sp=self.sp
        )


class _Candidate(NamedTuple):
    """A form of the response, and how it forecasts rows it has not seen.

    Attributes
    ----------
    refit : callable
        Estimates it on all rows.
    one_step, rolled : ndarray
        Absolute errors of the held-out rows one step ahead, and of forecasts rolled
        from held-out origins.
    is_evident : bool
        Whether leave-one-out over all rows says that there is an effect: a tail may be
        too short for it, beside many columns that have none.
    """

    refit: Callable[[], Response]
    one_step: np.ndarray
    rolled: np.ndarray
    is_evident: bool = False

    def is_better(self, other: "_Candidate", *, simple: bool) -> bool:
        """Whether it is clearly better in either kind of error, not worse in both.

        Parameters
        ----------
        other : _Candidate
            The one before.
        simple : bool
            Whether it is the simplest form of an effect.
        """
        n_standard_errors = CLEARLY[0 if simple else 1]
        is_clear = clearly_better(other.one_step, self.one_step, n_standard_errors)
        is_bearable = self.one_step.mean() <= BEARABLE_LOSS * other.one_step.mean()
        if simple:
            is_clear |= self.is_evident and is_bearable
        if not len(self.rolled):
            return bool(is_clear)
        if is_clear and self.rolled.mean() <= BEARABLE_LOSS * other.rolled.mean():
            return True
        gains = clearly_better(other.rolled, self.rolled, margin=LEAST_GAIN)
        return bool(gains and is_bearable)


def fit_transfer_function(
    series: Sequence[tuple[np.ndarray, np.ndarray]],
    window_length: int,
    horizon: int,
    *,
    sp: int = 1,
    weights: Sequence[np.ndarray | None] | None = None,
) -> TransferFunction:
    """Estimate what the known columns explain, if anything, of each target.

    No effect, that of the row itself, that of some rows before it, too, and one that
    goes on by itself are tried in this order. The richer is taken if its one-step
    errors on the last fifth of the rows are clearly smaller (for the own row,
    leave-one-out errors of all rows may say so instead) and its rolled forecasts
    not much worse, or the other way round.

    Parameters
    ----------
    series : sequence of (ndarray, ndarray)
        Targets of shape (n_rows, n_outputs), each series in units of its own spread,
        and columns of shape (n_rows, n_columns), in units that all series share; NaN
        where missing. The series share the response; what it leaves is filtered by an
        autoregression for each.
    window_length, horizon : int
        Rows that a window reads and forecasts.
    sp : int, default=1
        Steps per season.
    weights : sequence of ndarray of shape (n_rows,) or None, default=None
        What the error of each row counts in each series; None where all are equal.

    Returns
    -------
    TransferFunction

    References
    ----------
    Cochrane, D., & Orcutt, G. H. (1949). Application of least squares regression to
    relationships containing auto-correlated error terms. Journal of the American
    Statistical Association, 44(245). https://doi.org/10.1080/01621459.1949.10483290
    """
    n_outputs, n_columns = series[0][0].shape[1], series[0][1].shape[1]
    none = TransferFunction.none(n_columns, n_outputs)
    if not n_columns:
        return none
    stacked = np.concatenate([X[: len(y)] for y, X in series])
    center, spread = _center_and_spread(stacked)
    if not spread.any():
        return none
    scale = np.where(spread, spread, np.inf)
    parts = []
    for output in range(n_outputs):
        samples = [
            _prepare(y[:, output], X, center, scale, own)
            for (y, X), own in zip(series, weights or [None] * len(series), strict=True)
        ]
        response = _choose(_pose(samples, window_length, horizon, sp))
        lags, feedback = (response.lags / scale)[..., None], response.feedback[:, None]
        parts.append(TransferFunction(lags, feedback, center))
    return TransferFunction.join(parts)


def _center_and_spread(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and spread of columns; zero for those that never change."""
    known = np.isfinite(X)
    n_known = np.maximum(known.sum(axis=0), 1)
    center = np.where(known, X, 0.0).sum(axis=0) / n_known
    squares = np.where(known, X - center, 0.0) ** 2
    spread = np.sqrt(squares.sum(axis=0) / n_known)
    return center, np.where(spread > 1e-12 * np.abs(center), spread, 0.0)


def _prepare(
    y: np.ndarray,
    X: np.ndarray,
    center: np.ndarray,
    scale: np.ndarray,
    weights: np.ndarray | None,
) -> Sample:
    """Bring the columns to their spread, and say which rows are known."""
    scaled = (X[: len(y)] - center) / scale
    is_given, known_y = np.isfinite(scaled), np.isfinite(y)
    known = known_y & is_given.all(axis=1)
    if known.sum() < known_y.sum() / 2:
        # Better rows with means for values than hardly any rows.
        known = known_y
    counts = np.ones(len(y)) if weights is None else weights
    return Sample(y, np.where(is_given, scaled, 0.0), known & (counts > 0), counts)


def _pose(samples: list[Sample], window_length: int, horizon: int, sp: int) -> _Problem:
    """Keep the latest rows of one series, or some series of a panel, and size up."""
    n_all = sum(len(sample.y) for sample in samples)
    if len(samples) == 1:
        samples = [Sample(*(part[-MOST_ROWS:] for part in samples[0]))]
    else:
        samples = samples[:: -(-n_all // MOST_ROWS)]
    n_rows = int(np.median([len(sample.y) for sample in samples]))
    n_filter = min(window_length, max(LEAST_FILTER, sp + 1), n_rows // ROWS_PER_LAG)
    n_steps = steps_compared(n_rows, horizon)
    return _Problem(samples, window_length, horizon, sp, max(n_filter, 1), n_steps)


def _choose(problem: _Problem) -> Response:
    """Return the best form of the response, estimated on all rows."""
    n_columns = problem.samples[0].X.shape[1]
    n_rows = sum(len(sample.y) for sample in problem.samples)
    by_rows = n_rows // (ROWS_PER_NUMBER * n_columns) - 1
    longest = 1 + max(min(MOST_LAGS, problem.window_length - 1, by_rows), 0)
    best = _try_none(problem)
    if not len(best.one_step):
        return best.refit()
    for n_lags in dict.fromkeys((1, longest)):
        richer = _try_lags(problem, n_lags)
        best = richer if richer.is_better(best, simple=n_lags == 1) else best
    rational = _try_rational(problem)
    if rational is not None and rational.is_better(best, simple=False):
        best = rational
    return best.refit()


def _try_none(problem: _Problem) -> _Candidate:
    none = Response(np.zeros((0, problem.samples[0].X.shape[1])), np.empty(0))
    targets = [sample.y for sample in problem.samples]
    filters = fit_filters(problem.samples, targets, problem.n_filter, problem.ends)
    errors = problem.one_step(none, filters)
    return _Candidate(lambda: none, errors, problem.rolled(none))


def _try_lags(problem: _Problem, n_lags: int) -> _Candidate:
    """Estimate response and filters in turn on the first rows, and test them."""
    samples, n_filter, ends = problem.samples, problem.n_filter, problem.ends
    first = fit_rational(samples, n_filter, n_lags, ends, [FIRST_PENALTY])[0]
    filters = [first.feedback] * len(samples)
    for _ in range(N_ROUNDS):
        responses = fit_lags(samples, filters, n_lags, ends, PENALTIES)
        errors = [problem.one_step(response, filters) for response in responses]
        index = _choose_penalty(errors)
        response = responses[index]
        rests = [response.rest(sample) for sample in samples]
        filters = fit_filters(samples, rests, n_filter, ends)

    lately = PENALTIES[index]

    def refit() -> Response:
        whole, current = [len(sample.y) for sample in samples], filters
        for _ in range(N_FINAL_ROUNDS):
            # The tail says what held lately, all rows what held in general. Columns
            # that go together, as income and savings do, have large effects that
            # nearly cancel, and that come and go: a mean of both.
            general, *_ = cross_validate(samples, current, n_lags, PENALTIES)
            both = fit_lags(samples, current, n_lags, whole, [lately, general])
            mean = np.mean([response.lags for response in both], axis=0)
            refitted = Response(mean, np.empty(0))
            rests = [refitted.rest(sample) for sample in samples]
            current = fit_filters(samples, rests, n_filter, whole)
        return refitted

    _, before, after = cross_validate(samples, filters, n_lags, PENALTIES)
    return _Candidate(
        refit,
        problem.one_step(response, filters),
        problem.rolled(response),
        is_evident=bool(clearly_better(before, after, CLEARLY[1])),
    )


def _try_rational(problem: _Problem) -> _Candidate | None:
    """Estimate an effect that goes on by itself on the first rows, and test it.

    Returns
    -------
    _Candidate or None
        None where it would go on forever.
    """
    samples, n_filter, ends = problem.samples, problem.n_filter, problem.ends
    responses = fit_rational(samples, n_filter, 1, ends, PENALTIES)
    unused = [np.empty(0)] * len(samples)
    errors = [problem.one_step(response, unused) for response in responses]
    index = _choose_penalty(errors)
    whole = [len(sample.y) for sample in samples]
    refitted = fit_rational(samples, n_filter, 1, whole, [PENALTIES[index]])[0]
    if not (responses[index].is_stable and refitted.is_stable):
        return None
    rolled = problem.rolled(responses[index])
    return _Candidate(lambda: refitted, errors[index], rolled)


def _choose_penalty(errors: Sequence[np.ndarray]) -> int:
    """Return the strongest penalty that is not clearly worse than the best."""
    stacked = np.stack(errors)
    best = stacked[stacked.mean(axis=1).argmin()]
    return int(np.flatnonzero(~clearly_better(stacked, best))[-1])
