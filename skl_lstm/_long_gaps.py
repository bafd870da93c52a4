"""Long gaps in a window's past: the network's own forecasts stand in for them."""

from collections.abc import Callable
from typing import Any

import numpy as np

# Missing values in a row for which the last one observed stands in. Training sees such
# windows, and learns what the carried value is worth; it sees few with longer gaps,
# since their targets are missing too.
LONGEST_CARRIED = 4
# Steps that a gap is forecast for; the last of them stands in for the rest.
MOST_STEPS = 512
# Gaps forecast together, of like length.
N_TOGETHER = 64


def fill_long_gaps(run: Callable, data: Any, starts: np.ndarray) -> None:
    """Replace values carried far into a gap by forecasts from the rows before it.

    Nothing looks ahead: a stand-in is made of rows before its own and of the exogenous
    columns up to it. A gap that a series starts with is left as it is.

    Parameters
    ----------
    run : callable
        Forecasts: data, origins and a number of steps to an array of shape
        (n_origins, n_steps, n_outputs).
    data : Data
        Rows of all series, with bridges; changed in place.
    starts : ndarray of int of shape (n_series,)
        First row of each series.
    """
    missing = ~np.isfinite(data.y)
    rows = np.arange(len(missing))[:, None]
    last_known = np.maximum.accumulate(np.where(missing, -1, rows), axis=0)
    is_long = missing & (rows - last_known > LONGEST_CARRIED)
    if not is_long.any():
        return
    edges = np.diff(missing.any(axis=1).astype(int), prepend=0, append=0)
    first, end = np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)
    n_long = np.concatenate([[0], np.cumsum(is_long.any(axis=1))])
    wanted = (n_long[end] > n_long[first]) & ~np.isin(first, starts)
    first, end = first[wanted], end[wanted]
    order = np.argsort(end - first, kind="stable")
    carried = data.bridges[0]
    for i in range(0, len(order), N_TOGETHER):
        some = order[i : i + N_TOGETHER]
        n_steps = min(int((end - first)[some].max()), MOST_STEPS)
        for gap, forecast in zip(some, run(data, first[some], n_steps), strict=True):
            at = slice(first[gap], end[gap])
            steps = np.minimum(np.arange(end[gap] - first[gap]), n_steps - 1)
            carried[at] = np.where(is_long[at], forecast[steps], carried[at])
