"""How the columns of X are used: known ahead, strictly past, or flagged as missing."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skl_lstm._series.history import History


@dataclass(frozen=True)
class Columns:
    """How the exogenous columns are used.

    Attributes
    ----------
    concurrent, shifted : tuple of int
        Positions of the columns known up to the forecast step, and of those known
        only up to the step before it.
    flagged : tuple of int
        Positions of the columns that may be missing: each has a column beside it
        that says where it is.
    n_target_flags : int
        Strictly past columns that say where the targets are missing.
    """

    concurrent: tuple[int, ...] = ()
    shifted: tuple[int, ...] = ()
    flagged: tuple[int, ...] = ()
    n_target_flags: int = 0

    @property
    def flagged_concurrent(self) -> list[int]:
        """Positions of the concurrent columns that may be missing."""
        return [c for c in self.concurrent if c in self.flagged]

    @property
    def flagged_shifted(self) -> list[int]:
        """Positions of the strictly past columns that may be missing."""
        return [c for c in self.shifted if c in self.flagged]

    @property
    def n_concurrent(self) -> int:
        """Concurrent columns of the network, flags included."""
        return len(self.concurrent) + len(self.flagged_concurrent)

    @property
    def n_shifted(self) -> int:
        """Strictly past columns of the network, flags included."""
        flags = len(self.flagged_shifted) + self.n_target_flags
        return len(self.shifted) + flags

    def n_rows_ahead(self, n_steps: int, horizon: int) -> int:
        """Count the rows of X after the last one seen that ``n_steps`` steps read.

        A strictly past column is read up to the block before the last.
        """
        if self.concurrent:
            return n_steps
        n_blocks = -(-n_steps // horizon)
        return max(n_blocks - 1, 0) * horizon if self.shifted else 0


def flag_missing(
    columns: Columns, histories: Sequence[History], autoregressive: bool
) -> Columns:
    """Mark the columns, and the targets, that are missing anywhere in training.

    Parameters
    ----------
    columns : Columns
        Use of the exogenous columns.
    histories : sequence of History
        Training rows of every series.
    autoregressive : bool
        Whether the target's own past is an input.
    """
    incomplete = np.any([~np.isfinite(h.X).all(axis=0) for h in histories], axis=0)
    target_missing = any(not np.isfinite(h.y).all() for h in histories)
    return replace(
        columns,
        flagged=tuple(int(i) for i in np.flatnonzero(incomplete)),
        n_target_flags=histories[0].y.shape[1] * (autoregressive and target_missing),
    )


TREATMENTS = ("concurrent", "shifted")


def resolve_columns(
    treatment: str | dict[Any, str],
    names: list[Any],
    estimator: str,
    past: Sequence[Any] = (),
) -> Columns:
    """Sort the columns of X by how they are treated.

    Parameters
    ----------
    treatment : {"concurrent", "shifted"} or dict
        The ``X_treatment`` parameter; columns that a dict does not name are
        concurrent.
    names : list
        Names of the columns, or their positions where they have none.
    estimator : str
        Name of the estimator, for the error.
    past : sequence, default=()
        Names of columns that are shifted, whatever the parameter says.

    Raises
    ------
    ValueError
        If a dict names a column that is not there.
    """
    if isinstance(treatment, dict):
        unknown = [column for column in treatment if column not in names]
        if unknown:
            raise ValueError(
                f"The 'X_treatment' parameter of {estimator} must name columns of X, "
                f"which are {names}. Got {unknown} instead."
            )
    given = (
        treatment if isinstance(treatment, dict) else dict.fromkeys(names, treatment)
    )
    given = given | dict.fromkeys(past, "shifted")
    each = [given.get(column, "concurrent") for column in names]
    return Columns(
        concurrent=tuple(i for i, t in enumerate(each) if t == "concurrent"),
        shifted=tuple(i for i, t in enumerate(each) if t == "shifted"),
    )


def _is_copy(column: np.ndarray, target: np.ndarray) -> bool:
    known = ~np.isnan(target)
    column, target = column[known], target[known]
    return len(column) > 0 and np.ptp(column) > 0 and np.array_equal(column, target)


def warn_of_leaks(
    columns: Columns, X: np.ndarray, y: np.ndarray, names: list[Any], name: str
) -> None:
    """Warn of concurrent columns that equal the target wherever it is known."""
    leaking = [
        names[i]
        for i in columns.concurrent
        if any(_is_copy(X[:, i], target) for target in y.T)
    ]
    if leaking:
        warnings.warn(
            f"{name}: the columns {leaking} of X equal the target of the same row, so "
            "the score will say nothing about forecasting. Drop them, use "
            "X_treatment='shifted' (strictly past rows), or autoregressive=True.",
            UserWarning,
            stacklevel=4,
        )


def warn_of_windows(X: np.ndarray, name: str) -> None:
    """Warn if columns are one series moved row by row: windows cut by hand."""
    known = X[np.isfinite(X)]
    if min(X.shape) < 3 or not len(known) or np.ptp(known) == 0:
        return
    forward = np.array_equal(X[1:, :-1], X[:-1, 1:], equal_nan=True)
    if forward or np.array_equal(X[1:, 1:], X[:-1, :-1], equal_nan=True):
        warnings.warn(
            f"{name}: the {X.shape[1]} columns of X are one series, each a row later "
            "than the one before: windows cut by hand. Each counts as a feature of its "
            "own. The network cuts windows itself: pass the series alone, "
            "fit(y=series), and the length of the windows as window_length.",
            UserWarning,
            stacklevel=4,
        )
