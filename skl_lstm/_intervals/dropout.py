"""Monte-Carlo dropout: how much forecasts differ from draw to draw of the network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._intervals.reach import Shape

# Draws of the network behind each spread.
N_DRAWS = 30
# Windows whose spread is drawn at a time: all draws of each are one batch.
CHUNK = 512
# Least share of the squared errors that is noise: the draws never explain them all.
LEAST_NOISE = 0.05


@dataclass(frozen=True)
class DropoutSpread:
    """The spread of forecasts with dropout active, and the noise that it leaves over.

    Attributes
    ----------
    noise : ndarray of shape (horizon, n_outputs)
        Standard deviation, in units of the window, of what the errors on the held-out
        windows hold beyond the spread of the draws.
    seed : int
        Draws the masks.

    References
    ----------
    Gal, Y., & Ghahramani, Z. (2016). Dropout as a Bayesian approximation:
    representing model uncertainty in deep learning. ICML.
    https://proceedings.mlr.press/v48/gal16.html
    """

    noise: np.ndarray
    seed: int

    def shapes(
        self,
        spec: NetworkSpec,
        members: Sequence[list[np.ndarray]],
        data: Any,
        origins: np.ndarray,
    ) -> Shape:
        """Return the shape of the errors at each origin, over the whole horizon."""
        spread = draw_spread(spec, members, data, origins, self.seed)
        reach = np.sqrt(spread**2 + self.noise**2)
        return Shape(reach, reach)


def fit_dropout(
    spec: NetworkSpec,
    members: Sequence[list[np.ndarray]],
    data: Any,
    origins: np.ndarray,
    errors: np.ndarray,
    seed: int,
) -> DropoutSpread:
    """Find the noise: the squared errors that the spread of the draws leaves over.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    members : sequence of list of ndarray
        Weights, not trained on the windows.
    data : Data
        Rows of all series.
    origins : ndarray of int
        The held-out windows.
    errors : ndarray of shape (n_windows, horizon, n_outputs)
        Target minus forecast without dropout, in units of the windows; NaN where the
        target is missing.
    seed : int
        Draws the masks.
    """
    spread = draw_spread(spec, members, data, origins, seed)
    known = np.isfinite(errors)
    n_known = np.maximum(known.sum(axis=0), 1)
    squares = np.where(known, errors, 0.0) ** 2
    total = squares.sum(axis=0) / n_known
    left = total - np.where(known, spread**2, 0.0).sum(axis=0) / n_known
    least = np.maximum(LEAST_NOISE * total, np.finfo("float32").tiny)
    return DropoutSpread(np.sqrt(np.maximum(left, least)), seed)


def draw_spread(
    spec: NetworkSpec,
    members: Sequence[list[np.ndarray]],
    data: Any,
    origins: np.ndarray,
    seed: int,
) -> np.ndarray:
    """Return how far forecasts with dropout lie from the one without, root mean square.

    Returns
    -------
    ndarray of shape (n_origins, horizon, n_outputs)
        In units of each window.
    """
    from skl_lstm._engine.cache import PROGRAMS

    program = PROGRAMS.get(spec)
    n_each = -(-N_DRAWS // len(members))
    parts = [np.empty((0, spec.horizon, spec.n_outputs))]
    for i in range(0, len(origins), CHUNK):
        some = origins[i : i + CHUNK]
        many = np.tile(some, n_each)
        draws = []
        for weights in members:
            point = program.forecast(weights, data, some, spec.horizon)
            drawn = program.sample(weights, data, many, seed)
            draws.append(drawn.reshape(n_each, *point.shape) - point)
        squares = np.mean(np.concatenate(draws).astype(float) ** 2, axis=0)
        units = program.window_units(data, some)[:, None]
        parts.append(np.sqrt(squares) / units)
    return np.concatenate(parts)
