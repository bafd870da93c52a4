"""What the known columns explain of the target: one causal impulse response.

A promotion lifts the sales of its day and of the next, whatever step of a forecast
that day is. So its effect is estimated once, from all rows, taken from the target
before anything else looks at it, and added to the forecast last.

The response is found by generalized least squares: target and columns are filtered by
the autoregression of what the columns leave (Cochrane & Orcutt). That turns into
levels where the rest is noise, into differences where it is a random walk, and into
seasonal differences where it has a season, so that nobody has to choose.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import solve
from scipy.signal import lfilter

from skl_lstm._linear import is_clearly_positive
from skl_lstm._training.level import (
    MOST,
    choose_level,
    rolled_errors,
    steps_compared,
)

# Penalties tried, in units of the filtered columns' variance per row; they grow with
# the square of the lag.
PENALTIES = tuple(float(p) for p in np.logspace(-5, 1, 7))
# Penalty per lag of the autoregression of the rest, which is drawn to a random walk.
FILTER_PENALTY = 1e-3
# Rows that the pooled autoregression counts as, where a series of a panel has its own.
ROWS_OF_PRIOR = 20
# Rounds of estimating the response and the filter in turn: to choose, and on all rows.
N_ROUNDS, N_FINAL_ROUNDS = 3, 2
# Lags of the longest response, and rows that one of its numbers must have.
MOST_LAGS = 8
ROWS_PER_NUMBER = 10
# Lags of the autoregression, at least, and rows for each.
LEAST_FILTER = 8
ROWS_PER_LAG = 10
# A richer response may be so much worse in one respect if it is better in the other.
TOLERANCE = 1.03
# More rows do not make the choice better, only slower.
MOST_ROWS = 20_000
# A recursion that forgets less of each step than this has no impulse response.
LARGEST_ROOT = 0.99


@dataclass(frozen=True)
class TransferFunction:
    """Linear effect of known columns on targets, the same at every step.

    The effect on a row is that of the columns of this row and of ``n_lags - 1`` rows
    before it. With a feedback it is rational: the effect itself goes on from row to row
    (an "ARX" model), which makes the impulse response infinite.

    Attributes
    ----------
    response : ndarray of shape (n_lags, n_columns, n_outputs)
        Change of each target per unit of each column, by the lag in rows. No lags: no
        effect.
    feedback : ndarray of shape (n_feedback, n_outputs)
        Share of the effect so many rows before that goes on; empty where the impulse
        response ends with its lags.
    center : ndarray of shape (n_columns,)
        Training means of the columns, where the effect is zero; they stand in for
        missing values.

    References
    ----------
    Box, G. E. P., & Jenkins, G. M. (1970). Time series analysis: forecasting and
    control, part III. Holden-Day.
    """

    response: np.ndarray
    feedback: np.ndarray
    center: np.ndarray

    @classmethod
    def none(cls, n_columns: int, n_outputs: int) -> "TransferFunction":
        """Return the one without any effect."""
        response = np.zeros((0, n_columns, n_outputs))
        return cls(response, np.zeros((0, n_outputs)), np.zeros(n_columns))

    @property
    def n_lags(self) -> int:
        """Rows of the columns that the effect on a row reads, without feedback."""
        return len(self.response)

    @property
    def kinds(self) -> tuple[str, ...]:
        """ "none", "row", "lags" or "rational", for each output."""
        kinds = []
        for response, feedback in zip(
            np.moveaxis(self.response, 2, 0), self.feedback.T, strict=True
        ):
            lags = np.flatnonzero(response.any(axis=1))
            kind = "none" if not len(lags) else "row" if lags[-1] == 0 else "lags"
            kinds.append("rational" if len(lags) and feedback.any() else kind)
        return tuple(kinds)

    def apply(self, X: np.ndarray) -> np.ndarray:
        """Return the effect of columns; a row never changes the rows before it.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_columns)
            Consecutive rows; those before the first are taken to be at the training
            mean, as are missing values (NaN).

        Returns
        -------
        ndarray of shape (n_rows, n_outputs)
            In units of the targets.
        """
        deviations = np.where(np.isfinite(X), X - self.center, 0.0)
        effect = _convolve(deviations, self.response)
        if not self.feedback.any():
            return effect
        columns = [
            lfilter([1.0], np.r_[1.0, -feedback], column)
            for column, feedback in zip(effect.T, self.feedback.T, strict=True)
        ]
        return np.stack(columns, axis=1)

    def impulse_response(self, n_lags: int) -> np.ndarray:
        """Return the response to one unit in one row, feedback included.

        Parameters
        ----------
        n_lags : int
            Rows to follow it, its own among them; later ones are cut off.

        Returns
        -------
        ndarray of shape (n_lags, n_columns, n_outputs)
        """
        shape = self.response.shape[1:]
        response = np.zeros((n_lags, *shape))
        n_given = min(n_lags, self.n_lags)
        response[:n_given] = self.response[:n_given]
        for lag in range(n_lags):
            for back, share in enumerate(self.feedback[:lag], start=1):
                response[lag] += share * response[lag - back]
        return response


def _convolve(rows: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Sum over lags; not by BLAS, whose sums depend on how many rows there are."""
    effect = np.zeros((len(rows), response.shape[2]))
    for lag, weights in enumerate(response[: len(rows)]):
        effect[lag:] += np.einsum("rc,co->ro", rows[: len(rows) - lag], weights)
    return effect


