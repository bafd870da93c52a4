"""Which windows to compare forecasts on, and whether one is clearly better."""

import numpy as np


def is_clearly_positive(
    differences: np.ndarray,
    n_independent: float | None = None,
    n_standard_errors: float = 1.0,
) -> np.ndarray:
    """Whether the mean over the last axis exceeds so many of its standard errors.

    Differences that depend on each other count as ``n_independent``.
    """
    n = differences.shape[-1] if n_independent is None else n_independent
    standard_error = differences.std(axis=-1) / np.sqrt(n)
    return differences.mean(axis=-1) > n_standard_errors * standard_error


def thin_out(origins: np.ndarray, most: int) -> np.ndarray:
    """Keep at most so many windows, evenly spread, the last one among them."""
    every = max(1, -(-len(origins) // most))
    return origins[(len(origins) - 1) % every :: every]
