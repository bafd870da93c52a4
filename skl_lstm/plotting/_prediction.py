"""Actual and forecast values of rows, measured against a naive forecast."""

from numbers import Integral
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
import pandas as pd
from sklearn.metrics import root_mean_squared_error

from skl_lstm.plotting import _drawing
from skl_lstm.plotting._drawing import BLACK, BLUE, SKY_BLUE, Style
from skl_lstm.plotting._rows import find_network, predict_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend


class PredictionDisplay:
    """Actual and forecast values over time, measured against a naive forecast.

    A prediction that only repeats the last value lies close to any price. So the
    legend gives the root mean squared error (RMSE), in the units of the target, of
    the prediction and beside it that of the naive forecast over the same points.

    Create it with :meth:`from_estimator` or :meth:`from_predictions`.

    Parameters
    ----------
    y_pred : Series
        Forecasts.
    y_true, y_naive : Series or None, default=None
        Actual and naive values at the same time steps, where there are any.
    naive_name : str, default="naive"
        What the naive forecast is, for the legend.

    Attributes
    ----------
    rmse, naive_rmse : float or None
        Errors of the forecast and of the naive one, over the time steps that have all
        the values drawn; None without actual or without naive values.
    true_line_, pred_line_, naive_line_ : matplotlib Line2D or None
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

    rmse: float | None
    naive_rmse: float | None
    ax_: "Axes"
    figure_: "Figure"
    legend_: "Legend"

    def __init__(
        self,
        *,
        y_pred: pd.Series,
        y_true: pd.Series | None = None,
        y_naive: pd.Series | None = None,
        naive_name: str = "naive",
    ) -> None:
        self.y_true = y_true
        self.y_pred = y_pred
        self.y_naive = y_naive
        self.naive_name = naive_name
        self.rmse, self.naive_rmse = self._measure()

    def _measure(self) -> tuple[float | None, float | None]:
        """Return the errors of both forecasts, over the same time steps."""
        if self.y_true is None:
            return None, None
        given = [y for y in (self.y_true, self.y_pred, self.y_naive) if y is not None]
        known = ~np.isnan(np.column_stack(given)).any(axis=1)
        if not known.any():
            raise ValueError(
                "No time step has all the values that are to be compared. Got "
                f"{len(self.y_true)} steps; pass more, or other naive values."
            )
        rmse, naive_rmse = (
            None
            if y is None
            else float(root_mean_squared_error(self.y_true[known], y[known]))
            for y in (self.y_pred, self.y_naive)
        )
        return rmse, naive_rmse

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        true_kwargs: Style = None,
        pred_kwargs: Style = None,
        naive_kwargs: Style = None,
    ) -> Self:
        """Draw the lines.

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
        self.figure_ = cast("Figure", self.ax_.figure)
        # Broad and below the others: a prediction that repeats it shows as such.
        broad = {"color": SKY_BLUE, "linewidth": 4.0, "alpha": 0.6, "zorder": 1.5}
        pred_label = _label("forecast", self.rmse)
        naive_label = _label(self.naive_name, self.naive_rmse)
        self.true_line_, self.pred_line_, self.naive_line_ = (
            series
            if series is None
            else _drawing.draw_line(self.ax_, series, style, label=label, **defaults)
            for series, style, label, defaults in (
                (self.y_true, true_kwargs, "actual", {"color": BLACK}),
                (self.y_pred, pred_kwargs, pred_label, {"color": BLUE}),
                (self.y_naive, naive_kwargs, naive_label, broad),
            )
        )
        named = self.y_pred if self.y_true is None else self.y_true
        _drawing.label_axes(self.ax_, named.index, _drawing.make_label(named))
        self.legend_ = _drawing.draw_legend(self.ax_, is_new=ax is None)
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y_true: Any = None,
        *,
        naive: Any = "auto",
        **plot_params: Any,
    ) -> Self:
        """Predict rows with a regressor and draw the result.

        Parameters
        ----------
        estimator : scikit-learn regressor
            Fitted by ``fit(X, y)``; also a pipeline or search.
        X : array-like of shape (n_samples, n_features)
            Rows to predict.
        y_true : array-like of shape (n_samples,), default=None
            Actual values, if they are known.
        naive : int, array-like, "auto" or None, default="auto"
            As in :meth:`from_predictions`; "auto" is None where ``autoregressive``
            rows are forecast many steps ahead.
        **plot_params : dict
            See :meth:`plot`.

        Returns
        -------
        PredictionDisplay
            The display, drawn.
        """
        y_pred, _ = predict_rows(estimator, X, None)
        if getattr(find_network(estimator), "autoregressive", False):
            naive = None if isinstance(naive, str) else naive
        return cls.from_predictions(y_true, y_pred, naive=naive, **plot_params)

    @classmethod
    def from_predictions(
        cls, y_true: Any, y_pred: Any, *, naive: Any = "auto", **plot_params: Any
    ) -> Self:
        """Draw predictions that were made before.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
            Actual and forecast values, in order of time; `y_true` may be None. The
            index of either is the time axis; without one, the rows are numbered from 0.
        naive : int, array-like of shape (n_samples,), "auto" or None, default="auto"
            Naive forecast: the value that many steps before (the season length, or
            how far ahead the prediction was made), or the naive values themselves.
            None draws none: beside forecasts many steps ahead the previous value knows
            too much. "auto" is 1 where there are actual values.
        **plot_params : dict
            See :meth:`plot`.

        Returns
        -------
        PredictionDisplay
            The display, drawn.
        """
        if isinstance(naive, str):
            naive = None if y_true is None else 1
        tables = [
            y for y in (y_true, y_pred) if isinstance(y, pd.Series | pd.DataFrame)
        ]
        index = (
            tables[0].index
            if tables
            else pd.RangeIndex(len(y_pred if y_true is None else y_true))
        )
        _drawing.check_index(index, "y_pred" if y_true is None else "y_true")
        y_true = None if y_true is None else _to_series(y_true, index, "y_true")
        name = "naive"
        if naive is not None and np.ndim(naive) == 0:
            if y_true is None:
                raise ValueError(
                    f"naive={naive!r} takes values of y_true, which is None. Pass the "
                    "naive values themselves, or naive=None."
                )
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
            y_naive=None if naive is None else _to_series(naive, index, "naive"),
            naive_name=name,
        )
        return display.plot(**plot_params)


def _label(name: str, rmse: float | None) -> str:
    return name if rmse is None else f"{name}, RMSE {_drawing.write_error(rmse)}"


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
