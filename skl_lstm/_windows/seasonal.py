"""Seasonal anchors, and the linear maps of what series do around them.

An anchor is what the rows a season ago, two seasons ago, ... say of a step; the linear
part forecasts the deviations from it, with a map of its own for every step and every
phase of the day that a forecast starts at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from skl_lstm._windows.rows import Rows

# Origins have one of at most so many phases of the first season.
MOST_PHASES = 48
# Days of a week, hours of a day, ... that have an indicator.
MOST_INDICATORS = 14
# Rows that the mean of the latest deviations is taken over.
MOST_AVERAGED = 336
YEARLY_HARMONICS = 3
# Seasons that known columns are compared with beside a climatology.
WEEKS_OF_COLUMNS = 4
# Numbers of inputs held at a time.
CHUNK = 4_000_000


@dataclass(frozen=True)
class Anchor:
    """The weighted mean of the rows one, two, ... seasons before, or a climatology.

    Attributes
    ----------
    period : int
        Rows of the season.
    n_seasons : int
        How many are averaged; 0 for a climatology.
    decay : float
        Weight of a season in those of the one after it.
    climate : ndarray of shape (n_series + 1, n_columns, n_outputs) or None
        Coefficients of `climate_columns` for each series, and those of all for a
        series that comes later; None for a mean of seasons.
    """

    period: int
    n_seasons: int
    decay: float = 1.0
    climate: np.ndarray | None = None


@dataclass(frozen=True)
class SeasonalMap:
    """The linear forecast of series with seasons.

    Attributes
    ----------
    seasons : tuple of float
        Rows of each season, rising; a year that is seen too rarely to be averaged row
        by row, see `periods_of`, is the last.
    horizon : int
        Steps forecast at once.
    n_recent : int
        Latest deviations that it reads.
    calendar : bool
        Whether the calendar of the steps is read.
    anchors : tuple of Anchor
        Whose forecasts are averaged.
    maps : tuple of ndarray of shape (n_maps, n_phases, horizon, n_inputs, n_outputs)
        Coefficients of each anchor: a map for each series, where there are several,
        and one of all for those that come later.
    """

    seasons: tuple[float, ...]
    horizon: int
    n_recent: int
    calendar: bool
    anchors: tuple[Anchor, ...] = ()
    maps: tuple[np.ndarray, ...] = ()

    @property
    def n_rows(self) -> int:
        """Rows before an origin that a forecast reads."""
        periods, _ = periods_of(self.seasons)
        longest = max((a.period * (a.n_seasons + 1) for a in self.anchors), default=0)
        return longest + 3 * (max(periods) + self.horizon)

    def of_new_series(self) -> "SeasonalMap":
        """Return the map of series that come later: that of all series."""
        anchors = [
            a if a.climate is None else replace(a, climate=a.climate[-1:])
            for a in self.anchors
        ]
        maps = tuple(maps[-1:] for maps in self.maps)
        return replace(self, anchors=tuple(anchors), maps=maps)

    def forecast(self, rows: Rows, origins: np.ndarray) -> np.ndarray:
        """Forecast the steps from some rows on.

        Returns
        -------
        ndarray of shape (n_origins, horizon, n_outputs)
        """
        return self.forecast_each(rows, origins).mean(axis=0)

    def forecast_each(self, rows: Rows, origins: np.ndarray) -> np.ndarray:
        """Forecast with each anchor, (n_anchors, n_origins, horizon, n_outputs)."""
        n_outputs = rows.y.shape[1]
        shape = (len(self.anchors), len(origins), self.horizon, n_outputs)
        found = np.empty(shape)
        if not len(origins):
            return found
        rows = rows.reaching(int(origins.max()) + self.horizon)
        n_at_once = max(1, CHUNK // (self.horizon * count_inputs(self, rows.n_known)))
        for i in range(0, len(origins), n_at_once):
            some = origins[i : i + n_at_once]
            for k, (anchor, maps) in enumerate(
                zip(self.anchors, self.maps, strict=True)
            ):
                inputs, base = inputs_of(self, anchor, rows, some)
                phases = phases_of(self.seasons, rows.clock[some])
                series = np.minimum(rows.series[some], len(maps) - 1)
                found[k, i : i + n_at_once] = base + apply_maps(
                    maps, series * maps.shape[1] + phases % maps.shape[1], inputs
                )
        return found


def apply_maps(maps: np.ndarray, which: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Return forecasts (n, horizon, n_outputs) of inputs, each by its own map.

    Parameters
    ----------
    maps : ndarray of shape (..., horizon, n_inputs, n_outputs)
        Coefficients.
    which : ndarray of int of shape (n,)
        Number of the map of each row.
    inputs : ndarray of shape (n, horizon, n_inputs, n_outputs)
        What the maps read.
    """
    flat = maps.reshape(-1, *maps.shape[-3:])
    found = np.empty((len(inputs), *inputs.shape[1:2], inputs.shape[3]))
    order = np.argsort(which, kind="stable")
    ends = np.flatnonzero(np.diff(which[order], append=-1)) + 1
    for part in np.split(order, ends[:-1]):
        found[part] = np.einsum("nsfo,sfo->nso", inputs[part], flat[which[part[0]]])
    return found


