"""Quantiles of a sample of errors, with the finite-sample correction."""

from typing import NamedTuple

import numpy as np
from scipy import stats

# Of the t distribution, however few the windows.
LEAST_FREEDOM = 3


class Sample(NamedTuple):
    """Errors in rising order, and what each counts; weights of None are equal ones."""

    values: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, weights: np.ndarray) -> "Sample":
        """Put errors in order."""
        order = np.argsort(values)
        return cls(values[order], weights[order])

    def scaled(self, unit: float) -> "Sample":
        """Return the errors in another unit."""
        return self._replace(values=self.values * unit)

    @property
    def positions(self) -> np.ndarray:
        """How many equal errors lie up to each, itself counting for the last."""
        if np.ptp(self.weights) == 0:
            return np.arange(1, len(self.values) + 1)
        n, total = count_effective(self.weights), self.weights.sum()
        return (np.cumsum(self.weights) - self.weights / 2) / total * n + 0.5


def count_effective(weights: np.ndarray) -> float:
    """Return how many equal weights say as much as these, see `Residuals`."""
    squares = (weights**2).sum()
    return float(weights.sum() ** 2 / squares) if squares > 0 else 0.0


def conformal_quantiles(
    sample: Sample, n_independent: float, levels: np.ndarray
) -> np.ndarray:
    """Return quantiles that a new error falls below with the given probabilities.

    The k-th smallest of n errors is the quantile of level k / (n + 1). Levels outside
    of these follow Student's t distribution beyond the last error. Where fewer count
    as independent than there are, their spread is less certain than it looks, and
    the quantiles are those of the t distribution instead of the normal one.

    Parameters
    ----------
    sample : Sample
        Errors.
    n_independent : float
        How many of them count as independent.
    levels : ndarray of shape (n_levels,)
        In (0, 1).
    """
    values, weights = sample
    n = count_effective(weights)
    freedom = max(n_independent - 1, LEAST_FREEDOM)
    edge = 1 / (n + 1)
    inner = np.clip(levels, edge, 1 - edge)
    found = np.interp(inner, sample.positions * edge, values)
    beyond = stats.t.ppf(levels, freedom) - stats.t.ppf(inner, freedom)
    found = found + np.sqrt(np.average(values**2, weights=weights)) * beyond
    if n_independent >= n:
        return found
    off_center = np.where(levels == 0.5, 0.25, levels)
    wider = stats.t.ppf(off_center, freedom) / stats.norm.ppf(off_center)
    return found * np.where(levels == 0.5, 1.0, wider * np.sqrt(1 + 1 / n_independent))
