"""A trained head: quantiles of the errors, from what the network saw of each window.

A second stage on a network that stays as it is, so that the point forecast is the same
with and without it. It says for every window and step how far errors reach to either
side: the parameters of a two-piece normal distribution, trained with the pinball loss.
The scores of the held-out errors in that distribution replace its form (see
`_residuals`), so that what it says need not be right to be useful.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from scipy import optimize, stats

from skl_lstm._engine.ensemble import Networks
from skl_lstm._intervals.reach import Shape
from skl_lstm._windows.comparison import clearly_better

# Levels whose pinball losses are added up in training.
LEVELS = np.array([0.05, 0.1, 0.25, 0.75, 0.9, 0.95])
SCORES = stats.norm.ppf(LEVELS)
# More windows than this take long and teach nothing new: neighbors overlap.
MOST_WINDOWS = 10_000
# Features are read as standard scores no further out than this: a window unlike those
# of training must not be extrapolated to.
FARTHEST = 3.0
# Training ends where a step lowers the loss by less than this share of it.
LEAST_GAIN, MOST_STEPS = 1e-5, 200
# Losses of quantiles that are held at a time.
CHUNK_FLOATS = 2**20
# Penalty on the squares of the weights.
PENALTY = 1e-3
# Logarithms of reaches, in units of the step's own, stay within these bounds.
FARTHEST_LOG = 3.0
# Shares of the features' weights that are tried, and windows below which none is.
BELIEFS = (0.0, 0.25, 0.5, 0.75, 1.0)
LEAST_WINDOWS = 30


class Inputs(NamedTuple):
    """What the head reads.

    Attributes
    ----------
    window : ndarray of shape (n_windows, n_features)
        What the network saw of each window.
    future : ndarray of shape (n_windows, horizon, n_concurrent)
        Each step's own row of X.
    """

    window: np.ndarray
    future: np.ndarray


class KnownErrors(NamedTuple):
    """Windows and the errors that the network makes on them.

    Attributes
    ----------
    origins : ndarray of int
        The windows.
    errors : ndarray of shape (n_windows, horizon, n_outputs)
        Target minus forecast, in units of the window; NaN where there is no target.
    weights : ndarray of shape (n_windows, horizon)
        What each counts, one in the mean of all rows.
    """

    origins: np.ndarray
    errors: np.ndarray
    weights: np.ndarray

    def divided(self, spreads: np.ndarray) -> "KnownErrors":
        """Return the errors in units of shape (n_windows, n_outputs)."""
        return self._replace(errors=self.errors / spreads[:, None])


@dataclass(frozen=True)
class QuantileHead:
    """A linear map of what the network saw to how far its errors reach.

    Attributes
    ----------
    networks : Networks
        The networks as they were when the head was trained.
    mean, spread : ndarray of shape (n_features,)
        Of the features in training.
    kernel : ndarray of shape (n_features, horizon * n_outputs * 2)
        Weights of the features, for the logarithms of the reach below and above.
    own_step : ndarray of shape (n_concurrent, n_outputs * 2)
        Weights of each step's own row of X.
    bias : ndarray of shape (horizon, n_outputs, 2)
        What holds for a mean window.
    unit : ndarray of shape (horizon, n_outputs)
        Spread of the errors, in units of the window.

    References
    ----------
    Koenker, R., & Bassett, G. (1978). Regression quantiles. Econometrica, 46(1).
    https://doi.org/10.2307/1913643

    Wallis, K. F. (2014). The two-piece normal, binormal, or double Gaussian
    distribution. Statistical Science, 29(1). https://doi.org/10.1214/13-STS417
    """

    networks: Networks
    mean: np.ndarray
    spread: np.ndarray
    kernel: np.ndarray
    own_step: np.ndarray
    bias: np.ndarray
    unit: np.ndarray

    def shapes(self, data: Any, origins: np.ndarray) -> Shape:
        """Return the shape of the errors at each origin, over the whole horizon."""
        shape = self._read(read_inputs(self.networks, data, origins))
        return Shape(shape.below * self.unit, shape.above * self.unit)

    def _read(self, inputs: Inputs) -> Shape:
        """Return the reaches in units of each step's own."""
        normalized = inputs._replace(window=self.normalize(inputs.window))
        logs = _log_reaches(normalized, self.kernel, self.own_step, self.bias)
        return _read_shape(logs)

    def normalize(self, window: np.ndarray) -> np.ndarray:
        """Return features as standard scores."""
        return np.clip((window - self.mean) / self.spread, -FARTHEST, FARTHEST)

    def losses(self, inputs: Inputs, errors: np.ndarray) -> np.ndarray:
        """Return the mean pinball loss of each window, NaN where it has no target."""
        loss, _ = _pinball(self._read(inputs), errors / self.unit)
        total, n_known = loss.sum(axis=(1, 2)), np.isfinite(errors).sum(axis=(1, 2))
        return np.divide(
            total, n_known, out=np.full(len(total), np.nan), where=n_known > 0
        )

    def believed(self, share: float) -> "QuantileHead":
        """Return the head with a share of the weights of its features."""
        kernel, own_step = share * self.kernel, share * self.own_step
        return replace(self, kernel=kernel, own_step=own_step)


