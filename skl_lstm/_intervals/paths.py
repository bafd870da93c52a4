"""Paths: block after block, each disturbed by errors before the next one reads it."""

from typing import Any

import numpy as np

from skl_lstm._engine.ensemble import Networks
from skl_lstm._intervals.conformal import Residuals
from skl_lstm._intervals.quantile_head import QuantileHead
from skl_lstm._windows.decoder import SeasonalNetworks, lay_apart

# Paths that a forecast beyond the horizon is simulated with.
N_PATHS = 200
# Series whose paths are simulated together: all of a panel would need much memory.
N_TOGETHER = 16


def simulate(
    networks: Networks,
    data: Any,
    origins: np.ndarray,
    n_steps: int,
    residuals: Residuals,
    rng: np.random.Generator,
    n_paths: int = N_PATHS,
) -> np.ndarray:
    """Return paths of shape (n_paths, n_series, n_steps, n_outputs).

    Parameters
    ----------
    networks : Networks
        Forecast the blocks; each network of the ensemble its share of the paths.
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
    n_paths : int, default=200
        How many.
    """
    n_blocks = -(-n_steps // networks.spec.horizon)
    head = residuals.expected
    n_together = 1 if head is None else N_TOGETHER
    paths = []
    for i in range(0, len(origins), n_together):
        batch = origins[i : i + n_together]
        shares = np.array_split(np.arange(n_paths), len(networks.members))
        parts = []
        for weights, share in zip(networks.members, shares, strict=True):
            starts = np.repeat(batch, len(share))
            scores = residuals.draw((n_blocks, len(starts)), rng)
            if head is None:
                rolled = networks.simulate(weights, data, starts, scores)
            else:
                network = networks.with_members([weights])
                rolled = _roll_expected(network, data, starts, head, scores)
            rolled = rolled[:, :n_steps]
            parts.append(rolled.reshape(len(batch), len(share), *rolled.shape[1:]))
        paths.append(np.concatenate(parts, axis=1))
    return np.moveaxis(np.concatenate(paths), 1, 0)


def _roll_expected(
    network: Networks,
    data: Any,
    origins: np.ndarray,
    head: QuantileHead,
    scores: np.ndarray,
) -> np.ndarray:
    """Roll forward with errors of the shape expected of each block's own window."""
    spec, n_blocks = network.spec, len(scores)
    n_steps = n_blocks * spec.horizon
    if isinstance(network, SeasonalNetworks):
        data, origins = lay_apart(data, origins, network.n_rows, n_steps)
    else:
        data, origins = _tile_paths(spec, data, origins, n_steps)
    blocks = []
    for k, score in enumerate(scores):
        at = origins + k * spec.horizon
        center = network.forecast(data, at, spec.horizon)
        errors = head.shapes(data, at).error(score)
        block = center + network.units(data, at)[:, None] * errors
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
