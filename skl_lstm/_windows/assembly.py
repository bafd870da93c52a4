"""Series in their own units turned into the arrays that the engine reads."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._series.history import History
from skl_lstm._windows.columns import Columns
from skl_lstm._windows.gaps import bridge_gaps, carry_forward
from skl_lstm._windows.origins import pad_before
from skl_lstm._windows.scaling import Scaling


class Assembly(NamedTuple):
    """All series one below the other.

    Attributes
    ----------
    data : Data
        What the engine reads.
    starts : ndarray of int of shape (n_series,)
        Row of the data where each series starts, after its padding.
    zeros : ndarray of shape (n_series, n_outputs)
        Where zero lies in the units of each series, see `Scaling`.
    """

    data: Any
    starts: np.ndarray
    zeros: np.ndarray

    def series_of(self, origins: np.ndarray) -> np.ndarray:
        """Return the number of the series that each row belongs to."""
        return np.searchsorted(self.starts, origins, side="right") - 1


def cut_tail(history: History, length: int) -> History:
    """Return the rows that a forecast of the next steps reads.

    These are the last ``length`` rows, and those before them that stand in for what
    is missing there.
    """
    n_rows = len(history)
    first = max(n_rows - length, 0)
    known = np.isfinite(history.y[: first + 1])
    if not known[first:].all():
        last_known = [np.flatnonzero(column) for column in known.T]
        first = min(int(rows[-1]) if len(rows) else 0 for rows in last_known)
    return replace(history, y=history.y[first:], X=history.X[first:], index=None)


def assemble(
    spec: NetworkSpec,
    columns: Columns,
    histories: Sequence[History],
    scalings: Sequence[Scaling],
    n_ahead: int = 0,
) -> Assembly:
    """Scale series, pad each with ``window_length`` rows above, and stack them.

    Padding repeats the first row; strictly past columns of a regression are padded
    with their training mean, since their first row already is a neighbor's past.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    columns : Columns
        Use of the exogenous columns.
    histories : sequence of History
        At least one; rows of X after the last target are those to forecast.
    scalings : sequence of Scaling
        Of each series.
    n_ahead : int, default=0
        Rows to leave below each series for the steps to forecast.
    """
    from skl_lstm._engine.data import Data

    blocks = []
    for history, scaling in zip(histories, scalings, strict=True):
        y, X, bridge = _assemble_one(spec, columns, history, scaling, n_ahead)
        # One by one: all series at double precision would be most of the memory.
        blocks.append((y.astype("float32"), X.astype("float32"), bridge))
    lengths = [len(y) for y, _, _ in blocks]
    offsets = np.cumsum([0, *lengths[:-1]])
    y, X = (np.concatenate([block[i] for block in blocks]) for i in (0, 1))
    bridges: tuple[Any, ...] = ()
    if spec.bridges_gaps:
        carried, between = (
            np.concatenate([getattr(b, name) for _, _, b in blocks]).astype("float32")
            for name in ("carried", "between")
        )
        pairs = zip(blocks, offsets, strict=True)
        following = [b.following + np.int32(offset) for (_, _, b), offset in pairs]
        bridges = carried, between, np.concatenate(following)
    unknown = np.full(spec.n_outputs, np.nan)
    zeros = [unknown if s.y_zero is None else s.y_zero for s in scalings]
    return Assembly(Data(y, X, bridges), offsets + spec.window_length, np.stack(zeros))


def _assemble_one(
    spec: NetworkSpec,
    columns: Columns,
    history: History,
    scaling: Scaling,
    n_ahead: int,
) -> tuple[np.ndarray, np.ndarray, Any]:
    length, n_rows = spec.window_length, len(history)
    y, mean = scaling.scale_targets(history.y), scaling.scaled_mean
    X, padding = _scale_features(spec, columns, history.X, scaling, n_rows + n_ahead)
    is_missing = ~np.isfinite(y)
    if spec.autoregressive and not spec.bridges_gaps:
        y = carry_forward(y, mean)
    y = pad_before(y, length, np.where(is_missing[0], mean, y[0]))
    below = np.full((n_ahead, y.shape[1]), np.nan)
    bridges = None
    if spec.bridges_gaps:
        bridges = bridge_gaps(np.concatenate([y, below]), mean)
    y = np.concatenate([y, np.zeros_like(below)])
    X = pad_before(X, length, padding)
    if columns.n_target_flags:
        X[length : length + n_rows, -columns.n_target_flags :] = is_missing
    return y, X, bridges


def _scale_features(
    spec: NetworkSpec,
    columns: Columns,
    X: np.ndarray,
    scaling: Scaling,
    n_rows: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``n_rows`` rows of features as the network reads them, and the padding.

    Missing values become the training mean, as do rows that nobody gave.
    """
    n_given = min(len(X), n_rows)
    mean = scaling.X.transform(scaling.X_mean[None])[0]
    scaled = np.tile(mean, (n_rows, 1))
    scaled[:n_given] = scaling.X.transform(X[:n_given])
    is_missing = ~np.isfinite(scaled)
    scaled = np.where(is_missing, mean, scaled)
    parts = [
        scaled[:, list(columns.concurrent)],
        is_missing[:, columns.flagged_concurrent],
        scaled[:, list(columns.shifted)],
        is_missing[:, columns.flagged_shifted],
        np.zeros((n_rows, columns.n_target_flags)),
    ]
    rows = np.concatenate(parts, axis=1, dtype=float)
    padding = rows[0].copy()
    if not spec.autoregressive and columns.shifted:
        shifted = list(columns.shifted)
        first = columns.n_concurrent
        padding[first : first + len(shifted)] = mean[shifted]
        padding[first + len(shifted) :] = 0.0
    return rows, padding


def place_origins(rows: Sequence[np.ndarray], starts: np.ndarray) -> np.ndarray:
    """Turn rows of each series into rows of the data, where each has its start."""
    return np.concatenate(place_each(rows, starts))


def place_each(rows: Sequence[np.ndarray], starts: np.ndarray) -> list[np.ndarray]:
    """Turn rows of each series into rows of the data, series by series."""
    return [own + start for own, start in zip(rows, starts, strict=False)]
