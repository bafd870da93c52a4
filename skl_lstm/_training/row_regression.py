"""The linear map that a regression of rows on rows starts from, without own past.

Mostly a row depends on its own columns and on nothing before: scikit-learn's ridge
regression, which must not be lost among the lags of a window. Lags join where they are
clearly better on rows that are not seen.
"""

from typing import NamedTuple

import numpy as np
from sklearn.linear_model import RidgeCV

from skl_lstm._training.linear_map import LinearMap
from skl_lstm._windows.comparison import clearly_better

# Penalties tried, per row, in units of the inputs' variance.
PENALTIES = np.logspace(-4, 2, 13)
# With fewer windows, leaving out one by one tells nothing; more of them are many enough
# for a held-out tail, and slow.
LEAST_WINDOWS, MOST_WINDOWS = 30, 2_000
# Share of the latest windows that judge whether lags join.
HELD_OUT_SHARE = 0.2


class _Inputs(NamedTuple):
    """Which inputs of a window a regression reads, and what each is divided by."""

    chosen: np.ndarray
    divisors: np.ndarray

    def regress(
        self, inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray
    ) -> RidgeCV:
        """Fit ridge regression, its penalty chosen by leaving rows out one by one."""
        scaled = inputs[:, self.chosen] / self.divisors
        ridge = RidgeCV(alphas=PENALTIES * weights.sum())
        return ridge.fit(scaled, targets, sample_weight=weights)

    def fit(
        self, inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray
    ) -> LinearMap:
        """Return the regression as a map of whole windows."""
        ridge = self.regress(inputs, targets, weights)
        kernel = np.zeros((inputs.shape[1], targets.shape[1]))
        kernel[self.chosen] = np.atleast_2d(ridge.coef_).T / self.divisors[:, None]
        return LinearMap(kernel, np.atleast_1d(ridge.intercept_))


def suits_row_regression(n_windows: int) -> bool:
    """Whether there are as many windows as `fit_row_regression` is for."""
    return LEAST_WINDOWS <= n_windows <= MOST_WINDOWS


def fit_row_regression(
    inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray, window_length: int
) -> LinearMap:
    """Regress on the last row of each window, or on all if that is clearly better.

    The last row alone, all rows, their penalty growing with the lag, and all rows alike
    are tried in this order. The richer is taken if the latest windows are forecast
    clearly better, and all windows better where each is left out in turn: beside many
    columns without effect, a short tail alone would often be wrong.

    Parameters
    ----------
    inputs : ndarray of shape (n_windows, window_length * n_channels)
        Flattened windows in order of time.
    targets : ndarray of shape (n_windows, n_outputs)
        None missing.
    weights : ndarray of shape (n_windows,)
        What the error of each window counts.
    window_length : int
        Rows of a window.

    References
    ----------
    Golub, G. H., Heath, M., & Wahba, G. (1979). Generalized cross-validation as a
    method for choosing a good ridge parameter. Technometrics, 21(2).
    https://doi.org/10.1080/00401706.1979.10489751
    """
    inputs, targets = inputs.astype(float), targets.astype(float)
    first = len(inputs) - int(len(inputs) * HELD_OUT_SHARE)
    seen, unseen = slice(first), slice(first, None)

    def held_out_errors(form: _Inputs) -> np.ndarray:
        trial = form.fit(inputs[seen], targets[seen], weights[seen])
        errors = np.abs(trial.predict(inputs[unseen]) - targets[unseen])
        return errors.mean(axis=1) * weights[unseen]

    def left_out_score(form: _Inputs) -> float:
        return float(form.regress(inputs, targets, weights).best_score_)

    best, *richer = _list_forms(window_length, inputs.shape[1] // window_length)
    least, score = held_out_errors(best), left_out_score(best)
    for form in richer:
        errors, own_score = held_out_errors(form), left_out_score(form)
        if clearly_better(least, errors) and own_score > score:
            best, least, score = form, errors, own_score
    return best.fit(inputs, targets, weights)


def _list_forms(window_length: int, n_channels: int) -> list[_Inputs]:
    """List what may be read, the simplest first."""
    lags = np.repeat(np.arange(window_length, 0, -1.0), n_channels)
    last, every = lags == 1, np.ones(len(lags), dtype=bool)
    forms = [_Inputs(last, lags[last])]
    if window_length > 1:
        forms += [_Inputs(every, lags), _Inputs(every, np.ones(len(lags)))]
    return forms
