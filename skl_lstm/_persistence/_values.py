"""Values as JSON: an explicit list of kinds, each with its parts and the way back.

None, booleans, integers, finite floats, text, lists and objects with names are JSON's
own (NumPy's numbers are numbers), and an array is the number of its place:
``{"array": 3}``. Everything else is an object ``{"is": kind, ...}`` of named parts; its
kind stands in the list, or the file is refused. Nothing is looked up by a name that
only the file knows.
"""

import math
from collections.abc import Callable, Iterable, Sized
from typing import Any, NamedTuple

import numpy as np

from skl_lstm._persistence._archive import DTYPE

# A value as JSON has it.
Node = Any
RANDOM_STATE = ("algorithm", "keys", "position", "has_gauss", "gauss")


class UnkeptError(TypeError):
    """A value is of no kind that can be kept without executing code."""

    def __init__(self, value: Any):
        cls = type(value)
        super().__init__(f"{cls.__module__}.{cls.__qualname__}")


class Kind(NamedTuple):
    """A kind of values.

    Attributes
    ----------
    name : str
        Its name in the file.
    fits : callable
        Whether a value is of this kind.
    take_apart : callable
        From a value to its parts by name, which are values themselves.
    build : callable
        From the parts, as keyword arguments, to the value.
    """

    name: str
    fits: Callable[[Any], bool]
    take_apart: Callable[[Any], dict[str, Any]]
    build: Callable[..., Any]


class Encoder:
    """Turns values into JSON by the first kind that fits; puts their arrays aside."""

    def __init__(self, kinds: Iterable[Kind]):
        self.arrays: list[np.ndarray] = []
        self._kinds = tuple(kinds)
        self._numbers: dict[int, int] = {}

    def encode(self, value: Any) -> Node:
        """Turn a value into JSON."""
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float and math.isfinite(value):
            return value
        if isinstance(value, np.generic) and value.dtype.kind in "biufU":
            return self.encode(value.item())
        if type(value) is list:
            return [self.encode(item) for item in value]
        if type(value) is dict and _has_names(value):
            return {name: self.encode(item) for name, item in value.items()}
        if is_array(value):
            return {"array": self._put_array(value)}
        for kind in self._kinds:
            if kind.fits(value):
                return {"is": kind.name} | self.encode(kind.take_apart(value))
        raise UnkeptError(value)

    def _put_array(self, array: np.ndarray) -> int:
        """Put an array aside, once; return its number."""
        number = self._numbers.setdefault(id(array), len(self.arrays))
        if number == len(self.arrays):
            self.arrays.append(array)
        return number


class Decoder:
    """Turns JSON back into values, none of them longer than its file.

    Three numbers say what a range is, and any loop over it would run for ever.
    """

    def __init__(self, kinds: Iterable[Kind], arrays: list[np.ndarray], n_bytes: int):
        self._kinds = {kind.name: kind for kind in kinds}
        self._arrays = dict(enumerate(arrays))
        self._n_bytes = n_bytes

    def decode(self, node: Node) -> Any:
        """Turn JSON into the value it stands for."""
        if isinstance(node, list):
            return [self.decode(item) for item in node]
        if not isinstance(node, dict):
            return node
        if node.keys() == {"array"}:
            return self._arrays[node["array"]]
        parts = {name: self.decode(part) for name, part in node.items()}
        if "is" not in node:
            return parts
        value = self._kinds[parts.pop("is")].build(**parts)
        if isinstance(value, Sized) and len(value) > self._n_bytes:
            raise ValueError(f"{len(value)} items in a file of {self._n_bytes} bytes")
        return value


def _has_names(value: dict[Any, Any]) -> bool:
    return all(type(n) is str and n not in ("is", "array") for n in value)


def is_exactly(*types: type) -> Callable[[Any], bool]:
    """Ask whether a value is of one of these types, and of no subclass."""
    return lambda value: type(value) in types


def is_array(value: Any) -> bool:
    """Whether a value is an array that a file has as it is."""
    is_plain = type(value) in (np.ndarray, np.memmap)
    return is_plain and bool(DTYPE.fullmatch(value.dtype.newbyteorder("<").str))


def _build_random_state(**parts: Any) -> np.random.RandomState:
    generator = np.random.RandomState()
    generator.set_state(tuple(parts[name] for name in RANDOM_STATE))
    return generator


KINDS = (
    Kind(
        "float",
        is_exactly(float),
        lambda value: {"value": repr(value)},
        lambda value: {"nan": np.nan, "inf": np.inf, "-inf": -np.inf}[value],
    ),
    Kind(
        "tuple",
        is_exactly(tuple),
        lambda v: {"items": list(v)},
        lambda items: tuple(items),
    ),
    Kind(
        "mapping",
        is_exactly(dict),
        lambda value: {"keys": list(value), "values": list(value.values())},
        lambda keys, values: dict(zip(keys, values, strict=True)),
    ),
    Kind(
        "random state",
        is_exactly(np.random.RandomState),
        lambda value: dict(zip(RANDOM_STATE, value.get_state(), strict=True)),
        _build_random_state,
    ),
)
