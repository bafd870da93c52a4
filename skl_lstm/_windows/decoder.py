"""Networks that forecast what a seasonal linear map leaves, row by row.

An encoder reads the latest deviations from the seasonal anchor, and a decoder steps on
over the rows to forecast and sees what is known of each: the linear forecast, the
anchor, the calendar and the known columns.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from skl_lstm._engine.ensemble import Networks, Weights
from skl_lstm._engine.rows import Tables
from skl_lstm._windows.rows import Rows
from skl_lstm._windows.seasonal import (
    SeasonalMap,
    anchor_values,
    harmonics,
    lags_of,
    periods_of,
)

# Harmonics of each season that a decoder sees.
HARMONICS = 3
# Seasons that it looks back to from every row.
N_ALIGNED = 2
# A column of less spread is constant.
LEAST_SPREAD = 1e-6
# Windows laid out at a time.
CHUNK = 4_000


@dataclass(frozen=True)
class SeasonalNetworks(Networks):
    """Networks, and the linear forecast that they correct.

    Attributes
    ----------
    linear : SeasonalMap
        The linear forecast.
    unit : float
        Unit of the corrections.
    center, spread : ndarray of shape (n_decoded,) or float
        Mean and standard deviation of what a decoder reads, in training.
    """

    linear: SeasonalMap = field(kw_only=True)
    unit: float = field(default=1.0, kw_only=True)
    center: Any = field(default=0.0, kw_only=True)
    spread: Any = field(default=1.0, kw_only=True)

    def scaled_to(self, tables: Any) -> "SeasonalNetworks":
        """Return networks that read and correct in the units of some windows."""
        flat = tables.window.reshape(-1, tables.window.shape[2])
        spread = flat.std(axis=0)
        return replace(
            self,
            unit=float(np.nanmean(np.abs(tables.y))) or 1.0,
            center=flat.mean(axis=0),
            spread=np.where(spread > LEAST_SPREAD, spread, 1.0).astype("float32"),
        )

    @property
    def n_rows(self) -> int:
        """Rows before an origin that a forecast reads."""
        return self.linear.n_rows + self.spec.window_length

    def forecast(self, data: Any, origins: np.ndarray, n_steps: int) -> np.ndarray:
        """Return the median of the networks' forecasts, see `Networks.forecast`."""
        n_blocks = -(-n_steps // self.spec.horizon)
        if n_blocks > 1:
            noise = np.zeros((n_blocks, 1, 1, 1), "float32")
            return self._roll(self.members, data, origins, noise)[:, :n_steps]
        return self._forecast_block(self.members, data, origins)[:, :n_steps]

    def simulate(
        self, weights: Weights, data: Any, origins: np.ndarray, noise: np.ndarray
    ) -> np.ndarray:
        """Roll blocks forward with one network, see `Networks.simulate`."""
        return self._roll([weights], data, origins, noise)

    def encode(self, data: Any, origins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what the encoders have read of each window, see `Networks.encode`."""
        parts = [
            super(SeasonalNetworks, self).encode(
                self.lay_out(data, some, with_targets=False), np.arange(len(some))
            )
            for some in _chunks(origins)
        ]
        hidden, summaries = zip(*parts, strict=True)
        return np.concatenate(hidden), np.concatenate(summaries)

    def _roll(
        self, members: Any, data: Any, origins: np.ndarray, noise: np.ndarray
    ) -> np.ndarray:
        """Forecast block after block, each disturbed before the next one reads it."""
        horizon = self.spec.horizon
        found = []
        for some, part in zip(
            _chunks(origins), _chunks(np.arange(len(origins))), strict=True
        ):
            own, at = lay_apart(data, some, self.n_rows, len(noise) * horizon)
            for k, errors in enumerate(noise):
                each = errors if len(errors) == 1 else errors[part]
                block = self._forecast_block(members, own, at + k * horizon) + each
                own.y[at[:, None] + k * horizon + np.arange(horizon)] = block
            found.append(own.y[at[:, None] + np.arange(len(noise) * horizon)])
        return np.concatenate(found)

    def _forecast_block(
        self, members: Any, data: Any, origins: np.ndarray
    ) -> np.ndarray:
        parts = []
        for some in _chunks(origins):
            tables, linear = self._lay_out(data, some)
            numbers = np.arange(len(some))
            each = [
                self.program.forecast(weights, tables, numbers, self.spec.horizon)
                for weights in members
            ]
            parts.append(linear + self.unit * np.median(each, axis=0))
        return np.concatenate(parts).astype("float32")

    def lay_out(
        self, data: Any, origins: np.ndarray, *, with_targets: bool = True
    ) -> Any:
        """Return the tables of some windows, targets being what is to correct."""
        tables, linear = self._lay_out(data, origins)
        if not with_targets:
            return tables
        ahead = np.asarray(data.y)[origins[:, None] + np.arange(self.spec.horizon)]
        return tables._replace(y=((ahead - linear) / self.unit).astype("float32"))

    def _lay_out(self, data: Any, origins: np.ndarray) -> tuple[Any, np.ndarray]:
        rows = rows_of(data, self.spec.n_concurrent)
        rows = rows.reaching(int(origins.max()) + self.spec.horizon)
        linear = self.linear.forecast(rows, origins)
        window = decoder_columns(self.spec, self.linear, rows, data.X, origins, linear)
        window = (window - self.center) / self.spread
        targets = np.zeros(linear.shape, "float32")
        return Tables(window.astype("float32"), targets), linear


def _chunks(origins: np.ndarray) -> list[np.ndarray]:
    n = max(1, -(-len(origins) // CHUNK))
    return np.array_split(np.asarray(origins), n)


def rows_of(data: Any, n_known: int = 0) -> Rows:
    """Return the rows of assembled series, and the known columns, if any."""
    y = np.asarray(data.y)
    X = np.asarray(data.X)[:, :n_known] if n_known else None
    first, clock, series = data.rows
    return Rows(y, first, clock, series, X)


def lay_apart(
    data: Any, origins: np.ndarray, n_before: int, n_ahead: int
) -> tuple[Any, np.ndarray]:
    """Give every origin rows of its own: those before it, and room ahead."""
    rows = rows_of(data)
    starts = rows.first[origins]
    n_before = min(n_before, int((origins - starts).max()))
    offsets = np.arange(-n_before, n_ahead)
    grid = origins[:, None] + offsets
    n = len(offsets)
    at = np.clip(grid, 0, len(rows.y) - 1)
    y = np.array(rows.y[at])
    y[(grid < starts[:, None]) | (offsets >= 0)] = np.nan
    base = n * np.arange(len(origins))
    first = base + np.maximum(starts - origins + n_before, 0)
    clock = rows.clock[origins][:, None] + offsets
    own = (
        np.repeat(first, n),
        clock.ravel(),
        np.repeat(rows.series[origins], n),
    )
    X = data.X[np.minimum(at, len(data.X) - 1)].reshape(len(y) * n, -1)
    return data._replace(y=y.reshape(len(y) * n, -1), X=X, bridges=(), rows=own), (
        base + n_before
    )


def count_decoder_columns(
    linear: SeasonalMap, n_outputs: int, n_concurrent: int, n_shifted: int
) -> int:
    """Count the columns of `decoder_columns`."""
    periods, year = periods_of(linear.seasons)
    n_harmonics = 2 * HARMONICS * len(periods) + (2 if year is not None else 0)
    own = n_outputs * (3 + N_ALIGNED * len(periods))
    return own + 2 + n_harmonics * linear.calendar + n_concurrent + n_shifted


def decoder_columns(
    spec: Any,
    linear: SeasonalMap,
    rows: Rows,
    X: np.ndarray,
    origins: np.ndarray,
    forecast: np.ndarray,
) -> np.ndarray:
    """Return what an encoder and decoder reads of each row.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    linear : SeasonalMap
        Its anchors, whose mean is the anchor of a row.
    rows : Rows
        Reaching to the last step of each origin.
    X : ndarray of shape (n_rows, n_features)
        Known columns, and then strictly past ones.
    origins : ndarray of int of shape (n_origins,)
        Row of the first step of each.
    forecast : ndarray of shape (n_origins, horizon, n_outputs)
        The linear forecast.

    Returns
    -------
    ndarray of shape (n_origins, window_length + horizon, n_decoded)
        Deviations, up to the origin; the anchor; the linear forecast's distance from
        it, from the origin on; the deviations one and two seasons before the row;
        whether the row is ahead and how far; the calendar; and the columns of X.
    """
    length, horizon = spec.window_length, spec.horizon
    offsets = np.arange(-length, horizon)
    grid = origins[:, None] + offsets
    before = rows.first[origins][:, None]
    is_ahead = offsets >= 0
    periods, _ = periods_of(linear.seasons)
    lags = [lag for p in periods for lag in lags_of(p, horizon, N_ALIGNED)]

    def deviations(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return deviations and anchor of rows; nothing before the series begins."""
        inside = at >= before
        which, index = np.unique(np.maximum(at, 0), return_inverse=True)
        base = np.mean(
            [
                anchor_values(a, linear.seasons, horizon, rows, which)
                for a in linear.anchors
            ],
            axis=0,
        )
        away = np.nan_to_num(rows.y[which] - base)
        index = index.reshape(at.shape)
        return np.where(inside[..., None], away[index], 0.0), base[index]

    own, base = deviations(grid)
    own[:, is_ahead] = 0.0
    distance = np.zeros_like(base)
    distance[:, is_ahead] = forecast - base[:, is_ahead]
    shape = (*grid.shape, 1)
    step = np.where(is_ahead, (offsets + 1) / horizon, 0.0)
    columns = [own, base, distance]
    columns += [deviations(grid - lag)[0] for lag in lags]
    columns += [np.broadcast_to(c[:, None], shape) for c in (is_ahead * 1.0, step)]
    if linear.calendar:
        clock = rows.clock[origins][:, None] + offsets
        columns.append(_clock_columns(linear, clock))
    last = len(X) - 1
    columns.append(X[np.clip(grid, 0, last), : spec.n_concurrent])
    past = X[np.clip(grid - 1, 0, last), spec.n_concurrent :]
    columns.append(np.where((offsets <= 0)[:, None], past, 0.0))
    return np.concatenate(columns, axis=2, dtype="float32")


def _clock_columns(linear: SeasonalMap, clock: np.ndarray) -> np.ndarray:
    periods, year = periods_of(linear.seasons)
    which, index = np.unique(clock, return_inverse=True)
    columns = [harmonics(which, period, HARMONICS) for period in periods]
    if year is not None:
        columns.append(harmonics(which, year, 1))
    return np.concatenate(columns, axis=1)[index.reshape(clock.shape)]
