"""Which windows to compare forecasts on, and whether one is clearly better."""

import numpy as np


def clearly_better(
    before: np.ndarray,
    after: np.ndarray,
    n_standard_errors: float = 1.0,
    n_independent: float | None = None,
    margin: float = 0.0,
) -> np.ndarray:
    """Whether losses are smaller by more than chance, and by more than a margin.

    The one rule by which the simpler of two choices is given up: a difference within
    one standard error is chance as likely as not (Breiman et al., 1984, Classification
    and Regression Trees, section 3.4.3).

    Parameters
    ----------
    before, after : ndarray of shape (..., n_windows)
        Losses of the simpler choice and of the other, window by window.
    n_standard_errors : float, default=1
        How many.
    n_independent : float or None, default=None
        As how many the windows count, where they overlap; None for all of them.
    margin : float, default=0
        Share of the mean loss that the gain must exceed, too.
    """
    gains = before - after
    n = gains.shape[-1] if n_independent is None else n_independent
    gain, least = gains.mean(axis=-1), margin * before.mean(axis=-1)
    standard_error = gains.std(axis=-1) / np.sqrt(n)
    return (gain > n_standard_errors * standard_error) & (gain > least)


def thin_out(origins: np.ndarray, most: int) -> np.ndarray:
    """Keep at most so many windows, evenly spread, the last one among them."""
    every = max(1, -(-len(origins) // most))
    return origins[(len(origins) - 1) % every :: every]
