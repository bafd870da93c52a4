"""Whether the growth of a series goes on over a long horizon, and for how long."""

from functools import partial

import numpy as np

from skl_lstm._training.window_map import fit_window_map, windows_before
from skl_lstm._windows.comparison import clearly_better
from skl_lstm._windows.trend import Trend

# Seasons, or rows without one, that are enough to tell a trend from a swing.
LEAST_SEASONS, LEAST_ROWS = 3, 30
# What the growth must bring to be believed, as a share of the error without it.
MARGIN = 0.05
# Rows, or seasons, after which half of a damped growth is left.
HALF_LIFE, HALF_LIFE_SEASONS = 12, 2


def choose_trend(
    values: np.ndarray, window_length: int, horizon: int, last_step: int, sp: int
) -> Trend | None:
    """Fit a line to a series if it makes rolled forecasts clearly better.

    Only for horizons so long that blocks are rolled on. The first half of the rows
    forecasts the second without growth, with the growth of the first half, and with a
    damped one. It is taken if it is clearly better than none, damped if that is
    clearly better than a straight line.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_outputs)
        The series in the network's units; NaN where missing.
    window_length, horizon : int
        Rows that a window reads and forecasts.
    last_step : int
        The last step that will be asked for.
    sp : int
        Steps per season.

    Returns
    -------
    Trend or None
    """
    n_rows, cut = len(values), len(values) // 2
    if last_step <= horizon or n_rows < max(2 * LEAST_SEASONS * sp, 2 * LEAST_ROWS):
        return None
    n_steps = min(last_step, 2 * (n_rows - cut) // 3)
    slope = fit_slope(values[:cut])
    half_life = HALF_LIFE_SEASONS * sp if sp > 1 else HALF_LIFE
    dampings = (1.0, 0.5 ** (1 / half_life))
    sizes = min(window_length, cut // 3), min(horizon, max(sp, cut // 6))
    none = _rolled_errors(values, cut, sizes, n_steps, sp, None)
    errors = [
        _rolled_errors(values, cut, sizes, n_steps, sp, Trend(slope, damping))
        for damping in dampings
    ]
    # Forecasts that overlap count once.
    judge = partial(
        clearly_better, margin=MARGIN, n_independent=1 + (len(none) - 1) / n_steps
    )
    straight, damped = errors
    best = int(judge(straight, damped))
    if not judge(none, errors[best]):
        return None
    return Trend(fit_slope(values), dampings[best])


def fit_slope(values: np.ndarray) -> np.ndarray:
    """Return the slope of the line of least squares through each target's rows."""
    slopes = []
    for column in values.T:
        rows = np.flatnonzero(np.isfinite(column))
        known = column[rows]
        away = rows - rows.mean()
        slopes.append(away @ known / max(away @ away, 1.0))
    return np.array(slopes)


def _rolled_errors(
    values: np.ndarray,
    cut: int,
    sizes: tuple[int, int],
    n_steps: int,
    sp: int,
    trend: Trend | None,
) -> np.ndarray:
    """Return mean absolute errors from every origin after ``cut``."""
    n_rows = len(values)
    rest = values if trend is None else values - trend.line(n_rows)
    window_map = fit_window_map([rest[:cut]], *sizes, "standard", sp=sp)
    origins = np.arange(cut, n_rows - n_steps + 1)
    windows = windows_before(rest, origins, sizes[0])
    forecasts = window_map.forecast(windows, n_steps)
    if trend is not None:
        forecasts = forecasts + trend.ahead(origins, n_steps)
    errors = np.abs(forecasts - values[origins[:, None] + np.arange(n_steps)])
    return np.nanmean(errors, axis=(1, 2))
