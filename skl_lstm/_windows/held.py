"""Bounds of the targets, where forecasts are rolled in the network's units."""

from collections.abc import Sequence

import numpy as np

from skl_lstm._windows.assembly import Assembly
from skl_lstm._windows.scaling import Scaling


class Held:
    """Holds what forecasts read of the blocks before them inside of the bounds.

    What was taken from the targets before the network saw them counts: a series may lie
    inside, and what is left of it without its trend far outside.

    Parameters
    ----------
    assembly : Assembly
        The rows of all series.
    scalings : sequence of Scaling
        Of each series, with its bounds.
    origins : ndarray of int of shape (n_origins,)
        Row of the first step of each forecast.
    n_steps : int
        Steps that are asked for; those of a last block after them are left alone.
    """

    def __init__(
        self,
        assembly: Assembly,
        scalings: Sequence[Scaling],
        origins: np.ndarray,
        n_steps: int,
    ) -> None:
        nothing = np.zeros((len(origins), n_steps, assembly.data.y.shape[1]))
        self._added = assembly.add_effects(nothing, origins)
        self._series = assembly.series_of(origins)
        self._scalings = scalings

    def __call__(self, of: np.ndarray, block: np.ndarray, first: int) -> np.ndarray:
        """Return a block of shape (n_paths, horizon, n_outputs), held inside.

        Parameters
        ----------
        of : ndarray of int of shape (n_paths,)
            Which of the origins each path starts from.
        block : ndarray of shape (n_paths, horizon, n_outputs)
            In the network's units.
        first : int
            Step of its first row, from 0.
        """
        added = self._added[of, first : first + block.shape[1]]
        held, steps = block.copy(), slice(added.shape[1])
        for series in np.unique(self._series[of]):
            own = self._series[of] == series
            scaled = block[own, steps] + added[own]
            held[own, steps] = self._scalings[series].hold(scaled) - added[own]
        return held