class _Sample(NamedTuple):
    """One target of one series, prepared for the regressions.

    Attributes
    ----------
    y : ndarray of shape (n_rows,)
        The target; NaN where missing.
    X : ndarray of shape (n_rows, n_columns)
        The columns in units of their spread, zero at their mean and where missing.
    known : ndarray of bool of shape (n_rows,)
        Rows that a regression may explain.
    """

    y: np.ndarray
    X: np.ndarray
    known: np.ndarray

    @property
    def n_seen(self) -> int:
        """Rows that a choice is made on; the others judge it."""
        return int(MOST * len(self.y))

    def lags(self, n_lags: int) -> np.ndarray:
        """Return the columns of each row and of those before it, side by side."""
        before = np.zeros((max(n_lags - 1, 0), self.X.shape[1]))
        padded = np.concatenate([before, self.X])
        parts = [padded[len(before) - lag :][: len(self.X)] for lag in range(n_lags)]
        return np.concatenate(parts, axis=1) if parts else self.X[:, :0]

    def carry(self, values: np.ndarray) -> np.ndarray:
        """Let values of the last row with a target stand in where that is missing."""
        known = np.isfinite(self.y)
        if known.all():
            return values
        source = np.maximum.accumulate(np.where(known, np.arange(len(known)), 0))
        return np.nan_to_num(values[source])

    def regression_rows(self, first: int, end: int) -> np.ndarray:
        """Return the rows in a span that a regression may explain."""
        return first + np.flatnonzero(self.known[first:end])


class _Setting(NamedTuple):
    """Sizes that an estimate depends on."""

    window_length: int
    horizon: int
    sp: int
    n_steps: int
    filter_length: int


class _Equations(NamedTuple):
    """Normal equations of a regression with one intercept for each series."""

    gram: np.ndarray
    moments: np.ndarray

    def solve(self, penalties: np.ndarray, goal: np.ndarray | float = 0.0) -> Any:
        """Return the coefficients, drawn to ``goal`` by so much each."""
        goal = np.broadcast_to(goal, penalties.shape)
        # Columns that never change have no equation of their own.
        ridge = self.gram + np.diag(penalties + 1e-12)
        return goal + solve(ridge, self.moments - self.gram @ goal, assume_a="pos")


