"""What known columns add to the targets: one causal impulse response for all steps.

A promotion lifts the sales of its day and of the next, whatever step of a forecast that
day is. So its effect is taken from the targets before anything else looks at them, and
added to the forecast last, in the targets' own units.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# An impulse response has faded out below this share of its largest value, or here.
FADED = 1e-6
MOST_ROWS_BEFORE = 500


@dataclass(frozen=True)
class TransferFunction:
    """Linear effect of known columns on targets.

    The effect on a row is that of the columns of this row and of ``n_lags - 1`` rows
    before it. With a feedback it is rational: the effect itself goes on from row to
    row (an "ARX" model), so that the impulse response has no end.

    Attributes
    ----------
    response : ndarray of shape (n_lags, n_columns, n_outputs)
        Change of each target per unit of each column, by the lag in rows. No lags: no
        effect.
    feedback : ndarray of shape (n_feedback, n_outputs)
        Share of the effect so many rows before that goes on; empty where the impulse
        response ends with its lags.
    center : ndarray of shape (n_columns,)
        Training means of the columns, where the effect is zero; they stand in for
        missing values.

    References
    ----------
    Box, G. E. P., & Jenkins, G. M. (1970). Time series analysis: forecasting and
    control, part III. Holden-Day.
    """

    response: np.ndarray
    feedback: np.ndarray
    center: np.ndarray

    @classmethod
    def none(cls, n_columns: int, n_outputs: int) -> "TransferFunction":
        """Return the one without any effect."""
        response = np.zeros((0, n_columns, n_outputs))
        return cls(response, np.zeros((0, n_outputs)), np.zeros(n_columns))

    @classmethod
    def join(cls, parts: Sequence["TransferFunction"]) -> "TransferFunction":
        """Put the effects of the same columns on several targets side by side."""
        response, feedback = (
            np.concatenate(_pad_below([getattr(part, name) for part in parts]), axis=-1)
            for name in ("response", "feedback")
        )
        return cls(response, feedback, parts[0].center)

    @property
    def n_lags(self) -> int:
        """Rows of the columns that the effect on a row reads, apart from feedback."""
        return len(self.response)

    @property
    def n_rows_before(self) -> int:
        """Rows before a row that its effect reads, those that fade out included."""
        before = max(self.n_lags - 1, 0)
        if not self.feedback.any():
            return before
        response = np.abs(self.impulse_response(MOST_ROWS_BEFORE)).sum(axis=(1, 2))
        return max(before, int(np.flatnonzero(response > FADED * response.max())[-1]))

    @property
    def kinds(self) -> tuple[str, ...]:
        """For each target: "none", "row" (the own alone), "lags" or "rational"."""
        return tuple(
            _kind_of(self.response[..., output], self.feedback[:, output])
            for output in range(self.response.shape[2])
        )

    def apply(self, X: np.ndarray) -> np.ndarray:
        """Return the effect of columns; a row never changes the rows before it.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_columns)
            Consecutive rows; those before the first are taken to be at the training
            mean, as are missing values (NaN).

        Returns
        -------
        ndarray of shape (n_rows, n_outputs)
            In units of the targets.
        """
        deviations = np.where(np.isfinite(X), X - self.center, 0.0)
        effect = convolve(deviations, self.response)
        columns = [
            linear_filter([1.0], np.r_[1.0, -feedback], column)
            for column, feedback in zip(effect.T, self.feedback.T, strict=True)
        ]
        return np.stack(columns, axis=1)

    def impulse_response(self, n_lags: int) -> np.ndarray:
        """Return the response to one unit in one row, feedback included.

        Parameters
        ----------
        n_lags : int
            Rows to follow it, its own among them; later ones are cut off.

        Returns
        -------
        ndarray of shape (n_lags, n_columns, n_outputs)
        """
        response = np.zeros((n_lags, *self.response.shape[1:]))
        n_given = min(n_lags, self.n_lags)
        response[:n_given] = self.response[:n_given]
        for output, feedback in enumerate(self.feedback.T):
            column = response[..., output]
            response[..., output] = linear_filter(
                [1.0], np.r_[1.0, -feedback], column, axis=0
            )
        return response


def linear_filter(
    b: np.ndarray | list[float],
    a: np.ndarray | list[float],
    x: np.ndarray,
    axis: int = 0,
) -> np.ndarray:
    """Filter rows as `scipy.signal.lfilter` does.

    That module is imported late: it loads more than the whole package does.
    """
    from scipy.signal import lfilter

    return lfilter(b, a, x, axis=axis)


def convolve(rows: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Sum columns, weighted by a response, over its lags.

    Not by BLAS: the last bit of its sums depends on how many rows there are.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_columns)
        Zero before the first.
    response : ndarray of shape (n_lags, n_columns, n_outputs)
        Weights.

    Returns
    -------
    ndarray of shape (n_rows, n_outputs)
    """
    effect = np.zeros((len(rows), response.shape[2]))
    for lag, weights in enumerate(response[: len(rows)]):
        effect[lag:] += np.einsum("rc,co->ro", rows[: len(rows) - lag], weights)
    return effect


def _kind_of(response: np.ndarray, feedback: np.ndarray) -> str:
    lags = np.flatnonzero(response.any(axis=1))
    if not len(lags):
        return "none"
    if feedback.any():
        return "rational"
    return "lags" if lags[-1] else "row"


def _pad_below(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Give all arrays the rows of the longest, zero where they have none."""
    length = max(map(len, arrays))
    padding = [((0, length - len(a)), *[(0, 0)] * (a.ndim - 1)) for a in arrays]
    return [np.pad(a, widths) for a, widths in zip(arrays, padding, strict=True)]