def read_inputs(networks: Networks, data: Any, origins: np.ndarray) -> Inputs:
    """Return what the networks saw of each window, and each step's own row of X."""
    spec = networks.spec
    hidden, summary = networks.encode(data, origins)
    reads_own_row = spec.sees_future or not spec.known_in_window
    n_own = spec.n_concurrent if reads_own_row else 0
    ahead = np.minimum(origins[:, None] + np.arange(spec.horizon), len(data.X) - 1)
    future = np.asarray(data.X[:, :n_own])[ahead]
    return Inputs(np.concatenate([hidden, summary], axis=1), future)


def fit_quantile_head(
    networks: Networks,
    data: Any,
    trained: KnownErrors,
    held_out: KnownErrors,
) -> QuantileHead | None:
    """Train the head on windows that the network was trained on.

    The held-out windows say to which share the features are believed: errors of windows
    trained on are smaller than those to come, and some of what they tell is chance.

    Parameters
    ----------
    networks : Networks
        The networks that make the errors.
    data : Data
        Rows of all series.
    trained, held_out : KnownErrors
        Those to train on and those to judge by.

    Returns
    -------
    QuantileHead or None
        None where no share is clearly better than to believe nothing.
    """
    if len(trained.origins) < LEAST_WINDOWS or len(held_out.origins) < LEAST_WINDOWS:
        return None
    inputs = read_inputs(networks, data, trained.origins)
    plain = _start_head(networks, inputs, trained.errors)
    head = _train_head(plain, inputs, trained.errors, trained.weights)
    judged = read_inputs(networks, data, held_out.origins)
    counts = held_out.weights.mean(axis=1)
    losses = np.stack(
        [
            head.believed(share).losses(judged, held_out.errors) * counts
            for share in BELIEFS
        ]
    )
    losses = losses[:, np.isfinite(losses[0])]
    best = int(losses.mean(axis=1).argmin())
    if not clearly_better(losses[0], losses[best]):
        return None
    return head.believed(BELIEFS[best])


def _start_head(networks: Networks, inputs: Inputs, errors: np.ndarray) -> QuantileHead:
    """Return the head that believes nothing but the errors' own distribution."""
    window, n_own = inputs.window, inputs.future.shape[2]
    tiny = np.finfo("float32").tiny
    low, high = _known_quantiles(errors, stats.norm.cdf([-1.0, 1.0]))
    unit = np.maximum((high - low) / 2, tiny)
    reaches = np.stack([-low, high], axis=-1) / unit[..., None]
    logs = np.log(np.maximum(reaches, np.exp(-FARTHEST_LOG)))
    spread = window.std(axis=0, dtype=float)
    return QuantileHead(
        networks=networks,
        mean=window.mean(axis=0, dtype=float),
        spread=np.where(spread > tiny, spread, 1.0),
        kernel=np.zeros((window.shape[1], 2 * unit.size)),
        own_step=np.zeros((n_own, 2 * unit.shape[1])),
        bias=logs,
        unit=unit,
    )