def periods_of(seasons: Sequence[float]) -> tuple[tuple[int, ...], float | None]:
    """Return the seasons that are averaged row by row, and the year.

    A season of more than twenty of the one before it, or that is no whole number of
    rows, is too long for that: harmonics describe it.
    """
    *shorter, last = seasons
    if shorter and (last != round(last) or last > 20 * shorter[-1]):
        return tuple(int(p) for p in shorter), float(last)
    return tuple(int(p) for p in seasons), None


def phases_of(seasons: Sequence[float], clock: np.ndarray) -> np.ndarray:
    """Return the phase of the first season that each time has."""
    period = int(seasons[0])
    return clock % period * n_phases(seasons) // period


def n_phases(seasons: Sequence[float]) -> int:
    """Count the phases of the first season that are told apart."""
    return min(int(seasons[0]), MOST_PHASES)


def lags_of(period: int, horizon: int, n: int) -> list[int]:
    """Return the first multiples of a season that no step looks ahead with."""
    first = -(-horizon // period)
    return [period * (first + k) for k in range(n)]


def anchor_values(
    anchor: Anchor, seasons: Sequence[float], horizon: int, rows: Rows, at: np.ndarray
) -> np.ndarray:
    """Return the anchor of some rows, zero where nothing is known of it.

    A step of the block is forecast from rows before its origin alone: a season shorter
    than the block is looked back on from as many seasons ago as hold one.
    """
    if anchor.climate is not None:
        columns = climate_columns(seasons, rows.clock[at])
        series = np.minimum(rows.series[at], len(anchor.climate) - 1)
        if len(anchor.climate) == 1:
            return columns @ anchor.climate[0]
        return np.einsum("nk,nko->no", columns, anchor.climate[series])
    total = np.zeros((len(at), rows.y.shape[1]))
    weight = np.zeros_like(total)
    for k, lag in enumerate(lags_of(anchor.period, horizon, anchor.n_seasons)):
        values, w = rows.before(at, lag), anchor.decay**k
        known = np.isfinite(values)
        total += np.where(known, w * values, 0.0)
        weight += w * known
    return np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)


def is_anchored(rows: Rows, seasons: Sequence[float], horizon: int) -> np.ndarray:
    """Whether two of the longest seasons lie before each row."""
    longest = max(periods_of(seasons)[0])
    lag = lags_of(longest, horizon, 2)[-1]
    return np.arange(len(rows.y)) - lag >= rows.first


def climate_columns(seasons: Sequence[float], clock: np.ndarray) -> np.ndarray:
    """Return indicators of the phase of the longest averaged season, and harmonics.

    The harmonics are those of the year, alone and times the first harmonic of the
    first season.
    """
    periods, year = periods_of(seasons)
    longest = max(periods)
    n_groups = min(longest, MOST_AVERAGED)
    phase = clock % longest * n_groups // longest
    columns = [(phase[:, None] == np.arange(n_groups)).astype(float)]
    if year is not None:
        yearly = harmonics(clock, year, YEARLY_HARMONICS)
        columns.append(yearly)
        if len(periods) > 1:
            daily = harmonics(clock, periods[0], 2)
            columns.append(
                (daily[:, :, None] * yearly[:, None, :2]).reshape(len(clock), -1)
            )
    return np.concatenate(columns, axis=1)


def harmonics(clock: np.ndarray, period: float, n: int) -> np.ndarray:
    """Return sines and cosines of the first harmonics, (n_rows, 2 n)."""
    angles = 2 * np.pi * (clock % period)[:, None] / period * np.arange(1, n + 1)
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(len(clock), -1)


