"""How far the errors of a window are expected to reach."""

from typing import NamedTuple

import numpy as np


class Shape(NamedTuple):
    """How far errors reach on either side of the forecast, in units of the window.

    Every forecast distribution is written as ``reach * score``, with another reach
    below than above. It rises with the score, so its quantiles never cross, and a score
    has the same meaning in every window.

    Attributes
    ----------
    below, above : ndarray of shape (..., n_steps, n_outputs)
        The error that has a score of one, by side.
    """

    below: np.ndarray
    above: np.ndarray

    def score(self, errors: np.ndarray) -> np.ndarray:
        """Return the scores of errors."""
        return errors / np.where(errors < 0, self.below, self.above)

    def error(self, scores: np.ndarray) -> np.ndarray:
        """Return the errors that have these scores."""
        return scores * np.where(scores < 0, self.below, self.above)

    def first(self, n_steps: int) -> "Shape":
        """Return the shape of the first steps."""
        return Shape(*(part[..., :n_steps, :] for part in self))

    def with_levels(self) -> "Shape":
        """Append an axis for the levels of quantiles."""
        return Shape(*(part[..., None] for part in self))
