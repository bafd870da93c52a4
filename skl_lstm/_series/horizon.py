"""sktime's time arithmetic: steps, labels and the rows of X that they need."""

from typing import Any

import numpy as np
import pandas as pd
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm._series.history import History
from skl_lstm._series.panel import Key

_NO_FREQUENCY = (
    "the index {index} has no frequency, so the times after its end are unknown. Give "
    "it one with y.asfreq('B') (or the frequency that fits), y.to_period('B'), or "
    "number the rows with y.reset_index(drop=True)"
)


def n_rows_seen(history: History, cutoff: pd.Index) -> int:
    """Count the rows up to the cutoff, which sktime moves freely."""
    return int(history.index.searchsorted(cutoff[0], side="right"))


def with_frequency(cutoff: pd.Index, history: History) -> pd.Index:
    """Give a cutoff the history's frequency, which a single new date does not have."""
    dates = isinstance(cutoff, pd.DatetimeIndex) and cutoff.freq is None
    if dates and history.freq is not None:
        return pd.DatetimeIndex(cutoff, freq=history.freq)
    return cutoff


def last_time(history: History) -> pd.Index:
    """Return the time of the last row, as a cutoff."""
    return with_frequency(history.index[-1:], history)


def relative_steps(
    fh: ForecastingHorizon, history: History, cutoff: pd.Index
) -> np.ndarray:
    """Return the steps of ``fh`` from the cutoff; 1 is the step after it.

    Times that the history holds count by their position, so that an index without a
    frequency can be predicted in sample.

    Raises
    ------
    ValueError
        If other times are asked for and the index has no frequency, or none of its
        rows will have them.
    """
    values = fh.to_pandas()
    if fh.is_relative and pd.api.types.is_integer_dtype(values.dtype):
        return values.to_numpy()
    if not fh.is_relative:
        positions = _positions(history.index, values)
        if (positions >= 0).all():
            return positions - (n_rows_seen(history, cutoff) - 1)
    try:
        units = fh.to_relative(cutoff).to_pandas().to_numpy().astype(int)
    except (AttributeError, TypeError, ValueError) as error:
        raise _no_frequency(history, fh) from error
    distance = _row_distance(history)
    if (units % distance).any():
        raise ValueError(
            f"fh={values!r} cannot be forecast: rows are {distance} apart, the last "
            f"one at {history.index[-1]}, and none will be there."
        )
    return units // distance


def _row_distance(history: History) -> int:
    """Return how far numbered rows are apart; sktime takes it for 1."""
    numbered = pd.api.types.is_integer_dtype(history.index.dtype)
    return int(history.freq) if numbered and history.freq else 1


def _positions(index: pd.Index, values: pd.Index) -> np.ndarray:
    if isinstance(index, pd.DatetimeIndex) and isinstance(values, pd.PeriodIndex):
        values = values.to_timestamp()
    return index.get_indexer(values)


def _no_frequency(history: History, fh: Any) -> ValueError:
    index = f"({type(history.index).__name__} ending at {history.index[-1]})"
    return ValueError(
        f"fh={fh.to_pandas()!r} cannot be forecast: "
        + _NO_FREQUENCY.format(index=index)
        + "."
    )


def last_step(
    fh: ForecastingHorizon | None, history: History, cutoff: pd.Index
) -> int | None:
    """Return the last step of ``fh``, None if there is none or it cannot be told."""
    if fh is None:
        return None
    try:
        return int(relative_steps(fh, history, cutoff).max())
    except ValueError:
        # Forecasting will say why; training can go on without.
        return None


def last_step_of(
    fh: ForecastingHorizon | None, histories: dict[Key, History]
) -> int | None:
    """Return the last step asked of any series, None if it cannot be told."""
    steps = [last_step(fh, h, last_time(h)) for h in histories.values()]
    return max((step for step in steps if step is not None), default=None)


def check_not_before_start(steps: np.ndarray, n_rows: int) -> None:
    """Raise if a step lies before the first row seen.

    Raises
    ------
    ValueError
        Naming the first step that can be predicted.
    """
    if steps.min() < 1 - n_rows:
        raise ValueError(
            f"fh reaches back to step {steps.min()}, but the {n_rows} rows seen start "
            f"at step {1 - n_rows} relative to the cutoff. Nothing is known before."
        )


def absolute_index(
    fh: ForecastingHorizon, steps: np.ndarray, past: History, cutoff: pd.Index
) -> pd.Index:
    """Return the times of ``fh``.

    Raises
    ------
    ValueError
        If times after the cutoff are asked for and the index has no frequency.
    """
    if not fh.is_relative:
        return fh.to_absolute_index(cutoff)
    if (steps <= 0).all():
        return past.index[len(past) - 1 + steps]
    distance = _row_distance(past)
    if distance > 1:
        labels = cutoff[0] + steps * distance
        return pd.Index(labels, name=past.index.name)
    try:
        return fh.to_absolute_index(cutoff)
    except (AttributeError, TypeError, ValueError) as error:
        raise _no_frequency(past, fh) from error
