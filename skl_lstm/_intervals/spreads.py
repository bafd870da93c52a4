"""How far errors reach in each series of a panel, from windows trained on.

Normalized conformal scores: held-out errors are divided by what is expected of their
series, and the quantiles multiplied by it again.
"""

from dataclasses import dataclass

import numpy as np

from skl_lstm._intervals.quantile_head import KnownErrors
from skl_lstm._windows.assembly import Assembly
from skl_lstm._windows.comparison import clearly_better

# The pooled error counts as so many windows of each series' own.
POOLED_WINDOWS = 1.0
# With fewer series their standard error says little.
LEAST_SERIES = 5
# Standard errors, over series, by which the held-out likelihood must rise.
CLEARLY = 2.0


@dataclass(frozen=True)
class Spreads:
    """Mean absolute errors of the series, as shares of the pooled one.

    Attributes
    ----------
    values : ndarray of shape (n_series, n_outputs)
        Of the series trained on.
    series : ndarray of int of shape (n_windows,)
        Which of them each held-out window belongs to.

    References
    ----------
    Lei, J., G'Sell, M., Rinaldo, A., Tibshirani, R. J., & Wasserman, L. (2018).
    Distribution-free predictive inference for regression. Journal of the American
    Statistical Association, 113(523), section 5.2.
    https://doi.org/10.1080/01621459.2017.1307116
    """

    values: np.ndarray
    series: np.ndarray

    def among(self, series: np.ndarray) -> np.ndarray:
        """Whether each series is one of those trained on."""
        return series < len(self.values)

    def of(self, series: np.ndarray) -> np.ndarray:
        """Return the spreads of series, (n, n_outputs); 1 for new ones."""
        found = np.ones((len(series), self.values.shape[1]))
        known = self.among(series)
        found[known] = self.values[series[known]]
        return found

    @property
    def of_windows(self) -> np.ndarray:
        """Spreads of the held-out windows, (n_windows, n_outputs)."""
        return self.values[self.series]


def fit_spreads(
    assembly: Assembly, trained: KnownErrors, held_out: KnownErrors
) -> Spreads | None:
    """Learn the spreads of series, and ask the held-out windows whether they last.

    The mean absolute error of a series is shrunk towards that of all: overlapping
    windows count by the share of their targets that is new.

    Parameters
    ----------
    assembly : Assembly
        Rows of all series.
    trained, held_out : KnownErrors
        Windows that the spreads are learned from, and others that they are judged by:
        the Laplace likelihood of their errors must rise clearly, over the series.
        Spreads of few windows are chance.

    Returns
    -------
    Spreads or None
        None where there are fewer than five series, or no clear gain.
    """
    n_series = len(assembly.starts)
    if n_series < LEAST_SERIES or not len(trained.origins):
        return None
    sizes, counts = _sizes_of(trained)
    of_trained = assembly.series_of(trained.origins)
    pooled = (sizes * counts).sum(axis=0) / np.maximum(counts.sum(axis=0), _TINY)
    horizon = trained.errors.shape[1]
    gaps = np.minimum(np.diff(trained.origins, prepend=-horizon), horizon)
    n_windows = _sum_by(of_trained, (counts > 0) * gaps[:, None] / horizon, n_series)
    own = _mean_by(of_trained, sizes, counts, n_series)
    shrunk = (n_windows * own + POOLED_WINDOWS * pooled) / (n_windows + POOLED_WINDOWS)
    values = np.where(pooled > 0, shrunk / np.maximum(pooled, _TINY), 1.0)
    spreads = Spreads(values, assembly.series_of(held_out.origins))
    sizes, counts = _sizes_of(held_out)
    plain, scaled = (
        _mean_by(spreads.series, _losses(sizes, counts, s), counts, n_series)
        for s in (np.ones_like(sizes), spreads.of_windows)
    )
    tested = np.unique(spreads.series)
    plain, scaled = plain[tested].mean(axis=1), scaled[tested].mean(axis=1)
    return spreads if clearly_better(plain, scaled, CLEARLY) else None


_TINY = float(np.finfo("float32").tiny)


def _sizes_of(known: KnownErrors) -> tuple[np.ndarray, np.ndarray]:
    """Return mean absolute errors of windows and what they count, by output."""
    counts = np.isfinite(known.errors) * known.weights[..., None]
    total = (np.abs(np.nan_to_num(known.errors)) * counts).sum(axis=1)
    counts = counts.sum(axis=1)
    return total / np.maximum(counts, _TINY), counts


def _losses(sizes: np.ndarray, counts: np.ndarray, spreads: np.ndarray) -> np.ndarray:
    """Return negative log-likelihoods of a Laplace distribution in these units."""
    scores = sizes / spreads
    unit = (scores * counts).sum(axis=0) / np.maximum(counts.sum(axis=0), _TINY)
    unit = np.maximum(unit, _TINY)
    return scores / unit + np.log(unit * spreads)


def _sum_by(series: np.ndarray, values: np.ndarray, n_series: int) -> np.ndarray:
    sums = [np.bincount(series, column, n_series) for column in values.T]
    return np.stack(sums, axis=1)


def _mean_by(
    series: np.ndarray, values: np.ndarray, counts: np.ndarray, n_series: int
) -> np.ndarray:
    total = _sum_by(series, values * counts, n_series)
    return total / np.maximum(_sum_by(series, counts, n_series), _TINY)
