"""Simple seasonal forecasts, written as linear maps of a window."""

import numpy as np


def seasonal_kernels(
    window_length: int, n_channels: int, horizon: int, n_outputs: int, sp: int
) -> list[np.ndarray]:
    """Return the maps that repeat the last season, and the mean of all in the window.

    Both are forecasts of a window whose center is taken from it and from the targets
    alike, whatever that center is.

    Parameters
    ----------
    window_length : int
        Time steps of a window.
    n_channels : int
        Inputs per time step; the targets' own past comes first.
    horizon : int
        Steps forecast.
    n_outputs : int
        Targets.
    sp : int
        Steps per season.

    Returns
    -------
    list of ndarray of shape (window_length * n_channels, horizon * n_outputs)
        Empty without a season, or where a window holds none whole; one map where it
        holds less than two.
    """
    n_seasons = window_length // sp if sp > 1 else 0
    found = []
    for n_averaged in dict.fromkeys((1, n_seasons) if n_seasons else ()):
        kernel = np.zeros((window_length, n_channels, horizon, n_outputs))
        for step in range(horizon):
            for season in range(1, n_averaged + 1):
                row = window_length - season * sp + step % sp
                for output in range(n_outputs):
                    kernel[row, output, step, output] = 1 / n_averaged
        found.append(kernel.reshape(window_length * n_channels, horizon * n_outputs))
    return found
