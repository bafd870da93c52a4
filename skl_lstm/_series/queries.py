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
    absolute_index,
    check_not_before_start,
    last_time,
    n_rows_seen,
    relative_steps,
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


def context_of_rows(
    history: History, placement: Placement, n_rows: int
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Find the rows of X that stand just before rows to predict.

    Nothing is known before training rows, before earlier ones, and after a gap.

    Parameters
    ----------
    history : History
        The training rows.
    placement : Placement
        Where the rows to predict stand.
    n_rows : int
        How many of the rows before are read.

    Yields
    ------
    ndarray of int, ndarray of shape (n_before, n_features) or None
        Which rows to predict, and those before them.
    """
    if (placement.is_training | placement.is_too_early).any():
        yield np.arange(len(placement.step)), None
        return
    for run in placement.runs():
        end = placement.n_before[run[0]]
        follows = placement.step[run[0]] == 1
        yield run, history.X[max(end - n_rows, 0) : end] if follows else None


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
    X = history.X.copy()
    inside = np.flatnonzero(placement.is_training)
    if len(inside):
        X[placement.position[inside]] = rows[inside]
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
