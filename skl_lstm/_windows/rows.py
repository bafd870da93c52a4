"""Rows of all series, one below the other, and where each of them is."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Rows(NamedTuple):
    """Rows of all series, one below the other.

    Attributes
    ----------
    y : ndarray of shape (n_rows, n_outputs)
        Targets; NaN where unknown.
    first : ndarray of int of shape (n_rows,)
        The row where the series of each begins.
    clock : ndarray of int of shape (n_rows,)
        Steps of the calendar since its beginning.
    series : ndarray of int of shape (n_rows,)
        Number of the series.
    X : ndarray of shape (n_rows, n_known) or None
        Known columns.
    """

    y: np.ndarray
    first: np.ndarray
    clock: np.ndarray
    series: np.ndarray
    X: np.ndarray | None = None

    @property
    def n_known(self) -> int:
        """Known columns."""
        return 0 if self.X is None else self.X.shape[1]

    def reaching(self, n_rows: int) -> "Rows":
        """Return at least so many rows: unknown ones of the last series follow."""
        n = n_rows - len(self.y)
        if n <= 0:
            return self
        y = np.concatenate([self.y, np.full((n, self.y.shape[1]), np.nan)])
        first, series = (
            np.pad(a, (0, n), mode="edge") for a in (self.first, self.series)
        )
        clock = np.concatenate([self.clock, self.clock[-1] + np.arange(1, n + 1)])
        X = self.X
        if X is not None:
            X = np.pad(X, ((0, len(y) - len(X)), (0, 0)), mode="edge")
        return Rows(y, first, clock, series, X)

    def before(self, at: np.ndarray, lag: int | np.ndarray) -> np.ndarray:
        """Return the targets ``lag`` rows before some rows, NaN where unknown."""
        rows = at - lag
        inside = rows >= self.first[at]
        return np.where(inside[..., None], self.y[np.maximum(rows, 0)], np.nan)


def locate(
    lengths: Sequence[int], steps: Sequence[int], n_before: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the last three parts of `Rows` for series one below the other.

    Parameters
    ----------
    lengths : sequence of int
        Rows of each series, those of its padding included.
    steps : sequence of int
        Steps of the calendar before the first row of each.
    n_before : int, default=0
        Rows of padding above each series.
    """
    n_rows = np.asarray(lengths)
    begins = np.cumsum(n_rows) - n_rows
    within = np.arange(n_rows.sum()) - np.repeat(begins, n_rows) - n_before
    return (
        np.repeat(begins + n_before, n_rows),
        within + np.repeat(steps, n_rows),
        np.repeat(np.arange(len(n_rows)), n_rows),
    )
