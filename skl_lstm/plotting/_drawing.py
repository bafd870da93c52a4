"""Checks, axes and lines that all displays share."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

Style = Mapping[str, Any] | None

# Colors of Okabe and Ito (2008), told apart with every kind of color vision.
BLACK, BLUE, SKY_BLUE, VERMILION = "#000000", "#0072B2", "#56B4E9", "#D55E00"
LINE_STYLES: dict[str, dict[str, Any]] = {
    "history": {"color": BLACK, "linewidth": 1.2},
    "truth": {"color": VERMILION, "linestyle": "--"},
    "forecast": {"color": BLUE},
    "real": {"color": BLACK, "linewidth": 1.2},
    # Broad and below the others, so that a prediction that repeats it shows as such.
    "naive": {"color": SKY_BLUE, "linewidth": 4.0, "alpha": 0.6, "zorder": 1.5},
    "predicted": {"color": VERMILION, "linewidth": 1.2},
    "loss": {"color": BLUE},
    "val_loss": {"color": VERMILION, "linestyle": "--"},
    "best": {"color": BLACK, "linestyle": "none", "marker": "o"},
}
MAX_PANELS = 24
MAX_POINTS_WITH_MARKERS = 40
# Width of one date under the axis.
DATE_LABEL_INCHES = 0.6
# Up to this many letters, three columns of the legend fit into a figure.
MAX_SHORT_LABEL = 20


def _check_matplotlib(caller: str) -> None:
    """Raise a worded error if matplotlib is missing."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        message = f'{caller} needs matplotlib: pip install "skl_lstm[plot]"'
        raise ImportError(message) from error


def _check_method(estimator: Any, method: str) -> None:
    """Raise TypeError unless `estimator` is an object with the method."""
    if isinstance(estimator, type) or not callable(getattr(estimator, method, None)):
        raise TypeError(
            f"estimator must be a fitted estimator with a method `{method}`. Got "
            f"{estimator!r} instead."
        )


def _check_index(index: pd.Index, name: str) -> None:
    """Raise unless the index is a sorted axis of dates or numbers."""
    is_numeric = pd.api.types.is_numeric_dtype(index.dtype)
    if isinstance(index, pd.MultiIndex) or not (_has_dates(index) or is_numeric):
        raise TypeError(
            f"The index of {name} must hold dates, periods or numbers. Got "
            f"{type(index).__name__} of {index.dtype} instead; turn text into dates "
            "by `pd.to_datetime`."
        )
    if not index.is_monotonic_increasing:
        raise ValueError(
            f"The index of {name} must be sorted by time. If the rows come from "
            "`train_test_split`, use `shuffle=False`; else `sort_index()`."
        )


def _has_dates(index: pd.Index) -> bool:
    """Tell dates and periods from numbers."""
    return isinstance(index, pd.DatetimeIndex | pd.PeriodIndex)


def _to_table(data: Any, index: pd.Index) -> Any:
    """Return pandas data as they are, and an array with the given index."""
    if isinstance(data, pd.Series | pd.DataFrame):
        return data
    return pd.DataFrame(np.asarray(data), index=index)


