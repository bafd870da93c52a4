"""Errors on held-out windows, and the prediction intervals made of them.

Split conformal prediction: the quantiles of the errors that the network made on
windows it was not trained on, taken with the finite-sample correction, are those of
the errors to come. Errors are counted in units of each window, so that intervals are
wide where the series is restless, and in panels of its series; or, where something
says what errors to expect of each window, as scores in that distribution.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats
from sklearn.isotonic import IsotonicRegression

from skl_lstm._engine.ensemble import Networks
from skl_lstm._intervals.quantile_head import MOST_WINDOWS as MOST_TRAINED_ON
from skl_lstm._intervals.quantile_head import (
    KnownErrors,
    QuantileHead,
    fit_quantile_head,
)
from skl_lstm._intervals.sample import Sample, conformal_quantiles, count_effective
from skl_lstm._intervals.spreads import Spreads, fit_spreads
from skl_lstm._windows.assembly import Assembly, place_origins, weights_ahead
from skl_lstm._windows.comparison import clearly_better, thin_out

# The legal values of `intervals`: what says which errors to expect of a window.
INTERVALS = ("conformal", "quantile")
# Levels whose quantiles stand for the forecast distribution: the midpoints of equal
# shares.
VARIANCE_LEVELS = tuple((i + 0.5) / 100 for i in range(100))
# More windows than this make a file larger, not an interval better.
MOST_WINDOWS = 5_000
# With fewer errors per step, the steps share their errors, each scaled to its spread.
ENOUGH_PER_STEP = 200
# From so many windows on the errors keep their signs; with fewer their bias is mostly
# chance, and they keep them only where they are clearly skewed.
ENOUGH_FOR_BIAS = 100
# With fewer windows no error stands for the quantiles of 5 and 95 %: 1 / (n + 1) > 5 %.
LEAST_FOR_SIGNS = 19
# Standard errors by which skewness must differ from none.
CLEARLY = 2.0
# Keeps a step that no window counts for from dividing by zero.
LEAST_COUNT = 1e-9

Combine = Callable[[np.ndarray, Assembly, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Residuals:
    """Errors by window and step, as scores.

    Attributes
    ----------
    scores : ndarray of float32 of shape (n_windows, horizon, n_outputs)
        Target minus forecast in units of the window, or its score in the shape that
        was expected; NaN where the target is missing.
    held_out : bool
        Whether the network had not been trained on these windows. If it had, the
        intervals are too narrow.
    expected : QuantileHead or None, default=None
        What says which shape the errors of a window have; None if all have the same.
    weights : ndarray of shape (n_windows, horizon) or None, default=None
        What each counts; None if all are equal. Weighted errors are those of fewer
        windows: as many as have a mean of the same variance (Kish, 1965, Survey
        Sampling, section 11.7).
    spreads : Spreads or None, default=None
        What the scores of each series were divided by; None for nothing.

    References
    ----------
    Lei, J., G'Sell, M., Rinaldo, A., Tibshirani, R. J., & Wasserman, L. (2018).
    Distribution-free predictive inference for regression. Journal of the American
    Statistical Association, 113(523). https://doi.org/10.1080/01621459.2017.1307116

    Linusson, H., Johansson, U., & Lofstrom, T. (2014). Signed-error conformal
    regression. PAKDD 2014. https://doi.org/10.1007/978-3-319-06608-0_19

    Chernozhukov, V., Wuthrich, K., & Zhu, Y. (2021). Distributional conformal
    prediction. PNAS, 118(48). https://doi.org/10.1073/pnas.2107794118

    Barber, R. F., Candes, E. J., Ramdas, A., & Tibshirani, R. J. (2023). Conformal
    prediction beyond exchangeability. The Annals of Statistics, 51(2).
    https://doi.org/10.1214/23-AOS2276
    """

    scores: np.ndarray
    held_out: bool
    expected: QuantileHead | None = None
    weights: np.ndarray | None = None
    spreads: Spreads | None = None

    def of_new_series(self) -> "Residuals":
        """Return errors for series of which nothing is known."""
        if self.spreads is None:
            return self
        scores = self.scores * self.spreads.of_windows[:, None]
        return replace(self, scores=scores.astype("float32"), spreads=None)

    def errors(
        self,
        data: Any,
        origins: np.ndarray,
        series: np.ndarray,
        alphas: Sequence[float],
        steps: np.ndarray,
    ) -> np.ndarray:
        """Return the quantiles of the errors at each origin.

        Parameters
        ----------
        data : Data
            Rows of all series.
        origins : ndarray of int of shape (n_origins,)
            The windows.
        series : ndarray of int of shape (n_origins,)
            The series of each, by its number in training.
        alphas, steps
            As for `quantiles`; steps from 0 on.

        Returns
        -------
        ndarray of shape (1 or n_origins, n_steps, n_outputs, n_levels)
            In units of the windows.
        """
        scores = self.quantiles(alphas, steps)[None]
        if self.spreads is not None:
            scores = scores * self.spreads.of(series)[:, None, :, None]
            new = ~self.spreads.among(series)
            if new.any():
                scores[new] = self.of_new_series().quantiles(alphas, steps)
        if self.expected is None:
            return scores
        shape = self.expected.shapes(data, origins)
        return shape.first(len(steps)).with_levels().error(scores)

    def quantiles(self, alphas: Sequence[float], steps: np.ndarray) -> np.ndarray:
        """Return the quantiles of the scores.

        Parameters
        ----------
        alphas : sequence of float
            Levels in (0, 1).
        steps : ndarray of int of shape (n_steps,)
            Steps within the horizon, counted from 0.

        Returns
        -------
        ndarray of shape (n_steps, n_outputs, n_alphas)
            Rising in alpha.
        """
        n_outputs = self.scores.shape[2]
        levels = np.asarray(alphas, dtype=float)
        found = np.empty((len(steps), n_outputs, len(levels)))
        for output in range(n_outputs):
            samples = self._samples(output)
            for i, step in enumerate(steps):
                sample, n_independent = samples[step]
                found[i, output] = conformal_quantiles(sample, n_independent, levels)
        return found

    def _samples(self, output: int) -> list[tuple["Sample", float]]:
        """Return for every step a sample of errors, and how many count as independent.

        Errors of one window at several steps depend on each other: however many
        there are, they count as one.
        """
        scores = self.scores[:, :, output].astype(float)
        weights = np.ones(scores.shape) if self.weights is None else self.weights
        weights = np.where(np.isfinite(scores), weights, 0.0)
        known = weights > 0
        n_known = [count_effective(column) for column in weights.T]
        if min(n_known) >= ENOUGH_PER_STEP:
            columns = zip(scores.T, weights.T, known.T, n_known, strict=True)
            return [(Sample.of(s[k], w[k]), n) for s, w, k, n in columns]
        spread = self._spreads(scores, weights)
        of_windows = weights.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        n_windows = count_effective(of_windows[known.any(axis=1)])
        shared, counts = (scores / spread)[known], weights[known]
        if not keeps_signs(scores):
            shared, counts = np.r_[shared, -shared], np.r_[counts, counts]
        sample = Sample.of(shared, counts)
        return [(sample.scaled(each), n_windows) for each in spread]

    @staticmethod
    def _spreads(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the spread of the errors by step, which never falls with the step.

        It is the same for all steps unless it clearly rises: the first of several
        equal spreads would else be the least of their estimates.
        """
        known = weights > 0
        squares = np.where(known, scores, 0.0) ** 2
        counts = np.maximum(weights.sum(axis=0), LEAST_COUNT)
        # A perfect step has no spread, and dividing by it no meaning.
        tiny = np.finfo("float32").tiny
        complete, half = squares[known.all(axis=1)], squares.shape[1] // 2
        first, last = complete[:, :half], complete[:, -half or None :]
        may_rise = half > 0 and len(complete) > 0
        if may_rise and not clearly_better(last.mean(axis=1), first.mean(axis=1)):
            mean = (squares * weights).sum() / counts.sum()
            return np.full(len(counts), np.sqrt(max(mean, tiny)))
        mean = (squares * weights).sum(axis=0) / counts
        steps = np.arange(len(mean))
        rising = IsotonicRegression(out_of_bounds="clip")
        seen = known.any(axis=0)
        rising.fit(steps[seen], mean[seen], sample_weight=counts[seen])
        return np.sqrt(np.maximum(rising.predict(steps), tiny))

    def draw(
        self,
        shape: tuple[int, ...],
        rng: np.random.Generator,
        series: np.ndarray | None = None,
    ) -> np.ndarray:
        """Draw scores of whole windows, so that steps keep their dependence.

        Parameters
        ----------
        shape : tuple of int
            Windows to draw.
        rng : numpy.random.Generator
            Draws them, and their signs where there are few.
        series : ndarray of int of shape (shape[-1],) or None, default=None
            The series that they are for; None where all are the same.

        Returns
        -------
        ndarray of float32 of shape (*shape, horizon, n_outputs)
        """
        complete = np.isfinite(self.scores).all(axis=(1, 2))
        if not complete.any():
            complete[:] = True
        scores = np.nan_to_num(self.scores[complete])
        if self.weights is None:
            rows = rng.integers(len(scores), size=shape)
        else:
            counts = self.weights[complete].sum(axis=1)
            rows = rng.choice(len(scores), size=shape, p=counts / counts.sum())
        drawn = scores[rows]
        # The targets of a window belong together, and so do their signs.
        if not any(keeps_signs(output) for output in np.moveaxis(self.scores, 2, 0)):
            drawn = drawn * rng.choice([-1, 1], size=(*shape, 1, 1))
        if self.spreads is not None and series is not None:
            known = self.spreads.among(series)[:, None]
            drawn_from = self.spreads.of_windows[complete][rows]
            unit = np.where(known, self.spreads.of(series), drawn_from)
            drawn = drawn * unit[..., None, :]
        return drawn.astype("float32")


