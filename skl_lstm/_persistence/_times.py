"""Codecs of pandas' frequencies, time zones and moments in time."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import pandas as pd
from pandas.tseries.frequencies import to_offset

from skl_lstm._persistence._codec import Codec, Decoder, Encoder, Node, UnkeptError
from skl_lstm._persistence._plain import is_exactly, is_value_of

# Distances from UTC, as Python names them; every other zone is one of the database.
FIXED_ZONE = re.compile(r"UTC([+-]\d\d:\d\d)?")
MISSING = {"NaT": pd.NaT, "NA": pd.NA}


# Frequencies and zones ----------------------------------------------------------


def _is_offset(value: Any) -> bool:
    return isinstance(value, pd.offsets.BaseOffset)


def _encode_offset(value: pd.offsets.BaseOffset, encoder: Encoder) -> dict[str, Node]:
    return {"freq": name_offset(value)}


def _decode_offset(node: Mapping[str, Node], decoder: Decoder) -> Any:
    return to_offset(node["freq"])


def name_offset(value: pd.offsets.BaseOffset | None) -> str | None:
    """Return pandas' name of a frequency, which must lead back to it."""
    if value is None:
        return None
    try:
        if to_offset(value.freqstr) == value:
            return value.freqstr
    except ValueError:
        pass
    raise UnkeptError(f"a frequency without a name of pandas, {value!r}")


def name_zone(zone: Any) -> str | None:
    """Return the name of a time zone, under which the database must have it."""
    name = None if zone is None else str(zone)
    try:
        check_zone(name)
    except ValueError as error:
        raise UnkeptError(f"a time zone without a name, {zone!r}") from error
    return name


def check_zone(name: str | None) -> str | None:
    """Raise unless the database has the zone: pandas would open a path, too."""
    if name is not None and not FIXED_ZONE.fullmatch(name) and name not in _zones():
        raise ValueError(f"{name!r} is no time zone")
    return name


@cache
def _zones() -> set[str]:
    return available_timezones()


# Moments ------------------------------------------------------------------------


def _encode_timestamp(value: pd.Timestamp, encoder: Encoder) -> dict[str, Node]:
    return {
        "value": encoder.encode(value.to_datetime64()),
        "zone": name_zone(value.tz),
    }


def _decode_timestamp(node: Mapping[str, Node], decoder: Decoder) -> pd.Timestamp:
    value = pd.Timestamp(decoder.decode(node["value"]))
    if node["zone"] is None:
        return value
    return value.tz_localize("UTC").tz_convert(check_zone(node["zone"]))


def _encode_timedelta(value: pd.Timedelta, encoder: Encoder) -> dict[str, Node]:
    return {"value": encoder.encode(value.to_timedelta64())}


def _decode_timedelta(node: Mapping[str, Node], decoder: Decoder) -> pd.Timedelta:
    return pd.Timedelta(decoder.decode(node["value"]))


def _encode_period(value: pd.Period, encoder: Encoder) -> dict[str, Node]:
    return {"ordinal": int(value.ordinal), "freq": value.freqstr}


def _decode_period(node: Mapping[str, Node], decoder: Decoder) -> pd.Period:
    return pd.Period(ordinal=node["ordinal"], freq=node["freq"])


def _encode_missing(value: Any, encoder: Encoder) -> dict[str, Node]:
    return {"name": str(value).strip("<>")}


def _decode_missing(node: Mapping[str, Node], decoder: Decoder) -> Any:
    return MISSING[node["name"]]


CODECS = (
    Codec("offset", _is_offset, _encode_offset, _decode_offset),
    Codec("timestamp", is_exactly(pd.Timestamp), _encode_timestamp, _decode_timestamp),
    Codec("timedelta", is_exactly(pd.Timedelta), _encode_timedelta, _decode_timedelta),
    Codec("period", is_exactly(pd.Period), _encode_period, _decode_period),
    Codec("missing", is_value_of(MISSING), _encode_missing, _decode_missing),
)
