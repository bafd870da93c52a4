"""History and forecast of one or several series."""

from typing import Any, Self

import numpy as np
import pandas as pd

from skl_lstm.plotting import _drawing
from skl_lstm.plotting._drawing import BLACK, BLUE, VERMILION, Style

LINE_STYLES: dict[str, dict[str, Any]] = {
    "history": {"color": BLACK, "linewidth": 1.2},
    "truth": {"color": VERMILION, "linestyle": "--"},
    "forecast": {"color": BLUE},
}
# Share of the line color in the widest and in the narrowest interval.
TINTS = (0.25, 0.5)


class ForecastDisplay:
    """History and forecast of one or several series, with prediction intervals.

    Create it with :meth:`from_estimator` or :meth:`from_predictions`.

    Parameters
    ----------
    y_pred : Series or DataFrame
        Forecasts, indexed by time or by instance and time. Each column of each
        instance is one series, with axes of its own. ``attrs["units"]`` of any table,
        a str or a dict by column, is written on the value axis.
    y, y_true : Series or DataFrame, default=None
        History of the same series, and real values over the forecast steps.
    intervals : DataFrame, default=None
        Prediction intervals as sktime's ``predict_interval`` returns them, with the
        column levels variable, coverage and "lower" or "upper".

    Attributes
    ----------
    ax_ : matplotlib Axes or ndarray of Axes of shape (n_series,)
        Axes of the only series, or of each.
    figure_ : matplotlib Figure
        Figure that holds the axes.
    legend_ : matplotlib Legend
        The one legend of all axes.
    artists_ : list of dict
        What was drawn of each series: the lines "history", "truth" and "forecast",
        and each band by its coverage.

    Examples
    --------
    >>> import pandas as pd
    >>> from skl_lstm.plotting import ForecastDisplay
    >>> index = pd.period_range("2024-01", periods=6, freq="M")
    >>> y = pd.Series([3.0, 1.0, 4.0, 1.0, 5.0, 9.0], index=index)
    >>> display = ForecastDisplay.from_predictions(y[4:] + 1, y=y[:4], y_true=y[4:])
    >>> list(display.artists_[0])
    ['history', 'truth', 'forecast']
    """

    def __init__(
        self, *, y_pred: Any, y: Any = None, y_true: Any = None, intervals: Any = None
    ) -> None:
        self.y_pred = y_pred
        self.y = y
        self.y_true = y_true
        self.intervals = intervals

    def plot(
        self,
        ax: Any = None,
        *,
        history_kwargs: Style = None,
        true_kwargs: Style = None,
        pred_kwargs: Style = None,
        interval_kwargs: Style = None,
    ) -> Self:
        """Draw each series on axes of its own.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of Axes, default=None
            Where to draw, one for each series. If None, a new figure is made.
        history_kwargs, true_kwargs, pred_kwargs : dict, default=None
            Styles of the lines, passed to ``Axes.plot``.
        interval_kwargs : dict, default=None
            Style of the intervals, passed to ``Axes.fill_between``. All tints are
            made from its "color", or else from that of the forecast.

        Returns
        -------
        ForecastDisplay
            The display itself.
        """
        gathered = _gather(self.y_pred, self.y, self.y_true, self.intervals)
        axes = _drawing.make_axes(ax, len(gathered))
        styles = {
            "history": history_kwargs,
            "truth": true_kwargs,
            "forecast": pred_kwargs,
            "intervals": interval_kwargs,
        }
        self.artists_ = [
            _draw_series(one_ax, parts, styles)
            for one_ax, parts in zip(axes, gathered.values(), strict=True)
        ]
        for one_ax, (instance, _) in zip(axes, gathered, strict=True):
            one_ax.set_title(" / ".join(map(str, instance)))
        self.ax_ = axes[0] if len(axes) == 1 else axes
        self.figure_ = axes[0].figure
        self.legend_ = _drawing.draw_legend(axes[0], is_new=ax is None)
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        fh: Any = None,
        X: Any = None,
        *,
        y: Any = None,
        y_true: Any = None,
        coverage: float | list[float] | None = None,
        **plot_params: Any,
    ) -> Self:
        """Forecast with a fitted sktime forecaster and draw the result.

        Parameters
        ----------
        estimator : sktime forecaster
            Fitted forecaster.
        fh : int, array-like of int or ForecastingHorizon, default=None
            Steps to forecast. If None, those given to ``fit``.
        X : DataFrame, default=None
            Exogenous features over the forecast steps.
        y, y_true : Series, DataFrame or ndarray, default=None
            History and real values. If `y` is None, the history is what the
            forecaster remembers; if it remembers nothing, none is drawn.
        coverage : float or list of float in (0, 1), default=None
            Coverages of the prediction intervals. If None, none are computed.
        **plot_params : dict
            Axes and styles; see :meth:`plot`.

        Returns
        -------
        ForecastDisplay
            The display, drawn.
        """
        y_pred = estimator.predict(fh=fh, X=X)
        if isinstance(y_pred, np.ndarray):
            # A forecaster fitted on an array does not say which steps it returns.
            steps = estimator.fh.to_absolute_index(estimator.cutoff)
            y_pred = pd.DataFrame(y_pred, index=steps)
        intervals = None
        if coverage is not None:
            intervals = estimator.predict_interval(fh=fh, X=X, coverage=coverage)
        if y is None:
            # What our forecasters, or sktime's unless told to forget, have seen.
            seen = getattr(estimator, "_seen_series", None)
            y = seen() if seen else getattr(estimator, "_y", None)
        return cls.from_predictions(
            y_pred, y=y, y_true=y_true, intervals=intervals, **plot_params
        )

    @classmethod
    def from_predictions(
        cls,
        y_pred: Any,
        *,
        y: Any = None,
        y_true: Any = None,
        intervals: Any = None,
        **plot_params: Any,
    ) -> Self:
        """Draw forecasts that were made before.

        Parameters
        ----------
        y_pred, y, y_true : Series, DataFrame or ndarray
            Forecasts, history and real values. The rows of an array `y` are numbered
            from 0, those of an array `y_pred` go on from there, those of an array
            `y_true` are the steps of `y_pred`.
        intervals : DataFrame, default=None
            Prediction intervals as sktime's ``predict_interval`` returns them.
        **plot_params : dict
            Axes and styles; see :meth:`plot`.

        Returns
        -------
        ForecastDisplay
            The display, drawn.
        """
        n = 0 if y is None else len(y)
        y_pred = _to_frame(y_pred, pd.RangeIndex(n, n + len(y_pred)))
        return cls(
            y_pred=y_pred,
            y=None if y is None else _to_frame(y, pd.RangeIndex(n)),
            y_true=None if y_true is None else _to_frame(y_true, y_pred.index),
            intervals=intervals,
        ).plot(**plot_params)


