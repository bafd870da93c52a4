"""Networks of one specification: the only thing that asks for compiled programs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from skl_lstm._engine.cache import PROGRAMS
from skl_lstm._engine.forward import forecast, is_small
from skl_lstm._engine.spec import NetworkSpec

Weights = list[np.ndarray]


@dataclass(frozen=True)
class Networks:
    """The networks of an ensemble, as numbers.

    Attributes
    ----------
    spec : NetworkSpec
        The network.
    members : sequence of list of ndarray
        Weights of each network, in Keras' order.
    """

    spec: NetworkSpec
    members: Sequence[Weights] = field(repr=False)

    def with_members(self, members: Sequence[Weights]) -> "Networks":
        """Return networks of the same specification with other weights."""
        return replace(self, members=members)

    @property
    def n_rows(self) -> int:
        """Rows before an origin that a forecast reads."""
        return self.spec.window_length

    @property
    def program(self) -> Any:
        """The compiled program that all of them share."""
        return PROGRAMS.get(self.spec)

    def forecast(self, data: Any, origins: np.ndarray, n_steps: int) -> np.ndarray:
        """Return the median of the networks' forecasts.

        Parameters
        ----------
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
        if is_small(self.spec, len(origins), n_steps):
            return self._forecast_in_numpy(data, origins, n_steps)
        return self._median(self.program.forecast, data, origins, n_steps)

    def forecast_once(self, data: Any, origins: np.ndarray, n_steps: int) -> np.ndarray:
        """Return the same during a fit, which asks for it once.

        In NumPy, if that takes less time than to trace the program.
        """
        if is_small(self.spec, len(origins), n_steps, once=True):
            return self._forecast_in_numpy(data, origins, n_steps)
        return self.forecast(data, origins, n_steps)

    def _forecast_in_numpy(
        self, data: Any, origins: np.ndarray, n_steps: int
    ) -> np.ndarray:
        return self._median(partial(forecast, self.spec), data, origins, n_steps)

    def _median(
        self, run: Callable, data: Any, origins: np.ndarray, n_steps: int
    ) -> np.ndarray:
        blocks = [run(w, data, origins, n_steps) for w in self.members]
        return blocks[0] if len(blocks) == 1 else np.median(blocks, axis=0)

    def simulate(
        self, weights: Weights, data: Any, origins: np.ndarray, noise: np.ndarray
    ) -> np.ndarray:
        """Roll blocks of one network forward, see `Program.simulate`."""
        return self.program.simulate(weights, data, origins, noise)

    def units(self, data: Any, origins: np.ndarray) -> np.ndarray:
        """Return the unit of the windows at each origin, (n_origins, n_outputs)."""
        from skl_lstm._engine.normalization import window_units

        return window_units(self.spec, data, origins)

    def encode(self, data: Any, origins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what the recurrent parts have read of each window, and a summary.

        Returns
        -------
        ndarray of shape (n_origins, n_members * n_units), \
        ndarray of shape (n_origins, n_statistics)
        """
        program = self.program
        pairs = [program.encode(w, data, origins) for w in self.members]
        hidden, summaries = zip(*pairs, strict=True)
        return np.concatenate(hidden, axis=1), summaries[-1]
