"""Whether a series returns to its level: a unit-root test, and rolled forecasts.

A window normalized by its last row and its spread does not know where it stands. That
is right for a random walk, but a stationary series comes back to its mean. Neither a
test nor a held-out tail alone can tell them apart on the few rows there are.
"""

from collections.abc import Sequence

import numpy as np

from skl_lstm._training.window_map import fit_window_map, windows_before
from skl_lstm._window_scaling import choose_window_scaling
from skl_lstm._windows import split_by_time

# Mean of the Dickey-Fuller statistic of a random walk with a constant, and how far
# below it one series must be: -2.86 and -3.43 are the critical values at 5 and 1 %.
# The mean of many series' statistics varies the less the more there are.
MEAN_OF_STATISTIC = -1.53
LIKELY_RETURN = 1.33
CERTAIN_RETURN = 1.90
# Share of the windows held out by the choice of the window scaling.
HELD_OUT_SHARE = 0.1
# Shares of the rows that maps are fitted on and forecast the others from.
HALF, MOST = 0.5, 0.8
# Origins that a rolled comparison forecasts from.
N_ORIGINS = 60
# Steps that it looks ahead, at most.
MOST_STEPS = 24


def dickey_fuller(values: np.ndarray, n_lags: int) -> float:
    """Return the t statistic of the augmented Dickey-Fuller test, with a constant.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
        The series; NaN where missing.
    n_lags : int
        Lagged changes in the regression.

    Returns
    -------
    float
        The more negative, the less like a random walk; 0 where nothing can be said.

    References
    ----------
    Said, S. E., & Dickey, D. A. (1984). Testing for unit roots in autoregressive-moving
    average models of unknown order. Biometrika, 71(3).
    https://doi.org/10.1093/biomet/71.3.599
    """
    changes = np.diff(values)
    rows = np.arange(n_lags, len(changes))
    lagged = [changes[rows - lag] for lag in range(1, n_lags + 1)]
    inputs = np.column_stack([values[rows], np.ones(len(rows)), *lagged])
    known = np.isfinite(inputs).all(axis=1) & np.isfinite(changes[rows])
    inputs, targets = inputs[known], changes[rows][known]
    n_free = len(inputs) - inputs.shape[1]
    if n_free < 1 or np.ptp(targets) == 0:
        return 0.0
    inverse = np.linalg.pinv(inputs.T @ inputs, hermitian=True)
    coefficients = inverse @ inputs.T @ targets
    variance = ((targets - inputs @ coefficients) ** 2).sum() / n_free
    standard_error = np.sqrt(variance * inverse[0, 0])
    return float(coefficients[0] / standard_error) if standard_error > 0 else 0.0


