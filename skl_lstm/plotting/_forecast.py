"""History and forecast of one or several series."""

from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd

from skl_lstm.plotting._drawing import (
    Style,
    _check_index,
    _check_matplotlib,
    _check_method,
    _draw_legend,
    _draw_line,
    _has_dates,
    _label_axes,
    _make_axes,
    _make_label,
    _merge_style,
    _to_table,
    _to_times,
)

# Share of the line color in the widest and in the narrowest interval.
TINTS = (0.25, 0.5)


def _seen_series(estimator: Any) -> Any:
    """Return the rows a forecaster has seen, None where it keeps none."""
    if hasattr(estimator, "_seen_series"):
        return estimator._seen_series()
    # Where sktime keeps the data of `fit`, unless told to forget them.
    return getattr(estimator, "_y", None)


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
        _check_matplotlib("ForecastDisplay.plot")
        panels = _make_panels(self.y_pred, self.y, self.y_true, self.intervals)
        axes = _make_axes(ax, len(panels))
        styles = {
            "history": history_kwargs,
            "truth": true_kwargs,
            "forecast": pred_kwargs,
            "interval": interval_kwargs,
        }
        self.artists_ = [
            _draw_panel(panel_ax, panel, styles)
            for panel_ax, panel in zip(axes, panels, strict=True)
        ]
        self.ax_ = axes[0] if len(axes) == 1 else axes
        self.figure_ = axes[0].figure
        self.legend_ = _draw_legend(axes[0], is_new=ax is None)
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
        ax: Any = None,
        **plot_params: Style,
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
        ax : matplotlib Axes, default=None
            Where to draw. If None, a new figure is made.
        **plot_params : dict
            Styles; see :meth:`plot`.

        Returns
        -------
        ForecastDisplay
            The display, drawn.
        """
        _check_matplotlib("ForecastDisplay.from_estimator")
        _check_method(estimator, "predict")
        y_pred = estimator.predict(fh=fh, X=X)
        if isinstance(y_pred, np.ndarray):
            # A forecaster fitted on an array does not say which steps it returns.
            steps = estimator.fh.to_absolute_index(estimator.cutoff)
            y_pred = _to_table(y_pred, steps)
        intervals = None
        if coverage is not None:
            _check_method(estimator, "predict_interval")
            intervals = estimator.predict_interval(fh=fh, X=X, coverage=coverage)
        if y is None:
            y = _seen_series(estimator)
        return cls.from_predictions(
            y_pred, y=y, y_true=y_true, intervals=intervals, ax=ax, **plot_params
        )

    @classmethod
    def from_predictions(
        cls,
        y_pred: Any,
        *,
        y: Any = None,
        y_true: Any = None,
        intervals: Any = None,
        ax: Any = None,
        **plot_params: Style,
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
        ax : matplotlib Axes, default=None
            Where to draw. If None, a new figure is made.
        **plot_params : dict
            Styles; see :meth:`plot`.

        Returns
        -------
        ForecastDisplay
            The display, drawn.
        """
        n = 0 if y is None else len(y)
        y_pred = _to_table(y_pred, pd.RangeIndex(n, n + len(y_pred)))
        return cls(
            y_pred=y_pred,
            y=None if y is None else _to_table(y, pd.RangeIndex(n)),
            y_true=None if y_true is None else _to_table(y_true, y_pred.index),
            intervals=intervals,
        ).plot(ax, **plot_params)


class _Panel(NamedTuple):
    """What is drawn on one axes."""

    title: str
    label: str
    lines: dict[str, pd.Series]
    bands: dict[float, pd.DataFrame]


def _make_panels(y_pred: Any, y: Any, y_true: Any, intervals: Any) -> list[_Panel]:
    """Gather the data of each forecast series from all tables."""
    given = {"history": y, "truth": y_true, "forecast": y_pred}
    tables = {
        kind: _split_series(data, kind)
        for kind, data in given.items()
        if data is not None
    }
    bands = _split_bands(intervals)
    panels = []
    for key in tables["forecast"]:
        lines = {kind: _pick(table, key, kind) for kind, table in tables.items()}
        if len({_has_dates(series.index) for series in lines.values()}) > 1:
            raise TypeError(
                f"{', '.join(lines)} must all be indexed by dates or all by numbers. "
                f"Got {[type(series.index).__name__ for series in lines.values()]}."
            )
        title = " / ".join(str(level) for level in key[0])
        label = next(filter(None, map(_make_label, lines.values())), "")
        own_bands = _pick(bands, key, "intervals") if bands else {}
        panels.append(_Panel(title, label, lines, own_bands))
    return panels