def _to_frame(data: Any, index: pd.Index) -> pd.DataFrame:
    """Return a table: of pandas data as they are, of an array with the given index."""
    if not isinstance(data, pd.Series | pd.DataFrame):
        data = pd.DataFrame(np.asarray(data), index=index)
    frame = pd.DataFrame(data)
    frame.attrs = data.attrs
    return frame


def _gather(y_pred: Any, y: Any, y_true: Any, intervals: Any) -> dict[tuple, dict]:
    """Gather what is drawn of each series, by its key and by what it is."""
    given = {"history": y, "truth": y_true, "forecast": y_pred, "intervals": intervals}
    tables = {
        name: _split(table, name) for name, table in given.items() if table is not None
    }
    gathered = {}
    for key in tables["forecast"]:
        for name, table in tables.items():
            if key not in table:
                raise ValueError(
                    f"{name} must hold each series of the forecast. Got {list(table)} "
                    f"without {key}."
                )
        gathered[key] = {name: table[key] for name, table in tables.items()}
        kinds = [type(part.index).__name__ for part in gathered[key].values()]
        if len({_drawing.has_dates(part.index) for part in gathered[key].values()}) > 1:
            raise TypeError(
                f"{', '.join(tables)} must all be indexed by dates or all by numbers. "
                f"Got {kinds}."
            )
    return gathered


def _split(table: Any, name: str) -> dict[tuple, Any]:
    """Cut a table into series, or intervals, keyed by instance and variable.

    The only variable of a table is None, as sktime does not always keep its name.
    """
    frame = pd.DataFrame(table)
    if frame.empty:
        raise ValueError(f"The {name} must have at least one row. Got {frame.shape}.")
    levels: list[Any] = list(range(frame.index.nlevels - 1))
    groups: Any = frame.groupby(level=levels, sort=False) if levels else [((), frame)]
    variables = frame.columns.unique(level=0)
    series = {}
    for instance, rows in groups:
        # pandas 2 and 3 disagree on the label of one level.
        key = instance if isinstance(instance, tuple) else (instance,)
        rows = rows.droplevel(levels) if levels else rows
        _drawing.check_index(rows.index, name)
        for variable in variables:
            part = rows[variable]
            part.attrs = getattr(table, "attrs", {})
            series[key, variable if len(variables) > 1 else None] = part
    return series


def _draw_series(
    ax: Any, parts: dict[str, Any], styles: dict[str, Style]
) -> dict[Any, Any]:
    """Draw one series with its history and intervals; return the artists by name."""
    lines = {name: part for name, part in parts.items() if name in LINE_STYLES}
    artists: dict[Any, Any] = {}
    for name, series in lines.items():
        style = {"label": name, **LINE_STYLES[name]}
        artists[name] = _drawing.draw_line(ax, series, styles[name], **style)
    if "intervals" in parts:
        color = artists["forecast"].get_color()
        artists |= _draw_bands(ax, parts["intervals"], color, styles["intervals"])
    # Forecasters do not always keep the names of the series and of the time axis.
    indexes = [series.index for series in lines.values()]
    index = next((index for index in indexes if index.name is not None), indexes[0])
    labels = map(_drawing.make_label, lines.values())
    _drawing.label_axes(ax, index, next(filter(None, labels), ""))
    return artists


def _draw_bands(
    ax: Any, bands: pd.DataFrame, color: Any, style: Style
) -> dict[Any, Any]:
    """Shade the intervals, the narrower the darker; return them by coverage."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgb

    style = _drawing.merge_style({"color": color}, style, PolyCollection)
    ink, times = np.array(to_rgb(style.pop("color"))), _drawing.to_times(bands.index)
    coverages = sorted(bands.columns.unique(level=0), reverse=True)
    drawn = {}
    for i, coverage in enumerate(coverages):
        # Opaque, since transparent bands on top of each other differ from the legend;
        # the edge makes the interval of a lone step visible.
        tint = tuple(1 - np.linspace(*TINTS, len(coverages))[i] * (1 - ink))
        defaults = {"facecolor": tint, "edgecolor": tint, "linewidth": 1.0}
        defaults["label"] = f"{100 * coverage:g}% interval"
        bounds = bands[coverage, "lower"], bands[coverage, "upper"]
        drawn[coverage] = ax.fill_between(times, *bounds, **(defaults | style))
    return drawn