def _known_quantiles(errors: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return quantiles over the windows; 0 for a step without any target."""
    known = np.isfinite(errors).any(axis=0)
    usable = np.where(known, errors, 0.0)
    return np.nanquantile(usable, levels, axis=0)


def _train_head(
    head: QuantileHead, inputs: Inputs, errors: np.ndarray, weights: np.ndarray
) -> QuantileHead:
    """Lower the loss until it falls no further; the head given stays as it is."""
    start = [head.kernel, head.own_step, head.bias]
    ends = np.cumsum([value.size for value in start])[:-1]
    normalized = inputs._replace(window=head.normalize(inputs.window))
    scaled = errors / head.unit

    def unpack(flat: np.ndarray) -> list[np.ndarray]:
        parts = np.split(flat, ends)
        return [part.reshape(v.shape) for part, v in zip(parts, start, strict=True)]

    def measure(flat: np.ndarray) -> tuple[float, np.ndarray]:
        loss, slopes = _loss_and_slopes(unpack(flat), normalized, scaled, weights)
        return loss, np.concatenate([slope.ravel() for slope in slopes])

    result = optimize.minimize(
        measure,
        np.concatenate([value.ravel() for value in start]),
        method="L-BFGS-B",
        jac=True,
        options={"ftol": LEAST_GAIN, "maxiter": MOST_STEPS},
    )
    kernel, own_step, bias = unpack(result.x)
    return replace(head, kernel=kernel, own_step=own_step, bias=bias)


def _log_reaches(
    inputs: Inputs, kernel: np.ndarray, own_step: np.ndarray, bias: np.ndarray
) -> np.ndarray:
    """Return the logarithms of the reaches, (n_windows, horizon, n_outputs, 2)."""
    logs = (inputs.window @ kernel).reshape(-1, *bias.shape) + bias
    own = inputs.future @ own_step
    return logs + own.reshape(*own.shape[:2], *bias.shape[1:])


def _read_shape(logs: np.ndarray) -> Shape:
    """Return the reaches below and above, (n_windows, horizon, n_outputs)."""
    reaches = np.exp(np.clip(logs, -FARTHEST_LOG, FARTHEST_LOG))
    return Shape(reaches[..., 0], reaches[..., 1])


def _loss_and_slopes(
    values: list[np.ndarray], inputs: Inputs, errors: np.ndarray, weights: np.ndarray
) -> tuple[float, list[np.ndarray]]:
    """Return loss and penalty, and their derivatives by kernel, own step and bias."""
    kernel, own_step, bias = values
    n_steps = bias[..., 0].size
    loss = PENALTY / 2 * ((kernel**2).sum() / n_steps + (own_step**2).sum())
    slopes = [PENALTY * kernel / n_steps, PENALTY * own_step, np.zeros_like(bias)]
    n_windows = max(1, CHUNK_FLOATS // (n_steps * len(LEVELS)))
    for first in range(0, len(errors), n_windows):
        chunk = slice(first, first + n_windows)
        window, future = inputs.window[chunk], inputs.future[chunk]
        logs = _log_reaches(Inputs(window, future), *values)
        losses, by_log = _pinball(_read_shape(logs), errors[chunk])
        counts = weights[chunk, :, None]
        loss += (losses * counts).sum() / errors.size
        by_log *= counts[..., None]
        by_log /= errors.size
        # Beyond the bounds a logarithm changes nothing.
        by_log[np.abs(logs) > FARTHEST_LOG] = 0.0
        flat = by_log.reshape(-1, own_step.shape[1])
        slopes[0] += window.T @ by_log.reshape(len(window), -1)
        slopes[1] += future.reshape(len(flat), -1).T @ flat
        slopes[2] += by_log.sum(axis=0)
    return float(loss), slopes


def _pinball(shape: Shape, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean pinball losses, and their slopes by the logarithms of the reaches.

    Parameters
    ----------
    shape : Shape
        Reaches, each of shape (n_windows, horizon, n_outputs).
    errors : ndarray of shape (n_windows, horizon, n_outputs)
        Errors in units of each step's own; NaN where there is no target.

    Returns
    -------
    losses : ndarray of shape (n_windows, horizon, n_outputs)
        Means over the levels; 0 where there is no target.
    slopes : ndarray of shape (n_windows, horizon, n_outputs, 2)
        By the logarithm of the reach below and above.
    """
    known = np.isfinite(errors)[..., None]
    off = np.where(known, errors[..., None] - shape.with_levels().error(SCORES), 0.0)
    by_quantile = np.where(known, (off < 0) - LEVELS, 0.0) / len(LEVELS)
    losses = -(off * by_quantile).sum(axis=-1)
    below = shape.below * (by_quantile @ np.minimum(SCORES, 0.0))
    above = shape.above * (by_quantile @ np.maximum(SCORES, 0.0))
    return losses, np.stack([below, above], axis=-1)
