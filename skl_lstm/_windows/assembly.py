"""Series in their own units turned into the arrays that the engine reads."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from skl_lstm._engine.rows import Data
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._series.history import History
from skl_lstm._series.season import first_step
from skl_lstm._windows.columns import Columns
from skl_lstm._windows.gaps import bridge_gaps, carry_forward
from skl_lstm._windows.origins import pad_before
from skl_lstm._windows.rows import locate
from skl_lstm._windows.scaling import Scaling, scale_each, scale_together
from skl_lstm._windows.transfer_function import TransferFunction
from skl_lstm._windows.trend import Trend


class Around(NamedTuple):
    """What is taken from the targets before, and added to forecasts after all else.

    Attributes
    ----------
    transfer : TransferFunction or None
        What the concurrent columns explain; None for nothing.
    trend : Trend or None
        Growth that goes on over a long horizon; None for none.
    """

    transfer: TransferFunction | None = None
    trend: Trend | None = None


NOTHING = Around()


class Assembly(NamedTuple):
    """All series one below the other.

    Attributes
    ----------
    data : Data
        What the engine reads.
    starts : ndarray of int of shape (n_series,)
        Row of the data where each series starts, after its padding.
    zeros : ndarray of shape (n_series, n_outputs)
        Where zero lies in the units of each series, see `Scaling`; NaN where something
        was taken from the targets.
    effects : ndarray of shape (n_rows, n_outputs) or None
        What known columns explain of the targets, taken from every row; None for
        nothing.
    trend : Trend or None
        The growth that was taken from them, too.
    """

    data: Any
    starts: np.ndarray
    zeros: np.ndarray
    effects: np.ndarray | None = None
    trend: Trend | None = None

    def series_of(self, origins: np.ndarray) -> np.ndarray:
        """Return the number of the series that each row belongs to."""
        return np.searchsorted(self.starts, origins, side="right") - 1

    def add_effects(self, forecasts: np.ndarray, origins: np.ndarray) -> np.ndarray:
        """Add what was taken from the targets to forecasts.

        Parameters
        ----------
        forecasts : ndarray of shape (n_origins, n_steps, n_outputs)
            Of what was left of them.
        origins : ndarray of int of shape (n_origins,)
            Row of the first step of each.
        """
        n_steps = forecasts.shape[1]
        if self.trend is not None:
            positions = origins - self.starts[self.series_of(origins)]
            forecasts = forecasts + self.trend.ahead(positions, n_steps)
        if self.effects is None:
            return forecasts
        return forecasts + self.effects[origins[:, None] + np.arange(n_steps)]


def cut_tail(history: History, length: int, *, is_placed: bool) -> History:
    """Return the rows that a forecast of the next steps reads.

    These are the last ``length`` rows, and those before them that stand in for what
    is missing there.

    Parameters
    ----------
    history : History
        All rows.
    length : int
        How many are read at least.
    is_placed : bool
        Whether anything asks for their place in the calendar.
    """
    n_rows = len(history)
    first = max(n_rows - length, 0)
    if not np.isfinite(history.y[first]).all():
        known = np.isfinite(history.y[: first + 1])
        last_known = [np.flatnonzero(column) for column in known.T]
        first = min(int(rows[-1]) if len(rows) else 0 for rows in last_known)
    return replace(
        history,
        y=history.y[first:],
        X=history.X[first:],
        index=None,
        weights=None,
        start=first_step(history) + first if is_placed else 0,
    )


class _Block(NamedTuple):
    """One series as the engine reads it, its padding above."""

    y: np.ndarray
    X: np.ndarray
    bridges: Any
    effect: np.ndarray | None


def assemble(
    spec: NetworkSpec,
    columns: Columns,
    histories: Sequence[History],
    scalings: Sequence[Scaling],
    n_ahead: int = 0,
    around: Around = NOTHING,
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
    around : Around
        What is taken from the targets.
    """
    targets = scale_each(scalings, [history.y for history in histories])
    lengths = [spec.window_length + len(history) + n_ahead for history in histories]
    ends = np.cumsum(lengths)
    offsets = ends - lengths
    y = np.empty((ends[-1], spec.n_outputs), "float32")
    X = np.empty((ends[-1], spec.n_features), "float32")
    gaps: list[Any] = []
    effects: list[Any] = []
    # Series go straight to their rows: all of them twice would be most of the memory.
    for own, history, scaling, first, end in zip(
        targets, histories, scalings, offsets, ends, strict=True
    ):
        block = _assemble_one(spec, columns, own, history.X, scaling, n_ahead, around)
        y[first:end], X[first:end] = block.y, block.X
        gaps.append(block.bridges)
        effects.append(block.effect)
    bridges: tuple[Any, ...] = ()
    if spec.bridges_gaps:
        carried, between = (
            np.concatenate([getattr(gap, name) for gap in gaps]).astype("float32")
            for name in ("carried", "between")
        )
        pairs = zip(gaps, offsets, strict=True)
        following = [gap.following + np.int32(offset) for gap, offset in pairs]
        bridges = carried, between, np.concatenate(following)
    rows: tuple[Any, ...] = ()
    if spec.n_decoded:
        steps = [first_step(history) for history in histories]
        rows = locate(lengths, steps, spec.window_length)
    weights = tuple(_weights_of(spec, histories, n_ahead))
    return Assembly(
        Data(y, X, bridges, rows, weights),
        offsets + spec.window_length,
        np.stack([_zero_of(spec, scaling, around) for scaling in scalings]),
        np.concatenate(effects) if takes_effects(spec, around) else None,
        around.trend,
    )


