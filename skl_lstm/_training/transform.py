"""Whether a series is forecast as it is, by its square root or by its logarithm."""

import numpy as np

from skl_lstm._training.level import MOST, N_ORIGINS, steps_compared
from skl_lstm._training.window_map import fit_window_map, windows_before
from skl_lstm._windows.scaling import TRANSFORMS

# More rows do not make the choice better, only slower.
MOST_ROWS = 5_000
# With fewer rows, or seasons, there is nothing to judge by.
LEAST_ROWS, LEAST_SEASONS = 40, 5
# Rows whose spread and mean are compared where there is no season.
BLOCK = 10
# Power of the mean with which the spread grows: from where a root, from where a
# logarithm makes it even; standard errors that it must be away from zero.
ROOT, LOGARITHM, CLEARLY = 0.4, 0.75, 2.0
# A series that has come this near to zero, in units of its median, may reach it, where
# there is no logarithm.
NEAR_ZERO = 0.05
# Held-out errors that are this much larger speak against it; the few windows of a short
# tail count for less where the growth is so many standard errors away from zero.
MARGIN, MARGIN_WHERE_SURE, SURELY = 1.05, 1.3, 5.0


def choose_transform(
    y: np.ndarray, window_length: int, horizon: int, sp: int
) -> str | None:
    """Return what is best taken of the targets of a single series.

    That is what makes the spread of a season the same whatever its mean: the logarithm
    where the spread grows in proportion, the square root where it grows with the root,
    unless rows that a linear map has not seen are forecast worse with it, in the
    targets' own unit.

    Parameters
    ----------
    y : ndarray of shape (n_rows, n_outputs)
        In its own unit; NaN where missing.
    window_length, horizon : int
        Rows that a window reads and forecasts.
    sp : int
        Steps per season.

    Returns
    -------
    {"sqrt", "log"} or None

    References
    ----------
    Guerrero, V. M. (1993). Time-series analysis supported by power transformations.
    Journal of Forecasting, 12(1), 37-48. https://doi.org/10.1002/for.3980120104
    """
    least = np.nanmin(y)
    if len(y) < LEAST_ROWS or least < 0 or np.nanmax(y) == least:
        return None
    y = y[-MOST_ROWS:]
    n_block = sp if sp > 1 else BLOCK
    power, statistic = min(_spread_by_mean(column, n_block) for column in y.T)
    if power < ROOT or statistic < CLEARLY:
        return None
    is_far_from_zero = least > NEAR_ZERO * np.nanmedian(y)
    transform = "log" if power >= LOGARITHM and is_far_from_zero else "sqrt"
    raw, transformed = (
        _held_out_error(y, t, window_length, horizon, sp) for t in (None, transform)
    )
    margin = MARGIN_WHERE_SURE if statistic > SURELY else MARGIN
    return transform if transformed <= margin * raw else None


def _spread_by_mean(values: np.ndarray, n_block: int) -> tuple[float, float]:
    """Return the power of the mean with which the spread of blocks of rows grows.

    And how many of its standard errors it is away from zero; both are zero where there
    are few blocks.
    """
    n_blocks = len(values) // n_block
    blocks = values[len(values) - n_blocks * n_block :].reshape(n_blocks, n_block)
    blocks = blocks[np.isfinite(blocks).all(axis=1)]
    mean, spread = blocks.mean(axis=1), blocks.std(axis=1)
    usable = (mean > 0) & (spread > 0)
    if usable.sum() < LEAST_SEASONS:
        return 0.0, 0.0
    mean, spread = np.log(mean[usable]), np.log(spread[usable])
    away = mean - mean.mean()
    if not away.any():
        return 0.0, 0.0
    power = (away @ spread) / (away @ away)
    rest = spread - spread.mean() - power * away
    variance = (rest @ rest) / (len(rest) - 2) / (away @ away)
    return float(power), float(power / np.sqrt(max(variance, 1e-12)))


def _held_out_error(
    y: np.ndarray, transform: str | None, window_length: int, horizon: int, sp: int
) -> float:
    """Return the mean absolute error of a linear map on the last fifth of the rows."""
    forward, inverse = TRANSFORMS[transform]
    z, cut = forward(y), int(MOST * len(y))
    center, spread = np.nanmean(z[:cut], axis=0), np.nanstd(z[:cut], axis=0)
    scaled = (z - center) / np.where(spread > 0, spread, 1.0)
    sizes = window_length, horizon
    window_map = fit_window_map([scaled[:cut]], *sizes, "standard", sp=sp)
    n_steps = steps_compared(len(y), horizon)
    last = max(len(y) - n_steps, cut)
    origins = np.unique(np.linspace(cut, last, N_ORIGINS).astype(int))
    windows = windows_before(scaled, origins, window_length)
    forecasts = window_map.forecast(windows, n_steps) * spread + center
    truth = np.concatenate([y, np.full((n_steps, y.shape[1]), np.nan)])
    truth = truth[origins[:, None] + np.arange(n_steps)]
    return float(np.nanmean(np.abs(inverse(forecasts) - truth)))
