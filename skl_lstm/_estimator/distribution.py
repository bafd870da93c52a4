"""The forecast distribution as an object of skpro, made of the forecast's quantiles.

Imported when `predict_proba` is first called: skpro is optional.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special
from skpro.distributions.base import BaseDistribution

from skl_lstm._forecasting.fitted import Fitted
from skl_lstm._intervals.conformal import VARIANCE_LEVELS
from skl_lstm._series.queries import Query

# Levels between which the distribution function is a line: close together in the tails.
CDF_LEVELS = special.expit(np.linspace(-10, 10, 401))
# Distinct levels that quantiles are computed at; between more of them lie lines.
MOST_LEVELS = 1_000
# Tables of quantiles that are kept: those of moments, of the distribution function, and
# of what was asked last.
MOST_KEPT = 4


@dataclass(frozen=True, eq=False)
class ForecastQuantiles:
    """The quantiles of a forecast, at any level; those last asked for are kept.

    Attributes
    ----------
    fitted : Fitted
        What forecasts.
    queries : sequence of Query
        The series and their steps.
    """

    fitted: Fitted
    queries: Sequence[Query]
    _kept: dict[bytes, np.ndarray] = field(default_factory=dict, repr=False)

    def __call__(self, levels: np.ndarray) -> np.ndarray:
        """Return quantiles of shape (n_rows, n_outputs, n_levels)."""
        key = levels.tobytes()
        if key not in self._kept:
            while len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = self._compute(levels)
        return self._kept[key]

    def _compute(self, levels: np.ndarray) -> np.ndarray:
        values = self.fitted.quantiles(self.queries, levels.tolist())
        n_outputs = self.fitted.model.spec.n_outputs
        return np.concatenate(values).reshape(-1, n_outputs, len(levels))


class QuantileDistribution(BaseDistribution):
    """A distribution that is given by its quantile function.

    Its quantiles are those of `predict_quantiles`, at any level; everything else
    follows from them: mean, variance and energies from 100 equal shares, the
    distribution function from 401 levels with lines between, the density from its
    slopes. Rows and columns are marginal distributions: `sample` draws each by itself.

    Parameters
    ----------
    quantiles : callable
        Takes an array of levels in (0, 1) and returns an array of shape
        (n_rows, n_columns, n_levels).
    rows, cols : array of int, int or None, default=None
        Which of them this distribution holds; None for all.
    index, columns : pandas.Index or None, default=None
        Their names; None for the distribution of one number.
    """

    _tags = {
        "authors": "skl_lstm developers",
        "capabilities:approx": ["mean", "var", "energy", "cdf", "pdf", "pdfnorm"],
        "capabilities:exact": ["ppf"],
        "distr:measuretype": "continuous",
    }

    def __init__(
        self,
        quantiles: Any,
        rows: Any = None,
        cols: Any = None,
        index: Any = None,
        columns: Any = None,
    ) -> None:
        self.quantiles = quantiles
        self.rows = rows
        self.cols = cols
        self.index = index
        self.columns = columns
        super().__init__(index=index, columns=columns)

    def _at(self, levels: ArrayLike) -> np.ndarray:
        """Return quantiles at the same levels everywhere, (*shape, n_levels)."""
        rows = slice(None) if self.rows is None else self.rows
        cols = slice(None) if self.cols is None else self.cols
        return self.quantiles(np.asarray(levels))[rows][..., cols, :]

    def _ppf_many(self, p: np.ndarray) -> np.ndarray:
        """Return quantiles at levels of shape (*shape, k), which may all differ."""
        levels = np.unique(p)
        if len(levels) > MOST_LEVELS:
            kept = np.linspace(0, len(levels) - 1, MOST_LEVELS).astype(int)
            levels = levels[kept]
        table = self._at(levels)
        if len(levels) == 1:
            return np.broadcast_to(table, p.shape)
        quantiles = np.empty(p.shape)
        for cell in np.ndindex(self.shape):
            quantiles[cell] = np.interp(p[cell], levels, table[cell])
        return quantiles

    def _ppf(self, p: np.ndarray) -> np.ndarray:
        return self._ppf_many(np.asarray(p)[..., None])[..., 0]

    def _place(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return quantiles at `CDF_LEVELS`, x, and how many are at or below it."""
        table, x = self._at(CDF_LEVELS), np.asarray(x)[..., None]
        return table, x, (table <= x).sum(axis=-1, keepdims=True)

    def _cdf(self, x: np.ndarray) -> np.ndarray:
        table, x, n_below = self._place(x)
        low, density = self._below(table, n_below)
        levels = np.concatenate([[0.0], CDF_LEVELS])[n_below]
        share = np.where(density > 0, (x - low) * density, 0.0)
        return np.where(n_below == len(CDF_LEVELS), 1.0, levels + share)[..., 0]

    def _pdf(self, x: np.ndarray) -> np.ndarray:
        table, x, n_below = self._place(x)
        return self._below(table, n_below)[1][..., 0]

    def _log_pdf(self, x: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            return np.log(self._pdf(x))

    @staticmethod
    def _below(table: np.ndarray, n_below: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the quantile below and the density from there to the next one."""
        last = table.shape[-1] - 1
        low = np.take_along_axis(table, np.maximum(n_below - 1, 0), axis=-1)
        high = np.take_along_axis(table, np.minimum(n_below, last), axis=-1)
        share = np.diff(CDF_LEVELS)[np.clip(n_below - 1, 0, last - 1)]
        inside = (n_below > 0) & (n_below <= last)
        density = np.divide(share, high - low, out=np.zeros_like(low), where=inside)
        return low, density

    def _mean(self) -> np.ndarray:
        return self._at(VARIANCE_LEVELS).mean(axis=-1)

    def _var(self) -> np.ndarray:
        return self._at(VARIANCE_LEVELS).var(axis=-1)

    def _energy_x(self, x: np.ndarray) -> np.ndarray:
        away = np.abs(self._at(VARIANCE_LEVELS) - np.asarray(x)[..., None])
        return self._over_columns(away.mean(axis=-1))

    def _energy_self(self) -> np.ndarray:
        # Gini's mean difference of equally likely values in order of size.
        n = len(VARIANCE_LEVELS)
        weights = (2 * np.arange(1, n + 1) - n - 1) * 2 / n**2
        return self._over_columns(self._at(VARIANCE_LEVELS) @ weights)

    def _over_columns(self, energies: np.ndarray) -> np.ndarray:
        return energies.sum(axis=-1, keepdims=True) if self.ndim else energies

    def _sample(self, n_samples: int | None = None) -> Any:
        # NumPy's global state, as everywhere in skpro.
        n = 1 if n_samples is None else n_samples
        values = self._ppf_many(np.random.uniform(size=(*self.shape, n)))
        if not self.ndim:
            return values[0] if n_samples is None else pd.DataFrame(values)
        draws = np.moveaxis(values, -1, 0)
        frames = [pd.DataFrame(v, self.index, self.columns) for v in draws]
        return frames[0] if n_samples is None else pd.concat(frames, keys=range(n))

    def _loc(self, rowidx: Any = None, colidx: Any = None) -> "QuantileDistribution":
        # skpro takes `loc[:, columns]` of a panel for a label of its rows.
        is_pair = isinstance(rowidx, tuple) and len(rowidx) == 2
        if is_pair and isinstance(rowidx[0], slice) and rowidx[0] == slice(None):
            rowidx, colidx = None, rowidx[1]
        return super()._loc(rowidx, colidx)

    def _iloc(self, rowidx: Any = None, colidx: Any = None) -> "QuantileDistribution":
        if isinstance(rowidx, Integral) and isinstance(colidx, Integral):
            return self._iat(rowidx, colidx)
        rows, index = _subset(self.rows, self.index, rowidx)
        cols, columns = _subset(self.cols, self.columns, colidx)
        return QuantileDistribution(self.quantiles, rows, cols, index, columns)

    def _iat(self, rowidx: Any = None, colidx: Any = None) -> "QuantileDistribution":
        """Return the distribution of one number."""
        rows, _ = _subset(self.rows, self.index, rowidx)
        cols, _ = _subset(self.cols, self.columns, colidx)
        return QuantileDistribution(self.quantiles, int(rows[0]), int(cols[0]))


def _subset(kept: Any, names: pd.Index, chosen: Any) -> tuple[Any, pd.Index]:
    """Return the positions and names that are left of those kept."""
    if chosen is None:
        return kept, names
    positions = np.atleast_1d(np.arange(len(names))[chosen])
    return positions if kept is None else kept[positions], names[positions]