class _Candidate(NamedTuple):
    """A response of one target, and how it forecasts rows it has not seen.

    Attributes
    ----------
    n_lags : int
        Rows of the columns that it reads; 0 for no effect.
    rational : bool
        Whether it has a feedback.
    penalty : float
        Of its size.
    filters : list of ndarray of shape (filter_length,)
        Autoregression of the rest of each series.
    one_step, rolled : ndarray
        Absolute errors of the held-out rows one step ahead, and of forecasts rolled
        from held-out origins.
    """

    n_lags: int
    rational: bool
    penalty: float
    filters: list[np.ndarray]
    one_step: np.ndarray
    rolled: np.ndarray


class _Estimate(NamedTuple):
    """Response of shape (n_lags, n_columns), and feedback of shape (n_feedback,)."""

    response: np.ndarray
    feedback: np.ndarray

    def rest(self, sample: _Sample) -> np.ndarray:
        """Return what the columns leave of the target, of shape (n_rows,)."""
        effect = _convolve(sample.X, self.response[..., None])[:, 0]
        return sample.y - lfilter([1.0], np.r_[1.0, -self.feedback], effect)


def fit_transfer_function(
    series: Sequence[tuple[np.ndarray, np.ndarray]],
    window_length: int,
    horizon: int,
    *,
    sp: int = 1,
) -> TransferFunction:
    """Estimate what the known columns explain, if anything, of each target.

    No effect, that of the row itself, that of some rows before it, too, and one that
    goes on by itself are tried in this order. The richer is taken if its one-step
    errors on the last fifth of the rows are smaller by more than one standard error,
    and its rolled forecasts not clearly worse, or the other way round.

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
    stacked = np.concatenate([X[: len(y)] for y, X in series])
    center, spread = _center_and_spread(stacked)
    if not n_columns or not spread.any():
        return TransferFunction.none(n_columns, n_outputs)
    estimates = []
    for output in range(n_outputs):
        samples = [_prepare(y[:, output], X, center, spread) for y, X in series]
        estimates.append(_estimate(_thin_out(samples), window_length, horizon, sp))
    return _join(estimates, center, spread)


def _center_and_spread(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and spread of columns; zero for those that never change."""
    known = np.isfinite(X)
    n_known = np.maximum(known.sum(axis=0), 1)
    center = np.where(known, X, 0.0).sum(axis=0) / n_known
    squares = np.where(known, X - center, 0.0) ** 2
    spread = np.sqrt(squares.sum(axis=0) / n_known)
    return center, np.where(spread > 1e-12 * np.abs(center), spread, 0.0)


def _prepare(
    y: np.ndarray, X: np.ndarray, center: np.ndarray, spread: np.ndarray
) -> _Sample:
    """Bring the columns to their spread, and say which rows are known."""
    scaled = (X[: len(y)] - center) / np.where(spread, spread, np.inf)
    is_given = np.isfinite(scaled)
    known_y = np.isfinite(y)
    known = known_y & is_given.all(axis=1)
    if known.sum() < known_y.sum() / 2:
        # Better rows with means for values than hardly any rows.
        known = known_y
    return _Sample(y, np.where(is_given, scaled, 0.0), known)