def _pick(table: dict, key: tuple, name: str) -> Any:
    """Return one series of a table, or raise if it is missing."""
    if key not in table:
        raise ValueError(
            f"{name} must hold each series of the forecast. Got {list(table)} without "
            f"{key}."
        )
    return table[key]


def _split_rows(frame: pd.DataFrame) -> dict[tuple, pd.DataFrame]:
    """Cut a panel into its instances; a table without instances has only ()."""
    levels: list[Any] = list(range(frame.index.nlevels - 1))
    if not levels:
        return {(): frame}
    only = len(levels) == 1
    # pandas 2 and 3 disagree on the labels of a list of one level.
    groups: Any = frame.groupby(level=levels[0] if only else levels, sort=False)
    return {
        (instance,) if only else instance: rows.droplevel(levels)
        for instance, rows in groups
    }


def _split_columns(frame: pd.DataFrame) -> dict[Any, Any]:
    """Cut by variable; the only variable of a table is None whatever its name.

    sktime does not always keep the name of an only column from `fit` on.
    """
    variables = frame.columns.unique(level=0)
    if len(variables) == 1:
        return {None: frame[variables[0]]}
    return {variable: frame[variable] for variable in variables}


def _split_series(data: Any, name: str) -> dict[tuple, pd.Series]:
    """Cut a table into series, keyed by instance and variable."""
    frame = pd.DataFrame(data)
    if frame.empty:
        raise ValueError(f"The {name} must have at least one row. Got {frame.shape}.")
    series = {}
    for instance, rows in _split_rows(frame).items():
        _check_index(rows.index, name)
        for variable, column in _split_columns(rows).items():
            series[instance, variable] = column
            column.attrs = getattr(data, "attrs", {})
    return series


def _split_bands(intervals: Any) -> dict[tuple, dict[float, pd.DataFrame]]:
    """Cut prediction intervals by series and by coverage, the widest first."""
    if intervals is None:
        return {}
    if not isinstance(intervals, pd.DataFrame) or intervals.columns.nlevels != 3:
        raise TypeError(
            "intervals must be a DataFrame with the column levels variable, coverage "
            f"and bound, as from `predict_interval`. Got {type(intervals).__name__}."
        )
    bands = {}
    for instance, rows in _split_rows(intervals).items():
        for variable, frame in _split_columns(rows).items():
            coverages = sorted(frame.columns.unique(level=0), reverse=True)
            bands[instance, variable] = {c: frame[c] for c in coverages}
    return bands


def _draw_panel(ax: Any, panel: _Panel, styles: dict[str, Style]) -> dict[Any, Any]:
    """Draw one series with its history and intervals; return the artists by name."""
    lines = {
        kind: _draw_line(ax, kind, series, styles[kind])
        for kind, series in panel.lines.items()
    }
    color = lines["forecast"].get_color()
    bands = _draw_bands(ax, panel.bands, color, styles["interval"])
    # Forecasters do not always keep the name of the time axis.
    indexes = [series.index for series in panel.lines.values()]
    named = next((index for index in indexes if index.name is not None), indexes[0])
    _label_axes(ax, named, panel.label)
    if panel.title:
        ax.set_title(panel.title)
    return {**lines, **bands}


def _draw_bands(
    ax: Any, bands: dict[float, pd.DataFrame], color: Any, style: Style
) -> dict[float, Any]:
    """Shade the intervals, the narrower the darker; return them by coverage."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgb, to_rgba

    style = _merge_style({"color": color}, style, PolyCollection)
    ink = np.array(to_rgb(style.pop("color")))
    *background, opacity = to_rgba(ax.get_facecolor())
    paper = np.array(background) if opacity else np.ones(3)
    tints = np.linspace(*TINTS, len(bands))
    drawn = {}
    for (coverage, band), tint in zip(bands.items(), tints, strict=True):
        # Opaque, since transparent bands on top of each other differ from the legend.
        mixed = tuple(tint * ink + (1 - tint) * paper)
        defaults: dict[str, Any] = {"facecolor": mixed, "edgecolor": mixed}
        # The edge makes the interval of a lone step visible.
        defaults |= {"linewidth": 1.0, "label": f"{100 * coverage:g}% interval"}
        drawn[coverage] = ax.fill_between(
            _to_times(band.index), band["lower"], band["upper"], **{**defaults, **style}
        )
    return drawn