def assemble_tails(
    spec: NetworkSpec,
    columns: Columns,
    histories: Sequence[History],
    scalings: Sequence[Scaling],
    n_rows: int,
    n_ahead: int,
    around: Around = NOTHING,
) -> tuple[Assembly, np.ndarray]:
    """Assemble the rows that forecasts of the next steps read.

    Parameters
    ----------
    spec, columns, histories, scalings, n_ahead, around
        As for `assemble`.
    n_rows : int
        How many rows of each series are read at least.

    Returns
    -------
    Assembly, ndarray of int of shape (n_series,)
        The rows, and which of them are the first steps to forecast.
    """
    tails = _stack_tails(spec, histories, n_rows) if around == NOTHING else None
    if tails is not None:
        assembly = _assemble_alike(spec, tails, scalings, n_ahead)
        return assembly, assembly.starts + n_rows
    is_placed = bool(spec.n_decoded)
    cut = [cut_tail(each, n_rows, is_placed=is_placed) for each in histories]
    assembly = assemble(spec, columns, cut, scalings, n_ahead, around)
    return assembly, assembly.starts + [len(tail) for tail in cut]


def _stack_tails(
    spec: NetworkSpec, histories: Sequence[History], n_rows: int
) -> np.ndarray | None:
    """Return the last rows of several complete series without columns, None for others.

    Thousands of them take one operation each then, instead of thousands.
    """
    reads_more = spec.bridges_gaps or spec.n_decoded or spec.weighted or spec.n_features
    if len(histories) == 1 or reads_more or min(map(len, histories)) < n_rows:
        return None
    tails = np.stack([history.y[len(history) - n_rows :] for history in histories])
    return tails if np.isfinite(tails).all() else None


def _assemble_alike(
    spec: NetworkSpec, y: np.ndarray, scalings: Sequence[Scaling], n_ahead: int
) -> Assembly:
    """Assemble complete series of one length, (n_series, n_rows, n_outputs)."""
    y = scale_together(scalings, y)
    above = np.repeat(y[:, :1], spec.window_length, axis=1)
    below = np.zeros((len(y), n_ahead, y.shape[2]))
    padded = np.concatenate([above, y, below], axis=1).astype("float32")
    rows = padded.reshape(-1, y.shape[2])
    return Assembly(
        Data(rows, np.empty((len(rows), 0), "float32")),
        np.arange(len(y)) * padded.shape[1] + spec.window_length,
        np.stack([_zero_of(spec, scaling, NOTHING) for scaling in scalings]),
        None,
        None,
    )


def _weights_of(
    spec: NetworkSpec, histories: Sequence[History], n_ahead: int
) -> Iterator[np.ndarray]:
    """Lay out what the rows count, if they have weights: padding counts for nothing."""
    if spec.weighted:
        each = [np.ones(len(h)) if h.weights is None else h.weights for h in histories]
        padded = [np.pad(own, (spec.window_length, n_ahead)) for own in each]
        yield np.concatenate(padded).astype("float32")


def weights_ahead(data: Any, origins: np.ndarray, horizon: int) -> np.ndarray:
    """Return what the targets of windows count, ones where all are equal.

    Returns
    -------
    ndarray of shape (n_origins, horizon)
    """
    weights = getattr(data, "weights", ())
    if not weights:
        return np.ones((len(origins), horizon))
    return weights[0][origins[:, None] + np.arange(horizon)].astype(float)


