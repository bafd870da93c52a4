"""Whether a series returns to its level: a unit-root test, and rolled forecasts.

A window normalized by its last row and its spread does not know where it stands. That
is right for a random walk, but a stationary series comes back to its mean. Neither a
test nor a held-out tail alone can tell them apart on the few rows there are.
"""

from collections.abc import Sequence

import numpy as np

from skl_lstm._training.window_map import (
    WindowMap,
    fit_window_map,
    windows_before,
)
from skl_lstm._training.window_scaling import choose_window_scaling
from skl_lstm._windows.comparison import clearly_better
from skl_lstm._windows.origins import split_by_time

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
# Steps that it looks ahead, at most, and horizons where it looks far ahead.
MOST_STEPS = 24
HORIZONS_AHEAD = 4
# A return that only shows far ahead must be worth more than this.
CLEAR_GAIN = 0.95
# Rows that each input of a window must have if the columns' past is to be read, and
# the share of the errors that it must save.
ROWS_PER_INPUT = 10
LEAST_GAIN = 0.03


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
    n_outputs: int | None = None,
) -> np.ndarray:
    """Return the mean absolute errors of a map rolled over rows it has not seen.

    Parameters
    ----------
    series : sequence of ndarray of shape (n_rows, n_channels)
        Targets in units of their spread, and columns known ahead, if any; NaN where
        missing.
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
    n_outputs : int or None, default=None
        Targets; None: all columns.

    Returns
    -------
    ndarray of shape (n_origins,)
        Origins of one series in order of time; empty where no rows are left.
    """
    cuts = [int(share * len(rows)) for rows in series]
    centered = [_center(rows, cut) for rows, cut in zip(series, cuts, strict=True)]
    seen = [rows[:cut] for rows, cut in zip(centered, cuts, strict=True)]
    window_map = fit_window_map(
        seen, window_length, horizon, scaling, sp=sp, n_outputs=n_outputs
    )
    n_each = max(1, 4 * N_ORIGINS // (3 + len(series)))
    parts = [
        _errors_from(window_map, rows, cut, n_steps, n_each)
        for rows, cut in zip(centered, cuts, strict=True)
    ]
    return np.concatenate(parts)


def _center(rows: np.ndarray, cut: int) -> np.ndarray:
    """Take off the means of the first rows, nothing where nothing is known."""
    seen = rows[:cut]
    n_known = np.isfinite(seen).sum(axis=0)
    return rows - np.nansum(seen, axis=0) / np.maximum(n_known, 1)


def _errors_from(
    window_map: WindowMap, rows: np.ndarray, cut: int, n_steps: int, n_origins: int
) -> np.ndarray:
    """Return mean absolute errors of forecasts from origins after ``cut``."""
    first, last = max(cut, window_map.window_length), len(rows) - n_steps
    if last < first:
        return np.empty(0)
    n_origins = min(n_origins, last - first + 1)
    origins = np.unique(np.linspace(first, last, n_origins).astype(int))
    windows = windows_before(rows, origins, window_map.window_length)
    ahead = rows[origins[:, None] + np.arange(n_steps)]
    truth, known = np.split(ahead, [window_map.n_outputs], axis=2)
    errors = np.abs(window_map.forecast(windows, n_steps, np.nan_to_num(known)) - truth)
    n_known = np.isfinite(errors).sum(axis=(1, 2))
    return np.nansum(errors, axis=(1, 2))[n_known > 0] / n_known[n_known > 0]


def steps_compared(
    n_rows: int, horizon: int, share: float = MOST, most: int = MOST_STEPS
) -> int:
    """Return how many rows ahead forecasts of the last rows are compared.

    Parameters
    ----------
    n_rows : int
        Rows of the series.
    horizon : int
        Rows that are forecast at once: never fewer.
    share : float, default=MOST
        Of the rows, the first, that are not forecast; the steps are half of the others.
    most : int, default=MOST_STEPS
        Never more, if ``horizon`` is not.
    """
    n_held_out = n_rows - int(share * n_rows)
    return max(horizon, min(n_held_out // 2, most))


def choose_level(
    series: Sequence[np.ndarray], window_length: int, horizon: int, *, sp: int = 1
) -> str:
    """Return what a linear map is to read of windows.

    The level joins in if the Dickey-Fuller statistic speaks against a random walk
    *and* rolled forecasts of the second half of the rows are not worse with it; where
    the statistic is not that certain, those of the last fifth, too. Where it is, a
    return so slow that it only shows some horizons ahead counts if it is clear.

    Parameters
    ----------
    series : sequence of ndarray of shape (n_rows, n_outputs)
        In units of their spread; NaN where missing.
    window_length, horizon : int
        Rows that a window reads and forecasts.
    sp : int, default=1
        Steps per season.

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
    deviation = 1 / np.sqrt(len(series))
    if statistic >= MEAN_OF_STATISTIC - LIKELY_RETURN * deviation:
        return "standard"
    is_certain = statistic < MEAN_OF_STATISTIC - CERTAIN_RETURN * deviation
    n_rows = int(np.median([len(u) for u in series]))

    def ratio(share: float, n_steps: int) -> float:
        """Return the error with the level, in units of that without it."""
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
        return level.mean() / standard.mean() if len(level) else np.inf

    near = steps_compared(n_rows, horizon)
    shares = (HALF, MOST)
    if all(ratio(share, near) <= 1 for share in shares[: 1 if is_certain else 2]):
        return "level"
    far = max(MOST_STEPS, HORIZONS_AHEAD * horizon)
    is_clear = is_certain and all(
        ratio(share, steps_compared(n_rows, horizon, share, far)) <= CLEAR_GAIN
        for share in shares
    )
    return "level" if is_clear else "standard"


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
        statistics += [dickey_fuller(column, n_lags) for column in u.T]
    return float(np.mean(statistics))


def reads_columns(
    series: Sequence[np.ndarray],
    window_length: int,
    horizon: int,
    scaling: str,
    n_outputs: int,
    *,
    sp: int = 1,
) -> bool:
    """Whether the window is to hold the past of the known columns, too.

    What they explain at once is gone by then; what is left of them, say that a wet day
    is followed by a busy one, takes many rows to be seen: ten for each input, and
    rolled forecasts that are clearly better by more than a few per cent.

    Parameters
    ----------
    series : sequence of ndarray of shape (n_rows, n_channels)
        Targets in units of their spread, then the known columns in units of theirs.
    window_length, horizon, scaling, sp
        As in `rolled_errors`.
    n_outputs : int
        Targets.
    """
    n_rows, n_channels = sum(map(len, series)), series[0].shape[1]
    if n_rows < ROWS_PER_INPUT * window_length * n_channels:
        return False
    n_steps = steps_compared(int(np.median([len(rows) for rows in series])), horizon)
    alone, joined = (
        rolled_errors(
            [rows[:, :n] for rows in series],
            window_length,
            horizon,
            scaling,
            share=MOST,
            n_steps=n_steps,
            sp=sp,
            n_outputs=n_outputs,
        )
        for n in (n_outputs, n_channels)
    )
    return len(alone) > 0 and bool(clearly_better(alone, joined, margin=LEAST_GAIN))
