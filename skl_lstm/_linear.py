"""The linear map that training starts from: ridge regression on normalized windows.

A linear map of the window is a strong forecast by itself, and on a short series
gradient descent finds it slowly and overfits it. So the linear skip starts at the
ridge solution, and the recurrent part learns what is left.
"""

from typing import NamedTuple

import numpy as np
from sklearn.linear_model import Ridge

# Penalties tried, in units of the windows' own variance per sample.
PENALTIES = tuple(float(p) for p in np.logspace(-4, 2, 7))
# Share of the latest windows that choose the penalty.
HELD_OUT_SHARE = 0.2
# More windows or inputs than this make the solution slow, not better.
MOST_WINDOWS = 20_000
MOST_INPUTS = 1_500


class LinearMap(NamedTuple):
    """Kernel of shape (n_inputs, n_emitted) and bias of shape (n_emitted,)."""

    kernel: np.ndarray
    bias: np.ndarray


def fit_linear_map(
    inputs: np.ndarray, targets: np.ndarray, n_crossing: int
) -> LinearMap | None:
    """Fit ridge regression, its penalty chosen on the latest windows.

    Parameters
    ----------
    inputs : ndarray of shape (n_windows, n_inputs)
        Flattened normalized windows in order of time.
    targets : ndarray of shape (n_windows, n_emitted)
        Normalized targets, none missing.
    n_crossing : int
        Windows before the held-out ones whose targets reach into them.

    Returns
    -------
    LinearMap or None
        None where there are too few windows to choose a penalty, or more inputs
        than `MOST_INPUTS`.

    References
    ----------
    Hoerl, A. E., & Kennard, R. W. (1970). Ridge regression. Technometrics, 12(1).
    https://doi.org/10.1080/00401706.1970.10488634
    """
    n_held_out = int(len(inputs) * HELD_OUT_SHARE)
    first = len(inputs) - n_held_out
    early = slice(0, max(first - n_crossing, 0))
    if not n_held_out or early.stop < 2 or inputs.shape[1] > MOST_INPUTS:
        return None

    def fit(penalty: float, rows: slice) -> Ridge:
        n_rows = len(inputs[rows])
        return Ridge(alpha=penalty * n_rows).fit(inputs[rows], targets[rows])

    def error(penalty: float) -> float:
        predicted = fit(penalty, early).predict(inputs[first:])
        return float(np.abs(predicted.reshape(-1) - targets[first:].reshape(-1)).mean())

    best = fit(min(PENALTIES, key=error), slice(None))
    kernel = np.atleast_2d(best.coef_).T
    return LinearMap(kernel, np.atleast_1d(best.intercept_))
