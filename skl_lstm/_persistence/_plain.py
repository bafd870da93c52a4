"""Codecs of Python's and NumPy's own values."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from skl_lstm._persistence._archive import ARRAY_KINDS
from skl_lstm._persistence._codec import Codec, Decoder, Encoder, Node

# What NumPy's dtype.str looks like; structured dtypes are not kept.
DTYPE = re.compile(r"[<>|=][biufcmMSUO]\d{0,9}(\[\d{0,9}[a-zA-Zμ]{1,2}\])?")
# The functions of a FunctionTransformer: elementwise, and each with an inverse.
FUNCTIONS = {
    f"numpy.{name}": getattr(np, name)
    for name in (
        "log exp log1p expm1 log2 exp2 log10 sqrt square cbrt sinh arcsinh tanh arctanh"
    ).split()
}
TYPES: dict[str, type] = {
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "object": object,
} | {f"numpy.{t.__name__}": t for t in set(np.sctypeDict.values())}


def is_exactly(*types: type) -> Callable[[Any], bool]:
    """Ask whether a value is of one of these types, and of no subclass."""
    return lambda value: type(value) in types


# Python -----------------------------------------------------------------------


def _encode_float(value: float, encoder: Encoder) -> dict[str, Node]:
    return {"value": repr(value)}


def _decode_float(node: Mapping[str, Node], decoder: Decoder) -> float:
    return {"nan": np.nan, "inf": np.inf, "-inf": -np.inf}[node["value"]]


def _encode_bytes(value: bytes, encoder: Encoder) -> dict[str, Node]:
    return {"base64": base64.b64encode(value).decode()}


def _decode_bytes(node: Mapping[str, Node], decoder: Decoder) -> bytes:
    return base64.b64decode(node["base64"], validate=True)


def _encode_dict(value: dict, encoder: Encoder) -> dict[str, Node]:
    return {"items": [encoder.encode_all(pair) for pair in value.items()]}


def _decode_dict(node: Mapping[str, Node], decoder: Decoder) -> dict:
    return {decoder.decode(k): decoder.decode(v) for k, v in node["items"]}


def _encode_items(value: Any, encoder: Encoder) -> dict[str, Node]:
    return {"items": encoder.encode_all(value)}


def _decode_items(build: type) -> Callable[[Mapping[str, Node], Decoder], Any]:
    return lambda node, decoder: build(decoder.decode_all(node["items"]))


def _encode_bounds(value: Any, encoder: Encoder) -> dict[str, Node]:
    return {"items": encoder.encode_all([value.start, value.stop, value.step])}


def _decode_bounds(build: type) -> Callable[[Mapping[str, Node], Decoder], Any]:
    return lambda node, decoder: build(*decoder.decode_all(node["items"]))


# NumPy ------------------------------------------------------------------------


def _is_array(value: Any) -> bool:
    return type(value) in (np.ndarray, np.memmap) and value.dtype.kind in ARRAY_KINDS


def _encode_array(value: np.ndarray, encoder: Encoder) -> dict[str, Node]:
    return {"number": encoder.put_array(value)}


def _decode_array(node: Mapping[str, Node], decoder: Decoder) -> np.ndarray:
    number = node["number"]
    if type(number) is not int or number < 0:
        raise ValueError(f"{number!r} is no number of an array")
    return decoder.arrays[number]


def _is_object_array(value: Any) -> bool:
    return type(value) is np.ndarray and value.dtype == object


def _encode_object_array(value: np.ndarray, encoder: Encoder) -> dict[str, Node]:
    items = encoder.encode_all(value.ravel().tolist())
    return {"shape": list(value.shape), "items": items}


def _decode_object_array(node: Mapping[str, Node], decoder: Decoder) -> np.ndarray:
    items = decoder.decode_all(node["items"])
    array = np.empty(len(items), dtype=object)
    # One by one: NumPy would take lists apart.
    for i, item in enumerate(items):
        array[i] = item
    return array.reshape(node["shape"])


def _is_scalar(value: Any) -> bool:
    return isinstance(value, np.generic) and value.dtype.kind in ARRAY_KINDS


def _encode_scalar(value: np.generic, encoder: Encoder) -> dict[str, Node]:
    return {"dtype": value.dtype.str, "hex": value.tobytes().hex()}


def _decode_scalar(node: Mapping[str, Node], decoder: Decoder) -> np.generic:
    dtype, data = make_dtype(node["dtype"]), bytes.fromhex(node["hex"])
    # NumPy reads nothing of no size: empty text.
    return np.frombuffer(data, dtype, 1)[0] if dtype.itemsize else dtype.type()


def _encode_dtype(value: np.dtype, encoder: Encoder) -> dict[str, Node]:
    return {"name": value.str}


def _decode_dtype(node: Mapping[str, Node], decoder: Decoder) -> np.dtype:
    return make_dtype(node["name"])


def make_dtype(name: str) -> np.dtype:
    """Return a dtype by NumPy's short name of it."""
    if not DTYPE.fullmatch(name):
        raise ValueError(f"{name!r} is no dtype that is kept")
    return np.dtype(name)


def _encode_name_in(table: Mapping[str, Any]) -> Callable[[Any, Encoder], dict]:
    names = {id(value): name for name, value in table.items()}
    return lambda value, encoder: {"name": names[id(value)]}


def _decode_name_in(table: Mapping[str, Any]) -> Callable[[Mapping, Decoder], Any]:
    return lambda node, decoder: table[node["name"]]


def is_value_of(table: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Ask whether a value is one of those that a table names."""
    return lambda value: any(value is other for other in table.values())


def _encode_random_state(
    value: np.random.RandomState, encoder: Encoder
) -> dict[str, Node]:
    return {"items": encoder.encode_all(value.get_state())}


def _decode_random_state(
    node: Mapping[str, Node], decoder: Decoder
) -> np.random.RandomState:
    state = np.random.RandomState()
    state.set_state(tuple(decoder.decode_all(node["items"])))
    return state


CODECS = (
    Codec("float", is_exactly(float), _encode_float, _decode_float),
    Codec("bytes", is_exactly(bytes), _encode_bytes, _decode_bytes),
    Codec("dict", is_exactly(dict), _encode_dict, _decode_dict),
    Codec("tuple", is_exactly(tuple), _encode_items, _decode_items(tuple)),
    Codec("set", is_exactly(set), _encode_items, _decode_items(set)),
    Codec("frozenset", is_exactly(frozenset), _encode_items, _decode_items(frozenset)),
    Codec("slice", is_exactly(slice), _encode_bounds, _decode_bounds(slice)),
    Codec("range", is_exactly(range), _encode_bounds, _decode_bounds(range)),
    Codec("array", _is_array, _encode_array, _decode_array),
    Codec("objects", _is_object_array, _encode_object_array, _decode_object_array),
    Codec("scalar", _is_scalar, _encode_scalar, _decode_scalar),
    Codec(
        "dtype",
        lambda v: isinstance(v, np.dtype) and bool(DTYPE.fullmatch(v.str)),
        _encode_dtype,
        _decode_dtype,
    ),
    Codec("type", is_value_of(TYPES), _encode_name_in(TYPES), _decode_name_in(TYPES)),
    Codec(
        "function",
        is_value_of(FUNCTIONS),
        _encode_name_in(FUNCTIONS),
        _decode_name_in(FUNCTIONS),
    ),
    Codec(
        "random state",
        is_exactly(np.random.RandomState),
        _encode_random_state,
        _decode_random_state,
    ),
)