@dataclass(eq=False)
class Calibration:
    """The windows that intervals are made from, forecast when first asked for.

    Attributes
    ----------
    networks : Networks or None
        What forecasts them; None once the errors are measured and nothing else kept.
    origins : list of ndarray of int
        Origins in each series.
    held_out : bool
        Whether these networks have not been trained on these windows.
    residuals : Residuals or None
        The errors, once measured.
    intervals : str, default="conformal"
        How intervals are made, one of `INTERVALS`.
    trained_on : sequence of ndarray of int, default=()
        Origins in each series that a quantile head, and the spreads of series, are
        learned from: none of `origins`.
    """

    networks: Networks | None
    origins: list[np.ndarray]
    held_out: bool
    residuals: Residuals | None = None
    intervals: str = "conformal"
    trained_on: Sequence[np.ndarray] = ()

    def without_weights(self) -> "Calibration":
        """Return only what has been measured."""
        return replace(self, networks=None, origins=[], trained_on=())

    def of_new_series(self) -> "Calibration":
        """Return what has been measured, for series that it was not measured on."""
        if self.residuals is None:
            return self
        return replace(self, residuals=self.residuals.of_new_series())

    def measure(self, assembly: Assembly, combine: Combine | None) -> Residuals:
        """Return the errors.

        Parameters
        ----------
        assembly : Assembly
            All series trained on.
        combine : callable or None
            What joins the networks' forecasts, see `measure_errors`.
        """
        if self.residuals is None:
            self.residuals = self._measure(assembly, combine)
            self.trained_on = ()
        return self.residuals

    def _measure(self, assembly: Assembly, combine: Combine | None) -> Residuals:
        assert self.networks is not None
        held_out = self._known_errors(assembly, combine, self.origins, MOST_WINDOWS)
        head = spreads = None
        if any(map(len, self.trained_on)):
            has_head = self.intervals == "quantile"
            most = MOST_TRAINED_ON if has_head else MOST_WINDOWS
            trained = self._known_errors(assembly, combine, self.trained_on, most)
            spreads = fit_spreads(assembly, trained, held_out)
            if spreads is not None:
                trained, held_out = (
                    known.divided(spreads.of(assembly.series_of(known.origins)))
                    for known in (trained, held_out)
                )
            if has_head:
                data = assembly.data
                head = fit_quantile_head(self.networks, data, trained, held_out)
        scores = held_out.errors
        if head is not None:
            scores = head.shapes(assembly.data, held_out.origins).score(scores)
        weights = held_out.weights if assembly.data.weights else None
        scores = scores.astype("float32")
        return Residuals(scores, self.held_out, head, weights, spreads)

    def _known_errors(
        self,
        assembly: Assembly,
        combine: Combine | None,
        rows: Sequence[np.ndarray],
        most: int,
    ) -> KnownErrors:
        assert self.networks is not None
        origins = thin_out(place_origins(rows, assembly.starts), most)
        errors = measure_errors(self.networks, combine, assembly, origins)
        horizon = self.networks.spec.horizon
        return KnownErrors(
            origins, errors, weights_ahead(assembly.data, origins, horizon)
        )


