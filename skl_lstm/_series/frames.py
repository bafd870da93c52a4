"""Frames and series of polars as those of pandas."""

from typing import Any

import pandas as pd

# What sktime puts before the name of a column that holds the index.
INDEX_PREFIX = "__index__"
_TEXT = {"String", "Categorical", "Enum"}


def as_pandas(data: Any) -> Any:
    """Return a frame or series of polars as one of pandas, other data as they are.

    A column whose name starts with `INDEX_PREFIX` becomes the index. Needs no pyarrow,
    unlike ``to_pandas``.
    """
    if type(data).__module__.partition(".")[0] != "polars":
        return data
    if not hasattr(data, "columns"):
        return _as_series(data)
    frame = pd.DataFrame({column.name: _as_series(column) for column in data})
    index = [name for name in data.columns if name.startswith(INDEX_PREFIX)]
    return frame.set_index(index) if index else frame


def _as_series(column: Any) -> pd.Series:
    if column.dtype.base_type().__name__ in _TEXT:
        return pd.Series(column.to_list(), name=column.name, dtype="category")
    series = pd.Series(column.to_numpy(), name=column.name)
    zone = getattr(column.dtype, "time_zone", None)
    return series.dt.tz_localize("UTC").dt.tz_convert(zone) if zone else series
