"""The linear map that training starts from: ridge regression on normalized windows.

A linear map of the window is a strong forecast by itself, and on a short series
gradient descent finds it slowly and overfits it. So the linear skip starts at the
ridge solution, and the recurrent part learns what is left. Where windows are few, the
solution is combined with simple seasonal forecasts.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve
from scipy.special import huber

from skl_lstm._windows.comparison import clearly_better

# Penalties tried, in units of the windows' own variance per sample.
PENALTIES = tuple(float(p) for p in np.logspace(-4, 2, 7))
# Powers of the lag by which the penalty grows: not at all, or as in the Minnesota
# prior, where the past matters the less the longer it is gone.
LAG_POWERS = (0, 2)
# Share of the latest windows that choose the penalty.
HELD_OUT_SHARE = 0.2
# With more windows than this they say more than a simple forecast does.
WINDOWS_THAT_SUFFICE = 2_000
# More windows or inputs than this make the solution slow, not better.
MOST_WINDOWS = 20_000
MOST_INPUTS = 1_500
# Windows whose numbers are at double precision at a time.
CHUNK = 1_024
# Rounds of reweighting for an absolute loss, and the error taken for none.
N_REWEIGHTINGS = 3
SMALLEST_ERROR = 0.05


class LinearMap(NamedTuple):
    """Kernel of shape (n_inputs, n_emitted) and bias of shape (n_emitted,)."""

    kernel: np.ndarray
    bias: np.ndarray

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Return the outputs, of shape (n_windows, n_emitted)."""
        return inputs @ self.kernel + self.bias

    def losses(
        self, inputs: np.ndarray, targets: np.ndarray, loss: Callable
    ) -> np.ndarray:
        """Return the mean loss of each window."""
        parts = [
            loss(self.predict(x) - y).mean(axis=1)
            for x, y in _in_chunks(inputs, targets)
        ]
        return np.concatenate(parts)


def fit_linear_map(
    inputs: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    window_length: int,
    n_crossing: int,
    *,
    absolute: bool = False,
    simple: Sequence[np.ndarray] = (),
) -> LinearMap | None:
    """Fit ridge regression, its penalty chosen on the latest windows.

    The strongest penalty is taken that is within one standard error of the best.

    Where there are few windows, simple forecasts join in for the steps that they
    emitted better than none: ridge regression shrinks towards zero, and once more
    towards each of them, and the maps found are averaged with the best simple one.
    Each errs in its own way, and weights of their own could not be estimated.

    Parameters
    ----------
    inputs : ndarray of shape (n_windows, window_length * n_channels)
        Flattened normalized windows in order of time.
    targets : ndarray of shape (n_windows, n_emitted)
        Normalized targets, none missing.
    weights : ndarray of shape (n_windows,)
        What the error of each window counts.
    window_length : int
        Time steps of a window.
    n_crossing : int
        Windows before the held-out ones whose targets reach into them.
    absolute : bool, default=False
        Whether the map is to have a small absolute, not squared, error: by weighted
        least squares, repeated with the weights divided by the errors before.
    simple : sequence of ndarray of shape (n_inputs, n_emitted), default=()
        Kernels of simple forecasts.

    Returns
    -------
    LinearMap or None
        None where there are too few windows to choose a penalty, or more inputs
        than `MOST_INPUTS`; or the best simple forecast, if one is any good.

    References
    ----------
    Hoerl, A. E., & Kennard, R. W. (1970). Ridge regression. Technometrics, 12(1).
    https://doi.org/10.1080/00401706.1970.10488634

    Breiman, L., Friedman, J., Olshen, R., & Stone, C. (1984). Classification and
    regression trees, section 3.4.3: the one standard error rule. Wadsworth.

    Claeskens, G., Magnus, J., Vasnev, A., & Wang, W. (2016). The forecast combination
    puzzle: a simple theoretical explanation. International Journal of Forecasting,
    32(3). https://doi.org/10.1016/j.ijforecast.2015.12.005

    Litterman, R. B. (1986). Forecasting with Bayesian vector autoregressions. Journal
    of Business & Economic Statistics, 4(1). https://doi.org/10.2307/1391384
    """
    loss = partial(loss_of, absolute=absolute)
    if not 0 < len(inputs) <= WINDOWS_THAT_SUFFICE:
        simple = ()
    joins, best_simple = _join(simple, inputs, targets, weights, loss)
    n_held_out = int(len(inputs) * HELD_OUT_SHARE)
    early = len(inputs) - n_held_out - n_crossing
    if not n_held_out or early < 2 or inputs.shape[1] > MOST_INPUTS:
        return LinearMap(best_simple, np.zeros(len(joins.T))) if joins.any() else None
    windows = _Windows(inputs, targets, weights, window_length)
    goals = [np.zeros((inputs.shape[1], targets.shape[1]))]
    pairs = zip(simple, joins, strict=True)
    goals += [kernel * part for kernel, part in pairs if part.any()]
    maps = _shrink_towards(goals, windows, early, n_held_out, loss, absolute)
    maps.append(LinearMap(best_simple, np.zeros(targets.shape[1])))
    always = np.ones((1, targets.shape[1]), dtype=bool)
    any_joins = joins.any(axis=0, keepdims=True)
    counts = np.concatenate([always, joins[joins.any(axis=1)], any_joins])
    share = counts / counts.sum(axis=0)
    return LinearMap(
        sum(m.kernel * part for m, part in zip(maps, share, strict=True)),
        sum(m.bias * part for m, part in zip(maps, share, strict=True)),
    )