def _thin_out(samples: list[_Sample]) -> list[_Sample]:
    """Keep at most `MOST_ROWS` rows: the latest of one series, or some series."""
    if len(samples) == 1:
        return [_Sample(*(part[-MOST_ROWS:] for part in samples[0]))]
    return samples[:: -(-sum(len(s.y) for s in samples) // MOST_ROWS)]


def _estimate(
    samples: list[_Sample], window_length: int, horizon: int, sp: int
) -> _Estimate:
    """Choose and estimate the response of one target."""
    n_rows = int(np.median([len(s.y) for s in samples]))
    n_all, n_columns = sum(len(s.y) for s in samples), samples[0].X.shape[1]
    filter_length = min(
        window_length, max(LEAST_FILTER, sp + 1), n_rows // ROWS_PER_LAG
    )
    setting = _Setting(
        window_length,
        horizon,
        sp,
        steps_compared(n_rows, horizon),
        max(filter_length, 1),
    )
    longest = min(
        MOST_LAGS, window_length - 1, n_all // (ROWS_PER_NUMBER * n_columns) - 1
    )
    best = _try_none(samples, setting)
    for n_lags in dict.fromkeys((1, max(longest, 0) + 1)):
        best = _better_of(best, _try_lags(samples, setting, n_lags), samples, setting)
    best = _better_of(best, _try_rational(samples, setting), samples, setting)
    return _fit_on_all(samples, setting, best)


def _better_of(
    best: _Candidate,
    richer: _Candidate | None,
    samples: list[_Sample],
    setting: _Setting,
) -> _Candidate:
    """Return the richer candidate if it is clearly better in either kind of error."""
    if richer is None:
        return best
    n_blocks = sum((len(s.y) - s.n_seen) // setting.n_steps for s in samples)
    gain, gain_rolled = best.one_step - richer.one_step, best.rolled - richer.rolled
    is_bearable = richer.one_step.mean() <= TOLERANCE * best.one_step.mean()
    if not len(best.rolled):
        return richer if is_clearly_positive(gain) else best
    is_bearable_rolled = richer.rolled.mean() <= TOLERANCE * best.rolled.mean()
    is_better = is_clearly_positive(gain) and is_bearable_rolled
    is_better_rolled = (
        bool(is_clearly_positive(gain_rolled, max(n_blocks, 1)))
        and best.rolled.mean() > TOLERANCE * richer.rolled.mean()
        and is_bearable
    )
    return richer if is_better or is_better_rolled else best


def _rolled(
    samples: list[_Sample], setting: _Setting, estimate: _Estimate
) -> np.ndarray:
    """Return errors of rolled forecasts of the last fifth of the rest."""
    rests = [estimate.rest(s)[:, None] for s in samples]
    seen = [u[: s.n_seen] for u, s in zip(rests, samples, strict=True)]
    window, steps = setting[:2], setting.n_steps
    scaling = choose_level(seen, *window, sp=setting.sp, n_steps=steps)
    return rolled_errors(
        rests, *window, scaling, share=MOST, n_steps=steps, sp=setting.sp
    )


def _try_none(samples: list[_Sample], setting: _Setting) -> _Candidate:
    none = _Estimate(np.zeros((0, samples[0].X.shape[1])), np.empty(0))
    rests = [s.y for s in samples]
    filters = _fit_filters(samples, rests, setting, [s.n_seen for s in samples])
    one_step = _filtered_errors(samples, rests, filters)
    return _Candidate(0, False, 0.0, filters, one_step, _rolled(samples, setting, none))


def _try_lags(
    samples: list[_Sample], setting: _Setting, n_lags: int
) -> _Candidate | None:
    """Estimate response and filters in turn on the first rows, and test them."""
    ends = [s.n_seen for s in samples]
    start = _rational_equations(samples, setting, n_lags, ends)
    if start is None:
        return None
    feedback, _ = _solve_rational(start, setting, 1e-3, n_lags)
    filters = [feedback] * len(samples)
    for _ in range(N_ROUNDS):
        equations = _filtered_equations(samples, filters, n_lags, ends)
        solutions = [_solve_lags(equations, p, n_lags) for p in PENALTIES]
        errors = [
            _filtered_errors(samples, [e.rest(s) for s in samples], filters)
            for e in solutions
        ]
        index = _choose_penalty(errors)
        rests = [solutions[index].rest(s) for s in samples]
        filters = _fit_filters(samples, rests, setting, ends)
    return _Candidate(
        n_lags,
        False,
        PENALTIES[index],
        filters,
        _filtered_errors(samples, rests, filters),
        _rolled(samples, setting, solutions[index]),
    )


def _try_rational(samples: list[_Sample], setting: _Setting) -> _Candidate | None:
    """Estimate an effect that goes on by itself on the first rows, and test it."""
    equations = _rational_equations(samples, setting, 1, [s.n_seen for s in samples])
    if equations is None:
        return None
    solutions = [_solve_rational(equations, setting, p, 1) for p in PENALTIES]
    errors = [
        np.concatenate([_rational_errors(s, *solution) for s in samples])
        for solution in solutions
    ]
    index = _choose_penalty(errors)
    feedback, response = solutions[index]
    if not _is_stable(feedback):
        return None
    rolled = _rolled(samples, setting, _Estimate(response, feedback))
    return _Candidate(1, True, PENALTIES[index], [], errors[index], rolled)


def _choose_penalty(errors: Sequence[np.ndarray]) -> int:
    """Return the strongest penalty that is not clearly worse than the best."""
    stacked = np.stack(errors)
    worse = stacked - stacked[stacked.mean(axis=1).argmin()]
    return int(np.flatnonzero(~is_clearly_positive(worse))[-1])


def _fit_on_all(
    samples: list[_Sample], setting: _Setting, chosen: _Candidate
) -> _Estimate:
    """Estimate what was chosen once more, on all rows."""
    n_lags, ends = chosen.n_lags, [len(s.y) for s in samples]
    estimate = _Estimate(np.zeros((0, samples[0].X.shape[1])), np.empty(0))
    if chosen.rational:
        equations = _rational_equations(samples, setting, n_lags, ends)
        assert equations is not None
        feedback, response = _solve_rational(equations, setting, chosen.penalty, n_lags)
        return _Estimate(response, feedback) if _is_stable(feedback) else estimate
    filters = chosen.filters
    for _ in range(N_FINAL_ROUNDS if n_lags else 0):
        equations = _filtered_equations(samples, filters, n_lags, ends)
        estimate = _solve_lags(equations, chosen.penalty, n_lags)
        rests = [estimate.rest(s) for s in samples]
        filters = _fit_filters(samples, rests, setting, ends)
    return estimate


def _is_stable(feedback: np.ndarray) -> bool:
    """Whether an effect dies out."""
    return bool(np.abs(np.roots(np.r_[1.0, -feedback])).max(initial=0) < LARGEST_ROOT)


def _equations_of(pairs: list[tuple[np.ndarray, np.ndarray]]) -> _Equations | None:
    """Sum the equations of series, each centered by itself; None without rows."""
    n_rows = sum(len(targets) for _, targets in pairs)
    if n_rows < len(pairs) + 1:
        return None
    gram = moments = 0.0
    for inputs, targets in pairs:
        if len(targets):
            centered = inputs - inputs.mean(axis=0)
            gram = gram + centered.T @ centered
            moments = moments + centered.T @ (targets - targets.mean())
    return _Equations(gram / n_rows, moments / n_rows)


def _filtered(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Take from each row what an autoregression forecasts of it, over all columns."""
    return lfilter(np.r_[1.0, -weights], [1.0], values, axis=0)


def _filtered_equations(
    samples: list[_Sample], filters: list[np.ndarray], n_lags: int, ends: list[int]
) -> _Equations:
    pairs = []
    for sample, weights, end in zip(samples, filters, ends, strict=True):
        rows = sample.regression_rows(len(weights), end)
        inputs = _filtered(sample.carry(sample.lags(n_lags)), weights)[rows]
        pairs.append((inputs, _filtered(sample.carry(sample.y), weights)[rows]))
    return _equations_of(pairs)


def _solve_lags(equations: _Equations, penalty: float, n_lags: int) -> _Estimate:
    n_columns = len(equations.gram) // n_lags
    powers = np.repeat(np.arange(1.0, n_lags + 1) ** 2, n_columns)
    response = equations.solve(penalty * powers)
    return _Estimate(response.reshape(n_lags, n_columns), np.empty(0))


def _filtered_errors(
    samples: list[_Sample], rests: list[np.ndarray], filters: list[np.ndarray]
) -> np.ndarray:
    """Return absolute one-step errors of the held-out rows."""
    errors = []
    for sample, rest, weights in zip(samples, rests, filters, strict=True):
        innovations = _filtered(sample.carry(rest), weights)
        seen = sample.regression_rows(len(weights), sample.n_seen)
        tested = sample.regression_rows(sample.n_seen, len(rest))
        mean = innovations[seen].mean() if len(seen) else 0.0
        errors.append(np.abs(innovations[tested] - mean))
    return np.concatenate(errors)


def _fit_filters(
    samples: list[_Sample],
    rests: list[np.ndarray],
    setting: _Setting,
    ends: list[int],
) -> list[np.ndarray]:
    """Fit the autoregression of each rest, drawn to that of all series.

    The latter is drawn to a random walk, the more the longer a lag is.
    """
    length, pairs = setting.filter_length, []
    for sample, rest, end in zip(samples, rests, ends, strict=True):
        rows = sample.regression_rows(length, end)
        filled = sample.carry(rest)
        pairs.append((_lags_of(filled, rows, length), filled[rows]))
    pooled = _equations_of(pairs)
    walk = np.eye(1, length)[0]
    if pooled is None:
        return [walk] * len(samples)
    penalties = FILTER_PENALTY * np.arange(1.0, length + 1)
    weights = pooled.solve(penalties * pooled.gram[0, 0], walk)
    if len(samples) == 1:
        return [weights]
    filters = []
    for pair in pairs:
        own = _equations_of([pair])
        if own is None:
            filters.append(weights)
            continue
        prior = ROWS_OF_PRIOR / len(pair[1]) * own.gram[0, 0]
        filters.append(own.solve(np.full(length, prior), weights))
    return filters


def _lags_of(values: np.ndarray, rows: np.ndarray, length: int) -> np.ndarray:
    """Return the values before each row, the latest first."""
    return values[rows[:, None] - np.arange(1, length + 1)]


def _rational_equations(
    samples: list[_Sample], setting: _Setting, n_lags: int, ends: list[int]
) -> _Equations | None:
    """Return the equations of a target explained by its own past and the columns."""
    pairs = []
    for sample, end in zip(samples, ends, strict=True):
        rows = sample.regression_rows(setting.filter_length, end)
        past = _lags_of(sample.carry(sample.y), rows, setting.filter_length)
        inputs = np.concatenate([past, sample.lags(n_lags)[rows]], axis=1)
        pairs.append((inputs, sample.y[rows]))
    return _equations_of(pairs)


def _solve_rational(
    equations: _Equations, setting: _Setting, penalty: float, n_lags: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return feedback and response."""
    length = setting.filter_length
    n_columns = (len(equations.gram) - length) // n_lags
    powers = np.repeat(np.arange(1.0, n_lags + 1) ** 2, n_columns)
    past = FILTER_PENALTY * np.arange(1.0, length + 1) * equations.gram[0, 0]
    goal = np.eye(1, len(equations.gram))[0]
    solution = equations.solve(np.r_[past, penalty * powers], goal)
    return solution[:length], solution[length:].reshape(n_lags, n_columns)


def _rational_errors(
    sample: _Sample, feedback: np.ndarray, response: np.ndarray
) -> np.ndarray:
    """Return absolute one-step errors of the held-out rows."""
    filled = sample.carry(sample.y)
    effect = _convolve(sample.X, response[..., None])[:, 0]
    innovations = _filtered(filled, feedback) - effect
    seen = sample.regression_rows(len(feedback), sample.n_seen)
    tested = sample.regression_rows(sample.n_seen, len(filled))
    mean = innovations[seen].mean() if len(seen) else 0.0
    return np.abs(innovations[tested] - mean)


def _join(
    estimates: list[_Estimate], center: np.ndarray, spread: np.ndarray
) -> TransferFunction:
    """Put the responses of all targets side by side, in the columns' own units."""
    n_lags = max(len(e.response) for e in estimates)
    n_feedback = max(len(e.feedback) for e in estimates)
    response = np.zeros((n_lags, len(center), len(estimates)))
    feedback = np.zeros((n_feedback, len(estimates)))
    for output, estimate in enumerate(estimates):
        scale = np.where(spread, spread, np.inf)
        response[: len(estimate.response), :, output] = estimate.response / scale
        feedback[: len(estimate.feedback), output] = estimate.feedback
    return TransferFunction(response, feedback, center)
