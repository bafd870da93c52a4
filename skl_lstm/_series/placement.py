"""scikit-learn's rows: where they stand in time beside the training rows.

A calendar decides: that of X, else that of y at `fit`. Rows without one, which are
arrays and frames numbered from zero, are told by their values (`_series.recognition`).
"""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from skl_lstm._series.arithmetic import NO_POSITION
from skl_lstm._series.calendar import Calendar
from skl_lstm._series.frequency import frequency_of_rows
from skl_lstm._series.history import History
from skl_lstm._series.recognition import recognize_rows
from skl_lstm._series.row_index import (
    is_calendar,
    is_numbered_from_zero,
    match_calendar,
)

_HOW_TO_TELL = (
    "Pass X to fit and predict as DataFrames with the time as index, and behind a "
    "transformer call set_output(transform='pandas') on it: then the index decides."
)


class TrainingRows(NamedTuple):
    """The rows that were passed to ``fit``.

    Attributes
    ----------
    history : History
        These rows alone, with their index.
    at : ndarray of int of shape (n_rows,)
        Where they stand among all steps remembered: some may have no row.
    numbers : pandas.Index or None
        How X was numbered where the calendar is that of y.
    """

    history: History
    at: np.ndarray
    numbers: pd.Index | None = None

    def indexed(self) -> list[History]:
        """Return the rows with each index that they have."""
        known = [] if self.history.index is None else [self.history]
        if self.numbers is not None:
            freq = frequency_of_rows(self.numbers)
            known.append(replace(self.history, index=self.numbers, freq=freq))
        return known


class Placement(NamedTuple):
    """Where rows to predict stand beside the training rows.

    Attributes
    ----------
    position : ndarray of int of shape (n_samples,)
        Which training row each of them is, -1 if none.
    n_before : ndarray of int of shape (n_samples,)
        How many steps are remembered before it, the last of them a training row.
    step : ndarray of int of shape (n_samples,)
        How many steps it stands after the last of these: 1 follows directly.
    """

    position: np.ndarray
    n_before: np.ndarray
    step: np.ndarray

    @property
    def is_training(self) -> np.ndarray:
        """Tell which rows are training rows."""
        return self.position >= 0

    @property
    def is_too_early(self) -> np.ndarray:
        """Tell which rows stand before all training rows."""
        return ~self.is_training & (self.n_before == 0)

    def runs(self) -> Iterator[np.ndarray]:
        """List the new rows between the same training rows, or after the last."""
        new = np.flatnonzero(~self.is_training & (self.n_before > 0))
        ends = np.flatnonzero(np.diff(self.n_before[new])) + 1
        return (run for run in np.split(new, ends) if len(run))

    def continues(self, row: int) -> bool:
        """Tell whether the row before is the training row just before this one."""
        return row > 0 and self.position[row - 1] == self.n_before[row] - 1


# Places ----------------------------------------------------------------------------


def place_rows(
    rows: np.ndarray,
    index: pd.Index | None,
    training: TrainingRows,
    season: int,
    name: str,
    *,
    needs_past: bool,
) -> Placement:
    """Tell where rows stand beside the training rows.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        Rows to predict.
    index : pandas.Index or None
        Their time index.
    training : TrainingRows
        The training rows.
    season : int
        Steps after which calendar columns repeat, 1 if unknown.
    name : str
        Name of the estimator, for errors.
    needs_past : bool
        Whether rows are forecast from the target's past, which must be found. Others
        are predicted as rows of which nothing is known before, where that is in doubt.

    Raises
    ------
    ValueError
        If the index cannot be compared with that of the training rows, or if rows
        without one are these in another order, or the past of rows is in doubt.
    """
    for history in training.indexed():
        if index is None:
            break
        times = _make_comparable(index, history.index, name)
        if times is not None and not _is_numbered_anew(rows, times, history):
            return place_by_index(times, history, training.at)
    return _place_by_values(rows, training, season, name, needs_past)


def _make_comparable(index: pd.Index, known: pd.Index, name: str) -> pd.Index | None:
    """Return an index in the kind of the training rows' one, None if it has no time."""
    if not (is_calendar(index) and is_calendar(known)):
        return None if is_calendar(index) or is_calendar(known) else index
    times: Any = match_calendar(index, known)
    zones = [getattr(i, "tz", None) for i in (times, known)]
    is_other = isinstance(times, pd.PeriodIndex) and times.dtype != known.dtype
    if is_other or (zones[0] is None) != (zones[1] is None):
        raise ValueError(
            f"{name}: the index of X must be like that of fit, {type(known).__name__} "
            f"({known.dtype}). Got {type(index).__name__} ({index.dtype}) instead. "
            "Convert it, for example with asfreq or tz_localize."
        )
    return times if zones[0] is None else times.tz_convert(zones[1])


