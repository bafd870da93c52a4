"""Real and predicted values, measured against a naive forecast."""

from numbers import Integral
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.metrics import root_mean_squared_error

from skl_lstm.plotting import _drawing
from skl_lstm.plotting._drawing import BLACK, SKY_BLUE, VERMILION, Style


class PredictionDisplay:
    """Real and predicted values over time, measured against a naive forecast.

    A prediction that only repeats the last value lies close to any price. So the
    legend gives the root mean squared error (RMSE), in the units of the target, of
    the prediction and beside it that of the naive forecast over the same points.

    Create it with :meth:`from_predictions`.

    Parameters
    ----------
    y_true, y_pred, y_naive : Series
        Real, predicted and naive values at the same time steps.
    naive_name : str, default="naive"
        What the naive forecast is, for the legend.

    Attributes
    ----------
    rmse, naive_rmse : float
        Errors of the prediction and of the naive forecast, over the time steps that
        have all three values.
    true_line_, pred_line_, naive_line_ : matplotlib Line2D
        The lines.
    ax_, figure_, legend_ : matplotlib Axes, Figure and Legend
        Where they are.

    Examples
    --------
    >>> from skl_lstm.plotting import PredictionDisplay
    >>> display = PredictionDisplay.from_predictions([1, 3, 2, 4], [1, 2, 3, 3])
    >>> round(display.rmse, 3), round(display.naive_rmse, 3)
    (1.0, 1.732)
    """

    def __init__(
        self,
        *,
        y_true: pd.Series,
        y_pred: pd.Series,
        y_naive: pd.Series,
        naive_name: str = "naive",
    ) -> None:
        self.y_true = y_true
        self.y_pred = y_pred
        self.y_naive = y_naive
        self.naive_name = naive_name
        known = ~np.isnan(np.column_stack([y_true, y_pred, y_naive])).any(axis=1)
        if not known.any():
            raise ValueError(
                "No time step has a real, a predicted and a naive value. Got "
                f"{len(y_true)} steps; pass more, or the naive values as `naive`."
            )
        self.rmse, self.naive_rmse = (
            float(root_mean_squared_error(y_true[known], values[known]))
            for values in (y_pred, y_naive)
        )

    def plot(
        self,
        ax: Any = None,
        *,
        true_kwargs: Style = None,
        pred_kwargs: Style = None,
        naive_kwargs: Style = None,
    ) -> Self:
        """Draw the three lines.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. If None, a new figure is made.
        true_kwargs, pred_kwargs, naive_kwargs : dict, default=None
            Styles of the lines, passed to ``Axes.plot``.

        Returns
        -------
        PredictionDisplay
            The display itself.
        """
        [self.ax_] = _drawing.make_axes(ax, 1)
        self.figure_ = self.ax_.figure
        # Broad and below the others: a prediction that repeats it shows as such.
        broad = {"color": SKY_BLUE, "linewidth": 4.0, "alpha": 0.6, "zorder": 1.5}
        pred_label = f"predicted, RMSE {_drawing.write_error(self.rmse)}"
        naive_label = f"{self.naive_name}, RMSE {_drawing.write_error(self.naive_rmse)}"
        self.true_line_, self.pred_line_, self.naive_line_ = (
            _drawing.draw_line(self.ax_, series, style, label=label, **defaults)
            for series, style, label, defaults in (
                (self.y_true, true_kwargs, "real", {"color": BLACK}),
                (self.y_pred, pred_kwargs, pred_label, {"color": VERMILION}),
                (self.y_naive, naive_kwargs, naive_label, broad),
            )
        )
        label = _drawing.make_label(self.y_true)
        _drawing.label_axes(self.ax_, self.y_true.index, label)
        self.legend_ = _drawing.draw_legend(self.ax_, is_new=ax is None)
        return self

    @classmethod
    def from_predictions(
        cls, y_true: Any, y_pred: Any, *, naive: Any = 1, **plot_params: Any
    ) -> Self:
        """Draw predictions that were made before.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
            Real and predicted values, in order of time. The index of either is the
            time axis; without one, the rows are numbered from 0.
        naive : int or array-like of shape (n_samples,), default=1
            Naive forecast: the value that many steps before (the season length, or
            how far ahead the prediction was made), or the naive values themselves.
        **plot_params : dict
            See :meth:`plot`.

        Returns
        -------
        PredictionDisplay
            The display, drawn.
        """
        tables = [
            y for y in (y_true, y_pred) if isinstance(y, pd.Series | pd.DataFrame)
        ]
        index = tables[0].index if tables else pd.RangeIndex(len(y_true))
        _drawing.check_index(index, "y_true")
        y_true = _to_series(y_true, index, "y_true")
        name = "naive"
        if np.ndim(naive) == 0:
            if not isinstance(naive, Integral) or naive < 1:
                raise ValueError(
                    "naive must be at least 1 step, or the naive values themselves. "
                    f"Got {naive!r} instead."
                )
            name = "previous value" if naive == 1 else f"value {naive} steps before"
            naive = y_true.shift(int(naive))
        display = cls(
            y_true=y_true,
            y_pred=_to_series(y_pred, index, "y_pred"),
            y_naive=_to_series(naive, index, "naive"),
            naive_name=name,
        )
        return display.plot(**plot_params)


def _to_series(data: Any, index: pd.Index, name: str) -> pd.Series:
    """Return one column of data as a float Series with the given index."""
    frame = pd.DataFrame(data)
    if frame.shape != (len(index), 1):
        raise ValueError(
            f"{name} must be one column of {len(index)} rows. Got shape {frame.shape}."
        )
    if isinstance(data, pd.Series | pd.DataFrame) and not frame.index.equals(index):
        raise ValueError(
            f"{name} must have the same index as the other values. If the rows are in "
            f"the same order, pass `{name}.to_numpy()`."
        )
    values = frame.to_numpy(dtype=float, na_value=np.nan)[:, 0]
    series = pd.Series(values, index=index, name=frame.columns[0])
    series.attrs = getattr(data, "attrs", {})
    return series