def _zero_of(spec: NetworkSpec, scaling: Scaling, around: Around) -> np.ndarray:
    """Return where zero lies in what the network sees, NaN where that means nothing."""
    if scaling.y_zero is None or (around.transfer or around.trend):
        return np.full(spec.n_outputs, np.nan)
    return scaling.y_zero - level_of(spec, scaling)


def _assemble_one(
    spec: NetworkSpec,
    columns: Columns,
    y: np.ndarray,
    X: np.ndarray,
    scaling: Scaling,
    n_ahead: int,
    around: Around,
) -> _Block:
    """Assemble one series, its targets scaled already."""
    length, n_rows, mean = spec.window_length, len(y), scaling.scaled_mean
    X, padding = scale_features(columns, X, scaling, n_rows + n_ahead)
    if around.trend is not None:
        y = y - around.trend.line(n_rows)
    effect = _known_effect(spec, columns, X, scaling, around)
    if effect is not None:
        y, mean = y - effect[:n_rows], mean - level_of(spec, scaling)
        effect = pad_before(effect, length, np.zeros(y.shape[1]))
    is_missing = ~np.isfinite(y)
    # An encoder and decoder knows what is missing.
    if spec.autoregressive and not (spec.bridges_gaps or spec.n_decoded):
        y = carry_forward(y, mean)
    y = pad_before(y, length, np.where(is_missing[0], mean, y[0]))
    below = np.full((n_ahead, y.shape[1]), np.nan)
    bridges = None
    if spec.bridges_gaps:
        bridges = bridge_gaps(np.concatenate([y, below]), mean)
    y = np.concatenate([y, below if spec.n_decoded else np.zeros_like(below)])
    if not spec.autoregressive:
        padding = _pad_with_means(padding, columns, scaling)
    X = pad_before(X, length, padding)
    if columns.n_target_flags:
        X[length : length + n_rows, -columns.n_target_flags :] = is_missing
    return _Block(y, X, bridges, effect)


def level_of(spec: NetworkSpec, scaling: Scaling) -> np.ndarray:
    """Return what is taken from a series so that a level of zero is its mean."""
    if spec.window_scaling != "level" or scaling.y_level is None:
        return np.zeros(spec.n_outputs)
    return scaling.y_level


def _known_effect(
    spec: NetworkSpec,
    columns: Columns,
    X: np.ndarray,
    scaling: Scaling,
    around: Around,
) -> np.ndarray | None:
    """Return what is taken from the rows before the network sees them."""
    if not takes_effects(spec, around):
        return None
    level = level_of(spec, scaling)
    if around.transfer is None:
        return np.tile(level, (len(X), 1))
    return level + around.transfer.apply(X[:, : columns.n_concurrent])


def takes_effects(spec: NetworkSpec, around: Around) -> bool:
    """Whether anything but a line is taken from the targets."""
    return around.transfer is not None or spec.window_scaling == "level"


def scale_features(
    columns: Columns, X: np.ndarray, scaling: Scaling, n_rows: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``n_rows`` rows of features as the network reads them, and the first.

    The concurrent columns come first, then the flags of those that may be missing,
    then the strictly past ones and theirs. Missing values become the training mean, as
    do rows that nobody gave.
    """
    if not X.shape[1] and not columns.n_target_flags:
        return np.empty((n_rows, 0)), np.empty(0)
    n_given = min(len(X), n_rows)
    mean = scaling.scaled_X_mean
    scaled = np.repeat(mean[None], n_rows, axis=0)
    scaled[:n_given] = scaling.scale_features(X[:n_given])
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
    return rows, rows[0].copy()


def _pad_with_means(
    padding: np.ndarray, columns: Columns, scaling: Scaling
) -> np.ndarray:
    """Put training means into the strictly past part of a regression's padding."""
    shifted, first = list(columns.shifted), columns.n_concurrent
    if shifted:
        padding[first : first + len(shifted)] = scaling.scaled_X_mean[shifted]
        padding[first + len(shifted) :] = 0.0
    return padding


def place_origins(rows: Sequence[np.ndarray], starts: np.ndarray) -> np.ndarray:
    """Turn rows of each series into rows of the data, where each has its start."""
    return np.concatenate(place_each(rows, starts))


def place_each(rows: Sequence[np.ndarray], starts: np.ndarray) -> list[np.ndarray]:
    """Turn rows of each series into rows of the data, series by series."""
    return [own + start for own, start in zip(rows, starts, strict=False)]