def _is_numbered_anew(rows: np.ndarray, index: pd.Index, history: History) -> bool:
    """Tell whether rows have been numbered again, which says nothing of their time.

    Such numbers start from zero, or where those of the training rows start, and rows
    that share a number differ in more than a column.
    """
    if is_calendar(index):
        return False
    start, end = history.index[0], history.index[-1]
    from_zero = is_numbered_from_zero(index)
    if index[0] > end:
        return from_zero
    if from_zero and start == 0:
        return True
    # The first fold of a cross-validation is numbered from zero, too.
    if index[-1] + 1 == start or not (from_zero or index[0] == start):
        return False
    at = history.index.get_indexer(index)
    shared, ours = history.X[at[at >= 0]], rows[at >= 0]
    agrees = ((shared == ours) | (np.isnan(shared) & np.isnan(ours))).all(axis=0)
    varies = len(shared) > 0 and bool(np.ptp(shared[:, agrees], axis=0).any())
    return not (varies and agrees.sum() >= rows.shape[1] - 1)


def place_by_index(index: pd.Index, history: History, at: np.ndarray) -> Placement:
    """Place rows by their index, in order of time.

    Parameters
    ----------
    index : pandas.Index
        Times or numbers of the rows to predict.
    history : History
        The training rows.
    at : ndarray of int
        Where these stand among all steps.
    """
    row = history.index.get_indexer(index)
    n_rows = history.index.searchsorted(index, side="left")
    position = np.where(row >= 0, at[row], -1)
    n_before = np.where(row >= 0, position, np.append(0, at + 1)[n_rows])
    placement = Placement(position, n_before, np.ones(len(index), dtype=int))
    for run in placement.runs():
        last = history.index[n_rows[run[0]] - 1]
        placement.step[run] = _count_steps(history, last, index[run])
    return placement


def _count_steps(history: History, last: Any, index: pd.Index) -> np.ndarray:
    """Count steps from a training row to later ones; one each without a frequency."""
    in_sequence = np.arange(1, len(index) + 1)
    if history.freq is None:
        return in_sequence
    calendar = Calendar(history.index[:1], history.freq)
    start, *positions = calendar.positions(pd.Index([last]).append(index))
    steps = np.array(positions) - start
    return steps if NO_POSITION not in positions else in_sequence


def _place_by_values(
    rows: np.ndarray, training: TrainingRows, season: int, name: str, needs_past: bool
) -> Placement:
    """Place rows without a calendar: they follow, unless they are the training rows."""
    history, n_rows = training.history, len(rows)
    verdict = recognize_rows(rows, history.X, season)
    if verdict == "shuffled":
        raise ValueError(
            f"{name}: X holds the training rows in another order, but rows must be in "
            "order of time. Pass them in the order of fit."
        )
    if verdict in _DOUBTS:
        message = f"{name}: {_DOUBTS[verdict]} {_HOW_TO_TELL}"
        warnings.warn(message, UserWarning, stacklevel=6)
    if verdict in ("training", "permuted"):
        ahead, at = _follow(n_rows - len(history), training), training.at
        same = Placement(at, at, np.ones_like(at))
        return Placement(*map(np.concatenate, zip(same, ahead, strict=True)))
    placement = _follow(n_rows, training)
    if _may_be_left_out(n_rows, history):
        if not needs_past:
            return placement._replace(n_before=np.zeros(n_rows, dtype=int))
        _refuse_left_out(n_rows, name)
    return placement


def _follow(n_rows: int, training: TrainingRows) -> Placement:
    """Place rows directly after the training rows."""
    position, n_before = np.full(n_rows, -1), np.full(n_rows, training.at[-1] + 1)
    return Placement(position, n_before, np.arange(1, n_rows + 1))


# Said where values leave a doubt about where rows stand.
_DOUBTS = {
    "permuted": (
        "the only column of X that varies holds the training values in another order. "
        "Its rows are taken for the training rows with this column permuted, not for "
        "training rows in another order."
    ),
    "repeating": (
        "the rows of X equal the training rows, but their values repeat, so that the "
        "rows after these would look the same. They are taken for the rows that follow."
    ),
    "part": (
        "the rows of X equal some of the training rows, but nothing says when they are."
        " They are taken for the rows that follow the training rows. To predict "
        "training rows, pass all of them."
    ),
}


def _may_be_left_out(n_samples: int, history: History) -> bool:
    """Tell whether training rows leave out as many steps in a row, as folds do."""
    return history.index is not None and n_samples in _count_left_out(history)


def _refuse_left_out(n_samples: int, name: str) -> None:
    """Raise, or warn of a single row, where rows may have been left out of training.

    Rows of unshuffled folds stand there, and must not be forecast as later ones.
    """
    message = (
        f"{name}: the training rows leave out {n_samples} step(s) in a row, and X has "
        f"{n_samples} row(s) without a time, which may be these or follow the training "
        f"rows. {_HOW_TO_TELL}"
    )
    if n_samples > 1:
        raise ValueError(f"{message} Splits such as TimeSeriesSplit leave none out.")
    warnings.warn(f"{message} It is taken to follow.", UserWarning, stacklevel=7)


def _count_left_out(history: History) -> set[int]:
    """Count the steps missing between training rows, gap by gap."""
    freq = history.freq
    if freq is None:
        return set()
    at = Calendar(history.index[:1], freq).positions(history.index)
    return set((np.diff(at[at != NO_POSITION]) - 1).tolist()) - {0}