class _Windows(NamedTuple):
    """Normalized windows, their targets, and what the error of each counts."""

    inputs: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    window_length: int

    def first(self, n: int) -> "_Windows":
        """Return the first ``n`` windows."""
        arrays = (self.inputs[:n], self.targets[:n], self.weights[:n])
        return _Windows(*arrays, self.window_length)

    @property
    def lags(self) -> np.ndarray:
        """How many steps each input lies back."""
        n_channels = self.inputs.shape[1] // self.window_length
        return np.repeat(np.arange(self.window_length, 0, -1.0), n_channels)


def _shrink_towards(
    goals: Sequence[np.ndarray],
    windows: _Windows,
    n_early: int,
    n_held_out: int,
    loss: Callable,
    absolute: bool,
) -> list[LinearMap]:
    """Fit a map drawn to each goal, its penalty chosen on the held-out windows."""
    choices = [p * windows.lags**power for p, power in product(PENALTIES, LAG_POWERS)]
    trial = _least_squares(*windows.first(n_early)[:3])
    inputs, targets, weights, _ = windows
    whole = _least_squares(inputs, targets, weights)
    tail = slice(len(inputs) - n_held_out, None)

    def held_out_errors(trained: LinearMap) -> np.ndarray:
        return trained.losses(inputs[tail], targets[tail], loss) * weights[tail]

    maps = []
    for goal in goals:
        trials = [trial(penalties, goal) for penalties in choices]
        penalties = _choose_smallest(choices, trials, goal, held_out_errors)
        best = whole(penalties, goal)
        for _ in range(N_REWEIGHTINGS if absolute else 0):
            errors = best.losses(inputs, targets, np.abs)
            reweighted = weights / np.maximum(errors, SMALLEST_ERROR)
            best = _least_squares(inputs, targets, reweighted)(penalties, goal)
        maps.append(best)
    return maps


def _join(
    simple: Sequence[np.ndarray],
    inputs: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    loss: Callable,
) -> tuple[np.ndarray, np.ndarray]:
    """Say what each simple forecast emits better than zero, and join the best of it.

    Nothing was estimated for them, so that the windows at hand are a fair test.

    Returns
    -------
    ndarray of bool of shape (n_simple, n_emitted), \
    ndarray of shape (n_inputs, n_emitted)
    """
    n_emitted = targets.shape[1]
    joins = np.zeros((len(simple), n_emitted), dtype=bool)
    best = np.zeros((inputs.shape[1], n_emitted))
    if not len(simple):
        # The errors of many windows would be much memory, for nothing.
        return joins, best
    least = none = weights @ loss(targets.astype(float))
    for kernel, part in zip(simple, joins, strict=True):
        errors = weights @ loss(inputs @ kernel - targets)
        part[:] = errors < none
        best = np.where(errors < least, kernel, best)
        least = np.minimum(errors, least)
    return joins, best


def loss_of(errors: np.ndarray, *, absolute: bool) -> np.ndarray:
    """Return what errors in units of their windows count: all of them, or Huber's."""
    return np.abs(errors) if absolute else huber(1.0, errors)


def _choose_smallest(
    choices: list[np.ndarray],
    maps: list[LinearMap],
    goal: np.ndarray,
    held_out_errors: Callable[[LinearMap], np.ndarray],
) -> np.ndarray:
    """Return the penalties of the map next to its goal not clearly worse than the best.

    Clearly is by more than one standard error of the difference: where there is
    nothing to learn, as in prices, the best of many maps is so by luck.
    """
    errors = np.stack([held_out_errors(found) for found in maps])
    sizes = np.array([np.linalg.norm(found.kernel - goal) for found in maps])
    sizes[clearly_better(errors, errors[errors.mean(axis=1).argmin()])] = np.inf
    return choices[sizes.argmin()]


def _least_squares(
    inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray
) -> Callable[[np.ndarray, np.ndarray], LinearMap]:
    """Prepare the normal equations; return what solves them.

    That takes the penalties, and the kernel that they draw the solution to.
    """
    share = weights / weights.sum()
    center = mean = 0.0
    for x, y, s in _in_chunks(inputs, targets, share):
        center, mean = center + s @ x, mean + s @ y
    gram = moments = 0.0
    for x, y, s in _in_chunks(inputs, targets, share):
        centered = x - center
        weighted = centered * s[:, None]
        gram, moments = gram + weighted.T @ centered, moments + weighted.T @ (y - mean)

    def solution(penalties: np.ndarray, goal: np.ndarray) -> LinearMap:
        drawn = moments + penalties[:, None] * goal
        kernel = solve(gram + np.diag(penalties), drawn, assume_a="pos")
        return LinearMap(kernel, mean - center @ kernel)

    return solution


def _in_chunks(*arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Go through the rows of arrays together, some at a time, at double precision."""
    for i in range(0, len(arrays[0]), CHUNK):
        yield tuple(array[i : i + CHUNK].astype(float) for array in arrays)
