"""Paths: block after block, each disturbed by errors before the next one reads it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from skl_lstm._engine.ensemble import Networks
from skl_lstm._engine.rows import Data
from skl_lstm._intervals.conformal import Residuals
from skl_lstm._windows.decoder import SeasonalNetworks, lay_apart

# Paths that a forecast beyond the horizon is simulated with.
N_PATHS = 200
# Series whose paths are simulated together: all of a panel would need much memory.
N_TOGETHER = 16

# Takes which origin each path starts from, a block of them and its first step; returns
# what the next block reads of it.
Hold = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
# Takes the number of a block, the rows and its origins; returns its errors.
Disturb = Callable[[int, Any, np.ndarray], np.ndarray]


def simulate(
    networks: Networks,
    data: Any,
    origins: np.ndarray,
    n_steps: int,
    residuals: Residuals,
    series: np.ndarray,
    rng: np.random.Generator,
    n_paths: int = N_PATHS,
    hold: Hold | None = None,
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
    series : ndarray of int of shape (n_series,)
        The number of each in training.
    rng : numpy.random.Generator
        Draws the errors.
    n_paths : int, default=200
        How many.
    hold : callable or None, default=None
        Holds what was rolled inside of bounds; None where there are none.
    """
    n_blocks = -(-n_steps // networks.spec.horizon)
    plain = residuals.expected is None and hold is None
    n_together = 1 if plain else N_TOGETHER
    paths = []
    for i in range(0, len(origins), n_together):
        batch = origins[i : i + n_together]
        shares = np.array_split(np.arange(n_paths), len(networks.members))
        parts = []
        for weights, share in zip(networks.members, shares, strict=True):
            starts = np.repeat(batch, len(share))
            of = i + np.repeat(np.arange(len(batch)), len(share))
            scores = residuals.draw((n_blocks, len(starts)), rng, series[of])
            if plain:
                rolled = networks.simulate(weights, data, starts, scores)
            else:
                network = networks.with_members([weights])
                disturb = _disturber(network, residuals, scores)
                rolled = _roll(network, data, starts, n_blocks, of, hold, disturb)
            rolled = rolled[:, :n_steps]
            parts.append(rolled.reshape(len(batch), len(share), *rolled.shape[1:]))
        paths.append(np.concatenate(parts, axis=1))
    return np.moveaxis(np.concatenate(paths), 1, 0)


def forecast_held(
    networks: Networks, data: Any, origins: np.ndarray, n_steps: int, hold: Hold
) -> np.ndarray:
    """Forecast as `Networks.forecast`, what was rolled held inside of bounds."""
    n_blocks, of = -(-n_steps // networks.spec.horizon), np.arange(len(origins))
    blocks = [
        _roll(networks.with_members([w]), data, origins, n_blocks, of, hold)
        for w in networks.members
    ]
    return np.median(blocks, axis=0)[:, :n_steps]


def _disturber(network: Networks, residuals: Residuals, scores: np.ndarray) -> Disturb:
    """Return what gives each block the errors of these scores in its own windows."""

    def disturb(k: int, data: Any, origins: np.ndarray) -> np.ndarray:
        errors, head = scores[k], residuals.expected
        if head is not None:
            errors = head.shapes(data, origins).error(errors)
        return network.units(data, origins)[:, None] * errors

    return disturb


def _roll(
    network: Networks,
    data: Any,
    origins: np.ndarray,
    n_blocks: int,
    of: np.ndarray,
    hold: Hold | None,
    disturb: Disturb | None = None,
) -> np.ndarray:
    """Roll blocks forward as the engine does, disturbed and held in between."""
    horizon = network.spec.horizon
    n_steps = n_blocks * horizon
    if isinstance(network, SeasonalNetworks):
        data, origins = lay_apart(data, origins, network.n_rows, n_steps)
    else:
        data, origins = _tile_paths(network.spec, data, origins, n_steps)
    blocks = []
    for k in range(n_blocks):
        at = origins + k * horizon
        block = network.forecast(data, at, horizon)
        if disturb is not None:
            block = block + disturb(k, data, at)
        blocks.append(block)
        read = block if hold is None else hold(of, block, k * horizon)
        data.y[at[:, None] + np.arange(horizon)] = read
    return np.concatenate(blocks, axis=1).astype("float32")


def _tile_paths(
    spec: Any, data: Any, origins: np.ndarray, n_steps: int
) -> tuple[Any, np.ndarray]:
    """Give every path rows of its own: what its first window reads, and room ahead."""
    from skl_lstm._engine.data import cut_own_past

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
    weights = (np.ones(len(y), "float32"),) if spec.weighted else ()
    return Data(y, X, bridges, weights=weights), starts