def keeps_signs(scores: np.ndarray) -> bool:
    """Whether errors below and above the forecast are told apart.

    If not, each counts with both signs: the quantiles are then those of the absolute
    errors, which are surer while the distribution is symmetric (Lei et al., 2018).
    Errors with their signs follow skewed noise on both sides (Linusson et al., 2014),
    but need twice as many for the same tails, and take a chance bias for a real one.

    Parameters
    ----------
    scores : ndarray of shape (n_windows, horizon)
        Of one output; NaN where the target is missing. Those of the first step, which
        depend on each other least, are tested for skewness.

    References
    ----------
    Efron, B., & Stein, C. (1981). The jackknife estimate of variance. The Annals of
    Statistics, 9(3). https://doi.org/10.1214/aos/1176345462
    """
    n_windows = int(np.isfinite(scores).any(axis=1).sum())
    if n_windows >= ENOUGH_FOR_BIAS:
        return True
    first = scores[np.isfinite(scores[:, 0]), 0].astype(float)
    if len(first) < LEAST_FOR_SIGNS or not np.ptp(first):
        return False
    return _is_skewed(first)


def _is_skewed(sample: np.ndarray) -> bool:
    """Whether the skewness is far from zero, in standard errors of the jackknife.

    A single far value of a heavy tail makes both large; the usual test, which takes the
    tails for those of a normal distribution, would call it skewed.
    """
    n = len(sample)
    others = np.stack([np.delete(sample, i) for i in range(n)])
    standard_error = np.sqrt(n - 1) * stats.skew(others, axis=1).std()
    return bool(abs(stats.skew(sample)) > CLEARLY * standard_error)


def measure_errors(
    networks: Networks,
    combine: Combine | None,
    assembly: Assembly,
    origins: np.ndarray,
) -> np.ndarray:
    """Forecast windows whose targets are known, and return the errors.

    Parameters
    ----------
    networks : Networks
        What forecasts.
    combine : callable or None
        Turns the networks' forecasts, the assembly and the origins into the forecast
        that is judged; None where the networks' stand alone.
    assembly : Assembly
        Rows of all series.
    origins : ndarray of int
        The windows.

    Returns
    -------
    ndarray of shape (n_windows, horizon, n_outputs)
        Target minus forecast in units of the windows; NaN without a target.
    """
    data, horizon = assembly.data, networks.spec.horizon
    predicted = networks.forecast(data, origins, horizon)
    if combine is not None:
        predicted = combine(predicted, assembly, origins)
    ahead = origins[:, None] + np.arange(horizon)
    return (data.y[ahead] - predicted) / networks.units(data, origins)[:, None]