def _make_axes(ax: Any, n: int) -> np.ndarray:
    """Return `n` axes: those given, or a grid in a new figure."""
    if ax is not None:
        axes = np.asarray(ax, dtype=object).ravel()
        if not all(hasattr(one, "get_xlim") for one in axes):
            raise TypeError(f"ax must be matplotlib Axes. Got {ax!r} instead.")
        if len(axes) != n:
            raise ValueError(f"ax must hold {n} axes, one per series. Got {len(axes)}.")
        return axes
    if n > MAX_PANELS:
        raise ValueError(
            f"A new figure holds at most {MAX_PANELS} series. Got {n}; pass some of "
            "them to `from_predictions`, or axes as `ax`."
        )
    import matplotlib.pyplot as plt

    n_cols = 1 if n <= 3 else 2 if n <= 8 else 3
    n_rows = -(-n // n_cols)
    scale = (1, 1) if n == 1 else (n_cols * 0.8, n_rows * 0.5)
    figure, grid = plt.subplots(
        n_rows,
        n_cols,
        figsize=np.multiply(plt.rcParams["figure.figsize"], scale),
        squeeze=False,
        layout="constrained",
    )
    for unused in grid.flat[n:]:
        figure.delaxes(unused)
    return grid.ravel()[:n]


def _draw_line(
    ax: Any, kind: str, series: pd.Series, style: Style, label: str | None = None
) -> Any:
    """Draw a series; NaN leave gaps."""
    from matplotlib.lines import Line2D

    values = series.to_numpy(dtype=float, na_value=np.nan)
    defaults = {"label": label or kind, **LINE_STYLES[kind]}
    # Markers show where a few values are, and lone ones between gaps at all.
    is_gap = np.isnan(np.concatenate([[np.nan], values, [np.nan]]))
    lone_points = np.flatnonzero(is_gap[:-2] & ~is_gap[1:-1] & is_gap[2:]).tolist()
    if len(values) <= MAX_POINTS_WITH_MARKERS:
        defaults = {"marker": ".", **defaults}
    elif lone_points and "marker" not in (style or {}):
        defaults |= {"marker": ".", "markevery": lone_points}
    return ax.plot(
        _to_times(series.index), values, **_merge_style(defaults, style, Line2D)
    )[0]


def _merge_style(defaults: dict[str, Any], style: Style, artist: type) -> dict:
    """Put the user's style over the defaults, whatever aliases it uses."""
    from matplotlib.cbook import normalize_kwargs

    if style is not None and not isinstance(style, Mapping):
        raise TypeError(f"A style must be a dict or None. Got {style!r} instead.")
    return {**defaults, **normalize_kwargs(dict(style or {}), artist)}


def _to_times(index: pd.Index) -> np.ndarray:
    """Return an index as what matplotlib can draw."""
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if isinstance(index, pd.DatetimeIndex):
        # Keep the local clock, which matplotlib would turn into UTC.
        index = index.tz_localize(None)
    return index.to_numpy()


def _make_label(series: pd.Series) -> str:
    """Return the name of a series with its units, if either is known."""
    # A number is pandas' stand-in for a missing name.
    name = series.name if isinstance(series.name, str) else ""
    units = series.attrs.get("units", "")
    if isinstance(units, Mapping):
        units = units.get(series.name, "")
    return f"{name} ({units})".strip() if units else name


def _label_axes(ax: Any, index: pd.Index, label: str) -> None:
    """Name the axes and make the time axis readable."""
    from matplotlib import dates
    from matplotlib.ticker import MaxNLocator

    if _has_dates(index):
        inches = ax.get_window_extent().width / ax.figure.dpi
        n_ticks = max(3, int(inches / DATE_LABEL_INCHES))
        locator = dates.AutoDateLocator(minticks=3, maxticks=n_ticks)  # type: ignore[no-untyped-call]
        formatter = dates.ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(formatter)
    elif pd.api.types.is_integer_dtype(index.dtype):
        ticks = MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10], min_n_ticks=1)
        ax.xaxis.set_major_locator(ticks)
        ax.set_xlabel("time step")
    if index.name is not None:
        ax.set_xlabel(str(index.name))
    if label:
        ax.set_ylabel(label)


def _draw_legend(ax: Any, *, is_new: bool) -> Any:
    """Draw one legend: outside the axes of a figure of ours, else inside."""
    if not is_new:
        return ax.legend()
    handles, labels = ax.get_legend_handles_labels()
    n_cols = 3 if max(map(len, labels)) <= MAX_SHORT_LABEL else 2
    return ax.figure.legend(
        handles, labels, loc="outside upper left", ncols=n_cols, frameon=False
    )


def _format(value: float) -> str:
    """Write an error with four digits, a large one without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:#.4g}"
