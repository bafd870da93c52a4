"""Several networks of one specification: their weights and their joint forecast."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skl_lstm._engine.spec import NetworkSpec


def forecast_networks(
    spec: NetworkSpec,
    members: Sequence[list[np.ndarray]],
    data: Any,
    origins: np.ndarray,
    n_steps: int,
) -> np.ndarray:
    """Return the median of the networks' forecasts.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    members : sequence of list of ndarray
        Weights of each network of the ensemble.
    data : Data
        Rows of all series.
    origins : ndarray of int of shape (n_origins,)
        Row of the first step of each.
    n_steps : int
        Steps to forecast.

    Returns
    -------
    ndarray of shape (n_origins, n_steps, n_outputs)
        In the network's units.
    """
    from skl_lstm._engine.cache import PROGRAMS

    program = PROGRAMS.get(spec)
    each = [program.forecast(w, data, origins, n_steps) for w in members]
    return each[0] if len(each) == 1 else np.median(each, axis=0)


Weights = list[np.ndarray]
