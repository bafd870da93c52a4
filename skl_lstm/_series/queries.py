"""What is asked of each series: its past, its rows of X, the steps to predict."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm._series.exogenous import exogenous_ahead
from skl_lstm._series.history import History
from skl_lstm._series.horizon import (
    check_not_before_start,
    n_rows_seen,
    steps_of,
    times_of,
)
from skl_lstm._series.panel import Instance, Key
from skl_lstm._series.placement import Placement


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
    held : ndarray of bool of shape (n_features,)
        Strictly past columns, as numbers, that the rows passed leave out: they stay at
        their last value.
    """

    fh: ForecastingHorizon
    histories: dict[Key, History]
    X: dict[Key, Instance]
    cutoff: pd.Index
    columns: pd.Index | None
    held: np.ndarray


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
    queries: list[Query] = []
    known: dict[int, tuple[int, np.ndarray, pd.Index, int]] = {}
    for key, history in panel.histories.items():
        # Series at equal times share one index.
        place = id(history.index)
        if place not in known:
            n_seen = n_rows_seen(history, panel.cutoff)
            if not n_seen:
                raise ValueError(
                    f"The series {key} has no row up to {panel.cutoff[0]}."
                )
            steps, times = _place_horizon(panel.fh, key, history, n_seen)
            n_needed = n_rows_ahead(max(int(steps.max()), 0))
            known[place] = n_seen, steps, times, n_needed
        n_seen, steps, times, n_needed = known[place]
        ahead = exogenous_ahead(
            panel.X.get(key), n_needed, history, n_seen, panel.columns, panel.held
        )
        past = history.until(n_seen)
        if len(ahead):
            past = replace(past, X=np.concatenate([past.X, ahead]))
        queries.append(Query(key, past, steps, times))
    return queries


def _place_horizon(
    fh: ForecastingHorizon, key: Key, history: History, n_seen: int
) -> tuple[np.ndarray, pd.Index]:
    """Return the steps and times that are asked of a series."""
    try:
        steps = steps_of(fh, history.calendar, n_seen)
        check_not_before_start(steps, n_seen)
        return steps, times_of(steps, history.calendar, n_seen)
    except ValueError as error:
        if not key:
            raise
        raise ValueError(f"The series {key}: {error}") from error


def with_rows(history: History, rows: np.ndarray, placement: Placement) -> np.ndarray:
    """Return X of all steps remembered, with the rows to predict in their places.

    A step that training rows leave out has one only if it holds NaN.
    """
    X, step = history.X.copy(), placement.n_before + placement.step - 1
    step = np.where(placement.is_training, placement.position, step)
    inside = np.flatnonzero((step < len(history)) & ~placement.is_too_early)
    is_open = placement.is_training[inside] | np.isnan(X[step[inside]]).all(axis=1)
    X[step[inside[is_open]]] = rows[inside[is_open]]
    return X


def context_of_rows(
    history: History, rows: np.ndarray, placement: Placement, n_before: int
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Find the rows of X that stand just before rows to predict.

    Rows passed one after another are read so. Nothing is known before the first of them
    where it is a training row or an earlier one, or stands after a gap.

    Parameters
    ----------
    history : History
        The training rows.
    rows : ndarray of shape (n_samples, n_features)
        Rows to predict.
    placement : Placement
        Where they stand.
    n_before : int
        How many of the rows before are read.

    Yields
    ------
    ndarray of int, ndarray of shape (n_before, n_features) or None
        Which rows to predict, and those before them.
    """
    X, n_samples = with_rows(history, rows, placement), len(rows)
    cuts = [run[0] for run in placement.runs() if not placement.continues(run[0])]
    for block in np.split(np.arange(n_samples), cuts):
        if len(block):
            end = placement.n_before[block[0]]
            follows = block[0] in cuts and placement.step[block[0]] == 1
            yield block, X[max(end - n_before, 0) : end] if follows else None


def ask_for_rows(
    history: History, rows: np.ndarray, placement: Placement
) -> Iterator[tuple[np.ndarray, Query]]:
    """Turn rows into steps before or after the end of training rows.

    Training rows are asked for one step ahead; new ones as steps after the last
    training row before them. Steps left out are forecast, too, with X as last seen.

    Parameters
    ----------
    history : History
        The training rows.
    rows : ndarray of shape (n_samples, n_features)
        Exogenous columns of the rows to predict.
    placement : Placement
        Where they stand.

    Yields
    ------
    ndarray of int, Query
        Which rows are asked for, and the query.

    Raises
    ------
    ValueError
        If a row stands before all training rows.
    """
    if placement.is_too_early.any():
        raise ValueError(
            "X starts before the training rows, where autoregressive=True has no past "
            "to forecast from. Pass the training rows, or rows that follow them (as an "
            "array, if the index only counts rows). To cross-validate, split with "
            "TimeSeriesSplit."
        )
    X = with_rows(history, rows, placement)
    inside = np.flatnonzero(placement.is_training)
    if len(inside):
        steps = placement.position[inside] - (len(history) - 1)
        yield inside, Query((), replace(history, X=X), steps, None)
    for run in placement.runs():
        n_before, steps = placement.n_before[run[0]], placement.step[run]
        last_seen = np.concatenate([X[n_before - 1 : n_before], rows[run]])
        every_step = np.arange(1, steps[-1] + 1)
        ahead = last_seen[steps.searchsorted(every_step, side="right")]
        known = np.concatenate([X[:n_before], ahead])
        past = replace(history.until(n_before), X=known)
        yield run, Query((), past, steps, None)
