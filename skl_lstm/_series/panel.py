"""Panels: frames of several series, cut into series and joined again."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

# Names one series of a panel: its values in the levels before time. A single series
# has the key ().
Key = tuple[Hashable, ...]


class Instance(NamedTuple):
    """One series of a frame.

    Attributes
    ----------
    key : tuple
        Its name.
    times : pandas.Index
        Time of each row.
    values : ndarray of shape (n_rows, n_columns)
        Its rows.
    """

    key: Key
    times: pd.Index
    values: np.ndarray


def iterate_instances(frame: pd.DataFrame) -> Iterator[Instance]:
    """Cut a frame into its series, in order of their first rows.

    Series at equal times share one index object. Values may be the frame's own.
    """
    values = frame.to_numpy(dtype=float)
    if frame.index.nlevels == 1:
        yield Instance((), frame.index, values)
        return
    times = frame.index.get_level_values(-1)
    seen = None
    for key, rows in _locate(frame.index):  # type: ignore[arg-type]
        index = times[rows]
        if seen is not None and len(seen) == len(index) and index.equals(seen):
            index = seen
        else:
            # A part of ``times`` would keep the times of all series in memory.
            index = index.copy(deep=True)
        seen = index
        yield Instance(key, index, values[rows])


def list_keys(frame: pd.DataFrame) -> list[Key]:
    """Name the series of a frame, in order of their first rows."""
    if frame.index.nlevels == 1:
        return [()]
    return [key for key, _ in _locate(frame.index)]  # type: ignore[arg-type]


def last_rows(index: pd.MultiIndex) -> np.ndarray:
    """Return the last row of each run of rows of one series."""
    last = np.ones(len(index), dtype=bool)
    last[:-1] = False
    for codes in index.codes[:-1]:
        last[:-1] |= np.diff(codes) != 0
    return np.flatnonzero(last)


def _locate(index: pd.MultiIndex) -> Iterator[tuple[Key, Any]]:
    """Yield the key of each series and its rows: a slice where they lie together."""
    ends = last_rows(index) + 1
    starts = np.concatenate([[0], ends[:-1]])
    names = index[starts].droplevel(-1)
    if names.is_unique and len(index):
        for name, start, end in zip(names, starts, ends, strict=True):
            yield _as_key(name), slice(start, end)
        return
    numbers, keys = pd.factorize(index.droplevel(-1))
    # Stable: rows of one series may lie apart, but are in order of time.
    order = np.argsort(numbers, kind="stable")
    last = np.cumsum(np.bincount(numbers, minlength=len(keys)))
    for name, rows in zip(keys, np.split(order, last[:-1]), strict=True):
        yield _as_key(name), rows


def _as_key(name: Any) -> Key:
    return name if isinstance(name, tuple) else (name,)


def join_instances(
    frames: Mapping[Key, tuple[pd.Index, np.ndarray]], columns: pd.Index, names: list
) -> pd.DataFrame:
    """Put series into one frame, one below the other.

    Parameters
    ----------
    frames : mapping of tuple to (pandas.Index, ndarray)
        Times and rows by key.
    columns : pandas.Index
        Names of the columns.
    names : list
        Names of the levels of the index; one level is a single series.
    """
    indexes = [index for index, _ in frames.values()]
    values = np.concatenate([rows for _, rows in frames.values()])
    if len(names) == 1:
        return pd.DataFrame(values, index=indexes[0], columns=columns)
    lengths = [len(index) for index in indexes]
    times = indexes[0].append(indexes[1:])
    levels = [
        np.repeat(np.array(level, dtype=object), lengths)
        for level in zip(*frames.keys(), strict=True)
    ]
    arrays = [pd.Index(level).infer_objects() for level in levels]
    index = pd.MultiIndex.from_arrays([*arrays, times], names=names)
    return pd.DataFrame(values, index=index, columns=columns)