def rolled_errors(
    series: Sequence[np.ndarray],
    window_length: int,
    horizon: int,
    scaling: str,
    *,
    share: float,
    n_steps: int,
    sp: int = 1,
) -> np.ndarray:
    """Return the mean absolute errors of a map rolled over rows it has not seen.

    Parameters
    ----------
    series : sequence of ndarray of shape (n_rows, n_outputs)
        In units of their spread; NaN where missing.
    window_length, horizon : int
        Rows that a window reads, and that are forecast at once.
    scaling : {"raw", "standard", "level"}
        See `WindowMap`.
    share : float
        Of the rows of each series, the first, that the map is fitted on.
    n_steps : int
        Rows forecast from each origin.
    sp : int, default=1
        Steps per season.

    Returns
    -------
    ndarray of shape (n_origins,)
        Origins of one series in order of time; empty where no rows are left.
    """
    cuts = [int(share * len(u)) for u in series]
    centered = [u - _mean_of(u[:cut]) for u, cut in zip(series, cuts, strict=True)]
    seen = [u[:cut] for u, cut in zip(centered, cuts, strict=True)]
    window_map = fit_window_map(seen, window_length, horizon, scaling, sp=sp)
    n_each = max(1, 4 * N_ORIGINS // (3 + len(series)))
    errors = []
    for u, cut in zip(centered, cuts, strict=True):
        first, last = max(cut, window_length), len(u) - n_steps
        if last < first:
            continue
        n_origins = min(n_each, last - first + 1)
        origins = np.unique(np.linspace(first, last, n_origins).astype(int))
        windows = windows_before(u, origins, window_length)
        truth = u[origins[:, None] + np.arange(n_steps)]
        error = np.abs(window_map.forecast(windows, n_steps) - truth)
        n_known = np.isfinite(error).sum(axis=(1, 2))
        sums = np.nansum(error, axis=(1, 2))
        errors.append(sums[n_known > 0] / n_known[n_known > 0])
    return np.concatenate(errors) if errors else np.empty(0)


def _mean_of(rows: np.ndarray) -> np.ndarray:
    """Return the means of columns, zero where nothing is known."""
    n_known = np.isfinite(rows).sum(axis=0)
    return np.nansum(rows, axis=0) / np.maximum(n_known, 1)


def steps_compared(n_rows: int, horizon: int) -> int:
    """Return how many rows ahead forecasts of the last fifth are compared."""
    n_held_out = n_rows - int(MOST * n_rows)
    return max(horizon, min(n_held_out // 2, MOST_STEPS))


def choose_level(
    series: Sequence[np.ndarray],
    window_length: int,
    horizon: int,
    *,
    sp: int = 1,
    n_steps: int | None = None,
) -> str:
    """Return what a linear map is to read of windows.

    The level joins in if the Dickey-Fuller statistic speaks against a random walk
    *and* rolled forecasts of the second half of the rows are not worse with it; where
    the statistic is not that certain, those of the last fifth, too.

    Parameters
    ----------
    series : sequence of ndarray of shape (n_rows, n_outputs)
        In units of their spread; NaN where missing.
    window_length, horizon : int
        Rows that a window reads and forecasts.
    sp : int, default=1
        Steps per season.
    n_steps : int or None, default=None
        Rows that the comparison looks ahead, see `steps_compared`.

    Returns
    -------
    {"raw", "standard", "level"}
        See `WindowMap`.

    References
    ----------
    Im, K. S., Pesaran, M. H., & Shin, Y. (2003). Testing for unit roots in
    heterogeneous panels. Journal of Econometrics, 115(1).
    https://doi.org/10.1016/S0304-4076(03)00092-7
    """
    if len(series) == 1 and _is_better_raw(series[0], window_length, horizon):
        return "raw"
    statistic = _mean_statistic(series, window_length, sp)
    spread = 1 / np.sqrt(len(series))
    if statistic >= MEAN_OF_STATISTIC - LIKELY_RETURN * spread:
        return "standard"
    is_certain = statistic < MEAN_OF_STATISTIC - CERTAIN_RETURN * spread
    n_rows = int(np.median([len(u) for u in series]))
    n_steps = n_steps or steps_compared(n_rows, horizon)
    for share in (HALF,) if is_certain else (HALF, MOST):
        level, standard = (
            rolled_errors(
                series,
                window_length,
                horizon,
                scaling,
                share=share,
                n_steps=n_steps,
                sp=sp,
            )
            for scaling in ("level", "standard")
        )
        if not len(level) or level.mean() > standard.mean():
            return "standard"
    return "level"


def _is_better_raw(values: np.ndarray, window_length: int, horizon: int) -> bool:
    known = np.isfinite(values).any(axis=0)
    if not known.all() or len(values) < window_length + horizon:
        return False
    origins = np.arange(window_length, len(values) - horizon + 1)
    split = split_by_time(origins, HELD_OUT_SHARE, horizon)
    return choose_window_scaling(values, split, window_length, horizon) is None


def _mean_statistic(series: Sequence[np.ndarray], window_length: int, sp: int) -> float:
    """Return the mean of the Dickey-Fuller statistics of all series and targets."""
    statistics = []
    for u in series:
        by_rows = int(12 * (len(u) / 100) ** 0.25)
        season = sp + 1 if sp > 1 else 0
        n_lags = min(window_length - 1, max(season, by_rows), len(u) // 10)
        statistics += [dickey_fuller(column, max(n_lags, 0)) for column in u.T]
    return float(np.mean(statistics))
