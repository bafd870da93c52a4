"""Codecs of pandas' indexes, series and frames."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from skl_lstm._persistence._codec import Codec, Decoder, Encoder, Node
from skl_lstm._persistence._plain import is_exactly
from skl_lstm._persistence._times import check_zone, name_offset, name_zone

# Columns of pandas' own dtypes go value by value. A categorical has parts of its own.
EXTENSION_DTYPE = re.compile(r"str|string|boolean|U?Int(8|16|32|64)|Float(32|64)")


# Indexes ------------------------------------------------------------------------


def _is_array_index(value: Any) -> bool:
    return type(value) is pd.Index and isinstance(value.dtype, np.dtype)


def _encode_array_index(value: pd.Index, encoder: Encoder) -> dict[str, Node]:
    return encoder.encode_names({"values": value.to_numpy(), "name": value.name})


def _decode_array_index(node: Mapping[str, Node], decoder: Decoder) -> pd.Index:
    values = decoder.decode(node["values"])
    return pd.Index(values, dtype=values.dtype, name=decoder.decode(node["name"]))


def _is_extension_index(value: Any) -> bool:
    return type(value) is pd.Index and bool(EXTENSION_DTYPE.fullmatch(str(value.dtype)))


def _encode_extension_index(value: pd.Index, encoder: Encoder) -> dict[str, Node]:
    items = encoder.encode_all(value.astype(object).tolist())
    return {
        "dtype": str(value.dtype),
        "items": items,
        "name": encoder.encode(value.name),
    }


def _decode_extension_index(node: Mapping[str, Node], decoder: Decoder) -> pd.Index:
    if not EXTENSION_DTYPE.fullmatch(node["dtype"]):
        raise ValueError(f"{node['dtype']!r} is no dtype that is kept")
    items, name = decoder.decode_all(node["items"]), decoder.decode(node["name"])
    return pd.Index(items, dtype=node["dtype"], name=name)


def _encode_range_index(value: pd.RangeIndex, encoder: Encoder) -> dict[str, Node]:
    return {
        "items": [int(value.start), int(value.stop), int(value.step)],
        "name": encoder.encode(value.name),
    }


def _decode_range_index(node: Mapping[str, Node], decoder: Decoder) -> pd.RangeIndex:
    start, stop, step = node["items"]
    return pd.RangeIndex(start, stop, step, name=decoder.decode(node["name"]))


def _encode_times(value: Any, encoder: Encoder) -> dict[str, Node]:
    return {
        "values": encoder.encode(value.to_numpy(f"{value.dtype.kind}8[{value.unit}]")),
        "zone": name_zone(getattr(value, "tz", None)),
        "freq": name_offset(value.freq),
        "name": encoder.encode(value.name),
    }


def _decode_datetime_index(
    node: Mapping[str, Node], decoder: Decoder
) -> pd.DatetimeIndex:
    index = pd.DatetimeIndex(decoder.decode(node["values"]))
    if node["zone"] is not None:
        index = index.tz_localize("UTC").tz_convert(check_zone(node["zone"]))
    name = decoder.decode(node["name"])
    return pd.DatetimeIndex(index, freq=node["freq"], name=name)


def _decode_timedelta_index(
    node: Mapping[str, Node], decoder: Decoder
) -> pd.TimedeltaIndex:
    values, name = decoder.decode(node["values"]), decoder.decode(node["name"])
    return pd.TimedeltaIndex(values, freq=node["freq"], name=name)


def _encode_period_index(value: pd.PeriodIndex, encoder: Encoder) -> dict[str, Node]:
    return {
        "ordinals": encoder.encode(value.asi8),
        "freq": value.freqstr,
        "name": encoder.encode(value.name),
    }


def _decode_period_index(node: Mapping[str, Node], decoder: Decoder) -> pd.PeriodIndex:
    ordinals, name = decoder.decode(node["ordinals"]), decoder.decode(node["name"])
    # Unknown to pandas-stubs.
    build = pd.PeriodIndex.from_ordinals  # type: ignore[attr-defined]
    return build(ordinals, freq=node["freq"], name=name)


def _encode_multi_index(value: pd.MultiIndex, encoder: Encoder) -> dict[str, Node]:
    return {
        "levels": encoder.encode_all(value.levels),
        "codes": encoder.encode_all(np.asarray(codes) for codes in value.codes),
        "names": encoder.encode_all(value.names),
    }


def _decode_multi_index(node: Mapping[str, Node], decoder: Decoder) -> pd.MultiIndex:
    return pd.MultiIndex(
        levels=decoder.decode_all(node["levels"]),
        codes=decoder.decode_all(node["codes"]),
        names=decoder.decode_all(node["names"]),
    )


def _encode_categorical_index(
    value: pd.CategoricalIndex, encoder: Encoder
) -> dict[str, Node]:
    return {
        "codes": encoder.encode(np.asarray(value.codes)),
        "categories": encoder.encode(value.categories),
        "ordered": bool(value.ordered),
        "name": encoder.encode(value.name),
    }


def _decode_categorical_index(
    node: Mapping[str, Node], decoder: Decoder
) -> pd.CategoricalIndex:
    values = pd.Categorical.from_codes(
        decoder.decode(node["codes"]),
        categories=decoder.decode(node["categories"]),
        ordered=node["ordered"],
    )
    return pd.CategoricalIndex(values, name=decoder.decode(node["name"]))


# Series and frames --------------------------------------------------------------


def _encode_series(value: pd.Series, encoder: Encoder) -> dict[str, Node]:
    values = pd.Index(value.array, dtype=value.dtype)
    return encoder.encode_names(
        {"values": values, "index": value.index, "name": value.name}
    )


def _decode_series(node: Mapping[str, Node], decoder: Decoder) -> pd.Series:
    values, index = decoder.decode(node["values"]), decoder.decode(node["index"])
    # A series of its own, which may be written to; its values' frequency is no part.
    return pd.Series(
        values.array,
        index=index,
        dtype=values.dtype,
        name=decoder.decode(node["name"]),
        copy=True,
    )


def _encode_frame(value: pd.DataFrame, encoder: Encoder) -> dict[str, Node]:
    columns = (value.iloc[:, i] for i in range(value.shape[1]))
    return {
        "values": encoder.encode_all(pd.Index(c.array, dtype=c.dtype) for c in columns),
        "index": encoder.encode(value.index),
        "columns": encoder.encode(value.columns),
    }


def _decode_frame(node: Mapping[str, Node], decoder: Decoder) -> pd.DataFrame:
    columns = decoder.decode_all(node["values"])
    index, names = decoder.decode(node["index"]), decoder.decode(node["columns"])
    # Numbered first: names of columns may occur twice.
    frame = pd.DataFrame(
        {i: pd.Series(c.array, index, c.dtype) for i, c in enumerate(columns)},
        index=index,
    )
    return frame.set_axis(names, axis=1)


def _decode_extension_dtype(node: Mapping[str, Node], decoder: Decoder) -> Any:
    if not EXTENSION_DTYPE.fullmatch(node["name"]):
        raise ValueError(f"{node['name']!r} is no dtype that is kept")
    return pd.api.types.pandas_dtype(node["name"])


CODECS = (
    Codec(
        "range index",
        is_exactly(pd.RangeIndex),
        _encode_range_index,
        _decode_range_index,
    ),
    Codec(
        "datetime index",
        is_exactly(pd.DatetimeIndex),
        _encode_times,
        _decode_datetime_index,
    ),
    Codec(
        "timedelta index",
        is_exactly(pd.TimedeltaIndex),
        _encode_times,
        _decode_timedelta_index,
    ),
    Codec(
        "period index",
        is_exactly(pd.PeriodIndex),
        _encode_period_index,
        _decode_period_index,
    ),
    Codec(
        "multi index",
        is_exactly(pd.MultiIndex),
        _encode_multi_index,
        _decode_multi_index,
    ),
    Codec(
        "categorical index",
        is_exactly(pd.CategoricalIndex),
        _encode_categorical_index,
        _decode_categorical_index,
    ),
    Codec("index", _is_array_index, _encode_array_index, _decode_array_index),
    Codec(
        "extension index",
        _is_extension_index,
        _encode_extension_index,
        _decode_extension_index,
    ),
    Codec("series", is_exactly(pd.Series), _encode_series, _decode_series),
    Codec("frame", is_exactly(pd.DataFrame), _encode_frame, _decode_frame),
    Codec(
        "extension dtype",
        lambda value: (
            isinstance(value, pd.api.extensions.ExtensionDtype)
            and bool(EXTENSION_DTYPE.fullmatch(str(value)))
        ),
        lambda value, encoder: {"name": str(value)},
        _decode_extension_dtype,
    ),
)