def calendar_columns(seasons: Sequence[float], clock: np.ndarray) -> np.ndarray:
    """Return what a linear map knows of the calendar of some steps.

    Indicators of the day of the week, say, and the first two harmonics of the year.
    """
    periods, year = periods_of(seasons)
    columns = [np.empty((len(clock), 0))]
    if len(periods) > 1:
        first, last = periods[0], periods[-1]
        n = last // first
        if last % first == 0 and n <= MOST_INDICATORS:
            columns.append((clock // first % n)[:, None] == np.arange(1, n))
    if year is not None:
        columns.append(harmonics(clock, year, 2))
    return np.concatenate(columns, axis=1, dtype=float)


def count_inputs(form: SeasonalMap, n_known: int) -> int:
    """Count the inputs of a map, of which known columns are three each."""
    periods, _ = periods_of(form.seasons)
    n_calendar = 0
    if form.calendar:
        n_calendar = calendar_columns(form.seasons, np.zeros(1, int)).shape[1]
    return form.n_recent + 5 * len(periods) + 2 + n_calendar + 3 * n_known


def inputs_of(
    form: SeasonalMap, anchor: Anchor, rows: Rows, origins: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a map reads, and the anchor of the steps.

    The latest deviations; their means over each season; one and two seasons before
    the step, the deviation and the distance of the row to the step's anchor; the
    anchor; one; the calendar of the step; and the known columns, see `_known_inputs`.

    Parameters
    ----------
    form : SeasonalMap
        Seasons, horizon and what is read.
    anchor : Anchor
        What deviations are taken from.
    rows : Rows
        Reaching to the last step of each origin.
    origins : ndarray of int of shape (n_origins,)
        Row of the first step of each.

    Returns
    -------
    ndarray of shape (n_origins, horizon, n_inputs, n_outputs), \
    ndarray of shape (n_origins, horizon, n_outputs)
    """
    horizon, (periods, _) = form.horizon, periods_of(form.seasons)
    steps, recent = np.arange(horizon), -np.arange(1, form.n_recent + 1)
    lags = [lags_of(period, horizon, 2) for period in periods]
    averaged = [
        -np.arange(1, period + 1, -(-period // MOST_AVERAGED)) for period in periods
    ]
    aligned = [steps - lag for pair in lags for lag in pair]
    near = _look_around(
        form, anchor, rows, origins, [recent, steps, *averaged, *aligned]
    )
    grid, ahead = origins[:, None] + steps, near.anchors(steps)
    n, n_outputs = len(origins), rows.y.shape[1]
    shape = (n, horizon, count_inputs(form, rows.n_known), n_outputs)
    inputs = np.empty(shape, "float32")
    k = form.n_recent
    inputs[:, :, :k] = near.deviations(recent)[:, None]
    for offsets in averaged:
        inputs[:, :, k] = near.deviations(offsets).mean(axis=1)[:, None]
        k += 1
    for offsets in aligned:
        inputs[:, :, k] = near.deviations(offsets)
        inputs[:, :, k + 1] = np.nan_to_num(rows.before(grid, -offsets + steps) - ahead)
        k += 2
    inputs[:, :, k], inputs[:, :, k + 1] = ahead, 1.0
    k += 2
    if form.calendar:
        columns = calendar_columns(form.seasons, rows.clock[grid.ravel()])
        inputs[:, :, k : k + columns.shape[1]] = columns.reshape(n, horizon, -1, 1)
    if rows.X is not None and rows.n_known:
        inputs[:, :, -3 * rows.n_known :] = _known_inputs(form, anchor, rows, grid)
    return inputs, ahead


def _known_inputs(
    form: SeasonalMap, anchor: Anchor, rows: Rows, grid: np.ndarray
) -> np.ndarray:
    """Return known columns, and how they and their squares differ from an anchor's.

    What the anchor remembers of the targets was under the columns of its own rows. The
    squares tell a warm day in spring from a hot one in summer.
    """
    if anchor.climate is not None:
        anchor = Anchor(max(periods_of(form.seasons)[0]), WEEKS_OF_COLUMNS)
    X = np.asarray(rows.X)
    powers = np.concatenate([X, X**2], axis=1)
    which, index = np.unique(grid, return_inverse=True)
    known = rows._replace(y=powers)
    base = anchor_values(anchor, form.seasons, form.horizon, known, which)
    columns = np.concatenate([powers[which] - base, X[which]], axis=1)
    return columns[index.reshape(grid.shape)][..., None]


class _Surroundings(NamedTuple):
    """Anchors and deviations of rows at some offsets from some origins.

    Attributes
    ----------
    base, away : ndarray of shape (n_rows, n_outputs)
        Anchor and deviation of some rows.
    which : ndarray of int of shape (n_origins, n_offsets)
        Which of these rows lies at each offset.
    offsets : ndarray of int of shape (n_offsets,)
        Rising.
    room : ndarray of int of shape (n_origins, 1)
        Rows of the series before each origin.
    """

    base: np.ndarray
    away: np.ndarray
    which: np.ndarray
    offsets: np.ndarray
    room: np.ndarray

    def anchors(self, offsets: np.ndarray) -> np.ndarray:
        """Return the anchors at some of the offsets."""
        return self.base[self.which[:, np.searchsorted(self.offsets, offsets)]]

    def deviations(self, offsets: np.ndarray) -> np.ndarray:
        """Return the deviations there, none before the series begins."""
        found = self.away[self.which[:, np.searchsorted(self.offsets, offsets)]]
        found[-offsets > self.room] = 0.0
        return found


def _look_around(
    form: SeasonalMap,
    anchor: Anchor,
    rows: Rows,
    origins: np.ndarray,
    offsets: Sequence[np.ndarray],
) -> _Surroundings:
    """Look up the rows at some offsets from origins, each of them once."""
    rising = np.unique(np.concatenate(offsets))
    grid = np.clip(origins[:, None] + rising, 0, len(rows.y) - 1)
    if grid.size > len(rows.y):
        at, index = np.arange(len(rows.y)), grid
    else:
        at, index = np.unique(grid, return_inverse=True)
    base = anchor_values(anchor, form.seasons, form.horizon, rows, at)
    room = (origins - rows.first[origins])[:, None]
    away = np.nan_to_num(rows.y[at] - base)
    return _Surroundings(base, away, index.reshape(grid.shape), rising, room)
