"""Paths beyond the horizon: block after block, each disturbed before the next."""

from typing import Any

import numpy as np

from skl_lstm._intervals.conformal import Residuals
from skl_lstm._intervals.dropout import DropoutSpread

# Paths that a forecast beyond the horizon is simulated with.
N_PATHS = 200
# Series whose paths are simulated together: all of a panel would need much memory.
N_TOGETHER = 16


def simulate(
    model: Any,
    data: Any,
    origins: np.ndarray,
    n_steps: int,
    residuals: Residuals,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return paths of shape (N_PATHS, n_series, n_steps, n_outputs).

    Parameters
    ----------
    model : TrainedModel
        Forecasts the blocks; each member of the ensemble its share of the paths.
    data : Data
        Rows of all series.
    origins : ndarray of int of shape (n_series,)
        Row of the first step of each series.
    n_steps : int
        Steps to simulate.
    residuals : Residuals
        The errors that disturb the paths, those of one held-out window for each block.
    rng : numpy.random.Generator
        Draws the errors.
    """
    n_blocks = -(-n_steps // model.spec.horizon)
    alike = residuals.expected is None
    n_together = 1 if alike else N_TOGETHER
    roll = _roll_alike if alike else _roll_expected
    paths = []
    for i in range(0, len(origins), n_together):
        some = origins[i : i + n_together]
        shares = np.array_split(np.arange(N_PATHS), len(model.members))
        parts = []
        for weights, share in zip(model.members, shares, strict=True):
            many = np.repeat(some, len(share))
            scores = residuals.draw((n_blocks, len(many)), rng)
            rolled = roll(model, weights, data, many, residuals, scores)[:, :n_steps]
            parts.append(rolled.reshape(len(some), len(share), *rolled.shape[1:]))
        paths.append(np.concatenate(parts, axis=1))
    return np.moveaxis(np.concatenate(paths), 1, 0)


def _roll_alike(
    model: Any,
    weights: list[np.ndarray],
    data: Any,
    origins: np.ndarray,
    residuals: Residuals,
    scores: np.ndarray,
) -> np.ndarray:
    """Roll forward with errors that are the same in every window's units."""
    from skl_lstm._engine.cache import PROGRAMS

    return PROGRAMS.get(model.spec).simulate(weights, data, origins, scores)


def _roll_expected(
    model: Any,
    weights: list[np.ndarray],
    data: Any,
    origins: np.ndarray,
    residuals: Residuals,
    scores: np.ndarray,
) -> np.ndarray:
    """Roll forward with errors of the shape expected of each block's own window.

    With dropout the blocks of a path are forecast by one draw of the network: its
    masks stay, and only the noise is added.
    """
    from skl_lstm._engine.cache import PROGRAMS

    spec, program = model.spec, PROGRAMS.get(model.spec)
    expected, n_blocks = residuals.expected, len(scores)
    assert expected is not None
    data, origins = _tile_paths(spec, data, origins, n_blocks * spec.horizon)
    blocks = []
    for k, score in enumerate(scores):
        at = origins + k * spec.horizon
        if isinstance(expected, DropoutSpread):
            center = program.sample(weights, data, at, expected.seed)
            errors = expected.noise * score
        else:
            center = program.forecast(weights, data, at, spec.horizon)
            errors = expected.shapes(spec, [weights], data, at).error(score)
        block = center + program.window_units(data, at)[:, None] * errors
        data.y[at[:, None] + np.arange(spec.horizon)] = block
        blocks.append(block)
    return np.concatenate(blocks, axis=1).astype("float32")


def _tile_paths(
    spec: Any, data: Any, origins: np.ndarray, n_steps: int
) -> tuple[Any, np.ndarray]:
    """Give every path rows of its own: what its first window reads, and room ahead."""
    from skl_lstm._engine.data import Data, cut_own_past

    length = spec.window_length
    n_rows = length + n_steps
    past = np.asarray(cut_own_past(spec, data, origins))
    y = np.zeros((len(origins), n_rows, spec.n_outputs), "float32")
    y[:, :length] = past
    y = y.reshape(-1, spec.n_outputs)
    # Rows of X that nobody gave repeat the last one, as in the engine.
    rows = origins[:, None] + np.arange(-length, n_steps)
    rows = np.minimum(rows, len(data.X) - 1)
    X = data.X[rows].reshape(len(y), spec.n_features)
    bridges: tuple[Any, ...] = ()
    if spec.bridges_gaps:
        # Nothing is missing in a path: every row stands for itself.
        following = np.tile(np.arange(len(y))[:, None], spec.n_outputs)
        bridges = y, y, following.astype("int32")
    starts = n_rows * np.arange(len(origins)) + length
    return Data(y, X, bridges), starts
