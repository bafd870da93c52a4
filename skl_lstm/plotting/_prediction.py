"""Real and predicted values, measured against a naive forecast."""

from numbers import Integral
from typing import Any, Self

import numpy as np
import pandas as pd

from skl_lstm.plotting._drawing import (
    Style,
    _check_index,
    _check_matplotlib,
    _check_method,
    _draw_legend,
    _draw_line,
    _format,
    _label_axes,
    _make_axes,
    _make_label,
    _to_table,
)


class PredictionDisplay:
    """Real and predicted values over time, measured against a naive forecast.

    A prediction that only repeats the last value lies close to any price. So the
    legend gives the root mean squared error (RMSE), in the units of the target, of
    the prediction and beside it that of the naive forecast over the same points.

    Create it with :meth:`from_estimator` or :meth:`from_predictions`.

    Parameters
    ----------
    y_true, y_pred, y_naive : Series
        Real, predicted and naive values at the same time steps.
    rmse, naive_rmse : float
        Errors of the prediction and of the naive forecast.
    naive_name : str, default="naive"
        What the naive forecast is, for the legend.

    Attributes
    ----------
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
        rmse: float,
        naive_rmse: float,
        naive_name: str = "naive",
    ) -> None:
        self.y_true = y_true
        self.y_pred = y_pred
        self.y_naive = y_naive
        self.rmse = rmse
        self.naive_rmse = naive_rmse
        self.naive_name = naive_name

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
        _check_matplotlib("PredictionDisplay.plot")
        self.ax_ = _make_axes(ax, 1)[0]
        self.figure_ = self.ax_.figure
        name = f"predicted, RMSE {_format(self.rmse)}"
        naive_name = f"{self.naive_name}, RMSE {_format(self.naive_rmse)}"
        self.true_line_, self.pred_line_, self.naive_line_ = (
            _draw_line(self.ax_, "real", self.y_true, true_kwargs),
            _draw_line(self.ax_, "predicted", self.y_pred, pred_kwargs, name),
            _draw_line(self.ax_, "naive", self.y_naive, naive_kwargs, naive_name),
        )
        _label_axes(self.ax_, self.y_true.index, _make_label(self.y_true))
        self.legend_ = _draw_legend(self.ax_, is_new=ax is None)
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        naive: Any = None,
        ax: Any = None,
        **plot_params: Style,
    ) -> Self:
        """Predict with a fitted regressor and draw the result.

        Parameters
        ----------
        estimator : regressor
            Fitted scikit-learn style regressor.
        X : array-like of shape (n_samples, n_features)
            Features; each row is a time step. The index of a frame is the time axis
            unless `y` has one.
        y : array-like of shape (n_samples,)
            Real values.
        naive : int or array-like of shape (n_samples,), default=None
            See :meth:`from_predictions`.
        ax : matplotlib Axes, default=None
            See :meth:`plot`.
        **plot_params : dict
            See :meth:`plot`.

        Returns
        -------
        PredictionDisplay
            The display, drawn.
        """
        _check_matplotlib("PredictionDisplay.from_estimator")
        _check_method(estimator, "predict")
        y_pred = estimator.predict(X)
        if isinstance(X, pd.DataFrame):
            y = _to_table(y, X.index)
        return cls.from_predictions(y, y_pred, naive=naive, ax=ax, **plot_params)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_pred: Any,
        *,
        naive: Any = None,
        ax: Any = None,
        **plot_params: Style,
    ) -> Self:
        """Draw predictions that were made before.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
            Real and predicted values, in order of time. The index of either is the
            time axis; without one, the rows are numbered from 0.
        naive : int or array-like of shape (n_samples,), default=None
            Naive forecast: the value that many steps before (the season length, or
            how far ahead the prediction was made), or the naive values themselves.
            If None, the previous value.
        ax : matplotlib Axes, default=None
            Where to draw. If None, a new figure is made.
        **plot_params : dict
            Styles; see :meth:`plot`.

        Returns
        -------
        PredictionDisplay
            The display, drawn.
        """
        index = _find_index(y_true, y_pred)
        y_true = _to_series(y_true, index, "y_true")
        y_pred = _to_series(y_pred, index, "y_pred")
        y_naive, naive_name = _make_naive(y_true, 1 if naive is None else naive)
        rmse, naive_rmse = _measure(y_true, y_pred, y_naive)
        return cls(
            y_true=y_true,
            y_pred=y_pred,
            y_naive=y_naive,
            rmse=rmse,
            naive_rmse=naive_rmse,
            naive_name=naive_name,
        ).plot(ax, **plot_params)


def _find_index(*tables: Any) -> pd.Index:
    """Return the index of the first pandas table, or else row numbers."""
    indexed = [y.index for y in tables if isinstance(y, pd.Series | pd.DataFrame)]
    index = indexed[0] if indexed else pd.RangeIndex(len(tables[0]))
    if index.empty:
        raise ValueError("y_true must have at least one row. Got none.")
    _check_index(index, "y_true")
    return index


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


def _make_naive(y_true: pd.Series, naive: Any) -> tuple[pd.Series, str]:
    """Return the naive forecast and its name for the legend."""
    if not isinstance(naive, Integral):
        if np.ndim(naive) == 0:
            raise TypeError(f"naive must be an int or an array. Got {naive!r} instead.")
        return _to_series(naive, y_true.index, "naive"), "naive"
    lag = int(naive)
    if lag < 1:
        raise ValueError(f"naive must be at least 1 step. Got {naive!r} instead.")
    name = "previous value" if lag == 1 else f"value {lag} steps before"
    return y_true.shift(lag), name


def _measure(*series: pd.Series) -> tuple[float, float]:
    """Return both RMSE over the points where real, predicted and naive are known."""
    values = np.column_stack(series)
    values = values[~np.isnan(values).any(axis=1)]
    if not len(values):
        raise ValueError(
            "No time step has a real, a predicted and a naive value. Got "
            f"{len(series[0])} steps; pass more, or the naive values as `naive`."
        )
    errors = values[:, 1:] - values[:, :1]
    rmse, naive_rmse = np.sqrt((errors**2).mean(axis=0))
    return float(rmse), float(naive_rmse)
