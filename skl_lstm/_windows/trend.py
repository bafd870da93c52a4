"""A line that goes on beyond the rows seen, perhaps more and more slowly."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Trend:
    """Growth by row, taken from a series before its windows are cut.

    A window normalized by its last row sees growth of its own length; rolled on over
    many horizons, forecasts of it fade. A line through all rows goes on.

    Attributes
    ----------
    slope : ndarray of shape (n_outputs,)
        Change from row to row, in the network's units.
    damping : float
        Share of the change that is left from one forecast step to the next, in (0, 1];
        1 is a straight line.

    References
    ----------
    Gardner, E. S., & McKenzie, E. (1985). Forecasting trends in time series. Management
    Science, 31(10). https://doi.org/10.1287/mnsc.31.10.1237
    """

    slope: np.ndarray
    damping: float

    def line(self, n_rows: int) -> np.ndarray:
        """Return the line over the rows seen, (n_rows, n_outputs), from zero on."""
        return np.arange(n_rows)[:, None] * self.slope

    def ahead(self, positions: np.ndarray, n_steps: int) -> np.ndarray:
        """Return the line after rows, (n_positions, n_steps, n_outputs).

        Parameters
        ----------
        positions : ndarray of int of shape (n_positions,)
            The rows that are forecast first, counted from the first row of the series.
        n_steps : int
            Steps to go on for.
        """
        growth = np.cumsum(self.damping ** np.arange(1, n_steps + 1))
        return (positions[:, None] - 1 + growth)[..., None] * self.slope
