"""Values as JSON: an explicit list of kinds, each with its own way there and back.

None, booleans, integers, finite floats, text and lists are themselves. Everything else
is an object ``{"is": kind, ...}``, whose kind stands in the list of codecs or is
refused. Nothing is looked up by a name that only the file knows.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

# A value as JSON has it.
Node = Any
# The kind of an object that was met before.
REFERENCE = "reference"


class UnkeptError(TypeError):
    """A value is of no kind that can be kept without executing code."""


class Codec(NamedTuple):
    """A kind of values, with its way to JSON and back.

    Attributes
    ----------
    kind : str
        Its name in the file.
    fits : callable
        Whether a value is of this kind.
    encode : callable
        From a value and an `Encoder` to the fields of a JSON object.
    decode : callable
        From these fields and a `Decoder` to the value.
    """

    kind: str
    fits: Callable[[Any], bool]
    encode: Callable[[Any, "Encoder"], dict[str, Node]]
    decode: Callable[[Mapping[str, Node], "Decoder"], Any]


class Encoder:
    """Turns values into JSON, and puts their arrays aside.

    Parameters
    ----------
    codecs : iterable of Codec
        The first that fits a value takes it.
    """

    def __init__(self, codecs: Iterable[Codec]):
        self.arrays: list[np.ndarray] = []
        self._codecs = tuple(codecs)
        # By identity; the values are held, so that no identity is given twice.
        self._objects: dict[int, tuple[int, Any]] = {}
        self._numbers: dict[int, int] = {}

    def encode(self, value: Any) -> Node:
        """Turn a value into JSON."""
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float and math.isfinite(value):
            return value
        if type(value) is list:
            return self.encode_all(value)
        if id(value) in self._objects:
            return {"is": REFERENCE, "object": self._objects[id(value)][0]}
        for codec in self._codecs:
            if codec.fits(value):
                return {"is": codec.kind, **codec.encode(value, self)}
        cls = type(value)
        raise UnkeptError(f"{cls.__module__}.{cls.__qualname__}")

    def encode_all(self, values: Iterable[Any]) -> list[Node]:
        """Turn values into a JSON list."""
        return [self.encode(value) for value in values]

    def encode_names(self, values: Mapping[str, Any]) -> dict[str, Node]:
        """Turn a mapping from names into a JSON object."""
        return {str(name): self.encode(value) for name, value in values.items()}

    def put_array(self, array: np.ndarray) -> int:
        """Put an array aside, once; return its number."""
        if id(array) not in self._numbers:
            self._numbers[id(array)] = len(self.arrays)
            self.arrays.append(array)
        return self._numbers[id(array)]

    def meet(self, value: Any) -> int:
        """Give an object a number: met again, it becomes a reference."""
        number = len(self._objects)
        self._objects[id(value)] = (number, value)
        return number


class Decoder:
    """Turns JSON back into values.

    Parameters
    ----------
    codecs : iterable of Codec
        The kinds that a file may hold.
    arrays : list of ndarray
        What the encoder put aside.
    """

    def __init__(self, codecs: Iterable[Codec], arrays: list[np.ndarray]):
        self.arrays = arrays
        self.objects: dict[int, Any] = {}
        self._codecs = {codec.kind: codec for codec in codecs}

    def decode(self, node: Node) -> Any:
        """Turn JSON into the value it stands for."""
        if isinstance(node, list):
            return self.decode_all(node)
        if not isinstance(node, dict):
            return node
        if node.get("is") == REFERENCE:
            return self.objects[node["object"]]
        if node.get("is") not in self._codecs:
            raise ValueError(f"there is no kind of values {node.get('is')!r}")
        return self._codecs[node["is"]].decode(node, self)

    def decode_all(self, nodes: list[Node]) -> list[Any]:
        """Turn a JSON list into values."""
        if not isinstance(nodes, list):
            raise TypeError(f"{type(nodes).__name__} in place of a list")
        return [self.decode(node) for node in nodes]

    def decode_names(self, nodes: dict[str, Node]) -> dict[str, Any]:
        """Turn a JSON object into a mapping from names."""
        return {name: self.decode(node) for name, node in nodes.items()}
