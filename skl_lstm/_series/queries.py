"""What is asked of each series: its past, its rows of X, the steps to predict."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm._series.exogenous import exogenous_ahead
from skl_lstm._series.history import History
from skl_lstm._series.horizon import (
    absolute_index,
    check_not_before_start,
    last_time,
    n_rows_seen,
    relative_steps,
)
from skl_lstm._series.panel import Instance, Key
from skl_lstm._series.placement import Place


class Query(NamedTuple):
    """What is asked of one series.

    Attributes
    ----------
    key : tuple
        The series.
    past : History
        Its rows up to the cutoff; further rows of X are those of the steps to forecast.
    steps : ndarray of int
        Steps to predict, relative to the cutoff.
    times : pandas.Index or None
        When they are; None where nobody asks.
    """

    key: Key
    past: History
    steps: np.ndarray
    times: Any


class Panel(NamedTuple):
    """What ``predict`` is asked, and of which series.

    Attributes
    ----------
    fh : ForecastingHorizon
        The steps; relative ones count from the end of each series.
    histories : dict of tuple to History
        All rows seen.
    X : dict of tuple to Instance
        Rows passed to ``predict``; empty without.
    cutoff : pandas.Index
        The latest time seen of any series.
    columns : pandas.Index or None
        Columns of X that ``fit`` saw.
    """

    fh: ForecastingHorizon
    histories: dict[Key, History]
    X: dict[Key, Instance]
    cutoff: pd.Index
    columns: pd.Index | None


def make_queries(panel: Panel, n_rows_ahead: Callable[[int], int]) -> list[Query]:
    """Ask every series for the steps of ``fh``.

    Parameters
    ----------
    panel : Panel
        What is asked.
    n_rows_ahead : callable
        Says how many rows of X after the cutoff so many steps read.

    Raises
    ------
    ValueError
        If X does not cover the steps, a time cannot be told, or lies before the start
        of a series.
    """
    fh, cutoff = panel.fh, panel.cutoff
    queries: list[Query] = []
    known: dict[Any, pd.Index] = {}
    for key, history in panel.histories.items():
        past = history.until(n_rows_seen(history, cutoff))
        if not len(past):
            raise ValueError(f"The series {key} has no row up to {cutoff[0]}.")
        own = last_time(past) if key else cutoff
        steps = relative_steps(fh, past, own)
        check_not_before_start(steps, len(past))
        n_needed = n_rows_ahead(max(int(steps.max()), 0))
        X = panel.X.get(key)
        ahead = exogenous_ahead(X, n_needed, history, own, panel.columns)
        place = (own[0], id(history.index) if (steps <= 0).any() else None)
        if place not in known:
            known[place] = absolute_index(fh, steps, past, own)
        past = replace(past, X=np.concatenate([past.X, ahead]))
        queries.append(Query(key, past, steps, known[place]))
    return queries


def ask_for_rows(history: History, rows: np.ndarray, place: Place) -> Query:
    """Turn rows into steps before or after the end of the training rows.

    Parameters
    ----------
    history : History
        The training rows.
    rows : ndarray of shape (n_samples, n_features)
        Exogenous columns of the rows to predict.
    place : Place
        Where they stand.

    Raises
    ------
    ValueError
        If the rows start before the training rows, or between two of them.
    """
    if place.n_missing is None and place.first is None:
        raise ValueError(
            "X starts at a time before the training rows or between two of them, where "
            "autoregressive=True has no past to forecast from. Pass the training rows, "
            "or rows that follow them."
        )
    n_rows, X = len(history), history.X.copy()
    n_missing, n_inside = place.n_missing or 0, 0
    first = n_rows + n_missing
    if place.first is not None:
        first = place.first
        n_inside = min(len(rows), n_rows - first)
        X[first : first + n_inside] = rows[:n_inside]
    # Steps of a gap are forecast, too, with X as it was last seen.
    gap = X[-1:][np.zeros(n_missing, dtype=int)]
    X = np.concatenate([X, gap, rows[n_inside:]])
    steps = np.arange(first, first + len(rows)) - (n_rows - 1)
    return Query((), replace(history, X=X), steps, None)
