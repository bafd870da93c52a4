"""History and forecast of one or several series."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd

from skl_lstm.plotting import _drawing
from skl_lstm.plotting._drawing import BLACK, BLUE, VERMILION, Style
from skl_lstm.plotting._rows import find_network, predict_rows, predicts_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

LINE_STYLES: dict[str, dict[str, Any]] = {
    "history": {"color": BLACK, "linewidth": 1.2},
    "actual": {"color": VERMILION, "linestyle": "--"},
    "forecast": {"color": BLUE},
}
# Share of the line color in the widest and in the narrowest interval.
TINTS = (0.25, 0.5)
# History shown by default: so many horizons, and at least so many rows.
HORIZONS_SHOWN, LEAST_SHOWN = 4, 24


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
    components : dict of str to float, default=None
        Share of each part in the forecast (``components_``), for the legend.

    Attributes
    ----------
    ax_ : matplotlib Axes or ndarray of Axes of shape (n_series,)
        Axes of the only series, or of each.
    figure_ : matplotlib Figure
        Figure that holds the axes.
    legend_ : matplotlib Legend
        The one legend of all axes.
    artists_ : list of dict
        What was drawn of each series: the lines "history", "actual" and "forecast",
        and each band by its coverage.

    Examples
    --------
    >>> import pandas as pd
    >>> from skl_lstm.plotting import ForecastDisplay
    >>> index = pd.period_range("2024-01", periods=6, freq="M")
    >>> y = pd.Series([3.0, 1.0, 4.0, 1.0, 5.0, 9.0], index=index)
    >>> display = ForecastDisplay.from_predictions(y[4:] + 1, y=y[:4], y_true=y[4:])
    >>> list(display.artists_[0])
    ['history', 'actual', 'forecast']
    """

    ax_: "Axes | np.ndarray"
    figure_: "Figure"
    legend_: "Legend"
    artists_: list[dict[Any, Any]]

    def __init__(
        self,
        *,
        y_pred: pd.Series | pd.DataFrame,
        y: pd.Series | pd.DataFrame | None = None,
        y_true: pd.Series | pd.DataFrame | None = None,
        intervals: pd.DataFrame | None = None,
        components: dict[str, float] | None = None,
    ) -> None:
        self.y_pred = y_pred
        self.y = y
        self.y_true = y_true
        self.intervals = intervals
        self.components = components

    def plot(
        self,
        ax: "Axes | Iterable[Axes] | None" = None,
        *,
        series: Any = None,
        n_history: int | Literal["auto"] | None = "auto",
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
        series : str, tuple, int or list of these, default=None
            Names of the series of a panel, or of the columns, to draw. If None, all.
        n_history : int, "auto" or None, default="auto"
            Rows of the history to draw before the forecast. "auto" draws four times as
            many as are forecast, and at least 24; None draws all.
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
        gathered = _gather(
            self.y_pred, self.y, self.y_true, self.intervals, series, n_history
        )
        axes = _drawing.make_axes(ax, len(gathered))
        styles = {
            "history": history_kwargs,
            "actual": true_kwargs,
            "forecast": pred_kwargs,
            "intervals": interval_kwargs,
        }
        label = "forecast" + _describe(self.components)
        self.artists_ = [
            _draw_series(one_ax, parts, styles, label)
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
        """Forecast with a fitted estimator of either convention and draw the result.

        Parameters
        ----------
        estimator : sktime forecaster or scikit-learn regressor
            Fitted; also a pipeline or search.
        fh : int, array-like of int or ForecastingHorizon, default=None
            Steps to forecast. If None, those given to ``fit``. A regressor takes X
            instead.
        X : DataFrame or ndarray, default=None
            Exogenous features over the forecast steps; the rows that a regressor
            predicts.
        y, y_true : Series, DataFrame or ndarray, default=None
            History and real values. If `y` is None, the history is what the
            forecaster remembers; if it remembers nothing, none is drawn.
        coverage : float or list of float in (0, 1), default=None
            Coverages of the prediction intervals. If None, none are computed. Of
            regressors, those of this package and pipelines that end in one have some.
        **plot_params : dict
            Axes and styles; see :meth:`plot`.

        Returns
        -------
        ForecastDisplay
            The display, drawn.
        """
        are_rows = predicts_rows(estimator)
        network = find_network(estimator) if are_rows else estimator
        if y is None:
            # What our forecasters, or sktime's unless told to forget, have seen.
            seen = getattr(network, "_seen_series", None)
            y = seen() if seen else getattr(estimator, "_y", None)
        if are_rows:
            rows = fh if X is None else X
            y_pred, intervals = predict_rows(estimator, rows, y, coverage)
        else:
            y_pred, intervals = _forecast(estimator, fh, X, coverage)
        return cls.from_predictions(
            y_pred,
            y=y,
            y_true=y_true,
            intervals=intervals,
            components=getattr(network, "components_", None),
            **plot_params,
        )

    @classmethod
    def from_predictions(
        cls,
        y_pred: Any,
        *,
        y: Any = None,
        y_true: Any = None,
        intervals: pd.DataFrame | None = None,
        components: dict[str, float] | None = None,
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
        components : dict of str to float, default=None
            Share of each part in the forecast (``components_``), for the legend.
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
            components=components,
        ).plot(**plot_params)


def _forecast(
    forecaster: Any, fh: Any, X: Any, coverage: Any
) -> tuple[Any, pd.DataFrame | None]:
    """Forecast in sktime's convention, with intervals if asked."""
    y_pred = forecaster.predict(fh=fh, X=X)
    if isinstance(y_pred, np.ndarray):
        # A forecaster fitted on an array does not say which steps it returns.
        steps = forecaster.fh.to_absolute_index(forecaster.cutoff)
        y_pred = pd.DataFrame(y_pred, index=steps)
    if coverage is None:
        return y_pred, None
    return y_pred, forecaster.predict_interval(fh=fh, X=X, coverage=coverage)


def _describe(components: dict[str, float] | None) -> str:
    """Say which parts a forecast is made of, those with next to no share left out."""
    parts = [f"{name} {v:.0%}" for name, v in (components or {}).items() if v >= 0.005]
    return f" ({', '.join(parts)})" if parts else ""


def _to_frame(data: Any, index: pd.Index) -> pd.DataFrame:
    """Return a table: of pandas data as they are, of an array with the given index."""
    if not isinstance(data, pd.Series | pd.DataFrame):
        data = pd.DataFrame(np.asarray(data), index=index)
    frame = pd.DataFrame(data)
    frame.attrs = data.attrs
    return frame


def _gather(
    y_pred: Any, y: Any, y_true: Any, intervals: Any, names: Any, n_history: Any
) -> dict[tuple, dict]:
    """Gather what is drawn of each series, by its key and by what it is."""
    given = {"history": y, "actual": y_true, "forecast": y_pred, "intervals": intervals}
    tables = {
        name: _split(table, name) for name, table in given.items() if table is not None
    }
    keys = _select(list(tables["forecast"]), names)
    gathered = {}
    for key in keys:
        parts = {
            name: _find(table, key, name, alone=len(keys) == 1)
            for name, table in tables.items()
        }
        kinds = [type(part.index).__name__ for part in parts.values()]
        if len({_drawing.has_dates(part.index) for part in parts.values()}) > 1:
            raise TypeError(
                f"{', '.join(tables)} must all be indexed by dates or all by numbers. "
                f"Got {kinds}."
            )
        if "history" in parts and n_history is not None:
            parts["history"] = _shorten(parts["history"], parts["forecast"], n_history)
        gathered[key] = parts
    return gathered


def _select(keys: list[tuple], names: Any) -> list[tuple]:
    """Return the keys of the series that are named, in this order; all by default."""
    if names is None:
        return keys
    found = []
    for name in names if isinstance(names, list) else [names]:
        of_name = [
            key for key in keys if name in (*key[0], *key, _write_name(key), key[0])
        ]
        if not of_name:
            some = [_write_name(key) for key in keys[:5]]
            raise ValueError(
                f"There is no series {name!r} in the forecast. Its {len(keys)} series "
                f"are {', '.join(some)}{', ...' if len(keys) > 5 else ''}."
            )
        found += [key for key in of_name if key not in found]
    return found


def _find(table: dict[tuple, Any], key: tuple, name: str, *, alone: bool) -> Any:
    """Return the rows of one series, which has no name in a table of it alone."""
    if key in table:
        return table[key]
    if alone and len(table) == 1:
        return next(iter(table.values()))
    some = [_write_name(other) for other in list(table)[:5]]
    raise ValueError(
        f"{name} must hold each series of the forecast. Got {', '.join(some)} without "
        f"{_write_name(key)}; name those to draw as `series`."
    )


def _write_name(key: tuple) -> str:
    """Return the name of a series: instance and, among several, the column."""
    instance, variable = key
    parts = [*instance] if variable is None else [*instance, variable]
    return " / ".join(map(str, parts)) or "one series without a name"


def _shorten(history: Any, forecast: Any, n_history: Any) -> Any:
    """Return the latest rows of the history before the forecast, and those after."""
    n = max(HORIZONS_SHOWN * len(forecast), LEAST_SHOWN)
    n = n if n_history == "auto" else n_history
    times = (_drawing.to_times(part.index) for part in (history, forecast))
    before, after = times
    first = int(np.searchsorted(before, after[0]))
    return history.iloc[max(first - n, 0) :]


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
    ax: Any, parts: dict[str, Any], styles: dict[str, Style], label: str
) -> dict[Any, Any]:
    """Draw one series with its history and intervals; return the artists by name."""
    lines = {name: part for name, part in parts.items() if name in LINE_STYLES}
    artists: dict[Any, Any] = {}
    for name, series in lines.items():
        style = {"label": name, **LINE_STYLES[name]}
        style |= {"label": label} if name == "forecast" else {}
        artists[name] = _drawing.draw_line(ax, series, styles[name], **style)
    for name in lines.keys() - {"history"} if "history" in lines else ():
        _join(ax, artists["history"], artists[name])
    if "intervals" in parts:
        color = artists["forecast"].get_color()
        artists |= _draw_bands(ax, parts["intervals"], color, styles["intervals"])
    # Forecasters do not always keep the names of the series and of the time axis.
    indexes = [series.index for series in lines.values()]
    index = next((index for index in indexes if index.name is not None), indexes[0])
    labels = map(_drawing.make_label, lines.values())
    _drawing.label_axes(ax, index, next(filter(None, labels), ""))
    return artists


def _join(ax: Any, history: Any, line: Any) -> None:
    """Join a line to the history before it."""
    (*_, last), (first, *_) = history.get_xdata(), line.get_xdata()
    if last < first:
        ends = [history.get_ydata()[-1], line.get_ydata()[0]]
        look = {"color": line.get_color(), "linestyle": line.get_linestyle()}
        ax.plot([last, first], ends, linewidth=line.get_linewidth(), **look)


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
