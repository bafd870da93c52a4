"""Kinds of pandas' values: indexes, moments, frequencies, time zones."""

import re
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from skl_lstm._persistence._values import Kind, UnkeptError, is_array, is_exactly

# Distances from UTC, as Python names them; every other zone is one of the database.
FIXED_ZONE = re.compile(r"UTC([+-]\d\d:\d\d)?")
LABEL_DTYPE = re.compile(
    r"object|str|string|bool|boolean|[uU]?[iI]nt(8|16|32|64)|[fF]loat(16|32|64)"
)


def name_frequency(value: pd.offsets.BaseOffset | None) -> str | None:
    """Return pandas' name of a frequency, which must lead back to it."""
    if value is None:
        return None
    try:
        if to_offset(value.freqstr) == value:
            return value.freqstr
    except ValueError:
        pass
    raise UnkeptError(value)


def name_zone(zone: Any) -> str | None:
    """Return the name of a time zone, under which the database must have it."""
    try:
        return check_zone(None if zone is None else str(zone))
    except ValueError as error:
        raise UnkeptError(zone) from error


def check_zone(name: str | None) -> str | None:
    """Raise unless the database has the zone: pandas would open a path, too."""
    if name is not None and not FIXED_ZONE.fullmatch(name) and name not in _zones():
        raise ValueError(f"{name!r} is no time zone")
    return name


@cache
def _zones() -> set[str]:
    return available_timezones()


def _take_times_apart(value: Any) -> dict[str, Any]:
    return {
        "values": value.to_numpy(f"{value.dtype.kind}8[{value.unit}]"),
        "zone": name_zone(getattr(value, "tz", None)),
        "frequency": name_frequency(value.freq),
        "name": value.name,
    }


def _build_times(
    values: np.ndarray, zone: str | None, frequency: Any, name: Any
) -> pd.Index:
    if values.dtype.kind == "m":
        return pd.TimedeltaIndex(values, freq=frequency, name=name)
    index = pd.DatetimeIndex(values)
    if check_zone(zone) is not None:
        index = index.tz_localize("UTC").tz_convert(zone)
    return pd.DatetimeIndex(index, freq=frequency, name=name)


def _build_periods(ordinals: np.ndarray, frequency: str, name: Any) -> pd.PeriodIndex:
    # Unknown to pandas-stubs.
    build = pd.PeriodIndex.from_ordinals  # type: ignore[attr-defined]
    return build(ordinals, freq=frequency, name=name)


def _take_labels_apart(value: pd.Index) -> dict[str, Any]:
    values, dtype = value.to_numpy(), str(value.dtype)
    if not LABEL_DTYPE.fullmatch(dtype):
        raise UnkeptError(value.dtype)
    labels = values if is_array(values) else value.astype(object).tolist()
    return {"labels": labels, "dtype": dtype, "name": value.name}


def _build_labels(labels: Any, dtype: str, name: Any) -> pd.Index:
    if not LABEL_DTYPE.fullmatch(dtype):
        raise ValueError(f"{dtype!r} is no dtype that is kept")
    # Tuples stay labels: levels are another kind.
    return pd.Index(labels, dtype=dtype, name=name, tupleize_cols=False)


def _build_frame(index: pd.Index, columns: pd.Index, values: list) -> pd.DataFrame:
    frame = pd.DataFrame(dict(enumerate(values)))
    return frame.set_axis(index).set_axis(columns, axis=1)


KINDS = (
    Kind(
        "range index",
        is_exactly(pd.RangeIndex),
        lambda value: {
            "bounds": [int(value.start), int(value.stop), int(value.step)],
            "name": value.name,
        },
        lambda bounds, name: pd.RangeIndex(*bounds).rename(name),
    ),
    Kind(
        "times index",
        is_exactly(pd.DatetimeIndex, pd.TimedeltaIndex),
        _take_times_apart,
        _build_times,
    ),
    Kind(
        "periods index",
        is_exactly(pd.PeriodIndex),
        lambda value: {
            "ordinals": value.asi8,
            "frequency": value.freqstr,
            "name": value.name,
        },
        _build_periods,
    ),
    Kind(
        "levels index",
        is_exactly(pd.MultiIndex),
        lambda value: {"tuples": list(value), "names": list(value.names)},
        lambda tuples, names: pd.MultiIndex.from_tuples(tuples, names=names),
    ),
    Kind(
        "labels index",
        is_exactly(pd.Index),
        _take_labels_apart,
        _build_labels,
    ),
    Kind(
        "frame",
        is_exactly(pd.DataFrame),
        lambda value: {
            "index": value.index,
            "columns": value.columns,
            "values": [pd.Index(column, name=None) for _, column in value.items()],
        },
        lambda index, columns, values: (
            pd.DataFrame(dict(enumerate(values)))
            .set_axis(index)
            .set_axis(columns, axis=1)
        ),
    ),
    Kind(
        "moment",
        lambda value: (
            value is pd.NaT or type(value) in (pd.Timestamp, pd.Timedelta, pd.Period)
        ),
        lambda value: {"index": pd.Index([value])},
        lambda index: index[0],
    ),
    Kind(
        "frequency",
        lambda value: isinstance(value, pd.offsets.BaseOffset),
        lambda value: {"name": name_frequency(value)},
        lambda name: to_offset(name),
    ),
)
