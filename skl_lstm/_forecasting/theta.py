"""Theta: the forecast of a memory longer than the window, combined with the network's.

A window of two seasons cannot hold what six years say of January. Seasonal indices
over many seasons can, with exponential smoothing of what they leave and half of the
slope: the Theta method. sktime's forecasts one series from one origin, without gaps;
here thousands of origins are forecast at once, which a share chosen on held-out windows
asks for, the indices are shrunk as far as they are noise, and the smoothing is the same
for all series.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from skl_lstm._windows.assembly import Assembly

# How far back it remembers: ten years of months or weeks, but a year of days.
SEASONS_REMEMBERED = 10
SHORT_SEASONS_REMEMBERED = 52
# Steps of a season that is not short.
LONG_SEASON = 10
# Of the slope of the line through the past, as in the Theta method.
SHARE_OF_SLOPE = 0.5
# A season counts that is known for at least this share.
LEAST_KNOWN = 0.5
# Ratios to the trend are not below this: forecasts must not be divided by nothing.
LEAST_RATIO = 0.1
# Numbers gathered at a time.
CHUNK = 100_000


@dataclass(frozen=True)
class Theta:
    """The Theta method for all series, and its share in the forecasts.

    Attributes
    ----------
    sp : int
        Steps per season.
    smoothings : tuple of float
        Weights of the latest row in the level, in (0, 1]; their forecasts are averaged.
    share : float
        Of Theta's forecast in the combination, in [0, 1]; the rest is the network's.

    References
    ----------
    Assimakopoulos, V., & Nikolopoulos, K. (2000). The theta model: a decomposition
    approach to forecasting. International Journal of Forecasting, 16(4).
    https://doi.org/10.1016/S0169-2070(00)00066-2

    Hyndman, R. J., & Billah, B. (2003). Unmasking the Theta method. International
    Journal of Forecasting, 19(2). https://doi.org/10.1016/S0169-2070(01)00143-1

    Miller, D. M., & Williams, D. (2003). Shrinkage estimators of time series seasonal
    factors and their effect on forecasting accuracy. International Journal of
    Forecasting, 19(4). https://doi.org/10.1016/S0169-2070(02)00077-8

    Bates, J. M., & Granger, C. W. J. (1969). The combination of forecasts. Operational
    Research Quarterly, 20(4). https://doi.org/10.1057/jors.1969.103
    """

    sp: int
    smoothings: tuple[float, ...]
    share: float

    @property
    def n_rows(self) -> int:
        """Rows that it looks back on, whole seasons."""
        return rows_remembered(self.sp)

    def combine(
        self, network: np.ndarray, assembly: Assembly, origins: np.ndarray
    ) -> np.ndarray:
        """Mix Theta's forecasts into the network's.

        Parameters
        ----------
        network : ndarray of shape (n_origins, n_steps, n_outputs)
            The network's forecasts.
        assembly : Assembly
            The rows; series that begin later than `n_rows` before an origin are
            remembered as far as they go.
        origins : ndarray of int of shape (n_origins,)
            Row of the first step of each.

        Returns
        -------
        ndarray of the same shape
            Where nothing is known of the past, the network's.
        """
        n_steps = network.shape[1]
        each = forecast_theta(assembly, origins, n_steps, self.sp, self.smoothings)
        mixed = network + self.share * (each.mean(axis=0) - network)
        return np.where(np.isfinite(mixed), mixed, network).astype(network.dtype)


def rows_remembered(sp: int) -> int:
    """Return how many rows Theta looks back on, for a season of so many."""
    is_long = sp >= LONG_SEASON
    return sp * (SEASONS_REMEMBERED if is_long else SHORT_SEASONS_REMEMBERED)


def forecast_theta(
    assembly: Assembly,
    origins: np.ndarray,
    n_steps: int,
    sp: int,
    smoothings: Sequence[float],
) -> np.ndarray:
    """Forecast every origin from the rows before it.

    Parameters
    ----------
    assembly : Assembly
        The rows of all series.
    origins : ndarray of int of shape (n_origins,)
        Row of the first step of each.
    n_steps : int
        Steps to forecast.
    sp : int
        Steps per season.
    smoothings : sequence of float
        Weights of the latest row in the level.

    Returns
    -------
    ndarray of shape (len(smoothings), n_origins, n_steps, n_outputs)
        NaN where nothing is known before an origin.
    """
    n_outputs = assembly.data.y.shape[1]
    found = []
    for past, zeros in _remember(assembly, origins, sp):
        each = _extrapolate(past, zeros, n_steps, sp, smoothings)
        each = each.reshape(len(smoothings), -1, n_outputs, n_steps)
        found.append(np.moveaxis(each, 2, 3))
    return np.concatenate(found, axis=1)


def mean_remembered(assembly: Assembly, origins: np.ndarray, sp: int) -> np.ndarray:
    """Return the mean of the rows that Theta looks back on, NaN where none is known.

    Returns
    -------
    ndarray of shape (n_origins, n_outputs)
    """
    found = []
    for past, _ in _remember(assembly, origins, sp):
        known = np.isfinite(past)
        total, n_known = np.where(known, past, 0.0).sum(axis=1), known.sum(axis=1)
        found.append(np.where(n_known > 0, total / np.maximum(n_known, 1), np.nan))
    return np.concatenate(found).reshape(len(origins), -1)


def _remember(
    assembly: Assembly, origins: np.ndarray, sp: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Go through the rows before the origins, some at a time.

    Yields
    ------
    past : ndarray of shape (n_some * n_outputs, n_rows)
        The targets of one origin below each other; NaN before the series begins.
    zeros : ndarray of shape (n_some * n_outputs,)
        Where zero lies.
    """
    y, n_rows = assembly.data.y, rows_remembered(sp)
    of = assembly.series_of(origins)
    at_once = max(1, CHUNK // (n_rows * y.shape[1]))
    for i in range(0, len(origins), at_once):
        some, series = origins[i : i + at_once], of[i : i + at_once]
        rows = some[:, None] + np.arange(-n_rows, 0)
        past = y[np.maximum(rows, 0)].astype(float)
        past[rows < assembly.starts[series, None]] = np.nan
        past = np.moveaxis(past, 1, 2).reshape(-1, n_rows)
        yield past, assembly.zeros[series].reshape(-1)


class _Parts(NamedTuple):
    """The past of each series, taken apart.

    Attributes
    ----------
    level : ndarray of shape (n_series, n_rows)
        Rows without the season, zero where unknown.
    known : ndarray of bool of shape (n_series, n_rows)
        Rows that are known.
    indices : ndarray of shape (n_series, sp)
        What each step of the season adds; or multiplies by, minus one.
    """

    level: np.ndarray
    known: np.ndarray
    indices: np.ndarray


def _extrapolate(
    past: np.ndarray,
    zeros: np.ndarray,
    n_steps: int,
    sp: int,
    smoothings: Sequence[float],
) -> np.ndarray:
    """Return forecasts of shape (len(smoothings), n_series, n_steps).

    Seasons of a positive series are proportional to its level. ``zeros`` say where
    zero lies in the units of the past; NaN where it means nothing.
    """
    known = np.isfinite(past)
    positive = ((past > zeros[:, None]) | ~known).all(axis=1)
    base = np.where(positive, zeros, 0.0)[:, None]
    parts = _take_apart(past - base, positive, sp)
    n_rows = past.shape[1]
    weights = parts.known.astype(float)
    n_known = np.maximum(weights.sum(axis=1), 1)
    slope = _slope(parts.level, weights, n_known)
    slope = np.where(n_known > 2 * sp, SHARE_OF_SLOPE * slope, 0.0)
    # No line is drawn further ahead than it was seen.
    ahead = np.minimum(np.arange(1, n_steps + 1), n_known[:, None])
    indices = parts.indices[:, np.arange(n_steps) % sp]
    age_in_known = parts.known[:, ::-1].cumsum(axis=1)[:, ::-1] - 1
    age = np.arange(n_rows)[::-1]
    found = []
    for smoothing in smoothings:
        weights = np.where(parts.known, (1 - smoothing) ** age_in_known, 0.0)
        with np.errstate(invalid="ignore"):
            weights /= weights.sum(axis=1, keepdims=True)
        level = (weights * parts.level).sum(axis=1)[:, None]
        # The level is that of the rows' mean age ago.
        steps = ahead + (weights * age).sum(axis=1)[:, None]
        line = level + slope[:, None] * steps
        proportional = np.maximum(line, 0.0) * (1 + indices)
        found.append(np.where(positive[:, None], proportional, line + indices) + base)
    return np.stack(found)


def _take_apart(past: np.ndarray, positive: np.ndarray, sp: int) -> _Parts:
    """Find seasonal indices, and what is left of the past without them."""
    n_series, n_rows = past.shape
    n_seasons = n_rows // sp
    positive = positive[:, None]
    n_known = np.isfinite(past).reshape(n_series, n_seasons, sp).sum(axis=2)
    is_partial = ((n_known > 0) & (n_known < sp)).any(axis=1, keepdims=True)
    indices = np.zeros((n_series, sp))
    # The mean of a season that lacks its high months is no level, until what the
    # others say of these months is taken from the rest.
    for is_asked in (np.array(True), is_partial):
        if not is_asked.any():
            continue
        trend = _trend(_deseasonalize(past, positive, indices), sp)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(trend > 0, past / trend - 1, np.nan)
        detrended = np.where(positive, ratio, past - trend)
        found = _shrunken_means(detrended.reshape(n_series, n_seasons, sp))
        found = np.where(positive, np.maximum(found, LEAST_RATIO - 1), found)
        # No series is treated otherwise for others beside it.
        indices = np.where(is_asked, found, indices)
    level = _deseasonalize(past, positive, indices)
    known = np.isfinite(level)
    return _Parts(np.where(known, level, 0.0), known, indices)


def _deseasonalize(
    past: np.ndarray, positive: np.ndarray, indices: np.ndarray
) -> np.ndarray:
    repeated = np.tile(indices, past.shape[1] // indices.shape[1])
    # Of a series that is not positive, ratios are never used.
    ratios = np.where(positive, 1 + repeated, 1.0)
    return np.where(positive, past / ratios, past - repeated)


def _trend(past: np.ndarray, sp: int) -> np.ndarray:
    """Return the line through the means of the seasons, NaN where one is not known.

    Where the season before or after is not known, the line to the other goes on.
    """
    n_series, n_rows = past.shape
    seasons = past.reshape(n_series, n_rows // sp, sp)
    known = np.isfinite(seasons)
    n_known = known.sum(axis=2)
    means = np.where(known, seasons, 0.0).sum(axis=2) / np.maximum(n_known, 1)
    means[n_known < LEAST_KNOWN * sp] = np.nan
    unknown = np.full((n_series, 1), np.nan)
    to_next = np.diff(means, axis=1, append=unknown)
    from_last = np.diff(means, axis=1, prepend=unknown)
    # From the center of the season, in seasons.
    place = (np.arange(sp) - (sp - 1) / 2) / sp
    near, other = (
        np.where(place < 0, a[:, :, None], b[:, :, None])
        for a, b in ((from_last, to_next), (to_next, from_last))
    )
    slope = np.where(np.isfinite(near), near, np.where(np.isfinite(other), other, 0.0))
    return (means[:, :, None] + slope * place).reshape(n_series, n_rows)


def _shrunken_means(seasons: np.ndarray) -> np.ndarray:
    """Return the mean of each step over the seasons, shrunk as far as it is noise.

    Positive-part James-Stein: by the share of the variance among the steps that the
    variance within them explains. The means of a series sum to zero.
    """
    known = np.isfinite(seasons)
    filled = np.where(known, seasons, 0.0)
    n_each = known.sum(axis=1)
    means = filled.sum(axis=1) / np.maximum(n_each, 1)
    means = means - means.mean(axis=1, keepdims=True)
    sp = means.shape[1]
    left = np.where(known, filled - means[:, None], 0.0)
    freedom = known.sum(axis=(1, 2)) - sp
    within = (left**2).sum(axis=(1, 2)) / np.maximum(freedom, 1)
    noise = within / np.maximum(n_each.mean(axis=1), 1)
    among = (means**2).sum(axis=1) / max(sp - 1, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        signal = np.clip(1 - noise / among, 0, 1)
    signal = np.where((freedom > 0) & (among > 0), signal, 0.0)[:, None]
    return means * signal


def _slope(level: np.ndarray, weights: np.ndarray, n_known: np.ndarray) -> np.ndarray:
    """Return the slope of the least-squares line through each row's known values."""
    time = np.arange(level.shape[1])
    centered = time - (weights @ time / n_known)[:, None]
    moments = (weights * centered * level).sum(axis=1)
    return moments / np.maximum((weights * centered**2).sum(axis=1), 1e-12)
