"""Axes, lines and labels that all displays share."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

Style = Mapping[str, Any] | None

# Colors of Okabe and Ito (2008), told apart with every kind of color vision.
BLACK, BLUE, SKY_BLUE, VERMILION = "#000000", "#0072B2", "#56B4E9", "#D55E00"
MOST_AXES = 24
# Fewer points are marked: a line of one would not be seen.
MOST_MARKED = 40
MOST_LETTERS_IN_A_ROW = 45


def check_matplotlib() -> None:
    """Raise a worded error if matplotlib is missing."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        message = 'skl_lstm.plotting needs matplotlib: pip install "skl_lstm[plot]"'
        raise ImportError(message) from error


def check_index(index: pd.Index, name: str) -> None:
    """Raise unless the index is a sorted axis of dates or numbers."""
    if not (has_dates(index) or pd.api.types.is_numeric_dtype(index.dtype)):
        raise TypeError(
            f"The index of {name} must hold dates, periods or numbers. Got "
            f"{index.dtype} instead; turn text into dates by `pd.to_datetime`."
        )
    if not index.is_monotonic_increasing:
        raise ValueError(
            f"The index of {name} must be sorted by time. If the rows come from "
            "`train_test_split`, use `shuffle=False`; else `sort_index()`."
        )


def has_dates(index: pd.Index) -> bool:
    """Tell dates and periods from numbers."""
    return isinstance(index, pd.DatetimeIndex | pd.PeriodIndex)


def make_axes(ax: Any, n: int) -> np.ndarray:
    """Return `n` axes: those given, or a grid in a new figure."""
    check_matplotlib()
    import matplotlib.pyplot as plt

    if ax is not None:
        axes = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
        if len(axes) != n:
            raise ValueError(f"ax must hold {n} axes, one per series. Got {len(axes)}.")
        return axes
    if n > MOST_AXES:
        raise ValueError(
            f"A new figure holds at most {MOST_AXES} series. Got {n}; name some of "
            "them as `series`, or pass axes as `ax`."
        )
    n_columns = 1 if n <= 3 else 3
    n_rows = -(-n // n_columns)
    width, height = plt.rcParams["figure.figsize"]
    size = (
        (width, height) if n == 1 else (0.8 * n_columns * width, 0.7 * n_rows * height)
    )
    figure = plt.figure(figsize=size, layout="constrained")
    return np.array([figure.add_subplot(n_rows, n_columns, i + 1) for i in range(n)])


def draw_line(ax: Any, series: pd.Series, style: Style, **defaults: Any) -> Any:
    """Draw a series in a style laid over the defaults; NaN leave gaps."""
    from matplotlib.lines import Line2D

    if len(series) <= MOST_MARKED:
        defaults = {"marker": ".", **defaults}
    values = series.to_numpy(dtype=float, na_value=np.nan)
    style = merge_style(defaults, style, Line2D)
    return ax.plot(to_times(series.index), values, **style)[0]


def merge_style(defaults: dict[str, Any], style: Style, artist: type) -> dict:
    """Put the user's style over the defaults, whatever aliases it uses."""
    from matplotlib.cbook import normalize_kwargs

    return {**defaults, **normalize_kwargs(dict(style or {}), artist)}


def to_times(index: pd.Index) -> np.ndarray:
    """Return an index as what matplotlib can draw."""
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if isinstance(index, pd.DatetimeIndex):
        # Keep the local clock, which matplotlib would turn into UTC.
        index = index.tz_localize(None)
    return index.to_numpy()


def make_label(series: pd.Series) -> str:
    """Return the name of a series with its units, if either is known."""
    # A number is pandas' stand-in for a missing name.
    name = series.name if isinstance(series.name, str) else ""
    units = series.attrs.get("units", "")
    if isinstance(units, Mapping):
        units = units.get(series.name, "")
    return f"{name} ({units})".strip() if units else name


def label_axes(ax: Any, index: pd.Index, label: str) -> None:
    """Name both axes, and write dates and steps shortly."""
    from matplotlib import dates

    if has_dates(index):
        locator = dates.AutoDateLocator(minticks=3, maxticks=7)  # type: ignore[no-untyped-call]
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    elif pd.api.types.is_integer_dtype(index.dtype):
        ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        ax.set_xlabel("time step")
    if index.name is not None:
        ax.set_xlabel(str(index.name))
    ax.set_ylabel(label)


def draw_legend(ax: Any, *, is_new: bool) -> Any:
    """Draw one legend: above the axes in a figure of ours, else inside them."""
    if not is_new:
        return ax.legend()
    lines, labels = ax.get_legend_handles_labels()
    # Rows of equal length: all beside each other, in pairs, or one below the other.
    fits = len("".join(labels)) <= MOST_LETTERS_IN_A_ROW
    ncols = len(labels) if fits else 2 - len(labels) % 2
    return ax.figure.legend(
        lines, labels, loc="outside upper left", ncols=ncols, frameon=False
    )


def write_error(value: float) -> str:
    """Write an error with four digits, a large one without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:#.4g}"
