"""Whether rows without a calendar are the training rows: their values must tell.

Rows passed as an array have no time. They are the training rows only if they are as
many and hold the same values, or if they start with all of them. One column may be
permuted, as `permutation_importance` does. Calendar columns and constants repeat: where
the rows after the training rows would look the same, values tell nothing.
"""

from typing import Literal

import numpy as np

Verdict = Literal["training", "permuted", "shuffled", "repeating", "part", "later"]

# Values are the same if they differ by rounding: transformers such as PCA compute
# training rows in two ways. A share of the range of a column, and ulps of its size.
_SHARE_OF_RANGE, _ULPS = 1e-9, 8
# So many rows sift the places where a part of the training rows may start.
_ROWS_TO_SIFT = 32


def recognize_rows(rows: np.ndarray, training: np.ndarray, season: int) -> Verdict:
    """Compare rows that have no calendar with the training rows.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        Rows to predict.
    training : ndarray of shape (n_rows, n_features)
        Training rows.
    season : int
        Steps after which calendar columns repeat, 1 if unknown.

    Returns
    -------
    str
        "training"
            They are the training rows, or start with all of them.
        "permuted"
            They are, with the only column that varies in another order: they may as
            well be the training rows in another order.
        "shuffled"
            They are the training rows in another order.
        "repeating"
            They equal training rows, but so would later rows.
        "part"
            They equal some consecutive training rows, fewer than all.
        "later"
            They are other rows.
    """
    comparison = _Comparison(training)
    n_rows = len(training)
    if len(rows) < n_rows:
        return "part" if comparison.contains(rows) else "later"
    differs = np.asarray(~comparison.same(rows[:n_rows], training).all(axis=0))
    if not differs.any():
        return "repeating" if _repeats(comparison, season) else "training"
    if not comparison.is_reordered(rows, differs):
        return "later"
    if len(rows) > n_rows:
        repeats = _repeats(comparison.columns(~differs), season)
        return "later" if repeats else "training"
    return _judge_order(rows, comparison, differs, season)


class _Comparison:
    """Training rows, and how far values may be from them to be the same."""

    def __init__(self, training: np.ndarray) -> None:
        finite = np.nan_to_num(training)
        size = np.abs(finite).max(axis=0)
        self.training = training
        self.tolerance = (
            _SHARE_OF_RANGE * np.ptp(finite, axis=0)
            + _ULPS * np.finfo(float).eps * size
        )

    def same(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Tell which values are the same; NaN equals NaN."""
        return (np.abs(a - b) <= self.tolerance) | (np.isnan(a) & np.isnan(b))

    def columns(self, which: np.ndarray) -> "_Comparison":
        return _Comparison(self.training[:, which])

    def contains(self, rows: np.ndarray) -> bool:
        """Tell whether some consecutive training rows have these values."""
        places = np.arange(len(self.training) - len(rows) + 1)
        for i, row in enumerate(rows[:_ROWS_TO_SIFT]):
            places = places[self.same(self.training[places + i], row).all(axis=1)]
        parts = (self.training[place : place + len(rows)] for place in places)
        return any(self.same(part, rows).all() for part in parts)

    def is_reordered(self, rows: np.ndarray, differs: np.ndarray) -> bool:
        """Tell whether a column that differs holds the training values, or all do."""
        if len(rows) > len(self.training):
            return differs.sum() == 1 and _holds_all(
                rows[:, differs].ravel(), self.training[:, differs].ravel()
            )
        ours, theirs = (np.sort(x[:, differs], axis=0) for x in (self.training, rows))
        return bool(self.columns(differs).same(ours, theirs).all())

    def is_shuffled(self, rows: np.ndarray) -> bool:
        """Tell whether whole rows are in another order."""
        ours, theirs = (x[np.lexsort(x.T)] for x in (self.training, rows))
        return bool(self.same(ours, theirs).all())

    def n_rotated(self, rows: np.ndarray) -> int | None:
        """Count the rows by which the training rows are rotated, None if not."""
        starts = np.flatnonzero(self.same(self.training, rows[0]).all(axis=1))
        for start in starts:
            if self.same(np.roll(self.training, -start, axis=0), rows).all():
                return int(start)
        return None


def _holds_all(values: np.ndarray, training: np.ndarray) -> bool:
    """Tell whether every training value is among these, as often at least."""
    ours, n_ours = np.unique(training, return_counts=True)
    theirs, n_theirs = np.unique(values, return_counts=True)
    at = np.minimum(theirs.searchsorted(ours), len(theirs) - 1)
    same = (theirs[at] == ours) | (np.isnan(theirs[at]) & np.isnan(ours))
    return bool((same & (n_theirs[at] >= n_ours)).all())


def _judge_order(
    rows: np.ndarray, comparison: _Comparison, differs: np.ndarray, season: int
) -> Verdict:
    """Tell a permuted column from shuffled rows, and both from later rows."""
    if _repeats(comparison, season) and comparison.n_rotated(rows) is not None:
        return "later"  # after a gap: the calendar starts elsewhere
    if differs.sum() > 1:
        distinct = _is_mostly_distinct(comparison.training)
        return "shuffled" if distinct and comparison.is_shuffled(rows) else "later"
    if not _repeats(comparison.columns(~differs), season):
        return "training"
    if not _is_mostly_distinct(comparison.training[:, differs]):
        return "repeating"
    constant = np.isclose(np.ptp(np.nan_to_num(comparison.training), axis=0), 0.0)
    return "permuted" if constant[~differs].all() else "training"


def _repeats(comparison: _Comparison, season: int) -> bool:
    """Tell whether the rows after the training rows may look like these.

    They do if the rows are cycles that are complete, like those of months over whole
    years. One season alone shows no cycle, but may be one.
    """
    training, n_rows = comparison.training, len(comparison.training)
    if training.shape[1] == 0 or n_rows == season:
        return True
    divisors = [p for p in range(1, n_rows // 2 + 1) if n_rows % p == 0]
    return any(_has_period(comparison, p) for p in divisors)


def _has_period(comparison: _Comparison, period: int) -> bool:
    rows = comparison.training
    first = comparison.same(rows[period], rows[0]).all()
    return bool(first and comparison.same(rows[period:], rows[:-period]).all())


def _is_mostly_distinct(rows: np.ndarray) -> bool:
    return len(np.unique(rows, axis=0)) > len(rows) / 2
