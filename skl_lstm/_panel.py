"""Panels: frames of several series, cut into series and joined again."""

from collections.abc import Hashable, Iterator, Mapping
from typing import NamedTuple

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

    Series at equal times share one index object.
    """
    values = frame.to_numpy(dtype=float)
    if frame.index.nlevels == 1:
        yield Instance((), frame.index, values)
        return
    instances = frame.index.droplevel(-1)  # type: ignore[arg-type]
    times = frame.index.get_level_values(-1)
    numbers, keys = pd.factorize(instances)
    # Stable: rows of one series may lie apart, but are in order of time.
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=len(keys)))
    seen = None
    for i, rows in enumerate(np.split(order, ends[:-1])):
        index = times[rows]
        if seen is not None and len(seen) == len(index) and index.equals(seen):
            index = seen
        seen = index
        key = keys[i] if isinstance(keys[i], tuple) else (keys[i],)
        yield Instance(key, index, values[rows])


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
